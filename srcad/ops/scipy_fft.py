"""Rules for `scipy.fft`: the transforms that NumPy has too are differentiated as NumPy's."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.ops.compose import composed
from srcad.ops.fft import given, infer_full, infer_same, trailing
from srcad.ops.op import Spellings
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of
from srcad.ops.trace import apply

_LENGTH, _LENGTHS, _PLAIN = "fft ifft rfft irfft hfft ihfft", "fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn", "fftshift ifftshift"
_REAL = ("rfft", "ihfft", "rfft2", "rfftn", "fftshift", "ifftshift")
_FULL = ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn")
_OPTIONS = ("overwrite_x", "workers")


def _along_one(name: str) -> Any:
    def body(x: Any, n: Any = None, axis: Any = -1, norm: Any = None, **options: Any) -> Any:
        return apply(f"np.fft.{name}", x, **given(n=n, axis=axis, norm=norm))

    return body


def _along_several(name: str) -> Any:
    usual = (-2, -1) if name.endswith("2") else None

    def body(x: Any, s: Any = None, axes: Any = usual, norm: Any = None, **options: Any) -> Any:
        where = trailing(s) if axes is None and s is not None else axes
        return apply(f"np.fft.{name}", x, **given(s=s, axes=where, norm=norm))

    return body


def _shifted(name: str) -> Any:
    return lambda x, axes=None: apply(f"np.fft.{name}", x, axes)


def _entry(fft: Any, name: str, body: Any, names: tuple[str, ...]) -> Spellings:
    x = arr(3, 4) if name in _REAL else arr(3, 4) + 1j * arr(3, 4, seed=1)
    infer = infer_full if name in _FULL else infer_same if name in _PLAIN else None
    return composed(getattr(fft, name), body, name=f"fft.{name}", path="", op=op_of("fft", name), names=names, arrays=1, infer=infer,
        statics=_OPTIONS if len(names) > 2 else (), sample=calls((np.copy(x),)))  # fmt: skip


def rules(fft: Any) -> tuple[Spellings, ...]:
    """The entries for the transforms."""
    return (
        *(_entry(fft, n, _along_one(n), ("x", "n", "axis", "norm")) for n in _LENGTH.split()),
        *(_entry(fft, n, _along_several(n), ("x", "s", "axes", "norm")) for n in _LENGTHS.split()),
        *(_entry(fft, n, _shifted(n), ("x", "axes")) for n in _PLAIN.split()),
    )
