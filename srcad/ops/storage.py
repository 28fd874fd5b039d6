"""Writing elements: a store takes the place of part of an array and gives the array back, changed."""
from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.core import STORE, STORE_IN
from srcad.ir.nodes import Effect, Op, View
from srcad.ir.types import INT, UNKNOWN, Array, ListOf, Struct, Type, dtype_kind, is_scalar
from srcad.ops.adapt import for_stores
from srcad.ops.infer import ANY, is_type, type_of
from srcad.ops.index import index_array
from srcad.ops.samples import arr, calls
from srcad.ops.op import define_entry, general, linear, nondiff, step_helper
from srcad.ops.trace import Traced, apply, made, maybe_complex, o, type_at


STORE_REAL = Op("store_real", "_0.real[_1] = _2", effects=Effect.RAISES, inplace=True)
STORE_IMAG = Op("store_imag", "_0.imag[_1] = _2", effects=Effect.RAISES, inplace=True)
IN_PLACE = Op("in_place", "in_place(_0, _1)", ("srcad.runtime:in_place",), Effect.RAISES, view=View.MAYBE)  # args: result of `x op y`, x
ADD_AT = Op("add_at", "np.add.at(_0, _1, _2)", ("numpy as np",), Effect.RAISES, inplace=True)


def _same(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A store leaves the type as it is."""
    return type_of(args[0])


_ITSELF = object()  # no outer subscript; None is one


def part_of(g: Any, index: Any) -> Any:
    """The part of a cotangent that belongs to what was stored: of equal places in an index array, the last one."""
    if o.index_kind(g, index) in ("basic", "unique"):
        return g[index]
    return apply("np.where", apply("last_stored", g, index), g[index], 0.0)


def _is_number(x: Any, index: Any) -> bool:
    """Whether an array of rank 0 is addressed as a whole; its cotangent may be a number, into which nothing can be stored."""
    t = type_at(x)
    parts = index if isinstance(index, tuple) else (index,)
    return isinstance(t, Array) and t.ndim == 0 and all(p is Ellipsis or p is None for p in parts)


def _own(part: Any) -> Any:
    """The part on its own: what it is a view of is set to 0 next."""
    t = type_at(part)
    return o.copy_of(part) if isinstance(part, Traced) and isinstance(t, Array) else part


def _store_vjp(g: Any, x: Any, outer: Any, index: Any, value: Any, wanted: tuple[bool, bool]) -> tuple[Any, Any]:
    """Cotangents of the array and of the value: the value takes its part, the array loses it."""
    value_bar = x_bar = None
    if outer is _ITSELF and (index is Ellipsis or _is_number(x, index)):  # nothing of the array is left
        return None, o.unbroadcast(g, value) if wanted[1] else None
    g = for_stores(g, x)
    if wanted[1]:
        part = part_of(g if outer is _ITSELF else g[outer], index)
        value_bar = o.unbroadcast(part, value)
        if made(value_bar)[0] != "np.sum":
            value_bar = o.unbroadcast(_own(part), value)
    if wanted[0]:
        x_bar = apply("store", g, index, 0.0) if outer is _ITSELF else apply("store_in", g, outer, index, 0.0)
    return x_bar, value_bar


def _backward(g: Any, y: Any, given: tuple[Any, ...], statics: Any, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    x, index, value = given
    x_bar, value_bar = _store_vjp(g, x, _ITSELF, index, value, (wanted[0], wanted[2]))
    return x_bar, None, value_bar


def _backward_in(g: Any, y: Any, given: tuple[Any, ...], statics: Any, wanted: tuple[bool, ...]) -> tuple[Any, ...]:
    x, outer, index, value = given
    x_bar, value_bar = _store_vjp(g, x, outer, index, value, (wanted[0], wanted[3]))
    return x_bar, None, None, value_bar


def _moved(t: Any, x: Any) -> Any:
    """The tangent of an array that is stored into."""
    return o.zeros_like(x) if t is None else for_stores(t, x)


def _forward(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: Any) -> Any:
    (tx, _, tv), (x, index, _) = tangents, given
    return None if tx is None and tv is None else apply("store", _moved(tx, x), index, 0.0 if tv is None else tv)


def _forward_in(tangents: tuple[Any, ...], y: Any, given: tuple[Any, ...], statics: Any) -> Any:
    (tx, _, _, tv), (x, outer, index, _) = tangents, given
    return None if tx is None and tv is None else apply("store_in", _moved(tx, x), outer, index, 0.0 if tv is None else tv)


def _mask_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A truth value for each element that a store addresses."""
    t = type_of(args[0])
    found = index_array(t, args[1]) if isinstance(t, Array) else None
    return Array("bool", found.shape) if isinstance(found, Array) else found


def _added_at(x: Any, index: Any, value: Any) -> Any:
    x = np.array(x)
    np.add.at(x, index, value)
    return x


def _add_at_back(g: Any, y: Any, x: Any, index: Any, value: Any) -> tuple[Any, None, Any]:
    return g, None, o.unbroadcast(g[index], value)


def _add_at_forth(t: Any, y: Any, x: Any, index: Any, value: Any) -> Any:
    base = _moved(t[0], x)
    return base if t[2] is None else apply("add_at", base, index, t[2])


# ---- parts of complex numbers ----------------------------------------------------------------------------------------
def _part_rule(name: str) -> tuple[Any, Any]:
    """Both modes of a store into the real or imaginary part; the cotangent of `v` that becomes `i v` is that of `i v` times i."""

    def back(g: Any, y: Any, x: Any, index: Any, value: Any) -> tuple[Any, None, Any]:
        whole = maybe_complex(g)
        if whole and dtype_kind(type_at(g)) != "c":
            g = apply("ndarray.astype", g, np.complex128)
        if not whole and name == "imag":  # a cotangent that is real all over says nothing of the imaginary part
            return g, None, None
        part = part_of((g.real if name == "real" else -g.imag) if whole else g, index)
        value_bar = o.unbroadcast(_own(part), value)
        return apply(f"store_{name}" if whole else "store", g, index, 0.0), None, value_bar

    def forth(t: Any, y: Any, x: Any, index: Any, value: Any) -> Any:
        return apply(f"store_{name}", _moved(t[0], x), index, 0.0 if t[2] is None else t[2])

    return back, forth


def _part_store(name: str, fn: Any, op: Op) -> Any:
    back, forth = _part_rule(name)
    z = arr(4) + 1j * arr(4, seed=2)
    return general(fn, vjp=back, jvp=forth, name=op.name, path="", op=op, names=("x", "index", "value"), operands=3, infer=_same,
        sample=calls((z, slice(1, 3), arr(2, seed=1)), (z, 2, 0.7), (z, Ellipsis, 0.3)))  # fmt: skip


def _places_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A subscript for each axis."""
    t = type_of(args[0])
    if not isinstance(t, Struct):
        return None
    single = type(args[1]) is int or (is_type(args[1]) and is_scalar(args[1]))
    return Struct(tuple, (), (INT if single else Array("int64", (ANY,)),) * len(t.items))


def _places_at_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A vector of subscripts for each axis."""
    t = type_of(args[0])
    return Struct(tuple, (), (Array("int64", (ANY,)),) * len(t.shape)) if isinstance(t, Array) and t.shape is not None else None


def _unfollowed(*args: Any, **params: Any) -> Any:
    raise NoRule("what `x.base` holds of a differentiated array has no derivative rule", "keep the array that was sliced under a name")


RULES = (
    _part_store("real", runtime.stores.stored_real, STORE_REAL), _part_store("imag", runtime.stores.stored_imag, STORE_IMAG),
    nondiff(runtime.flat_places, name="flat_places", path="", infer=_places_type,
        op=Op("flat_places", "flat_places(_0, _1)", ("srcad.runtime:flat_places",), Effect.RAISES)),
    general(operator.attrgetter("base"), vjp=_unfollowed, jvp=_unfollowed, name="x.base", path="", spelled=("x.base",), refused=True,
        infer=lambda *_: UNKNOWN),
    define_entry(runtime.stored, "linear", "", "store", (), STORE.view, STORE, names=("x", "index", "value"), operands=3,
        backward=_backward, forward=_forward, infer=_same, sample=calls(
            (arr(4), 1, 0.3), (arr(4), slice(1, 3), arr(2, seed=1)), (arr(2, 3), (slice(None), 1), arr(2, seed=1)), (arr(2, 3), 0, 0.4),
            (arr(4), np.array([2, 0, 2]), arr(3, seed=1)), (arr(3), np.array([True, False, True]), arr(2, seed=1)))),
    define_entry(runtime.stored_in, "linear", "", "store_in", (), STORE_IN.view, STORE_IN, names=("x", "outer", "index", "value"),
        operands=4, backward=_backward_in, forward=_forward_in, infer=_same,
        sample=calls((arr(5), slice(1, 4), slice(None, None, 2), arr(2, seed=1)), (arr(3, 4), slice(1, None), (0, 2), 0.3))),
    general(_added_at, vjp=_add_at_back, jvp=_add_at_forth, name="add_at", path="", op=ADD_AT, names=("x", "index", "value"), operands=3,
        infer=_same, sample=calls((arr(4), np.array([2, 0, 2]), arr(3, seed=1)), (arr(4), 1, 0.3))),
    linear(runtime.in_place, transpose=lambda g, result, x: g, name="in_place", path="", op=IN_PLACE, names=("result", "x"), operands=2,
        infer=lambda *_: UNKNOWN, sample=calls((0.3, 0.7), (arr(3), 0.7), (arr(3), arr(3, seed=1)))),
    step_helper(runtime.places_at, shape_only=(0,), infer=_places_at_type),
    step_helper(runtime.turns, shape_only=(0,), infer=lambda *_: ListOf(Array("int64", (ANY,)))),
    step_helper(runtime.last_stored, shape_only=(0,), infer=_mask_type),
)  # fmt: skip
