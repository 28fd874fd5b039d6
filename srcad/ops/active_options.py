"""Options that carry a derivative: `np.var(x, mean=m)`, `np.sum(x, initial=s)`, `np.interp(x, xp, fp, left=a)`.

A function takes them by keyword, and rules give cotangents by position.  So where such an option is differentiated the call becomes
one of another op, whose operands are those of the function and then the options; it prints as the same call.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Effect, Op
from srcad.ops.compose import Body, composed
from srcad.ops.entry import REGISTRY, Entry, Sample, Spelling
from srcad.ops.infer import shaped_like
from srcad.ops.op import Spellings, general, helper, linear
from srcad.ops.padding import pad_vjp
from srcad.ops.polynomial import polyfit_jvp, polyfit_vjp
from srcad.ops.quantiles import HOLES
from srcad.ops.reduce import std_jvp, std_vjp, var_jvp, var_vjp
from srcad.ops.samples import arr, calls
from srcad.ops.statistics import present
from srcad.ops.trace import apply, maybe_complex, o

_OPS: dict[str, dict[frozenset[str], str]] = {}
"""Entry name -> options -> the name of the op that has these as operands."""


def taking(entry: Entry, options: Iterable[str]) -> tuple[Spelling, tuple[str, ...]] | None:
    """The spelling of an entry that has all these options as operands, and the names of those that it has."""
    wanted = frozenset(options)
    name = next((op for names, op in _OPS.get(entry.name, {}).items() if wanted and wanted <= names), "")
    found = REGISTRY.by_op(name)
    return None if found is None else (found, found.entry.names[entry.operands :])


def _optional(path: str, *options: str, body: Body | None = None, **fields: Any) -> Spellings:
    known = REGISTRY.by_op(path)
    assert known is not None
    return optional(known, *options, body=body, **fields)


def optional(known: Spelling, *options: str, body: Body | None = None, **fields: Any) -> Spellings:
    """An op for options of a function: equal to `body(*operands, *options, **statics)`, or with rules of its own."""
    entry, function, path = known.entry, known.object, known.op.name
    count, name = entry.operands, f"{path}.{'_'.join(options)}"
    shown = [*(f"_{k}" for k in range(count)), *(f"{n}=_{count + k}" for k, n in enumerate(options))]
    _OPS.setdefault(entry.name, {})[frozenset(options)] = name

    def call(*args: Any, **statics: Any) -> Any:
        return function(*args[:count], **dict(zip(options, args[count:], strict=True)), **statics)

    rest = tuple(n for n in (*entry.names[count:], *entry.statics) if n not in (*options, "out"))
    fields |= {"names": (*entry.names[:count], *options), "operands": count + len(options), "statics": rest, "infer": entry.infer,
        "name": name, "path": "", "op": Op(name, f"{path}({', '.join(shown)})", known.op.imports, Effect.RAISES)}  # fmt: skip
    return general(call, arrays=count + len(options), **fields) if body is None else composed(call, body, arrays=count, **fields)


# ---- about another centre, from another start ------------------------------------------------------------------------


def _about(vjp: Any, jvp: Any, *, missing: bool = False) -> dict[str, Any]:
    """Both modes of a spread about a centre that is given."""

    def looked(x: Any, where: Any) -> Any:
        return present(x, where) if missing else where

    def backward(g: Any, y: Any, x: Any, mean: Any, where: Any = None, **statics: Any) -> tuple[Any, Any]:
        bar = vjp(g, y, x, where=looked(x, where), mean=mean, **statics)[0]
        return o.unbroadcast(bar, x), o.unbroadcast(-bar, mean)

    def forward(t: Any, y: Any, x: Any, mean: Any, where: Any = None, **statics: Any) -> Any:
        move = -t[1] if t[0] is None else t[0] if t[1] is None else t[0] - t[1]
        return jvp((move,), y, x, where=looked(x, where), mean=mean, **statics)

    return {"vjp": backward, "jvp": forward}


def _started(path: str, combine: str, first: float | None = None) -> Spellings:
    """A reduction joined with the value that it starts from."""
    start = {} if first is None else {"initial": first}
    low, x = 0.4 if combine in ("np.minimum", "np.fmin") else 0.1, arr(2, 3)
    some = np.array([[True, False, True], [True, True, False]])

    def body(x: Any, initial: Any, **statics: Any) -> Any:
        return apply(combine, apply(path, x, **start, **statics), initial)

    return _optional(path, "initial", body=body, sample=calls(
        (x, low), Sample((x, low), {"axis": 1}), Sample((x, low), {"where": some, "axis": 0, "keepdims": True})))  # fmt: skip


_STARTS: tuple[tuple[str, str, float | None], ...] = (
    ("sum", "add", None), ("nansum", "add", None), ("prod", "multiply", None), ("nanprod", "multiply", None),
    ("max", "maximum", -np.inf), ("nanmax", "fmax", -np.inf), ("min", "minimum", np.inf), ("nanmin", "fmin", np.inf),
    ("add.reduce", "add", None), ("multiply.reduce", "multiply", None), ("logaddexp.reduce", "logaddexp", -np.inf),
    ("maximum.reduce", "maximum", -np.inf), ("minimum.reduce", "minimum", np.inf),
    ("fmax.reduce", "fmax", -np.inf), ("fmin.reduce", "fmin", np.inf),
)  # fmt: skip


# ---- values put in ---------------------------------------------------------------------------------------------------


def ends_body(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Interpolation with values of its own beyond the nodes; with a period there is no beyond."""
    if period is not None:
        return apply("np.interp", x, xp, fp, period=period)
    found = apply("np.interp", x, xp, fp)
    if left is not None:
        found = apply("np.where", x < xp[0], left, found)
    return found if right is None else apply("np.where", x > xp[-1], right, found)


