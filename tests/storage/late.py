"""Objects in lists of unknown length that get attributes after they were made."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
X = np.array([0.7, 1.3, 0.4, 2.1])


class Particle:
    def __init__(self, v):
        self.v = v


def forces(x):
    ps = [Particle(v) for v in x]
    others = ps[1:]
    for p in ps:
        p.f = 0.0
    for p in ps:
        for q in others:
            if p is not q:
                p.f += p.v * q.v
    return x.sum() + sum(p.f**2 for p in ps)


for some in (X[:0], X[:1], X):
    cases.add(forces, some)


class Layer:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, h):
        self.given = h
        self.z = h @ self.w + self.b
        self.out = np.tanh(self.z)
        return self.out

    def backward(self, g):
        g = g * (1 - self.out**2)
        self.dw, self.db = np.outer(self.given, g), g
        return self.w @ g


def trained(x, n):
    W = np.outer(x, x) * 0.2
    net = [Layer(W * (i + 1), x) for i in range(n)]
    h = x
    for t in range(2):
        h = x
        for layer in net:
            h = layer.forward(h)
        g = h
        for layer in reversed(net):
            g = layer.backward(g)
        for layer in net:
            layer.w = layer.w - 0.1 * layer.dw
            layer.b = layer.b - 0.1 * layer.db
    return h.sum()


for count in (0, 1, 3):
    cases.add(trained, X, count)


def on_some(x, n):
    ps = [Particle(v) for v in x[:n]]
    again = ps[::-1]
    for p in again:
        if p.v > 1:
            p.size = p.v * 2
    total = x[3]
    for p in ps:
        if hasattr(p, "size"):
            total += p.size**2
        else:
            total += getattr(p, "size", p.v)
    return total


for count in (0, 1, 3):
    cases.add(on_some, X, count)


def missing(x):
    ps = [Particle(v) for v in x]
    for q in ps[:2]:
        q.e = q.v * x[0]
    return sum(p.e for p in ps)


def caught(x):
    ps = [Particle(v) for v in x]
    for q in ps[:2]:
        q.e = q.v * x[0]
    total = 0.0
    for p in ps:
        try:
            total += p.e
        except AttributeError:
            total += p.v**2
    return total


cases.add(missing, X)
cases.add(caught, X)


class Counted(Particle):
    f, n = 0.0, 1


def with_a_default(x):
    ps = [Counted(v) for v in x]
    some = ps[1:]
    for q in some:
        q.f += q.v
        q.n += 1
    return sum(p.f * p.v * p.n for p in ps) + sum(p.n for p in some)


cases.add(with_a_default, X)


def linked_afterwards(x):
    ps = [Particle(v) for v in x]
    others = ps[:]
    for i in range(len(ps)):
        ps[i].next = ps[(i + 1) % len(ps)]
        others[i].near = [others[i - 1]]
    total, p = 0.0, ps[0]
    for t in range(6):
        total += p.v * (t + 1) + p.near[0].v
        p.v *= 1.1
        p = p.next
    return total


cases.add(linked_afterwards, X)


def arrays_changed_in_place(x, n):
    ps = [Particle(x[i]) for i in range(n)]
    again = ps[:]
    total = x[3]
    for p in ps:
        p.buffer = x * p.v
        p.buffer[0] *= x[2]
        same = p.buffer
        same[1] = x[3] ** 2
        total += p.buffer[1] * p.buffer[0]
    for p in again:
        p.buffer[2] = p.v**2
        p.buffer *= x[1]
        p.buffer = p.buffer + 1
    for p in ps:
        total += np.sum(p.buffer)
    return total


def before_the_next_one(x, n):
    ps = [Particle(v) for v in x]
    again = ps[:]
    total = x[0]
    for t in range(n):
        for p in ps:
            if t > 0:
                total += p.last * p.v
            p.last = p.v * t
        for q in again:
            q.v *= x[0]
    return total


for count in (0, 1, 3):
    cases.add(arrays_changed_in_place, X, count)
    cases.add(before_the_next_one, X, count)


def of_several_classes(x):
    ps = []
    for i in range(len(x)):
        p = Particle(x[i]) if i % 2 else Counted(x[i])
        p.g = x[i] * i
        ps.append(p)
    some = ps[2:]
    for q in some:
        q.h = q.g * q.v
    for q in some:
        q.g = q.h * q.v
    return sum(p.g for p in ps) + sum(q.h for q in some)


cases.add(of_several_classes, X)


class Box:
    def __init__(self, i):
        self.i, self.inside = i, []


def boxes_of_neighbours(x, n):
    ps = [Particle(x[i % 4] * (1 + i)) for i in range(n)]
    boxes = [Box(i) for i in range(3)]
    for p in ps:
        box = boxes[int(p.v) % 3]
        box.inside.append(p)
        p.box = box
    total = x[0]
    for p in ps:
        for q in p.box.inside:
            if q is not p:
                total += p.v * q.v
    for box in boxes:
        for p in box.inside:
            p.v *= x[1]
    return total + sum(p.v for p in ps)


class Scaled:
    def __init__(self, k):
        self.k = k

    def forward(self, a):
        self.a = a
        return a * self.k

    def backward(self, g):
        self.dk = g * self.a
        return g * self.k


class Tanh:
    def forward(self, a):
        self.out = math.tanh(a)
        return self.out

    def backward(self, g):
        return g * (1 - self.out**2)


def back_through_layers(x, n):
    net = []
    for i in range(n):
        net.append(Scaled(x[i % 4]))
        net.append(Tanh())
    h, g = x[0], 1.0
    for layer in net:
        h = layer.forward(h)
    for layer in reversed(net):
        g = layer.backward(g)
    total = h + g
    for layer in net:
        if isinstance(layer, Scaled):
            total += layer.dk
    return total


for count in (0, 1, 5):
    cases.add(boxes_of_neighbours, X, count)
    cases.add(back_through_layers, X, count)


def tried(x):
    ps = [Particle(v) for v in x]
    again = ps[:]
    for p in ps:
        try:
            p.r = math.sqrt(p.v - 1)
        except ValueError:
            p.r = p.v
    return sum(p.r for p in again)


cases.add(tried, X)


def carried_by_a_loop(x, n):
    ps = [Particle(x * (i + 1)) for i in range(n + 1)]
    again = ps[:]
    h, total = x * 1.0, x[3]
    for p in ps:
        p.b = p.v * 2.0
        h[0] *= x[1]
        total += p.b[0] + h[1]
        h = p.b
    for q in again:
        total += q.b[0]
    return total + h[0]


cases.add(carried_by_a_loop, X, 3, refused="SRC172")


def one_array_for_all(x, n):
    ps = [Particle(v) for v in x[:n]]
    again = ps[:]
    shared, total = np.zeros(4), x[3]
    for p in ps:
        shared[0] += x[0]
        p.b = shared
    for q in again:
        total += q.b[0]
    return total


cases.add(one_array_for_all, X, 3, refused="SRC172")
