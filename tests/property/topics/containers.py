"""Random programs about lists, dicts and tuples.

Items of known and unknown number, repeated, sorted, popped, copied shallowly and deeply, nested.
"""
from __future__ import annotations

from tests.property.aliases import Sets

HEAD = """\
import collections
import copy

import numpy as np

LOG = []


def app(q, acc=None):
    acc = [] if acc is None else acc
    acc.append(q)
    return acc


def into(u, v, k):
    for i in range(k):
        u += 0.2 * v
    return u


def lists(u, v, k):
    out = [u]
    for i in range(k):
        out.append(v if i % 2 else u)
    return out

"""

SETS: Sets = {
    "d": (
        "d = {}", (),
        ('d.setdefault("a", np.zeros(4))\nd["a"] += {value}', "d.setdefault(n % 2, y)\nd[n % 2] += z",
         'q = d.get("a", z)\nq += 0.5 * y', 'd["a"] = y', 'd.setdefault("a", z)[0] += s', "s += sum(np.sum(v) for v in d.values())",
         "for k, v in d.items():\n    v *= 0.9", 'z = d.pop("a", y)', 'd2 = dict(d)\nd2["a"] = {value}'),
    ),
    "dd": (
        "dd = collections.defaultdict(lambda: np.zeros(4))", ("dd[0]", "dd[1]"),
        ("dd[n % 3] += {value}", "z = dd[0]", "dd[1] = y", "dd[0] = dd[1]", "for v in dd.values():\n    v += 0.1",
         "s += sum(v[0] for v in dd.values())"),
    ),
    "l": (
        "l = [z] * 3", ("l[0]", "l[2]"),
        ("l = [{value}] * 2", "l[0] = {value}", "l[1] += {value}", "l = [y.copy()] * 2 + [z]", "l = (l * 2)[:5]", "l += [y]",
         "l = l[1:] + l[:1]", "for v in l:\n    v += 0.1", "l = l[::-1]", "l = [[v] * 2 for v in l][0]", "l[n % 2] *= 0.5",
         "l[:1] = [y, z]", "l = l[:2]", "del l[0]\nl.append(z)\nl.append(y)", "l.insert(0, y)", "l.extend(l[:1])", "l = list(l)"),
    ),
    "g": (
        "g = [[z] * 2] * 2", ("g[0][0]", "g[1][1]"),
        ("g[0][1] = y", "g[1] = [y, y]", "g[0] = g[1]", "g = [list(r) for r in g]", "g[n % 2][0] += y",
         "for r in g:\n    r[0] = {value}", "for r in g:\n    r[1] += 0.3", "g = [g[0], [z, y]]",
         "a1, a2 = zip(*g)\nz = a1[0]\na2[1][0] += s", "r = g[0]\nr[0] = r[1]"),
    ),
    "t": (
        "t = (z, y)", ("t[0]",),
        ("t[1][...] = {value}", "t = t[::-1]", "t = t + (y,)", "t = t[:1] + (z,)", "u, *v = t\nv[0] += u",
         "t = tuple(sorted(t, key=lambda v: v[0]))", "z = max(t, key=lambda v: v[1])", "for v in t:\n    v += 0.1 * t[0]",
         "t = (t[0], t[0])"),
    ),
    "r": (
        "r = sorted([y, z, x * y], key=lambda v: v[0])", ("r[0]", "r[1]"),
        ("r.sort(key=lambda v: v[1])", "r = sorted(r, key=lambda v: -v[0])", "z = min(r, key=lambda v: v[0])", "r[0] = {value}",
         "r[0], r[1] = r[1], r[0]", "r.reverse()", "for v in r:\n    v *= 0.9", "r = app(y, r)", "r = app({value}, [z, z])"),
    ),
    "w": (
        "w = lists(y, z, 2)", ("w[0]", "w[-1]"),
        ("w = lists(y, {value}, n % 3)", "z = w.pop()\nw.append(y)", "w[0] = w[-1]", "into(y, z, 2)", "into(y, y, n % 3)",
         "into(y[1:], y[:-1], 2)", "z = into(w[0], w[-1], 2)", "for v in w:\n    v *= 0.8",
         "for p, q in zip(w, w[::-1]):\n    p += 0.1 * q", "w = [v * 0.5 for v in w]"),
    ),
    "e": (
        'e = {"p": [y], "q": {"r": z}}', ('e["p"][0]', 'e["q"]["r"]'),
        ('e["p"].append({value})', 'e["q"]["r"] = e["p"][-1]', 'f1 = e["q"]\nf1["r"] = y',
         'e["p"][0], e["q"]["r"] = e["q"]["r"], e["p"][0]', 'e = {**e, "p": [z]}', 'e2 = dict(e)\ne2["q"]["r"] += y',
         'e2 = copy.copy(e)\ne2["p"].append(y)', 'e2 = copy.deepcopy(e)\ne2["p"][0] += y\ns += np.sum(e2["p"][0])',
         "e.update(p=[y, z])"),
    ),
}  # fmt: skip
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array."""
