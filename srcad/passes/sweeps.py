"""What a reverse sweep computes of taped values, and the trips of the forward sweep have computed too, is taped in its place.

So it is in derivatives of derivatives: the forward sweep then computes both `np.sin(x)` and `np.cos(x)`, and so does the
reverse sweep.  Only what takes longer to compute than to keep goes on the tape; what of a tape nothing reads any more goes.

    def f(x: float64[n], y: float64[n], n: int) {
      a: list[float64[n]] = tape_new()
      x.1: float64[n], b: list[float64[n]] = for (i: int) in range(0, n, 1) carry (x.2: float64[n] = x, a.1: list[float64[n]] = a) {
        a.2: list[float64[n]] = tape_push(a.1, x.2)
        %1: float64[n] = np.sin(x.2)
        x.3: float64[n] = mul(%1, y)
        yield x.3, a.2
      }
      c: float64[n] = for (x.4: float64[n]) in reversed zip(b) carry (c.1: float64[n] = x.1) {
        %2: float64[n] = np.sin(x.4)
        c.2: float64[n] = mul(c.1, %2)
        yield c.2
      }
      return c
    }

becomes

    def f(x: float64[n], y: float64[n], n: int) {
      a: list[float64[n]] = tape_new()
      sin_x_tape: list[float64[n]] = tape_new()
      x.1: float64[n], b: list[float64[n]], sin_x_tape.3: list[float64[n]] = for (i: int) in range(0, n, 1) carry (x.2: float64[n] = x, a.1: list[float64[n]] = a, sin_x_tape.1: list[float64[n]] = sin_x_tape) {
        a.2: list[float64[n]] = tape_push(a.1, x.2)
        sin_x: float64[n] = np.sin(x.2)
        sin_x_tape.4: list[float64[n]] = tape_push(sin_x_tape.1, sin_x)
        x.3: float64[n] = mul(sin_x, y)
        yield x.3, a.2, sin_x_tape.4
      }
      c: float64[n] = for (sin_x.1: float64[n]) in reversed zip(sin_x_tape.3) carry (c.1: float64[n] = x.1) {
        c.2: float64[n] = mul(c.1, sin_x.1)
        yield c.2
      }
      return c
    }
"""  # noqa: E501 - types of IR are written on every value
from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from srcad.analysis.consumed import consumed
from srcad.ir.build import Names
from srcad.ir.core import LENGTH, PACK, TAPE_NEW, TAPE_PUSH, UNPACK
from srcad.ir.nodes import Atom, Block, Call, Const, Each, Func, If, Loop, Op, Pack, Range, Stmt, Var, View
from srcad.ir.types import Array, ListOf, Struct, Type, is_scalar
from srcad.ir.visit import all_defs, blocks, defs, map_atoms, operands, rename, substitute, uses, walk, with_blocks
from srcad.ir.words import tape_of, word
from srcad.passes.cse import key_of, mergeable

_CHEAP = frozenset((
    "add", "sub", "mul", "truediv", "neg", "pos", "eq", "ne", "lt", "le", "gt", "ge", "not_", "is_", "is_not", "and_", "or_",
    "copy", "pack", "float", "len", "np.abs", "np.square", "np.add", "np.subtract", "np.multiply", "np.divide", "np.negative",
    "np.maximum", "np.minimum",
))  # fmt: skip
_MANY = 2  # cheap operations that take longer than keeping what they give
_ROUNDS = 100

Fields = tuple[tuple[Atom, Var], ...]
"""What a trip of the forward sweep keeps, beside what it is called in the reverse sweep."""


def sweeps(func: Func) -> Func:
    """The function with shared values of its sweeps on tapes."""
    for _ in range(_ROUNDS):
        if not any(isinstance(s, Call) and s.op.name == TAPE_PUSH.name for s in walk(func.body)):
            break
        sharer = _Sharer(func.body)
        body = sharer.block(func.body)
        if body is None:
            break
        func = replace(func, body=_remeasured(body, sharer.lengths))
    return func


