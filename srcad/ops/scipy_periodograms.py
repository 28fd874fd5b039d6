"""Power spectra of signals: `scipy.signal`.

The value is SciPy's; its derivative is that of the periodograms of windowed segments, averaged (P. D. Welch, IEEE Trans. Audio
Electroacoust. 15, 1967), written in NumPy.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.ir.types import Array
from srcad.marks import FIXED, LIKE, REFUSED, TYPED
from srcad.ops.infer import ANY
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, step_helper
from srcad.ops.solver import equal_to, solver
from srcad.runtime import median_bias, segment_length, segment_places, segment_window, spectral_factors, trend_basis

_SETTING = "a spectrum has no derivative with respect to its window and its rate", "keep them constant"


def _transforms(x: Any, axis: Any, win: Any, overlap: Any, nfft: Any, detrend: Any, onesided: Any) -> Any:
    """The spectra of all segments: segments and frequencies are the last axes."""
    pieces = np.moveaxis(np.asarray(x), axis, -1)[..., segment_places(np.shape(x)[axis], len(win), overlap)]
    if detrend == "constant":
        pieces = pieces - np.mean(pieces, axis=-1, keepdims=True)
    elif detrend == "linear":
        basis = trend_basis(len(win))
        pieces = pieces - (pieces @ basis) @ basis.T
    elif detrend is not None and detrend is not False:
        REFUSED("a spectrum with a function for `detrend` has no rule", "subtract the trend before")
    return np.fft.rfft(pieces * win, nfft) if onesided else np.fft.fft(pieces * win, nfft)


def _powers(
    x: Any, y: Any, fs: Any, window: Any, nperseg: Any, noverlap: Any, nfft: Any, detrend: Any, onesided: Any, scaling: Any, axis: Any,
) -> Any:  # fmt: skip
    """The spectra of all segments, those of `x` with those of `y` unless it is None: the last axis counts the segments."""
    count = segment_length(np.shape(x)[axis], np.shape(x if y is None else y)[axis], window, nperseg)
    win = segment_window(window, count)
    overlap, size = count // 2 if noverlap is None else noverlap, count if nfft is None else nfft
    half = onesided and not np.iscomplexobj(x) and not np.iscomplexobj(x if y is None else y)
    first = _transforms(x, axis, win, overlap, size, detrend, half)
    if y is None:
        powers = np.real(first) ** 2 + np.imag(first) ** 2
    else:
        powers = np.conj(first) * _transforms(y, axis, win, overlap, size, detrend, half)
    return np.moveaxis(powers * spectral_factors(win, fs, size, scaling, half), -1, axis - 1 if axis < 0 else axis)


def _averaged(powers: Any, average: Any) -> Any:
    if average == "mean":
        return np.mean(powers, axis=-1)
    bias = median_bias(np.shape(powers)[-1])
    if np.iscomplexobj(powers):
        return (np.median(np.real(powers), axis=-1) + 1j * np.median(np.imag(powers), axis=-1)) / bias
    return np.median(powers, axis=-1) / bias


def _told(solve: Any, expression: Any, *signals: Any) -> Any:
    """What SciPy returns, of which the last item is the spectrum, which has the derivative of an expression."""

    def call(*xs: Any) -> Any:
        found = solve(*xs)
        return TYPED(found[-1], LIKE(expression, *xs)), found

    spectrum, found = equal_to(call, lambda rest, *xs: expression(*xs), signals)
    return found, spectrum


def _welch(
    solve: Any, x: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = None, noverlap: Any = None, nfft: Any = None,
    detrend: Any = "constant", return_onesided: Any = True, scaling: Any = "density", axis: Any = -1, average: Any = "mean",
) -> Any:  # fmt: skip
    FIXED((fs, window), *_SETTING)

    def call(x: Any) -> Any:
        return solve(x=x, fs=fs, window=window, nperseg=nperseg, noverlap=noverlap, nfft=nfft, detrend=detrend,
            return_onesided=return_onesided, scaling=scaling, axis=axis, average=average)  # fmt: skip

    def expression(x: Any) -> Any:
        return _averaged(_powers(x, None, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis), average)

    found, spectrum = _told(call, expression, x)
    return found[0], spectrum


def _csd(
    solve: Any, x: Any, y: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = None, noverlap: Any = None, nfft: Any = None,
    detrend: Any = "constant", return_onesided: Any = True, scaling: Any = "density", axis: Any = -1, average: Any = "mean",
) -> Any:  # fmt: skip
    FIXED((fs, window), *_SETTING)

    def call(x: Any, y: Any) -> Any:
        return solve(x=x, y=y, fs=fs, window=window, nperseg=nperseg, noverlap=noverlap, nfft=nfft, detrend=detrend,
            return_onesided=return_onesided, scaling=scaling, axis=axis, average=average)  # fmt: skip

    def expression(x: Any, y: Any) -> Any:
        return _averaged(_powers(x, y, fs, window, nperseg, noverlap, nfft, detrend, return_onesided, scaling, axis), average)

    found, spectrum = _told(call, expression, x, y)
    return found[0], spectrum


def _coherence(
    solve: Any, x: Any, y: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = None, noverlap: Any = None, nfft: Any = None,
    detrend: Any = "constant", axis: Any = -1,
) -> Any:  # fmt: skip
    FIXED((fs, window), *_SETTING)

    def call(x: Any, y: Any) -> Any:
        return solve(x=x, y=y, fs=fs, window=window, nperseg=nperseg, noverlap=noverlap, nfft=nfft, detrend=detrend, axis=axis)

    def mean(a: Any, b: Any) -> Any:
        return np.mean(_powers(a, b, fs, window, nperseg, noverlap, nfft, detrend, True, "density", axis), axis=-1)

    def expression(x: Any, y: Any) -> Any:
        both = mean(x, y)
        return (np.real(both) ** 2 + np.imag(both) ** 2) / mean(x, None) / mean(y, None)

    found, spectrum = _told(call, expression, x, y)
    return found[0], spectrum


def _periodogram(
    solve: Any, x: Any, fs: Any = 1.0, window: Any = "boxcar", nfft: Any = None, detrend: Any = "constant", return_onesided: Any = True,
    scaling: Any = "density", axis: Any = -1,
) -> Any:  # fmt: skip
    FIXED((fs, window), *_SETTING)

    def call(x: Any) -> Any:
        return solve(x=x, fs=fs, window=window, nfft=nfft, detrend=detrend, return_onesided=return_onesided, scaling=scaling, axis=axis)

    def expression(x: Any) -> Any:
        """The one segment is the signal, or as much of it as is transformed."""
        n = np.shape(x)[axis]
        length = n if nfft is None else np.minimum(n, nfft).item()
        kind = "boxcar" if window is None else window
        powers = _powers(np.take(x, np.arange(length), axis), None, fs, kind, length, 0, nfft, detrend, return_onesided, scaling, axis)
        return np.mean(powers, axis=-1)

    found, spectrum = _told(call, expression, x)
    return found[0], spectrum


def _spectrogram(
    solve: Any, x: Any, fs: Any = 1.0, window: Any = ("tukey", 0.25), nperseg: Any = None, noverlap: Any = None, nfft: Any = None,
    detrend: Any = "constant", return_onesided: Any = True, scaling: Any = "density", axis: Any = -1, mode: Any = "psd",
) -> Any:  # fmt: skip
    if mode != "psd":
        REFUSED("`scipy.signal.spectrogram` has a rule for mode='psd'", "use scipy.signal.ShortTimeFFT, or the powers themselves")
    FIXED((fs, window), *_SETTING)

    def call(x: Any) -> Any:
        return solve(x=x, fs=fs, window=window, nperseg=nperseg, noverlap=noverlap, nfft=nfft, detrend=detrend,
            return_onesided=return_onesided, scaling=scaling, axis=axis)  # fmt: skip

    def expression(x: Any) -> Any:
        count = segment_length(np.shape(x)[axis], np.shape(x)[axis], window, nperseg)
        overlap = count // 8 if noverlap is None else noverlap
        return _powers(x, None, fs, window, count, overlap, nfft, detrend, return_onesided, scaling, axis)

    found, spectrum = _told(call, expression, x)
    return found[0], found[1], spectrum


def _continued(x: Any, reach: Any, boundary: Any) -> Any:
    """A signal with so many elements more at both ends of its last axis."""
    if boundary is None:
        return x
    left, right = x[..., reach:0:-1], x[..., -2 : -(reach + 2) : -1]
    if boundary == "zeros":
        return np.concatenate([np.zeros_like(left), x, np.zeros_like(right)], axis=-1)
    if boundary == "even":
        return np.concatenate([left, x, right], axis=-1)
    if boundary == "odd":
        return np.concatenate([2.0 * x[..., :1] - left, x, 2.0 * x[..., -1:] - right], axis=-1)
    return np.concatenate([x[..., :1] + np.zeros_like(left), x, x[..., -1:] + np.zeros_like(right)], axis=-1)


def _stft(
    solve: Any, x: Any, fs: Any = 1.0, window: Any = "hann", nperseg: Any = 256, noverlap: Any = None, nfft: Any = None,
    detrend: Any = False, return_onesided: Any = True, boundary: Any = "zeros", padded: Any = True, axis: Any = -1,
    scaling: Any = "spectrum",
) -> Any:  # fmt: skip
    FIXED((fs, window), *_SETTING)

    def call(x: Any) -> Any:
        return solve(x=x, fs=fs, window=window, nperseg=nperseg, noverlap=noverlap, nfft=nfft, detrend=detrend,
            return_onesided=return_onesided, boundary=boundary, padded=padded, axis=axis, scaling=scaling)  # fmt: skip

    def expression(x: Any) -> Any:
        count = segment_length(np.shape(x)[axis], np.shape(x)[axis], window, nperseg)
        win, overlap = segment_window(window, count), count // 2 if noverlap is None else noverlap
        whole = _continued(np.moveaxis(np.asarray(x), axis, -1), count // 2, boundary)
        if padded:
            missing = (count - np.shape(whole)[-1]) % (count - overlap) % count
            whole = np.concatenate([whole, np.zeros_like(whole[..., :missing])], axis=-1)
        half, size = return_onesided and not np.iscomplexobj(x), count if nfft is None else nfft
        scale = np.sqrt(spectral_factors(win, fs, size, "density" if scaling == "psd" else scaling, False)[0])
        found = _transforms(whole, -1, win, overlap, size, detrend, half) * scale
        return np.moveaxis(found, -1, axis - 1 if axis < 0 else axis)

    found, spectrum = _told(call, expression, x)
    return found[0], found[1], spectrum


def spectra(signal: Any) -> tuple[Spellings, ...]:
    """The entries."""
    vector = always(Array("float64", (ANY,)))

    def made(name: str, template: Any) -> Spellings:
        return solver(getattr(signal, name), template, module="signal")

    return (
        made("welch", _welch), made("csd", _csd), made("coherence", _coherence), made("periodogram", _periodogram),
        made("spectrogram", _spectrogram), made("stft", _stft),
        step_helper(runtime.segment_length), step_helper(runtime.segment_window, infer=vector),
        step_helper(runtime.segment_places, infer=always(Array("int64", (ANY, ANY)))), step_helper(runtime.spectral_factors, infer=vector),
        step_helper(runtime.median_bias), step_helper(runtime.trend_basis, infer=always(Array("float64", (ANY, ANY)))),
    )
