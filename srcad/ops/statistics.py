"""Reductions and transforms of data: medians, sums that skip nan, cumulative products, interpolation, grids, convolution."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import Type, dtype_kind, is_scalar
from srcad.ops.entry import Sample
from srcad.ops.compose import composed, through
from srcad.ops.infer import shaped_like, type_of
from srcad.ops.linalg import transposes_of
from srcad.ops.op import bilinear, from_array, general, helper, listed, step_helper
from srcad.ops.quantiles import HOLES, from_lines, lines
from srcad.ops.reduce import (
    AXES,
    NO_DTYPE,
    REDUCED,
    SPREAD,
    extremum_jvp,
    extremum_vjp,
    infer_reduction,
    kept_by,
    keywords_of,
    mean_transpose,
    stretched_result,
)
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, constant, known_same_shape, o, rank, rank_known, type_at


def median_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """The cotangent goes to the middle element, or half to each of the two."""
    return (apply("median_weights", x, axis) * o.unreduce(g, x, axis, keepdims),)


def median_jvp(t: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The tangent of the middle element, or the mean of two."""
    return apply("np.sum", apply("median_weights", x, axis) * t[0], **keywords_of(axis, keepdims))


def _weights_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """That of the data, real."""
    return None if dtype_kind(type_of(args[0])) == "c" else shaped_like(0)(spelling, args, params, operands, statics)


def present(x: Any, where: Any = None) -> Any:
    """Which elements a reduction looks at that skips nan."""
    good = apply("np.logical_not", apply("np.isnan", x))
    return good if where is None or where is True else apply("np.logical_and", good, where)


def nansum_transpose(
    g: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = None, initial: Any = None,
) -> Any:  # fmt: skip
    """As the sum, 0 at nan."""
    return kept_by(where, apply("np.where", apply("np.isnan", x), 0.0, o.unreduce(g, x, axis, keepdims)))


def nansum_jvp(
    t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = None, initial: Any = None,
) -> Any:  # fmt: skip
    """As the sum, 0 at nan."""
    return apply("np.sum", kept_by(where, apply("np.where", apply("np.isnan", x), 0.0, t[0])), **keywords_of(axis, keepdims))


def nanmean_vjp(g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = None) -> tuple[Any]:
    """As the sum that skips nan, divided by the number of summands."""
    good = apply("np.sum", present(x, where), **keywords_of(axis, keepdims))
    return (nansum_transpose(g / good, x, axis, None, keepdims, where),)


def nanmean_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = None) -> Any:
    """As the sum that skips nan, divided by the number of summands."""
    good = apply("np.sum", present(x, where), **keywords_of(axis, keepdims))
    return nansum_jvp(t, y, x, axis, None, keepdims, where) / good


def _wide(w: Any, x: Any, axis: Any) -> Any:
    """Weights of some axes in the rank of the data."""
    if axis is None:
        return w
    m, n = rank_known(w, "np.average"), rank_known(x, "np.average")
    if m == n:
        return w
    axes = _axes(axis, n)
    if axes != sorted(axes):
        w = apply("np.transpose", w, tuple(int(k) for k in np.argsort(axes)))
    return w[tuple(slice(None) if k in axes else None for k in range(n))]


def _axes(axis: Any, n: int) -> list[int]:
    return [a % n for a in (axis if isinstance(axis, tuple) else (axis,))]


def _narrow(wide: Any, w: Any, axis: Any) -> Any:
    """The transpose of `_wide`, for weights `w`."""
    n = rank(wide)
    if n is None or n == rank(w):
        return wide
    axes = _axes(axis, n)
    found = wide[tuple(slice(None) if k in axes else 0 for k in range(n))]
    return found if axes == sorted(axes) else apply("np.transpose", found, tuple(int(k) for k in np.argsort(np.argsort(axes))))


def _average_and_sum(x: Any, axis: Any = None, weights: Any = None, returned: Any = True, keepdims: Any = False) -> Any:
    """The average, and the sum of the weights in its shape."""
    keywords = keywords_of(axis, keepdims)
    if weights is None:
        found = apply("np.mean", x, **keywords)
        return found, constant(x, "np.ones_like", found)
    found = apply("np.average", x, axis, weights, **({"keepdims": keepdims} if keepdims else {}))
    return found, apply("np.sum", stretched(_wide(listed(weights, x), x, axis), x), **keywords)