@dataclass(frozen=True, slots=True)
class _Tape:
    """A list that grows in each trip of one loop, and which another goes through: its `at`-th sequence.

    `path`: the block of the first loop, and the branches in it, at whose end the list has grown.  `unpack`: how the record is taken apart.
    """

    at: int
    param: Var
    path: tuple[Block, ...]
    push: Call
    fields: Fields
    unpack: Call | None
    own: bool  # whether nobody else reads it

    def is_beside(self, other: _Tape) -> bool:
        """Whether both grow in the same trips."""
        return len(self.path) == len(other.path) and all(a is b for a, b in zip(self.path, other.path, strict=True))


@dataclass(slots=True)
class _Pair:
    """Two loops rewritten: what comes before the first, the first, the second; their tape behind the first, and before the second."""

    before: tuple[Call, ...]
    first: Loop
    second: Loop
    tape: tuple[Var, Var] | None


@dataclass(slots=True)
class _Match:
    """What the bodies of two loops have in common."""

    tapes: list[_Tape]
    same: dict[Var, Atom]  # values of the second loop -> the values of the first that they are
    calls: dict[Var, Call] = field(default_factory=dict)  # those that the second computes -> how

    @property
    def again(self) -> dict[Var, Atom]:
        """Values that the second loop computes, though they are on a tape -> what they are called there; so for constants on tapes."""
        taped = {a: v for t in self.tapes for a, v in t.fields}
        constants: dict[Var, Atom] = {v: a for a, v in taped.items() if isinstance(a, Const)}
        return constants | {v: taped[self.same[v]] for v in self.calls if self.same[v] in taped}


