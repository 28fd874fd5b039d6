"""Integrals of functions and flows of differential equations: `scipy.integrate`.

The derivative of an integral by a parameter is the integral of the derivative; by a limit it is the integrand there (Leibniz).
The derivative of a flow is that of Dormand and Prince's method of order 5, on steps that are small enough for a relative error of 1e-8.
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad import runtime
from srcad.custom import by_rule
from srcad.ir.types import Array
from srcad.marks import FIXED, LEAVES, LIKE, MOVES, PUBLIC, REFUSED, RESULT, SPREAD, TYPED
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.infer import ANY
from srcad.ops.op import Spellings, helper, nondiff
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of
from srcad.ops.solver import as_tuple, equal_to, flat_leaves, flat_matched, moved, pulled, solver
from srcad.ops.trace import apply, rank_known
from srcad.runtime import scale_of

_jvp = PUBLIC["jvp"]


# ---- quadrature ------------------------------------------------------------------------------------------------------
@by_rule
def integral(f: Any, args: Any, a: Any, b: Any, call: Any) -> Any:
    """The integral of `f(x, *args)` from a to b, and an estimate of its error: `call(f, args, a, b)`."""
    return call(f, args, a, b)


def _edge(f: Any, x: Any, args: Any) -> Any:
    """What an integral gains where a limit moves."""
    return f(x, *args) if math.isfinite(x) else 0.0


def _integral_jvp(primals: Any, tangents: Any) -> Any:
    f, args, a, b, call = primals
    f_dot, args_dot, a_dot, b_dot, _ = tangents
    value, error = integral(f, args, a, b, call)
    total = 0.0
    if len(LEAVES((f, args))) > 0:
        total, _ = integral(lambda x: moved(f, (x,), args, f_dot, (0.0,), args_dot), (), a, b, call)
    if b_dot is not None:
        total = total + b_dot * _edge(f, b, args)
    if a_dot is not None:
        total = total - a_dot * _edge(f, a, args)
    return (value, error), (total, None)


def _integral_fwd(f: Any, args: Any, a: Any, b: Any, call: Any) -> Any:
    value, error = integral(f, args, a, b, call)
    return (value, error), (f, args, a, b, call)


def _slope(f: Any, args: Any, k: Any, a: Any, b: Any, call: Any) -> Any:
    """The integral of the derivative by one of the numbers that the integrand depends on.

    It is taken times that number where that is above 1: so the absolute tolerance means the same as for the integral itself.
    """
    scale = scale_of(flat_leaves((f, args))[k])

    def slope(x: Any) -> Any:
        f_bar, _, args_bar = pulled(f, (x,), args, 1.0)
        return flat_matched((f_bar, args_bar), (f, args))[k] * scale

    return integral(slope, (), a, b, call)[0] / scale


def _integral_bwd(residuals: Any, bars: Any) -> Any:
    f, args, a, b, call = residuals
    f_bar, args_bar, a_bar, b_bar = None, None, None, None
    if len(LEAVES((f, args))) > 0:
        slopes = np.array([_slope(f, args, k, a, b, call) for k in range(np.size(flat_leaves((f, args))))])
        f_bar, args_bar = SPREAD(bars[0] * slopes, (f, args))
    if len(LEAVES(b)) > 0:
        b_bar = bars[0] * _edge(f, b, args)
    if len(LEAVES(a)) > 0:
        a_bar = -bars[0] * _edge(f, a, args)
    return f_bar, args_bar, a_bar, b_bar, None


integral.rules(_integral_jvp, _integral_fwd, _integral_bwd)


def _quad(solve: Any, func: Any, a: Any, b: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any, a: Any, b: Any) -> Any:
        value, error = solve(0.0, func=f, a=a, b=b, args=args, like=(0.0, 0.0))
        return value, error

    return integral(func, as_tuple(args), a, b, call)


# ---- quadrature of vectors -------------------------------------------------------------------------------------------
@by_rule
def vector_integral(f: Any, args: Any, a: Any, b: Any, call: Any) -> Any:
    """The integral of `f(x, *args)`, a number or an array, from a to b, and an estimate of its error: `call(f, args, a, b)`."""
    return call(f, args, a, b)


def _vector_edge(f: Any, x: Any, args: Any, value: Any) -> Any:
    """As `_edge`, in the shape of the integral."""
    return f(x, *args) if math.isfinite(x) else 0.0 * value


def _vector_integral_jvp(primals: Any, tangents: Any) -> Any:
    f, args, a, b, call = primals
    f_dot, args_dot, a_dot, b_dot, _ = tangents
    value, error = vector_integral(f, args, a, b, call)
    total = 0.0 * value
    if len(LEAVES((f, args))) > 0:
        total, _ = vector_integral(lambda x: moved(f, (x,), args, f_dot, (0.0,), args_dot), (), a, b, call)
    if b_dot is not None:
        total = total + b_dot * _vector_edge(f, b, args, value)
    if a_dot is not None:
        total = total - a_dot * _vector_edge(f, a, args, value)
    return (value, error), (total, None)


def _vector_integral_fwd(f: Any, args: Any, a: Any, b: Any, call: Any) -> Any:
    value, error = vector_integral(f, args, a, b, call)
    return (value, error), (f, args, a, b, call, value)


def _vector_integral_bwd(residuals: Any, bars: Any) -> Any:
    f, args, a, b, call, value = residuals
    f_bar, args_bar, a_bar, b_bar = None, None, None, None

    def slopes(x: Any) -> Any:
        f_bar, _, args_bar = pulled(f, (x,), args, bars[0])
        return flat_matched((f_bar, args_bar), (f, args))

    if len(LEAVES((f, args))) > 0:
        f_bar, args_bar = SPREAD(vector_integral(slopes, (), a, b, call)[0], (f, args))
    if len(LEAVES(b)) > 0:
        b_bar = np.sum(bars[0] * _vector_edge(f, b, args, value))
    if len(LEAVES(a)) > 0:
        a_bar = -np.sum(bars[0] * _vector_edge(f, a, args, value))
    return f_bar, args_bar, a_bar, b_bar, None


vector_integral.rules(_vector_integral_jvp, _vector_integral_fwd, _vector_integral_bwd)


def _quad_vec(solve: Any, f: Any, a: Any, b: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any, a: Any, b: Any) -> Any:
        value, error = solve(0.0, f=f, a=a, b=b, args=args, like=(LIKE(f, 0.0, *args), 0.0))
        return value, error

    return vector_integral(f, as_tuple(args), a, b, call)


# ---- quadrature in several variables ---------------------------------------------------------------------------------
_LIMITS = ("the limits of an integral over several variables have no derivative rule", "integrate over a scaled variable between constants")


@by_rule
def volume(f: Any, args: Any, count: Any, call: Any) -> Any:
    """The integral of `f(*xs, *args)` over so many variables, and an estimate of its error: `call(f, args)`."""
    return call(f, args)


def _of_points(count: Any, value: Any) -> Any:
    """A function of two or three numbers from one of a tuple."""
    if count == 2:
        return lambda y, x: value((y, x))
    return lambda z, y, x: value((z, y, x))


def _volume_jvp(primals: Any, tangents: Any) -> Any:
    f, args, count, call = primals
    f_dot, args_dot, _, _ = tangents
    value, error = volume(f, args, count, call)
    still = (0.0,) * count
    total, _ = volume(_of_points(count, lambda xs: moved(f, xs, args, f_dot, still, args_dot)), (), count, call)
    return (value, error), (total, None)


def _volume_fwd(f: Any, args: Any, count: Any, call: Any) -> Any:
    value, error = volume(f, args, count, call)
    return (value, error), (f, args, count, call)


def _volume_slope(f: Any, args: Any, k: Any, count: Any, call: Any) -> Any:
    """As `_slope`."""
    scale = scale_of(flat_leaves((f, args))[k])

    def slope(xs: Any) -> Any:
        f_bar, _, args_bar = pulled(f, xs, args, 1.0)
        return flat_matched((f_bar, args_bar), (f, args))[k] * scale

    return volume(_of_points(count, slope), (), count, call)[0] / scale


def _volume_bwd(residuals: Any, bars: Any) -> Any:
    f, args, count, call = residuals
    slopes = np.array([_volume_slope(f, args, k, count, call) for k in range(np.size(flat_leaves((f, args))))])
    f_bar, args_bar = SPREAD(bars[0] * slopes, (f, args))
    return f_bar, args_bar, None, None


volume.rules(_volume_jvp, _volume_fwd, _volume_bwd)


def _dblquad(solve: Any, func: Any, a: Any, b: Any, gfun: Any, hfun: Any, args: Any = ()) -> Any:
    FIXED((a, b, LEAVES((gfun, hfun))), *_LIMITS)

    def call(f: Any, args: Any) -> Any:
        value, error = solve(0.0, 0.0, func=f, a=a, b=b, gfun=gfun, hfun=hfun, args=args, like=(0.0, 0.0))
        return value, error

    return volume(func, as_tuple(args), 2, call)


def _tplquad(
    solve: Any, func: Any, a: Any, b: Any, gfun: Any, hfun: Any, qfun: Any, rfun: Any, args: Any = (),
) -> Any:  # fmt: skip
    FIXED((a, b, LEAVES((gfun, hfun, qfun, rfun))), *_LIMITS)

    def call(f: Any, args: Any) -> Any:
        given = {"gfun": gfun, "hfun": hfun, "qfun": qfun, "rfun": rfun}
        value, error = solve(0.0, 0.0, 0.0, func=f, a=a, b=b, **given, args=args, like=(0.0, 0.0))
        return value, error

    return volume(func, as_tuple(args), 3, call)


def _nquad(solve: Any, func: Any, ranges: Any, args: Any = ()) -> Any:
    FIXED(LEAVES(ranges), *_LIMITS)
    count = len(ranges)
    if count not in (2, 3):
        REFUSED("`integrate.nquad` has a rule for two and for three variables", "use quad for one, or keep the integrand constant")
    if not all(isinstance(r, (list, tuple, np.ndarray)) for r in ranges):
        REFUSED("`integrate.nquad` with limits that are functions has no rule", "use dblquad or tplquad")

    def call(f: Any, args: Any) -> Any:
        value, error = solve(*(0.0,) * count, func=f, ranges=ranges, args=args, like=(0.0, 0.0))
        return value, error

    return volume(func, as_tuple(args), count, call)


# ---- flows -----------------------------------------------------------------------------------------------------------
def _step(f: Any, t: Any, h: Any, y: Any, args: Any) -> Any:
    """One step of Dormand and Prince (1980, J. Comp. Appl. Math. 6), of order 5."""
    k1 = np.asarray(f(t, y, *args))
    k2 = np.asarray(f(t + 0.2 * h, y + h * (0.2 * k1), *args))
    k3 = np.asarray(f(t + 0.3 * h, y + h * (0.075 * k1 + 0.225 * k2), *args))
    k4 = np.asarray(f(t + 0.8 * h, y + h * (0.9777777777777777 * k1 - 3.7333333333333334 * k2 + 3.5555555555555554 * k3), *args))
    rise = 2.9525986892242035 * k1 - 11.595793324188385 * k2 + 9.822892851699436 * k3 - 0.2908093278463649 * k4
    k5 = np.asarray(f(t + 0.8888888888888888 * h, y + h * rise, *args))
    rise = 2.8462752525252526 * k1 - 10.757575757575758 * k2 + 8.906422717743473 * k3 + 0.2784090909090909 * k4 - 0.2735313036020583 * k5
    k6 = np.asarray(f(t + h, y + h * rise, *args))
    rise = 0.09114583333333333 * k1 + 0.44923629829290207 * k3 + 0.6510416666666666 * k4 - 0.322376179245283 * k5 + 0.13095238095238096 * k6
    return y + h * rise


def _steps(nodes: Any, times: Any) -> Any:
    """The ends of the steps with the times between them, in order, and where the times are."""
    ahead = nodes[-1] >= nodes[0]
    grid = np.unique(np.concatenate([nodes, times]))
    places = np.searchsorted(grid, times)
    return (grid, places) if ahead else (grid[::-1], len(grid) - 1 - places)


def _flow(steps: Any, f: Any, y0: Any, args: Any) -> Any:
    """The states at constant times, one per column."""
    grid, places = steps
    y = np.asarray(y0, dtype=float)
    states = [y]
    for t, h in zip(grid[:-1].tolist(), np.diff(grid).tolist()):  # noqa: B905 -- of one length
        y = _step(f, t, h, y, args)
        states.append(y)
    return np.stack(states, axis=-1)[:, places]


def _moving_steps(nodes: Any, times: Any) -> Any:
    """The ends of the steps by shares of the way from one time to the next: after which time, the share, and where the times are.

    Times that are equal keep a step of length 0 between them, since each may move by itself.
    """
    turn = 1.0 if times[-1] >= times[0] else -1.0
    ahead, ends = turn * times, turn * nodes
    inner = ends[(ends > ahead[0]) & (ends < ahead[-1]) & ~np.isin(ends, ahead)]
    before = np.searchsorted(ahead, inner, side="right") - 1
    shares = np.concatenate([np.zeros(len(ahead) - 1), [1.0], (inner - ahead[before]) / (ahead[before + 1] - ahead[before])])
    order = np.argsort(np.concatenate([ahead, inner]), kind="stable")
    starts = np.concatenate([np.arange(len(ahead) - 1), [len(ahead) - 2], before])
    return starts[order], shares[order], np.argsort(order)[: len(ahead)]


def _moving_flow(steps: Any, times: Any, f: Any, y0: Any, args: Any) -> Any:
    """The states at times that are differentiated, the first of which is that of `y0`: the steps between move with them."""
    before, shares, places = steps
    grid = times[before] + shares * (times[before + 1] - times[before])
    y = np.asarray(y0, dtype=float)
    states = [y]
    for n in range(len(shares) - 1):
        y = _step(f, grid[n], grid[n + 1] - grid[n], y, args)
        states.append(y)
    return np.stack(states, axis=-1)[:, places]


def _nodes(found: Any) -> Any:
    """The ends of the steps of a solution that is exact enough for derivatives."""
    if not found.success:
        raise ArithmeticError("a differential equation could not be solved to the accuracy that its derivative needs")
    return TYPED(found.t, "vector")


def _solve_ivp(
    solve: Any, fun: Any, t_span: Any, y0: Any, method: Any = "RK45", t_eval: Any = None, args: Any = None, rtol: Any = None,
    atol: Any = None,
) -> Any:  # fmt: skip
    extra, moves = args is not None, MOVES((t_span, t_eval))

    def call(f: Any, y0: Any, args: Any, t_span: Any, t_eval: Any) -> Any:
        start = np.asarray(y0, dtype=float)
        more = args if extra else None
        found = solve(0.0, start, fun=f, t_span=t_span, y0=y0, method=method, t_eval=t_eval, args=more, rtol=rtol, atol=atol)
        sharp = 1e-8 if rtol is None else np.minimum(rtol, 1e-8)
        small = 1e-9 if atol is None else 1e-3 * atol
        exact = solve(0.0, start, fun=f, t_span=t_span, y0=y0, method="RK45", t_eval=None, args=more, rtol=sharp, atol=small)
        t = _nodes(found) if moves else TYPED(found.t, "vector")
        steps = _moving_steps(_nodes(exact), _asked(t, t_span, t_eval)) if moves else _steps(_nodes(exact), t)
        return TYPED(found.y, "matrix"), (TYPED(found, dict), t, steps)

    def flow(rest: Any, f: Any, y0: Any, args: Any, t_span: Any, t_eval: Any) -> Any:
        _, t, steps = rest
        return _moving_flow(steps, _asked(t, t_span, t_eval), f, y0, args)[:, 1:] if moves else _flow(steps, f, y0, args)

    more, attributes = args if extra else (), ("success", "status", "message", "nfev", "njev", "nlu")
    if moves:
        y, (found, t, _) = equal_to(call, flow, (fun, y0, more, t_span, t_eval))
        return RESULT(found, {"y": y, "t": _asked(t, t_span, t_eval)[1:]}, attributes)
    y, (found, _, _) = equal_to(
        lambda f, y0, args: call(f, y0, args, t_span, t_eval), lambda rest, f, y0, args: flow(rest, f, y0, args, None, None),
        (fun, y0, more),
    )  # fmt: skip
    return RESULT(found, {"y": y}, ("t", *attributes))


def _asked(found: Any, t_span: Any, t_eval: Any) -> Any:
    """Where a solution starts, and the times of its states; without `t_eval` those between the ends are the solver's own, and constant."""
    if t_eval is None:
        return np.concatenate([[t_span[0], t_span[0]], found[1:-1], [t_span[1]]])
    return np.concatenate([[t_span[0]], t_eval])


