"""Splines of FITPACK at differentiated points, and interpolation between scattered points by its values: `scipy.interpolate`."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import UNKNOWN, Array, Opaque, Type
from srcad.marks import CONSTANT, FIXED, REFUSED
from srcad.ops.infer import shape_of, shaped_like
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, elementwise, general, helper, step_helper
from srcad.ops.scipy_fits import PLACES
from srcad.ops.solver import solver
from srcad.ops.trace import apply, o
from srcad.runtime import fit_radial, fit_scattered, scattered_at

_WAY = "use make_interp_spline or InterpolatedUnivariateSpline, or make the spline outside of what is differentiated"


def _still(t: Any) -> None:
    if t is not None:
        raise NoRule("a spline of FITPACK made of differentiated values has no rule", _WAY)


# ---- splines of one variable ---------------------------------------------------------------------------------------------
def _curve_vjp(g: Any, y: Any, spline: Any, x: Any, nu: Any = 0, ext: Any = None) -> tuple[None, Any]:
    return None, g * apply("spline_slope", x, spline, nu + 1, ext)


def _curve_jvp(t: Any, y: Any, spline: Any, x: Any, nu: Any = 0, ext: Any = None) -> Any:
    _still(t[0])
    return t[1] * apply("spline_slope", x, spline, nu + 1, ext)


# ---- splines of two variables --------------------------------------------------------------------------------------------
def _surface_vjp(g: Any, y: Any, spline: Any, xi: Any, yi: Any, dx: Any = 0, dy: Any = 0) -> tuple[None, Any, Any]:
    first, second = (apply("surface_slope", xi, yi, spline, (dx, dy), more) for more in ((1, 0), (0, 1)))
    return None, o.unbroadcast(g * first, xi), o.unbroadcast(g * second, yi)


def _surface_jvp(t: Any, y: Any, spline: Any, xi: Any, yi: Any, dx: Any = 0, dy: Any = 0) -> Any:
    _still(t[0])
    first = None if t[1] is None else t[1] * apply("surface_slope", xi, yi, spline, (dx, dy), (1, 0))
    second = None if t[2] is None else t[2] * apply("surface_slope", xi, yi, spline, (dx, dy), (0, 1))
    return second if first is None else first if second is None else first + second


def _call_vjp(g: Any, y: Any, spline: Any, xi: Any, yi: Any, dx: Any = 0, dy: Any = 0, grid: Any = True) -> tuple[None, Any, Any]:
    _pointwise(grid)
    return _surface_vjp(g, y, spline, xi, yi, dx, dy)


def _call_jvp(t: Any, y: Any, spline: Any, xi: Any, yi: Any, dx: Any = 0, dy: Any = 0, grid: Any = True) -> Any:
    _pointwise(grid)
    return _surface_jvp(t, y, spline, xi, yi, dx, dy)


def _pointwise(grid: Any) -> None:
    if grid is not False:
        raise NoRule("a spline in two variables on a grid has no rule", "use its method `ev`, or grid=False")


# ---- scattered points ----------------------------------------------------------------------------------------------------
class Scattered:
    """An interpolator between scattered points."""

    def __init__(self, fit: Any, values: Any) -> None:
        self.fit = fit
        self.values = values

    def __call__(self, *xi: Any) -> Any:
        """The values at the points, which are rows, or coordinates one by one."""
        points = xi[0] if len(xi) == 1 else xi
        FIXED(points, "interpolation between scattered points has no derivative by where it is evaluated", "keep the points constant")
        return scattered_at(self.fit, self.values, points)


def _linear(solve: Any, points: Any, values: Any, fill_value: Any = np.nan) -> Any:
    FIXED((points, fill_value), *PLACES)
    whole = np.array(values)
    return Scattered(fit_scattered("LinearNDInterpolator", points, CONSTANT(whole), fill_value), whole)


def _nearest(solve: Any, x: Any, y: Any) -> Any:
    FIXED(x, *PLACES)
    whole = np.array(y)
    return Scattered(fit_scattered("NearestNDInterpolator", x, CONSTANT(whole)), whole)


def _radial(
    solve: Any, y: Any, d: Any, neighbors: Any = None, smoothing: Any = 0.0, kernel: Any = "thin_plate_spline", epsilon: Any = None,
    degree: Any = None,
) -> Any:  # fmt: skip
    FIXED((y, smoothing, epsilon), *PLACES)
    options = {"neighbors": neighbors, "smoothing": smoothing, "kernel": kernel, "epsilon": epsilon, "degree": degree}
    whole = np.array(d)
    return Scattered(fit_radial(y, CONSTANT(whole), options), whole)


def _griddata(solve: Any, points: Any, values: Any, xi: Any, method: Any = "linear", fill_value: Any = np.nan) -> Any:
    rows = np.stack(points, axis=-1) if isinstance(points, tuple) else np.asarray(points)
    if np.ndim(rows) != 2:
        REFUSED("`griddata` of points on a line has no rule", "use interp1d")
    if method == "linear":
        made = _linear(solve, rows, values, fill_value)
    elif method == "nearest":
        made = _nearest(solve, rows, values)
    else:
        REFUSED("`griddata` has a rule for method='linear' and method='nearest'", "use RegularGridInterpolator")
    return made(*xi) if isinstance(xi, tuple) else made(xi)


def _scattered_vjp(g: Any, y: Any, fit: Any, values: Any, xi: Any) -> tuple[None, Any, None]:
    return None, apply("scattered_back", g, fit, values, xi), None


def _scattered_jvp(t: Any, y: Any, fit: Any, values: Any, xi: Any) -> Any:
    return None if t[1] is None else apply("scattered_along", fit, t[1], xi)


def points_like(position: int) -> Any:
    """An array in the shape of the points."""

    def infer(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
        shape = shape_of(args[position])
        return None if shape is None else Array("float64", shape)

    return infer


def _slope_vjp(g: Any, y: Any, x: Any, spline: Any, nu: Any = 1, ext: Any = None) -> tuple[Any, None]:
    return g * apply("spline_slope", x, spline, nu + 1, ext), None


def _slope_jvp(t: Any, y: Any, x: Any, spline: Any, nu: Any = 1, ext: Any = None) -> Any:
    return None if t[0] is None else t[0] * apply("spline_slope", x, spline, nu + 1, ext)


def _surface_next(first: int) -> Any:
    """The partial by one of the coordinates."""

    def partial(y: Any, u: Any, v: Any, spline: Any = None, orders: Any = (0, 0), more: Any = (0, 0)) -> Any:
        return apply("surface_slope", u, v, spline, orders, (more[0] + first, more[1] + 1 - first))

    return partial


def rules(interpolate: Any) -> tuple[Spellings, ...]:
    """The classes and functions, and what their rules call."""

    def called(fn: Any, name: str, form: str, names: tuple[str, ...], **fields: Any) -> Spellings:
        path = f"interpolate.{name}"
        return general(fn, name=path, path="", op=Op(path, form, (), Effect.RAISES), names=("self", *names), **fields)

    def made(name: str, template: Any, cls: Any = None) -> Spellings:
        return solver(getattr(interpolate, name), template, module="interpolate", made=cls)

    at: dict[str, Any] = {"names": ("fit", "values", "xi"), "operands": 3, "vjp": _scattered_vjp, "jvp": _scattered_jvp}
    surface, unknown = interpolate.BivariateSpline, always(UNKNOWN)
    return (
        called(interpolate.UnivariateSpline.__call__, "univariate", "_0(*_)", ("x", "nu", "ext"), operands=2, vjp=_curve_vjp,
            jvp=_curve_jvp, infer=points_like(1)),
        called(surface.ev, "ev", "_0.ev(*_)", ("xi", "yi", "dx", "dy"), operands=3, vjp=_surface_vjp, jvp=_surface_jvp, infer=unknown),
        called(surface.__call__, "surface", "_0(*_)", ("x", "y", "dx", "dy", "grid"), operands=3, vjp=_call_vjp, jvp=_call_jvp,
            infer=unknown),
        helper(runtime.spline_slope, general, names=("x", "spline", "nu", "ext"), operands=2, vjp=_slope_vjp, jvp=_slope_jvp,
            infer=points_like(0)),
        helper(runtime.surface_slope, lambda f, **more: elementwise(f, _surface_next(1), _surface_next(0), **more), fresh=True,
            names=("u", "v", "spline", "orders", "more"), infer=unknown),
        made("LinearNDInterpolator", _linear, interpolate.LinearNDInterpolator),
        made("NearestNDInterpolator", _nearest, interpolate.NearestNDInterpolator), made("griddata", _griddata),
        made("RBFInterpolator", _radial, interpolate.RBFInterpolator),
        *(step_helper(fit, infer=always(Opaque(runtime.fits.Fit))) for fit in (fit_scattered, fit_radial)),
        helper(scattered_at, general, infer=unknown, **at), helper(runtime.scattered_along, general, infer=unknown, **at),
        helper(runtime.scattered_back, general, names=("g", "fit", "values", "xi"), operands=4, infer=shaped_like(2),
            vjp=lambda c, y, g, fit, values, xi: (apply("scattered_along", fit, c, xi), None, None, None),
            jvp=lambda t, y, g, fit, values, xi: None if t[0] is None else apply("scattered_back", t[0], fit, values, xi)),
    )  # fmt: skip
