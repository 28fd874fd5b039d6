"""Operators inside functions that are differentiated: any order, both modes, no confusion of one derivative with another."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad
from tests.operators.programs import PROGRAMS, X, oscillating
from tests.operators.test_matrices import differences

V = np.array([1.0, -2.0, 0.5, 0.3, 1.5])
d_oscillating = srcad.grad(oscillating)


def slope(f, x, step=1e-5):
    """Central differences of a function of one number."""
    return (8 * (f(x + step) - f(x - step)) - (f(x + 2 * step) - f(x - 2 * step))) / (12 * step)


# ---- one operator inside ---------------------------------------------------------------------------------------------
def by_grad(f, x):
    return np.vdot(srcad.grad(f)(x), V)


def by_value_and_grad(f, x):
    value, gradient = srcad.value_and_grad(f)(x)
    return value * np.sum(gradient * V)


def by_jvp(f, x):
    value, tangent = srcad.jvp(f, (x,), (V,))
    return tangent * value


def by_vjp(f, x):
    value, pullback = srcad.vjp(f, x)
    (bar,) = pullback(2.0)
    return np.vdot(bar, V) * value


def by_hvp(f, x):
    return np.sum(srcad.hvp(f, (x,), (V,)) ** 2)


def by_hessian(f, x):
    return np.trace(srcad.hessian(f)(x) @ np.outer(V, V))


def by_jacrev(f, x):
    return np.sum(srcad.jacrev(f)(x) * V)


def by_jacfwd(f, x):
    return np.sum(srcad.jacfwd(f)(x) ** 2)


INSIDE = (by_grad, by_value_and_grad, by_jvp, by_vjp, by_hvp, by_hessian, by_jacrev, by_jacfwd)


@pytest.mark.parametrize("use", INSIDE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_operators_inside(use, f):
    def whole(x):
        return use(f, x)

    expected = differences(whole, X)  # the operators themselves, called outside
    scale = np.max(np.abs(expected))
    assert scale > 1e-6
    np.testing.assert_allclose(srcad.grad(whole)(X), expected, rtol=1e-5, atol=1e-6 * scale)
    assert srcad.jvp(whole, (X,), (V,))[1] == pytest.approx(np.dot(expected, V), rel=1e-5, abs=1e-6 * scale)


def test_as_written_in_the_documentation():
    found = srcad.grad(lambda x: np.vdot(srcad.grad(oscillating)(x), V))(X)
    np.testing.assert_allclose(found, srcad.hvp(oscillating, (X,), (V,)), rtol=1e-12)


def test_a_derivative_of_the_module_inside():
    np.testing.assert_allclose(srcad.grad(lambda x: np.vdot(d_oscillating(x), V))(X), srcad.hvp(oscillating, (X,), (V,)), rtol=1e-12)


def test_a_captured_derivative_inside():
    captured = srcad.grad(lambda x: oscillating(x) * 2.0)
    np.testing.assert_allclose(srcad.grad(lambda x: np.vdot(captured(x), V))(X), 2 * srcad.hvp(oscillating, (X,), (V,)), rtol=1e-12)


def test_a_derivative_as_an_argument():
    def apply(df, x):
        return np.vdot(df(x), V)

    np.testing.assert_allclose(srcad.grad(apply, argnums=1)(d_oscillating, X), srcad.hvp(oscillating, (X,), (V,)), rtol=1e-12)


# ---- towers ----------------------------------------------------------------------------------------------------------
def quintic(x):
    return x**5 * math.sin(x)


def sine_derivatives(x):
    """The first four derivatives of x**5 sin(x), by hand."""
    s, c = math.sin(x), math.cos(x)
    return (
        5 * x**4 * s + x**5 * c,
        (20 * x**3 - x**5) * s + 10 * x**4 * c,
        (60 * x**2 - 15 * x**4) * s + (60 * x**3 - x**5) * c,
        (120 * x - 120 * x**3 + x**5) * s + (240 * x**2 - 20 * x**4) * c,
    )


def forward(f):
    return lambda x: srcad.jvp(f, (x,), (1.0,))[1]


def pulled(f):
    return lambda x: srcad.vjp(f, x)[1](1.0)[0]


@pytest.mark.parametrize("a", [srcad.grad, forward, pulled], ids=["grad", "jvp", "vjp"])
@pytest.mark.parametrize("b", [srcad.grad, forward, pulled], ids=["grad", "jvp", "vjp"])
@pytest.mark.parametrize("c", [srcad.grad, forward, pulled], ids=["grad", "jvp", "vjp"])
def test_towers_to_order_three(a, b, c):
    assert a(b(c(quintic)))(1.3) == pytest.approx(sine_derivatives(1.3)[2], rel=1e-12)


def test_order_four():
    assert srcad.grad(srcad.grad(srcad.grad(srcad.grad(quintic))))(1.3) == pytest.approx(sine_derivatives(1.3)[3], rel=1e-11)
    assert srcad.value_and_grad(srcad.grad(srcad.grad(quintic)))(1.3) == pytest.approx(sine_derivatives(1.3)[1:3], rel=1e-12)


def looping(x):
    y = x
    for i in range(4):
        y = math.sin(y * x) + y * i
        if y > 3.0:
            break
    return y


def powers(x, n):
    return 1.0 if n == 0 else x * powers(math.sin(x), n - 1)


@pytest.mark.parametrize("f", [looping, lambda x: powers(x, 3), lambda x: powers(x, 2) ** 2], ids=["loop", "recursion", "power"])
def test_third_order_of_control_flow_and_recursion(f):
    second = srcad.grad(srcad.grad(f))
    expected = slope(second, 0.9)
    assert abs(expected) > 1e-2
    assert second(0.9) == pytest.approx(slope(srcad.grad(f), 0.9), rel=1e-8)
    assert srcad.grad(second)(0.9) == pytest.approx(expected, rel=1e-7)
    assert forward(second)(0.9) == pytest.approx(expected, rel=1e-7)
    assert srcad.grad(forward(forward(f)))(0.9) == pytest.approx(expected, rel=1e-7)


def test_mixed_partials():
    def f(x, y):
        return x**3 * y**2 + math.sin(x * y)

    x, y = 1.3, 0.7
    expected = 6 * x**2 * y + math.cos(x * y) - x * y * math.sin(x * y)
    assert srcad.grad(srcad.grad(f, argnums=0), argnums=1)(x, y) == pytest.approx(expected, rel=1e-13)
    assert srcad.grad(srcad.grad(f, argnums="y"), argnums="x")(x, y) == pytest.approx(expected, rel=1e-13)
    both = srcad.grad(srcad.grad(f, argnums=1), argnums=(0, 1))(x, y)
    assert both[0] == pytest.approx(expected, rel=1e-13)


# ---- perturbation confusion ------------------------------------------------------------------------------------------
OPERATORS = [srcad.grad, forward, pulled]


@pytest.mark.parametrize("outer", OPERATORS, ids=["grad", "jvp", "vjp"])
@pytest.mark.parametrize("inner", OPERATORS, ids=["grad", "jvp", "vjp"])
class TestNoConfusion:
    """Programs on which systems that mix up the derivatives of different levels go wrong (Siskind and Pearlmutter, 2005, and others)."""

    def test_inner_sum(self, outer, inner):
        assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(2.0) == 1.0

    def test_inner_product(self, outer, inner):
        assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0

    def test_inner_at_the_outer_point(self, outer, inner):
        # y**3 x at y = x gives 3 x**3
        assert outer(lambda x: inner(lambda y: y**3 * x)(x))(2.0) == pytest.approx(36.0, rel=1e-14)

    def test_shadowed_name(self, outer, inner):
        assert outer(lambda x: x * inner(lambda x: x**3)(x))(2.0) == pytest.approx(36.0, rel=1e-14)

    def test_constant_inside(self, outer, inner):
        assert outer(lambda x: x**2 + inner(lambda y: y**2)(3.0))(2.0) == 4.0

    def test_outer_only_through_the_point(self, outer, inner):
        assert outer(lambda x: inner(lambda y: y**3)(x * x))(2.0) == pytest.approx(12 * 8.0, rel=1e-14)

    def test_curried(self, outer, inner):
        def f(x):
            return lambda y: x * y * y

        assert outer(lambda x: inner(f(x))(x))(3.0) == pytest.approx(12.0, rel=1e-14)

    def test_function_that_returns_a_derivative(self, outer, inner):
        def scaled(x):
            df = inner(lambda y: x * y**3)
            return df(2.0) + df(x)  # 12 x + 3 x**3

        assert outer(scaled)(2.0) == pytest.approx(12 + 9 * 4.0, rel=1e-14)

    def test_tangents_that_depend_on_the_outer_point(self, outer, inner):
        found = outer(lambda x: srcad.jvp(inner(lambda y: x * y**3), (x,), (x * x,))[1])(2.0)  # 6 x y x**2 at y = x: 6 x**4
        assert found == pytest.approx(24 * 8.0, rel=1e-14)


def test_amazing_bug():
    """Manzyuk et al., 2019: a derivative of a function that returns a function."""
    def shift(offset):
        return lambda g: lambda x: g(x + offset)

    def f(u):
        return srcad.grad(shift(u)(shift(u)(lambda y: y**4)))(0.5)  # 4 (2 u + 0.5)**3

    assert srcad.grad(f)(1.0) == pytest.approx(24 * 2.5**2, rel=1e-13)


# ---- programs --------------------------------------------------------------------------------------------------------
def test_meta_learning_step():
    target, start = np.array([1.0, -0.5, 2.0]), np.array([0.3, 0.2, 0.1])

    def loss(w, scale):
        return np.sum((w - target) ** 2 * scale**2) + np.sum(w**4)

    def after_steps(scale, rate):
        w = start
        for _ in range(3):
            w = w - rate * srcad.grad(loss)(w, scale)
        return loss(w, scale)

    by_scale, by_rate = srcad.grad(after_steps, argnums=(0, 1))(start + 1, 0.01)
    np.testing.assert_allclose(by_scale, differences(lambda s: after_steps(s, 0.01), start + 1), rtol=1e-7)
    assert by_rate == pytest.approx(slope(lambda r: after_steps(start + 1, r), 0.01), rel=1e-7)
    h = srcad.hessian(after_steps)(start + 1, 0.01)
    np.testing.assert_allclose(h, differences(lambda s: srcad.grad(after_steps)(s, 0.01), start + 1), rtol=1e-6, atol=1e-6)


def minimiser(p):
    """Where (u - p)**2 + u**4 / 10 is least, by steps of gradient descent."""
    def loss(u):
        return (u - p) ** 2 + 0.1 * u**4

    u = 0.5
    slope_ = srcad.grad(loss)(u)
    while abs(slope_) > 1e-12:
        u = u - 0.25 * slope_
        slope_ = srcad.grad(loss)(u)
    return u


def newton(p):
    """The same by Newton's method."""
    def loss(u):
        return (u - p) ** 2 + 0.1 * u**4

    u = p * 0.5
    for _ in range(6):
        u = u - srcad.grad(loss)(u) / srcad.grad(srcad.grad(loss))(u)
    return u


