"""Programs that call themselves and change lists, dicts and objects that they share."""
from __future__ import annotations

import collections
import math
from dataclasses import dataclass, field

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


# ---- memory of what was computed ---------------------------------------------------------------------------------------
def remembered(x, n):
    memo = {}

    def term(k):
        if k in memo:
            return memo[k]
        value = x if k < 2 else term(k - 1) + term(k - 2) * 0.5 * x
        memo[k] = value
        return value

    return term(n) + len(memo)


cases.add(remembered, 0.7, 5)


def remembered_arrays(x, n):
    memo = {}

    def chebyshev(k):
        if k in memo:
            return memo[k]
        memo[k] = np.ones_like(x) if k == 0 else x if k == 1 else 2.0 * x * chebyshev(k - 1) - chebyshev(k - 2)
        return memo[k]

    return np.sum(chebyshev(n) ** 2)


cases.add(remembered_arrays, vec(3), 4)


def distance(x, n):
    memo = {}

    def least(i, j):
        if i == 0 or j == 0:
            return 1.0 * (i + j)
        if (i, j) not in memo:
            change = least(i - 1, j - 1) + (x[i - 1] - x[j]) ** 2
            memo[i, j] = min(least(i - 1, j) + 1.0, least(i, j - 1) + 1.0, change)
        return memo[i, j]

    return least(n, n) ** 2


cases.add(distance, vec(4), 3)


def _power(x, k, memo):
    if k not in memo:
        memo[k] = x if k == 0 else _power(x, k - 1, memo) * x + 1.0
    return memo[k]


def memory_as_argument(x, n):
    memo = {1: x * 2.0}
    return _power(x, n, memo) * _power(x, 0, memo) + len(memo)


cases.add(memory_as_argument, 0.7, 3)


def _products(k, x, memo):
    if k not in memo:
        memo[k] = x if k < 2 else _products(k - 1, x, memo) * np.sin(_products(k - 2, x, memo)) + x
    return memo[k]


def memory_of_mixed_numbers(x):
    return _products(4, x, {})


cases.add(memory_of_mixed_numbers, 0.7)


# ---- lists that grow ---------------------------------------------------------------------------------------------------
def collected(x, n):
    path = []

    def walk(v, depth):
        path.append(v)
        if depth > 0:
            walk(v * 1.1, depth - 1)
            walk(v * v * 0.5, depth - 1)

    walk(x, n)
    return sum(v * i for i, v in enumerate(path))


cases.add(collected, 0.7, 2)
cases.add(collected, 0.7, 0)


def _simpson(f, a, b, tolerance, nodes):
    middle = 0.5 * (a + b)
    left, right = 0.5 * (a + middle), 0.5 * (middle + b)
    whole = (b - a) / 6 * (f(a) + 4 * f(middle) + f(b))
    halves = (middle - a) / 6 * (f(a) + 4 * f(left) + f(middle)) + (b - middle) / 6 * (f(middle) + 4 * f(right) + f(b))
    nodes.append(middle)
    if abs(halves - whole) < 15 * tolerance:
        return halves
    return _simpson(f, a, middle, tolerance / 2, nodes) + _simpson(f, middle, b, tolerance / 2, nodes)


def adaptive(x):
    nodes = []
    value = _simpson(lambda t: math.exp(-x * t * t), 0.0, 2.0, 1e-4, nodes)
    return value + sum(nodes) * x + len(nodes)


cases.add(adaptive, 0.7)


def list_given_back(x, n):
    def go(found, k):
        found.append(x**k)
        return found if k == 0 else go(found, k - 1)

    first = [1.0]
    second = go(first, n)
    second.append(7.0 * x)
    return sum(first) * x + len(first)


cases.add(list_given_back, 0.7, 2)


def one_list_twice(x, n):
    def go(a, b, k):
        a.append(x * k)
        b.append(x)
        if k:
            go(b, a, k - 1)

    found = []
    go(found, found, n)
    return sum(v * i for i, v in enumerate(found))


cases.add(one_list_twice, 0.7, 2)


def lists_of_lists(x):
    levels = [[] for _ in range(3)]

    def go(v, k):
        levels[k].append(v)
        if k:
            go(v * 0.5, k - 1)
            go(v * v, k - 1)

    go(x, 2)
    return sum(sum(level) * (i + 1) for i, level in enumerate(levels))


