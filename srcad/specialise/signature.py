"""Signatures: the abstract types of actual arguments, which decide the specialisation.

Lengths are not part of a signature, but for very small ones; which axes are equally long is: equal axes of direct array
arguments share a token.
"""
from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from srcad import trees
from srcad.errors import ArgumentError
from srcad.parts import Step
from srcad.ir.types import BOOL, BOTTOM, Array, Dim, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type, is_dict, join

_PYTHON = {bool: Scalar("bool"), int: Scalar("int"), float: Scalar("float"), complex: Scalar("complex")}
_LONG = 16  # a tuple of more items of one type is typed by its item
_DEEP = 6
_MOST_OBJECTS = 64
_MOST_KEYS = 1024  # of a dict that is differentiated; others stay opaque sooner
_SMALL = 4  # lengths up to this are part of the signature: displays have them too, 1 broadcasts, and loops over nothing have no trip


class Tokens:
    """Hands out one token per distinct axis length.

    `exact`: integers are part of the signature by value, as axes, orders and shapes that rules must know are.
    """

    def __init__(self, prefix: str = "n", *, exact: bool = False) -> None:
        self._prefix = prefix
        self.exact = exact
        self.inside: list[object] = []  # functions whose captured values are being looked at
        self._by_length: dict[int, Dim] = {n: Dim(f"={n}") for n in range(_SMALL + 1)}

    def dim(self, length: int) -> Dim:
        """The symbolic length for an axis."""
        if length not in self._by_length:
            self._by_length[length] = Dim(f"{self._prefix}{len(self._by_length)}")
        return self._by_length[length]


class Objects:
    """The objects of ordinary classes whose attributes are typed, each of them once and not too many: others stay opaque.

    In a value that is differentiated (`varied`) they are typed wherever they stand, as arrays are, and what cannot be typed is refused.
    """

    def __init__(self, *, varied: bool = False) -> None:
        self.varied = varied
        self._seen: dict[int, object] = {}

    def entered(self, value: object) -> bool:
        """Whether the attributes of an object are to be typed here."""
        known, full = id(value) in self._seen, len(self._seen) >= _MOST_OBJECTS
        if self.varied and full and not known:
            raise ArgumentError(f"a differentiated argument holds more than {_MOST_OBJECTS} objects", trees.BY_PARTS)
        if not self.varied and (known or full):
            return False
        self._seen[id(value)] = value
        return True

    def opaque(self, value: object) -> Opaque:
        """The type of a container whose items have none; refused where that hides what is differentiated."""
        if self.varied and isinstance(value, _CONTAINERS) and any(map(trees.is_float, _flat(value, _DEEPEST))):
            what = f"an object of class '{type(value).__name__}' in a differentiated argument"
            raise ArgumentError(f"{what} {_reason(value)}", trees.BY_PARTS)
        return Opaque(type(value))


_CONTAINERS = (dict, list, tuple, set, frozenset, deque)
_DEEPEST = 32


def _flat(value: object, depth: int) -> Iterator[object]:
    """The leaves of a container of any kind, as far as it is not too deep."""
    if not isinstance(value, _CONTAINERS):
        yield value
    elif depth:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _flat(item, depth - 1)


def _reason(value: object) -> str:
    """Why a container cannot be typed."""
    if is_dict(type(value)):
        return f"has keys that are no strings or integers, or more than {_MOST_KEYS} of them"
    return "stands too deep in it" if type(value) in (list, tuple) else "is no ordinary container"


