"""Gamma and beta functions, distribution functions and data transforms of `scipy.special`.

Densities are the derivatives of distribution functions: https://dlmf.nist.gov/8 (incomplete gamma and beta).
"""
from __future__ import annotations

import math
from typing import Any

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import dtype_kind
from srcad.ops.op import elementwise, helper, over
from srcad.ops.samples import arr, calls, domain
from srcad.ops.scipy_words import POSITIVE, UNIT, R, sp
from srcad.ops.special_shapes import (
    beta_density, beta_other_slope, beta_slope, chi_density, f_density, f_other_slope, f_slope, gamma_density, gamma_slope, inverse,
    t_density, t_slope,
)  # fmt: skip
from srcad.ops.trace import apply, o, type_at

ROOT_2PI = math.sqrt(2.0 * math.pi)
X = arr(3, low=0.4, high=2.5)
U = arr(3, low=0.2, high=0.8)
SHAPED = domain(POSITIVE, POSITIVE)


def log(x: Any) -> Any:
    """NumPy's logarithm, of arrays and floats."""
    return apply("np.log", x)


def psi(x: Any) -> Any:
    """The digamma function."""
    return sp("psi", x)


def trigamma(y: Any, x: Any) -> Any:
    """The slope of `psi`, which SciPy has for real numbers."""
    if dtype_kind(type_at(x)) == "c":
        raise NoRule("the second derivative of the gamma function of complex numbers has no rule", "keep its operand real")
    return sp("polygamma", 1, x)


def binomial_slope(k: Any, n: Any, p: Any) -> Any:
    """The derivative of the distribution function of the binomial distribution by p, less its sign."""
    whole = apply("np.floor", k)
    return beta_density(whole + 1.0, n - whole, p)


def boxcox_lambda(y: Any, logarithm: Any, power: Any) -> Any:
    """Of (x**lambda - 1) / lambda by lambda, and the limit at 0."""
    slope = apply("safe_divide", o.exp(power * logarithm) * logarithm - y, power)
    return apply("np.where", power == 0.0, 0.5 * logarithm * logarithm, slope)


def inverse_lambda(value: Any, y: Any, power: Any) -> Any:
    """Of (lambda * y + 1)**(1 / lambda), which is `value`, by lambda, and the limit at 0."""
    inner = apply("safe_divide", over_power(value, power) * y - log(value), power)
    return value * apply("np.where", power == 0.0, -0.5 * y * y, inner)


def over_power(value: Any, power: Any) -> Any:
    """value**(-power)."""
    return o.exp(-power * log(value))


def _pseudo(delta: Any, r: Any) -> Any:
    return apply("np.sqrt", 1.0 + r / delta * (r / delta))


