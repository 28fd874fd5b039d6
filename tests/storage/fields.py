"""Arrays with names of their own that a loop over all of them writes, as boundary conditions of several fields."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
X = np.array([0.7, 1.3, -0.4])


def six(x):
    return x * 1.0, x * 2.0, x * 3.0, x * 4.0, x * 5.0, x * 6.0


def weighed(*fields):
    return sum((k + 1) * np.sum(np.sin(v)) for k, v in enumerate(fields))


def over_a_tuple(x):
    u, v, p, q, r, s = six(x)
    for field in (u, v, p, q):
        field[0] = 0.5 * field[1]
    return weighed(u, v, p, q, r, s)


def over_a_list_in_time(x):
    u, v, p, q, r, s = six(x)
    fields = [u, v, p, q, r, s]
    for _ in range(3):
        for field in fields:
            field[0] = 0.5 * field[1]
            field *= 0.9
        u += 0.1 * v
    return weighed(u, v, p, q, r, s)


def bounded(*fields):
    for field in fields:
        field[0] = 0.5 * field[1]


def by_a_function(x):
    u, v, p, q, r, s = six(x)
    for _ in range(3):
        bounded(u, v, p, q, r)
        u += 0.1 * s
    return weighed(u, v, p, q, r, s)


def with_factors(x):
    u, v, p, q, r, s = six(x)
    for field, factor in zip((u, v, p, q, r), (1, 2, 3, 4, 5)):
        field *= factor
    for k, field in enumerate((u, v, p, q, r)):
        field[k % 3] = k * x[0]
    return weighed(u, v, p, q, r, s)


def by_key(x):
    state = {"u": x * 1.0, "v": x * 2.0, "p": x * 3.0, "q": x * 4.0, "r": x * 5.0}
    for _ in range(2):
        for name in state:
            state[name][0] = 0.5 * state[name][1]
        for field in state.values():
            field *= 0.9
        state["u"] += state["v"]
    return weighed(*state.values())


def doubled(rows):
    for row in [row for row in rows]:
        row *= 2.0


def doubled_by_key(rows):
    for row in {k: row for k, row in enumerate(rows)}.values():
        row *= 2.0


def through_another_list(x):
    """The callee's change of an item of its own list was lost, and the gradient wrong."""
    u, v, p, q, r, s = six(x)
    doubled([u, v, p, q])
    doubled((u, r))
    doubled_by_key([p, q, r, s])
    return weighed(u, v, p, q, r, s)


def of_any_number(x, n):
    rows = [k * x for k in range(n)]
    doubled(rows)
    return weighed(*rows)


for function in (over_a_tuple, over_a_list_in_time, by_a_function, with_factors, by_key, through_another_list):
    cases.add(function, X)
cases.add(of_any_number, X, 5, refused="SRC119")
