"""Elements of arrays that are surely there: reading them cannot raise.

    n: int = len(x)
    %1: int = sub(n, 1)
    s: real = for (i: int) in range(0, %1, 1) carry (...) {
      %2: int = add(i, 1)
      %3: np.float64 = getitem(x, %2)

Where the loop runs, `i` is from 0 to `n - 2`, and `%2` from 1 to `n - 1`.  So are those that a statement before has read or written,
or would have raised: all versions of an array have one shape.
"""
from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from srcad.analysis.versions import STORES, Versions
from srcad.ir import lengths
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Each, Effect, FuncRef, If, Loop, Op, Pack, Range, SliceArg, Stmt, Try, Var, With
from srcad.ir.types import INT, Array, Dim
from srcad.ir.visit import block_diverges, blocks

_Place: TypeAlias = tuple[Var, int, Atom]
"""An array, or what stands for its versions; an axis; and a position on it."""
_NONE = Const(None)


@dataclass(frozen=True, slots=True)
class _Span:
    """Whole numbers from `low` to the length `high`, which stands for `token - less` and is not cut off at 0."""

    low: int
    high: Dim | None

    def moved(self, by: int) -> _Span:
        """The numbers with a number added."""
        return _Span(self.low + by, None if self.high is None else Dim(self.high.token, self.high.less - by))

    def is_within(self, axis: Dim) -> bool:
        """Whether these are positions on an axis, counted from its start or, if negative, from its end; some number is among these."""
        if axis.unknown or self.high is None:
            return False
        if self.high.token.startswith("=") and axis.length is not None:
            return self.low >= -axis.length and int(self.high.token[1:]) - self.high.less < axis.length
        if self.high.token != axis.token or self.high.less <= axis.less:
            return False
        longer = self.low + self.high.less - axis.less  # the axis is at least so long, since `low` is at most `high`
        return self.low >= -max(longer, 0)


_ANY = _Span(-sys.maxsize, None)


def surely_there(block: Block) -> Iterator[int]:
    """The identities of the statements that read elements by whole numbers and cannot raise."""
    yield from _Reader(Versions(block)).block(block)


