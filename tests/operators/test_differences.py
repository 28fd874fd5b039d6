"""Differences and complex steps for functions that nobody can follow, where the user asks for them."""
from __future__ import annotations

import functools
import pickle

import numpy as np
import pytest

import srcad
from tests.operators import black_boxes
from tests.operators.black_boxes import _inside, counting

X = np.array([0.3, -0.7, 1.1])


def through(rule, x, a, b):
    p = {"a": a, "b": b}
    y = rule(x * x, p)
    return np.sum(y * x)


@pytest.mark.parametrize(("rule", "tolerance"), [(black_boxes.by_differences, 1e-8), (black_boxes.by_complex_step, 1e-14)],
                         ids=["differences", "complex step"])  # fmt: skip
def test_both_modes(rule, tolerance):
    assert np.array_equal(rule(X, {"a": 0.5, "b": 2.0}), _inside(X, {"a": 0.5, "b": 2.0}))
    f, plain = functools.partial(through, rule), functools.partial(through, _inside)
    value, found = srcad.value_and_grad(f, argnums=(0, 1, 2))(X, 0.5, 2.0)
    assert value == plain(X, 0.5, 2.0)
    expected = srcad.grad(plain, argnums=(0, 1, 2))(X, 0.5, 2.0)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance)
        assert type(a) is type(b)
    along = (np.array([1.0, -2.0, 0.5]), 0.3, -1.0)
    moved = srcad.jvp(f, (X, 0.5, 2.0), along)[1]
    assert moved == pytest.approx(srcad.jvp(plain, (X, 0.5, 2.0), along)[1], rel=tolerance)


def test_numbers():
    expected = srcad.grad(lambda x: np.sin(x) * x**3)(1.3)
    assert srcad.grad(black_boxes.scalar_by_differences)(1.3, 3) == pytest.approx(expected, rel=1e-8)
    assert srcad.grad(black_boxes.scalar_by_complex_step)(1.3, 3) == pytest.approx(expected, rel=1e-14)
    assert srcad.jvp(black_boxes.scalar_by_complex_step, (1.3, 3), (2.0, None))[1] == pytest.approx(2 * expected, rel=1e-14)


def test_how_often_it_is_called():
    counting.calls = 0
    srcad.grad(lambda x: np.sum(black_boxes.counted(x)))(X)
    assert counting.calls == 1 + 2 * 3
    counting.calls = 0
    srcad.jvp(black_boxes.counted, (X,), (X,))
    assert counting.calls == 1 + 2


def test_never_by_itself():
    with pytest.raises(srcad.SrcadError):
        srcad.grad(lambda x: np.sum(black_boxes.simulate(x, {"a": 1.0, "b": 2.0})))(X)


def test_differences_are_not_differentiated():
    def f(x):
        return np.sum(black_boxes.by_differences(x, {"a": 0.5, "b": 2.0}) ** 2)

    with pytest.raises(srcad.NoRule):
        srcad.hvp(f, (X,), (X,))
    with pytest.raises(srcad.NoRule):
        srcad.grad(lambda x: np.sum(srcad.grad(f)(x) ** 2))(X)


def test_wrong_use():
    for step in (0.0, -1e-6, 1, "small"):
        with pytest.raises(srcad.ArgumentError, match="step is"):
            srcad.finite_differences(counting, step=step)
    with pytest.raises(srcad.ArgumentError, match="cannot be imported"):
        local = srcad.finite_differences(lambda x: x)
        srcad.grad(lambda x: local(x))(2.0)
    with pytest.raises((srcad.ArgumentError, srcad.ShapeMismatch)):
        srcad.grad(lambda x: np.sum(black_boxes.pair_by_differences(x)[0]))(X)
    with pytest.raises(srcad.ArgumentError, match="real arguments"):
        srcad.vjp(black_boxes.counted, X + 1j)


def test_it_pickles():
    again = pickle.loads(pickle.dumps(black_boxes.scalar_by_differences))
    assert (again.primal, again.step) == (black_boxes.scalar, 1e-5)
