"""Subscripts."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


# ---- subscripts ------------------------------------------------------------------------------------------------------
def subscript_elements(x, m):
    return x[0] * x[-1] + m[0, 1] * m[-1][-1] + m[1][0]


cases.add(subscript_elements, vec(3), mat(2, 2))


def subscript_slices(x):
    return np.sum(x[1:] * x[:-1]) + np.sum(x[::2]) * x[1:3][0]


cases.add(subscript_slices, vec(5))


def subscript_negative_step(x):
    return np.sum(x[::-1] * x) + np.sum(x[3:0:-1] * x[:3]) + np.sum(x[::-2])


cases.add(subscript_negative_step, vec(4))


def subscript_bounds(x, n):
    return np.sum(x[n:]) * np.sum(x[:n] ** 2) + np.sum(x[-n:]) + np.sum(x[10:])


cases.add(subscript_bounds, vec(5), 2)


def subscript_matrix(m):
    return np.sum(m[0] * m[:, 1][:2].sum() + m[-1, :]) + np.sum(m[:, ::-1] * m) + np.sum(m[1:, :2] ** 2)


cases.add(subscript_matrix, mat(3, 3))


def subscript_ellipsis(t):
    return np.sum(t[..., 0] ** 2) + np.sum(t[0, ...]) * t[1, ..., 1].sum()


cases.add(subscript_ellipsis, vec(8).reshape(2, 2, 2))


def subscript_newaxis(x, y):
    return np.sum(np.sin(x[:, None] * y[None, :])) + np.sum(x[np.newaxis] * x[:, np.newaxis])


cases.add(subscript_newaxis, vec(3), vec(2))


def subscript_mask(x):
    return np.sum(x[x > 0.2] ** 2) + np.sum(x[np.abs(x) < 0.5])


cases.add(subscript_mask, vec(6), insensitive=True)


def subscript_mask_matrix(m, a):
    return np.sum(m[m > 0.1]) * a + np.sum(m[np.array([True, False, True])] ** 2)


cases.add(subscript_mask_matrix, mat(3, 2), 0.7)


def subscript_index_array(x):
    return np.sum(x[np.array([0, 2, 2, -1])] * np.array([1.0, 2.0, 3.0, 4.0])) + np.sum(x[[1, 1]] ** 2)


cases.add(subscript_index_array, vec(4))


def subscript_index_pairs(m):
    rows = np.arange(3)
    return np.sum(m[rows, [1, 0, 1]] ** 2) + np.sum(m[[0, 0], 1]) + np.sum(m[:, [0, 0]])


cases.add(subscript_index_pairs, mat(3, 2))


def subscript_index_argument(x, idx):
    return np.sum(x[idx] ** 2)


cases.add(subscript_index_argument, vec(4), np.array([3, 1, 1]), insensitive=True)


def subscript_computed(x, n):
    s = 0.0
    for i in range(n):
        s = s * x[(2 * i + 1) % n] + x[i]
    return s


cases.add(subscript_computed, vec(5), 5)


def subscript_argmax(x):
    return x[np.argmax(x)] * x[np.argmin(x)]


cases.add(subscript_argmax, vec(4))


def subscript_view_of_view(m):
    v = m[1:]
    w = v[:, ::-1]
    u = w[0]
    return np.sum(u * w[1]) * v[0, 0]


cases.add(subscript_view_of_view, mat(3, 3), insensitive=True)


def subscript_empty(x):
    return np.sum(x[2:2]) + np.sum(x[:0] * 3.0) + x[0] * x[1]


cases.add(subscript_empty, vec(2))


def subscript_slice_object(x):
    part = slice(1, None, 2)
    return np.sum(x[part] ** 2) * x[0]


cases.add(subscript_slice_object, vec(5))


def subscript_gather_in_loop(m, order):
    s = 0.0
    for k in order:
        s = s * 0.5 + np.sum(m[k] * m[order[0]])
    return s


cases.add(subscript_gather_in_loop, mat(3, 2), [2, 0, 1, 2])


# ---- sequences and ranges inside subscripts: they select, and so copy ------------------------------------------------
def subscript_copy_by_list(x, count):
    chosen = []
    for k in range(count):
        chosen.append(2 * k)
    part = x[chosen]
    part[0] = 7.0
    return np.sum(x * x) + np.sum(part ** 3)


cases.add(subscript_copy_by_list, vec(4), 2)


def subscript_copy_by_tuple(m):
    rows = m[(0, 2), :]
    rows *= 2.0
    columns = m[:, (1, 0)]
    columns[0] = 3.0
    return np.sum(m * m) + np.sum(rows ** 3) + np.sum(columns ** 2)


cases.add(subscript_copy_by_tuple, mat(3, 2))


def subscript_copy_by_nested_list(x, count):
    pairs = [[k, k + 1] for k in range(count)]
    part = x[pairs]
    part[0, 0] = 7.0
    return np.sum(x * x) + np.sum(part ** 3)


cases.add(subscript_copy_by_nested_list, vec(4), 2)


def subscript_largest_is_doubled(m):
    place = np.unravel_index(np.argmax(m), m.shape)
    largest = m[place]
    m[place] *= 2.0
    return np.sum(m * m) + largest ** 3


cases.add(subscript_largest_is_doubled, mat(3, 2))


def subscript_where_in_place(m):
    above = np.where(m[:, 0] > 0.5)
    m[above, 1] *= -2.0
    taken = m[above]
    taken[0] = 0.3
    m[np.where(m < 0.0)] **= 2
    return np.sum(m ** 3) + np.sum(taken ** 2)


cases.add(subscript_where_in_place, mat(4, 2))


def subscript_ranges(m, x):
    m[range(2), range(1, 3)] += x[range(2)]
    grid = np.meshgrid(range(len(x)), range(3))[0]
    return np.sum(m ** 2) + np.sum(x * grid) + np.dot(x, range(len(x))) + np.trapezoid(x, range(len(x)))


cases.add(subscript_ranges, mat(3, 3), vec(4))
