"""Orthogonal polynomials of `scipy.special` in their argument (https://dlmf.nist.gov/18.9#iii), and spherical harmonics in their angles
(https://dlmf.nist.gov/14.30); the degree must be constant.
"""
from __future__ import annotations

from typing import Any

from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import sp
from srcad.ops.trace import apply, o

U = arr(3, low=0.2, high=0.8)
BY_DEGREE = calls((2, 0.7), (3, U))


def _below(n: Any) -> Any:
    """The degree below; 1 for degree 0, where Hermite's polynomials of degree -1 are not defined and are multiplied by 0."""
    return apply("abs", n - 1)


def _ultra(order: float, factor: float, scale: float = 1.0, shift: float = 0.0) -> Any:
    """A multiple of Gegenbauer's polynomial of the degree below, at a shifted argument."""
    return None, lambda y, n, x: factor * sp("eval_gegenbauer", n - 1, order, scale * x + shift)


def _harmonic_slope(y: Any, n: Any, m: Any, theta: Any, phi: Any) -> Any:
    """By the polar angle, from the harmonics beside it: nothing is divided by, so that the poles are points as others.

    There is none of an order above the degree.
    """
    turn = o.exp(1j * phi)
    rise, fall = (apply("np.sqrt", apply("np.maximum", v, 0.0)) for v in ((n - m) * (n + m + 1.0), (n + m) * (n - m + 1.0)))
    return 0.5 * (rise / turn * sp("sph_harm_y", n, m + 1, theta, phi) - fall * turn * sp("sph_harm_y", n, m - 1, theta, phi))


PARTIALS: dict[str, tuple[Any, Any]] = {
    "eval_legendre": (_ultra(1.5, 1.0), BY_DEGREE),
    "sph_harm_y": ((None, None, _harmonic_slope, lambda y, n, m, theta, phi: 1j * m * y), calls((2, 1, 0.7, 0.3), (3, -2, U, U[::-1]))),
    "eval_sh_legendre": (_ultra(1.5, 2.0, 2.0, -1.0), BY_DEGREE),
    "eval_chebyt": ((None, lambda y, n, x: n * sp("eval_chebyu", n - 1, x)), BY_DEGREE),
    "eval_chebyu": (_ultra(2.0, 2.0), BY_DEGREE),
    "eval_chebyc": ((None, lambda y, n, x: n * sp("eval_chebys", n - 1, x)), BY_DEGREE),
    "eval_chebys": (_ultra(2.0, 1.0, 0.5), BY_DEGREE),
    "eval_sh_chebyt": ((None, lambda y, n, x: 2.0 * n * sp("eval_sh_chebyu", n - 1, x)), BY_DEGREE),
    "eval_sh_chebyu": (_ultra(2.0, 4.0, 2.0, -1.0), BY_DEGREE),
    "eval_gegenbauer": ((None, None, lambda y, n, a, x: 2.0 * a * sp("eval_gegenbauer", n - 1, a + 1, x)), calls((2, 1, 0.7), (3, 2, U))),
    "eval_jacobi": ((None, None, None, lambda y, n, a, b, x: 0.5 * (n + a + b + 1) * sp("eval_jacobi", n - 1, a + 1, b + 1, x)),
        calls((2, 1, 2, 0.7), (3, 0, 1, U))),
    "eval_sh_jacobi": ((None, None, None, lambda y, n, p, q, x: (n + p) * sp("eval_jacobi", n - 1, p - q + 1, q, 2.0 * x - 1.0)
        / sp("binom", 2 * n + p - 1, n)), calls((2, 3, 2, 0.7), (3, 2, 1, U))),
    "eval_laguerre": ((None, lambda y, n, x: -sp("eval_genlaguerre", n - 1, 1, x)), BY_DEGREE),
    "eval_genlaguerre": ((None, None, lambda y, n, a, x: -sp("eval_genlaguerre", n - 1, a + 1, x)), calls((2, 1, 0.7), (3, 2, U))),
    "eval_hermite": ((None, lambda y, n, x: 2.0 * n * sp("eval_hermite", _below(n), x)), BY_DEGREE),
    "eval_hermitenorm": ((None, lambda y, n, x: n * sp("eval_hermitenorm", _below(n), x)), BY_DEGREE),
    "lpmv": ((None, None, lambda y, m, v, x: (v * x * y - (v + m) * sp("lpmv", m, v - 1, x)) / (x * x - 1.0)),
        calls((1, 2, 0.7), (0, 3, U))),
}  # fmt: skip
"""Function -> partials and samples.  A partial that is None is unknown: that operand must be constant."""