GAMMA: dict[str, tuple[Any, Any]] = {
    "gamma": ((lambda y, x: y * psi(x),), domain(POSITIVE)),
    "gammaln": ((lambda y, x: psi(x),), domain(POSITIVE)),
    "loggamma": ((lambda y, x: psi(x),), domain(POSITIVE)),
    "rgamma": ((lambda y, x: -y * psi(x),), domain(POSITIVE)),
    "psi": ((trigamma,), domain(POSITIVE)),
    "polygamma": ((None, lambda y, n, x: sp("polygamma", n + 1, x)), calls((1, 0.7), (2, X))),
    "zeta": ((lambda y, s, q: apply("zeta_derivative", 1, s, 1.0 if q is None else q), lambda y, s, q: -s * sp("zeta", s + 1.0, q)),
        calls((2, 1.3), (1.7, 1.3), (X + 3.0,), (X + 2.0, X))),
    "beta": ((lambda y, a, b: y * (psi(a) - psi(a + b)), lambda y, a, b: y * (psi(b) - psi(a + b))), domain(POSITIVE, POSITIVE)),
    "betaln": ((lambda y, a, b: psi(a) - psi(a + b), lambda y, a, b: psi(b) - psi(a + b)), domain(POSITIVE, POSITIVE)),
    "factorial": ((lambda y, x: y * psi(apply("np.maximum", x, 0.0) + 1.0),), domain(POSITIVE)),
    "poch": ((lambda y, z, m: y * (psi(z + m) - psi(z)), lambda y, z, m: y * psi(z + m)), domain(POSITIVE, POSITIVE)),
    "binom": ((lambda y, n, k: y * (psi(n + 1.0) - psi(n - k + 1.0)), lambda y, n, k: y * (psi(n - k + 1.0) - psi(k + 1.0))),
        domain((3.1, 4.0), UNIT)),
    "gammainc": ((lambda y, a, x: gamma_slope(a, x), lambda y, a, x: gamma_density(a, x)), SHAPED),
    "gammaincc": ((lambda y, a, x: -gamma_slope(a, x), lambda y, a, x: -gamma_density(a, x)), SHAPED),
    "gammaincinv": ((lambda y, a, p: inverse(gamma_slope(a, y), gamma_density(a, y)), lambda y, a, p: over(1.0, gamma_density(a, y))),
        domain(POSITIVE, UNIT)),
    "gammainccinv": ((lambda y, a, p: inverse(gamma_slope(a, y), gamma_density(a, y)), lambda y, a, p: over(-1.0, gamma_density(a, y))),
        domain(POSITIVE, UNIT)),
    "betainc": ((lambda y, a, b, x: beta_slope(a, b, x), lambda y, a, b, x: beta_other_slope(a, b, x),
        lambda y, a, b, x: beta_density(a, b, x)), domain(POSITIVE, POSITIVE, UNIT)),
    "betaincc": ((lambda y, a, b, x: -beta_slope(a, b, x), lambda y, a, b, x: -beta_other_slope(a, b, x),
        lambda y, a, b, x: -beta_density(a, b, x)), domain(POSITIVE, POSITIVE, UNIT)),
    "betaincinv": ((lambda y, a, b, p: inverse(beta_slope(a, b, y), beta_density(a, b, y)),
        lambda y, a, b, p: inverse(beta_other_slope(a, b, y), beta_density(a, b, y)),
        lambda y, a, b, p: over(1.0, beta_density(a, b, y))), domain(POSITIVE, POSITIVE, UNIT)),
    "betainccinv": ((lambda y, a, b, p: inverse(beta_slope(a, b, y), beta_density(a, b, y)),
        lambda y, a, b, p: inverse(beta_other_slope(a, b, y), beta_density(a, b, y)),
        lambda y, a, b, p: over(-1.0, beta_density(a, b, y))), domain(POSITIVE, POSITIVE, UNIT)),
}  # fmt: skip

