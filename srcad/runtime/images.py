"""Helpers for filters of images, with the borders of `scipy.ndimage`.

The linear ones are linear in their array and in the weights.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

_PADS = {
    "reflect": "symmetric", "grid-mirror": "symmetric", "mirror": "reflect", "nearest": "edge", "wrap": "wrap", "grid-wrap": "wrap",
    "constant": "constant", "grid-constant": "constant",
}  # fmt: skip


def _kernel(weights: Any, axis: Any, ndim: int, flip: bool) -> Any:
    """The weights with as many axes as the image, as a correlation takes them."""
    found = np.asarray(weights)
    if axis is not None:
        found = found.reshape([-1 if k == axis % ndim else 1 for k in range(ndim)])
    return np.flip(found) if flip else found


def _centre(shape: tuple[int, ...], axis: Any, origin: Any, flip: bool) -> list[int]:
    """The position in the kernel that lies on the element that is computed."""
    along = range(len(shape)) if axis is None else (axis % len(shape),)
    given = [0] * len(shape)
    for k in along:
        given[k] = origin if np.ndim(origin) == 0 else origin[k]
        if flip:
            given[k] = -given[k] - (1 - shape[k] % 2)
    return [n // 2 + s for n, s in zip(shape, given, strict=True)]


def _windows(shape: tuple[int, ...], kernel: Any, centre: list[int]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """For each weight the part of the padded image that it is multiplied with."""
    for at in np.ndindex(kernel.shape):
        starts = [width + k - c for width, k, c in zip(kernel.shape, at, centre, strict=True)]
        yield at, tuple(slice(s, s + n) for s, n in zip(starts, shape, strict=True))


def _padded(x: Any, kernel: Any, mode: str, cval: Any = 0.0) -> Any:
    widths: Any = [(n, n) for n in kernel.shape]
    how: Any = _PADS[mode]
    return np.pad(x, widths, how, constant_values=cval) if how == "constant" else np.pad(x, widths, how)


def filter_forth(x: Any, weights: Any, axis: Any = None, mode: str = "reflect", origin: Any = 0, flip: bool = False) -> Any:
    """The filtered image, zeros outside where the mode is a constant."""
    x = np.asarray(x)
    kernel = _kernel(weights, axis, x.ndim, flip)
    wide, total = _padded(x, kernel, mode), np.zeros_like(x)
    for at, window in _windows(x.shape, kernel, _centre(kernel.shape, axis, origin, flip)):
        total += kernel[at] * wide[window]
    return total


def filter_back(g: Any, weights: Any, axis: Any = None, mode: str = "reflect", origin: Any = 0, flip: bool = False) -> Any:
    """The cotangent of the image: what the borders repeat is added to what they repeat."""
    g = np.asarray(g)
    kernel = _kernel(weights, axis, g.ndim, flip)
    wide = np.zeros([n + 2 * w for n, w in zip(g.shape, kernel.shape, strict=True)], g.dtype)
    for at, window in _windows(g.shape, kernel, _centre(kernel.shape, axis, origin, flip)):
        wide[window] += kernel[at] * g
    for k, (n, width) in enumerate(zip(g.shape, kernel.shape, strict=True)):
        if _PADS[mode] == "constant":
            wide = np.take(wide, range(width, width + n), k)
            continue
        folded = np.zeros((n, *np.delete(wide.shape, k)), g.dtype)
        np.add.at(folded, np.pad(np.arange(n), width, _PADS[mode]), np.moveaxis(wide, k, 0))  # type: ignore[call-overload]
        wide = np.moveaxis(folded, 0, k)
    return np.ascontiguousarray(wide)


def filter_weights(
    g: Any, x: Any, weights: Any, axis: Any = None, mode: str = "reflect", origin: Any = 0, flip: bool = False, cval: Any = 0.0
) -> Any:  # fmt: skip
    """The cotangent of the weights."""
    x = np.asarray(x)
    kernel = _kernel(weights, axis, x.ndim, flip)
    wide, found = _padded(x, kernel, mode, cval), np.zeros(kernel.shape, np.result_type(g, x))
    for at, window in _windows(x.shape, kernel, _centre(kernel.shape, axis, origin, flip)):
        found[at] = np.sum(g * wide[window])
    return (np.flip(found) if flip else found).reshape(np.shape(weights))


def window_places(
    x: Any, y: Any, size: Any = None, footprint: Any = None, axis: Any = None, mode: str = "reflect", cval: Any = 0.0, origin: Any = 0,
    flip: bool = False,
) -> Any:  # fmt: skip
    """Where the elements that a filter has chosen are in the flattened image, the first of each window; -1 for the constant around it."""
    x = np.asarray(x)
    if footprint is None:
        footprint = np.ones(size if axis is not None or np.ndim(size) else (size,) * x.ndim, bool)
    kernel = _kernel(footprint, axis, x.ndim, flip)
    wide, numbers = _padded(x, kernel, mode, cval), _padded(np.arange(x.size).reshape(x.shape), kernel, mode, -1)
    found, left = np.full(x.shape, -1), np.ones(x.shape, bool)
    for at, window in _windows(x.shape, kernel, _centre(kernel.shape, axis, origin, flip)):
        if kernel[at]:
            here = left & (wide[window] == y)
            found[here] = numbers[window][here]
            left &= ~here
    return found


_NO_WIDTH: Final = 1e-15  # of `gaussian_filter`


def gaussian_weights(sigma: Any, order: Any = 0, truncate: Any = 4.0, radius: Any = None) -> Any:
    """The kernel of `gaussian_filter1d`, as a correlation takes it: the derivative of that order of a normalised Gaussian.

    Without a width it leaves values as they are, whatever the order, as `gaussian_filter` does.
    """
    if sigma <= _NO_WIDTH:
        return np.ones(1)
    reach = int(truncate * float(sigma) + 0.5) if radius is None else radius
    x = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 / (sigma * sigma) * x**2)
    bell = bell / bell.sum()
    factor = np.ones(1)  # coefficients, lowest power first: each derivative is p' - x p / sigma**2
    for _ in range(order):
        slope = np.append(factor[1:] * np.arange(1, len(factor)), [0.0, 0.0])
        factor = slope - np.append(0.0, factor) / (sigma * sigma)
    return (np.polynomial.polynomial.polyval(x, factor) * bell)[::-1]
