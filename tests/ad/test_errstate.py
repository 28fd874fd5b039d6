"""`np.errstate` that makes NumPy raise: what raises in the primal raises, and nothing else does."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([1.3, 0.7, 2.1])


def raises_where_it_is_read(x, z):
    total = x[0]
    try:
        with np.errstate(divide="raise"):
            total = total * 2
            w = x / z
            total = total * 100
    except FloatingPointError:
        return total - 1
    return w[0] + total


def raises_where_nobody_reads(x, z):
    total = np.sum(x)
    try:
        with np.errstate(over="raise"):
            np.exp(x * 1000)
    except FloatingPointError:
        total = total * 3 + z[0]
    return total


def silent(x, z):
    with np.errstate(all="ignore"):
        w = x / z
    return np.sum(np.where(np.isfinite(w), w, x))


@pytest.mark.parametrize("f", [raises_where_it_is_read, raises_where_nobody_reads, silent], ids=lambda f: f.__name__)
def test_the_primal_raises_what_it_raises(f):
    z = np.zeros(3)
    with np.errstate(all="ignore"):
        value, gradient = srcad.value_and_grad(f)(X, z)
        assert value == f(X, z)
        expected = [(f(X + e, z) - f(X - e, z)) / 2e-6 for e in 1e-6 * np.eye(3)]
        out, _ = srcad.jvp(f, (X, z), (np.ones(3), None))
    assert out == value
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_the_reverse_sweep_does_not_raise():
    def root(x):
        with np.errstate(all="raise"):
            w = np.sqrt(x)
        return np.sum(w)

    np.testing.assert_array_equal(srcad.grad(root)(np.array([0.0, 4.0])), [np.inf, 0.25])
