"""Rules for the tests of `scipy.stats`: statistics, and p-values where the distribution function has a derivative.

The statistics of ranks are steps.
"""
from __future__ import annotations

from typing import Any

from srcad.errors import NoRule
from srcad.ir.types import Array, NpScalar, Struct, Type
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.op import Spellings
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of, sp, stepped
from srcad.ops.trace import apply, o, rank

_TINY = 1e-20  # `scipy.stats.linregress` keeps the slope of perfect data finite with it


def _of_t(t: Any, df: Any, alternative: Any) -> Any:
    """The p-value of Student's distribution."""
    match alternative:
        case "two-sided":
            return 2.0 * sp("stdtr", df, -apply("np.abs", t))
        case "less":
            return sp("stdtr", df, t)
        case "greater":
            return sp("stdtr", df, -t)
    raise NoRule("a test whose alternative is only known at run time has no rule", "write the alternative as a literal")


def _mean(x: Any, axis: Any) -> Any:
    return apply("np.mean", x, axis=axis)


def _variance(x: Any, axis: Any) -> Any:
    return apply("np.var", x, axis=axis, ddof=1)


def _one_sample(a: Any, popmean: Any, axis: Any = 0, alternative: Any = "two-sided") -> Any:
    """The mean in units of its standard error."""
    n = o.count(a, axis)
    t = (_mean(a, axis) - popmean) / o.sqrt(_variance(a, axis) / n)
    return t, _of_t(t, n - 1.0, alternative)


def _paired(a: Any, b: Any, axis: Any = 0, alternative: Any = "two-sided") -> Any:
    return _one_sample(a - b, 0.0, axis, alternative)


def _two_samples(a: Any, b: Any, axis: Any = 0, equal_var: Any = True, alternative: Any = "two-sided") -> Any:
    """The difference of the means in units of its standard error; Welch's if the variances differ."""
    n, m = o.count(a, axis) + 0.0, o.count(b, axis) + 0.0
    va, vb = _variance(a, axis), _variance(b, axis)
    difference = _mean(a, axis) - _mean(b, axis)
    if equal_var is True:
        df = n + m - 2.0
        t = difference / o.sqrt(((n - 1.0) * va + (m - 1.0) * vb) / df * (1.0 / n + 1.0 / m))
        return t, _of_t(t, df, alternative)
    wa, wb = va / n, vb / m
    t = difference / o.sqrt(wa + wb)
    return t, _of_t(t, (wa + wb) * (wa + wb) / (wa * wa / (n - 1.0) + wb * wb / (m - 1.0)), alternative)


def _correlation(x: Any, y: Any, alternative: Any = "two-sided") -> Any:
    """Pearson's, with the p-value of a beta distribution of half the size on both sides."""
    if rank(x) != 1 or rank(y) != 1:
        raise NoRule("`scipy.stats.pearsonr` has a rule for vectors", "take row by row")
    dx, dy = x - apply("np.mean", x), y - apply("np.mean", y)
    r = apply("np.dot", dx, dy) / o.sqrt(apply("np.dot", dx, dx) * apply("np.dot", dy, dy))
    half = 0.5 * apply("np.size", x) - 1.0
    match alternative:
        case "two-sided":
            return r, 2.0 * sp("betainc", half, half, 0.5 * (1.0 - apply("np.abs", r)))
        case "less":
            return r, sp("betainc", half, half, 0.5 * (1.0 + r))
        case "greater":
            return r, sp("betainc", half, half, 0.5 * (1.0 - r))
    raise NoRule("a test whose alternative is only known at run time has no rule", "write the alternative as a literal")


def _line(x: Any, y: Any, alternative: Any = "two-sided") -> Any:
    """The straight line of least squares."""
    dx, dy = x - apply("np.mean", x), y - apply("np.mean", y)
    xx, xy, yy = apply("np.dot", dx, dx), apply("np.dot", dx, dy), apply("np.dot", dy, dy)
    r, slope, df = xy / o.sqrt(xx * yy), xy / xx, apply("np.size", x) - 2.0
    t = r * o.sqrt(df / ((1.0 - r + _TINY) * (1.0 + r + _TINY)))
    error = o.sqrt((1.0 - r * r) * yy / xx / df)
    return slope, apply("np.mean", y) - slope * apply("np.mean", x), r, _of_t(t, df, alternative), error