class _Sharer:
    """Finds loops in a function that share something, and rewrites them."""

    def __init__(self, body: Block) -> None:
        self.names = Names(v.name for v in all_defs(body))
        self.lengths: dict[Var, Var] = {}  # tapes that were dropped, of which the length is asked -> those in their place
        self._owned = consumed(body)
        self._made = {o: s for s in walk(body) if isinstance(s, Call) for o in s.outs}
        self._counts = Counter(uses(body))
        self._measured = Counter(s.args[0] for s in walk(body) if isinstance(s, Call) and s.op.name == LENGTH.name)

    def block(self, block: Block) -> Block | None:
        """The block with loops that share something rewritten, each once; None where there are none."""
        table: dict[int, tuple[Stmt, ...]] = {}
        for n, stmt in enumerate(block.stmts):
            if isinstance(stmt, Loop):
                self._with_earlier(stmt, [s for s in block.stmts[:n] if isinstance(s, Loop) and id(s) not in table], table)
            if id(stmt) not in table:
                old = blocks(stmt)
                new = tuple(self.block(b) for b in old)
                if any(b is not None for b in new):
                    table[id(stmt)] = (with_blocks(stmt, tuple(b or a for a, b in zip(old, new, strict=True))),)
        return replace(block, stmts=tuple(s for stmt in block.stmts for s in table.get(id(stmt), (stmt,)))) if table else None

    def _with_earlier(self, second: Loop, earlier: list[Loop], table: dict[int, tuple[Stmt, ...]]) -> None:
        """Note what becomes of a loop and of one before it, if they share something."""
        for first in earlier:
            found = self._pair(first, second, {}, nested=False)
            if found is not None:
                table.update({id(first): (*found.before, found.first), id(second): (found.second,)})
                return

    # ---- what two loops have in common -------------------------------------------------------------------------------
    def _pair(self, first: Loop, second: Loop, outer: dict[Var, Atom], *, nested: bool) -> _Pair | None:
        """The loops rewritten; None where nothing is to be gained.  `outer`: what is the same around them."""
        match = self._match(first, second, outer)
        if match is None:
            return None
        again = match.again
        if again:
            second = replace(second, body=substitute(second.body, again))
            match = self._match(first, second, outer) or match
        path = match.tapes[0].path
        inner = self._inner(path, second.body, match)
        body = _exchanged(second.body, {id(b): (p.second,) for _, b, p in inner})
        order = {o: n for n, o in enumerate(o for block in path for s in block.stmts for o in s.outs)}
        worth = sorted(self._worth(body, match), key=lambda f: order[f[0]])  # both loops number their names in this order
        asked = [*(p.tape for *_, p in inner if p.tape is not None), *worth]
        fields, gone = self._kept(body, match, asked)
        own = [t for t in match.tapes if t.own]
        idle = any(f not in fields for t in own for f in t.fields)
        left = isinstance(second.iter, Each) and len(second.iter.seqs) > len(own)
        if not (asked or again or idle or inner) or (not fields and (not left or any(self._measured[_seq(second, t.at)] for t in own))):
            return None
        table: dict[int, tuple[Stmt, ...]] = {id(a): (*p.before, p.first) for a, _, p in inner}
        known: dict[int, Block] = {}  # a path goes through blocks in one another
        match.tapes = [replace(t, path=tuple(_exchanged(b, table, known) for b in t.path)) for t in match.tapes]
        first = replace(first, body=_exchanged(first.body, table, known))
        return self._rewritten(first, replace(second, body=_exchanged(body, dict.fromkeys(gone, ()))), match, fields, nested=nested)

    def _inner(self, path: tuple[Block, ...], body: Block, match: _Match) -> list[tuple[Loop, Loop, _Pair]]:
        """Loops of a trip that share something in their turn."""
        found: list[tuple[Loop, Loop, _Pair]] = []
        for second in (s for s in body.stmts if isinstance(s, Loop)):
            for first in (s for block in path for s in block.stmts if isinstance(s, Loop) and all(s is not f[0] for f in found)):
                pair = self._pair(first, second, match.same, nested=True)
                if pair is not None:
                    found.append((first, second, pair))
                    break
        return found

    def _match(self, first: Loop, second: Loop, outer: dict[Var, Atom]) -> _Match | None:
        it = second.iter
        if not isinstance(it, Each) or not it.reverse or first.slots or second.slots:
            return None
        tapes: list[_Tape] = []
        for at, seq in enumerate(it.seqs):
            end = outer.get(seq, seq) if isinstance(seq, Var) else seq
            if isinstance(end, Var) and end in first.outs:
                found = self._tape(first, second, first.outs.index(end), at)
                if found is not None and (not tapes or found.is_beside(tapes[0])):
                    tapes.append(found)
        if not any(t.own for t in tapes):
            return None
        match = _Match(tapes, dict(outer) | _same_items(first, second, outer) | {v: a for t in tapes for a, v in t.fields})
        known: dict[Hashable, Call] = {}
        fresh = self._owned - set(match.same.values())
        for block in tapes[0].path:
            known.update((key_of(s), s) for s in block.stmts if isinstance(s, Call) and mergeable(s, fresh))
        self._follow(second.body, known, match)
        return match

    def _tape(self, first: Loop, second: Loop, number: int, at: int) -> _Tape | None:
        """What the first loop carries in a place, if that is a list which starts empty and which a trip makes longer by one item."""
        start = self._made.get(first.inits[number])  # type: ignore[arg-type]  # others than variables are in no dict
        empty = start is not None and (start.op.name == TAPE_NEW.name or start.args == (Pack("list", ()),))
        items = len(first.body.params) - len(first.inits)
        grown = self._grown(first.body, first.body.yields[number], first.body.params[items + number]) if empty else None
        if grown is None:
            return None
        path, push = grown
        value, param = push.args[1], second.body.params[at]
        record = self._made.get(value) if isinstance(value, Var) else None
        seq = _seq(second, at)
        assert isinstance(second.iter, Each)
        own = self._counts[seq] - self._measured[seq] == 1
        if record is None or record.op.name != PACK.name or not isinstance(record.args[0], Pack):
            alone: Fields = ((value, param),) if isinstance(value, Var) else ()
            return _Tape(at, param, path, push, alone, None, own and bool(alone))
        unpack = next((s for s in second.body.stmts if isinstance(s, Call) and s.op.name == UNPACK.name and s.args == (param,)), None)
        values = record.args[0].items
        whole = unpack is not None and self._counts[param] == 1 and not unpack.params and all(isinstance(v, Var | Const) for v in values)
        if not whole or unpack is None:
            return _Tape(at, param, path, push, (), None, own=False)
        fields = tuple((v, out) for v, out in zip(values, unpack.outs, strict=True) if isinstance(v, Var | Const))
        return _Tape(at, param, path, push, fields, unpack, own)

    def _grown(self, block: Block, end: Atom, start: Var) -> tuple[tuple[Block, ...], Call] | None:
        """The blocks in which a trip makes a list longer, and the call that does."""
        made = self._made.get(end) if isinstance(end, Var) else None
        if made is not None:
            grows = made.op.name == TAPE_PUSH.name and made.args[0] == start and any(s is made for s in block.stmts)
            return ((block,), made) if grows else None
        stmt = next((s for s in block.stmts if isinstance(s, If) and end in s.outs), None)
        if stmt is None:
            return None
        n = stmt.outs.index(end)
        for taken, other in ((stmt.then, stmt.orelse), (stmt.orelse, stmt.then)):
            if other.yields and other.yields[n] == start:
                found = self._grown(taken, taken.yields[n], start)
                return None if found is None else ((block, *found[0]), found[1])
        return None

    def _follow(self, block: Block, known: dict[Hashable, Call], match: _Match) -> None:
        """Find what a block computes that the first loop has computed."""
        for stmt in block.stmts:
            if isinstance(stmt, Call) and mergeable(stmt, self._owned):
                there = map_atoms(stmt, lambda a: _there(a, match), lambda a: _there(a, match))
                assert isinstance(there, Call)
                twin = known.get(key_of(there))
                if twin is not None and twin is not stmt and all(map(_alike, twin.outs, stmt.outs)):
                    match.same.update(zip(stmt.outs, twin.outs, strict=True))
                    match.calls.update((o, stmt) for o in stmt.outs)
            for b in blocks(stmt):
                self._follow(b, known, match)

    # ---- what is kept ------------------------------------------------------------------------------------------------
    def _worth(self, body: Block, match: _Match) -> Iterator[tuple[Var, Var]]:
        """Values that are read by what the first loop has not computed, and which take longer to compute than to keep."""
        named = {a for s in walk(body) if not _is_known(s, match) for a in operands(s)} | set(_all_yields(body))
        kept: set[Atom] = set()
        for var, call in match.calls.items():
            if var in named and (isinstance(var.type, Array) or is_scalar(var.type)) and call.op.name != UNPACK.name:
                chain = _chain(call, match, kept)
                if len(chain) >= _MANY or not all(map(_is_cheap, chain)):
                    kept.add(var)
                    there = match.same[var]
                    assert isinstance(there, Var)
                    yield there, var

    def _kept(self, body: Block, match: _Match, asked: Sequence[tuple[Atom, Var]]) -> tuple[Fields, set[int]]:
        """The fields of the tape that takes the place of those before, and the statements that are not needed any more."""
        given = {v for _, v in asked}
        needed = set(_all_yields(body))
        gone = {id(match.calls[v]) for v in given if v in match.calls} | {id(t.unpack) for t in match.tapes if t.own and t.unpack}
        for stmt in reversed(list(walk(body))):
            if id(stmt) in gone:
                continue
            if _is_known(stmt, match) and not any(o in needed for o in stmt.outs):
                gone.add(id(stmt))
            elif not (isinstance(stmt, Call) and stmt.op.name == LENGTH.name and stmt.args[0] in self.lengths):
                needed.update(operands(stmt))
        old = [f for t in match.tapes if t.own for f in t.fields if f[1] in needed]
        return (*old, *asked), gone

    # ---- the loops anew ----------------------------------------------------------------------------------------------
    def _rewritten(self, first: Loop, second: Loop, match: _Match, fields: Fields, *, nested: bool) -> _Pair:
        own = [t for t in match.tapes if t.own]
        if not fields:
            return _Pair((), first, self._going_through(second, own, (), None), None)
        table = self._names(fields, match)
        named = tuple((table.get(a, a) if isinstance(a, Var) else a, table.get(v, v)) for a, v in fields)
        types = tuple(a.type if isinstance(a, Var) else v.type for a, v in named)
        item = types[0] if len(types) == 1 else Struct(tuple, (), types)
        hint = tape_of(named[0][1].hint) if len(types) == 1 else "tape"
        new, param, tested, out = (self.names.var(hint, ListOf(item)) for _ in range(4))
        read = self.names.var(hint, ListOf(item)) if nested else out
        self.lengths.update((_seq(second, t.at), read) for t in own if self._measured[_seq(second, t.at)])
        body = rename(self._growing(own, param, tuple(a for a, _ in fields), item, first), table)
        test = None if first.test is None else replace(first.test, params=(*first.test.params, tested))
        grown = replace(first, outs=(*first.outs, out), inits=(*first.inits, new), body=body, test=test)
        through = self._going_through(replace(second, body=rename(second.body, table)), own, tuple(v for _, v in named), read)
        return _Pair((Call((new,), TAPE_NEW, (), (), first.loc, first.note),), grown, through, (out, read))

    def _names(self, fields: Fields, match: _Match) -> dict[Var, Var]:
        """Names for what has none, the same in both loops."""
        table: dict[Var, Var] = {}
        for there, here in fields:
            if here in match.calls and isinstance(there, Var):
                hint = there.hint or here.hint or word(match.calls[here])
                table.update((v, self.names.var(hint, v.type)) for v in (there, here) if not v.hint)
        return table

    def _growing(self, own: list[_Tape], param: Var, values: tuple[Atom, ...], item: Type, loop: Loop) -> Block:
        """The body of the first loop, in which a tape `param` gets one item."""
        path = own[0].path
        pushed = self.names.var(param.hint, param.type)
        value, stmts = values[0], list(path[-1].stmts)
        at = max(n for n, s in enumerate(stmts) if any(s is t.push for t in own) or any(o in values for o in defs(s)))
        push: list[Stmt] = []
        if len(values) > 1:
            value = self.names.var("", item)
            push.append(Call((value,), PACK, (Pack("tuple", values),), (), loop.loc))
        push.append(Call((pushed,), TAPE_PUSH, (param, value), (), loop.loc))
        stmts[at + 1 : at + 1] = push
        block = replace(path[-1], stmts=tuple(stmts), yields=(*path[-1].yields, pushed))
        for outer, taken in zip(reversed(path[:-1]), reversed(path[1:]), strict=True):
            through = self.names.var(param.hint, param.type)
            block = _let_out(outer, taken, block, (param, through))
        return replace(block, params=(*loop.body.params, param))

    def _going_through(self, loop: Loop, own: list[_Tape], items: tuple[Var, ...], tape: Var | None) -> Loop:
        """The second loop, with another tape in the place of those that it had."""
        assert isinstance(loop.iter, Each)
        count = len(loop.iter.seqs)
        rows: list[tuple[Atom | Range, Var]] = list(zip(loop.iter.seqs, loop.body.params[:count], strict=True))
        stmts = loop.body.stmts
        if tape is not None and isinstance(tape.type, ListOf):
            whole = items[0] if len(items) == 1 else self.names.var("", tape.type.item)
            if len(items) > 1:
                stmts = (Call(items, UNPACK, (whole,), (), loop.loc), *stmts)
            rows.insert(own[0].at, (tape, whole))
        gone = {t.param for t in own} - set(items)
        kept = [(s, p) for s, p in rows if p not in gone and not (s is not tape and p in items)]
        params = (*(p for _, p in kept), *loop.body.params[count:])
        return replace(loop, iter=replace(loop.iter, seqs=tuple(s for s, _ in kept)), body=replace(loop.body, params=params, stmts=stmts))


