"""Iterators as Python has them: they give their items once, ask for each when it is its turn, and read lists as these are by then."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

# ---- loops over lists that change ------------------------------------------------------------------------------------


def appended(x):
    items = [x]
    for item in items:
        if len(items) < 5:
            items.append(item * 1.1 + x)
    return sum(items)


def replaced_ahead(x):
    items, total = [x, 2 * x, 3 * x], 0.0
    for a, b in zip(items, items[1:]):
        total += a * b
        items[1] = x * 9
    return total


def replaced_by_number(x):
    items = [x, 2 * x, 3 * x]
    for n, item in enumerate(items):
        items[n] = item * item
        if n + 1 < len(items):
            items[n + 1] += item
    return sum(items)


def popped(x):
    items, total = [x, 2 * x, 3 * x, 4 * x], 0.0
    for item in items:
        total = total * 2 + item
        items.pop()
    return total


def backwards_replaced(x):
    items, total = [x, 2 * x, 3 * x], 0.0
    for item in reversed(items):
        total = total * 2 + item
        items[0] = x * x
        items.append(x)
    return total


def values_replaced(x):
    table, total = {"a": x, "b": 2 * x}, 0.0
    for value in table.values():
        total += value
        table["b"] = x**3
    return total


# ---- one item at a time ----------------------------------------------------------------------------------------------
def mapped_in_turn(x):
    seen = []

    def twice(v):
        seen.append(v)
        return v * 2

    for n, item in enumerate(map(twice, [x, x * 2])):
        seen.append(item * n)
    return sum(k * v for k, v in enumerate(seen))


def left_early(x):
    seen = []
    for item in map(lambda v: seen.append(v) or v * x, [1.0, 2.0, 3.0]):
        if item > 1.0:
            break
    return x * len(seen)


def all_until_false(x):
    seen = []
    held = all(map(lambda v: seen.append(v) or v > 1, [x, x / 9, x]))
    return sum(seen) + held


def called_once(x):
    seen = []
    total = sum(map(lambda v: seen.append(v) or v * 2, [x, x * 2]))
    a, b = map(lambda v: seen.append(v) or v * 3, [x, x * x])
    return total + sum(seen) + a * b


# ---- once ------------------------------------------------------------------------------------------------------------
def zip_twice(x):
    pairs = zip([x, 2 * x], [3 * x, 1.0])
    return sum(a * b for a, b in pairs) + 10 * sum(a * b for a, b in pairs)


def map_twice(x):
    items = map(lambda v: v * x, [1.0, 2.0])
    return sum(items) + 10 * sum(items)


def filter_twice(x):
    items = filter(lambda v: v > 1, [x, 2 * x, x * x])
    total = sum(items)
    for item in items:
        total += 10 * item
    return total + len(list(items))


def reversed_twice(x):
    items = [x, 2 * x]
    back = reversed(items)
    items.append(7 * x)
    items[0] = x * x
    return sum(back) + len(list(back))


def in_a_loop(x):
    total = 0.0
    for items in (map(lambda v: v * x, [1.0, 2.0]),):
        total += sum(items)
        total += 10 * sum(items)
    return total


def in_a_list(x):
    total = 0.0
    many = [zip([x], [2.0]), zip([x * x], [3.0])]
    for _ in range(2):
        for pairs in many:
            for a, b in pairs:
                total += a * b
    return total


def handed_over(x):
    def total(items):
        return sum(items) + 10 * sum(items)

    return total(map(lambda v: v * x, [1.0, 2.0])) + total(zip_of(x)) + total(reversed([x]))


def zip_of(x):
    return (a * b for a, b in zip([x], [x]))


# ---- asked for single items ------------------------------------------------------------------------------------------
def next_of_map(x):
    seen = []
    items = map(lambda v: seen.append(v) or v * 2, [x, x * 2])
    first = next(items)
    early = sum(seen)
    rest, none = list(items), list(items)
    return early + first * rest[0] + len(rest) + len(none)


def next_of_zip(x):
    pairs = zip([x, 2 * x], [3 * x, 1.0])
    head, total = next(pairs), 0.0
    for a, b in pairs:
        total += a * b
    return total + head[0] * 5


def next_of_enumerate(x):
    items = enumerate([x, 2 * x, x * x])
    _, total = next(items)
    for n, item in items:
        total += n * item
    return total + len(list(items))


def next_of_reversed(x):
    items = [x, 2 * x, 3 * x]
    back = reversed(items)
    items[2] = x * 10
    total = next(back)
    items[1] = x * 20
    return total + next(back)


KNOWN = [
    appended, replaced_ahead, replaced_by_number, popped, backwards_replaced, values_replaced, mapped_in_turn, left_early, all_until_false,
    called_once, zip_twice, map_twice, filter_twice, reversed_twice, in_a_loop, in_a_list, handed_over, next_of_map, next_of_zip,
    next_of_enumerate, next_of_reversed,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("f", KNOWN, ids=lambda f: f.__name__)
def test_of_known_items(f):
    srcad.check_grads(f, 1.3)


# ---- items that only run time knows ----------------------------------------------------------------------------------
def zip_in_trips(x):
    pairs, total = zip(x, x[1:]), 0.0
    for _ in range(3):
        for a, b in pairs:
            total += a * b
        total *= 2
    return total


def enumerate_left_and_resumed(x):
    items = enumerate(x)
    _, total = next(items)
    for n, a in items:
        if a > 2.5:
            break
        total += n * a
    for n, a in items:
        total += n * a * 10
    return total


def map_of_two(x):
    items = map(lambda a, b: a * b, x, x[1:])
    first = next(items)
    return first * sum(items) + sum(items)


def reversed_with_default(x):
    back = reversed(x)
    last, before = next(back), next(back, None)
    return last if before is None else last + before * sum(back)


def header_and_rows(x):
    def header(rows):
        first = next(rows)
        return first[0] * first[1]

    rows = zip(x, x * 2)
    return header(rows) + sum(a * b * b for a, b in rows)


class Source:
    """Holds an iterator."""

    def __init__(self, x):
        self.items = enumerate(x)

    def get(self):
        return next(self.items)[1]


def in_an_object(x):
    source = Source(x)
    return source.get() * source.get() + source.get()


def unpacked(x):
    a, b, c = map(float, x)
    d, e, f = reversed(x)
    return a * b + c * d * e * f


def replaced_in_a_long_list(x):
    items, total = list(x), 0.0
    for a, b in zip(x, items):
        total += a * b
        items[2] = x[1] * 3
    return total


def replaced_behind_reversed(x):
    items, total = list(x), 0.0
    for k in range(2):
        for item in reversed(items):
            total = total * 1.1 + item
            items[k] = total
    return total


def replaced_from_the_end(x):
    items, total = list(x), 0.0
    for n, item in enumerate(items):
        total = total * 1.1 + item
        items[-1 - n] = total
        items[n] += 1.0
    return total + sum(items)


def product_left_after_one(x):
    products = (a * b for a in x for b in x if a != b)
    first, rest = next(products), list(products)
    return first + sum(rest) * len(rest)


def loops_left_twice(x):
    products = (a * b for a in x for b in range(2))
    total = next(products)
    for item in products:
        total = total * 1.1 + item
        if item > 3:
            break
    return total + sum(products)


UNKNOWN = [
    product_left_after_one, loops_left_twice,
    zip_in_trips, enumerate_left_and_resumed, map_of_two, reversed_with_default, header_and_rows, in_an_object, unpacked,
    replaced_in_a_long_list, replaced_behind_reversed, replaced_from_the_end,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("f", UNKNOWN, ids=lambda f: f.__name__)
def test_of_unknown_items(f):
    srcad.check_grads(f, np.array([1.0, 2.0, 3.0]))


def test_effects_of_map_stand_between_the_trips(capsys):
    def shown(v):
        print("item", v)
        return v

    def f(x):
        total = 0.0
        for item in map(shown, [1.0, 2.0]):
            print("trip")
            total += item * x
        return total

    assert srcad.grad(f)(2.0) == 3.0
    assert capsys.readouterr().out == "item 1.0\ntrip\nitem 2.0\ntrip\n"


def test_a_known_list_beside_an_array_is_refused_where_it_changes():
    def replacing(x):
        items, total = [x[0], 2 * x[0]], 0.0
        for a, b in zip(x, items):
            total += a * b
            items[1] = x[2]
        return total

    def growing(x):
        items, total = [x[0], 2 * x[0]], 0.0
        for a, b in zip(x, items):
            total += a * b
            items.append(x[1])
        return total

    for f in (replacing, growing):
        with pytest.raises(srcad.UnsupportedSyntax, match="SRC135"):
            srcad.grad(f)(np.array([1.0, 2.0, 3.0]))


def test_an_iterator_is_read_inside_its_own_loop():
    def f(x):
        pairs, total = zip(range(3), x), 0.0
        for _, a in pairs:
            for _, b in pairs:
                total += a * b
        return total

    with pytest.raises(srcad.UnsupportedSyntax, match="SRC119"):
        srcad.grad(f)(np.array([1.0, 2.0, 3.0]))
