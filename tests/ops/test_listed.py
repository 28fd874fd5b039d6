"""Operands that are lists of numbers, as NumPy takes them: in every family of rules; the products and what goes item by item to the second order."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([1.3, 2.2, 3.4, 4.1])
FUNCTIONS = [
    # ---- products
    lambda x: x.dot([1, 2, 3, 4]), lambda x: np.dot(x, [1.0, 2, 3, 4]), lambda x: np.dot([1, 2, 3, 4], x) ** 2, lambda x: np.inner(x, [1, 2, 3, 4]) ** 2,
    lambda x: np.sum(np.outer(x, [1, 2])), lambda x: x @ [1, 2, 3, 4], lambda x: [1, 2, 3, 4] @ x, lambda x: np.vdot([1, 2, 3, 4], x) ** 2,
    lambda x: np.sum(np.matmul([[1, 2, 3, 4]], x * x)), lambda x: np.sum(np.convolve(x, [1, 2]) ** 2), lambda x: np.sum(np.correlate(x, [1, 2]) ** 2),
    lambda x: np.sum(np.kron(x, [1, 2]) ** 2), lambda x: np.sum(np.cross(x[:3], [1, 2, 3]) ** 2),
    lambda x: np.sum(np.tensordot(x, [1, 2, 3, 4], axes=1)) ** 2, lambda x: np.sum(np.einsum("i,i", x, [1, 2, 3, 4])) ** 2,
    lambda x: np.vecdot(x, [1, 2, 3, 4]) ** 2, lambda x: np.sum(np.matvec([[1, 2, 3, 4]], x)) ** 2, lambda x: np.sum(np.linalg.multi_dot([[[1, 2, 3, 4]], x])),
    lambda x: np.sum(np.matmul([[x[0], 1.0], [2.0, x[1]]], [x[2], 3.0]) ** 2), lambda x: np.dot([x[0], 1.0], (x[1], x[0])) * np.inner([x[2], 1.0], [1.0, x[3]]),
    # ---- item by item
    lambda x: np.sum(np.multiply(x, [1, 2, 3, 4]) ** 2), lambda x: np.sum([1, 2, 3, 4] * x + [1, 2, 3, 4]) ** 2, lambda x: np.sum(x / [1, 2, 3, 4]) ** 2,
    lambda x: np.sum([1, 2, 3, 4] / x), lambda x: np.sum(np.subtract([1, 2, 3, 4], x) ** 2), lambda x: np.sum((x[[0, 1]] - [1, 2]) ** 3),
    lambda x: np.sum(x ** [1, 2, 3, 4]), lambda x: np.sum([1, 2, 3, 4] ** x), lambda x: np.sum(np.hypot(x, (1, 2, 3, 4))),
    lambda x: np.sum(np.arctan2(x, [1, 2, 3, 4])), lambda x: np.sum(np.logaddexp(x, [1, 2, 3, 4])), lambda x: np.sum(np.maximum(x, [1, 3, 2, 5]) * x),
    lambda x: np.sum(np.where([True, False, True, False], x, [1, 2, 3, 4]) * x), lambda x: np.sum(np.clip(x, [1, 3, 2, 2], [2, 4, 3, 3]) * x),
    lambda x: np.sum(np.copysign(x, [1, -2, 3, 4]) ** 2), lambda x: np.sum([[1.0], [2.0]] * x) ** 2, lambda x: np.sum(x - [[1, 2, 3, 4], [5, 6, 7, 8]]) ** 2,
    lambda x: np.sum(x[:1] * [1, 2, 3]) ** 2, lambda x: np.sum(x * [2.0]) ** 2,
    # ---- statistics and others
    lambda x: np.average(x, weights=[1, 2, 3, 4]) ** 2, lambda x: np.corrcoef(x, [1, 2, 3, 5])[0, 1], lambda x: np.cov(x, [1, 2, 3, 5])[0, 1],
    lambda x: np.linalg.norm(x - [1, 2, 3, 5]), lambda x: np.linalg.solve([[1.0, 2], [3, 4]], x[:2] ** 2).sum(), lambda x: np.interp(1.5, [1, 2, 3, 4], x) ** 2,
    lambda x: np.polyval(x, [1, 2]).sum() ** 2, lambda x: np.trapezoid(x**2, [1, 2, 4, 8]), lambda x: np.sum(np.gradient(x, [1, 2, 4, 8]) ** 2),
    lambda x: np.sum(np.concatenate([x, [1, 2]]) ** 2), lambda x: np.sum(np.vstack([x, [1, 2, 3, 4]]) ** 3), lambda x: np.sum(np.append(x, [1, 2]) ** 2),
    lambda x: np.sum(np.insert(x, 1, [1, 2]) ** 2), lambda x: np.sum(np.bincount([0, 1, 1, 2], weights=x) ** 2),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_lists_of_numbers(number):
    f = FUNCTIONS[number]
    srcad.check_grads(f, X, order=2 if number < 32 else 1)
    value, _ = srcad.value_and_grad(f)(X)
    np.testing.assert_array_equal(value, f(X))


def test_a_product_with_a_list_is_a_product():
    """The type of `x * [1, 2, 3, 4]` is known, so nothing is asked when the program runs."""
    text = srcad.grad(lambda x: np.sum(x * [1, 2, 3, 4])).source(X)
    assert "unbroadcast" not in text
    assert "unsum" not in text
