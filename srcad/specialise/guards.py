"""Guards: what compiled code assumes of globals and captured variables."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from srcad.ir.types import Type


@dataclass(frozen=True, slots=True)
class Guard:
    """A global or cell that the compiled code relies on: `read()` must still have this type, or this very value."""

    read: Callable[[], object]
    type: Type | None
    value: object = None
