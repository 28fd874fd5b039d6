"""What follows from the coefficients of a linear filter, for their design: `scipy.signal`.

The value is SciPy's.  The derivative of a response is that of the rational function `b(z) / a(z)` on the unit circle, written in NumPy;
that of a filter that is made of another one is that of the coefficients of the substituted polynomials.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.ir.types import Array
from srcad.marks import CONSTANT, FIXED, LIKE, REFUSED, TYPED
from srcad.ops.infer import ANY
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, step_helper
from srcad.ops.solver import equal_to, solver
from srcad.runtime import bilinear_powers

_PLACES = "a response has no derivative with respect to its frequencies and its rate", "keep them constant"


def _on_circle(c: Any, angles: Any) -> Any:
    """A polynomial in 1 / z at points of the unit circle."""
    if np.ndim(c) > 1:
        REFUSED("the response of several filters at once has no rule", "loop over the filters")
    flat = np.ravel(np.asarray(c))
    return np.exp(-1j * np.multiply.outer(angles, np.arange(len(flat)))) @ flat


def _ratio(angles: Any, b: Any, a: Any) -> Any:
    return _on_circle(b, angles) / _on_circle(a, angles)


def _sections(angles: Any, sos: Any) -> Any:
    """The product of the responses of sections of order two."""
    powers = np.exp(-1j * np.multiply.outer(angles, np.arange(3)))
    table = np.asarray(sos)
    return np.prod((powers @ table[:, :3].T) / (powers @ table[:, 3:].T), axis=-1)


def _told(solve: Any, expression: Any, fs: Any, coefficients: Any) -> Any:
    """The frequencies and the response that SciPy returns."""

    def call(*coefficients: Any) -> Any:
        found = solve(*coefficients)
        angles = TYPED(found[0], "vector") * (2.0 * np.pi / fs)
        return TYPED(found[1], LIKE(expression, angles, *coefficients)), (found[0], angles)

    response, (frequencies, _) = equal_to(call, lambda rest, *coefficients: expression(rest[1], *coefficients), coefficients)
    return frequencies, response


def _freqz(
    solve: Any, b: Any, a: Any = 1, worN: Any = 512, whole: Any = False, fs: Any = 2.0 * np.pi, include_nyquist: Any = False,  # noqa: N803 -- SciPy's words
) -> Any:  # fmt: skip
    FIXED((worN, fs), *_PLACES)

    def call(b: Any, a: Any) -> Any:
        return solve(b=b, a=a, worN=worN, whole=whole, fs=fs, include_nyquist=include_nyquist)

    return _told(call, _ratio, fs, (b, a))


def _freqz_sos(solve: Any, sos: Any, worN: Any = 512, whole: Any = False, fs: Any = 2.0 * np.pi) -> Any:  # noqa: N803 -- SciPy's word
    FIXED((worN, fs), *_PLACES)
    return _told(lambda sos: solve(sos=sos, worN=worN, whole=whole, fs=fs), _sections, fs, (sos,))


def _filled(c: Any, count: Any) -> Any:
    """With zeros behind."""
    return np.concatenate([c, np.zeros(count - len(c))])


def _steady(_: Any, b: Any, a: Any) -> Any:
    """The state in which a filter answers a step by its final value: that which one step of it leaves as it is."""
    numerator, denominator = np.atleast_1d(np.asarray(b, dtype=float)), np.atleast_1d(np.asarray(a, dtype=float))
    count = np.maximum(len(numerator), len(denominator)).item()
    numerator, denominator = _filled(numerator / denominator[0], count), _filled(denominator / denominator[0], count)
    first = np.eye(count - 1)[0]
    matrix = np.eye(count - 1) - np.eye(count - 1, k=1) + np.outer(denominator[1:], first)
    return np.linalg.solve(matrix, numerator[1:] - denominator[1:] * numerator[0])


def _lfilter_zi(solve: Any, b: Any, a: Any) -> Any:
    return equal_to(lambda b, a: (TYPED(solve(b=b, a=a), "vector"), ()), _steady, (b, a))[0]


# ---- filters made of others ----------------------------------------------------------------------------------------------
def _changed(solve: Any, expression: Any, *given: Any) -> Any:
    """The numerator and the denominator that SciPy returns: those of the expression without leading zeros, normalised."""
    if np.ndim(given[0]) > 1:
        REFUSED("a change of several numerators at once has no rule", "loop over the numerators")

    def call(*given: Any) -> Any:
        b, a = solve(*given)
        return (TYPED(b, "vector"), TYPED(a, "vector")), (len(b), len(a))

    def value(lengths: Any, *given: Any) -> Any:
        b, a = expression(*given)
        b, a = b[len(b) - lengths[0] :], a[len(a) - lengths[1] :]
        return b / a[0], a / a[0]

    return equal_to(call, value, given)[0]


def _turned(c: Any, powers: Any) -> Any:
    """The coefficients of a polynomial of which the variable is replaced by its inverse, scaled by powers."""
    flat = np.atleast_1d(np.asarray(c, dtype=float))[::-1]
    return _filled(flat, len(powers)) * powers


def _to_highpass(solve: Any, b: Any, a: Any, wo: Any = 1.0) -> Any:
    def expression(b: Any, a: Any, wo: Any) -> Any:
        powers = wo ** np.arange(np.maximum(np.size(b), np.size(a)).item())
        return _turned(b, powers), _turned(a, powers)

    return _changed(lambda b, a, wo: solve(b=b, a=a, wo=wo), expression, b, a, wo)


def _to_digital(solve: Any, b: Any, a: Any, fs: Any = 1.0) -> Any:
    """With `s = 2 fs (z - 1) / (z + 1)`, times the highest power of the denominator."""

    def expression(b: Any, a: Any, fs: Any) -> Any:
        bs, as_ = (np.atleast_1d(np.asarray(c, dtype=float)) for c in (b, a))
        count = np.maximum(len(np.trim_zeros(CONSTANT(bs), "f")), len(np.trim_zeros(CONSTANT(as_), "f"))).item()
        powers = bilinear_powers(count) * (2.0 * fs) ** np.arange(count)[:, None]
        return _last(bs, count) @ powers, _last(as_, count) @ powers

    return _changed(lambda b, a, fs: solve(b=b, a=a, fs=fs), expression, b, a, fs)


def _last(c: Any, count: Any) -> Any:
    """The coefficients of the lowest powers, the lowest first, and zeros where there are no more."""
    return _filled(c[::-1][:count], count)


def responses(signal: Any) -> tuple[Spellings, ...]:
    """The entries."""
    sections = signal.freqz_sos if hasattr(signal, "freqz_sos") else signal.sosfreqz  # SciPy before 1.15
    return (
        solver(signal.freqz, _freqz, module="signal"), solver(sections, _freqz_sos, module="signal"),
        solver(signal.lfilter_zi, _lfilter_zi, module="signal"),
        solver(signal.lp2hp, _to_highpass, module="signal"), solver(signal.bilinear, _to_digital, module="signal"),
        step_helper(bilinear_powers, infer=always(Array("float64", (ANY, ANY)))),
    )  # fmt: skip
