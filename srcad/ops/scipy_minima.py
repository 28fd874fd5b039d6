"""Minima: `scipy.optimize`.

A minimum solves `grad f(x, p) = 0` by implicit differentiation.  Where a bound holds an element of it, that element moves with the bound.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.marks import ARITY, CONSTANT, ITEMS, PUBLIC, REFUSED, RESULT, TYPED
from srcad.ops.op import Spellings
from srcad.ops.scipy_constraints import handed, listed, pressed
from srcad.ops.scipy_roots import FOUND, floats, solution, vector
from srcad.ops.solver import as_tuple, equal_to, solver

_grad, _jacfwd = PUBLIC["grad"], PUBLIC["jacfwd"]


def _stationary(f: Any, x: Any, args: Any) -> Any:
    return _grad(_objective, 1)(f, x, args)


def _objective(f: Any, x: Any, args: Any) -> Any:
    """The function's value, which may come as an array of one number."""
    return np.sum(f(x, *args))


def _told(found: Any, name: str, like: Any, value: Any, inputs: Any) -> Any:
    """An attribute of what a solver has returned, which is `value(*inputs)`."""
    return equal_to(lambda *inputs: (TYPED(getattr(found, name), like), ()), lambda rest, *inputs: value(*inputs), inputs)[0]


# ---- bounds ----------------------------------------------------------------------------------------------------------
def _limits(bounds: Any, x: Any) -> Any:
    """The lower and the upper bounds of a point, in each of the forms that SciPy takes."""
    if bounds is None:
        return np.full(np.shape(x), -np.inf), np.full(np.shape(x), np.inf)
    if not isinstance(bounds, (list, tuple, np.ndarray)):
        return _each(TYPED(bounds.lb, "vector"), x), _each(TYPED(bounds.ub, "vector"), x)
    low = np.array([-np.inf if pair[0] is None else pair[0] for pair in bounds])
    return _each(low, x), _each(np.array([np.inf if pair[1] is None else pair[1] for pair in bounds]), x)


def _sides(bounds: Any, x: Any) -> Any:
    """As `_limits`, of a pair of bounds for all elements or of arrays of them."""
    if not isinstance(bounds, (list, tuple)):
        return _limits(bounds, x)
    low, high = bounds
    return _each(np.asarray(low), x), _each(np.asarray(high), x)


def _each(bound: Any, x: Any) -> Any:
    return floats(bound) + np.zeros_like(x)


def _held(slope: Any, x: Any, low: Any, high: Any) -> Any:
    """What is 0 at a minimum between bounds: the slope, or the distance to a bound against which it presses."""
    near = 1e-6 * np.maximum(1.0, np.abs(x))
    at_low, at_high = (x - low <= near) & (slope > 0.0), (high - x <= near) & (slope < 0.0)
    return np.where(at_low, x - low, np.where(at_high, x - high, slope))


def _pressed(f: Any, x: Any, more: Any) -> Any:
    args, low, high = more
    return _held(_stationary(f, x, args), x, low, high)


def _tied(f: Any, x: Any, more: Any) -> Any:
    args, constraints = more
    return pressed(_stationary(f, x, args), x, constraints)


def _found(f: Any, x0: Any, args: Any, limits: Any, call: Any) -> Any:
    """The minimum that `call(f, args)` finds, and what the solver tells beside it; `limits` are None where nothing holds it."""
    if limits is None:
        return solution(_stationary, f, as_tuple(args), call)
    return solution(_pressed, f, (as_tuple(args), *limits), lambda f, more: call(f, more[0]))


# ---- functions of several variables ------------------------------------------------------------------------------------
_TOLD = ("success", "status", "message", "nfev", "njev", "nhev", "nit")


def _minimize(
    solve: Any, fun: Any, x0: Any, args: Any = (), jac: Any = None, bounds: Any = None, constraints: Any = (),
) -> Any:  # fmt: skip
    both = jac is True

    def call(f: Any, args: Any) -> Any:
        given = fun if both else f
        tied = handed(constraints, vector(x0))
        found = solve(vector(x0), fun=given, args=args, x0=x0, jac=jac, bounds=bounds, constraints=tied)
        return TYPED(found.x, vector(x0)), TYPED(found, FOUND)

    value = _first_of(fun) if both else fun
    limits = None if bounds is None else _limits(bounds, vector(x0))
    if isinstance(constraints, (list, tuple)) and len(constraints) == 0:
        x, found = _found(value, x0, args, limits, call)
    else:
        x, found = solution(_tied, value, (as_tuple(args), listed(constraints, limits)), lambda f, more: call(f, more[0]))
    least = _told(found, "fun", 0.0, _objective, (value, x, as_tuple(args)))
    return RESULT(found, {"x": x, "fun": least}, _TOLD)


