"""What `functools` makes of functions: wrappers that take another name, and functions chosen by the class of an argument."""
from __future__ import annotations

import functools
import types
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from srcad.specialise.values import Closure, Partial, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_CHOOSES: types.CodeType = getattr(functools.singledispatch(len), "__code__")  # noqa: B009 -- its type in typeshed has none


def chosen(obj: Any, classes: list[type | None]) -> Static | None:
    """The function that `functools.singledispatch` takes for arguments of these classes; None for other objects."""
    cls = classes[0] if classes else None
    if getattr(obj, "__code__", None) is not _CHOOSES or cls is None:
        return None
    found = obj.dispatch(cls)
    return Static(found) if isinstance(found, types.FunctionType) else None


def _wraps(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`functools.wraps(f)`."""
    return Partial(Static(functools.update_wrapper, "functools:update_wrapper"), (), (("wrapped", args[0]),)) if len(args) == 1 else None


def _wrapped(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`functools.update_wrapper(f, wrapped=g)`: a function of the program takes the name of another."""
    if len(args) != 1 or set(kwargs) != {"wrapped"} or not isinstance(args[0], Closure):
        return None
    source = kwargs["wrapped"]
    name = source.name if isinstance(source, Closure) else getattr(source.value, "__name__", "") if isinstance(source, Static) else ""
    return replace(args[0], name=name or args[0].name)


FORMS: dict[Any, Any] = {functools.wraps: _wraps, functools.update_wrapper: _wrapped}
"""How a call of each of these is interpreted."""
