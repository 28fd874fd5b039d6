"""Rules for the factorisations of `scipy.linalg`: Cholesky and LU, and the solvers that take them.

Formulas: Murray, Differentiation of the Cholesky decomposition (2016); de Hoog, Anderssen, Lukas, Differentiation of matrix functionals
using triangular factorization (2011), for LU.  The permutation of LU is a step function.
"""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import BOOL, UNKNOWN, Array, Dim, Struct, Type
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.factor import cholesky_jvp, cholesky_vjp
from srcad.ops.infer import shaped_like
from srcad.ops.matrix import same
from srcad.ops.op import Spellings, general, helper, step_helper
from srcad.ops.python import part
from srcad.ops.reduce import conj
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of, unstacked
from srcad.ops.trace import apply, o, rank_known


def upper_or_lower_vjp(g: Any, y: Any, a: Any, lower: Any = False, **options: Any) -> Any:
    """Of `scipy.linalg.cholesky`: the upper factor is the transposed lower one of the transposed matrix."""
    if lower:
        return cholesky_vjp(g, y, a)
    return (o.swap(cholesky_vjp(o.swap(g), o.swap(y), o.swap(a))[0]),)


def upper_or_lower_jvp(t: Any, y: Any, a: Any, lower: Any = False, **options: Any) -> Any:
    """As the other mode."""
    return cholesky_jvp(t, y, a) if lower else o.swap(cholesky_jvp((o.swap(t[0]),), o.swap(y), o.swap(a)))


def cho_factor_vjp(g: Any, y: Any, a: Any, lower: Any = False, *, leaves: bool, **options: Any) -> Any:
    """The factor in one triangle; `leaves`: in the other one the matrix, as LAPACK leaves it (SciPy 1.18 fills it with zeros)."""
    bar = part(g, 0)
    if bar is None:
        return (None,)
    found = upper_or_lower_vjp(apply("triangle", bar, bool(lower)), apply("triangle", y[0], bool(lower)), a, lower)[0]
    return (found + apply("triangle", bar, not lower, True) if leaves else found,)


def cho_factor_jvp(t: Any, y: Any, a: Any, lower: Any = False, *, leaves: bool, **options: Any) -> Any:
    """As the other mode."""
    found = upper_or_lower_jvp(t, apply("triangle", y[0], bool(lower)), a, lower)
    return found + apply("triangle", t[0], not lower, True) if leaves else found, None


def cho_solve_vjp(g: Any, y: Any, factor: Any, b: Any, **options: Any) -> Any:
    """The right side by the same factor, which is symmetric as a product."""
    b_bar = apply("linalg.cho_solve", factor, g, **options)
    return (apply("cho_solve_back", b_bar, y, factor[0], factor[1]), None), b_bar


def cho_solve_jvp(t: Any, y: Any, factor: Any, b: Any, **options: Any) -> Any:
    """The tangent of the matrix times the solution goes to the right side."""
    move, right = None if t[0] is None else part(t[0], 0), t[1]
    if move is not None:
        moved = apply("cho_solve_forth", move, y, factor[0], factor[1])
        right = -moved if right is None else right - moved
    return None if right is None else apply("linalg.cho_solve", factor, right, **options)


def lu_solve_vjp(g: Any, y: Any, factor: Any, b: Any, trans: Any = 0, **options: Any) -> Any:
    """The right side by the transposed matrix."""
    lu = _as_read(factor[0], trans)
    b_bar = apply("linalg.lu_solve", (lu, factor[1]), g, 0 if trans else 1, **options)
    return (_as_read(apply("lu_solve_back", b_bar, y, lu, factor[1], trans), trans), None), b_bar


def lu_solve_jvp(t: Any, y: Any, factor: Any, b: Any, trans: Any = 0, **options: Any) -> Any:
    """The tangent of the matrix times the solution goes to the right side."""
    move, right = None if t[0] is None else part(t[0], 0), t[1]
    if move is not None:
        moved = apply("lu_solve_forth", _as_read(move, trans), y, _as_read(factor[0], trans), factor[1], trans)
        right = -moved if right is None else right - moved
    return None if right is None else apply("linalg.lu_solve", factor, right, trans, **options)


def _as_read(lu: Any, trans: Any) -> Any:
    """The factor, or its tangent or cotangent, as the solver reads it before it may transpose the matrix."""
    return conj(lu) if trans == 2 else lu


