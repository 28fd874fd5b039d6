"""Entries of the rule table, the spellings of an operation, and the registry that finds both."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from srcad.errors import ArgumentError, NoRule
from srcad.ir.nodes import Const, Effect, Op, Pack, Ref, View
from srcad.ir.types import Scalar

Rule = Callable[..., Any]
Params = Mapping[str, Any]

MATH_ALLOWED: ContextVar[bool] = ContextVar("MATH_ALLOWED", default=True)
"""Whether rules may use `math` on floats: only where the primal did, since NumPy gives nan where `math` raises."""

MISSING: Any = None  # an operand that a call leaves out
NO_VALUE: Any = np._NoValue  # noqa: SLF001 -- the default of NumPy's parameters for which None would mean something


_UNSUPPORTED = {"out", "where", "initial", "casting", "order", "subok", "mean", "overwrite_input", "_no_deco"}
"""Keywords of NumPy and SciPy that no rule follows unless its entry says so; None is their default, or False."""


@dataclass(frozen=True)
class Sample:
    """Arguments on which an entry is tried by the tests: `args` may hold arrays, floats and nested lists of them."""

    args: tuple[Any, ...]
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Entry:
    """An operation and its derivative.

    `names` are the positional parameters of the canonical call (`*xs` takes all that remain); the first `operands` of them
    are handed to the rules by position, the others by keyword.  `statics` are further keywords that the rules accept.
    `backward(g, y, operands, statics, wanted)` gives one cotangent per operand, `forward(tangents, y, operands, statics)` a tangent.
    An entry that is handed functions (kind `solver`) has a `template` instead, which is not run but followed: it gets a function
    `solve` that makes the call, then those arguments that it names; `statics` are the options that it may leave to the call.
    """

    name: str
    fn: Callable[..., Any]
    kind: str
    names: tuple[str, ...] = ("x",)
    operands: int = 1
    statics: tuple[str, ...] = ()
    backward: Rule | None = None
    forward: Rule | None = None
    singular: bool | Rule = False
    accumulates: bool = False
    infer: Rule | None = None
    samples: Callable[[], tuple[Sample, ...]] | None = None
    bind: Rule | None = None
    effects: Callable[[tuple[Any, ...], Params], Effect] | Effect = Effect.RAISES
    order2: bool = True  # whether its tests try second derivatives
    steps: tuple[int, ...] = ()  # the items of a tuple given back that are constant but for steps
    refused: bool = False  # a derivative exists and has no rule
    reason: str = ""  # why it is refused, whatever the arguments
    advice: str = ""  # the way out
    defaults: Params = field(default_factory=dict)  # of operands whose default is not None
    aliases: Mapping[str, str] = field(default_factory=dict)  # other names of parameters, and what they are called here
    kept: tuple[str, ...] = ()  # of a call that gives an object with parameters of these names, which its methods are given
    template: Rule | None = None  # of a solver: Python code that is followed in place of the call
    always: bool = False  # the template is followed where nothing is differentiated, too

    @property
    def differentiable(self) -> bool:
        """Whether a derivative can pass through by rules on values; `solver` entries are followed instead."""
        return self.backward is not None

    def arrange(self, args: tuple[Any, ...], params: Params) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The operands by position and the static parameters by keyword."""
        if self.bind is not None:
            args, params = self.bind(args, params)
        names, given = self.names, self.renamed(params)
        if names and names[-1].startswith("*"):
            return args, given
        if len(args) > len(names):
            raise ArgumentError(f"{self.name} takes {len(names)} positional arguments here, {len(args)} were given")
        given |= dict(zip(names, args, strict=False))
        operands = tuple(given.pop(n, self.defaults.get(n, MISSING)) for n in names[: self.operands])
        return operands, given

    def renamed(self, params: Params) -> dict[str, Any]:
        """The parameters by the names that they have here."""
        return {k if k in self.names else self.aliases.get(k, k): v for k, v in params.items()}

    def refusal(self, args: tuple[Any, ...], params: Params) -> str:
        """Why these arguments have no rule; '' if they have one."""
        if self.kind == "nondiff" or self.refused:
            return self.reason
        try:
            _, statics = self.arrange(args, params)
        except (ArgumentError, TypeError) as error:
            return str(error)
        allowed = ({*self.names[self.operands :]} - _UNSUPPORTED) | {*self.statics}
        for name, value in statics.items():
            if name not in allowed and not (name in _UNSUPPORTED and _is_default(getattr(value, "value", value))):
                return f"{self.name} with `{name}` has no rule"
        return ""

    def vjp(
        self, g: Any, y: Any, args: tuple[Any, ...], params: Params | tuple[tuple[str, Any], ...] = (), wanted: tuple[bool, ...] = ()
    ) -> tuple[Any, ...]:
        """Cotangents of the positional arguments, None where an argument carries no derivative or is not wanted."""
        if self.backward is None:
            return (None,) * len(args)
        operands, statics = self.arrange(args, _values(params))
        self._check_static(wanted)
        wanted = (wanted or (True,) * len(args)) + (True,) * (len(operands) - len(wanted or args))
        token = MATH_ALLOWED.set(_is_python(y))
        try:
            found = self.backward(g, y, operands, self._known(statics), wanted)
        finally:
            MATH_ALLOWED.reset(token)
        found = tuple(c if w else None for c, w in zip(found, wanted, strict=False))
        return (*found, *(None,) * len(args))[: len(args)]

    def jvp(self, tangents: tuple[Any, ...], y: Any, args: tuple[Any, ...], params: Params | tuple[tuple[str, Any], ...] = ()) -> Any:
        """The tangent of the result; None if it is zero."""
        if self.forward is None:
            return None
        operands, statics = self.arrange(args, _values(params))
        self._check_static(tuple(map(_moves, tangents)))
        given = (*tangents, *(None,) * len(operands))[: len(operands)]
        token = MATH_ALLOWED.set(_is_python(y))
        try:
            return self.forward(given, y, operands, self._known(statics))
        finally:
            MATH_ALLOWED.reset(token)

    def _check_static(self, active: tuple[bool, ...]) -> None:
        if self.bind is None and "*xs" not in self.names and any(active[self.operands :]):
            which = self.names[self.operands + active[self.operands :].index(True)]
            advice = "keep that argument constant, or wrap the call with a rule of your own"
            raise NoRule(f"{self.name} has no derivative with respect to `{which}`", advice)

    def _known(self, statics: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in statics.items() if not (k in _UNSUPPORTED and _is_default(v))}


