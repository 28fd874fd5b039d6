"""Reverse mode of a loop under `checkpointed`: the forward sweep keeps a few states, the reverse sweep runs trips again from these.

One trip becomes a function of the program, of the items, the carried values that it reads, and what it reads from outside; its split
pair is made like that of any callee.  `runtime/states.py` says which states are kept.
"""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srcad.ad import calls, rewind
from srcad.ad.adjoints import Adjoints, Key, bar, is_buffer, leaf_paths
from srcad.ad.structure import cotangent
from srcad.ir.build import Builder
from srcad.ir.core import BINARY, CALL, GETITEM, LENGTH, UNPACK
from srcad.ir.nodes import (
    UNDEF, Arg, Atom, Block, Call, Const, Each, Effect, Func, FuncRef, Loop, Op, Pack, Program, Range, Ref, Stmt, Var,
)  # fmt: skip
from srcad.ir.text import print_func
from srcad.ir.types import INT, Opaque, Struct, Type
from srcad.ir.visit import all_defs, blocks, free_vars, walk, with_blocks
from srcad.ops.entry import quiet
from srcad.ops.trace import Traced, o
from srcad.runtime.states import States, Way

if TYPE_CHECKING:
    from srcad.ad.reverse import Reversal

_OPEN = Op("states", "States(*_)", ("srcad.runtime:States",), Effect.RAISES)
_KEEP = Op("keep_state", "_0.keep(*_)", effects=Effect.WRITES)
_TAKEN = Op("states_taken", "_0.taken()", effects=Effect.WRITES)
_TRIPS = Op("trips_begun", "_0.trips")
_NEAREST = Op("nearest_state", "_0.nearest(_1)", effects=Effect.WRITES)
_BEGIN = Op("states_begin", "_0.begin(*_)", effects=Effect.WRITES)
_REST = Op("states_rest", "_0.rest(_1)")
_END = Op("states_end", "_0.end(*_)", effects=Effect.WRITES)
_DONE = Op("trip_done", "_0.done(*_)", effects=Effect.WRITES)
_READ = quiet(GETITEM)


@dataclass(slots=True)
class _Step:
    """One trip as a function: which carried values it takes (`used`) and gives (`given`), by number, and what it reads from outside."""

    func: Func
    items: tuple[Var, ...]
    carried: tuple[Var, ...]
    used: tuple[int, ...]
    given: tuple[int, ...]
    outside: tuple[Var, ...]
    on_disk: bool

    @property
    def args(self) -> tuple[Var, ...]:
        """The primal values that stand for its parameters."""
        return (*self.items, *(self.carried[n] for n in self.used), *self.outside)


def without_slots(program: Program) -> Program:
    """The program with ordinary loops: its derivative is to be differentiated again."""
    if not any(isinstance(s, Loop) and s.slots for f in program.funcs for s in walk(f.body)):
        return program
    return replace(program, funcs=tuple(replace(f, body=_plain(f.body)) for f in program.funcs))


def _plain(block: Block) -> Block:
    return replace(block, stmts=tuple(_plain_statement(s) for s in block.stmts))


def _plain_statement(stmt: Stmt) -> Stmt:
    found = with_blocks(stmt, tuple(map(_plain, blocks(stmt))))
    return replace(found, slots=()) if isinstance(found, Loop) else found


def reverse_checkpointed(rev: Reversal, stmt: Loop, adjoints: Adjoints) -> None:
    """The reverse code of the loop."""
    step = _made(rev, stmt)
    kept = _keep(rev, stmt, step)
    walk = _Walk(rev, stmt, step, adjoints)
    walk.write(kept)


# ---- the trip as a function ------------------------------------------------------------------------------------------
def _made(rev: Reversal, stmt: Loop) -> _Step:
    count = len(stmt.body.params) - len(stmt.inits)
    items, carried = stmt.body.params[:count], stmt.body.params[count:]
    active = [n for n, p in enumerate(carried) if p in rev.active or stmt.outs[n] in rev.active]
    read = set(free_vars(Block((), stmt.body.stmts, tuple(stmt.body.yields[n] for n in active))))
    while True:  # what a wanted value needs of the trip before is wanted too
        used = tuple(n for n, p in enumerate(carried) if p in read)
        more = read | {y for n in used if isinstance(y := stmt.body.yields[n], Var)}
        if more == read:
            break
        read = more
    on_disk = stmt.slots[1] != Const(None)
    if on_disk:  # what the loop ends with is stored too
        used = tuple(range(len(carried)))
    given = tuple(sorted({*used, *active}))
    inside = {*items, *carried, *all_defs(stmt.body)}
    body = Block((), stmt.body.stmts, tuple(_bound(stmt.body.yields[n]) for n in given))
    outside = tuple(v for v in dict.fromkeys(free_vars(body)) if v not in inside)
    items = tuple(v for v in items if v in read)
    name = rev.pairs.trips.setdefault(id(stmt), _free_name(rev, stmt))  # the sweep may be written more than once
    params = (*items, *(carried[n] for n in used), *outside)
    func = Func(name, Block(params, body.stmts, body.yields), _tree(len(given)), stmt.loc.function)
    rev.pairs.add(func)
    return _Step(func, items, carried, used, given, outside, on_disk)


