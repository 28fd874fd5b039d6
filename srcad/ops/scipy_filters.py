"""Rules for filters of `scipy.signal` that are linear in the signal, with constant coefficients, and for convolutions of images."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import INT, UNKNOWN, Array, Struct, Type, dtype_kind
from srcad.ops.chains import lengths
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.marks import FIXED, LIKE, REFUSED, TYPED
from srcad.ops.infer import ANY, shaped_like
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, bilinear, general, helper, linear, step_helper
from srcad.ops.python import part
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import constant, of_reals, op_of, unruled
from srcad.ops.solver import equal_to, solver
from srcad.runtime import resampling_filter
from srcad.ops.trace import apply, literal, o, rank, rank_known, type_at
from srcad.ops.trace import constant as recorded


def _name(name: str) -> dict[str, Any]:
    return {"name": f"signal.{name}", "path": "", "op": op_of("signal", name)}


_BEYOND = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}


def _bordered(a: Any, b: Any, mode: Any, boundary: Any, fillvalue: Any, late: int) -> Any:
    """A convolution of images with values beyond the border; the middle of an even kernel is `late` by 1 in a correlation."""
    plain = boundary == "fill" and literal(fillvalue) and fillvalue == 0
    if mode == "valid" or (plain and (mode == "full" or not late)):
        return apply("signal.convolve", a, b, mode)
    (rows, columns), (height, width) = lengths(a), lengths(b)
    if plain:
        found = apply("signal.convolve", a, b, "full")
    else:
        around = ((height - 1, height - 1), (width - 1, width - 1))
        filled = {"constant_values": fillvalue} if boundary == "fill" else {}
        found = apply("signal.convolve", apply("np.pad", a, around, _BEYOND[boundary], **filled), b, "valid")
    if mode == "full":
        return found
    top, left = (height - 1 + late) // 2, (width - 1 + late) // 2
    return found[top : top + rows, left : left + columns]


def _convolve2d(a: Any, b: Any, mode: Any = "full", boundary: Any = "fill", fillvalue: Any = 0) -> Any:
    return _bordered(a, b, mode, boundary, fillvalue, 0)


def _correlate2d(a: Any, b: Any, mode: Any = "full", boundary: Any = "fill", fillvalue: Any = 0) -> Any:
    turned = b if dtype_kind(type_at(b)) == "f" else apply("np.conj", b)
    return _bordered(a, apply("np.flip", turned), mode, boundary, fillvalue, 1)


def _wiener(im: Any, size: Any = None, noise: Any = None) -> Any:
    """Towards the local mean, by how much the local variance exceeds that of the noise."""
    n = rank_known(im, "scipy.signal.wiener")
    sizes = (3,) * n if size is None else (size,) * n if isinstance(size, int) else size
    if not isinstance(sizes, tuple | list) or not all(isinstance(s, int) for s in sizes):
        raise NoRule("`scipy.signal.wiener` with a window that is only known at run time has no rule", "write its size as a literal")
    ones, count = recorded(im, "np.ones", tuple(sizes)), math.prod(sizes)
    mean = apply("signal.correlate", im, ones, "same") / count
    variance = apply("signal.correlate", im * im, ones, "same") / count - mean * mean
    noise = apply("np.mean", variance) if noise is None else noise
    quiet = variance < noise
    share = 1.0 - noise / apply("np.where", quiet, 1.0, variance)
    return mean + apply("np.where", quiet, 0.0, (im - mean) * share)


def _double(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The shape of the first operand, in double precision."""
    x = args[0]
    return Array("float64", x.shape) if isinstance(x, Array) and x.dtype in ("float32", "float64") else None


def _on_borders(image: Any, kernel: Any) -> Any:
    """Samples of each mode with each border."""
    return calls(*((image, kernel, mode) for mode in ("full", "same", "valid")), (image, arr(2, 4), "same", "wrap"),
        *(Sample((image, kernel), {"mode": mode, "boundary": border}) for mode in ("full", "same") for border in ("wrap", "symm")),
        Sample((image, kernel), {"mode": "same", "boundary": "fill", "fillvalue": 0.7}))  # fmt: skip


