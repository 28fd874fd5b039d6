"""What the parameters of a loop are called: as the targets of the user's loop."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ir.core import UNPACK
from srcad.ir.nodes import Block, Call
from srcad.specialise.memory import Identity
from srcad.specialise.values import Cell, Dyn, Seq, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine
    from srcad.specialise.frames import Env
    from srcad.specialise.loops import Plan


def words(body: Block, how: Plan) -> list[str]:
    """Names for the parameters of a typed loop, '' where the user has none: for the number by which an item is read, say."""
    count = len(how.items)
    known = _targets(body) if count else []
    if how.live:
        return [*(known[:1] if how.counted else [""]), *[""] * (count - 1)]
    return known if len(known) == count else [""] * count


def _targets(body: Block) -> list[str]:
    """The names that the loop assigns its item to, those of its parts from left to right."""
    taken = {s.args[0]: s.outs for s in body.stmts if isinstance(s, Call) and s.op == UNPACK and not s.params}
    parts = [body.params[0]]
    while any(p in taken for p in parts):
        parts = [q for p in parts for q in taken.get(p, (p,))]
    return [p.hint for p in parts]


def name_of(ident: Identity, env: Env, now: Mapping[Identity, Value]) -> str:
    """The first name that the user has given to a list, dict or object, or that it has of its own, or the key or attribute that it stands
    under; '' if there is none.  `now`: what is in lists, dicts and objects.
    """
    if isinstance(ident, Cell) and ident.name:
        return ident.name
    named = (v.hint for v, held in env.items() if v.hint and isinstance(held, Seq) and held.cell is ident)
    return next(named, "") or next((word for held in env.values() for word in _words(held, ident, now)), "")


def _words(value: Value, ident: Identity, now: Mapping[Identity, Value], depth: int = 3) -> Iterator[str]:
    """The keys and attributes under which something stands in a value."""
    whole = now.get(value.cell, value) if isinstance(value, Seq) and value.cell is not None else value
    if not isinstance(whole, Seq) or not depth:
        return
    for n, item in enumerate(whole.items):
        key = whole.keys[n] if whole.keys else None
        if isinstance(item, Seq) and item.cell is ident and isinstance(key, str) and key.isidentifier():
            yield key
        yield from _words(item, ident, now, depth - 1)


def last_named(engine: Engine, item: Value, body: Block) -> Value:
    """The item of a trip, with the user's name for what the last statement has read."""
    word = _targets(body)[-1]
    if isinstance(item, Dyn):
        return engine.named(item, word)
    if isinstance(item, Seq) and item.cls is tuple and item.items:
        return replace(item, items=(*item.items[:-1], engine.named(item.items[-1], word)))
    return item
