"""Entries that other packages add for their own functions, and the fingerprints of their rules.

Generated text depends on the rules that made it, so whatever a foreign rule's code reads is an ingredient of the cache's key: the rule's
byte code and constants, its defaults and captured values, the functions and modules that it names.  Where something cannot be told, there
is no fingerprint and nothing is kept.
"""
from __future__ import annotations

import builtins
import hashlib
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from srcad.errors import ArgumentError
from srcad.ir.nodes import Effect, Op
from srcad.ops import table
from srcad.ops.entry import REGISTRY, Spelling

_LITERALS = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis))
_STEADY = (*sys.stdlib_module_names, "numpy", "srcad")
"""Packages whose state is in the key already, by their version."""


class Untold(Exception):
    """A rule uses something that has no fingerprint."""


@dataclass(frozen=True)
class Foreign:
    """What a package registered: its spelling, and the functions that make up its rule."""

    spelling: Spelling
    parts: tuple[Any, ...]


FOREIGN: dict[str, Foreign] = {}
"""By the name of the op."""


def place_of(fn: Any, path: str | None) -> tuple[str, str]:
    """Module and qualified name by which generated code can import a function."""
    module, _, name = (path or f"{getattr(fn, '__module__', '')}:{getattr(fn, '__qualname__', getattr(fn, '__name__', ''))}").partition(":")
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None or (found is not fn and found != fn):
        advice = "define the function at the top of a module, or say where it is: path='package.module:function'"
        raise ArgumentError(f"a rule is for a function that can be imported; `{module}:{name}` is not this function", advice=advice)
    return module, name


def op_of(fn: Any, path: str | None) -> Op:
    """The op of a function of another package, printed by its name."""
    known = table.by_object(fn)
    if known is not None and (known.entry.refused or known.op.name in FOREIGN):
        return known.op
    if known is not None:
        raise ArgumentError(f"`{known.op.name}` has a rule already", advice="rules are for functions that srcad does not know")
    module, name = place_of(fn, path)
    return Op(f"{module}.{name}", f"{name}(*_)", (f"{module}:{name.partition('.')[0]}",), Effect.RAISES)


def add(spellings: Iterable[Spelling], parts: tuple[Any, ...]) -> None:
    """Put entries into the table, in the place of refused ones and of earlier ones for the same function."""
    for spelling in spellings:
        known = REGISTRY.by_op(spelling.op.name)
        if known is None:
            table.register([(spelling,)])
        else:
            REGISTRY.replace(known, replace(spelling, object=known.object))
        FOREIGN[spelling.op.name] = Foreign(spelling, parts)


def fingerprint(used: set[str]) -> tuple[str, ...] | None:
    """What the rules of other packages are, if any of these ops is theirs; None if that cannot be told.

    All of them, since a rule may record an operation of another one.
    """
    if not used & FOREIGN.keys():
        return ()
    found = []
    for name in sorted(FOREIGN):
        state = hashlib.sha256()
        try:
            for text in _told((FOREIGN[name].spelling.entry.kind, FOREIGN[name].parts), set()):
                state.update(f"{len(text)}:{text}".encode())
        except Untold:
            return None
        found.append(f"{name} {state.hexdigest()}")
    return tuple(found)


def _told(value: Any, seen: set[int]) -> Iterator[str]:
    """The texts that say what a value is; Untold if nothing does."""
    if isinstance(value, _LITERALS):
        yield f"{type(value).__name__} {value!r}"
    elif isinstance(value, types.FunctionType):
        yield from _function(value, seen)
    elif isinstance(value, types.CodeType):
        yield from _code(value, seen)
    elif isinstance(value, tuple | list | frozenset):
        items = sorted(value, key=repr) if isinstance(value, frozenset) else value
        yield f"{type(value).__name__} {len(value)}"
        for item in items:
            yield from _told(item, seen)
    elif isinstance(value, dict):
        yield from _told(tuple(value.items()), seen)
    elif isinstance(value, types.ModuleType):
        yield from _module(value)
    elif isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufcSU":
        yield f"array {value.dtype.str} {np.shape(value)} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    elif isinstance(value, np.ufunc | types.BuiltinFunctionType | type) or type(value).__module__.partition(".")[0] == "srcad":
        yield f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', getattr(value, '__name__', type(value).__qualname__))}"
        if getattr(value, "__module__", "").partition(".")[0] not in (*_STEADY, "scipy"):
            raise Untold
    else:
        raise Untold


def _function(function: types.FunctionType, seen: set[int]) -> Iterator[str]:
    yield f"function {function.__qualname__}"
    if id(function) in seen:
        return
    seen.add(id(function))
    if function.__module__.partition(".")[0] in _STEADY:
        yield function.__module__
        return
    yield from _code(function.__code__, seen)
    yield from _told((function.__defaults__, function.__kwdefaults__), seen)
    yield from _told(tuple(_content(c) for c in function.__closure__ or ()), seen)
    for name in sorted(_names(function.__code__)):
        if name in function.__globals__:
            yield name
            yield from _told(function.__globals__[name], seen)
        elif not hasattr(builtins, name):
            yield f"{name} is an attribute, or not there"


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        raise Untold from None


def _code(code: types.CodeType, seen: set[int]) -> Iterator[str]:
    yield f"code {code.co_code.hex()} {code.co_names} {code.co_varnames} {code.co_freevars} {code.co_argcount} {code.co_flags}"
    yield from _told(code.co_consts, seen)


def _names(code: types.CodeType) -> set[str]:
    """The names of a function and of those nested in it."""
    return set(code.co_names).union(*(_names(c) for c in code.co_consts if isinstance(c, types.CodeType)))


def _module(module: types.ModuleType) -> Iterator[str]:
    """A module by its version and its text."""
    yield f"module {module.__name__} {getattr(module, '__version__', '')}"
    if module.__name__.partition(".")[0] in (*_STEADY, "scipy"):
        return
    try:
        yield hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest()
    except (AttributeError, OSError):
        raise Untold from None
