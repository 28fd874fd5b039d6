"""Parts of arguments by name: `params['W']`, `net.layers[1].w`, keywords."""
from __future__ import annotations

import pickle
from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pytest

import srcad

RNG = np.random.default_rng(3)
X = RNG.normal(size=3)
Pair = namedtuple("Pair", "w b")


class Layer:
    """Holds things that have no derivative."""

    def __init__(self, w, b):
        self.w = w
        self.b = b
        self.name = "layer"
        self.rng = np.random.default_rng(0)

    def __call__(self, x):
        return np.tanh(self.w @ x + self.b)


class Net:
    def __init__(self, layers):
        self.layers = layers
        self.scale = 1.5

    def loss(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.scale * np.sum(x**2)


@dataclass
class Checked:
    """A constructor that refuses cotangents."""

    w: np.ndarray
    b: np.ndarray

    def __post_init__(self):
        if np.any(self.b < 0):
            raise ValueError


def net():
    r = np.random.default_rng(1)
    return Net([Layer(r.normal(size=(3, 3)), r.normal(size=3)) for _ in range(3)])


def loss(net, x):
    return net.loss(x)


def dense(params, x):
    return np.sum(np.tanh(params["W"] @ x + params["b"]) ** 2)


def paired(pair, x):
    return np.sum(np.sin(pair.w * x) + pair.b * x**2)


def weighted(x, **opts):
    return np.sum(x**3 * opts["k"])


def stacked(*args):
    return np.sum(args[0] * args[1] ** 2)


def by_hand(f, args, leaf):
    """Central differences by a number or array that `args` holds, which `leaf` reads and writes."""
    value, result = leaf(), np.zeros(np.shape(leaf()))
    for i in np.ndindex(result.shape):
        found = []
        for h in (1e-5, -1e-5):
            moved = np.array(value)
            moved[i] += h
            leaf(moved if isinstance(value, np.ndarray) else float(moved))
            found.append(f(*args))
        result[i] = (found[0] - found[1]) / 2e-5
        leaf(value)
    return result


def accessor(obj, key):
    def access(*new):
        if isinstance(obj, dict):
            obj.update({key: v for v in new})
            return obj[key]
        for v in new:
            setattr(obj, key, v)
        return getattr(obj, key)

    return access


PARAMS = {"W": RNG.normal(size=(2, 3)), "b": RNG.normal(size=2), "n": 3, "mode": "x"}
NET = net()
CASES = [
    (dense, (PARAMS, X), "params['W']", accessor(PARAMS, "W")), (dense, (PARAMS, X), "params['b']", accessor(PARAMS, "b")),
    (loss, (NET, X), "net.layers[1].w", accessor(NET.layers[1], "w")), (loss, (NET, X), "net.layers[-1].b", accessor(NET.layers[2], "b")),
    (loss, (NET, X), "net.scale", accessor(NET, "scale")),
    (paired, (Checked(X.copy(), X**2), X), "pair.w", None), (paired, (Pair(X.copy(), X**2), X), "pair.w", None),
    (paired, (Pair(X.copy(), X**2), X), "pair[0]", None),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args", "part", "access"), CASES, ids=[f"{type(c[1][0]).__name__}-{c[2]}" for c in CASES])
def test_gradients_of_parts(f, args, part, access):
    found = srcad.grad(f, part)(*args)
    expected = by_hand(f, args, access) if access is not None else X * np.cos(X * X)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    value, whole = srcad.value_and_grad(f, (part,))(*args)
    assert value == f(*args)
    np.testing.assert_array_equal(whole[0], found)
    np.testing.assert_allclose(srcad.jacfwd(f, part)(*args), found, rtol=1e-12)
    np.testing.assert_allclose(srcad.jacrev(f, part)(*args), found, rtol=1e-12)
    np.testing.assert_allclose(srcad.vjp(f, *args, argnums=part)[1](1.0), found, rtol=1e-12)


def test_several_parts_of_one_argument():
    first, x_bar, second = srcad.grad(loss, ("net.layers[2].w", "x", "net.layers[0].b"))(NET, X)
    np.testing.assert_array_equal(first, srcad.grad(loss, "net.layers[2].w")(NET, X))
    np.testing.assert_allclose(x_bar, srcad.grad(loss, ("net.scale", "x"))(NET, X)[1], rtol=1e-13)
    np.testing.assert_allclose(second, srcad.grad(NET.loss, "self.layers[0].b")(X), rtol=1e-13)


def test_second_order():
    hessian = srcad.hessian(loss, "net.layers[0].b")(NET, X)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-10)
    for k in range(3):
        h = 1e-6 * np.eye(3)[k]
        moved = [srcad.grad(loss, "net.layers[0].b")(with_bias(NET.layers[0].b + s * h), X) for s in (1, -1)]
        np.testing.assert_allclose(hessian[:, k], (moved[0] - moved[1]) / 2e-6, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(srcad.hvp(loss, (NET, X), (None, X), "net.scale"), srcad.grad(loss, ("x", "net"))(NET, X)[0] @ X / NET.scale, rtol=1e-12)


def with_bias(b):
    made = net()
    made.layers[0].b = b
    return made


def test_whole_objects():
    found = srcad.grad(loss)(NET, X)
    assert type(found) is Net
    assert [type(layer) for layer in found.layers] == [Layer] * 3
    np.testing.assert_allclose(found.layers[1].w, srcad.grad(loss, "net.layers[1].w")(NET, X), rtol=1e-13)
    assert found.layers[0].name is None
    checked = srcad.grad(paired)(Checked(X.copy(), X**2), -X)
    assert type(checked) is Checked
    np.testing.assert_allclose(checked.b, X**2)


def test_keywords_and_star_arguments():
    np.testing.assert_allclose(srcad.grad(weighted, "opts['k']")(X, k=X), X**3)
    np.testing.assert_allclose(srcad.grad(weighted, "k")(X, k=X, other=1), X**3)
    np.testing.assert_allclose(srcad.grad(stacked, "args[1]")(X, 2 * X), 4 * X**2)
    with pytest.raises(srcad.ArgumentError, match=r"opts\['q'\] does not exist"):
        srcad.grad(weighted, "q")(X, k=X)


def test_lists_of_other_lengths_are_other_signatures():
    def total(weights):
        return weights[0] * sum(weights)

    derivative = srcad.grad(total, "weights[-1]")
    assert derivative([2.0, 3.0]) == 2.0
    assert derivative([5.0, 3.0, 1.0]) == 5.0
    assert derivative([4.0]) == 8.0


def test_only_what_is_asked_for_is_computed():
    text = srcad.grad(dense, "params['b']").source(PARAMS, X)
    assert "outer" not in text
    assert "params_b_bar" in text
    assert "params['b']" in text.partition("\ndef ")[0]


def test_inside_differentiated_code():
    def outer(y):
        params = {"W": np.outer(y, y), "b": y}
        return np.sum(srcad.grad(dense, "params['W']")(params, y) ** 2)

    assert srcad.check_grads(outer, X, order=2).ok


@pytest.mark.parametrize(("part", "message"), [
    ("net.layers[5].w", r"net.layers\[5\] does not exist: net.layers is a list of 3"), ("net.foo", "attributes layers, scale"),
    ("net['layers']", "write net.layers"), ("net.layers[0].w[0]", "as a whole"), ("nets", "no parameter 'nets'"),
    ("net..x", "does not name"), ("net.layers[0].rng", "has no derivative"), ("net.layers[0].name", "has no derivative"),
    ("x[0]", "as a whole"), (("net", "net.scale"), "twice"), ("net.layers[x]", "does not name"), ("return", "no parameter"),
])  # fmt: skip
def test_parts_that_do_not_exist(part, message):
    with pytest.raises(srcad.ArgumentError, match=message):
        srcad.grad(loss, part)(NET, X)


def test_dict_keys_are_no_attributes():
    with pytest.raises(srcad.ArgumentError, match=r"write params\['W'\]"):
        srcad.grad(dense, "params.W")(PARAMS, X)
    with pytest.raises(srcad.ArgumentError, match="keys 'W', 'b', 'n', 'mode'"):
        srcad.grad(dense, "params['w']")(PARAMS, X)


def test_pickled():
    derivative = srcad.grad(dense, ("params['W']", "x"))
    again = pickle.loads(pickle.dumps(derivative))
    for a, b in zip(again(PARAMS, X), derivative(PARAMS, X), strict=True):
        np.testing.assert_array_equal(a, b)


def weighed(x, y, scale=1.0):
    return np.sum(x * y**2) * scale


def test_negative_numbers_count_all_parameters_inside_too():
    """Inside, they counted the arguments of the call: another gradient than outside, where a default was left away."""
    x = np.array([0.3, 0.8])
    assert srcad.grad(weighed, argnums=-1)(x, x) == pytest.approx(np.sum(x**3))
    inner = srcad.grad(lambda x: np.sum(srcad.grad(weighed, argnums=-2)(x, 2.0 * x) * x))
    np.testing.assert_allclose(inner(x), 12.0 * x**2, rtol=1e-13)
    with pytest.raises(srcad.ArgumentError, match="argnums is -1"):
        srcad.grad(lambda x: srcad.grad(weighed, argnums=-1)(x, 2.0 * x))(x)
    with pytest.raises(srcad.ArgumentError, match="takes any number of arguments"):
        srcad.grad(lambda *xs: xs[0] * xs[-1], argnums=-1)
