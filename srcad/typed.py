"""Typed programs, one for each signature of a function: all derivatives of it begin with the same one."""
from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass

from srcad.analysis.activity import Cut
from srcad.ir.nodes import Program
from srcad.specialise.run import Specialised

_MOST = 64


@dataclass(frozen=True, slots=True)
class Typed:
    """What comes before differentiation.  `program`: the typed primal, made leaner; `cuts`: of the derivatives that are taken inside it."""

    specialised: Specialised
    program: Program
    cuts: tuple[Cut, ...]


class Shared:
    """The latest typed programs, by what they were made of; they count as long as what they assumed of globals is so."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Typed, object]] = {}
        self._lock = threading.Lock()

    def find(self, ident: Hashable) -> Typed | None:
        """The program that was kept under a key, if it still holds."""
        found = self._known.get(ident)
        return found[0] if found is not None and all(g.holds() for _, g in found[0].specialised.guards) else None

    def keep(self, ident: Hashable, typed: Typed, alive: object) -> None:
        """Keep a program; `alive` holds the objects whose identities are in the key."""
        with self._lock:
            self._known.pop(ident, None)
            while len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            self._known[ident] = (typed, alive)