def _first_of(f: Any) -> Any:
    """The function that gives the first result alone."""
    return lambda *args: f(*args)[0]


def _anywhere(solve: Any, func: Any, bounds: Any, args: Any = ()) -> Any:
    """A search of a whole box."""

    def call(f: Any, args: Any) -> Any:
        low, _ = _pairs(bounds)
        found = solve(low, func=f, bounds=bounds, args=args)
        return TYPED(found.x, "vector"), TYPED(found, FOUND)

    x, found = _found(func, None, args, _pairs(bounds), call)
    value = _told(found, "fun", 0.0, _objective, (func, x, as_tuple(args)))
    return RESULT(found, {"x": x, "fun": value}, _TOLD)


def _pairs(bounds: Any) -> Any:
    """The bounds of a box."""
    if hasattr(bounds, "lb"):
        return TYPED(bounds.lb, "vector"), TYPED(bounds.ub, "vector")
    return np.array([floats(pair[0]) for pair in bounds]), np.array([floats(pair[1]) for pair in bounds])


def _hopping(solve: Any, func: Any, x0: Any) -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(vector(x0), func=f, x0=x0)
        return TYPED(found.x, vector(x0)), TYPED(found, FOUND)

    x, found = solution(_stationary, func, (), call)
    return RESULT(found, {"x": x, "fun": _told(found, "fun", 0.0, _objective, (func, x, ()))}, _TOLD)


def _by_steps(solve: Any, func: Any, x0: Any, fprime: Any, args: Any, approx_grad: Any, bounds: Any, told: Any) -> Any:
    """The function's value, the minimum, and two things that are told beside it, of which `told` are examples."""
    both = fprime is None and not approx_grad

    def call(f: Any, args: Any) -> Any:
        given = func if both else f
        found = solve(vector(x0), func=given, x0=x0, fprime=fprime, args=args, approx_grad=approx_grad, bounds=bounds)
        return TYPED(found[0], vector(x0)), (TYPED(found[1], told[0]), TYPED(found[2], told[1]))

    value = _first_of(func) if both else func
    x, rest = _found(value, x0, args, None if bounds is None else _limits(bounds, vector(x0)), call)
    return value, x, rest


def _l_bfgs_b(
    solve: Any, func: Any, x0: Any, fprime: Any = None, args: Any = (), approx_grad: Any = 0, bounds: Any = None,
) -> Any:  # fmt: skip
    value, x, (least, told) = _by_steps(solve, func, x0, fprime, args, approx_grad, bounds, (0.0, FOUND))
    return x, equal_to(lambda *_: (least, ()), lambda rest, f, x, args: _objective(f, x, args), (value, x, as_tuple(args)))[0], told


def _tnc(
    solve: Any, func: Any, x0: Any, fprime: Any = None, args: Any = (), approx_grad: Any = 0, bounds: Any = None,
) -> Any:  # fmt: skip
    _, x, (calls, code) = _by_steps(solve, func, x0, fprime, args, approx_grad, bounds, (0, 0))
    return x, calls, code


def _slsqp(
    solve: Any, func: Any, x0: Any, eqcons: Any = (), f_eqcons: Any = None, ieqcons: Any = (), f_ieqcons: Any = None, bounds: Any = (),
    fprime: Any = None, fprime_eqcons: Any = None, fprime_ieqcons: Any = None, args: Any = (),
) -> Any:  # fmt: skip
    def call(f: Any, args: Any) -> Any:
        tied = {"eqcons": eqcons, "f_eqcons": f_eqcons, "ieqcons": ieqcons, "f_ieqcons": f_ieqcons}
        slopes = {"fprime": fprime, "fprime_eqcons": fprime_eqcons, "fprime_ieqcons": fprime_ieqcons}
        return solve(vector(x0), func=f, x0=x0, **tied, bounds=bounds, **slopes, args=args, like=vector(x0)), ()

    equations = list(eqcons) if f_eqcons is None else [f_eqcons]
    limits = None if len(bounds) == 0 else _limits(bounds, vector(x0))
    return _between(func, x0, args, equations, list(ieqcons) if f_ieqcons is None else [f_ieqcons], args, limits, call)


