"""Derivatives of the incomplete gamma and beta functions by their shapes, which SciPy does not have.

They are integrals of the density times a polynomial in its logarithmic derivatives.  The first of these changes its sign once, and the
whole integral is 0: the side of `x` where it does not change is integrated, so that nothing cancels.  Along the logarithm of the distance
from `x` the integrand is analytic and falls off at both ends, and the trapezoidal rule converges geometrically: Trefethen and Weideman,
The exponentially convergent trapezoidal rule (2014).
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

_STEP = 1 / 9
_FAR = 40.0  # exp(-40) is below the rounding of what is summed
_AT_ONCE = 2048  # elements whose nodes are in memory together


def gamma_by_shape(n: int, a: Any, x: Any) -> Any:
    """The n-th derivative by `a` of `scipy.special.gammainc(a, x)`, n > 0: a float64 of the common shape, nan where it is not defined."""
    return _by_element(lambda a, x: _gamma(n, a, x), a, x, defined=lambda a, x: (a > 0.0) & (x >= 0.0), ends=(0.0, math.inf))


def beta_by_shapes(m: int, n: int, a: Any, b: Any, x: Any) -> Any:
    """The m-th derivative by `a` of the n-th by `b` of `scipy.special.betainc(a, b, x)`, m + n > 0; as above."""

    def defined(a: Any, b: Any, x: Any) -> Any:
        return (a > 0.0) & (b > 0.0) & (x >= 0.0) & (x <= 1.0)

    return _by_element(lambda a, b, x: _beta(m, n, a, b, x), a, b, x, defined=defined, ends=(0.0, 1.0))


def _by_element(integral: Callable[..., Any], *given: Any, defined: Callable[..., Any], ends: tuple[float, float]) -> Any:
    """`integral` at the points where it is `defined`; the last operand is the limit of integration, at whose `ends` it is 0."""
    shape = np.broadcast_shapes(*map(np.shape, given))
    flat = [np.broadcast_to(np.asarray(g, float), shape).ravel() for g in given]
    found = np.where(defined(*flat), 0.0, math.nan)
    inner = np.flatnonzero(defined(*flat) & (flat[-1] > ends[0]) & (flat[-1] < ends[1]))
    with np.errstate(all="ignore"):
        for start in range(0, len(inner), _AT_ONCE):
            some = inner[start : start + _AT_ONCE]
            found[some] = integral(*(f[some] for f in flat))
    return found.reshape(shape)[()]


def _special() -> Any:
    from scipy import special  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    return special


def _gamma(n: int, a: Any, x: Any) -> Any:
    special = _special()
    slopes = [special.psi(a), *(special.polygamma(k, a) for k in range(1, n))]
    size = special.gammaln(a)
    below = np.log(x) < slopes[0]
    found = np.empty(len(a))
    for side, tail in ((below, _gamma_below), (~below, _gamma_above)):
        found[side] = tail(a[side], x[side], size[side], [v[side, None] for v in slopes])
    return found


def _gamma_below(a: Any, x: Any, size: Any, slopes: list[Any]) -> Any:
    """The integral from 0 to `x`: at t = x * exp(-s / a)."""
    own, total, at = a[:, None], size[:, None], np.log(x)[:, None]

    def part(s: Any) -> Any:
        log = at - s / own
        return _bell(log, slopes) * np.exp(own * log - np.exp(log) - total) / own

    return _along_logarithm(part, np.full(len(a), -_FAR), np.log(_FAR + x))


def _gamma_above(a: Any, x: Any, size: Any, slopes: list[Any]) -> Any:
    """Less the integral from `x` on: at t = x + s."""
    own, total, at = a[:, None], size[:, None], x[:, None]

    def part(s: Any) -> Any:
        log = np.log(at) + np.log1p(s / at)
        return -_bell(log, slopes) * np.exp((own - 1.0) * log - at - s - total)

    falls = _FAR / np.maximum(a, 1.0)
    reach = falls + np.sqrt(falls * (falls + 2.0))  # where reach - log(1 + reach) >= falls
    return _along_logarithm(part, np.log(np.minimum(x, 1.0)) - _FAR, np.log(_FAR + x * reach))


def _bell(log: Any, slopes: list[Any]) -> Any:
    """The n-th derivative by the shape of the density, over the density: `log` less n derivatives of the logarithm of its integral."""
    n = len(slopes)
    found: list[Any] = [1.0]
    for k in range(n):
        found.append(found[k] * (log - slopes[0]) - sum(math.comb(k, j) * found[k - j] * slopes[j] for j in range(1, k + 1)))
    return found[n]


def _beta(m: int, n: int, a: Any, b: Any, x: Any) -> Any:
    special = _special()
    whole, rest = special.psi(a + b), 1.0 - x
    below = np.log(x) < special.psi(a) - whole if m else np.log1p(-x) > special.psi(b) - whole
    found = np.empty(len(a))
    found[below] = _beta_tail(m, n, a[below], b[below], x[below], rest[below])
    found[~below] = -_beta_tail(n, m, b[~below], a[~below], rest[~below], x[~below])
    return found


def _beta_tail(m: int, n: int, a: Any, b: Any, x: Any, rest: Any) -> Any:
    """The integral from 0 to `x`, which is `1 - rest`."""
    special = _special()
    a, b, at, left = a[:, None], b[:, None], x[:, None], rest[:, None]

    def slopes(shape: Any, count: int) -> list[Any]:
        return [special.psi(shape), *(special.polygamma(k, shape) for k in range(1, count))]

    own, others, both, size = slopes(a, m), slopes(b, n), slopes(a + b, m + n), special.betaln(a, b)

    def part(s: Any) -> Any:  # t = x * exp(-s / a)
        log, other = np.log(at) - s / a, np.log(left - at * np.expm1(-s / a))
        return _bell_of_two(m, n, (log, other), (own, others, both)) * np.exp(a * log + (b - 1.0) * other - size) / a

    low = np.log(np.minimum(a * left, 1.0)) - _FAR
    return _along_logarithm(part, low[:, 0], np.log(_FAR + 1.2 * a[:, 0]))


def _bell_of_two(m: int, n: int, logs: tuple[Any, Any], slopes: tuple[list[Any], list[Any], list[Any]]) -> Any:
    """As `_bell`, by two shapes; the third list are the slopes at their sum."""

    def cumulant(i: int, j: int) -> Any:
        """The derivative of the logarithm of the density by the shapes, so many times by each."""
        common = slopes[2][i + j - 1]
        alone = 0.0 if i and j else slopes[0][i - 1] if i else slopes[1][j - 1]
        return common - alone + (logs[0] if (i, j) == (1, 0) else logs[1] if (i, j) == (0, 1) else 0.0)

    def ratio(m: int, n: int) -> Any:
        if not m and not n:
            return 1.0
        if m:
            pairs = ((i, j) for i in range(m) for j in range(n + 1))
            terms = (math.comb(m - 1, i) * math.comb(n, j) * ratio(m - 1 - i, n - j) * cumulant(i + 1, j) for i, j in pairs)
        else:
            terms = (math.comb(n - 1, j) * ratio(0, n - 1 - j) * cumulant(0, j + 1) for j in range(n))
        return sum(terms)

    return ratio(m, n)


def _along_logarithm(part: Callable[[Any], Any], low: Any, high: Any) -> Any:
    """The integral of `part` over `s` from 0 on, whose logarithm runs from `low` to `high`; rows are elements, columns are nodes."""
    count = math.ceil(float(np.max(high - low, initial=_STEP)) / _STEP)
    steps = (high - low) / count
    s = np.exp(low[:, None] + steps[:, None] * np.arange(count + 1))
    found: Any = steps * np.sum(part(s) * s, axis=1)
    return found
