"""Loops that are followed trip by trip: each item is what the container holds when its trip begins."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from srcad.errors import SrcadError
from srcad.ir.nodes import Block, If, Loop, Var
from srcad.specialise import streams
from srcad.specialise.control import constant_zero, finish, truth
from srcad.specialise.diverge import Resized
from srcad.specialise.frames import Env
from srcad.specialise.values import Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine
    from srcad.specialise.loops import Plan

_MOST_ITEMS = 4096


def nth(engine: Engine, value: Seq, n: int, *, reverse: bool) -> Value | None:
    """The item of the n-th trip over a container as it is now: a list may have got other items, or more of them."""
    now = value if value.cell is None and value.viewed is None else engine.now(value)
    if not isinstance(now, Seq):
        raise Resized
    resized = value.viewed is not None and len(now.items) != len(value.items)
    if resized or len(now.items) > _MOST_ITEMS:
        raise changes(engine)
    at = len(value.items) - 1 - n if reverse else n
    return now.items[at] if 0 <= at < len(now.items) else None


def nth_row(plans: list[Plan], n: int) -> Value | None:
    """The items of parts that are gone over together."""
    row: list[Value] = []
    for part in plans:
        item = part.item(n)
        if item is None:
            return None
        row.append(item)
    return Seq(tuple, tuple(row))


def unroll(engine: Engine, stmt: Loop, how: Plan, n: int, carried: list[Value], env: Env) -> None:
    """Interpret the trips from the n-th on, one after the other; an exit that is not known puts the rest under an `if`."""
    while True:
        try:
            item = _next(engine, how, n)
        except Resized:
            streams.over(engine, stmt, rest(engine, how, n), carried, env)
            return
        if item is None:
            break
        inner = dict(env)
        inner.update(zip(stmt.body.params, [item, *carried], strict=True))
        carried = run(engine, stmt.body, inner)
        n += 1
        if stmt.exit is None or constant_zero(carried[stmt.exit]):
            continue
        decided = truth(carried[stmt.exit])
        if decided:
            break
        if not _is_behind(engine, how, n):
            carried = rest_if_running(engine, stmt, carried, functools.partial(_rest, engine, stmt, how, n, carried), env)
        break
    env.update(zip(stmt.outs, carried, strict=True))


def _next(engine: Engine, how: Plan, n: int) -> Value | None:
    """The item of the n-th trip, None behind the last; a dict must have the keys that it had."""
    if any(_keys(engine, s) != s.keys for s in how.keyed):
        raise changes(engine)
    return how.item(n)


def _is_behind(engine: Engine, how: Plan, n: int) -> bool:
    """Whether there surely is no n-th trip."""
    try:
        return _next(engine, how, n) is None
    except Resized:
        return False


def rest(engine: Engine, how: Plan, n: int) -> Value:
    """The items from the n-th on of a list that gets longer or shorter in the loop over it, as a generator."""
    if how.rest is None:
        raise changes(engine)
    return how.rest(n)


def _keys(engine: Engine, source: Seq) -> tuple[object, ...] | None:
    """The keys of a dict as it is now; None where they are not known any more."""
    now = source if source.cell is None else engine.now(source)
    return now.keys if isinstance(now, Seq) else None


def run(engine: Engine, body: Block, env: Env) -> list[Value]:
    """The yields of a block interpreted here, poisons left as they are."""
    for inner in body.stmts:
        engine.statement(inner, env)
    return [engine.held(y, env) if isinstance(y, Var) else engine.value(y, env) for y in body.yields]


def _rest(engine: Engine, stmt: Loop, how: Plan, n: int, carried: list[Value], env: Env) -> list[Value]:
    unroll(engine, stmt, how, n, carried, env)
    return [env[o] for o in stmt.outs]


def rest_if_running(engine: Engine, stmt: Loop, carried: list[Value], rest: Callable[[Env], list[Value]], env: Env) -> list[Value]:
    """What a loop carries behind its last trip; `rest` are the trips behind one after which it may have been left."""
    assert stmt.exit is not None
    exit_ = engine.runtime(carried[stmt.exit], "an exit number")
    return where(engine, stmt, engine.operation("eq", [exit_, Static(0)]), rest, carried, env)


def where(engine: Engine, stmt: Loop, condition: Value, trips: Callable[[Env], list[Value]], carried: list[Value], env: Env) -> list[Value]:
    """What a loop carries behind some trips, which it only has where a condition holds."""
    outcomes = [engine.path(trips, env), engine.path(lambda _: carried, env)]
    outs, yields, after = engine.merge(outcomes, stmt.outs)
    then, orelse = (o.builder.block((), y) for o, y in zip(outcomes, yields, strict=True))
    engine.builder.add(If(tuple(outs), engine.runtime(condition, "a condition").atom, then, orelse, stmt.loc))
    finish(outcomes, stmt.outs, after, env)
    return after


def changes(engine: Engine) -> SrcadError:
    """The error for a change of what a loop goes over that cannot be followed."""
    return engine.refuse("UnsupportedSyntax", "SRC135", "a loop writes into what it goes over", "iterate over a copy")
