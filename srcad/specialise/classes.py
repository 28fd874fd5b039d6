"""Calls of classes: objects of known structure, filled by the source of `__init__` or by the fields of a dataclass."""
from __future__ import annotations

import copy
import dataclasses
import inspect
import types
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.errors import SrcadError
from srcad.frontend.lower import lower_function
from srcad.ir.nodes import Call
from srcad.ir.types import CONTAINERS, Opaque, is_dict
from srcad.specialise import calls, containers, functions, items, numbered, sets, spread, writes
from srcad.specialise.arguments import import_path
from srcad.specialise.attributes import class_of
from srcad.specialise.kinds import class_path, is_followed, own
from srcad.specialise.values import Dyn, Seq, Static, Value, container, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_NONE = Static(None)
_DEEPEST = 30  # objects that make objects of their own class while they are made


def construct(engine: Engine, function: Static, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`cls(*args, **kwargs)`."""
    cls: Any = function.value
    if function.path and not import_path(cls):
        engine.homes[cls] = function.path
    if issubclass(cls, tuple) and hasattr(cls, "_fields") and cls.__new__.__name__ == "__new__":
        return _named_tuple(engine, cls, args, kwargs)
    varied = any(map(is_varied, (*args, *kwargs.values())))
    sure = varied or cls in engine.numbering.classes
    if is_followed(cls) and (sure or _is_wanted(cls) or _only_keeps(cls)):
        return numbered.made(engine, _instance(engine, cls, args, kwargs) if sure else _tried(engine, function, args, kwargs))
    if varied and issubclass(cls, set | frozenset):
        raise sets.refused(engine)
    if varied and issubclass(cls, np.ndarray) and cls is not np.ndarray:
        what = f"'{cls.__name__}', a subclass of np.ndarray, is built from a differentiated value"
        raise engine.refuse("UnsupportedSyntax", "SRC184", what, "use plain arrays, and `@` for the product of matrices")
    if varied and not issubclass(cls, BaseException):
        raise engine.refuse("UnsupportedSyntax", "SRC184", f"an object of class '{cls.__name__}' is built from a differentiated value",
                            "use a class whose `__init__` is written in Python, a dataclass, a named tuple, a tuple or a dict")  # fmt: skip
    engine.carries |= varied
    return calls.opaque(engine, function, args, kwargs, Opaque(cls))


def _is_wanted(cls: type) -> bool:
    """Whether objects of inactive values are followed, too: those of the user's classes, and polynomials, which are functions."""
    return cls is np.poly1d or cls.__module__.startswith("numpy.polynomial") or not calls.may_stay(cls, cls.__name__)


def _only_keeps(cls: type) -> bool:
    """Whether objects of the class are made by keeping what the constructor is given: a wrapper, which may be used with active values."""
    init = own(cls, "__init__")
    if not isinstance(init, types.FunctionType) or _is_generated(init):
        return False
    try:
        body = lower_function(init).func.body
    except SrcadError:
        return False
    return all(isinstance(s, Call) and s.op.name in ("setattr", "global") for s in body.stmts)


def _tried(engine: Engine, function: Static, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """An object made of inactive values: where its class cannot be followed, it is made as it stands."""
    cls: Any = function.value
    before = engine.memory
    engine.memory = before.fork()
    known = dict(engine.unit.read), list(engine.unit.prologue)
    try:
        with engine.aside() as builder:
            made = _instance(engine, cls, args, kwargs)
    except SrcadError:
        engine.memory = before
        engine.unit.read, engine.unit.prologue = known
        if not function.path or not all(calls.immutable(engine, v) for v in (*args, *kwargs.values())):
            raise
        return calls.opaque(engine, function, args, kwargs, Opaque(cls))
    engine.builder.stmts.extend(builder.stmts)
    return made


def _instance(engine: Engine, cls: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """An object of an ordinary class."""
    init = own(cls, "__init__")
    if _is_generated(init):
        return _dataclass(engine, cls, args, kwargs)
    made = container(cls, ())
    if isinstance(init, types.FunctionType):
        if sum(frame.lowered is functions.of_python(engine, init, "").lowered for frame in engine.frames) > _DEEPEST:
            raise engine.refuse("UnsupportedSyntax", "SRC149", f"objects of class '{cls.__name__}' make others without end",
                                "make them in a loop")  # fmt: skip
        run_method(engine, cls, "__init__", made, args, kwargs)
    elif args or kwargs:
        raise engine.refuse("UnsupportedSyntax", "SRC182", f"{cls.__name__}() takes no arguments", "correct the call")
    return made


def run_method(engine: Engine, cls: type, name: str, self: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method that may write to `self`, interpreted where it is called."""
    f = functions.of_python(engine, own(cls, name), class_path(cls, name))
    return functions.inline(engine, f, [*functions.bind(engine, f, [self, *args], kwargs), *f.captures])


def _is_generated(init: object) -> bool:
    """Whether this is an `__init__` that `dataclass` has written."""
    return isinstance(init, types.FunctionType) and init.__code__.co_filename == "<string>"


# ---- named tuples and dataclasses ------------------------------------------------------------------------------------
def _named_tuple(engine: Engine, cls: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    defaults = cls._field_defaults
    if spread.is_open(args):
        known = tuple(functions.default(engine, d, class_path(cls, n)) for n, d in defaults.items())
        callee = spread.Callee(f"{cls.__qualname__}.__new__", ("_cls", *cls._fields), known)
        args = spread.bound(engine, callee, [_NONE, *args], kwargs)[0][1:]
    given = dict(zip(cls._fields, args, strict=False)) | kwargs
    for name in cls._fields:
        if name not in given:
            path = class_path(cls, name)
            given[name] = functions.default(engine, defaults[name], path) if name in defaults else _missing(engine, cls, name)
    return container(cls, tuple(given[n] for n in cls._fields), cls._fields)


def _dataclass(engine: Engine, cls: Any, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Fields from arguments, defaults and factories in their order, then `__post_init__` with what is only for it."""
    params = list(inspect.signature(cls.__init__).parameters.values())[1:]
    names = [p.name for p in params if p.kind is p.POSITIONAL_OR_KEYWORD]
    if spread.is_open(args):
        if any(p.default is not p.empty for p in params):
            raise items.uncounted(engine)
        args = spread.bound(engine, spread.Callee(f"{cls.__qualname__}.__init__", ("self", *names)), [_NONE, *args], kwargs)[0][1:]
    given = dict(zip(names, args, strict=False)) | kwargs
    if len(args) > len(names) or set(given) - {p.name for p in params} or set(kwargs) & set(names[: len(args)]):
        raise engine.refuse("UnsupportedSyntax", "SRC182", f"the arguments of {cls.__name__}() do not fit its fields", "correct the call")
    own_fields = dataclasses.fields(cls)
    fields: dict[str, Value] = {}
    for f in own_fields:
        if f.name in given:
            fields[f.name] = given[f.name]
        elif f.default_factory is not dataclasses.MISSING:
            factory: Any = f.default_factory
            fields[f.name] = engine.call(Static(factory, import_path(factory)), [], {})
        elif f.default is not dataclasses.MISSING:
            fields[f.name] = functions.default(engine, f.default, class_path(cls, f.name))
        elif f.init:
            _missing(engine, cls, f.name)
    made = container(cls, tuple(fields.values()), tuple(fields))
    if isinstance(own(cls, "__post_init__"), types.FunctionType):
        extra = [p for p in params if p.name not in {f.name for f in own_fields}]
        passed = [given[p.name] if p.name in given else _of_parameter(engine, cls, p) for p in extra]
        run_method(engine, cls, "__post_init__", made, passed, {})
    return made


def _of_parameter(engine: Engine, cls: Any, p: inspect.Parameter) -> Value:
    """What `__post_init__` gets for a parameter that the call does not give."""
    return _missing(engine, cls, p.name) if p.default is p.empty else functions.default(engine, p.default, class_path(cls, p.name))


def _missing(engine: Engine, cls: type, name: str) -> Value:
    raise engine.refuse("UnsupportedSyntax", "SRC182", f"{cls.__name__}() misses the argument '{name}'", "correct the call")


def replaced(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`dataclasses.replace(obj, **changes)`: a new object made by the class."""
    known = writes.exploded(engine, numbered.opened(engine, args[0])) if len(args) == 1 else None
    if known is None or not dataclasses.is_dataclass(known.cls):
        return None
    init = [f for f in dataclasses.fields(known.cls) if f.init]
    given = {f.name: kwargs[f.name] if f.name in kwargs else known.at(f.name) for f in init}
    return engine.call(Static(known.cls, class_path(known.cls)), [], {**given, **kwargs})


def fields(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`dataclasses.fields(cls_or_object)`."""
    match args:
        case [Static(type() as cls)] | [Seq(cls)]:
            pass
        case [Dyn(_, t)]:
            cls = class_of(t) or object
        case _:
            return None
    if kwargs or not dataclasses.is_dataclass(cls):
        return None
    return Seq(tuple, tuple(map(Static, dataclasses.fields(cls))))


def as_tuple(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`dataclasses.astuple(obj)`."""
    return None if len(args) != 1 or kwargs else _as_plain(engine, args[0], tuple)


def as_dict(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`dataclasses.asdict(obj)`."""
    return None if len(args) != 1 or kwargs else _as_plain(engine, args[0], dict)


def _as_plain(engine: Engine, value: Value, cls: type) -> Value | None:
    """The fields of a dataclass, those in its fields taken apart too, everything else copied deeply; None for others."""
    known = writes.exploded(engine, numbered.opened(engine, value))
    if known is None or not dataclasses.is_dataclass(known.cls):
        return None
    fields = tuple(f.name for f in dataclasses.fields(known.cls))
    parts = tuple(_plain_part(engine, known.at(n), cls) for n in fields)
    return container(cls, parts, fields if is_dict(cls) else ())


def _plain_part(engine: Engine, value: Value, cls: type) -> Value:
    if isinstance(value, Seq) and value.cls in CONTAINERS:
        return container(value.cls, tuple(_plain_part(engine, i, cls) for i in value.items), value.keys)
    return _as_plain(engine, value, cls) or engine.call(Static(copy.deepcopy, "copy:deepcopy"), [value], {})


def set_attribute_plainly(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`object.__setattr__(self, name, value)`, which goes around what a class does about assignments."""
    known = writes.exploded(engine, args[0])
    if known is None or not isinstance(args[1], Static):
        return None
    containers.put_attribute(engine, args[0], known, str(args[1].value), args[2])
    return _NONE


def do_nothing(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`object.__init__(self)`, where the bases of a class end."""
    return _NONE if len(args) == 1 and not kwargs and isinstance(args[0], Seq) else None
