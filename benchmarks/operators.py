"""What derivative operators cost: many seeds in one sweep beside a loop, Hessian-vector products beside gradients, sparse Jacobians.

Calls go through srcad's dispatch. Times are the best of several rounds, the candidates taken in turn.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
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
    """Hessian-vector products as multiples of the gradient."""
    table = Table("product", "gradient", "hvp", "hvp / gradient")
    x, y = np.linspace(0.5, 1.5, 10), np.linspace(0.5, 1.5, 10000)
    for name, f, args, along, wrt in (
        ("bump", bump, (0.3, 0.7), (1.0, 0.5), (0, 1)), ("kepler", kepler, (0.3, 1.2), (1.0, 0.5), (0, 1)),
        ("banana, 10", banana, (x,), (x,), 0), ("banana, 10000", banana, (y,), (y,), 0),
    ):  # fmt: skip
        made = srcad.grad(f, wrt)
        calls = [lambda m=made, a=args: m(*a), lambda f=f, a=args, d=along, w=wrt: srcad.hvp(f, a, d, w)]
        gradient, product = measure(calls, seconds)
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
