"""Functions of `heapq` and `bisect`, in Python.  None of these is called: their source is followed.

The order in which items are compared and moved is that of `heapq`, so that equal items come in its order.  Items change places, where
`heapq` keeps one apart: so their cotangents do, too.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from srcad.runtime.lists import place_for


def pushed(heap: list[Any], item: Any) -> None:
    """`heapq.heappush`."""
    heap.append(item)
    _rise(heap, 0, len(heap) - 1)


def popped(heap: list[Any]) -> Any:
    """`heapq.heappop`."""
    if len(heap) == 0:
        raise IndexError("index out of range")
    last = len(heap) - 1
    heap[0], heap[last] = heap[last], heap[0]
    least = heap.pop()
    _sink(heap, 0)
    return least


def replaced(heap: list[Any], item: Any) -> Any:
    """`heapq.heapreplace`."""
    if len(heap) == 0:
        raise IndexError("index out of range")
    least = heap[0]
    heap[0] = item
    _sink(heap, 0)
    return least


def pushed_and_popped(heap: list[Any], item: Any) -> Any:
    """`heapq.heappushpop`."""
    if len(heap) > 0 and heap[0] < item:
        least = heap[0]
        heap[0] = item
        _sink(heap, 0)
        return least
    return item


def arranged(heap: list[Any]) -> None:
    """`heapq.heapify`."""
    for at in range(len(heap) // 2 - 1, -1, -1):
        _sink(heap, at)


def _rise(heap: list[Any], top: int, at: int) -> None:
    """Move an item up to where what is above it is not larger."""
    while at > top:
        above = (at - 1) // 2
        if not heap[at] < heap[above]:
            break
        heap[at], heap[above] = heap[above], heap[at]
        at = above


def _sink(heap: list[Any], top: int) -> None:
    """Move an item down to the end, the smaller one below taking its place each time, and from there up again."""
    at, below = top, 2 * top + 1
    while below < len(heap):
        if below + 1 < len(heap) and not heap[below] < heap[below + 1]:
            below += 1
        heap[at], heap[below] = heap[below], heap[at]
        at, below = below, 2 * below + 1
    _rise(heap, top, at)


def sought_right(items: Any, x: Any, low: int = 0, high: int | None = None, *, key: Callable[..., Any] | None = None) -> int:
    """`bisect.bisect_right`."""
    return place_for(items if key is None else [key(item) for item in items], x, low, high, right=True)


def sought_left(items: Any, x: Any, low: int = 0, high: int | None = None, *, key: Callable[..., Any] | None = None) -> int:
    """`bisect.bisect_left`."""
    return place_for(items if key is None else [key(item) for item in items], x, low, high, right=False)


def put_right(items: list[Any], x: Any, low: int = 0, high: int | None = None, *, key: Callable[..., Any] | None = None) -> None:
    """`bisect.insort_right`."""
    keys, value = (items, x) if key is None else ([key(item) for item in items], key(x))
    items.insert(place_for(keys, value, low, high, right=True), x)


def put_left(items: list[Any], x: Any, low: int = 0, high: int | None = None, *, key: Callable[..., Any] | None = None) -> None:
    """`bisect.insort_left`."""
    keys, value = (items, x) if key is None else ([key(item) for item in items], key(x))
    items.insert(place_for(keys, value, low, high, right=False), x)


def smallest_items(n: int, items: Iterable[Any], key: Callable[..., Any] | None = None) -> list[Any]:
    """`heapq.nsmallest`."""
    return sorted(items, key=key)[: max(n, 0)]


def largest_items(n: int, items: Iterable[Any], key: Callable[..., Any] | None = None) -> list[Any]:
    """`heapq.nlargest`."""
    return sorted(items, key=key, reverse=True)[: max(n, 0)]
