"""More of `scipy.linalg`: generalised and tridiagonal eigenproblems, Riccati equations, polar factors, structured products.

Formulas: Kao and Hennequin, Automatic differentiation of Sylvester, Lyapunov and algebraic Riccati equations (2020), for Riccati;
the others by differentiating the equations that the results satisfy.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.types import UNKNOWN, Array, Dim, Struct, Type, dtype_kind
from srcad.ops import factor
from srcad.ops.compose import composed, transposed
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, general
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of
from srcad.ops.trace import apply, constant, o, rank, type_at


def real_only(name: str, *xs: Any) -> None:
    """Refuse complex matrices."""
    if any(x is not None and dtype_kind(type_at(x)) == "c" for x in xs):
        raise NoRule(f"`scipy.linalg.{name}` has a rule for real matrices only", "keep its operands real")


def _sum(terms: list[Any]) -> Any:
    found = terms[0]
    for term in terms[1:]:
        found = found + term
    return found


# ---- eigenvalues -------------------------------------------------------------------------------------------------------
def eigh_of_two(t: Any, y: Any, a: Any, b: Any, lower: Any, eigvals_only: Any) -> Any:
    """Of `a v = w b v`: in the basis of the vectors, whose length `b` measures."""
    w, v = (y, apply("linalg.eigh", a, b, lower=lower)[1]) if eigvals_only else (y[0], y[1])
    left, right = (None if m is None else factor.dagger(v) @ factor.hermitian(m, lower) @ v for m in t)
    inner = left
    if right is not None:
        scaled = right * w[..., None, :]
        inner = -scaled if left is None else left - scaled
    values = factor.real(factor.diagonal(inner))
    if eigvals_only:
        return values
    turn = factor.gaps(w) * inner
    return values, v @ (turn if right is None else turn - 0.5 * factor.eye_like(right) * right)


def _tridiagonal(t: Any, v: Any) -> Any:
    """A tridiagonal matrix of given diagonals, in the basis of the vectors."""
    terms = [o.swap(v) @ (t[0][:, None] * v)] if t[0] is not None else []
    if t[1] is not None:
        half = o.swap(v[:-1]) @ (t[1][:, None] * v[1:])
        terms += [half, o.swap(half)]
    return _sum(terms)


def eigh_tridiagonal_jvp(t: Any, y: Any, d: Any, e: Any, eigvals_only: Any = False, **options: Any) -> Any:
    """As `eigh`."""
    if eigvals_only:
        return eigvalsh_tridiagonal_jvp(t, y, d, e)
    inner = _tridiagonal(t, y[1])
    return factor.diagonal(inner), y[1] @ (factor.gaps(y[0]) * inner)


def eigvalsh_tridiagonal_jvp(t: Any, y: Any, d: Any, e: Any, **options: Any) -> Any:
    """As `eigh`."""
    return factor.diagonal(_tridiagonal(t, apply("linalg.eigh_tridiagonal", d, e)[1]))


def eigvals_jvp(t: Any, y: Any, a: Any, **options: Any) -> Any:
    """As for `eig`."""
    v = apply("linalg.eig", a)[1]
    return factor.diagonal(apply("np.linalg.inv", v) @ (t[0] @ v))


# ---- Riccati equations ---------------------------------------------------------------------------------------------------
def continuous_jvp(t: Any, y: Any, a: Any, b: Any, q: Any, r: Any, **options: Any) -> Any:
    """Of `a.T x + x a - x b inv(r) b.T x + q = 0`: a Lyapunov equation with the closed loop `a - b k`."""
    real_only("solve_continuous_are", a, b, q, r)
    k = apply("np.linalg.solve", r, o.swap(b) @ y)
    terms = []
    if t[0] is not None:
        terms.append(y @ t[0] + o.swap(y @ t[0]))
    if t[1] is not None:
        moved = y @ t[1] @ k
        terms.append(-(moved + o.swap(moved)))
    if t[2] is not None:
        terms.append(t[2])
    if t[3] is not None:
        terms.append(o.swap(k) @ t[3] @ k)
    return apply("linalg.solve_continuous_lyapunov", o.swap(a - b @ k), -_sum(terms))


def discrete_jvp(t: Any, y: Any, a: Any, b: Any, q: Any, r: Any, **options: Any) -> Any:
    """Of `a.T x a - x - a.T x b inv(r + b.T x b) b.T x a + q = 0`: a Lyapunov equation with the closed loop `a - b k`."""
    real_only("solve_discrete_are", a, b, q, r)
    k = apply("np.linalg.solve", r + o.swap(b) @ y @ b, o.swap(b) @ y @ a)
    loop = a - b @ k
    terms = []
    if t[0] is not None:
        moved = o.swap(t[0]) @ y @ loop
        terms.append(moved + o.swap(moved))
    if t[1] is not None:
        moved = o.swap(t[1] @ k) @ y @ loop
        terms.append(-(moved + o.swap(moved)))
    if t[2] is not None:
        terms.append(t[2])
    if t[3] is not None:
        terms.append(o.swap(k) @ t[3] @ k)
    return apply("linalg.solve_discrete_lyapunov", o.swap(loop), _sum(terms))


# ---- other functions -----------------------------------------------------------------------------------------------------
def polar_jvp(t: Any, y: Any, a: Any, side: Any = "right") -> Any:
    """`a = u p` with `p p = a.T a`: Sylvester equations for the tangent of `p` and for the rotation of `u`, each in the space of the rows,
    and what moves into or out of that space where `a` is wide; from the left with the sides changed.
    """
    real_only("polar", a)
    if side not in ("right", "left"):
        raise NoRule(f"`scipy.linalg.polar` with side {side!r} has no rule", "use 'right' or 'left'")
    u, p, move = y[0], y[1], t[0]
    if side == "left":
        u, a, move = o.swap(u), o.swap(a), o.swap(move)
    rows = o.swap(u) @ u
    outside = factor.eye_like(p) - rows
    whole, along, square = p + outside, o.swap(u) @ move, o.swap(a) @ move
    inside, leaving = rows @ (along - o.swap(along)) @ rows, along @ outside
    p_dot = apply("linalg.solve_sylvester", whole, whole, rows @ (square + o.swap(square)) @ rows) + leaving + o.swap(leaving)
    across = o.swap(apply("np.linalg.solve", whole, o.swap(move - u @ along))) @ rows
    u_dot = u @ apply("linalg.solve_sylvester", whole, whole, inside) + across + u @ apply("np.linalg.solve", whole, leaving)
    return (o.swap(u_dot) if side == "left" else u_dot), p_dot


def pinvh_body(a: Any, lower: Any = True, **options: Any) -> Any:
    """Of the triangle that is read."""
    real_only("pinvh", a)
    return apply("np.linalg.pinv", apply("mirrored", a, bool(lower)))


def hankel_body(c: Any, r: Any = None) -> Any:
    """The column and behind it the row, along the other diagonals."""
    row = 0.0 * c if r is None else r
    places = constant(c, "np.add.outer", apply("np.arange", apply("np.size", c)), apply("np.arange", apply("np.size", row)))
    return apply("np.take", apply("np.concatenate", [c, row[1:]]), places)


def toeplitz_product_body(c_or_cr: Any, x: Any, **options: Any) -> Any:
    """The matrix written out."""
    return (apply("linalg.toeplitz", *c_or_cr) if isinstance(c_or_cr, tuple) else apply("linalg.toeplitz", c_or_cr)) @ x


def circulant_solution_body(c: Any, b: Any) -> Any:
    """The matrix written out."""
    if rank(c) != 1 or rank(b) not in (1, 2):
        raise NoRule("`scipy.linalg.solve_circulant` of stacks has no rule", "loop over them")
    return apply("np.linalg.solve", apply("linalg.circulant", c), b)


def _square_of_two(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A matrix, of floats where the operands are."""
    x = args[0]
    return Array("float64", (Dim("?"), Dim("?"))) if isinstance(x, Array) and x.dtype == "float64" and x.ndim == 1 else None


