"""Zero cotangents of values whose type is not one on all paths: arrays of several dtypes, numbers or arrays."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X, Y = np.array([0.3, -0.4, 0.8]), np.array([0.5, 0.25, -0.75], dtype=np.float32)


def exchanged_in_a_loop(x, y):
    v = 2.0 * x
    for _ in range(2):
        y, v = v, y
    return np.dot(x, v)


def read_by_element_behind_a_branch(x, y):
    u = x if x[0] > 0 else y
    w = u
    if x[1] > 0:
        w = np.tanh(y)
    return w[2] * x[0] + u[1]


def replaced_in_a_loop(x, y):
    u = x
    for k in range(3):
        if k == 1:
            u = np.tanh(y)
    return u[2] * x[0]


def number_or_array(x, y):
    total = 0.0
    for k in range(3):
        if k > 0:
            total = total + x * y
    return np.sum(total) + np.sum(x)


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("function", [exchanged_in_a_loop, read_by_element_behind_a_branch, replaced_in_a_loop, number_or_array])
def test_gradients_of_mixed_values(function):
    gradients = srcad.grad(function, argnums=(0, 1))(X, Y)
    wide = srcad.grad(function, argnums=(0, 1))(X, Y.astype(float))
    for n, (gradient, given) in enumerate(zip(gradients, (X, Y), strict=True)):
        assert (gradient.dtype, gradient.shape) == (given.dtype, given.shape)
        steps = np.eye(3) * 1e-6
        args = (X, Y.astype(float))
        slopes = [(function(*_moved(args, n, e)) - function(*_moved(args, n, -e))) / 2e-6 for e in steps]
        np.testing.assert_allclose(wide[n], slopes, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-6)
    value, pullback = srcad.vjp(function, X, Y)
    assert value == function(X, Y)
    for a, b in zip(pullback(1.0), gradients, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def _moved(args, n, step):
    return tuple(a + step if k == n else a for k, a in enumerate(args))
