"""What a program asks about names: the parameters of a function, sets of known keys, texts of literals.

accepted = set(kwargs) & set(inspect.signature(f).parameters)      is known while compiling, if f and the keys of kwargs are
"""
from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.specialise import items, sets, texts
from srcad.specialise.kinds import is_object
from srcad.specialise.values import Seq, Static, Value, container, is_literal

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Form = Callable[["Engine", list[Value], dict[str, Value]], "Value | None"]
_SETS: dict[str, Callable[[Any, Any], Any]] = {"sub": operator.sub, "and_": operator.and_, "or_": operator.or_, "xor": operator.xor}


class Parameters:
    """Stands for an `inspect.Signature`: its attribute `parameters` is a dict of known structure."""


def _signature(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`inspect.signature(f)` of a known function."""
    if len(args) != 1 or kwargs or not isinstance(args[0], Static):
        return None
    try:
        found = inspect.signature(args[0].value).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):  # the program raises it, at run time
        return None
    return container(Parameters, (container(dict, tuple(map(Static, found.values())), tuple(found)),), ("parameters",))


def _full(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`inspect.getfullargspec(f)` of a known function."""
    if len(args) != 1 or kwargs or not isinstance(args[0], Static):
        return None
    try:
        found = inspect.getfullargspec(args[0].value)
    except TypeError:
        return None
    return container(inspect.FullArgSpec, tuple(map(_listed, found)), inspect.FullArgSpec._fields)


def _listed(part: Any) -> Value:
    return container(list, tuple(map(Static, part))) if isinstance(part, list) else Static(part)


def _set(cls: type) -> Form:
    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        if not args:
            return container(cls, ())
        known = isinstance(args[0], Seq) and not is_object(args[0])
        values = _literals(items.known_items(engine, args[0])) if known else None
        if values is not None:
            return container(cls, tuple(map(Static, cls(values))))
        return sets.made(engine, args) if cls is set else None

    return form


def _literals(parts: tuple[Value, ...]) -> list[object] | None:
    """What literals are; None where others are among them."""
    found = [p.value for p in parts if isinstance(p, Static) and is_literal(p.value)]
    return found if len(found) == len(parts) else None


def on_sets(name: str, args: list[Value]) -> Value | None:
    """`a - b`, `a & b`, `a | b` and `a ^ b` of sets of literals; None for others."""
    sets = [a for a in args if isinstance(a, Seq) and a.cls in (set, frozenset)]
    known = [_literals(s.items) for s in sets]
    if name not in _SETS or len(sets) != 2 or known[0] is None or known[1] is None:
        return None
    first, second = sets[0].cls(known[0]), sets[1].cls(known[1])
    return container(sets[0].cls, tuple(map(Static, _SETS[name](first, second))))  # in the order in which Python goes over it


def _text(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`str(x)` of a literal, or of an object whose class says in Python what its text is."""
    if len(args) != 1 or kwargs:
        return None
    if isinstance(args[0], Static) and is_literal(args[0].value):
        return Static(str(args[0].value))
    return texts.of_object(engine, args[0])


def _where(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.where` of a mask alone says where it holds."""
    return engine.call(Static(np.nonzero, "numpy:nonzero"), args, {}) if len(args) == 1 and not kwargs else None


FORMS: dict[Any, Form] = {
    np.where: _where,
    inspect.signature: _signature, inspect.getfullargspec: _full, set: _set(set), frozenset: _set(frozenset), str: _text,
}  # fmt: skip
"""How a call of each of these is interpreted."""
