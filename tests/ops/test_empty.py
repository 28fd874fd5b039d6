"""Derivatives on empty arrays are empty: they never raise where the primal did not."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def product_of_none(x):
    return np.prod(x[x > 9.0]) * x[0]


def test_product_of_an_empty_selection():
    np.testing.assert_allclose(srcad.grad(product_of_none)(np.array([0.5, 1.5])), [1.0, 0.0])


@pytest.mark.parametrize(("f", "shape"), [
    (lambda x: np.mean(x), (0,)), (lambda x: 3.0 * np.mean(x) * 2.0, (0,)), (lambda x: np.sum(np.mean(x, axis=0)), (0, 3)), (lambda x: np.var(x), (0,)),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_means_of_nothing(f, shape):
    """The count is a Python number, and Python raises where it divides by 0."""
    assert srcad.grad(f)(np.zeros(shape)).shape == shape
    assert np.isnan(srcad.jvp(f, (np.zeros(shape),), (np.zeros(shape),))[1])
