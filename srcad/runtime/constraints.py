"""Which constraints hold a minimum."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable

_NEAR = 1e-6
_SHORT = 1e-4
"""How far from a constraint that holds it a method that goes through the interior may stop: there the multiplier decides."""


def pressing(values: Any, rows: Any, equal: Any, slope: Any, x: Any) -> Any:
    """Which constraints press on a minimum at `x`: equations, and those that are met with equality and have a positive multiplier.

    `values` (m) must not be negative, nor differ from 0 where `equal` (m); `rows` (m, n) is their Jacobian, `slope` (n) the gradient of
    the function.  Of a constraint that is near without being met, the larger tells: its multiplier, where it presses, or its distance,
    where it does not (both go to 0, and only one can be 0; Nocedal and Wright, Numerical Optimization, chapter 19).  Raises
    NotDifferentiable where the constraints that hold depend on each other, where one of them holds and does not press, so that the
    minimum moves in another way to each side, and where the multipliers are not those of a minimum.
    """
    sizes = np.linalg.norm(rows, axis=1)
    apart = values / np.where(sizes == 0.0, 1.0, sizes) / max(1.0, np.max(np.abs(x), initial=0.0))
    least = max(1.0, np.max(np.abs(slope), initial=0.0))
    near = equal | (apart <= _SHORT)
    weights, _ = _multipliers(rows, sizes, slope, near)
    near[near] = equal[near] | (apart[near] <= np.maximum(_NEAR, weights / least))
    weights, rank = _multipliers(rows, sizes, slope, near)
    if rank < np.sum(near):
        _refuse("the constraints that hold at a minimum depend on each other")
    weights, least = weights[~equal[near]], _NEAR * least
    if np.any(weights < -least):
        _refuse("what the solver returned is no minimum under its constraints: it would be less away from one of them")
    if np.any(weights <= least):
        _refuse("a constraint holds at the minimum and does not press on it: the derivative differs on its two sides")
    return near


def _multipliers(rows: Any, sizes: Any, slope: Any, near: Any) -> tuple[Any, int]:
    """What makes `slope` of the gradients of these constraints, at length 1 each; the rank of these."""
    units = rows[near] / np.where(sizes[near] == 0.0, 1.0, sizes[near])[:, None]
    weights, _, rank, _ = np.linalg.lstsq(units.T, slope, rcond=_NEAR)
    return weights, int(rank)


def _refuse(message: str) -> None:
    raise NotDifferentiable(message, "leave a constraint out, or give the solver another start or a smaller tolerance", code="SRC302")
