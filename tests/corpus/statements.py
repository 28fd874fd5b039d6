"""Statements."""
from __future__ import annotations

import contextlib
import math
import warnings

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()
GAIN = 1.7


# ---- assignment ------------------------------------------------------------------------------------------------------
def assign_chained(a, b):
    p = q = a * b
    r = p
    q = q + 1.0
    return p * q * r


cases.add(assign_chained, 0.7, 1.3)


def assign_unpack(a, b):
    p, q = a * b, a + b
    (r, s), t = (p, q), p * q
    return r * math.sin(s) + t


cases.add(assign_unpack, 0.7, 1.3)


def assign_unpack_list(a, b):
    [p, q] = [a * a, b * a]
    return p / (1.0 + q * q)


cases.add(assign_unpack_list, 0.7, 1.3)


def assign_starred(a, b):
    first, *middle, last = a, a * b, b, a - b, b * b
    return first * last + sum(middle) * len(middle)


cases.add(assign_starred, 0.7, 1.3)


def assign_starred_front(x):
    *rest, last = x
    total = 0.0
    for e in rest:
        total += e * last
    return total


cases.add(assign_starred_front, vec(4))


def assign_annotated(a, b):
    p: float = a * b
    q: float
    q = p * p
    return q + a


cases.add(assign_annotated, 0.7, 1.3)


def assign_swap(a, b):
    for _ in range(3):
        a, b = b, a * 0.5 + b
    return a * math.sin(b)


cases.add(assign_swap, 0.7, 1.3)


def assign_rotate(a, b, c):
    a, b, c = b, c, a
    a, b, c = c * 1.0, a, b
    return a + 2.0 * b * b + 3.0 * c * c * c


cases.add(assign_rotate, 0.7, 1.3, 0.4)


def assign_array_elements(x):
    p, q, r = x
    return p * q - r * r


cases.add(assign_array_elements, vec(3))


def assign_rebind_kind(a, x):
    t = a * 2.0
    total = t
    t = np.sin(x) * t
    total += float(np.sum(t))
    t = [total, a]
    return t[0] * t[1]


cases.add(assign_rebind_kind, 0.7, vec(3))


def assign_self(x, a):
    x = x
    y = x
    x = x * a
    return np.sum(x * y)


cases.add(assign_self, vec(3), 0.8)


def assign_unused(a, b):
    waste = math.exp(a) * b
    waste = waste * 2.0  # noqa: F841
    return a * b


cases.add(assign_unused, 0.7, 1.3)


# ---- augmented assignment --------------------------------------------------------------------------------------------
def augmented_all(a, b):
    s = a
    s += b
    s *= a
    s -= b * b
    s /= 1.0 + a * a
    s **= 2
    s %= 5.0
    return s


cases.add(augmented_all, 0.7, 1.3)


def augmented_int_start(x):
    s = 0
    for e in x:
        s += e * e
    return s


cases.add(augmented_int_start, vec(4))


def augmented_int_counter(a):
    n = 0
    s = 1.0
    while n < 5:
        n += 1
        s *= a + n
    return s


cases.add(augmented_int_counter, 0.7)


def augmented_product(x):
    p = 1
    for e in x:
        p *= e
    return p


cases.add(augmented_product, vec(4))


def augmented_floor(a, b):
    s = a * 7.3
    s //= 2
    return s * b + a


cases.add(augmented_floor, 0.7, 1.3)


# ---- if --------------------------------------------------------------------------------------------------------------
def if_plain(a, b):
    y = a
    if a > b:
        y = a * b
    return y * y


cases.add(if_plain, 0.7, 0.3)
cases.add(if_plain, 0.3, 0.7, wrt=(0,))


def if_elif(a, b):
    if a < 0.0:
        y = -a * b
    elif a < 0.5:
        y = math.sin(a) * b
    elif a < 1.0:
        y = a**3 - b
    else:
        y = b
    return y


cases.add(if_elif, -0.7, 0.3)
cases.add(if_elif, 0.4, 0.3)
cases.add(if_elif, 0.9, 0.3)
cases.add(if_elif, 1.9, 0.3, insensitive=True)


def if_nested(a, b):
    y = 0.0
    if a > 0:
        if b > 0:
            y = a * b
        else:
            y = a - b * b
        y = y * y
    elif b > 0:
        y = b**3 * a
    return y


cases.add(if_nested, 0.7, 0.3)
cases.add(if_nested, 0.7, -0.3)
cases.add(if_nested, -0.7, 0.3)


def if_same_atom(a, b, c):
    r = c
    if c > 0:
        r = b
    else:
        r = b
    return r * a


