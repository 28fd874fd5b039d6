"""Rules for `scipy.special`, added to the table once a program uses it: srcad itself does not need SciPy."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ops.entry import Sample
from srcad.ops.op import Spellings, elementwise, general, over
from srcad.ops.reduce import infer_reduction, keywords_of
from srcad.ops.samples import arr, calls, domain
from srcad.ops.trace import apply, o

R, POSITIVE, UNIT = (-1.5, 1.5), (0.4, 2.5), (0.1, 0.9)
ROOT_PI = math.sqrt(math.pi)
ROOT_2PI = math.sqrt(2.0 * math.pi)


def _op(name: str) -> Op:
    return Op(f"special.{name}", f"special.{name}(*_)", ("scipy:special",), Effect.RAISES)


def sp(name: str, *args: Any) -> Any:
    """A function of `scipy.special`."""
    return apply(f"special.{name}", *args)


def psi_gap(a: Any, b: Any) -> Any:
    """The difference of two digammas."""
    return sp("psi", a) - sp("psi", b)


def logsumexp_vjp(g: Any, y: Any, a: Any, axis: Any = None, keepdims: Any = False, b: Any = None, return_sign: Any = False) -> tuple[Any]:
    """The weights of the softmax."""
    _plain(b, return_sign)
    return (o.exp(a - o.unreduce(y, a, axis, keepdims)) * o.unreduce(g, a, axis, keepdims),)


def logsumexp_jvp(t: Any, y: Any, a: Any, axis: Any = None, keepdims: Any = False, b: Any = None, return_sign: Any = False) -> Any:
    """The weights of the softmax."""
    _plain(b, return_sign)
    return apply("np.sum", o.exp(a - o.unreduce(y, a, axis, keepdims)) * t[0], **keywords_of(axis, keepdims))


def _plain(b: Any, return_sign: Any) -> None:
    if b is not None or return_sign:
        raise NoRule("`logsumexp` with `b` or `return_sign` has no rule", "write the weighted sum out")


def lambertw_slope(w: Any) -> Any:
    """The derivative of Lambert's function where its value is `w`."""
    return apply("np.exp", -w) / (1.0 + w)


def softmax_vjp(g: Any, y: Any, x: Any, axis: Any = None) -> tuple[Any]:
    """The cotangent less its weighted mean."""
    return (y * (g - _weighted(g, y, axis)),)


def softmax_jvp(t: Any, y: Any, x: Any, axis: Any = None) -> Any:
    """The tangent less its weighted mean."""
    return y * (t[0] - _weighted(t[0], y, axis))


def _weighted(v: Any, y: Any, axis: Any) -> Any:
    return apply("np.sum", v * y) if axis is None else apply("np.sum", v * y, axis=axis, keepdims=True)


