"""Generators, and what is made of them: the body runs where the items are consumed, with the consumer in the place of each `yield`.

So a loop over a generator becomes the generator's own loop, in Python's order of effects, and nothing is collected.  A generator that
nobody has asked yet is a value: its function and the arguments of the call, under an identity, since it gives its items once.
"""
from __future__ import annotations

import functools
import heapq
import math
import statistics
import types
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.errors import SrcadError
from srcad.ir.nodes import Call, Const, Each, Loop, Var
from srcad.ir.types import Opaque, is_dict
from srcad.ir.visit import walk
from srcad.runtime import iterators
from srcad.runtime.tables import Table
from srcad.specialise import asking, dunders, functions, items, loops, namespaces, unrolled, writes
from srcad.specialise.frames import Consumer, Env, Frame
from srcad.specialise.kinds import is_object, own, structured
from srcad.specialise.templates import key
from srcad.specialise.values import MISSING, Closure, Dyn, Lazy, Method, Poison, RangeVal, Seq, Static, Value, container

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from srcad.frontend.lowered import Lowered
    from srcad.specialise.engine import Engine

_EATERS: dict[Any, int] = {
    np.fromiter: 0, math.fsum: 0, math.prod: 0, functools.reduce: 1, statistics.mean: 0, statistics.fmean: 0, statistics.median: 0,
    heapq.nlargest: 1, heapq.nsmallest: 1, sum: 0, min: 0, max: 0, sorted: 0, set: 0, frozenset: 0, dict: 0,
}  # fmt: skip
"""Functions that take every item of an argument, by its number, before they do anything else."""
_EATING = ("extend", "update", "join", "union", "extendleft")
_LIST = "make a list of the items first"
_DEEPEST = 8  # generators that a generator makes of its own function


class Box:
    """The class of what holds one value that a consumer carries from item to item."""


def boxed(value: Value) -> Value:
    """A box, or what a box holds from here on."""
    return container(Box, (value,), ("value",))


# ---- making ----------------------------------------------------------------------------------------------------------
def made(engine: Engine, f: Closure, values: list[Value]) -> Value:
    """The generator that a call gives; `values` are the arguments and what the function captures.

    `resume` is what goes on with it where it is asked for single items, None where nobody does that or it cannot be.
    """
    resume = _resume(engine, f, values) if any(_asks(frame.lowered) for frame in engine.frames) else Static(None)
    parts: dict[str, Value] = {"function": f, "values": Seq(tuple, tuple(values)), "used": Static(value=False), "resume": resume}
    return container(types.GeneratorType, tuple(parts.values()), tuple(parts))


def _resume(engine: Engine, f: Closure, values: list[Value]) -> Value:
    """The function that goes on with a generator; None where it cannot be written."""
    lowered = f.lowered.resume() if f.lowered.resume is not None else None
    return Static(None) if lowered is None else functions.inline(engine, replace(f, lowered=lowered), values)


def askable(engine: Engine, iterator: Value) -> Value:
    """An iterator that can be asked for single items."""
    now = engine.now(iterator)
    if isinstance(now, Seq) and is_generator(now) and now.at("resume") == Static(None) and now.at("used") == Static(value=False):
        f, values, used, _ = now.items
        assert isinstance(f, Closure)
        assert isinstance(values, Seq)
        writes.write(engine, now, replace(now, items=(f, values, used, _resume(engine, f, list(values.items)))))
    return iterator


def askable_for(engine: Engine, lowered: Lowered, values: list[Value]) -> list[Value]:
    """The arguments of a function; iterators that it asks for single items, or reads in several places, in a form that can be asked."""
    if any(isinstance(v, Lazy) for v in values):
        often = asking.often(lowered)
        values = [asking.lasting(engine, v) if p in often else v for v, p in zip(values, lowered.func.body.params, strict=False)]
    if not any(map(is_generator, values)):
        return values
    asks, again = "next" in lowered.globals, _read_again(lowered)
    params = lowered.func.body.params
    return [askable(engine, v) if is_generator(v) and (asks or p in again) else v for p, v in zip(params, values, strict=False)]


@functools.lru_cache(maxsize=1024)
def _asks(lowered: Lowered) -> bool:
    """Whether a function asks iterators for single items, or goes over one in several loops."""
    return "next" in lowered.globals or bool(_read_again(lowered))


@functools.lru_cache(maxsize=1024)
def _read_again(lowered: Lowered) -> frozenset[Var]:
    """What several loops of a function go over."""
    each = [s.iter for s in walk(lowered.func.body) if isinstance(s, Loop) and isinstance(s.iter, Each)]
    read = [a for it in each for a in it.seqs if isinstance(a, Var)]
    return frozenset(a for a in read if read.count(a) > 1)


