"""Fitting cotangents to operands and tangents to results: shape (unbroadcast, stretch), dtype and realness.

Belongs to the kinds, never to a rule.  Nothing is recorded where types prove that nothing is to be done.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import COMPLEX, FLOAT, REAL, UNKNOWN, Array, NpScalar, Opaque, Scalar, Type, dtype_kind, is_number, is_scalar, join
from srcad.ops.infer import never_one
from srcad.ops.trace import Traced, apply, find_builder, is_traced, known_same_shape, literal, made, maybe_complex, o, type_at


class Over:
    """A partial `scale * (num / den)`, so that the cotangent is divided once; `guarded`: den may be 0 where the primal did not raise."""

    def __init__(self, num: Any, den: Any, guarded: bool = False, scale: Any = 1.0) -> None:
        self.num, self.den, self.guarded, self.scale = num, den, guarded, scale


def product(partial: Any, g: Any, y: Any) -> Any:
    """`partial * g`.  Where the result `y` is no Python number the primal was NumPy's, which does not raise at a division by 0.
    A partial may also be a linear function of the cotangent.
    """
    if callable(partial):
        return partial(g)
    if not isinstance(partial, Over):
        return times(partial, g)
    num = times(partial.num, g)
    return times(partial.scale, divide(num, partial.den, partial.guarded or not isinstance(type_at(y), Scalar)))


def divide(num: Any, den: Any, guarded: bool) -> Any:
    """`num / den`; guarded: without ZeroDivisionError."""
    python = isinstance(type_at(num), Scalar | Opaque) and isinstance(type_at(den), Scalar | Opaque) and not (literal(den) and den)
    if guarded and (python or not is_traced((num, den))):
        return apply("safe_divide", num, den)
    return num / den


def times(partial: Any, g: Any) -> Any:
    """A product without factors of 1 and -1."""
    for c, x in ((partial, g), (g, partial)):
        if literal(c) and c == 1 and (isinstance(x, Traced) or not literal(x)):
            return x
        if literal(c) and c == -1 and not literal(x):
            return -x
    return partial * g


_DEPTH = 8
_CASTS = frozenset(("float", "np.float16", "np.float32", "np.float64", "np.longdouble", "ndarray.astype"))
_ADDED = frozenset(("scatter_add", "accum_at", "accum_repeated", "accum_any"))
_ZEROS = frozenset(("zeros_like_shape", "np.zeros", "np.zeros_like", "zeros_like"))
_THROUGH = frozenset(("truediv", "neg", "getitem", "np.reshape", "ndarray.T", "np.transpose", "spread", "np.where")) | _CASTS


def masked(g: Any, depth: int = _DEPTH) -> bool:
    """Whether a cotangent is 0 at some elements because a mask is downstream: `where`, a store, a boolean index, `maximum`, `clip`."""
    name, inner = made(g)
    if not name or not depth or not isinstance(type_at(g), Array):
        return False
    if name == "np.where" and any(literal(v) and v == 0 for v in inner[1:]):
        return True
    if name in _ADDED:
        return _is_mask(inner[1]) or masked(inner[2], depth - 1) or (name != "scatter_add" and masked(inner[0], depth - 1))
    if name == "store":  # reverse code stores zeros where the primal has stored
        return True
    if name == "mul":
        return any(_is_mask(v) or masked(v, depth - 1) for v in inner)
    if name in ("add", "sub"):
        return all(masked(v, depth - 1) for v in inner)
    return name in _THROUGH and masked(inner[1] if name == "np.where" else inner[0], depth - 1)


def _is_mask(v: Any) -> bool:
    if isinstance(v, tuple):
        return any(map(_is_mask, v))
    if dtype_kind(type_at(v)) == "b" and isinstance(v, Traced):
        return True
    name, inner = made(v)
    return name == "tie_share" or (name in ("add", "truediv") and isinstance(v, Traced) and _is_mask(inner[0]))


def _left_out(g: Any, depth: int = _DEPTH) -> list[tuple[Any, bool]]:
    """What tells that a number is 0 since a maximum, a bound or a branch has left out what it belongs to: conditions, and which way.

    That the number itself is 0 may be chance, and its product with infinity anything.
    """
    name, inner = made(g)
    if not depth or not _is_real(g):
        return []
    if name == "zero_on_a_path":
        return [inner]
    if name in ("number_or_zero", "zero_or_number"):
        return [(inner[1], name == "zero_or_number"), *_left_out(inner[0], depth - 1)]
    if name == "mul":
        return [found for v in inner for found in ([(v, False)] if _is_mask(v) else _left_out(v, depth - 1))]
    if name in ("add", "sub"):
        return _in_both(*(_left_out(v, depth - 1) for v in inner))
    return _left_out(inner[0], depth - 1) if name in ("truediv", "safe_divide", "neg") or name in _CASTS else []


def _masks(g: Any, depth: int = _DEPTH) -> list[tuple[Any, bool]]:
    """As `_left_out` for the elements of an array; empty where a mask has been moved, or is none but a place that was written."""
    name, inner = made(g)
    if not depth:
        return []
    if name == "np.where":
        lost = literal(inner[1]) and inner[1] == 0
        part = inner[2 if lost else 1]
        further = _masks(part, depth - 1) if masked(part, depth - 1) else None
        sure = further != [] and (lost or (literal(inner[2]) and inner[2] == 0))
        return [(inner[0], bool(lost)), *(further or ())] if sure else []
    if name == "mul":
        parts = [[(v, False)] if _is_mask(v) else _masks(v, depth - 1) if masked(v, depth - 1) else None for v in inner]
        return [] if [] in parts else [found for part in parts if part is not None for found in part]
    if name in ("add", "sub"):
        return _in_both(*(_masks(v, depth - 1) for v in inner))
    if name == "store" and literal(inner[2]) and inner[2] == 0 and _selects(inner[1], g):
        further = _masks(inner[0], depth - 1) if masked(inner[0], depth - 1) else None
        return [] if further == [] else [(inner[1], True), *(further or ())]
    if name in _ADDED and _selects(inner[1], g) and not masked(inner[2], depth - 1):
        return [(inner[1], False)] if name == "scatter_add" or made(inner[0])[0] in _ZEROS else []
    return _masks(inner[0], depth - 1) if name in ("truediv", "neg") or name in _CASTS else []


def _selects(index: Any, g: Any) -> bool:
    """Whether a subscript is a mask that has an element for each of `g`."""
    mask, whole = type_at(index), type_at(g)
    arrays = isinstance(index, Traced) and isinstance(mask, Array) and isinstance(whole, Array)
    return arrays and mask.dtype == "bool" and mask.ndim == whole.ndim  # type: ignore[union-attr]  # arrays


def _in_both(one: list[tuple[Any, bool]], other: list[tuple[Any, bool]]) -> list[tuple[Any, bool]]:
    """What tells that two terms are both left out, and so is their sum: the same conditions."""
    return one if [(c.atom, lost) for c, lost in one] == [(c.atom, lost) for c, lost in other] else []


def _holds(mask: Any) -> Any:
    """A mask, or the shares that are one, as truth values."""
    return mask if dtype_kind(type_at(mask)) == "b" else mask != 0


def _is_real(v: Any) -> bool:
    """Whether a recorded value is a real number, of whatever precision."""
    t = type_at(v)
    return is_traced(v) and (join(t, FLOAT) in (FLOAT, REAL) or (isinstance(t, NpScalar) and dtype_kind(t) == "f"))


def _unless(c: Any, condition: Any, *, lost: bool) -> Any:
    """The number `c`, and 0 where a condition is `lost`, though `c` may be infinite or nan there."""
    return apply("zero_or_number" if lost else "number_or_zero", c, condition)


def strong_zero(c: Any, g: Any) -> Any:
    """`c`, a multiple of the cotangent `g`, and 0 where `g` is 0 for being left out though the factor may be infinite or nan."""
    for condition, lost in {(v.atom, lost): (v, lost) for v, lost in (_left_out(g) if _is_real(c) else ())}.values():
        c = _unless(c, condition, lost=lost)
    if not masked(g):
        return c
    known = _masks(g)
    for mask, lost in known or ():
        c = apply("np.where", _holds(mask), 0.0, c) if lost else apply("np.where", _holds(mask), c, 0.0)
    return c if known else apply("np.where", g != 0.0, c, 0.0)


_SINGULAR = frozenset(("safe_divide", "power_slope", "safe_power", "pow", "np.power"))
_LINEAR = frozenset(("add", "sub", "mul", "neg", "getitem", "np.where", "spread", "full_like_shape", "np.reshape", "ndarray.T", "accum",
    "unbroadcast", "unsum", "number_or_zero", "zero_or_number")) | _CASTS


def unbounded(g: Any, depth: int = _DEPTH) -> bool:
    """Whether a cotangent may be infinite since a singular function is downstream: it was divided, or is a power."""
    if not is_traced(g):
        return not literal(g)
    name, inner = made(g)
    if name in _SINGULAR or (name == "truediv" and not literal(inner[1])):
        return True
    return bool(depth) and name in _LINEAR and any(unbounded(v, depth - 1) for v in inner if isinstance(v, Traced))


def strong_mask(mask: Any, c: Any, g: Any) -> Any:
    """`c = mask * g`, and 0 where the mask is 0 though `g` may be infinite or nan."""
    if not unbounded(g) or literal(mask):
        return c
    if _is_real(c) and is_scalar(type_at(mask)):
        return _unless(c, mask, lost=False)
    return apply("np.where", _holds(mask), c, 0.0)


def same_shape_operands(x: Any, others: Iterable[Any]) -> bool:
    """Whether the result of an elementwise operation provably has the shape of operand `x`."""
    return all(is_scalar(type_at(v)) or literal(v) or known_same_shape(x, v) for v in others)


def to_operand(c: Any, x: Any, others: Iterable[Any] = ()) -> Any:
    """The cotangent `c`, which has the result's shape, reduced to the shape and type of operand `x`."""
    if c is None:
        return None
    if not is_traced((c, x)):
        return runtime.unbroadcast(c, x)
    if isinstance(x, list | tuple):
        return _to_items(c, x, tuple(others))
    return cast(_reduce(c, x, tuple(others)), x)


