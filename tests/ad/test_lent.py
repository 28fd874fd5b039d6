"""Cotangents that are the very array that the function was given: they are copied before anything is added to them."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def loop(x, y, n):
    r = x[1]
    for _ in range(n):
        x -= 1.0
    return np.dot(x, y) + r * r


def endless(x, y, n):
    r = x[1]
    while r > 100.0 + n:
        x -= 1.0
    return np.dot(x, y) + r * r


def branch_in_a_loop(x, y, n):
    r = x[1]
    for k in range(n):
        if k % 2:
            x -= k
    return np.dot(x, y) + r * r


def branch(x, y, n):
    r = x[0]
    if n:
        x -= 1.0
    else:
        x += 1.0
    return np.sum(x * y) + r * x[1]


def tried(x, y, n):
    r = x[2]
    try:
        x -= n
    except ValueError:
        x += 1.0
    return np.vdot(y, x) + r * r


def nested(x, y, n):
    r = x[1]
    for _ in range(n):
        for _ in range(2):
            x += 2.0
        x -= 1.0
    return x @ y + r


def in_a_call(x, y, n):
    r = x[1]
    shift(x, n)
    return np.inner(x, y) + r * r


def shift(x, n):
    for _ in range(n):
        x -= 1.0


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("f", [loop, endless, branch_in_a_loop, branch, tried, nested, in_a_call])
def test_what_is_given_stays(f, n):
    x, y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    srcad.check_grads(f, x, y, n)
    value, pullback = srcad.vjp(f, x, y, n, argnums=(0, 1))
    first, second = pullback(1.0), pullback(1.0)
    assert np.array_equal(first, second)
    assert np.array_equal(first, srcad.grad(f, argnums=(0, 1))(x, y, n))
    assert (x.tolist(), y.tolist()) == ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    assert value == f(x.copy(), y.copy(), n)
