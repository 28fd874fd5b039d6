"""Rules for the linear filters of `scipy.ndimage`."""
from __future__ import annotations

from typing import Any

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import UNKNOWN
from srcad.ops import scipy_ranks, scipy_warps
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.nondiff import always
from srcad.ops.op import Spellings, general, helper, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import of_reals, op_of, unruled
from srcad.ops.trace import apply, items_of, literal, rank

BORDERS = ("mode", "cval", "origin")


def _name(name: str) -> dict[str, Any]:
    return {"name": f"ndimage.{name}", "path": "", "op": op_of("ndimage", name)}


def _one_mode(mode: Any) -> None:
    if not isinstance(mode, str):
        raise NoRule("a filter with a mode per axis has no rule", "filter axis by axis")


def by_weights(ndimage: Any, name: str, flip: bool, alone: bool, sample: Any) -> Spellings:
    """A correlation or convolution with weights, along one axis or all."""

    def vjp(g: Any, y: Any, x: Any, w: Any, axis: Any = -1, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0) -> tuple[Any, Any]:
        _one_mode(mode)
        at = axis if alone else None
        return apply("filter_back", g, w, at, mode, origin, flip), apply("filter_weights", g, x, w, at, mode, origin, flip, cval)

    def jvp(t: Any, y: Any, x: Any, w: Any, axis: Any = -1, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0) -> Any:
        _one_mode(mode)
        along = {"axis": axis} if alone else {}
        first = None if t[0] is None else apply(f"ndimage.{name}", t[0], w, **along, mode=mode, cval=0.0, origin=origin)
        second = None if t[1] is None else apply(f"ndimage.{name}", x, t[1], **along, mode=mode, cval=cval, origin=origin)
        return second if first is None else first if second is None else first + second

    names = ("input", "weights", "axis") if alone else ("input", "weights")
    return general(getattr(ndimage, name), vjp=vjp, jvp=jvp, names=names, operands=2, arrays=2, statics=BORDERS, infer=shaped_like(0),
        sample=sample, **_name(name))  # fmt: skip


def fixed(ndimage: Any, name: str, names: tuple[str, ...], weights: Any, sample: Any, *statics: str) -> Spellings:
    """A filter along one axis whose weights follow from its parameters."""

    def vjp(g: Any, y: Any, x: Any, axis: Any = -1, mode: Any = "reflect", origin: Any = 0, cval: Any = 0.0, **given: Any) -> Any:
        by = given.pop(names[1])
        return (apply("filter_back", g, weights(by, **given), axis, mode, origin, False),)

    def jvp(t: Any, y: Any, x: Any, axis: Any = -1, mode: Any = "reflect", cval: Any = 0.0, **options: Any) -> Any:
        by = options.pop(names[1])
        return apply(f"ndimage.{name}", t[0], by, axis=axis, mode=mode, cval=0.0, **options)

    return general(getattr(ndimage, name), vjp=vjp, jvp=jvp, names=names, operands=1, arrays=1, statics=statics,
        infer=shaped_like(0), sample=sample, **_name(name))  # fmt: skip


def _each(x: Any, value: Any) -> list[Any]:
    """A parameter per axis."""
    n = rank(x)
    if n is None:
        raise NoRule("a filter of an array of unknown rank has no rule", "give the name one kind of array on all paths")
    return items_of(value) or [value] * n


def _gaussian(x: Any, sigma: Any, order: Any = 0, mode: Any = "reflect", cval: Any = 0.0, truncate: Any = 4.0) -> Any:
    _one_mode(mode)
    for axis, (width, n) in enumerate(zip(_each(x, sigma), _each(x, order), strict=True)):
        if not literal(width):  # it may be 0, which `gaussian_filter1d` does not take
            weights = apply("gaussian_weights", width, order=n, truncate=truncate)
            x = apply("filter_forth", x, weights, axis=axis, mode=mode, origin=0, flip=False)
        elif width > 0:
            x = apply("ndimage.gaussian_filter1d", x, width, axis=axis, order=n, mode=mode, cval=cval, truncate=truncate)
    return x


