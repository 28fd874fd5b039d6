"""Derivatives of functions of data: medians, cumulative products, interpolation, padding, convolution, quadrature."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable


def median_weights(x: Any, axis: Any = None) -> Any:
    """The weight of each element in the median over `axis`."""
    a = np.asarray(x)
    axes = tuple(range(a.ndim)) if axis is None else tuple(k % a.ndim for k in (axis if isinstance(axis, tuple) else (axis,)))
    moved = np.moveaxis(a, axes, range(-len(axes), 0))
    kept = moved.shape[: a.ndim - len(axes)]
    flat = moved.reshape(*kept, math.prod(moved.shape[len(kept) :]))
    order, n = np.argsort(flat, -1, kind="stable"), flat.shape[-1]
    weights = np.zeros(flat.shape, a.dtype if a.dtype.kind == "f" else float)
    middle = order[..., (n - 1) // 2 : n // 2 + 1]
    np.put_along_axis(weights, middle, 1.0 / middle.shape[-1], -1)
    return np.moveaxis(weights.reshape(moved.shape), range(-len(axes), 0), axes)


def _factors(x: Any, axis: Any) -> Any:
    """At `[..., i, k]` the derivative of the i-th cumulative product with respect to the k-th factor."""
    a = np.moveaxis(np.asarray(x), axis, -1)
    n = a.shape[-1]
    found = np.zeros((*a.shape, n), a.dtype)
    for k in range(n):
        found[..., k:, k] = np.cumprod(np.concatenate([np.prod(a[..., :k], -1, keepdims=True), a[..., k + 1 :]], -1), -1)
    return found


def cumprod_back(g: Any, x: Any, axis: Any = None) -> Any:
    """The cotangent of `x` in `np.cumprod(x, axis)`."""
    if axis is None or not np.ndim(x):
        return np.reshape(cumprod_back(g, np.ravel(x), 0), np.shape(x))
    return np.moveaxis(np.einsum("...ik,...i->...k", _factors(x, axis), np.moveaxis(g, axis, -1)), -1, axis)


def cumprod_forth(t: Any, x: Any, axis: Any = None) -> Any:
    """The tangent of `np.cumprod(x, axis)`."""
    if axis is None or not np.ndim(x):
        return cumprod_forth(np.ravel(t), np.ravel(x), 0)
    return np.moveaxis(np.einsum("...ik,...k->...i", _factors(x, axis), np.moveaxis(t, axis, -1)), -1, axis)


def _floating(x: Any) -> Any:
    dtype = np.asarray(x).dtype
    return dtype if dtype.kind in "fc" else np.float64


def _cells(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """For each point its cell, its place in the cell, and whether it lies inside the nodes."""
    xp = np.asarray(xp)
    k = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 2)
    inside = (np.asarray(x) >= xp[0]) & (np.asarray(x) <= xp[-1])
    place = np.where(inside, (x - xp[k]) / (xp[k + 1] - xp[k]), np.where(np.asarray(x) < xp[0], 0.0, 1.0))
    return k, place, inside


def interp_slope(x: Any, xp: Any, fp: Any) -> Any:
    """The derivative of `np.interp` with respect to the point."""
    k, _, inside = _cells(x, xp)
    xp, fp = np.asarray(xp), np.asarray(fp)
    return np.where(inside, (fp[k + 1] - fp[k]) / (xp[k + 1] - xp[k]), 0.0)[()]


def interp_back(g: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The cotangent of the values in `np.interp`."""
    k, place, _ = _cells(x, xp)
    found = np.zeros(np.shape(fp), _floating(fp))
    np.add.at(found, k, g * (1.0 - place))
    np.add.at(found, k + 1, g * place)
    return found


