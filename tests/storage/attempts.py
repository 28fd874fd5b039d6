"""`try` statements whose bodies write: what a handler finds, and what is read behind it."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()
X = np.array([0.9, -0.4, 1.3, 0.7, -1.1, 0.5])


def one_store_each(x):
    a = x * 1.0
    try:
        a[0] = x[1] * x[2]
        a[1] = math.sqrt(x[1])
    except ValueError:
        a[1] = 0.0
    return np.sum(a * a) + a[1]


cases.add(one_store_each, X)


def stored_in_trips(x):
    a = x * 1.0
    for i in range(6):
        try:
            a[i] = math.sqrt(x[i]) * a[i]
        except ValueError:
            a[i] = x[i] ** 2
    return np.sum(a * a) + a[1]


cases.add(stored_in_trips, X)


def stored_through_views(x):
    a = x * 1.0
    v = a[1:]
    for i in range(5):
        try:
            a[i] = math.sqrt(x[i]) * a[i]
        except ValueError:
            v[i] = x[i] ** 2
    return np.sum(v * a[:-1])


cases.add(stored_through_views, X)


def appended_in_trips(x):
    out = []
    for v in x:
        try:
            out.append(math.log(v))
        except ValueError:
            out.append(v * v)
    return sum(out) + out[1] * out[0]


cases.add(appended_in_trips, X)


def stored_before_it_raises(x):
    a = x * 1.0
    b = x * 2.0
    for i in range(6):
        try:
            a[i] = b[i] * x[i]
            b[i] = math.sqrt(x[i]) * a[i]
        except ValueError:
            b[i] = a[i] ** 2
    return np.sum(a * b)


cases.add(stored_before_it_raises, X)


def slice_first(x):
    a = x * 1.0
    try:
        a[1:] *= a[:-1]
        a[0] = math.log(x[1])
    except ValueError:
        a += 1.0
    return np.sum(a * a)


cases.add(slice_first, X)


def written_anew(x):
    a = x * 1.0
    try:
        for i in range(6):
            a[i] = math.sqrt(x[i]) * a[i - 1]
    except ValueError:
        a[:] = x * x
    return np.sum(a * a)


cases.add(written_anew, X)


class State:
    pass


def attributes_and_items(x):
    s = State()
    s.v, s.n = 0.0, 0
    d = {"k": x[0], "m": 1.0}
    for i in range(6):
        try:
            s.v += math.sqrt(x[i])
            s.n += 1
            d["k"] = d["k"] * math.log(x[i])
            d["m"] += d["k"]
        except ValueError:
            s.v -= d["k"]
    return s.v * s.n + d["k"] * d["m"]


cases.add(attributes_and_items, X)


def two_lists(x):
    good, bad = [], []
    for v in x:
        try:
            good.append(v * 2.0)
            good.append(math.sqrt(v))
        except ValueError as e:
            bad.append(v ** 3)
    return sum(good) * sum(bad) + good[1] * bad[0]


cases.add(two_lists, X)


def attempt_in_a_handler(x):
    a = x * 1.0
    try:
        a[0] = a[1] * a[2]
        if a[0] < 0:
            raise ValueError("neg")
        a[1] = 2.0 * a[0]
    except ValueError:
        try:
            a[2] = a[0] * 3.0
            a[3] = math.sqrt(a[0])
        except ValueError:
            a[3] = a[2] * a[0]
    return np.sum(a * a)


cases.add(attempt_in_a_handler, X)


def with_else(x):
    a = x * 1.0
    for i in range(6):
        try:
            a[i] = a[i] * 2.0
            t = math.sqrt(x[i])
        except ValueError:
            a[i] += x[i] ** 2
        else:
            a[i] *= t
    return np.sum(a * a)


cases.add(with_else, X)


def with_finally(x):
    a = x * 1.0
    n = 0.0
    for i in range(6):
        try:
            a[i] = a[i] * 2.0
            a[i] += math.sqrt(x[i])
        except ValueError:
            a[i] += x[i] ** 2
        finally:
            n += a[i]
    return np.sum(a * a) * n


cases.add(with_finally, X, refused="SRC119")


def _stored_by_a_helper(a, v, i):
    a[i] = math.sqrt(v) * a[i]


def stored_by_a_helper(x):
    a = x * 1.0
    for i in range(6):
        try:
            _stored_by_a_helper(a, x[i], i)
        except ValueError:
            a[i] = a[i] * x[i]
    return np.sum(a * a)


cases.add(stored_by_a_helper, X)


def _stored_by_a_helper_that_goes_on(a, v, i):
    a[i] = 2.0 * a[i]
    a[i - 1] = math.sqrt(v) * a[i]


def stored_by_a_helper_that_goes_on(x):
    a = x * 1.0
    for i in range(6):
        try:
            _stored_by_a_helper_that_goes_on(a, x[i], i)
        except ValueError:
            a[i] = a[i] * x[i]
    return np.sum(a * a)


cases.add(stored_by_a_helper_that_goes_on, X, refused="SRC119")


def raised_again(x):
    a = x * 1.0
    try:
        a[0] = a[1] * a[2]
        a[1] = math.sqrt(x[2])
    except ValueError:
        raise
    return np.sum(a * a)


cases.add(raised_again, X)


def arithmetic_in_place_that_may_raise(x):
    a = x * 1.0
    try:
        a[1:] /= x[:-1]
        a[7] = 1.0
    except Exception:
        a[0] = a[0] * a[1]
    return np.sum(a * a)


cases.add(arithmetic_in_place_that_may_raise, X, refused="SRC119")


def read_through_a_view(x):
    a = x * 1.0
    v = a[1:4]
    try:
        v[0] = a[0] * a[2]
        v[1] = math.sqrt(x[1])
    except ValueError:
        a[0] = v[0] * a[1]
    return np.sum(a * a) + v[1]


cases.add(read_through_a_view, X)


def tried_again(x):
    A = np.outer(x, x) + np.eye(6) * x[0]
    n = 0
    while True:
        try:
            L = np.linalg.cholesky(A)
            break
        except np.linalg.LinAlgError:
            A[np.diag_indices(6)] += 1.0 + x[1] ** 2
            n += 1
    return np.sum(L) + np.sum(A[0])


cases.add(tried_again, X)


def solved_or_stepped(x):
    u = x.copy()
    J = np.outer(x, x)
    J[0] *= 0.0
    try:
        u -= np.linalg.solve(J, x)
    except np.linalg.LinAlgError:
        u -= 0.1 * x * u
    return np.sum(u * u)


cases.add(solved_or_stepped, X)


def number_or_array(x):
    y = np.sin(x)
    try:
        y[x < 0.1] = 0.5
    except TypeError:
        if x < 0.1:
            y = 0.5
    return np.sum(y)


for number in (0.4, 0.05, np.float64(0.05), np.float64(0.5), np.array(0.05), vec(4)):
    cases.add(number_or_array, number)


def stored_into_a_number(x, s):
    y = x * 2
    y[0] = s
    return y


cases.add(stored_into_a_number, 0.4, 2.0)


def geodetic(lat, h):
    lat = lat % (2 * np.pi)
    r = 6.3 / np.sqrt(1 - 0.0067 * np.sin(lat) ** 2) + h
    try:
        r[h < -0.2] = np.nan
    except TypeError:
        if h < -0.2:
            r = np.nan
    return np.sum(r * np.cos(lat))


cases.add(geodetic, 0.4, 0.1)
cases.add(geodetic, vec(3), vec(3, .7))


def try_int(x, n):
    try:
        n[0] = 3
        x = x * 3
    except TypeError as e:
        print(e)
        x = x * n
    try:
        (1, 2)[0] = x
    except TypeError as e:
        print(e)
    try:
        x[0] += 1.0
    except (IndexError, TypeError):
        x = x * 2
    return x * x


cases.add(try_int, 0.4, 2)
