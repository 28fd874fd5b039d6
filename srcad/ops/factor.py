"""Factorisations of matrices and of stacks of them: Cholesky, eigenvalues, singular values, QR, and what is made from them.

Each has one rule, the tangent; the other mode is its transpose.  Formulas: M. Giles, "Collected matrix derivative results for forward and
reverse mode algorithmic differentiation" (2008); G. Golub, V. Pereyra (1973) for the pseudo-inverse.  Vectors are determined up to sign,
phase and, for null spaces, basis: their tangents are right for functions that do not depend on that choice.
"""
from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import UNKNOWN, Array, Scalar, Struct, Type, dtype_kind
from srcad.ops.compose import composed, transposed
from srcad.ops.entry import Sample
from srcad.ops.infer import is_type, shaped_like, type_of
from srcad.ops.linalg import trace_of_product
from srcad.ops.op import Spellings, general, helper
from srcad.ops.reduce import conj
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, known, literal, maybe_complex, o, rank, rank_known, type_at


def solve(a: Any, b: Any) -> Any:
    """`inv(a) @ b`."""
    return apply("np.linalg.solve", a, b)


def dagger(x: Any) -> Any:
    """The conjugate transpose of each matrix."""
    return conj(o.swap(x))


def real(x: Any) -> Any:
    """The real part where it makes a difference."""
    return x.real if maybe_complex(x) else x


def diagonal(x: Any) -> Any:
    """The diagonal of each matrix."""
    return apply("np.diagonal", x, 0, -2, -1)


def hermitian(t: Any, lower: bool) -> Any:
    """The Hermitian matrix of which `t` is the lower (or the upper) triangle: nothing else is read."""
    half = apply("phi", t if lower else dagger(t))
    return half + dagger(half)


def _of_triangle(t: Any, a: Any) -> tuple[tuple[Any], Any]:
    """A tangent and its matrix, of which a function that is told of a Hermitian matrix reads the lower triangle."""
    return (hermitian(t, True),), hermitian(a, True)


def gaps(w: Any) -> Any:
    """`1 / (w[j] - w[i])`, and 0 between equal values."""
    return apply("safe_ratio", 1.0, w[..., None, :] - w[..., :, None])


def each(v: Any, a: Any) -> Any:
    """One number per matrix of `a`, to be multiplied with it."""
    return v if rank(a) == 2 else v[..., None, None]


# ---- triangles and determinants --------------------------------------------------------------------------------------


def cholesky_jvp(t: Any, y: Any, a: Any, upper: Any = False) -> Any:
    """`y @ phi(inv(y) @ t @ inv(y)^H)` (I. Murray 2016, section 3)."""
    left = dagger(y) if upper else y
    inverse = apply("np.linalg.inv", left)  # the one factorisation for all derivatives
    move = left @ apply("phi", inverse @ hermitian(t[0], not upper) @ dagger(inverse))
    return dagger(move) if upper else move


def cholesky_vjp(g: Any, y: Any, a: Any, upper: Any = False) -> tuple[Any]:
    """The transpose of the tangent."""
    left, bar = (dagger(y), dagger(g)) if upper else (y, g)
    found = apply("cholesky_back", bar, left, apply("np.linalg.inv", left))
    return (dagger(found) if upper else found,)


def cholesky_back_jvp(t: Any, y: Any, g: Any, factor: Any, inverse: Any) -> Any:
    """The inverse moves with the factor; the matrix that was computed from both is found again in the triangle `y` of it."""
    bar, move, _ = t
    parts = ([] if move is None else [o.swap(move) @ g]) + ([] if bar is None else [o.swap(factor) @ bar])
    inner = apply("phi", sum(parts[1:], parts[0]))
    moved = o.swap(inverse) @ (inner + dagger(inner)) @ conj(inverse)
    if move is not None:
        turned = (y + dagger(y)) @ conj(move @ inverse)
        moved = moved - (turned + dagger(turned))
    return apply("phi", moved)


def slogdet_jvp(t: Any, y: Any, a: Any) -> Any:
    """The trace of `inv(a) @ t`: the logarithm has its real part, the sign turns by its imaginary part."""
    trace = trace_of_product(apply("inverse_or_infinite", a), t[0])
    return (1j * trace.imag * y[0], trace.real) if maybe_complex(a) else (o.zeros_like(y[0]), trace)


def det_jvp(t: Any, y: Any, a: Any) -> Any:
    """The trace of the adjugate and `t`, which exists for singular matrices also."""
    return trace_of_product(apply("adjugate", a), t[0])


