"""Means, spreads and entropies of distributions of `scipy.stats` by location and scale: those of the standard form, moved and scaled."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from srcad.ops.entry import Sample
from srcad.ops.op import Spellings, elementwise
from srcad.ops.scipy_words import missing, op_of

_PLACE = (lambda y, loc, scale: 1.0), (lambda y, loc, scale: (y - loc) / scale)
_MOMENTS: dict[str, tuple[Any, Any]] = {
    "mean": _PLACE, "median": _PLACE, "std": (None, lambda y, loc, scale: y / scale), "var": (None, lambda y, loc, scale: 2.0 * y / scale),
    "entropy": (None, lambda y, loc, scale: 1.0 / scale),
}  # fmt: skip
_INTEGRATED = {("vonmises", "std"), ("vonmises", "var")}
"""What SciPy integrates numerically for seconds, and of a distribution on a circle, which has no scale: these stay refused."""


def _at_end(partial: Any) -> Any:
    """A partial by location or scale, which stand behind the shapes."""
    return None if partial is None else lambda y, *given: partial(y, *given[-2:])


def moments(stats: Any, distributions: Mapping[str, Any]) -> list[Spellings]:
    """The entries; `distributions` have an attribute `shapes`."""
    found = []
    for name, d in distributions.items():
        for method in (m for m in _MOMENTS if (name, m) not in _INTEGRATED):
            by_loc, by_scale = _MOMENTS[method]
            fn = getattr(getattr(stats, name), method)
            shaped = (missing(f"scipy.stats.{name}.{method}", k) for k in range(len(d.shapes)))
            found.append(elementwise(fn, *shaped, _at_end(by_loc), _at_end(by_scale), name=f"stats.{name}.{method}", path="",
                op=op_of("stats", f"{name}.{method}"), names=(*d.shapes, "loc", "scale"), defaults={"loc": 0, "scale": 1},
                sample=_samples(fn, len(d.shapes))))  # fmt: skip
    return found


def _samples(fn: Any, count: int) -> Any:
    """Whole shapes, by which nothing is differentiated; none where the moment does not exist."""

    def make() -> tuple[Sample, ...]:
        given = (*range(3, 3 + count), 0.3, 1.2)
        return (Sample(given),) if np.isfinite(fn(*given)) else ()

    return make
