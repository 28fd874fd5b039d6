"""Dicts with computed keys in derivatives that are taken inside a function: as arguments, gradients, tangents and cotangents."""
from __future__ import annotations

import pytest

import srcad


def power_sum(q):
    return q[0] * q[1] ** 2


def filled(x, n):
    q = {}
    for i in range(n):
        q[i] = x * (i + 1)
    return q


def gradient(x, n):
    q = filled(x, n)
    g = srcad.grad(power_sum)(q)
    g[n] = x
    g[0] = g[0] * x
    return g[1] + 3 * g[0] + len(g) * len(q)


def steps(x, n):
    q = filled(x, n)
    for k in range(2):
        value, g = srcad.value_and_grad(power_sum)(q)
        q = {key: q[key] - 0.01 * value * g[key] for key in sorted(q, reverse=k == 0)}
    return power_sum(q)


def pulled(x, n):
    _, pullback = srcad.vjp(power_sum, filled(x, n))
    return pullback(2.0)[0][1] * pullback(x)[0][0]


def moved(x, n):
    q, t = srcad.jvp(lambda z: {"q": filled(z, n), "z": z * z}, (x,), (2.0 * x,))
    return t["q"][0] * t["q"][1] * q["q"][1] + t["z"]


def curved(x, n):
    q = filled(x, n)
    return srcad.hvp(power_sum, (q,), ({k: v * v for k, v in q.items()},))[1]


def linear(x, n):
    q = filled(x, n)
    _, push = srcad.linearize(power_sum, q)
    return push({k: v * v for k, v in q.items()})


@pytest.mark.parametrize("f", [gradient, steps, pulled, moved, curved, linear], ids=lambda f: f.__name__)
def test_values_and_derivatives(f):
    """What stands under which key was lost: None['a'] in generated code."""
    h = 1e-5
    slope = (f(1.2 + h, 3) - f(1.2 - h, 3)) / (2 * h)
    value, found = srcad.value_and_grad(f)(1.2, 3)
    assert value == pytest.approx(f(1.2, 3), rel=1e-14)
    assert found == pytest.approx(slope, rel=1e-6)
    assert srcad.jvp(f, (1.2, 3), (1.0, None))[1] == pytest.approx(slope, rel=1e-6)
    second = (srcad.grad(f)(1.2 + h, 3) - srcad.grad(f)(1.2 - h, 3)) / (2 * h)
    assert srcad.grad(srcad.grad(f))(1.2, 3) == pytest.approx(second, rel=1e-6)


def tangent_in_another_order(x, n):
    t = {}
    for i in reversed(range(n)):
        t[i] = float(i)
    return srcad.jvp(power_sum, (filled(x, n),), (t,))[1]


def cotangent_in_another_order(x, n):
    t = {}
    for i in reversed(range(n)):
        t[i] = float(i)
    return srcad.vjp(lambda z: filled(z * z, n), x)[1](t)[0]


@pytest.mark.parametrize("f", [tangent_in_another_order, cotangent_in_another_order], ids=lambda f: f.__name__)
def test_tangents_that_were_filled_in_another_order(f):
    """The values were taken as they stand: a wrong derivative."""
    with pytest.raises(srcad.errors.ShapeMismatch, match="filled in another order"):
        srcad.grad(f)(1.5, 2)