def lu_factor_vjp(g: Any, y: Any, a: Any, **options: Any) -> Any:
    """Of both triangles; the pivots are integers."""
    bar = part(g, 0)
    return (None if bar is None else apply("lu_factor_back", bar, y[0], y[1]),)


def lu_factor_jvp(t: Any, y: Any, a: Any, **options: Any) -> Any:
    """Of both triangles; the pivots are integers."""
    return apply("lu_factor_forth", t[0], y[0], y[1]), None


# ---- what these call, as expressions for derivatives of higher orders -------------------------------------------------


def _outer(a: Any, b: Any) -> Any:
    """The sum over right sides of their outer products."""
    return apply("np.outer", a, b) if rank_known(a, "scipy.linalg.cho_solve") == 1 else a @ b.T


def _turned(x: Any, lower: Any) -> Any:
    """The lower factor of a factor that is lower or upper, and the other way round."""
    if isinstance(lower, bool | int):
        return x if lower else x.T
    return apply("np.where", lower, x, x.T)


def cho_back_body(pulled: Any, y: Any, c: Any, lower: Any) -> Any:
    """The factor of a symmetric product."""
    whole = -_outer(pulled, y)
    return apply("triangle", _turned((whole + whole.T) @ _turned(apply("triangle", c, lower), lower), lower), lower)


def cho_forth_body(t: Any, y: Any, c: Any, lower: Any) -> Any:
    """The product moves by each of its factors."""
    factor, move = (_turned(apply("triangle", v, lower), lower) for v in (c, t))
    return move @ (factor.T @ y) + factor @ (move.T @ y)


def _two(lu: Any) -> tuple[Any, Any]:
    """The two triangles that LAPACK packs into one square matrix."""
    return apply("np.tril", lu, -1) + apply("np.eye", apply("np.size", lu, 0)), apply("np.triu", lu)


def _packed(left: Any, right: Any) -> Any:
    return apply("np.tril", left, -1) + apply("np.triu", right)


def lu_solve_back_body(pulled: Any, y: Any, lu: Any, piv: Any, trans: Any = 0) -> Any:
    """Of the product of both triangles."""
    whole = -(_outer(y, pulled) if trans else _outer(pulled, y))[apply("row_order", piv)]
    left, right = _two(lu)
    return _packed(whole @ right.T, left.T @ whole)


def lu_solve_forth_body(t: Any, y: Any, lu: Any, piv: Any, trans: Any = 0) -> Any:
    """Of the product of both triangles."""
    left, right = _two(lu)
    moved = apply("np.tril", t, -1) @ right + left @ apply("np.triu", t)
    whole = moved[apply("np.argsort", apply("row_order", piv))]
    return (whole.T if trans else whole) @ y


def lu_back_body(left_bar: Any, right_bar: Any, left: Any, right: Any) -> Any:
    """The square part, and beyond it rows or columns that follow from it."""
    k = apply("np.size", left, 1)
    top, square = left[:k], right[:, :k]
    below = apply("np.linalg.solve", square, left_bar[k:].T).T
    beside = apply("np.linalg.solve", top.T, right_bar[:, k:])
    left_bar, right_bar = left_bar[:k] - beside @ right[:, k:].T, right_bar[:, :k] - left[k:].T @ below
    inner = _packed(top.T @ left_bar, right_bar @ square.T)
    found = apply("np.linalg.solve", top.T, apply("np.linalg.solve", square, inner.T).T)
    upper, lower = (apply("np.concatenate", [a, b], 1) for a, b in ((found, beside), (below, 0.0 * (below @ beside))))
    return apply("np.concatenate", [upper, lower], 0)


def lu_forth_body(t: Any, left: Any, right: Any) -> tuple[Any, Any]:
    """The square part, and beyond it rows or columns that follow from it."""
    k = apply("np.size", left, 1)
    lower, upper = left[:k], right[:, :k]
    inner = apply("np.linalg.solve", upper.T, apply("np.linalg.solve", lower, t[:k, :k]).T).T
    lower_dot, upper_dot = lower @ apply("np.tril", inner, -1), apply("np.triu", inner) @ upper
    below = apply("np.linalg.solve", upper.T, (t[k:, :k] - left[k:] @ upper_dot).T).T
    beside = apply("np.linalg.solve", lower, t[:k, k:] - lower_dot @ right[:, k:])
    return apply("np.concatenate", [lower_dot, below], 0), apply("np.concatenate", [upper_dot, beside], 1)


