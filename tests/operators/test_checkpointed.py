"""Loops under `checkpointed` have the derivatives of the plain loop, keep few states, and run as few trips again as can be."""
from __future__ import annotations

import functools
import itertools
import math
import threading
import tracemalloc

import numpy as np
import pytest

import srcad
from srcad.runtime.schedule import Growing, advance, cost, places, repetitions
from srcad.runtime.states import Way

X = np.array([0.3, -0.7, 1.1, 0.2])
loop = srcad.checkpointed


# ---- programs --------------------------------------------------------------------------------------------------------
def stencil(x, slots, n=23):
    u = x
    for t in loop(range(n), slots=slots):
        u = 0.9 * np.sin(u) - 0.05 * u * (u - np.roll(u, 1)) + 0.05 * math.cos(t)
    return np.sum(u**2)


def several(x, slots):
    u, v, k, s = x, np.cos(x), 0, 1.0
    for _ in loop(range(14), slots=slots):
        u, v = v, np.sin(u * s) + 0.3 * v
        k += 1
        s = s * 0.9 + 0.1 * u[0]
    return np.sum(u * v) * s * k


def in_place(x, slots):
    u = x.copy()
    new = np.zeros_like(u)
    for _ in loop(range(11), slots=slots):
        new[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2]) * np.tanh(u[1:-1])
        new[0] = u[0] * u[1]
        new[-1] *= 0.5
        u, new = new, u
    return np.sum(u * u)


def one_buffer(x, slots):
    u = x.copy()
    for t in loop(range(9), slots=slots):
        for i in range(1, len(u)):
            u[i] += 0.3 * u[i - 1] * u[i]
        u[0] *= 0.9 + 0.01 * t
    return np.sum(u**2)


def leaving(x, slots):
    y = x[0] + 1.5
    for _ in loop(range(50), slots=slots):
        y = y * y * 0.7 + 0.1 * x[1]
        if y > 20.0:
            break
        y = y + x[2]
    return y


def without_end(x, slots):
    y, n = x[0] + 1.5, 0
    for k in loop(itertools.count(1), slots=slots):
        y = y + 0.1 * math.sin(y * x[1]) + 0.01 * k * x[2]
        if y > 5.0 or k == 40:
            break
        n += 1
    return y * n


def returning(x, slots):
    y = x[0] + 1.5
    for k in loop(range(30), slots=slots):
        y = y * 1.1 + x[1] * x[3]
        if k == 17:
            return y * y
    return y


def skipping(x, slots):
    y = x[0]
    for k in loop(range(12), slots=slots):
        if k % 3 == 1:
            continue
        y = math.sin(y) + x[1] * y
    else:
        y = y * 2
    return y


def over_an_array(x, slots):
    w = np.outer(x, x)
    h = x * 1.0
    for row in loop(w, slots=slots):
        h = np.tanh(row * h + x)
    return np.sum(h)


def over_pairs(x, slots):
    h = 1.0
    for a, b in loop(zip(x, x[::-1] * 2.0), slots=slots):
        h = math.sin(h * a) + b * h
    return h


def numbered(x, slots):
    h = 1.0
    for k, a in loop(enumerate(x), slots=slots):
        h = math.sin(h * a) + k * h
    return h


def odd_range(x, slots):
    h = x[0]
    for k in loop(range(20, 3, -2), slots=slots):
        h = math.sin(h) * x[1] + 0.1 * k
    return h


def backwards(x, slots):
    h = x[0]
    for k in loop(reversed(range(2, 11)), slots=slots):
        h = math.sin(h) * x[1] + 0.1 * k
    return h


def over_a_list(x, slots):
    parts = [x[0] * 2, x[1] * x[2], x[3], x[0], x[1]]
    h = 1.0
    for a in loop(parts, slots=slots):
        h = math.sin(h * a) + h
    return h


def advanced(h, a, n, slots):
    for _ in loop(range(n), slots=slots):
        h = np.sin(h * a) + 0.5 * h
    return h


def in_a_callee(x, slots):
    total = 0.0
    for k in range(3):
        total = total + np.sum(advanced(x * k, x, 6 + k, slots))
    return total


def nested(x, slots):
    h = x
    for k in loop(range(7), slots=slots):
        g = h
        for j in loop(range(5), slots=slots):
            g = np.sin(g) + 0.1 * j * x
        if k % 2:
            h = h + 0.2 * g
    return np.sum(h**2)


def in_a_branch(x, slots):
    h = x[0]
    if x[1] < 0.0:
        for _ in loop(range(6), slots=slots):
            h = math.sin(h) + x[1]
    else:
        h = h * 2
    return h * x[2]


