"""What generated source says: the user's statements as they were written, names by what they hold, one comment per line of the primal."""
from __future__ import annotations

import math

import numpy as np
import pytest

import srcad


def smoothed(u, c):
    u = u.copy()
    for _ in range(3):
        u[1:-1] += c * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def shifted(z, w):
    z = z.copy()
    for _ in range(3):
        old = z.copy()
        z[1:] = old[:-1] * w
        z += old**2
    return np.sum(z)


def relaxed(y, k):
    for _ in range(3):
        dy = -k * y + np.sin(y)
        y = y + 0.1 * dy
    return y @ y


def mean(x, y):
    for _ in range(2):
        x, y = 0.5 * (x + y), math.sqrt(x * y)
    return x * y


def kernel(t, X):
    K = np.empty((len(X), len(X)))
    for i in range(len(X)):
        for j in range(len(X)):
            K[i, j] = t * np.exp((X[i] - X[j]) * t)
    return np.sum(K**2)


def convolved(x, w):
    out = np.zeros(len(x))
    for i in range(len(x)):
        for j in range(len(w)):
            if i - j >= 0:
                out[i] += x[i - j] * w[j]
    return np.sum(out**2)


def largest(x):
    best = x[0]
    for v in x:
        if v > best:
            best = v * v
    return best


def bent(x):
    return np.exp(x @ x)


def exchanged(x):
    rows = np.zeros((2, x.shape[1]))
    now, then = rows[0], rows[1]
    now[:] = x[0]
    for i in range(1, x.shape[0]):
        then[:] = 0.5 * now + np.sin(x[i])
        now, then = then, now
    return np.sum(now**2)


def shuffled(x):
    y, z = x.copy(), np.zeros(x.shape)
    z[1:] = y[:-1]
    y[:2] = y[1:3] + z[1:3]
    z[0] = y[0]
    y[1:] = z[:-1]
    z[:2] = z[1:3]
    y[0] = y[1]
    return np.sum(np.sin(y)) + np.sum(np.cos(z))


def halves(x):
    stack, total = [(x, 0)], 0.0
    while stack:
        part, depth = stack.pop()
        total += np.sum(part) ** 2 / (1 + depth)
        if len(part) > 1:
            m = len(part) // 2
            stack.append((part[:m], depth + 1))
            stack.append((part[m:], depth + 1))
    return total


def smoothed_in_turns(x):
    u = np.zeros((2, x.shape[0]))
    u[0] = x
    for t in range(4):
        now, then = u[t % 2], u[(t + 1) % 2]
        then[1:-1] = now[1:-1] + 0.1 * (now[2:] - 2 * now[1:-1] + now[:-2])
        then[0] = now[0]
    return np.sum(u[0] ** 2)


def window(x):
    last, total = list(x[:3]), 0.0
    for i in range(3, len(x)):
        total += max(last) * np.mean(last)
        last.pop(0)
        last.append(x[i] * last[-1])
    return total


SAID = {
    "the same twice": (bent, (np.arange(3.0) / 2.0,), ["2.0 * "], ["x_bar + x_bar"]),
    "an augmented assignment stays one": (smoothed, (np.arange(5.0), 0.3), ["u[1:-1] += c * total"], ["u[1:-1] = "]),
    "a new array is not copied": (shifted, (np.arange(4.0), 0.3), ["old_bar[:-1] += w * z_bar_part"], ["old_bar.copy()"]),
    "negative products are subtracted": (relaxed, (np.arange(3.0), 0.3), ["y_bar -= k * dy_bar"], ["+= -"]),
    "a guarded quotient is a quotient": (mean, (1.0, 2.0), ["quotient = safe_divide("], ["safe_divide_2"]),
    "tapes of an outer loop": (kernel, (0.5, np.arange(3.0)), ["tapes.append(tape)", "reversed(tapes)"], ["tape_tape"]),
    "branches that ask the same are one": (
        exchanged, (np.arange(6.0).reshape(3, 2),),
        ["        rows_bar[0] += now_bar\n            rows_bar_part = ", "x_bar[0] += rows_bar[0, :]  "], ["may raise"],
    ),
    "what both sides of a branch make is not copied": (halves, (np.arange(4.0),), ["part_bar += np.full(", "2.0 * sum_part / total"], [".copy(", "safe_"]),
    "what is read before it changes is not copied": (
        shuffled, (np.arange(5.0),), ["z_bar[:-1] += y_bar[1:]  ", "    y_bar[1:] = 0.0", "y_bar[:-1] += z_bar[1:]  "], ["_bar[1:].copy()"],
    ),
    "multiples are one": (smoothed_in_turns, (np.arange(5.0),), ["0.8 * u_bar_part"], ["may raise", "then = ", "-0.2"]),
    "what is taken away is not assigned": (window, (np.array([0.3, 1.1, 0.7, 0.9, 1.3]),), [".pop(0)"], [" = items_2.pop(0)", "list(items_2)"]),
    "items of a sequence belong to the loop": (largest, (np.array([0.5, 2.0, 1.0]),), ["x_bar[k] += v_bar                       # for v in x: ..."], []),
}  # fmt: skip


@pytest.mark.parametrize(("f", "args", "said", "unsaid"), SAID.values(), ids=SAID)
def test_source_says(f, args, said, unsaid):
    srcad.check_grads(f, *args, order=2)
    argnums = tuple(n for n, a in enumerate(args) if isinstance(a, float) or a.ndim)
    df = srcad.grad(f, argnums)
    df(*args)
    text = df.source()
    assert [s for s in said if s not in text] == [] and [s for s in unsaid if s in text] == []


def test_a_line_of_the_primal_is_named_once_in_a_row():
    df = srcad.grad(convolved, (0, 1))
    df(np.arange(4.0), np.arange(2.0))
    assert df.source().count("# out[i] += x[i - j] * w[j]") == 1


def test_unsigned_integers_keep_their_sign():
    def f(x, n):
        y = x * 2.0
        return np.sum(-n * y) + np.sum(y * y)  # which wraps around: -1 is 255

    x, n = np.array([0.5, 1.5]), np.array([1, 2], dtype=np.uint8)
    assert np.array_equal(srcad.grad(f)(x, n), 2.0 * -n + 8.0 * x)
    srcad.check_grads(f, x, n)
