"""Selecting, leaving out, putting in, cutting up and joining; reductions that skip nan."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op, SliceArg, View
from srcad.ir.types import INT, NONE, Array, ListOf, Opaque, Struct, TupleOf, Type, dtype_kind, is_scalar
from srcad.ops.compose import composed, through
from srcad.ops.entry import Sample
from srcad.ops.index import infer_along, put_along
from srcad.ops.infer import ANY
from srcad.ops.op import Spellings, general, linear, listed, nondiff, step_helper
from srcad.ops.python import part
from srcad.ops.quantiles import HOLES
from srcad.ops.reduce import AXES, infer_reduction
from srcad.ops.samples import arr, calls
from srcad.ops.statistics import SOME, present
from srcad.ops.trace import apply, constant, o, rank, rank_known, type_at

# ---- selecting -------------------------------------------------------------------------------------------------------


def compress_body(condition: Any, a: Any, axis: Any = None) -> Any:
    """The elements, or rows, where the condition holds."""
    return apply("np.take", a, apply("np.flatnonzero", condition), axis)


def choose_body(a: Any, choices: Any, mode: Any = "raise") -> Any:
    """Each element of the choice that it names."""
    if mode != "raise":
        count = len(choices) if isinstance(choices, list | tuple) else apply("shape_at", choices, 0)
        a = constant(a, "np.clip", a, 0, count - 1) if mode == "clip" else constant(a, "np.remainder", a, count)
    if not isinstance(choices, list | tuple):
        n = rank_known(choices, "np.choose") - 1 - rank_known(a, "np.choose")
        return apply("np.take_along_axis", choices, a[(None,) * (n + 1)] if n >= 0 else a, 0)[0]
    found = choices[-1]
    for k in range(len(choices) - 2, -1, -1):
        found = apply("np.where", a == k, choices[k], found)
    return found


def partition_places(y: Any, x: Any, axis: Any) -> Any:
    """For each element of the result an element of the operand that is as large: both have the same ranks."""
    x = apply("np.ravel", x) if axis is None else x
    axis = -1 if axis is None else axis
    ranks = apply("np.argsort", apply("np.argsort", y, axis), axis)
    return apply("np.take_along_axis", apply("np.argsort", x, axis), ranks, axis)


def partition_vjp(g: Any, y: Any, x: Any, kth: Any, axis: Any = -1, kind: Any = None) -> tuple[Any]:
    """The cotangents in the order of the operand."""
    return (put_along(g, x, partition_places(y, x, axis), axis),)


def partition_jvp(t: Any, y: Any, x: Any, kth: Any, axis: Any = -1, kind: Any = None) -> Any:
    """The tangents in the order of the result."""
    return apply("np.take_along_axis", t[0], partition_places(y, x, axis), axis)


def _first_of_each(ar: Any, axis: Any = None, **options: Any) -> Any:
    """The first of each value, in order of the values."""
    along = {} if axis is None else {"axis": axis}
    return apply("np.take", ar, apply("first_places", ar, **along, **options), **along)


_UNIQUE_VJP, _UNIQUE_JVP = through(_first_of_each)
_TOLD = ("return_index", "return_inverse", "return_counts")
"""Options that ask for places and counts beside the values."""


def _values_alone(options: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """How many arrays of integers come with the values, and the options that the values depend on."""
    return sum(bool(options.get(k)) for k in _TOLD), {k: v for k, v in options.items() if k not in _TOLD}


def unique_vjp(g: Any, y: Any, ar: Any, axis: Any = None, **options: Any) -> tuple[Any, ...]:
    """That of the values: the integers have none."""
    beside, own = _values_alone(options)
    bar = part(g, 0) if beside else g
    return (None,) if bar is None else _UNIQUE_VJP(bar, y[0] if beside else y, ar, axis=axis, **own)


def unique_jvp(t: Any, y: Any, ar: Any, axis: Any = None, **options: Any) -> Any:
    """As above."""
    beside, own = _values_alone(options)
    moved = _UNIQUE_JVP(t, y[0] if beside else y, ar, axis=axis, **own)
    return (moved, *(None,) * beside) if beside else moved


# ---- leaving out and putting in --------------------------------------------------------------------------------------


def delete_body(arr: Any, obj: Any, axis: Any = None) -> Any:
    """What is left."""
    count = apply("np.size", arr) if axis is None else apply("np.size", arr, axis)
    return apply("np.take", arr, apply("np.delete", apply("np.arange", count), obj), axis)


def insert_body(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """The elements of both, each from its place."""
    if axis is not None and rank_known(arr, "np.insert") != 1:
        return _insert_along(arr, obj, values, axis)
    old, new = apply("np.ravel", arr), apply("np.ravel", values)
    count, more = apply("np.size", old), apply("np.size", new)
    if not isinstance(obj, list | tuple) and dtype_kind(type_at(obj)) == "b":
        obj = apply("np.flatnonzero", obj)
    indices = apply("np.size", obj) if not isinstance(obj, list | tuple) else len(obj)
    if rank_known(obj, "np.insert") != 0:
        new = apply("np.broadcast_to", new, (indices,))
        more = indices
    ids = apply("np.insert", apply("np.arange", count), obj, count + constant(arr, "np.arange", more))
    return apply("np.take", apply("np.concatenate", [old, new]), ids)


def _insert_along(arr: Any, obj: Any, values: Any, axis: int) -> Any:
    """Rows, columns and so on of both, each from its place.  At a single index the first axis of the values is the one that grows."""
    ndim, new = rank_known(arr, "np.insert"), listed(values, arr)
    axis, missing = axis % ndim, ndim - rank_known(new, "np.insert")
    new = apply("np.reshape", new, (1,) * ndim) if missing == ndim else new[(None,) * missing] if missing else new
    count = apply("shape_at", arr, axis)
    if isinstance(obj, slice | SliceArg):
        obj = apply("np.arange", count)[obj]
    elif dtype_kind(type_at(obj)) == "b":
        obj = apply("np.flatnonzero", obj)
    if rank_known(obj, "np.insert") == 0:
        new = apply("np.moveaxis", new, 0, axis)
        more = apply("shape_at", new, axis)
    else:  # one for each index, or many at one
        more = apply("np.maximum", apply("np.size", listed(obj, arr)), apply("np.size", new, axis))
    shape = tuple(more if k == axis else apply("shape_at", arr, k) for k in range(ndim))
    ids = apply("np.insert", apply("np.arange", count), obj, count + constant(arr, "np.arange", more))
    return apply("np.take", apply("np.concatenate", [arr, apply("np.broadcast_to", new, shape)], axis), ids, axis)


# ---- cutting up and joining ------------------------------------------------------------------------------------------


def split_transpose(axis: int | None) -> Any:
    """The pieces joined again; `axis` is that of `hsplit` and its like."""

    def transpose(g: Any, x: Any, indices: Any, axis: Any = axis) -> Any:
        along = (0 if rank_known(x, "np.hsplit") == 1 else 1) if axis is None else axis
        return apply("np.concatenate", list(g) if isinstance(g, tuple) else g, along)

    return transpose


def infer_split(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A list of as many arrays as are asked for."""
    x, how = operands[0], statics.get("indices_or_sections", args[1] if len(args) > 1 else None)
    if not isinstance(x, Array):
        return None
    piece = Array(x.dtype, (ANY,) * x.ndim)
    if isinstance(how, list | tuple):
        return Struct(list, (), (piece,) * (len(how) + 1))
    return Struct(list, (), (piece,) * how) if type(how) is int else ListOf(piece)


