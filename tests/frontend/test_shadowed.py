"""Names of built-ins that the user's module gives to something else."""
from __future__ import annotations

import srcad


def any(items):
    return sum(1.0 for v in items if v) * 0.5


def all(items):
    return 7.0


def next(items, default=None):
    return list(items)[-1]


def eval(x):
    return 2 * x


def searched(x):
    return any(v > 1 for v in (x, 2 * x)) * x + all(v > 1 for v in (x, 2 * x)) * x


def asked(x):
    return next(v * 2 for v in (x, 3 * x)) + next((v for v in (x, x * x)), 0.0)


def asked_in_try(x):
    try:
        v = next((x, x * x))
    except StopIteration:
        v = 0.0
    return v


def called(x):
    return eval(x) * x


def test_what_the_module_says_counts():
    for f in (searched, asked, asked_in_try, called):
        srcad.check_grads(f, 1.3)
