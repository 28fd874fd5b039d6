"""A dtype that comes as an argument: followed where its class says that it is one of floats, refused where it may cut the derivative off."""
from __future__ import annotations

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
def test_integers_are_refused(f):
    with pytest.raises(srcad.NoRule, match="SRC205"):
        srcad.grad(f)(X, np.dtype(int))


@pytest.mark.parametrize("f", [made, converted])
def test_an_integer_class_cuts(f):
    whole = srcad.grad(f, on_cut="ignore")(X, int)
    np.testing.assert_allclose(whole, (np.array([X[0], 2.5 * X[1]]) if f is made else X).astype(int))
