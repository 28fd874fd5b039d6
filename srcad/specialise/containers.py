"""Changes of lists, dicts, sets and objects: a new version under the same identity."""
from __future__ import annotations

import types
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from srcad.ir import core
from srcad.ir.core import LIST_APPEND, LIST_CONCAT, LIST_INSERT, LIST_POP, LIST_POP_AT, LIST_SET
from srcad.ir.nodes import Atom, Call, Effect, Op
from srcad.ir.types import UNKNOWN, Array, ListOf, Opaque, Struct, dtype_kind, is_dict, is_scalar, join, may_carry_derivative
from srcad.runtime.tables import TABLES
from srcad.specialise import (
    attributes, choices, dunders, flat, holding, items, kinds, list_parts, numbered, operations, optional, ruled, sets, streams, tabled,
    tables, told_apart, variables, views, writes,
)  # fmt: skip
from srcad.specialise.kinds import class_path, has_room, is_followed, is_frozen, is_ruled, own
from srcad.specialise.values import Dyn, Given, Lazy, Seq, SliceVal, Static, Value, container, hint_of, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_OPAQUE_SET = Op("opaque_set", "_0[_1] = _2", effects=core.SETITEM.effects, inplace=True)
_DICT_SET = replace(_OPAQUE_SET, effects=Effect.RAISES)  # of the function's own, so that nobody else sees it
_POP = replace(LIST_POP, effects=Effect.RAISES)  # a sweep pops what it has put there; the function may find nothing
_DICT_DELETE = Op("opaque_delete", "del _0[_1]", effects=Effect.RAISES, inplace=True)
_NONE = Static(None)


# ---- subscripts ------------------------------------------------------------------------------------------------------
def set_item(engine: Engine, now: Value, index: Value, value: Value) -> None:
    """`target[index] = value` where the target, as it is now, is no array."""
    if dunders.asked(engine, now, "__setitem__", [index, value]) is not None:
        return
    target, known = now, writes.exploded(engine, now)
    new: Value | None = None
    if known is not None:
        new = _with_item(engine, known, index, value)
        if new is None and known.cls is list:
            now = holding.widened(engine, known)
        elif new is None and is_dict(known.cls):
            _on_table(engine, target, known, "__setitem__", [index, value])
            return
    if new is None:
        new = _runtime_set(engine, now, index, value)
    writes.write(engine, target if known is None else _like(target, known), new)


def _on_table(engine: Engine, target: Value, known: Seq, name: str, args: list[Value], kwargs: dict[str, Value] | None = None) -> Value:
    """A method of a dict that has constant keys so far and gets computed ones from here on."""
    whole = _like(target, known)
    writes.write(engine, whole, tables.of_dict(engine, known))
    return engine.call(attributes.of_class(engine, writes.current(engine, whole), TABLES[known.cls], name), args, kwargs or {})


def _like(now: Value, known: Seq) -> Value:
    """The value under whose identity the container is known."""
    return known if known.cell is not None else now


def _with_item(engine: Engine, known: Seq, index: Value, value: Value) -> Seq | None:
    """A container of known structure with one item changed; None where the place is not known."""
    if is_dict(known.cls) and isinstance(index, Static):
        cell = isinstance(index.value, str)  # of a captured variable, or a record
        return _with_key(known, index.value, value if cell else tabled.as_item(engine, value))
    if known.cls is not list:
        return None
    if isinstance(index, Static) and type(index.value) is int and -len(known.items) <= index.value < len(known.items):
        at = index.value % len(known.items)
        return replace(known, items=(*known.items[:at], value, *known.items[at + 1 :]))
    if isinstance(index, SliceVal) and all(isinstance(p, Static) for p in (index.lower, index.upper, index.step)):
        found = list(known.items)
        parts = (p.value for p in (index.lower, index.upper, index.step) if isinstance(p, Static))
        found[slice(*parts)] = items.known_items(engine, value)  # type: ignore[arg-type]
        return replace(known, items=tuple(found))
    return None


def _with_key(known: Seq, key: object, value: Value) -> Seq:
    if Given(key) in known.keys and known.at(Given(key)) != Static(value=True):
        known = _with_key(known, Given(key), Static(value=True))
    if key in known.keys:
        at = known.keys.index(key)
        return replace(known, items=(*known.items[:at], value, *known.items[at + 1 :]))
    return replace(known, items=(*known.items, value), keys=(*known.keys, key))


