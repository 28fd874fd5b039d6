"""Shapes of cotangents and tangents, decided at run time where types did not decide them."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable
from srcad.runtime.containers import add_trees, rebuilt, tree_like, zeros_like


def fit(c: Any, x: Any) -> Any:
    """`c` with the realness and the dtype of `x`; trees leaf by leaf."""
    if c is None or isinstance(c, list | tuple | dict):
        return c
    if isinstance(x, np.ndarray | np.generic):
        kind = x.dtype.kind
        if kind == "f" and np.iscomplexobj(c):
            c = np.real(c)
        return c if kind not in "fc" or (isinstance(c, np.ndarray | np.generic) and c.dtype == x.dtype) else np.asarray(c, x.dtype)[()]
    if isinstance(x, complex):
        return complex(c) if np.ndim(c) == 0 else c
    if not isinstance(x, int | float):
        if hasattr(x, "nnz"):
            raise NotDifferentiable("a sparse matrix that depends on a differentiated value has no derivative rule",
                                    "multiply by `@`, and scale or add the products: `a * (C @ x)` for `(a * C) @ x`")  # fmt: skip
        return c
    if not isinstance(c, np.ndarray | np.generic | complex):
        return c
    return float(np.real(c)) if np.ndim(c) == 0 else np.real(c)


def unbroadcast(c: Any, x: Any) -> Any:
    """The cotangent `c` of a broadcast result, summed to the shape of operand `x`, in its dtype; trees are left as they are."""
    if isinstance(c, list) and isinstance(x, np.ndarray):
        c = np.asarray(c)  # of an array that a list was made of
    if c is None or isinstance(c, list | tuple | dict):
        return c
    if isinstance(x, list | tuple):
        return tree_like(sum_to(np.asarray(c), np.shape(x)), x)
    shape = np.shape(x)
    if np.shape(c) != shape:
        c = sum_to(np.asarray(c), shape)
    found = fit(c, x)
    return found[()] if isinstance(found, np.ndarray) and not shape else found


def for_stores(c: Any, x: Any) -> Any:
    """The derivative `c` of an array `x`, complex where `x` is, so that what `x` can hold may be stored into it; others as they are."""
    if not isinstance(x, np.ndarray) or isinstance(c, list | tuple | dict):
        return c
    return np.array(c, x.dtype) if np.ndim(c) == 0 or (x.dtype.kind == "c" and not np.iscomplexobj(c)) else c


def sum_to(c: np.ndarray[Any, Any], shape: tuple[int, ...]) -> Any:
    """`c` summed over the axes along which an array of this shape was broadcast."""
    if c.ndim < len(shape):
        return np.broadcast_to(c, shape).copy()
    c = c.sum(axis=tuple(range(c.ndim - len(shape))))
    thin = tuple(k for k, n in enumerate(shape) if n == 1 and np.shape(c)[k] != 1)
    c = c.sum(axis=thin, keepdims=True) if thin else c
    return c if np.shape(c) == shape else np.broadcast_to(c, shape).copy()


def broadcast_like(t: Any, y: Any) -> Any:
    """The tangent `t` of an operand stretched to the shape of the result `y`, in its dtype; summed along axes of length 1 in `y` alone.

    The transpose of `unbroadcast`, which sums what was stretched, and stretches what has length 1.
    """
    if isinstance(y, np.ndarray) and np.shape(t) != y.shape:
        longer = np.ndim(t) == y.ndim and any(n == 1 != m for m, n in zip(np.shape(t), y.shape, strict=True))
        t = sum_to(np.asarray(t), y.shape) if longer else np.broadcast_to(t, y.shape)
    elif isinstance(t, np.ndarray) is not isinstance(y, np.ndarray):
        t = t[()] if isinstance(t, np.ndarray) else np.asarray(t)
    return fit(t, y)


def full_like_shape(g: Any, x: Any, dtype: Any = None) -> Any:
    """The number `g` everywhere in the shape of `x`."""
    return np.full(np.shape(x), g, dtype)


def spread(g: Any, x: Any) -> Any:
    """`g` stretched to the shape of `x`: a read-only view."""
    return np.broadcast_to(g, np.shape(x))


def shaped(x: Any, shape: Any) -> Any:
    """The elements of an array in another shape, as after `x.shape = shape`; raises AttributeError where that takes a copy."""
    found = x.reshape(shape)
    if found.size and not np.may_share_memory(found, x):
        x = x.view()
        x.shape = shape  # raises what the user's statement raises
    return found


def unsum(g: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The cotangent `g` of a reduction of `x` over `axis`, stretched back to the shape of `x`."""
    shape = np.shape(x)
    if not shape:
        return g
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    full = np.broadcast_to(g, shape)
    return tree_like(full, x) if isinstance(x, list | tuple) else full


