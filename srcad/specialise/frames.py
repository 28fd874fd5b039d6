"""What the interpreter keeps while it runs: the functions that it is in, what it writes, and what a path gave."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcad.frontend.lowered import Lowered
from srcad.ir.build import Builder, Names
from srcad.ir.nodes import NOWHERE, Loc, Stmt, Var
from srcad.specialise.guards import Guard
from srcad.specialise.memory import Identity, Memory
from srcad.specialise.values import Cell, Partial, Value

if TYPE_CHECKING:
    from srcad.specialise.outside import Outside

Env = dict[Var, Value]
TEMPLATES = ("srcad.ops.", "srcad.specialise.columns")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What interpreting a block on a path of its own gave: its builder, the yields (None: it diverges), the memory at its end.

    `mark`: the serial number of the latest identity when it started; `params`: variables that it got when it started.
    """

    builder: Builder
    values: list[Value] | None
    memory: Memory
    mark: int
    params: tuple[Var, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A write in the body of a `try`: of what, by which builder, behind how many of its statements.

    `computing`: NumPy writes while it computes, and has written when it raises for what it finds in the numbers.
    """

    ident: Identity
    builder: Builder
    place: int
    computing: bool = False


@dataclass(slots=True)
class Consumer:
    """Who takes the items of a generator: `take` interprets that for one item and tells whether the generator shall stop.

    `kept`: the generator may live on when it is stopped.  `inside`: what a consumer raises is raised in the generator.
    """

    frame: Frame
    take: Callable[[Value], Value]
    check: Callable[[], None] = lambda: None  # may refuse the item, at the `yield`
    kept: bool = False
    inside: bool = False
    stops: bool = False  # it has asked to stop, on some path


@dataclass(slots=True)
class Frame:
    """The function that is being interpreted: the user's, or a template of the rule table."""

    lowered: Lowered
    globals: dict[str, object]
    loc: Loc = NOWHERE
    given: tuple[Value, ...] = ()  # its arguments
    consumer: Consumer | None = None  # of a generator: who takes its items
    born: int = field(default_factory=lambda: Cell().serial)  # what is older belongs to callers

    @property
    def shown(self) -> bool:
        """Whether its lines mean something to the user."""
        return not str(self.globals.get("__name__")).startswith((*TEMPLATES, "srcad.runtime."))


@dataclass(frozen=True, slots=True)
class Lent:
    """A container, or leaf of the arguments, that a function changes and hands back: its number, and what it is at the start."""

    number: int
    value: Value


@dataclass(slots=True)
class Unit:
    """A function of the typed program while it is written."""

    name: str
    names: Names = field(default_factory=Names)
    prologue: list[Stmt] = field(default_factory=list)
    read: dict[str, Value] = field(default_factory=dict)  # globals read at its start, by path
    outside: dict[Var, Outside] = field(default_factory=dict)  # what objects from outside are
    foreign: dict[Var, str] = field(default_factory=dict)  # storage that is not the function's own: what it is
    writing: bool = False  # a loop is planned whose body stores into something
    long: bool = False  # a loop is planned whose body is long, and is not left early
    live: bool = False  # a loop is planned that changes what it goes over
    apart: bool = False  # a loop is planned that is unrolled where its items are known
    borrowed: set[Cell] = field(default_factory=set)  # containers of its caller
    kept: dict[Var, Partial] = field(default_factory=dict)  # objects made of constants: what makes them, with its parameters by name
    closed: set[Var] = field(default_factory=set)  # parameters of the entry whose structure is known, held as one value each
    unstructured: bool = False  # the entry is given objects of ordinary classes whose attributes are not typed
    read_only: set[Var] = field(default_factory=set)  # parameters of the entry that NumPy does not let anybody write
    lends: bool = False  # what it changes of its arguments is handed back
    lent: dict[Identity, Lent] = field(default_factory=dict)  # these, where it does
    rewritten: set[Identity] = field(default_factory=set)  # run-time containers of which it writes what they hold
    classes: list[type] = field(default_factory=list)  # those that it has made
    inlinable: bool = False  # it may be interpreted where it is called instead


@dataclass(frozen=True, slots=True)
class Handed:
    """What a function hands back beside its result: `changed` are the leaves of its arguments that it changes, with whether the
    change may carry a derivative.  Of each leaf of the result, `same` says which leaf of the arguments it is, if it is one, and `fresh`
    whether it surely shares storage with none; `foreign` says what outside of functions it may be.  `together` are the parts of the result
    that may share storage, see `returned`.  `containers` are the numbers of those whose parts it replaces: the result is then a tuple of
    what the function returns and what they hold.  Of the lists in `changed`, `takes` are those that may hold anything new afterwards
    that the function was given, or hold it twice, and `rewritten` those of which it writes what they hold.
    """

    containers: tuple[int, ...] = ()
    changed: tuple[tuple[int, bool], ...] = ()
    same: tuple[int | None, ...] = ()
    fresh: tuple[bool, ...] = ()
    together: frozenset[tuple[int, int]] = frozenset()
    foreign: tuple[str, ...] = ()
    takes: frozenset[int] = frozenset()
    rewritten: frozenset[int] = frozenset()


@dataclass(slots=True)
class Callee:
    """A function of the typed program: its result's template once known, and whether it was called while unknown."""

    name: str
    result: Value | None = None
    busy: bool = True
    recursive: bool = False
    handed: Handed = Handed()


@dataclass(frozen=True, slots=True)
class Aside:
    """What a function gives for abstract arguments of these `shapes`, where it is only asked for the type of its result.

    `plain`: it does nothing but hand on values.  `escapes`: it changes, or hands back, what it is given.  `guards`: see `Engine`.
    `doubtful`: a path of it cannot be followed, and may give anything.  `handed`: what the result shares, as far as that is known.
    """

    shapes: tuple[Value, ...]  # kept alive: the identities of their objects are part of the key
    result: Value | None
    plain: bool
    guards: dict[str, Guard]
    escapes: bool = False
    doubtful: bool = False
    handed: Handed = Handed()
