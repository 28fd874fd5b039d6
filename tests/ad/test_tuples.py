"""Tuples of run-time length: their cotangents are collected in lists, whatever gave them."""
from __future__ import annotations

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
