"""Functions with rules as the specialiser meets them: made outside, or by calling `srcad.custom_vjp` in what is compiled.

One that is made inside is an object whose attributes are functions: `defvjp` and `defjvp` are followed like any method.
"""
from __future__ import annotations

import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from srcad.custom import argument_number
from srcad.errors import ArgumentError
from srcad.specialise import functions
from srcad.specialise.attributes import class_of
from srcad.specialise.derived import parameter_names, word
from srcad.specialise.guards import Guard
from srcad.specialise.kinds import is_ruled, own
from srcad.specialise.selected import literal
from srcad.specialise.templates import children, with_children
from srcad.specialise.values import ITSELF, Bound, Choice, Closure, Dyn, Method, Partial, Seq, Static, Value, container

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_MEMBERS = ("primal", "fwd", "bwd", "jvp")
_RULES = {"vjp": ("fwd", "defvjp(fwd, bwd)"), "jvp": ("jvp", "defjvp(rule)")}


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of a call, first those by position: the names of their parameters, and the values of all."""

    names: tuple[str, ...]
    keywords: tuple[str, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Ruled:
    """A function with a rule of some kind: itself and the functions of the rule by name, and the arguments that the rule leaves out.

    `path` is where generated code imports it from.
    """

    kind: str
    name: str
    members: Mapping[str, Value]
    apart: tuple[int, ...] = ()
    step: float = 0.0
    path: str = ""

    @property
    def primal(self) -> Value:
        """The function itself."""
        return self.members["primal"]

    @property
    def whole(self) -> Seq:
        """Its functions as one value."""
        return Seq(tuple, tuple(self.members.values()))

    def bound(self, engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Given:
        """The arguments as Python binds them."""
        match self.primal:
            case Closure(low) as f:
                values = dict(zip(low.params, functions.bind(engine, f, args, kwargs), strict=True))
                rest = values.pop(low.vararg) if low.vararg is not None else None
                named = {n: values.pop(n) for n in low.kwonly}
                if low.kwarg is not None:
                    taken = values.pop(low.kwarg)
                    named.update(zip(map(str, taken.keys), taken.items, strict=True) if isinstance(taken, Seq) else ())
                given = [*values.items(), *_numbered(low.vararg, rest.items if isinstance(rest, Seq) else ())]
            case Static(obj):
                given, named = self._bound_outside(engine, obj, args, kwargs)
            case _:
                given, named = list(_numbered("argument", args)), kwargs
        if named and self.kind != "checkpoint":
            raise engine.refuse("UnsupportedSyntax", "SRC190", f"'{self.name}' has a rule and keyword-only parameters",
                                "give it positional parameters, and pass arguments by position")  # fmt: skip
        return Given(tuple(n for n, _ in given), tuple(named), (*(v for _, v in given), *named.values()))

    def _bound_outside(
        self, engine: Engine, obj: Any, args: list[Value], kwargs: dict[str, Value]
    ) -> tuple[list[tuple[str, Value]], dict[str, Value]]:
        try:
            bound = inspect.signature(obj).bind(*args, **kwargs)
        except TypeError as error:
            raise engine.refuse("ArgumentError", "SRC501", f"{self.name}(): {error}", "correct the call") from None
        given: list[tuple[str, Value]] = []
        named: dict[str, Value] = {}
        for name, p in bound.signature.parameters.items():
            if p.kind is p.VAR_POSITIONAL:
                given.extend(_numbered(name, bound.arguments.get(name, ())))
            elif p.kind is p.VAR_KEYWORD:
                named.update(bound.arguments.get(name, {}))
            elif name in bound.arguments or p.default is not p.empty:
                value = bound.arguments.get(name, Static(p.default))
                if p.kind is p.KEYWORD_ONLY:
                    named[name] = value
                else:
                    given.append((name, value))
        return given, named


def _numbered(name: str | None, values: Sequence[Value]) -> Iterator[tuple[str, Value]]:
    return ((f"{name}[{n}]", v) for n, v in enumerate(values))


def of_object(engine: Engine, obj: Any, path: str) -> Ruled:
    """A function with a rule that was made outside, which may get another one.  Raises ArgumentError where there is none yet."""
    kind = obj.__srcad_custom__
    found = {n: getattr(obj, n, None) for n in _MEMBERS}
    for name in ("fwd", "bwd", "jvp") if kind in _RULES else ():
        engine.guards.setdefault(f"{name} of {id(obj)}", Guard(lambda n=name: getattr(obj, n, None), None, found.get(name)))  # type: ignore[misc]
    members: dict[str, Value] = {n: Static(f, f"{path}.{n}" if path else "") for n, f in found.items() if f is not None}
    return Ruled(kind, obj.__name__, members, obj.nondiff if kind in _RULES else (), getattr(obj, "step", 0.0), path)


def with_itself(value: Value, itself: Seq) -> Value:
    """A function of a rule, where it captures the function that it is the rule of."""
    if value == ITSELF:
        return itself
    if isinstance(value, Seq) and is_ruled(value.cls):  # that in it stands for another
        return value
    return with_children(value, tuple(with_itself(c, itself) for c in children(value)))


def without_itself(engine: Engine, value: Value, itself: Value) -> Value:
    """A function that becomes part of a rule, with `ITSELF` where it captures the function that it is the rule of."""
    if isinstance(value, Seq) and isinstance(itself, Seq) and value.cell is itself.cell:
        return ITSELF
    kids = children(value)
    new = tuple(without_itself(engine, k, itself) for k in kids)
    if not any(a is not b for a, b in zip(kids, new, strict=True)):
        return value
    if isinstance(value, Seq) and value.cell is not None:
        raise engine.refuse("UnsupportedSyntax", "SRC121", "a rule reaches the function that it is the rule of by a list, dict, object or "
                            "variable that may change", "decorate the function, and call it by the name that its `def` gives")  # fmt: skip
    return with_children(value, new)


def of_made(engine: Engine, value: Seq) -> Ruled:
    """One that was made inside."""
    kind: str = value.cls.kind  # type: ignore[attr-defined]  # of the project's own class
    itself = replace(value, cell=None)
    members = {str(k): with_itself(v, itself) for k, v in zip(value.keys, value.items, strict=True) if k in _MEMBERS}
    name = word(members["primal"])
    first, method = _RULES.get(kind, ("primal", ""))
    if first not in members:
        raise engine.refuse("ArgumentError", "SRC501", f"'{name}' is a {value.cls.__name__} without a rule", f"call its method {method}")
    nondiff = value.at("nondiff") if "nondiff" in value.keys else Static(())
    assert isinstance(nondiff, Static)
    return Ruled(kind, name, members, nondiff.value)  # type: ignore[arg-type]  # a tuple of numbers


def made(engine: Engine, cls: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`srcad.custom_vjp(f)` and its like: the function with a rule, or what decorates one."""
    kind: str = cls.kind  # type: ignore[attr-defined]  # of the project's own class
    if not args and kwargs:
        return Partial(Static(cls), (), tuple(kwargs.items()))
    options = {k: literal(engine, v, f"the option '{k}' of srcad.{cls.__name__}") for k, v in kwargs.items()}
    f = args[0] if len(args) == 1 else None
    try:
        if isinstance(f, Static) and isinstance(f.value, types.FunctionType) and kind not in _RULES:
            return Static(cls(f.value, **options))
        if f is not None and _is_function(f) and kind in _RULES:
            return container(cls, (f, Static(_numbers(f, **options))), ("primal", "nondiff"))
    except ArgumentError as error:
        raise engine.refuse("ArgumentError", error.code, error.message, error.advice) from None
    except TypeError as error:
        raise engine.refuse("ArgumentError", "SRC501", f"srcad.{cls.__name__}: {error}", "correct the call") from None
    if f is not None and _is_function(f) and kind == "checkpoint" and not options:
        return container(cls, (f,), ("primal",))
    raise engine.refuse("UnsupportedSyntax", "SRC121", f"srcad.{cls.__name__} is called here with what it cannot take inside of "
                        "differentiated code", "give it a function, or call it outside")  # fmt: skip


def _is_function(f: Value) -> bool:
    """Whether a value can be called."""
    match f:
        case Static(obj):
            return callable(obj)
        case Closure() | Bound() | Partial() | Choice() | Method():
            return True
        case Seq(cls):
            return own(cls, "__call__") is not None
        case Dyn(_, t):
            return own(class_of(t) or object, "__call__") is not None
    return False


def _numbers(f: Value, nondiff_argnums: object = ()) -> tuple[int, ...]:
    given = nondiff_argnums if isinstance(nondiff_argnums, tuple) else (nondiff_argnums,)
    return tuple(sorted({argument_number(n, nondiff_argnums, parameter_names(f), word(f), more=_takes_more(f)) for n in given}))


def _takes_more(f: Value) -> bool:
    """Whether a function has a parameter `*args`."""
    match f:
        case Static(obj):
            return bool(getattr(getattr(obj, "__code__", None), "co_flags", 0) & inspect.CO_VARARGS)
        case Closure(low):
            return low.vararg is not None
        case Bound(function) | Partial(function):
            return _takes_more(function)
    return False
