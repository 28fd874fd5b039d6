"""The states that a loop under `checkpointed` keeps, in memory or on disk, and the way back through it.

`States` belongs to the forward sweep; `taken()` gives what one reverse sweep works with.  The first reverse sweep gets the states that
were kept; a later one of the same forward sweep starts from the first state alone, which is never given away.
"""
from __future__ import annotations

import os
import sys
import threading
from collections.abc import MutableMapping
from typing import Any

from srcad.checkpointed import check_slots
from srcad.runtime.containers import copy_tree
from srcad.runtime.schedule import Growing, advance, places
from srcad.runtime.state_files import Files, State, fingerprint

_ENDLESS = sys.maxsize >> 1


class States:
    """What the forward sweep keeps: `trips` is how many it has begun, `planned` how many it may have.

    With a folder, `inputs` are what the trips read beside the state, and a text that stands for the program.
    """

    def __init__(self, slots: int, planned: int, folder: str | os.PathLike[str] | None = None, *inputs: Any) -> None:
        self.slots = check_slots(slots)
        self.planned = planned
        self.trips = 0
        self._folder, self._inputs = folder, inputs
        self._kept: MutableMapping[int, State] = {}
        self._first: State | None = None
        self._next = 0
        self._growing = Growing(self.slots) if planned > _ENDLESS else None
        self._ended = False
        self._lock = threading.Lock()

    def keep(self, *state: Any) -> None:
        """A trip begins with this state."""
        trip = self.trips
        self.trips += 1
        if self._growing is not None:
            self._keep_growing(trip, state)
        elif trip == self._next:
            self._kept[trip] = copy_tree(state)
            free = self.slots - len(self._kept)
            left = self.planned - trip
            self._next = trip + advance(left, free + 1) if free > 0 and left > 1 else self.planned - 1
        elif trip == self.planned - 1:
            self._kept[trip] = copy_tree(state)  # the reverse sweep starts here

    def _keep_growing(self, trip: int, state: State) -> None:
        assert self._growing is not None
        instead = self._growing.keep(trip)
        if instead is not None:
            self._kept.pop(instead, None)
            self._kept[trip] = copy_tree(state)

    def taken(self) -> Way:
        """The way back for one reverse sweep."""
        with self._lock:
            kept, self._kept = self._kept, {}
            if self._first is None and 0 in kept:
                self._first = kept[0]
            if not kept and self._first is not None:
                kept = {0: self._first}
        return Way(self.slots, self.trips, kept)

    # ---- on disk -----------------------------------------------------------------------------------------------------
    def begin(self, *first: Any) -> State:
        """The state to begin with: the first one, or where a run of the same inputs was interrupted."""
        if self._folder is None:
            return first
        kept = Files(self._folder, fingerprint((self.slots, self.planned, first, self._inputs)))
        self._kept, self._first = kept, copy_tree(first)
        end = kept.noted("end")
        if end is not None:
            self.trips, self._ended = end[0], True
            return end[1]  # type: ignore[no-any-return]
        self.trips = self._next = max(kept, default=0)
        if self._growing is not None:
            self._growing.resume(kept)
        return kept[self.trips] if kept else first

    def rest(self, items: Any) -> Any:
        """What the loop still goes over."""
        return items[len(items) if self._ended else self.trips :] if self.trips or self._ended else items

    def end(self, *last: Any) -> None:
        """The loop has ended with this."""
        if isinstance(self._kept, Files) and not self._ended:
            self._kept.note("end", (self.trips, last))


class Way:
    """One reverse sweep's states: `nearest(k)` says where to start for the state before trip k, `keep` keeps some of those on the way."""

    def __init__(self, slots: int, trips: int, kept: MutableMapping[int, State]) -> None:
        self.trips = trips
        self._slots = slots
        self._kept = kept
        self._wanted: frozenset[int] = frozenset()
        self._seed = ""

    def nearest(self, trip: int) -> State:
        """A trip not behind this one, and the state before it."""
        for behind in [k for k in self._kept if k > trip]:
            del self._kept[behind]
        start = max(self._kept)
        free = self._slots - len(self._kept)
        self._wanted = frozenset(places(start, trip + 1, free + 1)) if start < trip else frozenset()
        return (start, *self._kept[start])

    def keep(self, trip: int, *state: Any) -> None:
        """The state before a trip, computed again."""
        if trip in self._wanted and trip not in self._kept:
            self._kept[trip] = state

    # ---- on disk -----------------------------------------------------------------------------------------------------
    def begin(self, *bars: Any) -> State:
        """How many trips are still to be reversed, and the cotangents to begin with."""
        if not isinstance(self._kept, Files):
            return (self.trips, *bars)
        self._seed = fingerprint(bars)
        found = self._kept.noted("reversed")
        if found is not None and found[0] == self._seed:
            return (found[1], *found[2])
        if not self.trips:
            self._kept.clear()
        return (self.trips, *bars)

    def done(self, trip: int, *bars: Any) -> None:
        """A trip is reversed, with these cotangents before it."""
        kept = self._kept
        if not isinstance(kept, Files):
            return
        if not trip:
            kept.clear()
        elif trip in kept:
            kept.note("reversed", (self._seed, trip, bars))
