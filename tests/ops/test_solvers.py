"""Entries that are handed functions: every one is tried in a program, in both modes, to order 2, with its value bit for bit."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcad
from srcad import pipeline
from srcad.errors import NoRule, SrcadError
from srcad.ops import table

scipy = pytest.importorskip("scipy")
from scipy import integrate, interpolate, optimize  # noqa: E402  the check above comes first

P = np.array([2.0, 0.7])
TIMES = np.linspace(0.0, 1.5, 4)


def cubic(x: Any, a: Any, b: Any) -> Any:
    return x**3 + a * x - b


def equations(x: Any, p: Any, k: Any) -> Any:
    return np.array([x[0] ** 2 + x[1] - p[0] * k, x[0] - x[1] * p[1]])


def rate(t: Any, y: Any, k: Any) -> Any:
    return np.array([-k * y[0] + math.sin(t), y[0] * y[1]])


def found(p: Any) -> Any:
    solution = optimize.root_scalar(lambda x: x**3 - p[0] * x - p[1], bracket=(1, 3))
    return solution.root * solution.converged + p[1]


def system(p: Any) -> Any:
    solution = optimize.root(equations, [1.0, 1.0], args=(p, 2.0), method="lm")
    return solution.x[0] * solution["x"][1]


def flow(p: Any) -> Any:
    solution = integrate.solve_ivp(rate, (0.0, 1.5), p, t_eval=TIMES, args=(p[0],), rtol=1e-9, atol=1e-11)
    return np.sum(solution.y**2) * solution.success


def backwards(p: Any) -> Any:
    solution = integrate.solve_ivp(lambda t, y: [-p[0] * y[0] + y[1], -p[1] * y[0]], (1.5, 0.0), [1.0, p[0]], method="DOP853", rtol=1e-10, atol=1e-12)
    return np.sum(solution.y[:, -1] ** 2)


def between(p: Any) -> Any:
    """From a time to others, of which one is the first, downwards."""
    times = np.array([p[0], 0.2 * p[1], -p[1]])
    return np.sum(integrate.solve_ivp(rate, (p[0], -2.0), p, t_eval=times, args=(p[1],), rtol=1e-10, atol=1e-12).y ** 3)


def ending(p: Any) -> Any:
    return integrate.solve_ivp(lambda t, y: [-y[0] + math.sin(t) * y[1], p[1] * y[0]], (0.0, p[0]), [1.0, 0.5], rtol=1e-10, atol=1e-12)


_OF_STEPS = "broyden1 broyden2 anderson newton_krylov diagbroyden excitingmixing linearmixing".split()
PROGRAMS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "brentq": (lambda p: optimize.brentq(lambda x: x**3 - p[0], 0, 10) * p[1], lambda p: optimize.brentq(cubic, -9, 9, args=(p[0], p[1])) ** 2),
    "brenth": (lambda p: optimize.brenth(lambda x: math.cos(x * p[1]) - x / p[0], 0.0, 3.0),),
    "bisect": (lambda p: optimize.bisect(lambda x, a: math.exp(a * x) - p[0], 0.0, 3.0, (p[1],), xtol=1e-14),),
    "ridder": (lambda p: optimize.ridder(lambda x: x * x - p[0] * p[1], 0.0, 3.0, args=()),),
    "toms748": (lambda p: optimize.toms748(lambda x: x**3 - p[0] * x - p[1], 1, 3),),
    "newton": (
        lambda p: optimize.newton(lambda x: x**3 - p[0] * x - p[1], 2.0),
        lambda p: optimize.newton(lambda x, q: x**3 - q, 2.0, args=(p[0],), fprime=lambda x, q: 3 * x**2),
        lambda p: np.sum(optimize.newton(lambda x: x**2 - p, np.array([2.0, 1.0])) * p),
    ),
    "root_scalar": (found,),
    "fsolve": (
        lambda p: np.prod(optimize.fsolve(lambda x: [x[0] ** 2 + x[1] - p[0], x[0] - x[1] * p[1]], [1.0, 1.0])),
        lambda p: np.sum(optimize.fsolve(equations, [1.0, 1.0], (p, 2.0)) ** 2),
    ),
    "fixed_point": (
        lambda p: optimize.fixed_point(lambda x: p[1] * np.cos(x * p[0] / 4), 1.0) * p[0],
        lambda p: np.sum(optimize.fixed_point(lambda x: p * np.cos(x) / 4, np.ones(2), xtol=1e-13) ** 2),
    ),
    "root": (system,),
    "quad_vec": (
        lambda p: np.sum(integrate.quad_vec(lambda x: np.sin(p * x) * p, 0, p[0])[0] ** 2),
        lambda p: integrate.quad_vec(lambda x, a: math.exp(-a[0] * x) * math.cos(a[1] * x), 0, np.inf, args=(p,))[0],
        lambda p: np.sum(integrate.quad_vec(lambda x: np.exp(-p[0] * x * x) * np.outer(p, p), p[1], 2.0, norm="max")[0] ** 2),
    ),
    "quad": (
        lambda p: integrate.quad(lambda x: math.exp(-p[0] * x) * math.cos(p[1] * x), 0, np.inf)[0],
        lambda p: integrate.quad(lambda x, a, b: a * x**2 + math.sin(b * x), p[1], p[0], args=(p[0], p[1]))[0] ** 2,
        lambda p: integrate.quad(lambda x: x * x * np.sum(p * np.array([x, 1.0])), 0.0, p[0])[0],
        lambda p: integrate.quad(math.cos, 0.0, p[0])[0] * p[1],
    ),
    "solve_ivp": (flow, backwards, between, lambda p: np.sum(ending(p).y[:, -1] * ending(p).t[-1])),
    "odeint": (
        lambda p: np.sum(integrate.odeint(lambda y, t, k: [-k * y[0] + p[1], y[0] * y[1]], [1.0, p[0]], TIMES, (p[0],), rtol=1e-11, atol=1e-12) ** 2),
        lambda p: integrate.odeint(lambda t, y: -p[1] * y, p[0], TIMES, tfirst=True, rtol=1e-11, atol=1e-12)[-1, 0],
        lambda p: np.sum(integrate.odeint(lambda y, t: [-t * y[0], y[0] * y[1]], [1.0, p[0]], p[1] * TIMES, rtol=1e-11, atol=1e-12) ** 2),
    ),
    "dblquad": (
        lambda p: integrate.dblquad(lambda y, x: np.exp(-p[0] * (x * x + y)) * p[1], 0.0, 1.0, 0.2, 1.5)[0],
        lambda p: integrate.dblquad(lambda y, x, a: a * x * y * p[0], 0.0, 1.0, lambda x: 0.1 * x, lambda x: 1.0 + x, args=(p[1],))[0] ** 2,
    ),
    "tplquad": (
        lambda p: integrate.tplquad(lambda z, y, x: p[0] * x * y**2 * z * p[1] ** 2, 0.0, 1.0, 0.0, lambda x: x, 0.0, lambda x, y: x * y)[0],
    ),
    "nquad": (
        lambda p: integrate.nquad(lambda x, y, a: a * x * p[0] + p[0] ** 3 * y * y, [[0, 1], [0, 2.0]], args=(p[1],))[0],
        lambda p: integrate.nquad(lambda x, y, z: x * y * z * p[0] ** 2 + p[1], [[0, 1], (0.5, 1.5), [0.0, 2.0]])[0],
    ),
    "isotonic_regression": (
        lambda p: np.sum(optimize.isotonic_regression(np.array([p[0], -p[1], p[0] * p[1], p[1]])).x ** 3),
        lambda p: optimize.isotonic_regression(np.outer([1.0, 0.4, 0.9], p).ravel(), weights=np.tile(p, 3), increasing=False).x @ np.arange(6.0),
    ),
    # too rough for differences: compared with what they are, below
    **dict.fromkeys("minimize minimize_scalar least_squares curve_fit leastsq fmin fmin_powell fmin_bfgs fmin_cg brent golden fminbound".split(), ()),
    **dict.fromkeys("fmin_l_bfgs_b fmin_tnc fmin_slsqp fmin_cobyla fmin_ncg nnls lsq_linear differential_evolution dual_annealing shgo direct basinhopping".split(), ()),
    **dict.fromkeys(("LinearConstraint", "NonlinearConstraint"), ()),  # test_constraints.py
    **{n: (lambda p, n=n: np.sum(getattr(optimize, n)(lambda t: p / 2.0 - t - t**3 / 9.0, np.zeros(2), f_tol=1e-12) * p),) for n in _OF_STEPS},
}  # fmt: skip
EACH = pytest.mark.parametrize(("name", "f"), [pytest.param(n, f, id=f"{n}-{k}") for n, fs in PROGRAMS.items() for k, f in enumerate(fs)])


def test_every_solver_is_tried() -> None:
    table.take_up_all()
    assert {e.fn.__name__ for n, e in table.entries().items() if e.kind == "solver" and n.partition(".")[0] in ("optimize", "integrate")} == set(PROGRAMS)


@EACH
@pytest.mark.filterwarnings("ignore:An ill-conditioned matrix")  # of Anderson's mixing, near its end
def test_both_modes(name: str, f: Callable[[Any], Any]) -> None:
    value, _ = srcad.value_and_grad(f)(P)
    assert value == f(P)
    assert srcad.jvp(f, (P,), (np.ones(2),))[0] == f(P)
    assert srcad.check_grads(f, P, order=1, rtol=1e-5).ok


@EACH
@pytest.mark.filterwarnings("ignore:An ill-conditioned matrix")
def test_second_order(name: str, f: Callable[[Any], Any]) -> None:
    df, h = srcad.grad(f), 1e-4
    differences = np.stack([(df(P + h * e) - df(P - h * e)) / (2 * h) for e in np.eye(2)])
    np.testing.assert_allclose(srcad.hessian(f)(P), differences, rtol=1e-4, atol=1e-5)


# ---- minima ------------------------------------------------------------------------------------------------------------
def rosenbrock(x: Any, a: Any, b: Any) -> Any:
    return (a - x[0]) ** 2 + b * (x[1] - x[0] ** 2) ** 2 + x[0]


@pytest.mark.parametrize("method", ["BFGS", "Newton-CG", "L-BFGS-B", None])
def test_minimize(method: str | None) -> None:
    """The minimum is at `x = a - 1/2`, `y = x * x`, where the function is `x + 1/4`."""
    slope = srcad.grad(rosenbrock)

    def f(p: Any) -> Any:
        best = optimize.minimize(rosenbrock, [0.5, 0.4], args=(p[0], p[1]), method=method, jac=slope, tol=1e-12)
        return best.x[0] * best.x[1] + best.fun * p[1]

    x = P[0] - 0.5
    np.testing.assert_allclose(srcad.grad(f)(P), [3 * x**2 + P[1], x + 0.25], rtol=1e-6)
    np.testing.assert_allclose(srcad.jvp(f, (P,), (np.array([1.0, 0.0]),))[1], 3 * x**2 + P[1], rtol=1e-6)
    np.testing.assert_allclose(srcad.hessian(f)(P), [[6 * x, 1.0], [1.0, 0.0]], rtol=1e-5, atol=1e-5)


def test_minimize_scalar() -> None:
    def f(p: Any) -> Any:
        best = optimize.minimize_scalar(lambda x: p[1] * math.cosh(x - p[0]) + p[0], tol=1e-12)
        return best.x**2 + best.fun * p[0]

    np.testing.assert_allclose(srcad.grad(f)(P), [4 * P[0] + P[1], P[0]], rtol=1e-6)
    np.testing.assert_allclose(srcad.hessian(f)(P), [[4.0, 1.0], [1.0, 0.0]], rtol=1e-6, atol=1e-6)


def test_least_squares() -> None:
    """A straight line, whose coefficients are linear in the data."""
    data, matrix = np.array([0.3, 0.9, 1.1, 1.8]), np.stack([np.ones(4), np.arange(4.0)], axis=1)

    def f(y: Any) -> Any:
        best = optimize.least_squares(lambda c: matrix @ c - y, [0.0, 1.0], xtol=1e-14, ftol=1e-14, gtol=1e-14)
        return best.x[1] ** 2 + best.cost + best.fun[0]

    def direct(y: Any) -> Any:
        c = np.linalg.solve(matrix.T @ matrix, matrix.T @ y)
        r = matrix @ c - y
        return c[1] ** 2 + 0.5 * r @ r + r[0]

    np.testing.assert_allclose(srcad.grad(f)(data), srcad.grad(direct)(data), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(srcad.hessian(f)(data), srcad.hessian(direct)(data), rtol=1e-6, atol=1e-7)


STRAIGHT = np.stack([np.ones(4), np.arange(4.0)], axis=1)
DATA, DEVIATIONS = np.array([0.3, 0.9, 1.1, 1.8]), np.array([1.0, 0.5, 0.8, 1.2])


def line(t: Any, a: Any, b: Any) -> Any:
    return a + b * t


def fitted(y: Any) -> Any:
    (a, b), spread = optimize.curve_fit(line, STRAIGHT[:, 1], y, sigma=DEVIATIONS, xtol=1e-14, ftol=1e-14)
    return a * b + 3.0 * spread[0, 1]


def fitted_by_hand(y: Any) -> Any:
    whole = STRAIGHT / DEVIATIONS[:, None]
    inverse = np.linalg.inv(whole.T @ whole)
    c = inverse @ (whole.T @ (y / DEVIATIONS))
    return c[0] * c[1] + 3.0 * (inverse * np.sum(((STRAIGHT @ c - y) / DEVIATIONS) ** 2) / 2.0)[0, 1]


def test_fits_of_curves() -> None:
    """By the data, and the covariance of the parameters too; then by the places and by what the curve captures."""
    np.testing.assert_allclose(srcad.grad(fitted)(DATA), srcad.grad(fitted_by_hand)(DATA), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(srcad.jvp(fitted, (DATA,), (np.ones(4),))[1], np.sum(srcad.grad(fitted_by_hand)(DATA)), rtol=1e-5)
    scaled = srcad.grad(lambda s: optimize.curve_fit(lambda t, a, b: a + b * s * t, STRAIGHT[:, 1], DATA, [1.0, 1.0])[0][1])(2.0)
    np.testing.assert_allclose(scaled, -0.25 * np.polyfit(STRAIGHT[:, 1], DATA, 1)[0], rtol=1e-5)
    moved = srcad.grad(lambda x: optimize.curve_fit(line, x, DATA, [1.0, 1.0])[0][1])(STRAIGHT[:, 1])
    np.testing.assert_allclose(moved, srcad.grad(lambda x: np.polyfit(x, DATA, 1)[0])(STRAIGHT[:, 1]), rtol=1e-5, atol=1e-7)


def test_leastsq() -> None:
    found = srcad.grad(lambda y: optimize.leastsq(lambda c, y: STRAIGHT @ c - y, [0.0, 1.0], args=(y,))[0][1] ** 2)(DATA)
    np.testing.assert_allclose(found, srcad.grad(lambda y: np.linalg.lstsq(STRAIGHT, y)[0][1] ** 2)(DATA), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("solve", [
    lambda f: optimize.fmin(f, [1.0, 0.5], disp=0), lambda f: optimize.fmin_powell(f, [1.0, 0.5], disp=0),
    lambda f: optimize.fmin_bfgs(f, [1.0, 0.5], disp=0), lambda f: optimize.fmin_cg(f, [1.0, 0.5], disp=0),
    lambda f: optimize.brent(lambda c: f(c * np.ones(2))) * np.ones(2), lambda f: optimize.golden(lambda c: f(c * np.ones(2))) * np.ones(2),
    lambda f: optimize.fminbound(lambda c: f(c * np.ones(2)), 0.0, 9.0) * np.ones(2),
    lambda f: optimize.minimize_scalar(lambda c: f(c * np.ones(2)), bounds=(0.0, 9.0), method="bounded").x * np.ones(2),
], ids=["fmin", "powell", "bfgs", "cg", "brent", "golden", "fminbound", "bounded"])  # fmt: skip
def test_minimisers_that_return_the_point(solve: Callable[[Any], Any]) -> None:
    """All minimise the distance from `p**2`, along a line where they take numbers: then the point is the mean, twice."""

    def f(p: Any) -> Any:
        return np.sum(solve(lambda c: np.sum((c - p**2) ** 2) + 1.0) * np.array([1.0, 3.0]))

    apart = np.array([2.0, 6.0]) * P
    mean = np.array([4.0, 4.0]) * P
    found = srcad.grad(f)(P)
    assert np.allclose(found, apart, rtol=1e-6) or np.allclose(found, mean, rtol=1e-6)
    np.testing.assert_allclose(srcad.jvp(f, (P,), (np.array([1.0, -1.0]),))[1], found[0] - found[1], rtol=1e-6)


@pytest.mark.parametrize("solve", [
    lambda p: optimize.minimize(lambda c: (c[0] - p) ** 4 + c[0] ** 2, [30.0], options={"maxiter": 1}).x[0],
    lambda p: optimize.fsolve(lambda c: [math.cos(c[0]) + 2.0 + 0.0 * p], [0.3])[0],
    lambda p: optimize.brentq(lambda x: x**3 - p, 0.0, 9.0, maxiter=2, disp=False), lambda p: optimize.fminbound(lambda x: (x - p) ** 2, 3.0, 9.0),
    lambda p: optimize.newton(lambda x: x**3 - p, 50.0, maxiter=2, disp=False), lambda p: optimize.brentq(lambda x: x**3 * p, -1.0, 1.0),
], ids=["minimize", "fsolve", "brentq", "at_a_bound", "newton", "triple"])  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_no_solution_has_no_derivative(solve: Callable[[Any], Any]) -> None:
    """The value comes as ever; the derivative is refused in both modes."""
    with pytest.raises(srcad.NotDifferentiable, match="has not converged"):
        srcad.grad(solve)(2.0)
    with pytest.raises(srcad.NotDifferentiable, match="has not converged"):
        srcad.jvp(solve, (2.0,), (1.0,))


# ---- bounds, other forms, and searches -----------------------------------------------------------------------------------
Q = np.array([0.3, 0.8, -0.45, 1.2])
TALL = np.array([[1.0, 0.5], [0.3, 1.0], [0.2, -0.7], [0.1, 0.9]])
SHARP = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}


def bowl(t: Any, p: Any) -> Any:
    return np.sum((t - p[:2]) ** 2 + t**4)


def bowl_with_slope(t: Any, p: Any) -> Any:
    return np.sum((t - p[:2]) ** 2 + t**4), 2.0 * (t - p[:2]) + 4.0 * t**3


def quarrel(t: Any, p: Any) -> Any:
    return (t[0] - p[3]) ** 2 + (t[1] - p[0]) ** 2 + 0.1 * t[0] * t[1]


def curve(t: Any, a: Any, b: Any) -> Any:
    return a * np.exp(-b * t)


def straight(t: Any, p: Any) -> Any:
    return t[0] * np.arange(4.0) + t[1] - p


def boxed(p: Any) -> Any:
    best = optimize.minimize(quarrel, [0.5, 0.5], args=(p,), bounds=[(0.0, p[1]), (0.0, None)], tol=1e-12)
    return best.x[0] + 2.0 * best.x[1] + best.fun


def boxed_by_object(p: Any) -> Any:
    return np.sum(optimize.minimize(lambda t: np.sum((t - p) ** 2), np.zeros(4), bounds=optimize.Bounds(0.0, 0.5), tol=1e-12).x ** 2)


def by_l_bfgs_b(p: Any) -> Any:
    x, least, told = optimize.fmin_l_bfgs_b(bowl, [0.1, 0.1], args=(p,), approx_grad=True, bounds=[(0.0, 1.0), (0.0, 0.2)], pgtol=1e-12, factr=10)
    return x[0] * x[1] + least + 0.0 * told["warnflag"]


def non_negative(p: Any) -> Any:
    x, norm = optimize.nnls(TALL * p[3], p)
    return x[0] + 3.0 * x[1] + norm


def by_slsqp(p: Any) -> Any:
    """One equation, one inequality that presses and one that does not."""
    ties = {"eqcons": [lambda t, p: t[0] + t[1] + t[2] - p[3]], "ieqcons": (lambda t, p: t[2] - p[2] - 1.0, lambda t, p: 9.0 - t[0])}
    found = optimize.fmin_slsqp(lambda t, p: bowl(t[:2], p) + t[2] ** 2, [0.1, 0.1, 0.1], **ties, args=(p,), acc=1e-15, iprint=0)
    return found[0] * found[1] + found[2]


BOUNDED: dict[str, tuple[Callable[[Any], Any], float]] = {
    "box": (boxed, 1e-4), "object": (boxed_by_object, 1e-4), "l_bfgs_b": (by_l_bfgs_b, 1e-4), "nnls": (non_negative, 1e-6),
    "with_slope": (lambda p: optimize.minimize(bowl_with_slope, [0.5, 0.5], args=(p,), jac=True, tol=1e-12).x[0], 1e-5),
    "l_bfgs_b_with_slope": (lambda p: optimize.fmin_l_bfgs_b(bowl_with_slope, [0.1, 0.1], args=(p,), pgtol=1e-12, factr=10)[0][0], 1e-5),
    "least_squares": (lambda p: np.sum(optimize.least_squares(straight, [0.5, 0.5], args=(p,), bounds=([-1.0, 0.35], [1.0, 2.0]), **SHARP).x), 1e-5),
    "loss": (lambda p: np.sum(optimize.least_squares(straight, [0.5, 0.5], args=(p,), loss="soft_l1", f_scale=0.3, **SHARP).x), 1e-5),
    "curve_fit": (lambda p: optimize.curve_fit(curve, np.arange(4.0), p + 1.5, bounds=([0.0, 0.1], [5.0, 2.0]), **SHARP)[0][0], 1e-4),
    "lsq_linear": (lambda p: np.sum(optimize.lsq_linear(TALL * p[3], p, bounds=(0.0, p[0])).x), 1e-5),
    "tnc": (lambda p: optimize.fmin_tnc(bowl, [0.1, 0.1], args=(p,), approx_grad=True, bounds=[(0, 1), (0, 0.2)], disp=0)[0][0], 1e-3),
    "slsqp": (lambda p: np.sum(optimize.fmin_slsqp(bowl, [0.1, 0.1], args=(p,), bounds=[(0, 1), (0, 0.2)], acc=1e-14, iprint=0)), 1e-4),
    "slsqp_equations": (by_slsqp, 1e-5), "slsqp_function": (lambda p: np.sum(optimize.fmin_slsqp(bowl, [0.1, 0.1], args=(p,), acc=1e-14, iprint=0,
        f_eqcons=lambda t, p: np.array([t[0] * p[2] + t[1] - p[3]]), bounds=[(-2, 2), (-2, 2)]) ** 2), 1e-5),
    "cobyla": (lambda p: optimize.fmin_cobyla(bowl, [0.9, 0.9], lambda t, p: t[0] - 2.0 * p[0] * p[2], (p,), rhoend=1e-10)[0], 1e-4),
    "cobyla_alone": (lambda p: optimize.fmin_cobyla(bowl, [0.9, 0.9], [lambda t: t[0] - 0.7 * p[3]], (p,), (), rhoend=1e-10)[0], 1e-4),
    "ncg": (lambda p: optimize.fmin_ncg(bowl, [0.1, 0.1], lambda t, p: 2.0 * (t - p[:2]) + 4.0 * t**3, args=(p,), disp=0, avextol=1e-12)[0], 1e-4),
    "evolution": (lambda p: np.sum(optimize.differential_evolution(bowl, [(-1, 1), (0, 0.2)], args=(p,), seed=1, tol=1e-10).x), 1e-3),
    "annealing": (lambda p: optimize.dual_annealing(bowl, [(-1, 1), (-1, 1)], args=(p,), seed=1, maxiter=50).x[0], 1e-3),
    "shgo": (lambda p: optimize.shgo(bowl, [(-1, 1), (-1, 1)], args=(p,)).x[0], 1e-3),
    "direct": (lambda p: optimize.direct(lambda t: np.sum((t - p[:2]) ** 2), [(-1.0, 1.0), (-1.0, 1.0)]).x[1], 2e-2),
    "hopping": (lambda p: optimize.basinhopping(lambda t: bowl(t, p), [0.5, 0.5], niter=2, seed=1).x[0], 1e-3),
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNDED)
def test_bounds_and_searches(name: str) -> None:
    """Against differences as sharp as the solver is; where a bound holds an element, it moves with the bound."""
    (f, tolerance), h = BOUNDED[name], 1e-3
    value, found = srcad.value_and_grad(f)(Q)
    assert value == f(Q)
    differences = np.array([(f(Q + h * e) - f(Q - h * e)) / (2 * h) for e in np.eye(4)])
    assert np.any(np.abs(found) > 0.01)
    np.testing.assert_allclose(found, differences, rtol=tolerance, atol=tolerance)
    direction = np.array([1.0, -0.5, 0.3, 0.7])
    np.testing.assert_allclose(srcad.jvp(f, (Q,), (direction,))[1], found @ direction, rtol=1e-8, atol=1e-10)


def _valley(x: Any, t: Any) -> Any:
    return (x[0] - 1.0 - t) ** 2 + (x[1] - 2.0) ** 2 + 0.1 * x[0] * x[1]


def _box(t: Any) -> Any:
    return optimize.Bounds(np.array([-1.0, -1.0]), np.array([0.5 * t, 0.7]))


IN_A_BOX_MADE_INSIDE: dict[str, Callable[[Any], Any]] = {
    "minimize": lambda t: optimize.minimize(_valley, np.zeros(2), args=(t,), bounds=_box(t), method="L-BFGS-B", tol=1e-12).x,
    "one number": lambda t: optimize.minimize(_valley, np.zeros(2), args=(t,), bounds=optimize.Bounds(-1.0, 0.5 * t), method="TNC", tol=1e-12).x,
    "a list": lambda t: optimize.minimize(_valley, np.zeros(2), args=(t,), bounds=optimize.Bounds([-1.0, -1.0], [0.5 * t, 0.7]), tol=1e-12).x,
    "least_squares": lambda t: optimize.least_squares(lambda x: np.array([x[0] - 9.0 * t, x[1] - t, x[0] * x[1]]), np.zeros(2), bounds=_box(t)).x,
    "lsq_linear": lambda t: optimize.lsq_linear(np.array([[1.0, 2.0], [t, 1.0]]), np.array([9.0, t]), bounds=_box(t)).x,
    "evolution": lambda t: optimize.differential_evolution(_valley, _box(t), args=(t,), rng=1, tol=1e-10).x,
}  # fmt: skip


@pytest.mark.parametrize("name", IN_A_BOX_MADE_INSIDE)
def test_bounds_that_are_differentiated_in_an_object(name: str) -> None:
    """What SciPy's `Bounds` holds moves what it bounds."""
    def f(t: Any) -> Any:
        return IN_A_BOX_MADE_INSIDE[name](t) @ np.array([2.0, 1.0])

    t, h = 0.8, 1e-5
    found = srcad.grad(f)(t)
    assert abs(found) > 0.1
    np.testing.assert_allclose(found, (f(t + h) - f(t - h)) / (2 * h), rtol=1e-3)
    np.testing.assert_allclose(srcad.jvp(f, (t,), (1.0,))[1], found, rtol=1e-8)


