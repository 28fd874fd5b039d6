"""What is printed for lists and dicts: nothing is copied, zeroed, stored or asked for that need not be; and it is right."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

A = np.random.default_rng(0).normal(size=(5, 4)) + 0.3


def right(f, *args):
    """The text of the gradient, which agrees with differences in both modes; the pullback gives the same again."""
    srcad.check_grads(f, *args)
    y, pullback = srcad.vjp(f, *args)
    first, second = pullback(1.5 + 0 * y), pullback(1.5 + 0 * y)
    for a, b in zip(first, second, strict=True):
        assert np.array_equal(a, b)
    return srcad.grad(f).source(*args)


def sum_of_a_generator(A):
    return sum(np.sum(row * row) for row in A)


def test_items_of_a_sum_need_no_list():
    text = right(sum_of_a_generator, A)
    assert "items" not in text
    assert "A_bar[k] += 2.0 * row\n" in text


def sums_of_one_list(A):
    xs = [np.sum(np.sin(row)) for row in A]
    return sum(xs) * sum(xs) + xs[0] * 3.0


def sum_before_the_list_changes(A):
    xs = [np.sum(row) ** 2 for row in A]
    total = sum(xs)
    xs[1] = xs[0] * total
    xs.append(xs[2] * 3.0)
    return sum(xs) * total


def sums_of_sums(A):
    return sum(np.sum(A[i]) ** 2 * sum(A[i, j] * A[j, i] for j in range(i)) for i in range(1, 4))


def sum_on_one_path(A):
    xs = [row[0] * row[1] for row in A]
    if A[0, 0] > -10:
        s = sum(xs)
    else:
        s = xs[0]
    while len(xs) > 2:
        s = s * xs.pop()
    return s


@pytest.mark.parametrize("f", [sums_of_one_list, sum_before_the_list_changes, sums_of_sums, sum_on_one_path], ids=lambda f: f.__name__)
def test_sums_of_lists(f):
    right(f, A)


def sum_that_only_the_value_needs(A):
    return sum([np.sum(row) for row in A]) * 2.0


def test_a_sum_of_numbers_raises_nothing():
    text = right(sum_that_only_the_value_needs, A)
    assert "sum(items)" not in text
    assert "may raise" not in text
