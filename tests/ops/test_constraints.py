"""Minima under constraints: the derivative of the equations that hold them, and what has none."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcad
from srcad.runtime import pressing

pytest.importorskip("scipy")
from scipy import integrate  # noqa: E402
from scipy.optimize import Bounds, LinearConstraint, NonlinearConstraint, minimize  # noqa: E402

P = np.array([1.3, 0.7])
HOW = {"method": "SLSQP", "tol": 1e-13}


def away(x: Any, p: Any) -> Any:
    return (x[0] - p[0]) ** 2 + 2.0 * (x[1] - p[1]) ** 2 + 0.3 * x[0] * x[1]


def dicts(p: Any) -> Any:
    """One holds, one does not, and one is an equation with a parameter of its own."""
    inside = [{"type": "ineq", "fun": lambda x: 1.0 - x[0] - x[1] * p[1]}, {"type": "ineq", "fun": lambda x: 5.0 - x[0]}]
    first = minimize(lambda x: away(x, p), [0.1, 0.1], constraints=inside, **HOW)
    tied = {"type": "eq", "fun": lambda x, a: x[0] - 0.5 * x[1] * a, "args": (p[1],)}
    return first.x[0] * first.fun + minimize(lambda x: away(x, p), [0.1, 0.1], constraints=tied, **HOW).x[1]


def objects(p: Any) -> Any:
    """Limits on both sides, equal ones and bounds."""
    ring = NonlinearConstraint(lambda x: np.array([x[0] ** 2 + x[1] ** 2 * p[0], x[0] - x[1]]), [0.0, -np.inf], [1.0, 5.0])
    line = LinearConstraint(np.array([[1.0, 2.0]]), 1.2 * p[1], 1.2 * p[1])
    first = minimize(away, [0.5, 0.3], args=(p,), constraints=[ring], bounds=Bounds([0.0, 0.0], [0.4, 9.0]), **HOW).x
    return np.sum(first**2) + minimize(away, [0.5, 0.3], args=(p,), constraints=line, bounds=[(p[0] / 4.0, None), (None, None)], **HOW).x[1]


@pytest.mark.parametrize("f", [dicts, objects])
def test_both_modes(f: Callable[[Any], Any]) -> None:
    assert srcad.value_and_grad(f)(P)[0] == f(P)
    differences = [(f(P + h) - f(P - h)) / 2e-4 for h in 1e-4 * np.eye(2)]
    np.testing.assert_allclose(srcad.grad(f)(P), differences, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(srcad.jvp(f, (P,), (np.array([0.3, -0.7]),))[1], np.dot(differences, [0.3, -0.7]), rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("ignore:delta_grad == 0.0")
def test_an_interior_point_method() -> None:
    """It stops short of what holds the minimum, differently far for each value: differences show that and not the derivative."""

    def f(p: Any) -> Any:
        return minimize(away, [0.1, 0.1], args=(p,), constraints=LinearConstraint([1.0, 1.0], ub=p[1]), method="trust-constr", tol=1e-10).x[0]

    np.testing.assert_allclose(srcad.grad(f)(P), [2.0 / 5.4, -0.3 / 5.4], rtol=1e-6)


@pytest.mark.parametrize(("apart", "multiplier", "held"), [(0.0, 1.0, True), (2e-5, 1.0, True), (2e-5, 3e-6, False), (2e-3, 1.0, False)])
def test_a_solver_that_stops_short_of_what_holds_its_minimum(apart: float, multiplier: float, held: bool) -> None:
    """How far it stops is a matter of rounding: the multiplier tells, since only one of both is 0 at the minimum."""
    found = pressing(np.array([apart]), np.array([[2.0, 0.0]]), np.array([False]), np.array([2.0 * multiplier, 0.0]), np.array([0.5, 0.2]))
    assert found.tolist() == [held]


def test_second_order() -> None:
    """The nearest point of a circle, of which everything is known."""

    def nearest(p: Any) -> Any:
        return minimize(lambda x: np.sum((x - p) ** 2), [1.0, 1.0], constraints={"type": "eq", "fun": lambda x: x @ x - 1.0}, **HOW).x[0]

    np.testing.assert_allclose(srcad.hessian(nearest)(P), srcad.hessian(lambda p: p[0] / np.sqrt(p @ p))(P), rtol=1e-6)


@pytest.mark.parametrize(("constraints", "message"), [
    (lambda p: {"type": "ineq", "fun": lambda x: p[0] - x[0]}, "does not press"),
    (lambda p: [{"type": "ineq", "fun": lambda x: 1.0 - x[0]}, {"type": "ineq", "fun": lambda x: 2.0 - 2.0 * x[0]}], "depend on each other"),
], ids=["weak", "dependent"])  # fmt: skip
def test_degenerate_minima_have_no_derivative(constraints: Callable[[Any], Any], message: str) -> None:
    def f(p: Any) -> Any:
        return minimize(lambda x: np.sum((x - p) ** 2), np.zeros(2), constraints=constraints(p), **HOW).x[0]

    with pytest.raises(srcad.NotDifferentiable, match=message):
        srcad.grad(f)(P)


def test_functions_that_capture_nested_lists() -> None:
    """Their tangents left out the numbers in lists within lists: forward mode raised TypeError in generated code."""

    def f(p: Any) -> Any:
        table = [[1.0, 2.0]]
        return integrate.quad(lambda x: p * x - table[0][0] * p, 0.0, 1.0)[0]

    assert srcad.jvp(f, (1.3,), (1.0,))[1] == pytest.approx(-0.5)
