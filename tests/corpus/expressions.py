"""Expressions."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


# ---- operators -------------------------------------------------------------------------------------------------------
def arithmetic(a, b):
    return (a + b) * (a - b) / (1.0 + a * b) - -a + +b


cases.add(arithmetic, 0.7, 1.3)


def reflected(a):
    return 2 + a - (3 - a) * 4 / (5 / a) + 2**a


cases.add(reflected, 0.7)


def division(a, b):
    return a / b + 1 / a + b / 3


cases.add(division, 0.7, 1.3)


def floor_division(a, b):
    return a * 7.0 // b + a


cases.add(floor_division, 0.7, 1.3, insensitive=True)


def remainder(a, b):
    return (a * 7.0) % b + 2.0 * ((-a * 5.0) % b)


cases.add(remainder, 0.7, 1.1)


def power_const(a):
    return a**2 + a**3 + a**-1 + a**0.5 + a**0 + a**1


cases.add(power_const, 0.7)


def power_negative_base(a):
    return a**2 + a**3 + a**-2


cases.add(power_negative_base, -0.7)


def power_both(a, b):
    return a**b + b**a


cases.add(power_both, 0.7, 1.3)


def power_zero_base(a, b):
    return a**2 + a**1 * b + a**0 * b


cases.add(power_zero_base, 0.0, 1.3)


def power_int_exponent(a, n):
    return a**n + 2.0**a


cases.add(power_int_exponent, 0.7, 3)


def power_array(x, a):
    return np.sum(x**2 + np.abs(x) ** a + a**x)


cases.add(power_array, vec(3), 1.4)


def unary(a, x):
    return -a * np.sum(-x) + (+a) * np.sum(+x)


cases.add(unary, 0.7, vec(3))


def matmul_vectors(x, y):
    return x @ y


cases.add(matmul_vectors, vec(3), vec(3, 0.7))


def matmul_matrix_vector(m, x):
    return np.sum(np.sin(m @ x)) + np.sum((x @ m.T) ** 2)


cases.add(matmul_matrix_vector, mat(2, 3), vec(3))


def matmul_matrices(m, n):
    return np.sum(np.tanh(m @ n))


cases.add(matmul_matrices, mat(2, 3), mat(3, 4, 0.5))


def matmul_stacked(m, n):
    return np.sum((m @ n) ** 2)


cases.add(matmul_stacked, vec(12).reshape(2, 2, 3), mat(3, 2))


def bitwise(a, n):
    m = (n & 6) | 1
    m = (m ^ 3) << 2
    k = ~m >> 1
    return a * m + a**2 * k


cases.add(bitwise, 0.7, 5)


def bitwise_masks(x):
    mask = (x > 0.0) & (x < 0.8) | (x < -0.2)
    return np.sum(x[mask] ** 2) + np.sum(x[~mask])


cases.add(bitwise_masks, vec(6))


def comparison_values(a, b):
    return (a > b) * a + (a <= b) * b + (a == a) * a * b


cases.add(comparison_values, 0.7, 1.3)


def chained_comparison(a, b):
    if 0.0 < a < b < 2.0:
        return a * b
    return a - b


cases.add(chained_comparison, 0.7, 1.3)
cases.add(chained_comparison, 0.7, 0.3)


def chained_once(x):
    if 0 < x.pop() < 5:
        return x[0] * x[1]
    return x[0]


cases.add(chained_once, [0.4, 0.3, 1.0], insensitive=True)


def boolean_short(a, b):
    if a > 0 and 1 / a > 1 and b:
        return a * b
    if a < 0 or b / a > 1.0:
        return a + b
    return b


cases.add(boolean_short, 0.7, 1.3)
cases.add(boolean_short, -0.7, 1.3)
cases.add(boolean_short, 0.0, 0.0, smooth=False, wrt=(0, 1), insensitive=True)


def boolean_values(a, b):
    c = a and b
    d = 0.0 or a * b
    e = a > 5 or b
    return c * d * e


cases.add(boolean_values, 0.7, 1.3)


def boolean_not(a, b):
    if not a > b:
        return a * b
    return a


cases.add(boolean_not, 0.7, 1.3)


def boolean_default(a, b=None):
    b = b or 2.0
    return a * b


cases.add(boolean_default, 0.7)


def identity(a, b=None):
    if b is None:
        return a * a
    if a is not b:
        return a * b
    return b


cases.add(identity, 0.7)
cases.add(identity, 0.7, 0.4)


def membership(a, kind):
    if kind in ("sin", "cos"):
        a = a * 2.0
    if kind not in {"tan": 1}:
        a = a * a
    return a


cases.add(membership, 0.7, "sin")
cases.add(membership, 0.7, "tan")


def conditional(a, b):
    c = a if a > b else b * b
    return c * (1.0 if c > 2 else a)


cases.add(conditional, 0.7, 1.3)


def conditional_nested(a, b):
    return a * b if a > 5 else b * b if b < 1 else a - b * a


cases.add(conditional_nested, 0.7, 1.3)


def walrus(a, b):
    if (c := a * b) > 0.5 and (d := c * c) > 0.1:
        return c * d
    return c


cases.add(walrus, 0.7, 1.3)
cases.add(walrus, 0.3, 1.3)


def walrus_in_argument(a):
    y = math.sin(t := a * 2.0) * t
    return y + t


cases.add(walrus_in_argument, 0.7)


def walrus_in_comprehension(x):
    kept = [t * e for e in x if (t := e * e) > 0.1]
    return sum(kept) + t


cases.add(walrus_in_comprehension, vec(4))


def fstring(a, b):
    label = f"{a:.2f}|{b!r:>8}|{a + b}"
    return a * b * len(label)


cases.add(fstring, 0.75, 1.3, smooth=False)


def long_sum(a, b):
    return a + b + a * b + a + b + a * a + b * b + a + a * b * a + b + a - b - a * b * b + a * a * a - b + a + b * b * b * a + a + b + a


cases.add(long_sum, 0.7, 1.3)


# ---- comprehensions --------------------------------------------------------------------------------------------------
def comprehension_list(x, a):
    squares = [e * e * a for e in x]
    return squares[0] + 2.0 * squares[-1]


cases.add(comprehension_list, vec(3), 0.7)


def comprehension_if(x):
    return sum([e * e for e in x if e > 0.2])


cases.add(comprehension_if, vec(5), insensitive=True)


def comprehension_nested(x):
    return sum([p * q for p in x for q in x if p > q])


cases.add(comprehension_nested, vec(4))


def comprehension_of_comprehension(x):
    rows = [[p * q for q in x] for p in x]
    return sum([sum(row) * row[0] for row in rows])


cases.add(comprehension_of_comprehension, vec(3))


def comprehension_scope(a, x):
    e = a
    total = sum([e * 2.0 for e in x])
    return total * e


cases.add(comprehension_scope, 0.7, vec(3))


def comprehension_dict(x):
    d = {i: e * e for i, e in enumerate(x)}
    return d[0] * d[2]


cases.add(comprehension_dict, vec(3))


def comprehension_to_array(x, a):
    return np.sum(np.array([math.sin(e * a) for e in x]))


cases.add(comprehension_to_array, vec(3), 0.7)


def comprehension_zip(x, y):
    return math.prod([p + q for p, q in zip(x, y)])


cases.add(comprehension_zip, vec(3), vec(3, 0.8))


def generator_sum(x):
    return sum(e * e for e in x)


cases.add(generator_sum, vec(4))


def generator_max(x, a):
    return max(e * a for e in x) * min(e + a for e in x)


cases.add(generator_max, vec(4), 0.7)


def generator_any_all(x, a):
    if any(e > 0.5 for e in x) and all(e > -5 for e in x):
        return a * x[0]
    return a


cases.add(generator_any_all, vec(3), 0.7)


def generator_start(x, a):
    return sum((e * a for e in x), a)


cases.add(generator_start, vec(3), 0.7)


def generator_next(x, a):
    first = next(e for e in x if e < 0.1)
    return first * a


cases.add(generator_next, vec(4), 0.7)


def generator_lazy(x):
    seen = []
    found = any(seen.append(i) or e < 0.1 for i, e in enumerate(x))
    return x[0] * len(seen) * found


cases.add(generator_lazy, vec(4))


# ---- displays, attributes --------------------------------------------------------------------------------------------
def display_tuple(a, b):
    t = (a, b, a * b)
    return t[0] * t[2] + t[-2]


cases.add(display_tuple, 0.7, 1.3)


def display_nested(a, b):
    t = ((a, b), [a * b, (b,)])
    return t[0][1] * t[1][0] + t[1][1][0] ** 2


cases.add(display_nested, 0.7, 1.3)


def display_starred(a, b):
    first = [a, b]
    t = [*first, a * b, *first]
    return t[2] * t[4] + len(t) * t[0]


cases.add(display_starred, 0.7, 1.3)


def display_dict(a, b):
    d = {"p": a, "q": {"r": a * b}}
    return d["p"] * d["q"]["r"]


cases.add(display_dict, 0.7, 1.3)


def display_dict_merge(a, b):
    d = {"p": a, "q": b}
    e = {**d, "q": a * b}
    return e["p"] * e["q"]


cases.add(display_dict_merge, 0.7, 1.3)


def display_list_ops(a, b):
    t = [a] + [b] * 3
    u = t[1:3] + [a * b]
    return u[0] * u[-1] * len(t)


cases.add(display_list_ops, 0.7, 1.3)


def display_append(a, n):
    out = []
    for i in range(n):
        out.append(a * i + a**2)
    return out[-1] * out[0] + sum(out)


cases.add(display_append, 0.7, 4)


def display_append_reads_last(a, n):
    out = [a]
    for _ in range(n):
        y = out[-1] * a + 0.1
        out.append(y)
    return out[-1] * out[1]


cases.add(display_append_reads_last, 0.7, 4)


def attribute_array(x, m):
    return np.sum(m.T @ m) + x.size * np.sum(x) + m.shape[0] * m[0, 0] + x.ndim * x[0] + float(x.dtype == np.float64)


cases.add(attribute_array, vec(3), mat(2, 2))


def lambda_expression(a, b):
    f = lambda t, s=2.0: t * s + a  # noqa: E731
    return f(b) * f(a, 3.0)


cases.add(lambda_expression, 0.7, 1.3)


def lambdas_on_one_line(a, b):
    f, g = (lambda t: t * t), (lambda t: t * b)
    return f(a) + g(a) * f(b)


cases.add(lambdas_on_one_line, 0.7, 1.3)


def order_of_evaluation(a, b):
    trace = []

    def seen(v, tag):
        trace.append(tag)
        return v

    y = seen(a, 1) * seen(b, 2) + (seen(b, 3) if seen(True, 4) else seen(a, 5))
    return y * (trace == [1, 2, 4, 3])


cases.add(order_of_evaluation, 0.7, 1.3)
