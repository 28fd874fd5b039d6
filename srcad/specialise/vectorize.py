"""`np.vectorize`: the loop that it is."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.runtime.vectorized import plainly, vectorized
from srcad.specialise import calls
from srcad.specialise.values import Bound, Closure, Partial, Seq, Static, Value, is_varied, to_arg

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_LOOP = Static(vectorized, "srcad.runtime.vectorized:vectorized")


def constructed(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`np.vectorize(f)` or `np.vectorize(f, otypes=[float])`; None for other options and where f is not known."""
    given = kwargs.get("otypes", Static(None))
    known = _chosen([i.value for i in given.items if isinstance(i, Static)] if isinstance(given, Seq) else getattr(given, "value", ()))
    if known is None or len(args) != 1 or set(kwargs) - {"otypes"} or not isinstance(args[0], Closure | Static | Bound | Partial):
        return None
    return Partial(_LOOP, (args[0], known), ())


def called(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A call of the loop: NumPy's own where nothing is differentiated."""
    plain = not kwargs and not any(map(is_varied, args)) and all(to_arg(a) is not None for a in args)
    return calls.opaque(engine, Static(plainly, "srcad.runtime.vectorized:plainly"), args, {}) if plain else None


def _chosen(otypes: Any) -> Static | None:
    """What the loop is told of output types: nothing, or that they are float64; None for others."""
    if otypes is None:
        return Static(None)
    try:
        return Static("d") if [np.dtype(t) for t in otypes] == [np.dtype(float)] else None
    except TypeError:
        return None


def of_object(obj: Any, function: Value) -> Value | None:
    """The loop for an `np.vectorize` object whose function is known; None for options that need NumPy's own code."""
    known = _chosen(obj.otypes)
    if known is None or obj.signature is not None or obj.excluded:
        return None
    return Partial(_LOOP, (function, known), ())
