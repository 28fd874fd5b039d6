"""Storage while a program is interpreted: what was written, which version is current, what shares storage with what.

Typed IR is SSA: a write makes a new version of an array or container (the back end lets it reuse the buffer).  So a name means an
identity: the variable or cell under which its storage was first seen.  `Memory` maps identities to current versions.  A view is an
identity that is read again from its base when that was written, and a write to it goes to the base.  Where two identities may be one
at run time, a write to one makes the other stale: reading it is refused, never wrong.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from srcad.ir.core import GETITEM
from srcad.ir.nodes import Atom, Op, Var
from srcad.ir.types import Array, Bottom, ListOf, NpScalar, Numbered, Opaque, Residual, Scalar, Struct, TupleOf, Type
from srcad.specialise.templates import children, leaves, with_children
from srcad.specialise.values import Cell, Dyn, Nameless, Poison, Seq, Value

Identity: TypeAlias = Var | Cell
Where: TypeAlias = tuple[int, ...]  # numbers of children, from the whole value to a leaf
Told: TypeAlias = dict[Atom, bool]
Token: TypeAlias = Cell | tuple[object, ...]  # of the items that a loop goes over, or of what stands at one place in each
Place: TypeAlias = tuple[object, Where]  # of a loop: key of a carried value, leaf of it
MOVED = "it was read from a list whose items have got other places since, on some paths"
_UNCHANGING = (str, bytes, type(None), range, bool, int, float, complex, type(Ellipsis), frozenset)


@dataclass(frozen=True, slots=True)
class Viewing:
    """How a view was made: `op(base, *args, **kwargs)`; `value` is the view as first seen.  Not `sure`: it may have been a copy."""

    value: Dyn
    base: Value
    op: Op
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Again:
    """A view that is made again: `op(base, *args, **kwargs)`.  Not `sure`: see `Viewing`."""

    base: Option
    op: Op
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """An array that is one of several: of two the first where `which` holds, else the second; of more that of the number `which`.

    `value` is the array as first seen, when the versions of what it may be were `stamp`.
    """

    which: Dyn
    options: tuple[Option, ...]
    value: Dyn
    stamp: tuple[Value | None, ...] = ()


Option: TypeAlias = Value | Again | Chosen


@dataclass(frozen=True, slots=True)
class Exchange:
    """A list whose item at `place` is now also at `into`, and whose version was `before`; `whole`: it held nothing twice then."""

    before: Value
    after: Value
    into: object
    place: object
    whole: bool


@dataclass(slots=True)
class Memory:
    """What is known of storage at one point of the program."""

    now: dict[Identity, Value] = field(default_factory=dict)  # current version of what was written
    first: dict[Identity, Value] = field(default_factory=dict)  # the version before any write
    stale: dict[Identity, str] = field(default_factory=dict)  # why it must not be read any more
    origin: dict[Identity, Identity] = field(default_factory=dict)  # a version -> its identity
    views: dict[Identity, Viewing] = field(default_factory=dict)
    derived: dict[Identity, tuple[Value, Dyn]] = field(default_factory=dict)  # a view read again: from which base, with what result
    chosen: dict[Identity, Chosen] = field(default_factory=dict)
    reread: dict[Identity, tuple[tuple[Value | None, ...], Dyn]] = field(default_factory=dict)  # a chosen array read again, and its stamp
    alias: dict[Identity, frozenset[Identity]] = field(default_factory=dict)  # may be the same storage
    holders: dict[Identity, frozenset[Identity]] = field(default_factory=dict)  # run-time containers that an array or list is in
    tangled: set[Identity] = field(default_factory=set)  # containers that may hold one object twice; arrays in two items of one
    resized: set[Identity] = field(default_factory=set)  # run-time lists whose length has changed
    taken: dict[Identity, tuple[Value, object]] = field(default_factory=dict)  # an item of a changed list: of which version, at which place
    half: dict[Identity, Exchange] = field(default_factory=dict)  # lists of which two items may be about to change places
    gathered: dict[Identity, Seq] = field(default_factory=dict)  # run-time lists made of lists of known structure, to read an item
    turn: dict[Identity, Cell] = field(default_factory=dict)  # items of this trip of a loop: by what it goes over
    distinct: dict[Atom, tuple[Token | None, frozenset[Identity]]] = field(default_factory=dict)  # lists of such items, and this trip's
    apart: frozenset[Identity] = frozenset()  # lists that do not hold what is being written
    mixed: set[Var] = field(default_factory=set)  # values of unknown type that are numbers or arrays, see `mixed`
    told: dict[Atom, bool] = field(default_factory=dict)  # truth values that are known on this path
    tells: dict[Atom, tuple[Told, Told]] = field(default_factory=dict)  # of a truth value: what is known where it holds, and where not

    def fork(self) -> Memory:
        """The memory of a path that starts here."""
        return Memory(
            dict(self.now), dict(self.first), dict(self.stale), dict(self.origin), dict(self.views), dict(self.derived),
            dict(self.chosen), dict(self.reread), dict(self.alias), dict(self.holders), set(self.tangled), set(self.resized),
            dict(self.taken), dict(self.half), dict(self.gathered), dict(self.turn), dict(self.distinct),
            self.apart, set(self.mixed), dict(self.told), dict(self.tells),
        )  # fmt: skip

    def facts(self, condition: Value, *, holds: bool) -> Told:
        """The truth values that are known where a condition holds, or where it does not."""
        if not isinstance(condition, Dyn) or not isinstance(condition.atom, Var):
            return {}
        return {condition.atom: holds, **self.tells.get(condition.atom, ({}, {}))[not holds]}

    # ---- identities --------------------------------------------------------------------------------------------------
    def identity(self, value: Value) -> Identity | None:
        """Under what identity the storage of a value is known; None for what cannot change."""
        if isinstance(value, Seq):
            return None if value.cell is None else self.origin.get(value.cell, value.cell)
        if isinstance(value, Dyn) and isinstance(value.atom, Var) and can_change(value.type):
            return self.origin.get(value.atom, value.atom)
        return None

    def root(self, value: Value) -> Identity | None:
        """The identity of the storage that a value is a view of, or its own."""
        found = self.identity(value)
        while found in self.views:
            found = self.identity(self.views[found].base)
        return found

    def roots(self, value: Value) -> Iterator[Identity]:
        """The storage that is reachable from a value."""
        own = self.root(value)
        if own is not None:
            yield own
        if own in self.chosen:
            yield from self.chosen_from(self.chosen[own])
        for child in children(value):
            yield from self.roots(child)

    def chosen_from(self, option: Option) -> Iterator[Identity]:
        """The storage that an array may be on one path or the other."""
        match option:
            case Chosen():
                for inner in option.options:
                    yield from self.chosen_from(inner)
            case Again():
                yield from self.chosen_from(option.base)
            case _:
                yield from self.roots(option)

    def cases(self, option: Option) -> int:
        """How many cases a store to an array is written for."""
        match option:
            case Chosen(_, options):
                return sum(map(self.cases, options))
            case Again(base):
                return self.cases(base)
        ident = self.identity(option)
        return self.cases(self.chosen[ident]) if ident in self.chosen else 1

    # ---- sharing -----------------------------------------------------------------------------------------------------
    def relate(self, new: Identity, sources: Iterable[Identity]) -> None:
        """A new identity may be any of these, hold it, or be in it, as far as types tell: an array is no list, but may be an item."""
        near = {s for s in sources if s != new}
        near |= {b for a in list(near) for b in self.alias.get(a, ()) if b != new}
        apart = {s for s in near if not may_be_one(new, s)}
        if is_array(new) and apart:
            near |= {i for i, holders in self.holders.items() if i != new and holders & apart and may_be_one(new, i)}
        one = near - apart
        for other in one:
            self.alias[other] = self.alias.get(other, frozenset()) | {new}
        if one:
            self.alias[new] = self.alias.get(new, frozenset()) | one
        self.stand_in(new, one)
        if is_array(new):
            around = {s for s in apart if isinstance(s, Var)}  # what stands in a container of known structure is among the sources
            self.holders[new] = self.holders.get(new, frozenset()).union(around, *(self.holders.get(s, ()) for s in around))
        else:
            self._may_hold(new, {s for s in near if may_be_in(s, new)})

    def _may_hold(self, new: Identity, items: AbstractSet[Identity]) -> None:
        """A new container may hold any of these, and more than once."""
        for item in items:
            self.holders[item] = self.holders.get(item, frozenset()) | {new}
        if items:
            self.tangled.add(new)

    def stand_in(self, new: Identity, old: AbstractSet[Identity]) -> None:
        """Where one of `old` is held, or holds, so may `new`."""
        held = frozenset(h for a in old for h in self.holders.get(a, ()))
        if held:
            self.holders[new] = self.holders.get(new, frozenset()) | held
        self.take_over(new, old)

    def take_over(self, new: Identity, old: AbstractSet[Identity]) -> None:
        """A run-time container holds what any of `old` holds."""
        for item, holders in list(self.holders.items()):
            if holders & old:
                self.holders[item] = holders | {new}
        if any(is_array(i) == is_array(new) for i in self.tangled & old):
            self.tangled.add(new)

    def link(self, a: Identity, b: Identity) -> None:
        """Two identities may be one."""
        self.alias[a] = self.alias.get(a, frozenset()) | {b}
        self.alias[b] = self.alias.get(b, frozenset()) | {a}

    def takes_once(self, before: Atom, after: Atom, item: Value) -> bool:
        """Whether a list takes an item of this trip for the first time, and nothing but items of earlier trips is in it: see `once`."""
        ident, known = self.identity(item), self.distinct.get(before)
        token = self._turn_of(ident) if ident is not None else None
        if ident is None or token is None or known is None or ident in known[1] or known[0] not in (None, token):
            return False
        self.distinct[after] = token, known[1] | {ident}
        return True

    def _turn_of(self, ident: Identity) -> Token | None:
        """What tells an item of this trip, or a part of a tuple that is one."""
        fields: list[object] = []
        of: Identity | None = ident
        while of is not None and of not in self.turn and of in self.views:
            view = self.views[of]
            t = view.base.type if isinstance(view.base, Dyn) else None
            if view.op != GETITEM or not isinstance(t, Struct) or t.cls is not tuple:
                return None
            fields.append(view.args[0])
            of = self.identity(view.base)
        token = self.turn.get(of) if of is not None else None
        return token if token is None or not fields else (token, *fields)

    def without(self, written: Identity) -> frozenset[Identity]:
        """The lists that do not hold what is written: an item of this trip, or part of one, of which they hold those of earlier trips."""
        ident: Identity | None = written
        while ident is not None and ident not in self.turn:
            ident = self.identity(self.views[ident].base) if ident in self.views else None
        if ident is None:
            return frozenset()
        found = set()
        for atom, (token, taken) in self.distinct.items():
            own = self.identity(Dyn(atom, atom.type)) if isinstance(atom, Var) else None
            if own is not None and token in (None, self.turn[ident]) and ident not in taken:
                now = self.now.get(own)
                if (atom == own) if now is None else (isinstance(now, Dyn) and now.atom == atom):
                    found.add(own)
        return frozenset(found)

    def hold(self, holder: Identity, item: Value, *, once: bool = False) -> None:
        """A run-time container takes an item, and all that this holds; so do those that hold the container.

        `once`: nothing of this is in the container already.
        """
        found = list(self.roots(item))
        roots = set(found)
        twice = {r for r in roots if found.count(r) > 1}  # in two parts of a tuple or dict
        roots |= {i for i, holders in self.holders.items() if not roots.isdisjoint(holders)}
        above, part = {holder, *self.holders.get(holder, ())}, holder
        while part in self.views and (base := self.identity(self.views[part].base)) is not None:  # what it is part of holds the item too
            part = base
            above |= {part, *self.holders.get(part, ())}
        own = self.root(item)
        for root in roots:
            for h in above - {holder} if once and root not in twice else above:
                if root == h or root in twice or self.may_hold_already(h, root):
                    self.tangled.add(root if is_array(root) and (root != own or h != holder) else h)
            self.holders[root] = self.holders.get(root, frozenset()) | above

    def put(self, before: Value, after: Value, place: object, item: Value) -> None:
        """A list, `before` and `after` that, gets an item at a place: `a[i], a[j] = a[j], a[i]` leaves it holding nothing twice.

        Places are what `holding.place_of` gives.
        """
        holder, own = self.identity(before), self.identity(item)
        if holder is None or own is None:
            return
        whole, half, source = holder not in self.tangled, self.half.pop(holder, None), self.taken.get(own)
        self.hold(holder, item)
        if source is None:
            return
        if half is not None and same_version(half.after, before) and same_version(half.before, source[0]):
            if half.whole and (half.into, half.place) == (source[1], place):
                self.tangled.discard(holder)
        elif same_version(source[0], before):
            self.half[holder] = Exchange(before, after, place, source[1], whole)

    def may_hold_already(self, holder: Identity, root: Identity) -> bool:
        """Whether a container may hold this storage."""
        return any(holder in self.holders.get(r, ()) for r in (root, *self.alias.get(root, ())))

    def spoil(self, root: Identity, reason: str) -> None:
        """A write to this storage: what may be the same storage can no longer be read."""
        for other in self.alias.get(root, ()):
            self.stale[other] = reason
            for holder in self.holders.get(other, frozenset()) - self.apart:
                if holder != root:
                    self.stale[holder] = reason
        for holder in self.holders.get(root, frozenset()) - self.apart:
            self.stale[holder] = reason

    def spoil_items(self, holder: Identity, reason: str, *, arrays: bool) -> None:
        """A write to an item of a run-time container: what the container may share with names can no longer be read.

        Not `arrays`: a container or object was written, no array that it holds.
        """
        for item, holders in list(self.holders.items()):
            if holder in holders and (arrays or not is_array(item)):
                self.stale[item] = reason
                self.stale.update(dict.fromkeys((h for h in holders - self.apart if h != holder), reason))
                self.stale.update(dict.fromkeys((a for a in self.alias.get(item, ()) if a != holder), reason))

    def rename(self, old: Var, named: Dyn) -> None:
        """A value that nobody has seen yet gets a better name."""
        assert isinstance(named.atom, Var)
        if old in self.views:
            self.views[named.atom] = replace(self.views.pop(old), value=named)
        for other in self.alias.pop(old, ()):
            self.alias[named.atom] = self.alias.get(named.atom, frozenset()) | {other}
            self.alias[other] = (self.alias[other] - {old}) | {named.atom}
        if old in self.holders:
            self.holders[named.atom] = self.holders.pop(old)
        for item, holders in self.holders.items():
            if old in holders:
                self.holders[item] = (holders - {old}) | {named.atom}
        for names in (self.tangled, self.mixed):
            if old in names:
                names.discard(old)
                names.add(named.atom)

    def holds(self, var: Var) -> bool:
        """Whether a container or object has a variable in it."""
        return any(leaf.atom == var for ident, value in self.now.items() if isinstance(ident, Cell) for leaf in leaves(value))

    def is_view(self, value: Value) -> bool:
        """Whether a value is known to be a view of other storage."""
        return self.identity(value) in self.views

    def adopt(self, value: Value, ident: Identity) -> Value:
        """A new version of an identity."""
        if isinstance(value, Seq):
            value = replace(value, cell=ident if isinstance(ident, Cell) else Cell())
            if value.cell is not None and value.cell is not ident:
                self.origin[value.cell] = ident
        elif isinstance(value, Dyn) and isinstance(value.atom, Var) and value.atom != ident:
            self.origin[value.atom] = ident
            self.views.pop(value.atom, None)
            self.chosen.pop(value.atom, None)
            if not is_array(value.atom):
                self.take_over(ident, {value.atom})
        return value

    def original(self, value: Value) -> Value:
        """The value with every part as it was before it was written."""
        if isinstance(value, Dyn):
            ident = self.identity(value)
            return value if ident is None else self.first_seen(ident, value)
        kids = children(value)
        return with_children(value, tuple(map(self.original, kids))) if kids else value

    def first_seen(self, ident: Identity, version: Value) -> Value:
        """What an identity was before any write, given some version of it; a view or chosen array as it was when it was made."""
        known = self.views.get(ident) or self.chosen.get(ident)
        first = self.first.get(ident, version) if known is None else known.value
        return first if isinstance(first, Dyn) else self.original(first)

    def reachable(self, values: Iterable[Value]) -> set[Identity]:
        """The storage that names can still reach which hold these values, as it is now."""
        found: set[Identity] = set()
        todo = list(values)
        while todo:
            value = todo.pop()
            ident = self.identity(value)
            if ident is not None:
                if ident in found:
                    continue
                found.add(ident)
                value = self.now.get(ident, value)
                if ident in self.views:
                    todo.append(self.views[ident].base)
            todo.extend(children(value))
        return found

    def changed_since(self, before: Memory) -> list[Identity]:
        """Identities whose current version differs from that of an earlier memory."""
        return [i for i, v in self.now.items() if before.now.get(i) is not v]


def one_twice(memory: Memory, items: Iterable[Value]) -> bool:
    """Whether a loop over some items may meet one array in two trips: if it writes, the second one must see what the first has written."""
    seen: set[Identity] = set()
    for item in items:
        mine = set(memory.roots(item))
        if any(not seen.isdisjoint({i, *memory.alias.get(i, ())}) for i in mine):
            return True
        seen |= mine
    return False


def can_change(t: Type) -> bool:
    """Whether values of a type can change, or hold something that can."""
    match t:
        case Scalar() | NpScalar() | Numbered() | Bottom() | Residual():
            return False
        case Opaque(cls):
            return cls not in _UNCHANGING
        case TupleOf(item):
            return can_change(item)
        case Struct(cls, _, items) if cls is tuple:
            return any(map(can_change, items))
    return True


def is_array(ident: Identity) -> bool:
    """Whether what is known under an identity is an array for sure."""
    return isinstance(ident, Var | Nameless) and isinstance(ident.type, Array)


def may_be_one(a: Identity, b: Identity) -> bool:
    """Whether two identities may be one object, as far as types tell: no array is a list."""
    return not (is_array(a) and _is_container(b)) and not (is_array(b) and _is_container(a))


def _is_container(ident: Identity) -> bool:
    return not isinstance(ident, Var | Nameless) or isinstance(ident.type, ListOf | TupleOf | Struct)


def may_be_in(item: Identity, holder: Identity) -> bool:
    """Whether a container may hold something, as far as types tell: no list of arrays holds a list."""
    if not isinstance(holder, Var | Nameless):
        return False
    inside: tuple[Type, ...] = ()
    match holder.type:
        case ListOf(t) | TupleOf(t):
            inside = (t,)
        case Struct(_, _, types):
            inside = types
        case Opaque():
            return True
    return any(can_change(t) and (is_array(item) or not isinstance(t, Array)) for t in inside)


def is_item(view: Viewing) -> bool:
    """Whether a view is an item of a run-time container, not part of an array."""
    return view.op == GETITEM and isinstance(view.base, Dyn) and isinstance(view.base.type, ListOf | TupleOf)


def same_version(a: Value, b: Value) -> bool:
    """Whether two values are one version."""
    if isinstance(a, Dyn) and isinstance(b, Dyn):
        return a.atom == b.atom
    return a is b


def own_cell(value: Value) -> Value:
    """The value as an object of its own."""
    return replace(value, cell=Cell()) if isinstance(value, Seq) and has_identity(value.cls) else value


def recelled(value: Value) -> Value:
    """The value with new identities for the lists, dicts and objects in it."""
    kids = children(value)
    if kids:
        value = with_children(value, tuple(map(recelled, kids)))
    if isinstance(value, Seq) and has_identity(value.cls):
        return replace(value, cell=Cell())
    return value


def cells(value: Value) -> Iterator[Cell]:
    """The identities of the containers in a value."""
    if isinstance(value, Seq) and value.cell is not None:
        yield value.cell
    for child in children(value):
        yield from cells(child)


def has_identity(cls: type) -> bool:
    """Whether instances can change."""
    return not issubclass(cls, tuple)


def poisons(value: Value) -> Iterator[Poison]:
    """Why a value, or part of it, must not be read."""
    if isinstance(value, Poison):
        yield value
    for child in children(value):
        yield from poisons(child)
