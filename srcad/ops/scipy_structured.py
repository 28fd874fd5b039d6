"""Rules for structured matrices of `scipy.linalg`: Toeplitz, circulant, block diagonal, banded."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import Array, Type, dtype_kind
from srcad.ops.compose import composed
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, bilinear, filled, general, helper, linear
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of, unstacked
from srcad.ops.trace import apply, rank_known, type_at


def _real(*xs: Any) -> None:
    if any(dtype_kind(type_at(x)) == "c" for x in xs):
        raise NoRule("Toeplitz and banded matrices of complex numbers have no rule", "write the matrix out")


def toeplitz_vjp(g: Any, y: Any, c: Any, r: Any = None) -> Any:
    """Sums over diagonals."""
    _real(c)
    column = apply("toeplitz_column", g, c)
    return (column + apply("toeplitz_row", g, c), None) if r is None else (column, apply("toeplitz_row", g, r))


def toeplitz_jvp(t: Any, y: Any, c: Any, r: Any = None) -> Any:
    """Linear in both."""
    _real(c)
    return apply("linalg.toeplitz", t[0]) if r is None else apply("linalg.toeplitz", filled(t[0], c), filled(t[1], r))


def solve_toeplitz_vjp(g: Any, y: Any, c_or_cr: Any, b: Any, **options: Any) -> Any:
    """The right side by the transposed matrix; the column and the row by sums over the diagonals of an outer product."""
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, None)
    _real(c, b)
    turned = c if r is None else (apply("np.concatenate", [c[:1], r[1:]]), c)  # the first element of the row is not read
    b_bar = apply("linalg.solve_toeplitz", turned, g, **options)
    c_bar, r_bar = toeplitz_vjp(-_outer(b_bar, y), None, c, r)
    return (c_bar if r is None else (c_bar, r_bar)), b_bar


def solve_toeplitz_jvp(t: Any, y: Any, c_or_cr: Any, b: Any, **options: Any) -> Any:
    """The tangent of the matrix times the solution goes to the right side."""
    right = t[1]
    if t[0] is not None:
        pair = isinstance(c_or_cr, tuple)
        moved = (apply("linalg.toeplitz", *filled(t[0], c_or_cr)) if pair else apply("linalg.toeplitz", t[0])) @ y
        right = -moved if right is None else right - moved
    return apply("linalg.solve_toeplitz", c_or_cr, right, **options)


def _outer(a: Any, b: Any) -> Any:
    """The sum over right sides of outer products."""
    return apply("np.outer", a, b) if getattr(type_at(b), "ndim", 1) == 1 else a @ b.T


def block_diag_vjp(g: Any, y: Any, *xs: Any) -> Any:
    """The blocks on the diagonal."""
    found = apply("block_diag_back", g, *xs)
    return tuple(found[k] for k in range(len(xs)))


def block_diag_jvp(t: Any, y: Any, *xs: Any) -> Any:
    """Linear in every block."""
    return apply("linalg.block_diag", *(filled(m, x) for m, x in zip(t, xs, strict=True)))


def product_transpose(g: Any, ab: Any, y: Any, lower: Any, upper: Any) -> tuple[Any, Any]:
    """Of a banded matrix times a vector: diagonals of an outer product, and the transposed matrix."""
    turned = apply("banded_transpose", ab, lower, upper)
    return apply("banded_outer", g, y, ab, lower, upper), apply("banded_product", turned, g, upper, lower)


def outer_vjp(c: Any, found: Any, pulled: Any, y: Any, ab: Any, lower: Any, upper: Any) -> tuple[Any, Any, None]:
    """Of the diagonals of an outer product, which a matrix pairs with both vectors."""
    turned = apply("banded_transpose", c, lower, upper)
    return apply("banded_product", c, y, lower, upper), apply("banded_product", turned, pulled, upper, lower), None


def outer_jvp(t: Any, found: Any, pulled: Any, y: Any, ab: Any, lower: Any, upper: Any) -> Any:
    """Linear in each vector; of the bands only the shape is read."""
    first = None if t[0] is None else apply("banded_outer", t[0], y, ab, lower, upper)
    second = None if t[1] is None else apply("banded_outer", pulled, t[1], ab, lower, upper)
    return second if first is None else first if second is None else first + second


def blocks_body(g: Any, *xs: Any) -> tuple[Any, ...]:
    """The blocks on the diagonal, one below and beside the other."""
    found: list[Any] = []
    row, column = 0, 0
    for x in xs:
        ndim = rank_known(x, "scipy.linalg.block_diag")
        m, n = (1 if ndim < 2 else apply("np.size", x, 0)), (1 if ndim == 0 else apply("np.size", x, -1))
        block = g[row : row + m, column : column + n]
        found.append(block if ndim == 2 else block[0] if ndim == 1 else block[0, 0])
        row, column = row + m, column + n
    return tuple(found)


def banded_vjp(g: Any, y: Any, l_and_u: Any, ab: Any, b: Any, **options: Any) -> Any:
    """The right side by the transposed matrix, the diagonals by those of an outer product."""
    _real(ab, b)
    lower, upper = l_and_u[0], l_and_u[1]
    b_bar = apply("linalg.solve_banded", (upper, lower), apply("banded_transpose", ab, lower, upper), g, **options)
    return None, -apply("banded_outer", b_bar, y, ab, lower, upper), b_bar


def banded_jvp(t: Any, y: Any, l_and_u: Any, ab: Any, b: Any, **options: Any) -> Any:
    """The tangent of the matrix times the solution goes to the right side."""
    right = t[2]
    if t[1] is not None:
        moved = apply("banded_product", t[1], y, l_and_u[0], l_and_u[1])
        right = -moved if right is None else right - moved
    return apply("linalg.solve_banded", l_and_u, ab, right, **options)


def _widths(ab: Any) -> tuple[Any, Any]:
    """How many diagonals there are below and above the main one."""
    width = apply("len", ab) - 1
    return width, width


def symmetric_vjp(g: Any, y: Any, ab: Any, b: Any, lower: Any = False, **options: Any) -> Any:
    """The right side by the same matrix, the stored diagonals by those of an outer product."""
    _real(ab, b)
    b_bar = apply("linalg.solveh_banded", ab, g, lower=lower, **options)
    whole = apply("banded_outer", b_bar, y, apply("symmetric_bands", ab, lower), *_widths(ab))
    return -apply("bands_folded", whole, lower), b_bar


def symmetric_jvp(t: Any, y: Any, ab: Any, b: Any, lower: Any = False, **options: Any) -> Any:
    """The tangent of the matrix times the solution goes to the right side."""
    right = t[1]
    if t[0] is not None:
        moved = apply("banded_product", apply("symmetric_bands", t[0], lower), y, *_widths(ab))
        right = -moved if right is None else right - moved
    return apply("linalg.solveh_banded", ab, right, lower=lower, **options)


def _name(name: str) -> dict[str, Any]:
    return {"name": f"linalg.{name}", "path": "", "op": op_of("linalg", name)}


def _circulant(c: Any) -> Any:
    return apply("linalg.toeplitz", c, apply("np.concatenate", [c[:1], c[:0:-1]]))


def _square(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """One row and one column per element."""
    x, r = args[0], args[1] if len(args) > 1 and args[1] is not None else args[0]
    vectors = isinstance(x, Array) and isinstance(r, Array) and x.ndim == 1 and r.ndim == 1 and x.dtype == r.dtype
    return Array(x.dtype, (*x.shape, *r.shape)) if vectors else None


def rules(linalg: Any) -> tuple[Spellings, ...]:
    """The entries."""
    c, r, b, many = arr(4) + np.array([4.0, 0, 0, 0]), arr(4, seed=2), arr(4, seed=1), arr(4, 2, seed=1)
    bands = np.array([[0.0, 0.3, -0.4, 0.7], [3.1, 2.9, -3.3, 2.7], [0.4, -0.2, 0.6, 0.0]])
    upper = np.array([[0.0, 0.3, -0.4, 0.7], [3.1, 2.9, 3.3, 2.7]])
    first, third = shaped_like(0), shaped_like(2)
    return (
        unstacked(general(linalg.toeplitz, vjp=toeplitz_vjp, jvp=toeplitz_jvp, names=("c", "r"), operands=2, arrays=2, infer=_square,
            sample=calls((arr(3),), (arr(3), arr(4, seed=1))), **_name("toeplitz")), 1),
        composed(linalg.circulant, _circulant, names=("c",), arrays=1, infer=_square, sample=calls((arr(4),)), **_name("circulant")),
        general(linalg.block_diag, vjp=block_diag_vjp, jvp=block_diag_jvp, names=("*xs",),
            sample=calls((arr(2, 2), arr(1, 3)), (arr(2, 2), 0.7, arr(3))), **_name("block_diag")),
        general(linalg.solve_toeplitz, vjp=solve_toeplitz_vjp, jvp=solve_toeplitz_jvp, names=("c_or_cr", "b"), operands=2,
            infer=shaped_like(1), statics=("check_finite",), sample=calls((c, b), ((c, r), b), (c, many)), **_name("solve_toeplitz")),
        general(linalg.solve_banded, vjp=banded_vjp, jvp=banded_jvp, names=("l_and_u", "ab", "b"), operands=3, infer=third,
            statics=("check_finite",), sample=calls(((1, 1), bands, b), ((1, 1), bands, many)), **_name("solve_banded")),
        general(linalg.solveh_banded, vjp=symmetric_vjp, jvp=symmetric_jvp, names=("ab", "b"), operands=2, infer=shaped_like(1),
            statics=("check_finite", "lower"), sample=calls((upper, b), (upper, many)), **_name("solveh_banded")),
        helper(runtime.toeplitz_column, linear, names=("g", "c"), operands=2, infer=shaped_like(1), sample=calls((arr(3, 4), arr(3))),
            transpose=lambda t, g, c: apply("linalg.toeplitz", t, g[0] * 0.0)),
        helper(runtime.toeplitz_row, linear, names=("g", "r"), operands=2, infer=shaped_like(1), sample=calls((arr(3, 4), arr(4))),
            transpose=lambda t, g, r: apply("linalg.toeplitz", g[:, 0] * 0.0, t)),
        helper(runtime.block_diag_back, composed, body=blocks_body, names=("*xs",),
            sample=calls((arr(3, 5), arr(2, 2), arr(1, 3)), (arr(4, 6), arr(2, 2), 0.7, arr(3)))),
        helper(runtime.banded_transpose, linear, names=("ab", "lower", "upper"), infer=first, sample=calls((bands, 1, 1)),
            transpose=lambda g, ab, lower, upper: apply("banded_transpose", g, upper, lower)),
        helper(runtime.banded_product, bilinear, transpose=product_transpose, names=("ab", "y", "lower", "upper"), infer=shaped_like(1),
            sample=calls((bands, b, 1, 1), (bands, many, 1, 1))),
        helper(runtime.banded_outer, general, names=("pulled", "y", "ab", "lower", "upper"), operands=3, infer=third, vjp=outer_vjp,
            jvp=outer_jvp, sample=calls((b, c, bands, 1, 1), (many, arr(4, 2), bands, 1, 1))),
        helper(runtime.symmetric_bands, linear, names=("ab", "lower"), sample=calls((upper, False), (upper[::-1], True)),
            transpose=lambda g, ab, lower: apply("bands_folded", g, lower)),
        helper(runtime.bands_folded, linear, names=("g", "lower"), sample=calls((bands, False), (bands, True)),
            transpose=lambda c, g, lower: apply("symmetric_bands", c, lower)),
    )  # fmt: skip
