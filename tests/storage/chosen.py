"""Arrays of which a branch decides which one they are, written through one name and read through the others."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
WAYS = (3.5, 1.2, -1.3)


def weighed(*arrays):
    return sum(np.sum(np.abs(a) ** 2 * np.cos(np.arange(a.size)).reshape(a.shape)) for a in arrays)


def elif_(a, d, c):
    if c > 2: b = a
    elif c > 0: b = d
    else: b = np.zeros(4)
    b[0] *= 3.0
    b += a
    b[1:][0] = d[0]
    return weighed(a, b, d)


for way in WAYS:
    cases.add(elif_, vec(4), vec(4, 0.9), way)


def nested_view(a, d, c):
    if c > 2:
        k = int(c) - 2
        b = a[k:]
    elif c > 0:
        b = d[:3]
    else:
        b = a[::-1][1:]
    b[0] *= 3.0
    a[2] = b[1] * b[0]
    w = b[1:]
    w *= d[1]
    b *= 2
    return weighed(a, b, d, w)


for way in WAYS:
    cases.add(nested_view, vec(4), vec(4, 0.9), way)


def in_loop(a, d, c):
    tot = 0.0
    for i in range(3):
        b = a if i * c > 1 else d
        b[i] = a[i] * d[i + 1]
        tot += b[0] * b[i]
    b[3] = 9 * a[0]
    return weighed(a, d) + tot


for way in WAYS:
    cases.add(in_loop, vec(4), vec(4, 0.9), way)


def outside_loop(a, d, c):
    b = a if c > 0 else d
    for i in range(3):
        b[i] = a[i] * d[i + 1] * b[i + 1]
        if b[i] > 0.5:
            a[0] += b[1]
    return weighed(a, d, b)


for way in WAYS:
    cases.add(outside_loop, vec(4), vec(4, 0.9), way)


def two_phis(a, d, c):
    b = a if c > 0 else d
    e = d if c > 2 else a
    b[0] = e[1] * 2
    e[1:] *= b[:3]
    b += e
    return weighed(a, d, b, e)


for way in WAYS:
    cases.add(two_phis, vec(4), vec(4, 0.9), way)


def phi_of_phi(a, d, c):
    b = a if c > 0 else d
    if c > 2:
        b = d
    b[0] = a[1] * d[2]
    if c < 0:
        b = b[1:]
    b[1] = a[0]
    return weighed(a, d, b)


for way in WAYS:
    cases.add(phi_of_phi, vec(4), vec(4, 0.9), way)


def copy_then(a, d, c):
    b = a.copy() if c > 0 else a
    b[:] = b[::-1] * d
    e = b if c > 2 else d
    e[0] = a[1]
    return weighed(a, d, b, e)


for way in WAYS:
    cases.add(copy_then, vec(4), vec(4, 0.9), way)


def asarray_(a, d, c):
    b = np.asarray(a) if c > 0 else np.array(d)
    b[0] = 2 * a[1]
    d[1] = b[0]
    return weighed(a, d, b)


for way in WAYS:
    cases.add(asarray_, vec(4), vec(4, 0.9), way)


def swapped(a, d, c):
    if c > 0:
        a, d = d, a
    a[0] = 2 * d[1]
    d[2] *= a[0]
    return weighed(a, d)


for way in WAYS:
    cases.add(swapped, vec(4), vec(4, 0.9), way)


def swapped_kept(a, d, c):
    x, y = a, d
    if c > 0:
        x, y = y, x
    x[0] = 2 * y[1]
    y[2] *= x[0]
    return weighed(a, d, x, y)


for way in WAYS:
    cases.add(swapped_kept, vec(4), vec(4, 0.9), way)


def inplace(x, out=None):
    if out is None: out = np.empty_like(x)
    out[:] = x * x
    return out


def clipped(x, inplace, c):
    if c < 0 and inplace > 1: x = x.copy()
    x[x > 0.9] = 0.9 * x[0]
    return x


def opt_copy(a, d, c):
    y = clipped(a, a[0] + 1, c)
    y[1] = d[0]
    return weighed(a, y)


for way in WAYS:
    cases.add(opt_copy, vec(4), vec(4, 0.9), way)


def row_or_col(A, v, c):
    r = A[0] if c > 0 else A[:, 1]
    r += v
    r[1:] *= r[0]
    for x in A:
        x *= r[0]
    return weighed(A, r)


for way in WAYS:
    cases.add(row_or_col, mat(3, 3), vec(3), way)


def reshaped(A, v, c):
    r = A.reshape(-1) if c > 0 else A.T.copy().reshape(9)
    r[2:5] *= v
    return weighed(A, r)


for way in WAYS:
    cases.add(reshaped, mat(3, 3), vec(3), way)


def raised(a, d, c):
    if c > 2: b = a[1:]
    elif c > -2: b = d[1:]
    else: raise ValueError
    b[0] = 2 * a[0]
    return weighed(a, d, b)


for way in WAYS:
    cases.add(raised, vec(4), vec(4, 0.9), way)


def one_raises(a, d, c):
    if c < -5: raise ValueError
    else: b = d[1:]
    b[0] = 2 * a[0]
    return weighed(a, d, b)


for way in WAYS:
    cases.add(one_raises, vec(4), vec(4, 0.9), way)


def lists(a, d, c):
    b = a if c > 0 else d
    l = [b, a * 2]
    l[0][1] = d[0] * 3
    b[2] = l[0][1]
    return weighed(a, d, *l)


for way in WAYS:
    cases.add(lists, vec(4), vec(4, 0.9), way)


def listed_runtime(a, d, c):
    b = a if c > 0 else d
    l = []
    for i in range(2): l.append(b * i)
    l.append(b)
    b[2] = d[1] * 2
    return weighed(a, d) + l[-1][2] * l[1][1]


for way in WAYS:
    cases.add(listed_runtime, vec(4), vec(4, 0.9), way)


def dicts(a, d, c):
    p = {"x": a if c > 0 else d, "y": d}
    p["x"] += p["y"]
    p["x"][0] = p["y"][1]
    return weighed(a, d, p["x"])


for way in WAYS:
    cases.add(dicts, vec(4), vec(4, 0.9), way)


def whole_ops(a, d, c):
    b = a if c > 0 else d
    np.multiply(b, a, out=b)
    np.add.at(b, [0, 0], d[1])
    b.sort()
    b.fill(2.0) if c > 2 else None
    np.copyto(b[:2], d[2:])
    return weighed(a, d, b)


for way in WAYS:
    cases.add(whole_ops, vec(4), vec(4, 0.9), way)


def complexes(a, d, c):
    a = a + 1j * d; d = d * 1j + 2
    b = a if c > 0 else d
    b.real[1] = d.imag[0]
    b.imag = a.real
    return weighed(a, d, b)


for way in WAYS:
    cases.add(complexes, vec(4), vec(4, 0.9), way, no_duals=True)


def whiles(a, d, c):
    b = a if c > 0 else d
    n = 0
    while b[0] < 3.0 and n < 10:
        b *= 1.5 + 0.1 * d[1]
        n += 1
        if n > 3:
            break
        b = d if n % 2 else b
    return weighed(a, d)


for way in WAYS:
    cases.add(whiles, vec(4), vec(4, 0.9), way)


def through_a_view_of_a_view(a, d, way):
    """No path can be followed: what each refuses is said when it is reached, and nothing is returned in its place."""
    b = a if way > 0 else d
    c = b[...]
    e = c[1:]
    e[1] = 1.0
    return weighed(a, d)


for way in WAYS:
    cases.add(through_a_view_of_a_view, vec(4), vec(4, 0.9), way, refused="SRC146")


def exchanged_in_trips_of_a_list(a, d, way):
    """Each trip doubles the cases that a store is written for: refused from some number on, before that takes long."""
    for k in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]:
        if a[0] * k < 0.3:
            a, d = d, a
            a[1] = k * d[0]
        a *= 0.9
        if a[0] * k < 0.6:
            a, d = d, a
            a[1] = k * d[0]
        a *= 0.9
    return weighed(a, d)


def exchanged_in_trips_of_two_lists(a, d, way):
    for k in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]:
        for m in [0.3, 0.6]:
            if a[0] * k < m:
                a, d = d, a
                a[1] = k * d[0]
            a *= 0.9
    return weighed(a, d)


for way in WAYS:
    cases.add(exchanged_in_trips_of_a_list, vec(4), vec(4, 0.9), way, refused="SRC119")
    cases.add(exchanged_in_trips_of_two_lists, vec(4), vec(4, 0.9), way)
