"""Interpolators of `scipy.interpolate` that are fitted to differentiated values: the fit is linear in them.

A template takes the place of the class; it gives a `Curve`, which holds SciPy's object and the values that it was fitted to.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import UNKNOWN, Array, Opaque
from srcad.marks import CONSTANT, FIXED, REFUSED, TYPED
from srcad.ops.infer import ANY, shaped_like
from srcad.ops.op import Spellings, general, helper, step_helper
from srcad.ops.reduce import no_more
from srcad.ops.nondiff import always
from srcad.ops.scipy_roots import solution, zero
from srcad.ops.solver import solver
from srcad.ops.trace import apply
from srcad.runtime import fit_at, fit_basis, fit_cubic, fit_derived, fit_grid, fit_integral, fit_line, fit_roots, fit_spline, grid_at

PLACES = "an interpolator has no derivative with respect to its knots and borders", "keep them constant"
_LEFT = "an interpolator of differentiated values can be called, integrated and derived; its other methods and attributes have no rule"
_WAY = "call it with the order of a derivative, or make it outside of what is differentiated"


class Curve:
    """An interpolator along one axis."""

    def __init__(self, fit: Any, values: Any) -> None:
        self.fit = fit
        self.values = values

    def __call__(self, x: Any, nu: Any = 0) -> Any:
        """The values, or derivatives of order `nu`, at the points."""
        return fit_at(self.fit, self.values, x, nu)

    def derivative(self, nu: Any = 1) -> Any:
        """The curve of the derivatives of order `nu`."""
        return Curve(fit_derived(self.fit, "derivative", nu), self.values)

    def antiderivative(self, nu: Any = 1) -> Any:
        """The curve of the integrals from the first point."""
        return Curve(fit_derived(self.fit, "antiderivative", nu), self.values)

    def integrate(self, a: Any, b: Any) -> Any:
        """The integral between two points."""
        return fit_integral(self.fit, self.values, a, b, "integrate")

    def integral(self, a: Any, b: Any) -> Any:
        """The same by the name that it has in classes of FITPACK."""
        return fit_integral(self.fit, self.values, a, b, "integral")

    def roots(self, discontinuity: Any = True, extrapolate: Any = None) -> Any:
        """Where the curve is 0."""
        return self.solve(0.0, discontinuity, extrapolate)

    def solve(self, y: Any = 0.0, discontinuity: Any = True, extrapolate: Any = None) -> Any:
        """Where the curve has the value `y`: it moves so that the curve keeps this value there."""
        if np.ndim(self.values) > 1:
            REFUSED("roots of several curves at once have no rule", "make a curve of each column")
        fit = self.fit

        def call(f: Any, args: Any) -> Any:
            return TYPED(fit_roots(fit, args[0], args[1], discontinuity, extrapolate), "vector"), ()

        return solution(zero, lambda x, values, y: fit_at(fit, values, x) - y, (self.values, y), call)[0]

    def __getattr__(self, name: str) -> Any:
        REFUSED(_LEFT, _WAY)


class Surface:
    """An interpolator on a grid."""

    def __init__(self, fit: Any, values: Any) -> None:
        self.fit = fit
        self.values = values

    def __call__(self, xi: Any) -> Any:
        """The values at the points."""
        return grid_at(self.fit, self.values, xi)

    def __getattr__(self, name: str) -> Any:
        REFUSED(_LEFT, _WAY)


def _cubic(solve: Any, x: Any, y: Any, axis: Any = 0, bc_type: Any = "not-a-knot", extrapolate: Any = None) -> Any:
    FIXED((x, bc_type), *PLACES)
    if bc_type == "periodic" or extrapolate == "periodic":
        REFUSED("a periodic spline of differentiated values has no rule", "repeat some values at both ends")
    values = np.array(y)
    return Curve(fit_cubic(x, CONSTANT(values), axis, bc_type, extrapolate), values)


def _spline(solve: Any, x: Any, y: Any, k: Any = 3, t: Any = None, bc_type: Any = None, axis: Any = 0) -> Any:
    FIXED((x, t, bc_type), *PLACES)
    if bc_type is not None and not isinstance(bc_type, str):
        REFUSED("`make_interp_spline` of differentiated values has a rule for conditions that have a name", "use CubicSpline")
    if bc_type == "periodic":
        REFUSED("a periodic spline of differentiated values has no rule", "repeat some values at both ends")
    values = np.array(y)
    return Curve(fit_spline(x, CONSTANT(values), k, t, bc_type, axis), values)


def _basis(solve: Any, t: Any, c: Any, k: Any, extrapolate: Any = True, axis: Any = 0) -> Any:
    FIXED(t, *PLACES)
    values = np.asarray(c)
    return Curve(fit_basis(t, CONSTANT(values), k, extrapolate, axis), values)


def _line(
    solve: Any, x: Any, y: Any, kind: Any = "linear", axis: Any = -1, copy: Any = True, bounds_error: Any = None, fill_value: Any = np.nan,
    assume_sorted: Any = False,
) -> Any:  # fmt: skip
    FIXED((x, fill_value), *PLACES)
    values = np.array(y) if copy else np.asarray(y)
    return Curve(fit_line(x, CONSTANT(values), kind, axis, bounds_error, fill_value, copy), values)


def _grid(solve: Any, points: Any, values: Any, method: Any = "linear", bounds_error: Any = True, fill_value: Any = np.nan) -> Any:
    FIXED((points, fill_value), *PLACES)
    if method == "pchip":
        REFUSED("method='pchip' is not linear in the values, and has no rule", "use method='cubic'")
    whole = np.asarray(values)
    return Surface(fit_grid(points, CONSTANT(whole), method, bounds_error, fill_value), whole)


def _on_grid(
    solve: Any, points: Any, values: Any, xi: Any, method: Any = "linear", bounds_error: Any = True, fill_value: Any = np.nan
) -> Any:  # fmt: skip
    if method not in ("linear", "nearest"):
        REFUSED("`interpn` has a rule for method='linear' and method='nearest'", "use RegularGridInterpolator")
    return _grid(solve, points, values, method, bounds_error, fill_value)(xi)


# ---- the rules of what they call -------------------------------------------------------------------------------------
def _sum(*terms: Any) -> Any:
    first, *rest = [t for t in terms if t is not None]
    return sum(rest, first)


def _first(name: str) -> Any:
    """The tangent of what is linear in its first operand, and knows only shapes of the others."""
    return lambda t, y, x, *rest: None if t[0] is None else apply(name, t[0], *rest)


def _forward(at: str) -> Any:
    """A fit moves with its values, and with its points along its next derivative."""

    def jvp(t: Any, y: Any, fit: Any, values: Any, x: Any, nu: Any = 0) -> Any:
        first = None if t[1] is None else apply("fit_along", fit, t[1], x, nu)
        return _sum(first, None if t[2] is None else apply("beside", t[2], fit, values) * apply(at, fit, values, x, nu + 1))

    return jvp


def _backward(at: str) -> Any:
    """The transpose: both cotangents."""

    def vjp(g: Any, y: Any, fit: Any, values: Any, x: Any, nu: Any = 0) -> tuple[None, Any, Any]:
        return None, apply("fit_back", g, fit, values, x, nu), apply("along", g * apply(at, fit, values, x, nu + 1), fit, values, x)

    return vjp


def _back_jvp(t: Any, y: Any, g: Any, fit: Any, values: Any, x: Any, nu: Any = 0) -> Any:
    first = None if t[0] is None else apply("fit_back", t[0], fit, values, x, nu)
    second = None if t[3] is None else apply("fit_back", g * apply("beside", t[3], fit, values), fit, values, x, nu + 1)
    return _sum(first, second)


def _back_vjp(c: Any, y: Any, g: Any, fit: Any, values: Any, x: Any, nu: Any = 0) -> tuple[Any, None, None, Any]:
    moved = apply("along", g * apply("fit_along", fit, c, x, nu + 1), fit, values, x)
    return apply("fit_along", fit, c, x, nu), None, None, moved


def _integral(at: str) -> dict[str, Any]:
    """Both modes of an integral of the curve that `at` evaluates: its limits move it by the curve there."""

    def vjp(g: Any, y: Any, fit: Any, values: Any, a: Any, b: Any, method: Any = "integrate") -> tuple[Any, ...]:
        low, high = (apply("np.sum", g * apply(at, fit, values, x)) for x in (a, b))
        return None, apply("fit_integral_back", g, fit, values, a, b, method), -low, high

    def jvp(t: Any, y: Any, fit: Any, values: Any, a: Any, b: Any, method: Any = "integrate") -> Any:
        first = None if t[1] is None else apply("fit_integral_along", fit, t[1], a, b, method)
        low, high = (None if move is None else apply(at, fit, values, x) * move for move, x in ((t[2], a), (t[3], b)))
        return _sum(first, None if low is None else -low, high)

    return {"vjp": vjp, "jvp": jvp, "names": ("fit", "values", "a", "b", "method"), "operands": 4, "infer": always(UNKNOWN)}


def _integral_back_vjp(c: Any, y: Any, g: Any, fit: Any, values: Any, a: Any, b: Any, method: Any = "integrate") -> tuple[Any, ...]:
    low, high = (apply("np.sum", g * apply("fit_along", fit, c, x)) for x in (a, b))
    return apply("fit_integral_along", fit, c, a, b, method), None, None, -low, high


def _integral_back_jvp(t: Any, y: Any, g: Any, fit: Any, values: Any, a: Any, b: Any, method: Any = "integrate") -> Any:
    first = None if t[0] is None else apply("fit_integral_back", t[0], fit, values, a, b, method)
    low, high = (None if move is None else apply("fit_back", g * move, fit, values, x) for move, x in ((t[3], a), (t[4], b)))
    return _sum(first, None if low is None else -low, high)


def _grid_vjp(g: Any, y: Any, fit: Any, values: Any, xi: Any) -> tuple[None, Any, Any]:
    return None, apply("grid_values_back", g, fit, values, xi), apply("grid_points_back", g, fit, values, xi)


def _grid_jvp(t: Any, y: Any, fit: Any, values: Any, xi: Any) -> Any:
    first = None if t[1] is None else apply("grid_along", fit, t[1], xi)
    return _sum(first, None if t[2] is None else apply("grid_points_forth", t[2], fit, values, xi))


def _values_jvp(t: Any, y: Any, g: Any, fit: Any, values: Any, xi: Any) -> Any:
    if t[3] is not None:
        no_more()
    return apply("grid_values_back", t[0], fit, values, xi)


def _values_vjp(c: Any, y: Any, g: Any, fit: Any, values: Any, xi: Any) -> tuple[Any, None, None, Any]:
    return apply("grid_along", fit, c, xi), None, None, apply("grid_points_back", g, fit, c, xi)


def rules(interpolate: Any) -> tuple[Spellings, ...]:
    """The classes, and what their templates call."""

    def made(name: str, template: Any, cls: Any = None, options: str = "") -> Spellings:
        return solver(getattr(interpolate, name), template, module="interpolate", options=options, made=cls)

    unknown = always(UNKNOWN)
    at: dict[str, Any] = {"names": ("fit", "values", "x", "nu"), "operands": 3}
    on_grid: dict[str, Any] = {"names": ("fit", "values", "xi"), "operands": 3}
    pulled: dict[str, Any] = {"names": ("g", "fit", "values", "xi"), "operands": 4}
    opaque = Opaque(runtime.fits.Fit)
    fits = (runtime.fit_cubic, runtime.fit_spline, runtime.fit_basis, runtime.fit_line, runtime.fit_grid)
    return (
        made("CubicSpline", _cubic, interpolate.CubicSpline), made("make_interp_spline", _spline, interpolate.BSpline, "check_finite"),
        made("BSpline", _basis, interpolate.BSpline), made("interp1d", _line, interpolate.interp1d),
        made("RegularGridInterpolator", _grid, interpolate.RegularGridInterpolator), made("interpn", _on_grid),
        *(step_helper(fit, infer=always(opaque)) for fit in fits), step_helper(fit_roots, infer=always(Array("float64", (ANY,)))),
        helper(runtime.fit_at, general, vjp=_backward("fit_at"), jvp=_forward("fit_at"), infer=unknown, **at),
        helper(runtime.fit_along, general, vjp=_backward("fit_along"), jvp=_forward("fit_along"), infer=unknown, **at),
        helper(runtime.fit_back, general, vjp=_back_vjp, jvp=_back_jvp, infer=shaped_like(2),
            names=("g", "fit", "values", "x", "nu"), operands=4),
        helper(fit_integral, general, **_integral("fit_at")), helper(runtime.fit_integral_along, general, **_integral("fit_along")),
        helper(runtime.fit_integral_back, general, vjp=_integral_back_vjp, jvp=_integral_back_jvp, infer=shaped_like(2),
            names=("g", "fit", "values", "a", "b", "method"), operands=5),
        helper(runtime.beside, general, names=("t", "fit", "values"), operands=3, infer=unknown,
            vjp=lambda g, y, t, fit, values: (apply("along", g, fit, values, t), None, None), jvp=_first("beside")),
        helper(runtime.along, general, names=("p", "fit", "values", "x"), operands=4, infer=shaped_like(3), jvp=_first("along"),
            vjp=lambda g, y, p, fit, values, x: (apply("spread", apply("beside", g, fit, values), p), None, None, None)),
        helper(runtime.grid_at, general, vjp=_grid_vjp, jvp=_grid_jvp, infer=unknown, **on_grid),
        helper(runtime.grid_along, general, vjp=_grid_vjp, jvp=_grid_jvp, infer=unknown, **on_grid),
        helper(runtime.grid_values_back, general, vjp=_values_vjp, jvp=_values_jvp, infer=shaped_like(2), **pulled),
        helper(runtime.grid_points_back, general, vjp=no_more, jvp=no_more, infer=shaped_like(3), **pulled),
        helper(runtime.grid_points_forth, general, vjp=no_more, jvp=no_more, infer=unknown, **pulled),
    )  # fmt: skip
