"""Exit numbers: which values they have where, and branches that ask for them.

`if a: if b: return x` lowers to a number that says how the first `if` was left, and an `If` behind it that asks for that
number.  Where all values are known, what the second one would do is written into the branches of the first.
"""
from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcad.backend.tails import FALLS, Behind, NextTrip, Returns, Tail, Threaded, substituted
from srcad.ir.nodes import Atom, Block, Call, Const, If, Op, Stmt, Undef, Var
from srcad.ir.visit import block_diverges, free_vars

if TYPE_CHECKING:
    from srcad.backend.body import Body

COMPARE: dict[str, Callable[[int, int], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


def exits(block: Block, atom: Atom) -> list[Atom]:
    """The values that an exit number has at the ends of a block."""
    if isinstance(atom, Undef) or block_diverges(block):
        return []
    last = block.stmts[-1] if block.stmts else None
    if not isinstance(last, If) or not isinstance(atom, Var) or atom not in last.outs:
        return [atom]
    n = last.outs.index(atom)
    ask = asks(block.stmts, len(block.stmts) - 3)
    found: list[Atom] = []
    for side in (last.then, last.orelse):
        if ask is not None and side.yields and side.yields[n] == ask.first.outs[ask.exit]:
            found.extend(Const(k) for k in ask.sites(side))
        elif side.yields:
            found.extend(exits(side, side.yields[n]))
    return found


@dataclass(frozen=True, slots=True)
class Ask:
    """An `If` whose outs hold an exit number, and the last statement of the block, an `If` that asks for it."""

    first: If
    exit: int
    last: If
    numbers: tuple[int, ...]  # at the ends of `first`
    then: frozenset[int]  # those for which `last` takes its `then`

    def sites(self, block: Block) -> list[int]:
        """The ends after which a branch of `last` is taken, one by one."""
        return [n for n in self.numbers if (n in self.then) == (block is self.last.then)]

    def closable(self, block: Block) -> bool:
        """Whether a branch of `last` can be written at the ends without repeating it."""
        return not block.stmts or len(self.sites(block)) <= 1


def asks(stmts: Sequence[Stmt], at: int) -> Ask | None:
    """Whether an `If` decides on an exit number that only the last statement asks for."""
    if at < 0 or at + 3 != len(stmts):
        return None
    match stmts[at], stmts[at + 1], stmts[at + 2]:
        case If(outs=outs) as first, Call((out,), Op(name=name), (Var() as number, Const(int() as wanted)), ()), If(cond=cond) as last if (
            number in outs and out == cond and name in COMPARE
        ):
            n = outs.index(number)
        case _:
            return None
    values = [v for side in (first.then, first.orelse) if side.yields for v in exits(side, side.yields[n])]
    numbers = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, int)]
    if len(numbers) < len(values):
        return None
    return Ask(first, n, last, tuple(numbers), frozenset(k for k in numbers if COMPARE[name](k, wanted)))


@dataclass(frozen=True, slots=True)
class Rest:
    """Statements that stand behind an `If` whose other ends are dealt with, and what they yield."""

    stmts: tuple[Stmt, ...]
    yields: tuple[Atom, ...]


def plan(body: Body, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail) -> tuple[Threaded, Rest | None] | None:
    """How the ends of an `If` are written if the last statement asks for its exit number, and what stands behind it."""
    ask = asks(stmts, at)
    if ask is None or any(body.writer.counts.get(v) != 1 for v in stmts[at + 1].outs):
        return None
    number = ask.first.outs[ask.exit]
    sides = [ask.last.then, ask.last.orelse]
    flag = any(number in free_vars(Block((), b.stmts, ())) for b in sides)
    ends = {b is ask.last.then: substituted(yields, ask.last.outs, b.yields) for b in sides}

    def behind(block: Block) -> dict[int, Behind]:
        return {n: Behind(block, ends[block is ask.last.then], tail, falls=False) for n in ask.sites(block)}

    def leaves(block: Block) -> bool:
        found = [tail.ends(substituted(b.yields, (number,), (Const(n),))) for n, b in behind(block).items()]
        return block_diverges(block) or all(e != FALLS for e in found)

    for block, other in (sides, sides[::-1]):
        left = set(ask.sites(other))
        known = ends[other is ask.last.then]
        unclear = number in known and len(left) > 1
        if ask.closable(block) and leaves(block) and not (unclear or (not block.stmts and not other.stmts)):
            known = substituted(known, (number,), (Const(min(left)),)) if left else known
            return Threaded(ask.first.outs, ask.exit, flag, False, behind(block)), Rest(other.stmts, tuple(known))
    if all(map(ask.closable, sides)):
        return Threaded(ask.first.outs, ask.exit, flag, True, behind(sides[0]) | behind(sides[1])), None
    return None


def thread(body: Body, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail) -> bool | None:
    """Write an `If` and the one that asks for its exit number.  Whether control comes out of the end; None: they are not such."""
    first = stmts[at]
    planned = plan(body, stmts, at, yields, tail) if isinstance(tail, Returns | NextTrip | Threaded) else None
    if planned is None or not isinstance(first, If):
        return None
    closing, rest = planned
    body.pending.flush_all(keep=[v for v in (first.cond,) if isinstance(v, Var)])
    falls = body.branch(first, lambda block: (block.yields, closing))
    return body.run(rest.stmts, rest.yields, tail) if falls and rest is not None else falls
