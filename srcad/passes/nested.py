"""Reads and changes of lists within a list are operations on the outer one, at two places; two items that change places are one operation.

    def f(rows: list[list[float]], i: int, j: int, v: float) {
      %1: list[float] = getitem(rows, i)
      %2: float = getitem(%1, j)
      %3: float = mul(%2, v)
      %4: list[float] = list_set(%1, j, %3)
      rows.1: list[list[float]] = list_set(rows, i, %4)
      return rows.1
    }

becomes

    def f(rows: list[list[float]], i: int, j: int, v: float) {
      %2: float = item_in(rows, i, j)
      %3: float = mul(%2, v)
      rows.1: list[list[float]] = list_set_in(rows, i, j, %3)
      return rows.1
    }

So a derivative changes one number of the cotangent where it would make a list of zeros for each number that is read, and copy one for
each that is written.  Only for inner lists that hold nothing that can change.  That the outer one holds none of them twice is known:
changes are refused otherwise before they are typed.
"""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TypeAlias

from srcad.analysis.sharing import consumes, has_buffer
from srcad.ir.core import (
    GETITEM, ITEM_IN, LIST_ADD_IN, LIST_APPEND, LIST_APPEND_IN, LIST_POP, LIST_POP_IN, LIST_SET, LIST_SET_IN, LIST_SWAP,
)  # fmt: skip
from srcad.ir.nodes import Arg, Block, Call, Const, Effect, Func, Loop, Op, Stmt, Var
from srcad.ir.types import ListOf, Opaque, is_scalar
from srcad.ir.visit import blocks, operands, walk, with_blocks

_CHANGES = {LIST_SET.name: LIST_SET_IN, LIST_APPEND.name: LIST_APPEND_IN, LIST_POP.name: LIST_POP_IN, "opaque_set": LIST_SET_IN}
_ORDERED = Effect.IO | Effect.RNG | Effect.WRITES | Effect.UNKNOWN | Effect.WARNS | Effect.DIVERGES

Places: TypeAlias = dict[Var, tuple[Var, Arg]]
"""Inner lists, each with the list that it was read from, which nothing has changed since, and its place there."""


def nested(func: Func) -> Func:
    """The function with operations at two places."""
    if not any(_is_inner(s) or (isinstance(s, Call) and s.op == LIST_SET) for s in walk(func.body)):
        return func
    uses = Counter(a for s in walk(func.body) for a in operands(s) if isinstance(a, Var))
    for stmt in walk(func.body):
        uses.update(y for b in blocks(stmt) for y in b.yields if isinstance(y, Var))
    uses.update(y for y in func.body.yields if isinstance(y, Var))
    return replace(func, body=_Nested(uses).block(func.body, {}))


def _is_inner(stmt: Stmt) -> bool:
    """Whether a statement reads a list of plain values, or a dict of numbers, from a list."""
    if not isinstance(stmt, Call) or stmt.op != GETITEM or not isinstance(base := stmt.args[0], Var) or not _is_place(stmt.args[1]):
        return False
    t = base.type
    if not isinstance(t, ListOf) or stmt.outs[0].type != t.item:
        return False
    return t.item == Opaque(dict) or (isinstance(t.item, ListOf) and not has_buffer(t.item.item))  # such dicts say where values stand


def _is_place(arg: Arg) -> bool:
    return is_scalar(arg.type) if isinstance(arg, Var) else isinstance(arg, Const) and type(arg.value) is int


