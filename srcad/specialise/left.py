"""What a function leaves in its arguments, where that counts as its result."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from srcad.errors import ArgumentError
from srcad.parts import RETURN, Outputs, Step
from srcad.specialise import attributes, items, writes
from srcad.specialise.values import Poison, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def reached(engine: Engine, value: Value, steps: Sequence[Step]) -> Value:
    """The part of a value that steps lead to, as it is now."""
    for step in steps:
        value = writes.current(engine, value)
        value = attributes.get(engine, value, str(step.key)) if step.attribute else items.get(engine, value, Static(step.key))
    return writes.current(engine, value)


def left_in(engine: Engine, outputs: Outputs, values: list[Value], result: Value, names: Sequence[str]) -> Value:
    """What a function leaves in its arguments `values`, and what it has returned, as `outputs` says."""
    found: list[Value] = []
    for part in outputs.parts:
        value = result if part.number == RETURN else values[part.number]
        now = reached(engine, value, part.steps)
        changes = part.steps or part.number == RETURN or isinstance(now, Poison) or any(True for _ in engine.memory.roots(now))
        if not changes:
            raise ArgumentError(f"outputs names {part.shown(names)!r}, which a function cannot change",
                                "name an array or a container, or return the value")  # fmt: skip
        found.append(now)
    return found[0] if outputs.bare else Seq(tuple, tuple(found))
