"""Reverse code of branches, loops, `try` and `with`."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcad.ad import checkpointing, reverse, rewind
from srcad.ad.adjoints import Adjoints, Key, bar, is_buffer, leaf_paths, type_at
from srcad.ad.mirror import DraftIf, DraftLoop, DraftWith, Mirror
from srcad.ad.structure import cotangent, record, require_alike
from srcad.ir.core import COMPARE, PACK
from srcad.ir.nodes import Atom, Block, Const, Each, If, Loop, Stmt, Try, Var, With
from srcad.ir.types import BOOL, INT, Array, Type, join, same_shape
from srcad.ir.visit import all_defs, block_diverges, uses
from srcad.ops.effects import raises_for_warnings
from srcad.ops.trace import Traced, made, zero_on_a_path

if TYPE_CHECKING:
    from srcad.ad.reverse import Reversal

_NEW_LISTS = frozenset(("tree_like", "unstack_like", "fill", "fill_tree"))
"""Operations of rules that make a list of cotangents which nothing else holds."""


# ---- branches --------------------------------------------------------------------------------------------------------
def reverse_if(rev: Reversal, stmt: If, adjoints: Adjoints, mirror: Mirror) -> None:
    """A mirrored `if` on the same condition."""
    _reverse_paths(rev, stmt, stmt.cond, (stmt.then, stmt.orelse), adjoints, mirror)


def _reverse_paths(rev: Reversal, stmt: Stmt, cond: Atom, paths: tuple[Block, Block], adjoints: Adjoints, mirror: Mirror) -> None:
    if not any(adjoints.has(out) for out in stmt.outs):
        return
    note = adjoints.builder.note
    mirrors, maps = [], []
    for n, block in enumerate(paths):
        found = _branch(rev, stmt, n, block, adjoints, mirror)
        mirrors.append(found[0])
        maps.append(found[1])
    inside = {v for block in paths for v in all_defs(block)}
    changed = [k for k in dict.fromkeys(k for m in maps for k in m.own) if k[0] not in inside]
    outs: list[Var] = []
    yields: tuple[list[Atom], list[Atom]] = ([], [])
    for key in changed:
        values = [m.get(key) for m in maps]
        if all(v is None for v in values):
            continue
        atoms = [(m.zero(key) if v is None else v).atom for m, v in zip(maps, values, strict=True)]
        t = type_at(key[0].type, key[1])
        out = rev.names.var(bar(key), t)
        outs.append(out)
        if any(v is None for v in values):
            zero_on_a_path(rev.names, out, cond, where=values[0] is None)
        for row, atom in zip(yields, atoms, strict=True):
            row.append(atom)
        adjoints.set(key, Traced(out, t, adjoints.builder))
        if all(a in m.owned for m, a in zip(maps, atoms, strict=True)):
            adjoints.owned.add(out)
    draft = DraftIf(outs, cond, mirrors[0], mirrors[1], yields, note)
    if isinstance(stmt, If):
        rewind.out_of_branches(rev, stmt, adjoints, maps, draft)
    mirror.code.append(draft)


def _branch(rev: Reversal, stmt: Stmt, n: int, block: Block, adjoints: Adjoints, mirror: Mirror) -> tuple[Mirror, Adjoints]:
    """The mirrored block of one path."""
    inner = rev.mirror(Mirror("branch", reverse.new_builder(rev), mirror, stmt, n), block)
    local = adjoints.nested(inner.builder)
    for out, atom in zip(stmt.outs, block.yields, strict=True):
        if isinstance(atom, Var) and local.has(out):
            require_alike(atom.type, out.type)
        local.contribute(atom, cotangent(local, out))
    rewind.into_branch(rev, stmt, block, adjoints, local)
    reverse.reverse_statements(rev, block.stmts, local, inner)
    return inner, local


def reverse_try(rev: Reversal, stmt: Try, adjoints: Adjoints, mirror: Mirror) -> None:
    """Only what completed is reversed: the body, or the handler that ran."""
    if not any(adjoints.has(out) for out in stmt.outs):
        return
    paths = [stmt.body, *(h.block for h in stmt.handlers)]
    if all(map(block_diverges, paths[1:])):  # what comes out of the statement went through its body
        _region(rev, stmt, None, adjoints, mirror)
        return
    path = rev.edits.paths.setdefault(id(stmt), stmt.path or rev.names.var("path", INT))
    rev.owner[path] = rev.owner_of(stmt)
    number = len(paths) - 1
    _try_paths(rev, stmt, path, paths, number, adjoints, mirror)


def _try_paths(rev: Reversal, stmt: Try, path: Var, paths: list[Block], number: int, adjoints: Adjoints, mirror: Mirror) -> None:
    """`if path == 0: reverse of the body; elif path == 1: ...`, as nested mirrored branches."""
    first = len(paths) - 1 - number
    cond = mirror.builder.call(COMPARE["eq"], (path, Const(first)), BOOL)
    note = adjoints.builder.note
    one, one_map = _branch(rev, stmt, first, paths[first], adjoints, mirror)
    rest = Mirror("rest", reverse.new_builder(rev), mirror, stmt, first)
    rest_map = adjoints.nested(rest.builder)
    if number == 1:
        last, rest_map = _branch(rev, stmt, first + 1, paths[first + 1], adjoints, mirror)
        rest = last
    else:
        _try_paths(rev, stmt, path, paths, number - 1, rest_map, rest)
    inside = {v for block in paths for v in all_defs(block)}
    outs: list[Var] = []
    yields: tuple[list[Atom], list[Atom]] = ([], [])
    for key in dict.fromkeys((*one_map.own, *rest_map.own)):
        if key[0] in inside or (one_map.get(key) is None and rest_map.get(key) is None):
            continue
        atoms = [m.get_or_zero(key).atom for m in (one_map, rest_map)]
        t = type_at(key[0].type, key[1])
        outs.append(rev.names.var(bar(key), t))
        yields[0].append(atoms[0])
        yields[1].append(atoms[1])
        adjoints.set(key, Traced(outs[-1], t, adjoints.builder))
    mirror.code.append(DraftIf(outs, cond, one, rest, yields, note))


def reverse_with(rev: Reversal, stmt: With, adjoints: Adjoints, mirror: Mirror) -> None:
    """The reversed body, inside the same manager where it may be entered twice; not where NumPy is to raise, as the primal did not."""
    if not any(adjoints.has(out) for out in stmt.outs):
        return
    _region(rev, stmt, None if stmt.op == PACK or raises_for_warnings(stmt) else stmt, adjoints, mirror)


def _region(rev: Reversal, stmt: With | Try, manager: Stmt | None, adjoints: Adjoints, mirror: Mirror) -> None:
    """The reverse of a body that always ran to its end."""
    block = stmt.body
    if manager is None:
        inner = rev.mirror(Mirror("region", mirror.builder, mirror, stmt, 0, mirror.table), block)
        mirror.regions.append(inner)
        for out, atom in zip(stmt.outs, block.yields, strict=True):
            adjoints.contribute(atom, cotangent(adjoints, out))
        reverse.reverse_statements(rev, block.stmts, adjoints, inner)
        return
    assert isinstance(manager, With)
    note = adjoints.builder.note
    inner, local = _branch(rev, stmt, 0, block, adjoints, mirror)
    inside = set(all_defs(block))
    draft = DraftWith([], manager.op, manager.args, manager.params, inner, [], note)
    for key in local.own:
        value = local.get(key)
        if key[0] in inside or value is None:
            continue
        t = type_at(key[0].type, key[1])
        out = rev.names.var(bar(key), t)
        draft.outs.append(out)
        draft.yields.append(value.atom)
        adjoints.set(key, Traced(out, t, adjoints.builder))
        if value.atom in local.owned:
            adjoints.owned.add(out)
    mirror.code.append(draft)


# ---- loops -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Trip:
    """What is reversed per trip: a block, with the primal blocks that it is made of (the last one ends the trip)."""

    block: Block
    parts: tuple[Block, ...]
    full: bool  # trips that stopped half-way are left out: they change nothing that matters


def full_trip(loop: Loop, active: frozenset[Var]) -> Trip:
    """The trip without its exits, where a trip that exits passes every active carried value on unchanged.

    A value that every trip binds anew is active behind the loop only: without trips it is what it was before.
    """
    block = loop.body
    parts: tuple[Block, ...] = (loop.body,)
    carried = loop.body.params[len(loop.body.params) - len(loop.inits) :]
    full = False
    while loop.exit is not None:
        stopped = _exit_branch(block, loop.exit, carried, active | {p for p, out in zip(carried, loop.outs, strict=True) if out in active})
        if stopped is None:
            break
        last, branch = stopped
        table = dict(zip(last.outs, branch.yields, strict=True))
        yields = tuple(table.get(y, y) if isinstance(y, Var) else y for y in block.yields)
        block = Block(block.params, (*block.stmts[:-1], *branch.stmts), yields)
        parts = (*parts, branch)
        full = True
        if block.yields[loop.exit] == Const(0):
            return Trip(block, parts, full=True)
    if full and block.yields[loop.exit or 0] != Const(0):
        return Trip(loop.body, (loop.body,), full=False)
    return Trip(block, parts, full)


def _exit_branch(block: Block, exit_: int, carried: tuple[Var, ...], active: frozenset[Var]) -> tuple[If, Block] | None:
    """The `if` at the end of a block one of whose branches only leaves the loop, and its other branch."""
    last = block.stmts[-1] if block.stmts else None
    code = block.yields[exit_]
    if not isinstance(last, If) or not isinstance(code, Var) or code not in last.outs:
        return None
    n = last.outs.index(code)
    for leaving, staying in ((last.then, last.orelse), (last.orelse, last.then)):
        left = leaving.yields[n]
        if not isinstance(left, Const) or left.value in (0, None):
            continue
        table = dict(zip(last.outs, leaving.yields, strict=True))
        for param, y in zip(carried, block.yields, strict=True):
            final = table.get(y, y) if isinstance(y, Var) else y
            if (param in active and final != param) or (isinstance(final, Var) and final in active and final != param):
                return None
        return last, staying
    return None


def reverse_loop(rev: Reversal, stmt: Loop, adjoints: Adjoints, mirror: Mirror) -> None:
    """A loop over the trips, last first, that carries the adjoints."""
    count = len(stmt.body.params) - len(stmt.inits)
    items, carried = stmt.body.params[:count], stmt.body.params[count:]
    if not any(adjoints.has(out) for out in stmt.outs):
        return
    if stmt.slots and stmt.test is None:
        checkpointing.reverse_checkpointed(rev, stmt, adjoints)
        return
    trip = full_trip(stmt, rev.active)
    note = adjoints.builder.note
    inner = rev.mirror(Mirror("body", reverse.new_builder(rev), mirror, stmt), *trip.parts, trip.block)
    rev.trips[id(stmt)] = trip
    local = adjoints.nested(inner.builder)
    draft = DraftLoop([], [], [], inner, [], stmt, rev.names.var("k", INT), note)
    moved = _carry_in(rev, stmt, carried, adjoints, local, draft)
    outer = _accumulators(rev, stmt, trip.block, adjoints, local, draft)
    start = {key: local.get(key) for key in (*moved, *outer)}
    _pass_to_yields(carried, trip.block, local, moved)
    arrays = rewind.into_loop(rev, stmt, carried, trip.block.yields, adjoints, local)
    reverse.reverse_statements(rev, trip.block.stmts, local, inner)
    _items_to_sequences(rev, stmt, items, local, draft)
    for key in moved:
        draft.yields.append(local.get_or_zero(key, _like(start[key], type_at(key[0].type, key[1]))).atom)
    for key in outer:
        found = local.get(key)
        assert found is not None
        draft.yields.append(found.atom)
    rewind.out_of_loop(rev, arrays, adjoints, local, draft)
    mirror.code.append(draft)
    _carry_out(stmt, carried, adjoints, draft, moved, outer, local.owned)


def _like(value: Traced | None, t: Type) -> Traced | None:
    """The value, if it surely has the shape that `t` says."""
    return value if value is not None and isinstance(t, Array) and same_shape(value.type, t) else None


def _open(rev: Reversal, key: Key, init: Traced, local: Adjoints, draft: DraftLoop, t: Type) -> None:
    """Let the reverse loop carry an adjoint."""
    param, out = rev.names.var(bar(key), t), rev.names.var(bar(key), t)
    draft.inits.append(init.atom)
    draft.params.append(param)
    draft.outs.append(out)
    local.own[key] = Traced(param, t, local.builder)


def _carry_in(rev: Reversal, stmt: Loop, carried: tuple[Var, ...], adjoints: Adjoints, local: Adjoints, draft: DraftLoop) -> list[Key]:
    """Adjoints of the carried values: from that of the out to that of the parameter."""
    moved: list[Key] = []
    for param, out, last in zip(carried, stmt.outs, stmt.body.yields, strict=True):
        if param not in rev.active and out not in rev.active:
            continue
        for path, t in leaf_paths(param.type):
            # The adjoint comes with the shape of what a trip yields and leaves with that of what it was given.
            both = join(t, type_at(last.type, path)) if isinstance(last, Var) and isinstance(t, Array) else t
            init = adjoints.get((out, path))
            if init is None:
                init = adjoints.zero((out, path))
            elif is_buffer(t) and not isinstance(t, Array) and made(init)[0] not in _NEW_LISTS:
                init = adjoints.buffer((out, path))
                adjoints.owned.discard(init.atom)
            _open(rev, (param, path), init, local, draft, both)
            if is_buffer(t):  # the back end copies what an array starts with where that is needed elsewhere
                local.owned.add(draft.params[-1])
            moved.append((param, path))
    return moved


def _start(adjoints: Adjoints, key: Key, t: Type) -> Traced:
    """What an accumulator starts with; the back end copies an array that is needed elsewhere."""
    known = adjoints.get(key) if isinstance(t, Array) and key[0] not in adjoints.unbound else None
    if known is not None and known.type == t:
        return known
    return adjoints.buffer(key) if is_buffer(t) else adjoints.get_or_zero(key)


def _accumulators(rev: Reversal, stmt: Loop, trip: Block, adjoints: Adjoints, local: Adjoints, draft: DraftLoop) -> list[Key]:
    """Adjoints of values from outside that the trips read: one accumulator each."""
    inside = set(all_defs(stmt.body))
    read = [v for v in uses(Block((), trip.stmts, trip.yields)) if v not in inside]
    if isinstance(stmt.iter, Each):
        read.extend(s for s in stmt.iter.seqs if isinstance(s, Var))
    outer: list[Key] = []
    for var in dict.fromkeys(read):
        if var not in rev.active:
            continue
        for path, t in leaf_paths(var.type):
            key = (var, path)
            init = _start(adjoints, key, t)
            adjoints.owned.discard(init.atom)
            _open(rev, key, init, local, draft, t)
            if is_buffer(t):
                local.owned.add(draft.params[-1])
            outer.append(key)
    return outer


def _pass_to_yields(carried: tuple[Var, ...], trip: Block, local: Adjoints, moved: list[Key]) -> None:
    """The adjoint of what goes round becomes that of what the trip yielded."""
    given = {key: local.get(key) for key in moved}
    for key in moved:
        local.set(key, None)
    by_param = dict(zip(carried, trip.yields, strict=True))
    for key in moved:
        local.contribute_leaf(by_param[key[0]], key[1], given[key])


def _items_to_sequences(rev: Reversal, stmt: Loop, items: tuple[Var, ...], local: Adjoints, draft: DraftLoop) -> None:
    """The adjoint of an item goes to its place in the sequence."""
    if not isinstance(stmt.iter, Each):
        return
    local.builder.note = draft.note  # the line of the loop
    for seq, item in zip(stmt.iter.seqs, items, strict=True):
        if isinstance(seq, Var) and seq in rev.active and local.has(item):
            index = Traced(draft.trip, INT, local.builder)
            if stmt.iter.reverse:
                index = -1 - index
            local.contribute_at(seq, index, record(local, item))


def _carry_out(
    stmt: Loop, carried: tuple[Var, ...], adjoints: Adjoints, draft: DraftLoop, moved: list[Key], outer: list[Key], owned: set[Atom]
) -> None:
    inits = dict(zip(carried, stmt.inits, strict=True))
    for n, key in enumerate(outer, len(moved)):
        out = draft.outs[n]
        adjoints.set(key, Traced(out, out.type, adjoints.builder))
        if is_buffer(out.type):
            adjoints.owned.add(out)
    for n, key in enumerate(moved):
        out = draft.outs[n]
        through = draft.yields[n] == draft.params[n]  # the trips leave it as it is: the loop may be dropped
        if (draft.inits[n] in adjoints.owned if through else draft.yields[n] in owned) and is_buffer(out.type):
            adjoints.owned.add(out)
        adjoints.contribute_leaf(inits[key[0]], key[1], Traced(out, out.type, adjoints.builder))
