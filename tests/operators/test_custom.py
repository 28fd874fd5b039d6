"""Derivatives that users write, and functions that run again instead of keeping what they computed."""
from __future__ import annotations

import functools
import math

import numpy as np
import pytest

import srcad
from srcad.ir.nodes import Block, Custom, Func, Program, Var
from srcad.ir.parse import parse_program
from srcad.ir.text import print_program
from tests.operators.test_matrices import differences

X = np.array([0.3, -0.7, 1.1])
V = np.array([1.0, -2.0, 0.5])


@srcad.custom_vjp
def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0)


def softplus_forward(x):
    return softplus(x), x


def softplus_backward(x, g):
    return (g / (1.0 + np.exp(-x)),)


softplus.defvjp(softplus_forward, softplus_backward)


@srcad.custom_vjp
def straight_through(x):
    """Rounds; its derivative is meant to be that of the identity."""
    return np.round(x)


straight_through.defvjp(lambda x: (straight_through(x), None), lambda _, g: (g,))


@srcad.custom_vjp
def clipped(x, low, high):
    """The identity, whose cotangent is clipped."""
    return x


def clipped_backward(bounds, g):
    return np.clip(g, bounds[0], bounds[1]), None, None


clipped.defvjp(lambda x, low, high: (x, (low, high)), clipped_backward)


@srcad.custom_jvp
def hypotenuse(x, y):
    out = np.zeros(3)
    out[:] = np.sqrt(x * x + y * y)  # a write in place: this source is never differentiated
    return out


@hypotenuse.defjvp
def hypotenuse_rule(primals, tangents):
    x, y = primals
    x_dot, y_dot = tangents
    r = hypotenuse(x, y)
    return r, (x * x_dot + y * y_dot) / r


@srcad.custom_jvp
def scaled(x, power):
    return x**power


@scaled.defjvp
def scaled_rule(primals, tangents):
    x, power = primals
    return scaled(x, power), power * scaled(x, power - 1) * tangents[0]


# ---- custom_vjp ------------------------------------------------------------------------------------------------------
def test_outside_it_is_the_function():
    np.testing.assert_array_equal(softplus(X), softplus.primal(X))
    assert softplus.__name__ == "softplus"


def test_reverse_rule_is_used():
    np.testing.assert_allclose(srcad.grad(lambda x: np.sum(softplus(x) * x))(X), softplus(X) + X / (1 + np.exp(-X)), rtol=1e-14)
    assert srcad.grad(softplus)(0.5) == pytest.approx(1 / (1 + math.exp(-0.5)), rel=1e-15)
    np.testing.assert_allclose(srcad.jacrev(softplus)(X), np.diag(1 / (1 + np.exp(-X))), rtol=1e-14)
    assert "softplus_bwd" in srcad.grad(lambda x: np.sum(softplus(x))).source(X)


def test_rules_are_differentiated_for_higher_orders():
    s = 1 / (1 + np.exp(-X))
    expected = np.diag(s * (1 - s))
    for second in (srcad.hessian, lambda f: srcad.jacrev(srcad.grad(f))):
        np.testing.assert_allclose(second(lambda x: np.sum(softplus(x)))(X), expected, rtol=1e-12, atol=1e-15)
    assert srcad.grad(srcad.grad(srcad.grad(softplus)))(0.0) == pytest.approx(0.0, abs=1e-15)


def test_a_derivative_where_the_source_has_none():
    np.testing.assert_array_equal(srcad.grad(lambda x: np.sum(straight_through(x) ** 2))(X), 2 * np.round(X))


def test_no_cut_is_reported_for_what_a_rule_replaces():
    df = srcad.grad(lambda x: np.sum(straight_through(x)), on_cut="raise")
    np.testing.assert_array_equal(df(X), np.ones(3))
    assert df.cuts == ()


def test_clipping_a_cotangent_in_a_loop():
    def f(x, n):
        for _ in range(n):
            x = clipped(3.0 * x, -2.0, 2.0)
        return np.sum(x)

    np.testing.assert_array_equal(srcad.grad(f)(X, 3), np.full(3, 6.0))  # 1 -> 3 -> clipped to 2 -> 6 -> 2 -> 6
    assert srcad.grad(f)(0.5, 1) == 3.0


