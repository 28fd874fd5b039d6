"""Checks of what the compiler's analysis of storage takes for granted, in programs that are generated under `SRCAD_CHECK=1`."""
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, SupportsIndex

import numpy as np

from srcad.errors import InternalError

_WORK = 100_000  # NumPy may try so many places before an overlap counts as undecided


def fingerprint(value: object) -> object:
    """Equal for values with equal contents: arrays by their bytes, containers by their items; other objects count as unchanging."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.dtype.str, value.shape, hashlib.blake2b(np.ascontiguousarray(value).tobytes(), digest_size=16).digest()
    if isinstance(value, list | tuple):
        return tuple(map(fingerprint, value))
    if isinstance(value, dict):
        return tuple((k, fingerprint(v)) for k, v in value.items())
    return None


def require_unchanged(before: object, value: object, what: str) -> None:
    """Raise InternalError if the contents of a value are not those that `before` is the fingerprint of."""
    if fingerprint(value) != before:
        raise InternalError(f"{what} was changed although the reverse sweep still needs it", stage="guards")


def require_alone(written: object, *others: object) -> None:
    """Raise InternalError if an array that is about to be written shares memory with another one that is read later."""
    if any(_overlap(written, other) for other in others):
        raise InternalError("an array is written that shares memory with one that is read later", stage="guards")


def _overlap(written: object, other: object) -> bool:
    if not isinstance(written, np.ndarray) or not isinstance(other, np.ndarray):
        return False
    try:
        return np.shares_memory(written, other, max_work=_WORK)  # type: ignore[arg-type]  # NumPy's stubs know two of the numbers that it takes
    except np.exceptions.TooHardError:
        return False


class GuardedTape(list[Any]):
    """A tape that remembers the contents of what it is given, and compares them when it is read.  Raises InternalError."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[object] = []

    def append(self, record: object) -> None:
        """Put a record on the tape."""
        self._marks.append(fingerprint(record))
        super().append(record)

    def __getitem__(self, trip: SupportsIndex | slice) -> Any:
        record = super().__getitem__(trip)
        if not isinstance(trip, slice):
            require_unchanged(self._marks[trip], record, "what a tape holds")
        return record

    def __iter__(self) -> Iterator[Any]:
        return (self[n] for n in range(len(self)))

    def __reversed__(self) -> Iterator[Any]:
        return (self[n] for n in range(len(self) - 1, -1, -1))
