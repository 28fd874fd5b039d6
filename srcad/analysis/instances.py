"""Which values are sure to be what the running trip of their block has made, and what was there before it was made.

What is made in a loop is another object in every trip, and one object to `Sharing`.  A list that has taken the objects of the earlier
trips does not hold that of the running one, as long as nothing gave it: what was there before an object was made cannot hold it.
Nor can a list from which something was taken since, or which has taken what was there.
"""
from __future__ import annotations

from collections.abc import Sequence

from srcad.analysis.sharing import Sharing, consumes, has_buffer
from srcad.ir.core import LIST_APPEND, LIST_POP, LIST_POP_AT, LIST_SWAP, PACK, TAPE_PUSH
from srcad.ir.nodes import Arg, Atom, Block, Call, If, Loop, Stmt, Var
from srcad.ir.visit import blocks, operands

_KEEPS = frozenset(op.name for op in (LIST_POP, LIST_POP_AT, LIST_SWAP))
"""Changes of a list that put nothing in."""
_TAKE = frozenset(op.name for op in (PACK, LIST_APPEND, TAPE_PUSH))
"""What holds its operands, and what these hold."""


class Instances:
    """For values that are sure to be the newest object of their kind, or a version of it, the value that it was made as.

    Of objects that the sides of a branch have made it is the first in the text, before which there was none of them.
    """

    def __init__(self, body: Block, sharing: Sharing) -> None:
        self._sharing = sharing
        self._made: dict[Var, Var] = {}
        self._place: dict[Var, int] = {}  # of definitions, in the order of the text
        self._block(body)

    def may_hold(self, v: Var, base: Var) -> bool:
        """Whether a value that is alive where `base` is changed may be or hold it, as far as times say: it is not older."""
        made = self._made.get(base)
        return made is None or self._place[v] >= self._place[made]

    def _define(self, made: Sequence[Var]) -> None:
        for v in made:
            self._place.setdefault(v, len(self._place))  # a loop may be gone through again

    def _as_old_as(self, v: Var, *others: Arg) -> None:
        """A value that is one of these, or holds no more."""
        places = [self._place.get(o, len(self._place)) for o in others if isinstance(o, Var)]
        if places:
            self._place.setdefault(v, max(places))

    def _block(self, block: Block) -> None:
        self._define(block.params)
        for stmt in block.stmts:
            self._stmt(stmt)

    def _stmt(self, stmt: Stmt) -> None:
        if isinstance(stmt, Loop):
            self._loop(stmt)
            return
        for inner in blocks(stmt):
            self._block(inner)
        if isinstance(stmt, If):
            for out, a, b in zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True):
                self._as_old_as(out, a, b)
                self._same(out, a, b)
        elif isinstance(stmt, Call) and stmt.op.name in _KEEPS and stmt.outs:
            self._as_old_as(stmt.outs[0], *stmt.args[:1])
        elif isinstance(stmt, Call) and stmt.op.name in _TAKE and stmt.outs:
            self._as_old_as(stmt.outs[0], *(a for a in operands(stmt) if isinstance(a, Var) and has_buffer(a.type)))
        self._define(stmt.outs)
        if isinstance(stmt, Call) and stmt.outs:
            first = stmt.args[0] if stmt.args else None
            if consumes(stmt) and isinstance(first, Var):
                self._same(stmt.outs[0], first)
            elif self._sharing.is_new(stmt.outs[0]):
                self._made[stmt.outs[0]] = stmt.outs[0]

    def _loop(self, loop: Loop) -> None:
        """What a loop carries is one object if every trip hands on what it was given."""
        count = len(loop.body.params) - len(loop.inits)
        params = loop.body.params[count:]
        tested = loop.test.params if loop.test is not None else params
        carried = list(zip(loop.inits, params, tested, loop.body.yields, loop.outs, strict=True))
        assumed = {n for n, row in enumerate(carried) if isinstance(row[0], Var) and row[0] in self._made}
        while True:
            for n in assumed:
                for v in carried[n][1:3]:
                    self._same(v, carried[n][0])
            for b in blocks(loop):
                self._block(b)
            # Only variables are assumed, which the type checker cannot see.
            wrong = {n for n in assumed if self._made.get(carried[n][3]) != self._made[carried[n][0]]}  # type: ignore[arg-type,index]
            if not wrong:
                break
            assumed -= wrong
            self._forget(loop)
        self._define(loop.outs)
        for n in assumed:
            self._same(carried[n][4], carried[n][0])

    def _same(self, v: Var, *others: Atom) -> None:
        made = {self._made.get(o) if isinstance(o, Var) else None for o in others}
        known = [m for m in made if m is not None]
        if len(known) == len(made) > 0:
            self._made[v] = min(known, key=self._place.__getitem__)

    def _forget(self, loop: Loop) -> None:
        """What was concluded inside a loop from assumptions that did not hold."""
        for b in blocks(loop):
            self._forget_block(b)

    def _forget_block(self, block: Block) -> None:
        for v in block.params:
            self._made.pop(v, None)
        for stmt in block.stmts:
            for v in stmt.outs:
                self._made.pop(v, None)
            for b in blocks(stmt):
                self._forget_block(b)
