"""Helpers for interpolators: objects that are called with points and, where they know it, the order of a derivative."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NoRule


def spline_back(g: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """The cotangent of the points of a piecewise polynomial: its values have axes of their own around those of the points."""
    product = np.asarray(g) * spline(x, nu + 1, extrapolate)
    first, count = spline.axis, np.ndim(x)
    others = tuple(k for k in range(product.ndim) if not first <= k < first + count)
    return np.sum(product, axis=others) if others else product


def spline_forth(t: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """The tangent of the values from that of the points."""
    slope = np.asarray(spline(x, nu + 1, extrapolate))
    return slope * np.reshape(t, (*np.shape(x), *(1,) * (slope.ndim - spline.axis - np.ndim(x))))


def line_slope(line: Any, x: Any) -> Any:
    """The derivative of `scipy.interpolate.interp1d`: of straight lines, or of steps; to the right of a knot that is hit."""
    kind = getattr(line, "_kind", "")
    if kind in ("nearest", "nearest-up", "previous", "next", "zero"):
        return np.zeros_like(line(x))
    if kind not in ("linear", "slinear"):
        raise NoRule(f"`interp1d` of kind {kind!r} has no derivative rule", "use CubicSpline, make_interp_spline, or kind='linear'")
    knots = line.x
    points = np.asarray(x, float)
    right = np.clip(np.searchsorted(knots, points, "right"), 1, len(knots) - 1)
    low, high = line(knots[right - 1]), line(knots[right])
    shape = (1,) * line.axis + points.shape + (1,) * (np.ndim(low) - line.axis - points.ndim)
    slope = (high - low) / np.reshape(knots[right] - knots[right - 1], shape)
    if np.ndim(line.fill_value) == 0 and isinstance(line.fill_value, str):  # "extrapolate"
        return slope
    return slope * np.reshape((points >= knots[0]) & (points <= knots[-1]), shape)


def line_back(g: Any, line: Any, x: Any) -> Any:
    """The cotangent of the points of `interp1d`."""
    product = np.asarray(g) * line_slope(line, x)
    others = tuple(k for k in range(product.ndim) if not line.axis <= k < line.axis + np.ndim(x))
    return np.sum(product, axis=others) if others else product


def line_forth(t: Any, line: Any, x: Any) -> Any:
    """The tangent of the values of `interp1d`."""
    slope = np.asarray(line_slope(line, x))
    return slope * np.reshape(t, (*np.shape(x), *(1,) * (slope.ndim - line.axis - np.ndim(x))))


def grid_slopes(grid: Any, xi: Any, method: Any = None) -> Any:
    """The derivatives of `RegularGridInterpolator` by each coordinate, along a new last axis."""
    how = method or grid.method
    points = np.asarray(xi, float)
    count = len(grid.grid)
    if how == "nearest":
        return np.zeros((*np.shape(grid(points, how)), count))
    if how != "linear":
        return np.stack([grid(points, how, nu=np.eye(count, dtype=int)[k]) for k in range(count)], axis=-1)
    slopes = []
    inside = np.ones(points.shape[:-1], bool)
    for k, knots in enumerate(grid.grid):
        inside &= (points[..., k] >= knots[0]) & (points[..., k] <= knots[-1])
    for k, knots in enumerate(grid.grid):
        right = np.clip(np.searchsorted(knots, points[..., k], "right"), 1, len(knots) - 1)
        ends = []
        for end in (knots[right - 1], knots[right]):
            moved = points.copy()
            moved[..., k] = end
            ends.append(grid(moved, how))
        extra = (1,) * (np.ndim(ends[0]) - inside.ndim)
        width = np.reshape(knots[right] - knots[right - 1], inside.shape + extra)
        kept = np.reshape(inside | (grid.fill_value is None), inside.shape + extra)
        slopes.append(np.where(kept, (ends[1] - ends[0]) / width, 0.0))
    return np.stack(slopes, axis=-1)


def grid_back(g: Any, grid: Any, xi: Any, method: Any = None) -> Any:
    """The cotangent of the points of `RegularGridInterpolator`."""
    product = np.asarray(g)[..., None] * grid_slopes(grid, xi, method)
    others = tuple(range(np.ndim(xi) - 1, product.ndim - 1))
    return np.reshape(np.sum(product, axis=others) if others else product, np.shape(xi))


def grid_forth(t: Any, grid: Any, xi: Any, method: Any = None) -> Any:
    """The tangent of the values of `RegularGridInterpolator`."""
    slopes = grid_slopes(grid, xi, method)
    move = np.reshape(t, (*np.shape(xi)[:-1], *(1,) * (slopes.ndim - np.ndim(xi)), np.shape(xi)[-1]))
    return np.sum(slopes * move, axis=-1)
