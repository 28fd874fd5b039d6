"""Cotangents and tangents of functions of lists: sums, extrema, sorting."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.runtime.containers import copy_tree
from srcad.runtime.shapes import unbroadcast


def _like(items: list[Any], x: Any) -> Any:
    return np.array(items) if isinstance(x, np.ndarray) else tuple(items) if isinstance(x, tuple) else items


def fill_tree(g: Any, x: Any) -> Any:
    """The cotangent of every summand of `sum(x)`."""
    return _like([unbroadcast(copy_tree(g), v) for v in x], x)


def _shares(x: Any, y: Any) -> list[float]:
    hits = [bool(np.all(v == y)) for v in x]
    return [h / max(sum(hits), 1) for h in hits]


def extremum_back(g: Any, x: Any, y: Any) -> Any:
    """The cotangent `g` of the largest or smallest item `y`, shared equally by those that equal it."""
    return _like([s * g if s else 0.0 for s in _shares(x, y)], x)


def extremum_forth(t: Any, x: Any, y: Any) -> Any:
    """The mean of the tangents of the items that equal the largest or smallest item `y`."""
    return sum(s * v for s, v in zip(_shares(x, y), t, strict=True) if s)


def _order(x: Any, reverse: bool) -> list[int]:
    return sorted(range(len(x)), key=x.__getitem__, reverse=bool(reverse))


def sorted_back(g: Any, x: Any, reverse: bool = False) -> Any:
    """The cotangents of `sorted(x)` in the order of `x`."""
    found = [0.0] * len(x)
    for k, v in zip(_order(x, reverse), g, strict=True):
        found[k] = v
    return _like(found, x)


def sorted_forth(t: Any, x: Any, reverse: bool = False) -> Any:
    """The tangents of `x` in the order of `sorted(x)`."""
    return [t[k] for k in _order(x, reverse)]
