"""Cotangents of containers: trees of lists, tuples, dicts and dataclasses, with None where no derivative is."""
from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from srcad import trees


def attributes(x: Any) -> list[str]:
    """The names of the attributes of an object, or of a namespace, which holds tangents of one; empty for others."""
    if type(x) in trees.LEAVES:  # most are; to tell that of others takes longer
        return []
    if isinstance(x, SimpleNamespace) or trees.is_loose(type(x)):
        return list(vars(x))
    named = trees.attributes(x)
    return [*named, *(k for k in trees.held(x) if k not in named)]


def object_like(primal: Any, **values: Any) -> Any:
    """An object of the class of another, with these attributes; no constructor runs, since it might refuse cotangents."""
    if isinstance(primal, SimpleNamespace):
        return SimpleNamespace(**values)
    return new_object(type(primal), **values)


def new_object(cls: type, /, **values: Any) -> Any:
    """An object of a class with these attributes, or a named tuple of these items; its constructor does not run again."""
    if issubclass(cls, tuple):
        return tuple.__new__(cls, values.values())
    found: Any = object.__new__(cls)
    trees.hold_all(found, values)
    return found


def map_items(function: Callable[..., Any], a: Any, *others: Any) -> Any:
    """The container or object `a` with its items replaced by what a function gives for them and for those of the others."""
    if isinstance(a, list):
        return [function(*items) for items in zip(a, *others, strict=True)]
    if isinstance(a, tuple):
        return rebuilt(a, [function(*items) for items in zip(a, *others, strict=True)])
    if isinstance(a, dict):
        return trees.with_children(a, [function(v, *(b[k] for b in others)) for k, v in a.items()])
    return map_object(function, a, None, *others)


def map_object(function: Callable[..., Any], a: Any, other: Any, *others: Any) -> Any:
    """The object `a` with its attributes replaced by what a function gives for them and for those of the others; `other` if it has none."""
    names = attributes(a)
    if not names:
        return other
    return object_like(a, **{k: function(getattr(a, k), *[getattr(b, k) for b in others]) for k in names})


_ZEROS: dict[type, Any] = {
    float: 0.0, np.float64: np.float64(0), int: 0.0, complex: 0j, bool: None, np.bool_: None, str: None, type(None): None,
}  # fmt: skip
"""Zeros of what is met often, by its class."""


def zeros_like(x: Any) -> Any:
    """Zero in the structure of `x`: 0.0 for a number, None for what carries no derivative."""
    if type(x) in _ZEROS:
        return _ZEROS[type(x)]
    if isinstance(x, np.ndarray):
        return np.zeros(x.shape, x.dtype if x.dtype.kind in "fc" else np.float64)
    if isinstance(x, np.generic):
        return x.dtype.type(0) if x.dtype.kind in "fc" else 0.0
    if isinstance(x, int | float | complex):
        return 0j if isinstance(x, complex) else 0.0
    if isinstance(x, list | tuple | dict):
        return map_items(zeros_like, x)
    return map_object(zeros_like, x, None)


def zeros_part(x: Any, path: tuple[Any, ...]) -> Any:
    """Zero in the structure of a part of `x`, found by keys, numbers and attribute names; None where `x` is None."""
    for k in path:
        x = part_or_none(x, k)
    return zeros_like(x)


def part_or_none(x: Any, key: Any) -> Any:
    """The part of a container or object under a key, number or attribute name; None of None."""
    if x is None:
        return None
    return getattr(x, key) if isinstance(key, str) and not isinstance(x, dict) else x[key]


def zeros_list(x: Any, path: tuple[Any, ...]) -> Any:
    """As `zeros_part`, for a tuple: the list in which its cotangents are collected."""
    zeros = zeros_part(x, path)
    return None if zeros is None else list(zeros)


def is_zero(x: Any) -> bool:
    """Whether a cotangent of numbers, arrays, containers and objects is zero everywhere."""
    if isinstance(x, list | tuple | dict):
        return all(map(is_zero, x.values() if isinstance(x, dict) else x))
    if names := attributes(x):
        return all(is_zero(getattr(x, n)) for n in names)
    return x is None or not np.any(x)


def add_trees(a: Any, b: Any) -> Any:
    """The sum of two cotangents of one value, a new object."""
    if a is None or b is None:
        return b if a is None else a
    if type(a) in trees.LEAVES:
        return a + b
    if isinstance(a, SimpleNamespace):  # which most cotangents of objects are
        return SimpleNamespace(**{k: add_trees(v, getattr(b, k)) for k, v in vars(a).items()})
    if isinstance(a, list) and len(a) != len(b) and (is_zero(a) or is_zero(b)):  # of an item of a list that has got another length
        return b if is_zero(a) else a
    if isinstance(a, list | tuple | dict):
        return map_items(add_trees, a, b)
    found = map_object(add_trees, a, None, b)
    return a + b if found is None else found


def copy_tree(x: Any) -> Any:
    """A copy of a cotangent that shares no memory with it."""
    if type(x) in _ZEROS:
        return x
    if isinstance(x, np.ndarray) or (type(x) is list and set(map(type, x)) == {float}):
        return x.copy()
    return map_items(copy_tree, x) if isinstance(x, list | tuple | dict) else map_object(copy_tree, x, x)


def tree_like(c: Any, x: Any) -> Any:
    """The cotangent `c` of `np.asarray(x)` in the structure of `x`, a number or nested lists and tuples of numbers and arrays.

    Where a real item has become complex, beside others or by the dtype, its cotangent is the real part.
    """
    if isinstance(x, list):
        return [tree_like(c[k], v) for k, v in enumerate(x)]
    if isinstance(x, tuple):
        return rebuilt(x, [tree_like(c[k], v) for k, v in enumerate(x)])
    if np.iscomplexobj(c) and not np.iscomplexobj(x):
        c = np.real(c)
    if isinstance(x, np.ndarray):
        return c
    return c.item() if isinstance(c, np.generic | np.ndarray) and not isinstance(x, np.generic) else c


def rebuilt(like: tuple[Any, ...], items: list[Any]) -> tuple[Any, ...]:
    """A tuple of the class of another; no constructor runs, since it might want more than the items."""
    return tuple.__new__(type(like), items) if hasattr(like, "_fields") else tuple(items)


def keyed(places: dict[Any, int], slots: list[Any]) -> dict[Any, Any]:
    """The dict whose values stand in `slots`, each where `places` says; its keys are in their order."""
    return {key: slots[n] for key, n in places.items()}


def in_slots(g: Any, places: dict[Any, int], slots: list[Any]) -> list[Any]:
    """The cotangent of `slots` from that of the dict that `keyed` makes of them; zero for values that were replaced."""
    found = [zeros_like(v) for v in slots]
    for key, n in places.items():
        if g is not None and g.get(key) is not None:
            found[n] = g[key]
    return found


def fold_repeats(g: Any, like: Any) -> list[Any]:
    """The cotangent of `x` from that of `x * n`: the repeats added up, item by item; `like` is x."""
    size = len(like)
    found = [zeros_like(v) for v in like]
    for k, item in enumerate(g):
        found[k % size] = add_trees(found[k % size], item)
    return found