def _between(f: Any, x0: Any, args: Any, equations: Any, inequalities: Any, more: Any, limits: Any, call: Any) -> Any:
    """The minimum where the functions `equations(x, *more)` are 0 and `inequalities(x, *more)` are not negative."""
    if len(equations) + len(inequalities) == 0:
        return _found(f, x0, args, limits, call)[0]
    tied = [{"type": "eq", "fun": c, "args": as_tuple(more)} for c in equations]
    tied = tied + [{"type": "ineq", "fun": c, "args": as_tuple(more)} for c in inequalities]
    return solution(_tied, f, (as_tuple(args), listed(tied, limits)), lambda f, both: call(f, both[0]))[0]


def _cobyla(solve: Any, func: Any, x0: Any, cons: Any, args: Any = (), consargs: Any = None) -> Any:
    def call(f: Any, args: Any) -> Any:
        return solve(vector(x0), func=f, x0=x0, cons=cons, args=args, consargs=consargs, like=vector(x0)), ()

    each = list(cons) if isinstance(cons, (list, tuple)) else [cons]
    return _between(func, x0, args, [], each, args if consargs is None else consargs, None, call)


# ---- functions of one variable -----------------------------------------------------------------------------------------
def _minimize_scalar(solve: Any, fun: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(0.0, fun=f, args=args)
        return TYPED(found.x, 0.0), TYPED(found, FOUND)

    x, found = solution(_stationary, fun, as_tuple(args), call)
    value = _told(found, "fun", 0.0, _objective, (fun, x, as_tuple(args)))
    return RESULT(found, {"x": x, "fun": value}, ("success", "message", "nfev", "nit"))


# ---- least squares -----------------------------------------------------------------------------------------------------
def _squares(f: Any, x: Any, args: Any) -> Any:
    return _grad(_cost, 1)(f, x, args)


def _cost(f: Any, x: Any, args: Any) -> Any:
    return 0.5 * np.sum(np.ravel(np.asarray(f(x, *args))) ** 2)


def _residuals(f: Any, x: Any, args: Any) -> Any:
    return np.ravel(np.asarray(f(x, *args)))


def _weighed(loss: Any, scale: Any) -> Any:
    """The cost of residuals by a loss of SciPy's."""
    if loss == "linear":
        return _cost

    def cost(f: Any, x: Any, args: Any) -> Any:
        z = (_residuals(f, x, args) / scale) ** 2
        if loss == "soft_l1":
            weighed = 2.0 * (np.sqrt(1.0 + z) - 1.0)
        elif loss == "huber":
            weighed = np.where(z <= 1.0, z, 2.0 * np.sqrt(np.where(z <= 1.0, 1.0, z)) - 1.0)
        elif loss == "cauchy":
            weighed = np.log1p(z)
        elif loss == "arctan":
            weighed = np.arctan(z)
        else:
            REFUSED("`optimize.least_squares` with a loss of your own has no rule", "name one of SciPy's losses")
        return 0.5 * scale**2 * np.sum(weighed)

    return cost


def _least_squares(
    solve: Any, fun: Any, x0: Any, args: Any = (), jac: Any = "2-point", bounds: Any = None, loss: Any = "linear", f_scale: Any = 1.0,
) -> Any:  # fmt: skip
    cost = _weighed(loss, f_scale)

    def call(f: Any, args: Any) -> Any:
        sides = (-np.inf, np.inf) if bounds is None else bounds
        found = solve(vector(x0), fun=f, args=args, x0=x0, jac=jac, bounds=sides, loss=loss, f_scale=f_scale)
        return TYPED(found.x, vector(x0)), TYPED(found, FOUND)

    def slope(f: Any, x: Any, args: Any) -> Any:
        return _grad(cost, 1)(f, x, args)

    if bounds is None:
        x, found = solution(slope, fun, as_tuple(args), call)
    else:
        limits = _sides(bounds, vector(x0))
        x, found = solution(lambda f, x, more: _held(slope(f, x, more[0]), x, more[1], more[2]), fun, (as_tuple(args), *limits),
            lambda f, more: call(f, more[0]))  # fmt: skip
    least = _told(found, "cost", 0.0, cost, (fun, x, as_tuple(args)))
    residuals = _told(found, "fun", "vector", _residuals, (fun, x, as_tuple(args)))
    return RESULT(found, {"x": x, "cost": least, "fun": residuals}, ("success", "status", "message", "nfev", "njev", "active_mask"))


def _no_function() -> Any:
    return 0.0


def _of_matrix(f: Any, x: Any, more: Any) -> Any:
    a, b, low, high = more
    return _held(a.T @ (a @ x - b), x, low, high)


def _nnls(solve: Any, A: Any, b: Any) -> Any:  # noqa: N803 -- SciPy's word
    a, right = floats(A), floats(b)

    def call(f: Any, more: Any) -> Any:
        found = solve(A=more[0], b=more[1])
        return TYPED(found[0], "vector"), TYPED(found[1], 0.0)

    zero = np.zeros(np.shape(a)[1])
    x, norm = solution(_of_matrix, _no_function, (a, right, zero, np.full(np.shape(zero), np.inf)), call)
    return x, equal_to(lambda *_: (norm, ()), lambda rest, a, right, x: np.linalg.norm(a @ x - right), (a, right, x))[0]


def _lsq_linear(solve: Any, A: Any, b: Any, bounds: Any = (-np.inf, np.inf)) -> Any:  # noqa: N803 -- SciPy's word
    a, right = floats(A), floats(b)

    def call(f: Any, more: Any) -> Any:
        found = solve(A=more[0], b=more[1], bounds=bounds)
        return TYPED(found.x, "vector"), TYPED(found, FOUND)

    x, found = solution(_of_matrix, _no_function, (a, right, *_sides(bounds, np.zeros(np.shape(a)[1]))), call)
    cost = _told(found, "cost", 0.0, lambda a, right, x: 0.5 * np.sum((a @ x - right) ** 2), (a, right, x))
    return RESULT(found, {"x": x, "cost": cost}, ("success", "status", "message", "nit", "active_mask"))


def _fitted(f: Any, x: Any, args: Any) -> Any:
    """What a least-squares fit of a curve leaves: `f(xdata, *parameters)` against the data, in units of their deviations."""
    xdata, ydata, sigma = args
    away = np.ravel(np.asarray(f(xdata, *ITEMS(x, ARITY(f) - 1))) - np.asarray(ydata))
    return away if sigma is None else away / sigma


def _misfit(f: Any, x: Any, args: Any) -> Any:
    return _grad(lambda p: 0.5 * np.sum(_fitted(f, p, args) ** 2))(x)


def _covariance(f: Any, x: Any, args: Any, absolute: Any) -> Any:
    """The inverse of the Gauss-Newton matrix, scaled by the variance of what is left where deviations are only known up to a factor."""
    left, slopes = _fitted(f, x, args), _jacfwd(lambda p: _fitted(f, p, args))(x)
    inverse = np.linalg.inv(slopes.T @ slopes)
    return inverse if absolute else inverse * (np.sum(left**2) / (np.size(left) - np.size(x)))


def _curve_fit(
    solve: Any, f: Any, xdata: Any, ydata: Any, p0: Any = None, sigma: Any = None, absolute_sigma: Any = False,
    bounds: Any = None,
) -> Any:  # fmt: skip
    if sigma is not None and np.ndim(sigma) > 1:
        REFUSED("`optimize.curve_fit` with a covariance matrix for `sigma` has no rule", "multiply the data by the inverse of its factor")
    numbers = (0.0,) * (ARITY(f) - 1)

    def call(f: Any, args: Any) -> Any:
        given, data, deviations = args
        sides = (-np.inf, np.inf) if bounds is None else bounds
        found = solve(given, *numbers, f=f, xdata=given, ydata=data, p0=p0, sigma=deviations, absolute_sigma=absolute_sigma, bounds=sides)
        return TYPED(found[0], "vector"), TYPED(found[1], "matrix")

    args = (xdata, ydata, sigma)
    if bounds is None:
        x, spread = solution(_misfit, f, args, call)
    else:
        limits = _sides(bounds, np.array(numbers))
        x, spread = solution(lambda f, x, more: _held(_misfit(f, x, more[0]), x, more[1], more[2]), f, (args, *limits),
            lambda f, more: call(f, more[0]))  # fmt: skip
    matrix = equal_to(lambda *_: (spread, ()), lambda rest, f, x, args: _covariance(f, x, args, absolute_sigma), (f, x, args))[0]
    return x, matrix


def _leastsq(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(vector(x0), func=f, args=args, x0=x0)
        return TYPED(found[0], vector(x0)), TYPED(found[1], 0)

    return solution(_squares, func, as_tuple(args), call)


def _descent(solve: Any, f: Any, x0: Any, args: Any, named: Any) -> Any:
    """A minimiser that returns the point alone; `named` makes its keywords of the function."""

    def call(f: Any, args: Any) -> Any:
        return solve(vector(x0), x0=x0, args=args, like=vector(x0), **named(f)), ()

    return solution(_stationary, f, as_tuple(args), call)[0]


def _fmin(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    return _descent(solve, func, x0, args, lambda f: {"func": f})


def _fmin_by_slopes(solve: Any, f: Any, x0: Any, fprime: Any = None, args: Any = ()) -> Any:
    return _descent(solve, f, x0, args, lambda f: {"f": f, "fprime": fprime})


def _along_a_line(solve: Any, func: Any, args: Any = ()) -> Any:
    return solution(_stationary, func, as_tuple(args), lambda f, args: (solve(0.0, func=f, args=args, like=0.0), ()))[0]


def _isotonic(solve: Any, y: Any, weights: Any = None, increasing: Any = True) -> Any:
    """Blocks of values that would be in another order are replaced by their mean; the blocks change by steps."""
    if weights is None:
        weights = np.ones(np.size(y))

    def call(y: Any, weights: Any) -> Any:
        found = solve(y=y, weights=weights, increasing=increasing)
        return TYPED(found.x, "vector"), (TYPED(found, FOUND), np.asarray(found.blocks, dtype=int))

    def means(rest: Any, y: Any, weights: Any) -> Any:
        blocks, share = CONSTANT(rest[1]), np.asarray(weights)
        found = np.add.reduceat(share * np.asarray(y), blocks[:-1]) / np.add.reduceat(share, blocks[:-1])
        return np.repeat(found, np.diff(blocks))

    x, rest = equal_to(call, means, (y, weights))
    return RESULT(rest[0], {"x": x}, ("blocks",))


def minima(optimize: Any) -> tuple[Spellings, ...]:
    """`scipy.optimize`: minima."""

    def made(name: str, template: Callable[..., Any], options: str) -> Spellings:
        return solver(getattr(optimize, name), template, module="optimize", options=options)

    return (
        made("minimize", _minimize, "method hess tol options"),
        made("minimize_scalar", _minimize_scalar, "bracket bounds method tol options"),
        made("least_squares", _least_squares, "method ftol xtol gtol x_scale diff_step tr_solver tr_options jac_sparsity max_nfev verbose"),
        made("curve_fit", _curve_fit, "check_finite method jac nan_policy maxfev ftol xtol gtol epsfcn factor diag"),
        made("leastsq", _leastsq, "Dfun col_deriv ftol xtol gtol maxfev epsfcn factor diag"),
        made("nnls", _nnls, "maxiter atol"),
        made("lsq_linear", _lsq_linear, "method tol lsq_solver lsmr_tol max_iter verbose lsmr_maxiter"),
        made("fmin", _fmin, "xtol ftol maxiter maxfun disp initial_simplex"),
        made("fmin_powell", _fmin, "xtol ftol maxiter maxfun disp direc"),
        made("fmin_bfgs", _fmin_by_slopes, "gtol norm epsilon maxiter disp xrtol c1 c2 hess_inv0"),
        made("fmin_cg", _fmin_by_slopes, "gtol norm epsilon maxiter disp c1 c2"),
        made("fmin_ncg", _fmin_by_slopes, "fhess_p fhess avextol epsilon maxiter disp c1 c2"),
        made("fmin_l_bfgs_b", _l_bfgs_b, "m factr pgtol epsilon iprint maxfun maxiter disp maxls"),
        made("fmin_tnc", _tnc, "epsilon scale offset messages maxCGit maxfun eta stepmx accuracy fmin ftol xtol pgtol rescale disp"),
        made("fmin_slsqp", _slsqp, "iter acc iprint disp epsilon"), made("fmin_cobyla", _cobyla, "rhobeg rhoend maxfun disp catol"),
        made("brent", _along_a_line, "brack tol maxiter"), made("golden", _along_a_line, "brack tol maxiter"),
        made("fminbound", _along_a_line, "x1 x2 xtol maxfun disp"),
        made("differential_evolution", _anywhere,
            "strategy maxiter popsize tol mutation recombination rng disp polish init atol updating x0 seed"),
        made("dual_annealing", _anywhere, "maxiter initial_temp restart_temp_ratio visit accept maxfun rng no_local_search x0 seed"),
        made("shgo", _anywhere, "n iters options sampling_method"),
        made("direct", _anywhere, "eps maxfun maxiter locally_biased f_min f_min_rtol vol_tol len_tol"),
        made("basinhopping", _hopping,
            "niter T stepsize minimizer_kwargs interval disp niter_success rng target_accept_rate stepwise_factor seed"),
        *([made("isotonic_regression", _isotonic, "")] if hasattr(optimize, "isotonic_regression") else []),  # SciPy 1.12
    )  # fmt: skip
