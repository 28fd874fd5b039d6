"""One program for each kind of write that is accepted, and for each kind of change that must not go unseen; some raise behind it."""
from __future__ import annotations

import collections
import contextlib
import dataclasses

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
W = np.cos(np.arange(36.0))


def weighed(*arrays):
    return sum(np.sum(np.abs(a) ** 2 * W[: a.size].reshape(a.shape)) for a in arrays)


# ---- arrays: each operator, on elements, parts and whole arrays --------------------------------------------------------
def operators_on_elements(x, k):
    y = x * 2.0 + 3.0
    y[0] = x[1] * x[2]
    y[1] += x[k]
    y[k] -= y[0]
    y[3] *= y[1]
    y[0] /= x[2] + 3.0
    y[1] **= 2
    y[2] %= 1.5
    y[-1] //= 2.5
    return weighed(y)


cases.add(operators_on_elements, vec(5), 2)


def operators_on_parts(A):
    B = A * 2.0
    B[1:] += A[:-1]
    B[..., 0] -= A[..., 1]
    B[0, ::2] *= B[1, ::2]
    B[::-1, 1] /= A[:, 0] + 4.0
    B[B > 0.4] *= 0.5
    B[[0, 2, 0]] += 1.5 * A[[1, 1, 1]]
    B[None, 1, ..., 2] = A[0, 0]
    return weighed(B)


cases.add(operators_on_parts, mat(3, 4))


def operators_on_arrays(A, x):
    B = A * 1.0
    C = B
    B += x
    B -= 0.5
    B *= A
    B /= 2.0 + x * x
    B @= A
    B **= 2
    B %= 3.0
    B //= 0.7
    B += C * A
    return weighed(B, C)


cases.add(operators_on_arrays, mat(3, 3), vec(3))


def results_put_in_place(x, y):
    z = np.zeros(4)
    np.multiply(x, y, out=z)
    np.add(z, x, z)
    np.exp(z, where=x > 0.0, out=z)
    np.dot(np.outer(x, y), z, out=y)
    np.clip(x, -0.4, 0.4, out=x)
    return weighed(x, y, z)


cases.add(results_put_in_place, vec(4), vec(4, 0.7), no_duals=True)


def functions_that_write(x, v):
    y = x * 2.0
    np.copyto(y[:2], v[1:3])
    np.copyto(y, x * v, where=x > 0.2)
    np.put(y, [0, 3], v[:2])
    np.place(y, x < 0.0, v[2:])
    A = np.outer(x, v)
    np.fill_diagonal(A, v * v)
    np.add.at(y, [1, 1, 2], v[:3])
    z = x * v
    z.sort()
    w = x * 1.0
    w.fill(v[0])
    return weighed(y, A, z, w)


cases.add(functions_that_write, vec(4), vec(4, 0.7), no_duals=True)


# ---- arrays: views and aliases -----------------------------------------------------------------------------------------
def views_of_all_kinds(A):
    B = A * 1.0
    B.reshape(2, 6)[1] *= B[0, 0]
    B.ravel()[3:5] += B[2, :2]
    B.T[0] = B[:, 1] * B[:, 2]
    np.transpose(B)[1, 1:] -= 0.5
    B.swapaxes(0, 1)[2] *= 1.5
    B[::-1, ::2][0] += A[0, :2]
    np.asarray(B)[2, 2] = B[0, 1] ** 2
    return weighed(B)


cases.add(views_of_all_kinds, mat(3, 4))


def parts_of_complex_numbers(x):
    z = x + 1j * x[::-1]
    z.real[1:] *= x[:-1]
    z.imag = z.real * 2.0
    np.real(z)[0] = x[1]
    return weighed(z)


cases.add(parts_of_complex_numbers, vec(4), no_duals=True)


def read_only_views(x, late):
    y = np.broadcast_to(x, (2, 3))
    d = np.diagonal(np.outer(x, x))
    s = np.sum(y * y) + np.sum(d)
    x[0] = 7.0
    if late:
        d[0] = 1.0
    return s + x[0] * y[1, 1]


for late in (0, 1):
    cases.add(read_only_views, vec(3), late, no_duals=True)


def rows_and_unpacking(A):
    for k, row in enumerate(A):
        row *= k + 1.0
        row[k] += row[0]
    first, *_, last = A
    first -= 2.0 * last
    a, b = first[:2], last[1:]
    a[:] = b
    b[0] = a[1] * a[0]
    return weighed(A)


