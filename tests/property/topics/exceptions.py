"""Random programs about exceptions and clean-up.

Writes before a `raise`, in `except`, `else` and `finally`, context managers that put back what they found, loops with `else`.
"""
from __future__ import annotations

from tests.property.aliases import Sets

HEAD = """\
import contextlib

import numpy as np

LOG = []


class Stop(Exception):
    pass


def part(w, q, c):
    for i in range(4):
        w[i] += q[i]
        if w[i] > c:
            raise Stop(i)
    return w


def tried(w, q, c):
    try:
        v = part(w.copy(), q, c)
    except Stop:
        v = w * 0.5
    finally:
        w[0] += 0.1
    return v


@contextlib.contextmanager
def restored(w):
    old = w.copy()
    try:
        yield w
    finally:
        w[...] = old


@contextlib.contextmanager
def plain(w):
    old = w[0]
    yield w
    w[0] = old


class Restore:
    def __init__(self, w):
        self.w = w

    def __enter__(self):
        self.old = self.w.copy()
        return self.w

    def __exit__(self, *a):
        self.w[...] = self.old
        return False

"""

SETS: Sets = {
    "t": (
        "t = y", ("t",),
        ("t = tried({value}, y, 0.5)", "tried(y, z, 1.0)", "try:\n    t = part(z + 0.5, y, 0.7)\n    z += 0.5\nexcept Stop:\n    z *= 0.5",
         "try:\n    if z[0] > 0.3:\n        raise ValueError\n    t = {value}\n"
         "except ValueError:\n    y = y + z\nelse:\n    z += t\n    y *= 0.5\nfinally:\n    y[1] += 0.1",
         "try:\n    l1 = [z, y]\n    l1[n] *= 0.5\nexcept IndexError:\n    z += 0.1"),
    ),
    "m": (
        "m = z", ("m",),
        ("with restored(z) as m:\n    m += y\n    s += np.sum(m * m)", "with restored(y):\n    y *= z\n    s += y[0]",
         "with Restore(y) as w:\n    w += {value}\n    s += np.sum(np.sin(w))", "with plain(y) as m:\n    m *= 0.5"),
    ),
    "k": (
        "k = 0", (),
        ("for i in range(4):\n    y[i] *= 0.9\n    if z[i] > 0.5:\n        break\nelse:\n    y[0] += 1.0",
         "while k < 3:\n    k += 1\n    z[k] += y[k]\n    if z[0] > 0.4:\n        break\nelse:\n    z[0] -= 0.5",
         "for i in range(2):\n    for j in range(2):\n        y[i + j] += z[j]\n"
         "        if y[i] > 0.8:\n            break\n    else:\n        continue\n    break"),
    ),
    "l": (
        "l = []", (),
        ("try:\n    l.append(y)\n    l.append({value})\n    if len(l) > 3:\n        raise Stop(1)\n"
         "    l.append(z)\nexcept Stop:\n    l.pop()",
         "for v in l:\n    v *= 0.9", "z = l[0] if l else z", "try:\n    z = l.pop()\nexcept IndexError:\n    z = {value}"),
    ),
}  # fmt: skip
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array."""
