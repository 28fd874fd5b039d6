"""Transposes of the linear filters of `scipy.signal`: each gives the cotangent of the signal."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from srcad.runtime.images import filter_back


def _extended_back(g: Any, edge: int, padtype: str | None) -> Any:
    """The transpose of the extension of a signal at both ends, along the first axis."""
    if not edge or padtype is None:
        return g
    x = g[edge:-edge].copy()
    for side, ends in ((x, g[:edge][::-1]), (x[::-1], g[-edge:])):  # from each end inwards
        if padtype != "constant":
            side[1 : edge + 1] += -ends if padtype == "odd" else ends
        if padtype != "even":
            side[0] += (2.0 if padtype == "odd" else 1.0) * ends.sum(axis=0)
    return x


def _there_and_back(g: Any, x: Any, axis: int, run: Callable[..., Any], zi: Any, edge: int, padtype: str | None) -> Any:
    """The transpose of a filter that runs forwards, then backwards, each time from the steady state of its first element."""
    bar = np.moveaxis(np.asarray(g), axis, 0)
    ends = [(edge, edge)] + [(0, 0)] * (bar.ndim - 1)
    bar = np.pad(bar, ends)[::-1]
    rest = run(np.zeros(len(bar)), zi)
    for _ in range(2):
        back = run(bar[::-1], None)[::-1].copy()
        back[0] += np.tensordot(rest, bar, 1)
        bar = back[::-1]
    return np.moveaxis(_extended_back(bar[::-1], edge, padtype), 0, axis).astype(np.asarray(x).dtype, copy=False)


def filtfilt_back(g: Any, x: Any, b: Any, a: Any, axis: int = -1, padtype: str | None = "odd", padlen: int | None = None) -> Any:
    """Of `scipy.signal.filtfilt`."""
    from scipy import signal  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    edge = 0 if padtype is None else 3 * max(np.size(a), np.size(b)) if padlen is None else padlen

    def run(v: Any, zi: Any) -> Any:
        return signal.lfilter(b, a, v, axis=0) if zi is None else signal.lfilter(b, a, v, axis=0, zi=zi)[0]

    return _there_and_back(g, x, axis, run, signal.lfilter_zi(b, a), edge, padtype)


def sosfiltfilt_back(g: Any, x: Any, sos: Any, axis: int = -1, padtype: str | None = "odd", padlen: int | None = None) -> Any:
    """Of `scipy.signal.sosfiltfilt`."""
    from scipy import signal  # noqa: PLC0415 -- srcad runs without SciPy

    sections = np.atleast_2d(sos)
    taps = 2 * len(sections) + 1 - min(int((sections[:, 2] == 0).sum()), int((sections[:, 5] == 0).sum()))
    edge = 0 if padtype is None else 3 * taps if padlen is None else padlen

    def run(v: Any, zi: Any) -> Any:
        return signal.sosfilt(sections, v, axis=0) if zi is None else signal.sosfilt(sections, v, axis=0, zi=zi)[0]

    return _there_and_back(g, x, axis, run, signal.sosfilt_zi(sections), edge, padtype)


def sections_back(g: Any, last: Any, sos: Any, x: Any, axis: int, zi: Any) -> tuple[Any, Any]:
    """Of `scipy.signal.sosfilt` with a state: the cotangents of signal and first state, from those of the result and the last state."""
    from scipy import signal  # noqa: PLC0415 -- srcad runs without SciPy

    bar, last = np.moveaxis(np.asarray(g), axis, -1), np.moveaxis(np.asarray(last), axis % np.ndim(x) + 1, -1)
    n, first = bar.shape[-1], np.empty_like(last)
    for k in reversed(range(len(sos))):
        b, a = sos[k, :3], sos[k, 3:]
        beyond = np.stack([last[k, ..., 0] + a[1] * last[k, ..., 1], last[k, ..., 1]], axis=-1)
        back = np.concatenate([bar, beyond], axis=-1)[..., ::-1]
        first[k] = signal.lfilter([1.0], a, back)[..., ::-1][..., :2]
        bar = signal.lfilter(b, a, back)[..., ::-1][..., :n]
    return np.moveaxis(bar, -1, axis), np.moveaxis(first, -1, axis % np.ndim(x) + 1)


def savgol_back(
    g: Any, x: Any, window_length: int, polyorder: int, deriv: int = 0, delta: float = 1.0, axis: int = -1, mode: str = "interp",
) -> Any:  # fmt: skip
    """Of `scipy.signal.savgol_filter`: a convolution inside, and polynomials through the first and the last window."""
    from scipy import signal  # noqa: PLC0415 -- srcad runs without SciPy

    weights = signal.savgol_coeffs(window_length, polyorder, deriv=deriv, delta=delta)
    if mode != "interp":
        return filter_back(np.asarray(g), weights, axis, mode, 0, True)
    inner, half = np.moveaxis(np.asarray(g), axis, 0).copy(), window_length // 2
    ends = signal.savgol_filter(np.eye(window_length), window_length, polyorder, deriv, delta, axis=0)
    low, high = inner[:half].copy(), inner[len(inner) - half :].copy()
    inner[:half], inner[len(inner) - half :] = 0.0, 0.0
    back = filter_back(inner, weights, 0, "constant", 0, True)
    back[:window_length] += np.tensordot(ends[:half].T, low, 1)
    back[len(back) - window_length :] += np.tensordot(ends[window_length - half :].T, high, 1)
    return np.moveaxis(back, 0, axis)


def simpson_matrix(length: int, x: Any = None, dx: float = 1.0, first: bool = False) -> Any:
    """The matrix that `scipy.integrate.cumulative_simpson` is, of rows from the right: `y @ matrix`; with `first` it begins with 0."""
    from scipy.integrate import cumulative_simpson  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    return cumulative_simpson(np.eye(length), x=x, dx=dx, axis=-1, initial=0.0 if first else None)


def resampling_filter(up: int, down: int, n: int, window: Any) -> tuple[Any, int, int, int]:
    """The low pass of `resample_poly` for `n` elements, both rates in lowest terms, and how many elements precede the result."""
    from scipy import signal  # noqa: PLC0415 -- srcad runs without SciPy

    common = math.gcd(int(up), int(down))
    rise, fall = int(up) // common, int(down) // common
    fastest = max(rise, fall)
    if fastest == 1:
        taps = np.ones(1)
    elif isinstance(window, str | tuple):
        taps = signal.firwin(20 * fastest + 1, 1.0 / fastest, window=window)
    else:
        taps = np.asarray(window, dtype=float)
    half = (len(taps) - 1) // 2
    before = fall - half % fall
    skip = (half + before) // fall
    short = (-(n * rise // -fall) + skip - 1) * fall - (n - 1) * rise + 1 - len(taps) - before
    return np.pad(taps * rise, (before, max(short, 0))), rise, fall, skip


def bilinear_powers(count: int) -> Any:
    """Row k: the coefficients of `(z - 1)^k (z + 1)^(count - 1 - k)`, the highest power first."""
    return np.array([np.poly(np.repeat((1.0, -1.0), (k, count - 1 - k))) for k in range(count)])
