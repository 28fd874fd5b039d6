"""What lists and tuples do where they compare what they hold, as functions whose source is followed.

An item equals itself, and what its class says.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from srcad.runtime.lists import order_of


def holds(items: Sequence[Any], value: Any) -> bool:
    """`value in items`."""
    for item in items:  # noqa: SIM110 -- `any` would hide which comparisons are made
        if item is value or item == value:
            return True
    return False


def place_among(items: Sequence[Any], value: Any, message: str) -> int:
    """`items.index(value)`; ValueError with a message where there is none."""
    for n, item in enumerate(items):
        if item is value or item == value:
            return n
    raise ValueError(message)


def count_among(items: Sequence[Any], value: Any) -> int:
    """`items.count(value)`."""
    found = 0
    for item in items:
        if item is value or item == value:
            found += 1
    return found


def alike(first: Sequence[Any], second: Sequence[Any]) -> bool:
    """`first == second`."""
    if len(first) != len(second):
        return False
    for a, b in zip(first, second, strict=True):  # noqa: SIM110 -- as in `holds`
        if not (a is b or a == b):
            return False
    return True


def compared(first: Sequence[Any], second: Sequence[Any], compare: Callable[[Any, Any], Any]) -> Any:
    """`first < second` and its like: the first items that differ decide, else the lengths."""
    for a, b in zip(first, second, strict=False):
        if not (a is b or a == b):
            return compare(a, b)
    return compare(len(first), len(second))


def in_own_order(items: Any, reverse: bool) -> list[Any]:
    """`sorted(items, reverse=reverse)` of what says itself what it is smaller than, and is asked once."""
    given = list(items)
    return [given[k] for k in order_of(given, reverse)]
