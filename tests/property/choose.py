"""Where random choices come from: a seed (long runs, replay) or hypothesis."""
from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Source(Protocol):
    """A source of integers."""

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        ...


class FromSeed:
    """Choices from a plain seed: equal on every platform and Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        return int(self._random.random() * n)


class FromDraw:
    """Choices drawn by hypothesis."""

    def __init__(self, draw: Callable[[Any], Any], integers: Callable[..., Any]) -> None:
        self._draw, self._integers = draw, integers

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        return int(self._draw(self._integers(0, n - 1)))


class Choose:
    """Choices built on a source of integers."""

    def __init__(self, source: Source) -> None:
        self.below = source.below

    def between(self, low: int, high: int) -> int:
        """An integer in [low, high]."""
        return low + self.below(high - low + 1)

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.below(100) >= 100 - percent

    def weighted(self, items: Sequence[tuple[int, T]]) -> T:
        """One of the items, by weight."""
        mark = self.below(sum(weight for weight, _ in items))
        for weight, item in items:
            mark -= weight
            if mark < 0:
                return item
        raise AssertionError