DISTRIBUTIONS: dict[str, tuple[Any, Any]] = {
    "ndtr": ((lambda y, x: o.exp(-0.5 * (x * x)) / ROOT_2PI,), domain(R)),
    "log_ndtr": ((lambda y, x: o.exp(-0.5 * (x * x) - y) / ROOT_2PI,), domain(R)),
    "ndtri": ((lambda y, x: ROOT_2PI * o.exp(0.5 * (y * y)),), domain(UNIT)),
    "ndtri_exp": ((lambda y, x: ROOT_2PI * o.exp(x + 0.5 * (y * y)),), domain((-2.0, -0.2))),
    "nrdtrimn": ((lambda y, p, s, x: over(-ROOT_2PI * s * o.exp(0.5 * sp("ndtri", p) * sp("ndtri", p)), 1.0),
        lambda y, p, s, x: -sp("ndtri", p), lambda y, p, s, x: 1.0), domain(UNIT, POSITIVE, R)),
    "nrdtrisd": ((lambda y, m, p, x: over(-1.0, sp("ndtri", p)),
        lambda y, m, p, x: over(-y * ROOT_2PI * o.exp(0.5 * sp("ndtri", p) * sp("ndtri", p)), sp("ndtri", p)),
        lambda y, m, p, x: over(1.0, sp("ndtri", p))), domain(R, (0.6, 0.9), R)),
    "stdtr": ((lambda y, df, t: t_slope(df, t), lambda y, df, t: t_density(df, t)), domain(POSITIVE, R)),
    "stdtrit": ((lambda y, df, p: inverse(t_slope(df, y), t_density(df, y)), lambda y, df, p: over(1.0, t_density(df, y))),
        domain(POSITIVE, UNIT)),
    "chdtr": ((lambda y, v, x: 0.5 * gamma_slope(0.5 * v, 0.5 * x), lambda y, v, x: chi_density(v, x)), SHAPED),
    "chdtrc": ((lambda y, v, x: -0.5 * gamma_slope(0.5 * v, 0.5 * x), lambda y, v, x: -chi_density(v, x)), SHAPED),
    "chdtri": ((lambda y, v, p: inverse(0.5 * gamma_slope(0.5 * v, 0.5 * y), chi_density(v, y)),
        lambda y, v, p: over(-1.0, chi_density(v, y))), domain(POSITIVE, UNIT)),
    "fdtr": ((lambda y, m, n, x: f_slope(m, n, x), lambda y, m, n, x: f_other_slope(m, n, x), lambda y, m, n, x: f_density(m, n, x)),
        domain(POSITIVE, POSITIVE, POSITIVE)),
    "fdtrc": ((lambda y, m, n, x: -f_slope(m, n, x), lambda y, m, n, x: -f_other_slope(m, n, x), lambda y, m, n, x: -f_density(m, n, x)),
        domain(POSITIVE, POSITIVE, POSITIVE)),
    "fdtri": ((lambda y, m, n, p: inverse(f_slope(m, n, y), f_density(m, n, y)),
        lambda y, m, n, p: inverse(f_other_slope(m, n, y), f_density(m, n, y)),
        lambda y, m, n, p: over(1.0, f_density(m, n, y))), domain(POSITIVE, POSITIVE, UNIT)),
    "gdtr": ((lambda y, a, b, x: x * gamma_density(b, a * x), lambda y, a, b, x: gamma_slope(b, a * x),
        lambda y, a, b, x: a * gamma_density(b, a * x)), domain(POSITIVE, POSITIVE, POSITIVE)),
    "gdtrc": ((lambda y, a, b, x: -x * gamma_density(b, a * x), lambda y, a, b, x: -gamma_slope(b, a * x),
        lambda y, a, b, x: -a * gamma_density(b, a * x)), domain(POSITIVE, POSITIVE, POSITIVE)),
    "pdtr": ((None, lambda y, k, m: -gamma_density(apply("np.floor", k) + 1.0, m)), calls((2, 0.7), (1, X))),
    "pdtrc": ((None, lambda y, k, m: gamma_density(apply("np.floor", k) + 1.0, m)), calls((2, 0.7), (1, X))),
    "bdtr": ((None, None, lambda y, k, n, p: -binomial_slope(k, n, p)), calls((2, 5, 0.7), (1, 4, U))),
    "bdtrc": ((None, None, lambda y, k, n, p: binomial_slope(k, n, p)), calls((2, 5, 0.7), (1, 4, U))),
    "nbdtr": ((None, None, lambda y, k, n, p: beta_density(n, k + 1.0, p)), calls((2, 5, 0.7), (1, 4, U))),
    "nbdtrc": ((None, None, lambda y, k, n, p: -beta_density(n, k + 1.0, p)), calls((2, 5, 0.7), (1, 4, U))),
}  # fmt: skip