cases.add(rows_and_unpacking, mat(3, 3))


def branch_alias(x, y, c):
    z = x if c > 0.0 else y
    w = z[1:]
    w *= 2.0
    z[0] = y[1] * x[2]
    return weighed(x, y, z)


for c in (1.0, -1.0):
    cases.add(branch_alias, vec(4), vec(4, 0.7), c)


def overlapping(a):
    a[1:] = a[:-1]
    a[1:] += a[:-1] * a[1:]
    a[:-1] = a[1:] - a[:-1]
    a[::2] *= a[::-1][::2]
    return weighed(a)


cases.add(overlapping, vec(5))


class Holder:
    __slots__ = ("buffer", "count")

    def __init__(self, buffer):
        self.buffer = buffer
        self.count = 0

    @property
    def last(self):
        return self.buffer[-1]

    def push(self, v):
        self.buffer[:-1] = self.buffer[1:]
        self.buffer[-1] = v * self.last
        self.count += 1


def buffers_in_lists_and_attributes(x, y):
    h = Holder(x)
    both = [x, y]
    for b in both:
        h.push(b[0])
    both[1][0] = h.last
    h.buffer = y
    h.push(3.0)
    return weighed(x, y) * h.count


cases.add(buffers_in_lists_and_attributes, vec(4), vec(4, 0.7))


# ---- arguments ---------------------------------------------------------------------------------------------------------
def fills(x, y, n):
    for k in range(n):
        x[k] *= y[k + 1]
        y[:] = y[::-1] * x[k]
    x /= 2.0


def result_in_an_argument(x, y, n):
    fills(x, y, n)
    return weighed(x, y)


for n in (3, 9):  # the second one leaves its arguments half changed
    cases.add(result_in_an_argument, vec(5), vec(5, 0.7), n)


def parts_of_arguments_change(p, rows):
    p["w"] *= p["b"]
    p["new"] = p["w"][0]
    rows.append(rows[0] * p["new"])
    rows[0] += 1.0
    if len(rows) > 2:
        raise KeyError("rows")
    return weighed(p["w"], rows[0], rows[1])


cases.add(parts_of_arguments_change, {"w": vec(3), "b": 0.4}, [vec(3, 0.7)])
cases.add(parts_of_arguments_change, {"w": vec(3), "b": 0.4}, [vec(3, 0.7), vec(3, 0.2)])


# ---- lists, dicts, sets, deques ----------------------------------------------------------------------------------------
def lists(x, n):
    a = [v * 2.0 for v in x]
    a.append(x[0] * x[1])
    a.extend(v * v for v in x[:2])
    a.insert(1, a[0])
    a[2] = a.pop()
    a[0:2] = [a[1] * a[2], x[2]]
    b = []
    for k in range(n):
        b.append(a[k] * x)
        b[-1][0] += k
    c = [[x[0], [x[1] * x[2]]], [x[3], [2.0]]]
    c[1][1][0] *= x[0]
    c[0], c[1] = c[1], c[0]
    return np.sum(np.stack(b)) + np.sum(np.array(b)[0] ** 2) + np.sum(sum(b)) + sum(r[0] * r[1][0] for r in c) + sum(a)


cases.add(lists, vec(4), 3)


def dicts(x):
    d = {"a": x, "n": 2}
    d.update(b=x * 2.0, c=d["a"][0])
    d.setdefault("e", x[1] * d["c"])
    d.setdefault("a", 0.0)
    d["b"] *= d.get("e", 1.0)
    d["b"][0] += d.get("missing", 4.0)
    del d["n"]
    total = 0.0
    for key, value in d.items():
        total = total + np.sum(value) * len(key)
    return total + d.pop("c") ** 2 + len(d)


cases.add(dicts, vec(4))


def sets_and_deques(x, n):
    last = collections.deque(maxlen=3)
    seen = set()
    total = 0.0
    for k in range(n):
        last.append(x[k] * x[0])
        seen.add(k % 2)
        total = total * 0.5 + sum(last) * len(seen)
    last.appendleft(x[-1])
    return total * last.popleft() + last.pop()


cases.add(sets_and_deques, vec(5), 5)


