"""Simplifications of derivative code while it is recorded.  Each function takes the operands and returns NO_CHANGE or the simpler value.

They may reassociate: the primal is never recorded.  They keep shapes and types.
"""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from srcad.ir.types import BOOL, INT, Array, NpScalar, Scalar, dtype_kind, is_number, is_scalar
from srcad.ops.trace import NO_CHANGE, PEEPHOLES, Peephole, Traced, apply, known_same_shape, literal, made, type_at

_SPREADS = ("full_like_shape", "spread")
"""Ops that stretch operand 0 to the shape of operand 1."""


def peephole(*names: str) -> Callable[[Peephole], Peephole]:
    """Register a simplification for ops or entries."""

    def add(function: Peephole) -> Peephole:
        for name in names:
            PEEPHOLES.setdefault(name, []).append(function)
        return function

    return add


def _floating(value: Any) -> bool:
    return is_number(type_at(value)) and dtype_kind(type_at(value)) in "fc"


def _is(value: Any, number: float) -> bool:
    return literal(value) and value == number


@peephole("mul")
def times_one(a: Any, b: Any) -> Any:
    """`x * 1.0 -> x`, `x * -1.0 -> -x`."""
    for c, x in ((a, b), (b, a)):
        if _is(c, 1) and _floating(x):
            return x
        if _is(c, -1) and _floating(x):
            return -x
    return NO_CHANGE


@peephole("mul")
def merge_literals(a: Any, b: Any) -> Any:
    """`c1 * (c2 * x) -> (c1 * c2) * x`, `c * (s * x) -> c * s * x` for a scalar s, `(c1 * x) * (c2 * y) -> (c1 * c2) * x * y`,
    and `x * c -> c * x`.
    """
    if not literal(a) and literal(b):
        return b * a
    name, inner = made(b)
    if literal(a) and name == "mul" and literal(inner[0]):
        return (a * inner[0]) * inner[1]
    if literal(a) and name == "mul" and is_scalar(type_at(inner[0])):
        return (a * inner[0]) * inner[1]
    if literal(a) and name == "neg":
        return (-a) * inner[0]
    (c, x), (d, y) = _factored(a), _factored(b)
    if x is None or y is None:
        return NO_CHANGE
    return x * y if c * d == 1 else -(x * y) if c * d == -1 else (c * d * x) * y


def _factored(v: Any) -> tuple[Any, Any]:
    """A product as literal factor and the rest, `c * x` or `c * x * y`; (1, None) if it has none."""
    name, inner = made(v)
    if name != "mul":
        return 1, None
    if literal(inner[0]):
        return inner
    name, deeper = made(inner[0])
    return (deeper[0], deeper[1] * inner[1]) if name == "mul" and literal(deeper[0]) else (1, None)


@peephole("mul")
def cancel_literals(a: Any, b: Any) -> Any:
    """`(c1 * x) * (y / c2) -> (c1 / c2) * (x * y)`, in the order of the operands."""
    for first, second, swap in ((a, b, False), (b, a, True)):
        (name, factors), (other, parts) = made(first), made(second)
        if name == "mul" and literal(factors[0]) and other == "truediv" and literal(parts[1]) and parts[1] != 0:
            x, y = factors[1], parts[0]
            return (factors[0] / parts[1]) * (y * x if swap else x * y)
    return NO_CHANGE


@peephole("mul")
def hoist_sign(a: Any, b: Any) -> Any:
    """`a * -b -> -(a * b)`."""
    if literal(a) or literal(b):
        return NO_CHANGE
    name, inner = made(b)
    if name == "neg":
        return -(a * inner[0])
    name, inner = made(a)
    if name == "neg":
        return -(inner[0] * b)
    return NO_CHANGE


@peephole("mul")
def times_stretched(a: Any, b: Any) -> Any:
    """`a * stretch(s, like) -> a * s` where `a` has that shape anyway; `c * stretch(s) -> stretch(c * s)` for a scalar c."""
    for x, y, swap in ((a, b, False), (b, a, True)):
        name, inner = made(y)
        if name not in _SPREADS:
            continue
        if known_same_shape(x, inner[1]):
            return inner[0] * x if swap else x * inner[0]
        if is_scalar(type_at(x)):
            return apply(name, x * inner[0], *inner[1:])
    return NO_CHANGE


