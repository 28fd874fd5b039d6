"""Helpers for factorisations and structured matrices: NumPy only, on matrices and not on stacks of them."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable

_NEAR = {False: 1e-3, True: 1e-7}
"""How far `basis^T g` may be from Hermitian in single and in double precision, in parts of the largest element of `g`."""

def _columns(x: Any) -> Any:
    return np.asarray(x)[:, None] if np.ndim(x) == 1 else np.asarray(x)


def _outer(a: Any, b: Any) -> Any:
    """The sum over right sides of their outer products."""
    return _columns(a) @ _columns(b).T


def any_basis_forth(t: Any, basis: Any) -> Any:
    """The tangent of vectors that are one of many bases of a space: as little as they can move."""
    return t


def any_basis_back(g: Any, basis: Any) -> Any:
    """The cotangent `g` of such vectors.  Raises NotDifferentiable where the function depends on which of the bases they are.

    It does not if turning the vectors among themselves, `basis @ exp(skew)`, changes nothing: if `basis^T g` is Hermitian, since
    a cotangent and a tangent of complex numbers are paired without a conjugate.
    """
    turned = np.swapaxes(basis, -1, -2) @ g
    apart = np.abs(turned - np.swapaxes(np.conj(turned), -1, -2))
    if np.max(apart, initial=0.0) > _NEAR[np.finfo(np.result_type(g)).bits == 64] * np.max(np.abs(g), initial=0.0):
        message = "the result depends on which basis of a null space an algorithm has given, and that has no derivative"
        raise NotDifferentiable(message, "use the singular vectors of values that are not 0, or the projector `n @ n.T`", code="SRC304")
    return g


def triangle(x: Any, lower: Any, strict: Any = False) -> Any:
    """The lower or upper triangle of a matrix, without its diagonal if `strict`."""
    return np.tril(x, -1 if strict else 0) if lower else np.triu(x, 1 if strict else 0)


def mirrored(x: Any, lower: Any) -> Any:
    """The symmetric matrix of which one triangle is read."""
    kept = triangle(x, lower)
    return kept + np.swapaxes(triangle(x, lower, strict=True), -1, -2)


def folded(x: Any, lower: Any) -> Any:
    """The transpose of `mirrored`: what the mirrored elements get is added to the triangle that is read."""
    return triangle(x, lower) + triangle(np.swapaxes(x, -1, -2), lower, strict=True)


def cho_solve_back(pulled: Any, y: Any, c: Any, lower: Any) -> Any:
    """The cotangent of a Cholesky factor from the cotangent of the right side and the solution."""
    whole = -_outer(pulled, y)
    factor = triangle(c, lower)
    whole = whole + whole.T
    return triangle(whole @ factor if lower else factor @ whole, lower)


def cho_solve_forth(t: Any, y: Any, c: Any, lower: Any) -> Any:
    """The tangent of the matrix times the solution, from the tangent of its factor."""
    factor, move = triangle(c, lower), triangle(t, lower)
    if not lower:
        factor, move = factor.T, move.T
    return move @ (factor.T @ y) + factor @ (move.T @ y)


def row_order(piv: Any) -> Any:
    """The permutation that LAPACK's row swaps amount to."""
    found = np.arange(len(piv))
    for k, other in enumerate(piv):
        found[[k, other]] = found[[other, k]]
    return found


def lu_parts(lu: Any) -> tuple[Any, Any]:
    """The two triangles that LAPACK packs into one square matrix."""
    return np.tril(lu, -1) + np.eye(len(lu), dtype=lu.dtype), np.triu(lu)


def lu_solve_back(pulled: Any, y: Any, lu: Any, piv: Any, trans: Any = 0) -> Any:
    """The cotangent of packed triangles from that of the right side and the solution."""
    whole = -(_outer(y, pulled) if trans else _outer(pulled, y))[row_order(piv)]
    left, right = lu_parts(lu)
    return np.tril(whole @ right.T, -1) + np.triu(left.T @ whole)


