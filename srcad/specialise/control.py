"""Branches and `try` on abstract values."""
from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ir.core import BINARY, CALL, COMPARE, RAISE, TRUTH
from srcad.ir.nodes import UNDEF, Block, Call, Const, Effect, Handler, If, Op, Ref, Stmt, Try, Var
from srcad.ir.types import BOOL, CONTAINERS, INT, UNKNOWN, Array, NpScalar, Opaque, dtype_kind
from srcad.ir.visit import walk
from srcad.ops.effects import effects
from srcad.specialise import dunders, truths
from srcad.specialise.diverge import Diverged
from srcad.specialise.frames import Env, Outcome
from srcad.specialise.kinds import is_object
from srcad.specialise.memory import Identity, Memory, can_change
from srcad.specialise.templates import children
from srcad.specialise.values import MISSING, Dyn, Maybe, RangeVal, Seq, Static, Value, to_arg

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

def truth(value: Value) -> bool | None:
    """The truth of a value if types decide it."""
    match value:
        case Static(obj):
            return bool(obj)
        case Seq(cls, items) if cls in (*CONTAINERS, set):
            return bool(items)
        case Dyn(_, Opaque(cls)) if cls is type(None):
            return False
        case Dyn() | RangeVal() | Maybe():
            return None
    return True


def asked(engine: Engine, value: Value) -> Static | Dyn:
    """The truth of a value, True or False: known now or asked at run time."""
    condition = dunders.condition(engine, value)
    known = truth(condition)
    if known is not None:
        return Static(known)
    given = engine.runtime(condition, "the condition")
    return given if given.type == BOOL else Dyn(engine.builder.call(TRUTH, (given.atom,), BOOL), BOOL)


def branch_statement(engine: Engine, stmt: If, env: Env) -> None:
    """An `if`: the branch taken where types decide it, else both."""
    given = engine.value(stmt.cond, env)
    condition = dunders.condition(engine, given)
    decided = truth(condition)
    if decided is not None:
        taken = stmt.then if decided else stmt.orelse
        for out, value in zip(stmt.outs, engine.run(taken, env), strict=True):
            env[out] = value
        return
    cond = engine.runtime(condition, "the condition")
    if can_change(cond.type):  # its truth may change: what it is now is what counts
        cond = Dyn(engine.builder.call(TRUTH, (cond.atom,), BOOL), BOOL)
    if is_object(given) and cond.type == INT and truths.hands_on(engine, stmt):  # the length of a queue
        cond = Dyn(engine.builder.call(COMPARE["ne"], (cond.atom, Const(0)), BOOL), BOOL)
    facts = engine.memory.facts
    outcomes = [
        engine.branch(block, env, facts(cond, holds=block is stmt.then), functools.partial(truths.asked, engine, stmt, block, cond))
        for block in (stmt.then, stmt.orelse)
    ]
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
    catches = not all(map(_raises_again, stmt.handlers))
    engine.in_try += catches  # handlers of the user would catch an error of ours
    try:
        floating = any(_catches_floating(engine, h, env) for h in stmt.handlers)
        outcome, half_done = _attempted(engine, stmt.body, env, floating=floating)
    finally:
        engine.in_try -= catches
    outcomes = [outcome]
    if outcomes[0].values is not None and all(cannot_raise(s, floating=floating) for s in outcomes[0].builder.stmts):
        _passed(engine, stmt, outcomes[0], env)
        return
    if outcome.values is not None and stmt.final is None and _catches_nothing(engine, stmt, outcome, env):
        _passed(engine, stmt, outcome, env)
        return
    sure = _sure_handler(engine, stmt, outcome, env)
    if sure is not None:
        _passed(engine, stmt, outcome, env, sure)
        return
    handlers = []
    for handler in stmt.handlers:
        inner = dict(env)
        params = []
        for param in handler.block.params:
            new = engine.unit.names.var(param.hint, UNKNOWN)
            params.append(new)
            inner[param] = Dyn(new, Opaque(Exception))
        caught = None if handler.type is None else to_arg(engine.value(handler.type, env))
        outcomes.append(replace(_after(engine, half_done, handler.block, inner), params=tuple(params)))
        handlers.append((caught, tuple(params)))
    for o in outcomes[1:]:
        half_done |= _written(engine, o.memory)
    final = None if stmt.final is None else _after(engine, half_done, stmt.final, env)
    if final is not None and (final.values is None or _written(engine, final.memory)):
        _written_out(engine, stmt, env)
        return
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


def _attempted(engine: Engine, body: Block, env: Env, *, floating: bool) -> tuple[Outcome, set[Identity]]:
    """The path of a `try` body, and what it has written where it may still raise, or what held nothing before; `floating` as below."""
    engine.attempts.append([])
    outcome = engine.branch(body, env)
    notes = engine.attempts.pop()
    for outer in engine.attempts[-1:]:
        outer.extend(notes)
    stmts = outcome.builder.stmts
    last = max((n for n, s in enumerate(stmts, 1) if not cannot_raise(s)), default=0)
    unsafe = {n.ident for n in notes if n.builder is not outcome.builder or n.place < last or (floating and n.computing)}
    safe = {note.ident for note in notes} - unsafe
    written = _written(engine, outcome.memory)
    return outcome, {i for i in written if i not in safe or any(c == MISSING for c in children(outcome.memory.first[i]))}


