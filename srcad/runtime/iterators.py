"""Iterators as objects of Python classes, whose source is followed like that of any class."""
from __future__ import annotations

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
