"""Reductions and transforms of data: medians, sums that skip nan, cumulative products, interpolation, grids, padding, convolution."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import is_scalar
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.op import bilinear, general, helper, linear, step_helper
from srcad.ops.reduce import (
    AXES,
    NO_DTYPE,
    REDUCED,
    SPREAD,
    extremum_jvp,
    extremum_vjp,
    infer_reduction,
    keywords_of,
    mean_transpose,
    no_more,
)
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, known_same_shape, o, rank, type_at


def median_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """The cotangent goes to the middle element, or half to each of the two."""
    return (apply("median_weights", x, axis) * o.unreduce(g, x, axis, keepdims),)


def median_jvp(t: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The tangent of the middle element, or the mean of two."""
    return apply("np.sum", apply("median_weights", x, axis) * t[0], **keywords_of(axis, keepdims))


def nansum_transpose(g: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """As the sum, 0 at nan."""
    return apply("np.where", apply("np.isnan", x), 0.0, o.unreduce(g, x, axis, keepdims))


def nansum_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """As the sum, 0 at nan."""
    return apply("np.sum", apply("np.where", apply("np.isnan", x), 0.0, t[0]), **keywords_of(axis, keepdims))


def nanmean_vjp(g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> tuple[Any]:
    """As the sum that skips nan, divided by the number of summands."""
    good = apply("np.sum", apply("np.logical_not", apply("np.isnan", x)), **keywords_of(axis, keepdims))
    return (nansum_transpose(g / good, x, axis, None, keepdims),)


def nanmean_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """As the sum that skips nan, divided by the number of summands."""
    good = apply("np.sum", apply("np.logical_not", apply("np.isnan", x)), **keywords_of(axis, keepdims))
    return nansum_jvp(t, y, x, axis, None, keepdims) / good


def _wide(w: Any, x: Any, axis: Any) -> Any:
    """Weights of one axis in the rank of the data."""
    m, n = rank(w), rank(x)
    if m == n or type(axis) is not int or m is None or n is None:
        return w
    return w[tuple(slice(None) if k == axis % n else None for k in range(n))]


def _check_average(returned: Any) -> None:
    if returned:
        raise NoRule("`np.average` with `returned=True` has no rule", "compute the sum of the weights apart")


def average_vjp(g: Any, y: Any, x: Any, axis: Any = None, weights: Any = None, returned: Any = False, keepdims: Any = False) -> Any:
    """The mean; or weights over their sum, and differences from the mean for the weights."""
    _check_average(returned)
    if weights is None:
        return mean_transpose(g, x, axis, None, keepdims), None, None
    w = _wide(weights, x, axis)
    total = apply("np.sum", stretched(w, x), **keywords_of(axis, keepdims))
    share = o.unreduce(g / total, x, axis, keepdims)
    mean = o.unreduce(y, x, axis, keepdims)
    w_bar = o.unbroadcast((x - mean) * share, w)
    return w * share, None, o.reshape_as(w_bar, weights)


def average_jvp(t: Any, y: Any, x: Any, axis: Any = None, weights: Any = None, returned: Any = False, keepdims: Any = False) -> Any:
    """The mean; or weights over their sum, and differences from the mean for the weights."""
    _check_average(returned)
    keywords = keywords_of(axis, keepdims)
    if weights is None:
        return apply("np.mean", t[0], **keywords)
    w = _wide(weights, x, axis)
    total = apply("np.sum", stretched(w, x), **keywords)
    first = None if t[0] is None else apply("np.sum", w * t[0], **keywords)
    second = None if t[2] is None else apply("np.sum", (x - o.unreduce(y, x, axis, keepdims)) * _wide(t[2], x, axis), **keywords)
    return (second if first is None else first if second is None else first + second) / total


def stretched(w: Any, x: Any) -> Any:
    """Weights in the shape of the data."""
    return w if known_same_shape(w, x) else o.stretch(w, x)


def quantile_vjp(g: Any, y: Any, x: Any, q: Any, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """The cotangent goes to the two elements around the quantile."""
    return (apply("quantile_weights", x, q, axis) * o.unreduce(g, x, axis, keepdims),)


def quantile_jvp(t: Any, y: Any, x: Any, q: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The weighted tangents of the two elements around the quantile."""
    return apply("np.sum", apply("quantile_weights", x, q, axis) * t[0], **keywords_of(axis, keepdims))


def percentile_vjp(g: Any, y: Any, x: Any, q: Any, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """The quantile of a hundredth."""
    return quantile_vjp(g, y, x, q / 100.0, axis, keepdims)


def percentile_jvp(t: Any, y: Any, x: Any, q: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The quantile of a hundredth."""
    return quantile_jvp(t, y, x, q / 100.0, axis, keepdims)


def cumprod_vjp(g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> tuple[Any]:
    """The products of the other factors, right where factors are 0."""
    return (g,) if is_scalar(type_at(x)) else (apply("cumprod_back", g, x, axis),)


def cumprod_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """The products of the other factors, right where factors are 0."""
    return t[0] if is_scalar(type_at(x)) else apply("cumprod_forth", t[0], x, axis)


def interp_vjp(g: Any, y: Any, x: Any, xp: Any, fp: Any, *ends: Any) -> tuple[Any, ...]:
    """Piecewise linear in the point and in the values; nodes are constant."""
    return apply("interp_slope", x, xp, fp) * g, apply("interp_nodes", g, x, xp, fp), apply("interp_back", g, x, xp, fp)


def interp_jvp(t: Any, y: Any, x: Any, xp: Any, fp: Any, *ends: Any) -> Any:
    """Piecewise linear in the point and in the values."""
    total = None if t[0] is None else apply("interp_slope", x, xp, fp) * t[0]
    for move, name in ((t[1], "interp_nodes_forth"), (t[2], "interp_values_forth")):
        if move is not None:
            term = apply(name, move, x, xp, fp)
            total = term if total is None else total + term
    return total


def meshgrid_vjp(g: Any, y: Any, *xs: Any, indexing: Any = "xy") -> tuple[Any, ...]:
    """The sum over the axes along which a vector was repeated."""
    found = []
    for k in range(len(xs)):
        own = (1 - k) if indexing == "xy" and k < 2 and len(xs) > 1 else k
        others = tuple(j for j in range(len(xs)) if j != own)
        found.append(apply("np.sum", g[k], axis=others) if others else g[k])
    return tuple(found)


def meshgrid_jvp(t: Any, y: Any, *xs: Any, indexing: Any = "xy") -> Any:
    """The grid of the tangents."""
    moves = [o.zeros_like(x) if move is None else move for move, x in zip(t, xs, strict=True)]
    return apply("np.meshgrid", *moves, indexing=indexing)


def pad_transpose(g: Any, x: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = 0) -> Any:
    """The part that is not padding."""
    return apply("pad_back", g, x, pad_width) if mode == "constant" else no_more()


def pad_jvp(t: Any, y: Any, x: Any, pad_width: Any, mode: Any = "constant", constant_values: Any = 0) -> Any:
    """Zeros around the tangent."""
    return apply("np.pad", t[0], pad_width) if mode == "constant" else no_more()


def convolve_transpose(g: Any, a: Any, v: Any, mode: Any = "full") -> tuple[Any, Any]:
    """Correlations with the other operand."""
    return apply("convolve_left", g, a, v, mode), apply("convolve_right", g, a, v, mode)


def trapezoid_vjp(g: Any, y: Any, values: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> tuple[Any, Any]:
    """Weights of the rule, and differences of neighbours for the nodes."""
    return apply("trapezoid_back", g, values, x, dx, axis), None if x is None else apply("trapezoid_nodes", g, values, x, axis)


def trapezoid_jvp(t: Any, y: Any, values: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """The rule is linear in the values and in the nodes."""
    first = None if t[0] is None else apply("np.trapezoid", t[0], x, dx, axis)
    second = None if t[1] is None else apply("np.trapezoid", values, t[1], dx, axis)
    return second if first is None else first if second is None else first + second


def _last(fn: Any, names: tuple[str, ...], operands: int, infer: Any = None) -> Any:
    """A helper without a derivative of its own."""
    return helper(fn, general, names=names, operands=operands, vjp=no_more, jvp=no_more, infer=infer)


_NODES = (np.array([0.0, 1.0, 2.5]), np.array([0.3, -0.7, 1.1]))
_QUANTILES = tuple(Sample((x,), p) for x, p in ((arr(5), {"q": 0.3}), (arr(2, 4), {"q": 0.5, "axis": 1}), (arr(2, 3), {"q": 0.25})))
_GRID = np.array([0.1, 0.4, 0.9, 1.1])
_FOUR = ("g", "x", "xp", "fp")

RULES = (
    general(np.median, vjp=median_vjp, jvp=median_jvp, names=("a", "axis", "out", "overwrite_input", "keepdims"), arrays=1,
        infer=infer_reduction,
        sample=calls(*SPREAD)),
    step_helper(runtime.median_weights, infer=shaped_like(0)),
    step_helper(runtime.quantile_weights, infer=shaped_like(0)),
    general(np.quantile, vjp=quantile_vjp, jvp=quantile_jvp, names=("a", "q", "axis"), statics=("keepdims",), arrays=1, order2=False,
        infer=infer_reduction, sample=calls(*_QUANTILES)),
    general(np.percentile, vjp=percentile_vjp, jvp=percentile_jvp, names=("a", "q", "axis"), statics=("keepdims",), arrays=1, order2=False,
        infer=infer_reduction, sample=calls((arr(5), 30), (arr(2, 4), 50, 1))),
    general(np.nanmean, vjp=nanmean_vjp, jvp=nanmean_jvp, names=AXES, arrays=1, infer=infer_reduction, sample=calls(*SPREAD)),
    general(np.nanmax, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, sample=calls(*SPREAD)),
    general(np.nanmin, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, sample=calls(*SPREAD)),
    general(np.average, vjp=average_vjp, jvp=average_jvp, names=("a", "axis", "weights", "returned"), operands=3, statics=("keepdims",),
        arrays=1, sample=calls((arr(4),), (arr(2, 3), 1), (arr(4), None, arr(4, low=0.2)), (arr(2, 3), 1, arr(3, low=0.2)),
            (arr(2, 3), 0, arr(2, low=0.2)), (arr(2, 3), None, arr(2, 3, low=0.2)))),
    general(np.nansum, vjp=lambda g, y, x, **k: (nansum_transpose(g, x, **k),), jvp=nansum_jvp, names=AXES, arrays=1, infer=infer_reduction,
        sample=calls(*REDUCED)),
    general(np.cumprod, vjp=cumprod_vjp, jvp=cumprod_jvp,
        names=("a", "axis", "dtype", "out"), arrays=1, spelled=("x.cumprod()",), order2=False,
        sample=calls((arr(4),), (arr(2, 3),), (arr(2, 3), 1))),
    _last(runtime.cumprod_back, ("g", "x", "axis"), 2, shaped_like(1)), _last(runtime.cumprod_forth, ("t", "x", "axis"), 2),
    general(np.interp, vjp=interp_vjp, jvp=interp_jvp, names=("x", "xp", "fp", "left", "right"), operands=3, order2=False,
        sample=calls((0.7, *_NODES), (arr(4, low=0.1, high=2.4), *_NODES))),
    _last(runtime.interp_back, _FOUR, 4, shaped_like(3)), _last(runtime.interp_nodes, _FOUR, 4, shaped_like(2)),
    _last(runtime.interp_nodes_forth, _FOUR, 4), _last(runtime.interp_values_forth, _FOUR, 4), _last(runtime.interp_slope, _FOUR[1:], 3),
    general(np.meshgrid, vjp=meshgrid_vjp, jvp=meshgrid_jvp, names=("*xs",), statics=("indexing",),
        sample=calls((arr(2), arr(3)), Sample((arr(2), arr(3)), {"indexing": "ij"}))),
    general(np.pad, vjp=lambda g, y, x, **k: (pad_transpose(g, x, **k),), jvp=pad_jvp, names=("array", "pad_width", "mode"),
        statics=("constant_values",), sample=calls((arr(3), 1), (arr(2, 3), ((1, 0), (2, 1))))),
    helper(runtime.pad_back, linear, names=("g", "x", "width"),
        operands=2, transpose=lambda c, g, x, width: apply("np.pad", c, width), infer=shaped_like(1),
        sample=calls((arr(5), arr(3), 1))),
    bilinear(np.convolve, transpose=convolve_transpose, names=("a", "v", "mode"),
        sample=calls((arr(4), arr(2)), (arr(4), arr(3), "same"), (arr(4), arr(2), "valid"))),
    _last(runtime.convolve_left, ("g", "a", "v", "mode"), 3, shaped_like(1)),
    _last(runtime.convolve_right, ("g", "a", "v", "mode"), 3, shaped_like(2)),
    general(np.trapezoid, vjp=trapezoid_vjp, jvp=trapezoid_jvp, names=("y", "x", "dx", "axis"), operands=2, arrays=1, order2=False,
        sample=calls((arr(4),), (arr(4), _GRID), Sample((arr(2, 4),), {"dx": 0.5}), (arr(2, 4), _GRID))),
    _last(runtime.trapezoid_back, ("g", "y", "x", "dx", "axis"), 3, shaped_like(1)),
    _last(runtime.trapezoid_nodes, ("g", "y", "x", "axis"), 3, shaped_like(2)),
)  # fmt: skip