def trajectory(x, slots):
    h, seen = x, []
    for _ in loop(range(8), slots=slots):
        h = np.sin(h) * x
        seen.append(np.sum(h))
    return sum(seen) * seen[3]


def a_dict(x, slots):
    state = {"h": x, "n": 0, "s": [x * 2.0, 1.0]}
    for _ in loop(range(8), slots=slots):
        state["h"] = np.sin(state["h"]) + 0.1 * state["s"][0]
        state["n"] += 1
        state["s"][1] = state["s"][1] * 0.9 + np.sum(state["h"]) * 0.1
    return np.sum(state["h"]) * state["n"] + state["s"][1]


def read_and_written_later(x, slots):
    a = x * x
    h = x
    for _ in loop(range(6), slots=slots):
        h = np.sin(h * a) + h
    a[1] = 5.0 * x[0]
    a *= 2.0
    return np.sum(h * a)


def written_before(x, slots):
    a = x.copy()
    a[0] = a[1] * a[2]
    for k in loop(range(6), slots=slots):
        a[1:] = np.sin(a[:-1] * a[1:]) + a[1:]
    a[2] *= a[0]
    return np.sum(a * a)


def last_item(x, slots):
    h = x[0]
    for k in loop(range(9), slots=slots):
        g = h * x[1]
        h = math.sin(g) + x[2]
    return h * k + g


def no_trip(x, slots):
    h = x * 2.0
    for _ in loop(range(len(x) - 4), slots=slots):
        h = np.sin(h)
    return np.sum(h * x)


def one_trip(x, slots):
    h = x * 2.0
    for _ in loop(range(len(x) - 3), slots=slots):
        h = np.sin(h)
    return np.sum(h * x)


def single_precision(x, slots):
    h = x.astype(np.float32)
    for _ in loop(range(9), slots=slots):
        h = np.sin(h) + h * np.float32(0.1)
    return np.sum(h)


def with_a_block(x, slots):
    h = x
    for _ in loop(range(9), slots=slots):
        h = np.sin(h) * x
        with srcad.cotangent_of(h) as bar:
            bar = bar * 1.1
    return np.sum(h)


