"""Assembly: the fused form (both sweeps in one function) and the split form (a forward and a backward half)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from srcad.ad.adjoints import Adjoints, Key, is_buffer, leaf_paths, piece_keys
from srcad.ad.edits import Edits
from srcad.ad.mirror import Mirror, freeze, keep
from srcad.ad.residuals import Needs
from srcad.ad.reuse import reuse
from srcad.ad.replaced_items import with_replaced, without_replaced
from srcad.ad.rewind import Blocked, saving, shapes_from_outside
from srcad.analysis.unbound import Handed, handed_unbound
from srcad.ad.reverse import Reversal, reverse_statements
from srcad.analysis.activity import Activity, Piece, activity
from srcad.analysis.sharing import has_buffer
from srcad.analysis.versions import Versions
from srcad.ir.build import Builder, Names
from srcad.ir.core import PACK, TAPE_PUSH, UNPACK
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Func, FuncRef, Op, Pack, Program, Stmt, Var
from srcad.ir.types import NONE, Array, ListOf, Residual, Struct, TupleOf, Type, without_tokens
from srcad.ir.visit import all_defs, free_vars, leaves, operands, rename, walk
from srcad.ops.trace import Traced
from srcad.passes.dce import dce


@dataclass(frozen=True, slots=True)
class Pair:
    """The split form of one function: names of its halves, and the parameters whose cotangent is added to a buffer of the caller."""

    name: str
    forward: str
    backward: str
    accumulated: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """Both sweeps of one function: the edited primal block, the reverse statements, and the cotangents by key."""

    forward: Block
    reverse: tuple[Stmt, ...]
    bars: dict[Key, Atom]
    names: Names
    activity: Activity
    saves: bool | None = None  # whether something that is overwritten is kept; None where nothing is overwritten
    stores: bool = False  # whether anything is stored into
    taped: int = 0  # how many arrays are kept per trip, over all loops


@dataclass(slots=True)
class Pairs:
    """The split pairs of the functions of a program, made on demand; recursion finds them half-built."""

    program: Program
    made: dict[tuple[str, tuple[int, ...], tuple[int, ...]], Pair] = field(default_factory=dict)
    funcs: list[Func] = field(default_factory=list)
    trips: dict[int, str] = field(default_factory=dict)  # id of a loop under `checkpointed` -> the function that its trips have become
    residuals: dict[str, Type] = field(default_factory=dict)  # types of the residuals of finished pairs, by pair
    _recursive: set[str] = field(default_factory=set)
    _handed: Handed | None = None

    def pair(self, name: str, active_args: tuple[int, ...], active_outs: tuple[int, ...]) -> Pair:
        """The pair of a function for active arguments and results."""
        ident = (name, active_args, active_outs)
        if ident in self.made:
            if self.made[ident].name not in self.residuals:
                self._recursive.add(self.made[ident].name)
            return self.made[ident]
        func = self.program.func(name)
        base = self._base(name)
        pair = Pair(base, f"{base}_fwd", f"{base}_bwd", _accumulated(func, active_args))
        self.made[ident] = pair
        split(self, func, active_args, active_outs, pair)
        return pair

    def add(self, func: Func) -> None:
        """Put a function into the program that reverse mode has made of a part of one."""
        if func.name not in self.program.taken:
            self.program = replace(self.program, funcs=(*self.program.funcs, func))
            self.funcs.append(func)

    def unbound(self, func: Func) -> frozenset[Var]:
        """The values of a function that may be unbound."""
        if self._handed is None:
            self._handed = handed_unbound(self.program)
        return self._handed.inside(func)

    def _base(self, name: str) -> str:
        """A name for a pair whose halves have names of their own."""
        taken = self.program.taken | {half for p in self.made.values() for half in (p.forward, p.backward)}
        count, base = 1, name
        while f"{base}_fwd" in taken or f"{base}_bwd" in taken:
            count += 1
            base = f"{name}_{count}"
        return base

    def residual(self, pair: Pair) -> Type:
        """The type of a pair's residuals as callers see it."""
        return self.residuals.get(pair.name, Residual(pair.name))

    def settle(self, pair: Pair, needed: tuple[Var, ...]) -> Type:
        """Note what a pair's residuals hold: a tuple of known structure, but an opaque one where a function calls itself."""
        found = Residual(pair.name) if pair.name in self._recursive else residual_type(needed)
        self.residuals[pair.name] = found
        return found


def residual_type(needed: tuple[Var, ...]) -> Type:
    """The type of a tuple of residuals; lengths of arrays mean nothing outside the function."""
    return Struct(tuple, (), tuple(_loose(v.type) for v in needed))


def _loose(t: Type) -> Type:
    match t:
        case Struct(cls, keys, items):
            return Struct(cls, keys, tuple(map(_loose, items)))
        case ListOf(item):
            return ListOf(_loose(item))
        case TupleOf(item):
            return TupleOf(_loose(item))
    return without_tokens(t)


