"""Attributes that objects known by number get after they were made: `for p in particles: p.force = 0.0`.

What is assigned goes to the end of a list, as on a tape.  Another list says at which place in it the attribute of each object stands,
-1 where it has none so far.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from srcad.ir.core import COMPARE, GETITEM, LENGTH, LIST_SET
from srcad.ir.nodes import Call, Const, Var
from srcad.ir.types import BOOL, INT, Numbered
from srcad.specialise import items, numbered, writes
from srcad.specialise.templates import class_value
from srcad.specialise.values import MISSING, Dyn, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def _place_of(name: str) -> str:
    return f"{name} place"  # no attribute is called so


def is_late(engine: Engine, cls: type, name: str) -> bool:
    """Whether objects get an attribute after they were made, and their class has none for them until then."""
    return (cls, name) in engine.numbering.late and class_value(cls, name) == MISSING


def apart(engine: Engine, cls: type, values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """What a new object holds from the start, places of late attributes included; and what it holds that others get later."""
    names = sorted(name for c, name in engine.numbering.late if c is cls)
    now = {k: v for k, v in values.items() if not is_late(engine, cls, k)}
    for name in names:
        if is_late(engine, cls, name):
            now[_place_of(name)] = Static(-1)
        elif isinstance(known := class_value(cls, name), Static):
            now.setdefault(name, known)
    return now, {k: v for k, v in values.items() if k not in now}


def put(engine: Engine, target: Dyn, name: str, value: Value) -> None:
    """`target.name = value`."""
    assert isinstance(target.type, Numbered)
    cls = target.type.kind
    tape = engine.numbering.tapes.setdefault((cls, name), numbered.empty(cls, name))
    now = numbered.current(engine, tape)
    if _is_there(engine, target, name, now, value):
        return
    place: Value
    if isinstance(now, Seq):
        place = Static(len(now.items))
    else:
        place = Dyn(engine.builder.call(LENGTH, (engine.runtime(now, "the list").atom,), INT), INT)
    numbered.set_in(engine, target, _place_of(name), engine.numbering.lists[cls][_place_of(name)], place)
    numbered.append(engine, (cls, name), tape, value)  # last, since it cannot raise: so a `try` knows what has been done


def get(engine: Engine, value: Dyn, name: str) -> Value:
    """`value.name`."""
    assert isinstance(value.type, Numbered)
    cls = value.type.kind
    place, given = _asked(engine, value, name)
    error = AttributeError(f"'{cls.__name__}' object has no attribute '{name}'")
    if given == Static(value=False) or (cls, name) not in engine.numbering.tapes:
        writes.raise_error(engine, error)
    if isinstance(given, Dyn):
        writes.raise_unless(engine, given, error)
    return items.get(engine, numbered.current(engine, engine.numbering.tapes[cls, name]), place)


def _is_there(engine: Engine, target: Dyn, name: str, tape: Value, value: Value) -> bool:
    """Whether a value is what stands under the attribute already, changed in place: `p.q *= 2`."""
    memory = engine.memory
    ident = memory.identity(value)
    view = memory.views.get(ident) if ident is not None else None
    if view is None or view.op != GETITEM or memory.identity(view.base) != memory.identity(tape):
        return False
    asked = numbered.asked_before(engine, target, _place_of(name), [("ge", 0)])
    known = _just_set(engine, target, _place_of(name)) or (None if asked is None else Dyn(asked[0], INT))
    return known == view.args[0]


def _maker(engine: Engine, value: Value) -> Call | None:
    """The operation on this path that made a version of a list."""
    made = (s for s in engine.builder.stmts if isinstance(value, Dyn) and isinstance(s, Call) and s.outs == (value.atom,))
    return next(made, None)


def is_set(engine: Engine, value: Dyn, name: str) -> Value:
    """Whether an object has the attribute by now."""
    return _asked(engine, value, name)[1]


def _asked(engine: Engine, value: Dyn, name: str) -> tuple[Value, Value]:
    """At which place an attribute of an object stands, and whether it stands at any."""
    key = _place_of(name)
    place = _just_set(engine, value, key)
    if place is not None:
        return place, Static(value=True)
    asked = numbered.asked_before(engine, value, key, [("ge", 0)])
    if asked is not None:
        told = engine.memory.told.get(asked[1])
        return Dyn(asked[0], INT), Dyn(asked[1], BOOL) if told is None else Static(told)
    place = numbered.read(engine, value, key)
    if isinstance(place, Static):
        return place, Static(place.value >= 0)  # type: ignore[operator]  # places are whole numbers
    atom = engine.runtime(place, "a place").atom
    return place, Dyn(engine.builder.call(COMPARE["ge"], (atom, Const(0)), BOOL), BOOL)


def _just_set(engine: Engine, value: Dyn, key: str) -> Value | None:
    """The place at which an attribute stands that nothing else has been assigned to since; None where that is not known."""
    assert isinstance(value.type, Numbered)
    made = _maker(engine, numbered.current(engine, engine.numbering.lists[value.type.kind][key]))
    if made is None or made.op != LIST_SET or made.args[1] != value.atom or not isinstance(made.args[2], Const | Var):
        return None
    return Static(made.args[2].value) if isinstance(made.args[2], Const) else Dyn(made.args[2], INT)


def check(engine: Engine, cls: type) -> None:
    """Refuse to take an object as all that it holds where it gets attributes later."""
    if any(c is cls for c, _ in engine.numbering.late):
        raise engine.refuse("UnsupportedSyntax", "SRC172", f"objects of class '{cls.__name__}' get attributes after they were made",
                            "set each of them in `__init__`")  # fmt: skip