def _is_fresh(engine: Engine, generator: Seq) -> bool:
    """Whether nobody has asked a generator for a single item yet."""
    resume = generator.at("resume")
    if not isinstance(resume, Closure):
        return True
    cell = writes.current(engine, resume.captures[resume.lowered.free.index("at@@cell")])
    return isinstance(cell, Seq) and cell.items == (Static(0),)


def is_generator(value: Value) -> bool:
    """Whether a value is a generator whose function is followed."""
    return isinstance(value, Seq) and value.cls is types.GeneratorType


def of(engine: Engine, value: Value) -> Value | None:
    """The generator that gives the items of a value; None where a loop can go over the value itself."""
    if isinstance(value, Seq) and is_generator(value):
        return value if _is_fresh(engine, value) else written(engine, iterators.stepped, [value])
    if isinstance(value, Lazy):
        return None if namespaces.is_namespace(value) else _of_lazy(engine, value)
    cls = structured(value)
    if cls is not None and is_object(value):
        found = asking.steps(engine, value)
        if found is not None:
            return found
        if own(cls, "__iter__") is None and isinstance(own(cls, "__getitem__"), types.FunctionType):
            return written(engine, iterators.numbered_items, [value])
    return None


def _of_lazy(engine: Engine, value: Lazy) -> Value | None:
    """`zip`, `enumerate` and `map` of generators, as generators."""
    if value.kind == "columns":
        return written(engine, iterators.columns, list(value.parts))
    if value.kind == "zip":
        return _zipped(engine, value.parts)
    if value.kind == "map" and len(value.parts) > 2:
        rows = Lazy("zip", items.opened_together(engine, value.parts[1:]))
        stream = of(engine, rows)
        if stream is None and loops.plan(engine, rows).unrolled is None:
            return None
        return written(engine, iterators.spread, [value.parts[0], stream or rows])
    first = value.parts[: value.kind in ("map", "filter")]  # what is called, maybe an object
    given = items.opened_together(engine, value.parts[len(first) :])
    parts = [*first, *(of(engine, dunders.iterated(engine, p)) or p for p in given)]
    if value.kind == "filter":
        return written(engine, iterators.filtered if parts[0] != Static(None) else iterators.true_ones, parts[parts[0] == Static(None) :])
    if not any(map(is_generator, parts)):
        called = value.kind == "map" and len(parts) == 2 and loops.plan(engine, parts[1]).unrolled is not None  # for each trip by itself
        return written(engine, iterators.mapped, parts) if called else None
    if value.kind == "enumerate":
        return written(engine, iterators.numbered, parts)
    if value.kind == "map":
        return written(engine, iterators.mapped, parts)
    raise engine.refuse("UnsupportedSyntax", "SRC136", f"{value.kind}() of a generator cannot be followed", _LIST)


def _zipped(engine: Engine, parts: tuple[Value, ...]) -> Value | None:
    """`zip` where one part is a generator, or is known item by item and others are not: that part decides when there is a next row."""
    parts = tuple(dunders.iterated(engine, p) for p in parts)
    found = [of(engine, p) for p in parts]
    leading = [n for n, p in enumerate(found) if p is not None] or _leading(engine, parts)
    if not leading:
        return None
    at, several = leading[0], len(leading) > 1 and any(found)
    if several and not _is_left(found[at]):
        return written(engine, iterators.rows, [askables(engine, parts)])
    before = Seq(tuple, tuple(indexable(engine, p) for p in parts[:at]))
    if several:
        return written(engine, iterators.rows_of, [before, found[at] or parts[at], askables(engine, parts[at + 1 :])])
    behind = Seq(tuple, tuple(indexable(engine, p) for p in parts[at + 1 :]))
    return written(engine, iterators.zipped, [before, found[at] or parts[at], behind])


def _is_left(generator: Value | None) -> bool:
    """Whether nobody goes on with a generator behind the loop over it."""
    return isinstance(generator, Seq) and is_generator(generator) and generator.at("resume") == Static(None)


def askables(engine: Engine, parts: Sequence[Value]) -> Seq:
    """Iterators that give single items."""
    each = [asking.started(engine, [p], {}) for p in parts]
    if any(p is None for p in each):
        raise engine.refuse("UnsupportedSyntax", "SRC136", "zip() of these iterators cannot be followed", _LIST)
    return Seq(tuple, tuple(askable(engine, p) for p in each if p is not None))


