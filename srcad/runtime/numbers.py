"""Partial derivatives of functions of numbers that need a guard: none of these raises.

They work on Python numbers and on arrays.
"""
from __future__ import annotations

import functools
import math
import operator
from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable


_PYTHON = frozenset((float, int, bool))


def _plain(*xs: Any) -> bool:
    return _PYTHON.issuperset(map(type, xs))


_FLOATS = (float, int, bool, np.float64)


def _divides(a: Any, b: Any) -> bool:
    """Whether `a / b` of two numbers gives neither an error nor a warning that is not NumPy's own about overflow."""
    return type(a) in _FLOATS and type(b) in _FLOATS and bool(b) and math.isfinite(a)


def safe_divide(a: Any, b: Any) -> Any:
    """`a / b` with NumPy's infinities and nan in place of ZeroDivisionError."""
    if type(a) is float and type(b) is float and b:
        return a / b  # the common case; the others take longer to tell
    if _plain(a, b):
        if b:
            return a / b
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)
    if _divides(a, b):
        return a / b
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(a, b)


def safe_ratio(a: Any, b: Any) -> Any:
    """`a / b`, and 0 where b is 0: the finite subgradient at a kink."""
    if type(a) is float and type(b) is float and b:
        return a / b  # as above
    if _plain(a, b):
        return a / b if b else 0.0
    if _divides(a, b):
        return a / b
    zero = np.equal(b, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(zero, 0, np.divide(a, np.where(zero, 1, b)))[()]


def number_or_zero(c: Any, kept: Any) -> Any:
    """The number `c`, and 0 where `kept` is 0, though `c` may be infinite or nan there."""
    return c if kept else 0.0


def zero_or_number(c: Any, lost: Any) -> Any:
    """As `number_or_zero`, the other way round."""
    return 0.0 if lost else c


def log_ratio(a: Any, b: Any) -> Any:
    """`a - b`, the logarithm of the share `exp(a) / exp(b)`: all of what is infinite, nothing of nothing (-inf) where both are -inf."""
    if np.all(np.isfinite(b)):
        return a - b
    with np.errstate(invalid="ignore"):
        found = np.array(np.subtract(a, b))
    alike = np.equal(a, b)
    found[alike & np.greater(np.real(b), 0.0)] = 0.0
    found[alike & np.less(np.real(b), 0.0)] = -np.inf
    return found[()]


def safe_power(x: Any, p: Any) -> Any:
    """`x ** p` with NumPy's infinities in place of errors."""
    with np.errstate(all="ignore"):
        if not _plain(x, p):
            return np.float_power(x, p) if np.result_type(x, p).kind in "biu" else np.power(x, p)
        return float(np.float64(x) ** p)


def tie_share(x: Any, other: Any, y: Any) -> Any:
    """1 where the choice `y` of two is `x`, 0 where it is `other`, one half at a tie."""
    mine, its = np.equal(x, y), np.equal(other, y)
    return np.where(mine, np.where(its, 0.5, 1.0), 0.0)[()]


def sinc_derivative(n: int, x: Any) -> Any:
    """The n-th derivative of `np.sinc`."""
    return _by_element(lambda v: _sinc(int(n), v), x)


def _sinc(n: int, x: Any) -> Any:
    if np.abs(x) < 0.5 + 0.25 * n:
        terms = range((n + 1) // 2, 40 + n)
        return sum((-1.0) ** k * math.pi ** (2 * k) / math.factorial(2 * k + 1) * math.perm(2 * k, n) * x ** (2 * k - n) for k in terms)
    found = np.sin(math.pi * x) / (math.pi * x)
    for k in range(1, n + 1):
        found = (math.pi ** (k - 1) * np.sin(math.pi * x + k * math.pi / 2) - k * found) / x
    return found


def sign_of(x: Any) -> Any:
    """-1.0, 0.0 or 1.0."""
    return float((x > 0) - (x < 0)) if _plain(x) else np.sign(x)


def near_solution(solution: Any, x: Any) -> Any:
    """`solution`, to which Newton's method has led from `x`, which a solver has returned.

    Raises NotDifferentiable if that is far off: then `x` solves no equation, and has not the derivative of a solution.
    """
    if np.all(np.abs(np.subtract(solution, x)) <= 1e-2 * np.max(np.abs(x), initial=0.0) + 1e-3):
        return solution
    message = "what the solver returned is no simple solution of its equation: it has not converged, a bound holds it, or it is double"
    raise NotDifferentiable(message, "give the solver more iterations or a better start, or leave the bound away", code="SRC302")


def slope_at_root(slope: Any, value: Any, x: Any) -> Any:
    """`slope`, the derivative of a function at its root `x`, where it has this value.  Raises NotDifferentiable if `x` is no root."""
    near_solution(x - safe_divide(value, slope), x)
    return slope


def scale_of(x: float) -> float:
    """The size of a number, at least 1; it is chosen once and counts as a constant."""
    return max(1.0, abs(x))


def power_slope(x: Any, p: Any, n: int = 1) -> Any:
    """The n-th derivative of `x ** p` with respect to x; 0 where n steps down from p lead to 0, also at x = 0."""
    with np.errstate(all="ignore"):
        if not _plain(x, p):
            dtype = np.result_type(x, p)
            if dtype.kind not in "fc":
                x = np.asarray(x, float)
            factor = functools.reduce(operator.mul, (p - k for k in range(1, n)), p)
            gone = np.equal(factor, 0)
            return np.where(gone, 0, factor * np.power(x, np.where(gone, 1, p - n)))[()]
        factor = math.prod(p - k for k in range(n))
        return 0.0 if factor == 0 else float(factor * np.float64(x) ** (p - n))


def power_log(x: Any, y: Any) -> Any:
    """The derivative of `y = x ** p` with respect to p: `y * log(x)`, and 0 where x has no logarithm."""
    if _plain(x, y):
        return y * math.log(x) if x > 0 else 0.0
    with np.errstate(all="ignore"):
        if np.result_type(x, y).kind == "c":
            return np.where(np.equal(x, 0), 0, y * np.log(np.where(np.equal(x, 0), 1, np.asarray(x, complex))))[()]
        good = np.greater(x, 0)
        return np.where(good, y * np.log(np.where(good, x, 1)), 0)[()]


_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def digamma(x: Any) -> Any:
    """The derivative of `lgamma`."""
    return _by_element(lambda v: _polygamma(0, v), x)


def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of `digamma`."""
    return _by_element(lambda v: _polygamma(int(n), v), x)


def _by_element(f: Any, x: Any) -> Any:
    with np.errstate(all="ignore"):
        number: Any = np.complex128 if np.iscomplexobj(x) else np.float64
        if isinstance(x, np.ndarray):
            return np.array([f(number(v)) for v in x.ravel()], x.dtype if x.dtype.kind in "fc" else float).reshape(x.shape)
        found = f(number(x))
    return found.astype(x.dtype) if isinstance(x, np.inexact) else found.item()


def _polygamma(n: int, x: Any) -> Any:
    if np.isnan(x) or x < -1e4 or (x <= 0 and x == np.floor(x)):
        return np.float64(np.nan)
    if x == np.inf:
        return np.float64(np.inf if n == 0 else 0.0)
    total, factor = np.float64(0.0), (-1.0) ** (n + 1) * math.factorial(n)
    while x < 16 + n:
        total += factor / x ** (n + 1)
        x += 1.0
    if n == 0:
        series = sum(b / (2 * k * x ** (2 * k)) for k, b in enumerate(_BERNOULLI, 1))
        return total + np.log(x) - 0.5 / x - series
    series = math.factorial(n - 1) / x**n + math.factorial(n) / (2 * x ** (n + 1))
    series += sum(b * math.factorial(2 * k + n - 1) / (math.factorial(2 * k) * x ** (2 * k + n)) for k, b in enumerate(_BERNOULLI, 1))
    return total + (-1.0) ** (n + 1) * series


def prod_others(x: Any, axis: Any = None) -> Any:
    """For each element the product of the others along `axis`."""
    a = np.asarray(x)
    if not a.size:
        return a.copy()
    if not a.ndim:
        return np.ones_like(a)
    axes = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return _others(a, tuple(k % a.ndim for k in axes))


def _others(a: Any, axes: tuple[int, ...]) -> Any:
    last = np.moveaxis(a, axes, range(-len(axes), 0))
    flat = last.reshape(*last.shape[: a.ndim - len(axes)], -1)
    one = np.ones((*flat.shape[:-1], 1), flat.dtype)
    left = np.cumprod(np.concatenate([one, flat[..., :-1]], -1), -1)
    right = np.cumprod(np.concatenate([one, flat[..., :0:-1]], -1), -1)[..., ::-1]
    return np.moveaxis((left * right).reshape(last.shape), range(-len(axes), 0), axes)
