"""Dicts whose keys are only known at run time: a list of values, and where each key's value stands."""
from __future__ import annotations

import collections
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srcad.ir.core import GETITEM, PACK
from srcad.ir.nodes import Const, Pack, Var
from srcad.ir.types import INT, NONE, UNKNOWN, Opaque, Struct, is_dict
from srcad.ops import table
from srcad.runtime import tables
from srcad.runtime.tables import TABLES, Table
from srcad.specialise import attributes, calls, functions, operations, tabled
from srcad.specialise.kinds import class_path
from srcad.specialise.templates import TABLE, children, differ_in_attributes, explode, parts, with_attributes, with_children
from srcad.specialise.values import NONE_VALUE, Dyn, Seq, Static, Value, container, is_varied

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcad.specialise.engine import Engine


def of_dict(engine: Engine, known: Seq, *, whole: bool = False) -> Seq:
    """A dict of known structure as one whose keys are computed; `whole`: its values are a run-time list."""
    numbers = tuple(Const(n) for n in range(len(known.keys)))
    places = engine.builder.call(PACK, (Pack("dict", numbers, tuple(map(Const, known.keys))),), Opaque(dict), hint="places")
    slots: Value = container(list, tuple(tabled.as_item(engine, i) for i in known.items) if whole else known.items)
    slots = engine.runtime(slots, "the values of a dict") if whole else slots
    made = container(TABLES[known.cls], (Dyn(places, Opaque(dict)), slots), TABLE)
    assert isinstance(made, Seq)
    return made


def fitted(engine: Engine, value: Value, shape: Value) -> Value:
    """A value with the dicts of known structure in it written as `shape` has them, with computed keys, and its objects with the attributes
    that they have there.
    """
    if isinstance(value, Dyn) and isinstance(value.type, Struct) and isinstance(shape, Seq):
        value = explode(value, engine.builder)
    if isinstance(value, Seq) and isinstance(shape, Seq) and differ_in_attributes(value, shape):
        value = with_attributes(value, shape.keys)
    if isinstance(value, Seq) and isinstance(shape, Seq) and is_dict(value.cls) and shape.cls is TABLES[value.cls]:
        made = of_dict(engine, value, whole=isinstance(shape.at("slots"), Dyn))
        return replace(made, cell=value.cell)
    if isinstance(value, Seq) and isinstance(shape, Seq) and value.cls is shape.cls and _in_a_list(shape):
        places, slots = value.items
        return replace(value, items=(places, engine.runtime(slots, "the values of a dict")))
    kids, shapes = children(value), children(shape)
    if not kids or len(kids) != len(shapes):
        return value
    new = tuple(fitted(engine, k, s) for k, s in zip(kids, shapes, strict=True))
    return with_children(value, new) if any(a is not b for a, b in zip(kids, new, strict=True)) else value


def keys_of(engine: Engine, value: Value) -> Value:
    """A tree like a value, of which nothing is left but where the values of dicts with computed keys stand: derivatives have these."""
    own = parts(value)
    if own is None:
        return NONE_VALUE
    items = tuple(keys_of(engine, i) for i in own[1])
    if isinstance(value, Seq) and value.cls in TABLES.values():
        places = calls.opaque(engine, Static(dict, "builtins:dict"), [value.items[0]], {}, Opaque(dict), fresh=True)
        items = (places, *items[1:])
    return NONE_VALUE if all(i == NONE_VALUE for i in items) else Seq(tuple, items)


def check_keys(engine: Engine, given: Value, value: Value, where: str) -> None:
    """Raise ShapeMismatch at run time where a tangent or cotangent of a dict with computed keys is one that keeps them in other places."""
    if not isinstance(given, Seq) or not isinstance(value, Seq) or len(given.items) != len(value.items):
        return
    if value.cls in TABLES.values() and given.cls in TABLES.values():
        spelling = table.spelling("same_places")
        assert spelling is not None
        found, own = (engine.runtime(v.items[0], "the keys of a dict").atom for v in (given, value))
        if found != own:
            engine.builder.call(spelling.op, (found, own, Const(where)), NONE)
    for part, item in zip(given.items, value.items, strict=True):
        check_keys(engine, part, item, where)


def _in_a_list(shape: Seq) -> bool:
    """Whether the values of a dict with computed keys are a run-time list."""
    return issubclass(shape.cls, Table) and isinstance(shape.at("slots"), Dyn)


def returned(engine: Engine, value: Seq) -> Value:
    """What a function that returns such a container gives: the dict itself."""
    if value.cls is not Table:
        kind = _NAMES.get(value.cls, "a container")
        raise engine.refuse("UnsupportedSyntax", "SRC121", f"{kind} that the function has filled is returned",
                            "return what it holds: dict(d), or list(d)")  # fmt: skip
    places, slots = value.items
    args = (engine.runtime(places, "the keys of a dict").atom, engine.runtime(slots, "the values of a dict").atom)
    keyed = table.spelling("keyed")
    assert keyed is not None
    return Dyn(engine.builder.call(keyed.op, args, UNKNOWN), UNKNOWN, is_varied(slots))


def of_pairs(engine: Engine, source: Value, cls: type) -> Value:
    """The dict of a class, whose keys are computed, of pairs or of another dict: made in place, so that it is known what they share."""
    function: Any = tables.tabled if cls is dict else tables.tabled_in_order
    return functions.inline(engine, functions.of_python(engine, function, f"{tables.__name__}:{function.__name__}"), [source])


def _made(cls: type) -> Callable[..., Any]:
    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        return engine.call(Static(cls, class_path(cls)), args, kwargs)

    return form


def _default(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`collections.defaultdict(factory)`."""
    if len(args) != 1 or kwargs or args[0] == Static(None):
        return None
    return engine.call(Static(tables.DefaultTable, class_path(tables.DefaultTable)), args, {})


def _counter(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`collections.Counter()`; of items that are known, if one of them is differentiated."""
    if (args or kwargs) and not any(map(is_varied, (*args, *kwargs.values()))):
        return None
    made = engine.call(Static(tables.CountTable, class_path(tables.CountTable)), [], {})
    if args or kwargs:
        engine.call(attributes.get(engine, engine.current(made), "update"), args, kwargs)
    return made


def _places(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A dict that exists at run time only."""
    return calls.opaque(engine, Static(dict, "builtins:dict"), [], {}, Opaque(dict))


def _places_of(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A dict of where the values of some keys stand."""
    spelling = table.spelling("places_of")
    assert spelling is not None
    return operations.apply(engine, spelling.op, args, [])


def _place(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """Where the value of a key stands: a number."""
    table = engine.runtime(args[0], "a dict")
    key = operations.argument(engine, args[1], "a key")
    return Dyn(engine.builder.call(GETITEM, (table.atom, key), INT), INT)


def _shown(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """The keys of a dict, which are not read any more when it has changed: Python would show those that it has then."""
    found = engine.call(Static(list, "builtins:list"), args, kwargs)
    if isinstance(found, Dyn) and isinstance(found.atom, Var):
        engine.memory.relate(found.atom, set(engine.memory.roots(args[0])))
    return found


_NAMES = {
    tables.OrderedTable: "an OrderedDict under computed keys", tables.DefaultTable: "a defaultdict", tables.CountTable: "a Counter",
    tables.Deque: "a deque",
}  # fmt: skip

FORMS: dict[Any, Any] = {
    collections.defaultdict: _default, collections.Counter: _counter, collections.deque: _made(tables.Deque), tables.places: _places,
    tables.places_of: _places_of, tables.shown: _shown, tables.place: _place,
}  # fmt: skip
"""How calls that make such containers are interpreted."""
