"""`+=` on a name whose type differs between paths: followed where it makes a new value, refused where it changes an array."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.4, 0.8])


def started_in_the_loop(x, a):
    r = None
    for e in x:
        if r is None:
            r = a * e
        else:
            r += a * e * e
    return r


def number_or_array(x, a):
    s = a if a > 0 else x
    s += 2.0 * a
    s *= s
    return np.sum(s)


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("function", [started_in_the_loop, number_or_array], ids=lambda f: f.__name__)
def test_new_values(function):
    value, gradients = srcad.value_and_grad(function, argnums=(0, 1))(X, 1.3)
    assert value == function(X, 1.3)
    srcad.check_grads(function, X, 1.3)
    for got, wanted in zip(srcad.vjp(function, X, 1.3)[1](1.0), gradients, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
def test_an_array_that_would_change_is_refused_or_followed():
    x = X.copy()
    try:
        gradient = srcad.grad(number_or_array)(x, -1.3)
    except srcad.errors.UnsupportedSyntax as error:
        assert "`+=`" in str(error)  # noqa: PT017 - either outcome is right, a third is not
        assert "s += 2.0 * a" in str(error)
    else:
        np.testing.assert_allclose(gradient, 2 * (X - 2.6))
    assert x.tobytes() == X.tobytes()


def whole_in_place(x, y):
    x = x * 1.0
    x[...] += y[:2]
    return np.sum(x**2)


def test_a_sum_into_all_places_is_one_statement():
    assert "x[...] += y[:2]" in srcad.grad(whole_in_place).source(X[:2], X)
    srcad.check_grads(whole_in_place, X[:2], X)
    for run in (whole_in_place, srcad.grad(whole_in_place)):  # NumPy's message names the shapes of all three arrays
        with pytest.raises(ValueError, match=r"shapes \(3,\) \(2,\) \(3,\)"):
            run(X, X)
