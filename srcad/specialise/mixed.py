"""Values of which only a run tells whether they are numbers or arrays: `s = 0.0`, then `s += row` on some paths.

`x op= y` makes a new number of a number and changes an array in place, so whoever else may have the array would see the change or not.
Of such a value it always makes a new one (`augmented`); what may share storage with the old one can no longer be read.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from srcad.ir.nodes import Arg, Const, Var
from srcad.ir.types import UNKNOWN, is_number
from srcad.specialise.memory import Identity, Memory, Place
from srcad.specialise.places import placed
from srcad.specialise.slots import Slot
from srcad.specialise.templates import part_at
from srcad.specialise.values import Dyn, Static, Value


def is_mixed(memory: Memory, value: Value) -> bool:
    """Whether a value is surely a number or an array, though not known which."""
    return isinstance(value, Dyn) and value.type == UNKNOWN and value.atom in memory.mixed


def note(memory: Memory, new: Var, sources: Iterable[tuple[Memory, Arg | Value]]) -> None:
    """Remember of a new value of unknown type that it is a number or an array, if all that it may be are, or is made of."""
    if new.type == UNKNOWN and all(_is_numeric(m, a) for m, a in sources):
        memory.mixed.add(new)


class Carried:
    """What a loop carries of such values: they stay numbers or arrays if every trip leaves one."""

    def __init__(self) -> None:
        self._known: set[Place] = set()
        self._other: set[Place] = set()  # what a trip may make something else

    def enter(self, memory: Memory, slots: Sequence[Slot]) -> None:
        """Note what a trip is given."""
        self._known = set()
        for s in slots:
            for n, leaf in placed(s.start) if s.start is not None else ():
                if n not in s.fixed and (s.key, n) not in self._other and isinstance(leaf.atom, Var):
                    note(memory, leaf.atom, [(memory, part_at(s.init, n))])
                    if leaf.atom in memory.mixed:
                        self._known.add((s.key, n))

    def settle(self, memory: Memory, slots: Sequence[Slot], finals: Sequence[Value]) -> bool:
        """Give up on what a trip made something else; whether there was such."""
        left = {(s.key, n): leaf.atom for s, f in zip(slots, finals, strict=False) for n, leaf in placed(f)}
        lost = {place for place in self._known if place in left and not _is_numeric(memory, left[place])}
        self._other |= lost
        return bool(lost)

    def leave(self, memory: Memory, ends: Mapping[Place, Identity]) -> None:
        """Note what there is behind the loop."""
        memory.mixed.update(v for place, v in ends.items() if place in self._known and isinstance(v, Var))


def _is_numeric(memory: Memory, value: Arg | Value) -> bool:
    """Whether a value is surely a number or an array."""
    match value:
        case Const(number) | Static(number):
            return isinstance(number, int | float | complex)
        case Dyn(atom):
            return _is_numeric(memory, atom)
        case Var():
            return is_number(value.type) or value in memory.mixed
    return False
