"""Functions and places that write: values that are taken again from the start, places found by masks, results put into arrays."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, vec

cases = Cases()
X = vec(6, 0.4)


def put_again_from_the_start(a, x):
    np.put(a, [1, 3, 1, 0], x[:2] * a[0])
    a.put([4, 5], x[2] * x[3])
    return np.sum(a * np.arange(6.0)) * a[1]


cases.add(put_again_from_the_start, vec(6), X, no_duals=True)


def placed(a, x):
    np.place(a, np.array([True, False, True, True, False, True]), x[:2] * a[1])
    np.place(a, x > 5.0, x[:2])
    return np.sum(a * np.arange(1.0, 7.0)) * a[0]


cases.add(placed, vec(6), X, no_duals=True)


def put_where_a_mask_holds(a, x):
    np.putmask(a, np.array([True, False, True, True, False, True]), x[:4] * a[1])
    np.putmask(a, x > 0.0, x * 2.0)
    return np.sum(a * np.arange(1.0, 7.0)) * a[0]


cases.add(put_where_a_mask_holds, vec(6), X, no_duals=True)


def places_of_a_mask(a, x):
    mask = np.array([True, False, True, True, False, True])
    a[np.where(mask)] += x[1:5]
    a[mask.nonzero()] *= a[0]
    (k,) = np.nonzero(mask)
    a[k[1:]] -= x[k[1:]]
    for i in np.where(mask)[0]:
        a[i] *= x[i]
    return np.sum(a * np.arange(1.0, 7.0))


cases.add(places_of_a_mask, vec(6), X)


def places_of_a_matrix(x):
    A = np.outer(x, x)
    A[np.diag_indices(6)] += x
    A[np.triu_indices(6, 1)] = 0.0
    A[np.tril_indices(6, -1)] *= x[0]
    i, j = np.nonzero(np.eye(6)[::-1] > 0.5)
    A[i, j] -= x[j]
    return np.sum(A * A[::-1])


cases.add(places_of_a_matrix, X, no_duals=True)


def results_put_into_arrays(a, x):
    b, c = np.empty((6, 6)), np.empty(6)
    np.outer(x, a, b)
    np.dot(b, x, c)
    np.dot(b, c, out=a)
    return np.sum(a * c) + np.sum(b[0] * b[1])


cases.add(results_put_into_arrays, vec(6), X)


# ---- stores cast as they must, augmented assignments as NumPy thinks safe ---------------------------------------------
@cases.each((1.5,))
def stores_into_whole_numbers(x):
    a = np.arange(5)
    a[1:] = a[1:] + 0.7
    a[:2] = a[:2] * 1.9
    a[...] = a / 2.0
    a[1] = a[1] + x
    for k in range(3):
        a[k:] = a[k:] * 1.3 + 1
    return x * np.sum(a)


@cases.each((1.5,))
def stores_into_narrower_kinds(x):
    flags = np.zeros(4, bool)
    flags[1:] = flags[1:] + 1
    small = np.arange(4, dtype=np.uint8)
    small[:] = small - np.int64(1)
    point = np.array(3)
    point[...] = point + 0.7
    return x * (np.sum(flags) + np.sum(small) + point)


@cases.each((1.5,))
def stores_of_single_precision(x):
    a = np.ones(4, np.float32)
    b = np.full(4, 1 / 3)
    a[1:] = a[1:] * b[1:]
    a[:] = a + 1e-9
    return x * float(np.sum(b - a))
