"""`with` on abstract values.

A manager that both sweeps may enter, and one that is a run-time object whose methods change no variable that is followed, stay
what they are.  Of others the methods are followed, or the generator function: the body is then a function that they call.
"""
from __future__ import annotations

import contextlib
import sys
import types
from typing import TYPE_CHECKING, Any

from srcad.errors import SrcadError
from srcad.frontend.lower import lower_function, lower_manager
from srcad.frontend.managers import BODY
from srcad.ir.core import PACK
from srcad.ir.nodes import Var, With
from srcad.ir.types import UNKNOWN, Array, Opaque
from srcad.ir.visit import operands, walk
from srcad.runtime.managers import entered, told
from srcad.specialise import attributes, functions, loops, restored
from srcad.specialise.control import finish
from srcad.specialise.diverge import Diverged
from srcad.specialise.frames import Env
from srcad.specialise.kinds import is_object, own
from srcad.specialise.values import Dyn, Inside, Manager, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_MADE = contextlib.contextmanager(lambda: iter(())).__code__
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
    if isinstance(manager, Manager) and is_generated(manager.function.value):
        found = _generated(engine, manager, body)
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
        return Seq(tuple, tuple(loops.engine_run(engine, inside.body, env)))
    finally:
        engine.frames = frames


# ---- managers that are followed --------------------------------------------------------------------------------------
def _generated(engine: Engine, manager: Manager, body: Inside) -> Value:
    """A manager made from a generator function, which is followed with the body in the place of its `yield`."""
    obj: Any = manager.function.value
    inner = obj.__wrapped__
    lowered = lower_manager(inner.__code__) if isinstance(inner, types.FunctionType) else None
    if lowered is None:
        raise engine.refuse("UnsupportedSyntax", "SRC125", f"the generator of the context manager '{obj.__name__}' may yield more or less "
                            "than once, or stop an exception", "yield once, outside loops and branches")  # fmt: skip
    f = functions.with_cells(engine, lowered, inner, f"{manager.function.path}.__wrapped__")
    values = functions.bind(engine, f, list(manager.args), {**dict(manager.kwargs), BODY: body})
    return functions.inline(engine, f, [*values, *f.captures])


def _followed(engine: Engine, manager: Value, body: Inside) -> Value:
    """A manager whose methods are followed."""
    enter, leave = (attributes.of_class(engine, manager, _class_of(manager), n) for n in ("__enter__", "__exit__"))
    with engine.aside():  # whether it stops exceptions, where there is one
        outer = engine.memory
        engine.memory = outer.fork()
        try:
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
    outcome = engine.branch(stmt.body, inner)
    outs, yields, after = engine.merge([outcome], stmt.outs)
    body = outcome.builder.block(targets, yields[0])
    engine.builder.add(With(tuple(outs), op, args, params, body, stmt.loc))
    finish([outcome], stmt.outs, after, env)
