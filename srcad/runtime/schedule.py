"""Which states of a loop to keep, so that few trips are run again.

Griewank and Walther, "Algorithm 799: revolve", ACM Transactions on Mathematical Software 26 (2000): with s slots and each trip run
at most r times, a loop of binomial(s + r, s) trips can be reversed, and its first state is best kept beside one that splits it so.
Where the number of trips is not known: Wang, Moin and Iaccarino, "Minimal repetition dynamic checkpointing algorithm for
unsteady adjoint calculation", SIAM Journal on Scientific Computing 31 (2009).
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Iterator


def repetitions(trips: int, slots: int) -> int:
    """The least r with which `trips` can be reversed."""
    r = 0
    while math.comb(slots + r, slots) < trips:
        r += 1
    return r


def advance(trips: int, slots: int) -> int:
    """How far behind a kept state the next one is to be kept: `trips` are to be reversed, with `slots` that include the first state's."""
    r = repetitions(trips, slots)
    return min(math.comb(slots + r - 1, slots), trips - math.comb(slots + r - 2, slots - 1))


def places(start: int, stop: int, slots: int) -> Iterator[int]:
    """The trips before which to keep a state, `start` among them, to reverse those from `start` to before `stop`."""
    while slots >= 1 and start < stop:
        yield start
        if slots == 1 or stop - start == 1:
            return
        start += advance(stop - start, slots)
        slots -= 1


def cost(trips: int, slots: int) -> int:
    """How many trips are run to reverse a loop, beside the `trips` that are run to be reversed: r l - binomial(s + r, r - 1)."""
    r = repetitions(trips, slots)
    return r * trips - (math.comb(slots + r, r - 1) if r else 0)


class Growing:
    """Which states to keep of a loop without a known end: told each trip, it says which state to drop for it."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._levels: dict[int, float] = {}

    def resume(self, kept: Iterable[int]) -> None:
        """Go on where these states are kept."""
        self._levels = {trip: 0.0 if trip else math.inf for trip in kept}

    def keep(self, trip: int) -> int | None:
        """Whether to keep the state before `trip`: which one to drop instead, -1 for none; None: do not keep it."""
        levels = self._levels
        if not levels:
            levels[trip] = math.inf
            return -1
        if len(levels) < self._slots:
            levels[trip] = 0
            return -1
        spare, best = None, -1.0
        for place in sorted(levels, reverse=True):
            if levels[place] < best:
                spare = place
                break
            best = max(best, levels[place])
        if spare is not None:
            del levels[spare]
            levels[trip] = 0
            return spare
        last = max(levels)
        if len(levels) == 1:
            return None
        levels[trip] = levels.pop(last) + 1
        return last
