"""Names that hold numbers of several classes: what Python tells of them, the program tells, and nothing is called a cut."""
from __future__ import annotations

import warnings

import numpy as np
import pytest

import srcad


def truth_or_whole(x, n):
    k = x > 1.0
    if x > 2.0:
        k = 2
    if isinstance(k, bool):
        return x * 2.0, k, type(k), f"{k} {k!r}", k is True
    return x * 3.0, k, type(k), f"{k} {k!r}", k is True


def type_of_it(x, n):
    k = True
    if x > 2.0:
        k = 2
    return x * (2.0 if type(k) is bool else 3.0), type(k) == int, k & True, k | 4, -k, k + 0  # noqa: E721 -- what users write


def conditional_and_shortcut(x, n):
    k = (x > 1.0) or 3
    j = (x > 2.0) and 3
    return x * (2.0 if isinstance(k, bool) else 3.0) * (5.0 if isinstance(j, bool) else 7.0), k, j


def matched(x, n):
    k = x > 1.0
    if x > 2.0:
        k = 2
    match k:
        case bool():
            return x * 2.0, k
        case int():
            return x * 3.0, k


def carried_by_a_loop(x, n):
    k = True
    for i in range(6):
        x = x * x if isinstance(k, bool) else x * 1.1
        k = i if i % 2 else i > 2
        x = x * (k + 1)
    return x, k


def no_trip(x, n):
    k = False
    for i in range(n - 1):
        k += i > 0
    return x * k, k


def in_a_list(x, n):
    ks = [i if i % 2 else n > i for i in range(4)]
    count = 0
    for k in ks:
        count += isinstance(k, bool)
    return x * count, ks, ks[n]


def of_a_recursion(x, n):
    def last(n):
        if n == 0:
            return True
        if n == 1:
            return 1
        return last(n - 2)

    k = last(n)
    return x * (2.0 if isinstance(k, bool) else 3.0), k


def none_too(x, n):
    k = None
    if x > 2.0:
        k = 3
    elif x > 1.0:
        k = True
    return x, k, isinstance(k, bool), isinstance(k, int), k is None


def as_a_subscript(x, n):
    k = x > 1.0
    if x > 2.0:
        k = 2
    v = x * np.ones(3)
    v[k] = 2.0 * x
    return v, v[k], [x, x, 3.0][k], np.array([k]), np.array([x, k])


def whole_or_float(x, n):
    k = 1.0
    if x > 2.0:
        k = 2
    elif x > 1.0:
        k = True
    return x * k, k, isinstance(k, int), isinstance(k, bool), isinstance(k, float), type(k), str(k)


def numpy_or_python(x, n):
    k, m = np.float64(2.0), np.int64(3)
    if x > 2.0:
        k, m = 2.0, 3
    return x * k, k, m, type(k), isinstance(m, int), isinstance(k, float)


FUNCTIONS = [truth_or_whole, type_of_it, conditional_and_shortcut, matched, carried_by_a_loop, no_trip, in_a_list, of_a_recursion, none_too,
             as_a_subscript, whole_or_float, numpy_or_python]  # fmt: skip


def told(value):
    """A value with the classes of all that it holds."""
    if isinstance(value, list | tuple):
        return type(value), [told(v) for v in value]
    return type(value), repr(value)


@pytest.mark.parametrize(("x", "n"), [(0.5, 0), (1.5, 1), (2.5, 2), (3.5, 3)])
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_classes_and_derivatives_are_those_of_the_path_taken(f, x, n):
    def number(x, n):
        return np.sum(f(x, n)[0]) * 1.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert told(srcad.jvp(f, (x, n), (1.0, None))[0]) == told(f(x, n))
        assert told(srcad.vjp(f, x, n)[0]) == told(f(x, n))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", srcad.CutWarning)  # a second derivative that is zero
        srcad.check_grads(number, x, n, order=2)
