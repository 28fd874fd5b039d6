"""Iterators in Python.  None of these is called: their source is followed, in the place of what Python has built in."""
from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from srcad.runtime.lists import order_of, place_of


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


class Backwards:
    """What `reversed` makes of a list or tuple: `at` is the number of the next item."""

    def __init__(self, items: Any) -> None:
        self.items = items
        self.at = len(items) - 1

    def __iter__(self) -> Backwards:
        return self

    def __next__(self) -> Any:
        if self.at < 0 or self.at >= len(self.items):
            raise StopIteration
        self.at -= 1
        return self.items[self.at + 1]


class Counting:
    """What `itertools.count` makes: `at` is the next number."""

    def __init__(self, start: Any, step: Any) -> None:
        self.at = start
        self.step = step

    def __iter__(self) -> Counting:
        return self

    def __next__(self) -> Any:
        number = self.at
        self.at = number + self.step
        return number


class Together:
    """What `zip` makes of lists, tuples and arrays: `at` is the number of the next items."""

    def __init__(self, parts: Any) -> None:
        self.parts = parts
        self.at = 0

    def __iter__(self) -> Together:
        return self

    def __next__(self) -> Any:
        for part in self.parts:
            if self.at >= len(part):
                raise StopIteration
        self.at += 1
        return tuple([part[self.at - 1] for part in self.parts])


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


def standing(items: Sequence[Any], at: int) -> Iterator[Any]:
    """The items of a list from one on, which may get longer or shorter meanwhile: what stands there when it is read."""
    while at < len(items):
        yield items[at]
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


def reduced_to_one(function: Any, items: list[Any]) -> Any:
    """`functools.reduce(function, items)`."""
    if len(items) == 0:
        raise TypeError("reduce() of empty iterable with no initial value")
    return reduced(function, items[1:], items[0])


def in_order(items: Iterable[Any], key: Callable[..., Any], reverse: bool) -> list[Any]:
    """`sorted(items, key=key, reverse=reverse)`."""
    given = list(items)
    return [given[k] for k in order_of([key(item) for item in given], reverse)]


def extremum(items: Iterable[Any], key: Callable[..., Any] | None, larger: bool) -> Any:
    """`max(items, key=key)`, or `min`."""
    given = list(items)
    return given[place_of(given if key is None else [key(item) for item in given], larger)]


def extremum_or(items: Iterable[Any], key: Callable[..., Any] | None, larger: bool, default: Any) -> Any:
    """`max(items, key=key, default=default)`, or `min`."""
    given = list(items)
    if len(given) == 0:
        return default
    if key is None:
        return max(given) if larger else min(given)
    return given[place_of([key(item) for item in given], larger)]


def check_width(rows: Sequence[Any], count: int) -> None:
    """What Python checks where `zip(*rows)` is unpacked into `count` names."""
    width = min([len(row) for row in rows], default=0)
    if width < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {width})")
    if width > count:
        raise ValueError(f"too many values to unpack (expected {count})")


def item_or(items: Sequence[Any], at: int, default: Any) -> Any:
    """The argument for a parameter with a default, where `*items` may give one."""
    if len(items) > at:
        return items[at]
    return default


def column(rows: Sequence[Any], k: int) -> tuple[Any, ...]:
    """One of the tuples that `zip(*rows)` gives."""
    return tuple([row[k] for row in rows])


def columns(rows: Sequence[Any]) -> Iterator[Any]:
    """`zip(*rows)`, as many columns as the shortest row has items."""
    for k in range(min([len(row) for row in rows], default=0)):
        yield column(rows, k)


def rows(iterators: tuple[Iterator[Any], ...]) -> Iterator[Any]:
    """`zip(*iterators)`, each asked for its items one by one."""
    while True:
        row: tuple[Any, ...] = ()
        for iterator in iterators:
            end, item = polled(iterator)
            if end:
                return
            row = (*row, item)
        yield row


def rows_of(before: tuple[Any, ...], items: Iterable[Any], behind: tuple[Iterator[Any], ...]) -> Iterator[Any]:
    """`zip(*before, items, *behind)` where `before` have lengths, and `behind` are asked for their items one by one."""
    at = 0
    for other in before:
        if at >= len(other):
            return
    for item in items:
        row = (*[other[at] for other in before], item)
        for iterator in behind:
            end, part = polled(iterator)
            if end:
                return
            row = (*row, part)
        yield row
        at += 1
        for other in before:
            if at >= len(other):
                return


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


