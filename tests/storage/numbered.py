"""Objects that several lists of unknown length refer to, or that are taken out of one and changed: springs between particles, graphs."""
from __future__ import annotations

import copy
import dataclasses
import functools

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7, 0.2])
_listed = functools.partial(cases.each, (0.3, ZS), (0.3, ZS[:1]))


class Particle:
    """A position, a velocity, and what acts on it."""

    def __init__(self, x, v, m=1.0):
        self.x = x
        self.v = v
        self.m = m
        self.force = 0.0
        self.hits = 0

    @property
    def energy(self):
        return 0.5 * self.m * self.v**2

    @property
    def place(self):
        return self.x

    @place.setter
    def place(self, value):
        self.x = value + 1.0

    def push(self, f):
        self.force += f
        self.hits += 1

    def step(self, dt=0.1):
        self.v += dt * self.force / self.m
        self.x += dt * self.v
        self.force = 0.0


class Spring:
    """What pulls two particles together."""

    def __init__(self, a, b):
        self.a = a
        self.b = b
        self.rest = b.x - a.x

    def pull(self, k):
        f = k * (self.b.x - self.a.x - 0.5 * self.rest) ** 3
        self.a.push(f)
        self.b.push(-f)


def _particles(a, zs):
    return [Particle(a * z, z * z) for z in zs]


# ---- objects that refer to each other ----------------------------------------------------------------------------------
@_listed()
def springs(a, zs):
    particles = _particles(a, zs)
    springs_ = [Spring(particles[i], particles[i + 1]) for i in range(len(particles) - 1)]
    for _ in range(3):
        for s in springs_:
            s.pull(2.0)
        for p in particles:
            p.step()
    return sum(p.energy + p.x * p.hits for p in particles) + sum(s.rest * s.a.x for s in springs_)


class Body:
    """Arrays as attributes."""

    def __init__(self, x, v):
        self.x = x
        self.v = v
        self.acceleration = np.zeros(2)


class Bond:
    """Two bodies."""

    def __init__(self, first, second):
        self.first, self.second = first, second


@_listed()
def molecule(a, zs):
    bodies = []
    for z in zs:
        bodies.append(Body(np.array([a * z, z]), np.zeros(2)))
    bonds = [Bond(p, q) for p, q in zip(bodies, bodies[1:])]
    for _ in range(2):
        for b in bodies:
            b.acceleration[:] = 0.0
        for bond in bonds:
            d = bond.second.x - bond.first.x
            f = d / np.sqrt(d @ d + 0.1)
            bond.first.acceleration += f
            bond.second.acceleration -= f
            bond.first.x[0] += 0.01 * bond.second.x[1]
        for b in bodies:
            b.v += 0.1 * b.acceleration
            b.x += 0.1 * b.v
    return sum(b.x @ b.x for b in bodies)


class Node:
    """A node of a graph."""

    def __init__(self, value):
        self.value = value
        self.near = []


@_listed()
def graph(a, zs):
    nodes = [Node(a * z) for z in zs]
    count = len(nodes)
    for i in range(count):
        nodes[i].near.append(nodes[(i + 1) % count])
        nodes[i].near.append(nodes[i - 2 if i > 1 else 0])
    for _ in range(2):
        new = [np.tanh(sum(other.value for other in node.near)) for node in nodes]
        for node, value in zip(nodes, new):
            node.value = value
    return sum(node.value**2 for node in nodes)


@dataclasses.dataclass
class Cell:
    """A dataclass with a list of its own."""

    x: float
    v: float
    past: list = dataclasses.field(default_factory=list)

    def step(self):
        self.past.append(self.x)
        self.x += 0.1 * self.v


@dataclasses.dataclass
class Link:
    """Two cells."""

    a: Cell
    b: Cell


class World:
    """Lists in an object."""

    def __init__(self, a, zs):
        self.cells = [Cell(a * z, 0.5 * z) for z in zs]
        self.links = [Link(self.cells[i], self.cells[i - 1]) for i in range(len(self.cells))]

    def step(self, dt):
        for link in self.links:
            f = (link.b.x - link.a.x) ** 3
            link.a.v += dt * f
            link.b.v -= dt * f
        for cell in self.cells:
            cell.step()


@_listed()
def world(a, zs):
    w = World(a, zs)
    for _ in range(3):
        w.step(0.1)
    return sum(c.x * c.v + sum(c.past) for c in w.cells)


@_listed()
def equal_by_fields(a, zs):
    cells = [Cell(a * z, z) for z in zs]
    others = list(cells)
    count = 0
    for p in cells:
        for q in others:
            if p == q:
                count += 1
                q.v += p.x
    return count * sum(p.x * p.v for p in cells)


