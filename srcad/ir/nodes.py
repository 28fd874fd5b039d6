"""Nodes of the IR: structured SSA.

A function is a `Block` of statements; `If`, `Loop`, `Try` and `With` hold blocks of their own.  A block has parameters and
yields values; there is no goto.  Every `Var` is defined once.  A statement may use each `Var` that is defined before it
in its block or in a block around it.  Nodes are immutable and compared by content.
"""
from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TypeAlias

from srcad.ir.types import UNKNOWN, Type


class Effect(enum.Flag):
    """What running an operation may do beside returning a value."""

    NONE = 0
    RAISES = enum.auto()  # may raise: kept, in order with other effects, in the forward sweep
    WARNS = enum.auto()
    IO = enum.auto()
    RNG = enum.auto()
    WRITES = enum.auto()  # changes storage that others may see
    UNKNOWN = enum.auto()  # a call into code that nobody has read
    DIVERGES = enum.auto()  # never returns (raise)


ROOTS = Effect.RAISES | Effect.WARNS | Effect.IO | Effect.RNG | Effect.WRITES | Effect.UNKNOWN | Effect.DIVERGES


@dataclass(frozen=True, slots=True)
class Loc:
    """A place in a user's function: lines count from 1 at its `def`, columns from 0."""

    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    function: str = ""  # key of the function in `Program.sources`


NOWHERE = Loc()