def accum_at(x: Any, index: Any, g: Any) -> Any:
    """`x[index] += g`, counting an index that occurs twice twice; returns `x`."""
    if isinstance(x, np.ndarray):
        np.add.at(x, index, g)
    elif isinstance(index, slice):
        for k, v in zip(range(*index.indices(len(x))), g, strict=True):
            x[k] = add_trees(x[k], v)
    else:
        x[index] = add_trees(x[index], g)
    return x


def scatter_add(x: Any, index: Any, g: Any) -> Any:
    """Zero in the shape of `x`, with `g` added at `index`."""
    if isinstance(x, tuple):
        return tuple(accum_at(list(zeros_like(x)), index, g))
    if not isinstance(x, np.ndarray | list | dict) and np.ndim(x) == 0:
        return np.sum(g)  # a number read through newaxis or an ellipsis
    return accum_at(zeros_like(x), index, g)


def take_back(g: Any, x: Any, indices: Any, axis: Any = None) -> Any:
    """Zero in the shape of `x`, with `g` added where `np.take(x, indices, axis)` read."""
    found = zeros_like(np.asarray(x))
    if axis is None:
        np.add.at(found.reshape(-1), indices, g)
    else:
        np.add.at(found, (slice(None),) * (axis % found.ndim) + (indices,), g)
    return found


def along_back(g: Any, x: Any, indices: Any, axis: int = -1) -> Any:
    """Zero in the shape of `x`, with `g` added where `np.take_along_axis(x, indices, axis)` read."""
    found = zeros_like(np.asarray(x))
    grid: list[Any] = [k % n if n else k for k, n in zip(np.ogrid[tuple(slice(n) for n in np.shape(g))], found.shape, strict=True)]
    grid[axis] = np.broadcast_to(indices, np.shape(g))  # axes of length 1 are broadcast, of the array or of the indices
    np.add.at(found, tuple(grid), g)
    return found


def windows_back(g: Any, x: Any, window_shape: Any, axis: Any = None) -> Any:
    """Zero in the shape of `x`, with `g` added where `sliding_window_view(x, window_shape, axis)` read."""
    sizes = tuple(window_shape) if np.ndim(window_shape) else (int(window_shape),)
    found = np.zeros(np.shape(x), g.dtype)
    axes = range(found.ndim) if axis is None else tuple(axis) if np.ndim(axis) else (axis,)
    for offset in np.ndindex(*sizes):
        starts = [0] * found.ndim
        for n, start in zip(axes, offset, strict=True):
            starts[n] += start
        found[tuple(slice(s, s + n) for s, n in zip(starts, g.shape, strict=False))] += g[(..., *offset)]
    return found


def reshape_as_helper(g: Any, x: Any) -> Any:
    """`g` in the shape of `x`, a number or nested lists of numbers and arrays."""
    shape = np.shape(x)
    return tree_like(np.reshape(g, shape), x) if shape or isinstance(x, list | tuple | np.ndarray) else np.sum(g)


def tile_back(g: Any, x: Any, reps: Any) -> Any:
    """The cotangent of `x` in `np.tile(x, reps)`."""
    counts = tuple(reps) if np.ndim(reps) else (int(reps),)
    rank = max(len(counts), np.ndim(x))
    counts = (1,) * (rank - len(counts)) + counts
    shape = (1,) * (rank - np.ndim(x)) + np.shape(x)
    pairs = tuple(n for pair in zip(counts, shape, strict=True) for n in pair)
    return np.reshape(np.sum(np.reshape(g, pairs), axis=tuple(range(0, 2 * rank, 2))), np.shape(x))


def repeat_back(g: Any, x: Any, repeats: Any, axis: Any = None) -> Any:
    """The cotangent of `x` in `np.repeat(x, repeats, axis)`."""
    flat = np.ravel(x) if axis is None else np.asarray(x)
    along = 0 if axis is None else axis % flat.ndim
    source = np.repeat(np.arange(flat.shape[along]), repeats)
    found = np.zeros(flat.shape, np.asarray(g).dtype)
    where: tuple[Any, ...] = (*(slice(None),) * along, source)
    np.add.at(found, where, g)
    return found.reshape(np.shape(x))


def diff_back(g: Any, x: Any, n: int = 1, axis: int = -1) -> Any:
    """The cotangent of `x` in `np.diff(x, n, axis)`."""
    if not np.size(x):
        return np.zeros(np.shape(x), np.asarray(g).dtype)
    if not n:
        return np.array(g)
    for _ in range(n):
        pad = [(0, 0)] * np.ndim(g)
        pad[axis] = (1, 1)
        g = -np.diff(np.pad(g, pad), axis=axis)
    return g


def _pieces(g: Any, lengths: list[int], axis: int) -> list[Any]:
    stops = np.cumsum(lengths)
    before = (slice(None),) * (axis % np.ndim(g))
    return [g[(*before, slice(stop - n, stop))] for n, stop in zip(lengths, stops, strict=True)]


