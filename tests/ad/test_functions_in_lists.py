"""Lists, tuples and dicts of functions, global, captured or given; `sorted`, `max` and `min` by a key; what `operator` makes."""
from __future__ import annotations

import operator

import numpy as np
import pytest

import srcad

X = np.array([0.4, -1.3, 0.9, 0.2])
ROWS = np.array([[0.4, -1.3, 0.9], [0.2, 0.1, -0.5], [1.5, 0.3, 0.8]])
PARAMS = {"w": np.array([0.3, -0.7]), "a": np.array([[0.2, 1.1], [0.5, 0.9]])}
LAYERS = [np.tanh, lambda v: v * v, np.sin]
NAMED = (("sin", np.sin, 2.0), ("square", lambda v: v * v, 3.0))
TABLE = {"first": np.tanh, "second": lambda v: v**3}
SECOND = operator.itemgetter(1)


def composed(x):
    for f in LAYERS:
        x = f(x)
    return x


def weighted(x):
    return sum(weight * f(x) for _, f, weight in NAMED)


def by_name(x):
    total = 0.0
    for name, f in TABLE.items():
        total = total + len(name) * f(x)
    for f in TABLE.values():
        total = total * f(x)
    return total


def unpacked(x):
    first, second, third = LAYERS
    return first(second(third(x)))


def numbered(x):
    parts = list(map(lambda f: f(x), LAYERS))
    return sum((k + 1.0) * part for k, part in enumerate(parts))


def paired():
    functions, weights = [np.sin, np.exp], (1.5, 2.5)

    def f(x):
        return sum(w * g(x) for g, w in zip(functions, weights, strict=False))

    return f


def best_row(m):
    return np.sum(max(m, key=np.sum) ** 2) - np.sum(min(list(m), key=lambda row: row @ row) ** 3)


def by_norm(m):
    return sum(k * (row @ row) for k, row in enumerate(sorted(m, key=np.linalg.norm, reverse=True)))


def in_place(x):
    items = list(x)
    items.sort(key=lambda v: v * v)
    return items[0] + 3.0 * items[1] ** 2


def pairs(x):
    found = sorted([(v, k) for k, v in enumerate(x)], key=SECOND, reverse=True)
    return sum((k + 1.0) * v * v for k, (v, _) in enumerate(found))


def largest(x):
    return max(x[0], x[1], x[2], key=abs) ** 2 + max(x, key=abs) ** 3


def made(x):
    return operator.methodcaller("sum")(x * x) * operator.itemgetter(0, 2)(x)[1]


@pytest.mark.parametrize("f", [composed, weighted, by_name, unpacked, numbered, paired()], ids=lambda f: f.__name__)
def test_functions_of_one_number(f):
    srcad.check_grads(f, 0.7, order=2)


@pytest.mark.parametrize(("f", "x"), [(best_row, ROWS), (by_norm, ROWS), (in_place, X), (pairs, X), (largest, X), (made, X)],
    ids=lambda v: getattr(v, "__name__", ""))  # fmt: skip
def test_keys(f, x):
    srcad.check_grads(f, x, order=2)


def test_keys_that_are_known():
    def f(params):
        total = 0.0
        for k, (_, v) in enumerate(sorted(params.items(), key=operator.itemgetter(0))):
            total = total + (k + 1.0) * np.sum(np.sin(v))
        for k, name in enumerate(sorted(params)):
            total = total * np.sum(params[name]) ** (k + 1)
        for name in sorted(params.keys(), key=lambda n: -ord(n[0])):
            total = total + np.sum(params[name]) * total
        return total

    srcad.check_grads(f, PARAMS, order=2)


def test_a_changed_list_is_compiled_anew():
    df = srcad.grad(composed)
    before = df(0.3)
    LAYERS.append(np.cos)
    try:
        assert df(0.3) == pytest.approx(-np.sin(np.sin(np.tanh(0.3) ** 2)) * before, rel=1e-12)
        LAYERS[0] = np.sin
        srcad.check_grads(composed, 0.3)
        assert df(0.3) != pytest.approx(before)
    finally:
        LAYERS[:] = [np.tanh, LAYERS[1], np.sin]
    assert df(0.3) == before


def test_functions_in_arguments():
    def network(weights, activations, options, x):
        for w, activate in zip(weights, activations, strict=False):
            x = activate(w @ x)
        return options["scale"] * np.sum(options["last"](x))

    rng = np.random.default_rng(0)
    weights, x = [rng.normal(size=(3, 2)), rng.normal(size=(2, 3))], rng.normal(size=2)
    options = {"last": np.cos, "scale": 2.0}
    found = srcad.grad(network)(weights, [np.tanh, lambda v: v * v], options, x)
    fixed = srcad.grad(lambda ws: 2.0 * np.sum(np.cos((ws[1] @ np.tanh(ws[0] @ x)) ** 2)))(weights)
    for a, b in zip(found, fixed, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_an_empty_list_has_no_largest_item():
    def f(xs):
        return max(xs[:0], key=abs) * 2.0

    with pytest.raises(ValueError, match="empty"):
        srcad.grad(f)([1.0, 2.0])


def chosen_by_an_option(x, options):
    return np.sum(TABLE[options["shape"]](x) * options["scale"])


@pytest.mark.parametrize("shape", ["first", "second"])
def test_function_of_a_global_table_by_a_name_that_an_argument_holds(shape):
    srcad.check_grads(chosen_by_an_option, X, {"shape": shape, "scale": 2.0})


def test_function_of_a_global_table_by_a_name_that_is_not_there():
    with pytest.raises(KeyError, match="third"):
        srcad.grad(chosen_by_an_option)(X, {"shape": "third", "scale": 2.0})