PROGRAMS = [
    stencil, several, in_place, one_buffer, leaving, without_end, returning, skipping, over_an_array, over_pairs, numbered, odd_range, backwards,
    over_a_list, in_a_callee, nested, in_a_branch, trajectory, a_dict, read_and_written_later, written_before, last_item, no_trip, one_trip,
    single_precision,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_same_derivatives(f):
    """Forward mode knows nothing of slots."""
    tolerance = 1e-5 if f is single_precision else 1e-12
    expected = srcad.jacfwd(f)(X, 3)
    assert np.max(np.abs(expected)) > 1e-6
    before = X.copy()
    for slots in (1, 2, 5, 100):
        value, gradient = srcad.value_and_grad(f)(X, slots)
        assert value == f(X, slots)
        np.testing.assert_allclose(gradient, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(X, before)
    _, pullback = srcad.vjp(f, X, 3)
    first, second = pullback(1.0)[0], pullback(2.0)[0]
    np.testing.assert_allclose(first, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(2.0 * first, second, rtol=tolerance, atol=tolerance)


def test_a_block_for_the_reverse_sweep_inside():
    def plain(x):
        h = x
        for _ in range(9):
            h = np.sin(h) * x
            with srcad.cotangent_of(h) as bar:
                bar = bar * 1.1
        return np.sum(h)

    np.testing.assert_allclose(srcad.grad(with_a_block)(X, 2), srcad.grad(plain)(X), rtol=1e-13)


@pytest.mark.parametrize("f", [several, in_place, leaving, over_an_array], ids=lambda f: f.__name__)
def test_higher_orders_and_forward_mode(f):
    v = np.array([1.0, -0.5, 0.3, 0.7])

    def slope(x):
        return np.sum(srcad.grad(f)(x, 2) * v)

    step = 1e-5
    expected = np.array([(slope(X + step * e) - slope(X - step * e)) / (2 * step) for e in np.eye(4)])
    np.testing.assert_allclose(srcad.hvp(lambda x: f(x, 2), (X,), (v,)), expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(srcad.grad(slope)(X), expected, rtol=1e-5, atol=1e-7)
    pushed = srcad.grad(lambda x: srcad.jvp(lambda y: f(y, 2), (x,), (v,))[1])
    np.testing.assert_allclose(pushed(X), expected, rtol=1e-5, atol=1e-7)


def test_pullbacks_from_many_threads():
    _, pullback = srcad.vjp(stencil, X, 3)
    expected = pullback(1.0)[0]
    found = []
    threads = [threading.Thread(target=lambda k=k: found.append((k, pullback(float(k))[0]))) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 8
    for k, bar in found:
        np.testing.assert_allclose(bar, k * expected, rtol=1e-12)


# ---- the schedule ----------------------------------------------------------------------------------------------------
@functools.cache
def least(trips, slots):
    """The fewest trips to run again, by trying every place."""
    if trips <= 1:
        return 0
    if slots == 1:
        return trips * (trips - 1) // 2
    return min(m + least(trips - m, slots - 1) + least(m, slots) for m in range(1, trips))


def test_the_formula_and_the_places_are_optimal():
    for slots in range(1, 6):
        for trips in range(1, 40):
            assert cost(trips, slots) == least(trips, slots)
            assert len(list(places(0, trips, slots))) <= slots
    assert (repetitions(10_000, 20), cost(10_000, 20)) == (4, 37_976)
    assert advance(10, 3) in range(1, 10)


def run_again(monkeypatch, f, *args):
    """How many trips the reverse sweep runs to get at states, and how many states there are at most."""
    count, most = 0, 0
    keep = Way.keep

    def counted(self, trip, *state):
        nonlocal count, most
        count += 1
        keep(self, trip, *state)
        most = max(most, len(self._kept))

    monkeypatch.setattr(Way, "keep", counted)
    srcad.grad(f)(*args)
    return count, most


@pytest.mark.parametrize(("trips", "slots"), [(23, 1), (23, 2), (23, 4), (100, 5), (7, 7), (7, 20)])
def test_as_few_trips_as_can_be(monkeypatch, trips, slots):
    again, most = run_again(monkeypatch, stencil, X, slots, trips)
    assert again + trips - 1 == cost(trips, slots)  # the forward sweep's trips but the last count too
    assert most <= slots


def test_an_unknown_number_of_trips_costs_little_more():
    for slots in (2, 3, 5, 8, 20):
        for trips in (1, 7, 50, 400):
            growing, kept = Growing(slots), set()
            for t in range(trips):
                instead = growing.keep(t)
                if instead is not None:
                    kept.discard(instead)
                    kept.add(t)
                assert 0 in kept
                assert len(kept) <= slots
            again, first = 0, set(kept)
            for k in reversed(range(trips)):
                first = {t for t in first if t <= k}
                start = max(first)
                first |= set(places(start, k + 1, slots - len(first) + 1)) if start < k else set()
                again += k - start
            assert trips + again <= 1.35 * (cost(trips, slots) + trips)


def test_memory_does_not_grow_with_the_number_of_trips():
    def peak(n):
        x = np.linspace(0.0, 1.0, 20_000)
        df = srcad.grad(stencil)
        df(x, 4, 3)
        tracemalloc.start()
        df(x, 4, n)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(60) < 1.2 * peak(15)


# ---- called as it is, and wrong use ----------------------------------------------------------------------------------
def test_called_as_it_is():
    assert list(loop(range(3), slots=2)) == [0, 1, 2]
    items = [1, 2]
    assert loop(items, slots=1) is items


def printing(x, slots):
    for k in loop(range(9), slots=slots):
        x = np.sin(x)
        print(k)
    return np.sum(x)


def drawing(x, slots):
    rng = np.random.default_rng(0)
    for _ in loop(range(9), slots=slots):
        x = np.sin(x) * rng.normal()
    return np.sum(x)


@pytest.mark.parametrize("f", [printing, drawing], ids=lambda f: f.__name__)
def test_trips_with_effects_are_refused(f):
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC192"):
        srcad.grad(f)(X, 2)


def inside_zip(x, slots):
    for _, a in zip(loop(range(4), slots=slots), x):
        x = x * a
    return np.sum(x)


def test_only_around_the_whole():
    with pytest.raises(srcad.UnsupportedSyntax, match="SRC194"):
        srcad.grad(inside_zip)(X, 2)


@pytest.mark.parametrize("slots", [0, -3, 1.5, True, None])
def test_slots(slots):
    with pytest.raises(srcad.ArgumentError, match="needs `slots`" if slots is None else "slots is"):
        loop(range(3), slots=slots)
    with pytest.raises(srcad.ArgumentError, match="slots"):
        srcad.grad(lambda x: stencil(x, slots))(X)


def test_an_exception_of_a_trip_passes_through():
    def f(x):
        for k in loop(range(9), slots=2):
            x = x / (3 - k)
        return x

    with pytest.raises(ZeroDivisionError):
        srcad.grad(f)(2.0)


def test_slots_must_be_given():
    """Python's own TypeError came, or none where the loop is differentiated."""

    def f(x):
        for _ in srcad.checkpointed(range(3)):
            x = x * 1.1
        return x

    for call in (lambda: f(1.0), lambda: srcad.grad(f)(1.0)):
        with pytest.raises(srcad.ArgumentError, match="slots"):
            call()
