"""Random programs about what closures keep.

Closures that write into what they keep or bind it anew, partial functions, bound methods, lambdas in lists and dicts.
"""
from __future__ import annotations

from tests.property.aliases import Sets

HEAD = """\
import functools

import numpy as np

LOG = []


def counter(w):
    def add(q):
        w[1:] += 0.3 * q[:-1]
        return w
    def get():
        return w
    return add, get


def swapper(w, v):
    def swap(q):
        nonlocal w, v
        w, v = v, w
        w += 0.1 * q
        return w
    return swap


def scaler(w):
    total = 0.0
    def scale(q):
        nonlocal total, w
        total = total + q[0]
        w = w * 0.5 + total
        return w
    return scale


def addto(w, q, c=1.0):
    w += c * np.sin(q)
    return w


def kept(q, acc=None):
    if acc is None:
        acc = np.zeros(4)
    acc += q
    return acc


class Box:
    def __init__(self, a):
        self.a = a

    def times(self, q):
        return self.a * q

    def step(self, q):
        self.a = self.a + np.sin(q)
        return self.a

    def into(self, q):
        self.a += np.cos(q)
        return self.a

"""

SETS: Sets = {
    "add": (
        "add, get = counter(z)", ("get()",),
        ("add({value})", "z = get()", "y = add({value})", "add, get = counter({value})", "add(get())"),
    ),
    "swap": (
        "swap = swapper(z, y)", (),
        ("swap({value})", "z = swap({value})", "swap = swapper(y, {value})", "s += np.sum(swap({value}))"),
    ),
    "sc": (
        "sc = scaler(y)", (),
        ("y = sc({value})", "sc({value})", "s += np.sum(sc({value}))", "sc = scaler({value})"),
    ),
    "g": (
        "g = lambda q, w=z: w * q", ("g(y)",),
        ("g = lambda q, w={value}: w * q", "z = g({value})", "g = lambda q: y * q", "g = lambda q, h=g: h(q) + q"),
    ),
    "pt": (
        "pt = functools.partial(addto, z, c=0.5)", (),
        ("y = pt({value})", "pt({value})", "pt = functools.partial(addto, {value})", "pt = functools.partial(addto, z, c=s)",
         "pt = functools.partial(kept, acc=y)"),
    ),
    "o": (
        "o = Box(y)\nst, it = o.step, o.into", ("o.a",),
        ("st({value})", "y = it({value})", "z = st({value})", "o.a = {value}", "z = o.times({value})", "o = Box({value})", "st = o.into"),
    ),
    "fs": (
        "fs = [lambda q: addto(z, q), lambda q: addto(y, q, 0.5)]", (),
        ("fs[0]({value})", "z = fs[1]({value})", "fs[n % 2]({value})", "fs[0], fs[1] = fs[1], fs[0]",
         "fs[0] = lambda q: addto(z, q, 0.2)", "for h in fs:\n    h(x)"),
    ),
    "fd": (
        'fd = {"u": z, "f": (lambda q: q * z)}', ('fd["u"]',),
        ('y = fd["f"]({value})', 'fd["f"] = lambda q: q * y', 'fd["u"] = {value}'),
    ),
    "acc": (
        "acc = []\ndef put(q, to=acc):\n    to.append(q)\n    return to[0]", (),
        ("put({value})", "z = put({value})", "s += np.sum(acc[-1]) if acc else 0.0", "y = acc.pop() if acc else y"),
    ),
}  # fmt: skip
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array."""
