"""What a function of the program gives back may be what it was given."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def handed_back(a):
    for _ in range(a.shape[0]):
        pass
    return a


def writing(a):
    b = handed_back(a)
    b[0] = 5.0
    for _ in range(3):
        b = b * 1.0
    return b.sum()


def read_afterwards(x):
    y = x * 1
    return writing(y) + y[0] * y[1]


def not_read(x):
    return writing(x * x)


def test_a_write_to_what_a_callee_gave_back():
    """The write did not reach the caller's array: the gradient was wrong."""
    x = np.array([1.0, 2.0, 3.0])
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC119"):
        srcad.grad(read_afterwards)(x)
    np.testing.assert_allclose(srcad.grad(not_read)(x), [0.0, 4.0, 6.0])
