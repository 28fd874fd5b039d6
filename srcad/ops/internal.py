"""What rules and `ad` record beside the user's operations: zeros, accumulation, shapes of cotangents, guarded partials.

Each is in the table, so derivatives of derivatives close.  `o.zeros_like`, `o.accum_at`, ... choose by types.
"""
from __future__ import annotations

import functools
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.core import LIST_FLOATS
from srcad.ir.nodes import Effect, Op, View
from srcad.ir.types import (
    FLOAT, REAL, UNKNOWN, WHOLE, Array, ListOf, NpScalar, Scalar, Struct, Type, dtype_kind, is_number, is_scalar, join,
    may_carry_derivative,
)  # fmt: skip
from srcad.ops.entry import Sample
from srcad.ops.infer import dtype_of, shape_of, type_of
from srcad.ops.infer import elementwise as infer_elements
from srcad.ops.op import elementwise, general, helper, linear, nondiff, over, step_helper
from srcad.ops.samples import arr, calls, domain
from srcad.ops.trace import Traced, apply, find_builder, is_traced, literal, o, type_at

NUMPY = ("numpy as np",)
R, POSITIVE = (-1.5, 1.5), (0.2, 2.5)


def _like(position: int) -> Any:
    """An `infer` that gives the type of an operand, as a float where it is an integer."""

    def infer(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
        t = type_of(args[position]) if not isinstance(args[position], list | tuple) else None
        if t is None or not is_number(t):
            return t if t is not None and isinstance(t, ListOf) else None
        if isinstance(t, Scalar):
            return FLOAT if dtype_kind(t) in "bif" else t
        return t if dtype_kind(t) in "fc" else Array("float64", t.shape) if isinstance(t, Array) else NpScalar("float64")

    return infer


def _summed(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand that was broadcast; a number where that is an array of rank 0."""
    found = _like(1)(spelling, args, params, operands, statics)
    return NpScalar(found.dtype) if isinstance(found, Array) and not found.shape else found


def _stretched(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The shape of argument 1, the dtype of argument 0 or of the parameter behind."""
    shape, g = shape_of(args[1]), type_of(args[0])
    if shape is None or not is_number(g):
        return None
    if statics.get("dtype") is not None:
        return Array(np.dtype(statics["dtype"]).name, shape)
    dtype = dtype_of(g)
    return None if dtype is None else Array(dtype, shape)


def _zeros(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    shape = shape_of(args[0])
    return None if shape is None else Array(np.dtype(args[1]).name if len(args) > 1 else "float64", shape)


def shaped(name: str, form: str, shape_only: tuple[int, ...], view: View = View.FRESH) -> Op:
    """An op printed in NumPy's words that reads only the shape of some arguments."""
    return Op(name, form, NUMPY, Effect.NONE, view=view, shape_only=shape_only)


FULL = shaped("full_like_shape", "np.full(_1.shape, _0, *_)", (1,))
ONES = shaped("ones_like_shape", "np.ones(_0.shape, *_)", (0,))
ZEROS = shaped("zeros_like_shape", "np.zeros(_0.shape, *_)", (0,))
SPREAD = shaped("spread", "np.broadcast_to(_0, _1.shape)", (1,), View.OVERLAPPING)
COPY = Op("copy", "_0.copy()")
ACCUM = Op("accum", "_0 += _1", inplace=True)
ACCUM_AT = Op("accum_at", "_0[_1] += _2", inplace=True)
ACCUM_REPEATED = Op("accum_repeated", "np.add.at(_0, _1, _2)", NUMPY, inplace=True)
ACCUM_ANY = Op("accum_any", "accum_at(_0, _1, _2)", ("srcad.runtime:accum_at",), inplace=True)
ACCUM_ABSENT = replace(ACCUM_ANY, name="accum_absent")
"""To an item that may be None: then it becomes what is added."""
ZERO_OR_NUMBER = Op("zero_or_number", "0.0 if _1 else _0")
NUMBER_OR_ZERO = Op("number_or_zero", "_0 if _1 else 0.0")
FITTING = Op("fitting", "fitting(*_)", ("srcad.runtime:fitting",), Effect.RAISES, view=View.MAYBE)
APPLY_MAP = Op("apply_map", "apply_map(*_)", ("srcad.runtime:apply_map",), Effect.RAISES)
"""A pullback or pushforward that was made outside."""


@o.define
def zeros_like(x: Any) -> Any:
    """The zero cotangent of `x`: 0.0 for a scalar, an array in NumPy's words, a helper for the rest."""
    if find_builder(x) is None:
        return runtime.zeros_like(x)
    if isinstance(x, list | tuple):
        found = [zeros_like(v) for v in x]
        return found if isinstance(x, list) else tuple(found)
    t = type_at(x)
    if is_scalar(t):
        return 0.0
    if not isinstance(t, Array):
        return apply("zeros_tree", x) if may_carry_derivative(t) else None
    if t.dtype == "float64" or dtype_kind(t) not in "fc":
        return apply("zeros_like_shape", x)
    return apply("zeros_like_shape", x, np.dtype(t.dtype).type)


@o.define
def stretch(g: Any, x: Any) -> Any:
    """`g`, a number or an array of the rank of `x`, in the shape of `x`."""
    if not is_traced((g, x)):
        return g if np.ndim(x) == 0 else runtime.spread(g, x)
    tg, tx = type_at(g), type_at(x)
    if is_scalar(tx):
        return g
    if not isinstance(tx, Array) or not is_number(tg):
        return apply("broadcast_like", g, x)
    if is_scalar(tg) or (isinstance(tg, Array) and tg.ndim == 0):
        own = dtype_of(tg)
        narrow = (np.dtype(tx.dtype).type,) if dtype_kind(tx) in "fc" and own != tx.dtype else ()
        if literal(g) and g == 1:
            return apply("ones_like_shape", x, *narrow)
        return apply("full_like_shape", g, x, *narrow)
    return apply("spread", g, x)


@o.define
def index_kind(x: Any, index: Any) -> str:
    """How an index selects: `basic`, `unique` (a mask), `repeated` (an index array), `any` where types do not tell."""
    t = type_at(x)
    parts = index if isinstance(index, tuple) else (index,)
    kinds = {_part_kind(p) for p in parts}
    if not isinstance(t, Array):
        simple = isinstance(t, ListOf) and dtype_kind(t.item) == "f" and is_scalar(t.item) and not isinstance(index, slice | tuple)
        return "basic" if simple and kinds == {"basic"} else "any"
    return next((k for k in ("any", "repeated", "unique") if k in kinds), "basic")


def _part_kind(p: Any) -> str:
    if p is None or p is Ellipsis or isinstance(p, slice):
        return "basic"
    if isinstance(p, list | tuple):
        return "unique" if all(isinstance(v, bool) for v in p) and p else "repeated"
    t = type_at(p)
    if is_scalar(t):
        return "any" if t == WHOLE else "unique" if dtype_kind(t) == "b" else "basic"
    if isinstance(t, Array):
        return "unique" if dtype_kind(t) == "b" else "basic" if t.ndim == 0 else "repeated"
    if isinstance(t, ListOf):
        return "repeated"
    return "any"


@o.define
def accum_into(x: Any, index: Any, g: Any) -> Any:
    """`x[index] += g` in place on an owned buffer; gives the buffer back."""
    if find_builder((x, index, g)) is None:
        return runtime.accum_at(x, index, g)
    name = {"basic": "accum_at", "unique": "accum_at", "repeated": "accum_repeated", "any": "accum_any"}[index_kind(x, index)]
    return apply(name, x, index, g)


@o.define
def copy_of(x: Any) -> Any:
    """A copy that shares no memory with `x`."""
    if not isinstance(x, Traced):
        return runtime.copy_tree(x)
    t = x.type
    if is_scalar(t):
        return x
    return apply("copy", x) if isinstance(t, Array) else apply("copy_tree", x)


def _accum_jvp(t: Any, y: Any, x: Any, g: Any) -> Any:
    tx, tg = t
    if tx is None or tg is None:
        return tg if tx is None else tx
    return tx + tg if is_number(type_at(tx)) and is_number(type_at(tg)) else apply("add_trees", tx, tg)  # lists would be joined


def _add_trees_jvp(t: Any, y: Any, a: Any, b: Any) -> Any:
    ta, tb = t
    return tb if ta is None else ta if tb is None else o.add_trees(ta, tb)


def _accum_at_jvp(t: Any, y: Any, x: Any, index: Any, g: Any) -> Any:
    tx, _, tg = t
    base = o.zeros_like(x) if tx is None else o.copy_of(tx)
    return base if tg is None else o.accum_into(base, index, tg)


def _scatter_jvp(t: Any, y: Any, x: Any, index: Any, g: Any) -> Any:
    return None if t[2] is None else apply("scatter_add", x, index, t[2])


def _gathered(g: Any, index: Any) -> Any:
    """What an index reads; the cotangent of an array without axes may be a number, which takes no index."""
    t = type_at(g)
    return (apply("np.asarray", g) if is_number(t) and not (isinstance(t, Array) and t.ndim) else g)[index]


def _accum_at_vjp(g: Any, y: Any, x: Any, index: Any, v: Any) -> Any:
    found = _gathered(g, index)
    return g, None, found if isinstance(type_at(v), Struct) else o.unbroadcast(found, v)


_accums = {
    "names": ("x", "index", "g"), "operands": 3, "path": "", "infer": _like(0), "jvp": _accum_at_jvp, "vjp": _accum_at_vjp,
}  # fmt: skip


def _run_accum(x: Any, g: Any) -> Any:
    x += g
    return x


def _parted(bars: Any, like: Any) -> Any:
    """A cotangent of unknown type in the structure of the operand that it belongs to."""
    if isinstance(like, list | tuple):
        return type(like)(_parted(bars[n], x) for n, x in enumerate(like))
    return apply("gradient_like", bars, like) if may_carry_derivative(type_at(like)) else None


def _floats(x: Any) -> list[float]:
    return list(map(float, x))


BUFFERS = (
    linear(runtime.full_like_shape, name="full_like_shape", transpose=lambda g, v, x, dtype=None: o.unbroadcast(g, v), path="", op=FULL,
        names=("v", "x", "dtype"), operands=2, infer=_stretched, sample=calls((0.5, arr(2, 3)))),
    nondiff(np.ones_like, name="ones_like_shape", path="", op=ONES, infer=_zeros),
    nondiff(np.zeros_like, name="zeros_like_shape", path="", op=ZEROS, infer=_zeros),
    linear(runtime.spread, name="spread", transpose=lambda g, v, x: o.unbroadcast(g, v), path="", op=SPREAD, names=("v", "x"), operands=2,
        infer=_stretched, sample=calls((arr(3), arr(2, 3)), (arr(2, 1), arr(2, 3)))),
    linear(np.copy, transpose=lambda g, x: g, name="copy", path="", op=COPY, infer=_like(0), sample=calls((arr(2, 3),))),
    helper(runtime.copy_tree, linear, fresh=True, transpose=lambda g, x: g, infer=_like(0)),
    general(_run_accum, vjp=lambda g, y, x, v: (g, o.unbroadcast(g, v)), jvp=_accum_jvp, name="accum", path="", op=ACCUM,
        names=("x", "g"), operands=2, infer=_like(0)),
    general(runtime.accum_at, name="accum_at", op=ACCUM_AT, **_accums),
    general(runtime.accum_at, name="accum_repeated", op=ACCUM_REPEATED, **_accums),
    general(runtime.accum_at, name="accum_any", op=ACCUM_ANY, **_accums),
    general(runtime.accum_at, name="accum_absent", op=ACCUM_ABSENT, **_accums),
    helper(runtime.scatter_add, general, fresh=True, names=("x", "index", "g"), operands=3, jvp=_scatter_jvp,
        vjp=lambda g, y, x, index, v: (None, None, _gathered(g, index)), infer=_like(0)),
    helper(runtime.add_trees, general, names=("a", "b"), operands=2, vjp=lambda g, y, a, b: (g, g), jvp=_add_trees_jvp, infer=_like(0)),
    helper(runtime.tree_like, linear, names=("c", "x"), operands=2, transpose=lambda g, c, x: apply("np.asarray", g), infer=_like(1)),
    helper(runtime.keyed, general, names=("places", "slots"), operands=2,
        jvp=lambda t, y, places, slots: None if t[1] is None else apply("keyed", places, t[1]),
        vjp=lambda g, y, places, slots: (None, apply("in_slots", g, places, slots))),
    helper(runtime.in_slots, general, names=("g", "places", "slots"), operands=3, infer=_like(2),
        jvp=lambda t, y, g, places, slots: None if t[0] is None else apply("in_slots", t[0], places, slots),
        vjp=lambda c, y, g, places, slots: (apply("keyed", places, c), None, None)),
    helper(runtime.gradient_like, linear, fresh=True, names=("bar", "primal"), operands=2, infer=_like(1),
        transpose=lambda g, bar, primal: g),
    helper(runtime.fitting, linear, op=FITTING, names=("given", "like", "where"), operands=2,
        transpose=lambda g, given, like, where: g, infer=_like(1)),
    helper(runtime.apply_map, general, op=APPLY_MAP, names=("given", "linear"), operands=2,
        jvp=lambda t, y, given, linear: None if t[0] is None else apply("apply_map", t[0], linear),
        vjp=lambda g, y, given, linear: (_parted(apply("apply_transposed", g, linear), given), None)),
    helper(runtime.apply_transposed, general, names=("given", "linear"), operands=2,
        jvp=lambda t, y, given, linear: None if t[0] is None else apply("apply_transposed", t[0], linear),
        vjp=lambda g, y, given, linear: (_parted(apply("apply_map", g, linear), given), None)),
    linear(_floats, transpose=lambda g, x: g, name="list_floats", path="", op=LIST_FLOATS, infer=_like(0), sample=calls(([0.5, 1.5],))),
)  # fmt: skip


def _by_element(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
    return infer_elements(spelling.object, args, params)


SHAPES = (
    step_helper(runtime.zeros_like, "zeros_tree", (0,), _like(0)),
    step_helper(runtime.zeros_part, shape_only=(0,)), step_helper(runtime.zeros_list, shape_only=(0,)),
    step_helper(runtime.prototype, "prototype", (0,), _like(0)),
    helper(runtime.unbroadcast, linear, names=("c", "x"), operands=2, transpose=lambda g, c, x: apply("broadcast_like", g, c),
        infer=_summed, sample=calls((arr(2, 3), arr(3)), (arr(2, 3), arr(2, 1)), (arr(2, 3), 0.5), (arr(2, 3), arr(2, 3)))),
    helper(runtime.for_stores, linear, names=("c", "x"), operands=2, transpose=lambda g, c, x: apply("unbroadcast", g, c),
        sample=calls((arr(3), arr(3) + 1j * arr(3, seed=1)), (arr(3), arr(3, seed=1)))),
    helper(runtime.broadcast_like, linear, view=View.OVERLAPPING, names=("t", "y"), operands=2,
        transpose=lambda g, t, y: apply("unbroadcast", g, t),
        infer=_like(1), sample=calls((arr(3), arr(2, 3)), (0.5, arr(2, 3)))),
    helper(runtime.unsum, linear, view=View.OVERLAPPING, names=("g", "x", "axis", "keepdims"), operands=4,
        transpose=lambda c, g, x, axis=None, keepdims=None: (apply("np.sum", c, axis=axis, keepdims=bool(keepdims))),
        infer=_like(1), sample=calls((arr(2), arr(2, 3), 1, False), (0.7, arr(2, 3), None, False))),
)  # fmt: skip

def guarded(fn: Any, *partials: Any, **fields: Any) -> Any:
    """An elementwise entry for a helper that never raises."""
    return helper(fn, lambda f, **more: elementwise(f, *partials, **more), fresh=True, **fields)


def _power_slope_dx(y: Any, x: Any, p: Any, n: int = 1) -> Any:
    return apply("power_slope", x, p, n=n + 1)


def _power_slope_dp(y: Any, x: Any, p: Any, n: int = 1) -> Any:
    power, factors = apply("safe_power", x, p - float(n)), [p - float(k) if k else p for k in range(n)]
    others = [functools.reduce(operator.mul, factors[:k] + factors[k + 1 :]) for k in range(n)] if n > 1 else []
    rise = power * functools.reduce(operator.add, others) if others else power
    return rise + functools.reduce(operator.mul, factors) * apply("power_log", x, power)


def _number_or_zero_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
    """That of a Python number for those of other precision, since the zero is one: what belongs to such a number is cast."""
    t = join(type_of(args[0]), FLOAT)
    return REAL if t == UNKNOWN and isinstance(args[0], NpScalar) and dtype_kind(args[0]) == "f" else t


PARTIALS = (
    guarded(runtime.safe_divide, lambda y, a, b: over(1.0, b, True), lambda y, a, b: over(1.0, b, True, -y), singular=True,
        sample=domain(R, POSITIVE)),
    guarded(runtime.safe_ratio, lambda y, a, b: apply("safe_ratio", 1.0, b), lambda y, a, b: -apply("safe_ratio", y, b),
        sample=domain(R, POSITIVE)),
    linear(runtime.number_or_zero, transpose=lambda g, c, kept: apply("number_or_zero", g, kept), name="number_or_zero", path="",
        op=NUMBER_OR_ZERO, names=("c", "kept"), operands=2, infer=_number_or_zero_type,
        sample=calls((0.7, True))),
    linear(runtime.zero_or_number, transpose=lambda g, c, lost: apply("zero_or_number", g, lost), name="zero_or_number", path="",
        op=ZERO_OR_NUMBER, names=("c", "lost"), operands=2, infer=_number_or_zero_type,
        sample=calls((0.7, False))),
    guarded(runtime.log_ratio, lambda y, a, b: 1.0, lambda y, a, b: -1.0, sample=domain(R, R)),
    guarded(runtime.safe_power, lambda y, x, p: apply("power_slope", x, p), lambda y, x, p: apply("power_log", x, y),
        singular=True, sample=domain(POSITIVE, R)),
    guarded(runtime.power_slope, _power_slope_dx, _power_slope_dp, names=("x", "p"), statics=("n",), singular=True,
        sample=calls((0.7, 1.3), (arr(3, low=0.3), 2.5), Sample((arr(3, low=0.3), 1.4), {"n": 2}), Sample((0.7, arr(2)), {"n": 3}))),
    guarded(runtime.power_log, lambda y, x, v: apply("safe_ratio", v, x), lambda y, x, v: apply("power_log", x, 1.0),
        singular=True, sample=domain(POSITIVE, R)),
    guarded(runtime.digamma, lambda y, x: apply("polygamma", 1, x), sample=domain(POSITIVE)),
    guarded(runtime.polygamma, None, lambda y, n, x: apply("polygamma", n + 1, x), sample=calls((1, 0.7), (2, arr(3, low=0.3)))),
    guarded(runtime.sinc_derivative, None, lambda y, n, x: apply("sinc_derivative", n + 1, x), sample=calls((1, 0.7), (2, arr(3)))),
    step_helper(runtime.scale_of, infer=_by_element),
    helper(runtime.near_solution, general, names=("solution", "x"), operands=2, infer=_by_element, vjp=lambda g, y, *_: (g, None),
        jvp=lambda t, y, *_: t[0]),
    helper(runtime.slope_at_root, general, names=("slope", "value", "x"), operands=3, infer=_by_element,
        vjp=lambda g, y, *_: (g, None, None), jvp=lambda t, y, *_: t[0]),
    step_helper(runtime.sign_of, infer=_by_element),
    step_helper(runtime.tie_share, infer=_by_element),
)

RULES = (*BUFFERS, *SHAPES, *PARTIALS)
