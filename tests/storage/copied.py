"""Lists that `copy.deepcopy` copies, and that are written afterwards."""
from __future__ import annotations

import copy

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def copied_deeply_and_written(x, n):
    xs = []
    for i in range(n):
        xs.append(x * i)
    ys = copy.deepcopy(xs)
    ys[0][0] = 5.0
    ys[1] *= 3.0
    return np.sum(xs[0]) + np.sum(xs[1] * ys[1] ** 2) + np.sum(ys[0] * x)


cases.add(copied_deeply_and_written, vec(3), 3)


def rows_copied_deeply(rows):
    copied = copy.deepcopy(rows)
    for i in range(len(rows)):
        copied[i][0] *= 2.0
    kept = [[] for _ in rows]
    for i in range(len(rows)):
        kept[i] = copy.deepcopy(copied[i])
        copied[i][1] = 0.0
    return sum([sum([v * v for v in row]) for row in kept]) + rows[0][0] * copied[1][0]


cases.add(rows_copied_deeply, [[0.3, 0.7], [1.1, 0.4]])


def copied_deeply_with_one_array_twice(x):
    y = x * 2.0
    xs = []
    for v in x:
        if v > -10.0:
            xs.append(y)
    ys = copy.deepcopy(xs)
    ys[0][0] = 3.0 * x[1]
    return np.sum(ys[1] * x)


cases.add(copied_deeply_with_one_array_twice, vec(3), refused="SRC147")


class Body:
    def __init__(self, m, x):
        self.m, self.x, self.trail = m, x, [m]


class System:
    def __init__(self, x):
        self.box, self.bodies, self.first = 2.0 * x, [Body(v, v * x) for v in x], x[0]


def a_system_is_copied(x):
    system = System(x)
    trial = copy.deepcopy(system)
    trial.box[0] *= 3.0
    for b in trial.bodies:
        b.m -= 0.1 * b.x[1]
        b.x[1] *= x[1]
        b.trail.append(b.m)
    best = copy.deepcopy(trial.bodies[1])
    best.x[0] = x[2]
    known = [sum(b.trail) * b.m + np.sum(b.x) for s in (system, trial) for b in s.bodies]
    return sum(known) + np.sum(system.box * trial.box) + np.sum(best.x * trial.bodies[1].x)


cases.add(a_system_is_copied, vec(3))


def one_object_twice(x):
    bodies = [Body(v, v * x) for v in x]
    bodies.append(bodies[0])
    copied = copy.deepcopy(bodies)
    copied[0].m *= 3.0
    copied[3].x[1] = 2.0
    return sum(b.m * np.sum(b.x) for b in copied) + sum(b.m**2 for b in bodies)


cases.add(one_object_twice, vec(3))


def an_array_of_one_object_as_well(x):
    system = System(x)
    system.first = system.bodies[0].x
    trial = copy.deepcopy(system)
    trial.first[0] *= 3.0
    return np.sum(trial.bodies[0].x)


cases.add(an_array_of_one_object_as_well, vec(3), refused="SRC147")