@pytest.mark.parametrize("find", [minimiser, newton])
def test_minimisers_by_their_parameters(find):
    u = find(1.3)
    first = 2 / (2 + 1.2 * u**2)  # by the implicit function theorem
    assert srcad.grad(find)(1.3) == pytest.approx(first, rel=1e-9)
    assert forward(find)(1.3) == pytest.approx(first, rel=1e-9)
    second = -2.4 * u * first * 2 / (2 + 1.2 * u**2) ** 2
    assert srcad.grad(srcad.grad(find))(1.3) == pytest.approx(second, rel=1e-6)
    assert forward(srcad.grad(find))(1.3) == pytest.approx(second, rel=1e-6)


def test_structures_inside():
    def energy(p):
        return p["a"] ** 2 * np.sum(p["b"] ** 3) + p["c"][0] * p["a"]

    def whole(x):
        gradient = srcad.grad(energy)({"a": x[0], "b": x, "c": [x[1], 3], "n": 2})
        return gradient["a"] * x[2] + np.sum(gradient["b"] * x) + gradient["c"][0]

    np.testing.assert_allclose(srcad.grad(whole)(X), differences(whole, X), rtol=1e-8)


def test_options_inside():
    def f(a, x, power=2.0):
        return a**3 * np.sum(x**power), (a, np.sum(x))

    def whole(x):
        (by_x, by_a), (a, total) = srcad.grad(f, argnums=(1, 0), has_aux=True)(x[0], x)
        (value, _), by_name = srcad.value_and_grad(f, argnums="x", has_aux=True)(x[0], x=x, power=3.0)
        return np.sum(by_x * x) + by_a * a + total * value + np.sum(by_name)

    np.testing.assert_allclose(srcad.grad(whole)(X), differences(whole, X), rtol=1e-8)


