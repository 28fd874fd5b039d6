"""`np.pad` in every mode: what is put around an array is copied from it, computed from its rows, or constant."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ops.compose import through
from srcad.ops.entry import Sample
from srcad.ops.infer import shaped_like
from srcad.ops.op import general, helper, linear
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, constant, is_traced, rank_known

_CONSTANT = ("constant", "empty")
_COPIED = ("edge", "reflect", "symmetric", "wrap")
_OF_ROWS = {"mean": "np.mean", "maximum": "np.max", "minimum": "np.min", "median": "np.median"}


def _widths(x: Any, width: Any) -> Any:
    """How much is put before and behind, in the form of a pair per axis where it is given by a dict."""
    if not isinstance(width, dict):
        return width
    n = rank_known(x, "np.pad")
    given = {k % n: v for k, v in width.items()}
    return tuple((v, v) if isinstance(v, int) else tuple(v) for v in (given.get(k, 0) for k in range(n)))


def _pairs(x: Any, given: Any, what: str) -> list[tuple[Any, Any]]:
    """A pair per axis; what NumPy broadcasts is given once."""
    if is_traced(given):
        raise NoRule(f"`np.pad` with `{what}` that is only known at run time has no rule for this mode", "write it as a literal")
    whole = np.broadcast_to(np.asarray(given), (rank_known(x, "np.pad"), 2))
    return [(low, high) for low, high in whole.tolist()]


def padded(
    x: Any, width: Any, mode: Any, constant_values: Any = 0, end_values: Any = 0, stat_length: Any = None, reflect_type: Any = "even",
) -> Any:  # fmt: skip
    """The array with its padding, which is not constant."""
    if mode in _COPIED:
        if reflect_type == "odd" and mode in ("reflect", "symmetric"):
            return _mirrored(x, width, mode)
        places = constant(x, "np.arange", apply("np.size", x))
        return apply("np.take", x, apply("np.pad", apply("np.reshape", places, apply("np.shape", x)), width, mode))
    if mode not in _OF_ROWS and mode != "linear_ramp":
        raise NoRule("`np.pad` has no rule for functions of your own", "join the parts with np.concatenate")
    lengths = _pairs(x, stat_length, "stat_length") if stat_length is not None else None
    ends = _pairs(x, end_values, "end_values")
    for axis, around in enumerate(_pairs(x, width, "pad_width")):
        reach = (None, None) if lengths is None else lengths[axis]
        joined = [x]
        for side, n in enumerate(around):
            if n:
                ramp = mode == "linear_ramp"
                part = _ramp(x, axis, n, ends[axis][side], side) if ramp else _row(x, axis, n, reach[side], side, _OF_ROWS[mode])
                joined.insert(len(joined) * side, part)
        x = x if len(joined) == 1 else apply("np.concatenate", joined, axis)
    return x


def _mirrored(x: Any, width: Any, mode: str) -> Any:
    """Twice the edge less what is reflected, again and again where that is not enough: a product with a matrix for each axis."""
    ndim = rank_known(x, "np.pad")
    for axis, around in enumerate(_pairs(x, width, "pad_width")):
        unit = constant(x, "np.eye", apply("np.size", x, axis))
        matrix = apply("np.pad", unit, (around, (0, 0)), mode, reflect_type="odd")
        x = x if ndim == 1 else apply("np.moveaxis", x, axis, -1)
        x = x @ matrix.T
        x = x if ndim == 1 else apply("np.moveaxis", x, -1, axis)
    return x


def _row(x: Any, axis: int, n: int, reach: int | None, side: int, reduction: str) -> Any:
    """What a reduction makes of the elements next to the border, `n` times."""
    part = slice(None) if reach is None else slice(None, reach) if side == 0 else slice(-reach, None)
    return apply("np.repeat", apply(reduction, x[(*(slice(None),) * axis, part)], axis=axis, keepdims=True), n, axis)


def _ramp(x: Any, axis: int, n: int, end: float, side: int) -> Any:
    """Steps from the end value to the element at the border."""
    steps = constant(x, "np.arange", n) / n
    steps = (steps if side == 0 else steps[::-1])[(slice(None), *(None,) * (rank_known(x, "np.pad") - 1 - axis))]
    edge = x[(*(slice(None),) * axis, slice(0, 1) if side == 0 else slice(-1, None))]
    return end + (edge - end) * steps


_AROUND_VJP, _AROUND_JVP = through(padded)


def pad_vjp(g: Any, y: Any, x: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> tuple[Any, ...]:
    """The part that is not padding, and what the padding was made of."""
    width = _widths(x, pad_width)
    if mode in _CONSTANT:
        return (apply("pad_back", g, x, width),)
    return _AROUND_VJP(g, y, x, width=width, mode=mode, **options)


def pad_jvp(t: Any, y: Any, x: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    """The tangent in its own padding."""
    width = _widths(x, pad_width)
    return apply("np.pad", t[0], width) if mode in _CONSTANT else _AROUND_JVP(t, y, x, width=width, mode=mode, **options)


_LINE, _MATRIX = arr(4), arr(3, 4, seed=1)
_AROUND = ((1, 0), (2, 3))

RULES = (
    general(np.pad, vjp=pad_vjp, jvp=pad_jvp, names=("array", "pad_width", "mode"), arrays=1,
        statics=("constant_values", "end_values", "stat_length", "reflect_type"), sample=calls(
            (arr(3), 1), (arr(2, 3), ((1, 0), (2, 1))), Sample((_LINE, 2), {"constant_values": 0.4}), (_MATRIX, {-1: (0, 2)}),
            *((_MATRIX, _AROUND, mode) for mode in (*_COPIED, *_OF_ROWS, "linear_ramp")), (_LINE, 9, "reflect"), (_LINE, (2, 5), "wrap"),
            *(Sample((_MATRIX, _AROUND, mode), {"reflect_type": "odd"}) for mode in ("reflect", "symmetric")),
            *(Sample((_MATRIX, _AROUND, mode), {"stat_length": 2}) for mode in _OF_ROWS),
            Sample((_MATRIX, _AROUND, "linear_ramp"), {"end_values": ((0.3, 0.0), (1.2, -0.7))}))),
    helper(runtime.pad_back, linear, names=("g", "x", "width"), operands=2, transpose=lambda c, g, x, width: apply("np.pad", c, width),
        infer=shaped_like(1), sample=calls((arr(5), arr(3), 1))),
)  # fmt: skip
