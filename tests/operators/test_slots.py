"""Objects whose class names its attributes in `__slots__` are differentiated like others."""
from __future__ import annotations

import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import srcad

X = np.array([0.3, 0.8, 1.4])


class Slotted:
    __slots__ = ("power", "w")

    def __init__(self, w, power=2):
        self.w = w
        self.power = power

    def loss(self, x):
        return np.sum(self.w * x) ** self.power

    def scaled(self, x):
        self.w *= 2.0
        return np.sum(self.w * x)


class Longer(Slotted):
    __slots__ = ("bias",)

    def __init__(self, w, bias):
        super().__init__(w)
        self.bias = bias

    def loss(self, x):
        return super().loss(x) * self.bias


class WithDict(Slotted):
    def __init__(self, w):
        super().__init__(w)
        self.extra = 1.5


def test_gradients():
    found = srcad.grad(Slotted.loss)(Slotted(X), X)
    assert type(found) is Slotted
    assert found.power is None
    np.testing.assert_allclose(found.w, 2.0 * np.sum(X**2) * X)
    np.testing.assert_allclose(srcad.grad(Slotted.loss, argnums="self.w")(Slotted(X), X), found.w)
    longer = srcad.grad(lambda m: m.loss(X))(Longer(X, 3.0))
    np.testing.assert_allclose(longer.w, 3.0 * found.w)
    assert longer.bias == pytest.approx(np.sum(X**2) ** 2)
    mixed = srcad.grad(lambda m: m.loss(X) * m.extra)(WithDict(X))
    np.testing.assert_allclose(mixed.w, 1.5 * found.w)
    assert mixed.extra == pytest.approx(np.sum(X**2) ** 2)


def test_every_operator():
    def f(m):
        return {"a": m.w * m.bias, "b": np.sum(m.w**2)}

    srcad.check_grads(f, Longer(X, 3.0), order=2)
    by_w = srcad.jacobian(f)(Longer(X, 3.0))["a"]
    assert type(by_w) is Longer
    np.testing.assert_allclose(by_w.w, 3.0 * np.eye(3))
    product = srcad.hvp(lambda m: m.loss(X), (Longer(X, 3.0),), (Longer(X, 0.0),))
    np.testing.assert_allclose(product.w, 6.0 * np.sum(X**2) * X)
    pullback = pickle.loads(pickle.dumps(srcad.vjp(Slotted.loss, Slotted(X), X)[1]))
    np.testing.assert_allclose(pullback(1.0)[0].w, 2.0 * np.sum(X**2) * X)


def test_inside_and_in_lists():
    def trained(x):
        models = [Slotted(x), Slotted(2.0 * x)]
        slopes = srcad.grad(lambda models: sum(m.loss(x) for m in models))(models)
        return np.sum(slopes[0].w * slopes[1].w)

    srcad.check_grads(trained, X)


def test_the_object_stays_as_it_is():
    model = Slotted(X.copy())
    np.testing.assert_allclose(srcad.grad(lambda m, x: m.scaled(x), argnums=(0, 1))(model, X)[0].w, 2.0 * X)
    _, push = srcad.linearize(lambda m: m.scaled(X), model)
    np.testing.assert_array_equal(model.w, X)
    model.w[:] = 0.0
    assert push(Slotted(X)) == pytest.approx(2.0 * np.sum(X**2))


def test_values_of_the_standard_library_are_none():
    found = srcad.grad(lambda p: p["w"] ** 2)({"w": 1.5, "where": Path("x"), "share": Fraction(1, 2)})
    assert found == {"w": 3.0, "where": None, "share": None}
