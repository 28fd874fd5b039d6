"""Loops that stop half-way: what the last, unfinished trip binds counts, also where every trip binds it anew."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def rebound_by_a_constant(a, x, n):
    b = a + 1.0
    rows = [np.zeros(2), x * b]
    for _ in range(n):
        b = rows[0][0]
        if a < 0.3:
            break
    return np.sum(rows[1]) - b


def rebound_by_a_number(a, x, n):
    b = a * a
    for k in range(n):
        b = 1.0 + k
        if a < 0.3:
            break
    return b * a + x[0]


def rebound_on_the_way_out(a, x, n):
    b = c = a * a
    while n > 0:
        n -= 1
        c = b
        b = 2.0
        if a > 0.2:
            break
        b = a * c
    return b * c + x[0]


def returns_half_way(a, x, n):
    b = a
    for k in range(n):
        b = x[k % 2]
        if b > a:
            return b * a
    return b + a


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("a", [0.1, 0.25, 0.9])
@pytest.mark.parametrize("function", [rebound_by_a_constant, rebound_by_a_number, rebound_on_the_way_out, returns_half_way])
def test_what_the_last_trip_binds(function, a, n):
    x = np.array([0.5, 0.7])
    srcad.check_grads(function, a, x, n)
