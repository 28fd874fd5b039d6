"""Generator functions, context managers made of them, iterator classes."""
from __future__ import annotations

import contextlib
import math

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def squares(xs):
    for x in xs:
        yield (x * x)


def gen_sum(x):
    return sum(squares(x))


cases.add(gen_sum, vec(5))


def gen_for(x):
    t = 0.0
    for s in squares(x):
        t = t * 0.5 + np.sin(s)
    return t


cases.add(gen_for, vec(5))


def gen_list(x):
    return np.sum(np.array(list(squares(x))) * np.arange(5.0))


cases.add(gen_list, vec(5))


def gen_zip(x):
    t = 0.0
    for a, b in zip(squares(x), x):
        t += a * b
    return t


cases.add(gen_zip, vec(5))


def gen_enum(x):
    t = 0.0
    for i, a in enumerate(squares(x)):
        t += i * a
    return t


cases.add(gen_enum, vec(5))


def gen_next(x, a):
    g = squares(x)
    p = next(g)
    q = next(g)
    return p * a + q * q


cases.add(gen_next, vec(5), 0.7)


def gen_unpack(a):

    def pair():
        yield (a * a)
        yield np.sin(a)
    p, q = pair()
    return p * q


cases.add(gen_unpack, 0.7)


def gen_break(x):
    t = 0.0
    for s in squares(x):
        if s > 1.0:
            break
        t += s
    return t


cases.add(gen_break, vec(5))


def newton(f0, x):
    while True:
        x = x - (x * x - f0) / (2 * x)
        yield x


def gen_infinite(a):
    old = a
    for x in newton(a, 1.0):
        if abs(x - old) < 1e-12:
            break
        old = x
    return x


cases.add(gen_infinite, 2.0)


def evens(xs):
    for i, x in enumerate(xs):
        if i % 2 == 0:
            yield x


def gen_filtered(x):
    return sum((v ** 3 for v in evens(x)))


cases.add(gen_filtered, vec(5))


def chainy(xs):
    yield from squares(xs)
    yield from evens(xs)


def gen_from(x):
    t = 1.0
    for v in chainy(x):
        t = t + v * t * 0.1
    return t


cases.add(gen_from, vec(5))


def fib(a, b, n):
    for _ in range(n):
        yield a
        a, b = (b, a * b + 1.0)


def gen_state(a, b):
    return sum(fib(a, b, 5))


cases.add(gen_state, 0.5, 0.6)


def gen_pipeline(x):

    def scaled(it, k):
        for v in it:
            yield (v * k)
    return sum(scaled(scaled(squares(x), 2.0), x[0]))


cases.add(gen_pipeline, vec(5))


def rk4(f, y, t, dt, n):
    for i in range(n):
        k1 = f(t, y)
        k2 = f(t + dt / 2, y + dt / 2 * k1)
        k3 = f(t + dt / 2, y + dt / 2 * k2)
        k4 = f(t + dt, y + dt * k3)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t = t + dt
        yield (t, y)


def gen_rk4(a, y0):
    f = lambda t, y: np.array([y[1], -a * y[0]])
    s = 0.0
    for t, y in rk4(f, y0, 0.0, 0.1, 10):
        s += y[0] ** 2 * t
    return s


cases.add(gen_rk4, 0.7, np.array([1.0, 0.5]))


def gen_rk4_list(a, y0):
    f = lambda t, y: np.array([y[1], -a * y[0]])
    ys = [y for t, y in rk4(f, y0, 0.0, 0.1, 10)]
    return np.sum(np.array(ys) ** 2)


cases.add(gen_rk4_list, 0.7, np.array([1.0, 0.5]))


def early(xs, k):
    for x in xs:
        if x * k > 5.0:
            return
        yield (x * k)


def gen_return(x, k):
    t = 0.0
    for v in early(x, k):
        t += v
    return t


cases.add(gen_return, vec(5), 0.7)


def batches(x, n):
    for i in range(0, len(x), n):
        yield x[i:i + n]


def gen_batches(x):
    t = 0.0
    for b in batches(x, 2):
        t += np.sum(b) ** 2
    return t


cases.add(gen_batches, vec(5))


@contextlib.contextmanager
def scaled_by(k):
    print('enter') if False else None
    yield (k * k)


