"""Arrays of which a branch or loop decides which one they are: `b = a if c else d`, `a, b, c = b, c, a`.

Such an array is known by the condition, or a number, and what it is in each case.  A write to it is a write to that in the same case, and
it is read again where one of them was written.  What a path has made new is known under an identity of its own.
"""
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ir.core import GETITEM
from srcad.specialise import choices, items, operations, views, writes
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
    (found,) = choices.select(engine, chosen.which, tuple(lambda o=o: [_read(engine, o)] for o in chosen.options))  # type: ignore[misc]
    if isinstance(found, Dyn):
        found = replace(found, varied=found.varied or chosen.value.varied)
        memory.adopt(found, ident)
        memory.reread[ident] = (now, found)
    return found


def _read(engine: Engine, option: Option) -> Value:
    """What the array is on a path."""
    match option:
        case Chosen():
            return choices.select(engine, option.which, tuple(lambda o=o: [_read(engine, o)] for o in option.options))[0]  # type: ignore[misc]
        case Again():
            base = engine.runtime(_read(engine, option.base), "the array")
            if option.op == GETITEM and not option.sure:
                raise writes.unsure_item(engine)
            if not option.sure:
                views.require(engine, option, base)
            if option.op == GETITEM:
                return items.get(engine, base, option.args[0])
            return operations.apply(engine, option.op, [base, *option.args], list(option.kwargs))
    return engine.now(option)


def store(engine: Engine, chosen: Option, path: list[Value], value: Value) -> None:
    """`array[path] = value`, in the case that chose it."""
    if isinstance(chosen, Chosen):
        def one(option: Option) -> list[Value]:
            store(engine, option, path, value)
            return []

        choices.select(engine, chosen.which, tuple(lambda o=o: one(o) for o in chosen.options))  # type: ignore[misc]
        return
    writes.store_at(engine, engine.runtime(_read(engine, chosen), "the array"), path, value)


def write(engine: Engine, chosen: Option, new: Value) -> None:
    """From here on the array is `new`, in the case that chose it."""
    if isinstance(chosen, Chosen):
        def one(option: Option) -> list[Value]:
            write(engine, option, new)
            return []

        choices.select(engine, chosen.which, tuple(lambda o=o: one(o) for o in chosen.options))  # type: ignore[misc]
        return
    writes.write(engine, _read(engine, chosen), new)
