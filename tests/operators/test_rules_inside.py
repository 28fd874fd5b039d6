"""`checkpoint`, `custom_jvp` and `custom_vjp` of functions made inside a differentiated function: what they capture is part of the program."""
from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest

import srcad
from tests.operators.test_matrices import differences

X = np.array([0.3, -0.7, 1.1])


# ---- checkpoints: derivatives by what is captured too ----------------------------------------------------------------
def in_a_loop(x):
    total, weight = 0.0, 1.0
    for i in range(3):
        @srcad.checkpoint
        def step(h):
            return np.sin(weight * h) * i

        total = total + np.sum(step(x))
        weight = weight + total * 0.1
    return total


def one_in_another(x):
    @srcad.checkpoint
    def outer(h):
        k = np.sum(h)

        @srcad.checkpoint
        def inner(g):
            return np.tanh(g * k)

        return inner(h) + inner(h * 2.0)

    return np.sum(outer(x) ** 2)


def one_of_two(x):
    def growing(h):
        return np.exp(h)

    def waving(h):
        return np.sin(h)

    return np.sum(srcad.checkpoint(growing if x[0] > 0 else waving)(x))


def of_a_partial(x):
    def scaled(k, h):
        return np.exp(k * h)

    return np.sum(srcad.checkpoint(functools.partial(scaled, x[1]))(x))


class Layer:
    def __init__(self, w):
        self.w = w

    def run(self, h):
        return np.tanh(self.w * h)

    def __call__(self, h):
        return self.run(h) + h


def of_methods_and_objects(x):
    layer = Layer(x)
    return np.sum(srcad.checkpoint(layer.run)(x) * srcad.checkpoint(layer)(x * 2.0))


def with_keywords(x):
    @srcad.checkpoint
    def layer(h, scale=2.0, *more, shift=0.5, **rest):
        return (h * scale + shift * x) * rest["factor"] + sum(more)

    return np.sum(layer(x, factor=x[0]) ** 2 + layer(x, 3.0, x, x, factor=2.0, shift=x[2]))


def variables_that_change(x):
    held = {"w": x * 2.0, "b": x + 1.0}
    n = x[0]

    @srcad.checkpoint
    def layer(h):
        return np.tanh(held["w"] * h + held["b"]) * n

    y = layer(x)
    held["w"] = held["w"] * 0.5
    n = n * 5.0
    return np.sum(layer(y))


def listed(x):
    return sum(np.sum(f(x)) for f in [srcad.checkpoint(lambda h, k=k: np.sin(h * x) * k) for k in range(1, 4)])


def gradient_of_one(x):
    return np.sum(srcad.grad(srcad.checkpoint(lambda h: np.sum(h**3 * x)))(x) ** 2)


# ---- rules -----------------------------------------------------------------------------------------------------------
def forward_rule(x):
    s = 1.5

    @srcad.custom_jvp
    def scaled(y):
        return s * y * y

    @scaled.defjvp
    def _(primals, tangents):
        return scaled(*primals), 2.0 * s * primals[0] * tangents[0]

    return np.sum(scaled(np.sin(x)) * scaled(x))


def fixed_point(x):
    """Cotangents by the implicit function theorem, to second order too."""

    @srcad.custom_jvp
    def solve(a, b):
        y = b
        for _ in range(70):
            y = 0.5 * np.cos(a * y) + b
        return y

    @solve.defjvp
    def _(primals, tangents):
        (a, b), (da, db) = primals, tangents
        y = solve(a, b)
        return y, (db - 0.5 * np.sin(a * y) * y * da) / (1.0 + 0.5 * np.sin(a * y) * a)

    return np.sum(solve(x, 0.1 * x) ** 2)


def not_decorated(x):
    def twice(h):
        return h**2 * 2.0

    twice = srcad.custom_jvp(twice)
    twice.defjvp(lambda p, t: (twice(*p), 4.0 * p[0] * t[0]))
    return np.sum(twice(x))


def gradient_of_a_rule(x):
    @srcad.custom_jvp
    def cube(h):
        return np.sum(h**3)

    cube.defjvp(lambda p, t: (cube(*p), np.sum(3.0 * p[0] ** 2 * t[0])))
    return np.sum(srcad.grad(cube)(x) ** 2)


def parts(x):
    @srcad.custom_vjp
    def split(h, c):
        return {"y": h * c, "z": (h,)}

    split.defvjp(lambda h, c: (split(h, c), c), lambda c, g: (g["y"] * c + g["z"][0], None))
    out = split(x, 3)
    return np.sum(out["y"] ** 2) + np.sum(out["z"][0] * x)


