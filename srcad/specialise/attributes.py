"""Attribute access on abstract values: data attributes, methods, properties."""
from __future__ import annotations

import functools
import dataclasses
import inspect
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.errors import SrcadError
from srcad.ir.core import GETATTR, RAISE
from srcad.ir.nodes import Const, Var
from srcad.ir.types import (
    INT, UNKNOWN, Array, ListOf, NpScalar, Numbered, Opaque, Scalar, Struct, TupleOf, Type, is_dict, may_carry_derivative,
)  # fmt: skip
from srcad.marks import made_of
from srcad.ops import table
from srcad.runtime.tables import STAND_FOR
from srcad.specialise import (
    calls, choices, containers, flat, functions, globals, namespaces, numbered, objects, operations, optional, outside, writes,
)  # fmt: skip
from srcad.specialise.arguments import import_path
from srcad.specialise.diverge import Diverged
from srcad.specialise.guards import Guard
from srcad.specialise.kinds import MADE, class_path, is_object, is_ruled, own
from srcad.specialise.questions import dtype_attribute, limit_type
from srcad.specialise.values import (
    Bound, Closure, Dyn, Given, Lazy, Method, Partial, Seq, SliceVal, Static, Super, Value, is_literal, made_value,
)  # fmt: skip

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_FLAGS = type(np.empty(0).flags)
_PYTHON_CLASSES = {"bool": bool, "int": int, "float": float, "complex": complex}


def class_of(t: Type) -> type | None:
    """The Python class of values of a type, where it is known."""
    match t:
        case Scalar(kind):
            return _PYTHON_CLASSES.get(kind)  # `whole` and `real` are of several
        case NpScalar(dtype):
            return np.dtype(dtype).type
        case Array():
            return np.ndarray
        case ListOf():
            return list
        case TupleOf():
            return tuple
        case Struct(cls) | Opaque(cls):
            return cls
        case Numbered():
            return t.kind
    return None


def get(engine: Engine, value: Value, name: str) -> Value:
    """`value.name`."""
    optional.raised_by_use(engine, value, lambda none: getattr(none, name))
    if choices.between_containers(value):
        return Method(value, name)
    chosen = choices.split(engine, [value], lambda one: get(engine, one[0], name))
    if chosen is not None:
        return chosen
    match value:
        case Static(obj) if isinstance(obj, types.ModuleType):
            return globals.module_attribute(engine, obj, name)
        case SliceVal(lower, upper, step) if name in ("start", "stop", "step"):
            return {"start": lower, "stop": upper, "step": step}[name]
        case SliceVal() if name == "indices":
            return Method(value, name)
        case Static():
            return _of_static(engine, value, name)
        case Seq(cls) if cls is types.GeneratorType:
            return Method(value, name)
        case Seq(cls, _, keys) if name in keys and not is_dict(cls) and not isinstance(own(cls, name), property):
            return _given(engine, value, name)
        case Seq(cls):
            return of_class(engine, value, cls, name)
        case Closure() | Partial() if name == "__name__":
            return Static(getattr(value, "name", "partial"))
        case Lazy("flat"):
            return get(engine, flat.elements(engine, value), name)
        case Lazy() if namespaces.is_namespace(value):
            return Method(value, name)
        case Lazy() if objects.is_objects(value):
            return get(engine, value.parts[0], name) if name in ("shape", "ndim", "size") else Method(value, name)
        case Super(cls, self):
            return _behind(engine, cls, self, name)
        case Dyn():
            return _of_runtime(engine, value, name)
    raise engine.refuse(
        "UnsupportedSyntax", "SRC170", f"the attribute '{name}' of a {type(value).__name__.lower()} cannot be followed",
        "avoid it in differentiated code",
    )


def _class_behind(cls: type, self: Value) -> type:
    """The class whose order of bases `super()` goes by."""
    if isinstance(self, Static) and isinstance(self.value, type):
        return self.value
    return (class_of(self.type) if isinstance(self, Dyn) else getattr(self, "cls", None)) or cls


def next_with(cls: type, self: Value, name: str) -> type | None:
    """The next class behind `cls` that has something under a name: where `super()` finds it."""
    order = _class_behind(cls, self).__mro__
    return next((base for base in order[order.index(cls) + 1 :] if name in vars(base)), None)


