"""What `copy.deepcopy` makes of lists.  Neither function is called: their source is followed."""
from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any


def copied_items(items: Iterable[Any]) -> list[Any]:
    """`copy.deepcopy` of a list that holds nothing twice."""
    return [copy.deepcopy(item) for item in items]


def copied_objects(items: Iterable[Any], firsts: list[int]) -> list[Any]:
    """`copy.deepcopy` of a list of objects; `firsts`: for each of them, which of the different ones it is."""
    copies: list[Any] = []
    made: list[Any] = []
    for item, first in zip(items, firsts, strict=False):
        if first == len(made):
            made.append(copy.deepcopy(item))
        copies.append(made[first])
    return copies
