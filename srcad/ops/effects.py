"""What running an operation may do, refined by the types of its arguments; and which results share storage."""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from srcad.ir.core import BINARY, CALL, COMPARE, UNARY
from srcad.ir.nodes import Arg, Call, Const, Effect, FuncRef, Op, Ref, View, With
from srcad.ir.types import (
    REAL, STR, WHOLE, Array, Bottom, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type, dtype_kind, is_dict, is_number, is_scalar,
)  # fmt: skip
from srcad.ops.entry import REGISTRY, Spelling
from srcad.ops.infer import ONE, abstract, is_type, subscripts, type_of
from srcad.ops.reduce import axes_of

_QUIET_MATH = frozenset(
    (
        "math.atan", "math.tanh", "math.asinh", "math.fabs", "math.erf", "math.erfc", "math.copysign", "math.isnan", "math.isfinite",
        "math.isinf", "math.degrees", "math.radians", "math.hypot", "math.atan2", "math.cbrt", "float", "bool", "complex",
    )
)  # fmt: skip
"""Functions that do not raise on Python and NumPy floats."""

_QUIET_NUMPY = frozenset(
    (
        "np.copy", "np.shape", "np.ndim", "np.size", "np.real", "np.imag", "np.conj", "np.zeros_like", "np.ones_like", "np.empty_like",
        "np.ravel", "np.array", "np.asarray", "np.asanyarray", "np.squeeze", "np.atleast_1d", "np.atleast_2d", "np.isscalar",
        "np.iscomplexobj", "np.isfinite", "np.isnan", "np.isinf", "np.sum", "np.prod", "np.any", "np.all", "np.mean", "np.var", "np.std",
        "np.cumsum", "np.float64", "np.float32",
    )
)  # fmt: skip
"""Functions that do not raise on floats and on arrays of numbers."""

_QUIET_METHODS = frozenset(
    f"ndarray.{n}"
    for n in (
        "copy", "tolist", "conj", "conjugate", "ravel", "flatten", "cumsum", "sum", "mean", "prod", "var", "std", "any", "all",
    )
)  # fmt: skip
"""Methods that do not raise on arrays and NumPy scalars."""

_QUIET_STEPS = frozenset(
    f"np.{n}" for n in (
        "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "signbit", "heaviside", "floor_divide", "sign", "floor",
        "ceil", "trunc", "rint",
    )
)  # fmt: skip
"""Step functions of floats that do not raise where shapes fit."""

_OF_LISTS = frozenset(("sum", "sorted", "max", "min"))
"""Builtins that take the items of a list or tuple."""

_REDUCTIONS = frozenset(f"{p}.{n}" for p in ("np", "ndarray") for n in ("sum", "mean", "prod", "var", "std", "any", "all"))


def effects(op: Op | FuncRef, args: tuple[Arg, ...], params: Iterable[tuple[str, Arg]] = ()) -> Effect:
    """The effects of `op(*args, **params)`: those of the op, less RAISES where types exclude it."""
    if not op.effects & Effect.RAISES or isinstance(op, FuncRef):
        return op.effects
    if op.name == "getitem" and isinstance(args[0], Ref) and args[0].path.endswith((".__defaults__", ".__kwdefaults__")):
        return op.effects & ~Effect.RAISES  # a default that was there when the call was compiled
    given = tuple(map(abstract, args))
    keywords = {k: abstract(v) for k, v in params}
    return op.effects & ~Effect.RAISES if _safe(op, given, keywords) else op.effects


def _safe(op: Op, args: tuple[Any, ...], params: dict[str, Any]) -> bool:
    if op.name in ("is_", "is_not"):
        return True
    if op.name == "getitem":
        return _safe_index(*args)
    if op.name == "len":
        return not isinstance(type_of(args[0]), Opaque | Scalar | NpScalar) and not _zero_d(args[0])
    if op.name == "getattr" and isinstance(args[0], Struct):
        return not is_dict(args[0].cls) and args[1] in args[0].keys
    if op.name == "fstring":
        return all(isinstance(a, str) or _is_written(*a) for a in args)
    if op.name == "getattr" or any(isinstance(a, Bottom) for a in args):
        return False
    if op.name in _OF_LISTS and not params:
        return _safe_of_list(op.name, args if len(args) > 1 and op.name in ("max", "min") else args[0] if len(args) == 1 else None)
    if op.name in ("np.array", "np.asarray") and len(args) == 1 and isinstance(args[0], list | tuple):
        return not params and all(is_scalar(type_of(a)) for a in args[0])
    spelling = REGISTRY.by_op(op.name)
    if spelling is None or not all(is_number(type_of(a)) for a in args if not _is_option(a)):
        return False
    types = [type_of(a) for a in args if not _is_option(a)]
    if op.name in BINARY or op.name in COMPARE or op.name in UNARY:
        return len(types) == len(args) and _safe_operator(op.name, types, args)
    operands = args[:1] if op.name in _REDUCTIONS else [a for a in args if not _is_option(a)]
    floats = all(_is_float(a) for a in operands)
    numbers = all(_is_float(a) or (isinstance(a, Array | NpScalar) and dtype_kind(a) in "iuc") for a in operands)
    if op.name in _QUIET_MATH:
        return floats and all(map(is_scalar, types))
    if op.name in _QUIET_NUMPY or op.name in _QUIET_METHODS:
        whole = numbers and (op.name in _QUIET_NUMPY or all(isinstance(t, Array | NpScalar) for t in types))
        return whole and (op.name not in _REDUCTIONS or _safe_reduction(spelling, args, params))
    if op.name.startswith("np.") and (spelling.entry.kind == "elementwise" or op.name in _QUIET_STEPS):
        return floats and not params and _broadcastable(types) and op.name != "np.ldexp" and (op.name != "np.where" or len(args) == 3)
    return False