class Vector:
    """Attributes of attributes."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, s):
        return Vector(self.x * s, self.y * s)


@_listed()
def vectors(a, zs):
    bodies = [Body(Vector(a * z, z), Vector(0.0, a)) for z in zs]
    every_second = bodies[::2]
    for b in every_second:
        b.x = b.x + b.v * 0.1
        b.x.y *= a
    for b in bodies:
        b.v.x += b.x.y
    return sum(b.x.x * b.v.x + b.x.y for b in bodies)


# ---- one object in several lists ---------------------------------------------------------------------------------------
@_listed()
def twice_in_one_list(a, zs):
    particles = _particles(a, zs)
    for p in particles + particles:
        p.x = p.x * 1.5 + p.v
        p.hits += 1
    return sum(p.x * p.hits for p in particles)


@_listed()
def replaced_in_one_list(a, zs):
    particles = _particles(a, zs)
    old = [p for p in particles]
    for i in range(len(particles)):
        if i % 2 == 0:
            particles[i] = Particle(a * zs[i] * 2.0, zs[i])
    for p in particles:
        p.x += p.v
    for p in old:
        p.x *= 2.0 * a
    return sum(p.x**2 for p in particles) + sum(p.x**3 for p in old)


@_listed()
def sorted_in_two_ways(a, zs):
    particles = _particles(a, zs)
    for k, p in enumerate(sorted(particles, key=lambda p: p.x)):
        p.v += k * p.x**2
    particles.sort(key=lambda p: -p.v)
    return sum(k * p.x * p.v for k, p in enumerate(particles))


@_listed()
def two_groups(a, zs):
    particles = _particles(a, zs)
    left, right = [], []
    for p in particles:
        if p.x < 0.0:
            left.append(p)
        else:
            right.append(p)
    for p in left:
        p.x = -p.x
    for p in right:
        p.x = p.x**2
    return sum(p.x * p.v for p in particles)


@_listed()
def taken_off_a_stack(a, zs):
    particles = _particles(a, zs)
    stack = list(particles)
    while stack:
        p = stack.pop()
        p.x = p.x * 1.1 + sum(q.x for q in stack)
    return sum(p.x**2 for p in particles)


@_listed()
def those_that_are_absorbed(a, zs):
    particles = _particles(a, zs)
    alive = particles[:]
    for p in particles:
        for q in alive:
            if q is not p and q.v < p.v:
                q.x += 0.5 * p.x
        if p.x < 0.1:
            alive.remove(p)
    if particles[-1] in alive:
        alive.remove(particles[-1])
    return sum(p.x**2 for p in alive) + sum(p.x for p in particles)


@_listed()
def in_pairs(a, zs):
    particles = _particles(a, zs)
    pairs = [(particles[i], particles[i - 1], zs[i]) for i in range(len(particles))]
    for p, q, w in pairs:
        p.x += w * q.x
    return sum(p.x**2 for p in particles)


@_listed()
def copied(a, zs):
    particles = _particles(a, zs)
    twins = [copy.copy(p) for p in particles]
    for p in particles + twins:
        p.x *= 3.0
    for p in twins:
        p.x += a
    return sum(p.x**2 for p in particles) + sum(p.x**3 for p in twins)


def _moved(particles, a):
    for p in particles:
        p.x += a * p.v


@_listed()
def handed_to_functions(a, zs):
    particles = _particles(a, zs)
    rest = particles[1:]
    for _ in range(2):
        _moved(rest, 0.5)
    _moved(particles, a)
    return sum(p.x for p in particles) * sum(p.x for p in rest)


# ---- one that is taken out ---------------------------------------------------------------------------------------------
@_listed()
def the_best(a, zs):
    particles = _particles(a, zs)
    best = min(particles, key=lambda p: p.v)
    best.x = 3.0 * best.x
    best.v *= 2.0
    return sum(p.x * p.v for p in particles)


@_listed()
def the_best_of_a_loop(a, zs):
    particles = _particles(a, zs)
    best = None
    for p in particles:
        if best is None or p.v > best.v:
            best = p
    if best is not None:
        best.x = best.x**3
    return sum(p.x for p in particles)


@_listed()
def at_a_computed_place(a, zs):
    particles = _particles(a, zs)
    p = particles[len(zs) // 2]
    p.x *= 4.0
    q = particles[len(zs) // 3 - 1]
    q.place = p.x * q.x
    return sum(p.place**2 for p in particles)


@_listed()
def asked_which_it_is(a, zs):
    particles = _particles(a, zs)
    first = particles[0]
    total = 0.0
    for p in particles:
        for q in particles:
            if p is not q:
                p.force += (p.x - q.x) ** 3
            if p == first and q in particles:
                total += q.x
    for p in particles:
        p.step()
    return total + sum(p.x for p in particles) + (a if particles and first in particles else 0.0)


@_listed()
def conditions(a, zs):
    particles = _particles(a, zs)
    for _ in range(3):
        for p in particles[:]:
            p.x += 0.3 * p.v
            if p.x > 0.5:
                p.v = -0.9 * p.v
                p.x = 1.0 - p.x
    return sum(p.x**2 + p.v for p in particles)


@_listed()
def an_attribute_that_comes_later(a, zs):
    particles = _particles(a, zs)
    others = list(particles)
    for p in others:
        p.x *= a
        p.density = p.x
    return sum(p.density for p in others) + particles[0].x


# ---- refused -----------------------------------------------------------------------------------------------------------
class Numbered(Particle):
    """An object that may be an index."""

    def __index__(self):
        return 0


@_listed(refused="SRC121")
def as_an_index(a, zs):
    particles = [Numbered(a * z, z) for z in zs]
    others = list(particles)
    for p in others:
        p.x *= zs[p]
    return sum(p.x for p in particles)


class Held(Particle):
    """An object that puts itself into a list before it is complete."""

    def __init__(self, x, others):
        self.x = x
        others.append(self)
        self.v = 1.0


@_listed(refused="SRC119")
def handed_on_by_its_constructor(a, zs):
    others = []
    particles = [Held(a * z, others) for z in zs]
    for p in others:
        p.x *= a
    return sum(p.x for p in particles)