def _runtime_set(engine: Engine, now: Value, index: Value, value: Value) -> Value:
    fixed = () if isinstance(now, Seq) and now.cls is tuple else kinds.number_like(now)
    if fixed is not None:
        try:
            fixed[0] = 0  # type: ignore[index]
        except TypeError as error:  # what Python says of this type
            writes.raise_error(engine, error)
    if isinstance(now, Dyn) and isinstance(now.type, ListOf) and isinstance(index, SliceVal):
        return list_parts.with_slice(engine, now, index, value)
    if isinstance(now, Dyn) and isinstance(now.type, ListOf):
        value = tabled.as_item(engine, value)
        whole = engine.runtime(value, "an item of the list")
        t = ListOf(join(now.type.item, whole.type))
        out = engine.builder.call(LIST_SET, (now.atom, operations.argument(engine, index, "a subscript"), whole.atom), t, hint=hint_of(now))
        new = Dyn(out, t, now.varied or whole.varied)
        item = value if isinstance(value, Seq) and value.cell is not None else whole  # which has got another identity
        engine.memory.put(now, new, holding.place_of(engine, index), item)
        engine.memory.hold(out, item)
        return new
    if isinstance(now, Dyn) and isinstance(now.type, Opaque) and not now.varied and not is_varied(value):
        args = [now.atom, operations.argument(engine, index, "a subscript"), operations.argument(engine, value, "a stored value")]
        op = _DICT_SET if now.type.cls is dict else _OPAQUE_SET
        return Dyn(engine.builder.call(op, args, now.type, hint=hint_of(now)), now.type)
    if isinstance(now, Dyn) and now.type == UNKNOWN:
        raise engine.unchangeable("SRC141", "what this write changes has a type that is only known at run time",
                                  "copy it into an array of known type first: `np.array(x, dtype=float)`")  # fmt: skip
    raise engine.unchangeable("SRC141", "this write changes an object that cannot be followed, as an array of records",
                              "build a new array of numbers, or a container instead")  # fmt: skip


def _held(engine: Engine, new: Dyn, old: Dyn, item: Value) -> Dyn:
    """A new version of a run-time list that took an item."""
    memory = engine.memory
    once = memory.takes_once(old.atom, new.atom, item)
    for holder in (memory.identity(old), memory.identity(new)):
        if holder is not None:
            memory.hold(holder, item, once=once)
    return new



def delete_item(engine: Engine, target: Value, index: Value) -> None:
    """`del target[index]`."""
    if choices.changed(engine, target, lambda one: delete_item(engine, one, index)):
        return
    if dunders.asked(engine, target, "__delitem__", [index]) is not None:
        return
    known = writes.exploded(engine, target)
    if known is not None and is_dict(known.cls) and isinstance(index, Static) and index.value in known.keys:
        at = known.keys.index(index.value)
        new = replace(known, items=known.items[:at] + known.items[at + 1 :], keys=known.keys[:at] + known.keys[at + 1 :])
        writes.write(engine, _like(target, known), new)
        return
    if known is not None and is_dict(known.cls):
        _on_table(engine, target, known, "__delitem__", [index])
        return
    if is_list(target) and not isinstance(index, SliceVal):
        _removed(engine, target, index, deleted=True)
        return
    if is_list(target) and isinstance(index, SliceVal):
        base = holding.widened(engine, known) if known is not None else engine.runtime(target, "the list")
        writes.write(engine, target, list_parts.without_slice(engine, base, index))
        return
    if isinstance(target, Dyn) and isinstance(target.type, Opaque) and target.type.cls is dict and not target.varied:
        args = (target.atom, operations.argument(engine, index, "a subscript"))
        writes.write(engine, target, Dyn(engine.builder.call(_DICT_DELETE, args, target.type, hint=hint_of(target)), target.type))
        return
    raise engine.refuse("UnsupportedSyntax", "SRC141", "this deletion cannot be followed", "build a new list or dict without the item")


# ---- attributes ------------------------------------------------------------------------------------------------------
_PLAIN = (np.ndarray, float, int, complex, bool, str, list, tuple, dict, type(None))  # classes whose objects take no other attributes