def _let_out(block: Block, taken: Block, new: Block, tape: tuple[Var, Var]) -> Block:
    """A block with another branch `taken`, that yields a tape too; the other branch yields it as it was."""
    before, through = tape
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if isinstance(stmt, If) and (stmt.then is taken or stmt.orelse is taken):
            then, orelse = (new if b is taken else replace(b, yields=(*b.yields, before)) for b in (stmt.then, stmt.orelse))
            stmts.append(replace(stmt, outs=(*stmt.outs, through), then=then, orelse=orelse))
        else:
            stmts.append(stmt)
    return replace(block, stmts=tuple(stmts), yields=(*block.yields, through))


def _same_items(first: Loop, second: Loop, outer: Mapping[Var, Atom]) -> dict[Var, Atom]:
    """Items of the second loop that are items of the first: both go through all of one sequence."""

    def sequences(loop: Loop) -> tuple[Atom | Range, ...]:
        return () if loop.iter is None else loop.iter.seqs if isinstance(loop.iter, Each) else (loop.iter,)

    def there(seq: Atom | Range) -> Atom | Range:
        if isinstance(seq, Range):
            start, stop, step = (outer.get(a, a) if isinstance(a, Var) else a for a in (seq.start, seq.stop, seq.step))
            return Range(start, stop, step)
        return outer.get(seq, seq) if isinstance(seq, Var) else seq

    if first.iter is None or first.iter.reverse:
        return {}
    items = dict(zip(sequences(first), first.body.params, strict=False))
    pairs = zip(map(there, sequences(second)), second.body.params, strict=False)
    return {} if first.exit is not None else {here: items[seq] for seq, here in pairs if seq in items}


