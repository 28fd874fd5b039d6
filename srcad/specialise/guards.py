"""Guards: what compiled code assumes of globals and captured variables."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from srcad.ir.types import Type
from srcad.specialise.signature import type_of
from srcad.specialise.values import is_literal


@dataclass(frozen=True, slots=True)
class Guard:
    """A global or cell that the compiled code relies on: `read()` must still have this type, or this very value."""

    read: Callable[[], object]
    type: Type | None
    value: object = None

    def holds(self) -> bool:
        """Whether what was assumed is still so."""
        try:
            now = self.read()
        except (NameError, AttributeError, LookupError):
            return False  # the variable is gone
        if self.type is not None:
            return type_of(now) == self.type
        return now is self.value or (type(now) is type(self.value) and is_literal(now) and now == self.value)
