"""Where paths meet: values that differ become outs of the statement, and so do the versions of what a path has written."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from srcad.ir.nodes import UNDEF, Atom, Block, Var
from srcad.ir.visit import all_defs
from srcad.specialise import writes
from srcad.specialise.frames import Outcome
from srcad.specialise.memory import MOVED, Identity, can_change, has_identity
from srcad.specialise.templates import children, leaves, rebuild, with_children
from srcad.specialise.values import Bound, Cell, Choice, Closure, Dyn, Partial, Poison, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def merge(
    engine: Engine, outcomes: list[Outcome], outs: tuple[Var, ...], condition: Dyn | None = None
) -> tuple[list[Var], list[list[Atom]], list[Value]]:
    """Join the yields of paths: typed outs, the yields of each path, and the values after the statement.

    What the paths have written is joined as well: further outs, which are the current versions from here on.
    `condition`: what chose between two paths; functions that differ become a choice on it.
    """
    found = _Merge(engine, outcomes)
    found.learn()
    after: list[Value] = []
    for n, out in enumerate(outs):
        values = [o.values[n] for o in found.live if o.values is not None]
        if condition is not None and len(values) == 2 and values[0] != values[1] and all(map(_is_code, values)):
            after.append(Choice(condition, values[0], values[1]))
            continue
        after.append(found.join(values, out.hint))
    found.storage()
    return found.typed, found.yields, after


@dataclass
class _Merge:
    """The outs of one statement while they are collected."""

    engine: Engine
    outcomes: list[Outcome]
    typed: list[Var] = field(default_factory=list)
    yields: list[list[Atom]] = field(default_factory=list)
    seen: dict[tuple[object, ...], Value] = field(default_factory=dict)
    paths: dict[int, list[tuple[Var, set[Identity]]]] = field(default_factory=dict)  # new values and what they are, by path

    def __post_init__(self) -> None:
        self.live = [o for o in self.outcomes if o.values is not None]
        self.yields = [[] for _ in self.outcomes]
        self._inside: dict[int, frozenset[Var]] = {}

    def is_local(self, ident: Identity, outcome: Outcome) -> bool:
        """Whether an identity was born on a path."""
        if isinstance(ident, Cell):
            return ident.serial > outcome.mark
        if id(outcome) not in self._inside:
            self._inside[id(outcome)] = frozenset(all_defs(Block((), tuple(outcome.builder.stmts), ())))
        return ident in self._inside[id(outcome)]

    # ---- values ------------------------------------------------------------------------------------------------------
    def join(self, values: list[Value], hint: str, *, whole: bool = False) -> Value:
        """The value behind the statement; `whole`: the contents of one identity, whatever they are."""
        if not whole:
            idents = tuple(o.memory.identity(v) for v, o in zip(values, self.live, strict=True))
            if idents and None not in idents:
                known = self._same(idents, values)
                if known is not None:
                    return known
                made = self._made(values, hint)
                self.seen[idents] = made
                return made
        return self._made(values, hint)

    def _same(self, idents: tuple[Identity | None, ...], values: list[Value]) -> Value | None:
        """The one value that a name holds on all paths, if it is one."""
        first, path = idents[0], self.live[0]
        if first is not None and all(i == first for i in idents) and not self.is_local(first, path):
            if first in path.memory.views:
                return path.memory.views[first].value
            return path.memory.first.get(first, values[0])
        return self.seen.get(idents)

    def _made(self, values: list[Value], hint: str) -> Value:
        if len(values) > 1 and all(isinstance(v, Seq) for v in values) and len({_frame(v) for v in values}) == 1:
            columns = zip(*(children(v) for v in values), strict=True)
            model = values[0]
            assert isinstance(model, Seq)
            made = with_children(model, tuple(self.join(list(c), hint) for c in columns))
            assert isinstance(made, Seq)
            whole = Seq(made.cls, made.items, made.keys, Cell() if has_identity(made.cls) else None)
            self._relate_cells(whole, values)
            return whole
        shape = self.engine.joined(values)
        if isinstance(shape, Poison):
            return shape
        columns_ = []
        for v, o in zip(values, self.live, strict=True):
            outer, self.engine.memory = self.engine.memory, o.memory
            columns_.append(self.engine.coerced(v, shape, o.builder))
            self.engine.memory = outer
        new = [self.engine.unit.names.var(hint, leaf.type) for leaf in leaves(shape)]
        self.typed.extend(new)
        by_live = iter(columns_)
        for o, row in zip(self.outcomes, self.yields, strict=True):
            row.extend(next(by_live) if o.values is not None else [UNDEF] * len(new))
        found = rebuild(shape, iter(new))
        self._relate(found, new, values, columns_)
        return _with_cells(found)

    def _relate(self, found: Value, new: list[Var], values: list[Value], columns: list[list[Atom]]) -> None:
        """What a new value may share storage with: what it was on each path."""
        memory = self.engine.memory
        for n, var in enumerate(new):
            if not can_change(var.type):
                continue
            for value, column, o in zip(values, columns, self.live, strict=True):
                atom = column[n]
                root = o.memory.root(Dyn(atom, var.type)) if isinstance(atom, Var) else None
                roots = set() if root is None else {root}
                if isinstance(found, Dyn) and isinstance(value, Seq):
                    for child in value.items:
                        for r in set(o.memory.roots(child)):
                            if memory.may_hold_already(var, r):
                                memory.tangled.add(var)
                            memory.holders[r] = memory.holders.get(r, frozenset()) | {var}
                near = {a for r in roots for a in o.memory.alias.get(r, ())} | roots
                self._pair(var, near, o)
                memory.stand_in(var, near)

    def _pair(self, var: Var, near: set[Identity], outcome: Outcome) -> None:
        """A new value may be any of these; two new ones may be one if they are on the same path."""
        known = self.paths.setdefault(id(outcome), [])
        memory = self.engine.memory
        for other, others in known:
            if other != var and near & others:
                memory.link(var, other)
        known.append((var, near))
        for ident in near:
            if not self.is_local(ident, outcome):
                memory.link(var, ident)

    def _relate_cells(self, whole: Seq, values: list[Value]) -> None:
        if whole.cell is not None:
            found = (o.memory.root(v) for v, o in zip(values, self.live, strict=True))
            self.engine.memory.relate(whole.cell, [r for r in found if r is not None])

    # ---- storage -----------------------------------------------------------------------------------------------------
    def storage(self) -> None:
        """Join what the paths have written."""
        memory = self.engine.memory
        changed: dict[Identity, None] = {}
        for o in self.live:
            changed.update((i, None) for i in o.memory.changed_since(memory) if not self.is_local(i, o))
        for ident in changed:
            first = next(o.memory.first[ident] for o in self.live if ident in o.memory.first)
            memory.first.setdefault(ident, first)
            values = [self._version(o, ident, first) for o in self.live]
            poisoned = next((v for v in values if isinstance(v, Poison)), None)
            made = poisoned if poisoned is not None else self.join(values, _hint(first), whole=True)
            if isinstance(made, Poison):
                memory.stale[ident] = made.reason
                continue
            memory.now[ident] = memory.adopt(made, ident)

    def _version(self, outcome: Outcome, ident: Identity, first: Value) -> Value:
        """The version at the end of a path, with what is in it as it is there."""
        outer, self.engine.memory = self.engine.memory, outcome.memory
        builder, self.engine.builder = self.engine.builder, outcome.builder
        try:
            return writes.current(self.engine, outcome.memory.now.get(ident, first))
        finally:
            self.engine.memory, self.engine.builder = outer, builder

    def learn(self) -> None:
        """What the paths have learned of storage, also of what was made on them: it may come out under another name."""
        for o in self.live:
            self._learn(o)

    def _learn(self, outcome: Outcome) -> None:
        memory, found = self.engine.memory, outcome.memory
        for ident in memory.views.keys() - found.views.keys():
            memory.stale[ident] = MOVED
        for ident, reason in found.stale.items():
            if ident not in memory.stale and not self.is_local(ident, outcome):
                memory.stale[ident] = reason
        for mine, theirs in ((memory.alias, found.alias), (memory.holders, found.holders)):
            for ident, others in theirs.items():
                if others is not mine.get(ident):
                    mine[ident] = mine.get(ident, frozenset()) | others
        memory.tangled |= found.tangled
        memory.resized |= found.resized


def _hint(value: Value) -> str:
    return value.atom.hint if isinstance(value, Dyn) and isinstance(value.atom, Var) else ""


def _frame(value: Value) -> tuple[object, ...]:
    assert isinstance(value, Seq)
    return (value.cls, value.keys, len(value.items))


def _with_cells(value: Value) -> Value:
    kids = children(value)
    if kids:
        value = with_children(value, tuple(map(_with_cells, kids)))
    if isinstance(value, Seq) and value.cell is None and has_identity(value.cls):
        return Seq(value.cls, value.items, value.keys, Cell())
    return value


def _is_code(value: Value) -> bool:
    """Whether a value is a function without run-time parts."""
    if isinstance(value, Static):
        return callable(value.value)
    return isinstance(value, Bound | Closure | Partial | Choice) and not any(True for _ in leaves(value))