def lu_factor_back_body(g: Any, lu: Any, piv: Any) -> Any:
    """As of the two triangles; rows in the order that they had."""
    found = apply("lu_back", apply("np.tril", g, -1), apply("np.triu", g), *_two(lu))
    return found[apply("np.argsort", apply("row_order", piv))]


def lu_factor_forth_body(t: Any, lu: Any, piv: Any) -> Any:
    """As of the two triangles."""
    found = apply("lu_forth", t[apply("row_order", piv)], *_two(lu))
    return _packed(found[0], found[1])


# ---- the factors of a permuted matrix ----------------------------------------------------------------------------------


def _all_three(y: Any, a: Any, permute_l: Any, p_indices: Any) -> Any:
    """The permutation as a matrix and both triangles, whatever of them the call gives."""
    if not isinstance(permute_l, bool) or not isinstance(p_indices, bool):
        raise NoRule("`scipy.linalg.lu` with options that are only known at run time has no rule", "write the options as literals")
    return apply("linalg.lu", a) if permute_l or p_indices else y


def lu_vjp(g: Any, y: Any, a: Any, permute_l: Any = False, p_indices: Any = False, **options: Any) -> Any:
    """Of both triangles of a square matrix; the permutation is a step function."""
    order, left, right = (_all_three(y, a, permute_l, p_indices)[k] for k in range(3))
    bars = part(g, 0 if permute_l else 1), part(g, 1 if permute_l else 2)
    left_bar = o.zeros_like(left) if bars[0] is None else order.T @ bars[0] if permute_l else bars[0]
    return (order @ apply("lu_back", left_bar, o.zeros_like(right) if bars[1] is None else bars[1], left, right),)


def lu_jvp(t: Any, y: Any, a: Any, permute_l: Any = False, p_indices: Any = False, **options: Any) -> Any:
    """Of both triangles of a square matrix; the permutation is a step function."""
    order, left, right = (_all_three(y, a, permute_l, p_indices)[k] for k in range(3))
    found = apply("lu_forth", order.T @ t[0], left, right)
    if permute_l:
        return order @ found[0], found[1]
    return None if p_indices else o.zeros_like(y[0]), found[0], found[1]


