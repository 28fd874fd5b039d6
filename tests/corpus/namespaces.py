"""Functions written for any array library: the namespace is a value, and helpers ask what they were given."""
from __future__ import annotations

import enum
import functools
import inspect
import sys

import numpy as np

from tests.corpus.registry import Cases, mat, vec

cases = Cases()
LIBRARIES = {"numpy": "numpy"}
STRICT = False


class Pad(enum.Enum):
    """What is put at the ends."""

    ZERO = 0
    EDGE = 1


MODE = Pad.EDGE


def namespace(*arrays):
    if not STRICT:
        return sys.modules["numpy"] if arrays is None else np
    for array in arrays:
        if not isinstance(array, np.ndarray):
            raise TypeError("no array")
    return np


def asarray(obj, *, dtype=None, copy=None, xp):
    if copy is None:
        copy = np._CopyMode.IF_NEEDED if hasattr(np, "_CopyMode") else False
    return xp.array(obj, copy=copy, dtype=dtype)


def at_least(x, *, ndim, xp):
    if 1 <= ndim <= 2:
        return getattr(xp, f"atleast_{ndim}d")(x)
    return x


def common_dtype(*args, xp):
    arrays = [xp.asanyarray(arg) if np.iterable(arg) else arg for arg in args]
    given = [a for a in arrays if a is not None]
    return xp.result_type(*given, 1.0)


def promoted(*args, xp):
    dtype = common_dtype(*args, xp=xp)
    return tuple(asarray(a, dtype=dtype, xp=xp) if a is not None else a for a in args)


def leading(b, a):
    """Coefficients made monic, and changed in place."""
    xp = namespace(b, a)
    b, a = promoted(b, a, xp=xp)
    b = at_least(b, ndim=1, xp=xp)
    out = xp.zeros_like(b)
    out[:] = b / a[0]
    return xp.sum(out * xp.flip(out)) + a[1] ** 2


cases.add(leading, vec(3), np.array([1.5, 0.4]))
cases.add(leading, [0.3, 1.2], np.array([1.5, 0.4]))


def grid(tau):
    """The namespace comes from constants only."""
    xp = namespace(np.empty(0))
    n = xp.arange(0, 5, dtype=xp.float64)
    return xp.sum(xp.exp(-abs(n - 2.0) / tau))


cases.add(grid, 1.7)


def by_mode(x):
    ends = (x[0], x[-1]) if MODE is Pad.EDGE else (0.0, 0.0)
    return np.sum(x**2) + ends[0] * ends[1] if MODE != Pad.ZERO else np.sum(x)


cases.add(by_mode, vec(4))


def cut_out(x, start, stop, axis):
    places = [slice(None)] * x.ndim
    places[axis] = slice(start, stop)
    return x[tuple(places)]


def mirrored_ends(x):
    part = slice(1, -1)
    inner = x[part] if part.start < 2 and part.step is None else x
    return np.sum(np.concatenate([cut_out(x, 1, 3, 0), inner[::-1]]) ** 3)


cases.add(mirrored_ends, vec(5))


def columns(sample):
    try:
        count, width = sample.shape
    except (AttributeError, ValueError):
        sample = np.atleast_2d(sample).T
        count, width = sample.shape
    return np.sum(sample**2) * count + width


cases.add(columns, mat(3, 2))
cases.add(columns, vec(3))


def listed(x):
    return columns([x, 2.0 * x, x * x])


cases.add(listed, 0.7)


def kind_of(x):
    if np.isscalar(x) or not np.iterable(x):
        return x * x
    if x.dtype.kind == "c" or np.issubdtype(x.dtype, np.integer):
        return np.sum(x)
    return np.sum(x.astype(x.dtype.type) ** 3)


cases.add(kind_of, vec(3))
cases.add(kind_of, 0.7)


def rotated(z, y):
    turns = []
    if z:
        turns.append(np.array([[np.cos(z), -np.sin(z)], [np.sin(z), np.cos(z)]]))
    if y > 0.0:
        turns.append(np.array([[1.0, y], [0.0, 1.0]]))
    return (np.sum(functools.reduce(np.dot, turns[::-1]) * np.array([1.0, 2.0])) if turns else 0.0 * z) + 0.1 * y


cases.add(rotated, 0.7, 1.3)
cases.add(rotated, 0.7, -1.3)


def horner(c, x):
    return functools.reduce(lambda s, k: s * x + k, c) + functools.reduce(lambda s, k: s * k, c[1:], x)


cases.add(horner, vec(4), 0.7)


def checked(function):
    """A decorator that looks at the signature of what it decorates, and sorts the arguments."""

    @functools.wraps(function)
    def wrapper(*args, strict=True, **kwds):
        params = list(inspect.signature(function).parameters)
        most = np.inf if inspect.getfullargspec(function).varargs else len(inspect.getfullargspec(function).args)
        if len(args) > most:
            raise TypeError("too many arguments")
        named = dict(zip(params, args))
        if set(named) & set(kwds):
            raise TypeError("an argument is given twice")
        kwds.update(named)
        scale = kwds.pop("scale", 2.0) if strict else 1.0
        return scale * function(**kwds)

    return wrapper


@checked
def moment(x, order=1):
    return np.mean(x**order)


def moments(x):
    return moment(x, order=2) + moment(x, 3, scale=0.5) + moment(x=x) ** 2


cases.add(moments, vec(4))
