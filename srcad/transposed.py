"""Pullbacks transposed: tangents of a result by tangents of the arguments, from what was kept for the reverse sweep.

A backward half is linear in its cotangents.  So what its own pullback gives is the transposed map, at any cotangents but those that
it masks: where they are zero, singular slopes are left out.
"""
from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from srcad import cotangents
from srcad.ir.nodes import Arg
from srcad.ir.types import Type
from srcad.pipeline import Request, Stages, loaded_text, transposed_halves


@dataclass(frozen=True, slots=True)
class Transposed:
    """The two halves of the derivative of a backward half; `result`: the tree of its result, and the types of its leaves."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    result: tuple[Arg, tuple[Type | None, ...]]

    def at(self, residuals: Any, anywhere: Sequence[Any]) -> Moves:
        """The map of one pullback; `anywhere`: cotangents of the leaves of the result, none of them zero."""
        return Moves(self, *self.forward(residuals, *anywhere))


@dataclass(frozen=True, slots=True)
class Moves:
    """The transposed map of one pullback: `bars` are cotangents of the differentiated arguments, `kept` is what it needs of that sweep."""

    made: Transposed
    bars: Any
    kept: Any

    def __call__(self, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """The tangents of the leaves of the result along `given`, one for each differentiated argument."""
        moved: tuple[Any, ...] = self.made.backward(self.kept, *cotangents.matched(given, self.bars, self.made.result))
        return moved


_KNOWN: dict[int, tuple[Stages, Transposed]] = {}
_LOCK = threading.Lock()
_MOST = 256


def transposed(stages: Stages, request: Request) -> Transposed:
    """The transposed map of the pullbacks that were compiled in these stages."""
    with _LOCK:
        if id(stages) not in _KNOWN:
            if len(_KNOWN) >= _MOST:
                _KNOWN.clear()
            split, emitted = transposed_halves(stages, request)
            functions = loaded_text(emitted.text, stages.specialised.namespaces)
            _KNOWN[id(stages)] = stages, Transposed(functions[split.forward], functions[split.backward], split.result)
        return _KNOWN[id(stages)][1]
