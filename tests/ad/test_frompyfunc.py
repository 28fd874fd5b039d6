"""`np.frompyfunc`: the loop that it is; its arrays of objects have derivatives once they are arrays of numbers."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.8, 0.45, 1.2])


def bump(t):
    return t * t if t > 0.5 else 3.0 * t


made_before = np.frompyfunc(bump, 1, 1)


def cast(x, a):
    return np.sum(np.sin(np.frompyfunc(bump, 1, 1)(a * x).astype(float)))


def by_array(x, a):
    return np.sum(np.array(np.frompyfunc(lambda t: a * t * t, 1, 1)(x), dtype=float) ** 2)


def by_asarray(x, a):
    o = np.frompyfunc(math.exp, 1, 1)(np.outer(x, x))
    return np.sum(np.asarray(o, float) * a) * o.shape[0]


def listed(x, a):
    return sum(np.frompyfunc(lambda t: a * t**3, 1, 1)(x).tolist())


def two_arguments(x, a):
    return np.sum(np.frompyfunc(lambda s, t: s * t * a, 2, 1)(x[:, None], x[::-1]).astype(np.float64) ** 2)


def with_a_number(x, a):
    return np.sum(np.frompyfunc(lambda s, t: s**t, 2, 1)(x, a).astype(float))


def two_results(x, a):
    first, second = np.frompyfunc(lambda t: (a * t, t * t), 1, 2)(x)
    return np.sum(first.astype(float) * second.astype(float))


def of_numbers(x, a):
    return np.frompyfunc(bump, 1, 1)(a) * np.frompyfunc(bump, 1, 1)(x[1]) * np.frompyfunc(bump, 1, 1)(np.sum(x))


def whole_numbers_among_them(x, a):
    return np.sum(np.frompyfunc(lambda t: 2 if t > 0.6 else t * t, 1, 1)(x).astype(float)) * a


def empty(x, a):
    return np.sum(np.frompyfunc(bump, 1, 1)(x[:0]).astype(float)) + a


FUNCTIONS = [cast, by_array, by_asarray, listed, two_arguments, with_a_number, two_results, of_numbers, whole_numbers_among_them, empty]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradients(function):
    value, _ = srcad.value_and_grad(function, argnums=(0, 1))(X, 1.3)
    assert value == function(X, 1.3)
    srcad.check_grads(function, X, 1.3, order=2)


def constant(x):
    return np.sum(x) * np.sum(np.frompyfunc(bump, 1, 1)(np.arange(3.0))[1:])


def test_what_carries_no_derivative_is_what_numpy_makes():
    assert srcad.value_and_grad(constant)(X)[0] == constant(X)
    srcad.check_grads(constant, X)


def summed(x):
    return np.sum(np.frompyfunc(bump, 1, 1)(x))


def returned(x):
    return np.frompyfunc(bump, 1, 1)(x)


def taken(x):
    return np.frompyfunc(bump, 1, 1)(x)[1]


def to_whole_numbers(x):
    return np.sum(np.frompyfunc(bump, 1, 1)(x).astype(int))


@pytest.mark.parametrize("function", [summed, returned, taken, to_whole_numbers], ids=lambda f: f.__name__)
def test_arrays_of_objects_are_refused(function):
    with pytest.raises(srcad.errors.NoRule, match="array of objects"):
        srcad.vjp(function, X)


def by_a_global(x):
    return np.sum(made_before(x).astype(float))


def test_one_that_was_made_before_is_refused():
    with pytest.raises(srcad.errors.NoRule, match="does not tell of which function"):
        srcad.grad(by_a_global)(X)
