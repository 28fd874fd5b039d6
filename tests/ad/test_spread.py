"""`f(*items)` of a number of items that only run time knows, for functions that name their parameters."""
from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import srcad

X = np.array([0.5, 1.2, -0.3, 0.8, 1.1, 0.4])


def three(a, b, c):
    return a * b * c + c


def with_defaults(a, b=1.5, c=2.0):
    return a * b + c * c


def and_more(a, b=2.0, *more, scale=1.0):
    return (a * b + sum(more)) * scale


class Point(NamedTuple):
    x: float
    y: float
    z: float = 2.0


@dataclass
class Pair:
    first: float
    second: float


class Line:
    def __init__(self, slope, start=0.5):
        self.slope, self.start = slope, start

    def at(self, x, weight):
        return weight * (self.slope * x + self.start)


def of_lists(x):
    return three(*[v * 2.0 for v in x[:3]]) + three(x[0], *[v for v in x[:2]])


def of_arrays(x):
    return three(*x[:3]) * (lambda *a, b=1.0: a[1] * b)(*x) + sum(three(*x[i : i + 3]) for i in range(3))


def of_rows(x):
    rows = [[v, v * v, 1.0] for v in x]
    return sum(three(*row) for row in rows) + sum(np.hypot(*row) for row in x.reshape(3, 2))


def of_generators(x):
    return three(*(v * v for v in x[:3])) + three(*map(np.sin, x[:3])) + with_defaults(*(v for v in x[:2]))


def some_have_defaults(x):
    return with_defaults(*[v for v in x[:1]]) * with_defaults(*[v for v in x[:2]]) + with_defaults(*[v for v in x[:2]], c=x[3])


def more_than_the_names(x):
    items = [v for v in x]
    return and_more(*items, scale=2.0) + and_more(*items[:1]) + and_more(x[0], *items) + and_more(x[0], x[1], x[2], *items)


def with_arguments_behind(x):
    return three(*[v for v in x[:2]], x[4]) * three(x[0], *[v for v in x[:1]], x[4])


def of_classes(x):
    items = [v * v for v in x[:2]]
    p, q, line = Point(*items), Pair(*items), Line(*items[:1])
    return p.x * p.y + p.z + q.first * q.second + line.at(*items)


def of_partials(x):
    return functools.partial(three, 2.0)(*[v for v in x[:2]])


def of_operations(x):
    items = [v + 2.0 for v in x]
    return math.atan2(*items[:2]) + np.sum(np.maximum(*[x[:2], x[2:4]])) + max(*items) * min(*items)


def rows_that_are_changed(x):
    def scaled(a, b):
        a[0] *= 2.0
        b += a

    matrix = x.reshape(2, 3) * 1.0
    scaled(*matrix)
    return np.sum(matrix**2)


def first_times_the_rest(first, *rest):
    return first * first_times_the_rest(*rest) + 1.0 if rest else first * first


def of_functions_that_call_themselves(x):
    return first_times_the_rest(*[v for v in x])


PROGRAMS = [
    of_lists, of_arrays, of_rows, of_generators, some_have_defaults, more_than_the_names, with_arguments_behind, of_classes, of_partials,
    of_operations, rows_that_are_changed, of_functions_that_call_themselves,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(program):
    srcad.check_grads(program, X)
    assert srcad.value_and_grad(program)(X)[0] == program(X)


def method(x, n):
    return Line(x).at(*[x * i for i in range(n)])


def optional(x, n):
    return with_defaults(*[x * i for i in range(n)])


def behind_others(x, n):
    return three(x, *[x * i for i in range(n)])


def given_twice(x, n):
    return with_defaults(*[x * i for i in range(n)], b=x)


def into_a_class(x, n):
    return Point(*[x * i for i in range(n)]).x


@pytest.mark.parametrize("program", [method, optional, behind_others, given_twice, into_a_class], ids=lambda f: f.__name__)
@pytest.mark.parametrize("count", range(6))
def test_too_few_and_too_many_items(program, count):
    """What Python raises is raised, in its words."""
    try:
        value = program(0.7, count)
    except TypeError as error:
        with pytest.raises(TypeError) as caught:
            srcad.value_and_grad(program)(0.7, count)
        assert str(caught.value) == str(error)
    else:
        assert srcad.value_and_grad(program)(0.7, count)[0] == value


def test_an_operation_with_too_many_items_is_refused():
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC150"):
        srcad.grad(lambda x, n: np.hypot(*[x * i for i in range(n)]))(0.7, 3)


def test_printing(capsys):
    def shown(x):
        items = [v * 2.0 for v in x[:2]]
        print("items", *items, sep=", ")
        print("{} and {}".format(*items))
        return items[0] * items[1]

    assert srcad.value_and_grad(shown)(X)[0] == shown(X)
    first, second, third, fourth = capsys.readouterr().out.splitlines()
    assert (first, second) == (third, fourth) == ("items, 1.0, 2.4", "1.0 and 2.4")
