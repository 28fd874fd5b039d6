"""`checkpointed`: loops of which reverse mode keeps a few states only."""
from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

from srcad.errors import ArgumentError

T = TypeVar("T")


def checkpointed(
    items: Iterable[T], *, slots: int | None = None, folder: str | os.PathLike[str] | None = None,  # noqa: ARG001 -- reverse mode reads it
) -> Iterable[T]:  # fmt: skip
    """`for t in srcad.checkpointed(range(n), slots=20):` -- the items themselves; in reverse mode the loop keeps `slots` states at a time.

    A state is what one trip hands to the next.  The reverse sweep computes the others again, each trip about as often as the
    binomial schedule of Griewank and Walther needs, which is the least possible where the number of trips is known
    (10,000 trips and 20 slots: 38,000 trips are run).  It is known for ranges and sequences; `itertools.count()` with a `break` has an
    unknown number, and states are placed as the loop goes on.  With `folder` the states are files there, in a folder of their own for these
    values, and a run that was interrupted goes on from the last of them.
    A folder given as text is part of what is compiled, a path is not.

    Trips must be repeatable: no prints, no random numbers (UnsupportedSyntax).  Where the derivative is differentiated
    again, and in forward mode, the loop is an ordinary one.  Raises ArgumentError for `slots` below 1, or missing.
    """
    check_slots(slots)
    return items


def check_slots(slots: object) -> int:
    """The number of slots; raises ArgumentError where it is none."""
    number = getattr(slots, "__index__", None)
    if slots is None:
        raise ArgumentError("checkpointed needs `slots`", "give the number of states to keep at a time: slots=20")
    if isinstance(slots, bool) or number is None or number() < 1:
        raise ArgumentError(f"slots is {slots!r}", "give the number of states to keep at a time: 1, 2, ...")
    return int(number())
