"""Iterators that are asked for one item at a time: `iter` and `next`."""
from __future__ import annotations

import functools
import types
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.analysis.readings import read_often
from srcad.frontend.lower import lower_polled, lower_stepping
from srcad.ir.types import Array, ListOf, Struct, TupleOf, is_dict
from srcad.runtime import iterators
from srcad.specialise import dunders, functions, streams
from srcad.specialise.kinds import class_path, is_object, own, structured
from srcad.specialise.values import Bound, Closure, Dyn, Lazy, RangeVal, Seq, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.frontend.lowered import Lowered
    from srcad.ir.nodes import Var
    from srcad.specialise.engine import Engine


def iterator(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`iter(value)`: an object that remembers how far it has come."""
    value = args[0]
    known = isinstance(value, RangeVal) or is_object(value) or (isinstance(value, Seq) and issubclass(value.cls, list | tuple | dict))
    known = known or (isinstance(value, Dyn) and isinstance(value.type, Array | ListOf | TupleOf))
    if len(args) != 1 or not (known or is_varied(value) or streams.is_generator(value)):
        return None
    if isinstance(value, Lazy) or streams.is_generator(value):
        return value
    if is_object(value):
        return _of_object(engine, value)
    if isinstance(value, Seq) and is_dict(value.cls):
        value = Seq(tuple, tuple(map(Static, value.keys)))
    return engine.call(Static(iterators.Items, "srcad.runtime.iterators:Items"), [value], {})


def _of_object(engine: Engine, value: Value) -> Value:
    assert isinstance(value, Seq)
    if own(value.cls, "__iter__") is None and isinstance(own(value.cls, "__getitem__"), types.FunctionType):
        return streams.written(engine, iterators.numbered_items, [value])
    found = dunders.asked(engine, value, "__iter__", [])
    assert found is not None
    return found


def started(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """The iterator of what a loop goes over; None for what only exists at run time and gives no items that are known."""
    value = args[0]
    if streams.is_generator(value):
        return streams.askable(engine, value)
    stream = streams.of(engine, dunders.iterated(engine, value)) if isinstance(value, Seq | Lazy) else None
    if stream is None and isinstance(value, Lazy):
        stream = _of_lazy(engine, value)
    if stream is not None:
        return streams.askable(engine, stream)
    if isinstance(value, Lazy):
        value = engine.call(Static(list, "builtins:list"), [value], {})
    if isinstance(value, Dyn) and not isinstance(value.type, Array | ListOf | TupleOf | Struct):
        return None
    if isinstance(value, Seq) and is_dict(value.cls):
        value = Seq(tuple, tuple(map(Static, value.keys)))
    return engine.call(Static(iterators.Items, "srcad.runtime.iterators:Items"), [value], {})


def _of_lazy(engine: Engine, value: Lazy) -> Value | None:
    """What reads the parts of `zip`, `enumerate`, `map` and `reversed` as they are when an item is asked for."""
    match value:
        case Lazy("zip", parts) if parts and all(map(_is_sized, parts)):
            return engine.call(Static(iterators.Together, "srcad.runtime.iterators:Together"), [Seq(tuple, parts)], {})
        case Lazy("zip", parts):
            return streams.written(engine, iterators.rows, [streams.askables(engine, parts)])
        case Lazy("enumerate", parts):
            return streams.written(engine, iterators.numbered, list(parts))
        case Lazy("map", (function, *parts)):
            among = parts[0] if len(parts) == 1 else Lazy("zip", tuple(parts))
            return streams.written(engine, iterators.mapped if len(parts) == 1 else iterators.spread, [function, among])
        case Lazy("count", parts):
            return engine.call(_COUNTING, list(parts), {})
        case Lazy("reversed", (inner,)):
            if isinstance(inner, Seq) and is_dict(inner.cls):
                inner = Seq(tuple, tuple(map(Static, inner.keys)))
            return engine.call(Static(iterators.Backwards, "srcad.runtime.iterators:Backwards"), [inner], {})
    return None


def _is_sized(value: Value) -> bool:
    """Whether the items of a value can be read by number."""
    if isinstance(value, Dyn):
        return isinstance(value.type, Array | ListOf | TupleOf)
    return isinstance(value, Seq) and value.cls in (list, tuple)


_COUNTING = Static(iterators.Counting, "srcad.runtime.iterators:Counting")
_ONCE = ("count", "zip", "enumerate", "map", "reversed", "filter")


@functools.lru_cache(maxsize=1024)
def often(lowered: Lowered) -> frozenset[Var]:
    """The variables of a function under which an iterator must know how far it has come."""
    return read_often(lowered.func)


def lasting(engine: Engine, value: Value) -> Value:
    """An iterator that gives its items once, for names that are read more than once; other values as they are."""
    found = started(engine, [value], {}) if isinstance(value, Lazy) and value.kind in _ONCE else None
    return value if found is None else found


def poll(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`polled(iterator)`: whether it is at its end, and the item; None for iterators that only exist at run time."""
    args = [lasting(engine, args[0]), *args[1:]]
    if streams.is_generator(args[0]):
        return streams.resumed(engine, args[0], args[1] if len(args) > 1 else Static(None))
    step = _step(engine, args[0])
    if step is None:
        return None
    return engine.call(Bound(replace(step, lowered=lower_polled(step.lowered.source)), args[0]), [], {})


def send(engine: Engine, generator: Value, args: list[Value]) -> Value:
    """`generator.send(value)`."""
    answer = poll(engine, [generator, *args], {})
    assert isinstance(answer, Seq)
    return _item(engine, answer, [])


def steps(engine: Engine, iterator: Value) -> Value | None:
    """The items of an object with `__next__`, as a generator; None for other values."""
    step = _step(engine, iterator)
    if step is None:
        return None
    lowered = lower_stepping(step.lowered.source)
    if lowered is None:
        return streams.written(engine, iterators.stepped, [iterator])
    return engine.call(Bound(replace(step, lowered=lowered), iterator), [], {})


def _step(engine: Engine, value: Value) -> Closure | None:
    """The `__next__` of an object of known structure."""
    cls = structured(value) if is_object(value) else None
    raw = None if cls is None else own(cls, "__next__")
    if cls is None or not isinstance(raw, types.FunctionType):
        return None
    return functions.of_python(engine, raw, class_path(cls, "__next__"))


def next_item(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`next(iterator)` and `next(iterator, default)`."""
    answer = poll(engine, args[:1], {})
    return _item(engine, answer, args[1:]) if isinstance(answer, Seq) else None


def _item(engine: Engine, answer: Seq, default: list[Value]) -> Value:
    if answer.items[0] == Static(value=False):
        return answer.items[1]
    return streams.written(engine, iterators.following_or if default else iterators.following, [answer, *default])
