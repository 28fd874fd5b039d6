"""Random programs that take derivatives: of functions with loops, branches, writes, recursion and objects, by every operator.

They write into what they get, step along it, and take the derivatives in loops.  Dual numbers do not know the operators: differences judge.
"""
from __future__ import annotations

import dataclasses

from tests.property import aliases
from tests.property.programs import Program

HEAD = """\
import numpy as np

import srcad

LOG = []


def energy(p, c):
    w = p.copy()
    for i in range(1, 4):
        w[i] += c * np.sin(w[i - 1])
    return np.sum(np.sin(w) * w)


def bond(p, r):
    total = 0.0
    for i in range(4):
        if p[i] > r[i - 1]:
            total += np.sin(p[i] * r[i - 1])
        else:
            total += np.cos(p[i]) * r[i]
    return total


def flow(p, c):
    w = np.sin(p * c)
    for i in range(3):
        w[i + 1] *= np.cos(w[i])
    return w


def settled(p, c):
    w = np.zeros(4)
    while True:
        old = w
        w = 0.2 * np.cos(w * c) + 0.3 * np.sin(p)
        if np.max(np.abs(w - old)) < 1e-12:
            break
    return np.sum(w * w) + w[0]


def halves(p, c):
    if len(p) == 1:
        return np.sin(p[0] * c)
    return halves(p[:2], c) * halves(p[2:], 0.5 * c) if len(p) == 4 else halves(p[:1], c) + halves(p[1:], c * c)


class Spring:
    def __init__(self, p, k):
        self.p, self.k = p, k

    def energy(self, r):
        total = 0.0
        for i in range(4):
            total += self.k * np.sin(r[i] - self.p[i]) * r[i - 1]
        return total

    def step(self, r):
        self.p = self.p - 0.1 * self.k * srcad.grad(self.energy)(r)
        return self.p


d_energy = srcad.grad(energy)

"""

SETS: aliases.Sets = {
    "e": ("e = d_energy(y, a)", ("e",), ("e -= 0.1 * b * d_energy(e, a)", "y += b * d_energy({value}, s)", "s += srcad.grad(energy, argnums=1)({value}, b)")),
    "h": ("h, k = srcad.grad(bond, argnums=(0, 1))(x, y)", ("h", "k"),
          ("h, k = srcad.grad(bond, argnums=(0, 1))({value}, y)", "z -= 0.2 * a * srcad.grad(bond)(z, h)", "h, k = k, h")),
    "j": ("p, j = srcad.jvp(flow, (x, a), (y, 1.0))", ("p", "j"), ("p, j = srcad.jvp(flow, (p, b), ({value}, s))", "z = srcad.jvp(flow, (z, a), (j, b))[1]")),
    "r": ("r, pull = srcad.vjp(flow, y, b)", (), ("y = pull({value})[0] * r", "s += pull({value})[1]", "z -= 0.1 * a * pull(z)[0]")),
    "m": ("t, m = srcad.value_and_grad(settled)(y, b)", ("m",), ("t, m = srcad.value_and_grad(settled)({value}, a)", "y -= t * srcad.grad(settled)(y, b)")),
    "v": ("v = srcad.hvp(energy, (y, a), (x, b))", ("v",), ("v = srcad.hvp(energy, (x, a), ({value}, s))", "z = z - 0.1 * b * srcad.hvp(bond, (z, y), (x, None))")),
    "u": ("u = srcad.grad(halves)(x, a)", ("u",), ("u -= 0.3 * b * srcad.grad(halves)(u, a)", "s += srcad.grad(halves, argnums=1)({value}, s)")),
    "o": ("o = Spring(z, b)", ("o.p",), ("z = o.step({value})", "y -= 0.1 * a * srcad.grad(o.energy)(y)", "o.k = s", "o.p = {value}")),
    "c": ("c = lambda p: energy(p, a) * b + np.sum(p * x)", (), ("y -= 0.1 * srcad.grad(c)(y)", "z = srcad.grad(c)({value})", "s += srcad.value_and_grad(c)(y)[0]")),
    "w": ("w = srcad.jacfwd(flow)(y, b) @ x", ("w",), ("w = srcad.jacrev(flow)(x, a) @ {value}", "z += 0.1 * b * np.diag(srcad.jacfwd(flow)(z, a))")),
}  # fmt: skip
"""By a name: the derivative that binds it, what it makes an array's name, and what may become of these names; `{value}` is an array."""

TOPIC = aliases.Topic(HEAD, SETS)


def from_seed(seed: int) -> Program:
    """The program of a seed: the same everywhere."""
    return dataclasses.replace(aliases.from_seed(seed, TOPIC), duals=False)
