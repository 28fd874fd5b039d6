"""Filters of `scipy.ndimage` that choose one element of each window: extrema, ranks, and the morphology of grey images.

The derivative is that of the element that was chosen, the first of the window where several are equal to it.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import Array, Type
from srcad.ops.compose import composed
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, general, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import op_of
from srcad.ops.trace import apply, literal

BORDERS = ("mode", "cval", "origin")
WINDOW = ("size", "footprint")
_DEFAULTS = {"size": None, "footprint": None, "mode": "reflect", "cval": 0.0, "origin": 0}


def _name(name: str) -> dict[str, Any]:
    return {"name": f"ndimage.{name}", "path": "", "op": op_of("ndimage", name)}


def _check(mode: Any, structure: Any) -> None:
    if not isinstance(mode, str):
        raise NoRule("a filter with a mode per axis has no rule", "filter axis by axis")
    if structure is not None:
        raise NoRule("grey morphology with `structure` has no rule", "use `size` or `footprint`")


def chosen(ndimage: Any, name: str, given: tuple[str, ...], sample: Any, *, alone: bool = False, flip: bool = False) -> Spellings:
    """A filter that chooses; `given` are its parameters behind the image, `alone`: along one axis, `flip`: the window is mirrored."""
    own = {**({"axis": -1} if alone else {}), **({"flip": True} if flip else {})}

    def places_of(y: Any, x: Any, mode: Any = "reflect", structure: Any = None, **options: Any) -> Any:
        _check(mode, structure)
        window = {k: v for k, v in {**own, "mode": mode, **options}.items() if k not in ("rank", "percentile")}
        usual = [k for k, v in window.items() if k in _DEFAULTS and (literal(v) or v is None or isinstance(v, str)) and v == _DEFAULTS[k]]
        return apply("window_places", x, y, **{k: v for k, v in window.items() if k not in usual})

    def inside(values: Any, places: Any, options: Any) -> Any:
        """What belongs to elements of the image, not to the constant around it."""
        return apply("np.where", places < 0, 0.0, values) if "constant" in options.get("mode", "") else values

    def vjp(g: Any, y: Any, x: Any, **options: Any) -> Any:
        places = places_of(y, x, **options)
        return (apply("take_back", inside(g, places, options), x, places),)

    def jvp(t: Any, y: Any, x: Any, **options: Any) -> Any:
        places = places_of(y, x, **options)
        return inside(apply("np.take", apply("np.ravel", t[0]), places), places, options)

    return general(getattr(ndimage, name), vjp=vjp, jvp=jvp, names=("input", *given), operands=1, arrays=1, statics=BORDERS,
        infer=shaped_like(0), sample=sample, **_name(name))  # fmt: skip


def _places_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Whole numbers in the shape of the image."""
    return Array("int64", args[0].shape) if isinstance(args[0], Array) else None


def _made_of(*steps: str) -> Callable[[Any, Any], Any]:
    """Erosions and dilations one after another."""

    def body(x: Any, options: Any) -> Any:
        for step in steps:
            x = apply(f"ndimage.grey_{step}", x, **options)
        return x

    return body


_OPENED, _CLOSED, _DILATED, _ERODED = (_made_of(*s.split()) for s in ("erosion dilation", "dilation erosion", "dilation", "erosion"))

MADE: dict[str, Callable[[Any, Any], Any]] = {
    "grey_opening": _OPENED,
    "grey_closing": _CLOSED,
    "white_tophat": lambda x, options: x - _OPENED(x, options),
    "black_tophat": lambda x, options: _CLOSED(x, options) - x,
    "morphological_gradient": lambda x, options: _DILATED(x, options) - _ERODED(x, options),
    "morphological_laplace": lambda x, options: _DILATED(x, options) + _ERODED(x, options) - 2.0 * x,
}


def _morphology(ndimage: Any, name: str, body: Callable[[Any, Any], Any], sample: Any) -> Spellings:
    def whole(x: Any, structure: Any = None, **options: Any) -> Any:
        _check(options.get("mode", ""), structure)
        return body(x, options)

    return composed(getattr(ndimage, name), whole, names=("input", *WINDOW, "structure"), statics=BORDERS, arrays=1, infer=shaped_like(0),
        sample=sample, **_name(name))  # fmt: skip


def rules(ndimage: Any) -> tuple[Spellings, ...]:
    """The entries."""
    line, image, cross = arr(6), arr(4, 5), np.array([[False, True, False], [True, True, True], [False, True, False]])
    borders = tuple(Sample((image, 3), {"mode": m, "cval": 0.2}) for m in ("reflect", "mirror", "nearest", "wrap", "constant"))
    windows = calls((line, 3), (image, (2, 3)), Sample((image, 3), {"origin": -1}), Sample((image, 2), {"origin": (0, -1)}),
        Sample((image,), {"footprint": cross}), *borders)  # fmt: skip
    ranks = calls((line, 1, 3), (image, -2, (2, 3)), Sample((image, 4), {"footprint": cross, "mode": "constant", "cval": 0.1}))
    shares = calls((line, 30, 3), (image, 75, (2, 3)))
    lines = calls((line, 3), (image, 2, 0), Sample((image, 4), {"origin": 1, "mode": "constant", "cval": 0.3}))
    shapes = calls((line, 3), (image, (2, 3)), Sample((image, 3), {"mode": "nearest"}))
    return (
        *(chosen(ndimage, name, WINDOW, windows) for name in ("maximum_filter", "minimum_filter", "median_filter")),
        *(chosen(ndimage, name, ("size", "axis"), lines, alone=True) for name in ("maximum_filter1d", "minimum_filter1d")),
        chosen(ndimage, "rank_filter", ("rank", *WINDOW), ranks),
        chosen(ndimage, "percentile_filter", ("percentile", *WINDOW), shares),
        chosen(ndimage, "grey_erosion", (*WINDOW, "structure"), windows),
        chosen(ndimage, "grey_dilation", (*WINDOW, "structure"), windows, flip=True),
        *(_morphology(ndimage, name, body, shapes) for name, body in MADE.items()),
        step_helper(runtime.window_places, infer=_places_type),
    )  # fmt: skip
