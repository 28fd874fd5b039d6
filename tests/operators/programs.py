"""Functions whose derivatives of higher order are tried: control flow, calls, recursion, containers, linear algebra."""
from __future__ import annotations

import math

import numpy as np

X = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
MATRIX = np.arange(9.0).reshape(3, 3) / 7


def rosenbrock(x):
    """The function of `scipy.optimize.rosen`."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def oscillating(x):
    return np.sum(np.sin(x) * x**2) * np.exp(-np.mean(x))


def by_element(x):
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0.75:
            total = total + math.sin(x[i]) * x[i] ** 3
        else:
            total = total * x[i] + x[i] ** 2
    return total


def iterated(x):
    y = x
    for _ in range(3):
        y = np.tanh(y) * x + y
    return np.sum(y**2)


def doubling(x):
    y = x[0] + x[1]
    while y < 10.0:
        y = y * y + 0.1 * x[2]
    return y * x[3] + x[4]


def helper(a, b):
    total = 0.0
    for _ in range(3):
        total = total + math.sin(a * b) + total * a
    return total


def calling(x):
    return helper(x[0], x[1] * x[2]) * helper(x[3] * x[0], 0.2) + x[4] ** 3


def power(a, n):
    return a if n == 0 else power(a * math.sin(a), n - 1) * a


def recursive(x):
    return power(x[0], 3) * x[1] + power(x[2] * x[3], 2) + x[4] ** 2


def solving(x):
    a = np.outer(x, x) + 3.0 * np.eye(5)
    return np.sum(np.linalg.solve(a, x) ** 2)


def network(x):
    hidden = np.tanh(MATRIX @ x[:3])
    for _ in range(2):
        hidden = np.tanh(MATRIX @ hidden + x[3]) + hidden
    return np.sum(hidden**2) * x[4]


def relaxing(x):
    """Writes in place, overlapping."""
    u = x.copy()
    for _ in range(3):
        u[1:-1] = u[1:-1] * u[2:] + 0.1 * np.sin(u[:-2])
        u[0] += u[1] * u[2]
    return np.sum(u**3)


PROGRAMS = (relaxing, rosenbrock, oscillating, by_element, iterated, doubling, calling, recursive, solving, network)
