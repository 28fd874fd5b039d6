"""`*` and `+` of a list: Python repeats and joins, NumPy computes item by item, and a value of unknown type may mean either."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([0.3, -0.7, 1.1])
COUNTS = np.array([2, 1])


def repeated_by_a_whole_number_of_numpy(x, counts):
    repeated = counts[0] * [x[0], x[1]]
    return sum(repeated) * x[2] + len(repeated)


def repeated_from_the_right(x, counts):
    repeated = [1.5, x[1]] * counts[0]
    return sum(repeated) * x[2] + len(repeated)


def tuple_repeated(x, counts):
    return sum((x[0], x[1]) * counts[0]) * x[2]


def list_of_any_length_repeated(x, counts):
    squares = [e * e for e in x]
    return sum(squares * counts[0]) * x[2]


def rows_or_one_row(x, counts):
    y = x if counts[0] > 1 else np.outer(x, x)
    return np.sum(y * [1, 2, 3]) + np.sum([3, 2, 1] * y)


@pytest.mark.parametrize("counts", [COUNTS, COUNTS[::-1], np.array([0, 1], np.int8)])
@pytest.mark.parametrize(
    "function",
    [repeated_by_a_whole_number_of_numpy, repeated_from_the_right, tuple_repeated, list_of_any_length_repeated, rows_or_one_row],
)
def test_right(function, counts):
    srcad.check_grads(lambda x: function(x, counts), X)
    value, _ = srcad.value_and_grad(function)(X, counts)
    assert value == function(X, counts)


def test_what_may_join_or_add_is_refused():
    def joined_or_added(x):
        y = x if x[0] > 0.0 else [1.0, 2.0, 3.0]
        return np.sum(y + [x[0], 1.0, 2.0])

    with pytest.raises(srcad.UnsupportedSyntax, match="SRC144"):
        srcad.grad(joined_or_added)(X)


@pytest.mark.parametrize("f", [
    lambda x: sum([[x[0]], [x[1], x[2]]], []), lambda x: sum(((x[0], x[1]), (x[2],)), ()), lambda x: sum([[v * v] for v in x], []),
], ids=["lists", "tuples", "comprehension"])  # fmt: skip
def test_a_sum_that_joins_is_refused_with_the_way_out(f):
    for run in (lambda: srcad.vjp(f, X), lambda: srcad.jvp(f, (X,), (X,))):
        with pytest.raises(srcad.NoRule, match="joins them") as caught:
            run()
        assert "comprehension" in str(caught.value)
    assert srcad.check_grads(lambda x: np.array([v * v for row in [[x[0]], [x[1], x[2]]] for v in row]), X, order=1).ok
