"""What is simplified in a branch or loop stays there, also where part of it was computed outside."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad


def factor_from_outside(a, b, x, y):
    if b > 0:
        x = np.cos(y + np.array([b]))
    return a * np.sum(x)


def factor_from_outside_a_loop(a, b, x, y):
    total = 0.0
    for k in range(3):
        total = total + np.sum(np.sin(y * k + np.array([b])))
    return a * total * np.sum(x)


def always_raises(b, x, y):
    if b:
        pass
    else:
        x = np.cos(y + np.array([b]))
    return 0.7 * math.sin(np) + np.sum(x)


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("function", [factor_from_outside, factor_from_outside_a_loop], ids=lambda f: f.__name__)
@pytest.mark.parametrize("b", [0.4, -0.4])
def test_factor_of_a_sum_in_a_block(function, b):
    x, y = np.array([0.31, 0.22, 0.53]), np.array([-0.4, 0.7, 1.1])
    srcad.check_grads(function, 1.3, b, x, y)
    value, pullback = srcad.vjp(function, 1.3, b, x, y)
    assert value == function(1.3, b, x, y)
    gradients = srcad.grad(function, argnums=(0, 1, 2, 3))(1.3, b, x, y)
    for got, expected in zip(pullback(2.0), gradients, strict=True):
        np.testing.assert_allclose(got, 2.0 * np.asarray(expected), rtol=1e-13)


@pytest.mark.parametrize("form", [srcad.vjp, lambda f, *args: srcad.grad(f, argnums=(0, 1, 2))(*args)], ids=["vjp", "grad"])
@pytest.mark.parametrize("b", [0.0, 0.5])
def test_function_that_always_raises(form, b):
    with pytest.raises(TypeError, match="must be real number, not module"):
        form(always_raises, b, np.ones(3), np.ones(3))
