"""Parts of buffers that need not be saved.

A part that is saved only because it is set to 0 next: what is computed from it, or what it is added to, comes before that.

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

A part that is read before its buffer changes, if it ever does, is read where it is: `x_bar[0] += y_bar[1:].copy()` needs no copy.
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
    """The statements without the copy at a place: with its uses there, or with the part that it is of in its stead."""
    save = stmts[at]
    if not isinstance(save, Call) or save.op.name != "copy" or not isinstance(save.args[0], Var):
        return None
    part, saved = save.args[0], save.outs[0]
    uses = [n for n in range(at + 1, len(stmts)) if saved in operands(stmts[n])]
    found = sum(a == saved for n in uses for a in operands(stmts[n]))
    whole = _whole(stmts, at, part)
    if not uses or found != counts[saved] or counts[part] != 1 or whole is None:
        return None

    def read(n: int) -> Stmt:
        return map_atoms(stmts[n], lambda a: part if a == saved else a, lambda a: a)

    if all(_only_reads(stmts[n], saved) for n in uses) and not any(_may_change(s, whole) for s in stmts[at + 1 : uses[-1] + 1]):
        return [*stmts[:at], *(read(n) if n in uses else stmts[n] for n in range(at + 1, len(stmts)))]
    if not all(_may_move(stmts, at, n) for n in uses):
        return None
    return [*stmts[:at], *map(read, uses), *(s for n, s in enumerate(stmts[at + 1 :], at + 1) if n not in uses)]


def _only_reads(use: Stmt, saved: Var) -> bool:
    """Whether a statement reads an array, and neither changes it nor keeps it."""
    if not isinstance(use, Call) or not isinstance(use.op, Op):
        return False
    if use.op.inplace:
        first = use.args[0]
        return isinstance(first, Var) and isinstance(first.type, Array) and first != saved
    return is_fresh(use.op.name, use.args, use.params)


def _may_change(stmt: Stmt, array: Var) -> bool:
    """Whether a statement may change an array, or hand it on to what does."""
    return any(_takes(s, array) or array in (y for b in blocks(s) for y in b.yields) for s in walk(Block((), (stmt,), ())))


def _takes(stmt: Stmt, array: Var) -> bool:
    if isinstance(stmt, Call) and isinstance(stmt.op, Op):
        return stmt.op.inplace and stmt.args[0] == array
    return array in operands(stmt)


def _may_move(stmts: list[Stmt], at: int, n: int) -> bool:
    """Whether a statement can be done as early as a place: nothing that it reads is made in between, and what it adds to is not read."""
    use = stmts[n]
    if not isinstance(use, Call) or not isinstance(use.outs[0].type, Array):
        return False
    between = stmts[at + 1 : n]
    made = {o for s in between for o in s.outs}
    if any(a in made for a in operands(use)):
        return False
    if _is_pure(use):
        return True
    to = use.args[0]
    return use.op.name == "accum_at" and isinstance(to, Var) and to not in stmts[at].outs and not any(_reads(s, to) for s in between)


def _reads(stmt: Stmt, array: Var) -> bool:
    return any(array in operands(s) or array in (y for b in blocks(s) for y in b.yields) for s in walk(Block((), (stmt,), ())))


def _whole(stmts: list[Stmt], at: int, part: Var) -> Var | None:
    """The array that a value is a part of, read just before."""
    before = stmts[at - 1] if at else None
    if not isinstance(before, Call) or before.op.name != "getitem" or before.outs != (part,):
        return None
    array = before.args[0]
    return array if isinstance(array, Var) and isinstance(array.type, Array) else None


def _is_pure(use: Call) -> bool:
    op = use.op
    return isinstance(op, Op) and not op.inplace and len(use.outs) == 1 and is_fresh(op.name, use.args, use.params) and not (
        effects(op, use.args, use.params) & ROOTS
    )
