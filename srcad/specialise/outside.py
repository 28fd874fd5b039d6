"""Objects that live outside the program: functions found in them are taken as they are when the derivative is compiled.

    METHODS = {"linear": f, "cubic": g}          METHODS["cubic"](x)  is a call of g
    SENSOR = Sensor(response=f, gain=2.0)        SENSOR.response(x)   is a call of f, SENSOR.gain a float

A guard looks them up again at every call, and compiles anew when they have changed.  Reading an item or a property is taken to
change nothing, also where a class of the user's does it; only classes that make missing items (`__missing__`) are left alone.
"""
from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from srcad.ir.nodes import Var
from srcad.ir.types import CONTAINERS, UNKNOWN, Opaque, Struct, Type
from srcad.specialise.arguments import holds_code, import_path, is_option
from srcad.specialise.guards import Guard
from srcad.specialise.kinds import own
from srcad.specialise.signature import type_of
from srcad.specialise.values import Dyn, Static, Value, is_literal

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


@dataclass(frozen=True, slots=True)
class Outside:
    """What a run-time value is: the object, how it is found at every call, and the words for that."""

    object: Any
    read: Callable[[], Any]
    path: str

    def part(self, get: Callable[[Any], Any], step: str) -> Outside:
        """A part of it.  Raises what `get` raises."""
        read = self.read
        return Outside(get(self.object), lambda: get(read()), self.path + step)


def item(engine: Engine, base: Dyn, index: Value) -> Static | None:
    """The function, class or module under a known key of an object from outside; where integers are known by value, also a literal."""
    found = part_at(engine, base, index)
    return None if found is None else _code(engine, found) or _option(engine, found)


def typed(engine: Engine, found: Outside | None) -> Type:
    """The type of data outside, which is guarded."""
    if found is None or found.object is None:
        return UNKNOWN
    t = type_of(found.object)
    if isinstance(t, Struct) and t.cls not in CONTAINERS:
        t = Opaque(t.cls)
    engine.guards.setdefault(found.path, Guard(found.read, t))
    return t


def part_at(engine: Engine, base: Dyn, index: Value) -> Outside | None:
    """What stands under a known key of an object from outside."""
    whole = _of(engine, base)
    if whole is None or not isinstance(index, Static) or not is_literal(index.value):
        return None
    cls, key = type(whole.object), index.value
    if own(cls, "__missing__") is not None or not (cls in (dict, list, tuple) or isinstance(own(cls, "__getitem__"), types.FunctionType)):
        return None
    try:
        return whole.part(lambda obj: obj[key], f"[{key!r}]")
    except Exception:  # noqa: BLE001 -- the program raises it, at run time
        return None


def attribute(engine: Engine, base: Dyn, name: str) -> tuple[Static | None, Outside | None]:
    """What an object from outside has as an attribute or property of its own: code, or what data is."""
    whole = _of(engine, base)
    if whole is None or isinstance(own(type(whole.object), "__getattribute__"), types.FunctionType):
        return None, None
    raw = own(type(whole.object), name)
    if not isinstance(raw, property) and (name not in getattr(whole.object, "__dict__", ()) or inspect.isdatadescriptor(raw)):
        return None, None
    try:
        found = whole.part(lambda obj: getattr(obj, name), f".{name}")
    except Exception:  # noqa: BLE001 -- the program raises it, at run time
        return None, None
    code = _code(engine, found)
    return code, None if code is not None else found


def places(engine: Engine, base: Dyn, *, always: bool = False) -> tuple[type, tuple[object, ...]] | None:
    """The class of a list, tuple or dict from outside that holds functions, and the numbers or keys of its items; None for others.

    `always`: also where it holds no functions.
    """
    whole = _of(engine, base)
    if whole is None or type(whole.object) not in (list, tuple, dict) or not (always or holds_code(whole.object)):
        return None
    found = tuple(whole.object) if isinstance(whole.object, dict) else tuple(range(len(whole.object)))
    if not all(map(is_literal, found)):
        return None
    read = whole.read

    def now() -> object:
        obj: Any = read()
        return tuple(obj) if isinstance(obj, dict) else len(obj)

    engine.guards.setdefault(f"{whole.path}|items", Guard(now, None, found if isinstance(whole.object, dict) else len(found)))
    return type(whole.object), found


def note(engine: Engine, value: Dyn, found: Outside | None) -> Dyn:
    """Remember what a run-time value is."""
    if found is not None and isinstance(value.atom, Var):
        engine.unit.outside[value.atom] = found
    return value


def _of(engine: Engine, value: Dyn) -> Outside | None:
    found = engine.unit.outside.get(value.atom) if isinstance(value.atom, Var) else None
    return found if found is not None and engine.memory.identity(value) not in engine.memory.now else None


def _option(engine: Engine, found: Outside) -> Static | None:
    """An axis, a shape, a flag or a word, where such are taken by their values."""
    obj = found.object
    if not engine.exact or not is_option(obj):
        return None
    engine.guards.setdefault(f"{found.path}|value", Guard(found.read, None, obj))
    return Static(obj)


def _code(engine: Engine, found: Outside) -> Static | None:
    obj = found.object
    if not callable(obj) or isinstance(obj, types.MethodType):
        return None
    engine.guards.setdefault(found.path, Guard(found.read, None, obj))
    return Static(obj, import_path(obj))
