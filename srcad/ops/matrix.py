"""Parts of matrices and special products: diagonals, triangles, traces, `kron`, `cross`."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.nodes import View
from srcad.ir.types import Array, Type
from srcad.ops.entry import Sample
from srcad.ops.infer import dtype_of
from srcad.ops.linalg import transposes_of
from srcad.ops.op import Spelled, bilinear, helper, linear
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, o, rank_known, type_at


def diag_transpose(g: Any, v: Any, k: Any = 0) -> Any:
    """A diagonal of a square matrix, a matrix from a diagonal."""
    return apply("np.diag", g, k) if rank_known(v, "np.diag") == 1 else apply("diagonal_back", g, v, k, 0, 1)


def diagonal_transpose(g: Any, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    """Zero off the diagonal."""
    return apply("diagonal_back", g, a, offset, axis1, axis2)


def trace_transpose(g: Any, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None) -> Any:
    """The cotangent along the diagonal."""
    return apply("trace_back", g, a, offset, axis1, axis2)


def _length(x: Any) -> int | None:
    """How many elements vectors along the last axis have, if that is known."""
    t = type_at(x)
    return t.shape[-1].length if isinstance(t, Array) and t.shape else None


def cross_transpose(g: Any, a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> tuple[Any, Any]:
    """The triple product is cyclic.  Vectors stand in the last axis where axes are broadcast, so that only others are summed."""
    ends = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = (x if end == -1 else apply("np.moveaxis", x, end, -1) for x, end in zip((a, b), ends, strict=False))
    lengths = _length(a), _length(b)
    if lengths == (2, 2):
        return _back(_planar(g, b, a), ends), _back(-_planar(g, a, b), ends[1:])
    g = g if ends[2] == -1 else apply("np.moveaxis", g, ends[2], -1)
    if 3 not in lengths:
        a, b = apply("of_space", a), apply("of_space", b)
    found = (apply("np.cross", b, g), a, lengths[0]), (apply("np.cross", g, a), b, lengths[1])
    left, right = (o.unbroadcast(c if n == 3 or 3 not in lengths else c[..., : apply("shape_at", x, -1)], x) for c, x, n in found)
    return _back(left, ends), _back(right, ends[1:])


def _planar(g: Any, b: Any, a: Any) -> Any:
    """The cotangent of `a` from that of `a[0] * b[1] - a[1] * b[0]`."""
    turned = apply("np.stack", [b[..., 1], -b[..., 0]], -1)
    return o.unbroadcast((g if rank_known(g, "np.cross") == 0 else g[..., None]) * turned, a)


def _back(c: Any, ends: tuple[int, ...]) -> Any:
    return c if ends[0] == -1 else apply("np.moveaxis", c, -1, ends[0])


def kron_transpose(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """Blocks weighted by the other operand."""
    return apply("kron_left", g, a, b), apply("kron_right", g, a, b)


def infer_diag(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The square of a vector's length on the main diagonal."""
    x = args[0]
    if isinstance(x, Array) and x.ndim == 1 and statics.get("k", 0) == 0:
        return Array(x.dtype, x.shape * 2)
    return None


def same(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand."""
    return args[0] if isinstance(args[0], Array) and args[0].ndim > 1 else None


def infer_back(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The dtype of the cotangent in the shape of the matrix."""
    dtype = dtype_of(args[0])
    return Array(dtype, args[1].shape) if isinstance(args[1], Array) and dtype else None


_DIAGONAL: dict[str, Any] = {"names": ("g", "a", "offset", "axis1", "axis2"), "operands": 2, "infer": infer_back}
_SQUARE = ((arr(3, 3),), (arr(3, 4), 1), (arr(2, 3, 3), 0, 1, 2))
_TRIANGLE = calls((arr(3, 3),), (arr(3, 4), 1))

RULES = (
    linear(np.diag, transpose=diag_transpose, names=("v", "k"), view=View.MAYBE, arrays=1, infer=infer_diag,
        sample=calls((arr(3),), (arr(3, 3),), (arr(3), 1), (arr(3, 4), -1))),
    linear(np.diagonal, transpose=diagonal_transpose, names=("a", "offset", "axis1", "axis2"), view=View.OVERLAPPING,
        spelled=(Spelled("x.diagonal()", view=View.OVERLAPPING),), sample=calls(*_SQUARE)),
    linear(np.trace, transpose=trace_transpose, names=("a", "offset", "axis1", "axis2", "dtype"), arrays=1, spelled=("x.trace()",),
        sample=calls(*_SQUARE)),
    helper(runtime.diagonal_back, linear, **_DIAGONAL, sample=calls((arr(3), arr(3, 3))),
        transpose=lambda c, g, a, offset=0, axis1=0, axis2=1: apply("np.diagonal", c, offset, axis1, axis2)),
    helper(runtime.trace_back, linear, **_DIAGONAL, sample=calls((0.7, arr(3, 3))),
        transpose=lambda c, g, a, offset=0, axis1=0, axis2=1: apply("np.trace", c, offset, axis1, axis2)),
    linear(np.tril, transpose=lambda g, m, k=0: apply("np.tril", g, k), names=("m", "k"), arrays=1, infer=same, sample=_TRIANGLE),
    linear(np.triu, transpose=lambda g, m, k=0: apply("np.triu", g, k), names=("m", "k"), arrays=1, infer=same, sample=_TRIANGLE),
    helper(runtime.phi, linear, fresh=True, transpose=lambda g, m: apply("phi", g), names=("m",), infer=same, sample=calls((arr(3, 3),))),
    bilinear(np.cross, transpose=cross_transpose, names=("a", "b", "axisa", "axisb", "axisc", "axis"), spelled=("np.linalg.cross",),
        sample=calls((arr(3), arr(3, seed=1)), (arr(2, 3), arr(3, seed=1)), (arr(2, 3), arr(2, 3, seed=1)),
            Sample((arr(3, 2), arr(3, 2, seed=1)), {"axis": 0}), Sample((arr(3), arr(3, 3, seed=1)), {"axis": 0}),
            (arr(3, 3), arr(3, 3, seed=1), 0), (arr(3, 2), arr(2, 3, seed=1), 0, 1, 0), (arr(3), arr(4, 3, 2, seed=1), 0, 1, 0))),
    helper(runtime.of_space, linear, transpose=lambda g, x: g, names=("x",), infer=same, sample=calls((arr(2, 3),))),
    bilinear(np.kron, transpose=kron_transpose, sample=calls((arr(2), arr(3)), (arr(2, 2), arr(2, 3)))),
    *transposes_of("np.kron", runtime.kron_left, runtime.kron_right, sample=calls((arr(4, 6), arr(2, 2), arr(2, 3)))),
)  # fmt: skip
