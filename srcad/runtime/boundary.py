"""What stands at the edges of a generated function: seeds for results and cotangents as they are handed out."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import ShapeMismatch
from srcad.runtime.containers import attributes, map_items


def scalar_seed(value: Any) -> float:
    """The seed 1.0 of a real scalar result.  Raises ShapeMismatch for anything else."""
    if np.ndim(value) == 0 and np.asarray(value).dtype.kind == "f":
        return 1.0
    what = f"an array of shape {np.shape(value)}" if np.ndim(value) else f"a {type(value).__name__}"
    raise ShapeMismatch(f"grad needs a function that returns one real number; this one returns {what}",
                        "use srcad.vjp with a cotangent, srcad.jvp, or reduce the result to a number")  # fmt: skip


def gradient_like(bar: Any, primal: Any) -> Any:
    """A cotangent as it is handed out: with the structure, types and dtypes of the primal, sharing memory with nothing.

    `bar` has the structure of `primal`; None stands for zero.  Leaves that are not floating-point numbers give None.
    """
    if type(bar) is np.ndarray and type(primal) is np.ndarray and bar.dtype == primal.dtype and bar.shape == primal.shape:
        return bar.copy()  # the common case; the others take longer to tell
    if isinstance(primal, list | tuple | dict) or attributes(primal):
        return map_items(lambda p: gradient_like(None, p), primal) if bar is None else map_items(_swapped, primal, bar)
    dtype = None if isinstance(primal, type) else getattr(primal, "dtype", None)
    if isinstance(primal, float | complex) and dtype is None:
        return type(primal)(0.0 if bar is None else bar)
    if dtype is None or dtype.kind not in "fc":
        return None
    if np.ndim(primal) == 0 and not isinstance(primal, np.ndarray):
        return dtype.type(0.0 if bar is None else bar)
    return np.zeros(primal.shape, dtype) if bar is None else np.array(np.broadcast_to(bar, primal.shape), dtype)


def prototype(x: Any) -> Any:
    """Zero in the shape and dtype of a number or array, without its memory."""
    if isinstance(x, np.ndarray):
        return np.broadcast_to(x.dtype.type(0), x.shape)
    return x.dtype.type(0) if isinstance(x, np.generic) else 0j if isinstance(x, complex) else 0.0


def fitting(given: Any, like: Any, where: str = "a tangent or cotangent") -> Any:
    """A tangent or cotangent, which `where` names, in the type of its value.

    Raises ShapeMismatch for another shape, and for a complex one of a real value.
    """
    if isinstance(like, list | tuple) and isinstance(given, list | tuple) and len(given) == len(like):
        return type(like)(fitting(g, v, where) for g, v in zip(given, like, strict=True))
    dtype = getattr(like, "dtype", None)
    if np.shape(given) != np.shape(like):
        raise ShapeMismatch(f"{where} has shape {np.shape(given)}, but its value has shape {np.shape(like)}",
                            "give it the shape of the value")  # fmt: skip
    if dtype is None:
        dtype = np.dtype(complex if isinstance(like, complex) else float)
    if np.asarray(given).dtype.kind == "c" and dtype.kind != "c":
        raise ShapeMismatch(f"{where} is complex, but its value is real ({dtype})", "pass a real one")
    if isinstance(like, np.ndarray):
        return np.asarray(given, dtype)
    return dtype.type(given) if isinstance(like, np.generic) else type(like)(given) if isinstance(like, float | complex) else float(given)


def _swapped(primal: Any, bar: Any) -> Any:
    return gradient_like(bar, primal)


def cell(function: Any, name: str) -> Any:
    """The present value of a variable that a function has captured."""
    return function.__closure__[function.__code__.co_freevars.index(name)].cell_contents
