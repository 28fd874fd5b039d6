"""Dicts whose keys are computed, and other containers of `collections`, as classes in Python: their source is followed, none is made.

A dict with computed keys is a list of its values and an ordinary dict of where each key's value stands: only the list is differentiated.
The list keeps what is replaced, as a tape would.
"""
from __future__ import annotations

import collections
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from srcad.errors import ShapeMismatch


def places() -> dict[Any, int]:
    """A new dict of where values stand."""
    return {}


def places_of(keys: list[Any]) -> dict[Any, int]:
    """Where the values of keys stand: of a key that is there twice, the last one."""
    return {key: n for n, key in enumerate(keys)}


def same_places(given: dict[Any, int], own: dict[Any, int], where: str) -> None:
    """Raise ShapeMismatch where a tangent or cotangent of a dict has its values in other places, or of other keys, than the dict."""
    if given != own:
        raise ShapeMismatch(f"{where} is a dict that was filled in another order than its value, or under other keys",
                            "build it along the value: {k: ... for k in value}, and replace no item of either")  # fmt: skip


def place(table: dict[Any, int], key: Any) -> int:
    """Where the value of a key stands."""
    return table[key]


def shown(table: dict[Any, int]) -> list[Any]:
    """The keys as they are now."""
    return list(table)


class Table:
    """A dict with computed keys."""

    def __init__(self, where: dict[Any, int] | None = None, slots: list[Any] | None = None) -> None:
        self.places = places() if where is None else where
        self.slots: list[Any] = [] if slots is None else slots

    def __getitem__(self, key: Any) -> Any:
        return self.slots[place(self.places, key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.places[key] = len(self.slots)
        self.slots.append(value)

    def __delitem__(self, key: Any) -> None:
        del self.places[key]

    def __contains__(self, key: Any) -> bool:
        return key in self.places

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Any]:
        for key in list(self.places):  # noqa: UP028 -- a loop over what exists at run time only
            yield key

    def keys(self) -> list[Any]:
        """The keys, in the order in which they were put in."""
        return shown(self.places)

    def values(self) -> list[Any]:
        """The values, in the order of the keys."""
        return [self.slots[place(self.places, key)] for key in list(self.places)]

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Pairs of keys and values."""
        for key in list(self.places):
            yield key, self.slots[place(self.places, key)]

    def get(self, key: Any, default: Any = None) -> Any:
        """The value under a key, or the default."""
        return self.slots[place(self.places, key)] if key in self.places else default

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The value under a key, which is put in if there is none."""
        if key not in self.places:
            self.places[key] = len(self.slots)
            self.slots.append(default)
        return self.slots[place(self.places, key)]

    def update(self, other: Any = (), **named: Any) -> None:
        """Put in the items of another dict, or pairs."""
        for key, value in pairs(other):
            self[key] = value
        for name, value in named.items():
            self[name] = value

    def pop(self, key: Any, *default: Any) -> Any:
        """Take a value out."""
        if len(default) == 1 and key not in self.places:
            return default[0]
        value = self.slots[place(self.places, key)]
        del self.places[key]
        return value

    def popitem(self) -> tuple[Any, Any]:
        """Take the last item out."""
        if not self.places:
            raise KeyError("popitem(): dictionary is empty")
        key = list(self.places)[-1]
        return key, self.pop(key)

    def copy(self) -> Any:
        """Another dict with the same items."""
        return tabled(self.items())


class DefaultTable(Table):
    """`collections.defaultdict`."""

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.places = places()
        self.slots = []
        self.default_factory = factory

    def __getitem__(self, key: Any) -> Any:
        if key not in self.places:
            self.places[key] = len(self.slots)
            self.slots.append(self.default_factory())
        return self.slots[place(self.places, key)]

    def copy(self) -> Any:
        """Another dict with the same items, which makes new ones as this one does."""
        made = DefaultTable(self.default_factory)
        made.update(self)
        return made


class CountTable(Table):
    """`collections.Counter`, as a sum under each key."""

    def __getitem__(self, key: Any) -> Any:
        return self.slots[place(self.places, key)] if key in self.places else 0

    def __delitem__(self, key: Any) -> None:
        if key in self.places:
            del self.places[key]

    def update(self, other: Any = (), **named: Any) -> None:
        """Add the values of another dict, or 1 for each of some keys."""
        if hasattr(other, "items"):
            for key, value in other.items():
                self[key] = value + self.get(key, 0)
        else:
            for key in other:
                self[key] = self.get(key, 0) + 1
        for name, value in named.items():
            self[name] = value + self.get(name, 0)

    def subtract(self, other: Any = (), **named: Any) -> None:
        """Subtract the values of another dict, or 1 for each of some keys."""
        if hasattr(other, "items"):
            for key, value in other.items():
                self[key] = self.get(key, 0) - value
        else:
            for key in other:
                self[key] = self.get(key, 0) - 1
        for name, value in named.items():
            self[name] = self.get(name, 0) - value

    def most_common(self, n: int | None = None) -> list[tuple[Any, Any]]:
        """The items with the largest values, the largest first."""
        ordered = sorted(self.items(), key=lambda item: item[1], reverse=True)
        return ordered if n is None else ordered[:n]

    def total(self) -> Any:
        """The sum of the values."""
        return sum(self.values())

    def copy(self) -> Any:
        """Another one with the same items."""
        made = CountTable()
        made.update(self)
        return made


class OrderedTable(Table):
    """`collections.OrderedDict`."""

    def popitem(self, last: bool = True) -> tuple[Any, Any]:
        """Take the last item out, or the first."""
        if not self.places:
            raise KeyError("dictionary is empty")
        key = list(self.places)[-1 if last else 0]
        return key, self.pop(key)

    def move_to_end(self, key: Any, last: bool = True) -> None:
        """Put an item behind all others, or before them."""
        n = place(self.places, key)
        del self.places[key]
        self.places[key] = n
        if not last:
            for other in list(self.places)[:-1]:
                n = place(self.places, other)
                del self.places[other]
                self.places[other] = n

    def copy(self) -> Any:
        """Another dict with the same items."""
        return tabled_in_order(self.items())


def pairs(source: Any) -> Any:
    """What a dict can be made of, as pairs."""
    return source.items() if hasattr(source, "items") else source


def tabled(source: Any) -> Table:
    """The dict of pairs, or of another dict."""
    given = source if isinstance(source, list) else list(pairs(source))
    slots = [value for _, value in given]
    places = places_of([key for key, _ in given])
    return Table(places, slots)


def tabled_in_order(source: Any) -> OrderedTable:
    """The same as an OrderedDict."""
    given = source if isinstance(source, list) else list(pairs(source))
    slots = [value for _, value in given]
    places = places_of([key for key, _ in given])
    return OrderedTable(places, slots)


def with_keys(keys: Iterable[Any], value: Any = None) -> dict[Any, Any]:
    """`dict.fromkeys(keys, value)`."""
    return {key: value for key in keys}  # noqa: C420 -- this is what `dict.fromkeys` is


class Deque:
    """`collections.deque`."""

    def __init__(self, items: Any = (), maxlen: int | None = None) -> None:
        self.maxlen = maxlen
        self.queue: list[Any] = []
        for item in items:
            self.append(item)

    def append(self, item: Any) -> None:
        """Put an item behind the last; the first is dropped where there are too many."""
        self.queue.append(item)
        if self.maxlen is not None and len(self.queue) > self.maxlen:
            self.queue.pop(0)

    def appendleft(self, item: Any) -> None:
        """Put an item before the first; the last is dropped where there are too many."""
        self.queue.insert(0, item)
        if self.maxlen is not None and len(self.queue) > self.maxlen:
            self.queue.pop()

    def extend(self, items: Any) -> None:
        """Put items behind the last."""
        for item in list(self.queue) if items is self else items:
            self.append(item)

    def __iadd__(self, items: Any) -> Any:
        self.extend(items)
        return self

    def extendleft(self, items: Any) -> None:
        """Put items before the first, one after the other."""
        for item in items:
            self.appendleft(item)

    def pop(self) -> Any:
        """Take the last item out."""
        return self.queue.pop()

    def popleft(self) -> Any:
        """Take the first item out."""
        return self.queue.pop(0)

    def remove(self, item: Any) -> None:
        """Take the first item out that equals one."""
        if item not in self.queue:
            raise ValueError("deque.remove(x): x not in deque")
        self.queue.remove(item)

    def index(self, item: Any) -> int:
        """Where the first item stands that equals one."""
        return self.queue.index(item)

    def count(self, item: Any) -> int:
        """How many items equal one."""
        return self.queue.count(item)

    def insert(self, at: int, item: Any) -> None:
        """Put an item before another one."""
        if self.maxlen is not None and len(self.queue) == self.maxlen:
            raise IndexError("deque already at its maximum size")
        self.queue.insert(at, item)

    def copy(self) -> Any:
        """Another one with the same items."""
        return Deque(self.queue, self.maxlen)

    def rotate(self, steps: int = 1) -> None:
        """Move the last items to the front."""
        if len(self.queue) > 1:
            cut = -steps % len(self.queue)
            self.queue = self.queue[cut:] + self.queue[:cut]

    def clear(self) -> None:
        """Take all items out."""
        self.queue = []

    def reverse(self) -> None:
        """Turn the order round."""
        self.queue = self.queue[::-1]

    def __len__(self) -> int:
        return len(self.queue)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.queue)

    def __getitem__(self, at: Any) -> Any:
        return self.queue[at]

    def __setitem__(self, at: Any, item: Any) -> None:
        self.queue[at] = item

    def __delitem__(self, at: Any) -> None:
        del self.queue[at]


TABLES: dict[type, type[Table]] = {dict: Table, OrderedDict: OrderedTable}
"""The classes of dicts, each with that of such a dict whose keys are computed."""

STAND_FOR: dict[type, type] = {
    Table: dict, OrderedTable: OrderedDict, DefaultTable: collections.defaultdict, CountTable: collections.Counter,
    Deque: collections.deque,
}
"""Python's classes for which these stand."""
