"""What classes are, found without calling anything of theirs; and numbers that stand for all of their class."""
from __future__ import annotations

import dataclasses
import inspect
import types
import weakref
from typing import Any

import numpy as np

from srcad.ir.types import SEVERAL, NpScalar, Numbered, Scalar, Struct
from srcad.ops.infer import dummy
from srcad.specialise.values import Dyn, Seq, Static, Value

MADE: weakref.WeakSet[type] = weakref.WeakSet()
"""Classes that were made while compiling: no generated program has them."""


def own(cls: type, name: str) -> Any:
    """What a class or one of its bases has under a name, unbound; None if nothing."""
    return inspect.getattr_static(cls, name, None)


def class_path(cls: type, name: str = "") -> str:
    """Where generated code imports a class, or what it has under a name, from; '' if nowhere."""
    if "<" in cls.__qualname__:
        return ""
    return f"{cls.__module__}:{cls.__qualname__}" + (f".{name}" if name else "")


def is_followed(cls: Any) -> bool:
    """Whether the source of `__init__` says all that happens when an object of the class is made and its attributes are assigned."""
    init, setter = own(cls, "__init__"), own(cls, "__setattr__")
    return (
        type(cls).__call__ is type.__call__ and cls.__new__ is object.__new__ and own(cls, "__getattribute__") is object.__getattribute__
        and own(cls, "__delattr__") in (object.__delattr__, own(cls, "__delattr__") if is_frozen(cls) else None)
        and (setter is object.__setattr__ or is_frozen(cls)) and own(cls, "__del__") is None and not getattr(cls, "_is_protocol", False)
        and (init is object.__init__ or isinstance(init, types.FunctionType)) and not is_ruled(cls)
    )  # fmt: skip


def is_ruled(cls: type) -> bool:
    """Whether its objects are functions with a rule (`custom_vjp` and its like)."""
    return hasattr(cls, "__srcad_custom__")


def is_frozen(cls: Any) -> bool:
    """Whether the class is a dataclass whose fields are not assigned."""
    return dataclasses.is_dataclass(cls) and bool(getattr(cls, "__dataclass_params__").frozen)  # noqa: B009 -- unknown to type checkers


def has_room(cls: type) -> bool:
    """Whether objects of the class take attributes that no `__slots__` names."""
    return cls.__dictoffset__ != 0


def number_like(value: Value) -> Any:
    """A number of the class that a value has, where it is a number of one known class; else None."""
    if isinstance(value, Static) and isinstance(value.value, bool | int | float | complex | np.number):
        return value.value
    if isinstance(value, Dyn) and isinstance(value.type, Scalar | NpScalar) and value.type not in SEVERAL:
        return dummy(value.type)
    return None


def is_object(value: Value) -> bool:
    """Whether a value of known structure is an object with attributes, no tuple, list, dict or set; at run time too."""
    cls = structured(value)
    return cls is not None and not issubclass(cls, tuple | list | dict | set | frozenset)


def structured(value: Value) -> type | None:
    """The class of a value of known structure, at run time too; None for others."""
    if isinstance(value, Seq):
        return value.cls
    if isinstance(value, Dyn) and isinstance(value.type, Numbered):
        return value.type.kind
    return value.type.cls if isinstance(value, Dyn) and isinstance(value.type, Struct) else None
