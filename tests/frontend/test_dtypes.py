"""Comparisons of dtypes: decided while compiling, for arrays in the byte order of the machine."""
from __future__ import annotations

import sys

import numpy as np
import pytest

import srcad
from srcad.errors import UnsupportedSyntax

OTHER = ">f8" if sys.byteorder == "little" else "<f8"


def _working_dtype(x, y):
    if x.dtype == y.dtype == np.float32:
        return np.float32
    return float if x.dtype in (np.float64, "float32") and y.dtype != complex else complex


def converted(x, y):
    dtype = _working_dtype(x, y)
    return np.sum(np.asarray(x, dtype=dtype) * np.asarray(y, dtype=dtype) ** 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_branch_is_the_primals(dtype):
    x, y = np.array([0.3, 0.7], dtype), np.array([1.2, -0.4], dtype)
    value, (x_bar, y_bar) = srcad.value_and_grad(converted, argnums=(0, 1))(x, y)
    assert value == converted(x, y)
    assert value.dtype == converted(x, y).dtype == dtype
    np.testing.assert_allclose(x_bar, y**2, rtol=1e-6)
    np.testing.assert_allclose(y_bar, 2 * x * y, rtol=1e-6)


def test_other_byte_order_is_refused():
    x = np.array([0.3, 0.7])
    foreign = x.astype(x.dtype.newbyteorder())
    with pytest.raises(UnsupportedSyntax, match="byte order"):
        srcad.grad(converted)(foreign, x)
    np.testing.assert_allclose(srcad.grad(lambda v: np.sum(v**2))(foreign), 2 * x)


def test_an_array_made_in_other_byte_order_is_not_taken_for_a_native_one():
    def program(x):
        stored = x.astype(OTHER)
        return np.sum(x) * (1.0 if stored.dtype == np.float64 else 2.0)

    x = np.array([0.3, 0.7])
    assert srcad.value_and_grad(program)(x)[0] == program(x)