def _bound(atom: Atom) -> Atom:
    return Const(None) if atom == UNDEF else atom


def _tree(count: int) -> Arg | None:
    return None if count == 1 else Pack("tuple", tuple(map(Const, range(count))))


def _free_name(rev: Reversal, stmt: Loop) -> str:
    word = stmt.loc.function.rpartition("-")[0] or "loop"
    base = f"{word}_trip" if word.isidentifier() else "trip"
    count, name = 1, base
    while name in rev.pairs.program.taken:
        count += 1
        name = f"{base}_{count}"
    return name


# ---- the forward sweep -----------------------------------------------------------------------------------------------
def _keep(rev: Reversal, stmt: Loop, step: _Step) -> Var:
    """Let the forward sweep keep states; what holds them."""
    kept = rev.names.var("kept", Opaque(States))
    opening = Builder(rev.names, stmt.loc)
    planned = _planned(opening, stmt)
    if step.on_disk:
        _resumed(rev, stmt, step, opening, kept, planned)
    else:
        opening.add(Call((kept,), _OPEN, (stmt.slots[0], planned), (), stmt.loc))
    rev.edits.before.setdefault(id(stmt), []).extend(opening.stmts)
    state = tuple(step.carried[n] for n in step.used)
    rev.edits.start.setdefault(id(stmt.body), []).insert(0, Call((), _KEEP, (kept, *state), (), stmt.loc))
    rev.owner[kept] = rev.owner[stmt.outs[0]]
    return kept


def _resumed(rev: Reversal, stmt: Loop, step: _Step, opening: Builder, kept: Var, planned: Atom) -> None:
    """Let the loop go on where an earlier run was interrupted, and store what it ends with."""
    program = hashlib.sha256(print_func(step.func).encode()).hexdigest()[:32]
    opening.add(Call((kept,), _OPEN, (stmt.slots[0], planned, stmt.slots[1], Const(program), *step.outside), (), stmt.loc))
    whole = opening.call(_BEGIN, (kept, *map(_bound, stmt.inits)), Struct(tuple, (), tuple(v.type for v in step.carried)))
    inits = tuple(rev.names.var(v.hint, v.type) for v in step.carried)
    if inits:
        opening.add(Call(inits, quiet(UNPACK), (whole,), (), stmt.loc))
    seqs = stmt.iter.seqs if isinstance(stmt.iter, Each) else (stmt.iter,)
    rest: list[Atom] = []
    for seq in seqs:
        assert seq is not None
        assert not isinstance(seq, Each)
        items = _range(opening, seq) if isinstance(seq, Range) else seq
        rest.append(opening.call(_REST, (kept, items), seq.type if isinstance(seq, Var) else Opaque()))
    rev.edits.resumed[id(stmt)] = (Each(tuple(rest)), inits)
    rev.edits.after.setdefault(id(stmt), []).append(Call((), _END, (kept, *stmt.outs), (), stmt.loc))


def _planned(builder: Builder, stmt: Loop) -> Atom:
    """How many trips the loop may have."""
    head = stmt.iter if isinstance(stmt.iter, Range) else stmt.iter.seqs[0] if isinstance(stmt.iter, Each) else None
    assert head is not None
    if isinstance(head, Range):
        if _counts(head):
            return head.stop
        head = _range(builder, head)
    return builder.call(quiet(LENGTH), (head,), INT)


def _counts(r: Range) -> bool:
    """Whether the items are the numbers of the trips."""
    return r.start == Const(0) and r.step == Const(1) and not r.reverse


def _range(builder: Builder, r: Range) -> Atom:
    ends: tuple[Atom, ...] = (r.start, r.stop, r.step)
    if r.step == Const(1):
        ends = (r.stop,) if r.start == Const(0) else (r.start, r.stop)
    return builder.call(CALL, (Ref("builtins:range", range), *ends), Opaque(range))