def test_second_derivatives_between_bounds() -> None:
    h = 1e-4
    differences = np.stack([(srcad.grad(boxed)(Q + h * e) - srcad.grad(boxed)(Q - h * e)) / (2 * h) for e in np.eye(4)])
    np.testing.assert_allclose(srcad.hessian(boxed)(Q), differences, rtol=1e-4, atol=1e-5)


# ---- what holds for all ------------------------------------------------------------------------------------------------
def test_the_cube_root() -> None:
    """The classic: by `brentq` it has a derivative; by sixty bisections by hand every step is a comparison, and that is a cut."""

    def solved(p: Any) -> Any:
        return optimize.brentq(lambda x: x**3 - p, 0, 10)

    def halved(p: Any) -> Any:
        low, high = 0.0, 10.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            if middle**3 < p:
                low = middle
            else:
                high = middle
        return low

    third = srcad.grad(srcad.grad(srcad.grad(solved)))
    assert srcad.grad(solved)(2.0) == pytest.approx(2 ** (-2 / 3) / 3, rel=1e-12)
    assert third(2.0) == pytest.approx(10 / 27 * 2 ** (-8 / 3), rel=1e-10)
    with pytest.warns(srcad.CutWarning):
        assert srcad.grad(halved)(2.0) == 0.0


