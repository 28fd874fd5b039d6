"""Calls."""
from __future__ import annotations

import functools
import math
import operator

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


# ---- functions -------------------------------------------------------------------------------------------------------
def square(t):
    return t * t


def scaled(t, factor=2.0, *, shift=0.0):
    return t * factor + shift


def mean_of(*items):
    total = 0.0
    for item in items:
        total += item
    return total / len(items)


def mixed(first, /, second, *rest, key=1.0, **more):
    total = first * second * key
    for r in rest:
        total += r * first
    for name in more:  # noqa: PLC0206
        total += more[name] * second
    return total


def pair_of(t, u):
    return t * u, t + u


def call_plain(a, b):
    return square(a) * square(b) + square(a * b)


cases.add(call_plain, 0.7, 1.3)


def call_default(a):
    return scaled(a) * scaled(a, 3.0)


cases.add(call_default, 0.7)


def call_keyword(a, b):
    return scaled(factor=a, t=b) + scaled(a, shift=b)


cases.add(call_keyword, 0.7, 1.3)


def call_star(a, b):
    args = (a, b)
    return mean_of(a, b, a * b) * mean_of(*args) + mean_of(*[a], b, *(b, 1.0))


cases.add(call_star, 0.7, 1.3)


def call_star_array(x):
    return mean_of(*x) * square(*x[:1])


cases.add(call_star_array, vec(3))


def call_double_star(a, b):
    options = {"factor": b, "shift": a}
    return scaled(a, **options) + scaled(a, **dict(factor=2.0))


cases.add(call_double_star, 0.7, 1.3)


def call_mixed(a, b):
    return mixed(a, b, b, 2.0, key=a, extra=b, other=0.5) + mixed(a, second=b) + mixed(a, b, *(a, b), **{"key": 3.0})


cases.add(call_mixed, 0.7, 1.3)


def call_two_results(a, b):
    p, q = pair_of(a, b)
    r = pair_of(p, q)
    return r[0] * p + r[1]


cases.add(call_two_results, 0.7, 1.3)


def call_chain(a, n):
    for _ in range(n):
        a = square(a) - 0.5
    return a


cases.add(call_chain, 0.7, 4)


def call_in_loop_with_exit(a, n):
    def step(t):
        for i in range(3):
            t = t * 0.9 + i
            if t > 2.0:
                return t * a
        return t

    s = a
    for _ in range(n):
        s = math.sin(step(s))
    return s


cases.add(call_in_loop_with_exit, 0.7, 3)


def returns_nothing(t):
    if t > 100.0:
        raise ValueError


def call_for_effect(a):
    returns_nothing(a)
    return a * a


cases.add(call_for_effect, 0.7)


def early(t):
    if t < 0:
        return 0.0
    u = t * t
    if u > 1.0:
        return u
    return u * t


def call_early_return(a, b):
    return early(a) + early(b) * early(a * b) + early(-a) * a


cases.add(call_early_return, 0.7, 1.3)


def array_callee(x, s):
    y = np.sin(x) * s
    return y, np.sum(y)


def call_with_arrays(x, a):
    y, total = array_callee(x, a)
    z, _ = array_callee(y[::-1], total)
    return np.sum(z * x)


cases.add(call_with_arrays, vec(3), 0.7)


def returns_argument(x):
    return x


def call_returns_argument(x):
    y = returns_argument(x)
    return np.sum(y * x) * y[0]


cases.add(call_returns_argument, vec(3))


def call_same_argument_twice(x):
    def inner(u, v):
        return np.sum(u * v) + u[0] * v[1]

    return inner(x, x) * inner(x, x[::-1])


cases.add(call_same_argument_twice, vec(3))