cases.add(if_same_atom, 0.7, 0.3, 0.2, wrt=(0, 1))


def if_one_side_only(a, b):
    if a > 0:
        t = a * b
    if a > 0:
        return t * t
    return b * a


cases.add(if_one_side_only, 0.7, 0.3)


def if_overwrites_condition(a, b):
    if a > b:
        a = a * b - 5.0
    else:
        b = a
    return a * b * b


cases.add(if_overwrites_condition, 0.7, 0.3)


def if_pass(a, b):
    if a > b:
        pass
    else:
        a = b
    return a * 2.0 + b * a


cases.add(if_pass, 0.7, 0.3)


def if_array_truth(x, a):
    if x.size and x[0] > 0:
        return np.sum(x) * a
    return a * np.sum(x * x)


cases.add(if_array_truth, vec(3), 0.5)


# ---- return ----------------------------------------------------------------------------------------------------------
def return_early(a, b):
    if a > b:
        return a * b
    c = a * a
    if c > 0.01:
        return c * b
    return c + b


cases.add(return_early, 0.7, 0.3)
cases.add(return_early, 0.2, 0.3)
cases.add(return_early, 0.05, 0.3)


def return_in_both(a, b):
    if a > b:
        return a * b
    else:
        return a - b * b


cases.add(return_in_both, 0.7, 0.3)


def return_constant(a, b):
    if a > 5.0:
        return 0.0
    return a * b


cases.add(return_constant, 6.0, 0.3, insensitive=True)
cases.add(return_constant, 0.6, 0.3)


def return_argument(a, b):
    return a


cases.add(return_argument, 0.6, 0.3, insensitive=True)


# ---- assert, raise, del, pass, docstring, import ---------------------------------------------------------------------
def assert_holds(a, x):
    assert a > 0, "positive"
    assert x.ndim == 1
    return a * np.sum(x)


cases.add(assert_holds, 0.6, vec(3))


def assert_fails(a):
    b = a * 2.0
    assert b < 1.0, f"too big: {b}"
    return b


cases.add(assert_fails, 0.6)


def raise_plain(a):
    if a > 0.5:
        raise ValueError("too big")
    return a * a


cases.add(raise_plain, 0.6)
cases.add(raise_plain, 0.4)


def raise_in_loop(x):
    s = 0.0
    for i, e in enumerate(x):
        if e < 0:
            raise ArithmeticError(f"negative at {i}")
        s += math.sqrt(e)
    return s


cases.add(raise_in_loop, np.array([0.4, 0.5, -0.2]))
cases.add(raise_in_loop, np.array([0.4, 0.5, 0.2]))


def raise_of_python(a):
    return math.sqrt(a - 1.0) + a


cases.add(raise_of_python, 0.4)


def raise_index(x):
    return x[0] * x[7]


cases.add(raise_index, vec(3))


def raise_division(a):
    z = a - a
    return a / z


cases.add(raise_division, 0.4)


def delete_name(a, b):
    t = a * b
    u = t * t
    del t
    return u


cases.add(delete_name, 0.6, 0.3)


def documented(a, b):
    """Says what it does."""
    "a string that nobody reads"
    ...
    return a * b


cases.add(documented, 0.6, 0.3)


def import_local(a, b):
    import math as m
    from math import sin

    return sin(a) * m.exp(b)


cases.add(import_local, 0.6, 0.3)


def global_read(a):
    return a * GAIN + math.pi * a


cases.add(global_read, 0.6)


# ---- with ------------------------------------------------------------------------------------------------------------
def with_errstate(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), x * x)
        z = np.ones(3) / (x * 0.0)
    return np.sum(y) + float(np.isinf(z[0]))


cases.add(with_errstate, vec(3))


def with_warnings(a):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        b = a * a
    return b * a


cases.add(with_warnings, 0.6)


def with_return(a):
    with np.errstate(all="ignore"):
        if a > 0.5:
            return a * a
        b = a * 3.0
    return b


cases.add(with_return, 0.6)
cases.add(with_return, 0.4)


def with_nullcontext(a, b):
    with contextlib.nullcontext():
        c = a * b
    return c * c


cases.add(with_nullcontext, 0.6, 0.4)


def with_two(a):
    with np.errstate(all="ignore"), contextlib.nullcontext():
        c = a * a
        for i in range(3):
            c = c * a + i
    return c


cases.add(with_two, 0.6)


def with_suppress(a):
    c = a
    with contextlib.suppress(ZeroDivisionError):
        c = a * a
        1 / 0  # noqa: B018
    return c * a


cases.add(with_suppress, 0.6)
