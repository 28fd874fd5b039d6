"""Products of many matrices, of vectors along an axis, and tensor equations: expressions in products, inverses and changes of shape."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.nodes import View
from srcad.ir.types import Array, Type
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.infer import generic, nested_shape
from srcad.ops.op import nondiff
from srcad.ops.reduce import conj
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, find_builder, known, rank_known, type_at


def lengths(x: Any) -> tuple[Any, ...]:
    """The lengths of the axes: literals where they are known, else read at run time."""
    t = type_at(x)
    if find_builder(x) is None:
        return tuple(np.shape(x))
    if not isinstance(t, Array):
        raise NoRule("the shape of an array of unknown rank cannot be taken apart by a rule", "give the name one rank on all paths")
    return tuple(apply("shape_at", x, k) if d.length is None else d.length for k, d in enumerate(t.shape))


def size_of(dims: tuple[Any, ...]) -> Any:
    """The product of some lengths."""
    return math.prod(dims)


def matrix_power_body(a: Any, n: Any) -> Any:
    """Repeated squaring, of the inverse for negative powers."""
    power = known(n)
    if not isinstance(power, int):
        raise NoRule("`np.linalg.matrix_power` with an exponent known only at run time has no rule", "write the exponent as a literal")
    base = apply("np.linalg.inv", a) if power < 0 else a
    if power == 0:
        return apply("np.eye", apply("np.size", a, -1)) + 0.0 * a
    found: Any = None
    left = abs(power)
    while left:
        if left % 2:
            found = base if found is None else found @ base
        left //= 2
        base = base @ base if left else base
    return found


def multi_dot_body(arrays: Any) -> Any:
    """The products from the left."""
    if not isinstance(arrays, list | tuple):
        raise NoRule("`np.linalg.multi_dot` of a list of unknown length has no rule", "write the list as a display, or use a loop")
    found = arrays[0]
    for x in arrays[1:]:
        found = apply("np.dot", found, x)
    return found


def tensorsolve_body(a: Any, b: Any, axes: Any = None) -> Any:
    """One matrix equation."""
    if axes is not None:
        a = apply("np.moveaxis", a, tuple(axes), tuple(range(-len(axes), 0)))
    old = lengths(a)[rank_known(b, "np.linalg.tensorsolve") :]
    flat = apply("np.linalg.solve", apply("np.reshape", a, (-1, size_of(old))), apply("np.ravel", b))
    return apply("np.reshape", flat, old)


def tensorinv_body(a: Any, ind: Any = 2) -> Any:
    """The inverse of a matrix."""
    shape = lengths(a)
    turned = (*shape[ind:], *shape[:ind])
    return apply("np.reshape", apply("np.linalg.inv", apply("np.reshape", a, (size_of(shape[:ind]), -1))), turned)


def vecdot_body(a: Any, b: Any, axis: Any = -1) -> Any:
    """`sum(conj(a) * b)`; each operand counts its axes from its own end."""
    product = conj(a) * b if axis == -1 else apply("np.moveaxis", conj(a), axis, -1) * apply("np.moveaxis", b, axis, -1)
    return apply("np.sum", product, -1)


def infer_power(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the matrix."""
    return args[0] if isinstance(args[0], Array) and np.dtype(args[0].dtype).kind in "fc" else None


def infer_chain(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The outer lengths of the first and the last."""
    parts = args[0]
    found = generic(spelling.object, args, params)
    if not isinstance(found, Array) or not isinstance(parts, list | tuple):
        return found
    first, last = nested_shape(parts[0]), nested_shape(parts[-1])
    if first is None or last is None:
        return found
    dims = (*first[:-1], *last[1:])
    return Array(found.dtype, dims) if len(dims) == found.ndim else found


def infer_tensorsolve(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The axes that the right side does not have."""
    a, b = args[:2]
    if not isinstance(a, Array) or not isinstance(b, Array) or statics.get("axes") is not None:
        return None
    return Array(np.result_type(a.dtype, b.dtype).name, a.shape[b.ndim :])


def infer_tensorinv(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The axes turned round."""
    x, ind = args[0], statics.get("ind", 2)
    return Array(x.dtype, x.shape[ind:] + x.shape[:ind]) if isinstance(x, Array) and isinstance(ind, int) else None


def _regular(*shape: int) -> Any:
    return 0.3 * arr(*shape) + 2.0 * np.eye(shape[-1])


_TENSOR = (np.eye(6).reshape(2, 3, 6) + 0.2 * arr(2, 3, 6)).reshape(2, 3, 3, 2)
_POWERS = tuple((_regular(3, 3), n) for n in (0, 1, 2, 3, 5, -1, -2))

RULES = (
    composed(np.linalg.matrix_power, matrix_power_body, names=("a", "n"), arrays=1, infer=infer_power, view=View.MAYBE,
        sample=calls(*_POWERS[1:], (_regular(2, 3, 3), 3))),
    composed(np.linalg.multi_dot, multi_dot_body, names=("arrays",), infer=infer_chain, sample=calls(
        ([arr(2, 3), arr(3, 4), arr(4, 2)],), ([arr(3), arr(3, 4), arr(4)],), ((arr(2, 3), arr(3, 3)),))),
    composed(np.linalg.tensorsolve, tensorsolve_body, names=("a", "b", "axes"), operands=2, arrays=2, infer=infer_tensorsolve,
        sample=calls((_TENSOR, arr(2, 3)), (np.moveaxis(_TENSOR, 3, 0), arr(2, 3), (0,)))),
    composed(np.linalg.tensorinv, tensorinv_body, names=("a", "ind"), arrays=1, infer=infer_tensorinv,
        sample=calls((_TENSOR,), (_regular(3, 3), 1))),
    composed(np.vecdot, vecdot_body, names=("x1", "x2"), operands=2, arrays=2, statics=("axis",), spelled=("np.linalg.vecdot",),
        sample=calls((arr(3), arr(3, seed=1)), (arr(2, 3), arr(3)), (arr(2, 1, 3), arr(4, 3)),
            Sample((arr(3, 2), arr(3, 2, seed=1)), {"axis": 0}))),
    composed("np.matvec", lambda a, b: apply("np.sum", a * b[..., None, :], -1), names=("x1", "x2"), operands=2, arrays=2,
        sample=calls((arr(2, 3), arr(3)), (arr(4, 2, 3), arr(3)), (arr(2, 3), arr(4, 3)))),
    composed("np.vecmat", lambda a, b: apply("np.sum", conj(a)[..., :, None] * b, -2), names=("x1", "x2"), operands=2, arrays=2,
        sample=calls((arr(2), arr(2, 3)), (arr(2), arr(4, 2, 3)), (arr(4, 2), arr(2, 3)))),
    composed(np.linalg.trace, lambda x, offset=0: apply("np.trace", x, offset, -2, -1), name="linalg_trace", statics=("offset",),
        path="np.linalg.trace", arrays=1, sample=calls((arr(3, 3),), (arr(2, 3, 4),), Sample((arr(2, 3, 4),), {"offset": 1}))),
    composed(np.linalg.diagonal, lambda x, offset=0: apply("np.diagonal", x, offset, -2, -1), name="linalg_diagonal", statics=("offset",),
        path="np.linalg.diagonal", view=View.OVERLAPPING,
        sample=calls((arr(3, 3),), (arr(2, 3, 4),), Sample((arr(2, 3, 4),), {"offset": -1}))),
    nondiff(np.linalg.matrix_rank),
)  # fmt: skip
