"""Interpolators that are fitted to differentiated values.

Their value is that of SciPy's object, and linear in what it was fitted to: `fit_along` is the fit of other values, with borders that add
nothing, and `fit_back` its transpose.
"""
from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable
from srcad.runtime.curves import grid_back, grid_forth, line_slope

_BLOCK = 256  # columns of the identity that are fitted at a time


@dataclass(frozen=True)
class Fit:
    """An interpolator as SciPy made it, how it is made of other values but for what borders add, and the axis of the points.

    `corners`: each value is a weighted mean of those at the corners around the point, on a grid that SciPy has not turned.
    `kept`: the values, where SciPy may hold on to the array that it was given.
    """

    made: Any
    make: Callable[[Any, int], Any]
    axis: int
    corners: bool = False
    kept: Any = None

    def checked(self, values: Any) -> Any:
        """The object of SciPy.  Raises NotDifferentiable if the array was written to: SciPy may see that, or work on a copy."""
        if self.kept is None or np.array_equal(self.kept, values, equal_nan=True):
            return self.made
        message = "the values of an interpolator have been changed since it was made"
        raise NotDifferentiable(message, "make it of a copy, or make it again", code="SRC303")


def _without_slopes(bc_type: Any, shape: tuple[int, ...]) -> Any:
    """Conditions at the ends with derivatives of 0."""
    if bc_type is None or isinstance(bc_type, str):
        return bc_type
    return tuple(end if end is None or isinstance(end, str) else (end[0], np.zeros(shape)) for end in bc_type)


def fit_cubic(x: Any, y: Any, axis: int = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None) -> Fit:
    """Of `scipy.interpolate.CubicSpline`."""
    from scipy.interpolate import CubicSpline  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    def make(v: Any, along: int) -> Any:
        return CubicSpline(x, v, along, _without_slopes(bc_type, tuple(np.delete(np.shape(v), along))), extrapolate)

    return Fit(CubicSpline(x, y, axis, bc_type, extrapolate), make, axis % np.ndim(y))


def fit_spline(x: Any, y: Any, k: int = 3, t: Any = None, bc_type: Any = None, axis: int = 0) -> Fit:
    """Of `scipy.interpolate.make_interp_spline`."""
    from scipy.interpolate import make_interp_spline  # noqa: PLC0415 -- srcad runs without SciPy

    made = make_interp_spline(x, y, k, t, bc_type, axis)
    return Fit(made, lambda v, along: make_interp_spline(x, v, k, t, bc_type, along), axis % np.ndim(y))


def fit_basis(t: Any, c: Any, k: int, extrapolate: Any = True, axis: int = 0) -> Fit:
    """Of `scipy.interpolate.BSpline`."""
    from scipy.interpolate import BSpline  # noqa: PLC0415 -- srcad runs without SciPy

    kept = np.array(c)
    made = BSpline(t, kept, k, extrapolate, axis)
    return Fit(made, lambda v, along: BSpline(t, v, k, extrapolate, along), axis % np.ndim(c), kept=kept)


def fit_line(
    x: Any, y: Any, kind: Any = "linear", axis: int = -1, bounds_error: Any = None, fill_value: Any = np.nan, copy: bool = True,
) -> Fit:  # fmt: skip
    """Of `scipy.interpolate.interp1d`."""
    from scipy.interpolate import interp1d  # noqa: PLC0415 -- srcad runs without SciPy

    beyond = {"fill_value": "extrapolate"} if isinstance(fill_value, str) else {"fill_value": 0.0, "bounds_error": False}
    made = interp1d(x, y, kind, axis, bounds_error=bounds_error, fill_value=fill_value)
    return Fit(made, lambda v, along: interp1d(x, v, kind, along, **beyond), axis % np.ndim(y), kept=None if copy else np.array(y))


def fit_grid(points: Any, values: Any, method: str = "linear", bounds_error: Any = True, fill_value: Any = np.nan) -> Fit:
    """Of `scipy.interpolate.RegularGridInterpolator`."""
    from scipy.interpolate import RegularGridInterpolator  # noqa: PLC0415 -- srcad runs without SciPy

    kept, beyond = np.array(values), None if fill_value is None else 0.0
    made = RegularGridInterpolator(points, kept, method, bounds_error, fill_value)
    corners = method == "linear" and all(np.all(np.diff(p) > 0) for p in points)
    return Fit(made, lambda v, _: RegularGridInterpolator(points, v, method, False, beyond), 0, corners, kept)


def _evaluated(made: Any, x: Any, nu: int) -> Any:
    if nu and type(made).__name__ == "interp1d":
        return line_slope(made, x) if nu == 1 else np.zeros_like(made(x))
    return made(x, nu) if nu else made(x)


def fit_at(fit: Fit, values: Any, x: Any, nu: int = 0) -> Any:
    """The interpolator of `values`, or its derivative of order `nu`, at the points `x`."""
    return _evaluated(fit.checked(values), x, nu)


def fit_along(fit: Fit, values: Any, x: Any, nu: int = 0) -> Any:
    """The interpolator of other values, which moves as these do."""
    return _evaluated(fit.make(values, fit.axis), x, nu)


def fit_back(g: Any, fit: Fit, values: Any, x: Any, nu: int = 0) -> Any:
    """The cotangent of the values: interpolators of the columns of the identity, a block at a time."""
    count, points = np.shape(values)[fit.axis], np.ndim(x)
    parts = []
    for start in range(0, count, _BLOCK):
        columns = np.eye(count, min(_BLOCK, count - start), -start)
        basis = _evaluated(fit.make(columns, 0), x, nu)
        parts.append(np.tensordot(basis, g, (range(points), range(fit.axis, fit.axis + points))))
    return np.moveaxis(np.concatenate(parts), 0, fit.axis).astype(np.result_type(values), copy=False)


