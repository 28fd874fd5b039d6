"""Dead-code elimination.

Kept is what has effects and what kept code reads.  A value that a loop carries is kept if its final value is read, or if
something kept in the loop reads it; both are found by an optimistic fixpoint, so values that only feed themselves go.

    def f(x: float, n: int) {
      %1: float = neg(x)
      s: float, t: float = for (i: int) in range(0, n, 1) carry (s.1: float = x, t.1: float = %1) {
        t.2: float = add(t.1, s.1)
        s.2: float = mul(s.1, x)
        yield s.2, t.2
      }
      return s
    }

becomes

    def f(x: float, n: int) {
      s: float = for (i: int) in range(0, n, 1) carry (s.1: float = x) {
        s.2: float = mul(s.1, x)
        yield s.2
      }
      return s
    }
"""
from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from srcad.analysis.bounds import surely_there
from srcad.ir.core import RAISE
from srcad.ir.nodes import (
    ROOTS, Arg, Atom, Block, Call, Const, Each, Effect, Func, FuncRef, Handler, If, Loop, Op, Range, Stmt, Try, Var, With,
)  # fmt: skip
from srcad.ir.types import BOOL, INT, WHOLE, Array, ListOf, NpScalar, Struct, TupleOf, Type, dtype_kind
from srcad.ir.visit import defs, operands, walk
from srcad.ops.effects import effects as table_effects, raises_for_warnings

_IGNORED = (("all", Const("ignore")),)  # of `np.errstate`
Effects = Callable[[Op, tuple[Arg, ...], tuple[tuple[str, Arg], ...]], Effect]


def dce(func: Func, effects: Effects = table_effects) -> Func:
    """The function without code that nothing needs."""
    live = Live(effects, frozenset(watched(func.body)))
    live.of(func, func.body.yields)
    return replace(func, body=_Pruner(live).block(func.body, [True] * len(func.body.yields)))


def watched(block: Block) -> Iterator[int]:
    """Operations on floats where NumPy is told to raise: they may, though nobody reads what they give."""
    quiet = {id(s) for stmt in walk(block) if isinstance(stmt, With) and stmt.params == _IGNORED for s in walk(stmt.body)}
    for stmt in walk(block):
        if isinstance(stmt, With) and raises_for_warnings(stmt):
            calls = (s for s in walk(stmt.body) if isinstance(s, Call) and id(s) not in quiet)
            yield from (id(s) for s in calls if any(_is_numpy_float(o.type) for o in s.outs))


def _is_numpy_float(t: Type) -> bool:
    return isinstance(t, Array | NpScalar) and dtype_kind(t) in "fc"


class Live:
    """The variables that kept code reads, and `watched` statements; grows until nothing changes."""

    def __init__(self, effects: Effects, watched: frozenset[int]) -> None:
        self.vars: set[Var] = set()
        self._effects = effects
        self._watched = watched
        self._body = Block((), (), ())

    def of(self, func: Func, yields: tuple[Atom, ...]) -> set[Var]:
        """What a function reads, if these of its yields are read."""
        self._body = func.body
        before = -1
        while len(self.vars) != before:
            before = len(self.vars)
            self.use(yields)
            self.block(func.body)
        return self.vars

    def read_by(self, stmt: Stmt) -> Iterable[Atom]:
        """What a kept statement reads."""
        return operands(stmt)

    def use(self, atoms: Iterable[Atom]) -> None:
        """Kept code reads these."""
        self.vars.update(a for a in atoms if isinstance(a, Var))

    def any(self, new: Iterable[Var]) -> bool:
        """Whether one of these is read."""
        return any(v in self.vars for v in new)

    def block(self, block: Block) -> None:
        """Mark what the kept statements of a block read; its yields are the affair of the statement that holds it."""
        for stmt in reversed(block.stmts):
            self._stmt(stmt)

    def roots(self, stmt: Call | With) -> bool:
        """Whether the operation has effects."""
        if isinstance(stmt.op, FuncRef) or not stmt.op.effects & ROOTS:
            return bool(stmt.op.effects & ROOTS)
        return bool(self._effects(stmt.op, stmt.args, stmt.params) & ROOTS)

    def kept(self, stmt: Stmt) -> bool:
        """Whether the statement is kept, as far as is known."""
        if self.any(defs(stmt)):
            return True
        match stmt:
            case Call():
                return (self.roots(stmt) and not (stmt.op.name == "getitem" and id(stmt) in self._there)) or id(stmt) in self._watched
            case If(_, _, then, orelse):
                return self.keeps(then) or self.keeps(orelse)
            case Loop():
                return stmt.iter is None or stmt.test is not None or _iteration_may_raise(stmt.iter) or self.keeps(stmt.body)
            case Try(_, body, _, final):
                return self.keeps(body) or (final is not None and self.keeps(final))
            case With(body=body):
                return self.roots(stmt) or self.keeps(body)
            case _:
                assert_never(stmt)

    @functools.cached_property
    def _there(self) -> frozenset[int]:
        """Reads that cannot raise."""
        return frozenset(surely_there(self._body))

    def keeps(self, block: Block) -> bool:
        """Whether a block holds a kept statement."""
        return any(map(self.kept, block.stmts))

    def _stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Call():
                pass
            case If(outs, _, then, orelse):
                self._yields(outs, then, orelse)
            case Loop():
                self._loop(stmt)
            case Try(outs, body, handlers, final):
                self._yields(outs, body, *(h.block for h in handlers), *(() if final is None else (final,)))
            case With(outs=outs, body=body):
                self._yields(outs, body)
            case _:
                assert_never(stmt)
        if self.kept(stmt):
            self.use(stmt.inits[i] for i in self.carried(stmt)) if isinstance(stmt, Loop) else self.use(self.read_by(stmt))

    def _yields(self, outs: tuple[Var, ...], *inner: Block) -> None:
        for b in inner:
            self.use(y for o, y in zip(outs, b.yields, strict=False) if o in self.vars)
            self.block(b)

    def carried(self, loop: Loop) -> list[int]:
        """Numbers of the carried values that a loop keeps."""
        return [
            i for i, out in enumerate(loop.outs)
            if i == loop.exit or out in self.vars or loop.body.params[_items(loop) + i] in self.vars
            or (loop.test is not None and loop.test.params[i] in self.vars)
        ]  # fmt: skip

    def _loop(self, loop: Loop) -> None:
        if not self.kept(loop):
            self.block(loop.body)
        if self.kept(loop):
            if loop.test is not None:
                self.use(loop.test.yields)
                self.block(loop.test)
            self.use(a for a in operands(replace(loop, iter=_over(loop, self.vars)[0], inits=())))
            self.use(loop.body.yields[i] for i in self.carried(loop))
            self.block(loop.body)
            self.use(loop.body.yields[i] for i in self.carried(loop))


