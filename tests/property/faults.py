"""Ways to break srcad on purpose.  Each must be caught by the checks within a bounded number of random programs.

A fault is planted either in a part of `ad` or `ops` (by replacing a function), or in the derivative IR between `ad` and
`passes` (by rewriting statements), which needs no knowledge of how that IR came about.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from srcad import pipeline
from srcad.ad import adjoints, calls, control
from srcad.ir.core import BINARY, TAPE_PUSH
from srcad.ir.nodes import Block, Call, Const, Each, Effect, FuncRef, If, Loop, Program, Range, Stmt, Var
from srcad.ir.types import FLOAT
from srcad.ir.visit import blocks, with_blocks
from srcad.ops import adapt, table

Rewrite = Callable[[Stmt], "Iterator[Stmt]"]


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is broken, how, and which checks run against it."""

    name: str
    plant: Callable[[pytest.MonkeyPatch], None]
    checks: tuple[str, ...] = ("reverse",)


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
        return Const(0.5) if record.type == FLOAT else record
    items = list(record.items)
    for n, item in enumerate(items):
        if isinstance(item, Var) and item.type == FLOAT:
            items[n] = Const(0.5)
            break
    return dataclasses.replace(record, items=tuple(items))


def _minus_lost(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, Call) and stmt.op == BINARY["sub"]:
        stmt = dataclasses.replace(stmt, op=BINARY["add"])
    yield stmt


def _reciprocal(stmt: Stmt) -> Iterator[Stmt]:
    if isinstance(stmt, Call) and stmt.op == BINARY["truediv"] and not stmt.note:
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
    def broken(stmt: Any, carried: Any, trip: Any, local: Any, moved: Any) -> None:
        by_param = dict(zip(carried, trip.yields, strict=True))
        given = {key: local.get(key) for key in moved}
        for key in moved:
            local.contribute_leaf(by_param[key[0]], key[1], given[key])

    patch.setattr(control, "_pass_to_yields", broken)


def _no_accumulators(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(control, "_accumulators", lambda *_: [])


def _always_owned(patch: pytest.MonkeyPatch) -> None:
    get = adjoints.Adjoints.get

    def broken(self: Any, key: Any) -> Any:
        found = get(self, key)
        if found is not None:
            self.owned.add(found.atom)
        return found

    patch.setattr(adjoints.Adjoints, "get", broken)


def _partial_trip_counted(patch: pytest.MonkeyPatch) -> None:
    full_trip = control.full_trip

    def broken(loop: Any, active: Any) -> Any:
        found = full_trip(loop, active)
        return dataclasses.replace(found, full=not found.full) if loop.exit is not None else found

    patch.setattr(control, "full_trip", broken)


def _dead_out_is_inactive(patch: pytest.MonkeyPatch) -> None:
    carry_in = control._carry_in

    def broken(rev: Any, stmt: Any, carried: Any, given: Any, local: Any, draft: Any) -> Any:
        moved = carry_in(rev, stmt, carried, given, local, draft)
        by_param = dict(zip(carried, stmt.outs, strict=True))
        dead = [n for n, key in enumerate(moved) if not given.has(by_param[key[0]])]
        for n in reversed(dead):
            for row in (draft.inits, draft.params, draft.outs):
                del row[n]
            del moved[n]
        return moved

    patch.setattr(control, "_carry_in", broken)


def _no_effects(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pipeline, "effects", lambda *_: Effect.NONE)


def _argument_of_call_lost(patch: pytest.MonkeyPatch) -> None:
    reverse_call = calls.reverse_call

    def broken(rev: Any, stmt: Any, given: Any, mirror: Any) -> None:
        contribute = given.contribute
        first = stmt.args[0] if stmt.args else None
        cls = type(given)
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(cls, "contribute", lambda self, target, value, path=(): None if target == first else contribute(target, value, path))
            reverse_call(rev, stmt, given, mirror)

    patch.setattr(calls, "reverse_call", broken)


def wrong_partial(name: str, factor: float = -1.0) -> Callable[[pytest.MonkeyPatch], None]:
    """The rule of one entry of the table gives a multiple of the right cotangent."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        entry: Any = table.entry(name)
        original = type(entry).vjp

        def broken(self: Any, g: Any, *args: Any) -> Any:
            return original(self, g * factor if self is entry or self.name == entry.name else g, *args)

        patch.setattr(type(entry), "vjp", broken)

    return plant


FAULTS = (
    Fault("an accumulation overwrites", _overwrite),
    Fault("an unbroadcast is forgotten", _no_unbroadcast),
    Fault("reversed loops run forward", in_derivative(_forward_order)),
    Fault("a tape holds a stale number", in_derivative(_no_push, everywhere=True)),
    Fault("a minus is lost", in_derivative(_minus_lost)),
    Fault("branches are swapped", in_derivative(_branches_swapped)),
    Fault("a rebound value keeps its adjoint", _not_killed),
    Fault("a loop forgets what it reads from outside", _no_accumulators),
    Fault("every buffer counts as owned", _always_owned),
    Fault("partial trips are miscounted", _partial_trip_counted),
    Fault("a carried value with a dead out is inactive", _dead_out_is_inactive),
    Fault("a callee's argument is forgotten", _argument_of_call_lost),
    Fault("the partial of sin has the wrong sign", wrong_partial("math.sin")),
    Fault("the partial of division is off by a tenth", wrong_partial("truediv", 1.1)),
    Fault("the primal is rounded otherwise", in_derivative(_reciprocal, everywhere=True)),
    Fault("effects happen twice", in_derivative(_twice, everywhere=True)),
    Fault("effects are dropped", _no_effects),
)
