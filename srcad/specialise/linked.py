"""`while` loops that go along objects which are linked by their attributes, followed trip by trip where compiling tells each test.

A loop that is written once carries the whole chain through its trips and cannot tell which object a name stands for; so a write to it
would be lost to those who know it by another name.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.errors import InternalError, SrcadError
from srcad.ir.nodes import Loop
from srcad.specialise import dunders, unrolled
from srcad.specialise.control import constant_zero, truth
from srcad.specialise.diverge import Diverged
from srcad.specialise.frames import Env
from srcad.specialise.kinds import is_object
from srcad.specialise.templates import children
from srcad.specialise.values import Maybe, Seq, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_MOST = 64


class _Undecided(Exception):
    """Whether there is one more trip is only known at run time."""


def followed(engine: Engine, stmt: Loop, inits: list[Value], env: Env) -> bool:
    """Interpret the trips of a loop one after the other; False where that cannot be done, and nothing has been."""
    if stmt.test is None or not any(map(_is_link, inits)):
        return False
    before, known = engine.memory, (len(engine.funcs), dict(engine.callees), dict(engine.guards))
    engine.memory, raised = before.fork(), None
    with engine.aside() as builder:
        try:
            carried = _trips(engine, stmt, inits, env)
        except Diverged as signal:
            carried, raised = [], signal
        except InternalError:
            raise
        except (SrcadError, _Undecided):
            engine.memory = before
            del engine.funcs[known[0] :]
            engine.callees, engine.guards = known[1], known[2]
            return False
    engine.builder.stmts.extend(builder.stmts)
    if raised is not None:
        raise raised
    env.update(zip(stmt.outs, carried, strict=True))
    return True


def _trips(engine: Engine, stmt: Loop, carried: list[Value], env: Env) -> list[Value]:
    """What the loop carries behind its last trip."""
    assert stmt.test is not None
    for _ in range(min(_MOST, engine.patience)):
        asked = engine.run(stmt.test, {**env, **dict(zip(stmt.test.params, carried, strict=True))})
        decided = truth(dunders.condition(engine, asked[0]))
        if decided is None:
            break
        if not decided:
            return carried
        engine.patience -= 1
        carried = unrolled.run(engine, stmt.body, {**env, **dict(zip(stmt.body.params, carried, strict=True))})
        left = False if stmt.exit is None or constant_zero(carried[stmt.exit]) else truth(carried[stmt.exit])
        if left:
            return carried
        if left is None:
            break
    raise _Undecided


def may_end(value: Value) -> bool:
    """Whether there is an object in a value, or None in its place."""
    return (isinstance(value, Maybe) and is_object(value.value)) or any(map(may_end, children(value)))


def _is_link(value: Value) -> bool:
    """Whether a value is an object that holds another one of its class, or None in the place of one."""
    if isinstance(value, Maybe):
        return _is_link(value.value)
    return is_object(value) and isinstance(value, Seq) and any(_holds(value.cls, c) for c in children(value))


def _holds(cls: type, value: Value) -> bool:
    if isinstance(value, Maybe):
        return _holds(cls, value.value)
    return isinstance(value, Seq) and (value.cls is cls or any(_holds(cls, c) for c in children(value)))
