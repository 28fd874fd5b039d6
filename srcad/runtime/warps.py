"""Helpers for the splines of `scipy.ndimage`: sums of the coefficients around each place by their weights, derivatives of these by the
place, and the transposes.

Places beyond the borders are led back inside first, as the mode says, and so are the coefficients around a place near one.
"""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

_PAD = 12  # what SciPy puts around an image in modes for whose borders it has no filter


def _bell(degree: int, t: Any, nu: int) -> Any:
    """The derivative of order `nu` of the cardinal B-spline of a degree."""
    if nu:
        return _bell(degree - 1, t + 0.5, nu - 1) - _bell(degree - 1, t - 0.5, nu - 1) if degree else np.zeros_like(t)
    if not degree:
        return np.where((t >= -0.5) & (t < 0.5), 1.0, 0.0)
    half = 0.5 * (degree + 1)
    return ((half + t) * _bell(degree - 1, t + 0.5, 0) + (half - t) * _bell(degree - 1, t - 0.5, 0)) / degree


def _led_back(c: Any, n: int, mode: str) -> tuple[Any, Any]:
    """Places along an axis of `n` elements, inside of it, and what they are multiplied with where the axis runs backwards or stops."""
    if mode in ("nearest", "grid-constant"):
        return c, np.ones_like(c)
    if mode == "constant" or n <= 1:
        return np.clip(c, 0.0, n - 1.0), np.where((c >= 0.0) & (c <= n - 1.0), 1.0, 0.0)
    if mode in ("wrap", "grid-wrap"):
        length, gap = (n - 1, 0.0) if mode == "wrap" else (n, -1.0)
        below = c + length * (np.trunc((gap - c) / length) + 1.0)
        return np.where(c < 0.0, below, np.where(c > n - 1.0, c - length * np.trunc(c / length), c)), np.ones_like(c)
    period = 2 * n - 2 if mode == "mirror" else 2 * n
    c = np.mod(c, period)
    back = c > n - 1 if mode == "mirror" else c >= n
    return np.where(back, (period if mode == "mirror" else period - 1) - c, c), np.where(back, -1.0, 1.0)


def _index(i: Any, n: int, mode: str) -> Any:
    """Numbers of coefficients, inside the axis."""
    if mode in ("nearest", "grid-constant"):
        return np.clip(i, 0, n - 1)
    if mode == "grid-wrap":
        return np.mod(i, n)
    if n == 1:
        return np.zeros_like(i)
    whole = mode in ("reflect", "grid-mirror")
    i = np.mod(i, 2 * n if whole else 2 * n - 2)
    return np.where(i >= n, (2 * n - 1 if whole else 2 * n - 2) - i, i)


@dataclass(frozen=True)
class _Around:
    """The coefficients around each place: for each, where it is, its weight, and whether it stands beyond a border that is constant."""

    at: tuple[Any, ...]
    weight: Any
    beyond: Any


def _around(places: Any, shape: tuple[int, ...], order: int, mode: str, by: tuple[int, ...]) -> Iterator[_Around]:
    axes = []
    for c, n, nu in zip(places, shape, by, strict=True):
        inside, sign = _led_back(c, n, mode)
        start = np.floor(inside + 0.5 * (1 - order % 2)).astype(int) - order // 2
        numbers = [start + k for k in range(order + 1)]
        axes.append([(_index(i, n, mode), _bell(order, inside - i, nu) * sign**nu, (i < 0) | (i >= n)) for i in numbers])
    for corner in itertools.product(*axes):
        yield _Around(tuple(i for i, _, _ in corner), np.prod([w for _, w, _ in corner], axis=0), np.any([b for _, _, b in corner], axis=0))


def _covered(places: Any, shape: tuple[int, ...], mode: str) -> Any:
    """Which places have a value of the image."""
    if mode != "constant":
        return np.ones(places.shape[1:], bool)
    return np.all([(c >= 0.0) & (c <= n - 1.0) for c, n in zip(places, shape, strict=True)], axis=0)


def _is_filtered(order: int, prefilter: bool) -> bool:
    return prefilter and order > 1


