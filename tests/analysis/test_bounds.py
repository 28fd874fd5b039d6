"""Reads of elements that cannot raise: whether a gradient repeats them for their error."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([0.9, -0.4, 1.3, 0.7])
A = np.arange(12.0).reshape(3, 4) / 7


def neighbours(x):
    s = 0.0
    for i in range(len(x) - 1):
        s += (x[i + 1] - x[i]) ** 2
    return s


def around(x):
    s = 0.0
    for i in range(x.shape[0]):
        s += x[i] * x[i - 1]
    return s


def downwards(x):
    s = 0.0
    for i in range(x.size - 1, -1, -1):
        s += x[i] ** 2
    return s


def pairs(x):
    n = len(x)
    s = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            s += x[i] * x[j]
    return s


def inner_points(x):
    n, m = x.shape
    s = 0.0
    for i in range(1, n - 1):
        for j in range(m):
            s += (x[i - 1, j] - x[i + 1, j]) * x[i, j]
    return s


def rows(x):
    s = 0.0
    for i in range(len(x)):
        s += np.sum(x[i])
    return s


@pytest.mark.parametrize(("f", "x"), [(neighbours, X), (around, X), (downwards, X), (pairs, X), (inner_points, A), (rows, A)])
def test_what_is_surely_there_is_not_read_for_its_error(f, x):
    text = srcad.grad(f).source(x)
    assert "may raise" not in text
    assert " for " not in text[text.index("# forward sweep") : text.index("# reverse sweep")]
    srcad.check_grads(f, x)


def beyond(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i + 1]
    return s


def before(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i - 2]
    return s


def counted(x, n=3):
    s = 0.0
    for i in range(n):
        s += x[i]
    return s


def other(x, n=3):
    y = np.ones(n)
    s = 0.0
    for i in range(len(y)):
        s += x[i]
    return s


def other_axis(x):
    s = 0.0
    for i in range(x.shape[1]):
        s += x[i, 0]
    return s


def cut_off(x):
    s = np.sum(x)
    for i in range(len(x[3:])):
        s += x[i]
    return s + x[len(x[3:])]


def behind_the_loop(x):
    i = 0
    for i in range(len(x) + 1):
        pass
    return np.sum(x) + x[i]


@pytest.mark.parametrize(("f", "x"), [
    (beyond, X), (before, X[:1]), (counted, X[:2]), (other, X[:2]), (other_axis, A), (cut_off, X[:0]), (behind_the_loop, X),
])  # fmt: skip
def test_what_may_be_missing_raises_as_the_function_does(f, x):
    with pytest.raises(IndexError):
        f(x)
    with pytest.raises(IndexError):
        srcad.grad(f)(x)
