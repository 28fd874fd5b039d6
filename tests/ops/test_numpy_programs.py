"""Small programs in ordinary NumPy words, from the source to the checked gradient: spellings, options and results that the table's samples do not reach."""
from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.stats

import srcad
from srcad.ops import table

R = np.random.default_rng(0)
A, S, T, B = R.normal(size=(3, 4)), R.normal(size=(3, 3)), R.normal(size=(4, 3)), R.normal(size=6)
STACK, HOLES, MASK = R.normal(size=(2, 3, 3)) + 3 * np.eye(3), np.where(R.random((3, 4)) < 0.2, np.nan, A), R.random(6) > 0.4
WIDE_MASK = R.random((3, 4)) > 0.4


def spectrum(x): return np.sum(np.abs(np.fft.fft(x)) ** 2 * np.arange(len(x)))
def filtered(x):
    f = np.fft.rfft(x, norm="ortho")
    f = f * np.exp(-np.arange(f.shape[0]))
    return np.sum(np.fft.irfft(f, len(x)) ** 3)
def shifted(x): return np.sum(np.abs(np.fft.fftshift(np.fft.fft2(x))) ** 1.5)
def convolved(x): return np.sum(np.real(np.fft.ifftn(np.fft.fftn(x) * np.fft.fftn(x))) ** 2)
def hermitian(x): return np.sum(np.fft.hfft(np.fft.ihfft(x) * 1j, len(x)) ** 2)

def pseudo(a): return np.sum(np.linalg.pinv(a) ** 2)
def values_and_vectors(a):
    w, v = np.linalg.eigh(a + a.T)
    return np.sum(w**3) + np.sum(np.abs(v[:, 0]) ** 3)
def named_result(a): return np.linalg.eigh(a + a.T).eigenvalues[2]
def general_values(a):
    w, v = np.linalg.eig(a)
    return np.sum(np.abs(w) ** 2)
