"""Methods of ufuncs, `np.add.reduce` and its kin, and the cumulative functions that are spelled otherwise too."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ops.compose import composed
from srcad.ops.elementwise import LN2
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, general, helper, linear, step_helper
from srcad.ops.reduce import (
    cumsum_transpose,
    extremum_jvp,
    extremum_vjp,
    infer_reduction,
    keywords_of,
    prod_jvp,
    prod_vjp,
    stretched_result,
    sum_transpose,
)
from srcad.ops.samples import arr, calls
from srcad.ops.statistics import cumprod_jvp, cumprod_vjp
from srcad.ops.trace import apply, constant, o, rank, rank_known

REDUCE = ("array", "axis", "dtype", "out", "keepdims", "initial", "where")
ACCUMULATE = ("array", "axis", "dtype", "out")
_STARTED = ("initial", "where")


def along_first(rule: Any) -> Any:
    """A rule of a reduction for the method of a ufunc, which reduces along axis 0 unless it is told otherwise."""

    def method(g: Any, *given: Any, axis: Any = 0, **statics: Any) -> Any:
        return rule(g, *given, axis=axis, **{k: v for k, v in statics.items() if k != "dtype" or rule is sum_transpose})

    return method


def infer_first(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Any:
    """As for reductions, along axis 0 unless told otherwise."""
    return infer_reduction(spelling, args, params, operands, {"axis": 0, **statics})


def _shares(y: Any, x: Any, axis: Any, keepdims: Any, where: Any = None, **statics: Any) -> Any:
    """The weights of the softmax; what is left out has none."""
    x = x if where is None or where is True else apply("np.where", where, x, -np.inf)
    return o.exp(apply("log_ratio", x, stretched_result(y, x, axis, keepdims)))


def logsumexp_vjp(g: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False, **statics: Any) -> tuple[Any]:
    """The weights of the softmax."""
    return (_shares(y, x, axis, keepdims, **statics) * o.unreduce(g, x, axis, keepdims),)


def logsumexp_jvp(t: Any, y: Any, x: Any, axis: Any = 0, keepdims: Any = False, **statics: Any) -> Any:
    """The weights of the softmax."""
    return apply("np.sum", _shares(y, x, axis, keepdims, **statics) * t[0], **keywords_of(axis, keepdims))


def leader_vjp(g: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None) -> tuple[Any]:
    """Each running extremum is one element: the first that attained it."""
    return (apply("along_back", g, x, apply("leaders", x, y, axis), axis),)


def leader_jvp(t: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None) -> Any:
    """The tangent of the element that is the extremum so far."""
    return apply("np.take_along_axis", t[0], apply("leaders", x, y, axis), axis)


def outer_body(ufunc: str) -> Any:
    """Every element of one operand with every element of the other."""

    def body(a: Any, b: Any, dtype: Any = None) -> Any:
        count = rank(b)
        if count is None or rank(a) is None:
            raise NoRule(f"`{ufunc}.outer` of arrays of unknown rank has no rule", "give the names one rank on all paths")
        return apply(ufunc, a[(Ellipsis, *(None,) * count)] if count and rank(a) else a, b)

    return body


def by_rest(ufunc: str, reduction: str) -> Any:
    """The first element, from which (or by which) all others are taken: `np.subtract.reduce`, `np.divide.reduce`."""

    def body(x: Any, axis: Any = 0, dtype: Any = None, keepdims: Any = False) -> Any:
        before = (slice(None),) * (one_axis(x, axis, ufunc) % rank_known(x, ufunc))
        first = x[(*before, slice(0, 1))] if keepdims else x[(*before, 0)]
        return apply(ufunc, first, apply(reduction, x[(*before, slice(1, None))], **keywords_of(axis, keepdims)))

    return body


def by_rest_so_far(ufunc: str, reduction: str) -> Any:
    """As `by_rest`, of the elements up to each place."""

    def body(x: Any, axis: Any = 0, dtype: Any = None) -> Any:
        before = (slice(None),) * (one_axis(x, axis, ufunc) % rank_known(x, ufunc))
        first = x[(*before, slice(0, 1))]
        return apply("np.concatenate", [first, apply(ufunc, first, apply(reduction, x[(*before, slice(1, None))], axis))], axis)

    return body


def one_axis(x: Any, axis: Any, ufunc: str) -> int:
    """The axis of a method that takes one."""
    if type(axis) is not int:
        raise NoRule(f"a method of `{ufunc}` has a rule for one axis that is a literal", "write the axis as a literal")
    return axis


def powers_summed(x: Any, axis: Any = 0, dtype: Any = None, keepdims: Any = False, initial: Any = None, where: Any = None) -> Any:
    """`np.logaddexp2.reduce`, by the same for another base."""
    start = {} if initial is None else {"initial": initial * LN2}
    some = {} if where is None or where is True else {"where": where}
    if some and not start:
        start = {"initial": -np.inf}
    return apply("np.logaddexp.reduce", x * LN2, axis, keepdims=keepdims, **start, **some) / LN2


def powers_so_far(x: Any, axis: Any = 0, dtype: Any = None) -> Any:
    """`np.logaddexp.accumulate`: each sum from elements of its own size, so that small ones beside large ones are not lost."""
    last = apply("np.moveaxis", x, axis, -1)
    seen = constant(x, "np.tri", apply("np.size", last, -1))
    sums = apply("np.logaddexp.reduce", apply("np.where", seen != 0.0, last[..., None, :], -np.inf), -1)
    return apply("np.moveaxis", sums, -1, axis)


def length_vjp(g: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None, keepdims: Any = False) -> tuple[Any]:
    """`np.hypot.reduce`, the norm: the direction, 0 at the origin."""
    return (x * o.unreduce(apply("safe_ratio", g, y), x, axis, keepdims),)


def length_jvp(t: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None, keepdims: Any = False) -> Any:
    """Along the direction, 0 at the origin."""
    return apply("safe_ratio", apply("np.sum", x * t[0], **keywords_of(axis, keepdims)), y)


def length_so_far_vjp(g: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None) -> tuple[Any]:
    """`np.hypot.accumulate`: the norm of the elements up to each place."""
    return (x * cumsum_transpose(apply("safe_ratio", g, y), x, axis),)


def length_so_far_jvp(t: Any, y: Any, x: Any, axis: Any = 0, dtype: Any = None) -> Any:
    """Along the direction, 0 at the origin."""
    return apply("safe_ratio", apply("np.cumsum", x * t[0], axis), y)


# ---- runs of elements ------------------------------------------------------------------------------------------------


def run_leader_vjp(g: Any, y: Any, x: Any, indices: Any, axis: Any = 0, dtype: Any = None) -> tuple[Any, None]:
    """The extremum of each run is one element: the first that attains it."""
    return apply("along_back", g, x, apply("run_leaders", x, y, indices, axis), axis), None


def run_leader_jvp(t: Any, y: Any, x: Any, indices: Any, axis: Any = 0, dtype: Any = None) -> Any:
    """The tangent of the element that is the extremum of its run."""
    return apply("np.take_along_axis", t[0], apply("run_leaders", x, y, indices, axis), axis)


def by_runs(reduction: str, nothing: float) -> Any:
    """The reduction of each run, with what changes nothing in place of the elements of the others."""

    def body(x: Any, indices: Any, axis: Any = 0, dtype: Any = None) -> Any:
        last = apply("np.moveaxis", x, axis, -1)
        runs = apply("runs_of", indices, apply("np.size", x, axis))
        return apply("np.moveaxis", apply(reduction, apply("np.where", runs, last[..., None, :], nothing), -1), -1, axis)

    return body


def less_rest(x: Any, indices: Any, axis: Any = 0, dtype: Any = None) -> Any:
    """`np.subtract.reduceat`: the first of each run, and all others taken from it."""
    return 2.0 * apply("np.take", x, indices, axis) - apply("np.add.reduceat", x, indices, axis)


def by_rest_of_run(x: Any, indices: Any, axis: Any = 0, dtype: Any = None) -> Any:
    """`np.divide.reduceat`: the first of each run, divided by all others."""
    return apply("np.take", x, indices, axis) ** 2 / apply("np.multiply.reduceat", x, indices, axis)


def reduceat_back(c: Any, x: Any, indices: Any, axis: Any = 0, dtype: Any = None) -> Any:
    """Each element has the cotangent of the sums that it is part of."""
    return apply("reduceat_back", c, x, indices, axis)


def flat_cumulative(name: str, before: float) -> Any:
    """`np.cumulative_sum` and `np.cumulative_prod`."""

    def body(x: Any, axis: Any = None, dtype: Any = None, include_initial: Any = False) -> Any:
        along = 0 if axis is None else axis
        found = apply(name, x, along)
        if not include_initial:
            return found
        ndim = rank(x)
        if ndim is None:
            raise NoRule("a cumulative function of an array of unknown rank has no rule", "give the name one rank on all paths")
        edge = (slice(None),) * (along % ndim) + (slice(0, 1),)
        return apply("np.concatenate", [found[edge] * 0.0 + before, found], along)

    return body


def _method(ufunc: str, make: Any, **fields: Any) -> Spellings:
    path, (_, name, method) = f"np.{ufunc}", f"np.{ufunc}".split(".")
    found: Spellings = make(getattr(getattr(np, name), method), path=path, name=path, arrays=1, **fields)
    return found


def _reduced(name: str, vjp: Any, jvp: Any, *more: Any) -> Spellings:
    return _method(f"{name}.reduce", general, vjp=vjp, jvp=jvp, names=REDUCE, infer=infer_first, statics=_STARTED,
        sample=calls((arr(3),), (arr(2, 3),), (arr(2, 3), 1), Sample((arr(2, 3),), {"axis": -1, "keepdims": True}), *more))  # fmt: skip


_SOME = np.array([[True, False, True], [True, True, False]])
_MASK = Sample((arr(2, 3),), {"where": _SOME, "initial": 0.1, "axis": 1})
_BELOW = Sample((arr(2, 3),), {"where": _SOME, "initial": 0.4, "axis": 1})
_RUNNING: dict[str, Any] = {"names": ACCUMULATE, "infer": shaped_like(0)}
_LINES = ((arr(4),), (arr(3, 4),), (arr(3, 4), 1))
_CUMULATIVE = (Sample((arr(4),)), Sample((arr(2, 3),), {"axis": 1}), Sample((arr(2, 3),), {"axis": 0, "include_initial": True}))
_PAIRED = ("add", "subtract", "multiply", "divide", "power", "float_power", "maximum", "minimum", "fmax", "fmin", "hypot", "arctan2",
    "logaddexp", "logaddexp2", "remainder", "fmod", "copysign")  # fmt: skip
_P, _Q = arr(3, low=0.3), arr(2, 2, low=0.4, seed=1)
_ROWS = ((arr(3, low=0.3),), (arr(2, 3, low=0.3), 1), Sample((arr(3, 2, low=0.3),), {"axis": 0, "keepdims": True}))

_RUNS: dict[str, Any] = {"names": ("array", "indices", "axis", "dtype", "out"), "operands": 2,
    "sample": calls((arr(6), np.array([0, 2, 5])), (arr(6), [0, 4, 1, 5]), (arr(3, 4), np.array([0, 1]), 1), (arr(3, 4), np.array([1, 2])))}

RULES = (
    _method("add.reduce", linear, transpose=along_first(sum_transpose), names=REDUCE, infer=infer_first, statics=_STARTED,
        offsets=("initial",), sample=calls((arr(3),), (arr(2, 3),), (arr(2, 3), 1), (arr(2, 3), None), (arr(2, 3, 2), (0, 2)), _MASK)),
    _reduced("multiply", along_first(prod_vjp), along_first(prod_jvp), _MASK, (arr(2, 3), None)),
    _reduced("maximum", along_first(extremum_vjp), along_first(extremum_jvp), _MASK, (arr(2, 3), None)),
    _reduced("minimum", along_first(extremum_vjp), along_first(extremum_jvp), _BELOW, (arr(2, 3), None)),
    _reduced("fmax", along_first(extremum_vjp), along_first(extremum_jvp), _MASK),
    _reduced("fmin", along_first(extremum_vjp), along_first(extremum_jvp), _BELOW),
    _reduced("logaddexp", logsumexp_vjp, logsumexp_jvp, _MASK, Sample((arr(2, 3),), {"initial": 0.3})),
    _method("add.accumulate", linear, transpose=lambda g, x, axis=0, dtype=None: cumsum_transpose(g, x, axis), **_RUNNING,
        sample=calls(*_LINES)),
    _method("multiply.accumulate", general, vjp=lambda g, y, x, axis=0, dtype=None: cumprod_vjp(g, y, x, axis),
        jvp=lambda t, y, x, axis=0, dtype=None: cumprod_jvp(t, y, x, axis), **_RUNNING, sample=calls(*_LINES)),
    *(_method(f"{n}.accumulate", general, vjp=leader_vjp, jvp=leader_jvp, **_RUNNING, sample=calls(*_LINES))
        for n in ("maximum", "minimum", "fmax", "fmin")),
    *(_method(f"{n}.reduce", composed, body=by_rest(f"np.{n}", f"np.{r}"), names=REDUCE, infer=infer_first, sample=calls(*_ROWS))
        for n, r in (("subtract", "sum"), ("divide", "prod"))),
    *(_method(f"{n}.accumulate", composed, body=by_rest_so_far(f"np.{n}", f"np.{r}"), **_RUNNING, sample=calls(*_ROWS[:2]))
        for n, r in (("subtract", "cumsum"), ("divide", "cumprod"))),
    _method("logaddexp2.reduce", composed, body=powers_summed, names=REDUCE, infer=infer_first, statics=_STARTED,
        sample=calls(*_ROWS, _MASK)),
    _method("hypot.reduce", general, vjp=length_vjp, jvp=length_jvp, names=REDUCE, infer=infer_first, sample=calls(*_ROWS)),
    _method("hypot.accumulate", general, vjp=length_so_far_vjp, jvp=length_so_far_jvp, **_RUNNING, sample=calls(*_ROWS[:2])),
    _method("logaddexp.accumulate", composed, body=powers_so_far, **_RUNNING, sample=calls(*_ROWS[:2])),
    *(_method(f"{n}.outer", composed, body=outer_body(f"np.{n}"), names=("A", "B"), operands=2,
        sample=calls((_P, arr(2, low=0.5, seed=2)), (_Q, arr(3, low=0.6, seed=3)), (0.7, _P), (_P, 0.7))) for n in _PAIRED),
    _method("add.reduceat", linear, transpose=reduceat_back, **_RUNS),
    helper(runtime.reduceat_back, linear, names=("c", "x", "indices", "axis"), operands=3, infer=shaped_like(1),
        transpose=lambda g, c, x, indices, axis=0: apply("np.add.reduceat", g, indices, axis),
        sample=calls((arr(2), arr(4), np.array([0, 2]), 0))),
    *(_method(f"{n}.reduceat", general, vjp=run_leader_vjp, jvp=run_leader_jvp, **_RUNS) for n in ("maximum", "minimum", "fmax", "fmin")),
    *(_method(f"{n}.reduceat", composed, body=by_runs(f"np.{n}.reduce", nothing), **_RUNS)
        for n, nothing in (("multiply", 1.0), ("logaddexp", -np.inf))),
    _method("subtract.reduceat", composed, body=less_rest, **_RUNS), _method("divide.reduceat", composed, body=by_rest_of_run, **_RUNS),
    step_helper(runtime.leaders), step_helper(runtime.run_leaders), step_helper(runtime.runs_of),
    composed("np.cumulative_sum", flat_cumulative("np.cumsum", 0.0), arrays=1, statics=("axis", "dtype", "include_initial"),
        sample=calls(*_CUMULATIVE)),
    composed("np.cumulative_prod", flat_cumulative("np.cumprod", 1.0), arrays=1, statics=("axis", "dtype", "include_initial"),
        sample=calls(*_CUMULATIVE)),
)  # fmt: skip
