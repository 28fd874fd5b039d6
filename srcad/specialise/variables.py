"""Global variables that the program assigns: each is an item of a dict of its own, so that it is followed as other storage is.

    def enter(mode):                 the value of `MODE` is that of an item, on each path, in loops and in calls;
        global MODE          ==>     beside that, `module.MODE = mode` stands in the typed program where the user assigns,
        MODE = mode                  so that everybody else sees it in time

Which variables there are is not known before they are met: the first assignment starts the specialisation again.
"""
from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from srcad.ir.core import SETATTR
from srcad.ir.nodes import Const, Ref, Var
from srcad.ir.types import Opaque
from srcad.specialise import calls, globals, writes
from srcad.specialise.diverge import Assigned, Escapes
from srcad.specialise.guards import Guard
from srcad.specialise.memory import can_change, cells
from srcad.specialise.templates import leaves
from srcad.specialise.values import Dyn, Poison, Seq, Static, Value, container, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


class Variables:
    """The assigned global variables of one program, by namespace and name."""

    def __init__(self) -> None:
        self.found: dict[tuple[int, str], tuple[dict[str, object], str]] = {}
        self.boxes: dict[tuple[int, str], Seq] = {}

    def add(self, namespace: dict[str, object], name: str) -> None:
        """Follow one more variable from the start."""
        self.found[id(namespace), name] = namespace, name

    def start(self, engine: Engine) -> None:
        """Read what the variables hold when the program starts."""
        for ident, (namespace, name) in self.found.items():
            self.boxes[ident] = container(dict, (_initial(engine, namespace, name),), (name,))


def _initial(engine: Engine, namespace: dict[str, object], name: str) -> Value:
    path = f"{globals.module_name(engine, namespace)}:{name}"
    if name not in namespace:
        if hasattr(builtins, name):
            return Static(getattr(builtins, name), f"builtins:{name}")
        return Poison(f"the global variable '{name}' has no value yet", "SRC160", "define it at module level")
    value = globals.of_object(engine, namespace[name], path, name, lambda: namespace[name])
    if isinstance(value, Static):
        engine.guards.setdefault(path, Guard(lambda: namespace[name], None, value.value))
    return value


def read(engine: Engine, namespace: dict[str, object], name: str) -> Value | None:
    """What an assigned global variable holds here; None for others."""
    box = engine.variables.boxes.get((id(namespace), name))
    if box is None:
        return None
    _check_unit(engine, name)
    now = writes.current(engine, box)
    assert isinstance(now, Seq)
    (value,) = now.items
    if isinstance(value, Poison):
        raise engine.refuse("UnsupportedSyntax", value.code, value.reason, value.advice)
    return engine.now(value)


def _check_unit(engine: Engine, name: str) -> None:
    """Global variables are followed in the entry: functions that touch them are interpreted where they are called."""
    if engine.unit is engine.entry:
        return
    if engine.unit.inlinable:
        raise Escapes
    raise engine.refuse("UnsupportedSyntax", "SRC145", f"a function that is differentiated inside uses the assigned global '{name}'",
                        "pass the value as an argument")  # fmt: skip


def write(engine: Engine, namespace: dict[str, object], name: str, value: Value) -> None:
    """`name = value` under `global name`, or `module.name = value`."""
    box = engine.variables.boxes.get((id(namespace), name))
    if box is None:
        raise Assigned(namespace, name)
    _check_unit(engine, name)
    if any(True for _ in cells(value)):
        raise engine.refuse("UnsupportedSyntax", "SRC145", f"a list, dict or object that is made here is put into the global '{name}'",
                            "return it instead, or keep it in a tuple")  # fmt: skip
    whole = engine.runtime(value, f"what is assigned to the global '{name}'")
    for leaf in leaves(value):  # from now on it can be changed, and read, from outside
        root = engine.memory.root(leaf)
        if isinstance(root, Var) and can_change(leaf.type):
            engine.unit.foreign.setdefault(root, f"what the global '{name}' holds")
    module = globals.module_name(engine, namespace)
    engine.builder.do(SETATTR, (Ref(f"{module}:", sys.modules.get(module)), Const(name), whole.atom))
    writes.write(engine, box, Seq(dict, (value,), (name,)))


def held(engine: Engine) -> Iterator[tuple[dict[str, object], str, Value]]:
    """What the assigned variables hold here, each with its namespace and name."""
    for (ident, name), box in engine.variables.boxes.items():
        now = writes.current(engine, box)
        if isinstance(now, Seq):
            yield engine.variables.found[ident, name][0], name, now.items[0]


def check_hidden(engine: Engine, function: Value, values: list[Value]) -> None:
    """Refuse a call that is not followed where it may read a global variable that holds a differentiated value."""
    varied = [name for _, name, value in held(engine) if is_varied(value)]
    if varied and any(map(_is_users, (function, *values))):
        raise engine.refuse("UnsupportedSyntax", "SRC145", f"a function that is not followed may read the global '{varied[0]}', "
                            "which holds a differentiated value", "pass the value as an argument")  # fmt: skip


def _is_users(value: Value) -> bool:
    """Whether calling a value, or what it is given to, may run code of the user's."""
    match value:
        case Static(obj):
            return callable(obj) and not calls.may_stay(obj, getattr(obj, "__name__", ""))
        case Dyn(_, Opaque(cls)):
            return cls is None or (cls not in (str, bytes, type(None), range) and not calls.may_stay(cls, ""))
        case Seq(_, items):
            return any(map(_is_users, items))
    return not isinstance(value, Dyn)
