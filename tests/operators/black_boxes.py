"""Functions whose source is no help."""
from __future__ import annotations

import numpy as np

import srcad


def _inside(x, p):
    return np.exp(p["a"] * x) * np.sum(x) + p["b"]


def simulate(x, p):
    return eval("_inside(x, p)")  # nobody can follow this


def scalar(x, n):
    return eval("np.sin(x) * x ** n")


def counting(x):
    counting.calls += 1
    return eval("np.cos(x)")


def pair(x):
    return eval("(x, x)")


by_differences = srcad.finite_differences(simulate)
by_complex_step = srcad.complex_step(simulate)
scalar_by_differences = srcad.finite_differences(scalar, step=1e-5)
scalar_by_complex_step = srcad.complex_step(scalar)
counted = srcad.finite_differences(counting)
pair_by_differences = srcad.finite_differences(pair)
