"""Lists within lists, as tables that loops fill: each read and each change is one number of the cotangent."""
from __future__ import annotations

import functools

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
ZS = np.array([0.5, 1.4, -0.7, 0.2, 0.9])
MATRIX = np.random.default_rng(3).normal(size=(5, 5))
_listed = functools.partial(cases.each, (ZS,), (ZS[:2],))
_square = functools.partial(cases.each, (MATRIX,))


def weighed(a):
    return np.sum(a * a * np.arange(1, a.size + 1))


@_square()
def product(a):
    n = len(a)
    rows = a.tolist()
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                c[i][j] += rows[i][k] * rows[k][j]
    return sum(c[i][j] ** 2 for i in range(n) for j in range(n))


@_square()
def shortest_paths(a):
    n = len(a)
    d = [[abs(a[i][j]) for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i][k] + d[k][j] < d[i][j]:
                    d[i][j] = d[i][k] + d[k][j]
    return sum(sum(row) for row in d)


@_square()
def elimination(a):
    n = len(a)
    m = [list(a[i]) + [a[i, 0] ** 2] for i in range(n)]
    for c in range(n):
        p = max(range(c, n), key=lambda i: abs(m[i][c]))
        m[c], m[p] = m[p], m[c]
        for i in range(c + 1, n):
            f = m[i][c] / m[c][c]
            for j in range(c, n + 1):
                m[i][j] -= f * m[c][j]
    return m[-1][-1] / m[-1][-2]


@_listed()
def swapped_numbers(x):
    xs = [v * v for v in x]
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    xs[0], xs[-1] = xs[-1], xs[0]
    xs[1], xs[1] = xs[1], xs[1]
    return sum((k + 1) * v for k, v in enumerate(xs))


@_square()
def swapped_arrays(a):
    rows = [2.0 * row for row in a]
    for k in range(len(rows) - 1):
        first = rows[k]
        rows[k] = rows[k + 1]
        rows[k + 1] = first
        rows[k] *= rows[-1][0]
    return sum(k * np.sum(r**2) for k, r in enumerate(rows))


@_listed()
def grown(x):
    n = len(x)
    xs = [[] for _ in range(n)]
    for k in range(3 * n):
        xs[k % n].append(x[k % n] * k)
        if k % 4 == 3:
            xs[k % n][0] *= xs[k % n].pop()
    return sum(np.sum(np.array(r) ** 2) for r in xs)


@_listed()
def under_two_names(x):
    n = len(x)
    rows = [[0.0] * n for _ in range(n)]
    row = rows[1]
    row[1] = x[0]
    rows[1][0] = x[1] * row[1]
    kept = rows[0]
    rows[0][1] = x[0] * rows[1][0]
    return sum(sum(r) for r in rows) + kept[1] ** 2 + sum(row)


@_listed()
def as_it_was(x):
    n = len(x)
    rows = [[v * k for v in x] for k in range(n)]
    total = 0.0
    for k in range(n):
        s = sum(rows[k])
        rows[k][0] = s * s
        old = list(rows[k])
        rows[k][1] = old[0] * old[1]
        total += sum(old) * np.sum(np.array(rows[k]))
    return total


@_listed()
def gone_over(x):
    n = len(x)
    rows = [[v * (k + 1) for v in x] for k in range(n)]
    total = 0.0
    for row in rows:
        rows[n - 1][0] += x[1] * row[1]
        total += row[0] ** 2
    return total + sum(rows[n - 1])


@_listed()
def caught(x):
    rows = [[v * (k + 1) for v in x] for k in range(len(x))]
    total = 0.0
    for k in range(len(x) + 2):
        try:
            rows[k][1] = rows[k][0] * x[0]
            total += rows[k][1]
        except IndexError:
            total *= 2
    return total + sum(sum(r) for r in rows)


@cases.each(([[0.3, 0.4], [0.5, 0.7, 0.1]], ZS))
def given(rows, x):
    row = rows[1]
    rows[1][2] = x[0] * rows[0][1]
    rows[0].append(rows[1][2] ** 2)
    for i in range(len(rows)):
        rows[i][0] *= x[0]
        row[1] += rows[i][0]
    rows[0], rows[1] = rows[1], rows[0]
    return sum(v**2 for r in rows for v in r) + row[0]


@_listed()
def whole_numbers_first(x):
    n = len(x)
    rows = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            rows[i][j] = x[i] * x[j]
    return sum(v**2 for r in rows for v in r)


@_listed(refused="SRC147")
def one_row_many_times(x):
    rows = [[0.0] * len(x)] * len(x)
    rows[1][0] = x[0]
    return sum(sum(r) for r in rows)


# ---- three deep: the change of an innermost list was lost ----------------------------------------------------------------
@_listed()
def innermost(x):
    n = len(x)
    t = [[[0.0] * n for _ in range(n)] for _ in range(n)]
    t[1][0][1] = x[0] * x[1]
    return t[1][0][1] ** 2


@_listed()
def innermost_in_loops(x):
    n = len(x)
    t = [[[0.0 for _ in range(n)] for _ in range(n)] for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                t[i][j][k] = x[i] * x[j] + (t[i - 1][j][k] if i else 0.0)
    return sum(v**2 for a in t for b in a for v in b)


@_listed()
def innermost_grown(x):
    n = len(x)
    t = [[[] for _ in range(n)] for _ in range(n)]
    for i in range(n):
        t[i][1].append(x[i] * x[1])
    return t[1][1][0] ** 2


@_listed(refused="SRC147")
def innermost_handed_on(x):
    n = len(x)
    t = [[[0.0] * n for _ in range(n)] for _ in range(n)]
    for i in range(1, n):
        t[i][1] = t[i - 1][0]
    t[1][1][1] = x[0]
    t[1][0][1] += x[1]
    return sum(v * v for p in t for q in p for v in q)


@_listed(refused="SRC147")
def one_array_under_two_keys(x):
    pairs = []
    for v in x:
        a = x * v
        pairs.append({"first": a, "second": a[1:]})
    pairs[1]["first"] *= 2.0
    return weighed(pairs[1]["second"])


@_listed(refused="SRC147")
def one_array_under_two_keys_of_a_table(x):
    pairs = {}
    for n, v in enumerate(x):
        a = x * v
        pairs[n] = {"first": a, "second": a}
    pairs[1]["first"] *= 2.0
    return weighed(pairs[1]["second"])


@_listed(refused="SRC147")
def one_list_under_two_keys(x):
    pairs = []
    for v in x:
        a = [v, 1.0]
        pairs.append({"first": a, "second": a})
    pairs[1]["first"][0] *= 2.0
    return pairs[1]["second"][0]


@_listed(refused="SRC147")
def one_part_under_two_keys(x):
    pairs = [{"first": x * v, "second": x} for v in x]
    for pair in pairs:
        pair["second"] = pair["first"][1:]
    for pair in pairs:
        pair["first"] *= x
    return sum(weighed(pair["second"]) for pair in pairs)
