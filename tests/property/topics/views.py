"""Random programs about views.

Parts of complex arrays, overlapping writes, reshapes that copy and those that do not, `out=`, splits and windows.
"""
from __future__ import annotations

from tests.property.aliases import Sets

HEAD = """\
import numpy as np

LOG = []


def mix(u, v):
    u[1:] += 0.5 * v[:-1]
    v *= 0.9
    return u


def lend(u):
    for i in range(2):
        u[i] *= 0.9
    return u[::-1]

"""

SETS: Sets = {
    "c": (
        "c = y + 1j * z", ("c.real", "c.imag"),
        ("c.real[1:] += y[:-1]", "c.imag[...] = {value}", "c *= 1j", "re, im = c.real, c.imag\nre += im", "c.real *= c.imag",
         "c = c * np.exp(1j * y)", "z = c.real", "c[::2] = c[1::2]", "c.real, c.imag = c.imag, c.real", "c = np.conj(c)"),
    ),
    "g": (
        "g = y[::-1]", ("g",),
        ("g += y", "y[::-1] += y", "g = z[::-1]", "g = g[::-1]", "y[1:] *= y[:-1]", "g[::-1] = z", "g = lend(y)",
         "np.add(y[1:], g[:-1], out=y[:-1])", "np.multiply(g, y, out=y)"),
    ),
    "m": (
        "m = np.outer(y, z)", ("m[0]", "m.T[1]", "m.reshape(-1)[::4]"),
        ("m[1] = {value}", "m.T[2] *= 0.5", "t = m.T.reshape(-1)\nt[0] += s", "r = m.ravel()\nr[3] = s", "r = m.flatten()\nr += 1.0",
         "r = m[:, ::2].reshape(-1)\nr[1] = s", "m += m.T", "m[::-1] += m", "m[:, 1:] -= m[:, :-1]",
         "d = np.diagonal(m)\ns += np.sum(d)", "m = m.T", "m = np.swapaxes(m, 0, 1)", "m = m[::-1]", "z = m[:, 1]",
         "m = np.ascontiguousarray(m)", "m = m.reshape(2, 8).reshape(4, 4)", "m = m.T.reshape(2, 8).reshape(4, 4)"),
    ),
    "p1": (
        "p1, p2 = np.split(y, 2)", (),
        ("p1 += p2", "p1 *= 0.5", "p2[0] = s", "p1, p2 = np.split(z, 2)", "p1, p2 = p2, p1", "p1, p2 = np.array_split(y, 2)",
         "s += np.sum(p1 * p2)", "z[:2] = p1", "for h in np.split(y, 4):\n    h += 0.2", "q1, q2 = y.reshape(2, 2)\nq1 += q2"),
    ),
    "h": (
        "h = np.atleast_2d(y)", ("h[0]",),
        ("h = np.expand_dims(z, 0)", "h = y[None]", "h = np.squeeze(y[None])[None]", "h += z", "k = h.squeeze()\nk *= 0.5",
         "h = np.broadcast_to(y, (2, 4))[:1].copy()", "h = np.stack([y, z])[:1]", "h = np.moveaxis(y[:, None], 0, 1)",
         "h = np.reshape(z, (1, 4))", "h = y.view().reshape(1, -1)"),
    ),
    "w": (
        "w = np.lib.stride_tricks.sliding_window_view(y, 2)", ("(np.sum(w) * y)",),
        ("s += np.sum(w[0])", "z = w[1:].ravel()[:4]", "w = np.lib.stride_tricks.sliding_window_view(z, 2)", "q = w[1]\ns += q[0]",
         "q = w.sum(axis=1)\ny[1:] = q"),
    ),
    "mix": (
        "mix(y, z)", (),
        ("mix(y, y)", "mix(y[1:], y[:-1])", "mix(y, y[::-1])", "z = mix(z, {value})", "np.add(y, z, out=z)", "np.sin(y, out=z)",
         "np.cumsum(y, out=y)", "np.multiply(y[:-1], y[1:], out=y[1:])", "np.copyto(y, z)", "y.sort()", "z[:] = y[[3, 1, 0, 2]]",
         "q = y[[0, 1]]\nq += 1.0\ns += np.sum(q)", "y[y > 0.3] *= 0.5", "q = y[y > 0.3]\nq *= 2.0", "np.clip(y, -0.5, 0.5, out=y)"),
    ),
}  # fmt: skip
"""By a name that is bound: how, what else it makes an array's name, and what may become of these names; `{value}` is an array."""
