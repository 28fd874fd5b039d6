"""Names that are bound on some paths only: their cotangents need no shape where there is no value."""
from __future__ import annotations

import numpy as np

import srcad


def bound_in_a_branch_of_a_loop(x):
    u = x
    v = x * 2.0
    for i in range(4):
        u, v = v, u + v * x
        if i == 2:
            w = u
    return np.sum(u * w) + v[0]


def test_array_bound_in_a_branch_of_a_loop():
    x = np.array([0.31, 0.22, 0.53])
    steps = np.eye(3) * 1e-6
    expected = [(bound_in_a_branch_of_a_loop(x + e) - bound_in_a_branch_of_a_loop(x - e)) / 2e-6 for e in steps]
    np.testing.assert_allclose(srcad.grad(bound_in_a_branch_of_a_loop)(x), expected, rtol=1e-6)
