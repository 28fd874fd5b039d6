"""Pullbacks as objects: pickled, sent to another process, met inside differentiated code."""
from __future__ import annotations

import multiprocessing
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import srcad

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


def test_pullbacks_made_outside_are_refused_inside():
    """They hold numbers, not the program that made them; what is not differentiated may go through them."""
    _, pullback = srcad.vjp(np.sin, X)
    _, pushforward = srcad.linearize(lambda x: np.sin(x), X)
    np.testing.assert_allclose(srcad.grad(lambda x: np.sum(x * pullback(X)[0]))(X), np.cos(X) * X)
    with pytest.raises(srcad.NoRule, match="a pullback or pushforward that was made outside(.|\n)*call srcad.vjp inside"):
        srcad.grad(lambda v: np.sum(pullback(v)[0]))(X)
    with pytest.raises(srcad.NoRule, match="call srcad.linearize inside"):
        srcad.grad(lambda v: np.sum(pushforward(v)))(X)