@dataclass
class _Nested:
    """Rewrites the blocks of one function; `uses`: how often each variable is read."""

    uses: Counter[Var]

    def block(self, block: Block, around: Places) -> Block:
        """A block; `around`: the inner lists that are known where it begins."""
        known, out = dict(around), list[Stmt]()
        for stmt in block.stmts:
            inner = {row: place for row, place in known.items() if not _changes(stmt, place[0])}
            new = with_blocks(stmt, tuple(self.block(b, inner) for b in blocks(stmt)))
            if isinstance(new, Call):
                self._call(new, known, out)
                if _is_inner(new) and isinstance(held := new.args[0], Var):
                    known[new.outs[0]] = held, new.args[1]
            else:
                out.append(new)
            known = {row: place for row, place in known.items() if not _changes(stmt, place[0])}
        return Block(block.params, tuple(self._without_rows(out)), block.yields)

    def _call(self, stmt: Call, known: Places, out: list[Stmt]) -> None:
        row = stmt.args[0] if stmt.args else None
        if stmt.op == GETITEM and isinstance(row, Var) and row in known and _is_place(stmt.args[1]) and is_scalar(stmt.outs[0].type):
            self.uses[row] -= 1
            out.append(replace(stmt, op=ITEM_IN, args=(*known[row], stmt.args[1])))
            return
        change = out[-1] if out and stmt.op == LIST_SET else None
        if isinstance(change, Call) and change.op == LIST_SET and self._swapped(change, stmt, out):
            return
        if isinstance(change, Call) and change.op.name in _CHANGES and stmt.args[2] == change.outs[0] and self.uses[change.outs[0]] == 1:
            row = change.args[0]
            if isinstance(row, Var) and known.get(row) == stmt.args[:2]:
                self.uses[row] -= 1
                op = _CHANGES[change.op.name]
                out[-1] = replace(stmt, outs=(*stmt.outs, *change.outs[1:]), op=op, args=(*stmt.args[:2], *change.args[1:]))
                self._added(out)
                return
        out.append(stmt)

    def _swapped(self, first: Call, second: Call, out: list[Stmt]) -> bool:
        """`xs[i], xs[j] = xs[j], xs[i]`."""
        held, i, new = first.args
        middle, j, old = second.args
        if middle != first.outs[0] or self.uses[first.outs[0]] != 1 or new == old:
            return False
        reads = [s for s in out[-3:-1] if isinstance(s, Call) and s.op == GETITEM]
        if {(s.outs[0], s.args) for s in reads} != {(new, (held, j)), (old, (held, i))}:
            return False
        out[-1] = Call(second.outs, LIST_SWAP, (held, i, j), (), first.loc)
        for v in (new, old):
            assert isinstance(v, Var)
            self.uses[v] -= 1
        out[-3:-1] = [s for s in reads if self.uses[s.outs[0]] > 0]
        return True

    def _added(self, out: list[Stmt]) -> None:
        """`rows[i][j] = rows[i][j] + v` is `rows[i][j] += v`."""
        stored, made = out[-1], out[-2] if len(out) > 1 else None
        if not isinstance(stored, Call) or not isinstance(made, Call) or stored.op != LIST_SET_IN or made.op.name != "add":
            return
        place, value = made.args[0], made.outs[0]
        if not isinstance(place, Var) or stored.args[3] != value or self.uses[place] != 1 or self.uses[value] != 1:
            return
        for n in range(len(out) - 3, -1, -1):
            stmt = out[n]
            if not isinstance(stmt, Call) or stmt.op.effects & _ORDERED:
                return
            if stmt.outs == (place,):
                if stmt.op == ITEM_IN and stmt.args == stored.args[:3]:
                    out[-2:] = [replace(stored, op=LIST_ADD_IN, args=(*stored.args[:3], made.args[1]))]
                    del out[n]
                return

    def _without_rows(self, stmts: list[Stmt]) -> list[Stmt]:
        """The statements without inner lists that nothing reads any more, where what is done with them next raises what they would."""
        out: list[Stmt] = []
        for n, stmt in enumerate(stmts):
            unread = isinstance(stmt, Call) and _is_inner(stmt) and self.uses[stmt.outs[0]] == 0
            if not unread or not isinstance(stmt, Call) or not _met_next(stmts[n + 1 :], stmt.args):
                out.append(stmt)
        return out


def _changes(stmt: Stmt, held: Var) -> bool:
    """Whether a statement, or one inside it, makes a new version of a list."""
    if isinstance(stmt, Call):
        return consumes(stmt) and stmt.args[0] == held
    return (isinstance(stmt, Loop) and held in stmt.inits) or any(_changes(s, held) for b in blocks(stmt) for s in b.stmts)


def _met_next(stmts: list[Stmt], place: tuple[Arg, ...]) -> bool:
    """Whether the same inner list is read or changed next, before anything else happens but computing."""
    for stmt in stmts:
        if not isinstance(stmt, Call) or not isinstance(stmt.op, Op):
            return False
        if stmt.op.name in _AT_TWO and stmt.args[:2] == place:
            return True
        if stmt.op.effects & _ORDERED or stmt.op.inplace:
            return False
    return False


_AT_TWO = (ITEM_IN.name, LIST_ADD_IN.name, *(op.name for op in _CHANGES.values()))
