"""Functions that are handed to solvers and capture containers and objects: what is in these has derivatives of its own."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcad

pytest.importorskip("scipy")
from scipy.integrate import quad  # noqa: E402 -- skipped before it is missed
from scipy.optimize import brentq  # noqa: E402 -- as above

PAIR = (0.5, 2.0)


@dataclass
class Cubic:
    a: float
    b: float

    def __call__(self, x: float, p: float) -> float:
        return x**3 * self.a + x * self.b - p

    def shifted(self, x: float, p: float) -> float:
        return self(x, p) + 0.1


CUBIC = Cubic(0.5, 2.0)


def a_tuple(p: Any, held: Any) -> Any:
    return brentq(lambda x: x**3 * held[0] + x * held[1] - p, 0.0, 5.0)


def a_dict(p: Any, held: Any) -> Any:
    return quad(lambda x: p * x * held["a"] + held["b"][0] * p * p, 0.0, 1.0)[0]


def an_object(p: Any, held: Any) -> Any:
    return quad(lambda x: p * x * held.a + held.b * p * p, 0.0, 1.0)[0]


def a_method(p: Any, held: Any) -> Any:
    return brentq(held.shifted, 0.0, 5.0, args=(p,))


def in_a_list(p: Any, held: Any) -> Any:
    pair = [held, 1.5]
    return quad(lambda x: p * x * pair[0][0] + pair[1] * held[1] * p * p, 0.0, 1.0)[0]


def in_another_function(p: Any, held: Any) -> Any:
    def slope(x: Any) -> Any:
        return x * held[0]

    return quad(lambda x: p * slope(x) + held[1] * p * p, 0.0, 1.0)[0]


def of_the_module(p: Any, _: Any) -> Any:
    return quad(lambda x: p * x * PAIR[0] + CUBIC.b * p * p, 0.0, 1.0)[0]


@pytest.mark.parametrize(("f", "held"), [
    (a_tuple, PAIR), (a_dict, {"a": 0.5, "b": (2.0, 1)}), (an_object, CUBIC), (a_method, CUBIC), (in_a_list, PAIR), (in_another_function, PAIR),
    (of_the_module, None),
])  # fmt: skip
def test_by_a_parameter(f: Callable[[Any, Any], Any], held: Any) -> None:
    """The halves of the rule had one cotangent for a tuple, and its callers took one for each number."""
    slope = (f(1.3 + 1e-5, held) - f(1.3 - 1e-5, held)) / 2e-5
    np.testing.assert_allclose(srcad.vjp(f, 1.3, held)[1](1.0)[0], slope, rtol=1e-6)
    np.testing.assert_allclose(srcad.jvp(f, (1.3, held), (1.0, None))[1], slope, rtol=1e-6)


def test_by_what_is_captured() -> None:
    (first, second), by_p = srcad.grad(a_tuple, argnums=(1, 0))(1.3, PAIR)
    x = a_tuple(1.3, PAIR)
    np.testing.assert_allclose([first, second, by_p], np.array([-(x**3), -x, 1.0]) / (3 * x * x * PAIR[0] + PAIR[1]), rtol=1e-9)
    by = srcad.grad(an_object, argnums=1)(1.3, CUBIC)
    np.testing.assert_allclose([by.a, by.b], [0.65, 1.69], rtol=1e-9)
