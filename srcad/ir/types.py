"""Types of IR values.

A type says what the compiler knows of a value before it exists: the Python or NumPy scalar class, or dtype, rank and
symbolic lengths of an array, or the structure of a container.  Types are immutable, hashable and compared by content.

`UNKNOWN` is legal everywhere; code about such values falls back on run-time helpers.
"""
from __future__ import annotations

import functools
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np


@dataclass(frozen=True, slots=True)
class Scalar:
    """A Python number: `kind` is bool, int, float or complex; `whole` for a number that may be bool or int, `real` for one that may be
    float or np.float64 besides.
    """

    kind: str


@dataclass(frozen=True, slots=True)
class NpScalar:
    """A NumPy scalar such as `np.float64(1.0)`."""

    dtype: str


@dataclass(frozen=True, slots=True)
class Dim:
    """The length of one axis, `max(token - less, 0)`; equal dims mean equal lengths, but the token `?` says nothing.

    The token `=3` is the length 3; tokens `n...` come from arguments and are above 1; tokens `~...` may be any length.
    """

    token: str
    less: int = 0

    @property
    def unknown(self) -> bool:
        """Whether nothing is known, not even equality with itself."""
        return self.token.startswith("?")

    @property
    def length(self) -> int | None:
        """The number where it is known."""
        return max(int(self.token[1:]) - self.less, 0) if self.token.startswith("=") else None


@dataclass(frozen=True, slots=True)
class Array:
    """An `np.ndarray`; a 0-d array has the empty shape."""

    dtype: str
    shape: tuple[Dim, ...]

    @property
    def ndim(self) -> int:
        """Rank."""
        return len(self.shape)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of any length whose items have one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple of any length whose items have one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class Struct:
    """A container of known structure: tuple, list, dict (keys in `keys`), dataclass or object (attribute names in `keys`)."""

    cls: type
    keys: tuple[object, ...]
    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Any other object; `cls` is its class where it is known.  It carries no derivative unless `cls` is None."""

    cls: type | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """An object of a class whose attributes are kept in lists: at run time the whole number of its place there.  Only the specialiser
    knows this type, and takes such objects for active; in typed IR they are of type `INT`.  `optional`: -1 stands for None.
    `exact`: the class of one of several that are known by numbers of one kind, where it is known.
    """

    cls: type
    optional: bool = False
    exact: type | None = None

    @property
    def kind(self) -> type:
        """The class, as far as it is known."""
        return self.exact or self.cls


@dataclass(frozen=True, slots=True)
class Residual:
    """What the forward half of a pair hands to its backward half."""

    pair: str


@dataclass(frozen=True, slots=True)
class Bottom:
    """The type of a value that does not exist on this path."""


Type: TypeAlias = Scalar | NpScalar | Array | ListOf | TupleOf | Struct | Opaque | Numbered | Residual | Bottom

BOOL, INT, FLOAT, COMPLEX = Scalar("bool"), Scalar("int"), Scalar("float"), Scalar("complex")
WHOLE = Scalar("whole")
REAL = Scalar("real")
STR = Opaque(str)
NONE = Opaque(type(None))
UNKNOWN = Opaque()
BOTTOM = Bottom()

_NAMES = re.compile(r"[%\w.@]+")
SEVERAL: dict[Type, tuple[type, ...]] = {WHOLE: (bool, int), REAL: (bool, int, float, np.float64)}
"""The classes of the numbers whose type does not tell it."""

_REALS = (BOOL, INT, WHOLE, FLOAT, REAL, NpScalar("float64"))


def dtype_kind(t: Type) -> str:
    """NumPy's one-letter kind (`b i u f c ...`) of a number or array, '' for the rest."""
    match t:
        case Scalar(kind):
            return {"bool": "b", "int": "i", "whole": "i", "float": "f", "real": "f", "complex": "c"}[kind]
        case NpScalar(dtype) | Array(dtype, _):
            return np.dtype(dtype).kind
    return ""


def is_scalar(t: Type) -> bool:
    """A Python or NumPy number (not a 0-d array)."""
    return isinstance(t, Scalar | NpScalar)


DICTS = (dict, OrderedDict)
"""The classes of dicts whose keys may be known while compiling."""

CONTAINERS = (tuple, list, *DICTS)
"""The classes of containers that displays make, or a call of one."""

KINDS: dict[str, type] = {c.__name__: c for c in CONTAINERS}
"""These classes by what `Pack` calls them."""


def is_dict(cls: object) -> bool:
    """Whether a container of known structure has keys."""
    return cls in DICTS


