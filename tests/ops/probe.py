"""Trying an entry on its samples: differences, tangents, cotangents, without any compiler."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from srcad.ops import table
from srcad.ops.entry import REGISTRY, Entry, Sample


def is_float(x: Any) -> bool:
    """Whether a leaf can be differentiated."""
    return isinstance(x, float | complex | np.floating | np.complexfloating) or (isinstance(x, np.ndarray) and x.dtype.kind in "fc")


def leaves(tree: Any) -> list[Any]:
    """The differentiable leaves of lists and tuples."""
    if isinstance(tree, list | tuple):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree] if is_float(tree) else []


def map_tree(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """`f` on each differentiable leaf; None elsewhere."""
    if isinstance(tree, list | tuple):
        found = [map_tree(f, *items) for items in zip(tree, *others, strict=True)]
        return found if isinstance(tree, list) else tuple(found)
    return f(tree, *others) if is_float(tree) else None


def direction(tree: Any, seed: int = 5) -> Any:
    """A random tangent for the differentiable leaves."""
    rng = np.random.default_rng(seed)

    def draw(x: Any) -> Any:
        t = rng.normal(size=np.shape(x))
        if np.iscomplexobj(x):
            t = t + 1j * rng.normal(size=np.shape(x))
        return np.asarray(t, np.asarray(x).dtype)[()] if isinstance(x, np.ndarray | np.generic) else type(x)(t)

    return map_tree(draw, tree)


def shift(tree: Any, t: Any, h: float) -> Any:
    """`tree + h * t`, other leaves as they are."""
    if isinstance(tree, list | tuple):
        found = [shift(x, d, h) for x, d in zip(tree, t, strict=True)]
        return found if isinstance(tree, list) else tuple(found)
    return tree if t is None else tree + h * t


def dot(a: Any, b: Any) -> float:
    """The real pairing of a cotangent with a tangent, None as zero."""
    if a is None or b is None:
        return 0.0
    if isinstance(a, list | tuple):
        return sum(dot(x, y) for x, y in zip(a, b, strict=True))
    return float(np.real(np.sum(np.asarray(a) * np.asarray(b))))


def with_its_signs(y: Any, near: Any) -> Any:
    """An array with the columns negated that are close to the negative of `near`'s: rounding decides which of both LAPACK returns."""
    if np.ndim(y) < 2 or np.size(y) == 0:
        return y
    turned = np.linalg.norm(y + near, axis=-2, keepdims=True) < 0.1 * np.linalg.norm(near, axis=-2, keepdims=True)
    return np.where(turned, -y, y)


def difference(f: Callable[..., Any], args: tuple[Any, ...], t: Any, h: float = 1e-3) -> Any:
    """Central differences, extrapolated twice."""
    here = f(*args)

    def central(step: float) -> Any:
        up, down = (map_tree(with_its_signs, f(*shift(args, t, by)), here) for by in (step, -step))
        return map_tree(lambda a, b: (a - b) / (2 * step), up, down)

    rows = [central(h / 2**k) for k in range(3)]
    once = [map_tree(lambda a, b: (4 * b - a) / 3, *pair) for pair in zip(rows, rows[1:], strict=False)]
    return map_tree(lambda a, b: (16 * b - a) / 15, *once)


def call(entry: Entry, sample: Sample) -> Callable[..., Any]:
    """The entry's function with the sample's keywords."""
    return lambda *args: entry.fn(*args, **sample.params)


def of_scipy(entry: Entry) -> bool:
    """Whether an entry is there only once SciPy or `numpy.polynomial` has been imported, by whatever test was read first: those are tried in test_scipy."""
    return any("scipy" in i for s in REGISTRY.spellings(entry.name) for i in s.op.imports) or entry.name.startswith(("interpolate.", "np.polynomial."))


def cases() -> Iterator[tuple[str, Entry, Sample]]:
    """Every differentiable entry with every sample, SciPy's left out."""
    for name, entry in table.entries().items():
        if entry.differentiable and entry.samples is not None and not of_scipy(entry):
            for k, sample in enumerate(entry.samples()):
                yield f"{name}-{k}", entry, sample


def vjp(entry: Entry, g: Any, y: Any, sample: Sample, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Cotangents for the differentiable leaves."""
    return entry.vjp(g, y, args, sample.params, tuple(bool(leaves([a])) for a in args))


def accepts(fn: Callable[..., Any], name: str) -> bool:
    """Whether a function has a parameter of that name."""
    try:
        return name in inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return False