def singular(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(np.abs(u[:, 0])) + np.sum(s**2) + np.sum(np.abs(vh) ** 3)
def full_singular(a):
    u, s, vh = np.linalg.svd(a)
    return s[0] * s[1]
def orthogonal(a):
    q, r = np.linalg.qr(a)
    return np.sum(np.abs(q)) + np.sum(r**2)
def qr_steps(a):
    x = a
    for _ in range(3):
        q, r = np.linalg.qr(x)
        x = r @ q
    return np.sum(x**2)
def fitted(a, y):
    x, residuals, rank, s = np.linalg.lstsq(a, y, rcond=None)
    return np.sum(x**2)
def determinants(a):
    sign, log = np.linalg.slogdet(a)
    return np.linalg.det(a) ** 2 + sign * log
def factor(a): return np.sum(np.linalg.cholesky(a @ a.T + np.eye(3)))
def matrix_norms(a):
    return (np.linalg.norm(a, "nuc") + np.linalg.norm(a, 2) + np.linalg.norm(a, 1) + np.linalg.norm(a, np.inf) + np.linalg.norm(a, -np.inf)
            + np.linalg.norm(a))
def vector_norms(x): return np.linalg.norm(x, 3) + np.linalg.norm(x, np.inf) + np.linalg.norm(x, 1) + np.linalg.norm(x, -1) + np.linalg.norm(x, 0)
def conditioned(a): return np.linalg.cond(a) + np.linalg.cond(a, 1)
def stacked(a, x): return np.sum(np.linalg.solve(a, x) ** 2) + np.sum(np.linalg.inv(a)) + np.sum(np.linalg.det(a))
def chained(x):
    square = x[:, :3]
    return np.vecdot(x, x).sum() + np.linalg.trace(square) + np.linalg.matrix_power(square, 3).sum() + np.linalg.multi_dot([square, x, x.T]).sum()
def turned(x): return (x.mT @ x).sum() + np.matrix_transpose(x)[0].sum()

def reduced(x): return np.add.reduce(x * x) + np.multiply.reduce(x) + np.maximum.reduce(x) - np.minimum.reduce(x)
def accumulated(x): return np.sum(np.add.accumulate(x) ** 2) + np.sum(np.multiply.accumulate(x, axis=1)) + np.sum(np.maximum.accumulate(x, axis=1) ** 2)
def outer_methods(x): return np.sum(np.multiply.outer(x, x) ** 2) + np.sum(np.subtract.outer(x, 2.0 * x) ** 3)
def ranges(x): return np.sum(np.add.reduceat(x, [0, 2, 4]) ** 2)
def options(x):
    return (np.sum(x, where=x > 0, initial=3.0) + np.max(x, initial=-np.inf) + np.mean(x, where=x < 1.0)
            + np.prod(x, axis=1, where=WIDE_MASK, initial=2.0).sum())
def method_options(x): return x.sum(axis=0).std() + x.max(axis=1, initial=0.0).sum() + x.var(ddof=1)
def masked_ufuncs(x): return np.sum(np.exp(x, where=MASK)[MASK]) + np.sum(np.add(x, x, where=MASK)[MASK] ** 2)
def wide_ufuncs(x): return np.sum(np.multiply(x, x, dtype=np.float64))
def cumulative(x): return np.sum(np.cumulative_sum(x) ** 2) + np.sum(np.cumulative_prod(x))

def quantiles(x): return np.quantile(x, 0.3) + np.percentile(x, [20, 70]).sum() + np.median(x) + np.quantile(x, 0.25, axis=1).sum()
def quantile_point(q, x): return np.quantile(x, q)
def interpolated(x, fp): return np.sum(np.interp(x, [0.0, 1.0, 2.0, 3.0], fp) ** 2)
def slopes(x): return np.sum(np.gradient(x) ** 2) + np.sum(np.ediff1d(x) ** 3) + np.sum(np.correlate(x, x, "full"))
def both_slopes(x):
    gy, gx = np.gradient(x)
    return np.sum(gy**2 + gx)
def covariances(x): return np.sum(np.cov(x) ** 2) + np.sum(np.corrcoef(x)[0] ** 3)
def fit_of_powers(x, y): return np.sum(np.polyfit(x, y, 2) ** 2)
def roots(x): return np.sum(np.abs(np.roots(x)) ** 2)
def grids(s): return np.sum(np.logspace(s, 2 * s, 5)) + np.sum(np.geomspace(s, 3 * s, 4)) + np.sum(np.arange(s, 4.0, s) ** 2) + np.sum(np.linspace(s, s * s, 7) ** 2)
def halves(x):
    a, c = np.split(x, 2)
    return np.sum(a * c) + sum(np.sum(p**2) for p in np.array_split(x, 4))
def blocks(x): return np.sum(np.block([[x, x], [2 * x, x]]) ** 2) + np.sum(np.dstack((x, x)) ** 3)
def edited(x): return np.sum(np.delete(x, 1) ** 2) + np.sum(np.insert(x, 1, 2.0 * x[0]) ** 2)
def selected(x): return np.sum(np.compress(MASK, x) ** 2) + np.sum(np.extract(x > 0, x) ** 3) + np.sum(np.partition(x, 2)[:2] ** 2)
def chosen(x): return np.sum(np.choose(np.array([0, 1, 1, 0, 1, 0]), [x, x**2]))
def without_nan(x): return np.nanvar(x) + np.nanstd(x, axis=1).sum() + np.nanmedian(x) + np.nanprod(x) + np.nansum(np.nancumsum(x))
def weighted(x): return np.sum(np.bincount(np.array([0, 1, 1, 2, 0, 2]), weights=x) ** 2)
def split_numbers(x):
    f, whole = np.modf(x)
    mantissa, exponent = np.frexp(x)
    return np.sum(f**2) + np.sum(mantissa**2)
def unwrapped(x): return np.sum(np.unwrap(4 * x) ** 2) + np.i0(x).sum()
def chosen_by_a_list(x): return np.sum(np.sin(np.choose([0, 1, 0, 1, 1, 0], [x, x**2]))) + np.sum(np.choose([0, 1, 2], A.T[:3, :3] * x[:3]) ** 2)
def beside_lists(x):
    y = np.interp(x, [-2.0, 0.1, 2.0], [1.0, 2.0, 0.5]) * np.interp(x, [0.0, 0.5, 1.3], [1.0, 2.0, 0.5], period=2.0)
    return np.sum(y) + np.average(x, weights=[1.0, 2, 3, 1, 1, 1]) + np.sum(np.take(x, [0, 9], mode="clip") * np.take(x, [-8, 7], mode="wrap"))
def edges(x): return np.sum(np.diff(x, append=x[0]) ** 2) + np.sum(np.diff(x, 2, prepend=[0.0, x[1]], append=1.0) ** 3)
def by_columns(a): return np.sum(a.ravel(order="F") * np.arange(12)) + np.sum(np.reshape(a, (6, 2), order="F")[:, 0] ** 2) + a.flatten("F")[4]
def all_in_a_row(a): return np.sum(np.sort(a, axis=None) * np.arange(12)) + np.partition(a, 5, axis=None)[5] + np.percentile(a, 30, axis=1, keepdims=True).sum()
def named_bounds(x): return np.sum(np.clip(x, min=-0.3, max=x[1] + 1.0) ** 2) + np.sum(x.clip(max=0.4))
def numbers_as_masks(x):
    a, b = x.copy(), x.copy()
    np.place(a, (x > 0) * 1, x[:2] ** 2)
    np.putmask(b, (x < 0) * 1, x**3)
    return np.sum(a * b)
def runs(x):
    """`reduceat` of every operation, with runs of one element where the next begins before."""
    a = np.maximum.reduceat(x, [0, 2, 4]) * np.minimum.reduceat(x, [0, 4, 2]) + np.multiply.reduceat(x, [1, 3, 2])
    return np.sum(a + np.subtract.reduceat(x, [0, 2, 4]) * np.divide.reduceat(1.5 + x * x, [0, 4, 1]) + np.logaddexp.reduceat(x, [3, 1, 0]))
def options_of_many(x, y):
    mean, total = np.average(x, weights=y, axis=0, returned=True)
    chosen = np.choose(np.array([-1, 5, 0]), [y[0, :3], y[1, :3] ** 2], mode="clip") * np.choose(np.array([-1, 5, 0]), [y[0, :3], x[0, :3]], mode="wrap")
    return (np.sum(mean * total**2) + np.sum(chosen) + np.sum(np.reshape(x, (4, 3), copy=True)[0] ** 2) + np.sum(np.geomspace(y[0], 2.0, 3, axis=1)[:, 1])
            + np.sum(np.einsum("ij,ij->j", x, y, dtype=float) ** 2) + np.sum(np.logaddexp2.reduce(x, axis=1, where=WIDE_MASK, initial=-2.0))
            + np.sum(np.hypot.accumulate(x, axis=1)) + np.sum(np.pad(x, 5, "reflect", reflect_type="odd") ** 2))
def series(x): return np.polynomial.polynomial.polyval(0.5, x) + np.sum(np.polynomial.legendre.legval(x, [1.0, 0.5, 0.2]))
def contracted(x): return np.einsum("...i,...i->...", x, x).sum() + np.einsum("ij,kj->ik", x, x, optimize=True).sum() + np.einsum("ij,ij", x, x)


PROGRAMS = [
    (runs, B), (options_of_many, A, A**2 + 0.4),
    (spectrum, B), (filtered, B), (shifted, A), (convolved, A), (hermitian, B), (pseudo, T), (values_and_vectors, S), (named_result, S),
    (general_values, S), (singular, T), (full_singular, T), (orthogonal, T), (qr_steps, S), (fitted, T, B[:4]), (determinants, S), (factor, S),
    (matrix_norms, S), (vector_norms, B), (conditioned, S), (stacked, STACK, B[:3]), (chained, A), (turned, A), (reduced, B), (accumulated, A),
    (outer_methods, B), (ranges, B), (options, A), (method_options, A), (masked_ufuncs, B), (wide_ufuncs, B), (cumulative, B), (quantiles, A),
    (quantile_point, 0.37, B), (interpolated, np.array([0.3, 1.7, 2.2]), B[:4]), (slopes, B), (both_slopes, A), (covariances, A),
    (fit_of_powers, B, B**2 + B), (roots, np.array([1.3, -4.1, 0.7, 1.9])), (grids, 0.7), (halves, B), (blocks, A), (edited, B), (selected, B),
    (chosen, B), (without_nan, HOLES), (weighted, B), (split_numbers, B), (unwrapped, B), (contracted, A),
    (chosen_by_a_list, B), (beside_lists, B), (edges, B), (by_columns, A), (all_in_a_row, A), (named_bounds, B), (numbers_as_masks, B), (series, B),
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p[0].__name__)
def test_gradient(program):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        srcad.check_grads(*program)


def rooted_maximum(x): return np.sum(np.sqrt(np.maximum(x, 0.0)))
def rooted_clip(x): return np.sum(np.sqrt(np.clip(x, 0.0, None)))
def guarded_root(x): return np.sum(np.where(x > 0, np.sqrt(x), 0.0))
def guarded_quotient(x): return np.sum(np.where(x != 0, np.sin(x) / x, 1.0))
def guarded_power(x): return np.sum(np.where(x > 0, x**-1.5, 0.0))
def guarded_arctanh(x): return np.sum(np.where(np.abs(x) < 1, np.arctanh(x), 0.0))


def stored_over(x):
    w = np.sqrt(x)
    w[x <= 0] = 0.0
    return np.sum(w * w)


def set_apart(x):
    w = np.log(x)
    w[0] = 1.0
    w[2:] = 2.0
    return np.sum(w * w)


MASKED = [
    rooted_maximum, rooted_clip, guarded_root, guarded_quotient, guarded_power, guarded_arctanh, stored_over, set_apart,
]


@pytest.mark.parametrize("f", MASKED, ids=lambda f: f.__name__)
def test_what_is_masked_poisons_nothing(f):
    """Masked before or behind the singular function, in both modes."""
    x = np.array([-1.0, 4.0, 0.0])
    with np.errstate(all="ignore"):
        bar = srcad.grad(f)(x[:2])
        t = np.array([0.7, 0.3])
        assert np.all(np.isfinite(bar))
        np.testing.assert_allclose(srcad.jvp(f, (x[:2],), (t,))[1], bar @ t)
        assert not np.isnan(srcad.grad(f)(x)).any()


def origin_norm(x): return np.linalg.norm(x)
def origin_third(x): return np.linalg.norm(x, 3) + np.linalg.norm(x, np.inf) + np.linalg.norm(x, 1)
def origin_rows(x): return np.sum(np.linalg.norm(x[None, :], axis=1))
def origin_spread(x): return np.std(x)
def origin_angle(x): return np.arctan2(x[0], x[1])
def origin_power(x): return np.sum(x**0) + np.sum(x**1.5) + np.prod(x) + np.sum(np.cumprod(x))
def origin_base(x): return np.sum(0.0**x)
def origin_sinc(x): return np.sum(np.sinc(x)) + np.sum(np.abs(x))
def origin_determinant(x): return np.linalg.det(np.ones((3, 3)) * x[0] + 1.0)


@pytest.mark.parametrize("f", [origin_norm, origin_third, origin_rows, origin_spread, origin_angle, origin_power, origin_base, origin_sinc,
    origin_determinant], ids=lambda f: f.__name__)  # fmt: skip
def test_finite_at_the_origin(f):
    x = np.zeros(3)
    with np.errstate(all="ignore"):
        assert np.all(np.isfinite(srcad.grad(f)(x)))
        assert np.isfinite(srcad.jvp(f, (x,), (np.ones(3),))[1])


def test_partition_in_any_order():
    """NumPy may leave a partition in whatever order it likes on each side."""
    x, order, t = B[:5], [3, 0, 2, 4, 1], np.arange(5.0)
    entry = table.entry("np.partition")
    assert entry is not None
    np.testing.assert_array_equal(entry.jvp((t, None), x[order], (x, 2)), t[order])
    np.testing.assert_array_equal(entry.vjp(t, x[order], (x, 2))[0], t[np.argsort(order)])


@pytest.mark.parametrize("axes", [(0,), (1, 0), (0, 1, 0), (-1, 0, 0)])
def test_cross_along_axes(axes):
    """Positions are those of `axisa`, `axisb` and `axisc`; vectors are summed over nothing."""
    srcad.check_grads(lambda a, b: np.cross(a, b, *axes), S, S.T @ S)


def test_cross_of_a_vector_with_columns():
    srcad.check_grads(lambda a, b: np.cross(a, b, axis=0), S[0], S)


def test_roll_by_a_tuple_known_at_run_time():
    for x_bar in (srcad.grad(lambda x, shift: np.sum(np.roll(x, shift, (0, 1)) * A))(A, (1, 2)),):
        np.testing.assert_array_equal(x_bar, np.roll(A, (-1, -2), (0, 1)))


def test_select_of_lists_of_any_length():
    conditions = [B > 0.5, B > 0.0]
    srcad.check_grads(lambda choices, default: np.select(conditions, choices, default), [B, B * B], 3.0 * B, order=2)
    srcad.check_grads(lambda given, choices: np.select(given, choices), conditions, [B, B * B], order=2)
    srcad.check_grads(lambda x: np.select(conditions, [k * x for k in range(len(conditions))]), B)
    srcad.check_grads(lambda choices, default: np.select(conditions, choices, default), [1, 2], 3.0 * B)


def test_stacks_of_tuples_at_order_two():
    srcad.check_grads(lambda parts: np.vstack(parts), (A, 2.0 * A), order=2)
    srcad.check_grads(lambda parts: np.column_stack(parts), (B, B * B), order=2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble, np.clongdouble])
