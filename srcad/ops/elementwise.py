"""Functions of each element: the arithmetic operators, NumPy's ufuncs, and what `math` has of them."""
from __future__ import annotations

import math
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from srcad.ir.core import BINARY, UNARY
from srcad.ir.nodes import Op
from srcad.ir.types import REAL, Array, NpScalar, Scalar, dtype_kind, is_scalar
from srcad.ops.entry import Sample
from srcad.ops.infer import elementwise as infer_elements
from srcad.ops.op import Spelled, elementwise, over
from srcad.ops.samples import calls, domain, scalars, values
from srcad.ops.trace import Traced, apply, literal, maybe_complex, o, type_at

R = (-1.5, 1.5)
POSITIVE = (0.2, 2.5)
UNIT = (-0.9, 0.9)
LN2, LN10 = math.log(2.0), math.log(10.0)


def python_number(x: Any) -> bool:
    """Whether a value is certainly or possibly a Python number, so that operators on it may raise."""
    return not isinstance(type_at(x), Array | NpScalar)


def one_value(a: Any, b: Any) -> bool:
    """Whether two operands are one IR value."""
    return isinstance(a, Traced) and isinstance(b, Traced) and a.atom == b.atom


def pow_slope(y: Any, x: Any, p: Any) -> Any:
    """The partial of `x ** p` with respect to x."""
    if not literal(p) or isinstance(p, complex | bool):
        return apply("power_slope", x, p)
    if p in (0, 1, 2):
        return (0.0, 1.0, 2.0 * x)[int(p)]
    if p == 0.5:
        return over(0.5, y, guarded=True)
    if not python_number(x) or (isinstance(type_at(y), Scalar) and p > 1):
        q = p - 1
        return float(p) * (x if q == 1 else x**q)
    return over(float(p) * y, x) if isinstance(type_at(y), Scalar) and p < 0 else apply("power_slope", x, p)


def singular_power(x: Any, p: Any) -> bool:
    """Whether `x ** p` can have an infinite slope, or none where x is negative."""
    return not literal(p) or isinstance(p, complex) or p < 1 or p % 1 != 0


def pow_log(y: Any, x: Any, p: Any) -> Any:
    """The partial of `x ** p` with respect to p."""
    if literal(x) and not isinstance(x, complex) and x > 0:
        return y * math.log(x)
    return apply("power_log", x, y)


