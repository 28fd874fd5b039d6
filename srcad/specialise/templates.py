"""Templates: the structure of a value with its run-time leaves taken out.

Values that meet behind a branch or go round a loop are flattened to leaves, which become outs and carried values of the
typed IR; the template says how to put them together again.  A template is a value whose `Dyn` leaves hold no atom.
"""
from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from srcad.ir.build import Builder
from srcad.ir.core import BUILD, CALL, GETATTR, GETITEM, NEW_OBJECT, PACK
from srcad.ir.nodes import UNDEF, Atom, Block, Const, If, Ref
from srcad.ir.types import CONTAINERS, BOOL, BOTTOM, NONE, ListOf, Numbered, Opaque, Struct, TupleOf, Type, UNKNOWN, is_dict, join
from srcad.runtime.tables import TABLES, Table
from srcad.specialise.kinds import MADE, class_path, is_followed, is_object, own
from srcad.specialise.values import (
    MISSING, NONE_VALUE, NOTHING, Bound, Choice, Closure, Dyn, Given, Inside, Lazy, Manager, Maybe, Method, Missing, Partial, Poison,
    RangeVal, Seq, SliceVal, Static, Super, Value, is_literal, is_varied, to_arg, type_of_constant,
)  # fmt: skip
from srcad.trees import is_written


TABLE = ("places", "slots")  # the attributes of a `Table`


def children(value: Value) -> tuple[Value, ...]:
    """The values inside a value."""
    match value:
        case Dyn() | Static() | Missing() | Poison() | Inside():
            return ()
        case Seq(_, items):
            return items
        case Closure(_, captures, defaults, kwdefaults):
            return (*captures, *defaults, *kwdefaults.values())
        case Bound(function, self):
            return (function, self)
        case Method(self):
            return (self,)
        case Partial(function, args, kwargs) | Manager(function, args, kwargs):
            return (function, *args, *(v for _, v in kwargs))
        case RangeVal(a, b, c) | SliceVal(a, b, c) | Choice(a, b, c):
            return (a, b, c)
        case Super(_, self):
            return (self,)
        case Maybe(given, inner):
            return (given, inner)
        case Lazy(_, parts):
            return parts


def with_children(value: Value, new: tuple[Value, ...]) -> Value:
    """The value with other values inside."""
    match value:
        case Dyn() | Static() | Missing() | Poison() | Inside():
            return value
        case Seq():
            return replace(value, items=new)
        case Closure(_, captures, defaults, kwdefaults):
            a, b = len(captures), len(captures) + len(defaults)
            return replace(value, captures=new[:a], defaults=new[a:b], kwdefaults=dict(zip(kwdefaults, new[b:], strict=True)))
        case Bound():
            return Bound(new[0], new[1])
        case Method():
            return replace(value, self=new[0])
        case Partial(_, args, kwargs) | Manager(_, args, kwargs):
            named = tuple((k, v) for (k, _), v in zip(kwargs, new[1 + len(args) :], strict=True))
            return replace(value, function=new[0], args=new[1 : 1 + len(args)], kwargs=named)  # type: ignore[arg-type]
        case RangeVal():
            return RangeVal(*new)
        case SliceVal():
            return SliceVal(*new)
        case Choice():
            return Choice(*new)
        case Super():
            return replace(value, self=new[0])
        case Maybe():
            return replace(value, given=new[0], value=new[1])
        case Lazy():
            return replace(value, parts=new)


def parts(value: Value) -> tuple[tuple[object, ...], tuple[Value, ...]] | None:
    """The keys and items of a container in trees of tangents; a function is a tuple of what it captures.  None for others."""
    if isinstance(value, Seq):
        return value.keys, value.items
    return None if isinstance(value, Dyn | Static | Missing | Poison) else ((), children(value))


def part_at(value: Value, path: tuple[int, ...]) -> Value:
    """What is at a place of a value, by numbers of children, or the last part on the way there that exists."""
    for n in path:
        kids = children(value)
        if n >= len(kids):
            break
        value = kids[n]
    return value


def leaves(value: Value) -> Iterator[Dyn]:
    """The run-time leaves of a value, left to right."""
    if isinstance(value, Dyn):
        yield value
    for child in children(value):
        yield from leaves(child)


