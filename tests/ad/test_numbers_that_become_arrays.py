"""Sums that start as the number 0 and become arrays: in the first trip of a loop, which is written apart, or on some paths only."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def over_rows(a):
    s = 0
    for r in a:
        s += r**2
    return s.sum()


def numbered(a):
    s = 0.0
    for k, r in enumerate(a):
        s += r * (k + 1)
    return np.sum(s**2)


def backwards(a):
    s = 0.0
    for r in reversed(a):
        s = s * 0.5 + r
    for i in range(len(a) - 1, -1, -1):
        s = a[i] + 0.3 * s
    return np.sum(s**2)


def together(a):
    s = 0.0
    for r, q in zip(a, a[::-1], strict=True):
        s += r * q
    return s @ s


def while_there_are(a):
    s, k = 0.0, 0
    while k < len(a):
        s += a[k]
        k += 1
    return np.sum(s**3)


def without_a_test(a):
    s = 0.0
    while True:
        s += a[0]
        if np.sum(s) > 3.0:
            break
    return np.sum(s**2)


def in_turns(a):
    s, t = 0.0, 1.0
    for r in a:
        s, t = t * r, s + r
    return np.sum(s) + np.sum(t)


def two_sums(a):
    s = t = 0.0
    for r in a:
        s += r
        t += s.sum()
    return t


def products(a):
    s, m = 1.0, -np.inf
    for r in a:
        s *= r
        m = np.maximum(m, r)
    return s.sum() + np.sum(m)


def of_a_generator(a):
    s = 0.0
    for r in (2 * q for q in a):
        s += r
    return np.sum(s**2)


def in_a_dict(a):
    held = {"s": 0.0}
    for r in a:
        held["s"] += r**2
    return held["s"].sum()


def in_both_loops(a):
    s = 0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s += a[i] * a[i, j]
    return np.sum(s)


def written_beside(a):
    b, s = a.copy(), 0.0
    for i in range(len(b)):
        s += b[i]
        b[i] = s
    for r in b:
        s += r
        r *= 2.0
    return np.sum(b * b) + np.sum(s**2)


def left_early(a):
    s = 0.0
    for r in a:
        if r[0] > 1.1:
            break
        s += r * r
    else:
        s *= 2.0
    return np.sum(s)


def some_rows(a):
    s = 0.0
    for r in a:
        if r[0] < 0.6:
            continue
        s += r * r
        s -= r.mean()
    return np.sum(s)


def tried(a):
    s = 0.0
    for r in a:
        try:
            if r[0] > 0.5:
                s += r
            if r[1] > 0.9:
                raise ValueError
        except ValueError:
            s = s * 2
    return np.sum(s)


def many_operators(a):
    s = 1.0
    for r in a:
        if r[0] > 0.4:
            s **= r
        if r[1] > 0.4:
            s /= 1.0 + r
        s -= 0.1 * r * s
    return np.sum(s)


def shape_of_a_result(a):
    s = 0.0
    for r in a:
        if r[0] > 0.6:
            s += r
    return np.sum(s) if np.ndim(s) else a[0, 0] * 3.0


FUNCTIONS = [v for v in list(globals().values()) if getattr(v, "__module__", "") == __name__]
SURE = [f for f in FUNCTIONS[: FUNCTIONS.index(written_beside)] if f is not while_there_are]


def rows(n, m, seed=0):
    return np.random.default_rng(seed).uniform(0.2, 1.2, (n, m))


@pytest.mark.parametrize("n", [1, 3, 6])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_values_and_gradients(function, n):
    for seed in range(3):
        a = rows(n, 2, seed)
        given = a.copy()
        value, _ = srcad.value_and_grad(function)(a)
        assert value == function(a)
        assert np.array_equal(a, given)
        srcad.check_grads(function, a)


@pytest.mark.parametrize("function", [over_rows, together, left_early, some_rows, many_operators])
def test_second_order(function):
    srcad.check_grads(function, rows(3, 2), order=2)


@pytest.mark.parametrize("function", SURE)
def test_types_are_known_behind_the_first_trip(function):
    assert "unbroadcast" not in srcad.grad(function).source(rows(6, 2))


def test_text():
    assert srcad.grad(over_rows).source(rows(6, 2)).partition("def ")[2] == '''\
over_rows_grad(a):
    # forward sweep: what it overwrites is not needed again, none of it is saved
    len_a = len(a)
    a_0 = a[0]
    s = 0 + a_0**2
    for k in range(1, len_a):
        r = a[k]
        s += r**2
    # reverse sweep
    s_bar = np.full(s.shape, 1.0)               # return s.sum()
    a_bar = np.zeros(a.shape)                   # for r in a: ...
    for item in reversed(range(1, len_a)):
        r = a[item]
        a_bar[item] += 2.0 * r * s_bar          # s += r**2
    a_bar[0] += 2.0 * a_0 * s_bar               # for r in a: ...
    return a_bar
'''


@pytest.mark.parametrize("function", [numbered, backwards, while_there_are, some_rows])
def test_no_trips(function):
    """The number that the sum is before; nothing is read of what there is not."""
    a = np.zeros((0, 2))
    value, gradient = srcad.value_and_grad(function)(a)
    assert value == function(a)
    assert gradient.shape == (0, 2)


def test_an_error_of_the_function_is_the_same_without_trips():
    with pytest.raises(AttributeError, match="no attribute 'sum'"):
        over_rows(np.zeros((0, 2)))
    with pytest.raises(AttributeError, match="no attribute 'sum'"):
        srcad.grad(over_rows)(np.zeros((0, 2)))


def as_many_as(a, n):
    s = 0.0
    for k in range(n):
        s += a[k]
    return np.sum(s**2)


@pytest.mark.parametrize("n", range(4))
def test_counted_at_run_time(n):
    a = rows(5, 2)
    value, gradient = srcad.value_and_grad(as_many_as)(a, n)
    assert value == as_many_as(a, n)
    expected = np.zeros_like(a)
    expected[:n] = 2 * np.sum(a[:n], axis=0)
    assert np.allclose(gradient, expected)


def test_single_precision_stays():
    def f(a, wide):
        s = np.zeros(2, np.float32) if wide > 0 else 0.0
        for r in a:
            s += r
        return np.sum(s)

    a = rows(5, 2)
    for wide in (1.0, -1.0):
        value, gradient = srcad.value_and_grad(f)(a, wide)
        assert type(value) is type(f(a, wide))
        assert value == f(a, wide)
        assert np.array_equal(gradient, np.ones_like(a))


@pytest.mark.parametrize("start", [np.zeros((2, 2)), np.zeros(2, int)], ids=["shape", "dtype"])
def test_numpy_refuses_what_does_not_fit(start):
    def f(a, fits, start):
        s = 0.0 if fits > 0 else start
        s += a
        return np.sum(s)

    a = rows(3, 2)
    assert np.array_equal(srcad.grad(f)(a, 1.0, start), np.ones_like(a))
    with pytest.raises((ValueError, TypeError)) as expected:
        f(a, -1.0, start.copy())
    with pytest.raises(expected.type):
        srcad.grad(f)(a, -1.0, start)


def test_a_captured_array_that_may_be_added_to_is_refused():
    """The function left it as it was, which the primal does not."""
    start = np.zeros((3, 2))

    def f(a, fresh):
        s = 0.0 if fresh else start
        s += a
        return np.sum(s)

    with pytest.raises(srcad.UnsupportedSyntax, match="SRC145"):
        srcad.grad(f)(rows(3, 2), fresh=False)
    assert not start.any()


def kept_under_another_name(a, fresh):
    s = 0.0 if fresh > 0 else a.copy()
    t = s
    s += a
    return np.sum(s * s) + np.sum(t)


def kept_in_a_list(a, fresh):
    s = 0.0 if fresh > 0 else a.copy()
    held = [s]
    s += a
    return np.sum(s * s) + np.sum(held[0])


def part_of_the_argument(a, fresh):
    s = 0.0 if fresh > 0 else a[0]
    s += a[1]
    return np.sum(s) + np.sum(a[0])


@pytest.mark.parametrize("function", [kept_under_another_name, kept_in_a_list, part_of_the_argument])
def test_who_else_may_see_the_change_is_refused(function):
    """An array is changed for all who have it, a number is not; which of them it is nobody knows before the run."""
    for fresh in (1.0, -1.0):
        with pytest.raises(srcad.UnsupportedSyntax, match="may share storage"):
            srcad.grad(function)(rows(3, 2), fresh)


def from_below_zero(a):
    s = 0.0
    for k in range(-2, a.shape[0] - 5):
        s += a[0] * k
    return np.sum(s) + np.sum(a)


@pytest.mark.parametrize("n", [1, 2, 4, 6])
def test_a_bound_that_is_below_zero(n):
    a = rows(n, 2)
    assert srcad.value_and_grad(from_below_zero)(a)[0] == from_below_zero(a)
    srcad.check_grads(from_below_zero, a)
