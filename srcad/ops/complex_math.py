"""Functions of `cmath`: holomorphic ones, and those between a number and its length and angle."""
from __future__ import annotations

import cmath
from collections.abc import Callable
from typing import Any

from srcad.ir.types import COMPLEX, FLOAT, Struct, Type
from srcad.ops.compose import composed
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, elementwise, over
from srcad.ops.samples import calls
from srcad.ops.trace import apply

_SAMPLE = calls((0.4 + 0.3j,), (1.2 - 0.7j,))


def _complex(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type:
    """A function of `cmath` gives a complex number, whatever it is given."""
    return COMPLEX


def _holomorphic(name: str, slope: Callable[..., Any]) -> Spellings:
    return elementwise(getattr(cmath, name), slope, path=f"cmath.{name}", name=f"cmath_{name}", infer=_complex, sample=_SAMPLE)


def _f(name: str, z: Any) -> Any:
    return apply(f"cmath.{name}", z)


RULES = (
    _holomorphic("exp", lambda y, z: y),
    elementwise(cmath.log, lambda y, z, b: 1.0 / z if b is None else 1.0 / (z * _f("log", b)), lambda y, z, b: -y / (b * _f("log", b)),
        path="cmath.log", name="cmath_log", names=("x", "base"), infer=_complex, sample=calls((0.4 + 0.3j,), (1.2 - 0.7j, 0.6 + 0.2j))),
    _holomorphic("log10", lambda y, z: 0.4342944819032518 / z),
    _holomorphic("sqrt", lambda y, z: over(0.5, y, True)),
    _holomorphic("sin", lambda y, z: _f("cos", z)),
    _holomorphic("cos", lambda y, z: -_f("sin", z)),
    _holomorphic("tan", lambda y, z: 1.0 + y * y),
    _holomorphic("sinh", lambda y, z: _f("cosh", z)),
    _holomorphic("cosh", lambda y, z: _f("sinh", z)),
    _holomorphic("tanh", lambda y, z: 1.0 - y * y),
    _holomorphic("atan", lambda y, z: 1.0 / (1.0 + z * z)),
    _holomorphic("atanh", lambda y, z: 1.0 / (1.0 - z * z)),
    _holomorphic("asin", lambda y, z: 1.0 / _f("cos", y)),
    _holomorphic("acos", lambda y, z: -1.0 / _f("sin", y)),
    _holomorphic("asinh", lambda y, z: 1.0 / _f("cosh", y)),
    _holomorphic("acosh", lambda y, z: 1.0 / _f("sinh", y)),  # of the value, which knows the side of a cut
    composed(cmath.phase, lambda z: apply("np.angle", z), path="cmath.phase", name="cmath_phase", infer=always(FLOAT), sample=_SAMPLE),
    composed(cmath.polar, lambda z: (apply("np.abs", z), apply("np.angle", z)), path="cmath.polar", name="cmath_polar", sample=_SAMPLE,
        infer=always(Struct(tuple, (), (FLOAT, FLOAT)))),
    composed(cmath.rect, lambda r, phi: r * _f("exp", 1j * phi), path="cmath.rect", name="cmath_rect", names=("r", "phi"), operands=2,
        infer=_complex, sample=calls((0.7, 0.4))),
)  # fmt: skip
