"""Arrays in run-time lists and dicts that names, branches, copies and calls refer to as well: a write shows everywhere, or is refused."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def products(x):
    return [x * i for i in range(1, len(x) + 1)]


# ---- a list that one path has made longer ------------------------------------------------------------------------------
def appended(x):
    y = x * 2
    items = []
    if x[0] > 0:
        items.append(y)
    y *= x
    return np.sum(items[0] * x)


def appended_behind_another(x):
    y = x * 2
    items = [x * 3]
    if x[0] > 0:
        items.append(y)
    y *= x
    return np.sum(items[1] * items[0])


def item_written(x):
    y = x * 2
    items = [x * 3]
    if x[0] > 0:
        items.append(y)
    items[-1] *= x
    return np.sum(y * x)


def items_written_by_a_loop(x):
    y = x * 2
    items = [x * 3]
    if x[0] > 0:
        items.append(y)
    for item in items:
        item *= x
    return np.sum(y * x)


def inner_list(x):
    y = x * 2
    items = [[x * 3]]
    if x[0] > 0:
        items[0].append(y)
    y *= x
    return np.sum(items[0][1] * x)


def attribute_of_a_dict(x):
    y = x * 2
    held = {}
    if x[0] > 0:
        held["y"] = y
    y *= x
    return np.sum(held["y"] * x)


def chosen_tuple(x):
    y = x * 2
    items = ()
    if x[0] > 0:
        items = (y, x)
    y *= x
    return np.sum(items[0] * x)


# ---- a place that run time computes ------------------------------------------------------------------------------------
def inserted(x):
    y = x * 2
    items = [x * 3, x * 4]
    items.insert(int(x[0] > 0), y)
    y *= x
    return np.sum(items[1] * items[0])


def assigned(x):
    y = x * 2
    items = [x * 3, x * 4]
    items[int(x[0] > 0)] = y
    y *= x
    return np.sum(items[1] * items[0])


def slice_assigned(x):
    y = x * 2
    items = [x * 3, x * 4]
    items[int(x[0] > 0) :] = [y]
    y *= x
    return np.sum(items[1] * items[0])


def repeated(x):
    y = x * 2
    items = [x * 3]
    items += [y] * int(x[0] > 0)
    y *= x
    return np.sum(items[-1] * items[0])


# ---- items of a copy ---------------------------------------------------------------------------------------------------
def in_order_and_reversed(x):
    y = x * 2
    items = sorted([y, x * 0.5], key=lambda v: v[0])[::-1]
    items[0] += x
    return np.sum(y * x)


def least(x):
    items = products(x)
    found = min(items, key=lambda v: v[0])
    found += x
    return np.sum(items[0] * x)


def popped(x):
    items = products(x)
    others = list(items)
    last = others.pop()
    last += x
    return np.sum(items[-1] * x)


def popped_in_a_loop(x):
    items = products(x)
    others = list(items)
    for _ in range(2):
        last = others.pop()
        last += x
    return np.sum(items[-1] * x)


def last_seen_by_a_loop(x):
    items = products(x)
    others = items[::-1]
    found = x
    for i in range(2):
        found = others[i]
    found += x
    return np.sum(items[1] * x)


def one_of_two_items(x):
    items = products(x)
    others = items[::-1]
    found = others[0] if x[0] > 9 else others[1]
    found += x
    return np.sum(items[1] * x)


def one_of_two_copies(x):
    items = products(x)
    others = items[::-1]
    if x[0] > 0:
        others = items[1:]
    found = others[0]
    found += x
    return np.sum(items[1] * x)


def copy_of_an_inner_list(x):
    items = [[x * (i + j + 1) for i in range(2)] for j in range(2)]
    others = items[int(x[0] > 9)][::-1]
    others[0] += x
    return np.sum(items[0][1] * x)


def copy_of_few(x):
    items = [x * i for i in range(1, 4)]
    others = list(items)
    last = others.pop()
    last += x
    return np.sum(items[2] * x)


# ---- functions that call themselves ------------------------------------------------------------------------------------
def first_behind(items, k):
    return items[0] if k == 0 else first_behind(items[1:], k - 1)


def rest_behind(items, k):
    return items if k == 0 else rest_behind(items[1:], k - 1)


def halves(v, k):
    return [v] if k == 0 else [*halves(v, k - 1), v * k]


def item_from_recursion(x):
    items = products(x)
    found = first_behind(items, 2)
    found += x
    return np.sum(items[2] * x)


def list_from_recursion(x):
    items = products(x)
    found = rest_behind(items, 2)
    found[0] += x
    return np.sum(items[2] * x)


def argument_in_a_list(x):
    y = x * 2
    items = halves(y, 2)
    y *= x
    return np.sum(items[0] * x)


def argument_written_in_a_list(x):
    y = x * 2
    items = halves(y, 2)
    items[0] *= x
    return np.sum(y * x)


# ---- what raises -------------------------------------------------------------------------------------------------------
def caught(x):
    items = [x * 2] if x[0] > 9 else []
    try:
        found = items.pop()
    except IndexError:
        found = x * 3
    return np.sum(found * x)


def unread(x):
    items = [x[0]] * int(x[0] > 9)
    items.pop()
    return np.sum(x * x)


for function in (
    appended, appended_behind_another, item_written, items_written_by_a_loop, inner_list, attribute_of_a_dict, chosen_tuple, inserted, assigned,
    slice_assigned, repeated, least, popped, popped_in_a_loop, last_seen_by_a_loop, one_of_two_items, one_of_two_copies, copy_of_an_inner_list,
    item_from_recursion, list_from_recursion, argument_in_a_list,
):  # fmt: skip
    cases.add(function, vec(4), refused="SRC119")
for function in (in_order_and_reversed, argument_written_in_a_list):
    cases.add(function, vec(4), refused="SRC147")
for function in (copy_of_few, caught, unread):
    cases.add(function, vec(4))
