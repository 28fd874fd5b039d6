"""What derivative operators cost: many seeds in one sweep beside a loop, Hessian-vector products beside gradients, sparse Jacobians.

Calls go through srcad's dispatch. Times are the best of several rounds, the candidates taken in turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from products import along, cases, size
from programs import bump, kepler
from rich.console import Console
from rich.table import Table
from run import measure

import srcad
from srcad import many


def banana(x):
    """Array statements."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def recurrence(x):
    """A loop over elements that stores into an array."""
    y = np.zeros(len(x))
    for i in range(1, len(x)):
        y[i] = y[i - 1] * x[i] + np.sin(x[i - 1])
    return y


def network(x):
    """Matrix products in a loop."""
    w = np.outer(np.cos(np.arange(len(x))), np.sin(np.arange(len(x)))) / len(x)
    h = x
    for _ in range(6):
        h = np.tanh(w @ h + x)
    return h


def tridiagonal(x):
    """Every result depends on its neighbours."""
    y = x**2 * np.sin(x)
    y[1:] -= x[:-1] * x[1:]
    y[:-1] += np.exp(-x[1:])
    return y


def sines(x):
    """A loop of which both sweeps need sine and cosine."""
    for _ in range(20):
        x = x + 0.1 * np.sin(x)
    return np.sum(x * x)


def decay(x):
    """A loop of products: the derivative of each is two, and that of those is four."""
    for _ in range(20):
        x = x * np.exp(-0.1 * x)
    return np.sum(x)


def layers(w1, b1, w2, b2, x, y):
    """Two layers and a cross entropy."""
    z = np.tanh(x @ w1 + b1) @ w2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    return -np.mean(np.sum(y * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))), axis=1))


def recurrent(w, u, xs):
    """States in a list."""
    h = np.zeros(len(w))
    states = []
    for x in xs:
        h = np.tanh(w @ h + u @ x)
        states.append(h)
    return sum(np.sum(h**2) for h in states)


def runge_kutta(x):
    """Steps of which each evaluates a closure four times."""
    k, h = 1.3, 0.05

    def slope(y):
        return np.sin(k * y) - 0.1 * y**2

    for _ in range(20):
        k1 = slope(x)
        k2 = slope(x + h / 2 * k1)
        k3 = slope(x + h / 2 * k2)
        k4 = slope(x + h * k3)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(x)


def diffusion(x):
    """A non-linear stencil, stored in place."""
    u = x.copy()
    for _ in range(20):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2]) - 0.05 * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u**2)


def bodies(q, p):
    """Pairwise forces by broadcasting."""
    for _ in range(5):
        q = q + 0.01 * p
        d = q[:, None, :] - q[None, :, :]
        r2 = np.sum(d * d, axis=2) + 0.01
        p = p - 0.01 * np.sum(d / r2[:, :, None] ** 1.5, axis=1)
    return 0.5 * np.sum(p * p)


def layer_arguments(rng, rows, inner, hidden, outer):
    """Weights, inputs and classes for `layers`."""
    weights = (rng.normal(size=s) * 0.3 for s in ((inner, hidden), hidden, (hidden, outer), outer))
    return *weights, rng.normal(size=(rows, inner)), np.eye(outer)[rng.integers(0, outer, rows)]


def one_by_one(call: Callable[[], Any]) -> Callable[[], Any]:
    """The call, without sweeps for many seeds."""

    def alone() -> Any:
        compiled = many.compiled
        many.compiled = lambda *_: None
        try:
            return call()
        finally:
            many.compiled = compiled

    return alone


def seeds(seconds: float) -> Table:
    """Jacobians and Hessians, the loop as a multiple."""
    table = Table("matrix", "n", "one sweep", "loop", "loop / one sweep")
    for name, operator, f, n in (
        ("hessian of banana", srcad.hessian, banana, 100), ("jacfwd of recurrence", srcad.jacfwd, recurrence, 100),
        ("jacrev of recurrence", srcad.jacrev, recurrence, 100), ("jacfwd of network", srcad.jacfwd, network, 100),
        ("jacrev of network", srcad.jacrev, network, 100),
    ):  # fmt: skip
        x, made = np.linspace(0.5, 1.0, n), operator(f)
        together, alone = measure([lambda m=made, x=x: m(x), one_by_one(lambda m=made, x=x: m(x))], seconds)
        table.add_row(name, str(n), f"{together * 1e3:.2f} ms", f"{alone * 1e3:.2f} ms", f"{alone / together:.1f}")
    return table


def products(seconds: float) -> Table:
    """Hessian-vector products as multiples of the gradient, in time of the processor."""
    table = Table("product", "gradient", "hvp", "hvp / gradient")
    rng = np.random.default_rng(0)
    x, y = np.linspace(0.5, 1.5, 10), np.linspace(0.5, 1.5, 10000)
    small, large = layer_arguments(rng, 16, 8, 16, 4), layer_arguments(rng, 128, 64, 128, 10)
    w, u, xs, q, p = (rng.normal(size=s) * 0.2 for s in ((50, 50), (50, 20), (20, 20), (50, 2), (50, 2)))
    both, all_weights = (0, 1), (0, 1, 2, 3)
    for name, f, args, moves, wrt in (
        ("bump", bump, (0.3, 0.7), (1.0, 0.5), both), ("kepler", kepler, (0.3, 1.2), (1.0, 0.5), both),
        *((f"{f.__name__}, {len(z)}", f, (z,), (z,), 0)
          for f in (banana, sines, decay, runge_kutta, diffusion) for z in (x, y)),
        ("layers, 8-16-4", layers, small, (*small[:4], None, None), all_weights),
        ("layers, 64-128-10", layers, large, (*large[:4], None, None), all_weights),
        ("recurrent, 50", recurrent, (w, u, xs), (w, u, None), both), ("bodies, 50", bodies, (q, p), (q, p), both),
        *((", ".join(filter(None, (f.__name__, *map(size, args)))), f, args, along(args, wrt), wrt) for f, args, wrt in cases()),
    ):  # fmt: skip
        made = srcad.grad(f, wrt)
        calls = [lambda m=made, a=args: m(*a), lambda f=f, a=args, d=moves, w=wrt: srcad.hvp(f, a, d, w)]
        gradient, product = measure(calls, seconds, time.process_time)
        table.add_row(name, f"{gradient * 1e6:.2f} µs", f"{product * 1e6:.2f} µs", f"{product / gradient:.2f}")
    return table


def sparse(seconds: float) -> Table:
    """A tridiagonal Jacobian once its pattern is known."""
    table = Table("sparse Jacobian", "n", "value", "matrix", "sweeps", "matrix / value")
    for n in (1000, 10000, 100000):
        x, made = np.linspace(0.5, 1.5, n), srcad.sparse_jacobian(tridiagonal)
        made(x)
        value, matrix = measure([lambda x=x: tridiagonal(x), lambda m=made, x=x: m(x)], seconds)
        table.add_row("tridiagonal", str(n), f"{value * 1e3:.2f} ms", f"{matrix * 1e3:.2f} ms", str(made.sweeps), f"{matrix / value:.0f}")
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each row")
    options = parser.parse_args()
    for table in (seeds, products, sparse):
        Console().print(table(options.seconds))


if __name__ == "__main__":
    main()
