"""Products of vectors and matrices, and linear algebra."""
from __future__ import annotations

import operator
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.core import BINARY
from srcad.ir.types import Array, Dim, Type, dtype_kind
from srcad.ops.infer import broadcast, dtype_of, generic, nested_shape, shaped_like
from srcad.ops.op import bilinear, general, helper
from srcad.ops.reduce import conj
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, known_same_shape, o, rank


def infer_matmul(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The outer lengths of both operands; equal stacks stay."""
    found = generic(spelling.object, args, params)
    shapes = [nested_shape(a) for a in operands[:2]]
    if not isinstance(found, Array) or None in shapes:
        return found
    a, b = (s or () for s in shapes)
    if not a or not b or (spelling.entry.name == "dot" and max(len(a), len(b)) > 2):
        return found
    stack = broadcast([a[:-2], b[:-2]])
    dims: tuple[Dim, ...] = (*stack, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))
    return Array(found.dtype, dims) if len(dims) == found.ndim else found


@o.define
def swap(x: Any) -> Any:
    """A matrix, or each of a stack, transposed."""
    return x.T if rank(x) == 2 else apply("np.swapaxes", x, -1, -2)


def matmul_transpose(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """`g @ b.T` and `a.T @ g`, for every combination of ranks."""
    match rank(a), rank(b):
        case 1, 1:
            return g * b, g * a
        case 2, 1:
            return apply("np.outer", g, b), _row_times(g, a)
        case 1, 2:
            return b @ g, apply("np.outer", a, g)
        case 2, 2:
            return g @ b.T, a.T @ g
        case int(m), 2 if m > 2:
            return g @ b.T, _summed_product(a, g, m, m - 1)
        case 2, int(n) if n > 2:
            return _summed_product(g, b, n, n - 2), o.swap(a) @ g
        case int(m), int(n) if m > 1 and n > 1:
            return o.unbroadcast(g @ o.swap(b), a), o.unbroadcast(o.swap(a) @ g, b)
    return apply("matmul_left", g, a, b), apply("matmul_right", g, a, b)


def _summed_product(a: Any, b: Any, ndim: int, free: int) -> Any:
    """The product of two stacks of matrices, summed over the stack; `free` is the axis that is not contracted.

    One product of two matrices: a stack of products that is summed afterwards would be as large as the stack.
    """
    axes = tuple(k for k in range(ndim) if k != free)
    return apply("np.tensordot", a, b, (axes, axes))


def _row_times(g: Any, a: Any) -> Any:
    return g @ a


def dot_transpose(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """As `matmul` up to rank 2; scalars multiply."""
    m, n = rank(a), rank(b)
    if m == 0 or n == 0:
        return o.unbroadcast(g * b, a), o.unbroadcast(g * a, b)
    if m in (1, 2) and n in (1, 2):
        return matmul_transpose(g, a, b)
    return apply("dot_left", g, a, b), apply("dot_right", g, a, b)


def outer_transpose(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """Rows and columns weighted by the other vector."""
    if rank(a) == 1 and rank(b) == 1:
        return g @ b, a @ g
    return o.reshape_as(g @ apply("np.ravel", b), a), o.reshape_as(apply("np.ravel", a) @ g, b)


def inner_transpose(g: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """`a @ b.T`."""
    match rank(a), rank(b):
        case (0, _) | (_, 0):
            return o.unbroadcast(g * b, a), o.unbroadcast(g * a, b)
        case 1, 1:
            return g * b, g * a
        case 2, 2:
            return g @ b, g.T @ a
        case 2, 1:
            return apply("np.outer", g, b), g @ a
        case 1, 2:
            return g @ b, apply("np.outer", g, a)
    return apply("inner_left", g, a, b), apply("inner_right", g, a, b)


def vdot_vjp(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The sum of `conj(a) * b`."""
    a_bar, b_bar = conj(g * b), g * conj(a)
    if known_same_shape(a, b) or rank(a) == rank(b) == 1:
        return a_bar, b_bar
    return o.reshape_as(a_bar, a), o.reshape_as(b_bar, b)


def vdot_jvp(t: Any, y: Any, a: Any, b: Any) -> Any:
    """One term per operand."""
    left = None if t[0] is None else apply("np.vdot", t[0], b)
    right = None if t[1] is None else apply("np.vdot", a, t[1])
    return right if left is None else left if right is None else left + right


def infer_solve(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The shape of the right side, or of a stack of them."""
    a, b = args[:2]
    dtypes = dtype_of(a), dtype_of(b)
    if not isinstance(a, Array) or not isinstance(b, Array) or None in dtypes:
        return None
    dtype = np.result_type(*(d for d in dtypes if d), "float32" if "float32" in dtypes else "float64").name
    stack = a.shape[:-2] if b.ndim == 1 else broadcast([a.shape[:-2], b.shape[:-2]])
    return Array(dtype, (*stack, *(b.shape[-1:] if b.ndim == 1 else b.shape[-2:])))


def infer_inverse(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the matrix."""
    x = args[0]
    return x if isinstance(x, Array) and dtype_kind(x) in "fc" else None


def solve_vjp(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """`b_bar = solve(a.T, g)`, `a_bar = -b_bar @ y.T`."""
    if _one_vector(a, b):
        b_bar = apply("np.linalg.solve", o.swap(a), g)
        return -apply("np.outer", b_bar, y), b_bar
    if rank(b) == 1:
        b_bar = apply("np.linalg.solve", o.swap(a), g[..., None])[..., 0]
        return -(b_bar[..., None] * y[..., None, :]), o.unbroadcast(b_bar, b)
    b_bar = apply("np.linalg.solve", o.swap(a), g)
    return o.unbroadcast(-(b_bar @ o.swap(y)), a), o.unbroadcast(b_bar, b)


def _one_vector(a: Any, b: Any) -> bool:
    """Whether the right side is a vector, and there is one matrix only."""
    if rank(b) is None or rank(a) is None:
        raise NoRule("`np.linalg.solve` of arrays of unknown rank has no rule", "give the names one rank on all paths")
    return rank(b) == 1 and rank(a) == 2


def solve_jvp(t: Any, y: Any, a: Any, b: Any) -> Any:
    """`solve(a, t_b - t_a @ y)`."""
    ta, tb = t
    stacked = not _one_vector(a, b) and rank(b) == 1
    moved = None if ta is None else (ta @ y[..., None])[..., 0] if stacked else ta @ y
    right = tb if moved is None else -moved if tb is None else tb - moved
    return apply("np.linalg.solve", a, right[..., None])[..., 0] if stacked and ta is not None else apply("np.linalg.solve", a, right)


def inv_vjp(g: Any, y: Any, a: Any) -> tuple[Any]:
    """`-y.T @ g @ y.T`."""
    turned = o.swap(y)
    return (-(turned @ g @ turned),)


def trace_of_product(a: Any, b: Any) -> Any:
    """The trace of `a @ b` for matrices or stacks of them."""
    return apply("np.sum", o.swap(a) * b) if rank(a) == 2 else apply("np.sum", o.swap(a) * b, axis=(-2, -1))


def _matrix(n: int) -> Any:
    return arr(n, n) + 2.0 * np.eye(n)


def transposes_of(product: str, left: Any, right: Any, *options: str, sample: Any) -> tuple[Any, ...]:
    """Entries for the two helpers that transpose a product; each is bilinear, by the product and the other helper."""
    name_l, name_r = left.__name__, right.__name__

    def jvp_of(name: str) -> Any:
        def jvp(t: Any, y: Any, g: Any, a: Any, b: Any, **given: Any) -> Any:
            other = 2 if name == name_l else 1
            first = None if t[0] is None else apply(name, t[0], a, b, *given.values())
            moved = (g, a, t[2]) if other == 2 else (g, t[1], b)
            second = None if t[other] is None else apply(name, *moved, *given.values())
            return second if first is None else first if second is None else first + second

        return jvp

    def left_vjp(c: Any, y: Any, g: Any, a: Any, b: Any, **given: Any) -> tuple[Any, Any, Any]:
        return apply(product, c, b, *given.values()), None, apply(name_r, g, c, b, *given.values())

    def right_vjp(c: Any, y: Any, g: Any, a: Any, b: Any, **given: Any) -> tuple[Any, Any, Any]:
        return apply(product, a, c, *given.values()), apply(name_l, g, a, c, *given.values()), None

    fields: dict[str, Any] = {"names": ("g", "a", "b", *options), "operands": 3, "fresh": True, "sample": sample}
    return (
        helper(left, general, **fields, infer=shaped_like(1), jvp=jvp_of(name_l), vjp=left_vjp),
        helper(right, general, **fields, infer=shaped_like(2), jvp=jvp_of(name_r), vjp=right_vjp),
    )  # fmt: skip


_PRODUCTS = (
    (arr(3), arr(3, seed=1)), (arr(2, 3), arr(3, seed=1)), (arr(2), arr(2, 3, seed=1)), (arr(2, 3), arr(3, 4, seed=1)),
)  # fmt: skip
_STACKS = ((arr(4, 2, 3), arr(4, 3, 2, seed=1)), (arr(4, 2, 3), arr(3, 2, seed=1)), (arr(3), arr(4, 3, 2, seed=1)),
    (arr(4, 2, 3), arr(3, seed=1)), (arr(2, 3), arr(4, 3, 2, seed=1)))  # fmt: skip

RULES = (
    bilinear(operator.matmul, transpose=matmul_transpose, op=BINARY["matmul"], path="", name="matmul",
        spelled=("np.matmul", "np.linalg.matmul"),
        infer=infer_matmul, sample=calls(*_PRODUCTS, *_STACKS)),
    bilinear(np.dot, transpose=dot_transpose, spelled=("x.dot()",), infer=infer_matmul,
        sample=calls(*_PRODUCTS, (0.5, arr(3)), (arr(2, 3), 0.5), (arr(4, 2, 3), arr(4, 3, 2)))),
    bilinear(np.outer, transpose=outer_transpose, spelled=("np.linalg.outer",), sample=calls((arr(3), arr(2)), (arr(2, 2), arr(3)))),
    bilinear(np.inner, transpose=inner_transpose, sample=calls((arr(3), arr(3, seed=1)),
        (arr(2, 3), arr(4, 3)), (arr(2, 3), arr(3)), (arr(3), arr(4, 3)), (0.5, arr(3)),
        (arr(2, 2, 3), arr(4, 3)), (arr(2, 3), arr(2, 2, 3)))),
    general(np.vdot, vjp=vdot_vjp, jvp=vdot_jvp, names=("a", "b"), operands=2, arrays=2,
        sample=calls((arr(3), arr(3, seed=1)), (arr(2, 3), arr(2, 3, seed=1)), (arr(2, 3), arr(6)))),
    general(np.linalg.solve, vjp=solve_vjp, jvp=solve_jvp, names=("a", "b"), operands=2, arrays=2, infer=infer_solve,
        sample=calls((_matrix(3), arr(3)), (_matrix(3), arr(3, 2)), (arr(2, 3, 3) + 2.0 * np.eye(3), arr(3)),
            (arr(2, 3, 3) + 2.0 * np.eye(3), arr(3, 2)), (_matrix(3), arr(2, 3, 4)))),
    general(np.linalg.inv, vjp=inv_vjp, jvp=lambda t, y, a: -(y @ t[0] @ y), names=("a",), arrays=1, infer=infer_inverse,
        sample=calls((_matrix(3),), (arr(2, 3, 3) + 2.0 * np.eye(3),))),
    *transposes_of("matmul", runtime.matmul_left, runtime.matmul_right, sample=calls(
        (arr(2, 4), arr(2, 3), arr(3, 4)), (arr(2, 3), arr(2, 3, 4), arr(4)), (arr(2, 4), arr(3), arr(2, 3, 4)))),
    *transposes_of("np.dot", runtime.dot_left, runtime.dot_right, sample=calls(
        (arr(2, 4), arr(2, 3), arr(3, 4)), (arr(2, 3, 4, 2), arr(2, 3, 3), arr(4, 3, 2)))),
    *transposes_of("np.inner", runtime.inner_left, runtime.inner_right, sample=calls((arr(2, 4), arr(2, 3), arr(4, 3)))),
)  # fmt: skip
