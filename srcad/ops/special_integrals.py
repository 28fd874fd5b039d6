"""Integrals of `scipy.special`: error functions, Fresnel, sine and exponential integrals, elliptic and hypergeometric functions.

Formulas: https://dlmf.nist.gov/7 (error functions), 6 (exponential integrals), 19.4 and 22 (elliptic), 13 and 15 (hypergeometric).
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad.ops.op import over
from srcad.ops.samples import arr, calls, domain
from srcad.ops.scipy_words import POSITIVE, UNIT, R, sp
from srcad.ops.trace import apply, maybe_complex, o

ROOT_PI = math.sqrt(math.pi)
ROOT_2PI = math.sqrt(2.0 * math.pi)
X = arr(3, low=0.4, high=2.5)
U = arr(3, low=0.2, high=0.8)


def sin(x: Any) -> Any:
    """NumPy's sine, of arrays and floats."""
    return apply("np.sin", x)


def cos(x: Any) -> Any:
    """NumPy's cosine, of arrays and floats."""
    return apply("np.cos", x)


def _where(condition: Any, a: Any, b: Any) -> Any:
    return apply("np.where", condition, a, b)


def owens_h(y: Any, h: Any, a: Any) -> Any:
    """Of Owen's function with respect to its first operand."""
    return o.exp(-0.5 * (h * h)) * sp("erf", a * h / math.sqrt(2.0)) * (-0.5 / ROOT_2PI)


def owens_a(y: Any, h: Any, a: Any) -> Any:
    """Of Owen's function with respect to its second operand."""
    return over(o.exp(-0.5 * (h * h * (1.0 + a * a))), 2.0 * math.pi * (1.0 + a * a))


def expn_x(y: Any, n: Any, x: Any) -> Any:
    """The function of the order below; of order 0 by the recurrence, since there is no order -1."""
    if type(n) is int and n > 0:
        return -sp("expn", n - 1, x)
    first = -(o.exp(-x) + y)
    return over(first, x) if type(n) is int else _where(n == 0, first / x, -sp("expn", apply("np.maximum", n - 1, 0), x))


def ellipkinc_m(y: Any, phi: Any, m: Any) -> Any:
    """https://dlmf.nist.gov/19.4.E5, and the limit at m = 0."""
    root = apply("np.sqrt", 1.0 - m * sin(phi) * sin(phi))
    slope = apply("safe_divide", sp("ellipeinc", phi, m) - (1.0 - m) * y, 2.0 * m * (1.0 - m)) - sin(2.0 * phi) / (4.0 * (1.0 - m) * root)
    return _where(m == 0.0, 0.25 * phi - 0.125 * sin(2.0 * phi), slope)


def ellipeinc_m(y: Any, phi: Any, m: Any) -> Any:
    """https://dlmf.nist.gov/19.4.E6, and the limit at m = 0."""
    return _where(m == 0.0, 0.125 * sin(2.0 * phi) - 0.25 * phi, apply("safe_divide", y - sp("ellipkinc", phi, m), 2.0 * m))


def _delta(phi: Any, m: Any) -> Any:
    return apply("np.sqrt", 1.0 - m * sin(phi) * sin(phi))


def voigt_slopes(y: Any, x: Any, sigma: Any, gamma: Any) -> tuple[Any, Any]:
    """With respect to x and gamma: real and imaginary part of the derivative of the Faddeeva function; of a Lorentzian at sigma = 0."""
    at, sharp = x + 1j * gamma, sigma == 0.0
    width = _where(sharp, 1.0, sigma)
    z = at / (width * math.sqrt(2.0))
    smooth = (2j / ROOT_PI - 2.0 * z * sp("wofz", z)) / (2.0 * ROOT_PI * width * width)
    w = _where(sharp, apply("safe_divide", -1j / math.pi, at * at), smooth)
    return w.real, -w.imag


