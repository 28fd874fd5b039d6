"""Exit numbers: which values they have where, and branches that ask for them.

`if a: if b: return x` lowers to a number that says how the first `if` was left, and an `If` behind it that asks for that
number.  Where all values are known, what the second one would do is written into the branches of the first.
"""
from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcad.backend.nodes import Noted
from srcad.backend.tails import FALLS, TRIP, Behind, NextTrip, Returns, Tail, substituted, write_behind
from srcad.backend.writer import block_diverges
from srcad.ir.nodes import Atom, Block, Call, Const, If, Op, Stmt, Undef, Var
from srcad.ir.visit import free_vars

if TYPE_CHECKING:
    from srcad.backend.body import Body

COMPARE: dict[str, Callable[[int, int], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


def exits(block: Block, atom: Atom) -> list[Atom]:
    """The values that an exit number has at the ends of a block."""
    if isinstance(atom, Undef) or block_diverges(block):
        return []
    last = block.stmts[-1] if block.stmts else None
    if not isinstance(last, If) or not isinstance(atom, Var) or atom not in last.outs:
        return [atom]
    n = last.outs.index(atom)
    ask = asks(block.stmts, len(block.stmts) - 3)
    found: list[Atom] = []
    for side in (last.then, last.orelse):
        if ask is not None and side.yields and side.yields[n] == ask.first.outs[ask.exit]:
            found.extend(Const(k) for k in ask.sites(side))
        elif side.yields:
            found.extend(exits(side, side.yields[n]))
    return found


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
            falls = write_behind(body, self.outs, yields, behind, skip)
            if falls and not self.whole:
                body.out.append(Noted(ast.Continue(), None, body.loc))
                return False
            return falls
        keep = [i for i in range(len(self.outs)) if i != skip]
        body.copies([self.outs[i] for i in keep], [yields[i] for i in keep])
        body.pending.flush_all()
        return True

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


@dataclass(frozen=True, slots=True)
class Ask:
    """An `If` whose outs hold an exit number, and the last statement of the block, an `If` that asks for it."""

    first: If
    exit: int
    last: If
    numbers: tuple[int, ...]  # at the ends of `first`
    then: frozenset[int]  # those for which `last` takes its `then`

    def sites(self, block: Block) -> list[int]:
        """The ends after which a branch of `last` is taken, one by one."""
        return [n for n in self.numbers if (n in self.then) == (block is self.last.then)]

    def closable(self, block: Block) -> bool:
        """Whether a branch of `last` can be written at the ends without repeating it."""
        return not block.stmts or len(self.sites(block)) <= 1


def asks(stmts: Sequence[Stmt], at: int) -> Ask | None:
    """Whether an `If` decides on an exit number that only the last statement asks for."""
    if at < 0 or at + 3 != len(stmts):
        return None
    match stmts[at], stmts[at + 1], stmts[at + 2]:
        case If(outs=outs) as first, Call((out,), Op(name=name), (Var() as number, Const(int() as wanted)), ()), If(cond=cond) as last if (
            number in outs and out == cond and name in COMPARE
        ):
            n = outs.index(number)
        case _:
            return None
    values = [v for side in (first.then, first.orelse) if side.yields for v in exits(side, side.yields[n])]
    numbers = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, int)]
    if len(numbers) < len(values):
        return None
    return Ask(first, n, last, tuple(numbers), frozenset(k for k in numbers if COMPARE[name](k, wanted)))


def thread(body: Body, stmts: Sequence[Stmt], at: int, yields: Sequence[Atom], tail: Tail) -> bool | None:
    """Write an `If` and the one that asks for its exit number.  Whether control comes out of the end; None: they are not such."""
    if not isinstance(tail, Returns | NextTrip | Threaded):
        return None
    ask = asks(stmts, at)
    if ask is None or any(body.writer.counts.get(v) != 1 for v in stmts[at + 1].outs):
        return None
    number = ask.first.outs[ask.exit]
    sides = [ask.last.then, ask.last.orelse]
    flag = any(number in free_vars(Block((), b.stmts, ())) for b in sides)
    known = {id(b): substituted(yields, ask.last.outs, b.yields) for b in sides}

    def behind(block: Block) -> dict[int, Behind]:
        return {n: Behind(block, known[id(block)], tail, falls=False) for n in ask.sites(block)}

    def leaves(block: Block) -> bool:
        ends = [tail.ends(substituted(known[id(block)], (number,), (Const(n),))) for n in ask.sites(block)]
        return block_diverges(block) or all(e != FALLS for e in ends)

    body.pending.flush_all(keep=[v for v in (ask.first.cond,) if isinstance(v, Var)])
    for block, other in (sides, sides[::-1]):
        rest = set(ask.sites(other))
        unclear = number in known[id(other)] and len(rest) > 1
        if ask.closable(block) and leaves(block) and not (unclear or (not block.stmts and not other.stmts)):
            falls = _branch(body, ask.first, Threaded(ask.first.outs, ask.exit, flag, False, behind(block)))
            ends = substituted(known[id(other)], (number,), (Const(min(rest)),)) if rest else known[id(other)]
            return body.run(other.stmts, ends, tail) if falls else False
    if all(map(ask.closable, sides)):
        return _branch(body, ask.first, Threaded(ask.first.outs, ask.exit, flag, True, behind(sides[0]) | behind(sides[1])))
    return None


def _branch(body: Body, stmt: If, tail: Threaded) -> bool:
    return body.branch(stmt, lambda block: (block.yields, tail))
