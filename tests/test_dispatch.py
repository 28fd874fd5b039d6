"""Calls with Python numbers alone take a short way, and only they."""
from __future__ import annotations

import copy
import math

import numpy as np
import pytest

import srcad
from srcad.dispatch import MOST, direct, given


def kinds(x, y=0.5):
    """A function whose value tells the classes of its arguments."""
    weight = 2.0 if isinstance(x, np.floating) else 3.0 if np.ndim(x) else 5.0
    weight = weight + (0.25 if isinstance(y, bool) else 0.125 if isinstance(y, int) else 0.0)
    return np.sum(weight * x * x) * (y + 1)


CALLS = (
    ((1.5, 0.5), {}), ((1.5, 2), {}), ((1.5, True), {}), ((np.float64(1.5), 0.5), {}), ((np.array([1.5, 2.5]), 0.5), {}),
    ((np.array(1.5), 0.5), {}), ((1.5, np.float64(0.5)), {}), ((1.5,), {}), ((1.5,), {"y": 0.5}), ((1.5,), {"y": 3}), ((), {"y": 0.5, "x": 1.5}),
    ((np.float32(1.5), 0.5), {}), ((1.5, np.int64(2)), {}),
)  # fmt: skip


@pytest.mark.parametrize("first", CALLS[:3])
def test_every_class_of_arguments_keeps_its_own_program(first):
    """Whatever was called before, the value is the function's own, with its type, and the gradient has the argument's."""
    df = srcad.value_and_grad(kinds)
    for args, named in (first, *CALLS, first, *reversed(CALLS)):
        value, gradient = df(*args, **named)
        expected = kinds(*args, **named)
        assert type(value) is type(expected)
        assert np.asarray(value).tobytes() == np.asarray(expected).tobytes()
        x = named["x"] if not args else args[0]
        assert type(gradient) is type(x)
        np.testing.assert_allclose(np.sum(gradient * x), 2.0 * expected, rtol=1e-6)  # the function is a square in x


def test_wrong_calls_are_still_the_errors_of_python():
    df = srcad.grad(lambda a, b: a * b)
    assert df(2.0, 3.0) == 3.0
    for args, named in (((2.0,), {}), ((2.0, 3.0, 4.0), {}), ((2.0, 3.0), {"c": 1.0}), ((2.0, 3.0), {"b": 3.0}), ((), {})):
        with pytest.raises(TypeError):
            df(*args, **named)
    with pytest.raises(srcad.errors.ArgumentError):
        df(2, 3)
    with pytest.raises(srcad.errors.ArgumentError):
        df(True, 3.0)
    assert df(2.0, 3.0) == 3.0


def test_exceptions_on_the_short_way_name_the_line():
    df = srcad.grad(_root)
    assert df(4.0) == 0.25
    with pytest.raises(ValueError, match="math domain error|nonnegative") as info:
        df(-1.0)
    assert any("return math.sqrt(x)" in n for n in info.value.__notes__)


def _root(x):
    return math.sqrt(x)


def test_globals_that_a_program_relies_on_are_looked_at(monkeypatch):
    monkeypatch.setitem(globals(), "_SCALE", 3.0)
    df = srcad.grad(_scaled)
    assert df(2.0) == 12.0
    monkeypatch.setitem(globals(), "_SCALE", np.array([1.0, 2.0]))
    assert df(2.0) == 12.0
    monkeypatch.setitem(globals(), "_SCALE", 5.0)
    assert df(2.0) == 20.0


_SCALE: object = 3.0


def _scaled(x):
    return np.sum(_SCALE * x * x)


def test_the_class_with_the_short_way_is_no_other_class_for_users():
    df = srcad.grad(_root)
    before = type(df)
    df(4.0)
    assert type(df) is not before
    assert isinstance(df, before)
    assert type(df).__name__ == before.__name__
    assert "_root" in repr(df)
    assert df.primal is _root
    assert isinstance(copy.copy(df), before)
    assert copy.copy(df)(4.0) == 0.25
    assert "def _root_grad" in df.source()


class Line:
    def __init__(self, slope):
        self.slope = slope

    @srcad.grad
    def at(self, x):
        return self.slope * x * x


def test_methods_do_not_share_a_short_way():
    a, b = Line(1.0), Line(2.0)
    assert [m(3.0) for m in (a.at, b.at, a.at, b.at)] == [6.0, 12.0, 6.0, 12.0]
    held = a.at
    assert [held(3.0), held(3.0), b.at(3.0)] == [6.0, 6.0, 12.0]


def test_long_argument_lists_take_the_ordinary_way():
    assert direct(object, (float,) * (MOST + 1), max, given) is None
    assert direct(object, (), max, given) is None
    df = srcad.grad(lambda a, b, c, d, e, f, g, h, i: a * b * c * d * e * f * g * h * i)
    assert [df(*[2.0] * 9), df(*[2.0] * 9)] == [256.0, 256.0]
