"""Classes that a function defines: made while compiling by running their body, which only defines things.

    class Spring:                                   the class is real, and its methods are followed as those of any class; what they
        def force(self, x):                ==>      capture of the function stands in their cells as an abstract value (`Captured`)
            return -k * x

No generated program has such a class, so its objects have no run-time form.  Each run of the statement makes another class, as in Python.
"""
from __future__ import annotations

import abc
import collections
import dataclasses
import functools
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from srcad.errors import SrcadError
from srcad.ir.build import Builder
from srcad.ir.nodes import Call, Const, Pack, Var
from srcad.ir.types import is_dict
from srcad.specialise.diverge import Escapes
from srcad.specialise.frames import Env, Unit
from srcad.specialise.kinds import MADE
from srcad.specialise.templates import children, leaves
from srcad.specialise.values import Missing, Seq, Static, Value, is_literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcad.specialise.engine import Engine

_DECORATORS = (dataclasses.dataclass, functools.total_ordering, typing.final)
_ADVICE = "define the class at module level"


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """What stands in a cell or attribute of such a class for a value of the function, and where that value is known."""

    value: Value
    unit: Unit
    builder: Builder


def defined(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """The class that a `class` statement makes."""
    params = dict(stmt.params)
    name, lines, names, options, read = (_literal(params[k]) for k in ("name", "line", "captured", "options", "read"))
    bases, decorators, values = (_parts(engine, params[k], env) for k in ("bases", "decorators", "values"))
    code = engine.frames[-1].lowered.source.code_of_class(name, lines)
    if code is None:
        raise _refused(engine, f"the class '{name}' cannot be told from another one")
    captured = dict(zip(names, (env[a] if isinstance(a, Var) else engine.value(a, env) for a in stmt.args), strict=True))
    cells = {n: types.CellType() for n in code.co_freevars}
    for n, cell in cells.items():
        value = captured.get(n)
        if value is not None and not isinstance(value, Missing):
            cell.cell_contents = _kept(engine, value)
    known = {n: Captured(v, engine.unit, engine.builder) for n, v in zip(read, values, strict=True) if not isinstance(v, Static)}
    made = _made(engine, name, code, [_class_of(engine, b, name) for b in bases], cells, known)
    for decorator, keywords in zip(reversed(decorators), reversed(options), strict=True):
        made = _decorated(engine, made, decorator, dict(keywords))
    if name in cells:
        cells[name].cell_contents = made
    engine.numbering.note_made(made, (engine.frames[-1].lowered.key, name, lines))
    return [_noted(engine, made)]


def value_of(engine: Engine, captured: Captured) -> Value:
    """A value that a class has captured, where it is asked for."""
    if any(True for _ in leaves(captured.value)):
        if engine.unit is not captured.unit:
            if engine.unit.inlinable:
                raise Escapes
            raise _refused(engine, "a class that reads variables of a function is used by one that is differentiated inside")
        if captured.builder is not engine.builder and captured.builder not in engine.around:
            raise _refused(engine, "a class that reads variables of a branch or loop is used outside of it")
    return engine.now(captured.value)


def escaping(engine: Engine, value: Value) -> bool:
    """Whether a value is, or holds, a class that the function made which is being compiled: the next call makes another one."""
    return any(cls in engine.unit.classes for cls in _classes(value))


# ---- making classes --------------------------------------------------------------------------------------------------
def _made(
    engine: Engine, name: str, code: types.CodeType, bases: list[Any], cells: dict[str, types.CellType], known: dict[str, Captured]
) -> Any:  # fmt: skip
    """Run the body of a class; `known`: what global names stand for in it."""

    def body(namespace: dict[str, Any]) -> None:
        namespace.update(known)
        exec(code, engine.frames[-1].globals, namespace, closure=tuple(cells[n] for n in code.co_freevars) or None)
        for n, value in known.items():
            if namespace.get(n) is value:
                del namespace[n]

    try:
        return types.new_class(name, tuple(bases), exec_body=body)
    except Exception as error:
        raise _refused(engine, f"the class '{name}' cannot be made while compiling ({type(error).__name__}: {error})") from error


def _class_of(engine: Engine, base: Value, name: str) -> Any:
    """A base of a class, if making a subclass runs no code of anybody's."""
    found = base.value if isinstance(base, Static) else None
    if found is typing.NamedTuple:
        return found
    plain = isinstance(found, type) and type(found) in (type, abc.ABCMeta) and not any(
        "__init_subclass__" in vars(c) for c in found.__mro__[:-1])  # fmt: skip
    if not plain:
        raise _refused(engine, f"a base of the class '{name}' is computed, or does something when it gets a subclass")
    return found


def _decorated(engine: Engine, cls: Any, decorator: Value, keywords: dict[str, Any]) -> Any:
    obj: Any = decorator.value if isinstance(decorator, Static) else None
    if obj not in _DECORATORS:
        raise _refused(engine, f"the class '{cls.__name__}' has a decorator other than `dataclass`")
    try:
        return obj(cls, **keywords) if keywords else obj(cls)
    except (TypeError, ValueError) as error:
        raise _refused(engine, f"the class '{cls.__name__}' cannot be made while compiling ({error})") from error


def _maker(maker: Any) -> Callable[[Engine, list[Value], dict[str, Value]], Value | None]:
    """How a call is interpreted that makes a class of literals: `namedtuple("Point", "x y")`."""

    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        try:
            given, named = [_plain(a) for a in args], {k: _plain(v) for k, v in kwargs.items()}
        except TypeError:
            return None
        try:
            return _noted(engine, maker(*given, **named))
        except (TypeError, ValueError) as error:
            raise _refused(engine, f"a class cannot be made while compiling ({error})") from error

    return form


def _plain(value: Value) -> Any:
    """A literal, class or display of them as the object that it is; TypeError for others."""
    if isinstance(value, Static) and (is_literal(value.value) or isinstance(value.value, type)):
        return value.value
    if isinstance(value, Seq) and value.cls in (tuple, list):
        return value.cls(map(_plain, value.items))
    if isinstance(value, Seq) and is_dict(value.cls):
        return dict(zip(value.keys, map(_plain, value.items), strict=True))
    raise TypeError


def _noted(engine: Engine, made: type) -> Static:
    MADE.add(made)
    engine.unit.classes.append(made)
    return Static(made)


# ---- values in cells -------------------------------------------------------------------------------------------------
def _kept(engine: Engine, value: Value) -> object:
    """What a cell of the class holds: code as it is, since the body may use it."""
    if isinstance(value, Static) and not is_literal(value.value):
        return value.value
    return Captured(value, engine.unit, engine.builder)


def _classes(value: Value) -> Iterator[type]:
    match value:
        case Seq(cls):
            yield cls
        case Static(obj) if isinstance(obj, type):
            yield obj
    for child in children(value):
        yield from _classes(child)


def _literal(arg: object) -> Any:
    assert isinstance(arg, Const)
    return arg.value


def _parts(engine: Engine, arg: object, env: Env) -> list[Value]:
    assert isinstance(arg, Pack)
    return [engine.value(a, env) for a in arg.items]


def _refused(engine: Engine, why: str) -> SrcadError:
    return engine.refuse("UnsupportedSyntax", "SRC104", why, _ADVICE)


FORMS: dict[Any, Any] = {
    maker: _maker(maker)
    for maker in (collections.namedtuple, typing.NamedTuple, dataclasses.make_dataclass)  # noqa: PYI024 -- the user's word
}
"""How a call of each of these is interpreted."""
