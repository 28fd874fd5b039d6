"""Functions made anew by one `def` or `lambda`: what they capture belongs to each of them."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def power(kind):
    return lambda x: x**2 if kind == "square" else x**3


def applied(f):
    return lambda x: 2.0 * f(x)


def scaled(c):
    return lambda x: np.sum(x * c)


def test_captured_options_are_those_of_the_function_that_is_called():
    assert [srcad.grad(power(k))(2.0) for k in ("square", "cube", "square")] == [4.0, 12.0, 4.0]


def test_captured_functions():
    found = [srcad.grad(applied(f))(0.5) for f in (np.sin, np.cos, np.sin)]
    assert found == pytest.approx([2 * np.cos(0.5), -2 * np.sin(0.5), 2 * np.cos(0.5)], rel=1e-15)


def test_captured_data_of_other_types():
    x = np.ones(3)
    for c in (2.0, np.array([1.0, 2.0, 3.0]), 3.0):
        np.testing.assert_array_equal(srcad.grad(scaled(c))(x), np.ones(3) * c)


def test_captured_in_pullbacks_and_pushforwards():
    for kind, slope in (("square", 4.0), ("cube", 12.0)):
        assert srcad.vjp(power(kind), 2.0)[1](1.0) == (slope,)
        assert srcad.jvp(power(kind), (2.0,), (1.0,))[1] == slope
