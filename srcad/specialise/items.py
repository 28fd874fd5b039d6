"""Displays, subscripts and unpacking on abstract values."""
from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir import lengths
from srcad.ir.core import CALL, GETITEM, PACK, UNPACK
from srcad.ir.nodes import Call, Const, Pack, Ref, Star, Var
from srcad.ir.types import (
    BOOL, BOTTOM, KINDS, STR, UNKNOWN, Array, Dim, ListOf, NpScalar, Opaque, Struct, TupleOf, Type, is_dict, is_scalar, join,
    may_carry_derivative,
)  # fmt: skip
from srcad.ops import table
from srcad.runtime import iterators
from srcad.runtime.tables import Table
from srcad.specialise import (
    attributes, choices, dunders, flat, holding, kinds, namespaces, operations, optional, outside, sets, streams, tabled, tables, writes,
)  # fmt: skip
from srcad.specialise.frames import Env
from srcad.specialise.kinds import class_path
from srcad.specialise.memory import can_change
from srcad.specialise.values import Dyn, Lazy, RangeVal, Seq, SliceVal, Static, Value, container, is_varied

if TYPE_CHECKING:
    from srcad.errors import SrcadError
    from srcad.specialise.engine import Engine

_FEW = 8  # as many items of an array of known length are taken apart
_CLASSES = {**KINDS, "set": set}


# ---- displays --------------------------------------------------------------------------------------------------------
def display(engine: Engine, pack: Pack, env: Env) -> Value:
    """The value of a tuple, list, set or dict display."""
    if pack.kind == "dict":
        return _dict(engine, pack, env)
    if pack.kind == "set" or not any(isinstance(i, Star) for i in pack.items):
        given = [starred(engine, i, env) if isinstance(i, Star) else [engine.value(i, env)] for i in pack.items]
        whole = container(_CLASSES[pack.kind], tuple(v for part in given for v in part))
        return sets.display(engine, whole) if pack.kind == "set" else whole
    return _with_stars(engine, pack, env)


def _with_stars(engine: Engine, pack: Pack, env: Env) -> Value:
    """A list or tuple display with stars; what has a length that is not known is put in as a list."""
    cls = _CLASSES[pack.kind]
    whole: list[Value] = []  # lists to be joined
    items: list[Value] = []
    for item in pack.items:
        if not isinstance(item, Star):
            items.append(engine.value(item, env))
            continue
        value = engine.value(item.value, env)
        fresh = streams.listed(engine, value)
        known = streams.known(engine, fresh or value)
        if known is not None:
            items.extend(known)
            continue
        whole.extend([container(list, tuple(items))] if items else [])
        whole.append(fresh or engine.call(Static(list, "builtins:list"), [value], {}))
        items = []
    if not whole:
        return container(cls, tuple(items))
    whole.extend([container(list, tuple(items))] if items else [])
    found = functools.reduce(lambda a, b: engine.operation("add", [a, b]), whole)
    return found if cls is list else engine.call(Static(tuple, "builtins:tuple"), [found], {})


def starred(engine: Engine, star: Star, env: Env) -> list[Value]:
    """The items of `*value` where their number is known."""
    return list(known_items(engine, engine.value(star.value, env)))


def opened(engine: Engine, value: Value, *, always: bool = False) -> Value:
    """A list, tuple or dict from outside that holds functions (or `always`), as the display of its items; another value as it is."""
    found = outside.places(engine, value, always=always) if isinstance(value, Dyn) else None
    if found is None:
        return value
    cls, places = found
    return Seq(cls, tuple(get(engine, value, Static(k)) for k in places), places if is_dict(cls) else ())


def opened_together(engine: Engine, parts: tuple[Value, ...]) -> tuple[Value, ...]:
    """What a zip goes over: if one of it holds functions, each that comes from outside is opened."""
    found = tuple(opened(engine, p) for p in parts)
    return found if found == parts else tuple(opened(engine, p, always=True) for p in found)


