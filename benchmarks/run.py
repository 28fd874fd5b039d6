"""What a gradient costs: primal, srcad, and the adjoint by hand, side by side in one run, as ratios to the primal.

Calls go through srcad's dispatch. Times are the best of several rounds, the candidates taken in turn, so that a busy machine
slows all of them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from programs import Case, cases
from rich.console import Console
from rich.table import Table

import srcad


def measure(calls: list[Callable[[], Any]], seconds: float, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Seconds per call by a clock, each the best of rounds taken in turn."""
    counts = []
    for call in calls:
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < seconds / 20:
            call()
            count += 1
        counts.append(max(count // 4, 1))
    best = [float("inf")] * len(calls)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for i, (call, count) in enumerate(zip(calls, counts, strict=True)):
            begin = clock()
            for _ in range(count):
                call()
            best[i] = min(best[i], (clock() - begin) / count)
    return best


def leaves(tree: Any) -> list[Any]:
    """The numbers of a gradient, flat."""
    return [leaf for item in tree for leaf in leaves(item)] if isinstance(tree, (list, tuple)) else [np.ravel(tree)]


def run(case: Case, seconds: float) -> tuple[list[float], float]:
    """Seconds of primal, adjoint by hand and srcad; the largest relative difference between the two gradients."""
    made = srcad.value_and_grad(case.primal, argnums=0 if case.wrt == 1 else tuple(range(case.wrt)))
    expected, got = case.by_hand(*case.args), made(*case.args)
    pairs = zip(leaves(expected), leaves(got), strict=True)
    difference = max(float(np.max(np.abs(a - b)) / (1e-300 + np.max(np.abs(a)))) for a, b in pairs)
    return measure([lambda: case.primal(*case.args), lambda: case.by_hand(*case.args), lambda: made(*case.args)], seconds), difference


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each program")
    options = parser.parse_args()
    table = Table("program", "primal", "by hand / primal", "srcad / primal", "srcad / by hand", "difference")
    for case in cases():
        (primal, by_hand, made), difference = run(case, options.seconds)
        ratios = (f"{by_hand / primal:.2f}", f"{made / primal:.2f}", f"{made / by_hand:.2f}")
        table.add_row(case.name, f"{primal * 1e6:.2f} µs", *ratios, f"{difference:.0e}")
    Console().print(table)


if __name__ == "__main__":
    main()
