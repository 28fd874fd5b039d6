"""Programs that take derivatives inside, differentiated again: in both modes."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from tests.operators.meta import PROGRAMS


def slopes(f, x, step=1e-4):
    """The gradient of a function of one number or array, by differences of order four."""
    x = np.asarray(x, float)
    found = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[index] = step
        ends = [float(f((x + k * unit) if x.ndim else float(x + k * unit))) for k in (1, -1, 2, -2)]
        found[index] = (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * step)
    return found


def direction(x):
    return np.linspace(1.0, -0.5, np.size(x)) if np.ndim(x) else 1.0


def along(f, v):
    """The derivative of a function along `v`, in reverse mode."""
    df = srcad.grad(f)
    return lambda x: np.sum(df(x) * v)


def pushed(f, v):
    return lambda x: srcad.jvp(f, (x,), (v,))[1]


def product(f, v):
    return lambda x: np.sum(srcad.hvp(f, (x,), (v,)) * v)


def check(found, expected, tolerance):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * max(1.0, float(np.max(np.abs(expected)))))


@pytest.mark.parametrize(("f", "x", "order", "forward"), PROGRAMS, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f, x, order, forward):
    v = direction(x)
    first = slopes(f, x)
    assert np.max(np.abs(first)) > 1e-4
    check(srcad.grad(f)(x), first, 1e-7)
    if forward:
        check(srcad.jvp(f, (x,), (v,))[1], np.sum(first * v), 1e-7)
    if order == 1:
        return
    second = slopes(along(f, v), x)
    check(srcad.grad(along(f, v))(x), second, 1e-6)
    if not forward:
        return
    check(srcad.hvp(f, (x,), (v,)), second, 1e-6)
    if order == 2:
        return
    check(srcad.grad(pushed(f, v))(x), second, 1e-6)
    third = slopes(product(f, v), x)
    check(srcad.grad(product(f, v))(x), third, 1e-5)
    check(pushed(product(f, v), v)(x), np.sum(third * v), 1e-5)


@srcad.custom_vjp
def root(a):
    """The square root, by a loop that no derivative is taken of."""
    x = a
    while abs(x * x - a) > 1e-13 * a:
        x = 0.5 * (x + a / x)
    return x


def root_forward(a):
    x = root(a)
    return x, x


root.defvjp(root_forward, lambda x, g: (g / (2.0 * x),))


def test_an_implicit_rule_to_order_three_in_reverse_mode():
    assert srcad.grad(root)(2.0) == pytest.approx(0.5 * 2.0**-0.5)
    assert srcad.grad(srcad.grad(root))(2.0) == pytest.approx(-0.25 * 2.0**-1.5)
    assert srcad.grad(srcad.grad(srcad.grad(root)))(2.0) == pytest.approx(0.375 * 2.0**-2.5)
