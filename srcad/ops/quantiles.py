"""Order statistics by interpolation between sorted elements: the derivative goes to the elements around, and to `q`."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ops.chains import lengths
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.infer import generic
from srcad.ops.op import listed, step_helper
from srcad.ops.reduce import infer_reduction
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, o, rank


def lines(x: Any, axis: Any) -> Any:
    """The axes that are reduced as one, the last."""
    if rank(x) == 1 and axis in (None, 0, -1):
        return x
    if axis is None or rank(x) == 0:
        return apply("np.ravel", x)
    if type(axis) is int:
        return x if axis == -1 else apply("np.moveaxis", x, axis, -1)
    ndim = rank(x)
    if ndim is None or not isinstance(axis, tuple) or not all(type(a) is int for a in axis):
        raise NoRule("a quantile over axes that are only known at run time has no rule", "write the axes as literals")
    moved = apply("np.moveaxis", x, axis, tuple(range(-len(axis), 0)))
    return apply("np.reshape", moved, (*lengths(moved)[: ndim - len(axis)], -1))


def from_lines(found: Any, x: Any, axis: Any) -> Any:
    """What was computed on `lines(x, axis)`, element by element, in the shape of `x`."""
    if rank(x) == 1:
        return found
    if axis is None or rank(x) == 0:
        return o.reshape_as(found, x)
    if type(axis) is int:
        return found if axis == -1 else apply("np.moveaxis", found, -1, axis)
    moved = apply("np.moveaxis", x, axis, tuple(range(-len(axis), 0)))
    return apply("np.moveaxis", o.reshape_as(found, moved), tuple(range(-len(axis), 0)), axis)


def put_back(found: Any, axis: Any, keepdims: Any, x: Any, q: Any) -> Any:
    """The reduced axes as axes of length 1, behind those of `q`."""
    if not keepdims:
        return found
    ndim, front = rank(x), rank(q)
    if ndim is None or front is None:
        raise NoRule("a quantile of an array of unknown rank has no rule with `keepdims`", "give the name one rank on all paths")
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return apply("np.expand_dims", found, tuple(front + a % ndim for a in axes))


def between(line: Any, place: Any, q: Any) -> Any:
    """The sorted elements around `place`, interpolated; the axes of `q` in front."""
    low = apply("np.floor", place)
    high = apply("np.ceil", place)
    below = apply("np.take", line, apply("ndarray.astype", low, np.int64), -1)
    above = apply("np.take", line, apply("ndarray.astype", high, np.int64), -1)
    found = below + (above - below) * (place - low)
    front = rank(q)
    if front is None:
        raise NoRule("a quantile with `q` of unknown rank has no rule", "give the name one rank on all paths")
    return apply("np.moveaxis", found, tuple(range(-front, 0)), tuple(range(front))) if front else found


_AROUND = {"linear": (1.0, 1.0), "hazen": (0.5, 0.5), "weibull": (0.0, 0.0), "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8), "interpolated_inverted_cdf": (0.0, 1.0)}  # fmt: skip
"""The two numbers that a continuous method is made of: Hyndman and Fan, The American Statistician 50 (1996), 361."""


def _place(q: Any, n: Any, method: str) -> Any:
    """Where a quantile lies among `n` sorted elements, counted from 0."""
    if method in _AROUND:
        alpha, beta = _AROUND[method]
        found = q * (n - 1.0) if method == "linear" else n * q + (alpha + q * (1.0 - alpha - beta)) - 1.0
        return found if method == "linear" else apply("np.clip", found, 0.0, n - 1.0)
    ends = (n - 1.0) * q
    match method:
        case "lower":
            return apply("np.floor", ends)
        case "higher":
            return apply("np.ceil", ends)
        case "midpoint":
            return 0.5 * (apply("np.floor", ends) + apply("np.ceil", ends))
        case "nearest":
            return apply("np.round", ends)
        case "inverted_cdf":
            return apply("np.maximum", apply("np.ceil", n * q - 1.0), 0.0)
    raise NoRule(f"a quantile with method {method!r} has no rule", "use another method")


def _points(q: Any, scale: float) -> Any:
    """The probabilities, as an array where they are several."""
    points = q if rank(q) == 0 else apply("np.asarray", q)
    return points * scale if scale != 1.0 else points


def _in_front(found: Any, q: Any) -> Any:
    """The axis of `q`, which is the last, as the first one; none where `q` is a number."""
    front = rank(q)
    if front is None or front > 1:
        raise NoRule("this quantile has a rule for one `q` and for a vector of them", "call it for each row of `q`")
    return apply("np.moveaxis", found, -1, 0) if front else found[..., 0]


def _weighted(line: Any, points: Any, weights: Any, q: Any, axis: Any) -> Any:
    """The element at which the weights of those that are not larger reach the share `q` of all."""
    shares = weights if rank(weights) == 1 else lines(weights, axis)
    return _in_front(apply("np.take_along_axis", line, apply("weighted_places", line, points, shares), -1), q)


def quantile_body(scale: float) -> Any:
    """`np.quantile` and, with a hundredth, `np.percentile`."""

    def body(x: Any, q: Any, axis: Any = None, keepdims: Any = False, method: Any = "linear", weights: Any = None) -> Any:
        q = listed(q, x)
        line, points = lines(x, axis), _points(q, scale)
        if weights is not None:
            return put_back(_weighted(line, points, listed(weights, x), q, axis), axis, keepdims, x, q)
        place = _place(points, apply("np.size", line, -1), method)
        return put_back(between(apply("np.sort", line), place, q), axis, keepdims, x, q)

    return body


def nanquantile_body(scale: float) -> Any:
    """As `quantile_body`, of each line's elements that are numbers."""

    def body(x: Any, q: Any, axis: Any = None, keepdims: Any = False, method: Any = "linear") -> Any:
        if method != "linear":
            raise NoRule("a quantile that skips nan has no rule for other methods", "use the method 'linear'")
        q, line = listed(q, x), lines(x, axis)
        last = apply("np.sum", apply("np.logical_not", apply("np.isnan", line)), -1, keepdims=True) - 1.0
        place = _points(q, scale) * last
        ordered, low = apply("np.sort", line), apply("np.floor", place)
        places = [apply("ndarray.astype", v, np.int64) for v in (low, apply("np.ceil", place))]
        below, above = (apply("np.take_along_axis", ordered, k, -1) for k in places)
        return put_back(_in_front(below + (above - below) * (place - low), q), axis, keepdims, x, q)

    return body


