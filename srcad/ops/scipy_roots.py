"""Roots, fixed points and minima: `scipy.optimize`.

The derivative of a solution is that of the equation, not that of the steps: `f(x, p) = 0` gives `f_x dx + f_p dp = 0`, by the implicit
function theorem.  A fixed point solves `f(x, p) - x = 0`, a minimum `grad f(x, p) = 0`.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.custom import by_rule
from srcad.marks import ARITY, ITEMS, PUBLIC, REFUSED, RESULT, TYPED
from srcad.ops.op import Spellings
from srcad.ops.solver import applied, as_tuple, equal_to, moved, solver
from srcad.runtime import near_solution, slope_at_root

_FOUND = dict  # the class of what solvers return
_grad, _value_and_grad, _jacfwd = PUBLIC["grad"], PUBLIC["value_and_grad"], PUBLIC["jacfwd"]
_jvp, _vjp = PUBLIC["jvp"], PUBLIC["vjp"]


# ---- one equation ----------------------------------------------------------------------------------------------------
@by_rule
def root(f: Any, args: Any, call: Any) -> Any:
    """A number `x` with `f(x, *args) == 0`, and what the solver tells beside it: `call(f, args)`."""
    return call(f, args)


def _root_jvp(primals: Any, tangents: Any) -> Any:
    f, args, call = primals
    f_dot, args_dot, _ = tangents
    x, rest = root(f, args, call)
    value, found = _value_and_grad(f)(x, *args)
    slope = slope_at_root(found, value, x)
    return (x, rest), (-moved(f, (x,), args, f_dot, (0.0,), args_dot) / slope, None)


def _root_fwd(f: Any, args: Any, call: Any) -> Any:
    x, rest = root(f, args, call)
    return (x, rest), (f, args, x)


def _root_bwd(residuals: Any, bars: Any) -> Any:
    f, args, x = residuals
    value, pullback = _vjp(applied, f, (x,), args)
    _, (slope,), _ = pullback(1.0)
    f_bar, _, args_bar = pullback(-bars[0] / slope_at_root(slope, value, x))
    return f_bar, args_bar, None


root.rules(_root_jvp, _root_fwd, _root_bwd)


def _bracketed(solve: Any, f: Any, args: Any = ()) -> Any:
    return root(f, as_tuple(args), lambda f, args: (solve(0.0, f=f, args=args, like=0.0), ()))[0]


def _newton(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    if np.ndim(x0) == 0:
        return root(func, as_tuple(args), lambda f, args: (solve(0.0, func=f, args=args, x0=x0, like=0.0), ()))[0]

    def call(f: Any, args: Any) -> Any:
        return solve(_floats(x0), func=f, args=args, x0=x0, like=_floats(x0)), ()

    return solution(_zero, func, as_tuple(args), call)[0]


def _root_scalar(solve: Any, f: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(0.0, f=f, args=args)
        return TYPED(found.root, 0.0), TYPED(found, _FOUND)

    x, found = root(f, as_tuple(args), call)
    return RESULT(found, {"root": x}, ("converged", "flag", "iterations", "function_calls", "method"))


# ---- several equations -----------------------------------------------------------------------------------------------
@by_rule
def solution(equations: Any, f: Any, args: Any, call: Any) -> Any:
    """An array `x` with `equations(f, x, args) == 0`, and what the solver tells beside it: `call(f, args)`."""
    return call(f, args)


def _slopes(equations: Any, f: Any, x: Any, args: Any) -> Any:
    """The matrix of the equations' derivatives."""
    return _jacfwd(lambda v: np.ravel(equations(f, np.reshape(v, np.shape(x)), args)))(np.ravel(x))


def _newton_step(equations: Any, f: Any, x: Any, args: Any) -> Any:
    return x - np.reshape(np.linalg.solve(_slopes(equations, f, x, args), np.ravel(equations(f, x, args))), np.shape(x))


def _refined(equations: Any, f: Any, x: Any, args: Any) -> Any:
    """The solution by two steps of Newton's method from where the solver stopped, which may be far off its last digits."""
    return near_solution(_newton_step(equations, f, _newton_step(equations, f, x, args), args), x)


def _solution_jvp(primals: Any, tangents: Any) -> Any:
    equations, f, args, call = primals
    _, f_dot, args_dot, _ = tangents
    x, rest = solution(equations, f, args, call)
    found = _refined(equations, f, x, args)
    value_dot = _jvp(equations, (f, found, args), (f_dot, np.zeros_like(x), args_dot))[1]
    x_dot = np.linalg.solve(_slopes(equations, f, found, args), -np.ravel(value_dot))
    return (x, rest), (np.reshape(x_dot, np.shape(x)), None)


