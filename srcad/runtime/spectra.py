"""What the spectra of segments of a signal are made with, all of it constant."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NotDifferentiable


def segment_length(n: int, m: int, window: Any, nperseg: int | None) -> int:
    """How long a segment is, for signals of `n` and `m` elements.  Raises NotDifferentiable if one is shorter, which SciPy lengthens."""
    if n != m:
        message = "the spectrum of two signals of different lengths has no derivative rule"
        raise NotDifferentiable(message, "append zeros to the shorter one")
    if not isinstance(window, str | tuple):
        return len(window)
    return min(256 if nperseg is None else int(nperseg), n)


def segment_window(window: Any, length: int) -> Any:
    """The values of a window that is named, or given."""
    from scipy import signal  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    return np.asarray(signal.get_window(window, length) if isinstance(window, str | tuple) else window, dtype=float)


def segment_places(n: int, length: int, overlap: int) -> Any:
    """The places of the elements of each segment, a row for each."""
    starts = np.arange(0, n - length + 1, length - int(overlap))
    return starts[:, None] + np.arange(length)


def spectral_factors(win: Any, fs: float, nfft: int, scaling: str, onesided: bool) -> Any:
    """What the power of each frequency is multiplied by: the unit, and 2 where a frequency stands for its negative too."""
    scale = 1.0 / (fs * np.sum(win * win)) if scaling == "density" else 1.0 / np.sum(win) ** 2
    found = np.full(nfft // 2 + 1 if onesided else nfft, scale)
    if onesided:
        found[1 : -1 if nfft % 2 == 0 else None] *= 2.0
    return found


def median_bias(n: int) -> float:
    """The median of n periodograms of noise, as a multiple of their mean (B. Allen et al., Phys. Rev. D 85, 2012, appendix B)."""
    even = 2.0 * np.arange(1, (n - 1) // 2 + 1)
    return float(1.0 + np.sum(1.0 / (even + 1.0) - 1.0 / even))


def trend_basis(length: int) -> Any:
    """Two orthonormal columns that span the straight lines."""
    return np.linalg.qr(np.stack([np.ones(length), np.arange(length, dtype=float)], axis=1))[0]