def test_forward_mode_of_a_reverse_rule_is_refused():
    with pytest.raises(srcad.NoRule, match=r"(?s)'softplus' is a custom_vjp, .*test_custom.py:\d+.*srcad.custom_jvp"):
        srcad.jvp(lambda x: softplus(x) + 1.0, (X,), (X,))
    with pytest.raises(srcad.NoRule, match=r"(?s)which has no forward mode.*test_custom.py:\d+"):
        srcad.grad(lambda x: np.sum(srcad.jvp(softplus, (x,), (X,))[1]))(X)
    first = srcad.grad(lambda x: np.sum(straight_through(x) ** 2))
    with pytest.raises(srcad.NoRule, match="take reverse mode again"):
        srcad.hvp(lambda x: np.sum(straight_through(x) ** 2), (X,), (X,))
    np.testing.assert_array_equal(srcad.grad(lambda x: np.vdot(first(x), V))(X), 2.0 * V)


# ---- custom_jvp ------------------------------------------------------------------------------------------------------
def test_one_rule_serves_both_modes():
    y = np.array([1.0, 2.0, -0.5])
    r = np.hypot(X, y)
    value, tangent = srcad.jvp(hypotenuse, (X, y), (np.ones(3), np.zeros(3)))
    np.testing.assert_allclose(value, r)
    np.testing.assert_allclose(tangent, X / r)
    by_x, by_y = srcad.grad(lambda x, y: np.sum(hypotenuse(x, y)), argnums=(0, 1))(X, y)
    np.testing.assert_allclose(by_x, X / r)
    np.testing.assert_allclose(by_y, y / r)
    np.testing.assert_allclose(srcad.hessian(lambda x: np.sum(hypotenuse(x, y)))(X), np.diag(y**2 / r**3), atol=1e-15)


def test_recursive_rule_to_order_three():
    for operator in (srcad.grad, lambda f: lambda x: srcad.jvp(f, (x,), (1.0,))[1]):
        df = operator(operator(operator(lambda x: scaled(x, 5))))
        assert df(1.5) == pytest.approx(60 * 1.5**2, rel=1e-13)


def test_the_value_itself_is_differentiated_again():
    def f(x):
        return scaled(x, 3) ** 2  # x ** 6: the first derivative holds the value and its slope

    for first in (srcad.grad, lambda f: lambda x: srcad.jvp(f, (x,), (1.0,))[1]):
        for second in (srcad.grad, lambda f: lambda x: srcad.jvp(f, (x,), (1.0,))[1]):
            assert second(first(f))(1.5) == pytest.approx(30 * 1.5**4, rel=1e-13)
    assert srcad.hessian(lambda x: np.sum(scaled(x, 3) ** 2))(X[:1])[0, 0] == pytest.approx(30 * X[0] ** 4, rel=1e-13)


def test_arguments_without_floats_have_no_tangent():
    assert srcad.jvp(scaled, (2.0, 3), (1.0, None))[1] == 12.0
    assert srcad.grad(scaled)(2.0, 3) == 12.0


def test_structured_arguments_and_results():
    @srcad.custom_vjp
    def split(p, scale):
        return {"low": p["a"] * scale, "high": (p["b"] ** 2, 7)}

    def fwd(p, scale):
        return split(p, scale), (p, scale)

    def bwd(residuals, g):
        p, scale = residuals
        assert g["high"][1] is None
        return {"a": 10 * g["low"] * scale, "b": g["high"][0]}, np.sum(g["low"] * p["a"])

    split.defvjp(fwd, bwd)

    def f(a, b, s):
        found = split({"a": a, "b": b}, s)
        return np.sum(found["low"]) + found["high"][0] * found["high"][1]

    by_a, by_b, by_s = srcad.grad(f, argnums=(0, 1, 2))(X, 2.0, 3.0)
    np.testing.assert_allclose(by_a, np.full(3, 30.0))
    assert (by_b, by_s) == (7.0, pytest.approx(np.sum(X)))


# ---- checkpoint ------------------------------------------------------------------------------------------------------
def body(x):
    for _ in range(3):
        x = np.sin(x) * x + 0.1
    return x


again = srcad.checkpoint(body)


