"""Programs on which derivatives are often nan: roots at 0, masked singular functions, ties, empty and constant data."""
from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

import srcad

ZERO = np.zeros(3)
HALF = np.array([-1.0, 0.0, 2.0])
POINTS = np.array([[0.0, 1.0], [2.0, 3.0], [2.0, 3.0]])


def loop(x):
    total = 0.0
    for v in x:
        total += v * v
    return math.sqrt(total)


def squares(x):
    return np.sum(x**2)


ROOTS = [
    lambda x: np.sqrt(np.sum(x**2)), lambda x: np.sqrt(x @ x), lambda x: np.sum(x * x) ** 0.5, lambda x: np.linalg.norm(x),
    lambda x: np.sqrt(np.dot(x, x)), lambda x: np.sqrt(np.mean((x - x[0]) ** 2)), lambda x: math.sqrt(x[0] ** 2 + x[1] ** 2), loop,
    lambda x: math.sqrt(sum(v * v for v in x)), lambda x: np.sqrt(np.einsum("i,i", x, x)), lambda x: np.sqrt(squares(x)) * 2.0,
    lambda x: np.sqrt(np.square(x).sum() / len(x)), lambda x: (x**2).sum() ** 0.25, lambda x: np.std(x), lambda x: math.hypot(x[0], x[1]),
    lambda x: np.sqrt(np.sum(np.abs(x) ** 2)), lambda x: np.arctan2(x[0], x[1]), lambda x: np.sinc(x[0]), lambda x: np.abs(x).sum(),
    lambda x: np.where(np.linalg.norm(x) > 0, x / np.linalg.norm(x), 0.0).sum(), lambda x: np.prod(x), lambda x: np.cumprod(x).sum(),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ROOTS)))
def test_the_gradient_at_the_origin_is_0_in_both_modes(number):
    f = ROOTS[number]
    expected = np.where(np.arange(3) == 0, 1.0, 0.0) if "cumprod" in str(f.__code__.co_names) else ZERO
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(srcad.grad(f)(ZERO), expected)
        np.testing.assert_array_equal(srcad.jacfwd(f)(ZERO), expected)
        assert np.isfinite(srcad.hessian(f)(ZERO)).all()
    srcad.check_grads(f, np.array([0.3, 0.4, 0.8]))


def test_distances_of_equal_points():
    def total(p):
        return np.sum(np.sqrt(np.sum((p[:, None] - p[None]) ** 2, axis=-1)))

    far = (POINTS[1] - POINTS[0]) / np.linalg.norm(POINTS[1] - POINTS[0])
    expected = np.array([-4.0 * far, 2.0 * far, 2.0 * far])
    np.testing.assert_allclose(srcad.grad(total)(POINTS), expected, rtol=1e-14)
    np.testing.assert_allclose(srcad.jacfwd(total)(POINTS), expected, rtol=1e-14)


def test_a_root_that_is_no_norm_has_an_infinite_slope_at_0():
    with np.errstate(divide="ignore"):
        assert srcad.grad(lambda x: np.sqrt(x))(0.0) == math.inf
        assert srcad.grad(lambda x: math.sqrt(1.0 - x * x))(1.0) == -math.inf


UNGUARDED = [
    lambda x: np.sqrt(np.sum(x**2) + 1e-12), lambda x: np.sum(np.sqrt(x)), lambda x: np.sum(x * np.log(x) + np.exp(x)),
    lambda x: np.sum(np.sqrt(1.0 - x**2)), lambda x: np.sum(np.exp(x) ** 0.5),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(UNGUARDED)))
def test_nothing_is_guarded_that_needs_no_guard(number):
    text = srcad.grad(UNGUARDED[number]).source(ZERO)
    assert "safe_ratio" not in text
    assert "np.where" not in text


