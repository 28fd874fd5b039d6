"""Local simplification: copies, known branches, carried values that never change, containers taken apart, arithmetic.

What the user wrote keeps its value bit for bit: only rules that are exact apply to it.  Code of derivatives (the out is
named `x_bar` or `x_dot`, or the operation is of the effect-free kind that rules record) may also be reassociated.

    def f(x: float, g: float) {
      %1: tuple(float, float) = pack((x, g))
      a: float, b: float = unpack(%1)
      x_bar: float = add(0.0, b)
      y: float = for (i: int) in range(0, 3, 1) carry (y.1: float = a) {
        yield y.1
      }
      y.2: float, z: float = if True {
        yield y, x_bar
      } else {
        yield 0.0, 0.0
      }
      return y.2, z as (0, 1)
    }

becomes

    def f(x: float, g: float) {
      %1: tuple(float, float) = pack((x, g))
      for (i: int) in range(0, 3, 1) {
      }
      return x, g as (0, 1)
    }
"""
from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from srcad.analysis.consumed import consumed
from srcad.ir.core import RAISE
from srcad.ir.nodes import NOWHERE, UNDEF, Atom, Block, Call, Const, Func, If, Loop, Op, Stmt, Try, Undef, Var, With
from srcad.ir.visit import all_defs, blocks, map_atoms, operands, walk, with_blocks
from srcad.passes.peephole import Known, rewrite

_ROUNDS = 20
_T = TypeVar("_T")


def simplify(func: Func) -> Func:
    """The function, simplified until nothing changes."""
    for _ in range(_ROUNDS):
        found = _Simplifier(func.body).function(func)
        if found == func:
            break
        func = found
    return func


class _Simplifier:
    """One walk in order of execution."""

    def __init__(self, body: Block) -> None:
        self._body = body
        self._known = Known(consumed(body), lambda v: self._reads[v])
        self._names: dict[Var, Atom] = {}

    def function(self, func: Func) -> Func:
        """The function after one walk."""
        return replace(func, body=self._block(func.body))

    def _atom(self, atom: Atom) -> Atom:
        while isinstance(atom, Var) and atom in self._names:
            atom = self._names[atom]
        return atom

    def _name(self, outs: Iterable[Var], atoms: Iterable[Atom]) -> None:
        self._names.update(zip(outs, atoms, strict=True))

    @functools.cached_property
    def _reads(self) -> Counter[Atom]:
        """How often values are read before this walk; what a walk names anew has been counted where it had another name."""
        found = Counter(a for s in walk(self._body) for a in operands(s))
        found.update(y for b in (self._body, *(b for s in walk(self._body) for b in blocks(s))) for y in b.yields)
        return found

    def _block(self, block: Block) -> Block:
        stmts: list[Stmt] = []
        outer, self._known.here = self._known.here, set()
        for stmt in block.stmts:
            self._stmt(map_atoms(stmt, self._atom, self._atom), stmts)
        self._known.here = outer
        return Block(block.params, tuple(stmts), tuple(map(self._atom, block.yields)))

    def _stmt(self, stmt: Stmt, out: list[Stmt]) -> None:
        """Append what the statement becomes."""
        match stmt:
            case Call():
                self._call(stmt, out)
            case If(outs, Const(value), then, orelse):
                taken = self._block(then if value else orelse)
                out.extend(taken.stmts)
                self._name(outs, taken.yields)
            case If():
                self._branch(stmt, out)
            case Loop():
                self._loop(stmt, out)
            case Try() if _only_raises_again(stmt):
                body = self._block(stmt.body)
                out.extend(body.stmts)
                self._name(stmt.outs, body.yields)
            case Try() | With():
                out.append(with_blocks(stmt, tuple(map(self._block, blocks(stmt)))))

    def _call(self, stmt: Call, out: list[Stmt]) -> None:
        found = rewrite(stmt, self._known) if isinstance(stmt.op, Op) else None
        if isinstance(found, tuple):
            self._name(stmt.outs, found)
            return
        kept = stmt if found is None else found
        self._known.define(kept)
        out.append(kept)

    def _branch(self, stmt: If, out: list[Stmt]) -> None:
        then, orelse = self._block(stmt.then), self._block(stmt.orelse)
        inside = {*all_defs(then), *all_defs(orelse)}
        same = [a == b and a not in inside and a != UNDEF for a, b in zip(then.yields, orelse.yields, strict=True)]
        self._name(_where(stmt.outs, same), _where(then.yields, same))
        differ = [not s for s in same]
        then, orelse = (replace(b, yields=_where(b.yields, differ)) for b in (then, orelse))
        out.append(replace(stmt, outs=_where(stmt.outs, differ), then=then, orelse=orelse))

    def _loop(self, stmt: Loop, out: list[Stmt]) -> None:
        items = len(stmt.body.params) - len(stmt.inits)
        constant = _constant_carried(stmt, items)
        self._name(_where(stmt.outs, constant), _where(stmt.inits, constant))
        self._name(_where(stmt.body.params[items:], constant), _where(stmt.inits, constant))
        test = stmt.test
        if test is not None:
            self._name(_where(test.params, constant), _where(stmt.inits, constant))
        moving = [not c for c in constant]
        params = (*stmt.body.params[:items], *_where(stmt.body.params[items:], moving))
        stop = None if stmt.exit is None or constant[stmt.exit] else sum(moving[: stmt.exit])
        new = replace(
            stmt,
            outs=_where(stmt.outs, moving),
            inits=_where(stmt.inits, moving),
            exit=stop,
            test=None if test is None else self._block(replace(test, params=_where(test.params, moving))),
            body=self._block(Block(params, stmt.body.stmts, _where(stmt.body.yields, moving))),
        )
        out.append(new)


def _only_raises_again(stmt: Try) -> bool:
    """Whether the handlers and the last clause do nothing."""
    raises = Call((), RAISE, ())
    handled = all([replace(s, loc=NOWHERE) if isinstance(s, Call) else s for s in h.block.stmts] == [raises] for h in stmt.handlers)
    return stmt.path is None and handled and (stmt.final is None or not stmt.final.stmts)


def _where(items: tuple[_T, ...], marks: list[bool]) -> tuple[_T, ...]:
    return tuple(i for i, m in zip(items, marks, strict=True) if m)


def _constant_carried(loop: Loop, items: int) -> list[bool]:
    """Which carried values every trip leaves as they were (a group of them may stand for each other)."""
    params = loop.body.params[items:]
    constant = [not isinstance(i, Undef) for i in loop.inits]
    changed = True
    while changed:
        first = {p: i for p, i, c in zip(params, loop.inits, constant, strict=True) if c}
        now = [
            c and (y == i or (isinstance(y, Var) and first.get(y) == i))
            for c, y, i in zip(constant, loop.body.yields, loop.inits, strict=True)
        ]  # fmt: skip
        changed = now != constant
        constant = now
    return constant

