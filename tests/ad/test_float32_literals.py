"""Cotangents that a rule computes as NumPy numbers of single precision are written as literals."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def scaled(a):
    s = 0.0
    s += a[0] * a[1]
    if a[2] > 0:
        s += a[2] * a[2]
    s *= 2
    return s


def in_a_loop(a):
    s = 0.0
    for k in range(2):
        if a[k] > 0:
            s += a[k] ** 2
        s *= 3
    return s / 4


@pytest.mark.parametrize("f", [scaled, in_a_loop])
def test_float32(f):
    a = np.array([0.5, 0.25, 1.5], np.float32)
    found = srcad.grad(f)(a)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, srcad.grad(f)(a.astype(np.float64)), rtol=1e-6)