def _over(loop: Loop, alive: set[Var]) -> tuple[Range | Each | None, tuple[Var, ...]]:
    """What a loop goes over, and its items: from last to first, sequences have equal lengths, and those whose items nobody reads may go."""
    items = loop.body.params[: _items(loop)]
    if not isinstance(loop.iter, Each) or not loop.iter.reverse:
        return loop.iter, items
    pairs = list(zip(loop.iter.seqs, items, strict=True))
    read = [pair for pair in pairs if pair[1] in alive] or pairs[:1]
    return replace(loop.iter, seqs=tuple(s for s, _ in read)), tuple(p for _, p in read)


def _items(loop: Loop) -> int:
    """How many parameters of the body are items."""
    return len(loop.body.params) - len(loop.inits)


def _iteration_may_raise(it: Range | Each) -> bool:
    """Whether setting up the iteration may raise or run code of the user."""
    if isinstance(it, Range):
        return not (_is_int(it.start) and _is_int(it.stop) and isinstance(it.step, Const) and it.step.value != 0)
    return any(_iteration_may_raise(s) if isinstance(s, Range) else not _is_sequence(s) for s in it.seqs)


def _is_sequence(atom: Atom) -> bool:
    t = atom.type if isinstance(atom, Var) else None
    return isinstance(t, ListOf | TupleOf | Struct) or (isinstance(t, Array) and bool(t.shape))


def _is_int(atom: Atom) -> bool:
    if isinstance(atom, Const):
        return isinstance(atom.value, int)
    return isinstance(atom, Var) and atom.type in (INT, BOOL, WHOLE)


def _only_raises_again(handler: Handler) -> bool:
    """`except E: raise`."""
    (*before, last) = handler.block.stmts or (None,)
    return not before and isinstance(last, Call) and last.op == RAISE and not last.args


class _Pruner:
    """Rebuilds blocks from what is live."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def block(self, block: Block, keep: list[bool]) -> Block:
        """The block with its kept statements and the yields marked in `keep`."""
        stmts = tuple(self._stmt(s) for s in block.stmts if self._live.kept(s))
        return Block(block.params, stmts, tuple(y for y, k in zip(block.yields, keep, strict=True) if k))

    def _stmt(self, stmt: Stmt) -> Stmt:
        alive = self._live.vars
        keep = [o in alive for o in stmt.outs]
        outs = tuple(o for o in stmt.outs if o in alive)
        match stmt:
            case Call():
                return stmt
            case If():
                return replace(stmt, outs=outs, then=self.block(stmt.then, keep), orelse=self.block(stmt.orelse, keep))
            case Loop():
                return self._loop(stmt)
            case Try():
                handlers = tuple(Handler(h.type, self.block(h.block, keep)) for h in stmt.handlers)
                final = None if stmt.final is None else self.block(stmt.final, [])
                path = stmt.path if stmt.path in alive else None
                while handlers and path is None and _only_raises_again(handlers[-1]):
                    handlers = handlers[:-1]
                return replace(stmt, outs=outs, body=self.block(stmt.body, keep), handlers=handlers, final=final, path=path)
            case With():
                return replace(stmt, outs=outs, body=self.block(stmt.body, keep))
            case _:
                assert_never(stmt)

    def _loop(self, loop: Loop) -> Loop:
        kept = self._live.carried(loop)
        items = _items(loop)
        keep = [i in kept for i in range(len(loop.inits))]
        over, read = _over(loop, self._live.vars)
        params = (*read, *(loop.body.params[items + i] for i in kept))
        test = loop.test
        if test is not None:
            test = replace(self.block(test, [True]), params=tuple(test.params[i] for i in kept))
        return replace(
            loop,
            iter=over,
            outs=tuple(loop.outs[i] for i in kept),
            inits=tuple(loop.inits[i] for i in kept),
            test=test,
            body=replace(self.block(loop.body, keep), params=params),
            exit=None if loop.exit is None else kept.index(loop.exit),
            count=loop.count if loop.count in self._live.vars else None,
        )
