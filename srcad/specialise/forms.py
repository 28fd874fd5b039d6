"""Builtins that look at types, make containers or iterate: decided while compiling, or turned into loops.

A form returns None where it leaves the call to the rule table or to run time.
"""
from __future__ import annotations

import builtins
import collections
import copy
import dataclasses
import functools
import itertools
import logging
import types
import typing
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.checkpointed import check_slots, checkpointed
from srcad.errors import ArgumentError
from srcad.inserted import cotangent_of
from srcad.ir.core import LENGTH, STOP
from srcad.ir.types import (
    BOOL, INT, SEVERAL, UNKNOWN, Array, Bottom, Dim, ListOf, NpScalar, Numbered, Opaque, Scalar, Struct, TupleOf, dtype_kind, is_dict,
)  # fmt: skip
from srcad.ops import complex as complex_rules
from srcad.ops import table
from srcad.ops.infer import ONE
from srcad.runtime.attributes import attribute_or
from srcad.runtime import elements, iterators, kept_range
from srcad.runtime.tables import STAND_FOR, TABLES
from srcad.runtime.vectorized import from_function, vectorized
from srcad.specialise import (
    asking, attributes, calls, classes, combinatoric, containers, copies, decorators, dunders, holding, inserted, items, local_classes,
    loops, managers, named, namespaces, numbered, objects, operations, ordered, questions, spelled, streams, tabled, tables, vectorize,
    writes,
)  # fmt: skip
from srcad.specialise.control import asked, truth
from srcad.specialise.kinds import class_path, is_object
from srcad.specialise.memory import can_change
from srcad.specialise.templates import children, with_children
from srcad.specialise.values import (
    Bound, Closure, Dyn, Lazy, Method, Partial, RangeVal, Seq, SliceVal, Static, Super, Value, container, is_literal, is_varied,
)  # fmt: skip

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Kwargs = dict[str, Value]
Form = Callable[["Engine", list[Value], Kwargs], "Value | None"]


def is_manager(obj: object) -> bool:
    """Whether calling this makes a context manager that both sweeps may enter."""
    managers = (np.errstate, np.printoptions, warnings.catch_warnings)
    return isinstance(obj, type | type(np.printoptions)) and obj in managers


# ---- types -----------------------------------------------------------------------------------------------------------
def static_class(value: Value) -> type | None:
    """The class of a value where it is known."""
    match value:
        case Static(obj):
            return type(obj)
        case Seq(cls):
            return STAND_FOR.get(cls, cls)
        case Dyn(_, Bottom()) | Dyn(_, Opaque(builtins.Exception)):  # what a handler has caught may be of any class of exceptions
            return None
        case Dyn(_, t):
            return attributes.class_of(t)
        case RangeVal():
            return range
        case SliceVal():
            return slice
        case Lazy(kind):
            return {"zip": zip, "map": map, "enumerate": enumerate, "filter": filter}.get(kind)
        case Partial():
            return functools.partial
        case Bound():
            return types.MethodType
        case Method():
            return types.BuiltinMethodType
        case Closure():
            return types.FunctionType
    return None