def known_items(engine: Engine, value: Value) -> tuple[Value, ...]:
    """The items of an iterable whose number is known; refused otherwise."""
    value = opened(engine, value)
    optional.raised_by_use(engine, value, iter)
    if isinstance(value, Dyn) and isinstance(value.type, Struct):
        value = holding.taken_apart(engine, value)
    value = streams.listed(engine, value) or dunders.iterated(engine, value)
    match value:
        case Seq(cls, items, keys):
            return tuple(map(Static, keys)) if is_dict(cls) else items
        case Static(obj) if isinstance(obj, str | tuple):
            return tuple(Static(v) for v in obj)
        case RangeVal(Static(a), Static(b), Static(c)):
            return tuple(Static(v) for v in range(a, b, c))  # type: ignore[call-overload]
        case Dyn(_, Array(_, (first, *_))) if first.length is not None and first.length <= _FEW:
            return tuple(get(engine, value, Static(n)) for n in range(first.length))
        case Lazy():
            found = engine.iteration(value).unrolled
            if found is not None:
                return found
        case _:
            pass
    raise uncounted(engine)


def uncounted(engine: Engine) -> SrcadError:
    """What to raise where the number of items behind a `*` matters and is not known."""
    return engine.refuse("UnsupportedSyntax", "SRC150", "the number of items behind a `*` is not known when compiling",
                         "pass a tuple or a list display")  # fmt: skip


def _dict(engine: Engine, pack: Pack, env: Env) -> Value:
    keys: list[object] = []
    values: list[Value] = []

    def put(key: object, value: Value) -> None:
        if key in keys:
            values[keys.index(key)] = value
        else:
            keys.append(key)
            values.append(value)

    for key, item in zip(pack.keys, pack.items, strict=True):
        if isinstance(item, Star) or isinstance(key, Star):
            whole = engine.value(item.value if isinstance(item, Star) else item, env)
            if (isinstance(whole, Seq) and issubclass(whole.cls, Table)) or (isinstance(whole, Dyn) and whole.type == Opaque(dict)):
                return _merged_dict(engine, pack, env)
            for k, v in mapping_items(engine, whole):
                put(k, v)
            continue
        name = engine.value(key, env)
        if not isinstance(name, Static):
            return _dynamic_dict(engine, pack, env)
        put(name.value, engine.value(item, env))
    return container(dict, tuple(tabled.as_item(engine, v) for v in values), tuple(keys))


def _merged_dict(engine: Engine, pack: Pack, env: Env) -> Value:
    """A display with `**` of a dict whose keys are computed."""
    made = engine.call(Static(Table, class_path(Table)), [], {})
    for key, item in zip(pack.keys, pack.items, strict=True):
        if isinstance(item, Star) or isinstance(key, Star):
            given = engine.value(item.value if isinstance(item, Star) else item, env)
        else:
            given = container(list, (Seq(tuple, (engine.value(key, env), engine.value(item, env))),))
        engine.call(attributes.get(engine, engine.current(made), "update"), [given], {})
    return made


def mapping_items(engine: Engine, value: Value) -> list[tuple[object, Value]]:
    """Keys and values of a dict of known structure; refused otherwise."""
    if isinstance(value, Dyn) and isinstance(value.type, Struct) and is_dict(value.type.cls):
        value = holding.taken_apart(engine, value)
    if isinstance(value, Seq) and is_dict(value.cls):
        return list(zip(value.keys, value.items, strict=True))
    raise engine.refuse("UnsupportedSyntax", "SRC151", "the keys behind `**` are not known when compiling", "pass the keywords one by one")


def _dynamic_dict(engine: Engine, pack: Pack, env: Env) -> Value:
    """A dict whose keys are computed: it may hold inactive values only."""
    keys = [engine.value(k, env) for k in pack.keys]
    values = [engine.value(v, env) for v in pack.items]
    if any(map(is_varied, values)):
        return tables.of_pairs(engine, container(list, tuple(Seq(tuple, pair) for pair in zip(keys, values, strict=True))), dict)
    args, named = ([operations.argument(engine, v, "a dict") for v in part] for part in (values, keys))
    return operations.emit_trees(engine, PACK, [Pack("dict", tuple(args), tuple(named))], Opaque(dict))