def lu_solve_forth(t: Any, y: Any, lu: Any, piv: Any, trans: Any = 0) -> Any:
    """The tangent of the matrix, from that of its packed triangles, times the solution."""
    left, right = lu_parts(lu)
    whole = np.empty_like(t)
    whole[row_order(piv)] = np.tril(t, -1) @ right + left @ np.triu(t)
    return (whole.T if trans else whole) @ y


def lu_back(left_bar: Any, right_bar: Any, left: Any, right: Any) -> Any:
    """The cotangent of the product of unit lower and upper triangles; beyond the square part, rows or columns follow from it."""
    k = left.shape[1]
    below = np.linalg.solve(right[:, :k], left_bar[k:].T).T
    beside = np.linalg.solve(left[:k].T, right_bar[:, k:])
    left_bar, right_bar = left_bar[:k] - beside @ right[:, k:].T, right_bar[:, :k] - left[k:].T @ below
    inner = np.tril(left[:k].T @ left_bar, -1) + np.triu(right_bar @ right[:, :k].T)
    square = np.linalg.solve(left[:k].T, np.linalg.solve(right[:, :k], inner.T).T)
    return np.block([[square, beside], [below, np.zeros((len(below), beside.shape[1]))]])


def lu_forth(t: Any, left: Any, right: Any) -> tuple[Any, Any]:
    """The tangents of unit lower and upper triangles from that of their product; beyond the square part, as they follow from it."""
    k = left.shape[1]
    lower, upper = left[:k], right[:, :k]
    inner = np.linalg.solve(upper.T, np.linalg.solve(lower, t[:k, :k]).T).T
    lower_dot, upper_dot = lower @ np.tril(inner, -1), np.triu(inner) @ upper
    below = np.linalg.solve(upper.T, (t[k:, :k] - left[k:] @ upper_dot).T).T
    beside = np.linalg.solve(lower, t[:k, k:] - lower_dot @ right[:, k:])
    return np.vstack([lower_dot, below]), np.hstack([upper_dot, beside])


def lu_factor_back(g: Any, lu: Any, piv: Any) -> Any:
    """The cotangent of a square matrix from that of its packed triangles."""
    left, right = lu_parts(lu)
    found = np.empty_like(g)
    found[row_order(piv)] = lu_back(np.tril(g, -1), np.triu(g), left, right)
    return found


def lu_factor_forth(t: Any, lu: Any, piv: Any) -> Any:
    """The tangent of packed triangles from that of the square matrix."""
    left, right = lu_forth(t[row_order(piv)], *lu_parts(lu))
    return np.tril(left, -1) + right


def toeplitz_column(g: Any, c: Any) -> Any:
    """The sums of the diagonals of `g` on and below the main one: the cotangent of the first column."""
    return np.array([np.trace(g, -k) for k in range(np.size(c))], g.dtype)


def toeplitz_row(g: Any, r: Any) -> Any:
    """The sums of the diagonals of `g` above the main one: the cotangent of the first row, whose first element is not read."""
    return np.array([np.trace(g, k) if k else 0.0 for k in range(np.size(r))], g.dtype)


def block_diag_back(g: Any, *xs: Any) -> tuple[Any, ...]:
    """The blocks on the diagonal, in the shapes of what they were made of."""
    found, row, column = [], 0, 0
    for x in xs:
        m, n = np.atleast_2d(x).shape
        found.append(np.array(g[row : row + m, column : column + n]).reshape(np.shape(x)))
        row, column = row + m, column + n
    return tuple(found)


def banded_transpose(ab: Any, lower: Any, upper: Any) -> Any:
    """The diagonals of the transposed matrix, stored as LAPACK stores those of the matrix."""
    found = np.zeros_like(ab)
    n = np.shape(ab)[1]
    for d in range(-lower, upper + 1):
        first, last = max(d, 0), n + min(d, 0)
        found[lower + d, first - d : last - d] = ab[upper - d, first:last]
    return found