def ctx_simple(a):
    with scaled_by(a) as s:
        r = s * a
    return r


cases.add(ctx_simple, 0.7)


@contextlib.contextmanager
def cleanup(log):
    log.append(1)
    try:
        yield 3.0
    finally:
        log.append(2)


def ctx_finally(a):
    log = []
    with cleanup(log) as v:
        r = a * a * v
    return r * len(log)


cases.add(ctx_finally, 0.7)


def ctx_suppress(a):
    r = a
    with contextlib.suppress(ValueError):
        r = a * a
        if a > 0:
            raise ValueError('x')
        r = r * 2
    return r * a


cases.add(ctx_suppress, 0.7)


def ctx_nullcontext(a):
    with contextlib.nullcontext(a * 2) as b:
        return a * b


cases.add(ctx_nullcontext, 0.7)


class Timer:

    def __init__(self, k):
        self.k = k

    def __enter__(self):
        self.n = 1.0
        return self

    def __exit__(self, *e):
        self.n = self.k * 2
        return False


def ctx_class(a):
    with Timer(a) as t:
        r = a * t.n
    return r * t.n


cases.add(ctx_class, 0.7)


class Count:

    def __init__(self, x, n):
        self.x = x
        self.n = n

    def __iter__(self):
        self.i = 0
        return self

    def __next__(self):
        if self.i >= self.n:
            raise StopIteration
        self.i += 1
        self.x = self.x * 1.1 + 0.1
        return self.x


def iter_class(a):
    t = 0.0
    for v in Count(a, 4):
        t += v * v
    return t


cases.add(iter_class, 0.7)


class Poly:

    def __init__(self, c):
        self.c = c

    def __len__(self):
        return len(self.c)

    def __getitem__(self, i):
        return self.c[i] * 2.0


def iter_getitem(x):
    t = 1.0
    for v in Poly(x):
        t = t * 0.5 + v * v
    return t


cases.add(iter_getitem, vec(5))


class Tree:

    def __init__(self, xs):
        self.xs = xs

    def __iter__(self):
        for x in self.xs:
            yield (x * 2.0)


def iter_method_gen(x):
    return sum((v * v for v in Tree(x)))


cases.add(iter_method_gen, vec(5))


def iter_iter(x):
    it = iter(x)
    first = next(it)
    t = first * first
    for v in it:
        t += v * first
    return t


cases.add(iter_iter, vec(5))


def iter_next_loop(x):
    it = iter(x)
    t = 0.0
    while True:
        try:
            v = next(it)
        except StopIteration:
            break
        t += v * v
    return t


cases.add(iter_next_loop, vec(5))


def iter_next_default(x):
    it = iter(x)
    t = 0.0
    v = next(it, None)
    while v is not None:
        t += v * v
        v = next(it, None)
    return t


cases.add(iter_next_default, vec(5))


def gen_max(x):
    return max(squares(x))


cases.add(gen_max, vec(5))


def gen_any(x):
    return x[0] * 2 if any((v > 1 for v in squares(x))) else x[1]


cases.add(gen_any, vec(5))


def gen_recursive(a):

    def walk(t):
        if isinstance(t, tuple):
            for u in t:
                yield from walk(u)
        else:
            yield (t * a)
    return sum(walk((1.0, (2.0, 3.0 * a))))


cases.add(gen_recursive, 0.5)


def gen_while(a, n):

    def it(x):
        k = 0
        while k < n:
            yield x
            x = x * a + 1
            k += 1
    return sum(it(a))


cases.add(gen_while, 0.5, 4)


def genexpr_kept(x):
    g = (v * v for v in x)
    t = 0.0
    for v in g:
        t += v
    return t


cases.add(genexpr_kept, vec(5))


def genexpr_passed(x):

    def total(it):
        t = 0.0
        for v in it:
            t += v * v
        return t
    return total((v * 2 for v in x))


cases.add(genexpr_passed, vec(5))


def gen_send(x):

    def acc():
        t = 0.0
        while True:
            v = (yield t)
            t += v * v
    g = acc()
    next(g)
    r = 0.0
    for v in x:
        r = g.send(v)
    return r


cases.add(gen_send, vec(5))