@dataclass(frozen=True, slots=True)
class Var:
    """An SSA value.  `name` is unique in its function: `x`, `x.1` for versions of the user's `x`, `%3` for a temporary."""

    name: str
    type: Type = UNKNOWN

    def __hash__(self) -> int:
        return hash(self.name)  # which tells variables apart; types are trees, and the compiler asks for hashes millions of times

    @property
    def hint(self) -> str:
        """The user's name for it, '' for a temporary."""
        return "" if self.name.startswith("%") else self.name.partition(".")[0]


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A literal: None, bool, int, float, complex, str, bytes, Ellipsis, or a frozen tuple of these."""

    value: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def key(self) -> tuple[type, str]:
        """Tells 1, 1.0 and True, 0.0 and -0.0 apart, and nan from nothing."""
        return type(self.value), repr(self.value)


@dataclass(frozen=True, slots=True)
class Ref:
    """An object found by import when the generated code runs: `numpy:float64`, `builtins:ValueError`, `pkg.mod:name.attr`."""

    path: str
    value: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Undef:
    """No value: a name that is unbound on this path."""


UNDEF = Undef()
Atom: TypeAlias = Var | Const | Ref | Undef


@dataclass(frozen=True, slots=True)
class Pack:
    """A display inside an argument: `kind` is tuple, list, set, dict or OrderedDict (then `keys` stand beside `items`)."""

    kind: str
    items: tuple[Arg, ...]
    keys: tuple[Arg, ...] = ()

    @property
    def keyed(self) -> bool:
        """Whether keys stand beside the items."""
        return self.kind in ("dict", "OrderedDict")


@dataclass(frozen=True, slots=True)
class SliceArg:
    """`lower:upper:step` inside a subscript; `Const(None)` where it is left out."""

    lower: Arg
    upper: Arg
    step: Arg


@dataclass(frozen=True, slots=True)
class Star:
    """`*value` (or `**value`) inside a call or display of untyped IR."""

    value: Arg
    double: bool = False


Arg: TypeAlias = Var | Const | Ref | Undef | Pack | SliceArg | Star


class View(enum.Enum):
    """How the result of an operation relates to the storage of its first operand."""

    FRESH = "fresh"
    VIEW = "view"
    OVERLAPPING = "overlapping"  # a view whose elements may coincide, or that is read-only
    MAYBE = "maybe"
    SAME = "same"  # the operand itself


@dataclass(frozen=True, slots=True)
class Op:
    """An operation.  It prints as its `form`, in which `_0`, `_1`, ... are the arguments and `*_` all of them; params follow
    as keywords where the form is a call.  Names in a form that are not built in are imported as `imports` says.
    """

    name: str
    form: str = field(compare=False)
    imports: tuple[str, ...] = field(default=(), compare=False)  # "numpy as np", "math", "srcad.runtime:unbroadcast"
    effects: Effect = field(default=Effect.NONE, compare=False)
    inplace: bool = field(default=False, compare=False)  # consumes the buffer of argument 0 and returns it, changed
    view: View = field(default=View.FRESH, compare=False)
    shape_only: tuple[int, ...] = field(default=(), compare=False)  # arguments of which only shape and dtype are read


@dataclass(frozen=True, slots=True)
class FuncRef:
    """A call of another function of the program, by its name there."""

    name: str
    effects: Effect = Effect.RAISES


@dataclass(frozen=True, slots=True)
class Call:
    """`outs = op(*args, **params)`."""

    outs: tuple[Var, ...]
    op: Op | FuncRef
    args: tuple[Arg, ...] = ()
    params: tuple[tuple[str, Arg], ...] = ()
    loc: Loc = NOWHERE
    note: str = ""  # comment for the generated source


@dataclass(frozen=True, slots=True)
class Block:
    """Statements with parameters and yielded values.  A block that ends in an op that DIVERGES yields UNDEF."""

    params: tuple[Var, ...]
    stmts: tuple[Stmt, ...]
    yields: tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`outs` are the yields of the branch taken."""

    outs: tuple[Var, ...]
    cond: Atom
    then: Block
    orelse: Block
    loc: Loc = NOWHERE
    note: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """`range(start, stop, step)`; one block parameter, the index.  `reverse`: the same numbers from last to first."""

    start: Atom
    stop: Atom
    step: Atom
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """The items of `zip(*seqs)` (of the only one, if there is one); one block parameter per seq.  A seq may be a `Range`.
    `reverse`: each from last to first, the seqs then have equal lengths.
    """

    seqs: tuple[Atom | Range, ...]
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """`for` (iter) and `while` (test).

    `body.params` are the item parameters of `iter`, then the carried values; `body.yields` are the next carried values;
    `outs` their final ones.  `test` has the carried values as parameters and yields the condition, read before each trip.
    `exit` names the carried value (an int, initially 0) that stops the loop as soon as it is not 0 after a trip.
    `count`: the number of trips started.  `slots`: reverse mode keeps that many states at a time (with a folder for them, or None).
    """

    outs: tuple[Var, ...]
    iter: Range | Each | None
    inits: tuple[Atom, ...]
    test: Block | None
    body: Block
    exit: int | None = None
    count: Var | None = None
    loc: Loc = NOWHERE
    note: str = ""
    slots: tuple[Atom, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """`except type as name: block`; `type` None catches all.  `name` is the block's parameter."""

    type: Arg | None
    block: Block


@dataclass(frozen=True, slots=True)
class Try:
    """`outs` are the yields of `body` where it completed, of the handler that ran otherwise; `else` clauses are
    lowered behind the statement.
    `final` runs always and yields nothing.  `path`: 0 where the body completed, else the handler's number from 1.
    """

    outs: tuple[Var, ...]
    body: Block
    handlers: tuple[Handler, ...]
    final: Block | None = None
    path: Var | None = None
    loc: Loc = NOWHERE
    note: str = ""


@dataclass(frozen=True, slots=True)
class With:
    """`with op(*args, **params) as target: body`; `outs` are the yields of `body`, whose only parameter is the target, if any.
    `op` may be the identity on an existing manager.
    """

    outs: tuple[Var, ...]
    op: Op | FuncRef
    args: tuple[Arg, ...]
    params: tuple[tuple[str, Arg], ...]
    body: Block
    loc: Loc = NOWHERE
    note: str = ""


Stmt: TypeAlias = Call | If | Loop | Try | With


@dataclass(frozen=True, slots=True)
class Custom:
    """The derivative of a function by functions of the program, '' where there is none.

    `forward` takes the parameters and yields the results, then residuals; `backward` takes these and one cotangent per
    result that can have one, and yields a cotangent for each parameter that can.  `jvp` takes the parameters and a tangent
    for each of those, and yields the results, then their tangents.  Without `forward` the function gives back its first
    parameters, and `backward` takes all of them, then the cotangents of what it gives back, and yields these anew.
    Without any there is a rule that has not been made.  The first `fixed` parameters have no part in this: what is captured.
    """

    forward: str = ""
    backward: str = ""
    jvp: str = ""
    fixed: int = 0

    @property
    def hands_back(self) -> bool:
        """Whether the function gives back its first parameters."""
        return bool(self.backward) and not self.forward

    @property
    def names(self) -> tuple[str, ...]:
        """The functions that it consists of."""
        return tuple(n for n in (self.forward, self.backward, self.jvp) if n)


@dataclass(frozen=True, slots=True)
class Func:
    """A function.  `body.params` are all parameters in order; `body.yields` the values returned, assembled as `result` says:
    a tree of `Pack` whose leaves are `Const(i)`, the number of a yield (None: the only yield itself).
    """

    name: str
    body: Block
    result: Arg | None = None
    key: str = ""  # of the source text in `Program.sources`
    doc: tuple[str, ...] = ()  # header lines
    custom: Custom | None = None  # a derivative that is not made from the body


@dataclass(frozen=True, slots=True)
class Program:
    """Functions that call each other; the first is the entry.  `sources`: key -> source text of a user's function,
    for comments and errors.
    """

    funcs: tuple[Func, ...]
    sources: tuple[tuple[str, str], ...] = ()

    @property
    def entry(self) -> Func:
        """The function to call."""
        return self.funcs[0]

    @property
    def taken(self) -> frozenset[str]:
        """The names that a new function must not have."""
        return frozenset(f.name for f in self.funcs)

    def func(self, name: str) -> Func:
        """The function of that name; KeyError if there is none."""
        for f in self.funcs:
            if f.name == name:
                return f
        raise KeyError(name)
