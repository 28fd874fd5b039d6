"""Values: scalars of all types, arrays, containers, dataclasses."""
from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
Point = namedtuple("Point", ["x", "y"])


@dataclass
class Model:
    """Parameters."""

    weight: float
    bias: float
    name: str = "m"

    def predict(self, t):
        return self.weight * t + self.bias


@dataclass(frozen=True)
class Layer:
    """A matrix and a vector."""

    w: np.ndarray
    b: np.ndarray


# ---- scalars ---------------------------------------------------------------------------------------------------------
def scalar_int_mixed(a, n):
    return a * n + n / 2 - n // 2 + n % 2 + n**2 * a


cases.add(scalar_int_mixed, 0.7, 3)


def scalar_bool(a, flag):
    return a * flag + (not flag) * a * a


cases.add(scalar_bool, 0.7, True)
cases.add(scalar_bool, 0.7, False)


def scalar_numpy(a, b):
    return np.sin(a) * b + a**2


cases.add(scalar_numpy, np.float64(0.7), 1.3)
cases.add(scalar_numpy, np.float64(0.7), np.float64(1.3))


def scalar_float32(a, x):
    return a * x[0] + np.sum(x) * 0.5


cases.add(scalar_float32, np.float32(0.7), vec(3).astype(np.float32))


def scalar_mixed_precision(a, x, y):
    return np.sum(x * y) * a


cases.add(scalar_mixed_precision, 0.7, vec(3).astype(np.float32), vec(3, 0.8))


def scalar_from_array(x):
    s = x[0]
    t = x[1].item()
    u = float(x[2])
    return s * t + u * math.sin(s)


cases.add(scalar_from_array, vec(3))


def scalar_conversions(a):
    return float(a) * np.float64(a) + float(np.sin(a)) * int(3.7) + round(a, 1) * a + bool(a)


cases.add(scalar_conversions, 0.72)


def scalar_int_cut(a, b):
    return int(a * 10.0) * b + math.floor(b * 4.0) * a + round(a * 3.0)


cases.add(scalar_int_cut, 0.72, 1.3)


def scalar_zero_d(a):
    z = np.array(a)
    w = z * 2.0 + np.asarray(a)
    return w * w


cases.add(scalar_zero_d, 0.7)


def scalar_zero_d_argument(z, a):
    return float(z) * a + np.sin(z) * z[()]


cases.add(scalar_zero_d_argument, np.array(0.7), 1.3)


def scalar_complex(a, b):
    z = complex(a, b)
    w = z * z + 1j * z
    return w.real * w.imag + abs(w)


cases.add(scalar_complex, 0.7, 1.3)


def scalar_complex_numpy(x, a):
    z = np.exp(1j * x * a)
    return np.sum(np.real(z * np.conj(z[::-1]))) + np.abs(np.sum(z)) ** 2 + z.imag[0]


cases.add(scalar_complex_numpy, vec(3), 0.7)


def scalar_weak_zero(x, flag):
    acc = 0
    if flag:
        acc = acc + x[0]
    acc = acc + x[1] * x[1]
    return acc * x[2]


cases.add(scalar_weak_zero, vec(3), True)
cases.add(scalar_weak_zero, vec(3), False, insensitive=True)


def scalar_accumulates_array(x, n):
    acc = 0.0
    for i in range(n):
        acc = acc + x * i
    return np.sum(acc * x)


cases.add(scalar_accumulates_array, vec(3), 3)


def scalar_isinstance(a):
    if isinstance(a, float):
        return a * a
    return a


cases.add(scalar_isinstance, 0.7)


def scalar_isscalar(x):
    if np.isscalar(x):
        return x * 2.0
    if hasattr(x, "shape") and x.ndim == 1:
        return np.sum(x * x)
    return 0.0


cases.add(scalar_isscalar, vec(3))
cases.add(scalar_isscalar, 0.4)


def scalar_none_option(a, mode=None, scale="big"):
    if mode is None:
        a = a * 2.0
    if scale == "big":
        a = a * a
    return a


cases.add(scalar_none_option, 0.7)
cases.add(scalar_none_option, 0.7, 1)
cases.add(scalar_none_option, 0.7, None, "small")


def scalar_inf_guard(a):
    best = math.inf
    for k in range(3):
        value = (a - k) ** 2 + 0.1 * k
        if value < best:
            best = value
    return best