def test_checkpoint_gives_the_same_derivatives():
    def f(g, x):
        for _ in range(2):
            x = g(x)
        return np.sum(x**2)

    np.testing.assert_array_equal(srcad.grad(lambda x: f(again, x))(X), srcad.grad(lambda x: f(body, x))(X))
    np.testing.assert_allclose(srcad.hessian(lambda x: f(again, x))(X), srcad.hessian(lambda x: f(body, x))(X), rtol=1e-12)
    found, expected = (srcad.jvp(lambda x, g=g: f(g, x), (X,), (X,))[1] for g in (again, body))
    assert found == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(srcad.grad(lambda x: f(again, x))(X), differences(lambda x: f(body, x), X), rtol=1e-7)


def test_checkpoint_keeps_its_arguments_only():
    text = srcad.grad(lambda x: np.sum(again(x))).source(X)
    start = text[text.index("def body_start") :].split("\n\n")[0]
    assert "tape" not in start
    assert "tape" in text


def test_text_of_a_function_with_a_rule():
    func = Func("f", Block((Var("x"),), (), (Var("x"),)), key="k", custom=Custom("f_fwd", "f_bwd", ""))
    assert parse_program(print_program(Program((func,)))).entry == func


# ---- wrong use -------------------------------------------------------------------------------------------------------
def ruled(kind, f, *rule):
    made = kind(f)
    (made.defvjp if kind is srcad.custom_vjp else made.defjvp)(*rule)
    return made


WRONG = [
    (lambda: srcad.custom_vjp(body), "'body' is a custom_vjp without a rule"),
    (lambda: srcad.custom_jvp(body), "'body' is a custom_jvp without a rule"),
    (lambda: ruled(srcad.custom_vjp, body, lambda x: x, lambda r, g: (g,)), "forward function of 'body' does not return a pair"),
    (lambda: ruled(srcad.custom_vjp, body, lambda x: (x, x), lambda r, g: g), "backward function of 'body' returns no tuple for 1"),
    (lambda: ruled(srcad.custom_vjp, body, lambda x: (x, x), lambda r, g: (g, g)), "returns 2 cotangents for 1 arguments"),
    (lambda: ruled(srcad.custom_vjp, body, lambda x: (x, x), lambda r, g: (g[:2],)), "rule of 'body' gives for 'x' has shape"),
    (lambda: ruled(srcad.custom_vjp, body, lambda x: ((x, x), x), lambda r, g: (g,)), "rule of 'body' gives another kind of result"),
    (lambda: ruled(srcad.custom_jvp, body, lambda p, t: p[0]), "rule of 'body' does not return a pair"),
    (lambda: ruled(srcad.custom_jvp, body, lambda p, t: (p[0], np.sum(t[0]))), "tangent that the rule of 'body' gives has shape"),
]


@pytest.mark.parametrize(("f", "words"), [pytest.param(*w, id=str(n)) for n, w in enumerate(WRONG)])
def test_clear_errors(f, words):
    with pytest.raises(srcad.ArgumentError, match=words):
        srcad.vjp(f(), X)[1](np.ones(3))


def test_rules_must_be_functions():
    with pytest.raises(srcad.ArgumentError, match="a function is needed"):
        srcad.custom_vjp(3)
    with pytest.raises(srcad.ArgumentError, match="two functions"):
        srcad.custom_vjp(body).defvjp(body, 3)
    with pytest.raises(srcad.ArgumentError, match="needs a function"):
        srcad.custom_jvp(body).defjvp(None)


# ---- functions as arguments ------------------------------------------------------------------------------------------
@srcad.custom_vjp
def fixed_point(f, a, x):
    for _ in range(60):
        x = f(a, x)
    return x


def fixed_point_forward(f, a, x):
    x = fixed_point(f, a, x)
    return x, (f, a, x)


def fixed_point_backward(residuals, g):
    f, a, x = residuals
    _, pullback = srcad.vjp(f, a, x)
    w = g
    for _ in range(60):
        w = g + pullback(w)[1]
    return None, pullback(w)[0], None


fixed_point.defvjp(fixed_point_forward, fixed_point_backward)


def test_a_rule_may_take_a_function():
    half = 0.5
    found = srcad.grad(lambda a: fixed_point(lambda b, x: half * np.cos(b * x), a, 0.3) ** 2)(0.8)
    step = 1e-5
    ends = [fixed_point(lambda b, x: 0.5 * np.cos(b * x), 0.8 + s * step, 0.3) ** 2 for s in (1, -1)]
    assert found == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-7)


