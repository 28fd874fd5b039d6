"""Random numbers whose distribution depends on differentiated parameters: the derivative along the path of the draw.

A power of a uniform number has `y = u ** (1 / a)`, so that its partial is `-y log(y) / a`; a Weibull draw is such a power of an
exponential one.

The draw is made by NumPy's method, once.  Operand 0 is what it gave; the value is that, and the partials are those of the standard
draw moved and stretched: `y = loc + scale * z` has `z = (y - loc) / scale`.  Where `scale` is 0, `z` is not known and the partial nan.
"""
from __future__ import annotations

from typing import Any

from srcad.ir.nodes import Effect, Op, View
from srcad.ops.infer import type_of
from srcad.ops.op import elementwise, over
from srcad.ops.trace import apply, o
from srcad.runtime import drawn


def _type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Any:
    return type_of(args[0])


def _op(name: str) -> Op:
    return Op(name, "drawn(*_)", ("srcad.runtime:drawn",), Effect.NONE, view=View.SAME)


def _side(y: Any, mode: Any, below: Any, above: Any) -> Any:
    """A partial of a triangular draw, below its mode or above: `left + t` or `right - t`, where `t` is the root of a product of widths."""
    return apply("np.where", y <= mode, below, above)


def _half(t: Any, width: Any) -> Any:
    return apply("safe_ratio", 0.5 * t, width)


SHIFTED, STRETCHED, SCALED, LOGARITHMIC = _op("shifted_draw"), _op("stretched_draw"), _op("scaled_draw"), _op("log_draw")
ROOT, PARETO, TRIANGULAR = _op("root_draw"), _op("pareto_draw"), _op("triangular_draw")
RULES = (
    elementwise(drawn, lambda y, d, a: 1.0, lambda y, d, a: over(-y * o.log(y), a, True),
                name=ROOT.name, path="", op=ROOT, names=("drawn", "a"), infer=_type),
    elementwise(drawn, lambda y, d, a: 1.0, lambda y, d, a: over(-(1.0 + y) * apply("np.log1p", y), a, True),
                name=PARETO.name, path="", op=PARETO, names=("drawn", "a"), infer=_type),
    elementwise(drawn, lambda y, d, low, mode, high: 1.0,
                lambda y, d, low, mode, high: _side(
                    y, mode, 1.0 - _half(y - low, high - low) - _half(y - low, mode - low), _half(high - y, high - low)),
                lambda y, d, low, mode, high: _side(y, mode, _half(y - low, mode - low), _half(high - y, high - mode)),
                lambda y, d, low, mode, high: _side(
                    y, mode, _half(y - low, high - low), 1.0 - _half(high - y, high - low) - _half(high - y, high - mode)),
                name=TRIANGULAR.name, path="", op=TRIANGULAR, names=("drawn", "left", "mode", "right"), infer=_type),
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
