"""Code that changes behind a compiled derivative, as reloading a module changes it: functions get other code, classes other methods."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
import srcad.rules
from srcad import pipeline


def _fresh():
    """Functions and a class of their own for each test, and what they are to become."""

    class Model:
        def __init__(self, a):
            self.a = a * 2.0

        @property
        def part(self):
            return self.a

        def scaled(self, k):
            return self.a * k

        def __mul__(self, other):
            return self.a * other

    def helper(x):
        return x * 2.0

    def total(x):
        model = Model(x)
        return np.sum(helper(x) * x + model.part * x + model.scaled(3.0) + model * x)

    return Model, helper, total


def _init(self, a):
    self.a = a * 3.0


def _part(self):
    return self.a * 5.0


def _scaled(self, k):
    return self.a * k * k


def _times(self, other):
    return self.a * other * 7.0


def _helper(x):
    return x * x * 2.0


CHANGES = {
    "code of a helper": lambda model, helper: setattr(helper, "__code__", _helper.__code__),
    "code of a constructor": lambda model, helper: setattr(model.__init__, "__code__", _init.__code__),
    "code of a property": lambda model, helper: setattr(model.part.fget, "__code__", _part.__code__),
    "code of a method": lambda model, helper: setattr(model.scaled, "__code__", _scaled.__code__),
    "code of an operator": lambda model, helper: setattr(model.__mul__, "__code__", _times.__code__),
    "a method": lambda model, helper: setattr(model, "scaled", _scaled),
    "a property": lambda model, helper: setattr(model, "part", property(_part)),
}


@pytest.mark.parametrize("x", [1.5, np.array([1.5, 0.5])], ids=["float", "array"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_derivative_follows(change, x):
    model, helper, total = _fresh()
    derivative = srcad.value_and_grad(total)
    assert derivative(x)[0] == total(x)
    before = total(x)
    change(model, helper)
    assert total(x) != before
    value, slope = derivative(x)
    assert value == total(x)
    np.testing.assert_allclose(slope, srcad.grad(lambda y: total(y))(x), rtol=1e-14)


NUMBERS = {
    "grad": lambda f: srcad.grad(f),
    "value_and_grad": lambda f: lambda x: srcad.value_and_grad(f)(x)[1],
    "hvp": lambda f: lambda x: srcad.hvp(f, (x,), (1.0,)),
    "jvp": lambda f: lambda x: srcad.jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f: lambda x: srcad.vjp(f, x)[1](1.0)[0],
    "hessian": lambda f: srcad.hessian(f),
    "jacfwd": lambda f: srcad.jacfwd(f),
}


@pytest.mark.parametrize("operator", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("x", [(1.5, 0.5), (1, 1.5)], ids=["floats", "int"])
def test_the_function_itself_gets_other_code(operator, x):
    def total(x, y=2.0):
        return x * y * x

    def other(x, y=2.0):
        return x**3 * y

    derivative = operator(total)
    number = max(x)
    before = [derivative(number) for _ in range(3)]
    assert derivative(2.5) != before[0] or before[0] == 4.0  # a second derivative
    total.__code__ = other.__code__
    for _ in range(3):
        np.testing.assert_allclose(derivative(number), operator(other)(number), rtol=1e-14)
        assert derivative(number) != before[0]


def test_derivatives_of_arrays_follow_other_code():
    def total(x):
        return np.sum(x * x)

    def other(x):
        return np.sum(x**3)

    x = np.array([0.5, 2.0])
    derivative = srcad.grad(total)
    np.testing.assert_allclose(derivative(x), 2.0 * x)
    total.__code__ = other.__code__
    np.testing.assert_allclose(derivative(x), 3.0 * x**2)


@pytest.mark.parametrize("kind", ["vjp", "jvp"])
def test_a_function_gets_another_rule(kind):
    if kind == "vjp":
        slow = srcad.custom_vjp(lambda x: x * x)
        rule = lambda factor: slow.defvjp(_keep, lambda x, g: (factor * g * x,))  # noqa: E731
    else:
        slow = srcad.custom_jvp(lambda x: x * x)
        rule = lambda factor: slow.defjvp(lambda xs, dots: (xs[0] * xs[0], factor * dots[0] * xs[0]))  # noqa: E731

    def total(x):
        return slow(x) + x

    rule(2.0)
    assert srcad.grad(total)(1.5) == 2.0 * 1.5 + 1.0
    rule(3.0)
    assert srcad.grad(total)(1.5) == 3.0 * 1.5 + 1.0
    assert srcad.vjp(total, 1.5)[1](1.0) == (3.0 * 1.5 + 1.0,)


def _keep(x):
    return x * x, x


def test_derivatives_share_what_comes_before_differentiation(monkeypatch):
    scale = 2.0
    made = []
    original = pipeline.specialise
    monkeypatch.setattr(pipeline, "specialise", lambda *args, **options: made.append(1) or original(*args, **options))

    def total(x):
        return np.sum(scale * x * x)

    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(srcad.grad(total)(x), 4.0 * x)
    np.testing.assert_allclose(srcad.vjp(total, x)[1](1.0)[0], 4.0 * x)
    assert srcad.jvp(total, (x,), (np.ones(2),))[1] == 10.0
    assert len(made) == 1
    scale = 3  # an integer now
    assert srcad.jvp(total, (x,), (np.ones(2),))[1] == 15.0
    assert len(made) == 2
    np.testing.assert_allclose(srcad.value_and_grad(total)(x)[1], 6.0 * x)
    assert len(made) == 2


def test_a_rule_that_comes_later_counts():
    def total(x):
        return _weighed(x) * x

    assert srcad.grad(total)(1.5) == 6.0
    srcad.rules.elementwise(_weighed, lambda y, x: 10.0)
    assert srcad.vjp(total, 1.5)[1](1.0)[0] == 10.0 * 1.5 + 3.0


def _weighed(x):
    return 2.0 * x
