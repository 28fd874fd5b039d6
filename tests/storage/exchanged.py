"""Loops that exchange or rotate arrays, which are read behind them under the names that they had before."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
TRIPS = (0, 1, 2, 3)
MORE = (0, 1, 4)


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
    cases.add(three_arrays, vec(6), vec(6, 0.9), trips)


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


def other_way_round(A, B, n):
    C = A - B
    x, y, z = A, B, C
    for t in range(n):
        x[1:] = z[:-1] * y[1:]
        x, y, z = z, x, y
    return weighed(A, B, C) + weighed(x) * 2 - np.sum(z)


for trips in MORE:
    cases.add(other_way_round, vec(6), vec(6, 0.9), trips)


def leapfrog(A, B, n):
    new = np.zeros_like(A)
    old, now = A, B
    for t in range(n):
        new[1:-1] = 2 * now[1:-1] - old[1:-1] + 0.1 * (now[2:] - 2 * now[1:-1] + now[:-2]) * now[1:-1]
        new[0] = t
        old, now, new = now, new, old
    return weighed(now, old) + np.sum(A) * B[2]


for trips in MORE:
    cases.add(leapfrog, vec(6), vec(6, 0.9), trips)


def four_levels(A, B, n):
    f = [A * 1.0, B * 1.0, A * B, np.sin(A)]
    a, b, c, d = f
    for t in range(n):
        d[:] = a + 0.5 * b * c
        a, b, c, d = d, a, b, c
    a[0] = 5.0 * B[1]
    return weighed(*f)


for trips in MORE:
    cases.add(four_levels, vec(6), vec(6, 0.9), trips)


def two_of_three(A, B, n):
    C = A * B
    x, y, z = A, B, C
    for t in range(n):
        if t % 2:
            x, y = y, x
        else:
            y, z = z, y
        x[t] = y[t + 1] * z[t]
    return weighed(A, B, C) + weighed(x) - np.sum(y)


for trips in MORE:
    cases.add(two_of_three, vec(6), vec(6, 0.9), trips)


class Ring:
    def __init__(self, a, b, c):
        self.old, self.now, self.new = a, b, c
    def step(self):
        self.new[1:] = self.old[:-1] * self.now[1:]
        self.old, self.now, self.new = self.now, self.new, self.old


def rotated_in_an_object(A, B, n):
    C = A + B
    g = Ring(A, B, C)
    for _ in range(n):
        g.step()
    return weighed(A, B, C, g.now)


for trips in MORE:
    cases.add(rotated_in_an_object, vec(6), vec(6, 0.9), trips)


def rotated_in_a_dict(A, B, n):
    C = A + B
    s = {"old": A, "now": B, "new": C}
    for _ in range(n):
        s["new"][1:] = s["old"][:-1] * s["now"][1:]
        s["old"], s["now"], s["new"] = s["now"], s["new"], s["old"]
    return weighed(A, B, C, s["now"])


for trips in MORE:
    cases.add(rotated_in_a_dict, vec(6), vec(6, 0.9), trips)


def rotated_in_a_list(A, B, n):
    C = A + B
    s = [A, B, C]
    for _ in range(n):
        s[2][1:] = s[0][:-1] * s[1][1:]
        s[0], s[1], s[2] = s[1], s[2], s[0]
    return weighed(A, B, C, s[1])


for trips in MORE:
    cases.add(rotated_in_a_list, vec(6), vec(6, 0.9), trips)


def rotated_inside(A, B, n):
    C = A * B
    x, y, z = A, B, C
    for t in range(n):
        for k in range(1, 3):
            z[k] = x[k - 1] * y[k]
            x, y, z = y, z, x
        y[0] += x[1]
        x, z = z, x
    return weighed(A, B, C)


for trips in MORE:
    cases.add(rotated_inside, vec(6), vec(6, 0.9), trips)


def while_rotating(A, B, n):
    C = A * B
    x, y, z = A, B, C
    k = 0
    while k < n:
        z[:] = x * 1.1 + y
        if z[0] > 3:
            break
        x, y, z = y, z, x
        k += 1
    return weighed(A, B, C) + k


for trips in MORE:
    cases.add(while_rotating, vec(6), vec(6, 0.9), trips)


def views_rotated(A, B, n):
    x, y, z = A[:4], B[2:], A[1:5] * 1.0
    w = z
    for t in range(n):
        z[1:] = x[:-1] * y[1:]
        x, y, z = y, z, x
        A[3] += B[2]
    return weighed(A, B, x, w)


for trips in MORE:
    cases.add(views_rotated, vec(6), vec(6, 0.9), trips)


def rows_rotated(A, n):
    x, y, z = A[0], A[1], A[2]
    for t in range(n):
        z += x[::-1] * y
        x, y, z = y, z, x
    return weighed(A)


for trips in MORE:
    cases.add(rows_rotated, mat(3, 4), trips)


# ---- what some trips make anew, and all keep for the reverse sweep -----------------------------------------------------
BEFORE = np.array([-0.78139807, 1.0481319, -0.74525017, -0.26760109]), np.array([-0.80199383, 0.38776202, 0.20480445, 0.65955943])
TWO = (BEFORE, (-BEFORE[0], BEFORE[1]))


@cases.each(*TWO)
def turned_in_some_trips(x, y):
    v = x + y
    for e in x:
        x[0:4] -= y * np.array([e])
        if 1.1 < e:
            y[:] = y[::-1]
        elif not e <= x[-1]:
            v[3:0:-1] *= 0.5 * np.cos(y[[1, 1, 1]])
    return np.sum(x * y)


@cases.each(*TWO)
def turned_in_some_trips_of_two_loops(x, y):
    for k in range(3):
        for e in x:
            x[0:4] -= 0.1 * y * np.array([e])
            if 0.5 < e:
                y[:] = y[::-1]
            elif e > x[-1]:
                x[0] += np.sum(y[[1, 1, 1]])
    return np.sum(x * y)


@cases.each(*TWO)
def made_in_some_trips(x, y):
    for k in range(4):
        z = y * x[k]
        if x[k] > 0:
            y = y[::-1].copy()
        x = x + np.sin(z)
    return np.dot(x, y)


@cases.each(*TWO)
def one_array_in_several_places_of_a_list(x, y):
    ys = []
    for k in range(4):
        ys.append(y)
        if x[k] > 0:
            y = y * x
    total = np.zeros(4)
    for v in ys:
        total += v * v
    return np.sum(total * y)


@cases.each(*TWO, refused="SRC119")
def items_of_what_a_loop_may_change_by_another_name(x, y):
    v = np.sin(x)
    a = 0.0
    for e in x:
        n = 3.0
        while n > 1:
            n = n * 0.5
            x[-1] += y[3]
            v = v[:]
            x, v = v, x
        a = e
    return np.sum(v) - a