def is_number(t: Type) -> bool:
    """A scalar or an array of numbers."""
    return isinstance(t, Scalar | NpScalar | Array)


def may_carry_derivative(t: Type) -> bool:
    """Whether a value of this type can have a cotangent that is not zero."""
    match t:
        case Scalar() | NpScalar() | Array():
            return dtype_kind(t) in "fcO"
        case ListOf(item) | TupleOf(item):
            return may_carry_derivative(item)
        case Struct(_, _, items):
            return any(map(may_carry_derivative, items))
        case Opaque(cls):
            return cls is None
        case Numbered() | Residual():
            return True
    return False


def numbered_in(t: Type) -> frozenset[type]:
    """The classes of the objects that are known by number which a value is or holds."""
    match t:
        case Numbered(cls):
            return frozenset((cls,))
        case ListOf(item) | TupleOf(item):
            return numbered_in(item)
        case Struct(_, _, items):
            return frozenset[type]().union(*map(numbered_in, items))
    return frozenset()


def same_shape(a: Type, b: Type) -> bool:
    """Whether two numbers or arrays provably have equal shapes."""
    shape_a = a.shape if isinstance(a, Array) else () if is_scalar(a) else None
    shape_b = b.shape if isinstance(b, Array) else () if is_scalar(b) else None
    return shape_a is not None and shape_a == shape_b and not any(d.unknown for d in shape_a)


def with_tokens(t: Type, name: str) -> Type:
    """The type of the variable `name`: each unknown length of an array gets a token of its own, since one value has one shape."""
    if isinstance(t, Array) and any(d.unknown for d in t.shape):
        return Array(t.dtype, tuple(Dim(f"~{name}:{k}") if d.unknown else d for k, d in enumerate(t.shape)))
    return t


def without_tokens(t: Type) -> Type:
    """The type with all lengths unknown but for those that are numbers."""
    if isinstance(t, Array):
        return Array(t.dtype, tuple(d if d.token.startswith("=") else Dim("?") for d in t.shape))
    return t


def map_dims(t: Type, f: Callable[[Dim], Dim]) -> Type:
    """The type with `f` applied to every length of arrays in it."""
    match t:
        case Array(dtype, shape):
            return Array(dtype, tuple(map(f, shape)))
        case ListOf(item) | TupleOf(item):
            return type(t)(map_dims(item, f))
        case Struct(cls, keys, items):
            return Struct(cls, keys, tuple(map_dims(i, f) for i in items))
    return t


def forget_lengths(t: Type, names: set[str]) -> Type:
    """The type with lengths unknown that the values of these names tell: a value made with others of these names may have it too."""

    def dim(d: Dim) -> Dim:
        return Dim("?") if d.token.startswith("~") and not names.isdisjoint(_NAMES.findall(d.token)) else d

    return map_dims(t, dim)


def join(a: Type, b: Type) -> Type:
    """The least type that holds the values of both."""
    if b in (a, BOTTOM):
        return a
    if a == BOTTOM:
        return b
    if a in _REALS and b in _REALS:
        return WHOLE if {a, b} <= {BOOL, INT, WHOLE} else REAL
    match a, b:
        case Array(dtype, shape), Array(dtype_b, shape_b) if dtype == dtype_b and len(shape) == len(shape_b):
            return Array(dtype, tuple(x if x == y else Dim("?") for x, y in zip(shape, shape_b, strict=True)))
        case Numbered(cls, optional, exact), Numbered(other, optional_b, exact_b) if cls is other:
            return Numbered(cls, optional or optional_b, exact if exact is exact_b else None)
        case (ListOf(x), ListOf(y)):
            return ListOf(join(x, y))
        case (TupleOf(x), TupleOf(y)):
            return TupleOf(join(x, y))
        case (Struct(cls, _, items), ListOf(y)) | (ListOf(y), Struct(cls, _, items)) if cls is list:
            return ListOf(functools.reduce(join, items, y))
        case Struct(cls, keys, items), Struct(cls_b, keys_b, items_b) if (cls, keys, len(items)) == (cls_b, keys_b, len(items_b)):
            return Struct(cls, keys, tuple(map(join, items, items_b)))
    return UNKNOWN


def holds_one(t: Type) -> bool:
    """Whether a value is one real number, or an array that is known to hold one."""
    return dtype_kind(t) == "f" and (is_scalar(t) or (isinstance(t, Array) and all(d.length == 1 for d in t.shape)))


def holds_nothing(t: Type) -> bool:
    """Whether a value is a list, tuple or dict without any leaf, whose derivative is the same."""
    return isinstance(t, Struct) and t.cls in CONTAINERS and all(map(holds_nothing, t.items))