def _isinstance(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    cls, kinds = static_class(args[0]), _classes(args[1])
    if kinds is not None and isinstance(args[0], Dyn) and args[0].type in SEVERAL:
        answers = {issubclass(c, kinds) for c in SEVERAL[args[0].type]}
        return Static(answers.pop()) if len(answers) == 1 else _ask(engine, builtins.isinstance, args)
    if cls is None or kinds is None:
        return _ask(engine, builtins.isinstance, args)
    return Static(issubclass(cls, kinds))


def _ask(engine: Engine, function: Callable[..., Any], args: list[Value]) -> Value:
    """A question about a value of unknown type, asked at run time."""
    name = function.__name__
    return calls.opaque(engine, Static(function, f"builtins:{name}"), args, {}, BOOL)


def _classes(value: Value) -> tuple[type, ...] | None:
    if isinstance(value, Static) and isinstance(value.value, type | tuple):
        return value.value if isinstance(value.value, tuple) else (value.value,)
    if isinstance(value, Static) and hasattr(value.value, "__args__"):
        return typing.get_args(value.value)
    if isinstance(value, Seq):
        parts = [_classes(i) for i in value.items]
        return None if any(p is None for p in parts) else tuple(c for p in parts if p is not None for c in p)
    return None


def _type(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    if len(args) != 1:
        return None
    cls = static_class(args[0])
    if cls is None:
        return calls.opaque(engine, Static(type, "builtins:type"), args, {}, Opaque(type))
    return Static(cls, class_path(cls))


def _hasattr(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    value, name = args
    if not isinstance(name, Static):
        return None
    attribute = str(name.value)
    if isinstance(value, Super):
        return Static(attributes.next_with(value.cls, value.self, attribute) is not None)
    if isinstance(value, Static):
        return Static(hasattr(value.value, attribute))
    if isinstance(value, Seq) and not is_dict(value.cls):
        return Static(value=True) if hasattr(value.cls, attribute) else attributes.is_given(value, attribute)
    if numbered.is_numbered(value):
        return numbered.has(engine, value, attribute)
    cls = static_class(value)
    if isinstance(value, Dyn) and isinstance(value.type, Struct) and attribute in value.type.keys and not is_dict(cls):
        return Static(True)
    if cls is not None and (hasattr(cls, attribute) or not isinstance(getattr(value, "type", None), Opaque | Struct)):
        return Static(hasattr(cls, attribute))
    return _ask(engine, builtins.hasattr, args)


def _getattr(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    if not isinstance(args[1], Static):
        return None
    if len(args) == 3:
        known = _hasattr(engine, args[:2], {})
        if isinstance(known, Dyn) and isinstance(args[0], Seq):
            found = [known, args[0].at(args[1].value), args[2]]
            return engine.call(Static(attribute_or, "srcad.runtime.attributes:attribute_or"), found, {})
        if not isinstance(known, Static):
            return None
        if not known.value:
            return args[2]
    return attributes.get(engine, args[0], str(args[1].value))


def _abs(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return dunders.asked(engine, args[0], "__abs__", [])


def _sign(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    """Of complex numbers no step function, but their direction."""
    turns = len(args) == 1 and not kwargs and isinstance(args[0], Dyn) and dtype_kind(args[0].type) == "c"
    return operations.apply(engine, complex_rules.DIRECTION, args, []) if turns and complex_rules.TURNS else None


def _setattr(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    if not isinstance(args[1], Static):
        return None
    containers.set_attribute(engine, args[0], str(args[1].value), args[2])
    return Static(None)


def _callable(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    match args[0]:
        case Static(obj):
            return Static(callable(obj))
        case Closure() | Bound() | Method() | Partial():
            return Static(True)
        case Seq(cls):
            return Static(any("__call__" in vars(c) for c in cls.__mro__))  # `hasattr` would find that of the class of classes
        case Dyn(_, Scalar() | NpScalar() | Array() | ListOf() | TupleOf()):
            return Static(False)
    return None


def _len(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    match args[0]:
        case Static(obj) if is_literal(obj) and hasattr(obj, "__len__"):
            return Static(len(obj))
        case Seq(_, found):
            asked = dunders.asked(engine, args[0], "__len__", [])
            return Static(len(found)) if asked is None else asked
        case Dyn(_, Struct(_, _, types)):
            asked = dunders.asked(engine, args[0], "__len__", [])
            return Static(len(types)) if asked is None else asked
        case Dyn(_, Numbered()):
            return dunders.asked(engine, args[0], "__len__", [])
        case RangeVal():
            return Dyn(engine.builder.call(LENGTH, (engine.runtime(args[0], "a range").atom,), INT), INT)
        case Dyn(_, Array(_, (first, *_))) if first == ONE:  # as of what `np.atleast_1d` makes of a number
            return Static(1)
        case Dyn(atom):
            return Dyn(engine.builder.call(LENGTH, (atom,), INT), INT)
    return None


# ---- iterators and containers ----------------------------------------------------------------------------------------
def _range(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    if len(args) == 1:
        return RangeVal(Static(0), args[0], Static(1))
    return RangeVal(args[0], args[1], args[2] if len(args) > 2 else Static(1))


def _lazy(kind: str) -> Form:
    def form(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
        if kind == "enumerate":
            start = args[1] if len(args) > 1 else kwargs.get("start", Static(0))
            return Lazy(kind, (args[0], start))
        if kind == "zip" and kwargs and kwargs != {"strict": Static(False)}:
            return _zipped_strictly(engine, args, kwargs)
        if kind == "zip" and len(args) == 1 and isinstance(args[0], Lazy) and args[0].kind == "rows":
            return Lazy("columns", args[0].parts)
        return Lazy(kind, tuple(args))

    return form


def _zipped_strictly(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value:
    """`zip(*args, strict=True)`: where lengths may differ, they are compared when the shortest is at its end, as Python does."""
    sized = all(isinstance(a, Seq) or (isinstance(a, Dyn) and isinstance(a.type, Array | ListOf | TupleOf | Struct)) for a in args)
    if kwargs != {"strict": Static(True)} or not sized:
        raise engine.refuse("UnsupportedSyntax", "SRC186", "this use of zip(strict=...) cannot be followed", "compare the lengths yourself")
    lengths = [engine.call(Static(len, "builtins:len"), [a], {}) for a in args]
    known = [n if isinstance(n, Static) else a.type.shape[0] if isinstance(a, Dyn) and isinstance(a.type, Array) and a.type.shape else None
             for n, a in zip(lengths, args, strict=True)]  # fmt: skip
    if all(k is not None and k == known[0] and not (isinstance(k, Dim) and k.unknown) for k in known):
        return Lazy("zip", tuple(args))
    return streams.written(engine, iterators.zipped_strictly, [Seq(tuple, tuple(lengths)), *args])


def _count(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    """`itertools.count`."""
    start, step = (args[n] if n < len(args) else kwargs.get(k, Static(d)) for n, (k, d) in enumerate((("start", 0), ("step", 1))))
    known = isinstance(step, Static) and type(step.value) is int and step.value != 0
    whole = type(start.value) is int if isinstance(start, Static) else isinstance(start, Dyn) and start.type == INT
    if known and whole:
        return Lazy("count", (start, step))
    return engine.call(Static(iterators.Counting, "srcad.runtime.iterators:Counting"), [start, step], {})


def _checkpointed(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    if len(args) != 1 or not set(kwargs) <= {"slots", "folder"} or "slots" not in kwargs:
        raise engine.refuse("ArgumentError", "SRC501", "checkpointed takes what to go over, slots, and perhaps a folder",
                            "write srcad.checkpointed(range(n), slots=20)")  # fmt: skip
    slots = kwargs["slots"]
    if isinstance(slots, Static):
        try:
            check_slots(slots.value)
        except ArgumentError as error:
            raise engine.refuse("ArgumentError", error.code, error.message, error.advice) from None
    return Lazy("checkpointed", (args[0], slots, kwargs.get("folder", Static(None))))


def _container(cls: type) -> Form:
    def form(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
        if not args:
            return container(cls, ())
        value = streams.listed(engine, args[0]) or args[0]
        if value is not args[0] and cls is list:
            return value
        if isinstance(value, Dyn):
            match value.type:
                case Struct(other, _, _) if not is_dict(other) and not is_object(value):
                    return container(cls, holding.taken_apart(engine, value).items)
                case ListOf(item) | TupleOf(item):
                    return items.copied(engine, value, cls.__name__, ListOf(item) if cls is list else TupleOf(item))
                case Array(_, shape) if shape and value.varied:
                    return _collected(engine, value, cls)
            return None if value.varied else items.copied(engine, value, cls.__name__, ListOf(UNKNOWN) if cls is list else TupleOf(UNKNOWN))
        if isinstance(value, RangeVal) and not all(isinstance(p, Static) for p in (value.start, value.stop, value.step)):
            return items.copied(engine, engine.runtime(value, "a range"), cls.__name__, ListOf(INT) if cls is list else TupleOf(INT))
        if isinstance(value, Lazy) and loops.plan(engine, value).unrolled is None:
            return _collected(engine, value, cls)
        return container(cls, items.known_items(engine, value))

    return form


def _collected(engine: Engine, value: Value, cls: type) -> Value:
    """The items of an iterator, gathered by a loop."""
    whole = loops.collect(engine, value)
    if cls is list:
        return whole
    found = engine.runtime(whole, "the items")
    item = found.type.item if isinstance(found.type, ListOf) else UNKNOWN
    return items.copied(engine, found, "tuple", TupleOf(item))


def _is_followed_dict(engine: Engine, pairs: Value, *values: Value) -> bool:
    """Whether the dict of some pairs, some of whose values are given, is followed: differentiated, or of data that may be changed."""
    if is_varied(pairs):
        return True
    held = pairs.type.item if isinstance(pairs, Dyn) and isinstance(pairs.type, ListOf) else None
    if any(engine.memory.identity(v) is not None for v in values) or (isinstance(held, Struct) and can_change(held)):
        engine.numbering.asked = True
        return engine.numbering.keyed
    return False


def _dict(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return _of_pairs(engine, dict, args, kwargs)


def _ordered(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return _of_pairs(engine, collections.OrderedDict, args, kwargs)


def _of_pairs(engine: Engine, cls: type, args: list[Value], kwargs: Kwargs) -> Value | None:
    """`dict(...)` or `OrderedDict(...)`."""
    pairs: dict[object, Value] = {}
    if args:
        if streams.is_table(args[0]) and getattr(args[0], "cls", None) is TABLES[cls]:
            return engine.call(attributes.get(engine, args[0], "copy"), [], {})
        if streams.is_table(args[0]):
            return tables.of_pairs(engine, args[0], cls)
        source = streams.listed(engine, args[0]) or args[0]
        known = source.type if isinstance(source, Dyn) else source
        if isinstance(known, Seq | Struct) and is_dict(known.cls):
            pairs.update(items.mapping_items(engine, source))
        else:
            rows = streams.known(engine, source)
            if rows is None:
                return None if kwargs or not _is_followed_dict(engine, source) else tables.of_pairs(engine, source, cls)
            for pair in rows:
                k, v = items.known_items(engine, pair)
                if not isinstance(k, Static):
                    return None if kwargs or not _is_followed_dict(engine, source, v) else tables.of_pairs(engine, source, cls)
                pairs[k.value] = v
    pairs.update(kwargs)
    return container(cls, tuple(tabled.as_item(engine, v) for v in pairs.values()), tuple(pairs))


def _int(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    if len(args) == 1 and is_object(args[0]):
        return dunders.number(engine, args[0], "__int__", "__index__")
    if len(args) == 1 and isinstance(args[0], Static) and is_literal(args[0].value):
        return _converted(engine, int, args[0].value)
    return None


def _folded(function: Callable[..., Any]) -> Form:
    """A function of letters and numbers, where these are known."""

    def form(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
        if len(args) == 1 and isinstance(args[0], Static) and type(args[0].value) in (str, int) and not kwargs:
            return Static(function(args[0].value))
        return None

    return form


def _float(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    if len(args) == 1 and is_object(args[0]):
        return dunders.number(engine, args[0], "__float__", "__index__")
    if len(args) == 1 and isinstance(args[0], Static) and isinstance(args[0].value, str):
        return _converted(engine, float, args[0].value)
    return None


def _converted(engine: Engine, cls: Callable[[Any], object], value: object) -> Value:
    """A number made of a literal; where that cannot be done, the program raises at this point."""
    try:
        return Static(cls(value))
    except (TypeError, ValueError, OverflowError) as error:
        writes.raise_error(engine, error)


def _round(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return dunders.asked(engine, args[0], "__round__", [*args[1:], *kwargs.values()]) if args and is_object(args[0]) else None


def _bool(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    value = dunders.condition(engine, args[0]) if args else Static(value=False)
    return None if truth(value) is None and value is args[0] else asked(engine, value)


def _iterated(function: Callable[..., Any]) -> Form:
    """`sum`, `min`, `max` of an iterator: of the list of its items."""

    def form(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
        if function in (min, max) and args and ordered.is_chosen(args, kwargs):
            return ordered.extremum(engine, args, kwargs, larger=function is max)
        if args and (isinstance(args[0], Lazy | RangeVal | Seq) or is_object(args[0])) and len(args) <= 2:
            value = args[0]
            held = list(value.items) if isinstance(value, Seq) and value.cls in (list, tuple) else []
            if function is sum and any(map(is_object, held)):
                return _added(engine, held, [*args[1:], *kwargs.values()])
            parts = held if len(args) == 1 else args
            if function in (min, max) and not kwargs and len(parts) > 1 and any(map(is_object, parts)):
                return streams.written(engine, iterators.largest if function is max else iterators.smallest, parts)
            held_here = isinstance(value, Seq) and not is_object(value)
            listed = Seq(list, items.known_items(engine, value)) if held_here else _container(list)(engine, [value], {})
            if listed is not None and listed is not value and not (isinstance(value, Seq) and value.cls in (list, tuple)):
                return engine.call(Static(function, f"builtins:{function.__name__}"), [listed, *args[1:]], kwargs)
        return None

    return form


def _added(engine: Engine, parts: list[Value], start: list[Value]) -> Value:
    """`sum` of objects, which say themselves what `+` is."""
    total = start[0] if start else Static(0)
    for part in parts:
        total = engine.operation("add", [total, part])
    return total


def _sorted(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return ordered.in_order(engine, args, kwargs) or _iterated(sorted)(engine, args, kwargs)


def _any_all(stop: bool) -> Form:
    def form(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
        if streams.is_generator(args[0]) or isinstance(args[0], Lazy):
            return streams.written(engine, iterators.any_of if stop else iterators.all_of, args)
        if not isinstance(args[0], Seq):
            return None
        if any(map(is_object, args[0].items)):
            return streams.written(engine, iterators.any_of if stop else iterators.all_of, args)
        decided = [truth(i) for i in args[0].items]
        if stop in decided and None not in decided[: decided.index(stop)]:
            return Static(stop)
        return Static(not stop) if None not in decided and stop not in decided else None

    return form


def _partial(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return Partial(args[0], tuple(args[1:]), tuple(kwargs.items()))


def _slice(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    none = Static(None)
    if len(args) == 1:
        return SliceVal(none, args[0], none)
    return SliceVal(args[0], args[1], args[2] if len(args) > 2 else none)


def _super(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    """`super(cls, self)`, which is also what `super()` is lowered to."""
    if len(args) == 2 and isinstance(args[0], Static) and isinstance(args[0].value, type):
        return Super(args[0].value, args[1])
    return None


def _reduce(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    """`functools.reduce`."""
    given = streams.listed(engine, args[1]) or args[1]
    known = streams.known(engine, given)
    if known is None:
        source = engine.call(Static(list, "builtins:list"), [given], {})
        if len(args) > 2:
            return streams.written(engine, iterators.reduced, [args[0], source, args[2]])
        return streams.written(engine, iterators.reduced_to_one, [args[0], source])
    todo = [*args[2:], *known]
    if not todo:
        writes.raise_error(engine, TypeError("reduce() of empty iterable with no initial value"))
    value = todo[0]
    for item in todo[1:]:
        value = engine.call(args[0], [value, item], {})
    return value


def _at_least(function: Any) -> Form:
    """`np.atleast_1d` and its like: of several arrays the tuple of each."""

    def form(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
        name = f"numpy:{function.__name__}"
        return Seq(tuple, tuple(engine.call(Static(function, name), [a], kwargs) for a in args)) if len(args) > 1 else None

    return form


def _trimmed(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    """`np.trim_zeros` of a vector: the slice between its first and its last element that is not zero."""
    value, trim = args[0], args[1] if len(args) > 1 else kwargs.get("trim", Static("fb"))
    if not isinstance(value, Dyn) or not isinstance(value.type, Array) or value.type.ndim != 1 or set(kwargs) - {"trim"} or len(args) > 2:
        return None
    spelling = table.by_object(kept_range)
    assert spelling is not None
    first, stop = items.known_items(engine, operations.apply(engine, spelling.op, [value, trim], []))
    return items.get(engine, value, SliceVal(first, stop, Static(None)))


def stopped(engine: Engine, value: Value) -> Value:
    """The value as a constant."""
    if isinstance(value, Dyn) and value.varied:
        return Dyn(engine.builder.call(STOP, (value.atom,), value.type), value.type)
    if isinstance(value, Seq):
        return container(value.cls, tuple(stopped(engine, i) for i in value.items), value.keys)
    return with_children(value, tuple(stopped(engine, c) for c in children(value)))


def _logger(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return calls.opaque(engine, Static(logging.getLogger, "logging:getLogger"), args, kwargs, Opaque(logging.Logger))


def _generator(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    function = Static(np.random.default_rng, "numpy.random:default_rng")
    return calls.opaque(engine, function, args, kwargs, Opaque(np.random.Generator))


def _settings(function: Callable[..., Any]) -> Form:
    """`np.seterr(...)` and `np.geterr()`: the answer may be given back as `np.seterr(**old)`."""

    def run(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
        names = tuple(np.geterr())
        asked = Static(function, f"numpy:{function.__name__}")
        return calls.opaque(engine, asked, args, kwargs, Struct(dict, names, (Opaque(str),) * len(names)))

    return run


def _fromiter(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    """`np.fromiter(items, dtype)`."""
    if len(args) != 2 or set(kwargs) - {"count"} or not is_varied(args[0]):
        return None
    listed = engine.call(Static(list, "builtins:list"), [args[0]], {})
    return engine.call(Static(np.array, "numpy:array"), [listed, args[1]], {})


def _ndenumerate(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    """`np.ndenumerate(array)`."""
    if len(args) != 1 or kwargs or not is_varied(args[0]):
        return None
    array = engine.call(Static(np.asarray, "numpy:asarray"), args, {})
    rank = array.type.ndim if isinstance(array, Dyn) and isinstance(array.type, Array) else 0
    stream = {1: elements.places_and_items_of_one_axis, 2: elements.places_and_items_of_two_axes}.get(rank, elements.places_and_items)
    return streams.written(engine, stream, [array])


def _cast(engine: Engine, args: list[Value], kwargs: Kwargs) -> Value | None:
    return args[1]


FORMS: dict[Any, Form] = {
    isinstance: _isinstance, type: _type, hasattr: _hasattr, getattr: _getattr, callable: _callable, len: _len,
    range: _range, zip: _lazy("zip"), enumerate: _lazy("enumerate"), reversed: _lazy("reversed"), map: _lazy("map"),
    filter: _lazy("filter"), list: _container(list), tuple: _container(tuple), dict: _dict, collections.OrderedDict: _ordered,
    int: _int, float: _float, bool: _bool, round: _round, ord: _folded(ord), chr: _folded(chr),
    sum: _iterated(sum), min: _iterated(min), max: _iterated(max), sorted: _sorted,
    any: _any_all(stop=True), all: _any_all(stop=False), functools.partial: _partial, slice: _slice, typing.cast: _cast,
    np.vectorize: vectorize.constructed, vectorized: vectorize.called,
    np.frompyfunc: objects.constructed, from_function: objects.called, logging.getLogger: _logger, super: _super, functools.reduce: _reduce,
    np.trim_zeros: _trimmed, **{f: _at_least(f) for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d)}, vars: namespaces.attributes,
    np.random.default_rng: _generator, np.fromiter: _fromiter, np.ndenumerate: _ndenumerate, abs: _abs, np.sign: _sign,
    iter: asking.iterator, next: asking.next_item, iterators.polled: asking.poll, iterators.started: asking.started,
    cotangent_of: inserted.point, checkpointed: _checkpointed, itertools.count: _count,
    np.seterr: _settings(np.seterr), np.geterr: _settings(np.geterr), object.__getattribute__: _getattr,
    setattr: _setattr, object.__setattr__: classes.set_attribute_plainly,
    object.__init__: classes.do_nothing, **questions.FORMS, **managers.FORMS, **named.FORMS, **tables.FORMS, **decorators.FORMS,
    **combinatoric.FORMS, **ordered.FORMS, **local_classes.FORMS, **spelled.FORMS,
    dataclasses.astuple: classes.as_tuple, dataclasses.asdict: classes.as_dict,
    dataclasses.fields: classes.fields, dataclasses.replace: classes.replaced,
    copy.copy: copies.shallow, copy.deepcopy: copies.deep, np.array: copies.where_needed,
}  # fmt: skip
"""How a call of each of these is interpreted."""
