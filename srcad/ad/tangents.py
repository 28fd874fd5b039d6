"""Tangents of values: how they are represented, made and taken apart.

A tangent is None (zero), an atom of the value's own structure, or, for a value of known structure, a tuple with the tangent
of every item.  It becomes a run-time container only where one is needed: in parameters, list items, results of calls.
A leaf that carries no derivative has the tangent None there.  The container of the tangents of a named tuple is a plain
tuple, that of any other object a namespace: no constructor of the user's runs on tangents.
"""
from __future__ import annotations

import types
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Union

from srcad.ir.build import Builder
from srcad.ir.core import BUILD, GETATTR, GETITEM, LIST_ZEROS, NAMESPACE, PACK
from srcad.ir.nodes import Arg, Atom, Call, Const, Pack, Undef, Var
from srcad.ir.types import (
    COMPLEX, CONTAINERS, FLOAT, KINDS, NONE, REAL, UNKNOWN, ListOf, NpScalar, Struct, TupleOf, Type, dtype_kind, is_dict, is_scalar,
    may_carry_derivative,
)  # fmt: skip
from srcad.ops.adapt import of_kind
from srcad.ops.entry import quiet
from srcad.ops.trace import Traced, apply, lift, lower, o, renamed

Tangent: TypeAlias = Union[Atom, tuple["Tangent", ...], None]  # noqa: UP007 -- a forward reference


def tangent_type(t: Type) -> Type:
    """The type of a tangent that stands in a variable of its own."""
    match t:
        case ListOf(item):
            return ListOf(tangent_type(item))
        case TupleOf(item):
            return TupleOf(tangent_type(item))
        case Struct(cls, keys, items):
            own = _container(cls)
            return Struct(own, () if own is tuple else keys, tuple(map(tangent_type, items)))
    if t in (FLOAT, REAL, NpScalar("float64")):
        return REAL
    return t if may_carry_derivative(t) else NONE


def _container(cls: type) -> type:
    """The class of the container for the tangents of the parts of an object."""
    return cls if cls in CONTAINERS else tuple if issubclass(cls, tuple) else types.SimpleNamespace


def atom_type(atom: Atom) -> Type:
    """The type of an atom."""
    if isinstance(atom, Var):
        return atom.type
    return FLOAT if isinstance(atom, Const) and type(atom.value) is float else NONE


