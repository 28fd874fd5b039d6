"""Joining arrays: linear, each with its own transpose, which cuts."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import Op
from srcad.ir.types import Array, Dim, ListOf, Scalar, Struct, TupleOf, Type
from srcad.ops.infer import ANY, ONE, broadcast, dtype_of, generic, nested_shape, type_of
from srcad.ops.op import filled, general, linear
from srcad.ops.samples import arr, calls
from srcad.ops.shape import same_kind, transposer, with_shape
from srcad.ops.trace import apply, find_builder, literal, o, rank, type_at

def infer_stack(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """One more axis, as long as there are parts."""
    found = generic(spelling.object, args, params)
    parts, axis = args[0], statics.get("axis", 0)
    shapes = [nested_shape(p) for p in parts] if isinstance(parts, list | tuple) else []
    if not shapes or None in shapes or type(axis) is not int:
        return found
    dims = list(broadcast(s or () for s in shapes))
    dims.insert(axis % (len(dims) + 1), Dim(f"={len(shapes)}"))
    return with_shape(found, dims)


def infer_joined(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The lengths of the parts, added up along the axis that joins; a run on dummies where the parts do not tell."""
    name, axis = spelling.entry.name, statics.get("axis", 0)
    alone = name in _JOINERS and not isinstance(args[0], TupleOf)
    parts = args[0] if isinstance(args[0], list | tuple) else (args[0],) if alone else ()
    shapes = [_raised(name, nested_shape(p)) for p in parts]
    dtype = _joined_dtype(name, parts)
    if not parts or None in shapes or dtype is None or statics.get("dtype") is not None or type(axis) is not int:
        return generic(spelling.object, args, params)
    known = [s for s in shapes if s is not None]
    ndim = len(known[0])
    if not ndim or any(len(s) != ndim for s in known):
        return generic(spelling.object, args, params)
    along = {"hstack": min(ndim - 1, 1), "column_stack": 1, "np.c_": ndim - 1, "concatenate": axis % ndim}.get(name, 0)
    dims = list(broadcast((*s[:along], ANY, *s[along + 1:]) for s in known))
    lengths = [s[along].length for s in known]
    dims[along] = ANY if None in lengths else Dim(f"={sum(n or 0 for n in lengths)}")
    return Array(dtype, tuple(dims))


_JOINERS = ("np.r_", "np.c_")


def _raised(name: str, shape: tuple[Dim, ...] | None) -> tuple[Dim, ...] | None:
    """The shape of a part as it is joined: numbers and vectors get the axes that they lack."""
    if shape is None or name == "concatenate":
        return shape
    shape = shape or (ONE,)
    if len(shape) > 1 or name in ("np.r_", "hstack"):
        return shape
    return (ONE, *shape) if name == "vstack" else (*shape, ONE)


def _joined_dtype(name: str, parts: Sequence[Any]) -> str | None:
    """The dtype of the result; Python numbers in the brackets of `np.r_` take that of the arrays, those in lists do not."""
    found: list[Any] = []
    for p in parts:
        weak = name in _JOINERS and isinstance(type_of(p), Scalar)
        own = _nested_dtype(p)
        if own is None:
            return None
        found.append(np.dtype(own).type(1).item() if weak else np.dtype(own))
    return np.result_type(*found).name if found else None


def _nested_dtype(a: Any) -> str | None:
    """The dtype of `np.asarray(a)` for nested lists of numbers and arrays."""
    if isinstance(a, ListOf | TupleOf):
        return _nested_dtype(a.item)
    if not isinstance(a, list | tuple | Struct):
        return dtype_of(a)
    items = a.items if isinstance(a, Struct) else a
    found = [_nested_dtype(i) for i in items]
    known = [f for f in found if f is not None]
    return np.result_type(*known).name if known and len(known) == len(found) else None


# ---- transposes ------------------------------------------------------------------------------------------------------


def concatenate_back(g: Any, parts: Any, axis: Any = 0, **statics: Any) -> Any:
    """Each part's slice."""
    if not isinstance(parts, list | tuple):
        return apply("split_like", g, parts, axis)
    if _unranked(parts):
        return _items("split_like", g, parts, axis)
    if axis is None:
        return same_kind([o.reshape_as(piece, p) for piece, p in zip(_cuts(g, parts, 0, True), parts, strict=True)], parts)
    return same_kind(_cuts(g, parts, axis, False), parts)


