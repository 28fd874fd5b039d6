"""Differences, slopes, correlations, fits, and grids between active ends: expressions in simpler operations."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import UNKNOWN, Array, Dim, Type, dtype_kind
from srcad.ops.compose import composed, through, transposed
from srcad.ops.constructors import infer_arange, weights_of
from srcad.ops.entry import NO_VALUE, Sample
from srcad.ops.infer import ONE, never_one, shaped_like
from srcad.ops.op import elementwise, from_array, general, helper, listed
from srcad.ops.python import part
from srcad.ops.reduce import conj
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, constant, is_traced, items_of, known, literal, o, rank, rank_known, type_at


def edged(a: Any, n: Any, axis: Any, prepend: Any, append: Any) -> Any:
    """Differences of what has more elements before and behind; a number stands for one row."""
    rows = [v if v is None or rank(v) != 0 else v + 0.0 * apply("np.take", a, [0], axis) for v in (prepend, append)]
    joined = [v for v in (rows[0], a, rows[1]) if v is not None]
    return apply("np.diff", apply("np.concatenate", joined, axis), n, axis)


_EDGED_VJP, _EDGED_JVP = through(edged)


def _edges(a: Any, prepend: Any, append: Any) -> tuple[Any, Any]:
    """What comes before and behind, as arrays; None where there is nothing."""
    before, behind = (None if known(v) is NO_VALUE else listed(v, a) for v in (prepend, append))
    return before, behind


def diff_vjp(g: Any, y: Any, a: Any, n: Any, axis: Any, prepend: Any, append: Any) -> tuple[Any, ...]:
    """Differences of the cotangent, with the other sign."""
    before, behind = _edges(a, prepend, append)
    if before is None and behind is None:
        return apply("diff_back", g, a, n, axis), None, None, None, None
    a_bar, _, _, *bars = _EDGED_VJP(g, y, a, n, axis, before, behind)
    return a_bar, None, None, *(c if c is None else from_array(c, v) for c, v in zip(bars, (prepend, append), strict=True))


def diff_jvp(t: Any, y: Any, a: Any, n: Any, axis: Any, prepend: Any, append: Any) -> Any:
    """Differences of the tangent."""
    before, behind = _edges(a, prepend, append)
    if before is None and behind is None:
        return apply("np.diff", t[0], n, axis)
    moves = (v if v is None else listed(v, y) for v in t[3:])
    return _EDGED_JVP((t[0], None, None, *moves), y, a, n, axis, before, behind)


def infer_diff(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """As many elements less along the axis as there are rounds."""
    x, n, axis, *edges = operands
    if not isinstance(x, Array) or type(n) is not int or type(axis) is not int or any(v is not NO_VALUE for v in edges):
        return None
    if not -x.ndim <= axis < x.ndim or n < 0:
        return None
    at = axis % x.ndim
    return Array(x.dtype, tuple(Dim(d.token, d.less + n) if k == at and not d.unknown else d for k, d in enumerate(x.shape)))


def ediff1d_body(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours, between what is put before and behind."""
    inner = apply("np.diff", apply("np.ravel", ary))
    parts = [None if v is None else apply("np.ravel", v) for v in (to_begin, to_end)]
    if all(v is None for v in parts):
        return inner
    return apply("np.concatenate", [v for v in (parts[0], inner, parts[1]) if v is not None])


def _slopes(f: Any, x: Any, axis: Any, edge_order: Any) -> Any:
    """Slopes along one axis by the coordinates `x` of the points: means of the slopes beside each, and one-sided ones at the ends."""
    n = rank_known(f, "np.gradient")
    before = (slice(None),) * axis

    def at(v: Any, lo: int | None, hi: int | None) -> Any:
        return v[(*before, slice(lo, hi)) if before else slice(lo, hi)]

    steps = apply("np.diff", x)
    steps = steps[(None,) * axis + (slice(None),) + (None,) * (n - 1 - axis)] if n > 1 else steps
    beside = apply("np.diff", f, 1, axis) / steps
    one, two = at(steps, None, -1), at(steps, 1, None)
    middle = (two * at(beside, None, -1) + one * at(beside, 1, None)) / (one + two)
    ends = at(beside, None, 1), at(beside, -1, None)
    if edge_order == 2:  # of parabolas, whose slopes in the middle of three points are known
        ends = 2.0 * ends[0] - at(middle, None, 1), 2.0 * ends[1] - at(middle, -1, None)
    return apply("np.concatenate", [ends[0], middle, ends[1]], axis)


