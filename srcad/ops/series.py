"""`numpy.polynomial`: series of powers and of orthogonal polynomials.

Values are linear in the coefficients, with the matrix that `polyvander` and its like give; derivatives and integrals of series are
matrices times coefficients.  The rest of the package is Python and is followed, but for what has templates here: they are followed in
place of the call.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import INT, UNKNOWN, Array
from srcad.marks import REFUSED
from srcad.ops.compose import composed, transposed
from srcad.ops.entry import Sample, function_op
from srcad.ops.infer import ANY
from srcad.ops.op import Spellings, general, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.solver import equal_to, solver
from srcad.ops.trace import apply, o, rank, rank_known
from srcad.runtime import significant

_FAMILIES = (
    ("poly", "polynomial"), ("cheb", "chebyshev"), ("leg", "legendre"), ("herm", "hermite"), ("herme", "hermite_e"), ("lag", "laguerre"),
)  # fmt: skip


# ---- values, derivatives and integrals ----------------------------------------------------------------------------------
def _value(val: str, der: str, vander: str) -> tuple[Any, Any]:
    """Both modes of `polyval(x, c)` and its like."""

    def jvp(t: Any, y: Any, x: Any, c: Any, tensor: Any = True) -> Any:
        first = None if t[1] is None else apply(val, x, t[1], tensor)
        second = None if t[0] is None else apply(val, x, apply(der, c), tensor) * t[0]
        return second if first is None else first if second is None else first + second

    def vjp(g: Any, y: Any, x: Any, c: Any, tensor: Any = True) -> tuple[Any, Any, None]:
        x_bar = o.unbroadcast(apply(val, x, apply(der, c), tensor) * g, x)
        highest = apply("shape_at", c, 0) - 1
        if rank_known(c, val) == 1:
            return x_bar, apply("np.ravel", g) @ apply(vander, apply("np.ravel", x), highest), None
        basis = apply(vander, x, highest)
        points, ends = rank_known(x, val), rank_known(g, val)
        if tensor is False:
            each = apply("np.moveaxis", basis, -1, 0)[(slice(None), *(None,) * (ends - points))] * g
            longer = ends + 1 - rank_known(c, val)
            each = apply("np.sum", each, axis=tuple(range(1, 1 + longer))) if longer > 0 else each
            return x_bar, o.unbroadcast(each, c), None
        if not points:
            return x_bar, apply("np.multiply.outer", apply("np.ravel", apply(vander, apply("np.ravel", x), highest)), g), None
        return x_bar, apply("np.tensordot", basis, g, (tuple(range(points)), tuple(range(ends - points, ends)))), None

    return vjp, jvp


def _basis(der: str) -> Any:
    """Forward mode of `polyvander(x, deg)` and its like: the derivative of each column is a sum of columns."""

    def jvp(t: Any, y: Any, x: Any, deg: Any) -> Any:
        return (y @ apply("series_slopes", der, apply("shape_at", y, -1))) * apply("np.atleast_1d", t[0])[..., None]

    return jvp


def _roots(val: str, der: str, vander: str) -> Any:
    """Forward mode of `polyroots` and its like: a root moves so that the series stays 0 there."""

    def jvp(t: Any, y: Any, c: Any) -> Any:
        return -(apply(vander, y, apply("np.size", c) - 1) @ t[0]) / apply(val, y, apply(der, c))

    return jvp


def _mapped(matrix: Any, c: Any, axis: Any) -> Any:
    """A matrix times the coefficients along an axis."""
    if rank(c) == 1:
        return matrix @ c
    return apply("np.moveaxis", apply("np.tensordot", matrix, c, (1, axis)), 0, axis)


def _derived(der: str) -> Any:
    def body(c: Any, m: Any = 1, scl: Any = 1, axis: Any = 0) -> Any:
        return _mapped(apply("series_matrix", der, apply("shape_at", c, axis), m, scl), c, axis)

    return body


def _integrated(integral: str) -> Any:
    def body(c: Any, m: Any = 1, k: Any = None, lbnd: Any = 0, scl: Any = 1, axis: Any = 0) -> Any:
        return _mapped(apply("series_matrix", integral, apply("shape_at", c, axis), m, scl, lbnd), c, axis)

    return body


def _family(short: str, module: str, package: Any) -> tuple[Spellings, ...]:
    """The rules of one kind of series."""
    home, where = getattr(package, module), f"np.polynomial.{module}"
    val, der, integral, vander, roots = (f"{where}.{short}{n}" for n in ("val", "der", "int", "vander", "roots"))

    def made(make: Any, path: str, **fields: Any) -> Spellings:
        found: Spellings = make(getattr(home, path.rpartition(".")[2]), path="", name=path, op=function_op(path), **fields)
        return found

    vjp, jvp = _value(val, der, vander)
    basis, moved = _basis(f"{short}der"), _roots(val, der, vander)
    return (
        made(general, val, vjp=vjp, jvp=jvp, names=("x", "c", "tensor"), operands=2, arrays=2, sample=calls(
            (0.7, arr(3)), (arr(3), arr(4)), (arr(2, 3), arr(3)), (arr(3), arr(4, 2)), (arr(2), arr(3, 2), False),
            (arr(2), arr(2, 3, 2), False), (arr(3, 2), arr(2, 2), False), (arr(2), arr(1)), (0.4, arr(3, 2)))),
        made(general, vander, jvp=basis, vjp=transposed(basis), names=("x", "deg"), arrays=1,
            sample=calls((arr(3), 2), (0.7, 3), (arr(2, 3), 2))),
        made(composed, der, body=_derived(f"{short}der"), names=("c", "m", "scl", "axis"), arrays=1,
            sample=calls((arr(4),), Sample((arr(5),), {"m": 2, "scl": 0.5}), (arr(3, 4), 1, 1, 1), (arr(3, 2),))),
        made(composed, integral, body=_integrated(f"{short}int"), names=("c", "m", "k", "lbnd", "scl", "axis"), arrays=1,
            sample=calls((arr(4),), Sample((arr(3),), {"m": 2, "k": [0.3, 0.7], "lbnd": 0.1, "scl": 2.0}),
                Sample((arr(3, 2),), {"axis": 1}), (arr(3, 2),))),
        made(general, roots, jvp=moved, vjp=transposed(moved), names=("c",), arrays=1, infer=lambda *_: UNKNOWN,
            sample=calls((np.array([-0.7, 0.4, 1.3, 0.6]),))),
        solver(getattr(home, f"{short}fit"), _fitted(getattr(home, f"{short}vander")), module=where),
        solver(getattr(home, f"{short}fromroots"), _from_roots if short == "poly" else _no_roots, module=where),
        solver(getattr(home, f"{short}val2d"), _at_pairs(getattr(home, f"{short}val")), module=where),
        solver(getattr(home, f"{short}val3d"), _at_triples(getattr(home, f"{short}val")), module=where),
    )  # fmt: skip


# ---- templates -------------------------------------------------------------------------------------------------------
def _fitted(vander: Callable[..., Any]) -> Callable[..., Any]:
    """`polyfit` and its like: a least-squares problem."""

    def fit(solve: Any, x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None) -> Any:
        if full or not isinstance(deg, (int, np.integer)):
            REFUSED("a fit of a series with `full`, or with a list of degrees, has no rule", "fit all degrees, and leave `full` out")

        def call(x: Any, y: Any, w: Any) -> Any:
            return solve(x=x, y=y, deg=deg, rcond=rcond, w=w, like="vector" if np.ndim(y) == 1 else "matrix"), ()

        def value(rest: Any, x: Any, y: Any, w: Any) -> Any:
            matrix, right = vander(np.asarray(x), deg), np.asarray(y)
            if w is not None:
                matrix, right = matrix * np.reshape(w, (-1, 1)), right * np.reshape(w, (-1,) + (1,) * (np.ndim(y) - 1))
            return np.linalg.lstsq(matrix, right, rcond=None)[0]

        return equal_to(call, value, (x, y, w))[0]

    return fit


def _trimmed(solve: Any, seq: Any) -> Any:
    """A series without the zeros behind its last coefficient that is none."""
    return seq[: significant(seq)]


def _as_series(solve: Any, alist: Any, trim: Any = True) -> Any:
    """New vectors of floats or complex numbers."""
    arrays = [np.atleast_1d(np.array(a)) * 1.0 for a in alist]
    return [a[: significant(a)] for a in arrays] if trim else arrays


def _whole(solve: Any, x: Any, desc: Any) -> Any:
    return x if isinstance(x, int) else solve(x=x, desc=desc)


def _from_roots(solve: Any, roots: Any) -> Any:
    def value(rest: Any, roots: Any) -> Any:
        found = np.ones(1)
        for root in np.sort(roots):
            found = np.concatenate((np.zeros(1), found)) - root * np.concatenate((found, np.zeros(1)))
        return found

    return equal_to(lambda roots: (solve(roots=roots, like="vector"), ()), value, (roots,))[0]


def _no_roots(solve: Any, roots: Any) -> Any:
    REFUSED("series of this kind from their roots have no rule", "use polyfromroots, or multiply the factors")


def _domain(solve: Any, x: Any) -> Any:
    """The least and the greatest of real points."""
    return np.array((np.min(x) * 1.0, np.max(x) * 1.0)) if np.isrealobj(x) else solve(x=x)


def _at_pairs(val: Callable[..., Any]) -> Callable[..., Any]:
    """`polyval2d` and its like."""

    def value(solve: Any, x: Any, y: Any, c: Any) -> Any:
        if np.shape(x) != np.shape(y):
            raise ValueError("x, y are incompatible")
        return val(np.asanyarray(y), val(np.asanyarray(x), c), tensor=False)

    return value


def _at_triples(val: Callable[..., Any]) -> Callable[..., Any]:
    """`polyval3d` and its like."""

    def value(solve: Any, x: Any, y: Any, z: Any, c: Any) -> Any:
        if not np.shape(x) == np.shape(y) == np.shape(z):
            raise ValueError("x, y, z are incompatible")
        return val(np.asanyarray(z), val(np.asanyarray(y), val(np.asanyarray(x), c), tensor=False), tensor=False)

    return value


def _combined(name: str) -> Callable[..., Any]:
    """`__add__` and its like, which give NotImplemented for what they cannot combine: errors are raised here."""

    def combine(solve: Any, self: Any, other: Any) -> Any:
        coef = getattr(self, name)(self.coef, self._get_coefficients(other))
        return self.__class__(coef, self.domain, self.window, self.symbol)

    return combine


def _combined_from_right(name: str) -> Callable[..., Any]:
    def combine(solve: Any, self: Any, other: Any) -> Any:
        return self.__class__(getattr(self, name)(other, self.coef), self.domain, self.window, self.symbol)

    return combine


def _divided(solve: Any, self: Any, other: Any) -> Any:
    quotient, rest = self._div(self.coef, self._get_coefficients(other))
    return (self.__class__(quotient, self.domain, self.window, self.symbol), self.__class__(rest, self.domain, self.window, self.symbol))


def rules(package: Any) -> tuple[Spellings, ...]:
    """`numpy.polynomial`."""
    utilities, base = "np.polynomial.polyutils", package._polybase.ABCPolyBase  # noqa: SLF001 -- the class of all classes of series
    tools = package.polyutils

    def method(name: str, template: Callable[..., Any]) -> Spellings:
        return solver(getattr(base, name), template, module="np.polynomial._polybase.ABCPolyBase", always=True)

    return (
        solver(tools.trimseq, _trimmed, module=utilities, always=True), solver(tools.as_series, _as_series, module=utilities, always=True),
        solver(tools._as_int, _whole, module=utilities, always=True),  # noqa: SLF001 -- all of the package calls it
        solver(tools.getdomain, _domain, module=utilities, always=True),
        *(method(f"__{n}__", _combined(f"_{n}")) for n in ("add", "sub", "mul")),
        *(method(f"__r{n}__", _combined_from_right(f"_{n}")) for n in ("add", "sub", "mul")), method("__divmod__", _divided),
        *(s for short, module in _FAMILIES for s in _family(short, module, package)),
    )  # fmt: skip


RULES = (
    step_helper(runtime.significant, infer=lambda *_: INT),
    step_helper(runtime.series_matrix, infer=lambda *_: Array("float64", (ANY, ANY))),
    step_helper(runtime.series_slopes, infer=lambda *_: Array("float64", (ANY, ANY))),
)