def _safe_of_list(name: str, items: Any) -> bool:
    """Whether such a function of a list or tuple of numbers surely gives something: they are of one kind, and real where it orders them."""
    members = [items.item] if isinstance(items, ListOf | TupleOf) else items
    if not isinstance(members, list | tuple) or not all(is_scalar(t) and t not in (REAL, WHOLE) for t in map(type_of, members)):
        return False
    if not all(map(_is_float, members)) and len(set(map(type_of, members))) > 1:
        return False  # a large integer may not turn into a float
    if name in ("max", "min") and (members is not items or not members):
        return False  # there may be none
    return name == "sum" or all(dtype_kind(type_of(m)) in "bif" for m in members)


def _is_written(value: Any, conversion: Any, spec: Any) -> bool:
    """Whether a value in an f-string is surely a text: of a text, and of a number with a format for numbers of its kind."""
    t = type_of(value)
    if not spec:
        return t == STR or is_scalar(t)
    return not conversion and isinstance(spec, str) and _FORMAT.fullmatch(spec) is not None and is_scalar(t) and dtype_kind(t) == "f"


_FORMAT = re.compile(r"[<>=^]?[+ -]?#?0?\d*[,_]?(\.\d+)?[eEfFgGn%]?")


def _is_float(a: Any) -> bool:
    """A float, an array of floats, or a literal that turns into a float without loss."""
    if not is_type(a):
        return isinstance(a, float) or (type(a) is int and abs(a) < 2**53)
    return dtype_kind(a) == "f" and a != REAL


def _is_option(a: Any) -> bool:
    return a is None or isinstance(a, type | str)


def _zero_d(a: Any) -> bool:
    return isinstance(a, Array) and a.ndim == 0


def _broadcastable(types: list[Type]) -> bool:
    shapes = [t.shape for t in types if isinstance(t, Array) and t.shape]
    first: list[Any] = []
    for shape in shapes:
        for k, dim in enumerate(reversed(shape)):
            if k == len(first):
                first.append(dim)
            elif ONE in (first[k], dim):
                first[k] = dim if first[k] == ONE else first[k]
            elif first[k] != dim or dim.unknown:
                return False
    return len(shapes) < 2 or bool(first)


_ORDER = ("eq", "ne", "lt", "le", "gt", "ge")


def _python(t: Type) -> bool:
    return isinstance(t, Scalar)


def _safe_operator(name: str, types: list[Type], args: tuple[Any, ...]) -> bool:
    kinds = [dtype_kind(t) for t in types]
    if name == "not_":
        return all(map(is_scalar, types))
    if name == "invert":
        return all(k in "iu" for k in kinds) and WHOLE not in types
    if name in UNARY:
        return "b" not in kinds or all(map(_python, types))
    if name in ("and_", "or_", "xor"):
        return all(k in "biu" for k in kinds) and _broadcastable(types)
    if name == "matmul":
        return _inner_agrees(*types)
    if not _broadcastable(types):
        return False
    if name in ("lt", "le", "gt", "ge") and "c" in kinds:
        return False
    if name in ("truediv", "floordiv", "mod", "pow"):
        return _safe_division(name, types, kinds, args[1])
    truths = all(k == "b" or t == WHOLE for k, t in zip(kinds, types, strict=True))
    return not (name == "sub" and truths) and name in (*_ORDER, "add", "sub", "mul")


def _safe_division(name: str, types: list[Type], kinds: list[str], divisor: Any) -> bool:
    python = any(isinstance(t, Scalar) and t.kind == "real" for t in types) or all(map(_python, types))
    if name == "pow":
        return not python and "f" in kinds and all(k in "fiu" for k in kinds)
    if not python:
        return all(k in "fiu" for k in kinds)
    known = not is_type(divisor) and isinstance(divisor, int | float) and divisor != 0
    return known and (name != "truediv" or "f" in kinds)


def _inner_agrees(a: Type, b: Type) -> bool:
    if not isinstance(a, Array) or not isinstance(b, Array) or not 0 < a.ndim <= 2 or not 0 < b.ndim <= 2:
        return False
    inner = b.shape[0]
    return a.shape[-1] == inner and not inner.unknown


