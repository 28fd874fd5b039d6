"""Eigenproblems of two matrices, Riccati equations, polar factors and structured matrices of `scipy.linalg`."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

linalg = pytest.importorskip("scipy.linalg")

A = np.array([[2.3, 0.8, 0.45], [1.2, 3.9, 0.7], [0.15, 0.6, 1.4]])
STACK = np.stack([A, A.T + 1.0])
X = np.array([0.3, 0.8, 0.45, 1.2, 0.9])
UNIT = np.eye(3)


def of_two_matrices(a, x):
    s, b = a + a.T, a @ a.T + x[0] * UNIT
    w, v = linalg.eigh(s, b)
    return np.sum(np.sin(w)) + np.sum(v**2 * a) + np.sum(linalg.eigvalsh(s, b) ** 2) + np.sum(linalg.eigh(s, b, eigvals_only=True) ** 3)


def riccati(a, x):
    b, q, r = a[:, :2], a @ a.T + UNIT, np.diag(x[:2] + 1.0)
    return np.sum(linalg.solve_continuous_are(a, b, q, r) ** 2) + np.sum(np.sin(linalg.solve_discrete_are(0.3 * a, b, q, r)))


def tridiagonal(a, x):
    w, v = linalg.eigh_tridiagonal(x[:3], x[3:])
    return np.sum(w**3) + np.sum(v**2 * a) + np.sum(linalg.eigvalsh_tridiagonal(x[:3], x[3:]) ** 2)


def factors(a, x):
    u, p = linalg.polar(a)
    return np.sum(u * a) + np.sum(p**2) + np.sum(linalg.pinvh(a + a.T) ** 2) + np.sum(linalg.eigvals(a).real ** 2)


def structured(a, x):
    first = linalg.hankel(x[:3], x[2:]) * linalg.hankel(x[:3])
    c = x + 3.0 * np.eye(5)[0]
    return np.sum(first**2) + np.sum(linalg.matmul_toeplitz((x[:3], x[1:4]), a) ** 2) + np.sum(linalg.solve_circulant(c, x) ** 2)


@pytest.mark.parametrize("function", [of_two_matrices, riccati, tridiagonal, factors, structured], ids=lambda f: f.__name__)
def test_gradients(function):
    assert srcad.value_and_grad(function)(A, X)[0] == function(A, X)
    srcad.check_grads(function, A, X, order=2)


STACKED = [
    lambda a: linalg.lu_factor(a)[0], lambda a: linalg.cho_factor(a @ np.swapaxes(a, 1, 2))[0], lambda a: linalg.lu(a)[2],
    lambda a: linalg.toeplitz(a[0]),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("function", STACKED, ids=["lu_factor", "cho_factor", "lu", "toeplitz"])
def test_stacks_are_refused_where_scipy_takes_them(function):
    def total(a):
        return np.sum(function(a))

    try:
        total(STACK)
    except ValueError:
        pytest.skip("this version of SciPy takes no stacks")
    with pytest.raises(srcad.errors.NoRule, match="of a stack has no rule"):
        srcad.grad(total)(STACK)


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
def test_rq_and_roots_of_second_order(shape):
    a = A[:3, :3] if shape == (3, 3) else np.random.default_rng(2).normal(size=shape)
    srcad.check_grads(lambda a: linalg.rq(a)[0] ** 2, a, order=2)
    srcad.check_grads(lambda a: linalg.rq(a, mode="economic")[1] ** 2, a, order=2)
    srcad.check_grads(lambda a: np.abs(linalg.sqrtm(a @ a.T - 0.3 * np.eye(len(a)))) ** 2, a, order=2)


@pytest.mark.parametrize("lower", [True, False])
def test_solvers_of_second_order(lower):
    """By the factor, by the bands and by the blocks."""
    a, b = A[:3, :3] + 3.0 * np.eye(3), A[0, :3]
    bands = np.array([[0.4, 0.3, -0.4], [4.1, 3.9, 4.3]])[:: -1 if lower else 1]
    srcad.check_grads(lambda a, b: linalg.cho_solve(linalg.cho_factor(a @ a.T, lower=lower), b), a, b, order=2)
    srcad.check_grads(lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b, trans=int(lower)), a, b, order=2)
    srcad.check_grads(lambda a, b: linalg.solveh_banded(a, b, lower=lower), bands, b, order=2)
    srcad.check_grads(lambda a, b: linalg.solve_banded((1, 1), np.concatenate([a, a[:1] ** 2]), b), np.abs(bands[:: -1 if lower else 1]), b, order=2)
    srcad.check_grads(lambda a, b: linalg.block_diag(a, b, b[0]) ** 2, a, b, order=2)


@pytest.mark.parametrize("complex_b", [True, False])
@pytest.mark.parametrize("complex_a", [True, False])
def test_conjugate_transposes(complex_a, complex_b):
    """The matrix is conjugated, and the cotangent of it; that of a real right side stays real."""
    a, b = A + 4.0 * UNIT, A[:, :2]
    a, b = a + 0.3j * A.T if complex_a else a, b + 0.5j * b[::-1] if complex_b else b
    srcad.check_grads(lambda a, b: linalg.solve_triangular(a, b, trans="C"), a, b, order=2 if complex_a > complex_b else 1)
    srcad.check_grads(lambda a, b: linalg.solve_triangular(a, b, trans=2, lower=True, unit_diagonal=True), a, b)
    srcad.check_grads(lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b, trans=2), a, b)
    srcad.check_grads(lambda a, b: linalg.lu_solve(linalg.lu_factor(a), b), a, b)


@pytest.mark.parametrize("lower", [True, False])
def test_banded_symmetric_matrices(lower):
    """The corners that hold no element are handed on by the factorisation, and read by nothing else."""
    bands, b = np.array([[0.1, 0.2, 0.3, -0.2], [0.4, 0.3, -0.4, 0.1], [4.1, 3.9, 4.3, 3.8]])[:: -1 if lower else 1], A[0, :4] ** 2
    b = np.resize(b, 4)
    srcad.check_grads(lambda ab: linalg.cholesky_banded(ab, lower=lower), bands, order=2)
    srcad.check_grads(lambda ab, b: linalg.cho_solve_banded((linalg.cholesky_banded(ab, lower=lower), lower), b), bands, b, order=2)
    srcad.check_grads(lambda ab: linalg.eigvals_banded(ab, lower=lower), bands, order=2)
    srcad.check_grads(lambda ab: linalg.eig_banded(ab, lower)[1] ** 2, bands, order=2)


def test_powers_and_signs_of_matrices():
    a = A[:3, :3] @ A[:3, :3].T + np.eye(3) + 0.1 * A[:3, :3]
    srcad.check_grads(lambda a, t: linalg.fractional_matrix_power(a, t), a, 0.7)
    srcad.check_grads(lambda a: linalg.fractional_matrix_power(a, 2) + linalg.fractional_matrix_power(a, -1), a)
    srcad.check_grads(linalg.signm, A[:3, :3] + 0.3)


@pytest.mark.parametrize(("function", "reason", "advice"), [
    (linalg.schur, "not determine", "eigh"), (linalg.ldl, "pivots", "cholesky"), (linalg.null_space, "one basis", "pinv"), (linalg.orth, "one basis", "pinv"),
])  # fmt: skip
def test_factors_that_no_derivative_belongs_to(function, reason, advice):
    with pytest.raises(srcad.errors.NoRule, match=reason) as caught:
        srcad.grad(lambda a: np.sum(function(a @ a.T)[0]))(A)
    assert advice in caught.value.advice


def test_rotations_that_are_not_unique() -> None:
    """Between sets of points in a plane a rotation and one of the other orientation are as good: its slope is nan, not a number."""
    a, b = np.random.default_rng(0).normal(size=(4, 3)), np.random.default_rng(1).normal(size=(4, 3))
    flat = b * np.array([1.0, 1.0, 0.0])
    for at, known in ((b, True), (flat, False)):
        for mode in (srcad.jacrev, srcad.jacfwd):
            assert np.isfinite(mode(lambda b: linalg.orthogonal_procrustes(a, b)[0][0, 1])(at)).all() == known
    assert np.isfinite(srcad.grad(lambda b: linalg.orthogonal_procrustes(a, b)[1])(flat)).all()


@pytest.mark.parametrize("mode", ["economic", "r"])
@pytest.mark.parametrize("a", [A, A[:, :2], A[:2]], ids=["square", "tall", "wide"])
def test_factors_with_pivots(a, mode) -> None:
    """The order of the columns is that of the matrix near by too, and may be used as an index."""
    assert linalg.qr(a, pivoting=True)[2].tolist() != list(range(a.shape[1]))

    def weighed(a):
        *_, r, places = linalg.qr(a, mode=mode, pivoting=True)
        return np.sum(r[:, np.argsort(places)] ** 3 * a[: r.shape[0]])

    srcad.check_grads(weighed, a, order=2)
    srcad.check_grads(lambda a: linalg.qr(a, mode=mode, pivoting=True), a)
