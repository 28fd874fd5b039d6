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
