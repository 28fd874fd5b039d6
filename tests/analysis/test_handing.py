"""What functions do with what calls give them: it decides where cotangents are copied, and a copy too few is a wrong gradient."""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from srcad.analysis.handing import handing
from srcad.analysis.sharing import Handing
from srcad.ir.parse import parse_program
from tests.backend.support import find

A = np.array([1.2, 0.7, 1.5])
PROGRAM = """
def f(x: float64[?], s: float) {
  y: float64[?], z: float64[?] = @g_bwd(s, x, x)
  w: float64[?] = @again(y, x)
  return w
}

def g_bwd(s_bar: float, A_bar: float64[?], B_bar: float64[?]) {
  A_bar.1: float64[?] = accum_at(A_bar, 0, s_bar)
  zeros: float64[?] = np.zeros_like(A_bar)
  return A_bar.1, zeros as (0, 1)
}

def again(x: float64[?], y: float64[?]) {
  c: bool = np.any(x)
  z: float64[?] = if c {
    t: float64[?] = @again(y, x)
    yield t
  } else {
    yield x
  }
  return z
}
"""


def test_results_and_changes():
    known = handing(parse_program(PROGRAM.strip() + "\n", find))
    assert known["g_bwd"] == Handing((frozenset({1}), frozenset()), frozenset({1}), (frozenset(), frozenset()))
    assert known["again"] == Handing((frozenset({0, 1}),), frozenset(), (frozenset(),))  # each call swaps them
    assert known["f"].results == (frozenset({0}),)


def element(a, i, j):
    s = 0.0
    for k in range(i, j):
        s += a[k] ** 2 * a[0]
    return s


def same(a):
    return a


def added(a, b, i):
    return a + b * b[i]


def carried(a):
    x = 0.3
    for _ in range(3):
        x = element(a, 0, 2) * np.sin(x)
    return a, x


def handed_back(a):
    x = same(a)
    for i in range(3):
        x = added(x, a, i)
    return x, a


def views(a):
    v, w = a[1:], same(a[1:])
    return v, w, element(v, 0, 2) + element(a, 1, 3)


def chosen(a):
    x = a
    for i in range(3):
        x = same(x) if a[i] > 1 else added(x, a, i)
    return x, element(x, 0, 3)


def swapped(a):
    x, y = a, a
    for i in range(3):
        x, y = y, added(x, y, i)
    return x, y


def recursive(a, n=3):
    return a if n == 0 else recursive(a, n - 1) + a[n % 3] * a


def returned_twice(a):
    x = recursive(a)
    return x, x


@pytest.mark.parametrize("f", [carried, handed_back, views, chosen, swapped, returned_twice])
def test_pullbacks_change_nothing_of_what_they_are_given(f):
    y, pull = srcad.vjp(f, A)
    shared = np.array([0.3, -1.1, 0.8])
    seeds = tuple(shared[: len(v)] if np.ndim(v) else 0.7 for v in y)
    before = shared.copy()
    first = pull(seeds)
    again = pull(seeds)
    assert np.array_equal(shared, before)
    assert np.array_equal(first, again)
    assert not np.shares_memory(first, shared)
    step = 1e-6

    def paired(a):
        return sum(np.vdot(v, s) for v, s in zip(f(a), seeds, strict=True))

    slopes = [(paired(A + step * e) - paired(A - step * e)) / (2 * step) for e in np.eye(3)]
    assert np.allclose(first, slopes, rtol=1e-7, atol=1e-7)


def rates(y, a):
    return np.array([a[0] * y[0] - y[0] * y[1], a[1] * y[1]])


def integrated(a, y, n):
    y = y.copy()
    for _ in range(n):
        k = rates(y, a)
        y = y + 0.1 * rates(y + 0.05 * k, a)
    return np.sum(y)


def test_cotangents_of_calls_in_loops_are_not_copied():
    text = srcad.grad(integrated).source(A[:2], np.ones(2), 4)
    reverse = text[text.index("# reverse sweep") :]
    assert ".copy()" not in reverse
    assert "stays as it is" not in text
    srcad.check_grads(integrated, A[:2], np.ones(2), 4)


def unit(v):
    w = np.array(v, dtype=float, copy=True)
    if w.ndim == 1:
        w /= np.sqrt(np.dot(w, w))
        return w
    return w / np.sqrt(np.sum(w * w))


def changed_behind_the_call(a):
    d = unit(a)
    s = np.sum(np.outer(d, d)[0])
    d *= np.sin(a[0])
    return s + d[1] * d[2]


def pair(a):
    w = np.sin(a)
    return w, w


def changed_beside_the_other(a):
    u, v = pair(a)
    s = u[0] * v[1]
    u *= 2.0
    return s + np.sum(v * v)


def kept_by_the_callee(a, n=3):
    s = 0.0
    for i in range(n):
        w = pair(a + i)[0]
        s += np.sum(w * w)
        w *= w[0]
        s += w[1] ** 2
    return s


def waves(a, n):
    found = []
    for i in range(n):
        found.append(np.sin(a * (i + 1)))
    return found


def changed_in_a_list(a, n=3):
    first, second = waves(a, n), waves(a * a, n)
    w = first[1]
    s = np.sum(w**3)
    w += second[0]
    second[0] *= w
    return s * np.sum(first[1] * second[0])


@pytest.mark.parametrize("f", [changed_behind_the_call, changed_beside_the_other, kept_by_the_callee, changed_in_a_list])
def test_what_the_callee_keeps_of_its_result_is_not_changed(f):
    srcad.check_grads(f, A)


def halves(w, lo, hi):
    if hi - lo == 1:
        return w[lo] * w[lo]
    mid = (lo + hi) // 2
    left = halves(w, lo, mid)
    return left * halves(w, mid, hi) + left


@pytest.mark.parametrize("w", [A, list(map(float, A))])
def test_recursion_copies_no_cotangent(w):
    text = srcad.grad(halves).source(w, 0, 3)
    assert ".copy()" not in text
    assert "list(w_bar)" not in text
    srcad.check_grads(halves, w, 0, 3)


def test_buffers_are_added_to_where_they_are():
    _, pull = srcad.vjp(carried, A)
    pull((np.ones(3), 1.0))
    text = srcad.grad(lambda a: carried(a)[1]).source(A)
    inner = text[text.index("_bwd(") : text.index("# Derivative of")]
    assert ".copy()" not in inner


def neighbours(q):
    w = np.zeros(3)
    for i in range(1, 3):
        w[i] = q[i] * q[i - 1]
    return w


def descent(a, b):
    """The cotangent of `z` is read for `b` beside the call whose backward half adds to it."""
    z = a.copy()
    for _ in range(2):
        z -= 0.1 * b * neighbours(z)
    return np.sum(z)


def descent_by_derivative(a, b):
    def energy(q):
        w = q.copy()
        for i in range(1, 3):
            w[i] += np.sin(w[i - 1])
        return np.sum(w * w)

    z = a.copy()
    for _ in range(2):
        z -= 0.1 * b * srcad.grad(energy)(z)
    return np.sum(z)


@pytest.mark.parametrize("f", [descent, descent_by_derivative])
def test_what_waits_is_evaluated_before_a_call_that_changes_what_it_reads(f):
    srcad.check_grads(f, A, 0.7)