def voigt_sigma(y: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """The profile is homogeneous of degree -1.  It grows by half the square of sigma times the curvature of the Lorentzian."""
    dx, dg = voigt_slopes(y, x, sigma, gamma)
    at, sharp = x + 1j * gamma, sigma == 0.0
    curvature = apply("safe_divide", 2j / math.pi, at * at * at).real
    return _where(sharp, sigma * curvature, -(y + x * dx + gamma * dg) / _where(sharp, 1.0, sigma))


def dilogarithm_slope(y: Any, z: Any) -> Any:
    """The slope of `spence`, `log(z) / (1 - z)`, which is -1 at 1."""
    if not maybe_complex(z):
        return over(-1.0, sp("exprel", apply("np.log", z)))
    near = z == 1.0
    other = apply("np.where", near, 2.0, z)
    return apply("np.where", near, -1.0, apply("np.log", other) / (1.0 - other))


ERRORS: dict[str, tuple[Any, Any]] = {
    "erf": ((lambda y, x: 2.0 / ROOT_PI * o.exp(-(x * x)),), domain(R)),
    "erfc": ((lambda y, x: -2.0 / ROOT_PI * o.exp(-(x * x)),), domain(R)),
    "erfi": ((lambda y, x: 2.0 / ROOT_PI * o.exp(x * x),), domain(R)),
    "erfcx": ((lambda y, x: 2.0 * x * y - 2.0 / ROOT_PI,), domain(R)),
    "erfinv": ((lambda y, x: ROOT_PI / 2.0 * o.exp(y * y),), domain(UNIT)),
    "erfcinv": ((lambda y, x: -ROOT_PI / 2.0 * o.exp(y * y),), domain(UNIT)),
    "dawsn": ((lambda y, x: 1.0 - 2.0 * x * y,), domain(R)),
    "wofz": ((lambda y, z: 2j / ROOT_PI - 2.0 * z * y,), calls((0.7 + 0.2j,), (arr(3) + 0.3j,))),
    "owens_t": ((owens_h, owens_a), domain(R, R)),
    "voigt_profile": ((lambda y, x, s, c: voigt_slopes(y, x, s, c)[0], voigt_sigma, lambda y, x, s, c: voigt_slopes(y, x, s, c)[1]),
        domain(R, POSITIVE, POSITIVE)),
}  # fmt: skip

EXPONENTIAL: dict[str, tuple[Any, Any]] = {
    "exp1": ((lambda y, x: over(-o.exp(-x), x),), domain(POSITIVE)),
    "expi": ((lambda y, x: over(o.exp(x), x),), domain(POSITIVE)),
    "expn": ((None, expn_x), calls((2, 0.7), (0, X), (1, X), (np.array([0, 1, 3]), X))),
    # SciPy's hyp1f1 does not end for 1e300; it is infinite long before
    "exprel": ((lambda y, x: 0.5 * sp("hyp1f1", 2.0, 3.0, apply("np.minimum", x, 1e4)),), domain(R)),
    "spence": ((dilogarithm_slope,), domain(POSITIVE)),
}

ELLIPTIC: dict[str, tuple[Any, Any]] = {
    "ellipk": ((lambda y, m: over(math.pi / 8.0 * sp("hyp2f1", 0.5, 0.5, 2.0, m), 1.0 - m),), domain(UNIT)),
    "ellipkm1": ((lambda y, p: over(-math.pi / 8.0 * sp("hyp2f1", 0.5, 0.5, 2.0, 1.0 - p), p),), domain(UNIT)),
    "ellipe": ((lambda y, m: -math.pi / 8.0 * sp("hyp2f1", 0.5, 1.5, 2.0, m),), domain(UNIT)),
    "ellipkinc": ((lambda y, phi, m: over(1.0, _delta(phi, m)), ellipkinc_m), domain(UNIT, UNIT)),
    "ellipeinc": ((lambda y, phi, m: _delta(phi, m), ellipeinc_m), domain(UNIT, UNIT)),
}

HYPERGEOMETRIC: dict[str, tuple[Any, Any]] = {
    "hyp0f1": ((None, lambda y, v, z: sp("hyp0f1", v + 1, z) / v), calls((2, 0.7), (1, X))),
    "hyp1f1": ((None, None, lambda y, a, b, z: a / b * sp("hyp1f1", a + 1, b + 1, z)), calls((1, 3, 0.7), (2, 3, X))),
    "hyperu": ((None, None, lambda y, a, b, z: -a * sp("hyperu", a + 1, b + 1, z)), calls((2, 3, 0.7), (2, 1, X))),
    "hyp2f1": ((None, None, None, lambda y, a, b, c, z: a * b / c * sp("hyp2f1", a + 1, b + 1, c + 1, z)),
        calls((1, 2, 3, 0.4), (1, 1, 2, U))),
}

PARTIALS = ERRORS | EXPONENTIAL | ELLIPTIC | HYPERGEOMETRIC
"""Function -> partials and samples.  A partial that is None is unknown: that operand must be constant."""


def ellipj_u(y: Any, u: Any, m: Any) -> tuple[Any, ...]:
    """https://dlmf.nist.gov/22.13.T1."""
    sn, cn, dn, _ = y[0], y[1], y[2], y[3]
    return cn * dn, -sn * dn, -m * sn * cn, dn


def ellipj_m(y: Any, u: Any, m: Any) -> tuple[Any, ...]:
    """By the amplitude, whose derivative follows from that of the incomplete integral of the first kind."""
    sn, cn, dn, ph = y[0], y[1], y[2], y[3]
    turn = -dn * ellipkinc_m(u, ph, m)
    return cn * turn, -sn * turn, -(sn * sn + 2.0 * m * sn * cn * turn) / (2.0 * dn), turn


SEVERAL: dict[str, tuple[Any, Any]] = {
    "fresnel": ((lambda y, z: (sin(math.pi / 2.0 * (z * z)), cos(math.pi / 2.0 * (z * z))),), calls((0.7,), (X,))),
    "sici": ((lambda y, x: (apply("np.sinc", x / math.pi), cos(x) / x),), calls((0.7,), (X,))),
    "shichi": ((lambda y, x: (apply("np.sinh", x) / x, apply("np.cosh", x) / x),), calls((0.7,), (X,))),
    "ellipj": ((ellipj_u, ellipj_m), calls((0.7, 0.4), (X, U), (X, 0.3))),
    "pbdv": ((None, lambda y, v, x: (y[1], (0.25 * (x * x) - v - 0.5) * y[0])), calls((1, 0.7), (2, X))),
    "pbvv": ((None, lambda y, v, x: (y[1], (0.25 * (x * x) - v - 0.5) * y[0])), calls((1, 0.7), (2, X))),
    "pbwa": ((None, lambda y, a, x: (y[1], (a - 0.25 * (x * x)) * y[0])), calls((1, 0.7), (2, X))),
}  # fmt: skip