# ---- recursion -------------------------------------------------------------------------------------------------------
def power(x, n):
    if n == 0:
        return 1.0
    h = power(x, n // 2)
    if n % 2 == 0:
        return h * h
    return h * h * x


cases.add(power, 1.01, 13)
cases.add(power, 1.01, 0, insensitive=True)


def tree(w, lo, hi):
    if hi - lo == 1:
        return math.sin(w[lo])
    mid = (lo + hi) // 2
    left = tree(w, lo, mid)
    right = tree(w, mid, hi)
    return left * right + left


cases.add(tree, vec(6), 0, 6)
cases.add(tree, [0.3, 0.5, 0.9, 1.2], 0, 4)


def fib(x, n):
    if n < 2:
        return x if n else 1.0
    return fib(x, n - 1) * x + fib(x, n - 2)


cases.add(fib, 0.8, 6)


def is_even(x, n):
    if n == 0:
        return x
    return is_odd(x * 1.1, n - 1)


def is_odd(x, n):
    if n == 0:
        return -x * x
    return is_even(math.sin(x), n - 1)


def recursion_mutual(a, n):
    return is_even(a, n) * a


cases.add(recursion_mutual, 0.7, 5)


def recursion_slices(x):
    if len(x) == 1:
        return x[0]
    return x[0] * recursion_slices(x[1:]) + x[-1]


cases.add(recursion_slices, vec(4))


def recursion_inner(a, n):
    def go(t, k):
        return t if k == 0 else go(math.sin(t) * a, k - 1)

    return go(a, n)


cases.add(recursion_inner, 0.7, 3)


def recursion_tuple(a, n):
    if n == 0:
        return a, 1.0
    p, q = recursion_tuple(a, n - 1)
    return p * a, p + q


def recursion_of_pairs(a, n):
    p, q = recursion_tuple(a, n)
    return p * q


cases.add(recursion_of_pairs, 0.7, 3)


# ---- closures and functions as values --------------------------------------------------------------------------------
def closure_active(a, b):
    c = a * b

    def inner(t):
        return t * c + a

    return inner(b) * inner(c)


cases.add(closure_active, 0.7, 1.3)


def closure_of_closure(a, b):
    def outer(t):
        def inner(u):
            return u * t * b

        return inner(a) + inner(t)

    return outer(a * b)


cases.add(closure_of_closure, 0.7, 1.3)


def closure_in_loop(a, n):
    s = a
    for i in range(n):
        f = lambda t, i=i: t * (i + 1) + a
        s = math.sin(f(s))
    return s


cases.add(closure_in_loop, 0.7, 3)


def closure_array(x, a):
    w = np.sin(x) * a

    def rhs(v):
        return v * w + x

    v = x
    for _ in range(3):
        v = v + 0.1 * rhs(v)
    return np.sum(v)


cases.add(closure_array, vec(3), 0.7)


def make_scaler(k):
    def scale(t):
        return t * k

    return scale


def closure_returned(a, b):
    f = make_scaler(a)
    g = make_scaler(f(b))
    return f(b) * g(a)


cases.add(closure_returned, 0.7, 1.3)

TRIPLE = make_scaler(3.0)


def closure_global(a):
    return TRIPLE(a) * a


cases.add(closure_global, 0.7)


def apply(f, t, times=1):
    for _ in range(times):
        t = f(t)
    return t


def function_argument(a):
    return apply(square, a) * apply(math.sin, a, 2) + apply(lambda t: t * a, a, times=3)


cases.add(function_argument, 0.7)


def rk4(f, y, t, h):
    k1 = f(t, y)
    k2 = f(t + 0.5 * h, y + 0.5 * h * k1)
    k3 = f(t + 0.5 * h, y + 0.5 * h * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


def function_rhs(y0, alpha, beta):
    def rhs(t, y):
        return np.array([alpha * y[0] - y[0] * y[1], -beta * y[1] + y[0] * y[1] * math.cos(t)])

    y = y0
    for i in range(4):
        y = rk4(rhs, y, 0.1 * i, 0.1)
    return y[0] * y[1]


cases.add(function_rhs, np.array([1.0, 0.5]), 1.1, 0.4)


def function_table(a, name):
    table = {"sin": math.sin, "square": square, "three": TRIPLE}
    return table[name](a) * a


cases.add(function_table, 0.7, "square")
cases.add(function_table, 0.7, "sin")


def function_choice(a):
    f = math.sin if a > 0.5 else math.cos
    return f(a) * a


cases.add(function_choice, 0.7)


def function_list(a):
    for f in (math.sin, square, math.exp):
        a = f(a)
    return a


cases.add(function_list, 0.7)


def partial_object(a, b):
    f = functools.partial(scaled, factor=b)
    return f(a) * f(b, shift=a)


cases.add(partial_object, 0.7, 1.3)

HALVED = functools.partial(scaled, factor=0.5, shift=1.0)


def partial_global(a):
    return HALVED(a) * a


cases.add(partial_global, 0.7)


def reduce_call(a, b):
    return functools.reduce(lambda p, q: p * q + a, [a, b, a * b])


cases.add(reduce_call, 0.7, 1.3)


def operator_module(a, b):
    return operator.mul(a, b) + operator.truediv(a, operator.add(b, 1.0)) - operator.neg(a)


cases.add(operator_module, 0.7, 1.3)


# ---- decorated -------------------------------------------------------------------------------------------------------
def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return 2.0 * f(*args, **kwargs)

    return wrapper


@doubled
def decorated_inner(t, u=1.5):
    return t * t * u


def decorated_call(a, b):
    return decorated_inner(a) + decorated_inner(a, u=b) * b


cases.add(decorated_call, 0.7, 1.3)


def doubled_pair(f):
    @functools.wraps(f)
    def wrapper(first, second):
        return 2.0 * f(first, second)

    return wrapper


@doubled_pair
def decorated_entry(a, b):
    return a * b * b


cases.add(decorated_entry, 0.7, 1.3)


@functools.lru_cache(maxsize=None)
def cached(n):
    return 1.0 / (n + 1)


def lru_constant(a):
    s = 0.0
    for i in range(4):
        s += cached(i) * a**i
    return s


cases.add(lru_constant, 0.7)


@functools.lru_cache(maxsize=None)
def cached_active(t):
    return t * t + 1.0


def lru_active(a):
    return cached_active(a) * a


cases.add(lru_active, 0.7)