MASKED = [
    (lambda x: np.where(x > 0, np.log(x), 0.0), [0.0, 0.0, 0.5]),
    (lambda x: np.where(x > 0, np.sqrt(x), 0.0), [0.0, 0.0, 0.5 / math.sqrt(2.0)]),
    (lambda x: np.where(x > 0, x * np.log(x), 0.0), [0.0, 0.0, math.log(2.0) + 1.0]),
    (lambda x: np.where(x > 0, x**0.3, 0.0), [0.0, 0.0, 0.3 * 2.0**-0.7]),
    (lambda x: np.where(x > 0, x**1.5, 0.0), [0.0, 0.0, 1.5 * math.sqrt(2.0)]),
    (lambda x: np.where(x > 0, x**x, 0.0), [0.0, 0.0, 4.0 * (math.log(2.0) + 1.0)]),
    (lambda x: np.where(x > 0, np.sqrt(x) * x, 0.0), [0.0, 0.0, 1.5 * math.sqrt(2.0)]),
    (lambda x: np.where(x > 0, np.log(x) / x, 0.0), [0.0, 0.0, (1.0 - math.log(2.0)) / 4.0]),
    (lambda x: np.where(x > 0, np.reciprocal(x), 0.0), [0.0, 0.0, -0.25]),
    (lambda x: np.where(x > 0, 2.0 ** np.log(x), 0.0), [0.0, 0.0, math.log(2.0) * 2.0 ** (math.log(2.0) - 1.0)]),
    (lambda x: np.where(x > 0, np.logaddexp(np.log(x), 0.0), 0.0), [0.0, 0.0, 1.0 / 3.0]),
    (lambda x: np.where(x != 0, np.sin(x) / x, 1.0), [math.sin(1.0) - math.cos(1.0), 0.0, (2.0 * math.cos(2.0) - math.sin(2.0)) / 4.0]),
    (lambda x: np.where(x == 0, 1.0, 1.0 / x), [-1.0, 0.0, -0.25]),
    (lambda x: np.where(x > 1.5, np.arccosh(x), 0.0), [0.0, 0.0, 1.0 / math.sqrt(3.0)]),
    (lambda x: np.where(x < 1.0, np.exp(400.0 * x), 0.0) * 0.0 + x, [1.0, 1.0, 1.0]),
    (lambda x: np.where(x < 1.0, x, np.log1p(np.exp(x))), [1.0, 1.0, 1.0 / (1.0 + math.exp(-2.0))]),
    (lambda x: np.where(400.0 * x > 30.0, 400.0 * x, np.log1p(np.exp(400.0 * x))), [0.0, 200.0, 400.0]),
    (lambda x: np.select([x > 0], [np.log(x)], 0.0), [0.0, 0.0, 0.5]),
    (lambda x: np.sqrt(x[x > 0]), [0.0, 0.0, 0.5 / math.sqrt(2.0)]),
    (lambda x: np.nan_to_num(np.log(x)), [0.0, 0.0, 0.5]),
    (lambda x: np.sqrt(np.maximum(x, 0.25)), [0.0, 0.0, 0.5 / math.sqrt(2.0)]),
    (lambda x: np.log(x, where=x > 0, out=np.zeros_like(x)), [0.0, 0.0, 0.5]),
]


@pytest.mark.parametrize("number", range(len(MASKED)))
def test_what_a_mask_takes_out_has_no_say(number):
    function, expected = MASKED[number]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(srcad.grad(lambda x: np.sum(function(x)))(HALF), expected, rtol=1e-13, atol=1e-100)
        np.testing.assert_allclose(srcad.jacfwd(lambda x: np.sum(function(x)))(HALF), expected, rtol=1e-13, atol=1e-100)
        by_columns, by_rows = (m(srcad.grad(lambda x: np.sum(function(x))))(HALF) for m in (srcad.jacfwd, srcad.jacrev))
        twice_forward = srcad.jacfwd(srcad.jacfwd(lambda x: np.sum(function(x))))(HALF)
        forward_first = srcad.jacrev(srcad.jacfwd(lambda x: np.sum(function(x))))(HALF)
        for found in (by_rows, twice_forward, forward_first):
            assert np.isfinite(found).all()
            np.testing.assert_allclose(found, by_columns, rtol=1e-10, atol=1e-100)