cases.add(scalar_inf_guard, 0.7)


# ---- arrays ----------------------------------------------------------------------------------------------------------
def array_float32(x):
    y = np.tanh(x) * 2.0
    return np.sum(y * y)


cases.add(array_float32, vec(4).astype(np.float32))


def array_int_mixed(x, k):
    return np.sum(x * k) + np.sum(k) * x[0] + np.sum(x**2 / k)


cases.add(array_int_mixed, vec(3), np.array([1, 2, 3]))


def array_bool(x, mask):
    return np.sum(x * mask) + np.sum(x[mask] ** 2)


cases.add(array_bool, vec(4), np.array([True, False, True, True]), insensitive=True)


def array_fortran(m):
    return np.sum(np.sin(m) * m.T @ m)


cases.add(array_fortran, np.asfortranarray(mat(3, 3)))


def array_strided(x):
    return np.sum(x * np.arange(len(x))) * x[1]


cases.add(array_strided, vec(8)[::2])
cases.add(array_strided, vec(4)[::-1])
cases.add(array_strided, mat(3, 3)[:, 1])


def array_read_only(x):
    return np.sum(x * x)


READ_ONLY = vec(3)
READ_ONLY.flags.writeable = False
cases.add(array_read_only, READ_ONLY)


def array_empty(x, a):
    return np.sum(x * a) + a * a + np.sum(np.sin(x))


cases.add(array_empty, np.zeros(0), 0.7, insensitive=True)


def array_length_one(x, y):
    return np.sum(x * y) + np.sum(x + y)


cases.add(array_length_one, vec(1), vec(4))
cases.add(array_length_one, vec(4), vec(1))
cases.add(array_length_one, vec(1), vec(1, 0.8))


def array_broadcast(m, x, a):
    return np.sum(m * x + a) + np.sum((m + x) ** 2 * a)


cases.add(array_broadcast, mat(2, 3), vec(3), 0.7)
cases.add(array_broadcast, mat(2, 1), vec(3), 0.7)
cases.add(array_broadcast, mat(1, 3), vec(1), 0.7)


def array_broadcast_rows(m, c):
    return np.sum(np.sin(m / c) + c)


cases.add(array_broadcast_rows, mat(2, 3), 1.5 + mat(2, 1))


def array_three_d(t, x):
    return np.sum(np.sin(t @ x) * t[:, 0, :1])


cases.add(array_three_d, vec(8).reshape(2, 2, 2), vec(2))


def array_built(a, b):
    x = np.array([a, b, a * b])
    m = np.array([[a, 1.0], [b, 2.0]])
    return np.sum(x * x[::-1]) + np.sum(m @ m)


cases.add(array_built, 0.7, 1.3)


def array_constants(a):
    z = np.zeros(3) + a
    o = np.ones((2, 2)) * a
    r = np.arange(4) * a
    e = np.eye(2) * a
    f = np.full(3, a)
    return np.sum(z) * np.sum(o) + np.sum(r) * np.sum(e) + np.sum(f * z)


cases.add(array_constants, 0.7)


def array_like(x):
    return np.sum(np.zeros_like(x) + x) + np.sum(np.ones_like(x) * x**2) + np.sum(np.full_like(x, 2.0) * x)


cases.add(array_like, vec(3))


def array_stack_list(x, n):
    rows = []
    h = x
    for _ in range(n):
        h = np.tanh(h + x)
        rows.append(h)
    m = np.stack(rows)
    return np.sum(m * m)


cases.add(array_stack_list, vec(3), 3)


def array_masked_where(x):
    safe = np.where(x > 0, x, 1.0)
    return np.sum(np.where(x > 0, np.log(safe), 0.0))


cases.add(array_masked_where, vec(5), insensitive=True)


def array_kinks(x):
    return np.sum(np.abs(x)) + np.sum(np.maximum(x, 0.0)) + np.sum(np.minimum(x, 0.5)) + np.sum(np.clip(x, -0.2, 0.7))


cases.add(array_kinks, vec(5))


def array_ties(x):
    return np.max(x) + 2.0 * np.min(x)


cases.add(array_ties, np.array([1.0, 0.3, 1.0, 0.3]), smooth=False)


