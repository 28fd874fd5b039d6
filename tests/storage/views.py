"""Views of all kinds, and what is written through them; the shape of an array assigned; calls that stand for statements."""
from __future__ import annotations

import operator

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def shape_set_view(x):
    y = x * 1.0
    v = y[:]
    v.shape = (2, -1)
    v[0, 1] = y[2] * 2
    v.shape = (4,)
    v[1] *= 2
    y[3] = v[0]
    return np.sum(y * y) + np.sum(v[::2])


cases.add(shape_set_view, vec(4), no_duals=True)


def shape_branch(x, c):
    y = x * 1.0
    if c > 0:
        y.shape = (2, 2)
        y[0, 1] = 3 * x[0]
    else:
        y[1] = x[0]
    return np.sum(y * y)


cases.add(shape_branch, vec(4), 1.0, no_duals=True)
cases.add(shape_branch, vec(4), -1.0, no_duals=True)


def shape_view_of(x):
    y = x * 1.0
    v = y[1:]
    y.shape = (2, 2)
    y[1, 1] = 5 * x[0]
    return np.sum(y) + np.sum(v * v)


cases.add(shape_view_of, vec(4), refused="SRC119", no_duals=True)


def shape_bad(x):
    y = np.outer(x, x)[:, ::2]
    y.shape = (-1,)
    return np.sum(y)


cases.add(shape_bad, vec(4), no_duals=True)


def shape_list(x):
    y = x * 1.0
    l = [y, y]
    l[0].shape = 2, 2
    l[1][0, 1] = l[0][1, 1] * x[0]
    return np.sum(y @ y)


cases.add(shape_list, vec(4), no_duals=True)


def shape_loop(x, n):
    y = x * 1.0
    for k in range(n):
        y.shape = (2, 2)
        y[0, 1] = y[1, 0] * x[k]
        y.shape = (4,)
        y[3] += y[1]
    return np.sum(y * y)


cases.add(shape_loop, vec(4), 3, no_duals=True)


def split_axis(A):
    B = A * 1.0
    P, Q, R = np.split(B, 3, axis=1)
    P *= Q
    B[1] = 2.0 * A[0]
    Q[:, 0] += R[:, 1] * P[:, 0]
    return np.sum(B * B) + np.sum(P) + np.sum(R * Q)


cases.add(split_axis, mat(3, 6), no_duals=True)


def split_uneven(x):
    y = x * 1.0
    a, b = np.split(y, 2)
    a[0] = b[1]
    return np.sum(y)


cases.add(split_uneven, vec(5), no_duals=True)


def split_neg(x):
    y = x * 1.0
    a, b, c = np.split(y, [-3, -1])
    a += 1.0
    b *= a[0] * c
    c[:] = b[1]
    return np.sum(y * y)


cases.add(split_neg, vec(5), no_duals=True)


def split_run(x, k):
    y = x * 1.0
    a, b = np.split(y, [k])
    a *= 2.0
    b[0] = a[1] * x[0]
    return np.sum(y * y)


cases.add(split_run, vec(5), 2, no_duals=True)


def split_swap(x):
    y = x * 1.0
    a, b = np.array_split(y, 2)
    for k in range(3):
        b[0] += a[0] * a[1]
        a, b = b, a
    return np.sum(y * y * np.arange(1.0, 6.0))


cases.add(split_swap, vec(5), no_duals=True)


def split_in_list(x):
    y = x * 1.0
    parts = np.split(y, 3)
    parts[0], parts[2] = parts[2], parts[0]
    parts[0] *= 2 * parts[1]
    parts.append(x[:2] * 3)
    parts[3] += parts[2]
    return np.sum(y * y) + np.sum(np.concatenate(parts) ** 2)


cases.add(split_in_list, vec(6), no_duals=True)


def split_arg(x):
    a, b = np.split(x, 2)
    a *= b
    return np.sum(x * x)


cases.add(split_arg, vec(4), no_duals=True)


def split_unpack_params(p, x):
    W, b, s = np.split(p, [6, 9])
    W = W.reshape(2, 3)
    b[0] = 0.0
    return np.sum(np.tanh(W @ b) * s[0] * x)


cases.add(split_unpack_params, vec(11), 0.3, no_duals=True)


def viewed(x):
    y = x * 1.0
    v, w = y.view(), y.view(np.ndarray)
    v[0] = w[1] * 3
    w[2:] = v[:2]
    v = v.view()[::-1]
    v[0] = 7.0
    return np.sum(y * y)


cases.add(viewed, vec(4), no_duals=True)


def rot_views(A, k):
    B = A * 1.0
    C = np.rot90(B, k)
    C[0] *= C[1, 0]
    B[2, 2] = 4 * A[1, 1]
    return np.sum(B * np.arange(9.0).reshape(3, 3)) + np.sum(C[1] ** 2)


for k in (0, 1, 2, -1):
    cases.add(rot_views, mat(3, 3), k, no_duals=True)


