"""Rules for `scipy.linalg`: solvers, inverses, determinants, norms, functions of matrices.

Where only a triangle of a matrix is read, the cotangent is that of the triangle.  Formulas: Giles, Collected matrix derivative results
(2008); Fréchet derivatives by a block triangular matrix: Higham, Functions of Matrices (2008), theorem 3.6.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import FLOAT, UNKNOWN, Array, Type, dtype_kind
from srcad.ops import scipy_bands, scipy_factors, scipy_matrices, scipy_spectral, scipy_structured
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.linalg import infer_inverse, infer_solve, inv_vjp
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, general, helper, linear, step_helper
from srcad.ops.python import part
from srcad.ops.reduce import conj
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of, unruled
from srcad.ops.trace import apply, literal, o, rank, rank_known, type_at

_GENERAL = (None, "general", "gen")
_SYMMETRIC = ("symmetric", "sym", "hermitian", "her", "positive definite", "pos")
_TRIANGULAR = {"upper triangular": False, "lower triangular": True}


def flat(*xs: Any) -> None:
    """Refuse stacks of matrices, which these rules do not follow."""
    if any(rank_known(x, "scipy.linalg") > 2 for x in xs):
        raise NoRule("a function of `scipy.linalg` on a stack of matrices has no rule", "loop over the matrices, or use numpy.linalg")


def _one_equation(*xs: Any) -> None:
    """As `flat`, as far as ranks are known: a root that may be complex has an unknown type, and is a matrix as its operand is."""
    flat(*(x for x in xs if rank(x) is not None))


def times(a: Any, b: Any) -> Any:
    """The sum over right sides of the outer products of solutions."""
    return apply("np.outer", a, b) if rank_known(b, "scipy.linalg") == 1 else a @ o.swap(b)


def _whole(a: Any, assume_a: Any, lower: Any) -> Any:
    """The matrix that is solved with, of which `a` holds the part that is read."""
    if assume_a in _GENERAL:
        return a
    if assume_a in _TRIANGULAR:
        return apply("triangle", a, _TRIANGULAR[assume_a])
    if assume_a not in _SYMMETRIC or dtype_kind(type_at(a)) == "c":
        raise NoRule(f"`scipy.linalg.solve` with assume_a={assume_a!r} of this matrix has no rule", "leave `assume_a` away")
    return apply("mirrored", a, bool(lower))


def _assumed(assume_a: Any) -> dict[str, Any]:
    """The keyword, left away where SciPy chooses: its default differs between versions."""
    return {} if assume_a is None else {"assume_a": assume_a}


def _read(a_bar: Any, assume_a: Any, lower: Any) -> Any:
    """The transpose of `_whole`."""
    if assume_a in _GENERAL:
        return a_bar
    return apply("triangle", a_bar, _TRIANGULAR[assume_a]) if assume_a in _TRIANGULAR else apply("folded", a_bar, bool(lower))


def solve_vjp(g: Any, y: Any, a: Any, b: Any, lower: Any = False, assume_a: Any = None, transposed: Any = False, **options: Any) -> Any:
    """`b_bar = solve(a.T, g)`, `a_bar = -b_bar @ y.T`."""
    _whole(a, assume_a, lower)
    columns = _columns(a, b)
    g, y = (g[..., None], y[..., None]) if columns else (g, y)
    b_bar = apply("linalg.solve", a, g, lower=lower, transposed=not transposed, **_assumed(assume_a), **options)
    outer = -_read(times(y, b_bar) if transposed else times(b_bar, y), assume_a, lower)
    if columns:
        b_bar = b_bar[..., 0]
    return (outer, b_bar) if rank(a) == 2 and rank(b) in (1, 2) else (o.unbroadcast(outer, a), o.unbroadcast(b_bar, b))


def _columns(a: Any, b: Any) -> bool:
    """Whether the right side is one vector for a stack of matrices."""
    return rank_known(b, "scipy.linalg.solve") == 1 and rank_known(a, "scipy.linalg.solve") != 2


def solve_jvp(t: Any, y: Any, a: Any, b: Any, lower: Any = False, assume_a: Any = None, transposed: Any = False, **options: Any) -> Any:
    """`solve(a, t_b - t_a @ y)`."""
    right, columns = t[1], _columns(a, b) and t[0] is not None
    if t[0] is not None:
        whole = _whole(t[0], assume_a, lower)
        moved = (o.swap(whole) if transposed else whole) @ (y[..., None] if columns else y)
        right = None if right is None else right[..., None] if columns else right
        right = -moved if right is None else right - moved
    found = apply("linalg.solve", a, right, lower=lower, transposed=transposed, **_assumed(assume_a), **options)
    return found[..., 0] if columns else found


def _as_read(a: Any, trans: Any) -> Any:
    """The matrix, or its tangent or cotangent, as the solver reads it before it may transpose it."""
    return conj(a) if trans in (2, "C") else a


def triangular_vjp(g: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False, **options: Any) -> Any:
    """As `solve`, of the triangle that is read."""
    flat(a, b)
    turned, other = trans not in (0, "N"), _as_read(a, trans)
    b_bar = apply("linalg.solve_triangular", other, g, trans=0 if turned else 1, lower=lower, unit_diagonal=unit_diagonal, **options)
    outer = times(y, b_bar) if turned else times(b_bar, y)
    return -_as_read(apply("triangle", outer, bool(lower), bool(unit_diagonal)), trans), b_bar


def triangular_jvp(t: Any, y: Any, a: Any, b: Any, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False, **options: Any) -> Any:
    """As `solve`, of the triangle that is read."""
    flat(a, b)
    right = t[1]
    if t[0] is not None:
        whole = apply("triangle", _as_read(t[0], trans), bool(lower), bool(unit_diagonal))
        moved = (whole if trans in (0, "N") else o.swap(whole)) @ y
        right = -moved if right is None else right - moved
    return apply("linalg.solve_triangular", a, right, trans=trans, lower=lower, unit_diagonal=unit_diagonal, **options)


def sylvester_vjp(g: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    """Of `a @ y + y @ b = q`: an equation with both matrices transposed."""
    _one_equation(a, b, q)
    q_bar = apply("linalg.solve_sylvester", o.swap(a), o.swap(b), g)
    return -(q_bar @ o.swap(y)), -(o.swap(y) @ q_bar), q_bar


def sylvester_jvp(t: Any, y: Any, a: Any, b: Any, q: Any) -> Any:
    """The same equation for the tangent."""
    _one_equation(a, b, q)
    terms = [None if t[0] is None else -(t[0] @ y), None if t[1] is None else -(y @ t[1]), t[2]]
    found = [v for v in terms if v is not None]
    right = found[0]
    for v in found[1:]:
        right = right + v
    return apply("linalg.solve_sylvester", a, b, right)


def _frechet(name: str, a: Any, e: Any) -> Any:
    """The derivative of a function of a matrix at `a` in direction `e`."""
    if name == "expm" and rank(a) == 2:
        return apply("linalg.expm_frechet", a, e, compute_expm=False)
    return apply("corner", apply(f"linalg.{name}", apply("two_blocks", a, e)))


def of_matrix(linalg: Any, name: str, **fields: Any) -> Spellings:
    """A function of a square matrix."""
    return general(getattr(linalg, name), vjp=lambda g, y, a: (_frechet(name, o.swap(a), g),),
        jvp=lambda t, y, a: _frechet(name, a, t[0]), names=("A",), arrays=1, **_name(name), **fields)  # fmt: skip


def discrete_vjp(g: Any, y: Any, a: Any, q: Any, **options: Any) -> Any:
    """Of `a @ y @ a.T - y + q = 0`: the same equation with the transposed matrix."""
    flat(a, q)
    _real("solve_discrete_lyapunov", a, q)
    q_bar = apply("linalg.solve_discrete_lyapunov", o.swap(a), g, **options)
    return q_bar @ a @ o.swap(y) + o.swap(q_bar) @ a @ y, q_bar


def discrete_jvp(t: Any, y: Any, a: Any, q: Any, **options: Any) -> Any:
    """The same equation for the tangent."""
    flat(a, q)
    _real("solve_discrete_lyapunov", a, q)
    right = t[1]
    if t[0] is not None:
        moved = t[0] @ y @ o.swap(a) + a @ y @ o.swap(t[0])
        right = moved if right is None else right + moved
    return apply("linalg.solve_discrete_lyapunov", a, right, **options)


def procrustes_vjp(g: Any, y: Any, a: Any, b: Any, **options: Any) -> Any:
    """The rotation is the polar factor of `m = a.T @ b`, the scale the trace of `y[0].T @ m`."""
    _real("orthogonal_procrustes", a, b)
    turned, scaled, turn = part(g, 0), part(g, 1), y[0]
    m_bar = None if scaled is None else scaled * turn
    if turned is not None:
        by_turn = turn @ _skew(o.swap(turn) @ turned, turn, a, b)
        m_bar = by_turn if m_bar is None else m_bar + by_turn
    return b @ o.swap(m_bar), a @ m_bar


def procrustes_jvp(t: Any, y: Any, a: Any, b: Any, **options: Any) -> Any:
    """The rotation turns by a skew matrix, which solves a Sylvester equation with the symmetric polar factor."""
    _real("orthogonal_procrustes", a, b)
    terms = [o.swap(t[0]) @ b] if t[0] is not None else []
    if t[1] is not None:
        terms.append(o.swap(a) @ t[1])
    move = terms[0] if len(terms) == 1 else terms[0] + terms[1]
    return y[0] @ _skew(o.swap(y[0]) @ move, y[0], a, b), apply("np.sum", y[0] * move)


def _skew(w: Any, turn: Any, a: Any, b: Any) -> Any:
    """The skew `x` with `p @ x + x @ p = w - w.T`, where `p` is the symmetric polar factor of `a.T @ b`.

    nan where `p` is singular: then another rotation, of the other orientation, is as good.
    """
    p = o.swap(turn) @ o.swap(a) @ b
    found = apply("linalg.solve_sylvester", p, p, w - o.swap(w))
    return apply("np.where", found == 0.0, 0.0, apply("one_or_nan", p) * found)


def _real(name: str, *xs: Any) -> None:
    if any(dtype_kind(type_at(x)) == "c" for x in xs):
        raise NoRule(f"`scipy.linalg.{name}` has a rule for real matrices only", "keep its operands real")


def frechet_vjp(g: Any, y: Any, a: Any, e: Any, compute_expm: Any = True, **options: Any) -> Any:
    """Linear in the direction; in the matrix by the exponential of two blocks of two."""
    _alone(compute_expm)
    turned = o.swap(a)
    second = apply("linalg.expm_frechet", apply("two_blocks", turned, o.swap(e)), apply("both_blocks", g), compute_expm=False)
    return apply("corner", second), apply("linalg.expm_frechet", turned, g, compute_expm=False)


def frechet_jvp(t: Any, y: Any, a: Any, e: Any, compute_expm: Any = True, **options: Any) -> Any:
    """Linear in the direction; in the matrix by the exponential of two blocks of two."""
    _alone(compute_expm)
    first = None if t[1] is None else apply("linalg.expm_frechet", a, t[1], compute_expm=False)
    if t[0] is None:
        return first
    blocks, move = apply("two_blocks", a, e), apply("both_blocks", t[0])
    second = apply("corner", apply("linalg.expm_frechet", blocks, move, compute_expm=False))
    return second if first is None else first + second


def _alone(compute_expm: Any) -> None:
    if compute_expm is not False:
        raise NoRule("`scipy.linalg.expm_frechet` has a rule with compute_expm=False only", "call `expm` for the exponential")


def _frechet_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    return args[0] if statics.get("compute_expm") is False and isinstance(args[0], Array) else None


def _norm(a: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, **options: Any) -> Any:
    return apply("np.linalg.norm", a, ord, axis, keepdims)


def unknown(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
    """Real or complex, by the values."""
    return UNKNOWN


def _sqrtm_vjp(g: Any, y: Any, a: Any) -> Any:
    flat(a)
    return (apply("linalg.solve_sylvester", o.swap(y), o.swap(y), g),)


def _sqrtm_jvp(t: Any, y: Any, a: Any) -> Any:
    flat(a)
    return apply("linalg.solve_sylvester", y, y, t[0])


SOLVE = ("a", "b", "lower")
_OPTIONS = ("check_finite",)
_TRIGONOMETRIC = ("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")


def matrix(n: int, seed: int = 0) -> Any:
    """A well-conditioned matrix, not symmetric."""
    return arr(n, n, seed=seed) + 2.5 * np.eye(n)


def _name(name: str) -> dict[str, Any]:
    return {"name": f"linalg.{name}", "path": "", "op": op_of("linalg", name)}


def _solvers(linalg: Any) -> tuple[Spellings, ...]:
    a, vector, several = matrix(3), arr(3, seed=1), arr(3, 2, seed=1)
    kinds = ("pos", "sym", "upper triangular", "lower triangular")
    solved = calls((a, vector), (a, several), Sample((a, vector), {"transposed": True}),
        Sample((a, vector), {"lower": True, "assume_a": "pos"}), *(Sample((a, several), {"assume_a": k}) for k in kinds))  # fmt: skip
    triangles = calls((a, vector), (a, several, 1), (a, vector, "T", True), Sample((a, several), {"lower": True, "unit_diagonal": True}),
        (a, several, 2), (a + 0.3j * matrix(3, 1), vector, "C", True))  # fmt: skip
    return (
        general(linalg.solve, vjp=solve_vjp, jvp=solve_jvp, names=SOLVE, operands=2, arrays=2, infer=infer_solve, sample=solved,
            statics=("assume_a", "transposed", *_OPTIONS), **_name("solve")),
        general(linalg.solve_triangular, vjp=triangular_vjp, jvp=triangular_jvp, names=("a", "b", "trans", "lower", "unit_diagonal"),
            operands=2, arrays=2, infer=infer_solve, sample=triangles, statics=_OPTIONS, **_name("solve_triangular")),
        general(linalg.solve_sylvester, vjp=sylvester_vjp, jvp=sylvester_jvp, names=("a", "b", "q"), operands=3, arrays=3,
            infer=shaped_like(2), sample=calls((matrix(3), matrix(2, 1), arr(3, 2))), **_name("solve_sylvester")),
        composed(linalg.solve_continuous_lyapunov, lambda a, q: apply("linalg.solve_sylvester", a, o.swap(apply("np.conj", a)), q),
            names=("a", "q"), operands=2, arrays=2, infer=shaped_like(1), sample=calls((matrix(2), arr(2, 2))),
            **_name("solve_continuous_lyapunov")),
        general(linalg.inv, vjp=lambda g, y, a, **options: inv_vjp(g, y, a), jvp=lambda t, y, a, **options: -(y @ t[0] @ y), names=("a",),
            arrays=1, statics=_OPTIONS, infer=infer_inverse, sample=calls((a,)), **_name("inv")),
        composed(linalg.det, lambda a, **options: apply("np.linalg.det", a), names=("a",), arrays=1, statics=_OPTIONS,
            sample=calls((a,), (arr(2, 3, 3),)), **_name("det")),
        general(linalg.solve_discrete_lyapunov, vjp=discrete_vjp, jvp=discrete_jvp, names=("a", "q"), statics=("method",), operands=2,
            arrays=2, infer=shaped_like(1), sample=calls((0.4 * arr(3, 3), arr(3, 3, seed=1))), **_name("solve_discrete_lyapunov")),
        step_helper(runtime.one_or_nan, infer=always(FLOAT)),
        general(linalg.orthogonal_procrustes, vjp=procrustes_vjp, jvp=procrustes_jvp, names=("A", "B"), statics=_OPTIONS, operands=2,
            arrays=2, sample=calls((arr(4, 3), arr(4, 3, seed=1))), **_name("orthogonal_procrustes")),
        composed(linalg.norm, _norm, names=("a", "ord", "axis", "keepdims"), arrays=1, statics=_OPTIONS,
            sample=calls((vector,), (several,), (vector, 1), (several, None, 0)),
            **_name("norm")),
    )  # fmt: skip


def _functions(linalg: Any) -> tuple[Spellings, ...]:
    a = matrix(3)
    blocks: dict[str, Any] = {"names": ("a", "e"), "operands": 2}
    return (
        of_matrix(linalg, "expm", infer=infer_inverse, sample=calls((arr(3, 3),), (arr(2, 3, 3),))),
        *(of_matrix(linalg, n, infer=infer_inverse, sample=calls((arr(3, 3),))) for n in _TRIGONOMETRIC),
        of_matrix(linalg, "logm", infer=unknown, sample=calls((a,))),
        composed(linalg.fractional_matrix_power, power_body, names=("A", "t"), operands=2, arrays=1, infer=unknown,
            sample=calls((a, 0.5), (a, -1.3), (a, 2)), **_name("fractional_matrix_power")),
        composed(linalg.signm, lambda a: a @ apply("linalg.expm", -0.5 * apply("linalg.logm", a @ a)), names=("A",), arrays=1,
            infer=unknown, sample=calls((a,)), **_name("signm")),
        general(linalg.expm_frechet, vjp=frechet_vjp, jvp=frechet_jvp, names=("A", "E", "method", "compute_expm"), operands=2, arrays=2,
            infer=_frechet_type,
            sample=calls(Sample((arr(2, 2), arr(2, 2, seed=1)), {"compute_expm": False})), **_name("expm_frechet")),
        general(linalg.sqrtm, vjp=_sqrtm_vjp, jvp=_sqrtm_jvp, names=("A",), infer=unknown,
            sample=calls((a,)), **_name("sqrtm")),
        helper(runtime.two_blocks, general, **blocks, jvp=lambda t, y, a, e: _filled_blocks(t, a, e), infer=unknown,
            vjp=lambda g, y, a, e: (apply("corner_sum", g), apply("corner", g)), sample=calls((arr(2, 2), arr(2, 2, seed=1)))),
        helper(runtime.both_blocks, linear, transpose=lambda g, a: apply("corner_sum", g), names=("a",), infer=unknown,
            sample=calls((arr(2, 2),))),
        helper(runtime.corner_sum, linear, transpose=lambda g, w: apply("both_blocks", g), names=("w",), infer=unknown,
            sample=calls((arr(4, 4),))),
        helper(runtime.corner, linear, transpose=lambda g, w: apply("two_blocks", 0.0 * g, g), names=("w",), infer=unknown,
            sample=calls((arr(4, 4),))),
    )  # fmt: skip


def power_body(a: Any, t: Any) -> Any:
    """By the logarithm, and repeated products for whole numbers."""
    if literal(t) and t == int(t):
        return apply("np.linalg.matrix_power", a, int(t))
    return apply("linalg.expm", t * apply("linalg.logm", a))


def _filled_blocks(t: Any, a: Any, e: Any) -> Any:
    return apply("two_blocks", 0.0 * a if t[0] is None else t[0], 0.0 * e if t[1] is None else t[1])


_REFUSED = {
    "hessenberg cossin funm qr_multiply qr_insert qr_delete qr_update matrix_balance subspace_angles expm_cond": (
        "it is computed by a routine of LAPACK and nobody has written its rule yet",
        "keep its operands constant, or add a rule of your own (srcad.rules)",
    ),
    "schur qz ordqz": (
        "the matrix does not determine its factors, of which the order of the eigenvalues is the routine's",
        "use `np.linalg.eigh` for symmetric matrices, `np.linalg.eigvals`, or functions of matrices: `expm`, `logm`, `sqrtm`",
    ),
    "ldl": (
        "its pivots of size 1 and 2 change with the values",
        "use `np.linalg.cholesky`, `scipy.linalg.lu_factor`, or `np.linalg.eigh` where it is indefinite",
    ),
    "null_space orth": (
        "it is one basis of a space among many",
        "write what depends on the space alone: `np.linalg.pinv(a) @ a` projects on the rows, `a @ np.linalg.pinv(a)` on the columns",
    ),
}


def rules(linalg: Any) -> tuple[Spellings, ...]:
    """The entries for the functions that the installed SciPy has."""
    triangles = (
        helper(runtime.triangle, linear, transpose=lambda g, x, lower=True, strict=False: apply("triangle", g, lower, strict),
            names=("x", "lower", "strict"), infer=shaped_like(0), sample=calls((arr(3, 3), True), (arr(3, 3), False, True))),
        helper(runtime.mirrored, linear, transpose=lambda g, x, lower=True: apply("folded", g, lower), names=("x", "lower"),
            infer=shaped_like(0), sample=calls((arr(3, 3), True), (arr(3, 3), False))),
        helper(runtime.folded, linear, transpose=lambda g, x, lower=True: apply("mirrored", g, lower), names=("x", "lower"),
            infer=shaped_like(0), sample=calls((arr(3, 3), True), (arr(3, 3), False))),
    )  # fmt: skip
    named = ((n, *told) for names, told in _REFUSED.items() for n in names.split() if hasattr(linalg, n))
    refused = (unruled(getattr(linalg, n), "linalg", n, why, advice) for n, why, advice in named)
    rooms = (
        *scipy_factors.rules(linalg), *scipy_bands.rules(linalg), *scipy_structured.rules(linalg), *scipy_spectral.rules(linalg),
        *scipy_matrices.rules(linalg),
    )  # fmt: skip
    return (*triangles, *_solvers(linalg), *_functions(linalg), *rooms, *refused)
