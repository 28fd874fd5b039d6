"""Random numbers whose distribution depends on what is differentiated."""
from __future__ import annotations

import re

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()
P = np.array([0.7, 1.3, 2.1, 0.9])


def gamma_scale(x, s):
    rng = np.random.default_rng(3)
    return np.sum(rng.gamma(2.0, x) ** 2) + rng.gamma(shape=1.5, scale=s) * s + np.sum(rng.gamma(np.array([1.0, 3.0]), s, size=2))


cases.add(gamma_scale, P, 0.6, no_duals=True)


def gamma_shape(x):
    return np.random.default_rng(3).gamma(x, 2.0)


cases.add(gamma_shape, 1.3, refused="SRC203")


def roots(x, a):
    rng = np.random.default_rng(5)
    powers = np.sum(rng.power(x) * x) + np.sum(rng.power(a, size=3))
    return np.sum(rng.weibull(x) ** 2) + rng.weibull(a) + powers + np.sum(rng.pareto(x + 2.0)) + rng.pareto(a + 3.0) ** 2


cases.add(roots, P, 1.4, no_duals=True)


def triangles(low, mode, high):
    rng = np.random.default_rng(5)
    return np.sum(rng.triangular(low, mode, high, size=6) ** 2) + rng.triangular(0.0, mode, high) * low + rng.triangular(left=low, mode=2.0, right=3.0)


cases.add(triangles, 0.2, 1.1, 2.5, no_duals=True)


def triangles_arrays(x):
    rng = np.random.default_rng(6)
    return np.sum(rng.triangular(x - 1.0, x, x + x * x) ** 2)


cases.add(triangles_arrays, P, no_duals=True)


def cauchy(x):
    rng = np.random.default_rng(6)
    z = rng.standard_cauchy(4)
    z *= x
    return np.sum(np.arctan(z)) + rng.standard_cauchy() * x[0] + np.sum(rng.standard_gamma(2.0, 4) * x) + np.sum(x * rng.chisquare(3.0, size=4))


cases.add(cauchy, P, no_duals=True)


def legacy_draws(x):
    np.random.seed(3)
    return np.random.weibull(x[0]) + np.random.gamma(2.0, x[1]) + np.random.pareto(x[2]) + np.sum(np.random.triangular(0.0, x, 3.0))


cases.add(legacy_draws, P, no_duals=True)


def refused_t(x):
    return np.random.default_rng(1).standard_t(x) + np.random.default_rng(1).beta(x, x)


cases.add(refused_t, 2.3, refused="SRC203")


def drawn_between_bounds_of_a_text(x, text):
    low, high = [float(word) for word in re.match(r"(.*) to (.*)", text).groups()]
    w = np.random.default_rng(3).uniform(low, high, (2, 3))
    v = np.random.default_rng(4).normal(low, high, size=(2, 3))
    w += x
    v *= x
    return np.sum(w * v)


cases.add(drawn_between_bounds_of_a_text, vec(3), "0.5 to 1.5")
