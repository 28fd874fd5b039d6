"""What running an operation may do, given the types of its operands.

An operation declares the worst.  Types often exclude it: sums of floats do not raise, an item of a tuple of known length is
there, NumPy functions of floats do not raise where shapes are known to fit.
"""
from __future__ import annotations

from collections.abc import Callable

from srcad.ir.core import BINARY, COMPARE, UNARY
from srcad.ir.nodes import Arg, Const, Effect, Op, Var
from srcad.ir.types import BOOL, FLOAT, INT, Array, NpScalar, Scalar, Struct, Type, dtype_kind, is_number, is_scalar, same_shape
from srcad.ops import table

_QUIET_ON_FLOATS = frozenset(("add", "sub", "mul", "neg", "pos", "eq", "ne", "lt", "le", "gt", "ge"))
_QUIET_ON_ARRAYS = _QUIET_ON_FLOATS | {"truediv", "pow", "mod", "floordiv"}
_QUIET_ALWAYS = frozenset(("is_", "is_not"))
_CONSTANTS: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT}


def effects(op: Op, args: tuple[Arg, ...]) -> Effect:
    """The effects of an operation on these arguments."""
    if not op.effects & ~Effect.RAISES and op.effects and _cannot_raise(op, args):
        return Effect.NONE
    return op.effects


def _cannot_raise(op: Op, args: tuple[Arg, ...]) -> bool:
    if op.name in _QUIET_ALWAYS:
        return True
    if op.name in ("getitem", "getattr"):
        return _item_is_there(args)
    types = [_type(a) for a in args]
    if any(t is None for t in types):
        return False
    known = [t for t in types if t is not None]
    if op.name == "not_":
        return all(map(is_scalar, known))
    if op.name in BINARY or op.name in COMPARE or op.name in UNARY:
        return _operator_is_quiet(op.name, known)
    entry = table.entry(op.name)
    return entry is not None and entry.kind == "elementwise" and op.name.startswith("np.") and _fit(known)


def _operator_is_quiet(name: str, types: list[Type]) -> bool:
    if all(isinstance(t, Scalar) for t in types):
        ints = all(t in (INT, BOOL) for t in types)
        return name in _QUIET_ON_FLOATS and (ints or all(t == FLOAT for t in types))
    return name in _QUIET_ON_ARRAYS and _fit(types)


def _fit(types: list[Type]) -> bool:
    """Whether these are floats of NumPy whose shapes provably fit."""
    if not all(is_number(t) and dtype_kind(t) == "f" for t in types) or not any(isinstance(t, Array | NpScalar) for t in types):
        return False
    arrays = [t for t in types if isinstance(t, Array)]
    return all(same_shape(arrays[0], t) for t in arrays[1:])


def _item_is_there(args: tuple[Arg, ...]) -> bool:
    """Whether a constant key selects an item of a container of known structure."""
    if len(args) != 2 or not isinstance(args[0], Var) or not isinstance(args[0].type, Struct) or not isinstance(args[1], Const):
        return False
    t, key = args[0].type, args[1].value
    return key in t.keys if t.keys else type(key) is int and -len(t.items) <= key < len(t.items)


def _type(arg: Arg) -> Type | None:
    """The type of an operand, None where it is not known."""
    match arg:
        case Var(_, t):
            return t if is_number(t) else None
        case Const(value):
            return _CONSTANTS.get(type(value))
    return None


Effects = Callable[[Op, tuple[Arg, ...]], Effect]