_WITH_SUM_VJP, _WITH_SUM_JVP = through(_average_and_sum)


def average_vjp(g: Any, y: Any, x: Any, axis: Any = None, weights: Any = None, returned: Any = False, keepdims: Any = False) -> Any:
    """The mean; or weights over their sum, and differences from the mean for the weights."""
    if returned:
        return _WITH_SUM_VJP(g, y, x, axis, weights, keepdims=keepdims)
    if weights is None:
        return mean_transpose(g, x, axis, None, keepdims), None, None
    array = listed(weights, x)
    w = _wide(array, x, axis)
    total = apply("np.sum", stretched(w, x), **keywords_of(axis, keepdims))
    share = o.unreduce(g / total, x, axis, keepdims)
    w_bar = o.unbroadcast((x - stretched_result(y, x, axis, keepdims)) * share, w)
    return w * share, None, from_array(_narrow(w_bar, array, axis), weights)


def average_jvp(t: Any, y: Any, x: Any, axis: Any = None, weights: Any = None, returned: Any = False, keepdims: Any = False) -> Any:
    """The mean; or weights over their sum, and differences from the mean for the weights."""
    if returned:
        return _WITH_SUM_JVP(t, y, x, axis, weights, keepdims=keepdims)
    keywords = keywords_of(axis, keepdims)
    if weights is None:
        return apply("np.mean", t[0], **keywords)
    w = _wide(listed(weights, x), x, axis)
    total = apply("np.sum", stretched(w, x), **keywords)
    first = None if t[0] is None else apply("np.sum", w * t[0], **keywords)
    move = None if t[2] is None else _wide(listed(t[2], x), x, axis)
    second = None if move is None else apply("np.sum", (x - stretched_result(y, x, axis, keepdims)) * move, **keywords)
    return (second if first is None else first if second is None else first + second) / total


def stretched(w: Any, x: Any) -> Any:
    """Weights in the shape of the data."""
    return w if known_same_shape(w, x) else o.stretch(w, x)


