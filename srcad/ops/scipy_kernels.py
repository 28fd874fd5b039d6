"""The rule of a density that is a sum of kernels, `scipy.stats.gaussian_kde`, by the points where it is asked for."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.nodes import Effect, Op
from srcad.ir.types import Array, Struct
from srcad.ops.compose import composed
from srcad.ops.infer import ANY
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, listed, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import constant, of_reals
from srcad.ops.trace import apply

_NUMBERS = Array("float64", (ANY,))
_ROWS = Array("float64", (ANY, ANY))


def _density(kde: Any, points: Any) -> Any:
    """The sum of the kernels; points are columns, and a single vector is one point, or many on a line."""
    kernels = apply("kernels_of", kde)
    centres, heights, whitening = kernels[0], kernels[1], kernels[2]
    places = apply("np.reshape", listed(points, (points,)), (apply("shape_at", whitening, 0), -1))
    away = centres[:, :, None] - (whitening @ places)[:, None, :]
    return heights @ apply("np.exp", -0.5 * apply("np.sum", away * away, 0))


def rules(stats: Any) -> tuple[Spellings, ...]:
    """`evaluate`, which a call is too; the data of the kernels are constant."""
    path, one = "stats.gaussian_kde", stats.gaussian_kde(arr(6))
    plane = stats.gaussian_kde(arr(2, 6), weights=np.arange(1.0, 7.0))
    return (
        of_reals(constant(composed(stats.gaussian_kde.evaluate, _density, name=path, path="", op=Op(path, "_0(*_)", (), Effect.RAISES),
            names=("self", "points"), operands=2, infer=always(_NUMBERS),
            sample=calls((one, arr(3)), (one, 0.4), (plane, arr(2, 3)), (plane, arr(2)))), "scipy.stats.gaussian_kde", (0,))),
        step_helper(runtime.kernels_of, infer=always(Struct(tuple, (), (_ROWS, _NUMBERS, _ROWS)))),
    )  # fmt: skip
