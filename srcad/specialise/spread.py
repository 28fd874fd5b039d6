"""`f(*items)` where the number of items is only found at run time.

The items travel to where the parameters are bound as `Lazy("rest", (items, *behind))`, the last of the arguments; `behind` are the
arguments that stand behind the star.  There they are unpacked into the names, behind a check that raises what Python raises.
"""
from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir.nodes import Const, Effect, Op, Pack
from srcad.ir.types import Array, ListOf, TupleOf
from srcad.ops import table
from srcad.runtime import iterators
from srcad.specialise import items, operations, streams
from srcad.specialise.values import Dyn, Lazy, Method, Seq, SliceVal, Static, Value

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from srcad.specialise.engine import Engine

_CHECK = Op("require_arguments", "require_arguments(*_)", ("srcad.runtime:require_arguments",), Effect.RAISES)
_NONE = Static(None)
_MANY = 32  # as many items of a list from outside are taken one by one


@dataclass(frozen=True, slots=True)
class Callee:
    """The positional parameters of a function: the last of them have `defaults`; `more`: it takes any number behind them."""

    name: str
    names: tuple[str, ...]
    defaults: tuple[Value, ...] = ()
    more: bool = False


# ---- the call --------------------------------------------------------------------------------------------------------
def arguments(engine: Engine, function: Value, given: Sequence[tuple[Value, bool]], *, binds: bool) -> list[Value]:
    """The positional arguments of a call; those marked True stand behind a star.  `binds`: the function binds such a rest."""
    args: list[Value] = []
    behind: list[Value] = []
    rest: Dyn | None = None
    for value, star in given:
        known = _known(engine, value) if star else [value]
        if known is None and rest is None:
            rest = _listed(engine, value)
        else:
            (args if rest is None else behind).extend(items.known_items(engine, value) if known is None else known)
    if rest is None:
        return args
    if binds:
        return [*args, Lazy("rest", (rest, *behind))]
    if _makes_text(function):
        return [*args, Lazy("rest", (rest,)), *behind]
    return _fixed(engine, function, args, rest, behind)


def _known(engine: Engine, value: Value) -> list[Value] | None:
    """The items behind a star, where their number is known."""
    if streams.is_generator(value) or _is_long(value):
        return None
    found = streams.known(engine, value)
    return None if found is None else list(found)


def _is_long(value: Value) -> bool:
    return isinstance(value, Dyn) and isinstance(value.type, ListOf | TupleOf)


def _listed(engine: Engine, value: Value) -> Dyn:
    """The items behind a star as one value that has a length."""
    value = streams.listed(engine, value) or value
    if isinstance(value, Lazy):
        value = engine.call(Static(list, "builtins:list"), [value], {})
    if not isinstance(value, Dyn) or not isinstance(value.type, ListOf | TupleOf | Array):
        raise items.uncounted(engine)
    return value


def _makes_text(function: Value) -> bool:
    """Whether a function prints its arguments, or puts them into a text."""
    if isinstance(function, Method):
        return function.name == "format" and isinstance(function.self, Static) and isinstance(function.self.value, str)
    return isinstance(function, Static) and function.value is print


def _fixed(engine: Engine, function: Value, args: list[Value], rest: Dyn, behind: list[Value]) -> list[Value]:
    """The arguments of an operation that takes a fixed number of them; any other number is refused where it is met."""
    obj: Any = function.value if isinstance(function, Static) else None
    if obj in (max, min) and not args and not behind:
        _require(engine, "ge", rest, 2)
        return [rest]
    count = obj.nin if isinstance(obj, np.ufunc) else _arity(obj)
    missing = 0 if count is None else count - len(args) - len(behind)
    if missing < 1:
        return [*args, *_from_outside(engine, rest), *behind]
    _require(engine, "eq", rest, missing)
    return [*args, *items.unpack(engine, rest, missing, None, [""] * missing), *behind]


def _from_outside(engine: Engine, rest: Dyn) -> tuple[Value, ...]:
    """The items of a list from outside, whose number the program is compiled for; refused for others."""
    whole = items.opened(engine, rest, always=True)
    if not isinstance(whole, Seq) or len(whole.items) > _MANY:
        raise items.uncounted(engine)
    return whole.items


