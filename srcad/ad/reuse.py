"""Primal values instead of recomputation: reverse code that computes what the primal has computed names the primal's value.

`e * cos(E)` in a rule finds the cosine of the forward sweep; what that costs (a tape, or nothing) is decided with all needed values.
"""
from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from srcad.ad.adjoints import Key
from srcad.ad.mirror import Draft, DraftIf, DraftLoop, DraftWith, Mirror, inner
from srcad.ad.reverse import Reversal
from srcad.ir.nodes import Arg, Atom, Block, Call, Op, Var
from srcad.ir.types import Array, is_number, without_tokens
from srcad.ir.visit import leaves, map_arg
from srcad.ops import table

Known = dict[Hashable, Var]
_COMMUTES = ("add", "mul")


def reuse(rev: Reversal, root: Mirror, bars: dict[Key, Atom]) -> dict[Key, Atom]:
    """Replace reverse operations by the primal values that they repeat, also in the final cotangents `bars`."""
    replaced: dict[Var, Atom] = {}
    work = _Reuse(rev)
    work.survey(root)
    work.mirror(root, {}, replaced)
    return {k: replaced.get(a, a) if isinstance(a, Var) else a for k, a in bars.items()}


class _Reuse:
    """Walks mirrored blocks with the primal values known in each."""

    def __init__(self, rev: Reversal) -> None:
        self.rev = rev
        self.handed_on: set[Atom] = set()
        self.blocks: dict[int, list[Block]] = {}
        for ident, mirror in rev.mirrors.items():
            self.blocks.setdefault(id(mirror), []).append(rev.by_id[ident])

    def survey(self, mirror: Mirror) -> None:
        """Note the buffers that are changed in place or go on to where they may be."""
        for draft in mirror.code:
            match draft:
                case Call(op=Op(inplace=False)):
                    pass
                case Call(_, op, args):
                    self.handed_on.update(leaves(args[0]) if isinstance(op, Op) else (a for arg in args for a in leaves(arg)))
                case DraftIf():
                    self.handed_on.update((*draft.yields[0], *draft.yields[1]))
                case DraftLoop():
                    self.handed_on.update((*draft.inits, *draft.yields))
                case DraftWith():
                    self.handed_on.update(draft.yields)
            for child in inner(draft):
                self.survey(child)

    def mirror(self, mirror: Mirror, known: Known, table_: dict[Var, Atom]) -> None:
        """One mirrored block: the values of its primal blocks are known here."""
        known = dict(known)
        for region in (mirror, *mirror.regions):
            for block in self.blocks.get(id(region), ()):
                _learn(block, known)
        kept: list[Draft] = []
        for draft in mirror.code:
            new = self._draft(draft, known, table_)
            if new is not None:
                kept.append(new)
        mirror.builder.stmts = kept  # type: ignore[assignment]

    def _draft(self, draft: Draft, known: Known, table_: dict[Var, Atom]) -> Draft | None:
        def atom(a: Atom) -> Atom:
            return table_.get(a, a) if isinstance(a, Var) else a

        match draft:
            case Call():
                return self._call(draft, known, table_)
            case DraftIf():
                draft.cond = atom(draft.cond)
                for child in inner(draft):
                    self.mirror(child, known, table_)
                draft.yields = (list(map(atom, draft.yields[0])), list(map(atom, draft.yields[1])))
            case DraftLoop():
                draft.inits = list(map(atom, draft.inits))
                self.mirror(draft.mirror, known, table_)
                draft.yields = list(map(atom, draft.yields))
            case DraftWith():
                self.mirror(draft.mirror, known, table_)
                draft.yields = list(map(atom, draft.yields))
        return draft

    def _call(self, stmt: Call, known: Known, table_: dict[Var, Atom]) -> Call | None:
        new = replace(
            stmt,
            args=tuple(map_arg(a, lambda x: table_.get(x, x) if isinstance(x, Var) else x) for a in stmt.args),
            params=tuple((k, map_arg(v, lambda x: table_.get(x, x) if isinstance(x, Var) else x)) for k, v in stmt.params),
        )
        ident = identity(new)
        found = None if ident is None else known.get(ident)
        if found is None or without_tokens(found.type) != without_tokens(stmt.outs[0].type):
            return new
        if isinstance(found.type, Array) and stmt.outs[0] in self.handed_on:
            return new
        table_[stmt.outs[0]] = found
        return None


def _learn(block: Block, known: Known) -> None:
    for stmt in block.stmts:
        if isinstance(stmt, Call):
            ident = identity(stmt)
            if ident is not None:
                known.setdefault(ident, stmt.outs[0])


def identity(stmt: Call) -> Hashable | None:
    """Equal for statements that surely compute the same numbers; None for all others."""
    if not isinstance(stmt.op, Op) or stmt.op.inplace or len(stmt.outs) != 1 or not is_number(stmt.outs[0].type):
        return None
    entry = table.entry(stmt.op.name)
    if entry is None or entry.kind == "nondiff" or not any(isinstance(a, Var) for arg in stmt.args for a in leaves(arg)):
        return None
    name = stmt.op.name
    args: tuple[Arg, ...] = stmt.args
    if name in _COMMUTES and len(args) == 2:
        args = tuple(sorted(args, key=repr))
    return name, args, stmt.params, without_tokens(stmt.outs[0].type)
