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


def kaiser_slope(points: Any, beta: Any) -> Any:
    """The derivative of `np.kaiser(points, beta)` by `beta`: of `i0(beta * r) / i0(beta)`, r being 0 at both ends."""
    if points <= 1:
        return np.zeros(max(int(points), 0))
    place = 2.0 * np.arange(points) / (points - 1) - 1.0
    r = np.sqrt(np.maximum(1.0 - place * place, 0.0))
    return (r * i0_derivative(1, beta * r) - np.i0(beta * r) / np.i0(beta) * i0_derivative(1, beta)) / np.i0(beta)
