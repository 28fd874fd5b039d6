"""Where paths meet: values that differ become outs of the statement, and so do the versions of what a path has written."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from srcad.ir.nodes import UNDEF, Atom, Block, Const, Var
from srcad.ir.types import BOOL, INT, Array, Type, dtype_kind, is_scalar
from srcad.ir.visit import all_defs
from srcad.specialise import choices, ends, mixed, optional, writes
from srcad.specialise.carried import MOST
from srcad.specialise.frames import Outcome
from srcad.specialise.memory import MOVED, Again, Chosen, Identity, Option, Told, Viewing, can_change, cells, has_identity, may_be_one
from srcad.specialise.places import placed, word_at
from srcad.specialise.templates import aligned, children, differ_in_attributes, leaves, lifted, rebuild, same_kind, template, with_children
from srcad.specialise.values import (
    MISSING, Bound, Cell, Choice, Closure, Dyn, Maybe, Missing, Partial, Poison, Seq, Static, Value, hint_of,
)  # fmt: skip

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def merge(
    engine: Engine, outcomes: list[Outcome], outs: tuple[Var, ...], condition: Dyn | None = None
) -> tuple[list[Var], list[list[Atom]], list[Value]]:
    """Join the yields of paths: typed outs, the yields of each path, and the values after the statement.

    What the paths have written is joined as well: further outs, which are the current versions from here on.
    `condition`: what chose between two paths; functions that differ become a choice on it.
    """
    found = _Merge(engine, outcomes, condition)
    found.learn()
    after: list[Value] = []
    for n, out in enumerate(outs):
        values = [o.values[n] for o in found.live if o.values is not None]
        after.append(found.join(values, out.hint))
    found.storage()
    found.stamp()
    found.tell()
    return found.typed, found.yields, after


@dataclass
class _Merge:
    """The outs of one statement while they are collected."""

    engine: Engine
    outcomes: list[Outcome]
    condition: Dyn | None = None
    typed: list[Var] = field(default_factory=list)
    yields: list[list[Atom]] = field(default_factory=list)
    seen: dict[tuple[object, ...], Value] = field(default_factory=dict)
    any: list[Atom] = field(default_factory=list)  # the array of each path that is being joined
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
            self._inside[id(outcome)] = frozenset((*outcome.params, *all_defs(Block((), tuple(outcome.builder.stmts), ()))))
        return ident in self._inside[id(outcome)]

    # ---- values ------------------------------------------------------------------------------------------------------
    def join(self, values: list[Value], hint: str, *, whole: bool = False) -> Value:
        """The value behind the statement; `whole`: the contents of one identity, whatever they are."""
        if self.condition is not None and len(values) == 2 and choices.differ(values):
            self.engine.numbering.mixed.update(choices.classes(values))
            known = self._one_of_few(values, hint)
            if known is not None:
                return known
            if self._were_there(values):
                return Choice(self.condition, values[0], values[1])
            return Choice(self.condition, self.join([values[0], MISSING], hint), self.join([MISSING, values[1]], hint))
        if self.condition is not None and not whole and (self._stay_apart(values) or choices.or_nothing(values)):
            known = self._one_of_few(values, hint)
            if known is not None:
                return known
            return Choice(self.condition, self._known(values, 0, hint), self._known(values, 1, hint))
        if not whole:
            idents = tuple(MISSING if v == MISSING else o.memory.identity(v) for v, o in zip(values, self.live, strict=True))
            if None not in idents and any(i != MISSING for i in idents):
                known = self._same(idents, values)
                if known is not None:
                    return known
                made = self._made(values, hint, own=self._outer(idents))
                self.seen[idents] = made
                return made
        return self._made(values, hint, whole=whole)

    def _one_of_few(self, values: list[Value], hint: str) -> Value | None:
        """What some path holds as one of several already, where all that it may be is older than the paths."""
        if self.condition is None or not any(isinstance(v, Choice) for v in values):
            return None
        return ends.joined(self.engine, values, self.live, self.condition, self.is_local, lambda column: self._out(hint, BOOL, column))

    def _stay_apart(self, values: list[Value]) -> bool:
        """Whether two values are containers or objects, at least one of them from outside, that are told apart behind the statement."""
        if len(values) != 2 or not all(map(choices.of_containers, values)):
            return False
        first, second = (self._from_outside(v, o) for v, o in zip(values, self.live, strict=True))
        if first == second and not any(isinstance(v, Choice) for v in values):
            return False
        self.engine.numbering.met = True
        return self.engine.numbering.apart

    def _from_outside(self, value: Value, path: Outcome) -> Identity | None:
        ident = path.memory.identity(value)
        return None if ident is None or self.is_local(ident, path) else ident

    def _known(self, values: list[Value], n: int, hint: str) -> Value:
        """The container of one path, as what it is known behind the statement, if it is from outside."""
        memory, ident = self.live[n].memory, self._from_outside(values[n], self.live[n])
        if ident is None:
            return self.join([v if k == n else MISSING for k, v in enumerate(values)], hint)
        return memory.first_seen(ident, values[n])

    def _were_there(self, values: list[Value]) -> bool:
        """Whether two values are functions, and all that they capture is older than the paths: both can be named on either."""
        pairs = zip(values, self.live, strict=True)
        return all(isinstance(v, Closure | Bound | Partial | Static) and not self._holds_new(v, o) for v, o in pairs)

    def _holds_new(self, value: Value, outcome: Outcome) -> bool:
        idents: list[Identity] = [*cells(value), *(leaf.atom for leaf in leaves(value) if isinstance(leaf.atom, Var))]
        return any(self.is_local(i, outcome) for i in idents)

    def _same(self, idents: tuple[Identity | Missing | None, ...], values: list[Value]) -> Value | None:
        """The one value that a name holds on all paths that bind it, if it is one."""
        outer = self._outer(idents)
        n = next(n for n, i in enumerate(idents) if i != MISSING)
        if outer is None or (MISSING in idents and isinstance(values[n], Dyn)):  # whether it is bound is asked of a name of its own
            return self.seen.get(idents)
        memory = self.live[n].memory
        return memory.first_seen(outer, values[n])

    def _outer(self, idents: tuple[Identity | Missing | None, ...]) -> Identity | None:
        """The identity from outside that a name has on all paths that bind it, if it is one."""
        found = [(i, o) for i, o in zip(idents, self.live, strict=True) if not isinstance(i, Missing | None)]
        first, path = found[0]
        return first if all(i == first for i, _ in found) and not self.is_local(first, path) else None

    def _made(self, values: list[Value], hint: str, *, whole: bool = False, own: Identity | None = None) -> Value:
        values = self._together(values)
        model = values[0] if values else MISSING
        if (children(model) or isinstance(model, Seq)) and all(same_kind(model, v) for v in values[1:]):
            columns = zip(*(children(v) for v in values), strict=True)
            made = with_children(model, tuple(self.join(list(c), word_at(model, (n,), hint)) for n, c in enumerate(columns)))
            if isinstance(made, Maybe):
                return optional.resolved(self.engine, replace(made, told=self._is_told(made, values)))
            if not isinstance(made, Seq):
                return made
            joined = Seq(made.cls, made.items, made.keys, Cell() if has_identity(made.cls) else None)
            self._relate_cells(joined, values)
            return joined
        if values == [Static(value=True), Static(value=False)] and self.condition is not None and _is_truth(self.condition.type):
            return self.condition
        shape = self.engine.joined(values)
        if isinstance(shape, Poison):
            self.engine.numbering.note_mixed(values)
            return shape
        columns_ = []
        for v, o in zip(values, self.live, strict=True):
            outer, self.engine.memory = self.engine.memory, o.memory
            columns_.append(self.engine.coerced(v, shape, o.builder))
            self.engine.memory = outer
            if isinstance(v, Seq):
                self._learn_sharing(o)  # a run-time container made of it holds what is in it
        new = [self.engine.unit.names.var(word_at(shape, n, hint), leaf.type) for n, leaf in placed(shape)]
        self.typed.extend(new)
        for n, var in enumerate(new):
            mixed.note(self.engine.memory, var, [(o.memory, c[n]) for o, c in zip(self.live, columns_, strict=True)])
        by_live = iter(columns_)
        for o, row in zip(self.outcomes, self.yields, strict=True):
            row.extend(next(by_live) if o.values is not None else [UNDEF] * len(new))
        found = rebuild(shape, iter(new))
        if isinstance(found, Dyn):
            self._join_distinct(new[0], [c[0] for c in columns_])
        if own is not None and isinstance(found, Dyn):  # another name for what is outside
            self.engine.memory.origin[new[0]] = own
            if isinstance(own, Var):
                self.engine.memory.first.setdefault(own, replace(found, atom=own))
        elif whole or not self._choose(found, values, columns_):
            self._relate(found, new, values, columns_, whole=whole)
        found = _with_cells(found)
        if isinstance(found, Seq) and own is None and not whole:
            self._link_parts(found, values)
        return found

    def _join_distinct(self, new: Var, column: list[Atom]) -> None:
        """A list that has taken items of this trip on some paths, each once."""
        found = [o.memory.distinct.get(a) for a, o in zip(column, self.live, strict=True)]
        known = [f for f in found if f is not None]
        tokens = {t for t, _ in known if t is not None}
        if known and len(known) == len(found) and len(tokens) < 2:
            self.engine.memory.distinct[new] = next(iter(tokens), None), frozenset().union(*(taken for _, taken in known))

    def _together(self, values: list[Value]) -> list[Value]:
        """Values that meet with the same structure, as far as they can have one: parts may be None, missing or attributes not set."""
        given = [v for v in values if v != MISSING]
        if any(differ_in_attributes(given[0], v) for v in given[1:]):
            values = aligned(values)
        if all(same_kind(values[0], v) for v in values[1:]):
            return values
        shape = self.engine.joined(values)
        if isinstance(shape, Poison):
            return values
        parts = children(shape)
        missing = with_children(template(shape), (MISSING,) * len(parts)) if parts else MISSING
        return [missing if v == MISSING else lifted(v, shape) for v in values]

    def _is_told(self, made: Maybe, values: list[Value]) -> bool:
        """Whether a new value that may be None is undefined where it is."""
        if not isinstance(made.value, Dyn) or made.value.atom not in self.typed or made.value.atom in self.engine.memory.origin:
            return False
        return all(v.told or not isinstance(v.given, Dyn) for v in values if isinstance(v, Maybe))

    def tell(self) -> None:
        """What is known behind the statement: what every path knows, and what its truth values tell of the path that was taken."""
        memory = self.engine.memory
        for o in self.live:
            memory.tells.update(o.memory.tells)
        memory.told.update(_common([o.memory.told for o in self.live]))
        for n, var in enumerate(self.typed):
            if var.type != BOOL:
                continue
            column = [row[n] for o, row in zip(self.outcomes, self.yields, strict=True) if o.values is not None]
            memory.tells[var] = self._facts(column, holds=True), self._facts(column, holds=False)
            if self.condition is not None and len(column) == len(self.outcomes) == 2:
                before = memory.tells.get(self.condition.atom, ({}, {}))
                new = ({var: bool(a.value)} if isinstance(a, Const) else {} for a in column)
                memory.tells[self.condition.atom] = tuple({**b, **f} for b, f in zip(before, new, strict=True))  # type: ignore[assignment]

    def _facts(self, column: list[Atom], *, holds: bool) -> Told:
        """What is known where a truth value, given what it is on each path, holds or does not."""
        ways = []
        for o, atom in zip(self.live, column, strict=True):
            if not isinstance(atom, Const) or bool(atom.value) == holds:
                ways.append({**o.memory.told, **o.memory.facts(Dyn(atom, BOOL), holds=holds)})
        return _common(ways)

    # ---- arrays that a branch chooses --------------------------------------------------------------------------------
    def _choose(self, found: Value, values: list[Value], columns: list[list[Atom]]) -> bool:
        """Note what an array is on either path, if that is known of both."""
        memory = self.engine.memory
        if self.condition is None or not isinstance(found, Dyn) or not isinstance(found.atom, Var) or not all(map(writes.is_array, values)):
            return False
        if len({(v.type.dtype, v.type.ndim) for v in (*values, found) if isinstance(v, Dyn) and isinstance(v.type, Array)}) != 1:
            return False
        self.any = [c[0] for c in columns]
        options = [self._option(v, o) for v, o in zip(values, self.live, strict=True)]
        if any(o is None for o in options) or sum(map(memory.cases, options)) > MOST:  # type: ignore[arg-type]
            return False
        own = [o == MISSING for o in options]
        if all(own):
            return True
        if len(options) == 1:
            (only,) = options
            if isinstance(only, Again) and not isinstance(only.base, Again | Chosen):
                memory.views[found.atom] = Viewing(found, only.base, only.op, only.args, only.kwargs, only.sure)
            return found.atom in memory.views
        if any(own):
            made = Dyn(self._out(found.atom.hint, found.type, self.any), found.type, found.varied)
            options = [made if o == MISSING else o for o in options]
        assert None not in options
        memory.chosen[found.atom] = Chosen(self.condition, tuple(options), found)  # type: ignore[arg-type]
        memory.stand_in(found.atom, set(memory.chosen_from(memory.chosen[found.atom])))
        return True

    def _option(self, value: Value, path: Outcome) -> Option | None:
        """How to find an array of a path behind the statement; MISSING for one that the path has made, None if it cannot be found."""
        memory = path.memory
        ident = memory.identity(value)
        if ident is None:
            return None
        if not self.is_local(ident, path):
            return memory.first_seen(ident, value)
        if ident in memory.views:
            view = memory.views[ident]
            base = self._option(view.base, path)
            args = [self._exported(a, path) for a in (*view.args, *(v for _, v in view.kwargs))]
            if base == MISSING and self._alone(memory.root(view.base), path):
                return MISSING
            if base in (None, MISSING) or any(a is None for a in args) or not writes.is_array(view.base):
                return None
            count = len(view.args)
            kwargs = zip((k for k, _ in view.kwargs), args[count:], strict=True)
            return Again(base, view.op, tuple(args[:count]), tuple(kwargs), view.sure)  # type: ignore[arg-type]
        if ident in memory.chosen:
            return self._moved(memory.chosen[ident], path)
        return None if memory.alias.get(ident) or memory.holders.get(ident) else MISSING

    def _alone(self, ident: Identity | None, path: Outcome) -> bool:
        """Whether what a path has made comes out of it under one name only."""
        memory = path.memory
        out = [*(path.values or ()), *(memory.now[i] for i in memory.changed_since(self.engine.memory))]
        return sum(ident in set(memory.roots(v)) for v in out) == 1 and not memory.holders.get(ident)  # type: ignore[arg-type]

    def _moved(self, option: Option, path: Outcome) -> Option | None:
        """An option of an array that a path chooses, for use behind the statement."""
        if isinstance(option, Again):
            base = self._moved(option.base, path)
            args = [self._exported(a, path) for a in (*option.args, *(v for _, v in option.kwargs))]
            if base is None or any(a is None for a in args):
                return None
            count = len(option.args)
            kwargs = zip((k for k, _ in option.kwargs), args[count:], strict=True)
            return Again(base, option.op, tuple(args[:count]), tuple(kwargs), option.sure)  # type: ignore[arg-type]
        if isinstance(option, Chosen):
            which = self._exported(option.which, path)
            inner = tuple(self._moved(o, path) for o in option.options)
            if None in inner or not isinstance(which, Dyn):
                return None
            return Chosen(which, inner, option.value)  # type: ignore[arg-type]
        found = self._option(option, path)
        if found != MISSING:
            return found
        now = path.memory.now.get(path.memory.identity(option), option)  # type: ignore[arg-type]
        if not isinstance(now, Dyn):
            return None
        atoms = [now.atom if o is path else any_ for o, any_ in zip(self.live, self.any, strict=True)]
        return Dyn(self._out(hint_of(now), now.type, atoms), now.type, now.varied)

    def _exported(self, value: Value, path: Outcome) -> Value | None:
        """A subscript or condition of a path, for use behind the statement: its numbers become outs."""
        atoms: list[Atom] = []
        for leaf in leaves(value):
            if not isinstance(leaf.atom, Var) or not self.is_local(leaf.atom, path):
                atoms.append(leaf.atom)
            elif leaf.type in (INT, BOOL):
                other = Const(False if leaf.type == BOOL else 0)
                atoms.append(self._out(leaf.atom.hint, leaf.type, [leaf.atom if o is path else other for o in self.live]))
            else:
                return None
        return rebuild(value, iter(atoms))

    def _out(self, hint: str, t: Type, column: list[Atom]) -> Var:
        """A further out of the statement, given what it is on each path that reaches the end."""
        new = self.engine.unit.names.var(hint, t)
        self.typed.append(new)
        by_live = iter(column)
        for o, row in zip(self.outcomes, self.yields, strict=True):
            row.append(next(by_live) if o.values is not None else UNDEF)
        return new

    def stamp(self) -> None:
        """Note the versions of which arrays were chosen, now that what the paths have written is joined."""
        memory = self.engine.memory
        for var in self.typed:
            if var in memory.chosen:
                found = memory.chosen[var]
                memory.chosen[var] = replace(found, stamp=tuple(memory.now.get(r) for r in memory.chosen_from(found)))

    def _relate(self, found: Value, new: list[Var], values: list[Value], columns: list[list[Atom]], *, whole: bool) -> None:
        """What a new value may share storage with: what it was on each path; `whole`: it is a version of what that was."""
        memory = self.engine.memory
        for n, var in enumerate(new):
            if not can_change(var.type):
                continue
            for value, column, o in zip(values, columns, self.live, strict=True):
                atom = column[n]
                roots = set(o.memory.roots(Dyn(atom, var.type)))
                if isinstance(found, Dyn) and isinstance(value, Seq):
                    own = None if whole else o.memory.identity(value)  # it may be in a list already, where changes of this one must show
                    roots |= set() if own is None else {own}
                near = {a for r in roots for a in o.memory.alias.get(r, ())} | roots
                self._pair(var, near, o)
                memory.stand_in(var, {i for i in near if may_be_one(var, i)})

    def _pair(self, var: Var, near: set[Identity], outcome: Outcome) -> None:
        """A new value may be any of these, or in them; two new ones may be one if they are on the same path."""
        known = self.paths.setdefault(id(outcome), [])
        memory = self.engine.memory
        found: list[Identity] = [other for other, others in known if other != var and near & others]
        known.append((var, near))
        found += [ident for ident in near if not self.is_local(ident, outcome)]
        for other in found:
            if may_be_one(var, other):
                memory.link(var, other)
        memory.relate(var, {other for other in (*found, *near) if not may_be_one(var, other)})

    def _relate_cells(self, whole: Seq, values: list[Value]) -> None:
        if whole.cell is not None:
            found = (o.memory.root(v) for v, o in zip(values, self.live, strict=True))
            self.engine.memory.relate(whole.cell, [r for r in found if r is not None])

    def _link_parts(self, table: Seq, values: list[Value]) -> None:
        """Of dicts that have other keys on the paths: a change of its parts, from here on, is one of the dict that it was."""
        memory = self.engine.memory
        for value, o in zip(values, self.live, strict=True):
            old = o.memory.root(value)
            if old is not None and not self.is_local(old, o):
                for part in (table, *table.items):
                    new = memory.identity(part)
                    if new is not None:
                        memory.link(new, old)

    # ---- storage -----------------------------------------------------------------------------------------------------
    def storage(self) -> None:
        """Join what the paths have written."""
        memory = self.engine.memory
        changed: dict[Identity, None] = {}
        for o in self.live:
            new = (i for i in o.memory.changed_since(memory) if not self.is_local(i, o))
            changed.update((i, None) for i in new if memory.stale.get(i) != MOVED)
        for ident in changed:
            first = next(o.memory.first[ident] for o in self.live if ident in o.memory.first)
            memory.first.setdefault(ident, first)
            values = [self._version(o, ident, first) for o in self.live]
            poisoned = next((v for v in values if isinstance(v, Poison)), None)
            made = poisoned if poisoned is not None else self.join(values, hint_of(first), whole=True)
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
        self._learn_sharing(outcome)
        memory.resized |= found.resized

    def _learn_sharing(self, outcome: Outcome) -> None:
        memory, found = self.engine.memory, outcome.memory
        for mine, theirs in ((memory.alias, found.alias), (memory.holders, found.holders)):
            for ident, others in theirs.items():
                if others is not mine.get(ident):
                    mine[ident] = mine.get(ident, frozenset()) | others
        memory.tangled |= found.tangled


def _is_truth(t: Type) -> bool:
    return is_scalar(t) and dtype_kind(t) == "b"


def _common(ways: list[Told]) -> Told:
    """What all ways agree on."""
    first, *others = ways or [{}]
    return {a: holds for a, holds in first.items() if all(w.get(a) == holds for w in others)}


def _with_cells(value: Value) -> Value:
    kids = children(value)
    if kids:
        value = with_children(value, tuple(map(_with_cells, kids)))
    if isinstance(value, Seq) and value.cell is None and has_identity(value.cls):
        return Seq(value.cls, value.items, value.keys, Cell())
    return value
