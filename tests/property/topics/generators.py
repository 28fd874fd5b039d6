"""Random programs about what generators and iterators give.

Generators that give the same array again and again, are sent arrays, and loops over what their bodies change.
"""
from __future__ import annotations

from tests.property.aliases import Sets

HEAD = """\
import numpy as np

LOG = []


def same(w, k):
    for i in range(k):
        w[i % 4] += 0.5
        yield w


def halves(w, k):
    b = np.zeros(4)
    for i in range(k):
        b[:] = w * (i + 1)
        yield b


def keep(w):
    old = w
    while True:
        q = yield old
        old = old + 0.1 if q is None else q


def pairs(v, w):
    for p, q in zip(v, w):
        yield p * q

"""

SETS: Sets = {
    "q": (
        "q = z", ("q",),
        ("for q in same(z, 3):\n    y = y + q", "for q in same({value}, 2):\n    z += q", "hs = list(same(y, 3))\nz = hs[0]",
         "for i, q in enumerate(halves(y, 2)):\n    z[i] += q[0]\n    y *= 0.9"),
    ),
    "hs": (
        "hs = [h for h in halves(y, 3)]", ("hs[0]", "hs[-1]"),
        ("hs = list(halves({value}, 2))", "z = hs[1]", "hs = [h.copy() for h in halves(z, 2)]",
         "hs = sorted(hs, key=lambda v: v[0])", "for h in reversed(hs):\n    h += 0.1 * z", "it = iter(hs)\nz = next(it)"),
    ),
    "kp": (
        "kp = keep(y)\nk0 = next(kp)", ("k0",),
        ("k0 = next(kp)", "k0 = kp.send({value})", "kp = keep({value})\nk0 = next(kp)"),
    ),
    "m": (
        "m = np.zeros(4)", ("m",),
        ("for i, (p, q) in enumerate(zip(y, z)):\n    m[i] += p * q\n    z[-1] += 0.1",
         "for i, p in enumerate(y):\n    y[3 - i] *= 0.5 * p", "for p in pairs(y, z):\n    y[-1] += 0.1 * p",
         "for r in m.reshape(2, 2):\n    r += m[:2]", "for p, q in zip(z[::-1], z):\n    z[0] += p * q"),
    ),
    "l": (
        "l = [z, y]", ("l[0]", "l[-1]"),
        ("for v in l:\n    v += 0.1 * l[0]", "for v in list(l):\n    l.append(v * 0.5) if len(l) < 4 else None",
         "for v in reversed(l):\n    v *= 0.5\n    l[0] = v", "for v, w in zip(l, l[1:]):\n    v += 0.2 * w",
         "for i, v in enumerate(l):\n    l[i] = v * 0.5", "l = l[::-1]", "l = [v for v in l if v[0] > -5.0]", "l[1:] = [{value}]",
         "it = iter(l)\nz = next(it)\nl[1] = {value}\ny = next(it)"),
    ),
}  # fmt: skip
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array."""
