"""Containers of unlike structure between which a branch chooses: dicts with other keys, empty ones, an empty tuple in the place of a list."""
from __future__ import annotations

import collections

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
X = np.array([0.7, 1.3, 0.4, 2.1])
ROWS = np.arange(24.0).reshape(6, 4) / 7.0 - 1.5


def both_ways(function):
    cases.add(function, X)
    cases.add(function, -X)


def two_dicts(x):
    p, q = {"a": x[0], "b": 2.0}, {}
    return p, q, p if x[0] > 0.0 else q


def stored_by_the_choice(x):
    p, q, r = two_dicts(x)
    r["a"] = x[1] ** 2
    return x[0] * len(p) + x[1] * len(q) + (p.get("a", x[2]) + q.get("a", x[3])) * (r is p)


def taken_by_the_choice(x):
    p, q, r = two_dicts(x)
    r["a"] = x[1]
    r.pop("a")
    return x[0] * len(p) + x[1] * len(q) + sum(p.values()) ** 2


def stored_behind_the_choice(x):
    p, q, r = two_dicts(x)
    p["a"] = x[1] * x[2]
    q["c"] = x[3]
    return sum(v * v for v in r.values()) + x[0] * len(r)


def items_changed_by_the_choice(x):
    p, q = {"a": x * 1.0, "b": x * 2.0}, {"a": x * 3.0}
    r = p if x[0] > 0.0 else q
    for v in r.values():
        v *= x[1]
    return np.sum(p["a"] * p["b"]) + np.sum(q["a"] ** 2)


def is_it(x):
    p, q, r = two_dicts(x)
    return x[1] ** 2 * (r is p) + x[2] ** 3 * (r is q) + x[3] * (p is q)


def scaled(items, factor):
    for v in items:
        v *= factor


def items_of_the_chosen_list(x):
    y, z = x * 1.0, x * 2.0
    first, second = [y], [z, y]
    chosen = first if x[0] > 0.0 else second
    scaled(chosen, 0.9)
    return np.sum(np.sin(chosen[0])) + 2.0 * np.sum(np.sin(first[0])) + 3.0 * np.sum(np.sin(second[-1]))


for function in (stored_by_the_choice, taken_by_the_choice, stored_behind_the_choice, is_it):
    both_ways(function)
for function, code in ((items_changed_by_the_choice, "SRC147"), (items_of_the_chosen_list, "SRC119")):
    cases.add(function, X, refused=code)


def truth_of(r, x):
    total = x[1] ** 2 if r else x[2] ** 3
    total += bool(r) * x[3] + any([r]) * x[0] ** 2 + all([r, True]) * x[1]
    if not r:
        total *= x[0]
    return total + sum(x[k] for k in range(3) if r)


def truth_of_lists(x):
    p, q = [x[0], 2.0], []
    r = p if x[0] > 0.0 else q
    before = truth_of(r, x)
    r.append(x[1])
    return before + truth_of(r, x)


def truth_of_dicts(x):
    _, _, r = two_dicts(x)
    return truth_of(r, x)


def truth_of_deques(x):
    p, q = collections.deque([x[0], 2.0]), collections.deque()
    r = p if x[0] > 0.0 else q
    return truth_of(r, x)


def truth_of_sets(x):
    r = {1, 2} if x[0] > 0.0 else set()
    return truth_of(r, x)


def emptied(x):
    p, q = [x[0]], [x[1], x[2]]
    r, w = (p, q) if x[0] > 0.0 else (q, p)
    r.append(x[3])
    total = x[0]
    while r:
        total += r.pop() ** 2
    while w:
        total *= 1.0 + w.pop() ** 2
    return total + truth_of(p, x) + truth_of(q, x)


for function in (truth_of_lists, truth_of_dicts, truth_of_deques, truth_of_sets, emptied):
    both_ways(function)


def neighbours(rows):
    cells = {}
    for i in range(len(rows)):
        cells.setdefault((int(rows[i, 0]), int(rows[i, 1])), []).append(i)
    total = 0.0
    for (a, b), members in cells.items():
        for da in (-1, 0, 1):
            for db in (-1, 0, 1):
                for j in cells.get((a + da, b + db), ()):
                    for i in members:
                        if i < j:
                            d = rows[i] - rows[j]
                            total += 1.0 / (0.1 + np.dot(d, d))
    return total


def by_key_or_nothing(rows):
    parts = {}
    for i in range(len(rows)):
        parts.setdefault(i % 3, []).append(rows[i])
    total = 0.0
    for k in range(5):
        for n, row in enumerate(parts.get(k, ())):
            total += (k + n + 1) * np.sum(row**2)
        total += len(parts.get(k, ())) * rows[0, 0] ** 2 + sum(v[0] for v in parts.get(k, ()))
        if parts.get(k, ()):
            total *= rows[1, 1]
    return total


def unpacked(rows):
    found = [rows[0] * 1.0, rows[1] * 2.0] if rows[0, 0] > 0.0 else ()
    first, *others = (rows[2], *found)
    return np.sum(first) * len(others) + sum(np.sum(row * other) for row, other in zip(found, rows)) + len([*found, 1.0]) * rows[0, 0]


def items_written(rows):
    found = [rows[0] * 1.0, rows[1] * 2.0] if rows[0, 0] > 0.0 else ()
    for row in found:
        row *= rows[2]
    return sum(np.sum(np.sin(row)) for row in found)


for function in (neighbours, by_key_or_nothing, unpacked):
    cases.add(function, ROWS)
    cases.add(function, -ROWS)
cases.add(items_written, ROWS, refused="SRC119")