def _seq(loop: Loop, at: int) -> Var:
    assert isinstance(loop.iter, Each)
    seq = loop.iter.seqs[at]
    assert isinstance(seq, Var)
    return seq


def _there(atom: Atom, match: _Match) -> Atom:
    return match.same.get(atom, atom) if isinstance(atom, Var) else atom


def _alike(a: Var, b: Var) -> bool:
    """Whether two types differ in nothing but what is known of lengths."""
    if isinstance(a.type, Array) and isinstance(b.type, Array):
        return a.type.dtype == b.type.dtype and a.type.ndim == b.type.ndim
    return a.type == b.type


def _is_known(stmt: Stmt, match: _Match) -> bool:
    """Whether the first loop has computed what a statement of the second one computes."""
    return isinstance(stmt, Call) and bool(stmt.outs) and match.calls.get(stmt.outs[0]) is stmt


def _is_cheap(call: Call) -> bool:
    assert isinstance(call.op, Op)
    power = call.op.name == "pow" and isinstance(call.args[1], Const) and call.args[1].value in (2, 3)
    return power or call.op.name in _CHEAP or call.op.view is not View.FRESH or bool(call.op.shape_only)


def _chain(call: Call, match: _Match, known: Collection[Atom]) -> list[Call]:
    """A call with those that it needs, back to what is kept anyway."""
    found = [call]
    for c in found:
        inner = (match.calls[a] for a in operands(c) if isinstance(a, Var) and a in match.calls and a not in known)
        found.extend(i for i in inner if all(i is not f for f in found))
    return found


