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


def in_turns(x):
    rows, at = np.zeros((2, len(x))), 0
    for t in range(4):
        now, then = rows[t % 2], rows[(t + 1) % 2]
        then[:] = 0.5 * now + x
        rows[at, at % len(x)] += 1.0
        at = (at + 1) % len(rows)
    return np.sum(rows)


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


# ---- places that were there before -----------------------------------------------------------------------------------
def in_a_buffer(x):
    rows = np.zeros((2, x.shape[0]))
    now, then = rows[0], rows[-1]
    now[:] = x
    for i in range(3):
        then[:] = np.sin(now) * x[i]
        now, then = then, now
    return np.sum(now)


def read_before(x, k=3):
    first = x[k]
    y = x * 2.0
    x[k] = 1.0
    for _ in range(2):
        x[k]
        y = y * y
    return np.sum(y) + first


def stored_before(x, k=3):
    x[k] = 2.0 * x[0]
    x[k] += 1.0
    x[k]
    return np.sum(x * x)


def on_both_sides(x, k=3):
    if x[0] > 0.0:
        x[k] = 2.0
    else:
        x[k] = 3.0
    x[k]
    return np.sum(x * x)


def of_a_row(a, k=2):
    s = np.sum(a[k, 1:]) + a[1, k]
    a[k], a[k, :], a[k, k], a[1:, k]
    return s * s


def of_few(x):
    x[0], x[1], x[-1], x[-2]
    return np.sum(x * x)


@pytest.mark.parametrize(("f", "x"), [
    (in_a_buffer, X), (read_before, X), (stored_before, X), (on_both_sides, X), (on_both_sides, -X), (of_a_row, A), (of_few, X), (in_turns, X),
])  # fmt: skip
def test_a_place_that_was_there_before_is_not_read_again(f, x):
    forward, _ = srcad.grad(f).source(x).split("# reverse sweep")
    assert "may raise" not in forward
    srcad.check_grads(f, x)


def of_another(x, y, k=2):
    x[k]
    y[k]
    return np.sum(x * x)


def in_one_branch(x, y, k=2):
    if len(y) > 5:
        y[k]
    y[k]
    return np.sum(x * x)


def in_a_loop(x, y, k=2):
    for _ in range(len(y) - 1):
        y[k]
    y[k]
    return np.sum(x * x)


def in_a_handler(x, y, k=2):
    try:
        y[k]
    except IndexError:
        x = 2.0 * x
    y[k]
    return np.sum(x * x)


def added_to_all(x, y, k=2):
    y = y.copy()
    y += k
    y[k]
    return np.sum(x * x)


def on_another_axis(x, y, k=2):
    z = np.zeros((3, 1)) + y
    z[k, 0]
    z[0, k]
    return np.sum(x * x)


def of_a_part(x, y, k=2):
    z = np.concatenate((y, x))
    z[k]
    z[:1][k]
    return np.sum(x * x)


def of_three(x, y):
    y[0], y[2]
    return np.sum(x * x)


def in_too_many_turns(x, y, k=2):
    np.zeros((3, 1))[k, k % 3]
    return np.sum(x * x)


def in_turns_of_another(x, y, k=2):
    y[k % len(x)]
    return np.sum(x * x)


@pytest.mark.parametrize("f", [of_another, in_one_branch, in_a_loop, in_a_handler, added_to_all, on_another_axis, of_a_part, of_three, in_too_many_turns, in_turns_of_another])
def test_a_place_that_was_not_there_raises_before_what_comes_next(f, capsys):
    y = X[:1]

    def loud(x, y):
        value = f(x, y)
        print("later")
        return value

    for call in (lambda: loud(X, y), lambda: srcad.grad(loud)(X, y), lambda: srcad.jvp(loud, (X, y), (X, y))):
        with pytest.raises(IndexError):
            call()
    assert "later" not in capsys.readouterr().out