def _leading(engine: Engine, parts: tuple[Value, ...]) -> list[int]:
    """The part that is known item by item, where the items are not alike and other parts have unknown lengths."""
    plans = [loops.plan(engine, p) for p in parts if not isinstance(p, Lazy)]
    if len(plans) < len(parts) or all(p.unrolled is not None for p in plans) or any(p.unrolled == () for p in plans):
        return []
    return [n for n, p in enumerate(plans) if p.unrolled is not None and not loops.alike(p.unrolled)][:1]


def indexable(engine: Engine, part: Value) -> Value:
    """A part of a zip that is read by number."""
    return engine.call(Static(list, "builtins:list"), [part], {}) if isinstance(part, Lazy) else part


def written(engine: Engine, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value] | None = None) -> Value:
    """The value of a call of a function of `runtime.iterators` and its like, whose source is followed."""
    assert isinstance(function, types.FunctionType)
    return engine.call(functions.of_python(engine, function, f"{function.__module__}:{function.__name__}"), args, kwargs or {})


def listed(engine: Engine, value: Value, most: int | None = None) -> Value | None:
    """The list of the items of a generator, of `most` at most, or of an object that goes over a list; None for other values."""
    if not (isinstance(value, Seq | Lazy) or is_object(value)):
        return None
    over = dunders.iterated(engine, value)
    stream = of(engine, over)
    if stream is None:
        return engine.call(Static(list, "builtins:list"), [over], {}) if is_object(value) and isinstance(over, Dyn) else None
    return written(engine, iterators.listed, [stream]) if most is None else written(engine, iterators.first, [stream, Static(most)])


def known(engine: Engine, value: Value) -> tuple[Value, ...] | None:
    """The items of an iterable, which is no generator, where their number is known; None where it is not."""
    try:
        return items.known_items(engine, value)
    except SrcadError:
        return None


def is_table(value: Value) -> bool:
    """Whether a value is a dict whose keys are computed."""
    return isinstance(value, Seq) and issubclass(value.cls, Table)


def taken(engine: Engine, function: Value, args: list[Value]) -> list[Value]:
    """The arguments of a call; a generator whose items are all taken at once is the list of them."""
    if not any(isinstance(a, Seq | Lazy) for a in args):
        return args
    at = None
    if isinstance(function, Static) and callable(function.value):
        at = next((n for f, n in _EATERS.items() if f is function.value), None)
    elif isinstance(function, Method) and function.name in _EATING:
        at = 0
    among = isinstance(function, Static) and function.value in (min, max) and len(args) > 1  # what is compared, no iterator
    if at is None or at >= len(args) or among or (is_table(args[at]) and _wants_pairs(function)):
        return args
    whole = listed(engine, args[at])
    return args if whole is None else [*args[:at], whole, *args[at + 1 :]]


def _wants_pairs(function: Value) -> bool:
    """Whether a function takes the values of a dict that it is given, not the keys alone: `dict`, and `update` of a dict."""
    if isinstance(function, Method):
        return function.name == "update" and isinstance(function.self, Seq) and is_dict(function.self.cls)
    return isinstance(function, Static) and function.value is dict


