"""A dtype that comes as an argument or is that of an array: its class says what it is; where nothing does, it may cut the derivative off."""
from __future__ import annotations

import warnings

import numpy as np
import pytest

import srcad


def made(x, dtype):
    return np.sum(np.array([x[0], 2.5 * x[1]], dtype=dtype) * x)


def converted(x, dtype):
    return np.sum(x.astype(dtype) * x)


X = np.array([1.5, 2.5])


@pytest.mark.parametrize("f", [made, converted])
def test_floats_are_followed(f):
    np.testing.assert_allclose(srcad.grad(f)(X, np.dtype(float)), srcad.grad(f)(X, float))


@pytest.mark.parametrize("f", [made, converted])
@pytest.mark.parametrize("dtype", [int, np.dtype(int)])
def test_integers_cut(f, dtype):
    whole = srcad.grad(f, on_cut="ignore")(X, dtype)
    np.testing.assert_allclose(whole, (np.array([X[0], 2.5 * X[1]]) if f is made else X).astype(int))


def like(x, dtype):
    y = np.zeros(3, dtype=dtype)
    for k in range(3):
        y[k] = 2.0 * x[k]
    return 1.0 * np.sum(np.asarray(x, dtype=dtype) * y)


def of_another(x, other):
    return like(x, other.dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_the_dtype_of_an_array_is_known_in_the_function_that_it_is_given_to(dtype):
    x = np.array([1.25, 2.5, 0.75])
    got = srcad.grad(of_another, on_cut="ignore")(x, np.ones(2, dtype))
    np.testing.assert_allclose(got, np.zeros(3) if dtype == "int64" else 4.0 * x)


def by_kind(x):
    kind = x.dtype.kind
    if kind == "c" or np.issubdtype(x.dtype, np.integer) or np.iscomplexobj(x):
        return np.sum(x)
    return np.sum(x.astype(x.dtype.type) ** 2) if np.iterable(x) else x**3


def test_questions_that_types_answer_are_answered_while_compiling():
    np.testing.assert_allclose(srcad.grad(by_kind)(X), 2.0 * X)
    assert "\n    if " not in srcad.grad(by_kind).source(X)


def promoted(x, y):
    return np.sum(np.asarray(x, dtype=np.result_type(x, y, 1.0)) ** 2) * y


def test_the_dtype_of_a_value_is_no_cut():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(srcad.grad(promoted)(X, 3.0), 6.0 * X)