def replaced_body(x: Any, nan: Any = None, posinf: Any = None, neginf: Any = None, copy: Any = True) -> Any:
    """The array with values in place of what is not finite."""
    if maybe_complex(x):
        raise NoRule("`np.nan_to_num` of complex numbers has no derivative with respect to its options", "replace them by np.where")
    found = apply("np.nan_to_num", x)
    for test, value in (("np.isnan", nan), ("np.isposinf", posinf), ("np.isneginf", neginf)):
        if value is not None:
            found = apply("np.where", apply(test, x), value, found)
    return found


def period_body(p: Any, period: Any, discont: Any = None, axis: Any = -1) -> Any:
    """Whole periods are added, whose number is constant."""
    options = {"period": period, "axis": axis} | ({} if discont is None else {"discont": discont})
    return p + period * apply("np.rint", (apply("np.unwrap", p, **options) - p) / period)


def _around(option: str) -> dict[str, Any]:
    """Both modes of padding with values, which is linear in the array and the values together."""
    name = f"np.pad.{option}"

    def backward(g: Any, y: Any, x: Any, value: Any, pad_width: Any, **statics: Any) -> tuple[Any, Any]:
        bar = pad_vjp(g, y, x, pad_width, **statics)[0]
        return bar, apply("padding_back", g, x, value, option, pad_width, **statics)

    def forward(t: Any, y: Any, x: Any, value: Any, **statics: Any) -> Any:
        moves = (o.zeros_like(v) if move is None else move for v, move in zip((x, value), t, strict=True))
        return apply(name, *moves, **statics)

    return {"vjp": backward, "jvp": forward}


def padding_transpose(c: Any, g: Any, x: Any, value: Any, option: Any, pad_width: Any, mode: Any = "constant") -> Any:
    """Of the cotangent of the values: the padding alone."""
    return apply(f"np.pad.{option}", o.zeros_like(x), c, pad_width=pad_width, mode=mode)


