"""Result types of operations: by the entry's own function where it has one, else by running it on tiny dummies.

Abstract arguments: a `Type` for a run-time value, the Python value itself for a literal, lists, tuples and slices of these.
"""
from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, TypeGuard

import numpy as np

from srcad.errors import ArgumentError
from srcad.ir.nodes import Arg, Const, Pack, Ref, SliceArg, Star, Undef, Var
from srcad.ir.types import (
    BOOL,
    BOTTOM,
    COMPLEX,
    FLOAT,
    INT,
    NONE,
    REAL,
    STR,
    UNKNOWN,
    WHOLE,
    Array,
    Bottom,
    Dim,
    ListOf,
    NpScalar,
    Opaque,
    Numbered,
    Residual,
    Scalar,
    Struct,
    TupleOf,
    Type,
    dtype_kind,
    join,
)  # fmt: skip
from srcad.ops.entry import REGISTRY, Spelling

ANY = Dim("?")
ONE = Dim("=1")
_TYPES = (Scalar, NpScalar, Array, ListOf, TupleOf, Struct, Opaque, Numbered, Residual, Bottom)
_PYTHON: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX, str: STR, type(None): NONE}
_VALUES = {"b": True, "i": 1, "u": 1, "f": 0.5, "c": 0.5 + 0.25j}


class NoDummy(Exception):
    """No value can be made up for a type."""


def is_type(value: Any) -> TypeGuard[Type]:
    """Whether an abstract argument stands for a run-time value."""
    return isinstance(value, _TYPES)


def abstract(arg: Any) -> Any:
    """The abstract argument of an IR argument."""
    match arg:
        case Var():
            return None if arg.type == NONE else arg.type
        case Const(value) | Ref(_, value):
            return value
        case Undef():
            return BOTTOM
        case Pack("tuple" | "set", items):
            return tuple(map(abstract, items))
        case Pack("list", items):
            return list(map(abstract, items))
        case Pack(_, items, keys):
            return {abstract(k): abstract(v) for k, v in zip(keys, items, strict=True)}
        case SliceArg(lower, upper, step):
            return slice(abstract(lower), abstract(upper), abstract(step))
        case Star():
            return UNKNOWN
    return arg


def type_of(value: Any) -> Type:
    """The type of an actual value, lengths unknown; of an abstract argument the type it stands for."""
    if is_type(value):
        return value
    if type(value) in _PYTHON:
        return _PYTHON[type(value)]
    if isinstance(value, np.generic):
        return NpScalar(value.dtype.name)
    if type(value) is np.ndarray:
        plain = value.dtype.kind in "biufc" and value.dtype.isnative
        return Array(value.dtype.name, (ANY,) * value.ndim) if plain else Opaque(np.ndarray)
    if isinstance(value, tuple):
        return Struct(type(value), tuple(getattr(value, "_fields", ())), tuple(map(type_of, value)))
    if isinstance(value, list):
        found = [type_of(v) for v in value]
        return ListOf(found[0]) if found and all(t == found[0] for t in found) else Struct(list, (), tuple(found))
    return Opaque(type(value))


def leaves(args: Any) -> Iterator[Any]:
    """Leaves of abstract arguments."""
    if isinstance(args, list | tuple):
        for a in args:
            yield from leaves(a)
    elif isinstance(args, dict):
        yield from leaves(list(args.values()))
    elif isinstance(args, slice):
        yield from leaves([args.start, args.stop, args.step])
    else:
        yield args


def _length(dim: Dim) -> int:
    return 3 if dim.length is None else dim.length


def named_dtype(t: Any) -> np.dtype[Any] | None:
    """The dtype of numbers that a dtype object of this type is; byte order left aside.  None where its class does not tell."""
    cls: Any = t.cls if isinstance(t, Opaque) else None
    if cls is None or not issubclass(cls, np.dtype) or cls is np.dtype:
        return None
    return np.dtype(cls.type) if issubclass(cls.type, (np.number, np.bool_)) else None


def dummy(a: Any) -> Any:
    """A small value of an abstract argument's type."""
    found = named_dtype(a)
    if found is not None:
        return found
    match a:
        case Scalar("real"):
            return 0.5
        case Scalar(kind):
            return _VALUES[{"bool": "b", "int": "i", "whole": "i", "float": "f", "complex": "c"}[kind]]
        case NpScalar(dtype):
            return np.dtype(dtype).type(_VALUES[np.dtype(dtype).kind])
        case Array(dtype, shape):
            return np.full(tuple(map(_length, shape)), _VALUES[np.dtype(dtype).kind], dtype)
        case ListOf(item):
            return [dummy(item) for _ in range(3)]
        case TupleOf(item):
            return tuple(dummy(item) for _ in range(3))
        case Struct(cls, (), items) if cls in (list, tuple):
            return cls([dummy(i) for i in items])
        case Opaque(cls) if cls is range:
            return range(3)
        case Opaque() | Numbered() | Residual() | Bottom() | Struct():
            raise NoDummy
        case list():
            return [dummy(i) for i in a]
        case tuple():
            return tuple(dummy(i) for i in a)
        case dict():
            return {k: dummy(v) for k, v in a.items()}
        case slice():
            return slice(dummy(a.start), dummy(a.stop), dummy(a.step))
    return a