def test_decorated_inside():
    def whole(x):
        @srcad.grad
        def slope_of(y):
            return np.sum(np.sin(y) * x)

        return np.sum(slope_of(x) ** 2)

    np.testing.assert_allclose(srcad.grad(whole)(X), differences(whole, X), rtol=1e-8)


def test_pullback_used_twice_and_in_a_loop():
    def whole(x):
        (low, high), pullback = srcad.vjp(lambda y: (np.sum(y**2), y**3), x)
        total = low * np.sum(high)
        for k in range(3):
            (bar,) = pullback((1.0 * k, x * k))
            total = total + np.sum(bar * V)
        return total

    np.testing.assert_allclose(srcad.grad(whole)(X), differences(whole, X), rtol=1e-7)
    np.testing.assert_allclose(srcad.jvp(whole, (X,), (V,))[1], differences(whole, X) @ V, rtol=1e-7)


def test_methods_inside():
    class Model:
        def __init__(self, scale):
            self.scale = scale

        def loss(self, x):
            return self.scale * np.sum(x**3)

        def penalty(self, x):
            return np.sum(srcad.grad(self.loss)(x) ** 2)

    np.testing.assert_allclose(srcad.grad(Model(2.0).penalty)(X), 144 * X**3, rtol=1e-12)


# ---- orders that a number says ---------------------------------------------------------------------------------------
def deeper(x, n):
    return x**5 if n == 0 else srcad.grad(lambda y: deeper(y, n - 1))(x)


