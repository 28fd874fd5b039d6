"""Functions in tables and objects outside the program, and what a program asks about names of parameters and keys."""
from __future__ import annotations

import dataclasses
import functools
import inspect
from copy import copy
from types import SimpleNamespace

import numpy as np
import pytest

import srcad
from srcad.errors import NoRule


def square(x, factor=1.0):
    return x * x * factor


def cube(x, shift=2.0):
    return x * x * x + shift


class Registry:
    """Finds its items whatever the case."""

    def __init__(self, items):
        self._items = items

    def __getitem__(self, key):
        return self._items[key.lower()]

    def __contains__(self, key):
        return key.lower() in self._items


class Sensor:
    def __init__(self, response, gain):
        self.response = response
        self.gain = gain

    def read(self, x):
        return self.response(x) * self.gain


class Missing(dict):
    def __missing__(self, key):
        self[key] = square
        return square


METHODS = {"square": square, "cube": cube, "deep": {"square": square}, "partial": functools.partial(square, factor=5.0)}
REGISTRY = Registry({"square": square, "cube": cube})
SENSOR = Sensor(square, 3.0)
SETTINGS = SimpleNamespace(function=cube, gain=2.0, weights=np.array([1.0, 2.0]), inner=SimpleNamespace(function=square))
GROWS = Missing()


def by_key(x):
    return METHODS["square"](x)


def by_keys(x):
    return METHODS["deep"]["square"](x) + METHODS["partial"](x)


def by_an_option(x, method="Cube"):
    if method not in REGISTRY:
        raise ValueError(method)
    return REGISTRY[method](x)


def by_attributes(x):
    return SETTINGS.function(x) * SETTINGS.gain + SETTINGS.inner.function(x) * np.sum(SETTINGS.weights)


def by_a_method_of_an_object(x):
    return SENSOR.read(x)


def accepted(function, **kwargs):
    """The keywords that a function takes."""
    kwargs = copy(kwargs)
    try:
        names = list(inspect.signature(function).parameters.keys())
    except ValueError:
        return {}
    for key in set(kwargs.keys()) - set(names):
        kwargs.pop(key)
    return kwargs


def hands_on_what_fits(x, method="square", **kwargs):
    function = METHODS[method]
    return function(x, **accepted(function, **kwargs))


def with_keywords(x):
    return hands_on_what_fits(x, factor=x, shift=1.0) + hands_on_what_fits(x, "cube", factor=1.0, shift=x * x)


def asks_for_the_arguments(x):
    given = {"factor": x, "other": 1.0}
    return square(x, **{k: v for k, v in given.items() if k in inspect.getfullargspec(square).args})


def checked(method, known):
    known = tuple([str(k) for k in known])
    if method.lower() not in [k.lower() for k in known]:
        raise ValueError(f"{method} is none of {known}")
    return method.lower()


def by_a_checked_option(x, method="One"):
    method = checked(method, ("one", "Two", "Three", "Four", "Five"))
    return x * x if method == "one" else x


def index_of_a_scalar(x):
    s = x[0] * x[1]
    return np.sum(s[..., None] * x) + s[()] + np.sum(np.concatenate([v[..., np.newaxis] for v in np.asarray([s, x[1]])]))


FUNCTIONS = (
    by_key, by_keys, by_an_option, by_attributes, by_a_method_of_an_object, with_keywords, asks_for_the_arguments, by_a_checked_option,
)  # fmt: skip


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_functions_found_outside(f):
    x, step = 1.3, 1e-5
    slope = (f(x + step) - f(x - step)) / (2.0 * step)
    assert srcad.value_and_grad(f)(x) == (f(x), pytest.approx(slope))
    assert srcad.jvp(f, (x,), (1.0,)) == (f(x), pytest.approx(slope))


def test_a_table_that_has_changed_is_looked_at(monkeypatch):
    df = srcad.grad(by_key)
    assert df(1.0) == 2.0
    monkeypatch.setitem(METHODS, "square", cube)
    assert df(1.0) == 3.0


def test_an_object_that_has_changed_is_looked_at(monkeypatch):
    df = srcad.grad(by_attributes)
    assert df(1.0) == 12.0
    monkeypatch.setattr(SETTINGS, "function", square)
    monkeypatch.setattr(SETTINGS, "gain", np.float32(1.0))
    assert df(1.0) == 8.0


def test_an_option_that_does_not_exist_raises_what_the_function_raises():
    with pytest.raises(ValueError, match="six is none of"):
        srcad.grad(by_a_checked_option)(1.0, "six")


def grows(x):
    return GROWS["new"](x)