# ---- containers ------------------------------------------------------------------------------------------------------
def container_list_argument(params, a):
    return params[0] * params[1] * a + params[-1]


cases.add(container_list_argument, [0.3, 0.8, 0.5], 0.7)


def container_nested_argument(params, x):
    h = x
    for w, b in params:
        h = np.tanh(w @ h + b)
    return np.sum(h)


cases.add(container_nested_argument, [(mat(2, 3), vec(2)), (mat(2, 2, 0.5), vec(2, 0.9))], vec(3))


def container_dict_argument(p):
    return p["w"] * np.sum(p["x"]) + p["w"] ** 2


cases.add(container_dict_argument, {"w": 0.7, "x": vec(3)})


def container_mixed_leaves(p, n):
    return p["w"] * p["n"] * n + p["opt"][0] * len(p["name"])


cases.add(container_mixed_leaves, {"w": 0.7, "n": 3, "name": "abc", "opt": (0.4, None)}, 2, wrt=(0,))


def container_tuple_state(state, h):
    x, v = state
    for _ in range(3):
        x, v = x + h * v, v - h * x
    return x * v


cases.add(container_tuple_state, (0.7, 1.3), 0.1)


def container_dict_of_lists(d):
    total = 0.0
    for values in d.values():
        for v in values:
            total += v * v * len(values)
    return total


cases.add(container_dict_of_lists, {"p": [0.3, 0.4], "q": [0.9]})


def container_named_tuple(a, b):
    p = Point(a, a * b)
    q = p._replace(x=b)
    return p.x * p.y + q[0] * q.y


cases.add(container_named_tuple, 0.7, 1.3)


def container_named_tuple_argument(p):
    return p.x * p.y + p[0]


cases.add(container_named_tuple_argument, Point(0.7, 1.3))


def container_min_max(a, b):
    items = [a, b, a * b]
    return max(items) * min(items) + max(a, b, 0.1) + sorted(items)[1]


cases.add(container_min_max, 0.7, 1.3)


def container_list_of_arrays(x, a):
    parts = [x * a, np.sin(x), x[::-1]]
    total = 0.0
    for p in parts:
        total += np.sum(p * parts[0])
    return total


cases.add(container_list_of_arrays, vec(3), 0.7)


def container_concatenated(x, y, a):
    z = np.concatenate([x, y * a, [a, 1.0]])
    return np.sum(z * z[::-1])


cases.add(container_concatenated, vec(2), vec(3), 0.7)


def container_map_filter(x, a):
    return sum(map(lambda t: t * a, x)) * sum(list(map(math.sin, [a, a * a])))


cases.add(container_map_filter, vec(3), 0.7)


def container_dataclass(a, b):
    m = Model(a, bias=b)
    return m.predict(a * b) * m.bias + len(m.name)


cases.add(container_dataclass, 0.7, 1.3)


def container_dataclass_argument(model, t):
    return model.predict(t) * model.weight


cases.add(container_dataclass_argument, Model(0.7, 1.3), 0.4)


def container_dataclass_arrays(layer, x):
    return np.sum(np.tanh(layer.w @ x + layer.b))


cases.add(container_dataclass_arrays, Layer(mat(2, 3), vec(2)), vec(3))


def container_list_of_dataclasses(layers, x):
    for layer in layers:
        x = np.tanh(layer.w @ x + layer.b)
    return np.sum(x)


cases.add(container_list_of_dataclasses, [Layer(mat(2, 3), vec(2)), Layer(mat(2, 2, 0.5), vec(2, 0.9))], vec(3))


def container_set(a):
    seen = {1, 2, 3}
    return a * len(seen) + (2 in seen) * a * a


cases.add(container_set, 0.7)


def container_string_key(a, b):
    d = dict(p=a, q=b)
    key = "p" if a > 0 else "q"
    return d[key] * d.get("q", 0.0) + d.get("nothing", 2.0) * a


cases.add(container_string_key, 0.7, 1.3)


def container_list_multiply(a, n):
    items = [a] * n
    return sum(items) * items[0]


cases.add(container_list_multiply, 0.7, 3)


def container_extend(a, b):
    out = [a]
    out = out + [b]
    more = out[:]
    return more[0] * more[1] + out.index(a) + out.count(b)


cases.add(container_extend, 0.7, 1.3, smooth=False)
