"""Signatures: the abstract types of actual arguments, which decide the specialisation.

Lengths are not part of a signature, but for very small ones; which axes are equally long is: equal axes of direct array
arguments share a token.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcad import trees
from srcad.parts import Step
from srcad.ir.types import BOTTOM, Array, Dim, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type, join

_PYTHON = {bool: Scalar("bool"), int: Scalar("int"), float: Scalar("float"), complex: Scalar("complex")}
_LONG = 16  # a tuple of more items of one type is typed by its item
_DEEP = 6
_MOST_OBJECTS = 64
_SMALL = 4  # lengths up to this are part of the signature: displays have them too, and length 1 broadcasts


class Tokens:
    """Hands out one token per distinct axis length.

    `exact`: integers are part of the signature by value, as axes, orders and shapes that rules must know are.
    """

    def __init__(self, prefix: str = "n", *, exact: bool = False) -> None:
        self._prefix = prefix
        self.exact = exact
        self._by_length: dict[int, Dim] = {n: Dim(f"={n}") for n in range(1, _SMALL + 1)}

    def dim(self, length: int) -> Dim:
        """The symbolic length for an axis."""
        if length not in self._by_length:
            self._by_length[length] = Dim(f"{self._prefix}{len(self._by_length)}")
        return self._by_length[length]


class Objects:
    """The objects of ordinary classes whose attributes are typed, each of them once and not too many: others stay opaque."""

    def __init__(self) -> None:
        self._seen: dict[int, object] = {}

    def is_new(self, value: object) -> bool:
        """Whether the attributes of an object are to be typed here."""
        if id(value) in self._seen or len(self._seen) >= _MOST_OBJECTS:
            return False
        self._seen[id(value)] = value
        return True


def type_of(value: object, tokens: Tokens | None = None, depth: int = 0, objects: Objects | None = None) -> Type:
    """The type of an actual value; without `tokens` array lengths are unknown, without `objects` those of classes are opaque."""
    cls = type(value)
    if cls in _PYTHON:
        return _PYTHON[cls]
    if isinstance(value, np.generic):
        return NpScalar(value.dtype.name) if value.dtype.kind in "biufc" else Opaque(cls)
    if cls is np.ndarray:
        array: np.ndarray[Any, Any] = value  # type: ignore[assignment]
        if array.dtype.kind not in "biufc":
            return Opaque(cls)
        return Array(array.dtype.name, tuple(Dim("?") if tokens is None else tokens.dim(n) for n in array.shape))
    if depth > _DEEP:
        return Opaque(cls)
    return _type_of_container(value, tokens, depth, objects)


def _type_of_container(value: Any, tokens: Tokens | None, depth: int, objects: Objects | None) -> Type:
    cls = type(value)

    def typed(item: object, tokens: Tokens | None) -> Type:
        return type_of(item, tokens, depth + 1, objects)

    if cls is list and objects is not None and len(value) <= _LONG and any(trees.is_plain(type(v)) for v in value):
        return Struct(cls, (), tuple(typed(v, tokens) for v in value))
    if cls is list:
        return _homogeneous(value, typed) or Struct(cls, (), tuple(typed(v, tokens) for v in value))
    if cls is tuple:
        whole = _homogeneous(value, typed) if len(value) > _LONG else None
        return TupleOf(whole.item) if isinstance(whole, ListOf) else Struct(cls, (), tuple(typed(v, tokens) for v in value))
    if cls is dict:
        if len(value) > 4 * _LONG or not all(type(k) in (str, int) for k in value):
            return Opaque(dict)
        return Struct(cls, tuple(value), tuple(typed(v, tokens) for v in value.values()))
    if isinstance(value, tuple) and hasattr(cls, "_fields"):
        return Struct(cls, tuple(cls._fields), tuple(typed(v, tokens) for v in value))
    if dataclasses.is_dataclass(cls):
        names = tuple(f.name for f in dataclasses.fields(cls))
        return Struct(cls, names, tuple(typed(getattr(value, n), tokens) for n in names))
    if objects is not None and trees.is_plain(cls) and objects.is_new(value):
        return Struct(cls, tuple(vars(value)), tuple(typed(item, tokens) for item in vars(value).values()))
    return Opaque(cls)


def type_along(value: Any, ways: Sequence[tuple[Step, ...]], tokens: Tokens, objects: Objects) -> Type:
    """The type of an argument whose structure is known along each of `ways`, through lists too.

    The parts that they lead to exist.
    """
    names = trees.attributes(value)
    items = [getattr(value, n) for n in names] if names else trees.children(value)
    if items is None or () in ways or (trees.is_plain(type(value)) and not objects.is_new(value)):
        return type_of(value, tokens, 0, objects)
    keys = tuple(names or (value if isinstance(value, dict) else ()))
    inner: list[Type] = []
    for n, item in enumerate(items):
        places = (keys[n], n - len(items), n) if keys else (n, n - len(items))
        wanted = [way[1:] for way in ways if way[0].key in places[: 1 if isinstance(value, dict) else None]]
        inner.append(type_along(item, wanted, tokens, objects) if wanted else type_of(item, tokens, 1, objects))
    return Struct(type(value), keys, tuple(inner))


def path_along(t: Type, steps: Sequence[Step]) -> tuple[int, ...]:
    """The numbers of the items that steps lead through in a type that `type_along` made."""
    path: list[int] = []
    for step in steps:
        assert isinstance(t, Struct)
        path.append(t.keys.index(step.key) if step.attribute or t.cls is dict else int(step.key) % len(t.items))
        t = t.items[path[-1]]
    return tuple(path)


def _homogeneous(items: list[object] | tuple[object, ...], typed: Callable[[object, None], Type]) -> ListOf | None:
    """The list type where all items share one type that says something; None otherwise, and where there is none."""
    found: Type = BOTTOM
    for item in items:
        found = join(found, typed(item, None))
        if isinstance(found, Opaque):
            return None
    return ListOf(found) if items else None
