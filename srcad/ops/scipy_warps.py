"""Rules for the splines of `scipy.ndimage`: values at places, and the shifts, zooms, turns and affine maps that are made of them.

A value is linear in the image, and moves with its place by the derivative of the spline.  Where the elements of a result come from is
written down as SciPy computes it, to the last digit, since an image may end between two neighbouring numbers.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.types import UNKNOWN, Array, Dim, Type, dtype_kind
from srcad.ops.chains import lengths
from srcad.ops.compose import composed, through
from srcad.ops.entry import Sample
from srcad.ops.infer import ANY, shaped_like
from srcad.ops.op import Spellings, general, helper, linear, listed, step_helper
from srcad.ops.samples import arr, calls
from srcad.ops.scipy_words import of_reals, op_of
from srcad.ops.trace import apply, rank, rank_known

_OPTIONS = ("order", "mode", "cval", "prefilter")


def _name(name: str) -> dict[str, Any]:
    return {"name": f"ndimage.{name}", "path": "", "op": op_of("ndimage", name)}


# ---- values at places --------------------------------------------------------------------------------------------------
def _more(by: tuple[int, ...], k: int) -> tuple[int, ...]:
    return tuple(b + (j == k) for j, b in enumerate(by))


def _at(x: Any, places: Any, options: dict[str, Any], by: tuple[int, ...]) -> Any:
    """A derivative of the spline through an image."""
    return apply("image_at", x, places, **options, **({"by": by} if any(by) else {}))


def _back(g: Any, x: Any, places: Any, options: dict[str, Any], by: tuple[int, ...]) -> Any:
    """The transpose of that; a constant around the image has no part in it."""
    return apply("image_back", g, x, places, **_without_constant(options), **({"by": by} if any(by) else {}))


def _slopes(x: Any, places: Any, options: dict[str, Any], by: tuple[int, ...]) -> list[Any]:
    """The next derivatives along each axis."""
    return [_at(x, places, options, _more(by, k)) for k in range(len(by))]


def _pulled(g: Any, x: Any, places: Any, options: dict[str, Any], by: tuple[int, ...]) -> Any:
    """The cotangent of the places."""
    return apply("np.stack", [g * slope for slope in _slopes(x, places, options, by)])


def _moved(t: Any, x: Any, places: Any, options: dict[str, Any], by: tuple[int, ...]) -> Any:
    """The tangent where the places move."""
    terms = [slope * t[k] for k, slope in enumerate(_slopes(x, places, options, by))]
    return sum(terms[1:], terms[0])


def _no_axes(x: Any, by: tuple[int, ...]) -> tuple[int, ...]:
    return by or (0,) * rank_known(x, "a spline of scipy.ndimage")


def _without_constant(options: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in options.items() if k != "cval"}


def at_vjp(g: Any, y: Any, x: Any, places: Any, by: tuple[int, ...] = (), **options: Any) -> tuple[Any, Any]:
    """The transpose, and the next derivatives."""
    by = _no_axes(x, by)
    return _back(g, x, places, options, by), _pulled(g, x, places, options, by)


def at_jvp(t: Any, y: Any, x: Any, places: Any, by: tuple[int, ...] = (), **options: Any) -> Any:
    """Linear in the image; the next derivatives."""
    by = _no_axes(x, by)
    first = None if t[0] is None else _at(t[0], places, _without_constant(options), by)
    second = None if t[1] is None else _moved(t[1], x, places, options, by)
    return second if first is None else first if second is None else first + second


def back_vjp(c: Any, y: Any, g: Any, x: Any, places: Any, by: tuple[int, ...] = (), **options: Any) -> tuple[Any, None, Any]:
    """Of the transpose: `c` is an image."""
    by = _no_axes(x, by)
    return _at(c, places, options, by), None, _pulled(g, c, places, options, by)


def back_jvp(t: Any, y: Any, g: Any, x: Any, places: Any, by: tuple[int, ...] = (), **options: Any) -> Any:
    """Of the transpose: each place takes what it has from where it is."""
    by = _no_axes(x, by)
    terms = [] if t[0] is None else [_back(t[0], x, places, options, by)]
    if t[2] is not None:
        terms += [_back(g * t[2][k], x, places, options, _more(by, k)) for k in range(len(by))]
    return sum(terms[1:], terms[0])


# ---- where the elements of a result come from --------------------------------------------------------------------------
def _each(v: Any, n: int, like: Any) -> list[Any]:
    """A number for each axis."""
    v = listed(v, like)
    return [v] * n if not isinstance(v, list | tuple) and rank(v) == 0 else [v[k] for k in range(n)]


def _shifted(grid: Any, x: Any, y: Any, shift: Any) -> Any:
    n = rank_known(x, "scipy.ndimage.shift")
    return apply("np.stack", [grid[k] - s for k, s in enumerate(_each(shift, n, x))])


def _by_matrix(grid: Any, x: Any, y: Any, matrix: Any, offset: Any = None) -> Any:
    """A matrix, its diagonal, or homogeneous coordinates."""
    offset = 0.0 if offset is None else offset
    n, m = rank_known(x, "scipy.ndimage.affine_transform"), listed(matrix, x)
    if rank(m) == 1:
        return apply("np.stack", [(grid[k] + o / m[k]) * m[k] for k, o in enumerate(_each(offset, n, x))])
    columns, offsets = lengths(m)[1], _each(offset, n, x)
    if not isinstance(columns, int):
        offsets = [apply("np.where", columns == n + 1, m[k, -1], offsets[k]) for k in range(n)]
    elif columns == n + 1:
        offsets = [m[k, n] for k in range(n)]
    return apply("np.stack", [_row(grid, [m[k, j] for j in range(rank_known(y, "affine_transform"))]) + offsets[k] for k in range(n)])


def _row(grid: Any, weights: list[Any]) -> Any:
    """One coordinate, summed in SciPy's order."""
    total = grid[0] * weights[0]
    for k, w in enumerate(weights[1:], 1):
        total = total + grid[k] * w
    return total


