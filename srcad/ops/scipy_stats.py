"""Rules for the distributions of `scipy.stats`: densities, distribution functions, their logarithms and inverses.

A distribution is given by the derivative of the logarithm of its standard density by the point (the score) and by each shape, and by the
derivative of its distribution function by each shape where that is known.  All methods follow, with location and scale.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ops import scipy_samples
from srcad.ops.compose import composed
from srcad.ops.op import Spellings, elementwise
from srcad.ops.samples import arr, calls, values
from srcad.ops.scipy_words import UNIT, R, missing, sp
from srcad.ops.trace import apply, o, rank

Slope = Callable[..., Any]
INSIDE, WIDE = (0.55, 2.5), (0.6, 2.5)


@dataclass(frozen=True)
class Standard:
    """A distribution in standard form: `score(z, *shapes)`, and per shape `by_shape[k]` of the log-density and
    `cdf_by_shape[k](p, z, *shapes)` of the distribution function, p being the density; None where that has no closed form.
    `bounded`: zero density somewhere.
    """

    shapes: tuple[str, ...]
    score: Slope
    by_shape: tuple[Slope, ...] = ()
    cdf_by_shape: tuple[Slope | None, ...] = ()
    bounded: bool = False
    domain: tuple[tuple[float, float], ...] = (R,)


def _log(x: Any) -> Any:
    return apply("np.log", x)


def _psi(x: Any) -> Any:
    return sp("psi", x)


def _t_by_df(z: Any, df: Any) -> Any:
    inner = (df + 1.0) * z * z / (df * (df + z * z)) - 1.0 / df - apply("np.log1p", z * z / df)
    return 0.5 * (_psi(0.5 * (df + 1.0)) - _psi(0.5 * df) + inner)


def _weibull_by_shape(z: Any, c: Any) -> Any:
    return 1.0 / c + _log(z) * (1.0 - apply("np.power", z, c))


CONTINUOUS: dict[str, Standard] = {
    "norm": Standard((), lambda z: -z),
    "uniform": Standard((), lambda z: 0.0 * z, bounded=True, domain=((0.45, 0.6),)),
    "expon": Standard((), lambda z: 0.0 * z - 1.0, bounded=True, domain=(INSIDE,)),
    "laplace": Standard((), lambda z: -apply("np.sign", z)),
    "logistic": Standard((), lambda z: -apply("np.tanh", 0.5 * z)),
    "cauchy": Standard((), lambda z: -2.0 * z / (1.0 + z * z)),
    "gumbel_r": Standard((), lambda z: o.exp(-z) - 1.0),
    "gumbel_l": Standard((), lambda z: 1.0 - o.exp(z)),
    "halfnorm": Standard((), lambda z: -z, bounded=True, domain=(INSIDE,)),
    "halfcauchy": Standard((), lambda z: -2.0 * z / (1.0 + z * z), bounded=True, domain=(INSIDE,)),
    "rayleigh": Standard((), lambda z: 1.0 / z - z, bounded=True, domain=(INSIDE,)),
    "maxwell": Standard((), lambda z: 2.0 / z - z, bounded=True, domain=(INSIDE,)),
    "t": Standard(("df",), lambda z, df: -(df + 1.0) * z / (df + z * z), (_t_by_df,), (None,), domain=(R, WIDE)),
    "gamma": Standard(("a",), lambda z, a: (a - 1.0) / z - 1.0, (lambda z, a: _log(z) - _psi(a),), (None,), True, (INSIDE, WIDE)),
    "invgamma": Standard(("a",), lambda z, a: 1.0 / (z * z) - (a + 1.0) / z, (lambda z, a: -_log(z) - _psi(a),), (None,), True,
        (INSIDE, WIDE)),
    "chi2": Standard(("df",), lambda z, df: (0.5 * df - 1.0) / z - 0.5, (lambda z, df: 0.5 * (_log(0.5 * z) - _psi(0.5 * df)),), (None,),
        True, (INSIDE, WIDE)),
    "beta": Standard(("a", "b"), lambda z, a, b: (a - 1.0) / z - (b - 1.0) / (1.0 - z),
        (lambda z, a, b: _log(z) - _psi(a) + _psi(a + b), lambda z, a, b: apply("np.log1p", -z) - _psi(b) + _psi(a + b)), (None, None),
        True, (UNIT, WIDE, WIDE)),
    "lognorm": Standard(("s",), lambda z, s: -(1.0 + _log(z) / (s * s)) / z, (lambda z, s: (_log(z) * _log(z) / (s * s) - 1.0) / s,),
        (lambda p, z, s: -p * z * _log(z) / s,), True, (INSIDE, WIDE)),
    "weibull_min": Standard(("c",), lambda z, c: (c - 1.0) / z - c * apply("np.power", z, c - 1.0), (_weibull_by_shape,),
        (lambda p, z, c: p * z * _log(z) / c,), True, (INSIDE, WIDE)),
    "pareto": Standard(("b",), lambda z, b: -(b + 1.0) / z, (lambda z, b: 1.0 / b - _log(z),),
        (lambda p, z, b: p * z * _log(z) / b,), True, ((1.6, 3.0), WIDE)),
}  # fmt: skip


def _op(path: str) -> Op:
    return Op(f"stats.{path}", f"stats.{path}(*_)", ("scipy:stats",), Effect.RAISES)


def _density_slopes(d: Standard, log: bool) -> list[Slope]:
    """The partials of the density or of its logarithm, by the point, the shapes, location and scale."""

    def standard(which: Callable[[Any, Any, Any], Any]) -> Slope:
        def partial(y: Any, x: Any, *rest: Any) -> Any:
            *shapes, loc, scale = rest
            z = (x - loc) / scale
            if not d.bounded:
                found = which(z, shapes, scale)
            else:  # outside, any point inside stands for the point, so that nothing warns
                inside = y > (-np.inf if log else 0.0)
                found = apply("np.where", inside, which(apply("np.where", inside, z, 0.5), shapes, scale), 0.0)
            return found if log else y * found

        return partial

    return [
        standard(lambda z, s, scale: d.score(z, *s) / scale),
        *(standard(lambda z, s, scale, by=by: by(z, *s)) for by in d.by_shape),  # type: ignore[misc]
        standard(lambda z, s, scale: -d.score(z, *s) / scale),
        standard(lambda z, s, scale: -(1.0 + z * d.score(z, *s)) / scale),
    ]


def _probability_slopes(name: str, d: Standard, sign: float, log: bool) -> list[Slope]:
    """The partials of the distribution function (or of 1 less it, or of the logarithms), whose derivative is the density."""

    def weighted(which: Callable[[Any, Any, Any, Any], Any]) -> Slope:
        def partial(y: Any, x: Any, *rest: Any) -> Any:
            *shapes, loc, scale = rest
            p = o.exp(apply(f"stats.{name}.logpdf", x, *rest) - y) if log else apply(f"stats.{name}.pdf", x, *rest)
            return sign * which(p, (x - loc) / scale, shapes, scale)

        return partial

    shaped = [
        missing(f"scipy.stats.{name}", k + 1) if by is None else weighted(lambda p, z, s, scale, by=by: by(p * scale, z, *s))  # type: ignore[misc]
        for k, by in enumerate(d.cdf_by_shape)
    ]
    return [weighted(lambda p, z, s, scale: p), *shaped, weighted(lambda p, z, s, scale: -p), weighted(lambda p, z, s, scale: -z * p)]


def _inverse_slopes(name: str, d: Standard, sign: float) -> list[Slope]:
    """The partials of the inverse of the distribution function, or of 1 less it."""

    def at(which: Callable[[Any, Any, Any, Any], Any]) -> Slope:
        def partial(y: Any, q: Any, *rest: Any) -> Any:
            *shapes, loc, scale = rest
            return which(apply(f"stats.{name}.pdf", y, *rest), (y - loc) / scale, shapes, scale)

        return partial

    shaped = [
        missing(f"scipy.stats.{name}", k + 1) if by is None else at(lambda p, z, s, scale, by=by: -by(p * scale, z, *s) / p)  # type: ignore[misc]
        for k, by in enumerate(d.cdf_by_shape)
    ]
    return [at(lambda p, z, s, scale: sign / p), *shaped, lambda y, q, *rest: 1.0, at(lambda p, z, s, scale: z)]


_METHODS = ("logpdf", "pdf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf")


def _slopes(name: str, d: Standard, method: str) -> list[Slope]:
    match method:
        case "logpdf" | "pdf":
            return _density_slopes(d, method == "logpdf")
        case "ppf" | "isf":
            return _inverse_slopes(name, d, 1.0 if method == "ppf" else -1.0)
    return _probability_slopes(name, d, 1.0 if method.endswith("cdf") else -1.0, method.startswith("log"))


def _samples(d: Standard, method: str) -> Any:
    """Location and scale near 0 and 1, so that points stay inside; shapes whole where nothing is differentiated by them."""
    loc, scale = (-0.3, 0.1), (0.9, 1.2)
    if method in ("logpdf", "pdf"):
        ranges = (*d.domain, loc, scale)
        mixed = (values((2, 3), *ranges[0]), *(values((3,) if k % 2 else (), *r, seed=k) for k, r in enumerate(ranges[1:])))
        return calls(*(tuple(values(shape, *r, seed=k) for k, r in enumerate(ranges)) for shape in ((), (2, 3))), mixed)
    shapes = tuple(1.3 + 0.4 * k if d.cdf_by_shape[k] else 2 + k for k in range(len(d.shapes)))
    low, high = UNIT if method in ("ppf", "isf") else d.domain[0]
    point = arr(3, low=low, high=high)
    return calls((float(point[0]), *shapes, -0.1, 1.1), (point, *shapes, arr(3, low=-0.3, high=0.1), arr(3, low=0.9, high=1.2)))


def _continuous(stats: Any, name: str, d: Standard) -> list[Spellings]:
    names = ("x", *d.shapes, "loc", "scale")
    found = []
    for method in _METHODS:
        path = f"{name}.{method}"
        own = ("q", *names[1:]) if method in ("ppf", "isf") else names
        found.append(elementwise(getattr(getattr(stats, name), method), *_slopes(name, d, method), name=f"stats.{path}", path="",
            op=_op(path), names=own, defaults={"loc": 0, "scale": 1}, sample=_samples(d, method)))  # fmt: skip
    return found


def _pmf(stats: Any, name: str, method: str, names: tuple[str, ...], slope: Slope, sample: Any) -> Spellings:
    """A discrete distribution by its last parameter."""
    path, at = f"{name}.{method}", len(names) - 1
    partials = [missing(f"scipy.stats.{path}", k) for k in range(at)]
    own = (*names, "loc")
    partials += [slope, missing(f"scipy.stats.{path}", at + 1)]
    return elementwise(getattr(getattr(stats, name), method), *partials, name=f"stats.{path}", path="",
        op=_op(path), names=own, defaults={"loc": 0}, sample=sample)  # fmt: skip


_RATES, _CHANCES = arr(3, low=0.5, high=3.0), arr(3, low=0.2, high=0.8)
_DISCRETE: dict[str, tuple[tuple[str, ...], Slope, Any]] = {
    "poisson": (("k", "mu"), lambda k, mu: k / mu - 1.0, calls((2, 1.3), (np.array([0, 2, 5]), _RATES))),
    "binom": (("k", "n", "p"), lambda k, n, p: k / p - (n - k) / (1.0 - p), calls((2, 5, 0.4), (np.array([0, 2, 5]), 5, _CHANCES))),
    "bernoulli": (("k", "p"), lambda k, p: k / p - (1.0 - k) / (1.0 - p), calls((1, 0.4), (np.array([0, 1, 1]), _CHANCES))),
    "geom": (("k", "p"), lambda k, p: 1.0 / p - (k - 1.0) / (1.0 - p), calls((2, 0.4), (np.array([1, 2, 5]), _CHANCES))),
    "nbinom": (("k", "n", "p"), lambda k, n, p: n / p - k / (1.0 - p), calls((2, 5, 0.4), (np.array([0, 2, 5]), 5, _CHANCES))),
}


def _masses(stats: Any) -> list[Spellings]:
    found = []
    for name, (names, score, sample) in _DISCRETE.items():

        def logarithm(y: Any, k: Any, *rest: Any, score: Slope = score) -> Any:
            *parameters, loc = rest
            return apply("np.where", y > -np.inf, score(k - loc, *parameters), 0.0)

        def mass(y: Any, k: Any, *rest: Any, score: Slope = score) -> Any:
            *parameters, loc = rest
            return y * score(k - loc, *parameters)

        found += [_pmf(stats, name, "logpmf", names, logarithm, sample), _pmf(stats, name, "pmf", names, mass, sample)]

    def below(y: Any, k: Any, mu: Any, loc: Any) -> Any:
        return -apply("stats.poisson.pmf", apply("np.floor", k), mu, loc)

    def fewer(y: Any, k: Any, n: Any, p: Any, loc: Any) -> Any:
        return -n * apply("stats.binom.pmf", apply("np.floor", k), n - 1, p, loc)

    few = calls((2, 5, 0.4), (np.array([0, 2, 4]), 5, _CHANCES))
    found.append(_pmf(stats, "poisson", "cdf", ("k", "mu"), below, _DISCRETE["poisson"][2]))
    return [*found, _pmf(stats, "binom", "cdf", ("k", "n", "p"), fewer, few)]


def _gaussian(x: Any, mean: Any, cov: Any) -> Any:
    """The logarithm of the density but for a constant; of the covariance the lower triangle is read."""
    if rank(cov) != 2:
        advice = "write the matrix out: variance * np.eye(n)"
        raise NoRule("`scipy.stats.multivariate_normal` has a rule for covariance matrices only", advice)
    whole = apply("mirrored", cov, True)
    d = x - mean
    solved = apply("np.linalg.solve", whole, d) if rank(d) == 1 else apply("np.linalg.solve", whole, d.T).T
    return -0.5 * (apply("np.sum", d * solved, axis=-1) + apply("np.linalg.slogdet", whole)[1])


def _multivariate(stats: Any) -> list[Spellings]:
    cov = np.array([[1.5, 0.3], [0.3, 0.8]])
    sample = calls((arr(2), arr(2, seed=1), cov), (arr(3, 2), arr(2, seed=1), cov))
    path = "multivariate_normal.logpdf"
    return [composed(stats.multivariate_normal.logpdf, _gaussian, name=f"stats.{path}", path="", op=_op(path), names=("x", "mean", "cov"),
        operands=3, arrays=3, sample=sample)]  # fmt: skip


def rules(stats: Any) -> tuple[Spellings, ...]:
    """The entries; the rules of `scipy.special` and `scipy.linalg` are there too, since the package imports both."""
    return (*(s for name, d in CONTINUOUS.items() for s in _continuous(stats, name, d)), *_masses(stats), *_multivariate(stats),
        *scipy_samples.rules(stats))  # fmt: skip
