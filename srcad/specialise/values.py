"""Abstract values: what the specialiser knows of a Python value while it interprets untyped IR.

A value is either known (`Static`), a container of known structure (`Seq`), something only the compiler needs to see
(`Closure`, `Bound`, `Partial`, `RangeVal`, `Lazy`, `SliceVal`, `Manager`) or a run-time value (`Dyn`).
"""
from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from srcad import marks
from srcad.ir.nodes import UNDEF, Arg, Atom, Const, Pack, Ref, SliceArg, Var
from srcad.ir.types import BOOL, COMPLEX, CONTAINERS, FLOAT, INT, Opaque, Type, is_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from srcad.frontend.lowered import Lowered
    from srcad.ir.nodes import Block, Var
    from srcad.specialise.frames import Frame


class _Nothing:
    """No compile-time value."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


@dataclass(frozen=True, slots=True)
class Dyn:
    """A run-time value.  `varied`: it may depend on a differentiated argument.  `known`: its value, where types fix it."""

    atom: Atom
    type: Type
    varied: bool = False
    known: object = field(default=NOTHING, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """An object known while compiling: a literal, function, class or module.  `path` is where generated code imports it from."""

    value: object
    path: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and same_static(self.value, other.value)

    def __hash__(self) -> int:
        return hash((type(self.value), repr(self.value) if is_literal(self.value) else id(self.value)))


class Cell:
    """The identity of a list, dict or object: two names for one object share it.  `serial` grows with time.

    `name`: what to call it where no variable holds it; such a cell has been there since the start.
    """

    __slots__ = ("name", "serial")
    _count = itertools.count(1)

    def __init__(self, name: str = "") -> None:
        self.serial = 0 if name else next(Cell._count)
        self.name = name


class Nameless(Cell):
    """The identity of items of a type that run-time lists hold and nothing refers to: what several lists share."""

    __slots__ = ("type",)

    def __init__(self, t: Type) -> None:
        super().__init__()
        self.type = t


@dataclass(frozen=True, slots=True)
class Given:
    """The key, beside the attributes of an object, of whether the attribute `name` has been set: paths that meet differed in that."""

    name: object


@dataclass(frozen=True, slots=True)
class Seq:
    """A tuple, list, dict, named tuple, dataclass instance or object of known structure; `keys` are dict keys or attribute names.

    `cell` is its identity, None where it cannot change.  `viewed`: the dict that it shows a `part` of (items, keys or values), as it was.
    """

    cls: type
    items: tuple[Value, ...]
    keys: tuple[object, ...] = ()
    cell: Cell | None = field(default=None, compare=False)
    viewed: Seq | None = field(default=None, compare=False)
    part: str = field(default="", compare=False)

    def at(self, key: object) -> Value:
        """The item under a dict key or attribute name."""
        return self.items[self.keys.index(key)]


def container(cls: type, items: tuple[Value, ...], keys: tuple[object, ...] = ()) -> Seq:
    """A new container or object: with an identity of its own, if it can change."""
    return Seq(cls, items, keys, None if issubclass(cls, tuple) else Cell())


def view_of(whole: Seq, part: str) -> Seq:
    """`whole.items()`, `whole.keys()` or `whole.values()` of a dict."""
    keys = tuple(map(Static, whole.keys))
    pairs = (Seq(tuple, pair) for pair in zip(keys, whole.items, strict=True))
    items = keys if part == "keys" else whole.items if part == "values" else tuple(pairs)
    return Seq(tuple, items, viewed=whole, part=part)


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function defined inside the function being compiled, or a global one with its cells."""

    lowered: Lowered
    captures: tuple[Value, ...]
    defaults: tuple[Value, ...]
    kwdefaults: Mapping[str, Value]
    globals: dict[str, object]
    name: str = ""
    rebound: tuple[str, ...] = ()  # captured variables that are assigned again: it must not outlive the call that it is handed to
    keepers: tuple[str, ...] = ()  # names of results that may hold it all the same


@dataclass(frozen=True, slots=True)
class Bound:
    """A method bound to its object."""

    function: Value
    self: Value


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a built-in type, not yet called: `x.sum`, `'a'.join`."""

    self: Value
    name: str


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial`."""

    function: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class RangeVal:
    """`range(start, stop, step)`."""

    start: Value
    stop: Value
    step: Value


@dataclass(frozen=True, slots=True)
class Lazy:
    """An iterator that only a loop or a consuming call reads: `kind` is zip, enumerate, reversed, map or filter."""

    kind: str
    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SliceVal:
    """A slice."""

    lower: Value
    upper: Value
    step: Value


