"""Copies before in-place operations.

An operation that works in place consumes the buffer of its first operand.  Where that value, or another one that may hold the
same buffer, is still read afterwards, the operation gets a copy.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from srcad.ir.build import Names
from srcad.ir.core import AUGMENTED, LIST_APPEND, LIST_POP, TAPE_PUSH
from srcad.ir.nodes import Atom, Block, Call, Func, If, Loop, Op, Stmt, Try, Var, With
from srcad.ir.types import Array, ListOf, NpScalar, Scalar, Struct
from srcad.ir.visit import all_defs, blocks, defs, free_vars, operands, uses, walk, with_blocks

_COPY_ARRAY = Op("copy", "_0.copy()")
_COPY_LIST = Op("copy_list", "list(_0)")
_LISTS = {LIST_APPEND.name, LIST_POP.name, TAPE_PUSH.name}


def own_buffers(func: Func) -> Func:
    """The function with a copy wherever a consumed buffer is still needed."""
    consumed = [s for s in walk(func.body) if consumes(s)]
    if not consumed:
        return func
    body = _Copier(func.body, heads=True).block(func.body, frozenset())
    return replace(func, body=_Copier(body, heads=False).block(body, frozenset()))


def consumes(stmt: Stmt) -> bool:
    """Whether a statement changes its first operand in place; the user's `+=` may or may not, and has no copy."""
    return isinstance(stmt, Call) and isinstance(stmt.op, Op) and stmt.op.inplace and stmt.op.name not in AUGMENTED and bool(stmt.args)


class _Copier:
    """Inserts the copies: those before loops that change what they start with (`heads`), or those before operations."""

    def __init__(self, body: Block, *, heads: bool) -> None:
        self.heads = heads
        self.names = Names(v.name for v in all_defs(body))
        self.parent: dict[Var, Var] = {}
        self.lists: set[Var] = set()
        for stmt in walk(body):
            self._meet(stmt)
        self.members: dict[Var, list[Var]] = {}
        for v in list(self.parent):
            self.members.setdefault(self._find(v), []).append(v)
        self.changed = set()
        for stmt in walk(body):
            if isinstance(stmt, Call) and consumes(stmt) and isinstance(stmt.args[0], Var):
                self.changed.add(self._find(stmt.args[0]))
                if stmt.op.name in _LISTS:
                    self.lists.add(self._find(stmt.args[0]))

    # ---- which values may hold one buffer ----------------------------------------------------------------------------------
    def _find(self, v: Var) -> Var:
        self.parent.setdefault(v, v)
        while self.parent[v] != v:
            v = self.parent[v]
        return v

    def _join(self, a: Atom, b: Atom) -> None:
        if isinstance(a, Var) and isinstance(b, Var) and self._find(a) != self._find(b):
            self.parent[self._find(b)] = self._find(a)

    def _meet(self, stmt: Stmt) -> None:
        match stmt:
            case Call(outs, op, args):
                if consumes(stmt) and outs:
                    self._join(outs[0], args[0])  # type: ignore[arg-type]
                elif isinstance(op, Op) and op.name == "pack" and isinstance(args[0], Var):
                    self._join(outs[0], args[0])
            case If(outs, _, then, orelse):
                self._yields(outs, (then, orelse))
            case Try(outs, body, handlers):
                self._yields(outs, (body, *(h.block for h in handlers)))
            case With(outs=outs, body=body):
                self._yields(outs, (body,))
            case Loop(outs, _, inits, test, body):
                params = body.params[len(body.params) - len(inits) :]
                for row in zip(outs, inits, params, body.yields, test.params if test else params, strict=True):
                    for a in row[1:]:
                        self._join(row[0], a)

    def _yields(self, outs: Sequence[Var], inner: Sequence[Block]) -> None:
        for b in inner:
            for o, y in zip(outs, b.yields, strict=False):
                self._join(o, y)

    # ---- copies ------------------------------------------------------------------------------------------------------------
    def block(self, block: Block, after: frozenset[Var]) -> Block:
        """The block with copies; `after`: values read behind it."""
        alive = after | {y for y in block.yields if isinstance(y, Var)}
        out: list[Stmt] = []
        for stmt in reversed(block.stmts):
            alive = alive - set(defs(stmt))
            made, needed = self._stmt(stmt, frozenset(alive))
            out.extend(reversed(made))
            alive = alive | needed
        return Block(block.params, tuple(reversed(out)), block.yields)

    def _stmt(self, stmt: Stmt, alive: frozenset[Var]) -> tuple[list[Stmt], set[Var]]:
        needed = {a for a in operands(stmt) if isinstance(a, Var)} | {v for b in blocks(stmt) for v in free_vars(b)}
        if isinstance(stmt, Call) and consumes(stmt):
            return self._consuming(stmt, alive), needed
        if isinstance(stmt, Loop):
            return self._loop(stmt, alive), needed
        inner = [self.block(b, alive | needed if isinstance(stmt, Try) else alive) for b in blocks(stmt)]
        return [with_blocks(stmt, tuple(inner))], needed

    def _consuming(self, stmt: Call, alive: frozenset[Var]) -> list[Stmt]:
        base = stmt.args[0]
        if self.heads or not isinstance(base, Var) or isinstance(base.type, Scalar | NpScalar):
            return [stmt]
        others = [v for v in self.members[self._find(base)] if v in alive and v not in stmt.outs]
        again = sum(a == base for a in operands(stmt)) > 1 and stmt.op.name in _LISTS
        if not others and not again:
            return [stmt]
        copy = self._copy(base, stmt, base.hint)
        return [copy, replace(stmt, args=(copy.outs[0], *stmt.args[1:]))]

    def _loop(self, loop: Loop, alive: frozenset[Var]) -> list[Stmt]:
        before: list[Stmt] = []
        inits = list(loop.inits)
        read = {v for b in blocks(loop) for v in uses(b)}
        for i, init in enumerate(inits):
            if self.heads and isinstance(init, Var) and self._find(init) in self.changed:
                shared = init in alive or init in read or init in (*loop.inits[:i], *loop.inits[i + 1 :])
                if shared and not isinstance(init.type, Scalar | NpScalar):
                    copy = self._copy(init, loop, loop.body.params[len(loop.body.params) - len(inits) + i].hint)
                    before.append(copy)
                    inits[i] = copy.outs[0]
        inside = alive | {v for b in blocks(loop) for v in free_vars(b)}
        made = with_blocks(replace(loop, inits=tuple(inits)), tuple(self.block(b, frozenset(inside)) for b in blocks(loop)))
        return [*before, made]

    def _copy(self, var: Var, at: Stmt, hint: str) -> Call:
        is_list = isinstance(var.type, ListOf | Struct) or (not isinstance(var.type, Array) and self._find(var) in self.lists)
        out = self.names.var(hint, var.type)
        return Call((out,), _COPY_LIST if is_list else _COPY_ARRAY, (var,), (), at.loc, at.note)
