"""`self.__dict__` and `vars(self)`: the attributes of an object as a dict."""
from __future__ import annotations

import numpy as np
import pytest

import srcad

X, Y = np.array([0.3, 0.8, 0.45]), np.array([0.5, 1.7, 0.65])


class Bag:
    def __init__(self, a, **more):
        self.a = a
        self.__dict__.update(more)

    def total(self):
        return sum(np.sum(v) for v in self.__dict__.values())


class ByKey:
    def __init__(self, **named):
        for key, value in named.items():
            self.__dict__[key] = value


class Guarded:
    """Its attribute is behind a property of the same name."""

    def __init__(self, x):
        self.__dict__["x"] = x

    @property
    def x(self):
        return self.__dict__["x"] * 2.0


def updated(x, y):
    return Bag(x, b=y, c=2.0).total() ** 2


def by_key(x, y):
    made = ByKey(u=x, v=y)
    return np.sum(made.u * made.v + vars(made)["u"])


def behind_a_property(x, y):
    return np.sum(Guarded(x).x * y)


def seen_later(x, y):
    bag = Bag(x)
    names = bag.__dict__
    bag.late = y
    names["later"] = x * y
    return np.sum(names["late"] * bag.later) + len(names)


def asked_for(x, y):
    bag = Bag(x, z=y)
    found = bag.__dict__.get("missing", 3.0)
    if "z" in bag.__dict__:
        found = found * np.sum(bag.z)
    for key, value in vars(bag).items():
        found = found + np.sum(value) * len(key)
    return found + sum(np.sum(getattr(bag, k)) for k in bag.__dict__)


def from_another(x, y):
    bag = Bag(x)
    bag.__dict__.update(vars(Bag(y, q=x * y)))
    return np.sum(bag.a * bag.q)


@pytest.mark.parametrize("function", [updated, by_key, behind_a_property, seen_later, asked_for, from_another], ids=lambda f: f.__name__)
def test_gradients(function):
    assert srcad.value_and_grad(function, argnums=(0, 1))(X, Y)[0] == function(X, Y)
    srcad.check_grads(function, X, Y, order=2)


def taken_out(x):
    bag = Bag(x)
    return np.sum(bag.__dict__.pop("a"))


def on_some_paths(x):
    bag = Bag(x)
    if x[0] > 0.5:
        bag.b = x * 2.0
    return sum(np.sum(v) for v in vars(bag).values())


@pytest.mark.parametrize("function", [taken_out, on_some_paths], ids=lambda f: f.__name__)
def test_what_is_not_followed_is_refused(function):
    with pytest.raises(srcad.errors.SrcadError, match="the attributes of an object"):
        srcad.grad(function)(X)