def _is_default(value: Any) -> bool:
    return value is None or value is False


def _values(params: Params | tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """The parameters, literals of the IR as plain values."""
    return {k: _value(v) for k, v in dict(params).items()}


def _value(arg: Any) -> Any:
    match arg:
        case Const(value) | Ref(_, value):
            return value
        case Pack(kind, items):
            found = [_value(i) for i in items]
            return found if kind == "list" else tuple(found)
    return arg


def _moves(t: Any) -> bool:
    return any(map(_moves, t)) if isinstance(t, list | tuple) else t is not None


def _is_python(y: Any) -> bool:
    return isinstance(getattr(y, "type", None), Scalar) or type(y) in (float, int, bool)


@dataclass(frozen=True, eq=False)
class Spelling:
    """One way to write an operation: the IR `op` that prints so and the Python object it stands for.

    `method`: (type kind, attribute name) where it is a method or, if `attribute`, a data attribute.
    """

    entry: Entry
    op: Op
    object: Callable[..., Any]
    method: tuple[str, str] | None = None
    attribute: bool = False


def function_op(path: str, *, imports: tuple[str, ...] | None = None, view: View = View.FRESH, effects: Effect = Effect.RAISES) -> Op:
    """The op of a function called by its dotted path: `np.sum`, `math.exp`, `abs`."""
    root = path.partition(".")[0]
    default = {"np": ("numpy as np",), "math": ("math",), "cmath": ("cmath",)}.get(root if "." in path else "", ())
    return Op(path, f"{path}(*_)", default if imports is None else imports, effects, view=view)


def method_op(kind: str, name: str, view: View = View.FRESH) -> Op:
    """The op of a method call `x.name(...)`."""
    return Op(f"{kind}.{name}", f"_0.{name}(*_)", effects=Effect.RAISES, view=view)


def attribute_op(kind: str, name: str, view: View = View.FRESH, shape_only: tuple[int, ...] = ()) -> Op:
    """The op of an attribute read `x.name`."""
    return Op(f"{kind}.{name}", f"_0.{name}", effects=Effect.NONE, view=view, shape_only=shape_only)


def quiet(op: Op) -> Op:
    """The op as derivative code uses it: derivative code never raises where the primal did not, so it is no root."""
    return op if op.effects is Effect.NONE else replace(op, effects=Effect.NONE)


class Registry:
    """All spellings, found by op name, by Python object, by method and, for rules, by entry name.

    `edition` counts the changes: what was compiled with an earlier one may not know a rule.
    """

    def __init__(self) -> None:
        self.edition = 0
        self._by_op: dict[str, Spelling] = {}
        self._by_object: dict[int, Spelling] = {}
        self._by_method: dict[tuple[str, str], Spelling] = {}
        self._by_entry: dict[str, list[Spelling]] = {}

    def add(self, spelling: Spelling, *objects: object) -> None:
        """Register a spelling; `objects` are further Python objects that it stands for."""
        if spelling.op.name in self._by_op:
            raise ArgumentError(f"the operation {spelling.op.name} is in the table already")
        self.edition += 1
        self._by_op[spelling.op.name] = spelling
        self._by_entry.setdefault(spelling.entry.name, []).append(spelling)
        if spelling.method is not None:
            self._by_method[spelling.method] = spelling
        else:
            for obj in (spelling.object, *objects):
                self._by_object.setdefault(id(obj), spelling)

    def replace(self, known: Spelling, spelling: Spelling) -> None:
        """Put a spelling in the place of another one of the same op."""
        self.edition += 1
        for found in (self._by_op, self._by_object, self._by_method):
            for key in [k for k, s in found.items() if s is known]:
                found[key] = spelling  # type: ignore[index]
        siblings = self._by_entry[known.entry.name]
        siblings[siblings.index(known)] = spelling

    def by_op(self, name: str) -> Spelling | None:
        """The spelling whose IR op has this name."""
        return self._by_op.get(name)

    def by_object(self, obj: object) -> Spelling | None:
        """The spelling that a Python function stands for."""
        return self._by_object.get(id(obj))

    def by_method(self, kind: str, name: str) -> Spelling | None:
        """The spelling of a method or attribute."""
        return self._by_method.get((kind, name))

    def spellings(self, entry_name: str) -> list[Spelling]:
        """The spellings of an entry, preferred one first."""
        return self._by_entry.get(entry_name, [])

    def __iter__(self) -> Iterator[Spelling]:
        return iter(self._by_op.values())


REGISTRY = Registry()


def identifier(path: str) -> str:
    """The entry name for a dotted path: `np.linalg.solve` -> `solve`."""
    return re.sub(r"\W", "_", path.rpartition(".")[2])