def set_attribute(engine: Engine, target: Value, name: str, value: Value) -> None:
    """`target.name = value`."""
    optional.raised_by_use(engine, target, lambda none: setattr(none, name, 0))
    if choices.changed(engine, target, lambda one: set_attribute(engine, one, name, value)):
        return
    if isinstance(target, Static) and isinstance(target.value, types.ModuleType):
        variables.write(engine, vars(target.value), name, value)
        return
    if writes.is_array(target) and name in ("real", "imag", "flat"):
        _set_part(engine, target, name, value)
        return
    if isinstance(target, Dyn) and isinstance(target.type, Array) and name == "shape":
        views.set_shape(engine, target, value)
        return
    kind = _class(target)
    if kind is not None and not hasattr(kind, name) and (kind in _PLAIN or issubclass(kind, np.generic)):
        raise attributes.missing(engine, kind, name)
    known = writes.exploded(engine, target)
    cls = kind if numbered.is_numbered(target) else None if known is None else known.cls
    followed = cls is not None and (is_followed(cls) or is_ruled(cls)) and not is_frozen(cls)
    if cls is None or issubclass(cls, tuple | list | dict | set) or not followed:
        raise engine.unchangeable("SRC149", f"the attribute '{name}' of this object is assigned, which cannot be followed",
                                  "use an object that is made in the function, or an argument")  # fmt: skip
    if known is not None and is_ruled(cls):
        value = ruled.without_itself(engine, value, known)
    raw = own(cls, name)
    if isinstance(raw, property):
        if raw.fset is None:
            raise engine.refuse("UnsupportedSyntax", "SRC173", f"the property '{name}' has no setter", "assign another attribute")
        path = class_path(cls, name)
        engine.call(Static(raw.fset, f"{path}.fset" if path else ""), [target, value], {})
        return
    if hasattr(type(raw), "__set__") and not isinstance(raw, types.MemberDescriptorType):
        raise engine.refuse("UnsupportedSyntax", "SRC149", f"'{name}' is assigned through a descriptor, which cannot be followed",
                            "use a property")  # fmt: skip
    if raw is None and not has_room(cls):
        raise engine.refuse("UnsupportedSyntax", "SRC172", f"a {cls.__name__} has no place for an attribute '{name}'",
                            "name it in `__slots__`")  # fmt: skip
    if known is not None:
        put_attribute(engine, target, known, name, value)
    elif numbered.is_numbered(target):
        numbered.put(engine, target, name, value)


def _class(value: Value) -> type | None:
    match value:
        case Dyn(_, t):
            return attributes.class_of(t)
        case Static(obj):
            return type(obj)
        case Seq(cls):
            return cls
    return None


def _set_part(engine: Engine, target: Value, name: str, value: Value) -> None:
    """`x.real = value`, `x.imag = value`, `x.flat = value` of an array."""
    part = attributes.get(engine, target, name)
    if isinstance(part, Lazy):
        flat.put_all(engine, part, value)
    else:
        writes.set_item(engine, part, Static(Ellipsis), value)


def put_attribute(engine: Engine, target: Value, known: Value, name: str, value: Value) -> None:
    """The attribute of an object of known structure, without regard to properties."""
    assert isinstance(known, Seq)
    if writes.is_own_part(engine, target, Static(name), value):
        return
    engine.numbering.note_link(known, value)
    holding.replaced(engine, target, Static(name))
    root = engine.memory.root(target) if isinstance(target, Dyn) else None
    if root is not None and root in engine.memory.roots(value):  # a part of itself, or of another object in the same list
        engine.memory.tangled.add(root)
    writes.write(engine, _like(target, known), _with_key(known, name, value))


# ---- augmented assignment --------------------------------------------------------------------------------------------
def augmented(engine: Engine, plain: str, target: Value, value: Value) -> Value | None:
    """`x op= value` for a container; None where it is not known to be one."""
    if plain == "add" and is_list(target):
        _extend(engine, target, [value], {})
        return writes.current(engine, target)
    if plain == "mul" and is_list(target) and _counts(value):
        writes.write(engine, target, engine.operation(plain, [target, value]))
        return writes.current(engine, target)
    if plain == "or_" and _is_dict(target):
        _update(engine, target, [value], {})
        return writes.current(engine, target)
    return None


