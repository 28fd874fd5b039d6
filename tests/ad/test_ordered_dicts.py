"""`OrderedDict`: its class, its order and its own methods, in the function, in what it returns and in derivatives; other subclasses by name."""
from __future__ import annotations

import copy
from collections import Counter, OrderedDict

import numpy as np
import pytest

import srcad


def filled(x):
    d = OrderedDict()
    d["b"] = x
    d["a"] = x * x
    return d


def moved(x):
    d = OrderedDict(a=x, b=2.0 * x, c=x + 1.0)
    d.move_to_end("a")
    d.move_to_end("c", last=False)
    return d


def taken_out(x):
    d = OrderedDict([("a", x), ("b", x * x), ("c", x + 1.0)])
    first, second = d.popitem(last=False), d.popitem()
    plain = {"a": x, "b": 2.0 * x}
    return d, first, second, plain.popitem(), plain, d.pop("b"), d.pop("z", x)


def asked(x):
    d, e, f = OrderedDict(a=x, b=x), OrderedDict(b=x, a=x), {"a": x, "b": x}
    tests = isinstance(d, OrderedDict), isinstance(d, dict), type(d) is dict, type(d), d == e, d == f, e == f, bool(OrderedDict())
    return x * (2.0 if isinstance(d, OrderedDict) else 3.0), tests, repr(OrderedDict(a=1)), list(d), "a" in d, len(d)


def combined(x):
    d = OrderedDict(a=x)
    d.update({"b": x}, c=2.0 * x)
    d.setdefault("e", x * x)
    d |= {"f": x}
    return d | {"g": x}, {"g": x} | d, {**d}, dict(d), OrderedDict(d), d.copy(), copy.copy(d), copy.deepcopy(d)


def changed_on_paths(x):
    d = OrderedDict(a=x, b=1.0)
    for i in range(4):
        d["a"], d["b"] = d["b"] * x, d["a"] + i
    if x > 1.0:
        d["c"] = x * x
    else:
        d["c"] = x
    del d["a"]
    d["a"] = OrderedDict(w=[x, 2.0], q={})
    d["a"]["w"][0] *= 3.0
    return d


def under_computed_keys(x):
    d = OrderedDict()
    for i in range(4):
        d[i] = x * i
    d.move_to_end(1)
    d.move_to_end(2, last=False)
    pair = d.popitem()
    first = d.popitem(last=False)
    return list(d), list(d.values()), pair, first, isinstance(d, OrderedDict), type(d), list(d.copy().values())


def given_a_dict(x):
    def scale(d):
        d["n"] = d["n"] * x
        return d

    return scale(OrderedDict(n=x))


FUNCTIONS = [filled, moved, taken_out, asked, combined, changed_on_paths, under_computed_keys, given_a_dict]


def told(value):
    """A value with the classes and the order of all that it holds."""
    if isinstance(value, dict):
        return type(value), [(k, told(v)) for k, v in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [told(v) for v in value]
    return type(value), repr(value)


def total(value):
    """The sum of the floats that a value holds, each with a weight of its own."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return sum(((n + 1.0) * total(v) for n, v in enumerate(value)), 0.0)
    return value if isinstance(value, float) else 0.0


@pytest.mark.parametrize("x", [0.5, 1.5])
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_values_and_derivatives(f, x):
    out, tangent = srcad.jvp(f, (x,), (1.0,))
    again, pullback = srcad.vjp(f, x)
    assert told(out) == told(again) == told(f(x))
    h = 1e-6
    slope = (total(f(x + h)) - total(f(x - h))) / (2.0 * h)
    assert total(tangent) == pytest.approx(slope, rel=1e-6)
    assert pullback(weights(out))[0] == pytest.approx(slope, rel=1e-6)


def weights(value, weight=1.0):
    """The cotangent by which `total` is differentiated."""
    if isinstance(value, dict):
        return type(value)(zip(value, weights(list(value.values()), weight), strict=True))
    if isinstance(value, list | tuple):
        return type(value)(weights(v, weight * (n + 1.0)) for n, v in enumerate(value))
    return weight if isinstance(value, float) else None


def test_gradients_are_of_the_class_of_the_argument():
    def f(params):
        params["c"] = params["a"] * 2.0
        params.move_to_end("a")
        return np.sum(params["w"] * params["c"]) + params["a"] * len(params)

    params = OrderedDict(w=np.array([1.0, 2.0]), a=3.0)
    value, gradient = srcad.value_and_grad(f)(params)
    assert value == f(copy.deepcopy(params))
    assert list(params) == ["w", "a"]
    assert type(gradient) is OrderedDict
    assert list(gradient) == ["w", "a"]
    np.testing.assert_array_equal(gradient["w"], [6.0, 6.0])
    assert gradient["a"] == 9.0


MISSING = {
    "pop": lambda d: d.pop("z"), "move_to_end": lambda d: d.move_to_end("z"), "popitem": lambda d: OrderedDict().popitem(),
    "popitem of a dict": lambda d: {}.popitem(),
}  # fmt: skip


@pytest.mark.parametrize("run", MISSING.values(), ids=MISSING)
def test_missing_keys_raise_what_python_raises(run):
    def f(x):
        run(OrderedDict(a=x))
        return x

    with pytest.raises(KeyError) as expected:
        f(1.0)
    with pytest.raises(KeyError) as found:
        srcad.grad(f)(1.0)
    assert found.value.args == expected.value.args


def test_a_counter_that_is_given_and_changed_stays_one():
    def f(x, counts):
        counts["q"] += 1
        return x * counts["a"], counts

    given = Counter(a=2)
    out, _ = srcad.jvp(f, (1.5, given), (1.0, None))
    assert told(out) == told((3.0, Counter(a=2, q=1)))
    assert given == Counter(a=2)


def test_a_dict_under_computed_keys_is_returned():
    def f(x, n):
        return {k: x for k in range(n)}

    assert told(srcad.jvp(f, (2.5, 2), (1.0, None))[0]) == told({0: 2.5, 1: 2.5})


def test_an_ordered_dict_under_computed_keys_is_refused_by_name():
    def f(x, n):
        return OrderedDict((k, x) for k in range(n))

    with pytest.raises(srcad.UnsupportedSyntax, match="an OrderedDict under computed keys that the function has filled is returned"):
        srcad.jvp(f, (2.5, 2), (1.0, None))


def test_classes_that_meet_are_refused():
    def f(x):
        d = OrderedDict(a=x) if x > 1.0 else {"a": x}
        return d["a"] * 2.0 if isinstance(d, OrderedDict) else d["a"]

    with pytest.raises(srcad.UnsupportedSyntax, match="containers of different structure"):
        srcad.grad(f)(2.0)
