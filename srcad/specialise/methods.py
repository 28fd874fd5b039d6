"""Method calls on built-in types: numbers, arrays, strings, lists, tuples, dicts."""
from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from srcad.ir.core import CALL, GETATTR
from srcad.ir.nodes import Arg, Const
from srcad.ir.types import STR, UNKNOWN, Array, NpScalar, Opaque, Scalar, Struct, Type, is_dict
from srcad.ops import table
from srcad.specialise import (
    asking, attributes, calls, choices, containers, draws, holding, items, list_parts, namespaces, objects, operations, spelled, streams,
    told_apart, writers,
)  # fmt: skip
from srcad.specialise.holding import taken_apart
from srcad.specialise.values import Choice, Dyn, Lazy, Seq, SliceVal, Static, Value, is_literal, is_varied, view_of

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_WRITERS = {
    "list": "append extend insert pop remove clear sort reverse", "dict": "update setdefault pop popitem clear",
    "set": "add discard remove update pop clear", "deque": "append appendleft pop popleft extend clear rotate",
    "ndarray": "fill sort partition put itemset resize setfield byteswap setflags",
}  # fmt: skip
_COUNTS = ("index", "count")
_ADVICE = "build a new list, dict or array instead"


def call(engine: Engine, self: Value, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`self.name(*args, **kwargs)` where the method is not a Python function."""
    if isinstance(self, Choice):
        return choices.over(engine, self, lambda one: engine.call(attributes.get(engine, engine.now(one), name), args, kwargs))
    if name in ("send", "__next__") and streams.is_generator(self):
        return asking.send(engine, self, args)
    if isinstance(self, SliceVal):
        return list_parts.indices(engine, self, args)
    if isinstance(self, Lazy) and namespaces.is_namespace(self):
        return namespaces.method(engine, self, name, args, kwargs)
    if isinstance(self, Lazy) and objects.is_objects(self):
        return objects.method(engine, self, name, args, kwargs)
    for group in (spelled.method, containers.call, writers.method):
        changed = group(engine, self, name, args, kwargs)
        if changed is not None:
            return changed
    if isinstance(self, Static) and is_literal(self.value) and all(isinstance(a, Static) for a in (*args, *kwargs.values())):
        with contextlib.suppress(Exception):  # the primal raises it, at run time
            return _folded(self, name, args, kwargs)
    if name in _COUNTS:
        found = told_apart.method(engine, self, name, args)
        if found is not None:
            return found
    if name in ("items", "values"):
        self = items.opened(engine, self)
    if name in ("_replace", "_asdict") and isinstance(self, Dyn) and isinstance(self.type, Struct):
        self = holding.taken_apart(engine, self)
    if isinstance(self, Seq):
        if name == "_replace" and hasattr(self.cls, "_fields") and set(kwargs) <= set(self.keys):
            return Seq(self.cls, tuple(kwargs.get(str(k), v) for k, v in zip(self.keys, self.items, strict=True)), self.keys)
        found = _of_display(engine, self, name, args)
        if found is not None:
            return found
    number = isinstance(self, Dyn) and (isinstance(self.type, Array | NpScalar | Scalar) or (self.varied and isinstance(self.type, Opaque)))
    if isinstance(self, Dyn) and number:
        spelling = table.method("ndarray" if isinstance(self.type, Array | Opaque) else "scalar", name)
        if spelling is not None:
            return operations.apply(engine, spelling.op, [self, *args], list(kwargs.items()))
    return _opaque_method(engine, self, name, args, kwargs)


def _folded(self: Static, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    named = {k: v.value for k, v in kwargs.items() if isinstance(v, Static)}
    found = getattr(self.value, name)(*(a.value for a in args if isinstance(a, Static)), **named)
    return Static(found) if is_literal(found) else Seq(list, tuple(map(Static, found)))


def _of_display(engine: Engine, self: Seq, name: str, args: list[Value]) -> Value | None:
    """Methods that read a container of known structure."""
    if is_dict(self.cls):
        if name in ("items", "keys", "values"):
            return view_of(self, name)
        if name == "get" and args and isinstance(args[0], Static):
            return self.at(args[0].value) if args[0].value in self.keys else args[1] if len(args) > 1 else Static(None)
    if self.cls in (list, tuple):
        statics = [i.value for i in self.items if isinstance(i, Static)]
        known = name in _COUNTS and len(statics) == len(self.items)
        if known and isinstance(args[0], Static) and (name == "count" or args[0].value in statics):
            return Static(getattr(statics, name)(args[0].value))
    if hasattr(self.cls, "_fields") and name == "_asdict":
        return Seq(dict, self.items, self.keys)
    return None


def _opaque_method(engine: Engine, self: Value, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    whole = engine.runtime(self, "the object of a method call")
    kind = type_name(whole.type)
    if name in _WRITERS.get(kind, "").split():
        raise engine.refuse("UnsupportedSyntax", "SRC142", f"`.{name}()` of a {kind} can change it in place, and is not followed", _ADVICE)
    if name in calls.SPEAKERS and kind == "Logger":
        _write(engine, whole, name, args, kwargs, UNKNOWN)
        return Static(None)
    if kind == "dict" and name in ("items", "keys", "values", "get", "copy") and isinstance(whole.type, Struct):
        found = _of_struct(engine, whole, name, args)
        if found is not None:
            return found
    if draws.is_source(whole.type):
        drawn = draws.call(engine, name, args, kwargs, lambda n, a, k, t: _write(engine, whole, n, a, k, t))
        if drawn is not None:
            return drawn
    counted = name in _COUNTS and kind in ("list", "tuple")
    given = any(map(is_varied, (*args, *kwargs.values()))) and kind not in ("str", "Logger") and name not in _COUNTS
    if given or (whole.varied and not counted):
        advice = f"use an operation of the table (`srcad rules`), or `srcad.stop_gradient(x).{name}()` for no derivative"
        raise engine.refuse("NoRule", "SRC203", f"the method '.{name}()' of a {kind} has no derivative rule", advice)
    if not calls.may_stay(attributes.class_of(whole.type), name) and not all(calls.immutable(engine, v) for v in (*args, *kwargs.values())):
        raise engine.refuse(
            "UnsupportedSyntax", "SRC188", f"the method '.{name}()' of a {kind} may change an array or container that it is given",
            "pass it a copy, or call it outside the differentiated function",
        )
    text = kind == "str" and name in ("format", "join", "strip", "lower", "upper", "replace")
    return _write(engine, whole, name, args, kwargs, STR if text else UNKNOWN)


def _of_struct(engine: Engine, whole: Dyn, name: str, args: list[Value]) -> Value | None:
    if not isinstance(whole.type, Struct):
        return None
    if name == "get" and args and isinstance(args[0], Static):
        if args[0].value in whole.type.keys:
            return items.get(engine, whole, args[0])
        return args[1] if len(args) > 1 else Static(None)
    return _of_display(engine, taken_apart(engine, whole), name, args)


def type_name(t: Type) -> str:
    """The class name of values of a type, for messages and lists."""
    cls = attributes.class_of(t)
    return "value of unknown type" if cls is None else cls.__name__


def _write(engine: Engine, whole: Dyn, name: str, args: list[Value], kwargs: dict[str, Value], t: Type) -> Dyn:
    method = engine.builder.call(GETATTR, (whole.atom, Const(name)), UNKNOWN)
    trees: list[Arg] = [method, *(operations.argument(engine, a, "a call") for a in args)]
    params = [(k, operations.argument(engine, v, "a call")) for k, v in kwargs.items()]
    return Dyn(engine.builder.call(CALL, trees, t, params=params), t)

