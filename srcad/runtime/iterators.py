"""Iterators in Python.  None of these is called: their source is followed, in the place of what Python has built in."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


class Items:
    """What `iter` makes of a list or tuple: `at` is the number of the next item."""

    def __init__(self, items: Any) -> None:
        self.items = items
        self.at = 0

    def __iter__(self) -> Items:
        return self

    def __next__(self) -> Any:
        if self.at >= len(self.items):
            raise StopIteration
        self.at += 1
        return self.items[self.at - 1]


def polled(iterator: Iterator[Any]) -> tuple[bool, Any]:
    """Whether an iterator is at its end, and its next item (None there)."""
    try:
        return False, next(iterator)
    except StopIteration:
        return True, None


def started(items: Iterable[Any]) -> Iterator[Any]:
    """`iter(items)`."""
    return iter(items)


def following(answer: tuple[bool, Any]) -> Any:
    """`next(iterator)`, which has given this answer."""
    end, item = answer
    if end:
        raise StopIteration
    return item


def following_or(answer: tuple[bool, Any], default: Any) -> Any:
    """`next(iterator, default)`, which has given this answer."""
    end, item = answer
    if end:
        return default
    return item


def stepped(iterator: Iterator[Any]) -> Iterator[Any]:
    """The items of an iterator, asked for one by one."""
    while True:
        end, item = polled(iterator)
        if end:
            return
        yield item


def numbered_items(items: Any) -> Iterator[Any]:
    """The items of an object that has `__getitem__` and no `__iter__`."""
    at = 0
    while True:
        try:
            item = items[at]
        except IndexError:
            return
        yield item
        at += 1


def listed(items: Iterable[Any]) -> list[Any]:
    """`list(items)`."""
    found = []
    for item in items:
        found.append(item)  # noqa: PERF402 -- this is what `list` is
    return found


def numbered(items: Iterable[Any], start: int) -> Iterator[Any]:
    """`enumerate(items, start)`."""
    number = start
    for item in items:
        yield number, item
        number += 1


def mapped(function: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """`map(function, items)`."""
    for item in items:
        yield function(item)


def spread(function: Callable[..., Any], rows: Iterable[Any]) -> Iterator[Any]:
    """`itertools.starmap(function, rows)`."""
    for row in rows:
        yield function(*row)


def filtered(keep: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """`filter(keep, items)`."""
    for item in items:
        if keep(item):
            yield item


def true_ones(items: Iterable[Any]) -> Iterator[Any]:
    """`filter(None, items)`."""
    for item in items:
        if item:
            yield item


def first(items: Iterable[Any], most: int) -> list[Any]:
    """As many items at most."""
    found: list[Any] = []
    for item in items:
        found.append(item)
        if len(found) >= most:
            break
    return found


def reduced(function: Callable[..., Any], items: Iterable[Any], start: Any) -> Any:
    """`functools.reduce(function, items, start)`."""
    for item in items:
        start = function(start, item)
    return start


def ones(items: Iterable[Any]) -> Iterator[Any]:
    """`zip(items)`."""
    for item in items:
        yield (item,)


def rows(iterator: Iterator[Any], others: Iterator[Any]) -> Iterator[Any]:
    """`zip(iterator, *columns)`, where `others` are the rows of the other columns."""
    while True:
        end, item = polled(iterator)
        if end:
            return
        end, rest = polled(others)
        if end:
            return
        yield (item, *rest)


def zipped(before: tuple[Any, ...], items: Iterable[Any], behind: tuple[Any, ...]) -> Iterator[Any]:
    """`zip(*before, items, *behind)` where only `items` must be gone over in order; the others have lengths, and are read by number."""
    at = 0
    for other in before:
        if at >= len(other):
            return
    for item in items:
        for other in behind:
            if at >= len(other):
                return
        yield (*[other[at] for other in before], item, *[other[at] for other in behind])
        at += 1
        for other in before:
            if at >= len(other):
                return


def any_of(items: Iterable[Any]) -> bool:
    """`any(items)`."""
    for item in items:  # noqa: SIM110 -- this is what `any` is
        if item:
            return True
    return False


def all_of(items: Iterable[Any]) -> bool:
    """`all(items)`."""
    for item in items:  # noqa: SIM110 -- this is what `all` is
        if not item:
            return False
    return True