def nth(f, n):
    return f if n == 0 else nth(srcad.grad(f), n - 1)


def summed(f, x, n):
    total = 0.0
    for _ in range(n):
        total = total + f(x)
        f = srcad.grad(f)
    return total


def flattened(x, n):
    """A minimiser's step on the loss behind such a step, and so on: order n + 1."""
    if n == 0:
        return np.sum(x**2 * np.array([1.0, 2.0, 3.0]))
    return np.sum((x - 0.1 * srcad.grad(lambda y: flattened(y, n - 1))(x)) ** 2)


ORDERS = [
    (lambda x: deeper(x, 2), 60 * 2.0**2),
    (lambda x: nth(lambda t: np.sin(t) * t**3, 2)(x), 6 * np.sin(2.0) + 18 * 2.0 * np.cos(2.0) - 9 * 2.0**2 * np.sin(2.0) - 2.0**3 * np.cos(2.0)),
    (lambda x: summed(lambda t: t**4, x, 3), 4 * 2.0**3 + 12 * 2.0**2 + 24 * 2.0),
]


@pytest.mark.parametrize(("f", "expected"), [pytest.param(*w, id=str(n)) for n, w in enumerate(ORDERS)])
def test_a_number_says_how_often_a_function_is_differentiated(f, expected):
    assert srcad.grad(f)(2.0) == pytest.approx(expected, rel=1e-12)
    assert srcad.jvp(f, (2.0,), (1.0,))[1] == pytest.approx(expected, rel=1e-12)


