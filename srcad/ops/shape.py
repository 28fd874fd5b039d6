"""Changing shape and order of axes, joining and splitting: linear, each with its own transpose."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import View
from srcad.ir.types import Array, Dim, ListOf, NpScalar, Scalar, Struct, TupleOf, Type, UNKNOWN, is_scalar
from srcad.ops.entry import Sample
from srcad.ops.infer import ANY, ONE, broadcast, dtype_of, generic, nested_shape, never_one, shape_of, type_of
from srcad.ops.op import Spelled, Spellings, as_array, filled, general, helper, linear
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, find_builder, o, rank, type_at


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


def array_back(g: Any, x: Any, ndmin: Any = 0, **statics: Any) -> Any:
    """Item by item for a display, the array itself for an array, without the axes that `ndmin` puts in front."""
    if ndmin and isinstance(x, list | tuple):
        raise NoRule("an array of a list with `ndmin` has no rule", "leave `ndmin` out, and put axes in front of the array with [None]")
    if ndmin:
        return o.reshape_as(g, x)
    if isinstance(x, list | tuple):
        return same_kind([array_back(g[k], item) for k, item in enumerate(x)], x)
    if rank(x) == 0 and rank(g) != 0:  # `ascontiguousarray` gives a number an axis
        return o.reshape_as(g, x)
    if is_scalar(type_at(x)) or isinstance(type_at(x), Array):
        return g
    return apply("tree_like", g, x)


def repeat_back(g: Any, x: Any, repeats: Any, axis: Any = None) -> Any:
    """The sum over the copies."""
    return apply("repeat_back", g, x, repeats, axis)


def same_kind(found: list[Any], parts: Any) -> Any:
    """The items as a list where the parts are one, else as a tuple."""
    return found if isinstance(parts, list) else tuple(found)


def transposer(fn: Any, product: str, names: tuple[str, ...], operands: int = 2, sample: Any = None, fresh: bool = False) -> Spellings:
    """A helper that transposes `product`: linear in `g`, its own transpose is the operation."""

    def transpose(c: Any, g: Any, x: Any, *rest: Any, **statics: Any) -> Any:
        return apply(product, c, *rest, **statics)

    return helper(fn, linear, names=names, operands=operands, transpose=transpose, infer=like_second, sample=sample, fresh=fresh)


def like_second(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the second argument."""
    x = args[1]
    if isinstance(x, list | tuple) and all(isinstance(v, Array) for v in x):
        return Struct(type(x), (), tuple(x))
    return x if isinstance(x, Array | ListOf | TupleOf | Struct) else None


_A = (arr(2, 3),)

REGROUP = (
    linear(np.reshape, transpose=back, names=("a", "shape", "order"), operands=2, view=View.MAYBE, infer=infer_reshape,
        statics=("order", "copy"),
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
    transposer(runtime.resize_back, "np.resize", ("g", "x", "new_shape")),
    transposer(runtime.windows_back, "np.lib.stride_tricks.sliding_window_view", ("g", "x", "window_shape", "axis")),
    transposer(runtime.tile_back, "np.tile", ("g", "x", "reps")),
    transposer(runtime.repeat_back, "np.repeat", ("g", "x", "repeats", "axis")),
    transposer(runtime.diff_back, "np.diff", ("g", "x", "n", "axis"), fresh=True),
    helper(runtime.reshape_as_helper, linear, names=("g", "x"), operands=2, infer=like_second,
        transpose=lambda c, g, x: o.reshape_as(as_array(c), g), sample=calls((arr(6), arr(2, 3)), (arr(3, 2), arr(2, 3)))),
)  # fmt: skip

ARRAYS = tuple(
    linear(f, transpose=array_back, names=("object", "dtype"), statics=("copy", "ndmin", "order", "like"), view=view, infer=infer_array,
        sample=calls((arr(2, 3),), ([0.3, 0.7],), ([[0.3, 0.7], (0.1, -0.2)],), ([arr(3), arr(3, seed=1)],),
            Sample(([1, 0.5],), {"dtype": float}), *((Sample((arr(3),), {"ndmin": 2}),) if f is np.array else ())))
    for f, view in ((np.array, View.FRESH), (np.asarray, View.MAYBE), (np.asanyarray, View.MAYBE), (np.ascontiguousarray, View.MAYBE),
        (np.asfortranarray, View.MAYBE))
)  # fmt: skip

RULES = (*REGROUP, *AXES, *REPEAT, *ARRAYS)
