"""Minima under constraints: `scipy.optimize`.

A constraint that holds with equality and presses on the minimum is an equation (Karush, Kuhn and Tucker): there `grad f` is a combination
of the constraints' gradients.  Without the multipliers, which follow from the minimum, that is
`(I - J^T (J J^T)^-1 J) grad f + J^T (J J^T)^-1 c = 0` for the values c and the Jacobian J of these constraints.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.ir.types import Array
from srcad.marks import PUBLIC, REFUSED, TYPED
from srcad.ops.infer import ANY
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, step_helper
from srcad.ops.scipy_roots import vector
from srcad.ops.solver import solver
from srcad.runtime import pressing

_jacfwd = PUBLIC["jacfwd"]


class Between:
    """A constraint `low <= f(x) <= high`; `made` gives SciPy's object."""

    def __init__(self, f: Any, low: Any, high: Any, made: Any) -> None:
        self.f = f
        self.low = low
        self.high = high
        self.made = made


def _nonlinear(solve: Any, fun: Any, lb: Any, ub: Any, jac: Any = "2-point") -> Any:
    return Between(fun, lb, ub, lambda x: solve(x, fun=fun, lb=lb, ub=ub, jac=jac))


def _linear(solve: Any, A: Any, lb: Any = -np.inf, ub: Any = np.inf) -> Any:  # noqa: N803 -- SciPy's word
    matrix = np.atleast_2d(A)
    return Between(lambda x: matrix @ x, lb, ub, lambda x: solve(A=A, lb=lb, ub=ub))


def listed(constraints: Any, limits: Any) -> Any:
    """The constraints one by one; `limits` are the bounds of each variable, or None."""
    alone = list(constraints) if isinstance(constraints, (list, tuple)) else [constraints]
    return alone if limits is None else [*alone, Between(lambda x: x, limits[0], limits[1], None)]


def handed(constraints: Any, x: Any) -> Any:
    """The constraints as SciPy takes them, for a point like `x`."""
    if not isinstance(constraints, (list, tuple)):
        return _made(constraints, x)
    return [_made(c, x) for c in constraints] if len(constraints) > 0 else ()


def _made(constraint: Any, x: Any) -> Any:
    if isinstance(constraint, Between):
        return constraint.made(x)
    if not isinstance(constraint, dict) or "args" not in constraint:
        return constraint
    made = {"type": constraint["type"], "fun": _bound(constraint["fun"], constraint["args"])}
    if "jac" in constraint:
        made["jac"] = _bound(constraint["jac"], constraint["args"])
    return made


def _bound(f: Any, args: Any) -> Any:
    """A function with its extra arguments."""
    return (lambda x: f(x, *args)) if callable(f) else f


def _sides(constraint: Any, x: Any) -> Any:
    """What must not be negative at `x`, and where it must be 0."""
    if isinstance(constraint, Between):
        return between(np.ravel(np.asarray(constraint.f(x))), constraint.low, constraint.high)
    if hasattr(constraint, "A"):
        return between(TYPED(constraint.A, "matrix") @ x, TYPED(constraint.lb, "vector"), TYPED(constraint.ub, "vector"))
    if not isinstance(constraint, dict):
        REFUSED("a constraint that is only known at run time has no rule", "write it in the call, or where the function can see it made")
    values = np.ravel(np.asarray(constraint["fun"](x, *constraint.get("args", ()))))
    return values, np.full(np.shape(values), constraint["type"].lower() == "eq")


def between(values: Any, low: Any, high: Any) -> Any:
    """The distances from both limits, 1 where there is none; limits that are equal make an equation."""
    low, high = vector(low) + np.zeros_like(values), vector(high) + np.zeros_like(values)
    below, above = np.isfinite(low), np.isfinite(high) & (low != high)
    left = np.where(below, values - np.where(below, low, 0.0), 1.0)
    right = np.where(above, np.where(above, high, 0.0) - values, 1.0)
    return np.concatenate([left, right]), np.concatenate([low == high, np.full(np.shape(values), False)])


def _values(constraints: Any, x: Any) -> Any:
    return np.concatenate([_sides(c, x)[0] for c in constraints])


def pressed(slope: Any, x: Any, constraints: Any) -> Any:
    """What is 0 at a minimum: `slope` along the constraints that press, and how far they are from holding."""
    rows = _jacfwd(lambda x: _values(constraints, x))(x)
    values, equal = _values(constraints, x), np.concatenate([_sides(c, x)[1] for c in constraints])
    held = pressing(values, rows, equal, slope, x)
    kept = np.where(held[:, None], rows, 0.0)
    weights = np.linalg.solve(kept @ kept.T + np.diag(np.where(held, 0.0, 1.0)), kept @ slope - np.where(held, values, 0.0))
    return slope - kept.T @ weights


def constraints(optimize: Any) -> tuple[Spellings, ...]:
    """`scipy.optimize`: the classes of constraints."""
    return (
        step_helper(pressing, infer=always(Array("bool", (ANY,)))),
        solver(optimize.NonlinearConstraint, _nonlinear, module="optimize", options="hess keep_feasible finite_diff_rel_step "
            "finite_diff_jac_sparsity"),
        solver(optimize.LinearConstraint, _linear, module="optimize", options="keep_feasible"),
    )  # fmt: skip
