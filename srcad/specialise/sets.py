"""Sets that change: ordinary sets at run time, of what carries no derivative.

A set of known items becomes one where it is first changed, under the same identity.  Going over it gives its items in Python's order.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from srcad.errors import SrcadError
from srcad.ir.core import BINARY, CALL, GETATTR
from srcad.ir.nodes import Call, Const, Effect, Op, Ref
from srcad.ir.types import UNKNOWN, Opaque
from srcad.specialise import items, operations, told_apart, writes
from srcad.specialise.kinds import is_object
from srcad.specialise.values import Dyn, Seq, Static, Value, container, hint_of, is_literal, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_CHANGES = {
    name: Op(f"set_{name}", f"_0.{name}({argument})", effects=Effect.RAISES, inplace=True)
    for name, argument in (("add", "_1"), ("discard", "_1"), ("remove", "_1"), ("update", "_1"), ("clear", ""), ("pop", ""))
}
_MAKERS = frozenset({"copy", "union", "intersection", "difference", "symmetric_difference"})
_AUGMENTED = {
    name: Op(f"set_{name}_update", f"_0 {sign}= _1", effects=Effect.RAISES, inplace=True)
    for name, sign in (("or_", "|"), ("and_", "&"), ("sub", "-"), ("xor", "^"))
}


def is_set(value: Value) -> bool:
    """Whether a value is a set that can change."""
    return (isinstance(value, Seq) and value.cls is set) or (isinstance(value, Dyn) and value.type == Opaque(set))


def display(engine: Engine, given: Seq) -> Value:
    """The set of the items of a display: what is equal is in it once, which run time tells of what is no literal."""
    known = [i.value for i in given.items if isinstance(i, Static) and is_literal(i.value)]
    if len(known) == len(given.items):
        return container(set, tuple(map(Static, set(known))))
    _check_objects(engine, given.items)
    if len(given.items) < 2:
        return given
    if any(map(is_varied, given.items)):
        raise refused(engine)
    return engine.runtime(given, "a set")


def _check_objects(engine: Engine, parts: Sequence[Value]) -> None:
    """Refuse a set that would have to tell apart objects which are followed."""
    if any(map(told_apart.holds_objects, parts)):
        raise engine.refuse("UnsupportedSyntax", "SRC123", "whether objects in a set are one object is not known when compiling",
                            "use a list, or a set of numbers or names that tell them apart")  # fmt: skip


def method(engine: Engine, self: Value, name: str, args: list[Value]) -> Value | None:
    """A method that changes a set or makes another; None for others."""
    if not is_set(self):
        return None
    if name in _MAKERS and not any(map(is_varied, (self, *args))):
        base = engine.runtime(self, "a set")
        made = engine.builder.call(GETATTR, (base.atom, Const(name)), UNKNOWN)
        atoms = [made, *(operations.argument(engine, _plain(engine, a), "a set") for a in args)]
        return Dyn(engine.builder.call(CALL, atoms, Opaque(set)), Opaque(set))
    op = _CHANGES.get(name)
    if op is None:
        return None
    if name == "update":
        for other in args:
            _changed(engine, self, op, [_plain(engine, other)])
        return Static(None)
    if name != "pop":
        _changed(engine, self, op, args)
        return Static(None)
    base = _at_run_time(engine, self)
    rest, item = (engine.unit.names.var(base.atom.hint if n == 0 else "", t) for n, t in enumerate((base.type, UNKNOWN)))  # type: ignore[union-attr]
    engine.builder.add(Call((rest, item), op, (base.atom,), (), engine.builder.loc))
    writes.write(engine, self, Dyn(rest, base.type))
    return Dyn(item, UNKNOWN)


def operator(engine: Engine, name: str, args: list[Value]) -> Value | None:
    """`a | b` and its like of sets that exist at run time; None for others."""
    if name not in _AUGMENTED or len(args) != 2 or not all(map(is_set, args)) or any(map(is_varied, args)):
        return None
    atoms = [engine.runtime(a, "a set").atom for a in args]
    return Dyn(engine.builder.call(BINARY[name], atoms, Opaque(set)), Opaque(set))


def made(engine: Engine, args: list[Value]) -> Value | None:
    """`set(items)` of what is known at run time only."""
    if len(args) != 1 or is_varied(args[0]) or is_object(args[0]):
        return None
    whole = operations.argument(engine, _plain(engine, args[0]), "set()")
    return Dyn(engine.builder.call(CALL, (Ref("builtins:set", set), whole), Opaque(set)), Opaque(set))


def augmented(engine: Engine, name: str, target: Value, value: Value) -> Value | None:
    """`target |= value` and its like; None for what is no set."""
    op = _AUGMENTED.get(name)
    if op is None or not is_set(target):
        return None
    _changed(engine, target, op, [value])
    return target


def _plain(engine: Engine, other: Value) -> Value:
    """What a set is updated with, as something that exists at run time."""
    return Seq(list, items.known_items(engine, other)) if isinstance(other, Seq) and other.cls is not set else other


def _changed(engine: Engine, self: Value, op: Op, args: list[Value]) -> None:
    if any(map(is_varied, args)):
        raise refused(engine)
    base = _at_run_time(engine, self)
    atoms = [base.atom, *(operations.argument(engine, a, "a change of a set") for a in args)]
    writes.write(engine, self, Dyn(engine.builder.call(op, atoms, base.type, hint=hint_of(base)), base.type))


def _at_run_time(engine: Engine, self: Value) -> Dyn:
    if isinstance(self, Seq) and any(map(is_varied, self.items)):
        raise refused(engine)
    return engine.runtime(engine.now(self), "a set")


def refused(engine: Engine) -> SrcadError:
    """A set whose members are differentiated."""
    return engine.refuse("NotDifferentiable", "SRC305", "a set holds differentiated values, which it tells apart",
                         "use a list, or a dict whose values are differentiated")  # fmt: skip
