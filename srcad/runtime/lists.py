"""Cotangents and tangents of functions of lists: sums, extrema, sorting."""
from __future__ import annotations

import bisect
import operator
from typing import Any

import numpy as np

from srcad.runtime.containers import copy_tree
from srcad.runtime.shapes import unbroadcast


def _like(items: list[Any], x: Any) -> Any:
    return np.array(items) if isinstance(x, np.ndarray) else tuple(items) if isinstance(x, tuple) else items


def which_ones(numbers: list[int]) -> list[int]:
    """For each number in a list, which of the different numbers in it that is, by where they stand first."""
    places: dict[int, int] = {}
    return [places.setdefault(n, len(places)) for n in numbers]


def item_before(items: list[Any], index: Any) -> Any:
    """What is in a list where another item goes next; None where nothing can go."""
    return items[index] if -len(items) <= index < len(items) else None


def item_in(rows: list[list[Any]], outer: Any, index: Any) -> Any:
    """`rows[outer][index]`."""
    return rows[outer][index]


def with_item_in(rows: list[list[Any]], outer: Any, index: Any, value: Any) -> list[list[Any]]:
    """A copy of `rows` with `rows[outer][index] = value`."""
    rows = [list(row) for row in rows]
    rows[outer][index] = value
    return rows


def with_sum_in(rows: list[list[Any]], outer: Any, index: Any, value: Any) -> list[list[Any]]:
    """A copy of `rows` with `rows[outer][index] += value`."""
    return with_item_in(rows, outer, index, rows[outer][index] + value)


def fill_tree(g: Any, x: Any) -> Any:
    """The cotangent of every summand of `sum(x)`."""
    return _like([unbroadcast(copy_tree(g), v) for v in x], x)


def _shares(x: Any, y: Any) -> list[float]:
    hits = [bool(np.all(v == y)) for v in x]
    return [h / max(sum(hits), 1) for h in hits]


def extremum_back(g: Any, x: Any, y: Any) -> Any:
    """The cotangent `g` of the largest or smallest item `y`, shared equally by those that equal it."""
    return _like([s * g if s else 0.0 for s in _shares(x, y)], x)


def extremum_forth(t: Any, x: Any, y: Any) -> Any:
    """The mean of the tangents of the items that equal the largest or smallest item `y`."""
    return sum(s * v for s, v in zip(_shares(x, y), t, strict=True) if s)


def select_back(g: Any, conditions: Any, choices: Any) -> Any:
    """The cotangents of the choices of `np.select`: that of the result where a choice was taken, 0 elsewhere."""
    rest: Any = True
    found = []
    for condition, choice in zip(conditions, choices, strict=True):
        found.append(unbroadcast(np.where(np.logical_and(condition, rest), g, 0.0), choice))
        rest = np.logical_and(rest, np.logical_not(condition))
    return tuple(found) if isinstance(choices, tuple) else found


def none_of(conditions: Any) -> Any:
    """Where none of some conditions holds."""
    found: Any = True
    for condition in conditions:
        found = np.logical_and(found, np.logical_not(condition))
    return found


def order_of(keys: Any, reverse: bool = False) -> list[int]:
    """The numbers of the items in the order of their keys."""
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=bool(reverse))


def place_of(keys: Any, larger: bool) -> int:
    """The number of the first item whose key is largest, or smallest.  Raises ValueError where there is none."""
    return (max if larger else min)(range(len(keys)), key=keys.__getitem__)


def place_for(keys: Any, x: Any, low: int = 0, high: int | None = None, *, right: bool = True) -> int:
    """The place for `x` among ascending keys: behind those that equal it, or (not `right`) before them."""
    return (bisect.bisect_right if right else bisect.bisect_left)(keys, x, low, high)


def sorted_back(g: Any, x: Any, reverse: bool = False) -> Any:
    """The cotangents of `sorted(x)` in the order of `x`."""
    found = [0.0] * len(x)
    for k, v in zip(order_of(x, reverse), g, strict=True):
        found[k] = v
    return _like(found, x)


def sorted_forth(t: Any, x: Any, reverse: bool = False) -> Any:
    """The tangents of `x` in the order of `sorted(x)`."""
    return [t[k] for k in order_of(x, reverse)]


def slice_ends(items: list[Any], lower: Any, upper: Any) -> tuple[int, int]:
    """Where `items[lower:upper]` begins and ends when it is assigned, counted from the front."""
    start, stop, _ = slice(lower, upper).indices(len(items))
    return start, max(start, stop)


def slice_indices(start: Any, stop: Any, step: Any, length: int) -> tuple[int, int, int]:
    """`slice(start, stop, step).indices(length)`."""
    return slice(start, stop, step).indices(length)


def place_to_leave(items: list[Any], at: Any, deleted: bool = False) -> int:
    """The place of `items.pop(at)`, or of `del items[at]`, counted from the front.  Raises IndexError as these do."""
    place = operator.index(at)
    if not -len(items) <= place < len(items):
        said = "list assignment index out of range" if deleted else "pop index out of range" if items else "pop from empty list"
        raise IndexError(said)
    return place % len(items)


def place_to_enter(items: list[Any], at: Any) -> int:
    """The place of what `items.insert(at, x)` puts in, counted from the front."""
    return slice(operator.index(at), None).indices(len(items))[0]


def place_of_value(items: list[Any], value: Any) -> int:
    """The place of the item that `items.remove(value)` takes out.  Raises ValueError as that does."""
    for place, item in enumerate(items):
        if item is value or item == value:
            return place
    msg = "list.remove(x): x not in list"
    raise ValueError(msg)
