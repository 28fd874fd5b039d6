"""What the blocks of one function share while they are turned into statements."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import cast

from srcad.analysis.sharing import Handing, called
from srcad.backend.pending import Footprint, footprint
from srcad.backend.roles import fit
from srcad.backend.values import count_reads, mutable, variables
from srcad.ir.core import LENGTH
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Each, Effect, Func, FuncRef, If, Loop, Op, Pack, Program, Range, Stmt, Var, With
from srcad.ir.types import UNKNOWN, ListOf
from srcad.ir.visit import blocks, walk

Effects = Callable[[Op | FuncRef, tuple[Arg, ...]], Effect]
_MADE_UP = re.compile(r"(items\d*)?")  # names of lists that no user wrote
_WIDE = 90
_SHORT = 16
RESIDUALS = "residuals"
DERIVED = ("_bar", "_dot")


def own_effects(op: Op | FuncRef, args: tuple[Arg, ...]) -> Effect:
    """The effects that an operation declares, whatever its arguments."""
    return op.effects


class Writer:
    """Facts about a function: how often values are read, which share a variable, what operations do."""

    def __init__(self, program: Program, func: Func, effects: Effects, calls: Mapping[str, Handing]) -> None:
        self.program = program
        self.func = func
        self.effects = effects
        self.calls = calls  # what the functions of the program do with what they are given
        self.counts: dict[Var, int] = {}
        count_reads(func.body, self.counts)
        self.aliases: dict[Var, Var] = {}
        self.solo: set[Var] = set()  # names that Python deletes by itself
        self.names: dict[Var, str] = {}  # wanted names that are not those of the user
        self.hints: dict[Var, str] = {}  # the user's names of variables whose first value has none
        self.globals: list[str] = []  # names of the module that the function reads
        self.assigned_globals: list[str] = []
        for stmt in walk(func.body):
            if isinstance(stmt, Call) and stmt.op.name in ("global", "setglobal") and isinstance(stmt.args[0], Const):
                name = str(stmt.args[0].value)
                self.globals.append(name)
                if stmt.op.name == "setglobal":
                    self.assigned_globals.append(name)
        self.records: list[tuple[Var, tuple[Arg, ...]]] = []  # what is pushed on tapes
        self._find_records(func.body)
        self.roles: dict[Var, str] = {}  # names for temporaries, better than what their expression tells
        self._find_roles()
        self.residual_items: tuple[Arg, ...] = ()  # handed from the forward half of a pair to the backward half
        self.residual_outs: tuple[Var, ...] = ()
        self.handed_records: dict[Var, list[str]] = {}  # tapes among them: what their records are called
        self._find_residuals()
        self._conditions(func.body)
        self._lengths: dict[Atom, Arg] = {}
        self.needless: set[Var] = set()  # lengths that only `enumerate` reads, which raises where asking for them does
        self._numbers()
        self.lists = {s.inits[0] for s in walk(func.body) if isinstance(s, Loop) and fills_list(s) and isinstance(s.inits[0], Var)}

    def _find_records(self, block: Block) -> None:
        packs: dict[Var, Pack] = {}
        for stmt in walk(block):
            match stmt:
                case Call((out,), Op(name="pack"), (Pack() as pack,), ()):
                    packs[out] = pack
                case Call((out,), Op(name="tape_push"), (_, record), ()):
                    made = packs.get(record) if isinstance(record, Var) else record if isinstance(record, Pack) else None
                    self.records.append((out, made.items if made is not None else (record,)))

    def _find_roles(self) -> None:
        for stmt in walk(self.func.body):
            if isinstance(stmt, Call) and isinstance(stmt.op, FuncRef):
                yields = self.program.func(stmt.op.name).body.yields
                if len(yields) == len(stmt.outs):
                    for out, y in zip(stmt.outs, yields, strict=True):
                        if isinstance(y, Var) and fit(y.hint):
                            self.roles[out] = y.hint.removesuffix("_bar") + "_part" if y.hint.endswith("_bar") else y.hint
        yields = self.func.body.yields
        if len(yields) > 1 and isinstance(yields[0], Var):
            self.roles.setdefault(yields[0], "value")

    def _find_residuals(self) -> None:
        for stmt in walk(self.func.body):
            match stmt:
                case Call((out,), Op(name="pack"), (Pack("tuple", items),), ()) if out.hint == RESIDUALS:
                    self.residual_items = items
                case Call(outs, Op(name="unpack"), (Var() as source,), ()) if source.hint == RESIDUALS and source in self.func.body.params:
                    self.residual_outs = outs

    def _conditions(self, block: Block) -> None:
        # The condition of `a and b` is read once by the text, though twice by the IR.
        for stmt in block.stmts:
            if isinstance(stmt, If) and connective(stmt) and isinstance(stmt.cond, Var):
                self.counts[stmt.cond] -= 1
            for inner in blocks(stmt):
                self._conditions(inner)

    def _numbers(self) -> None:
        """`enumerate(xs)` does not read the length, which the IR does."""
        self._lengths = {s.outs[0]: s.args[0] for s in walk(self.func.body) if isinstance(s, Call) and s.op == LENGTH}
        its = (s.iter for s in walk(self.func.body) if isinstance(s, Loop) and isinstance(s.iter, Each))
        read = Counter(cast("Var", cast("Range", it.seqs[0]).stop) for it in its if self.is_counted(it))
        self.needless = {stop for stop, times in read.items() if self.counts[stop] == times}
        self.counts.update(dict.fromkeys(self.needless, 0))

    def is_counted(self, it: Each) -> bool:
        """Whether a loop goes over the items of one sequence and their numbers."""
        counter, xs = it.seqs if len(it.seqs) == 2 and not it.reverse else (None, None)
        known = isinstance(counter, Range) and counter == Range(Const(0), counter.stop, Const(1)) and isinstance(counter.stop, Var)
        return known and isinstance(xs, Var) and self._lengths.get(cast("Range", counter).stop) == xs

    def root(self, var: Var) -> Var:
        """The value whose variable holds this one."""
        while var in self.aliases:
            var = self.aliases[var]
        return var

    def alias(self, var: Var, to: Var) -> None:
        """Let a value live in the variable of another."""
        if self.root(var) != self.root(to):
            if not self.root(to).hint and var.hint:
                self.hints.setdefault(self.root(to), var.hint)
            self.aliases[self.root(var)] = self.root(to)

    def footprint(self, stmt: Stmt) -> Footprint:
        """What running a statement reads and does."""
        match stmt:
            case Call() | With():
                op = stmt.op
                effects = self.effects(op, stmt.args)
                given = variables((*stmt.args, *(v for _, v in stmt.params)))
                reads = isinstance(op, FuncRef) or bool(effects & Effect.UNKNOWN) or any(mutable(v.type) for v in given)
                known = called(stmt, self.calls) if isinstance(stmt, Call) else None
                inplace = op.inplace if isinstance(op, Op) else known is not None and bool(known.changed)
                own = footprint(effects, reads=reads, inplace=inplace)
            case Loop():
                # Iterating over what is no range may raise, and `while` may not end.
                own = Footprint(reads=True, raises=not isinstance(stmt.iter, Range))
            case _:
                own = Footprint()
        for inner in blocks(stmt):
            for s in inner.stmts:
                own = own | self.footprint(s)
        return own

    def waits(self, stmt: Call, size: int, readers: dict[Var, str]) -> bool:
        """Whether the value of a call is not assigned to a variable, but waits for the statement that uses it."""
        (out,) = stmt.outs
        if self.counts.get(out, 0) != 1 or out not in readers:
            return False
        if not out.hint or out in self.lists:
            return not stmt.note or size <= _WIDE
        return out.hint.endswith(DERIVED) and size <= _SHORT and readers[out] == stmt.note != ""


def fills_list(loop: Loop) -> bool:
    """Whether a loop carries nothing but a list."""
    single = loop.test is None and loop.exit is None and loop.count is None and len(loop.inits) == 1
    return loop.iter is not None and single and (isinstance(t := loop.body.params[-1].type, ListOf) or t == UNKNOWN)


def is_made_up(hint: str) -> bool:
    """Whether no user gave a list this name."""
    return _MADE_UP.fullmatch(hint) is not None


def connective(stmt: If) -> str:
    """`and` or `or` where the statement is the expression `cond and ...`, `cond or ...`."""
    if len(stmt.outs) != 1 or not isinstance(stmt.cond, Var):
        return ""
    if not stmt.orelse.stmts and stmt.orelse.yields == (stmt.cond,) and stmt.then.yields != (stmt.cond,):
        return "and"
    if not stmt.then.stmts and stmt.then.yields == (stmt.cond,) and stmt.orelse.yields != (stmt.cond,):
        return "or"
    return ""