def dstack_body(tup: Any) -> Any:
    """Along the third axis."""
    if not isinstance(tup, list | tuple):
        return _deep(tup)
    return apply("np.concatenate", [apply("np.atleast_3d", p) for p in tup], 2)


def _deep(parts: Any) -> Any:
    """`np.dstack` of what exists at run time only: its items get the axes that they lack."""
    t = type_at(parts)
    if isinstance(t, Struct) and t.cls is tuple:
        return dstack_body([parts[k] for k in range(len(t.items))])
    n = _item_rank(parts, "np.dstack")
    if n > 2:
        return apply("np.concatenate", parts, 2)
    found = apply("np.stack", parts, n)
    return found[(None,) * (2 - n)] if n < 2 else found


def _item_rank(parts: Any, name: str) -> int:
    """The rank of each item of a list, of which only the length is not known."""
    t = type_at(parts)
    item = t.item if isinstance(t, ListOf | TupleOf) else None
    if isinstance(item, Array) or (item is not None and is_scalar(item)):
        return item.ndim if isinstance(item, Array) else 0
    raise NoRule(f"`{name}` of a list of unknown length whose items have no known rank has no rule", "write the list as a display")


def block_body(arrays: Any) -> Any:
    """Innermost lists along the last axis, those around them along the axes before."""
    if not isinstance(arrays, list) and isinstance(type_at(arrays), ListOf):
        return apply("np.concatenate" if _item_rank(arrays, "np.block") else "np.stack", arrays, -1)
    depth = _depth(arrays)
    ndim = max(depth, *(rank_known(v, "np.block") for v in _blocks(arrays)))
    return _joined(arrays, depth, ndim)