# ---- subscripts ------------------------------------------------------------------------------------------------------
def get(engine: Engine, value: Value, index: Value) -> Value:
    """`value[index]`."""
    optional.raised_by_use(engine, value, lambda none: none[0])
    chosen = choices.split(engine, [value], lambda one: get(engine, one[0], index))
    if chosen is not None:
        return chosen
    by_method = dunders.asked(engine, value, "__getitem__", [index])
    if by_method is not None:
        return by_method
    if isinstance(value, Static) and isinstance(index, Static):
        return _static_item(engine, value, index)
    if isinstance(value, Static) and isinstance(value.value, str | tuple) and isinstance(index, SliceVal):
        bounds: list[Any] = [p.value for p in (index.lower, index.upper, index.step) if isinstance(p, Static)]
        if len(bounds) == 3:
            return Static(value.value[slice(*bounds)])
    if is_varied(index) and not isinstance(value, Dyn | Seq):
        return _joined(engine, value, index)
    if isinstance(value, Seq):
        if isinstance(index, Dyn) and _holds_data(engine, value):
            engine.numbering.asked = True
            if engine.numbering.keyed:
                return _from_table(engine, value, index)
        found = _known_item(engine, value, index)
        if found is not None:
            return found
        if is_dict(value.cls) and is_varied(value):
            return get(engine, tables.of_dict(engine, value), index)
        return get(engine, _as_runtime(engine, value), index)
    if isinstance(value, Lazy) and value.kind == "flat":
        return flat.get(engine, value, index)
    value = namespaces.plain(engine, value)
    number = kinds.number_like(value)
    if isinstance(number, bool | int | float | complex) and not isinstance(number, np.generic):
        try:
            number[0]  # type: ignore[index]
        except TypeError as error:  # what Python says of this type
            writes.raise_error(engine, error)
    base = engine.runtime(value, "the object that is indexed")
    if isinstance(index, Dyn) and index.type == STR:  # the name of a function in a table from outside
        table = opened(engine, base)
        chosen = choices.looked_up(engine, table, index) if isinstance(table, Seq) else None
        if chosen is not None:
            return chosen
    return _runtime_item(engine, base, index)


def _joined(engine: Engine, value: Value, index: Value) -> Value:
    """`np.r_[...]` and `np.c_[...]`, which join what stands in the brackets; other objects take no derivative from there."""
    op = {id(np.r_): "np.r_", id(np.c_): "np.c_"}.get(id(value.value)) if isinstance(value, Static) else None
    spelling = None if op is None else table.spelling(op)
    if isinstance(index, Dyn) and isinstance(index.type, Struct) and issubclass(index.type.cls, tuple):
        index = holding.taken_apart(engine, index)
    if spelling is not None and isinstance(index, Dyn) and isinstance(index.type, TupleOf):
        return operations.apply(engine, spelling.op, [index], [])
    if isinstance(index, Dyn) and index.type == UNKNOWN:
        raise engine.refuse("NoRule", "SRC201", "what stands in the brackets of this object may be one part or a tuple of parts",
                            "give it one type on all paths")  # fmt: skip
    parts = index.items if isinstance(index, Seq) and issubclass(index.cls, tuple) else (index,)
    if spelling is None or any(isinstance(p, Static) and isinstance(p.value, str) for p in parts):
        raise engine.refuse("NoRule", "SRC201", "a differentiated value in the brackets of this object has no rule",
                            "np.r_[...], np.c_[...] without directives, and functions that join arrays have one")  # fmt: skip
    return operations.apply(engine, spelling.op, [Seq(tuple, tuple(_range(engine, value, p) for p in parts))], [])


def _range(engine: Engine, joiner: Value, part: Value) -> Value:
    """What a slice in such brackets stands for: an array of numbers."""
    if not isinstance(part, SliceVal):
        return part
    if is_varied(part.lower) or is_varied(part.upper) or is_varied(part.step):
        raise engine.refuse("NoRule", "SRC201", "a range with a differentiated bound has no rule", "use np.linspace")
    base = engine.runtime(joiner, "the object that is indexed")
    bounds = (part.lower, part.upper, part.step)
    known = [p.value if isinstance(p, Static) else 1 for p in bounds]
    return _read(engine, base, part, Array(np.r_[slice(*known)].dtype.name, (Dim("?"),)), copies=False)


def _static_item(engine: Engine, value: Static, index: Static) -> Value:
    try:
        return Static(value.value[index.value])  # type: ignore[index]
    except Exception:  # noqa: BLE001 -- the primal raises it, at run time
        base = engine.runtime(value, "the object that is indexed")
        return _runtime_item(engine, base, index)


def _as_runtime(engine: Engine, value: Seq) -> Dyn:
    """A display read at a computed place: it must exist as one object with items of one type."""
    if value.cls not in (tuple, list):
        return engine.runtime(value, "the object that is indexed")
    whole = engine.sequence(value)
    if value.cell is not None and isinstance(whole.atom, Var):
        engine.memory.gathered[whole.atom] = value
    return whole


