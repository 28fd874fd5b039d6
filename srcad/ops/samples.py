"""Arguments on which entries are tried: drawn once, the same on every machine."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.ops.entry import Sample

Samples = Callable[[], tuple[Sample, ...]]


def values(shape: tuple[int, ...], low: float = -1.5, high: float = 1.5, seed: int = 0) -> Any:
    """Distinct numbers between `low` and `high` in the given shape, a float if the shape is empty."""
    rng = np.random.default_rng(seed + 7 * len(shape))
    found = low + (high - low) * (0.05 + 0.9 * rng.random(shape))
    return found if shape else float(found)


def domain(*ranges: tuple[float, float], **params: Any) -> Samples:
    """Floats, arrays and broadcast arrays within one range per operand."""

    def make() -> tuple[Sample, ...]:
        shapes: list[tuple[tuple[int, ...], ...]] = [((),) * len(ranges), ((2, 3),) * len(ranges)]
        if len(ranges) > 1:
            shapes += [((2, 3), (3,), ())[: len(ranges)], ((3,), (2, 1), (2, 3))[: len(ranges)], ((), (4,), (4,))[: len(ranges)]]
        return tuple(
            Sample(tuple(values(s, *r, seed=k) for k, (s, r) in enumerate(zip(chosen, ranges, strict=True))), params) for chosen in shapes
        )

    return make


def scalars(*ranges: tuple[float, float]) -> Samples:
    """Floats only, for functions of `math`."""
    return lambda: tuple(Sample(tuple(values((), *r, seed=k + j) for k, r in enumerate(ranges))) for j in range(2))


def calls(*samples: tuple[Any, ...] | Sample) -> Samples:
    """The given argument tuples."""
    return lambda: tuple(s if isinstance(s, Sample) else Sample(s) for s in samples)


def arr(*shape: int, low: float = -1.5, high: float = 1.5, seed: int = 0) -> Any:
    """An array of distinct numbers."""
    return values(shape, low, high, seed)