def _upfirdn(h: Any, x: Any, up: Any = 1, down: Any = 1, axis: Any = -1, mode: Any = "constant", cval: Any = 0) -> Any:
    """Zeros between the samples, a convolution, and each so-manieth of the result."""
    if mode not in ("constant", None) or not literal(cval) or cval != 0:
        raise NoRule("`scipy.signal.upfirdn` has a rule for zeros beyond the ends", "continue the signal by hand")
    ndim = rank_known(x, "scipy.signal.upfirdn")
    h = apply("np.ravel", h) if rank(h) is None else h
    x = x if ndim == 1 else apply("np.moveaxis", x, axis, -1)
    if not literal(up) or up > 1:
        shape = tuple(apply("shape_at", x, k) for k in range(ndim))
        kind = type_at(x)
        gaps = recorded(x, "np.zeros", (*shape, up - 1), kind.dtype if isinstance(kind, Array) else "float64")
        wide = apply("np.concatenate", [x[..., None], gaps], -1)
        x = apply("np.reshape", wide, (*shape[:-1], -1))[..., : (shape[-1] - 1) * up + 1]
    found = apply("np.convolve", h, x) if ndim == 1 else apply("signal.convolve", x, h[(None,) * (ndim - 1)])
    found = found[..., ::down]
    return found if ndim == 1 else apply("np.moveaxis", found, -1, axis)


