"""Roots and fixed points: `scipy.optimize`.

The derivative of a solution is that of the equation, not that of the steps: `f(x, p) = 0` gives `f_x dx + f_p dp = 0`, by the implicit
function theorem.  A fixed point solves `f(x, p) - x = 0`.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.custom import by_rule
from srcad.marks import PUBLIC, REFUSED, RESULT, TYPED
from srcad.ops.op import Spellings
from srcad.ops.solver import applied, as_tuple, moved, solver
from srcad.runtime import near_solution, slope_at_root

FOUND = dict  # the class of what solvers return
_value_and_grad, _jacfwd = PUBLIC["value_and_grad"], PUBLIC["jacfwd"]
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
        return solve(floats(x0), func=f, args=args, x0=x0, like=floats(x0)), ()

    return solution(zero, func, as_tuple(args), call)[0]


def _root_scalar(solve: Any, f: Any, args: Any = ()) -> Any:
    def call(f: Any, args: Any) -> Any:
        found = solve(0.0, f=f, args=args)
        return TYPED(found.root, 0.0), TYPED(found, FOUND)

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


def floats(x: Any) -> Any:
    """The start of a solver as it takes it."""
    return np.asarray(x, dtype=float)


def vector(x: Any) -> Any:
    """The start as a vector."""
    return np.ravel(floats(x))


def zero(f: Any, x: Any, args: Any) -> Any:
    """What a root makes 0."""
    return np.asarray(f(x, *args))


def _fixed(f: Any, x: Any, args: Any) -> Any:
    return f(x, *args) - x


def _fsolve(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    return solution(zero, func, as_tuple(args), lambda f, args: (solve(vector(x0), func=f, args=args, x0=x0, like=vector(x0)), ()))[0]


def _fixed_point(solve: Any, func: Any, x0: Any, args: Any = ()) -> Any:
    return solution(_fixed, func, as_tuple(args), lambda f, args: (solve(floats(x0), func=f, args=args, x0=x0, like=floats(x0)), ()))[0]


def _root(solve: Any, fun: Any, x0: Any, args: Any = (), jac: Any = None) -> Any:
    if jac is True:
        REFUSED("`optimize.root` with jac=True is given two results by one function", "give the function for the equations alone")

    def call(f: Any, args: Any) -> Any:
        found = solve(vector(x0), fun=f, args=args, x0=x0, jac=jac)
        return TYPED(found.x, vector(x0)), TYPED(found, FOUND)

    x, found = solution(zero, fun, as_tuple(args), call)
    return RESULT(found, {"x": x}, ("fun", "success", "status", "message", "nfev", "njev", "nit", "method"))


def _all_at_once(solve: Any, F: Any, xin: Any) -> Any:  # noqa: N803 -- SciPy's word
    return solution(zero, F, (), lambda f, args: (solve(floats(xin), F=f, xin=xin, like=floats(xin)), ()))[0]


_OF_STEPS = "broyden1 broyden2 anderson newton_krylov diagbroyden excitingmixing linearmixing"
_STEPS = "iter alpha reduction_method max_rank verbose maxiter f_tol f_rtol x_tol x_rtol tol_norm line_search w0 M method inner_maxiter"
_TOLERANCES = "xtol rtol maxiter disp"


def roots(optimize: Any) -> tuple[Spellings, ...]:
    """`scipy.optimize`: roots and fixed points."""

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
        *(made(n, _all_at_once, _STEPS) for n in _OF_STEPS.split()),
    )  # fmt: skip
