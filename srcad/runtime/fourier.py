"""Transposes of Fourier transforms that NumPy has no function for."""
from __future__ import annotations

from typing import Any

import numpy as np

_INVERSE: dict[Any, Any] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def crop_like(g: Any, x: Any) -> Any:
    """`g` in the shape of `x`: each axis cut, or filled with zeros at its end."""
    shape = np.shape(x)
    kept = g[tuple(slice(n) for n in shape)]
    return np.pad(kept, [(0, n - m) for n, m in zip(shape, kept.shape, strict=True)])


def irfft_back(g: Any, axis: int = -1, norm: Any = None) -> Any:
    """The cotangent of `a` in `np.fft.irfft(a, len(g), axis, norm)`.

    Every frequency counts twice but 0 and, where the length is even, the highest.
    """
    n = np.shape(g)[axis]
    weights = np.full(n // 2 + 1, 2.0, np.asarray(g).dtype)
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    found = np.moveaxis(np.conj(np.fft.rfft(g, axis=axis, norm=_INVERSE[norm])), axis, -1) * weights
    return np.moveaxis(found, -1, axis)


def scaled_ends(x: Any, axis: int, ends: tuple[int, ...], weight: float) -> Any:
    """A copy of `x` with its rows at these places of an axis times a weight."""
    found = np.moveaxis(np.array(x), axis, 0)
    for k in ends:
        found[k] *= weight
    return np.moveaxis(found, 0, axis)