def test_precisions(dtype):
    x = B.astype(dtype)
    found = srcad.grad(lambda x: np.real(np.sum(x**2)))(x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, 2 * x, rtol=1e-3)


def test_the_gradient_by_a_real_matrix_is_real():
    """Eigenvalues of a real matrix may be complex, which only run time knows."""
    def f(x):
        values, vectors = np.linalg.eig(x)
        return np.abs(values), np.abs(vectors)

    assert srcad.grad(lambda x: np.sum(f(x)[0]))(S).dtype == np.float64
    srcad.check_grads(f, S, order=2, rtol=1e-5, atol=1e-5)


AXES_OUTSIDE = [0, -1, 1]


def of_axes_outside(x: Any) -> Any:
    return np.sum(np.transpose(x, axes=AXES_OUTSIDE)[0] ** 2 * np.arange(12.0).reshape(4, 3))


def of_optional_axis(x: Any, axis: Any) -> Any:
    return sum(np.sum(part**2) for part in np.gradient(x, axis=axis))


def of_labels(x: Any, labels: Any) -> Any:
    return np.sum(np.einsum(x, labels[0], x, labels[1], labels[2])[0] ** 2)


def test_axes_that_are_only_known_at_run_time() -> None:
    """A list that is read from outside; also with negative numbers."""
    srcad.check_grads(of_axes_outside, np.arange(24.0).reshape(2, 3, 4), order=2)


