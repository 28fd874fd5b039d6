"""Memory and cost of the gradient of a long loop under `checkpointed`: a non-linear stencil, 20 slots.

Run: `python benchmarks/checkpointing.py`.  Prints for growing numbers of steps the peak of `tracemalloc` in states, the steps that were
run beside those that are reversed, and how many the schedule needs in theory; then the time of the gradient, in those of the
function.  Exits with 1 if the peak grows, or if more steps are run than the theory says.
"""
from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import srcad
from srcad.runtime.schedule import cost
from srcad.runtime.states import States, Way

SIZE, SLOTS = 2_000, 20
STEPS = (100, 1_000, 10_000)


def burgers(u: np.ndarray, viscosity: float, steps: int) -> Any:
    """Burgers' equation by central differences."""
    for _ in srcad.checkpointed(range(steps), slots=SLOTS):
        slope = np.roll(u, -1) - np.roll(u, 1)
        bend = np.roll(u, -1) - 2.0 * u + np.roll(u, 1)
        u = u - 0.01 * u * slope + viscosity * bend
    return np.sum(u**2)


def counted(run: Callable[[], Any]) -> int:
    """How often a step is run: in the forward sweep, and again in the reverse sweep."""
    count = 0
    originals = {cls: cls.keep for cls in (States, Way)}

    def counting(cls: Any) -> Callable[..., None]:
        def keep(self: Any, *args: Any) -> None:
            nonlocal count
            count += 1
            originals[cls](self, *args)

        return keep

    try:
        for cls in originals:
            cls.keep = counting(cls)  # type: ignore[method-assign]
        run()
    finally:
        for cls, keep in originals.items():
            cls.keep = keep  # type: ignore[method-assign]
    return count


def main() -> int:
    """Measure and print."""
    u = np.sin(np.linspace(0.0, 6.0, SIZE))
    gradient = srcad.grad(burgers)
    gradient(u, 0.02, 5)
    peaks, ok = [], True
    for steps in STEPS:
        tracemalloc.start()
        gradient(u, 0.02, steps)
        peaks.append(tracemalloc.get_traced_memory()[1] / u.nbytes)
        tracemalloc.stop()
        run = counted(lambda n=steps: gradient(u, 0.02, n))
        theory = cost(steps, SLOTS) + 1
        ok = ok and run == theory
        print(f"{steps:6} steps: peak {peaks[-1]:5.1f} states; {run} steps run, {theory} in theory, and {steps} reversed")
    start = time.perf_counter()
    burgers(u, 0.02, STEPS[-1])
    middle = time.perf_counter()
    gradient(u, 0.02, STEPS[-1])
    end = time.perf_counter()
    print(f"time of the gradient: {(end - middle) / (middle - start):.1f} times the function")
    return 0 if ok and peaks[-1] < 1.1 * peaks[0] + 1 else 1


if __name__ == "__main__":
    sys.exit(main())
