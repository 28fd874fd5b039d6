"""SciPy's minimisers, root finders, fits and stiff solvers driven by srcad's derivatives, on functions as SciPy has them."""
from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize
from scipy.optimize import rosen, rosen_der, rosen_hess, rosen_hess_prod

import srcad

START = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
GRADIENT, HESSIAN = srcad.grad(rosen), srcad.hessian(rosen)


def product(x, p):
    return srcad.hvp(rosen, (x,), (p,))


THEIRS = {"jac": rosen_der, "hess": rosen_hess, "hessp": rosen_hess_prod}
OURS = {"jac": GRADIENT, "hess": HESSIAN, "hessp": product}
METHODS = [
    ("CG", "jac"), ("BFGS", "jac"), ("L-BFGS-B", "jac"), ("TNC", "jac"), ("SLSQP", "jac"), ("trust-constr", "jac"),
    ("Newton-CG", "jac hess"), ("Newton-CG", "jac hessp"), ("dogleg", "jac hess"), ("trust-ncg", "jac hess"), ("trust-ncg", "jac hessp"),
    ("trust-krylov", "jac hess"), ("trust-krylov", "jac hessp"), ("trust-exact", "jac hess"), ("trust-constr", "jac hess"),
    ("trust-constr", "jac hessp"), ("COBYLA", ""), ("Nelder-Mead", ""),
]  # fmt: skip


def test_derivatives_of_rosen_are_those_that_scipy_has():
    rng = np.random.default_rng(3)
    for n in (2, 3, 7):
        x, p = rng.normal(size=n), rng.normal(size=n)
        np.testing.assert_allclose(GRADIENT(x), rosen_der(x), rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(HESSIAN(x), rosen_hess(x), rtol=1e-12, atol=1e-10)
        np.testing.assert_allclose(product(x, p), rosen_hess_prod(x, p), rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize(("method", "given"), METHODS)
def test_minimisers_take_the_same_way(method, given):
    start = np.array([1.2, 1.4]) if method == "dogleg" else START  # dogleg needs a positive definite matrix
    options = {"trust-constr": {"gtol": 1e-8, "maxiter": 200}}.get(method, {})
    found, expected = (
        optimize.minimize(rosen, start, method=method, options=options, **{k: derivatives[k] for k in given.split()})
        for derivatives in (OURS, THEIRS)
    )
    assert found.success == expected.success
    assert abs(found.nfev - expected.nfev) <= 3
    np.testing.assert_allclose(found.x, expected.x, atol=1e-4)
    assert method in ("COBYLA", "Nelder-Mead") or np.max(np.abs(found.x - 1.0)) < 1e-3


def test_value_and_gradient_in_one_call():
    found = optimize.minimize(srcad.value_and_grad(rosen), START, jac=True, method="BFGS")
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-5)


def test_constraints_with_their_jacobian_and_hessian():
    def constraints(x):
        return np.array([np.sum(x**2), x[0] * x[1]])

    def weighted(x, v):
        return srcad.hessian(lambda x: np.vdot(constraints(x), v))(x)

    bounds = optimize.NonlinearConstraint(constraints, [-np.inf, 0.1], [3.0, 2.0], jac=srcad.jacobian(constraints), hess=weighted)
    found = optimize.minimize(rosen, START, jac=GRADIENT, hess=HESSIAN, method="trust-constr", constraints=bounds, options={"gtol": 1e-9})
    reference = optimize.minimize(
        rosen, START, jac=GRADIENT, method="SLSQP", options={"ftol": 1e-14},
        constraints=[{"type": "ineq", "fun": lambda x: 3.0 - np.sum(x**2), "jac": srcad.grad(lambda x: 3.0 - np.sum(x**2))},
                     {"type": "ineq", "fun": lambda x: x[0] * x[1] - 0.1, "jac": srcad.grad(lambda x: x[0] * x[1] - 0.1)}],
    )  # fmt: skip
    np.testing.assert_allclose(found.x, reference.x, atol=1e-4)


def residuals(x, a):
    return np.array([10.0 * (x[1] - x[0] ** 2), a - x[0], x[0] * x[1] - a**3])


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_least_squares(method):
    found = optimize.least_squares(residuals, [-1.2, 1.0], jac=srcad.jacobian(residuals), args=(1.3,), method=method)
    np.testing.assert_allclose(found.x, [1.3, 1.69], rtol=1e-7)
    assert found.njev <= 30


def equations(x, a):
    return np.array([x[0] + 0.5 * (x[0] - x[1]) ** 3 - a, 0.5 * (x[1] - x[0]) ** 3 + x[1]])


def test_roots_of_equations():
    slope = srcad.jacobian(equations)
    expected = [0.8411639, 0.1588361]
    for method in ("hybr", "lm"):
        np.testing.assert_allclose(optimize.root(equations, [0.0, 0.0], jac=slope, args=(1.0,), method=method).x, expected, rtol=1e-6)
    np.testing.assert_allclose(optimize.fsolve(equations, [0.0, 0.0], fprime=slope, args=(1.0,)), expected, rtol=1e-6)


def cubic(x):
    return x**3 - 2.0


def test_roots_of_one_number():
    first, second = srcad.grad(cubic), srcad.grad(srcad.grad(cubic))
    for method, more in (("newton", {}), ("halley", {"fprime2": second})):
        assert optimize.root_scalar(cubic, x0=1.0, fprime=first, method=method, **more).root == pytest.approx(2 ** (1 / 3), rel=1e-12)
    assert optimize.newton(cubic, 1.0, fprime=first, fprime2=second) == pytest.approx(2 ** (1 / 3), rel=1e-12)


def decaying(t, a, b):
    return a * np.exp(-b * t)


def test_fits():
    by_both = srcad.jacobian(decaying, argnums=("a", "b"))
    t = np.linspace(0.0, 1.0, 10)
    found, _ = optimize.curve_fit(decaying, t, decaying(t, 2.0, 3.0), jac=lambda *args: np.stack(by_both(*args), axis=-1))
    np.testing.assert_allclose(found, [2.0, 3.0], rtol=1e-7)


def van_der_pol(t, y, mu):
    return [y[1], mu * (1.0 - y[0] ** 2) * y[1] - y[0]]


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_stiff_equations(method):
    slope = srcad.jacobian(van_der_pol, argnums="y")
    by_hand = integrate.solve_ivp(
        van_der_pol, (0.0, 20.0), [2.0, 0.0], args=(100.0,), method=method,
        jac=lambda t, y, mu: np.array([[0.0, 1.0], [-2.0 * mu * y[0] * y[1] - 1.0, mu * (1.0 - y[0] ** 2)]]),
    )  # fmt: skip
    found = integrate.solve_ivp(van_der_pol, (0.0, 20.0), [2.0, 0.0], args=(100.0,), method=method, jac=slope)
    assert (found.njev, found.nfev) == (by_hand.njev, by_hand.nfev)
    np.testing.assert_allclose(found.y[:, -1], by_hand.y[:, -1], rtol=1e-9)
