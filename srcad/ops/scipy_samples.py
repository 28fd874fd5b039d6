"""Rules for `scipy.stats` of samples: means, moments, scores and entropies, each as an expression in other operations."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from srcad.errors import NoRule
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.op import Spellings
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of, sp
from srcad.ops.trace import apply, known_same_shape, literal, o, rank, type_at

Body = Callable[..., Any]


def _log(x: Any) -> Any:
    return apply("np.log", x)


def _mean(x: Any, axis: Any = 0, keepdims: Any = False, weights: Any = None) -> Any:
    """The mean, or with weights of the shape of `x` the weighted mean."""
    if weights is None:
        return apply("np.mean", x, axis=axis, keepdims=keepdims)
    if rank(weights) != rank(x):
        raise NoRule("a mean with weights of another rank than the sample's has no rule", "stretch them with np.broadcast_to")
    weights = apply("np.broadcast_to", weights, apply("np.shape", x))
    sums = {"axis": axis, "keepdims": keepdims}
    return apply("np.sum", weights * x, **sums) / apply("np.sum", weights, **sums)


def _gmean(a: Any, axis: Any = 0, weights: Any = None, keepdims: Any = False) -> Any:
    return o.exp(_mean(_log(a), axis, keepdims, weights))


def _hmean(a: Any, axis: Any = 0, weights: Any = None, keepdims: Any = False) -> Any:
    return 1.0 / _mean(1.0 / a, axis, keepdims, weights)


def _pmean(a: Any, p: Any, axis: Any = 0, weights: Any = None, keepdims: Any = False) -> Any:
    if not literal(p):
        raise NoRule("`scipy.stats.pmean` with a power that is only known at run time has no rule", "write the power as a literal")
    if p == 0:
        return _gmean(a, axis, weights, keepdims)
    return apply("np.power", _mean(apply("np.power", a, float(p)), axis, keepdims, weights), 1.0 / p)


def _std(a: Any, axis: Any, ddof: Any, keepdims: Any = False) -> Any:
    return apply("np.std", a, axis=axis, ddof=ddof, keepdims=keepdims)


def _tmean(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _mean(a, axis, keepdims)


def _tvar(a: Any, axis: Any = 0, ddof: Any = 1, keepdims: Any = False) -> Any:
    return apply("np.var", a, axis=axis, ddof=ddof, keepdims=keepdims)


def _tstd(a: Any, axis: Any = 0, ddof: Any = 1, keepdims: Any = False) -> Any:
    return _std(a, axis, ddof, keepdims)


def _sem(a: Any, axis: Any = 0, ddof: Any = 1, keepdims: Any = False) -> Any:
    return _std(a, axis, ddof, keepdims) / o.sqrt(o.count(a, axis) + 0.0)


def _central(a: Any, order: int, axis: Any, keepdims: Any, center: Any = None) -> Any:
    """The moment about the mean, or about `center`."""
    d = a - (_mean(a, axis, True) if center is None else center)
    return _mean(apply("np.power", d, order), axis, keepdims)


def _moment(a: Any, order: Any = 1, axis: Any = 0, center: Any = None, keepdims: Any = False) -> Any:
    if not literal(order) or not isinstance(order, int | float) or order < 0 or order != int(order):
        raise NoRule("`scipy.stats.moment` has a rule for one order, a literal", "ask for one moment at a time")
    return _central(a, int(order), axis, keepdims, center)


def _skew(a: Any, axis: Any = 0, bias: Any = True, keepdims: Any = False) -> Any:
    found = _central(a, 3, axis, keepdims) / apply("np.power", _central(a, 2, axis, keepdims), 1.5)
    if bias:
        return found
    n = o.count(a, axis) + 0.0
    return found * (o.sqrt(n * (n - 1.0)) / (n - 2.0))


def _kurtosis(a: Any, axis: Any = 0, fisher: Any = True, bias: Any = True, keepdims: Any = False) -> Any:
    found = _central(a, 4, axis, keepdims) / apply("np.power", _central(a, 2, axis, keepdims), 2)
    if bias:
        return found
    n = o.count(a, axis) + 0.0
    return found * ((n * n - 1.0) / ((n - 2.0) * (n - 3.0)))


def _variation(a: Any, axis: Any = 0, ddof: Any = 0, keepdims: Any = False) -> Any:
    return _std(a, axis, ddof, keepdims) / _mean(a, axis, keepdims)


def _zmap(scores: Any, compare: Any, axis: Any = 0, ddof: Any = 0) -> Any:
    return (scores - _mean(compare, axis, True)) / _std(compare, axis, ddof, True)


def _zscore(a: Any, axis: Any = 0, ddof: Any = 0) -> Any:
    return _zmap(a, a, axis, ddof)


def _gzscore(a: Any, axis: Any = 0, ddof: Any = 0) -> Any:
    return _zscore(_log(a), axis, ddof)


def _gstd(a: Any, axis: Any = 0, ddof: Any = 1, keepdims: Any = False) -> Any:
    return o.exp(_std(_log(a), axis, ddof, keepdims))


def _entropy(pk: Any, qk: Any = None, base: Any = None, axis: Any = 0, keepdims: Any = False) -> Any:
    sums = {"axis": axis, "keepdims": True}
    if qk is not None and not known_same_shape(pk, qk):
        both = apply("np.broadcast_arrays", pk, qk)
        pk, qk = both[0], both[1]
    p = pk / apply("np.sum", pk, **sums)
    each = sp("entr", p) if qk is None else sp("rel_entr", p, qk / apply("np.sum", qk, **sums))
    total = apply("np.sum", each, axis=axis, keepdims=keepdims)
    return total if base is None else total / _log(base)


def _deviation(x: Any, axis: Any = 0, scale: Any = 1.0, keepdims: Any = False) -> Any:
    """Half of a sample is nearer to its median."""
    away = apply("np.abs", x - apply("np.median", x, axis=axis, keepdims=True))
    normal = 0.6744897501960817
    return apply("np.median", away, axis=axis, keepdims=keepdims) / (normal if isinstance(scale, str) else scale)


def _iqr(x: Any, axis: Any = None, rng: Any = (25, 75), scale: Any = 1.0, keepdims: Any = False) -> Any:
    low, high = (apply("np.percentile", x, q, axis=axis, keepdims=keepdims) for q in rng)
    normal = 1.3489795003921634
    return (high - low) / (normal if isinstance(scale, str) else scale)


def _resultant(samples: Any, high: Any, low: Any, axis: Any, keepdims: Any) -> tuple[Any, Any]:
    """The mean of the points of a circle."""
    angles = (samples - low) * (2.0 * math.pi / (high - low))
    return _mean(o.cos(angles), axis, keepdims), _mean(o.sin(angles), axis, keepdims)


def _circmean(samples: Any, high: Any = 2.0 * math.pi, low: Any = 0, axis: Any = None, keepdims: Any = False) -> Any:
    x, y = _resultant(samples, high, low, axis, keepdims)
    return apply("np.arctan2", y, x) * ((high - low) / (2.0 * math.pi))


def _circvar(samples: Any, high: Any = 2.0 * math.pi, low: Any = 0, axis: Any = None, keepdims: Any = False) -> Any:
    return 1.0 - apply("np.hypot", *_resultant(samples, high, low, axis, keepdims))


def _circstd(
    samples: Any, high: Any = 2.0 * math.pi, low: Any = 0, axis: Any = None, normalize: Any = False, keepdims: Any = False
) -> Any:  # fmt: skip
    found = o.sqrt(-2.0 * _log(apply("np.hypot", *_resultant(samples, high, low, axis, keepdims))))
    return found if normalize else found * ((high - low) / (2.0 * math.pi))


def _boxcox_llf(lmb: Any, data: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    if getattr(type_at(lmb), "ndim", 0):
        raise NoRule("`scipy.stats.boxcox_llf` has a rule for one parameter", "ask for one parameter at a time")
    logs = apply("np.sum", _log(data), axis=axis, keepdims=keepdims)
    spread = _log(apply("np.var", sp("boxcox", data, lmb), axis=axis, keepdims=keepdims))
    return (lmb - 1.0) * logs - 0.5 * o.count(data, axis) * spread


def rules(stats: Any) -> tuple[Spellings, ...]:
    """The entries."""
    line, rows, other = arr(5, low=0.3, high=1.6), arr(4, 3, low=0.4, high=1.5, seed=1), arr(5, low=0.5, high=1.9, seed=2)

    def entry(name: str, body: Body, names: str, sample: Any, statics: str = "", operands: int = 1) -> Spellings:
        return composed(getattr(stats, name), body, name=f"stats.{name}", path="", op=op_of("stats", name), names=tuple(names.split()),
            statics=tuple(f"{statics} keepdims".split()), operands=operands, arrays=operands, sample=sample)  # fmt: skip

    plain = calls((line,), (rows,), (rows, 1), Sample((rows,), {"axis": None, "keepdims": True}))
    spreads = calls((line,), Sample((rows,), {"axis": 1, "ddof": 2}), Sample((rows,), {"axis": None}))
    weighted = calls((line,), (rows, 1), Sample((line,), {"weights": other}), Sample((rows,), {"axis": None, "weights": rows * rows}))
    unbiased = calls((line,), (rows, 0), Sample((line,), {"bias": False}), Sample((rows,), {"axis": None}))
    circles = calls((line,), Sample((rows,), {"axis": 0}), Sample((rows,), {"high": 5.0, "low": -1.0}))
    medians = calls((line,), Sample((rows[:, :2],), {"axis": 0}), Sample((line,), {"scale": "normal"}))
    return (
        entry("gmean", _gmean, "a axis", weighted, "weights"), entry("hmean", _hmean, "a axis", weighted, "weights"),
        entry("pmean", _pmean, "a p", calls((line, 3), (rows, -2), (line, 0), Sample((line, 2), {"weights": other})), "axis weights"),
        entry("tmean", _tmean, "a", calls((line,), Sample((rows,), {"axis": 0})), "axis"),
        entry("tvar", _tvar, "a", spreads, "axis ddof"), entry("tstd", _tstd, "a", spreads, "axis ddof"),
        entry("tsem", _sem, "a", spreads, "axis ddof"), entry("sem", _sem, "a axis ddof", spreads),
        entry("moment", _moment, "a order axis",
            calls((line, 3), (rows, 2), Sample((rows, 4), {"axis": 1, "center": 0.3})), "order center"),
        entry("skew", _skew, "a axis bias", unbiased), entry("kurtosis", _kurtosis, "a axis fisher bias", unbiased),
        entry("variation", _variation, "a axis", plain, "ddof"), entry("gstd", _gstd, "a axis ddof", spreads),
        entry("zscore", _zscore, "a axis ddof", calls((line,), (rows, 1, 1), Sample((rows,), {"axis": None}))),
        entry("gzscore", _gzscore, "a", calls((line,), Sample((rows,), {"axis": 1, "ddof": 1})), "axis ddof"),
        entry("zmap", _zmap, "scores compare axis ddof", calls((line, other), (arr(2, 3), rows, 0, 1)), operands=2),
        entry("entropy", _entropy, "pk qk base axis", calls((line,), (line, other), (rows, None, 2, 1)), operands=2),
        entry("median_abs_deviation", _deviation, "x axis", medians, "scale"),
        entry("iqr", _iqr, "x axis rng scale", calls((line,), (rows, 0, (20, 70)), Sample((line,), {"scale": "normal"}))),
        entry("circmean", _circmean, "samples high low axis", circles), entry("circvar", _circvar, "samples high low axis", circles),
        entry("circstd", _circstd, "samples high low axis", circles, "normalize"),
        entry("boxcox_llf", _boxcox_llf, "lmb data", calls((0.3, line), Sample((1.7, rows), {"axis": 1})), "axis", operands=2),
    )  # fmt: skip
