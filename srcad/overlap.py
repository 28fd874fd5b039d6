"""Arguments that share memory: derivatives know each argument by itself, so where one is written, no other may be part of it."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from srcad.errors import ArgumentError

_MOST_WORK = 10_000  # of NumPy's exact answer, in candidates; more counts as shared
_MUTABLE = (list, dict, set)


def check(values: Sequence[Any], written: frozenset[int], name: str) -> None:
    """Raise ArgumentError (SRC502) where what the function writes to may be reached through two of its arguments.

    `values`: what the generated function takes; `written`: the numbers of those that the primal changes.
    """
    arrays: list[tuple[int, np.ndarray[Any, Any]]] = []
    objects: dict[int, int] = {}
    for n, value in enumerate(values):
        for part in _parts(value, set()):
            if isinstance(part, np.ndarray):
                for m, other in arrays:
                    if (n in written or m in written) and shares(part, other):
                        raise _refusal(name, n, m)
                arrays.append((n, part))
                continue
            first = objects.setdefault(id(part), n)
            if first != n and (n in written or first in written):
                raise _refusal(name, n, first)


def shares(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Whether two arrays have an element in common, as far as can be told quickly."""
    if not np.may_share_memory(a, b):
        return False
    try:
        return np.shares_memory(a, b, max_work=_MOST_WORK)  # type: ignore[arg-type]  # the stubs know 0 and -1 only
    except np.exceptions.TooHardError:
        return True


def _parts(value: Any, seen: set[int]) -> Iterator[Any]:
    """The arrays of an argument, each as often as it is reached, and the lists and dicts."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (*_MUTABLE, tuple)) or hasattr(value, "__dict__"):
        if id(value) in seen or isinstance(value, type) or callable(value):
            return
        seen.add(id(value))
        if isinstance(value, _MUTABLE):
            yield value
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list | set) else vars(value).values()
        for item in inner:
            if not isinstance(item, int | float | str | complex):
                yield from _parts(item, seen)


def _refusal(name: str, n: int, m: int) -> ArgumentError:
    where = "one argument twice" if n == m else f"arguments {m} and {n}"
    return ArgumentError(f"'{name}' writes to an argument, and {where} may be the same memory", "pass a copy of one of them", code="SRC502")
