"""Interpolators of `scipy.interpolate` whose slopes follow from the values, and more whose fit is linear in them: see `scipy_fits`."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import Opaque
from srcad.marks import CONSTANT, FIXED, REFUSED
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, step_helper
from srcad.ops.scipy_fits import PLACES, Curve
from srcad.ops.solver import solver
from srcad.runtime import fit_at, fit_hermite, fit_pieces, fit_polynomial, fit_smooth, fit_squares, fit_univariate

_EXTENSIONS = (0, 1, "extrapolate", "zeros")


# ---- slopes by the differences at both sides -----------------------------------------------------------------------------
def _rises(x: Any, y: Any) -> Any:
    """The lengths of the intervals, in a shape that broadcasts with the values, and the slopes of the chords."""
    h = np.reshape(np.diff(x), (-1, *(1,) * (np.ndim(y) - 1)))
    return h, np.diff(y, axis=0) / h


def _monotone(x: Any, y: Any) -> Any:
    """Fritsch and Butland's slopes: harmonic means of the neighbouring chords, 0 where these change their sign."""
    h, m = _rises(x, y)
    if np.shape(y)[0] == 2:
        return np.concatenate([m, m])
    a, b, w, v = m[:-1], m[1:], 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
    same = ((a > 0.0) & (b > 0.0)) | ((a < 0.0) & (b < 0.0))
    inner = np.where(same, (w + v) / (w / np.where(same, a, 1.0) + v / np.where(same, b, 1.0)), 0.0)
    return np.concatenate([_end(h[:1], h[1:2], m[:1], m[1:2]), inner, _end(h[-1:], h[-2:-1], m[-1:], m[-2:-1])])


def _end(h: Any, g: Any, m: Any, k: Any) -> Any:
    """The slope of a parabola at an end, bounded so that the curve stays monotone."""
    d = ((2.0 * h + g) * m - h * k) / (h + g)
    steep = _differ(m, k) & (np.abs(d) > 3.0 * np.abs(m))
    return np.where(_differ(d, m), 0.0, np.where(steep, 3.0 * m, d))


def _differ(a: Any, b: Any) -> Any:
    """Whether two numbers have different signs, of which 0 is one."""
    return ((a > 0.0) != (b > 0.0)) | ((a < 0.0) != (b < 0.0))


def _akima(x: Any, y: Any, method: Any) -> Any:
    """Akima's slopes (J. ACM 17, 1970): means of the chords by how little the chords beyond change, or his later weights."""
    _, m = _rises(x, y)
    before, behind = 2.0 * m[:1] - m[1:2], 2.0 * m[-1:] - m[-2:-1]
    m = np.concatenate([2.0 * before - m[:1], before, m, behind, 2.0 * behind - m[-1:]])
    change = np.abs(np.diff(m, axis=0))
    if method == "makima":
        change = change + 0.5 * np.abs(m[1:] + m[:-1])
    left, right = change[2:], change[:-2]
    total = left + right
    bent = total > 1e-9 * np.max(total)
    mean = (left * m[1:-2] + right * m[2:-1]) / np.where(bent, total, 1.0)
    return np.where(bent, mean, 0.5 * (m[3:] + m[:-3]))


def _by_slopes(kind: Any, x: Any, y: Any, slopes: Any, axis: Any, options: Any) -> Any:
    FIXED(x, *PLACES)
    values = np.array(y)
    if axis != 0 and np.ndim(values) > 1:
        REFUSED("an interpolator of differentiated values with slopes of their own has a rule for axis=0", "turn the values")
    rises = np.array(slopes)
    return Curve(fit_hermite(kind, x, CONSTANT(values), CONSTANT(rises), options), np.concatenate([values, rises]))


def _pchip(solve: Any, x: Any, y: Any, axis: Any = 0, extrapolate: Any = None) -> Any:
    options = {} if extrapolate is None else {"extrapolate": extrapolate}
    return _by_slopes("PchipInterpolator", x, y, _monotone(np.asarray(x), np.asarray(y)), axis, options)