def _holds_data(engine: Engine, value: Seq) -> bool:
    """Whether a dict holds arrays, lists or dicts of data throughout, which may be changed where they are read at a computed key."""
    held = [engine.memory.identity(i) is not None and (not isinstance(i, Seq) or i.cls is list or is_dict(i.cls)) for i in value.items]
    return is_dict(value.cls) and value.cell is not None and all(held) and bool(held)


def _from_table(engine: Engine, value: Seq, key: Dyn) -> Value:
    """An item of a dict at a computed key: it is a dict with computed keys from here on, so that a change of the item shows there."""
    writes.write(engine, value, tables.of_dict(engine, value, whole=True))
    return get(engine, engine.now(value), key)


def _known_item(engine: Engine, value: Seq, index: Value) -> Value | None:
    if is_dict(value.cls):
        if isinstance(index, Static) and index.value in value.keys:
            return value.at(index.value)
        return choices.looked_up(engine, value, index) if isinstance(index, Dyn) else None
    if isinstance(index, Static) and type(index.value) is int and -len(value.items) <= index.value < len(value.items):
        return value.items[index.value]
    if isinstance(index, SliceVal):
        bounds = [p.value for p in (index.lower, index.upper, index.step) if isinstance(p, Static)]
        if len(bounds) == 3:
            chosen = value.items[slice(*bounds)]  # type: ignore[arg-type]
            return container(list if value.cls is list else tuple, chosen)
    return choices.by_number(engine, value, index) if isinstance(index, Dyn) else None


def _runtime_item(engine: Engine, base: Dyn, index: Value) -> Value:
    code = outside.item(engine, base, index)
    if code is not None:
        return code
    t = base.type
    match t:
        case Array() | NpScalar():
            return operations.apply(engine, GETITEM, list(writes.read_through(engine, base, index)), [])
        case Struct(cls, keys, types) if is_dict(cls) and isinstance(index, Static) and index.value in keys:
            item = types[keys.index(index.value)]
            return _read(engine, base, index, item)
        case Struct(cls, _, types) if not is_dict(cls):
            if isinstance(index, Static) and type(index.value) is int and -len(types) <= index.value < len(types):
                return _read(engine, base, index, types[index.value])
            if isinstance(index, SliceVal):
                return get(engine, holding.taken_apart(engine, base), index)
            return _runtime_item(engine, engine.sequence(holding.taken_apart(engine, base)), index)
        case ListOf(item) | TupleOf(item):
            return _read(engine, base, index, t if isinstance(index, SliceVal) else item)
        case _ if base.varied:
            return operations.apply(engine, GETITEM, [base, index], [])
        case _ if is_varied(index):
            raise engine.refuse("NoRule", "SRC201", "a differentiated value is the key of an object that is not followed", "use a function")
        case Struct(cls, _, (_, *_) as types) if is_dict(cls) and _is_plain(found := _common(types)):
            return _read(engine, base, index, found)
        case _:
            return _read(engine, base, index, outside.typed(engine, outside.part_at(engine, base, index)))


def _common(types: tuple[Type, ...]) -> Type:
    """The type of any of a few values; UNKNOWN for truth values among others, which are told apart from numbers."""
    if BOOL in types and set(types) != {BOOL}:
        return UNKNOWN
    if len(set(types)) > 1 and all(isinstance(t, Struct) and t.cls is tuple and BOOL not in t.items for t in types):
        types = tuple(TupleOf(functools.reduce(join, (BOTTOM, *t.items))) for t in types if isinstance(t, Struct))
    return functools.reduce(join, types)


def _is_plain(t: Type) -> bool:
    """Whether values of a type are numbers or texts, or lists of these."""
    return _is_plain(t.item) if isinstance(t, ListOf | TupleOf) else is_scalar(t) or t == STR


def _read(engine: Engine, base: Dyn, index: Value, item: Type, *, copies: bool = True) -> Dyn:
    out = engine.builder.call(GETITEM, (base.atom, operations.argument(engine, index, "a subscript")), item)
    found = Dyn(out, item, base.varied and may_carry_derivative(item))
    if isinstance(index, SliceVal):
        return holding.copied(engine, found, [base]) if copies else found
    writes.note_part(engine, found, base, GETITEM, index)
    return outside.note(engine, found, outside.part_at(engine, base, index) if can_change(item) else None)


