"""Random programs whose functions give back what they keep: an argument, one array twice, a view of a result, lists, what an object holds.

The functions have loops, so that they stay calls; their callers write into what they got, in the ways of `aliases`.
"""
from __future__ import annotations

from tests.property import aliases
from tests.property.programs import Program

HEAD = """\
import numpy as np

LOG = []


def made(p, k):
    w = np.sin(p)
    for i in range(k):
        w = 0.5 * w * p + i
    return w


def kept(p):
    w = 1.2 * p
    while w @ w > 0.5:
        w /= 1.0 + np.sqrt(w @ w)
    return w


def twice(p, k):
    w = np.cos(p)
    for i in range(k):
        w = w + 0.3 * p * w[i % 4]
    return w, w


def viewed(p, k):
    w = np.cos(p)
    for i in range(k):
        w[i % 4] *= p[0]
    return w, w[1:3]


def near(q):
    w = np.zeros(4)
    for i in range(1, 4):
        w[i] = np.sin(q[i] * q[i - 1])
    return w


def paired(p, q):
    t = 0.0
    for i in range(3):
        t += np.sin(p[i]) * q[i + 1]
    return t


def either(p, q, k):
    found = p
    for i in range(k):
        if q[i % 4] > p[i % 4]:
            found = q
    return found


def put(p, q, k):
    for i in range(k):
        p[i % 4] += 0.5 * np.sin(q[i % 4])
    return p


def deep(p, k):
    if k <= 0:
        return np.cos(p)
    q = deep(p, k - 1)
    return 0.5 * q * np.sin(p) if k > 2 else q


def items(p, k):
    out = []
    for i in range(k):
        out.append(np.sin(p * (i + 1)))
    return out


def again(p, k):
    out = [p]
    for i in range(k):
        out.append(out[-1] if i % 2 else np.tanh(out[-1]))
    return out


def named(p, q, k):
    w = np.sin(q)
    for i in range(k):
        w = w * p
    return {"a": w, "b": p, "c": w}


class Box:
    def __init__(self, p):
        self.p, self.q = p, np.sin(p)

    def held(self, k):
        for i in range(k):
            self.q = 0.7 * self.q + 0.1 * i
        return self.q

    def taken(self, p, k):
        old = self.p
        for i in range(k):
            self.p = p if i % 2 == 0 else np.cos(p)
        return old

"""

SETS: aliases.Sets = {
    "m": ("m = made(x, 2)", ("m",), ("m = made({value}, n % 3)", "y = made(m, 2)")),
    "k": ("k = kept(y)", ("k",), ("k = kept({value})", "z = kept(k)")),
    "t": ("t, u = twice(y, 2)", ("t", "u"), ("t, u = twice({value}, n % 3)", "t, z = twice(u, 1)", "u = twice(t, 2)[1]")),
    "v": ("w, v = viewed(x, 2)", ("w",), ("w, v = viewed({value}, n % 3)", "v *= 0.5", "v[0] = s", "s += np.sum(v)")),
    "e": ("e = either(y, z, 3)", ("e",), ("e = either({value}, y, 4)", "e = either(y, e, n % 4)", "z = either(e, z, 2)")),
    "p": ("p = put(z, y, 3)", ("p",), ("p = put(y, {value}, 3)", "put(z, p, n % 4)", "z = put(p, y, 2)")),
    "d": ("d = deep(y, 2)", ("d",), ("d = deep({value}, n % 4)", "y = deep(d, 1)", "d = deep(z, 3)")),
    "l": ("l = items(y, 3)", ("l[0]", "l[n % 3]"), ("l = items({value}, 3)", "z = l[1]", "l[0], l[1] = l[1], l[0]", "l[2] = {value}")),
    "a": ("r = again(y, 3)", ("r[0]", "r[2]", "r[-1]"), ("r = again({value}, 3)", "z = r[-1]", "r[0] = {value}", "y = r[n % 3]")),
    "n": ('h = named(x, y, 2)', ('h["a"]', 'h["b"]'), ('h = named({value}, z, 2)', 'z = h["c"]', 'h["b"] = y', 'h["c"][1] = s')),
    "o": ("o = Box(y)", ("o.p", "o.q"), ("z = o.held(2)", "y = o.taken({value}, 3)", "o.q = {value}", "s += np.sum(o.held(n % 3))", "z = o.taken(z, n % 2)")),
}
"""By a name: the call that binds it, what it makes an array's name, and what may become of these names; `{value}` is an array."""

VALUES = (
    *aliases.VALUES, "0.1 * b * near({m})", "near({m}) * {n}", "near({m} + {n})", "{m} * near(near({n}))", "a * {m} + paired({n}, {m})",
    "paired({m}, {n}) * {m}", "0.5 * paired({m}, {m}) * near({n})",
)  # fmt: skip

TOPIC = aliases.Topic(HEAD, SETS, VALUES)


def from_seed(seed: int) -> Program:
    """The program of a seed: the same everywhere."""
    return aliases.from_seed(seed, TOPIC)