# ---- objects -----------------------------------------------------------------------------------------------------------
@dataclasses.dataclass
class State:
    position: np.ndarray
    velocity: np.ndarray
    time: float = 0.0

    def step(self, dt):
        self.velocity -= dt * self.position
        self.position = self.position + dt * self.velocity
        self.time += dt
        return self


Pair = collections.namedtuple("Pair", "left right")


def objects(x, v):
    s = State(x, v)
    for _ in range(3):
        s.step(0.3).step(0.1 * s.time)
    p = Pair(s.position, v)
    p.right[0] = p.left[1]
    p = p._replace(left=x)
    return weighed(s.position, s.velocity, *p) * s.time


cases.add(objects, vec(3), vec(3, 0.7))


@contextlib.contextmanager
def scaled(a, factor):
    a *= factor
    try:
        yield a[1:]
    finally:
        a /= factor


def managers(x, fail):
    with scaled(x, 3.0) as part:
        part[0] *= x[0]
        if fail:
            raise ValueError("inside")
    return weighed(x)


cases.add(managers, vec(3), False)
cases.add(managers, vec(3), True, refused="SRC119")


class Countdown:
    def __init__(self, values):
        self.values, self.at = values, len(values)

    def __iter__(self):
        return self

    def __next__(self):
        if not self.at:
            raise StopIteration
        self.at -= 1
        self.values[self.at] *= 2.0
        return self.values[self.at]


def partial_sums(x):
    total = 0.0
    for v in x:
        total += v
        yield total


def iterators_and_generators(x):
    s = 0.0
    for v in Countdown(x):
        s = s * 0.5 + v * v
    for k, t in enumerate(partial_sums(x)):
        x[k] = t * s
    return weighed(x)


cases.add(iterators_and_generators, vec(4))


def cells(x):
    buffer, total, count = np.zeros(3), 0.0, 0

    def add(k):
        nonlocal total, count
        buffer[k % 3] += x[k] * (total + 1.0)
        total = total + buffer[k % 3]
        count += 1

    for k in range(4):
        add(k)
    return weighed(buffer) + total * count


cases.add(cells, vec(4))


# ---- random numbers ----------------------------------------------------------------------------------------------------
def random_numbers(mean, scale):
    rng = np.random.default_rng(3)
    np.random.seed(5)
    path = np.empty(5)
    path[0] = mean
    for k in range(1, 5):
        path[k] = path[k - 1] + scale * rng.normal() + np.random.normal(mean, scale)
        if rng.random() < 0.3:
            path[k] *= 0.5
    return weighed(path)


cases.add(random_numbers, 0.3, 0.4, no_duals=True)


# ---- what must not go unseen -------------------------------------------------------------------------------------------
def needed_after_overwriting(x):
    y = np.sin(x)
    z = np.exp(y)
    y *= z
    z[:] = y * y
    w = z * y
    y[0] = w[1]
    z += y
    return weighed(w, y, z)


cases.add(needed_after_overwriting, vec(4))


def layouts(A, x):
    total = 0.0
    for B in (A * 1.0, np.asfortranarray(A * 2.0), np.zeros((3, 8))[:, ::2] + A, (A * 3.0)[::-1], (A * 4.0).T[:, ::-1].T):
        B[1:, 0] *= x[0]
        v = B[:, ::2].T
        v[0] += x
        total = total + weighed(B, v)
    z = np.array(x[0] * 2.0)
    z[...] = z * x[1]
    e = x[3:] * 1.0
    e *= 2.0
    e[:] = 1.0
    return total + z * z + np.sum(e)


cases.add(layouts, mat(3, 4), vec(3), no_duals=True)


def through_memory(x):
    y = x * 2.0
    memoryview(y)[0] = 3.0
    return np.sum(y)


cases.add(through_memory, vec(3), refused="SRC184")


def through_a_buffer(x):
    y = x * 2.0
    np.frombuffer(y)[:] = x
    return np.sum(y)


cases.add(through_a_buffer, vec(3), refused="SRC201")


def through_objects(x):
    y = np.empty(2, dtype=object)
    y[0] = x[0] * 2.0
    return y[0] * 3.0


cases.add(through_objects, vec(3), refused="SRC141")


def through_a_pointer(x):
    y = x * 2.0
    y.ctypes.data_as(None)
    return np.sum(y)


cases.add(through_a_pointer, vec(3), refused="SRC201")
