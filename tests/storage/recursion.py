"""Programs that call themselves and change what they are given."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def weighed(*arrays):
    return sum(np.sum(np.abs(a) ** 2 * np.cos(np.arange(a.size)).reshape(a.shape)) for a in arrays)


def transform(x):
    n = len(x)
    if n == 1:
        return
    even, odd = x[0::2].copy(), x[1::2].copy()
    transform(even)
    transform(odd)
    for k in range(n // 2):
        t = np.exp(-2j * np.pi * k / n) * odd[k]
        x[k] = even[k] + t
        x[k + n // 2] = even[k] - t


def fft_in_place(x):
    z = x.astype(complex)
    transform(z)
    return weighed(z)


cases.add(fft_in_place, vec(8))


def quicksort(a, low, high):
    if low < high:
        pivot, i = a[high], low
        for j in range(low, high):
            if a[j] < pivot:
                a[i], a[j] = a[j], a[i]
                i += 1
        a[i], a[high] = a[high], a[i]
        quicksort(a, low, i - 1)
        quicksort(a, i + 1, high)


def sorted_by_parts(a):
    quicksort(a, 0, len(a) - 1)
    return weighed(a)


cases.add(sorted_by_parts, vec(7))


def eliminate(A, b, k):
    if k == len(b):
        return
    for i in range(k + 1, len(b)):
        f = A[i, k] / A[k, k]
        A[i, k:] -= f * A[k, k:]
        b[i] -= f * b[k]
    eliminate(A, b, k + 1)
    b[k] = (b[k] - A[k, k+1:] @ b[k+1:]) / A[k, k]


def gauss(A, b):
    eliminate(A, b, 0)
    return weighed(A, b)


cases.add(gauss, mat(4, 4) + 4.0 * np.eye(4), vec(4))


def factor(A):
    if A.shape[0] > 1:
        A[1:, 0] /= A[0, 0]
        A[1:, 1:] -= np.outer(A[1:, 0], A[0, 1:])
        factor(A[1:, 1:])
    return A


def lu_of_parts(A):
    B = factor(A)
    B[0, 1] *= A[1, 0]
    return weighed(A, B)


cases.add(lu_of_parts, mat(4, 4) + 4.0 * np.eye(4))


def doubles(a, k):
    if k < len(a):
        a[k] *= 2.0
        multiplies(a, k + 1)


def multiplies(a, k):
    if k < len(a):
        a[k] *= a[k - 1]
        doubles(a, k + 1)


def in_turn(a):
    doubles(a, 0)
    return weighed(a)


cases.add(in_turn, vec(5))


def captured(a):
    def go(low, high):
        if high - low > 1:
            middle = (low + high) // 2
            go(low, middle)
            go(middle, high)
            a[low:high] *= a[middle]

    go(0, len(a))
    return weighed(a)


cases.add(captured, vec(5))


def itself(a, k):
    if k > 0:
        a[k] *= a[k - 1]
        return itself(a, k - 1) + a[0]
    return np.sum(a * a)


cases.add(itself, vec(5), 3)


def crosswise(a, b, k):
    if k > 0:
        a[k] = b[k - 1] * a[k - 1]
        b[k - 1] *= 2.0
        crosswise(b, a, k - 1)


def one_array_twice(x):
    crosswise(x, x, 4)
    return weighed(x)


cases.add(one_array_twice, vec(5))


def two_arrays(x, y):
    crosswise(x, y, 4)
    crosswise(y, x, 2)
    return weighed(x, y)


cases.add(two_arrays, vec(5), vec(5, 0.9))


def halves(x):
    crosswise(x[:5], x[5:], 4)
    return weighed(x)


cases.add(halves, vec(10))


def overlapping_parts(x):
    crosswise(x[:5], x[1:], 4)
    return weighed(x)


cases.add(overlapping_parts, vec(6), refused="SRC128")


def columns(M, j):
    if j == M.shape[1]:
        return 0.0
    M[:, j] *= M[0, j]
    s = np.sum(M[:, j])
    return s + s * columns(M, j + 1)


def through_views(M):
    return columns(M.T, 0) * columns(M[::-1], 1) + weighed(M)


cases.add(through_views, mat(3, 3))


def smooth(u, f, h):
    for _ in range(2):
        u[1:-1] = 0.5 * (u[:-2] + u[2:] + h * h * f[1:-1])


def cycle(u, f, h):
    smooth(u, f, h)
    if len(u) > 3:
        r = np.zeros(len(u))
        r[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / (h * h)
        e = np.zeros(len(u[::2]))
        cycle(e, r[::2], 2 * h)
        u[::2] += e
        u[1::2] += 0.5 * (e[:-1] + e[1:])
        smooth(u, f, h)


def multigrid(u, f):
    for _ in range(2):
        cycle(u, f, 0.125)
    return weighed(u)


cases.add(multigrid, vec(9), vec(9, 0.8))


def permuted(a, k, total):
    if k == len(a):
        total[0] += a[0] * a[1] ** 2 * a[2] ** 3
        return
    for i in range(k, len(a)):
        a[k], a[i] = a[i], a[k]
        permuted(a, k + 1, total)
        a[k], a[i] = a[i], a[k]


def over_permutations(a):
    total = np.zeros(1)
    permuted(a, 0, total)
    return total[0]


cases.add(over_permutations, vec(3))


class Chain:
    def __init__(self, links):
        self.links = links
        self.calls = 0

    def go(self, k):
        self.calls += 1
        if k > 0:
            self.links[k] *= self.links[k - 1]
            self.go(k - 1)


def method(links):
    chain = Chain(links)
    chain.go(3)
    return weighed(links) * chain.calls


cases.add(method, vec(4))


def emptied(x):
    if x.size > 0:
        x[0] *= 2.0
        emptied(x[1:])


def down_to_nothing(x):
    emptied(x)
    return weighed(x)


cases.add(down_to_nothing, vec(3))