def _unranked(parts: Any) -> bool:
    """Whether the rank of some part is only known at run time."""
    return any(_rank(p) is None for p in parts)


def _rank(p: Any) -> int | None:
    """The rank of a part, which may be a list of parts of its own; None if it is only known at run time."""
    if not isinstance(p, list | tuple):
        return rank(p)
    inner = _rank(p[0]) if p else 0
    return None if inner is None else inner + 1


def _items(name: str, g: Any, parts: Any, *options: Any) -> Any:
    """The cotangents of the parts, cut at run time."""
    whole = apply(name, g, list(parts), *options)
    return same_kind([whole[k] for k in range(len(parts))], parts)


def _cuts(g: Any, parts: Any, axis: Any, flat: bool) -> list[Any]:
    """Consecutive pieces of `g`, as long as the parts; a part of lower rank is one row, column or item."""
    found, start = [], 0
    ndim = 1 if flat else rank(g) or _rank(parts[0])
    before = (slice(None),) * (axis % ndim if ndim else 0)
    for k, p in enumerate(parts):
        low = not flat and (_rank(p) or 0) < (ndim or 0)
        n = apply("np.size", p) if flat else 1 if low else _axis_length(p, len(before))
        stop = n if literal(start) and start == 0 else start + n
        last = k == len(parts) - 1
        if low and isinstance(p, list | tuple):
            found.append(g[(*before, start)])
        else:
            index = slice(None if literal(start) and start == 0 else start, None if last else stop)
            piece = g[(*before, index)] if before else g[index]
            found.append(o.reshape_as(piece, p) if low else piece)
        start = stop
    return found


def _axis_length(p: Any, axis: int) -> Any:
    if isinstance(p, list | tuple):
        return len(p) if axis == 0 else _axis_length(p[0], axis - 1)
    if find_builder(p) is None:
        return np.shape(p)[axis]
    t = type_at(p)
    if isinstance(t, Array):
        d = t.shape[axis]
        return apply("shape_at", p, axis % t.ndim) if d.length is None else d.length
    return apply("np.size", p, axis)


def append_vjp(g: Any, y: Any, x: Any, values: Any, axis: Any = None) -> tuple[Any, Any]:
    """The two parts."""
    first, second = concatenate_back(g, (x, values), axis)
    return first, second


def append_jvp(t: Any, y: Any, x: Any, values: Any, axis: Any = None) -> Any:
    """The tangents joined."""
    return apply("np.append", filled(t[0], x), filled(t[1], values), axis=axis)


def stack_back(g: Any, parts: Any, axis: Any = 0, **statics: Any) -> Any:
    """Each part's row."""
    if not isinstance(parts, list | tuple):
        return apply("unstack_like", g, parts, axis)
    if rank(g) is None:
        return _items("unstack_like", g, parts, axis)
    ndim = rank(g)
    before = (slice(None),) * (axis % ndim if ndim else 0)
    return same_kind([g[(*before, k)] if before else g[k] for k in range(len(parts))], parts)


def hstack_back(g: Any, parts: Any, **statics: Any) -> Any:
    """Along the second axis, or the only one."""
    if not isinstance(parts, list | tuple):
        return apply("hsplit_like", g, parts)
    if rank(g) is None or _unranked(parts):
        return _items("hsplit_like", g, parts)
    if all(_rank(p) == 0 for p in parts):
        return stack_back(g, parts)
    return concatenate_back(g, parts, 0 if rank(g) == 1 else 1)


def vstack_back(g: Any, parts: Any, **statics: Any) -> Any:
    """Along the first axis, rows for vectors."""
    if isinstance(parts, list | tuple) and _unranked(parts):
        return _items("vsplit_like", g, parts)
    if isinstance(parts, list | tuple) and all((_rank(p) or 0) == 1 for p in parts):
        return stack_back(g, parts)
    return concatenate_back(g, parts, 0) if isinstance(parts, list | tuple) else apply("vsplit_like", g, parts)


