"""A call some of whose operands are batches, as the rules for batches see it, and values that are no batch beside those that are."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from srcad.ir.build import Builder
from srcad.ir.core import GETITEM
from srcad.ir.nodes import Arg, Atom, Call, Const, Op, Pack, SliceArg, Var
from srcad.ir.types import (
    CONTAINERS, UNKNOWN, Array, Dim, ListOf, NpScalar, Residual, Scalar, Struct, TupleOf, Type, dtype_kind, is_scalar,
    may_carry_derivative,
)  # fmt: skip
from srcad.ir.visit import leaves
from srcad.ops import table
from srcad.ops.entry import quiet

NUMPY = ("numpy as np",)
STACKED = Op("stacked", "stacked(_0, _1)", ("srcad.runtime:stacked",))
STACKED_LIKE = Op("stacked_like", "stacked_like(_0, _1)", ("srcad.runtime:stacked_like",), shape_only=(0,))
STACKED_ZEROS = Op("stacked_zeros", "np.zeros((*_0.shape, _1))", NUMPY, shape_only=(0,))
EINSUM = Op("batched_einsum", "np.einsum(_0, _1, _2, optimize=True)", NUMPY)
ALL = SliceArg(Const(None), Const(None), Const(None))
LAST = Pack("tuple", (Const(Ellipsis), Const(None)))


class Unbatchable(Exception):
    """Something on the way has no rule for batches: the seeds go one by one."""


def batched_type(t: Type) -> Type:
    """The type of a batch of values."""
    match t:
        case Array(dtype, shape):
            return Array(dtype, (Dim("?"),) * (len(shape) + 1))
        case Residual():  # of tangents or cotangents: all numbers in it become batches
            return t
        case Scalar() | NpScalar() if may_carry_derivative(t):
            return Array(t.dtype if isinstance(t, NpScalar) else "complex128" if dtype_kind(t) == "c" else "float64", (Dim("?"),))
        case ListOf(item):
            return ListOf(batched_type(item))
        case TupleOf(item):
            return TupleOf(batched_type(item))
        case Struct(cls, keys, items):
            return Struct(cls, keys, tuple(batched_type(i) if may_carry_derivative(i) else i for i in items))
    return UNKNOWN if may_carry_derivative(t) else t


@dataclass(frozen=True, slots=True)
class Site:
    """A call some of whose arguments are batches: as it was, and its arguments as they are now; `count`: how long the new axis is."""

    call: Call
    args: tuple[Arg, ...]
    params: tuple[tuple[str, Arg], ...]
    batches: frozenset[Var]
    builder: Builder
    count: Atom

    def is_batch(self, n: int) -> bool:
        """Whether argument `n` is a batch, or holds one."""
        return n < len(self.args) and any(a in self.batches for a in leaves(self.args[n]))

    def type(self, n: int) -> Type:
        """The type of argument `n` before it became a batch."""
        return arg_type(self.call.args[n])

    def rank(self, n: int) -> int:
        """The rank of argument `n` before it became a batch."""
        t = self.type(n)
        if isinstance(t, Array):
            return t.ndim
        if is_scalar(t):
            return 0
        raise Unbatchable

    def static(self, name: str, default: object = None) -> Any:
        """An option that is a literal, by position or name."""
        assert isinstance(self.call.op, Op)
        entry = table.entry(self.call.op.name)
        names = entry.names if entry is not None else ()
        found = dict(zip(names, self.args, strict=False)) | dict(self.params)
        return literal(found[name]) if name in found else default

    def only(self, *names: str) -> None:
        """Leave calls with other options than these to the loop."""
        if any(k not in names for k, _ in self.params):
            raise Unbatchable

    def make(self, op: Op, *args: Arg, rank: int | None = None, params: tuple[tuple[str, Arg], ...] = ()) -> Var:
        """An operation that gives a batch of the result, or of values of another rank than that."""
        t = self.out
        if rank is not None:
            t = Array(getattr(t, "dtype", "float64"), (Dim("?"),) * (rank + 1))
        return self.builder.call(op, args, t, params=params)

    @property
    def out(self) -> Type:
        """The type of a batch of the result."""
        return batched_type(self.call.outs[0].type)


def arg_type(arg: Arg) -> Type:
    """The type of an argument as far as batches ask."""
    if isinstance(arg, Var):
        return arg.type
    if isinstance(arg, Const) and type(arg.value) in (bool, int, float, complex):
        return Scalar(type(arg.value).__name__)
    return UNKNOWN


def literal(arg: Arg) -> Any:
    """A literal argument as a value."""
    if isinstance(arg, Const):
        return arg.value
    if isinstance(arg, Pack) and arg.kind in ("tuple", "list"):
        return tuple(map(literal, arg.items))
    raise Unbatchable


def beside(builder: Builder, arg: Arg) -> Arg:
    """An operand that is no batch, with an axis beside which a batch can stand."""
    t = arg_type(arg)
    if isinstance(arg, Const) or is_scalar(t) or (isinstance(t, Array) and not t.ndim):
        return arg
    if not isinstance(arg, Var) or not isinstance(t, Array):
        raise Unbatchable
    return builder.call(quiet(GETITEM), (arg, LAST), Array(t.dtype, (*t.shape, Dim("=1"))))


def stacked(builder: Builder, arg: Atom, t: Type, count: Atom) -> Atom:
    """Something that is no batch, as one: the same value for each seed."""
    if isinstance(arg, Const) and arg.value is None:
        return arg
    whole = is_scalar(t) or isinstance(t, Array | ListOf | TupleOf | Residual)
    if not whole and not (isinstance(t, Struct) and t.cls in CONTAINERS):
        raise Unbatchable
    for stmt in reversed(builder.stmts):
        if isinstance(stmt, Call) and stmt.outs == (arg,):
            if stmt.op.name == "zeros_like_shape" and len(stmt.args) == 1:
                return builder.call(STACKED_ZEROS, (stmt.args[0], count), batched_type(t))
            if stmt.op.name == "tape_new":
                return arg
            break
    return builder.call(STACKED, (arg, count), batched_type(t))


def place(index: Arg) -> Arg:
    """A subscript of an array that has one more axis."""
    items = index.items if isinstance(index, Pack) and index.kind == "tuple" else ()
    if Const(Ellipsis) in items:
        return Pack("tuple", (*items, ALL))
    return index


def by_subscripts(site: Site, first: str, second: str, out: str) -> Atom:
    """The first two operands, one of which is a batch, as `np.einsum` multiplies them."""
    if site.is_batch(0) and site.is_batch(1):
        raise Unbatchable
    if any(dtype_kind(site.type(n)) == "c" for n in (0, 1)):
        raise Unbatchable
    a, b = (s + "z" if site.is_batch(n) else s for n, s in enumerate((first, second)))
    return site.make(EINSUM, Const(f"{a},{b}->{out}z"), *site.args[:2])
