"""Lists of unknown length that hold objects of several classes."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
X = np.array([0.7, 1.3, 0.4, 2.1, 0.9])
SOME = (X[:0], X[:1], X)


class Shape:
    scale = 2.0

    def __init__(self, a):
        self.a, self.tag = a, 0

    def area(self):
        return 0.0

    def grow(self, k):
        self.a = self.a * k
        return self

    def doubled(self):
        return self.area() * 2


class Circle(Shape):
    def area(self):
        return math.pi * self.a**2


class Square(Shape):
    def __init__(self, a):
        super().__init__(a)
        self.height = a * 2

    def area(self):
        return self.a * self.height


class Line(Shape):
    scale = 3.0

    def area(self):
        return self.a * 0.5

    def grow(self, k):
        self.a = self.a + k
        return self


def made(v, i):
    if i % 3 == 0:
        return Circle(v)
    return Square(v) if i % 3 == 1 else Line(v)


def appended_by_a_choice(x):
    shapes = []
    for v in x:
        shapes.append(Circle(v) if v > 1 else Square(v))
    return x.sum() + sum(s.area() for s in shapes)


def appended_on_paths(x):
    shapes = []
    for v in x:
        if v > 1:
            shapes.append(Circle(v))
        else:
            shapes.append(Line(v))
    total = x.sum()
    for s in shapes:
        total += s.area() * s.scale
    return total


def two_lists_joined(x):
    a, b = [Circle(v) for v in x], [Square(v) for v in x]
    for s in a + b:
        s.a *= 1.5
    both = a + b
    both.reverse()
    return x.sum() + sum(s.area() * i for i, s in enumerate(both))


for some in SOME:
    cases.add(appended_by_a_choice, some)
    cases.add(appended_on_paths, some)
    cases.add(two_lists_joined, some)


def from_a_table(x):
    kinds = {"a": Circle, "b": Line}
    shapes = []
    for i in range(len(x)):
        shapes.append(kinds["a" if i % 2 else "b"](x[i]))
    return sum(s.area() for s in shapes)


cases.add(from_a_table, X)


def changed_by_methods(x):
    shapes = [made(v, i) for i, v in enumerate(x)]
    for s in shapes:
        s.grow(x[0])
    for s in shapes:
        s.tag += 1
        s.a *= s.tag
    return sum(s.doubled() for s in shapes)


cases.add(changed_by_methods, X)


def the_best_one(x):
    shapes = [made(v, i) for i, v in enumerate(x)]
    best = shapes[0]
    for s in shapes:
        if s.area() > best.area():
            best = s
    best.a = best.a * x[1]
    n = 0
    for s in shapes:
        if s is best:
            n += 1
    return sum(s.area() for s in shapes) * n + best.a


cases.add(the_best_one, X)


def asked_for_their_class(x):
    shapes = [made(v, i) for i, v in enumerate(x)]
    some = [s for s in shapes if isinstance(s, (Circle, Line))]
    some.append(shapes[1])
    shapes.sort(key=lambda s: -s.area())
    some[0].a *= 3
    total = 0.0
    while shapes:
        s = shapes.pop()
        total += s.area() * len(shapes)
        if type(s) is Square:
            total += s.height
        elif hasattr(s, "height"):
            total += 100
    return total + some[-1].area() + sum(getattr(s, "height", 0.0) for s in some)


cases.add(asked_for_their_class, X)


def in_groups(x):
    shapes = [made(v, i) for i, v in enumerate(x)]
    groups = {"large": [], "small": []}
    for s in shapes:
        groups["large" if s.area() > 1 else "small"].append(s)
    for s in groups["large"]:
        s.a *= 2
    largest = max(shapes, key=lambda s: s.area())
    return sum(s.area() for s in shapes) + largest.a + len(groups["small"]) + (largest in shapes)


cases.add(in_groups, X)


@dataclass
class Linear:
    w: float

    def __call__(self, h):
        return self.w * h

    def __len__(self):
        return 2


@dataclass
class Quadratic:
    w: float
    b: float = 1.0

    def __call__(self, h):
        return h * h * self.w + self.b

    def __bool__(self):
        return False


class Sine:
    def __call__(self, h):
        return math.sin(h)


def layers(x):
    net = []
    for i in range(len(x)):
        net.append(Linear(x[i]) if i % 2 else Quadratic(x[i]))
        net.append(Sine())
    h, n = x[0], 0
    for layer in net:
        h = layer(h)
        if layer:
            n += 1
    return h * n


cases.add(layers, X)


class Resistor:
    def __init__(self, a, b, g):
        self.a, self.b, self.g = a, b, g

    def stamp(self, G, I):
        G[self.a, self.a] += self.g
        G[self.b, self.b] += self.g
        G[self.a, self.b] -= self.g
        G[self.b, self.a] -= self.g


class Source:
    def __init__(self, a, i):
        self.a, self.i = a, i

    def stamp(self, G, I):
        I[self.a] += self.i


def circuit(x):
    n = len(x)
    elements = []
    for i in range(n):
        elements.append(Resistor(i, (i + 1) % n, x[i]))
        elements.append(Source(i, x[i] ** 2))
    G, I = np.eye(n), np.zeros(n)
    for e in elements:
        e.stamp(G, I)
    return np.sum(np.linalg.solve(G, I) * x)


cases.add(circuit, X)


class Spring:
    def __init__(self, k):
        self.k, self.seen = k, []

    def force(self, q):
        self.seen.append(q[0])
        return -self.k * q


class Gravity:
    def __init__(self, g):
        self.g, self.n = g, 0

    def force(self, q):
        self.n += 1
        return np.full(len(q), self.g)


def forces(x, n):
    acting = []
    for i in range(n):
        acting.append(Spring(x[i]) if i % 2 == 0 else Gravity(x[i]))
    q, v = x * 1.0, np.zeros_like(x)
    for t in range(4):
        for f in acting:
            v += 0.1 * f.force(q)
        q += 0.1 * v
    last = None
    for f in acting:
        if last is None or isinstance(f, Gravity):
            last = f
    return np.sum(q**2) if last is None else np.sum(q * last.force(x))


for count in (0, 1, 3):
    cases.add(forces, X, count)


class Link:
    def __init__(self, v, behind):
        self.v, self.behind = v, behind

    def value(self):
        return self.v


class Squared(Link):
    def value(self):
        return self.v**2


def linked(x):
    head = None
    for i, v in enumerate(x):
        head = Link(v, head) if i % 2 else Squared(v, head)
    total, k = 0.0, 1
    while head is not None:
        total += head.value() * k
        k += 1
        head = head.behind
    return total


cases.add(linked, X)


class Leaf:
    def __init__(self, v):
        self.v = v

    def value(self, t):
        return self.v * t


class Sum:
    def __init__(self, left, right):
        self.left, self.right = left, right

    def value(self, t):
        return self.left.value(t) + self.right.value(t)


class Product(Sum):
    def value(self, t):
        return self.left.value(t) * self.right.value(t)


def expression(x):
    stack = []
    for v in x:
        stack.append(Leaf(v))
    while len(stack) > 1:
        a, b = stack.pop(), stack.pop()
        stack.append(Sum(a, b) if len(stack) % 2 else Product(a, b))
    return stack[0].value(x[0])


cases.add(expression, X, refused="SRC174")


class Gain:
    def __init__(self, k):
        self.k = k

    def step(self, x):
        self.k = self.k * 1.05
        return x * self.k


class Shift(Gain):
    def step(self, x):
        return x + self.k


def in_turn(x, n):
    gain, shift = Gain(x[0] + 1.0), Shift(x[1])
    now, v = gain, x[2]
    for k in range(n):
        v = now.step(v)
        if v > 2.0:
            now, v = shift if now is gain else gain, 0.4 * v
        now.k = now.k * 0.98
    return v * gain.k + shift.k


def in_turn_by_few_trips(x):
    gain, other = Gain(x[0] + 1.0), Gain(x[3])
    now, v = gain, x[2]
    for k in range(9):
        v = now.step(v)
        if v > 2.0:
            now, v = other, 0.4 * v
            now.k *= 1.02
        elif v < 0.5:
            now = gain
    return v * gain.k + other.k


def changing_places(x, n):
    a, b = Gain(x[0]), Gain(x[1])
    v = x[2]
    for _ in range(n):
        v = a.step(v) + b.k
        if v > 1.0:
            a, b, v = b, a, 0.3 * v
    return v * a.k


cases.add(in_turn, X, 7)
cases.add(in_turn_by_few_trips, X)
cases.add(changing_places, X, 5)
