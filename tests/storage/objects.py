"""Objects of ordinary classes in lists, dicts and deques whose length is only known at run time, and as results."""
from __future__ import annotations

import collections
import dataclasses
import functools

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7])
_listed = functools.partial(cases.each, (0.3, ZS), (0.3, ZS[:1]))


class Particle:
    """A position, a velocity and a mass."""

    damping = 0.9

    def __init__(self, x, v, m=1.0):
        self.x = x
        self.v = v
        self.m = m

    def kick(self, force, dt):
        self.v = self.v + force / self.m * dt

    def drift(self, dt):
        self.x = self.x + self.v * dt

    def slow(self):
        self.v *= self.damping

    @property
    def energy(self):
        return 0.5 * self.m * np.sum(self.v * self.v)


class Charged(Particle):
    """A particle with a charge."""

    def __init__(self, x, v, q):
        super().__init__(x, v)
        self.q = q

    def force(self, field):
        return self.q * field


class Vector:
    """Two numbers that can be added."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, s):
        return Vector(self.x * s, self.y * s)


@dataclasses.dataclass
class Body:
    """A dataclass that finishes itself."""

    mass: float
    speed: float

    def __post_init__(self):
        self.momentum = self.mass * self.speed


class Slots:
    """An object with two places."""

    __slots__ = ("w", "x")

    def __init__(self, w, x):
        self.w, self.x = w, x


class Layer:
    """A weight and what it has seen."""

    def __init__(self, w):
        self.w = w
        self.seen = []

    def forward(self, x):
        self.seen.append(x)
        return np.tanh(self.w * x)


@_listed()
def numbers_of_objects(a, zs):
    ps = [Particle(z * a, a) for z in zs]
    return sum(p.x * p.v for p in ps)


@_listed()
def moved_in_a_loop(a, zs):
    ps = []
    for z in zs:
        ps.append(Particle(z, a * z, 1.0 + a))
    for _ in range(3):
        for p in ps:
            p.kick(-p.x, 0.1)
            p.drift(0.1)
    e = 0.0
    for p in ps:
        e += p.energy
    return e


@_listed()
def pairs_of_objects(a, zs):
    ps = [Particle(np.array([z, a]), np.zeros(2), 1.0 + z * z) for z in zs]
    for _ in range(2):
        for i, p in enumerate(ps):
            force = np.zeros(2)
            for j, q in enumerate(ps):
                if i != j:
                    d = q.x - p.x
                    force += q.m * d / (d @ d + 0.1) ** 1.5
            p.kick(force, 0.1)
        for p in ps:
            p.drift(0.1)
    return sum(p.energy + np.sum(p.x) for p in ps)


@_listed()
def arrays_of_objects_changed_in_place(a, zs):
    ps = [Particle(np.array([z, a]), np.array([a, 1.0])) for z in zs]
    for _ in range(2):
        for p in ps:
            p.x += p.v * 0.1
            p.v[0] -= p.x[1]
            p.slow()
    total = 0.0
    for p in ps:
        total += np.sum(p.x * p.v)
    return total


@_listed()
def by_index(a, zs):
    ps = [Particle(z, a) for z in zs]
    for i in range(len(ps)):
        ps[i].x = ps[i].x * a + i
        ps[i - 1].v += ps[i].x
    return ps[0].x * ps[-1].v


@_listed()
def an_item_under_a_name(a, zs):
    ps = [Particle(z, a) for z in zs]
    first = ps[0]
    for p in ps:
        p.drift(a)
    return first.x * a


@_listed()
def an_item_changed_under_a_name(a, zs):
    ps = [Particle(z, a) for z in zs]
    last = ps[-1]
    last.x = last.x * a
    return sum(p.x * a for p in ps)


@_listed()
def of_a_derived_class(a, zs):
    ps = [Charged(z, a, z + a) for z in zs]
    for p in ps:
        p.kick(p.force(2.0), 0.5)
    return sum(p.v * p.v for p in ps)


@_listed()
def with_operators(a, zs):
    total = Vector(0.0, a)
    parts = []
    for z in zs:
        parts.append(Vector(z, a) * a)
    for p in parts:
        total = total + p * total.x
    return total.x + total.y * a


@_listed()
def finished_by_the_class(a, zs):
    bodies = [Body(1.0 + a, z) for z in zs]
    for b in bodies:
        b.momentum = b.momentum * a
    return sum(b.momentum for b in bodies)


@_listed()
def with_slots(a, zs):
    items = [Slots(a, z * a) for z in zs]
    for s in items:
        s.w = s.w * s.x
    return sum(s.w for s in items)


@_listed()
def holding_lists(a, zs):
    layers = [Layer(z * a) for z in zs]
    x = a
    for _ in range(2):
        for layer in layers:
            x = layer.forward(x)
    return x + sum(sum(layer.seen) for layer in layers)


@_listed()
def holding_objects(a, zs):
    pairs = []
    for z in zs:
        pairs.append((Particle(Vector(z, a), a), z))
    total = 0.0
    for p, z in pairs:
        p.x = p.x + Vector(a, z)
        total += p.x.x * p.x.y
    return total


@_listed()
def popped(a, zs):
    stack = [Particle(z, a) for z in zs]
    total = a
    while stack:
        p = stack.pop()
        total += p.x * p.v * total
    return total


@_listed()
def in_a_deque(a, zs):
    queue = collections.deque()
    for z in zs:
        queue.append(Particle(z, a))
    total = 0.0
    while queue:
        p = queue.popleft()
        total = total * a + p.x * p.v
    return total


@_listed()
def in_a_dict(a, zs):
    table = {}
    for k, z in enumerate(zs):
        table[k] = Particle(z, a)
    for k in table:
        table[k].drift(a)
    return sum(p.x * p.v for p in table.values())


@_listed()
def filtered(a, zs):
    ps = [Particle(z, a) for z in zs]
    ps = [p for p in ps if p.x > 0.0]
    return sum(p.x * p.v**2 for p in ps)


@_listed()
def sorted_by_an_attribute(a, zs):
    ps = sorted([Particle(z * a, a) for z in zs], key=lambda p: p.x)
    total = 0.0
    for k, p in enumerate(ps):
        total += (k + 1) * p.x
    return total


@_listed()
def the_best_of_them(a, zs):
    best = Particle(0.0, a)
    for z in zs:
        new = Particle(z * a, a * a)
        if new.x > best.x:
            best = new
    return best.x + best.v


@_listed()
def chosen_in_a_branch(a, zs):
    kept = []
    for z in zs:
        if z > 0:
            kept.append(Particle(z, a))
        else:
            kept.append(Particle(a, z, 2.0))
    return sum(p.x * p.v * p.m for p in kept)


@_listed()
def by_a_generator(a, zs):
    def emit():
        for z in zs:
            yield Particle(z, a)

    return sum(p.x * p.v for p in emit())


@_listed()
def by_a_helper_that_changes_it(a, zs):
    def step(p, dt):
        p.x = p.x + dt * p.v * p.x
        return p.x

    ps = [Particle(z, a) for z in zs]
    total = 0.0
    for p in ps:
        total += step(p, 0.5)
        step(p, a)
    return total + sum(p.x for p in ps)


@_listed()
def exchanged(a, zs):
    ps = [Particle(z, a * z) for z in zs]
    ps[0], ps[-1] = ps[-1], ps[0]
    ps.reverse()
    ps.append(Particle(a, a))
    total = 0.0
    for k, p in enumerate(ps):
        total += p.v * (k + 1)
    return total


@_listed()
def one_object_twice(a, zs):
    p = Particle(a, 1.0)
    ps = []
    for _z in zs:
        ps.append(p)
    p.x = p.x * 2.0
    return sum(q.x * q.x for q in ps)


@_listed(refused="SRC147")
def two_attributes_one_array(a, zs):
    ps = [Particle(np.array([z, a]), np.array([a, 1.0])) for z in zs]
    for p in ps:
        p.x = p.v
        p.x[0] += 2.0
    return sum(np.sum(p.v * p.v) + p.x[0] for p in ps)


@_listed(refused="SRC147")
def objects_that_share_an_array(a, zs):
    start = np.array([a, 1.0])
    ps = [Particle(start, start * z) for z in zs]
    for p in ps:
        p.x += p.v
    return sum(np.sum(p.x * p.v) for p in ps)


@_listed(refused="SRC119")
def an_array_that_is_kept_outside(a, zs):
    ps, starts = [], []
    for z in zs:
        x = np.array([z, a])
        starts.append(x)
        ps.append(Particle(x, x * a))
    for p in ps:
        p.x += p.v
    return sum(np.sum(s * s) for s in starts)


@_listed()
def an_array_read_before(a, zs):
    ps = [Particle(np.array([z, a]), np.array([a, 1.0])) for z in zs]
    first = ps[0].x
    for p in ps:
        p.x += p.v * a
    return np.sum(first * a)


@_listed()
def copied_from_one_to_another(a, zs):
    ps = [Particle(np.array([z, a]), np.array([a, 1.0])) for z in zs]
    for i in range(len(ps)):
        ps[i].x[:] = ps[i - 1].v * a
        ps[i].v = ps[i - 1].x.copy()
        ps[i].v[1] = a
    return sum(np.sum(p.x * p.v) for p in ps)


@_listed(refused="SRC147")
def one_array_for_two_attributes(a, zs):
    ps = []
    for z in zs:
        v = np.array([z, a])
        ps.append(Particle(v, v))
    for p in ps:
        p.x += a
    return sum(np.sum(p.v * p.v) for p in ps)


@_listed(refused="SRC147")
def given_one_array_in_a_loop(a, zs):
    ps = [Particle(np.array([z, a]), np.array([a, 1.0])) for z in zs]
    v = np.array([a, 2.0])
    for p in ps:
        p.v = v
    for p in ps:
        p.v += p.x
    return sum(np.sum(p.v * p.v) for p in ps)


@_listed(refused="SRC119")
def the_array_of_an_object_is_written_by_its_name(a, zs):
    ps = []
    v = np.array([a, 2.0])
    for z in zs:
        ps.append(Particle(np.array([z, a]), v))
    v[0] = 7.0 * a
    return sum(np.sum(p.v * p.x) for p in ps)


@_listed()
def empty_lists_in_lists(a, zs):
    rows = [[] for _z in zs]
    for k, z in enumerate(zs):
        rows[k].append(z * a)
        rows[k - 1].append(a)
    return sum(sum(row) * len(row) for row in rows)


@_listed()
def whole_numbers_before_floats(a, zs):
    rows = [[1] for _z in zs]
    layers = [Layer(z) for z in zs]
    for k, z in enumerate(zs):
        rows[k].append(z * a)
        layers[k].seen = [2]
        layers[k - 1].seen.append(a)
    return sum(sum(row) * len(row) for row in rows) + sum(sum(n.seen) * n.w for n in layers)


@_listed()
def one_array_for_all(a, zs):
    ps = [Particle(np.array([z, a]), np.array([a, 1.0])) for z in zs]
    v = np.array([a, 2.0])
    for p in ps:
        p.v = v
        p.x = p.x + p.v
    return sum(np.sum(p.v * p.x) for p in ps)


@_listed()
def parameters_that_all_share(a, zs):
    weights = zs * a
    ps = [Particle(a, z, weights) for z in zs]
    for p in ps:
        p.x = p.x + np.sum(p.m) * p.v
        p.v = p.v * p.x
    return sum(p.x * p.v for p in ps)


@_listed(refused="SRC147")
def parameters_that_one_changes(a, zs):
    weights = zs * a
    ps = [Particle(a, z, weights) for z in zs]
    for p in ps:
        p.m *= p.v
    return sum(np.sum(p.m) for p in ps)


@_listed(refused="SRC147")
def arrays_in_tuples_that_one_changes(a, zs):
    x = zs * a
    pairs = []
    for z in zs:
        pairs.append((x, z))
    for y, z in pairs:
        y += z
    return sum(np.sum(y) for y, _z in pairs)


@_listed(refused="SRC147")
def lists_in_lists_that_share(a, zs):
    x = zs * a
    rows = []
    for z in zs:
        row = []
        row.append(x)
        row.append(np.array([z, a]))
        rows.append(row)
    rows[0][0] += 1.0
    return sum(np.sum(row[0]) for row in rows)


class Disk:
    """A radius behind a property."""

    def __init__(self, radius):
        self.radius = radius

    @property
    def radius(self):
        return self._half * 2.0

    @radius.setter
    def radius(self, value):
        self._half = value / 2.0


@_listed()
def properties_with_setters(a, zs):
    disks = [Disk(z * a) for z in zs]
    for d in disks:
        d.radius = d.radius * a
    return sum(d.radius for d in disks)


# ---- what an attribute was before ----------------------------------------------------------------------------------------
def _bodies(a, zs):
    return [Particle(np.array([z * a * i, a]), np.array([a, z + i])) for i, z in enumerate(zs)]


@_listed()
def read_before_it_is_replaced(a, zs):
    ps, total = _bodies(a, zs), 0.0
    for p in ps:
        x = p.x
        p.x = p.v
        total += np.sum(x * x)
    return total


@_listed()
def read_by_another_name_before_it_is_replaced(a, zs):
    ps = _bodies(a, zs)
    p, q = ps[0], ps[len(zs) - len(zs)]
    x = q.x
    p.x = p.v * 2.0
    return np.sum(x * x) + np.sum(q.x)


@_listed()
def items_read_by_another_name(a, zs):
    rows = [[np.array([z * a, a * i]), np.array([a, z])] for i, z in enumerate(zs)]
    total = 0.0
    for r, other in zip(rows, rows):
        x = other[0]
        r[0] = r[1] * 2.0
        total += np.sum(x * x) + np.sum(other[0])
    return total


@_listed(refused="SRC147")
def attributes_exchanged(a, zs):
    ps = _bodies(a, zs)
    for p in ps:
        p.x, p.v = p.v, p.x
    return sum(np.sum(p.x * p.v * p.v) for p in ps)


@cases.each((0.3, ZS), refused="SRC119")
def read_before_it_is_replaced_and_written(a, zs):
    ps, total = _bodies(a, zs), 0.0
    for p in ps:
        x = p.x
        p.x = p.v + 1.0
        x[0] = a
        total += np.sum(x * x)
    return total + sum(np.sum(p.x) for p in ps)


@dataclasses.dataclass
class Ranked:
    """Objects that can be sorted."""

    x: float
    v: float

    def __lt__(self, other):
        return self.x < other.x


@cases.each((0.3, ZS), refused="SRC119")
def sorted_objects_changed(a, zs):
    ps = [Ranked(a * z, z) for z in zs]
    for k, p in enumerate(sorted(ps)):
        p.v = p.v * k
    return sum(p.x * p.v for p in ps)


@cases.each((0.3, ZS), refused="SRC119")
def items_of_all_lists_changed(a, zs):
    rows = [[[a * z], [z]] for z in zs]
    for items in sum(rows, []):
        items.append(2.0 * a)
    return sum(sum(sum(r) for r in row) for row in rows)
