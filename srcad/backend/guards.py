"""Guards under `SRCAD_CHECK=1`: generated code asks at run time whether what the analysis of storage says is so.

Before every write in place: no array that is read later shares the memory (a container may hold what is written).
What tapes hold: unchanged when it is read back.
"""
from __future__ import annotations

from srcad.analysis.sharing import consumes
from srcad.backend.ownership import Reads, read_at_exits, read_behind
from srcad.ir.core import TAPE_NEW
from srcad.ir.nodes import Block, Call, Func, Loop, Op, Stmt, Try, Var
from srcad.ir.types import Array
from srcad.ir.visit import blocks, defs, with_blocks

_ALONE = Op("require_alone", "require_alone(*_)", ("srcad.runtime:require_alone",))
_TAPE = Op("guarded_tape", "GuardedTape()", ("srcad.runtime:GuardedTape",))


def guarded(func: Func) -> Func:
    """The function with guards, once every buffer that needs a copy has one."""
    yields = frozenset(y for y in func.body.yields if isinstance(y, Var))
    body = _block(func.body, yields, frozenset(func.body.params))
    return Func(func.name, body, func.result, func.key, func.doc, func.custom)


def _block(block: Block, after: frozenset[Var], bound: frozenset[Var], caught: frozenset[Var] = frozenset()) -> Block:
    """A block; `after`, `caught`: see `read_behind`, `bound`: values that surely exist where it starts."""
    out: list[Stmt] = []
    bound = bound | set(block.params)
    for stmt, later in zip(block.stmts, read_behind(block, Reads(), after, caught), strict=True):
        out.extend(_stmt(stmt, later if isinstance(stmt, Call) else later | caught, bound))
        bound = bound | set(defs(stmt))
    return Block(block.params, tuple(out), block.yields)


def _stmt(stmt: Stmt, later: frozenset[Var], bound: frozenset[Var]) -> list[Stmt]:
    if isinstance(stmt, Call) and stmt.op == TAPE_NEW:
        return [Call(stmt.outs, _TAPE, (), (), stmt.loc, stmt.note)]
    if isinstance(stmt, Call):
        base = stmt.args[0] if stmt.args else None
        if not consumes(stmt) or not isinstance(base, Var) or not isinstance(base.type, Array):
            return [stmt]
        others = sorted((v for v in later & bound if v != base and isinstance(v.type, Array)), key=lambda v: v.name)
        return [Call((), _ALONE, (base, *others), (), stmt.loc), stmt] if others else [stmt]
    if isinstance(stmt, Try):
        last, caught = read_at_exits(stmt, Reads())
        body, *rest = blocks(stmt)
        return [with_blocks(stmt, (_block(body, later | last, bound, caught), *(_block(b, later | last, bound) for b in rest)))]
    inside = later
    if isinstance(stmt, Loop):
        inside = later | frozenset(v for b in blocks(stmt) for v in Reads().inside(b))
    return [with_blocks(stmt, tuple(_block(b, inside, bound) for b in blocks(stmt)))]

