"""Linear maps that generated code is given: pullbacks and pushforwards that were made outside of it."""
from __future__ import annotations

from typing import Any


def apply_map(given: tuple[Any, ...], linear: Any) -> Any:
    """The map of some differentiated arguments."""
    linear.require_linear()
    return linear(*given)


def apply_transposed(given: Any, linear: Any) -> tuple[Any, ...]:
    """The transposed map of a cotangent of its result: one for each of its arguments, of their structures and shapes."""
    found: tuple[Any, ...] = linear.transposed(given)
    return found