def _odeint(solve: Any, func: Any, y0: Any, t: Any, args: Any = (), tfirst: Any = False) -> Any:
    from scipy.integrate import solve_ivp  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    def call(f: Any, y0: Any, args: Any, t: Any) -> Any:
        start = np.ravel(np.asarray(y0, dtype=float))
        if tfirst:
            states = solve(0.0, start, func=f, y0=y0, t=t, args=args, tfirst=tfirst, like="matrix")
            exact = solve_ivp(lambda t, y: f(t, y, *args), (t[0], t[-1]), start, rtol=1e-8, atol=1e-10)
        else:
            states = solve(start, 0.0, func=f, y0=y0, t=t, args=args, like="matrix")
            exact = solve_ivp(lambda t, y: f(y, t, *args), (t[0], t[-1]), start, rtol=1e-8, atol=1e-10)
        return states, (_moving_steps if moves else _steps)(_nodes(exact), np.asarray(t, dtype=float))

    def flow(steps: Any, f: Any, y0: Any, args: Any, t: Any) -> Any:
        rate = f if tfirst else lambda t, y, *args: f(y, t, *args)
        start = np.ravel(np.asarray(y0))
        return (_moving_flow(steps, np.asarray(t, dtype=float), rate, start, args) if moves else _flow(steps, rate, start, args)).T

    moves = MOVES(t)
    if moves:
        return equal_to(call, flow, (func, y0, args, t))[0]
    return equal_to(lambda f, y0, args: call(f, y0, args, t), lambda steps, f, y0, args: flow(steps, f, y0, args, t), (func, y0, args))[0]