def template(value: Value) -> Value:
    """The value without atoms."""
    if isinstance(value, Dyn):
        return Dyn(UNDEF, value.type, value.varied)
    if isinstance(value, Seq):
        return Seq(value.cls, tuple(map(template, value.items)), value.keys)
    if isinstance(value, Maybe):  # whoever fills it leaves what is None undefined: `coerce`
        return Maybe(template(value.given), template(value.value), isinstance(value.value, Dyn))
    return with_children(value, tuple(map(template, children(value))))


def rebuild(shape: Value, atoms: Iterator[Atom]) -> Value:
    """A template filled with atoms, in the order of `leaves`."""
    if isinstance(shape, Dyn):
        return replace(shape, atom=next(atoms))
    return with_children(shape, tuple(rebuild(c, atoms) for c in children(shape)))


def key(shape: Value) -> tuple[object, ...]:
    """A hashable key of a template: equal keys mean the same specialisation."""
    match shape:
        case Dyn(_, t, varied):
            return ("dyn", t, varied)
        case Static(value):
            return ("static", type(value), repr(value)) if is_literal(value) else ("object", id(value))
        case Seq(cls, _, keys):
            head: tuple[object, ...] = ("seq", cls, keys)
        case Closure(lowered):
            head = ("closure", id(lowered))
        case Method(_, name):
            head = ("method", name)
        case Lazy(kind):
            head = ("lazy", kind)
        case Partial(_, args, kwargs) | Manager(_, args, kwargs):
            head = ("partial", len(args), tuple(k for k, _ in kwargs))
        case _:
            head = (type(shape).__name__,)
    return (*head, *(key(c) for c in children(shape)))


def same_kind(a: Value, b: Value) -> bool:
    """Whether two values differ only in their children."""
    ka, kb = children(a), children(b)
    hollow = Dyn(UNDEF, BOTTOM)
    return (
        len(ka) == len(kb) and type(a) is type(b) and not isinstance(a, Dyn | Static)
        and key(with_children(a, (hollow,) * len(ka))) == key(with_children(b, (hollow,) * len(kb)))
    )  # fmt: skip


def unify(a: Value, b: Value) -> Value | None:
    """The template that both values fit into; None if there is none."""
    if isinstance(a, Missing):
        return template(b)
    if isinstance(b, Missing):
        return template(a)
    if isinstance(a, Static) and isinstance(b, Static) and a == b:
        return a
    if isinstance(a, Maybe) or isinstance(b, Maybe) or NONE_VALUE in (a, b):
        return _maybe(a, b) or _at_run_time(a, b)
    if differ_in_attributes(a, b):
        return unify(*aligned([a, b]))
    if same_kind(a, b):
        parts = tuple(unify(x, y) for x, y in zip(children(a), children(b), strict=True))
        if all(p is not None for p in parts):
            return with_children(template(a), cast("tuple[Value, ...]", parts))
    if isinstance(a, Seq) and isinstance(b, Seq) and same_class(a, b) and _table_class(a) is not None:
        return _table(a, b)
    if isinstance(a, Dyn) and isinstance(a.type, Struct) and isinstance(b, Seq):
        return unify(exploded_template(a), b)
    if isinstance(b, Dyn) and isinstance(b.type, Struct) and isinstance(a, Seq):
        return unify(a, exploded_template(b))
    return _at_run_time(a, b)


def _at_run_time(a: Value, b: Value) -> Dyn | None:
    """The template of two values that meet as run-time values; None where one of them cannot be one."""
    ta, tb = runtime_type(a), runtime_type(b)
    if ta is None or tb is None or isinstance(ta, Numbered) is not isinstance(tb, Numbered):
        return None
    return Dyn(UNDEF, _join_containers(ta, tb), is_varied(a) or is_varied(b))


def _maybe(a: Value, b: Value) -> Value | None:
    """The template of two values of which one may be None; None where the value itself is all that tells."""
    inner = unify(*(v.value if isinstance(v, Maybe) else MISSING if v == NONE_VALUE else v for v in (a, b)))
    if isinstance(inner, Dyn) and inner.type == BOTTOM:  # nothing that a list holds, say, which is empty so far
        return NONE_VALUE
    if inner is None or (isinstance(inner, Dyn) and inner.type in (UNKNOWN, NONE)):
        return None
    return Maybe(Dyn(UNDEF, BOOL), inner, isinstance(inner, Dyn))


