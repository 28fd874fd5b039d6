"""Forms of everyday programs: formatted text, sums of objects, `np.ix_`, decorators inside."""
from __future__ import annotations

import collections
import functools

import numpy as np
import pytest

import srcad

X = np.array([1.5, 2.0, 0.5, 3.0])


def formatted(x):
    s = np.sum(x)
    title = ("%5.2f" % s).strip()
    row = "%s: %d of %d" % ("part", 1, len(x))  # noqa: UP031 -- the operator is what is tested
    return s * len(row) + s**2 if title != "0.00" else s


class Length:
    factors = {"m": 1.0, "km": 1e3}

    def __init__(self, value, unit="m"):
        self.value = value * self.factors[unit]

    def __add__(self, other):
        return Length(self.value + (other.value if isinstance(other, Length) else other))

    __radd__ = __add__

    def __mul__(self, scale):
        return Length(self.value * scale)

    def __lt__(self, other):
        return self.value < other.value


def sum_of_objects(x):
    parts = [Length(x[0], "km"), Length(x[1]) * x[2], Length(x[3])]
    return sum(parts).value * x[0] + sum(parts, Length(x[1])).value


def extrema_of_objects(x):
    parts = [Length(v) for v in (x[0], x[1], x[2])]
    return max(parts).value * min(parts).value + max(Length(x[0]), Length(x[3])).value ** 2


def assembled(x):
    stiffness = np.zeros((5, 5))
    for e in range(4):
        nodes = [e, e + 1]
        stiffness[np.ix_(nodes, nodes)] += x[e] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    free = np.arange(1, 5)
    u = np.linalg.solve(stiffness[np.ix_(free, free)], np.ones(4))
    return u[-1] + np.sum(stiffness[np.ix_([0, 2], range(3))] ** 2)


@functools.singledispatch
def size(x):
    raise TypeError(x)


@size.register
def _(x: float):
    return abs(x)


@size.register
def _(x: np.ndarray):
    return np.sqrt(np.sum(x**2))


@size.register
def _(x: list):
    return sum(size(v) for v in x)


def chosen_by_class(x):
    return size(x) * size(float(x[0])) + size([x, float(x[1])])


def cached_inside(x):
    @functools.lru_cache(maxsize=None)
    def legendre(k):
        if k < 2:
            return x[0] ** k
        return ((2 * k - 1) * x[0] * legendre(k - 1) - (k - 1) * legendre(k - 2)) / k

    return legendre(5)


def scaled(s):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args):
            return s * f(*args)

        return wrapper

    return decorate


def decorated_inside(x):
    @scaled(x[1])
    @scaled(2.0)
    def square(y):
        return y * y

    return square(x[0]) * len(square.__name__)


class Row:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        if isinstance(i, slice):
            start, stop, step = i.indices(len(self))
            return Row([self.items[k] for k in range(start, stop, step)])
        return self.items[i]


def slices_by_hand(x):
    row, n = Row([x[0], x[1] * 2.0, x[2], x[3]]), int(len(x))
    total = sum(x[k] for k in range(*slice(1, None, 2).indices(n)))
    return total * row[1:][0] * row[::-1][0] + len(row[-2:]) * row[n - 3 :][1]


@pytest.mark.parametrize("function", [chosen_by_class, cached_inside, decorated_inside, formatted, sum_of_objects, extrema_of_objects, assembled,
                                      slices_by_hand])  # fmt: skip
def test_derivatives(function):
    assert srcad.value_and_grad(function)(X)[0] == function(X)
    srcad.check_grads(function, X)


def window(x, n):
    last = collections.deque(maxlen=3)
    total = 0.0
    for i in range(n):
        last.append(x * i)
        if len(last) == 3:
            total += sum(last) * last[0]
    return total


def test_the_place_of_an_item_that_leaves_is_no_cut():
    """Where an item stands that a list gives away depends on the list's length only: no derivative is lost there."""
    gradient = srcad.grad(window)
    srcad.check_grads(window, 0.7, 6)
    assert gradient(0.7, 6) == pytest.approx(2 * window(0.7, 6) / 0.7)
    assert gradient.cuts == ()


def test_at_least_of_several_arrays():
    def f(x, a):
        rows, more, cube = np.atleast_2d(x, a, 2.0)
        first, second = np.atleast_1d(x[0], a)
        return np.sum(rows @ more.T) * cube[0, 0] + first[0] * np.sum(second) + np.sum(np.atleast_3d(a))

    srcad.check_grads(f, np.array([0.3, 0.7]), np.array([1.1, -0.4]), order=2)


def test_reduce_of_nothing_raises_as_python_does():
    def f(x, n):
        return functools.reduce(lambda a, b: a * b, [x] * n)

    assert srcad.grad(f)(0.7, 3) == pytest.approx(3 * 0.7**2)
    for function in (f, srcad.grad(f)):
        with pytest.raises(TypeError, match="empty iterable"):
            function(0.7, 0)


def over_axes(a):
    total = 0.0
    for k in range(a.ndim):
        total += np.sum(np.gradient(a, axis=k) ** 2)
    parts = np.gradient(a)
    return total + sum([np.sum(np.gradient(parts[i], axis=j) ** 2) for i in range(a.ndim) for j in range(i, a.ndim)])


def test_loops_over_axes_are_unrolled():
    """The rule of `np.gradient` must know the axis."""
    srcad.check_grads(over_axes, np.random.default_rng(0).normal(size=(4, 5)))


def places_and_items(x):
    a, b = x.reshape(2, 2), 2.0 * x.reshape(1, 1, 4)
    out = np.zeros_like(a)
    for (i, j), v in np.ndenumerate(a):
        out[i, j] = v * v * (i + 1) + (out[i, j - 1] if j else 0.0)
    total = sum(v * k for (k,), v in np.ndenumerate(x))
    for place, v in np.ndenumerate(b):
        total += v * place[2] + b[place] ** 2
        b[0, 0, 1:] *= 1.1
    return np.sum(out) + total


def test_places_and_items():
    srcad.check_grads(places_and_items, X)