@peephole("mul")
def times_quotient(a: Any, b: Any) -> Any:
    """`x * safe_divide(c, n) -> c * x / n` of a NumPy float, whose division by a whole number does not raise at 0."""
    for x, y in ((a, b), (b, a)):
        name, inner = made(y)
        if name == "safe_divide" and type_at(inner[1]) in (INT, BOOL) and isinstance(type_at(x), NpScalar | Array) and _floating(x):
            return (inner[0] * x) / inner[1]
    return NO_CHANGE


@peephole("truediv")
def divide_stretched(a: Any, b: Any) -> Any:
    """`stretch(s, like) / b -> s / b` where `b` has that shape anyway."""
    name, inner = made(a)
    if name not in _SPREADS:
        return NO_CHANGE
    if known_same_shape(b, inner[1]):
        return inner[0] / b
    if not is_scalar(type_at(b)):
        return NO_CHANGE
    python = isinstance(type_at(b), Scalar) and not literal(b)  # two Python numbers raise at 0, where an array does not
    return apply(name, apply("np.divide", inner[0], b) if python else inner[0] / b, *inner[1:])


@peephole("truediv")
def divide_by_one(a: Any, b: Any) -> Any:
    """`x / 1.0 -> x`."""
    return a if _is(b, 1) and _floating(a) else NO_CHANGE


@peephole("truediv")
def divide_product(a: Any, b: Any) -> Any:
    """`(c * x) / d -> (c / d) * x` or `x / (d / c)` for real literals one of which goes into the other."""
    name, inner = made(a)
    if not _real(b) or name != "mul" or not _real(inner[0]):
        return NO_CHANGE
    c, x = inner
    if float(c / b).is_integer():
        return (c / b) * x
    return x / (b / c) if float(b / c).is_integer() else NO_CHANGE


def _real(value: Any) -> bool:
    """Whether a value is a real literal that one can divide by."""
    return type(value) in (int, float) and value != 0 and math.isfinite(value)


@peephole("add")
def add_multiples(a: Any, b: Any) -> Any:
    """`c * x + c * y -> c * (x + y)`, `c * x + -c * y -> c * (x - y)` for a literal c and numbers or arrays of one kind."""
    (c, x), (d, y) = multiple(a), multiple(b)
    if x is None or y is None or abs(c) != abs(d) or not _alike(x, y):
        return NO_CHANGE
    return c * (x + y) if c == d else c * (x - y)


@peephole("sub")
def subtract_multiples(a: Any, b: Any) -> Any:
    """As `add_multiples`."""
    (c, x), (d, y) = multiple(a), multiple(b)
    if x is None or y is None or abs(c) != abs(d) or not _alike(x, y):
        return NO_CHANGE
    return c * (x - y) if c == d else c * (x + y)


def multiple(v: Any) -> tuple[Any, Any]:
    """A product as real literal and the rest; (1, None) if it has no such factor."""
    name, inner = made(v)
    if name != "mul":
        return 1, None
    if _real(inner[0]):
        return inner
    name, deeper = made(inner[0])
    return (deeper[0], deeper[1] * inner[1]) if name == "mul" and _real(deeper[0]) else (1, None)


def _alike(x: Any, y: Any) -> bool:
    """Whether a literal makes the same of two values: both scalars of one type, or both arrays of one dtype and shape."""
    one, other = type_at(x), type_at(y)
    if isinstance(one, Array) and isinstance(other, Array):
        return one.dtype == other.dtype and known_same_shape(x, y)
    return one == other


@peephole("add")
def add_zero(a: Any, b: Any) -> Any:
    """`x + 0.0 -> x` for float x."""
    for c, x in ((a, b), (b, a)):
        if literal(c) and c == 0 and _floating(x):
            return x
    return NO_CHANGE


