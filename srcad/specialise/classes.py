"""Calls of classes."""
from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from srcad.ir.types import Opaque
from srcad.specialise import calls
from srcad.specialise.values import Static, Value, container, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def construct(engine: Engine, function: Static, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`cls(*args, **kwargs)`."""
    cls: Any = function.value
    if issubclass(cls, tuple) and hasattr(cls, "_fields") and cls.__new__.__name__ == "__new__":
        return _named_tuple(engine, cls, args, kwargs)
    if dataclasses.is_dataclass(cls) and _plain(cls):
        return _dataclass(engine, cls, args, kwargs)
    if any(map(is_varied, (*args, *kwargs.values()))) and not issubclass(cls, BaseException):
        raise engine.refuse("UnsupportedSyntax", "SRC184", f"an object of class '{cls.__name__}' is built from a differentiated value",
                            "use a dataclass, a named tuple, a tuple or a dict")  # fmt: skip
    return calls.opaque(engine, function, args, kwargs, Opaque(cls))


def _plain(cls: Any) -> bool:
    """Whether constructing only sets the fields."""
    return "__post_init__" not in dir(cls) and cls.__dataclass_params__.init and cls.__new__ is object.__new__


def _named_tuple(engine: Engine, cls: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    defaults = cls._field_defaults
    given = dict(zip(cls._fields, args, strict=False)) | kwargs
    return _filled(engine, cls, cls._fields, given, defaults)


def _dataclass(engine: Engine, cls: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    fields = [f for f in dataclasses.fields(cls) if f.init]
    if len(fields) != len(dataclasses.fields(cls)) or any(f.default_factory is not dataclasses.MISSING for f in fields):
        raise engine.refuse(
            "UnsupportedSyntax", "SRC185", f"the fields of '{cls.__name__}' are not all set by its arguments",
            "give every field in the call",
        )
    names = tuple(f.name for f in fields if not f.kw_only)
    given = dict(zip(names, args, strict=False)) | kwargs
    defaults = {f.name: f.default for f in fields if f.default is not dataclasses.MISSING}
    return _filled(engine, cls, tuple(f.name for f in fields), given, defaults)


def _filled(engine: Engine, cls: type, names: tuple[str, ...], given: dict[str, Value], defaults: dict[str, object]) -> Value:
    items = []
    for name in names:
        if name in given:
            items.append(given[name])
        elif name in defaults:
            items.append(Static(defaults[name]))
        else:
            raise engine.refuse("UnsupportedSyntax", "SRC182", f"{cls.__name__}() misses the argument '{name}'", "correct the call")
    return container(cls, tuple(items), names)
