"""Hessian-vector products of loops: both sweeps share what they compute, and the values stay what they are."""
from __future__ import annotations

import re

import numpy as np
import pytest

import srcad
from srcad.products import _plan
from srcad.api import pushing
from srcad.store import target_of

X = np.array([0.31, 0.52, 0.17, 0.83, 0.44])
V = np.array([0.4, -1.1, 0.7, 0.2, -0.6])


def sines(x):
    for _ in range(6):
        x = x + 0.1 * np.sin(x)
    return np.sum(x * x)


def taped_before(x):
    """The reverse sweep asks for the sine anew, which the first one has on its tape."""
    y = x
    for _ in range(5):
        y = y + 0.1 * (np.sin(y) * x - y**3)
    return np.sum(y)


def nested(x):
    total = 0.0
    for i in range(4):
        y = x * (i + 1.0)
        for _ in range(3):
            y = y + 0.1 * np.sin(y) * x
        total = total + np.sum(np.exp(-y))
    return total


def leaves_early(x):
    total = 0.0
    y = x
    for i in range(40):
        y = y + 0.1 * np.sin(y)
        if i % 3 == 0:
            continue
        if np.sum(y) > 9.0:
            break
        total = total + np.sum(np.cos(y))
    return total


def asks_first(x):
    y = x
    i = 0
    while True:
        if np.sum(y) > 9.0 or i > 20:
            break
        y = y + 0.1 * np.sin(y)
        i += 1
        if i % 2:
            y = y * np.exp(-0.01 * y)
    return np.sum(y)


def by_numbers(x):
    """What depends on the number of the trip alone is the same in both sweeps."""
    total = 0.0
    for i in range(3, 12, 2):
        total = total + np.sum(np.sin(x * np.exp(0.01 * i)) * 1.5)
    return total * total


def triangle(x):
    total = 0.0
    for i in range(len(x)):
        for j in range(i):
            total = total + np.sin(x[i] * x[j]) * np.exp(-x[i])
    return total


def no_trips(x):
    y = x
    for _ in range(0):
        y = np.sin(y)
    return np.sum(y**3)


def put_back(x):
    u = x.copy()
    for _ in range(4):
        u[1:-1] = u[1:-1] + 0.1 * np.sin(u[2:]) * np.exp(-u[:-2])
        u[0] = np.tanh(u[-1])
    return np.sum(u**3)


def many_paths(x):
    y = x
    kept = []
    for i, t in enumerate([0.7, 0.2, 0.9, 0.4]):
        if t > 0.5:
            y = y * np.cos(y)
        else:
            for k in range(i):
                y = y + 0.05 * np.sin(y * t * k)
                if np.sum(y) > 5:
                    break
        kept.append(np.tanh(y))
    return sum(np.sum(o) ** 2 for o in kept)


def in_try(x):
    y = x
    try:
        for i in range(4):
            y = np.log(y + 1.5) * np.sin(y)
            if i == 3 and y[0] < 0.5:
                raise ValueError
    except ValueError:
        y = y * 2
    return np.sum(y)


PROGRAMS = [sines, taped_before, nested, leaves_early, asks_first, by_numbers, triangle, no_trips, put_back, many_paths, in_try]