def _akima_curve(solve: Any, x: Any, y: Any, axis: Any = 0, method: Any = "akima", extrapolate: Any = None) -> Any:
    options = {"method": method} if extrapolate is None else {"method": method, "extrapolate": extrapolate}
    return _by_slopes("Akima1DInterpolator", x, y, _akima(np.asarray(x), np.asarray(y), method), axis, options)


def _hermite(solve: Any, x: Any, y: Any, dydx: Any, axis: Any = 0, extrapolate: Any = None) -> Any:
    return _by_slopes("CubicHermiteSpline", x, y, dydx, axis, {} if extrapolate is None else {"extrapolate": extrapolate})


# ---- splines of FITPACK --------------------------------------------------------------------------------------------------
def _fitpack(kind: Any, x: Any, y: Any, ext: Any, w: Any, *options: Any) -> Any:
    FIXED((x, w, options), *PLACES)
    if ext not in _EXTENSIONS:
        REFUSED(f"`{kind}` of differentiated values has a rule with ext='extrapolate' and ext='zeros'", "keep the points inside")
    values = np.array(y)
    return Curve(fit_univariate(kind, x, CONSTANT(values), *options, ext), values)


def _univariate(
    solve: Any, x: Any, y: Any, w: Any = None, bbox: Any = (None, None), k: Any = 3, s: Any = None, ext: Any = 0,
) -> Any:  # fmt: skip
    if s != 0:
        REFUSED("`UnivariateSpline` of differentiated values chooses its knots by them", "give s=0, or use LSQUnivariateSpline")
    return _fitpack("UnivariateSpline", x, y, ext, w, w, bbox, k, 0)


def _interpolated(solve: Any, x: Any, y: Any, w: Any = None, bbox: Any = (None, None), k: Any = 3, ext: Any = 0) -> Any:
    return _fitpack("InterpolatedUnivariateSpline", x, y, ext, w, w, bbox, k)


def _squares(solve: Any, x: Any, y: Any, t: Any, w: Any = None, bbox: Any = (None, None), k: Any = 3, ext: Any = 0) -> Any:
    return _fitpack("LSQUnivariateSpline", x, y, ext, w, t, w, bbox, k)


# ---- others that are linear in their values ------------------------------------------------------------------------------
def _lsq(solve: Any, x: Any, y: Any, t: Any, k: Any = 3, w: Any = None, axis: Any = 0) -> Any:
    FIXED((x, t, w), *PLACES)
    values = np.array(y)
    return Curve(fit_squares(x, CONSTANT(values), t, k, w, axis), values)


def _smooth(solve: Any, x: Any, y: Any, w: Any = None, lam: Any = None) -> Any:
    FIXED((x, w, lam), *PLACES)
    if lam is None:
        REFUSED("`make_smoothing_spline` of differentiated values chooses its smoothness by them", "give `lam`")
    values = np.array(y)
    return Curve(fit_smooth(x, CONSTANT(values), w, lam), values)


class Polynomial:
    """One polynomial through all points, which has other methods than a spline."""

    def __init__(self, fit: Any, values: Any) -> None:
        self.fit = fit
        self.values = values

    def __call__(self, x: Any) -> Any:
        """The values at the points."""
        return fit_at(self.fit, self.values, x)

    def __getattr__(self, name: str) -> Any:
        REFUSED("a polynomial through differentiated values can be called and derived; its other methods have no rule",
                "make it outside of what is differentiated")  # fmt: skip

    def derivative(self, x: Any, der: Any = 1) -> Any:
        """The derivatives of order `der` at the points."""
        return fit_at(self.fit, self.values, x, der)


def _polynomial(kind: Any, xi: Any, yi: Any, axis: Any) -> Any:
    FIXED(xi, *PLACES)
    values = np.array(yi)
    return Polynomial(fit_polynomial(kind, xi, CONSTANT(values), axis), values)


