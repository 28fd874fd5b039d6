"""Lists that a loop fills with the items that it goes over, each in its own trip: `kept = [p for p in particles if p.alive]`.

Such a list holds nothing twice where what the loop goes over does not, so that its items may be written afterwards.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from srcad.ir.types import ListOf
from srcad.specialise.memory import Memory, Token, one_twice
from srcad.specialise.templates import children, leaves
from srcad.specialise.values import Cell, Dyn, Seq, Value

if TYPE_CHECKING:
    from srcad.specialise.loops import Plan
    from srcad.specialise.slots import Slot


class Once:
    """The lists of one loop that were empty before it, and the items that its trips are about."""

    def __init__(self, how: Plan) -> None:
        self.how = how
        self.tokens = [Cell() for _ in (*how.bases, *how.live)]  # what the items of a sequence are told by
        self.filled: dict[object, Token | None] = {}  # by the key of its slot: whose items a list holds when a trip starts
        self.mixed: set[object] = set()  # lists that hold something else

    def enter(self, memory: Memory, slots: Iterable[Slot]) -> None:
        """What is known of the lists at the head of a trip."""
        for s in slots:
            if s.key not in self.mixed and s.init == Seq(list, ()) and isinstance(s.start, Dyn) and isinstance(s.start.type, ListOf):
                memory.distinct[s.start.atom] = self.filled.get(s.key), frozenset()

    def note(self, memory: Memory, items: list[Value], whole: Value | None) -> None:
        """The items of a trip, those that it is given and, where they are read by number, those that it has read."""
        for item, base, token in zip(items, self.how.bases, self.tokens, strict=False):
            ident = memory.identity(item)
            if base is not None and ident is not None and not _twice(memory, base):
                memory.turn[ident] = token
        for base, token in zip(self.how.live, self.tokens[len(self.how.bases) :], strict=True):
            for leaf in leaves(whole) if whole is not None else ():
                ident = memory.identity(leaf)
                view = memory.views.get(ident) if ident is not None else None
                own = view is not None and memory.identity(view.base) == memory.identity(base)
                if own and ident is not None and not _twice(memory, base):
                    memory.turn[ident] = token

    def settle(self, memory: Memory, slots: list[Slot], finals: list[Value]) -> bool:
        """Take up what the lists hold at the end of a trip; whether that changes what was supposed."""
        before = len(self.mixed), dict(self.filled)
        doubtful = any(_twice(memory, b) for b in (*self.how.bases, *self.how.live) if b is not None)
        for s, final in zip(slots, finals, strict=False):
            if not isinstance(s.start, Dyn) or s.start.atom not in memory.distinct:
                continue
            found = memory.distinct.get(final.atom) if isinstance(final, Dyn) else None
            known = self.filled.get(s.key)
            if found is None or doubtful or (known is not None and found[0] != known):
                self.mixed.add(s.key)
            else:
                self.filled[s.key] = found[0]
        return before != (len(self.mixed), self.filled)


def _twice(memory: Memory, base: Value) -> bool:
    """Whether a sequence may hold one object twice."""
    if isinstance(base, Seq):
        return one_twice(memory, children(base))
    return memory.root(base) in memory.tangled
