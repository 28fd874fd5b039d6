"""What a pullback keeps, set apart from what anybody else holds: later writes must not reach it.

An array that was kept may be an argument, a captured or global array, an attribute of an object, something that a function of
the user's handed out, or a view of one of these.  No list of places tells all of them; the number of references does: what the
forward sweep made and nobody else holds is referred to by what is kept alone.
"""
from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np


def snapshot(kept: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the forward sweep kept, with copies of the arrays whose memory somebody else can reach; the outer tuple is its own."""
    known: dict[int, _Counted] = {}
    for item in kept:
        _count(item, known)
    alone = _references(_Counted(object()))
    outside = {key for key, counted in known.items() if _references(counted) - counted.inside > alone}
    shared: set[int] = set()
    for item in kept:
        shared.update(_shared(item, outside, reached=False))
    return tuple(_apart(item, shared) for item in kept)


class _Counted:
    """A container or an array, and how many references to it stand in what is kept."""

    __slots__ = ("inside", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.inside = 0


def _references(counted: _Counted) -> int:
    """How many references there are, with those of this look."""
    return sys.getrefcount(counted.value)


def _count(value: Any, known: dict[int, _Counted]) -> None:
    if not isinstance(value, np.ndarray | tuple | list | dict):
        return
    first = id(value) not in known
    known.setdefault(id(value), _Counted(value)).inside += 1
    if first:
        for item in (value.base,) if isinstance(value, np.ndarray) else _items(value):
            _count(item, known)


def _shared(value: Any, outside: set[int], *, reached: bool) -> Iterator[int]:
    """The arrays that own memory which is reached from outside; `reached`: what holds the value is."""
    reached = reached or id(value) in outside
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
            reached = reached or id(value) in outside
        if reached or value.base is not None:  # memory of something that is no array: a buffer, a file
            yield id(value)
    elif isinstance(value, tuple | list | dict):
        for item in _items(value):
            yield from _shared(item, outside, reached=reached)


def _apart(value: Any, shared: set[int]) -> Any:
    """The value with copies of shared arrays, in containers of its own."""
    if isinstance(value, np.ndarray):
        return value.copy() if _owner(value) in shared else value
    if type(value) is tuple:
        return tuple(_apart(v, shared) for v in value)
    if type(value) is list:
        return [_apart(v, shared) for v in value]
    if type(value) in (dict, OrderedDict):
        return type(value)((k, _apart(v, shared)) for k, v in value.items())
    return value


def _owner(array: np.ndarray[Any, Any]) -> int:
    """The identity of the array at the end of a chain of views."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return id(array)


def _items(value: Any) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value)
