"""What builtins, operators and statements ask of objects in lists whose length is only known at run time."""
from __future__ import annotations

import functools

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7])
_listed = functools.partial(cases.each, (0.3, ZS))


class Box:
    """An object that answers to much."""

    def __init__(self, v, w):
        self.v = v
        self.w = w

    def __len__(self):
        return 3

    def __getitem__(self, k):
        return self.v * (k + 1)

    def __setitem__(self, k, x):
        self.w = self.w + x * (k + 1)

    def __contains__(self, x):
        return x > 0.2

    def __lt__(self, other):
        return self.v < other.v

    def __eq__(self, other):
        return self.v == other.v

    def __hash__(self):
        return 1

    def __neg__(self):
        return Box(-self.v, self.w)

    def __iter__(self):
        yield self.v
        yield self.w

    def __call__(self, x):
        return self.v * x

    def __enter__(self):
        self.w = self.w * 2
        return self

    def __exit__(self, *error):
        self.w = self.w + 1


class Doubter(Box):
    """A box that is not always true."""

    def __bool__(self):
        return bool(self.v > 0.0)


class Plain:
    """An object that answers to nothing."""

    def __init__(self, v):
        self.v = v


class Counter:
    """An iterator."""

    def __init__(self, v):
        self.v = v
        self.k = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.k += 1
        if self.k > 3:
            raise StopIteration
        return self.v * self.k


class Pair:
    """Something that is only read by number."""

    def __init__(self, v):
        self.xs = [v, v * 2]

    def __getitem__(self, k):
        return self.xs[k]


@_listed()
def length_and_items(a, zs):
    boxes = [Box(z * a, a) for z in zs]
    for b in boxes:
        b[1] = a
    return sum(len(b) * b[1] * b.w for b in boxes)


@_listed()
def membership_and_truth(a, zs):
    boxes = [Box(z * a, a) for z in zs]
    doubters = [Doubter(z * a, a) for z in zs]
    total = a
    for b in boxes:
        total += b.v if a in b else b.w * b.v
    for d in doubters:
        if d:
            total += d.v
        if not d:
            total += d.v * d.v
    return total


@_listed()
def comparison(a, zs):
    boxes = [Box(z * a, a) for z in zs]
    least = boxes[0]
    total = 0.0
    for b in boxes:
        if b < least:
            least = b
        total += b.v if b == boxes[0] else b.v * a
    return total * least.v


@_listed()
def identity_while_others_change(a, zs):
    ps = [Plain(z * a) for z in zs]
    first = ps[0]
    total = 0.0
    for p in ps:
        p.v = p.v + a
        if p is first:
            p.v = p.v * 3.0
        for q in ps:
            if p is not q:
                total += p.v * q.v
    return total


@_listed()
def iteration(a, zs):
    boxes = [Box(z * a, a) for z in zs]
    total = 0.0
    for b in boxes:
        for x in b:
            total += x * x
        v, w = b
        total += v * w + sum(b) * sum(list(b))
    return total


@_listed()
def iterators(a, zs):
    counters = [Counter(z * a) for z in zs]
    total = 0.0
    for c in counters:
        total += next(c)
        for x in c:
            total += x * c.k
    return total + sum(c.k for c in counters) * a


@_listed()
def read_by_number(a, zs):
    pairs = [Pair(z * a) for z in zs]
    total = 0.0
    for p in pairs:
        for x in p:
            total += x * x
    return total


@_listed()
def calls_and_contexts(a, zs):
    boxes = [Box(z * a, a) for z in zs]
    total = 0.0
    for b in boxes:
        total += b(2.0) + (-b).v * b.w
        with b as c:
            c.v = c.v * a
    return total + sum(b.v * b.w for b in boxes)


@_listed()
def classes_and_text(a, zs):
    boxes = [Box(z * a, a) if z > 0.6 else Box(a, z) for z in zs]
    text = ""
    for b in boxes:
        text += f"{b.v:.2f}"
    return sum(b.v for b in boxes if isinstance(b, Box)) * len(text)


class Stack:
    """A list with methods."""

    def __init__(self):
        self.items = []

    def push(self, x):
        self.items.append(x)

    def __len__(self):
        return len(self.items)


@_listed()
def lists_with_methods(a, zs):
    stacks = [Stack() for _z in zs]
    for k, z in enumerate(zs):
        stacks[k].push(z * a)
        stacks[k - 1].push(a)
    return sum(sum(s.items) * len(s) for s in stacks)


class Grid:
    """An array that is changed in place."""

    def __init__(self, n, left):
        self.u = np.zeros(n)
        self.u[0] = left

    def step(self):
        self.u[1:-1] += 0.1 * (self.u[2:] - 2 * self.u[1:-1] + self.u[:-2])


@_listed()
def grids_that_are_stepped(a, zs):
    grids = [Grid(5, z * a) for z in zs]
    for _ in range(3):
        for g in grids:
            g.step()
    return sum(np.sum(g.u**2) for g in grids)


class Axes:
    def __init__(self, sides):
        self.sides = sides

    def __array__(self, dtype=None, copy=None):
        return self.sides


def operators_take_objects_for_arrays(x, m):
    axes = Axes(m)
    row = x @ axes
    return np.sum(row * axes) + np.sum((axes @ x) ** 2) + np.sum(np.sum(x) * axes)


cases.add(operators_take_objects_for_arrays, vec(3), mat(3, 3), no_duals=True)