def test_a_function_that_captures_what_is_differentiated_is_refused():
    """Its derivative by the captured variable was left out: the gradient was wrong."""

    def f(a):
        c = 0.5 * a
        return fixed_point(lambda b, x: c * np.cos(b * x), a, 0.3) ** 2

    with pytest.raises(srcad.ArgumentError, match="captures a differentiated variable"):
        srcad.grad(f)(0.8)


# ---- arguments that are no business of the rule ----------------------------------------------------------------------
@srcad.custom_vjp(nondiff_argnums=(0, "trips"))
def iterated(f, a, x, trips):
    """A fixed point of f(a, x), by the implicit function theorem."""
    for _ in range(trips):
        x = f(a, x)
    return x


def iterated_forward(f, a, x, trips):
    found = iterated(f, a, x, trips)
    return found, (a, found)


def iterated_backward(f, trips, residuals, g):
    a, x = residuals
    _, pullback = srcad.vjp(f, a, x)
    w = g
    for _ in range(trips):
        w = g + pullback(w)[1]
    return pullback(w)[0], None


iterated.defvjp(iterated_forward, iterated_backward)


@functools.partial(srcad.custom_jvp, nondiff_argnums=(1, 2))
def powered(x, n, mode):
    return x**n if mode == "power" else np.exp(n * x)


@powered.defjvp
def powered_rule(n, mode, primals, tangents):
    (x,), (x_dot,) = primals, tangents
    if mode == "power":
        return powered(x, n, mode), n * powered(x, n - 1, mode) * x_dot
    return powered(x, n, mode), n * powered(x, n, mode) * x_dot


@srcad.custom_vjp(nondiff_argnums="bounds")
def bounded(x, bounds):
    return x


bounded.defvjp(lambda x, bounds: (x, None), lambda bounds, _, g: (np.clip(g, *bounds),))


@srcad.custom_vjp(nondiff_argnums=2)
def weighted(x, *rest):
    return x * rest[0]


weighted.defvjp(lambda x, *rest: (weighted(x, *rest), (x, rest[0])), lambda scale, kept, g: (g * kept[1] * scale, g * kept[0]))


def test_a_function_among_the_arguments():
    def found(a):
        return iterated(lambda b, x: 0.5 * np.cos(b * x), a, 0.3, 60) ** 2

    step = 1e-4
    ends = [found(0.8 + k * step) for k in (1, -1, 2, -2, 0)]
    assert srcad.grad(found)(0.8) == pytest.approx((8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * step), rel=1e-8)
    second = (16 * (ends[0] + ends[1]) - ends[2] - ends[3] - 30 * ends[4]) / (12 * step**2)
    assert srcad.grad(srcad.grad(found))(0.8) == pytest.approx(second, rel=1e-5)
    by_number = srcad.grad(iterated, argnums=1)(lambda b, x: 0.5 * np.cos(b * x), 0.8, 0.3, 60)
    assert by_number == pytest.approx(srcad.grad(found)(0.8) / (2 * math.sqrt(found(0.8))), rel=1e-12)


@pytest.mark.parametrize(("mode", "first", "second"), [("power", 12.0, 12.0), ("exp", 3 * math.exp(6.0), 9 * math.exp(6.0))])
@pytest.mark.parametrize("n", [3, 3.0])
def test_options_among_the_arguments(n, mode, first, second):
    assert srcad.grad(powered)(2.0, n, mode) == pytest.approx(first, rel=1e-14)
    assert srcad.jvp(powered, (2.0, n, mode), (1.0, None, None))[1] == pytest.approx(first, rel=1e-14)
    assert srcad.grad(srcad.grad(powered))(2.0, n, mode) == pytest.approx(second, rel=1e-14)
    assert srcad.hvp(powered, (2.0, n, mode), (1.0, None, None)) == pytest.approx(second, rel=1e-14)


def test_arrays_and_containers_among_the_arguments():
    np.testing.assert_array_equal(srcad.grad(lambda x: np.sum(5.0 * bounded(x, (-1.0, 2.0))))(X), np.full(3, 2.0))
    np.testing.assert_array_equal(srcad.grad(lambda x: np.sum(V * bounded(x, np.array([-1.0, 2.0]))))(X), [1.0, -1.0, 0.5])
    assert srcad.grad(weighted, argnums=(0, 1))(2.0, 3.0, 4.0) == (12.0, 2.0)


