"""Transposes of products of arrays whose ranks are not known before."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable
from srcad.runtime.shapes import sum_to


def _reduced(c: Any, x: Any) -> Any:
    return c if np.shape(c) == np.shape(x) else sum_to(np.asarray(c), np.shape(x))


def matmul_left(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a` in `a @ b`, where `b` may be a sparse matrix."""
    if not isinstance(b, np.ndarray | list | tuple):
        return _reduced(g @ b.T, a)
    if np.ndim(b) == 1:
        return _reduced(np.multiply.outer(g, b) if np.ndim(a) > 1 else g * b, a)
    if np.ndim(a) == 1:
        return _reduced((b @ g[..., None])[..., 0], a)
    return _reduced(g @ np.swapaxes(b, -1, -2), a)


def matmul_right(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b` in `a @ b`, where `a` may be a sparse matrix."""
    if not isinstance(a, np.ndarray | list | tuple):
        return _reduced(a.T @ g, b)
    if np.ndim(a) == 1:
        return _reduced(np.asarray(a)[:, None] * g[..., None, :] if np.ndim(b) > 1 else g * a, b)
    if np.ndim(b) == 1:
        return _reduced((np.swapaxes(a, -1, -2) @ g[..., None])[..., 0], b)
    return _reduced(np.swapaxes(a, -1, -2) @ g, b)


def outer_sum(pairs: list[tuple[Any, Any]]) -> Any:
    """The sum of the outer products of pairs of vectors, as one product of matrices; 0.0 for no pairs."""
    if not pairs:
        return 0.0
    lefts, rights = zip(*pairs, strict=True)
    if len({(len(a), len(b)) for a, b in pairs}) > 1:
        return sum(map(np.outer, lefts, rights))
    return np.array(lefts).T @ np.array(rights)


def dot_left(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a` in `np.dot(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _reduced(np.multiply(g, b), a)
    if np.ndim(b) == 1:
        return _reduced(np.multiply.outer(g, b), a)
    kept = np.ndim(b) - 1
    columns = math.prod(np.shape(g)[np.ndim(g) - kept :])
    turned = np.moveaxis(b, -2, -1).reshape(columns, np.shape(b)[-2])
    return _reduced(np.reshape(g, (*np.shape(g)[: np.ndim(g) - kept], columns)) @ turned, a)


def dot_right(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b` in `np.dot(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _reduced(np.multiply(g, a), b)
    rows = np.reshape(a, (math.prod(np.shape(a)[:-1]), np.shape(a)[-1]))
    if np.ndim(b) == 1:
        return np.ravel(g) @ rows
    kept = np.shape(b)[:-2] + np.shape(b)[-1:]
    flat = rows.T @ np.reshape(g, (rows.shape[0], math.prod(kept)))
    return np.moveaxis(flat.reshape(rows.shape[1], *kept), 0, -2)


def inner_left(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a` in `np.inner(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _reduced(np.multiply(g, b), a)
    return np.tensordot(g, b, np.ndim(b) - 1)


def inner_right(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b` in `np.inner(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _reduced(np.multiply(g, a), b)
    axes = np.ndim(a) - 1
    return np.tensordot(g, a, (range(axes), range(axes)))


def einsum_back(g: Any, x: Any, letters: str, own: str, *others: Any) -> Any:
    """The cotangent of an operand of `np.einsum` with subscripts `own` that repeat or that nothing else has."""
    lengths = dict(zip(own, np.shape(x), strict=True))
    reachable = set(letters) - {","}
    kept = [c for c in dict.fromkeys(own) if c in reachable]
    core = np.einsum(letters + "->" + "".join(kept), g, *others)
    alone = [c for c in dict.fromkeys(own) if c not in reachable]
    core = np.broadcast_to(core.reshape(core.shape + (1,) * len(alone)), core.shape + tuple(lengths[c] for c in alone))
    found = np.zeros(np.shape(x), np.asarray(core).dtype)
    number = {c: k for k, c in enumerate(dict.fromkeys(own))}
    np.einsum(found, [number[c] for c in own], [number[c] for c in kept + alone])[...] = core
    return found


def _contracted(a: Any, b: Any, axes: Any) -> tuple[list[int], list[int]]:
    m, n = np.ndim(a), np.ndim(b)
    if isinstance(axes, int):
        return list(range(m - axes, m)), list(range(axes))
    one, two = ([v] if isinstance(v, int) else list(v) for v in axes)
    return [v % m for v in one], [v % n for v in two]


def tensordot_left(g: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """The cotangent of `a` in `np.tensordot(a, b, axes)`."""
    first, second = _contracted(a, b, axes)
    free_b = [k for k in range(np.ndim(b)) if k not in second]
    free_a = [k for k in range(np.ndim(a)) if k not in first]
    found = np.tensordot(g, b, (range(len(free_a), np.ndim(g)), free_b))
    order = [*free_a, *(first[k] for k in np.argsort(second))]
    return np.transpose(found, np.argsort(order))


def tensordot_right(g: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """The cotangent of `b` in `np.tensordot(a, b, axes)`."""
    first, second = _contracted(a, b, axes)
    free_a = [k for k in range(np.ndim(a)) if k not in first]
    free_b = [k for k in range(np.ndim(b)) if k not in second]
    found = np.tensordot(a, g, (free_a, range(len(free_a))))
    order = [*(second[k] for k in np.argsort(first)), *free_b]
    return np.transpose(found, np.argsort(order))


def diagonal_back(g: Any, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The cotangent of `a` in `np.diagonal(a, offset, axis1, axis2)`."""
    found = np.zeros(np.shape(a), np.asarray(g).dtype)
    moved = np.moveaxis(found, (axis1, axis2), (-2, -1))
    n = np.shape(g)[-1]
    k = np.arange(n)
    moved[..., k + max(-offset, 0), k + max(offset, 0)] = g
    return found


def trace_back(g: Any, a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The cotangent of `a` in `np.trace(a, offset, axis1, axis2)`."""
    n = np.diagonal(np.empty(np.shape(a)), offset, axis1, axis2).shape[-1]
    return diagonal_back(np.broadcast_to(np.asarray(g)[..., None], (*np.shape(g), n)), a, offset, axis1, axis2)


def phi(m: Any) -> Any:
    """The lower triangle with its diagonal halved."""
    low = np.tril(m)
    diagonal = np.einsum("...ii->...i", low)
    diagonal *= 0.5
    return low


def cholesky_back(g: Any, factor: Any, inverse: Any) -> Any:
    """The cotangent of a matrix from that of its lower Cholesky factor, whose inverse is known too."""
    found = np.swapaxes(inverse, -1, -2) @ phi(np.swapaxes(factor, -1, -2) @ g) @ inverse.conj()
    return phi(found + np.swapaxes(found, -1, -2).conj())


def _blocks(g: Any, a: Any, b: Any) -> tuple[Any, int]:
    n = max(np.ndim(a), np.ndim(b))
    sa, sb = ((1,) * (n - np.ndim(v)) + np.shape(v) for v in (a, b))
    return np.reshape(g, tuple(k for pair in zip(sa, sb, strict=True) for k in pair)), n


def kron_left(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `a` in `np.kron(a, b)`."""
    blocks, n = _blocks(g, a, b)
    weight = np.reshape(b, tuple(k for m in (1,) * (n - np.ndim(b)) + np.shape(b) for k in (1, m)))
    return np.reshape(np.sum(blocks * weight, axis=tuple(range(1, 2 * n, 2))), np.shape(a))


def kron_right(g: Any, a: Any, b: Any) -> Any:
    """The cotangent of `b` in `np.kron(a, b)`."""
    blocks, n = _blocks(g, a, b)
    weight = np.reshape(a, tuple(k for m in (1,) * (n - np.ndim(a)) + np.shape(a) for k in (m, 1)))
    return np.reshape(np.sum(blocks * weight, axis=tuple(range(0, 2 * n, 2))), np.shape(b))


def of_space(x: Any) -> Any:
    """Vectors of three elements.  Raises NotDifferentiable if they have two, which was not known when the rule was chosen."""
    if np.shape(x)[-1] != 3:
        message = "`np.cross` of vectors in the plane has a rule where their length is known"
        raise NotDifferentiable(message, "write the product out: `a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]`")
    return x
