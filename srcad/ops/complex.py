"""Complex numbers.  The cotangent of a holomorphic operation is `g * partial` (JAX's and autograd's convention); that of a real
operand is real.  A function with a real result has partials p with tangent `Re(p * t)`.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.ir.nodes import Op, View
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.infer import elementwise as infer_elements
from srcad.ops.op import Spelled, elementwise, real_linear
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, maybe_complex


def by_element(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Any:
    """The shape of the operand."""
    return infer_elements(spelling.object, args, params)


def angle_slope(y: Any, z: Any, deg: Any = False) -> Any:
    """The partial of the argument of `z`, and 0 at 0; a real number has none but a step."""
    if not maybe_complex(z):
        return 0.0 * z
    slope = -1j * apply("safe_ratio", apply("np.conj", z), (z * apply("np.conj", z)).real)
    return slope * (180.0 / np.pi) if deg else slope


def direction(z: Any) -> Any:
    """`np.sign` of complex numbers, which turns where they do; of real ones it is constant but for steps."""
    return np.sign(z)


DIRECTION = Op("complex.sign", "np.sign(_0)", ("numpy as np",))
TURNS = np.lib.NumpyVersion(np.__version__) >= "2.0.0"  # earlier it was that of the real part
_Z = arr(3) + 1j * arr(3, seed=1)

RULES = (
    real_linear(np.conjugate, transpose=lambda g, x: apply("np.conj", g), path="np.conj", name="conj", infer=by_element,
        spelled=(Spelled("x.conj()", view=View.MAYBE), Spelled("x.conjugate()", view=View.MAYBE)), sample=calls((_Z,), (arr(3),))),
    elementwise(np.real, lambda y, x: 1.0, name="real", view=View.MAYBE,
        spelled=(Spelled("x.real", object=np.real, view=View.MAYBE),), infer=by_element,
        sample=calls((_Z,), (arr(3),))),
    elementwise(np.imag, lambda y, x: -1j if maybe_complex(x) else 0.0, name="imag", view=View.MAYBE,
        spelled=(Spelled("x.imag", object=np.imag, view=View.MAYBE),),
        infer=by_element, sample=calls((_Z,))),
    *((composed(direction, lambda z: z * apply("safe_ratio", 1.0, apply("np.abs", z)), path="", op=DIRECTION, name="direction",
        infer=by_element, sample=calls((_Z,), (0.3 - 0.4j,))),) if TURNS else ()),
    elementwise(np.angle, angle_slope, names=("x",), statics=("deg",), singular=True,
        sample=calls((_Z,), Sample((_Z,), {"deg": True}))),
)  # fmt: skip
