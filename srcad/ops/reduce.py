"""Reductions: sums, means, extrema, products, cumulative sums."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op, Var
from srcad.ir.types import INT, Array, Type, dtype_kind, is_scalar
from srcad.ops.adapt import unbounded
from srcad.ops.entry import Sample
from srcad.ops.infer import ONE, generic, nested_shape
from srcad.ops.op import general, linear, nondiff
from srcad.ops.samples import arr, calls
from srcad.ops.trace import Traced, apply, find_builder, is_traced, literal, made, maybe_complex, o, rank, type_at, zero_on_a_path

AXES = ("a", "axis", "dtype", "out", "keepdims")


def axes_of(axis: Any, ndim: int) -> tuple[int, ...] | None:
    """The axes that are reduced, None if they are not known now."""
    if axis is None:
        return tuple(range(ndim))
    given = axis if isinstance(axis, tuple) else (axis,)
    if not all(type(a) is int and -ndim <= a < ndim for a in given):
        return None
    return tuple(sorted(a % ndim for a in given))


def keywords_of(axis: Any, keepdims: Any) -> dict[str, Any]:
    """The keywords of another reduction over the same axes."""
    found = {} if axis is None else {"axis": axis}
    return found if keepdims is None or keepdims is False else {**found, "keepdims": keepdims}


def infer_reduction(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Dtype and rank from a run on dummies, lengths of the axes that stay from the operand."""
    found = generic(spelling.object, args, params)
    shape = nested_shape(args[0])
    if not isinstance(found, Array) or shape is None:
        return found
    axis, keep = statics.get("axis"), statics.get("keepdims")
    axes = axes_of(axis, len(shape))
    if axes is None or keep not in (None, True, False):
        return found
    dims = tuple(ONE if k in axes else d for k, d in enumerate(shape) if keep or k not in axes)
    return Array(found.dtype, dims) if len(dims) == found.ndim else found


def kept(g: Any, x: Any, axis: Any, keepdims: Any) -> Any:
    """`g` with the reduced axes put back as axes of length 1 where broadcasting needs them; None if that is not known now."""
    ndim = rank(x)
    if axis is None or keepdims is True:
        return g
    axes = None if ndim is None else axes_of(axis, ndim)
    if axes is None or ndim is None or keepdims not in (None, False):
        return None
    index = [None if k in axes else slice(None) for k in range(ndim)]
    while index and index[0] is None:
        index.pop(0)
    return g if None not in index else g[tuple(index)]


def conj(x: Any) -> Any:
    """The complex conjugate where it makes a difference."""
    return x if dtype_kind(type_at(x)) in "biuf" and dtype_kind(type_at(x)) else apply("np.conj", x)


