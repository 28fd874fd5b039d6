"""Reading elements: subscripts, `where`, `take`, sorting."""
from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.core import GETITEM
from srcad.ir.types import INT, UNKNOWN, WHOLE, Array, Dim, ListOf, NpScalar, Scalar, Struct, TupleOf, Type, dtype_kind, is_dict, is_scalar
from srcad.ops.infer import ANY, ONE, broadcast, is_type, nested_shape, shaped_like, subscripts
from srcad.ops.entry import Sample
from srcad.ops.op import elementwise, general, helper, linear, listed, nondiff, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, o, rank, type_at


def slice_dim(dim: Dim, part: slice) -> Dim:
    """The length of an axis after a slice."""
    lo, hi, step = part.start, part.stop, part.step
    if lo is None and hi is None and step in (None, -1):
        return dim
    if any(is_type(v) for v in (lo, hi, step)) or step not in (None, 1):
        return ANY
    if dim.length is not None:
        return Dim(f"={len(range(dim.length)[lo:hi])}")
    lo = 0 if lo is None else lo
    hi = 0 if hi is None else hi
    if dim.unknown or type(lo) is not int or type(hi) is not int or lo < 0 or hi > 0 or (hi == 0 and part.stop is not None):
        return ANY
    return Dim(dim.token, dim.less + lo - hi)


def is_advanced(part: Any) -> bool:
    """Whether a subscript selects by an array, list or mask."""
    return isinstance(part, list | ListOf | bool | Array) or (is_type(part) and dtype_kind(part) == "b")


def _is_mask(part: Any) -> bool:
    """Whether a subscript is a list of truth values."""
    items = part if isinstance(part, list) else [part.item] if isinstance(part, ListOf) else []
    return any(isinstance(i, bool) or (is_type(i) and is_scalar(i) and dtype_kind(i) == "b") for i in items)


def _is_nested_mask(part: Any) -> bool:
    """Whether a subscript is a list of masks or of lists of truth values, which takes several axes."""
    items = part if isinstance(part, list) else [part.item] if isinstance(part, ListOf) else []
    return any((isinstance(i, Array) and dtype_kind(i) == "b") or _is_mask(i) or _is_nested_mask(i) for i in items)


def index_array(t: Array, index: Any) -> Type:
    """The type of `x[index]` for an array."""
    parts = subscripts(index)
    if parts is None or any(is_type(p) and (p == WHOLE or not isinstance(p, Scalar | NpScalar | Array | ListOf)) for p in parts):
        return UNKNOWN  # a truth value selects, and a whole number may be one
    if any(isinstance(p, list | ListOf) and nested_shape(p) is None for p in parts) or any(map(_is_nested_mask, parts)):
        return UNKNOWN
    used = sum(_consumes(p) for p in parts)
    if used > t.ndim:
        return UNKNOWN
    dotted = any(p is Ellipsis for p in parts)
    if not dotted:
        parts.append(Ellipsis)
    at = next(k for k, p in enumerate(parts) if p is Ellipsis)
    parts[at : at + 1] = [slice(None)] * (t.ndim - used)
    advanced = any(map(is_advanced, parts))
    dims = _advanced(t, parts) if advanced else _basic(t, parts)
    scalar = not dims and not advanced and not dotted
    return NpScalar(t.dtype) if scalar else Array(t.dtype, dims)


def _consumes(p: Any) -> int:
    if p is None or p is Ellipsis or isinstance(p, bool):
        return 0
    if isinstance(p, Array) and dtype_kind(p) == "b":
        return p.ndim
    return 0 if is_type(p) and is_scalar(p) and dtype_kind(p) == "b" else 1


def _basic(t: Array, parts: list[Any]) -> tuple[Dim, ...]:
    dims, axis = [], 0
    for p in parts:
        if p is None:
            dims.append(ONE)
            continue
        if isinstance(p, slice):
            dims.append(slice_dim(t.shape[axis], p))
        axis += 1
    return tuple(dims)


def _advanced(t: Array, parts: list[Any]) -> tuple[Dim, ...]:
    dims: list[Dim] = []
    shapes: list[tuple[Dim, ...]] = []
    places: list[int] = []
    axis = first = 0
    for k, p in enumerate(parts):
        if p is None or isinstance(p, slice):
            dims.append(ONE if p is None else slice_dim(t.shape[axis], p))
            axis += p is not None
            continue
        if not places:
            first = len(dims)
        places.append(k)
        mask = isinstance(p, bool) or (is_type(p) and dtype_kind(p) == "b") or _is_mask(p)
        shapes.append((ANY,) if mask else nested_shape(p) or ())
        axis += _consumes(p)
    joined = places == list(range(places[0], places[-1] + 1))
    where = first if joined else 0
    return (*dims[:where], *broadcast(shapes), *dims[where:])


