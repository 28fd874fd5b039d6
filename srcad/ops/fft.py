"""Fourier transforms.  They are linear, the matrix of the full transform is symmetric, and a cotangent is transposed without conjugation:
so a transform is its own transpose, but for what `n` cuts off or fills up.  Those of real data are linear over the reals.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import Array, Type
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, helper, linear, nondiff
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, rank

TURNED = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def given(**options: Any) -> dict[str, Any]:
    """The options that are not left out."""
    return {k: v for k, v in options.items() if v is not None}


def cut(c: Any, x: Any, length: Any) -> Any:
    """The cotangent of what a transform of some length read of `x`."""
    return c if length is None else apply("crop_like", c, x)


def own_transpose(name: str) -> Any:
    """The transpose of `fft` and `ifft`."""

    def transpose(g: Any, x: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
        return cut(apply(name, g, axis=axis, **given(norm=norm)), x, n)

    return transpose


def many_axes(name: str, axes: Any) -> Any:
    """The transpose of `fft2`, `fftn` and their inverses."""

    def transpose(g: Any, x: Any, s: Any = None, axes: Any = axes, norm: Any = None) -> Any:
        where = trailing(s) if axes is None and s is not None else axes
        return cut(apply(name, g, **given(axes=where, norm=norm)), x, s)

    return transpose


def trailing(s: Any) -> tuple[int, ...]:
    """The axes that lengths are for where no axes are given."""
    return tuple(range(-len(s), 0))


def split_axes(x: Any, s: Any, axes: Any) -> tuple[tuple[int, ...], int]:
    """The axes of full transforms, and the axis of the half one."""
    if axes is None:
        ndim = rank(x)
        if s is None and ndim is None:
            raise NoRule("a Fourier transform over all axes of an array of unknown rank has no rule", "give `axes`")
        axes = trailing(s) if s is not None else tuple(range(-(ndim or 1), 0))
    return tuple(axes[:-1]), axes[-1]


def rfft_transpose(g: Any, x: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """The full transform of the half spectrum, of which the operand takes the real part."""
    length = apply("np.size", x, axis) if n is None else n
    return cut(apply("np.fft.fft", g, length, axis, **given(norm=norm)), x, n)


def rfftn_transpose(axes: Any) -> Any:
    """The transpose of `rfft2` and `rfftn`."""

    def transpose(g: Any, x: Any, s: Any = None, axes: Any = axes, norm: Any = None) -> Any:
        others, last = split_axes(x, s, axes)
        c = apply("np.fft.fftn", g, axes=others, **given(norm=norm)) if others else g
        length = apply("np.size", x, last) if s is None else s[-1]
        return cut(apply("np.fft.fft", c, length, last, **given(norm=norm)), x, s)

    return transpose


def irfft_transpose(g: Any, x: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """The spectrum of the cotangent, what stands for two frequencies counted twice."""
    return cut(apply("irfft_back", g, axis, norm), x, 0)


def irfftn_transpose(axes: Any) -> Any:
    """The transpose of `irfft2` and `irfftn`."""

    def transpose(g: Any, x: Any, s: Any = None, axes: Any = axes, norm: Any = None) -> Any:
        others, last = split_axes(x, s, axes)
        c = apply("irfft_back", g, last, norm)
        return cut(apply("np.fft.ifftn", c, axes=others, **given(norm=norm)) if others else c, x, 0)

    return transpose


def hfft_transpose(g: Any, x: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """`hfft(a)` is the inverse half transform of `conj(a)`, scaled the other way."""
    return apply("np.conj", irfft_transpose(g, x, n, axis, TURNED[norm]))


def ihfft_transpose(g: Any, x: Any, n: Any = None, axis: Any = -1, norm: Any = None) -> Any:
    """`ihfft(a)` is the conjugate of the half transform, scaled the other way."""
    return rfft_transpose(apply("np.conj", g), x, n, axis, TURNED[norm])


def infer_full(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The operand's shape, complex, where no length is asked for."""
    x = args[0]
    if not isinstance(x, Array) or statics.get("n") is not None or statics.get("s") is not None:
        return None
    return Array(np.result_type(x.dtype if np.dtype(x.dtype).kind in "fc" else "float64", "complex64").name, x.shape)