def _turned(grid: Any, x: Any, y: Any, angle: Any, axes: Any = (1, 0)) -> Any:
    """About the centre of a plane."""
    n = rank_known(x, "scipy.ndimage.rotate")
    plane = sorted(a % n for a in axes)
    c, s = apply("special.cosdg", angle), apply("special.sindg", angle)
    matrix = [[c, s], [-s, c]]
    middle, inside = ([0.5 * (lengths(v)[a] - 1) for a in plane] for v in (y, x))
    places = [grid[k] for k in range(n)]
    for a, row, centre in zip(plane, matrix, inside, strict=True):
        places[a] = _row([grid[b] for b in plane], row) + (centre - (row[0] * middle[0] + row[1] * middle[1]))
    return apply("np.stack", places)


def _mapped(ndimage: Any, name: str, places: Any, names: tuple[str, ...], operands: int, sample: Any, infer: Any = None) -> Spellings:
    """A function whose result `y` is the spline of its image at `places(grid, x, y, *parameters)`."""

    def body(x: Any, *given: Any, output_shape: Any = None, reshape: Any = None, **options: Any) -> Any:
        *parameters, y = given
        own = {k: options.pop(k) for k in names[operands:] if k in options}
        _check(name, x, **options)
        return apply("image_at", x, places(apply("grid_of", y), x, y, *parameters, **own), **options)

    pull, push = through(body)

    def vjp(g: Any, y: Any, *given: Any, **options: Any) -> Any:
        return pull(g, y, *given, y, **options)[:-1]

    def jvp(t: Any, y: Any, *given: Any, **options: Any) -> Any:
        return push((*t, None), y, *given, y, **options)

    return general(getattr(ndimage, name), vjp=vjp, jvp=jvp, names=names, operands=operands, arrays=1, statics=_OPTIONS, sample=sample,
        infer=infer, **_name(name))  # fmt: skip


def _check(name: str, x: Any, order: Any = 3, prefilter: Any = True, **options: Any) -> None:
    if name == "rotate" and rank(x) != 2 and not prefilter:
        raise NoRule("`scipy.ndimage.rotate` of a stack of images without `prefilter` has no rule", "rotate each image")


def _zoom_vjp(g: Any, y: Any, x: Any, zoom: Any, grid_mode: Any = False, **options: Any) -> tuple[Any]:
    places = apply("zoomed_places", x, y, grid_mode)
    return (_back(g, x, places, options, ()),)


def _zoom_jvp(t: Any, y: Any, x: Any, zoom: Any, **options: Any) -> Any:
    return apply("ndimage.zoom", t[0], zoom, **{**options, "cval": 0.0})


def _filter_back(g: Any, x: Any, order: Any = 3, axis: Any = -1, mode: Any = "mirror") -> Any:
    return apply("spline_filter_back", g, order, axis, mode)


def _filtered(x: Any, order: Any = 3, mode: Any = "mirror") -> Any:
    for axis in range(rank_known(x, "scipy.ndimage.spline_filter")):
        x = apply("ndimage.spline_filter1d", x, order, axis, mode=mode)
    return x


def _affine_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """That of the image, but for a shape that is given."""
    shape = statics.get("output_shape")
    if shape is None:
        found: Type | None = shaped_like(0)(spelling, args, params, operands, statics)
        return found
    known = isinstance(args[0], Array) and isinstance(shape, tuple | list)
    return Array(args[0].dtype, (ANY,) * len(shape)) if known else None


