"""A branch that the branch before has decided is part of that one: it asks for the same, or for what that one gives.

    def f(x: float) {
      %1: bool = gt(x, 2.0)
      y: float, exit: int = if %1 {
        %2: float = mul(x, 3.0)
        yield %2, 2
      } else {
        yield undef, 0
      }
      %3: bool = eq(exit, 0)
      z: float = if %3 {
        %4: float = mul(x, x)
        yield %4
      } else {
        yield y
      }
      return z
    }

becomes

    def f(x: float) {
      %1: bool = gt(x, 2.0)
      y: float, exit: int, %3: bool, z: float = if %1 {
        %2: float = mul(x, 3.0)
        yield %2, 2, False, %2
      } else {
        %4: float = mul(x, x)
        yield undef, 0, True, %4
      }
      return z
    }

Loops over displays, which are followed item by item, leave such branches behind where they are left early; reverse sweeps of what
branches choose ask the same twice.  No statement is repeated, and what may be written as `a if c else b` stays as it is.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from srcad.ir.build import Names
from srcad.ir.nodes import UNDEF, Arg, Atom, Block, Call, Const, Func, If, Stmt, Undef, Var
from srcad.ir.types import is_scalar
from srcad.ir.visit import all_defs, block_diverges, blocks, substitute, walk, with_blocks

Values = dict[Var, Atom]
"""What the outs of a branch are on one of its paths."""


def thread(func: Func) -> Func:
    """The function with decided branches inside those that decide them."""
    if sum(isinstance(s, If) for s in walk(func.body)) < 2:
        return func
    return replace(func, body=_Threads(Names(v.name for v in all_defs(func.body))).block(func.body))


@dataclass(frozen=True, slots=True)
class _Second:
    """A branch, and the comparisons with literals just before it that it depends on."""

    tests: tuple[Call, ...]
    stmt: If
    first: Atom  # the condition of the branch before

    @property
    def outs(self) -> tuple[Var, ...]:
        """What all of these define."""
        return (*(t.outs[0] for t in self.tests), *self.stmt.outs)

    def given(self, stmt: If, branch: Block, values: Values) -> Values:
        """What the outs of a branch are on one side of it, and what `values` that are these are there."""
        own: Values = dict(zip(stmt.outs, branch.yields, strict=True))
        if stmt.cond == self.first and isinstance(stmt.cond, Var):
            own[stmt.cond] = UNDEF if block_diverges(branch) else Const(branch is stmt.then)
        return own | {v: own.get(a, a) if isinstance(a, Var) else a for v, a in values.items()}

    def decided(self, values: Values) -> Atom | None:
        """The condition on a path, UNDEF where the path ends before it; None if it is not known."""
        return self._known(values).get(self.stmt.cond) if isinstance(self.stmt.cond, Var) else None

    def taken(self, values: Values) -> Block:
        """What is done and given on a path."""
        known = self._known(values)
        cond = known[self.stmt.cond]  # type: ignore[index]  # a variable
        if not isinstance(cond, Const):
            return Block((), (), (UNDEF,) * len(self.outs))
        given = {v: a for v, a in known.items() if v != self.first}  # which may be of another type than its truth
        inner = substitute(self.stmt.then if cond.value else self.stmt.orelse, given)
        return Block((), inner.stmts, (*(known[t.outs[0]] for t in self.tests), *inner.yields))

    def _known(self, values: Values) -> Values:
        known = dict(values)
        for test in self.tests:
            found = _compared(test.op.name, [known.get(a, a) if isinstance(a, Var) else a for a in test.args])
            if found is not None:
                known[test.outs[0]] = found
        return known


class _Threads:
    """Rewrites the blocks of one function."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def block(self, block: Block) -> Block:
        """The block, the blocks in it first."""
        left, out = list(block.stmts), list[Stmt]()
        while left:
            stmt = left.pop(0)
            stmt = with_blocks(stmt, tuple(map(self.block, blocks(stmt))))
            second = _second(stmt, left) if isinstance(stmt, If) else None
            if isinstance(stmt, If) and second is not None and _fits(stmt, second):
                del left[: len(second.tests) + 1]
                left.insert(0, self._joined(stmt, second, second.outs, {}))
            else:
                out.append(stmt)
        return replace(block, stmts=tuple(out))

    def _joined(self, first: If, second: _Second, outs: tuple[Var, ...], values: Values) -> If:
        """The first branch with the second on each of its paths, giving `outs` too."""
        made: list[Block] = []
        for branch in (first.then, first.orelse):
            given = second.given(first, branch, values)
            inner = _last(branch, given)
            if inner is not None and not isinstance(second.decided(given), Const):
                new = tuple(self.names.var(o.hint, o.type) for o in outs)
                joined = self._joined(inner, second, new, given)
                made.append(Block((), (*branch.stmts[:-1], joined), (*branch.yields, *new)))
            else:
                taken = second.taken(given)
                made.append(Block((), (*branch.stmts, *taken.stmts), (*branch.yields, *taken.yields)))
        return replace(first, outs=(*first.outs, *outs), then=made[0], orelse=made[1])


