"""Distributions of `scipy.stats` that have no rule of their own: SciPy computes the value, and the derivative is that of the source.

A distribution is written in Python in standard form, `_logpdf(z, *shapes)` and its like; the public method masks what is outside the
support, shifts and scales.  Templates say the same of points inside, so that each distribution whose standard form can be followed has
derivatives by all that it is given.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcad.custom import by_rule
from srcad.marks import CONSTANT, EACH, FIXED, LIKE, MOVES, PUBLIC, TYPED
from srcad.ops.op import Spellings
from srcad.ops.solver import equal_to, solver

_jvp, _vjp = PUBLIC["jvp"], PUBLIC["vjp"]


def _parameters(dist: Any, args: Any, kwds: Any) -> Any:
    """The shapes of a distribution, its location and its scale, from the arguments behind the point."""
    names = (dist.shapes or "").replace(",", " ").split()
    placed, count = len(args), len(names)
    shapes = (*args[:count], *EACH(lambda name: kwds[name], names[placed:]))
    loc = args[count] if placed > count else kwds.get("loc", 0.0)
    return shapes, loc, args[count + 1] if placed > count + 1 else kwds.get("scale", 1.0)


def _alike(*given: Any) -> Any:
    """What a method of a distribution gives for such arguments, an example of its type."""
    return np.add(np.broadcast_arrays(*given)[0], np.float64(0.0))


def _where(inside: Any, standard: Any, given: Any) -> Any:
    """`standard(*given)` at the points `inside`, which it is given as vectors, and 0 elsewhere."""
    shape = np.shape(inside)
    found = np.zeros(shape)
    found[inside] = standard(*EACH(lambda g: np.broadcast_to(g, shape)[inside], given))
    return found if np.ndim(inside) > 0 else found[()]


def _held(given: Any, moves: Any) -> Any:
    """Values with those constant that do not move, though rules give all of them."""
    return EACH(lambda g, moves: g if moves else CONSTANT(g), given, moves)


def _method(public: Any, inside: Any, standard: Any, dist: Any, x: Any, args: Any, kwds: Any) -> Any:
    """A method of a distribution that has no rule: `public(x, *shapes, loc, scale)`, which is `standard(x, loc, scale, *shapes)` where
    it is `inside`.
    """
    shapes, loc, scale = _parameters(dist, args, kwds)
    inputs = EACH(lambda g: np.asarray(g) if isinstance(g, list) else g, (x, loc, scale, *shapes))
    moves = EACH(MOVES, inputs)

    def call(x: Any, loc: Any, scale: Any, *shapes: Any) -> Any:
        value = TYPED(public(x, *shapes, loc=loc, scale=scale), LIKE(_alike, x, loc, scale, *shapes))
        return value, inside(value)

    def expression(inside: Any, *given: Any) -> Any:
        return _where(inside, standard, _held(given, moves))

    return equal_to(call, expression, inputs)[0]


def _logpdf(method: Any, dist: Any, x: Any, *args: Any, **kwds: Any) -> Any:
    def standard(x: Any, loc: Any, scale: Any, *shapes: Any) -> Any:
        return dist._logpdf((x - loc) / scale, *shapes) - np.log(scale)

    return _method(dist.logpdf, np.isfinite, standard, dist, x, args, kwds)


def _pdf(method: Any, dist: Any, x: Any, *args: Any, **kwds: Any) -> Any:
    def standard(x: Any, loc: Any, scale: Any, *shapes: Any) -> Any:
        return dist._pdf((x - loc) / scale, *shapes) / scale

    return _method(dist.pdf, lambda value: value > 0.0, standard, dist, x, args, kwds)


def _probability(name: str) -> Callable[..., Any]:
    """The template of a distribution function, of one less it, or of a logarithm of these."""

    def template(method: Any, dist: Any, x: Any, *args: Any, **kwds: Any) -> Any:
        def standard(x: Any, loc: Any, scale: Any, *shapes: Any) -> Any:
            return getattr(dist, "_" + name)((x - loc) / scale, *shapes)

        def inside(value: Any) -> Any:
            return (value > -np.inf) & (value < 0.0) if name.startswith("log") else (value > 0.0) & (value < 1.0)

        return _method(getattr(dist, name), inside, standard, dist, x, args, kwds)

    return template


def _quantile(name: str) -> Callable[..., Any]:
    """The template of the inverse of the distribution function, or of one less it."""

    def template(method: Any, dist: Any, q: Any, *args: Any, **kwds: Any) -> Any:
        def standard(q: Any, loc: Any, scale: Any, *shapes: Any) -> Any:
            return getattr(dist, "_" + name)(q, *shapes) * scale + loc

        return _method(getattr(dist, name), np.isfinite, standard, dist, q, args, kwds)

    return template


# ---- what SciPy integrates, or looks for -------------------------------------------------------------------------------
@by_rule
def probability(dist: Any, z: Any, shapes: Any) -> Any:
    """The distribution function in standard form, as SciPy integrates the density: its derivative is the density."""
    return TYPED(dist._cdf(CONSTANT(z), *shapes), z)


def _probability_jvp(primals: Any, tangents: Any) -> Any:
    dist, z, shapes = primals
    return probability(dist, z, shapes), dist._pdf(z, *shapes) * tangents[1]


def _probability_fwd(dist: Any, z: Any, shapes: Any) -> Any:
    return probability(dist, z, shapes), (dist, z, shapes)


def _probability_bwd(residuals: Any, bar: Any) -> Any:
    dist, z, shapes = residuals
    return None, bar * dist._pdf(z, *shapes), None


probability.rules(_probability_jvp, _probability_fwd, _probability_bwd)


@by_rule
def quantile(dist: Any, parts: Any, moved: Any, q: Any, shapes: Any) -> Any:
    """The inverse of the distribution function in standard form, as SciPy looks for it.

    `parts(shapes)` are the shapes with those constant that are; `moved` says whether any of them is differentiated.
    """
    return TYPED(dist._ppf(CONSTANT(q), *EACH(CONSTANT, shapes)), LIKE(_alike, q, *shapes))


def _quantile_jvp(primals: Any, tangents: Any) -> Any:
    dist, parts, moved, q, shapes = primals
    q_dot, shapes_dot = tangents[3:]
    z = quantile(dist, parts, moved, q, shapes)
    change = 0.0 if q_dot is None else q_dot
    if moved:
        change = change - _jvp(lambda *given: dist._cdf(z, *parts(given)), shapes, shapes_dot)[1]
    return z, change / dist._pdf(z, *shapes)


def _quantile_fwd(dist: Any, parts: Any, moved: Any, q: Any, shapes: Any) -> Any:
    z = quantile(dist, parts, moved, q, shapes)
    return z, (dist, parts, moved, shapes, z)


def _quantile_bwd(residuals: Any, bar: Any) -> Any:
    dist, parts, moved, shapes, z = residuals
    weight = bar / dist._pdf(z, *shapes)
    shapes_bar = None
    if moved:
        shapes_bar = _vjp(lambda *given: dist._cdf(z, *parts(given)), *shapes)[1](-weight)
    return None, None, None, weight, shapes_bar


quantile.rules(_quantile_jvp, _quantile_fwd, _quantile_bwd)


def _looked_for(method: Any, dist: Any, q: Any, *shapes: Any) -> Any:
    moves = EACH(MOVES, shapes)
    return quantile(dist, lambda given: _held(given, moves), any(moves), q, shapes)


def _integrated(method: Any, dist: Any, z: Any, *shapes: Any) -> Any:
    for shape in shapes:
        FIXED(shape, "a distribution function that SciPy integrates has no derivative by its shapes",
            "write it with NumPy and `scipy.special`, or keep the shapes constant")  # fmt: skip
    return probability(dist, z, shapes)


def _log_cdf(method: Any, dist: Any, z: Any, *shapes: Any) -> Any:
    return np.log(dist._cdf(z, *shapes))


def _log_sf(method: Any, dist: Any, z: Any, *shapes: Any) -> Any:
    return np.log(dist._sf(z, *shapes))


_TEMPLATES: dict[str, Callable[..., Any]] = {
    "logpdf": _logpdf, "pdf": _pdf, **{name: _probability(name) for name in ("cdf", "sf", "logcdf", "logsf")},
    "ppf": _quantile("ppf"), "isf": _quantile("isf"),
    "_cdf": _integrated, "_ppf": _looked_for, "_logcdf": _log_cdf, "_logsf": _log_sf,
}  # fmt: skip
"""By the method of `scipy.stats.rv_continuous`; those in standard form stand for the class's own, which most distributions replace."""


