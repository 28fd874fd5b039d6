"""Values of nested lists, tuples, dicts, named tuples, dataclasses and objects, taken apart into leaves and put together again."""
from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np


def attributes(value: Any) -> list[str]:
    """The names of the data attributes of a named tuple, dataclass or object of an ordinary class, in order; empty for others."""
    if isinstance(value, type):
        return []
    if isinstance(value, tuple):
        return list(getattr(value, "_fields", ()))
    if dataclasses.is_dataclass(value):
        return [f.name for f in dataclasses.fields(value)]
    return list(vars(value)) if is_plain(type(value)) else []


def has_attribute(value: Any, name: str) -> bool:
    """Whether a value has a data attribute that can be differentiated."""
    return name in attributes(value)


def is_plain(cls: type) -> bool:
    """Whether a class is written in Python and keeps the attributes of its objects in a dict, as ordinary classes do."""
    bases = cls.__mro__[:-1]
    python = all(base.__flags__ & _HEAP and "__slots__" not in vars(base) for base in bases)
    reads_plainly = inspect.getattr_static(cls, "__getattribute__") is object.__getattribute__
    return bool(bases) and python and cls.__dictoffset__ != 0 and reads_plainly and type(cls) is type


_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: the class was made by a class statement, or by a call of `type`


def children(value: Any) -> list[Any] | None:
    """The items of a container, in order; None for a leaf.  Objects of ordinary classes are leaves."""
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
