"""Options of functions of the table that are captured, passed on, or left at their defaults: known by their types alone, or by value."""
from __future__ import annotations

import functools

import numpy as np
import pytest

import srcad

linalg, fft = pytest.importorskip("scipy.linalg"), pytest.importorskip("scipy.fft")
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
    smooth = functools.partial(pytest.importorskip("scipy.signal").savgol_filter, window_length=3, polyorder=1)
    srcad.check_grads(smooth, X[:, 0])
    srcad.check_grads(functools.partial(smooth, mode="constant", cval=0.7), X[:, 0])


@pytest.mark.parametrize("operator", [srcad.jacfwd, srcad.jacrev])
def test_jacobians_row_by_row(operator):
    """An axis that a rule must know, of a function without a rule for many seeds at once."""
    ndimage = pytest.importorskip("scipy.ndimage")
    axis = 1
    for f in (ndimage.sobel, lambda x: ndimage.sobel(x, axis)):
        whole = operator(f)(X[0])
        np.testing.assert_allclose(np.tensordot(whole, X[1], 2), f(X[1]), atol=1e-14)


def test_places_in_tuples():
    """A tuple of indices is not one index for each axis."""
    v, places = X[0, 0], (0, 1, 0)
    srcad.check_grads(lambda x: (np.take(x, (0, 1, 0)), np.take(x, places), x.take(((0, 1), (2, 0)))), v)
    srcad.check_grads(lambda x: (np.take(x, places), np.take(x, (0, 1, 0), axis=2), np.take(x, places, axis=0)), X)


@pytest.mark.parametrize("places", [[0, 1], (0, 1), [2], np.array([True, False, True, False]), 1], ids=str)
def test_one_number_inserted_at_several_places(places):
    srcad.check_grads(lambda x: np.insert(x, places, 1.5, axis=2), X)
    srcad.check_grads(lambda x, y: np.insert(x, places, y, axis=-1), X, X[:, :, 0] if isinstance(places, int) else X[:, :, :1])


def test_one_number_inserted_before_a_slice():
    srcad.check_grads(lambda x: (np.insert(x, slice(0, 3, 2), 1.5, axis=2), np.insert(x[0, 0], slice(0, 2), 2.5)), X)


def test_many_inserted_at_one_place():
    srcad.check_grads(lambda x, y: np.insert(x, [1], y, axis=2), X, X[:, :, :3])


def over_factors(x):
    a = np.asfortranarray(x @ x.T + 3.0 * np.eye(3))
    before = np.sum(a**3)
    return linalg.lu_factor(a, True)[0] + before


def over_inverse(x):
    a = np.asfortranarray(x @ x.T + 3.0 * np.eye(3))
    before = np.sum(a**3)
    return linalg.inv(a, overwrite_a=True, check_finite=False) * linalg.det(x @ x.T, overwrite_a=True) + before


def over_solution(x):
    a, b = np.asfortranarray(x @ x.T + 3.0 * np.eye(3)), np.asfortranarray(x[:, :2] ** 2)
    before = np.sum(a**3) * np.sum(b**2)
    return linalg.solve(a, b, overwrite_a=True, overwrite_b=True) + before


def over_transform(x):
    w = x[0] ** 2
    before = np.sum(w**3)
    return fft.dct(w, 2, None, -1, None, True) + before


def over_complex_transform(x):
    w = (x[0] + 1j * x[1]) ** 2
    before = np.sum(np.abs(w) ** 2)
    return np.abs(fft.fft(w, overwrite_x=True)) + before


@pytest.mark.parametrize("f", [over_factors, over_inverse, over_solution, over_transform, over_complex_transform])
def test_operands_that_may_be_overwritten(f):
    """They are not, since derivatives read them: transforms gave wrong numbers, the others were refused."""
    srcad.check_grads(f, np.random.default_rng(1).normal(size=(3, 4)))


def test_drivers_and_tolerances():
    a = X[0].T
    srcad.check_grads(lambda a: (linalg.svd(a, False, lapack_driver="gesvd")[1], linalg.pinv(a, rtol=1e-9), linalg.norm(a, check_finite=False)), a)
    srcad.check_grads(lambda a: (linalg.eigh(a.T @ a, driver="evd")[0], linalg.eigvalsh(a.T @ a, driver="ev")), a)
    srcad.check_grads(lambda a: (linalg.lstsq(a, a[:, 0] ** 2, lapack_driver="gelsy")[0], linalg.lstsq(a, a[:, 1] ** 3, 1e-9)[0]), a)
    srcad.check_grads(lambda a: linalg.lstsq(a, a[:, 1] ** 3, 0.5)[0], a)  # cuts off: SciPy 1.18 gives nan for the residues


@pytest.mark.parametrize("lengths", [(2, 5), (3,), 4], ids=str)
def test_lengths_of_cosine_transforms(lengths):
    srcad.check_grads(lambda x: (fft.dctn(x, 2, lengths), fft.idstn(x, s=lengths)), X[0])
    srcad.check_grads(lambda x: fft.dctn(x, axes=(0, 1)) * fft.dstn(x, axes=[1, 0], s=[4, 2]), X[0])