@peephole("add")
def twice(a: Any, b: Any) -> Any:
    """`x + x -> 2.0 * x`."""
    same = isinstance(a, Traced) and isinstance(b, Traced) and a.atom == b.atom and _floating(a)
    return 2.0 * a if same else NO_CHANGE


@peephole("add")
def add_negative(a: Any, b: Any) -> Any:
    """`a + -b -> a - b`, `-a + b -> b - a`."""
    name, inner = made(b)
    if name == "neg":
        return a - inner[0]
    name, inner = made(a)
    return b - inner[0] if name == "neg" else NO_CHANGE


@peephole("add")
def add_stretched(a: Any, b: Any) -> Any:
    """`a + stretch(s) -> a + s` where `a` has that shape anyway; the sum of two stretched to one shape is stretched once."""
    for x, y in ((a, b), (b, a)):
        name, inner = made(y)
        if name in _SPREADS and known_same_shape(x, inner[1]):
            other, outer = made(x)
            return apply(name, outer[0] + inner[0], *inner[1:]) if other == name else x + inner[0]
    return NO_CHANGE


@peephole("sub")
def subtract_negative(a: Any, b: Any) -> Any:
    """`a - -b -> a + b`, `0 - b -> -b`, `a - 0 -> a`."""
    if _is(a, 0) and _floating(b):
        return -b
    if _is(b, 0) and _floating(a):
        return a
    name, inner = made(b)
    return a + inner[0] if name == "neg" else NO_CHANGE


@peephole("neg")
def negate(a: Any) -> Any:
    """`-(-x) -> x`, `-(c * x) -> (-c) * x`, `-stretch(s) -> stretch(-s)`."""
    name, inner = made(a)
    if name == "neg":
        return inner[0]
    if name == "mul" and literal(inner[0]):
        return (-inner[0]) * inner[1]
    if name in _SPREADS:
        return apply(name, -inner[0], *inner[1:])
    return NO_CHANGE


@peephole("pow")
def small_powers(a: Any, b: Any) -> Any:
    """`x ** 1 -> x`."""
    return a if _is(b, 1) and _floating(a) else NO_CHANGE


@peephole("np.sum")
def sum_of_product(a: Any, *rest: Any, **params: Any) -> Any:
    """`np.sum(-x) -> -np.sum(x)`, `np.sum(c * x) -> c * np.sum(x)`; `np.sum(a * b) -> np.vdot(a, b)` for real arrays of one shape."""
    if rest or not isinstance(a, Traced) or not isinstance(a.type, Array):
        return NO_CHANGE
    name, inner = made(a)
    if name == "neg":
        return -apply("np.sum", inner[0], **params)
    if name != "mul":
        return NO_CHANGE
    x, y = inner
    for c, z in ((x, y), (y, x)):
        if is_scalar(type_at(c)) and isinstance(type_at(z), Array):
            return c * apply("np.sum", z, **params)
    if params:
        return NO_CHANGE
    real = all(dtype_kind(type_at(v)) == "f" for v in inner)
    if real and known_same_shape(x, y):
        return apply("np.vdot", x, y)
    return NO_CHANGE


@peephole("accum_at")
def accumulate_stretched(x: Any, index: Any, g: Any) -> Any:
    """`x[i] += stretch(s, like) -> x[i] += s`: the subscript broadcasts."""
    name, inner = made(g)
    return apply("accum_at", x, index, inner[0]) if name in _SPREADS else NO_CHANGE


@peephole("accum_repeated")
def accumulate_stretched_at(x: Any, index: Any, g: Any) -> Any:
    """As `accumulate_stretched`, for index arrays."""
    name, inner = made(g)
    return apply("accum_repeated", x, index, inner[0]) if name in _SPREADS else NO_CHANGE


@peephole("np.transpose")
def transposed(x: Any, axes: Any = None) -> Any:
    """`np.transpose(x)` of an array is `x.T`, without the call of a function."""
    return x.T if axes is None and isinstance(x, Traced) and isinstance(type_at(x), Array) else NO_CHANGE
