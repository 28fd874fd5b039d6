"""Transposes of products of arrays whose ranks are not known before."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.runtime.shapes import unbroadcast


def matmul_left(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a` in `a @ b`."""
    if np.ndim(b) == 1:
        return unbroadcast(np.multiply.outer(g, b) if np.ndim(a) > 1 else g * b, a)
    if np.ndim(a) == 1:
        return unbroadcast((b @ g[..., None])[..., 0], a)
    return unbroadcast(g @ np.swapaxes(b, -1, -2), a)


def matmul_right(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b` in `a @ b`."""
    if np.ndim(a) == 1:
        return unbroadcast(np.asarray(a)[:, None] * g[..., None, :] if np.ndim(b) > 1 else g * a, b)
    if np.ndim(b) == 1:
        return unbroadcast((np.swapaxes(a, -1, -2) @ g[..., None])[..., 0], b)
    return unbroadcast(np.swapaxes(a, -1, -2) @ g, b)


def dot_left(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a` in `np.dot(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(np.multiply(g, b), a)
    if np.ndim(b) == 1:
        return unbroadcast(np.multiply.outer(g, b), a)
    kept = np.ndim(b) - 1
    turned = np.moveaxis(b, -2, -1).reshape(-1, np.shape(b)[-2])
    return unbroadcast(np.reshape(g, (*np.shape(g)[: np.ndim(g) - kept], -1)) @ turned, a)


def dot_right(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b` in `np.dot(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(np.multiply(g, a), b)
    rows = np.reshape(a, (-1, np.shape(a)[-1]))
    if np.ndim(b) == 1:
        return np.ravel(g) @ rows
    kept = np.shape(b)[:-2] + np.shape(b)[-1:]
    flat = rows.T @ np.reshape(g, (rows.shape[0], -1))
    return np.moveaxis(flat.reshape(-1, *kept), 0, -2)


def inner_left(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a` in `np.inner(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(np.multiply(g, b), a)
    return np.tensordot(g, b, np.ndim(b) - 1)


def inner_right(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b` in `np.inner(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return unbroadcast(np.multiply(g, a), b)
    axes = np.ndim(a) - 1
    return np.tensordot(g, a, (range(axes), range(axes)))
