"""`has_aux` of `vjp`, `jvp` and `linearize`: what comes beside the value has no derivative, here and in differentiated code."""
from __future__ import annotations

import pickle

import numpy as np
import pytest

import srcad
from srcad.errors import ArgumentError

X = np.array([0.3, 0.8, -0.4])
V = np.array([1.0, -2.0, 0.5])


def beside(x):
    y = np.sin(x) * x[0]
    return {"y": y, "s": np.sum(y)}, {"steps": 3, "last": x * 2.0, "name": "walk"}


def alone(x):
    return beside(x)[0]


def same(a, b):
    assert a.keys() == b.keys()
    for k in a:
        np.testing.assert_allclose(a[k], b[k], rtol=1e-13)


def test_vjp():
    bar = {"y": V, "s": 2.0}
    value, pullback, aux = srcad.vjp(beside, X, has_aux=True)
    plain, wanted = srcad.vjp(alone, X)
    same(value, plain)
    assert (aux["steps"], aux["name"]) == (3, "walk")
    np.testing.assert_array_equal(aux["last"], X * 2.0)
    for pulled in (pullback, pickle.loads(pickle.dumps(pullback)), pullback):
        np.testing.assert_allclose(pulled(bar)[0], wanted(bar)[0], rtol=1e-13)
    (bare,) = (srcad.vjp(beside, X, argnums=0, has_aux=True)[1](bar),)
    np.testing.assert_allclose(bare, wanted(bar)[0], rtol=1e-13)


def test_jvp():
    value, tangent, aux = srcad.jvp(beside, (X,), (V,), has_aux=True)
    plain, wanted = srcad.jvp(alone, (X,), (V,))
    same(value, plain)
    same(tangent, wanted)
    assert aux["steps"] == 3
    same(srcad.jvp(beside, (X,), (None,), has_aux=True)[1], {"y": np.zeros(3), "s": 0.0})


def test_linearize():
    value, push, aux = srcad.linearize(beside, X, has_aux=True)
    same(value, alone(X))
    assert aux["steps"] == 3
    for pushed in (push, pickle.loads(pickle.dumps(push))):
        same(pushed(V), srcad.jvp(alone, (X,), (V,))[1])


def through_vjp(x):
    value, pullback, aux = srcad.vjp(beside, x, has_aux=True)
    (bar,) = pullback({"y": value["y"], "s": aux["last"][0]})
    return np.sum(bar * x)


def through_jvp(x):
    value, tangent, aux = srcad.jvp(beside, (x,), (x * x,), has_aux=True)
    return np.sum(tangent["y"] * aux["last"]) + value["s"] * tangent["s"]


def through_linearize(x):
    value, push, aux = srcad.linearize(beside, x, has_aux=True)
    return push(aux["last"])["s"] * value["s"]


@pytest.mark.parametrize("function", [through_vjp, through_jvp, through_linearize], ids=lambda f: f.__name__)
def test_inside(function):
    assert srcad.value_and_grad(function)(X)[0] == pytest.approx(function(X), rel=1e-13)
    srcad.check_grads(function, X, order=2)


def lone(x):
    return np.sum(x)


@pytest.mark.parametrize("run", [
    lambda: srcad.vjp(lone, X, has_aux=True), lambda: srcad.jvp(lone, (X,), (V,), has_aux=True),
    lambda: srcad.linearize(lone, X, has_aux=True), lambda: srcad.grad(lambda x: srcad.vjp(lone, x, has_aux=True)[0])(X),
    lambda: srcad.jacobian(lone, has_aux=True)(X),
], ids=["vjp", "jvp", "linearize", "inside", "jacobian"])  # fmt: skip
def test_no_pair(run):
    with pytest.raises(ArgumentError, match="does not return a pair"):
        run()