def _behind(engine: Engine, cls: type, self: Value, name: str) -> Value:
    """`super().name`: the method that the next class behind `cls` has."""
    base = next_with(cls, self, name)
    raw = None if base is None else vars(base)[name]
    if base is not None and (isinstance(raw, types.FunctionType) or (base is object and name in ("__init__", "__setattr__"))):
        return Bound(Static(raw, class_path(base, name)), self)
    if base is not None and isinstance(raw, staticmethod | classmethod | property):
        return _bound(engine, raw, class_path(base, name), self, _class_behind(cls, self), name)
    if base is not None and class_path(base) and not hasattr(raw, "__get__"):
        return globals.of_object(engine, raw, class_path(base, name), name, lambda: vars(base)[name])
    raise engine.refuse(
        "UnsupportedSyntax", "SRC175", f"super().{name} is no method with Python source",
        "call the method of the class by its name",
    )


def is_given(value: Seq, name: str) -> Value:
    """Whether an object has an attribute: paths that set it and paths that did not may have met."""
    if Given(name) in value.keys:
        return value.at(Given(name))
    return Static(name in value.keys)


def _given(engine: Engine, value: Seq, name: str) -> Value:
    """An attribute of an object; where it may not have been set, the program asks."""
    is_set = is_given(value, name)
    known = engine.memory.told.get(is_set.atom) if isinstance(is_set, Dyn) else None
    if is_set == Static(value=True) or known:
        return value.at(name)
    if isinstance(is_set, Static):
        raise missing(engine, value.cls, name)
    asked = engine.runtime(is_set, "whether an attribute is set")
    writes.raise_unless(engine, asked, AttributeError(f"{value.cls.__name__!r} object has no attribute {name!r}"))
    return value.at(name)


def _of_static(engine: Engine, value: Static, name: str) -> Value:
    obj = value.value
    if is_literal(obj):
        if name in ("real", "imag") and not isinstance(obj, str):
            return Static(getattr(obj, name))
        return Method(value, name)
    if not hasattr(obj, name):
        raise engine.refuse(
            "UnsupportedSyntax", "SRC171", f"'{value.path or type(obj).__name__}' has no attribute '{name}'",
            "check the name",
        )
    found = getattr(obj, name)
    path = f"{value.path}.{name}" if value.path and not value.path.endswith(":") else f"{value.path}{name}"
    if isinstance(obj, dataclasses.Field) and name in ("type", "metadata"):
        return _of_field(engine, found)
    if is_literal(found) and isinstance(obj, type | types.FunctionType | inspect.Parameter | dataclasses.Field):
        return Static(found)
    if isinstance(found, np.dtype):
        return Static(found, path)
    if name == "__args__" and type(found) is tuple and all(isinstance(a, type) for a in found):  # the classes of a union
        return Seq(tuple, tuple(Static(a, import_path(a)) for a in found))
    return globals.of_object(engine, found, path, name, lambda: getattr(obj, name))


def _of_field(engine: Engine, found: Any) -> Value:
    """The type or the metadata of a field of a dataclass."""
    if isinstance(found, type):
        return Static(found, import_path(found))
    if isinstance(found, Mapping) and all(map(is_literal, found.values())):
        return Seq(dict, tuple(map(Static, found.values())), tuple(found))
    raise engine.refuse("UnsupportedSyntax", "SRC170", "this part of a field of a dataclass cannot be followed",
                        "ask for the name of the field, or give it metadata of literals")  # fmt: skip


