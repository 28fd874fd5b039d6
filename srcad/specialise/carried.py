"""Which of a few arrays a name of a loop holds: `a, b, c = b, c, a` in a loop, or `b = a if c else d` that is read in the next trip.

Such a name is known as one that was chosen (`chosen`): of two arrays by a truth value that goes round the loop beside it, of more by
a number.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.ir.nodes import UNDEF, Var
from srcad.ir.types import BOOL, INT, Array
from srcad.specialise import choices
from srcad.specialise.memory import Again, Chosen, Identity, Memory, Option, Place
from srcad.specialise.values import Dyn, Missing, Static, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from srcad.specialise.engine import Engine

MOST = 6  # a store to such a name is written once for each array


class Carried:
    """The names of one loop that hold one of a few arrays from outside at the head of every trip."""

    def __init__(self) -> None:
        self.order: list[Identity] = []  # arrays from outside, as they were met
        self.values: dict[Identity, Value] = {}
        self.found: dict[Place, set[Identity]] = {}
        self.begin: dict[Place, Value] = {}  # what they hold before the loop
        self.inexact: set[Place] = set()  # names that may hold something else
        self.lost = False  # one more of them was found
        self.doubted: dict[Place, tuple[Identity, ...]] = {}  # names that held an array that is not among these

    def few(self, place: Place) -> tuple[Identity, ...]:
        """The arrays that a name may hold, where they are two or more; none if they are not known."""
        found = () if place in self.inexact else self.found.get(place, ())
        return tuple(sorted(found, key=self.order.index)) if len(found) > 1 else ()

    def places(self) -> list[Place]:
        """The names that are known so."""
        return [p for p in self.found if self.few(p)]

    def shape(self, place: Place) -> Dyn:
        """The template of what tells which array a name holds."""
        return Dyn(UNDEF, BOOL if len(self.few(place)) == 2 else INT)

    # ---- learning ----------------------------------------------------------------------------------------------------
    def learn(
        self, memory: Memory, parts: Mapping[Place, Value], heads: Mapping[Identity, Place], is_local: Callable[[Identity], bool]
    ) -> bool:
        """Take up what names hold at one point, before the loop or at the end of a trip; whether that changes what is known of any."""
        before = {p: self.few(p) for p in self.found}
        lost, self.lost = self.lost, False
        for place, part in parts.items():
            if isinstance(part, Missing) or place in self.inexact:
                continue
            idents = self._held(memory, part, heads, is_local)
            if idents is None:
                self.inexact.add(place)
            else:
                self.found.setdefault(place, set()).update(idents)
                if len(self.found[place]) > MOST:
                    self.inexact.add(place)
        return lost or before != {p: self.few(p) for p in before} or any(self.few(p) for p in self.found.keys() - before.keys())

    def _held(
        self, memory: Memory, part: Option, heads: Mapping[Identity, Place], is_local: Callable[[Identity], bool]
    ) -> set[Identity] | None:
        """The arrays from outside that a value may be; None if it may be something else."""
        if isinstance(part, Again):
            return None
        if isinstance(part, Chosen):
            held = [self._held(memory, o, heads, is_local) for o in part.options]
            return None if None in held else set[Identity]().union(*(h for h in held if h is not None))
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
            self.values[ident] = memory.first_seen(ident, part)
        return {ident}

    def settle(self) -> bool:
        """Give up on names in doubt of which nothing new was learned; whether there were any in doubt."""
        doubted, self.doubted = self.doubted, {}
        self.inexact |= {p for p, few in doubted.items() if self.few(p) == few}
        return bool(doubted)

    # ---- which one ---------------------------------------------------------------------------------------------------
    def which(self, engine: Engine, place: Place, part: Option, heads: Mapping[Identity, Place], flags: Mapping[Place, Value]) -> Value:
        """Which of the arrays of a name a value is; where that is not known, neither is the name from here on."""
        few = self.few(place)
        if not few or isinstance(part, Again):
            return self._lost(place)
        if isinstance(part, Chosen) and not heads:  # before the loop nothing may be written down: the choice as it is, or nothing
            ends = tuple(None if isinstance(o, Again | Chosen) else engine.memory.identity(o) for o in part.options)
            return part.which if ends == few and part.which.type == self.shape(place).type else self._lost(place)
        if isinstance(part, Chosen):
            paths = tuple(lambda o=o: [self.which(engine, place, o, heads, flags)] for o in part.options)
            return choices.select(engine, part.which, paths)[0]
        if isinstance(part, Missing):
            return _number(few, 0)
        ident = engine.memory.identity(part)
        if ident is None:
            return self._lost(place)
        if ident in heads and self.few(heads[ident]):
            return self._carried_on(engine, place, heads[ident], flags)
        if ident in engine.memory.chosen and ident not in heads:
            return self.which(engine, place, engine.memory.chosen[ident], heads, flags)
        if ident in heads and len(self.found.get(heads[ident], ())) == 1 and heads[ident] not in self.inexact:
            (ident,) = self.found[heads[ident]]
        return _number(few, few.index(ident)) if ident in few else self._doubted(place)

    def _carried_on(self, engine: Engine, place: Place, source: Place, flags: Mapping[Place, Value]) -> Value:
        """What tells which array a name holds that held, at the head of the trip, the array of another one."""
        mine, theirs = self.few(place), self.few(source)
        if mine == theirs:
            return flags[source]
        flag = flags[source]
        if not set(theirs) <= set(mine) or not isinstance(flag, Dyn):
            return self._doubted(place)
        numbers: list[Value] = [_number(mine, mine.index(i)) for i in theirs]
        return choices.select(engine, flag, tuple(lambda n=n: [n] for n in numbers))[0]  # type: ignore[misc]

    def _lost(self, place: Place) -> Static:
        self.inexact.add(place)
        self.lost = True
        return Static(False)

    def _doubted(self, place: Place) -> Static:
        self.doubted[place] = self.few(place)
        return Static(False)

    def note(self, memory: Memory, place: Place, array: Dyn, flag: Dyn) -> None:
        """From here on a name is known by what tells which array it holds."""
        assert isinstance(array.atom, Var)
        found = Chosen(flag, tuple(self.values[i] for i in self.few(place)), array)
        stamp = tuple(memory.now.get(r) for r in memory.chosen_from(found))
        memory.chosen[array.atom] = Chosen(flag, found.options, array, stamp)


def _number(few: tuple[Identity, ...], place: int) -> Static:
    """What tells the array at a place from the others."""
    return Static(place == 0) if len(few) == 2 else Static(place)
