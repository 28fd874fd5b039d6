"""Rules for `scipy.fft`: the transforms that NumPy has too are differentiated as NumPy's; cosine and sine transforms have their own."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.types import Array, Type
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.fft import TURNED, cut, given, infer_full, infer_same, trailing
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, helper, linear
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of
from srcad.ops.trace import apply, items_of, rank_known
from srcad.runtime import scaled_ends

_LENGTH, _LENGTHS, _PLAIN = "fft ifft rfft irfft hfft ihfft", "fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn", "fftshift ifftshift"
_REAL = ("rfft", "ihfft", "rfft2", "rfftn", "fftshift", "ifftshift")
_FULL = ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn")
_OPTIONS = ("workers",)


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


# ---- cosine and sine transforms ------------------------------------------------------------------------------------------
_OTHER = {1: 1, 2: 3, 3: 2, 4: 4}
"""The type of the transposed matrix, but for its ends."""


def _type_of(kind: Any, norm: Any, options: dict[str, Any]) -> int:
    if kind not in _OTHER or options.get("orthogonalize") not in (None, norm == "ortho"):
        raise NoRule("a cosine or sine transform of this type or with `orthogonalize` has no rule", "leave the option away")
    return int(kind)


def _weighted(x: Any, axis: Any, ends: Sequence[int], weight: float) -> Any:
    """The array with the rows at some ends of an axis times a weight."""
    return apply("scaled_ends", x, axis, tuple(ends), weight) if ends else x


def _cosine(name: str, single: dict[int, tuple[int, ...]]) -> Any:
    """The transpose of `dct` or `dst`: the matrix has factors of 2 but in the columns at the ends `single[type]`."""

    def transpose(g: Any, x: Any, type: Any = 2, n: Any = None, axis: Any = -1, norm: Any = None, **options: Any) -> Any:
        kind = _type_of(type, norm, options)
        if norm == "ortho":
            return cut(apply(f"fft.{name}", g, _OTHER[kind], None, axis, norm), x, n)
        c = apply(f"fft.{name}", _weighted(g, axis, single[_OTHER[kind]], 2.0), _OTHER[kind], None, axis, **given(norm=norm))
        return cut(_weighted(c, axis, single[kind], 0.5), x, n)

    return transpose


def _inverse(name: str) -> Any:
    """`idct` and `idst` are the transforms of the transposed type, scaled the other way."""

    def body(x: Any, type: Any = 2, n: Any = None, axis: Any = -1, norm: Any = None, **options: Any) -> Any:
        return apply(f"fft.{name}", x, _OTHER[_type_of(type, norm, options)], n, axis, TURNED[norm])

    return body


def _axis_by_axis(name: str) -> Any:
    """A transform along several axes."""

    def body(x: Any, type: Any = 2, s: Any = None, axes: Any = None, norm: Any = None, **options: Any) -> Any:
        _type_of(type, norm, options)
        lengths = None if s is None else items_of(s) or (s,)
        if axes is None:
            axes = tuple(range(rank_known(x, f"scipy.fft.{name}n"))) if lengths is None else trailing(lengths)
        for k, axis in enumerate(items_of(axes) or (axes,)):
            x = apply(f"fft.{name}", x, type, None if lengths is None else lengths[k], axis, norm)
        return x

    return body


def _cosines(fft: Any) -> tuple[Spellings, ...]:
    x, names = arr(3, 4), ("x", "type", "n", "axis", "norm")
    options: dict[str, Any] = {"statics": ("workers", "orthogonalize"), "arrays": 1}

    def named(name: str) -> dict[str, Any]:
        return {**options, "name": f"fft.{name}", "path": "", "op": op_of("fft", name)}

    kinds = calls(*(Sample((x, kind), {"norm": norm, "axis": axis}) for kind in _OTHER for norm, axis in ((None, -1), ("ortho", 0))),
        Sample((x,), {"n": 6, "norm": "forward"}), Sample((x, 1), {"n": 3}))  # fmt: skip
    several = calls((x,), (x, 3, (2, 5)), Sample((x, 1), {"axes": 0, "norm": "ortho"}))
    ends = {"dct": {1: (0, -1), 2: (), 3: (0,), 4: ()}, "dst": {1: (), 2: (), 3: (-1,), 4: ()}}
    return (
        *(linear(getattr(fft, n), transpose=_cosine(n, single), names=names, infer=infer_own, sample=kinds, **named(n))
            for n, single in ends.items()),
        *(composed(getattr(fft, f"i{n}"), _inverse(n), names=names, infer=infer_own, sample=kinds, **named(f"i{n}")) for n in ends),
        *(composed(getattr(fft, f"{n}n"), _axis_by_axis(n), names=("x", "type", "s", "axes", "norm"), sample=several, **named(f"{n}n"))
            for n in ("dct", "dst", "idct", "idst")),
        helper(scaled_ends, linear, names=("x", "axis", "ends", "weight"), infer=shaped_like(0),
            transpose=lambda g, x, axis, ends, weight: apply("scaled_ends", g, axis, ends, weight)),
    )  # fmt: skip


def infer_own(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand where no length is asked for."""
    x = args[0]
    return x if isinstance(x, Array) and x.dtype in ("float64", "float32", "complex128") and statics.get("n") is None else None


def rules(fft: Any) -> tuple[Spellings, ...]:
    """The entries for the transforms."""
    return (
        *(_entry(fft, n, _along_one(n), ("x", "n", "axis", "norm")) for n in _LENGTH.split()),
        *(_entry(fft, n, _along_several(n), ("x", "s", "axes", "norm")) for n in _LENGTHS.split()),
        *(_entry(fft, n, _shifted(n), ("x", "axes")) for n in _PLAIN.split()), *_cosines(fft),
    )