def _resample_poly(
    solve: Any, x: Any, up: Any, down: Any, axis: Any = 0, window: Any = ("kaiser", 5.0), padtype: Any = "constant", cval: Any = None,
) -> Any:  # fmt: skip
    """SciPy's value; its derivative is that of zeros between the samples, a low pass, and each so-manieth of the result."""
    from scipy.signal import upfirdn  # type: ignore[import-untyped]  # noqa: PLC0415 -- SciPy ships no types, and srcad runs without it

    FIXED((up, down, window), "resampling has no derivative with respect to its rates and its window", "keep them constant")
    if padtype not in ("constant", "mean", "median", "minimum", "maximum"):
        REFUSED("`scipy.signal.resample_poly` has a rule for what stays at a level beyond the ends", "use another `padtype`")

    def expression(x: Any) -> Any:
        taps, rise, fall, skip = resampling_filter(up, down, np.shape(x)[axis], window)
        if padtype == "constant":
            level = 0.0
        else:
            levels: dict[str, Any] = {"mean": np.mean, "median": np.median, "minimum": np.min, "maximum": np.max}
            level = levels[padtype](x, axis=axis, keepdims=True)
        turned = upfirdn(taps, np.moveaxis(x - level, axis, -1), rise, fall)[..., skip:]
        return np.moveaxis(turned[..., : -(np.shape(x)[axis] * rise // -fall)], -1, axis) + level

    def call(x: Any) -> Any:
        return TYPED(solve(x=x, up=up, down=down, axis=axis, window=window, padtype=padtype, cval=cval), LIKE(expression, x)), ()

    return equal_to(call, lambda _, x: expression(x), (x,))[0]


def _turned(x: Any, axis: Any) -> Any:
    return apply("np.flip", x, axis)


def _sections_vjp(g: Any, y: Any, sos: Any, x: Any, axis: Any = -1, zi: Any = None) -> tuple[Any, ...]:
    """The sections run backwards in time."""
    if zi is None:
        return None, _turned(apply("signal.sosfilt", sos, _turned(g, axis), axis), axis), None, None
    bars = [o.zeros_like(y[k]) if part(g, k) is None else part(g, k) for k in range(2)]
    found = apply("sections_back", *bars, sos, x, axis, zi)
    return None, found[0], None, found[1]


def _sections_jvp(t: Any, y: Any, sos: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    """The same sections, of the tangents."""
    if zi is None:
        return apply("signal.sosfilt", sos, t[1], axis)
    move, start = (o.zeros_like(v) if d is None else d for v, d in ((x, t[1]), (zi, t[3])))
    found = apply("signal.sosfilt", sos, move, axis, start)
    return found[0], found[1]


def _sections_back_jvp(t: Any, y: Any, g: Any, last: Any, *rest: Any) -> Any:
    moves = [o.zeros_like(v) if d is None else d for v, d in zip((g, last), t, strict=False)]
    found = apply("sections_back", *moves, *rest)
    return found[0], found[1]


def _sections_back_vjp(c: Any, y: Any, g: Any, last: Any, sos: Any, x: Any, axis: Any, zi: Any) -> tuple[Any, ...]:
    bars = [o.zeros_like(y[k]) if part(c, k) is None else part(c, k) for k in range(2)]
    found = apply("signal.sosfilt", sos, bars[0], axis, bars[1])
    return found[0], found[1], None, None, None, None


def _two_like(first: int, second: int) -> Any:
    """A pair of arrays like two operands; the first alone where the second is left out."""

    def infer(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
        pair = tuple(operands[k] for k in (first, second))
        if pair[1] is not None and UNKNOWN in pair:
            return Struct(tuple, (), (UNKNOWN, UNKNOWN))
        if any(isinstance(t, Array) and t.dtype != "float64" for t in pair) or not isinstance(pair[0], Array):
            return None
        return pair[0] if pair[1] is None else Struct(tuple, (), pair) if isinstance(pair[1], Array) else None

    return infer


def _pair(
    signal: Any, name: str, place: int, names: tuple[str, ...], options: tuple[str, ...], sample: Any, beside: str = ""
) -> tuple[Spellings, Spellings]:
    """A filter that is linear in operand `place`, all others constant, and its transpose, of which it is the transpose.

    `beside`: an option for what stands beyond the borders, which is constant.
    """
    back = f"{name.removesuffix('_filter')}_back"
    others = [n for n in names if n != "x"]

    def vjp(g: Any, y: Any, *given: Any, **statics: Any) -> tuple[Any, ...]:
        statics.pop(beside, None)
        rest = [v for k, v in enumerate(given) if k != place]
        return tuple(apply(back, g, given[place], *rest, **statics) if k == place else None for k in range(len(given)))

    def jvp(t: Any, y: Any, *given: Any, **statics: Any) -> Any:
        statics.pop(beside, None)
        return apply(f"signal.{name}", *(t[place] if k == place else v for k, v in enumerate(given)), **statics)

    def forth(c: Any, g: Any, x: Any, *rest: Any, **statics: Any) -> Any:
        whole = list(rest)
        whole.insert(place, c)
        return apply(f"signal.{name}", *whole, **statics)

    made = general(getattr(signal, name), vjp=vjp, jvp=jvp, names=names, operands=len(names), arrays=len(names),
        statics=(*options, beside) if beside else options, infer=shaped_like(place), sample=sample, **_name(name))  # fmt: skip
    unknown = tuple(k for k in range(len(names)) if k != place)
    return (
        constant(made, f"scipy.signal.{name}", unknown),
        helper(getattr(runtime, back), linear, names=("g", "x", *others), operands=len(names) + 1, statics=options, infer=shaped_like(1),
            transpose=forth),
    )  # fmt: skip


def rules(signal: Any, transpose: Any) -> tuple[Spellings, ...]:
    """The entries; `transpose` is that of a convolution."""
    image, kernel, long, wide = arr(4, 5), arr(2, 3, seed=1), arr(15), arr(2, 14, seed=2)
    modes = calls((image, kernel), (image, kernel, "same"), (image, kernel, "valid"))
    b, a = np.array([3, 2, 1]), np.array([8, -3])
    sections = np.array([[1, 2, 1, 1, 0, 0], [1, 1, 0, 1, 0, 0]])
    pads = [Sample((), {"padtype": kind, "padlen": 3}) for kind in ("even", "constant", "odd")]
    edges = (Sample((), {}), Sample((), {"padtype": None}), *pads)

    def filtered(*coefficients: Any) -> Any:
        columns = Sample((*coefficients, wide.T), {"axis": 0})
        return calls(*(Sample((*coefficients, long), s.params) for s in edges), columns)

    smooth = calls((wide, 5, 2), Sample((wide, 5, 2), {"mode": "constant", "cval": 0.7}),
        *(Sample((wide, 5, 2), {"mode": m}) for m in ("mirror", "nearest", "wrap", "constant")),
        Sample((wide.T, 4, 2), {"axis": 0, "deriv": 1, "delta": 0.5}))  # fmt: skip
    two: dict[str, Any] = {"operands": 2, "arrays": 2}
    return (
        composed(signal.convolve2d, _convolve2d, names=("in1", "in2", "mode", "boundary", "fillvalue"), **two,
            sample=_on_borders(image, kernel), **_name("convolve2d")),
        of_reals(composed(signal.wiener, _wiener, names=("im", "mysize", "noise"), operands=3, arrays=1, infer=_double,
            sample=calls((image,), (long, 5), (image, (3, 2)), (image, None, 0.4), (image, None, 0.02)), **_name("wiener"))),
        composed(signal.correlate2d, _correlate2d, names=("in1", "in2", "mode", "boundary", "fillvalue"), **two,
            sample=_on_borders(image, kernel), **_name("correlate2d")),
        composed(signal.upfirdn, _upfirdn, names=("h", "x", "up", "down", "axis", "mode", "cval"), **two, **_name("upfirdn"),
            sample=calls((arr(3), arr(5, seed=1)), (arr(4), arr(5, seed=1), 3, 2), (arr(3), arr(4, seed=1), 2),
                (arr(3), arr(2, 4, seed=1), 2, 3), (arr(3), arr(4, 2, seed=1), 3, 2, 0))),
        solver(signal.resample_poly, _resample_poly, module="signal"),
        *(unruled(getattr(signal, n), "signal", n, "it steps a system whose matrices it makes itself",
            "make the matrices with scipy.signal.cont2discrete outside, and write the recurrence as a loop") for n in ("lsim", "dlsim")),
        step_helper(runtime.resampling_filter, infer=always(Struct(tuple, (), (Array("float64", (ANY,)), INT, INT, INT)))),
        bilinear(signal.oaconvolve, transpose=transpose, names=("in1", "in2", "mode"), sample=modes, **_name("oaconvolve")),
        constant(general(signal.sosfilt, vjp=_sections_vjp, jvp=_sections_jvp, names=("sos", "x", "axis", "zi"), operands=4,
            defaults={"axis": -1}, infer=_two_like(1, 3), arrays=2, sample=calls((sections, long), (sections, wide.T, 0),
                (sections, long, -1, arr(2, 2)), (sections, wide.T, 0, arr(2, 2, 2))), **_name("sosfilt")), "scipy.signal.sosfilt", (0,)),
        helper(runtime.sections_back, general, names=("g", "last", "sos", "x", "axis", "zi"), operands=6, vjp=_sections_back_vjp,
            jvp=_sections_back_jvp, infer=_two_like(3, 5)),
        *_pair(signal, "filtfilt", 2, ("b", "a", "x"), ("axis", "padtype", "padlen"), filtered(b, a)),
        *_pair(signal, "sosfiltfilt", 1, ("sos", "x"), ("axis", "padtype", "padlen"), filtered(sections)),
        *_pair(signal, "savgol_filter", 0, ("x", "window_length", "polyorder"), ("deriv", "delta", "axis", "mode"), smooth, "cval"),
    )  # fmt: skip
