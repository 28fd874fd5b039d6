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


def _runs(indices: Any, length: int) -> list[slice]:
    """The runs of `np.add.reduceat`: one element where the next does not begin behind it."""
    starts = [int(i) for i in indices]
    return [slice(start, max(stop, start + 1)) for start, stop in zip(starts, [*starts[1:], length], strict=True)]


def runs_of(indices: Any, length: int) -> Any:
    """Which elements are part of each run, a row for each."""
    found = np.zeros((len(indices), length), bool)
    for row, run in zip(found, _runs(indices, length), strict=True):
        row[run] = True
    return found


def run_leaders(x: Any, y: Any, indices: Any, axis: int = 0) -> Any:
    """For the extremum `y` of each run along `axis` the index of the first element of `x` that attained it."""
    moved, best = np.moveaxis(np.asarray(x), axis, 0), np.moveaxis(np.asarray(y), axis, 0)
    places = [run.start + np.argmax(moved[run] == top, axis=0) for run, top in zip(_runs(indices, len(moved)), best, strict=True)]
    return np.moveaxis(np.array(places), 0, axis)


def reduceat_back(c: Any, x: Any, indices: Any, axis: int = 0) -> Any:
    """The cotangent of `x` in `np.add.reduceat(x, indices, axis)`."""
    found = np.zeros(np.shape(x), np.asarray(c).dtype)
    moved, cotangent = np.moveaxis(found, axis, 0), np.moveaxis(np.asarray(c), axis, 0)
    for run, bar in zip(_runs(indices, len(moved)), cotangent, strict=True):
        moved[run] += bar
    return found


def first_places(x: Any, axis: int | None = None, **options: Any) -> Any:
    """Where each value of `np.unique(x, axis=axis)` occurs first, along the axis or in the flat array."""
    return np.unique(x, return_index=True, axis=axis, **options)[1]