def _depth(x: Any) -> int:
    return 1 + _depth(x[0]) if isinstance(x, list) else 0


def _blocks(x: Any) -> list[Any]:
    return [b for item in x for b in _blocks(item)] if isinstance(x, list) else [x]


def _joined(x: Any, depth: int, ndim: int) -> Any:
    if isinstance(x, list):
        return apply("np.concatenate", [_joined(v, depth - 1, ndim) for v in x], -depth)
    short = ndim - rank_known(x, "np.block")
    if rank(x) == 0:
        return apply("np.reshape", x, (1,) * ndim)
    return x[(None,) * short] if short else x


# ---- parts of numbers, weights of bins -------------------------------------------------------------------------------


def frexp_vjp(g: Any, y: Any, x: Any) -> tuple[Any]:
    """The mantissa is the number scaled by a power of two."""
    bar = part(g, 0)
    return (None if bar is None else apply("np.ldexp", bar, -y[1]),)


def bincount_jvp(t: Any, y: Any, x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    """The same sums of the tangents; places do not move."""
    return None if t[1] is None else apply("np.bincount", x, t[1], minlength=minlength)


def bincount_vjp(g: Any, y: Any, x: Any, weights: Any, minlength: Any = 0) -> tuple[Any, Any]:
    """Each weight has the cotangent of its bin."""
    return None, None if weights is None else apply("np.take", g, x)


# ---- without nan -----------------------------------------------------------------------------------------------------


def skipping(name: str, fill: float, masked: bool = False) -> Any:
    """A reduction of what is no nan: of the array with `fill` in place of nan, or told which elements count."""

    def body(
        a: Any, axis: Any = None, dtype: Any = None, ddof: Any = None, keepdims: Any = None, correction: Any = None, where: Any = None,
        initial: Any = None,
    ) -> Any:  # fmt: skip
        given = {"axis": axis, "ddof": ddof, "keepdims": keepdims, "correction": correction, "where": where, "initial": initial}
        options = {k: v for k, v in given.items() if v is not None}
        missing = apply("np.isnan", a)
        if masked:
            options["where"] = present(a, where)
        return apply(name, apply("np.where", missing, fill, a), **options)

    return body


def _cut(name: str, axis: int | None, *samples: Any) -> Spellings:
    names = ("ary", "indices_or_sections", "axis") if axis == 0 and name in ("split", "array_split") else ("ary", "indices_or_sections")
    return linear(getattr(np, name), transpose=split_transpose(axis), names=names, operands=2, view=View.MAYBE, infer=infer_split,
        sample=calls(*samples))  # fmt: skip


def _asked(name: str, *, lengths: bool = True) -> Op:
    return Op(name, f"{name}(*_)", (f"srcad.runtime:{name}",), Effect.RAISES, shape_only=(0,) if lengths else ())


_SKIP = (Sample((HOLES,)), Sample((HOLES,), {"axis": 1}), Sample((HOLES,), {"axis": 0, "keepdims": True}))
_DDOF = ("a", "axis", "dtype", "out", "ddof", "keepdims")
_WHICH = np.array([True, False, True])

RULES = (
    composed(np.compress, compress_body, names=("condition", "a", "axis", "out"), operands=2,
        sample=calls((_WHICH, arr(3)), (_WHICH, arr(3, 2), 0), (_WHICH, arr(2, 3), 1))),
    composed(np.extract, lambda condition, a: apply("np.take", a, apply("np.flatnonzero", condition)), names=("condition", "arr"),
        operands=2, sample=calls((_WHICH, arr(3)), (np.array([[True, False], [True, True]]), arr(2, 2)))),
    composed(np.choose, choose_body, names=("a", "choices"), operands=2, arrays=1, statics=("mode",), name="np.choose",
        spelled=("x.choose()",), sample=calls(
        *(Sample((np.array([0, 3, -1]), [arr(3), arr(3, seed=1)]), {"mode": mode}) for mode in ("clip", "wrap")),
        Sample((np.array([1, 0, 2]), arr(2, 3)), {"mode": "wrap"}),
        (np.array([0, 2, 1]), [arr(3), arr(3, seed=1), arr(3, seed=2)]), (np.array([[0, 1, 1], [1, 0, 0]]), (arr(3), 0.4)),
        ([1, 0, 1], [arr(3), arr(3, seed=1)]), (np.array([1, 0, 1]), arr(2, 3)))),
    general(np.partition, vjp=partition_vjp, jvp=partition_jvp, names=("a", "kth", "axis", "kind"), arrays=1, infer=infer_along,
        sample=calls((arr(6), 2), (arr(20, seed=3), 9), (arr(3, 4), 1), (arr(3, 4), 1, 0), (arr(3, 4), 5, None))),
    general(np.unique, vjp=unique_vjp, jvp=unique_jvp, names=("ar", *_TOLD, "axis"), statics=("equal_nan",), arrays=1, name="np.unique",
        sample=calls((arr(5),), (np.array([[0.3, -0.2], [1.4, 0.1]]),), Sample((arr(3, 2),), {"axis": 0}),
        Sample((arr(4),), {"return_inverse": True, "return_counts": True, "equal_nan": False}))),
    step_helper(runtime.first_places),
    composed(np.delete, delete_body, names=("arr", "obj", "axis"),
        sample=calls((arr(4), 1), (arr(4), [0, 2]), (arr(3, 4), slice(1, 3), 1))),
    composed(np.insert, insert_body, names=("arr", "obj", "values", "axis"), operands=3, sample=calls(
        (arr(4), 1, 0.7), (arr(4), 2, arr(2)), (arr(4), [1, 3], arr(2, seed=1)), (arr(2, 2), 1, 0.3), (arr(4), [0, 3], 0.5),
        (arr(3), _WHICH, 0.5), (arr(3), _WHICH, arr(2)), (arr(2, 3), _WHICH, arr(2, 2), 1),
        (arr(2, 3), 1, arr(2), 1), (arr(2, 3), 2, arr(2, 3), 0), (arr(2, 3), [0, 2], arr(2, 2), -1), (arr(2, 3), np.array([1, 1]), 0.7, 0),
        (arr(2, 3, 2), -1, arr(3, 2), 0), (arr(3, 2), [1], arr(2, 2), 0), (arr(3, 2), 1, [0.3, 0.4, -0.2], 1))),
    _cut("split", 0, (arr(4), 2), (arr(5), [1, 3]), (arr(2, 4), 2, 1)), _cut("array_split", 0, (arr(5), 2), (arr(2, 5), 3, 1)),
    _cut("hsplit", None, (arr(4), 2), (arr(2, 4), [1, 3])), _cut("vsplit", 0, (arr(4, 2), 2)), _cut("dsplit", 2, (arr(2, 2, 4), 2)),
    nondiff(runtime.slice_ends, name="slice_ends", path="", infer=lambda *_: Struct(tuple, (), (INT, INT)), op=_asked("slice_ends")),
    nondiff(runtime.places_of, name="places_of", path="", infer=lambda *_: Opaque(dict),
        op=Op("places_of", "places_of(_0)", ("srcad.runtime:places_of",), Effect.RAISES)),
    nondiff(runtime.same_places, name="same_places", path="", infer=lambda *_: NONE,
        op=Op("same_places", "same_places(*_)", ("srcad.runtime:same_places",), Effect.RAISES)),
    nondiff(runtime.place_to_enter, name="place_to_enter", path="", infer=lambda *_: INT, op=_asked("place_to_enter")),
    nondiff(runtime.which_ones, name="which_ones", path="", infer=lambda *_: ListOf(INT),
        op=Op("which_ones", "which_ones(_0)", ("srcad.runtime:which_ones",))),
    nondiff(runtime.place_to_leave, name="place_to_leave", path="", infer=lambda *_: INT, op=_asked("place_to_leave")),
    nondiff(runtime.place_of_value, name="place_of_value", path="", infer=lambda *_: INT, op=_asked("place_of_value", lengths=False)),
    step_helper(runtime.slice_indices, infer=lambda *_: Struct(tuple, (), (INT, INT, INT))),
    step_helper(runtime.kept_range, infer=lambda *_: Struct(tuple, (), (INT, INT))),
    composed(np.dstack, dstack_body, names=("tup",), sample=calls(([arr(3), arr(3, seed=1)],), ((arr(2, 3), arr(2, 3, seed=1)),))),
    composed(np.block, block_body, names=("arrays",), sample=calls(([[arr(2, 2), arr(2, 1)], [arr(1, 2), arr(1, 1)]],),
        ([arr(3), 0.7],), ([[arr(2), 0.3], [0.1, arr(2, seed=1)]],))),
    linear(np.diagflat, transpose=lambda g, v, k=0: o.reshape_as(apply("np.diagonal", g, k), v), names=("v", "k"), arrays=1,
        sample=calls((arr(3),), (arr(2, 2), 1))),
    composed(np.rollaxis, lambda a, axis, start=0: apply("np.moveaxis", a, axis, start - (start > axis)), names=("a", "axis", "start"),
        view=View.VIEW, sample=calls((arr(2, 3, 4), 2), (arr(2, 3, 4), 0, 2))),
    general(np.modf, vjp=lambda g, y, x: (part(g, 0),), jvp=lambda t, y, x: (t[0], 0.0 * t[0]), name="np.modf", steps=(1,),
        sample=calls((np.array([1.3, -2.4]),))),
    general(np.frexp, vjp=frexp_vjp, jvp=lambda t, y, x: (apply("np.ldexp", t[0], -y[1]), None), name="np.frexp", steps=(1,),
        sample=calls((np.array([1.3, -2.4]),))),
    general(np.bincount, vjp=bincount_vjp, jvp=bincount_jvp,
        names=("x", "weights", "minlength"), operands=2, name="np.bincount",
        sample=calls((np.array([0, 2, 2, 1]), arr(4)), (np.array([0, 1]), arr(2), 4))),
    composed(np.nanvar, skipping("np.var", 0.0, masked=True), names=_DDOF, arrays=1, infer=infer_reduction, statics=("correction", "where"),
        sample=calls(*_SKIP, Sample((HOLES,), {"ddof": 1}), *SOME)),
    composed(np.nanstd, skipping("np.std", 0.0, masked=True), names=_DDOF, arrays=1, infer=infer_reduction, statics=("correction", "where"),
        singular=True, sample=calls(*_SKIP, Sample((HOLES,), {"ddof": 1}), *SOME)),
    composed(np.nanprod, skipping("np.prod", 1.0), names=AXES, arrays=1, infer=infer_reduction, statics=("where", "initial"),
        sample=calls(*_SKIP, *SOME, Sample((HOLES,), {"axis": 0, "initial": 0.7}))),
    composed(np.nancumsum, skipping("np.cumsum", 0.0), names=AXES[:4], arrays=1, sample=calls(*_SKIP[:2])),
    composed(np.nancumprod, skipping("np.cumprod", 1.0), names=AXES[:4], arrays=1, sample=calls(*_SKIP[:2])),
)  # fmt: skip