FORWARD = (
    in_a_loop, one_in_another, one_of_two, of_a_partial, of_methods_and_objects, with_keywords, variables_that_change, listed,
    gradient_of_one, forward_rule, fixed_point, not_decorated, gradient_of_a_rule,
)  # fmt: skip


@pytest.mark.parametrize("f", [*FORWARD, parts], ids=lambda f: f.__name__)
def test_gradients(f):
    value, gradient = srcad.value_and_grad(f)(X)
    assert value == f(X)
    np.testing.assert_allclose(gradient, differences(f, X), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(srcad.jacrev(srcad.grad(f))(X), differences(srcad.grad(f), X), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("f", FORWARD, ids=lambda f: f.__name__)
def test_forward_mode(f):
    v = np.array([1.0, -2.0, 0.5])
    value, tangent = srcad.jvp(f, (X,), (v,))
    assert value == f(X)
    assert tangent == pytest.approx(np.vdot(srcad.grad(f)(X), v), rel=1e-10)
    np.testing.assert_allclose(srcad.hvp(f, (X,), (v,)), srcad.jacrev(srcad.grad(f))(X) @ v, rtol=1e-9)


def clipping(bound, times=1):
    @srcad.custom_vjp(nondiff_argnums=("k",))
    def clipped(k, h):
        return h * k

    clipped.defvjp(lambda k, h: (clipped(k, h), None), lambda k, _, g: (times * np.clip(k * g, -bound, bound),))
    return clipped


def test_a_rule_made_by_a_function_of_what_it_captures():
    found = srcad.grad(lambda x, bound: np.sum(clipping(bound)(2.0, x) ** 2))(X, 1.0)
    np.testing.assert_allclose(found, np.clip(8.0 * X, -1.0, 1.0))


def test_rules_of_outside_that_capture_data():
    """They were refused, since they cannot be imported; the rule calls its function, which it captures."""
    weights = np.array([1.0, 2.0, 3.0])
    outside = clipping(np.array([9.0, 0.5, 9.0]), 10)
    np.testing.assert_allclose(srcad.grad(lambda x: np.sum(outside(2.0, x)))(X), [20.0, 5.0, 20.0])
    np.testing.assert_allclose(srcad.grad(srcad.checkpoint(lambda x: np.sum(weights * x**2)))(X), 2.0 * weights * X)


def test_the_derivative_by_a_captured_variable_is_refused_where_it_matters():
    def f(x, s):
        @srcad.custom_jvp
        def scaled(y):
            return s * y * y

        scaled.defjvp(lambda p, t: (scaled(*p), 2.0 * s * p[0] * t[0]))
        return np.sum(scaled(np.sin(x)))

    np.testing.assert_allclose(srcad.grad(f)(X, 1.5), 1.5 * np.sin(2.0 * X))
    for way in (lambda: srcad.grad(f, argnums="s")(X, 1.5), lambda: srcad.jvp(f, (X, 1.5), (None, 1.0))):
        with pytest.raises(srcad.ArgumentError, match="the rule of 'scaled' has no derivative by 's', which is captured and differentiated"):
            way()
    found = srcad.grad(lambda s: np.sum(srcad.grad(f)(X, s) ** 2))(1.5)  # the inner derivative is by x alone
    assert found == pytest.approx(3.0 * np.sum(np.sin(2.0 * X) ** 2))


def without_rule(x):
    return np.sum(srcad.custom_vjp(lambda h: h * x)(x))


def wrong_number(x):
    return np.sum(srcad.custom_vjp(lambda h: h, nondiff_argnums=3)(x))


def no_function(x):
    return np.sum(srcad.checkpoint(3.0)(x))


def changes_what_it_captures(x):
    kept = np.zeros(3)

    @srcad.checkpoint
    def layer(h):
        kept[0] = h[0]
        return h * kept

    return np.sum(layer(x)) + kept[0]


def by_a_name_that_is_assigned_later(x):
    twice = None

    def rule(primals, tangents):
        return twice(*primals), 2.0 * tangents[0]

    twice = srcad.custom_jvp(lambda h: 2.0 * h)
    twice.defjvp(rule)
    return np.sum(twice(x))


REFUSED = (
    (without_rule, srcad.ArgumentError, "custom_vjp without a rule"),
    (wrong_number, srcad.ArgumentError, "nondiff_argnums is 3"),
    (no_function, srcad.UnsupportedSyntax, "srcad.checkpoint is called here with what it cannot take"),
    (changes_what_it_captures, srcad.UnsupportedSyntax, "this changes what 'layer', a function with a rule, is given or captures"),
    (by_a_name_that_is_assigned_later, srcad.UnsupportedSyntax, "decorate the function"),
)


@pytest.mark.parametrize(("f", "error", "message"), REFUSED, ids=lambda p: getattr(p, "__name__", ""))
def test_refused(f, error, message):
    with pytest.raises(error, match=message):
        srcad.grad(f)(X)


def test_rules_that_reach_each_other():
    def make():
        first, second = (srcad.custom_jvp(lambda h: 2.0 * h) for _ in range(2))
        first.defjvp(lambda p, t: (second(*p), 2.0 * t[0]))
        second.defjvp(lambda p, t: (first(*p), 2.0 * t[0]))
        return first

    with pytest.raises(srcad.UnsupportedSyntax):
        srcad.grad(lambda x: np.sum(make()(x)))(X)
    made = make()
    with pytest.raises(srcad.UnsupportedSyntax, match="capture each other"):
        srcad.grad(lambda x: np.sum(made(x)))(X)


@srcad.checkpoint
def doubles_its_argument(x):
    x[0] *= 2.0
    return x.sum()


def test_a_function_that_runs_again_and_changes_its_argument_is_refused():
    """The caller went on with the array as it was: a wrong value."""

    def f(x):
        y = x * 1.0
        return doubles_its_argument(y) + y[0]

    with pytest.raises(srcad.UnsupportedSyntax, match="'doubles_its_argument', a function with a rule, is given"):
        srcad.value_and_grad(f)(X)


def test_functions_that_hold_what_they_are_put_into_are_refused():
    """They ended in RecursionError."""

    class Holder:
        pass

    def held(x):
        a = Holder()
        a.x = x
        a.f = lambda: a.x * 2.0
        return np.sum(a.f())

    def listed(x):
        items = [x]
        items.append(lambda: items[0] * 2.0)
        return np.sum(items[1]())

    for f in (held, listed):
        with pytest.raises(srcad.UnsupportedSyntax, match="into itself, or a function that captures it"):
            srcad.grad(f)(X)


# ---- methods, and objects as arguments -------------------------------------------------------------------------------
class Net:
    def __init__(self, w):
        self.w = w

    @srcad.checkpoint
    def layer(self, h):
        return np.tanh(self.w * h)

    @srcad.custom_jvp
    def act(self, h):
        return h**2

    @act.defjvp
    def _(self_and_h, tangents):  # noqa: N805 -- a rule gets tuples
        return self_and_h[0].act(self_and_h[1]), 2.0 * self_and_h[1] * tangents[1]

    def loss(self, x):
        return np.sum(self.act(self.layer(self.layer(x))))


def plain_loss(w, x):
    return np.sum(np.tanh(w * np.tanh(w * x)) ** 2)


def test_methods():
    net = Net(X[::-1].copy())
    assert net.loss(X) == plain_loss(net.w, X)
    by_w, by_x = srcad.grad(plain_loss, argnums=(0, 1))(net.w, X)
    np.testing.assert_allclose(srcad.grad(net.loss)(X), by_x)
    np.testing.assert_allclose(srcad.grad(lambda w: Net(w).loss(X))(net.w), by_w)
    np.testing.assert_allclose(srcad.grad(Net.loss)(net, X).w, by_w)
    np.testing.assert_allclose(srcad.jacobian(net.layer)(X), np.diag(net.w * (1.0 - np.tanh(net.w * X) ** 2)))


@dataclasses.dataclass
class Weights:
    w: np.ndarray
    b: float
    name: str = "first"


@srcad.checkpoint
def block(p, x):
    return np.tanh(p.w * x + p.b)


def test_one_object_for_two_calls():
    """Its cotangents were added as objects, which have no `+`."""
    found = srcad.grad(lambda p: np.sum(block(p, block(p, X))))(Weights(X, 0.5))
    w, b = srcad.grad(lambda w, b: np.sum(np.tanh(w * np.tanh(w * X + b) + b)), argnums=(0, 1))(X, 0.5)
    np.testing.assert_allclose(found.w, w)
    assert found.b == pytest.approx(b)
    assert found.name is None
