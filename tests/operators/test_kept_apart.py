"""What a pullback or pushforward keeps is its own, and what a function writes to its arguments stays inside its derivative."""
from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import srcad
from srcad.snapshots import snapshot

X = np.array([0.3, 0.8, 1.4])
HELD: dict[str, Any] = {}


class Model:
    def __init__(self) -> None:
        self.w = np.array([1.0, 2.0, 3.0])
        self.parts = [self.w]

    def __call__(self, x):
        return x * self.w

    def by_parts(self, x):
        return x * self.parts[0]


def handed_out():
    return HELD["w"]


def kept_arrays() -> Iterator[tuple[str, Callable[..., Any], tuple[Any, ...], Any]]:
    """Functions that keep an array for the reverse sweep, their arguments, and that array."""
    w = np.array([1.0, 2.0, 3.0])
    HELD["w"] = w
    model = Model()
    plain = SimpleNamespace(w=w)
    matrix = np.arange(6.0).reshape(2, 3)
    by_name = {"w": w}
    yield "captured", lambda x: x * w, (X,), w
    yield "item of a captured dict", lambda x: x * by_name["w"], (X,), w
    yield "attribute of a captured object", lambda x: x * plain.w, (X,), w
    yield "item of a global dict", lambda x: x * HELD["w"], (X,), w
    yield "from a call", lambda x: x * handed_out(), (X,), w
    yield "attribute of the callable", model, (X,), model.w
    yield "item of an attribute", model.by_parts, (X,), model.w
    yield "attribute of an argument", lambda x, m: x * m.w, (X, model), model.w
    yield "view of a captured array", lambda x: x * matrix[1], (X,), matrix
    yield "transposed", lambda x: matrix @ x, (X,), matrix
    yield "bound by partial", functools.partial(lambda w, x: x * w, w), (X,), w
    yield "argument", lambda x, w: x * w, (X, w), w
    yield "item of an argument", lambda x, ws: x * ws[0] + x * ws[1], (X, [w, w]), w


@pytest.mark.parametrize("name", [name for name, *_ in kept_arrays()])
def test_a_pullback_does_not_follow_later_writes(name):
    """Only arguments and results were copied: what else the forward sweep had read was read again as it was by then."""
    f, args, held = next(case for n, *case in kept_arrays() if n == name)
    out, pullback = srcad.vjp(f, *args)
    ones = np.ones(out.shape)
    before = pullback(ones)[0]
    held[...] = 9.0
    np.testing.assert_array_equal(pullback(ones)[0], before)


def test_what_nobody_else_holds_is_not_copied():
    made, held = np.ones(3), np.ones(4)
    tape: list[Any] = [(made[:2], held[1:]), made]
    kept = (tape, (2.0, None))
    ours = id(made)
    del made, tape
    first = snapshot(kept)
    (part, other), whole = first[0]
    assert id(whole) == ours
    assert part.base is whole
    assert other.base is None
    assert first[1] == (2.0, None)
    np.testing.assert_array_equal(other, held[1:])


def test_memory_of_buffers_is_copied():
    memory = bytearray(24)
    (copy,) = snapshot((np.frombuffer(memory),))
    memory[:] = b"\xff" * 24
    np.testing.assert_array_equal(copy, np.zeros(3))


# ---- functions that write to their arguments -------------------------------------------------------------------------
def writes(a, b):
    b[0] = 3.0 * a[0]
    return a**2 * b


def writes_parts(parts, b):
    parts["a"][0] = 3.0 * b[0]
    return {"r": parts["a"] ** 2 * b, "s": b[1] * parts["a"][0]}


def appends(items, b):
    items.append(b[0] * 2.0)
    return sum(items) * b[1]


@pytest.mark.parametrize("go", [
    lambda a, b: srcad.linearize(writes, a, b), lambda a, b: srcad.jvp(writes, (a, b), (None, None)),
    lambda a, b: srcad.linearize(writes_parts, {"a": a}, b), lambda a, b: srcad.jvp(writes_parts, ({"a": a}, b), (None, b)),
], ids=["linearize", "jvp", "linearize parts", "jvp parts"])  # fmt: skip
def test_arguments_stay_as_they_are(go):
    a, b = X.copy(), 2.0 * X
    go(a, b)
    np.testing.assert_array_equal(a, X)
    np.testing.assert_array_equal(b, 2.0 * X)


def test_linearize_of_one_array_in_two_places_is_that_of_one_array():
    x = X.copy()
    with pytest.raises(srcad.UnsupportedSyntax, match="share memory"):
        srcad.linearize(writes, x, x)[1](X, X)


def after_a_matrix(matrix, x):
    b = 2.0 * x
    return np.sum(matrix(writes)(x, b) * np.outer(x, x)) + b[0]


def after_a_matrix_by_parts(matrix, x):
    b = {"a": 2.0 * x}
    found = matrix(writes_parts)(b, x)
    return np.sum(found["r"]["a"] * x) + np.sum(found["s"]["a"]) + b["a"][0]


def after_a_hessian(_, x):
    b = 2.0 * x
    return np.sum(srcad.hessian(lambda a, b: np.sum(writes(a, b)))(x, b) * np.outer(x, x)) + b[0]


def fills(a, b):
    for i in range(len(a) - 1):
        b[i + 1] = b[i] * a[i] + np.sin(a[i + 1])


def of_outputs(matrix, x):
    b = np.ones(3)
    return np.sum(matrix(fills, outputs="b")(x, b) * np.outer(x, x)) + b[1]


@pytest.mark.parametrize("matrix", [srcad.jacfwd, srcad.jacrev, srcad.jacobian], ids=lambda m: m.__name__)
@pytest.mark.parametrize("f", [after_a_matrix, after_a_matrix_by_parts, after_a_hessian, of_outputs], ids=lambda f: f.__name__)
def test_matrices_inside_of_functions_that_write(f, matrix):
    """They were refused, but for one: the forward form ran such a function on the arguments themselves, which it changed."""
    srcad.check_grads(lambda x: f(matrix, x), X)


def linearized(x):
    b = 2.0 * x
    value, push = srcad.linearize(writes, x, b)
    b[1] = 7.0
    return np.sum(push(x, x) * value) + b[0]


def linearized_at_a_list(x):
    items = [2.0 * v for v in x]
    value, push = srcad.linearize(appends, items, x)
    items[0] = items[1]
    return push([1.0] * 3, x) * value + items[0] + len(items)


def linearized_at_parts(x):
    parts = {"k": 1.0 * x, "l": [2.0 * x]}
    value, push = srcad.linearize(lambda p: p["k"] * p["l"][0], parts)
    parts["k"], parts["l"][0][:] = 5.0 * x, 2.0
    return np.sum(push({"k": x, "l": [x]}) * value) + parts["k"][0]


def linearized_by_outputs(x):
    b = np.ones(3)
    value, push = srcad.linearize(fills, x, b, outputs="b")
    return np.sum(push(x, x) * value) + b[1]


@pytest.mark.parametrize("f", [linearized, linearized_at_a_list, linearized_at_parts, linearized_by_outputs], ids=lambda f: f.__name__)
def test_linearize_inside_keeps_the_point(f):
    """A list that was changed afterwards moved the point: a wrong value."""
    srcad.check_grads(f, X)
