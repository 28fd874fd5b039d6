"""Loops whose first trip is written apart, since it makes an array of what is a number before: `s = 0.0`, then `s += row` per row.

In the trips behind it every type is known, so that the loop reads, and runs, as it would from an array on.
"""
from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from srcad.ir.nodes import Loop
from srcad.specialise import dunders, iterations, unrolled
from srcad.specialise.control import constant_zero, truth
from srcad.specialise.diverge import FirstTripDiffers
from srcad.specialise.frames import Env
from srcad.specialise.trips import Trips
from srcad.specialise.values import Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine
    from srcad.specialise.loops import Plan

_MOST = 2
"""So many trips are written apart at most: what is another thing still behind them has no type that settles."""


def write(engine: Engine, stmt: Loop, how: Plan, inits: list[Value], env: Env, apart: int = 0) -> None:
    """Write a loop, its first trip apart where that tells the types in the others; `apart` are so already."""
    before, mark, written = engine.memory, engine.unit.names.mark(), len(engine.builder.stmts)
    peels = apart < _MOST and not how.slots and iterations.can_be_split(how.iter)
    try:
        Trips(engine, stmt, how, inits, peels=peels).run(env)
    except FirstTripDiffers:
        engine.memory = before.fork()
        if len(engine.builder.stmts) == written:
            engine.unit.names.reset(mark)
        rest = functools.partial(_from_first, engine, stmt, how, inits, apart + 1)
        starts = _starts(engine, stmt, how, inits, env)
        if truth(starts):
            inner = dict(env)
            with engine.aside() as builder:  # the rest may turn out to change what the loop goes over: then nothing has been written
                rest(inner)
            engine.builder.stmts.extend(builder.stmts)
            env.update((o, inner[o]) for o in stmt.outs)
        else:
            env.update(zip(stmt.outs, unrolled.where(engine, stmt, starts, rest, inits, env), strict=True))


def _starts(engine: Engine, stmt: Loop, how: Plan, inits: list[Value], env: Env) -> Value:
    """Whether a loop has a trip."""
    if how.iter is not None:
        return iterations.runs(engine, how.iter)
    if stmt.test is None:  # `while True`
        return Static(True)
    asked = engine.run(stmt.test, {**env, **dict(zip(stmt.test.params, inits, strict=True))})
    return dunders.condition(engine, asked[0])


def _from_first(engine: Engine, stmt: Loop, how: Plan, inits: list[Value], apart: int, env: Env) -> list[Value]:
    """Interpret the first trip, and write the loop for the rest; what it carries behind the last."""
    given, others = iterations.split(engine, how)
    carried = unrolled.run(engine, stmt.body, {**env, **dict(zip(stmt.body.params, [*given, *inits], strict=True))})

    def rest(inner: Env) -> list[Value]:
        write(engine, stmt, others, carried, inner, apart)
        return [engine.held(o, inner) for o in stmt.outs]

    if stmt.exit is None or constant_zero(carried[stmt.exit]):
        return rest(env)
    if not truth(carried[stmt.exit]):
        carried = unrolled.rest_if_running(engine, stmt, carried, rest, env)
    env.update(zip(stmt.outs, carried, strict=True))
    return carried
