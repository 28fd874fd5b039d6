"""NumPy functions that write into an array they are given: `out=`, `np.copyto`, `np.add.at`, `x.fill`, ..."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir.types import Array, NpScalar, Scalar, dtype_kind, is_scalar
from srcad.ops import table
from srcad.ops.storage import ADD_AT
from srcad.runtime.repeated import apply_at
from srcad.specialise import items, operations, views, writes
from srcad.specialise.values import Dyn, Seq, Static, Value, hint_of, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_NONE = Static(None)
Writer = Callable[["Engine", list[Value], dict[str, Value]], "Value | None"]


def call(engine: Engine, obj: Any, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A call of a NumPy function that writes into its first argument; None for all others."""
    writer = _FUNCTIONS.get(obj) if callable(obj) and _is_hashable(obj) else None
    owner = getattr(obj, "__self__", None)
    if obj is np.ndarray and (len(args) > 2 or not kwargs.keys() <= {"shape", "dtype", "order"}):
        raise engine.refuse("UnsupportedSyntax", "SRC143", "np.ndarray makes an array on memory of another object", "use a view: `x[...]`")
    if writer is None and isinstance(owner, np.ufunc) and getattr(obj, "__name__", "") == "at":
        return _at(engine, owner, args)
    return None if writer is None or not args or not writes.is_array(args[0]) else writer(engine, args, kwargs)


