"""Rules for factors and eigenvalues of banded symmetric matrices: those of the matrix written out."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import BOOL, INT, Array, Struct, Type
from srcad.ops import factor
from srcad.ops.compose import composed, through, transposed
from srcad.ops.infer import shaped_like
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, general, helper, linear, nondiff
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of
from srcad.ops.trace import apply

_UPPER = arr(2, 4, low=0.2, high=0.9) + np.array([[0.0], [2.5]])


def _name(name: str) -> dict[str, Any]:
    return {"name": f"linalg.{name}", "path": "", "op": op_of("linalg", name)}


def _below(ab: Any, lower: Any) -> Any:
    """The matrix, of which what is above the diagonal is not read."""
    found = apply("triangle_of_bands", ab, lower)
    return found if lower else factor.dagger(found)


def cholesky_body(ab: Any, lower: Any = False, **options: Any) -> Any:
    """Its factor has no more diagonals; the corners of the storage that hold no element are handed on."""
    found = apply("np.linalg.cholesky", _below(ab, lower))
    corners = ab - apply("bands_of_triangle", apply("triangle_of_bands", ab, lower), ab, lower)
    return apply("bands_of_triangle", found if lower else factor.dagger(found), ab, lower) + corners


def solution_body(cb_and_lower: Any, b: Any, **options: Any) -> Any:
    """Two triangular systems."""
    bands, lower = cb_and_lower
    width = apply("len", bands) - 1
    if lower:
        first = apply("linalg.solve_banded", (width, 0), bands, b)
        return apply("linalg.solve_banded", (0, width), apply("banded_transpose", bands, width, 0), first)
    first = apply("linalg.solve_banded", (width, 0), apply("banded_transpose", bands, 0, width), b)
    return apply("linalg.solve_banded", (0, width), bands, first)


solution_vjp, solution_jvp = through(solution_body)


def values_body(a_band: Any, lower: Any = False, **options: Any) -> Any:
    """The eigenvalues alone."""
    return apply("np.linalg.eigvalsh", _below(a_band, lower))


def eigen_jvp(t: Any, y: Any, a_band: Any, lower: Any = False, eigvals_only: Any = False, **options: Any) -> Any:
    """As `eigh`, whose vectors may have other signs."""
    whole, move = _below(a_band, lower), _below(t[0], lower)
    return factor.eigvalsh_jvp((move,), y, whole) if eigvals_only else factor.eigh_jvp((move,), y, whole)


def _square(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """As many rows as columns are stored."""
    x = args[0]
    return Array(x.dtype, x.shape[1:] * 2) if isinstance(x, Array) else None


def _eigen_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    x = args[0]
    if not isinstance(x, Array) or x.dtype != "float64":
        return None
    values = Array("float64", x.shape[1:])
    return values if statics.get("eigvals_only", False) else Struct(tuple, (), (values, Array("float64", x.shape[1:] * 2)))


def rules(linalg: Any) -> tuple[Spellings, ...]:
    """The entries."""
    lower, first = _UPPER[::-1], shaped_like(0)
    sample = calls((_UPPER,), (lower, True))
    own: dict[str, Any] = {"arrays": 1, "statics": ("lower", "check_finite")}
    return (
        composed(linalg.cholesky_banded, cholesky_body, names=("ab",), infer=first, sample=calls((_UPPER,)), **own,
            **_name("cholesky_banded")),
        general(linalg.cho_solve_banded, vjp=solution_vjp, jvp=solution_jvp, names=("cb_and_lower", "b"), operands=2,
            statics=("check_finite",), sample=calls(((_UPPER, False), arr(4)), ((lower, True), arr(4, 2))), **_name("cho_solve_banded")),
        composed(linalg.eigvals_banded, values_body, names=("a_band", "lower"), arrays=1, statics=("check_finite",), sample=sample,
            **_name("eigvals_banded")),
        general(linalg.eig_banded, jvp=eigen_jvp, vjp=transposed(eigen_jvp), names=("a_band", "lower", "eigvals_only"), arrays=1,
            statics=("check_finite",), infer=_eigen_type, sample=calls((_UPPER,), (lower, True), (_UPPER, False, True)),
            **_name("eig_banded")),
        helper(runtime.triangle_of_bands, linear, names=("ab", "lower"), sample=calls((_UPPER, False), (lower, True)), infer=_square,
            transpose=lambda g, ab, lower: apply("bands_of_triangle", g, ab, lower)),
        helper(runtime.bands_of_triangle, linear, names=("m", "ab", "lower"), operands=2, infer=shaped_like(1),
            sample=calls((arr(4, 4), _UPPER, False), (arr(4, 4), lower, True)),
            transpose=lambda g, m, ab, lower: apply("triangle_of_bands", g, lower)),
        nondiff(linalg.bandwidth, infer=always(Struct(tuple, (), (INT, INT))), **_name("bandwidth")),
        *(nondiff(getattr(linalg, n), infer=always(BOOL), **_name(n)) for n in ("issymmetric", "ishermitian")),
    )  # fmt: skip
