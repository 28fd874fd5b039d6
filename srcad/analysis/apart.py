"""Places of an array or list that are sure to be two: whole numbers that differ by a known amount, both counted from the same end.

    for (i: int) in range(1, n, 1) {
      %1: int = sub(i, 1)

Here `i` and `%1` are apart; if the range began at 0, `%1` could be -1, which in a list of one item is place 0.
"""
from __future__ import annotations

from srcad.ir.nodes import Arg, Block, Call, Const, Each, Loop, Pack, Range, SliceArg, Var
from srcad.ir.types import INT
from srcad.ir.visit import walk


class Places:
    """What is known of the whole numbers of a function."""

    def __init__(self, body: Block) -> None:
        self._least: dict[Var, int] = {}  # of items of ranges
        self._sums: dict[Var, tuple[Var, int]] = {}  # a number and what is added to it
        for stmt in walk(body):
            if isinstance(stmt, Loop):
                self._loop(stmt)
            elif isinstance(stmt, Call) and len(stmt.outs) == 1 and stmt.outs[0].type == INT:
                self._call(stmt)

    def apart(self, a: Arg, b: Arg) -> bool:
        """Whether two places are sure to be two, wherever both are."""
        if isinstance(a, Pack) and isinstance(b, Pack):
            pairs = list(zip(a.items, b.items, strict=False))
            plain = len(a.items) == len(b.items) and all(_takes_an_axis(i) for pair in pairs for i in pair)
            return plain and any(self.apart(x, y) for x, y in pairs)
        x, y = self._number(a), self._number(b)
        if x is None or y is None or x[0] != y[0] or x[1] == y[1]:
            return False
        if x[0] is None and max(x[1], y[1]) < 0:
            return True  # both are counted from the end
        least = 0 if x[0] is None else self._least.get(x[0])
        return least is not None and least + min(x[1], y[1]) >= 0

    def _number(self, arg: Arg) -> tuple[Var | None, int] | None:
        """A place as a number that is not known and what is added to it."""
        if isinstance(arg, Const):
            return (None, arg.value) if type(arg.value) is int else None
        if not isinstance(arg, Var) or arg.type != INT:
            return None
        return self._sums.get(arg, (arg, 0))

    def _call(self, stmt: Call) -> None:
        match stmt.op.name, stmt.args:
            case ("add", (Var() as v, Const(int() as n))) | ("add", (Const(int() as n), Var() as v)) if v.type == INT:
                root, more = self._sums.get(v, (v, 0))
                self._sums[stmt.outs[0]] = root, more + n
            case ("sub", (Var() as v, Const(int() as n))) if v.type == INT:
                root, more = self._sums.get(v, (v, 0))
                self._sums[stmt.outs[0]] = root, more - n

    def _loop(self, loop: Loop) -> None:
        parts = loop.iter.seqs if isinstance(loop.iter, Each) else (loop.iter,)
        for item, part in zip(loop.body.params, parts, strict=False):
            if isinstance(part, Range) and isinstance(part.start, Const) and isinstance(part.step, Const):
                start, step = part.start.value, part.step.value
                if type(start) is int and type(step) is int and step > 0:
                    self._least[item] = start


def _takes_an_axis(part: Arg) -> bool:
    """Whether a part of an index stands for one axis, the same one in every index."""
    if isinstance(part, Var):
        return part.type == INT
    return isinstance(part, SliceArg) or (isinstance(part, Const) and type(part.value) is int)