def wrapped(f, n):
    return f if n == 0 else wrapped(lambda z: np.sum(srcad.grad(f)(z) ** 2), n - 1)


def test_a_number_says_how_many_functions_capture_one_another():
    """All of the two dozen that there might be were compiled, each with the derivatives of those before it: that took for ever."""
    z = np.array([0.3, -0.7, 0.5])
    once = srcad.grad(lambda x: wrapped(lambda v: np.sum(np.sin(v)), 1)(x) * wrapped(lambda v: np.sum(v**2), 0)(x))(z)
    np.testing.assert_allclose(once, -np.sin(2 * z) * np.sum(z**2) + np.sum(np.cos(z) ** 2) * 2 * z)
    twice = srcad.grad(lambda x: wrapped(lambda v: np.sum(np.sin(v)), 2)(x))(z)
    np.testing.assert_allclose(twice, 2 * np.sin(4 * z))


@pytest.mark.parametrize("n", [1, 2])
def test_the_order_is_an_argument(n):
    """By types alone this has no end: it is compiled for the number."""
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(srcad.grad(flattened)(x, n), differences(lambda y: flattened(y, n), x), rtol=1e-6)
    assert srcad.grad(lambda t, k: nth(lambda u: u**5, k)(t))(2.0, n) == pytest.approx((5 * 4 * 2.0**3, 5 * 4 * 3 * 2.0**2)[n - 1])


# ---- wrong use -------------------------------------------------------------------------------------------------------
WRONG = [
    (lambda x: srcad.grad(lambda y: y * 2.0)(np.array([x, x])), "one real number"),
    (lambda x: srcad.grad(lambda y: x * y)(3), "argument 0 .* holds no float"),
    (lambda x: srcad.grad(lambda y: x * y, argnums=1)(3.0), "argnums is 1"),
    (lambda x: srcad.grad(lambda y: x * y, argnums="z")(3.0), "argnums is 'z'"),
    (lambda x: srcad.grad(lambda y: x * y, has_aux=True)(3.0), "pair"),
    (lambda x: srcad.jvp(lambda y: x * y, (x,), (x, x))[1], "1 primals but 2 tangents"),
    (lambda x: srcad.jvp(lambda y: y, (x,), (np.ones(2),))[1], "shape"),
    (lambda x: srcad.vjp(lambda y: (y, x), x)[1](1.0)[0], "structure"),
    (lambda x: deeper(x, int(x)), "takes a derivative of itself"),
]


@pytest.mark.parametrize(("f", "words"), [pytest.param(*w, id=str(n)) for n, w in enumerate(WRONG)])
def test_clear_errors(f, words):
    with pytest.raises(srcad.SrcadError, match=words):
        srcad.grad(f)(2.0)


# ---- one function differentiated by several arguments ----------------------------------------------------------------
def lagrangian(q, v):
    return 0.5 * np.sum(v**2 * (1 + q**2)) - np.sum(np.cos(q))


def acceleration(q):
    v = np.array([1.0, 0.5, -0.3])
    momentum = srcad.grad(lagrangian, argnums=1)
    by_v, by_q = srcad.jacfwd(momentum, argnums=1)(q, v), srcad.jacfwd(momentum, argnums=0)(q, v)
    return np.sum(np.linalg.solve(by_v, srcad.grad(lagrangian)(q, v) - by_q @ v) ** 2)


def test_derivatives_by_different_arguments_are_different_functions():
    """The second directional derivative was taken for the first: both derive one function, by another argument."""
    q, t = np.array([0.5, 0.3, -0.2]), np.array([1.0, 0.25, -0.5])
    expected = differences(acceleration, q)
    np.testing.assert_allclose(srcad.grad(acceleration)(q), expected, rtol=1e-6)
    assert srcad.jvp(acceleration, (q,), (t,))[1] == pytest.approx(np.dot(expected, t), rel=1e-6)


