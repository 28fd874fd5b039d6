"""The Bessel function that NumPy has."""
from __future__ import annotations

from typing import Any

import numpy as np


def i0_derivative(n: int, x: Any) -> Any:
    """The n-th derivative of `np.i0`: the mean of `cos(a)**n * exp(x * cos(a))` over the circle (DLMF 10.32.1), by the trapezoidal rule."""
    count = 64 + 2 * int(np.max(np.abs(x), initial=0.0) ** 0.5 * 8.0)
    cosine = np.cos(2.0 * np.pi * np.arange(count) / count)
    found = np.mean(cosine**n * np.exp(np.multiply.outer(x, cosine)), axis=-1)
    return found.astype(x.dtype) if isinstance(x, np.ndarray | np.floating) else float(found)


def kaiser_arc(points: Any) -> Any:
    """What `np.kaiser(points, beta)` multiplies `beta` by: the height of a half circle, 0 at both ends."""
    place = 2.0 * np.arange(points) / (points - 1) - 1.0 if points > 1 else np.zeros(max(int(points), 0))
    return np.sqrt(np.maximum(1.0 - place * place, 0.0))
