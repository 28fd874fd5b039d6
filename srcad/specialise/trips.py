"""Loops whose trips are not unrolled: the fixpoint of what a trip carries to the next.

Carried are the names that the body assigns and the storage from outside that it writes (`Slot`).  A leaf of a carried value that is the
same object in every trip (`fixed`) is not carried itself: only its contents are, under its identity.
"""
from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from srcad.analysis.repeatable import repeatable
from srcad.errors import InternalError
from srcad.ir.nodes import Atom, Block, Call, Const, Func, Loop, Var
from srcad.ir.types import Array
from srcad.ir.visit import all_defs, called_by, substitute, uses, walk
from srcad.ops.effects import effects
from srcad.specialise import dunders, mixed, tables, writes
from srcad.specialise.carried import Carried
from srcad.specialise.control import truth
from srcad.specialise.diverge import Diverged, FirstTripDiffers, Resized
from srcad.specialise.frames import Env, Outcome
from srcad.specialise.iterations import surely_runs
from srcad.specialise.memory import MOVED, Identity, Memory, Place, Where, can_change, cells, is_array, may_be_one, one_twice
from srcad.specialise.names import last_named, name_of, words
from srcad.specialise.once import Once
from srcad.specialise.places import celled, changes_kind, held_objects, lengthless, placed, word_at
from srcad.specialise.refusals import held
from srcad.specialise.slots import Slot, contents, forms
from srcad.specialise.templates import children, key, leaves, lifted, part_at, rebuild
from srcad.specialise.values import MISSING, Cell, Dyn, Nameless, Poison, Seq, Static, Value, hint_of

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine
    from srcad.specialise.loops import Plan

_ROUNDS = 40
IsLocal = Callable[[Identity], bool]


@dataclass(slots=True)
class _Round:
    """What one abstract trip gave."""

    items: list[Var]
    outcome: Outcome
    test: Block | None
    finals: list[Value]  # per slot


class ItemsChanged(Exception):
    """A trip writes into what the loop goes over."""