def _in_shape(piece: Any, x: Any) -> Any:
    """A piece of a cotangent in the shape of `x`; for a number a number, and no view that sums could be added to."""
    return fit(np.reshape(piece, np.shape(x))[()], x)


def _same_kind(pieces: list[Any], x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return np.array(pieces)
    return tuple(pieces) if isinstance(x, tuple) else pieces


def split_like(g: Any, x: Any, axis: Any = 0) -> Any:
    """The cotangents of the items of `x` in `np.concatenate(x, axis)`."""
    if axis is None:
        pieces = _pieces(g, [int(np.size(v)) for v in x], 0)
        return _same_kind([_in_shape(p, v) for p, v in zip(pieces, x, strict=True)], x)
    return _same_kind([fit(p, v) for p, v in zip(_pieces(g, [np.shape(v)[axis] for v in x], axis), x, strict=True)], x)


def unstack_like(g: Any, x: Any, axis: int = 0) -> Any:
    """The cotangents of the items of `x` in `np.stack(x, axis)`."""
    return _same_kind([fit(p, v) for p, v in zip(np.moveaxis(g, axis, 0), x, strict=True)], x)


def hsplit_like(g: Any, x: Any) -> Any:
    """The cotangents of the items of `x` in `np.hstack(x)`."""
    if all(np.ndim(v) == 0 for v in x):
        return unstack_like(g, x)
    if np.ndim(g) > 1:
        return split_like(g, x, 1)
    pieces = _pieces(g, [int(np.size(v)) for v in x], 0)  # numbers may stand among vectors
    return _same_kind([fit(p if np.ndim(v) else p[0], v) for p, v in zip(pieces, x, strict=True)], x)


def vsplit_like(g: Any, x: Any) -> Any:
    """The cotangents of the items of `x` in `np.vstack(x)`."""
    rows = [np.atleast_2d(v) for v in x]
    pieces = _pieces(g, [r.shape[0] for r in rows], 0)
    return _same_kind([_in_shape(p, v) for p, v in zip(pieces, x, strict=True)], x)


def column_split_like(g: Any, x: Any) -> Any:
    """The cotangents of the items of `x` in `np.column_stack(x)`."""
    pieces = _pieces(g, [1 if np.ndim(v) < 2 else np.shape(v)[1] for v in x], 1)
    return _same_kind([_in_shape(p, v) for p, v in zip(pieces, x, strict=True)], x)


def resize_back(g: Any, x: Any, new_shape: Any) -> Any:
    """The cotangent of `x` in `np.resize(x, new_shape)`."""
    flat = np.zeros(np.size(x), np.asarray(g).dtype)
    if flat.size:  # of nothing there are zeros
        np.add.at(flat, np.arange(np.size(g)) % flat.size, np.ravel(g))
    return flat.reshape(np.shape(x))


def kept_range(x: Any, trim: Any) -> tuple[int, int]:
    """Where the slice starts and stops that `np.trim_zeros(x, trim)` gives of a vector."""
    places = np.flatnonzero(x)
    if places.size == 0:
        return len(x), len(x)
    trim = trim.lower()
    return int(places[0]) if "f" in trim else 0, int(places[-1]) + 1 if "b" in trim else len(x)


def pair_places(x: Any) -> Any:
    """Where the elements of `squareform(x)` stand: of a vector, behind a zero that stands for the diagonal; of a matrix, in a row."""
    if np.ndim(x) == 2:
        rows, columns = np.triu_indices(len(x), 1)
        return rows * len(x) + columns
    n = round((1 + (1 + 8 * len(x)) ** 0.5) / 2)
    places = np.zeros((n, n), int)
    places[np.triu_indices(n, 1)] = np.arange(1, len(x) + 1)
    return places + places.T


def stacked(x: Any, count: int) -> Any:
    """A number or array `count` times, along a new last axis; containers leaf by leaf."""
    if isinstance(x, list | tuple):
        found = [stacked(v, count) for v in x]
        return found if isinstance(x, list) else rebuilt(x, found)
    if isinstance(x, dict):
        return {k: stacked(v, count) for k, v in x.items()}
    if not isinstance(x, float | complex) and (isinstance(x, type) or getattr(getattr(x, "dtype", None), "kind", "") not in ("f", "c")):
        return x
    return np.array(np.broadcast_to(np.asarray(x)[..., None], (*np.shape(x), count)))


def stacked_like(x: Any, count: int) -> Any:
    """Something of the shape and dtype of `count` such numbers or arrays along a new last axis."""
    dtype = x.dtype if isinstance(x, np.ndarray | np.generic) else complex if isinstance(x, complex) else float
    return np.broadcast_to(np.zeros((), dtype), (*np.shape(x), count))
