"""Which variables of untyped IR are read in more than one place, or kept: an iterator under such a name must know how far it has come."""
from __future__ import annotations

from collections import Counter

from srcad.ir.core import CALL, STEADY, UNPACK
from srcad.ir.nodes import Arg, Atom, Block, Call, Func, Loop, Star, Stmt, Var
from srcad.ir.visit import blocks, iter_atoms, leaves, operands

_TAKERS = (CALL.name, UNPACK.name, STEADY.name)


def read_often(func: Func) -> frozenset[Var]:
    """Variables that are read by several statements, by one that may run more often than they are made, or that something else holds.

    The others have one reader: a loop, a call that they are an argument of, or the names that they are unpacked into.
    """
    found = _Readings()
    found.block(func.body, 0, func.body.yields)
    often = {v for v, count in found.counts.items() if count > 1}
    while (more := {v for v, out in found.passed if out in often} - often):
        often |= more
    return frozenset(often)


class _Readings:
    """Counts readings; what is kept counts as read twice."""

    def __init__(self) -> None:
        self.counts: Counter[Var] = Counter()
        self.depths: dict[Var, int] = {}  # how many loops there are around a variable
        self.passed: list[tuple[Var, Atom]] = []  # what a block hands out, and under which name

    def block(self, block: Block, depth: int, outs: tuple[Atom, ...]) -> None:
        """Count the readings in a block that runs once for its statement, whose names for its values are `outs`; none for a trip."""
        self.depths.update(dict.fromkeys(block.params, depth))
        for stmt in block.stmts:
            self._statement(stmt, depth)
        for atom in block.yields:
            self._read(atom, depth, kept=not outs)
        self.passed.extend((a, o) for a, o in zip(block.yields, outs, strict=False) if isinstance(a, Var))

    def _statement(self, stmt: Stmt, depth: int) -> None:
        self.depths.update(dict.fromkeys(stmt.outs, depth))
        if isinstance(stmt, Call):
            for arg in stmt.args:
                self._argument(arg, depth, taken=stmt.op.name in _TAKERS)
            for _, arg in stmt.params:
                self._argument(arg, depth, taken=stmt.op.name in _TAKERS)
        else:
            once = iter_atoms(stmt.iter) if isinstance(stmt, Loop) else ()
            for atom in once:
                self._read(atom, depth, kept=False)
            for atom in operands(stmt)[len(once) :]:
                self._read(atom, depth, kept=True)
        for inner in blocks(stmt):
            self.block(inner, depth + isinstance(stmt, Loop), () if isinstance(stmt, Loop) else stmt.outs)

    def _argument(self, arg: Arg, depth: int, *, taken: bool) -> None:
        whole = arg.value if isinstance(arg, Star) else arg
        for atom in leaves(whole):
            self._read(atom, depth, kept=not taken or atom is not whole)

    def _read(self, atom: Atom, depth: int, *, kept: bool) -> None:
        if isinstance(atom, Var):
            self.counts[atom] += 2 if kept or depth > self.depths.get(atom, depth) else 1
