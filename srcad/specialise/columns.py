"""Jacobians inside differentiated code: these functions are never called, their source is followed.

What they call stands for the public operators of the same names.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.marks import PUBLIC

_jvp, _vjp = PUBLIC["jvp"], PUBLIC["vjp"]


def forward(f: Callable[..., Any], x: Any) -> Any:
    """The Jacobian of a function of one number or array, column by column."""
    if np.ndim(x) == 0:
        return _jvp(f, (x,), (1.0,))[1]
    columns = [_jvp(f, (x,), (np.reshape(row, np.shape(x)),))[1] for row in np.eye(np.size(x))]
    whole = np.stack(columns, axis=-1)
    return whole if np.ndim(x) == 1 else np.reshape(whole, (*np.shape(whole)[:-1], *np.shape(x)))


def reverse(f: Callable[..., Any], x: Any) -> Any:
    """The Jacobian of a function of one number or array, row by row."""
    y, pullback = _vjp(f, x)
    if np.ndim(y) == 0:
        return pullback(1.0)[0]
    rows = [pullback(np.reshape(row, np.shape(y)))[0] for row in np.eye(np.size(y))]
    whole = np.stack(rows)
    return whole if np.ndim(y) == 1 else np.reshape(whole, (*np.shape(y), *np.shape(x)))
