"""`ufunc.at`: elements that an index names more than once are changed once for each time."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad.runtime import places_at, turns

X, Y = np.array([1.3, 0.6, 1.1, 1.9]), np.array([0.8, 0.3, 0.5, 1.5])
A = np.array([[0.3, 0.8, 0.45], [1.2, 0.9, 0.7], [0.15, 0.6, 1.4]])

def at_of_two(x, y):
    z = x * 1.0
    np.multiply.at(z, [0, 2, 0], y[:3])
    np.divide.at(z, slice(1, 3), 1.5 + y[0])
    np.maximum.at(z, np.array([3, 3, 1]), y[1:])
    np.power.at(z, np.array([True, False, False, True]), 2.5)
    return np.sum(z * z)


def at_of_one(x, y):
    np.exp.at(x, [0, 2, 0])
    np.negative.at(x, 1)
    np.square.at(x[2:], [-1, -1])
    np.sin.at(x, np.array([], dtype=int))
    return np.sum(x * y)


def at_of_a_matrix(A, y):
    B = A * 1.0
    np.multiply.at(B, ([0, 0, 1], [1, 1, 2]), y)
    np.subtract.at(B.T, (0, [0, 0]), y[0])
    np.hypot.at(B, [1, 1], y)
    np.logaddexp.at(B, (slice(None), [0, 0, 1]), 0.3)
    return np.sum(B * B)


def at_of_a_part_of_itself(x):
    z = x * 1.0
    np.multiply.at(z, [0, 0, 1], z[:3])
    np.minimum.at(z, [3, 3], z[::3])
    return np.sum(z * z)


def at_of_one_in_a_loop(x, n):
    z = x * 1.0
    for k in range(n):
        np.multiply.at(z, [k, k], x[k] + 0.5)
    return np.sum(z)


def narrow(x, y):
    z = x.astype(np.float32)
    np.multiply.at(z, [0, 0], y[:2])
    return np.sum(z)


PROGRAMS = [
    (at_of_two, X, Y), (at_of_one, X, Y), (at_of_a_matrix, A, Y[:3]), (at_of_a_part_of_itself, X), (at_of_one_in_a_loop, X, 3),
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p[0].__name__)
def test_gradients(program):
    run, *args = program
    own = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
    assert srcad.value_and_grad(run)(*args)[0] == run(*own)
    srcad.check_grads(run, *args, order=2)


def test_the_dtype_is_kept():
    value, gradient = srcad.value_and_grad(narrow)(X.astype(np.float32), Y)
    assert (value, value.dtype) == (narrow(X.astype(np.float32), Y), np.float32)
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, [0.24, 1.0, 1.0, 1.0], rtol=1e-6)


def at_of_what_it_does_not_keep(x):
    np.greater.at(x, [0, 1], 0.5)
    return np.sum(x)


def of_several_results(x):
    np.modf.at(x, [0])
    return np.sum(x)


@pytest.mark.parametrize("function", [at_of_what_it_does_not_keep, of_several_results], ids=lambda f: f.__name__)
def test_what_numpy_does_not_take_is_refused(function):
    with pytest.raises(srcad.errors.UnsupportedSyntax, match="is followed for arrays"):
        srcad.grad(function)(X)


def outside(x):
    np.multiply.at(x, [0, 7], 2.0)
    return np.sum(x)


def test_indices_out_of_bounds_raise_as_in_numpy():
    for call in (outside, srcad.grad(outside)):
        with pytest.raises(IndexError, match="index 7 is out of bounds"):
            call(X.copy())


def test_no_turn_has_an_element_twice():
    where = places_at(A, ([0, 0, 2, 0], [1, 1, 2, 1]))
    assert [t.tolist() for t in turns(A, where)] == [[0, 2], [1], [3]]
    assert turns(A, places_at(A, [])) == []