@dataclass
class Tangents:
    """The tangents of a function's values, and the making of new ones."""

    of: dict[Var, Tangent] = field(default_factory=dict)
    empty: set[Var] = field(default_factory=set)  # lists that hold nothing yet
    unbound: frozenset[Var] = frozenset()  # values that may be None where they are not bound

    def get(self, arg: Arg) -> Tangent:
        """The tangent of an argument."""
        if isinstance(arg, Var):
            return self.of.get(arg)
        if isinstance(arg, Pack) and arg.kind in KINDS:
            parts = tuple(self.get(i) for i in arg.items)
            return parts if any(p is not None for p in parts) else None
        return None

    # ---- containers --------------------------------------------------------------------------------------------------
    def item(self, builder: Builder, tangent: Tangent, t: Struct, n: int) -> Tangent:
        """The tangent of item `n` of a value of known structure."""
        if tangent is None or not may_carry_derivative(t.items[n]):
            return None
        if isinstance(tangent, tuple):
            return tangent[n]
        return self.read(builder, tangent, t, n, tangent_type(t.items[n]))

    def read(self, builder: Builder, whole: Atom, t: Struct, n: int, item: Type) -> Var:
        """Item `n` of a run-time container."""
        if _container(t.cls) is not types.SimpleNamespace:
            return builder.call(quiet(GETITEM), (whole, Const(t.keys[n] if is_dict(t.cls) else n)), item)
        return builder.call(quiet(GETATTR), (whole, Const(t.keys[n])), item)

    def atom(self, builder: Builder, tangent: Tangent, value: Arg, t: Type, hint: str = "") -> Atom:
        """The tangent as one run-time value of the type `t`; zeros take their shape from the primal `value`."""
        if not may_carry_derivative(t) or value == Const(None):
            return self._growing(builder, value, t, hint)
        if tangent is None:
            return self.zero(builder, value, t, hint)
        if not isinstance(tangent, tuple):
            return tangent
        items, own = self._items(builder, value, t, len(tangent))
        types = (t.item,) * len(items) if isinstance(t, ListOf | TupleOf) else own.items
        parts = tuple(self.atom(builder, p, v, i) for p, v, i in zip(tangent, items, types, strict=True))
        return self.display(builder, own, parts, hint)

    def _growing(self, builder: Builder, value: Arg, t: Type, hint: str) -> Atom:
        """Of a list without derivatives, which may take values that have some: its zeros; None for other values without derivatives."""
        if isinstance(t, Struct) and t.cls is list:
            zeros = tuple(Const(0.0) if is_scalar(i) else Const(None) for i in t.items)
            return builder.call(PACK, (Pack("list", zeros),), tangent_type(t), hint=hint)
        if isinstance(t, ListOf) and isinstance(value, Var) and value not in self.unbound:
            return self.named(builder, apply("zeros_tree", lift(builder, value)), hint)
        return Const(None)

    def display(self, builder: Builder, t: Struct, parts: tuple[Arg, ...], hint: str = "") -> Atom:
        """A run-time container of tangents."""
        own = _container(t.cls)
        if own not in CONTAINERS:
            fields = tuple((str(k), p) for k, p in zip(t.keys, parts, strict=True))
            return builder.call(BUILD, (NAMESPACE,), tangent_type(t), hint=hint, params=fields)
        keys = tuple(map(Const, t.keys)) if is_dict(t.cls) else ()
        return builder.call(PACK, (Pack(own.__name__, parts, keys),), tangent_type(t), hint=hint)

    def _items(self, builder: Builder, value: Arg, t: Type, count: int) -> tuple[tuple[Arg, ...], Struct]:
        """The primal items of a container and its structure."""
        if isinstance(value, Pack):
            types = tuple(atom_type(i) if not isinstance(i, Pack) else UNKNOWN for i in value.items)  # type: ignore[arg-type]
            cls = KINDS[value.kind]
            keys = tuple(k.value for k in value.keys if isinstance(k, Const))
            return value.items, t if isinstance(t, Struct) else Struct(cls, keys, types)
        if isinstance(value, Var) and isinstance(value.type, Struct):
            t = value.type
        if not isinstance(t, Struct) or isinstance(value, Undef):
            return (value,) * count, Struct(tuple, (), (UNKNOWN,) * count)
        return tuple(self._primal_item(builder, value, t, n) for n in range(count)), t

    def _primal_item(self, builder: Builder, value: Arg, t: Struct, n: int) -> Arg:
        """The primal item, which is read only if a zero may need its shape."""
        item = t.items[n]
        lone = not may_carry_derivative(item) and not isinstance(item, ListOf)
        if is_scalar(item) or lone or not isinstance(value, Var):
            return Const(0.0)
        part = self.read(builder, value, t, n, item)
        if value in self.unbound:  # a record that holds such a value
            self.unbound |= {part}
        return part

    # ---- zeros -------------------------------------------------------------------------------------------------------
    def zero(self, builder: Builder, value: Arg, t: Type, hint: str = "") -> Atom:
        """A zero tangent that exists at run time."""
        if value == Const(None):  # a cotangent that is zero
            return Const(None)
        if isinstance(value, Undef):
            return value
        if is_scalar(t):
            return Const(0.0) if may_carry_derivative(t) else Const(None)
        if not may_carry_derivative(t):
            return Const(None)
        if (isinstance(value, Var) and value in self.empty) or value == Pack("list", ()):
            return builder.call(PACK, (Pack("list", ()),), tangent_type(t), hint=hint)
        if value in self.unbound:
            return self.named(builder, apply("zeros_tree", lift(builder, value)), hint)
        if isinstance(t, ListOf) and isinstance(value, Var) and isinstance(value.type, ListOf):
            lone, item = not may_carry_derivative(value.type), value.type.item
            if item in (FLOAT, REAL) or (lone and is_scalar(item)):  # integers among floats
                return builder.call(LIST_ZEROS, (value,), tangent_type(t), hint=hint)
            if lone:
                return self.named(builder, apply("zeros_tree", lift(builder, value)), hint)
        if isinstance(t, TupleOf) and isinstance(value, Var) and not may_carry_derivative(value.type):  # numbers come later
            return self.named(builder, apply("zeros_tree", lift(builder, value)), hint)
        if isinstance(t, Struct):
            items, t = self._items(builder, value, t, len(t.items))
            return self.display(builder, t, tuple(self.zero(builder, v, i) for v, i in zip(items, t.items, strict=True)), hint)
        return self.named(builder, o.zeros_like(lift(builder, value)), hint)

    def result(self, builder: Builder, found: Any, hint: str, t: Type) -> Tangent:
        """What a rule gave, as the tangent of a value of type `t`."""
        if isinstance(found, tuple):
            types = t.items if isinstance(t, Struct) and len(t.items) == len(found) else (UNKNOWN,) * len(found)
            return tuple(self.result(builder, f, "", item) for f, item in zip(found, types, strict=True))
        return None if found is None else self.named(builder, of_kind(found, t) if isinstance(found, Traced) else found, hint, t)

    def named(self, builder: Builder, result: Any, hint: str, t: Type = UNKNOWN) -> Atom:
        """The atom of a recorded value; a temporary that the last statement defines takes the name `hint`."""
        atom = lower(result)
        assert not isinstance(atom, Pack)
        last = builder.stmts[-1] if builder.stmts else None
        unsure = isinstance(atom, Var) and atom.type == UNKNOWN and is_scalar(t) and dtype_kind(t) == "c"
        if (hint or unsure) and isinstance(atom, Var) and not atom.hint and isinstance(last, Call) and last.outs == (atom,):
            new = builder.names.var(hint, COMPLEX if unsure else atom.type)
            builder.stmts[-1] = Call((new,), last.op, last.args, last.params, last.loc, last.note)
            renamed(builder, atom, new)
            return new
        return atom  # type: ignore[return-value]