def column_stack_back(g: Any, parts: Any) -> Any:
    """Columns for vectors."""
    if isinstance(parts, list | tuple) and _unranked(parts):
        return _items("column_split_like", g, parts)
    if isinstance(parts, list | tuple) and all((_rank(p) or 0) == 1 for p in parts):
        return stack_back(g, parts, 1)
    return concatenate_back(g, parts, 1) if isinstance(parts, list | tuple) else apply("column_split_like", g, parts)


def rows_back(g: Any, parts: Any) -> Any:
    """`np.r_`: along the first axis; numbers are items."""
    if _is_long_tuple(parts):
        return apply("hsplit_like", g, parts) if rank(g) == 1 else apply("split_like", g, parts, 0)
    parts = parts if isinstance(parts, tuple) else (parts,)
    return hstack_back(g, parts) if rank(g) == 1 else concatenate_back(g, parts, 0)


def columns_back(g: Any, parts: Any) -> Any:
    """`np.c_`: along the last axis; vectors are columns."""
    if _is_long_tuple(parts) and rank(g) is not None:
        return apply("column_split_like", g, parts) if rank(g) == 2 else apply("split_like", g, parts, -1)
    parts = parts if isinstance(parts, tuple) else (parts,)
    if _unranked(parts) and rank(g) == 2:
        return _items("column_split_like", g, parts)
    if _unranked(parts):
        raise NoRule("`np.c_` of arrays whose rank is not known has no rule", "use np.column_stack, or np.concatenate")
    flat = max(_rank(p) or 0 for p in parts) <= 2
    return column_stack_back(g, parts) if flat else concatenate_back(g, parts, -1)


def _is_long_tuple(parts: Any) -> bool:
    """Whether the parts are one tuple whose length is only known at run time."""
    return find_builder(parts) is not None and isinstance(type_at(parts), TupleOf)


_PARTS = ([arr(2, 3), arr(4, 3, seed=1)],)
RULES = (
    linear(np.concatenate, transpose=concatenate_back, names=("arrays", "axis", "out"), statics=("dtype", "casting"), infer=infer_joined,
        sample=calls(_PARTS, ((arr(2, 3), arr(2, 1)), 1), ([arr(2, 3), arr(2)], None))),
    linear(np.stack, transpose=stack_back, names=("arrays", "axis", "out"), statics=("dtype", "casting"), infer=infer_stack,
        sample=calls(([arr(3), arr(3, seed=1)],), ((arr(3), arr(3, seed=1)), 1), ([0.3, 0.7],))),
    linear(np.vstack, transpose=vstack_back, names=("tup",), statics=("dtype", "casting"), infer=infer_joined,
        sample=calls(_PARTS, ([arr(3), arr(3, seed=1)],))),
    linear(np.hstack, transpose=hstack_back, names=("tup",), statics=("dtype", "casting"), infer=infer_joined,
        sample=calls(([arr(2, 3), arr(2, 1)],), ([arr(3), arr(2)],), ([0.3, 0.7],))),
    linear(np.column_stack, transpose=column_stack_back, names=("tup",), infer=infer_joined,
        sample=calls(([arr(3), arr(3, seed=1)],), ([arr(2, 3), arr(2, 1)],))),
    *(linear(f.__getitem__, transpose=back, names=("key",), name=name, path=name, op=Op(name, f"{name}[_0]", ("numpy as np",)),
        infer=infer_joined, sample=calls(((arr(3), arr(length)),), ((arr(2, 3), arr(2, 3, seed=1)),)))
        for f, name, back, length in ((np.r_, "np.r_", rows_back, 2), (np.c_, "np.c_", columns_back, 3))),
    general(np.append, vjp=append_vjp, jvp=append_jvp, names=("arr", "values", "axis"), operands=2, arrays=2,
        sample=calls((arr(3), arr(2)), (arr(3), 0.7), (arr(2, 3), arr(1, 3), 0))),
    transposer(runtime.split_like, "np.concatenate", ("g", "x", "axis")),
    transposer(runtime.unstack_like, "np.stack", ("g", "x", "axis")),
    transposer(runtime.hsplit_like, "np.hstack", ("g", "x")),
    transposer(runtime.vsplit_like, "np.vstack", ("g", "x")),
    transposer(runtime.column_split_like, "np.column_stack", ("g", "x")),
)  # fmt: skip

