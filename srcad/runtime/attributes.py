"""Attributes that may not have been set, in Python.  None of these is called: their source is followed."""
from __future__ import annotations

from typing import Any


def attribute_or(is_set: bool, value: Any, default: Any) -> Any:
    """`getattr(obj, name, default)`."""
    if is_set:
        return value
    return default
