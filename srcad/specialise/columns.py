"""Jacobians inside differentiated code: these functions are never called, their source is followed.

What they call stands for the public operators of the same names, and for operators of srcad's own.  Where several numbers and
arrays are differentiated, or are the result, the whole is one matrix, which is cut into blocks.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.marks import LEAVES, PUBLIC, SPREAD
from srcad.ops.solver import flat_matched

_jvp, _vjp = PUBLIC["jvp"], PUBLIC["vjp"]


def forward(f: Callable[..., Any], x: Any, fixed: Any) -> Any:
    """The Jacobian of a function by its first argument, one number or array, column by column; `fixed`: the other arguments."""
    if np.ndim(x) == 0:
        return _jvp(f, (x, *fixed), (1.0, *_nothing(fixed)))[1]
    columns = [_jvp(f, (x, *fixed), (np.reshape(row, np.shape(x)), *_nothing(fixed)))[1] for row in np.eye(np.size(x))]
    whole = np.stack(columns, axis=-1)
    return whole if np.ndim(x) == 1 else np.reshape(whole, (*np.shape(whole)[:-1], *np.shape(x)))


def reverse(f: Callable[..., Any], x: Any, fixed: Any) -> Any:
    """The Jacobian of a function by its first argument, row by row."""
    y, pullback = _vjp(f, x, *fixed, argnums=0)
    if np.ndim(y) == 0:
        return pullback(1.0)
    rows = [pullback(np.reshape(row, np.shape(y))) for row in np.eye(np.size(y))]
    whole = np.stack(rows)
    return whole if np.ndim(y) == 1 else np.reshape(whole, (*np.shape(y), *np.shape(x)))


def forward_of_many(f: Callable[..., Any], args: Any, fixed: Any, aux: Any, out: Any) -> Any:
    """The result `out` of a function, and its Jacobian as one matrix with a column for each number in `args`, its first arguments.

    `fixed`: the other arguments; `aux` as `has_aux`.
    """
    y = out[0] if aux else out
    matrix = np.zeros((_size(y), _size(args)))
    for k, row in enumerate(np.eye(_size(args))):
        moved = _jvp(f, (*args, *fixed), (*SPREAD(row, args), *_nothing(fixed)))[1]
        matrix[:, k] = flat_matched(moved[0] if aux else moved, y)
    return out, matrix


def reverse_of_many(f: Callable[..., Any], args: Any, fixed: Any, aux: Any) -> Any:
    """As `forward_of_many`, with a row for each number in the result."""
    out, pullback = _vjp(f, *args, *fixed, argnums=tuple(range(len(args))))
    y = out[0] if aux else out
    matrix = np.zeros((_size(y), _size(args)))
    for k, row in enumerate(np.eye(_size(y))):
        seed = SPREAD(row, y)
        matrix[k] = flat_matched(pullback((seed, None) if aux else seed), args)
    return out, matrix


def _nothing(args: Any) -> Any:
    """A tangent for each of the arguments that are not differentiated."""
    return (None,) * len(args)


def _size(tree: Any) -> Any:
    """How many numbers a value holds."""
    return sum(np.size(leaf) for leaf in LEAVES(tree))


def block(matrix: Any, row: Any, column: Any, y: Any, x: Any) -> Any:
    """The derivative of one number or array by another, of which a matrix holds the numbers from a place on; where the next ones start."""
    below, behind = row + np.size(y), column + np.size(x)
    if np.ndim(y) == 0 and np.ndim(x) == 0:
        return matrix[row, column], below, behind
    return np.reshape(matrix[row:below, column:behind], (*np.shape(y), *np.shape(x))), below, behind


def narrowed(x: Any, like: Any) -> Any:
    """An array in the dtype of another number or array."""
    return x.astype(like.dtype)
