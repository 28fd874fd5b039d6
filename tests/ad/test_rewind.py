"""What reverse mode keeps of arrays that are written: nothing where every store is linear or dead, one region per store where not."""
from __future__ import annotations

import numpy as np
import pytest

import srcad


def jacobi(u, v):
    for _ in range(3):
        v[1:-1] = 0.5 * (u[:-2] + u[2:])
        u[1:-1] = 0.5 * (v[:-2] + v[2:])
    return np.sum(u * u)


def seidel(a):
    for i in range(1, 4):
        for j in range(1, 4):
            a[i, j] += a[i, j - 1] + a[i - 1, j]
            a[i, j] /= 3.0
    return np.sum(a)


def factor(a):
    n = a.shape[0]
    for i in range(n):
        for j in range(i):
            a[i, j] -= a[i, :j] @ a[:j, j]
            a[i, j] /= a[j, j]
        for j in range(i, n):
            a[i, j] -= a[i, :i] @ a[:i, j]
    return np.sum(a * a)


def solve(low, b):
    x = np.zeros_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - low[i, :i] @ x[:i]) / low[i, i]
    return np.sum(x * x)


def relax(x):
    for k in range(4):
        x *= x
        if x[0] > 1.0:
            x[1:] = x[:-1] * x[1:]
        else:
            x[0] += k * x[1]
    return np.sum(x)


def guarded(x):
    for k in range(3):
        try:
            x[k] = x[k] * x[k + 1]
        except IndexError:
            return np.sum(x) * x[0]
    return np.sum(x)


def until(x):
    k = 0
    while x[0] < 5.0:
        x[0] = x[0] * x[1] + 0.5
        x[1] = np.sin(x[0]) + 1.2
        k += 1
        if k > 8:
            break
    return x[0] * x[1]


def _numeric(f, args, k):
    found = np.zeros_like(args[k])
    for i in np.ndindex(found.shape):
        low, high = [a.copy() for a in args], [a.copy() for a in args]
        low[k][i] -= 1e-6
        high[k][i] += 1e-6
        found[i] = (f(*high) - f(*low)) / 2e-6
    return found


def _grid(*shape):
    return (0.9 + 0.3 * np.sin(np.arange(np.prod(shape)) * 1.7)).reshape(shape)


CASES = [
    (jacobi, (_grid(6), _grid(6) + 0.1)),
    (seidel, (_grid(5, 5),)),
    (factor, (_grid(4, 4) + 2.0 * np.eye(4),)),
    (solve, (_grid(4, 4) + 2.0 * np.eye(4), _grid(4))),
    (relax, (_grid(4),)),
    (guarded, (_grid(4),)),
    (until, (_grid(2),)),
]  # fmt: skip


def _name(part):
    return part.__name__ if callable(part) else str(sum(a.size for a in part))


@pytest.mark.parametrize(("f", "args"), CASES, ids=_name)
def test_gradient_and_pullback(f, args):
    before = [a.tobytes() for a in args]
    wrt = tuple(range(len(args)))
    value, bars = srcad.value_and_grad(f, argnums=wrt)(*args)
    assert value == f(*[a.copy() for a in args])
    assert [a.tobytes() for a in args] == before
    _, pullback = srcad.vjp(f, *args)
    first, second = pullback(1.0), pullback(1.0)
    for k in wrt:
        np.testing.assert_allclose(bars[k], _numeric(f, args, k), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(first[k], second[k])
        np.testing.assert_allclose(first[k], bars[k], rtol=1e-12)


@pytest.mark.parametrize(("f", "args"), CASES[:2], ids=_name)
def test_linear_programs_keep_nothing(f, args):
    text = srcad.grad(f, argnums=tuple(range(len(args)))).source(*args)
    assert "tape" not in text
    assert "none of it is saved" in text
    assert text.count(".copy(") <= len(args) + text.count("_part = ")  # arguments, and parts of cotangents


def test_one_number_per_store():
    text = srcad.grad(factor).source(_grid(4, 4))
    saved = [line for line in text.splitlines() if "put back by the reverse sweep" in line]
    assert len(saved) == 3
    assert not any(".copy(" in line for line in saved)
    assert text.count(".copy(") == 1  # the argument


def test_a_whole_array_is_saved_where_all_of_it_is_overwritten():
    text = srcad.grad(relax).source(_grid(4))
    saved = [line for line in text.splitlines() if "put back by the reverse sweep" in line]
    assert [".copy()" in line for line in saved] == [True, True]


def added(x, y):
    np.subtract.at(x, 1, x[1])
    x[0] += y[2]
    x += y
    return np.sum(y * x)


def test_a_cotangent_that_is_an_argument_is_not_added_to():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0])
    before = x.tobytes(), y.tobytes()
    bars = srcad.grad(added, argnums=(0, 1))(x, y)
    assert (x.tobytes(), y.tobytes()) == before
    for k in (0, 1):
        np.testing.assert_allclose(bars[k], _numeric(added, (x, y), k), rtol=1e-6)


# ---- memory ----------------------------------------------------------------------------------------------------------
def burgers(u):
    for _ in range(5):
        u[1:] -= 0.1 * u[1:] * (u[1:] - u[:-1])
    return np.sum(u)


def flux_form(u):
    for _ in range(5):
        flux = 0.5 * u * u
        u[1:] -= 0.1 * (flux[1:] - flux[:-1])
    return np.sum(u)


def scaled(u, w):
    for k in range(5):
        step = (u[1:] - u[:-1]) * w
        u[1:] = u[1:] - 0.1 * k * u[1:] * step
    return np.sum(u * u)


@pytest.mark.parametrize(("function", "more"), [(burgers, ()), (flux_form, ()), (scaled, (np.linspace(0.5, 0.9, 6),))])
def test_a_step_of_arithmetic_keeps_what_it_overwrites_and_no_more(function, more):
    u = np.linspace(0.3, 1.2, 7)
    srcad.check_grads(function, u, *more)
    text = srcad.grad(function).source(u, *more)
    assert text.count(".append(") == 1
    assert "u_old_tape.append(u_old)" in text


def kept_lengths(x):
    total = 0.0
    last = x
    for k in range(1, 4):
        last = x[:k] * x[0]
        parts = last * last
        total += parts[0] * parts[-1]
    return total + np.sum(last)


def test_lengths_of_a_loop_are_those_of_its_trips():
    srcad.check_grads(kept_lengths, np.linspace(0.3, 1.2, 5))
