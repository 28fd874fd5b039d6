"""Differences: Richardson extrapolation with an error estimate, complex step, and directions over nested arguments."""
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np


class Unreliable(Exception):
    """Differences do not settle here: a kink, a branch that flips, overflow, or cancellation."""


@dataclasses.dataclass(frozen=True)
class Slope:
    """A directional derivative and an estimate of its error."""

    value: float
    error: float


def is_float(leaf: Any) -> bool:
    """Whether a leaf can be differentiated: a float (Python or NumPy), or an array of floats."""
    return isinstance(leaf, float | np.floating) or (isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f")


def map_leaves(tree: Any, function: Callable[[Any], Any]) -> Any:
    """The same structure with `function` applied to each differentiable leaf, None at the others."""
    match tree:
        case list():
            return [map_leaves(item, function) for item in tree]
        case tuple():
            items = [map_leaves(item, function) for item in tree]
            return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
        case dict():
            return {key: map_leaves(item, function) for key, item in tree.items()}
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return dataclasses.replace(tree, **{k: map_leaves(v, function) for k, v in vars(tree).items()})
    return function(tree) if is_float(tree) else None


def leaves(tree: Any) -> list[Any]:
    """The differentiable leaves in order."""
    found: list[Any] = []
    map_leaves(tree, found.append)
    return found


def shift(tree: Any, direction: Any, step: float) -> Any:
    """`tree + step * direction`, in the same types; other leaves as they are (arrays copied)."""
    match tree:
        case list():
            return [shift(*pair, step) for pair in zip(tree, direction, strict=True)]
        case tuple():
            items = [shift(*pair, step) for pair in zip(tree, direction, strict=True)]
            return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
        case dict():
            return {key: shift(item, direction[key], step) for key, item in tree.items()}
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return dataclasses.replace(tree, **{k: shift(v, getattr(direction, k), step) for k, v in vars(tree).items()})
    if isinstance(tree, np.ndarray):
        return tree.copy() if direction is None else (tree + step * direction).astype(tree.dtype)
    return tree if direction is None else type(tree)(tree + step * direction)


def inner(gradient: Any, direction: Any) -> float:
    """The sum over leaves of gradient times direction; where there is no gradient, the direction must be absent too."""
    match direction:
        case None:
            return 0.0
        case list() | tuple():
            return sum(inner(*pair) for pair in zip(gradient, direction, strict=True))
        case dict():
            return sum(inner(gradient[key], item) for key, item in direction.items())
    if dataclasses.is_dataclass(direction) and not isinstance(direction, type):
        return sum(inner(getattr(gradient, k), v) for k, v in vars(direction).items())
    return float(np.sum(np.asarray(gradient, dtype=float) * direction))


def basis(tree: Any) -> list[Any]:
    """One direction per entry of each differentiable leaf."""
    sizes = [np.size(leaf) for leaf in leaves(tree)]
    directions = []
    for which, size in enumerate(sizes):
        for entry in range(size):
            counter = iter(range(len(sizes)))

            def unit(leaf: Any, counter: Any = counter, which: int = which, entry: int = entry) -> Any:
                e = np.zeros(np.shape(leaf))
                if next(counter) == which:
                    e.flat[entry] = 1.0
                return e if isinstance(leaf, np.ndarray) else float(e)

            directions.append(map_leaves(tree, unit))
    return directions


def random_direction(tree: Any, rng: np.random.Generator) -> Any:
    """A direction with entries of order one, none of them small."""

    def draw(leaf: Any) -> Any:
        d = rng.uniform(0.5, 1.5, np.shape(leaf)) * rng.choice([-1.0, 1.0], np.shape(leaf))
        return d if isinstance(leaf, np.ndarray) else float(d)

    return map_leaves(tree, draw)


def richardson(line: Callable[[float], float], step: float = 2e-3, levels: int = 4) -> Slope:
    """Derivative at 0 of a function of one float: central differences at step, step/2, ..., extrapolated."""
    table: list[list[float]] = []
    best = Slope(0.0, np.inf)
    for level in range(levels):
        h = step / 2**level
        row = [(float(line(h)) - float(line(-h))) / (2 * h)]
        for k in range(level):
            row.append(row[k] + (row[k] - table[-1][k]) / (4 ** (k + 1) - 1))
        if level:
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - table[-1][-1]))
            if error < best.error:
                best = Slope(row[-1], error)
        table.append(row)
    return best


def directional(function: Callable[..., Any], args: tuple[Any, ...], direction: Any, *, tolerance: float = 1e-7) -> Slope:
    """Directional derivative of a scalar function of nested arguments; `Unreliable` where the steps disagree."""
    slope = richardson(lambda t: function(*shift(args, direction, t)))
    if not np.isfinite(slope.value) or slope.error > tolerance * (1.0 + abs(slope.value)):
        message = f"steps disagree: {slope.value} +- {slope.error}"
        raise Unreliable(message)
    return slope


def complex_step(function: Callable[..., Any], args: tuple[Any, ...], direction: Any) -> float:
    """Directional derivative of a holomorphic NumPy function, exact to rounding (not for abs, comparisons, max, math.*)."""

    def lift(leaf: Any) -> Any:
        return leaf.astype(complex) if isinstance(leaf, np.ndarray) else complex(leaf)

    return float(np.imag(function(*shift(map_leaves(args, lift), direction, 1e-30j))) / 1e-30)
