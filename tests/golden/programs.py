"""The programs whose generated source is kept: one per kind of thing that source must look good for."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tests.corpus.registry import mat, vec


def gaussian(x1, x2):
    return x1 * math.exp(-(x1**2 + x2**2) / 2)


def kepler(mean, ecc, tol):
    anomaly = mean
    while True:
        residual = anomaly - ecc * math.sin(anomaly) - mean
        if abs(residual) < tol:
            break
        anomaly = anomaly - residual / (1.0 - ecc * math.cos(anomaly))
    return anomaly


def heron(a, tol):
    x = a
    while abs(x * x - a) > tol * a:
        x = 0.5 * (x + a / x)
    return x


def logistic_walk(x, r, n):
    total = 0.0
    for _ in range(n):
        if x < 0.3:
            x = r * x * (1.0 - x)
        elif x < 0.6:
            x = x + 0.25 * r * math.sin(x)
        else:
            x = 0.9 * r * (1.0 - x)
        if x > 1.0:
            return total + 10.0 * x
        total += x * x
    return total / n


def banana(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def banana_loops(x):
    total = 0.0
    for i in range(len(x) - 1):
        a = x[i + 1] - x[i] * x[i]
        b = 1.0 - x[i]
        total += 100.0 * (a * a) + b * b
    return total


def network(params, x, labels):
    h = x
    for w, b in params:
        h = np.tanh(h @ w + b)
    z = h - np.max(h, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(labels.shape[0]), labels])


def runge_kutta(y0, alpha, beta, h, n):
    def rhs(y):
        return np.array([alpha * y[0] - y[0] * y[1], y[0] * y[1] - beta * y[1]])

    y = y0
    for _ in range(n):
        k1 = rhs(y)
        k2 = rhs(y + 0.5 * h * k1)
        y = y + h * k2
    return y[0] * y[1]


def hunters(u, v, alpha, h, n):
    for _ in range(n):
        du = alpha * u - u * v
        dv = u * v - v
        u, v = u + h * du, v + h * dv
    return u * u + v * v


def damped(x, n):
    s = x
    for _ in range(n):
        s = x * math.sin(s) + 0.5 * s
    return s


def two_calls(x, y):
    return damped(x, 4) * y + damped(x * y, 3)


def power(x, n):
    if n == 0:
        return 1.0
    h = power(x, n // 2)
    if n % 2 == 0:
        return h * h
    return h * h * x


def branches(a, b):
    if a > b:
        c = a * b
    elif a > 0.0:
        c = math.sin(a) - b
    else:
        c = b
    return c * c


def comprehension(x, a):
    squares = [a * e * e for e in x]
    return sum(squares) / len(squares)


def guarded(a, n):
    try:
        b = a / n
    except ZeroDivisionError:
        b = a * a
    return b * a


def logged(a, n):
    for i in range(n):
        print("step", i)
        a = math.sin(a)
    return a


class Golden(NamedTuple):
    """A program, its arguments, and which of them are differentiated."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    argnums: int | tuple[int, ...]

    @property
    def name(self) -> str:
        """The stem of the stored files."""
        return self.function.__name__


PROGRAMS = (
    Golden(gaussian, (2.0, 0.5), (0, 1)),
    Golden(kepler, (0.8, 0.6, 1e-13), (0, 1)),
    Golden(heron, (7.3, 1e-12), 0),
    Golden(logistic_walk, (0.37, 1.3, 6), (0, 1)),
    Golden(banana, (vec(6),), 0),
    Golden(banana_loops, (vec(6),), 0),
    Golden(network, ([(mat(3, 4), vec(4)), (mat(4, 2, 0.5), vec(2))], mat(5, 3, 0.9), np.array([0, 1, 1, 0, 1])), 0),
    Golden(runge_kutta, (np.array([1.0, 0.5]), 1.1, 0.4, 0.05, 5), (0, 1)),
    Golden(hunters, (1.0, 0.5, 1.1, 0.05, 5), (0, 1, 2)),
    Golden(two_calls, (0.9, 1.2), (0, 1)),
    Golden(power, (1.01, 13), 0),
    Golden(branches, (0.7, 1.3), (0, 1)),
    Golden(comprehension, (vec(4), 0.7), (0, 1)),
    Golden(guarded, (0.7, 0), 0),
    Golden(logged, (0.7, 2), 0),
)
