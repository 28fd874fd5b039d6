"""Values of `and` and `or` of which nothing but their truth is asked: `while queue and t < end`.

Python gives one of the operands.  Where that is an object whose class says when it is true, its truth stands for it, so that the object
itself need not be a run-time value.
"""
from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from srcad.ir.nodes import Atom, Block, Call, If, Loop, Stmt, Var
from srcad.ir.visit import blocks, operands, walk
from srcad.specialise import dunders
from srcad.specialise.kinds import is_object
from srcad.specialise.values import Dyn, Value

if TYPE_CHECKING:
    from srcad.frontend.lowered import Lowered
    from srcad.specialise.engine import Engine

_ASKING = ("truth", "not_")


def asked(engine: Engine, stmt: If, block: Block, cond: Dyn, found: list[Value]) -> list[Value]:
    """What a path of an `if` gives: for objects their truth, where that is all that counts.  That of the condition itself is `cond`."""
    if not any(map(is_object, found)):
        return found
    only = only_asked(engine.frames[-1].lowered)
    rows = zip(stmt.outs, block.yields, found, strict=True)
    return [_truth(engine, v, cond if y == stmt.cond else None) if o in only and is_object(v) else v for o, y, v in rows]


def _truth(engine: Engine, value: Value, known: Dyn | None) -> Value:
    return dunders.condition(engine, engine.now(value)) if known is None else known


def hands_on(engine: Engine, stmt: If) -> bool:
    """Whether a path gives the condition itself, of which only the truth is asked."""
    given = [out for block in (stmt.then, stmt.orelse) for out, y in zip(stmt.outs, block.yields, strict=True) if y == stmt.cond]
    return any(out in only_asked(engine.frames[-1].lowered) for out in given)


@functools.lru_cache(maxsize=1024)
def only_asked(lowered: Lowered) -> frozenset[Var]:
    """The values of paths of a function that nothing uses but for their truth."""
    body = lowered.func.body
    used = {*_used(body), *body.yields}
    handed = [pair for s in walk(body) if isinstance(s, If) for b in blocks(s) for pair in zip(s.outs, b.yields, strict=True)]
    before = -1
    while len(used) != before:
        before = len(used)
        used.update(given for out, given in handed if out in used)
    return frozenset(out for out, _ in handed if out not in used)


def _used(block: Block) -> Iterator[Atom]:
    """What the statements of a block use for more than its truth; what an `if` hands on is told by who uses that."""
    for stmt in block.stmts:
        yield from _by(stmt)
        for inner in blocks(stmt):
            yield from _used(inner)
            tested = isinstance(stmt, Loop) and inner is stmt.test
            if not isinstance(stmt, If) and not tested:
                yield from inner.yields


def _by(stmt: Stmt) -> Iterator[Atom]:
    if isinstance(stmt, If) or (isinstance(stmt, Call) and stmt.op.name in _ASKING):
        return
    yield from (a for a in operands(stmt) if isinstance(a, Var))
