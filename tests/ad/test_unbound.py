"""Names that are bound on some paths only: reading them raises where Python raises, and their cotangents need no shape elsewhere."""
from __future__ import annotations

import numpy as np
import pytest

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


# ---- reading a name that has no value --------------------------------------------------------------------------------
def in_a_branch(x, n):
    if n > 1:
        y = x * x
    return y * n


def constant_in_a_branch(x, n):
    if n > 1:
        scale = 2
    return x * scale


def none_is_a_value(x, n):
    if n > 1:
        y = None
    return x if y is None else y


def none_or_a_number(x, n):
    if n > 2:
        y = None
    elif n > 1:
        y = x * x
    return x if y is None else y


def container_in_a_branch(x, n):
    if n > 1:
        pair = (x * x, {"a": x, "b": 2})
    return pair[0] * pair[1]["a"] * pair[1]["b"]


def function_in_a_branch(x, n):
    if n > 1:
        def square(t):
            return t * t
    return square(x)


def in_a_loop(x, n):
    for i in range(n):
        y = x * i
    return x + y


def the_item_of_a_loop(x, n):
    for i in range(n):
        x = x * 1.5
    return x * i


def in_a_later_trip(x, n):
    total = 0.0
    for i in range(n):
        if i > 1:
            total = total + last * x  # noqa: F821 - bound below
        if n > 3:
            last = x * i
    return total + x


def in_a_while_loop(x, n):
    k = 0
    while k < n:
        k = k + 1
        y = np.sin(x) * k
        if y > 1.0:
            break
    return y * x


def in_a_while_test(x, n):
    k = 0
    while k < n or y > 0.0:  # noqa: F821 - bound below
        k = k + 1
        if k > 1:
            y = x - k
    return x * k


def deleted_on_some_paths(x, n):
    y = x * x
    if n > 1:
        del y
    return y * n


def deleted_and_bound_again(x, n):
    y = x * x
    for i in range(n):
        if i:
            x = x * y
        del y
        if n < 3:
            y = x + i
    return x


def augmented(x, n):
    if n > 1:
        y = x
    y += x * x
    return y


def read_on_a_path_that_binds(x, n):
    if n > 1:
        y = x * x
    z = x
    if n > 2:
        z = z * y
    return z


def caught(x, n):
    try:
        if n > 1:
            y = x * x
        return y * 3.0
    except UnboundLocalError:
        return x * 7.0


def in_a_with(x, n):
    with np.errstate(all="ignore"):
        if n > 1:
            y = x * x
    return y * x


def captured(x, n):
    if n > 1:
        y = x * x
    return (lambda t: t * y)(x)


UNBOUND = [
    in_a_branch, constant_in_a_branch, none_is_a_value, none_or_a_number, container_in_a_branch, function_in_a_branch, in_a_loop,
    the_item_of_a_loop, in_a_later_trip, in_a_while_loop, in_a_while_test, deleted_on_some_paths, deleted_and_bound_again, augmented,
    read_on_a_path_that_binds, caught, in_a_with,
]  # fmt: skip


def _outcome(work):
    try:
        return work()
    except UnboundLocalError as error:
        return type(error), str(error)


def _slope(f, n):
    h = 1e-6
    return (f(0.7 + h, n) - f(0.7 - h, n)) / (2 * h)


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
@pytest.mark.parametrize("function", UNBOUND, ids=lambda f: f.__name__)
def test_reading_an_unbound_name_raises_what_python_raises(function):
    raised = 0
    for n in range(5):
        expected = _outcome(lambda n=n: function(0.7, n))
        value = _outcome(lambda n=n: srcad.value_and_grad(function)(0.7, n))
        if isinstance(expected, tuple):
            raised += 1
            assert value == expected
            assert _outcome(lambda n=n: srcad.vjp(function, 0.7, n)) == expected
            assert _outcome(lambda n=n: srcad.jvp(function, (0.7, n), (1.0, None))) == expected
            continue
        assert value[0] == expected
        assert value[1] == pytest.approx(_slope(function, n), rel=1e-7)
        assert srcad.vjp(function, 0.7, n)[1](1.0)[0] == pytest.approx(value[1], rel=1e-12)
        assert srcad.jvp(function, (0.7, n), (1.0, None)) == pytest.approx(value, rel=1e-12)
    assert raised or function in (caught, read_on_a_path_that_binds), "the function never reads an unbound name"


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
def test_captured_without_a_value_is_refused_where_it_is():
    """Python raises when the inner function reads it, which may be later, or never."""
    assert srcad.grad(captured)(0.7, 2) == pytest.approx(3 * 0.7**2)
    with pytest.raises(srcad.errors.UnsupportedSyntax, match="SRC118") as info:
        srcad.grad(captured)(0.7, 0)
    assert "(lambda t: t * y)" in str(info.value)


def surely_bound(x, n):
    for k in range(3):
        y = x * k
        if y > n:
            break
    for _ in range(1):
        scale = 2.0
    return y * scale


@pytest.mark.filterwarnings("ignore::srcad.errors.CutWarning")
def test_nothing_is_asked_where_a_name_is_surely_bound():
    df = srcad.grad(surely_bound)
    assert df(0.7, 1) == 4.0
    assert "UnboundLocalError" not in df.source()


def last_of_a_loop_that_is_left(x):
    r = x * 1.0
    while True:
        new = 0.5 * r + x**2
        if np.sum(np.abs(new - r)) < 1e-2:
            break
        r = new
    return np.sum(new * new)


def test_what_the_first_trip_has_not_yet_at_second_order():
    srcad.check_grads(last_of_a_loop_that_is_left, np.array([0.5, 0.3, -0.2]), order=2)


# ---- captured variables ----------------------------------------------------------------------------------------------
def read_by_a_function(a, x):
    if a > 5:
        s = x[0] * a
        return s

    def g(t):
        for _ in range(2):
            t *= s + t
        return t

    return g(a)


def read_by_an_expression(a, x):
    if a > 5:
        s = x[0] * a
        return s
    return sum(map(lambda v: v * s, x))


@pytest.mark.parametrize("f", [read_by_a_function, read_by_an_expression])
def test_a_captured_variable_without_a_value_raises_where_it_is_read(f):
    """It was taken for None."""
    x = np.array([0.3, 0.2])
    for derivative in (lambda a: srcad.value_and_grad(f, on_cut="ignore")(a, x), lambda a: srcad.jvp(f, (a, x), (1.0, None))):
        with pytest.raises(NameError, match="cannot access free variable 's'"):
            derivative(1.0)
    assert srcad.grad(f)(6.0, x) == 0.3
