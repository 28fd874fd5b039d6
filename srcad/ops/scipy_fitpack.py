"""`splrep`, `splev` and `splint` of `scipy.interpolate`: coefficients are linear in the values, curves in the coefficients."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import FLOAT, Array, Opaque
from srcad.marks import CONSTANT, FIXED, REFUSED
from srcad.ops.infer import ANY, shaped_like
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, general, helper, linear, step_helper
from srcad.ops.scipy_fits import PLACES
from srcad.ops.scipy_points import points_like
from srcad.ops.solver import solver
from srcad.ops.trace import apply
from srcad.runtime import coefficients_at, fit_coefficients, fit_knots, splev_at, splint_at


def _splrep(
    solve: Any, x: Any, y: Any, w: Any = None, xb: Any = None, xe: Any = None, k: Any = 3, task: Any = 0, s: Any = None, t: Any = None,
    full_output: Any = 0, per: Any = 0, quiet: Any = 1,
) -> Any:  # fmt: skip
    FIXED((x, w, xb, xe, s, t), *PLACES)
    if full_output or per:
        REFUSED("`splrep` of differentiated values has a rule without `full_output` and `per`", "use make_interp_spline")
    options = {"w": w, "xb": xb, "xe": xe, "k": k}
    if t is not None:
        options["t"] = t
    elif task != 0 or s not in (None, 0) or (s is None and w is not None):
        REFUSED("`splrep` of differentiated values chooses its knots by them", "give s=0, or the knots `t`")
    else:
        options["s"] = s
    values = np.array(y)
    fit = fit_coefficients(x, CONSTANT(values), options)
    return fit_knots(fit), coefficients_at(fit, values), k


def _parts(tck: Any) -> Any:
    t, c, k = tck
    FIXED(t, *PLACES)
    if np.ndim(c) != 1:
        REFUSED("a curve of FITPACK in several dimensions has no rule", "evaluate each coordinate")
    return t, np.asarray(c), k


def _splev(solve: Any, x: Any, tck: Any, der: Any = 0, ext: Any = 0) -> Any:
    if not isinstance(tck, tuple | list):
        return tck(x, der)
    t, c, k = _parts(tck)
    return splev_at(x, t, c, k, der, ext)


def _splint(solve: Any, a: Any, b: Any, tck: Any, full_output: Any = 0) -> Any:
    if full_output:
        REFUSED("`splint` with `full_output` has no rule", "leave it out")
    if not isinstance(tck, tuple | list):
        return tck.integrate(a, b, extrapolate=False)
    t, c, k = _parts(tck)
    return splint_at(a, b, t, c, k)


# ---- the rules of what they call -------------------------------------------------------------------------------------
def _sum(*terms: Any) -> Any:
    first, *rest = [t for t in terms if t is not None]
    return sum(rest, first)


def _coefficients_vjp(g: Any, y: Any, fit: Any, values: Any) -> tuple[None, Any]:
    return None, apply("coefficients_back", g, fit, values)


def _coefficients_jvp(t: Any, y: Any, fit: Any, values: Any) -> Any:
    return apply("coefficients_along", fit, t[1])


def _splev_vjp(g: Any, y: Any, x: Any, t: Any, c: Any, k: Any = 3, der: Any = 0, ext: Any = 0) -> tuple[Any, None, Any]:
    return g * apply("splev_at", x, t, c, k, der + 1, ext), None, apply("splev_back", g, x, t, c, k, der, ext)


def _splev_jvp(moves: Any, y: Any, x: Any, t: Any, c: Any, k: Any = 3, der: Any = 0, ext: Any = 0) -> Any:
    first = None if moves[0] is None else moves[0] * apply("splev_at", x, t, c, k, der + 1, ext)
    return _sum(first, None if moves[2] is None else apply("splev_at", x, t, moves[2], k, der, ext))


def _splev_back_vjp(b: Any, y: Any, g: Any, x: Any, t: Any, c: Any, k: Any = 3, der: Any = 0, ext: Any = 0) -> tuple[Any, ...]:
    return apply("splev_at", x, t, b, k, der, ext), g * apply("splev_at", x, t, b, k, der + 1, ext), None, None


def _splev_back_jvp(moves: Any, y: Any, g: Any, x: Any, t: Any, c: Any, k: Any = 3, der: Any = 0, ext: Any = 0) -> Any:
    first = None if moves[0] is None else apply("splev_back", moves[0], x, t, c, k, der, ext)
    return _sum(first, None if moves[1] is None else apply("splev_back", g * moves[1], x, t, c, k, der + 1, ext))


def _limit(x: Any, t: Any, c: Any, k: Any) -> Any:
    """The curve, which is 0 beyond its ends to an integral."""
    return apply("splev_at", x, t, c, k, 0, 1)


def _splint_vjp(g: Any, y: Any, a: Any, b: Any, t: Any, c: Any, k: Any = 3) -> tuple[Any, ...]:
    return -(g * _limit(a, t, c, k)), g * _limit(b, t, c, k), None, apply("splint_back", g, a, b, t, c, k)


def _splint_jvp(moves: Any, y: Any, a: Any, b: Any, t: Any, c: Any, k: Any = 3) -> Any:
    low = None if moves[0] is None else -(moves[0] * _limit(a, t, c, k))
    high = None if moves[1] is None else moves[1] * _limit(b, t, c, k)
    return _sum(low, high, None if moves[3] is None else apply("splint_at", a, b, t, moves[3], k))


def _splint_back_vjp(v: Any, y: Any, g: Any, a: Any, b: Any, t: Any, c: Any, k: Any = 3) -> tuple[Any, ...]:
    return apply("splint_at", a, b, t, v, k), -(g * _limit(a, t, v, k)), g * _limit(b, t, v, k), None, None


def _splint_back_jvp(moves: Any, y: Any, g: Any, a: Any, b: Any, t: Any, c: Any, k: Any = 3) -> Any:
    first = None if moves[0] is None else apply("splint_back", moves[0], a, b, t, c, k)
    low = None if moves[1] is None else -apply("splev_back", g * moves[1], a, t, c, k, 0, 1)
    return _sum(first, low, None if moves[2] is None else apply("splev_back", g * moves[2], b, t, c, k, 0, 1))


def rules(interpolate: Any) -> tuple[Spellings, ...]:
    """The functions, and what their templates call."""
    fitted: dict[str, Any] = {"names": ("fit", "values"), "operands": 2, "vjp": _coefficients_vjp, "jvp": _coefficients_jvp}
    vector, options = always(Array("float64", (ANY,))), ("k", "der", "ext")
    return (
        solver(interpolate.splrep, _splrep, module="interpolate"), solver(interpolate.splev, _splev, module="interpolate"),
        solver(interpolate.splint, _splint, module="interpolate"),
        step_helper(fit_coefficients, infer=always(Opaque(runtime.fits.Fit))), step_helper(fit_knots, infer=vector),
        helper(coefficients_at, general, infer=vector, **fitted), helper(runtime.coefficients_along, general, infer=vector, **fitted),
        helper(runtime.coefficients_back, linear, names=("g", "fit", "values"), operands=3, infer=shaped_like(2),
            transpose=lambda c, g, fit, values: apply("coefficients_along", fit, c)),
        helper(splev_at, general, names=("x", "t", "c", *options), operands=3, vjp=_splev_vjp, jvp=_splev_jvp, infer=points_like(0)),
        helper(runtime.splev_back, general, names=("g", "x", "t", "c", *options), operands=4, vjp=_splev_back_vjp, jvp=_splev_back_jvp,
            infer=shaped_like(3)),
        helper(splint_at, general, names=("a", "b", "t", "c", "k"), operands=4, vjp=_splint_vjp, jvp=_splint_jvp, infer=always(FLOAT)),
        helper(runtime.splint_back, general, names=("g", "a", "b", "t", "c", "k"), operands=5, vjp=_splint_back_vjp, jvp=_splint_back_jvp,
            infer=shaped_like(4)),
    )  # fmt: skip
