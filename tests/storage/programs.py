"""Programs that write: containers as arguments, buffers, closures, recursion, exceptions behind a write."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def list_arg(x, l):
    l.append(0)
    l[0] = 2
    return x[l[0]] * x[l[-1]]


cases.add(list_arg, vec(4), [1, 2, 3])


def dict_arg(x, d):
    d["k"] *= x[0]
    d["new"] = x
    d["new"][1] = d["k"]
    return np.sum(x * x) * d["k"]


cases.add(dict_arg, vec(4), {"k": 0.3})


def list_of_arrays_arg(xs):
    xs[0] += xs[1]
    xs[1][0] = xs[0][1]
    xs.append(xs[0] * 2)
    return np.sum(xs[0] * xs[1] * xs[2])


cases.add(list_of_arrays_arg, [vec(2), vec(2, .7)])


def accum_then_scale(x, s):
    y = np.zeros(3)
    for t in range(3):
        y[t] = x[t] * s
        y *= x[t + 1]
        s = s + y[t]
    return np.sum(y) * s


cases.add(accum_then_scale, vec(4), 0.3)


def inplace_then_old(x):
    y = x[:3] * 2.0
    z = y
    y = y + 1.0
    y[0] = z[0] * z[1]
    z[1] = y[2]
    return np.sum(y * z)


cases.add(inplace_then_old, vec(5))


def nested_buffers(x, n):
    A = np.zeros((n + 1, 4))
    A[0] = x
    for i in range(n):
        cur, nxt = A[i], A[i + 1]
        nxt[1:] = cur[1:] * cur[:-1]
        nxt[0] = cur[0]
        cur *= 0.5
    return np.sum(A * A)


cases.add(nested_buffers, vec(4), 3)


def tuple_swap_state(x, n):
    s = (x * 1.0, x * 0.5)
    for i in range(n):
        u, v = s
        v += u * u
        s = (v, u)
    return np.sum(s[0] * s[1])


cases.add(tuple_swap_state, vec(4), 3)


def return_tuple_aliases(x, n):
    def step(u, v):
        v[:] = np.sin(u)
        return v, u
    u, v = x * 1.0, np.zeros(4)
    for i in range(n):
        u, v = step(u, v)
        u *= 1.1
    return np.sum(u * v)


cases.add(return_tuple_aliases, vec(4), 3)


def closure_buffer(x):
    buf = np.zeros(4)
    def fill(k):
        buf[k] = x[k] * (buf[k - 1] + 1.0)
        return buf
    r = fill(0)
    for k in range(1, 4):
        s = fill(k)
    r[0] += 1.0
    return np.sum(s * s)


cases.add(closure_buffer, vec(4), refused="SRC119")


def rec_mutate(x):
    def go(v, lo, hi):
        if hi - lo < 2:
            v[lo] *= 2.0
            return
        m = (lo + hi) // 2
        go(v, lo, m)
        go(v, m, hi)
        v[lo:m] += v[m:hi]
    go(x, 0, 4)
    return np.sum(x * x)


cases.add(rec_mutate, vec(4))


def bubble(x):
    n = len(x)
    for i in range(n):
        for j in range(n - 1 - i):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = x[j + 1], x[j]
    return np.sum(x * np.arange(4.0))


cases.add(bubble, vec(4))


def row_swap(x):
    A = np.outer(x, x) + np.eye(4)
    A[[0, 2]] = A[[2, 0]]
    t = A[1].copy()
    A[1] = A[3]
    A[3] = t
    A[0], A[1] = A[1], A[0]
    return np.sum(A * np.arange(16.0).reshape(4, 4))


cases.add(row_swap, vec(4))


def bad_row_swap(x):
    A = np.outer(x, x) + np.eye(4)
    t = A[1]
    A[1] = A[3]
    A[3] = t
    return np.sum(A * np.arange(16.0).reshape(4, 4))


cases.add(bad_row_swap, vec(4))


def cond_view(x):
    y = x * 1.0
    for i in range(4):
        v = y[i:] if y[i] > 0 else y[:i + 1]
        v *= 1.0 + x[i]
    return np.sum(y * y)


cases.add(cond_view, vec(4))


def branch_alias_write_base(x):
    y = x * 1.0
    z = np.ones(4)
    w = y if x[0] > 0 else z
    y[1] = 7 * x[2]
    return np.sum(w * x)


cases.add(branch_alias_write_base, vec(4))


def loop_alias(x):
    y = x * 1.0
    w = np.ones(4)
    for i in range(3):
        w[i] = y[i] * 2
        w = y
    return np.sum(w * y * x)


cases.add(loop_alias, vec(4))


def while_view(x):
    y = x * 1.0
    v = y
    while len(v) > 1:
        v[0] = v[1] * v[0]
        v = v[1:]
    return np.sum(y * y)


cases.add(while_view, vec(4), refused="SRC119")


def saved_power(x):
    y = x * 1.0
    for i in range(3):
        y **= 2
        y += x
        y /= 1.0 + y * y
    return np.sum(y)


cases.add(saved_power, vec(4))


def saved_exp(x):
    y = np.exp(x)
    z = y
    y *= 2.0
    w = np.exp(y * 0.1)
    y[:] = w
    w += 1.0
    return np.sum(z * w)


cases.add(saved_exp, vec(4))


def sqrt_inplace(x):
    y = x * x + 1.0
    np.sqrt(y, out=y)
    z = np.sqrt(y)
    z *= 0.5
    z += y
    return np.sum(z * x)


cases.add(sqrt_inplace, vec(4))


def tanh_cell(x):
    h = np.zeros(4)
    c = np.zeros(4)
    for t in range(3):
        g = np.tanh(h + x)
        c *= g
        c += x[t]
        h = g
        h *= c
    return np.sum(h) + np.sum(c * x)


cases.add(tanh_cell, vec(4))


def strided_stencil(x):
    for t in range(3):
        x[1:-1:2] = 0.5 * (x[:-2:2] + x[2::2])
        x[2:-1:2] = x[1:-2:2] * x[3::2]
    return np.sum(x * x)


cases.add(strided_stencil, vec(6))


def red_black(A):
    for t in range(2):
        for c in (0, 1):
            A[1:-1:2, 1 + c:-1:2] = 0.25 * (A[:-2:2, 1 + c:-1:2] + A[2::2, 1 + c:-1:2]) * A[1:-1:2, c:-2:2]
    return np.sum(A * A)


cases.add(red_black, mat(4, 4))


def exception_after_write(x, y):
    x[0] = 5.0
    if np.sum(y) > -100:
        raise ValueError("late")
    return np.sum(x * y)


cases.add(exception_after_write, vec(4), vec(4, .8))


def assert_fail(x, l):
    l[0] = 3.0
    x *= 2.0
    assert l[0] < 2.0, "no"
    return np.sum(x)


cases.add(assert_fail, vec(3), [0.5, 1.5])


def index_error(x):
    x[1] *= 2.0
    for i in range(6):
        x[i] += 1.0
    return np.sum(x)


cases.add(index_error, vec(4))
