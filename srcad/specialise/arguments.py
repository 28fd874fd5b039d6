"""Actual arguments as abstract values, and how to find their run-time leaves again at every call."""
from __future__ import annotations

import functools
import operator
import sys
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srcad.errors import SrcadError, UnsupportedSyntax
from srcad.frontend.lower import lower_function
from srcad.frontend.lowered import Lowered
from srcad.ir.nodes import UNDEF
from srcad.marks import made_of
from srcad.ir.types import CONTAINERS
from srcad.ops import table
from srcad.parts import Step
from srcad.specialise.kinds import is_ruled
from srcad.specialise.signature import Objects, Tokens, differentiated, type_along, type_of
from srcad.specialise.values import ITSELF, MISSING, Bound, Closure, Dyn, Partial, Seq, Static, Value, container, is_literal, made_value

Getter = Callable[[Any], Any]
_SHORT = 16
_BUILTINS = (types.BuiltinFunctionType, np.ufunc, type, types.ModuleType, type(np.sum))


@dataclass(frozen=True, slots=True)
class Argument:
    """The abstract value of an argument, and for each of its run-time leaves how to read it from the actual object."""

    value: Value
    getters: tuple[Getter, ...]


def identity(obj: Any) -> Any:
    """The object itself."""
    return obj


def abstract(obj: Any, tokens: Tokens, *, varied: bool = False, structured: bool = False) -> Argument:
    """The abstract value of an actual argument or captured object; the attributes of objects are typed where they are differentiated,
    or `structured`.
    """
    if obj is None or type(obj) in (bool, str) or obj is Ellipsis:
        return Argument(Static(obj), ())
    if tokens.exact and not varied and type(obj) in (int, tuple):
        return Argument(Static(obj), ()) if is_literal(obj) else _items(obj, tokens)
    if table.by_object(obj) is not None:  # a function, or an object with methods that have rules, as `scipy.stats.norm` is
        return Argument(Static(obj, import_path(obj)), ())
    if isinstance(obj, types.FunctionType):
        return _function(obj, tokens)
    if is_ruled(type(obj)):
        return _ruled(obj, tokens)
    if made_of(obj) is not None:
        getters: list[Getter] = []
        primal = _part(obj.primal, tokens, lambda made: made.primal, getters)
        return Argument(made_value(obj, primal), tuple(getters))
    if isinstance(obj, functools.partial):
        return _combined(obj, tokens)
    if isinstance(obj, types.MethodType):
        owner = abstract(obj.__self__, tokens)
        reached = tuple(_then(lambda m: m.__self__, g) for g in owner.getters)
        return Argument(Bound(Static(obj.__func__, import_path(obj.__func__)), owner.value), reached)
    if isinstance(obj, _BUILTINS) or hasattr(obj, "py_func") or isinstance(obj, functools._lru_cache_wrapper):  # noqa: SLF001 -- no public name
        return Argument(Static(obj, import_path(obj)), ())
    if type(obj) in CONTAINERS and not varied and (holds_code(obj) or (tokens.exact and _holds_options(obj))):
        return _items(obj, tokens)
    t = differentiated(obj, tokens) if varied else type_of(obj, tokens, 0, Objects() if structured else None)
    return Argument(Dyn(UNDEF, t, varied), (identity,))


def abstract_along(obj: Any, ways: Sequence[tuple[Step, ...]], tokens: Tokens, *, varied: bool) -> Argument:
    """The abstract value of an argument, with its structure along each of `ways`."""
    return Argument(Dyn(UNDEF, type_along(obj, ways, tokens, Objects(), varied=varied), varied), (identity,))


def import_path(obj: Any) -> str:
    """Where generated code can import an object from; '' if nowhere."""
    if isinstance(obj, types.ModuleType):
        return obj.__name__ + ":"
    module, name = getattr(obj, "__module__", None), getattr(obj, "__qualname__", getattr(obj, "__name__", None))
    if isinstance(obj, np.ufunc):
        module = "numpy"
    spelling = table.by_object(obj) if name is None else None
    if spelling is not None:  # an object of a library, which does not know its own name
        module, name = table.path(spelling)
    found: Any = sys.modules.get(module) if isinstance(module, str) else None
    if found is None or not isinstance(name, str):
        return ""
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}:{name}" if found is obj else ""


def _then(first: Getter, second: Getter) -> Getter:
    return lambda obj: second(first(obj))