@o.define
def unbroadcast(c: Any, x: Any) -> Any:
    """The cotangent of a broadcast of `x`, summed to the shape of `x`."""
    return to_operand(c, x, (c,))


def _to_items(c: Any, x: Any, others: tuple[Any, ...]) -> Any:
    if not all(is_scalar(type_at(v)) or literal(v) for v in others):
        return apply("tree_like", apply("unbroadcast", c, x), x)
    items = [to_operand(c[i], item) for i, item in enumerate(x)]
    return items if isinstance(x, list) else tuple(items)


def _reduce(c: Any, x: Any, others: tuple[Any, ...]) -> Any:
    tc, tx = type_at(c), type_at(x)
    if is_scalar(tc) and (is_scalar(tx) or tx == Array(getattr(tx, "dtype", ""), ())):
        return c
    if not is_number(tc) or not is_number(tx):
        return apply("unbroadcast", c, x)
    if is_scalar(tx) or (isinstance(tx, Array) and tx.ndim == 0):
        return apply("np.sum", c)
    assert isinstance(tx, Array)
    if isinstance(tc, Array) and (known_same_shape(c, x) or (tc.ndim == tx.ndim and same_shape_operands(x, others))):
        return c
    if not isinstance(tc, Array) or tc.ndim < tx.ndim:
        return apply("unbroadcast", c, x)
    return _sum_axes(c, x, tc, tx)