def cannot_raise(stmt: Stmt, *, floating: bool = False) -> bool:
    """Whether a statement is a call that does not raise; `floating`: nor where `np.errstate` makes NumPy's arithmetic raise."""
    if not isinstance(stmt, Call) or effects(stmt.op, stmt.args, stmt.params) & (Effect.RAISES | Effect.DIVERGES):
        return False
    by_numpy = any(isinstance(v.type, Array | NpScalar) and dtype_kind(v.type) in "fc" for v in stmt.outs)
    arithmetic = isinstance(stmt.op, Op) and (stmt.op.name in BINARY or stmt.op.name.startswith(("np.", "ndarray.")))
    return not (floating and by_numpy and arithmetic)


def _catches_floating(engine: Engine, handler: Handler, env: Env) -> bool:
    """Whether a handler may be for what NumPy raises where it is told to, or for warnings that are errors."""
    if handler.type is None:
        return True
    classes = _classes(engine, handler, env)
    told = (FloatingPointError, RuntimeWarning)
    return any(not isinstance(c, Static) or any(isinstance(c.value, type) and issubclass(t, c.value) for t in told) for c in classes)


def _catches_nothing(engine: Engine, stmt: Try, outcome: Outcome, env: Env) -> bool:
    """Whether all handlers are for names that are not bound, which the body does not meet."""
    return all(_is_for_unbound(engine, h, env) for h in stmt.handlers) and not _may_be_unbound(outcome.builder.stmts)


def _may_be_unbound(stmts: Sequence[Stmt]) -> bool:
    """Whether statements may raise NameError: they call or raise something; what names hold has been looked up when compiling."""
    for stmt in walk(Block((), tuple(stmts), ())):
        if isinstance(stmt, Call) and (not isinstance(stmt.op, Op) or stmt.op in (CALL, RAISE) or stmt.op.effects & Effect.UNKNOWN):
            return True
    return False


def _is_for_unbound(engine: Engine, handler: Handler, env: Env) -> bool:
    """Whether a handler is for names that are not bound, and nothing else."""
    return handler.type is not None and all(
        isinstance(c, Static) and isinstance(c.value, type) and issubclass(c.value, NameError) for c in _classes(engine, handler, env)
    )


def _classes(engine: Engine, handler: Handler, env: Env) -> Sequence[Value]:
    """What a handler is for."""
    kind = Static(BaseException) if handler.type is None else engine.value(handler.type, env)
    return kind.items if isinstance(kind, Seq) else [kind]


def _sure_handler(engine: Engine, stmt: Try, outcome: Outcome, env: Env) -> int | None:
    """The number of the handler that is reached in any case: the body does what cannot raise, and then raises an error of known class."""
    stmts = outcome.builder.stmts
    if outcome.values is not None or stmt.final is not None or len(stmts) < 2 or not all(map(cannot_raise, stmts[:-2])):
        return None
    cls = _raised_class(stmts[-2], stmts[-1])
    if cls is None:
        return None
    for number, handler in enumerate(stmt.handlers):
        found = [c.value if isinstance(c, Static) else None for c in _classes(engine, handler, env)]
        classes = tuple(c for c in found if isinstance(c, type))
        if len(classes) < len(found):
            return None
        if issubclass(cls, classes):
            again = any(isinstance(s, Call) and s.op == RAISE and not s.args for s in walk(handler.block))
            return None if handler.block.params or again else number
    return None


def _raised_class(made: Stmt, last: Stmt) -> type | None:
    """The class of Python's own of which a statement makes the error that the next one raises."""
    if not isinstance(made, Call) or not isinstance(last, Call) or last.op != RAISE or last.args != made.outs or last.params:
        return None
    cls = made.args[0].value if made.op == CALL and isinstance(made.args[0], Ref) else None
    return cls if isinstance(cls, type) and cls.__module__ == "builtins" else None  # making one of the user's may do anything


def _passed(engine: Engine, stmt: Try, outcome: Outcome, env: Env, handler: int | None = None) -> None:
    """A `try` whose body cannot raise: no handler is reached; or one in which it is sure to raise what a handler is for."""
    engine.memory = outcome.memory
    if handler is None:
        engine.builder.stmts.extend(outcome.builder.stmts)
        env.update(zip(stmt.outs, outcome.values or [], strict=True))
    else:
        engine.builder.stmts.extend(outcome.builder.stmts[:-2])
        env.update(zip(stmt.outs, engine.run(stmt.handlers[handler].block, env), strict=True))
    if stmt.path is not None:
        env[stmt.path] = Static(0 if handler is None else handler + 1)
    if stmt.final is not None:
        engine.run(stmt.final, env)


def _raises_again(handler: Handler) -> bool:
    """Whether a handler ends with a bare `raise`."""
    last = handler.block.stmts[-1] if handler.block.stmts else None
    return isinstance(last, Call) and last.op.name == "raise" and not last.args


def _written_out(engine: Engine, stmt: Try, env: Env) -> None:
    """A `finally` clause that changes what is read later: `except: clause; raise`, with the clause behind the statement too."""
    assert stmt.final is not None
    inner = replace(stmt, final=None)
    body = Block((), (inner,), inner.outs) if stmt.handlers else stmt.body
    again = Handler(None, Block((), (*stmt.final.stmts, Call((), RAISE, (), (), stmt.loc)), (UNDEF,) * len(stmt.outs)))
    try_statement(engine, Try(stmt.outs, body, (again,), None, None, stmt.loc), env)
    engine.run(stmt.final, env)


def _written(engine: Engine, memory: Memory) -> set[Identity]:
    """What a path has written of what it found; `memory` is that at its end."""
    return {i for i in memory.changed_since(engine.memory) if i in memory.first}


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


def constant_zero(value: Value) -> bool:
    """Whether an exit number is known to be 0."""
    return isinstance(value, Static) and value.value == 0
