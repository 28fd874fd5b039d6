"""Variables that several functions share: `nonlocal`, and captured ones that are assigned again."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()


def counter(a, b):
    total = a

    def add(x):
        nonlocal total
        total += x * b
        return total

    first = add(a)
    add(b)
    return total * first


cases.add(counter, 0.9, 0.4)


def counter_in_a_loop(a, n):
    value, steps = a, 0

    def step():
        nonlocal value, steps
        value = value * 1.1 + a
        steps += 1

    for _ in range(n):
        step()
    return value / steps


cases.add(counter_in_a_loop, 0.9, 12)


def parameter_shared(a, b):
    def scale(k):
        nonlocal a
        a = a * k

    scale(b)
    scale(3.0)
    return a * b


cases.add(parameter_shared, 0.9, 0.4)


def two_levels(a):
    x = a

    def outer():
        def inner():
            nonlocal x
            x = x * a

        inner()
        inner()

    outer()
    return x


cases.add(two_levels, 0.9)


def made_counters(a, b):
    def make(start):
        n = start

        def count(k):
            nonlocal n
            n = n + k * b
            return n

        return count

    one, two = make(a), make(b)
    one(1.0)
    two(2.0)
    return one(3.0) * two(4.0)


cases.add(made_counters, 0.9, 0.4)


def rebound_later(a, b):
    k = a

    def f(x):
        return k * x

    first = f(b)
    k = a * b
    return first + f(2.0)


cases.add(rebound_later, 0.9, 0.4)


def late_binding(a):
    fs = []
    for i in range(3):
        fs.append(lambda x: x * (i + 1.0) * a)
    total = 0.0
    for f in fs:
        total += f(a)
    return total


cases.add(late_binding, 0.9)


def array_in_a_cell(x, a):
    u = np.array(x)
    old = u

    def step():
        nonlocal u, old
        old = u
        u = u + a * np.sin(u)
        u[0] = old[1]

    k = 0
    while k < 5:
        step()
        k += 1
    return np.sum(u * old)


cases.add(array_in_a_cell, vec(4), 0.3)


def branch_assigns(a, b):
    best = a

    def look(x):
        nonlocal best
        if x > best:
            best = x
        return best

    look(a * 0.5)
    look(b * 3.0)
    look(b * 2.0)
    return best**2 * a


cases.add(branch_assigns, 0.9, 0.4)


def lazily_consumed(a):
    made = map(lambda t: t * a, [1.0, 2.0])
    a = a * 5.0
    return sum(list(made)) * a


cases.add(lazily_consumed, 0.9)


def accumulated_by_a_callback(a, n):
    total = 0.0

    def visit(x, then):
        nonlocal total
        for k in range(n):
            total += x * k
        then(total)

    seen = []
    visit(a, seen.append)
    visit(a * a, lambda t: seen.append(t * 2.0))
    return total + seen[0] * seen[1]


cases.add(accumulated_by_a_callback, 0.9, 5)


def _apply(fn, s, times=2):
    s = fn(s)
    return s * times


def callback_reads_what_is_assigned_again(a, x):
    b = np.sum(x) * a
    b += a
    b = _apply(lambda t: b if [x[0] for _ in x] else t * a, b)
    return b * a


cases.add(callback_reads_what_is_assigned_again, 0.9, vec(3))


class _Holder:
    pass


def lambda_in_an_attribute(a, x):
    o = _Holder()
    o.f = lambda q: q * a
    a = a * a
    return o.f(x) * a


cases.add(lambda_in_an_attribute, 0.9, 1.3)


def lambda_under_a_key(a, x):
    table, b = {}, a * x
    table["f"] = lambda q: q * b
    b = b + np.sin(a)
    return table["f"](x) * b


cases.add(lambda_under_a_key, 0.9, 1.3)


def lambda_with_two_names(a, x):
    first = second = lambda q: q * a
    a = a * x
    return second(x) + first(a)


cases.add(lambda_with_two_names, 0.9, 1.3)


def lambda_in_a_display_and_chosen(a, x):
    table = {}
    g, table["f"] = (lambda q: q * a), (lambda q: q + a) if x > 0.0 else (lambda q: a)
    a = a * x
    return table["f"](x) * g(a)


cases.add(lambda_in_a_display_and_chosen, 0.9, 1.3)


def lambda_reads_what_its_attribute_is_called(a, x):
    o = _Holder()
    f = np.sin
    o.f = lambda q: f(q) * a
    return o.f(x)


cases.add(lambda_reads_what_its_attribute_is_called, 0.9, 1.3)
