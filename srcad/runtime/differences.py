"""Derivatives of functions that nobody can look into, by differences of their values: only where the user has asked for them by name.

Both take the function, the step (positive: central differences; negative: a complex step of that size), its arguments, and one tangent or
cotangent each for what can have one, in the order of the leaves.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from srcad import trees
from srcad.errors import ShapeMismatch

Function = Callable[..., Any]


def differences_along(f: Function, step: float, args: tuple[Any, ...], dots: Sequence[Any]) -> Any:
    """The tangent of the result along `dots`."""
    size = max((float(np.max(np.abs(d), initial=0.0)) for d in dots), default=0.0)
    if not size:
        return 0.0 * _number_or_array(f, f(*args))
    points = [x for x in trees.leaves(args) if trees.is_float(x)]
    scale = max(1.0, *(float(np.max(np.abs(x), initial=0.0)) for x in points)) / size
    return _slope(f, step, scale, args, dots)


def differences_back(f: Function, step: float, args: tuple[Any, ...], bar: Any) -> tuple[Any, ...]:
    """The cotangents of the arguments where `bar` is that of the result: one pair of calls for each number in them."""
    points = [x for x in trees.leaves(args) if trees.is_float(x)]
    found = []
    for place, point in enumerate(points):
        gradient = np.zeros(np.shape(point))
        for index in np.ndindex(np.shape(point)):
            dots = [np.zeros(np.shape(p)) for p in points]
            dots[place][index] = 1.0
            scale = max(1.0, abs(float(np.asarray(point)[index])))
            gradient[index] = np.sum(np.asarray(bar) * _slope(f, step, scale, args, dots))
        found.append(gradient if np.ndim(point) else float(gradient))
    return tuple(found)


def _slope(f: Function, step: float, scale: float, args: tuple[Any, ...], dots: Sequence[Any]) -> Any:
    h = abs(step) * scale
    if step < 0:
        return np.imag(_number_or_array(f, f(*_moved(args, dots, 1j * h)))) / h
    ends = [_number_or_array(f, f(*_moved(args, dots, side * h))) for side in (1, -1)]
    return (ends[0] - ends[1]) / (2 * h)


def _moved(args: tuple[Any, ...], dots: Sequence[Any], by: complex) -> Any:
    left = iter(dots)
    return trees.rebuilt(args, iter([_like(x, x + by * next(left)) if trees.is_float(x) else x for x in trees.leaves(args)]))


def _like(x: Any, moved: Any) -> Any:
    """A moved leaf: a number stays a number."""
    return moved if np.ndim(x) else moved.item() if isinstance(moved, np.ndarray) else moved


def _number_or_array(f: Function, value: Any) -> Any:
    if isinstance(value, float | complex | np.number | np.ndarray | int):
        return value
    name = getattr(f, "__name__", repr(f))
    raise ShapeMismatch(f"differences of '{name}' need a number or an array; it returns a {type(value).__name__}", "return one array")
