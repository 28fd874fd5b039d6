"""`for` over everything that can be iterated."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


# ---- for -------------------------------------------------------------------------------------------------------------
def for_range(a, n):
    s = 1.0
    for i in range(n):
        s = s * math.sin(a + i) + a
    return s


cases.add(for_range, 0.7, 5)
cases.add(for_range, 0.7, 0, insensitive=True)
cases.add(for_range, 0.7, 1)


def for_range_step(x):
    s = 0.0
    for i in range(1, 6, 2):
        s += x[i] * x[i - 1]
    for i in range(5, 0, -2):
        s = s * x[i]
    return s


cases.add(for_range_step, vec(6))


def for_range_negative_empty(a):
    s = a
    for i in range(3, 0):
        s = s * i
    for i in range(0, 3, -1):
        s = s * i
    return s * s


cases.add(for_range_negative_empty, 0.7)


def for_range_bound_changes(a, n):
    s = a
    for i in range(n):
        n = n + i
        s = s * a + n
    return s


cases.add(for_range_bound_changes, 0.7, 4)


def for_index_after(x):
    for i in range(3):
        pass
    return x[i] * x[i - 1]


cases.add(for_index_after, vec(4), insensitive=True)


def for_index_assigned(a):
    s = a
    for i in range(4):
        i = i * 2
        s = s * a + i
    return s


cases.add(for_index_assigned, 0.7)


def for_array(x, a):
    s = 0.0
    for e in x:
        s = s * a + e * e
    return s


cases.add(for_array, vec(4), 0.7)


def for_matrix_rows(w, x):
    s = 0.0
    for row in w:
        s += np.tanh(row @ x)
    return s


cases.add(for_matrix_rows, mat(3, 2), vec(2))


def for_list(a, b):
    s = 1.0
    for e in [a, b, a * b]:
        s = s * e + a
    return s


cases.add(for_list, 0.7, 1.3)


def for_tuple(a, b):
    s = 0.0
    for e in (a, b, 0.5):
        s += e**2 * a
    return s


cases.add(for_tuple, 0.7, 1.3)


def for_argument_list(items, a):
    s = 0.0
    for e in items:
        s = s * a + e
    return s


cases.add(for_argument_list, [0.3, 0.8, -0.4], 0.7)


def for_pairs(a, b):
    s = 0.0
    for p, q in [(a, b), (b, a * b), (a, 2.0)]:
        s = s + p * q * q
    return s


cases.add(for_pairs, 0.7, 1.3)


def for_zip(x, y):
    s = 0.0
    for p, q in zip(x, y):
        s += p * math.sin(q)
    return s


cases.add(for_zip, vec(3), vec(3, 0.8))
cases.add(for_zip, vec(3), vec(5, 0.8))


def for_zip_three(x, y, a):
    s = 0.0
    for p, i, q in zip(x, range(10), y):
        s += p * q * i + a
    return s


cases.add(for_zip_three, vec(3), vec(3, 0.8), 0.4)


def for_enumerate(x):
    s = 0.0
    for i, e in enumerate(x):
        s += e**2 * i + e
    return s


cases.add(for_enumerate, vec(4))


def for_enumerate_start(x):
    s = 0.0
    for i, e in enumerate(x, 2):
        s += e * i
    for i, e in enumerate(x, start=5):
        s *= e * i
    return s


cases.add(for_enumerate_start, vec(3))


def for_enumerate_zip(x, y):
    s = 0.0
    for i, (p, q) in enumerate(zip(x, y)):
        s += p * q * (i + 1)
    return s


cases.add(for_enumerate_zip, vec(3), vec(3, 0.9))


def for_reversed(x, a):
    s = 0.0
    for e in reversed(x):
        s = s * a + e
    return s


cases.add(for_reversed, vec(4), 0.6)


def for_reversed_range(x):
    s = 1.0
    for i in reversed(range(len(x))):
        s = s * x[i] + i
    return s


cases.add(for_reversed_range, vec(4))


def for_reversed_list(a, b):
    s = 0.0
    for e in reversed([a, b, a - b]):
        s = s * 0.7 + e * e
    return s


cases.add(for_reversed_list, 0.7, 1.3)


def for_dict_items(a, b):
    d = {"p": a, "q": a * b, "r": b}
    s = 0.0
    for key, value in d.items():
        s += value * value * len(key)
    return s


cases.add(for_dict_items, 0.7, 1.3)


def for_dict_keys(a, b):
    d = {"p": a, "q": a * b}
    s = 0.0
    for key in d:  # noqa: PLC0206
        s = s * a + d[key]
    for value in d.values():
        s *= value
    return s


cases.add(for_dict_keys, 0.7, 1.3)


def for_nested(x):
    s = 0.0
    for i in range(3):
        for j in range(i):
            s += x[i] * x[j]
        s = s * x[i]
    return s


cases.add(for_nested, vec(3))


def for_nested_carried(a, b):
    s = a
    for i in range(3):
        t = s
        for j in range(i + 1):
            t = math.sin(t * b) + j
            s = s * t
    return s


cases.add(for_nested_carried, 0.7, 1.3)


def for_triple(a):
    s = a
    for i in range(2):
        for j in range(2):
            for k in range(2):
                s = math.sin(s) * (1.0 + 0.1 * i + 0.2 * j + 0.4 * k)
    return s


cases.add(for_triple, 0.7)


def for_else_not_broken(x):
    s = 0.0
    for e in x:
        if e > 10.0:
            break
        s += e * e
    else:
        s = s * s
    return s


cases.add(for_else_not_broken, vec(3))


def for_else_broken(x):
    s = 0.0
    for e in x:
        if e < 0.0:
            s = s * 3.0
            break
        s += e * e
    else:
        s = s * s
    return s


cases.add(for_else_broken, vec(3))


def for_break(x, a):
    s = a
    for e in x:
        s = s * e
        if s < 0.1:
            break
        s = s + e
    return s


cases.add(for_break, np.array([0.9, 0.4, 0.05, 0.7]), 0.7, insensitive=True)


def for_break_first(x, a):
    s = a
    for e in x:
        if e > 0:
            break
        s = s * e
    return s * s


cases.add(for_break_first, np.array([0.9, 0.4]), 0.7, insensitive=True)


def for_continue(x):
    s = 1.0
    for e in x:
        if e < 0.3:
            continue
        s = s * e + e
    return s


cases.add(for_continue, vec(5))


def for_continue_after_work(x):
    s = 1.0
    for i, e in enumerate(x):
        s = s + e * e
        if i % 2:
            s = s * 0.5
            continue
        s = math.sin(s * e)
    return s


cases.add(for_continue_after_work, vec(5))


def for_return_inside(x, a):
    s = a
    for e in x:
        s = s * e + 0.2
        if s > 0.8:
            return s * s
    return s


cases.add(for_return_inside, np.array([0.5, 1.1, 0.9]), 0.7, insensitive=True)
cases.add(for_return_inside, np.array([0.5, 0.1, 0.2]), 0.7)


def for_all_exits(x, a):
    s = a
    for i, e in enumerate(x):
        if i == 1:
            continue
        s = s * e + 0.1
        if s > 5.0:
            break
        if s < -5.0:
            return s
    else:
        s = s * 2.0
    return s + a


cases.add(for_all_exits, vec(4), 0.7, insensitive=True)
cases.add(for_all_exits, 4 * vec(4), 0.7, insensitive=True)
cases.add(for_all_exits, -4 * vec(4), 0.7, insensitive=True)


def for_break_outer_flag(x):
    s = 0.0
    done = False
    for i in range(3):
        for j in range(3):
            s += x[i] * x[j]
            if s > 0.95:
                done = True
                break
        if done:
            break
    return s * s


cases.add(for_break_outer_flag, np.array([0.5, 0.4, 0.9]), insensitive=True)


def for_return_nested(x):
    s = 0.0
    for i in range(3):
        for j in range(3):
            s = s * 0.5 + x[i] * x[j]
            if s > 0.6:
                return s * i + s * s
    return s


cases.add(for_return_nested, np.array([0.5, 0.4, 0.9]))


def for_carries_array(x, a, n):
    for _ in range(n):
        x = np.sin(x) * a + x[::-1]
    return np.sum(x)


cases.add(for_carries_array, vec(3), 0.6, 3)


def for_shrinking_array(x):
    s = 0.0
    while len(x) > 0:
        s = s * 0.5 + x[0] * x[-1]
        x = x[1:]
    return s


cases.add(for_shrinking_array, vec(4))


def for_carries_tuple(a, b, n):
    state = (a, b)
    for _ in range(n):
        p, q = state
        state = (p - 0.1 * q, q + 0.1 * p * p)
    return state[0] * state[1]


cases.add(for_carries_tuple, 0.7, 1.3, 4)
