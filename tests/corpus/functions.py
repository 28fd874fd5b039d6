"""Builtins, `math` and NumPy functions in small programs; the table's own tests go through every entry."""
from __future__ import annotations

import math

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()


def builtins_numbers(a, b):
    return abs(-a) * max(a, b) + min(a, b) ** 2 + pow(a, 2) + pow(a, b) + divmod(a * 5, b)[1] + round(b) * a + sum([a, b])


cases.add(builtins_numbers, 0.7, 1.3)


def builtins_max_key(x, a):
    return max(x, default=0.0) * min(x) * a + max([a, 0.2], key=lambda t: -t)


cases.add(builtins_max_key, [0.3, 0.8, 0.5], 0.7, insensitive=True)


def builtins_sorted(x, a):
    s = sorted(x)
    return s[0] * a + s[-1] ** 2 + sorted(x, reverse=True)[1]


cases.add(builtins_sorted, [0.3, 0.8, 0.5], 0.7)


def builtins_array(x):
    return sum(x) * abs(x)[0] + max(x) * len(x) + float(abs(x).sum())


cases.add(builtins_array, vec(3))


def math_elementary(a):
    return math.sin(a) + math.cos(a) * math.tan(a) + math.asin(a) + math.acos(a) + math.atan(a) + math.sinh(a) * math.cosh(a) + math.tanh(a)


cases.add(math_elementary, 0.7)


def math_inverse_hyperbolic(a, b):
    return math.asinh(a) + math.acosh(b) + math.atanh(a)


cases.add(math_inverse_hyperbolic, 0.7, 1.3)


def math_exponential(a, b):
    return math.exp(a) + math.expm1(a) + math.log(a) + math.log(a, b) + math.log1p(a) + math.log2(a) + math.log10(b) + math.exp2(a)


cases.add(math_exponential, 0.7, 1.3)


def math_powers(a, b):
    return math.sqrt(a) + math.pow(a, b) + math.hypot(a, b) + math.hypot(a, b, 2.0) + math.cbrt(a) + math.dist([a, b], [b, 0.2])


cases.add(math_powers, 0.7, 1.3)


def math_special(a, b):
    return math.erf(a) + math.erfc(b) + math.gamma(b) + math.lgamma(a)


cases.add(math_special, 0.7, 1.3, rtol=1e-7)


def math_parts(a, b):
    return math.fmod(5 * a, b) + math.remainder(5 * a, b) + math.copysign(a, -b) + math.fabs(-a) + math.modf(b)[0] + math.ldexp(a, 2)


cases.add(math_parts, 0.7, 1.3)


def math_angles(a, b):
    return math.atan2(a, b) + math.degrees(a) * 0.01 + math.radians(b)


cases.add(math_angles, 0.7, 1.3)


def math_sums(a, b):
    return math.fsum([a, b, a * b]) + math.prod([a, b, 2.0]) + math.floor(b) * a + math.ceil(a) * b + math.trunc(b) + math.factorial(3) * a


cases.add(math_sums, 0.7, 1.3)


def numpy_elementary(x):
    y = np.sin(x) + np.cos(x) * np.tan(x) + np.arcsin(x / 3) + np.arccos(x / 3) + np.arctan(x) + np.sinh(x) + np.cosh(x) + np.tanh(x)
    return np.sum(y * np.arcsinh(x) + np.arctanh(x / 3) + np.arccosh(np.abs(x) + 1.5))


cases.add(numpy_elementary, vec(4))


def numpy_exponential(x):
    p = np.abs(x) + 0.3
    return np.sum(np.exp(x) + np.expm1(x) + np.exp2(x) + np.log(p) + np.log1p(p) + np.log2(p) + np.log10(p) + np.sqrt(p) + np.cbrt(p))


cases.add(numpy_exponential, vec(4))


def numpy_arithmetic(x, y):
    return np.sum(np.add(x, y) * np.subtract(x, y) + np.multiply(x, y) + np.divide(x, y + 3) + np.negative(x) + np.square(y) + np.reciprocal(y + 3))


cases.add(numpy_arithmetic, vec(3), vec(3, 0.8))


def numpy_binary(x, y):
    p = np.abs(x) + 0.3
    return np.sum(np.power(p, y) + np.arctan2(x, y) + np.hypot(x, y) + np.maximum(x, y) + np.minimum(x, 0.2) + np.mod(x, 0.7) + np.logaddexp(x, y))


cases.add(numpy_binary, vec(3), vec(3, 0.8))


def numpy_reductions(x):
    return np.sum(x) * np.mean(x) + np.prod(x) + np.max(x) * np.min(x) + np.std(x) + np.var(x) + np.cumsum(x)[1] + np.cumprod(x)[2] + np.ptp(x)


cases.add(numpy_reductions, vec(4))


def numpy_axis(m):
    c = np.sum(m, axis=0) * np.mean(m, axis=0) + np.max(m, axis=0) + np.std(m, axis=0)
    r = np.sum(m, axis=1, keepdims=True) * np.min(m, axis=-1, keepdims=True)
    return np.sum(c) + np.sum(r * m) + np.sum(np.cumsum(m, axis=1)[:, 1]) + np.sum(m, axis=(0, 1))


cases.add(numpy_axis, mat(3, 2))


def numpy_methods(m, x):
    return m.sum() * m.mean() + m.max() * m.min() + m.sum(axis=0).dot(x) + m.T.reshape(-1)[0] + m.ravel()[2] + m.flatten()[1] + x.prod() + x.std() + x.cumsum()[1]


cases.add(numpy_methods, mat(3, 2), vec(2))


