"""Removes what a lowered function carries but never reads.

    def f(n, x):                      loop carries i, t, x          loop carries x
        for i in range(n):      ==>   (every name assigned    ==>   (the only one read in a
            t = x * x                 in its body)                  later trip or behind it)
            x = x - t
        return x

Optimistic: a carried value is dead until its out, or its parameter inside the loop, is read by something that lives.
"""
from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from srcad.ir.core import CLOSURE, LIST_APPEND, NEW_CLASS, PACK
from srcad.ir.nodes import Atom, Block, Call, Func, Handler, If, Loop, Pack, Star, Stmt, Try, Var, With
from srcad.ir.visit import operands

_REMOVABLE = (CLOSURE, NEW_CLASS, LIST_APPEND, PACK)


def prune(func: Func) -> Func:
    """The function without dead carried values, outs, displays and closures."""
    live = _Liveness()
    live.reads(func.body.yields)
    live.block(func.body)
    live.run()
    return replace(func, body=live.pruned(func.body, (True,) * len(func.body.yields)))


def _kept(call: Call) -> bool:
    """Whether a call stays even if nothing reads its outs."""
    if call.op not in _REMOVABLE:
        return True
    return any(isinstance(a, Pack) and (a.kind in ("set", "dict") or any(isinstance(i, Star) for i in a.items)) for a in call.args)


class _Liveness:
    """Which variables are read, found backwards from what must run."""

    def __init__(self) -> None:
        self.live: set[Var] = set()
        self.todo: list[Var] = []
        self.sources: dict[Var, list[Atom]] = {}  # if the variable lives, so do these

    def reads(self, atoms: tuple[Atom, ...] | list[Atom]) -> None:
        """Mark atoms as read."""
        for atom in atoms:
            if isinstance(atom, Var) and atom not in self.live:
                self.live.add(atom)
                self.todo.append(atom)

    def run(self) -> None:
        """Follow reads to what they depend on."""
        while self.todo:
            self.reads(self.sources.get(self.todo.pop(), []))

    def feeds(self, out: Var, *atoms: Atom) -> None:
        """`out` is made from `atoms`."""
        self.sources.setdefault(out, []).extend(atoms)

    def block(self, block: Block) -> None:
        """Collect dependences; what runs whatever is read later is marked at once."""
        for stmt in block.stmts:
            self.statement(stmt)

    def statement(self, stmt: Stmt) -> None:
        """Collect the dependences of one statement."""
        match stmt:
            case Call(outs=outs):
                if _kept(stmt):
                    self.reads(operands(stmt))
                else:
                    self.feeds(outs[0], *operands(stmt))
            case If():
                self.reads(operands(stmt))
                self.meets(stmt.outs, [stmt.then, stmt.orelse])
            case Try():
                self.reads(operands(stmt))
                self.meets(stmt.outs, [stmt.body, *(h.block for h in stmt.handlers)])
                if stmt.final is not None:
                    self.block(stmt.final)
            case With():
                self.reads(operands(stmt))
                self.meets(stmt.outs, [stmt.body])
            case Loop():
                self.loop(stmt)
            case _:
                assert_never(stmt)

    def meets(self, outs: tuple[Var, ...], blocks: list[Block]) -> None:
        """Outs that are the yields of one of several blocks."""
        for block in blocks:
            self.block(block)
            for out, atom in zip(outs, block.yields, strict=True):
                self.feeds(out, atom)

    def loop(self, stmt: Loop) -> None:
        """Outs and parameters live by what comes in and what comes round."""
        iteration = replace(stmt, inits=())
        self.reads(operands(iteration))
        first = len(stmt.body.params) - len(stmt.outs)
        for n, (out, init, after) in enumerate(zip(stmt.outs, stmt.inits, stmt.body.yields, strict=True)):
            param = stmt.body.params[first + n]
            self.feeds(param, out)
            self.feeds(out, init, after, param)
            if stmt.test is not None:
                self.feeds(stmt.test.params[n], out)
                self.feeds(out, stmt.test.params[n])
            if n == stmt.exit:
                self.reads((out,))
        if stmt.test is not None:
            self.block(stmt.test)
            self.reads(stmt.test.yields)
        self.block(stmt.body)

    # ---- rebuilding --------------------------------------------------------------------------------------------------
    def pruned(self, block: Block, keep: tuple[bool, ...]) -> Block:
        """The block with the yields to keep."""
        stmts = [s for s in map(self.rebuilt, block.stmts) if s is not None]
        return Block(block.params, tuple(stmts), tuple(y for y, k in zip(block.yields, keep, strict=True) if k))

    def rebuilt(self, stmt: Stmt) -> Stmt | None:
        """The statement without its dead parts; None if nothing is left."""
        keep = tuple(o in self.live for o in stmt.outs)
        outs = tuple(o for o in stmt.outs if o in self.live)
        match stmt:
            case Call():
                return stmt if _kept(stmt) or any(keep) else None
            case If():
                return replace(stmt, outs=outs, then=self.pruned(stmt.then, keep), orelse=self.pruned(stmt.orelse, keep))
            case Try():
                handlers = tuple(Handler(h.type, self.pruned(h.block, keep)) for h in stmt.handlers)
                final = None if stmt.final is None else self.pruned(stmt.final, ())
                return replace(stmt, outs=outs, body=self.pruned(stmt.body, keep), handlers=handlers, final=final)
            case With():
                return replace(stmt, outs=outs, body=self.pruned(stmt.body, keep))
            case Loop():
                return self.rebuilt_loop(stmt, outs, keep)
            case _:
                assert_never(stmt)

    def rebuilt_loop(self, stmt: Loop, outs: tuple[Var, ...], keep: tuple[bool, ...]) -> Loop:
        """The loop that carries only what lives."""

        def kept(params: tuple[Var, ...]) -> tuple[Var, ...]:
            items = len(params) - len(keep)
            return (*params[:items], *(p for p, k in zip(params[items:], keep, strict=True) if k))

        body = self.pruned(stmt.body, keep)
        test = stmt.test if stmt.test is None else self.pruned(stmt.test, (True,))
        return replace(
            stmt,
            outs=outs,
            inits=tuple(i for i, k in zip(stmt.inits, keep, strict=True) if k),
            test=test if test is None else replace(test, params=kept(test.params)),
            body=replace(body, params=kept(body.params)),
            exit=None if stmt.exit is None else sum(keep[: stmt.exit]),
        )

