"""Integers and truth values beside floats in lists and dicts that are read by computed places."""
from __future__ import annotations

import collections

import numpy as np
import pytest

import srcad


def matrix(x, n):
    rows = [[4 + x[0], 1, x[1]], [1, 5.0, 0.5], [x[1], 0.5, 6 + x[0]]]
    t = 1.0
    for i in range(n):
        for j in range(i + 1):
            t = t * 1.1 + (rows[i][j] - t) / rows[j][j]
    return t


def list_of_tuples(x, n):
    pairs = [(x[0], 1), (1, x[1])]
    return pairs[n - 1][0] * x[0] + pairs[0][n - 1]


def lists_in_a_dict(x, n):
    table = {"a": [x[0], 1], "b": [2, x[1]]}
    return table["ab"[n - 1]][0] * x[0] + table["a"][n - 1]


def breadth_first(x, n):
    graph = {0: [1, 2], 1: [3], 2: [3], 3: []}
    queue, total = collections.deque([(0, x[0])]), 0.0
    while queue:
        node, v = queue.popleft()
        total += v * node
        for other in graph[node]:
            queue.append((other, v * x[1] + other * n))
    return total


def weights_by_letters(x, n):
    weights, s = {"a": 1.5, "b": 2}, 0.0
    for c in "abba"[: n + 1]:
        s += weights[c] * x[0] * s + x[1]
    return s


def changed_under_a_computed_key(x, n):
    graph = {0: [1, 2], 1: [3], 2: [3], 3: [5]}
    graph[n].append(7)
    graph[n - 1][0] = 9
    graph[n + 1] = [n]
    return x[0] * sum(graph[1]) * sum(graph[2]) + len(graph[n]) * x[1] * sum(graph[3])


FUNCTIONS = [matrix, list_of_tuples, lists_in_a_dict, breadth_first, weights_by_letters, changed_under_a_computed_key]


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_both_modes(f, n):
    srcad.check_grads(f, np.array([1.3, -0.7]), n, order=2)


@pytest.mark.parametrize("flags", [[True, 1], [1, True], [True, False], (True, 2), [1, 0], [True, 1.5]])
def test_truth_values_are_told_from_numbers(flags):
    def f(x, flags):
        return x * flags[0] * (2 if isinstance(flags[0], bool) else 3) + x * isinstance(flags[1], bool)

    assert srcad.value_and_grad(f)(2.0, flags) == (f(2.0, flags), f(1.0, flags))