def _krogh(solve: Any, xi: Any, yi: Any, axis: Any = 0) -> Any:
    return _polynomial("KroghInterpolator", xi, yi, axis)


def _barycentric(solve: Any, xi: Any, yi: Any, axis: Any = 0) -> Any:
    return _polynomial("BarycentricInterpolator", xi, yi, axis)


def _ordered(curve: Any, x: Any, der: Any) -> Any:
    if not isinstance(der, int):
        REFUSED("an interpolation with several orders of derivatives has no rule", "call it for each order")
    return curve(x) if der == 0 else curve.derivative(x, der)


def _krogh_at(solve: Any, xi: Any, yi: Any, x: Any, der: Any = 0, axis: Any = 0) -> Any:
    return _ordered(_polynomial("KroghInterpolator", xi, yi, axis), x, der)


def _barycentric_at(solve: Any, xi: Any, yi: Any, x: Any, axis: Any = 0, der: Any = 0) -> Any:
    return _ordered(_polynomial("BarycentricInterpolator", xi, yi, axis), x, der)


def _pchip_at(solve: Any, xi: Any, yi: Any, x: Any, der: Any = 0, axis: Any = 0) -> Any:
    if not isinstance(der, int):
        REFUSED("an interpolation with several orders of derivatives has no rule", "call it for each order")
    curve = _pchip(solve, xi, yi, axis)
    return curve(x) if der == 0 else curve.derivative(der)(x)


# ---- polynomials by their coefficients -----------------------------------------------------------------------------------
def _pieces(kind: Any, c: Any, x: Any, extrapolate: Any, axis: Any) -> Any:
    FIXED(x, *PLACES)
    if axis != 0:
        REFUSED("polynomials of differentiated coefficients have a rule for axis=0", "turn the coefficients")
    given = np.asarray(c)
    shape = np.shape(given)
    return Curve(fit_pieces(kind, CONSTANT(given), x, extrapolate), np.reshape(given, (shape[0] * shape[1], *shape[2:])))


def _powers(solve: Any, c: Any, x: Any, extrapolate: Any = None, axis: Any = 0) -> Any:
    return _pieces("PPoly", c, x, extrapolate, axis)


def _bernstein(solve: Any, c: Any, x: Any, extrapolate: Any = None, axis: Any = 0) -> Any:
    return _pieces("BPoly", c, x, extrapolate, axis)


def rules(interpolate: Any) -> tuple[Spellings, ...]:
    """The classes, and what their templates call."""

    def made(name: str, template: Any, cls: str = "", options: str = "") -> Spellings:
        of = getattr(interpolate, cls or name)
        return solver(getattr(interpolate, name), template, module="interpolate", options=options, made=of)

    opaque = always(Opaque(runtime.fits.Fit))
    fits = (fit_univariate, fit_polynomial, fit_pieces, fit_squares, fit_smooth, fit_hermite, runtime.fit_derived)
    return (
        made("PchipInterpolator", _pchip), made("Akima1DInterpolator", _akima_curve), made("CubicHermiteSpline", _hermite),
        made("UnivariateSpline", _univariate, options="check_finite"),
        made("InterpolatedUnivariateSpline", _interpolated, options="check_finite"),
        made("LSQUnivariateSpline", _squares, options="check_finite"), made("KroghInterpolator", _krogh),
        made("BarycentricInterpolator", _barycentric), made("PPoly", _powers), made("BPoly", _bernstein),
        *(solver(getattr(interpolate, n), f, module="interpolate") for n, f in (("krogh_interpolate", _krogh_at),
            ("barycentric_interpolate", _barycentric_at), ("pchip_interpolate", _pchip_at))),
        made("make_lsq_spline", _lsq, "BSpline", "check_finite method"), made("make_smoothing_spline", _smooth, "BSpline"),
        *(step_helper(fit, infer=opaque) for fit in fits),
    )  # fmt: skip
