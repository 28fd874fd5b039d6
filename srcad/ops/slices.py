"""Lengths of slices whose bounds are computed: equal bounds of equally long axes give equal lengths."""
from __future__ import annotations

from srcad.ir.nodes import Arg, Const, Pack, SliceArg, Var
from srcad.ir.types import Array, Dim, Type, dtype_kind, is_scalar


def with_lengths(t: Type, base: Type, index: Arg) -> Type:
    """The type of `base[index]` with a token for each slice that has computed bounds."""
    parts = list(index.items) if isinstance(index, Pack) and index.kind == "tuple" else [index]
    plain = all(isinstance(p, SliceArg) or _is_int(p) for p in parts)
    if not isinstance(t, Array) or not isinstance(base, Array) or not plain or len(parts) > base.ndim:
        return t
    dims: list[Dim] = list(t.shape)
    at = 0
    for axis, p in enumerate(parts):
        if not isinstance(p, SliceArg):
            continue
        if dims[at].unknown and not base.shape[axis].unknown:
            words = [_word(b) for b in (p.lower, p.upper, p.step)]
            if all(w is not None for w in words):
                dim = base.shape[axis]
                dims[at] = Dim(f"~{dim.token}-{dim.less}[{':'.join(map(str, words))}]")
        at += 1
    return Array(t.dtype, tuple(dims))


def _is_int(part: Arg) -> bool:
    number = isinstance(part, Const) and type(part.value) is int
    return number or (isinstance(part, Var) and is_scalar(part.type) and dtype_kind(part.type) in "iu")


def _word(bound: Arg) -> str | None:
    """A bound as part of a token; numbers do not change, so their names say it all."""
    match bound:
        case Const(None):
            return ""
        case Const(int() as n):
            return str(n)
        case Var(name):
            return name
    return None
