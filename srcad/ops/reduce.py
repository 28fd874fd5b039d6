"""Reductions: sums, means, extrema, products, cumulative sums."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import INT, Array, Type, is_scalar
from srcad.ops.entry import Sample
from srcad.ops.infer import ONE, generic, nested_shape, shaped_like
from srcad.ops.op import general, helper, linear, nondiff
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, find_builder, literal, o, rank, type_at

AXES = ("a", "axis", "dtype", "out", "keepdims")


def axes_of(axis: Any, ndim: int) -> tuple[int, ...] | None:
    """The axes that are reduced, None if they are not known now."""
    if axis is None:
        return tuple(range(ndim))
    given = axis if isinstance(axis, tuple) else (axis,)
    if not all(type(a) is int and -ndim <= a < ndim for a in given):
        return None
    return tuple(sorted(a % ndim for a in given))


def keywords_of(axis: Any, keepdims: Any) -> dict[str, Any]:
    """The keywords of another reduction over the same axes."""
    found = {} if axis is None else {"axis": axis}
    return found if keepdims is None or keepdims is False else {**found, "keepdims": keepdims}


def infer_reduction(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Dtype and rank from a run on dummies, lengths of the axes that stay from the operand."""
    found = generic(spelling.object, args, params)
    shape = nested_shape(args[0])
    if not isinstance(found, Array) or shape is None:
        return found
    axis, keep = statics.get("axis"), statics.get("keepdims")
    axes = axes_of(axis, len(shape))
    if axes is None or keep not in (None, True, False):
        return found
    dims = tuple(ONE if k in axes else d for k, d in enumerate(shape) if keep or k not in axes)
    return Array(found.dtype, dims) if len(dims) == found.ndim else found


def kept(g: Any, x: Any, axis: Any, keepdims: Any) -> Any:
    """`g` with the reduced axes put back as axes of length 1 where broadcasting needs them; None if that is not known now."""
    ndim = rank(x)
    if axis is None or keepdims is True:
        return g
    axes = None if ndim is None else axes_of(axis, ndim)
    if axes is None or ndim is None or keepdims not in (None, False):
        return None
    index = [None if k in axes else slice(None) for k in range(ndim)]
    while index and index[0] is None:
        index.pop(0)
    return g if None not in index else g[tuple(index)]