def _safe_reduction(spelling: Spelling, args: tuple[Any, ...], params: dict[str, Any]) -> bool:
    t = type_of(args[0])
    _, statics = spelling.entry.arrange(args, params)
    if not set(statics) <= {"axis", "keepdims", "ddof"}:
        return False
    axis = statics.get("axis")
    ndim = t.ndim if isinstance(t, Array) else 0
    return axis is None or axes_of(axis, ndim) is not None


def _safe_index(x: Any, index: Any) -> bool:
    if isinstance(x, Struct) and not x.keys:
        return type(index) is int and -len(x.items) <= index < len(x.items)
    if isinstance(x, Struct):
        return not is_type(index) and index in x.keys
    if isinstance(x, ListOf | TupleOf):
        return isinstance(index, slice) and _safe_slice(index)
    if not isinstance(x, Array):
        return False
    parts = index if isinstance(index, tuple) else (index,)
    if not all(p is None or p is Ellipsis or (isinstance(p, slice) and _safe_slice(p)) for p in parts):
        return False
    return sum(isinstance(p, slice) for p in parts) <= x.ndim and sum(p is Ellipsis for p in parts) <= 1


def _safe_slice(p: slice) -> bool:
    def whole(v: Any) -> bool:
        return v is None or type(v) is int or (is_type(v) and is_scalar(v) and dtype_kind(v) in "iu")

    return whole(p.start) and whole(p.stop) and (p.step is None or (type(p.step) is int and p.step != 0))


def view_class(op_name: str, args: tuple[Arg, ...] = (), params: Iterable[tuple[str, Arg]] = ()) -> View:
    """How the result relates to the storage of the first operand, as far as types tell."""
    spelling = REGISTRY.by_op(op_name)
    if spelling is None:
        return View.MAYBE
    if op_name == "getitem":
        return _index_view(*map(abstract, args)) if len(args) == 2 else View.MAYBE
    if op_name == "ndarray.astype":
        return View.MAYBE if any(k == "copy" for k, _ in params) else View.FRESH
    first = type_of(abstract(args[0])) if args else None
    if op_name == "np.diag":  # a new matrix, or a read-only view of one
        return View.FRESH if isinstance(first, Array) and first.ndim == 1 else View.OVERLAPPING
    if op_name == "np.einsum" and sum(isinstance(type_of(abstract(a)), Array) for a in args) > 1:
        return View.FRESH  # only of one operand it may be a view
    own = first is not None and is_scalar(first) and spelling.op.view is not View.OVERLAPPING
    return View.FRESH if own else spelling.op.view


def _index_view(x: Any, index: Any) -> View:
    if not isinstance(x, Array):
        return View.MAYBE
    parts = subscripts(index)
    if parts is None:
        return View.MAYBE
    kinds = [_part_view(p) for p in parts]
    if View.FRESH in kinds:
        return View.FRESH
    if View.MAYBE in kinds:
        return View.MAYBE
    return View.FRESH if View.VIEW not in kinds and len(parts) == x.ndim else View.VIEW


def _part_view(p: Any) -> View:
    """What a part of an index alone makes of the result; SAME of a whole number, which leaves that to the others."""
    if isinstance(p, list | ListOf):
        return View.FRESH
    if isinstance(p, slice) or p is None or p is Ellipsis:
        return View.VIEW
    match type_of(p):
        case Opaque(cls):
            return View.VIEW if cls in (slice, type(None), type(Ellipsis)) else View.MAYBE
        case Scalar() | NpScalar() | Array() as t if t != WHOLE:
            return View.FRESH if dtype_kind(t) == "b" or (isinstance(t, Array) and t.ndim) else View.SAME
    return View.MAYBE


def is_fresh(op_name: str, args: tuple[Arg, ...] = (), params: Iterable[tuple[str, Arg]] = ()) -> bool:
    """Whether the result shares storage with nothing that existed before."""
    return view_class(op_name, args, params) is View.FRESH


_PURE = ("builtins:", "numpy:", "math:", "cmath:", "operator:", "itertools:", "copy:", "functools:", "types:")
_ONCE = Effect.IO | Effect.RNG | Effect.WRITES | Effect.WARNS


def acts(call: Call) -> bool:
    """Whether a call may do something beside returning a value that is the same each time."""
    if isinstance(call.op, FuncRef) or call.op.name != "call":
        return bool(effects(call.op, call.args, call.params) & _ONCE)
    function = call.args[0]
    if not isinstance(function, Ref):
        return True
    return not function.path.startswith(_PURE) or function.path in ("builtins:print", "builtins:input", "builtins:open", "builtins:next")


def raises_for_warnings(stmt: With) -> bool:
    """Whether a manager is `np.errstate` that makes NumPy raise where it would warn, or may."""
    if stmt.op != CALL or not isinstance(stmt.args[0], Ref) or stmt.args[0].path != "numpy:errstate":
        return False
    return any(v not in (Const("ignore"), Const("warn")) for _, v in stmt.params)
