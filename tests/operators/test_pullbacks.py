"""Pullbacks as objects: pickled, sent to another process, met inside differentiated code."""
from __future__ import annotations

import functools
import multiprocessing
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcad
from srcad import store

X = np.array([0.1, 0.2, 0.3])


@dataclass
class Model:
    weights: Any
    size: int


def loss(model, scale):
    total = 0.0
    for k in range(3):
        total = total + np.sum(model.weights**k) * scale["a"]
    return total


def pulled(pullback, cotangent):
    return pullback(cotangent)


def test_pullbacks_are_pickled():
    out, pullback = srcad.vjp(loss, Model(X, 2), {"a": 2.0})
    again = pickle.loads(pickle.dumps(pullback))
    (model, scale), (first, second) = again(1.5), pullback(1.5)
    np.testing.assert_array_equal(model.weights, first.weights)
    assert model.size is None
    assert scale == second == {"a": 1.5 * out / 2.0}
    _, by_name = srcad.vjp(loss, Model(X, 2), {"a": 2.0}, argnums="scale['a']")
    assert pickle.loads(pickle.dumps(by_name))(1.0) == out / 2.0


def test_pullbacks_reach_a_spawned_process():
    _, pullback = srcad.vjp(loss, Model(X, 2), {"a": 2.0})
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        model, scale = pool.apply(pulled, (pullback, 2.0))
    np.testing.assert_array_equal(model.weights, pullback(2.0)[0].weights)
    assert scale == pullback(2.0)[1]


def product(items):
    return items[0] * items[1]


def test_pullbacks_that_cannot_be_pickled_say_so(monkeypatch):
    items = [1.0, 2.0]
    _, pullback = srcad.vjp(product, items)
    kept = pickle.dumps(pullback)
    items.append("three")
    with pytest.raises(srcad.ArgumentError, match="arguments have changed their types"):
        pickle.dumps(pullback)

    def other(items):
        return items[1] - items[0]

    other.__name__ = other.__qualname__ = "product"
    monkeypatch.setitem(globals(), "product", other)
    with pytest.raises(srcad.ArgumentError, match="a pullback of 'product' is loaded where 'product' is another function"):
        pickle.loads(kept)


def curved(x, n, parts):
    return {"a": np.sum(x * parts["w"]), "b": (np.outer(x, x) * n, n)}


def with_size(x):
    return np.sin(x) * x[0], x.size


POINT = (X, 2, {"w": np.array([0.2, -0.4, 0.9]), "k": 3})
V, W = np.array([1.0, 2.0, -0.5]), np.array([0.3, -0.7, 0.4])


def in_parts(s, bars):
    return s * np.sum(bars[0] * W) + np.sum(bars[2]["w"] ** 2)


class Outside:
    """Maps that are made outside of the functions that use them, with what they give and take in the functions."""

    pullback = staticmethod(lambda: srcad.vjp(lambda x: np.sin(x) * x[0], X)[1])
    bare = staticmethod(lambda: srcad.vjp(lambda x, y: np.sin(x) * x[0] * y, X, 2.0, argnums=0)[1])
    aux = staticmethod(lambda: srcad.vjp(with_size, X, has_aux=True)[1])
    bound = staticmethod(lambda: srcad.vjp(functools.partial(lambda a, x: a * np.sin(x) * x[0], 2.0), X)[1])
    tree = staticmethod(lambda: srcad.vjp(curved, *POINT)[1])
    pushforward = staticmethod(lambda: srcad.linearize(lambda x: np.sin(x) * x[0], X)[1])
    two = staticmethod(lambda: srcad.linearize(lambda x, y: np.sin(x) * y, X, V)[1])
    pushed_aux = staticmethod(lambda: srcad.linearize(with_size, X, has_aux=True)[1])


USES = {
    "pullback": lambda m: lambda v: np.sum(W * m(v * v)[0] ** 2),
    "bare": lambda m: lambda v: np.sum(W * m(v * v) ** 2),
    "aux": lambda m: lambda v: np.sum(W * m(np.exp(v))[0] ** 3),
    "bound": lambda m: lambda v: np.sum(W * m(v * v)[0] ** 2),
    "tree": lambda m: lambda v: in_parts(v[1], m({"a": v[0] * v[1], "b": (v[2] * np.outer(v, W), None)})),
    "pushforward": lambda m: lambda v: np.sum(W * m(v * v) ** 2),
    "two": lambda m: lambda v: np.sum(W * m(v * v, 3.0 * v) ** 2),
    "pushed_aux": lambda m: lambda v: np.sum(W * m(v * v) ** 2),
}


@pytest.mark.parametrize("name", USES)
def test_made_outside_they_are_linear_maps_inside(name):
    made = getattr(Outside, name)()
    loss = USES[name](made)
    report = srcad.check_grads(loss, V, order=2)
    assert report.ok, report
    again = USES[name](getattr(Outside, name)())
    np.testing.assert_allclose(srcad.grad(again)(V), srcad.grad(loss)(V), rtol=1e-13)


def test_transposed_maps_keep_the_point():
    """They come from what was kept, not from the arguments as they are now."""
    x = X.copy()
    _, pullback = srcad.vjp(lambda x: x**3, x)
    _, pushforward = srcad.linearize(lambda x: x**3, x)
    x[:] = 0.0
    for mapped in (lambda v: pullback(v)[0], pushforward):
        np.testing.assert_allclose(srcad.jacobian(mapped)(V), np.diag(3.0 * X**2), rtol=1e-13)
        np.testing.assert_allclose(srcad.vjp(mapped, V)[1](W)[0], 3.0 * X**2 * W, rtol=1e-13)


