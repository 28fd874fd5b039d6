"""`np.vectorize`: the loop that it is."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir.types import Array
from srcad.runtime.vectorized import of_cores, of_numbers, plainly, vectorized
from srcad.specialise import calls
from srcad.specialise.values import Bound, Closure, Dyn, Partial, Seq, Static, Value, is_varied, to_arg

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_HOME = "srcad.runtime.vectorized"
_WAITING = Static(vectorized, f"{_HOME}:vectorized")
_OPTIONS = {"otypes", "doc", "excluded", "cache", "signature"}


def constructed(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.vectorize(f, ...)`; None where f or an option is not known."""
    given = dict(kwargs)
    function = args[0] if args else given.pop("pyfunc", None)
    if len(args) > 1 or set(given) - _OPTIONS or not isinstance(function, Closure | Static | Bound | Partial):
        return None
    otypes, excluded, signature = (_known(given.get(n, Static(None))) for n in ("otypes", "excluded", "signature"))
    return _loop(function, otypes, excluded, signature)


def of_object(obj: Any, function: Value) -> Value | None:
    """The loop for an `np.vectorize` object whose function is known; None for options that need NumPy's own code."""
    return _loop(function, obj.otypes, obj.excluded, obj.signature)


def _loop(function: Value, otypes: Any, excluded: Any, signature: Any) -> Value | None:
    if signature is not None and (not isinstance(signature, str) or excluded or otypes or signature.partition("->")[2].count("(") != 1):
        return None
    chosen = _chosen(otypes)
    if chosen is None or not isinstance(excluded, set | frozenset | list | tuple | None):
        return None
    return Partial(_WAITING, (function, chosen, Static(frozenset(excluded or ())), Static(signature)), ())


def _known(value: Value) -> Any:
    """What an option is given, as far as it is known."""
    if isinstance(value, Seq):
        return [i.value if isinstance(i, Static) else Ellipsis for i in value.items]
    return value.value if isinstance(value, Static) else Ellipsis


def _chosen(otypes: Any) -> Static | None:
    """What the loop is told of output types: nothing, or that they are float64; None for others."""
    if otypes is None:
        return Static(None)
    try:
        return Static("d") if {np.dtype(t) for t in otypes} == {np.dtype(float)} else None
    except TypeError:
        return None


_NARROW = ("float16", "float32", "complex64")


def called(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A call of the loop: NumPy's own where nothing is differentiated."""
    function, otypes, excluded, signature, *given = args
    assert isinstance(excluded, Static)
    assert isinstance(signature, Static)
    if not kwargs and not excluded.value and not any(map(is_varied, args)) and all(to_arg(a) is not None for a in args):
        return calls.opaque(engine, Static(plainly, f"{_HOME}:plainly"), [function, otypes, Static(None), signature, *given], {})
    away: Any = excluded.value
    if set(kwargs) - away:
        name = min(set(kwargs) - away)
        raise engine.refuse("NoRule", "SRC205", f"a vectorized function is given `{name}` by keyword",
                            "give it by position, or name it in `excluded`")  # fmt: skip
    if kwargs:
        function = Partial(function, (), tuple(kwargs.items()))
    if isinstance(signature.value, str):
        cores = Seq(tuple, tuple(Static(names) for names in _cores(signature.value)))
        return engine.call(Static(of_cores, f"{_HOME}:of_cores"), [function, cores, *given], {})
    own = [k in away for k in range(len(given))]
    fixed, arrays = ([v for v, is_own in zip(given, own, strict=True) if is_own is which] for which in (True, False))
    if otypes == Static(None) and any(isinstance(v, Dyn) and isinstance(v.type, Array) and v.type.dtype in _NARROW for v in arrays):
        raise engine.refuse("UnsupportedSyntax", "SRC191", "np.vectorize of single precision takes its dtype from the first value",
                            "set otypes=[float], or call it on `x.astype(float)`")  # fmt: skip
    layout = tuple((is_own, own[:k].count(is_own)) for k, is_own in enumerate(own)) if fixed else None
    return engine.call(Static(of_numbers, f"{_HOME}:of_numbers"), [function, otypes, Static(layout), Seq(tuple, tuple(fixed)), *arrays], {})


def _cores(signature: str) -> list[tuple[str, ...]]:
    """The names of the axes that the function gets of each argument: `(m,n),(n)->(m)`."""
    return [tuple(re.findall(r"\w+", group)) for group in re.findall(r"\(([^)]*)\)", signature.partition("->")[0])]
