"""Changing shape and order of axes, joining and splitting: linear, each with its own transpose."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Op, View
from srcad.ir.types import Array, Dim, ListOf, NpScalar, Scalar, Struct, TupleOf, Type, UNKNOWN, is_scalar
from srcad.ops.entry import Sample
from srcad.ops.infer import ANY, ONE, broadcast, dtype_of, generic, nested_shape, never_one, shape_of, type_of
from srcad.ops.op import Spelled, Spellings, as_array, filled, general, helper, linear
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, find_builder, literal, o, rank, type_at


def packed(name: str) -> Any:
    """A `bind` for methods that take a tuple or its items: `x.reshape(2, 3)`."""

    def bind(args: tuple[Any, ...], params: Any) -> tuple[tuple[Any, ...], Any]:
        if len(args) <= 2 and (len(args) < 2 or isinstance(args[1], list | tuple) or not _is_index(args[1])):
            return args, params
        return (args[0],), {**params, name: tuple(args[1:])}

    return bind


def _is_index(x: Any) -> bool:
    return type(x) is int or is_scalar(type_of(x)) or is_scalar(getattr(x, "type", None) or type_of(x))


@o.define
def reshape_as(g: Any, x: Any) -> Any:
    """`g` in the shape of `x`, of which it has as many elements."""
    if find_builder((g, x)) is None:
        return np.reshape(g, np.shape(x))
    if is_scalar(type_at(x)):
        return apply("np.sum", g) if isinstance(type_at(g), Array) else g
    return apply("reshape_as_helper", g, x) if not isinstance(type_at(x), Array) else apply("np.reshape", g, apply("ndarray.shape", x))


def back(g: Any, x: Any, *shape: Any, order: Any = "C", **statics: Any) -> Any:
    """The transpose of whatever only regroups elements in order."""
    if order == "F":
        return apply("np.reshape", g, apply("np.shape", x), order="F")
    if order not in (None, "C"):
        raise NoRule(f"elements in the order {order!r} have no rule, since it depends on where they lie in memory", "use order 'C' or 'F'")
    return o.reshape_as(g, x)


# ---- types -----------------------------------------------------------------------------------------------------------


def with_shape(found: Type, dims: Sequence[Dim]) -> Type:
    """The inferred type with better lengths, where the rank agrees."""
    return Array(found.dtype, tuple(dims)) if isinstance(found, Array) and len(dims) == found.ndim else found


def literal_shape(shape: Any) -> tuple[Dim, ...] | None:
    """Lengths from the argument of `reshape`, `zeros`, ...; None if not even the rank is known."""
    if isinstance(shape, Struct):
        return (ANY,) * len(shape.items)
    if isinstance(shape, list | tuple):
        return tuple(Dim(f"={n}") if type(n) is int and n >= 0 else ANY for n in shape)
    if type(shape) is int:
        return (Dim(f"={shape}") if shape >= 0 else ANY,)
    return (ANY,) if isinstance(shape, Scalar | NpScalar) else None


def infer_reshape(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The new lengths where they are literals."""
    dims, dtype = literal_shape(operands[1]), dtype_of(args[0])
    if dims is None or dtype is None:
        return None
    old = shape_of(args[0])
    if old is not None and len(old) == 1 and len(dims) == 1:
        dims = old
    return Array(dtype, dims)