def _accumulated(func: Func, active: tuple[int, ...]) -> tuple[int, ...]:
    """Parameters that the function reads by element, or hands on: a fresh buffer per call would cost too much."""
    found: set[Arg] = set()
    for stmt in walk(func.body):
        if isinstance(stmt, Call) and stmt.args and (isinstance(stmt.op, FuncRef) or stmt.op.name == "getitem"):
            found.update(stmt.args if isinstance(stmt.op, FuncRef) else stmt.args[:1])
    return tuple(n for n in active if func.body.params[n] in found and is_buffer(func.body.params[n].type))


# ---- both sweeps -----------------------------------------------------------------------------------------------------
def sweep(pairs: Pairs, func: Func, wrt: Sequence[Piece], seed: Callable[[Adjoints], None]) -> Swept:
    """Write the reverse sweep of a function, meet what it needs, and edit the forward sweep accordingly.

    `seed` contributes the cotangents of the results; it may be called again.
    """
    func = with_replaced(func)
    facts = activity(func, wrt, pairs.program)

    def written(*, rewinds: bool, repeats: bool = False) -> Swept:
        return _swept(pairs, func, wrt, seed, facts, rewinds=rewinds, repeats=repeats)

    try:
        kept = written(rewinds=True)
    except Blocked:
        return written(rewinds=False)
    if not kept.stores or kept.taped < 2:
        return kept
    again = written(rewinds=True, repeats=True)
    return again if again.taped < kept.taped else kept


def _swept(
    pairs: Pairs, func: Func, wrt: Sequence[Piece], seed: Callable[[Adjoints], None], facts: Activity, *, rewinds: bool, repeats: bool
) -> Swept:
    """Both sweeps; `rewinds`: stores are undone where overwritten contents are needed, else such contents are copied.

    `repeats`: arithmetic on what is rewound is done again, not kept.
    """
    names = Names(v.name for v in all_defs(func.body))
    rev = Reversal(
        names, facts.active, Edits(), pairs, dict(pairs.program.sources), versions=Versions(func.body), rewinds=rewinds, repeats=repeats
    )
    rev.survey(func.body)
    root = rev.mirror(Mirror("func", Builder(names)), func.body)
    adjoints = Adjoints(rev.active, root.builder, unbound=pairs.unbound(func), mixed=_mixed(func))
    seed(adjoints)
    reverse_statements(rev, func.body.stmts, adjoints, root)
    root.builder.note = ""
    bars: dict[Key, Atom] = {}
    for key in (key for piece in wrt for key in piece_keys(func.body.params[piece.param], piece.path)):
        bars[key] = adjoints.get_or_zero(key).atom
    shapes_from_outside(rev, root, func.body.params)
    bars = reuse(rev, root, bars)
    _drop_dead(root, tuple(a for a in bars.values() if isinstance(a, Var)))
    Needs(rev, root).meet()
    table = {old: names.var(hint, old.type) for old, hint in adjoints.hints.items() if old not in rev.owner}
    block = rename(Block((), tuple(freeze(root)), tuple(bars.values())), table)
    known = {v: names.var(hint, v.type) for v, hint in _words(rev, block).items()}
    saves = _save(rev, block)
    forward, block = rename(without_replaced(rev.edits.apply(func.body)), known), rename(block, known)
    saves = _keeps_arrays(forward) if saves is False else saves
    block = _with_last_shapes(forward, block)
    result = dict(zip(bars, block.yields, strict=True))
    return Swept(forward, block.stmts, result, names, facts, saves, stores=bool(rev.saved), taped=len(rev.taped))


def _save(rev: Reversal, reverse: Block) -> bool | None:
    """Let the forward sweep save what undone stores overwrite, as far as that is needed.

    Whether anything is saved; None where nothing is stored, or where it is not known that nothing else has to be kept.
    """
    needed = set(free_vars(reverse)) | rev.edits.named()
    for old, store in rev.saved.items():
        if old in needed:
            rev.edits.before.setdefault(id(store), []).extend(saving(rev, old))
    if not rev.saved or not rev.rewinds:
        return None
    kept = {v for v in _by_value(reverse) if rev.versions.chain(v) is not None and v in rev.owner} - rev.versions.last
    return bool(kept) or any(old in needed for old in rev.saved)


def _keeps_arrays(forward: Block) -> bool:
    """Whether the forward sweep puts an array on a tape: where that is stored into later, it is copied before."""
    pushes = (s for s in walk(forward) if isinstance(s, Call) and s.op == TAPE_PUSH)
    return any(isinstance(a, Var) and has_buffer(a.type) for s in pushes for arg in s.args[1:] for a in leaves(arg))