def test_solvers_in_solvers() -> None:
    def mean(p: Any) -> Any:
        return integrate.quad(lambda x: optimize.brentq(lambda y: y**3 + y - x * p[0] - p[1], -9, 9), 0, 1)[0]

    def end(p: Any) -> Any:
        return optimize.brentq(lambda b: integrate.quad(lambda x: math.exp(-x * p[1]), 0, b)[0] - p[0] / 4, 0, 10)

    for f in (mean, end):
        assert srcad.check_grads(f, P, order=1).ok
    df, h = srcad.grad(end), 1e-4
    differences = np.stack([(df(P + h * e) - df(P - h * e)) / (2 * h) for e in np.eye(2)])
    np.testing.assert_allclose(srcad.hessian(end)(P), differences, rtol=1e-5)


def test_in_a_loop_and_a_branch() -> None:
    def f(p: Any) -> Any:
        total = 0.0
        for k in range(3):
            if k != 1:
                total = total + optimize.brentq(lambda x, k=k: x**3 + k * x - p[0], 0.0, 9.0) * p[1]
        return total

    assert srcad.check_grads(f, P, order=1).ok


def test_objects_and_methods() -> None:
    class Spring:
        def __init__(self, stiffness: Any) -> None:
            self.stiffness = stiffness

        def force(self, x: Any, load: Any) -> Any:
            return self.stiffness * x + x**3 - load

    def f(p: Any) -> Any:
        return optimize.brentq(Spring(p[0]).force, 0.0, 9.0, args=(p[1],))

    assert srcad.check_grads(f, P, order=1).ok


