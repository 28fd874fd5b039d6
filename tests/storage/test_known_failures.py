"""Kinds of programs on which other tools have been silently wrong: PyTorch issues 14707, 49824, 67800 and 85374 (views and writes in
place), Warp issues 202, 947 and 1294 (arrays overwritten after use, and in loops), Taichi issues 2505 and 8802 (values that a loop
carries in place, sums into one place).
"""
from __future__ import annotations

import numpy as np
import pytest

import srcad
from tests.oracles import differences


def view_written_before_and_after_its_base(x):
    y = x * x
    v = y[1:]
    v *= y[:-1]
    y[2] = v[0] * 3.0
    v[0] = y[3]
    return np.sum(y * v[0])


def chain_of_views(x):
    y = np.exp(x)
    w = y.reshape(2, 3).T[1:]
    w[0] *= w[1]
    y[4] += w[0, 0]
    return np.sum(w) * y[1]


def base_changed_while_a_view_is_needed(x):
    y = np.sin(x)
    v = y[:3]
    s = np.sum(v * v)
    y *= 2.0
    return s * np.sum(v) + np.sum(y)


def result_overwritten_in_place(x):
    y = np.exp(x)
    z = y * y
    y += z
    y *= z
    z[:] = y
    return np.sum(z * z)


def read_then_overwritten_in_a_loop(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * x[i]
        x[i] = total * x[i - 1]
    return total + np.sum(x)


def accumulated_and_used_again(x):
    s = np.zeros(2)
    for i in range(len(x)):
        s[i % 2] += x[i] * s[1 - i % 2] + x[i]
    return s[0] * s[1]


def state_carried_in_place(x):
    u = x * 0.3
    for _ in range(4):
        old = u.copy()
        u[1:] += 0.5 * old[:-1] * u[1:]
        u[0] = np.sin(old[-1])
    return np.sum(u * u)


def sums_into_one_place(x):
    bins = np.ones(3)
    np.add.at(bins, [0, 1, 1, 2, 2, 2], x)
    bins[[0, 0, 1]] += x[:3]
    return np.prod(bins)


def inner_loop_overwrites_outer_value(x):
    t = x[0] * 1.0
    for i in range(3):
        for j in range(2):
            t = t * x[j] + x[i]
            x[j] += 0.1 * t
    return t * np.sum(x)


PROGRAMS = (
    view_written_before_and_after_its_base, chain_of_views, base_changed_while_a_view_is_needed, result_overwritten_in_place,
    read_then_overwritten_in_a_loop, accumulated_and_used_again, state_carried_in_place, sums_into_one_place, inner_loop_overwrites_outer_value,
)  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_right(program):
    x = np.array([0.7, -0.4, 1.1, 0.3, -0.9, 0.5])
    before = x.tobytes()
    value, bar = srcad.value_and_grad(program)(x)
    _, back = srcad.vjp(program, x)
    assert np.float64(value).tobytes() == np.float64(program(x.copy())).tobytes()
    for n in range(6):
        unit = np.eye(6)[n]
        slope = differences.richardson(lambda t: float(program(x + t * unit))).value  # noqa: B023 -- called at once
        assert bar[n] == pytest.approx(slope, rel=1e-8, abs=1e-9)
        assert back(1.0)[0][n] == pytest.approx(slope, rel=1e-8, abs=1e-9)
        assert srcad.jvp(program, (x,), (unit,))[1] == pytest.approx(slope, rel=1e-8, abs=1e-9)
    assert x.tobytes() == before


def raised_by_the_test(x, above):
    def goes_on(s):
        if s > above:
            raise ValueError("too far")
        return True

    s = x
    while goes_on(s):
        s = s * 2.0
    return s


@pytest.mark.parametrize("above", [-1.0, 10.0])
def test_what_the_test_of_a_loop_does_is_done(above):
    for call in (srcad.grad(raised_by_the_test), lambda x, a: srcad.jvp(raised_by_the_test, (x, a), (1.0, 0.0))):
        with pytest.raises(ValueError, match="too far"):
            call(1.5, above)
