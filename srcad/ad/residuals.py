"""Needed values: every primal value that the reverse code still names is met here, once dead code is gone.

A value of the function's own block is simply there.  A value of a branch or region is let out of its statement.  A value of
a loop's trip is computed again where that is cheap and its operands are at hand, else put on the loop's tape.
"""
from __future__ import annotations

from dataclasses import dataclass, field

from srcad.ad.edits import Carry
from srcad.ad.mirror import Draft, DraftIf, DraftLoop, DraftWith, Mirror, inner
from srcad.ad.reverse import ARITHMETIC, Reversal
from srcad.ir.words import tape_of, word
from srcad.errors import InternalError
from srcad.ir.core import CALL, LENGTH, PACK, TAPE_NEW, TAPE_PUSH, UNPACK
from srcad.ir.nodes import ROOTS, Atom, Block, Call, Const, Each, Effect, If, Loop, Op, Pack, Range, Ref, Stmt, Var
from srcad.ir.types import INT, Array, ListOf, Struct, Type, is_scalar
from srcad.ir.visit import free_vars, leaves, map_atoms, operands
from srcad.ops import table
from srcad.ops.effects import effects

_CHEAP = ARITHMETIC | {"eq", "ne", "lt", "le", "gt", "ge", "not_", "is_", "is_not", "and_", "or_", "floordiv", "mod"}
_VIEWS = {"getitem", "getattr", "len"}
_FAILS = ROOTS & ~Effect.WARNS


