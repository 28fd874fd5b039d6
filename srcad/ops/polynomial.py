"""Polynomials in NumPy's older form, highest power first, and Vandermonde matrices."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import Type
from srcad.ops.compose import composed
from srcad.ops.infer import elementwise, shaped_like
from srcad.ops.op import general, helper, linear
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, constant


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
    helper(runtime.vander_slope, composed, body=vander_slope_body, names=("x", "N", "increasing"),
        sample=calls((arr(3),), (arr(3), 4), (arr(3), 4, True))),
)  # fmt: skip
