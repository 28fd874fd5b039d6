"""`np.histogram`: linear in the weights, its edges in the range or in the extremes of the data; where the data fall is a step."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import View
from srcad.ops.entry import Sample
from srcad.ops.op import general, step_helper
from srcad.ops.python import part
from srcad.ops.reduce import extremum_jvp, extremum_vjp
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import constant as constant_in
from srcad.ops.trace import apply, constant, o, rank_known


def _weight(y: Any) -> Any:
    """The weight of the upper end of the range in each edge."""
    return constant(y[1], "np.linspace", 0.0, 1.0, apply("np.size", y[1]))


def _least(a: Any) -> Any:
    return apply("np.min", a, initial=np.inf)


def _greatest(a: Any) -> Any:
    return apply("np.max", a, initial=-np.inf)


def _plain(density: Any) -> None:
    if density is not None and density is not False:
        raise NoRule("`np.histogram` with `density` has no rule", "divide the counts yourself")


def histogram_vjp(g: Any, y: Any, a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """Each weight belongs to one bin; each edge is a mean of the ends, or given."""
    _plain(density)
    counts, edges = part(g, 0), part(g, 1)
    a_bar = range_bar = bins_bar = weights_bar = None
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
    _plain(density)
    edges, ends = t[1], t[2]
    if t[0] is not None and range is None and rank_known(bins, "np.histogram") != 1:
        ends = (extremum_jvp(t[:1], _least(a), a, initial=np.inf), extremum_jvp(t[:1], _greatest(a), a, initial=-np.inf))
    if ends is not None:
        w = _weight(y)
        low, high = ends
        edges = (0.0 if low is None else low * (1.0 - w)) + (0.0 if high is None else high * w)
    if t[4] is None:
        return None if weights is None else o.zeros_like(y[0]), edges
    counts = apply("np.bincount", apply("np.ravel", apply("bin_places", a, y[1])), apply("np.ravel", t[4]),
        minlength=apply("np.size", y[1]))[:-1]  # fmt: skip
    return counts, edges


_DATA = np.array([0, 1, 1, 2, 5])
_EDGES = np.array([-0.1, 0.8, 1.5, 2.2])
RULES = (
    constant_in(
        general(np.histogram, vjp=histogram_vjp, jvp=histogram_jvp, names=("a", "bins", "range", "density", "weights"), operands=5,
            name="np.histogram", view=View.MAYBE, sample=calls((_DATA, 3, (-0.1, 2.3), None, arr(5)), (_DATA, _EDGES, None, None, arr(5)),
                Sample((_DATA, 4, (-0.1, 2.3)), {}), (arr(5), 3, None, None, arr(5, seed=1)))), "np.histogram", (3,)),
    step_helper(runtime.bin_places),
)  # fmt: skip