def nanmedian_body(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The middle of the elements that are numbers."""
    return nanquantile_body(1.0)(x, 0.5, axis, keepdims)


def infer_quantile(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Any:
    """As for reductions where `q` is one number."""
    if len(operands) > 1 and rank_of(operands[1]) == 0:
        return infer_reduction(spelling, args, params, operands, statics)
    return generic(spelling.object, args, params)


def rank_of(q: Any) -> int | None:
    """The rank of an abstract argument."""
    return getattr(q, "ndim", None) if hasattr(q, "shape") else 0 if not isinstance(q, list | tuple) else 1


HOLES = np.where(np.arange(12).reshape(3, 4) % 5 == 3, np.nan, arr(3, 4, seed=4))
_NAN: dict[str, Any] = {"names": ("a", "q", "axis", "out", "overwrite_input"), "operands": 2, "arrays": 1,
    "statics": ("keepdims", "method")}  # fmt: skip
_Q: dict[str, Any] = {**_NAN, "statics": ("keepdims", "method", "weights")}
_WEIGHTED = (Sample((arr(5), 0.4), {"weights": arr(5, low=0.2, seed=1), "method": "inverted_cdf"}),
    Sample((arr(2, 4), [0.35, 0.8], 1), {"weights": arr(2, 4, low=0.2, seed=1), "method": "inverted_cdf", "keepdims": True}),
    Sample((arr(4, 2), 0.6, 0), {"weights": np.array([0.0, 1.0, 2.0, 0.7]), "method": "inverted_cdf"}))  # fmt: skip
_SAMPLES = ((arr(5), 0.3), (arr(2, 4), 0.6, 1), Sample((arr(2, 3), 0.27, 0), {"keepdims": True}), (arr(5), np.array([0.1, 0.6])),
    (arr(2, 3, 4), 0.37, (0, 2)), Sample((arr(2, 4), np.array([0.15, 0.8])), {"axis": 1, "keepdims": True}))  # fmt: skip
_METHODS = tuple(Sample((arr(6, seed=n), q), {"method": m}) for m in (*_AROUND, "lower", "higher", "midpoint", "nearest", "inverted_cdf")
    for n, q in enumerate((0.46, 0.02, 0.98)))  # fmt: skip
_HUNDRED = ((arr(5), 30.0), (arr(2, 4), 60.0, 1), (arr(5), np.array([10.0, 60.0])), (arr(5), [20, 70]))

RULES = (
    composed(np.quantile, quantile_body(1.0), **_Q, infer=infer_quantile, sample=calls(*_SAMPLES, *_METHODS, *_WEIGHTED)),
    composed(np.percentile, quantile_body(0.01), **_Q, infer=infer_quantile, sample=calls(*_HUNDRED)),
    step_helper(runtime.weighted_places),
    composed(np.nanquantile, nanquantile_body(1.0), **_NAN, infer=infer_quantile,
        sample=calls((HOLES, 0.4), (HOLES, 0.3, 1), (HOLES, 0.6, 0),
            (HOLES, [0.3, 0.8], 1), Sample((HOLES, np.array([0.2, 0.7])), {"axis": 0, "keepdims": True}), (HOLES, np.array([0.35])))),
    composed(np.nanpercentile, nanquantile_body(0.01), **_NAN, infer=infer_quantile, sample=calls((HOLES, 40.0), (HOLES, 30.0, 1))),
    composed(np.nanmedian, nanmedian_body, names=("a", "axis", "out", "overwrite_input", "keepdims"), arrays=1, infer=infer_reduction,
        sample=calls((HOLES,), (HOLES, 1), Sample((HOLES,), {"axis": 0, "keepdims": True}))),
)  # fmt: skip