def _counts(value: Value) -> bool:
    """Whether a value is a whole number."""
    if isinstance(value, Static):
        return type(value.value) in (int, bool)
    return isinstance(value, Dyn) and dtype_kind(value.type) in ("i", "u") and is_scalar(value.type)


def united(engine: Engine, name: str, args: list[Value]) -> Value | None:
    """`a | b` of dicts; None for others."""
    if name != "or_" or not all(map(_is_dict, args)):
        return None
    made = _copy(engine, args[0], [], {})
    if OrderedDict in map(kinds.structured, args):
        made = engine.call(Static(OrderedDict, "collections:OrderedDict"), [made], {})
    _update(engine, made, [args[1]], {})
    return writes.current(engine, made)


# ---- methods ---------------------------------------------------------------------------------------------------------
def is_list(value: Value) -> bool:
    """Whether a value is a list, of known structure or at run time."""
    if isinstance(value, Seq):
        return value.cls is list
    return isinstance(value, Dyn) and (isinstance(value.type, ListOf) or (isinstance(value.type, Struct) and value.type.cls is list))


def _is_dict(value: Value) -> bool:
    return (isinstance(value, Seq) and is_dict(value.cls)) or (
        isinstance(value, Dyn) and isinstance(value.type, Struct) and is_dict(value.type.cls)
    )


