"""Which values of a function may hold one buffer: views, containers and what is in them, versions, values that meet."""
from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from srcad.ir.core import AUGMENTED, AUGMENTED_STORES, LIST_ADD_IN, LIST_APPEND_IN, LIST_POP, LIST_POP_AT, LIST_POP_IN, LIST_SET_IN
from srcad.ir.nodes import Arg, Atom, Block, Call, Each, FuncRef, If, Loop, Op, Pack, Ref, SliceArg, Star, Stmt, Try, Var, View, With
from srcad.ir.types import UNKNOWN, Array, Bottom, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type
from srcad.ir.visit import leaves, operands, walk
from srcad.ops.effects import view_class

_UNCHANGING = (str, bytes, type(None), range, bool, int, float, complex)
_TAKERS = frozenset(("pack", "build", "list_concat", "list_repeat"))
"""Operations of the language whose results hold their operands, or what these hold."""
LIST_CHANGES = frozenset(("list_append", "list_insert", "list_pop", "list_pop_at", "list_set", "list_swap", "tape_push", "opaque_set"))
"""Changes of a container itself, not of what it holds."""
CHANGES_WITHIN = frozenset(op.name for op in (LIST_SET_IN, LIST_ADD_IN, LIST_APPEND_IN, LIST_POP_IN))
"""Changes of a list that a list holds."""
_STORES = AUGMENTED_STORES | {"store", "store_in", "store_real", "store_imag", "add_at"}
"""Changes that know of no owner: reverse code adds (`accum`) only to buffers that it owns, be they parameters."""


def consumes(stmt: Stmt) -> bool:
    """Whether a statement changes its first operand in place; the user's `+=` may or may not, and has no copy."""
    return isinstance(stmt, Call) and isinstance(stmt.op, Op) and stmt.op.inplace and stmt.op.name not in AUGMENTED and bool(stmt.args)


def has_buffer(t: Type) -> bool:
    """Whether a value of a type has a buffer, or holds something that has one."""
    match t:
        case Scalar() | NpScalar() | Bottom():
            return False
        case Opaque(cls):
            return cls not in _UNCHANGING
        case ListOf():
            return True
        case TupleOf(item):
            return has_buffer(item)
        case Struct(cls, _, items) if issubclass(cls, tuple):
            return any(map(has_buffer, items))
    return True


def holds_buffers(t: Type) -> bool:
    """Whether a value of a type may hold something that has a buffer: an array or a list of numbers does not."""
    match t:
        case Array():
            return False
        case ListOf(item) | TupleOf(item):
            return has_buffer(item)
        case Struct(_, _, items):
            return any(map(has_buffer, items))
    return has_buffer(t)


def _levels(t: Type, unknown: float) -> float:
    """How deep containers of a type are nested; `unknown`: that of what may be one."""
    match t:
        case Scalar() | NpScalar() | Bottom() | Array():
            return 0
        case ListOf(item) | TupleOf(item):
            return 1 + _levels(item, unknown)
        case Struct(cls, _, items) if issubclass(cls, list | tuple | dict):
            return 1 + max((_levels(i, unknown) for i in items), default=0)
        case Opaque(cls) if cls in _UNCHANGING:
            return 0
    return unknown


def _adds_up(t: Type) -> bool:
    """Whether the sum of two cotangents of values of a type is new throughout."""
    return all(map(_adds_up, t.items)) if isinstance(t, Struct) else not isinstance(t, ListOf | TupleOf) and t != UNKNOWN


def _moves(stmt: Call) -> bool:
    """Whether a call makes or hands on something that has a buffer, or changes it."""
    return consumes(stmt) or any(has_buffer(o.type) for o in stmt.outs)


def _lists(stmt: Call) -> bool:
    """Whether a call is `list(x)` of a container: a new list of what that holds."""
    function, *given = stmt.args or (None,)
    x = given[0] if len(given) == 1 else None
    plain = stmt.op.name == "call" and isinstance(function, Ref) and function.path == "builtins:list" and isinstance(x, Var)
    return plain and isinstance(x, Var) and (isinstance(x.type, ListOf | TupleOf) or x.type == Opaque(dict))


def _variables(stmt: Stmt) -> tuple[Var, ...]:
    """What a call is given; of other statements their parts tell."""
    return tuple(a for a in operands(stmt) if isinstance(a, Var)) if isinstance(stmt, Call) else ()


HELD = Var("%held")
"""Stands for what all parameters hold: one object that nobody knows."""


@dataclass(frozen=True, slots=True)
class Handing:
    """What a function does with what it is given, by the numbers of its parameters: those that each result may be, share a buffer with
    or hold something of, and those that it adds to in place; and for each result the others that share something with it.
    """

    results: tuple[frozenset[int], ...]
    changed: frozenset[int]
    together: tuple[frozenset[int], ...]


