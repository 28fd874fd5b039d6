"""Whole numbers that are lengths of arrays: `n = len(x)` and `np.zeros(n)`, which is known to be as long as `x` is.

Two arrays made with one number have one length too, whatever it is.
"""
from __future__ import annotations

import sys
from collections.abc import Sequence

from srcad.ir.nodes import Arg, Atom, Const, FuncRef, Op, Pack, Var
from srcad.ir.types import INT, Array, Dim, Struct, Type

Lengths = dict[str, tuple[Dim, ...]]
"""By the name of a number, or of a tuple of numbers: the lengths that they are."""

_SHAPED = {"np.zeros": 0, "np.ones": 0, "np.empty": 0, "np.full": 0, "np.arange": 0, "np.linspace": 2}
"""Which argument of what makes an array is its shape, or its length."""


def note(known: Lengths, op: Op | FuncRef, args: Sequence[Arg], out: Var) -> None:
    """Remember what lengths a number is, or a tuple of numbers."""
    found: tuple[Dim, ...] = ()
    match op.name, tuple(args):
        case ("ndarray.shape" | "np.shape", (Var(_, Array(_, shape)),)) if isinstance(out.type, Struct):
            found = shape
        case ("len", (Var(_, Array(_, (first, *_))),)):
            found = (first,)
        case ("ndarray.size" | "np.size", (Var(_, Array(_, (only,))),)):
            found = (only,)
        case ("getitem", (Var(whole, Struct()), Const(int() as n))):
            found = known.get(whole, ())[n : n + 1 or None]
        case ("sub", (Var(_, t) as whole, Const(int() as n))) if t == INT and n > 0:
            dim = length(known, whole)
            found = (Dim(dim.token, dim.less + n),)
    if found and not any(d.unknown for d in found):
        known[out.name] = found


def unpacked(known: Lengths, shape: Var, outs: Sequence[Var]) -> None:
    """`n, m = x.shape`."""
    known.update((o.name, (dim,)) for o, dim in zip(outs, known.get(shape.name, ()), strict=False))


def length(known: Lengths, number: Var) -> Dim:
    """The length of what is made with a number as its length."""
    return known.get(number.name, (Dim(f"~[{number.name}]"),))[0]


def least(known: Lengths, number: Atom) -> int:
    """What a whole number is at least, where it is a length, or a length less some number, which may be negative."""
    if isinstance(number, Const):
        return number.value if isinstance(number.value, int) else -sys.maxsize
    dims = known.get(number.name, ()) if isinstance(number, Var) else ()
    return shortest(dims[0]) if dims else -sys.maxsize


def at_least(t: Type, count: int) -> bool:
    """Whether what has a type is an array that is surely so long."""
    return isinstance(t, Array) and bool(t.shape) and shortest(t.shape[0]) >= count


def shortest(dim: Dim) -> int:
    """The least that a length can be before it is cut off at 0."""
    if dim.token.startswith("="):
        return int(dim.token[1:]) - dim.less
    return (2 if dim.token.startswith("n") else 0) - dim.less


def sized(known: Lengths, op: Op, args: Sequence[Arg], t: Type) -> Type:
    """The type of an array that is made in a shape, with the lengths that its numbers stand for."""
    place = _SHAPED.get(op.name, len(args))
    if not isinstance(t, Array) or place >= len(args) or (op.name == "np.arange" and len(args) > 1):
        return t
    dims: list[Dim | None]
    match args[place]:
        case Pack("tuple" | "list", items):
            dims = [_stated(known, i) for i in items]
        case Var(name, Struct()):
            dims = list(known.get(name, ()))
        case one:
            dims = [_stated(known, one)]
    if len(dims) != t.ndim:
        return t
    return Array(t.dtype, tuple(new if old.unknown and new is not None else old for old, new in zip(t.shape, dims, strict=True)))


def _stated(known: Lengths, arg: Arg) -> Dim | None:
    return length(known, arg) if isinstance(arg, Var) and arg.type == INT else None
