"""Whether functions may be run again: for a second derivative of a kind, or by a reverse sweep that recomputes."""
from __future__ import annotations

from collections.abc import Iterable

from srcad.ir.nodes import Call, Func
from srcad.ir.visit import walk
from srcad.ops.effects import acts


def repeatable(funcs: Iterable[Func]) -> bool:
    """Whether functions of a program print nothing, draw no random numbers and call nothing unknown.

    Blocks for the reverse sweep (`cotangent_of`) do not count: they run in each reverse sweep, as they are meant to.
    """
    every = list(funcs)
    inserted = {f.custom.backward for f in every if f.custom is not None and f.custom.hands_back}
    return not any(isinstance(s, Call) and acts(s) for f in every if f.name not in inserted for s in walk(f.body))
