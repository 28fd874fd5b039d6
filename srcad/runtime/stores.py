"""Stores into arrays, and which elements of a stored value survive."""
from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from srcad import trees
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


def in_place(result: Any, x: Any) -> Any:
    """What `x op= y` leaves in `x`, given what `x op y` is: an array keeps its shape and dtype.  Raises what NumPy raises if it cannot."""
    if not isinstance(x, np.ndarray) or (isinstance(result, np.ndarray) and (result.shape, result.dtype) == (x.shape, x.dtype)):
        return result
    kept = np.empty_like(x)
    np.positive(result, out=kept)
    return kept


def flat_places(shape: tuple[int, ...], index: Any) -> tuple[Any, ...]:
    """The subscripts of `a.flat[index]` in an array of a shape: numbers for a number, else vectors.  Raises IndexError as NumPy does."""
    places = np.arange(math.prod(shape))[index] if not isinstance(index, int | np.integer) else operator.index(index)
    if isinstance(places, int):
        size = math.prod(shape)
        if not -size <= places < size:
            raise IndexError(f"index {places} is out of bounds for size {size}")
        return tuple(map(int, np.unravel_index(places % size, shape)))
    return np.unravel_index(places, shape)


def stored_real(x: Any, index: Any, value: Any) -> Any:
    """A copy of the complex array `x` with `x.real[index] = value`."""
    x = np.array(x)
    x.real[index] = value
    return x


def stored_imag(x: Any, index: Any, value: Any) -> Any:
    """A copy of the complex array `x` with `x.imag[index] = value`."""
    x = np.array(x)
    x.imag[index] = value
    return x


def copy_strides(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy of an array with its strides, so that reshaping it gives a view or a copy as it does for the array itself.

    An array some of whose elements coincide has a copy in C order, as NumPy makes it.
    """
    if x.flags.forc or x.dtype.hasobject:
        return x.copy(order="K")
    steps = sorted((abs(s), n) for s, n in zip(x.strides, x.shape, strict=True) if n > 1)
    ends = [n * s for s, n in steps]
    if x.size == 0 or steps[0][0] < x.itemsize or any(end > following for end, (following, _) in zip(ends, steps[1:], strict=False)):
        return x.copy(order="K")
    start = sum(-s * (n - 1) for s, n in zip(x.strides, x.shape, strict=True) if s < 0)
    whole = np.empty(sum(s * (n - 1) for s, n in steps) + x.itemsize, np.uint8)
    out: np.ndarray[Any, Any] = np.ndarray(x.shape, x.dtype, whole, start, x.strides)
    out[...] = x
    return out


def require_contiguous(x: Any) -> None:
    """Raise `UnsupportedSyntax` unless an array is C-contiguous, so that NumPy's reshape is a view: a write must reach both."""
    if not x.flags.c_contiguous:
        raise UnsupportedSyntax(
            "an array is written through a reshaped view, and for its memory layout NumPy may make a copy instead", code="SRC146",
            advice="pass C-contiguous arrays, or write to the array itself",
        )


def require_native(*arguments: Any) -> None:
    """Raise `UnsupportedSyntax` for an array in other byte order, in a function that compares dtypes."""
    for x in _parts(arguments, {}):
        if isinstance(x, np.ndarray) and not x.dtype.isnative:
            raise UnsupportedSyntax("the function compares dtypes, and an array is not in the byte order of this machine", code="SRC143",
                                    advice="convert it first: `x.astype(x.dtype.newbyteorder('='))`")  # fmt: skip


def require_separate(written: tuple[Any, ...], *others: Any) -> None:
    """Raise `UnsupportedSyntax` if an argument that is written shares memory with another one, or holds an array twice.

    The function works on copies of its arguments, which would no longer be one where the originals are.
    """
    mine, rest = ([x for x in _parts(values, {}) if isinstance(x, np.ndarray)] for values in (written, others))
    for k, x in enumerate(mine):
        for y in (*mine[k + 1 :], *rest):
            if np.may_share_memory(x, y) and np.shares_memory(x, y):
                reason = "arguments share memory, or one holds an array twice, and the function writes to it"
                raise UnsupportedSyntax(reason, code="SRC128", advice="pass a copy of one of them")


def require_distinct(changed: tuple[Any, ...], *others: Any) -> None:
    """Raise `UnsupportedSyntax` if a container or object in an argument whose parts are replaced is in the arguments twice."""
    seen: dict[int, Any] = {}
    count = sum(1 for x in _parts(changed, seen) if not isinstance(x, np.ndarray))
    mine = set(seen)
    if count > len(mine) or any(id(x) in mine for x in _parts(others, {}) if not isinstance(x, np.ndarray)):
        raise UnsupportedSyntax("an object is in the arguments twice, and the function changes it", code="SRC128",
                                advice="pass a copy in one of the places")  # fmt: skip


def _parts(value: Any, seen: dict[int, Any]) -> Iterator[Any]:
    """The arrays, containers and objects in an argument; what is met again is not entered again."""
    inner = None if isinstance(value, np.ndarray) else _children(value, objects=len(seen) < _MANY)
    if isinstance(value, np.ndarray) or (inner is not None and not isinstance(value, tuple)):
        yield value
    if inner is None or id(value) in seen:
        return
    if not isinstance(value, tuple):
        seen[id(value)] = value
    for item in inner:
        yield from _parts(item, seen)


def _children(value: Any, *, objects: bool) -> list[Any] | None:
    """What a container or dataclass holds, and with `objects` what an object of an ordinary class holds; None for others."""
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return list(value.values())
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, f.name) for f in fields(value)]
    if not objects or isinstance(value, type) or not type(value).__flags__ & _HEAP:
        return None
    own = vars(value) if hasattr(value, "__dict__") else {}
    return [*own.values(), *(getattr(value, k) for k in trees.held(value) if k not in own)] or None


_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE
_MANY = 1000  # so many objects are looked into
