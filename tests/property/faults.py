"""Ways to break srcad on purpose.  Each must be caught by the checks within a bounded number of random programs.

A fault is planted either in a part of `ad` or `ops` (by replacing a function), or in the derivative IR between `ad` and
`passes` (by rewriting statements), which needs no knowledge of how that IR came about.
"""
from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from srcad import pipeline
from srcad.ad import adjoints, calls, control, finish
from srcad.ir.core import BINARY, TAPE_PUSH
from srcad.ir.nodes import Block, Call, Const, Each, Effect, FuncRef, If, Loop, Program, Range, Stmt, Var
from srcad.ir.types import FLOAT, NpScalar
from srcad.ir.visit import all_defs, blocks, with_blocks
from srcad.ops import adapt, table
from srcad.passes import inplace

_NUMBERS = (FLOAT, NpScalar("float64"))
FIRST = 2_000_000  # not the seeds of other tests
Rewrite = Callable[[Stmt], "Iterator[Stmt]"]


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is broken, how, and which checks run against it."""

    name: str
    plant: Callable[[pytest.MonkeyPatch], None]
    checks: tuple[str, ...] = ("reverse",)
    shows: str = "gradient: off"  # how it must show: a crash of the planted code itself proves nothing
    first: int = FIRST  # the seed of the first program that is tried: few programs show what is rare


# ---- rewriting derivative IR -----------------------------------------------------------------------------------------
def _rewritten(block: Block, rewrite: Rewrite, *, everywhere: bool) -> Block:
    stmts: list[Stmt] = []
    reverse = everywhere
    for stmt in block.stmts:
        if isinstance(stmt, Call) and stmt.op.name == "banner":
            reverse = everywhere or stmt.args == (Const("reverse sweep"),)
        inner = tuple(_rewritten(b, rewrite, everywhere=True) for b in blocks(stmt)) if reverse else blocks(stmt)
        whole = with_blocks(stmt, inner)
        stmts.extend(rewrite(whole) if reverse else (whole,))
    return dataclasses.replace(block, stmts=tuple(stmts))


def in_derivative(rewrite: Rewrite, *, everywhere: bool = False) -> Callable[[pytest.MonkeyPatch], None]:
    """Rewrite the statements of reverse sweeps (or of both sweeps) before the passes see them."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        original = pipeline.optimised

        def broken(program: Program) -> Program:
            funcs = []
            for func in program.funcs:
                all_of_it = everywhere or func.name.endswith("_bwd")
                funcs.append(dataclasses.replace(func, body=_rewritten(func.body, rewrite, everywhere=all_of_it)))
            return original(dataclasses.replace(program, funcs=tuple(funcs)))

        patch.setattr(pipeline, "optimised", broken)

    return plant


def _forward_order(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, Loop) and isinstance(stmt.iter, Range | Each):
        stmt = dataclasses.replace(stmt, iter=dataclasses.replace(stmt.iter, reverse=False))
    yield stmt


def _no_push(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, Call) and stmt.op == TAPE_PUSH:
        stmt = dataclasses.replace(stmt, args=(stmt.args[0], _stale(stmt.args[1])))
    yield stmt


def _stale(record: Any) -> Any:
    """A record in which the first number is some other number."""
    if isinstance(record, Var):
        return Const(0.5) if record.type in _NUMBERS else record
    items = list(record.items)
    for n, item in enumerate(items):
        if isinstance(item, Var) and item.type in _NUMBERS:
            items[n] = Const(0.5)
            break
    return dataclasses.replace(record, items=tuple(items))


def _from_one(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, Loop) and isinstance(stmt.iter, Range) and stmt.iter.reverse and stmt.iter.start == Const(0):
        stmt = dataclasses.replace(stmt, iter=dataclasses.replace(stmt.iter, start=Const(1)))
    yield stmt


def _minus_lost(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, Call) and stmt.op == BINARY["sub"]:
        stmt = dataclasses.replace(stmt, op=BINARY["add"])
    yield stmt


def _reciprocal(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, Call) and stmt.op == BINARY["truediv"]:
        (out,) = stmt.outs
        part = dataclasses.replace(out, name=out.name + "_part")
        yield dataclasses.replace(stmt, outs=(part,), args=(Const(1.0), stmt.args[1]))
        yield dataclasses.replace(stmt, op=BINARY["mul"], args=(part, stmt.args[0]))
    else:
        yield stmt


def _twice(stmt: Stmt) -> Iterator[Stmt]:
    yield stmt
    if isinstance(stmt, Call) and stmt.op.effects & (Effect.IO | Effect.UNKNOWN) and stmt.op.name != "banner" and not isinstance(stmt.op, FuncRef):
        yield dataclasses.replace(stmt, outs=tuple(dataclasses.replace(o, name=o.name + "_again") for o in stmt.outs))


def _branches_swapped(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, If):
        stmt = dataclasses.replace(stmt, then=stmt.orelse, orelse=stmt.then)
    yield stmt


# ---- replacing parts of srcad ----------------------------------------------------------------------------------------
def _overwrite(patch: pytest.MonkeyPatch) -> None:
    def add(self: Any, key: Any, value: Any) -> None:
        self.set(key, self.named(value, key))

    patch.setattr(adjoints.Adjoints, "_add", add)


