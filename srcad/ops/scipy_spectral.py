"""Rules for the eigenvalues, singular values, QR and least squares of `scipy.linalg`: those of `numpy.linalg`, with SciPy's options."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ops import factor
from srcad.ops.compose import transposed
from srcad.ops.entry import Sample
from srcad.ops.op import Spellings, general
from srcad.ops.reduce import conj
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_matrices import eigh_of_two
from srcad.ops.scipy_words import op_of
from srcad.ops.trace import apply, o, rank


def _some(t: Any, y: Any, a: Any, b: Any, lower: Any, eigvals_only: Any, subset: Any) -> Any:
    """The tangents of some eigenvalues and eigenvectors: theirs among all, whose vectors may have other signs or phases."""
    if not isinstance(subset, list | tuple) or not all(type(k) is int for k in subset):
        raise NoRule("`scipy.linalg.eigh` with a subset that is only known at run time has no rule", "write `subset_by_index` as a literal")
    every = apply("linalg.eigh", a, lower=lower) if b is None else apply("linalg.eigh", a, b, lower=lower)
    pair = (every[0], every[1])
    values, vectors = factor.eigh_jvp(t, pair, a, "L" if lower else "U") if b is None else eigh_of_two(t, pair, a, b, lower, False)
    some = slice(subset[0], subset[1] + 1)
    if eigvals_only:
        return values[some]
    measured = y[1] if b is None else factor.hermitian(b, lower) @ y[1]
    own = apply("np.sum", conj(pair[1][:, some]) * measured, axis=0)
    return values[some], vectors[:, some] * own


def eigh_jvp(
    t: Any, y: Any, a: Any, b: Any = None, lower: Any = True, eigvals_only: Any = False, subset_by_index: Any = None, **options: Any
) -> Any:  # fmt: skip
    """Of the triangle that is read."""
    factor.check_literal("scipy.linalg.eigh", lower, eigvals_only)
    if subset_by_index is not None:
        return _some(t, y, a, b, lower, eigvals_only, subset_by_index)
    if b is not None:
        return eigh_of_two(t, y, a, b, lower, eigvals_only)
    move = factor.eigvalsh_jvp if eigvals_only else factor.eigh_jvp
    return move(t, y, a, "L" if lower else "U")


def eigvalsh_jvp(t: Any, y: Any, a: Any, b: Any = None, lower: Any = True, subset_by_index: Any = None, **options: Any) -> Any:
    """Of the triangle that is read."""
    factor.check_literal("scipy.linalg.eigvalsh", lower)
    if subset_by_index is not None:
        return _some(t, y, a, b, lower, True, subset_by_index)
    if b is not None:
        return eigh_of_two(t, y, a, b, lower, eigvals_only=True)
    return factor.eigvalsh_jvp(t, y, a, "L" if lower else "U")


def eig_jvp(t: Any, y: Any, a: Any, **options: Any) -> Any:
    """As NumPy's."""
    return factor.eig_jvp(t, y, a)


def svd_jvp(t: Any, y: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, **options: Any) -> Any:
    """As NumPy's."""
    return factor.svd_jvp(t, y, a, full_matrices, compute_uv)


def svdvals_jvp(t: Any, y: Any, a: Any, **options: Any) -> Any:
    """As NumPy's."""
    return factor.svdvals_jvp(t, y, a)


_MODES = {"full": "complete", "economic": "reduced"}


def qr_jvp(t: Any, y: Any, a: Any, mode: Any = "full", pivoting: Any = False, **options: Any) -> Any:
    """As NumPy's, whose modes have other names; mode 'r' gives a tuple of the one factor.  Pivots are those of the matrix near by too."""
    factor.check_literal("scipy.linalg.qr", mode, pivoting)
    if not pivoting:
        return _qr_move(t, y, a, mode)
    if rank(a) != 2:
        raise NoRule("`scipy.linalg.qr` with pivots of a stack of matrices has no rule", "loop over the matrices")
    order = (slice(None), y[1 if mode == "r" else 2])
    return *_qr_move((t[0][order],), y, a[order], mode), None


def _qr_move(t: Any, y: Any, a: Any, mode: Any) -> Any:
    if mode == "r":
        move = factor.qr_jvp(t, apply("np.linalg.qr", a, "reduced"), a, "reduced")[1]
        return (apply("np.pad", move, ((0, apply("shape_at", y[0], 0) - apply("shape_at", move, 0)), (0, 0))),)
    if mode not in _MODES:
        raise NoRule(f"`scipy.linalg.qr` with mode {mode!r} has no rule", "use 'full', 'economic' or 'r'")
    return factor.qr_jvp(t, y, a, _MODES[mode])


def _turned(x: Any) -> Any:
    """The rows in reverse order, transposed."""
    return o.swap(apply("np.flip", x, -2))


