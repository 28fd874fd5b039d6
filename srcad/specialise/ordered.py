"""`sorted`, `max` and `min` by a key: decided while compiling where the keys are known, else by code that is followed.

Also the functions that `operator` makes, which mostly serve as keys, and those of `heapq` and `bisect`.
"""
from __future__ import annotations

import bisect
import heapq
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcad.ir.types import ListOf, Struct, TupleOf, Type
from srcad.runtime import comparisons, getters, heaps, iterators
from srcad.specialise import choices, streams, told_apart
from srcad.specialise.templates import runtime_type, template
from srcad.specialise.values import Dyn, Seq, Static, Value, container, is_literal, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_NONE = Static(None)


def in_order(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`sorted(items, key=key, reverse=reverse)`; None where the table or run time has it."""
    key, reverse = kwargs.get("key", Static(None)), kwargs.get("reverse", Static(value=False))
    if len(args) != 1 or set(kwargs) - {"key", "reverse"}:
        return None
    by_itself = isinstance(key, Static) and key.value is None
    found = streams.known(engine, args[0])
    if found is not None and isinstance(reverse, Static):
        places = _places(found, found if by_itself else _ranks(engine, found, key), bool(reverse.value))
        if places is not None:
            return container(list, tuple(found[k] for k in places))
    if by_itself and told_apart.holds_objects(args[0] if found is None else Seq(list, found)):
        return streams.written(engine, comparisons.in_own_order, [args[0], reverse])
    if by_itself or not _followed(args, key):
        return None
    return streams.written(engine, iterators.in_order, [args[0], key, reverse])


def is_chosen(args: list[Value], kwargs: dict[str, Value]) -> bool:
    """Whether `max` or `min` chooses among items by a key, or with a default, or among containers, which have an order and no mean."""
    if set(kwargs) - {"key", "default"}:
        return False
    if kwargs.get("key", _NONE) != _NONE or (kwargs and any(map(is_varied, (*args, *kwargs.values())))):
        return True
    parts = args if len(args) > 1 else list(args[0].items) if isinstance(args[0], Seq) and args[0].cls in (list, tuple) else []
    if any(_is_container(runtime_type(p)) for p in parts):
        return True
    t = args[0].type if isinstance(args[0], Dyn) else None
    return len(args) == 1 and isinstance(t, ListOf | TupleOf) and _is_container(t.item)


def _is_container(t: Type | None) -> bool:
    return isinstance(t, ListOf | TupleOf) or (isinstance(t, Struct) and t.cls in (list, tuple))


def extremum(engine: Engine, args: list[Value], kwargs: dict[str, Value], *, larger: bool) -> Value | None:
    """`max(items, key=key, default=default)` or `min`, also of several arguments; None where run time has it."""
    key = kwargs.get("key", _NONE)
    found = streams.known(engine, args[0]) if len(args) == 1 else tuple(args)
    places = None if not found else _places(found, found if key == _NONE else _ranks(engine, found, key), larger)
    if found and places is not None:
        return found[places[0]]
    if found == () and "default" in kwargs:
        return kwargs["default"]
    if not _followed([*args, *kwargs.values()], key):
        return None
    chosen = choices.extremum(engine, found, key, "gt" if larger else "lt") if found and key != _NONE else None
    whole = args[0] if len(args) == 1 else container(list, tuple(args))
    if "default" in kwargs and found is None:
        return streams.written(engine, iterators.extremum_or, [whole, key, Static(larger), kwargs["default"]])
    return chosen or streams.written(engine, iterators.extremum, [whole, key, Static(larger)])


def _ranks(engine: Engine, found: tuple[Value, ...], key: Value) -> tuple[Value, ...]:
    """What a function makes of each item, without doing it; empty where that is not known."""
    outcome = engine.path(lambda _: [template(engine.call(key, [item], {})) for item in found], {})
    return () if outcome.values is None else tuple(outcome.values)


def _places(found: tuple[Value, ...], ranks: tuple[Value, ...], reverse: bool) -> list[int] | None:
    """The order of items by their ranks; None where these are not known, or cannot be compared."""
    known = [r.value for r in ranks if isinstance(r, Static)]
    if len(known) < len(found):
        return None
    try:
        return sorted(range(len(known)), key=known.__getitem__, reverse=reverse)  # type: ignore[arg-type]
    except TypeError:
        return None


def _followed(args: list[Value], key: Value) -> bool:
    """Whether a call must be followed: what is sorted has a derivative, or the key is a function that does not exist at run time."""
    return not isinstance(key, Dyn) and (any(map(is_varied, args)) or not isinstance(key, Static))


# ---- functions that `operator` makes ---------------------------------------------------------------------------------
_MAKERS: dict[type, Callable[..., Any]] = {
    operator.itemgetter: getters.item_getter, operator.attrgetter: getters.attribute_getter, operator.methodcaller: getters.method_caller,
}  # fmt: skip


def _maker(cls: type) -> Callable[[Engine, list[Value], dict[str, Value]], Value | None]:
    return lambda engine, args, kwargs: streams.written(engine, _MAKERS[cls], args, kwargs)


def getter(engine: Engine, obj: object) -> Value | None:
    """A function that `operator` has made, as one that is followed; None for other objects."""
    if type(obj) not in _MAKERS:
        return None
    reduced = obj.__reduce__()
    assert isinstance(reduced, tuple)
    cls, given = reduced[:2]
    if cls not in _MAKERS or not all(map(is_literal, given)):
        return None
    return streams.written(engine, _MAKERS[cls], list(map(Static, given)))


_CHANGING: dict[Any, Callable[..., Any]] = {
    heapq.heappush: heaps.pushed, heapq.heappop: heaps.popped, heapq.heapify: heaps.arranged, heapq.heapreplace: heaps.replaced,
    heapq.heappushpop: heaps.pushed_and_popped, bisect.insort: heaps.put_right, bisect.insort_right: heaps.put_right,
    bisect.insort_left: heaps.put_left,
}  # fmt: skip
_SEEKING: dict[Any, Callable[..., Any]] = {
    bisect.bisect: heaps.sought_right, bisect.bisect_right: heaps.sought_right, bisect.bisect_left: heaps.sought_left,
    heapq.nsmallest: heaps.smallest_items, heapq.nlargest: heaps.largest_items,
}
_WORDS = {"lo": "low", "hi": "high", "a": "items", "iterable": "items"}


def _changed(function: Callable[..., Any]) -> Callable[[Engine, list[Value], dict[str, Value]], Value | None]:
    """A change of a list by code that is followed."""
    return lambda engine, args, kwargs: streams.written(engine, function, args, {_WORDS.get(k, k): v for k, v in kwargs.items()})


def _sought(function: Callable[..., Any]) -> Callable[[Engine, list[Value], dict[str, Value]], Value | None]:
    """A search among what has a derivative; run time has it where nothing has."""
    change = _changed(function)
    return lambda engine, args, kwargs: change(engine, args, kwargs) if any(map(is_varied, (*args, *kwargs.values()))) else None


FORMS: dict[Any, Callable[[Engine, list[Value], dict[str, Value]], Value | None]] = {
    **{cls: _maker(cls) for cls in _MAKERS}, **{f: _changed(way) for f, way in _CHANGING.items()},
    **{f: _sought(way) for f, way in _SEEKING.items()},
}  # fmt: skip
