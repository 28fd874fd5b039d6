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


def _root_after(x, n):
    return np.sqrt(x) * 2.0 if n == 0 else _root_after(x, n - 1) + x


def _decay(x, n):
    return np.exp(-x) if n == 0 else _decay(x, n - 1)


def in_functions_that_are_called(x):
    with np.errstate(all="raise"):
        return _root_after(x, 2)


def of_tangents_that_are_tiny(x):
    with np.errstate(under="raise"):
        return _decay(x, 1)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_forward_mode_does_not_raise_in_functions_that_are_called():
    assert srcad.jvp(in_functions_that_are_called, (np.float64(0.0),), (1.0,)) == (0.0, np.inf)
    value, tangent = srcad.jvp(of_tangents_that_are_tiny, (np.float64(700.0),), (1e-300,))
    assert value == np.exp(-700.0)
    assert tangent == 0.0
    with pytest.raises(FloatingPointError), np.errstate(all="raise"):
        srcad.jvp(in_functions_that_are_called, (np.float64(-1.0),), (1.0,))