def numpy_methods_shape(m):
    return np.sum(m.reshape(2, 3) @ m) + np.sum(m.transpose() * m.T) + np.sum(m.copy().swapaxes(0, 1)[0]) + np.sum(m.astype(float).clip(-0.1, 0.5)) + m.item(1)


cases.add(numpy_methods_shape, mat(3, 2))


def numpy_shape(x, m):
    y = np.reshape(m, (2, 3)) @ np.transpose(np.reshape(m, (2, 3)))
    z = np.expand_dims(x, 0) * np.squeeze(x[None, :])
    return np.sum(y) + np.sum(z) + np.sum(np.swapaxes(m, 0, 1)[0]) + np.sum(np.ravel(m) ** 2) + np.sum(np.moveaxis(m, 0, 1) * 2.0) + np.sum(np.atleast_2d(x) * x)


cases.add(numpy_shape, vec(3), mat(3, 2))


def numpy_rearrange(x):
    return np.sum(np.flip(x) * x + np.roll(x, 1) * x) + np.sum(np.tile(x, 2) ** 2) + np.sum(np.repeat(x, 2)[1:3]) + np.sum(np.sort(x) * x) + np.sum(np.diff(x) ** 2)


cases.add(numpy_rearrange, vec(4))


def numpy_join(x, y):
    return np.sum(np.concatenate([x, y]) ** 2) + np.sum(np.stack([x, y], axis=1)[:, 0] * y) + np.sum(np.vstack([x, y]) @ x) + np.sum(np.hstack([x, y])[1:4]) + np.sum(np.column_stack([x, y])[0])


cases.add(numpy_join, vec(3), vec(3, 0.8))


def numpy_products(x, y, m):
    return np.dot(x, y) + np.sum(np.dot(m, x)) + np.sum(np.outer(x, y) * m) + np.inner(x, y) * np.vdot(x, y) + np.sum(np.matmul(m, m)) + np.trace(m)


cases.add(numpy_products, vec(3), vec(3, 0.8), mat(3, 3))


def numpy_tensors(m, n):
    return np.sum(np.tensordot(m, n, axes=1)) + np.sum(np.einsum("ij,jk->ik", m, n) ** 2) + np.einsum("ij,ij", m, m) + np.sum(np.kron(m, n))


cases.add(numpy_tensors, mat(2, 3), mat(3, 2, 0.6))


def numpy_cross(x, y):
    return np.sum(np.cross(x, y) * x[::-1])


cases.add(numpy_cross, vec(3), vec(3, 0.8))


def numpy_linalg(m, x):
    a = m @ m.T + np.eye(3)
    return np.linalg.norm(x) + np.linalg.det(a) + np.sum(np.linalg.inv(a)) + np.sum(np.linalg.solve(a, x))


cases.add(numpy_linalg, mat(3, 3), vec(3))


def numpy_diagonals(m, x):
    return np.sum(np.diag(m) * x) + np.sum(np.diag(x) @ m) + np.sum(np.tril(m) ** 2) + np.sum(np.triu(m, 1))


cases.add(numpy_diagonals, mat(3, 3), vec(3))


def numpy_selection(x, y):
    return np.sum(np.where(x > y, x, y * y)) + np.sum(np.take(x, [0, 2])) + np.sum(np.clip(x, -0.1, 0.6)) + np.sum(np.abs(x - y)) + np.sum(np.sign(x) * y)


cases.add(numpy_selection, vec(4), vec(4, 0.8))


def numpy_broadcast_to(x, a):
    return np.sum(np.broadcast_to(x, (3, 2)) * mat(3, 2)) + np.sum(np.linspace(0.0, 1.0, 3) * a) + np.sum(np.full(2, a) * x)


cases.add(numpy_broadcast_to, vec(2), 0.7)


def numpy_out_of_python(x, a):
    y = np.asarray(x) * a
    z = np.array([y[0], a, 1.0]) + np.array(x)
    return np.sum(np.atleast_1d(z) * z) + np.mean(x)


cases.add(numpy_out_of_python, [0.3, 0.8, 0.5], 0.7)


def numpy_rounding_is_a_cut(x):
    return np.sum(np.floor(3.0 * x) * x) + np.sum(np.round(x) * x) + np.sum(np.ceil(x) * x) + np.sum(np.argsort(x) * x) + np.sum(np.rint(x))


cases.add(numpy_rounding_is_a_cut, vec(4))


def numpy_comparisons(x, y):
    if np.all(x > -5) and np.any(y > 0) and np.isfinite(x).all() and np.allclose(x, x) and not np.isnan(y).any() and np.array_equal(x, x):
        return np.sum(x * y) * np.count_nonzero(x > 0)
    return 0.0


cases.add(numpy_comparisons, vec(3), vec(3, 0.8))


def numpy_searchsorted(x, a):
    k = np.searchsorted(np.linspace(-2.0, 2.0, 9), a)
    return x[k - 4] * a + np.shape(x)[0] + np.size(x) * a + np.ndim(x)


cases.add(numpy_searchsorted, vec(4), 0.7, insensitive=True)


def numpy_interpolation(a, y):
    return np.sum(np.convolve(y, [0.5, 0.5]) * a) + np.average(y) + np.median(y)


cases.add(numpy_interpolation, 0.7, vec(3))


def numpy_complex(x):
    z = x + 1j * x[::-1]
    w = z * np.exp(z) / (z + 2.0)
    return np.sum(w.real) + np.sum(np.imag(w) ** 2) + np.sum(np.abs(w)) + np.real(np.vdot(z, w))


cases.add(numpy_complex, vec(3))


def numpy_extreme_ties(x):
    return np.sum(np.maximum(x, x)) + np.sum(np.abs(x))


cases.add(numpy_extreme_ties, np.array([0.5, 0.0, -0.4]), smooth=False)
