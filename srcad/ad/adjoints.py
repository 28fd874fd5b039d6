"""Adjoints: the cotangents collected so far, by primal value.

A value of known structure (`Struct`) has one adjoint per leaf: the key is (variable, path of item numbers).  A list has one
adjoint, a run-time list.  `owned` names buffers that nothing else refers to: they are added to in place.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from srcad.ad.structure import listed, require_alike, value_at
from srcad.ir.build import Builder
from srcad.ir.core import GETATTR, GETITEM, BUILD, BUILD_LIKE, LIST_ZEROS, NAMESPACE, PACK
from srcad.ir.nodes import Arg, Atom, Const, Effect, Pack, Ref, Var
from srcad.ir.types import (
    CONTAINERS, FLOAT, NONE, REAL, UNKNOWN, Array, ListOf, NpScalar, Residual, Struct, TupleOf, Type, dtype_kind, is_dict, is_number,
    is_scalar, may_carry_derivative,
)  # fmt: skip
from srcad.ops.adapt import of_kind
from srcad.ops.effects import is_fresh
from srcad.ops.trace import Traced, apply, made, o
from srcad.specialise.arguments import import_path
from srcad.specialise.templates import made_by_call

Path: TypeAlias = tuple[int, ...]
Key: TypeAlias = tuple[Var, Path]


def leaf_paths(t: Type, path: Path = ()) -> Iterator[tuple[Path, Type]]:
    """The leaves of a type that can have a cotangent."""
    if isinstance(t, Struct):
        for n, item in enumerate(t.items):
            yield from leaf_paths(item, (*path, n))
    elif may_carry_derivative(t):
        yield path, t


# Of what may be None.
_ITEM, _ATTRIBUTE = (
    replace(op, form="part_or_none(_0, _1)", imports=("srcad.runtime:part_or_none",), effects=Effect.NONE) for op in (GETITEM, GETATTR)
)


def type_at(t: Type, path: Path) -> Type:
    """The type of the leaf at a path."""
    for n in path:
        assert isinstance(t, Struct)
        t = t.items[n]
    return t


def piece_keys(param: Var, path: Path) -> Iterator[Key]:
    """The keys of the leaves of a part of a parameter."""
    for inner, _ in leaf_paths(type_at(param.type, path), path):
        yield param, inner


def built(builder: Builder, param: Var | None, path: Path, attributes: tuple[tuple[str, Arg], ...], t: Type) -> Atom:
    """A cotangent of an object: made by its class; where the constructor might refuse, a namespace, or for a parameter like what it is."""
    assert isinstance(t, Struct)
    by_class = made_by_call(t.cls, t.keys) and bool(import_path(t.cls))
    if t.cls is SimpleNamespace or (param is None and not by_class):
        return builder.call(BUILD, (NAMESPACE,), t, params=attributes)
    if by_class:
        return builder.call(BUILD, (Ref(f"{t.cls.__module__}:{t.cls.__qualname__}", t.cls),), t, params=attributes)
    assert param is not None
    return builder.call(BUILD_LIKE, (value_at(builder, param, param.type, path).atom,), t, params=attributes)


def is_buffer(t: Type) -> bool:
    """Whether cotangents of this type are buffers that can be changed in place."""
    return isinstance(t, Array | ListOf | TupleOf) and not (isinstance(t, Array) and not t.shape)


@dataclass(slots=True)
class Adjoints:
    """Adjoints that code at one point of the reverse sweep sees; `outer`: those of the block around.

    `hints` collects names for temporaries that turned out to be adjoints; they are renamed when the sweep is complete.
    """

    active: frozenset[Var]
    builder: Builder
    outer: Adjoints | None = None
    own: dict[Key, Traced | None] = field(default_factory=dict)
    owned: set[Atom] = field(default_factory=set)
    hints: dict[Var, str] = field(default_factory=dict)
    unbound: frozenset[Var] = frozenset()  # values that may not exist on the path taken
    mixed: bool = False  # the function holds arrays of less than double precision
    now: dict[Var, Atom | None] = field(default_factory=dict)  # versions of arrays that are stored into: what holds them here

    def nested(self, builder: Builder) -> Adjoints:
        """For a block inside."""
        return Adjoints(self.active, builder, self, {}, set(self.owned), self.hints, self.unbound, self.mixed)

    def get(self, key: Key) -> Traced | None:
        """The adjoint so far; None for zero."""
        inherited = self.outer.get(key) if self.outer is not None and key not in self.own else None
        found = self.own.get(key, inherited)
        return None if found is None else Traced(found.atom, found.type, self.builder)

    def set(self, key: Key, value: Traced | None) -> None:
        """Replace the adjoint."""
        self.own[key] = value

    def named(self, value: Traced, key: Key) -> Traced:
        """Remember that a temporary is the adjoint of a value that has a name."""
        if isinstance(value.atom, Var) and not value.atom.hint and bar(key):
            self.hints.setdefault(value.atom, bar(key))
        return value

    def has(self, var: Var) -> bool:
        """Whether any leaf of the value has an adjoint that is not zero."""
        return any(self.get((var, path)) is not None for path, _ in leaf_paths(var.type))

    def zero(self, key: Key, like: Traced | None = None) -> Traced:
        """A zero cotangent for a leaf, shaped like the primal (or like a value of the same shape)."""
        var, path = key
        t = type_at(var.type, path)
        if t == UNKNOWN and like is None:
            return self.named(apply("zeros_tree", value_at(self.builder, var, var.type, path)), key)  # it may be an array
        if is_scalar(t) or not isinstance(t, Array | ListOf | TupleOf | Residual):
            return Traced(Const(0.0), t, self.builder)
        if var in self.unbound and like is None:
            made = self._zero_if_bound(var, path)
            self.owned.add(made.atom)
            return self.named(made, key)
        if isinstance(t, ListOf | TupleOf) and like is None:
            return self._zero_list(key, t)
        made = o.zeros_like(like if like is not None else value_at(self.builder, var, var.type, path))
        self.owned.add(made.atom)
        return self.named(made, key)

    def _zero_if_bound(self, var: Var, path: Path) -> Traced:
        """Zero for a leaf of a value that may be None, which has neither parts nor a shape."""
        whole = Traced(var, var.type, self.builder)
        keys: list[object] = []
        t = var.type
        for n in path:
            assert isinstance(t, Struct)
            keys.append(n if t.cls in (tuple, list) or issubclass(t.cls, tuple) else t.keys[n])
            t = t.items[n]
        if isinstance(t, TupleOf):
            return Traced(apply("zeros_list", whole, tuple(keys)).atom, ListOf(t.item), self.builder)
        if not path:
            return apply("zeros_tree", whole)  # type: ignore[no-any-return]
        return Traced(apply("zeros_part", whole, tuple(keys)).atom, t, self.builder)

    def _zero_list(self, key: Key, t: ListOf | TupleOf) -> Traced:
        """A list of zeros: also the cotangent of a tuple is collected in a list."""
        whole = value_at(self.builder, key[0], key[0].type, key[1])
        held = ListOf(t.item)
        if t.item in (FLOAT, REAL) or (t.item == NpScalar("float64") and not self.mixed):
            made = Traced(self.builder.call(LIST_ZEROS, (whole.atom,), held), held, self.builder)
        elif isinstance(t, TupleOf):
            made = o.zeros_like(listed(whole, t))
        else:
            made = o.zeros_like(whole)
        self.owned.add(made.atom)
        return self.named(made, key)

    def get_or_zero(self, key: Key, like: Traced | None = None) -> Traced:
        """The adjoint so far, zero made explicit."""
        found = self.get(key)
        return self.zero(key, like) if found is None else found

    # ---- contributions -----------------------------------------------------------------------------------------------
    def contribute(self, target: Any, value: Any, path: Path = ()) -> None:
        """Add a cotangent (a traced value, or a tree of them where the target has structure)."""
        if value is None or not isinstance(target, Var) or target not in self.active:
            return
        t = type_at(target.type, path)
        if isinstance(t, Struct):
            for n in range(len(t.items)):
                self.contribute(target, _child(value, t, n, self.builder, maybe=target in self.unbound), (*path, n))
        elif may_carry_derivative(t):
            self._add((target, path), _as_traced(value, t, self.builder))

    def contribute_or_none(self, target: Var, value: Traced) -> None:
        """Add a cotangent that is None where the value is."""
        key: Key = (target, ())
        old = self.get(key)
        if target not in self.unbound or target not in self.active or not is_number(target.type):
            self.contribute(target, value)
        elif old is not None or is_scalar(target.type):
            total = o.add_trees(Traced(Const(0.0), target.type, self.builder) if old is None else old, value)
            self.set(key, self.named(total, key))
        else:
            self.contribute(target, value)

    def contribute_leaf(self, target: Any, path: Path, value: Traced | None) -> None:
        """Add a cotangent to one leaf of a value, or to what may be a leaf for others that know less of it."""
        if value is None or not isinstance(target, Var) or target not in self.active:
            return
        t = type_at(target.type, path)
        if not may_carry_derivative(t):
            return
        require_alike(t, value.type)
        if isinstance(t, Struct):
            self.contribute(target, value, path)
        else:
            self._add((target, path), value)

    def whole(self, var: Var, tree: Any, *, zeros: bool = True) -> Traced:
        """A tree of cotangents of a value as one run-time value, zeros filled in, or left None where it is added to another."""
        arg = self._packed(var, (), tree, zeros=zeros)
        if not isinstance(var.type, Struct):
            return Traced(arg, var.type, self.builder)  # type: ignore[arg-type]
        t = var.type if zeros else _without_zeros(var.type, tree)
        return Traced(self.builder.call(PACK, (arg,), t), t, self.builder)

    def _packed(self, var: Var, path: Path, tree: Any, *, zeros: bool) -> Arg:
        t = type_at(var.type, path)
        if isinstance(t, Struct):
            children = [None] * len(t.items) if tree is None else tree
            if tree is None and not zeros:
                return Const(None)
            items = tuple(self._packed(var, (*path, n), c, zeros=zeros) for n, c in enumerate(children))
            if t.cls in CONTAINERS:
                return Pack(t.cls.__name__, items, tuple(map(Const, t.keys)) if is_dict(t.cls) else ())
            shown = t if zeros else _without_zeros(t, tree)
            return built(self.builder, None, path, tuple(zip(map(str, t.keys), items, strict=True)), shown)
        if not may_carry_derivative(t) or (tree is None and not zeros):
            return Const(None)
        return self.zero((var, path)).atom if tree is None else tree.atom

    def _add(self, key: Key, value: Traced) -> None:
        old = self.get(key)
        t = type_at(key[0].type, key[1])
        if old is None or old.atom not in self.owned or dtype_kind(t) != "c":  # a complex buffer takes real numbers as they are
            value = _as_traced(of_kind(value, t), t, self.builder)  # of a literal it is one
        if self.mixed and t == NpScalar("float64") and value.type != t and not isinstance(value.type, Array):
            # A Python float would give way to float32 arrays where the primal, an np.float64, does not.
            value = apply("np.float64", value)
        if old is None:
            self.set(key, self.named(value, key))
        elif self._in_trees(key, old, value):
            self.set(key, self.named(o.add_trees(old, value), key))
        elif old.atom in self.owned and is_buffer(t):
            self.set(key, self._changed(old, apply("accum", old, value), key))
        else:
            total = _as_traced(o.add(old, value), t, self.builder)
            if is_buffer(t) and total.atom not in (old.atom, value.atom) and is_fresh(made(total)[0]):
                self.owned.add(total.atom)  # a sum is a new array that only this adjoint refers to
            self.set(key, self.named(total, key))

    def _in_trees(self, key: Key, *values: Traced) -> bool:
        """Whether cotangents are added as containers are, or may all be None since their value may not exist: no rule has computed them."""
        t = type_at(key[0].type, key[1])
        absent = key[0] in self.unbound and all(made(v)[0] in _HANDED_ON for v in values)
        return isinstance(t, ListOf | TupleOf | Residual) or absent or not any(map(is_number, (t, *(v.type for v in values))))

    def _changed(self, old: Traced, new: Any, key: Key) -> Traced:
        self.owned.discard(old.atom)
        found = self.named(_as_traced(new, old.type, self.builder), key)
        self.owned.add(found.atom)
        return found

    def buffer(self, key: Key) -> Traced:
        """The adjoint as a buffer that may be changed in place."""
        old = self.get(key)
        if old is None:
            found = self.zero(key)
        elif old.atom in self.owned:
            return old
        else:
            copy = apply("copy_tree", old) if key[0] in self.unbound else o.copy_of(old)
            found = self.named(listed(copy, type_at(key[0].type, key[1])), key)
            self.owned.add(found.atom)
        self.set(key, found)
        return found

    def contribute_at(self, target: Any, index: Any, value: Any, path: Path = ()) -> None:
        """Add a cotangent to the part `target[index]` of an array or list."""
        if value is None or not isinstance(target, Var) or target not in self.active:
            return
        key = (target, path)
        old = self.buffer(key)
        holds_none = target in self.unbound and isinstance(type_at(target.type, path), ListOf)
        added = apply("accum_absent", old, index, value) if holds_none else o.accum_into(old, index, value)
        self.set(key, self._changed(old, added, key))

    def contribute_in(self, target: Var, places: tuple[Any, Any], value: Traced) -> None:
        """Add a cotangent to an item of a list within a list."""
        if target in self.active:
            old = self.buffer((target, ()))
            self.set((target, ()), self._changed(old, apply("list_add_in", old, *places, value), (target, ())))


_HANDED_ON = frozenset(("", "zero_on_a_path", "zeros_tree", "zeros_part", "zeros_list", "copy_tree", "add_trees"))


def _without_zeros(t: Type, tree: Any) -> Type:
    """The type of a tree of cotangents, None where it is zero."""
    if tree is None or not isinstance(t, Struct):
        return NONE if tree is None else t
    return replace(t, items=tuple(map(_without_zeros, t.items, tree)))


def _child(value: Any, t: Struct, n: int, builder: Builder, *, maybe: bool) -> Any:
    """The cotangent of item `n` of a structured value; `maybe`: it is None where the value does not exist on the path taken."""
    if isinstance(value, Traced):
        if not may_carry_derivative(t.items[n]):
            return None
        if maybe:
            op = _ITEM if issubclass(t.cls, tuple | list | dict) else _ATTRIBUTE
            key = n if issubclass(t.cls, tuple | list) else t.keys[n]
            return Traced(builder.call(op, (value.atom, Const(key)), t.items[n]), t.items[n], builder)
        return value_at(builder, value.atom, t, (n,))
    if isinstance(value, dict):
        return value.get(t.keys[n])
    return value[n]


def _as_traced(value: Any, t: Type, builder: Builder) -> Traced:
    if isinstance(value, Traced):
        return value
    return Traced(Const(value.item() if isinstance(value, np.generic) else value), t, builder)  # a rule may compute with NumPy numbers


def bar(key: Key) -> str:
    """The user-visible name of an adjoint."""
    word = path_word(key)
    return f"{word}_bar" if word else ""


def path_word(key: Key) -> str:
    """A name for a part of a value that has one: `params_W` for `params['W']`, `state_0` for the first item."""
    var, path = key
    if not var.hint:
        return ""
    words, t = [var.hint], var.type
    for n in path:
        assert isinstance(t, Struct)
        known = str(t.keys[n]) if t.keys else ""
        words.append(known if f"x{known}".isidentifier() and known else str(n))
        t = t.items[n]
    return "_".join(words)
