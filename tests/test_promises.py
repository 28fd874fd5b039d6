"""Promises that hold for every program: any memory layout, arguments as they were, pullbacks that can be called again, draws made
once, and a cost that grows with the primal's.
"""
from __future__ import annotations

import math
import time

import numpy as np
import pytest

import srcad


# ---- functions that read arrays in different ways --------------------------------------------------------------------
def whole(x):
    return np.sum(np.sin(x) * x) + np.sum(x)


def by_slices(x):
    y = x[1:] - x[:-1]
    return np.sum(y * y) + np.sum(x[::-1] * x[::2].sum())


def by_element(x):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] * x[-1 - i] * (i + 1)
    return np.sum(total)


def by_items(x):
    total = 0.0
    for row in x:
        total = total + np.sum(np.exp(row * 0.5)) * total + np.sum(row)
    return total + np.sum(x.T @ x)


def reshaped(x):
    y = x.reshape(-1)
    return np.sum(np.ravel(x) * y) + np.sum(np.cumsum(y))


FUNCTIONS = (whole, by_slices, by_element, by_items, reshaped)


def _numbers(*shape):
    return 0.4 + np.cos(1.7 * np.arange(math.prod(shape)) + 0.3).reshape(shape) * 0.6


def _frozen():
    x = _numbers(4, 3)
    x.setflags(write=False)
    return x


LAYOUTS = {
    "C": lambda: _numbers(4, 3), "Fortran": lambda: np.asfortranarray(_numbers(4, 3)), "strided": lambda: _numbers(8, 9)[::2, ::3],
    "negative": lambda: _numbers(4, 3)[::-1, ::-1], "transposed": lambda: _numbers(3, 4).T, "read-only": _frozen,
    "broadcast": lambda: np.broadcast_to(_numbers(3), (4, 3)), "float32": lambda: _numbers(4, 3).astype(np.float32),
    "vector": lambda: _numbers(5), "reversed vector": lambda: _numbers(5)[::-1], "column": lambda: _numbers(5, 4)[:, 2],
    "one item": lambda: _numbers(1), "size 0": lambda: _numbers(0), "no rows": lambda: np.zeros((0, 3)), "no columns": lambda: np.zeros((3, 0)),
}  # fmt: skip


def _state(x):
    base = x if x.base is None else x.base
    return x.shape, x.strides, x.dtype.str, str(x.flags), base.tobytes()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_memory_layout(function, layout):
    """Value to the bit, gradient as that of a fresh C-ordered array, argument untouched to the last byte of its base."""
    x = LAYOUTS[layout]()
    before = _state(x)
    value, gradient = srcad.value_and_grad(function)(x)
    assert _state(x) == before
    expected = function(x)
    assert type(value) is type(expected)
    assert np.asarray(value).tobytes() == np.asarray(expected).tobytes()
    assert (gradient.shape, gradient.dtype) == (x.shape, x.dtype)
    assert gradient.flags.writeable
    assert not np.shares_memory(gradient, x)
    plain = np.array(x, dtype=float, order="C")
    slopes = np.zeros(plain.shape)
    for place in np.ndindex(plain.shape):
        step = np.zeros(plain.shape)
        step[place] = 1e-5
        slopes[place] = (function(plain + step) - function(plain - step)) / 2e-5
    low = x.dtype == np.float32
    np.testing.assert_allclose(gradient, slopes, rtol=1e-3 if low else 1e-6, atol=1e-4 if low else 1e-7)


def two(x, y):
    return np.sum(x * np.sin(y)) + np.sum(x[1:] * y[:-1])


def test_arguments_that_overlap():
    base = _numbers(8)
    x, y = base[:6], base[2:]
    before = base.tobytes()
    by_x, by_y = srcad.grad(two, argnums=(0, 1))(x, y)
    alone = srcad.grad(two, argnums=(0, 1))(x.copy(), y.copy())
    assert base.tobytes() == before
    np.testing.assert_array_equal(by_x, alone[0])
    np.testing.assert_array_equal(by_y, alone[1])
    assert not np.shares_memory(by_x, by_y)
    same = srcad.grad(two, argnums=(0, 1))(x, x)
    assert not np.shares_memory(*same)


