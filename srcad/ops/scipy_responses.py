"""What follows from the coefficients of a linear filter, for their design: `scipy.signal`.

The value is SciPy's; its derivative is that of the rational function `b(z) / a(z)` on the unit circle, written in NumPy.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.marks import FIXED, LIKE, REFUSED, TYPED
from srcad.ops.op import Spellings
from srcad.ops.solver import equal_to, solver

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


def responses(signal: Any) -> tuple[Spellings, ...]:
    """The entries."""
    sections = signal.freqz_sos if hasattr(signal, "freqz_sos") else signal.sosfreqz  # SciPy before 1.15
    return (
        solver(signal.freqz, _freqz, module="signal"), solver(sections, _freqz_sos, module="signal"),
        solver(signal.lfilter_zi, _lfilter_zi, module="signal"),
    )  # fmt: skip
