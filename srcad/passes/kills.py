"""A part of a buffer that is saved only because it is set to 0 next: what is computed from it is computed before that.

    def f(x_bar: float64[n]) {
      %1: float64[m] = getitem(x_bar, <1:>)
      %2: float64[m] = copy(%1)
      x_bar.1: float64[n] = store(x_bar, <1:>, 0.0)
      %3: float64[m] = mul(0.5, %2)
      return %3
    }

becomes

    def f(x_bar: float64[n]) {
      %1: float64[m] = getitem(x_bar, <1:>)
      %3: float64[m] = mul(0.5, %1)
      x_bar.1: float64[n] = store(x_bar, <1:>, 0.0)
      return %3
    }
"""
from __future__ import annotations

from collections import Counter
from dataclasses import replace

from srcad.ir.nodes import ROOTS, Atom, Block, Call, Func, Op, Stmt, Var
from srcad.ir.types import Array
from srcad.ir.visit import blocks, map_atoms, operands, walk, with_blocks
from srcad.ops.effects import effects, is_fresh


def kills(func: Func) -> Func:
    """The function without saves that an earlier use makes needless."""
    counts = Counter(a for s in walk(func.body) for a in operands(s))
    counts.update(y for s in walk(func.body) for b in blocks(s) for y in b.yields)
    counts.update(func.body.yields)
    return replace(func, body=_block(func.body, counts))


def _block(block: Block, counts: Counter[Atom]) -> Block:
    stmts = [with_blocks(s, tuple(_block(b, counts) for b in blocks(s))) for s in block.stmts]
    at = 0
    while at < len(stmts):
        moved = _moved(stmts, at, counts)
        if moved is not None:
            stmts = moved
        at += 1
    return Block(block.params, tuple(stmts), block.yields)


def _moved(stmts: list[Stmt], at: int, counts: Counter[Atom]) -> list[Stmt] | None:
    """The statements with the uses of the copy at a place moved there."""
    save = stmts[at]
    if not isinstance(save, Call) or save.op.name != "copy" or not isinstance(save.args[0], Var):
        return None
    part, saved = save.args[0], save.outs[0]
    uses = [n for n in range(at + 1, len(stmts)) if saved in operands(stmts[n])]
    found = sum(a == saved for n in uses for a in operands(stmts[n]))
    if not uses or found != counts[saved] or counts[part] != 1 or not _is_part(stmts, at, part):
        return None
    if not all(_may_move(stmts, at, n) for n in uses):
        return None
    early = [map_atoms(stmts[n], lambda a: part if a == saved else a, lambda a: a) for n in uses]
    return [*stmts[:at], *early, *(s for n, s in enumerate(stmts[at + 1 :], at + 1) if n not in uses)]


def _may_move(stmts: list[Stmt], at: int, n: int) -> bool:
    """Whether a statement can be evaluated as early as a place: it is pure, and nothing that it reads is made in between."""
    use = stmts[n]
    if not isinstance(use, Call) or not _is_pure(use) or not isinstance(use.outs[0].type, Array):
        return False
    between = {o for s in stmts[at + 1 : n] for o in s.outs}
    return not any(a in between for a in operands(use))


def _is_part(stmts: list[Stmt], at: int, part: Var) -> bool:
    """Whether a value is part of an array, read just before."""
    return any(isinstance(s, Call) and s.op.name == "getitem" and s.outs == (part,) for s in stmts[max(0, at - 1) : at])


def _is_pure(use: Call) -> bool:
    op = use.op
    return isinstance(op, Op) and not op.inplace and len(use.outs) == 1 and is_fresh(op.name, use.args, use.params) and not (
        effects(op, use.args, use.params) & ROOTS
    )