def test_an_option_that_is_none_is_known() -> None:
    """The type of the result of `np.gradient` depends on it."""
    x = np.arange(12.0).reshape(3, 4) ** 1.5
    srcad.check_grads(of_optional_axis, x, None, order=2)
    srcad.check_grads(np.gradient, x, order=2)


def test_labels_of_einsum() -> None:
    """As an argument they are asked for by value; where that cannot be, both modes refuse (forward mode gave zero)."""
    x = np.arange(6.0).reshape(2, 3) + 0.5
    srcad.check_grads(of_labels, x, ((0, 1), (2, 1), (0, 2)), order=2)

    def of_list(x: Any) -> Any:
        return np.einsum(x, LABELS)

    for refused in (lambda: srcad.vjp(of_list, x), lambda: srcad.jvp(of_list, (x,), (x,))):
        with pytest.raises(srcad.NoRule, match="subscripts that are written out"):
            refused()


LABELS = [0, 1]


def of_one_row(x: Any) -> Any:
    return np.cov(x[None, :]) * np.sum(x) + np.corrcoef(x[None, :])


def of_rows(x: Any) -> Any:
    return np.sum(np.cov(x[1:]) ** 2 * np.sin(x[0, 0])) + np.sum(np.corrcoef(x[1:]) ** 2)


