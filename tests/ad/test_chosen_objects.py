"""Objects of several classes, and functions that capture values, of which run time chooses one: each use follows both."""
from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest

import srcad


class Euler:
    order = 1

    def __init__(self):
        self.n = 0

    @property
    def twice(self):
        return 2 * self.order

    def step(self, f, y, h):
        self.n += 1
        return y + h * f(y)

    def __call__(self, y):
        return y * 2.0

    def __len__(self):
        return 1

    def __add__(self, other):
        return 1.0 + other

    def __getitem__(self, i):
        return 1.0 * i


class Midpoint:
    order = 2

    def __init__(self, damp):
        self.damp, self.n, self.seen = damp, 0, []

    @property
    def twice(self):
        return 2 * self.order * self.damp

    def step(self, f, y, h):
        k = f(y)
        self.n += 1
        self.seen.append(y)
        return y + h * f(y + 0.5 * h * k) * self.damp

    def __call__(self, y):
        return y * self.damp

    def __len__(self):
        return 2

    def __add__(self, other):
        return self.damp + other

    def __getitem__(self, i):
        return self.damp * i


class Stiff(Midpoint):
    order = 3


@dataclass
class Circle:
    r: float

    def area(self):
        return 3.0 * self.r**2


@dataclass
class Square:
    a: float

    def area(self):
        return self.a**2


class Scaled:
    def __init__(self, x):
        self.w = np.ones(3) * x

    def f(self, v):
        return v @ self.w


class Shifted:
    def __init__(self, x):
        self.w, self.b = np.zeros(3) + x, x

    def f(self, v):
        return v @ self.w + self.b


def solver(x):
    return Euler() if x < 2.0 else Midpoint(x)


def run(s, x, n):
    y = x
    for _ in range(n):
        y = s.step(lambda y: -y * x, y, 0.1)
    return y


def by_a_condition(x, n):
    s = Euler() if x < 2.0 else Midpoint(x)
    y = run(s, x, n)
    return y * s.n, s.n, s.order, s.twice, len(s), s + y, s[2], s(y)


def by_several(x, n):
    if x < 1.0:
        s = Euler()
    elif x < 2.0:
        s = Midpoint(x)
    elif x < 3.0:
        s = Stiff(x * x)
    else:
        raise ValueError(x)
    return run(s, x, n), s.order, s.n, isinstance(s, Midpoint), isinstance(s, Euler), type(s) is Stiff, type(s).__name__


def by_a_table(x, n):
    s = {"quick": Euler, "good": lambda: Midpoint(x)}["quick" if x < 2.0 else "good"]()
    return run(s, x, n), s.n


def by_a_class(x, n):
    shape = (Circle if x < 2.0 else Square)(x)
    return shape.area(), shape == Circle(x), shape == Square(x), shape != 3


def by_a_function(x, n):
    return run(solver(x), x, n)


def in_each_trip(x, n):
    y, s = x, Euler()
    for i in range(n):
        if i == 2:
            s = Midpoint(x)
        y = s.step(lambda y: y * x, y, 0.1)
    return y, s.n


def known_from_outside(x, n):
    a, b = Euler(), Midpoint(x)
    s = a if x < 2.0 else b
    y = run(s, x, n)
    s.h = x * 0.1
    s.h *= 2.0
    return y * s.h, callable(s), callable(Circle(x)), a.n, b.n, len(b.seen), sum(b.seen), s is a, s is b, s in [a, b], hasattr(s, "damp"), getattr(s, "damp", 5.0)


def in_an_object(x, n):
    class Simulation:
        def __init__(self, solver, y):
            self.solver, self.y = solver, y

        def go(self):
            for _ in range(n):
                self.y = self.solver.step(lambda y: -y * self.y, self.y, 0.1)
            return self.y

    one, other = Simulation(solver(x), x), Simulation(Euler(), x)
    if x > 2.0:
        other.solver = Midpoint(x)
    return one.go() * other.go(), one.solver.n, other.solver.n


