"""Common subexpressions: a pure computation that was made before on every path here is not made again.

Calls with effects are never merged, save those that may only raise: the first would have raised already.  Arrays and
containers whose buffer is consumed later, or handed out, keep a computation of their own.  A computation that a derivative has
made before the function's own takes the name and the effects of that.

    def f(x: float) {
      a: float = mul(x, x)
      b: float = mul(x, x)
      c: float = add(a, b)
      return c
    }

becomes

    def f(x: float) {
      a: float = mul(x, x)
      c: float = add(a, a)
      return c
    }
"""
from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from srcad.analysis.consumed import consumed, immutable
from srcad.ir.nodes import Atom, Block, Call, Effect, Func, Op, Stmt, Var
from srcad.ir.types import Struct
from srcad.ir.visit import blocks, map_atoms, rename, with_blocks

_NEVER = frozenset(("call", "getattr", "global", "import", "closure", "list_pop", "banner"))
_CONSTRUCTORS = frozenset(f"np.{n}" for n in ("eye", "identity", "zeros", "ones", "full", "empty", "arange", "linspace"))


def cse(func: Func) -> Func:
    """The function without repeated computations."""
    merger = _Merger(consumed(func.body))
    body = merger.block(func.body, {})
    return replace(func, body=rename(body, merger.own) if merger.own else body)


class _Merger:
    """Walks down with the computations made so far; `_names` says which variable stands for a removed one.

    `own`: the names that the function has for what its derivative computes before.
    """

    def __init__(self, owned: frozenset[Var]) -> None:
        self.own: dict[Var, Var] = {}
        self._owned = owned
        self._names: dict[Var, Atom] = {}

    def block(self, block: Block, outer: dict[Hashable, Call]) -> Block:
        """The block; what it computes is known inside it only."""
        known = dict(outer)
        stmts: list[Stmt] = []
        for stmt in block.stmts:
            new = map_atoms(stmt, self._atom, self._atom)
            if isinstance(new, Call) and self._mergeable(new):
                key = key_of(new)
                first = known.setdefault(key, new)
                if first is not new and _is_new_array(first):
                    first = new
                if first is not new and _replaces(first, new):
                    self._names.update(zip(new.outs, first.outs, strict=True))
                    continue
                if first is not new and _same_types(first, new) and first in stmts:
                    made = replace(new, outs=first.outs)
                    stmts[stmts.index(first)] = known[key] = made
                    self._names.update(zip(new.outs, first.outs, strict=True))
                    self.own.update((a, b) for a, b in zip(first.outs, new.outs, strict=True) if b.hint)
                    continue
            stmts.append(with_blocks(new, tuple(self.block(b, known) for b in blocks(new))))
        return Block(block.params, tuple(stmts), tuple(map(self._atom, block.yields)))

    def _atom(self, atom: Atom) -> Atom:
        return self._names.get(atom, atom) if isinstance(atom, Var) else atom

    def _mergeable(self, stmt: Call) -> bool:
        return mergeable(stmt, self._owned)


def key_of(stmt: Call) -> Hashable:
    """What two calls have in common that compute the same."""
    return type(stmt.op), stmt.op.name, stmt.args, stmt.params


def mergeable(stmt: Call, owned: frozenset[Var]) -> bool:
    """Whether an equal call may stand for a call; `owned`: values whose buffer is consumed, or handed out."""
    if not stmt.outs or not isinstance(stmt.op, Op) or (stmt.op.name in _NEVER and not _is_field(stmt)):
        return False
    if stmt.op.inplace or stmt.op.effects & ~Effect.RAISES:
        return False
    return all(immutable(v.type) or v not in owned for v in stmt.outs)


def _is_field(stmt: Call) -> bool:
    """Whether a call reads an attribute of an object of known structure, which no program changes."""
    return stmt.op.name == "getattr" and isinstance(stmt.args[0], Var) and isinstance(stmt.args[0].type, Struct)


def _is_new_array(first: Call) -> bool:
    """Whether a call makes an array that the user has named: another one like it, `np.eye(2)`, reads better as it is."""
    return first.op.name in _CONSTRUCTORS and bool(first.outs[0].hint)


def _replaces(first: Call, second: Call) -> bool:
    """Whether an equal call made before can stand for a call: it has the same types and is kept for the same effects."""
    return _same_types(first, second) and not second.op.effects & ~first.op.effects


def _same_types(first: Call, second: Call) -> bool:
    return [v.type for v in first.outs] == [v.type for v in second.outs]
