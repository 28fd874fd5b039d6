"""Functions made anew by one `def` or `lambda`: what they capture belongs to each of them."""
from __future__ import annotations

import math

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


def weighted(w, x):
    return np.sum((w * x) ** 2) * w[0]


def one_gradient_per_sample(w, xs):
    g = np.zeros(2)
    for x in xs:
        g = g + srcad.grad(lambda v: weighted(v, x))(w)
    return np.sum(g * g)


def adapted_per_task(w, xs):
    total = 0.0
    for x in xs:
        inner = w - 0.1 * srcad.grad(lambda v: weighted(v, x))(w)
        value, g = srcad.value_and_grad(lambda v: weighted(v, x + 1.0))(inner)
        total = total + value + np.sum(g * g)
    return total


@pytest.mark.parametrize("function", [one_gradient_per_sample, adapted_per_task])
def test_a_loop_variable_in_a_function_that_is_differentiated_at_once(function):
    srcad.check_grads(function, np.array([0.3, 0.4]), np.array([[0.5, 0.7], [0.2, 0.9]]))


def named_in_a_loop(w, xs):
    total = 0.0
    for x in xs:
        slope_here = srcad.grad(lambda v: weighted(v, x))
        total += np.sum(slope_here(w)) + np.sum(slope_here(x))
        x = x * 2.0
    return total


def named_twice(w, xs):
    total = 0.0
    for k in range(2):
        scale = xs[k, 0] * (k + 1.0)

        def local(v):
            return weighted(v, xs[k]) * scale

        both = srcad.value_and_grad(local)
        value, slopes = both(w)
        w = w - 0.1 * slopes
        total += value
    return total


@pytest.mark.parametrize("function", [named_in_a_loop, named_twice])
def test_a_derivative_under_a_name_that_is_called_before_its_variables_change(function):
    srcad.check_grads(function, np.array([0.3, 0.4]), np.array([[0.5, 0.7], [0.2, 0.9]]))


def called_after_the_change(w, xs):
    total = 0.0
    for x in xs:
        slope_here = srcad.grad(lambda v: weighted(v, x))
        x = x * 2.0
        total += np.sum(slope_here(w))
    return total


def under_another_name(w, xs):
    x = xs[0]
    slope_here = srcad.grad(lambda v: weighted(v, x))
    again = slope_here
    x = xs[1]
    return np.sum(again(w)) + np.sum(x)


def made_on_the_first_trip(w, xs):
    total = 0.0
    for k in range(2):
        x = xs[k]
        if k == 0:
            slope_here = srcad.grad(lambda v: weighted(v, x))
        total += np.sum(slope_here(w))
    return total


def kept_in_a_list(w, xs):
    found = []
    for x in xs:
        found.append(srcad.grad(lambda v: weighted(v, x)))
    return sum(np.sum(g(w)) for g in found)


def changed_before_the_call(w, xs):
    total = 0.0
    for x in xs:
        total += np.sum(srcad.grad(lambda v: weighted(v, x))((x := w * 2.0)))
    return total


@pytest.mark.parametrize(
    "function", [kept_in_a_list, changed_before_the_call, called_after_the_change, under_another_name, made_on_the_first_trip]
)
def test_a_function_that_outlives_its_variable_is_refused(function):
    with pytest.raises(srcad.SrcadError, match="SRC113"):
        srcad.grad(function)(np.array([0.3, 0.4]), np.ones((2, 2)))


# ---- functions that capture themselves -------------------------------------------------------------------------------
def recursive():
    def power(y, n):
        return y if n == 0 else math.sin(y * power(y, n - 1))

    return power


def slope(f, x, step=1e-4):
    return (8 * (f(x + step) - f(x - step)) - (f(x + 2 * step) - f(x - 2 * step))) / (12 * step)


def test_a_local_function_that_calls_itself():
    """It captures itself: looking at what it captures did not end."""
    power = recursive()
    expected = slope(lambda x: power(x, 3), 0.4)
    assert srcad.grad(power)(0.4, 3) == pytest.approx(expected, rel=1e-9)
    assert srcad.jvp(power, (0.4, 3), (1.0, None))[1] == pytest.approx(expected, rel=1e-9)
    assert srcad.grad(lambda f, x: f(x, 3), argnums=1)(power, 0.4) == pytest.approx(expected, rel=1e-9)
    assert srcad.grad(recursive())(0.4, 3) == pytest.approx(expected, rel=1e-9)
    assert srcad.grad(srcad.grad(power))(0.4, 3) == pytest.approx(slope(lambda x: srcad.grad(power)(x, 3), 0.4), rel=1e-8)


def test_local_functions_that_call_each_other_are_refused():
    def even(y, n):
        return y if n == 0 else math.sin(odd(y, n - 1))

    def odd(y, n):
        return y * y if n == 0 else math.cos(even(y, n - 1))

    with pytest.raises(srcad.UnsupportedSyntax, match="captures a function that captures it"):
        srcad.grad(even)(0.4, 3)