def _uniform(x: Any, size: Any = 3, mode: Any = "reflect", cval: Any = 0.0, origin: Any = 0) -> Any:
    _one_mode(mode)
    for axis, (width, shift) in enumerate(zip(_each(x, size), _each(x, origin), strict=True)):
        x = apply("ndimage.uniform_filter1d", x, width, axis=axis, mode=mode, cval=cval, origin=shift)
    return x


def _edges(across: list[float]) -> Any:
    """Differences along an axis, smoothed across the others."""

    def body(x: Any, axis: Any = -1, mode: Any = "reflect", cval: Any = 0.0) -> Any:
        _one_mode(mode)
        along = axis % len(_each(x, 0))
        for k in range(len(_each(x, 0))):
            x = apply("ndimage.correlate1d", x, [-1.0, 0.0, 1.0] if k == along else across, axis=k, mode=mode, cval=cval)
        return x

    return body


def _laplace(x: Any, mode: Any = "reflect", cval: Any = 0.0) -> Any:
    _one_mode(mode)
    parts = [apply("ndimage.correlate1d", x, [1.0, -2.0, 1.0], axis=k, mode=mode, cval=cval) for k in range(len(_each(x, 0)))]
    total = parts[0]
    for p in parts[1:]:
        total = total + p
    return total


def _smoothed(x: Any, sigma: Any, order: int, **options: Any) -> list[Any]:
    """A derivative of the smoothed image along each axis."""
    count = len(_each(x, 0))
    along = [tuple(order * (j == k) for j in range(count)) for k in range(count)]
    return [apply("ndimage.gaussian_filter", x, sigma, orders, **options) for orders in along]


def _gaussian_laplace(x: Any, sigma: Any, **options: Any) -> Any:
    first, *rest = _smoothed(x, sigma, 2, **options)
    return sum(rest, first)


def _gaussian_gradient(x: Any, sigma: Any, **options: Any) -> Any:
    return apply("np.linalg.norm", apply("np.stack", _smoothed(x, sigma, 1, **options)), axis=0)


def _helpers() -> tuple[Spellings, ...]:
    """The three partners: each is linear in two arrays, and their transposes are the others."""
    setting = ("axis", "mode", "origin", "flip")

    def moved(name: str) -> Any:
        def jvp(t: Any, y: Any, *given: Any, **s: Any) -> Any:
            found = [apply(name, *(t[k] if j == k else v for j, v in enumerate(given)), **s) for k in range(2) if t[k] is not None]
            return found[0] if len(found) == 1 else found[0] + found[1]

        return jvp

    return (
        helper(runtime.filter_forth, general, names=("x", "weights", *setting), operands=2, infer=shaped_like(0), jvp=moved("filter_forth"),
            vjp=lambda c, y, x, w, **s: (apply("filter_back", c, w, **s), apply("filter_weights", c, x, w, **s))),
        helper(runtime.filter_back, general, names=("g", "weights", *setting), operands=2, infer=shaped_like(0), jvp=moved("filter_back"),
            vjp=lambda c, y, g, w, **s: (apply("filter_forth", c, w, **s), apply("filter_weights", g, c, w, **s))),
        helper(runtime.filter_weights, general, names=("g", "x", "weights", *setting, "cval"), operands=3, infer=shaped_like(2),
            jvp=moved("filter_weights"),
            vjp=lambda c, y, g, x, w, cval=0.0, **s: (apply("filter_forth", x, c, **s), apply("filter_back", g, c, **s), None)),
        step_helper(runtime.gaussian_weights, infer=always(UNKNOWN)),
    )  # fmt: skip


_REASONS = {
    "it calls a function on each window": "generic_filter generic_filter1d",
    "it calls a function for each element": "geometric_transform",
}  # fmt: skip
_ADVICE = "keep its image constant, or add a rule of your own (srcad.rules)"