def infer_getitem(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of a subscript of an array, list, tuple or dict."""
    x, index = args
    if isinstance(x, ListOf | TupleOf):
        return x if isinstance(index, slice) else x.item
    if isinstance(x, Struct):
        return _index_struct(x, index)
    if isinstance(x, Array | NpScalar):
        return index_array(x if isinstance(x, Array) else Array(x.dtype, ()), index)
    return None if isinstance(x, list | tuple) and type(index) is int else UNKNOWN if is_type(x) else None


def _index_struct(x: Struct, index: Any) -> Type:
    if is_dict(x.cls):
        return x.items[x.keys.index(index)] if not is_type(index) and index in x.keys else UNKNOWN
    if type(index) is int and -len(x.items) <= index < len(x.items):
        return x.items[index]
    if isinstance(index, slice) and not any(map(is_type, (index.start, index.stop, index.step))) and not x.keys:
        return Struct(x.cls, (), x.items[index])
    if is_type(index) and is_scalar(index) and x.items and all(i == x.items[0] for i in x.items):
        return x.items[0]
    return UNKNOWN


def getitem_transpose(g: Any, x: Any, index: Any) -> Any:
    """Zero but at the index; a NumPy scalar has one place at most."""
    return o.unbroadcast(g, x) if isinstance(type_at(x), NpScalar) else apply("scatter_add", x, index, g)


def where_partial(keep: bool) -> Any:
    """The partial of `where`: the cotangent where the operand was chosen, 0 elsewhere."""

    def partial(y: Any, condition: Any, x: Any, z: Any) -> Any:
        return lambda g: apply("np.where", condition, g, 0.0) if keep else apply("np.where", condition, 0.0, g)

    return partial


def take_index(x: Any, index: Any, axis: Any) -> Any:
    """The subscript that does what `np.take` does."""
    ndim = rank(x)
    if axis is None:
        return index if ndim == 1 else None
    if ndim is None or type(axis) is not int:
        return None
    if axis % ndim == 0 and not isinstance(index, list | tuple):
        return index
    return (slice(None),) * (axis % ndim) + (index,)


def _inside(x: Any, indices: Any, axis: Any, mode: Any) -> Any:
    """The indices that `np.take` reads at, which may clip them, or begin again at the other end."""
    if mode in (None, "raise"):
        return indices
    count = apply("np.size", x) if axis is None else apply("np.size", x, axis)
    places = listed(indices, x)
    return apply("np.clip", places, 0, count - 1) if mode == "clip" else apply("np.remainder", places, count)


def take_transpose(g: Any, x: Any, indices: Any, axis: Any = None, mode: Any = None) -> Any:
    """Zero but at the indices."""
    if isinstance(indices, tuple) or isinstance(type_at(indices), TupleOf | Struct):  # in a subscript they would be one for each axis
        indices = listed(indices, g)
    indices = _inside(x, indices, axis, mode)
    index = take_index(x, indices, axis)
    if index is None:
        return apply("take_back", g, x, indices, axis)
    return apply("scatter_add", x, index, g)


def _displays(*lists: Any) -> bool:
    """Whether lists have known lengths."""
    return all(isinstance(v, list | tuple) for v in lists)


def _chosen(conditions: Any) -> list[Any]:
    """For each condition where it is the first that holds, and where none does."""
    found: list[Any] = []
    rest: Any = None
    for c in conditions:
        found.append(c if rest is None else apply("np.logical_and", c, rest))
        other = apply("np.logical_not", c)
        rest = other if rest is None else apply("np.logical_and", rest, other)
    return [*found, rest]


def select_vjp(g: Any, y: Any, conditions: Any, choices: Any, default: Any = None) -> tuple[Any, ...]:
    """The cotangent where a choice was taken."""
    if not _displays(conditions, choices):
        given = None if default is None else o.unbroadcast(apply("np.where", apply("none_of", conditions), g, 0.0), default)
        return None, apply("select_back", g, conditions, choices), given
    *taken, rest = _chosen(conditions)
    bars = [o.unbroadcast(apply("np.where", c, g, 0.0), x) for c, x in zip(taken, choices, strict=True)]
    given = None if default is None else o.unbroadcast(apply("np.where", rest, g, 0.0), default)
    return None, bars if isinstance(choices, list) else tuple(bars), given


def select_jvp(t: Any, y: Any, conditions: Any, choices: Any, default: Any = None) -> Any:
    """The same selection of the tangents."""
    if t[1] is None and not _displays(choices):
        return apply("np.where", apply("none_of", conditions), t[2], apply("zeros_like", y))
    if isinstance(t[1], list | tuple) or t[1] is None:
        moves: Any = [o.zeros_like(x) if m is None else m for m, x in zip(t[1] or [None] * len(choices), choices, strict=True)]
    else:
        moves = t[1]
    return apply("np.select", conditions, moves, 0.0 if t[2] is None else t[2])


def put_along(g: Any, x: Any, places: Any, axis: Any) -> Any:
    """Zero in the shape of `x`, with `g` added where `np.take_along_axis` read, which takes None for the axis of all elements in a row."""
    return apply("take_back", g, x, places, None) if axis is None else apply("along_back", g, x, places, axis)


def sort_vjp(g: Any, y: Any, x: Any, axis: Any = -1, kind: Any = None, stable: Any = None) -> tuple[Any]:
    """The cotangents in the order of the operand."""
    return (put_along(g, x, _order(x, axis, kind, stable), axis),)


def sort_jvp(t: Any, y: Any, x: Any, axis: Any = -1, kind: Any = None, stable: Any = None) -> Any:
    """The tangents in the order of the result."""
    return apply("np.take_along_axis", t[0], _order(x, axis, kind, stable), axis)


def _order(x: Any, axis: Any, kind: Any, stable: Any) -> Any:
    given = {"kind": kind, "stable": stable}
    return apply("np.argsort", x, axis=axis, **{k: v for k, v in given.items() if v is not None})


def infer_along(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand; all of its elements in a row if there is no axis."""
    x = args[0]
    if not isinstance(x, Array) or statics.get("axis", -1) is not None:
        return x if isinstance(x, Array) else None
    return Array(x.dtype, x.shape if x.ndim == 1 else (ANY,))


def infer_choices(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of a list of choices."""
    return args[2] if isinstance(args[2], ListOf | TupleOf | Struct) else None


def infer_len(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
    """A length is an int."""
    return INT


RULES = (
    linear(operator.getitem, transpose=getitem_transpose, op=GETITEM, path="", name="getitem", names=("x", "index"), operands=2,
        accumulates=True, infer=infer_getitem, sample=calls(
            (arr(4), 1), (arr(4), slice(1, -1)), (arr(3, 4), (slice(None), 2)), (arr(3, 4), (slice(None, None, -1), None, 1)),
            (arr(4), np.array([0, 2, 2])), (arr(3, 4), (np.array([0, 2, 2]), np.array([1, 1, 1]))),
            (arr(4), np.array([True, False, True, True])), (arr(3, 4), (Ellipsis, 0)))),
    elementwise(np.where, None, where_partial(True), where_partial(False), names=("condition", "x", "y"),
        sample=calls((np.array([True, False, True]), arr(3), arr(3, seed=1)), (np.array([[True, False, True]] * 2), arr(3), 0.4))),
    general(np.select, vjp=select_vjp, jvp=select_jvp, names=("condlist", "choicelist", "default"), operands=3, sample=calls(
        ([np.array([True, False, False]), np.array([True, True, False])], [arr(3), arr(3, seed=1)], 0.7),
        ([np.array([True, False, False])], (arr(3),)))),
    helper(runtime.select_back, general, names=("g", "conditions", "choices"), operands=3, infer=infer_choices,
        vjp=lambda c, y, g, conditions, choices: (apply("np.select", conditions, c), None, None),
        jvp=lambda t, y, g, conditions, choices: None if t[0] is None else apply("select_back", t[0], conditions, choices),
        sample=calls((arr(3), [np.array([True, False, False]), np.array([True, True, False])], [arr(3), arr(3, seed=1)]))),
    step_helper(runtime.none_of),
    linear(np.take, transpose=take_transpose, names=("a", "indices", "axis", "out", "mode"), operands=2, arrays=1, spelled=("x.take()",),
        sample=calls((arr(4), np.array([0, 2, 2])), (arr(3, 4), np.array([0, 2, 2]), 1), (arr(3, 4), 1, 0), (arr(3, 4), np.array([0, 7])),
            Sample((arr(4), [1, 7]), {"mode": "clip"}), Sample((arr(3, 4), np.array([-5, 3])), {"axis": 1, "mode": "wrap"}))),
    helper(runtime.take_back, general, fresh=True, names=("g", "x", "indices", "axis"), operands=3, infer=shaped_like(1),
        sample=calls((arr(3), arr(4), np.array([0, 2, 2]), None), (arr(3, 3), arr(3, 4), np.array([0, 2, 2]), 1)),
        vjp=lambda c, y, g, x, i, axis=None: (apply("np.take", c, i, axis), None, None),
        jvp=lambda t, y, g, x, i, axis=None: None if t[0] is None else apply("take_back", t[0], x, i, axis)),
    linear(np.take_along_axis, transpose=lambda g, x, i, axis=-1: put_along(g, x, i, axis), names=("arr", "indices", "axis"),
        operands=2, sample=calls((arr(3, 4), np.argsort(arr(3, 4), 1), 1), (arr(3, 4), np.array([2, 0, 2]), None))),
    helper(runtime.along_back, general, fresh=True, names=("g", "x", "indices", "axis"), operands=3, infer=shaped_like(1),
        sample=calls((arr(3, 4), arr(3, 4, seed=1), np.argsort(arr(3, 4), 1), 1)),
        vjp=lambda c, y, g, x, i, axis=-1: (apply("np.take_along_axis", c, i, axis), None, None),
        jvp=lambda t, y, g, x, i, axis=-1: None if t[0] is None else apply("along_back", t[0], x, i, axis)),
    general(np.sort, vjp=sort_vjp, jvp=sort_jvp, names=("a", "axis", "kind"), arrays=1, infer=infer_along, statics=("stable",),
        sample=calls((arr(5),), (arr(3, 4),), (arr(3, 4), 0), (arr(3, 4), None), Sample((arr(5),), {"stable": True}))),
    nondiff(np.argsort),
)  # fmt: skip
