"""`np.frompyfunc`: the loop that it is, and the arrays of objects that it gives, which can be used once they are made arrays of numbers."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.errors import SrcadError
from srcad.ir.nodes import Op
from srcad.ir.types import Array, dtype_kind, is_number, is_scalar
from srcad.ops import table
from srcad.runtime.vectorized import from_function, of_numbers, plain_objects
from srcad.specialise import calls, items, operations
from srcad.specialise.values import Bound, Closure, Dyn, Lazy, Partial, Seq, Static, Value, is_varied, to_arg

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_HOME = "srcad.runtime.vectorized"
_KIND = "objects"
_CONVERTERS = ("np.array", "np.asarray", "np.asanyarray", "np.ascontiguousarray")


def constructed(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.frompyfunc(f, nin, nout)`; None where f or a count is not known."""
    if len(args) != 3 or set(kwargs) - {"identity"} or not isinstance(args[0], Closure | Static | Bound | Partial):
        return None
    if not all(isinstance(n, Static) and type(n.value) is int for n in args[1:]):
        return None
    return Partial(Static(from_function, f"{_HOME}:from_function"), tuple(args), ())


def called(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A call of what `np.frompyfunc` gives: NumPy's own where nothing is differentiated."""
    function, inputs, outputs, *given = args
    assert isinstance(inputs, Static)
    assert isinstance(outputs, Static)
    count: Any = outputs.value
    if kwargs or len(given) != inputs.value or count < 1:
        raise engine.refuse("NoRule", "SRC205", "a function of np.frompyfunc is followed with its inputs alone, and where it gives "
                            "something", "leave options out")  # fmt: skip
    if not any(map(is_varied, args)) and all(to_arg(a) is not None for a in args):
        return calls.opaque(engine, Static(plain_objects, f"{_HOME}:plain_objects"), list(args), {})
    if all(_is_single(engine, v) for v in given):
        return engine.call(function, [_number(engine, v) for v in given], {})
    kept = Static("d" if count == 1 else None)
    found = engine.call(Static(of_numbers, f"{_HOME}:of_numbers"), [function, kept, Static(None), Seq(tuple, ()), *given], {})
    if count == 1:
        return Lazy(_KIND, (found,))
    return Seq(tuple, tuple(Lazy(_KIND, (items.get(engine, found, Static(k)),)) for k in range(count)))


def _is_single(engine: Engine, value: Value) -> bool:
    """Whether a value is one number, for which there is one result and no array; refused where it is not known."""
    if isinstance(value, Static):
        return not isinstance(value.value, np.ndarray | list | tuple)
    if isinstance(value, Seq):
        return False
    if not isinstance(value, Dyn) or not is_number(value.type):
        raise engine.refuse("NoRule", "SRC205", "a function of np.frompyfunc gets a value that may be one number or an array",
                            "give the name one rank on all paths")  # fmt: skip
    return is_scalar(value.type) or (isinstance(value.type, Array) and value.type.ndim == 0)


def _number(engine: Engine, value: Value) -> Value:
    """One number as the Python number that the function gets."""
    kinds: dict[str, type] = {"f": float, "c": complex, "i": int, "u": int, "b": bool}
    kind = kinds.get(dtype_kind(value.type) or "") if isinstance(value, Dyn) else None
    return value if kind is None else engine.call(Static(kind, f"builtins:{kind.__name__}"), [value], {})


def is_objects(value: Value) -> bool:
    """Whether a value is an array of objects that hold differentiated numbers."""
    return isinstance(value, Lazy) and value.kind == _KIND


def refusal(engine: Engine) -> SrcadError:
    """What to raise where an array of objects is used for something else than its numbers."""
    return engine.refuse("NoRule", "SRC205", "np.frompyfunc gives an array of objects, and such arrays have no derivative rules",
                         "convert it where it is made: `.astype(float)`, or use np.vectorize")  # fmt: skip


def is_made(obj: object) -> bool:
    """Whether an object is one that np.frompyfunc has made."""
    return isinstance(obj, np.ufunc) and set("".join(obj.types)) <= set("O->")


def hidden(engine: Engine) -> SrcadError:
    """What to raise for a function of np.frompyfunc whose Python function cannot be found."""
    return engine.refuse("NoRule", "SRC201", "NumPy does not tell of which function np.frompyfunc has made this one",
                         "call np.frompyfunc in the function that is differentiated, or use np.vectorize")  # fmt: skip


def method(engine: Engine, self: Lazy, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method of an array of objects: those that give numbers."""
    spelling = table.method("ndarray", name)
    if name not in ("astype", "tolist") or spelling is None or (name == "astype" and not _gives_numbers(args, kwargs)):
        raise refusal(engine)
    return operations.apply(engine, spelling.op, [self.parts[0], *args], list(kwargs.items()))


def converted(engine: Engine, op: Op, args: list[Value], kwargs: list[tuple[str, Value]]) -> list[Value]:
    """The arguments of an operation: arrays of objects as arrays of numbers, where the operation converts them."""
    if not any(map(is_objects, args)):
        return args
    if op.name not in _CONVERTERS or not _gives_numbers(args[1:], dict(kwargs)):
        raise refusal(engine)
    return [a.parts[0] if isinstance(a, Lazy) and is_objects(a) else a for a in args]


def _gives_numbers(args: list[Value], kwargs: dict[str, Value]) -> bool:
    """Whether the dtype that is asked for is one of numbers."""
    asked = args[0] if args else kwargs.get("dtype")
    wanted: Any = asked.value if isinstance(asked, Static) else None
    try:
        return wanted is not None and np.dtype(wanted).kind in "fc"
    except TypeError:
        return False
