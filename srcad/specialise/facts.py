"""What is so of actual arguments, beside their types, where a function writes to them: what is read-only, and what is one array."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Facts:
    """`read_only`: parameters whose arrays cannot be written; `twins`: pairs of a parameter and the one whose array it is."""

    read_only: frozenset[int] = frozenset()
    twins: tuple[tuple[int, int], ...] = ()


NO_FACTS = Facts()


def facts_of(values: Sequence[Any], written: Sequence[int], differentiated: Iterable[int]) -> Facts:
    """The facts of actual arguments, of which the function writes to `written`."""
    read_only = frozenset(n for n in written if not values[n].flags.writeable)
    arrays = [n for n, v in enumerate(values) if isinstance(v, np.ndarray) and v.size]
    groups: list[list[int]] = []
    for n in arrays:
        group = next((g for g in groups if _is_same(values[g[0]], values[n])), None)
        if group is None:
            groups.append([n])
        else:
            group.append(n)
    wanted = set(differentiated)
    twins: list[tuple[int, int]] = []
    for group in groups:
        first = [n for n in group if n in wanted] or group
        if len(group) > 1 and any(n in written for n in group) and (first is group or len(first) == 1):
            twins.extend((n, first[0]) for n in group if n != first[0])
    return Facts(read_only, tuple(twins)) if read_only or twins else NO_FACTS


def _is_same(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> bool:
    """Whether two arrays are the same elements of memory in the same order."""
    if x is y:
        return True
    if x.shape != y.shape or x.strides != y.strides or x.dtype != y.dtype or not np.may_share_memory(x, y):
        return False
    return bool(x.__array_interface__["data"][0] == y.__array_interface__["data"][0])
