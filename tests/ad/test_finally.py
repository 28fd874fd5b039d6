"""What `finally` assigns, and what is assigned before it, on every way out of a `try`."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.4, 0.8, 1.1])


def assigned_in_finally(x, a):
    try:
        s = 0.0
        for e in x:
            s = s + e * a
    finally:
        scale = a * 2.0
    return s * scale


def changed_in_finally(x, a):
    out = 0.0
    try:
        out = np.sum(x) * a
    finally:
        out = out * out
    return out


def compound_statements_in_the_body(x, a):
    try:
        y = x * a
        with np.errstate(all="ignore"):
            if a > 1.0:
                z = np.exp(y)
            else:
                z = np.cos(y)
    finally:
        n = len(x)
    return np.sum(z) / n


def with_a_handler(x, a):
    try:
        s = 0.0
        for e in x:
            s = s + math.sqrt(e * a)
    except ValueError:
        s = a * x[0]
    finally:
        k = a * 2.0
    return s * k


def raises_through_finally(x, a):
    s = 1.0
    try:
        for e in x:
            s = s + math.sqrt(e * a)
    finally:
        k = a * 2.0
    return s * k


def leaves_a_loop_through_finally(x, a):
    for e in x:
        try:
            if e < 0.35:
                continue
            a = a * e
            if e > 0.7:
                break
        finally:
            a = a + x[1]
    return a


def returns_through_finally(x, a):
    n = 1
    try:
        for e in x:
            n = n + 1
            if e * a > 0.7:
                return a * n * e
    finally:
        n = n + 1
    return a * a * n


FUNCTIONS = [
    assigned_in_finally, changed_in_finally, compound_statements_in_the_body, with_a_handler, raises_through_finally,
    leaves_a_loop_through_finally, returns_through_finally,
]  # fmt: skip


def _outcome(work):
    try:
        return work()
    except ValueError as error:
        return type(error), str(error)


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("a", [1.3, 0.6, -1.3])
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_gradient_of_the_way_taken(function, a):
    expected = _outcome(lambda: function(X, a))
    if isinstance(expected, tuple):
        assert function is raises_through_finally
        assert _outcome(lambda: srcad.value_and_grad(function)(X, a)) == expected
        assert _outcome(lambda: srcad.vjp(function, X, a)) == expected
        return
    value, gradients = srcad.value_and_grad(function, argnums=(0, 1))(X, a)
    assert value == expected
    srcad.check_grads(function, X, a)
    for got, wanted in zip(srcad.vjp(function, X, a)[1](1.0), gradients, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


def reads_how_far_it_came(x, a):
    s = 1.0
    try:
        for e in x:
            s = s + math.sqrt(e * a)
    finally:
        s = s * a
    return s


def test_what_depends_on_where_a_loop_was_left():
    srcad.check_grads(reads_how_far_it_came, X, 1.3)
    with pytest.raises(ValueError, match="math domain error"):
        srcad.grad(reads_how_far_it_came)(X, -1.3)


def test_a_finally_that_does_nothing_for_the_derivative_leaves_no_trace():
    text = srcad.grad(assigned_in_finally).source(X, 1.3)
    assert "try" not in text
    assert "except" not in text


def writes_in_finally(x, a):
    y = np.zeros(2)
    try:
        y[0] = np.sum(x) * a
    finally:
        y[1] = a * 3.0
    return y[0] * y[1]


def appends_in_finally(x, a):
    y = []
    try:
        if a > 1.0:
            return a * np.sum(x)
        y.append(a)
    except ValueError:
        y.append(1.0)
    finally:
        y.append(a * a)
    return y[0] * y[1]


def writes_in_a_loop(x, a):
    y = np.array([a, a])
    for i in range(3):
        try:
            if i == 1:
                continue
            y[0] *= a * x[i]
        finally:
            y[1] += y[0]
    return y[1]


@pytest.mark.parametrize("function", [writes_in_finally, appends_in_finally, writes_in_a_loop], ids=lambda f: f.__name__)
@pytest.mark.parametrize("a", [0.6, 1.3])
def test_finally_may_write(function, a):
    value, _ = srcad.value_and_grad(function, argnums=(0, 1))(X, a)
    assert value == function(X, a)
    srcad.check_grads(function, X, a)
