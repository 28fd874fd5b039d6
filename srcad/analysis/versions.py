"""Which arrays are versions of one buffer: what a store is given and what it gives back, round loops and through branches.

All versions have one shape.  From a later version an earlier one can be had again by undoing the stores between them.
"""
from __future__ import annotations

from srcad.analysis.sharing import consumes
from srcad.ir.core import AUGMENTED_STORES
from srcad.ir.nodes import Atom, Block, Call, If, Loop, Var
from srcad.ir.types import Array
from srcad.ir.visit import blocks, walk

STORES = AUGMENTED_STORES | {"store", "store_in", "add_at"}


class Versions:
    """The classes of versions of the arrays that a function stores into."""

    def __init__(self, body: Block) -> None:
        self._parent: dict[Var, Var] = {}
        self.stored: set[Var] = set()
        self._top: dict[Var, Var] = {}  # class -> its first version in the function's own block
        statements = list(walk(body))
        for stmt in statements:
            if isinstance(stmt, Call) and consumes(stmt) and stmt.op.name in STORES:
                self._join(stmt.outs[0], stmt.args[0])  # type: ignore[arg-type]
        before = -1
        while before != len(self._parent):
            before = len(self._parent)
            for stmt in statements:
                self._meet(stmt)
        for v in (*body.params, *(o for s in body.stmts for o in s.outs)):
            if v in self._parent:
                self._top.setdefault(self._find(v), v)
        self.last = self._last(body)

    def chain(self, v: Atom) -> Var | None:
        """What stands for the versions of a value; None for a value that is never stored into."""
        return self._find(v) if isinstance(v, Var) and v in self._parent else None

    def top(self, v: Atom) -> Var | None:
        """A version of the same buffer in the function's own block, if there is one."""
        chain = self.chain(v)
        return None if chain is None else self._top.get(chain)

    def _find(self, v: Var) -> Var:
        while self._parent[v] != v:
            v = self._parent[v]
        return v

    def _join(self, a: Atom, b: Atom) -> None:
        if not isinstance(a, Var) or not isinstance(b, Var) or not isinstance(a.type, Array):
            return
        for v in (a, b):
            self._parent.setdefault(v, v)
        if self._find(a) != self._find(b):
            self._parent[self._find(b)] = self._find(a)

    def _same(self, a: Atom, b: Atom) -> bool:
        return a == b or (self.chain(a) is not None and self.chain(a) == self.chain(b))

    def _meet(self, stmt: object) -> None:
        if isinstance(stmt, Loop):
            params = stmt.body.params[len(stmt.body.params) - len(stmt.inits) :]
            for out, init, param, last in zip(stmt.outs, stmt.inits, params, stmt.body.yields, strict=True):
                if param != last and self._same(param, last):
                    self._join(param, init)
                    self._join(param, out)
        elif isinstance(stmt, If):
            for out, a, b in zip(stmt.outs, stmt.then.yields, stmt.orelse.yields, strict=True):
                if a != b and self._same(a, b):
                    self._join(out, a)

    def _last(self, body: Block) -> frozenset[Var]:
        """Versions that the function's own block ends with."""
        found: dict[Var, Var] = {}
        for stmt in body.stmts:
            for v in stmt.outs:
                chain = self.chain(v)
                if chain is not None:
                    found[chain] = v
        inside = {o for s in body.stmts for b in blocks(s) for t in walk(b) for o in t.outs}
        return frozenset(v for v in found.values() if v not in inside)
