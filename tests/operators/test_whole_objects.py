"""Objects of ordinary classes, named tuples, dataclasses and containers as what is differentiated, in every operator."""
from __future__ import annotations

import abc
import collections
import copy
from dataclasses import dataclass

import numpy as np
import pytest

import srcad
from srcad import trees

X = np.array([0.4, -0.7])
Pair = collections.namedtuple("Pair", "w b")


class Layer:
    def __init__(self, w, b):
        self.w = w
        self.b = b
        self.name = "layer"
        self.size = 2

    def __call__(self, x):
        return np.tanh(self.w * x + self.b)


class Net:
    def __init__(self, *layers):
        self.layers = list(layers)
        self.scale = 1.5
        self.bias = None

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.scale * x


class Module(abc.ABC):
    @abc.abstractmethod
    def __call__(self, x):
        """The value."""


class Affine(Module):
    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, x):
        return self.w * x**2 + self.b


@dataclass
class Body:
    w: np.ndarray
    b: float
    tag: str = "body"
    parent: object = None

    def __call__(self, x):
        return self.w * np.sin(x) * self.b


def by_name(p, x):
    return p["w"] * x + p["rest"][1][0] * p["rest"][0]


def by_field(p, x):
    return p.w**2 * x * p.b


def called(p, x):
    return p(x) ** 2


W = np.array([0.3, 0.5])
MODELS = [
    (called, Layer(W, 0.1)), (called, Net(Layer(W, 0.1), Layer(W[::-1].copy(), -0.4))), (called, Affine(W, 0.7)), (called, Body(W, 2.0)),
    (by_field, Pair(W, 2.0)), (by_name, {"w": W, "rest": [2.0, (0.5, None)], "count": 3, "none": None}),
]  # fmt: skip


def flat(value):
    return np.concatenate([np.ravel(leaf) for leaf in trees.floats(value, objects=True)])


def moved(value, numbers):
    """The value with other numbers in it."""
    left = list(numbers)

    def leaf(x):
        if not trees.is_float(x):
            return x
        taken = [left.pop(0) for _ in range(np.size(x))]
        return np.array(taken) if isinstance(x, np.ndarray) else float(taken[0])

    return trees.rebuilt(value, iter([leaf(x) for x in trees.leaves(value, objects=True)]), objects=True)


def tangent(value):
    """A direction in the structure of a value; None where there is no number."""
    found = moved(value, np.linspace(0.5, -1.0, len(flat(value))))
    kept = [x if trees.is_float(x) else None for x in trees.leaves(found, objects=True)]
    return trees.rebuilt(found, iter(kept), objects=True)


def slopes(f, p, step=1e-5):
    """The Jacobian of a function of a structure, by differences: one column per number."""
    at = flat(p)
    columns = []
    for unit in np.eye(len(at)):
        ends = [np.asarray(f(moved(p, at + k * step * unit))) for k in (1, -1, 2, -2)]
        columns.append((8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * step))
    return np.stack(columns, axis=-1)


@pytest.fixture(params=MODELS, ids=lambda m: type(m[1]).__name__)
def case(request):
    f, p = request.param
    return f, copy.deepcopy(p), lambda q, x: np.sum(f(q, x) * np.array([1.0, -2.0]))


def require_alike(found, p):
    """Require the structure of `p`, with None where there is no number, and memory of its own."""
    assert type(found) is type(p)
    assert trees.attributes(found) == trees.attributes(p)
    for a, b in zip(trees.leaves(found, objects=True), trees.leaves(p, objects=True), strict=True):
        assert (a is None) == (not trees.is_float(b))
        assert a is None or not np.shares_memory(a, b)


def test_gradients_and_pullbacks(case):
    f, p, loss = case
    expected = slopes(lambda q: loss(q, X), p)
    for found in (srcad.grad(loss)(p, X), srcad.vjp(loss, p, X)[1](1.0)[0], srcad.value_and_grad(loss, argnums=(0,))(p, X)[1][0]):
        require_alike(found, p)
        np.testing.assert_allclose(flat(found), expected, rtol=1e-8)
    assert srcad.check_grads(loss, p, X).ok