def test_powers_at_zero():
    assert srcad.grad(lambda x: x**0)(0.0) == 0.0
    assert srcad.grad(lambda y: 0.0**y)(2.0) == 0.0
    np.testing.assert_array_equal(srcad.grad(lambda x: np.sum(x**0.0))(ZERO), ZERO)
    np.testing.assert_array_equal(srcad.grad(lambda y: np.sum(0.0**y))(np.array([0.5, 1.0, 2.0])), ZERO)


def test_domain_edges_of_scipy_and_of_angles():
    assert srcad.vjp(lambda z: np.angle(z), 0j)[1](1.0) == (0j,)
    assert srcad.grad(lambda v: special.xlogy(0.0, v))(0.0) == 0.0
    assert srcad.grad(lambda v: special.xlog1py(0.0, v))(-1.0) == 0.0
    np.testing.assert_allclose(srcad.grad(lambda x: special.logsumexp(x))(np.array([-np.inf, 0.0, 0.0])), [0.0, 0.5, 0.5])


SUMS_OF_EXPONENTIALS = [
    lambda x: special.logsumexp(x, axis=1), lambda x: special.logsumexp(x, axis=1, keepdims=True), lambda x: np.logaddexp(x[:, 0], x[:, 1]),
    lambda x: np.logaddexp.reduce(x, axis=1), lambda x: special.logsumexp(x, axis=1, b=np.ones(2)), lambda x: np.log(2.0) * np.logaddexp2(*x.T / np.log(2.0)),
]  # fmt: skip


@pytest.mark.parametrize("f", SUMS_OF_EXPONENTIALS, ids=range(len(SUMS_OF_EXPONENTIALS)))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_sum_of_no_exponentials_has_no_shares(f):
    """A state that cannot be reached, in the forward algorithm of a hidden Markov model."""
    x = np.array([[-np.inf, -np.inf], [-np.inf, 0.3], [0.5, 0.5], [np.inf, 1.0]])
    shares = np.array([[0.0, 0.0], [0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    value, pullback = srcad.vjp(f, x)
    np.testing.assert_allclose(pullback(np.ones_like(value))[0], shares)
    np.testing.assert_allclose(srcad.jvp(f, (x,), (np.ones_like(x),))[1].ravel(), [0.0, 1.0, 1.0, 1.0])
    wide = x.astype(np.float32)
    assert srcad.vjp(f, wide)[1](np.ones_like(f(wide)))[0].dtype == np.float32


def test_ties_share():
    np.testing.assert_array_equal(srcad.grad(lambda x: np.max(x))(np.array([1.0, 1.0, 0.0])), [0.5, 0.5, 0.0])
    assert srcad.grad(lambda x: np.maximum(x, 0.0))(0.0) == 0.5
    np.testing.assert_array_equal(srcad.grad(lambda x: np.sort(x)[2])(np.array([1.0, 1.0, 0.0])).sum(), 1.0)


def test_maximum_of_nothing_raises_as_it_does():
    with pytest.raises(ValueError, match="zero-size"):
        srcad.grad(lambda x: np.max(x))(np.zeros(0))


@pytest.mark.parametrize("p", [0.0, 1.0, 2.0, 3.0])
def test_powers_of_zero_at_every_order(p):
    """Derivatives of `x**p` at 0 are those of the polynomial, also where p is only known at run time."""
    df = np.power
    for order in (1, 2, 3):
        df = srcad.grad(df) if order > 1 else srcad.grad(lambda x, p: np.power(x, p))
        assert df(0.0, p) == (math.factorial(order) if order == p else 0.0)
