"""Running extrema, running products and sums over ranges of indices."""
from __future__ import annotations

from typing import Any

import numpy as np


def leaders(x: Any, y: Any, axis: int = 0) -> Any:
    """For each running extremum `y` along `axis` the index of the first element of `x` that attained it."""
    best = np.moveaxis(np.asarray(y), axis, -1)
    fresh = np.ones(best.shape, bool)
    fresh[..., 1:] = best[..., 1:] != best[..., :-1]
    places = np.where(fresh, np.arange(best.shape[-1]), 0)
    return np.moveaxis(np.maximum.accumulate(places, -1), -1, axis)


def reduceat_back(c: Any, x: Any, indices: Any, axis: int = 0) -> Any:
    """The cotangent of `x` in `np.add.reduceat(x, indices, axis)`."""
    found = np.zeros(np.shape(x), np.asarray(c).dtype)
    moved, cotangent = np.moveaxis(found, axis, 0), np.moveaxis(np.asarray(c), axis, 0)
    starts = [int(i) for i in indices]
    for k, (start, stop) in enumerate(zip(starts, [*starts[1:], len(moved)], strict=True)):
        moved[start : max(stop, start + 1)] += cotangent[k]
    return found


def first_places(x: Any) -> Any:
    """Where each value of `np.unique(x)` occurs first, in the flat array."""
    return np.unique(x, return_index=True)[1]