# ---- the reverse sweep -----------------------------------------------------------------------------------------------
class _Walk:
    """The loop of the reverse sweep, while it is written."""

    def __init__(self, rev: Reversal, stmt: Loop, step: _Step, adjoints: Adjoints) -> None:
        self.rev, self.stmt, self.step, self.adjoints = rev, stmt, step, adjoints
        self.outside: dict[Var, Atom] = {}
        self.inits: list[Atom] = []
        self.params: list[Var] = []
        self.outs: list[Var] = []

    def write(self, kept: Var) -> None:
        """Write it."""
        rev, step, builder = self.rev, self.step, self.adjoints.builder
        for v in step.outside:
            found = rewind.lifted(rev, self.adjoints, v)
            self.outside[v] = found.atom if isinstance(found, Traced) else Const(found)
        way = builder.call(_TAKEN, (kept,), Opaque(Way), hint="way")
        inner = builder.nested()
        local = self.adjoints.nested(inner)
        moved, outer = self._open(local)
        trips = self._begun(builder, way) if step.on_disk else builder.call(_TRIPS, (way,), INT)
        k = rev.names.var("k", INT)
        state = self._state(inner, way, k)
        self._reverse_trip(inner, local, k, state, moved)
        yields = [found.atom for key in (*moved, *outer) if (found := local.get(key)) is not None]
        if step.on_disk:
            inner.add(Call((), _DONE, (way, k, *yields), (), builder.loc))
        body = Block((k, *self.params), tuple(inner.stmts), tuple(yields))
        whole = Range(Const(0), trips, Const(1), reverse=True)
        builder.add(Loop(tuple(self.outs), whole, tuple(self.inits), None, body, loc=builder.loc, note=builder.note))
        self._close(moved, outer)

    def _begun(self, builder: Builder, way: Var) -> Var:
        """How many trips are to be reversed; the cotangents are those of an interrupted run, if there was one."""
        trips = self.rev.names.var("left", INT)
        whole = builder.call(_BEGIN, (way, *self.inits), Struct(tuple, (), (INT, *(v.type for v in self.params))))
        inits = [self.rev.names.var(v.hint, v.type) for v in self.params]
        builder.add(Call((trips, *inits), quiet(UNPACK), (whole,), (), builder.loc))
        self.inits = list(inits)
        return trips

    # ---- what is carried -------------------------------------------------------------------------------------------------
    def _open(self, local: Adjoints) -> tuple[list[Key], list[Key]]:
        """The adjoints that the loop carries: of the carried values, and of what is read from outside."""
        rev, stmt, step = self.rev, self.stmt, self.step
        moved: list[Key] = []
        for n in step.given:
            param, out = step.carried[n], stmt.outs[n]
            if param not in rev.active and out not in rev.active:
                continue
            for path, t in leaf_paths(param.type):
                init = self.adjoints.buffer((out, path)) if is_buffer(t) else self.adjoints.get_or_zero((out, path))
                self._carry((param, path), init, t, local)
                moved.append((param, path))
        outer: list[Key] = []
        seqs = [s for s in stmt.iter.seqs if isinstance(s, Var)] if isinstance(stmt.iter, Each) else []
        for v in dict.fromkeys((*step.outside, *seqs)):
            if v in rev.active:
                for path, t in leaf_paths(v.type):
                    init = self.adjoints.buffer((v, path)) if is_buffer(t) else self.adjoints.get_or_zero((v, path))
                    self._carry((v, path), init, t, local)
                    outer.append((v, path))
        return moved, outer

    def _carry(self, key: Key, init: Traced, t: Type, local: Adjoints) -> None:
        self.adjoints.owned.discard(init.atom)
        param, out = self.rev.names.var(bar(key), t), self.rev.names.var(bar(key), t)
        self.inits.append(init.atom)
        self.params.append(param)
        self.outs.append(out)
        local.set(key, Traced(param, t, local.builder))
        if is_buffer(t):
            local.owned.add(param)

    def _close(self, moved: list[Key], outer: list[Key]) -> None:
        adjoints = self.adjoints
        inits = dict(zip(self.step.carried, self.stmt.inits, strict=True))
        for key, out in zip(outer, self.outs[len(moved) :], strict=True):
            adjoints.set(key, Traced(out, out.type, adjoints.builder))
            if is_buffer(out.type):
                adjoints.owned.add(out)
        for key, out in zip(moved, self.outs, strict=False):
            adjoints.contribute_leaf(inits[key[0]], key[1], Traced(out, out.type, adjoints.builder))

    # ---- one trip ----------------------------------------------------------------------------------------------------
    def _state(self, builder: Builder, way: Var, k: Var) -> list[Var]:
        """The state before trip k: that of the nearest kept one, and the trips from there run again."""
        step, names = self.step, self.rev.names
        carried = [step.carried[n] for n in step.used]
        found = builder.call(_NEAREST, (way, k), Struct(tuple, (), (INT, *(v.type for v in carried))))
        start = names.var("start", INT)
        first = [names.var(v.hint, v.type) for v in carried]
        builder.add(Call((start, *first), quiet(UNPACK), (found,), (), builder.loc))
        again = builder.nested()
        j = names.var("j", INT)
        params = [names.var(v.hint, v.type) for v in carried]
        state = dict(zip(step.used, params, strict=True))
        again.add(Call((), _KEEP, (way, j, *params), (), builder.loc))
        made = self._called(again, step.func.name, self._arguments(again, j, params), ())
        state.update(zip(step.given, made, strict=True))
        outs = [names.var(v.hint, v.type) for v in carried]
        body = Block((j, *params), tuple(again.stmts), tuple(state[u] for u in step.used))
        builder.add(Loop(tuple(outs), Range(start, k, Const(1)), tuple(first), None, body, loc=builder.loc))
        return outs

    def _called(self, builder: Builder, name: str, args: tuple[Atom, ...], more: tuple[Var, ...]) -> list[Var]:
        step = self.step
        outs = [self.rev.names.var(step.carried[n].hint, step.carried[n].type) for n in step.given]
        builder.add(Call((*outs, *more), FuncRef(name, Effect.RAISES | Effect.UNKNOWN), args, (), builder.loc))
        return outs

    def _arguments(self, builder: Builder, k: Var, state: list[Var]) -> tuple[Atom, ...]:
        items = [self._item(builder, v, k) for v in self.step.items]
        return (*items, *state, *(self.outside[v] for v in self.step.outside))

    def _item(self, builder: Builder, item: Var, k: Var) -> Atom:
        """The item of trip k."""
        n = self.stmt.body.params.index(item)
        it = self.stmt.iter
        seq = it.seqs[n] if isinstance(it, Each) else it
        assert seq is not None
        assert not isinstance(seq, Each)
        if isinstance(seq, Range) and _counts(seq):
            return k
        backwards = (isinstance(it, Each) and it.reverse) or (isinstance(seq, Range) and seq.reverse)
        place: Atom = builder.call(quiet(BINARY["sub"]), (Const(-1), k), INT) if backwards else k
        whole = _range(builder, seq) if isinstance(seq, Range) else self._sequence(seq)
        return builder.call(_READ, (whole, place), item.type, hint=item.hint)

    def _sequence(self, seq: Atom) -> Atom:
        if not isinstance(seq, Var):
            return seq
        found = rewind.lifted(self.rev, self.adjoints, seq)
        return found.atom if isinstance(found, Traced) else Const(found)

    def _reverse_trip(self, builder: Builder, local: Adjoints, k: Var, state: list[Var], moved: list[Key]) -> None:
        """Both halves of trip k."""
        rev, step, stmt = self.rev, self.step, self.stmt
        args = step.args
        active_args = tuple(n for n, a in enumerate(args) if a in rev.active)
        bars: list[Atom] = []
        given: dict[Key, Traced] = {}
        for key in moved:
            found = local.get(key)
            assert found is not None
            given[key] = found
            local.owned.discard(found.atom)
            local.set(key, None)
            bars.append(found.atom)
        active_outs = tuple(n for n, c in enumerate(step.given) if any(key[0] == step.carried[c] for key in moved))
        pair = rev.pairs.pair(step.func.name, active_args, active_outs)
        residual = rev.names.var("residuals", rev.pairs.residual(pair))
        given_args = self._arguments(builder, k, state)
        self._called(builder, pair.forward, given_args, (residual,))
        for n in pair.accumulated:
            self._buffers(local, args[n], given_args[n])
        call = Call((), FuncRef(step.func.name), args, (), stmt.loc)
        calls.call_backward(rev, call, pair.backward, (residual, *bars), pair.accumulated, local)
        for key in moved:
            local.set(key, local.get_or_zero(key, given[key]))
        self._to_sequences(local, k)

    def _buffers(self, local: Adjoints, arg: Var, value: Atom) -> None:
        """Zeros for the cotangents that the backward half adds to, of values that have none yet."""
        for path, t in leaf_paths(arg.type):
            if is_buffer(t) and local.get((arg, path)) is None:
                made = o.zeros_like(Traced(value, t, local.builder)) if not path else local.zero((arg, path))
                local.owned.add(made.atom)
                local.set((arg, path), made)

    def _to_sequences(self, local: Adjoints, k: Var) -> None:
        it = self.stmt.iter
        if not isinstance(it, Each):
            return
        for seq, item in zip(it.seqs, self.stmt.body.params, strict=False):
            if isinstance(seq, Var) and seq in self.rev.active and local.has(item):
                index = Traced(k, INT, local.builder)
                if it.reverse:
                    index = -1 - index
                local.contribute_at(seq, index, local.whole(item, cotangent(local, item)))
