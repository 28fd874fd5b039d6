"""What `np.vectorize` does, as a loop: this function is not called but differentiated through its source."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.errors import UnsupportedSyntax


def vectorized(f: Callable[..., Any], otypes: Any, *arrays: Any) -> Any:
    """`np.vectorize(f, otypes)(*arrays)`: f gets Python numbers.  Raises UnsupportedSyntax where the first value of f is no float,
    since it decides the dtype of all.
    """
    if len(arrays) == 1:
        shape = np.shape(arrays[0])
        values = [f(v) for v in np.ravel(arrays[0]).tolist()]
    else:
        shape = np.broadcast_shapes(*[np.shape(a) for a in arrays])
        values = [f(*row) for row in zip(*[np.ravel(np.broadcast_to(a, shape)).tolist() for a in arrays])]  # noqa: B905 - of one length
    if otypes is None:
        if len(values) == 0:
            raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
        if not isinstance(values[0], float):
            raise UnsupportedSyntax("the first value of a function under np.vectorize is no float", "set otypes=[float]", code="SRC191")
    return np.reshape(np.array(values), shape)


def plainly(f: Callable[..., Any], otypes: Any, *arrays: Any) -> Any:
    """What `vectorized` computes, where nothing is differentiated."""
    return np.vectorize(f, otypes=otypes)(*arrays)