def _arity(obj: object) -> int | None:
    """How many arguments a builtin function with an entry takes, if that is one number."""
    spelling = table.by_object(obj) if isinstance(obj, types.BuiltinFunctionType) else None
    names = spelling.entry.names if spelling is not None else ()
    fixed = spelling is not None and len(names) == spelling.entry.operands > 0 and not any(n.startswith("*") for n in names)
    return len(names) if fixed else None


def _require(engine: Engine, comparison: str, rest: Dyn, count: int) -> None:
    """Refuse at run time where there are not as many items."""
    fits = engine.operation(comparison, [_length(engine, rest), Static(count)])
    operations.refuse_where(engine, engine.operation("not_", [fits]), items.uncounted(engine))


def _length(engine: Engine, rest: Dyn) -> Value:
    return engine.call(Static(len, "builtins:len"), [rest], {})


# ---- binding ---------------------------------------------------------------------------------------------------------
def is_open(args: Sequence[Value]) -> bool:
    """Whether the last argument stands for items of unknown number."""
    return bool(args) and isinstance(args[-1], Lazy) and args[-1].kind == "rest"


def bound(engine: Engine, callee: Callee, args: list[Value], named: Collection[str]) -> tuple[list[Value], Value | None]:
    """The positional arguments with such a rest taken apart, and the tuple of what is left for `*args`; None where nothing is.

    `named` are the keywords of the call.
    """
    if not is_open(args):
        return args, None
    *before, last = args
    assert isinstance(last, Lazy)
    rest, *behind = last.parts
    assert isinstance(rest, Dyn)
    free = callee.names[len(before) :]
    most = next((n for n, name in enumerate(free) if name in named), len(free))
    least = min(max(len(free) - len(callee.defaults), 0), most)
    more = callee.more and most == len(free)
    if behind and (more or least < most or most < len(behind)):
        raise items.uncounted(engine)
    if not more or least:
        _check(engine, callee, rest, len(before) + len(behind), tuple(n for n in free if n in named))
    if least == most and not more:
        count = most - len(behind)
        return [*before, *_first(engine, rest, free[:count]), *behind], None
    if least == most and free:
        *found, over = items.unpack(engine, rest, most + 1, most, [*free, "more"])
    else:
        found = [items.get(engine, rest, Static(n)) for n in range(least)]
        found += [_optional(engine, rest, n, callee.defaults[n - len(free)]) for n in range(least, most)]
        over = items.get(engine, rest, SliceVal(Static(most), _NONE, _NONE)) if free and more else rest
    return [*before, *found], _over(engine, callee, before, over) if more else None


def _first(engine: Engine, rest: Dyn, names: Sequence[str]) -> list[Value]:
    return items.unpack(engine, rest, len(names), None, list(names)) if names else []


def _optional(engine: Engine, rest: Dyn, n: int, default: Value) -> Value:
    return streams.written(engine, iterators.item_or, [rest, Static(n), default])


def _over(engine: Engine, callee: Callee, before: list[Value], over: Value) -> Value:
    """What `*args` gets."""
    found = engine.call(Static(tuple, "builtins:tuple"), [over], {})
    first = before[len(callee.names) :]
    return engine.operation("add", [Seq(tuple, tuple(first)), found]) if first else found


def _check(engine: Engine, callee: Callee, rest: Dyn, others: int, named: tuple[str, ...]) -> None:
    """Raise at run time what Python raises where the number of items does not fit."""
    length = _length(engine, rest)
    count = engine.operation("add", [length, Static(others)]) if others else length
    names = Pack("tuple", tuple(map(Const, callee.names)))
    options: dict[str, object] = {"defaults": len(callee.defaults), "named": named, "more": callee.more}
    params = tuple((k, _literal(v)) for k, v in options.items() if v)
    engine.builder.do(_CHECK, (Const(callee.name), names, engine.runtime(count, "the number of arguments").atom), params)


def _literal(value: object) -> Const | Pack:
    return Pack("tuple", tuple(map(Const, value))) if isinstance(value, tuple) else Const(value)
