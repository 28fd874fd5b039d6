"""Tape pushes stand right behind the last value that they record.

So `tape.append(x)` comes before `x` is assigned anew, and no push stands behind the `if` that leaves a loop.  Nothing but
the reverse sweep reads a tape, hence the order of a push and of other statements does not matter, unless these change
what is recorded in place.
"""
from __future__ import annotations

from dataclasses import replace

from srcad.ir.core import BANNER, PACK, TAPE_PUSH
from srcad.ir.nodes import Block, Call, Func, Op, Stmt, Var
from srcad.ir.types import NpScalar, Scalar
from srcad.ir.visit import blocks, defs, operands, walk, with_blocks


def hoist_pushes(func: Func) -> Func:
    """The function with its pushes moved up."""
    if not any(_is_push(s) for s in walk(func.body)):
        return func
    return replace(func, body=_block(func.body))


def _is_push(stmt: Stmt) -> bool:
    return isinstance(stmt, Call) and stmt.op.name == TAPE_PUSH.name


def _block(block: Block) -> Block:
    out: list[Stmt] = []
    for s in block.stmts:
        stmt = with_blocks(s, tuple(map(_block, blocks(s))))
        group = [stmt]
        if _is_push(stmt):
            if out and isinstance(out[-1], Call) and out[-1].op.name == PACK.name and out[-1].outs[0] in operands(stmt):
                group.insert(0, out.pop())
            read = {v for g in group for v in operands(g) if isinstance(v, Var)} - set(group[0].outs)
            at = len(out)
            while at > 0 and not _holds(out[at - 1], read):
                at -= 1
            out[at:at] = group
        else:
            out.append(stmt)
    return Block(block.params, tuple(out), block.yields)


def _holds(stmt: Stmt, read: set[Var]) -> bool:
    """Whether a push of these values cannot move before a statement."""
    if read & set(defs(stmt)) or (isinstance(stmt, Call) and stmt.op.name == BANNER.name):
        return True
    changes = any(isinstance(s, Call) and isinstance(s.op, Op) and s.op.inplace for s in _all(stmt) if not _is_push(s))
    return changes and not all(isinstance(v.type, Scalar | NpScalar) for v in read)


def _all(stmt: Stmt) -> list[Stmt]:
    return [stmt, *(s for b in blocks(stmt) for s in walk(b))]
