"""Sets that a function fills and empties: they carry no derivative, but say what is computed."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad
from srcad.errors import NotDifferentiable

X = np.array([1.0, 2.0, 3.0])


def seen_before(x):
    seen, s = set(), 0.0
    for i in [0, 1, 0, 2, 1]:
        if i in seen:
            continue
        seen.add(i)
        s += x[i] ** 2 * len(seen)
    return s


def asked_in_the_loop(x):
    seen, s = set(), 0.5
    for i in range(7):
        k = (i * i) % 3
        if k not in seen:
            seen.add(k)
            s = s * x[k] + x[k]
        else:
            s = s + 0.3 * math.sin(s)
    return s


def emptied(x):
    todo, s = {0, 1, 2}, 0.0
    while todo:
        i = min(todo)
        todo.remove(i)
        s = s * 0.5 + x[i] ** 2
    return s


def popped(x):
    todo, s = {0, 1, 2}, 0.0
    while todo:
        s = s * 0.5 + x[todo.pop()] ** 2
    return s


def combined(x):
    a = {1, 2}
    a |= {0}
    b = set()
    b.update([0, 2], range(1))
    s = 0.0
    for i in sorted((a - {1}) | b):
        s += x[i] ** 2
    return s * len(a & {0, 5}) * len(b)


def walk_of_a_graph(x):
    after = {0: [1, 2], 1: [2], 2: []}
    visited, order, stack = set(), [], [0]
    while stack:
        n = stack.pop()
        if n not in visited:
            visited.add(n)
            order.append(n)
            stack.extend(after[n])
    return sum(x[n] ** 2 * (k + 1) for k, n in enumerate(order))


def pairs(x):
    s, used = 0.0, set()
    for a in range(3):
        for b in range(3):
            if (b, a) not in used and a != b:
                used.add((a, b))
                used.discard((5, 5))
                s += math.sqrt(x[a] * x[b])
    used.clear()
    return s + len(used)


def gone_over(x):
    s, u = 0.5, set()
    for a in (2, 0, 1):
        u.add(a)
    for i in u:
        s = s * x[i] + x[i]
    return s


def of_a_list(x, numbers=(0, 1, 1, 2)):
    u = set(numbers)
    w = u.copy()
    w.add(7)
    s = 0.0
    for k in range(3):
        if k in u:
            u.discard(k)
            s += x[k] ** 2 * len(u) * len(w)
    return s


def counted(seen, k):
    seen.add(k)
    return len(seen)


def handed_over(x):
    seen, s = set(), 0.0
    for k in (1, 1, 2, 0):
        s += x[k] ** 2 * counted(seen, k)
    return s * (1 in seen)


class Visited:
    def __init__(self):
        self.seen = set()

    def first(self, k):
        if k in self.seen:
            return False
        self.seen.add(k)
        return True


def in_an_object(x):
    visited, s = Visited(), 0.5
    for k in (1, 1, 2, 0):
        if visited.first(k):
            s = s * x[k] + x[k]
    return s * len(visited.seen)


def until_it_raises(x):
    u, s = {1}, x[0]
    try:
        u.remove(1)
        s = s * x[1]
        u.remove(9)
        s = s * x[2]
    except KeyError:
        s = s * (len(u) + 1) + x[2] ** 2
    return s


def on_one_path(x):
    u = set()
    if x[0] > 0.0:
        u.add("a")
    else:
        u.add("b")
    return x[1] ** 2 * ("a" in u)


PROGRAMS = [
    seen_before, asked_in_the_loop, emptied, popped, combined, walk_of_a_graph, pairs, gone_over, of_a_list, handed_over, in_an_object,
    until_it_raises, on_one_path,
]  # fmt: skip


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_sets_that_change(function):
    value, gradient = srcad.value_and_grad(function)(X)
    assert value == function(X)
    assert np.any(gradient)
    srcad.check_grads(function, X)


def added(x):
    found = set()
    for v in x:
        found.add(v * 2.0)
    return sum(sorted(found))


DIFFERENTIATED = {
    "added": added, "display": lambda x: sum({x[0], x[1]}), "of a list": lambda x: sum(set([x[0], 2.0 * x[1]])),
    "frozen": lambda x: sum(frozenset([x[0], 2.0 * x[1]])), "comprehension": lambda x: sum({v * v for v in x}),
}  # fmt: skip


@pytest.mark.parametrize("function", DIFFERENTIATED.values(), ids=DIFFERENTIATED)
def test_members_that_are_differentiated_are_refused(function):
    with pytest.raises(NotDifferentiable, match="SRC305"):
        srcad.grad(function)(X)
