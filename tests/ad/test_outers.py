"""Matrices that act on vectors in loops: their cotangents are sums of outer products, made in one product behind the loop."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad.runtime import outer_sum


def recurrent(W, U, h, xs):
    for x in xs:
        h = np.tanh(W @ h + U @ x)
    return np.sum(h)


def until_small(W, h):
    trips = 0
    while np.sum(h * h) > 1e-2 and trips < 50:
        h = 0.5 * np.sin(W @ h)
        trips += 1
    return np.sum(h) + trips


def nested(W, h, n):
    total = 0.0
    for k in range(n):
        for _ in range(k + 2):
            h = np.cos(W @ h)
        total += np.sum(h)
    return total


def changed_in_place(W, h, n):
    v = h.copy()
    for k in range(n):
        r = W @ v
        v *= 0.5
        v += r
        v[0] = np.sin(v[1]) * k
    return np.sum(v * v)


def rows_of_a_matrix(W, X):
    total = 0.0
    for k in range(len(X)):
        X[k] = np.tanh(W @ X[k - 1])
        total += np.sum(X[k])
    return total


def sometimes(W, h, n):
    for k in range(n):
        h = np.sin(W @ h) if k % 2 else 0.5 * h
    return np.sum(h)


def left_and_right(W, h, n):
    total = 0.0
    for _ in range(n):
        total += h @ W @ h
        h = h @ W
    return total


def early_exit(W, h, n):
    for k in range(n):
        h = np.sin(W @ h)
        if h[0] < 0.1:
            break
    return np.sum(h) * (k + 1)


W = np.array([[0.3, -0.2, 0.5], [0.1, 0.4, -0.3], [0.2, 0.6, 0.1]])
H = np.array([0.4, -0.7, 0.2])
CASES = [
    (recurrent, (W, W + 0.1, H, np.arange(15.0).reshape(5, 3) / 9)), (recurrent, (W, W + 0.1, H, np.zeros((0, 3)))), (until_small, (W, H)),
    (until_small, (W, 0.01 * H)), (nested, (W, H, 4)), (nested, (W, H, 0)), (changed_in_place, (W, H, 5)), (changed_in_place, (W, H, 0)),
    (rows_of_a_matrix, (W, np.arange(18.0).reshape(6, 3) / 7)), (sometimes, (W, H, 7)), (left_and_right, (W, H, 6)),
    (left_and_right, (W, H, 1)), (early_exit, (W, H, 9)), (early_exit, (W, -H, 9)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), [pytest.param(f, a, id=f"{f.__name__}-{n}") for n, (f, a) in enumerate(CASES)])
def test_right(f, args):
    kept = [np.copy(a) for a in args]
    srcad.check_grads(f, *args)
    value, pullback = srcad.vjp(f, *args)
    assert value == f(*[np.copy(a) for a in args])
    first, second = pullback(1.0), pullback(1.0)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True) if isinstance(a, np.ndarray))
    assert all(np.array_equal(a, b) for a, b in zip(args, kept, strict=True))


def test_one_product():
    gradient = srcad.grad(recurrent, argnums=(0, 1))
    gradient(W, W, H, np.ones((5, 3)))
    text = gradient.source()
    assert text.count("outer_sum(") == 2
    assert "np.outer" not in text


def test_float32():
    w, h = W.astype(np.float32), H.astype(np.float32)
    found = srcad.grad(sometimes, argnums=(0, 1))(w, h, 7)
    assert [g.dtype for g in found] == [np.float32, np.float32]
    exact = srcad.grad(sometimes, argnums=(0, 1))(W, H, 7)
    assert all(np.allclose(a, b, rtol=1e-5, atol=1e-7) for a, b in zip(found, exact, strict=True))


def test_second_order():
    srcad.check_grads(lambda w: recurrent(w, W, H, np.ones((3, 3)) / 4), W, order=2)


def test_no_pairs():
    assert outer_sum([]) == 0.0
    assert np.allclose(outer_sum([(H, W[0]), (W[1], H)]), np.outer(H, W[0]) + np.outer(W[1], H), rtol=1e-15)