def _between_groups(*samples: Any, axis: Any = 0) -> Any:
    """The variance of the means of groups by that inside of groups."""
    if any(rank(s) != 1 for s in samples):
        raise NoRule("`scipy.stats.f_oneway` has a rule for vectors", "take row by row")
    whole = apply("np.concatenate", list(samples))
    total = apply("np.mean", whole)
    means = [apply("np.mean", s) for s in samples]
    apart = sum(o.count(s) * (m - total) * (m - total) for s, m in zip(samples, means, strict=True))
    inside = sum(apply("np.sum", apply("np.square", s - m)) for s, m in zip(samples, means, strict=True))
    groups, rest = len(samples) - 1.0, o.count(whole) - float(len(samples))
    f = (apart / groups) / (inside / rest)
    return f, sp("fdtrc", groups, rest, f)


def _chi_square(f_obs: Any, f_exp: Any = None, ddof: Any = 0, axis: Any = 0) -> Any:
    """The squares of what differs from what is expected, by that."""
    expected = apply("np.mean", f_obs, axis=axis, keepdims=True) if f_exp is None else f_exp
    d = f_obs - expected
    total = apply("np.sum", d * d / expected, axis=axis)
    return total, sp("chdtrc", o.count(f_obs, axis) - 1.0 - ddof, total)


def _normality(x: Any, axis: Any = None) -> Any:
    """Of skewness and kurtosis (Jarque and Bera); its distribution is an exponential one."""
    skew, kurtosis = apply("stats.skew", x, axis), apply("stats.kurtosis", x, axis)
    found = o.count(x, axis) / 6.0 * (skew * skew + 0.25 * kurtosis * kurtosis)
    return found, o.exp(-0.5 * found)


_RANKS = "spearmanr kendalltau weightedtau mannwhitneyu ranksums wilcoxon kruskal friedmanchisquare rankdata"


def rules(stats: Any) -> tuple[Spellings, ...]:
    """The entries."""

    def made(name: str, body: Any, names: tuple[str, ...], samples: Any, operands: int = 2, **fields: Any) -> Spellings:
        fn = getattr(stats, name)
        return composed(fn, body, name=f"stats.{name}", path="", op=op_of("stats", name), names=names, operands=operands, arrays=operands,
            sample=samples, infer=_result(fn, *samples()[0].args), **fields)  # fmt: skip

    a, b = arr(6, low=0.4), arr(6, low=0.4, seed=1)
    t: dict[str, Any] = {"statics": ("alternative",)}
    sides = tuple(Sample((a, 0.3), {"alternative": s}) for s in ("two-sided", "less", "greater"))
    return (
        made("ttest_1samp", _one_sample, ("a", "popmean", "axis"), calls(*sides, (arr(4, 3), 0.2)), **t),
        made("ttest_rel", _paired, ("a", "b", "axis"), calls((a, b), (arr(4, 3), arr(4, 3, seed=1), 1)), **t),
        made("ttest_ind", _two_samples, ("a", "b"), calls((a, arr(4, seed=2)), Sample((arr(4, 3), arr(3, 3, seed=1)), {"axis": 0})),
            statics=("axis", "equal_var", "alternative")),
        made("pearsonr", _correlation, ("x", "y"), calls(*(Sample((a, b), s.params) for s in sides)), **t),
        made("linregress", _line, ("x", "y", "alternative"), calls((a, b))),
        composed(stats.f_oneway, _between_groups, name="stats.f_oneway", path="", op=op_of("stats", "f_oneway"), names=("*xs",),
            sample=calls((a, arr(4, seed=2)), (a, b, arr(4, seed=2)))),
        made("chisquare", _chi_square, ("f_obs", "f_exp", "ddof", "axis"), calls((a,))),
        made("jarque_bera", _normality, ("x",), calls((a,)), operands=1, statics=("axis",)),
        *(stepped(getattr(stats, n), "stats", n) for n in _RANKS.split()),
    )  # fmt: skip


def _result(fn: Any, *example: Any) -> Any:
    """An `infer` for the class of the result of vectors of float64."""
    found = fn(*example)
    made = Struct(type(found), tuple(found._fields), (NpScalar("float64"),) * len(found))

    def infer(spelling: Any, args: Any, params: Any, given: Any, statics: Any) -> Type | None:
        whole = isinstance(args[0], Array) and args[0].dtype == "float64" and args[0].ndim == 1
        return made if whole and statics.get("axis", 0) in (0, None, -1) else None

    return infer
