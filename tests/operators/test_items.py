"""Lists of containers and objects whose items are found at run time, to third order in both modes.

Every function is a polynomial in its first argument, of which some values tell all derivatives.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import srcad


class Mass(NamedTuple):
    place: float
    weight: float


@dataclass
class Layer:
    scale: Any
    weights: Any


@dataclass
class Named:
    name: str
    value: Any


def tuples(x, n):
    items = [(x * k, (x**2, k)) for k in range(n)]
    total = 0.0
    for j in range(n):
        a, (b, c) = items[(j * 3) % n]
        total = total + a * b * c
    return total


def tuples_of_tuples(x, n):
    pairs = tuple((x * k, x**2) for k in range(n))
    total = 0.0
    for i in range(n):
        a, b = pairs[(3 * i) % n]
        total += a * b * pairs[n - 1 - i][1]
    return total


def dicts(x, n):
    items = [{"a": x, "b": x * k} for k in range(n)]
    total = 0.0
    for k in range(n):
        total += items[n - 1 - k]["a"] * items[k]["b"] * x
    return total


def dicts_of_arrays(x, n):
    items = [{"w": np.full(3, x) * k, "b": (x, k, np.ones(2) * x)} for k in range(n)]
    total = 0.0
    for i in range(n):
        total += np.sum(items[(3 * i) % n]["w"] ** 2) * items[n - 1 - i]["b"][0] + np.sum(items[i]["b"][2]) ** 2
    return total


def named_tuples(x, n):
    masses = [Mass(x * k, x**2) for k in range(n)]
    total = 0.0
    for i in range(n):
        total += masses[(3 * i) % n].place * masses[n - 1 - i].weight
    return total


def objects(x, n):
    layers = [Layer(x * k, np.array([x, x**2])) for k in range(n)]
    total = 0.0
    for i in range(n):
        total += layers[(3 * i) % n].scale * np.sum(layers[n - 1 - i].weights)
    return total


def objects_with_names(x, n):
    given = [Named("odd" if k % 2 else "even", x * k) for k in range(n)]
    total = 0.0
    for i in range(n):
        one = given[(3 * i) % n]
        total += one.value * given[n - 1 - i].value * (2.0 if one.name == "odd" else 1.0)
    return total


def lists_of_several_kinds(x, n):
    items = []
    for k in range(n):
        items.append([x * k, (x, x**2)])
    total = 0.0
    for i in range(n):
        total += items[-1 - i][0] * items[i][1][1] * items[-1][1][0]
    return total


def lists_of_lists(x, n):
    rows = [[x * k * j for j in range(n)] for k in range(n)]
    return sum([sum(row) * row[i] for i, row in enumerate(rows)]) * x


def slices(x, n):
    pairs = [(x * k, x**2) for k in range(n)]
    total = 0.0
    for a, b in pairs[1 : n - 1]:
        total += a * b
    for (a, _), (b, c) in zip(pairs[:-1], pairs[1:]):
        total += a * b * c
    return total


def replaced(x, n):
    items = [(x, x * 2.0) for _ in range(n)]
    for k in range(n - 1):
        items[k + 1] = (items[k][0] * x, items[k][1] + items[k + 1][0])
    return items[n - 1][0] * items[-1][1]


FUNCTIONS = (
    tuples, tuples_of_tuples, dicts, dicts_of_arrays, named_tuples, objects, objects_with_names, lists_of_several_kinds, lists_of_lists, slices,
    replaced,
)  # fmt: skip


def forward(f):
    return lambda x, n: srcad.jvp(f, (x, n), (1.0, None))[1]


def true_derivative(f, x, n, order):
    nodes = np.cos(np.pi * (np.arange(13) + 0.5) / 13) * 2.0
    fitted = np.polynomial.Chebyshev.fit(nodes, [f(float(v), n) for v in nodes], 12, domain=(-2.0, 2.0))
    return fitted.deriv(order)(x)


@pytest.mark.parametrize("modes", ["f", "r", "ff", "fr", "rf", "rr", "rfr", "frr"])
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_derivatives(f, modes):
    d = f
    for mode in modes:
        d = forward(d) if mode == "f" else srcad.grad(d)
    assert d(0.7, 4) == pytest.approx(true_derivative(f, 0.7, 4, len(modes)), rel=1e-8, abs=1e-8)