def _eigen_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Values as many as diagonal elements, and a vector for each."""
    only = spelling.entry.name == "linalg.eigvalsh_tridiagonal" or statics.get("eigvals_only", False)
    if not all(isinstance(x, Array) and x.dtype == "float64" for x in args[:2]) or not isinstance(only, bool):
        return None
    values = Array("float64", args[0].shape)
    return values if only else Struct(tuple, (), (values, Array("float64", args[0].shape * 2)))


def _by(linalg: Any, name: str, jvp: Any, *samples: Any, **fields: Any) -> Spellings:
    fields["sample"] = calls(*samples) if samples else None
    return general(getattr(linalg, name), jvp=jvp, vjp=transposed(jvp), **_name(name), **fields)


def _name(name: str) -> dict[str, Any]:
    return {"name": f"linalg.{name}", "path": "", "op": op_of("linalg", name)}


def rules(linalg: Any) -> tuple[Spellings, ...]:
    """The entries."""
    d, e, c = arr(4), arr(3, low=0.4, seed=1), arr(4) + 4.0 * np.eye(4)[0]
    equation: dict[str, Any] = {"names": ("a", "b", "q", "r"), "operands": 4, "arrays": 4, "statics": ("balanced",),
        "infer": lambda spelling, args, *_: args[0] if isinstance(args[0], Array) and args[0].dtype == "float64" else None}  # fmt: skip
    tridiagonal: dict[str, Any] = {"operands": 2, "arrays": 2, "statics": ("check_finite",), "infer": _eigen_type}
    return (
        _by(linalg, "eigh_tridiagonal", eigh_tridiagonal_jvp, (d, e), (d, e, True), names=("d", "e", "eigvals_only"), **tridiagonal),
        _by(linalg, "eigvalsh_tridiagonal", eigvalsh_tridiagonal_jvp, (d, e), names=("d", "e"), **tridiagonal),
        _by(linalg, "eigvals", eigvals_jvp, (0.3 * arr(3, 3) + factor.spd(3, 3),), names=("a",), arrays=1, statics=("check_finite",),
            infer=lambda *_: UNKNOWN),
        _by(linalg, "solve_continuous_are", continuous_jvp, **equation), _by(linalg, "solve_discrete_are", discrete_jvp, **equation),
        _by(linalg, "polar", polar_jvp, (arr(3, 3),), (arr(4, 3),), (arr(3, 4), "left"), (arr(2, 4),), (arr(4, 2), "left"),
            names=("a", "side"), arrays=1),
        composed(linalg.pinvh, pinvh_body, names=("a",), arrays=1, statics=("lower", "check_finite"), sample=calls((factor.spd(3, 3),)),
            **_name("pinvh")),
        composed(linalg.hankel, hankel_body, names=("c", "r"), operands=2, arrays=2, infer=_square_of_two,
            sample=calls((arr(3),), (arr(3), arr(4, seed=1))), **_name("hankel")),
        composed(linalg.matmul_toeplitz, toeplitz_product_body, names=("c_or_cr", "x"), operands=2, statics=("check_finite", "workers"),
            sample=calls((c, arr(4, seed=1)), ((arr(4), arr(3, seed=1)), arr(3, 2, seed=2))), **_name("matmul_toeplitz")),
        composed(linalg.solve_circulant, circulant_solution_body, names=("c", "b"), operands=2, arrays=2,
            infer=shaped_like(1), sample=calls((c, arr(4, seed=1)), (c, arr(4, 2, seed=1))), **_name("solve_circulant")),
    )  # fmt: skip
