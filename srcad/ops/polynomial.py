"""Polynomials in NumPy's older form, highest power first, and Vandermonde matrices."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import View
from srcad.ir.types import Type
from srcad.ops.compose import composed, through
from srcad.ops.entry import Sample
from srcad.ops.infer import elementwise, shaped_like
from srcad.ops.op import general, helper, linear, listed
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, constant, rank_known


def polyval_vjp(g: Any, y: Any, p: Any, x: Any) -> tuple[Any, Any]:
    """Powers of the point for the coefficients, the derivative polynomial for the point."""
    return apply("polyval_back", g, p, x), apply("np.polyval", apply("np.polyder", p), x) * g


def polyval_jvp(t: Any, y: Any, p: Any, x: Any) -> Any:
    """Linear in the coefficients; the derivative polynomial in the point."""
    first = None if t[0] is None else apply("np.polyval", t[0], x)
    second = None if t[1] is None else apply("np.polyval", apply("np.polyder", p), x) * t[1]
    return second if first is None else first if second is None else first + second


def vander_vjp(g: Any, y: Any, x: Any, **options: Any) -> tuple[Any]:
    """The sum over the row of a point."""
    return (apply("np.sum", g * apply("vander_slope", x, **options), axis=1),)


def vander_jvp(t: Any, y: Any, x: Any, **options: Any) -> Any:
    """Each row by its point."""
    return apply("vander_slope", x, **options) * t[0][:, None]


def powers_body(g: Any, p: Any, x: Any) -> Any:
    """The sums of powers of the points, weighted by the cotangent."""
    return apply("np.ravel", g) @ apply("np.vander", apply("np.ravel", x), apply("np.size", p))


def vander_slope_body(x: Any, N: Any = None, increasing: Any = False) -> Any:  # noqa: N803 - NumPy's word
    """Each power of a point, less one, times the power."""
    powers = constant(x, "np.arange", apply("np.size", x) if N is None else N)
    powers = powers if increasing else powers[::-1]
    return powers * apply("np.power", x[:, None], apply("np.maximum", powers - 1, 0))


def infer_polyval(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The shape of the points."""
    return elementwise(lambda x: np.polyval([0.5, 0.5], x), (args[1],), {}) if len(args) > 1 else None


# ---- fits ------------------------------------------------------------------------------------------------------------


def _powers(p: Any, x: Any, y: Any, deg: Any, *, slope: bool = False) -> Any:
    """The polynomial with coefficients `p` at the points, or its slope; one for each column of `y`."""
    if rank_known(y, "np.polyfit") == 1:
        return apply("np.polyval", apply("np.polyder", p) if slope else p, x)
    return (apply("vander_slope", x, deg + 1) if slope else apply("np.vander", x, deg + 1)) @ p


def _weighed(w: Any, c: Any, y: Any) -> Any:
    """`c`, which has the shape of `y`, times what there is one of for each point."""
    return c if w is None else c * (w if rank_known(y, "np.polyfit") == 1 else w[:, None])


def _bounded(x: Any, y: Any, w: Any, deg: Any, rcond: Any) -> Any:
    """A fit that drops small singular values; the bound holds for columns of one length."""
    w = None if w is None else listed(w, y)
    powers, y = apply("np.vander", x, deg + 1), _weighed(w, y, y)
    powers = powers if w is None else powers * w[:, None]
    scale = apply("np.sqrt", apply("np.sum", powers * powers, 0))
    found = apply("np.linalg.pinv", powers / scale, rcond) @ y
    return found / (scale if rank_known(y, "np.polyfit") == 1 else scale[:, None])


_BOUNDED_VJP, _BOUNDED_JVP = through(_bounded)


def _coefficients_only(full: Any, cov: Any) -> None:
    for option, given in (("full", full), ("cov", cov)):
        if given is not False:
            raise NoRule(f"`np.polyfit` with `{option}` has no rule", "fit without, and compute what else is needed from the coefficients")


def polyfit_vjp(
    g: Any, p: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False,
) -> tuple[Any, ...]:  # fmt: skip
    """Of least squares in powers: what is left over turns the powers, and the coefficients move with them."""
    _coefficients_only(full, cov)
    if rcond is not None:
        return _BOUNDED_VJP(g, p, x, y, w, deg=deg, rcond=rcond)[:3]
    w = None if w is None else listed(w, y)
    inverse = apply("fit_inverse", x, deg) if w is None else apply("fit_inverse", x, deg, w)
    pulled = inverse.T @ g
    left, turned = y - _powers(p, x, y, deg), apply("of_full_rank", inverse) @ pulled
    by_point = _weighed(w, left, y) * _powers(turned, x, y, deg, slope=True) - pulled * _powers(p, x, y, deg, slope=True)
    bars = _weighed(w, by_point, y), left * (pulled + _weighed(w, _powers(turned, x, y, deg), y))
    x_bar, w_bar = (c if rank_known(y, "np.polyfit") == 1 else apply("np.sum", c, 1) for c in bars)
    return x_bar, _weighed(w, pulled, y), None if w is None else w_bar


