"""What a function of the program returns and no caller reads is not returned, and parameters that only this needs go.

So are cotangents that calls only hand on to one another, as the derivatives of gradients have them.

    def f(x: float, n: int) {
      s: float, t: float = for (i: int) in range(0, n, 1) carry (s.1: float = x, t.1: float = x) {
        s.2: float, t.2: float = @g(s.1, t.1, 2.0)
        yield s.2, t.2
      }
      return s
    }

    def g(x: float, y: float, c: float) {
      a: float = mul(x, x)
      b: float = mul(y, c)
      return a, b as (0, 1)
    }

becomes

    def f(x: float, n: int) {
      s: float = for (i: int) in range(0, n, 1) carry (s.1: float = x) {
        s.2: float = @g(s.1)
        yield s.2
      }
      return s
    }

    def g(x: float) {
      a: float = mul(x, x)
      return a
    }
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from srcad.analysis.handing import called_inside
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Func, FuncRef, Pack, Program, Stmt
from srcad.ir.visit import blocks, leaves, operands, with_blocks
from srcad.ops.effects import effects
from srcad.passes.dce import Live, dce, watched

_T = TypeVar("_T")


def unread(program: Program) -> Program:
    """The program without such results and parameters."""
    reads = {f.name: _Reads() for f in _internal(program)}
    if not reads:
        return program
    while _grow(program, reads) or _grow_results(reads):
        pass
    reads = {name: r for name, r in reads.items() if not r.is_all(program.func(name))}
    return replace(program, funcs=tuple(_rewritten(f, reads) for f in program.funcs)) if reads else program


class _Reads:
    """Which results of a function are read, and which parameters are needed for these: the numbers of both."""

    def __init__(self) -> None:
        self.results: set[int] = set()
        self.params: set[int] = set()

    def is_all(self, func: Func) -> bool:
        """Whether nothing of the function can go."""
        return len(self.results) == len(func.body.yields) and len(self.params) == len(func.body.params)


def _internal(program: Program) -> list[Func]:
    """Functions that only the program calls, and which return one or several values as they are."""
    inside = called_inside(program)
    return [f for f in program.funcs if f.name in inside and f.custom is None and _is_flat(f)]


def _is_flat(func: Func) -> bool:
    """Whether a function returns its yields in their order."""
    count = len(func.body.yields)
    return count > 0 and (func.result in (None, Const(0)) if count == 1 else func.result == _flat(count))


def _flat(count: int) -> Arg:
    return Pack("tuple", tuple(map(Const, range(count))))


def _grow(program: Program, reads: dict[str, _Reads]) -> bool:
    """Whether more is found to be read than before."""
    before = _count(reads)
    for func in program.funcs:
        own = reads.get(func.name)
        live = _Calls(func.body, reads)
        needed = live.of(func, func.body.yields if own is None else _where(func.body.yields, own.results))
        if own is not None:
            own.params.update(n for n, p in enumerate(func.body.params) if p in needed)
    return _count(reads) != before


def _grow_results(reads: dict[str, _Reads]) -> bool:
    """Whether a function of which nothing is read, and which is called for its effects, was given a result that counts as read."""
    idle = [r for r in reads.values() if not r.results]
    for r in idle:
        r.results.add(0)
    return bool(idle)


def _count(reads: dict[str, _Reads]) -> int:
    return sum(len(r.results) + len(r.params) for r in reads.values())


class _Calls(Live):
    """What a function reads, if calls read what the functions need that they call."""

    def __init__(self, body: Block, reads: dict[str, _Reads]) -> None:
        super().__init__(effects, frozenset(watched(body)))
        self._reads = reads

    def read_by(self, stmt: Stmt) -> Iterable[Atom]:
        """Of a call what the function that it calls needs."""
        known = self._reads.get(stmt.op.name) if isinstance(stmt, Call) and isinstance(stmt.op, FuncRef) else None
        if known is None or not isinstance(stmt, Call):
            return operands(stmt)
        known.results.update(n for n, o in enumerate(stmt.outs) if o in self.vars)
        return [a for n in sorted(known.params) for a in leaves(stmt.args[n])]


def _rewritten(func: Func, reads: dict[str, _Reads]) -> Func:
    body = _block(func.body, reads)
    own = reads.get(func.name)
    if own is not None:
        body = replace(body, params=_where(body.params, own.params), yields=_where(body.yields, own.results))
        count = len(body.yields)
        func = replace(func, result=None if count == 1 else _flat(count))
    return func if body == func.body else dce(replace(func, body=body))


def _block(block: Block, reads: dict[str, _Reads]) -> Block:
    return replace(block, stmts=tuple(_stmts(block.stmts, reads)))


def _stmts(stmts: Iterable[Stmt], reads: dict[str, _Reads]) -> Iterator[Stmt]:
    for stmt in stmts:
        known = reads.get(stmt.op.name) if isinstance(stmt, Call) and isinstance(stmt.op, FuncRef) else None
        if known is not None and isinstance(stmt, Call):
            yield replace(stmt, outs=_where(stmt.outs, known.results), args=_where(stmt.args, known.params))
        else:
            yield with_blocks(stmt, tuple(_block(b, reads) for b in blocks(stmt))) if blocks(stmt) else stmt


def _where(items: tuple[_T, ...], numbers: set[int]) -> tuple[_T, ...]:
    return tuple(item for n, item in enumerate(items) if n in numbers)
