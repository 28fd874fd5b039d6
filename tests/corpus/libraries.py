"""Code of other modules, and small programs."""
from __future__ import annotations

import colorsys
import math
import statistics

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


# ---- other modules ---------------------------------------------------------------------------------------------------
def library_colorsys(r, g, b):
    y, i, q = colorsys.rgb_to_yiq(r, g, b)
    return y * i + q * q


cases.add(library_colorsys, 0.3, 0.6, 0.8)


def library_colorsys_branches(r, g, b):
    h, lightness, s = colorsys.rgb_to_hls(r, g, b)
    return h * s + lightness * lightness


cases.add(library_colorsys_branches, 0.3, 0.6, 0.8)


def library_statistics(x, a):
    return statistics.NormalDist(0.0, 1.0).pdf(a) * x[0]


cases.add(library_statistics, [0.4, 0.9], 0.7, insensitive=True)


def library_numpy_python(x):
    return np.sum(np.trapezoid(x, dx=0.5) * x)


cases.add(library_numpy_python, vec(4))


def library_polyval(x, a):
    return np.polyval(x, a)


cases.add(library_polyval, vec(4), 0.7)


def library_meshgrid(x, y):
    p, q = np.meshgrid(x, y)
    return np.sum(np.sin(p * q))


cases.add(library_meshgrid, vec(3), vec(2))


# ---- small programs --------------------------------------------------------------------------------------------------
def mlp(w1, b1, w2, x):
    h = np.tanh(x @ w1 + b1)
    z = h @ w2
    z = z - np.max(z, axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logp[np.arange(3), [0, 1, 0]])


cases.add(mlp, mat(2, 3), vec(3, 0.1), mat(3, 2, 0.6), mat(3, 2, 0.9))


def horner(coefficients, t):
    y = 0.0
    for c in reversed(coefficients):
        y = y * t + c
    return y


cases.add(horner, [0.5, -0.3, 0.8, 0.1], 0.7)


def secant(a):
    def g(t):
        return t**3 + a * t - 2.0

    t0, t1 = 0.5, 1.5
    while abs(t1 - t0) > 1e-12:
        t0, t1 = t1, t1 - g(t1) * (t1 - t0) / (g(t1) - g(t0))
    return t1


cases.add(secant, 0.7, rtol=1e-6)


def logsumexp(x):
    m = np.max(x)
    return m + math.log(np.sum(np.exp(x - m)))


cases.add(logsumexp, vec(4))


def kernel_matrix(x, width):
    d = x[:, None] - x[None, :]
    k = np.exp(-0.5 * d**2 / width**2) + 0.1 * np.eye(len(x))
    return np.linalg.det(k) + np.sum(np.linalg.solve(k, x))


cases.add(kernel_matrix, vec(3), 0.8)


def gauss_newton_step(m, r):
    step = np.linalg.solve(m.T @ m + 0.1 * np.eye(2), m.T @ r)
    return np.linalg.norm(step)


cases.add(gauss_newton_step, mat(3, 2), vec(3))


def library_histogram_of_data(x):
    counts, edges = np.histogram(x ** 3, 3)
    middles = 0.5 * (edges[1:] + edges[:-1])
    return np.sum(counts * middles) / len(x)


cases.add(library_histogram_of_data, vec(6))