def lifted(value: Value, shape: Value) -> Value:
    """The value in the structure of a template that it fits into, as far as parts may be None."""
    if isinstance(shape, Maybe) and not isinstance(value, Maybe | Missing):
        given = value != NONE_VALUE
        return Maybe(Static(given), lifted(value, shape.value) if given else MISSING)
    kids = children(shape)
    if kids and same_kind(value, shape):
        return with_children(value, tuple(lifted(v, k) for v, k in zip(children(value), kids, strict=True)))
    return value


def differ_in_attributes(a: Value, b: Value) -> bool:
    """Whether two values are objects of one class of which one has attributes that the other has not, or has them in another order."""
    if not isinstance(a, Seq) or not isinstance(b, Seq) or a.cls is not b.cls or a.keys == b.keys or not is_object(a):
        return False
    return all(class_value(a.cls, k) is not None for k in {*a.keys} ^ {*b.keys})


def class_value(cls: type, key: object) -> Value | None:
    """What an object gives for an attribute that is not its own: nothing, or a literal that its class has; None for other things there."""
    if not isinstance(key, str) or not hasattr(cls, key) or isinstance(own(cls, key), types.MemberDescriptorType):
        return MISSING
    return Static(own(cls, key)) if is_literal(own(cls, key)) else None


def aligned(values: list[Value]) -> list[Value]:
    """Objects of one class with the same attributes, and for those that not all of them have, whether they are set."""
    objects = [v for v in values if isinstance(v, Seq)]  # others are missing on their paths
    keys = dict.fromkeys(k for o in objects for k in o.keys)
    some = (k for k in keys if not isinstance(k, Given) and not all(k in o.keys for o in objects))
    keys.update([(Given(k), None) for k in some if class_value(objects[0].cls, k) == MISSING])
    return [with_attributes(v, tuple(keys)) if isinstance(v, Seq) else v for v in values]


def with_attributes(value: Seq, keys: tuple[object, ...]) -> Seq:
    """An object with these attributes in this order: those that it has not are missing, and known to be."""

    def part(k: object) -> Value:
        if k in value.keys:
            return value.at(k)
        return Static(k.name in value.keys) if isinstance(k, Given) else class_value(value.cls, k) or MISSING

    return replace(value, items=tuple(map(part, keys)), keys=keys)


def _table(a: Seq, b: Seq) -> Value | None:
    """The template of a dict whose keys are computed, for two whose keys differ or are not known; None if there is none."""
    slots = unify(*(Seq(list, s.items) if is_dict(s.cls) else s.items[1] for s in (a, b)))
    return None if slots is None else Seq(_table_class(a) or Table, (Dyn(UNDEF, Opaque(dict)), slots), TABLE)


def same_class(a: Seq, b: Seq) -> bool:
    """Whether two containers are of one class for the user: dicts with computed keys are dicts."""
    return a.cls is b.cls or _table_class(a) is _table_class(b) is not None


def _table_class(value: Seq) -> type | None:
    """The class of a dict with computed keys that a dict may become."""
    return value.cls if value.cls in TABLES.values() else TABLES.get(value.cls)


def _join_containers(a: Type, b: Type) -> Type:
    """Join, with fixed containers widened to any length."""
    whole = join(a, b)
    return join(loosened(a), loosened(b)) if whole == UNKNOWN else whole


def loosened(t: Type) -> Type:
    """A list or tuple of known structure as one of any length."""
    if isinstance(t, Struct) and t.cls in (list, tuple):
        item: Type = BOTTOM
        for i in t.items:
            item = join(item, i)
        return ListOf(item) if t.cls is list else TupleOf(item)
    return t


def exploded_template(value: Dyn) -> Seq:
    """The template of a structured run-time value taken apart."""
    t = value.type
    assert isinstance(t, Struct)
    return Seq(t.cls, tuple(Dyn(UNDEF, i, value.varied) for i in t.items), t.keys)


