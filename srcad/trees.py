"""Values of nested lists, tuples, dicts, named tuples and dataclasses, taken apart into leaves and put together again."""
from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np


def children(value: Any) -> list[Any] | None:
    """The items of a container, in order; None for a leaf."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, f.name) for f in dataclasses.fields(value)]
    return None


def leaves(value: Any) -> Iterator[Any]:
    """The leaves of a value, depth first."""
    inner = children(value)
    if inner is None:
        yield value
    else:
        for item in inner:
            yield from leaves(item)


def rebuilt(value: Any, new: Iterator[Any]) -> Any:
    """The container with other leaves, taken from `new` in the order of `leaves`; no constructor of a dataclass runs."""
    inner = children(value)
    if inner is None:
        return next(new)
    items = [rebuilt(item, new) for item in inner]
    if isinstance(value, dict):
        return dict(zip(value, items, strict=True))
    if isinstance(value, list):
        return items
    if isinstance(value, tuple):
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    made = object.__new__(type(value))
    for field, item in zip(dataclasses.fields(value), items, strict=True):
        object.__setattr__(made, field.name, item)
    return made


def is_float(leaf: Any) -> bool:
    """Whether a leaf is a real or complex floating-point number or array."""
    if isinstance(leaf, float | complex):
        return True
    return isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in "fc"
