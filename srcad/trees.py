"""Values of nested lists, tuples, dicts, named tuples, dataclasses and objects, taken apart into leaves and put together again."""
from __future__ import annotations

import abc
import copy
import dataclasses
import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import numpy as np

from srcad.errors import ArgumentError


_T = TypeVar("_T")


def attributes(value: Any) -> list[str]:
    """The names of the data attributes of a named tuple, dataclass or object of an ordinary class, in order; empty for others."""
    if isinstance(value, type):
        return []
    if isinstance(value, tuple):
        return list(getattr(value, "_fields", ()))
    declared = _fields(type(value))
    if declared is not None:
        return list(declared)
    return held(value) if is_plain(type(value)) else []


def contents(value: Any) -> dict[str, Any]:
    """What an object of an ordinary class holds, by name, past properties of these names."""
    own = vars(value) if type(value).__dictoffset__ else {}
    return {name: own[name] if name in own else getattr(value, name) for name in held(value)}


def has_attribute(value: Any, name: str) -> bool:
    """Whether a value has a data attribute that can be differentiated."""
    return name in attributes(value)


def _once(question: Callable[[type], _T]) -> Callable[[type], _T]:
    """The answer about a class, found once."""
    return functools.lru_cache(maxsize=1024)(question)


@_once
def _fields(cls: type) -> tuple[str, ...] | None:
    """The names of the fields of a dataclass; None for other classes."""
    return tuple(f.name for f in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else None


@_once
def is_loose(cls: type) -> bool:
    """Whether objects of a class hold what is in their dict and nothing else."""
    return is_plain(cls) and cls.__dictoffset__ != 0 and not _slots(cls) and not dataclasses.is_dataclass(cls)


@_once
def is_plain(cls: type) -> bool:
    """Whether a class is written in Python and its objects keep attributes, in a dict or in slots, as ordinary and abstract classes do.

    Classes with slots of the standard library (`Path`, `Fraction`) are none: their objects are values.
    """
    slotted = bool(_slots(cls))
    return is_written(cls) and (not slotted or not _is_standard(cls)) and (slotted or cls.__dictoffset__ != 0)


def _is_standard(cls: type) -> bool:
    """Whether slots of a class come from the standard library."""
    from_there = (base for base in cls.__mro__[:-1] if base.__module__.partition(".")[0] in sys.stdlib_module_names)
    return any(isinstance(v, types.MemberDescriptorType) for base in from_there for v in vars(base).values())


@_once
def is_written(cls: type) -> bool:
    """Whether a class is written in Python, and so are its bases: its objects hold what is in their dict and in their slots."""
    bases = cls.__mro__[:-1]
    reads_plainly = inspect.getattr_static(cls, "__getattribute__") is object.__getattribute__
    return bool(bases) and all(base.__flags__ & _HEAP for base in bases) and reads_plainly and type(cls) in (type, abc.ABCMeta)


def held(value: Any) -> list[str]:
    """The names of all that an object of a class written in Python holds, slots first; empty for others."""
    cls = type(value)
    if not is_written(cls):
        return []
    return [*(k for k in _slots(cls) if hasattr(value, k)), *(vars(value) if cls.__dictoffset__ else ())]


@_once
def _slots(cls: type) -> tuple[str, ...]:
    """The attributes of objects of a class that `__slots__` of it or of its bases name."""
    return tuple(k for base in reversed(cls.__mro__[:-1]) for k, v in vars(base).items() if isinstance(v, types.MemberDescriptorType))


_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: the class was made by a class statement, or by a call of `type`


LEAVES = (float, int, np.ndarray, np.float64)
"""Classes of leaves that are met often; whether others are leaves takes longer to tell."""


def children(value: Any, *, objects: bool = False) -> list[Any] | None:
    """The items of a container, in order; None for a leaf.  Objects of ordinary classes are leaves, but with `objects`."""
    if type(value) in LEAVES:
        return None
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, type):
        return None
    if dataclasses.is_dataclass(value):
        return [getattr(value, f.name) for f in dataclasses.fields(value)]
    return list(contents(value).values()) if objects and is_plain(type(value)) else None


def require_tree(value: Any, inside: tuple[int, ...] = ()) -> None:
    """Raise ArgumentError for a container or object that is in itself, objects of ordinary classes taken apart."""
    inner = children(value, objects=True)
    if inner is None:
        return
    if id(value) in inside:
        raise ArgumentError(f"a differentiated object of class '{type(value).__name__}' is in itself", BY_PARTS)
    for item in inner:
        require_tree(item, (*inside, id(value)))


BY_PARTS: Final = 'name the parts that are to be differentiated: argnums="model.layers[0].w"'


def leaves(value: Any, *, objects: bool = False) -> Iterator[Any]:
    """The leaves of a value, depth first."""
    inner = children(value, objects=objects)
    if inner is None:
        yield value
    else:
        for item in inner:
            yield from leaves(item, objects=objects)


def floats(value: Any, *, objects: bool = False) -> Iterator[Any]:
    """The leaves of a value that hold floating-point numbers."""
    return filter(is_float, leaves(value, objects=objects))


def rebuilt(value: Any, new: Iterator[Any], *, objects: bool = False) -> Any:
    """The container with other leaves, taken from `new` in the order of `leaves`; no constructor of a class runs."""
    inner = children(value, objects=objects)
    if inner is None:
        return next(new)
    return with_children(value, [rebuilt(item, new, objects=objects) for item in inner])


def with_children(value: Any, items: list[Any]) -> Any:
    """The container or object with other items, in the order of `children`."""
    if isinstance(value, dict):
        return _dict_like(value, dict(zip(value, items, strict=True)))
    if isinstance(value, list):
        return items
    if isinstance(value, tuple):
        return _named_tuple_like(value, items) if hasattr(value, "_fields") else tuple(items)
    made = object.__new__(type(value))
    for name, item in zip(attributes(value), items, strict=True):
        hold(made, name, item)
    return made


def _named_tuple_like(value: Any, items: list[Any]) -> Any:
    """A named tuple of the class of another; no constructor runs, since it might want more than the items, as those of `scipy.stats` do.

    What such a class holds beside the items is None: nothing is known of its derivative.
    """
    made = tuple.__new__(type(value), items)
    if type(value).__dictoffset__:
        vars(made).update(dict.fromkeys(vars(value)))
    return made


def _dict_like(value: dict[Any, Any], new: dict[Any, Any]) -> dict[Any, Any]:
    """A dict of the class of another, with what else that holds, and new values under its keys."""
    if type(value) is dict:
        return new
    made = copy.copy(value)
    for key, item in new.items():
        dict.__setitem__(made, key, item)
    return made


def hold_all(value: Any, items: dict[str, Any]) -> None:
    """Set what a new object holds, see `hold`."""
    if type(value).__dictoffset__ and not _slots(type(value)):
        vars(value).update(items)
    else:
        for name, item in items.items():
            hold(value, name, item)


def hold(value: Any, name: str, item: Any) -> None:
    """Set what an object holds, past a property of that name, which may want more than is there yet."""
    if type(value).__dictoffset__ and name not in _slots(type(value)):
        vars(value)[name] = item
    else:
        object.__setattr__(value, name, item)


def is_float(leaf: Any) -> bool:
    """Whether a leaf is a real or complex floating-point number or array."""
    if isinstance(leaf, float | complex):
        return True
    return isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in "fc"