def _solution_fwd(equations: Any, f: Any, args: Any, call: Any) -> Any:
    x, rest = solution(equations, f, args, call)
    return (x, rest), (equations, f, args, x)


def _solution_bwd(residuals: Any, bars: Any) -> Any:
    equations, f, args, found = residuals
    x = _refined(equations, f, found, args)
    weights = np.linalg.solve(_slopes(equations, f, x, args).T, -np.ravel(bars[0]))
    value, pullback = _vjp(equations, f, x, args)
    f_bar, _, args_bar = pullback(np.reshape(weights, np.shape(value)))
    return None, f_bar, args_bar, None


solution.rules(_solution_jvp, _solution_fwd, _solution_bwd)


def _floats(x: Any) -> Any:
    """The start of a solver as it takes it."""
    return np.asarray(x, dtype=float)


def _vector(x: Any) -> Any:
    return np.ravel(_floats(x))


def _zero(f: Any, x: Any, args: Any) -> Any:
    return np.asarray(f(x, *args))


def _fixed(f: Any, x: Any, args: Any) -> Any:
    return f(x, *args) - x


def _fsolve(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    return solution(_zero, func, as_tuple(args), lambda f, args: (solve(_vector(x0), func=f, args=args, x0=x0, like=_vector(x0)), ()))[0]


def _fixed_point(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    return solution(_fixed, func, as_tuple(args), lambda f, args: (solve(_floats(x0), func=f, args=args, x0=x0, like=_floats(x0)), ()))[0]


def _root(solve: Any, fun: Any, x0: Any, args: Any = (), jac: Any = None) -> Any:
    if jac is True:
        REFUSED("`optimize.root` with jac=True is given two results by one function", "give the function for the equations alone")

    def call(f: Any, args: Any) -> Any:
        found = solve(_vector(x0), fun=f, args=args, x0=x0, jac=jac)
        return TYPED(found.x, _vector(x0)), TYPED(found, _FOUND)

    x, found = solution(_zero, fun, as_tuple(args), call)
    return RESULT(found, {"x": x}, ("fun", "success", "status", "message", "nfev", "njev", "nit", "method"))


# ---- minima ----------------------------------------------------------------------------------------------------------
def _stationary(f: Any, x: Any, args: Any) -> Any:
    return _grad(_objective, 1)(f, x, args)


def _objective(f: Any, x: Any, args: Any) -> Any:
    """The function's value, which may come as an array of one number."""
    return np.sum(f(x, *args))


def _told(found: Any, name: str, like: Any, value: Any, inputs: Any) -> Any:
    """An attribute of what a solver has returned, which is `value(*inputs)`."""
    return equal_to(lambda *inputs: (TYPED(getattr(found, name), like), ()), lambda rest, *inputs: value(*inputs), inputs)[0]


def _minimize(solve: Any, fun: Any, x0: Any, args: Any = (), jac: Any = None) -> Any:
    if jac is True:
        REFUSED("`optimize.minimize` with jac=True is given two results by one function", "leave jac away, or give a function for it")

    def call(f: Any, args: Any) -> Any:
        found = solve(_vector(x0), fun=f, args=args, x0=x0, jac=jac)
        return TYPED(found.x, _vector(x0)), TYPED(found, _FOUND)

    x, found = solution(_stationary, fun, as_tuple(args), call)
    value = _told(found, "fun", 0.0, _objective, (fun, x, as_tuple(args)))
    return RESULT(found, {"x": x, "fun": value}, ("success", "status", "message", "nfev", "njev", "nhev", "nit"))


def _minimize_scalar(solve: Any, fun: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(0.0, fun=f, args=args)
        return TYPED(found.x, 0.0), TYPED(found, _FOUND)

    x, found = solution(_stationary, fun, as_tuple(args), call)
    value = _told(found, "fun", 0.0, _objective, (fun, x, as_tuple(args)))
    return RESULT(found, {"x": x, "fun": value}, ("success", "message", "nfev", "nit"))


def _squares(f: Any, x: Any, args: Any) -> Any:
    return _grad(_cost, 1)(f, x, args)


def _cost(f: Any, x: Any, args: Any) -> Any:
    return 0.5 * np.sum(np.ravel(np.asarray(f(x, *args))) ** 2)


def _residuals(f: Any, x: Any, args: Any) -> Any:
    return np.ravel(np.asarray(f(x, *args)))


def _least_squares(solve: Any, fun: Any, x0: Any, args: Any = (), jac: Any = "2-point") -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(_vector(x0), fun=f, args=args, x0=x0, jac=jac)
        return TYPED(found.x, _vector(x0)), TYPED(found, _FOUND)

    x, found = solution(_squares, fun, as_tuple(args), call)
    cost = _told(found, "cost", 0.0, _cost, (fun, x, as_tuple(args)))
    residuals = _told(found, "fun", "vector", _residuals, (fun, x, as_tuple(args)))
    return RESULT(found, {"x": x, "cost": cost, "fun": residuals}, ("success", "status", "message", "nfev", "njev", "active_mask"))


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


def _curve_fit(solve: Any, f: Any, xdata: Any, ydata: Any, p0: Any = None, sigma: Any = None, absolute_sigma: Any = False) -> Any:
    if sigma is not None and np.ndim(sigma) > 1:
        REFUSED("`optimize.curve_fit` with a covariance matrix for `sigma` has no rule", "multiply the data by the inverse of its factor")
    numbers = (0.0,) * (ARITY(f) - 1)

    def call(f: Any, args: Any) -> Any:
        given, data, deviations = args
        found = solve(given, *numbers, f=f, xdata=given, ydata=data, p0=p0, sigma=deviations, absolute_sigma=absolute_sigma)
        return TYPED(found[0], "vector"), TYPED(found[1], "matrix")

    args = (xdata, ydata, sigma)
    x, spread = solution(_misfit, f, args, call)
    matrix = equal_to(lambda *_: (spread, ()), lambda rest, f, x, args: _covariance(f, x, args, absolute_sigma), (f, x, args))[0]
    return x, matrix


def _leastsq(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(_vector(x0), func=f, args=args, x0=x0)
        return TYPED(found[0], _vector(x0)), TYPED(found[1], 0)

    return solution(_squares, func, as_tuple(args), call)


def _descent(solve: Any, f: Any, x0: Any, args: Any, named: Any) -> Any:
    """A minimiser that returns the point alone; `named` makes its keywords of the function."""

    def call(f: Any, args: Any) -> Any:
        return solve(_vector(x0), x0=x0, args=args, like=_vector(x0), **named(f)), ()

    return solution(_stationary, f, as_tuple(args), call)[0]


def _fmin(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    return _descent(solve, func, x0, args, lambda f: {"func": f})


def _fmin_by_slopes(solve: Any, f: Any, x0: Any, fprime: Any = None, args: Any = ()) -> Any:
    return _descent(solve, f, x0, args, lambda f: {"f": f, "fprime": fprime})


def _along_a_line(solve: Any, func: Any, args: Any = ()) -> Any:
    return solution(_stationary, func, as_tuple(args), lambda f, args: (solve(0.0, func=f, args=args, like=0.0), ()))[0]


_TOLERANCES = "xtol rtol maxiter disp"


def roots(optimize: Any) -> tuple[Spellings, ...]:
    """`scipy.optimize`: roots and minima."""

    def made(name: str, template: Callable[..., Any], options: str) -> Spellings:
        return solver(getattr(optimize, name), template, module="optimize", options=options)

    return (
        *(made(name, _bracketed, f"a b {_TOLERANCES}") for name in ("brentq", "brenth", "bisect", "ridder")),
        made("toms748", _bracketed, f"a b k {_TOLERANCES}"),
        made("newton", _newton, "fprime tol maxiter fprime2 x1 rtol disp"),
        made("root_scalar", _root_scalar, "method bracket fprime fprime2 x0 x1 xtol rtol maxiter options"),
        made("fsolve", _fsolve, "fprime col_deriv xtol maxfev band epsfcn factor diag"),
        made("fixed_point", _fixed_point, "xtol maxiter method"),
        made("root", _root, "method tol options"),
        made("minimize", _minimize, "method hess tol options"),
        made("minimize_scalar", _minimize_scalar, "bracket bounds method tol options"),
        made("least_squares", _least_squares,
            "method ftol xtol gtol x_scale f_scale diff_step tr_solver tr_options jac_sparsity max_nfev verbose"),
        made("curve_fit", _curve_fit, "check_finite method jac nan_policy maxfev ftol xtol gtol epsfcn factor diag"),
        made("leastsq", _leastsq, "Dfun col_deriv ftol xtol gtol maxfev epsfcn factor diag"),
        made("fmin", _fmin, "xtol ftol maxiter maxfun disp initial_simplex"),
        made("fmin_powell", _fmin, "xtol ftol maxiter maxfun disp direc"),
        made("fmin_bfgs", _fmin_by_slopes, "gtol norm epsilon maxiter disp xrtol c1 c2 hess_inv0"),
        made("fmin_cg", _fmin_by_slopes, "gtol norm epsilon maxiter disp c1 c2"),
        made("brent", _along_a_line, "brack tol maxiter"), made("golden", _along_a_line, "brack tol maxiter"),
        made("fminbound", _along_a_line, "x1 x2 xtol maxfun disp"),
    )  # fmt: skip
