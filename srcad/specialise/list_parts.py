"""Run-time lists of which a slice is assigned or deleted, or an item leaves whose place only run time knows."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcad.ir.nodes import Atom, Const
from srcad.runtime import lists
from srcad.runtime.lists import place_of_value, place_to_enter, place_to_leave, slice_ends, slice_indices
from srcad.ir.types import INT
from srcad.ops import table
from srcad.specialise import holding, items, numbered, operations
from srcad.specialise.values import Dyn, Seq, SliceVal, Static, Value, container

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_NONE = Static(None)


def with_slice(engine: Engine, base: Dyn, part: SliceVal, value: Value) -> Value:
    """The list after `base[part] = value`, where the slice has no step."""
    if part.step not in (_NONE, Static(1)):
        raise engine.refuse("UnsupportedSyntax", "SRC141", "a slice with a step of a list of unknown length is changed", "use a loop")
    given = engine.call(Static(list, "builtins:list"), [value], {})
    if isinstance(given, Seq) and given.items:
        given = engine.sequence(given)
    start, stop = _ends(engine, base, part)
    holding.moved(engine, base)
    parts = [given]
    if start != Static(0):
        parts.insert(0, items.get(engine, base, SliceVal(_NONE, start, _NONE)))
    if stop != _NONE:
        parts.append(items.get(engine, base, SliceVal(stop, _NONE, _NONE)))
    found = parts[0]
    for other in parts[1:]:
        found = operations.operator_(engine, "add", [found, other])
    holding.copied(engine, base, [given])
    return found


def without_slice(engine: Engine, base: Dyn, part: SliceVal) -> Value:
    """The list after `del base[part]`."""
    return with_slice(engine, base, part, container(list, ()))


def indices(engine: Engine, part: SliceVal, args: list[Value]) -> Value:
    """`slice(start, stop, step).indices(length)`."""
    given = [part.lower, part.upper, part.step, *args]
    known = [v.value for v in given if isinstance(v, Static) and isinstance(v.value, int | None)]
    start, stop, step, length = known if len(known) == len(given) == 4 else (None, None, 0, None)
    if step != 0 and length is not None and length >= 0:
        return Seq(tuple, tuple(map(Static, slice(start, stop, step).indices(length))))
    return holding.taken_apart(engine, _asked(engine, slice_indices, *given))


def _ends(engine: Engine, base: Dyn, part: SliceVal) -> tuple[Value, Value]:
    """Where a slice begins and ends, counted from the front; an end of None is that of the list."""
    lower, upper = Static(0) if part.lower == _NONE else part.lower, part.upper
    first, last = _from_front(lower), _from_front(upper)
    if first is not None and (upper == _NONE or (last is not None and first <= last)):
        return lower, upper
    found = holding.taken_apart(engine, _asked(engine, slice_ends, base, part.lower, part.upper))
    return found.items[0], found.items[1]


def _from_front(place: Value) -> int | None:
    """A known place that is counted from the front."""
    return place.value if isinstance(place, Static) and type(place.value) is int and place.value >= 0 else None


def to_leave(engine: Engine, base: Dyn, at: Value, *, deleted: bool) -> Atom:
    """The place, counted from the front, of an item that is to leave; Python's IndexError where there is none."""
    first = _from_front(at)
    return _asked(engine, place_to_leave, base, at, Static(deleted)).atom if first is None or deleted else Const(first)


def to_enter(engine: Engine, base: Dyn, at: Value) -> Atom:
    """The place, counted from the front, of an item that is inserted."""
    return Const(0) if at == Static(0) else _asked(engine, place_to_enter, base, at).atom


def of_value(engine: Engine, base: Dyn, value: Value) -> Dyn:
    """The place of the first item that equals a value; Python's ValueError where there is none."""
    if isinstance(value, Dyn) and numbered.is_found_by_number(engine, base, value):
        value = Dyn(value.atom, INT)
    return _asked(engine, place_of_value, base, value)


def which_ones(engine: Engine, items: Dyn) -> Dyn:
    """For each object in a list, which of the different ones it is."""
    return _asked(engine, lists.which_ones, items)


def _asked(engine: Engine, fn: Any, *args: Value) -> Dyn:
    spelling = table.by_object(fn)
    assert spelling is not None
    found = operations.apply(engine, spelling.op, list(args), [])
    assert isinstance(found, Dyn)
    return found