_SLOPES_VJP, _SLOPES_JVP = through(_slopes)


def _axes(f: Any, spacing: tuple[Any, ...], axis: Any) -> list[tuple[int, Any]]:
    """The axes along which `np.gradient` takes slopes, with the spacing of each."""
    n = rank_known(f, "np.gradient")
    axes = range(n) if axis is None else [a % n for a in items_of(axis) or [axis]]
    given = spacing if len(spacing) == len(axes) else (spacing[0] if spacing else 1.0,) * len(axes)
    return list(zip(axes, given, strict=True))


def _moving(h: Any, *others: Any) -> bool:
    """Whether a spacing may have a derivative."""
    return not is_traced((h, *others)) or not (literal(h) or dtype_kind(type_at(h)) in ("i", "u", "b"))


def _by_spacing(g: Any, y: Any, f: Any, h: Any, axis: int, edge_order: Any) -> Any:
    """The cotangent of a spacing: slopes are proportional to 1 by the distance, and move with coordinates."""
    if rank_known(h, "np.gradient") == 0:
        return -apply("np.sum", g * y) / h
    return _SLOPES_VJP(g, y, f, h, axis=axis, edge_order=edge_order)[1]


def gradient_vjp(g: Any, y: Any, f: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> tuple[Any, ...]:
    """The transposed differences; the spacing."""
    values, bar = listed(f, y), None
    axes, bars = _axes(values, spacing, axis), [None] * len(spacing)
    for k, (a, h) in enumerate(axes):
        c, slopes = (g, y) if len(axes) == 1 else (part(g, k), y[k])
        if c is None:
            continue
        bar = _sum(bar, apply("gradient_back", c, values, h, a, edge_order))
        if spacing and _moving(h, g, f):
            own = k if len(spacing) == len(axes) else 0
            bars[own] = _sum(bars[own], _by_spacing(c, slopes, values, h, a, edge_order))
    return None if bar is None else from_array(bar, f), *bars


def _sum(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _along_spacing(t: Any, y: Any, f: Any, h: Any, axis: int, edge_order: Any) -> Any:
    """How slopes move with their spacing."""
    if t is None:
        return None
    if rank_known(h, "np.gradient") == 0:
        return -y * (t / h)
    return _SLOPES_JVP((None, t), y, f, h, axis=axis, edge_order=edge_order)


def gradient_jvp(t: Any, y: Any, f: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """The differences of the tangent; how they move with the spacing."""
    values = listed(f, y)
    options = {k: v for k, v, default in (("axis", axis, None), ("edge_order", edge_order, 1)) if v != default}
    first = None if t[0] is None else apply("np.gradient", listed(t[0], y), *spacing, **options)
    axes = _axes(values, spacing, axis)
    moves = t[1:] if len(spacing) == len(axes) else t[1:] * len(axes) if spacing else (None,) * len(axes)
    if len(axes) == 1:
        return _sum(first, _along_spacing(moves[0], y, values, axes[0][1], axes[0][0], edge_order))
    if all(m is None for m in moves):
        return first
    terms = (_along_spacing(m, y[k], values, h, a, edge_order) for k, (m, (a, h)) in enumerate(zip(moves, axes, strict=True)))
    found = tuple(_sum(None if first is None else first[k], term) for k, term in enumerate(terms))
    return tuple(o.zeros_like(y[k]) if v is None else v for k, v in enumerate(found))


def _moved_slopes(f: Any, h: Any, move: Any, axis: Any, edge_order: Any) -> Any:
    """How the slopes move with the coordinates, which is linear in `f`."""
    slopes = apply("np.gradient", f, h, axis=axis, edge_order=edge_order)
    return _SLOPES_JVP((None, move), slopes, f, h, axis=axis, edge_order=edge_order)


_MOVED_VJP, _ = through(_moved_slopes)


def gradient_back_vjp(c: Any, y: Any, g: Any, f: Any, h: Any, axis: Any = 0, edge_order: Any = 1) -> tuple[Any, ...]:
    """The differences of `c`; `h` moves them as it moves those of `c`, weighed by `g`."""
    slopes = apply("np.gradient", c, h, axis=axis, edge_order=edge_order)
    return slopes, None, _by_spacing(g, slopes, c, h, axis, edge_order) if _moving(h, c, g) else None


def gradient_back_jvp(t: Any, y: Any, g: Any, f: Any, h: Any, axis: Any = 0, edge_order: Any = 1) -> Any:
    """The transposed differences of the tangent, and those that move with `h`."""
    first = None if t[0] is None else apply("gradient_back", t[0], f, h, axis, edge_order)
    if t[2] is None:
        return first
    fixed = rank_known(h, "np.gradient") == 0
    return _sum(first, -y * (t[2] / h) if fixed else _MOVED_VJP(g, y, f, h, t[2], axis, edge_order)[0])


def correlate_body(a: Any, v: Any, mode: Any = "valid") -> Any:
    """A convolution with one operand turned round."""
    return apply("np.convolve", a, conj(v)[::-1], mode)


def cov_body(
    m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None, aweights: Any = None,
) -> Any:  # fmt: skip
    """The mean of products of what deviates from the mean."""
    found = covariances(m, y, rowvar, bias, ddof, fweights, aweights)
    return found if y is not None else _of_variables(found, m, rowvar)


def covariances(m: Any, y: Any, rowvar: Any, bias: Any = False, ddof: Any = None, fweights: Any = None, aweights: Any = None) -> Any:
    """The matrix of them.  `fweights` count observations, `aweights` weigh them."""
    data = _rows(m, rowvar)
    if y is not None:
        data = apply("np.concatenate", [data, _rows(y, rowvar)], 0)
    less = (0 if bias else 1) if ddof is None else ddof
    if fweights is None and aweights is None:
        away = data - apply("np.mean", data, axis=1, keepdims=True)
        return away @ conj(away.T) / (apply("np.size", data, 1) - less)
    counts, shares = (None if w is None else listed(w, data) for w in (fweights, aweights))
    weights = shares if counts is None else counts if shares is None else counts * shares
    total = apply("np.sum", weights)
    away = data - (data @ weights / total)[:, None]
    lost = less if shares is None else less * apply("np.sum", weights * shares) / total
    return (away * weights) @ conj(away.T) / (total - lost)


def _of_variables(found: Any, m: Any, rowvar: Any) -> Any:
    """The matrix, or its number where there is one variable only, as NumPy gives it."""
    t = type_at(m)
    rows = t.shape[0 if rowvar else -1] if isinstance(t, Array) and t.ndim > 1 else ONE
    if rows.length == 1:
        return found[0, 0]
    return found if never_one(rows) else apply("np.squeeze", found)


def _rows(m: Any, rowvar: Any) -> Any:
    if dtype_kind(type_at(m)) == "f" and getattr(type_at(m), "dtype", "") != "float64":
        m = apply("ndarray.astype", m, np.float64)  # NumPy never computes covariances in less
    if rank_known(m, "np.cov") == 1:
        return m[None, :]
    return m if rowvar else m.T


def corrcoef_body(x: Any, y: Any = None, rowvar: Any = True) -> Any:
    """Products of what deviates from the mean, in vectors of length 1."""
    data = _rows(x, rowvar) if y is None else apply("np.concatenate", [_rows(x, rowvar), _rows(y, rowvar)], 0)
    away = data - apply("np.mean", data, axis=1, keepdims=True)
    away = away / apply("np.linalg.norm", away, axis=1, keepdims=True)
    found = away @ conj(away.T)
    return found if y is not None else _of_variables(found, x, rowvar)


def polyint_body(p: Any, m: Any = 1, k: Any = None) -> Any:
    """Each coefficient divided by its new power; the constants of integration are constant."""
    for _ in range(known(m)):
        n = apply("np.size", p)
        p = apply("np.concatenate", [p / constant(p, "np.arange", n, 0, -1), constant(p, "np.zeros", 1)])
    return p


def roots_jvp(t: Any, y: Any, p: Any) -> Any:
    """A root moves so that the polynomial stays 0 there."""
    powers = apply("np.vander", y, apply("np.size", p))
    slope = apply("np.polyval", apply("np.polyder", p), y)
    return -(powers @ t[0]) / slope


def _along(points: Any, axis: Any) -> Any:
    """Points along the axis that is asked for."""
    return points if axis == 0 else apply("np.moveaxis", points, 0, axis)


def logspace_body(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0, dtype: Any = None, axis: Any = 0) -> Any:
    """Powers of the base."""
    return _along(base ** apply("np.linspace", start, stop, num, endpoint), axis)


def geomspace_body(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: Any = 0) -> Any:
    """Powers of the ratio of the ends."""
    return _along(start * (stop / start) ** weights_of(start, stop, num, endpoint), axis)


def arange_vjp(g: Any, y: Any, start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> tuple[Any, Any, Any]:
    """The first point and the step move the points; the end decides how many there are."""
    if stop is None:
        return 0.0 * apply("np.sum", g), None, None
    return apply("np.sum", g), 0.0 * apply("np.sum", g), apply("np.sum", g * apply("np.arange", apply("np.size", y)))


def arange_jvp(t: Any, y: Any, start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """The first point and the step move the points."""
    found = o.zeros_like(y)
    if stop is not None and t[0] is not None:
        found = found + t[0]
    return found if t[2] is None else found + t[2] * apply("np.arange", apply("np.size", y))


def infer_roots(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The values decide whether roots are complex."""
    return UNKNOWN


def infer_unwrap(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand."""
    return args[0] if dtype_kind(type_at(args[0]) if not hasattr(args[0], "dtype") else args[0]) == "f" else None


_X = np.array([0.1, 0.4, 0.9, 1.1, 1.8])
_POINTS = arr(5, seed=6)

RULES = (
    general(np.diff, vjp=diff_vjp, jvp=diff_jvp, names=("a", "n", "axis", "prepend", "append"), operands=5, arrays=1, infer=infer_diff,
        defaults={"n": 1, "axis": -1, "prepend": NO_VALUE, "append": NO_VALUE},
        sample=calls((arr(4),), (arr(3, 4), 2), (arr(3, 4), 1, 0), (arr(4), 1, -1, 0.3),
            (arr(3, 4), 2, 0, arr(1, 4, seed=1), arr(2, 4, seed=2)), (arr(3, 4), 1, 1, NO_VALUE, 0.7), (arr(4), 1, -1, [0.4], 0.2))),
    composed(np.ediff1d, ediff1d_body, names=("ary", "to_end", "to_begin"), operands=3, arrays=3,
        sample=calls((arr(4),), (arr(2, 3),), (arr(4), 0.7), (arr(4), arr(2), arr(1, seed=1)))),
    general(np.gradient, vjp=gradient_vjp, jvp=gradient_jvp, names=("*xs",), statics=("axis", "edge_order"), sample=calls(
        (arr(5),), (arr(5), 0.7), (arr(5), _X), Sample((arr(5), _X), {"edge_order": 2}), Sample((arr(5), 0.5), {"edge_order": 2}),
        (arr(3, 4),), Sample((arr(3, 4), 0.3), {"axis": 1}), (arr(3, 5), 0.3, _X), Sample((arr(5, 3), _X), {"axis": 0}))),
    helper(runtime.gradient_back, general, fresh=True, names=("g", "f", "h", "axis", "edge_order"), operands=3, infer=shaped_like(1),
        vjp=gradient_back_vjp, jvp=gradient_back_jvp,
        sample=calls((arr(5), arr(5, seed=1), 0.7), (arr(5), arr(5, seed=1), _X, 0, 2), (arr(2), arr(2, seed=1), 1.3),
            (arr(3, 5), arr(3, 5, seed=1), _X, 1), (arr(3, 4), arr(3, 4, seed=1), 0.3, 1, 2))),
    composed(np.correlate, correlate_body, names=("a", "v", "mode"), operands=2, arrays=2,
        sample=calls((arr(4), arr(2)), (arr(4), arr(3), "full"), (arr(4), arr(3), "same"), (arr(2), arr(4)))),
    general(np.unwrap, vjp=lambda g, y, p, **options: (g,), jvp=lambda t, y, p, **options: t[0], names=("p", "discont", "axis"),
        statics=("period",), infer=infer_unwrap,
        sample=calls((arr(4),), (3.0 * arr(2, 5),))),
    composed(np.cov, cov_body, names=("m", "y", "rowvar", "bias", "ddof", "fweights", "aweights"), operands=7, arrays=2,
        defaults={"rowvar": True, "bias": False},
        sample=calls((arr(3, 4),), (arr(4),), (arr(4), arr(4, seed=1)), Sample((arr(4, 3),), {"rowvar": False, "bias": True}),
            Sample((arr(2, 4),), {"ddof": 0}), (arr(2, 4), None, True, False, None, None, arr(4, low=0.3)),
            (arr(2, 4), arr(2, 4, seed=1), True, True, None, [1, 3, 2, 1], arr(4, low=0.3)),
            Sample((arr(4),), {"fweights": np.array([1, 3, 2, 1]), "ddof": 2}))),
    composed(np.corrcoef, corrcoef_body, names=("x", "y", "rowvar"), operands=2, arrays=2,
        sample=calls((arr(3, 4),), (arr(4), arr(4, seed=1)), Sample((arr(4, 3),), {"rowvar": False}))),
    composed(np.polyint, polyint_body, names=("p", "m", "k"), arrays=1,
        sample=calls((arr(3),), (arr(3), 2), Sample((arr(3),), {"m": 2, "k": [0.3, 0.7]}))),
    general(np.roots, jvp=roots_jvp, vjp=transposed(roots_jvp), names=("p",), arrays=1, infer=infer_roots,
        sample=calls((np.array([1.3, -4.1, 0.7, 1.9]),), (np.array([1.0, 0.5, 2.0]),))),
    elementwise(np.i0, lambda y, x: apply("i0_derivative", 1, x), path="np.i0", name="i0", infer=shaped_like(0),
        sample=calls((arr(3),), (arr(2, 3),))),
    helper(runtime.i0_derivative, lambda f, **more: elementwise(f, None, lambda y, n, x: apply("i0_derivative", n + 1, x), **more),
        sample=calls((1, 0.7), (2, arr(3)))),
    composed(np.logspace, logspace_body, names=("start", "stop", "num", "endpoint", "base", "dtype", "axis"), operands=5,
        defaults={"num": 50, "endpoint": True, "base": 10.0},
        sample=calls((0.3, 1.2, 4), (0.3, 1.2, 5, False, 2.0), (arr(2), 1.2, 3), Sample((arr(2), 1.2, 3), {"axis": 1}))),
    composed(np.geomspace, geomspace_body, names=("start", "stop", "num", "endpoint", "dtype", "axis"), operands=2,
        sample=calls((0.3, 1.2, 4), Sample((0.3, 1.2), {"num": 5, "endpoint": False}), (-0.3, -1.2, 4),
            (arr(2, low=0.3), arr(2, low=0.4, seed=1), 3), Sample((arr(2, low=0.3), 1.2), {"num": 3, "axis": -1}))),
    general(np.arange, vjp=arange_vjp, jvp=arange_jvp, names=("start", "stop", "step"), operands=3, statics=("dtype",), name="np.arange",
        infer=infer_arange, sample=calls((0.3, 2.0, 0.4), (0.3, 1.9))),
)  # fmt: skip
