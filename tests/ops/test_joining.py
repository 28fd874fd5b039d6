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
        (lambda x, m: np.c_[m, [x[0], x[1] * x[0]]], (X, M)), (lambda x, m: np.c_[[1, x[0]], m], (X, M)),
        (lambda x, m: np.r_[np.c_[m, x], [[0, 0, x[0]]]], (X, M)), (lambda x, m: np.c_[np.eye(2), m[:, 0], [[x[0], 1], [2, x[1]]]], (X, M)),
        (lambda x, m: np.vstack([m, [x[0], 2.0], [1, 2]]), (X, M)), (lambda x, m: np.column_stack([[x[0], 1.0], m]), (X, M)),
        (lambda x, m: np.hstack([m, [[x[0], 1, 3], [x[1], 2, 4]]]), (X, M)), (lambda x, a: np.r_[[0, 0], x, [a]], (X, 0.3)),
        (lambda x, m: np.concatenate([[[x[0], 1, 3], [x[1], 2, 4]], m], axis=-1), (X, M)),
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


def skew(w):
    return np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])


def rigid(v):
    return np.r_[np.c_[np.eye(3) + skew([v[0], v[1], v[2]]), v[3:]], [[0, 0, 0, 1]]]


def chain_of_rigid_motions(v, k):
    t = np.eye(4)
    for _ in range(k):
        t = np.dot(t, rigid(v * 0.1))
    r = t[:3, :3]
    return np.r_[np.c_[r, np.zeros((3, 3))], np.c_[np.dot(skew(t[:3, 3]), r), r]]


def test_blocks_keep_their_rank_in_loops():
    """The lengths of `np.eye(3)` and of a row of numbers are known beside those of arguments."""
    srcad.check_grads(chain_of_rigid_motions, np.linspace(-0.5, 0.7, 6), 2)


def test_directives_and_other_brackets_are_refused():
    with pytest.raises(srcad.NoRule, match="brackets"):
        srcad.jacobian(lambda x: np.r_["0,2", x, x])(X)
    with pytest.raises(srcad.NoRule):
        srcad.grad(lambda x: TABLE[x] * x)(1.0)


def _grown(x):
    u = [x[0]]
    for k in range(1, len(x)):
        u = np.hstack((u, x[k]))
    return u * x


@pytest.mark.parametrize("f", [_grown, lambda x: np.hstack((x[0], x, 2.0 * x[1])) ** 2, lambda x: np.hstack(([x[0], x[:2]][1], x)) ** 2],
    ids=["grown", "mixed", "chosen"])
def test_numbers_among_vectors_side_by_side(f):
    srcad.check_grads(f, np.array([0.3, 0.5, 1.2]), order=2)