def runtime_type(value: Value) -> Type | None:
    """The type that the value has when it exists at run time; None if it cannot."""
    match value:
        case Dyn(_, t):
            return t
        case Missing():
            return BOTTOM
        case Maybe(_, inner):
            return None if runtime_type(inner) is None else UNKNOWN
        case Static(obj, path):
            return type_of_constant(obj) if is_literal(obj) or path else None
        case Seq(cls, items, keys):
            if not buildable(cls, keys):
                return None
            types = [runtime_type(i) for i in items]
            if any(t is None for t in types):
                return None
            if cls is set and not any(map(is_varied, items)):
                return Opaque(set)
            if cls is list and types:
                return loosened(Struct(list, (), tuple(types)))  # type: ignore[arg-type]
            return Struct(cls, keys, tuple(types))  # type: ignore[arg-type]
    return None


def buildable(cls: type, keys: tuple[object, ...]) -> bool:
    """Whether generated code can make an object that has what is under `keys`."""
    if cls in MADE:
        return False
    if issubclass(cls, tuple | list | dict | set):
        return True
    attributes = all(type(k) is str for k in keys)  # others say whether an attribute is set
    return made_by_call(cls, keys) or (attributes and is_written(cls) and is_followed(cls) and bool(class_path(cls)))


def unmade(value: Value) -> type | None:
    """The class of an object in a container that generated code cannot make; None if there is none."""
    own = value.cls if isinstance(value, Seq) and is_object(value) and not buildable(value.cls, value.keys) else None
    return own or next(filter(None, map(unmade, children(value))), None) if isinstance(value, Seq) else None


def made_by_call(cls: type, keys: tuple[object, ...]) -> bool:
    """Whether calling the class with what is under `keys` makes the same object again."""
    if issubclass(cls, tuple):  # classes of `scipy.stats` want more than what a tuple holds
        return list(inspect.signature(cls.__new__).parameters)[1:] == list(keys)
    if not dataclasses.is_dataclass(cls) or "__post_init__" in dir(cls) or cls.__new__ is not object.__new__:
        return False
    init = inspect.getattr_static(cls, "__init__")
    fields = dataclasses.fields(cls)
    generated = getattr(getattr(init, "__code__", None), "co_filename", "") == "<string>"
    names = [f.name for f in fields]
    return generated and all(f.init for f in fields) and list(inspect.signature(init).parameters)[1:] == names and set(keys) == set(names)


def explode(value: Dyn, builder: Builder) -> Seq:
    """Take a structured run-time value apart into its items."""
    t = value.type
    assert isinstance(t, Struct)
    items: list[Value] = []
    for n, item in enumerate(t.items):
        if t.cls in CONTAINERS:
            args = (value.atom, Const(t.keys[n] if is_dict(t.cls) else n))
            items.append(Dyn(builder.call(GETITEM, args, item), item, value.varied))
        else:
            items.append(Dyn(builder.call(GETATTR, (value.atom, Const(t.keys[n])), item), item, value.varied))
    return Seq(t.cls, tuple(items), t.keys)


def materialise(value: Value, builder: Builder) -> Dyn | None:
    """The value as one run-time value; None if it cannot exist at run time."""
    if isinstance(value, Dyn):
        return value
    if isinstance(value, Maybe):
        return _or_none(value, builder)
    t = runtime_type(value)
    if t is not None and isinstance(value, Seq):
        value = inner_objects(value, builder)
    arg = to_arg(value)
    if isinstance(value, Seq) and value.cls not in _DISPLAYS:
        return constructed(value, builder)
    if arg is None or t is None:
        return None
    if isinstance(value, Seq):
        return Dyn(builder.call(PACK, (arg,), t), t, is_varied(value))
    known = value.value if isinstance(value, Static) else NOTHING
    return Dyn(cast("Atom", arg), t, known=known)


def _or_none(value: Maybe, builder: Builder) -> Dyn | None:
    """What may be None as one run-time value."""
    if value.told and isinstance(value.value, Dyn):
        return replace(value.value, type=UNKNOWN)
    inside = builder.nested()
    whole, given = materialise(value.value, inside), materialise(value.given, builder)
    if whole is None or given is None:
        return None
    out = builder.names.var("", UNKNOWN)
    builder.add(If((out,), given.atom, inside.block((), (whole.atom,)), Block((), (), (Const(None),)), builder.loc))
    return Dyn(out, UNKNOWN, whole.varied)