@o.define
def unreduce(g: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The cotangent `g` of a sum of `x` over `axis`, in the shape of `x`."""
    if find_builder((g, x)) is None:
        return runtime.unsum(g, x, axis, keepdims)
    if is_scalar(type_at(x)):
        return g
    if not isinstance(type_at(x), Array):
        return apply("unsum", g, x, axis, bool(keepdims))
    wide = kept(g, x, axis, keepdims)
    return apply("unsum", g, x, axis, keepdims) if wide is None else o.stretch(wide, x)


@o.define
def count(x: Any, axis: Any = None) -> Any:
    """How many elements of `x` each element of its reduction comes from."""
    if find_builder(x) is None:
        n = np.shape(x)
        return math.prod(n[a] for a in axes_of(axis, len(n)) or ())
    t = type_at(x)
    if is_scalar(t):
        return 1
    if not isinstance(t, Array):
        return apply("np.size", x) if axis is None else apply("np.size", x, axis)
    axes = axes_of(axis, t.ndim)
    if axes is None:
        return apply("np.size", x, axis)
    known = [t.shape[a] for a in axes]
    if all(d.length is not None for d in known):
        return math.prod(d.length or 0 for d in known)
    if len(axes) == t.ndim:
        return apply("ndarray.size", x) if t.ndim > 1 else apply("shape_at", x, 0)
    found: Any = 1
    for a in axes:
        found = apply("shape_at", x, a) if literal(found) else found * apply("shape_at", x, a)
    return found


def divided(g: Any, n: Any) -> Any:
    """`g / n` for a count; an empty array has no mean, and NumPy says nan where Python's numbers, which `g` may be, raise."""
    if literal(n):
        return g / n if n else g * float("nan")
    return g / n if isinstance(type_at(g), Array) or not is_traced((g, n)) else apply("np.divide", g, n)


def kept_by(where: Any, c: Any) -> Any:
    """`c`, and 0 where a reduction with `where` does not look."""
    return c if where is None or where is True else apply("np.where", where, c, 0.0)


def sum_transpose(
    g: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None,
) -> Any:  # fmt: skip
    """Every summand has the cotangent of the sum."""
    return kept_by(where, o.unreduce(g, x, axis, keepdims))


def how_many(x: Any, axis: Any, where: Any, keepdims: Any = False) -> Any:
    """How many elements of `x` a reduction looks at."""
    if where is None or where is True:
        return o.count(x, axis)
    return apply("np.sum", apply("np.broadcast_to", where, apply("np.shape", x)), **keywords_of(axis, keepdims))


def mean_transpose(g: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = None) -> Any:
    """As the sum, divided by the number of summands."""
    return kept_by(where, o.unreduce(divided(g, how_many(x, axis, where, keepdims)), x, axis, keepdims))


def stretched_result(y: Any, x: Any, axis: Any, keepdims: Any) -> Any:
    """The result of a reduction in a shape that broadcasts against the operand."""
    if find_builder((y, x)) is None:
        return y if axis is None or keepdims else np.expand_dims(y, axis)
    wide = kept(y, x, axis, keepdims)
    return apply("unsum", y, x, axis, keepdims) if wide is None else wide


def _attained(y: Any, x: Any, axis: Any, keepdims: Any, where: Any) -> Any:
    """Which elements attain the extremum."""
    hit = x == stretched_result(y, x, axis, keepdims)
    return hit if where is None or where is True else apply("np.logical_and", hit, where)


def _shared(v: Any, hit: Any, keywords: dict[str, Any], initial: Any) -> Any:
    """`v` divided by the number of hits; where `initial` is beyond all elements there are none."""
    count = apply("np.sum", hit, **keywords)
    return v / count if initial is None else apply("safe_ratio", v, count)


def extremum_vjp(
    g: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None,
) -> tuple[Any]:  # fmt: skip
    """All elements that attain the extremum share its cotangent equally."""
    if is_scalar(type_at(x)):
        return (g,)
    hit = _attained(y, x, axis, keepdims, where)
    share = stretched_result(_shared(g, hit, keywords_of(axis, keepdims), initial), x, axis, keepdims)
    return (apply("np.where", hit, share, 0.0) if unbounded(g) else hit * share,)


def extremum_jvp(t: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None) -> Any:
    """The mean of the tangents of the elements that attain the extremum."""
    if is_scalar(type_at(x)):
        return t[0]
    hit = _attained(y, x, axis, keepdims, where)
    keywords = keywords_of(axis, keepdims)
    mean = _shared(apply("np.sum", hit * t[0], **keywords), hit, keywords, initial)
    moving = _moving(t[0]) if is_scalar(type_at(mean)) else None
    if moving is not None and isinstance(mean, Traced) and isinstance(mean.atom, Var):
        attained = hit[moving[0]] if len(moving) == 1 else apply("np.any", hit[moving])
        zero_on_a_path(mean.builder.names, mean.atom, attained.atom, where=False)
    return mean


def _moving(tangent: Any) -> list[int] | None:
    """Numbers of the items of a display that have tangents; None where all have, or where it is no display."""
    name, inner = made(tangent)
    items = tangent if isinstance(tangent, list | tuple) else inner[0] if name in ("np.array", "np.asarray", "np.stack", "pack") else ()
    if not isinstance(items, list | tuple):
        return None  # a list that only run time knows
    found = [n for n, v in enumerate(items) if not (literal(v) and v == 0)]
    alone = all(literal(v) or is_scalar(type_at(v)) for v in items)
    return found if alone and 0 < len(found) < len(items) else None


def spread_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """Of the range, maximum minus minimum."""
    keywords = keywords_of(axis, keepdims)
    low, high = apply("np.min", x, **keywords), apply("np.max", x, **keywords)
    return (extremum_vjp(g, high, x, axis, keepdims)[0] - extremum_vjp(g, low, x, axis, keepdims)[0],)


def spread_jvp(t: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Of the range, maximum minus minimum."""
    keywords = keywords_of(axis, keepdims)
    low, high = apply("np.min", x, **keywords), apply("np.max", x, **keywords)
    return extremum_jvp(t, high, x, axis, keepdims) - extremum_jvp(t, low, x, axis, keepdims)


def _centred(x: Any, axis: Any, where: Any = None, mean: Any = None) -> Any:
    """`x` minus its mean, or another centre, 0 where the reduction does not look."""
    options = {} if where is None or where is True else {"where": where}
    if mean is not None:
        return kept_by(where, x - mean)
    if axis is None:
        return kept_by(where, x - apply("np.mean", x, **options))
    return kept_by(where, x - apply("np.mean", x, axis=axis, keepdims=True, **options))


def _freedom(x: Any, axis: Any, where: Any, ddof: Any, correction: Any, keepdims: Any) -> Any:
    """The number of elements less what `ddof`, or its other name `correction`, takes off."""
    off = ddof if correction is None else correction
    return how_many(x, axis, where, keepdims) - off if off else how_many(x, axis, where, keepdims)


def var_vjp(
    g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False, where: Any = None,
    correction: Any = None, mean: Any = None,
) -> tuple[Any]:  # fmt: skip
    """Of the variance."""
    scale = 2.0 * divided(g, _freedom(x, axis, where, ddof, correction, keepdims))
    return (conj(_centred(x, axis, where, mean)) * o.unreduce(scale, x, axis, keepdims),)


def _mean_product(t: Any, x: Any, axis: Any, keepdims: Any, where: Any, count: Any, mean: Any) -> Any:
    product = conj(_centred(x, axis, where, mean)) * t
    return divided(apply("np.sum", product.real if maybe_complex(x) else product, **keywords_of(axis, keepdims)), count)


def var_jvp(
    t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False, where: Any = None,
    correction: Any = None, mean: Any = None,
) -> Any:  # fmt: skip
    """Of the variance."""
    return 2.0 * _mean_product(t[0], x, axis, keepdims, where, _freedom(x, axis, where, ddof, correction, keepdims), mean)


def std_vjp(
    g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False, where: Any = None,
    correction: Any = None, mean: Any = None,
) -> tuple[Any]:  # fmt: skip
    """Of the standard deviation; 0 where all elements are equal."""
    scale = divided(apply("safe_ratio", g, y), _freedom(x, axis, where, ddof, correction, keepdims))
    return (conj(_centred(x, axis, where, mean)) * o.unreduce(scale, x, axis, keepdims),)


def std_jvp(
    t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: Any = False, where: Any = None,
    correction: Any = None, mean: Any = None,
) -> Any:  # fmt: skip
    """Of the standard deviation."""
    count = _freedom(x, axis, where, ddof, correction, keepdims)
    return apply("safe_ratio", _mean_product(t[0], x, axis, keepdims, where, count, mean), y)


def _other_factors(x: Any, axis: Any, initial: Any, where: Any) -> Any:
    """For each factor the product of the others, right where factors are 0."""
    factors = x if where is None or where is True else apply("np.where", where, x, 1.0)
    others = kept_by(where, apply("prod_others", factors, axis))
    return others if initial is None else initial * others


def prod_vjp(
    g: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None,
) -> tuple[Any]:  # fmt: skip
    """The product of the other factors."""
    return (g,) if is_scalar(type_at(x)) else (_other_factors(x, axis, initial, where) * o.unreduce(g, x, axis, keepdims),)


def prod_jvp(
    t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None,
) -> Any:  # fmt: skip
    """The product of the other factors."""
    keywords = keywords_of(axis, keepdims)
    return t[0] if is_scalar(type_at(x)) else apply("np.sum", _other_factors(x, axis, initial, where) * t[0], **keywords)


def cumsum_transpose(g: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    """The cumulative sum from the other end."""
    ndim = rank(x)
    if ndim == 1:
        return apply("np.cumsum", g[::-1])[::-1]
    if axis is None or ndim == 0:
        return apply("np.reshape", apply("np.cumsum", g[::-1])[::-1], apply("np.shape", x))
    return apply("np.flip", apply("np.cumsum", apply("np.flip", g, axis), axis=axis), axis)


def no_more(*args: Any, **params: Any) -> Any:
    """The derivative of a helper that has none of its own."""
    raise NoRule("a derivative of this order has no rule here", "lower the order of differentiation")


REDUCED = (
    Sample((arr(2, 3),)), Sample((arr(2, 3), 0)), Sample((arr(2, 3),), {"axis": 1}), Sample((arr(2, 3, 2),), {"axis": (0, 2)}),
    Sample((arr(2, 3),), {"axis": -1, "keepdims": True}), Sample((0.7,)), Sample((arr(4),)), Sample((arr(3, 2),), {"keepdims": True}),
    Sample(([0.3, 0.9, -0.4],)),
)  # fmt: skip
SPREAD = REDUCED[:5] + REDUCED[6:]
_SOME = np.array([[True, False, True], [True, True, False]])
MASKED = (Sample((arr(2, 3),), {"where": _SOME}), Sample((arr(2, 3),), {"axis": 1, "where": _SOME}),
    Sample((arr(2, 3),), {"axis": 1, "where": _SOME, "keepdims": True}))
STARTED = (Sample((arr(2, 3),), {"where": _SOME, "initial": -0.3}), Sample((arr(2, 3),), {"axis": 1, "where": _SOME, "initial": 0.4}))
_STARTED = ("initial", "where")
_DDOF = (Sample((arr(4),), {"ddof": 1}), Sample((arr(2, 4),), {"correction": 1, "axis": 1}))
_WITH_DDOF = ("a", "axis", "dtype", "out", "ddof", "keepdims")
NO_DTYPE = ("a", "axis", "out", "keepdims")

SHAPE_AT = Op("shape_at", "_0.shape[_1]", effects=Effect.NONE, shape_only=(0,))


def _int_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
    return INT


RULES = (
    linear(np.sum, transpose=sum_transpose, names=AXES, arrays=1, spelled=("x.sum()",), infer=infer_reduction, statics=_STARTED,
        offsets=("initial",), sample=calls(*REDUCED, *STARTED)),
    linear(np.mean, transpose=mean_transpose, names=AXES, arrays=1, spelled=("x.mean()",), infer=infer_reduction, statics=("where",),
        sample=calls(*REDUCED, *MASKED)),
    general(np.max, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, statics=_STARTED,
        spelled=("x.max()", "np.amax"), sample=calls(*REDUCED, *STARTED, Sample((arr(4),), {"initial": -9.0}))),
    general(np.min, vjp=extremum_vjp, jvp=extremum_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, statics=_STARTED,
        spelled=("x.min()", "np.amin"), sample=calls(*REDUCED, STARTED[1], Sample((arr(4),), {"initial": 9.0}))),
    general(np.ptp, vjp=spread_vjp, jvp=spread_jvp, names=NO_DTYPE, arrays=1, infer=infer_reduction, sample=calls(*SPREAD)),
    general(np.var, vjp=var_vjp, jvp=var_jvp, names=_WITH_DDOF, arrays=1, spelled=("x.var()",), infer=infer_reduction,
        statics=("where", "correction"), sample=calls(*SPREAD, *MASKED, *_DDOF)),
    general(np.std, vjp=std_vjp, jvp=std_jvp, names=_WITH_DDOF, arrays=1, spelled=("x.std()",), infer=infer_reduction, singular=True,
        statics=("where", "correction"), sample=calls(*SPREAD, *MASKED, *_DDOF)),
    general(np.prod, vjp=prod_vjp, jvp=prod_jvp, names=AXES, arrays=1, spelled=("x.prod()",), infer=infer_reduction, statics=_STARTED,
        sample=calls(*REDUCED, *STARTED)),
    linear(np.cumsum, transpose=cumsum_transpose, names=("a", "axis", "dtype", "out"), arrays=1, spelled=("x.cumsum()",),
        sample=calls((arr(4),), (arr(2, 3),), (arr(2, 3), 1), (arr(2, 3), 0))),
    nondiff(lambda x, k: np.shape(x)[k], name="shape_at", path="", op=SHAPE_AT, infer=_int_type),
)  # fmt: skip
