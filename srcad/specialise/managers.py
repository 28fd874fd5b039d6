"""`with` on abstract values.

A manager that both sweeps may enter, and one that is a run-time object whose methods change no variable that is followed, stay
what they are.  Of others the methods are followed: the body is then a function that they call.  Where a manager is made of a generator
(`contextlib.contextmanager`), the body stands in the place of the `yield`.
"""
from __future__ import annotations

import contextlib
import sys
import types
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srcad.errors import SrcadError
from srcad.frontend.lower import lower_function
from srcad.ir.core import PACK
from srcad.ir.nodes import Var, With
from srcad.ir.types import UNKNOWN, Array, Opaque
from srcad.ir.visit import operands, walk
from srcad.runtime.managers import entered, told, unmanaged
from srcad.specialise import attributes, functions, restored, streams, unrolled, writes
from srcad.specialise.control import finish
from srcad.specialise.diverge import Diverged
from srcad.specialise.frames import Consumer, Env
from srcad.specialise.kinds import is_object, own
from srcad.specialise.values import MISSING, Closure, Dyn, Inside, Manager, Partial, Poison, Seq, Static, Value, container

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_MADE = contextlib.contextmanager(lambda: iter(())).__code__
_MADE_CLASS: Any = contextlib._GeneratorContextManager  # noqa: SLF001 -- the class has no public name
_ONCE = "let it yield once on every path"
_ENTERED = Static(entered, "srcad.runtime.managers:entered")
_TOLD = Static(told, "srcad.runtime.managers:told")


def is_generated(obj: Any) -> bool:
    """Whether this is a generator function under `contextlib.contextmanager`."""
    return isinstance(obj, types.FunctionType) and obj.__code__ is _MADE


def with_statement(engine: Engine, stmt: With, env: Env) -> None:
    """A `with` statement."""
    manager = engine.value(stmt.args[0], env)
    body = Inside(stmt.body, env, engine.frames[-1])
    before = restored.mark(engine)
    generator = _generator(engine, manager)
    if generator is not None:
        found = _generated(engine, generator, body)
    elif is_object(manager) or _acts(engine, manager):
        found = _followed(engine, manager, body)
    else:
        _kept(engine, stmt, manager, env)
        return
    restored.forget_restored(engine, before)
    assert isinstance(found, Seq)
    env.update(zip(stmt.outs, found.items, strict=True))


def run_inside(engine: Engine, inside: Inside, args: list[Value]) -> Value:
    """The body of a `with` statement where its manager comes to it."""
    frames = engine.frames
    engine.frames = [*frames, inside.frame]
    try:
        env = {**inside.env, **dict.fromkeys(inside.body.params, args[0])}
        return Seq(tuple, tuple(unrolled.run(engine, inside.body, env)))
    finally:
        engine.frames = frames


# ---- managers that are followed --------------------------------------------------------------------------------------
def _generator(engine: Engine, manager: Value) -> Value | None:
    """The generator that a manager is made of; None for other managers."""
    if isinstance(manager, Manager) and is_generated(manager.function.value):
        obj: Any = manager.function.value
        inner = Static(obj.__wrapped__, f"{manager.function.path}.__wrapped__" if manager.function.path else "")
        return engine.call(inner, list(manager.args), dict(manager.kwargs))
    return manager.items[0] if isinstance(manager, Seq) and manager.cls is _MADE_CLASS else None


def _generated(engine: Engine, generator: Value, body: Inside) -> Value:
    """A manager made of a generator, with the body of the `with` in the place of its `yield`."""
    boxes = [streams.boxed(MISSING) for _ in body.body.yields]
    count = streams.boxed(Static(0))

    def check() -> None:
        if streams.opened(engine, count) != Static(0):
            raise engine.refuse("UnsupportedSyntax", "SRC126", "this context manager may yield more than once", _ONCE)

    def take(item: Value) -> Value:
        writes.write(engine, count, streams.boxed(Static(1)))
        values = run_inside(engine, body, [item])
        assert isinstance(values, Seq)
        for box, value in zip(boxes, values.items, strict=True):
            writes.write(engine, box, streams.boxed(value))
        return Static(value=False)

    streams.run(engine, generator, Consumer(body.frame, take, check, inside=True))
    if streams.opened(engine, count) != Static(1) and not isinstance(streams.opened(engine, count), Poison):
        raise engine.refuse("UnsupportedSyntax", "SRC126", "this context manager may end without a `yield`", _ONCE)
    return Seq(tuple, tuple(streams.opened(engine, b) for b in boxes))


