"""Rules for the distributions of `scipy.stats`: densities, distribution functions, their logarithms and inverses.

A distribution is given by the derivative of the logarithm of its standard density by the point (the score) and by each shape, and by the
derivative of its distribution function by each shape where that is known.  All methods follow, with location and scale.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ops import histograms, scipy_distributions, scipy_kernels, scipy_samples, scipy_tests
from srcad.marks import REFUSED
from srcad.ops.compose import composed, through
from srcad.ops.op import Spellings, elementwise, general, over
from srcad.ops.samples import arr, calls, values
from srcad.ops.scipy_moments import moments
from srcad.ops.scipy_words import UNIT, R, missing, of_reals, sp, unruled
from srcad.ops.solver import solver
from srcad.ops.special_shapes import beta_other_slope, beta_slope, f_other_slope, f_slope, gamma_slope, t_slope
from srcad.ops.trace import apply, constant, o, rank

Slope = Callable[..., Any]
INSIDE, WIDE = (0.55, 2.5), (0.6, 2.5)


@dataclass(frozen=True)
class Standard:
    """A distribution in standard form: `score(z, *shapes)`, and per shape `by_shape[k]` of the log-density and
    `cdf_by_shape[k](p, z, *shapes)` of the distribution function, p being the density; None where that is not known.
    `bounded`: zero density somewhere.  `integrated`: what `cdf_by_shape` gives is not in proportion to the density.
    """

    shapes: tuple[str, ...]
    score: Slope
    by_shape: tuple[Slope, ...] = ()
    cdf_by_shape: tuple[Slope | None, ...] = ()
    bounded: bool = False
    domain: tuple[tuple[float, float], ...] = (R,)
    integrated: bool = False


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
    "t": Standard(("df",), lambda z, df: -(df + 1.0) * z / (df + z * z), (_t_by_df,), (lambda p, z, df: t_slope(df, z, p),),
        domain=(R, WIDE), integrated=True),
    "gamma": Standard(("a",), lambda z, a: (a - 1.0) / z - 1.0, (lambda z, a: _log(z) - _psi(a),),
        (lambda p, z, a: gamma_slope(a, z),), True, (INSIDE, WIDE), integrated=True),
    "invgamma": Standard(("a",), lambda z, a: 1.0 / (z * z) - (a + 1.0) / z, (lambda z, a: -_log(z) - _psi(a),),
        (lambda p, z, a: -gamma_slope(a, 1.0 / z),), True, (INSIDE, WIDE), integrated=True),
    "chi2": Standard(("df",), lambda z, df: (0.5 * df - 1.0) / z - 0.5, (lambda z, df: 0.5 * (_log(0.5 * z) - _psi(0.5 * df)),),
        (lambda p, z, df: 0.5 * gamma_slope(0.5 * df, 0.5 * z),), True, (INSIDE, WIDE), integrated=True),
    "beta": Standard(("a", "b"), lambda z, a, b: (a - 1.0) / z - (b - 1.0) / (1.0 - z),
        (lambda z, a, b: _log(z) - _psi(a) + _psi(a + b), lambda z, a, b: apply("np.log1p", -z) - _psi(b) + _psi(a + b)),
        (lambda p, z, a, b: beta_slope(a, b, z),
            lambda p, z, a, b: beta_other_slope(a, b, z)), True, (UNIT, WIDE, WIDE), integrated=True),
    "lognorm": Standard(("s",), lambda z, s: -(1.0 + _log(z) / (s * s)) / z, (lambda z, s: (_log(z) * _log(z) / (s * s) - 1.0) / s,),
        (lambda p, z, s: -p * z * _log(z) / s,), True, (INSIDE, WIDE)),
    "weibull_min": Standard(("c",), lambda z, c: (c - 1.0) / z - c * apply("np.power", z, c - 1.0), (_weibull_by_shape,),
        (lambda p, z, c: p * z * _log(z) / c,), True, (INSIDE, WIDE)),
    "pareto": Standard(("b",), lambda z, b: -(b + 1.0) / z, (lambda z, b: 1.0 / b - _log(z),),
        (lambda p, z, b: p * z * _log(z) / b,), True, ((1.6, 3.0), WIDE)),
}  # fmt: skip


def _hazard(u: Any) -> Any:
    """The normal density divided by the distribution function."""
    return o.exp(-0.5 * u * u - 0.9189385332046727 - sp("log_ndtr", u))


def _bessel_ratio(x: Any) -> Any:
    return sp("i1e", x) / sp("i0e", x)


def _normal(u: Any) -> Any:
    return o.exp(-0.5 * u * u - 0.9189385332046727)


def _between(a: Any, b: Any) -> Any:
    """The probability between two points of a normal distribution, from the nearer tail."""
    return apply("np.where", a > 0.0, sp("ndtr", -a) - sp("ndtr", -b), sp("ndtr", b) - sp("ndtr", a))


def _f_score(z: Any, n: Any, m: Any) -> Any:
    return (0.5 * n - 1.0) / z - 0.5 * (n + m) * n / (m + n * z)


def _f_by_shape(z: Any, n: Any, m: Any, slope: Any, own: Any) -> Any:
    """`slope` is that of `m + n * z`, `own` the shape: the two enter alike but for that."""
    inside = m + n * z
    return 0.5 * (_log(own / inside) + 1.0 - (n + m) * slope / inside - _psi(0.5 * own) + _psi(0.5 * (n + m)))


def _gennorm_by_shape(z: Any, beta: Any) -> Any:
    size = apply("np.abs", z)
    return 1.0 / beta + _psi(1.0 / beta) / (beta * beta) - apply("np.power", size, beta) * _log(size)


def _gennorm_cdf_by_shape(p: Any, z: Any, beta: Any) -> Any:
    size = apply("np.abs", z)
    inner = gamma_slope(1.0 / beta, apply("np.power", size, beta))
    return p * sp("xlogy", z, size) / beta - 0.5 * apply("np.sign", z) * inner / (beta * beta)


def _invgauss_cdf_by_shape(z: Any, mu: Any) -> Any:
    """The other terms of it cancel."""
    return -2.0 / (mu * mu) * o.exp(2.0 / mu + sp("log_ndtr", -(z / mu + 1.0) / o.sqrt(z)))


def _pareto_by_shape(z: Any, c: Any) -> Any:
    """Of the generalised Pareto distribution, an exponential one at 0."""
    other = apply("np.where", c == 0.0, 1.0, c)
    found = apply("np.log1p", other * z) / (other * other) - (1.0 + 1.0 / other) * z / (1.0 + other * z)
    return apply("np.where", c == 0.0, 0.5 * z * z - z, found)


def _pareto_cdf_by_shape(p: Any, z: Any, c: Any) -> Any:
    """As above."""
    other = apply("np.where", c == 0.0, 1.0, c)
    found = (z * other - (1.0 + other * z) * apply("np.log1p", other * z)) / (other * other)
    return p * apply("np.where", c == 0.0, -0.5 * z * z, found)


def _exponnorm_by_shape(z: Any, k: Any) -> Any:
    return (z + _hazard(z - 1.0 / k)) / (k * k) - 1.0 / k - 1.0 / (k * k * k)


def _fisk_weight(z: Any, c: Any) -> Any:
    return 2.0 / (1.0 + apply("np.power", z, c))


FURTHER: dict[str, Standard] = {
    "hypsecant": Standard((), lambda z: -apply("np.tanh", z)),
    "levy": Standard((), lambda z: 0.5 / (z * z) - 1.5 / z, bounded=True, domain=(INSIDE,)),
    "arcsine": Standard((), lambda z: (z - 0.5) / (z * (1.0 - z)), bounded=True, domain=((0.35, 0.55),)),
    "semicircular": Standard((), lambda z: -z / (1.0 - z * z), bounded=True, domain=((-0.6, 0.5),)),
    "loggamma": Standard(("c",), lambda z, c: c - o.exp(z), (lambda z, c: z - _psi(c),),
        (lambda p, z, c: gamma_slope(c, o.exp(z)),), domain=(R, WIDE), integrated=True),
    "gennorm": Standard(("beta",), lambda z, beta: -beta * apply("np.sign", z) * apply("np.power", apply("np.abs", z), beta - 1.0),
        (_gennorm_by_shape,), (_gennorm_cdf_by_shape,), domain=(INSIDE, (1.2, 2.5)), integrated=True),
    "invgauss": Standard(("mu",), lambda z, mu: -1.5 / z - 0.5 * (1.0 / (mu * mu) - 1.0 / (z * z)),
        (lambda z, mu: (z / mu - 1.0) / (mu * mu),), (lambda p, z, mu: _invgauss_cdf_by_shape(z, mu),), True, (INSIDE, WIDE),
        integrated=True),
    "genpareto": Standard(("c",), lambda z, c: -(c + 1.0) / (1.0 + c * z), (_pareto_by_shape,), (_pareto_cdf_by_shape,), True,
        (INSIDE, (0.2, 0.9))),
    "powerlaw": Standard(("a",), lambda z, a: (a - 1.0) / z,
        (lambda z, a: 1.0 / a + _log(z),), (lambda p, z, a: p * z * _log(z) / a,), True,
        ((0.35, 0.55), WIDE)),
    "fisk": Standard(("c",), lambda z, c: (c * _fisk_weight(z, c) - c - 1.0) / z,
        (lambda z, c: 1.0 / c + _log(z) * (_fisk_weight(z, c) - 1.0),),
        (lambda p, z, c: p * z * _log(z) / c,), True, (INSIDE, WIDE)),
    "rice": Standard(("b",), lambda z, b: 1.0 / z - z + b * _bessel_ratio(z * b),
        (lambda z, b: z * _bessel_ratio(z * b) - b,), (lambda p, z, b: -p * _bessel_ratio(z * b),), True, (INSIDE, WIDE)),
    "nakagami": Standard(("nu",), lambda z, nu: (2.0 * nu - 1.0) / z - 2.0 * nu * z,
        (lambda z, nu: _log(nu) + 1.0 - _psi(nu) + 2.0 * _log(z) - z * z,),
        (lambda p, z, nu: gamma_slope(nu, nu * z * z) + 0.5 * p * z / nu,), True, (INSIDE, WIDE), integrated=True),
    "vonmises": Standard(("kappa",), lambda z, kappa: -kappa * apply("np.sin", z),
        (lambda z, kappa: o.cos(z) - _bessel_ratio(kappa),), (None,),
        domain=(R, WIDE)),
    "skewnorm": Standard(("a",), lambda z, a: a * _hazard(a * z) - z, (lambda z, a: z * _hazard(a * z),),
        (lambda p, z, a: -p * _hazard(a * z) / (1.0 + a * a),), domain=(R, WIDE)),
    "exponnorm": Standard(("K",), lambda z, k: _hazard(z - 1.0 / k) - 1.0 / k,
        (_exponnorm_by_shape,), (lambda p, z, k: -p * (1.0 + k * _exponnorm_by_shape(z, k)),), domain=(R, WIDE)),
    "f": Standard(("dfn", "dfd"), _f_score,
        (lambda z, n, m: _f_by_shape(z, n, m, z, n) + 0.5 * _log(z), lambda z, n, m: _f_by_shape(z, n, m, 1.0, m)),
        (lambda p, z, n, m: f_slope(n, m, z, p), lambda p, z, n, m: f_other_slope(n, m, z, p)), True,
        (INSIDE, WIDE, WIDE), integrated=True),
    "truncnorm": Standard(("a", "b"), lambda z, a, b: -z,
        (lambda z, a, b: _normal(a) / _between(a, b), lambda z, a, b: -_normal(b) / _between(a, b)),
        (lambda p, z, a, b: -p * o.exp(0.5 * (z * z - a * a)) * _between(z, b) / _between(a, b),
            lambda p, z, a, b: -p * o.exp(0.5 * (z * z - b * b)) * _between(a, z) / _between(a, b)),
        True, ((-0.3, 0.9), (-1.9, -1.2), (2.0, 2.6))),
}  # fmt: skip
"""Those that are less often used, tried by the tests on one sample each."""


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

    def by_integral(by: Slope) -> Slope:
        def partial(y: Any, x: Any, *rest: Any) -> Any:
            *shapes, loc, scale = rest
            p, z = scale * apply(f"stats.{name}.pdf", x, *rest), (x - loc) / scale
            found = sign * (by(p, apply("np.where", p > 0.0, z, 0.5), *shapes) if d.bounded else by(p, z, *shapes))
            found = apply("np.where", p > 0.0, found, 0.0) if d.bounded else found
            return over(found, o.exp(y)) if log else found

        return partial

    def by_density(by: Slope) -> Slope:
        return weighted(lambda p, z, s, scale: by(p * scale, z, *s))

    by_shape = by_integral if d.integrated else by_density
    shaped = [
        missing(f"scipy.stats.{name}", k + 1) if by is None else by_shape(by)
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


def _samples(d: Standard, method: str, brief: bool) -> Any:
    """Location and scale near 0 and 1, so that points stay inside; shapes whole where nothing is differentiated by them."""
    loc, scale = (-0.3, 0.1), (0.9, 1.2)
    if method in ("logpdf", "pdf"):
        ranges = (*d.domain, loc, scale)
        if brief:
            return calls(tuple(values((3,), *r, seed=k) for k, r in enumerate(ranges)))
        mixed = (values((2, 3), *ranges[0]), *(values((3,) if k % 2 else (), *r, seed=k) for k, r in enumerate(ranges[1:])))
        return calls(*(tuple(values(shape, *r, seed=k) for k, r in enumerate(ranges)) for shape in ((), (2, 3))), mixed)
    shapes = tuple(0.5 * sum(d.domain[1 + k]) if d.cdf_by_shape[k] else 2 + k for k in range(len(d.shapes)))
    low, high = UNIT if method in ("ppf", "isf") else d.domain[0]
    point = arr(3, low=low, high=high)
    one = () if brief else ((float(point[0]), *shapes, -0.1, 1.1),)
    return calls(*one, (point, *shapes, arr(3, low=-0.3, high=0.1), arr(3, low=0.9, high=1.2)))


def _continuous(stats: Any, name: str, d: Standard, brief: bool = False) -> list[Spellings]:
    names = ("x", *d.shapes, "loc", "scale")
    found = []
    for method in _METHODS:
        path = f"{name}.{method}"
        own = ("q", *names[1:]) if method in ("ppf", "isf") else names
        found.append(elementwise(getattr(getattr(stats, name), method), *_slopes(name, d, method), name=f"stats.{path}", path="",
            op=_op(path), names=own, defaults={"loc": 0, "scale": 1}, sample=_samples(d, method, brief)))  # fmt: skip
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

_BELOW: dict[str, tuple[Slope, Any]] = {
    "poisson": (lambda k, mu, loc: -apply("stats.poisson.pmf", k, mu, loc), _DISCRETE["poisson"][2]),
    "binom": (lambda k, n, p, loc: -n * apply("stats.binom.pmf", k, n - 1, p, loc), calls((2, 5, 0.4), (np.array([0, 2, 4]), 5, _CHANCES))),
    "bernoulli": (lambda k, p, loc: apply("np.where", k == loc, -1.0, 0.0), calls((0, 0.4), (np.array([0, 0, 0]), _CHANCES, 0))),
    "geom": (lambda k, p, loc: (k - loc) / p * apply("stats.geom.pmf", k, p, loc), _DISCRETE["geom"][2]),
    "nbinom": (lambda k, n, p, loc: (k - loc + n) / p * apply("stats.nbinom.pmf", k, n, p, loc), _DISCRETE["nbinom"][2]),
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

    return [*found, *(_cumulated(stats, n, m) for n in _BELOW for m in ("cdf", "sf", "logcdf", "logsf"))]


def _cumulated(stats: Any, name: str, method: str) -> Spellings:
    """A distribution function by its last parameter, 1 less it, or the logarithm of one of them."""
    slope, sample = _BELOW[name]

    def partial(y: Any, k: Any, *rest: Any) -> Any:
        found = slope(apply("np.floor", k), *rest)
        found = -found if method.endswith("sf") else found
        return apply("np.where", y > -np.inf, found / apply("np.exp", y), 0.0) if method.startswith("log") else found

    return _pmf(stats, name, method, _DISCRETE[name][0], partial, sample)


_NEGLIGIBLE = 1e6 * float(np.finfo(float).eps)
"""The bound below which `scipy.stats` takes an eigenvalue of a covariance for 0, as a share of the largest."""


def _matrix(mean: Any, cov: Any) -> Any:
    """A covariance that is given by its diagonal, or by one variance for all."""
    if cov is None or rank(cov) == 0:
        if mean is None or rank(mean) != 1:
            advice = "write the matrix out: variance * np.eye(n)"
            raise NoRule("`scipy.stats.multivariate_normal` with one variance has a rule where the mean is a vector", advice)
        unit = constant(mean, "np.eye", apply("np.size", mean))
        return unit if cov is None else cov * unit
    return cov if rank(cov) == 2 else apply("np.diag", cov)


def _gaussian(x: Any, mean: Any = None, cov: Any = None, allow_singular: Any = False) -> Any:
    """The logarithm of the density but for a constant; of the covariance the lower triangle is read."""
    whole, d = apply("mirrored", _matrix(mean, cov), True), x if mean is None else x - mean
    if allow_singular:  # as if the rank stayed: with 1 for the eigenvalues that are 0 the determinant is the product of the others
        inverse = apply("np.linalg.pinv", whole, hermitian=True, rcond=_NEGLIGIBLE)
        solved, whole = d @ inverse, whole + constant(whole, "np.eye", apply("np.size", whole, 0)) - whole @ inverse
    else:
        solved = apply("np.linalg.solve", whole, d) if rank(d) == 1 else apply("np.linalg.solve", whole, d.T).T
    found = -0.5 * (apply("np.sum", d * solved, axis=-1) + apply("np.linalg.slogdet", whole)[1])
    return found if rank(d) == 1 else apply("np.squeeze", found)  # as SciPy does


_GAUSSIAN_VJP, _GAUSSIAN_JVP = through(_gaussian)


def _multivariate(stats: Any) -> list[Spellings]:
    cov = np.array([[1.5, 0.3], [0.3, 0.8]])
    sample = calls((arr(2), arr(2, seed=1), cov), (arr(3, 2), arr(2, seed=1), cov),
        (arr(3, 2), arr(2, seed=1), 1.3), (arr(2), arr(2, seed=1)), (arr(2), arr(2, seed=1), arr(2, low=0.3)))
    fields: dict[str, Any] = {"names": ("x", "mean", "cov", "allow_singular"), "operands": 3, "arrays": 3, "path": ""}
    path, other = "multivariate_normal.logpdf", "multivariate_normal.pdf"

    def jvp(t: Any, y: Any, *given: Any, **options: Any) -> Any:
        return y * _GAUSSIAN_JVP(t, y, *given, **options)

    return [
        composed(stats.multivariate_normal.logpdf, _gaussian, name=f"stats.{path}", op=_op(path), sample=sample, **fields),
        general(stats.multivariate_normal.pdf, vjp=lambda g, y, *given, **options: _GAUSSIAN_VJP(g * y, y, *given, **options), jvp=jvp,
            name=f"stats.{other}", op=_op(other), sample=sample, **fields),
    ]  # fmt: skip


# ---- what has no rule -------------------------------------------------------------------------------------------------
_NO_RULE = "nobody has written the rule of this distribution yet"
_NO_MOMENT = "moments of distributions have no rules"
_WRITE_DENSITY = "write the density, or its logarithm, with NumPy and `scipy.special`, or add a rule of your own (srcad.rules)"
_WRITE_MOMENT = "write the moment as a function of the parameters"
_MOMENTS = ("entropy", "expect", "mean", "moment", "std", "var")


def _unruled(stats: Any) -> Iterator[Spellings]:
    """The methods of classes of distributions, which stand for all distributions that have no rule: refused with the reason."""
    for method in ("pmf", "logpmf", *_METHODS[2:], "__call__"):
        yield unruled(getattr(stats.rv_discrete, method), "stats", f"rv_discrete.{method}", _NO_RULE, _WRITE_DENSITY)
    for kind in ("rv_continuous", "rv_discrete"):
        yield unruled(getattr(stats, kind).expect, "stats", f"{kind}.expect", _NO_MOMENT, _WRITE_MOMENT)
    for method in set(_MOMENTS) - {"expect"}:
        yield unruled(getattr(stats.rv_continuous, method), "stats", f"rv_continuous.{method}", _NO_MOMENT, _WRITE_MOMENT)
    for method in ("cdf", "logcdf"):
        why = "its integral is estimated with random numbers"
        yield unruled(getattr(stats.multivariate_normal, method), "stats", f"multivariate_normal.{method}", why, "write an integral out")


# ---- frozen distributions --------------------------------------------------------------------------------------------
class Frozen:
    """A distribution with its parameters, as calling it gives one."""

    def __init__(self, dist: Any, args: Any, kwds: Any) -> None:
        self.dist = dist
        self.args = args
        self.kwds = kwds

    def __getattr__(self, name: str) -> Any:
        REFUSED("a frozen distribution has rules for densities, distribution functions and their inverses", "write the moment out")

    def mean(self) -> Any:  # noqa: D102 -- they are named as what they call
        return self.dist.mean(*self.args, **self.kwds)

    def median(self) -> Any:  # noqa: D102 -- as above
        return self.dist.median(*self.args, **self.kwds)

    def std(self) -> Any:  # noqa: D102 -- as above
        return self.dist.std(*self.args, **self.kwds)

    def var(self) -> Any:  # noqa: D102 -- as above
        return self.dist.var(*self.args, **self.kwds)

    def entropy(self) -> Any:  # noqa: D102 -- as above
        return self.dist.entropy(*self.args, **self.kwds)

    def logpdf(self, x: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.logpdf(x, *self.args, **self.kwds)

    def pdf(self, x: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.pdf(x, *self.args, **self.kwds)

    def cdf(self, x: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.cdf(x, *self.args, **self.kwds)

    def sf(self, x: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.sf(x, *self.args, **self.kwds)

    def logcdf(self, x: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.logcdf(x, *self.args, **self.kwds)

    def logsf(self, x: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.logsf(x, *self.args, **self.kwds)

    def ppf(self, q: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.ppf(q, *self.args, **self.kwds)

    def isf(self, q: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.isf(q, *self.args, **self.kwds)

    def pmf(self, k: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.pmf(k, *self.args, **self.kwds)

    def logpmf(self, k: Any) -> Any:  # noqa: D102 -- as above
        return self.dist.logpmf(k, *self.args, **self.kwds)


def _freeze(dist: Any, *args: Any, **kwds: Any) -> Any:
    return Frozen(dist, args, kwds)


def _frozen(stats: Any) -> Iterator[Spellings]:
    """The calls of the distributions themselves."""
    kinds = ((stats.rv_continuous, ("loc", "scale"), type(stats.norm())), (stats.rv_discrete, ("loc",), type(stats.poisson(1.0))))
    for kind, placed, made in kinds:
        for name, dist in vars(stats).items():
            if isinstance(dist, kind) and (kind is stats.rv_continuous or name in _DISCRETE):
                kept = (*(dist.shapes or "").replace(",", " ").split(), *placed)
                yield solver(dist, _freeze, module="stats", name=name, made=made, kept=kept)


def rules(stats: Any) -> tuple[Spellings, ...]:
    """The entries; the rules of `scipy.special` and `scipy.linalg` are there too, since the package imports both."""
    functions = (*(s for name, d in CONTINUOUS.items() for s in _continuous(stats, name, d)),
        *(s for name, d in FURTHER.items() for s in _continuous(stats, name, d, brief=True)), *_masses(stats), *_multivariate(stats),
        *moments(stats, CONTINUOUS | FURTHER), *scipy_samples.rules(stats), *scipy_tests.rules(stats))  # fmt: skip
    return (*map(of_reals, functions), *_frozen(stats), *scipy_distributions.followed(stats), *_unruled(stats), histograms.binned(stats),
        *scipy_kernels.rules(stats))