def test_a_differentiated_value_among_them_is_refused():
    for f in (lambda x: bounded(2.0, (-x, x)), lambda x: iterated(lambda a, y: x * np.cos(a * y), 1.0, 0.3, 9)):
        with pytest.raises(srcad.ArgumentError, match="is named in nondiff_argnums, and differentiated"):
            srcad.grad(f)(0.5)
    assert srcad.grad(lambda x: x * bounded(2.0, (-1.0, srcad.stop_gradient(x))))(0.5) == 2.0


@pytest.mark.parametrize(("given", "words"), [(3, "has 2 parameters"), (-1, "has 2 parameters"), ("z", "no parameter 'z'"), (1.5, "nondiff_argnums is 1.5")])
def test_wrong_nondiff_argnums(given, words):
    for kind in (srcad.custom_vjp, srcad.custom_jvp):
        with pytest.raises(srcad.ArgumentError, match=words):
            kind(lambda x, bounds: x, nondiff_argnums=given)


# ---- storage and effects ---------------------------------------------------------------------------------------------
@srcad.custom_vjp
def same(x):
    return x


same.defvjp(lambda x: (same(x), None), lambda _, g: (g,))
handed_back = srcad.checkpoint(lambda x: x)


def written_after(rule, x):
    y = x * x
    b = rule(y)
    b[0] = 5.0 * x[1]
    return y[0] * y[1] + b.sum()


@pytest.mark.parametrize("rule", [same, handed_back], ids=["custom_vjp", "checkpoint"])
def test_what_a_rule_gives_back_may_be_its_argument(rule):
    with pytest.raises(srcad.UnsupportedSyntax, match="may share storage with"):
        srcad.grad(lambda x: written_after(rule, x))(X)


@srcad.checkpoint
def drawing(x, rng):
    return x * x * rng.normal()


@srcad.checkpoint
def printing(x):
    print(x)
    return x * x


@pytest.mark.parametrize("f", [lambda x: drawing(x, np.random.default_rng(0)), printing], ids=["random numbers", "print"])
def test_what_runs_again_must_have_no_effects(f):
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC192"):
        srcad.grad(f)(2.0)


def half_of(rule):
    @srcad.custom_jvp
    def halved(a, b):
        return a * b

    halved.defjvp(rule)
    return lambda x: np.sum(halved(x, 2.0 * x))


def kept_small(t):
    return np.clip(t, -1.0, 1.0)


@pytest.mark.parametrize(("moved", "into"), [
    (lambda p, t: t[0] ** 2, "pow"), (lambda p, t: kept_small(t[0] * p[1]), "np.clip"), (lambda p, t: t[0] * t[1], "mul"),
    (lambda p, t: p[0] / t[0], "truediv"), (lambda p, t: p[0] * np.max(t[0]), "np.max"), (lambda p, t: np.vdot(*t) * p[0], "np.vdot"),
], ids=["power", "clip", "product", "quotient", "max", "vdot"])  # fmt: skip
def test_a_rule_that_is_not_linear_in_the_tangents_is_refused(moved, into):
    """Reverse mode transposes it at zero tangents: the gradient was wrong, mostly 0, and forward mode gave another one."""
    with pytest.raises(srcad.ArgumentError, match=rf"'halved' is not linear in the tangents: they go into {into}"):
        srcad.grad(half_of(lambda p, t: (p[0] * p[1], moved(p, t))))(np.array([0.3, 0.8]))


def summed(t, weights):
    total = np.zeros_like(t)
    for weight in weights:
        total = total + t * weight
    return total


@pytest.mark.parametrize("moved", [
    lambda p, t: t[0] * p[1] + p[0] * t[1], lambda p, t: np.where(p[0] > 0.5, t[0], 0.0) * p[1] + p[0] * t[1],
    lambda p, t: np.cumsum(t[0]) + np.vdot(p[0], t[1]) * np.ones(2), lambda p, t: summed(t[0], p[1]) - t[1] / 2.0,
    lambda p, t: t[0] * p[1] if np.sum(p[0]) > 0 else t[1],
], ids=["products", "where", "sums", "loop", "branch"])  # fmt: skip
def test_a_rule_that_is_linear_in_the_tangents_serves_both_modes(moved):
    f = half_of(lambda p, t: (p[0] * p[1], moved(p, t)))
    x = np.array([0.3, 0.8])
    np.testing.assert_allclose(srcad.grad(f)(x), srcad.jacfwd(f)(x), rtol=1e-13)
