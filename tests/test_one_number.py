"""What counts as one real number for `grad`, and arguments without any leaf."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad.errors import ArgumentError

A = np.random.default_rng(0).normal(size=(3, 3))


@pytest.mark.parametrize(("f", "x"), [
    (lambda x: np.sum(np.sin(x), keepdims=True), A), (lambda x: np.sum(np.sin(x), axis=0), A[:, :1]),
    (lambda x: np.sum(np.sin(x), axis=1, keepdims=True), A[:1]), (lambda x: x.T @ x, A[:, :1]), (lambda x: x * x, np.array([0.5]))],
    ids=["keepdims", "axis", "both", "product", "vector"])  # fmt: skip
def test_an_array_that_holds_one_number(f, x):
    expected = srcad.grad(lambda x: f(x)[(0,) * np.ndim(f(x))])(x)
    np.testing.assert_array_equal(srcad.grad(f)(x), expected)
    value, gradient = srcad.value_and_grad(f)(x)
    np.testing.assert_array_equal(value, f(x))
    np.testing.assert_array_equal(gradient, expected)
    srcad.check_grads(lambda x: np.sum(srcad.grad(f)(x) ** 2), x, order=2)


def test_single_precision_stays():
    assert srcad.grad(lambda x: np.sum(x * x, keepdims=True))(A.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("x", [np.ones(5), np.ones(0), A, np.array([1j])], ids=["five", "none", "matrix", "complex"])
def test_other_arrays_are_refused(x):
    with pytest.raises(ArgumentError, match="one real number"):
        srcad.grad(lambda x: x * 2.0)(x)


def chosen(options, x):
    return options.get("x", x) ** 2


def test_arguments_without_leaves():
    assert srcad.grad(chosen, argnums=(0, 1))({}, 2.0) == ({}, 4.0)
    assert srcad.grad(lambda items: 1.5 + len(items))([[], ()]) == [[], ()]
    srcad.check_grads(chosen, {}, 2.0, order=2)
    with pytest.raises(ArgumentError, match="no derivative"):
        srcad.grad(lambda items: 1.5 + len(items))([1, 2])
