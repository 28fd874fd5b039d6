"""`np.ndenumerate` in Python.  None of these is called: their source is followed."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def places_and_items(array: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """`np.ndenumerate`."""
    for place in np.ndindex(array.shape):
        yield place, array[place]


def places_and_items_of_one_axis(array: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """`np.ndenumerate` of an array with one axis."""
    for i in range(array.shape[0]):
        yield (i,), array[i]


def places_and_items_of_two_axes(array: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """`np.ndenumerate` of an array with two axes."""
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            yield (i, j), array[i, j]