class _Reader:
    """Goes through a function in its order, with what is known of whole numbers, and the places that were there before."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._lengths: lengths.Lengths = {}
        self._spans: dict[Var, _Span] = {}
        self._seen: frozenset[_Place] = frozenset()

    def block(self, block: Block) -> Iterator[int]:
        """The reads in a block."""
        for stmt in block.stmts:
            yield from self._stmt(stmt)

    def _inside(self, stmt: Stmt) -> Iterator[int]:
        """The reads in the blocks of a statement; behind a branch what both sides have seen is there."""
        before, behind = self._seen, list[frozenset[_Place]]()
        for inner in blocks(stmt):
            self._seen = before
            yield from self.block(inner)
            if isinstance(stmt, If) and not block_diverges(inner):
                behind.append(self._seen)
        self._seen = frozenset.intersection(*behind) if behind else before

    def _stmt(self, stmt: Stmt) -> Iterator[int]:
        match stmt:
            case Call(_, op, args, params):
                self._note(stmt)
                if op.name == "getitem" and len(args) == 2 and not params and self._is_there(args[0], args[1]):
                    yield id(stmt)
                if isinstance(op, Op) and op.effects & Effect.RAISES and (op.name == "getitem" or (op.name in STORES and len(args) > 2)):
                    self._seen = self._seen.union(self._places(args[0], args[1]))
            case Loop(iter=it, body=body):
                parts: Iterable[object] = it.seqs if isinstance(it, Each) else (it,)
                self._spans.update((p, span) for p, r in zip(body.params, parts, strict=False) if (span := self._items(r)) is not None)
            case If() | Try() | With():
                pass
        if not isinstance(stmt, Call):
            yield from self._inside(stmt)

    def _note(self, stmt: Call) -> None:
        if stmt.op.name == "unpack" and isinstance(stmt.args[0], Var):
            lengths.unpacked(self._lengths, stmt.args[0], stmt.outs)
        elif len(stmt.outs) == 1 and isinstance(stmt.op, Op):
            lengths.note(self._lengths, stmt.op, stmt.args, stmt.outs[0])
        for out in stmt.outs:
            if out.type == INT:
                self._spans[out] = self._sum(stmt.op, stmt.args) or self._length(out)

    def _length(self, out: Var) -> _Span:
        """What is known of a whole number that may be a length."""
        dims = self._lengths.get(out.name, ())
        low = lengths.least(self._lengths, out)
        return _Span(low, dims[0] if dims and (dims[0].less <= 0 or low >= 0) else None)  # shorter ones may have been cut off at 0

    def _sum(self, op: Op | FuncRef, args: tuple[Arg, ...]) -> _Span | None:
        match op.name, args:
            case ("add", (Var() as v, Const(int() as n))) | ("add", (Const(int() as n), Var() as v)):
                return self._span(v).moved(n)
            case ("sub", (Var() as v, Const(int() as n))):
                return self._span(v).moved(-n)
            case ("mod", (Var(), Const(int() as n))) if n > 0:
                return _Span(0, Dim(f"={n}", 1))
            case ("mod", (Var(), Var() as v)) if v.type == INT and (length := self._length(v).high) is not None:
                return _Span(0, Dim(length.token, length.less + 1))
        return None

    def _span(self, atom: Atom) -> _Span:
        low = atom.value if isinstance(atom, Const) and isinstance(atom.value, int) else -sys.maxsize
        return self._spans.get(atom, _ANY) if isinstance(atom, Var) else _Span(low, None)

    def _items(self, it: object) -> _Span | None:
        """The numbers that a loop goes through, if it runs at all."""
        if not isinstance(it, Range) or not isinstance(it.step, Const) or not isinstance(it.step.value, int):
            return None
        start, stop = self._span(it.start), self._span(it.stop)
        if it.step.value > 0:
            return _Span(start.low, stop.moved(-1).high)
        return _Span(stop.moved(1).low, start.high)

    def _is_there(self, array: Arg, index: Arg) -> bool:
        shape = array.type.shape if isinstance(array, Var) and isinstance(array.type, Array) else ()
        places = _subscripts(index)
        if not isinstance(array, Var) or not 0 < len(places) <= len(shape):
            return False
        return all(self._is_at(array, n, p, axis) for n, (p, axis) in enumerate(zip(places, shape, strict=False)))

    def _is_at(self, array: Var, n: int, place: Arg, axis: Dim) -> bool:
        """Whether one subscript is within its axis, the one of that number."""
        if isinstance(place, SliceArg):
            return place.step == _NONE and all(p == _NONE or _is_position(p) for p in (place.lower, place.upper))
        if not _is_position(place):
            return False
        if (self._named(array), n, place) in self._seen:
            return True
        if isinstance(place, Const):
            return -lengths.shortest(axis) <= place.value < lengths.shortest(axis)  # type: ignore[operator]  # a whole number
        return isinstance(place, Var) and self._span(place).is_within(axis)

    def _places(self, array: Arg, index: Arg) -> Iterator[_Place]:
        """The places that are there where a subscript of numbers and slices has not raised."""
        places = _subscripts(index)
        if isinstance(array, Var) and isinstance(array.type, Array) and all(_is_position(p) or isinstance(p, SliceArg) for p in places):
            yield from ((self._named(array), n, p) for n, p in enumerate(places) if _is_position(p))  # type: ignore[misc]  # atoms

    def _named(self, array: Var) -> Var:
        return self._versions.chain(array) or array


def _subscripts(index: Arg) -> tuple[Arg, ...]:
    return index.items if isinstance(index, Pack) and index.kind == "tuple" else (index,)


def _is_position(place: Arg) -> bool:
    return (isinstance(place, Var) and place.type == INT) or (isinstance(place, Const) and type(place.value) is int)
