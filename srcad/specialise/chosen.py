"""Arrays of which a branch decides which one they are: `b = a if c else d`.

Such an array is known by the condition and what it is on either path.  A write to it is a write to that under the same condition, and it
is read again where one of them was written.  What a path has made new is known under an identity of its own.
"""
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ir.core import GETITEM
from srcad.specialise import choices, items, operations, writes
from srcad.specialise.memory import Again, Chosen, Identity, Option
from srcad.specialise.values import Dyn, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def current(engine: Engine, ident: Identity, chosen: Chosen) -> Value:
    """The array as it is now."""
    memory = engine.memory
    roots = tuple(memory.chosen_from(chosen))
    stale = next((memory.stale[r] for r in roots if r in memory.stale), None)
    if stale is not None:
        return writes.spoiled(stale)
    now = tuple(memory.now.get(r) for r in roots)
    if all(a is b for a, b in zip(now, chosen.stamp, strict=True)):
        return chosen.value
    known = memory.reread.get(ident)
    if known is not None and all(a is b for a, b in zip(known[0], now, strict=True)):
        return known[1]
    (found,) = choices.choose(engine, chosen.condition, (lambda: [_read(engine, chosen.first)], lambda: [_read(engine, chosen.second)]))
    if isinstance(found, Dyn):
        found = replace(found, varied=found.varied or chosen.value.varied)
        memory.adopt(found, ident)
        memory.reread[ident] = (now, found)
    return found


def _read(engine: Engine, option: Option) -> Value:
    """What the array is on a path."""
    match option:
        case Chosen():
            return choices.choose(
                engine, option.condition, (lambda: [_read(engine, option.first)], lambda: [_read(engine, option.second)])
            )[0]
        case Again():
            base = engine.runtime(_read(engine, option.base), "the array")
            if option.op == GETITEM and not option.sure:
                raise writes.unsure_item(engine)
            if not option.sure:
                writes.require_view(engine, base)
            if option.op == GETITEM:
                return items.get(engine, base, option.args[0])
            return operations.apply(engine, option.op, [base, *option.args], list(option.kwargs))
    return engine.now(option)


def store(engine: Engine, chosen: Option, path: list[Value], value: Value) -> None:
    """`array[path] = value`, on the path that chose it."""
    if isinstance(chosen, Chosen):
        first, second = chosen.first, chosen.second

        def one(option: Option) -> list[Value]:
            store(engine, option, path, value)
            return []

        choices.choose(engine, chosen.condition, (lambda: one(first), lambda: one(second)))
        return
    writes.store_at(engine, engine.runtime(_read(engine, chosen), "the array"), path, value)


def write(engine: Engine, chosen: Option, new: Value) -> None:
    """From here on the array is `new`, on the path that chose it."""
    if isinstance(chosen, Chosen):
        first, second = chosen.first, chosen.second

        def one(option: Option) -> list[Value]:
            write(engine, option, new)
            return []

        choices.choose(engine, chosen.condition, (lambda: one(first), lambda: one(second)))
        return
    writes.write(engine, _read(engine, chosen), new)