def test_a_table_that_makes_missing_items_is_not_read_while_compiling():
    with pytest.raises(NoRule):
        srcad.grad(grows)(1.0)
    assert dict(GROWS) == {}


def test_checks_of_options_leave_no_trace_in_the_text():
    text = srcad.grad(by_a_checked_option).source(1.3)
    assert "= checked(" not in text
    assert "accepted_" not in srcad.grad(with_keywords).source(1.3)


def test_subscripts_of_a_numpy_scalar():
    x = np.array([1.3, 0.4])
    srcad.check_grads(index_of_a_scalar, x)


@dataclasses.dataclass
class Point:
    x: float
    y: float


@dataclasses.dataclass
class Pair:
    first: Point
    more: list


def takes_dataclasses_apart(x):
    pair = Pair(Point(x * x, x), [x, Point(3.0 * x, 1.0)])
    (a, b), (c, (d, _)) = dataclasses.astuple(pair)
    named = dataclasses.asdict(pair)
    return a * b + c * d + named["first"]["y"] * named["more"][1]["x"]


def changes_its_keywords(x, **options):
    options.update({"scale": 2.0 * x})
    options["shift"] = options.pop("start") * x
    return x * options["scale"] + options["shift"]


def with_changed_keywords(x):
    return changes_its_keywords(x, start=x)


class Space:
    """Data and functions behind properties, and constants under keys."""

    def __init__(self, white, decode):
        self._white = white
        self._decode = decode

    @property
    def white(self):
        return self._white

    @property
    def decode(self):
        return self._decode


SPACES = Registry({"near": Space(np.array([0.5, 2.0]), square), "far": Space(np.array([3.0, 1.0]), cube)})
CONSTANTS = Registry({"a": np.array([1.0, 2.0, 3.0]), "b": np.array([0.1, 0.2, 0.3])})


def behind_properties(x, name="Near"):
    space = SPACES[name]
    return space.decode(x) * np.sum(space.white)


def unpacks_constants(x, name="A"):
    p, q, r = CONSTANTS[name]
    return np.sum(np.stack([v * x for v in np.asarray([p * x, q, r])]))


class Scaled:
    """A decorator that is an object: it captures itself."""

    def __init__(self, factor):
        self.factor = factor

    def __enter__(self):
        return self

    def __exit__(self, *what):
        return None

    def __call__(self, f):
        def wrapper(x):
            with self:
                return f(x) * self.factor

        return wrapper


@Scaled(3.0)
def decorated_by_an_object(x):
    return x * x


def number_or_zero(x):
    a = np.asarray(x) * 2.0
    b = np.float64(0 if np.isnan(a) else a)
    return np.sum(b[..., None] * np.array([1.0, 2.0])) if not isinstance(b, np.ndarray) else b


MORE = (
    takes_dataclasses_apart, with_changed_keywords, behind_properties, unpacks_constants, decorated_by_an_object, number_or_zero,
)  # fmt: skip


@pytest.mark.parametrize("f", MORE, ids=lambda f: f.__name__)
def test_more_plumbing(f):
    test_functions_found_outside(f)


def complex_by_the_dtype(x):
    n = np.asarray(x, complex)
    return np.real(np.sum(n * n)) + np.sum(np.abs(np.exp((1.0 + 2.0j) * n)))


def complex_beside_others(x):
    n = np.asarray([x[0], x[1] * (1.0 + 1.0j), x[0] * x[1]])
    return np.abs(np.sum(n * (1.0 + 2.0j)) + 3.0)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
@pytest.mark.parametrize("f", [complex_by_the_dtype, complex_beside_others])
def test_real_items_of_complex_arrays(f, kind):
    x = [1.0, 1.5]
    steps = np.eye(2) * 1e-6
    slopes = [(f(np.array(x) + s) - f(np.array(x) - s)) / 2e-6 for s in steps]
    found = srcad.grad(f)(kind(x))
    assert type(found) is type(kind(x))
    np.testing.assert_allclose(found, slopes, rtol=1e-6)


def rows_if_many(t):
    t = np.atleast_1d(np.asarray(t))
    t = t[:, np.newaxis] if len(t) > 1 else t
    return np.sum(t * t) * t.shape[0]


@pytest.mark.parametrize("t", [1.5, [1.0, 2.0], [1.0]])
def test_a_number_as_an_array_has_one_item(t):
    t = np.array(t) if isinstance(t, list) else t
    found = srcad.grad(rows_if_many)(t)
    np.testing.assert_allclose(found, 2.0 * np.asarray(t) * np.size(t))