def _sum_axes(c: Any, x: Any, tc: Array, tx: Array) -> Any:
    lead = tc.ndim - tx.ndim
    kept = []
    for k, (dc, dx) in enumerate(zip(tc.shape[lead:], tx.shape, strict=True)):
        if (dc == dx and not dc.unknown) or never_one(dx):
            continue
        if dx.length != 1:
            return apply("unbroadcast", c, x)
        kept.append(k)
    if lead:
        c = apply("np.sum", c, axis=0 if lead == 1 else tuple(range(lead)))
    if kept:
        c = apply("np.sum", c, axis=kept[0] if len(kept) == 1 else tuple(kept), keepdims=True)
    return c


def of_kind(c: Traced, t: Type) -> Traced:
    """A derivative as complex or as real as a value of type `t`, so that what depends on it is."""
    kinds = dtype_kind(c.type), dtype_kind(t)
    if kinds == ("c", "f"):
        found: Traced = c.real
        return found
    if kinds != ("f", "c") or literal(c):
        return c
    narrow = isinstance(t, Array | NpScalar) and t.dtype == "complex64"
    target = np.complex64 if narrow else np.complex128
    if isinstance(c.type, Array):
        found = apply("ndarray.astype", c, target)
    else:
        found = apply("complex" if t == COMPLEX else f"np.{target.__name__}", c)
    return found


