"""Lists of numbers within a list: an item is read, set or added to at two places.

Appending and popping belong to `ad.structure`, with those of other lists.
"""
from __future__ import annotations

from typing import Any

from srcad import runtime
from srcad.ir.core import ITEM_IN, LIST_ADD_IN, LIST_SET_IN
from srcad.ir.types import ListOf, Type
from srcad.ops.infer import type_of
from srcad.ops.op import define_entry, general
from srcad.ops.samples import calls
from srcad.ops.trace import apply, o


def _inner(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    t = type_of(args[0])
    return t.item.item if isinstance(t, ListOf) and isinstance(t.item, ListOf) else None


def _same(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    return type_of(args[0])


def _item_back(g: Any, y: Any, x: Any, outer: Any, index: Any) -> tuple[Any, None, None]:
    """For a list whose cotangent may be None; others are added to in place (`ad.structure`)."""
    return apply("list_add_in", o.zeros_like(x), outer, index, g), None, None


def _item_forth(t: Any, y: Any, x: Any, outer: Any, index: Any) -> Any:
    return apply("item_in", t[0], outer, index)


def _moved(t: Any, x: Any) -> Any:
    """The tangent of a list that is changed."""
    return o.zeros_like(x) if t is None else t


def _set_back(g: Any, y: Any, given: tuple[Any, ...], statics: Any, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    """The value takes its part of the cotangent, the list loses it."""
    _, outer, index, value = given
    value_bar = o.unbroadcast(apply("item_in", g, outer, index), value) if wanted[3] else None
    return apply("list_set_in", g, outer, index, 0.0) if wanted[0] else None, None, None, value_bar


def _set_forth(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: Any) -> Any:
    (tx, _, _, tv), (x, outer, index, _) = tangents, given
    return None if tx is None and tv is None else apply("list_set_in", _moved(tx, x), outer, index, 0.0 if tv is None else tv)


def _add_back(g: Any, y: Any, x: Any, outer: Any, index: Any, value: Any) -> tuple[Any, ...]:
    return g, None, None, o.unbroadcast(apply("item_in", g, outer, index), value)


def _add_forth(t: Any, y: Any, x: Any, outer: Any, index: Any, value: Any) -> Any:
    return _moved(t[0], x) if t[3] is None else apply("list_add_in", _moved(t[0], x), outer, index, t[3])


_ROWS = [[0.3, -0.7], [1.1, 0.2, 0.5]]
_PLACES: dict[str, Any] = {"names": ("x", "outer", "index", "value"), "operands": 4, "infer": _same, "sample": calls((_ROWS, 1, -1, 0.4))}

RULES = (
    general(runtime.item_in, vjp=_item_back, jvp=_item_forth, name="item_in", path="", op=ITEM_IN, names=("x", "outer", "index"),
        operands=3, infer=_inner, sample=calls((_ROWS, 1, 2))),
    define_entry(runtime.with_item_in, "linear", "", "list_set_in", (), LIST_SET_IN.view, LIST_SET_IN, backward=_set_back,
        forward=_set_forth, **_PLACES),
    general(runtime.with_sum_in, vjp=_add_back, jvp=_add_forth, name="list_add_in", path="", op=LIST_ADD_IN, **_PLACES),
)  # fmt: skip
