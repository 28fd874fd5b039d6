"""Lists that functions which call themselves are given and change: what such a list holds twice, or what others hold too."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def by_first(us, k):
    if k >= 0:
        us[k] *= us[k][0]
        by_first(us, k - 1)


def doubled(lists, k):
    if k >= 0:
        lists[k][0] *= 2.0
        lists[k].append(lists[k][0])
        doubled(lists, k - 1)


# ---- held twice --------------------------------------------------------------------------------------------------------
@cases.each((vec(2),), refused="SRC128")
def one_array_twice(x):
    y = x * 1.0
    us = [y, y]
    by_first(us, 1)
    return np.sum(us[0])


@cases.each((vec(2), 2), refused="SRC128")
def one_array_in_every_trip(x, n):
    y = x * 1.0
    us = []
    for _ in range(n):
        us.append(y)
    by_first(us, n - 1)
    return np.sum(us[0])


@cases.each((vec(2), 2), refused="SRC128")
def moved_to_another_place(x, n):
    us = [x * i for i in range(1, 4)]
    us[n - 1] = us[0]
    by_first(us, n)
    return np.sum(us[0]) + np.sum(us[1])


@cases.each((vec(2), 2), refused="SRC147")
def one_list_in_every_trip(x, n):
    inner = [x[0], x[1]]
    lists = []
    for _ in range(n):
        lists.append(inner)
    doubled(lists, n - 1)
    return sum(lists[0])


def by_another(lists, inner, k):
    if k >= 0:
        lists[k][0] *= 2.0 * inner[0]
        by_another(lists, inner, k - 1)


@cases.each((vec(2), 2), refused="SRC147")
def a_list_and_its_item(x, n):
    inner = [x[0], 1.0]
    lists = [[x[0], x[1] * i] for i in range(n)]
    lists[n - 1] = inner
    by_another(lists, inner, n - 1)
    return lists[0][0] * lists[1][0]


# ---- read by other names -----------------------------------------------------------------------------------------------
@cases.each((vec(2), 2), refused="SRC119")
def item_read_by_its_name(x, n):
    y = x * 1.0
    us = [y]
    for i in range(n):
        us.append(x * i)
    by_first(us, n)
    return np.sum(y) + np.sum(us[1])


@cases.each((vec(2), 2), refused="SRC119")
def rows_of_a_matrix(x, n):
    whole = np.ones((n, 2)) * x
    us = list(whole)
    by_first(us, n - 1)
    return np.sum(us[0]) + np.sum(whole)


@cases.each((vec(2), 2), refused="SRC119")
def inner_list_read_by_its_name(x, n):
    inner = [x[0], x[1]]
    lists = [inner]
    for _ in range(n):
        lists.append([x[0]])
    doubled(lists, n)
    return inner[0] + lists[0][1]


# ---- its own ----------------------------------------------------------------------------------------------------------
@cases.each((vec(5),))
def multigrid(x):
    us = [np.zeros(size) for size in (5, 3, 2)]
    us[0][:] = x
    cycle(us, 0)
    return np.sum(us[0] ** 2)


def cycle(us, level):
    u = us[level]
    if level == len(us) - 1:
        u *= u
        return
    us[level + 1][:] = u[::2]
    cycle(us, level + 1)
    u[::2] += us[level + 1]


def with_more(us, k):
    if k > 0:
        us.append(np.ones(2) * k)
        with_more(us, k - 1)


@cases.each((vec(2), 2))
def item_read_by_its_name_behind_others(x, n):
    y = x * 1.0
    us = [y]
    for i in range(n):
        us.append(x * i)
    with_more(us, n)
    return np.sum(y * us[1]) + np.sum(us[-1])


def subsets(xs, i, chosen, found):
    if i == len(xs):
        found.append(chosen[:])
        return
    subsets(xs, i + 1, chosen, found)
    chosen.append(xs[i])
    subsets(xs, i + 1, chosen, found)
    chosen.pop()


@cases.each((vec(2),))
def all_subsets(x):
    found = []
    subsets(x, 0, [], found)
    return sum(sum(chosen) ** 2 for chosen in found)


def taken_twice(us, k):
    if k > 0:
        us[k] = us[k - 1]
        taken_twice(us, k - 1)


@cases.each((vec(2), 3), refused="SRC147")
def taken_twice_by_the_function(x, n):
    us = [x * i for i in range(n)]
    taken_twice(us, n - 1)
    us[0] += x
    return np.sum(us[1])
