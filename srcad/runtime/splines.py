"""More interpolators that are fitted to differentiated values: see `fits`."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.runtime.fits import Fit


class _Columns:
    """Curves of one value each, as one of as many values."""

    def __init__(self, curves: list[Any]) -> None:
        self.curves = curves

    def __call__(self, x: Any, nu: int = 0) -> Any:
        return np.stack([curve(x, nu) for curve in self.curves], axis=-1)

    def integral(self, a: Any, b: Any) -> Any:
        """The integrals of all."""
        return np.array([curve.integral(a, b) for curve in self.curves])


class _Polynomial:
    """A curve whose derivatives have a method of their own."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def __call__(self, x: Any, nu: int = 0) -> Any:
        return self.made.derivative(x, nu) if nu else self.made(x)


def fit_univariate(kind: str, x: Any, y: Any, *options: Any) -> Fit:
    """Of a spline class of FITPACK, which takes one value at a point."""
    from scipy import interpolate  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    cls = getattr(interpolate, kind)

    def make(v: Any, _: int) -> Any:
        v = np.asarray(v)
        return cls(x, v, *options) if v.ndim == 1 else _Columns([cls(x, column, *options) for column in v.T])

    return Fit(cls(x, y, *options), make, 0)


def fit_polynomial(kind: str, x: Any, y: Any, axis: int = 0) -> Fit:
    """Of a class of `scipy.interpolate` for one polynomial through all points."""
    from scipy import interpolate  # noqa: PLC0415 -- srcad runs without SciPy

    cls = getattr(interpolate, kind)

    def make(v: Any, along: int) -> Any:
        return _Polynomial(cls(x, v, along))

    return Fit(make(y, axis), make, axis % np.ndim(y))


def fit_pieces(kind: str, c: Any, x: Any, extrapolate: Any = None) -> Fit:
    """Of polynomials by their coefficients: powers and pieces, then those of each value, which are one axis here."""
    from scipy import interpolate  # noqa: PLC0415 -- srcad runs without SciPy

    cls, (powers, pieces, *_) = getattr(interpolate, kind), np.shape(c)

    def make(v: Any, along: int) -> Any:
        v = np.moveaxis(v, along, 0)
        return cls(np.reshape(v, (powers, pieces, *v.shape[1:])), x, extrapolate)

    kept = np.array(c)
    return Fit(cls(kept, x, extrapolate), make, 0, kept=np.reshape(kept, (powers * pieces, *kept.shape[2:])))


def fit_squares(x: Any, y: Any, t: Any, k: int = 3, w: Any = None, axis: int = 0) -> Fit:
    """Of `scipy.interpolate.make_lsq_spline`."""
    from scipy.interpolate import make_lsq_spline  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types

    return Fit(make_lsq_spline(x, y, t, k, w, axis), lambda v, along: make_lsq_spline(x, v, t, k, w, along), axis % np.ndim(y))


def fit_smooth(x: Any, y: Any, w: Any, lam: float) -> Fit:
    """Of `scipy.interpolate.make_smoothing_spline` with a given weight of smoothness."""
    from scipy.interpolate import make_smoothing_spline  # noqa: PLC0415 -- srcad runs without SciPy

    return Fit(make_smoothing_spline(x, y, w, lam), lambda v, along: make_smoothing_spline(x, np.moveaxis(v, along, 0), w, lam), 0)


def fit_hermite(kind: str, x: Any, y: Any, slopes: Any, options: dict[str, Any]) -> Fit:
    """Of a spline with given slopes, or of a class that makes them: it is fitted to the values, then the slopes, along the first axis."""
    from scipy import interpolate  # noqa: PLC0415 -- srcad runs without SciPy

    beyond = options.get("extrapolate", kind != "Akima1DInterpolator")

    def make(v: Any, along: int) -> Any:
        values, rises = np.split(np.moveaxis(v, along, 0), 2)
        return interpolate.CubicHermiteSpline(x, values, rises, 0, beyond)

    given = (x, y, slopes) if kind == "CubicHermiteSpline" else (x, y)
    return Fit(getattr(interpolate, kind)(*given, **options), make, 0)


def fit_derived(fit: Fit, method: str, n: int = 1) -> Fit:
    """The derivative or antiderivative of order `n` of a fit."""
    return Fit(getattr(fit.made, method)(n), lambda v, along: getattr(fit.make(v, along), method)(n), fit.axis, kept=fit.kept)
