"""What the makers of functions in `operator` make, in Python.  None of these is called: their source is followed."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any


def item_getter(key: Any, *more: Any) -> Callable[[Any], Any]:
    """`operator.itemgetter(key, *more)`."""
    if len(more) == 0:
        return lambda obj: obj[key]
    keys = (key, *more)
    return lambda obj: tuple([obj[k] for k in keys])


def attribute_getter(name: str, *more: str) -> Callable[[Any], Any]:
    """`operator.attrgetter(name, *more)`."""
    if len(more) == 0:
        return lambda obj: reached(obj, name)
    names = (name, *more)
    return lambda obj: tuple([reached(obj, n) for n in names])


def reached(obj: Any, path: str) -> Any:
    """The attribute of an attribute that a dotted name leads to."""
    for name in path.split("."):
        obj = getattr(obj, name)
    return obj


def method_caller(name: str, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """`operator.methodcaller(name, *args, **kwargs)`."""
    return lambda obj: getattr(obj, name)(*args, **kwargs)