def polyfit_jvp(
    t: Any, p: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False,
) -> Any:  # fmt: skip
    """The fit to what the tangents move, and to what is left over where powers move."""
    _coefficients_only(full, cov)
    t_x, t_y, t_w = (*t, None)[:3]
    if rcond is not None:
        return _BOUNDED_JVP((t_x, t_y, t_w), p, x, y, w, deg=deg, rcond=rcond)
    w = None if w is None else listed(w, y)
    inverse = apply("fit_inverse", x, deg) if w is None else apply("fit_inverse", x, deg, w)
    found = None if t_y is None else inverse @ _weighed(w, t_y, y)
    left = y - _powers(p, x, y, deg)
    if t_x is not None:
        powers, off = apply("vander_slope", x, deg + 1), _weighed(t_x, _weighed(w, left, y), y)
        found = _with(found, -_weighed(w, _weighed(t_x, powers @ p, y), y), powers, _weighed(w, off, y), inverse)
    if t_w is not None:
        off = _weighed(t_w, left, y)
        found = _with(found, off, apply("np.vander", x, deg + 1), _weighed(w, off, y), inverse)
    return found


def _with(found: Any, pushed: Any, powers: Any, left: Any, inverse: Any) -> Any:
    """The tangent of a fit, and what values that are pushed and powers that are turned add to it."""
    term = inverse @ pushed + apply("of_full_rank", inverse) @ (inverse.T @ (powers.T @ left))
    return term if found is None else found + term


def inverse_body(x: Any, deg: Any, w: Any = None) -> Any:
    """The pseudo-inverse of the powers, which are independent."""
    powers = apply("np.vander", x, deg + 1)
    return apply("np.linalg.pinv", powers if w is None else powers * w[:, None])


_X, _POINTS = np.array([0.1, 0.4, 0.9, 1.1, 1.8]), arr(5, seed=6)

RULES = (
    general(np.polyval, vjp=polyval_vjp, jvp=polyval_jvp, names=("p", "x"), operands=2, arrays=2, infer=infer_polyval,
        sample=calls((arr(4), 0.7), (arr(3), arr(2, 3)), ([0.3, -0.2, 1.1], 0.5))),
    helper(runtime.polyval_back, composed, body=powers_body, names=("g", "p", "x"), operands=3, infer=shaped_like(1),
        sample=calls((arr(2), arr(3), arr(2, seed=1)), (0.7, arr(3), 0.4))),
    linear(np.polyder, transpose=lambda g, p, m=1: apply("polyder_back", g, p, m), names=("p", "m"), arrays=1,
        sample=calls((arr(4),), (arr(4), 2))),
    helper(runtime.polyder_back, linear, transpose=lambda c, g, p, m=1: apply("np.polyder", c, m), names=("g", "p", "m"), operands=2,
        infer=shaped_like(1), sample=calls((arr(3), arr(4)))),
    general(np.vander, vjp=vander_vjp, jvp=vander_jvp, names=("x", "N", "increasing"), arrays=1,
        sample=calls((arr(3),), (arr(3), 2), (arr(3), 4, True))),
    general(np.polyfit, vjp=polyfit_vjp, jvp=polyfit_jvp, names=("x", "y", "deg", "rcond", "full", "w", "cov"), operands=2, arrays=2,
        sample=calls((_X, _POINTS, 2), (_X, _POINTS, 1), Sample((_X, _POINTS, 1), {"w": arr(5, low=0.3)}),
            Sample((_X, _POINTS, 2), {"rcond": 1e-6}), (_X, arr(5, 2), 2))),
    helper(runtime.fit_inverse, composed, fresh=True, body=inverse_body, names=("x", "deg", "w"), operands=3, arrays=3,
        sample=calls((_X, 2), (_X, 1, arr(5, low=0.3)))),
    helper(runtime.of_full_rank, linear, view=View.SAME, transpose=lambda g, inverse: g, infer=shaped_like(0), sample=calls((arr(2, 4),))),
    helper(runtime.vander_slope, composed, body=vander_slope_body, names=("x", "N", "increasing"),
        sample=calls((arr(3),), (arr(3), 4), (arr(3), 4, True))),
)  # fmt: skip