def test_covariance_of_one_variable_is_a_number() -> None:
    """Also where its row is cut from a matrix, so that only the run tells how many there are."""
    srcad.check_grads(of_one_row, np.array([0.3, -0.7, 1.1]), order=2)
    x = np.array([[0.3, -0.7, 1.1], [0.5, 0.2, -0.9], [1.3, 0.1, 0.4]])
    srcad.check_grads(of_rows, x, order=2)
    srcad.check_grads(of_rows, x[:2], order=2)


def test_clip_between_bounds_of_the_wrong_order() -> None:
    """NumPy gives the upper one, whatever the number is."""
    srcad.check_grads(lambda x, low, high: np.sum(np.clip(x, low, high) ** 2), np.array([-2.0, 0.3, 3.0]), 0.9, 0.5, order=2)


def test_sinc_of_complex_numbers() -> None:
    srcad.check_grads(lambda z: np.sum(np.abs(np.sinc(z))), np.array([0.3 + 0.1j, 0.9 + 0.5j, -1.2 + 0.3j]), order=2)
    srcad.check_grads(lambda z: np.abs(np.sinc(z)), 0.9 - 0.5j, order=2)


def test_vdot_of_shapes_that_differ() -> None:
    """It takes both as vectors."""
    srcad.check_grads(lambda a, b: np.vdot(a, b) ** 2, np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2) + 0.5, order=2)


def test_meshgrid_of_a_matrix_and_a_number() -> None:
    """It takes both as vectors."""
    x, y = np.arange(6.0).reshape(2, 3), np.array(0.7)
    srcad.check_grads(lambda x, y: sum(np.sum(v**3) for v in np.meshgrid(x, y)), x, y, order=2)


def test_axes_of_length_1_are_repeated() -> None:
    """In `einsum` and in `take_along_axis`; it used to be an error at run time."""
    a, b = np.arange(6.0).reshape(2, 3) + 0.5, np.array([[0.3, -0.7]])
    for left, right in ((a, b), (a[:, :1], np.arange(6.0).reshape(3, 2))):
        srcad.check_grads(lambda a, b: np.sum(np.einsum("ij,jk->ik", a, b) ** 2), left, right, order=2)
        srcad.check_grads(lambda a, b: np.sum(np.einsum("ij,jk->ik", np.tanh(a)[:, : a.shape[1]], b) ** 2), left, right, order=2)
    places = np.array([[0, 1, 1], [2, 0, 0], [1, 1, 2]])
    srcad.check_grads(lambda x: np.sum(np.take_along_axis(x, places, 1) ** 3), a[:1], order=2)
    srcad.check_grads(lambda x: np.sum(np.take_along_axis(x, places[:1], 1) ** 3), np.vstack([a, a[:1] - 2.0]), order=2)


