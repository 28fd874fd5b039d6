"""Derivatives of the zeta function of Hurwitz by its exponent, which SciPy does not have."""
from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

_TERMS = 12
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


def zeta_derivative(n: int, s: Any, q: Any) -> Any:
    """The n-th derivative by `s` of the sum of `(k + q)**-s` over k from 0 on, `q > 0`: a float64 of the common shape, 0 for n < 0.

    A dozen terms, then the formula of Euler and Maclaurin (DLMF 25.11.5), each of whose terms is a Taylor series in s.
    """
    s, q = np.broadcast_arrays(np.asarray(s, float), np.asarray(q, float))
    if n < 0:
        return np.zeros(s.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        bases = np.add.outer(np.arange(_TERMS), q)
        end = q + _TERMS
        powers = [end**-s * (-np.log(end)) ** m / math.factorial(m) for m in range(n + 1)]
        pole = [(-1.0) ** m / (s - 1.0) ** (m + 1) for m in range(n + 1)]
        rest = end * _coefficient(powers, pole, n) + 0.5 * powers[n]
        rising = [s, np.ones_like(s)]
        for j, number in enumerate(_BERNOULLI, start=1):
            rest = rest + number / math.factorial(2 * j) * end ** (1 - 2 * j) * _coefficient(powers, rising, n)
            rising = _times(_times(rising, s + (2 * j - 1)), s + 2 * j)
        return np.sum((-np.log(bases)) ** n * bases**-s, axis=0) + math.factorial(n) * rest


def _coefficient(a: list[Any], b: list[Any], n: int) -> Any:
    """The n-th coefficient of the product of two series."""
    return sum(a[n - k] * b[k] for k in range(min(n + 1, len(b))))


def _times(series: list[Any], constant: Any) -> list[Any]:
    """A polynomial in e times `constant + e`."""
    return [constant * series[0], *(constant * b + a for a, b in pairwise(series)), series[-1]]
