"""Names that hold one of the same few functions or objects again and again: `state = b if v > 1.0 else state`, trip by trip.

Such choices are not put into each other without end: for each of the few but the last, a truth value says whether it is the one.
"""
from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from srcad.ir.nodes import Const, Var
from srcad.ir.types import BOOL
from srcad.specialise import choices
from srcad.specialise.memory import cells
from srcad.specialise.templates import children, leaves
from srcad.specialise.values import Choice, Closure, Dyn, Partial, Static, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcad.ir.nodes import Atom
    from srcad.specialise.engine import Engine
    from srcad.specialise.frames import Outcome
    from srcad.specialise.memory import Identity

Key = Hashable
_MOST = 8


def joined(
    engine: Engine, values: list[Value], paths: list[Outcome], condition: Dyn, is_local: Callable[[Identity, Outcome], bool],
    out: Callable[[list[Atom]], Var],
) -> Value | None:
    """One of a few functions or objects from before the paths, behind them; None where it may be another one."""
    found: dict[Key, Value] = {}
    for value, path in zip(values, paths, strict=True):
        few = _ends(value, path, is_local)
        if few is None:
            return None
        for key, end in few.items():
            found.setdefault(key, end)
    if len(found) > _MOST:
        return None
    *first, (_, chosen) = found.items()
    columns = [[_is_at(engine, key, v, p) for v, p in zip(values, paths, strict=True)] for key, _ in first]
    for column, (_, end) in reversed([*zip(columns, first, strict=True)]):
        same = column == [Const(True), Const(False)]
        chosen = Choice(condition if same else Dyn(out(column), BOOL), end, chosen)
    return chosen


def _ends(value: Value, path: Outcome, is_local: Callable[[Identity, Outcome], bool]) -> dict[Key, Value] | None:
    """The functions or objects that a value may be at the end of a path, each as it was when it was first seen."""
    if isinstance(value, Choice):
        known = path.memory.told.get(value.condition.atom) if isinstance(value.condition, Dyn) else None
        options = (value.first, value.second) if known is None else (value.first if known else value.second,)
        few = [_ends(o, path, is_local) for o in options]
        return None if None in few else {key: end for f in few if f is not None for key, end in f.items()}
    ident = path.memory.identity(value)
    held: list[Identity] = [*cells(value), *(leaf.atom for leaf in leaves(value) if isinstance(leaf.atom, Var))]
    inside = held if ident is None else [ident]
    if any(is_local(i, path) for i in inside) or not (choices.of_containers(value) or choices.is_code(value)):
        return None
    first = path.memory.original(value) if ident is None else path.memory.first_seen(ident, value)
    return {_key(value, path): first}


def _key(value: Value, path: Outcome) -> Key:
    """What is equal for two values where they are one function or object."""
    ident = path.memory.identity(value)
    if ident is not None:
        return ident
    if isinstance(value, Dyn):
        return value.atom, value.type  # an object of one of several classes has the number that it has as an object of any
    if isinstance(value, Static):
        return value
    own: Key = id(value.lowered) if isinstance(value, Closure) else value.__class__.__name__
    names = tuple(k for k, _ in value.kwargs) if isinstance(value, Partial) else ()
    return own, names, *(_key(v, path) for v in children(value))


def _is_at(engine: Engine, key: Key, value: Value, path: Outcome) -> Atom:
    """Whether a value is one of these functions or objects, as said at the end of a path."""
    outer, engine.memory = engine.memory, path.memory
    builder, engine.builder = engine.builder, path.builder
    try:
        told = choices.over(engine, value, lambda v: Static(_key(v, path) == key))
        return Const(told.value) if isinstance(told, Static) else engine.runtime(told, "the truth value").atom
    finally:
        engine.memory, engine.builder = outer, builder
