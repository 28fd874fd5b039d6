"""Numbers that a bound, a maximum or a branch has left out have the derivative 0, though the function has an infinite slope there."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad


def root_of_max(x):
    return math.sqrt(max(x, 0.0))


def power_of_max(x):
    return max(0.0, x) ** 0.5


def root_of_maximum(x):
    return math.sqrt(np.maximum(x, 0.0)) + np.sqrt(np.fmax(x, 0.0))


def root_of_clip(x):
    return np.sqrt(np.clip(x, 0.0, 1.0))


def bounds_one_in_the_other(x):
    return np.sqrt(min(1.0, max(0.0, x)))


def angle_of_a_bounded_cosine(x):
    return math.acos(min(1.0, max(-1.0, 3.0 * x)))


def largest_of_three(x):
    return math.sqrt(max(x, 0.0, -1.0)) + math.sqrt(max([x, 0.0, -2.0]))


def root_of_the_largest_in_a_display(x):
    items = [-1.0, 2.0 * x, 0.0, x]
    return np.sqrt(np.max([x, 0.0])) + np.sqrt(np.amax(np.array([0.0, 3.0 * x]))) + math.sqrt(np.max(items)) - np.sqrt(-np.min((0.0, -x)))


def root_on_a_path(x):
    return math.sqrt(x if x > 0 else 0.0)


def root_that_a_branch_leaves_out(x):
    r = math.sqrt(max(x, 0.0))
    if r > 0.5:
        return 1.0 / r
    return 2.0


def logarithm_that_a_branch_leaves_out(x):
    y = np.log(np.float64(max(x, 0.0)))
    if x > 0.5:
        return y * 2.0
    return 1.0


def softplus(x):
    e = np.exp(np.float64(-2000.0 * x))
    if x > 0.5:
        return np.log1p(e)
    return 3.0


FUNCTIONS = [v for v in list(globals().values()) if getattr(v, "__module__", "") == __name__]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("x", [-0.7, -1.5])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_zero_where_nothing_depends_on_it(function, x):
    value, gradient = srcad.value_and_grad(function)(x)
    assert value == function(x)
    assert gradient == 0.0
    assert srcad.jvp(function, (x,), (1.0,)) == (value, 0.0)
    assert srcad.vjp(function, x)[1](1.0) == (0.0,)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("function", [root_of_maximum, root_of_clip])
def test_of_single_precision(function):
    x = np.float32(-0.7)
    for gradient in (srcad.grad(function)(x), srcad.vjp(function, x)[1](1.0)[0], srcad.jvp(function, (x,), (np.float32(1.0),))[1]):
        assert gradient == 0.0
    assert srcad.grad(function)(x).dtype == np.float32


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f is not angle_of_a_bounded_cosine])
def test_as_before_where_it_does(function):
    srcad.check_grads(function, 0.7, order=2)


@pytest.mark.parametrize("a", [[-0.3, -0.7], [-1.0, -0.2]])
def test_of_arrays(a):
    def f(a):
        return np.sum(np.sqrt(np.maximum(a, 0.0))) + np.sqrt(np.max(np.append(a, 0.0)))

    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.array_equal(srcad.grad(f)(np.array(a)), np.zeros(2))


def test_an_infinite_slope_stays_one():
    """At the kink itself half of it is infinite; products that are 0 by accident are not taken for masked."""
    assert srcad.grad(root_of_max)(0.0) == math.inf
    assert math.isnan(srcad.grad(lambda x: math.sqrt(x) * math.sqrt(x))(0.0))


def _square_of_a_root(x):
    r = math.sqrt(x)
    if r < 2.0:
        return r * r
    return 3.0


def _square_of_a_root_or_less(x):
    r = math.sqrt(x)
    return max(r * r, -1.0)


@pytest.mark.parametrize("function", [_square_of_a_root, _square_of_a_root_or_less])
def test_a_factor_that_is_zero_by_chance_is_not_taken_for_left_out(function):
    """The slope is 1 there; 0 times infinity says nothing of it."""
    assert math.isnan(srcad.grad(function)(0.0))
    assert not srcad.jvp(function, (0.0,), (1.0,))[1] == 0.0


def test_text():
    source = srcad.grad(root_that_a_branch_leaves_out).source(0.7)
    assert "if test else 0.0" in source


MASKED = {
    "where": lambda x: np.sum(np.where(x >= 0.0, np.sqrt(x) ** 2, 0.0)),
    "the other way": lambda x: np.sum(np.where(x < 0.0, 0.0, np.sqrt(x) ** 2)),
    "maximum": lambda x: np.sum(np.maximum(np.sqrt(x) * np.sqrt(x), -1.0)),
    "factor": lambda x: np.sum((x >= 0.0) * np.sqrt(x) ** 2),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", MASKED.values(), ids=MASKED)
def test_a_factor_that_is_zero_by_chance_in_an_array(f):
    """The mask itself shuts out what it leaves out: nan where it leaves nothing out, as in forward mode."""
    x = np.array([0.0, 4.0])
    assert np.array_equal(srcad.grad(f)(x), [np.nan, 1.0], equal_nan=True)
    assert math.isnan(srcad.jvp(f, (x,), (np.ones(2),))[1])


def test_conditions_of_two_terms_are_not_added():
    """-1 and 1 both hold, and their sum is 0."""

    def f(x, n, m):
        u = w = 0.0
        if n:
            u = 2.0 * x
        if m:
            w = 3.0 * x
        return math.sqrt(u + w + 1.0)

    for n, m in ((-1, 1), (0, 1), (1, 0)):
        assert srcad.jvp(lambda x, n=n, m=m: f(x, n, m), (4.0,), (1.0,))[1] == pytest.approx(srcad.grad(f)(4.0, n, m))
        assert srcad.grad(f)(4.0, n, m) != 0.0