def test_maps_are_functions_to_differentiate():
    _, pullback = srcad.vjp(lambda x: np.sin(x) * x[0], X)
    _, pushforward = srcad.linearize(lambda x: np.sin(x) * x[0], X)
    matrix = srcad.jacobian(lambda x: np.sin(x) * x[0])(X)
    np.testing.assert_allclose(srcad.jacfwd(pushforward)(V), matrix, rtol=1e-13)
    np.testing.assert_allclose(srcad.jacrev(pushforward)(V), matrix, rtol=1e-13)
    np.testing.assert_allclose(srcad.jvp(pullback, (V,), (W,))[1][0], matrix.T @ W, rtol=1e-13)
    np.testing.assert_allclose(srcad.vjp(pullback, V)[1]((W,))[0], matrix @ W, rtol=1e-13)


def test_through_the_cache_and_in_single_precision(tmp_path, monkeypatch):
    monkeypatch.setenv("SRCAD_CACHE", "1")
    monkeypatch.setenv("SRCAD_CACHE_DIR", str(tmp_path))
    found = []
    for _ in range(2):
        store._STORES.clear()  # as in another process
        _, pullback = srcad.vjp(lambda x: np.sin(x) * x[0], X.astype(np.float32))
        bar = srcad.grad(lambda v: np.sum(pullback(v)[0] ** 2))(V.astype(np.float32))
        assert bar.dtype == np.float32
        found.append(bar)
    np.testing.assert_array_equal(*found)


def test_what_does_not_fit_a_map_from_outside_is_told():
    _, pullback = srcad.vjp(np.sin, X)
    with pytest.raises(srcad.ShapeMismatch, match="the cotangent has shape"):
        srcad.grad(lambda v: np.sum(pullback(v[:2])[0]))(X)


def test_maps_from_outside_of_what_is_not_differentiated():
    _, pullback = srcad.vjp(np.sin, X)
    np.testing.assert_allclose(srcad.grad(lambda x: np.sum(x * pullback(X)[0]))(X), np.cos(X) * X)


MASKED = {
    "log": lambda x: np.where(x > 0, np.log(x), 0.0), "sqrt": lambda x: np.where(x > 0, np.sqrt(x), 0.0),
    "ratio": lambda x: np.where(x != 0, 1.0 / x, 0.0), "power": lambda x: np.where(x > 0, x**0.5, 0.0),
    "entropy": lambda x: np.where(x > 0, x * np.log(x), 0.0), "norm": lambda x: x * np.linalg.norm(x),
}  # fmt: skip


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_transposed_where_slopes_are_singular(name):
    """Backward halves mask cotangents that are zero, which are not those to take the derivative at."""
    f, x, v, w = MASKED[name], np.array([0.0, 0.7, -1.1, 2.0]), np.array([1.0, 2.0, 0.0, 0.3]), np.array([0.2, -0.4, 0.9, 1.1])
    _, pullback = srcad.vjp(f, x)
    np.testing.assert_allclose(pullback.transposed((v,))[0], srcad.jvp(f, (x,), (v,))[1], rtol=1e-12)
    np.testing.assert_allclose(srcad.grad(lambda v: np.sum(w * pullback(v)[0]))(v), srcad.jvp(f, (x,), (w,))[1], rtol=1e-12)


def test_pullbacks_that_need_not_be_linear_are_refused():
    squared = srcad.custom_vjp(lambda x: x * 1.0)
    squared.defvjp(lambda x: (x * 1.0, None), lambda _, g: (g * g,))

    def clipped(x):
        h = np.sin(x)
        with srcad.cotangent_of(h) as h_bar:
            h_bar = np.clip(h_bar, -0.5, 0.5)
        return h * x

    for f in (lambda x: np.sin(squared(x)), clipped):
        _, pullback = srcad.vjp(f, X)
        for derivative in (lambda g: srcad.grad(g)(V), lambda g: srcad.jvp(g, (V,), (W,))):
            with pytest.raises(srcad.NoRule, match="call srcad.vjp inside"):
                derivative(lambda v: np.sum(pullback(v)[0]))  # noqa: B023 -- called at once


def test_a_captured_tuple_of_numbers_as_a_cotangent():
    """It is a constant there, which was not taken apart."""

    def taken(cotangent):
        def g(x):
            return srcad.vjp(lambda z: (np.sin(z), z**2), x)[1](cotangent)[0]

        return srcad.grad(g)(0.7)

    assert taken((2.0, 0.5)) == pytest.approx(-2.0 * np.sin(0.7) + 1.0)


def test_defaults_and_what_is_bound_by_name_are_no_arguments():
    """They are not differentiated: there may be no rule for it, and nobody asks."""

    def f(x, level=0.5, *, power=2.0):
        return np.sum(np.quantile(x, level, weights=None) ** power + np.polyval([round(level), 1.0], x))

    for g in (f, functools.partial(f, level=0.25), functools.partial(f, power=3.0)):
        out, pullback = srcad.vjp(g, X)
        (x_bar,) = pullback(1.0)
        assert out == g(X)
        np.testing.assert_allclose(x_bar, srcad.grad(g)(X))
        assert "level_bar" not in srcad.vjp(g, X)[1]._found.stages.emitted.text
    with pytest.raises(srcad.ArgumentError, match="no argument"):
        srcad.vjp(lambda n, scale=2.0: n * scale, 3)
