"""Loops, the ways to leave them, and list comprehensions."""
from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcad.backend import heads
from srcad.backend.comprehensions import comprehension
from srcad.backend.conditions import negated
from srcad.backend.nodes import Noted
from srcad.backend.exits import COMPARE, exits
from srcad.backend.tails import FALLS, Behind, Deliver, NextTrip, Tail, substituted
from srcad.backend.values import reads
from srcad.backend.writer import block_diverges
from srcad.ir.nodes import Atom, Block, Call, Const, If, Loop, Op, Range, Stmt, Var

if TYPE_CHECKING:
    from srcad.backend.body import Body


@dataclass(frozen=True, slots=True)
class Fork:
    """A loop and the `If` behind it that asks how it was left.  `done` is the branch after an iteration that ended."""

    stmt: If
    done: Behind
    behind: dict[int, Behind]  # for the exits that take the other branch
    clause: bool  # `done` is the `else` clause of the loop, as against statements behind it
    rejoins: bool  # some exits take `done`, too
    tail: Tail | None  # closes the block behind the `If`, where its branches have not


def emit(body: Body, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail) -> tuple[int, bool | None]:
    """A loop.  The number of the statement to go on with, and, where that is none, whether control comes out of the end."""
    loop = stmts[at]
    assert isinstance(loop, Loop)
    made = comprehension(body, loop)
    if made:
        return at + 1, None
    items, params = _split(loop)
    if loop.test is not None:
        for inner, param in zip(loop.test.params, params, strict=True):
            body.writer.alias(inner, param)
    test, before = _test(body, loop)
    fork = _fork(body, loop, stmts, at, yields, tail, plain_test=not before)
    flag = _flag(body, loop, fork)
    if loop.exit is not None:
        for v in (params[loop.exit], loop.outs[loop.exit]):
            body.writer.names[v] = "early"
    if fork is not None and fork.tail is None:
        body.pending.flush_all(keep=[v for v in reads(loop)])
    carried = [i for i in range(len(params)) if i != loop.exit or flag]
    body.settle(reads(loop), body.writer.footprint(loop))
    note, loc = body.note, body.loc
    body.copies([params[i] for i in carried], [loop.inits[i] for i in carried])
    body.note, body.loc = note, loc
    iteration = None if loop.iter is None else heads.iteration(body, loop.iter)
    inner = body.inner()
    target, rest = (None, loop.body.stmts) if loop.iter is None else heads.target(inner, items, loop.body.stmts)
    if loop.count is not None:
        body.put(ast.Assign(targets=[body.slot(loop.count)], value=ast.Constant(value=0)))
        inner.out.append(ast.AugAssign(target=inner.slot(loop.count), op=ast.Add(), value=ast.Constant(value=1)))
    inner.out.extend(before)
    trip = NextTrip(params, loop.outs, loop.exit, flag, {} if fork is None else fork.behind)
    inner.run(rest, loop.body.yields, trip)
    return _finish(body, loop, fork, (carried, params), (target, iteration, test, inner.out), (at, len(stmts), yields, tail))


def _finish(
    body: Body, loop: Loop, fork: Fork | None, carries: tuple[list[int], tuple[Var, ...]],
    parts: tuple[ast.expr | None, ast.expr | None, ast.expr, list[ast.stmt]], place: tuple[int, int, Sequence[Atom], Tail],
) -> tuple[int, bool | None]:  # fmt: skip
    carried, params = carries
    target, iteration, test, stmts = parts
    at, length, yields, tail = place
    clause: list[ast.stmt] = []
    ended = body.inner()
    endless = loop.iter is None and isinstance(test, ast.Constant) and test.value is True and not _breaks(stmts)
    outs, values = [loop.outs[i] for i in carried], [params[i] for i in carried]
    if fork is not None and fork.clause and not (loop.iter is None and isinstance(test, ast.Constant)):
        ended.copies(outs, values)
        ended.run(fork.done.block.stmts, fork.done.yields, fork.done.tail)
        clause = ended.out
    if iteration is not None and target is not None:
        body.put(ast.For(target=target, iter=iteration, body=stmts, orelse=clause, type_comment=None))
    else:
        body.put(ast.While(test=test, body=stmts, orelse=clause))
    body.note = None
    if fork is None:
        body.copies(outs, values)
        return at + 1, None
    falls = True
    if not fork.clause:
        falls = False
        if not endless:
            body.copies(outs, values)
            falls = body.run(fork.done.block.stmts, fork.done.yields, fork.done.tail)
    if fork.tail is None:
        return length, falls
    return (at + 3, None) if falls else (length, False)


