"""Which of two arrays a name of a loop holds: `a, b = b, a` in a loop, or `b = a if c else d` that is read in the next trip.

Such a name is known as one that a branch has chosen (`chosen`), by a truth value that goes round the loop beside it.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.ir.nodes import UNDEF, Var
from srcad.ir.types import BOOL, Array
from srcad.specialise import choices
from srcad.specialise.memory import Again, Chosen, Identity, Memory, Option, Place
from srcad.specialise.values import Dyn, Missing, Static, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from srcad.specialise.engine import Engine


class Carried:
    """The names of one loop that hold one of two arrays from outside at the head of every trip."""

    def __init__(self) -> None:
        self.order: list[Identity] = []  # arrays from outside, as they were met
        self.values: dict[Identity, Value] = {}
        self.found: dict[Place, set[Identity]] = {}
        self.begin: dict[Place, Value] = {}  # what they hold before the loop
        self.inexact: set[Place] = set()  # names that may hold something else
        self.lost = False  # one more of them was found

    def pair(self, place: Place) -> tuple[Identity, Identity] | None:
        """The two arrays that a name may hold; None if it is not known to be one of two."""
        if place in self.inexact or len(self.found.get(place, ())) != 2:
            return None
        first, second = sorted(self.found[place], key=self.order.index)
        return first, second

    def places(self) -> list[Place]:
        """The names that are known so."""
        return [p for p in self.found if self.pair(p) is not None]

    # ---- learning ----------------------------------------------------------------------------------------------------
    def learn(
        self, memory: Memory, parts: Mapping[Place, Value], heads: Mapping[Identity, Place], is_local: Callable[[Identity], bool]
    ) -> bool:
        """Take up what names hold at one point, before the loop or at the end of a trip; whether a pair was found or lost."""
        before = {p: self.pair(p) for p in self.found}
        lost, self.lost = self.lost, False
        for place, part in parts.items():
            if isinstance(part, Missing) or place in self.inexact:
                continue
            idents = self._held(memory, part, heads, is_local)
            if idents is None:
                self.inexact.add(place)
            else:
                self.found.setdefault(place, set()).update(idents)
                if len(self.found[place]) > 2:
                    self.inexact.add(place)
        return lost or before != {p: self.pair(p) for p in before} or any(self.pair(p) for p in self.found.keys() - before.keys())

    def _held(
        self, memory: Memory, part: Option, heads: Mapping[Identity, Place], is_local: Callable[[Identity], bool]
    ) -> set[Identity] | None:
        """The arrays from outside that a value may be; None if it may be something else."""
        if isinstance(part, Again):
            return None
        if isinstance(part, Chosen):
            first, second = (self._held(memory, o, heads, is_local) for o in (part.first, part.second))
            return None if first is None or second is None else first | second
        ident = memory.identity(part)
        if ident is None or not isinstance(part, Dyn) or not isinstance(part.type, Array):
            return None
        if ident in heads:
            return None if heads[ident] in self.inexact else set(self.found.get(heads[ident], ()))
        if ident in memory.chosen:
            return self._held(memory, memory.chosen[ident], heads, is_local)
        if is_local(ident):
            return None
        if ident not in self.values:
            self.order.append(ident)
            self.values[ident] = memory.views[ident].value if ident in memory.views else memory.first.get(ident, part)
        return {ident}

    # ---- truth values ------------------------------------------------------------------------------------------------
    def which(self, engine: Engine, place: Place, part: Option, heads: Mapping[Identity, Place], flags: Mapping[Place, Value]) -> Value:
        """Whether a value is the first of the two arrays of a name; where that is not known, neither is the name from here on."""
        pair = self.pair(place)
        if pair is None or isinstance(part, Again):
            return self._lost(place)
        if isinstance(part, Chosen) and not heads:  # before the loop nothing may be written down: its condition as it is, or nothing
            ends = tuple(None if isinstance(o, Again | Chosen) else engine.memory.identity(o) for o in (part.first, part.second))
            return part.condition if ends == pair and part.condition.type == BOOL else self._lost(place)
        if isinstance(part, Chosen):
            paths = tuple(lambda o=o: [self.which(engine, place, o, heads, flags)] for o in (part.first, part.second))
            return choices.choose(engine, part.condition, paths)[0]  # type: ignore[arg-type]
        if isinstance(part, Missing):
            return Static(False)
        ident = engine.memory.identity(part)
        if ident is None:
            return self._lost(place)
        if ident in heads and self.pair(heads[ident]) == pair:
            return flags[heads[ident]]
        if ident in engine.memory.chosen and ident not in heads:
            return self.which(engine, place, engine.memory.chosen[ident], heads, flags)
        if ident in heads and len(self.found.get(heads[ident], ())) == 1 and heads[ident] not in self.inexact:
            (ident,) = self.found[heads[ident]]
        return Static(ident == pair[0]) if ident in pair else self._lost(place)

    def _lost(self, place: Place) -> Static:
        self.inexact.add(place)
        self.lost = True
        return Static(False)

    def note(self, memory: Memory, place: Place, array: Dyn, flag: Dyn) -> None:
        """From here on a name is known by its truth value."""
        pair = self.pair(place)
        assert pair is not None
        assert isinstance(array.atom, Var)
        first, second = (self.values[i] for i in pair)
        found = Chosen(flag, first, second, array)
        stamp = tuple(memory.now.get(r) for r in memory.chosen_from(found))
        memory.chosen[array.atom] = Chosen(flag, first, second, array, stamp)


def flag_shape() -> Dyn:
    """The template of a truth value."""
    return Dyn(UNDEF, BOOL)
