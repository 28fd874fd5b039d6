"""How a corpus file lists its functions, and arrays to call them with."""
from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry:
    """A function with arguments, and what a check should know of it."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def args(self) -> tuple[Any, ...]:
        """Fresh arguments."""
        return copy.deepcopy(self.arguments)


@dataclass
class Cases:
    """The functions of one file, in order."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        """List a function; options are fields of `tests.property.agreement.Case`."""
        self.entries.append(Entry(function, arguments, options))

    def each(self, *rows: tuple[Any, ...], **options: Any) -> Callable[[_F], _F]:
        """A decorator that lists a function once for each row of arguments."""

        def listed(function: _F) -> _F:
            for row in rows:
                self.add(function, *row, **options)
            return function

        return listed


def vec(n: int, start: float = 0.3) -> np.ndarray:
    """n numbers of both signs, without ties."""
    return start + np.cos(1.7 * np.arange(n) + start) * (0.6 + 0.05 * np.arange(n))


def mat(rows: int, columns: int, start: float = 0.2) -> np.ndarray:
    """A matrix of such numbers."""
    return vec(rows * columns, start).reshape(rows, columns)
