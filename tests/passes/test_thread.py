"""Loops over displays that are left early become chains of branches, without flags."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import srcad
from tests.oracles import differences


def first_large(x: Any) -> Any:
    for n in (1, 2, 3):
        if x[0] * n > 2:
            return np.sum(x) * n
    return np.sum(x**2)


def first_small(x: Any) -> Any:
    y = x * 1.0
    for n in (3, 2, 1):
        y = y * n
        if y[1] < 1.0:
            break
        y = np.sin(y)
    else:
        y = y + 1.0
    return np.sum(y)


def skipped(x: Any) -> Any:
    total = 0.0
    for n, f in enumerate((np.sin, np.cos, np.exp)):
        if x[n] < 0.5:
            continue
        total = total + f(x[n]) * x[0]
        if total > 2.0:
            return total * 2
    return total


def all_below(x: Any) -> Any:
    if all(v < w for v, w in zip((x[0], x[1], x[2]), (1.0, 2.0, 3.0))):
        return np.sum(x * x)
    if any(v > 2.5 for v in (x[0], x[1])):
        return np.prod(x)
    return np.sum(x)


def nested(x: Any) -> Any:
    best = x[0]
    for a in (1.0, 2.0):
        for b in (0.5, 1.5):
            if x[0] * a > x[1] * b:
                best = best + a * x[1]
                break
            if best > 3.0:
                return best * b
        else:
            best = best * x[2]
    return best


def raises(x: Any) -> Any:
    for n in (1, 2, 3):
        if x[0] * n > 4:
            raise ValueError(f"too large at {n}")
        if x[1] * n > 2:
            return x[1] ** n
    return x[2]


def written(x: Any) -> Any:
    y = x.copy()
    for k in (0, 1, 2):
        if y[k] > 1.0:
            y[k] *= x[0]
            break
        y[k] = y[k] ** 2 + x[k]
    else:
        y[0] = 0.0
    return np.sum(y * x)


def asked_twice(x: Any) -> Any:
    y = x.copy()
    big = x[1] > 0.5
    if big:
        y[1] = x[0] * y[0]
    else:
        y[1] = x[2]
    if not big:
        y[2] = y[1] * x[1]
        z = y[0]
    else:
        z = x[2] * x[2]
    return np.sum(y) * z


def exchanged(x: Any) -> Any:
    rows = np.zeros((2, 3))
    now, then = rows[0], rows[1]
    now[:] = x
    for i in range(3):
        then[:] = 0.5 * now + np.sin(x[i] * x)
        now, then = then, now
    return np.sum(now**2)


def counted(x: Any) -> Any:
    n, y = 2, x * 1.0
    for i in range(3):
        if n:
            y[i] = x[i] * n
        if n:
            y[i] = y[i] * x[0]
            n = n - 1
        if n:
            y[i] *= 2.0 + n
    return np.sum(y)


def refused(x: Any) -> Any:
    s = np.sum(x)
    low = x[0] < 0.2
    if low:
        raise ValueError("too low")
    if low:
        s = s * 2.0
        x = x * s
    return s * x[0]


TWICE = [asked_twice, exchanged, counted, refused]
PROGRAMS = [first_large, first_small, skipped, all_below, nested, raises, written, *TWICE]
POINTS = [np.array(p) for p in ((0.13, 0.21, 0.34), (0.71, 0.62, 0.93), (1.12, 0.33, 2.04), (2.71, 2.63, 0.22), (0.43, 1.31, 3.52), (1.94, 0.91, 0.65))]


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_values_and_gradients(function: Callable[[Any], Any]) -> None:
    both = srcad.value_and_grad(function)
    for x in POINTS:
        value = outcome(lambda x=x: function(x))
        if isinstance(value, str):
            assert outcome(lambda x=x: both(x)) == value
            assert outcome(lambda x=x: srcad.jvp(function, (x,), (x,))) == value
            continue
        expected = [differences.directional(function, (x,), (e,)).value for e in np.eye(3)]
        found, gradient = both(x)
        assert found == value
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(srcad.jvp(function, (x,), (x,))[1], np.dot(expected, x), rtol=1e-6, atol=1e-9)


def test_early_ends_read_as_a_chain() -> None:
    source = srcad.value_and_grad(first_large).source(POINTS[0])
    assert "exit" not in source
    assert [line.partition("  #")[0].strip() for line in source.splitlines() if "if " in line.partition("#")[0]] == [
        "if test:", "elif x_0 * 2 > 2:", "elif x_0 * 3 > 2:",
    ] * 2  # fmt: skip


@pytest.mark.parametrize("function", [all_below, raises, written], ids=lambda f: f.__name__)
def test_no_flags_are_left(function: Callable[[Any], Any]) -> None:
    assert "exit" not in srcad.value_and_grad(function).source(POINTS[0])


@pytest.mark.parametrize(("function", "count"), [(asked_twice, 2), (exchanged, 2), (counted, 4), (refused, 2)], ids=lambda f: getattr(f, "__name__", f))
def test_what_asks_the_same_is_one_branch(function: Callable[[Any], Any], count: int) -> None:
    source = srcad.value_and_grad(function).source(POINTS[1])
    assert sum(line.strip().startswith("if ") for line in source.splitlines()) == count
