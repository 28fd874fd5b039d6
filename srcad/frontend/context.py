"""The state of lowering one function, and how paths through it meet again.

Lowering runs over the statements with an environment: for each name the SSA atom that it stands for here.  A statement
that may leave its block (`break`, `return`) says so by an exit number; see `lower_statements`.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import gast

from srcad.errors import UnsupportedSyntax
from srcad.frontend import scope
from srcad.frontend.cases import OWN, without_match
from srcad.frontend.cells import boxed, shared
from srcad.frontend.fence import AMBIGUOUS, GLOBAL_DELETE, NONLOCAL_WRITE, PARTIAL_CAPTURE, Refusal
from srcad.frontend.generators import inlined
from srcad.frontend.lowered import Lowered
from srcad.frontend.polling import asking
from srcad.frontend.yields import handed
from srcad.ir.build import Builder, Names
from srcad.ir.core import CALL, COMPARE, GLOBAL, RAISE, REFUSE, SETGLOBAL, UNBOUND
from srcad.ir.nodes import UNDEF, Atom, Block, Const, If, Loc, Ref, Var
from srcad.ir.visit import defs
from srcad.source import Source

FALL_THROUGH, CONTINUE, BREAK, RETURN, ENDED = 0, -1, 1, 2, 3
RESULT, VALUE, EXIT = "$ret", "$value", "$exit"  # names of the environment that no user can write


def flag_of(name: str) -> str:
    """The name of the environment that tells whether a doubtful name has a value."""
    return f"${name}_bound"


def hint_of(name: str) -> str:
    """The hint for a variable that stands for a name of the environment, the user's or ours."""
    return "value" if name == RESULT else name.partition("@")[0].lstrip("$")


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """What a name stands for where its value depends on how far a `try` body came."""

    name: str


@dataclass(frozen=True, slots=True)
class Exit:
    """How control leaves statements: an int, and the values that it may have.  None at all: control does not leave them."""

    atom: Atom
    values: frozenset[int]

    @property
    def falls(self) -> bool:
        """Whether the statements behind may run."""
        return FALL_THROUGH in self.values

    @property
    def certain(self) -> bool:
        """Whether the statements behind run always."""
        return self.values == {FALL_THROUGH}

    def without(self, *values: int) -> Exit:
        """The exit where it is known not to be one of these."""
        left = self.values - frozenset(values)
        return leave(*left) if len(left) == 1 else Exit(self.atom, left)


def leave(value: int) -> Exit:
    """The exit of that number."""
    return Exit(Const(value), frozenset((value,)))


FALLS = leave(FALL_THROUGH)
DIVERGES = Exit(UNDEF, frozenset())

Env = dict[str, Atom | Ambiguous]
Work = Callable[[], Exit]


@dataclass(slots=True)
class Path:
    """A block that was lowered on its own: its statements, what names stand for at its end, how it ends."""

    builder: Builder
    env: Env
    exit: Exit
    params: tuple[Var, ...] = ()

    def inside(self) -> set[Atom]:
        """Atoms that are defined in the block."""
        return {*self.params, *(v for s in self.builder.stmts for v in defs(s))}


class Stage(Protocol):
    """What the modules of the front end need of each other."""

    def expression(self, cx: Context, node: Any, hint: str) -> Atom:
        """Lower an expression."""

    def sequence(self, cx: Context, nodes: Sequence[Any]) -> Exit:
        """Lower statements."""

    def function(self, cx: Context, node: Any, name: str, itself: str) -> tuple[Lowered, Sequence[Atom]]:
        """Lower a function inside the function; the atoms that it captures."""


