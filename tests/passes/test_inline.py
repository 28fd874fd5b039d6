"""Functions of which little is left for the arguments at hand are written where they are called, and keep their meaning."""
from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import srcad
from tests.oracles import differences


def logarithm(a: Any) -> Any:
    """That of what stands for a number: many cases, one of which is left."""
    if isinstance(a, str):
        a = a.strip().lower().replace(",", ".").replace("_", "").replace(" ", "")
    elif isinstance(a, list):
        a = sum(a) / len(a) + min(a) - max(a)
    elif isinstance(a, dict):
        a = len(a.keys()) + len(a.values()) + len(a.items())
    if isinstance(a, complex):
        raise TypeError("no real number")
    return math.log(a)


def powers(x: Any) -> Any:
    total = 0.0
    for k in range(3):
        total += logarithm(x**k) * (k + 1)
    return total


def test_what_is_left_of_a_function_is_written_where_it_is_called() -> None:
    gradient = srcad.grad(powers)
    assert "def logarithm" not in gradient.source(0.7)
    assert gradient(0.7) == pytest.approx(8.0 / 0.7)


def scaled(z: Any, k: float) -> Any:
    z *= logarithm(k)
    return z


def kept(x: Any) -> Any:
    z = x.copy()
    y = scaled(z, 2.0)
    y += x
    return np.sum(z * y) + np.sum(y)


def test_a_function_that_writes_into_what_it_is_given() -> None:
    x = np.array([0.3, -0.2, 0.5])
    expected = [differences.directional(kept, (x,), (e,)).value for e in np.eye(3)]
    gradient = srcad.grad(kept)
    assert "def " not in gradient.source(x).replace("def kept_grad", "")
    np.testing.assert_allclose(gradient(x), expected, rtol=1e-6)
    value, tangent = srcad.jvp(kept, (x,), (np.ones(3),))
    assert value == kept(x)
    assert tangent == pytest.approx(sum(expected), rel=1e-6)
    assert x.tolist() == [0.3, -0.2, 0.5]


def checked(x: Any) -> Any:
    y = logarithm(x)
    if y < 0:
        raise ValueError("less than one")
    return y


def squared(x: Any) -> Any:
    return checked(x) ** 2


def test_its_errors_are_its_own() -> None:
    gradient = srcad.grad(squared)
    assert gradient(1.5) == pytest.approx(2.0 * math.log(1.5) / 1.5)
    with pytest.raises(ValueError, match="less than one"):
        gradient(0.5)
    with pytest.raises(ValueError, match="math domain error|positive input"):
        gradient(-0.5)
