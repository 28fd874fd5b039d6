"""Random programs whose lists, dicts and objects hold one array in several places.

Items are put in by index, by key, by loops and by functions; then one of the names is written, and all are read.
"""
from __future__ import annotations

from tests.property.aliases import Sets

HEAD = """\
import numpy as np

LOG = []


class Cell:
    def __init__(self, u, parts):
        self.u, self.parts = u, parts


def scale(items, c):
    for v in items:
        v *= c


def put(items, k, v):
    items[k] = v
    return items[0]


def fill(table, v, k):
    for i in range(k):
        table[i] = v
    return table


def first(table, key, other):
    if key not in table:
        table[key] = other
    return table[key]


def down(items, v, k):
    if k <= 0:
        items.append(v)
        return items
    items.append(v * items[-1])
    items[-1] += 0.2 * items[0]
    return down(items, v, k - 1)


def pairs(items):
    for i in range(1, len(items)):
        yield items[i - 1], items[i]

"""

SETS: Sets = {
    "q": (
        "q = [z]\nfor i in range(3):\n    q.append(y if i % 2 else z)", ("q[0]", "q[-1]", "q[n % 4]"),
        ("q[n % 4] = q[0]", "q.append(q[n % 2])", "q[1] = {value}", "scale(q, 0.9)", "scale(q[1:], 0.8)", "z = put(q, n % 3, y)",
         "q[0], q[n % 3] = q[n % 3], q[0]", "for u, v in pairs(q):\n    v += 0.1 * u", "q = [v for v in q if v[0] > 0.0] + [y, z, y, z]",
         "q[n % 4] += {value}", "q = q[:3] + [q[0]]", "q.pop(n % 2)\nq.append(z)", "q[1:3] = [q[0], q[0]]"),
    ),
    "m": (
        "m = [{'p': z, 'q': y}, {'p': y, 'q': np.cos(y)}]", ("m[0]['p']", "m[1]['q']"),
        ("m[n % 2]['p'] += {value}", "m[0]['p'] = m[1]['q']", "m[1] = m[0]", "m[0] = dict(m[1])", "m.append({'p': z, 'q': z})",
         "for r in m:\n    r['q'] *= 0.9", "for r in m:\n    r['p'] = y", "m[n % 2]['p'], m[0]['q'] = m[0]['q'], m[n % 2]['p']",
         "m[n % 2]['q'] = {value}", "m = [{'p': r['q'], 'q': r['q']} for r in m]"),
    ),
    "k": (
        "k = {}\nfor i in range(3):\n    k[i] = y if i else z", ("k[0]", "k[n % 3]"),
        ("k = fill(k, {value}, 2)", "fill(k, y, n % 3)", "k[n % 3] += {value}", "k[n % 3] = k[0]", "scale(k.values(), 0.9)",
         "z = first(k, n % 5, y)", "first(k, n, z)[...] = {value}", "for i, v in k.items():\n    v += 0.1 * i", "k[0] = {value}",
         "k = {i: k[0] for i in range(3)}", "k[1], k[n % 3] = k[n % 3], k[1]"),
    ),
    "j": (
        "j = {'s': [y, z], 't': [z]}", ("j['s'][0]", "j['s'][1]", "j['t'][0]"),
        ("j['t'].append(j['s'][n % 2])", "j['s'] = j['t'] + j['s']", "j['t'] = j['s']", "for v in j['s'] + j['t']:\n    v += 0.1",
         "scale(j['t'], 0.7)", "j['s'][n % 2] = j['t'][0]", "j['t'][0] += {value}", "j['t'] = list(j['s'])", "j['s'][0] = {value}"),
    ),
    "g": (
        "g = down([np.cos(y)], y, 2)", ("g[0]", "g[-1]"),
        ("g = down([y], {value}, n % 3)", "g = down(g[:1], z, 1)", "down([z, y], {value}, n % 2)", "z = down([z], y, 2)[-1]",
         "scale(g, 0.9)", "g[0] = g[-1]", "g[n % 2] += y"),
    ),
    "o": (
        "o = Cell(z, [z, y])", ("o.u", "o.parts[0]", "o.parts[1]"),
        ("o.parts[n % 2] = o.u", "o.u = o.parts[n % 2]", "scale(o.parts, 0.8)", "o.parts.append(o.u)", "o.u *= 0.9", "o.u = {value}",
         "o = Cell(o.parts[0], [o.u, o.parts[1]])", "o.parts = [o.u] * 3", "for v in o.parts:\n    v += 0.1 * o.u"),
    ),
    "w": (
        "w = [Cell(z, [y]), Cell(y, [z])]", ("w[0].u", "w[1].parts[0]"),
        ("w[n % 2].u += {value}", "w[0].u = w[1].u", "for c in w:\n    c.u *= 0.9", "w[0].parts = w[1].parts", "w.append(Cell(z, [z]))",
         "w[1].parts.append({value})", "for c in w:\n    c.parts[0] = c.u", "w[0], w[1] = w[1], w[0]"),
    ),
    "b": (
        "b1, b2 = {'p': y, 'q': z}, {'p': z}\nb = b1 if x[0] > 0.2 else b2", ("b['p']", "b1['p']", "b2['p']"),
        ("b['p'] = {value}", "b['r'] = y", "b1.pop('q', None)", "s += a * len(b1) + len(b2)", "s += a * len(b)", "b = b2", "b2 = b",
         "if b1:\n    s += a * (b is b1)", "b2['q'] = b['p']", "for v in b.values():\n    v *= 0.9", "b1['p'] += {value}",
         "b = b1 if n > 1 else b", "b1 = dict(b)", "b2.clear()\nb2['p'] = {value}"),
    ),
    "h": (
        "h1, h2 = [y], [z, y]\nh = h1 if x[0] > 0.2 else h2", ("h[0]", "h1[0]", "h2[-1]"),
        ("h.append({value})", "h[0] = {value}", "s += a * len(h1) + len(h2)", "s += a * len(h)", "h2 = h", "h.pop()\nh.append(z)",
         "if h1:\n    s += a * (h is h2)", "h1 = h + h1", "h = h2", "h2[-1] = h[0]", "h1.clear()\nh1.append(y)"),
    ),
    "e": (
        "e = [y, z] if x[0] > 0.2 else ()", (),
        ("for v in e:\n    s += np.sum(v * y)", "s += a * len(e)", "if e:\n    s += e[0][1]", "for u, v in zip(e, [z, y]):\n    s += np.sum(u * v)",
         "e = [*e, y]", "e = [v for v in e if v[0] > 0.0] if n > 1 else ()"),
    ),
}  # fmt: skip
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array."""