def call(engine: Engine, self: Value, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A method that changes a list, dict or set; None where it is not one of them."""
    table = _ON_LISTS if is_list(self) else _ON_DICTS if _is_dict(self) else {}
    method = table.get(name)
    return sets.method(engine, self, name, args) if method is None else method(engine, self, args, kwargs)


def appended(engine: Engine, value: Value, item: Value) -> Value:
    """The list with one more item."""
    known, item = writes.exploded(engine, value), tabled.as_item(engine, item)
    if known is not None:
        return replace(known, items=(*known.items, item))
    base = engine.runtime(value, "the list")
    holding.moved(engine, base, grows=True)
    whole = engine.runtime(item, "an item of the list")
    t = ListOf(join(base.type.item if isinstance(base.type, ListOf) else UNKNOWN, whole.type))
    out = engine.builder.call(LIST_APPEND, (base.atom, whole.atom), t, hint=hint_of(base))
    engine.memory.take_over(out, {i for i in (engine.memory.identity(base),) if i is not None})
    return _held(engine, Dyn(out, t, base.varied or whole.varied), base, item)


def _append(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    writes.write(engine, self, appended(engine, self, args[0]))
    return _NONE


def _extend(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known, more = writes.exploded(engine, self), args[0]
    if isinstance(more, Seq) or known is not None:
        found = _known_or_none(engine, more)
        if found is not None:
            new: Value = self
            for item in found:
                new = appended(engine, new, item)
                if isinstance(new, Dyn):
                    writes.write(engine, self, new)
            if not isinstance(new, Dyn):
                writes.write(engine, self, new)
            return _NONE
    base = holding.widened(engine, known) if known is not None else engine.runtime(self, "the list")
    holding.moved(engine, base, grows=True)
    other = engine.runtime(engine.call(Static(list, "builtins:list"), [more], {}), "the items")
    t = join(base.type, other.type)
    out = Dyn(engine.builder.call(LIST_CONCAT, (base.atom, other.atom), t, hint=hint_of(base)), t, base.varied or other.varied)
    holding.copied(engine, out, [base, other])
    holding.copied(engine, base, [other])
    writes.write(engine, self, out)
    return _NONE


def _known_or_none(engine: Engine, value: Value) -> tuple[Value, ...] | None:
    if isinstance(value, Seq):
        return items.known_items(engine, value)
    return tuple(map(Static, value.value)) if isinstance(value, Static) and isinstance(value.value, tuple | str) else None


def _pop(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    at = args[0] if args else Static(-1)
    return _removed(engine, self, at)


def _removed(engine: Engine, self: Value, at: Value, *, deleted: bool = False) -> Value:
    """Take out the item at a place, and give it."""
    known = writes.exploded(engine, self)
    if known is not None and isinstance(at, Static) and type(at.value) is int and -len(known.items) <= at.value < len(known.items):
        n = at.value % len(known.items)
        writes.write(engine, self, replace(known, items=known.items[:n] + known.items[n + 1 :]))
        return known.items[n]
    base = holding.widened(engine, known) if known is not None else engine.runtime(self, "the list")
    place = () if at == Static(-1) and not deleted else (list_parts.to_leave(engine, base, at, deleted=deleted),)
    return _taken(engine, self, base, *place)


def _taken(engine: Engine, self: Value, base: Dyn, *place: Atom) -> Dyn:
    """The item at a place that is counted from the front, or the last one, which the list loses."""
    assert isinstance(base.type, ListOf)
    holding.moved(engine, base)
    t, item = base.type, base.type.item
    rest, last = engine.unit.names.var(hint_of(base), t), engine.unit.names.var("", item)
    engine.builder.add(Call((rest, last), LIST_POP_AT if place else _POP, (base.atom, *place), (), engine.builder.loc))
    found = Dyn(last, item, base.varied and may_carry_derivative(item))
    holding.taken_out(engine, base, found)
    writes.write(engine, self, Dyn(rest, t, base.varied))
    return found


def _remove(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = writes.exploded(engine, self)
    if known is not None and isinstance(args[0], Static):
        values = [i.value for i in known.items if isinstance(i, Static)]
        if len(values) == len(known.items) and args[0].value in values:
            at = values.index(args[0].value)
            writes.write(engine, self, replace(known, items=known.items[:at] + known.items[at + 1 :]))
            return _NONE
    if known is not None and any(map(told_apart.holds_objects, (known, *args))):
        _removed(engine, self, told_apart.place(engine, known, args[0], "list.remove(x): x not in list"))
        return _NONE
    told_apart.check(engine, [self, *args])
    base = holding.widened(engine, known) if known is not None else engine.runtime(self, "the list")
    _taken(engine, self, base, list_parts.of_value(engine, base, args[0]).atom)
    return _NONE


def _insert(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known, (at, item) = writes.exploded(engine, self), args
    if known is not None and isinstance(at, Static):
        found = list(known.items)
        found.insert(at.value, item)  # type: ignore[arg-type]
        writes.write(engine, self, replace(known, items=tuple(found)))
        return _NONE
    base = holding.widened(engine, known) if known is not None else engine.runtime(self, "the list")
    assert isinstance(base.type, ListOf)
    holding.moved(engine, base)
    whole, place = engine.runtime(item, "an item of the list"), list_parts.to_enter(engine, base, at)
    t = ListOf(join(base.type.item, whole.type))
    out = engine.builder.call(LIST_INSERT, (base.atom, place, whole.atom), t, hint=hint_of(base))
    engine.memory.take_over(out, {i for i in (engine.memory.identity(base),) if i is not None})
    writes.write(engine, self, _held(engine, Dyn(out, t, base.varied or whole.varied), base, item))
    return _NONE


def _clear(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    holding.moved(engine, self)
    writes.write(engine, self, container(kinds.structured(self) or list, ()))
    return _NONE


def _reverse(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    holding.moved(engine, self)
    writes.write(engine, self, items.get(engine, self, SliceVal(_NONE, _NONE, Static(-1))))
    return _NONE


def _sort(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    holding.moved(engine, self)
    writes.write(engine, self, engine.call(Static(sorted, "builtins:sorted"), [self, *args], kwargs))
    return _NONE


def _copy(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = writes.exploded(engine, self)
    if known is not None:
        return container(known.cls, known.items, known.keys)
    return engine.call(Static(list, "builtins:list"), [self], {})


def _update(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = writes.exploded(engine, self)
    assert known is not None
    if any(_is_computed(engine, a) for a in args):
        return _on_table(engine, self, known, "update", args, kwargs)
    pairs = [p for a in args for p in _pairs(engine, a)]
    for key, value in (*pairs, *kwargs.items()):
        known = _with_key(known, key, tabled.as_item(engine, value))
    writes.write(engine, self, known)
    return _NONE


def _is_computed(engine: Engine, source: Value) -> bool:
    """Whether a dict, or pairs, have keys that are only known at run time."""
    if isinstance(source, Seq) and source.cls in (list, tuple):
        return not all(isinstance(row, Seq) and row.items and isinstance(row.items[0], Static) for row in source.items)
    return streams.is_table(source) or (isinstance(source, Dyn) and (isinstance(source.type, ListOf) or source.type == Opaque(dict)))


def _pairs(engine: Engine, source: Value) -> list[tuple[object, Value]]:
    if isinstance(source, Seq) and not is_dict(source.cls):
        rows = [items.known_items(engine, row) for row in source.items]
        if all(len(r) == 2 and isinstance(r[0], Static) for r in rows):
            return [(r[0].value, r[1]) for r in rows if isinstance(r[0], Static)]
    return items.mapping_items(engine, source)


def _setdefault(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = writes.exploded(engine, self)
    assert known is not None
    if not isinstance(args[0], Static):
        return _on_table(engine, self, known, "setdefault", args)
    if args[0].value in known.keys:
        return known.at(args[0].value)
    value = tabled.as_item(engine, args[1]) if len(args) > 1 else _NONE
    writes.write(engine, self, _with_key(known, args[0].value, value))
    return value


def _pop_key(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    known = writes.exploded(engine, self)
    assert known is not None
    if not isinstance(args[0], Static):
        return _on_table(engine, self, known, "pop", args)
    if args[0].value not in known.keys and len(args) > 1:
        return args[1]
    return _value_taken(engine, self, known, args[0].value)


def _value_taken(engine: Engine, self: Value, known: Seq, key: object) -> Value:
    """The value under a key, which leaves the dict."""
    if key not in known.keys:
        writes.raise_error(engine, KeyError(key))
    value = known.at(key)
    delete_item(engine, self, Static(key))
    return value


def _pop_item(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    known = writes.exploded(engine, self)
    assert known is not None
    last = (*args, *kwargs.values(), Static(value=True))[0]
    if not isinstance(last, Static) or (known.cls is dict and (args or kwargs)):
        return None
    if not known.keys:
        writes.raise_error(engine, KeyError("popitem(): dictionary is empty" if known.cls is dict else "dictionary is empty"))
    key = known.keys[-1 if last.value else 0]
    return Seq(tuple, (Static(key), _value_taken(engine, self, known, key)))


def _move_to_end(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    known = writes.exploded(engine, self)
    assert known is not None
    key, last = (*args, *kwargs.values(), Static(value=True))[:2]
    if known.cls is dict or not isinstance(last, Static):
        return None
    if not isinstance(key, Static):
        return _on_table(engine, self, known, "move_to_end", [key, last])
    value = _value_taken(engine, self, known, key.value)
    rest = [(k, v) for k, v in zip(known.keys, known.items, strict=True) if k != key.value]
    pairs = [*rest, (key.value, value)] if last.value else [(key.value, value), *rest]
    writes.write(engine, self, replace(known, keys=tuple(k for k, _ in pairs), items=tuple(v for _, v in pairs)))
    return _NONE


def _get(engine: Engine, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    known = writes.exploded(engine, self)
    assert known is not None
    return None if isinstance(args[0], Static) else _on_table(engine, self, known, "get", args)


Method = Callable[["Engine", Value, list[Value], dict[str, Value]], Value | None]
_ON_LISTS: dict[str, Method] = {
    "append": _append, "extend": _extend, "pop": _pop, "insert": _insert, "clear": _clear, "reverse": _reverse, "sort": _sort,
    "copy": _copy, "remove": _remove,
}  # fmt: skip
_ON_DICTS: dict[str, Method] = {
    "update": _update, "setdefault": _setdefault, "get": _get, "pop": _pop_key, "popitem": _pop_item, "clear": _clear, "copy": _copy,
    "move_to_end": _move_to_end,
}  # fmt: skip


def equal(a: Seq, b: Seq) -> bool | None:
    """Whether tuples or lists of numbers are equal, where that is known when compiling."""
    items = (*a.items, *b.items)
    numbers = all(isinstance(i, Static) or (isinstance(i, Dyn) and is_scalar(i.type)) for i in items)
    if not {a.cls, b.cls} <= {tuple, list} or not numbers:
        return None
    if a.cls is not b.cls or len(a.items) != len(b.items):
        return False
    values = [i.value for i in items if isinstance(i, Static)]
    plain = len(values) == len(items) and all(v is None or type(v) in (bool, int, str) for v in values)
    return values[: len(a.items)] == values[len(a.items) :] if plain else None
