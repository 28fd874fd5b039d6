"""Norms of vectors and matrices.  At the origin the subgradient is 0; equal maxima share."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.types import is_scalar
from srcad.ops.compose import composed, through
from srcad.ops.entry import Sample
from srcad.ops.op import general
from srcad.ops.reduce import conj, infer_reduction, keywords_of, stretched_result
from srcad.ops.samples import arr, calls
from srcad.ops.elementwise import sign
from srcad.ops.trace import apply, is_traced, items_of, known, literal, maybe_complex, o, rank, type_at

_ROOT = (None, 2, "fro")
"""Orders that mean the root of the sum of squares, of vectors and (but for 2) of matrices."""


def order(ord: Any) -> Any:
    """The order as a plain value, or a number that is only known at run time."""
    found = known(ord)
    if not (found is None or isinstance(found, str) or literal(found) or is_scalar(type_at(found))):
        raise NoRule("a norm whose order is only known at run time, and may be no number, has no rule", "write the order as a literal")
    return found


def _is(ord: Any, choices: tuple[Any, ...]) -> bool:
    """Whether the order is known to be one of these."""
    return not is_traced(ord) and ord in choices


def is_matrix(x: Any, ord: Any, axis: Any) -> bool:
    """Whether `np.linalg.norm` takes the norm of matrices here."""
    if axis is not None:
        return len(items_of(axis) or ()) == 2
    if ord is None:
        return False
    if rank(x) is None:
        raise NoRule("the norm of an array of unknown rank has no rule", "give the name one rank on all paths, or give `axis`")
    return rank(x) == 2


def _real(v: Any, x: Any) -> Any:
    return v.real if maybe_complex(x) else v


def slope(x: Any, y: Any, ord: Any, axis: Any, keepdims: Any) -> Any:
    """The partials of the vector norm of order `ord`."""
    size, wide = apply("np.abs", x), stretched_result(y, x, axis, keepdims)
    unit = sign(size, x)
    if is_traced(ord):
        return _slope_by_number(x, size, wide, ord, axis)
    if ord == 1:
        return unit
    if ord == 0:
        return 0.0 * unit
    if math.isinf(ord):
        hit = size == wide
        return unit * (hit / apply("np.sum", hit, axis=axis, keepdims=True))
    if ord > 1:
        return unit * apply("safe_power", apply("safe_ratio", size, wide), ord - 1.0)
    return unit * apply("safe_power", apply("safe_ratio", wide, size), 1.0 - ord)


def _slope_by_number(x: Any, size: Any, wide: Any, ord: Any, axis: Any) -> Any:
    """As `slope` for an order that is only known at run time.  From 2 on without signs, whose derivatives leave zeros out."""
    hit, endless = size == wide, apply("np.isinf", ord)
    p = apply("np.where", endless, 1.0, ord)
    above, below = (apply("np.maximum", v, 0.0) for v in (p - 1.0, 1.0 - p))
    ratio, unit = apply("safe_ratio", size, wide), sign(size, x)
    flat = apply("safe_power", ratio, above) * apply("safe_power", apply("safe_ratio", wide, size), below) * (ord != 0)
    smooth = apply("safe_ratio", conj(x), wide) * apply("safe_power", ratio, apply("np.maximum", p - 2.0, 0.0))
    finite = apply("np.where", p >= 2.0, smooth, unit * flat)
    return apply("np.where", endless, unit * apply("safe_ratio", hit, apply("np.sum", hit, axis=axis, keepdims=True)), finite)


def vector_vjp(g: Any, y: Any, x: Any, ord: Any = 2, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """`x / norm` for order 2, and 0 at the origin."""
    if is_scalar(type_at(x)):
        return (g * sign(y, x),)
    if _is(ord, _ROOT):
        return (conj(x) * o.unreduce(apply("safe_ratio", g, y), x, axis, keepdims),)
    return (slope(x, y, ord, axis, keepdims) * o.unreduce(g, x, axis, keepdims),)


def vector_jvp(t: Any, y: Any, x: Any, ord: Any = 2, axis: Any = None, keepdims: Any = False) -> Any:
    """The tangent along `x / norm` for order 2, and 0 at the origin."""
    keywords = keywords_of(axis, keepdims)
    if _is(ord, _ROOT) and not is_scalar(type_at(x)):
        return apply("safe_ratio", apply("np.sum", _real(conj(x) * t, x), **keywords), y)
    if is_scalar(type_at(x)):
        return _real(sign(y, x) * t, x)
    return apply("np.sum", _real(slope(x, y, ord, axis, keepdims) * t, x), **keywords)


def matrix_body(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """Norms of matrices by singular values, or by sums of rows and columns."""
    if axis not in (None, (-2, -1)):
        x = apply("np.moveaxis", x, axis, (-2, -1))
    if is_traced(ord):
        found = _by_number(x, ord)
        return apply("np.expand_dims", found, (-2, -1) if axis is None else axis) if keepdims else found
    if ord in (2, -2, "nuc"):
        lengths = apply("np.linalg.svd", x, True, False)
    elif ord in (1, -1):
        lengths = apply("np.sum", apply("np.abs", x), -2)
    else:
        lengths = apply("np.sum", apply("np.abs", x), -1)
    reduction = "np.sum" if ord == "nuc" else "np.max" if ord > 0 else "np.min"
    found = apply(reduction, lengths, -1)
    return apply("np.expand_dims", found, (-2, -1) if axis is None else axis) if keepdims else found


def _by_number(x: Any, ord: Any) -> Any:
    """The norm for an order that is only known at run time: 1, 2 or infinite, or the same below 0."""
    size = apply("np.abs", x)
    lengths = (apply("np.sum", size, -1), apply("np.sum", size, -2), apply("np.linalg.svd", x, True, False))
    rows, columns, singular = (apply("np.where", ord > 0, apply("np.max", v, -1), apply("np.min", v, -1)) for v in lengths)
    inner = apply("np.where", apply("np.abs", ord) == 1, columns, singular)
    return apply("np.where", apply("np.isinf", ord), rows, inner)


_MATRIX_VJP, _MATRIX_JVP = through(matrix_body)


def norm_vjp(g: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> tuple[Any]:
    """Of a vector or of a matrix, as NumPy decides."""
    p = order(ord)
    if is_matrix(x, p, axis) and not _is(p, (None, "fro")):
        return (_MATRIX_VJP(g, y, x, ord=p, axis=axis, keepdims=keepdims)[0],)
    return vector_vjp(g, y, x, p, axis, keepdims)


def norm_jvp(t: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """Of a vector or of a matrix, as NumPy decides."""
    p = order(ord)
    if is_matrix(x, p, axis) and not _is(p, (None, "fro")):
        return _MATRIX_JVP(t, y, x, ord=p, axis=axis, keepdims=keepdims)
    return vector_jvp(t[0], y, x, p, axis, keepdims)


def vector_norm_vjp(g: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> tuple[Any]:
    """Of a vector, always."""
    return vector_vjp(g, y, x, order(ord), axis, keepdims)


def vector_norm_jvp(t: Any, y: Any, x: Any, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    """Of a vector, always."""
    return vector_jvp(t[0], y, x, order(ord), axis, keepdims)


def matrix_norm_body(x: Any, keepdims: Any = False, ord: Any = "fro") -> Any:
    """Of the last two axes."""
    return apply("np.linalg.norm", x, ord, (-2, -1), keepdims)


_V, _M, _NORM = arr(4, seed=1), arr(3, 4, seed=2), ("x", "ord", "axis", "keepdims")
_ORDERS = (1, 2, 3, 0.5, 1.5, -1, np.inf, -np.inf)
_OPTIONS = ("axis", "keepdims", "ord")

RULES = (
    general(np.linalg.norm, vjp=norm_vjp, jvp=norm_jvp, names=_NORM, arrays=1, singular=True, infer=infer_reduction, sample=calls(
        (arr(3),), (0.3 + 0.4j,), (arr(2, 3),), (arr(2, 3), None, 1), Sample((_M,), {"axis": 0, "keepdims": True}),
        *(Sample((_V,), {"ord": p}) for p in _ORDERS), *(Sample((_M,), {"ord": p, "axis": 1}) for p in _ORDERS),
        *(Sample((_M,), {"ord": p}) for p in (1, -1, 2, -2, "fro", "nuc", np.inf, -np.inf)),
        Sample((arr(2, 3, 4), "nuc", (2, 0)), {"keepdims": True}), (arr(2, 3, 4), 1, (0, 1)), (arr(2, 3, 4), "fro", (0, 2)))),
    general(np.linalg.vector_norm, vjp=vector_norm_vjp, jvp=vector_norm_jvp, statics=_OPTIONS, arrays=1, singular=True,
        infer=infer_reduction, sample=calls((_M,), Sample((_M,), {"axis": 1, "ord": 3}), Sample((_M,), {"ord": 1}),
            Sample((_M,), {"axis": 0, "ord": np.inf, "keepdims": True}))),
    composed(np.linalg.matrix_norm, matrix_norm_body, arrays=1, statics=_OPTIONS[1:],
        sample=calls((_M,), Sample((arr(2, 3, 4),), {"ord": "nuc"}), Sample((_M,), {"ord": 1, "keepdims": True}))),
)  # fmt: skip
