"""A loop and the `If` behind it that asks how the loop was left.

Where the exit number is known, so is the branch that is taken: it is written where the loop is left, and after an iteration
that ended it stands in the `else` clause of the loop or behind it.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcad.backend.exits import COMPARE, Rest, exits, plan
from srcad.backend.tails import FALLS, Behind, Deliver, NextTrip, Returns, Tail, substituted
from srcad.ir.nodes import UNDEF, Atom, Block, Call, Const, If, Loop, Op, Stmt, Var
from srcad.ir.visit import block_diverges, substitute, uses

if TYPE_CHECKING:
    from srcad.backend.body import Body


@dataclass(frozen=True, slots=True)
class Fork:
    """What happens after each exit of a loop."""

    done: Behind  # after an iteration that ended
    behind: dict[int, Behind]  # after the exits that are not like it
    clause: bool  # `done` is the `else` clause of the loop, as against statements behind it
    complete: bool  # `behind` has all exits
    flag: bool  # some branch still reads the exit number
    rest: Rest | None  # what stands behind, if that is not simply the next statement
    closed: bool  # nothing stands behind


def known(block: Block, number: Var, value: int) -> Block:
    """The block where the exit number has that value: its branches that ask for the number are decided."""
    table: dict[Var, Atom] = {number: Const(value)}
    answers: dict[Atom, bool] = {}
    out: list[Stmt] = []

    def go(stmts: Sequence[Stmt]) -> None:
        for stmt in stmts:
            s = substitute(Block((), (stmt,), ()), table).stmts[0]
            match s:
                case Call((answer,), Op(name=name), (Const(int() as a), Const(int() as b)), ()) if name in COMPARE:
                    answers[answer] = COMPARE[name](a, b)
                case If(outs, cond, then, orelse) if cond in answers:
                    side = then if answers[cond] else orelse
                    go(side.stmts)
                    ends = substitute(side, table).yields or (UNDEF,) * len(outs)
                    table.update(zip(outs, ends, strict=True))
                case _:
                    out.append(s)

    go(block.stmts)
    return Block(block.params, tuple(out), substitute(Block((), (), block.yields), table).yields)


def fork(
    body: Body, loop: Loop, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail, *, plain_test: bool,
) -> Fork | None:  # fmt: skip
    """The fork behind a loop, if all its exits are known and what is written at them is not written twice."""
    if loop.exit is None or at + 2 >= len(stmts):
        return None
    number = loop.outs[loop.exit]
    match stmts[at + 1], stmts[at + 2]:
        case Call((out,), Op(name=name), (left, Const(int() as wanted)), ()), If(cond=cond) as stmt if (
            left == number and cond == out and name in COMPARE and body.writer.counts.get(out) == 1
        ):
            compare = COMPARE[name]
        case _:
            return None
    ends = exits(loop.body, loop.body.yields[loop.exit])
    numbers = [v.value for v in ends if isinstance(v, Const) and isinstance(v.value, int)]
    if len(numbers) < len(ends):
        return None
    sites = [n for n in numbers if n]
    blocks = {n: known(stmt.then if compare(n, wanted) else stmt.orelse, number, n) for n in (0, *sites)}
    alike = {n for n in sites if compare(n, wanted) == compare(0, wanted)}
    closing, rest = _closing(body, stmt, stmts, at + 2, yields, tail)
    made = _Made(stmt, yields, closing, closed=closing is tail)
    flag = _flagged(body, stmts[at + 1 : at + 3], number, blocks)
    done = made.behind(blocks[0])
    full = [n for n in sites if blocks[n].stmts and not (n in alike and blocks[n] == blocks[0])]
    if len(full) > 1:
        return None
    others = {n: made.behind(blocks[n]) for n in sites if n not in alike}
    if not any(b.falls for b in others.values()) and all(blocks[n] == blocks[0] for n in alike):
        return Fork(done, others, False, not alike, flag, rest, made.closed)
    everywhere = {n: made.behind(blocks[n]) for n in sites}
    repeated = any(blocks[n].stmts for n in alike)
    if not plain_test or repeated or any(b.falls and made.closing.ends(b.yields) != FALLS for b in everywhere.values()):
        return None
    return Fork(done, everywhere, True, True, flag, rest, made.closed)


@dataclass(frozen=True, slots=True)
class _Made:
    """How the branches of the `If` are closed."""

    stmt: If
    yields: Sequence[Atom]
    closing: Tail
    closed: bool  # the branches do what the end of the block does

    def behind(self, block: Block) -> Behind:
        """A branch as it is written."""
        ends = substituted(self.yields, self.stmt.outs, block.yields) if self.closed else block.yields
        return Behind(block, tuple(ends), self.closing, not (block_diverges(block) or self.closing.jumps(ends)))


def _closing(body: Body, stmt: If, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail) -> tuple[Tail, Rest | None]:
    if at == len(stmts) - 1 and tail.splits(stmt, yields):
        return tail, None
    planned = plan(body, stmts, at, yields, tail) if isinstance(tail, Returns | NextTrip) else None
    if planned is not None and planned[1] is not None:
        return planned
    return Deliver(stmt.outs), None


def _flagged(body: Body, asking: Sequence[Stmt], number: Var, blocks: dict[int, Block]) -> bool:
    """Whether the number is read after all."""
    inside = sum(v == number for s in asking for v in uses(Block((), (s,), ())))
    left = any(v == number for b in blocks.values() for v in uses(b))
    return left or body.writer.counts.get(number, 0) > inside