def _apply_where(solve: Any, cond: Any, args: Any, f1: Any, f2: Any = None, fill_value: Any = None, xp: Any = None) -> Any:
    """SciPy's inner word for a function that is one of two: each is given the elements that it is for, as vectors."""
    given = args if isinstance(args, tuple) else (args,)
    shape = np.shape(np.broadcast_arrays(cond, *given)[0])
    inside = np.broadcast_to(cond, shape)
    first = f1(*EACH(lambda g: np.broadcast_to(g, shape)[inside], given))
    if f2 is None:
        found = np.full(shape, fill_value, dtype=np.result_type(first, fill_value))
    else:
        second = f2(*EACH(lambda g: np.broadcast_to(g, shape)[~inside], given))
        found = np.empty(shape, dtype=np.result_type(first, second))
        found[~inside] = second
    found[inside] = first
    return found


def followed(stats: Any) -> Iterator[Spellings]:
    """The methods of the class of continuous distributions, which stand for all that have no rule, and what their source calls."""
    for name, template in _TEMPLATES.items():
        yield solver(getattr(stats.rv_continuous, name), template, module="stats", name=f"rv_continuous.{name}")
    extra: Any = getattr(stats._distn_infrastructure, "xpx", None)  # not in SciPy before 1.16
    if hasattr(extra, "apply_where"):
        yield solver(extra.apply_where, _apply_where, module=extra.__name__.removeprefix("scipy."), name="apply_where")
