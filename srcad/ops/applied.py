"""NumPy functions that are handed functions: `apply_along_axis`, `apply_over_axes`, `piecewise`, `fromfunction`."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.marks import LIKE
from srcad.ops.entry import Entry, Spelling, function_op
from srcad.ops.op import Spellings
from srcad.ops.solver import equal_to


def _handed(fn: Any, template: Callable[..., Any]) -> Spellings:
    path = f"np.{fn.__name__}"
    return (Spelling(Entry(path, fn, "solver", ("*xs",), template=template), function_op(path), fn),)


def _rows(rest: Any, func1d: Any, arr: Any, args: Any, axis: Any) -> Any:
    """`np.apply_along_axis` as a loop."""
    rows = np.moveaxis(arr, axis, -1)
    found = [np.asarray(func1d(row, *args)) for row in np.reshape(rows, (-1, np.shape(rows)[-1]))]
    whole = np.stack(found)
    inner = np.ndim(whole) - 1
    whole = np.reshape(whole, (*np.shape(rows)[:-1], *np.shape(whole)[1:]))
    if inner == 0:
        return whole
    if inner == 1:
        return np.moveaxis(whole, -1, axis)
    first = axis % np.ndim(arr)
    return np.moveaxis(whole, tuple(range(-inner, 0)), tuple(range(first, first + inner)))


def _along_axis(solve: Any, func1d: Any, axis: Any, arr: Any, args: Any = ()) -> Any:
    def call(func1d: Any, arr: Any, args: Any) -> Any:
        row = np.moveaxis(arr, axis, -1)[(0,) * (np.ndim(arr) - 1)]
        like = LIKE(lambda func1d, arr, args: _rows((), func1d, arr, args, axis), func1d, arr, args)
        return solve(row, func1d=func1d, axis=axis, arr=arr, args=args, like=like), ()

    return equal_to(call, lambda rest, func1d, arr, args: _rows(rest, func1d, arr, args, axis), (func1d, np.asarray(arr), args))[0]


def _over_axes(solve: Any, func: Any, a: Any, axes: Any) -> Any:
    value = np.asarray(a)
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        reduced = func(value, axis)
        value = reduced if np.ndim(reduced) == np.ndim(value) else np.expand_dims(reduced, axis)
    return value


def _piecewise(solve: Any, x: Any, condlist: Any, funclist: Any, args: Any = ()) -> Any:
    x = np.asarray(x)
    if not isinstance(condlist, (list, tuple)) and np.ndim(condlist) > 1:
        raise NoRule("`np.piecewise` takes an array of two axes for several conditions", "give a list of conditions")
    conditions = condlist if isinstance(condlist, (list, tuple)) else [condlist]
    if len(funclist) == len(conditions) + 1:
        conditions = [*conditions, ~np.any(conditions, axis=0)]
    y = np.zeros_like(x)
    for condition, piece in zip(conditions, funclist):  # noqa: B905 -- of one length
        if not callable(piece):
            y[condition] = piece
        else:
            chosen = x[condition]
            if np.size(chosen) > 0:
                y[condition] = piece(chosen, *args)
    return y


def _fromfunction(solve: Any, function: Any, shape: Any) -> Any:
    grids = np.indices(shape, dtype=float)
    return function(*[grids[k] for k in range(len(shape))])


RULES = (
    _handed(np.apply_along_axis, _along_axis),
    _handed(np.apply_over_axes, _over_axes),
    _handed(np.piecewise, _piecewise),
    _handed(np.fromfunction, _fromfunction),
)
