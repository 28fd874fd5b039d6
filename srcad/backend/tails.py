"""What happens at the end of a block: its yields are assigned, returned, carried into the next trip, or are the value of an
expression.

`close` writes that; it returns whether control comes out of the end.  `splits`: whether an `If` at the end of the block
should rather close each of its branches.  `jumps`: whether closing with these yields leaves the function, so that it may
stand anywhere.
"""
from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from srcad.backend.nodes import Noted
from srcad.backend.pending import Footprint
from srcad.backend.values import evaluated, value_of
from srcad.ir.nodes import UNDEF, Arg, Atom, Block, Const, Func, If, Pack, Undef, Var
from srcad.ir.visit import free_vars

if TYPE_CHECKING:
    from srcad.backend.body import Body

FALLS, LEAVES, TRIP = "falls", "leaves", "trip"
EVERYTHING = Footprint(reads=True, raises=True, writes=True)


class Tail(Protocol):
    """What happens at the end of a block."""

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Write it; whether control comes out of the end."""

    def splits(self, stmt: If, yields: Sequence[Atom]) -> bool:
        """Whether the branches of an `If` at the end are better closed one by one."""

    def jumps(self, yields: Sequence[Atom]) -> bool:
        """Whether closing leaves the function."""

    def ends(self, yields: Sequence[Atom]) -> str:
        """Where control goes: FALLS out of the end, LEAVES for elsewhere, or to the end of the TRIP of a loop."""


class Falling:
    """What holds of most tails: branches are not closed one by one, and control comes out of the end."""

    __slots__ = ()

    def splits(self, stmt: If, yields: Sequence[Atom]) -> bool:
        """Never."""
        return False

    def jumps(self, yields: Sequence[Atom]) -> bool:
        """Never."""
        return False

    def ends(self, yields: Sequence[Atom]) -> str:
        """Out of the end."""
        return FALLS


def substituted(yields: Sequence[Atom], outs: Sequence[Var], values: Sequence[Atom]) -> tuple[Atom, ...]:
    """The yields with `outs` replaced; a branch without values leaves them undefined."""
    table = dict(zip(outs, values, strict=False))
    missing = set(outs) - set(table)
    return tuple(UNDEF if y in missing else table.get(y, y) if isinstance(y, Var) else y for y in yields)


@dataclass(frozen=True, slots=True)
class Deliver(Falling):
    """The yields are assigned to variables, in a branch as well."""

    outs: tuple[Var, ...]

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Assign."""
        body.copies(self.outs, yields)
        body.pending.flush_all()
        return True


@dataclass(frozen=True, slots=True)
class Returns:
    """The yields are the result of the function."""

    func: Func

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Return."""
        tree = _placed(result_tree(self.func), yields)
        used = list(evaluated(tree))
        once = [y for y in used if used.count(y) == 1]
        body.settle(once, EVERYTHING, forced=[y for y in used if used.count(y) > 1])
        body.pending.flush_all(keep=[y for y in once if isinstance(y, Var)])
        value = value_of(tree, body.atom)
        nothing = isinstance(value, ast.Constant) and value.value is None
        body.out.append(Noted(ast.Return(value=None if nothing else value), None, body.loc))
        return False

    def splits(self, stmt: If, yields: Sequence[Atom]) -> bool:
        """Where the branches give the result, under no name of the user."""
        outs = [y for y in yields if isinstance(y, Var)]
        return bool(outs) and all(o in stmt.outs and o.hint in ("", "value") for o in outs)

    def jumps(self, yields: Sequence[Atom]) -> bool:
        """Always."""
        return True

    def ends(self, yields: Sequence[Atom]) -> str:
        """Out of the function."""
        return LEAVES


def result_tree(func: Func) -> Arg:
    """How the yields of a function are returned: a tree whose leaves are numbers of yields."""
    if func.result is not None:
        return func.result
    count = len(func.body.yields)
    return Const(0) if count == 1 else Pack("tuple", tuple(Const(i) for i in range(count)))


def _placed(tree: Arg, yields: Sequence[Atom]) -> Arg:
    """The tree with the yields in the place of their numbers; keys stay."""
    if isinstance(tree, Pack):
        return Pack(tree.kind, tuple(_placed(item, yields) for item in tree.items), tree.keys)
    assert isinstance(tree, Const)
    assert isinstance(tree.value, int)
    return yields[tree.value]


@dataclass(slots=True)
class Capture(Falling):
    """The only yield is the value of an expression."""

    value: tuple[ast.expr, Footprint, int] | None = None

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Keep the expression."""
        (result,) = yields
        body.settle([result], EVERYTHING)
        entry = body.pending.get(result) if isinstance(result, Var) else None
        size = 8 if entry is None else entry.size
        inside = Footprint() if entry is None else entry.footprint
        self.value = (body.atom(result), inside, size)
        body.pending.flush_all()
        return True