def _all_yields(body: Block) -> Iterator[Atom]:
    for block in (body, *(b for s in walk(body) for b in blocks(s))):
        yield from block.yields


def _exchanged(block: Block, table: Mapping[int, tuple[Stmt, ...]], known: dict[int, Block] | None = None) -> Block:
    """The block with other statements in the place of some, by their `id`; nested blocks too.  `known`: those that are done, by theirs."""
    known = {} if known is None else known
    if id(block) in known:
        return known[id(block)]
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if id(stmt) in table:
            stmts.extend(table[id(stmt)])
        else:
            inner = blocks(stmt)
            new = tuple(_exchanged(b, table, known) for b in inner)
            stmts.append(stmt if all(a is b for a, b in zip(inner, new, strict=True)) else with_blocks(stmt, new))
    same = len(stmts) == len(block.stmts) and all(a is b for a, b in zip(stmts, block.stmts, strict=True))
    known[id(block)] = block if same else replace(block, stmts=tuple(stmts))
    return known[id(block)]


def _remeasured(block: Block, lengths: dict[Var, Var]) -> Block:
    """The block with the lengths of other lists asked for."""

    def other(atom: Atom) -> Atom:
        return lengths.get(atom, atom) if isinstance(atom, Var) else atom

    table = {id(s): (map_atoms(s, other, other),) for s in walk(block) if isinstance(s, Call) and s.op.name == LENGTH.name}
    return _exchanged(block, table) if lengths else block