def _weighed_fit() -> dict[str, Any]:
    """Both modes of a fit with weights."""

    def backward(g: Any, p: Any, x: Any, y: Any, w: Any, **statics: Any) -> tuple[Any, ...]:
        return polyfit_vjp(g, p, x, y, w=w, **statics)

    def forward(t: Any, p: Any, x: Any, y: Any, w: Any, **statics: Any) -> Any:
        return polyfit_jvp(t, p, x, y, w=w, **statics)

    return {"vjp": backward, "jvp": forward}


_FAR = (np.array([-0.6, 0.4, 1.7, 2.9]), np.array([0.0, 1.0, 2.5]), np.array([0.3, -0.7, 1.1]))
_X = np.array([0.1, 0.4, 0.9, 1.1, 1.8])
_BAD = np.array([0.3, np.nan, -np.inf, np.inf, 1.4])
_CENTRES = (Sample((arr(4), 0.7)), Sample((arr(2, 3), arr(2, 1, seed=1)), {"axis": 1, "keepdims": True}),
    Sample((arr(2, 3), arr(3, seed=1)), {"axis": 0, "ddof": 1}),
    Sample((arr(3, 2), arr(2, seed=1)), {"axis": 0, "where": np.array([[True, True], [True, False], [True, True]])}))  # fmt: skip
_HOLED = calls((HOLES, 0.4), Sample((HOLES, arr(3, 1, seed=1)), {"axis": 1}))
_AROUND = {"pad_width": ((1, 0), (2, 3))}


def rules() -> tuple[Spellings, ...]:
    """The entries; those of the functions themselves are in the table already."""
    return (
        _optional("np.var", "mean", sample=lambda: _CENTRES, **_about(var_vjp, var_jvp)),
        _optional("np.std", "mean", sample=lambda: _CENTRES, singular=True, **_about(std_vjp, std_jvp)),
        _optional("np.nanvar", "mean", sample=_HOLED, **_about(var_vjp, var_jvp, missing=True)),
        _optional("np.nanstd", "mean", sample=_HOLED, singular=True, **_about(std_vjp, std_jvp, missing=True)),
        *(_started(f"np.{name}", f"np.{combine}", first) for name, combine, first in _STARTS),
        _optional("math.prod", "start", body=lambda x, start: start * apply("np.prod", x), sample=calls(([0.3, -1.2], 0.7), (arr(3), 0.4))),
        _optional("np.interp", "left", "right", body=ends_body, sample=calls((*_FAR, 0.4, 1.2), (*_FAR, None, 1.2), (*_FAR, 0.4, None))),
        _optional("np.nan_to_num", "nan", "posinf", "neginf", body=replaced_body, sample=calls((_BAD, 0.7, 0.4, -0.3))),
        _optional("np.unwrap", "period", body=period_body, sample=calls((3.0 * arr(6), 0.9), Sample((3.0 * arr(2, 5), 0.7), {"axis": 0}))),
        _optional("np.polyfit", "w", **_weighed_fit(), sample=calls(
            Sample((_X, arr(5), arr(5, low=0.3)), {"deg": 2}), Sample((_X, arr(5, 2), arr(5, low=0.3)), {"deg": 1}),
            Sample((_X, arr(5), arr(5, low=0.3)), {"deg": 2, "rcond": 1e-6}))),
        _optional("np.pad", "constant_values", **_around("constant_values"), sample=calls(
            Sample((arr(3), 0.4), {"pad_width": 2}), Sample((arr(3, 4), ((0.3, -0.1), (1.2, 0.7))), _AROUND))),
        _optional("np.pad", "end_values", **_around("end_values"), sample=calls(
            Sample((arr(3, 4), (0.3, -0.1)), {**_AROUND, "mode": "linear_ramp"}))),
        helper(runtime.padding_back, linear, transpose=padding_transpose, names=("g", "x", "value", "option", "pad_width", "mode"),
            operands=5, infer=shaped_like(2)),
    )  # fmt: skip