def _function(obj: types.FunctionType, tokens: Tokens) -> Argument:
    """A Python function: with the data in its cells and defaults as leaves, if it has any."""
    plain = all(map(is_literal, obj.__defaults__ or ())) and all(map(is_literal, (obj.__kwdefaults__ or {}).values()))
    if not obj.__closure__ and plain:
        return Argument(Static(obj, import_path(obj)), ())
    try:
        lowered = lower_function(obj)
    except SrcadError:
        return Argument(Static(obj, import_path(obj)), ())
    if obj in tokens.inside:
        what = f"'{obj.__name__}' captures a function that captures it"
        raise UnsupportedSyntax(what, "define them at module level", code="SRC163", place=lowered.source.head)
    getters: list[Getter] = []
    captures: list[Value] = []
    tokens.inside.append(obj)
    for name in lowered.free:
        n = obj.__code__.co_freevars.index(name)
        if _cell(obj, n) is obj:
            lowered = _recursive(lowered, name)
            captures.append(MISSING)
        else:
            captures.append(_part(_cell(obj, n), tokens, _in_cell(n), getters))
    defaults = [_part(d, tokens, _item_of("__defaults__", n), getters) for n, d in enumerate(obj.__defaults__ or ())]
    named = {k: _part(d, tokens, _item_of("__kwdefaults__", k), getters) for k, d in (obj.__kwdefaults__ or {}).items()}
    tokens.inside.pop()
    return Argument(Closure(lowered, tuple(captures), tuple(defaults), named, obj.__globals__, obj.__name__), tuple(getters))


def _ruled(obj: Any, tokens: Tokens) -> Argument:
    """A function with a rule: by its functions, where it cannot be imported and one of them captures data."""
    held = {n: f for n in ("primal", "fwd", "bwd", "jvp") if (f := getattr(obj, n, None)) is not None}
    path = import_path(obj)
    if path or not any(getattr(f, "__closure__", None) for f in held.values()):
        return Argument(Static(obj, path), ())
    around = [o for o in tokens.inside if is_ruled(type(o))]
    if obj in around:
        if obj is around[-1]:
            return Argument(ITSELF, ())
        raise UnsupportedSyntax(f"'{obj.__name__}' and another function with a rule capture each other", "define them at module level",
                                code="SRC163")  # fmt: skip
    getters: list[Getter] = []
    tokens.inside.append(obj)
    parts = [_part(f, tokens, operator.attrgetter(n), getters) for n, f in held.items()]
    tokens.inside.pop()
    options = {n: Static(getattr(obj, n)) for n in ("nondiff",) if hasattr(obj, n)}
    return Argument(Seq(type(obj), (*parts, *options.values()), (*held, *options)), tuple(getters))


@functools.lru_cache(maxsize=1024)
def _recursive(lowered: Lowered, name: str) -> Lowered:
    """A function that calls itself by a captured name."""
    return replace(lowered, itself=name)


def _cell(function: Any, n: int) -> Any:
    try:
        return function.__closure__[n].cell_contents
    except ValueError:
        return None


def _in_cell(n: int) -> Getter:
    return lambda function: _cell(function, n)


def _item_of(attribute: str, index: int | str) -> Getter:
    return lambda obj: getattr(obj, attribute)[index]


def _part(obj: Any, tokens: Tokens, reach: Getter, getters: list[Getter]) -> Value:
    found = Argument(Static(obj), ()) if type(obj) is tuple and is_literal(obj) else abstract(obj, tokens)
    getters.extend(_then(reach, g) for g in found.getters)
    return found.value


def holds_code(obj: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> bool:
    """Whether a container, or one in it, holds functions or classes."""
    items = obj.values() if isinstance(obj, dict) else obj
    return any(holds_code(i) if type(i) in CONTAINERS else callable(i) and not isinstance(i, types.MethodType) for i in items)


def _holds_options(obj: list[Any] | dict[Any, Any]) -> bool:
    """Whether a short list or dict holds integers, flags or words, which rules may have to know."""
    items = list(obj.values()) if isinstance(obj, dict) else obj
    return len(items) <= _SHORT and any(map(is_option, items))


def is_option(obj: object) -> bool:
    """Whether an object is an integer, a flag, a word or None, or a tuple of these."""
    return obj is None or type(obj) in (bool, int, str) or (isinstance(obj, tuple) and all(map(is_option, obj)))


def _items(obj: Any, tokens: Tokens) -> Argument:
    """A tuple, list or dict by its items."""
    getters: list[Getter] = []
    keys = tuple(obj) if isinstance(obj, dict) else ()
    found = tuple(_part(obj[k], tokens, _item(k), getters) for k in keys or range(len(obj)))
    return Argument(container(type(obj), found, keys), tuple(getters))


def _item(key: Any) -> Getter:
    return lambda obj: obj[key]


def _combined(obj: functools.partial[Any], tokens: Tokens) -> Argument:
    getters: list[Getter] = []
    function = _part(obj.func, tokens, lambda p: p.func, getters)
    args = tuple(_part(a, tokens, _item_of("args", n), getters) for n, a in enumerate(obj.args))
    named = tuple((k, _part(v, tokens, _item_of("keywords", k), getters)) for k, v in obj.keywords.items())
    return Argument(Partial(function, args, named), tuple(getters))