# ---- gradients that are changed --------------------------------------------------------------------------------------
def clipped_in_place(w):
    params = {"a": w * 1.0, "b": w * 2.0}
    g = srcad.grad(lambda p: np.sum(p["a"] ** 2 * p["b"]))(params)
    g["a"] *= 0.5
    g["b"] = np.minimum(g["b"], 1.0)
    for name in params:
        params[name] = params[name] - 0.1 * g[name]
    return np.sum(params["a"] * params["b"])


def tangent_in_place(w):
    _, t = srcad.jvp(lambda x: [x * x, np.sin(x)], (w,), (w * 2.0,))
    t[0] *= 3.0
    (bar,) = srcad.vjp(lambda d: d["x"] ** 3, {"x": w})[1](w)
    bar["x"] += t[0]
    return np.sum(bar["x"] * t[1])


@pytest.mark.parametrize("f", [clipped_in_place, tangent_in_place])
def test_gradients_that_are_changed_in_place(f):
    w = np.array([0.5, 1.7, -0.4])
    np.testing.assert_allclose(srcad.grad(f)(w), differences(f, w), rtol=1e-6)


def test_gradients_inside_have_the_type_of_the_argument():
    """Outside, the gradient by a Python float is a Python float; so it is inside."""
    inner = srcad.grad(lambda x: np.sin(np.sin(x) + np.sin(x)))

    def pulled(x, c):
        return srcad.vjp(inner, x)[1](c)

    value, _ = srcad.vjp(pulled, 0.5, 2.0)
    assert [type(v) for v in value] == [type(v) for v in pulled(0.5, 2.0)] == [float]


def test_derivatives_of_derivatives_of_starred_arguments():
    def f(*args):
        return args[0] ** 3 * np.sin(args[1])

    for df in (srcad.grad(f), srcad.grad(f, argnums=1), srcad.grad(f, argnums=(0, 1))):
        srcad.check_grads(df, 1.2, 2.3, order=2)
    assert srcad.grad(srcad.grad(f, argnums=1))(1.2, 2.3) == pytest.approx(3 * 1.2**2 * np.cos(2.3), rel=1e-12)


def spread(path, rest):
    if not rest:
        return path[0] * path[1]
    total = 0.0
    for i in range(len(rest)):
        total += spread([*path, rest[i]], rest[:i] + rest[i + 1 :])
    return total


def test_tangents_of_cotangents_of_lists_are_added_not_joined():
    """A list that several calls get has a cotangent that is a sum of lists; forward mode over it joined them end to end."""
    def f(x):
        return spread([], [x, 2.0 * x, x * x])

    second = srcad.grad(srcad.grad(f))
    assert forward(srcad.grad(f))(0.7) == pytest.approx(second(0.7), rel=1e-12)
    assert second(0.7) == pytest.approx(slope(srcad.grad(f), 0.7), rel=1e-7)


def halving(y, n):
    if n == 0:
        return np.sum(y**3)
    return halving(np.sin(y) * y, n - 1)


def test_third_derivatives_of_functions_that_call_themselves():
    """What the last call keeps has no cosine in it, so that the cotangents of what is kept hold None: they were asked for their shape."""
    slopes = srcad.grad(halving)

    def f(x):
        return np.sum(slopes(x, 2) * x)

    srcad.check_grads(f, np.array([0.3, 0.8, 1.4]), order=2)


def test_tangents_of_named_results_of_numpy_have_their_names():
    """Those of the factors of `np.linalg.qr` inside a function that is differentiated, and their order with it."""

    def moved(x, t):
        value, dot = srcad.jvp(np.linalg.qr, (x,), (t,))
        return value.R @ dot.R + dot.Q, srcad.jvp(np.linalg.slogdet, (x,), (t,))[1]

    x, t = np.random.default_rng(3).normal(size=(2, 3, 3))
    assert srcad.check_grads(moved, x, t).ok
    assert type(srcad.vjp(moved, x, t)[0][1]) is type(moved(x, t)[1])
