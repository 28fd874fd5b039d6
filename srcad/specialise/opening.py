"""Parameters of known structure that a function changes: taken apart at its start, what is written to as a copy.

So each part has an identity of its own, and no object of the caller's is touched.
"""
from __future__ import annotations

from dataclasses import replace

from srcad.ir.build import Builder, Names
from srcad.ir.core import GETATTR, GETITEM
from srcad.ir.nodes import Call, Const, Op, Stmt, Var
from srcad.ir.types import CONTAINERS, Array, Struct, Type, is_dict
from srcad.ops import table
from srcad.ops.entry import quiet
from srcad.specialise.memory import Memory
from srcad.specialise.values import Dyn, Seq, Value

_NOTE = "the function changes it; the caller's stays as it is"


class Opening:
    """How the parts of such parameters are read.  `names`: those of the function."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._builder = Builder(names)
        self._parts: list[tuple[Var, Var]] = []  # a part as the caller holds it, and as the function knows it

    def apart(self, value: Dyn, hint: str) -> Value:
        """A value as its parts, down to numbers, arrays and lists of any length; `hint` is a name for it."""
        t = value.type
        if not isinstance(t, Struct):
            own = self.names.var(hint, t)
            assert isinstance(value.atom, Var)
            self._parts.append((value.atom, own))
            return replace(value, atom=own)
        items: list[Value] = []
        for n, item in enumerate(t.items):
            by_name = t.cls not in CONTAINERS
            key = Const(t.keys[n] if by_name or is_dict(t.cls) else n)
            read = self._builder.call(quiet(GETATTR if by_name else GETITEM), (value.atom, key), item)
            word = str(t.keys[n]) if t.keys and str(t.keys[n]).isidentifier() else ""
            items.append(self.apart(Dyn(read, item, value.varied), word or f"{hint}_{n}"))
        return Seq(t.cls, tuple(items), t.keys)

    def statements(self, memory: Memory) -> list[Stmt]:
        """The reading of the parts, as copies where the function writes to them."""
        found: list[Stmt] = list(self._builder.stmts)
        own = dict(self._parts)
        for n, stmt in enumerate(found):
            assert isinstance(stmt, Call)
            (out,) = stmt.outs
            if out in own and own[out] not in memory.now and own[out] not in memory.stale:
                found[n] = replace(stmt, outs=(own[out],))
        for raw, part in self._parts:
            if part in memory.now or part in memory.stale:
                op, params = _copying(part.type)
                found.append(Call((part,), op, (raw,), params, note=_NOTE))
        return found


def _copying(t: Type) -> tuple[Op, tuple[tuple[str, Const], ...]]:
    """The operation that copies a part; arrays keep their memory layout, which decides how NumPy sums them."""
    if not isinstance(t, Array):
        return _spelled("copy_tree"), ()
    return _spelled("ndarray.copy"), (("order", Const("K")),) if t.ndim > 1 else ()


def _spelled(name: str) -> Op:
    found = table.spelling(name)
    assert found is not None
    return found.op
