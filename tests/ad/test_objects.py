"""Objects that may be one at run time, or not: right or refused."""
from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import pytest

import srcad


class Box:
    """Holds a number."""

    def __init__(self, v):
        self.v = v


def kept_while_rebound(a):
    b = c = Box(a)
    for _ in range(10):
        if b.v > 2.0:
            b = Box(b.v * 0.5)
        else:
            b.v = b.v * 1.5
    return b.v + 2.0 * c.v


def swapped_and_kept(a):
    x, y = Box(a), Box(a * 2.0)
    z = x
    for _ in range(40):
        x, y = y, x
        x.v = x.v * 1.01
    return x.v + 3.0 * y.v + 7.0 * z.v


def largest_changed(a):
    boxes = [Box(a * n) for n in range(6)]
    best = boxes[0]
    for b in boxes:
        if b.v > best.v:
            best = b
    best.v = best.v * 10.0
    return sum(b.v for b in boxes) + best.v


@pytest.mark.parametrize("function", [kept_while_rebound, swapped_and_kept, largest_changed], ids=lambda f: f.__name__)
def test_right_or_refused(function):
    try:
        value, _ = srcad.value_and_grad(function)(1.3)
    except srcad.SrcadError as error:
        assert "share storage" in str(error)  # noqa: PT017 -- both outcomes are right
        return
    assert value == function(1.3)
    srcad.check_grads(function, 1.3)


def _without_rule(x, n):
    for _ in range(n):
        x = math.nextafter(x, 2.0) * x
    return x


def refused_in_every_trip(x, n):
    total = 0.0
    for k in range(n):
        x = x * 0.9
        total = total + _without_rule(x, k)
    return total


def test_a_callee_that_is_refused_stays_refused():
    """The second time that it is met it is no recursion."""
    with pytest.raises(srcad.SrcadError, match="nextafter"):
        srcad.grad(refused_in_every_trip)(1.3, 5)


# ---- fields of dataclasses -------------------------------------------------------------------------------------------
@dataclasses.dataclass
class Weights:
    a: np.ndarray
    b: np.ndarray
    scale: float = dataclasses.field(default=2.0, metadata={"fixed": True})


def step_by_fields(p):
    g = srcad.grad(lambda q: np.sum(q.a * q.b**2) * q.scale)(p)
    moved = Weights(**{f.name: getattr(p, f.name) - 0.1 * getattr(g, f.name) for f in dataclasses.fields(p)})
    for f in dataclasses.fields(Weights):
        if not f.metadata.get("fixed"):
            setattr(moved, f.name, getattr(moved, f.name) ** 2)
    return np.sum(moved.a * moved.b) * moved.scale


def test_fields_of_dataclasses():
    w = Weights(np.array([0.3, -0.4]), np.array([1.1, 0.6]))
    srcad.check_grads(step_by_fields, w, order=2)
    assert srcad.value_and_grad(step_by_fields)(w)[0] == step_by_fields(w)


# ---- cached properties -----------------------------------------------------------------------------------------------
class Squared:
    """Counts how often its square is computed."""

    def __init__(self, x):
        self.x = x
        self.calls = 0

    @functools.cached_property
    def square(self):
        self.calls += 1
        return self.x * self.x


def cached_once(x):
    s = Squared(x)
    return (s.square + s.square) * s.calls


def cached_before_a_change(x):
    s = Squared(x)
    before = s.square
    s.x = s.x * 10
    return before * 3 + s.square * s.calls


def cached_in_a_loop(x):
    s, total = Squared(x), 0.0
    for _ in range(3):
        total += s.square
        s.x = s.x + 1
    return total * s.calls


@pytest.mark.parametrize("f", [cached_once, cached_before_a_change, cached_in_a_loop], ids=lambda f: f.__name__)
def test_what_a_cached_property_changes_is_kept(f):
    srcad.check_grads(f, 1.3)
