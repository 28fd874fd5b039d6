"""Joining parts of different ranks, and `np.r_`, `np.c_`."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.7])
M = np.array([[0.2, 1.1], [0.5, 0.9]])
TABLE = {1.0: 2.0}


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (lambda x, m: np.vstack([x, m]), (X, M)), (lambda x, m: np.vstack([m, x, m]), (X, M)), (lambda a, b: np.vstack([a, b]), (0.2, 0.3)),
        (lambda x, m: np.column_stack([x, m]), (X, M)), (lambda x, m: np.column_stack([m, x]), (X, M)),
        (lambda x, a: np.hstack([x, a]), (X, 0.3)), (lambda x, m: np.dstack([m, x]), (X, M[:1])),
        (lambda x, y: np.vstack((x, y), casting="same_kind"), (X, X)),
        (lambda x, m: np.r_[x, x * x], (X, M)), (lambda x, m: np.r_[m, m * m], (X, M)), (lambda x, m: np.r_[x, 0.5, x[0], 1:4], (X, M)),
        (lambda x, a: np.r_[a, 2.0 * a], (X, 0.3)), (lambda x, m: np.r_[0:1:5j, x], (X, M)), (lambda x, m: np.r_[-x[::-1], 0, x], (X, M)),
        (lambda x, m: np.c_[x, x * x], (X, M)), (lambda x, m: np.c_[x, m], (X, M)), (lambda x, m: np.c_[m, m], (X, M)),
        (lambda x, a: np.c_[a, 2.0], (X, 0.3)), (lambda x, m: np.c_[x], (X, M)), (lambda x, a: np.c_[x[:1], a], (X, 0.3)),
        (lambda x, m: np.c_[m[None], m[None]], (X, M)), (lambda x, m: np.r_[x, 0.5], (X.astype(np.float32), M)),
    ],
)  # fmt: skip
def test_joined_parts(function, args):
    def padded(*xs):
        return function(*xs) * 1.0

    srcad.check_grads(lambda *xs: function(*xs), *args, order=2)
    value = srcad.vjp(function, *args)[0]
    assert value.dtype == function(*args).dtype
    np.testing.assert_array_equal(value, padded(*args))


def test_directives_and_other_brackets_are_refused():
    with pytest.raises(srcad.NoRule, match="brackets"):
        srcad.jacobian(lambda x: np.r_["0,2", x, x])(X)
    with pytest.raises(srcad.NoRule):
        srcad.grad(lambda x: TABLE[x] * x)(1.0)
