"""Random numbers whose distribution depends on differentiated parameters: the derivative along the path of the draw.

The draw is made by NumPy's method, once.  Operand 0 is what it gave; the value is that, and the partials are those of the standard
draw moved and stretched: `y = loc + scale * z` has `z = (y - loc) / scale`.  Where `scale` is 0, `z` is not known and the partial nan.
"""
from __future__ import annotations

from typing import Any

from srcad.ir.nodes import Effect, Op, View
from srcad.ops.infer import type_of
from srcad.ops.op import elementwise, over
from srcad.ops.trace import o
from srcad.runtime import drawn


def _type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Any:
    return type_of(args[0])


def _op(name: str) -> Op:
    return Op(name, "drawn(*_)", ("srcad.runtime:drawn",), Effect.NONE, view=View.SAME)


SHIFTED, STRETCHED, SCALED, LOGARITHMIC = _op("shifted_draw"), _op("stretched_draw"), _op("scaled_draw"), _op("log_draw")
RULES = (
    elementwise(drawn, lambda y, d, loc, scale: 1.0, lambda y, d, loc, scale: 1.0, lambda y, d, loc, scale: over(y - loc, scale, True),
                name=SHIFTED.name, path="", op=SHIFTED, names=("drawn", "loc", "scale"), infer=_type),
    elementwise(drawn, lambda y, d, low, high: 1.0, lambda y, d, low, high: over(high - y, high - low, True),
                lambda y, d, low, high: over(y - low, high - low, True),
                name=STRETCHED.name, path="", op=STRETCHED, names=("drawn", "low", "high"), infer=_type),
    elementwise(drawn, lambda y, d, scale: 1.0, lambda y, d, scale: over(y, scale, True),
                name=SCALED.name, path="", op=SCALED, names=("drawn", "scale"), infer=_type),
    elementwise(drawn, lambda y, d, mean, sigma: 1.0, lambda y, d, mean, sigma: y,
                lambda y, d, mean, sigma: over(y * (o.log(y) - mean), sigma, True),
                name=LOGARITHMIC.name, path="", op=LOGARITHMIC, names=("drawn", "mean", "sigma"), infer=_type),
)  # fmt: skip
