"""Peak memory of gradients of stencils that work in place: a linear one keeps nothing per step, a non-linear one what it overwrites.

Run: `python benchmarks/memory.py`.  Prints the peak of `tracemalloc` in buffers of the size of the state, for growing numbers of
steps, and exits with 1 if the linear one grows, or the non-linear one grows by more than the region that a step overwrites.
"""
from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import srcad

SIZE = 100_000
STEPS = (10, 40, 160)


def linear(u: np.ndarray, steps: int) -> Any:
    """Diffusion with two buffers."""
    v = u.copy()
    for _ in range(steps):
        v[1:-1] = 0.25 * u[:-2] + 0.5 * u[1:-1] + 0.25 * u[2:]
        u[1:-1] = 0.25 * v[:-2] + 0.5 * v[1:-1] + 0.25 * v[2:]
    return np.sum(u)


def in_place(u: np.ndarray, steps: int) -> Any:
    """Damping of one buffer, with an inflow."""
    for _ in range(steps):
        u *= 0.99
        u[1:] += 0.01 * u[:-1]
    return np.sum(u)


def non_linear(u: np.ndarray, steps: int) -> Any:
    """Burgers' equation, explicit, in place."""
    for _ in range(steps):
        u[1:] -= 0.1 * u[1:] * (u[1:] - u[:-1])
    return np.sum(u)


def peak(function: Callable[..., Any], steps: int) -> float:
    """Peak memory of the gradient, in states."""
    gradient = srcad.grad(function)
    u = 1.0 + 0.1 * np.sin(np.linspace(0.0, 6.0, SIZE))
    gradient(u[:10].copy(), 2)  # compiled before it is measured
    tracemalloc.start()
    gradient(u, steps)
    found = tracemalloc.get_traced_memory()[1] / u.nbytes
    tracemalloc.stop()
    return found


def main() -> int:
    """Measure, print, judge."""
    print("peak memory of the gradient, in states\n" + f"{'steps':>12}" + "".join(f"{n:>10}" for n in STEPS))
    failed = False
    for function, allowed in ((linear, 0.0), (in_place, 0.0), (non_linear, 1.0)):
        found = [peak(function, n) for n in STEPS]
        growth = (found[-1] - found[0]) / (STEPS[-1] - STEPS[0])
        failed |= growth > allowed + 0.05
        print(f"{function.__name__:>12}" + "".join(f"{f:>10.1f}" for f in found) + f"   {growth:.2f} per step, {allowed:.0f} allowed")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
