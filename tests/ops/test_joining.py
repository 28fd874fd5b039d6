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


@pytest.mark.parametrize("f", [np.dstack, np.block, lambda xs: np.dstack(tuple(xs)), lambda xs: np.block([x * x for x in xs])],
    ids=["dstack", "block", "dstack_tuple", "block_made"])  # fmt: skip
@pytest.mark.parametrize("parts", [[0.3, 0.7], [X, 2.0 * X], [M, 2.0 * M], [M[None], 2.0 * M[None]]], ids=["numbers", "vectors", "matrices", "cubes"])
def test_lists_of_any_length_in_depth_and_as_one_row_of_blocks(f, parts):
    srcad.check_grads(lambda xs: f(xs) ** 2, parts, order=2)


def test_tuples_in_depth_and_nested_lists_of_blocks():
    srcad.check_grads(lambda xs: np.dstack(xs) ** 2, (X, 2.0 * X), order=2)
    srcad.check_grads(lambda xs: np.block([[M], [xs[0]]]) ** 2, [M, M])
    with pytest.raises(srcad.NoRule, match="block"):
        srcad.jacobian(lambda xs: np.block(xs))([[M, M], [M, M]])


PLACES, WEIGHTS = [[0, 1], [1, 0]], [np.array([0.4, -0.6]), np.array([1.3, 0.2])]


def contracted(x):
    return np.sum(np.meshgrid(x, *WEIGHTS)[0]) + np.einsum("ij,i,j", M[np.ix_(*PLACES)], x, WEIGHTS[0])


def test_items_of_a_global_list_where_an_operation_takes_them_one_by_one(monkeypatch):
    """The program is for so many of them: another number is another program."""
    monkeypatch.setitem(globals(), "WEIGHTS", list(WEIGHTS))
    df = srcad.grad(contracted)
    for more in ([], [np.array([0.5, 0.7])]):
        WEIGHTS.extend(more)
        srcad.check_grads(contracted, X)
        np.testing.assert_allclose(df(X), 2.0 ** len(WEIGHTS) + M[np.ix_(*PLACES)] @ WEIGHTS[0])


V, W = np.array([0.4, -0.6]), np.array([1.3, 0.2, 0.9])


@pytest.mark.parametrize("parts", [[V, X], [M, 2.0 * M], [np.stack([M, M])] * 2, [0.3, 0.7, 1.1], [np.array(0.3), np.array(0.7)], (V, X)],
    ids=["vectors", "matrices", "cubes", "numbers", "zero_d", "tuple"])
@pytest.mark.parametrize("f", [
    lambda xs: np.r_[tuple(xs)], lambda xs: np.c_[tuple(xs)], lambda xs: np.r_[(xs[0], *xs)], lambda xs: np.c_[(xs[0], *xs)],
    lambda xs: np.r_[tuple([x * x for x in xs])], lambda xs: np.c_[tuple([x * x for x in xs])]],
    ids=["r", "c", "r_more", "c_more", "r_made", "c_made"])  # fmt: skip
def test_tuples_of_any_length_in_brackets(f, parts):
    """Their items are the parts, as of a display; the cotangent is not changed where numbers are cut out of it."""
    srcad.check_grads(f, parts, order=2)
    np.testing.assert_array_equal(srcad.vjp(f, parts)[0], f(parts))


def test_tuples_of_vectors_of_several_lengths_in_brackets():
    srcad.check_grads(lambda xs: np.r_[tuple(xs)] ** 2, [V, W, X], order=2)


@pytest.mark.filterwarnings("ignore::srcad.CutWarning")
def test_a_part_or_a_tuple_in_brackets_is_refused():
    with pytest.raises(srcad.NoRule, match="brackets"):
        srcad.jacobian(lambda xs: np.r_[tuple(xs) if xs[0][0] > 0.0 else xs[1]])([V, X])


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
