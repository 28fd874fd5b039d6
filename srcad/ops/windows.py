"""Windows of NumPy with a real parameter; those without one are constants."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ops.op import general, helper
from srcad.ops.reduce import no_more
from srcad.ops.samples import calls
from srcad.ops.trace import apply


def kaiser_vjp(g: Any, y: Any, m: Any, beta: Any) -> tuple[None, Any]:
    """The cotangent along the derivative by `beta`."""
    return None, apply("np.sum", g * apply("kaiser_slope", m, beta))


def kaiser_jvp(t: Any, y: Any, m: Any, beta: Any) -> Any:
    """The derivative by `beta`; the length is a number of points."""
    if t[0] is not None:
        raise NoRule("np.kaiser has no derivative with respect to its length", "keep the number of points constant")
    return t[1] * apply("kaiser_slope", m, beta)


RULES = (
    general(np.kaiser, vjp=kaiser_vjp, jvp=kaiser_jvp, names=("M", "beta"), operands=2, order2=False,
        sample=calls((5, 2.3), (4, 0.7))),
    helper(runtime.kaiser_slope, general, names=("M", "beta"), operands=2, vjp=no_more, jvp=no_more),
)  # fmt: skip