def fit_integral(fit: Fit, values: Any, a: Any, b: Any, method: str = "integrate") -> Any:
    """The integral of the interpolator of `values` between two points."""
    return getattr(fit.checked(values), method)(a, b)


def fit_integral_along(fit: Fit, values: Any, a: Any, b: Any, method: str = "integrate") -> Any:
    """The integral of the interpolator of other values."""
    return getattr(fit.make(values, fit.axis), method)(a, b)


def fit_integral_back(g: Any, fit: Fit, values: Any, a: Any, b: Any, method: str = "integrate") -> Any:
    """The cotangent of the values: integrals of the interpolators of the columns of the identity."""
    columns = np.eye(np.shape(values)[fit.axis])
    made = fit.make(columns, 0)
    shares = np.asarray(getattr(made, method)(a, b))
    return np.moveaxis(np.multiply.outer(shares, g), 0, fit.axis).astype(np.result_type(values), copy=False)


def fit_roots(fit: Fit, values: Any, y: Any, discontinuity: bool = True, extrapolate: Any = None) -> Any:
    """Where the interpolator of `values` is `y`.  Raises NotDifferentiable where it jumps over it, or keeps it on an interval."""
    made = fit.checked(values)
    given = () if discontinuity and extrapolate is None else (discontinuity, extrapolate)
    found = made.solve(y, *given) if y or not hasattr(made, "get_residual") else made.roots()
    if not np.allclose(made(found), y, rtol=1e-6, atol=1e-8 * max(1.0, float(np.max(np.abs(values))))):
        raise NotDifferentiable("a curve jumps over a value, or keeps it", "move the value, or give discontinuity=False", code="SRC303")
    return found


def beside(t: Any, fit: Fit, values: Any) -> Any:
    """Numbers that belong to points, so that they broadcast with the values there."""
    return np.reshape(t, (*(1,) * fit.axis, *np.shape(t), *(1,) * (np.ndim(values) - 1 - fit.axis)))


def along(p: Any, fit: Fit, values: Any, x: Any) -> Any:
    """What belongs to values at points, summed up for each point: the transpose of `beside`."""
    p = np.asarray(p)
    others = tuple(k for k in range(p.ndim) if not fit.axis <= k < fit.axis + np.ndim(x))
    return np.sum(p, axis=others) if others else p


def grid_at(fit: Fit, values: Any, xi: Any) -> Any:
    """The interpolator of values on a grid at the points `xi`."""
    return fit.checked(values)(xi)


def grid_along(fit: Fit, values: Any, xi: Any) -> Any:
    """The interpolator of other values on the grid."""
    return fit.make(values, 0)(xi)


def grid_values_back(g: Any, fit: Fit, values: Any, xi: Any) -> Any:
    """The cotangent of the values on a grid: shares of the corners around each point where it is linear, else column by column."""
    grid, xi, shape = fit.made.grid, np.asarray(xi, float), np.shape(values)
    rows = np.reshape(xi, (-1, len(grid))) if len(grid) > 1 or xi.shape[-1:] == (1,) else np.reshape(xi, (-1, 1))
    bars = np.reshape(g, (len(rows), *shape[len(grid) :]))
    if fit.corners:
        found = np.zeros(shape, np.result_type(values))
        _scatter(found, bars, grid, rows, outside=fit.made.fill_value is None)
        return found
    count, parts = int(np.prod(shape[: len(grid)])), []
    for start in range(0, count, _BLOCK):
        columns = np.reshape(np.eye(count, min(_BLOCK, count - start), -start), (*shape[: len(grid)], -1))
        parts.append(np.tensordot(np.reshape(fit.make(columns, 0)(rows), (len(rows), -1)), bars, (0, 0)))
    return np.reshape(np.concatenate(parts), shape)


def grid_points_back(g: Any, fit: Fit, values: Any, xi: Any) -> Any:
    """The cotangent of the points."""
    return grid_back(g, fit.make(values, 0), xi)


def grid_points_forth(t: Any, fit: Fit, values: Any, xi: Any) -> Any:
    """The tangent that comes from the points."""
    return grid_forth(t, fit.make(values, 0), xi)


def _scatter(found: Any, bars: Any, grid: Any, rows: Any, *, outside: bool) -> None:
    """Add the shares of the corners around each point; points beyond the grid have none, unless it is extrapolated."""
    right = [np.clip(np.searchsorted(k, v, "right"), 1, len(k) - 1) for k, v in zip(grid, rows.T, strict=True)]
    upper = [(v - k[r - 1]) / (k[r] - k[r - 1]) for k, v, r in zip(grid, rows.T, right, strict=True)]
    kept = np.all([(v >= k[0]) & (v <= k[-1]) for k, v in zip(grid, rows.T, strict=True)], axis=0) | outside
    for corner in itertools.product((0, 1), repeat=len(grid)):
        share = np.where(kept, np.prod([u if c else 1.0 - u for c, u in zip(corner, upper, strict=True)], axis=0), 0.0)
        at = tuple(r - 1 + c for c, r in zip(corner, right, strict=True))
        np.add.at(found, at, np.reshape(share, (-1, *(1,) * (bars.ndim - 1))) * bars)