def infer_same(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The operand's type."""
    return args[0] if isinstance(args[0], Array) else None


def _z(*shape: int) -> Any:
    return arr(*shape) + 1j * arr(*shape, seed=1)


def _one(make: Any) -> Any:
    norms = (Sample((make(5),), {"norm": n}) for n in ("ortho", "forward", "backward"))
    return calls((make(4),), (make(5),), (make(4), 3), (make(4), 6), (make(3, 4), 5, 0),
                 Sample((make(3, 4),), {"axis": 0, "norm": "ortho"}), Sample((make(4),), {"n": 7, "norm": "forward"}), *norms)  # fmt: skip


def _many(make: Any, *more: Any) -> Any:
    return calls((make(3, 4),), (make(3, 4), (2, 5), (0, 1)), (make(2, 3, 4), (4, 3), (2, 0)), Sample((make(3, 4),), {"norm": "ortho"}),
                 Sample((make(2, 3),), {"norm": "forward", "axes": (1, 0)}), *more)  # fmt: skip


def _transforms(
    kind: str, names: tuple[str, ...], transposes: dict[str, Any], real: dict[str, bool], **fields: Any
) -> tuple[Spellings, ...]:  # fmt: skip
    """Entries for the transforms `transposes`; `real` says which take real data."""
    make = _one if names[1] == "n" else _many
    return tuple(
        linear(getattr(np.fft, n), transpose=t, path=f"np.fft.{n}", kind=kind, names=names, arrays=1,
            sample=make(arr if real[n] else _z), **fields)
        for n, t in transposes.items()
    )


_N, _S = ("a", "n", "axis", "norm", "out"), ("a", "s", "axes", "norm", "out")
_LAST = (-2, -1)
_AXES = (((arr(4),), (arr(5),), (arr(3, 4), 1), (arr(3, 4), (0, 1))))

RULES = (
    *_transforms("linear", _N, {n: own_transpose(f"np.fft.{n}") for n in ("fft", "ifft")}, {"fft": False, "ifft": False},
        infer=infer_full),
    *_transforms("linear", _S, {n: many_axes(f"np.fft.{n}", None) for n in ("fftn", "ifftn")}, {"fftn": False, "ifftn": True},
        infer=infer_full),
    *_transforms("linear", _S, {n: many_axes(f"np.fft.{n}", _LAST) for n in ("fft2", "ifft2")}, {"fft2": True, "ifft2": False},
        infer=infer_full),
    *_transforms("real_linear", _N, {"rfft": rfft_transpose, "ihfft": ihfft_transpose}, {"rfft": True, "ihfft": True}),
    *_transforms("real_linear", _N, {"irfft": irfft_transpose, "hfft": hfft_transpose}, {"irfft": False, "hfft": False}),
    *_transforms("real_linear", _S, {"rfftn": rfftn_transpose(None), "rfft2": rfftn_transpose(_LAST)}, {"rfftn": True, "rfft2": True}),
    *_transforms("real_linear", _S, {"irfftn": irfftn_transpose(None), "irfft2": irfftn_transpose(_LAST)},
        {"irfftn": False, "irfft2": False}),
    linear(np.fft.fftshift, transpose=lambda g, x, axes=None: apply("np.fft.ifftshift", g, axes), path="np.fft.fftshift",
        names=("x", "axes"), arrays=1, infer=infer_same, sample=calls(*_AXES)),
    linear(np.fft.ifftshift, transpose=lambda g, x, axes=None: apply("np.fft.fftshift", g, axes), path="np.fft.ifftshift",
        names=("x", "axes"), arrays=1, infer=infer_same, sample=calls(*_AXES)),
    helper(runtime.crop_like, linear, names=("g", "x"), operands=2, transpose=lambda c, g, x: apply("crop_like", c, g),
        infer=shaped_like(1), sample=calls((arr(2, 5), arr(3, 4)))),
    helper(runtime.irfft_back, linear, kind="real_linear", names=("g", "axis", "norm"), sample=calls((arr(4),), (arr(3, 5), 0, "forward")),
        transpose=lambda c, g, axis=-1, norm=None: apply("np.fft.irfft", c, apply("np.size", g, axis), axis, **given(norm=norm))),
    *(nondiff(f"np.fft.{n}", name=f"np.fft.{n}") for n in ("fftfreq", "rfftfreq")),
)  # fmt: skip
