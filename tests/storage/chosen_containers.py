"""Lists, dicts, sets and objects between which a branch chooses, changed under the name of the choice."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()
X = np.array([0.7, 1.3, 0.4, 2.1])
OTHER = np.array([0.7, 1.3, 0.4, 0.9])
FEW = (X[:0], X[:1], X)


def two(x):
    return [x[0], x[1] * 2], [x[2]]


def weighed(left, right):
    total = 0.0
    for i, v in enumerate(left):
        total += v**2 * (i + 1)
    for i, v in enumerate(right):
        total += v**3 * (i + 2)
    return total


def both_ways(function):
    cases.add(function, X)
    cases.add(function, OTHER)


def binned(x):
    left, right = [], []
    for i in range(len(x)):
        out = left if x[i] < 1.0 else right
        out.append(x[i])
    return weighed(left, right)


for some in FEW:
    cases.add(binned, some)


def sorted_quickly(values):
    if len(values) <= 1:
        return values
    pivot, left, right = values[0], [], []
    for v in values[1:]:
        out = left if v < pivot else right
        out.append(v)
    return sorted_quickly(left) + [pivot] + sorted_quickly(right)


def quicksort(x):
    total = 0.0
    for i, v in enumerate(sorted_quickly(list(x))):
        total += v * (i + 1)
    return total


for some in FEW:
    cases.add(quicksort, some)


def one_of_three(x):
    small, middle, big = [], [], []
    for v in x:
        if v < 0.5:
            to = small
        elif v < 1.0:
            to = middle
        else:
            to = big
        to.append(v)
    return sum(small) + sum(middle) ** 2 + sum(v**3 for v in big)


cases.add(one_of_three, X)


def counted(x):
    low, high = {"n": 0, "sum": 0.0}, {"n": 0, "sum": 0.0}
    for v in x:
        d = high if v > 1 else low
        d["n"] += 1
        d["sum"] += v**2
    return high["sum"] / max(high["n"], 1) + low["sum"] * low["n"]


cases.add(counted, X)


def by_key(x):
    some, others = {}, {}
    for i in range(len(x)):
        d = some if x[i] > 1 else others
        d[i] = x[i] ** 2
    return sum(some.values()) + sum(v * 2 for v in others.values())


cases.add(by_key, X)


class Sum:
    def __init__(self):
        self.n, self.total, self.seen = 0, 0.0, []

    def add(self, v):
        self.n += 1
        self.total += v * v
        self.seen.append(v)


def objects_of_one_class(x):
    a, b = Sum(), Sum()
    for v in x:
        s = a if v > 1 else b
        s.add(v)
        s.total *= x[0]
    return a.total / max(a.n, 1) + b.total * b.n + weighed(a.seen, b.seen)


cases.add(objects_of_one_class, X)


def added_to(x):
    left, right = two(x)
    out = left if x[3] > 1 else right
    out += [x[3]]
    return weighed(left, right) + sum(out)


both_ways(added_to)


def changed_in_each_way(x):
    left, right = two(x)
    out = left if x[3] < 1 else right
    out[0] = x[3] * out[0]
    out.extend([x[1], x[2]])
    del out[1]
    out.insert(0, x[0])
    return weighed(left, right) * out.pop() + len(out)


both_ways(changed_in_each_way)


def read_in_each_way(x):
    left, right = two(x)
    out = left if x[3] < 1 else right
    for i in range(len(out)):
        out[i] *= x[3]
    first, *rest = out
    total = first * len(rest)
    for v in out:
        total += v * x[0]
    return weighed(left, right) + total + sum([v * 2 for v in out]) + max(out) + np.sum(np.array(out))


both_ways(read_in_each_way)


def in_another_list(x):
    left, right = two(x)
    out = left if x[3] < 1 else right
    box = [out, [x[1]]]
    box[0].append(x[3])
    out.append(x[2])
    box[1].append(x[0])
    return weighed(left, right) + sum(box[0]) * sum(box[1])


both_ways(in_another_list)


def grown(values, v):
    values.append(v)
    values[0] = values[0] * v
    return len(values)


def by_a_function(x):
    left, right = two(x)
    return grown(left if x[3] < 1 else right, x[2]) * weighed(left, right)


both_ways(by_a_function)


def picked(a, b, first):
    if first:
        return a
    return b


def from_a_function(x):
    left, right = two(x)
    picked(left, right, x[3] > 1).append(x[1])
    picked(left, right, x[2] > 1).append(x[0])
    return weighed(left, right)


both_ways(from_a_function)


def told_apart(x):
    left, right = two(x)
    out = left if x[3] < 1 else right
    other = right if out is left else left
    other.append(x[3])
    if out == left:
        other.append(x[1])
    return weighed(left, right)


both_ways(told_apart)


def chosen_again(x):
    left, right = two(x)
    once = left if x[3] < 1 else left
    once.append(x[3])
    twice = once if x[2] > 1 else right
    twice.append(x[2])
    third = twice if x[1] > 1 else once
    third.append(x[1])
    return weighed(left, right)


both_ways(chosen_again)


def or_a_new_one(x):
    left, right = two(x)
    out = left if x[3] < 1 else [x[0]]
    out.append(x[3])
    return weighed(left, right) + sum(out)


both_ways(or_a_new_one)


def under_other_names(x):
    left, right = two(x)
    alias = left
    out = alias if x[3] > 1 else right
    left.append(x[1])
    out.append(x[2])
    alias.append(x[3])
    return weighed(left, right) + sum(out)


both_ways(under_other_names)


def rebound_afterwards(x):
    left, right = two(x)
    out = left if x[3] > 1 else right
    left = [x[0]]
    out.append(x[1])
    return weighed(left, right) + sum(out) ** 2


both_ways(rebound_afterwards)


def in_a_while_loop(x):
    left, right = two(x)
    i = 0
    while i < len(x):
        if x[i] > 1:
            out = left
            if x[i] > 2:
                out = right
        else:
            out = right
        out.append(x[i])
        i += 1
        if len(left) > 5:
            break
    return weighed(left, right)


cases.add(in_a_while_loop, X)


def lists_of_arrays(x):
    a, b = [x * 1.0], [x * 2.0, x * 3.0]
    for i in range(4):
        t = a if i % 2 else b
        t[0][1] *= x[2]
        t.append(x * i)
        t[-1][0] = x[3]
    return sum(np.sum(v**2) for v in a) + sum(np.sum(v) for v in b)


cases.add(lists_of_arrays, X)


def lists_in_objects(x):
    a, b = Sum(), Sum()
    a.add(x[0])
    b.add(x[1])
    s = a if x[3] > 1 else b
    s.total = s.total * x[3]
    kept = s.seen
    kept.append(x[2] * s.total)
    return a.total + b.total**2 + weighed(a.seen, b.seen)


both_ways(lists_in_objects)


def sets_of_places(x):
    some, others, total = set(), set(), 0.0
    for i in range(len(x)):
        s = some if x[i] > 1 else others
        s.add(i)
    for i in range(len(x)):
        if i in some:
            total += x[i] ** 2
        if i in others:
            total += x[i] ** 3
    return total


cases.add(sets_of_places, X)


def or_none(x):
    left, right = two(x)
    out = None
    if x[3] > 1:
        out = left
    elif x[3] > 0.5:
        out = right
    if out is not None:
        out.append(x[3])
    return weighed(left, right)


both_ways(or_none)


def in_pairs(x):
    left, right = two(x)
    pair = (left, right) if x[3] > 1 else (right, left)
    pair[0].append(x[3])
    pair[1].append(x[2])
    return weighed(left, right)


both_ways(in_pairs)


def by_its_method(x):
    left, right = two(x)
    add = left.append if x[3] > 1 else right.append
    add(x[3])
    add(x[2])
    return weighed(left, right)


both_ways(by_its_method)


def given(x, left, right):
    out = left if x[0] > 1 else right
    out.append(x[1])
    out[0] *= x[2]
    return weighed(left, right)


cases.add(given, X, [1.0, 2.0], [3.0])


def told_apart(x, n):
    first, second = [x[0]], [x[1]]
    chosen = first
    if n > x[0]:
        chosen = second
    return x[0] if chosen is first else x[1]


for bound in (1, -5):
    cases.add(told_apart, X, bound)