@o.define
def unreduce(g: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The cotangent `g` of a sum of `x` over `axis`, in the shape of `x`."""
    if find_builder((g, x)) is None:
        return runtime.unsum(g, x, axis, keepdims)
    if is_scalar(type_at(x)):
        return g
    if not isinstance(type_at(x), Array):
        return apply("unsum", g, x, axis, bool(keepdims))
    wide = kept(g, x, axis, keepdims)
    return apply("unsum", g, x, axis, keepdims) if wide is None else o.stretch(wide, x)


@o.define
def count(x: Any, axis: Any = None) -> Any:
    """How many elements of `x` each element of its reduction comes from."""
    if find_builder(x) is None:
        n = np.shape(x)
        return math.prod(n[a] for a in axes_of(axis, len(n)) or ())
    t = type_at(x)
    if is_scalar(t):
        return 1
    if not isinstance(t, Array):
        return apply("np.size", x) if axis is None else apply("np.size", x, axis)
    axes = axes_of(axis, t.ndim)
    if axes is None:
        return apply("np.size", x, axis)
    known = [t.shape[a] for a in axes]
    if all(d.length is not None for d in known):
        return math.prod(d.length or 0 for d in known)
    if len(axes) == t.ndim:
        return apply("ndarray.size", x) if t.ndim > 1 else apply("shape_at", x, 0)
    found: Any = 1
    for a in axes:
        found = apply("shape_at", x, a) if literal(found) else found * apply("shape_at", x, a)
    return found


def divided(g: Any, n: Any) -> Any:
    """`g / n` for a count; an empty array has no mean, and NumPy says nan."""
    return g / n if not literal(n) or n else g * float("nan")


def sum_transpose(g: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """Every summand has the cotangent of the sum."""
    return o.unreduce(g, x, axis, keepdims)


def mean_transpose(g: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """As the sum, divided by the number of summands."""
    return o.unreduce(divided(g, o.count(x, axis)), x, axis, keepdims)


def stretched_result(y: Any, x: Any, axis: Any, keepdims: Any) -> Any:
    """The result of a reduction in a shape that broadcasts against the operand."""
    if find_builder((y, x)) is None:
        return y if axis is None or keepdims else np.expand_dims(y, axis)
    wide = kept(y, x, axis, keepdims)
    return apply("unsum", y, x, axis, keepdims) if wide is None else wide


def extremum_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """All elements that attain the extremum share its cotangent equally."""
    if is_scalar(type_at(x)):
        return (g,)
    hit = x == stretched_result(y, x, axis, keepdims)
    keywords = keywords_of(axis, keepdims)
    return (hit * stretched_result(g / apply("np.sum", hit, **keywords), x, axis, keepdims),)


def extremum_jvp(t: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The mean of the tangents of the elements that attain the extremum."""
    if is_scalar(type_at(x)):
        return t[0]
    hit = x == stretched_result(y, x, axis, keepdims)
    keywords = keywords_of(axis, keepdims)
    return apply("np.sum", hit * t[0], **keywords) / apply("np.sum", hit, **keywords)


def spread_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """Of the range, maximum minus minimum."""
    keywords = keywords_of(axis, keepdims)
    low, high = apply("np.min", x, **keywords), apply("np.max", x, **keywords)
    return (extremum_vjp(g, high, x, axis, keepdims)[0] - extremum_vjp(g, low, x, axis, keepdims)[0],)


def spread_jvp(t: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Of the range, maximum minus minimum."""
    keywords = keywords_of(axis, keepdims)
    low, high = apply("np.min", x, **keywords), apply("np.max", x, **keywords)
    return extremum_jvp(t, high, x, axis, keepdims) - extremum_jvp(t, low, x, axis, keepdims)


def _centred(x: Any, axis: Any) -> Any:
    """`x` minus its mean."""
    if axis is None:
        return x - apply("np.mean", x)
    return x - apply("np.mean", x, axis=axis, keepdims=True)


def var_vjp(g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False) -> tuple[Any]:
    """Of the variance."""
    scale = 2.0 * divided(g, o.count(x, axis) - ddof)
    return (_centred(x, axis) * o.unreduce(scale, x, axis, keepdims),)


def _mean_product(a: Any, b: Any, x: Any, axis: Any, ddof: Any, keepdims: Any) -> Any:
    keywords = keywords_of(axis, keepdims)
    return divided(apply("np.sum", a * b, **keywords), o.count(x, axis) - ddof)


def var_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    """Of the variance."""
    return 2.0 * _mean_product(_centred(x, axis), t[0], x, axis, ddof, keepdims)


def std_vjp(g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False) -> tuple[Any]:
    """Of the standard deviation; 0 where all elements are equal."""
    scale = divided(apply("safe_ratio", g, y), o.count(x, axis) - ddof)
    return (_centred(x, axis) * o.unreduce(scale, x, axis, keepdims),)


def std_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False) -> Any:
    """Of the standard deviation."""
    return apply("safe_ratio", _mean_product(_centred(x, axis), t[0], x, axis, ddof, keepdims), y)


def prod_vjp(g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> tuple[Any]:
    """The product of the other factors, right where factors are 0."""
    return (g,) if is_scalar(type_at(x)) else (apply("prod_others", x, axis) * o.unreduce(g, x, axis, keepdims),)


def prod_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """The product of the other factors, right where factors are 0."""
    keywords = keywords_of(axis, keepdims)
    return t[0] if is_scalar(type_at(x)) else apply("np.sum", apply("prod_others", x, axis) * t[0], **keywords)


def cumsum_transpose(g: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """The cumulative sum from the other end."""
    ndim = rank(x)
    if ndim == 1:
        return apply("np.cumsum", g[::-1])[::-1]
    if axis is None:
        return apply("np.reshape", apply("np.cumsum", g[::-1])[::-1], apply("np.shape", x))
    return apply("np.flip", apply("np.cumsum", apply("np.flip", g, axis), axis=axis), axis)


def no_more(*args: Any, **params: Any) -> Any:
    """The derivative of a helper that has none of its own."""
    raise NoRule("a derivative of this order has no rule here", "lower the order of differentiation")


REDUCED = (
    Sample((arr(2, 3),)), Sample((arr(2, 3), 0)), Sample((arr(2, 3),), {"axis": 1}), Sample((arr(2, 3, 2),), {"axis": (0, 2)}),
    Sample((arr(2, 3),), {"axis": -1, "keepdims": True}), Sample((0.7,)), Sample((arr(4),)), Sample((arr(3, 2),), {"keepdims": True}),
    Sample(([0.3, 0.9, -0.4],)),
)  # fmt: skip
SPREAD = REDUCED[:5] + REDUCED[6:]
_WITH_DDOF = ("a", "axis", "dtype", "out", "ddof", "keepdims")
NO_DTYPE = ("a", "axis", "out", "keepdims")

SHAPE_AT = Op("shape_at", "_0.shape[_1]", effects=Effect.NONE, shape_only=(0,))


def _int_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
    return INT


RULES = (
    linear(np.sum, transpose=sum_transpose, names=AXES, arrays=1, spelled=("x.sum()",), infer=infer_reduction, sample=calls(*REDUCED)),
    linear(np.mean, transpose=mean_transpose, names=AXES, arrays=1, spelled=("x.mean()",), infer=infer_reduction, sample=calls(*REDUCED)),
    general(np.max, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, sample=calls(*REDUCED),
        spelled=("x.max()", "np.amax")),
    general(np.min, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, sample=calls(*REDUCED),
        spelled=("x.min()", "np.amin")),
    general(np.ptp, vjp=spread_vjp, jvp=spread_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, sample=calls(*SPREAD)),
    general(np.var, vjp=var_vjp, jvp=var_jvp, names=_WITH_DDOF, arrays=1, spelled=("x.var()",), infer=infer_reduction,
        sample=calls(*SPREAD, Sample((arr(4),), {"ddof": 1}))),
    general(np.std, vjp=std_vjp, jvp=std_jvp, names=_WITH_DDOF, arrays=1, spelled=("x.std()",), infer=infer_reduction, singular=True,
        sample=calls(*SPREAD, Sample((arr(4),), {"ddof": 1}))),
    general(np.prod, vjp=prod_vjp, jvp=prod_jvp, names=AXES, arrays=1, spelled=("x.prod()",), infer=infer_reduction,
        sample=calls(*REDUCED)),
    helper(runtime.prod_others, general, names=("x", "axis"), order2=False, infer=shaped_like(0), sample=calls((arr(3),), (arr(2, 3), 1)),
        vjp=lambda g, y, x, axis=None: (apply("prod_others_slope", g, x, axis),),
        jvp=lambda t, y, x, axis=None: apply("prod_others_slope", t[0], x, axis)),
    helper(runtime.prod_others_slope, general, names=("t", "x", "axis"), operands=2, infer=shaped_like(1), vjp=no_more, jvp=no_more),
    linear(np.cumsum, transpose=cumsum_transpose, names=("a", "axis", "dtype", "out"), arrays=1, spelled=("x.cumsum()",),
        sample=calls((arr(4),), (arr(2, 3),), (arr(2, 3), 1), (arr(2, 3), 0))),
    nondiff(lambda x, k: np.shape(x)[k], name="shape_at", path="", op=SHAPE_AT, infer=_int_type),
)  # fmt: skip
