"""Augmented assignment to names, on abstract values."""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.ir import core
from srcad.ir.nodes import Const
from srcad.ir.types import BOOL, UNKNOWN, Array, NpScalar, Opaque, Scalar, Struct, TupleOf, dtype_kind
from srcad.ops.storage import IN_PLACE
from srcad.specialise import choices, containers, mixed, operations, sets, writes
from srcad.specialise.values import Dyn, Seq, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def augmented(engine: Engine, name: str, args: list[Value]) -> Value:
    """`x += y` on a name: rebinding for immutable values, a write for the rest."""
    plain = {"iand": "and_", "ior": "or_"}.get(name, name[1:])
    chosen = choices.split(engine, args[:1], lambda given: augmented(engine, name, [*given, *args[1:]]))
    if chosen is not None:
        return chosen
    target = args[0]
    immutable = isinstance(target, Static) or (isinstance(target, Seq) and target.cls is tuple)
    if isinstance(target, Dyn):
        immutable = isinstance(target.type, Scalar | NpScalar) or (isinstance(target.type, Opaque) and target.type.cls in (str, bytes))
        immutable = immutable or isinstance(target.type, TupleOf) or (isinstance(target.type, Struct) and target.type.cls is tuple)
    if immutable or (containers.is_list(target) and _numpy_decides(plain, args[1])):
        return operations.operator_(engine, plain, args)
    if isinstance(target, Dyn) and isinstance(target.type, Array):
        return writes.augmented(engine, plain, target, args[1])
    found = sets.augmented(engine, plain, target, args[1]) or containers.augmented(engine, plain, target, args[1])
    if found is not None:
        return found
    if isinstance(target, Dyn) and mixed.is_mixed(engine.memory, target):
        return _number_or_array(engine, plain, target, args[1])
    sign = core.BINARY[plain].form.split()[1]
    error = engine.refuse("UnsupportedSyntax", "SRC140", f"`{sign}=` on a value of unknown type may change it in place",
                          f"write `x = x {sign} ...`, which makes a new one")  # fmt: skip
    if not isinstance(target, Dyn) or target.type != UNKNOWN or engine.in_try:
        raise error
    operations.refuse_where(engine, operations.emit(engine, core.CHANGES, [target.atom, Const(f"__{name}__")], BOOL), error)
    return operations.operator_(engine, plain, args)


def _numpy_decides(plain: str, value: Value) -> bool:
    """Whether `x op= value` of a list makes an array of it, as `x op value` does: NumPy is asked before the list is."""
    if not isinstance(value, Dyn) or not isinstance(value.type, Array | NpScalar):
        return False
    return plain != "mul" or isinstance(value.type, Array) or dtype_kind(value.type) not in "iu"


def _number_or_array(engine: Engine, plain: str, target: Dyn, value: Value) -> Dyn:
    """`x op= value` for a number or an array."""
    memory = engine.memory
    result = engine.runtime(operations.operator_(engine, plain, [target, value]), "the result")
    kept = operations.emit(engine, IN_PLACE, [result.atom, target.atom], UNKNOWN, is_varied(result))
    writes.lose(engine, target)
    mixed.note(memory, kept.atom, [(memory, result.atom), (memory, target.atom)])  # type: ignore[arg-type]
    return kept