def of_class(engine: Engine, value: Value, cls: type, name: str) -> Value:
    """A method, property or class attribute found on the class of a value."""
    raw = own(cls, name)
    path = class_path(cls, name)
    if name == "__class__":
        return Static(cls, class_path(cls))
    if raw is None and not hasattr(cls, name):
        fallback = own(cls, "__getattr__")
        if isinstance(fallback, types.FunctionType):
            return engine.call(Static(fallback, class_path(cls, "__getattr__")), [value, Static(name)], {})
        raise missing(engine, cls, name)
    if name in ("_asdict", "_replace") and hasattr(cls, "_fields"):
        return Method(value, name)
    if cls.__module__ == "logging" and isinstance(raw, types.FunctionType):
        return Method(value, name)
    if isinstance(raw, staticmethod | classmethod | property | types.FunctionType):
        return _bound(engine, raw, path, value, cls, name)
    if is_ruled(type(raw)):
        return Bound(Static(raw, path), value)
    if isinstance(raw, functools.cached_property) and isinstance(value, Seq):
        found = engine.call(Static(raw.func, ""), [value], {})
        now = engine.now(value)  # the call may have changed it
        assert isinstance(now, Seq)
        containers.put_attribute(engine, value, writes.exploded(engine, now) or now, name, found)
        return found
    if isinstance(value, Seq) and is_object(value) and name == "__dict__":
        return namespaces.of(value)
    if raw is object.__getattribute__ or raw is object.__setattr__:
        plain = getattr if raw is object.__getattribute__ else setattr
        return Bound(Static(plain, f"builtins:{plain.__name__}"), value)
    if isinstance(value, Seq) and is_object(value) and hasattr(raw, "__get__"):
        raise engine.refuse("UnsupportedSyntax", "SRC170", f"the attribute '{name}' of a {cls.__name__} cannot be followed",
                            "avoid it in differentiated code")  # fmt: skip
    if made_of(raw) is not None:
        return made_value(raw, Bound(Static(raw.primal, f"{path}.primal"), value))
    if hasattr(raw, "__get__"):
        return Method(value, name)
    found = getattr(cls, name)
    if not path and is_literal(found):  # no program can import the class
        if cls not in MADE:
            engine.guards.setdefault(f"{cls.__qualname__}.{name} of {id(cls)}", Guard(lambda: getattr(cls, name), None, found))
        return Static(found)
    return globals.of_object(engine, found, path, name, lambda: getattr(cls, name))


def missing(engine: Engine, cls: type, name: str) -> SrcadError | Diverged:
    """What to raise where a class has no such attribute: in `try`, the program raises its own error at run time."""
    if engine.in_try:
        text = f"'{f'numpy.{cls.__name__}' if cls.__module__ == 'numpy' else cls.__name__}' object has no attribute '{name}'"
        error = engine.call(Static(AttributeError, "builtins:AttributeError"), [Static(text)], {})
        engine.builder.do(RAISE, (engine.runtime(error, "the error").atom,))
        return Diverged()
    if cls in STAND_FOR:
        what = f"'{name}' of a {STAND_FOR[cls].__name__} is not followed"
        return engine.refuse("UnsupportedSyntax", "SRC172", what, "use its items: loops, `d[k]`, `in`, `len`")
    return engine.refuse("UnsupportedSyntax", "SRC172", f"'{cls.__name__}' objects have no attribute '{name}' that is known when compiling",
                         "set it in the constructor")  # fmt: skip


def _bound(engine: Engine, raw: Any, path: str, value: Value, cls: type, name: str) -> Value:
    """What a function or wrapped function in a class is when it is read from an object."""
    if cls not in MADE and not calls.is_library(cls):
        engine.guards.setdefault(f"{cls.__qualname__}.{name} of {id(cls)}", Guard(lambda: own(cls, name), None, raw))
    match raw:
        case staticmethod():
            return Static(raw.__func__, path)
        case classmethod():
            return Bound(Static(raw.__func__, _part(path, "__func__")), Static(cls, class_path(cls)))
        case property():
            if raw.fget is None:
                raise engine.refuse("UnsupportedSyntax", "SRC173", f"the property '{name}' cannot be read", "give it a getter")
            return engine.call(Static(raw.fget, _part(path, "fget")), [value], {})
    if cls in MADE and isinstance(raw, types.FunctionType) and raw.__closure__:  # with what it captures, wherever it is called
        return Bound(functions.of_python(engine, raw, path), value)
    return Bound(Static(raw, path), value)


def _part(path: str, name: str) -> str:
    return f"{path}.{name}" if path else ""


def _of_kept(engine: Engine, value: Dyn, name: str) -> Value | None:
    """A method of an object that was made of constants: that of what has made it, given these."""
    made = engine.unit.kept.get(value.atom) if isinstance(value.atom, Var) else None
    method = None if made is None else getattr(getattr(made.function, "value", None), name, None)
    if made is None or (table.by_object(method) or table.by_object(getattr(method, "__func__", None))) is None:
        return None
    return Partial(get(engine, made.function, name), (), made.kwargs)