def _breaks(stmts: Sequence[ast.stmt]) -> bool:
    """Whether a `break` among the statements leaves the loop around them."""
    for s in stmts:
        inner = s.stmt if isinstance(s, Noted) else s
        match inner:
            case ast.Break():
                return True
            case ast.If():
                found = _breaks(inner.body) or _breaks(inner.orelse)
            case ast.For() | ast.While():
                found = _breaks(inner.orelse)
            case ast.Try():
                found = any(_breaks(b) for b in (inner.body, inner.finalbody, *(h.body for h in inner.handlers)))
            case ast.With():
                found = _breaks(inner.body)
            case _:
                found = False
        if found:
            return True
    return False


def _split(loop: Loop) -> tuple[tuple[Var, ...], tuple[Var, ...]]:
    """The item parameters and the carried ones."""
    items = 0 if loop.iter is None else 1 if isinstance(loop.iter, Range) else len(loop.iter.seqs)
    return loop.body.params[:items], loop.body.params[items:]


# ---- heads -----------------------------------------------------------------------------------------------------------------
def _test(body: Body, loop: Loop) -> tuple[ast.expr, list[ast.stmt]]:
    """The condition of `while`; statements at the start of a trip where it is no expression."""
    if loop.test is None:
        return ast.Constant(value=True), []
    inner = body.inner()
    found: list[ast.expr] = []
    (cond,) = loop.test.yields
    inner.run(loop.test.stmts, (cond,), _Condition(found))
    if not inner.out:
        return found[0], []
    leave = ast.If(test=negated(found[0]), body=[ast.Break()], orelse=[])
    return ast.Constant(value=True), [*inner.out, Noted(leave, None, body.loc)]


@dataclass(frozen=True, slots=True)
class _Condition:
    found: list[ast.expr]

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Keep the condition."""
        body.pending.flush_all(keep=[v for v in yields if isinstance(v, Var)])
        self.found.append(body.atom(yields[0]))
        return True

    def splits(self, stmt: If, yields: Sequence[Atom]) -> bool:
        """Never."""
        return False

    def jumps(self, yields: Sequence[Atom]) -> bool:
        """Never."""
        return False

    def ends(self, yields: Sequence[Atom]) -> str:
        """Out of the end."""
        return FALLS


# ---- exits ---------------------------------------------------------------------------------------------------------------
def _flag(body: Body, loop: Loop, fork: Fork | None) -> bool:
    """Whether the exit number is kept in a variable."""
    if loop.exit is None:
        return False
    if any(not isinstance(v, Const) for v in exits(loop.body, loop.body.yields[loop.exit])):
        return True
    counts = body.writer.counts
    inside = _split(loop)[1][loop.exit]
    return counts.get(loop.outs[loop.exit], 0) > (0 if fork is None else 1) or counts.get(inside, 0) > 0


def _fork(
    body: Body, loop: Loop, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail, *, plain_test: bool,
) -> Fork | None:  # fmt: skip
    """The `If` behind the loop, if it asks for the exit number and all exits are known."""
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
    values = exits(loop.body, loop.body.yields[loop.exit])
    if not all(isinstance(v, Const) and isinstance(v.value, int) for v in values):
        return None
    numbers = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, int) and v.value]
    asks = compare(0, wanted)
    done, other = (stmt.then, stmt.orelse) if asks else (stmt.orelse, stmt.then)
    sites = [n for n in numbers if compare(n, wanted) != asks]
    last = at + 2 == len(stmts) - 1
    split = last and tail.splits(stmt, yields)
    closing: Tail = tail if split else Deliver(stmt.outs)

    def behind(block: Block, *, falls: bool) -> Behind:
        ends = substituted(yields, stmt.outs, block.yields) if split else block.yields
        return Behind(block, tuple(ends), closing, falls)

    leaves = block_diverges(other) or (split and tail.jumps(behind(other, falls=False).yields))
    rejoins = len(sites) < len(numbers)
    if not leaves and (split or rejoins or not plain_test):
        return None
    if other.stmts and len(sites) > 1:
        return None
    written = dict.fromkeys(sites, behind(other, falls=not leaves))
    return Fork(stmt, behind(done, falls=True), written, not leaves, rejoins, None if split else tail)