def method(engine: Engine, self: Value, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A method of an array that changes it, or makes an object that may change it; None for all others."""
    writer = _METHODS.get(name)
    return None if writer is None or not writes.is_array(self) else writer(engine, [self, *args], kwargs)


def _is_hashable(obj: object) -> bool:
    return getattr(type(obj), "__hash__", None) is not None


def into(engine: Engine, out: Value, result: Value, where: Value | None = None) -> Value:
    """Put a result into the array given as `out`, at all places or where a mask holds."""
    target = out.items[0] if isinstance(out, Seq) and out.cls is tuple and len(out.items) == 1 else out
    if not isinstance(target, Dyn) or not isinstance(target.type, Array):
        raise engine.refuse("UnsupportedSyntax", "SRC143", "a call writes its result into `out`, which is not known to be an array",
                            "leave `out` away and use the result")  # fmt: skip
    writes.check_writeable(engine, target)
    if where is not None:
        result = _call(engine, np.where, [where, result, target])
    writes.store_computed(engine, target, result)
    return writes.current(engine, target)


_KINDS = "biufc"  # each may become the next


def masked(engine: Engine, args: list[Value], where: Value) -> list[Value]:
    """Operands with 1 where the mask does not hold: there nothing is computed, and nothing may go wrong.

    A Python number takes the dtype of the array beside it first, as it does in the operation: an array of it would not.
    """
    *others, last = args
    dtypes = [a.type.dtype for a in others if isinstance(a, Dyn) and isinstance(a.type, Array | NpScalar)]
    kind: str = np.dtype(type(last.value)).kind if isinstance(last, Static) and type(last.value) in (bool, int, float, complex) else ""
    if isinstance(last, Dyn) and isinstance(last.type, Scalar):
        kind = dtype_kind(last.type)
    if kind and dtypes and _KINDS.index(kind) <= _KINDS.index(np.dtype(dtypes[0]).kind):
        last = engine.call(Static(getattr(np, dtypes[0]), f"numpy:{dtypes[0]}"), [last], {})
    return [*others, _call(engine, np.where, [where, last, Static(1)])]



def _call(engine: Engine, fn: Any, args: list[Value]) -> Value:
    spelling = table.by_object(fn)
    assert spelling is not None
    return operations.apply(engine, spelling.op, args, [])


# ---- functions -------------------------------------------------------------------------------------------------------
def _copyto(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    target, source = args[0], args[1]
    where = kwargs.get("where")
    if where is not None and where != Static(True):
        source = _call(engine, np.where, [where, source, target])
    writes.set_item(engine, target, Static(Ellipsis), source)
    return _NONE


def _fill(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    writes.set_item(engine, args[0], Static(Ellipsis), args[1])
    return _NONE


def _fill_diagonal(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    target = args[0]
    assert isinstance(target, Dyn)
    if not isinstance(target.type, Array) or target.type.ndim != 2 or len(args) > 2 or kwargs:
        raise engine.refuse("UnsupportedSyntax", "SRC143", "np.fill_diagonal is followed for matrices only", "assign to the elements")
    rows = engine.call(Static(min, "builtins:min"), [Seq(tuple, _lengths(engine, target))], {})
    places = _call(engine, np.arange, [rows])
    writes.set_item(engine, target, Seq(tuple, (places, places)), args[1])
    return _NONE


def _lengths(engine: Engine, target: Dyn) -> tuple[Value, ...]:
    return items.known_items(engine, operations.shape_of(engine, target))


def _place(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`np.place`: the values one by one at the places where the mask holds, again from the start where they are too few."""
    target, mask, values = args[0], _truth(engine, args[1]), args[2]
    if _has_rank(values):
        values = _call(engine, np.resize, [values, _call(engine, np.count_nonzero, [mask])])
    writes.set_item(engine, target, mask, values)
    return _NONE


def _truth(engine: Engine, mask: Value) -> Value:
    """A mask as truth values, which it may be given as numbers."""
    known = isinstance(mask, Dyn) and dtype_kind(mask.type) == "b"
    return mask if known else engine.call(Static(np.asarray, "numpy:asarray"), [mask], {"dtype": Static(bool, "builtins:bool")})


def _putmask(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`np.putmask`: at each place where the mask holds the value at that place of an array that is repeated until it is as long."""
    target, mask, values = args[0], _truth(engine, args[1]), args[2]
    if _has_rank(values):
        assert isinstance(target, Dyn)
        values = items.get(engine, _call(engine, np.resize, [values, operations.shape_of(engine, target)]), mask)
    writes.set_item(engine, target, mask, values)
    return _NONE


def _put(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`np.put`: too few values are taken again from the start."""
    target, index, values = (*args, Static(None))[:3]
    assert isinstance(target, Dyn)
    if not isinstance(target.type, Array) or len(args) != 3 or kwargs:
        raise engine.refuse("UnsupportedSyntax", "SRC143", "np.put is followed for arrays, without `mode`",
                            "assign by the index: `x[i] = ...`")  # fmt: skip
    if _has_rank(values):
        values = _call(engine, np.resize, [values, _call(engine, np.shape, [index])])
    if target.type.ndim != 1:  # places in the flat array, also counted from the end
        flat = items.get(engine, _call(engine, np.arange, [_call(engine, np.size, [target])]), index)
        index = _call(engine, np.unravel_index, [flat, operations.shape_of(engine, target)])
    writes.set_item(engine, target, index, values)
    return _NONE


def _has_rank(value: Value) -> bool:
    """Whether a value is several values."""
    return isinstance(value, Seq) or (isinstance(value, Dyn) and not is_scalar(value.type))


def _in_place(function: Callable[..., Any]) -> Writer:
    """The method that leaves in the array what the function gives."""

    def write(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value:
        spelling = table.by_object(function)
        assert spelling is not None
        writes.set_item(engine, args[0], Static(Ellipsis), operations.apply(engine, spelling.op, args, list(kwargs.items())))
        return _NONE

    return write


def _nan_to_num(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.nan_to_num(x, copy=False)` works in place, and gives the array."""
    copy = args[1] if len(args) > 1 else kwargs.get("copy", Static(True))
    if copy == Static(True):
        return None
    spelling = table.by_object(np.nan_to_num)
    assert spelling is not None
    rest = [(k, v) for k, v in kwargs.items() if k != "copy"]
    return into(engine, args[0], operations.apply(engine, spelling.op, [args[0], *args[2:]], rest))


def _at(engine: Engine, ufunc: np.ufunc, args: list[Value]) -> Value | None:
    """`np.add.at(x, index, value)`: repeats add up; of other ufuncs the elements are changed in turns."""
    target = args[0] if args else None
    if not isinstance(target, Dyn) or not isinstance(target.type, Array):
        return None
    if ufunc not in (np.add, np.subtract) or len(args) != 3:
        return _in_turns(engine, ufunc, target, args)
    value = args[2] if ufunc is np.add else operations.operator_(engine, "neg", [args[2]])
    now = writes.current(engine, target)
    assert isinstance(now, Dyn)
    parts = [now.atom, *(operations.argument(engine, a, "np.add.at") for a in (args[1], value))]
    hint = hint_of(now)
    out = engine.builder.call(ADD_AT, parts, now.type, hint=hint)
    writes.write(engine, target, Dyn(out, out.type, now.varied or is_varied(value)))
    return _NONE


def _in_turns(engine: Engine, ufunc: np.ufunc, target: Dyn, args: list[Value]) -> Value:
    """`ufunc.at(x, index, *operands)` as a loop of stores."""
    name = ufunc.__name__
    assert isinstance(target.type, Array)
    if not target.type.shape or len(args) != 1 + ufunc.nin or ufunc.nout != 1 or not _keeps_kind(ufunc, target.type):
        raise engine.refuse("UnsupportedSyntax", "SRC143", f"np.{name}.at is followed for arrays of known rank whose dtype it keeps, with "
                            "an operand for each input", "write the loop out")  # fmt: skip
    spelling = table.by_object(ufunc)
    if spelling is None:
        raise engine.refuse("NoRule", "SRC201", f"`np.{name}` has no derivative rule", "write the loop out")
    engine.call(Static(apply_at, "srcad.runtime.repeated:apply_at"), [Static(ufunc, f"numpy:{name}"), *args], {})
    return _NONE


def _keeps_kind(ufunc: np.ufunc, t: Array) -> bool:
    """Whether a ufunc of an array gives what can be stored in it; NumPy raises where it does not."""
    if dtype_kind(t) not in "fc":
        return False
    with np.errstate(all="ignore"):
        return bool(np.result_type(ufunc(*(np.ones(1, t.dtype),) * ufunc.nin)).kind == dtype_kind(t))


_FUNCTIONS: dict[Any, Writer] = {
    np.copyto: _copyto, np.fill_diagonal: _fill_diagonal, np.place: _place, np.putmask: _putmask, np.put: _put,
    np.nan_to_num: _nan_to_num,
}  # fmt: skip
_METHODS: dict[str, Writer] = {
    "fill": _fill, "sort": _in_place(np.sort), "partition": _in_place(np.partition), "put": _put, "view": views.view_of,
}  # fmt: skip