def cast(c: Any, x: Any) -> Any:
    """`c` with the realness and the dtype of `x`, as far as types show a difference."""
    tc, tx = type_at(c), type_at(x)
    if dtype_kind(tx) == "f" and dtype_kind(tc) == "c":
        c = c.real if isinstance(c, Traced) else np.real(c)
        tc = type_at(c)
    return to_dtype(c, tc, tx)


def for_stores(c: Any, x: Any) -> Any:
    """The derivative `c` of an array `x`, as an array into which what `x` can hold may be stored: where it is a number, or real only."""
    tx = type_at(x)
    if isinstance(tx, Array) and tx.ndim == 0:
        c = apply("np.array", c)
    tc = type_at(c)
    if isinstance(c, Traced) and UNKNOWN in (tx, tc) and maybe_complex(x):
        return apply("for_stores", c, x)
    if not isinstance(tx, Array) or not isinstance(tc, Array) or dtype_kind(tx) != "c" or dtype_kind(tc) != "f":
        return c
    target = np.dtype(tx.dtype).type
    return apply("ndarray.astype", c, target) if isinstance(c, Traced) else c.astype(target)


def to_dtype(c: Any, tc: Type, tx: Type) -> Any:
    """`c` in the dtype of `tx` where both are NumPy floats of different width."""
    wide = tc.dtype if isinstance(tc, Array | NpScalar) else "float64" if isinstance(tc, Scalar) else ""
    if not isinstance(tx, Array | NpScalar) or not wide or wide == tx.dtype:
        return c
    if dtype_kind(tx) not in "fc" or np.dtype(tx.dtype).kind != np.dtype(wide).kind:
        return c
    target = np.dtype(tx.dtype).type
    if isinstance(tc, Array):
        return apply("ndarray.astype", c, target) if isinstance(c, Traced) else c.astype(target)
    if isinstance(tx, NpScalar):
        return apply(f"np.{target.__name__}", c) if isinstance(c, Traced) else target(c)
    return c


def fit(c: Any, x: Any) -> Any:
    """A cotangent that has the shape of operand `x` already, in its type; trees of them leaf by leaf."""
    if c is None:
        return None
    if isinstance(c, list | tuple) and isinstance(x, list | tuple):
        found = [fit(ci, xi) for ci, xi in zip(c, x, strict=True)]
        return found if isinstance(c, list) else tuple(found)
    if is_traced((c, x)):
        if literal(c):
            return c
        if is_number(type_at(x)):
            return cast(c, x) if is_number(type_at(c)) else apply("unbroadcast", c, x)
        real = not isinstance(c, Traced) or not maybe_complex(c)
        return c if real or type_at(x) != UNKNOWN else apply("unbroadcast", c, x)
    return runtime.fit(c, x)


def to_result(t: Any, y: Any, operands: tuple[Any, ...], active: tuple[bool, ...], *, full: bool = False) -> Any:
    """The tangent `t` of an elementwise operation stretched to the shape of its result `y`, which it has already if it is `full`."""
    if t is None:
        return None
    if find_builder((t, y)) is None:
        return runtime.broadcast_like(np.real(t) if np.iscomplexobj(t) and not np.iscomplexobj(y) else t, y)
    tt, ty = type_at(t), type_at(y)
    if dtype_kind(ty) == "f" and dtype_kind(tt) == "c":
        t = t.real
        tt = type_at(t)
    if is_scalar(ty) or literal(y):
        return apply("broadcast_like", t, y) if dtype_kind(ty) == "f" and tt == UNKNOWN else t
    if not is_number(ty) or not is_number(tt):
        return apply("broadcast_like", t, y)
    assert isinstance(ty, Array)
    if is_scalar(tt) and ty.ndim:
        return apply("full_like_shape", t, y)
    if not full and not known_same_shape(t, y) and not _full(operands, active):
        t = apply("spread", t, y)
    return to_dtype(t, type_at(t), ty)


def _full(operands: tuple[Any, ...], active: tuple[bool, ...]) -> bool:
    return any(a and same_shape_operands(x, operands) for x, a in zip(operands, active, strict=True))
