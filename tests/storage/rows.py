"""Tuples, dicts and objects in run-time lists whose arrays and lists are changed in place, shared with others or not."""
from __future__ import annotations

import functools

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7])
_listed = functools.partial(cases.each, (0.3, ZS))


class Stack:
    """A list and a number."""

    def __init__(self):
        self.items = []
        self.count = 0

    def push(self, x):
        self.items.append(x)

    def counted(self, x):
        self.items.append(x)
        self.count += 1


@_listed(refused="SRC147")
def one_array_in_two_lists(a, zs):
    x = np.array([a, 1.0])
    stacks = [Stack() for _z in zs]
    for s in stacks:
        s.push(x)
    stacks[0].items[0] += 1.0
    return sum(np.sum(s.items[0] * s.items[0]) for s in stacks)


@_listed(refused="SRC119")
def one_array_in_two_lists_under_its_name(a, zs):
    x = np.array([a, 1.0])
    stacks = [Stack() for _z in zs]
    for s in stacks:
        s.push(x)
    x[0] = 7.0 * a
    return sum(np.sum(s.items[0] * s.items[0]) for s in stacks)


@_listed(refused="SRC147")
def an_array_handed_on(a, zs):
    stacks = [Stack() for _z in zs]
    for s in stacks:
        s.push(np.array([a, 2.0]))
    for i in range(1, len(stacks)):
        stacks[i].push(stacks[i - 1].items[0])
    stacks[0].items[0][0] = a * a
    return sum(np.sum(v * v) for s in stacks for v in s.items)


@_listed(refused="SRC147")
def one_list_in_two_objects(a, zs):
    xs = [a]
    stacks = [Stack() for _z in zs]
    for s in stacks:
        s.items = xs
    stacks[0].push(2.0 * a)
    return sum(sum(s.items) for s in stacks)


@_listed(refused="SRC147")
def a_list_handed_on(a, zs):
    stacks = [Stack() for _z in zs]
    for i in range(1, len(stacks)):
        stacks[i].items = stacks[i - 1].items
    stacks[0].push(2.0 * a)
    return sum(sum(s.items) for s in stacks) + a


@_listed()
def list_and_number(a, zs):
    stacks = [Stack() for _z in zs]
    for s in stacks:
        s.counted(a)
        s.counted(a * a)
    return sum(sum(s.items) * s.count for s in stacks)


@_listed()
def tuples(a, zs):
    rows = [(np.array([z * a, 1.0]), [z]) for z in zs]
    x, y = rows[0]
    x += a
    y.append(a)
    for u, v in rows:
        u[1] = a
        v.append(np.sum(u))
    return sum(np.sum(u * u) + sum(v) for u, v in rows)


@_listed(refused="SRC147")
def tuples_that_share(a, zs):
    x = np.array([a, 1.0])
    rows = [(x, [z]) for z in zs]
    rows[0][0][0] = 5.0 * a
    return sum(np.sum(u * u) for u, _v in rows)


@_listed()
def dicts(a, zs):
    rows = [{"x": np.array([z * a, 1.0]), "n": 0} for z in zs]
    for r in rows:
        r["x"] += a
        r["n"] += 1
        r["x"][0] *= r["n"]
    return sum(np.sum(r["x"] ** 2) for r in rows)


@_listed(refused="SRC147")
def dicts_that_share(a, zs):
    x = np.array([a, 1.0])
    rows = [{"x": x} for _z in zs]
    for r in rows:
        r["x"] += a
    return sum(np.sum(r["x"] ** 2) for r in rows)
