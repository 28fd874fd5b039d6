"""Questions that types answer: `np.iterable`, `np.issubdtype`, `np.iscomplexobj` and their like, answered while compiling.

NumPy itself answers, on a small value of each argument's type.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir.types import CONTAINERS, Array, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type
from srcad.ops import table
from srcad.ops.infer import NoDummy, dummy, named_dtype, type_of
from srcad.specialise import operations
from srcad.specialise.kinds import is_object
from srcad.specialise.values import Dyn, RangeVal, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Form = Callable[["Engine", list[Value], dict[str, Value]], "Value | None"]
_ATTRIBUTES = ("kind", "char", "name", "num", "itemsize", "type")
"""What a dtype says whatever its byte order is."""


def dtype_attribute(value: Dyn, name: str) -> Value | None:
    """An attribute of a dtype whose class is known; None where run time tells."""
    dtype = named_dtype(value.type)
    if dtype is None or name not in _ATTRIBUTES:
        return None
    return Static(dtype.type, f"numpy:{dtype.type.__name__}") if name == "type" else Static(getattr(dtype, name))


def example(value: Value) -> Any:
    """A value of the argument's type; NoDummy where its type does not tell what it is."""
    match value:
        case Static(obj):
            return obj
        case Dyn(_, Scalar() | NpScalar() | Array()):
            return dummy(value.type)
        case Dyn(_, Opaque() as t) if named_dtype(t) is not None:
            return dummy(t)
        case Seq(cls, items) if cls in (tuple, list) and items:
            return cls(map(example, items))
    raise NoDummy


def _asked(function: Callable[..., Any]) -> Form:
    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        try:
            found = function(*map(example, args), **{k: example(v) for k, v in kwargs.items()})
        except Exception:  # noqa: BLE001 -- what cannot be told now is asked, or raised, at run time
            return None
        return Static(found) if type(found) in (bool, int) else None

    return form


def _iterable(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """Containers are, also those of unknown contents."""
    match args:
        case [Seq(cls)] if cls in (*CONTAINERS, set):
            return Static(True)
        case [RangeVal() | Dyn(_, ListOf() | TupleOf())]:
            return Static(True)
        case [Dyn(_, Struct(cls))] if cls in CONTAINERS:
            return Static(True)
    return _asked(np.iterable)(engine, args, kwargs)


def _is_scalar(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.isscalar`: objects are none, unless their class is one of numbers."""
    if len(args) == 1 and isinstance(args[0], Seq) and is_object(args[0]) and not issubclass(args[0].cls, numbers.Number):
        return Static(value=False)
    return _asked(np.isscalar)(engine, args, kwargs)


def _limits(function: Callable[..., Any]) -> Form:
    """`np.finfo(dtype)`, `np.iinfo(dtype)`: what the type of an attribute is, `limit_type` says."""

    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        spelling = table.by_object(function)
        try:
            known = function(*map(example, args))
        except Exception:  # noqa: BLE001 -- what cannot be told now is asked, or raised, at run time
            return None
        if kwargs or spelling is None:
            return None
        found = operations.apply(engine, spelling.op, args, [])
        return replace(found, known=known) if isinstance(found, Dyn) else found

    return form


def limit_type(value: Dyn, name: str) -> Type | None:
    """The type of an attribute of `np.finfo(dtype)` or `np.iinfo(dtype)`; None where run time tells."""
    limit = getattr(value.known, name, None) if isinstance(value.known, np.finfo | np.iinfo) else None
    return type_of(limit) if isinstance(limit, np.floating | int) else None


_BY_TYPE: tuple[Any, ...] = (np.iscomplexobj, np.isrealobj, np.ndim, np.issubdtype, np.can_cast, getattr(np, "isdtype", None))
FORMS: dict[Any, Form] = {
    np.iterable: _iterable, np.isscalar: _is_scalar, issubclass: _asked(issubclass), **{f: _asked(f) for f in _BY_TYPE if f is not None},
    np.finfo: _limits(np.finfo), np.iinfo: _limits(np.iinfo),
}  # fmt: skip
"""How a call of each of these is interpreted."""
