"""Histograms: linear in the weights, the edges in the range or in the extremes of the data; where the data fall is a step.

Templates are not run: they are followed in place of the call.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.nodes import View
from srcad.ir.types import Array, Struct, Type
from srcad.marks import CONSTANT, FIXED, REFUSED, TYPED
from srcad.ops.entry import Sample
from srcad.ops.infer import dtype_of, generic, type_of
from srcad.ops.op import Spellings, general, step_helper
from srcad.ops.python import part
from srcad.ops.reduce import extremum_jvp, extremum_vjp
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import constant as constant_in
from srcad.ops.solver import equal_to, solver
from srcad.ops.trace import apply, constant, o, rank_known
from srcad.runtime import bin_volumes, grid_places


def _weight(y: Any) -> Any:
    """The weight of the upper end of the range in each edge."""
    return constant(y[1], "np.linspace", 0.0, 1.0, apply("np.size", y[1]))


def infer_histogram(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Types on dummies without weights, which may not fit their data; the counts have the dtype of the weights."""
    data, bins, limits, density, weights = (*operands, *(None,) * 5)[:5]
    found = generic(np.histogram, (data, bins, limits, density), {})
    if weights is None or not isinstance(found, Struct) or not isinstance(found.items[0], Array):
        return found
    own = dtype_of(type_of(weights))
    if own is None:
        return None
    dtype = np.result_type(found.items[0].dtype, own).name if _is_density(density) else own
    return Struct(tuple, (), (Array(dtype, found.items[0].shape), found.items[1]))


def _least(a: Any) -> Any:
    return apply("np.min", a, initial=np.inf)


def _greatest(a: Any) -> Any:
    return apply("np.max", a, initial=-np.inf)


def _is_density(density: Any) -> bool:
    return density is not None and density is not False


def _counted(places: Any, y: Any, weights: Any) -> Any:
    """The sum of the weights in each bin, in a row."""
    return apply("np.bincount", apply("np.ravel", places), apply("np.ravel", weights), minlength=apply("np.size", y) + 1)[:-1]


def _inside(a: Any, edges: Any, weights: Any) -> Any:
    """The sum of the weights in all bins."""
    inside = apply("np.not_equal", apply("bin_places", a, edges), apply("np.size", edges) - 1)
    return apply("np.sum", inside if weights is None else apply("np.where", inside, weights, 0.0))


