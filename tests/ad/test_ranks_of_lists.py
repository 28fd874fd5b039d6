"""Arrays whose shape is a list or tuple of a length that only run time knows have a rank that only run time knows."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def zeros(x, n):
    a = np.zeros([2] * n) + x
    return a.ndim * np.sum(a * x)


def ones(x, n):
    shape = ()
    for k in range(n):
        shape = (*shape, k + 1)
    a = np.ones(shape) * x
    return np.sum(a.sum(axis=-1) * x) + len(a.shape)


def full(x, n):
    a = np.full([2] * n, x)
    return np.sum(a.T * a) * np.ndim(a)


def broadcast(x, n):
    a = np.broadcast_to(x, (2,) + (3,) * n)
    return np.sum(a**2) * a.ndim


def tiled(x, n):
    a = np.tile(np.array([x, x]), [2] * n)
    return np.sum(a**2) * a.ndim


def indices(x, n):
    return np.sum(np.ones([2] * n) * x) * np.indices([2] * n).ndim


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("f", [zeros, ones, full, broadcast, tiled, indices])
def test_rank(f, n):
    assert srcad.value_and_grad(f)(1.3, n)[0] == f(1.3, n)
    srcad.check_grads(f, 1.3, n)


def by_shape(x):
    shape = getattr(x, "shape", ())
    rows = np.zeros((2,) if shape == () else (2, shape[0]))
    rows[0] = x
    rows[1] = np.zeros((2,) + np.shape(x))[1] + x * x
    return np.sum(np.array([1.0, 3.0]).dot(rows) ** 2)


@pytest.mark.parametrize("x", [1.2, np.array([0.3, 0.7, 1.1])], ids=["number", "vector"])
def test_shapes_that_are_known_are_compared_and_joined_when_compiling(x):
    source = srcad.grad(by_shape).source(x)
    assert "if" not in source.split("def ", 1)[1]
    srcad.check_grads(by_shape, x)


def same(x, n):
    return x * (1.0 + ((1, 2) == (1, 2)) + 2 * ([1] != [1, n]) + 4 * ((1, n) == (1, 3)) + 8 * ((1,) == [1]) + 16 * ((0,) == (False,)))


@pytest.mark.parametrize("n", [2, 3])
def test_displays_that_are_compared(n):
    assert srcad.value_and_grad(same)(0.7, n)[0] == same(0.7, n)
