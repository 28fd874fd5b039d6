"""Writes through `.real`, `.imag` and `.flat`; complex arrays whose derivative starts as a real one."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def weighed(*arrays):
    return sum(np.sum(np.abs(a) ** 2 * np.cos(np.arange(a.size)).reshape(a.shape)) for a in arrays)


def built_of_parts(a, b):
    z = np.empty(4, dtype=complex)
    z.real = np.cos(a)
    z.imag[:] = np.sin(b)
    z.imag[2] += a[0]
    return weighed(np.fft.fft(z))


cases.add(built_of_parts, vec(4), vec(4, 0.9), no_duals=True)


def parts_of_views(a, v):
    z = a * (1.0 + 0.5j)
    z.real[1:][0] = v[0] * v[1]
    z[1:].imag[0] *= v[2]
    w = z.reshape(2, 2).T
    w.real[1] = v[2:] * w.imag[0]
    r = z.real
    r += v
    r[2:] *= r[:2]
    return weighed(z, r)


cases.add(parts_of_views, vec(4), vec(4, 0.9))


def parts_of_each_other(a, v):
    z = a * (1.0 + 0.5j)
    z.real = z.imag
    z.imag[:] = z.real[::-1] * v
    return weighed(z)


cases.add(parts_of_each_other, vec(4), vec(4, 0.9), no_duals=True)


def part_kept(a, v):
    z = a + 0j
    y = z.imag
    y[:] = v
    z *= 1j
    return weighed(z) + y[0]


cases.add(part_kept, vec(4), vec(4, 0.9))


def real_at_first(a, w):
    z = a + 0j
    z[0] = w[0] * 1j
    z[1:] += w[1] * 1j
    z[2:] *= w[1] + 1j
    z /= 1j * w[2] + 1.0
    np.add.at(z, [0, 0], w[3] * 1j)
    return weighed(z)


cases.add(real_at_first, vec(4), vec(4, 0.9))


def real_at_last(a, w):
    z = a + 0j
    z[1:] *= w[0] + 2j
    z -= 1j * w
    return np.sum(z.real * np.arange(4.0)) + z[1].imag


cases.add(real_at_last, vec(4), vec(4, 0.9))


def flat_read(A):
    total = A.flat[4] * np.sum(A.flat[::4]) + np.sum(A.flat[[1, 2]]) + np.dot(A.flat, np.arange(9.0)) + max(A.flat)
    for i, v in enumerate(A.T.flat):
        total += i * v * v
    return total + len(A.flat)


cases.add(flat_read, mat(3, 3), no_duals=True)


def flat_written(A, s):
    A.flat[-1] = s
    A.flat[::5] += A[0, 0]
    B = A.T
    B.flat[1] = s * A[0, 1]
    B.flat[[3, 3, 5]] = s * A[0, :3]
    A.flat[A.ravel() > 0.77] *= 2.0
    for k in range(A.size):
        A.flat[k] += k * s
    c = A.flat[1:4]
    c[0] = 0.0
    return weighed(A, B, c)


cases.add(flat_written, mat(3, 4), 0.5, no_duals=True)


def flat_assigned(A, b):
    A.flat = b * 2.0
    B = A.T.copy()
    B.flat = b * b
    B.flat[1:5] = b[:2]
    return weighed(A, B)


cases.add(flat_assigned, mat(3, 4), vec(12), no_duals=True)


def made_without_values(x):
    y = np.ndarray((3,), dtype=x.dtype)
    y[:] = x
    z = np.ndarray(3)
    z.fill(2.0)
    return weighed(y * z)


cases.add(made_without_values, vec(3), no_duals=True)


def made_on_memory(x):
    y = np.ndarray((3,), float, x)
    y[0] = 1.0
    return weighed(x)


cases.add(made_on_memory, vec(3), refused="SRC143")


def stacked(x):
    return np.hstack((x, 2.0 * x))


def result_is_new(x):
    y = stacked(x)
    for i in range(3):
        x[i] *= y[i]
        y[:] = stacked(x)
    return weighed(x, y)


cases.add(result_is_new, vec(3))
