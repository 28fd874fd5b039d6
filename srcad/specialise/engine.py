"""The abstract interpreter: runs untyped IR on abstract values and writes typed IR.

One `Engine` compiles one signature of one function, with every function that it calls.  The work on each construct stands
in the other modules of this package, as functions that take the engine.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import assert_never

from srcad.errors import InternalError, SrcadError
from srcad.frontend.lowered import Lowered
from srcad.ir.build import Builder
from srcad.ir.core import CALL, REFUSE
from srcad.ir.nodes import (
    NOWHERE, Arg, Atom, Block, Call, Const, Func, If, Loop, Pack, Ref, SliceArg, Star, Stmt, Try, Undef, Var, With,
)  # fmt: skip
from srcad.runtime.tables import STAND_FOR
from srcad.source import Source
from srcad.specialise import (
    asking, calls, choices, control, holding, items, joins, loops, managers, objects, operations, tables, unrolled, writes,
)  # fmt: skip
from srcad.specialise.derived import Derive
from srcad.specialise.diverge import Diverged, InPlace, Unstructured
from srcad.specialise.frames import Aside, Callee, Env, Frame, Note, Outcome, Unit
from srcad.specialise.guards import Guard
from srcad.specialise.kinds import MADE
from srcad.specialise.memory import Memory, Told, poisons
from srcad.specialise.numbered import Numbering
from srcad.specialise.refusals import refusal
from srcad.specialise.templates import coerce, materialise, sequence, template, unify, unmade, with_ranges
from srcad.specialise.variables import Variables
from srcad.specialise.values import (
    MISSING, Cell, Choice, Dyn, Lazy, Manager, Maybe, Missing, Poison, Seq, SliceVal, Static, Value,
)  # fmt: skip

_OF_SHARING = ("SRC119", "SRC141", "SRC146", "SRC147")  # what is refused where it is not known what is the same storage
_OF_ORDERS = "SRC187"  # where the order of a derivative depends on a number, so that all is done again with numbers that are known
_OF_NUMBERS = ("SRC120", _OF_ORDERS)  # where a function is given numbers: how often another one is differentiated or replaced, say


class Engine:
    """Interprets untyped IR on abstract values; see the module's docstring."""

    def __init__(self, derive: Derive | None = None, variables: Variables | None = None, orders: int = 1, *, exact: bool = False) -> None:
        self.derive = derive
        self.variables = variables or Variables()
        self.exact = exact  # integers from outside, and those that calls hand over, are known by value
        self.orders = orders  # how deep rules are made that stand inside rules
        self.depth = 0
        self.ruled = False  # whether what is followed is the value of a function that has a rule
        self.funcs: list[Func] = []
        self.sources: dict[str, str] = {}
        self.origins: dict[str, Source] = {}  # of the same functions, with their files
        self.callees: dict[object, Callee] = {}
        self.asides: dict[object, Aside] = {}  # what calls without differentiated arguments give
        self.guards: dict[str, Guard] = {}
        self.patience = 256  # trips that may still be followed one by one where a loop does not do
        self.calls_in_place = 200  # that may still be followed of functions that call themselves on objects
        self.escaping: set[object] = set()  # calls of functions that write to their arguments
        self.in_place: frozenset[int] = frozenset()  # functions that are interpreted where they are called, see `InPlace`
        self.precise = False  # of every name of a loop it is known which of a few arrays it holds, see `InPlace`
        self.sharing: set[int] = set()  # others whose results may share storage with something
        self.counting: set[int] = set()  # others that have been given whole numbers that are known
        self.unit = self.entry = Unit("")
        self.builder = Builder(self.unit.names)
        self.around: list[Builder] = []  # those of the blocks around this one
        self.frames: list[Frame] = []
        self.conditional = 0  # how many enclosing constructs may skip this point
        self.in_try = 0
        self.carries = False  # an exception has been made that holds a differentiated value
        self.attempts: list[list[Note]] = []  # what the bodies of `try` statements around this point have written
        self.call_mark = 0  # cells made since then belong to the arguments of the call that is interpreted
        self.asks_dtypes = False  # dtypes have been compared
        self.namespaces: dict[str, dict[str, object]] = {}
        self.numbering = Numbering()
        self.homes: dict[type, str] = {}  # classes that no import finds: how the program has reached them
        self.memory = Memory()

    # ---- blocks ------------------------------------------------------------------------------------------------------
    def run(self, block: Block, env: Env) -> list[Value]:
        """Interpret a block here; its yields (poisons are refused).  Raises `Diverged` where no path reaches its end."""
        unrolled.run(self, block, env)
        return [self.value(y, env) for y in block.yields]

    def branch(self, block: Block, env: Env, told: Told | None = None, end: Callable[[list[Value]], list[Value]] = list) -> Outcome:
        """Interpret a block that may be skipped, with a builder of its own; `told`: see `path`; `end`: what is made of its values."""
        return self.path(lambda inner: end(unrolled.run(self, block, inner)), env, told)

    def path(self, work: Callable[[Env], list[Value]], env: Env, told: Told | None = None) -> Outcome:
        """Do work on a path of its own, which may be skipped.  What is refused on it is refused when it is reached.

        `told`: truth values that are known there.
        """
        with self.aside() as builder:
            outer, mark = self.memory, Cell().serial
            self.memory = outer.fork()
            self.memory.told.update(told or {})
            self.conditional += 1
            try:
                return Outcome(builder, work(dict(env)), self.memory, mark)
            except Diverged:
                return Outcome(builder, None, self.memory, mark)
            except InternalError:
                raise
            except SrcadError as error:
                if self.in_try or (error.code == _OF_ORDERS and not self.exact):
                    raise
                del builder.stmts[builder.begun :]  # no statement is done by half
                builder.do(REFUSE, (Const(type(error).__name__), Const(str(error))))
                return Outcome(builder, None, self.memory, mark)
            finally:
                self.memory = outer
                self.conditional -= 1

    @contextmanager
    def aside(self) -> Iterator[Builder]:
        """Write into a nested builder for a while."""
        outer = self.builder
        self.builder = Builder(self.unit.names, outer.loc)
        depth = len(self.frames)
        self.around.append(outer)
        try:
            yield self.builder
        finally:
            self.around.pop()
            self.builder = outer
            del self.frames[depth:]

    def statement(self, stmt: Stmt, env: Env) -> None:
        """Interpret one statement."""
        if self.frames[-1].shown:
            self.frames[-1].loc = stmt.loc
            self.builder.loc = stmt.loc
        self.builder.begun = mark = len(self.builder.stmts)
        match stmt:
            case Call():
                values = operations.call_statement(self, stmt, env)
                if len(self.builder.stmts) > mark:
                    values = [self.named(v, o.hint) for v, o in zip(values, stmt.outs, strict=True)]
                if any(isinstance(v, Lazy) for v in values):
                    often = asking.often(self.frames[-1].lowered)
                    values = [asking.lasting(self, v) if o in often else v for v, o in zip(values, stmt.outs, strict=True)]
                env.update(zip(stmt.outs, values, strict=True))
            case If():
                control.branch_statement(self, stmt, env)
            case Loop():
                loops.loop_statement(self, stmt, env)
            case Try():
                control.try_statement(self, stmt, env)
            case With():
                managers.with_statement(self, stmt, env)
            case _:
                assert_never(stmt)

    def named(self, value: Value, hint: str) -> Value:
        """Rename a temporary that the last statement has just defined: the user's name for it is better."""
        if not hint or not isinstance(value, Dyn) or not isinstance(value.atom, Var) or value.atom.hint or not self.builder.stmts:
            return value
        last = self.builder.stmts[-1]
        if not isinstance(last, Call) or last.outs != (value.atom,):
            return value
        if value.atom in self.memory.origin or value.atom in self.memory.first or self.memory.holds(value.atom):
            return value
        var = self.unit.names.var(hint, value.type)
        self.builder.stmts[-1] = Call((var,), last.op, last.args, last.params, last.loc, last.note)
        if value.atom.name in self.unit.names.lengths:
            self.unit.names.lengths[var.name] = self.unit.names.lengths.pop(value.atom.name)
        named = Dyn(var, value.type, value.varied, value.known)
        self.memory.rename(value.atom, named)
        if value.atom in self.unit.outside:
            self.unit.outside[var] = self.unit.outside.pop(value.atom)
        if value.atom in self.unit.foreign:
            self.unit.foreign[var] = self.unit.foreign.pop(value.atom)
        return named

    # ---- arguments ---------------------------------------------------------------------------------------------------
    def held(self, var: Var, env: Env) -> Value:
        """What a name holds, as it is now."""
        return self.current(env[var])

    def current(self, value: Value) -> Value:
        """A value as it is now, with a `Poison` where that is not known."""
        return writes.current(self, value)

    def now(self, value: Value) -> Value:
        """A value as it is now; refused if that is not known."""
        found = self.current(value)
        for poison in poisons(found):
            raise self.refuse("UnsupportedSyntax", poison.code, poison.reason, poison.advice)
        return found

    def value(self, arg: Arg, env: Env) -> Value:
        """The abstract value of an argument tree of untyped IR."""
        match arg:
            case Var():
                if isinstance(env[arg], Missing):
                    self._check_captured(arg)
                return self.now(env[arg]) if self.memory.stale or isinstance(env[arg], Poison) else self.held(arg, env)
            case Const(value=literal):
                return Static(literal)
            case Ref(path, obj):
                return Static(obj, path)
            case Undef():
                return MISSING
            case Pack():
                return items.display(self, arg, env)
            case SliceArg(lower, upper, step):
                return SliceVal(self.value(lower, env), self.value(upper, env), self.value(step, env))
            case Star():
                raise InternalError(f"a star outside a call or display: {arg}")
            case _:
                assert_never(arg)

    def _check_captured(self, var: Var) -> None:
        """A variable that the function has captured and that has no value raises what Python raises where it is read."""
        lowered = self.frames[-1].lowered
        captured = lowered.func.body.params[len(lowered.params) :]
        if var in captured:
            name = lowered.free[captured.index(var)]
            words = f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
            writes.raise_error(self, NameError(words))

    def runtime(self, value: Value, what: str) -> Dyn:
        """The value as a run-time value; refused where it has none."""
        if isinstance(value, Choice):
            with choices.together(self):
                return self.runtime(choices.over(self, value, lambda one: self.runtime(one, what)), what)
        value = with_ranges(value, self.builder)
        whole = materialise(value, self.builder)
        if whole is None:
            if objects.is_objects(value):
                raise objects.refusal(self)
            made = value.cls if isinstance(value, Seq) else value.value if isinstance(value, Static) else None
            lone = unmade(value)
            if lone is not None:
                self.numbering.note_unmade(lone)
            if isinstance(made, type) and made in MADE:
                kind = "an object of the class" if isinstance(value, Seq) else "the class"
                raise self.refuse(
                    "UnsupportedSyntax", "SRC104", f"{what} is {kind} '{made.__name__}', which only exists inside the function",
                    "define the class at module level",
                )
            kind = type(value).__name__.lower()
            raise self.refuse("UnsupportedSyntax", "SRC121", f"{what} is a {kind}, which has no run-time form that can be followed",
                              "write the step out, or mark it with srcad.stop_gradient if it carries no derivative")  # fmt: skip
        return holding.made(self, whole, value) if isinstance(value, Seq) else whole

    # ---- joins -------------------------------------------------------------------------------------------------------
    def joined(self, values: list[Value]) -> Value:
        """The template of values that meet, or a poison."""
        shape: Value | None = MISSING
        for value in values:
            if isinstance(value, Poison):
                return value
            shape = None if shape is None else unify(shape, value)
        lone = next(filter(None, map(unmade, values)), None) if shape is None else None
        if lone is not None:
            self.numbering.note_unmade(lone)
            return Poison(f"a list holds objects of the class '{lone.__name__}', which generated code cannot make", "SRC104",
                          "define the class at module level, and set all its attributes in `__init__`")  # fmt: skip
        if shape is None:
            kinds = " and ".join(sorted({describe(v) for v in values if not isinstance(v, Missing)}))
            return Poison(f"a name holds {kinds} on different paths")
        return shape

    def merge(
        self, outcomes: list[Outcome], outs: tuple[Var, ...], condition: Dyn | None = None
    ) -> tuple[list[Var], list[list[Atom]], list[Value]]:
        """Join paths; see `joins.merge`."""
        return joins.merge(self, outcomes, outs, condition)

    def coerced(self, value: Value, shape: Value, builder: Builder) -> list[Atom]:
        """Leaves of a value under a template, computed at the end of the path that `builder` writes."""
        outer, self.builder = self.builder, builder
        value = tables.fitted(self, value, shape)
        self.builder = outer
        atoms = coerce(value, shape, builder)
        if atoms is None:
            raise InternalError(f"{template(value)} does not fit {shape}")
        if isinstance(value, Seq) and isinstance(shape, Dyn):
            holding.made(self, Dyn(atoms[0], shape.type), value)
        return atoms

    # ---- sources and errors ------------------------------------------------------------------------------------------------------
    def known(self, lowered: Lowered) -> None:
        """Keep the source of the function that is entered, for comments, if it is the user's."""
        if self.frames[-1].shown:
            self.sources.setdefault(lowered.key, lowered.source.text)
            self.origins.setdefault(lowered.key, lowered.source)

    def unchangeable(self, code: str, message: str, advice: str) -> SrcadError:
        """An error for a write to what is not known; it may be part of an object whose attributes are not typed yet."""
        refusal = self.refuse("UnsupportedSyntax", code, message, advice)
        if self.entry.unstructured:
            raise Unstructured(refusal)
        return refusal

    def refuse(self, kind: str, code: str, message: str, advice: str) -> SrcadError:
        """An error of the given class at the statement that is being interpreted.

        Raises `InPlace` where more may be known if it is asked for.
        """
        asked: set[int] = set()
        if code in _OF_SHARING:
            asked = self.sharing
        elif code in _OF_NUMBERS:
            asked = self.counting.intersection(id(f.lowered) for f in self.frames)
        new = frozenset(asked) - self.in_place  # else it would start again for ever
        if new or (code in _OF_SHARING and not self.precise):
            raise InPlace(new)
        frame = next((f for f in reversed(self.frames) if f.shown), None)
        return refusal(kind, code, message, advice, frame.lowered if frame else None, frame.loc if frame else NOWHERE)

    def iteration(self, value: Value) -> loops.Plan:
        """How to iterate over a value."""
        return loops.plan(self, value)

    def spelled_call(self, manager: Manager) -> Call:
        """The call that makes a context manager, not yet written."""
        args = tuple(operations.argument(self, a, "a context manager") for a in manager.args)
        params = tuple((k, operations.argument(self, v, "a context manager")) for k, v in manager.kwargs)
        return Call((), CALL, (self.runtime(manager.function, "the manager").atom, *args), params)

    def sequence(self, value: Seq) -> Dyn:
        """A list or tuple that can be read at a computed place; refused where its items have no run-time form."""
        whole = sequence(value, self.builder)
        return self.runtime(value, "the sequence") if whole is None else holding.made(self, whole, value)

    def operation(self, name: str, args: list[Value]) -> Value:
        """The value of an operator of `core`."""
        return operations.operator_(self, name, args)

    def call(self, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """The value of a call."""
        return calls.call(self, function, args, kwargs)


def describe(value: Value) -> str:
    """A word for a kind of value, for messages."""
    match value:
        case Static(obj):
            return "None" if obj is None else f"the {type(obj).__name__} {getattr(obj, '__name__', obj)!s}"
        case Seq(cls):
            return f"a {STAND_FOR.get(cls, cls).__name__} of known structure"
        case Dyn():
            return "a run-time value"
        case Maybe(_, inner):
            return f"None or {describe(inner)}"
    return f"a {type(value).__name__.lower()}"