@dataclass(frozen=True, slots=True)
class Behind:
    """A branch behind a loop that runs only after certain exits: it is written where the loop is left."""

    block: Block
    yields: tuple[Atom, ...]
    tail: Tail
    falls: bool  # control comes out of it, behind the loop


def write_behind(body: Body, outs: Sequence[Var], yields: Sequence[Atom], behind: Behind, skip: int | None) -> bool:
    """Write what stands behind a statement whose outs would be these yields, where the yields are known."""
    inside = set(free_vars(Block((), behind.block.stmts, ()))) | later_reads(behind.tail)
    needed = [i for i, o in enumerate(outs) if i != skip and (behind.falls or o in inside)]
    body.copies([outs[i] for i in needed], [yields[i] for i in needed])
    assigned = {outs[i] for i in needed}
    direct = [o for o in outs if o not in assigned], [y for o, y in zip(outs, yields, strict=True) if o not in assigned]
    return body.run(behind.block.stmts, substituted(behind.yields, *direct), knowing(behind.tail, *direct))


def ask_for(body: Body, number: Var, value: int, stmts: list[ast.stmt]) -> None:
    """Write `if number == value: stmts`."""
    test = ast.Compare(left=body.slot(number), ops=[ast.Eq()], comparators=[ast.Constant(value=value)])
    body.out.append(Noted(ast.If(test=test, body=stmts, orelse=[]), None, body.loc))


def _with_number(yields: Sequence[Atom], at: int, value: int) -> tuple[Atom, ...]:
    return (*yields[:at], Const(value), *yields[at + 1 :])


def later_reads(tail: Tail) -> set[Var]:
    """Variables that statements read which a tail may write."""
    if not isinstance(tail, Threaded):
        return set()
    found = [set(free_vars(Block((), b.block.stmts, ()))) | later_reads(b.tail) for b in tail.behind.values()]
    return set().union(*found)


def knowing(tail: Tail, outs: Sequence[Var], values: Sequence[Atom]) -> Tail:
    """The tail where the values of some variables are known."""
    if not isinstance(tail, Threaded):
        return tail
    behind = {n: replace(b, yields=substituted(b.yields, outs, values), tail=knowing(b.tail, outs, values)) for n, b in tail.behind.items()}
    return replace(tail, behind=behind)


