"""Helpers for the functions of FITPACK that take and give knots, coefficients and a degree: see `fits`."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.runtime.fits import Fit


def fit_coefficients(x: Any, y: Any, options: dict[str, Any]) -> Fit:
    """Of `scipy.interpolate.splrep` with knots that do not depend on the values."""
    from scipy.interpolate import splrep  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    return Fit(splrep(x, y, **options), lambda v, _: splrep(x, v, **{"s": 0.0, **options})[1], 0)


def fit_knots(fit: Fit) -> Any:
    """The knots of a fit."""
    return fit.made[0]


def coefficients_at(fit: Fit, values: Any) -> Any:
    """The coefficients of a fit."""
    return fit.made[1]


def coefficients_along(fit: Fit, values: Any) -> Any:
    """The coefficients of the fit of other values."""
    return fit.make(values, 0)


def coefficients_back(g: Any, fit: Fit, values: Any) -> Any:
    """The cotangent of the values: fits of the columns of the identity."""
    return np.array([np.dot(fit.make(column, 0), g) for column in np.eye(len(values))])


def splev_at(x: Any, t: Any, c: Any, k: int, der: int = 0, ext: int = 0) -> Any:
    """`scipy.interpolate.splev`; 0 for an order of the derivative above the degree."""
    from scipy.interpolate import splev  # noqa: PLC0415 -- srcad runs without SciPy

    if der > k:
        return np.zeros(np.shape(x))
    if not der or ext != 3:
        return splev(x, (t, c, k), der, ext)
    inside = (np.asarray(x) >= t[k]) & (np.asarray(x) <= t[-k - 1])  # beyond the ends the curve is level
    return np.where(inside, splev(x, (t, c, k), der, 0), 0.0)


def _columns(c: Any, value: Callable[[Any], Any]) -> list[Any]:
    """A linear function of each column of the identity."""
    return [value(column) for column in np.eye(len(c))]


def splev_back(g: Any, x: Any, t: Any, c: Any, k: int, der: int = 0, ext: int = 0) -> Any:
    """The cotangent of the coefficients."""
    return np.array(_columns(c, lambda column: np.sum(g * splev_at(x, t, column, k, der, ext))))


def splint_at(a: Any, b: Any, t: Any, c: Any, k: int) -> Any:
    """`scipy.interpolate.splint`."""
    from scipy.interpolate import splint  # noqa: PLC0415 -- srcad runs without SciPy

    return splint(a, b, (t, c, k))


def splint_back(g: Any, a: Any, b: Any, t: Any, c: Any, k: int) -> Any:
    """The cotangent of the coefficients."""
    return np.array(_columns(c, lambda column: g * splint_at(a, b, t, column, k)))