# ---- running ---------------------------------------------------------------------------------------------------------
def hand(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """A `yield`: the consumer takes the item, and says whether to stop."""
    frames, loc = engine.frames, engine.builder.loc
    frame = frames[-1]
    consumer, params = frame.consumer, dict(stmt.params)
    assert consumer is not None
    if "caught" in params and not consumer.inside:
        raise engine.refuse("UnsupportedSyntax", "SRC137", "a handler around this `yield` would see what the consumer raises",
                            "let the `try` statement end before the `yield`")  # fmt: skip
    consumer.check()
    item = engine.value(stmt.args[0], env)
    engine.frames = frames[: next(n for n, f in enumerate(frames) if f is consumer.frame) + 1]  # the generator rests meanwhile
    try:
        stop = consumer.take(item)
    finally:
        engine.frames = frames
    engine.builder.loc = frame.loc = loc
    if stop != Static(value=False):
        consumer.stops = True
        if "closing" in params and consumer.kept:
            raise engine.refuse("UnsupportedSyntax", "SRC137", "this generator is left early, and its `try` may end later than that",
                                "loop over the call itself: `for item in generator():`")  # fmt: skip
    return [stop]


def steady(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """What a loop in a `try` goes over, of which only the trips are tried: nothing that may raise runs between them."""
    value = engine.value(stmt.args[0], env)
    if not _is_steady(value):
        raise engine.refuse("UnsupportedSyntax", "SRC115", "how far a `try` came matters, and this loop may raise between its trips",
                            _LIST)  # fmt: skip
    return [value]


def _is_steady(value: Value) -> bool:
    match value:
        case Lazy(kind, parts):
            return kind in ("zip", "enumerate", "reversed", "count", "checkpointed", "flat") and all(map(_is_steady, parts))
        case Seq():
            return not is_object(value)
        case Dyn(_, t):
            return not isinstance(t, Opaque) and not is_object(value)
    return isinstance(value, Static | RangeVal)


def run(engine: Engine, generator: Value, consumer: Consumer) -> None:
    """Run the body of a generator, each item of which the consumer takes."""
    now = engine.now(generator)
    assert isinstance(now, Seq)
    f, values, used, _ = now.items
    assert isinstance(f, Closure)
    assert isinstance(values, Seq)
    if used == Static(value=True):
        return
    memory, ident = engine.memory, engine.memory.identity(now)
    assert ident is not None
    if used != Static(value=False):
        raise engine.refuse("UnsupportedSyntax", "SRC137", "whether this generator has been read depends on the path taken",
                            "make another one")  # fmt: skip
    above = [frame.given for frame in engine.frames if frame.lowered is f.lowered]
    alike = any(list(map(key, given)) == list(map(key, values.items)) for given in above if given)
    if alike or len(above) > _DEEPEST:  # the same types on the next level: only run time knows where that ends
        raise engine.refuse("UnsupportedSyntax", "SRC149", f"'{f.name}' makes generators of itself without end", "write it as a loop")
    memory.stale[ident] = "this generator is being read, or was left before its end"
    depth, loc = len(engine.frames), engine.builder.loc
    engine.frames.append(Frame(f.lowered, f.globals, consumer=consumer, given=values.items))
    engine.known(f.lowered)
    given = functions.with_itself(f, list(values.items))
    engine.run(f.lowered.func.body, dict(zip(f.lowered.func.body.params, given, strict=True)))
    del engine.frames[depth:]
    engine.builder.loc = loc
    if not consumer.stops:
        del engine.memory.stale[ident]
        writes.write(engine, now, replace(now, items=(f, values, Static(value=True), now.at("resume"))))


def resumed(engine: Engine, generator: Value, sent: Value) -> Value:
    """Whether a generator is at its end, and its next item."""
    now = engine.now(generator)
    assert isinstance(now, Seq)
    f, _, used, resume = now.items
    if used == Static(value=True):
        return Seq(tuple, (Static(value=True), MISSING))
    answer = engine.call(resume, [sent], {}) if used == Static(value=False) and isinstance(resume, Closure) else None
    if not isinstance(answer, Seq):
        name = f.name if isinstance(f, Closure) else "a generator"
        raise engine.refuse("UnsupportedSyntax", "SRC137", f"'{name}' cannot be asked for one item at a time here",
                            "loop over the generator")  # fmt: skip
    return answer


def over(engine: Engine, stmt: Loop, generator: Value, inits: list[Value], env: Env) -> None:
    """A `for` statement over a generator."""
    kept = not _is_call(engine, stmt)
    if kept and stmt.exit is not None and isinstance(generator, Seq) and generator.at("resume") != Static(None):
        generator = written(engine, iterators.stepped, [generator])  # so that it can go on where the loop is left
        kept = False
    boxes = [boxed(v) for v in inits]
    frame = engine.frames[-1]

    def take(item: Value) -> Value:
        inner = dict(env)
        inner.update(zip(stmt.body.params, [item, *(opened(engine, b) for b in boxes)], strict=True))
        values = unrolled.run(engine, stmt.body, inner)
        for box, value in zip(boxes, values, strict=True):
            writes.write(engine, box, boxed(value))
        return Static(value=False) if stmt.exit is None else engine.operation("ne", [values[stmt.exit], Static(0)])

    run(engine, generator, Consumer(frame, take, kept=kept))
    env.update(zip(stmt.outs, (opened(engine, b) for b in boxes), strict=True))


def opened(engine: Engine, box: Value) -> Value:
    """What a box holds now."""
    found = writes.current(engine, box)
    assert isinstance(found, Seq | Poison)
    return found if isinstance(found, Poison) else found.items[0]


def _is_call(engine: Engine, stmt: Loop) -> bool:
    """Whether a loop goes over what a call gives, which nothing else refers to."""
    assert isinstance(stmt.iter, Each)
    (given,) = stmt.iter.seqs
    if not isinstance(given, Var) or given.hint:
        return False
    made_by = [s for s in walk(engine.frames[-1].lowered.func.body) if isinstance(s, Call) and given in s.outs]
    return [s.op.name for s in made_by] == ["call"] and not isinstance(made_by[0].args[0], Const)
