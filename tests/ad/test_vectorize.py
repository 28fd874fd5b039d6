"""`np.vectorize` of functions, closures and lambdas: a loop over Python numbers."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad

X = np.array([0.3, -0.4, 0.8, 1.1])


def bump(t):
    return t * t if t > 0 else math.sin(t)


@np.vectorize
def decorated(s, t):
    return s * t + math.sin(s)


bumps = np.vectorize(bump)
rows = np.vectorize(lambda a, b: np.sum(a * a) * b, signature="(n),(n)->(n)")
polynomial = np.vectorize(lambda p, t: p[0] + p[1] * t**2, excluded=["p", 0])
typed = np.vectorize(bump, otypes=[float])


def at_module_level(x, a):
    return np.sum(bumps(x) * typed(a * x))


def by_decorator(x, a):
    return np.sum(decorated(x, a))


def made_inside(x, a):
    return np.sum(np.vectorize(bump)(a * x))


def of_a_lambda(x, a):
    return np.sum(np.vectorize(lambda t: a * t * t)(x))


def of_a_closure_with_types(x, a):
    def scaled(t, s):
        return a * t * s

    g = np.vectorize(scaled, otypes=[float])
    return np.sum(g(x, 2.0) * x)


def of_a_matrix(x, a):
    return np.sum(np.vectorize(bump)(np.outer(x, x) - a))


def broadcast(x, a):
    m = np.vectorize(lambda s, t: max(s, t) * a)(x[:, None], x[::-1])
    return np.sum(m * m)


def of_a_number(x, a):
    return bumps(a) * x[0]


def by_signature(x, a):
    m = np.outer(x, x)
    return np.sum(rows(m, x) * np.vectorize(lambda u, v: a * u @ v, signature="(m,n),(n)->(m)")(m, x))


def excluded_by_place(x, a):
    return np.sum(np.vectorize(lambda t, w, k: t * np.sum(w) * k, excluded={1})(x, x[1:], a))


def excluded_by_name(x, a):
    return np.sum(np.vectorize(lambda t, k=1.0: t * k, excluded={"k"}, cache=True)(x, k=a) + polynomial(x, x))


def several_results(x, a):
    first, second = np.vectorize(lambda t: (a * t, t * t))(x)
    return np.sum(first * second)


FUNCTIONS = [
    by_signature, excluded_by_place, excluded_by_name, several_results, at_module_level, by_decorator, made_inside, of_a_lambda, of_a_closure_with_types, of_a_matrix, broadcast, of_a_number,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradients(function):
    value, gradients = srcad.value_and_grad(function, argnums=(0, 1))(X, 1.3)
    expected = function(X, 1.3)
    assert (value, np.asarray(value).dtype) == (expected, np.asarray(expected).dtype)
    srcad.check_grads(function, X, 1.3)
    for got, wanted in zip(srcad.vjp(function, X, 1.3)[1](1.0), gradients, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


def integers_first(x):
    return np.sum(np.vectorize(lambda t: 0 if t < 0.5 else t)(x))


def test_the_first_value_decides_the_dtype_or_it_is_refused():
    """An integer first makes integers of all: NumPy cuts them off, and so must the derivative."""
    try:
        value, gradient = srcad.value_and_grad(integers_first, on_cut="ignore")(X)
    except srcad.errors.SrcadError:
        return
    assert value == integers_first(X)
    assert not gradient.any()


def empty(x):
    return np.sum(bumps(x[:0])) + x[0]


def test_size_zero_is_the_error_of_numpy():
    with pytest.raises(ValueError, match="size 0 inputs") as expected:
        empty(X)
    with pytest.raises(ValueError, match="size 0 inputs") as found:
        srcad.grad(empty)(X)
    assert str(found.value) == str(expected.value)


def by_keyword(x):
    return np.sum(np.vectorize(lambda t, k: t * k)(x, k=2.0))


def test_a_keyword_that_is_not_excluded_is_refused():
    with pytest.raises(srcad.errors.NoRule, match="`k` by keyword"):
        srcad.grad(by_keyword)(X)


def uneven(x):
    return np.sum(np.vectorize(lambda u, v: u @ v, signature="(n),(n)->()")(np.outer(x, x), x[1:]))


def test_axes_of_one_name_are_of_one_length():
    with pytest.raises(ValueError, match="inconsistent size for core dimension"):
        uneven(X)
    with pytest.raises(ValueError, match="inconsistent size for a core dimension"):
        srcad.grad(uneven)(X)


def test_single_precision_without_types_is_refused():
    """NumPy takes the dtype of its result from a first call with a number of the array's own kind."""
    x = np.array([0.3, 0.7], np.float32)
    with pytest.raises(srcad.errors.UnsupportedSyntax, match="single precision"):
        srcad.grad(lambda x: np.sum(np.vectorize(lambda a: a * a)(x)))(x)
    assert srcad.grad(lambda x: np.sum(np.vectorize(lambda a: a * a, otypes=[float])(x)))(x).dtype == np.float32
