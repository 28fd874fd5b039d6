"""Options of functions of the table that are captured, passed on, or left at their defaults: known by their types alone, or by value."""
from __future__ import annotations

import functools

import numpy as np
import pytest

import srcad

X = np.random.default_rng(4).normal(size=(3, 2, 4))


@pytest.mark.parametrize("axis", [(0, 2), (1,), (-1, 0), 1], ids=str)
def test_axes_of_slopes(axis):
    srcad.check_grads(lambda x: np.gradient(x, axis=axis), X, order=2)


def test_a_list_of_axes_of_slopes():
    srcad.check_grads(lambda x: np.gradient(x, axis=[0, 2]), X)


@pytest.mark.parametrize("axis", [(0, 1), (2, 0)], ids=str)
def test_axes_of_matrices(axis):
    """Norms of matrices, though the order is a literal and only the types of the axes are known: they were taken for norms of vectors."""
    srcad.check_grads(lambda x: (np.linalg.norm(x, 2, axis), np.linalg.norm(x, 1, axis)), X)
    srcad.check_grads(lambda x: (np.linalg.norm(x, -2, axis, keepdims=True), np.linalg.norm(x, np.inf, axis)), X)


ORDERS = (np.inf, -np.inf, 3.0, 2.5, 2.0, 1.0, 0.5, -1.5)


@pytest.mark.parametrize("order", ORDERS)
def test_orders_of_vectors(order):
    """An order that is a captured number."""
    srcad.check_grads(lambda x: np.linalg.norm(x, order), X[0, 0], order=2)
    srcad.check_grads(lambda x: np.linalg.norm(x, order, axis=1, keepdims=True), X + 0.3j * X[::-1])
    srcad.check_grads(lambda x: np.linalg.vector_norm(x, ord=order, axis=(0, 1)), X)


@pytest.mark.parametrize("order", [np.inf, -np.inf, 1.0, -1.0, 2.0, -2.0])
def test_orders_of_matrices(order):
    srcad.check_grads(lambda x: np.linalg.norm(x, order), X[0])
    srcad.check_grads(lambda x: np.linalg.norm(x, order, axis=(0, 2), keepdims=True), X)


def test_orders_at_kinks():
    """As of the same order in the text: equal maxima share, the origin gives 0, zeros beside other numbers are no kink of order 2."""

    def of_order(order):
        return lambda x: np.linalg.norm(x, order)

    np.testing.assert_array_equal(srcad.grad(of_order(np.inf))(np.array([1.0, -1.0, 0.5])), [0.5, -0.5, 0.0])
    np.testing.assert_array_equal(srcad.grad(of_order(2.0))(np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(srcad.grad(of_order(0.0))(np.array([1.0, 0.0, 2.0])), np.zeros(3))
    x = np.array([1.0, 0.0, 2.0])
    np.testing.assert_allclose(srcad.hessian(of_order(2.0))(x), srcad.hessian(lambda x: np.linalg.norm(x))(x), atol=1e-15)


def test_widths_of_filters():
    ndimage = pytest.importorskip("scipy.ndimage")
    for width in (0.6, 0.0, (0.6, 0.0), (0.7, 0.4)):
        srcad.check_grads(lambda x: ndimage.gaussian_filter(x, width, mode="wrap"), X[0])
    order, size = (1, 0), (2, 3)
    srcad.check_grads(lambda x: ndimage.gaussian_filter(x, (0.5, 0.6), order), X[0])
    srcad.check_grads(lambda x: ndimage.gaussian_laplace(x, (0.5, width[0])), X[0])
    srcad.check_grads(lambda x: ndimage.uniform_filter(x, size), X[0])


def test_widths_in_a_list_are_refused():
    ndimage = pytest.importorskip("scipy.ndimage")
    widths = [0.6, 0.7]
    with pytest.raises(srcad.NoRule, match="only known at run time"):
        srcad.grad(lambda x: np.sum(ndimage.gaussian_filter(x, widths)))(X[0])


def test_functions_of_the_table_themselves():
    """What a call leaves at its default, or a partial has bound, is nothing to differentiate by."""
    ndimage = pytest.importorskip("scipy.ndimage")
    srcad.check_grads(ndimage.sobel, X[0])
    srcad.check_grads(functools.partial(ndimage.gaussian_filter, sigma=0.6), X[0])
    srcad.check_grads(functools.partial(np.linalg.pinv, rcond=0.1), X[0])


@pytest.mark.parametrize("operator", [srcad.jacfwd, srcad.jacrev])
def test_jacobians_row_by_row(operator):
    """An axis that a rule must know, of a function without a rule for many seeds at once."""
    ndimage = pytest.importorskip("scipy.ndimage")
    axis = 1
    for f in (ndimage.sobel, lambda x: ndimage.sobel(x, axis)):
        whole = operator(f)(X[0])
        np.testing.assert_allclose(np.tensordot(whole, X[1], 2), f(X[1]), atol=1e-14)
