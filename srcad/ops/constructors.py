"""New arrays, copies and conversions."""
from __future__ import annotations

from typing import Any

import numpy as np

from srcad.errors import NoRule
from srcad.ir.nodes import View
from srcad.ir.types import Array, Dim, ListOf, NpScalar, Scalar, Type, is_number, is_scalar
from srcad.ops.compose import through
from srcad.ops.entry import Sample
from srcad.ops.infer import ANY, dtype_of, is_type, named_dtype, nested_shape
from srcad.ops.op import Spelled, Spellings, general, linear, nondiff, refused
from srcad.ops.samples import arr, calls
from srcad.ops.shape import literal_shape
from srcad.ops.trace import apply, constant, o, rank, type_at


def dtype_name(dtype: Any, default: str) -> str | None:
    """The dtype that a `dtype=` argument asks for; None if it is not known now, or not one of numbers."""
    if dtype is None:
        return default
    if is_type(dtype):
        found = named_dtype(dtype)
        return None if found is None else found.name
    try:
        asked = np.dtype(dtype)
    except TypeError:
        return None
    return str(asked.name) if asked.kind in "biufc" and asked.isnative else None


def infer_shaped(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """`np.zeros(shape, dtype)` and its like."""
    given = dict(zip(("shape", "dtype"), args, strict=False)) | params
    dims, dtype = literal_shape(given.get("shape")), dtype_name(given.get("dtype"), "float64")
    return None if dims is None or dtype is None else Array(dtype, dims)


def infer_like(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """`np.zeros_like(x, dtype)` and its like."""
    given = dict(zip(("a", "dtype"), args, strict=False)) | params
    shape = nested_shape(args[0])
    dtype = dtype_name(given.get("dtype"), dtype_of(args[0]) or "float64")
    return None if shape is None or dtype is None or given.get("shape") is not None else Array(dtype, shape)


def infer_full(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """`np.full(shape, value, dtype)`."""
    dims = literal_shape(args[0]) if args else None
    dtype = dtype_name(statics.get("dtype"), dtype_of(args[1]) or "") if len(args) > 1 else None
    return None if dims is None or not dtype else Array(dtype, dims)


def infer_full_like(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """`np.full_like(x, value, dtype)`."""
    shape = nested_shape(args[0])
    dtype = dtype_name(statics.get("dtype"), dtype_of(args[0]) or "")
    return None if shape is None or not dtype else Array(dtype, shape)


def infer_astype(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The shape of the operand, the dtype asked for."""
    dtype, x = dtype_name(statics.get("dtype"), ""), args[0]
    if not dtype:
        return None
    return Array(dtype, x.shape) if isinstance(x, Array) else NpScalar(dtype) if isinstance(x, NpScalar) else None


def infer_copy(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The type of the operand; an array from `np.copy` of a number."""
    x = args[0]
    if spelling.op.name == "ndarray.copy":
        return x if is_number(x) or isinstance(x, ListOf) else None
    shape, dtype = nested_shape(x), dtype_of(x)
    return None if shape is None or dtype is None else Array(dtype, shape)


def python_class(x: Array | NpScalar) -> Scalar:
    """The Python number that an element turns into."""
    return Scalar({"f": "float", "c": "complex", "b": "bool"}.get(np.dtype(x.dtype).kind, "int"))


def infer_item(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The Python number."""
    return python_class(args[0]) if isinstance(args[0], Array | NpScalar) else None


def infer_tolist(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """Lists as deep as the rank."""
    x = args[0]
    if not isinstance(x, Array | NpScalar):
        return None
    found: Type = python_class(x)
    for _ in range(x.ndim if isinstance(x, Array) else 0):
        found = ListOf(found)
    return found


def infer_arange(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """One axis; the dtype of the arguments together."""
    dtype = dtype_name(params.get("dtype"), "")
    given = [dtype_of(a) for a in args]
    if not dtype and None not in given:
        dtype = np.result_type("int64", *(d for d in given if d)).name
    if not dtype:
        return None
    return Array(dtype, (Dim(f"={max(args[0], 0)}"),) if len(args) == 1 and type(args[0]) is int else (ANY,))


def infer_eye(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """A square of literal or unknown size."""
    dtype = dtype_name(params.get("dtype"), "float64")
    rows = args[0] if args else params.get("N")
    columns = args[1] if len(args) > 1 else params.get("M")
    dims = [Dim(f"={n}") if type(n) is int else ANY for n in (rows, rows if columns is None else columns)]
    return None if dtype is None else Array(dtype, tuple(dims))


def scalar_transpose(g: Any, x: Any) -> Any:
    """`np.float64(x)`: a change of type only."""
    return g if is_scalar(type_at(x)) or isinstance(type_at(x), Array) else o.unbroadcast(g, x)


def item_transpose(g: Any, x: Any, *index: Any) -> Any:
    """`x.item()`: the only element, or that at the index."""
    index = index[0] if len(index) == 1 and isinstance(index[0], tuple) else index
    if index and index[0] is not None:
        return apply("take_back", g, x, index[0], None) if len(index) == 1 else apply("scatter_add", x, tuple(index), g)
    return g if is_scalar(type_at(x)) else o.stretch(g, x)


def tolist_transpose(g: Any, x: Any) -> Any:
    """An array again."""
    return g if is_scalar(type_at(x)) else apply("np.array", g)


def linspace_parts(like: Any, num: Any, endpoint: bool) -> Any:
    """The weight of the end in each point."""
    return constant(like, "np.linspace", 0.0, 1.0, num) if endpoint else constant(like, "np.linspace", 0.0, 1.0, num, endpoint=False)


def _converted(name: str) -> Spellings:
    fn = getattr(np, name)
    return linear(fn, transpose=scalar_transpose, path=f"np.{name}", name=f"np.{name}", sample=calls((0.7,)) if name == "float64" else None)


NEW = (
    *(nondiff(f"np.{n}", name=f"np.{n}", infer=infer_shaped) for n in ("zeros", "ones", "empty")),
    *(nondiff(f"np.{n}", name=f"np.{n}", infer=infer_like) for n in ("zeros_like", "ones_like", "empty_like")),
    *(nondiff(f"np.{n}", name=f"np.{n}", infer=infer_eye) for n in ("eye", "identity", "tri")),
    *(nondiff(f"np.{n}", name=f"np.{n}") for n in ("hamming", "hanning", "blackman")),
    nondiff("np.ndarray", name="np.ndarray", infer=infer_shaped), refused("np.fromiter"),
)  # fmt: skip

COPIES = (
    linear(np.copy, transpose=lambda g, x, **k: g, name="np.copy", names=("a", "order"), statics=("order",), infer=infer_copy,
        spelled=(Spelled("x.copy()", names=("a", "order")),), sample=calls((arr(2, 3),))),
    linear(lambda x, dtype, **k: x.astype(dtype, **k), transpose=lambda g, x, dtype, **k: g, name="astype", path="", names=("x", "dtype"),
        statics=("copy",), spelled=(Spelled("x.astype()", view=View.MAYBE),), infer=infer_astype, sample=calls((arr(2, 3), float))),
    linear(lambda x, *i: x.item(*i), transpose=item_transpose, name="item", path="", names=("*xs",), infer=infer_item,
        spelled=("x.item()",),
        sample=calls((np.array([0.7]),), (arr(3), 1), (arr(2, 3), 1, 2), (arr(2, 3), (1, 2)))),
    linear(lambda x: x.tolist(), transpose=tolist_transpose, name="tolist", path="", spelled=("x.tolist()",), infer=infer_tolist,
        sample=calls((arr(3),), (arr(2, 3),))),
    *map(_converted, ("float64", "float32", "float16", "complex128", "complex64", "longdouble", "clongdouble")),
)  # fmt: skip


def full_vjp(g: Any, y: Any, shape: Any, value: Any, **statics: Any) -> tuple[Any, Any]:
    """The sum over all places."""
    return None, o.unbroadcast(g, value)


def full_jvp(t: Any, y: Any, shape: Any, value: Any, **statics: Any) -> Any:
    """The tangent in all places."""
    return None if t[1] is None else apply("np.full", shape, t[1])


def full_like_jvp(t: Any, y: Any, x: Any, value: Any, **statics: Any) -> Any:
    """The tangent in all places; the first operand gives its shape only."""
    return None if t[1] is None else apply("np.full_like", x, t[1])


def weights_of(start: Any, stop: Any, num: Any, endpoint: Any) -> Any:
    """The weight of the end in each point, with axes behind for those of the ends."""
    ranks = rank(start), rank(stop)
    if ranks[0] is None or ranks[1] is None:
        raise NoRule("points between ends of unknown rank have no rule", "give the names one rank on all paths")
    weight, behind = linspace_parts((start, stop), num, endpoint), max(ranks[0], ranks[1])
    return weight[(slice(None), *(None,) * behind)] if behind else weight


def linspace_body(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None, axis: Any = 0,
) -> Any:  # fmt: skip
    """Means of the ends along a new axis; with `retstep` the distance of neighbours too."""
    weight = weights_of(start, stop, num, endpoint)
    points = start * (1.0 - weight) + stop * weight
    points = points if axis == 0 else apply("np.moveaxis", points, 0, axis)
    return (points, (stop - start) / (num - bool(endpoint))) if retstep else points


_BETWEEN_VJP, _BETWEEN_JVP = through(linspace_body)


def linspace_vjp(g: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, **options: Any) -> tuple[Any, ...]:
    """Each point is a mean of the ends."""
    if rank(start) != 0 or rank(stop) != 0 or options.get("retstep"):
        return _BETWEEN_VJP(g, y, start, stop, num=num, endpoint=endpoint, **options)
    weight = linspace_parts(y, num, endpoint)
    return apply("np.sum", g * (1.0 - weight)), apply("np.sum", g * weight)


def linspace_jvp(t: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, **options: Any) -> Any:
    """Each point is a mean of the ends."""
    if rank(start) != 0 or rank(stop) != 0 or options.get("retstep"):
        return _BETWEEN_JVP(t, y, start, stop, num=num, endpoint=endpoint, **options)
    weight = linspace_parts(y, num, endpoint)
    first = None if t[0] is None else t[0] * (1.0 - weight)
    second = None if t[1] is None else t[1] * weight
    return second if first is None else first if second is None else first + second


FILLED = (
    general(np.full, vjp=full_vjp, jvp=full_jvp, names=("shape", "fill_value", "dtype"), operands=2, infer=infer_full,
        sample=calls(((2, 3), 0.7), (3, 0.5))),
    general(np.full_like, vjp=full_vjp, jvp=full_like_jvp, names=("a", "fill_value", "dtype"), operands=2, infer=infer_full_like,
        sample=calls((arr(2, 3), 0.7))),
    general(np.linspace, vjp=linspace_vjp, jvp=linspace_jvp, names=("start", "stop", "num", "endpoint", "retstep"), operands=2, arrays=2,
        statics=("dtype", "axis"), sample=calls((0.3, 1.7), Sample((0.3, 1.7, 5), {"endpoint": False}), (arr(2), arr(2, seed=1), 4),
            Sample((arr(2), arr(3, 2), 4), {"axis": -1}), (0.3, 1.7, 5, False, True), (arr(2), 1.3, 3, True, True))),
)  # fmt: skip

RULES = (*NEW, *COPIES, *FILLED)