def _pair_of(second: Any) -> Any:
    def infer(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
        x = args[0]
        return Struct(tuple, (), (x, second(x))) if isinstance(x, Array) and x.ndim == 2 and x.dtype == "float64" else None

    return infer


def _three(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    x, other = args[0], len(args) > 1 or not {"permute_l", "p_indices"}.isdisjoint(params)
    if not isinstance(x, Array) or x.ndim != 2 or x.dtype != "float64" or other:
        return None
    shape = x.shape if x.shape[0] == x.shape[1] and not x.shape[0].unknown else (Dim("?"), Dim("?"))
    return Struct(tuple, (), (Array("float64", shape),) * 3)


def _solution(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the right side, complex where the factor is."""
    factor, b = args[:2]
    found = factor.items[0] if isinstance(factor, Struct) else factor[0] if isinstance(factor, tuple) else UNKNOWN
    return shaped_like(1)(spelling, (found, b), params, operands, statics)


def _parts(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    return Struct(tuple, (), args[1:3]) if all(isinstance(x, Array) for x in args) else None


def _of_parts(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    _, _, left, right = args
    both = isinstance(left, Array) and isinstance(right, Array)
    return Array(left.dtype, (left.shape[0], right.shape[1])) if both else None


def _name(name: str) -> dict[str, Any]:
    return {"name": f"linalg.{name}", "path": "", "op": op_of("linalg", name)}


def positive(n: int) -> Any:
    """A positive definite matrix."""
    a = arr(n, n)
    return a @ a.T + np.eye(n)


def rules(linalg: Any) -> tuple[Spellings, ...]:
    """The entries."""
    a, p, b, many = arr(3, 3) + 2.0 * np.eye(3), positive(3), arr(3, seed=1), arr(3, 2, seed=1)
    factor, lu = np.linalg.cholesky(p), (a, np.array([1, 2, 2], np.int32))
    mixed = (a + 0.3j * arr(3, 3, seed=2), lu[1])
    parts = runtime.factors.lu_parts(a)
    tall, wide = np.vstack([parts[0], arr(1, 3)]), np.hstack([parts[1], arr(3, 1)])
    leaves = bool(linalg.cho_factor(p)[0][1, 0])
    packed: dict[str, Any] = {"vjp": partial(cho_factor_vjp, leaves=leaves), "jvp": partial(cho_factor_jvp, leaves=leaves)}
    second, third = shaped_like(1), shaped_like(2)
    return (
        general(linalg.cholesky, vjp=upper_or_lower_vjp, jvp=upper_or_lower_jvp, names=("a", "lower"), arrays=1, statics=("check_finite",),
            infer=same, sample=calls((p,), (p, True)), **_name("cholesky")),
        unstacked(general(linalg.cho_factor, names=("a", "lower"), arrays=1, **packed,
            statics=("check_finite",), infer=_pair_of(lambda x: BOOL), sample=calls((p,), (p, True)), **_name("cho_factor"))),
        unstacked(general(linalg.cho_solve, vjp=cho_solve_vjp, jvp=cho_solve_jvp, names=("c_and_lower", "b"), operands=2,
            statics=("check_finite",), infer=_solution, sample=calls(((factor, True), b), ((factor.T, False), many)),
            **_name("cho_solve"))),
        unstacked(general(linalg.lu_factor, vjp=lu_factor_vjp, jvp=lu_factor_jvp, names=("a",), arrays=1, statics=("check_finite",),
            infer=_pair_of(lambda x: Array("int32", x.shape[:1])), sample=calls((a,)), **_name("lu_factor"))),
        unstacked(general(linalg.lu_solve, vjp=lu_solve_vjp, jvp=lu_solve_jvp, names=("lu_and_piv", "b", "trans"), operands=2,
            statics=("check_finite",), infer=_solution, sample=calls((lu, b), (lu, many), (lu, b, 1), (mixed, b, 2), (lu, many + 0.3j, 2)),
            **_name("lu_solve"))),
        unstacked(general(linalg.lu, vjp=lu_vjp, jvp=lu_jvp, names=("a", "permute_l"), arrays=1, statics=("check_finite", "p_indices"),
            infer=_three, sample=calls((a,), (arr(3, 4),), (arr(4, 3),), (a, True), Sample((a,), {"p_indices": True})), **_name("lu"))),
        helper(runtime.cho_solve_back, composed, body=cho_back_body, names=("pulled", "y", "c", "lower"), operands=3, infer=third,
            sample=calls((b, arr(3, seed=2), factor, True), (many, arr(3, 2, seed=2), factor.T, False))),
        helper(runtime.cho_solve_forth, composed, body=cho_forth_body, names=("t", "y", "c", "lower"), operands=3, infer=second,
            sample=calls((a, b, factor, True), (a, many, factor.T, False))),
        helper(runtime.lu_solve_back, composed, body=lu_solve_back_body, names=("pulled", "y", "lu", "piv", "trans"), operands=3,
            infer=third, sample=calls((b, arr(3, seed=2), *lu), (many, arr(3, 2, seed=2), *lu, 1))),
        helper(runtime.lu_solve_forth, composed, body=lu_solve_forth_body, names=("t", "y", "lu", "piv", "trans"), operands=3,
            infer=second, sample=calls((arr(3, 3, seed=4), b, *lu), (arr(3, 3, seed=4), many, *lu, 1))),
        helper(runtime.lu_back, composed, body=lu_back_body, names=("left_bar", "right_bar", "left", "right"), operands=4, infer=_of_parts,
            sample=calls((arr(3, 3, seed=1), arr(3, 3, seed=2), *parts), (arr(4, 3), arr(3, 3, seed=1), tall, parts[1]),
                (arr(3, 3, seed=1), arr(3, 4), parts[0], wide))),
        helper(runtime.lu_forth, composed, body=lu_forth_body, names=("t", "left", "right"), operands=3, infer=_parts,
            sample=calls((arr(3, 3, seed=1), *parts), (arr(4, 3), tall, parts[1]), (arr(3, 4), parts[0], wide))),
        helper(runtime.lu_factor_back, composed, body=lu_factor_back_body, names=("g", "lu", "piv"), operands=2, infer=shaped_like(0),
            sample=calls((arr(3, 3, seed=1), *lu))),
        helper(runtime.lu_factor_forth, composed, body=lu_factor_forth_body, names=("t", "lu", "piv"), operands=2, infer=shaped_like(0),
            sample=calls((arr(3, 3, seed=1), *lu))), step_helper(runtime.row_order),
    )  # fmt: skip