def interp_nodes(g: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The cotangent of the nodes in `np.interp`."""
    k, place, inside = _cells(x, xp)
    slope = np.where(inside, interp_slope(x, xp, fp), 0.0) * g
    found = np.zeros(np.shape(xp), _floating(xp))
    np.add.at(found, k, -slope * (1.0 - place))
    np.add.at(found, k + 1, -slope * place)
    return found


def interp_values_forth(t: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The tangent of `np.interp` when its values move."""
    return np.interp(x, xp, t)


def interp_nodes_forth(t: Any, x: Any, xp: Any, fp: Any) -> Any:
    """The tangent of `np.interp` when its nodes move."""
    k, place, inside = _cells(x, xp)
    t = np.asarray(t)
    return (-np.where(inside, interp_slope(x, xp, fp), 0.0) * ((1.0 - place) * t[k] + place * t[k + 1]))[()]


def pad_back(g: Any, x: Any, width: Any) -> Any:
    """The cotangent of `x` in `np.pad(x, width)`."""
    if isinstance(width, dict):  # by axis
        around = {k % np.ndim(x): v for k, v in width.items()}
        width = [np.broadcast_to(around.get(k, 0), 2) for k in range(np.ndim(x))]
    pairs = np.broadcast_to(width, (np.ndim(x), 2))
    return g[tuple(slice(lo, lo + n) for (lo, _), n in zip(pairs, np.shape(x), strict=True))]


def padding_back(g: Any, x: Any, value: Any, option: str, pad_width: Any, mode: str = "constant") -> Any:
    """The cotangent of the numbers `value` in `np.pad(x, pad_width, mode, **{option: value})`, which is linear in them."""
    found, nothing = np.zeros(np.shape(value), np.asarray(g).dtype), np.zeros(np.shape(x))
    for place in np.ndindex(found.shape):
        unit = np.zeros(found.shape)
        unit[place] = 1.0
        found[place] = np.sum(g * np.pad(nothing, pad_width, mode, **{option: unit}))  # type: ignore[call-overload]  # its name
    return found[()]


def _full(g: Any, a: Any, v: Any, mode: str) -> Any:
    """The cotangent of the full convolution."""
    n, m = np.size(a), np.size(v)
    if mode == "full":
        return g
    start = (min(n, m) - 1) // 2 if mode == "same" else min(n, m) - 1
    found = np.zeros(n + m - 1, np.asarray(g).dtype)
    found[start : start + len(g)] = g
    return found


def convolve_left(g: Any, a: Any, v: Any, mode: str = "full") -> Any:
    """The cotangent of `a` in `np.convolve(a, v, mode)`."""
    return _correlated(_full(g, a, v, mode), np.atleast_1d(v), a)


def convolve_right(g: Any, a: Any, v: Any, mode: str = "full") -> Any:
    """The cotangent of `v` in `np.convolve(a, v, mode)`."""
    return _correlated(_full(g, a, v, mode), np.atleast_1d(a), v)


def _correlated(g: Any, other: Any, x: Any) -> Any:
    """The cotangent of `x`, a vector or a number."""
    found = np.convolve(g, other[::-1], "full")[len(other) - 1 : len(other) - 1 + np.size(x)]
    return np.reshape(found, np.shape(x))


def polyval_back(g: Any, p: Any, x: Any) -> Any:
    """The cotangent of the coefficients in `np.polyval(p, x)`."""
    powers = np.vander(np.ravel(x), len(p))
    return np.ravel(g) @ powers


def polyder_back(g: Any, p: Any, m: int = 1) -> Any:
    """The cotangent of `p` in `np.polyder(p, m)`."""
    n = len(p) - m
    found = np.zeros(len(p), np.asarray(g).dtype)
    for k in range(max(n, 0)):
        power = len(p) - 1 - k
        found[k] = g[k] * np.prod([power - j for j in range(m)])
    return found


def vander_slope(x: Any, N: Any = None, increasing: bool = False) -> Any:  # noqa: N803 - NumPy's word
    """The derivative of each element of `np.vander(x, N, increasing)` with respect to its point."""
    x = np.asarray(x)
    n = len(x) if N is None else N
    powers = np.arange(n) if increasing else np.arange(n)[::-1]
    return powers * x[:, None] ** np.maximum(powers - 1, 0)


def fit_inverse(x: Any, deg: int, w: Any = None) -> Any:
    """The matrix that makes the coefficients of `np.polyfit(x, y, deg, w=w)` of the values, times their weights."""
    powers = np.vander(np.asarray(x) + 0.0, deg + 1)
    if w is not None:
        powers = powers * np.asarray(w)[:, None]
    size = np.sqrt(np.sum(powers * powers, 0))
    return np.linalg.pinv(powers / size, len(powers) * np.finfo(powers.dtype).eps) / size[:, None]


def of_full_rank(inverse: Any) -> Any:
    """`inverse`, a matrix of `fit_inverse`.  Raises NotDifferentiable if there are more coefficients than the points determine."""
    if np.linalg.matrix_rank(inverse / np.linalg.norm(inverse, axis=1, keepdims=True)) < len(inverse):
        message = "np.polyfit is given fewer points than coefficients, and has no derivative with respect to points or weights"
        raise NotDifferentiable(message, "lower the degree, or give more points")
    return inverse


def bin_places(a: Any, edges: Any) -> Any:
    """In which bin of `np.histogram` each element is; the number of bins for those outside."""
    inside = (a >= edges[0]) & (a <= edges[-1])
    last = len(edges) - 2
    return np.where(inside, np.clip(np.searchsorted(edges, a, "right") - 1, 0, last), last + 1)


def grid_places(data: Any, edges: Any) -> Any:
    """In which bin of `np.histogramdd` each point is, counted along the last axis first; the number of bins for points outside.

    `data` is an array with a row for each point, or a sequence with an array for each variable.
    """
    columns = list(np.asarray(data).T) if isinstance(data, np.ndarray) else [np.asarray(x) for x in data]
    places = [bin_places(x, e) for x, e in zip(columns, edges, strict=True)]
    lengths = [len(e) - 1 for e in edges]
    inside = np.logical_and.reduce([p < n for p, n in zip(places, lengths, strict=True)])
    found = np.ravel_multi_index([np.where(inside, p, 0) for p in places], lengths)
    return np.where(inside, found, int(np.prod(lengths)))


def bin_volumes(edges: Any) -> Any:
    """The volume of each bin of `np.histogramdd`."""
    found = np.ones(())
    for e in edges:
        found = np.multiply.outer(found, np.diff(e))
    return found


def weighted_places(x: Any, q: Any, weights: Any) -> Any:
    """Where `np.quantile` with weights and the method 'inverted_cdf' finds its elements in the lines of `x`: a last axis for `q`."""
    order, weights = np.argsort(x, -1), np.asarray(weights)
    shares = weights[order] if np.ndim(weights) == 1 else np.take_along_axis(weights, order, -1)
    reached = np.cumsum(shares, -1, dtype=float)
    reached /= reached[..., -1:]
    reached[reached == 0.0] = -1.0  # what has no weight is not found at 0
    below = np.sum(reached[..., None, :] < np.reshape(q, (-1, 1)), -1)
    return np.take_along_axis(order, np.minimum(below, np.shape(x)[-1] - 1), -1)


def _add_slope_at_end(bar: Any, g: Any, near: Any, far: Any) -> None:
    """The transpose of the slope at the first of three points, of the parabola through them."""
    whole = near + far
    bar[0] -= (near + whole) / (near * whole) * g
    bar[1] += whole / (near * far) * g
    bar[2] -= near / (far * whole) * g


def gradient_back(g: Any, f: Any, h: Any, axis: int = 0, edge_order: int = 1) -> Any:
    """The cotangent of `f` in `np.gradient(f, h, axis=axis, edge_order=edge_order)`, for one axis; `h` is a distance or coordinates."""
    found = np.zeros(np.shape(f), np.result_type(g, f))
    bar, g = np.moveaxis(found, axis, 0), np.moveaxis(g, axis, 0)
    steps = np.diff(h) if np.ndim(h) else np.full(len(bar) - 1, h)
    one, two = (np.reshape(s, (-1, *(1,) * (bar.ndim - 1))) for s in (steps[:-1], steps[1:]))
    bar[2:] += one / (two * (one + two)) * g[1:-1]
    bar[:-2] -= two / (one * (one + two)) * g[1:-1]
    if np.ndim(h):
        bar[1:-1] += (two - one) / (one * two) * g[1:-1]
    if edge_order == 1:
        first, last = g[0] / steps[0], g[-1] / steps[-1]
        bar[1] += first
        bar[0] -= first
        bar[-1] += last
        bar[-2] -= last
    else:
        _add_slope_at_end(bar, g[0], steps[0], steps[1])
        _add_slope_at_end(bar[::-1], -g[-1], steps[-1], steps[-2])
    return found