def _of_runtime(engine: Engine, value: Dyn, name: str) -> Value:
    t = value.type
    if isinstance(t, Numbered):
        found = numbered.attribute(engine, value, name)
        return of_class(engine, value, t.kind, name) if found is None else found
    if engine.carries and isinstance(t, Opaque) and t.cls is not None and issubclass(t.cls, BaseException):
        raise engine.refuse("UnsupportedSyntax", "SRC195", f"the attribute '{name}' of an exception may hold a differentiated value",
                            "keep the value in a variable of the function, or return it")  # fmt: skip
    if isinstance(t, Array) and name == "ndim":
        return Static(t.ndim)
    if isinstance(t, Scalar | NpScalar) and name == "ndim":
        return Static(0)
    if isinstance(t, Array) and name == "size" and not t.shape:
        return Static(1)
    if isinstance(t, Scalar | NpScalar | Array):
        return _of_number(engine, value, name)
    if isinstance(t, Struct) and name in t.keys and not is_dict(t.cls):
        found = _read(engine, value, name, t.items[t.keys.index(name)])
        writes.note_part(engine, found, value, GETATTR, Static(name))
        return found
    of_dtype = dtype_attribute(value, name) or _of_kept(engine, value, name)
    if of_dtype is not None:
        return of_dtype
    limit = limit_type(value, name)
    if limit is not None:
        return _read(engine, value, name, limit)
    cls = class_of(t)
    if isinstance(t, ListOf | TupleOf | Struct) and cls is not None:
        return of_class(engine, value, cls, name)
    if cls is not None and cls is not type(None):
        raw = own(cls, name)
        if isinstance(raw, types.FunctionType | staticmethod | classmethod) or made_of(raw) is not None or is_ruled(type(raw)):
            return of_class(engine, value, cls, name)
        if raw is not None and callable(raw) and not isinstance(raw, property):
            return Method(value, name) if hasattr(raw, "__get__") else of_class(engine, value, cls, name)
        code, part = outside.attribute(engine, value, name)
        return code or outside.note(engine, _read(engine, value, name, outside.typed(engine, part)), part)
    if table.method("ndarray", name) is not None:
        return _of_number(engine, value, name)
    if value.varied:
        raise engine.refuse(
            "UnsupportedSyntax", "SRC174", f"the attribute '{name}' of a differentiated value of unknown type cannot be followed",
            "give the name one type on all paths",
        )
    return _read(engine, value, name, UNKNOWN)


def _of_number(engine: Engine, value: Dyn, name: str) -> Value:
    """An attribute or method of a number or array, as the table spells it."""
    if name == "flat" and isinstance(value.type, Array):
        return Lazy("flat", (value,))
    spelling = table.method("ndarray" if isinstance(value.type, Array | Opaque) else "scalar", name)
    if spelling is not None and spelling.attribute:
        out = operations.apply(engine, spelling.op, [value], [])
        if name == "dtype" and isinstance(out, Dyn) and isinstance(value.type, Array | NpScalar):
            return Dyn(out.atom, out.type, known=np.dtype(value.type.dtype))
        return out
    if spelling is not None:
        return Method(value, name)
    if name == "__class__":
        return Static(class_of(value.type), "")
    if name == "flags" and isinstance(value.type, Array):
        return _read(engine, value, name, Opaque(_FLAGS))
    cls = class_of(value.type)
    if cls is not None and callable(getattr(cls, name, None)):
        return Method(value, name)
    if cls is not None and not hasattr(cls, name) and engine.in_try:
        raise missing(engine, cls, name)
    if value.varied:
        raise engine.refuse(
            "NoRule", "SRC201", f"the attribute '{name}' of an array has no rule",
            "use a function of the table (`srcad rules`)",
        )
    return _read(engine, value, name, INT if name in ("size", "nbytes", "itemsize") else UNKNOWN)


def _read(engine: Engine, value: Dyn, name: str, t: Type) -> Dyn:
    out = engine.builder.call(GETATTR, (value.atom, Const(name)), t)
    return Dyn(out, t, value.varied and may_carry_derivative(t))