def test_a_zero_dimensional_array():
    x = np.array(0.7)
    gradient = srcad.grad(lambda t: t * t * np.sin(t))(x)
    assert (type(gradient), gradient.shape, gradient.dtype) == (np.ndarray, (), np.dtype(float))
    assert gradient == pytest.approx(2 * 0.7 * math.sin(0.7) + 0.49 * math.cos(0.7))


# ---- exceptions half-way, pullbacks, draws ---------------------------------------------------------------------------
def fails_half_way(x):
    total = 0.0
    for e in x:
        total = total + math.sqrt(e) * np.sum(x)
    return total


@pytest.mark.parametrize("run", [srcad.grad(fails_half_way), lambda x: srcad.vjp(fails_half_way, x)], ids=["grad", "vjp"])
def test_arguments_are_unchanged_after_an_exception(run):
    base = _numbers(12)
    x = base[::2]
    x[3] = -1.0
    before = _state(x)
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        run(x)
    assert _state(x) == before


def residual_heavy(x, a):
    u = x
    for k in range(4):
        u = np.sin(u) * a + u[::-1] * k
    return u, np.sum(u * x)


def test_a_pullback_again_and_again_with_everything_changed_in_between():
    x, a = _numbers(6), 1.3
    out, pullback = srcad.vjp(residual_heavy, x, a)
    other_out, other = srcad.vjp(residual_heavy, x * 2.0, a + 1.0)
    seeds = (np.arange(6.0), 0.5)
    first = pullback(seeds)
    first_other = other(seeds)
    kept = [np.copy(v) for v in (*first, *first_other)]
    for array in (*(v for v in (*first, *first_other) if isinstance(v, np.ndarray)), out[0], other_out[0], x):
        array[...] = 77.0
    second, second_other = pullback((np.arange(6.0), 0.5)), other((np.arange(6.0), 0.5))
    for got, wanted in zip((*second, *second_other), kept, strict=True):
        np.testing.assert_array_equal(got, wanted)


def noisy(x, rng):
    y = x
    for _ in range(3):
        y = y + rng.standard_normal(len(x)) * np.sin(y)
    return np.sum(y)


def test_draws_are_made_once():
    x = _numbers(5)
    mine, theirs = np.random.default_rng(3), np.random.default_rng(3)
    value, gradient = srcad.value_and_grad(noisy)(x, mine)
    assert value == noisy(x, theirs)
    assert mine.bit_generator.state == theirs.bit_generator.state
    steps = np.eye(5) * 1e-6
    slopes = [(noisy(x + e, np.random.default_rng(3)) - noisy(x - e, np.random.default_rng(3))) / 2e-6 for e in steps]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6)


# ---- cost ------------------------------------------------------------------------------------------------------------
def reads_elements(x):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] * x[i // 2]
    return total


def carries_a_state(x):
    u, v = 0.1, 0.2
    for e in x:
        u, v = v * 0.5 + e, math.sin(u) * 0.9
    return u * v


def fills_a_list(x):
    return sum([math.exp(-e) * e for e in x])


def writes_in_an_inner_loop(x):
    s = 0.0
    for k in range(1, len(x)):
        for _ in range(2):
            x[k] += 0.1 * x[k - 1]
        s += x[k] * x[k]
    return s


def scans_blocks(x):
    total = 0.0
    for k in range(0, len(x), 50):
        total = total + np.sum(np.sin(x[k : k + 50])) * total + np.sum(x[k : k + 50])
    return total


def _seconds(df, n):
    x = np.linspace(0.1, 0.2, n) / n
    df(x)
    times = []
    for _ in range(5):
        start = time.process_time()
        df(x)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("form", ["grad", "vjp"])
@pytest.mark.parametrize("function", [reads_elements, carries_a_state, fills_a_list, writes_in_an_inner_loop], ids=lambda f: f.__name__)
def test_cost_grows_as_the_primal_does(function, form):
    """n, 4 n, 16 n: accumulation by whole arrays would be quadratic, and show as 16 where a linear cost shows as 4."""
    df = srcad.grad(function) if form == "grad" else lambda x: srcad.vjp(function, x)[1](1.0)
    small, middle, large = (_seconds(df, n) for n in (2000, 8000, 32000))
    assert large / middle < 9.0, (small, middle, large)


def test_a_loop_over_blocks_pays_for_its_blocks_only():
    df = srcad.grad(scans_blocks)
    middle, large = (_seconds(df, n) for n in (20000, 80000))
    assert large / middle < 9.0, (middle, large)
