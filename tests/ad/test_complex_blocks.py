"""Derivatives of complex values are complex, those of real ones real, also where they cross blocks, loops and calls: else second ones are wrong."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcad


def branch(z: Any) -> Any:
    w = z if np.sum(np.imag(z)) > 0 else 2.0 * z
    return np.real(w)


def loop(z: Any) -> Any:
    w = z
    for k in range(3):
        w = w * 1.0 if k != 1 else w + 0.0
    return np.real(w)


def displayed(*xs: Any) -> Any:
    full = [0.4 + 0.1j]
    for n, x in enumerate(xs):
        full[n] = x
    return np.real(*full)


def part(z: Any) -> Any:
    return np.real(z)


def calls(z: Any) -> Any:
    return part(z) + part(2.0 * z)


def of_pullback(f: Callable[..., Any]) -> Callable[..., Any]:
    """A loss that asks for the imaginary part of the cotangent that `f` gives: it has none, and no derivative by `w` may come from it."""

    def loss(z: Any, w: Any) -> Any:
        bar = srcad.vjp(f, z)[1](np.real(w))[0]
        return np.sum((bar * (1.0 + 2.0j)).imag) + np.sum(np.abs(bar) ** 2)

    return loss


@pytest.mark.filterwarnings("ignore::srcad.CutWarning")
@pytest.mark.parametrize("f", [branch, loop, displayed, calls])
@pytest.mark.parametrize(("z", "w"), [(0.4 + 0.1j, 0.3 + 0.7j), (np.array([0.4 + 0.1j]), np.array([0.3 + 0.7j]))], ids=["number", "array"])
def test_second_derivatives(f: Callable[..., Any], z: Any, w: Any) -> None:
    srcad.check_grads(of_pullback(f), z, w, order=2)


def offset(x: Any) -> Any:
    """A real tangent of a complex sum, which a loop carries."""
    w = x + 2.0j
    for _ in range(2):
        w = w * (1.0 + 0.5j)
    return np.abs(w) ** 2


def test_tangents_of_complex_sums() -> None:
    srcad.check_grads(offset, 0.7, order=3)
    srcad.check_grads(lambda x: np.sum(srcad.jvp(offset, (x,), (np.sin(x),))[1]), np.array([0.7, -0.3]), order=2)


def imaginary_factor(x: Any) -> Any:
    """The cotangents of both parts are literals: their sum is one too."""
    w = np.abs(complex(x, 0.5)) * 1j
    return w.real + w.imag


def polynomial(x: Any) -> Any:
    """As above, in a loop."""
    a = 0j
    for k in range(3):
        a = a * complex(x, k) + x
    return a.real + a.imag


@pytest.mark.parametrize("f", [imaginary_factor, polynomial], ids=lambda f: f.__name__)
def test_both_parts_of_a_complex_number(f: Callable[..., Any]) -> None:
    srcad.check_grads(f, 1.3, order=2)
    assert srcad.value_and_grad(f)(1.3)[0] == f(1.3)
