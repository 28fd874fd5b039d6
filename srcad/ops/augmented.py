"""Augmented assignment to arrays and their elements, `x[i] += v` and `x += v`: linear in `x`, whose cotangent is changed in place."""
from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.ir.core import augmented_store
from srcad.ir.types import Array, Type
from srcad.ops.adapt import for_stores
from srcad.ops.infer import type_of
from srcad.ops.op import define_entry
from srcad.ops.samples import arr, calls
from srcad.ops.storage import part_of
from srcad.ops.trace import Traced, apply, o, type_at

LINEAR = ("add", "sub", "mul", "truediv")
"""The operators whose augmented stores have rules of their own; the others are differentiated as a store of a result."""

_ACTS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv,
}  # fmt: skip


def _same(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    return type_of(args[0])


def _own(part: Any) -> Any:
    """The part on its own: what it is a view of is changed next."""
    return o.copy_of(part) if isinstance(part, Traced) and isinstance(type_at(part), Array) else part


def _value_bar(name: str, part: Any, old: Any, new: Any, value: Any) -> Any:
    """The cotangent of the right-hand side, from that of the changed part."""
    if name == "add":
        return o.unbroadcast(part, value)
    if name == "sub":
        return o.unbroadcast(-part, value)
    if name == "mul":
        return o.unbroadcast(part * old(), value)
    return o.unbroadcast(-(part * new()) / value, value)


def _value_dot(name: str, dot: Any, old: Any, new: Any, value: Any) -> tuple[str, Any]:
    """What the tangent of the right-hand side does to that of the part: an operator and an amount."""
    if name in ("add", "sub"):
        return name, dot
    return ("add", old() * dot) if name == "mul" else ("sub", new() * dot / value)


def _part_rules(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    op = f"store_{name}"

    def backward(g: Any, y: Any, given: tuple[Any, ...], statics: Any, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        x, index, value = given
        value_bar = None
        if wanted[2]:
            part = part_of(g, index)
            part = _own(part) if name == "add" and o.index_kind(g, index) == "basic" else part  # others are copies
            value_bar = _value_bar(name, part, lambda: x[index], lambda: y[index], value)
        if not wanted[0]:
            return None, None, value_bar
        return g if name in ("add", "sub") else apply(op, for_stores(g, x), index, value), None, value_bar

    def forward(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: Any) -> Any:
        (tx, _, tv), (x, index, value) = tangents, given
        if tx is None and tv is None:
            return None
        dot = o.zeros_like(x) if tx is None else for_stores(tx, x)
        if name in ("mul", "truediv") and tx is not None:
            dot = apply(op, dot, index, value)
        if tv is None:
            return dot
        sign, amount = _value_dot(name, tv, lambda: x[index], lambda: y[index], value)
        return apply(f"store_{sign}", dot, index, amount)

    return backward, forward


def _whole_rules(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    act = getattr(operator, name)

    def backward(g: Any, y: Any, given: tuple[Any, ...], statics: Any, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
        x, value = given
        value_bar = _value_bar(name, g, lambda: x, lambda: y, value) if wanted[1] else None
        if not wanted[0]:
            return None, value_bar
        return g if name in ("add", "sub") else o.unbroadcast(act(g, value), x), value_bar

    def forward(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: Any) -> Any:
        (tx, tv), (x, value) = tangents, given
        if tx is None and tv is None:
            return None
        dot = o.zeros_like(x) if tx is None else for_stores(tx, x)
        if name in ("mul", "truediv") and tx is not None:
            dot = apply(f"store_{name}_whole", dot, value)
        if tv is None:
            return dot
        sign, amount = _value_dot(name, tv, lambda: x, lambda: y, value)
        return apply(f"store_{sign}_whole", dot, amount)

    return backward, forward


def _stored_part(name: str) -> Callable[..., Any]:
    def run(x: Any, index: Any, value: Any) -> Any:
        x = np.array(x)
        x[index] = _ACTS[name](x[index], value)
        return x

    return run


def _entries(name: str) -> tuple[Any, ...]:
    backward, forward = _part_rules(name)
    op = augmented_store(name, whole=False)
    part = define_entry(
        _stored_part(name), "general", "", op.name, (), op.view, op,
        names=("x", "index", "value"), operands=3, backward=backward, forward=forward, infer=_same,
        sample=calls((arr(4), 1, 0.7), (arr(4), slice(1, 3), arr(2, low=0.4)), (arr(2, 3), (slice(None), 1), 0.6),
                     (arr(4), np.array([2, 0, 2]), arr(3, low=0.4))),
    )
    backward, forward = _whole_rules(name)
    op = augmented_store(name, whole=True)
    whole = define_entry(
        _ACTS[name], "general", "", op.name, (), op.view, op,
        names=("x", "value"), operands=2, backward=backward, forward=forward, infer=_same,
        sample=calls((arr(4), 0.7), (arr(2, 3), arr(3, low=0.4))),
    )
    return part, whole


RULES = tuple(e for name in LINEAR for e in _entries(name))
