"""Derivatives of functions that write, taken inside differentiated code: storage inside and outside stays apart, or is known to be one."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X = np.array([0.9, -0.4, 1.3])


def scaled(v):
    v[1:] = v[1:] * v[:-1]
    return np.sum(v * v)


def argument_of_the_same_name_read_later(x):
    y, back = srcad.vjp(scaled, x * 1.0)
    (b,) = back(y)
    x[0] = b[1]
    return np.sum(b * x)


def argument_itself(v):
    y, back = srcad.vjp(scaled, v)
    (b,) = back(y)
    v[0] = b[1]
    return np.sum(b * v) + np.sum(back(2.0)[0])


def list_changed_inside(x):
    items = [x[0], x[1]]

    def h(v):
        v[0] = v[0] * v[1]
        return v[0] * v[0]

    g = srcad.grad(h)(items)
    return g[0] * items[0] + g[1] * items[1]


def cotangent_changed_between(x):
    y = x * 1.0
    out, back = srcad.vjp(lambda v: v * v, y)
    ct = y * 2.0
    (b,) = back(ct)
    ct[0] = 3.0 * x[1]
    y[0] = 7.0
    (b2,) = back(ct)
    b[1] = x[0]
    return np.sum(b * b2) + np.sum(out)


def gradient_changed_later(x):
    y = x * 1.0
    g = srcad.grad(lambda v: np.sum(v))(y)
    g[0] = x[0]
    y[1] = g[0] * g[1]
    return np.sum(g * y)


def running(v):
    w = v.copy()
    for i in range(1, 3):
        w[i] = w[i] * w[i - 1]
    return w


def new_in_a_call(x):
    """A function that stays a call hands back nothing that it was given."""
    y, d = x * 1.0, x * 0.5
    for i in range(2):
        y, d = srcad.jvp(running, (y,), (d,))
        d *= x[1]
        y[0] += d[i]
    return np.sum(y * d)


@pytest.mark.parametrize(
    "f",
    [argument_of_the_same_name_read_later, argument_itself, list_changed_inside, cotangent_changed_between, gradient_changed_later, new_in_a_call],
)
def test_right(f):
    srcad.check_grads(f, X)


def test_right_to_the_second_order():
    srcad.check_grads(argument_of_the_same_name_read_later, X, order=2)


def result_is_the_argument(x):
    y = x * 1.0
    out, _ = srcad.vjp(lambda v: v, y)
    y[0] = 5.0 * x[1]
    return np.sum(out * x)


def result_is_a_view(x):
    y = x * 1.0
    out, dot = srcad.jvp(lambda v: v[1:], (y,), (y,))
    y[1] = 5.0 * x[1]
    return np.sum(out * x[1:]) + np.sum(dot)


def results_are_one(x):
    (u, v), _ = srcad.jvp(lambda v: (w := np.sin(v), w), (x,), (x,))
    u *= x[0]
    return np.sum(v * v)


def one_result_is_a_view(x):
    def tail(v):
        w = running(v)
        return w, w[1:]

    (u, v), pull = srcad.vjp(tail, x)
    v[0] = x[1]
    return np.sum(u * pull((u, v))[0])


def aux_is_the_argument(x):
    y = x * 1.0
    (_, aux), g = srcad.value_and_grad(lambda v: (np.sum(v * v), v), has_aux=True)(y)
    y[0] = x[1]
    return np.sum(g * y) + np.sum(aux * x)


def given_twice(x):
    y = x * 1.0

    def h(v, w):
        w[0] = w[0] * v[1]
        return w[0] * v[0]

    return np.sum(srcad.grad(h)(y, y) * y)


def given_in_parts(x):
    y = x * 1.0

    def h(v, w):
        v[0] = w[0] * v[1]
        return v[0] * w[1]

    return np.sum(srcad.grad(h)(y[1:], y[:-1]))


def list_given_twice(x):
    items = [x[0], x[1]]

    def h(v, w):
        w[0] = w[0] * v[1]
        return w[0] * v[0]

    g = srcad.grad(h)(items, items)
    return g[0] * items[1]


def captured_and_given(x):
    y = x * 1.0

    def h(v):
        v[0] = y[0] * v[1]
        return v[0] * v[0]

    return np.sum(srcad.grad(h)(y))


def captured_array(x):
    buf = np.zeros(3)

    def h(v):
        buf[:] = v * v
        return np.sum(buf * v)

    return np.sum(srcad.grad(h)(x) * buf)


def captured_list(x):
    items = [x[0]]

    def h(v):
        items[0] = v[0] * items[0]
        return np.sum(v) * items[0]

    return np.sum(srcad.grad(h)(x)) * items[0]


@pytest.mark.parametrize(
    ("f", "code"),
    [
        (result_is_the_argument, "SRC119"), (result_is_a_view, "SRC119"), (aux_is_the_argument, "SRC119"), (results_are_one, "SRC119"),
        (one_result_is_a_view, "SRC119"), (given_twice, "SRC128"),
        (given_in_parts, "SRC128"), (list_given_twice, "SRC128"), (captured_and_given, "SRC128"), (captured_array, "SRC145"),
        (captured_list, "SRC145"),
    ],
)  # fmt: skip
def test_refused_by_name(f, code):
    with pytest.raises(srcad.SrcadError, match=code):
        srcad.grad(f)(X)
    with pytest.raises(srcad.SrcadError, match=code):
        srcad.jvp(f, (X,), (X,))