@pytest.mark.parametrize("f", PROGRAMS)
def test_product(f):
    h = 1e-6
    got = srcad.hvp(f, (X,), (V,))
    np.testing.assert_allclose(got, srcad.jacrev(srcad.grad(f))(X) @ V, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(got, (srcad.grad(f)(X + h * V) - srcad.grad(f)(X - h * V)) / (2 * h), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("f", PROGRAMS)
def test_third_order(f):
    h = 1e-6
    got = srcad.jvp(lambda x: srcad.hvp(f, (x,), (V,)), (X,), (V,))[1]
    expected = (srcad.hvp(f, (X + h * V,), (V,)) - srcad.hvp(f, (X - h * V,), (V,))) / (2 * h)
    np.testing.assert_allclose(got, expected, rtol=2e-5, atol=2e-5)


def product_text(f, *args, wrt=(0,)):
    """The source of a Hessian-vector product, without comments."""
    plan = _plan(target_of(f), wrt, None)
    along = tuple(a if n in wrt else None for n, a in enumerate(args))
    found, *_ = pushing(plan.gradient, args, along, "tangent", plan.stores)
    assert found is not None
    return re.sub(r" *#.*", "", found.stages.emitted.text)


@pytest.mark.parametrize("f", [sines, taped_before, nested, asks_first])
def test_what_both_sweeps_need_is_computed_once(f):
    text = product_text(f, X)
    assert text.count("np.sin(") == 1
    assert text.count("np.cos(") == 1


def test_both_sweeps_call_it_the_same():
    text = product_text(sines, X)
    assert "tape.append((x_dot, sin_x, cos_x))" in text
    assert "for x_dot, sin_x, cos_x in reversed(tape):" in text


def steps(w, xs):
    h = np.zeros(len(w))
    total = 0.0
    for x in xs:
        h = np.tanh(w @ h + x)
        total = total + np.sum(h**2)
    return total


def test_sums_of_outer_products_are_made_behind_their_loop():
    rng = np.random.default_rng(0)
    w, xs, v = rng.normal(size=(4, 4)) * 0.3, rng.normal(size=(12, 4)), rng.normal(size=(4, 4))
    text = product_text(steps, w, xs)
    assert "np.outer(" not in text
    assert text.count("w_outers.append(") == 2
    h = 1e-6
    expected = (srcad.grad(steps)(w + h * v, xs) - srcad.grad(steps)(w - h * v, xs)) / (2 * h)
    np.testing.assert_allclose(srcad.hvp(steps, (w, xs), (v, None)), expected, rtol=1e-6, atol=1e-8)


def own_sums(x):
    """Sums of outer products that the function makes itself keep their order, whatever they are called."""
    w_dot = np.zeros((3, 3))
    for row in x:
        w_dot = w_dot + np.outer(row, row)
    return np.sum(w_dot**2)


def test_sums_of_the_function_keep_their_order():
    x = np.random.default_rng(1).normal(size=(60, 3))
    assert srcad.value_and_grad(own_sums)(x)[0] == own_sums(x)
    assert srcad.jvp(own_sums, (x,), (x,))[0] == own_sums(x)


def by_layers(params, scale):
    h = scale
    for w, b in params["layers"]:
        h = np.tanh(w @ h + b)
    return np.sum(h * params["out"])


def test_tangents_in_containers_are_not_changed_and_may_be_zero():
    rng = np.random.default_rng(2)
    params = {"layers": [(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in range(2)], "out": rng.normal(size=3)}
    shared = rng.normal(size=3)
    along = {"layers": [(rng.normal(size=(3, 3)), shared), (rng.normal(size=(3, 3)), shared)], "out": shared}
    before = [shared.copy(), along["layers"][0][0].copy()]
    scale = np.ones(3)
    first, second = (srcad.hvp(by_layers, (params, scale), (along, None)) for _ in range(2))
    for a, b in ((first["out"], second["out"]), (first["layers"][1][0], second["layers"][1][0])):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(shared, before[0])
    np.testing.assert_array_equal(along["layers"][0][0], before[1])
    without = {"layers": [(w, None) for w, _ in along["layers"]], "out": None}
    zeros = {"layers": [(w, np.zeros(3)) for w, _ in along["layers"]], "out": np.zeros(3)}
    one, other = srcad.hvp(by_layers, (params, scale), (without, None)), srcad.hvp(by_layers, (params, scale), (zeros, None))
    np.testing.assert_allclose(one["layers"][0][0], other["layers"][0][0], rtol=1e-14)


def test_arguments_with_and_without_tangents_take_turns():
    def f(x, y, n):
        return np.sum(np.sin(x) * y) * n

    y = X[::-1].copy()
    for _ in range(2):
        np.testing.assert_allclose(srcad.hvp(f, (X, y, 2), (V, None, None)), -np.sin(X) * y * V * 2)
        np.testing.assert_allclose(srcad.hvp(f, (X, y, 3), (None, V, None)), np.cos(X) * V * 3)
        np.testing.assert_allclose(srcad.hvp(f, (X, y, 2), (V, V, None)), (np.cos(X) * V - np.sin(X) * y * V) * 2)
        np.testing.assert_allclose(srcad.hvp(f, (X, y, 2.0), (V, None, 1.0)), -np.sin(X) * y * V * 2 + np.cos(X) * y)
        with pytest.raises(srcad.ShapeMismatch, match="tangent 0 has shape"):
            srcad.hvp(f, (X, y, 2), (V[:2], None, None))


def a_loop_in_a_loop_that_is_left(y):
    k = 0
    while True:
        k += 1
        if k > 3:
            break
        for i in range(4):
            y[i] *= np.cos(y[i - 1])
    return np.mean(np.sin(y))


def loops_on_some_trips(y):
    for k in range(5):
        if k % 2:
            for i in range(4):
                y[i] *= np.cos(y[i - 1])
        else:
            y = np.sin(y) * y[::-1]
    return np.sum(y * y)


@pytest.mark.parametrize("f", [a_loop_in_a_loop_that_is_left, loops_on_some_trips])
def test_loops_inside_branches_of_trips(f):
    y, v, h = np.linspace(0.2, 1.1, 4), np.array([0.3, -0.7, 0.2, 1.0]), 1e-6
    ends = [srcad.grad(f)(y + s * h * v) for s in (1, -1)]
    np.testing.assert_allclose(srcad.hvp(f, (y,), (v,)), (ends[0] - ends[1]) / (2 * h), rtol=1e-6, atol=1e-8)