def histogram_vjp(g: Any, y: Any, a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """Each weight belongs to one bin; each edge is a mean of the ends, or given.  A density is the share of a bin by its width."""
    counts, edges = part(g, 0), part(g, 1)
    a_bar = range_bar = bins_bar = weights_bar = None
    if counts is not None and _is_density(density):
        widths = apply("np.diff", y[1])
        by_width = apply("np.append", apply("np.append", 0.0, counts * y[0] / widths), 0.0)
        edges = apply("np.diff", by_width) if edges is None else edges + apply("np.diff", by_width)
        counts = (counts / widths - apply("np.sum", counts * y[0])) / _inside(a, y[1], weights)
    if edges is not None and rank_known(bins, "np.histogram") == 1:
        bins_bar = edges
    elif edges is not None:
        w = _weight(y)
        low, high = apply("np.sum", edges * (1.0 - w)), apply("np.sum", edges * w)
        if range is not None:
            range_bar = (low, high)
        else:
            a_bar = extremum_vjp(low, _least(a), a, initial=np.inf)[0] + extremum_vjp(high, _greatest(a), a, initial=-np.inf)[0]
    if counts is not None and weights is not None:
        weights_bar = apply("np.take", apply("np.append", counts, 0.0), apply("bin_places", a, y[1]))
    return a_bar, bins_bar, range_bar, None, weights_bar


def histogram_jvp(t: Any, y: Any, a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """Counts of the tangents of the weights, and how the edges move."""
    edges, ends = t[1], t[2]
    if t[0] is not None and range is None and rank_known(bins, "np.histogram") != 1:
        ends = (extremum_jvp(t[:1], _least(a), a, initial=np.inf), extremum_jvp(t[:1], _greatest(a), a, initial=-np.inf))
    if ends is not None:
        w = _weight(y)
        low, high = ends
        edges = (0.0 if low is None else low * (1.0 - w)) + (0.0 if high is None else high * w)
    counts = None if t[4] is None else _counted(apply("bin_places", a, y[1]), y[0], t[4])
    if _is_density(density):
        counts = _density_jvp(counts, edges, y, _inside(a, y[1], weights))
    if counts is not None:
        return counts, edges
    return None if edges is None else (None if weights is None else o.zeros_like(y[0]), edges)


def _density_jvp(counts: Any, edges: Any, y: Any, whole: Any) -> Any:
    """How a density moves with counts and edges."""
    widths = apply("np.diff", y[1])
    found = None if counts is None else (counts / widths - y[0] * apply("np.sum", counts)) / whole
    moved = None if edges is None else -(y[0] * apply("np.diff", edges)) / widths
    return moved if found is None else found if moved is None else found + moved


# ---- several variables -----------------------------------------------------------------------------------------------
_GIVEN = ("the bins and the range of a histogram of several variables have no derivative rule", "keep them constant")
_MOVING = ("the edges of a histogram move with the data, which is differentiated", "give the edges as arrays, or a range")


def _settled(data: Any, bins: Any, range: Any) -> Any:
    """The data, on which a histogram depends by steps where its edges are given; refused where they are not."""
    FIXED((bins, range), *_GIVEN)
    known = range is not None or isinstance(bins, np.ndarray)
    if isinstance(bins, (list, tuple)):
        known = known or not any(isinstance(b, (int, np.integer)) for b in bins)
    return CONSTANT(data) if known else FIXED(data, *_MOVING)


def _weighed(places: Any, edges: Any, density: Any, weights: Any) -> Any:
    """The sum of the weights in each bin, or its share of all by its volume."""
    volumes = bin_volumes(edges)
    counts = np.reshape(np.bincount(places, weights, minlength=np.size(volumes) + 1)[:-1], np.shape(volumes))
    return counts / volumes / np.sum(counts) if density else counts


def _histogram2d(
    solve: Any, x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None,
) -> Any:  # fmt: skip
    xs, ys = _settled((x, y), bins, range)

    def call(weights: Any) -> Any:
        found = solve(x=xs, y=ys, bins=bins, range=range, density=density, weights=weights, like=("matrix", "vector", "vector"))
        return found[0], (found[1], found[2])

    def value(edges: Any, weights: Any) -> Any:
        return _weighed(grid_places((xs, ys), edges), edges, density, weights)

    counts, (x_edges, y_edges) = equal_to(call, value, (weights,))
    return counts, x_edges, y_edges


def _histogramdd(solve: Any, sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    data = _settled(sample, bins, range)

    def call(weights: Any) -> Any:
        found = solve(sample=data, bins=bins, range=range, density=density, weights=weights)
        return found[0], TYPED(found[1], "vectors")

    def value(edges: Any, weights: Any) -> Any:
        return _weighed(grid_places(data, edges), edges, density, weights)

    return equal_to(call, value, (weights,))


# ---- statistics of the values in each bin ----------------------------------------------------------------------------
def _per_bin(statistic: Any, numbers: Any, count: Any, values: Any) -> Any:
    """The statistic of the values in each bin; bin 0 and the last one are of points outside."""
    size = np.maximum(np.bincount(numbers, minlength=count + 2), 1)
    sums = np.bincount(numbers, values, minlength=count + 2)
    if statistic == "sum":
        return sums[1:-1]
    if statistic == "mean":
        return (sums / size)[1:-1]
    away = values - (sums / size)[numbers]
    variance = (np.bincount(numbers, away * away, minlength=count + 2) / size)[1:-1]
    some = variance > 0.0
    return np.where(some, np.sqrt(np.where(some, variance, 1.0)), 0.0)


def _binned(result: Any) -> Any:
    """The template of `scipy.stats.binned_statistic`, which gives a `result`."""

    def template(solve: Any, x: Any, values: Any, statistic: Any = "mean", bins: Any = 10, range: Any = None) -> Any:
        if statistic not in ("mean", "sum", "std", "count"):
            REFUSED("`binned_statistic` of differentiated values has a rule for 'mean', 'sum', 'std' and 'count'",
                    "choose the values of each bin by its number, and compute their statistic")  # fmt: skip
        if np.ndim(values) > 1:
            REFUSED("`binned_statistic` of several sets of differentiated values has no rule", "call it for each set")
        places = _settled(x, bins, range)

        def call(values: Any) -> Any:
            found = solve(x=places, values=values, statistic=statistic, bins=bins, range=range)
            return TYPED(found[0], "vector"), (found[1], found[2])

        def value(rest: Any, values: Any) -> Any:
            return _per_bin(statistic, rest[1], len(rest[0]) - 1, np.asarray(values))

        if statistic == "count":
            found, (edges, numbers) = call(CONSTANT(values))
        else:
            found, (edges, numbers) = equal_to(call, value, (values,))
        return result(found, edges, numbers)

    return template


def binned(stats: Any) -> Spellings:
    """`scipy.stats.binned_statistic`."""
    return solver(stats.binned_statistic, _binned(stats._binned_statistic.BinnedStatisticResult), module="stats")  # noqa: SLF001 -- its class


_DATA = np.array([0, 1, 1, 2, 5])
_EDGES = np.array([-0.1, 0.8, 1.5, 2.2])
RULES = (
    constant_in(
        general(np.histogram, vjp=histogram_vjp, jvp=histogram_jvp, names=("a", "bins", "range", "density", "weights"), operands=5,
            name="np.histogram", view=View.MAYBE, infer=infer_histogram, sample=calls(
                (_DATA, 3, (-0.1, 2.3), None, arr(5)), (_DATA, _EDGES, None, None, arr(5)), Sample((_DATA, 4, (-0.1, 2.3)), {}),
                (arr(5), 3, None, None, arr(5, seed=1)), (_DATA, _EDGES, None, True, arr(5, low=0.2)),
                (arr(5), 3, (-0.1, 2.3), True, arr(5, low=0.2)), (arr(5), 3, None, True))), "np.histogram", (3,)),
    solver(np.histogram2d, _histogram2d, module="np"), solver(np.histogramdd, _histogramdd, module="np"),
    step_helper(runtime.bin_places), step_helper(runtime.grid_places), step_helper(runtime.bin_volumes),
)  # fmt: skip
