"""What `ufunc.at` does, as a loop of stores: `apply_at` is not called but differentiated through its source."""
from __future__ import annotations

import math
from typing import Any

import numpy as np


def apply_at(ufunc: Any, x: Any, index: Any, *operands: Any) -> Any:
    """`ufunc.at(x, index, *operands)`: elements that `index` names more than once are changed once for each time, in order.

    Raises IndexError and ValueError as NumPy does, before anything is changed.
    """
    shape = np.shape(x[index])
    columns = [np.broadcast_to(b, shape).flatten() for b in operands]  # copies: what is a view of `x` is read as it was, too
    places = places_at(x, index)
    for turn in turns(x, places):
        where = places[0][turn] if len(places) == 1 else tuple([p[turn] for p in places])
        x[where] = ufunc(x[where], *[c[turn] for c in columns])


def places_at(x: Any, index: Any) -> tuple[Any, ...]:
    """The subscripts of the elements of `x[index]`, one vector for each axis of `x`."""
    found = np.arange(math.prod(np.shape(x))).reshape(np.shape(x))[index]
    return np.unravel_index(np.ravel(found), np.shape(x))


def turns(x: Any, places: tuple[Any, ...]) -> list[Any]:
    """Which of `places` come in the first turn, the second, ...: no turn has an element of `x` twice, and each has its turns in order."""
    flat = np.ravel_multi_index(places, np.shape(x))
    if flat.size == 0:
        return []
    order = np.argsort(flat, kind="stable")
    ranked = flat[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    turn = np.arange(flat.size) - np.repeat(starts, np.diff(np.append(starts, flat.size)))
    found = np.empty(flat.size, int)
    found[order] = turn
    return [np.flatnonzero(found == k) for k in range(int(turn.max()) + 1)]
