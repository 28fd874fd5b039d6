"""Ordinary programs for Hessian-vector products: formulas, loops of numbers, of calls and of products, factorisations, networks.

Each function stands beside its arguments and the numbers of those that it is differentiated by.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Case = tuple[Callable[..., Any], tuple[Any, ...], tuple[int, ...]]


def quadratic(a, b, c):
    """One of the roots."""
    return (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)


def price(s, k, t, r, v):
    """An option by Black and Scholes."""
    d1 = (math.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
    d2 = d1 - v * math.sqrt(t)
    return s * 0.5 * (1 + math.erf(d1 / math.sqrt(2))) - k * math.exp(-r * t) * 0.5 * (1 + math.erf(d2 / math.sqrt(2)))


def power(x):
    """Products of numbers."""
    y = 1.0
    for _ in range(30):
        y = y * x
    return y


def horner(coefficients, x):
    """A list of numbers."""
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y * y


def filtered(q, r, zs):
    """A Kalman filter of one number."""
    x, p, total = 0.0, 1.0, 0.0
    for z in zs:
        p = p + q
        s = p + r
        e = z - x
        total -= 0.5 * (math.log(s) + e * e / s)
        x = x + p / s * e
        p = (1.0 - p / s) * p
    return total


def products(x):
    """Nothing but products: one operation, three in the gradient, eight and sums in its derivative."""
    y = x
    for _ in range(20):
        y = y * x
    return np.sum(y)


def logistic(y, k):
    """A slope."""
    return -k * y * (1.0 - y)


def growth(y, k):
    """Runge-Kutta steps that call a function of the module."""
    h = 0.05
    for _ in range(20):
        k1 = logistic(y, k)
        k2 = logistic(y + h / 2 * k1, k)
        k3 = logistic(y + h / 2 * k2, k)
        k4 = logistic(y + h * k3, k)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y)


def iterated(x, w):
    """A loop in a function that a loop calls."""
    for i in range(len(w)):
        x = x * w[i] + math.sin(x)
    return x


def summed(x, w):
    """Calls of such a function."""
    return sum(iterated(x * (j + 1), w) for j in range(5))


def eliminated(a):
    """The logarithm of a determinant by elimination in loops."""
    a = a.copy()
    n = len(a)
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            a[i, k + 1 :] -= a[i, k] * a[k, k + 1 :]
    total = 0.0
    for k in range(n):
        total += np.log(a[k, k])
    return total


def kernel(theta, x):
    """The covariance of a Gaussian process."""
    squares = (x[:, None] - x[None, :]) ** 2
    return np.exp(theta[0]) * np.exp(-0.5 * squares / np.exp(theta[1]) ** 2) + np.exp(theta[2]) * np.eye(len(x))


def by_cholesky(theta, x, y):
    """The likelihood of a Gaussian process."""
    factor = np.linalg.cholesky(kernel(theta, x))
    return 0.5 * y @ np.linalg.solve(factor.T, np.linalg.solve(factor, y)) + np.sum(np.log(np.diag(factor)))


def by_solving(theta, x, y):
    """The same without a factor."""
    matrix = kernel(theta, x)
    return 0.5 * y @ np.linalg.solve(matrix, y) + 0.5 * np.linalg.slogdet(matrix)[1]


def gated(wf, wi, wo, wc, xs):
    """An LSTM."""
    h, c = np.zeros(len(wf)), np.zeros(len(wf))
    for x in xs:
        z = np.concatenate((h, x))
        f, i, o = (1 / (1 + np.exp(-(w @ z))) for w in (wf, wi, wo))
        c = f * c + i * np.tanh(wc @ z)
        h = o * np.tanh(c)
    return np.sum(h**2)


def convolved(kernel, signal):
    """Loops over elements."""
    n = len(signal) - len(kernel) + 1
    y = np.zeros(n)
    for i in range(n):
        for j in range(len(kernel)):
            y[i] += kernel[j] * signal[i + j]
    return np.sum(np.tanh(y) ** 2)


def residuals(w, rows, y):
    """Least squares in loops."""
    total = 0.0
    for i in range(len(y)):
        p = 0.0
        for j in range(len(w)):
            p += rows[i, j] * w[j]
        total += (p - y[i]) ** 2
    return total


def powers(a):
    """Products of matrices: one, three, eight."""
    b = a
    for _ in range(6):
        b = b @ a
    return np.sum(b)


def cases() -> list[Case]:
    """Programs, arguments, and what they are differentiated by."""
    rng = np.random.default_rng(0)
    x, theta = np.linspace(0.5, 1.5, 10), np.array([0.1, -0.2, -1.0])
    square = rng.normal(size=(8, 8))
    points = [np.sort(rng.uniform(0, 10, n)) for n in (20, 100, 300)]
    weights = tuple(rng.normal(size=(6, 9)) * 0.2 for _ in range(4))
    return [
        (quadratic, (1.0, 4.0, 2.0), (0, 1, 2)), (price, (100.0, 110.0, 1.0, 0.05, 0.2), (0, 1, 2, 3, 4)),
        (price, (100.0, 110.0, 1.0, 0.05, 0.2), (4,)), (power, (1.1,), (0,)), (horner, ([0.1, 0.2, 0.3, 0.4, 0.1, 0.2], 0.3), (0, 1)),
        (filtered, (0.1, 0.2, [0.1, 0.3, 0.2, -0.1] * 5), (0, 1)), (products, (x,), (0,)),
        (products, (np.linspace(0.9, 1.1, 10000),), (0,)), (growth, (0.3 * x, 0.4), (0, 1)), (summed, (0.3, [0.1, 0.2, 0.3]), (0, 1)),
        (eliminated, (square @ square.T + 8 * np.eye(8),), (0,)),
        *((f, (theta, p, np.sin(p)), (0,)) for f in (by_cholesky, by_solving) for p in points),
        (gated, (*weights, rng.normal(size=(10, 3))), (0, 1, 2, 3)), (convolved, (rng.normal(size=4), rng.normal(size=24)), (0,)),
        (residuals, (rng.normal(size=4), rng.normal(size=(20, 4)), rng.normal(size=20)), (0,)),
        (powers, (rng.normal(size=(5, 5)) * 0.2,), (0,)), (powers, (rng.normal(size=(100, 100)) * 0.1,), (0,)),
    ]  # fmt: skip


def along(args: tuple[Any, ...], wrt: tuple[int, ...]) -> tuple[Any, ...]:
    """Tangents: the arguments themselves, where they are differentiated."""
    return tuple(a if n in wrt else None for n, a in enumerate(args))


def size(value: Any) -> str:
    """How large an argument is, in a word; nothing of numbers."""
    return "x".join(map(str, np.shape(value)))
