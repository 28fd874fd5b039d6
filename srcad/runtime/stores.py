"""Stores into arrays, and which elements of a stored value survive."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from srcad.errors import UnsupportedSyntax


def last_stored(x: Any, index: Any) -> Any:
    """For each element of `v` in `x[index] = v`, whether it stays: NumPy stores in order, so the last one of equal places does.

    `x` tells the shape only; the result has the shape of `x[index]`.
    """
    count = np.full(np.shape(x), -1)
    order = np.arange(count[index].size).reshape(count[index].shape)
    count[index] = order
    return count[index] == order


def stored(x: Any, index: Any, value: Any) -> Any:
    """A copy of `x` with `x[index] = value`."""
    x = np.array(x)
    x[index] = value
    return x


def stored_in(x: Any, outer: Any, index: Any, value: Any) -> Any:
    """A copy of `x` with `x[outer][index] = value`; `outer` is a basic subscript."""
    x = np.array(x)
    x[outer][index] = value
    return x


def require_contiguous(x: Any) -> None:
    """Raise `UnsupportedSyntax` unless an array is C-contiguous, so that NumPy's reshape is a view: a write must reach both."""
    if not x.flags.c_contiguous:
        raise UnsupportedSyntax(
            "an array is written through a reshaped view, and for its memory layout NumPy may make a copy instead", code="SRC146",
            advice="pass C-contiguous arrays, or write to the array itself",
        )


def require_separate(written: tuple[Any, ...], *others: Any) -> None:
    """Raise `UnsupportedSyntax` if an argument that is written shares memory with another one, or holds an array twice.

    The function works on copies of its arguments, which would no longer be one where the originals are.
    """
    mine, rest = list(_arrays(written)), list(_arrays(others))
    for k, x in enumerate(mine):
        for y in (*mine[k + 1 :], *rest):
            if np.may_share_memory(x, y) and np.shares_memory(x, y):
                reason = "two arguments share memory, and the function writes to one of them"
                raise UnsupportedSyntax(reason, code="SRC128", advice="pass a copy of one of them")


def _arrays(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays in an argument."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _arrays(item)
    elif isinstance(value, dict):
        yield from _arrays(list(value.values()))
    elif is_dataclass(value):
        yield from _arrays([getattr(value, f.name) for f in fields(value)])
