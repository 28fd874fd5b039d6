"""Derivatives on empty arrays are empty: they never raise where the primal did not."""
from __future__ import annotations

import numpy as np

import srcad


def product_of_none(x):
    return np.prod(x[x > 9.0]) * x[0]


def test_product_of_an_empty_selection():
    np.testing.assert_allclose(srcad.grad(product_of_none)(np.array([0.5, 1.5])), [1.0, 0.0])
