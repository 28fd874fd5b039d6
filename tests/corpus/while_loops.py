"""`while`."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases

cases = Cases()


# ---- while -----------------------------------------------------------------------------------------------------------
def while_count(a):
    k = 0
    s = a
    while k < 4:
        s = s * a + k
        k += 1
    return s


cases.add(while_count, 0.7)


def while_tolerance(a):
    x = 1.0
    while abs(x * x - a) > 1e-10:
        x = 0.5 * (x + a / x)
    return x


cases.add(while_tolerance, 2.3, rtol=1e-7)


def while_true_break(m, e):
    z = m
    while True:
        r = z - e * math.sin(z) - m
        if abs(r) < 1e-13:
            break
        z = z - r / (1.0 - e * math.cos(z))
    return z


cases.add(while_true_break, 0.8, 0.6, rtol=1e-7)


def while_no_trip(a, b):
    while a > 100.0:
        a = a * b
    return a * b


cases.add(while_no_trip, 0.7, 1.3)


def while_else(a):
    s = a
    while s < 3.0:
        s = s * 1.7
    else:
        s = s * a
    return s


cases.add(while_else, 0.7)


def while_else_broken(a):
    s = a
    while s < 3.0:
        s = s * 1.7
        if s > 1.0:
            break
    else:
        s = s * a
    return s * s


cases.add(while_else_broken, 0.7)


def while_continue(a):
    k, s = 0, a
    while k < 6:
        k += 1
        if k % 2 == 0:
            continue
        s = math.sin(s) * k
    return s


cases.add(while_continue, 0.7)


def while_return(a):
    s = a
    while True:
        s = s * 1.3 + 0.1
        if s > 2.0:
            return s * s


cases.add(while_return, 0.7)


def while_walrus(a):
    k, s = 0, a
    while (t := s * 1.4) < 3.0:
        s = t + 0.1 * a
        k += 1
    return s * t + k


cases.add(while_walrus, 0.7)


def while_and(x):
    i, s = 0, 0.0
    while i < len(x) and x[i] > 0:
        s += x[i] ** 2
        i += 1
    return s


cases.add(while_and, np.array([0.4, 0.8, -0.3, 0.9]))
cases.add(while_and, np.array([0.4, 0.8, 0.3]))


def while_bisection_cut(a):
    lo, hi = 0.0, 2.0
    for _ in range(3):
        mid = 0.5 * (lo + hi)
        if mid * mid > a:
            hi = mid
        else:
            lo = mid
    return lo * a


cases.add(while_bisection_cut, 1.3)