def rq_jvp(t: Any, y: Any, a: Any, mode: Any = "full", **options: Any) -> Any:
    """With J for the reversed identity, `a.T @ J = (q.T @ J) @ (J @ r.T @ J)` is a product of the kind of QR."""
    if mode not in _MODES:
        raise NoRule(f"`scipy.linalg.rq` with mode {mode!r} has no rule", "use 'full' or 'economic'")
    factors = _turned(y[1]), apply("np.flip", _turned(y[0]), -2)
    move_q, move_r = factor.qr_jvp((_turned(t[0]),), factors, _turned(a), _MODES[mode])
    return apply("np.flip", _turned(move_r), -2), apply("np.flip", o.swap(move_q), -2)


def pinv_jvp(t: Any, y: Any, a: Any, rtol: Any = None, **options: Any) -> Any:
    """As if the rank stayed."""
    return factor.pinv_jvp(t, y, a, rtol)


def lstsq_jvp(t: Any, y: Any, a: Any, b: Any, cond: Any = None, lapack_driver: Any = None, **options: Any) -> Any:
    """As NumPy's, whose residual of one right side is an array.  The driver 'gelsy' finds no singular values, and cuts off by others."""
    if lapack_driver == "gelsy" and cond is not None:
        raise NoRule("`scipy.linalg.lstsq` with `cond` has no rule for the driver 'gelsy'", "use another driver")
    if lapack_driver == "gelsy":
        y = (*(y[k] for k in range(3)), apply("linalg.svdvals", a))
    found = factor.lstsq_jvp(t, y, a, b, cond)
    return found[0], o.reshape_as(found[1], y[1]), found[2], None if lapack_driver == "gelsy" else found[3]


def _entry(linalg: Any, name: str, jvp: Any, *samples: Any, statics: tuple[str, ...] = (), **fields: Any) -> Spellings:
    given = {"names": ("a",), "arrays": 1, **fields}
    return general(getattr(linalg, name), jvp=jvp, vjp=transposed(jvp), sample=calls(*samples), name=f"linalg.{name}", path="",
        op=op_of("linalg", name), statics=(*statics, "check_finite"), **given)  # fmt: skip


def rules(linalg: Any) -> tuple[Spellings, ...]:
    """The entries."""
    symmetric, apart = factor.spd(3, 3), 0.3 * arr(3, 3) + factor.spd(3, 3)
    other = factor.spd(3, 3) + np.diag([0.0, 4.0, 1.5])
    tall, wide = arr(4, 3, seed=2), arr(3, 4, seed=2)
    known: dict[str, Any] = {"infer": factor.infer_matrix}
    weight, pair = factor.spd(3, 3) @ factor.spd(3, 3) + np.eye(3), {**known, "names": ("a", "b"), "operands": 2, "arrays": 2}
    return (
        _entry(linalg, "eigh", eigh_jvp, (symmetric,), Sample((symmetric,), {"eigvals_only": True}),
            Sample((other,), {"lower": False, "eigvals_only": True}), (symmetric, weight),
            Sample((symmetric,), {"subset_by_index": [1, 2]}),
            Sample((symmetric, weight), {"subset_by_index": (0, 1)}), Sample((symmetric,), {"driver": "evd"}),
            statics=("lower", "eigvals_only", "subset_by_index", "driver"), **pair),
        _entry(linalg, "eigvalsh", eigvalsh_jvp, (symmetric,), Sample((symmetric,), {"lower": False}), (symmetric, weight),
            Sample((other,), {"subset_by_index": [1, 1]}), statics=("lower", "subset_by_index", "driver"), **pair),
        _entry(linalg, "eig", eig_jvp, (apart,), infer=factor.infer_eig),
        _entry(linalg, "svd", svd_jvp, (tall, False), (arr(3, 3),), (wide, False), Sample((tall,), {"compute_uv": False}),
            Sample((tall, False), {"lapack_driver": "gesvd"}), names=("a", "full_matrices", "compute_uv"), statics=("lapack_driver",),
            **known),
        _entry(linalg, "svdvals", svdvals_jvp, (tall,), (wide,), **known),
        _entry(linalg, "qr", qr_jvp, (arr(3, 3),), Sample((tall,), {"mode": "economic"}), Sample((arr(3, 3),), {"mode": "r"}),
            Sample((tall,), {"mode": "r"}), Sample((arr(3, 3),), {"pivoting": True}),
            Sample((tall,), {"mode": "economic", "pivoting": True}), Sample((wide,), {"mode": "r", "pivoting": True}),
            statics=("mode", "pivoting"), **known),
        _entry(linalg, "rq", rq_jvp, (arr(3, 3),), (wide,), Sample((wide,), {"mode": "economic"}), statics=("mode",), **known),
        _entry(linalg, "pinv", pinv_jvp, (tall,), (wide,), Sample((tall,), {"rtol": 0.5}), statics=("rtol",), **known),
        _entry(linalg, "lstsq", lstsq_jvp, (tall, arr(4)), (tall, arr(4, 2)), (wide, arr(3)), Sample((tall, arr(4)), {"cond": 1e-9}),
            Sample((tall, arr(4)), {"lapack_driver": "gelsy"}), names=("a", "b"), operands=2, arrays=2,
            statics=("cond", "lapack_driver"), **known),
    )  # fmt: skip
