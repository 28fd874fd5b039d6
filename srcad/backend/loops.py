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
from srcad.backend.exits import exits
from srcad.backend.forks import Fork, fork
from srcad.backend.tails import Falling, NextTrip, Tail
from srcad.backend.values import reads
from srcad.ir.nodes import Atom, Const, Loop, Range, Stmt, Var

if TYPE_CHECKING:
    from srcad.backend.body import Body


def emit(body: Body, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail) -> tuple[int, bool | None]:
    """A loop.  The number of the statement to go on with, and, where that is none, whether control comes out of the end."""
    loop = stmts[at]
    assert isinstance(loop, Loop)
    if comprehension(body, loop):
        return at + 1, None
    writer = _LoopWriter(body, loop)
    found = fork(body, loop, stmts, at, yields, tail, plain_test=not writer.before)
    if found is not None and (found.closed or found.rest is not None):
        body.pending.flush_all(keep=reads(loop))
    falls = writer.write(found)
    if found is None:
        return at + 1, None
    if found.closed:
        return len(stmts), falls
    if found.rest is not None:
        return len(stmts), body.run(found.rest.stmts, found.rest.yields, tail) if falls else False
    return (at + 3, None) if falls else (len(stmts), False)


class _LoopWriter:
    """Writes one loop."""

    def __init__(self, body: Body, loop: Loop) -> None:
        self.body = body
        self.loop = loop
        self.items, self.params = _split(loop)
        if loop.test is not None:
            for tested, param in zip(loop.test.params, self.params, strict=True):
                body.writer.alias(tested, param)
        self.test, self.before = _test(body, loop)

    def write(self, found: Fork | None) -> bool:
        """The loop and what is written at its exits.  Whether control comes out of the end."""
        body, loop = self.body, self.loop
        flag = self._flag(found)
        carried = [i for i in range(len(self.params)) if i != loop.exit or flag]
        body.settle(reads(loop), body.writer.footprint(loop))
        note, loc = body.note, body.loc
        body.copies([self.params[i] for i in carried], [loop.inits[i] for i in carried])
        body.note, body.loc = note, loc
        iteration = None if loop.iter is None else heads.iteration(body, loop.iter)
        target, trip = self._trip(found, flag=flag)
        ended = [loop.outs[i] for i in carried], [self.params[i] for i in carried]
        clause = [] if found is None or not found.clause or self._forever else self._clause(found, *ended)
        if iteration is not None and target is not None:
            body.put(ast.For(target=target, iter=iteration, body=trip, orelse=clause, type_comment=None))
        else:
            body.put(ast.While(test=self.test, body=trip, orelse=clause))
        body.note = None
        if found is not None and found.clause:
            return True
        if found is not None and self._forever and not _breaks(trip):
            return False
        body.copies(*ended)
        return True if found is None else body.run(found.done.block.stmts, found.done.yields, found.done.tail)

    @property
    def _forever(self) -> bool:
        return self.loop.iter is None and isinstance(self.test, ast.Constant) and self.test.value is True

    def _flag(self, found: Fork | None) -> bool:
        """Whether the exit number is kept in a variable."""
        loop, counts = self.loop, self.body.writer.counts
        if loop.exit is None:
            return False
        out, param = loop.outs[loop.exit], self.params[loop.exit]
        self.body.writer.names.update({out: "early", param: "early"})
        if any(not isinstance(v, Const) for v in exits(loop.body, loop.body.yields[loop.exit])) or counts.get(param, 0) > 0:
            return True
        return counts.get(out, 0) > 0 if found is None else found.flag

    def _trip(self, found: Fork | None, *, flag: bool) -> tuple[ast.expr | None, list[ast.stmt]]:
        loop = self.loop
        inner = self.body.inner()
        target, stmts = (None, loop.body.stmts) if loop.iter is None else heads.target(inner, self.items, loop.body.stmts)
        if loop.count is not None:
            self.body.put(ast.Assign(targets=[self.body.slot(loop.count)], value=ast.Constant(value=0)))
            inner.out.append(ast.AugAssign(target=inner.slot(loop.count), op=ast.Add(), value=ast.Constant(value=1)))
        inner.out.extend(self.before)
        trip = NextTrip(self.params, loop.outs, loop.exit, flag)
        if found is not None:
            trip.behind, trip.complete = found.behind, found.complete
        inner.run(stmts, loop.body.yields, trip)
        return target, inner.out

    def _clause(self, found: Fork, outs: list[Var], values: list[Var]) -> list[ast.stmt]:
        ended = self.body.inner()
        ended.copies(outs, values)
        ended.run(found.done.block.stmts, found.done.yields, found.done.tail)
        return ended.out


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
    if cond == Const(True):  # what the test does is all of it
        return ast.Constant(value=True), list(inner.out)
    leave = ast.If(test=negated(found[0]), body=[ast.Break()], orelse=[])
    return ast.Constant(value=True), [*inner.out, Noted(leave, None, body.loc)]


@dataclass(frozen=True, slots=True)
class _Condition(Falling):
    found: list[ast.expr]

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Keep the condition."""
        body.pending.flush_all(keep=[v for v in yields if isinstance(v, Var)])
        self.found.append(body.atom(yields[0]))
        return True
