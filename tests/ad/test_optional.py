"""Second derivatives through values that may be None: what is None on a tape has no cotangent there."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from tests.corpus.registry import vec
from tests.storage import linked, optional

FUNCTIONS = (
    optional.the_largest, optional.the_best, optional.the_one_before, optional.set_in_a_branch_then_in_a_loop, optional.found_or_not,
    optional.results_by_key, linked.tree_built_in_a_loop, linked.searched,
)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_second_order(function):
    srcad.check_grads(function, vec(3), order=2)
    srcad.check_grads(function, -vec(3), order=2)


def test_reverse_over_reverse():
    x = vec(3)
    twice = srcad.grad(lambda x: srcad.grad(optional.the_largest)(x) @ vec(3, 0.7))
    assert twice(x) == pytest.approx(srcad.hessian(optional.the_largest)(x) @ vec(3, 0.7))


def previous_and_current(x, n):
    state = {"previous": None, "current": x}
    for _ in range(n):
        state["previous"], state["current"] = state["current"], state["current"] * x
    previous = 0.0 if state["previous"] is None else np.sum(state["previous"] * x)
    return np.sum(state["current"]) + previous


@pytest.mark.parametrize("n", [0, 1, 3])
def test_what_a_loop_without_trips_leaves_as_none(n):
    """Its cotangent is None too, which has no `copy`."""
    x = np.array([0.3, 0.8])
    srcad.check_grads(previous_and_current, x, n, order=2)
    assert srcad.vjp(previous_and_current, x, n)[1](1.0)[1] is None