def _no_unbroadcast(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(adapt, "_reduce", lambda c, x, others: c)


def _not_killed(patch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        carried, trip, local, moved = args[-4:]
        by_param = dict(zip(carried, trip.yields, strict=True))
        given = {key: local.get(key) for key in moved}
        for key in moved:
            local.contribute_leaf(by_param[key[0]], key[1], given[key])

    patch.setattr(control, "_pass_to_yields", broken)


def _no_accumulators(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(control, "_accumulators", lambda *_: [])


def _all_owned(patch: pytest.MonkeyPatch) -> None:
    """Every array counts as a buffer of its own: arguments, views, what tapes hold."""

    def owners(self: Any, body: Block) -> None:
        self.owned = {*body.params, *all_defs(body)}

    patch.setattr(inplace._Owners, "__init__", owners)
    patch.setattr(importlib.import_module("srcad.backend.emit"), "own_buffers", lambda func, _: func)


def _no_finish(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(finish.Finisher, "_array", lambda self, bar, found, dtype: bar)


def _no_exits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(control, "_exit_branch", lambda block, exit_, carried, active: _any_exit(block, exit_))


def _any_exit(block: Block, exit_: int) -> tuple[If, Block] | None:
    """Like the original, but every trip that exits is left out, also where it changes what matters."""
    last = block.stmts[-1] if block.stmts else None
    if not isinstance(last, If) or block.yields[exit_] not in last.outs:
        return None
    n = last.outs.index(block.yields[exit_])  # type: ignore[arg-type]
    for leaving, staying in ((last.then, last.orelse), (last.orelse, last.then)):
        if isinstance(leaving.yields[n], Const) and leaving.yields[n] != Const(0):
            return last, staying
    return None


def _dead_out_is_inactive(patch: pytest.MonkeyPatch) -> None:
    carry_in = control._carry_in

    def broken(rev: Any, stmt: Any, carried: Any, given: Any, local: Any, draft: Any) -> Any:
        moved = carry_in(rev, stmt, carried, given, local, draft)
        by_param = dict(zip(carried, stmt.outs, strict=True))
        dead = [n for n, key in enumerate(moved) if not given.has(by_param[key[0]])]
        for n in reversed(dead):
            for row in (draft.inits, draft.params, draft.outs):
                del row[n]
            del local.own[moved[n]]
            del moved[n]
        return moved

    patch.setattr(control, "_carry_in", broken)


def _no_effects(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pipeline, "effects", lambda *_: Effect.NONE)


def _argument_of_call_lost(patch: pytest.MonkeyPatch) -> None:
    """What the first active argument of a call gets from it is dropped again."""
    reverse_call = calls.reverse_call

    def broken(rev: Any, stmt: Any, given: Any, *more: Any) -> None:
        active = [a for a in stmt.args if isinstance(a, Var) and a in rev.active][:1]
        before = {(a, path): given.get((a, path)) for a in active for path, _ in adjoints.leaf_paths(a.type)}
        reverse_call(rev, stmt, given, *more)
        for key, value in before.items():
            given.set(key, value)

    patch.setattr(calls, "reverse_call", broken)


def wrong_partial(name: str, factor: float = -1.0, mode: str = "vjp") -> Callable[[pytest.MonkeyPatch], None]:
    """The rule of one entry of the table gives a multiple of the right cotangent or tangent."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        entry: Any = table.entry(name)
        original = getattr(type(entry), mode)

        def broken(self: Any, first: Any, *args: Any) -> Any:
            if self.name != entry.name:
                return original(self, first, *args)
            return original(self, first * factor, *args) if mode == "vjp" else original(self, first, *args) * factor

        patch.setattr(type(entry), mode, broken)

    return plant


FAULTS = (
    Fault("an accumulation overwrites", _overwrite),
    Fault("an unbroadcast is forgotten", _no_unbroadcast, shows="gradient|broadcast|scalar"),
    Fault("reversed loops run forward", in_derivative(_forward_order)),
    Fault("a tape holds a stale number", in_derivative(_no_push, everywhere=True)),
    Fault("a minus is lost", in_derivative(_minus_lost)),
    Fault("branches are swapped", in_derivative(_branches_swapped)),
    Fault("a rebound value keeps its adjoint", _not_killed),
    Fault("a loop forgets what it reads from outside", _no_accumulators),
    Fault("every array counts as owned", _all_owned, shows="gradient: off|arguments changed|called again", checks=("reverse", "pullback"), first=FIRST + 120),
    Fault("the trip that exits is left out", _no_exits),
    Fault("the first trip is left out", in_derivative(_from_one)),
    Fault("a carried value with a dead out is inactive", _dead_out_is_inactive, first=FIRST + 45),
    Fault("a callee's argument is forgotten", _argument_of_call_lost),
    Fault("the partial of sin has the wrong sign", wrong_partial("math.sin")),
    Fault("the partial of division is off by a tenth", wrong_partial("truediv", 1.1)),
    Fault("the primal is rounded otherwise", in_derivative(_reciprocal, everywhere=True), shows="value", first=FIRST + 295),
    Fault("effects happen twice", in_derivative(_twice, everywhere=True), shows="effects"),
    Fault("effects are dropped", _no_effects, shows="effects"),
    Fault("forward mode: the partial of sin has the wrong sign", wrong_partial("math.sin", mode="jvp"), checks=("forward",), shows="forward: tangent"),
    Fault("forward mode: the partial of division is off by a tenth", wrong_partial("truediv", 1.1, mode="jvp"), checks=("forward",), shows="forward: tangent"),
    Fault("gradients are handed out uncopied", _no_finish, shows="own its memory|share memory|leaf of", first=FIRST + 115),
)
