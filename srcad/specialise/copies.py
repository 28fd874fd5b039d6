"""`copy.copy`, `copy.deepcopy` and `np.array(x, copy=...)`."""
from __future__ import annotations

import types
from typing import TYPE_CHECKING

import numpy as np

from srcad.ir.types import CONTAINERS, Array, ListOf, Numbered, Type, is_number, is_scalar, numbered_in
from srcad.runtime import copying
from srcad.specialise import choices, functions, list_parts, numbered, several, streams
from srcad.specialise.kinds import is_followed, is_object, own
from srcad.specialise.memory import Identity, can_change
from srcad.specialise.templates import leaves
from srcad.specialise.values import Bound, Closure, Dyn, Seq, Static, Value, container

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def shallow(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A new container or object with the same items; a new array."""
    (value,) = args
    if numbered.is_numbered(value):
        whole = numbered.opened(engine, value)
        return numbered.copied(engine, value) if isinstance(whole, Seq) and _is_plain(whole, "__copy__") else None
    if isinstance(value, Seq) and _is_plain(value, "__copy__"):
        return value if issubclass(value.cls, tuple) else container(value.cls, value.items, value.keys)
    return _leaf(engine, value)


def deep(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A copy of everything; what is there twice is copied once."""
    if len(args) != 1 or kwargs:
        return None
    if several.is_one(args[0]):
        return choices.split(engine, args, lambda one: _object(engine, one[0]))
    if numbered.is_numbered(args[0]):
        return _object(engine, args[0])
    seen: dict[Identity, Value] = {}
    made = _deep(engine, args[0], seen)
    if made is None and any(isinstance(part.type, ListOf) and part.varied for part in leaves(args[0])):
        raise engine.refuse("UnsupportedSyntax", "SRC147", "a list is copied with objects that may share what they hold, as copies then do",
                            "make new objects from their attributes: `[cls(b.x.copy(), b.v) for b in items]`")  # fmt: skip
    _check_objects(engine, seen)
    return made


def apart(engine: Engine, values: list[Value]) -> list[Value]:
    """Copies of values, which later writes to these do not reach; what is not known as numbers, arrays and containers stays as it is."""
    seen: dict[Identity, Value] = {}
    return [_deep(engine, v, seen) or v for v in values]


def _listed(engine: Engine, value: Value) -> Value | None:
    """The copy of a run-time list of numbers, arrays or such lists; None for other values."""
    if not isinstance(value, Dyn) or not _is_list_of_data(value.type):
        return None
    if isinstance(value.type, ListOf) and not _may_differ(value.type.item):
        return engine.call(Static(list, "builtins:list"), [value], {})
    if engine.memory.root(value) in engine.memory.tangled:
        raise engine.refuse("UnsupportedSyntax", "SRC147", "a list is copied that may hold an array or list twice, as its copy then does",
                            "append copies: `items.append(x.copy())`")  # fmt: skip
    assert isinstance(copying.copied_items, types.FunctionType)
    function = functions.of_python(engine, copying.copied_items, "srcad.runtime.copying:copied_items")
    return functions.inline(engine, function, [value])


def _objects(engine: Engine, value: Value) -> Value | None:
    """The copy of a run-time list of objects that are known by number, which are told apart at run time; None for other values."""
    if not isinstance(value, Dyn) or not isinstance(value.type, ListOf) or not isinstance(value.type.item, Numbered):
        return None
    return streams.written(engine, copying.copied_objects, [value, list_parts.which_ones(engine, value)])


def _check_objects(engine: Engine, seen: dict[Identity, Value]) -> None:
    """Refuse a copy of objects that are known by number together with what they may hold, or with others of them."""
    known = [v.type.item for v in seen.values() if isinstance(v, Dyn) and isinstance(v.type, ListOf)]
    classes = [item.cls for item in known if isinstance(item, Numbered)]
    lists = [engine.memory.root(part) for cls in classes for part in engine.numbering.lists[cls].values()]
    held = any(engine.memory.may_hold_already(part, i) for part in lists if part is not None for i in seen)
    if len(classes) > 1 or held:
        raise engine.refuse("UnsupportedSyntax", "SRC147", "a list of objects is copied with what these may hold as well",
                            "copy the list on its own")  # fmt: skip


def _object(engine: Engine, value: Value) -> Value:
    """The copy of an object that is known by number."""
    whole = numbered.opened(engine, value)
    assert isinstance(whole, Seq)
    memory = engine.memory
    lists = {i for i in map(memory.root, engine.numbering.lists[whole.cls].values()) if i is not None}
    shared = not lists.isdisjoint(memory.tangled) or any(len(lists & h) > 1 for h in memory.holders.values())
    shared = shared or any(not lists.isdisjoint(memory.holders.get(i, ())) for i in memory.tangled)
    items = [_deep(engine, i, {}) for i in whole.items] if _is_plain(whole, "__deepcopy__") and not shared else [None]
    known = tuple(i for i in items if i is not None)
    if len(known) < len(items):
        raise engine.refuse("UnsupportedSyntax", "SRC147", f"an object of class '{whole.cls.__name__}' is copied with what it holds, which "
                            "others may hold as well", "make a new object from its attributes: `cls(self.x.copy(), self.v)`")  # fmt: skip
    return numbered.made(engine, container(whole.cls, known, whole.keys))


def _may_differ(t: Type) -> bool:
    """Whether a copy is another value than what it is a copy of."""
    return can_change(t) or bool(numbered_in(t))


def _is_list_of_data(t: Type) -> bool:
    if isinstance(t, ListOf):
        return _is_list_of_data(t.item) or isinstance(t.item, Array) or not _may_differ(t.item)
    return False


def _deep(engine: Engine, value: Value, seen: dict[Identity, Value]) -> Value | None:
    ident = engine.memory.identity(value)
    if ident is not None and ident in seen:
        return seen[ident]
    made: Value | None
    if isinstance(value, Seq):
        items = [_deep(engine, i, seen) for i in value.items] if _is_plain(value, "__deepcopy__") else [None]
        known = tuple(i for i in items if i is not None)
        made = container(value.cls, known, value.keys) if len(known) == len(items) else None
    else:
        made = _leaf(engine, value) or _objects(engine, value) or _listed(engine, value)
    if ident is not None and made is not None:
        seen[ident] = made
    return made


def where_needed(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.array(x, copy=None)`, which is `np.asarray(x)`; `subok` of what is of no subclass of arrays."""
    if isinstance(kwargs.get("subok"), Static) and args and _is_of_no_subclass(args[0]):
        return engine.call(Static(np.array, "numpy:array"), args, {k: v for k, v in kwargs.items() if k != "subok"})
    plain = _without_ndmin(engine, args, kwargs)
    if plain is not None:
        return plain
    copy = kwargs.get("copy")
    if not isinstance(copy, Static) or (copy.value is not None and getattr(copy.value, "name", "") != "IF_NEEDED"):
        return None
    if not set(kwargs) <= {"copy", "dtype", "order", "ndmin"} or not _has_axes(args[0], kwargs.get("ndmin", Static(0))):
        return None
    given = {k: v for k, v in kwargs.items() if k not in ("copy", "ndmin") and v != Static(None)}
    return engine.call(Static(np.asarray, "numpy:asarray"), args, given)


def _without_ndmin(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.array(x, ndmin=1)` of what is known to be a number, or an array with an axis; None for others."""
    if kwargs.get("ndmin") != Static(1) or len(args) != 1 or not isinstance(args[0], Dyn):
        return None
    rest = {k: v for k, v in kwargs.items() if k != "ndmin"}
    if is_scalar(args[0].type):
        rest.pop("copy", None)
        return engine.call(Static(np.array, "numpy:array"), [container(list, (args[0],))], rest)
    known = isinstance(args[0].type, Array) and args[0].type.ndim > 0
    return engine.call(Static(np.array, "numpy:array"), args, rest) if known else None


def _has_axes(value: Value, ndmin: Value) -> bool:
    """Whether an array surely has as many axes as it shall have at least."""
    if not isinstance(ndmin, Static) or type(ndmin.value) is not int:
        return False
    known = value.type.ndim if isinstance(value, Dyn) and isinstance(value.type, Array) else 1 if isinstance(value, Seq) else 0
    return ndmin.value <= known


def _is_of_no_subclass(value: Value) -> bool:
    """Whether a value is a number, a plain array, or a list or tuple of known structure."""
    return (isinstance(value, Dyn) and is_number(value.type)) or (isinstance(value, Seq) and value.cls in (list, tuple))


def _leaf(engine: Engine, value: Value) -> Value | None:
    """The copy of what is no container of known structure; None where run time decides."""
    if isinstance(value, Static | Closure | Bound):
        return value
    if isinstance(value, Dyn) and isinstance(value.type, Array):
        return engine.call(Static(np.copy, "numpy:copy"), [value], {})
    return value if isinstance(value, Dyn) and not _may_differ(value.type) else None


def _is_plain(value: Seq, hook: str) -> bool:
    """Whether Python copies an object attribute by attribute."""
    if not is_object(value):
        return value.cls in CONTAINERS or hasattr(value.cls, "_fields")
    hooks = (hook, "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")
    return is_followed(value.cls) and all(own(value.cls, h) is None or own(object, h) is own(value.cls, h) for h in hooks)
