"""What a function of the program gives back may be what it was given."""
from __future__ import annotations

import collections

import numpy as np
import pytest

import srcad
from tests.property.trial import alarm


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
    np.testing.assert_allclose(srcad.grad(read_afterwards)(x), [0.0, 6.0, 1.0])
    np.testing.assert_allclose(srcad.grad(not_read)(x), [0.0, 4.0, 6.0])


TABLE = np.ones(3)


def table(k):
    for _ in range(k):
        pass
    return TABLE


def table_or(p, k):
    for i in range(k):
        if p[0] > i:
            return TABLE
    return p


@pytest.mark.parametrize("found", [lambda x: table(2), lambda x: table_or(x, 2)], ids=["always", "sometimes"])
def test_what_a_callee_gives_back_may_live_outside(found):
    """The global array was changed, and the gradient was wrong."""

    def f(x):
        t = found(x)
        t *= x
        return np.sum(TABLE * t)

    with pytest.raises(srcad.UnsupportedSyntax, match="SRC145"):
        srcad.grad(f)(np.array([0.3, 1.5, 0.7]))
    np.testing.assert_array_equal(TABLE, 1.0)


def by_a_view(x):
    v = TABLE[1:] if x[0] > 0.0 else x * 1.0
    v += 1.0


def by_a_method(x):
    v = TABLE if x[0] > 0.0 else x * 1.0
    v.fill(3.0)


def by_an_output(x):
    v = TABLE if x[0] > 0.0 else x * 1.0
    np.add(v, x, out=v)


def as_an_item(x):
    items = [TABLE, x * 1.0] if x[0] > 0.0 else [x * 2.0]
    items[0] *= 3.0


def as_any_item(x):
    for v in [TABLE, x * 1.0] if x[0] > 0.0 else [x * 2.0]:
        v *= 2.0


def on_a_path(x):
    if x[0] > 0.0:
        np.put(TABLE[:2], [0], 3.0)


@pytest.mark.parametrize("change", [by_a_view, by_a_method, by_an_output, as_an_item, as_any_item, on_a_path])
def test_nothing_is_written_before_it_is_refused(change):
    """The global array was changed on the path that was refused, or in secret where it was an item of a list that a branch chose."""

    def f(x):
        change(x)
        return np.sum(x * x)

    with pytest.raises(srcad.UnsupportedSyntax, match="SRC145"):
        srcad.grad(f)(np.array([0.3, 1.5, 0.7]))
    np.testing.assert_array_equal(TABLE, 1.0)


def split(w, k):
    for i in range(k):
        w = w * (i + 0.5)
    return w, w[1:]


def halves(p, k):
    """A function that calls itself is not interpreted where it is called."""
    if k <= 0:
        return split(p, 2)
    w, v = halves(p * 0.5, k - 1)
    return w, v


def test_a_function_that_calls_itself_gives_back_an_array_and_its_view():
    def f(x):
        w, v = halves(x, 2)
        w *= x
        return np.sum(v)

    with pytest.raises(srcad.UnsupportedSyntax, match="SRC119"):
        srcad.grad(f)(np.array([0.3, 1.5, 0.7]))


# ---- dicts with computed keys ----------------------------------------------------------------------------------------
def tabled(x, n):
    d = {}
    for i in range(n):
        d[i % 3] = x[i % 3] ** 2 * i + (d[(i - 1) % 3] if i else 0.0)
    return d


def test_a_dict_with_computed_keys_is_returned_as_one():
    """It came back as a class of the compiler's, which reverse mode could not take a cotangent for."""
    x = np.array([0.3, -0.7, 1.1])
    expected = tabled(x, 5)
    value, tangent = srcad.jvp(tabled, (x, 5), (np.ones(3), None))
    assert type(value) is dict
    assert value == expected
    matrix = np.array([[6 * x[0], 2 * x[1], 4 * x[2]], [6 * x[0], 10 * x[1], 4 * x[2]], [0.0, 2 * x[1], 4 * x[2]]])
    assert list(tangent) == [0, 1, 2]
    np.testing.assert_allclose(list(tangent.values()), matrix.sum(axis=1))
    value, pull = srcad.vjp(tabled, x, 5)
    assert value == expected
    np.testing.assert_allclose(pull({0: 1.0, 1: None, 2: 2.0})[0], matrix[0] + 2 * matrix[2])
    for operator in (srcad.jacfwd, srcad.jacrev):
        np.testing.assert_allclose(list(operator(tabled)(x, 5).values()), matrix)
    with pytest.raises(srcad.ShapeMismatch, match="keys 0, but its value is a dict with the keys 0, 1, 2"):
        pull({0: 1.0})
    assert srcad.grad(lambda x: (np.sum(x), [tabled(x, 5)]), has_aux=True)(x)[1] == [expected]


def test_other_containers_that_are_filled_are_not_returned():
    def counted(x):
        d = collections.defaultdict(float)
        for i in range(3):
            d[i % 2] += x[i]
        return d

    with pytest.raises(srcad.UnsupportedSyntax, match="a defaultdict that the function has filled is returned"):
        srcad.jvp(counted, (np.ones(3),), (np.ones(3),))
    assert srcad.jvp(lambda x: dict(counted(x)), (np.ones(3),), (np.ones(3),)) == ({0: 2.0, 1: 1.0}, {0: 2.0, 1: 1.0})


def test_keys_that_are_kept_while_the_dict_changes_are_not_read():
    """Python shows the new keys; the old ones were shown."""

    def f(x, n):
        d = {}
        for i in range(n):
            d[i] = x * (i + 1)
        keys = d.keys()
        d[99] = x
        return len(keys) * x

    with pytest.raises(srcad.UnsupportedSyntax, match="may share storage"):
        srcad.grad(f)(2.0, 3)


def applied(function, p):
    for _ in p:
        p = function(p)
    return p


def test_starting_again_ends():
    """A function that its own argument calls was asked for again and again, to interpret it where it is called."""

    def f(x):
        y = x * 2.0
        z = applied(lambda q: applied(lambda r: r * 1.1, q), y)
        z *= x
        return np.sum(y * z)

    with alarm(30.0), pytest.raises(srcad.UnsupportedSyntax, match="SRC119"):
        srcad.grad(f)(np.array([0.3, 1.5, 0.7]))