def test_what_is_constant_stays_constant() -> None:
    """Closures reach solvers where nothing is differentiated too, with all attributes of the result."""

    def f(p: Any) -> Any:
        k = 2.0
        best = optimize.minimize(lambda x: np.sum((x - k) ** 2), [0.0, 1.0])
        return optimize.brentq(lambda x: x * x - k, 0, 9) * p[0] + best.x[0] * p[1] + best.hess_inv[0, 0]

    np.testing.assert_allclose(srcad.grad(f)(P), [math.sqrt(2.0), 2.0], rtol=1e-7)


def test_the_bracket_has_no_derivative() -> None:
    assert srcad.grad(lambda p: optimize.brentq(lambda x: x**3 - p[0], p[1] - 1.0, 9.0))(P)[1] == 0.0


def test_errors_of_the_solver_are_those_of_the_solver() -> None:
    with pytest.raises(ValueError, match="different signs"):
        srcad.grad(lambda p: optimize.brentq(lambda x: x**2 + p, 0.0, 1.0))(2.0)


def test_the_arguments_are_not_changed() -> None:
    p = P.copy()
    srcad.grad(lambda p: np.sum(optimize.fsolve(equations, p, (p, 2.0))))(p)
    np.testing.assert_array_equal(p, P)


def printing(p: Any) -> Any:
    def equation(x: Any) -> Any:
        print(x)
        return x**3 - p

    return optimize.brentq(equation, 0.0, 9.0)


