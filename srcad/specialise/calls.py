"""Calls: what is called is resolved while compiling, then inlined, compiled as a function of the program, or left as it is."""
from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from srcad import marks
from srcad.errors import SrcadError
from srcad.frontend.lower import lower_function
from srcad.ir import core
from srcad.ir.nodes import Arg, Call, Const, Star
from srcad.ir.types import UNKNOWN, Array, ListOf, Opaque, Struct, TupleOf, Type, may_carry_derivative
from srcad.ops import table
from srcad.ops.internal import APPLY_MAP
from srcad.runtime import tables
from srcad.specialise import (
    choices, classes, custom, decorators, draws, forms, functions, globals, items, managers, methods, namespaces, objects, operations,
    operators, optional, ordered, ruled, several, solvers, spread, streams, variables, vectorize, writers,
)  # fmt: skip
from srcad.specialise.attributes import class_of, of_class
from srcad.specialise.frames import TEMPLATES, Env
from srcad.specialise.kinds import is_followed, is_ruled
from srcad.specialise.memory import can_change
from srcad.specialise.values import (
    Bound, Choice, Closure, Dyn, Inside, Lazy, Manager, Maybe, Method, Partial, Seq, Static, Value, is_literal, is_varied, made_value,
    to_arg,
)  # fmt: skip

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_TRUSTED = (
    "numpy", "scipy", "math", "cmath", "builtins", "itertools", "operator", "functools", "collections", "copy", "string", "re", "os",
    "sys", "time", "warnings", "logging", "typing", "numbers", "abc", "enum", "decimal", "fractions", "datetime", "bisect", "statistics",
    "random", "inspect", "contextlib", "json", "dataclasses", "types", "platform", "pathlib", "textwrap", "_operator", "_collections_abc",
    "pkgutil", "importlib",
)  # fmt: skip
"""Packages whose functions do not change their arguments, but for `_WRITERS`."""
_WRITERS = frozenset([
    "shuffle", "put", "place", "copyto", "putmask", "fill_diagonal", "put_along_axis", "setfield", "insort", "insort_left",
    "insort_right", "heappush", "heappop", "heapify", "setattr", "delattr", "exec", "eval",
])  # fmt: skip
_ABOUT_TEXT = (
    "re", "json", "string", "textwrap", "os", "logging", "datetime", "pathlib", "platform", "inspect", "typing", "time", "pkgutil",
    "importlib",
)
"""Packages whose functions are called as they are where nothing is differentiated: their source, a parser say, is no part of the model."""
_CONTAINERS = (list, dict, set)
_DISPATCHER = type(np.sum)
SPEAKERS = ("print", "warn", "debug", "info", "warning", "error", "exception", "critical", "log")
"""Functions that show a value to somebody: called once, in order; the value is not followed further."""


def arguments(engine: Engine, stmt: Call, env: Env) -> tuple[list[Value], dict[str, Value]]:
    """Positional and keyword arguments of an untyped call, stars taken apart."""
    given: list[tuple[Value, bool]] = []
    for arg in stmt.args[1:]:
        if isinstance(arg, Star) and len(stmt.args) == 2 and engine.value(stmt.args[0], env) == Static(zip):
            rows = engine.value(arg.value, env)
            if items.is_long(rows):
                return [Lazy("rows", (rows,))], {}
        given.append((engine.value(arg.value, env), True) if isinstance(arg, Star) else (engine.value(arg, env), False))
    starred = any(star for _, star in given)
    function = engine.value(stmt.args[0], env) if starred else Static(None)
    args = spread.arguments(engine, function, given, binds=_binds(function)) if starred else [value for value, _ in given]
    kwargs: dict[str, Value] = {}
    for name, arg in stmt.params:
        if name.startswith("**"):
            inner = arg.value if isinstance(arg, Star) else arg
            kwargs.update({str(k): v for k, v in items.mapping_items(engine, engine.value(inner, env))})
        else:
            kwargs[name] = engine.value(arg, env)
    return args, kwargs