def _by_value(block: Block) -> set[Atom]:
    """What a block reads more of than the shape."""
    found: set[Atom] = set()
    for stmt in walk(block):
        shapes = stmt.op.shape_only if isinstance(stmt, Call) and isinstance(stmt.op, Op) else ()
        if shapes and isinstance(stmt, Call):
            found.update(a for n, arg in enumerate(stmt.args) if n not in shapes for a in leaves(arg))
        else:
            found.update(operands(stmt))
    return found


def _with_last_shapes(forward: Block, reverse: Block) -> Block:
    """The reverse sweep with shapes read from last versions: an older one would be kept, in a buffer of its own, for its shape only."""
    versions = Versions(forward)
    last = {versions.chain(v): v for v in versions.last}
    by_value = _by_value(reverse) | set(reverse.yields)
    shapes = {v: last.get(versions.chain(v)) for v in free_vars(reverse) if v not in by_value}
    return rename(reverse, {v: new for v, new in shapes.items() if new is not None and new.type == v.type})


def _mixed(func: Func) -> bool:
    """Whether arrays of less than double precision occur."""
    return any(isinstance(v.type, Array) and v.type.dtype in ("float16", "float32", "complex64") for v in all_defs(func.body))


def _words(rev: Reversal, reverse: Block) -> dict[Var, str]:
    """Names for the primal temporaries that the reverse sweep uses."""
    needs = Needs(rev, Mirror("func", Builder(rev.names)))
    for var in free_vars(reverse):
        if not var.hint and var in rev.owner:
            needs.hint(var)
    return {v: w for v, w in rev.words.items() if w and not v.hint}


def _drop_dead(root: Mirror, roots: tuple[Var, ...]) -> None:
    """Remove reverse code that no wanted cotangent depends on, before its needs are met."""
    whole = dce(Func("reverse", Block((), tuple(freeze(root)), roots)))
    keep(root, set(all_defs(whole.body)))


# ---- split form ------------------------------------------------------------------------------------------------------
def split(pairs: Pairs, func: Func, wrt: tuple[int, ...], outs: tuple[int, ...], pair: Pair) -> tuple[Func, Func]:
    """`g_fwd(args) -> (results..., residuals)` and `g_bwd(residuals, out_bars..., buffers...) -> bars...`."""
    out_bars: list[Var] = []
    buffers: list[Var] = []

    def seed(adjoints: Adjoints) -> None:
        out_bars.clear()  # the sweep may be written twice
        buffers.clear()
        for n in outs:
            atom = func.body.yields[n]
            t = atom.type if isinstance(atom, Var) else NONE
            for path, leaf in leaf_paths(t):
                var = adjoints.builder.names.var(_bar_name(atom), leaf)
                out_bars.append(var)
                adjoints.contribute_leaf(atom, path, Traced(var, leaf, adjoints.builder))
        for n in pair.accumulated:
            param = func.body.params[n]
            var = adjoints.builder.names.var(f"{param.hint}_bar", param.type)
            buffers.append(var)
            held = adjoints.get((param, ()))
            adjoints.set((param, ()), Traced(var, param.type, adjoints.builder))
            adjoints.owned.add(var)
            if held is not None:
                adjoints.contribute_leaf(param, (), held)

    swept = sweep(pairs, func, tuple(map(Piece, wrt)), seed)
    bwd_body = Block((), swept.reverse, tuple(swept.bars.values()))
    given = {*out_bars, *buffers}
    needed = tuple(v for v in free_vars(bwd_body) if v not in given)
    t = pairs.settle(pair, needed)
    forward = _forward_half(swept, func, pair, needed, t)
    residuals = swept.names.var("residuals", t)
    opening: tuple[Stmt, ...] = () if not needed else (Call(needed, UNPACK, (residuals,)),)
    whole = Block((residuals, *out_bars, *buffers), (*opening, *bwd_body.stmts), bwd_body.yields)
    backward = Func(pair.backward, whole, _flat(len(bwd_body.yields)), func.key)
    pairs.funcs.extend((forward, backward))
    return forward, backward


def _forward_half(swept: Swept, func: Func, pair: Pair, needed: tuple[Var, ...], t: Type) -> Func:
    whole = swept.names.var("residuals", t)
    packing = Call((whole,), PACK, (Pack("tuple", needed),))
    block = Block(swept.forward.params, (*swept.forward.stmts, packing), (*swept.forward.yields, whole))
    count = len(block.yields)
    return Func(pair.forward, block, _flat(count) or Const(None), func.key)


def _flat(count: int) -> Arg | None:
    return None if count == 1 else Pack("tuple", tuple(Const(n) for n in range(count)))


def _bar_name(atom: Atom) -> str:
    return f"{atom.hint}_bar" if isinstance(atom, Var) and atom.hint else "value_bar"
