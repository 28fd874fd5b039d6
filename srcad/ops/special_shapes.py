"""Densities, and distribution functions by their shapes: https://dlmf.nist.gov/8.2 and 8.17.

What has no closed form is in two helpers of the runtime, the derivatives of the incomplete gamma and beta functions by their shapes, any
number of times; by the point their derivative is that of the density by the shapes.
"""
from __future__ import annotations

import math
from typing import Any

from srcad import runtime
from srcad.ops.op import Spellings, elementwise, helper, over
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import sp
from srcad.ops.trace import apply, o

_X, _U = arr(3, low=0.4, high=2.5), arr(3, low=0.2, high=0.8)


def _log(x: Any) -> Any:
    return apply("np.log", x)


def _psi(x: Any) -> Any:
    return sp("psi", x)


# ---- densities ---------------------------------------------------------------------------------------------------------
def gamma_density(a: Any, x: Any) -> Any:
    """x**(a - 1) * exp(-x) / gamma(a)."""
    return o.exp(sp("xlogy", a - 1.0, x) - x - sp("gammaln", a))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """x**(a - 1) * (1 - x)**(b - 1) / beta(a, b)."""
    return o.exp(sp("xlogy", a - 1.0, x) + sp("xlog1py", b - 1.0, -x) - sp("betaln", a, b))


def t_density(df: Any, t: Any) -> Any:
    """Student's density."""
    scale = sp("betaln", 0.5, 0.5 * df) + 0.5 * _log(df) + 0.5 * (df + 1.0) * apply("np.log1p", t * t / df)
    return o.exp(-scale)


def f_density(m: Any, n: Any, x: Any) -> Any:
    """The density of the F distribution with m and n degrees of freedom."""
    below = m * x + n
    return beta_density(0.5 * m, 0.5 * n, m * x / below) * (m * n / (below * below))


def chi_density(v: Any, x: Any) -> Any:
    """The density of the chi square distribution."""
    return 0.5 * gamma_density(0.5 * v, 0.5 * x)


# ---- distribution functions by their shapes ------------------------------------------------------------------------------
def gamma_slope(a: Any, x: Any) -> Any:
    """The derivative of `gammainc(a, x)` by `a`."""
    return apply("gamma_by_shape", 1, a, x)


def beta_slope(a: Any, b: Any, x: Any) -> Any:
    """The derivative of `betainc(a, b, x)` by `a`."""
    return apply("beta_by_shapes", 1, 0, a, b, x)


def beta_other_slope(a: Any, b: Any, x: Any) -> Any:
    """The derivative of `betainc(a, b, x)` by `b`."""
    return apply("beta_by_shapes", 0, 1, a, b, x)


def t_slope(df: Any, t: Any, density: Any = None) -> Any:
    """The derivative of Student's distribution function by `df`."""
    share = t * t / (df + t * t)
    by_density = t * (t_density(df, t) if density is None else density) / (2.0 * df)
    return 0.25 * apply("np.sign", t) * beta_other_slope(0.5, 0.5 * df, share) - by_density


def f_slope(m: Any, n: Any, x: Any, density: Any = None) -> Any:
    """The derivative of the distribution function of the F distribution by `m`."""
    by_density = x * (f_density(m, n, x) if density is None else density) / m
    return 0.5 * beta_slope(0.5 * m, 0.5 * n, m * x / (m * x + n)) + by_density


def f_other_slope(m: Any, n: Any, x: Any, density: Any = None) -> Any:
    """The derivative of the distribution function of the F distribution by `n`."""
    by_density = x * (f_density(m, n, x) if density is None else density) / n
    return 0.5 * beta_other_slope(0.5 * m, 0.5 * n, m * x / (m * x + n)) - by_density


def inverse(slope: Any, density: Any) -> Any:
    """The derivative of the inverse of a distribution function by a shape."""
    return over(-slope, density)


# ---- again ---------------------------------------------------------------------------------------------------------------
def _gamma_by_place(y: Any, n: Any, a: Any, x: Any) -> Any:
    """The n-th derivative by `a` of the density at `x`."""
    slopes = [_log(x) - _psi(a), *(-sp("polygamma", k, a) for k in range(1, n))]
    return gamma_density(a, x) * _ratio(n, lambda k: slopes[k - 1])


def _ratio(n: int, cumulant: Any) -> Any:
    """The n-th derivative of a function over the function, from those of its logarithm."""
    if n == 0:
        return 1.0
    terms = [math.comb(n - 1, k) * _ratio(n - 1 - k, cumulant) * cumulant(k + 1) for k in range(n)]
    return sum(terms[1:], terms[0])


def _beta_by_place(y: Any, m: Any, n: Any, a: Any, b: Any, x: Any) -> Any:
    """The m-th derivative by `a` of the n-th by `b` of the density at `x`."""

    def cumulant(i: int, j: int) -> Any:
        order = i + j - 1
        common = sp("polygamma", order, a + b) if order else _psi(a + b)
        if i and j:
            return common
        alone = sp("polygamma", order, a if i else b) if order else (_psi(a) - _log(x) if i else _psi(b) - apply("np.log1p", -x))
        return common - alone

    return beta_density(a, b, x) * _mixed(m, n, cumulant)


def _mixed(m: int, n: int, cumulant: Any) -> Any:
    """As `_ratio`, of a function of two."""
    if m == 0:
        return _ratio(n, lambda k: cumulant(0, k))
    pairs = [(i, j) for i in range(m) for j in range(n + 1)]
    terms = [math.comb(m - 1, i) * math.comb(n, j) * _mixed(m - 1 - i, n - j, cumulant) * cumulant(i + 1, j) for i, j in pairs]
    return sum(terms[1:], terms[0])


HELPERS: tuple[Spellings, ...] = (
    helper(runtime.gamma_by_shape, lambda f, **more: elementwise(
        f, None, lambda y, n, a, x: apply("gamma_by_shape", n + 1, a, x), _gamma_by_place, **more),
        sample=calls((1, 1.7, 0.8), (1, 0.4, 2.3), (2, _X, _X[::-1]))),
    helper(runtime.beta_by_shapes, lambda f, **more: elementwise(
        f, None, None, lambda y, m, n, a, b, x: apply("beta_by_shapes", m + 1, n, a, b, x),
        lambda y, m, n, a, b, x: apply("beta_by_shapes", m, n + 1, a, b, x), _beta_by_place, **more),
        sample=calls((1, 0, 1.7, 0.8, 0.3), (0, 1, 0.6, 2.3, 0.4), (1, 1, _X, 1.3, _U), (0, 2, 0.7, _X, _U))),
)  # fmt: skip