@dataclass(slots=True)
class Context:
    """The function that is being lowered."""

    source: Source
    node: Any
    stage: Stage
    free: tuple[str, ...]
    locals: frozenset[str]
    not_mine: dict[str, Refusal]  # names that must not be assigned, and why
    of_module: frozenset[str] = frozenset()  # names declared `global`
    names: Names = field(default_factory=Names)
    builder: Builder = field(init=False)
    env: Env = field(default_factory=dict)
    nested: list[Lowered] = field(default_factory=list)
    globals: set[str] = field(default_factory=set)
    depth: int = 0  # how many constructs around this point may skip it
    in_try: int = 0
    read_last: frozenset[str] = frozenset()  # names that `finally` clauses around this point read
    loops: list[frozenset[str]] = field(default_factory=list)  # names that loops around this point assign
    first_param: Var | None = None
    raw: Any = None  # the function as it was given, before it was rewritten
    doubtful: frozenset[str] = frozenset()  # names that are read where some path leaves them without a value
    doubts: set[str] = field(default_factory=set)  # such names found while lowering
    partial: set[Var] = field(default_factory=set)  # values that some path leaves undefined

    def __post_init__(self) -> None:
        self.builder = Builder(self.names)

    # ---- places ------------------------------------------------------------------------------------------------------
    def loc(self, node: Any) -> Loc:
        """Where a node stands, relative to the outermost `def`."""
        if getattr(node, "lineno", None) is None:
            return self.builder.loc
        shift = self.source.first_line - 1
        last = (node.end_lineno or node.lineno) - shift
        return Loc(node.lineno - shift, node.col_offset, last, node.end_col_offset or 0, self.source.key)

    def refuse(self, node: Any, why: Refusal, detail: str = "") -> UnsupportedSyntax:
        """The error for a construct that is not followed."""
        what = f"{why.what}{detail} cannot be followed."
        return UnsupportedSyntax(what, why.advice, code=why.code, place=self.source.place(self.loc(node)))

    # ---- names -------------------------------------------------------------------------------------------------------
    def is_local(self, name: str) -> bool:
        """Whether a name belongs to this function or to one around it, as against the module."""
        return name in self.env or name in self.locals or name in self.free

    def is_builtin(self, name: str) -> bool:
        """Whether a name stands for what Python has under it, if it has something."""
        return not self.is_local(name) and name not in self.source.shadowed

    def read(self, node: Any, name: str) -> Atom:
        """What a name stands for."""
        if name in OWN:
            return OWN[name]
        if not self.is_local(name):
            self.globals.add(name)
            return self.builder.call(GLOBAL, (Const(name),))
        atom = self.env.get(name, UNDEF)
        if isinstance(atom, Ambiguous):
            raise self.refuse(node, AMBIGUOUS, f" ('{name}')")
        if atom == UNDEF:
            self.unbound(name)
        elif atom in self.partial and not name.startswith("$"):  # our own are read where they are bound
            self.demand(name, atom, lambda: self.unbound(name))
        return atom

    def captured(self, node: Any, name: str) -> Atom:
        """What a name stands for that a function made here captures."""
        atom = self.env.get(name, UNDEF)
        if atom == UNDEF or isinstance(atom, Ambiguous) or atom not in self.partial:
            return UNDEF if atom == UNDEF else self.read(node, name)
        error = self.refuse(node, PARTIAL_CAPTURE, f" ('{name}')")
        self.demand(name, atom, lambda: self.builder.do(REFUSE, (Const(type(error).__name__), Const(str(error)))))
        return atom

    def demand(self, name: str, atom: Atom, otherwise: Callable[[], None]) -> None:
        """Go on where a name has a value; do `otherwise`, which does not return, where it has none."""
        flag = flag_of(name)
        if name not in self.doubtful:
            self.doubts.add(name)  # lowered again, with a flag
        elif self.env[flag] != Const(True):

            def fails() -> Exit:
                otherwise()
                return DIVERGES

            known = self.env[flag]
            assert not isinstance(known, Ambiguous)
            self.fork(self.builder.call(UNBOUND, (atom, known)), fails, lambda: FALLS)
            self.env[flag] = Const(True)

    def unbound(self, name: str) -> None:
        """Raise what Python raises for a local that has no value."""
        message = f"cannot access local variable '{name}' where it is not associated with a value"
        error = self.builder.call(CALL, (Ref("builtins:UnboundLocalError", UnboundLocalError), Const(message)))
        self.builder.do(RAISE, (error,))

    def bind(self, node: Any, name: str, atom: Atom) -> None:
        """Let a name stand for an atom from here on."""
        if name in self.not_mine:
            raise self.refuse(node, self.not_mine[name], f" ('{name}')")
        if name in self.of_module and name not in self.env:  # the target of a comprehension is in it
            if atom == UNDEF:
                raise self.refuse(node, GLOBAL_DELETE, f" ('{name}')")
            self.builder.do(SETGLOBAL, (Const(name), atom))
            return
        self.env[name] = atom
        if name in self.doubtful:
            self.env[flag_of(name)] = Const(atom != UNDEF)

    def expression(self, node: Any, hint: str = "") -> Atom:
        """Lower an expression; `hint` names its value."""
        return self.stage.expression(self, node, hint)

    # ---- paths -------------------------------------------------------------------------------------------------------
    def path(self, work: Work, env: Env | None = None, params: tuple[Var, ...] = (), *, always: bool = False) -> Path:
        """Lower into a block of its own; `always`: it runs whenever control comes here."""
        path = Path(self.builder.nested(), dict(self.env if env is None else env), DIVERGES, params)
        self.resume(path, work, always=always)
        return path

    def resume(self, path: Path, work: Work, *, always: bool = False) -> None:
        """Lower more at the end of a path."""
        saved = self.builder, self.env
        self.builder, self.env = path.builder, path.env
        self.depth += not always
        try:
            path.exit = work()
            path.env = self.env
        finally:
            self.builder, self.env = saved
            self.depth -= not always

    def merge(self, paths: Sequence[Path], hint: str = "") -> tuple[tuple[Var, ...], list[tuple[Atom, ...]], Exit]:
        """Let paths meet: outs, the yields of each path, how they end.  The environment becomes the joined one."""
        live = [p for p in paths if p.exit.values]
        values: frozenset[int] = frozenset().union(*(p.exit.values for p in live))
        for p in live:
            p.env[EXIT] = p.exit.atom
            if p.exit.values == {RETURN}:
                # Nobody reads a variable behind a `return`, but for a `finally` clause.
                p.env.update({n: UNDEF for n, a in p.env.items() if isinstance(a, Ambiguous) and n not in self.read_last})
        outs: list[Var] = []
        yields: list[list[Atom]] = [[] for _ in paths]
        inside = live[0].inside() if len(live) == 1 else set()
        for name in dict.fromkeys(n for p in live for n in p.env):
            atoms = [p.env.get(name, UNDEF) for p in live]
            unclear = next((a for a in atoms if isinstance(a, Ambiguous)), None)
            if unclear is not None:
                self.env[name] = unclear
            elif all(a == atoms[0] for a in atoms) and atoms[0] not in inside:
                self.env[name] = atoms[0]
            elif name == EXIT and len(values) == 1:
                continue
            else:
                out = self.names.var(hint if name == VALUE else hint_of(name))
                self.env[name] = out
                if any(a == UNDEF or a in self.partial for a in atoms):
                    self.partial.add(out)
                outs.append(out)
                for p, row in zip(paths, yields, strict=True):
                    atom = p.env.get(name, UNDEF) if p.exit.values else UNDEF
                    assert not isinstance(atom, Ambiguous)
                    row.append(atom)
        atom = self.env.pop(EXIT, UNDEF)
        assert not isinstance(atom, Ambiguous)
        end = DIVERGES if not live else leave(*values) if len(values) == 1 else Exit(atom, values)
        return tuple(outs), [tuple(row) for row in yields], end

    def fork(self, cond: Atom, then: Work, orelse: Work, rest: Work | None = None, hint: str = "") -> tuple[Exit, bool]:
        """An `If`.  `rest` (what stands behind it) sinks into the only branch that falls through, where the other one leaves;
        the second result tells whether it did.
        """
        loc = self.builder.loc
        paths = [self.path(then), self.path(orelse)]
        falling = [p for p in paths if p.exit.falls]
        sinks = rest is not None and len(falling) == 1 and all(p.exit.values for p in paths)
        if sinks and rest is not None:
            path, go_on = falling[0], rest
            self.resume(path, lambda: self.behind(path.exit, go_on))
        outs, yields, end = self.merge(paths, hint)
        then_block, else_block = (p.builder.block((), y) for p, y in zip(paths, yields, strict=True))
        self.builder.add(If(outs, cond, then_block, else_block, loc))
        return end, sinks

    def behind(self, end: Exit, rest: Work) -> Exit:
        """What stands behind statements that end so: run where they fall through."""
        if end.certain:
            return rest()
        if not end.falls:
            return end
        cond = self.builder.call(COMPARE["eq"], (end.atom, Const(FALL_THROUGH)))
        return self.fork(cond, rest, lambda: end.without(FALL_THROUGH))[0]

    def conditional(self, cond: Atom, then: Callable[[], Atom], orelse: Callable[[], Atom], hint: str = "") -> Atom:
        """An expression that evaluates one of two."""

        def value(work: Callable[[], Atom]) -> Work:
            def run() -> Exit:
                atom = work()
                self.env[VALUE] = atom
                return FALLS

            return run

        self.fork(cond, value(then), value(orelse), hint=hint)
        atom = self.env.pop(VALUE)
        assert not isinstance(atom, Ambiguous)
        return atom

    @contextmanager
    def trying(self) -> Any:
        """Inside a `try` body, where an error of ours would be caught by the user's handlers."""
        self.in_try += 1
        try:
            yield
        finally:
            self.in_try -= 1

    def block(self, path: Path, params: Iterable[Var], yields: Iterable[Atom]) -> Block:
        """A path as a block."""
        return path.builder.block(params, yields)


def of_function(source: Source, node: Any, stage: Stage, free: tuple[str, ...], doubtful: frozenset[str] = frozenset()) -> Context:
    """The context at the start of a function, its parameters bound; `doubtful` names get a flag that tells whether they are."""
    raw = without_match(node)
    whole = inlined(boxed(raw, shared(raw)))
    node = handed(whole if "next" in source.shadowed else asking(whole))
    of_module = scope.declared(node, gast.Global)
    not_mine = dict.fromkeys(scope.declared(node, gast.Nonlocal), NONLOCAL_WRITE)
    mine = frozenset((*scope.parameters(node), *scope.assigned(scope.body(node)))) - frozenset(not_mine) - of_module
    cx = Context(source, node, stage, free, mine, not_mine, of_module, doubtful=doubtful, raw=raw)
    cx.builder.loc = cx.loc(node)
    for name in (*scope.parameters(node), *free):
        cx.env[name] = cx.names.var(name)
    cx.env.update({flag_of(name): Const(name in cx.env) for name in sorted(doubtful)})
    return cx
