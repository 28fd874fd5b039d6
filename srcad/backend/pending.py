"""Expressions that wait to be put into the statement that uses them.

A value without a user's name that is used once is not assigned to a variable: its expression is put where it is used.
Two evaluations change places only if neither can tell: see `Footprint.disturbs`.
"""
from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from srcad.ir.nodes import Effect, Loc, Var

_WRITES = Effect.IO | Effect.RNG | Effect.WRITES | Effect.UNKNOWN
_RAISES = Effect.RAISES | Effect.WARNS | Effect.DIVERGES


@dataclass(frozen=True, slots=True)
class Footprint:
    """What an evaluation reads and does."""

    reads: bool = False  # storage that may change
    raises: bool = False
    writes: bool = False

    def disturbs(self, other: Footprint) -> bool:
        """Whether the order of two evaluations matters."""
        if self.writes:
            return other.reads or other.raises or other.writes
        return (self.raises and (other.raises or other.writes)) or (self.reads and other.writes)

    def __or__(self, other: Footprint) -> Footprint:
        return Footprint(self.reads or other.reads, self.raises or other.raises, self.writes or other.writes)


NOTHING = Footprint()


def footprint(effects: Effect, *, reads: bool, inplace: bool) -> Footprint:
    """The footprint of an operation."""
    return Footprint(reads, bool(effects & _RAISES), inplace or bool(effects & _WRITES))


@dataclass(slots=True)
class Entry:
    """An expression that waits."""

    var: Var
    expr: ast.expr
    footprint: Footprint
    size: int  # about how many characters it prints as
    note: str
    loc: Loc
    depth: int = 0  # of parentheses and brackets, at most


class Pending:
    """The expressions that wait in one block, in the order of their evaluation."""

    def __init__(self, flush: Callable[[Entry], None]) -> None:
        self._entries: dict[Var, Entry] = {}
        self._flush = flush

    def __contains__(self, var: object) -> bool:
        return var in self._entries

    def get(self, var: Var) -> Entry | None:
        """The entry of a variable, if it waits."""
        return self._entries.get(var)

    def add(self, entry: Entry) -> None:
        """Let an expression wait."""
        self._entries[entry.var] = entry

    def take(self, var: Var) -> Entry:
        """The entry of a variable; it waits no more."""
        return self._entries.pop(var)

    def flush_all(self, keep: Collection[Var] = ()) -> None:
        """Assign everything that waits to variables."""
        self.settle(tuple(keep), Footprint(reads=True, raises=True, writes=True), stays=False, forced=set(self._entries) - set(keep))

    def settle(self, used: Sequence[Var], own: Footprint, *, stays: bool, forced: Collection[Var] = ()) -> None:
        """Make room for a statement that evaluates what `used` waits for, in this order, then does `own`.

        What would be evaluated in another order than it was written is assigned to variables first.  `stays`: the statement
        is itself an expression that will wait; `forced`: assigned in any case.
        """
        if not self._entries:
            return
        out = {v for v in forced if v in self._entries}
        while True:
            found = self._violations([v for v in used if v in self._entries and v not in out], own, out, stays=stays)
            if not found:
                break
            out |= found
        for entry in [e for e in self._entries.values() if e.var in out]:
            del self._entries[entry.var]
            self._flush(entry)

    def _violations(self, used: Sequence[Var], own: Footprint, out: Collection[Var], *, stays: bool) -> set[Var]:
        entries = list(self._entries.values())
        place = {e.var: i for i, e in enumerate(entries)}
        found: set[Var] = set()
        wanted = [self._entries[v] for v in used]
        for i, later in enumerate(wanted):
            for earlier in wanted[:i]:
                if place[earlier.var] > place[later.var] and earlier.footprint.disturbs(later.footprint):
                    found.add(later.var)
        for other in entries:
            if other.var in out or other.var in used:
                continue
            if stays:
                found.update(e.var for e in wanted if place[e.var] < place[other.var] and e.footprint.disturbs(other.footprint))
            elif other.footprint.disturbs(own) or any(
                place[e.var] > place[other.var] and e.footprint.disturbs(other.footprint) for e in wanted
            ):
                found.add(other.var)
        for first in entries:
            if first.var not in out and first.var not in found and any(
                place[v] > place[first.var] and self._entries[v].footprint.disturbs(first.footprint) for v in (*out, *found)
            ):  # fmt: skip
                found.add(first.var)
        return found
