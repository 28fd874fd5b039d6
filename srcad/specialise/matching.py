"""Tangents and cotangents inside differentiated code: brought into the structure, shape and dtype of the values they belong to."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from srcad.ir.nodes import UNDEF, Atom, Const
from srcad.ir.types import (
    CONTAINERS, FLOAT, NONE, UNKNOWN, Array, ListOf, NpScalar, Scalar, Struct, TupleOf, Type, dtype_kind, is_scalar, may_carry_derivative,
    same_shape,
)  # fmt: skip
from srcad.ops import table
from srcad.ops.entry import quiet
from srcad.specialise.items import unpack
from srcad.specialise.templates import explode, leaves, parts
from srcad.specialise.values import Dyn, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def matched(engine: Engine, given: Value | None, shape: Value, like: Iterator[Dyn], where: str) -> Iterator[tuple[Dyn, Value]]:
    """The differentiated leaves of a value, each with its part of a tree of tangents or cotangents.

    `like` gives the leaves themselves; where `given` has no part (None), nothing is yielded.
    """
    if isinstance(shape, Dyn):
        own = next(like)
        if given is not None and may_carry_derivative(shape.type):
            yield own, given
        return
    own_parts = parts(shape)
    if own_parts is None:
        return
    keys, items = own_parts
    given = None if given is None else taken_apart(engine, given, 0 if keys else len(items))
    found: tuple[Value | None, ...] = (None,) * len(items)
    if given is not None and not is_none(given):
        if not isinstance(given, Seq) or len(given.items) != len(items) or set(given.keys) != set(keys):
            raise engine.refuse("ShapeMismatch", "SRC601", f"{where} does not have the structure of its value", "give it that structure")
        found = tuple(given.at(k) for k in keys) if keys else given.items
    for n, (item, part) in enumerate(zip(items, found, strict=True)):
        yield from matched(engine, part, item, like, f"{where}[{n}]")


def taken_apart(engine: Engine, given: Value, count: int) -> Value:
    """A tree by its items: as many as `count` of a list or tuple whose length is not known before run time."""
    if isinstance(given, Dyn) and isinstance(given.type, Struct):
        return explode(given, engine.builder)
    if isinstance(given, Static) and isinstance(given.value, tuple):  # of constants, captured
        return Seq(tuple, tuple(map(Static, given.value)))
    if isinstance(given, Dyn) and isinstance(given.type, ListOf | TupleOf) and count:
        return Seq(tuple, tuple(unpack(engine, given, count, None, ["part"] * count)))
    return given


def whole(engine: Engine, given: Value, shape: Value, likes: list[Dyn], where: str) -> Iterator[Atom]:
    """One atom per leaf of `shape` that can have a derivative, zero where `given` is None; `likes` are those leaves."""
    numbered = iter([Dyn(Const(n), leaf.type, leaf.varied) for n, leaf in enumerate(leaves(shape))])
    found = {like.atom: part for like, part in matched(engine, given, shape, numbered, where)}
    left = iter(likes)
    for n, leaf in enumerate(leaves(shape)):
        if may_carry_derivative(leaf.type):
            yield fitting(engine, found.get(Const(n), Static(None)), next(left), where)


def fitting(engine: Engine, given: Value, like: Dyn, where: str) -> Atom:
    """A tangent or cotangent as an atom; what types do not prove of its shape and dtype is checked at run time."""
    if is_none(given):
        return zero(engine, like).atom
    found = engine.runtime(given, "a tangent or cotangent")
    a, b = found.type, like.type
    if is_scalar(a) and is_scalar(b) and isinstance(found.atom, Const):
        return Const(float(found.atom.value))  # type: ignore[arg-type]
    if a == b and (is_scalar(b) or (isinstance(b, Array) and same_shape(a, b))):
        return found.atom
    if isinstance(b, Struct | ListOf):
        return found.atom
    spelling = table.spelling("fitting")
    assert spelling is not None
    return engine.builder.call(spelling.op, (found.atom, like.atom, Const(where)), _float_type(b))


def settled(engine: Engine, tangent: Dyn, like: Dyn) -> Dyn:
    """A tangent with the type of its value, where that is a number; that of a real array is real."""
    t = like.type
    if isinstance(t, Array) and dtype_kind(t) == "f" and tangent.type == UNKNOWN:
        real = table.spelling("np.real")
        assert real is not None
        return replace(tangent, atom=engine.builder.call(quiet(real.op), (tangent.atom,), t), type=t)
    if not is_scalar(tangent.type) or not may_carry_derivative(t) or not is_scalar(t):
        return tangent
    word = "float" if t == FLOAT else f"np.{t.dtype}" if isinstance(t, NpScalar) else ""
    spelling = table.spelling(word)
    args: tuple[Atom, ...] = (tangent.atom,)
    if spelling is None and like.atom is not UNDEF:
        spelling, args = table.spelling("gradient_like"), (tangent.atom, like.atom)
    if spelling is None:
        return tangent
    return replace(tangent, atom=engine.builder.call(quiet(spelling.op), args, t), type=t)


def _float_type(t: Type) -> Type:
    return FLOAT if isinstance(t, Scalar) and t.kind == "real" else t


def is_none(value: Value) -> bool:
    """Whether a tangent or cotangent is None, which means zero, or a container of nothing else."""
    if isinstance(value, Seq):
        return all(map(is_none, value.items))
    return (isinstance(value, Static) and value.value is None) or (isinstance(value, Dyn) and _is_none_type(value.type))


def _is_none_type(t: Type) -> bool:
    match t:
        case ListOf(item) | TupleOf(item):
            return _is_none_type(item)
        case Struct(cls, _, items):
            return cls in CONTAINERS and bool(items) and all(map(_is_none_type, items))
    return t == NONE


def zero(engine: Engine, like: Dyn) -> Dyn:
    """A zero in the shape of a value."""
    if isinstance(like.type, Scalar | NpScalar):
        return Dyn(Const(0.0), FLOAT)
    if not isinstance(like.type, Array):
        spelling = table.spelling("zeros_tree")
        assert spelling is not None
        return Dyn(engine.builder.call(spelling.op, (like.atom,), like.type), like.type)
    return engine.runtime(engine.call(Static(np.zeros_like, "numpy:zeros_like"), [like], {}), "a zero")


def in_structure(shape: Value, found: Iterator[Value]) -> Value:
    """A value with a part for each leaf that can have a derivative, None elsewhere."""
    match shape:
        case Dyn(_, t):
            return next(found) if may_carry_derivative(t) else Static(None)
        case Seq(cls, items, keys):
            return Seq(cls, tuple(in_structure(i, found) for i in items), keys)
    own = parts(shape)
    return Static(None) if own is None else Seq(tuple, tuple(in_structure(i, found) for i in own[1]))


def alike(a: Type, b: Type) -> bool:
    """Whether two results are of one kind: numbers, or arrays of one dtype and rank, as far as is known."""
    if UNKNOWN in (a, b) or a == b:
        return True
    if isinstance(a, Array) and isinstance(b, Array):
        return (a.dtype, a.ndim) == (b.dtype, b.ndim)
    return is_scalar(a) and is_scalar(b)
