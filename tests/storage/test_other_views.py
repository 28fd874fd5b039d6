"""Other views of an array: `x.flat`, `x.base`, what `np.trim_zeros` leaves, what slices from outside take."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

M = np.array([[0.3, -1.2], [0.8, 1.7]])


def quaternion(m):
    a, b, c, d = m.flat
    out = m.T.copy()
    out.flat[1] = a * d
    return b * c + sum(k * v for k, v in enumerate(out.flat)) + np.sum(m.T.flat[1:3] ** 2)


def test_flat():
    srcad.check_grads(quaternion, M)


def changed_later(m):
    out = m * 1.0
    row = out.flat
    out[0, 1] = m[1, 1] ** 2
    return row[1] * row[2]


def test_flat_sees_what_is_written_later():
    srcad.check_grads(changed_later, M)
    assert srcad.value_and_grad(changed_later)(M)[0] == changed_later(M)


def owned(x):
    y = x[1:] if x[0] > 0.0 else x
    if y.base is not None:
        y = y.copy()
    return np.sum(y * y) + x[1]


def through_the_base(x):
    return np.sum(x[1:].base * x)


def test_whether_an_array_has_a_base_may_be_asked():
    srcad.check_grads(owned, np.array([0.3, 1.2, -0.7]))


@pytest.mark.parametrize("run", [lambda x: srcad.grad(through_the_base)(x), lambda x: srcad.jvp(through_the_base, (x,), (x,))], ids=["rev", "fwd"])
def test_what_the_base_holds_is_refused(run):
    with pytest.raises(srcad.NoRule, match="base"):
        run(np.array([0.3, 1.2, -0.7]))


def trimmed(x):
    w = x * 1.0
    y = np.trim_zeros(w)
    w[3] = x[1] * x[2]
    y[1] = x[2] ** 2
    return np.sum(w * np.arange(6.0)) + y[2] * len(np.trim_zeros(x, "f"))


@pytest.mark.filterwarnings("ignore::srcad.CutWarning")
def test_trimmed_zeros_are_a_view():
    x = np.array([0.0, 1.0, 2.0, 0.5, 3.0, 0.0])
    value, gradient = srcad.value_and_grad(trimmed)(x)
    assert value == trimmed(x)
    np.testing.assert_allclose(gradient, [0.0, 17.0, 16.0, 0.0, 4.0, 5.0])
    np.testing.assert_allclose(srcad.jvp(trimmed, (x,), (np.ones(6),))[1], 42.0)


def squared_in_place(m, place):
    out = m * 2.0
    out[place] = out[place] ** 2
    return out


def read_before(m, place):
    out = m * 2.0
    part = out[place]
    out[0, 1] = out[1, 1] * 3.0
    return np.sum(part**2) + np.sum(out)


PLACES = [(slice(0, 2), 1), (1, slice(0, 2)), (1, ...), (..., 1), (None, 1), (slice(0, 2), slice(1)), (slice(0, 2), [0, 1]), ([0, 1], 1), (1, 1)]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_slices_that_the_function_is_given_take_views(place):
    srcad.check_grads(squared_in_place, M, place)
    srcad.check_grads(read_before, M, place)


def test_slices_of_vectors_that_the_function_is_given():
    srcad.check_grads(squared_in_place, M[0], slice(0, 1), order=2)
    srcad.check_grads(lambda m, rows, k: squared_in_place(m, tuple([rows, k])), M, slice(0, 2), 1)
    srcad.check_grads(lambda m, places: squared_in_place(m, tuple(places)), M, [slice(0, 2), 1])
