"""Members of several classes that are known by number: shapes, layers or forces in one list whose length only run time knows.

The class of such an object stands in a list, its place among the objects of that class in another.  Where its class is not known, a use
of it is a branch on the class, as with a choice between two objects (`choices`).
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard

from srcad.ir.core import COMPARE
from srcad.ir.nodes import Const
from srcad.ir.types import BOOL, INT, Numbered, numbered_in
from srcad.specialise import numbered
from srcad.specialise.values import Choice, Dyn, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

PLACE, _KIND = "place", "kind"


class Member:
    """Stands for all the classes: an object of one of them is one of these, by its number."""


def made(engine: Engine, cls: type, values: Mapping[str, Value]) -> Dyn:
    """The number of a new object."""
    place: Value = numbered.entered(engine, cls, values, INT) if values else Static(0)
    kind = Static(engine.numbering.family.index(cls))
    return numbered.entered(engine, Member, {_KIND: kind, PLACE: place}, Numbered(Member, exact=cls))


def described(cls: type) -> str:
    """What to call an object that is known by number."""
    return "an object of one of several classes" if cls is Member else f"an object of class '{cls.__name__}'"


def is_one(value: Value) -> TypeGuard[Dyn]:
    """Whether a value is an object of which only run time knows the class."""
    return numbered.is_numbered(value) and isinstance(value.type, Numbered) and value.type == Numbered(Member, value.type.optional)


def is_any(value: Value) -> bool:
    """Whether a value is such an object, of whatever class, and run time alone knows which."""
    return numbered.is_numbered(value) and numbered_in(value.type) == {Member} and not isinstance(value.known, int)


def by_class(engine: Engine, value: Dyn) -> Value:
    """An object as the choice between what it is in each class."""
    family = engine.numbering.family
    options: list[Value] = [replace(value, type=Numbered(Member, exact=cls)) for cls in family]
    conditions = _conditions(engine, value, len(family) - 1)
    if isinstance(conditions, int):
        return options[conditions]
    found = options[-1]
    for condition, option in zip(reversed(conditions), reversed(options[:-1]), strict=True):
        found = Choice(condition, option, found)
    return found


def _conditions(engine: Engine, value: Dyn, count: int) -> list[Value] | int:
    """Whether an object is of each class but the last; the number of its class where that is known."""
    tests = [("eq", n) for n in range(count)]
    asked = numbered.asked_before(engine, value, _KIND, tests)
    if asked is not None:
        return [Dyn(test, BOOL) for test in asked[1:]]
    kind = numbered.read(engine, value, _KIND)
    if isinstance(kind, Static) and isinstance(kind.value, int):
        return kind.value
    atom = engine.runtime(kind, "the class of an object").atom
    return [Dyn(engine.builder.call(COMPARE[op], (atom, Const(n)), BOOL), BOOL) for op, n in tests]