def _managing(generator: Value) -> Value | None:
    return container(_MADE_CLASS, (generator,), ("gen",)) if streams.is_generator(generator) else None


def _decorator(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`contextlib.contextmanager(f)` of a function inside the function."""
    return Partial(Static(_decorated), (args[0],), ()) if isinstance(args[0], Closure) else None


def _decorated(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A call of such a function."""
    return _managing(engine.call(args[0], args[1:], kwargs))


def _nullcontext(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`contextlib.nullcontext(value)`."""
    return _managing(streams.written(engine, unmanaged, [*args, *kwargs.values()] or [Static(None)]))


FORMS: dict[Any, Any] = {contextlib.contextmanager: _decorator, _decorated: _decorated, contextlib.nullcontext: _nullcontext}
"""How calls that make such managers are interpreted."""


def _followed(engine: Engine, manager: Value, body: Inside) -> Value:
    """A manager whose methods are followed."""
    enter, leave = (attributes.of_class(engine, manager, _class_of(manager), n) for n in ("__enter__", "__exit__"))
    with engine.aside():  # whether it stops exceptions, where there is one
        outer = engine.memory
        engine.memory = outer.fork()
        try:
            engine.call(enter, [], {})  # which may set what `__exit__` puts back
            stops = engine.call(leave, [Dyn(Var("error"), Opaque(t)) for t in (type, Exception, types.TracebackType)], {})
        except Diverged:
            stops = Static(None)
        finally:
            engine.memory = outer
    if not isinstance(stops, Static) or stops.value:
        raise engine.refuse("UnsupportedSyntax", "SRC125", "the `__exit__` of this context manager may stop an exception",
                            "call its steps without `with`")  # fmt: skip
    way = _TOLD if _looks_at_exception(_class_of(manager)) else _ENTERED
    assert isinstance(way.value, types.FunctionType)
    f = functions.of_python(engine, way.value, way.path)
    return functions.inline(engine, f, [enter, leave, body])


def _class_of(manager: Value) -> type:
    cls = manager.cls if isinstance(manager, Seq) else attributes.class_of(manager.type) if isinstance(manager, Dyn) else None
    return cls or object


def _looks_at_exception(cls: type) -> bool:
    """Whether the `__exit__` of a class reads what it is told of an exception."""
    raw = own(cls, "__exit__")
    if not isinstance(raw, types.FunctionType):
        return True
    func = lower_function(raw).func
    told_of = set(func.body.params[1:])
    return any(a in told_of for stmt in walk(func.body) for a in operands(stmt)) or any(y in told_of for y in func.body.yields)


def _acts(engine: Engine, manager: Value) -> bool:
    """Whether entering or leaving a run-time object changes a variable that is followed."""
    cls = _class_of(manager)
    package = cls.__module__.partition(".")[0]
    if not isinstance(manager, Dyn) or package in sys.stdlib_module_names:
        return False
    if not all(isinstance(own(cls, n), types.FunctionType) for n in ("__enter__", "__exit__")):
        return False
    outer = engine.memory
    try:
        with engine.aside():
            engine.memory = outer.fork()
            engine.call(attributes.of_class(engine, manager, cls, "__enter__"), [], {})
            engine.call(attributes.of_class(engine, manager, cls, "__exit__"), [Static(None)] * 3, {})
            return bool(engine.memory.changed_since(outer))
    except (SrcadError, Diverged):
        return False
    finally:
        engine.memory = outer


# ---- managers that stay what they are --------------------------------------------------------------------------------
def _kept(engine: Engine, stmt: With, manager: Value, env: Env) -> None:
    """Managers that both sweeps may enter are made anew by each; others are entered once and must be inactive."""
    inner = dict(env)
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
    outcome = replace(engine.branch(stmt.body, inner), params=tuple(targets))
    outs, yields, after = engine.merge([outcome], stmt.outs)
    body = outcome.builder.block(targets, yields[0])
    engine.builder.add(With(tuple(outs), op, args, params, body, stmt.loc))
    finish([outcome], stmt.outs, after, env)
