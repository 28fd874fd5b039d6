"""Random programs about objects.

Operators, properties, inheritance, slots, data classes and named tuples whose arrays are shared, exchanged and copied.
"""
from __future__ import annotations

from tests.property.aliases import Sets

HEAD = """\
import collections
import copy
import dataclasses

import numpy as np

LOG = []


class Vec:
    def __init__(self, d):
        self.d = d

    def __iadd__(self, o):
        self.d += o.d
        return self

    def __add__(self, o):
        return Vec(self.d + o.d)

    def __mul__(self, c):
        return Vec(self.d * c)

    def __getitem__(self, i):
        return self.d[i]

    def __setitem__(self, i, v):
        self.d[i] = v

    def __call__(self, q):
        self.d = self.d * 0.5 + q
        return self

    @property
    def tail(self):
        return self.d[1:]

    @property
    def all(self):
        return self.d

    @all.setter
    def all(self, v):
        self.d[...] = v

    def scale(self, c):
        self.d *= c
        return self

    def shifted(self, c):
        self.d = self.d + c
        return self


class Sub(Vec):
    def __init__(self, d, e):
        super().__init__(d)
        self.e = e

    def scale(self, c):
        super().scale(c)
        self.e[0] += c
        return self

    def both(self):
        self.d, self.e = self.e, self.d
        return self.d


class Slot:
    __slots__ = ("p", "q")

    def __init__(self, p):
        self.p = p
        self.q = p

    def grow(self, k):
        for i in range(k):
            self.q = self.q * 0.5 + self.p
        return self.q


@dataclasses.dataclass
class Data:
    a: object
    items: list = dataclasses.field(default_factory=list)
    buf: object = dataclasses.field(default_factory=lambda: np.zeros(4))

    def put(self, q):
        self.items.append(q)
        self.buf += q
        return self


Pt = collections.namedtuple("Pt", "u v")

"""

SETS: Sets = {
    "o": (
        "o = Vec(z)", ("o.d", "o.all"),
        ("o += Vec({value})", "o = Vec({value})", "o[1] = s", "o[:2] = x[:2]", "s += o[0]", "o({value})", "z = o.d",
         "q = o.tail\nq *= 0.5", "o.all = {value}", "o.scale(0.5).shifted(0.1)", "y = o.scale(0.7).d", "o = o + Vec(y)",
         "o2 = o\no2 += Vec({value})", "o.all += y"),
    ),
    "p": (
        "p = Sub(y, z)", ("p.d", "p.e"),
        ("p.scale(0.5)", "z = p.both()", "p.shifted(s).scale(0.9)", "p += Vec({value})", "p.e = p.d", "p = Sub({value}, p.d)",
         "p = Sub(y, y)"),
    ),
    "r": (
        "r = Slot(y)", ("r.p", "r.q"),
        ("r.q = {value}", "z = r.grow(n % 3)", "r = Slot({value})", "r.p, r.q = r.q, r.p", "y = r.q"),
    ),
    "e": (
        "e = Data(y)", ("e.a", "e.buf"),
        ("e.put({value})", "e.put(e.buf)", "e.a = e.buf", "z = e.items[-1] if e.items else z", "e = Data({value})",
         "e = Data(y, [z])", "e.items.append(y)", "e.buf = {value}", "for v in e.items:\n    v += 0.1",
         "g = copy.copy(e)\ng.buf += y", "g = copy.deepcopy(e)\ng.buf += y\ns += np.sum(g.buf)",
         "e = dataclasses.replace(e, a={value})"),
    ),
    "t": (
        "t = Pt(z, y)", ("t.u", "t[1]"),
        ("t = Pt({value}, t.u)", "t = t._replace(u={value})", "t = Pt(y, y)", "z, y = t", "t = Pt(*t)"),
    ),
    "ob": (
        "ob = [Vec(y), Vec(z)]", ("ob[0].d", "ob[1].d"),
        ("ob[0] += Vec({value})", "ob[0], ob[1] = ob[1], ob[0]", "ob[n % 2].scale(0.5)", "ob.append(ob[0])", "ob[1] = ob[0]",
         "for w in ob:\n    w.scale(0.9)", "for w in ob:\n    w({value})", "ob[0] = Vec({value})",
         "ob = sorted(ob, key=lambda v: v.d[0])"),
    ),
    "c1": (
        "c1, c2 = Vec(y), Vec(y)", ("c1.d", "c2.d"),
        ("c1 = c2", "c1 += c2", "c2 = copy.copy(c1)", "c2 = copy.deepcopy(c1)", "c1.d = {value}", "c1, c2 = c2, c1", "c2.d = c1.d"),
    ),
}  # fmt: skip
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array."""
