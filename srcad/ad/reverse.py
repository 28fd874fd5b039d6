"""Reverse mode: statements of a block, last to first.

Reverse code names primal values as if all were alive; `residuals` later meets what is still named after dead code is gone.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from srcad.ad import calls, control, rewind, structure
from srcad.ad.adjoints import Adjoints, leaf_paths
from srcad.ad.edits import Edits
from srcad.ad.mirror import Mirror
from srcad.analysis.versions import Versions
from srcad.errors import InternalError, SrcadError
from srcad.ir.build import Builder, Names
from srcad.ir.nodes import Arg, Atom, Block, Call, Effect, FuncRef, If, Loc, Loop, Op, Pack, SliceArg, Star, Stmt, Try, Var, With
from srcad.ir.types import Array, Struct, may_carry_derivative
from srcad.ops import table
from srcad.ops.trace import Traced, lift

from srcad.ir.visit import blocks, defs

if TYPE_CHECKING:
    from srcad.ad.control import Trip
    from srcad.ad.pairs import Pairs

ARITHMETIC = {"add", "sub", "mul", "truediv", "neg", "pos"}  # on scalars, and on arrays where that saves memory, done again freely


@dataclass(slots=True)
class Reversal:
    """The reverse sweep of one function while it is written."""

    names: Names
    active: frozenset[Var]
    edits: Edits
    pairs: Pairs
    sources: dict[str, str]
    mirrors: dict[int, Mirror] = field(default_factory=dict)  # id of a primal block -> its mirrored block
    by_id: dict[int, Block] = field(default_factory=dict)
    words: dict[Var, str] = field(default_factory=dict)  # names for primal temporaries that both sweeps know
    trips: dict[int, Trip] = field(default_factory=dict)  # id of a loop -> what is reversed of it
    owner: dict[Var, Block] = field(default_factory=dict)  # the primal block that defines a value
    around: dict[int, tuple[Stmt, Block]] = field(default_factory=dict)  # id of a primal block -> its statement, and the block of that
    versions: Versions = field(default_factory=lambda: Versions(Block((), (), ())))
    rewinds: bool = True  # whether stores are undone; else what is needed of overwritten arrays is copied
    repeats: bool = False  # whether arithmetic on arrays that are rewound is done again, not kept
    parts: dict[Var, Call] = field(default_factory=dict)  # arrays that are part of an array -> how they are read
    sums: dict[Var, Call] = field(default_factory=dict)  # arrays that are made by arithmetic in a loop or branch -> how
    saves: dict[int, tuple[Call, Var]] = field(default_factory=dict)  # id of a store -> the store, and what holds the overwritten
    saved: dict[Var, Call] = field(default_factory=dict)  # what holds something overwritten -> the store
    rewound: dict[Var, Var] = field(default_factory=dict)  # an array of the reverse sweep -> the version of the primal that it is
    taped: list[Var] = field(default_factory=list)  # arrays that are kept once per trip

    def survey(self, block: Block) -> None:
        """Note where every value of a primal block is defined."""
        for param in block.params:
            self.owner[param] = block
        for stmt in block.stmts:
            for out in defs(stmt):
                self.owner[out] = block
            if isinstance(stmt, Call) and len(stmt.outs) == 1 and isinstance(stmt.outs[0].type, Array):
                if stmt.op.name == "getitem":
                    self.parts[stmt.outs[0]] = stmt
                elif self.repeats and stmt.op.name in ARITHMETIC and id(block) in self.around:
                    self.sums[stmt.outs[0]] = stmt
            for child in blocks(stmt):
                self.around[id(child)] = (stmt, block)
                self.survey(child)

    def owner_of(self, stmt: Stmt) -> Block:
        """The primal block in which a statement stands."""
        inner = blocks(stmt)
        return self.around[id(inner[0])][1]

    def mirror(self, mirror: Mirror, *primal: Block) -> Mirror:
        """Register a mirrored block for primal blocks."""
        for block in primal:
            self.mirrors[id(block)] = mirror
            self.by_id[id(block)] = block
        return mirror

    def note(self, loc: Loc) -> str:
        """The primal line that a statement comes from, for a comment."""
        text = self.sources.get(loc.function, "")
        lines = text.split("\n")
        if not 0 < loc.line <= len(lines):
            return ""
        line = lines[loc.line - 1].strip()
        return line if loc.end_line in (0, loc.line) else line + " ..."


def reverse_statements(rev: Reversal, stmts: tuple[Stmt, ...], adjoints: Adjoints, mirror: Mirror) -> None:
    """Write the reverse code of statements, last first."""
    for stmt in reversed(stmts):
        mirror.builder.note = rev.note(stmt.loc)
        try:
            _reverse_statement(rev, stmt, adjoints, mirror)
        except SrcadError as error:
            error.where = error.where or stmt.loc
            raise


def _reverse_statement(rev: Reversal, stmt: Stmt, adjoints: Adjoints, mirror: Mirror) -> None:
    match stmt:
        case Call(_, FuncRef()):
            calls.reverse_call(rev, stmt, adjoints)
        case Call():
            late = rewind.is_store(stmt) and rewind.undone_after(stmt)
            if rewind.is_store(stmt) and not late:
                made = rewind.current(rev, adjoints, stmt.outs[0])
                rewind.undo(rev, stmt, adjoints)
                reverse_operation(rev, stmt, adjoints, made)
            else:
                reverse_operation(rev, stmt, adjoints, rewind.current(rev, adjoints, stmt.outs[0]) if late else None)
            if late:
                rewind.undo(rev, stmt, adjoints)
        case If():
            control.reverse_if(rev, stmt, adjoints, mirror)
        case Loop():
            control.reverse_loop(rev, stmt, adjoints, mirror)
        case Try():
            control.reverse_try(rev, stmt, adjoints, mirror)
        case With():
            control.reverse_with(rev, stmt, adjoints, mirror)
        case _:
            assert_never(stmt)


def reverse_operation(rev: Reversal, stmt: Call, adjoints: Adjoints, made: Atom | None = None) -> None:
    """The reverse code of one operation; `made` stands for its result, where that is an array that was changed later."""
    if not any(adjoints.has(out) for out in stmt.outs) or Effect.DIVERGES in stmt.op.effects:
        return
    if structure.reverse_structural(stmt, adjoints):
        return
    entry = table.entry(stmt.op.name)
    if entry is None or not entry.differentiable:
        if any(wants(adjoints, a) for a in stmt.args):
            raise InternalError(f"an active value goes through {stmt.op.name}, which has no rule", stage="ad")
        return
    (out,) = stmt.outs
    g = structure.cotangent(adjoints, out)
    held = isinstance(g, Traced) and g.atom in adjoints.owned
    for path, _ in leaf_paths(out.type):
        part = adjoints.get((out, path))
        if part is not None:
            adjoints.owned.discard(part.atom)  # the rule may hand it on to several operands
    if isinstance(out.type, Struct):
        g = tuple(adjoints.get_or_zero((out, (n,))) if may_carry_derivative(t) else 0.0 for n, t in enumerate(out.type.items))
    if entry.accumulates and isinstance(stmt.args[0], Var) and isinstance(stmt.args[0].type, Array) and stmt.args[0].type.shape:
        index = lift(adjoints.builder, stmt.args[1])
        adjoints.contribute_at(stmt.args[0], index, g)
        return
    args = tuple(rewind.lifted(rev, adjoints, a) for a in stmt.args)
    params = tuple((k, lift(adjoints.builder, v)) for k, v in stmt.params)
    wanted = tuple(wants(adjoints, a) for a in stmt.args)
    y = rewind.lifted(rev, adjoints, out) if made is None else Traced(made, out.type, adjoints.builder)
    cotangents = entry.vjp(g, y, args, params, wanted)
    for arg, cotangent in zip(stmt.args, cotangents, strict=True):
        distribute(adjoints, arg, cotangent)
    if isinstance(stmt.op, Op) and stmt.op.inplace and isinstance(stmt.args[0], Var):
        _keep_owned(stmt.args[0], g, cotangents, adjoints, held=held)


def _keep_owned(base: Var, g: Any, cotangents: tuple[Any, ...], adjoints: Adjoints, *, held: bool) -> None:
    """The cotangent of an array that was changed in place is its alone if it was just made, or handed on to nobody else."""
    kept, first, *others = adjoints.get((base, ())), *cotangents
    if kept is None or not isinstance(first, Traced) or kept.atom != first.atom:
        return
    same = isinstance(g, Traced) and first.atom == g.atom
    shared = any(isinstance(c, Traced) and c.atom == first.atom for c in others)
    if not shared and (held or not same):
        adjoints.owned.add(kept.atom)


def wants(adjoints: Adjoints, arg: Arg) -> bool:
    """Whether any leaf of an argument is active."""
    match arg:
        case Var():
            return arg in adjoints.active and may_carry_derivative(arg.type)
        case Pack(_, items):
            return any(wants(adjoints, i) for i in items)
        case Star(value):
            return wants(adjoints, value)
        case SliceArg():
            return False
    return False


def distribute(adjoints: Adjoints, arg: Arg, cotangent: Any) -> None:
    """Give a tree of cotangents to the leaves of an argument tree."""
    if cotangent is None:
        return
    if isinstance(arg, Var):
        adjoints.contribute(arg, cotangent)
    elif isinstance(arg, Pack) and isinstance(cotangent, Traced):
        for n, item in enumerate(arg.items):
            if wants(adjoints, item):
                distribute(adjoints, item, cotangent[n])
    elif isinstance(arg, Pack):
        for item, part in zip(arg.items, cotangent.values() if isinstance(cotangent, dict) else cotangent, strict=True):
            distribute(adjoints, item, part)


def new_builder(rev: Reversal) -> Builder:
    """A builder for reverse code."""
    return Builder(rev.names)