def infer_pow(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Any:
    """An int to the power of a run-time int is an int or a float."""
    x, p = (type_at(v) if not isinstance(v, Scalar | NpScalar | Array) else v for v in operands[:2])
    python = isinstance(x, Scalar) and isinstance(p, Scalar) and dtype_kind(x) in "bi" and dtype_kind(p) in "bi"
    if python and spelling.op.name == "pow" and not literal(operands[1]):
        return REAL
    return None


def infer_clip(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Any:
    """As without the bound that is None."""
    x, low, high = operands
    if low is None and high is None:
        return None
    return None if low is not None and high is not None else infer_elements(np.maximum, (x, high if low is None else low), {})


def chosen(order: str, y: Any, x: Any, other: Any) -> Any:
    """The partial of the larger or smaller `y` of two with respect to `x`: a tie is shared.  Python has no order on complex numbers."""
    if maybe_complex(y):
        return (y == x) - 0.5 * (x == other)
    return apply(order, x, other) + 0.5 * (x == other)


def tie_share(y: Any, x: Any, other: Any) -> Any:
    """As `larger`, for functions that ignore nan."""
    return apply("tie_share", x, other, y)


def inverse_slope(slope: str, real: Any, sign: float = 1.0, **options: Any) -> Any:
    """The partial of an inverse function: `sign / slope(y)`, since `y` is on one side of a cut; of real numbers `sign / sqrt(real(x))`."""

    def partial(y: Any, x: Any) -> Any:
        return over(sign, getattr(o, slope)(y) if maybe_complex(x) else o.sqrt(real(x)), **options)

    return partial


def kept_finite(y: Any, x: Any, **constants: Any) -> Any:
    """The partial of `nan_to_num`: infinite and missing numbers become constants, each part of a complex one by itself."""
    if not maybe_complex(x):
        return lambda g: apply("np.where", apply("np.isfinite", x), g, 0.0)
    return lambda g: (apply("np.where", apply("np.isfinite", apply("np.real", x)), apply("np.real", g), 0.0)
        + 1j * apply("np.where", apply("np.isfinite", apply("np.imag", x)), apply("np.imag", g), 0.0))  # fmt: skip


def share_of_sum(exp: Any, y: Any, x: Any, other: Any) -> Any:
    """The partial of the logarithm `y` of a sum of exponentials with respect to `x`: none of a sum of nothing."""
    if literal(other) and not isinstance(other, complex) and math.isfinite(other):
        return exp(x - y)
    return exp(apply("log_ratio", x, y))


def inside(y: Any, x: Any, low: Any, high: Any) -> Any:
    """The partial of `clip` with respect to `x`."""
    masks = [m for m in (None if low is None else x >= low, None if high is None else x <= high) if m is not None]
    return 1.0 if not masks else masks[0] if len(masks) == 1 else masks[0] & masks[1]


def below(y: Any, x: Any, low: Any, high: Any) -> Any:
    """The partial of `clip` with respect to the lower bound."""
    return (x < low) if high is None or (literal(low) and literal(high)) else (x < low) & (low <= high)


def above(y: Any, x: Any, low: Any, high: Any) -> Any:
    """The partial of `clip` with respect to the upper bound, which is the result also where the lower one is larger."""
    return (x if low is None else apply("np.maximum", x, low)) > high


def sign(y: Any, x: Any) -> Any:
    """The partial of `abs`: 0 at 0."""
    if maybe_complex(x):
        return apply("safe_ratio", o.conj(x), y)
    return apply("sign_of" if is_scalar(type_at(x)) and python_number(x) else "np.sign", x)


def whole_quotient(y: Any, a: Any, b: Any) -> Any:
    """The partial of `a % b` with respect to b."""
    return -apply("floordiv" if isinstance(type_at(y), Scalar) else "np.floor_divide", a, b)


def _truediv_den(y: Any, a: Any, b: Any) -> Any:
    return over(1.0, b, scale=-y)


def clipped() -> tuple[Sample, ...]:
    """Between two bounds, and with one."""
    one_sided = (Sample((values((4,), *R), -0.3, None)), Sample((values((4,), *R, seed=2), None, 0.2)))
    return (*domain(R, (-0.9, -0.5), (0.5, 0.9))(), *one_sided)


def root_slope(y: Any, x: Any, p: Any = 0.5) -> Any:
    """The partial of `x ** p` for p below 1, and 0 at 0, where the sum of squares `x` has its least value."""
    if literal(p) and p == 0.5:
        return lambda g: 0.5 * apply("safe_ratio", g, y)
    return lambda g: p * g * apply("safe_ratio", y, x)


def _root(f: Any) -> Any:
    """A root under another name: the operation is the same."""

    def root(x: Any, *p: Any) -> Any:
        return f(x, *p)

    return root


def powers() -> tuple[Sample, ...]:
    """Exponents of all kinds; integers, and the root, are literals."""
    whole = tuple(Sample((x, n)) for n in (0.5, 1, 2, 3, -1, -2) for x in (0.7, values((2, 3), *POSITIVE)))
    return (*domain(POSITIVE, R)(), *whole, Sample((2.0, 0.7)))


def logs() -> tuple[Sample, ...]:
    """To a base, and without one."""
    return (*scalars(POSITIVE, (1.5, 3.0))(), Sample((0.7,)))


OPERATORS = (
    elementwise(operator.add, lambda y, a, b: 1.0, lambda y, a, b: 1.0, op=BINARY["add"], path="", name="add", spelled=("np.add",),
        sample=domain(R, R)),
    elementwise(operator.sub, lambda y, a, b: 1.0, lambda y, a, b: -1.0, op=BINARY["sub"], path="",
        name="subtract", spelled=("np.subtract",),
        sample=domain(R, R)),
    elementwise(operator.mul, lambda y, a, b: 2.0 * a if one_value(a, b) else b,
        lambda y, a, b: None if one_value(a, b) else a, op=BINARY["mul"], path="", name="multiply", spelled=("np.multiply",),
        sample=domain(R, R)),
    elementwise(operator.truediv, lambda y, a, b: over(1.0, b), _truediv_den, op=BINARY["truediv"], path="", name="divide",
        spelled=("np.divide",), singular=lambda a, b: not (literal(b) and b), sample=domain(R, POSITIVE)),
    elementwise(operator.mod, lambda y, a, b: 1.0, whole_quotient, op=BINARY["mod"], path="", name="remainder",
        spelled=("np.remainder",), sample=domain(R, POSITIVE)),
    elementwise(operator.pow, pow_slope, pow_log, op=BINARY["pow"], path="", name="power",
        spelled=("np.power", "math.pow", "np.float_power", Spelled("pow", op_name="builtin_pow")), singular=singular_power,
        sample=powers, infer=infer_pow),
    elementwise(operator.neg, lambda y, x: -1.0, op=UNARY["neg"], path="", name="negative", spelled=("np.negative",), sample=domain(R)),
    elementwise(operator.pos, lambda y, x: 1.0, op=UNARY["pos"], path="", name="positive", spelled=("np.positive",), sample=domain(R)),
)  # fmt: skip

ROOTS = tuple(
    elementwise(_root(f), root_slope, *rest, name=name, op=Op(f"root.{name}", form, imports), sample=sample)
    for f, rest, name, form, imports, sample in (
        (np.sqrt, (), "sqrt", "np.sqrt(_0)", ("numpy as np",), domain(POSITIVE)),
        (math.sqrt, (), "math_sqrt", "math.sqrt(_0)", ("math",), scalars(POSITIVE)),
        (operator.pow, (pow_log,), "pow", "_0 ** _1", (), lambda: tuple(Sample((values((2, 3), *POSITIVE), p)) for p in (0.5, 0.25))),
    )
)
"""What `passes/roots.py` makes of roots of sums of squares."""
UNBOUNDED = elementwise(lambda a, b: a * b, lambda y, a, b: b, lambda y, a, b: a, name="product with an unbounded factor",
    op=replace(BINARY["mul"], name="unbounded.mul"), path="", singular=True, sample=domain(R, POSITIVE))
"""What it makes of products with a factor that may be infinite or nan."""

UFUNCS = (
    elementwise(np.exp, lambda y, x: y, spelled=("math.exp",), singular=True, sample=domain(R)),
    elementwise(np.exp2, lambda y, x: LN2 * y, spelled=("math.exp2",), singular=True, sample=domain(R)),
    elementwise(np.expm1, lambda y, x: y + 1.0, spelled=("math.expm1",), singular=True, sample=domain(R)),
    elementwise(np.log, lambda y, x: over(1.0, x), singular=True, sample=domain(POSITIVE)),
    elementwise(math.log, lambda y, x, b: over(1.0, x) if b is None else over(1.0, x * o.log(b)), lambda y, x, b: over(-y, b * o.log(b)),
        name="log_base", names=("x", "base"), singular=True, sample=logs),
    elementwise(np.log2, lambda y, x: over(1.0 / LN2, x), spelled=("math.log2",), singular=True, sample=domain(POSITIVE)),
    elementwise(np.log10, lambda y, x: over(1.0 / LN10, x), spelled=("math.log10",), singular=True, sample=domain(POSITIVE)),
    elementwise(np.log1p, lambda y, x: over(1.0, 1.0 + x), spelled=("math.log1p",), singular=True, sample=domain(POSITIVE)),
    elementwise(np.logaddexp, lambda y, a, b: share_of_sum(o.exp, y, a, b), lambda y, a, b: share_of_sum(o.exp, y, b, a),
        singular=True, sample=domain(R, R)),
    elementwise(np.logaddexp2, lambda y, a, b: share_of_sum(o.exp2, y, a, b), lambda y, a, b: share_of_sum(o.exp2, y, b, a),
        singular=True, sample=domain(R, R)),
    elementwise(np.sqrt, lambda y, x: over(0.5, y, guarded=True), spelled=("math.sqrt",), singular=True, sample=domain(POSITIVE)),
    elementwise(np.cbrt, lambda y, x: over(1.0, 3.0 * y * y, guarded=True), spelled=("math.cbrt",), singular=True, sample=domain(POSITIVE)),
    elementwise(np.square, lambda y, x: 2.0 * x, sample=domain(R)),
    elementwise(np.reciprocal, lambda y, x: -(y * y), singular=True, sample=domain(POSITIVE)),
    elementwise(np.sin, lambda y, x: o.cos(x), spelled=("math.sin",), sample=domain(R)),
    elementwise(np.cos, lambda y, x: -o.sin(x), spelled=("math.cos",), sample=domain(R)),
    elementwise(np.tan, lambda y, x: 1.0 + y * y, spelled=("math.tan",), sample=domain((-1.2, 1.2))),
    elementwise(np.arcsin, inverse_slope("cos", lambda x: 1.0 - x * x, guarded=True), spelled=("math.asin", "np.asin"),
        singular=True, sample=domain(UNIT)),
    elementwise(np.arccos, inverse_slope("sin", lambda x: 1.0 - x * x, -1.0, guarded=True), spelled=("math.acos", "np.acos"),
        singular=True, sample=domain(UNIT)),
    elementwise(np.arctan, lambda y, x: over(1.0, 1.0 + x * x), spelled=("math.atan", "np.atan"), sample=domain(R)),
    elementwise(np.sinh, lambda y, x: o.cosh(x), spelled=("math.sinh",), sample=domain(R)),
    elementwise(np.cosh, lambda y, x: o.sinh(x), spelled=("math.cosh",), sample=domain(R)),
    elementwise(np.tanh, lambda y, x: 1.0 - y * y, spelled=("math.tanh",), sample=domain(R)),
    elementwise(np.arcsinh, inverse_slope("cosh", lambda x: x * x + 1.0), spelled=("math.asinh", "np.asinh"), sample=domain(R)),
    elementwise(np.arccosh, inverse_slope("sinh", lambda x: x * x - 1.0, guarded=True), spelled=("math.acosh", "np.acosh"),
        singular=True, sample=domain((1.2, 3.0))),
    elementwise(np.arctanh, lambda y, x: over(1.0, 1.0 - x * x, guarded=True), spelled=("math.atanh", "np.atanh"),
        singular=True, sample=domain(UNIT)),
    elementwise(np.arctan2, lambda y, a, b: apply("safe_ratio", b, a * a + b * b), lambda y, a, b: -apply("safe_ratio", a, a * a + b * b),
        spelled=("math.atan2", "np.atan2"), singular=True, sample=domain(POSITIVE, R)),
    elementwise(np.hypot, lambda y, a, b: apply("safe_ratio", a, y), lambda y, a, b: apply("safe_ratio", b, y),
        singular=True, sample=domain(POSITIVE, R)),
    elementwise(np.degrees, lambda y, x: 180.0 / math.pi, spelled=("math.degrees", "np.rad2deg"), sample=domain(R)),
    elementwise(np.radians, lambda y, x: math.pi / 180.0, spelled=("math.radians", "np.deg2rad"), sample=domain(R)),
    elementwise(np.sinc, lambda y, x: apply("sinc_derivative", 1, x), sample=domain(R)),
    elementwise(abs, sign, name="absolute", path="abs", spelled=("np.abs", "math.fabs", "np.fabs"), sample=domain(R)),
    elementwise(np.copysign, lambda y, a, b: o.copysign(1.0, a) * o.copysign(1.0, b), None, spelled=("math.copysign",),
        sample=domain(POSITIVE, R)),
    elementwise(np.fmod, lambda y, a, b: 1.0, lambda y, a, b: over(y - a, b, guarded=True), spelled=("math.fmod",),
        sample=domain(R, POSITIVE)),
    elementwise(math.remainder, lambda y, a, b: 1.0, lambda y, a, b: over(y - a, b, guarded=True), name="ieee_remainder",
        sample=calls((0.7, 0.5), (-1.2, 0.7))),
    elementwise(np.ldexp, lambda y, a, n: o.ldexp(1.0, n), None, sample=calls((0.7, 3), (-1.2, -2))),
    elementwise(math.ldexp, lambda y, a, n: o.ldexp(1.0, n), None, name="math_ldexp", sample=calls((0.7, 3), (-1.2, -2))),
    elementwise(np.maximum, lambda y, a, b: chosen("gt", y, a, b), lambda y, a, b: chosen("gt", y, b, a), masks=True, sample=domain(R, R)),
    elementwise(np.minimum, lambda y, a, b: chosen("lt", y, a, b), lambda y, a, b: chosen("lt", y, b, a), masks=True, sample=domain(R, R)),
    elementwise(np.fmax, tie_share, lambda y, a, b: tie_share(y, b, a), masks=True, sample=domain(R, R)),
    elementwise(np.fmin, tie_share, lambda y, a, b: tie_share(y, b, a), masks=True, sample=domain(R, R)),
    elementwise(np.nan_to_num, kept_finite, statics=("copy", "nan", "posinf", "neginf"), sample=domain(R, nan=0.5)),
    elementwise(np.clip, inside, below, above, masks=True, names=("a", "a_min", "a_max"), infer=infer_clip,
        aliases={"min": "a_min", "max": "a_max"},
        spelled=(Spelled("x.clip()", names=("a", "min", "max")),), sample=clipped),
)  # fmt: skip

RULES = (*OPERATORS, *ROOTS, UNBOUNDED, *UFUNCS)