OF_NOTHING = {
    "diff": np.diff, "ediff1d": np.ediff1d, "resize": lambda x: np.resize(x, 3), "dot": lambda x: np.dot(x[:, None], np.ones((3, 1, 2))),
    "dot right": lambda x: np.dot(np.ones((2, 0)), x), "dot stack": lambda x: np.dot(np.ones((2, 0)), x[None, :, None]),
    "median": lambda x: np.median(np.reshape(x, (0, 4)), axis=1), "vdot": lambda x: np.vdot(x, x),
}  # fmt: skip


@pytest.mark.parametrize("f", OF_NOTHING.values(), ids=OF_NOTHING)
def test_functions_of_nothing(f: Any) -> None:
    """An empty array has an empty gradient, and the result the shape that NumPy gives it."""
    x = np.zeros(0)
    value, pullback = srcad.vjp(f, x)
    (bar,) = pullback(np.ones_like(value))
    assert bar.shape == (0,)
    assert np.shape(srcad.jvp(f, (x,), (x,))[1]) == np.shape(value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fftn_with_lengths_alone() -> None:
    """They are for the last axes."""
    x = np.random.default_rng(3).normal(size=(2, 3, 4))
    srcad.check_grads(lambda x: np.sum(np.abs(np.fft.fftn(x, (2, 5))) ** 2 * np.arange(5.0)), x)
    srcad.check_grads(lambda x: np.sum(np.abs(np.fft.ifftn(x, (4, 3))) ** 2 * np.arange(3.0)), x)


OF_A_NUMBER = {
    "prod": lambda x: np.prod(x, axis=-1), "cumsum": lambda x: np.cumsum(x, axis=0), "cumprod": np.cumprod, "i0": np.i0,
    "reduce": lambda x: np.multiply.reduce(x, axis=0), "contiguous": lambda x: np.ascontiguousarray(x) ** 2,
    "convolve": lambda x: np.convolve(x, np.array([1.0, 2.0])), "max": lambda x: np.max(x, axis=0), "quantile": lambda x: np.quantile(x, 0.3),
}  # fmt: skip


@pytest.mark.parametrize("f", OF_A_NUMBER.values(), ids=OF_A_NUMBER)
@pytest.mark.parametrize("x", [np.array(0.7), np.float64(0.7), 0.7], ids=["array", "NumPy number", "number"])
def test_arrays_of_rank_0_and_numbers(f: Any, x: Any) -> None:
    """NumPy lets an axis of them be named, or gives them one."""
    srcad.check_grads(f, x, order=2)


def of_a_result_with_more_than_its_items(x, q, axis, alternative):
    found = scipy.stats.ttest_1samp(x, q, axis, "propagate", alternative)
    return 1.5 * found[0] + 2.0 * found[1]


def test_cotangents_of_a_result_with_more_than_its_items():
    """The class of SciPy's result wants more than the items; the axis, known when it runs only, hides their types."""
    x = np.array([0.3, 0.9, 1.4, 0.2])
    value, gradient = srcad.value_and_grad(of_a_result_with_more_than_its_items)(x, 0.5, 0, "greater")
    steps = np.eye(4) * 1e-6
    differences = [(of_a_result_with_more_than_its_items(x + e, 0.5, 0, "greater") - of_a_result_with_more_than_its_items(x - e, 0.5, 0, "greater")) / 2e-6 for e in steps]
    assert value == of_a_result_with_more_than_its_items(x, 0.5, 0, "greater")
    np.testing.assert_allclose(gradient, differences, rtol=1e-6)


@pytest.mark.parametrize("f", [scipy.stats.ttest_ind, scipy.stats.ttest_rel, scipy.stats.pearsonr, scipy.stats.linregress, scipy.stats.f_oneway],
    ids=lambda f: f.__name__)
def test_tangents_of_results_with_more_than_their_items(f):
    """Nothing is known of the derivative of what such a result holds beside them."""
    x, y = np.array([0.3, 0.9, 1.4, 0.2]), np.array([0.5, -0.2, 0.8, 1.1])
    srcad.check_grads(f, x, y, order=2)
    value, tangent = srcad.jvp(f, (x, y), (x, y))
    assert type(tangent) is type(value)
    beside = set(getattr(value, "__dict__", ())) - set(value._fields)
    assert all(getattr(tangent, name) is None for name in beside)
    assert repr(tangent).startswith(type(value).__name__)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="NumPy takes vectors in space alone")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cross_products_in_the_plane():
    """Their result is a number each; taken for vectors in space, they had wrong gradients in reverse mode."""
    a, b = R.normal(size=(5, 2)), R.normal(size=(5, 2))
    srcad.check_grads(lambda a, b: np.cross(a, b) ** 2, a, b, order=2)
    srcad.check_grads(lambda a, b: np.cross(a, b) ** 2, a, b[0], order=2)
    srcad.check_grads(lambda a, b: np.cross(a, b), a[0], b[0])
    srcad.check_grads(lambda a, b: np.cross(a, b, axis=0) ** 2, a.T, b.T)
    srcad.check_grads(lambda a, b: np.cross(a, b) ** 2, a, R.normal(size=(5, 3)))
    with pytest.raises(srcad.NotDifferentiable, match="in the plane"):
        srcad.grad(lambda x: np.sum(np.cross(x[:, :2], x[:, 2:4])))(R.normal(size=(5, 6)))


