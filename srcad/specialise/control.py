"""Branches, `try` and `with`, on abstract values."""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.ir.core import PACK, TRUTH
from srcad.ir.nodes import Block, Call, Effect, Handler, If, Try, Var, With
from srcad.ir.types import BOOL, INT, UNKNOWN, Array, Opaque
from srcad.ir.visit import walk
from srcad.specialise import dunders
from srcad.specialise.diverge import Diverged
from srcad.specialise.frames import Env, Outcome
from srcad.specialise.kinds import is_object
from srcad.specialise.memory import Identity, can_change
from srcad.specialise.values import Dyn, Manager, RangeVal, Seq, Static, Value, to_arg

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def truth(value: Value) -> bool | None:
    """The truth of a value if types decide it."""
    match value:
        case Static(obj):
            return bool(obj)
        case Seq(cls, items) if cls in (tuple, list, dict, set):
            return bool(items)
        case Dyn(_, Opaque(cls)) if cls is type(None):
            return False
        case Dyn() | RangeVal():
            return None
    return True


def branch_statement(engine: Engine, stmt: If, env: Env) -> None:
    """An `if`: the branch taken where types decide it, else both."""
    condition = dunders.condition(engine, engine.value(stmt.cond, env))
    decided = truth(condition)
    if decided is not None:
        taken = stmt.then if decided else stmt.orelse
        for out, value in zip(stmt.outs, engine.run(taken, env), strict=True):
            env[out] = value
        return
    cond = engine.runtime(condition, "the condition")
    if can_change(cond.type):  # its truth may change: what it is now is what counts
        cond = Dyn(engine.builder.call(TRUTH, (cond.atom,), BOOL), BOOL)
    outcomes = [engine.branch(stmt.then, env), engine.branch(stmt.orelse, env)]
    outs, yields, after = engine.merge(outcomes, stmt.outs, cond)
    then, orelse = (o.builder.block((), y) for o, y in zip(outcomes, yields, strict=True))
    engine.builder.add(If(tuple(outs), cond.atom, then, orelse, stmt.loc))
    finish(outcomes, stmt.outs, after, env)


def finish(outcomes: list[Outcome], outs: tuple[Var, ...], after: list[Value], env: Env) -> None:
    """Bind what follows a statement with paths; no path through means the point behind it is never reached."""
    if all(o.values is None for o in outcomes):
        raise Diverged
    env.update(zip(outs, after, strict=True))


def try_statement(engine: Engine, stmt: Try, env: Env) -> None:
    """A `try`: the body and each handler are paths that meet behind it."""
    engine.in_try += 1  # handlers of the user would catch an error of ours
    try:
        outcomes = [engine.branch(stmt.body, env)]
    finally:
        engine.in_try -= 1
    half_done = _written(engine, outcomes[0])
    handlers = []
    for handler in stmt.handlers:
        inner = dict(env)
        params = []
        for param in handler.block.params:
            new = engine.unit.names.var(param.hint, UNKNOWN)
            params.append(new)
            inner[param] = Dyn(new, Opaque(Exception))
        caught = None if handler.type is None else to_arg(engine.value(handler.type, env))
        outcomes.append(_after(engine, half_done, handler.block, inner))
        handlers.append((caught, tuple(params)))
    for o in outcomes[1:]:
        half_done |= _written(engine, o)
    final = None if stmt.final is None else _after(engine, half_done, stmt.final, env)
    if final is not None and _written(engine, final):
        raise engine.refuse("UnsupportedSyntax", "SRC115", "a `finally` clause changes an array or container", "do it behind the `try`")
    outs, yields, after = engine.merge(outcomes, stmt.outs)
    blocks = [o.builder.block((), y) for o, y in zip(outcomes, yields, strict=True)]
    typed = tuple(
        Handler(caught, Block(params, b.stmts, b.yields)) for (caught, params), b in zip(handlers, blocks[1:], strict=True)
    )
    last = None if final is None else final.builder.block()
    path = None if stmt.path is None else engine.unit.names.var(stmt.path.hint, INT)
    if stmt.path is not None and path is not None:
        env[stmt.path] = Dyn(path, INT)
    engine.builder.add(Try(tuple(outs), blocks[0], typed, last, path, stmt.loc))
    finish(outcomes, stmt.outs, after, env)


def _written(engine: Engine, outcome: Outcome) -> set[Identity]:
    """What a path has written of what it found."""
    return {i for i in outcome.memory.changed_since(engine.memory) if i in outcome.memory.first}


def _after(engine: Engine, half_done: set[Identity], block: Block, env: Env) -> Outcome:
    """A clause that may run when others have stopped half-way: what they write is in an unknown state."""
    outer = engine.memory
    engine.memory = outer.fork()
    reason = "an array or container is read that the body of a `try` changes, and that may have stopped before or after"
    engine.memory.stale.update(dict.fromkeys(half_done, reason))
    try:
        return engine.branch(block, env)
    finally:
        engine.memory = outer


def with_statement(engine: Engine, stmt: With, env: Env) -> None:
    """A `with`: managers that both sweeps may enter are made anew by each; others are entered once and must be inactive."""
    manager = engine.value(stmt.args[0], env)
    inner = dict(env)
    if is_object(manager):
        _entered(engine, stmt, manager, env)
        return
    if isinstance(manager, Manager):
        spelled = engine.spelled_call(manager)
        op, args, params, varied = spelled.op, spelled.args, spelled.params, False
    else:
        whole = engine.runtime(manager, "the context manager")
        op, args, params, varied = PACK, (whole.atom,), (), whole.varied
    if varied or (isinstance(manager, Dyn) and isinstance(manager.type, Array)):
        raise engine.refuse("UnsupportedSyntax", "SRC125", "this context manager depends on a differentiated value",
                            "enter it outside the differentiated function")  # fmt: skip
    targets = []
    for param in stmt.body.params:
        var = engine.unit.names.var(param.hint, UNKNOWN)
        targets.append(var)
        inner[param] = Dyn(var, UNKNOWN)
    outcome = engine.branch(stmt.body, inner)
    outs, yields, after = engine.merge([outcome], stmt.outs)
    body = outcome.builder.block(targets, yields[0])
    engine.builder.add(With(tuple(outs), op, args, params, body, stmt.loc))
    finish([outcome], stmt.outs, after, env)


def _entered(engine: Engine, stmt: With, manager: Value, env: Env) -> None:
    """A `with` over an object of known structure: its methods are followed.

    What `__exit__` does if the body raises must not show: it says nothing, and lets the exception pass.
    """
    target = dunders.asked(engine, manager, "__enter__", [])
    assert target is not None
    values = engine.run(stmt.body, {**env, **dict.fromkeys(stmt.body.params, target)})
    with engine.aside() as builder:
        left = dunders.asked(engine, manager, "__exit__", [Static(None)] * 3)
    shows = Effect.IO | Effect.WARNS | Effect.RNG | Effect.UNKNOWN | Effect.WRITES
    effects = [s.op.effects for s in walk(builder.block()) if isinstance(s, Call)]
    if left != Static(None) or not dunders.always_none(manager, "__exit__") or any(e & shows for e in effects):
        raise engine.refuse("UnsupportedSyntax", "SRC125", "the `__exit__` of this context manager may show or stop an exception",
                            "call its steps without `with`")  # fmt: skip
    engine.builder.stmts.extend(builder.stmts)
    env.update(zip(stmt.outs, values, strict=True))


def constant_zero(value: Value) -> bool:
    """Whether an exit number is known to be 0."""
    return isinstance(value, Static) and value.value == 0
