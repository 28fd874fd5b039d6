"""Lists of unknown length whose items change places, leave, or come in by slices."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()
NINE = np.array([0.3, 1.0, 2.0, 1.5, 0.2, 0.7, 0.4, 2.2, 0.9])


def rosetta_gauss(a, n):
    M = [[a[n * i + j] for j in range(n)] for i in range(n)]
    b = [float(i + 1) for i in range(n)]
    for i in range(n):
        k = i
        for j in range(i + 1, n):
            if abs(M[j][i]) > abs(M[k][i]):
                k = j
        if k != i:
            M[i], M[k] = M[k], M[i]
            b[i], b[k] = b[k], b[i]
        for j in range(i + 1, n):
            f = M[j][i] / M[i][i]
            for l in range(i, n):
                M[j][l] -= f * M[i][l]
            b[j] -= f * b[i]
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = b[i]
        for j in range(i + 1, n):
            s -= M[i][j] * x[j]
        x[i] = s / M[i][i]
    return sum(x)


cases.add(rosetta_gauss, NINE, 3)


def swap_tmp(a, n):
    M = [[a[n * i + j] for j in range(n)] for i in range(n)]
    for i in range(n - 1):
        t = M[i]
        M[i] = M[i + 1]
        M[i + 1] = t
        M[i][0] *= M[i + 1][1]
    return sum(sum(k * v * v for k, v in enumerate(r)) * q for q, r in enumerate(M))


cases.add(swap_tmp, NINE, 3)


def not_a_swap(a, n):
    M = [[a[n * i + j] for j in range(n)] for i in range(n)]
    for i in range(n - 1):
        M[i] = M[i + 1]
        M[i][0] *= M[i + 1][1]
    return sum(sum(k * v * v for k, v in enumerate(r)) * q for q, r in enumerate(M))


cases.add(not_a_swap, NINE, 3, refused="SRC147")


def swap_arrays(a, n):
    L = [a[n * i:n * i + n] * 1.0 for i in range(n)]
    for i in range(n - 1):
        L[i], L[n - 1] = L[n - 1], L[i]
        L[i] *= L[n - 1] + 1.0
    return sum(np.sum(r * np.arange(3.0)) * (q + 1) for q, r in enumerate(L))


cases.add(swap_arrays, NINE, 3)


def swap_in_branch(a, n, c):
    L = [a[n * i:n * i + n] * 1.0 for i in range(n)]
    first = L[0]
    if c > 0:
        L[0], L[n - 1] = L[n - 1], L[0]
    L[0] *= 2.0 * L[1]
    return sum(np.sum(r * np.arange(3.0)) * (q + 1) for q, r in enumerate(L))


for c in (1.0, -1.0):
    cases.add(swap_in_branch, NINE, 3, c)


def three_cycle(a, n):
    L = [a[n * i:n * i + n] * 1.0 for i in range(n)]
    L[0], L[1], L[2] = L[1], L[2], L[0]
    L[0] *= L[n - 1] + 1.0
    return sum(np.sum(r * np.arange(3.0)) * (q + 1) for q, r in enumerate(L))


cases.add(three_cycle, NINE, 3)


def half_swap(a, n):
    L = [a[n * i:n * i + n] * 1.0 for i in range(n)]
    p = L[0]
    L[0] = L[n - 1]
    L[0] *= 2.0
    L[n - 1] = p
    L[1] += L[0]
    return sum(np.sum(r * np.arange(3.0)) * (q + 1) for q, r in enumerate(L))


cases.add(half_swap, NINE, 3)


def wrong_place(a, n):
    L = [a[n * i:n * i + n] * 1.0 for i in range(n)]
    i = 0
    j = n - 1
    L[i], L[j - 1] = L[j], L[i]
    L[j] *= 2.0
    return sum(np.sum(r * np.arange(3.0)) * (q + 1) for q, r in enumerate(L))


cases.add(wrong_place, NINE, 3)


def named_after(a, n):
    L = [a[n * i:n * i + n] * 1.0 for i in range(n)]
    p, q = L[0], L[n - 1]
    L[0], L[n - 1] = q, p
    L[0] *= 2.0
    return np.sum(p * q) + np.sum(L[1] * L[0])


cases.add(named_after, NINE, 3)


def lremove(x, n):
    l = []
    idx = []
    for i in range(n):
        l.append(x[i] * 2)
        idx.append(i)
    idx.remove(1)
    s = 0.0
    for i in idx:
        s += l[i] ** 2
    return s


cases.add(lremove, vec(4), 4)


def lremove_active(x, n):
    l = []
    for i in range(n):
        l.append(x[i] * 2)
    l.remove(l[1])
    s = 0.0
    for k, v in enumerate(l):
        s += v ** 2 * k
    return s


cases.add(lremove_active, vec(4), 4)


def lslice(x, n):
    l = []
    for i in range(n):
        l.append(x[i] * 2)
    l[1:3] = [l[0] * l[1], l[2], x[0]]
    s = 0.0
    for k, v in enumerate(l):
        s += v ** 2 * k
    return s


cases.add(lslice, vec(4), 4)


def lslice2(x, n):
    l = [v * 2 for v in x]
    l[:] = [v * w for v, w in zip(l, x)]
    l[1:2] = []
    del l[0:1]
    l[len(l):] = [x[0]]
    return sum(v * v * k for k, v in enumerate(l))


cases.add(lslice2, vec(4), 4)


def pops(x, n, k):
    l = [x[i] * 2 for i in range(n)]
    a = l.pop(k)
    del l[k - 1]
    l.insert(k, a * a)
    return sum(v * v * (q + 1) for q, v in enumerate(l)) + a


for k in (1, 2, -1, 9):
    cases.add(pops, vec(5), 5, k)


def dels(x, n, k):
    l = [x[i] * 2 for i in range(n)]
    del l[k:]
    l[0:1] = [x[3], x[4] * x[0]]
    l[k:k] = [l[0] * l[1]]
    l[-1:] = (x[2] * q for q in range(2))
    l[3:1] = [x[1]]
    return sum(v * v * (q + 1) for q, v in enumerate(l))


for k in (0, 3, -2):
    cases.add(dels, vec(5), 5, k)


def arrays_cut(x, n):
    l = []
    for i in range(n):
        l.append(x * i)
    first = l[0]
    l[1:3] = [first + x, l[2] * x]
    l[2] *= 3.0
    del l[0]
    first += 1.0
    return sum(np.sum(v * v) * (q + 1) for q, v in enumerate(l)) + np.sum(first)


cases.add(arrays_cut, vec(3), 4)


def removed_missing(x, n):
    l = [i for i in range(n)]
    l.remove(n + 3)
    return x[0]


cases.add(removed_missing, vec(3), 4)


def sieve(x, n):
    alive = list(range(n))
    s = 0.0
    while len(alive) > 1:
        alive.remove(alive[len(alive) // 2])
        s += x[alive[-1]] * x[alive[0]]
    return s


cases.add(sieve, vec(6), 6)


def josephus(x, n):
    ring = [x[i] for i in range(n)]
    at = 0
    total = 0.0
    while ring:
        at = (at + 2) % len(ring)
        total = total * 0.5 + ring.pop(at) ** 2
    return total


cases.add(josephus, vec(6), 6)


def window(x, n):
    w = []
    out = 0.0
    for i in range(n):
        w.append(x[i] ** 2)
        if len(w) > 3:
            del w[0]
        if len(w) > 2:
            w[:2] = [w[0] * w[1]]
        out += sum(w) / len(w)
    return out


cases.add(window, vec(6), 6)


def known_lists(x):
    l = [x, 2.0, "a", x * 2]
    del l[1:3]
    m = [1, 2, 3]
    m.remove(2)
    return np.sum(l[0] * l[1]) * m[1]


cases.add(known_lists, vec(4))