def axes(A):
    B = A * 1.0
    for C in (np.transpose(B, axes=(1, 0, 2)), B.transpose(2, 0, 1), np.moveaxis(B, [0, 1], [1, 2]), np.rollaxis(B, 0, 3)):
        C[0] *= 1.0 + C[-1, 0, 0]
        C[-1, 1] += 0.5 * C[0, 0]
    return np.sum(B * B)


cases.add(axes, np.linspace(0.1, 1.2, 12).reshape(2, 3, 2), no_duals=True)


def orders(A):
    B = A.T.reshape(3, 2, order="F") * A.ravel("F").reshape((3, 2), order="F") + A.flatten(order="F").reshape(3, 2)
    C = np.reshape(A, (3, -1), "F") + np.ravel(A, order="F")[:2] + np.reshape(A, 6, order="F")[1]
    return np.sum(B * C)


cases.add(orders, mat(2, 3), no_duals=True)


def order_view(A):
    B = np.zeros((3, 2), order="F")
    B[:] = A
    v = B.ravel("F")
    v[1] = v[0] * v[2]
    w = B.reshape((2, 3), order="F")
    w[0, 1] *= v[1]
    B[0, 0] += w[1, 1]
    return np.sum(B * B) + np.sum(v) * np.sum(w * w)


cases.add(order_view, mat(3, 2), no_duals=True)


def order_flat_copy(A):
    B = A * 1.0
    v = B.flatten("F")
    v[1] = v[0] * v[2]
    return np.sum(B * B) + np.sum(v * v * np.arange(6.0))


cases.add(order_flat_copy, mat(3, 2), no_duals=True)


def spelled(x):
    y = x * 1.0
    z = y
    operator.setitem(y, 1, x[0] * y[2])
    y.__setitem__(slice(2, None), y[:2] * 2)
    np.ndarray.__setitem__(y, 0, y.__getitem__(3))
    y = operator.iadd(y, x)
    y = operator.imul(operator.getitem(y, slice(None)), 2.0)
    y.__isub__(0.5 * x)
    s = 1.0
    s = operator.iadd(s, y[0])
    d = {"a": x, "c": 1}
    operator.setitem(d, "b", x * s)
    d.__setitem__("a", d["b"] * x)
    operator.delitem(d, "c")
    l = [x, x]
    l.__setitem__(0, d["a"])
    l = operator.iadd(l, [x * len(d)])
    return np.sum(z * z) + np.sum(operator.getitem(l, 0) * d["b"] * l[2])


cases.add(spelled, vec(4), no_duals=True)


def fortran_copy(A):
    B = A * 1.0
    v = np.asfortranarray(B)
    v[0, 1] = 3.0 * A[1, 0]
    B[0, 0] = A[1, 1] ** 2
    return np.sum(v * np.arange(6.0).reshape(2, 3)) + np.sum(B * B)


cases.add(fortran_copy, mat(2, 3), refused="SRC146", no_duals=True)


def fortran_view(A):
    B = np.zeros((3, 2), order="F")
    B += A
    v = np.asfortranarray(B)
    v[0, 1] = 3.0 * A[1, 0]
    B[0, 0] = A[1, 1] ** 2
    w = B.ravel("F")
    w[2] *= v[2, 1]
    return np.sum(v * np.arange(6.0).reshape(3, 2)) + np.sum(B * B) + np.sum(w * w * w)


cases.add(fortran_view, mat(3, 2), no_duals=True)


def fortran_ravel_copy(A):
    B = A * 1.0
    v = B.ravel("F")
    v[0] = 3.0 * A[1, 0]
    return np.sum(v * np.arange(6.0)) + np.sum(B * B)


cases.add(fortran_ravel_copy, mat(2, 3), refused="SRC146", no_duals=True)


def fortran_reshape_positional(A):
    B = np.asfortranarray(A * 1.0) * 1.0
    v = np.reshape(B, (3, 2), "F")
    v[0] = 3.0 * A[1, 0]
    return np.sum(v * np.arange(6.0).reshape(3, 2)) + np.sum(B * B)


cases.add(fortran_reshape_positional, mat(2, 3), no_duals=True)


def pieces_then_write(x):
    y = x * 1.0
    a, b = np.split(y, 2)
    c, d = np.broadcast_arrays(y, x[0])
    s = np.sum(a * b) + np.sum(c * c * d)
    y[0] = 5.0
    return s + np.sum(y * y)


cases.add(pieces_then_write, vec(4), no_duals=True)


def rows_cut(A):
    B = A * 1.0
    for k, p in enumerate(np.vsplit(B, 2)):
        L, R = np.hsplit(p, [1])
        R *= L + k
    for p in np.array_split(B, 3):
        p[0] += p[-1] * p[0, 0]
    return np.sum(B * B)


cases.add(rows_cut, mat(4, 3), no_duals=True)


@cases.each((mat(3, 3),), no_duals=True)
def diagonal_that_numpy_makes_read_only(a):
    """The cotangent of the entries is a diagonal, which NumPy lets nobody write."""
    entries = np.zeros(3)
    for j in range(3):
        entries[j] = np.dot(a[j], a[j])
        entries[j] *= a[j, 0]
    return np.linalg.eigvalsh(np.diag(entries) + np.diag(np.ones(2), 1) + np.diag(np.ones(2), -1))[-1]
