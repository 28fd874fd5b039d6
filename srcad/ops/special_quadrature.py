"""Nodes and weights of Gauss quadrature with real parameters: the eigenvalues and vectors of the matrix of the recurrence.

Golub and Welsch, Calculation of Gauss quadrature rules (1969); the recurrences: https://dlmf.nist.gov/18.9.
"""
from __future__ import annotations

from typing import Any

from srcad.ops.compose import composed
from srcad.ops.op import Spellings
from srcad.ops.samples import calls
from srcad.ops.scipy_words import op_of, sp
from srcad.ops.trace import apply, constant


def _rule(diagonal: Any, beside: Any, total: Any, mu: Any) -> Any:
    """Nodes and weights (and their sum) of a symmetric tridiagonal matrix and the integral of the weight function."""
    matrix = apply("np.diag", diagonal) + apply("np.diag", beside, 1) + apply("np.diag", beside, -1)
    found = apply("np.linalg.eigh", matrix)
    weights = total * found[1][0] ** 2
    return (found[0], weights, total) if mu else (found[0], weights)


def _first(first: Any, rest: Any, count: Any) -> Any:
    """So many items of a vector that starts with a number."""
    return apply("np.append", first, rest)[:count]


def jacobi(n: Any, alpha: Any, beta: Any, mu: Any = False) -> Any:
    """The weight `(1 - x)**alpha * (1 + x)**beta` on (-1, 1)."""
    s, like = alpha + beta, alpha + beta
    k = constant(like, "np.arange", 1.0, n)
    diagonal = _first((beta - alpha) / (s + 2.0), (beta - alpha) * s / ((2.0 * k + s) * (2.0 * k + s + 2.0)), n)
    k = constant(like, "np.arange", 2.0, n)
    squares = 4.0 * k * (k + alpha) * (k + beta) * (k + s) / ((2.0 * k + s) ** 2 * (2.0 * k + s + 1.0) * (2.0 * k + s - 1.0))
    first = 4.0 * (1.0 + alpha) * (1.0 + beta) / ((2.0 + s) ** 2 * (3.0 + s))
    total = apply("np.exp", (s + 1.0) * constant(like, "np.log", 2.0) + sp("betaln", alpha + 1.0, beta + 1.0))
    return _rule(diagonal, apply("np.sqrt", _first(first, squares, n - 1)), total, mu)


def gegenbauer(n: Any, alpha: Any, mu: Any = False) -> Any:
    """The weight `(1 - x**2)**(alpha - 1/2)` on (-1, 1)."""
    return jacobi(n, alpha - 0.5, alpha - 0.5, mu)


def laguerre(n: Any, alpha: Any, mu: Any = False) -> Any:
    """The weight `x**alpha * exp(-x)` on (0, inf)."""
    k = constant(alpha, "np.arange", 1.0, n)
    diagonal = 2.0 * constant(alpha, "np.arange", 0.0, n) + (alpha + 1.0)
    return _rule(diagonal, apply("np.sqrt", k * (k + alpha)), sp("gamma", alpha + 1.0), mu)


def _entry(special: Any, name: str, body: Any, names: tuple[str, ...], *given: tuple[Any, ...]) -> Spellings:
    return composed(getattr(special, name), body, name=f"special.{name}", path="", op=op_of("special", name), names=names,
        operands=len(names) - 1, sample=calls(*given))  # fmt: skip


def rules(special: Any) -> tuple[Spellings, ...]:
    """The entries of the functions that the installed SciPy has."""
    return (
        _entry(special, "roots_jacobi", jacobi, ("n", "alpha", "beta", "mu"), (3, 0.5, 0.25), (4, -0.3, 1.2, True), (1, 0.5, 0.25)),
        _entry(special, "roots_gegenbauer", gegenbauer, ("n", "alpha", "mu"), (3, 0.75), (2, 1.25, True)),
        _entry(special, "roots_genlaguerre", laguerre, ("n", "alpha", "mu"), (3, 0.75), (2, -0.25, True)),
    )  # fmt: skip