def infer_ravel(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """One axis."""
    old, dtype = shape_of(args[0]), dtype_of(args[0])
    if old is None or dtype is None:
        return None
    return Array(dtype, old if len(old) == 1 else (ONE,) if not old else (ANY,))


def infer_transpose(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The axes in another order."""
    x, axes = args[0], statics.get("axes")
    if not isinstance(x, Array):
        return x if is_scalar(x) else None
    if axes is None:
        return Array(x.dtype, x.shape[::-1])
    known = isinstance(axes, list | tuple) and all(type(a) is int and -x.ndim <= a < x.ndim for a in axes)
    return Array(x.dtype, tuple(x.shape[a] for a in axes) if known else (ANY,) * x.ndim)


def infer_same(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand."""
    return args[0] if isinstance(args[0], Array) else None


def infer_axes(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The operand's lengths, moved as NumPy moves distinct made-up lengths."""
    x = args[0]
    if not isinstance(x, Array):
        return None
    lengths = [3 + k for k in range(x.ndim)]
    lengths = [1 if d == ONE else n for d, n in zip(x.shape, lengths, strict=True)]
    try:
        found = spelling.object(np.empty(lengths), *args[1:], **params)
    except (TypeError, ValueError, IndexError):
        return None
    by_length = dict(zip(lengths, x.shape, strict=True)) | {1: ONE}
    return Array(x.dtype, tuple(by_length.get(n, ANY) for n in found.shape))


def infer_squeeze(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """As `infer_axes`; without an axis even the rank is unknown where a length may be 1."""
    x = args[0]
    if statics.get("axis") is None and isinstance(x, Array) and not all(d == ONE or never_one(d) for d in x.shape):
        return UNKNOWN
    return infer_axes(spelling, args, params, operands, statics)


def infer_pieces(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The dtype of a run on dummies; the lengths that do not change."""
    found = generic(spelling.object, args, params)
    parts = args[0]
    if not isinstance(found, Array) or not isinstance(parts, list | tuple) or not parts:
        return found
    shapes = [nested_shape(p) for p in parts]
    axis = statics.get("axis", 0)
    if spelling.entry.name == "stack" and None not in shapes and type(axis) is int:
        dims = list(broadcast(s or () for s in shapes))
        dims.insert(axis % (len(dims) + 1), Dim(f"={len(parts)}"))
        return with_shape(found, dims)
    if spelling.entry.name == "concatenate" and None not in shapes and type(axis) is int and found.ndim:
        dims = list(broadcast((s or ())[:] for s in shapes))
        dims[axis % found.ndim] = ANY
        return with_shape(found, dims)
    return found


def infer_array(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The nesting gives the shape."""
    found = generic(spelling.object, args, params)
    shape = nested_shape(args[0])
    return found if shape is None else with_shape(found, shape)


def infer_atleast(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Axes of length 1 where some are missing."""
    found, shape = generic(spelling.object, args, params), shape_of(args[0])
    if not isinstance(found, Array) or shape is None:
        return found
    dims = {"np.atleast_1d": shape or (ONE,), "np.atleast_2d": (ONE,) * (2 - len(shape)) + shape}
    return with_shape(found, dims.get(spelling.op.name, found.shape))


def infer_broadcast(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The shape asked for."""
    dims, dtype = literal_shape(statics.get("shape")), dtype_of(args[0])
    return None if dims is None or dtype is None else Array(dtype, dims)


# ---- transposes ------------------------------------------------------------------------------------------------------


def transpose_back(g: Any, x: Any, axes: Any = None) -> Any:
    """The inverse permutation."""
    if axes is None:
        return g.T if rank(g) == 2 else apply("np.transpose", g)
    if isinstance(axes, list | tuple) and all(type(a) is int for a in axes):
        n = len(axes)
        return apply("np.transpose", g, tuple(int(k) for k in np.argsort([a % n for a in axes])))
    return apply("np.transpose", g, apply("np.argsort", apply("np.remainder", axes, apply("np.size", axes))))


def squeeze_back(g: Any, x: Any, **statics: Any) -> Any:
    """The axes of length 1 again."""
    return o.reshape_as(g, x)


def roll_back(g: Any, x: Any, shift: Any, axis: Any = None) -> Any:
    """The opposite shift, which may be a tuple that is only known at run time."""
    if isinstance(shift, list | tuple):
        turned: Any = tuple(-s for s in shift)
    else:
        turned = -shift if is_scalar(type_at(shift)) else apply("np.negative", shift)
    return apply("np.roll", g, turned) if axis is None else apply("np.roll", g, turned, axis)


def concatenate_back(g: Any, parts: Any, axis: Any = 0, **statics: Any) -> Any:
    """Each part's slice."""
    if not isinstance(parts, list | tuple):
        return apply("split_like", g, parts, axis)
    if _unranked(parts):
        return _items("split_like", g, parts, axis)
    if axis is None:
        return _split([o.reshape_as(piece, p) for piece, p in zip(_cuts(g, parts, 0, True), parts, strict=True)], parts)
    return _split(_cuts(g, parts, axis, False), parts)


def _unranked(parts: Any) -> bool:
    """Whether the rank of some part is only known at run time."""
    return any(not isinstance(p, list | tuple) and rank(p) is None for p in parts)


def _items(name: str, g: Any, parts: Any, *options: Any) -> Any:
    """The cotangents of the parts, cut at run time."""
    whole = apply(name, g, list(parts), *options)
    return _split([whole[k] for k in range(len(parts))], parts)


def _split(found: list[Any], parts: Any) -> Any:
    return found if isinstance(parts, list) else tuple(found)


def _cuts(g: Any, parts: Any, axis: Any, flat: bool) -> list[Any]:
    """Consecutive pieces of `g`, as long as the parts; a part of lower rank is one row, column or item."""
    found, start = [], 0
    ndim = 1 if flat else rank(g) or rank(parts[0])
    before = (slice(None),) * (axis % ndim if ndim else 0)
    for k, p in enumerate(parts):
        low = not flat and not isinstance(p, list | tuple) and (rank(p) or 0) < (ndim or 0)
        n = apply("np.size", p) if flat else 1 if low else _axis_length(p, axis)
        stop = start + n
        last = k == len(parts) - 1
        index = slice(None if literal(start) and start == 0 else start, None if last else stop)
        piece = g[(*before, index)] if before else g[index]
        found.append(o.reshape_as(piece, p) if low else piece)
        start = stop
    return found


def _axis_length(p: Any, axis: int) -> Any:
    if isinstance(p, list | tuple):
        return len(p)
    if find_builder(p) is None:
        return np.shape(p)[axis]
    t = type_at(p)
    if isinstance(t, Array):
        d = t.shape[axis]
        return apply("shape_at", p, axis % t.ndim) if d.length is None else d.length
    return apply("np.size", p, axis)


def append_vjp(g: Any, y: Any, x: Any, values: Any, axis: Any = None) -> tuple[Any, Any]:
    """The two parts."""
    first, second = concatenate_back(g, (x, values), axis)
    return first, second


def append_jvp(t: Any, y: Any, x: Any, values: Any, axis: Any = None) -> Any:
    """The tangents joined."""
    return apply("np.append", filled(t[0], x), filled(t[1], values), axis=axis)


def broadcast_arrays_vjp(g: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
    """Each the sum of its own copies."""
    return tuple(None if g[k] is None else o.unbroadcast(g[k], x) for k, x in enumerate(xs))


def broadcast_arrays_jvp(t: Any, y: Any, *xs: Any) -> Any:
    """Each stretched."""
    return apply("np.broadcast_arrays", *(filled(move, x) for move, x in zip(t, xs, strict=True)))


def infer_broadcast_arrays(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A tuple of arrays of one shape."""
    shapes, dtypes = [nested_shape(a) for a in args], [dtype_of(a) for a in args]
    if None in shapes or None in dtypes:
        return None
    dims = broadcast(s or () for s in shapes)
    return Struct(tuple, (), tuple(Array(d or "", dims) for d in dtypes))


def stack_back(g: Any, parts: Any, axis: Any = 0, **statics: Any) -> Any:
    """Each part's row."""
    if not isinstance(parts, list | tuple):
        return apply("unstack_like", g, parts, axis)
    if rank(g) is None:
        return _items("unstack_like", g, parts, axis)
    ndim = rank(g)
    before = (slice(None),) * (axis % ndim if ndim else 0)
    return _split([g[(*before, k)] if before else g[k] for k in range(len(parts))], parts)


def hstack_back(g: Any, parts: Any, **statics: Any) -> Any:
    """Along the second axis, or the only one."""
    if not isinstance(parts, list | tuple):
        return apply("hsplit_like", g, parts)
    if rank(g) is None or _unranked(parts):
        return _items("hsplit_like", g, parts)
    if all(rank(p) == 0 for p in parts):
        return stack_back(g, parts)
    return concatenate_back(g, parts, 0 if rank(g) == 1 else 1)


def vstack_back(g: Any, parts: Any, **statics: Any) -> Any:
    """Along the first axis, rows for vectors."""
    if isinstance(parts, list | tuple) and _unranked(parts):
        return _items("vsplit_like", g, parts)
    if isinstance(parts, list | tuple) and all((rank(p) or 0) == 1 for p in parts):
        return stack_back(g, parts)
    return concatenate_back(g, parts, 0) if isinstance(parts, list | tuple) else apply("vsplit_like", g, parts)


def column_stack_back(g: Any, parts: Any) -> Any:
    """Columns for vectors."""
    if isinstance(parts, list | tuple) and _unranked(parts):
        return _items("column_split_like", g, parts)
    if isinstance(parts, list | tuple) and all((rank(p) or 0) == 1 for p in parts):
        return stack_back(g, parts, 1)
    return concatenate_back(g, parts, 1) if isinstance(parts, list | tuple) else apply("column_split_like", g, parts)


def rows_back(g: Any, parts: Any) -> Any:
    """`np.r_`: along the first axis; numbers are items."""
    if not isinstance(parts, tuple):
        parts = (parts,)
    return hstack_back(g, parts) if rank(g) == 1 else concatenate_back(g, parts, 0)


def columns_back(g: Any, parts: Any) -> Any:
    """`np.c_`: along the last axis; vectors are columns."""
    parts = parts if isinstance(parts, tuple) else (parts,)
    if _unranked(parts):
        raise NoRule("`np.c_` of arrays whose rank is not known has no rule", "use np.column_stack, or np.concatenate")
    flat = max(rank(p) or 0 for p in parts) <= 2
    return column_stack_back(g, parts) if flat else concatenate_back(g, parts, -1)


def array_back(g: Any, x: Any, ndmin: Any = 0, **statics: Any) -> Any:
    """Item by item for a display, the array itself for an array, without the axes that `ndmin` puts in front."""
    if ndmin and isinstance(x, list | tuple):
        raise NoRule("an array of a list with `ndmin` has no rule", "leave `ndmin` out, and put axes in front of the array with [None]")
    if ndmin:
        return o.reshape_as(g, x)
    if isinstance(x, list | tuple):
        return _split([array_back(g[k], item) for k, item in enumerate(x)], x)
    if rank(x) == 0 and rank(g) != 0:  # `ascontiguousarray` gives a number an axis
        return o.reshape_as(g, x)
    if is_scalar(type_at(x)) or isinstance(type_at(x), Array):
        return g
    return apply("tree_like", g, x)


def repeat_back(g: Any, x: Any, repeats: Any, axis: Any = None) -> Any:
    """The sum over the copies."""
    return apply("repeat_back", g, x, repeats, axis)


def _back(fn: Any, product: str, names: tuple[str, ...], operands: int = 2, sample: Any = None) -> Spellings:
    """A helper that transposes `product`: linear in `g`, its own transpose is the operation."""

    def transpose(c: Any, g: Any, x: Any, *rest: Any, **statics: Any) -> Any:
        return apply(product, c, *rest, **statics)

    return helper(fn, linear, names=names, operands=operands, transpose=transpose, infer=like_second, sample=sample)


def like_second(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the second argument."""
    x = args[1]
    if isinstance(x, list | tuple) and all(isinstance(v, Array) for v in x):
        return Struct(type(x), (), tuple(x))
    return x if isinstance(x, Array | ListOf | TupleOf | Struct) else None


_A = (arr(2, 3),)

REGROUP = (
    linear(np.reshape, transpose=back, names=("a", "shape", "order"), operands=2, view=View.MAYBE, infer=infer_reshape, statics=("order",),
        spelled=(Spelled("x.reshape()", bind=packed("shape"), view=View.MAYBE),),
        sample=calls((arr(2, 3), (3, 2)), (arr(2, 3), -1), Sample((arr(2, 3, 2), (4, 3)), {"order": "F"}))),
    linear(np.ravel, transpose=back, names=("a", "order"), view=View.MAYBE, infer=infer_ravel, arrays=1, statics=("order",),
        spelled=(Spelled("x.ravel()", view=View.MAYBE), "x.flatten()"), sample=calls(_A, Sample((arr(2, 3, 2),), {"order": "F"}))),
    helper(runtime.shaped, linear, transpose=back, names=("a", "shape"), operands=2, view=View.VIEW, infer=infer_reshape,
        sample=calls((arr(2, 3), (3, 2)), (arr(4), (2, -1)))),
    linear(np.squeeze, transpose=squeeze_back, names=("a", "axis"), view=View.VIEW, infer=infer_squeeze,
        spelled=(Spelled("x.squeeze()", view=View.VIEW),), sample=calls((arr(2, 1, 3),), (arr(2, 1, 3), 1))),
    linear(np.expand_dims, transpose=squeeze_back, names=("a", "axis"), view=View.VIEW, infer=infer_axes, sample=calls((arr(2, 3), 1))),
    *(linear(f, transpose=back, names=("x",), view=View.MAYBE, infer=infer_atleast,
        sample=calls((arr(3),), (0.7,))) for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d)),
)  # fmt: skip

AXES = (
    linear(np.transpose, transpose=transpose_back, names=("a", "axes"), view=View.VIEW, infer=infer_transpose,
        spelled=(Spelled("x.transpose()", bind=packed("axes"), view=View.VIEW), Spelled("x.T", view=View.VIEW)),
        sample=calls(_A, (arr(2, 3, 4), (1, 2, 0)))),
    linear(np.swapaxes, transpose=lambda g, x, axis1, axis2: apply("np.swapaxes", g, axis1, axis2), names=("a", "axis1", "axis2"),
        view=View.VIEW,
        spelled=(Spelled("x.swapaxes()", view=View.VIEW),), infer=infer_axes, sample=calls((arr(2, 3, 4), 0, 2))),
    linear(np.matrix_transpose, transpose=lambda g, x: apply("np.matrix_transpose", g), names=("x",), view=View.VIEW, infer=infer_axes,
        path="np.matrix_transpose", spelled=(Spelled("x.mT", view=View.VIEW), Spelled("np.linalg.matrix_transpose", view=View.VIEW)),
        sample=calls(_A, (arr(2, 3, 4),))),
    linear(np.moveaxis, transpose=lambda g, x, source, destination: apply("np.moveaxis", g, destination, source),
        names=("a", "source", "destination"), view=View.VIEW, infer=infer_axes,
        sample=calls((arr(2, 3, 4), 0, 2), (arr(2, 3, 4), (0, 1), (2, 0)))),
    linear(np.flip, transpose=lambda g, m, axis=None: apply("np.flip", g, axis), names=("m", "axis"), view=View.VIEW, infer=infer_same,
        sample=calls(_A, (arr(2, 3), 1))),
    linear(np.fliplr, transpose=lambda g, m: apply("np.fliplr", g), names=("m",), view=View.VIEW, infer=infer_same, sample=calls(_A)),
    linear(np.flipud, transpose=lambda g, m: apply("np.flipud", g), names=("m",), view=View.VIEW, infer=infer_same, sample=calls(_A)),
    linear(np.rot90, transpose=lambda g, m, k=1, axes=(0, 1): apply("np.rot90", g, -k, axes), names=("m", "k", "axes"), view=View.VIEW,
        sample=calls(_A, (arr(2, 3), 2))),
    linear(np.roll, transpose=roll_back, names=("a", "shift", "axis"), infer=infer_same,
        sample=calls((arr(4), 1), (arr(2, 3), 1, 1), (arr(2, 3), (1, 2), (0, 1)))),
)  # fmt: skip

REPEAT = (
    linear(np.tile, transpose=lambda g, x, reps: apply("tile_back", g, x, reps), names=("A", "reps"),
        sample=calls((arr(3), 2), (arr(2, 3), (2, 1, 2)))),
    linear(np.repeat, transpose=repeat_back, names=("a", "repeats", "axis"), arrays=1, spelled=("x.repeat()",),
        sample=calls((arr(3), 2), (arr(2, 3), 2, 1), (arr(3), np.array([1, 0, 2]), 0), (arr(2, 3), 2))),
    linear(np.broadcast_to, transpose=lambda g, x, shape: o.unbroadcast(g, x), names=("array", "shape"), view=View.OVERLAPPING,
        infer=infer_broadcast, sample=calls((arr(3), (2, 3)), (arr(2, 1), (2, 3)), (0.5, (2, 3)))),
    general(np.broadcast_arrays, vjp=broadcast_arrays_vjp, jvp=broadcast_arrays_jvp, names=("*xs",), view=View.OVERLAPPING,
        infer=infer_broadcast_arrays, sample=calls((arr(3), arr(2, 1)), (arr(3), 0.5))),
    linear(sliding_window_view, names=("x", "window_shape", "axis"), statics=("subok", "writeable"),
        transpose=lambda g, x, window_shape, axis=None, **options: apply("windows_back", g, x, window_shape, axis),
        path="np.lib.stride_tricks.sliding_window_view", view=View.OVERLAPPING,
        sample=calls((arr(5), 3), (arr(4, 5), (2, 3)), (arr(4, 5), 2, 1), (arr(4, 5), (2, 2), (-1, 1)))),
    linear(np.resize, transpose=lambda g, x, new_shape: apply("resize_back", g, x, new_shape), names=("a", "new_shape"), arrays=1,
        sample=calls((arr(3), (2, 4)), (arr(2, 3), 4))),
    _back(runtime.resize_back, "np.resize", ("g", "x", "new_shape")),
    _back(runtime.windows_back, "np.lib.stride_tricks.sliding_window_view", ("g", "x", "window_shape", "axis")),
    _back(runtime.tile_back, "np.tile", ("g", "x", "reps")),
    _back(runtime.repeat_back, "np.repeat", ("g", "x", "repeats", "axis")),
    _back(runtime.diff_back, "np.diff", ("g", "x", "n", "axis")),
    helper(runtime.reshape_as_helper, linear, names=("g", "x"), operands=2, infer=like_second,
        transpose=lambda c, g, x: o.reshape_as(as_array(c), g), sample=calls((arr(6), arr(2, 3)), (arr(3, 2), arr(2, 3)))),
)  # fmt: skip

_PARTS = ([arr(2, 3), arr(4, 3, seed=1)],)
JOIN = (
    linear(np.concatenate, transpose=concatenate_back, names=("arrays", "axis", "out"), statics=("dtype", "casting"), infer=infer_pieces,
        sample=calls(_PARTS, ((arr(2, 3), arr(2, 1)), 1), ([arr(2, 3), arr(2)], None))),
    linear(np.stack, transpose=stack_back, names=("arrays", "axis", "out"), statics=("dtype", "casting"), infer=infer_pieces,
        sample=calls(([arr(3), arr(3, seed=1)],), ((arr(3), arr(3, seed=1)), 1), ([0.3, 0.7],))),
    linear(np.vstack, transpose=vstack_back, names=("tup",), statics=("dtype", "casting"),
        sample=calls(_PARTS, ([arr(3), arr(3, seed=1)],))),
    linear(np.hstack, transpose=hstack_back, names=("tup",), statics=("dtype", "casting"),
        sample=calls(([arr(2, 3), arr(2, 1)],), ([arr(3), arr(2)],), ([0.3, 0.7],))),
    linear(np.column_stack, transpose=column_stack_back, names=("tup",),
        sample=calls(([arr(3), arr(3, seed=1)],), ([arr(2, 3), arr(2, 1)],))),
    *(linear(f.__getitem__, transpose=back, names=("key",), name=name, path=name, op=Op(name, f"{name}[_0]", ("numpy as np",)),
        sample=calls(((arr(3), arr(length)),), ((arr(2, 3), arr(2, 3, seed=1)),)))
        for f, name, back, length in ((np.r_, "np.r_", rows_back, 2), (np.c_, "np.c_", columns_back, 3))),
    general(np.append, vjp=append_vjp, jvp=append_jvp, names=("arr", "values", "axis"), operands=2, arrays=2,
        sample=calls((arr(3), arr(2)), (arr(3), 0.7), (arr(2, 3), arr(1, 3), 0))),
    _back(runtime.split_like, "np.concatenate", ("g", "x", "axis")),
    _back(runtime.unstack_like, "np.stack", ("g", "x", "axis")),
    _back(runtime.hsplit_like, "np.hstack", ("g", "x")),
    _back(runtime.vsplit_like, "np.vstack", ("g", "x")),
    _back(runtime.column_split_like, "np.column_stack", ("g", "x")),
)  # fmt: skip

ARRAYS = tuple(
    linear(f, transpose=array_back, names=("object", "dtype"), statics=("copy", "ndmin", "order", "like"), view=view, infer=infer_array,
        sample=calls((arr(2, 3),), ([0.3, 0.7],), ([[0.3, 0.7], (0.1, -0.2)],), ([arr(3), arr(3, seed=1)],),
            Sample(([1, 0.5],), {"dtype": float}), *((Sample((arr(3),), {"ndmin": 2}),) if f is np.array else ())))
    for f, view in ((np.array, View.FRESH), (np.asarray, View.MAYBE), (np.asanyarray, View.MAYBE), (np.ascontiguousarray, View.MAYBE),
        (np.asfortranarray, View.MAYBE))
)  # fmt: skip

RULES = (*REGROUP, *AXES, *REPEAT, *JOIN, *ARRAYS)
