"""What a function makes that a branch or a key has chosen: it is what that function has left of it."""
from __future__ import annotations

import functools

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7, 0.2, 0.9])
_either = functools.partial(cases.each, (0.3, 0.7), (0.3, -0.7))


class Tank:
    """A level, and what has flowed in."""

    def __init__(self, level):
        self.level = level
        self.flows = []

    def fill(self, flow):
        self.level = self.level + flow**2
        self.flows.append(flow)


def _full(level):
    tank = Tank(level)
    tank.fill(3.0 * level)
    return tank


def _three(a):
    xs = [a, a * a]
    xs.append(3.0 * a)
    xs[0] = 5.0 * a
    return xs


@_either()
def objects(a, c):
    make = Tank if c > 0 else _full
    tank = make(a)
    tank.fill(c)
    return tank.level + sum(tank.flows)


@_either()
def lists(a, c):
    make = _three if c > 0 else lambda v: [v, 2.0 * v]
    xs = make(a)
    xs.append(a**3)
    return sum(x * x for x in xs)


def _filled(a):
    y = np.ones(3)
    y *= a
    y[2] = a * a
    return y


@_either()
def arrays_by_key(a, c):
    make = {"zeros": lambda v: np.zeros(3) + v, "filled": _filled}
    y = make["filled" if c > 0 else "zeros"](a)
    y[0] = y[1] * y[2] + a
    return np.sum(y**2)


@cases.each((ZS,))
def by_key_in_a_loop(zs):
    make = {"new": Tank, "full": _full}
    tanks = [make["new" if z > 0 else "full"](z) for z in zs]
    for t in tanks:
        t.fill(0.5)
    return sum(t.level**2 + t.flows[0] for t in tanks)