@dataclass(frozen=True, slots=True)
class Manager:
    """A context manager that both sweeps may enter, or one made from a generator function: a call that has not been made yet."""

    function: Static
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """The body of a `with` statement, as a function of what `as` names; it gives the tuple of what the body yields."""

    body: Block
    env: dict[Var, Value]
    frame: Frame


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two functions: `first` where the condition held, else `second`."""

    condition: Value
    first: Value
    second: Value


@dataclass(frozen=True, slots=True)
class Maybe:
    """`value` where `given` holds, else None.

    `told`: where it does not hold, the run-time value is undefined, which generated code sees as None.
    """

    given: Value
    value: Value
    told: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` in a method: attributes are looked up behind `cls` in the order of the object's classes."""

    cls: type
    self: Value


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that is unbound on this path."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A name whose values on two paths cannot be followed together; an error for who reads it."""

    reason: str
    code: str = "SRC120"
    advice: str = "give the name one kind of value on all paths"


Value: TypeAlias = (
    Dyn | Static | Seq | Closure | Bound | Method | Partial | RangeVal | Lazy | SliceVal | Manager | Inside | Choice | Super
    | Maybe | Missing | Poison
)

MISSING = Missing()
NONE_VALUE = Static(None)
ITSELF = Static(object())  # in what a rule captures: the function that it is the rule of


def is_literal(value: object) -> bool:
    """Whether a Python value prints as a literal."""
    if isinstance(value, tuple):
        return all(map(is_literal, value))
    return value is None or value is Ellipsis or type(value) in (bool, int, float, complex, str, bytes)


def same_static(a: object, b: object) -> bool:
    """Whether two compile-time values are one."""
    if a is b:
        return True
    return type(a) is type(b) and is_literal(a) and repr(a) == repr(b)


def static_atom(value: Static) -> Atom | None:
    """How generated code names a static value; None if it cannot."""
    if is_literal(value.value):
        return Const(value.value)
    return Ref(value.path, value.value) if value.path else None


def to_arg(value: Value) -> Arg | None:
    """The value as an argument tree of typed IR; None if it does not exist at run time."""
    match value:
        case Dyn(atom):
            return atom
        case Static():
            return static_atom(value)
        case Missing():
            return UNDEF
        case Seq(cls, items, keys) if cls in (*CONTAINERS, set):
            args = tuple(map(to_arg, items))
            if any(a is None for a in args):
                return None
            return Pack(cls.__name__, args, tuple(map(Const, keys)) if is_dict(cls) else ())  # type: ignore[arg-type]
        case Maybe(_, Dyn(atom), told=True):
            return atom
        case SliceVal(lower, upper, step):
            parts = [to_arg(p) for p in (lower, upper, step)]
            return None if any(p is None for p in parts) else SliceArg(*parts)  # type: ignore[arg-type]
    return None


def hint_of(value: Value) -> str:
    """The name of a run-time value in the user's text, if it has one."""
    return value.atom.hint if isinstance(value, Dyn) and isinstance(value.atom, Var) else ""


def is_varied(value: Value) -> bool:
    """Whether a value may depend on a differentiated argument."""
    match value:
        case Dyn(_, _, varied):
            return varied
        case Seq(_, items):
            return any(map(is_varied, items))
        case Closure(_, captures, defaults, kwdefaults):
            return any(map(is_varied, (*captures, *defaults, *kwdefaults.values())))
        case Bound(function, self):
            return is_varied(function) or is_varied(self)
        case Method(self):
            return is_varied(self)
        case Partial(function, args, kwargs):
            return any(map(is_varied, (function, *args, *(v for _, v in kwargs))))
        case Lazy(_, parts):
            return any(map(is_varied, parts))
        case RangeVal(a, b, c) | SliceVal(a, b, c) | Choice(a, b, c):
            return any(map(is_varied, (a, b, c)))
        case Super(_, self):
            return is_varied(self)
        case Maybe(_, inner):
            return is_varied(inner)
    return False


def made_value(obj: Any, primal: Value) -> Value:
    """The abstract value of an object that an operator of srcad made of a function."""
    name, options = marks.made_of(obj) or ("", ())
    return Partial(Static(marks.MADE[name]), (primal, *map(Static, options)), ())


_NUMBERS: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, complex: COMPLEX}


def type_of_constant(value: object) -> Type:
    """The type of a literal or importable object as a run-time value."""
    return _NUMBERS.get(type(value), Opaque(type(value)))
