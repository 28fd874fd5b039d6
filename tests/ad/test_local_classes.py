"""Classes inside functions where source, orders and solvers meet; what they compute is in `tests/corpus/local_classes.py`."""
from __future__ import annotations

import dataclasses
import linecache
import textwrap

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.5])


def test_asserts_slots_and_records():
    @dataclasses.dataclass
    class Outer:
        k: float = 2.0

    def f(x):
        class Square:
            __slots__ = ("v",)

            def __init__(self, v):
                assert v > 0, "positive"
                self.v = v

            def value(self):
                assert self.v is not None
                return self.v**2

        @dataclasses.dataclass(slots=True)
        class Cube:
            a: float

            def value(self):
                return self.a * Square(self.a).value()

        return Square(x).value() + Cube(x).value() * Outer(x).k

    srcad.check_grads(f, 1.3)
    with pytest.raises(AssertionError, match="positive"):
        srcad.grad(f)(-1.0)


class Model:
    """A method that defines a class with private names."""

    scale = 3.0

    def loss(self, x):
        s = self.scale

        class Part:
            def __init__(self, q):
                self.__q = q

            def value(self):
                return self.__q * s

        return Part(x).value() * x


def test_private_names():
    srcad.check_grads(Model().loss, 1.3)


def test_source_that_only_linecache_has():
    text = textwrap.dedent('''
    from collections import namedtuple

    def f(x):
        class Item:
            def __init__(self, a):
                self.a = a

            def __matmul__(self, other):
                return self.a * other.a

        Pair = namedtuple("Pair", "left right", defaults=(4.0,))
        pair = Pair(Item(x))
        return pair.left @ Item(x * pair.right)
    ''')
    name = "<classes in a text>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace: dict = {}
    exec(compile(text, name, "exec"), namespace)
    srcad.check_grads(namespace["f"], 1.3)


def layers(x):
    class Layer:
        def __init__(self, w):
            self.w = w

        def __call__(self, h):
            return np.tanh(self.w * h)

    first, second = Layer(x), Layer(x * 2)
    return np.sum(second(first(x)))


def test_second_order_and_derivatives_inside():
    srcad.check_grads(layers, X, order=2)
    srcad.check_grads(lambda t: srcad.grad(layers)(t)[0] * t[1], X)


def test_bound_methods_with_captures_in_solvers():
    integrate, optimize = pytest.importorskip("scipy.integrate"), pytest.importorskip("scipy.optimize")

    def f(x):
        class Equation:
            def __init__(self, c):
                self.c = c

            def residual(self, y):
                return y**3 - x * self.c

        equation = Equation(x)
        return optimize.brentq(equation.residual, 0.0, 10.0) + integrate.quad(equation.residual, 0.0, 1.0)[0]

    srcad.check_grads(f, 1.3)


def test_captures_behind_a_lambda_in_a_solver_are_refused():
    optimize = pytest.importorskip("scipy.optimize")

    def f(x):
        class Equation:
            def residual(self, y):
                return y**3 - x

        equation = Equation()
        return optimize.brentq(lambda y: equation.residual(y) - 1.0, 0.0, 10.0)

    with pytest.raises(srcad.UnsupportedSyntax, match="SRC104"):
        srcad.grad(f)(1.3)


def in_lists(x):
    k = x[0]

    @dataclasses.dataclass(order=True)
    class Event:
        t: float
        n: int = 0

    class Part:
        scale = 2.0

        def __init__(self, v):
            self.v, self.a, self.log = v, np.array([v, k]), []

        def meet(self, other):
            self.a[0] += 0.1 * other.v * k
            self.v *= 0.9
            self.log.append(self.v)

    parts, queue, total = [], [], 0.0
    for n, v in enumerate(x):
        if v > 0.25:
            parts.append(Part(v))
        queue.append(Event(v, n))
    for n, part in enumerate(parts):
        part.meet(parts[n - 1])
    max(parts, key=lambda p: p.v).v *= 3.0
    while queue:
        event = queue.pop()
        total += event.t * (event.n + 1)
        if event.n < 1:
            queue.append(Event(event.t * k, event.n + 2))
    return total + sum(np.sum(p.a) * p.v + sum(p.log) for p in parts) * Part.scale


def test_objects_in_lists_of_unknown_length():
    x = np.array([0.71, 0.3, 1.1, 0.2])
    srcad.check_grads(lambda x: in_lists(x) * in_lists(x[:3] * 2.0), x)
    slopes = (srcad.grad(in_lists)(x + [1e-5, 0, 0, 0]) - srcad.grad(in_lists)(x - [1e-5, 0, 0, 0])) / 2e-5
    np.testing.assert_allclose(srcad.hvp(in_lists, (x,), (np.array([1.0, 0.0, 0.0, 0.0]),)), slopes, rtol=1e-7)
