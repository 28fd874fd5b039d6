"""Sparse Jacobians and Hessians: equal to dense ones, and few sweeps."""
from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import srcad
from srcad.sparse import painted


def tridiagonal(x):
    y = x**2 * np.sin(x)
    y[1:] -= x[:-1] * x[1:]
    y[:-1] += np.exp(-x[1:])
    return y


def looped(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i] ** 2
        if i > 1:
            y[i] -= x[i - 2] * x[i]
    return y


def laplacian(u):
    return u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1] ** 2


def full_row(x):
    return np.concatenate([np.array([np.sum(x**2)]), x[1:] ** 3])


def full_column(x):
    return x[0] * x**2


def dense(x):
    return np.cumsum(x**2) * np.sum(x)


def constant(x):
    return 0.0 * x + 1.0


def switched(x):
    return np.where(x > 0, x * np.roll(x, 1), x)


def relax(u, k):
    u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def flat(f, x):
    whole = srcad.jacobian(f)(x)
    return whole.reshape(-1, x.size)


@pytest.mark.parametrize("n", [1, 2, 3, 17, 40])
@pytest.mark.parametrize("f", [tridiagonal, looped, full_row, full_column, dense, constant, switched], ids=lambda f: f.__name__)
def test_equal_to_dense(f, n):
    x = np.linspace(-0.9, 2.1, n)
    found = srcad.sparse_jacobian(f)(x)
    assert isinstance(found, scipy.sparse.csr_array)
    np.testing.assert_allclose(found.toarray(), flat(f, x), rtol=1e-13, atol=1e-15)


def test_arrays_of_any_rank():
    u = np.random.default_rng(0).normal(size=(9, 8))
    jacobian = srcad.sparse_jacobian(laplacian)
    np.testing.assert_allclose(jacobian(u).toarray(), flat(laplacian, u), rtol=1e-13)
    np.testing.assert_allclose(jacobian(2 * u).toarray(), flat(laplacian, 2 * u), rtol=1e-13)
    assert jacobian.sweeps <= 8


def test_few_sweeps_once_the_pattern_is_known():
    x = np.linspace(0.1, 2.0, 2000)
    jacobian = srcad.sparse_jacobian(tridiagonal)
    assert jacobian(x).nnz == 3 * 2000 - 2
    assert jacobian.sweeps < 100
    again = jacobian(x + 1)
    assert jacobian.sweeps == 4  # three colours, and the check
    np.testing.assert_allclose(again.diagonal(), 2 * (x + 1) * np.sin(x + 1) + (x + 1) ** 2 * np.cos(x + 1) - [0, *x[:-1] + 1])
    rows = srcad.sparse_jacobian(full_row)
    rows(x)
    assert rows.sweeps < 150
    rows(x)
    assert rows.sweeps == 3


def test_a_pattern_that_has_changed_is_found_again():
    jacobian = srcad.sparse_jacobian(switched)
    for x in (-np.ones(20), np.linspace(-1, 1, 20), np.ones(20), -np.ones(20)):
        np.testing.assert_allclose(jacobian(x).toarray(), flat(switched, x))


@pytest.mark.parametrize("kind", [lambda p: p, scipy.sparse.csc_array, scipy.sparse.coo_matrix, np.nonzero])
def test_given_patterns(kind):
    n = 30
    pattern = np.eye(n, k=1) + np.eye(n) + np.eye(n, k=-1) > 0
    x = np.linspace(0.2, 1.7, n)
    jacobian = srcad.sparse_jacobian(tridiagonal, pattern=kind(pattern))
    np.testing.assert_allclose(jacobian(x).toarray(), flat(tridiagonal, x), rtol=1e-14)
    assert jacobian.sweeps == 4


def test_hessians():
    x = np.linspace(-1, 1, 200)
    hessian = srcad.sparse_hessian(rosenbrock)
    np.testing.assert_allclose(hessian(x).toarray(), srcad.hessian(rosenbrock)(x), rtol=1e-13)
    hessian(x + 0.1)
    assert hessian.sweeps <= 4


def test_outputs_arguments_by_name_and_pickles():
    u = np.linspace(0, 1, 12)
    jacobian = srcad.sparse_jacobian(relax, "u", outputs="u")
    expected = srcad.jacobian(relax, "u", outputs="u")(u, 0.2)
    np.testing.assert_allclose(jacobian(u, 0.2).toarray(), expected)
    np.testing.assert_allclose(pickle.loads(pickle.dumps(jacobian))(u, k=0.2).toarray(), expected)
    found = srcad.sparse_jacobian(lambda p: p["a"] * np.roll(p["b"], 1), "p['b']")({"a": u, "b": u})
    np.testing.assert_allclose(found.toarray(), np.roll(np.diag(np.roll(u, -1)), 1, axis=0))


def test_functions_with_effects_run_once(capsys):
    def noted(x):
        print("once")
        return x**2

    np.testing.assert_allclose(srcad.sparse_jacobian(noted)(np.arange(1.0, 5.0)).toarray(), np.diag([2.0, 4.0, 6.0, 8.0]))
    assert capsys.readouterr().out == "once\n"


def test_empty_and_single_precision():
    assert srcad.sparse_jacobian(constant)(np.ones(5)).nnz == 0
    assert srcad.sparse_jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    assert srcad.sparse_jacobian(lambda x: 2 * x)(np.ones(0)).shape == (0, 0)
    found = srcad.sparse_jacobian(tridiagonal)(np.linspace(0.1, 1, 30, dtype=np.float32))
    assert found.dtype == np.float32
    assert found.nnz == 88


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_random_linear_maps(rows, columns, seed):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, columns)) * (rng.random((rows, columns)) < rng.random())
    found = srcad.sparse_jacobian(lambda x: matrix @ x)(rng.normal(size=columns))
    np.testing.assert_allclose(found.toarray(), matrix, rtol=1e-12, atol=1e-12)
    assert found.nnz == np.count_nonzero(matrix)
    where = np.nonzero(matrix)
    colours = painted(*where, matrix.shape)
    assert len(set(zip(where[0].tolist(), colours[where[1]].tolist(), strict=True))) == len(where[0])


def test_functions_of_the_table():
    x = np.array([0.3, 0.9])
    np.testing.assert_array_equal(srcad.sparse_jacobian(np.sin)(x).toarray(), np.diag(np.cos(x)))
    np.testing.assert_array_equal(srcad.sparse_jacobian(lambda *xs: xs[0] * xs[0])(x).toarray(), np.diag(2.0 * x))


@pytest.mark.parametrize(("f", "options", "args", "message"), [
    (tridiagonal, {"pattern": np.eye(5)}, (np.ones(5),), "misses an entry"), (tridiagonal, {"pattern": np.eye(4)}, (np.ones(5),), "shape"),
    (tridiagonal, {"pattern": ([0, 5], [0, 0])}, (np.ones(5),), "does not have"),
    (lambda x: (x, x), {}, (np.ones(3),), "result is a tuple"), (lambda x: x, {}, ([1.0, 2.0],), "argument is a list"),
    (lambda x, y: x * y, {"argnums": (0, 1)}, (np.ones(3), np.ones(3)), "one argument"), (lambda z: z, {}, (np.ones(3) * 1j,), "complex"),
])  # fmt: skip
def test_what_is_refused(f, options, args, message):
    with pytest.raises(srcad.SrcadError, match=message):
        srcad.sparse_jacobian(f, **options)(*args)


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(srcad.ArgumentError, match="SciPy is not installed"):
        srcad.sparse_jacobian(tridiagonal)(np.ones(5))
