"""Windows of NumPy with a real parameter; those without one are constants."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ops.compose import composed
from srcad.ops.op import step_helper
from srcad.ops.samples import calls
from srcad.ops.trace import apply, constant


def kaiser_body(m: Any, beta: Any) -> Any:
    """A ratio of Bessel functions; the length is a number of points, and constant."""
    return apply("np.i0", beta * constant(beta, "kaiser_arc", m)) / apply("np.i0", beta)


RULES = (
    composed(np.kaiser, kaiser_body, names=("M", "beta"), operands=2, sample=calls((5, 2.3), (4, 0.7))),
    step_helper(runtime.kaiser_arc),
)