def with_ranges(value: Value, builder: Builder) -> Value:
    """The value with each range in it built at run time."""
    match value:
        case RangeVal(start, stop, step):
            bounds = [materialise(v, builder) for v in (start, stop, step)]
            known = [b.atom for b in bounds if b is not None]
            if len(known) == len(bounds):
                return Dyn(builder.call(CALL, (Ref("builtins:range", range), *known), Opaque(range)), Opaque(range))
        case Seq(cls, items) if cls in (list, tuple):
            return replace(value, items=tuple(with_ranges(i, builder) for i in items))
    return value


_DISPLAYS = (*CONTAINERS, set)


def inner_objects(value: Seq, builder: Builder) -> Seq:
    """The container with the objects of known structure inside it built at run time."""

    def item(v: Value) -> Value:
        if isinstance(v, Seq) and v.cls not in _DISPLAYS:
            return constructed(v, builder) or v
        if isinstance(v, Maybe):
            return _or_none(v, builder) or v
        return inner_objects(v, builder) if isinstance(v, Seq) else v

    return replace(value, items=tuple(map(item, value.items)))


def constructed(value: Seq, builder: Builder) -> Dyn | None:
    """An object or named tuple of known structure, built at run time; None if a field has no run-time form."""
    fields = [materialise(i, builder) for i in value.items]
    if not buildable(value.cls, value.keys) or any(f is None for f in fields):
        return None
    known = [f for f in fields if f is not None]
    t = Struct(value.cls, value.keys, tuple(f.type for f in known))
    cls = Ref(f"{value.cls.__module__}:{value.cls.__qualname__}", value.cls)
    params = tuple((str(k), f.atom) for k, f in zip(value.keys, known, strict=True))
    op = BUILD if made_by_call(value.cls, value.keys) else NEW_OBJECT
    return Dyn(builder.call(op, (cls,), t, params=params), t, is_varied(value))


def sequence(value: Seq, builder: Builder) -> Dyn | None:
    """A list or tuple as one run-time value whose items share a type, so that it can be read at a computed place."""
    whole = materialise(value, builder)
    if whole is None or not isinstance(whole.type, Struct) or whole.type.cls not in (tuple, list):
        return whole
    arg, t = to_arg(inner_objects(value, builder)), loosened(whole.type)
    return None if arg is None else Dyn(builder.call(PACK, (arg,), t), t, whole.varied)


def coerce(value: Value, shape: Value, builder: Builder) -> list[Atom] | None:
    """The leaves of a value under a template that it fits into."""
    if isinstance(value, Missing):
        return [UNDEF for _ in leaves(shape)]
    if isinstance(shape, Maybe):
        return _coerce_maybe(value, shape, builder)
    if isinstance(shape, Dyn):
        whole = materialise(value, builder)
        return None if whole is None else [whole.atom]
    if isinstance(value, Dyn) and isinstance(shape, Seq) and isinstance(value.type, Struct):
        value = explode(value, builder)
    if isinstance(shape, Seq) and differ_in_attributes(value, shape):
        value = with_attributes(cast("Seq", value), shape.keys)
    out: list[Atom] = []
    for child, part in zip(children(value), children(shape), strict=True):
        atoms = coerce(child, part, builder)
        if atoms is None:
            return None
        out.extend(atoms)
    return out


def _coerce_maybe(value: Value, shape: Maybe, builder: Builder) -> list[Atom] | None:
    """The leaves of a value that may be None: they are undefined where it is."""
    lone = lifted(value, shape)
    assert isinstance(lone, Maybe)
    lone = lone if lone.given != Static(value=False) else replace(lone, value=MISSING)
    inner = coerce(lone.value, shape.value, builder)
    given = coerce(lone.given, shape.given, builder)
    if given is None or inner is None:
        return None
    if isinstance(shape.value, Dyn) and not lone.told and isinstance(lone.given, Dyn):
        out = builder.names.var("", shape.value.type)
        builder.add(If((out,), given[0], Block((), (), tuple(inner)), Block((), (), (UNDEF,)), builder.loc))
        inner = [out]
    return [*given, *inner]
