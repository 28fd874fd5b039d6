"""Signatures: the abstract types of actual arguments, which decide the specialisation.

Lengths are not part of a signature, but for very small ones; which axes are equally long is: equal axes of direct array
arguments share a token.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.ir.types import BOTTOM, Array, Dim, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type, join

_PYTHON = {bool: Scalar("bool"), int: Scalar("int"), float: Scalar("float"), complex: Scalar("complex")}
_LONG = 16  # a tuple of more items of one type is typed by its item
_DEEP = 6
_SMALL = 4  # lengths up to this are part of the signature: displays have them too, and length 1 broadcasts


class Tokens:
    """Hands out one token per distinct axis length."""

    def __init__(self, prefix: str = "n") -> None:
        self._prefix = prefix
        self._by_length: dict[int, Dim] = {n: Dim(f"={n}") for n in range(1, _SMALL + 1)}

    def dim(self, length: int) -> Dim:
        """The symbolic length for an axis."""
        if length not in self._by_length:
            self._by_length[length] = Dim(f"{self._prefix}{len(self._by_length)}")
        return self._by_length[length]


def type_of(value: object, tokens: Tokens | None = None, depth: int = 0) -> Type:
    """The type of an actual value; without `tokens` array lengths are unknown."""
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
    return _type_of_container(value, tokens, depth)


def _type_of_container(value: Any, tokens: Tokens | None, depth: int) -> Type:
    cls = type(value)

    def typed(item: object, tokens: Tokens | None) -> Type:
        return type_of(item, tokens, depth + 1)

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
    return Opaque(cls)


def _homogeneous(items: list[object] | tuple[object, ...], typed: Callable[[object, None], Type]) -> ListOf | None:
    """The list type where all items share one type that says something; None otherwise, and where there is none."""
    found: Type = BOTTOM
    for item in items:
        found = join(found, typed(item, None))
        if isinstance(found, Opaque):
            return None
    return ListOf(found) if items else None
