"""What `np.vectorize` and `np.frompyfunc` do, as loops: these functions are not called but differentiated through their source."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.errors import UnsupportedSyntax


def vectorized(f: Callable[..., Any], otypes: Any, excluded: Any, signature: Any, *args: Any, **kwargs: Any) -> Any:
    """`np.vectorize(f, ...)(*args)`: what stands for it, until a call says which of the loops below it is."""
    raise NotImplementedError


def of_numbers(f: Callable[..., Any], otypes: Any, layout: Any, fixed: Any, *arrays: Any) -> Any:
    """`np.vectorize(f, otypes)(*arrays)`: f gets Python numbers.  Raises UnsupportedSyntax where the first value of f is no float,
    since it decides the dtype of all.

    `layout` says for each argument of f whether it is one of `fixed`, which are excluded, and which one; None where none is.
    """
    shape = np.shape(arrays[0]) if len(arrays) == 1 else np.broadcast_shapes(*[np.shape(a) for a in arrays])
    if layout is not None:
        values = [placed(f, layout, fixed, row) for row in zip(*[np.ravel(np.broadcast_to(a, shape)).tolist() for a in arrays])]  # noqa: B905 - of one length
    elif len(arrays) == 1:
        values = [f(v) for v in np.ravel(arrays[0]).tolist()]
    else:
        values = [f(*row) for row in zip(*[np.ravel(np.broadcast_to(a, shape)).tolist() for a in arrays])]  # noqa: B905 - of one length
    if otypes is None:
        if len(values) == 0:
            raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
        check_first(values[0])
        if isinstance(values[0], tuple):
            return tuple([np.reshape(np.array([v[k] for v in values]), shape) for k in range(len(values[0]))])
    return np.reshape(np.array(values), shape)


def check_first(value: Any) -> None:
    """The first value decides the dtype of all."""
    if isinstance(value, tuple):
        for v in value:
            check_first(v)
    elif not isinstance(value, float):
        raise UnsupportedSyntax("the first value of a function under np.vectorize is no float", "set otypes=[float]", code="SRC191")


def placed(f: Callable[..., Any], layout: Any, fixed: Any, row: Any) -> Any:
    """A call with what is excluded in its place."""
    return f(*[fixed[k] if own else row[k] for own, k in layout])


def of_cores(f: Callable[..., Any], cores: Any, *arrays: Any) -> Any:
    """`np.vectorize(f, signature=...)(*arrays)`: f gets arrays of those of the last axes that `cores` names."""
    pairs = [(np.asarray(a), len(names)) for a, names in zip(arrays, cores)]  # noqa: B905 - of one length
    check_cores(cores, [np.shape(a) for a, _ in pairs])
    shape = np.broadcast_shapes(*[np.shape(a)[: np.ndim(a) - n] for a, n in pairs])
    wide = [np.broadcast_to(a, (*shape, *np.shape(a)[np.ndim(a) - n :])) for a, n in pairs]
    rows = [np.reshape(a, (-1, *np.shape(a)[len(shape) :])) for a in wide]
    values = [f(*row) for row in zip(*rows)] if len(rows) > 1 else [f(row) for row in rows[0]]  # noqa: B905 - of one length
    whole = np.stack(values)
    return np.reshape(whole, (*shape, *np.shape(whole)[1:]))


def check_cores(cores: Any, shapes: Any) -> None:
    """Raises ValueError, as NumPy does, where axes of one name have different lengths, or are not there."""
    lengths: dict[str, int] = {}
    for names, shape in zip(cores, shapes):  # noqa: B905 - of one length
        if len(shape) < len(names):
            raise ValueError("an argument does not have enough dimensions for all core dimensions")
        for name, length in zip(names, shape[len(shape) - len(names) :]):  # noqa: B905 - of one length
            if lengths.setdefault(name, length) != length:
                raise ValueError("inconsistent size for a core dimension")


def plainly(f: Callable[..., Any], otypes: Any, excluded: Any, signature: Any, *args: Any) -> Any:
    """What `np.vectorize` computes, where nothing is differentiated."""
    return np.vectorize(f, otypes=otypes, excluded=excluded, signature=signature)(*args)


def from_function(f: Callable[..., Any], inputs: int, outputs: int, *args: Any) -> Any:
    """`np.frompyfunc(f, inputs, outputs)(*args)`: what stands for it, until a call is followed as `of_numbers`."""
    raise NotImplementedError


def plain_objects(f: Callable[..., Any], inputs: int, outputs: int, *args: Any) -> Any:
    """What `np.frompyfunc` computes, where nothing is differentiated."""
    return np.frompyfunc(f, inputs, outputs)(*args)