# ---- itertools -------------------------------------------------------------------------------------------------------
def cycled(items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.cycle`."""
    kept = []
    for item in items:
        kept.append(item)
        yield item
    while len(kept) > 0:
        for item in kept:
            yield item


def repeated(item: Any, times: int | None = None) -> Iterator[Any]:
    """`itertools.repeat`."""
    if times is None:
        while True:
            yield item
    for _ in range(times):
        yield item


def chained(*parts: Iterable[Any]) -> Iterator[Any]:
    """`itertools.chain`."""
    for part in parts:
        yield from part


def chained_parts(parts: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """`itertools.chain.from_iterable`."""
    for part in parts:
        yield from part


def accumulated(items: Iterable[Any], function: Callable[..., Any] = operator.add, *, initial: Any = None) -> Iterator[Any]:
    """`itertools.accumulate`."""
    if initial is not None:
        total = initial
        yield total
        for item in items:
            total = function(total, item)
            yield total
    else:
        given = list(items)
        if len(given) > 0:
            total = given[0]
            yield total
            for item in given[1:]:
                total = function(total, item)
                yield total


def accumulated_stream(items: Iterator[Any], function: Callable[..., Any] = operator.add, *, initial: Any = None) -> Iterator[Any]:
    """`itertools.accumulate` of items that are not gathered first: there may be no end of them."""
    total, has_one = initial, initial is not None
    if has_one:
        yield total
    for item in items:
        total = function(total, item) if has_one else item
        has_one = True
        yield total


def taken_while(keep: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.takewhile`."""
    for item in items:
        if not keep(item):
            return
        yield item


def dropped_while(drop: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.dropwhile`."""
    dropping = True
    for item in items:
        if dropping and drop(item):
            continue
        dropping = False
        yield item


def filtered_out(drop: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.filterfalse`."""
    for item in items:
        if not drop(item):
            yield item


def selected(items: Iterable[Any], selectors: Iterable[Any]) -> Iterator[Any]:
    """`itertools.compress`."""
    for item, wanted in zip(items, selectors):  # noqa: B905 -- the shorter one decides
        if wanted:
            yield item


def sliced(items: Iterable[Any], start: int, stop: int | None, step: int) -> Iterator[Any]:
    """`itertools.islice` with all its bounds."""
    at = 0
    if stop is None or stop > 0:
        for item in items:
            if at >= start and (at - start) % step == 0:
                yield item
            at += 1
            if stop is not None and at >= stop:
                return


def neighbours(items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.pairwise`."""
    given = list(items)
    for at in range(1, len(given)):
        yield given[at - 1], given[at]


def neighbours_in_stream(items: Iterator[Any]) -> Iterator[Any]:
    """`itertools.pairwise` of items that are not gathered first."""
    before, has_one = None, False
    for item in items:
        if has_one:
            yield before, item
        before, has_one = item, True


def filled(parts: tuple[Sequence[Any], ...], fill: Any) -> Iterator[Any]:
    """`itertools.zip_longest` of parts that have lengths."""
    for at in range(max([len(part) for part in parts])):
        yield tuple([part[at] if at < len(part) else fill for part in parts])


def filled_stream(iterators: tuple[Iterator[Any], ...], fill: Any) -> Iterator[Any]:
    """`itertools.zip_longest` of iterators, each asked for its items one by one."""
    while True:
        row: tuple[Any, ...] = ()
        over = True
        for iterator in iterators:
            end, item = polled(iterator)
            row = (*row, fill if end else item)
            over = over and end
        if over:
            return
        yield row


def grouped(items: Iterable[Any], key: Callable[..., Any] | None = None) -> Iterator[Any]:
    """`itertools.groupby`.  A group has no more items once the next one is asked for."""
    given = list(items)
    keys = given if key is None else [key(item) for item in given]
    at = 0
    while at < len(given):
        start = at
        while at < len(given) and keys[at] == keys[start]:
            at += 1
        group = Items(given[start:at])
        yield keys[start], group
        group.at = at - start


def shared(iterator: Iterator[Any], kept: list[Any]) -> Iterator[Any]:
    """One of the iterators that `itertools.tee` makes; `kept` is what any of them has taken."""
    at = 0
    while True:
        if at == len(kept):
            end, item = polled(iterator)
            if end:
                return
            kept.append(item)
        at += 1
        yield kept[at - 1]


def crossed(first: Iterable[Any], second: Iterable[Any]) -> Iterator[Any]:
    """`itertools.product` of two."""
    given, others = list(first), list(second)
    for a in given:
        for b in others:
            yield a, b


def crossed_many(parts: tuple[Sequence[Any], ...], places: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """`itertools.product` of more, by the places of the items."""
    for row in places:
        yield tuple([part[int(row[n])] for n, part in enumerate(parts)])


def paired(items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.combinations` of two."""
    given = list(items)
    for i in range(len(given)):
        for j in range(i + 1, len(given)):
            yield given[i], given[j]


def paired_with_itself(items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.combinations_with_replacement` of two."""
    given = list(items)
    for i in range(len(given)):
        for j in range(i, len(given)):
            yield given[i], given[j]


def ordered_pairs(items: Iterable[Any]) -> Iterator[Any]:
    """`itertools.permutations` of two."""
    given = list(items)
    for i in range(len(given)):
        for j in range(len(given)):
            if i != j:
                yield given[i], given[j]


def picked(given: Sequence[Any], places: Iterable[Sequence[Any]], count: int) -> Iterator[Any]:
    """Choices of `count` items, by their places."""
    for row in places:
        yield tuple([given[int(row[n])] for n in range(count)])


def picked_freely(given: Sequence[Any], places: Iterable[Sequence[Any]]) -> Iterator[Any]:
    """Choices of a number of items that is only known at run time."""
    for row in places:
        yield tuple([given[int(place)] for place in row])


def largest(first: Any, *others: Any) -> Any:
    """`max` of objects that say themselves what `>` is."""
    best = first
    for other in others:
        if other > best:  # noqa: PLR1730 -- this is what `max` is
            best = other
    return best


def smallest(first: Any, *others: Any) -> Any:
    """`min` of objects that say themselves what `<` is."""
    best = first
    for other in others:
        if other < best:  # noqa: PLR1730
            best = other
    return best


def zipped_strictly(lengths: tuple[int, ...], *parts: Any) -> Iterator[Any]:
    """`zip(*parts, strict=True)` of parts of these lengths."""
    yield from zip(*parts, strict=False)
    require_one_length(lengths)


def require_one_length(lengths: tuple[int, ...]) -> None:
    """Raise what `zip` raises where one of its arguments ends before the others."""
    least = min(lengths)
    at = lengths.index(least)
    if at:
        word = "shorter"
    elif max(lengths) > least:
        word, at = "longer", next(n for n, length in enumerate(lengths) if length > least)
    else:
        return
    raise ValueError(f"zip() argument {at + 1} is {word} than argument{f's 1-{at}' if at > 1 else ' 1'}")