def changing(p: Any) -> Any:
    calls = np.zeros(1)

    def equation(x: Any) -> Any:
        calls[0] += 1.0
        return x**3 - p

    return optimize.brentq(equation, 0.0, 9.0) * calls[0]


@pytest.mark.parametrize(("f", "message"), [
    (printing, "prints, logs or draws"), (changing, "lives outside|changes what"),
    (lambda p: optimize.minimize(lambda x: np.sum((x - p) ** 2), [0.0]).hess_inv[0, 0] * p, "'hess_inv' of the result"),
    (lambda p: integrate.quad(lambda x: p, 0.0, 1.0, weight="cos", wvar=1.0)[0], "no derivative rule with `weight`"),
    (lambda p: integrate.solve_ivp(lambda t, y: -p * y, (0.0, 1.0), [1.0], events=lambda t, y: y[0]).y[0, -1], "with `events`"),
    (lambda p: optimize.brentq(lambda x: x - p, 0.0, 9.0, full_output=True)[0], "with `full_output`"),
], ids=["printing", "changing", "hess_inv", "weight", "events", "full_output"])  # fmt: skip
def test_refusals(f: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(SrcadError, match=message):
        srcad.grad(f)(2.0)


def test_refusals_are_norule_with_a_way_out() -> None:
    with pytest.raises(NoRule) as caught:
        srcad.grad(lambda p: optimize.minimize(lambda x: np.sum((x - p) ** 2), [0.0], callback=print).x[0])(2.0)
    assert caught.value.advice


def lens(p: Any) -> Any:
    return integrate.quad(lambda x, r2, c: np.arcsin(96.0 * np.sqrt((r2 - x * x) / (c - 9216.0 * x * x))), 12.0, 30.0, args=(p, p * p * 7.7))[0]


def test_integrals_by_large_parameters_are_as_exact_as_the_integral() -> None:
    """The derivative by a parameter of size 1e7 is small; an absolute tolerance would be its whole value."""
    p, step = 1296.0, 1e-2
    expected = (lens(p + step) - lens(p - step)) / (2.0 * step)
    np.testing.assert_allclose(srcad.grad(lens)(p), expected, rtol=1e-6)


def test_an_integral_over_the_whole_plane() -> None:
    def bell(p: Any) -> Any:
        return integrate.dblquad(lambda y, x: np.exp(-p * (x * x + y * y)), -np.inf, np.inf, -np.inf, np.inf)[0]

    np.testing.assert_allclose(srcad.grad(bell)(0.7), -np.pi / 0.49, rtol=1e-6)


def pair_of_arguments(p: Any) -> Any:
    return integrate.quad(lambda t, both: t * both[0] + both[1], 0.0, 1.0, args=((p[0], p[1]),))[0]


def test_containers_as_extra_arguments_are_refused() -> None:
    with pytest.raises(NoRule, match="hands a container to an inner function"):
        srcad.grad(pair_of_arguments)(P)


def of_both(t: Any, both: Any) -> Any:
    return t * both[0] + both[1]


def test_containers_reach_functions_of_modules() -> None:
    np.testing.assert_allclose(srcad.grad(lambda p: integrate.quad(of_both, 0.0, 1.0, args=((p[0], p[1]),))[0])(P), [0.5, 1.0])


def test_a_solver_that_stops_early_has_the_derivative_of_the_solution() -> None:
    def nearest(a: Any) -> Any:
        return optimize.minimize(lambda x, a: (x[0] ** 2 - a) ** 2 + 0.1 * x[0] ** 4, np.array([1.0]), args=(a,), method="Nelder-Mead").x[0]

    np.testing.assert_allclose(srcad.grad(nearest)(2.0), 0.5 / np.sqrt(2.0 * 1.1), rtol=1e-9)
    np.testing.assert_allclose(srcad.jvp(nearest, (2.0,), (1.0,))[1], 0.5 / np.sqrt(2.0 * 1.1), rtol=1e-9)


def test_solvers_inside_solvers_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made too shallow left the compiler as an exception of its own."""
    monkeypatch.setattr(pipeline, "_MOST_ORDERS", 1)

    def area(a: float) -> Any:
        return integrate.quad(lambda x: np.exp(-a * x * x), 0.0, 1.0)[0]

    with pytest.raises(srcad.NoRule, match="lower the order of differentiation"):
        srcad.grad(srcad.grad(area))(0.7)


_AT, _HEIGHTS = np.arange(6.0), np.array([1.0, -0.5, 0.4, 1.2, -0.7, 0.3])


@pytest.mark.parametrize("roots", [
    lambda y: interpolate.CubicSpline(_AT, y).roots(extrapolate=False), lambda y: interpolate.CubicSpline(_AT, y).derivative().roots() ** 2,
    lambda y: interpolate.CubicSpline(_AT, y).solve(0.1 * y[2], extrapolate=False), lambda y: interpolate.PchipInterpolator(_AT, y).roots(),
    lambda y: interpolate.InterpolatedUnivariateSpline(_AT, y).roots(),
], ids=["roots", "extremes", "solve", "pchip", "univariate"])  # fmt: skip
def test_roots_of_curves(roots):
    np.testing.assert_array_equal(srcad.vjp(roots, _HEIGHTS)[0], roots(_HEIGHTS))
    srcad.check_grads(roots, _HEIGHTS)


def test_roots_where_a_curve_jumps_are_refused():
    c = np.array([[1.0, -1.0], [-2.3, 0.2], [0.5, 0.4]])
    with pytest.raises(srcad.NotDifferentiable, match="jumps over a value"):
        srcad.vjp(lambda c: interpolate.PPoly(c, [0.0, 1.0, 2.0]).roots(), c)
    srcad.check_grads(lambda c: interpolate.PPoly(c, [0.0, 1.0, 2.0]).roots(discontinuity=False), c)


def test_a_linear_program_by_the_constraints_that_hold():
    rows, costs, limits = np.array([[1.0, 1.0], [1.0, 3.0]]), np.array([-1.0, -2.0]), np.array([4.0, 6.0])

    def least(b):
        found = optimize.linprog(costs, A_ub=rows, b_ub=srcad.stop_gradient(b))
        held = np.flatnonzero(found.slack < 1e-9)
        return costs @ np.linalg.solve(rows[held], b[held])

    srcad.check_grads(least, limits)
    with pytest.raises(srcad.NoRule, match="the corner where"):
        srcad.grad(lambda b: optimize.linprog(costs, A_ub=rows, b_ub=b).fun)(limits)