def cumprod_vjp(g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> tuple[Any]:
    """The products of the other factors, right where factors are 0."""
    return (apply("np.sum", g),) if is_scalar(type_at(x)) else (apply("cumprod_back", g, x, axis),)


def cumprod_jvp(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """The products of the other factors, right where factors are 0."""
    return apply("np.atleast_1d", t[0]) if is_scalar(type_at(x)) else apply("cumprod_forth", t[0], x, axis)


def _round_body(x: Any, xp: Any, fp: Any, period: Any) -> Any:
    """Interpolation between nodes that begin again after a period."""
    order = apply("np.argsort", xp % period)
    nodes, values = (xp % period)[order], fp[order]
    nodes = apply("np.concatenate", [nodes[-1:] - period, nodes, nodes[:1] + period])
    return apply("np.interp", x % period, nodes, apply("np.concatenate", [values[-1:], values, values[:1]]))


_ROUND_VJP, _ROUND_JVP = through(_round_body)


def _within(c: Any, x: Any, xp: Any, left: Any = None, right: Any = None) -> Any:
    """`c`, and 0 for points beyond the nodes on a side for which a constant is given."""
    if left is not None:
        c = apply("np.where", x < xp[0], 0.0, c)
    return c if right is None else apply("np.where", x > xp[-1], 0.0, c)


def interp_vjp(g: Any, y: Any, x: Any, xp: Any, fp: Any, *, period: Any = None, **ends: Any) -> tuple[Any, ...]:
    """Piecewise linear in the point, the nodes and the values."""
    if period is not None:
        return _ROUND_VJP(g, y, x, xp, fp, period=period)
    by_values = apply("interp_back", _within(g, x, xp, **ends), x, xp, fp)
    return apply("interp_slope", x, xp, fp) * g, apply("interp_nodes", g, x, xp, fp), by_values


def interp_jvp(t: Any, y: Any, x: Any, xp: Any, fp: Any, *, period: Any = None, **ends: Any) -> Any:
    """Piecewise linear in the point, the nodes and the values."""
    if period is not None:
        return _ROUND_JVP(t, y, x, xp, fp, period=period)
    total = None if t[0] is None else apply("interp_slope", x, xp, fp) * t[0]
    for move, name in ((t[1], "interp_nodes_forth"), (t[2], "interp_values_forth")):
        if move is not None:
            term = apply(name, move, x, xp, fp)
            term = term if move is t[1] else _within(term, x, xp, **ends)
            total = term if total is None else total + term
    return total


def meshgrid_vjp(g: Any, y: Any, *xs: Any, indexing: Any = "xy", sparse: Any = False) -> tuple[Any, ...]:
    """The sum over the axes along which a vector was repeated."""
    if sparse:
        return tuple(o.reshape_as(g[k], x) for k, x in enumerate(xs))
    found = []
    for k in range(len(xs)):
        own = (1 - k) if indexing == "xy" and k < 2 and len(xs) > 1 else k
        others = tuple(j for j in range(len(xs)) if j != own)
        found.append(apply("np.sum", g[k], axis=others) if others else g[k])
    return tuple(bar if rank(x) == 1 else o.reshape_as(bar, x) for bar, x in zip(found, xs, strict=True))


def meshgrid_jvp(t: Any, y: Any, *xs: Any, indexing: Any = "xy", sparse: Any = False) -> Any:
    """The grid of the tangents."""
    moves = [o.zeros_like(x) if move is None else move for move, x in zip(t, xs, strict=True)]
    return apply("np.meshgrid", *moves, indexing=indexing, **({"sparse": True} if sparse else {}))


def convolve_transpose(g: Any, a: Any, v: Any, mode: Any = "full") -> tuple[Any, Any]:
    """Correlations with the other operand."""
    return apply("convolve_left", g, a, v, mode), apply("convolve_right", g, a, v, mode)


def trapezoid_body(y: Any, x: Any = None, dx: Any = None, axis: Any = -1) -> Any:
    """Half the sum of neighbours times their distance."""
    dx = 1.0 if dx is None else dx
    n = rank(y)
    if n is None or type(axis) is not int:
        raise NoRule("`np.trapezoid` along an axis that is only known at run time has no rule", "write the axis as a literal")
    before = (slice(None),) * (axis % n)
    late, early = ((*before, s) if before else s for s in (slice(1, None), slice(None, -1)))
    heights = y[late] + y[early]
    if x is None:
        return 0.5 * dx * apply("np.sum", heights, axis)
    line = rank_known(x, "np.trapezoid") == 1
    steps = apply("np.diff", x) if line else apply("np.diff", x, 1, axis)
    if line and axis % n != n - 1:
        steps = steps[(slice(None), *(None,) * (n - 1 - axis % n))]
    return 0.5 * apply("np.sum", heights * steps, axis)


def _cells(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """For each point its cell, the next node, and whether it lies inside the nodes."""
    k = apply("np.clip", apply("np.searchsorted", xp, x, "right") - 1, 0, apply("np.size", xp) - 2)
    return k, k + 1, apply("np.logical_and", x >= xp[0], x <= xp[-1])


def _place(x: Any, xp: Any) -> Any:
    """Where a point lies in its cell, between 0 and 1; 0 or 1 outside the nodes."""
    k, after, _ = _cells(x, xp)
    return apply("np.clip", (x - xp[k]) / (xp[after] - xp[k]), 0.0, 1.0)


def slope_body(x: Any, xp: Any, fp: Any) -> Any:
    """The slope of the cell of each point."""
    k, after, inside = _cells(x, xp)
    return apply("np.where", inside, (fp[after] - fp[k]) / (xp[after] - xp[k]), 0.0)


def values_back_body(g: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The cotangents of the values: two weights for each point."""
    k, after, _ = _cells(x, xp)
    place = _place(x, xp)
    return apply("scatter_add", fp, k, g * (1.0 - place)) + apply("scatter_add", fp, after, g * place)


def nodes_back_body(g: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The cotangents of the nodes."""
    return -values_back_body(slope_body(x, xp, fp) * g, x, xp, xp)


def nodes_forth_body(t: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The tangent where the nodes move."""
    return -slope_body(x, xp, fp) * apply("np.interp", x, xp, t)


def _without_each(x: Any) -> Any:
    """`[..., k, :]` is the line `x` with element k replaced by 1."""
    unit = apply("np.eye", apply("np.size", x, -1))
    return x[..., None, :] * (1.0 - unit) + unit


def cumprod_forth_body(t: Any, x: Any, axis: Any = None) -> Any:
    """The products up to each place, of all but one factor."""
    factors = apply("np.triu", apply("np.cumprod", _without_each(lines(x, axis)), -1))
    found = apply("np.sum", factors * lines(t, axis)[..., :, None], -2)
    return found if axis is None else from_lines(found, x, axis)


def cumprod_back_body(g: Any, x: Any, axis: Any = None) -> Any:
    """The transpose of `cumprod_forth`."""
    factors = apply("np.triu", apply("np.cumprod", _without_each(lines(x, axis)), -1))
    return from_lines(apply("np.sum", factors * lines(g, axis)[..., None, :], -1), x, axis)


def prod_others_body(x: Any, axis: Any = None) -> Any:
    """For each element the product of the others."""
    return from_lines(apply("np.prod", _without_each(lines(x, axis)), -1), x, axis)


_NODES = (np.array([0.0, 1.0, 2.5]), np.array([0.3, -0.7, 1.1]))
_GRID = np.array([0.1, 0.4, 0.9, 1.1])
_FOUR = ("g", "x", "xp", "fp")
_INTERP: dict[str, Any] = {"names": _FOUR, "operands": 4}
_FAR = (np.array([-0.6, 0.4, 1.7, 2.9]), *_NODES)
_POINTS = (arr(5), np.array([0.4, -0.6, 1.7, 2.9, 0.8]), *_NODES)

_STARTED = ("initial", "where")


def _some(**options: Any) -> tuple[Sample, ...]:
    where = np.arange(12).reshape(3, 4) % 3 != 2
    return (Sample((HOLES,), {"where": where, **options}), Sample((HOLES,), {"axis": 1, "where": where, "keepdims": True, **options}))


SOME = _some()

RULES = (
    general(np.median, vjp=median_vjp, jvp=median_jvp, names=("a", "axis", "out", "overwrite_input", "keepdims"), arrays=1,
        infer=infer_reduction,
        sample=calls(*SPREAD)),
    step_helper(runtime.median_weights, infer=_weights_type),
    general(np.nanmean, vjp=nanmean_vjp, jvp=nanmean_jvp, names=AXES, arrays=1, infer=infer_reduction, statics=("where",),
        sample=calls(*SPREAD, *SOME)),
    general(np.nanmax, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, statics=_STARTED,
        sample=calls(*SPREAD, *_some(initial=-0.3))),
    general(np.nanmin, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, statics=_STARTED,
        sample=calls(*SPREAD, *_some(initial=0.9))),
    general(np.average, vjp=average_vjp, jvp=average_jvp, names=("a", "axis", "weights", "returned"), operands=3, statics=("keepdims",),
        arrays=1, sample=calls((arr(4),), (arr(2, 3), 1), (arr(4), None, arr(4, low=0.2)), (arr(2, 3), 1, arr(3, low=0.2)),
            (arr(2, 3), 0, arr(2, low=0.2)), (arr(2, 3), None, arr(2, 3, low=0.2)), (arr(3), 0, [0.3, 1.2, 0.7]),
            (arr(2, 3, 4), (2, 0), arr(4, 2, low=0.2)), Sample((arr(2, 3), 1, arr(3, low=0.2)), {"returned": True}),
            Sample((arr(2, 3), None, arr(2, 3, low=0.2)), {"returned": True}), Sample((arr(2, 3), 0), {"returned": True}))),
    general(np.nansum, vjp=lambda g, y, x, **k: (nansum_transpose(g, x, **k),), jvp=nansum_jvp, names=AXES, arrays=1, infer=infer_reduction,
        statics=_STARTED, sample=calls(*REDUCED, *SOME, *_some(initial=0.4))),
    general(np.cumprod, vjp=cumprod_vjp, jvp=cumprod_jvp,
        names=("a", "axis", "dtype", "out"), arrays=1, spelled=("x.cumprod()",),
        sample=calls((arr(4),), (arr(2, 3),), (arr(2, 3), 1))),
    helper(runtime.prod_others, composed, body=prod_others_body, names=("x", "axis"), infer=shaped_like(0),
        sample=calls((arr(3),), (arr(2, 3), 1), (arr(2, 3),), (arr(2, 3, 4), (0, 2)))),
    helper(runtime.cumprod_back, composed, fresh=True, body=cumprod_back_body, names=("g", "x", "axis"), operands=2, infer=shaped_like(1),
        sample=calls((arr(3), arr(3, seed=1)), (arr(2, 3), arr(2, 3, seed=1), 0))),
    helper(runtime.cumprod_forth, composed, body=cumprod_forth_body, names=("t", "x", "axis"), operands=2,
        sample=calls((arr(3), arr(3, seed=1)), (arr(2, 3), arr(2, 3, seed=1), 0))),
    general(np.interp, vjp=interp_vjp, jvp=interp_jvp, names=("x", "xp", "fp", "left", "right", "period"), operands=3,
        arrays=3, sample=calls((0.7, *_NODES), (arr(4, low=0.1, high=2.4), *_NODES), _POINTS[1:],
            (arr(4, low=0.1), [0.0, 1.0, 2.5], [0.3, 1, 2]), Sample(_FAR, {"left": 0.4}), Sample(_FAR, {"right": 0.2}),
            Sample(_FAR, {"left": 0.4, "right": 1.2}),
            Sample((arr(4, low=-5.1, high=9.0), np.array([0.2, 2.5, 1.0]), arr(3, seed=1)), {"period": 3.0}))),
    helper(runtime.interp_back, composed, fresh=True, body=values_back_body, **_INTERP, infer=shaped_like(3), sample=calls(_POINTS)),
    helper(runtime.interp_nodes, composed, fresh=True, body=nodes_back_body, **_INTERP, infer=shaped_like(2), sample=calls(_POINTS)),
    helper(runtime.interp_nodes_forth, composed, body=nodes_forth_body, **_INTERP, sample=calls((_NODES[0], *_POINTS[1:]))),
    helper(runtime.interp_values_forth, composed, body=lambda t, x, xp, fp: apply("np.interp", x, xp, t), **_INTERP,
        sample=calls((_NODES[0], *_POINTS[1:]))),
    helper(runtime.interp_slope, composed, body=slope_body, names=_FOUR[1:], operands=3, sample=calls(_POINTS[1:])),
    general(np.meshgrid, vjp=meshgrid_vjp, jvp=meshgrid_jvp, names=("*xs",), statics=("indexing", "sparse"),
        sample=calls((arr(2), arr(3)), Sample((arr(2), arr(3)), {"indexing": "ij"}),
            Sample((arr(2), arr(3)), {"sparse": True}))),
    bilinear(np.convolve, transpose=convolve_transpose, names=("a", "v", "mode"),
        sample=calls((arr(4), arr(2)), (arr(4), arr(3), "same"), (arr(4), arr(2), "valid"))),
    *transposes_of("np.convolve", runtime.convolve_left, runtime.convolve_right, "mode",
        sample=calls((arr(5), arr(4), arr(2), "full"), (arr(4), arr(4), arr(2), "same"))),
    composed(np.trapezoid, trapezoid_body, names=("y", "x", "dx", "axis"), operands=3, arrays=2,
        sample=calls((arr(4),), (arr(4), _GRID), Sample((arr(2, 4),), {"dx": 0.5}), (arr(2, 4), _GRID), (arr(4, 2), _GRID, 1.0, 0),
            (arr(4), None, 0.3), (arr(2, 4), arr(2, 4, seed=1)))),
)  # fmt: skip
