"""Cotangents of containers: trees of lists, tuples, dicts and dataclasses, with None where no derivative is."""
from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


def zeros_like(x: Any) -> Any:
    """Zero in the structure of `x`: 0.0 for a number, None for what carries no derivative."""
    if isinstance(x, np.ndarray):
        return np.zeros(x.shape, x.dtype if x.dtype.kind in "fc" else np.float64)
    if isinstance(x, bool | np.bool_):
        return None
    if isinstance(x, np.generic):
        return x.dtype.type(0) if x.dtype.kind in "fc" else 0.0
    if isinstance(x, int | float | complex):
        return 0j if isinstance(x, complex) else 0.0
    if isinstance(x, list):
        return [zeros_like(v) for v in x]
    if isinstance(x, tuple):
        return _rebuild(x, [zeros_like(v) for v in x])
    if isinstance(x, dict):
        return {k: zeros_like(v) for k, v in x.items()}
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return dataclasses.replace(x, **{f.name: zeros_like(getattr(x, f.name)) for f in dataclasses.fields(x) if f.init})
    return None


def zeros_part(x: Any, path: tuple[Any, ...]) -> Any:
    """Zero in the structure of a part of `x`, found by keys, numbers and attribute names; None where `x` is None."""
    for k in path:
        if x is None:
            return None
        x = getattr(x, k) if isinstance(k, str) and not isinstance(x, dict) else x[k]
    return zeros_like(x)


def is_zero(x: Any) -> bool:
    """Whether a cotangent of numbers, arrays, lists and tuples is zero everywhere."""
    if isinstance(x, list | tuple):
        return all(map(is_zero, x))
    return x is None or not np.any(x)


def add_trees(a: Any, b: Any) -> Any:
    """The sum of two cotangents of one value, a new object."""
    if a is None or b is None:
        return b if a is None else a
    if isinstance(a, list):
        if len(a) != len(b) and is_zero(a):  # what an item of a list was before it got longer
            return b
        return [add_trees(x, y) for x, y in zip(a, b, strict=True)]
    if isinstance(a, tuple):
        return _rebuild(a, [add_trees(x, y) for x, y in zip(a, b, strict=True)])
    if isinstance(a, dict):
        return {k: add_trees(v, b[k]) for k, v in a.items()}
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        names = [f.name for f in dataclasses.fields(a) if f.init]
        return dataclasses.replace(a, **{n: add_trees(getattr(a, n), getattr(b, n)) for n in names})
    return a + b


def copy_tree(x: Any) -> Any:
    """A copy of a cotangent that shares no memory with it."""
    if isinstance(x, np.ndarray):
        return x.copy()
    if isinstance(x, list):
        return [copy_tree(v) for v in x]
    if isinstance(x, tuple):
        return _rebuild(x, [copy_tree(v) for v in x])
    if isinstance(x, dict):
        return {k: copy_tree(v) for k, v in x.items()}
    return x


def tree_like(c: Any, x: Any) -> Any:
    """The cotangent `c` of `np.asarray(x)` in the structure of `x`, a number or nested lists and tuples of numbers and arrays.

    Where a real item has become complex, beside others or by the dtype, its cotangent is the real part.
    """
    if isinstance(x, list):
        return [tree_like(c[k], v) for k, v in enumerate(x)]
    if isinstance(x, tuple):
        return _rebuild(x, [tree_like(c[k], v) for k, v in enumerate(x)])
    if np.iscomplexobj(c) and not np.iscomplexobj(x):
        c = np.real(c)
    if isinstance(x, np.ndarray):
        return c
    return c.item() if isinstance(c, np.generic | np.ndarray) and not isinstance(x, np.generic) else c


def _rebuild(like: tuple[Any, ...], items: list[Any]) -> tuple[Any, ...]:
    return type(like)(*items) if hasattr(like, "_fields") else tuple(items)


def fold_repeats(g: Any, like: Any) -> list[Any]:
    """The cotangent of `x` from that of `x * n`: the repeats added up, item by item; `like` is x."""
    size = len(like)
    found = [zeros_like(v) for v in like]
    for k, item in enumerate(g):
        found[k % size] = add_trees(found[k % size], item)
    return found
