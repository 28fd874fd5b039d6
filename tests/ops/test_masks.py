"""0 times infinity: a mask downstream of a singular function gives zero, not nan."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import srcad
from srcad.ops import table
from tests.ops.interpret import Recorder

X = np.array([0.0, -1.0, 4.0])


def pull(recorder: Recorder, name: str, g: Any, args: tuple[Any, ...]) -> Any:
    """The cotangent of the first float operand."""
    spelling = table.spelling(name)
    assert spelling is not None
    values = tuple(recorder.value(a) for a in args)
    with np.errstate(all="ignore"):
        y = recorder.var(spelling.object(*values), "y")
    return spelling.entry.vjp(g, y, args)


@pytest.mark.parametrize("mask", ["where", "index", "maximum", "clip", "product"])
@pytest.mark.parametrize("singular", ["np.sqrt", "np.log", "np.arccosh"])
def test_strong_zero(mask: str, singular: str) -> None:
    recorder = Recorder()
    x = recorder.var(X)
    with np.errstate(all="ignore"):
        y = recorder.var(getattr(np, singular[3:])(X), "v")
    inside = recorder.var(X > 1, "inside")
    ones = recorder.var(np.ones(3), "g")
    g = {
        "where": lambda: pull(recorder, "np.where", ones, (inside, y, 0.0))[1],
        "index": lambda: pull(recorder, "getitem", recorder.var(np.ones(1), "g"), (y, inside))[0],
        "maximum": lambda: pull(recorder, "np.maximum", ones, (y, 0.5))[0],
        "clip": lambda: pull(recorder, "np.clip", ones, (y, 0.5, 9.0))[0],
        "product": lambda: pull(recorder, "mul", ones, (y, inside))[0],
    }[mask]()
    (bar,) = pull(recorder, singular, g, (x,))
    with np.errstate(all="ignore"):
        recorder.run()
    got = recorder.value(bar)
    assert got[:2].tolist() == [0.0, 0.0]
    assert got[2] > 0


def test_nothing_is_recorded_without_a_mask() -> None:
    recorder = Recorder()
    pull(recorder, "np.sqrt", recorder.var(np.ones(3), "g"), (recorder.var(X + 2.0),))
    assert "np.where" not in [s.op.name for s in recorder.builder.stmts]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("f", [
    lambda x: np.add(x, 0.1, where=x > 0, out=np.zeros(x.shape)), lambda x: np.multiply(0.1, x, where=x > 0, out=np.zeros(x.shape)),
    lambda x: x * np.add(np.arange(3), 1, where=x > 0, out=np.zeros(3, int)), lambda x: np.divide(1.0, x, where=x != 0, out=np.zeros_like(x)),
    lambda x: x * np.floor_divide(np.arange(3), np.array([2, 0, 1]), where=np.array([True, False, True]), out=np.zeros(3, int)),
], ids=["add", "multiply", "whole", "divide", "floor_divide"])  # fmt: skip
def test_masked_operations_compute_in_the_dtype_that_they_have(f, dtype):
    """A number beside single precision, and whole numbers, were made double: the value was another in the last digits."""
    x = np.array([0.3, -0.7, 1.1], dtype)
    value, pullback = srcad.vjp(f, x)
    np.testing.assert_array_equal(value, f(x))
    assert pullback(np.ones_like(value))[0].dtype == dtype


def chosen(x, inside):
    return np.sum(np.sqrt(x)[inside] ** 2)


def cleared(x, inside):
    y = np.sqrt(x)
    y[~inside] = 0.0
    return np.sum(y**2)


def put_together(x, inside):
    return np.sum(np.where(inside, np.sqrt(x), 0.0) ** 2)


@pytest.mark.parametrize("f", [chosen, cleared, put_together])
def test_the_mask_decides_and_not_the_cotangent(f) -> None:
    """A cotangent that is 0 by chance, where the slope is infinite, is not taken for one that a mask has left out."""
    x = np.array([0.0, 4.0, 0.0])
    with np.errstate(all="ignore"):
        bars = [srcad.grad(f)(x, np.array(inside)) for inside in ([False, True, False], [True, True, False])]
    assert bars[0].tolist() == [0.0, 1.0, 0.0]
    np.testing.assert_array_equal(bars[1], [np.nan, 1.0, 0.0])
    assert "!= 0" not in srcad.grad(f).source(x, x > 1.0)


def changed(x):
    inside = x > 1.5
    y = np.sqrt(x)
    z = np.cos(x) * inside
    inside[...] = x > 0
    return np.sum(y[inside] ** 3) + np.sum(z)


def test_a_mask_that_has_changed_in_between() -> None:
    """The one that was read decides."""
    x = np.array([0.0, 1.0, 2.0])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(srcad.grad(changed)(x), srcad.jacfwd(changed)(x))
    srcad.check_grads(changed, x + 0.2)
