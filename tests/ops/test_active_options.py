"""Options of NumPy's functions that are differentiated: another centre, a start, values that are put in."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad

X, ROW = np.array([[0.3, -1.2, 2.1], [1.7, 0.4, -0.6]]), np.array([0.3, -1.2, 2.1, 1.7])
CENTRE = np.array([[0.2], [0.7]])


def about_a_centre(x, m):
    return np.var(x, axis=1, mean=m, keepdims=True) * np.std(x, axis=1, mean=m) + x.var(mean=m) + x.std(axis=1, mean=m, ddof=1)


def about_its_own_mean(x):
    centre = np.mean(x, axis=0, keepdims=True)
    return np.std(x, axis=0, mean=centre) + np.var(x, axis=0, mean=centre)


def with_holes(x): return np.where(X > 2.0, np.nan, x)
def about_a_constant(x): return np.nanvar(with_holes(x), axis=1, mean=CENTRE) + np.nanstd(with_holes(x), mean=0.7)
def without_holes(x, m): return np.nanvar(with_holes(x), axis=1, mean=m) + np.nanstd(with_holes(x), axis=1, mean=m)
def starts(x, s): return np.sum(x, initial=s) * np.prod(x, axis=0, initial=s) + np.max(x, initial=s) * x.min(axis=1, initial=s).sum()
def starts_by_position(x, s): return np.sum(x, None, None, None, False, s) ** 2 + np.multiply.reduce(x, 0, None, None, False, s)
def starts_with_holes(x, s):
    x = with_holes(x)
    return np.nansum(x, initial=s) * np.nanprod(x, initial=s) + np.nanmax(x, initial=s) * np.nanmin(x, initial=s)
def starts_of_methods(x, s): return np.add.reduce(x, initial=s) * np.logaddexp.reduce(x, axis=1, initial=s).sum() + np.fmax.reduce(x, initial=s)
def start_of_a_product(x, s): return math.prod(list(x), start=s * s)
def ends(x, a): return np.interp(x, [0.0, 1.0, 2.0], [0.3, 0.7, -0.2], left=a, right=a * a) * np.interp(x, [0.0, 1.0], [0.5, 0.7], left=a)
def in_place_of_nan(x, a): return np.nan_to_num(with_holes(x), nan=a) * np.nan_to_num(with_holes(x), nan=a * a, posinf=a)
def periods(x, p): return np.unwrap(x * p * p, period=p) ** 2
def around(x, c): return np.pad(x, 1, constant_values=c) ** 2 + np.pad(x, ((1, 1), (0, 2)), constant_values=((c, 2.0), (c * c, 1.0))) ** 2
def ramps(x, c): return np.pad(x, 2, mode="linear_ramp", end_values=c) ** 2


PROGRAMS = [
    (about_a_centre, X, CENTRE), (about_its_own_mean, X), (about_a_constant, X), (without_holes, X, CENTRE), (starts, X, 0.7),
    (starts_by_position, X, 0.7), (starts_with_holes, X, 0.7), (starts_of_methods, X, 0.9), (start_of_a_product, ROW, 0.7),
    (ends, np.array([-0.3, 0.4, 2.6]), 0.7), (in_place_of_nan, X, 0.7), (periods, ROW, 1.3), (around, X[:, :2], 0.7), (ramps, X, 0.7),
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p[0].__name__)
def test_options(program) -> None:
    f, *args = program
    srcad.check_grads(f, *args, order=2)


def test_a_complex_centre() -> None:
    srcad.check_grads(lambda x, m: np.var(x, mean=m) + np.std(x, mean=m), X + 1j * X[::-1], 0.3 + 0.2j)


def test_the_call_is_printed_as_it_was_written() -> None:
    text = srcad.grad(lambda x, m: np.var(x, mean=m), argnums=(0, 1)).source(ROW, 0.7)
    assert "np.var(x, mean=m)" in text


def test_kinks() -> None:
    """No spread about a centre on which all elements lie; the start shares a tie with the largest element."""
    bars = srcad.grad(lambda x, m: np.std(x, mean=m), argnums=(0, 1))(np.full(3, 0.7), 0.7)
    assert bars[0].tolist() == [0.0, 0.0, 0.0]
    assert bars[1] == 0.0
    bars = srcad.grad(lambda x, s: np.max(x, initial=s), argnums=(0, 1))(np.array([1.0, 0.3]), 1.0)
    assert bars[0].tolist() == [0.5, 0.0]
    assert bars[1] == 0.5
    assert srcad.grad(lambda s: np.max(np.ones(0), initial=s))(0.7) == 1.0


def test_an_option_without_a_rule_is_refused() -> None:
    with pytest.raises(srcad.NoRule, match="no derivative with respect to `period`"):
        srcad.grad(lambda p: np.sum(np.interp(ROW, [0.0, 1.0], [0.5, 0.7], period=p)))(0.7)


def fit_with_weights(x, y, w): return np.polyfit(x, y, 2, w=w) ** 2
def fits_of_columns(x, y, w): return np.polyfit(x, np.stack([y, x * y], axis=1), 1, w=w) + np.polyfit(x, y * y, 1, w=[1.0, 2, 3, 1, 2])[:, None]


@pytest.mark.parametrize("f", [fit_with_weights, fits_of_columns])
def test_weights_of_a_fit(f) -> None:
    x, y = np.array([0.1, 0.4, 0.9, 1.1, 1.8]), np.array([0.3, 1.2, -0.7, 0.4, 2.1])
    srcad.check_grads(f, x, y, 0.4 + x * x, order=2)
    srcad.check_grads(f, x, y + 1j * x * y, 0.4 + x * x)


@pytest.mark.filterwarnings("ignore:Polyfit")
def test_more_coefficients_than_points() -> None:
    """The values of a fit are linear in those of the points; where the points move to there is no telling."""
    x, y = np.array([0.1, 0.4, 0.9]), np.array([0.3, 1.2, -0.7])
    srcad.check_grads(lambda y: np.polyfit(x, y, 4), y)
    with pytest.raises(srcad.NotDifferentiable, match="fewer points than coefficients"):
        srcad.grad(lambda x: np.sum(np.polyfit(x, y, 4)))(x)


AROUND = {0: (1, 1), -1: (0, 2)}


@pytest.mark.parametrize("f", [lambda x: np.pad(x, AROUND), lambda x: np.pad(x, AROUND, "reflect"), lambda x: np.pad(x, AROUND, constant_values=x[0, 0])],
    ids=["zeros", "reflect", "value"])
def test_widths_by_axis_that_are_captured(f):
    srcad.check_grads(f, np.array([[0.3, 0.8], [1.1, -0.4]]), order=2)