def _at_type(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """An element for each place."""
    x, places = args[:2]
    known = isinstance(x, Array) and isinstance(places, Array) and dtype_kind(x) == "f" and places.ndim > 1
    return Array(x.dtype if spelling.entry.name == "ndimage.map_coordinates" else "float64", places.shape[1:]) if known else None


def _grid_type(position: int) -> Any:
    """A coordinate along each axis for each element of an argument."""

    def infer(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
        y = args[position]
        return Array("float64", (Dim(f"={y.ndim}"), *y.shape)) if isinstance(y, Array) else UNKNOWN

    return infer


def _samples() -> dict[str, Any]:
    image, line = arr(5, 6), arr(7)
    places = np.array([[0.3, 1.6, 2.2, 3.7, -0.8, 4.6], [0.6, 3.3, 2.7, 4.4, 5.8, 1.3]])
    modes = tuple(Sample((image, places), {"mode": m, "cval": 0.7, "order": 2 + k % 4}) for k, m in enumerate(
        ("reflect", "mirror", "nearest", "wrap", "constant", "grid-wrap", "grid-mirror", "grid-constant")))  # fmt: skip
    turn = np.array([[0.813, -0.387], [0.317, 0.893]])
    return {
        "map_coordinates": calls((image, places), (line, np.array([[0.4, 5.2, 2.3]])), *modes,
            Sample((image, places), {"prefilter": False, "mode": "mirror"}), Sample((image, places), {"order": 1})),
        "shift": calls((image, 0.3), (image, [0.4, -1.2]), (image, np.array([0.4, -1.2])),
            Sample((line, 1.7), {"mode": "reflect", "order": 2})),
        "affine_transform": calls((image, turn, 0.337), Sample((image, turn, np.array([0.719, -0.223])), {"mode": "mirror"}),
            (image, np.array([0.813, 1.117]), [0.337, 0.223]), Sample((image, np.hstack([turn, [[0.337], [0.223]]])), {"order": 4}),
            Sample((image, turn, 0.119), {"output_shape": (3, 4), "mode": "nearest"})),
        "rotate": calls((image, 17.0), Sample((image, -33.0), {"reshape": False, "mode": "mirror"}),
            Sample((arr(3, 4, 2), 12.0), {"axes": (2, 0), "order": 2})),
        "zoom": calls(Sample((image,), {"zoom": 1.6}), Sample((image,), {"zoom": (0.7, 2.2)}),
            Sample((image,), {"zoom": 1.6, "mode": "grid-constant", "grid_mode": True, "cval": 0.4}),
            Sample((line,), {"zoom": 0.3, "order": 1, "mode": "nearest"})),
    }  # fmt: skip


def rules(ndimage: Any) -> tuple[Spellings, ...]:
    """The entries."""
    samples = _samples()
    at: dict[str, Any] = {"infer": _at_type, "operands": 2}

    filtered: dict[str, Any] = {"statics": ("order", "mode"), "arrays": 1}
    mapped = (
        general(ndimage.map_coordinates, vjp=at_vjp, jvp=at_jvp, names=("input", "coordinates"), arrays=2,
            statics=_OPTIONS, sample=samples["map_coordinates"], **at, **_name("map_coordinates")),
        _mapped(ndimage, "shift", _shifted, ("input", "shift"), 2, samples["shift"], shaped_like(0)),
        _mapped(ndimage, "affine_transform", _by_matrix, ("input", "matrix", "offset", "output_shape"), 3, samples["affine_transform"],
            _affine_type),
        _mapped(ndimage, "rotate", _turned, ("input", "angle", "axes", "reshape"), 2, samples["rotate"]),
        general(ndimage.zoom, vjp=_zoom_vjp, jvp=_zoom_jvp, names=("input", "zoom"), arrays=1, statics=(*_OPTIONS, "grid_mode"),
            sample=samples["zoom"], **_name("zoom")),
        linear(ndimage.spline_filter1d, transpose=_filter_back, names=("input", "order", "axis"),
            sample=calls((arr(6),), (arr(5, 6), 2, 0), Sample((arr(5, 6),), {"mode": "reflect"})), **filtered, **_name("spline_filter1d")),
        composed(ndimage.spline_filter, _filtered, names=("input", "order"), sample=calls((arr(6),), (arr(5, 6), 4)), **filtered,
            **_name("spline_filter")),
    )  # fmt: skip
    return (
        *map(of_reals, mapped),
        helper(runtime.image_at, general, vjp=at_vjp, jvp=at_jvp, names=("x", "places", *_OPTIONS, "by"), fresh=True, **at),
        helper(runtime.image_back, general, vjp=back_vjp, jvp=back_jvp, names=("g", "x", "places", "order", "mode", "prefilter", "by"),
            operands=3, infer=shaped_like(1), fresh=True),
        helper(runtime.spline_filter_back, linear, names=("g", "order", "axis", "mode"), infer=shaped_like(0), fresh=True,
            transpose=lambda c, g, order=3, axis=-1, mode="mirror": apply("ndimage.spline_filter1d", c, order, axis, mode=mode)),
        step_helper(runtime.grid_of, shape_only=(0,), infer=_grid_type(0)),
        step_helper(runtime.zoomed_places, shape_only=(0, 1), infer=_grid_type(1)),
    )  # fmt: skip