_PARTIALS: dict[str, tuple[tuple[Callable[..., Any] | None, ...], Any]] = {
    "erf": ((lambda y, x: 2.0 / ROOT_PI * o.exp(-(x * x)),), domain(R)),
    "erfc": ((lambda y, x: -2.0 / ROOT_PI * o.exp(-(x * x)),), domain(R)),
    "erfinv": ((lambda y, x: ROOT_PI / 2.0 * o.exp(y * y),), domain(UNIT)),
    "erfcinv": ((lambda y, x: -ROOT_PI / 2.0 * o.exp(y * y),), domain(UNIT)),
    "erfcx": ((lambda y, x: 2.0 * x * y - 2.0 / ROOT_PI,), domain(R)),
    "gamma": ((lambda y, x: y * sp("psi", x),), domain(POSITIVE)),
    "gammaln": ((lambda y, x: sp("psi", x),), domain(POSITIVE)),
    "loggamma": ((lambda y, x: sp("psi", x),), domain(POSITIVE)),
    "rgamma": ((lambda y, x: -y * sp("psi", x),), domain(POSITIVE)),
    "psi": ((lambda y, x: sp("zeta", 2.0, x),), domain(POSITIVE)),
    "zeta": ((None, lambda y, s, q: -s * sp("zeta", s + 1.0, q)), calls((2.0, 1.3))),
    "beta": ((lambda y, a, b: y * psi_gap(a, a + b), lambda y, a, b: y * psi_gap(b, a + b)), domain(POSITIVE, POSITIVE)),
    "betaln": ((lambda y, a, b: psi_gap(a, a + b), lambda y, a, b: psi_gap(b, a + b)), domain(POSITIVE, POSITIVE)),
    "expit": ((lambda y, x: y * (1.0 - y),), domain(R)),
    "logit": ((lambda y, x: over(1.0, x * (1.0 - x)),), domain(UNIT)),
    "log_expit": ((lambda y, x: 1.0 - o.exp(y),), domain(R)),
    "xlogy": ((lambda y, x, v: apply("np.log", v), lambda y, x, v: over(x, v)), domain(POSITIVE, POSITIVE)),
    "xlog1py": ((lambda y, x, v: apply("np.log1p", v), lambda y, x, v: over(x, 1.0 + v)), domain(POSITIVE, POSITIVE)),
    "entr": ((lambda y, x: -apply("np.log", x) - 1.0,), domain(POSITIVE)),
    "rel_entr": ((lambda y, a, b: apply("np.log", a / b) + 1.0, lambda y, a, b: over(-a, b)), domain(POSITIVE, POSITIVE)),
    "kl_div": ((lambda y, a, b: apply("np.log", a / b), lambda y, a, b: 1.0 - a / b), domain(POSITIVE, POSITIVE)),
    "ndtr": ((lambda y, x: o.exp(-0.5 * (x * x)) / ROOT_2PI,), domain(R)),
    "log_ndtr": ((lambda y, x: o.exp(-0.5 * (x * x) - y) / ROOT_2PI,), domain(R)),
    "ndtri": ((lambda y, x: ROOT_2PI * o.exp(0.5 * (y * y)),), domain(UNIT)),
    "expm1": ((lambda y, x: y + 1.0,), domain(R)),
    "log1p": ((lambda y, x: over(1.0, 1.0 + x),), domain(POSITIVE)),
    "exp2": ((lambda y, x: math.log(2.0) * y,), domain(R)),
    "exp10": ((lambda y, x: math.log(10.0) * y,), domain(R)),
    "cbrt": ((lambda y, x: over(1.0, 3.0 * y * y),), domain(POSITIVE)),
    "i0": ((lambda y, x: sp("i1", x),), domain(POSITIVE)),
    "i1": ((lambda y, x: sp("i0", x) - y / x,), domain(POSITIVE)),
    "j0": ((lambda y, x: -sp("j1", x),), domain(POSITIVE)),
    "j1": ((lambda y, x: sp("j0", x) - y / x,), domain(POSITIVE)),
    "y0": ((lambda y, x: -sp("y1", x),), domain(POSITIVE)),
    "y1": ((lambda y, x: sp("y0", x) - y / x,), domain(POSITIVE)),
    "k0": ((lambda y, x: -sp("k1", x),), domain(POSITIVE)),
    "k1": ((lambda y, x: -sp("k0", x) - y / x,), domain(POSITIVE)),
    "jv": ((None, lambda y, v, x: 0.5 * (sp("jv", v - 1.0, x) - sp("jv", v + 1.0, x))), calls((1.0, 0.7))),
    "iv": ((None, lambda y, v, x: 0.5 * (sp("iv", v - 1.0, x) + sp("iv", v + 1.0, x))), calls((1.0, 0.7))),
    "gammainc": ((None, lambda y, a, x: o.exp((a - 1.0) * apply("np.log", x) - x - sp("gammaln", a))), calls((1.3, 0.7))),
    "gammaincc": ((None, lambda y, a, x: -o.exp((a - 1.0) * apply("np.log", x) - x - sp("gammaln", a))), calls((1.3, 0.7))),
}
"""Function -> partials and sample.  A partial that is None is unknown: that operand must be constant."""


def _elementwise(name: str, fn: Any) -> Spellings:
    partials, sample = _PARTIALS[name]

    def known(k: int, partial: Callable[..., Any] | None) -> Callable[..., Any]:
        def missing(*args: Any) -> Any:
            raise NoRule(f"`scipy.special.{name}` has no derivative with respect to argument {k + 1}", "keep that argument constant")

        return partial or missing

    rules = [known(k, p) for k, p in enumerate(partials)]
    return elementwise(fn, *rules, name=f"special.{name}", path="", op=_op(name), sample=sample, singular=True)


def rules(special: Any) -> tuple[Spellings, ...]:
    """The entries for the functions that the installed SciPy has."""
    found = [_elementwise(name, getattr(special, name)) for name in _PARTIALS if hasattr(special, name)]
    found.append(general(special.logsumexp, vjp=logsumexp_vjp, jvp=logsumexp_jvp, name="special.logsumexp", path="", op=_op("logsumexp"),
        names=("a", "axis", "b", "keepdims", "return_sign"), arrays=1, infer=infer_reduction,
        sample=calls((arr(4),), Sample((arr(2, 3),), {"axis": 1, "keepdims": True}))))  # fmt: skip
    found.append(general(special.softmax, vjp=softmax_vjp, jvp=softmax_jvp, name="special.softmax", path="", op=_op("softmax"),
        names=("x", "axis"), arrays=1, sample=calls((arr(4),), (arr(2, 3), 1))))  # fmt: skip
    found.append(general(special.lambertw, name="special.lambertw", path="", op=_op("lambertw"), names=("z", "k", "tol"), singular=True,
        vjp=lambda g, y, z, k=0, tol=1e-8: (g * lambertw_slope(y),), jvp=lambda t, y, z, k=0, tol=1e-8: t[0] * lambertw_slope(y),
        sample=calls((0.7 + 0.2j,), (arr(3, low=0.2) + 0.1j,))))  # fmt: skip
    return tuple(found)