def run(fn: Callable[..., Any], args: Iterable[Any], params: dict[str, Any]) -> Any:
    """What `fn` returns on dummies; NoDummy if that cannot be found out."""
    given, keywords = [dummy(a) for a in args], {k: dummy(v) for k, v in params.items()}
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fn(*given, **keywords)
    except Exception as error:  # whatever the function does with made-up values, its type is then unknown
        raise NoDummy from error


def variants(args: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The arguments with each `real` or `whole` number replaced by the types that it stands for; those in one container are alike."""
    return product(*map(_choices, args))


def _choices(a: Any) -> tuple[Any, ...]:
    if is_type(a) and a == REAL:
        return FLOAT, INT, NpScalar("float64")
    return tuple(_with_whole(a, t) for t in (BOOL, INT)) if any(is_type(t) and t == WHOLE for t in _numbers(a)) else (a,)


def _numbers(a: Any) -> Iterator[Any]:
    for part in leaves(a):
        yield part.item if isinstance(part, ListOf | TupleOf) else part


def _with_whole(a: Any, whole: Type) -> Any:
    """An abstract argument in which numbers that may be bool or int are of the type given."""
    if is_type(a):
        return whole if a == WHOLE else type(a)(whole) if a in (ListOf(WHOLE), TupleOf(WHOLE)) else a
    if isinstance(a, list | tuple):
        return type(a)(_with_whole(i, whole) for i in a) if type(a) in (list, tuple) else a
    if isinstance(a, dict):
        return {k: _with_whole(v, whole) for k, v in a.items()}
    return slice(*(_with_whole(i, whole) for i in (a.start, a.stop, a.step))) if isinstance(a, slice) else a


def never_one(dim: Dim) -> bool:
    """Whether a length is known not to be 1: axes of arguments of length 1 have a token of their own; lengths found inside may be 1."""
    return dim.length != 1 if dim.length is not None else dim.token.startswith("n") and dim.less == 0


def broadcast_dims(a: Dim, b: Dim) -> Dim:
    """The length of two axes broadcast together."""
    if a == b:
        return a
    if ONE in (a, b):
        return b if a == ONE else a
    return a if never_one(a) else b if never_one(b) else ANY


def broadcast(shapes: Iterable[tuple[Dim, ...]]) -> tuple[Dim, ...]:
    """The shape of arrays broadcast together."""
    result: tuple[Dim, ...] = ()
    for shape in shapes:
        long, short = (shape, result) if len(shape) > len(result) else (result, shape)
        cut = len(long) - len(short)
        result = long[:cut] + tuple(map(broadcast_dims, long[cut:], short))
    return result


def shape_of(a: Any) -> tuple[Dim, ...] | None:
    """The symbolic shape of a number or array, None if unknown."""
    if isinstance(a, Array):
        return a.shape
    return () if isinstance(a, Scalar | NpScalar | bool | int | float | complex | np.generic) else None


def dtype_of(x: Any) -> str | None:
    """The dtype that NumPy gives a number or array."""
    t = type_of(x)
    if isinstance(t, Array | NpScalar):
        return t.dtype
    return {"bool": "bool", "int": "int64", "float": "float64", "complex": "complex128"}.get(t.kind) if isinstance(t, Scalar) else None


def nested_shape(a: Any) -> tuple[Dim, ...] | None:
    """The shape of `np.asarray(a)` for nested lists of numbers and arrays."""
    match a:
        case ListOf(item) | TupleOf(item):
            inner = nested_shape(item)
            return None if inner is None else (ANY, *inner)
        case Struct(cls, _, items) if cls in (list, tuple):
            return _shape_of_items(items)
        case list() | tuple():
            return _shape_of_items(a)
    return shape_of(a)


def _shape_of_items(items: Sequence[Any]) -> tuple[Dim, ...] | None:
    if not items:
        return (Dim("=0"),)
    parts = [nested_shape(i) for i in items]
    return None if parts[0] is None or None in parts else (Dim(f"={len(items)}"), *parts[0])


def subscripts(index: Any) -> list[Any] | None:
    """The parts of an abstract subscript as NumPy reads it: sequences and ranges in it are lists; None if their number is not known."""
    if isinstance(index, Struct) and index.cls is tuple:
        index = index.items
    if isinstance(index, TupleOf):
        return None
    return list(map(_subscript, index)) if isinstance(index, tuple) else [_subscript(index)]


def _subscript(part: Any) -> Any:
    match part:
        case tuple():
            return list(part)
        case Struct(cls, _, items) if cls in (list, tuple):
            return list(items)
        case TupleOf(item):
            return ListOf(item)
        case Opaque(cls) if cls is range:
            return ListOf(INT)
    return part


def elementwise(fn: Callable[..., Any], args: tuple[Any, ...], params: dict[str, Any]) -> Type:
    """Class and dtype from a run on dummies, lengths by broadcasting."""
    shapes = [nested_shape(a) for a in args]
    if None in shapes:
        return UNKNOWN
    found: Type = BOTTOM
    by_numpy = any(isinstance(a, Array) for a in args)  # of two lists Python decides, and `np.int64(2) * [1.0]` is a list
    for chosen in variants(tuple(map(_listed, args)) if by_numpy else args):
        got = type_of(run(fn, _rank_only(chosen), params))
        found = join(found, got)
    if isinstance(found, Array):
        shape = broadcast(s for s in shapes if s is not None)
        return Array(found.dtype, shape) if len(shape) == found.ndim else UNKNOWN
    return found


def _listed(arg: Any) -> Any:
    """The type of the array that NumPy makes of a list or tuple, whose own length need not fit a made-up one."""
    shape = nested_shape(arg)
    dtypes = [dtype_of(x) for x in leaves(arg)] if isinstance(arg, list | tuple) else []
    if not dtypes or not shape or None in dtypes:
        return arg
    return Array(np.result_type(*(d for d in dtypes if d is not None)).name, shape)


def _rank_only(arg: Any) -> Any:
    """The abstract argument with every length unknown."""
    match arg:
        case Array(dtype, shape):
            return Array(dtype, (ANY,) * len(shape))
        case ListOf(item):
            return ListOf(_rank_only(item))
        case list():
            return [_rank_only(a) for a in arg]
        case tuple():
            return tuple(_rank_only(a) for a in arg)
    return arg


def generic(fn: Callable[..., Any], args: tuple[Any, ...], params: dict[str, Any]) -> Type:
    """The type of what `fn` returns on dummies; of lists of unknown length two, which may give arrays of different rank."""
    found = _of_dummies(fn, args, params)
    longer = _longer(args)
    if longer == args and _longer(params) == params:
        return found
    try:
        other = _of_dummies(fn, longer, _longer(params))
    except NoDummy:  # its length has to fit another one
        if isinstance(found, Struct):
            raise  # so many items as the dummy has, no more is known
        return found
    if isinstance(found, Struct) and isinstance(other, Struct) and len(other.items) != len(found.items):  # as long as the operand
        item: Type = BOTTOM
        for t in other.items:
            item = join(item, t)
        return TupleOf(item)
    return join(found, other)


def _longer(a: Any) -> Any:
    """Abstract arguments with four items in lists and tuples of unknown length."""
    match a:
        case ListOf(item) | TupleOf(item):
            return Struct(list if isinstance(a, ListOf) else tuple, (), (_longer(item),) * 4)
        case list() | tuple():
            return type(a)(map(_longer, a)) if type(a) in (list, tuple) else a
        case dict():
            return {k: _longer(v) for k, v in a.items()}
        case slice():
            return slice(_longer(a.start), _longer(a.stop), _longer(a.step))
    return a


def _of_dummies(fn: Callable[..., Any], args: tuple[Any, ...], params: dict[str, Any]) -> Type:
    found: Type = BOTTOM
    for chosen in variants(args):
        try:
            value = run(fn, chosen, params)
        except NoDummy:  # made-up lengths that do not fit known ones
            value = run(fn, _rank_only(chosen), params)
        found = join(found, type_of(value))
    return found


def shaped_like(position: int) -> Callable[..., Type | None]:
    """An `infer` that gives the type of an array argument, complex if another argument is; none if that of another is not known."""

    def infer(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
        x = args[position]
        if not isinstance(x, Array) or (dtype_kind(x) == "f" and any(is_type(a) and a == UNKNOWN for a in args)):
            return UNKNOWN if isinstance(x, Array) else None
        mixed = any(is_type(a) and dtype_kind(a) == "c" for a in args)
        return Array(np.result_type(x.dtype, "complex64").name if mixed and dtype_kind(x) == "f" else x.dtype, x.shape)

    return infer


def infer_spelling(spelling: Spelling, args: tuple[Any, ...], params: dict[str, Any]) -> Type:
    """The result type for abstract arguments."""
    every = [*leaves(list(args)), *leaves(params)]
    if any(isinstance(a, Bottom) for a in every):
        return BOTTOM
    entry = spelling.entry
    try:
        if entry.infer is not None:
            operands, statics = entry.arrange(args, params)
            found: Type | None = entry.infer(spelling, args, params, operands, statics)
            if found is not None:
                return found
        if any(isinstance(a, Opaque) and a.cls is None for a in every):
            return UNKNOWN
        return (elementwise if entry.kind == "elementwise" else generic)(spelling.object, args, params)
    except (NoDummy, ArgumentError):
        return UNKNOWN


def infer(op_name: str, args: tuple[Arg, ...], params: Iterable[tuple[str, Arg]] = ()) -> Type:
    """The type of the value of an operation; UNKNOWN if it is not in the table or cannot be told."""
    spelling = REGISTRY.by_op(op_name)
    if spelling is None:
        return UNKNOWN
    return infer_spelling(spelling, tuple(map(abstract, args)), {k: abstract(v) for k, v in params})
