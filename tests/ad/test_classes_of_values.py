"""`isinstance` and `type` of what the compiler knows in a form of its own: slices, methods, iterators, containers with computed keys."""
from __future__ import annotations

import collections
import numbers
import types
from collections import abc

import numpy as np
import pytest

import srcad

X = np.array([1.3, -0.7, 2.1, 0.4])


class Row:
    """A list of numbers that slices into rows."""

    def __init__(self, *items):
        self.items = list(items)

    def __getitem__(self, at):
        return Row(*self.items[at]) if isinstance(at, slice) else self.items[at]

    def __len__(self):
        return len(self.items)

    def __setitem__(self, at, value):
        if isinstance(at, slice):
            for k, item in enumerate(value):
                self.items[(at.start or 0) + k] = item
        else:
            self.items[at] = value


class Matrix:
    """Takes pairs of numbers and slices."""

    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, at):
        if isinstance(at, tuple):
            i, j = at
            return Row(*self.rows[i][j]) if isinstance(j, slice) else self.rows[i][j]
        return self if at is Ellipsis else self.rows[at]


def sliced(x):
    row = Row(*x)
    rest = row[1:]
    rest[0:2] = [x[3], rest[0]]
    rest[2] *= 2
    return rest[0] * row[0] + rest[1] * 3 + rest[2] * len(rest)


def indexed_by_pairs(x):
    m = Matrix([[x[0], x[1]], [x[2], x[3]]])
    return m[0, 1] * m[1, :][0] + m[...][1, 1] + len(m[0, 0:1]) * m[1][0]


KINDS = (
    dict, list, tuple, collections.defaultdict, collections.Counter, collections.deque, float, int, bool, str, slice, range, abc.Mapping,
    abc.Sequence, abc.Iterable, abc.Iterator, abc.Callable, numbers.Number, numbers.Real, numbers.Integral, np.ndarray, np.floating,
    types.FunctionType, types.MethodType, types.BuiltinFunctionType, abc.Sized, abc.MutableMapping, types.GeneratorType, type(None),
)  # fmt: skip


def asked(x, k):
    table, counts, queue = collections.defaultdict(float), collections.Counter(), collections.deque([x[0]])
    table["a"] += x[0]
    counts["b"] += 1
    values = (table, counts, queue, {}, [], (), x, x[0], 1.0, 1, True, "a", None, slice(1), range(3), zip(x), Row(1).__len__, len, lambda: 1)
    return x[0] * sum((n + 1) * isinstance(v, k) for n, v in enumerate(values))


@pytest.mark.parametrize("f", [sliced, indexed_by_pairs], ids=lambda f: f.__name__)
def test_slices(f):
    srcad.check_grads(f, X, order=2)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_answers(kind):
    assert srcad.value_and_grad(asked)(X, kind)[0] == asked(X, kind)


def of_either(x, y):
    scale = 2.0 if isinstance(y, list | tuple) else 3.0
    number = y if isinstance(y, int | float | np.number) else y[0]
    return scale * number * x[0]


@pytest.mark.parametrize("y", [[1.5, 2.0], (1.5,), 1.5, 2], ids=["list", "tuple", "float", "int"])
def test_unions_of_classes(y):
    """Decided while compiling, as single classes are: nothing is asked at run time, and nothing is cut off."""
    srcad.check_grads(of_either, X, y, order=2)
    assert "isinstance" not in srcad.grad(of_either).source(X, y)