ELEMENTARY: dict[str, tuple[Any, Any]] = {
    "expit": ((lambda y, x: y * (1.0 - y),), domain(R)),
    "logit": ((lambda y, x: over(1.0, x * (1.0 - x)),), domain(UNIT)),
    "log_expit": ((lambda y, x: 1.0 - o.exp(y),), domain(R)),
    "softplus": ((lambda y, x: sp("expit", x),), domain(R)),
    "wrightomega": ((lambda y, x: over(y, 1.0 + y),), domain(R)),
    "xlogy": ((lambda y, x, v: log(v), lambda y, x, v: apply("safe_ratio", x, v)), domain(POSITIVE, POSITIVE)),
    "xlog1py": ((lambda y, x, v: apply("np.log1p", v), lambda y, x, v: apply("safe_ratio", x, 1.0 + v)), domain(POSITIVE, POSITIVE)),
    "entr": ((lambda y, x: -log(x) - 1.0,), domain(POSITIVE)),
    "rel_entr": ((lambda y, a, b: log(a / b) + 1.0, lambda y, a, b: over(-a, b)), domain(POSITIVE, POSITIVE)),
    "kl_div": ((lambda y, a, b: log(a / b), lambda y, a, b: 1.0 - a / b), domain(POSITIVE, POSITIVE)),
    "expm1": ((lambda y, x: y + 1.0,), domain(R)),
    "log1p": ((lambda y, x: over(1.0, 1.0 + x),), domain(POSITIVE)),
    "exp2": ((lambda y, x: math.log(2.0) * y,), domain(R)),
    "exp10": ((lambda y, x: math.log(10.0) * y,), domain(R)),
    "cbrt": ((lambda y, x: over(1.0, 3.0 * y * y),), domain(POSITIVE)),
    "cosm1": ((lambda y, x: -apply("np.sin", x),), domain(R)),
    "powm1": ((lambda y, x, p: p * apply("np.power", x, p - 1.0), lambda y, x, p: (y + 1.0) * log(x)), domain(POSITIVE, R)),
    "sindg": ((lambda y, x: math.pi / 180.0 * sp("cosdg", x),), domain((10.0, 80.0))),
    "cosdg": ((lambda y, x: -math.pi / 180.0 * sp("sindg", x),), domain((10.0, 80.0))),
    "tandg": ((lambda y, x: math.pi / 180.0 * (1.0 + y * y),), domain((10.0, 80.0))),
    "cotdg": ((lambda y, x: -math.pi / 180.0 * (1.0 + y * y),), domain((10.0, 80.0))),
    "radian": ((lambda y, d, m, s: math.pi / 180.0, lambda y, d, m, s: math.pi / 10800.0,
        lambda y, d, m, s: math.pi / 648000.0), domain(R, R, R)),
    "boxcox": ((lambda y, x, p: apply("np.power", x, p - 1.0), lambda y, x, p: boxcox_lambda(y, log(x), p)), domain(POSITIVE, POSITIVE)),
    "boxcox1p": ((lambda y, x, p: apply("np.power", 1.0 + x, p - 1.0), lambda y, x, p: boxcox_lambda(y, apply("np.log1p", x), p)),
        domain(POSITIVE, POSITIVE)),
    "inv_boxcox": ((lambda y, x, p: y * over_power(y, p), inverse_lambda), domain(POSITIVE, POSITIVE)),
    "inv_boxcox1p": ((lambda y, x, p: (y + 1.0) * over_power(y + 1.0, p), lambda y, x, p: inverse_lambda(y + 1.0, x, p)),
        domain(POSITIVE, POSITIVE)),
    "huber": ((lambda y, d, r: apply("np.maximum", apply("np.abs", r) - d, 0.0), lambda y, d, r: apply("np.clip", r, -d, d)),
        domain(UNIT, R)),
    "pseudo_huber": ((lambda y, d, r: 2.0 * y / d - r * r / (d * _pseudo(d, r)), lambda y, d, r: over(r, _pseudo(d, r))),
        domain(POSITIVE, R)),
}  # fmt: skip

def _zeta_by_place(y: Any, n: Any, s: Any, q: Any) -> Any:
    """The n-th derivative by s of `-s * zeta(s + 1, q)`, the partial by q (DLMF 25.11.17)."""
    return -(s * apply("zeta_derivative", n, s + 1.0, q) + n * apply("zeta_derivative", n - 1, s + 1.0, q))


ZETA = helper(runtime.zeta_derivative, lambda f, **more: elementwise(
    f, None, lambda y, n, s, q: apply("zeta_derivative", n + 1, s, q), _zeta_by_place, **more),
    sample=calls((1, 1.7, 0.8), (2, X + 2.0, X)))  # fmt: skip
PARTIALS = GAMMA | DISTRIBUTIONS | ELEMENTARY
"""Function -> partials and samples.  A partial that is None is unknown: that operand must be constant."""