def _binds(function: Value) -> bool:
    """Whether parameters are bound by this compiler: a function with source, a class, a method or a partial of these."""
    match function:
        case Closure():
            return True
        case Bound(inner) | Partial(inner):
            return _binds(inner)
        case Static(types.FunctionType() as obj):
            known = obj in forms.FORMS or table.by_object(obj) is not None or marks.public(obj) is not None or managers.is_generated(obj)
            return not known
        case Static(type() as cls):
            return is_followed(cls) or hasattr(cls, "_fields")
    return False


def closure(engine: Engine, stmt: Call, env: Env) -> Value:
    """A nested `def` or `lambda`."""
    frame = engine.frames[-1]
    index = next(v.value for k, v in stmt.params if k == "func" and isinstance(v, Const))
    lowered = frame.lowered.nested[int(str(index))]
    return functions.nested(engine, stmt, lowered, env)


def call(engine: Engine, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """The value of `function(*args, **kwargs)`."""
    args = streams.taken(engine, function, args)
    optional.raised_by_use(engine, function, lambda none: none())
    if several.is_one(function):
        return choices.over(engine, several.by_class(engine, function), lambda one: call(engine, one, args, kwargs))
    if _asks_none(engine, function, [*args, *kwargs.values()]):
        return _called_asking(engine, function, args, kwargs)
    match function:
        case Static():
            return _of_choice(engine, function, args, kwargs) or _call_static(engine, function, args, kwargs)
        case Closure():
            return functions.call(engine, function, args, kwargs)
        case Bound(inner, self):
            return call(engine, inner, [self, *args], kwargs)
        case Method(self, name):
            return methods.call(engine, self, name, args, kwargs)
        case Partial(inner, before, named):
            return call(engine, inner, [*before, *args], {**dict(named), **kwargs})
        case Choice():
            return choices.call(engine, function, args, kwargs)
        case Inside():
            return managers.run_inside(engine, function, args)
        case Dyn(_, t):
            return _call_runtime(engine, function, class_of(t), args, kwargs)
        case Seq(cls) if is_ruled(cls):
            return custom.call(engine, ruled.of_made(engine, function), args, kwargs)
        case Seq(cls):
            return call(engine, of_class(engine, function, cls, "__call__"), args, kwargs)
    raise engine.refuse("UnsupportedSyntax", "SRC180", f"a {type(function).__name__.lower()} is called", "call a function")


def _asks_none(engine: Engine, function: Value, args: list[Value]) -> bool:
    """Whether a call must know of its arguments, or of the function, whether they are None: where no source is followed."""
    if isinstance(function, Maybe):
        return True
    if not any(isinstance(a, Maybe) for a in args):
        return False
    match function:
        case Static(obj):
            return not _has_source(obj)
        case Method(Seq() | Dyn(_, ListOf())):
            return False
        case Method() | Dyn():
            return True
    return False


def _has_source(function: Any) -> bool:
    if isinstance(function, type):
        return is_followed(function) or hasattr(function, "_fields")
    return isinstance(function, types.FunctionType) and function not in forms.FORMS and table.by_object(function) is None


def _called_asking(engine: Engine, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call that must know what is None."""
    count = len(args) + 1

    def use(found: list[Value]) -> Value:
        return engine.call(found[0], found[1:count], dict(zip(kwargs, found[count:], strict=True)))

    return optional.either(engine, [function, *args, *kwargs.values()], use)


def _call_runtime(engine: Engine, function: Dyn, cls: type | None, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A callable object."""
    outside = hasattr(cls, "__srcad_linear__")
    if outside and any(map(is_varied, (*args, *kwargs.values()))):
        given = tuple(engine.runtime(a, "an argument") for a in (*args, *kwargs.values()))
        return operations.apply(engine, APPLY_MAP, [Seq(tuple, given), function], [])
    if cls is not None and _has_python_call(cls) and not outside:
        return call(engine, of_class(engine, function, cls, "__call__"), args, kwargs)
    if any(map(is_varied, (*args, *kwargs.values(), function))):
        raise engine.refuse("NoRule", "SRC202", "a callable that is only known at run time gets a differentiated value",
                            "pass the function itself as an argument, or give it a custom rule")  # fmt: skip
    return opaque(engine, function, args, kwargs)


def _of_choice(engine: Engine, function: Static, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """A call with one of several objects; None for others, and where Python code that is followed gets it as it is."""
    goes_in = isinstance(function.value, types.FunctionType | type) and function.value not in forms.FORMS
    if goes_in or not any(choices.of_objects(a) or choices.between_containers(a) or several.is_one(a) for a in args):
        return None
    return choices.split(engine, args, lambda given: call(engine, function, given, kwargs))


def _call_static(engine: Engine, function: Static, args: list[Value], kwargs: dict[str, Value]) -> Value:
    obj: Any = function.value
    args = [namespaces.plain(engine, a) for a in args]
    operator = marks.public(obj)
    if operator is not None:
        return operators.run(engine, operator, args, kwargs)
    form = forms.FORMS.get(obj) if _hashable(obj) else None
    if form is not None:
        found = form(engine, args, kwargs)
        if found is not None:
            return found
    if getattr(obj, "__module__", "") == "srcad.api" and getattr(obj, "__name__", "") == "stop_gradient" and len(args) == 1:
        return forms.stopped(engine, args[0])
    if forms.is_manager(obj) or managers.is_generated(obj):
        return Manager(function, tuple(args), tuple(kwargs.items()))
    written = writers.call(engine, obj, args, kwargs)
    if written is not None:
        return written
    spelling = table.by_object(obj)
    if spelling is not None and spelling.entry.template is not None:
        return solvers.call(engine, spelling, args, kwargs)
    if spelling is not None:
        return operations.apply(engine, spelling.op, args, list(kwargs.items()))
    made = _combined(engine, function, obj) or ordered.getter(engine, obj) or decorators.chosen(obj, [*map(forms.static_class, args[:1])])
    if made is not None:
        return call(engine, made, args, kwargs)
    if draws.is_function(obj):
        drawn = draws.call(engine, obj.__name__, args, kwargs, lambda n, a, k, t: opaque(engine, draws.sibling(function, n), a, k, t))
        if drawn is not None:
            return drawn
    if isinstance(obj, types.MethodDescriptorType) and args and issubclass(forms.static_class(args[0]) or object, _CONTAINERS):
        return methods.call(engine, args[0], obj.__name__, args[1:], kwargs)  # `list.append(items, x)`
    if isinstance(obj, types.MethodType):
        return _call_method(engine, function, obj, args, kwargs)
    if type(obj) is np.vectorize and any(map(is_varied, (*args, *kwargs.values()))):
        written = globals.of_object(engine, obj.pyfunc, f"{function.path}.pyfunc", "function", lambda: obj.pyfunc)
        loop = vectorize.of_object(obj, written)
        if loop is not None:
            return call(engine, loop, args, kwargs)
    if isinstance(obj, type):
        if is_ruled(obj):
            return ruled.made(engine, obj, args, kwargs)
        return classes.construct(engine, function, args, kwargs)
    answered = _answered(obj, [*args, *kwargs.values()], tuple(kwargs))
    if answered is not None:
        return answered
    inner = _unwrapped(obj) or _itself(engine, obj)
    if inner is not None:
        return call(engine, Static(inner, function.path), args, kwargs)
    if is_ruled(type(obj)):
        return custom.call(engine, ruled.of_object(engine, obj, function.path), args, kwargs)
    if marks.made_of(obj) is not None:
        primal = globals.of_object(engine, obj.primal, f"{function.path}.primal", "function", lambda: obj.primal)
        return call(engine, made_value(obj, primal), args, kwargs)
    if isinstance(obj, types.FunctionType):
        return _call_python(engine, function, obj, args, kwargs)
    if not isinstance(obj, types.BuiltinFunctionType) and _has_python_call(type(obj)):
        whole = Dyn(engine.runtime(function, "the callable").atom, Opaque(type(obj)))
        return _call_runtime(engine, whole, type(obj), args, kwargs)
    return _call_foreign(engine, function, args, kwargs)


def _call_method(engine: Engine, function: Static, obj: types.MethodType, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A method that is bound to something outside."""
    owner = obj.__self__
    if obj.__name__ == "_make" and hasattr(owner, "_fields") and len(args) == 1:  # of a named tuple
        return call(engine, Static(owner, function.path.removesuffix("._make")), list(items.known_items(engine, args[0])), kwargs)
    self_path = f"{owner.__module__}:{owner.__qualname__}" if isinstance(owner, type) else _owner_path(owner, function.path)
    self = globals.of_object(engine, owner, self_path, "self", lambda: owner)
    return call(engine, Static(obj.__func__, function.path + ".__func__"), [self, *args], kwargs)


def _owner_path(owner: object, path: str) -> str:
    """Where the object of a method that is reached by a path is found: in front of the last dot, if that is an object of a module."""
    module, _, names = path.partition(":")
    name, _, last = names.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    return f"{module}:{name}" if last and found is owner else f"{path}.__self__"


def _combined(engine: Engine, function: Static, obj: Any) -> Partial | None:
    """A `functools.partial` with literals; None for other objects."""
    if not isinstance(obj, functools.partial) or not all(map(is_literal, (*obj.args, *obj.keywords.values()))):
        return None
    base = globals.of_object(engine, obj.func, function.path + ".func", "function", lambda: obj.func)
    return Partial(base, tuple(map(Static, obj.args)), tuple((k, Static(v)) for k, v in obj.keywords.items()))


def _has_python_call(cls: type) -> bool:
    """Whether objects of the class are called by a method written in Python."""
    return isinstance(next((vars(c)["__call__"] for c in cls.__mro__ if "__call__" in vars(c)), None), types.FunctionType)


def _hashable(obj: object) -> bool:
    try:
        hash(obj)
    except TypeError:
        return False
    return True


def _answered(obj: Any, values: list[Value], names: tuple[str, ...]) -> Static | None:
    """The answer of a cached function of a trusted package to a question about what is known now: a cache gives it for good."""
    if not isinstance(obj, functools._lru_cache_wrapper) or not may_stay(obj, obj.__name__):  # noqa: SLF001 -- the type has no public name
        return None
    known = [v.value for v in values if isinstance(v, Static)]
    if len(known) < len(values):
        return None
    count = len(values) - len(names)
    try:
        found = obj(*known[:count], **dict(zip(names, known[count:], strict=True)))
    except Exception:  # noqa: BLE001 -- the primal raises it, at run time
        return None
    return Static(found) if is_literal(found) else None


def _unwrapped(obj: Any) -> Callable[..., Any] | None:
    """The Python function behind `lru_cache`, NumPy's and Numba's dispatchers: they compute what it computes."""
    if isinstance(obj, functools._lru_cache_wrapper):  # noqa: SLF001 -- the type has no public name
        return obj.__wrapped__
    inner = getattr(obj, "__wrapped__" if isinstance(obj, _DISPATCHER) else "py_func", None)
    return inner if isinstance(inner, types.FunctionType) else None


def _itself(engine: Engine, obj: Any) -> Callable[..., Any] | None:
    """The primal of a decorated function that calls itself by its name."""
    primal = getattr(obj, "__srcad_primal__", None)
    if isinstance(primal, types.FunctionType) and any(lower_function(primal) is f.lowered for f in engine.frames):
        return primal
    return None


def _call_python(engine: Engine, function: Static, obj: types.FunctionType, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A function with source: followed if it gets a differentiated value, else called as it is if that is safe."""
    if any(map(is_varied, (*args, *kwargs.values()))) or obj.__code__.co_flags & inspect.CO_GENERATOR:
        return functions.call(engine, functions.of_python(engine, obj, function.path), args, kwargs)
    if (obj.__module__ or "").startswith(TEMPLATES) or obj.__module__ == tables.__name__:  # its items may change
        return functions.call(engine, functions.of_python(engine, obj, function.path), args, kwargs)
    given = (*args, *kwargs.values())
    stays = may_stay(obj, getattr(obj, "__name__", "")) and all(to_arg(v) is not None for v in given)
    if stays and function.path and _package(obj) in _ABOUT_TEXT:
        return opaque(engine, function, args, kwargs)
    harmless = stays or all(immutable(engine, v) for v in given)
    try:
        whole = functions.of_python(engine, obj, function.path)
        return functions.probe(engine, function, whole, args, kwargs, changes_nothing=harmless)
    except SrcadError:
        if function.path and harmless:
            return opaque(engine, function, args, kwargs)
        raise


def may_stay(owner: Any, name: str) -> bool:
    """Whether a function, or the method `name` of a class, is known to leave its arguments as they are."""
    return owner is not None and _package(owner) in _TRUSTED and name not in _WRITERS


def is_library(owner: Any) -> bool:
    """Whether a function or class is of a library, whose code nobody replaces while a program runs, or one of ours."""
    return _package(owner) in (*_TRUSTED, "srcad")


def _package(owner: Any) -> str:
    return (getattr(owner, "__module__", None) or "builtins").partition(".")[0]


def immutable(engine: Engine, value: Value) -> bool:
    """Whether a callee cannot change the value, or nobody would see it: a display that is made for the call."""
    match value:
        case Static(obj):
            return is_literal(obj) or callable(obj)
        case Dyn(_, Array() | ListOf() | Struct()):
            return False
        case Dyn(_, TupleOf(item)):
            return may_carry_derivative(item) or item != UNKNOWN
        case Dyn(_, Opaque(cls)):
            return cls in (str, bytes, type(None), range)
        case Dyn():
            return True
        case Seq(_, parts, _, cell):
            return (cell is None or cell.serial > engine.call_mark) and all(immutable(engine, p) for p in parts)
    return False


def _call_foreign(engine: Engine, function: Static, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A function without Python source and without a rule."""
    obj = function.value
    name = getattr(obj, "__name__", str(obj))
    values = (*args, *kwargs.values())
    if name in SPEAKERS and getattr(obj, "__module__", None) in ("builtins", "warnings", "_warnings", "logging"):
        opaque(engine, function, args, kwargs)
        return Static(None)
    if any(map(is_varied, values)):
        if objects.is_made(obj):
            raise objects.hidden(engine)
        raise engine.refuse("NoRule", "SRC201", f"'{function.path.replace(':', '.') or name}' has no derivative rule and no Python source",
                            "use an operation of the table (`srcad rules`), or wrap the argument in srcad.stop_gradient")  # fmt: skip
    if not may_stay(obj, getattr(obj, "__name__", "")) and not all(immutable(engine, v) for v in values):
        raise engine.refuse(
            "UnsupportedSyntax", "SRC181", f"'{name}' may change an array or container that it is given, and its source is not Python",
            "pass a copy of what it needs as an argument of the differentiated function",
        )
    return opaque(engine, function, args, kwargs)


def opaque(
    engine: Engine, function: Value, args: list[Value], kwargs: dict[str, Value], t: Type = UNKNOWN, *, fresh: bool = False
) -> Dyn:  # fmt: skip
    """A call that is made as it stands; its result carries no derivative.  `fresh`: it shares storage with no argument."""
    if operations.writes_out(list(kwargs.items())):
        raise engine.refuse("UnsupportedSyntax", "SRC143", "a call writes its result into an argument (`out`), which is not followed yet",
                            "leave `out` away and use the result")  # fmt: skip
    variables.check_hidden(engine, function, [*args, *kwargs.values()])
    target = engine.runtime(function, "the function")
    trees: list[Arg] = [target.atom, *(operations.argument(engine, a, "a call") for a in args)]
    params = [(k, operations.argument(engine, v, "a call")) for k, v in kwargs.items()]
    out = engine.builder.call(core.CALL, trees, t, params=params)
    drawn = isinstance(t, Array) and isinstance(function, Static) and draws.is_function(function.value)
    if can_change(t) and not drawn and not fresh:  # it may give back what it was given
        engine.memory.relate(out, {r for v in (*args, *kwargs.values()) for r in engine.memory.roots(v)})
    return Dyn(out, t)