@dataclass(slots=True)
class Needs:
    """Meets the needed values of one reversal."""

    rev: Reversal
    root: Mirror
    named: dict[int, frozenset[Var]] = field(default_factory=dict)
    handed_on: dict[int, list[Atom]] = field(default_factory=dict)  # what mirrored blocks yield

    def meet(self) -> None:
        """Meet all, inner blocks before outer ones."""
        self._inside(self.root)

    def _inside(self, mirror: Mirror) -> None:
        for draft in list(mirror.code):
            for child, yields in zip(inner(draft), _yields(draft), strict=True):
                self.handed_on[id(child)] = yields
                self._inside(child)
            if isinstance(draft, DraftLoop):
                self._finish_loop(draft)
        for region in reversed(list(mirror.inlined())):
            for var in self._named_in(mirror, region):
                self.resolve(var)
        if mirror.kind == "branch":
            for var in self._named_here(mirror):
                self.resolve(var)

    # ---- what is named -----------------------------------------------------------------------------------------------
    def _named_here(self, mirror: Mirror) -> list[Var]:
        """Values defined in the primal block of a mirrored block that its code names, in order of first use."""
        return self._named_in(mirror, mirror)

    def _named_in(self, mirror: Mirror, home: Mirror) -> list[Var]:
        """Values that the code of a mirrored block names and whose own mirrored block is `home`."""
        found: dict[Var, None] = {}
        self._collect(mirror, found)
        return [v for v in found if self._home(v) is home]

    def _collect(self, mirror: Mirror, found: dict[Var, None]) -> None:
        for block in (mirror, *mirror.inlined()):
            for stmt in block.prelude:
                _names(stmt, found)
        for draft in mirror.code:
            self._collect_draft(draft, found)
        found.update((a, None) for a in self.handed_on.get(id(mirror), ()) if isinstance(a, Var))
        for var in list(found):
            through = mirror.table.get(var)
            if isinstance(through, Var):
                found[through] = None

    def _collect_draft(self, draft: Draft, found: dict[Var, None]) -> None:
        atoms: tuple[Atom, ...] = ()
        match draft:
            case DraftIf(_, cond, _, _, yields, _):
                atoms = (cond, *yields[0], *yields[1])
            case DraftLoop():
                seqs = [a for s in draft.seqs for a in ((s.start, s.stop, s.step) if isinstance(s, Range) else (s,))]
                atoms = (*draft.inits, *draft.yields, *seqs)
                for stmt in draft.before:
                    _names(stmt, found)
            case DraftWith(_, _, args, params, _, yields, _):
                atoms = (*(a for arg in (*args, *(v for _, v in params)) for a in leaves(arg)), *yields)
            case _:
                _names(draft, found)
        found.update(dict.fromkeys(a for a in atoms if isinstance(a, Var)))
        for child in inner(draft):
            self._collect(child, found)

    def _home(self, var: Var) -> Mirror | None:
        """The mirrored block of the primal block that defines a value; None for a value of the reverse sweep."""
        block = self.rev.owner.get(var)
        return None if block is None else self.rev.mirrors.get(id(block))

    def hint(self, var: Var) -> str:
        """The name under which both sweeps know a value: the user's, or a word for what it holds."""
        if var.hint:
            return var.hint
        if var not in self.rev.words:
            block = self.rev.owner.get(var)
            found = next((s for s in block.stmts if var in s.outs), None) if block is not None else None
            self.rev.words[var] = word(found)
        return self.rev.words[var]

    # ---- one value ---------------------------------------------------------------------------------------------------
    def resolve(self, var: Var) -> Atom:
        """Make a primal value available in the mirrored block of its own, and say what stands for it there."""
        mirror = self._home(var)
        if mirror is None:
            block = self.rev.owner.get(var)
            if block is None:
                return var
            raise InternalError(f"{var.name} is needed but its block is not reversed", stage="residuals")
        if mirror.kind == "func":
            return var
        if var in mirror.table:
            return mirror.table[var]
        if self._recompute(var, mirror):
            return mirror.table[var]
        if mirror.kind in ("branch", "region"):
            return self._let_out(var, mirror)
        raise InternalError(f"{var.name} was not put on a tape", stage="residuals")

    def _let_out(self, var: Var, mirror: Mirror) -> Atom:
        """A value of a branch becomes an out of its statement."""
        assert mirror.stmt is not None
        out = self.rev.names.var(self.hint(var), var.type)
        self.rev.edits.export(mirror.stmt, out, {mirror.branch: var})
        self.rev.owner[out] = self.rev.owner_of(mirror.stmt)
        mirror.table[var] = out
        home = self._home(out)
        if home is not None and home.kind in ("branch", "region"):
            mirror.table[var] = self.resolve(out)
        return mirror.table[var]

    def _recompute(self, var: Var, mirror: Mirror) -> bool:
        """Compute a value again, if that is one cheap operation on values at hand."""
        stmt = self._definition(var)
        if stmt is None or not _is_cheap(stmt):
            return False
        needed = [a for a in operands(stmt) if isinstance(a, Var)]
        if not all(self._at_hand(a, mirror) for a in needed):
            return False
        table = {a: self.resolve(a) for a in needed if self._home(a) is mirror}
        new = self.rev.names.var(var.hint, var.type)
        copy = map_atoms(stmt, lambda a: table.get(a, a) if isinstance(a, Var) else a, lambda a: a)
        assert isinstance(copy, Call)
        mirror.prelude.append(Call((new,), copy.op, copy.args, copy.params, copy.loc))
        mirror.table[var] = new
        return True

    def _definition(self, var: Var) -> Call | None:
        block = self.rev.owner[var]
        for stmt in block.stmts:
            if isinstance(stmt, Call) and stmt.outs == (var,):
                return None if id(stmt) in self.rev.edits.replaced else stmt
        return None

    def _at_hand(self, var: Var, mirror: Mirror) -> bool:
        """Whether a value is available in a mirrored block without storing anything."""
        home = self._home(var)
        if home is None:
            return self.rev.owner.get(var) is None
        if home.kind == "func" or var in home.table or (home is not mirror and self._goes_on_tape(var, home)):
            return True
        stmt = self._definition(var)
        return stmt is not None and _is_cheap(stmt) and all(self._at_hand(a, home) for a in operands(stmt) if isinstance(a, Var))

    def _goes_on_tape(self, var: Var, home: Mirror) -> bool:
        """Whether a value of an outer trip will be there: it is named anyway, or a scalar that the loop carries."""
        if home.kind != "body":
            return False
        if is_scalar(var.type) and var in self.rev.owner[var].params:
            return True
        if id(home) not in self.named:
            self.named[id(home)] = frozenset(self._named_here(home))
        return var in self.named[id(home)]

    # ---- loops -------------------------------------------------------------------------------------------------------
    def _finish_loop(self, draft: DraftLoop) -> None:
        """Decide what the reversed loop iterates over, and tape what its trips need."""
        mirror, loop = draft.mirror, draft.primal
        trip = self.rev.trips[id(loop)]
        named = self._named_here(mirror)
        uses_trip = self._uses(mirror, draft.trip)
        whole = loop.exit is None and loop.iter is not None
        items = loop.body.params[: len(loop.body.params) - len(loop.inits)]
        self._read_items(draft, items, named, whole=whole)
        for var in named:
            stmt = self._definition(var) if var in self.rev.owner and var not in mirror.table else None
            if stmt is not None and not _is_cheap(stmt) and self._same_each_trip(var, mirror):
                self._settle(draft, var)
        taped = self._choose(mirror, trip.block, named)
        tape = self._tape(draft, trip.parts, taped) if taped or (not whole and not draft.seqs) else None
        if uses_trip or not draft.seqs:
            self._count_trips(draft, tape, whole=whole, used=uses_trip)
        for var in named:
            self.resolve(var)

    def _uses(self, mirror: Mirror, var: Var) -> bool:
        found: dict[Var, None] = {}
        self._collect(mirror, found)
        return var in found

    def _same_each_trip(self, var: Var, mirror: Mirror) -> bool:
        """Whether every trip computes a value from values of outside the loop, by operations that cannot fail."""
        if var not in self.rev.owner or var in self.rev.owner[var].params or self._home(var) is not mirror:
            return self.rev.owner.get(var) is not None and self._is_around(mirror, self._home(var))
        stmt = self._definition(var)
        if stmt is None or not isinstance(stmt.op, Op) or stmt.op.inplace or table.entry(stmt.op.name) is None:
            return False
        fails = bool(effects(stmt.op, stmt.args, stmt.params) & _FAILS)
        return not fails and all(self._same_each_trip(a, mirror) for a in operands(stmt) if isinstance(a, Var))

    def _is_around(self, mirror: Mirror, home: Mirror | None) -> bool:
        outer = mirror.parent
        while outer is not None and outer is not home:
            outer = outer.parent
        return outer is not None

    def _settle(self, draft: DraftLoop, var: Var) -> Atom:
        """Compute what is the same in each trip once more, ahead of the reversed loop."""
        table_ = draft.mirror.table
        if self._home(var) is not draft.mirror:
            return var
        if var not in table_:
            stmt = self._definition(var)
            assert stmt is not None
            copy = map_atoms(stmt, lambda a: self._settle(draft, a) if isinstance(a, Var) else a, lambda a: a)
            assert isinstance(copy, Call)
            new = self.rev.names.var(var.hint, var.type)
            draft.before.append(Call((new,), copy.op, copy.args, copy.params, copy.loc, draft.note))
            table_[var] = new
        return table_[var]

    def _read_items(self, draft: DraftLoop, items: tuple[Var, ...], named: list[Var], *, whole: bool) -> None:
        """Items of the primal's own sequences, read backwards where every trip ran."""
        it = draft.primal.iter
        if not whole:
            return
        if isinstance(it, Range) and not it.reverse and self._wanted_below(items[0], named):
            self._item(draft, it, items[0])
        plain = isinstance(it, Each) and len(it.seqs) == 1 and not isinstance(it.seqs[0], Range) and not it.reverse
        if isinstance(it, Each) and plain and self._wanted_below(items[0], named):
            self._item(draft, it.seqs[0], items[0])

    def _wanted_below(self, item: Var, named: list[Var]) -> bool:
        """Whether an item is named, or something named can be computed again from it."""
        return item in named or any(self._depends(v, item, 3) for v in named)

    def _depends(self, var: Var, item: Var, depth: int) -> bool:
        if var == item:
            return True
        stmt = self._definition(var) if depth else None
        if stmt is None or not _is_cheap(stmt):
            return False
        return any(isinstance(a, Var) and a in self.rev.owner and self._depends(a, item, depth - 1) for a in operands(stmt))

    def _item(self, draft: DraftLoop, seq: Atom | Range, item: Var) -> Var:
        new = self.rev.names.var(self.hint(item), item.type)
        draft.seqs.append(seq)
        draft.items.append(new)
        draft.mirror.table[item] = new
        return new

    def _choose(self, mirror: Mirror, block: Block, named: list[Var]) -> list[Var]:
        """The values to store: those that cannot be computed again from others that are at hand."""
        order = {v: n for n, v in enumerate((*block.params, *(o for s in block.stmts for o in s.outs)))}
        stored: list[Var] = []
        exported = [v for v in named if v not in order]
        for var in (*sorted((v for v in named if v in order), key=order.__getitem__), *exported):
            if var in mirror.table:
                continue
            stmt = self._definition(var)
            if stmt is not None and _is_cheap(stmt) and all(
                a in stored or self._at_hand(a, mirror) for a in operands(stmt) if isinstance(a, Var)
            ):  # fmt: skip
                continue
            stored.append(var)
        return stored

    def _tape(self, draft: DraftLoop, parts: tuple[Block, ...], taped: list[Var]) -> Var:
        """Put one record per trip on a tape, and read it back."""
        rev, loop = self.rev, draft.primal
        rev.taped.extend(v for v in taped if isinstance(v.type, Array))
        owner = rev.owner_of(loop)
        record: Var | None = None
        value: Atom
        if len(taped) == 1:
            value, hint, item = taped[0], tape_of(self.hint(taped[0])), taped[0].type
        elif taped:
            item = Struct(tuple, (), tuple(v.type for v in taped))
            value, hint = rev.names.var("", item), "tape"
            record = value
        else:
            value, hint, item = Const(None), "trips", INT
        new = rev.names.var(hint, ListOf(item))
        out = rev.names.var(hint, ListOf(item))
        rev.edits.before.setdefault(id(loop), []).append(Call((new,), TAPE_NEW, (), (), loop.loc))
        self._push(loop, parts, (new, out), value, taped if record is not None else [])
        rev.owner[out] = owner
        self._read_back(draft, out, taped, item)
        return out

    def _push(self, loop: Loop, parts: tuple[Block, ...], ends: tuple[Var, Var], value: Atom, record: list[Var]) -> None:
        """Insert the push behind the last value of the record, and carry the tape round the loop."""
        rev = self.rev
        new, out = ends
        param, pushed = rev.names.var(out.hint, out.type), rev.names.var(out.hint, out.type)
        stmts: list[Stmt] = []
        if record:
            assert isinstance(value, Var)
            stmts.append(Call((value,), PACK, (Pack("tuple", tuple(record)),), (), loop.loc))
        stmts.append(Call((pushed,), TAPE_PUSH, (param, value), (), loop.loc))
        last = parts[-1]
        wanted: list[Atom] = [*record] or [value]
        at = None
        if len(parts) == 1:
            index = max((_position(last, self._defining(v)) for v in wanted), default=-1)
            at = last.stmts[index] if index >= 0 else None
        if at is not None:
            rev.edits.after.setdefault(id(at), []).extend(stmts)
        elif len(parts) == 1:
            rev.edits.start.setdefault(id(last), [])[:0] = stmts
        else:
            rev.edits.end.setdefault(id(last), []).extend(stmts)
        nxt: Atom = pushed
        for block in reversed(parts[1:]):
            stmt, _ = rev.around[id(block)]
            assert isinstance(stmt, If)
            taken = 0 if block is stmt.then else 1
            through = rev.names.var(out.hint, out.type)
            rev.edits.export(stmt, through, {taken: nxt, 1 - taken: param})
            nxt = through
        rev.edits.carries.setdefault(id(loop), []).append(Carry(new, param, nxt, out))

    def _defining(self, value: Atom) -> Atom:
        """What is defined where a value is: what a store overwrites is saved just before the store."""
        store = self.rev.saved.get(value) if isinstance(value, Var) else None
        return value if store is None else store.outs[0]

    def _read_back(self, draft: DraftLoop, tape: Var, taped: list[Var], item: Type) -> None:
        mirror = draft.mirror
        if len(taped) <= 1:
            for var in taped:
                self._item(draft, tape, var)
            if not taped:
                draft.seqs.append(tape)
                draft.items.append(self.rev.names.var("", INT))
            return
        whole = self.rev.names.var("", item)
        draft.seqs.append(tape)
        draft.items.append(whole)
        outs = tuple(self.rev.names.var(self.hint(v), v.type) for v in taped)
        mirror.prelude.insert(0, Call(outs, UNPACK, (whole,), (), draft.primal.loc))
        mirror.table.update(zip(taped, outs, strict=True))

    def _count_trips(self, draft: DraftLoop, tape: Var | None, *, whole: bool, used: bool) -> None:
        """Iterate over the numbers of the trips."""
        it = draft.primal.iter
        stop: Atom
        if tape is not None or not whole:
            assert tape is not None
            stop = self._length(draft, tape)
        elif isinstance(it, Range):
            if not used or (it.start, it.step) == (Const(0), Const(1)):
                draft.seqs.append(it)
                draft.items.append(draft.trip)
                return
            stop = self._length(draft, self._range_object(draft, it))
        else:
            assert isinstance(it, Each)
            stop = self._shortest(draft, it)
        draft.seqs.append(Range(Const(0), stop, Const(1)))
        draft.items.append(draft.trip)

    def _length(self, draft: DraftLoop, seq: Atom) -> Var:
        out = self.rev.names.var("", INT)
        draft.before.append(Call((out,), LENGTH, (seq,)))
        return out

    def _range_object(self, draft: DraftLoop, it: Range) -> Var:
        out = self.rev.names.var("", INT)
        draft.before.append(Call((out,), CALL, (Ref("builtins:range", range), it.start, it.stop, it.step)))
        return out

    def _shortest(self, draft: DraftLoop, it: Each) -> Atom:
        found: list[Atom] = []
        for seq in it.seqs:
            if isinstance(seq, Range):
                plain = (seq.start, seq.step) == (Const(0), Const(1))
                found.append(seq.stop if plain else self._length(draft, self._range_object(draft, seq)))
            else:
                found.append(self._length(draft, seq))
        first, *rest = dict.fromkeys(found)
        if not rest:
            return first
        out = self.rev.names.var("", INT)
        draft.before.append(Call((out,), CALL, (Ref("builtins:min", min), first, *rest)))
        return out


