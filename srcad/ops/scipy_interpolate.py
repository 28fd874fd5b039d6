"""Rules for the evaluation of `scipy.interpolate`'s objects at differentiated points; what they are made of is constant."""
from __future__ import annotations

from typing import Any

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import Opaque
from srcad.ops import scipy_curves, scipy_fitpack, scipy_fits, scipy_points
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, general, helper
from srcad.ops.reduce import no_more
from srcad.ops.scipy_points import points_like
from srcad.ops.scipy_words import unruled
from srcad.ops.trace import apply, type_at

ADVICE = "make the interpolator outside of what is differentiated, or use CubicSpline, make_interp_spline or RegularGridInterpolator"
FITTED = "the fit of an interpolator to differentiated values has no rule"


def _constant(t: Any) -> None:
    if t is not None:
        raise NoRule("an interpolator made of differentiated values has no rule", ADVICE)


def spline_vjp(g: Any, y: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> tuple[None, Any]:
    """The next derivative of the piecewise polynomial."""
    return None, apply("spline_back", g, spline, x, nu, extrapolate)


def spline_jvp(t: Any, y: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """The next derivative of the piecewise polynomial."""
    _constant(t[0])
    return apply("spline_forth", t[1], spline, x, nu, extrapolate)


def back_vjp(c: Any, y: Any, g: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> tuple[Any, None, Any]:
    """Of `spline_back`: its transpose, and the derivative after."""
    return apply("spline_forth", c, spline, x, nu, extrapolate), None, c * apply("spline_back", g, spline, x, nu + 1, extrapolate)


def back_jvp(t: Any, y: Any, g: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """Of `spline_back`."""
    first = None if t[0] is None else apply("spline_back", t[0], spline, x, nu, extrapolate)
    second = None if t[2] is None else t[2] * apply("spline_back", g, spline, x, nu + 1, extrapolate)
    return first if second is None else second if first is None else first + second


def forth_vjp(c: Any, y: Any, t: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> tuple[Any, None, Any]:
    """Of `spline_forth`: its transpose, and the derivative after."""
    return apply("spline_back", c, spline, x, nu, extrapolate), None, t * apply("spline_back", c, spline, x, nu + 1, extrapolate)


def forth_jvp(t: Any, y: Any, move: Any, spline: Any, x: Any, nu: Any = 0, extrapolate: Any = None) -> Any:
    """Of `spline_forth`."""
    first = None if t[0] is None else apply("spline_forth", t[0], spline, x, nu, extrapolate)
    second = None if t[2] is None else apply("spline_forth", move * t[2], spline, x, nu + 1, extrapolate)
    return first if second is None else second if first is None else first + second


def line_vjp(g: Any, y: Any, line: Any, x: Any) -> tuple[None, Any]:
    """The slopes of the lines."""
    _is_line(line)
    return None, apply("line_back", g, line, x)


def line_jvp(t: Any, y: Any, line: Any, x: Any) -> Any:
    """The slopes of the lines."""
    _constant(t[0])
    _is_line(line)
    return apply("line_forth", t[1], line, x)


def _is_line(line: Any) -> None:
    t = type_at(line)
    if not isinstance(t, Opaque) or getattr(t.cls, "__name__", "") != "interp1d":
        raise NoRule("this interpolator has no rule", "use CubicSpline, PchipInterpolator, make_interp_spline or interp1d")


def grid_vjp(g: Any, y: Any, grid: Any, xi: Any, method: Any = None) -> tuple[None, Any]:
    """The slopes by each coordinate."""
    return None, apply("grid_back", g, grid, xi, method)


def grid_jvp(t: Any, y: Any, grid: Any, xi: Any, method: Any = None) -> Any:
    """The slopes by each coordinate."""
    _constant(t[0])
    return apply("grid_forth", t[1], grid, xi, method)


def _called(fn: Any, name: str, names: tuple[str, ...], vjp: Any, jvp: Any) -> Spellings:
    """The call of an object."""
    path = f"interpolate.{name}"
    return general(fn, vjp=vjp, jvp=jvp, name=path, path="", op=Op(path, "_0(*_)", (), Effect.RAISES), names=names, operands=2)


_OTHERS = """SmoothBivariateSpline RectBivariateSpline NdPPoly NdBSpline CloughTocher2DInterpolator splprep bisplrep lagrange pade"""


def _refused(interpolate: Any, name: str, why: str) -> Spellings:
    """The making of an interpolator, whose object is known where its class is."""
    fn = getattr(interpolate, name)
    return unruled(fn, "interpolate", name, why, ADVICE, always(Opaque(fn)) if isinstance(fn, type) else None)


def rules(interpolate: Any) -> tuple[Spellings, ...]:
    """One entry per class that has a call of its own."""
    spline = ("x", "nu", "extrapolate")
    cut: dict[str, Any] = {"vjp": no_more, "jvp": no_more}
    after: dict[str, Any] = {"operands": 3, "names": ("g", "spline", *spline)}
    return (
        _called(interpolate.PPoly.__call__, "spline", ("self", *spline), spline_vjp, spline_jvp),
        _called(interpolate.BSpline.__call__, "b_spline", ("self", *spline), spline_vjp, spline_jvp),
        _called(interpolate.interp1d.__call__, "line", ("self", "x"), line_vjp, line_jvp),
        _called(interpolate.RegularGridInterpolator.__call__, "grid", ("self", "xi", "method"), grid_vjp, grid_jvp),
        helper(runtime.spline_back, general, vjp=back_vjp, jvp=back_jvp, infer=points_like(2), **after),
        helper(runtime.spline_forth, general, vjp=forth_vjp, jvp=forth_jvp, **after),
        helper(runtime.line_back, general, names=("g", "line", "x"), operands=3, infer=points_like(2), **cut),
        helper(runtime.line_forth, general, names=("t", "line", "x"), operands=3, **cut),
        helper(runtime.grid_back, general, names=("g", "grid", "xi", "method"), operands=3, infer=points_like(2), **cut),
        helper(runtime.grid_forth, general, names=("t", "grid", "xi", "method"), operands=3, **cut),
        *(_refused(interpolate, n, FITTED) for n in _OTHERS.split() if hasattr(interpolate, n)), *scipy_fits.rules(interpolate),
        *scipy_curves.rules(interpolate), *scipy_points.rules(interpolate), *scipy_fitpack.rules(interpolate),
    )  # fmt: skip