NOTHING_KNOWN: Mapping[str, Handing] = MappingProxyType({})


def called(stmt: Call, calls: Mapping[str, Handing]) -> Handing | None:
    """What is known of the function that a statement calls, if it does so plainly."""
    return calls.get(stmt.op.name) if calls_plainly(stmt) else None


def calls_plainly(stmt: Call) -> bool:
    """Whether a statement calls a function of the program with all arguments in their places."""
    return isinstance(stmt.op, FuncRef) and not stmt.params and not any(isinstance(a, Star) for a in stmt.args)


class Sharing:
    """For every value the objects that it may be, and for every container those that it may hold: a points-to analysis.

    An object is a place where something new is made; sets of them are bits of a number.  Conservative: what is made in a loop counts
    as one object for all trips.  `calls`: what is known of the functions that are called; others may hand back all that they are given.
    """

    def __init__(self, body: Block, calls: Mapping[str, Handing] = NOTHING_KNOWN) -> None:
        self._calls = calls
        self.twice = 0  # containers that may have been made with one object in two places
        self._is: dict[Var, int] = {}
        self._holds: dict[int, int] = {}  # object -> what it holds
        self._slots: dict[int, tuple[int, ...]] = {}  # tuple -> what each of its items may be
        self._born: dict[Var, int] = {}
        self._insides = 0  # what new containers hold
        self.frozen = 0  # objects that NumPy makes read-only, or whose elements coincide
        self._statements = [(s, _variables(s)) for s in walk(body) if not isinstance(s, Call) or _moves(s)]
        given = [p for p in body.params if has_buffer(p.type)]
        held = 1 << len(given)
        for p in given:
            self._put(1 << self._new(p), held if holds_buffers(p.type) else 0)
        self._born[HELD] = len(given)
        self._given = 2 * held - 1
        self._grew = True  # whether a round has found anything new
        while self._grew:
            self._grew = False
            for stmt, read in self._statements:
                self._meet(stmt, read)
        self.stored, self.grown, self.added = 0, 0, 0
        self.outer = 0  # lists that hold lists which are changed there
        for stmt, read in self._statements:
            if isinstance(stmt, Call) and stmt.op.name in ("pack", "build") and self._overlap(read):
                self.twice |= self._from(stmt.outs)
            if isinstance(stmt, Call) and consumes(stmt) and isinstance(stmt.args[0], Var):
                if stmt.op.name in LIST_CHANGES:
                    self.grown |= self.objects(stmt.args[0])
                elif stmt.op.name in CHANGES_WITHIN:
                    self.outer |= self.objects(stmt.args[0])
                elif stmt.op.name in _STORES:
                    self.stored |= self.objects(stmt.args[0])
                else:
                    self.added |= self.objects(stmt.args[0])
            elif isinstance(stmt, Call) and (known := called(stmt, self._calls)) is not None:
                self.added |= self._from(a for n in known.changed for a in leaves(stmt.args[n]))

    # ---- questions ---------------------------------------------------------------------------------------------------
    def objects(self, v: Var) -> int:
        """What a value may be."""
        return self._is.get(v, 0)

    def born(self, made: Iterable[Var]) -> int:
        """The objects that were made where these values were."""
        mask = 0
        for v in made:
            if v in self._born:
                mask |= 1 << self._born[v]
        return mask

    def reach(self, mask: int) -> int:
        """Objects, with what they hold, and what that holds."""
        found = mask
        while True:
            more = found
            for n in _bits(found):
                more |= self._holds.get(n, 0)
            if more == found:
                return found
            found = more

    def meets(self, a: Var, b: Var) -> bool:
        """Whether two values may share a buffer, or hold something that does."""
        return bool(self.reach(self.objects(a)) & self.reach(self.objects(b)))

    def is_new(self, v: Var) -> bool:
        """Whether a value was made where it is defined, and so is nothing else at that point."""
        return v in self._born and self.objects(v) == 1 << self._born[v]

    def is_given(self, v: Var, but: int = 0) -> bool:
        """Whether a value may be a parameter, `but` for these, or what one holds."""
        return bool(self.objects(v) & self._given & ~but)

    def reaches_given(self, v: Var) -> bool:
        """Whether a value may be a parameter, or hold one or what one holds."""
        return bool(self.reach(self.objects(v)) & self._given)

    def is_changed(self, v: Var, *, added: bool) -> bool:
        """Whether the object, or something that it holds, may grow or be stored into, or `added` to."""
        if v.type == UNKNOWN:  # what is of unknown type is not changed in place
            return False
        return bool(self.reach(self.objects(v)) & self._changed(added=added))

    def is_changed_within(self, v: Var) -> bool:
        """Whether something that the object holds may be changed."""
        return bool(self.reach(self._held(self.objects(v))) & self._changed(added=True))

    def _changed(self, *, added: bool) -> int:
        return self.grown | self._held(self.outer) | self.stored | (self.added if added else 0)

    def shows(self, v: Var, base: Var, inner: int = 0) -> bool:
        """Whether a change of `base`, or of the lists `inner` in it, may show in `v`: it may be it, or hold it."""
        return v == base or bool(self.reach(self.objects(v)) & (self.objects(base) | inner))

    def inner(self, base: Var) -> int:
        """The lists in a list that are changed there."""
        return self.outer and self._held(self.objects(base) & self.outer)

    def _overlap(self, read: Sequence[Var]) -> bool:
        seen = 0
        for v in read:
            mine = self.objects(v)
            if mine & seen:
                return True
            seen |= mine
        return False

    # ---- flow --------------------------------------------------------------------------------------------------------
    def _new(self, v: Var) -> int:
        n = self._born.setdefault(v, len(self._born))
        self._add(v, 1 << n)
        return n

    def _add(self, v: Var, mask: int) -> None:
        known = self._is.get(v, 0)
        if mask & ~known:
            self._is[v] = known | mask
            self._grew = True

    def _flow(self, to: Var, mask: int) -> None:
        if has_buffer(to.type):
            self._add(to, mask)

    def _from(self, atoms: Iterable[Atom]) -> int:
        mask = 0
        for a in atoms:
            if isinstance(a, Var):
                mask |= self.objects(a)
        return mask

    def _held(self, mask: int) -> int:
        found = 0
        for n in _bits(mask):
            found |= self._holds.get(n, 0)
        return found

    def _taken(self, item: Var, base: int, held: int) -> int:
        """What an item taken out of a container may be; one that was new with it, and is nowhere else, is in it no more."""
        own = held & self._insides
        elsewhere = (holds for n, holds in self._holds.items() if not (1 << n) & (base | own))
        if not own or any(holds & own for holds in elsewhere) or any(mask & own for mask in self._is.values()):
            return held
        new = 1 << self._new(item)
        if not isinstance(item.type, Array):
            self._put(new, own)  # what is in it is not told from what is in the others
        return held & ~own

    def _tuple(self, made: int, items: tuple[int, ...]) -> None:
        """Note what each item of a tuple may be, which is always the same item."""
        if self._slots.get(made) != items:
            self._slots[made] = items
            self._grew = True

    def _item(self, mask: int, position: int, count: int) -> int:
        """What an item of any of these containers may be; of a tuple of known items the one in that place."""
        found = 0
        for n in _bits(mask):
            held, slots = self._holds.get(n, 0), self._slots.get(n, ())
            found |= held & ~functools.reduce(operator.or_, slots) | slots[position] if len(slots) == count else held
        return found

    def _put(self, holder: int, mask: int) -> None:
        for n in _bits(holder):
            known = self._holds.get(n, 0)
            if mask & ~known:
                self._holds[n] = known | mask
                self._grew = True

    def _meet(self, stmt: Stmt, read: Sequence[Var]) -> None:
        match stmt:
            case Call():
                self._call(stmt, read)
            case If(outs, _, then, orelse):
                self._yields(outs, (then, orelse))
            case Try(outs, body, handlers):
                self._yields(outs, (body, *(h.block for h in handlers)))
            case With(outs=outs, body=body):
                self._yields(outs, (body,))
            case Loop():
                self._loop(stmt)

    def _call(self, stmt: Call, read: Sequence[Var]) -> None:
        outs = [o for o in stmt.outs if has_buffer(o.type)]
        op, given = stmt.op, self._from(read)
        if _lists(stmt):
            for o in outs:
                self._put(1 << self._new(o), self._held(given))
                self.twice |= 1 << self._new(o)
        elif isinstance(op, FuncRef) or op.name == "call":
            for o in outs:
                handed = self.reach(self._handed(stmt, o, given)) | self._beside(stmt, o)
                made = 1 << self._new(o)
                if holds_buffers(o.type):  # it may hold one object several times, and what other results hold
                    self.twice |= made
                    inside = self._inside(o)
                    self._put(made | inside, handed & ~self._too_deep(o.type) | inside)
                if o.type != UNKNOWN:  # what is of unknown type is not changed in place
                    self._flow(o, handed)
        elif consumes(stmt):
            base = self._from(leaves(stmt.args[0]))
            if op.name in LIST_CHANGES or self._takes(stmt):
                self._put(base, self._from(a for arg in stmt.args[1:] for a in leaves(arg)))
            for n, o in enumerate(stmt.outs):
                held = self._held(base) if n else base
                self._flow(o, self._taken(o, base, held) if n and op in (LIST_POP, LIST_POP_AT) and has_buffer(o.type) else held)
        elif op.name in ("unpack", "getattr") or (op.name == "getitem" and not self._is_array(stmt.args[0])):
            for o in outs:
                sliced = isinstance(stmt.args[-1], SliceArg)
                if self._is_array(stmt.args[0]):  # its rows, or a list of them
                    held = given
                    self._flow(o, given if isinstance(o.type, Array) else 0)
                else:
                    whole = op.name == "unpack" and not stmt.params
                    held = self._item(given, stmt.outs.index(o), len(stmt.outs)) if whole else self._held(given)
                    self._flow(o, held | (given if op.name == "getattr" else 0))
                if sliced or isinstance(o.type, ListOf | TupleOf | Struct):
                    self._put(1 << self._new(o), held)
        elif op.name == "pack" and isinstance(stmt.args[0], Var):
            self._flow(stmt.outs[0], given)
        elif op.name in _TAKERS:
            held = given if op.name in ("pack", "build") else self._held(given)
            for o in outs:
                self._put(1 << self._new(o), held)
                if isinstance(stmt.args[0], Pack) and stmt.args[0].kind == "tuple":
                    self._tuple(self._new(o), tuple(self._from(leaves(i)) for i in stmt.args[0].items))
        elif outs and (view := self._view(stmt)) is not View.FRESH:
            base = given if op.name == "add_trees" else self._from(leaves(stmt.args[0]))
            if isinstance(outs[0].type, ListOf | TupleOf | Struct):  # the pieces that an array is cut into
                self._put(1 << self._new(outs[0]), base)
            else:
                self._flow(outs[0], base)
            if view is View.OVERLAPPING:
                self.frozen |= 1 << self._new(outs[0])
        else:
            for o in outs:
                n = self._new(o)
                if not isinstance(o.type, Array):  # what a new container holds is new too
                    inside = self._inside(o)
                    self._insides |= inside
                    self._put(1 << n | inside, inside)

    def _inside(self, out: Var) -> int:
        """What is new in a new container: one object, for all that is known."""
        return 1 << self._born.setdefault(Var(f"%in {out.name}"), len(self._born))

    def _handed(self, stmt: Call, out: Var, given: int) -> int:
        """What of its arguments a call may hand back as one of its results."""
        known = called(stmt, self._calls)
        if known is None:
            return given
        return self._from(a for n in known.results[stmt.outs.index(out)] for a in leaves(stmt.args[n]))

    def _too_deep(self, t: Type) -> int:
        """The objects that containers of a type cannot hold, since they have as many levels themselves: a list holds no list like it."""
        levels = _levels(t, math.inf)
        return sum(1 << n for v, n in self._born.items() if _levels(v.type, 0) >= levels)

    def _beside(self, stmt: Call, out: Var) -> int:
        """What a call makes and hands back as other results, which this one may share something with."""
        known = called(stmt, self._calls)
        others = range(len(stmt.outs)) if known is None else known.together[stmt.outs.index(out)]
        found = 0
        for other in (stmt.outs[n] for n in others):
            if other != out and has_buffer(other.type):
                found |= 1 << self._new(other)
        return found

    @staticmethod
    def _takes(stmt: Call) -> bool:
        """Whether a container may take what is added to one of its items as it is: where the item is None, or an empty list."""
        first = stmt.args[0]
        if not isinstance(first, Var) or isinstance(first.type, Array):
            return False
        return stmt.op.name == "accum_absent" or not (isinstance(first.type, ListOf) and _adds_up(first.type.item))

    @staticmethod
    def _is_array(arg: Arg) -> bool:
        return isinstance(arg, Var) and isinstance(arg.type, Array)

    @staticmethod
    def _view(stmt: Call) -> View:
        assert isinstance(stmt.op, Op)
        if not stmt.args or stmt.op.view is View.FRESH:
            return View.FRESH
        found = view_class(stmt.op.name, stmt.args, stmt.params)
        return stmt.op.view if stmt.op.view is View.OVERLAPPING and found is View.MAYBE else found

    def _loop(self, loop: Loop) -> None:
        count = len(loop.body.params) - len(loop.inits)
        if isinstance(loop.iter, Each):
            for item, seq in zip(loop.body.params[:count], loop.iter.seqs, strict=True):
                if isinstance(seq, Var):
                    mask = self.objects(seq)
                    self._flow(item, mask if isinstance(seq.type, Array) else self._held(mask))
        params = loop.body.params[count:]
        for out, *row in zip(loop.outs, loop.inits, params, loop.body.yields, loop.test.params if loop.test else params, strict=True):
            mask = self._from((row[0], row[2]))
            for v in (out, row[1], row[3]):
                assert isinstance(v, Var)
                self._flow(v, mask)

    def _yields(self, outs: Sequence[Var], inner: Sequence[Block]) -> None:
        for b in inner:
            for o, y in zip(outs, b.yields, strict=False):
                self._flow(o, self._from((y,)))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