@dataclass(slots=True)
class NextTrip:
    """The yields are carried into the next trip of a loop, unless the exit number among them ends it."""

    params: tuple[Var, ...]
    outs: tuple[Var, ...]
    exit: int | None = None
    flag: bool = False  # the exit number is a variable, too
    behind: dict[int, Behind] = field(default_factory=dict)
    complete: bool = False  # it leaves with the exits in `behind` only

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Assign the carried values; `break` where the loop ends."""
        number = None if self.exit is None else yields[self.exit]
        if number is None or isinstance(number, Undef) or number == Const(0):
            self._carry(body, yields, flag=False)
            return True
        if isinstance(number, Var):
            self._computed(body, yields, number)
            return True
        assert isinstance(number, Const)
        assert isinstance(number.value, int)
        behind = self.behind.get(number.value)
        if behind is None:
            self._carry(body, yields, flag=self.flag)
            falls = True
        else:
            falls = self._leave(body, yields, behind)
        if falls:
            body.out.append(Noted(ast.Break(), None, body.loc))
        return False

    def _computed(self, body: Body, yields: Sequence[Atom], number: Var) -> None:
        """The end of a trip whose exit number shows only when it runs."""
        assert self.exit is not None
        body.pending.flush_all()
        for value, behind in self.behind.items():
            inner = body.inner()
            falls = self._leave(inner, _with_number(yields, self.exit, value), behind)
            inner.out.extend([Noted(ast.Break(), None, body.loc)] if falls else [])
            ask_for(body, number, value, inner.out)
        if self.complete:
            self._carry(body, yields, flag=False)
            return
        self._carry(body, yields, flag=True)
        leave = ast.If(test=body.slot(self.params[self.exit]), body=[ast.Break()], orelse=[])
        body.out.append(Noted(leave, None, body.loc))

    def _carry(self, body: Body, yields: Sequence[Atom], *, flag: bool) -> None:
        keep = [i for i in range(len(self.params)) if i != self.exit or flag]
        body.copies([self.params[i] for i in keep], [yields[i] for i in keep])
        body.pending.flush_all()

    def _leave(self, body: Body, yields: Sequence[Atom], behind: Behind) -> bool:
        return write_behind(body, self.outs, yields, behind, None if self.flag else self.exit)

    def swapped(self, yields: Sequence[Atom]) -> list[Var]:
        """New values of carried variables whose old values move into other ones at the same time."""
        found = []
        for i, (p, y) in enumerate(zip(self.params, yields, strict=True)):
            if isinstance(y, Var) and y.hint == p.hint != "" and p in (*yields[:i], *yields[i + 1 :]):
                found.append(y)
        return found

    def splits(self, stmt: If, yields: Sequence[Atom]) -> bool:
        """Where the branches decide whether the loop goes on."""
        return self.exit is not None and yields[self.exit] in stmt.outs

    def jumps(self, yields: Sequence[Atom]) -> bool:
        """Where the loop is left by a statement that leaves the function."""
        number = None if self.exit is None else yields[self.exit]
        behind = self.behind.get(number.value) if isinstance(number, Const) and isinstance(number.value, int) else None
        return behind is not None and not behind.falls

    def ends(self, yields: Sequence[Atom]) -> str:
        """Out of the loop, or to the end of the trip."""
        number = None if self.exit is None else yields[self.exit]
        return LEAVES if isinstance(number, Const) and number != Const(0) else TRIP


@dataclass(frozen=True, slots=True)
class Threaded:
    """The end of a branch of an `If` whose exit number the `If` behind it asks for."""

    outs: tuple[Var, ...]
    exit: int
    flag: bool  # the number is a variable, too
    whole: bool  # all numbers are dealt with in the branches: nothing stands behind the statement
    behind: dict[int, Behind]

    def close(self, body: Body, yields: Sequence[Atom]) -> bool:
        """Write the branch behind that is known to be taken, or assign the outs."""
        behind = self._behind(yields)
        skip = None if self.flag else self.exit
        if behind is not None:
            return self._write(body, yields, behind)
        number = yields[self.exit]
        if isinstance(number, Var):
            body.pending.flush_all()
            for value, b in self.behind.items():
                inner = body.inner()
                self._write(inner, _with_number(yields, self.exit, value), b)
                ask_for(body, number, value, inner.out)
        keep = [i for i in range(len(self.outs)) if i != skip]
        body.copies([self.outs[i] for i in keep], [yields[i] for i in keep])
        body.pending.flush_all()
        return True

    def _write(self, body: Body, yields: Sequence[Atom], behind: Behind) -> bool:
        falls = write_behind(body, self.outs, yields, behind, None if self.flag else self.exit)
        if falls and not self.whole:
            body.out.append(Noted(ast.Continue(), None, body.loc))
            return False
        return falls

    def _behind(self, yields: Sequence[Atom]) -> Behind | None:
        number = yields[self.exit]
        return self.behind.get(number.value) if isinstance(number, Const) and isinstance(number.value, int) else None

    def splits(self, stmt: If, yields: Sequence[Atom]) -> bool:
        """Where the branches decide on the number."""
        return yields[self.exit] in stmt.outs

    def jumps(self, yields: Sequence[Atom]) -> bool:
        """Where the branch behind leaves the function."""
        behind = self._behind(yields)
        return behind is not None and behind.tail.jumps(substituted(behind.yields, self.outs, yields))

    def ends(self, yields: Sequence[Atom]) -> str:
        """As the branch behind does."""
        behind = self._behind(yields)
        return FALLS if behind is None else behind.tail.ends(substituted(behind.yields, self.outs, yields))