def rules(ndimage: Any) -> tuple[Spellings, ...]:
    """The entries."""
    line, image, w, patch = arr(6), arr(4, 5), arr(3, seed=1), arr(2, 3, seed=1)
    modes = ("reflect", "mirror", "nearest", "wrap", "constant")
    single = calls((line, w), (image, w, 0), Sample((image, arr(4, seed=2)), {"origin": 1, "mode": "wrap"}),
        *(Sample((image, w), {"mode": m, "cval": 0.7}) for m in modes))  # fmt: skip
    whole = calls((image, patch), Sample((image, patch), {"origin": -1}),
        *(Sample((image, patch), {"mode": m, "cval": 0.7}) for m in modes))  # fmt: skip
    blurs = calls(Sample((line,), {"sigma": 0.8}), Sample((image,), {"sigma": 0.6, "axis": 0, "mode": "wrap"}),
        Sample((image,), {"sigma": 0.9, "order": 1}), Sample((image,), {"sigma": 0.9, "order": 2}),
        Sample((image,), {"sigma": 0.6, "mode": "constant", "cval": 0.7, "truncate": 2.0}))  # fmt: skip
    boxes = calls((line, 3), Sample((image, 2), {"axis": 0, "mode": "mirror"}), Sample((image, 4), {"origin": 1, "mode": "constant"}))
    blurred = calls(Sample((image,), {"sigma": 0.6}), Sample((image,), {"sigma": (0.6, 0)}),
        Sample((image,), {"sigma": (0.7, 0.4), "order": (1, 0), "mode": "nearest"}))  # fmt: skip
    soft = calls(Sample((image,), {"sigma": 0.6}), Sample((line,), {"sigma": 0.8, "mode": "wrap"}),
        Sample((image,), {"sigma": (0.7, 0.5), "mode": "constant", "cval": 0.7, "truncate": 3.0}))  # fmt: skip
    kernel, alike = ("mode", "cval", "truncate"), dict[str, Any](arrays=1, infer=shaped_like(0))
    refused = ((n, why) for why, names in _REASONS.items() for n in names.split())
    weighted = (by_weights(ndimage, "correlate1d", False, True, single), by_weights(ndimage, "convolve1d", True, True, single),
        by_weights(ndimage, "correlate", False, False, whole), by_weights(ndimage, "convolve", True, False, whole))  # fmt: skip
    return (
        *(of_reals(spellings, (1,)) for spellings in weighted),
        fixed(ndimage, "gaussian_filter1d", ("input", "sigma", "axis", "order"), lambda s, **o: apply("gaussian_weights", s, **o), blurs,
            "mode", "cval", "truncate", "radius", "order"),
        fixed(ndimage, "uniform_filter1d", ("input", "size", "axis"), lambda n: apply("np.full", n, 1.0 / n), boxes, *BORDERS),
        composed(ndimage.gaussian_filter, _gaussian, names=("input", "sigma", "order"), statics=("order", *kernel), sample=blurred, **alike,
            **_name("gaussian_filter")),
        composed(ndimage.gaussian_laplace, _gaussian_laplace, names=("input", "sigma"), statics=kernel, sample=soft, **alike,
            **_name("gaussian_laplace")),
        composed(ndimage.gaussian_gradient_magnitude, _gaussian_gradient, names=("input", "sigma"), statics=kernel, sample=soft, **alike,
            **_name("gaussian_gradient_magnitude")),
        composed(ndimage.uniform_filter, _uniform, names=("input", "size"), statics=BORDERS, arrays=1, infer=shaped_like(0),
            sample=calls((image,), (image, (2, 3)), Sample((line, 3), {"mode": "wrap"})), **_name("uniform_filter")),
        composed(ndimage.sobel, _edges([1.0, 2.0, 1.0]), names=("input", "axis"), statics=("mode", "cval"), arrays=1, infer=shaped_like(0),
            sample=calls((image,), (image, 0)), **_name("sobel")),
        composed(ndimage.prewitt, _edges([1.0, 1.0, 1.0]), names=("input", "axis"), statics=("mode", "cval"), arrays=1,
            infer=shaped_like(0), sample=calls((image,), (image, 0)), **_name("prewitt")),
        composed(ndimage.laplace, _laplace, names=("input",), statics=("mode", "cval"), arrays=1, infer=shaped_like(0),
            sample=calls((image,), (line,)), **_name("laplace")),
        *(unruled(getattr(ndimage, n), "ndimage", n, why, _ADVICE) for n, why in refused), *_helpers(), *scipy_ranks.rules(ndimage),
        *scipy_warps.rules(ndimage),
    )  # fmt: skip
