"""Names from outside the function: globals, builtins, imports, and objects reached through them.

Functions, classes and modules are taken as they are when the derivative is compiled; those of a script or notebook, where a function
is defined anew by running its cell again, are guarded, and so are variables that hold derivatives or other callable objects.
Data is read each time the derivative is called; a guard compiles anew when its type has changed, or its value where a literal
steered the compilation.
"""
from __future__ import annotations

import builtins
import enum
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from srcad.ir.core import CELL, GETITEM, PACK
from srcad.ir.nodes import Call, Const, Ref
from srcad.ir.types import CONTAINERS, Opaque, Struct
from srcad.specialise import local_classes, outside, variables
from srcad.specialise.signature import type_of
from srcad.specialise.arguments import import_path
from srcad.specialise.guards import Guard
from srcad.specialise.kinds import class_path, own
from srcad.specialise.values import MISSING, Dyn, Seq, Static, Value, is_literal, type_of_constant

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_CONSTANT_MODULES = ("math", "cmath", "numpy", "scipy.constants", "sys", "builtins")
"""Modules whose numbers never change: they are read where they are used."""
_JOINERS = type(np.r_) | type(np.c_)
_FUNCTIONS = types.FunctionType | types.BuiltinFunctionType | np.ufunc


def read(engine: Engine, name: str) -> Value:
    """The value of a global or builtin name."""
    namespace = engine.frames[-1].globals
    assigned = variables.read(engine, namespace, name)
    if assigned is not None:
        return assigned
    if name in namespace:
        module = module_name(engine, namespace)
        obj, path = namespace[name], f"{module}:{name}"
        if _may_change(name, obj, script=module == "__main__" or module in engine.namespaces):
            engine.guards.setdefault(path, Guard(lambda: namespace[name], None, obj))
        return of_object(engine, obj, path, name, lambda: namespace[name])
    if hasattr(builtins, name):
        return Static(getattr(builtins, name), f"builtins:{name}")
    raise engine.refuse(
        "UnsupportedSyntax", "SRC160", f"the name '{name}' is not defined",
        "define or import it before the function is differentiated",
    )


def _may_change(name: str, obj: object, *, script: bool) -> bool:
    """Whether a name may come to stand for other code: in a script or notebook, and anywhere a variable that holds a callable object."""
    if isinstance(obj, types.FunctionType | type):
        return script
    if not callable(obj) or type(obj).__module__ in ("builtins", "numpy"):
        return False
    return script or getattr(obj, "__qualname__", "") != name  # a decorated function stays what it is


def _is_exact(engine: Engine, obj: object) -> bool:
    """Whether an object is taken by its value where integers are."""
    return engine.exact and (type(obj) is int or (type(obj) is tuple and is_literal(obj)))


def module_name(engine: Engine, namespace: dict[str, object]) -> str:
    """The name under which generated code can import a global namespace."""
    name = namespace.get("__name__")
    module = sys.modules.get(name) if isinstance(name, str) else None
    if module is not None and getattr(module, "__dict__", None) is namespace:
        return str(name)
    for known, other in engine.namespaces.items():
        if other is namespace:
            return known
    alias = f"_srcad_globals_{len(engine.namespaces)}"
    engine.namespaces[alias] = namespace
    return alias


def of_object(
    engine: Engine, obj: object, path: str, hint: str, reader: Callable[[], object], item: tuple[Ref, int | str] | None = None
) -> Value:
    """The abstract value of an object that lives outside the function, reached by `path`, or as an item of what a path reaches."""
    if isinstance(obj, local_classes.Captured):
        return local_classes.value_of(engine, obj)
    if isinstance(obj, types.ModuleType):
        return Static(obj, obj.__name__ + ":")
    code = type | types.FunctionType | types.BuiltinFunctionType | types.MethodType | types.UnionType | _JOINERS
    if isinstance(obj, code) or callable(obj):
        return Static(obj, path)
    if obj is None or obj is Ellipsis or type(obj) in (bool, str, bytes) or _is_exact(engine, obj):
        if path.partition(":")[0] not in _CONSTANT_MODULES:
            engine.guards.setdefault(path, Guard(reader, None, obj))
        return Static(obj)
    if isinstance(obj, enum.Enum):
        if path != _member_path(obj):
            engine.guards.setdefault(path, Guard(reader, None, obj))
        return Static(obj, _member_path(obj))
    if path.startswith("srcad.ops.") and type(obj) is tuple and is_literal(obj):
        return Static(obj)  # the words of a rule
    listed = _of_code(obj)
    if listed is not None:
        engine.guards.setdefault(path, Guard(reader, None, obj))
        return listed
    if path.partition(":")[0] in _CONSTANT_MODULES and is_literal(obj):
        return Dyn(Ref(path, obj), type_of_constant(obj), known=obj)
    seen = engine.unit.read.get(path)
    if seen is not None:
        return seen
    t = type_of(obj)
    if isinstance(t, Struct) and t.cls not in CONTAINERS:
        t = Opaque(t.cls)
    engine.guards.setdefault(path, Guard(reader, t))
    var = engine.unit.names.pinned(hint, t)
    op, args = (PACK, (Ref(path, obj),)) if item is None else (GETITEM, (item[0], Const(item[1])))
    engine.unit.prologue.append(Call((var,), op, args))
    value = Dyn(var, t)
    engine.unit.read[path] = value
    engine.unit.foreign[var] = f"the global '{hint}'" if item is None else "the default of a parameter"
    return outside.note(engine, value, outside.Outside(obj, reader, path))