def in_functions(x, n):
    s = solver(x)

    def advance(y):
        return s.step(lambda q: -q * x, y, 0.1)

    def again(k, y):
        return y if k == 0 else again(k - 1, s(y))

    step, half = s.step, partial(s.step, h=0.05)
    return advance(advance(x)) + again(3, x) + step(lambda y: y, x, 0.2) + half(lambda y: y, x), list(map(advance, [x, 2.0])), s.n


def or_none(x, n):
    s = None
    if x < 1.0:
        s = Euler()
    elif x < 2.0:
        s = Midpoint(x)
    if s is None:
        return x * x, s is None
    return s(x), s is None


def in_while(x, n):
    s, y = solver(x), x
    while y < 20.0:
        y = s(y) + 1.0
        if y > 15.0:
            return y * s.order, s.n
    return y, s.n


def two_choices(x, n):
    s, t = solver(x), Circle(x) if x < 1.0 else Square(2.0 * x)
    return s(t.area()) + t.area() * s.order, t.area()


def with_arrays(x, n):
    s = Scaled(x) if x < 2.0 else Shifted(x)
    s.w[0] = x * x
    s.w += 1.0
    return s.f(np.ones(3)) + s.w.sum(), s.w


def other_attributes(x, n):
    s = Circle(x) if x < 2.0 else Square(x)
    try:
        y = s.r * 2.0
    except AttributeError:
        y = s.a * 3.0
    return y, x


def functions_with_captures(x, n):
    k = x * 2.0
    if x < 1.0:
        f = lambda v: v * x  # noqa: E731 -- what users write
    elif x < 2.0:
        f = math.sin
    else:

        def f(v):
            return v * k

    act = (lambda v: v * k) if x < 2.0 else (lambda v: v + k * x)
    y = f(x) + f(1.0)
    for _ in range(n):
        y = act(y)
    return y, x


def by_number(x, n):
    shapes, functions = [Circle(x), Square(x), Circle(2.0 * x)], (math.sin, lambda v: v * x, math.cos)
    y = x
    for i in range(n):
        y = functions[i % 3](y) + shapes[i - 2 if i < 3 else 0].area()
    return y, shapes[n - 5].area()


FUNCTIONS = [by_a_condition, by_several, by_a_table, by_a_class, by_a_function, in_each_trip, known_from_outside, in_an_object, in_functions,
             or_none, in_while, two_choices, with_arrays, other_attributes, functions_with_captures, by_number]  # fmt: skip


@pytest.mark.parametrize("x", [0.6, 1.6, 2.6])
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_and_derivatives(f, x):
    for out in (srcad.jvp(f, (x, 4), (1.0, None))[0], srcad.vjp(f, x, 4)[0]):
        np.testing.assert_equal(out, f(x, 4))

    def number(x, n):
        found = f(x, n)
        return sum(k * v for k, v in enumerate(found, 1) if isinstance(v, float)) if isinstance(found, tuple) else found

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", srcad.CutWarning)  # a second derivative that is zero
        srcad.check_grads(number, x, 4, order=1 if f is with_arrays else 2)


def test_no_trip_and_text():
    def f(x, n):
        return run(Euler() if x < 2.0 else Midpoint(x), x, n)

    assert srcad.value_and_grad(f)(1.5, 0) == (1.5, 1.0)
    text = srcad.grad(f).source(1.5, 3)
    assert "Euler" not in text.split("def ")[1].split("# reverse sweep")[0]  # nothing is built at run time


def test_errors_are_those_of_the_path_taken():
    def index(x, n):
        return [Circle(x), Square(x)][n].area()

    def several(x, n):
        return by_several(x, n)[0]

    with pytest.raises(IndexError, match="list index out of range"):
        srcad.grad(index)(1.5, 2)
    with pytest.raises(ValueError, match=r"3\.5"):
        srcad.grad(several)(3.5, 2)
