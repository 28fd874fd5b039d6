"""Python's builtins and what `math` has beyond NumPy's ufuncs."""
from __future__ import annotations

import math
from typing import Any

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import FLOAT, INT, Array, ListOf, Struct, Type, is_scalar
from srcad.ops.adapt import strong_mask, to_result
from srcad.ops.entry import Sample
from srcad.ops.op import Spellings, bilinear, elementwise, general, helper, linear, step_helper
from srcad.ops.reduce import prod_vjp
from srcad.ops.samples import arr, calls, scalars
from srcad.ops.trace import Traced, apply, literal, o, type_at

R, POSITIVE = (-1.5, 1.5), (0.2, 2.5)
FILL = Op("fill", "[_0] * len(_1)", effects=Effect.NONE, shape_only=(1,))
_INVERSE_ROOT = 2.0 / math.sqrt(math.pi)


def part(g: Any, k: int) -> Any:
    """Item `k` of the cotangent of a tuple."""
    return g[k]


def float_transpose(g: Any, x: Any) -> Any:
    """`float(x)` of an array of one element gives its cotangent the shape of the array."""
    return g if is_scalar(type_at(x)) else o.stretch(g, x)


def divmod_vjp(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The quotient is a step function, the remainder `a - quotient * b`."""
    rest = part(g, 1)
    if rest is None:
        return None, None
    return o.unbroadcast(rest, a), o.unbroadcast(-(y[0] * rest), b)


def divmod_jvp(t: Any, y: Any, a: Any, b: Any) -> Any:
    """The quotient is a step function, the remainder `a - quotient * b`."""
    ta, tb = t
    rest = ta if tb is None else -(y[0] * tb) if ta is None else ta - y[0] * tb
    return o.zeros_like(y[0]), to_result(rest, y[1], (a, b), (ta is not None, tb is not None))


def sum_transpose(g: Any, x: Any, start: Any = None) -> Any:
    """Every summand has the cotangent of the sum."""
    if isinstance(x, list | tuple):
        found = [o.unbroadcast(g, v) for v in x]
        return found if isinstance(x, list) else tuple(found)
    if not isinstance(x, Traced):
        return runtime.unsum(g, x, 0)
    if isinstance(x.type, Array):
        return o.unreduce(g, x, 0)
    simple = isinstance(x.type, ListOf) and is_scalar(x.type.item) and is_scalar(type_at(g))
    return apply("fill" if simple else "fill_tree", g, x)


def _is_number(start: Any) -> None:
    if isinstance(start, list | tuple) or isinstance(type_at(start), ListOf | Struct):
        raise NoRule("`sum` of lists or tuples joins them, which has no rule", "write a comprehension: [x for row in rows for x in row]")


def sum_vjp(g: Any, y: Any, x: Any, start: Any = None) -> tuple[Any, Any]:
    """Of the builtin `sum`, whose start may have more axes than the summands."""
    if start is None:
        return sum_transpose(g, x), None
    _is_number(start)
    wide = isinstance(type_at(x), Array)
    each = o.unbroadcast(g, apply("np.sum", x, 0)) if wide and not is_scalar(type_at(start)) else g
    return sum_transpose(each, x), o.unbroadcast(g, start)


def sum_jvp(t: Any, y: Any, x: Any, start: Any = None) -> Any:
    """Of the builtin `sum`."""
    tx, ts = t
    _is_number(start)
    total = None if tx is None else apply("sum", tx)
    if start is None:
        return total
    found = ts if total is None else total if ts is None else total + ts
    return to_result(found, y, (), ())


def _hits(y: Any, xs: tuple[Any, ...]) -> list[Any]:
    """The share of each of several arguments in their extremum `y`."""
    hits = [x == y for x in xs]
    total = hits[0] + 0.0
    for h in hits[1:]:
        total = total + h
    return [h / total for h in hits]


def _shares(larger: bool, y: Any, xs: tuple[Any, ...]) -> list[Any]:
    if len(xs) != 2:
        return _hits(y, xs)
    a, b = xs if larger else xs[::-1]
    return [(a > b) + 0.5 * (a == b), (b > a) + 0.5 * (a == b)]


def choice(larger: bool) -> tuple[Any, Any]:
    """Both modes of the builtins `max` and `min`; ties share equally."""

    def vjp(g: Any, y: Any, *xs: Any, key: Any = None, default: Any = None) -> tuple[Any, ...]:
        if len(xs) > 1:
            return tuple(strong_mask(share, share * g, g) for share in _shares(larger, y, xs))
        if isinstance(xs[0], list | tuple):
            shares = _shares(larger, y, tuple(xs[0])) if len(xs[0]) > 1 else ()
            found = [strong_mask(share, share * g, g) for share in shares] or [g]
            return (found if isinstance(xs[0], list) else tuple(found),)
        return (apply("extremum_back", g, xs[0], y),)

    def jvp(t: Any, y: Any, *xs: Any, key: Any = None, default: Any = None) -> Any:
        if len(xs) == 1 and not isinstance(xs[0], list | tuple):
            return apply("extremum_forth", t[0], xs[0], y)
        items, moves = (xs, t) if len(xs) > 1 else (tuple(xs[0]), tuple(t[0]))
        if len(items) == 1:
            return moves[0]
        total: Any = None
        for share, move in zip(_shares(larger, y, items), moves, strict=True):
            if move is not None and not (literal(move) and move == 0):
                total = share * move if total is None else total + share * move
        return 0.0 if total is None else total

    return vjp, jvp


def sorted_vjp(g: Any, y: Any, x: Any, reverse: Any = False) -> tuple[Any]:
    """The cotangents in the order of the operand."""
    return (apply("sorted_back", _packed(g), _packed(x), reverse),)


def sorted_jvp(t: Any, y: Any, x: Any, reverse: Any = False) -> Any:
    """The tangents in the order of the result."""
    return apply("sorted_forth", _packed(t[0]), _packed(x), reverse)


def _packed(x: Any) -> Any:
    return x


def hypot_vjp(g: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
    """`x / hypot`, and 0 at the origin."""
    return tuple(apply("safe_ratio", x, y) * g for x in xs)


def hypot_jvp(t: Any, y: Any, *xs: Any) -> Any:
    """The tangent along the point, and 0 at the origin."""
    total: Any = None
    for x, move in zip(xs, t, strict=True):
        if move is not None:
            total = x * move if total is None else total + x * move
    return apply("safe_ratio", total, y)


def dist_vjp(g: Any, y: Any, p: Any, q: Any) -> tuple[Any, Any]:
    """The unit vector between the points, and 0 where they meet."""
    along = (p - q) * apply("safe_ratio", g, y)
    return along, -along


def dist_jvp(t: Any, y: Any, p: Any, q: Any) -> Any:
    """The tangent along the line between the points, and 0 where they meet."""
    move = -t[1] if t[0] is None else t[0] if t[1] is None else t[0] - t[1]
    return apply("safe_ratio", apply("np.sum", (p - q) * move), y)


def math_prod_vjp(g: Any, y: Any, x: Any, start: Any = 1) -> tuple[Any]:
    """The product of the other factors."""
    return (prod_vjp(g * start, y, x)[0],)


def math_prod_jvp(t: Any, y: Any, x: Any, start: Any = 1) -> Any:
    """The product of the other factors."""
    return apply("np.sum", apply("prod_others", x, None) * t[0]) * start


def like_second(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A list of floats for a list."""
    t = args[1]
    if isinstance(t, Array):
        return Array(t.dtype, t.shape)
    return ListOf(FLOAT) if isinstance(t, ListOf) and is_scalar(t.item) else None


def vector_of(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A list for a list."""
    t = args[0]
    return ListOf(t.item) if isinstance(t, ListOf) else ListOf(FLOAT) if isinstance(t, Array) and t.ndim == 1 else None


def _back_and_forth(back: Any, forth: Any, last: str, *samples: Any) -> tuple[Spellings, Spellings]:
    """Two helpers, linear in their first operand, each the transpose of the other."""

    def entry_for(fn: Any, other: Any, infer: Any, sample: Any) -> Spellings:
        return helper(fn, general, names=("t", "x", last), operands=3, infer=infer, sample=sample,
            vjp=lambda g, y, t, x, v: (apply(other.__name__, g, x, v), None, None),
            jvp=lambda t, y, old, x, v: None if t[0] is None else apply(fn.__name__, t[0], x, v))  # fmt: skip

    return entry_for(back, forth, like_second, samples[0]), entry_for(forth, back, None if last == "y" else vector_of, samples[-1])


_max, _min = choice(True), choice(False)
_LISTS = (([0.3, -0.7, 1.1],), ((0.3, -0.7),), (arr(4),))

BUILTINS = (
    linear(float, transpose=float_transpose, path="float", sample=calls((0.7,))),
    elementwise(complex, lambda y, a, b: 1.0, lambda y, a, b: 1j, path="complex", name="complex_of", sample=calls((0.3, 0.7))),
    general(divmod, vjp=divmod_vjp, jvp=divmod_jvp, path="divmod", spelled=("np.divmod",), names=("a", "b"), operands=2, steps=(0,),
        sample=calls((1.7, 0.5), (-1.2, 0.7))),
    general(sum, vjp=sum_vjp, jvp=sum_jvp, path="sum", name="builtin_sum", names=("iterable", "start"), operands=2,
        sample=calls(([0.3, -0.7],), ((0.3, -0.7), 1.5), (arr(4),), (arr(2, 3),), ([arr(2, 3), arr(3)],),
            (arr(2, 3), arr(2, 3, seed=1)), (arr(2, 3), arr(4, 1)), (arr(2, 3), 0.4), ([arr(3), 0.2], arr(2, 1)))),
    general(max, vjp=_max[0], jvp=_max[1], path="max", name="builtin_max", names=("*xs",), statics=("default",),
        sample=calls((0.3, 0.7), (0.1, -0.3, 0.4), *_LISTS)),
    general(min, vjp=_min[0], jvp=_min[1], path="min", name="builtin_min", names=("*xs",), statics=("default",),
        sample=calls((0.3, 0.7), (0.1, -0.3, 0.4), *_LISTS)),
    general(sorted, vjp=sorted_vjp, jvp=sorted_jvp, path="sorted", name="sorted", names=("iterable",), statics=("reverse",),
        infer=vector_of,
        sample=calls(([0.3, -0.7, 1.1],), Sample(([0.3, -0.7, 1.1],), {"reverse": True}))),
)  # fmt: skip

MATH = (
    elementwise(math.erf, lambda y, x: _INVERSE_ROOT * o.exp(-(x * x)), sample=scalars(R)),
    elementwise(math.erfc, lambda y, x: -_INVERSE_ROOT * o.exp(-(x * x)), sample=scalars(R)),
    elementwise(math.gamma, lambda y, x: y * apply("digamma", x), sample=scalars(POSITIVE)),
    elementwise(math.lgamma, lambda y, x: apply("digamma", x), sample=scalars(POSITIVE)),
    general(math.hypot, vjp=hypot_vjp, jvp=hypot_jvp, name="math_hypot", names=("*xs",),
        sample=calls((0.3, 0.7), (0.3, 0.4, -0.5), (0.7,))),
    general(math.dist, vjp=dist_vjp, jvp=dist_jvp, names=("p", "q"), operands=2, arrays=2,
        sample=calls(([0.3, 0.7], [1.1, -0.2]), ((0.3, 0.7), (1.1, -0.2)))),
    linear(math.fsum, transpose=sum_transpose, names=("seq",), sample=calls(([0.3, -0.7],), (arr(4),))),
    general(math.prod, vjp=math_prod_vjp, jvp=math_prod_jvp, name="math_prod", names=("iterable",), statics=("start",), arrays=1,
        sample=calls(([0.3, -0.7, 1.1],), ([0.3, 0.0, 1.1],), (arr(4),), Sample(([0.3, 0.5],), {"start": 2.0}))),
    general(math.frexp, vjp=lambda g, y, x: (None if part(g, 0) is None else apply("math.ldexp", part(g, 0), -y[1]),),
        jvp=lambda t, y, x: (apply("math.ldexp", t[0], -y[1]), None), name="math_frexp", steps=(1,), sample=calls((1.7,), (-1.2,))),
    general(math.modf, vjp=lambda g, y, x: (part(g, 0),), jvp=lambda t, y, x: (t[0], 0.0), name="math_modf", steps=(1,),
        sample=calls((1.7,), (-1.2,))),
)  # fmt: skip

NEWER: tuple[Spellings, ...] = ()
if hasattr(math, "sumprod"):
    NEWER += (
        bilinear(math.sumprod, transpose=lambda g, p, q: (q * g, p * g), names=("p", "q"), sample=calls(([0.3, 0.7], [1.1, -0.2]))),
    )  # fmt: skip
if hasattr(math, "fma"):
    NEWER += (elementwise(math.fma, lambda y, a, b, c: b, lambda y, a, b, c: a, lambda y, a, b, c: 1.0, sample=calls((0.3, 0.7, 1.1))),)

HELPERS = (
    linear(runtime.fill_tree, transpose=lambda c, g, x: apply("sum", c), name="fill", path="", op=FILL, names=("g", "x"), operands=2,
        infer=like_second, sample=calls((0.7, [0.1, 0.2, 0.3]))),
    helper(runtime.fill_tree, linear, transpose=lambda c, g, x: apply("sum", c), names=("g", "x"), operands=2, infer=like_second,
        sample=calls((0.7, [0.1, 0.2, 0.3]))),
    *_back_and_forth(runtime.extremum_back, runtime.extremum_forth, "y",
        calls((0.7, [2, 1, 3], 3)), calls(([0.3, -0.7, 1.1], [2, 1, 3], 3))),
    *_back_and_forth(runtime.sorted_back, runtime.sorted_forth, "reverse", calls(([0.3, -0.7, 1.1], [2, 1, 3], False))),
    step_helper(runtime.order_of, infer=lambda *_: ListOf(INT)),
    step_helper(runtime.place_of, infer=lambda *_: INT),
    step_helper(runtime.place_for, infer=lambda *_: INT),
)  # fmt: skip

RULES = (*BUILTINS, *MATH, *NEWER, *HELPERS)
