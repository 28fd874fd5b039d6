"""Tuples of run-time length: their cotangents are collected in lists, whatever gave them."""
from __future__ import annotations

import functools

import numpy as np
import pytest

import srcad


def doubled(x):
    items = []
    for k in range(len(x)):
        items.append(x[k] * 2.0)
    return tuple(items)


def read_whole(x):
    return np.sum(np.sin(np.array(doubled(x))))


def read_whole_and_by_item(x):
    items = tuple(v * v for v in x)
    longer = list(items)
    longer.append(x[0])
    return np.sum(np.array(longer)) + items[0] + np.sum(np.array(items) ** 2)


@pytest.mark.parametrize("f", [read_whole, read_whole_and_by_item])
def test_tuples_made_of_lists(f):
    srcad.check_grads(f, np.array([0.3, 0.7, 1.1]))


def kaiser_or_not(x, window):
    try:
        beta = float(window)
    except ValueError:
        beta = 0.5
    return np.sum(np.kaiser(5, beta) * x)


@pytest.mark.parametrize("window", ["hann", "2.5"])
def test_texts_that_are_no_numbers(window):
    """The conversion raises where it is made, and not while compiling."""
    srcad.check_grads(lambda x: kaiser_or_not(x, window), np.ones(5), order=1)


def passed_on(x, *args):
    return np.sum(x, *args)


def test_none_that_is_passed_on_is_none_to_rules():
    x = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(srcad.grad(passed_on)(x, None, None), np.ones((2, 3)))
    assert np.array_equal(srcad.grad(lambda x, *args: passed_on(x * x, *args))(x, None), 2 * x)
    assert srcad.jvp(passed_on, (x, None), (x, None)) == (15.0, 15.0)


# ---- `f(*items)` of any number of items --------------------------------------------------------------------------------
def squares(*args):
    return sum(a * a for a in args)


def weighted_mean(weight, *values, scale=1.0):
    return weight * sum(values) / len(values) * scale


class Gain:
    def __init__(self, gain):
        self.gain = gain

    def largest(self, *values):
        return self.gain * max(values)

    @staticmethod
    def smallest(*values):
        return min(values)


def twice(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs) * 2.0

    return wrapper


@twice
def total(*args):
    return sum(args)


def spread_out(x, n):
    items = [x * i for i in range(n)]
    return squares(*items) + weighted_mean(x, *items, scale=2.0) + squares(x, 2.0, *items) * total(*items)


def spread_over_methods(x, n):
    return Gain(x).largest(*[x * i for i in range(n)]) + Gain.smallest(*[x * i + 1.0 for i in range(n)])


def spread_over_a_closure(x, n):
    def numbered(*parts):
        s = x
        for i, part in enumerate(parts):
            s += part * i
        return s * parts[0] if parts else s

    return numbered(*[x + i for i in range(n)])


def spread_arrays(x, n):
    def joined(*arrays):
        return np.concatenate(arrays).sum() + np.vstack(arrays)[0, 0]

    return joined(*[np.array([x * i, x]) for i in range(1, n)])


@pytest.mark.parametrize("function", [spread_out, spread_over_methods, spread_over_a_closure, spread_arrays])
def test_items_of_any_number_as_arguments(function):
    srcad.check_grads(function, 0.7, 4)
    assert srcad.value_and_grad(function)(0.7, 4)[0] == function(0.7, 4)


def test_no_items_as_arguments():
    assert srcad.grad(spread_over_a_closure)(0.7, 0) == 1.0
