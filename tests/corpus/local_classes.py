"""Classes, dataclasses and named tuples that a function defines."""
from __future__ import annotations

import abc
import collections
import dataclasses
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
GRAVITY = 9.81


def tuple_by_call(a, n):
    Point = collections.namedtuple("Point", "x y")
    p = Point(a, 1.0)
    for _ in range(n):
        p = p._replace(y=p.y + p.x * p.x)
    x, y = p
    return x * y + p[0] + len(p)


cases.add(tuple_by_call, 0.7, 3)


def tuple_class(a):
    class Pair(NamedTuple):
        u: float
        v: float = 2.0

        def norm(self):
            return math.sqrt(self.u**2 + self.v**2)

    return Pair(a).norm() * Pair(u=a, v=a * a).norm()


cases.add(tuple_class, 0.7)


def records_that_change(a, k, n):
    @dataclass
    class State:
        position: float
        speed: float = 0.5
        path: list = field(default_factory=list)

        def step(self, dt):
            self.speed -= k * self.position * dt
            self.position += self.speed * dt
            self.path.append(self.position)

    state = State(a)
    for _ in range(n):
        state.step(0.1)
    return state.position + sum(state.path)


cases.add(records_that_change, 0.7, 1.3, 4)


def frozen_record(a):
    @dataclass(frozen=True)
    class Disc:
        radius: float
        height: float = 1.0

        def __post_init__(self):
            object.__setattr__(self, "volume", math.pi * self.radius**2 * self.height)

    first = Disc(a, 2.0)
    second = dataclasses.replace(first, height=a)
    return first.volume * second.volume + dataclasses.asdict(second)["radius"]


cases.add(frozen_record, 0.7)


def operators_and_attributes(a):
    class Vector:
        """A point of the plane."""

        scale = 2.0
        weight = GRAVITY

        def __init__(self, x, y):
            self.x, self.y = x, y

        def __add__(self, other):
            return Vector(self.x + other.x, self.y + other.y)

        def __mul__(self, factor):
            return Vector(self.x * factor, self.y * factor)

        @property
        def norm(self):
            return (self.x**2 + self.y**2) * self.scale

        @staticmethod
        def unit():
            return Vector(1.0, 0.0)

        @classmethod
        def of_angle(cls, t):
            return cls(math.cos(t), math.sin(t) * cls.weight)

    return (Vector(a, 2 * a) + Vector.of_angle(a) * a + Vector.unit()).norm


cases.add(operators_and_attributes, 0.7)


def network(w, x):
    class Layer:
        def __init__(self, weights, shift):
            self.weights, self.shift = weights, shift

        def __call__(self, h):
            return np.tanh(self.weights @ h + self.shift)

    class Net:
        def __init__(self, layers):
            self.layers = layers

        def forward(self, h):
            for layer in self.layers:
                h = layer(h)
            return h

    class Doubled(Net):
        def forward(self, h):
            return super().forward(h) * 2.0

    return np.sum(Doubled([Layer(w, x), Layer(w * 0.5, x)]).forward(x))


cases.add(network, mat(3, 3), vec(3))


def abstract_base(a, b):
    class Law(abc.ABC):
        @abc.abstractmethod
        def force(self, t): ...

        def work(self, t):
            return t * self.force(t)

    class Hooke(Law):
        def force(self, t):
            return -b * t

    return Hooke().work(a)


cases.add(abstract_base, 0.7, 0.4)


def _sum_of(source, n):
    total = 0.0
    for i in range(n):
        total = total + source.at(0.5 * i)
        total = total * 1.01
    for i in range(n):
        total = total - 0.1 * source.at(i) ** 2
    return total


def handed_to_a_function(a, n):
    y = a * a

    class Line:
        def at(self, t):
            return y * t + a

    return _sum_of(Line(), n) + _sum_of(Line(), 2)


cases.add(handed_to_a_function, 0.7, 3)


def array_that_changes(x):
    y = x * 2.0

    class Reader:
        def total(self):
            return np.sum(y * y)

    reader = Reader()
    before = reader.total()
    y[0] = x[1] * 3.0
    return before * reader.total()


cases.add(array_that_changes, vec(3))


def defaults_that_are_variables(a):
    rate = 2 * a

    class Decay:
        factor = rate

        def at(self, t=rate):
            return self.factor * t

    return Decay().at() + Decay().at(3.0)


cases.add(defaults_that_are_variables, 0.7)


def _scaled_class(s):
    class Scaled:
        def __init__(self, value):
            self.value = value * s

        def __eq__(self, other):
            return type(self) is type(other)

    return Scaled


def each_call_makes_another_class(a):
    First, Second = _scaled_class(2.0), _scaled_class(a)
    p, q = First(a), Second(a)
    return p.value * q.value + (100.0 * a if p == q else a) + (7.0 * a if First is Second else 0.0)


cases.add(each_call_makes_another_class, 0.7)


def _root(a):
    Root = collections.namedtuple("Root", ["value", "trips"])
    y = a
    for _ in range(20):
        y = 0.5 * (y + a / y)
    return Root(y, 20)


def records_from_calls(a):
    first, second = _root(a), _root(a + 1.0)
    return first.value * second.value + first.trips


cases.add(records_from_calls, 1.7)


def in_a_loop(a, n):
    total = 0.0
    for i in range(n):
        class Item:
            def __init__(self, value):
                self.value = value

            def square(self):
                return self.value * self.value

        total += Item(a + i).square()
    return total


cases.add(in_a_loop, 0.7, 3)


def made_in_branches(a, n):
    if n > 1:
        z = a * 2

        class Source:
            def at(self):
                return z

        y = Source().at()
    else:
        class Source:
            def at(self):
                return 3.0

        y = a * Source().at()
    return y * y


cases.add(made_in_branches, 0.7, 2)
cases.add(made_in_branches, 0.7, 1)


def record_class_by_call(a):
    Record = dataclasses.make_dataclass("Record", ["x", "y"])
    r = Record(a, a * 2)
    r.x += 1.0
    return r.x * r.y


cases.add(record_class_by_call, 0.7)


def error_that_is_not_raised(a):
    class TooLarge(ValueError):
        pass

    if a > 100.0:
        raise TooLarge("too large")
    return a * a


cases.add(error_that_is_not_raised, 0.7)