def test_along_a_direction(case):
    f, p, loss = case
    v = tangent(p)
    expected = slopes(lambda q: f(q, X), p) @ flat(v)
    np.testing.assert_allclose(srcad.jvp(f, (p, X), (v, None))[1], expected, rtol=1e-8)
    value, push = srcad.linearize(f, p, X)
    before = flat(p)
    for leaf in trees.floats(p, objects=True):
        if isinstance(leaf, np.ndarray):
            leaf[:] = 7.0  # a pushforward is that at the point where it was made
    np.testing.assert_allclose(push(v, None), expected, rtol=1e-8)
    np.testing.assert_array_equal(value, f(moved(p, before), X))


@pytest.mark.parametrize("operator", [srcad.jacobian, srcad.jacfwd, srcad.jacrev])
def test_jacobians(case, operator):
    f, p, _ = case
    found = operator(f)(p, X)
    assert type(found) is type(p)
    blocks = [np.reshape(b, (2, -1)) for b in trees.floats(found, objects=True)]
    np.testing.assert_allclose(np.concatenate(blocks, axis=1), slopes(lambda q: f(q, X), p), rtol=1e-8, atol=1e-10)


def test_second_derivatives(case):
    _, p, loss = case
    v = tangent(p)
    matrix = slopes(lambda q: flat(srcad.grad(loss)(q, X)), p)
    product = srcad.hvp(loss, (p, X), (v, None))
    require_alike(product, p)
    np.testing.assert_allclose(flat(product), matrix @ flat(v), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(flat(srcad.jvp(srcad.grad(loss), (p, X), (v, None))[1]), matrix @ flat(v), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(flat(srcad.vjp(srcad.grad(loss), p, X)[1](v)[0]), matrix @ flat(v), rtol=1e-7, atol=1e-9)
    for whole in (srcad.hessian(loss)(p, X), srcad.jacrev(srcad.grad(loss))(p, X)):
        rows = [np.concatenate([np.reshape(b, (np.size(x), -1)) for b in trees.floats(row, objects=True)], axis=1)
                for x, row in zip(trees.floats(p, objects=True), rows_of(whole, p), strict=True)]  # fmt: skip
        np.testing.assert_allclose(np.concatenate(rows), matrix, rtol=1e-7, atol=1e-9)


def rows_of(whole, p):
    """Of a Hessian, what stands in the places of the numbers of `p`."""
    inner = trees.children(p, objects=True)
    if inner is None:
        return [whole] if trees.is_float(p) else []
    return [row for part, item in zip(trees.children(whole, objects=True), inner, strict=True) for row in rows_of(part, item)]


def test_zero_tangents_keep_the_structure():
    p = Layer(W, 0.1)
    found = srcad.hvp(lambda p, x: np.sum(p(x)), (p, X), (None, None))
    np.testing.assert_array_equal(flat(found), np.zeros(3))
    assert (found.name, found.size) == (None, None)


# ---- what stands in several places, or cannot be differentiated ------------------------------------------------------
class Node:
    def __init__(self, w, **others):
        self.w = w
        vars(self).update(others)


def test_an_object_in_two_places_has_a_derivative_for_each():
    """The second place had none, and what was read there counted as constant: the gradient was wrong."""
    shared = Node(3.0)
    found = srcad.grad(lambda n: n.w**2 * n.one.w + 5.0 * n.two.w)(Node(2.0, one=shared, two=shared))
    assert (found.w, found.one.w, found.two.w) == (12.0, 4.0, 5.0)


def chain(nodes, x):
    for node in nodes:
        x = np.tanh(node.w * x)
    return x


@pytest.mark.parametrize("kind", [list, tuple])
def test_many_objects(kind):
    """Of more than 16 objects none had a derivative."""
    numbers = np.linspace(0.8, 1.4, 20)
    found = srcad.grad(chain)(kind(map(Node, numbers.tolist())), 0.4)
    step = 1e-6
    for n in (0, 7, 19):
        ends = [chain([Node(w + s * step * (k == n)) for k, w in enumerate(numbers)], 0.4) for s in (1, -1)]
        assert found[n].w == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-7)


def test_deep_containers():
    """What stood deeper than six containers had no derivative."""
    inner = 3.0
    for _ in range(9):
        inner = {"k": inner}

    def f(p):
        return p["a"]["k"]["k"]["k"]["k"]["k"]["k"]["k"]["k"]["k"] ** 2 * p["b"]

    found = srcad.grad(f)({"a": inner, "b": 2.0})
    assert (list(trees.floats(found)), srcad.jvp(f, ({"a": inner, "b": 2.0},), (found,))[1]) == ([12.0, 9.0], 12.0**2 + 81.0)


def cyclic():
    node = Node(2.0)
    node.me = node
    return node


HIDDEN = [
    (lambda n: n.w**2, cyclic(), "is in itself"),
    (lambda d: d["a"] * d["o"]["x"], {"a": 1.0, "o": collections.defaultdict(None, x=2.0)}, "class 'defaultdict' in a differentiated argument"),
    (lambda d: d["a"] * d["o"][0, 1], {"a": 1.0, "o": {(0, 1): 2.0}}, "keys that are no strings or integers"),
    (lambda d: d["a"] * d["o"][0], {"a": 1.0, "o": collections.deque([2.0])}, "class 'deque'"),
    (lambda d: d[0].w, [Node(float(k)) for k in range(70)], "more than 64 objects"),
]


@pytest.mark.parametrize(("f", "p", "words"), [pytest.param(*c, id=c[2]) for c in HIDDEN])
def test_numbers_that_cannot_be_differentiated_are_not_left_out(f, p, words):
    """They counted as constants, and the gradient had None in their place."""
    for call in (lambda: srcad.grad(f)(p), lambda: srcad.jacobian(f)(p), lambda: srcad.vjp(f, p), lambda: srcad.jvp(f, (p,), (p,))):
        with pytest.raises(srcad.ArgumentError, match=words):
            call()


def test_constants_of_any_kind_in_a_differentiated_argument():
    p = {"a": 2.0, "names": collections.OrderedDict(x="b"), "seen": {1, 2}, "table": {(0, 1): "c"}}
    assert srcad.grad(lambda p: p["a"] ** 2)(p) == {"a": 4.0, "names": {"x": None}, "seen": None, "table": None}
    other = cyclic()
    assert srcad.jvp(lambda n, x: n.w * x, (other, 3.0), (None, 1.0)) == (6.0, 2.0)
    assert srcad.grad(lambda n, x: n.w * x, argnums=1)(other, 3.0) == 2.0


def test_tangents_of_another_structure():
    p, other = Layer(W, 0.1), Node(W)
    less = Layer(W, 0.1)
    del less.b
    for wrong, words in ((other, "is a Node, but its value is a Layer"), ({"w": W}, "is a dict"), (less, "has no attribute 'b'")):
        with pytest.raises(srcad.ShapeMismatch, match=words):
            srcad.jvp(called, (p, X), (wrong, None))
    with pytest.raises(srcad.ShapeMismatch, match=r"tangent 0.w has shape \(3,\)"):
        srcad.hvp(lambda p, x: np.sum(p(x)), (p, X), (Layer(np.ones(3), 0.0), None))


def test_objects_as_results():
    p, v = Layer(W, 0.1), tangent(Layer(W, 0.1))
    _, found = srcad.jvp(lambda p, x: (p, x), (p, X), (v, None))
    np.testing.assert_array_equal(flat(found[0]), flat(v))
    with pytest.raises(srcad.ArgumentError, match="returns an object of class 'Layer'"):
        srcad.jacobian(lambda p, x: p)(p, X)


# ---- containers of different structure under one name ----------------------------------------------------------------
def chosen(p, x):
    part = p["a"] if x > 0 else p["b"]
    return part["x"] ** 2 * x


def looked_up(p, x):
    return p["a" if x > 0 else "b"]["x"] ** 2 * x


def descending(p, x):
    total = 0.0
    while p is not None:
        total = total + p["x"] ** 2
        p = p["next"]
    return total


def mixed(p, x):
    part = p["c"] if x > 0 else p["d"]
    return np.sum(part[0]) * part[1]


STRUCTURES = {
    "a": {"x": 3.0}, "b": {"y": 2.0, "x": 5.0}, "x": 1.0, "next": {"x": 2.0, "next": {"x": 3.0, "next": None}}, "c": (W, 2.0), "d": [W, 2.0],
}  # fmt: skip


@pytest.mark.parametrize("f", [chosen, looked_up, descending, mixed])
def test_structures_that_depend_on_the_path_are_refused_in_reverse_mode(f):
    """The gradient of a loop that descends into a container was 0, that of a tuple or list missed an item; others raised IndexError."""
    with pytest.raises(srcad.UnsupportedSyntax, match=r"(?s)SRC120.*containers of different structure.*test_whole_objects.py:\d+"):
        srcad.grad(f)(STRUCTURES, 1.0)
    tangent = {"a": {"x": 1.0}, "b": {"y": 0.0, "x": 0.0}, "x": 0.0, "next": {"x": 1.0, "next": {"x": 0.0, "next": None}}, "c": (W, 0.0), "d": [W, 0.0]}
    expected = {"chosen": 6.0, "looked_up": 6.0, "descending": 4.0, "mixed": 2.0 * np.sum(W)}[f.__name__]
    assert srcad.jvp(f, (STRUCTURES, 1.0), (tangent, None))[1] == pytest.approx(expected)


def test_tuples_of_different_length_under_one_name():
    """Compiling raised IndexError."""

    def f(p, x):
        part = p[0] if x > 0 else p[1]
        return part[0] * part[1] * x

    assert srcad.grad(f)(((2.0, 3.0), (3.0, 4.0, 5.0)), 1.0) == ((3.0, 2.0), (0.0, 0.0, 0.0))
    assert srcad.grad(f)(((2.0, 3.0), (3.0, 4.0, 5.0)), -1.0) == ((0.0, 0.0), (-4.0, -3.0, 0.0))


class Point:
    """An ordinary object."""

    def __init__(self, x, m):
        self.x = x
        self.m = m


def _points(zs):
    return [Point(z * z, z) for z in zs], {"first": Point(zs[0], zs)}


def test_results_that_hold_objects():
    zs = np.array([1.0, 2.0])
    (listed, table), back = srcad.vjp(_points, zs)
    assert [p.x for p in listed] == [1.0, 4.0]
    assert type(table["first"]) is Point
    (zs_bar,) = back(([Point(1.0, 0.0), Point(0.0, 1.0)], {"first": Point(1.0, np.ones(2))}))
    np.testing.assert_array_equal(zs_bar, [4.0, 2.0])
    _, (listed_dot, table_dot) = srcad.jvp(_points, (zs,), (np.ones(2),))
    assert [p.x for p in listed_dot] == [2.0, 4.0]
    np.testing.assert_array_equal(table_dot["first"].m, np.ones(2))


@pytest.mark.parametrize("cotangent", [([Point(1.0, 0.0)], None), ([Point(1.0, 0.0), 3.0], None)], ids=["too few", "a number"])
def test_cotangents_that_do_not_fit_objects(cotangent):
    _, back = srcad.vjp(_points, np.array([1.0, 2.0]))
    with pytest.raises(srcad.ShapeMismatch, match="cotangent"):
        back(cotangent)
