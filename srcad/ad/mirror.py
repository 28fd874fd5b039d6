"""The draft of a reverse sweep: for each primal block that is reversed one mirrored block, still open to insertions.

Values that the reverse code needs are met after it has been written (`residuals`), so mirrored blocks hold drafts of their
inner statements until `freeze` makes IR of the whole.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from srcad.ir.build import Builder
from srcad.ir.nodes import Arg, Atom, Block, Const, Each, FuncRef, If, Loop, Op, Range, Stmt, Var, With
from srcad.ir.visit import substitute


@dataclass(slots=True)
class Mirror:
    """The mirrored block of a primal block.  `kind`: func, branch, body or region; `stmt`: the primal statement around it.

    `table`: primal value -> what stands for it here; `prelude`: what restores it, ahead of the reverse code;
    `items`: sequences read backwards, one item per trip (kind body).
    """

    kind: str
    builder: Builder
    parent: Mirror | None = None
    stmt: Stmt | None = None
    branch: int = 0
    table: dict[Var, Atom] = field(default_factory=dict)
    prelude: list[Stmt] = field(default_factory=list)
    regions: list[Mirror] = field(default_factory=list)  # blocks that always ran, reversed in line with this one

    @property
    def code(self) -> list[Draft]:
        """The reverse code, drafts included."""
        return self.builder.stmts  # type: ignore[return-value]

    def inlined(self) -> Iterator[Mirror]:
        """The regions in this block and in its regions, outer ones first."""
        for region in self.regions:
            yield region
            yield from region.inlined()


@dataclass(slots=True)
class DraftIf:
    """A mirrored `if`."""

    outs: list[Var]
    cond: Atom
    then: Mirror
    orelse: Mirror
    yields: tuple[list[Atom], list[Atom]]
    note: str


@dataclass(slots=True)
class DraftLoop:
    """A mirrored loop: carried adjoints; its iteration is decided when the needed values are known.

    `trip`: the number of the trip, if the reverse code uses it.  `before`: statements ahead of the loop that the iteration needs.
    """

    outs: list[Var]
    inits: list[Atom]
    params: list[Var]
    mirror: Mirror
    yields: list[Atom]
    primal: Loop
    trip: Var
    note: str
    items: list[Var] = field(default_factory=list)
    seqs: list[Atom | Range] = field(default_factory=list)
    before: list[Stmt] = field(default_factory=list)


@dataclass(slots=True)
class DraftWith:
    """A mirrored `with`; without an op a plain region."""

    outs: list[Var]
    op: Op | FuncRef | None
    args: tuple[Arg, ...]
    params: tuple[tuple[str, Arg], ...]
    mirror: Mirror
    yields: list[Atom]
    note: str


Draft: TypeAlias = Stmt | DraftIf | DraftLoop | DraftWith


def inner(stmt: Draft) -> tuple[Mirror, ...]:
    """The mirrored blocks inside a draft statement."""
    match stmt:
        case DraftIf(_, _, then, orelse):
            return (then, orelse)
        case DraftLoop() | DraftWith():
            return (stmt.mirror,)
    return ()


def freeze(mirror: Mirror, outer: dict[Var, Atom] | None = None) -> list[Stmt]:
    """The statements of a mirrored block, needed values replaced by what stands for them."""
    table = _closed({**(outer or {}), **mirror.table})
    out: list[Stmt] = []
    for draft in mirror.code:
        out.extend(_frozen(draft, table))
    restored = [_replaced(s, table) for region in mirror.inlined() for s in region.prelude]  # from values of the blocks around them
    return [*mirror.prelude, *restored, *out]


def _closed(table: dict[Var, Atom]) -> dict[Var, Atom]:
    """The replacements with chains followed to their ends."""
    done: dict[Var, Atom] = {}
    for var, atom in table.items():
        end = atom
        while isinstance(end, Var) and end in table and table[end] != end:
            end = table[end]
        done[var] = end
    return done


def _frozen(draft: Draft, table: dict[Var, Atom]) -> Iterator[Stmt]:
    match draft:
        case DraftIf(outs, cond, then, orelse, yields, note):
            blocks = [Block((), tuple(freeze(m, table)), tuple(y)) for m, y in zip((then, orelse), yields, strict=True)]
            first, second = (_with_yields(b, {**table, **m.table}) for b, m in zip(blocks, (then, orelse), strict=True))
            yield _replaced(If(tuple(outs), cond, first, second, note=note), table)
        case DraftLoop():
            yield from (_replaced(s, table) for s in draft.before)
            items = draft.items if draft.seqs else [draft.trip]
            body = Block((*items, *draft.params), tuple(freeze(draft.mirror, table)), tuple(draft.yields))
            whole = _with_yields(body, _closed({**table, **draft.mirror.table}))
            it: Each | Range = Each(tuple(draft.seqs), reverse=True) if draft.seqs else Range(Const(0), Const(0), Const(1))
            if len(draft.seqs) == 1 and isinstance(draft.seqs[0], Range):
                only = draft.seqs[0]
                it = Range(only.start, only.stop, only.step, reverse=True)
            yield _replaced(Loop(tuple(draft.outs), it, tuple(draft.inits), None, whole, note=draft.note), table)
        case DraftWith(outs, op, args, params, mirror, yields, note):
            stmts = freeze(mirror, table)
            assert op is not None
            body = _with_yields(Block((), tuple(stmts), tuple(yields)), {**table, **mirror.table})
            yield _replaced(With(tuple(outs), op, args, params, body, note=note), table)
        case _:
            yield _replaced(draft, table)


def _with_yields(block: Block, table: dict[Var, Atom]) -> Block:
    return Block(block.params, block.stmts, tuple(table.get(y, y) if isinstance(y, Var) else y for y in block.yields))


def _replaced(stmt: Stmt, table: dict[Var, Atom]) -> Stmt:
    """The statement with outer replacements applied (inside it they are applied already, to the same effect)."""
    block = substitute(Block((), (stmt,), ()), table)
    return block.stmts[0]


def keep(mirror: Mirror, live: set[Var]) -> None:
    """Drop draft statements of which nothing is live."""
    kept: list[Draft] = []
    for draft in mirror.code:
        match draft:
            case DraftIf():
                _keep_if(draft, live)
            case DraftLoop():
                _keep_loop(draft, live)
            case DraftWith():
                chosen = [n for n, v in enumerate(draft.outs) if v in live]
                draft.outs = [draft.outs[n] for n in chosen]
                draft.yields = [draft.yields[n] for n in chosen]
            case _:
                pass
        if not draft.outs or not any(v in live for v in draft.outs):
            continue
        for child in inner(draft):
            keep(child, live)
        kept.append(draft)
    mirror.builder.stmts = kept  # type: ignore[assignment]


def _keep_if(draft: DraftIf, live: set[Var]) -> None:
    chosen = [n for n, v in enumerate(draft.outs) if v in live]
    draft.outs = [draft.outs[n] for n in chosen]
    draft.yields = ([draft.yields[0][n] for n in chosen], [draft.yields[1][n] for n in chosen])


def _keep_loop(draft: DraftLoop, live: set[Var]) -> None:
    chosen = [n for n, (o, p) in enumerate(zip(draft.outs, draft.params, strict=True)) if o in live or p in live]
    draft.outs = [draft.outs[n] for n in chosen]
    draft.inits = [draft.inits[n] for n in chosen]
    draft.params = [draft.params[n] for n in chosen]
    draft.yields = [draft.yields[n] for n in chosen]
