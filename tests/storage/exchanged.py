"""Loops that exchange arrays, which are read behind them under the names that they had before."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
TRIPS = (0, 1, 2, 3)


def weighed(*arrays):
    return sum(np.sum(np.abs(a) ** 2 * np.cos(np.arange(a.size)).reshape(a.shape)) for a in arrays)


def steps(A, B, n):
    for t in range(n):
        B[1:-1] = 0.33 * (A[:-2] + A[1:-1] * A[1:-1] + A[2:])
        A, B = B, A


def handed_over(A, B, n):
    steps(A, B, n)
    return weighed(A, B)


for trips in TRIPS:
    cases.add(handed_over, vec(6), vec(6, 0.9), trips)


def handed_over_twice(A, B, n):
    steps(A, B, n)
    steps(B, A, 1)
    A[0] *= 2
    return weighed(A, B)


for trips in TRIPS:
    cases.add(handed_over_twice, vec(6), vec(6, 0.9), trips)


def names_kept(A, B, n):
    x, y = A, B
    for t in range(n):
        y[1:] = x[:-1] * y[1:]
        x, y = y, x
    x[2] = y[1] * 3
    return weighed(A, B, x)


for trips in TRIPS:
    cases.add(names_kept, vec(6), vec(6, 0.9), trips)


def three_arrays(A, B, n):
    C = A * B
    x, y, z = A, B, C
    for t in range(n):
        z[1:] = x[:-1] * y[1:]
        x, y, z = y, z, x
    return weighed(A, B) + weighed(x)


for trips in TRIPS:
    cases.add(three_arrays, vec(6), vec(6, 0.9), trips, refused="SRC119")


def one_made_inside(A, B, n):
    x, y = A, np.zeros(6)
    for t in range(n):
        y[1:] = x[:-1] * 2
        x, y = y, x
    return weighed(A, B, x)


for trips in TRIPS:
    cases.add(one_made_inside, vec(6), vec(6, 0.9), trips)


def chosen_inside(A, B, n):
    x = A
    for t in range(n):
        if t % 2:
            x = B
        x[t] = A[t + 1] * B[t]
        if x[0] > 5:
            break
    x[1] = 7 * A[0]
    return weighed(A, B)


for trips in TRIPS:
    cases.add(chosen_inside, vec(6), vec(6, 0.9), trips)


def loop_in_a_loop(A, B, n):
    x, y = A, B
    for t in range(n):
        for k in range(1, 3):
            y[k] = x[k - 1] * y[k]
            x, y = y, x
        y[0] += x[1]
        x, y = y, x
    return weighed(A, B)


for trips in TRIPS:
    cases.add(loop_in_a_loop, vec(6), vec(6, 0.9), trips)


def exchanging_in_branches(A, B, n):
    x, y = A, B
    if n:
        for k in range(1, n):
            x += 0.3 * np.sin(y)
            x, y = y, x
    if n > 1:
        for k in range(2):
            x += 0.3 * np.cos(y)
            x, y = y, x
    return weighed(x, y)


for trips in TRIPS:
    cases.add(exchanging_in_branches, vec(6), vec(6, 0.9), trips)


def branches_in_a_loop(A, B, n):
    x, y = A, B
    for c in [A[0], A[1], B[2]]:
        if c > 0.1:
            for k in range(n):
                x += 0.3 * np.sin(y)
                x, y = y, x
    return weighed(x, y)


for trips in TRIPS:
    cases.add(branches_in_a_loop, vec(6), vec(6, 0.9), trips)


def while_exchanging(A, B, n):
    x, y = A, B
    k = 0
    while k < n and x[0] < 100:
        y[:] = x * 1.1 + y
        x, y = y, x
        k += 1
    return weighed(A, B) + k


for trips in TRIPS:
    cases.add(while_exchanging, vec(6), vec(6, 0.9), trips)


def rows_exchanged(A, B, n):
    x, y = A, B
    for t in range(n):
        for r, q in zip(x, y):
            q[1:] += r[:-1]
        x, y = y, x
    return weighed(A, B, x)


for trips in TRIPS:
    cases.add(rows_exchanged, mat(3, 4), mat(3, 4, 0.9), trips)


def views_exchanged(A, B, n):
    x, y = A[:4], B[2:]
    for t in range(n):
        y[1:] = x[:-1] * y[1:]
        x, y = y, x
        A[3] += B[2]
    return weighed(A, B, x)


for trips in TRIPS:
    cases.add(views_exchanged, vec(6), vec(6, 0.9), trips)


def exchanged_in_a_dict(A, B, n):
    s = {"cur": A, "new": B}
    for t in range(n):
        s["new"][1:] = s["cur"][:-1] * s["new"][1:]
        s["cur"], s["new"] = s["new"], s["cur"]
    return weighed(A, B, s["cur"])


for trips in TRIPS:
    cases.add(exchanged_in_a_dict, vec(6), vec(6, 0.9), trips)


class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def step(self):
        self.b[1:] = self.a[:-1] * self.b[1:]
        self.a, self.b = self.b, self.a


def exchanged_in_an_object(A, B, n):
    g = Pair(A, B)
    for _ in range(n):
        g.step()
    return weighed(A, B, g.a)


for trips in TRIPS:
    cases.add(exchanged_in_an_object, vec(6), vec(6, 0.9), trips)


def one_array_at_first(A, B, n):
    x, y = A, A
    for t in range(n):
        y = B
        y[t] = x[t + 1] * 2
        x, y = y, x
    return weighed(A, B, x)


for trips in TRIPS:
    cases.add(one_array_at_first, vec(6), vec(6, 0.9), trips)