class Trips:
    """The fixpoint of one loop; `peels`: raise FirstTripDiffers where a trip written apart would tell the types of the others."""

    def __init__(self, engine: Engine, stmt: Loop, how: Plan, inits: list[Value], *, peels: bool = False) -> None:
        self.peels = peels
        self.engine, self.stmt, self.how, self.mark = engine, stmt, how, engine.unit.names.mark()
        self.named = [Slot(o.hint, v, engine.joined([v]), n) for n, (v, o) in enumerate(zip(inits, stmt.outs, strict=True))]
        self.stored: list[Slot] = []
        self.stale: dict[Identity, str] = {}
        self.near: dict[Place, set[Identity]] = {}
        self.peers: set[frozenset[Place]] = set()
        self.held: dict[Identity | Place, set[Identity | Place]] = {}  # by what run-time containers hold at the end of a trip: which
        self.knots: set[Identity | Place] = set()  # containers that may hold one object twice
        self.hopeful = False  # every leaf that can change is taken as fixed until a trip shows otherwise
        self.loose: set[Place] = set()
        self.carried = Carried()
        self.flags: list[Slot] = []
        self.once, self.mixed = Once(how), mixed.Carried()
        self.told: dict[int, bool] = {}  # what the test tells of parameters, by their numbers

    @property
    def slots(self) -> list[Slot]:
        """All slots: names first."""
        return [*self.named, *self.stored, *self.flags]

    def run(self, env: Env) -> None:
        """Find the fixpoint and write the loop."""
        names = self.engine.unit.names
        for _ in range(_ROUNDS):
            for s in self.slots:
                s.init = lifted(tables.fitted(self.engine, s.init, s.shape), s.shape)
            self.mark = names.mark()
            found = self._round(env)
            if found is None:
                env.update((o, s.init) for o, s in zip(self.stmt.outs, self.named, strict=True))
                return
            written = len(self.engine.builder.stmts)
            if not self._grow(found, env):
                self._emit(found, env)
                return
            if len(self.engine.builder.stmts) == written:  # what is read before the loop keeps its names
                names.reset(self.mark)
        raise InternalError("the types of a loop do not settle")

    # ---- one round ---------------------------------------------------------------------------------------------------
    def _round(self, env: Env) -> _Round | None:
        """A trip on the shapes known so far; None where the loop never starts."""
        self.told = {}
        test = self._test(env) if self.stmt.test is not None else None
        if test is False:
            return None
        self._open()
        names = self.engine.unit.names
        items = [names.var(hint, i.type) for hint, i in zip(words(self.stmt.body, self.how), self.how.items, strict=True)]
        outcome = self.engine.path(functools.partial(self._trip, items), env)
        return _Round(items, outcome, test if isinstance(test, Block) else None, self._finals(outcome))

    def _open(self) -> None:
        """New parameters for every slot."""
        for s in self.slots:
            given = dict(placed(s.init))
            atoms: list[Atom] = []
            s.params = []
            for n, leaf in placed(s.shape):
                if n in s.fixed:
                    atoms.append(given[n].atom)
                else:
                    s.params.append(self.engine.unit.names.var(word_at(s.shape, n, s.hint), leaf.type))
                    atoms.append(s.params[-1])
            s.start = celled(rebuild(s.shape, iter(atoms)), s.init, s.fixed)

    def _enter(self) -> None:
        """The memory at the head of a trip: contents are parameters, sharing is what it was on any way here."""
        memory = self.engine.memory
        memory.stale.update(self.stale)
        memory.resized.clear()
        for s in self.stored:
            assert s.ident is not None
            assert s.start is not None
            memory.first.setdefault(s.ident, memory.original(s.first))
            memory.now[s.ident] = memory.adopt(s.start, s.ident)
            s.start = memory.now[s.ident]
        self._link(memory, {place: ident for ident, place in self._heads().items()})
        self._note(memory, [s.start for s in self.slots])
        self.once.enter(memory, self.slots)
        self.mixed.enter(memory, self.slots)

    def _note(self, memory: Memory, values: Sequence[Value | None]) -> None:
        """Names that hold one of a few arrays, with what tells which; `values` are those of the slots."""
        arrays = {(s.key, n): leaf for s, v in zip(self.slots, values, strict=False) if v is not None for n, leaf in placed(v)}
        for s in self.flags:
            assert s.which is not None
            flag = arrays.get((s.key, ()))
            known = self.carried.few(s.which)  # it may have been lost since it got its number
            if known and flag is not None and s.which in arrays:
                self.carried.note(memory, s.which, arrays[s.which], flag)

    def _link(self, memory: Memory, vars_: dict[Place, Identity]) -> None:
        for place, var in vars_.items():
            if isinstance(var, Var) and not can_change(var.type):
                continue
            sources = self.near.get(place, set())
            near = {other for other in sources if may_be_one(var, other)}
            for other in () if self.carried.few(place) else near:
                memory.link(var, other)
            memory.stand_in(var, near)
        for pair in self.peers:
            a, b = (vars_.get(p) for p in pair) if len(pair) == 2 else (None, None)
            if a is not None and b is not None and not any(map(self.carried.few, pair)):
                memory.link(a, b)
        self._hold(memory, vars_)
        for place, var in vars_.items():
            if is_array(var):  # no list, but it may be one of the items
                memory.relate(var, {s for s in self.near.get(place, ()) if not may_be_one(var, s)})

    def _hold(self, memory: Memory, vars_: dict[Place, Identity]) -> None:
        """What containers hold when a trip starts, or when the loop ends."""

        def known(x: Identity | Place) -> Identity | None:
            if not isinstance(x, tuple):
                return x
            if x[1] == () and isinstance(x[0], Var | Cell):
                return x[0]  # the contents of an identity
            return vars_.get(x)

        for item, holders in self.held.items():
            a, found = known(item), {b for b in map(known, holders) if b is not None}
            if a is not None and found:
                memory.holders[a] = memory.holders.get(a, frozenset()) | found
        memory.tangled |= {i for i in map(known, self.knots) if i is not None}

    def _places(self) -> list[tuple[Place, Atom]]:
        """Every leaf of every slot that a trip gets as a parameter."""
        return [
            ((s.key, n), leaf.atom)
            for s in self.slots if s.start is not None
            for n, leaf in placed(s.start) if n not in s.fixed
        ]

    def _heads(self) -> dict[Identity, Place]:
        """What a trip starts with, under the identities that it has there, and its places."""
        found: dict[Identity, Place] = {atom: place for place, atom in self._places() if isinstance(atom, Var)}
        for s in self.slots:
            if s.start is not None:
                found.update((o.cell, (s.key, n)) for n, o in held_objects(s.start) if o.cell is not None and s.free(n))
        return found

    def _trip(self, items: list[Var], env: Env) -> list[Value]:
        self._enter()
        params = self._params()
        self.engine.memory.told.update({params[n]: holds for n, holds in self.told.items()})
        start = [s.start for s in self.named]
        if self.how.assemble is not None:
            found: list[Value] = [Dyn(v, v.type, i.varied) for v, i in zip(items, self.how.items, strict=True)]
            self._items_of_sequences(found)
            start.insert(0, last_named(self.engine, self.how.assemble(found), self.stmt.body))
            self.once.note(self.engine.memory, found, start[0])
        env.update(zip(self.stmt.body.params, start, strict=True))  # type: ignore[arg-type]
        for inner in self.stmt.body.stmts:
            self.engine.statement(inner, env)
        return [self.engine.held(y, env) if isinstance(y, Var) else self.engine.value(y, env) for y in self.stmt.body.yields]

    def _items_of_sequences(self, items: list[Value]) -> None:
        """An item may be part of what is iterated over."""
        memory = self.engine.memory
        for item, seq in zip(items, self.how.bases, strict=False):
            if seq is None or not isinstance(item, Dyn) or not isinstance(item.atom, Var) or not can_change(item.type):
                continue
            roots = set(memory.roots(seq))
            for root in roots | {i for i, holders in memory.holders.items() if holders & roots}:
                memory.link(item.atom, root)

    def _finals(self, outcome: Outcome) -> list[Value]:
        if outcome.values is None:
            return []
        finals = list(outcome.values)
        outer, builder = self.engine.memory, self.engine.builder
        self.engine.memory, self.engine.builder = outcome.memory, outcome.builder
        try:
            for s in self.stored:
                assert s.ident is not None
                finals.append(writes.current(self.engine, outcome.memory.now[s.ident]))
            parts = self._arrays(finals)
            starts = {s.which: s.start for s in self.flags if s.which is not None and s.start is not None}
            heads = self._heads()
            self.carried.doubted.clear()
            for s in self.flags:
                assert s.which is not None
                finals.append(self.carried.which(self.engine, s.which, parts.get(s.which, MISSING), heads, starts))
        finally:
            self.engine.memory, self.engine.builder = outer, builder
        return [lifted(f, s.shape) for f, s in zip(finals, self.slots, strict=True)]

    def _test(self, env: Env) -> Block | bool:
        """The test block; False where the loop never starts, True where the test always holds."""
        test = self.stmt.test
        assert test is not None
        self._open()
        params = self._params()

        def run(inner: Env) -> list[Value]:
            self._enter()
            inner.update((p, s.start) for p, s in zip(test.params, self.named, strict=True) if s.start is not None)
            condition = dunders.condition(self.engine, self.engine.run(test, inner)[0])
            return [condition if truth(condition) is not None else self.engine.runtime(condition, "the condition")]

        outcome = self.engine.path(run, env)
        if outcome.values is None:
            self._never_tested(outcome)
        condition = outcome.values[0]
        decided = truth(condition)
        if decided is not None and not any(isinstance(s, Call) and effects(s.op, s.args, s.params) for s in walk(outcome.builder.block())):
            return decided
        if decided is not None:  # what the test does is done each time
            return outcome.builder.block(params, (Const(decided),))
        assert isinstance(condition, Dyn)
        facts = outcome.memory.facts(condition, holds=True)
        self.told = {n: facts[p] for n, p in enumerate(params) if p in facts}
        return outcome.builder.block(params, (condition.atom,))

    def _params(self) -> list[Var]:
        return [p for s in self.slots for p in s.params]

    def _never_tested(self, outcome: Outcome) -> NoReturn:
        """The test raises whatever it is given: as it does before the first trip, unless it could not be followed."""
        refusal = held(outcome.builder.block())
        if refusal is not None:
            raise refusal
        loose = ((s, [leaf.atom for n, leaf in placed(s.init) if n not in s.fixed]) for s in self.slots)
        given = {p: atom for s, atoms in loose for p, atom in zip(s.params, atoms, strict=True)}
        self.engine.builder.stmts.extend(substitute(Block((), tuple(outcome.builder.stmts), ()), given).stmts)
        raise Diverged

    def _check_iterated(self, found: _Round, touched: list[Identity], resized: set[Identity]) -> None:
        """What the loop goes over must not change behind the iteration."""
        memory = self.engine.memory
        stale = found.outcome.memory.stale.keys() - memory.stale.keys()  # what may be changed by another name
        for item, base in zip(found.items, self.how.bases, strict=False):
            if base is None:
                continue
            again = item in found.outcome.memory.now and (isinstance(base, Dyn) or one_twice(memory, children(base)))
            changed = stale.union(touched) if isinstance(base, Dyn) else touched  # the items of others are objects, which know it
            if again or set(memory.roots(base)).intersection(changed):
                raise ItemsChanged
        if any(set(memory.roots(w)).intersection(touched) or memory.root(w) in stale for w in self.how.watched):
            raise ItemsChanged
        if any(memory.root(base) in resized for base in self.how.live):
            raise Resized

    # ---- growth ------------------------------------------------------------------------------------------------------
    def _grow(self, found: _Round, env: Env) -> bool:
        """Widen what is known by what a trip gave; whether anything was."""
        memory = found.outcome.memory
        inside = frozenset(all_defs(Block((*found.items,), tuple(found.outcome.builder.stmts), ())))
        heads = self._heads()

        def is_local(ident: Identity) -> bool:
            if isinstance(ident, Cell):
                return ident.serial > found.outcome.mark
            return ident in inside or ident in found.items

        moved = self.engine.memory.views.keys() - memory.views.keys()
        touched = [i for i in memory.changed_since(self.engine.memory) if not is_local(i)]
        self._check_iterated(found, touched, memory.resized)
        touched = [i for i in touched if i not in moved]
        spoiled = {i: r for i, r in memory.stale.items() if not is_local(i) and i not in self.engine.memory.stale and i not in heads}
        spoiled.update(dict.fromkeys(moved, MOVED))
        hidden = any(i in heads for i in memory.stale)  # what the trip starts with, changed under another name
        changes = bool(spoiled) or hidden or any(i in heads or self._is_head_cell(i) for i in touched)
        if not self.hopeful and (changes or self.engine.precise):
            self._hope()
            return True
        if self.hopeful and found.finals and self._loosen(found, memory):
            return True
        if self.hopeful and self._choices(found, memory, heads, is_local):
            self._restart()
            return True
        grown = self._widen(found, memory)
        for ident in touched:
            if ident not in heads and not self._is_head_cell(ident) and all(s.ident != ident for s in self.stored):
                init = self.engine.memory.now.get(ident) or contents(self.named, ident, memory.first[ident])
                init = writes.current(self.engine, init)
                known = forms(memory, init, lengthless(memory.now[ident], self.engine.unit.names.since(self.mark)))
                slot = Slot(hint_of(memory.first[ident]) or name_of(ident, env, memory.now), init, self.engine.joined(known), ident=ident)
                if self.hopeful:
                    slot.hope(self.loose)
                self.stored.append(slot)
                grown = True
        fresh = {i: r for i, r in spoiled.items() if i not in self.stale}
        self.stale.update(fresh)
        grown = self.once.settle(memory, self.slots, found.finals) or grown
        grown = self.mixed.settle(memory, self.slots, found.finals) or grown
        return self._share(found, memory, heads, is_local) or grown or bool(fresh)

    def _arrays(self, values: Sequence[Value]) -> dict[Place, Value]:
        """The arrays that names hold, which may be others in every trip."""
        return {
            (s.key, n): dict(placed(v)).get(n, v)
            for s, v in zip((*self.named, *self.stored), values, strict=False)
            if not isinstance(s.shape, Poison) and not isinstance(s.ident, Var)
            for n, leaf in placed(s.shape) if n not in s.fixed and isinstance(leaf.type, Array)
        }

    def _choices(self, found: _Round, memory: Memory, heads: dict[Identity, Place], is_local: IsLocal) -> bool:
        """Find names that hold one of a few arrays; whether that changes what is carried."""
        begin = self.carried.begin
        begin.update(self._arrays([s.init for s in self.slots]))
        new = self.carried.learn(self.engine.memory, begin, {}, lambda _: False)
        if found.finals:
            new = self.carried.learn(memory, self._arrays(found.finals), heads, is_local) or new
            new = self.carried.settle() or new
        if new:
            self.flags = [
                Slot("which", self.carried.which(self.engine, p, begin.get(p, MISSING), {}, {}), self.carried.shape(p), which=p)
                for p in self.carried.places()
            ]
        return new

    def _is_head_cell(self, ident: Identity) -> bool:
        if not isinstance(ident, Cell):
            return False
        return any(s.start is not None and ident in set(cells(s.start)) - set(cells(s.init)) for s in self.named)

    def _hope(self) -> None:
        """Start again with every leaf that can change taken as fixed."""
        self.hopeful = True
        self._restart()

    def _restart(self) -> None:
        self.stored, self.stale, self.near, self.peers, self.held, self.knots = [], {}, {}, set(), {}, set()
        for s in self.named:
            s.shape = self.engine.joined([s.init])
            s.hope(self.loose)

    def _loosen(self, found: _Round, memory: Memory) -> bool:
        """Give up on leaves that turned out to be other objects at the end of a trip."""
        wrong: set[Place] = set()
        for s, final in zip(self.slots, found.finals, strict=False):
            if not s.fixed:
                continue
            assert s.start is not None
            mine: dict[Where, Value] = {**dict(placed(s.start)), **dict(held_objects(s.start))}
            theirs: dict[Where, Value] = {**dict(placed(final)), **dict(held_objects(final))}
            for n in s.fixed:
                if n not in theirs or memory.identity(mine[n]) != memory.identity(theirs[n]):
                    wrong.add((s.key, n))
        if not wrong:
            return False
        self.loose |= wrong
        self._restart()
        return True

    def _widen(self, found: _Round, memory: Memory) -> bool:
        if not found.finals:
            return False
        grown, inside = False, self.engine.unit.names.since(self.mark)
        for s, final in zip(self.slots, found.finals, strict=True):
            self.engine.numbering.note_replaced(memory, s.init, final)
            new = self.engine.joined([s.shape, lengthless(final, inside)])
            if key(new) != key(s.shape):
                if self.peels and self._reads(s) and changes_kind(s.init, final):
                    raise FirstTripDiffers
                s.grow(new)
                grown = True
        return grown

    def _reads(self, s: Slot) -> bool:
        """Whether a trip reads what it is given in a slot."""
        if s.number is None:
            return True
        inputs = [(self.stmt.body, len(self.stmt.body.params) - len(self.named))]
        inputs += [] if self.stmt.test is None else [(self.stmt.test, 0)]
        return any(block.params[at + s.number] in set(uses(block)) for block, at in inputs)

    def _share(self, found: _Round, memory: Memory, heads: dict[Identity, Place], is_local: IsLocal) -> bool:
        """What the carried leaves may share storage with, from what they are before the loop and at the end of a trip."""
        before = {p: set(v) for p, v in self.near.items()}, set(self.peers), {i: set(h) for i, h in self.held.items()}, set(self.knots)
        inits = [MISSING if s.gets_keys() else s.init for s in self.slots]
        self._sources(self.engine.memory, inits, {}, lambda _: False)
        self._holdings(self.engine.memory, inits, {}, lambda _: False)
        if found.finals:
            self._sources(memory, found.finals, heads, is_local)
            self._holdings(memory, found.finals, heads, is_local)
        return before != (self.near, self.peers, self.held, self.knots)

    def _holdings(self, memory: Memory, values: list[Value], heads: dict[Identity, Place], is_local: IsLocal) -> None:
        """What containers hold, in terms of what is known at the head of a trip."""
        at: dict[Identity, set[Identity | Place]] = {}
        inside: list[tuple[Identity, Place]] = []  # items of a display that is a run-time container from here on
        for s, value in zip(self.slots, values, strict=False):
            if isinstance(s.shape, Poison):
                continue
            mine = dict(placed(value))
            for n, leaf in placed(s.shape):
                if n in s.fixed or not can_change(leaf.type):
                    continue
                part = mine[n] if n in mine else part_at(value, n)
                root = memory.root(part)
                if root is not None:
                    at.setdefault(root, set()).add((s.key, n))
                if isinstance(part, Seq):
                    inside.extend((r, (s.key, n)) for child in children(part) for r in memory.roots(child))
            objects = dict(held_objects(value))
            for n, _ in held_objects(s.shape):
                root = memory.root(objects[n]) if n in objects and s.free(n) else None
                if root is not None:
                    at.setdefault(root, set()).add((s.key, n))

        def names(ident: Identity) -> set[Identity | Place]:
            found = set(at.get(ident, ()))
            if ident in heads:
                return found | {other for other in self.near.get(heads[ident], ()) if may_be_one(ident, other)}
            if not is_local(ident):
                return found | {ident}
            return found | {a for a in memory.alias.get(ident, ()) if a not in heads and not is_local(a)}

        for item, holders in memory.holders.items():
            known, own = {n for h in holders for n in names(h)}, names(item)
            if not own:
                self._share_nameless(item, known)
            for a in own if known else ():
                self.held.setdefault(a, set()).update(known)
        seen: set[tuple[Identity, Place]] = set()
        for r, place in inside:
            if (r, place) in seen:
                self.knots.add(place)
            seen.add((r, place))
            for a in names(r):
                self.held.setdefault(a, set()).add(place)
        self.knots.update(n for i in memory.tangled for n in names(i))

    def _share_nameless(self, item: Identity, holders: set[Identity | Place]) -> None:
        """Containers that hold one object keep sharing it, though nothing else refers to it."""
        if len(holders) > 1 and not any(found >= holders for found in self.held.values()):
            self.held[Nameless(item.type) if isinstance(item, Var | Nameless) else Cell()] = set(holders)

    def _sources(self, memory: Memory, values: list[Value], heads: dict[Identity, Place], is_local: IsLocal) -> None:
        roots: dict[Place, set[Identity]] = {}
        for s, value in zip(self.slots, values, strict=False):
            if isinstance(s.shape, Poison):
                continue
            mine = dict(placed(value))
            for n, leaf in placed(s.shape):
                if n in s.fixed or not can_change(leaf.type):
                    continue
                part = mine[n] if n in mine else part_at(value, n)
                own = memory.root(part) if isinstance(part, Seq) and part.cls in (list, dict) else None
                whole = memory.roots(part) if own is None else (own,)  # two lists that hold one array are two lists
                roots[s.key, n] = {r for r in whole if r != s.ident}
            objects = dict(held_objects(value))
            for n, _ in held_objects(s.shape):
                root = memory.root(objects[n]) if n in objects and s.free(n) else None
                if root is not None and root != s.ident:
                    roots[s.key, n] = {root}
        for place, found in roots.items():
            near = self.near.setdefault(place, set())
            for root in found | {a for r in found for a in memory.alias.get(r, ())}:
                if root in heads:
                    near |= self.near.get(heads[root], set())
                elif not is_local(root):
                    near.add(root)
        for a, mine_ in roots.items():
            for b, theirs in roots.items():
                if a != b and (mine_ & theirs or any(t in memory.alias.get(m, ()) for m in mine_ for t in theirs)):
                    self.peers.add(frozenset((a, b)))

    # ---- output ------------------------------------------------------------------------------------------------------
    def _emit(self, found: _Round, env: Env) -> None:
        engine = self.engine
        inits: list[Atom] = []
        yields: list[Atom] = []
        outs: list[Var] = []
        exit_index: int | None = None
        ends: dict[Place, Identity] = {}
        after: list[Value] = []
        for number, s in enumerate(self.slots):
            if isinstance(s.shape, Poison):
                after.append(s.shape)
                continue
            if s.number is not None and s.number == self.stmt.exit and isinstance(s.shape, Dyn):
                exit_index = len(inits)
            first = engine.coerced(s.init, s.shape, engine.builder)
            last = self._last(found, number, s)
            atoms: list[Atom] = []
            for k, (n, leaf) in enumerate(placed(s.shape)):
                if n in s.fixed:
                    atoms.append(first[k])
                    continue
                outs.append(engine.unit.names.var(word_at(s.shape, n, s.hint), leaf.type))
                inits.append(first[k])
                yields.append(last[k])
                atoms.append(outs[-1])
                ends[s.key, n] = outs[-1]
            final = found.finals[number] if found.finals and surely_runs(engine, self.how.iter) else None
            whole = celled(rebuild(s.shape, iter(atoms)), s.init, s.fixed)
            ends.update(((s.key, n), o.cell) for n, o in held_objects(whole) if o.cell is not None and s.free(n))
            after.append(final if isinstance(final, Static) and s.which is None else whole)
        params = self._params()
        body = found.outcome.builder.block((*found.items, *params), yields)
        self._check_slots(body)
        loop = Loop(tuple(outs), self.how.iter, tuple(inits), found.test, body, exit_index, None, self.stmt.loc, "", self.how.slots)
        engine.builder.add(loop)
        self._leave(found, after, ends)
        env.update(zip(self.stmt.outs, after, strict=False))

    def _check_slots(self, body: Block) -> None:
        """Trips that reverse mode runs again must have no effects."""
        if not self.how.slots:
            return
        engine = self.engine
        if not repeatable(called_by(Func("", body), engine.funcs)):
            raise engine.refuse("UnsupportedSyntax", "SRC192", "the trips of a loop under `checkpointed` are to run again in the reverse "
                                "sweep, but they print, draw random numbers or call a function that nobody has read",
                                "do that before, and pass the result in")  # fmt: skip

    def _last(self, found: _Round, number: int, s: Slot) -> list[Atom]:
        """The leaves of a slot at the end of a trip."""
        if not found.finals:
            assert s.start is not None
            return [leaf.atom for leaf in leaves(s.start)]
        outer, self.engine.memory = self.engine.memory, found.outcome.memory
        try:
            return self.engine.coerced(found.finals[number], s.shape, found.outcome.builder)
        finally:
            self.engine.memory = outer

    def _leave(self, found: _Round, after: list[Value], ends: dict[Place, Identity]) -> None:
        """The memory behind the loop."""
        memory = self.engine.memory
        memory.stale.update(self.stale)
        memory.tangled |= found.outcome.memory.tangled
        memory.resized |= found.outcome.memory.resized
        for ident, others in found.outcome.memory.holders.items():
            memory.holders[ident] = memory.holders.get(ident, frozenset()) | others
        self._link(memory, ends)
        for s, value in zip(self.slots, after, strict=True):
            if s.ident is None:
                continue
            memory.first.setdefault(s.ident, memory.original(s.first))
            if isinstance(value, Poison):
                memory.stale[s.ident] = value.reason
            else:
                memory.now[s.ident] = memory.adopt(value, s.ident)
        self._note(memory, after)
        self.mixed.leave(memory, ends)