def _of_code(obj: object) -> Seq | None:
    """A tuple of classes and functions, `NUMBERS = (int, float)` say: code as it is, not data; None for others."""
    if type(obj) is not tuple or not obj:
        return None
    items: list[Value] = []
    for part in obj:
        path = import_path(part)
        inner = _of_code(part)
        if inner is None and not isinstance(part, type) and not (path and isinstance(part, _FUNCTIONS)):
            return None
        items.append(Static(part, path) if inner is None else inner)
    return Seq(tuple, tuple(items))


def _member_path(member: enum.Enum) -> str:
    """Where generated code imports a member of an enumeration from; '' if nowhere."""
    return class_path(type(member), member.name)


def captured(engine: Engine, function: Static, name: str, cell: types.CellType) -> Value:
    """A variable that a function outside has captured: code as it is, data read from the cell when the derivative is called."""
    try:
        obj = cell.cell_contents
    except ValueError:
        return MISSING
    if isinstance(obj, local_classes.Captured):
        return local_classes.value_of(engine, obj)
    path = f"{function.path}.<{name}>"
    made_here = hasattr(type(obj), "__srcad_target__")  # a derivative, or a function with a rule
    code = callable(obj) and (made_here or bool(import_path(obj)) or not isinstance(own(type(obj), "__call__"), types.FunctionType))
    if obj is None or type(obj) in (bool, str) or code or isinstance(obj, types.ModuleType) or _is_exact(engine, obj):
        found = of_object(engine, obj, import_path(obj), name, lambda: cell.cell_contents)
        if isinstance(found, Static) and is_literal(obj):
            engine.guards.setdefault(path, Guard(lambda: cell.cell_contents, None, obj))
        return found
    seen = engine.unit.read.get(path)
    if seen is not None:
        return seen
    if not function.path:
        raise engine.refuse("UnsupportedSyntax", "SRC163", f"'{name}', captured by a function that cannot be imported, is data",
                            "define that function at module level, or pass the data as an argument")  # fmt: skip
    t = type_of(obj)
    engine.guards.setdefault(path, Guard(lambda: cell.cell_contents, t))
    var = engine.unit.names.pinned(name, t)
    engine.unit.prologue.append(Call((var,), CELL, (Ref(function.path, function.value), Const(name))))
    value = Dyn(var, t)
    engine.unit.read[path] = value
    engine.unit.foreign[var] = f"'{name}', which a function has captured"
    return outside.note(engine, value, outside.Outside(obj, lambda: cell.cell_contents, path))


def module_attribute(engine: Engine, module: types.ModuleType, name: str) -> Value:
    """`module.name`."""
    assigned = variables.read(engine, vars(module), name)
    if assigned is not None:
        return assigned
    if not hasattr(module, name):
        raise engine.refuse("UnsupportedSyntax", "SRC161", f"module '{module.__name__}' has no attribute '{name}'", "check the name")
    path = f"{module.__name__}:{name}"
    return of_object(engine, getattr(module, name), path, name, lambda: getattr(module, name))


def imported(engine: Engine, stmt: Call) -> Value:
    """A local `import` or `from ... import ...`."""
    module, name, level = (a.value for a in stmt.args if isinstance(a, Const))
    package = engine.frames[-1].globals.get("__package__") or None
    full = importlib.util.resolve_name("." * int(level) + str(module or ""), str(package)) if level else str(module)  # type: ignore[call-overload]
    try:
        found = importlib.import_module(full)
    except ImportError as error:
        raise engine.refuse(
            "UnsupportedSyntax", "SRC162", f"import of '{full}' failed: {error}",
            "install it, or import it outside the function",
        ) from error
    if name is None:
        return Static(found, full + ":")
    if not hasattr(found, str(name)):
        try:
            inner = importlib.import_module(f"{full}.{name}")
        except ImportError as error:
            raise engine.refuse("UnsupportedSyntax", "SRC162", f"cannot import '{name}' from '{full}'", "check the name") from error
        return Static(inner, inner.__name__ + ":")
    return module_attribute(engine, found, str(name))