def _yields(draft: Draft) -> tuple[list[Atom], ...]:
    """What the mirrored blocks of a draft statement yield, one list per block."""
    match draft:
        case DraftIf():
            return draft.yields
        case DraftLoop() | DraftWith():
            return (draft.yields,)
    return ()


def _names(stmt: Stmt, found: dict[Var, None]) -> None:
    found.update(dict.fromkeys(free_vars(Block((), (stmt,), ()))))


def _position(block: Block, value: Atom) -> int:
    """The number of the statement that defines a value (or of the one it is let out of); -1 for a parameter."""
    for n, stmt in enumerate(block.stmts):
        if value in stmt.outs:
            return n
    if value in block.params or not isinstance(value, Var):
        return -1
    return len(block.stmts) - 1


def _is_cheap(stmt: Call) -> bool:
    """Whether computing the statement again costs no more than reading it back."""
    if not isinstance(stmt.op, Op) or len(stmt.outs) != 1:
        return False
    name = stmt.op.name
    if name in _VIEWS or name.endswith((".shape", ".T", ".ndim")):
        return True
    if name == "pack":  # a display of literals
        return not any(isinstance(a, Var) for a in operands(stmt))
    power = name == "pow" and isinstance(stmt.args[1], Const) and stmt.args[1].value in (2, 3)
    return (name in _CHEAP or power) and all(is_scalar(a.type) for a in operands(stmt) if isinstance(a, Var))
