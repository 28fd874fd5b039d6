"""Derivatives of SciPy's interpolators by the points, and of linear interpolation between scattered points by its values."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable
from srcad.runtime.fits import Fit


def spline_slope(x: Any, spline: Any, nu: int = 1, ext: Any = None) -> Any:
    """The derivative of order `nu` of a spline of FITPACK, which is a class or a tuple of knots, coefficients and degree."""
    from scipy.interpolate import BSpline, splev  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    if isinstance(spline, BSpline):
        return spline(x, nu)
    parts = spline if isinstance(spline, tuple) else spline._eval_args  # noqa: SLF001 -- what its methods hand to FITPACK
    how = getattr(spline, "ext", 0) if ext is None else ext
    knots, _, k = parts
    if nu > k:
        return np.zeros(np.shape(x))
    found = splev(x, parts, nu, 1 if how in (1, 3, "zeros", "const") else 0)
    if how in (3, "const"):  # beyond the ends the curve is level
        return np.where((np.asarray(x) >= knots[k]) & (np.asarray(x) <= knots[-k - 1]), found, 0.0)
    return found


def surface_slope(x: Any, y: Any, spline: Any, orders: tuple[int, int], more: tuple[int, int]) -> Any:
    """The derivative of order `more` of a derivative of order `orders` of a spline of FITPACK in two variables: level beyond its borders.

    Raises NotDifferentiable for the order that is the degree, which FITPACK does not evaluate.
    """
    x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    dx, dy = orders[0] + more[0], orders[1] + more[1]
    if dx > spline.degrees[0] or dy > spline.degrees[1]:
        return np.zeros(x.shape)
    if dx == spline.degrees[0] or dy == spline.degrees[1]:
        message = "FITPACK evaluates derivatives of a spline in two variables below its degree only"
        raise NotDifferentiable(message, "give the spline a higher degree")
    inside = np.full(x.shape, True)
    for v, t, n in zip((x, y), spline.get_knots(), more, strict=True):
        if n:
            inside &= (v >= t[0]) & (v <= t[-1])
    return np.where(inside, spline.ev(x, y, dx, dy), 0.0)[()]


class _Shares:
    """Linear interpolation between scattered points: the corners around each point, and what each has of its value."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def __call__(self, xi: Any) -> tuple[Any, Any]:
        points = np.stack(np.broadcast_arrays(*xi), axis=-1).astype(float) if isinstance(xi, tuple) else np.asarray(xi, dtype=float)
        if points.ndim == 1 and not isinstance(xi, tuple):
            points = points.reshape(-1, np.shape(self.made.points)[1])
        if type(self.made).__name__ == "NearestNDInterpolator":
            return np.asarray(self.made.tree.query(points)[1])[..., None], np.ones((*points.shape[:-1], 1))
        tri, rows = self.made.tri, points.reshape(-1, points.shape[-1])
        simplex = tri.find_simplex(rows)
        turn, corners = tri.transform[simplex], tri.simplices[simplex]
        first = np.einsum("mij,mj->mi", turn[:, :-1], rows - turn[:, -1])
        shares = np.concatenate([first, 1.0 - first.sum(axis=1, keepdims=True)], axis=1)
        shares[simplex < 0] = 0.0
        return corners.reshape(*points.shape[:-1], -1), shares.reshape(*points.shape[:-1], -1)


def fit_scattered(kind: str, points: Any, values: Any, fill_value: float = np.nan) -> Fit:
    """Of `scipy.interpolate.LinearNDInterpolator` and `NearestNDInterpolator`."""
    from scipy import interpolate  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    options = (fill_value,) if kind == "LinearNDInterpolator" else ()
    made = getattr(interpolate, kind)(points, np.array(values), *options)
    return Fit(made, lambda _v, _axis: _Shares(made), 0)


def fit_radial(points: Any, values: Any, options: dict[str, Any]) -> Fit:
    """Of `scipy.interpolate.RBFInterpolator`: each value has its share everywhere."""
    from scipy.interpolate import RBFInterpolator  # noqa: PLC0415 -- srcad runs without SciPy

    def make(v: Any, _: int) -> Any:
        count = len(v)
        shares = RBFInterpolator(points, np.eye(count), **options)
        return lambda xi: (np.broadcast_to(np.arange(count), (len(xi), count)), shares(xi))

    return Fit(RBFInterpolator(points, np.array(values), **options), make, 0)


def scattered_at(fit: Fit, values: Any, xi: Any) -> Any:
    """The interpolator of values at scattered points."""
    return fit.made(xi)


def scattered_along(fit: Fit, values: Any, xi: Any) -> Any:
    """The interpolator of other values; 0 where the points are outside."""
    places, shares = fit.make(values, 0)(xi)
    whole = np.asarray(values)[places]
    return np.sum(whole * np.reshape(shares, (*shares.shape, *(1,) * (whole.ndim - shares.ndim))), axis=shares.ndim - 1)


def scattered_back(g: Any, fit: Fit, values: Any, xi: Any) -> Any:
    """The cotangent of the values."""
    places, shares = fit.make(values, 0)(xi)
    found = np.zeros(np.shape(values), np.result_type(values))
    bars = np.expand_dims(np.asarray(g), shares.ndim - 1)
    np.add.at(found, places, np.reshape(shares, (*shares.shape, *(1,) * (bars.ndim - shares.ndim))) * bars)
    return found


def kernels_of(kde: Any) -> tuple[Any, Any, Any]:
    """What a `scipy.stats.gaussian_kde` sums: its points in coordinates in which a kernel is round, their shares of the density at
    their own place, and the matrix that makes these coordinates.
    """
    spread = kde.cho_cov
    whitening = np.linalg.inv(spread)
    height = np.prod(np.diag(spread)) * (2.0 * np.pi) ** (len(spread) / 2)
    return whitening @ kde.dataset, kde.weights / height, whitening