def type_of(value: object, tokens: Tokens | None = None, depth: int = 0, objects: Objects | None = None) -> Type:
    """The type of an actual value; without `tokens` array lengths are unknown, without `objects` those of classes are opaque."""
    cls = type(value)
    if cls in _PYTHON:
        return _PYTHON[cls]
    if isinstance(value, np.generic):
        return NpScalar(value.dtype.name) if value.dtype.kind in "biufc" else Opaque(cls)
    if cls is np.ndarray:
        array: np.ndarray[Any, Any] = value  # type: ignore[assignment]
        if array.dtype.kind not in "biufc" or (tokens is None and not array.dtype.isnative):
            return Opaque(cls)
        return Array(array.dtype.name, tuple(Dim("?") if tokens is None else tokens.dim(n) for n in array.shape))
    if depth > (_DEEPEST if objects is not None and objects.varied else _DEEP):
        return Opaque(cls) if objects is None else objects.opaque(value)
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
    if is_dict(cls):
        most = _MOST_KEYS if objects is not None and objects.varied else 4 * _LONG
        if len(value) > most or not all(type(k) in (str, int) for k in value):
            return Opaque(cls) if objects is None else objects.opaque(value)
        return Struct(cls, tuple(value), tuple(typed(v, tokens) for v in value.values()))
    if isinstance(value, tuple) and hasattr(cls, "_fields"):
        return Struct(cls, tuple(cls._fields), tuple(typed(v, tokens) for v in value))
    if dataclasses.is_dataclass(cls):
        names = tuple(f.name for f in dataclasses.fields(cls))
        return Struct(cls, names, tuple(typed(getattr(value, n), tokens) for n in names))
    if objects is not None and trees.is_plain(cls) and objects.entered(value):
        parts = trees.contents(value)
        return Struct(cls, tuple(parts), tuple(typed(item, tokens) for item in parts.values()))
    return Opaque(cls) if objects is None else objects.opaque(value)


def differentiated(value: object, tokens: Tokens) -> Type:
    """The type of a value that is differentiated.  Raises ArgumentError where it holds numbers that have no type of their own."""
    trees.require_tree(value)
    return type_of(value, tokens, 0, Objects(varied=True))


def type_along(value: Any, ways: Sequence[tuple[Step, ...]], tokens: Tokens, objects: Objects, *, varied: bool = False) -> Type:
    """The type of an argument whose structure is known along each of `ways`, through lists too.

    The parts that they lead to exist; `varied`: they are differentiated.
    """
    names = trees.attributes(value)
    items = [getattr(value, n) for n in names] if names else trees.children(value)
    if items is None or () in ways:
        return differentiated(value, tokens) if varied else type_of(value, tokens, 0, objects)
    if trees.is_plain(type(value)) and not objects.entered(value):
        return type_of(value, tokens, 0, objects)
    keys = tuple(names or (value if isinstance(value, dict) else ()))
    inner: list[Type] = []
    for n, item in enumerate(items):
        places = (keys[n], n - len(items), n) if keys else (n, n - len(items))
        wanted = [way[1:] for way in ways if way[0].key in places[: 1 if isinstance(value, dict) else None]]
        inner.append(type_along(item, wanted, tokens, objects, varied=varied) if wanted else type_of(item, tokens, 1, objects))
    return Struct(type(value), keys, tuple(inner))


def path_along(t: Type, steps: Sequence[Step]) -> tuple[int, ...]:
    """The numbers of the items that steps lead through in a type that `type_along` made."""
    path: list[int] = []
    for step in steps:
        assert isinstance(t, Struct)
        path.append(t.keys.index(step.key) if step.attribute or is_dict(t.cls) else int(step.key) % len(t.items))
        t = t.items[path[-1]]
    return tuple(path)


def _homogeneous(items: list[object] | tuple[object, ...], typed: Callable[[object, None], Type]) -> ListOf | None:
    """The list type where all items share one type that says something; None otherwise, and where there is none."""
    found: Type = BOTTOM
    for item in items:
        own = typed(item, None)
        if BOOL in (own, found) and found not in (own, BOTTOM):
            return None  # truth values among numbers are told apart
        found = join(found, own)
        if isinstance(found, Opaque) or _holds_objects(found):
            return None
    return ListOf(found) if items else None


def _holds_objects(t: Type) -> bool:
    """Whether a type is that of an object of an ordinary class, or of a container of known structure with one."""
    return isinstance(t, Struct) and (trees.is_plain(t.cls) or any(map(_holds_objects, t.items)))
