"""Unpacking is no copy: a target does not take over the name of what is unpacked while that is still needed."""
from __future__ import annotations

import numpy as np

import srcad


def first_and_itself(x):
    s = x * 2.0
    n, s = s
    return n * 3.0 + s


def itself_and_rest(x):
    s = x * 2.0
    s, *rest = s
    return s * rest[0]


def test_target_named_as_the_source():
    np.testing.assert_allclose(srcad.grad(first_and_itself)(np.array([0.1, 0.2])), [6.0, 2.0])


def test_starred_target_beside_the_source():
    np.testing.assert_allclose(srcad.grad(itself_and_rest)(np.array([0.1, 0.2])), [0.8, 0.4])
