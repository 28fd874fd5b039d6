"""Functions that a branch chose, with what they capture."""
from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import srcad


def chosen(p):
    f = (lambda x: np.sin(x) * p) if p[1] > 0.5 else (lambda x: x * p + 1.0)
    return np.sum(f(f(p)))


def differentiated(p):
    f = (lambda x: x**2 * p) if p[1] > 0.5 else (lambda x: np.cos(x) * p)
    slopes = srcad.jacobian(f)(p) @ srcad.vjp(f, p)[1](p)[0]
    return np.sum(slopes) + srcad.grad(lambda x: np.sum(f(x)))(p)[0]


def captured_before(p):
    """What is captured changes after the choice: an array in place, and a name for another array."""
    a, b = 2.0 * p, p
    f = (lambda x: np.sum(x**2 * a)) if p[1] > 0.5 else (lambda x: np.sum(x * b))
    a[0] = 5.0 * p[1]
    b = 3.0 * p
    return f(p)


def with_state(p):
    total = 0.0

    def up(x):
        nonlocal total
        total += x * p[0]

    def down(x):
        nonlocal total
        total -= x * p[1]

    step = up if p[1] > 0.5 else down
    k = 0
    while k < 3:
        step(p[0] * k)
        k += 1
    return total


def of_partials(p):
    f = partial(lambda a, x: np.sum(a * x), p) if p[1] > 0.5 else partial(lambda a, x: np.sum(a * x**2), p)
    return f(p)


class Line:
    def __init__(self, w):
        self.w = w

    def at(self, x):
        return np.sum(self.w * x)

    def squared(self, x):
        return np.sum(self.w * x**2)


def of_methods(p):
    line = Line(3.0 * p)
    f = line.at if p[1] > 0.5 else line.squared
    line.w = 2.0 * line.w
    return f(p)


@pytest.mark.parametrize("p", [np.array([0.4, 0.7]), np.array([0.4, 0.3])], ids=["then", "else"])
@pytest.mark.parametrize("f", [chosen, differentiated, captured_before, with_state, of_partials, of_methods], ids=lambda f: f.__name__)
def test_functions_that_capture_differentiated_values(f, p):
    """What they capture is older than the branch, so that it is there whatever was chosen: derivatives inside need its shape."""
    srcad.check_grads(f, p, order=2)


def kept_or_replaced(p):
    f, g = (lambda x: x * p[0]), (lambda x: x + p[1])
    step = g if p[2] > 2.0 else f
    if p[2] > 3.0:
        step = g
    elif p[2] < 0.7:
        step = f
    x = step(p[2])
    for k in range(12):
        x = step(x)
        if x > 2.0:
            step, x = g, 0.4 * x
        elif x < 0.5 + 0.01 * k:
            step = f
    return x


def test_one_of_two_functions_again_and_again():
    """A name that may be one of two functions already is that, or the other one, behind further branches."""
    gradient = srcad.grad(kept_or_replaced)
    for last in (0.45, 0.6, 1.1, 2.5, 3.5):
        srcad.check_grads(kept_or_replaced, np.array([1.1, 0.3, last]))
    assert len(gradient.source(np.ones(3)).splitlines()) < 300