cases.add(lists_of_lists, 0.7)


def stack(x, n):
    waiting, done = [x], []

    def go(k):
        if not waiting or k == 0:
            return
        v = waiting.pop()
        done.append(v)
        waiting.append(v * 0.5)
        waiting.append(v * v)
        go(k - 1)

    go(n)
    return sum(done) + sum(waiting) * x


cases.add(stack, 0.7, 3)


def orders(x):
    found = []

    def go(path, rest):
        if not rest:
            found.append(sum(v * (i + 1) for i, v in enumerate(path)))
            return
        for i in range(len(rest)):
            go([*path, rest[i]], rest[:i] + rest[i + 1 :])

    go([], [x, 2 * x, x * x])
    return max(found) * min(found)


cases.add(orders, 0.7)


def array_written_after_it_was_listed(x, n):
    found = []

    def go(v, k):
        found.append(v)
        if k:
            go(v * 2.0, k - 1)

    go(x, n)
    x[0] = 5.0
    return np.sum(found[0]) + np.sum(found[1])


cases.add(array_written_after_it_was_listed, vec(3), 2, refused="SRC119")


# ---- dicts and objects -------------------------------------------------------------------------------------------------
def counted(x, n):
    stats = {"count": 0, "sum": 0.0}

    def visit(v, depth):
        stats["count"] += 1
        stats["sum"] += math.sin(v)
        if depth:
            visit(v * 0.5, depth - 1)

    visit(x, n)
    return stats["sum"] / stats["count"]


cases.add(counted, 0.7, 3)


def shared_total(x, n):
    total = 0.0

    def visit(v, depth):
        nonlocal total
        total += v * v
        if depth:
            visit(v * 0.5, depth - 1)
            visit(v + 0.1, depth - 1)

    visit(x, n)
    return total


cases.add(shared_total, 0.7, 2)


def one_dict_twice(x, n):
    def go(d, e, k):
        d["a"] = d["a"] * x + e["a"]
        return go(e, d, k - 1) if k else d

    first = {"a": x}
    second = go(first, first, n)
    second["a"] *= 2.0
    return first["a"]


cases.add(one_dict_twice, 0.7, 2)


def sums_by_level(x, n):
    sums = collections.defaultdict(float)

    def go(v, k):
        sums[k] += v
        if k:
            go(v * 0.5, k - 1)
            go(v * v, k - 1)

    go(x, n)
    return sum(sums[k] * k for k in range(n + 1))


cases.add(sums_by_level, 0.7, 3)


def array_replaced(x, n):
    state = {"u": x.copy(), "n": 0}

    def go(k):
        state["u"] = state["u"] * 0.5 + x
        state["u"][0] += k
        state["n"] += 1
        if k:
            go(k - 1)

    before = state["u"]
    go(n)
    return np.sum(state["u"] ** 2) + np.sum(before) * state["n"]


cases.add(array_replaced, vec(3), 2)


@dataclass
class Record:
    """What a walk has seen."""

    total: float = 0.0
    items: list = field(default_factory=list)
    best: float = -1e9


def record(x, n):
    seen = Record()

    def go(v, k):
        seen.total += v
        seen.items.append(v * k)
        if v > seen.best:
            seen.best = v
        if k:
            go(v * 0.9, k - 1)
            go(v + 0.1, k - 1)

    go(x, n)
    return seen.total * seen.best + sum(seen.items)


cases.add(record, 0.7, 2)


class Sequence:
    """A recurrence that remembers its terms."""

    def __init__(self, rate):
        self.rate = rate
        self.calls = 0
        self.total = 0.0
        self.memo = {}

    def term(self, k):
        self.calls += 1
        if k in self.memo:
            return self.memo[k]
        value = self.rate if k <= 1 else self.term(k - 1) * 0.9 + self.term(k - 2) * self.rate
        self.memo[k] = value
        self.total += value
        return value


def method_that_remembers(x, n):
    sequence = Sequence(x)
    return sequence.term(n) + sequence.total * sequence.calls


cases.add(method_that_remembers, 0.7, 4)


def visited(x, n):
    seen = set()

    def go(k):
        if k in seen:
            return 0.0
        seen.add(k)
        return x**k + (go(k // 2) + go(k // 3) if k else 0.0)

    return go(n)


cases.add(visited, 0.7, 9)
