"""Helpers for convolutions, filters and quadrature weights."""
from __future__ import annotations

from typing import Any

import numpy as np


def convolution_back(g: Any, x: Any, other: Any, mode: Any, first: Any) -> Any:
    """The cotangent of one operand of `scipy.signal.convolve`, in any number of dimensions; `first`: it is the first operand."""
    if np.ndim(x) == 0:
        return g * other
    lead = x if first else other
    whole = tuple(m + n - 1 for m, n in zip(np.shape(x), np.shape(other), strict=True))
    full = np.zeros(whole, np.asarray(g).dtype)
    full[_window(whole, np.shape(lead), np.shape(g), mode)] = g
    if full.ndim == 1:
        return np.correlate(full, np.conj(other), "valid")
    axes = tuple(range(full.ndim))
    found: Any
    if np.iscomplexobj(full) or np.iscomplexobj(other):
        spectrum = np.fft.fftn(full, axes=axes) * np.conj(np.fft.fftn(np.conj(other), whole, axes))
        found = np.fft.ifftn(spectrum, axes=axes)
    else:
        found = np.fft.irfftn(np.fft.rfftn(full, axes=axes) * np.conj(np.fft.rfftn(other, whole, axes)), whole, axes)
    return np.ascontiguousarray(found[tuple(slice(n) for n in np.shape(x))])


def _window(whole: tuple[int, ...], lead: tuple[int, ...], part: tuple[int, ...], mode: str) -> tuple[slice, ...]:
    """Where the result of a mode lies in the full convolution."""
    centred = lead if mode == "same" else part
    starts = [(n - m) // 2 for n, m in zip(whole, centred, strict=True)]
    return tuple(slice(s, s + m) for s, m in zip(starts, part, strict=True))


def lags(g: Any, x: Any, like: Any, axis: Any = -1) -> Any:
    """The sums of g[n] * x[n - k] over time and other axes, for as many lags k as `like` is long."""
    g, x = np.moveaxis(g, axis, -1), np.moveaxis(x, axis, -1)
    n = g.shape[-1]
    return np.array([np.sum(g[..., k:] * x[..., : n - k]) if k < n else 0.0 for k in range(len(like))], np.asarray(like).dtype)


def simpson_weights(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """The weights of Simpson's rule in a shape that broadcasts against `y`; an even number of points has Cartwright's correction
    (J. Math. Sci. Math. Educ. 11, 2016) at the last interval, as in SciPy.
    """
    n = np.shape(y)[axis]
    along = axis if np.ndim(x) > 1 else -1
    steps = np.full(n - 1, dx, float) if x is None else np.moveaxis(np.diff(x, axis=along), along, -1)
    found = np.zeros((*steps.shape[:-1], n))
    if n == 2:
        found[...] = 0.5 * steps
    if n > 2:
        a, b = steps[..., 0 : n - 2 : 2], steps[..., 1 : n - 1 : 2]
        a = a[..., : b.shape[-1]]
        last = 2 * b.shape[-1]
        found[..., 0:last:2] += (a + b) / 6.0 * (2.0 - b / a)
        found[..., 1:last:2] += (a + b) ** 3 / (6.0 * a * b)
        found[..., 2 : last + 1 : 2] += (a + b) / 6.0 * (2.0 - a / b)
        if n % 2 == 0:
            h, k = steps[..., -2], steps[..., -1]
            found[..., -1] += (2.0 * k * k + 3.0 * h * k) / (6.0 * (h + k))
            found[..., -2] += (k * k + 3.0 * h * k) / (6.0 * h)
            found[..., -3] -= k**3 / (6.0 * h * (h + k))
    if found.ndim == 1:
        return found.reshape((n, *(1,) * (np.ndim(y) - 1 - axis % np.ndim(y))))
    return np.moveaxis(found, -1, axis)