def _second(first: If, behind: Sequence[Stmt]) -> _Second | None:
    """The branch that follows another one and depends on nothing but that."""
    tests: list[Call] = []
    given = set[Arg](first.outs)
    asked = set[Arg]((first.cond,) if isinstance(first.cond, Var) and is_scalar(first.cond.type) else ())
    for stmt in behind:
        if isinstance(stmt, If):
            again = stmt.cond in asked and not (_is_expression(first) or _is_expression(stmt))
            return _Second(tuple(tests), stmt, first.cond) if again or stmt.cond in given else None
        if not isinstance(stmt, Call) or stmt.op.name not in _TESTS or stmt.params:
            return None
        if all(isinstance(a, Const) or a in given for a in stmt.args):
            given.update(stmt.outs)
        elif stmt.op.name == "not_" and asked.issuperset(stmt.args):
            asked.update(stmt.outs)
        else:
            return None
        tests.append(stmt)
    return None


def _is_expression(stmt: If) -> bool:
    """Whether a branch may be written as `a if c else b`, `c and a` or `c or a`."""
    return len(stmt.outs) == 1 and (not stmt.outs[0].hint or stmt.cond in (*stmt.then.yields, *stmt.orelse.yields))


def _fits(first: If, second: _Second) -> bool:
    """Whether all paths through a branch decide the second one, so that nothing of it is needed twice."""
    found = list(_decisions(first, second, {}))
    if any(d is None or not isinstance(d, Const | Undef) for d in found):
        return False
    truths = [bool(d.value) for d in found if isinstance(d, Const)]
    return all(truths.count(side) <= 1 or not b.stmts for side, b in ((True, second.stmt.then), (False, second.stmt.orelse)))


def _decisions(first: If, second: _Second, values: Values) -> Iterator[Atom | None]:
    for branch in (first.then, first.orelse):
        given = second.given(first, branch, values)
        decided, inner = second.decided(given), _last(branch, given)
        if inner is not None and not isinstance(decided, Const):
            yield from _decisions(inner, second, given)
        else:
            yield decided


def _last(branch: Block, values: Values) -> If | None:
    """The branch at the end of a block, if some of the values are what it gives."""
    last = branch.stmts[-1] if branch.stmts else None
    return last if isinstance(last, If) and any(o in values.values() for o in last.outs) else None


_TESTS = ("eq", "ne", "not_")


def _compared(name: str, args: Sequence[Arg]) -> Atom | None:
    """The truth of a comparison of literals, UNDEF of what is not reached."""
    if UNDEF in args:
        return UNDEF
    values = [a.value for a in args if isinstance(a, Const)]
    if len(values) < len(args) or any(type(v) not in (bool, int) for v in values):
        return None
    return Const(not values[0] if name == "not_" else (values[0] == values[1]) is (name == "eq"))
