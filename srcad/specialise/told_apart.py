"""Comparisons of objects that lists and tuples make: which object it is, and what the `__eq__` of its class says.

What is in a display is compared by code that is followed.  A run-time list may hold what was built again in the meantime, so that it does
not tell which object is which: there objects without an `__eq__` are refused, or known by number.
"""
from __future__ import annotations

import functools
import inspect
import operator as operators
import types
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ir.core import COMPARE
from srcad.ir.nodes import Arg, Effect, Op, Var
from srcad.ir.types import CONTAINERS, ListOf, Struct, TupleOf, Type
from srcad.ir.visit import leaves
from srcad.runtime import comparisons
from srcad.specialise import streams
from srcad.specialise.kinds import own
from srcad.specialise.values import Dyn, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_ORDER = {"lt": operators.lt, "le": operators.le, "gt": operators.gt, "ge": operators.ge}
_NOT_FOUND = "{}.index(x): x not in {}"


def operator(engine: Engine, name: str, args: list[Value]) -> Value | None:
    """`in`, `==`, `<` and their like of lists and tuples that hold objects; None for others."""
    if name not in ("in_", "not_in", "eq", "ne", *_ORDER):
        return None
    member = name in ("in_", "not_in")
    among = args[1:] if member else args
    if not all(map(_is_sequence, among)) or not any(map(holds_objects, args)):
        return None
    if not all(isinstance(v, Seq) for v in among):
        check(engine, args)
        return None
    first, second = args
    if member:
        found = streams.written(engine, comparisons.holds, [second, first])
    elif getattr(first, "cls", None) is not getattr(second, "cls", None):
        return None
    elif name in _ORDER:
        return streams.written(engine, comparisons.compared, [first, second, Static(_ORDER[name], f"operator:{name}")])
    else:
        found = streams.written(engine, comparisons.alike, [first, second])
    return engine.operation("not_", [found]) if name in ("not_in", "ne") else found


def method(engine: Engine, whole: Value, name: str, args: list[Value]) -> Value | None:
    """`index` and `count` of a list or tuple that holds objects; None for others."""
    if not _is_sequence(whole) or not any(map(holds_objects, (whole, *args))):
        return None
    if not isinstance(whole, Seq) or len(args) != 1:
        check(engine, [whole, *args])
        return None
    if name == "count":
        return streams.written(engine, comparisons.count_among, [whole, *args])
    return place(engine, whole, args[0], _NOT_FOUND.format(whole.cls.__name__, whole.cls.__name__))


def place(engine: Engine, whole: Seq, value: Value, message: str) -> Value:
    """The place of the first item of a display that equals a value."""
    return streams.written(engine, comparisons.place_among, [whole, value, Static(message)])


def check(engine: Engine, values: list[Value]) -> None:
    """Refuse objects that are told apart by which one they are where a run-time list is asked."""
    if any(map(_by_identity, values)):
        raise engine.refuse("UnsupportedSyntax", "SRC123", "whether these are one object is not known when compiling",
                            "compare their contents")  # fmt: skip


def _is_sequence(value: Value) -> bool:
    if isinstance(value, Seq):
        return value.cls in (list, tuple)
    return isinstance(value, Dyn) and (
        isinstance(value.type, ListOf | TupleOf) or (isinstance(value.type, Struct) and value.type.cls in (list, tuple))
    )


def holds_objects(value: Value) -> bool:
    """Whether a value is or holds an object that `==` compares by identity, or by a method that is written in Python."""
    if isinstance(value, Seq):
        return (_is_object(value.cls) and not _is_generated(value.cls)) or any(map(holds_objects, value.items))
    return isinstance(value, Dyn) and any(not _is_generated(c) for c in _classes(value.type))


def _by_identity(value: Value) -> bool:
    if isinstance(value, Seq):
        return (_is_object(value.cls) and own(value.cls, "__eq__") is object.__eq__) or any(map(_by_identity, value.items))
    return isinstance(value, Dyn) and any(own(c, "__eq__") is object.__eq__ for c in _classes(value.type))


def with_effects(op: Op, args: Iterable[Arg]) -> Op:
    """An operation with the effects that methods of its operands may have: what these do, they do once and in order."""
    if op.name not in _ASKING or not any(map(_acts, (a.type for arg in args for a in leaves(arg) if isinstance(a, Var)))):
        return op
    return replace(op, effects=op.effects | Effect.IO)


_ASKING = frozenset((
    *COMPARE, "sorted", "order_of", "place_of", "place_for", "place_of_value", "max", "min", "hash", "any", "all", "sum", "float", "int",
    "bool", "complex", "round", "str", "repr", "format", "ascii",
))  # fmt: skip
"""Operations of Python's that call methods of the objects that they are given."""


def _acts(t: Type) -> bool:
    """Whether a value is or holds an object whose operators are written in Python, and may do something."""
    return any(map(_speaks, _classes(t)))


def _classes(t: Type) -> list[type]:
    """The classes of the objects that a value is or holds."""
    match t:
        case ListOf(item) | TupleOf(item):
            return _classes(item)
        case Struct(cls, _, items):
            return [*([cls] if _is_object(cls) else []), *(c for i in items for c in _classes(i))]
    return []


def _is_object(cls: type) -> bool:
    return not issubclass(cls, (*CONTAINERS, set, frozenset, types.GeneratorType))


def _is_generated(cls: type) -> bool:
    """Whether `==` compares the fields of a dataclass."""
    raw = own(cls, "__eq__")
    return isinstance(raw, types.FunctionType) and raw.__code__.co_filename == "<string>"


@functools.lru_cache(maxsize=1024)
def _speaks(cls: type) -> bool:
    found = (inspect.getattr_static(cls, n, None) for n in dir(cls) if n.startswith("__") and n.endswith("__") and n not in _SILENT)
    return any(isinstance(f, types.FunctionType) and f.__code__.co_filename != "<string>" for f in found)


_SILENT = ("__init__", "__post_init__", "__new__", "__init_subclass__", "__class_getitem__", "__set_name__")