def _widened(order: int, mode: str, prefilter: bool) -> int:
    return _PAD if _is_filtered(order, prefilter) and mode in ("nearest", "grid-constant") else 0


def _coefficients(x: Any, order: int, mode: str, cval: float, prefilter: bool) -> Any:
    """The coefficients of the spline through an image, as SciPy finds them."""
    if not _is_filtered(order, prefilter):
        return x
    from scipy.ndimage import spline_filter  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    if mode == "grid-constant":
        x = np.pad(x, _PAD, constant_values=cval)
    elif mode == "nearest":
        x = np.pad(x, _PAD, "edge")
    return spline_filter(x, order, output=np.float64, mode=mode)


def _image_bar(bar: Any, order: int, mode: str, prefilter: bool) -> Any:
    """The cotangent of an image from that of its coefficients."""
    if not _is_filtered(order, prefilter):
        return bar
    wide = _widened(order, mode, prefilter)
    for axis in range(bar.ndim):
        bar = np.moveaxis(spline_filter_back(bar, order, axis, mode), axis, 0)
        if wide:
            inner = bar[wide:-wide].copy()
            if mode == "nearest":
                inner[0] += bar[:wide].sum(0)
                inner[-1] += bar[-wide:].sum(0)
            bar = inner
        bar = np.moveaxis(bar, 0, axis)
    return bar


def spline_filter_back(g: Any, order: int = 3, axis: int = -1, mode: str = "mirror") -> Any:
    """The transpose of `scipy.ndimage.spline_filter1d`."""
    from scipy.ndimage import spline_filter1d  # noqa: PLC0415 -- srcad runs without SciPy

    filtered = spline_filter1d(np.eye(np.shape(g)[axis]), order, 0, mode=mode)
    return np.moveaxis(np.tensordot(filtered, g, (0, axis)), 0, axis)


def image_at(
    x: Any, places: Any, order: int = 3, mode: str = "constant", cval: float = 0.0, prefilter: bool = True, by: tuple[int, ...] = (),
) -> Any:  # fmt: skip
    """The spline through an image at some places; `by` gives the order of its derivative along each axis."""
    x = np.asarray(x, float)
    by = by or (0,) * x.ndim
    places = np.asarray(places, float) + _widened(order, mode, prefilter)
    found, total = _coefficients(x, order, mode, cval, prefilter), np.zeros(places.shape[1:])
    for part in _around(places, found.shape, order, mode, by):
        value = found[part.at]
        total += part.weight * (np.where(part.beyond, cval, value) if mode == "grid-constant" else value)
    return np.where(_covered(places, found.shape, mode), total, 0.0 if any(by) else cval)


def image_back(
    g: Any, x: Any, places: Any, order: int = 3, mode: str = "constant", prefilter: bool = True, by: tuple[int, ...] = ()
) -> Any:
    """The cotangent of the image."""
    wide = _widened(order, mode, prefilter)
    shape, places = tuple(n + 2 * wide for n in np.shape(x)), np.asarray(places, float) + wide
    bar, g = np.zeros(shape), np.where(_covered(places, shape, mode), g, 0.0)
    for part in _around(places, shape, order, mode, by or (0,) * len(shape)):
        share = part.weight * g
        np.add.at(bar, part.at, np.where(part.beyond, 0.0, share) if mode == "grid-constant" else share)
    return _image_bar(bar, order, mode, prefilter)


def grid_of(y: Any) -> Any:
    """The numbers of the elements of an array along each axis."""
    return np.indices(np.shape(y), dtype=float)


def zoomed_places(x: Any, y: Any, grid_mode: bool = False) -> Any:
    """Where the elements of `y`, a zoomed `x`, are in it."""
    grid, rest = grid_of(y), int(not grid_mode)
    steps = [(n - rest) / (m - rest) if m > rest else 1.0 for n, m in zip(np.shape(x), np.shape(y), strict=True)]
    return np.stack([(c + 0.5) * h - 0.5 if grid_mode else c * h for c, h in zip(grid, steps, strict=True)])