# ---- unpacking -------------------------------------------------------------------------------------------------------
def unpack(engine: Engine, value: Value, count: int, star: int | None, hints: list[str]) -> list[Value]:
    """The values of `count` targets, of which number `star` takes the rest."""
    optional.raised_by_use(engine, value, iter)
    value = choices.gone_over(engine, value)
    if isinstance(value, Lazy) and star is None:
        value = _columns(engine, value, count)
    if isinstance(value, Lazy) and value.kind == "flat":
        value = flat.elements(engine, value)
    value = streams.listed(engine, value, None if star is not None else count + 1) or opened(engine, value)
    if isinstance(value, Lazy) and value.kind != "columns" and engine.iteration(value).unrolled is None:
        value = engine.call(Static(list, "builtins:list"), [value], {})
    if isinstance(value, Dyn) and not (isinstance(value.type, Struct) and star is not None):
        return _unpack_runtime(engine, value, count, star, hints)
    items = list(known_items(engine, value))
    if star is not None and len(items) >= count - 1:
        behind = count - 1 - star
        stop = len(items) - behind
        return [*items[:star], container(list, tuple(items[star:stop])), *items[stop:]]
    if star is not None or len(items) != count:
        raise engine.refuse(
            "UnsupportedSyntax", "SRC154", f"{len(items)} items cannot be unpacked into {count} names",
            "unpack as many names as there are items",
        )
    return items


def _columns(engine: Engine, value: Lazy, count: int) -> Value:
    """`zip(*rows)` as so many columns, also under `map`, where the number of rows is not known; other iterators as they are."""
    match value:
        case Lazy("columns", (rows,)):
            streams.written(engine, iterators.check_width, [rows, Static(count)])
            return Seq(tuple, tuple(streams.written(engine, iterators.column, [rows, Static(k)]) for k in range(count)))
        case Lazy("map", (function, Lazy() as inner)):
            whole = _columns(engine, inner, count)
            return value if whole is inner else Seq(tuple, tuple(engine.call(function, [c], {}) for c in known_items(engine, whole)))
    return value


def is_long(value: Value) -> bool:
    """Whether a value is a list or tuple of a length that is not known, or an array of rows."""
    return isinstance(value, Dyn) and (isinstance(value.type, ListOf | TupleOf) or (isinstance(value.type, Array) and value.type.ndim > 1))


def _unpack_runtime(engine: Engine, value: Dyn, count: int, star: int | None, hints: list[str]) -> list[Value]:
    types = _item_types(engine, value, count, star)
    outs = tuple(engine.unit.names.var(h, t) for h, t in zip(hints, types, strict=True))
    params = () if star is None else (("star", Const(star)),)
    engine.builder.add(Call(outs, UNPACK, (value.atom,), params, engine.builder.loc))
    if isinstance(value.atom, Var) and star is None:
        lengths.unpacked(engine.unit.names.lengths, value.atom, outs)
    found: list[Value] = [Dyn(o, o.type, value.varied and may_carry_derivative(o.type)) for o in outs]
    holding.unpacked(engine, value, found, star)
    return found


def _item_types(engine: Engine, value: Dyn, count: int, star: int | None) -> list[Type]:
    item: Type
    match value.type:
        case Struct(cls, _, types) if not is_dict(cls) and len(types) == count and star is None:
            return list(types)
        case ListOf(item) | TupleOf(item):
            pass
        case Array(dtype, shape) if shape:
            item = Array(dtype, shape[1:]) if len(shape) > 1 else NpScalar(dtype)
        case _ if value.varied:
            raise engine.refuse("UnsupportedSyntax", "SRC156", "the items of this differentiated object are not known", "index it")
        case _:
            item = UNKNOWN
    repeated = [item] * count
    if star is not None:
        repeated[star] = ListOf(item)
    return repeated


def copied(engine: Engine, value: Dyn, function: str, t: Type) -> Dyn:
    """`list(value)` or `tuple(value)` of a run-time value."""
    obj = list if function == "list" else tuple
    out = engine.builder.call(CALL, (Ref(f"builtins:{function}", obj), value.atom), t)
    return holding.copied(engine, Dyn(out, t, value.varied), [value])
