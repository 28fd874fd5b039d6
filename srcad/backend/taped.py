"""Lists that a tape keeps and that are changed within another one later: the tape gets copies of them."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from srcad.analysis.sharing import CHANGES_WITHIN, Sharing
from srcad.ir.build import Names
from srcad.ir.nodes import Arg, Atom, Block, Call, Loop, Op, Stmt, Var
from srcad.ir.types import ListOf
from srcad.ir.visit import blocks, leaves, substitute, walk, with_blocks

_COPY = Op("copy_list", "list(_0)")
_COPY_TREE = Op("copy_tree", "copy_tree(_0)", ("srcad.runtime:copy_tree",))


def taped_apart(block: Block, sharing: Sharing, names: Names, absent: Collection[Var]) -> Block:
    """The block with such copies, each where the list is read: what holds it may change before the tape takes it.

    Else all that holds it would be copied wherever one of its lists changes, since a tape is read after everything else.
    `absent`: what may be None, of a path that was not taken.
    """
    pushed = {s.args[1] for s in walk(block) if isinstance(s, Call) and s.op.name == "tape_push"}
    parts = [s.args[1:] if s.op.name == "tape_push" else s.args for s in walk(block) if isinstance(s, Call) and _keeps(s, pushed)]
    kept = {v for args in parts for arg in args for v in leaves(arg) if isinstance(v, Var) and isinstance(v.type, ListOf)}
    copier = _Copier(sharing, names, kept, absent)
    made = copier.block(block, 0)
    return _with_copies(made, copier.copies, pushed) if copier.copies else block


def _keeps(stmt: Stmt, pushed: set[Arg]) -> bool:
    """Whether a tape takes what a statement has put together, or what it is given."""
    return isinstance(stmt, Call) and (stmt.op.name == "tape_push" or (stmt.op.name == "pack" and stmt.outs[0] in pushed))


def _with_copies(block: Block, copies: dict[Var, Atom], pushed: set[Arg]) -> Block:
    out: list[Stmt] = []
    for stmt in block.stmts:
        new = with_blocks(stmt, tuple(_with_copies(b, copies, pushed) for b in blocks(stmt)))
        out.extend(substitute(Block((), (new,), ()), copies).stmts if _keeps(new, pushed) else [new])
    return Block(block.params, tuple(out), block.yields)


@dataclass
class _Copier:
    """Copies those of the lists `kept` that are changed later on."""

    sharing: Sharing
    names: Names
    kept: set[Var]
    absent: Collection[Var]
    copies: dict[Var, Atom] = field(default_factory=dict)

    def block(self, block: Block, later: int) -> Block:
        """The block with copies; `later`: the lists that are changed behind it."""
        out: list[Stmt] = []
        for stmt in reversed(block.stmts):
            own = self.changed(stmt)
            inner = later | own if isinstance(stmt, Loop) else later
            out.extend(self.copied(stmt.outs, later))
            out.append(with_blocks(stmt, tuple(self.block(b, inner) for b in blocks(stmt))))
            later |= own
        out.extend(self.copied(block.params, later))
        return Block(block.params, tuple(reversed(out)), block.yields)

    def changed(self, stmt: Stmt) -> int:
        """The lists that a statement, or one inside it, changes as what another one holds."""
        base = stmt.args[0] if isinstance(stmt, Call) and stmt.op.name in CHANGES_WITHIN else None
        mask = self.sharing.inner(base) if isinstance(base, Var) else 0
        for b in blocks(stmt):
            for inner in b.stmts:
                mask |= self.changed(inner)
        return mask

    def copied(self, made: tuple[Var, ...], later: int) -> list[Stmt]:
        """Copies of what is kept and changed later."""
        found: list[Stmt] = []
        for v in made:
            inner = self.sharing.inner(v)
            if v in self.kept and (self.sharing.objects(v) | inner) & later:
                self.copies[v] = copy = self.names.var(v.hint, v.type)
                found.append(Call((copy,), _COPY_TREE if inner or v in self.absent else _COPY, (v,), ()))
        return found