def test_cross_products_of_parts():
    srcad.check_grads(lambda x: np.cross(x[:, :3], x[:, 3:]) ** 2, R.normal(size=(5, 6)), order=2)


@pytest.mark.parametrize("f", [np.sum, np.mean, np.prod, np.var, np.cumsum], ids=lambda f: f.__name__)
def test_an_array_of_another_precision_for_the_result(f: Any) -> None:
    """NumPy computes in the dtype of `out`: a cast of the result would have other digits."""
    x = np.linspace(0.1, 0.7, 7, dtype=np.float32)
    with pytest.raises(srcad.NoRule, match="computes in the dtype of `out`, which is float64"):
        srcad.grad(lambda x: np.sum(f(x, axis=0, out=np.empty(7 if f is np.cumsum else ()))))(x)
    srcad.check_grads(lambda x: f(x, axis=0, dtype=np.float64, out=np.empty(7 if f is np.cumsum else ())), x)


def test_what_nan_to_num_replaces_moves_nothing() -> None:
    """In forward mode too, though tangents there are infinite or missing."""
    with np.errstate(all="ignore"):
        _, t = srcad.jvp(lambda x: np.nan_to_num(x / np.array([1.0, 0.0, 0.0])), (np.array([0.3, 0.0, 1.0]),), (np.ones(3),))
        bar = srcad.grad(lambda x: np.sum(np.nan_to_num(np.log(x))))(np.array([0.5, -1.0, 0.0]))
    assert t.tolist() == [1.0, 0.0, 0.0]
    assert bar.tolist() == [2.0, 0.0, 0.0]


