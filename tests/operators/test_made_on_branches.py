"""Operators and functions that a branch has made, with arrays that exist on one path only: all four combinations of modes."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.5, 0.7])
STEP = 1e-6


def waves(x):
    return np.sum(np.sin(x) ** 2)


def cubes(x):
    return np.sum(x ** 3)


def gradients_on_branches(x, c):
    if c > 0:
        g = srcad.grad(waves)
    else:
        g = srcad.grad(cubes)
    return np.sum(g(x) ** 2)


def gradients_of_lambdas(x, c):
    if c > 0:
        g = srcad.grad(lambda y: np.sum(np.sin(y) ** 2))
    else:
        g = srcad.grad(lambda y: np.sum(y ** 3))
    return np.sum(g(x) ** 2)


def captures_on_one_branch(x, c):
    w = x * 2
    if c > 0:
        v = np.array([1.0, 2.0, 3.0])

        def h(y):
            return np.sum(v * y * w)
    else:

        def h(y):
            return np.sum(y ** 2)
    return h(x)


def bound_on_one_branch(x, c):
    if c > 0:
        v = x ** 2

        def h(y):
            return np.sum(v * y)
    if c > 0:
        return h(x) + h(2 * x)
    return np.sum(x)


def chosen_by_an_expression(x, c):
    g = srcad.grad(waves) if c > 0 else srcad.grad(cubes)
    return np.sum(g(x) ** 2)


def in_each_trip(x, c):
    for i in range(3):
        if i % 2:
            g = srcad.grad(waves)
        else:
            g = srcad.grad(cubes)
        x = x - 0.1 * g(x)
    return np.sum(x)


def function_on_branches(x, c):
    if c > 0:
        f = waves
    else:
        f = cubes
    return np.sum(srcad.grad(f)(x) ** 2)


def pullbacks_on_branches(x, c):
    if c > 0:
        v, pb = srcad.vjp(waves, x)
    else:
        v, pb = srcad.vjp(cubes, x)
    return np.sum(pb(1.0)[0] ** 2)


def pushforwards_on_branches(x, c):
    if c > 0:
        v, push = srcad.linearize(waves, x)
    else:
        v, push = srcad.linearize(cubes, x)
    return push(x) ** 2


def array_captured_on_one_branch(x, c):
    if c > 0:
        k = np.exp(x)
        f = lambda y: np.sum(k * y ** 2)
    else:
        f = lambda y: np.sum(y ** 3)
    return np.sum(srcad.grad(f)(x) ** 2)


def gradient_with_an_array_of_one_branch(x, c):
    if c > 0:
        k = np.exp(x)
        f = lambda y: np.sum(k * y ** 2)
        g = srcad.grad(f)
    else:
        g = srcad.grad(waves)

    def fun(z):
        return np.sum(g(z))
    return np.sum(srcad.grad(fun)(x) ** 2)


def two(x, y):
    return np.sum(np.sin(x) * y ** 2)


def by_either_argument(x, c):
    g = srcad.grad(two, 0) if c > 0 else srcad.grad(two, 1)
    return np.sum(g(x, x * 2) ** 2)


def by_arguments_in_either_order(x, c):
    if c > 0:
        g = srcad.value_and_grad(two, (0, 1))
    else:
        g = srcad.value_and_grad(two, (1, 0))
    v, (a, b) = g(x, x * 2)
    return v * np.sum(a ** 3 * b)


def pullback_of_a_trip(x, c):
    v, pb = srcad.vjp(waves, x)
    if c > 0:
        v, pb = srcad.vjp(cubes, x * 2)
    for i in range(3):
        x = x - 0.1 * pb(1.0)[0]
        if i == 1:
            v, pb = srcad.vjp(waves, x)
    return np.sum(x * v)


def pullbacks_of_arrays_and_numbers(x, c):
    if c > 0:
        v, pb = srcad.vjp(lambda y: y * np.sum(y), x)
        r = pb(np.ones(3))[0]
    else:
        v, pb = srcad.vjp(lambda y: np.sum(y) ** 2, x)
        r = pb(1.0)[0]
    return np.sum(r ** 2) * np.sum(v)


def recursion_with_an_array_of_one_branch(x, c):
    if c > 0:
        w = np.exp(x)

        def step(y, n):
            return y if n == 0 else step(y * w, n - 1)
    else:

        def step(y, n):
            return y * x
    return np.sum(step(x, 2))


def bound_on_one_path_each(x, c):
    """What is used twice got None and None as its cotangents on the other path."""
    if c > 0:
        w = x * 2.0
    else:
        v = x * 3.0
    if c > 0:
        w = w * w
    else:
        v = v * x
    if c > 0:
        return w.sum() + w @ np.ones(3)
    return v.sum() + v @ np.ones(3)


PROGRAMS = [f for f in list(globals().values()) if getattr(f, "__module__", "") == __name__ and f not in (waves, cubes, two)]


def differences(f, c):
    """The gradient by differences."""
    return np.array([(f(X + e, c) - f(X - e, c)) / (2 * STEP) for e in STEP * np.eye(3)])


@pytest.mark.parametrize("c", [1.0, -1.0])
@pytest.mark.parametrize("f", PROGRAMS)
def test_first_order(f, c):
    expected = differences(f, c)
    np.testing.assert_allclose(srcad.grad(f)(X, c), expected, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(srcad.jacfwd(f)(X, c), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("c", [1.0, -1.0])
@pytest.mark.parametrize("f", PROGRAMS)
def test_second_order(f, c):
    def total(x):
        return np.sum(srcad.grad(f)(x, c))

    expected = (srcad.grad(f)(X + STEP, c) - srcad.grad(f)(X - STEP, c)) / (2 * STEP)
    np.testing.assert_allclose(srcad.hvp(f, (X, c), (np.ones(3), None)), expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(srcad.grad(total)(X), expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(srcad.jacfwd(total)(X), expected, rtol=1e-6, atol=1e-7)