# ---- eigenvalues and singular values ---------------------------------------------------------------------------------


def eigh_jvp(t: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:  # noqa: N803 - NumPy's word
    """In the basis of the vectors: the diagonal moves the values, the rest turns the vectors."""
    w, v = y[0], y[1]
    inner = dagger(v) @ hermitian(t[0], UPLO in ("L", "l")) @ v
    return real(diagonal(inner)), v @ (gaps(w) * inner)


def eigvalsh_jvp(t: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:  # noqa: N803 - NumPy's word
    """As for `eigh`."""
    v = apply("np.linalg.eigh", a, UPLO)[1]
    return real(apply("np.sum", conj(v) * (hermitian(t[0], UPLO in ("L", "l")) @ v), axis=-2))


def eig_jvp(t: Any, y: Any, a: Any) -> Any:
    """As for `eigh`, with the inverse of the vectors; they keep length 1."""
    w, v = y[0], y[1]
    inner = apply("np.linalg.inv", v) @ (t[0] @ v)
    move = v @ (gaps(w) * inner)
    return diagonal(inner), move - v * apply("np.sum", apply("np.conj", v) * move, axis=-2, keepdims=True)


def eigvals_jvp(t: Any, y: Any, a: Any) -> Any:
    """As for `eig`."""
    v = apply("np.linalg.eig", a)[1]
    return diagonal(apply("np.linalg.inv", v) @ (t[0] @ v))


def svd_jvp(t: Any, y: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False) -> Any:
    """The diagonal of `u^H t v` moves the values; its rest, and what `t` has outside the spaces of the vectors, the vectors."""
    check_literal("np.linalg.svd", full_matrices, compute_uv, hermitian)
    if hermitian:
        t, a = _of_triangle(t[0], a)
    if not compute_uv:
        return svdvals_jvp(t, y, a)
    u, s, vh = y[0], y[1], y[2]
    k = apply("np.size", s, -1)
    if full_matrices:
        (full_u, u), (full_vh, vh) = (u, u[..., :k]), (vh, vh[..., :k, :])
    v, square = dagger(vh), s * s
    inner = dagger(u) @ t[0] @ v
    scaled, other = inner * s[..., None, :], s[..., :, None] * inner
    turn_u, turn_v = gaps(square) * (scaled + dagger(scaled)), gaps(square) * (other + dagger(other))
    if maybe_complex(a):  # a phase that both vectors of a pair share is free; what is left goes to u
        turn_u = turn_u + eye_like(inner) * (inner - dagger(inner)) * apply("safe_ratio", 0.5, s)[..., None, :]
    rest_u, rest_v = t[0] @ v, dagger(t[0]) @ u
    inverse = apply("safe_ratio", 1.0, s)[..., None, :]
    move_u = u @ turn_u + (rest_u - u @ (dagger(u) @ rest_u)) * inverse
    move_v = v @ turn_v + (rest_v - v @ (vh @ rest_v)) * inverse
    if full_matrices:
        more_u, more_v = full_u[..., k:], dagger(full_vh[..., k:, :])
        move_u, move_v = _with_rest(move_u, u, more_u), _with_rest(move_v, v, more_v)
    return move_u, real(diagonal(inner)), dagger(move_v)


def _with_rest(move: Any, vectors: Any, more: Any) -> Any:
    """The tangents of some vectors, and of those that fill up the basis: any that do will do."""
    return apply("np.concatenate", [move, apply("any_basis_forth", -(vectors @ (dagger(move) @ more)), more)], -1)


def eye_like(x: Any) -> Any:
    """The unit matrix of the size of `x`."""
    return apply("np.eye", apply("np.size", x, -1))


def svdvals_jvp(t: Any, y: Any, a: Any) -> Any:
    """The diagonal of `u^H t v`."""
    found = apply("np.linalg.svd", a, False)
    u, vh = found[0], found[2]
    return real(apply("np.sum", conj(u) * (t[0] @ dagger(vh)), axis=-2))


def check_literal(name: str, *options: Any) -> None:
    """Options that decide about the shape of a result must be known when the derivative is made."""
    if any(not isinstance(v, bool | str | int | None) for v in options):
        raise NoRule(f"`{name}` with options that are only known at run time has no rule", "write the options as literals")


# ---- QR, pseudo-inverse, least squares -------------------------------------------------------------------------------


def _qr_parts(a: Any, q: Any, r: Any, mode: str, t: Any) -> tuple[Any, Any]:
    """The tangents of both factors.  The first columns, as many as rows at most, are a matrix of full rank; the others follow."""
    k = apply("np.size", apply("np.diagonal", a, 0, -2, -1), -1)
    full = q
    if mode == "complete":
        q, r = q[..., :k], r[..., :k, :]
    first = r[..., :k]
    shifted = o.swap(solve(o.swap(first), o.swap(t[..., :k])))
    inner = dagger(q) @ shifted
    low = apply("np.tril", inner, -1)
    turn = low - dagger(low)
    if maybe_complex(a):  # the diagonal of r stays real
        turn = turn + 1j * (eye_like(inner) * inner).imag
    move_q = q @ (turn - inner) + shifted
    behind = dagger(move_q) @ a[..., k:] + dagger(q) @ t[..., k:]
    move_r = apply("np.concatenate", [(inner - turn) @ first, behind], -1)
    if mode == "complete":
        more = full[..., k:]
        move_q = _with_rest(move_q, q, more)
        move_r = apply("crop_like", move_r, dagger(full) @ a)
    return move_q, move_r


def qr_jvp(t: Any, y: Any, a: Any, mode: Any = "reduced") -> Any:
    """Of `q` the skew part, of `r` the upper triangle."""
    check_literal("np.linalg.qr", mode)
    if mode == "r":
        both = apply("np.linalg.qr", a)
        return _qr_parts(a, both[0], both[1], "reduced", t[0])[1]
    if mode not in ("reduced", "complete"):
        raise NoRule(f"`np.linalg.qr` with mode {mode!r} has no rule", "use 'reduced', 'complete' or 'r'")
    return _qr_parts(a, y[0], y[1], mode, t[0])


def pinv_move(t: Any, y: Any, a: Any) -> Any:
    """The tangent of the pseudo-inverse `y` at constant rank."""
    turned, square, other = dagger(t), y @ dagger(y), dagger(y) @ y
    return square @ (turned - turned @ (a @ y)) + (turned - y @ (a @ turned)) @ other - y @ t @ y


def cut_off_move(t: Any, a: Any, rcond: Any) -> Any:
    """The tangent of the pseudo-inverse where singular values below `rcond` times the largest one count as 0.

    What is kept turns against what is dropped: first-order perturbation of the two pairs of invariant subspaces, as in G. Stewart,
    J. Sun, "Matrix perturbation theory" (1990), chapter V.
    """
    if not isinstance(type_at(rcond), Scalar):
        raise NoRule("a pseudo-inverse with a bound for each matrix has no rule", "give one number, or loop over the matrices")
    found = apply("np.linalg.svd", a, False)
    u, s, v = found[0], found[1], dagger(found[2])
    large = s > rcond * apply("np.max", s, axis=-1, keepdims=True)
    inverse, dropped = apply("np.where", large, apply("safe_ratio", 1.0, s), 0.0), apply("np.where", large, 0.0, s)
    row, column = (Ellipsis, slice(None), None), (Ellipsis, None, slice(None))
    beside = large[row] != large[column]
    mixed = apply("np.where", beside, apply("safe_ratio", 1.0, apply("np.abs", s[row] * s[row] - s[column] * s[column])), 0.0)
    shares = mixed * (inverse[row] * dropped[column] + dropped[row] * inverse[column]) - inverse[row] * inverse[column]
    inner, squares = dagger(u) @ t @ v, (inverse * inverse)[column]
    outside_u, outside_v = dagger(t) @ u, t @ v
    return (
        v @ (inner * shares + dagger(inner) * mixed) @ dagger(u)
        + (v * squares) @ dagger(outside_v - u @ inner)
        + ((outside_u - v @ dagger(inner)) * squares) @ dagger(u)
    )


def pinv_jvp(t: Any, y: Any, a: Any, rcond: Any = None, hermitian: Any = False, rtol: Any = None) -> Any:
    """As if the rank stayed; of a Hermitian matrix the lower triangle is read."""
    bound = rtol if rcond is None else rcond
    if hermitian:
        t, a = _of_triangle(t[0], a)
    return pinv_move(t[0], y, a) if bound is None else cut_off_move(t[0], a, bound)


def lstsq_jvp(t: Any, y: Any, a: Any, b: Any, rcond: Any = None) -> Any:
    """The solution by the pseudo-inverse; squares of residuals where NumPy gives them; singular values."""
    ta, tb = t
    cut = rcond is not None and not (literal(rcond) and rcond <= 0.0)
    inverse = apply("np.linalg.pinv", a, **({"rcond": rcond} if cut else {}))
    rest = b - a @ y[0]
    moved, square = (None, None) if ta is None else (ta @ y[0], None)
    right = tb if moved is None else -moved if tb is None else tb - moved
    solution = inverse @ right
    if ta is not None and cut:
        solution = cut_off_move(ta, a, rcond) @ b
        solution = solution if tb is None else solution + inverse @ tb
    elif ta is not None:
        square = dagger(ta) @ rest
        back = dagger(ta) @ (dagger(inverse) @ y[0])
        solution = solution + inverse @ (dagger(inverse) @ square) + back - inverse @ (a @ back)
    products = real(conj(rest) * right)
    sums = apply("np.sum", products, axis=0) if rank_known(b, "np.linalg.lstsq") == 2 else apply("np.sum", products, axis=0, keepdims=True)
    residuals = 2.0 * sums[: apply("np.size", y[1])]
    return solution, residuals, 0, 0.0 if ta is None else svdvals_jvp((ta,), y[3], a)


def cond_body(x: Any, p: Any = None) -> Any:
    """The ratio of the extreme singular values, or of the norms of the matrix and its inverse."""
    p = known(p)
    if p in (None, 2, -2):
        s = apply("np.linalg.svd", x, True, False)
        return s[..., 0] / s[..., -1] if p != -2 else s[..., -1] / s[..., 0]
    return apply("np.linalg.norm", x, p, (-2, -1)) * apply("np.linalg.norm", apply("np.linalg.inv", x), p, (-2, -1))


# ---- types -----------------------------------------------------------------------------------------------------------


def typical(a: Any) -> Any:
    """A small matrix of full rank, positive definite where it is square, in place of a matrix of known type."""
    if not isinstance(a, Array) or a.ndim < 2 or dtype_kind(a) not in "fc":
        return a
    shape = [3 if d.length is None else d.length for d in a.shape]
    return (np.full(shape, 0.5) + 4.0 * np.eye(shape[-2], shape[-1])).astype(a.dtype)


def infer_matrix(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of a run on a matrix of full rank."""
    if not isinstance(args[0], Array) or any(is_type(v) for v in params.values()):
        return None
    given = [typical(a) for a in args]
    if any(is_type(a) and not isinstance(a, Array) for a in given):
        return None
    given = [np.ones([3 if d.length is None else d.length for d in a.shape], a.dtype) if isinstance(a, Array) else a for a in given]
    try:
        return type_of(spelling.object(*given, **params))
    except (ValueError, TypeError, np.linalg.LinAlgError):
        return None


def infer_same(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand."""
    return args[0] if isinstance(args[0], Array) and args[0].ndim > 1 and dtype_kind(args[0]) in "fc" else None


def infer_eig(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Complex for complex; of a real matrix the values decide whether the result is."""
    if isinstance(args[0], Array) and dtype_kind(args[0]) == "c":
        return infer_matrix(spelling, args, params, operands, statics)
    pair = type(np.linalg.eig(np.eye(2)))
    return Struct(pair, ("eigenvalues", "eigenvectors"), (UNKNOWN, UNKNOWN)) if spelling.entry.name == "eig" else UNKNOWN


# ---- the table -------------------------------------------------------------------------------------------------------


def spd(*shape: int) -> Any:
    """Symmetric positive definite matrices with well separated values."""
    a = arr(*shape)
    return a @ np.swapaxes(a, -1, -2) + np.diag(np.arange(1.0, shape[-1] + 1.0))


def _apart(*shape: int) -> Any:
    """A matrix with real, well separated eigenvalues."""
    return 0.3 * arr(*shape) + np.diag(np.arange(1.0, shape[-1] + 1.0))


def _by_tangent(fn: Any, jvp: Any, *samples: Any, **fields: Any) -> Spellings:
    """An entry for a function of one matrix, or of two."""
    return general(fn, jvp=jvp, vjp=transposed(jvp), sample=calls(*samples), **{"arrays": 1, "names": ("a",), **fields})


_UPLO = {"names": ("a", "UPLO"), "infer": infer_matrix}
_RTOL = "rtol" in inspect.signature(np.linalg.pinv).parameters
_TALL, _WIDE = arr(4, 3, seed=2), arr(3, 4, seed=2)

RULES = (
    general(np.linalg.cholesky, jvp=cholesky_jvp, vjp=cholesky_vjp, arrays=1, names=("a",), statics=("upper",), infer=infer_same,
        sample=calls((spd(3, 3),), (spd(2, 3, 3),), Sample((spd(3, 3),), {"upper": True}))),
    helper(runtime.cholesky_back, general, names=("g", "factor", "inverse"), operands=3, fresh=True, infer=shaped_like(1),
        jvp=cholesky_back_jvp, vjp=transposed(cholesky_back_jvp)),
    _by_tangent(np.linalg.slogdet, slogdet_jvp, (spd(3, 3),), (_apart(2, 3, 3),), (-_apart(3, 3),), infer=infer_matrix),
    _by_tangent(np.linalg.det, det_jvp, (arr(3, 3),), (arr(2, 3, 3),), infer=infer_matrix),
    _by_tangent(np.linalg.eigh, eigh_jvp, (spd(3, 3),), (spd(2, 3, 3),), (spd(3, 3), "U"), **_UPLO),
    _by_tangent(np.linalg.eigvalsh, eigvalsh_jvp, (spd(3, 3),), (spd(2, 3, 3),), (spd(3, 3), "U"), **_UPLO),
    _by_tangent(np.linalg.eig, eig_jvp, (_apart(3, 3),), (_apart(2, 3, 3),), infer=infer_eig),
    _by_tangent(np.linalg.eigvals, eigvals_jvp, (_apart(3, 3),), (_apart(2, 3, 3),), infer=infer_eig),
    _by_tangent(np.linalg.svd, svd_jvp, (_TALL, False), (_WIDE, False), (_TALL,), (_WIDE,), (arr(3, 3),),
        Sample((_TALL,), {"compute_uv": False}),
        (arr(2, 4, 3, seed=3), False), (_apart(3, 3), True, True, True), (_apart(3, 3), True, False, True),
        names=("a", "full_matrices", "compute_uv", "hermitian"), infer=infer_matrix),
    _by_tangent(np.linalg.svdvals, svdvals_jvp, (_TALL,), (_WIDE,), (arr(2, 3, 3),), names=("x",), infer=infer_matrix),
    _by_tangent(np.linalg.qr, qr_jvp, (_TALL,), (_WIDE,), (arr(2, 3, 3),), (_TALL, "r"), (_TALL, "complete"),
        (_TALL + 1j * arr(4, 3, seed=5),), names=("a", "mode"), infer=infer_matrix),
    _by_tangent(np.linalg.pinv, pinv_jvp, (_TALL,), (_WIDE,), (arr(2, 3, 3),), Sample((_TALL,), {"rcond": 0.5}),
        Sample((_WIDE,), {"rcond": 0.5}), Sample((arr(2, 3, 3),), {"rcond": 0.3}), Sample((_apart(3, 3),), {"hermitian": True}),
        Sample((_apart(3, 3),), {"rcond": 0.5, "hermitian": True}), *((Sample((_TALL,), {"rtol": 0.5}),) if _RTOL else ()),
        names=("a", "rcond", "hermitian"), statics=("rtol",),
        infer=infer_matrix),
    _by_tangent(np.linalg.lstsq, lstsq_jvp, (_TALL, arr(4)), (_TALL, arr(4, 2)), (_WIDE, arr(3)), Sample((_TALL, arr(4)), {"rcond": 0.5}),
        Sample((_WIDE, arr(3)), {"rcond": -1}), names=("a", "b", "rcond"), operands=2,
        arrays=2, infer=infer_matrix),
    composed(np.linalg.cond, cond_body, names=("x", "p"), arrays=1, infer=infer_matrix,
        sample=calls((arr(3, 3),), (_TALL, 2), (arr(3, 3), -2), (arr(3, 3), 1), (arr(3, 3), "fro"), Sample((arr(3, 3),), {"p": -np.inf}))),
    helper(runtime.any_basis_forth, general, names=("t", "basis"), operands=2, infer=shaped_like(0), jvp=lambda t, *_: t[0],
        vjp=lambda g, y, t, basis: (apply("any_basis_back", g, basis), None), sample=calls((arr(3, 1), arr(3, 1, seed=1)))),
    helper(runtime.any_basis_back, general, names=("g", "basis"), operands=2, infer=shaped_like(0), jvp=lambda t, *_: t[0],
        vjp=lambda g, *_: (g, None), sample=calls((arr(3, 1), arr(3, 1, seed=1)))),
    helper(runtime.adjugate, composed, body=lambda a: each(apply("np.linalg.det", a), a) * apply("np.linalg.inv", a),
        names=("a",), infer=shaped_like(0), sample=calls((arr(3, 3),), (arr(2, 3, 3),))),
    helper(runtime.inverse_or_infinite, composed, body=lambda a: apply("np.linalg.inv", a), names=("a",), infer=shaped_like(0),
        sample=calls((arr(3, 3),))),
)  # fmt: skip