def test_the_length_of_nothing() -> None:
    """No NaN at the origin, which has no direction."""
    for f in (np.hypot.reduce, lambda x: np.sum(np.hypot.accumulate(x))):
        assert srcad.grad(lambda x, f=f: f(x))(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
        assert srcad.jvp(lambda x, f=f: f(x), (np.zeros(3),), (np.ones(3),))[1] == 0.0


def test_a_condition_number_for_a_norm_that_has_a_name() -> None:
    srcad.check_grads(lambda a: np.linalg.cond(a, np.inf), S, order=2)


@pytest.mark.filterwarnings("ignore:Polyfit")
def test_a_pseudo_inverse_that_drops_singular_values() -> None:
    """What is kept turns against what is dropped; a triangle that is not read has no part in it."""
    for cut in (0.3, 0.6):
        srcad.check_grads(lambda a: np.linalg.pinv(a, rcond=cut), A, order=2)
        srcad.check_grads(lambda a, b: np.linalg.lstsq(a, b, rcond=cut)[0], T, B[:4], order=2)
        srcad.check_grads(lambda x, y: np.polyfit(x, y, 2, rcond=cut), B, B**2 + np.cos(B))
    for f in (lambda a: np.linalg.pinv(a, hermitian=True), lambda a: np.linalg.svd(a, hermitian=True)[1]):
        srcad.check_grads(f, S)


def told_to_raise(x):
    with np.errstate(all="raise"):
        y = np.sqrt(x) * x
        if len(x) > 1:
            y = y + np.abs(x) * np.exp(-x)
    with np.errstate(divide="raise"):
        z = np.maximum(x, 0.0) ** 1.5
    return np.sum(y) + np.sum(z)


def test_tangents_where_numpy_is_told_to_raise() -> None:
    """What the primal did not raise, its derivative does not either, in both modes; nothing is written that nobody reads."""
    x, zero = np.array([0.3, 2.0, 1.1]), np.array([0.0, 0.3])
    srcad.check_grads(told_to_raise, x, order=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value, _ = srcad.jvp(told_to_raise, (zero,), (np.ones(2),))
        assert srcad.value_and_grad(told_to_raise)(zero)[0] == value == told_to_raise(zero)
    with pytest.raises(FloatingPointError):
        srcad.jvp(told_to_raise, (-x,), (x,))


def test_determinants_of_singular_matrices() -> None:
    """The slope of the logarithm is infinite where an element would make the matrix regular."""
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert srcad.grad(lambda a: np.linalg.slogdet(a)[1])(a).tolist() == [[np.inf, -np.inf], [-np.inf, np.inf]]
    both = srcad.grad(lambda a: np.sum(np.linalg.slogdet(a)[1]))(np.stack([a, S[:2, :2]]))
    assert np.isinf(both[0]).all()
    np.testing.assert_allclose(both[1], np.linalg.inv(S[:2, :2]).T)


# ---- results with a part that carries no derivative, choices of complex numbers, places in flat arrays ------------------
def told(x):
    values, first, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    return np.ravel(values[inverse]) * np.ravel(x), np.sum(values * counts) * x[0, first[0] % 4]
def rows_of(x): return np.unique(x[[2, 0, 1, 0]], axis=0, return_counts=True)
def put_flat(x):
    out = x.copy()
    np.put(out, [0, -1, 5], x[1, :2])
    out.put([[2], [3]], 0.5)
    return out * out
def partitioned(x):
    out = x * x
    out.partition(2, axis=1)
    out[0].sort()
    return out[:, 1] * x[:, 0]
def in_one_number(x): return np.einsum(x @ x.T, [0, 0])
def taken_out(x): return x.item((1, 2)) * x.item(0, 1) + np.copy(x, "F") * x.T.copy(order="F").T

@pytest.mark.parametrize("function", [
    lambda x: divmod(x, 0.3)[1], lambda x: divmod(x[0, 0], x)[1], lambda x: np.divmod(x, x[0])[1], lambda x: np.linalg.slogdet(x @ x.T)[1],
    lambda x: tuple(np.linalg.slogdet(np.stack([x @ x.T, x @ x.T + np.eye(3)]))), np.unstack if hasattr(np, "unstack") else np.copy,
    told, rows_of, put_flat, partitioned, in_one_number, taken_out,
], ids=["divmod", "divmod of a number", "np.divmod", "slogdet", "stacked slogdet", "unstack", "unique", "unique rows", "put", "partition", "einsum", "item"])  # fmt: skip
def test_results_of_several_parts_twice(function):
    assert srcad.check_grads(function, A, order=2).ok


@pytest.mark.parametrize("function", [
    lambda z: np.maximum(z, z * 1.2), lambda z: np.minimum(z, 0.4), lambda z: np.maximum(1j, z) * np.minimum(z, 2.0 - 1j),
], ids=["maximum", "minimum", "both"])  # fmt: skip
def test_choices_of_complex_numbers(function):
    assert srcad.check_grads(function, 0.6 + 0.3j, order=2).ok
    assert srcad.check_grads(function, np.array([0.6 + 0.3j, -0.2 + 1.1j]), order=2).ok


def test_a_tie_of_complex_numbers_is_shared():
    assert srcad.vjp(lambda z, w: np.maximum(z, w), 0.6 + 0.3j, 0.6 + 0.3j)[1](1 + 0j) == (0.5 + 0j, 0.5 + 0j)


def test_parts_of_a_float():
    assert srcad.check_grads(lambda x: math.frexp(x)[0] * x, 5.3, order=2).ok


def test_the_cotangent_of_an_array_that_a_list_was_made_of():
    def pulled(x, c): return srcad.vjp(lambda x: np.copy(x), x)[1](c)
    found = srcad.vjp(pulled, [0.1, 0.2], np.ones(2))[1](([1.0, 2.0],))
    assert isinstance(found[1], np.ndarray)
    np.testing.assert_array_equal(found[1], [1.0, 2.0])


@pytest.mark.parametrize("f", [
    lambda x: sum(x, x**2), lambda x: sum(x, x[:, :1]), lambda x: sum(np.ones((3, 4)), x[:, :1]), lambda x: sum(x, x[0, 0]),
    lambda x: sum([x[0], x[0, 0]], x**2), lambda x: sum(list(x), x**2), lambda x: sum(x[:0], x**2),
], ids=["matrix", "column", "constant rows", "number", "list", "rows in a list", "no rows"])  # fmt: skip
def test_a_builtin_sum_whose_start_has_more_axes(f):
    assert srcad.check_grads(f, A, order=2).ok


@pytest.mark.parametrize("option", [{"full": True}, {"cov": True}, {"cov": "unscaled"}], ids=str)
def test_what_a_fit_tells_beside_its_coefficients_is_refused(option):
    """The rule is that of the coefficients alone; beside others they were taken for all that there is."""
    (name,) = option
    for run in (lambda f: srcad.jvp(f, (B,), (B,)), lambda f: srcad.vjp(f, B)):
        with pytest.raises(srcad.NoRule, match=f"`np.polyfit` with `{name}` has no rule"):
            run(lambda y: np.polyfit(np.arange(6.0), y, 2, **option)[0])
