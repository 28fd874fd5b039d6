"""Programs that write: elements, slices, names, lists, dicts, `out=`, arguments of callees."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


# ---- one write -------------------------------------------------------------------------------------------------------
def write_element(x, a):
    x[0] = a
    return np.sum(x)


cases.add(write_element, vec(3), 0.7)


def write_slice(x, a):
    y = x * a
    y[1:] = 0.0
    return np.sum(y)


cases.add(write_slice, vec(3), 0.7)


def write_element_augmented(x, a):
    y = np.zeros(3)
    for i in range(3):
        y[i] += x[i] * a
    return np.sum(y)


cases.add(write_element_augmented, vec(3), 0.7)


def write_array_augmented(x, a):
    y = x
    y += a
    return np.sum(x)


cases.add(write_array_augmented, vec(3), 0.7)


def write_list(a):
    items = [a, a * a]
    items[0] = a * 3.0
    return items[0] * items[1]


cases.add(write_list, 0.7)


def write_dict(a):
    d = {"p": a}
    d["q"] = a * a
    return d["p"] * d["q"]


cases.add(write_dict, 0.7)


def write_method(x):
    y = x * 2.0
    y.sort()
    return y[0]


cases.add(write_method, vec(3))


def write_out(x):
    y = np.empty(3)
    np.sin(x, out=y)
    return np.sum(y)


cases.add(write_out, vec(3))


def write_at(x):
    y = np.zeros(3)
    np.add.at(y, [0, 0, 1], x)
    return y[0] * y[1]


cases.add(write_at, vec(3))


def write_in_callee(x):
    return np.sum(_normalise(x) ** 2)


def _normalise(v):
    v /= np.sum(v)
    return v


cases.add(write_in_callee, vec(3))


def write_on_one_path(x, flag):
    y = x * 2.0
    if np.sum(x) > 100.0:
        y[0] = 0.0
    return np.sum(y * flag)


cases.add(write_on_one_path, vec(3), 1.0)
