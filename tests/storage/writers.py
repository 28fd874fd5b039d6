"""Functions and statements that write where they are told: `out=`, targets of loops, buffers seen through other objects."""
from __future__ import annotations

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def out_positional(x, y):
    z = np.zeros(4)
    np.add(x, y, z)
    np.multiply(z, x, z)
    np.sin(z, z)
    return np.sum(z * z)


cases.add(out_positional, vec(4), vec(4,.8))


def out_methods(x, y):
    z = np.zeros(4)
    x.cumsum(out=z)
    s = np.zeros(())
    x.sum(out=s)
    x.clip(-0.2, 0.4, out=x)
    return np.sum(z * z * x) * s


cases.add(out_methods, vec(4), vec(4,.8))


def out_dot(A, y):
    z = np.zeros(3)
    np.dot(A, y, out=z)
    w = np.zeros(3)
    np.matmul(A, z, out=w)
    return np.sum(z * w)


cases.add(out_dot, mat(3,3), vec(3,.8))


def out_various(A, y):
    z = np.empty((2, 3))
    np.stack([y, A[0]], out=z)
    w = np.empty(6)
    np.concatenate([y, A[1]], out=w)
    m = np.empty(3)
    np.mean(A, axis=0, out=m)
    t = np.empty(2)
    np.take(y, [0, 2], out=t)
    e = np.empty(3)
    np.einsum("ij,j->i", A, y, out=e)
    r = np.empty(3)
    np.maximum.reduce(A, axis=0, out=r)
    return np.sum(z) * np.sum(w * w) + np.sum(m * m) + np.sum(t * t) + np.sum(e * e) + np.sum(r*r)


cases.add(out_various, mat(3,3), vec(3,.8))


def out_view(x):
    z = np.zeros((2, 4))
    np.sin(x, out=z[1])
    np.cos(x, out=z[0, ::-1])
    np.add(z[0], z[1], out=z[0])
    return np.sum(z * z * x)


cases.add(out_view, vec(4))


def out_returns(x):
    z = np.zeros(4)
    w = np.sin(x, out=z)
    w[0] = 3.0 * x[1]
    return np.sum(z * z)


cases.add(out_returns, vec(4))


def out_tuple(x):
    z = np.zeros(4)
    np.sin(x, out=(z,))
    return np.sum(z * z)


cases.add(out_tuple, vec(4))


def add_reduce(x):
    s = np.zeros(())
    np.add.reduce(x * x, out=s)
    a = np.add.accumulate(x)
    return float(s) * a[2]


cases.add(add_reduce, vec(4))


def real_imag(x):
    z = np.zeros(4, dtype=complex)
    z.real = x
    z.imag[:] = x[::-1]
    z[0] *= 1j
    return np.sum(np.abs(z * z)) + z[1].real * z[2].imag


cases.add(real_imag, vec(4), no_duals=True)


def memview(x):
    m = memoryview(x)
    m[0] = 3.0
    return np.sum(x * x)


cases.add(memview, vec(4), refused="SRC184")


def ndindex(x):
    A = x.reshape(2, 2)
    for i in np.ndindex(2, 2):
        A[i] *= A[i[1], i[0]]
    return np.sum(x * x)


cases.add(ndindex, vec(4))


def object_array(x):
    o = np.empty(2, dtype=object)
    o[0] = x
    o[1] = x * 2
    o[0][1] = 3.0
    return np.sum(o[0] * o[1])


cases.add(object_array, vec(4), refused="SRC141")


def frombuffer(x):
    y = np.frombuffer(x)
    x[0] = 3.0
    return np.sum(x * y)


cases.add(frombuffer, vec(4), refused="SRC201")


def apply_mut(x):
    def f(r):
        r[0] *= 2
        return r.sum()
    A = x.reshape(2, 2) * 1.0
    s = sum(map(f, A))
    return s + np.sum(A * A)


cases.add(apply_mut, vec(4), refused="SRC135")


def comp_mut(x):
    def f(v, i):
        v[i] *= v[i - 1]
        return v[i]
    s = [f(x, i) for i in range(4)]
    return np.sum(x) + s[1] * s[3]


cases.add(comp_mut, vec(4))


def zero_d(x, s):
    z = np.array(s)
    z += x[0]
    z[()] = z * z
    y = np.asarray(z)
    y *= 3.0
    return float(z) * x[1]


cases.add(zero_d, vec(4), 0.3)


def slice_of_empty(x):
    y = x[2:2]
    y += 1.0
    x[4:] = 0.0
    x[:0] *= x[:0]
    return np.sum(x * x)


cases.add(slice_of_empty, vec(4))


def ones_index(x):
    x[1], x[0] = x[0], x[1] * 2
    x[[0, 1]] = x[[1, 0]]
    i, x[i] = 2, 5.0 * x[3]
    return np.sum(x * x * np.arange(4.0))


cases.add(ones_index, vec(4))


def chained(x):
    y = np.zeros(4)
    x[0] = y[1] = x[2] * x[3]
    a = b = x
    a *= 2.0
    return np.sum(x * y) + np.sum(b)


cases.add(chained, vec(4))


def walrus_alias(x):
    if (y := x)[0] > -100:
        y[0] = 3 * x[1]
    return np.sum(x * y)


cases.add(walrus_alias, vec(4))


def with_write(x):
    with np.errstate(all="ignore"):
        x[1] *= x[0]
    return np.sum(x * x)


cases.add(with_write, vec(4))


def for_target(x):
    y = np.zeros(4)
    for i, y[i] in enumerate(x):
        pass
    for y[0] in range(3):
        x[y.astype(int)[0]] *= 2.0
    return np.sum(x * y)


cases.add(for_target, vec(4))


def del_alias(x):
    y = x
    del x
    y[0] = y[1] * 2
    return np.sum(y * y)


cases.add(del_alias, vec(4))


def copyto_where(x):
    y = np.zeros(4)
    np.copyto(y, x, where=[True, False, True, True])
    np.copyto(y[1:], x[:-1], where=x[1:] > 0)
    np.place(y, y > 0.4, [x[0]])
    np.putmask(y, y < 0, x)
    return np.sum(y * x)


cases.add(copyto_where, vec(4))


def limits_of_types(x):
    limits = np.finfo(x.dtype)
    y = np.log(np.clip(x * x, limits.eps, 1.0 / np.finfo(float).eps))
    y += np.iinfo(np.int8).max
    y *= np.finfo(float).resolution * 1e14
    return np.sum(y) + limits.tiny


cases.add(limits_of_types, vec(3), no_duals=True)