def _running_simpson(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1, initial: Any = None) -> Any:
    """Linear in the values: a matrix along the axis."""
    matrix = apply("simpson_matrix", apply("shape_at", y, axis), x, dx, initial is not None)
    if rank_known(y, "cumulative_simpson") == 1:
        return y @ matrix
    return apply("np.moveaxis", apply("np.moveaxis", y, axis, -1) @ matrix, -1, axis)


def integrals(integrate: Any) -> tuple[Spellings, ...]:
    """`scipy.integrate`: integrals of functions, and differential equations."""
    return (
        solver(integrate.quad, _quad, module="integrate", options="epsabs epsrel limit points maxp1 limlst"),
        solver(integrate.quad_vec, _quad_vec, module="integrate", options="epsabs epsrel norm cache_size limit workers points quadrature"),
        composed(integrate.cumulative_simpson, _running_simpson, names=("y",), statics=("x", "dx", "axis", "initial"), arrays=1,
            name="integrate.cumulative_simpson", path="", op=op_of("integrate", "cumulative_simpson"), sample=calls(
                (arr(5),), Sample((arr(5),), {"x": np.array([0.0, 0.4, 1.1, 1.3, 2.0]), "initial": 0.0}),
                Sample((arr(3, 4),), {"dx": 0.3, "axis": 0}))),
        helper(runtime.simpson_matrix, nondiff, infer=lambda *_: Array("float64", (ANY, ANY))),
        solver(integrate.dblquad, _dblquad, module="integrate", options="epsabs epsrel"),
        solver(integrate.tplquad, _tplquad, module="integrate", options="epsabs epsrel"),
        solver(integrate.nquad, _nquad, module="integrate"),
        solver(integrate.solve_ivp, _solve_ivp, module="integrate", options="max_step first_step min_step jac lband uband jac_sparsity"),
        solver(integrate.odeint, _odeint, module="integrate",
            options="Dfun col_deriv ml mu rtol atol tcrit h0 hmax hmin ixpr mxstep mxhnil mxordn mxords printmessg"),
    )
