"""Calls that stand for statements or displays: `operator.setitem(x, i, v)`, `x.__setitem__(i, v)`, `operator.iadd(x, y)`, `fromkeys`."""
from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir.core import AUGMENTED
from srcad.runtime import tables
from srcad.specialise import containers, items, operations, streams, writes
from srcad.specialise.values import Dyn, Seq, Static, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcad.specialise.engine import Engine

    Form = Callable[[Engine, list[Value], dict[str, Value]], Value | None]

_NONE = Static(None)


def _set_item(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    if len(args) != 3 or kwargs:
        return None
    writes.set_item(engine, *args)
    return _NONE


def _delete_item(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    if len(args) != 2 or kwargs:
        return None
    containers.delete_item(engine, *args)
    return _NONE


def _get_item(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    return None if len(args) != 2 or kwargs else items.get(engine, *args)


def _in_place(name: str) -> Form:
    def run(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        return None if len(args) != 2 or kwargs else operations.operator_(engine, name, args)

    return run


def _from_keys(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    return streams.written(engine, tables.with_keys, args) if args and not kwargs else None


_ITEMS: dict[str, Form] = {"__setitem__": _set_item, "__delitem__": _delete_item, "__getitem__": _get_item}
_AUGMENTED: dict[str, Form] = {name: _in_place(name) for name in AUGMENTED}

FORMS: dict[Any, Form] = {
    dict.fromkeys: _from_keys, operator.setitem: _set_item, operator.delitem: _delete_item, operator.getitem: _get_item,
    **{getattr(operator, name): form for name, form in _AUGMENTED.items()},
    **{getattr(cls, name): form for cls in (np.ndarray, list, dict) for name, form in _ITEMS.items()},
    **{getattr(np.ndarray, f"__{name}__"): form for name, form in _AUGMENTED.items()},
}  # fmt: skip
"""How a call of each of these is interpreted."""


def method(engine: Engine, self: Value, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`self.__setitem__(...)` and its like of arrays, lists and dicts; None for all others."""
    array = writes.is_array(self)
    form = _ITEMS.get(name) if array or isinstance(self, Seq | Dyn) else None
    if form is None and array:
        form = _AUGMENTED.get(name[2:-2])
    return None if form is None else form(engine, [self, *args], kwargs)