def banded_product(ab: Any, y: Any, lower: Any, upper: Any) -> Any:
    """A banded matrix times a vector or matrix."""
    n = np.shape(ab)[1]
    found = np.zeros((n, *np.shape(y)[1:]), np.result_type(ab, y))
    for d in range(-lower, upper + 1):
        first, last = max(d, 0), n + min(d, 0)
        diagonal = ab[upper - d, first:last]
        found[first - d : last - d] += diagonal.reshape(-1, *(1,) * (np.ndim(y) - 1)) * y[first:last]
    return found


def banded_outer(pulled: Any, y: Any, ab: Any, lower: Any, upper: Any) -> Any:
    """The diagonals of the sum of outer products, stored as `ab` is."""
    left, right, found = _columns(pulled), _columns(y), np.zeros_like(ab)
    n = np.shape(ab)[1]
    for d in range(-lower, upper + 1):
        first, last = max(d, 0), n + min(d, 0)
        found[upper - d, first:last] = np.sum(left[first - d : last - d] * right[first:last], axis=1)
    return found


def _with_mirrored(bands: Any) -> Any:
    """Diagonals, as many on both sides, and to each what is in its place on the other side; what is not read is 0."""
    width = len(bands) // 2
    other = banded_transpose(bands, width, width)
    found = other + banded_transpose(other, width, width)
    found[width] = bands[width]
    return found


def symmetric_bands(ab: Any, lower: Any) -> Any:
    """All diagonals of a symmetric matrix of which one side is stored."""
    nothing = np.zeros_like(ab[1:])
    return _with_mirrored(np.concatenate([nothing, ab] if lower else [ab, nothing]))


def bands_folded(g: Any, lower: Any) -> Any:
    """The transpose of `symmetric_bands`: what the mirrored elements get is added to the diagonals that are stored."""
    found = _with_mirrored(g)
    return found[len(g) // 2 :] if lower else found[: len(g) // 2 + 1]


def triangle_of_bands(ab: Any, lower: Any) -> Any:
    """The triangle of a matrix of which the diagonals on one side are stored."""
    width, n = len(ab) - 1, np.shape(ab)[1]
    found, rows = np.zeros((n, n), np.asarray(ab).dtype), np.arange(n)
    for k in range(min(width + 1, n)):
        if lower:
            found[rows[k:], rows[: n - k]] = ab[k, : n - k]
        else:
            found[rows[: n - k], rows[k:]] = ab[width - k, k:]
    return found


def bands_of_triangle(m: Any, ab: Any, lower: Any) -> Any:
    """The diagonals of a matrix on one side, stored as those of `ab` are."""
    width, n = len(ab) - 1, np.shape(ab)[1]
    found = np.zeros(np.shape(ab), np.asarray(m).dtype)
    for k in range(min(width + 1, n)):
        if lower:
            found[k, : n - k] = np.diagonal(m, -k)
        else:
            found[width - k, k:] = np.diagonal(m, k)
    return found


def two_blocks(a: Any, e: Any) -> Any:
    """The block triangular matrix `[[a, e], [0, a]]`, whose image under a function of matrices holds its derivative."""
    return np.block([[a, e], [np.zeros_like(a), a]])


def both_blocks(a: Any) -> Any:
    """The block diagonal matrix `[[a, 0], [0, a]]`."""
    return np.block([[a, np.zeros_like(a)], [np.zeros_like(a), a]])


def corner(w: Any) -> Any:
    """The upper right of four blocks."""
    n = w.shape[-1] // 2
    return w[..., :n, n:].copy()


def corner_sum(w: Any) -> Any:
    """The sum of both diagonal blocks."""
    n = w.shape[-1] // 2
    return w[..., :n, :n] + w[..., n:, n:]
