"""A sum of outer products over the trips of a loop becomes one product of matrices behind it.

    def f(g: list[float64[n]], W: float64[n, n]) {
      %1: float64[n, n] = zeros_like_shape(W)
      W_bar: float64[n, n] = for (a: float64[n]) in zip(g) carry (W_bar.1: float64[n, n] = %1) {
        %2: float64[n, n] = np.outer(a, a)
        W_bar.2: float64[n, n] = accum(W_bar.1, %2)
        yield W_bar.2
      }
      return W_bar
    }

becomes

    def f(g: list[float64[n]], W: float64[n, n]) {
      %1: float64[n, n] = zeros_like_shape(W)
      W_outers: list[tuple(float64[n], float64[n])] = tape_new()
      W_outers.2: list[tuple(float64[n], float64[n])] = for (a: float64[n]) in zip(g) carry (W_outers.1: list[tuple(float64[n], float64[n])] = W_outers) {
        %4: tuple(float64[n], float64[n]) = pack((a, a))
        W_outers.4: list[tuple(float64[n], float64[n])] = tape_push(W_outers.1, %4)
        yield W_outers.4
      }
      %3: float64[n, n] = outer_sum(W_outers.2)
      W_bar: float64[n, n] = accum(%1, %3)
      return W_bar
    }

A trip then costs two references where it made, and added, a matrix.  The vectors must stay as they are until the loop is over.
"""  # noqa: E501 - types of IR are written on every value
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from srcad.analysis.sharing import Sharing
from srcad.ir.build import Names
from srcad.ir.core import OUTER_SUM, PACK, TAPE_NEW, TAPE_PUSH
from srcad.ir.nodes import Atom, Block, Call, Const, Func, Loop, Pack, Range, Stmt, Var
from srcad.ir.types import Array, Dim, ListOf, Struct, same_shape
from srcad.ir.visit import all_defs, blocks, operands, walk, with_blocks
from srcad.ops.internal import ACCUM

_A = TypeVar("_A", bound=Atom)
_FEW = 4  # trips that are not worth a list


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a loop carries in its `position`-th place: a matrix to which each trip adds outer products, by `terms` their sum."""

    position: int
    outers: tuple[Call, ...]
    terms: tuple[Call, ...]
    add: Call

    @property
    def vectors(self) -> list[tuple[Var, Var]]:
        """The vectors of one trip, in pairs."""
        return [(left, right) for left, right in (o.args for o in self.outers) if isinstance(left, Var) and isinstance(right, Var)]


def outers(func: Func) -> Func:
    """The function with sums of outer products made behind their loops."""
    if not any(isinstance(s, Call) and s.op.name == "np.outer" for s in walk(func.body)):
        return func
    return replace(func, body=_Rewriter(func.body).block(func.body))


class _Rewriter:
    """Rewrites the loops of one function, inner ones first."""

    def __init__(self, body: Block) -> None:
        self.names = Names(v.name for v in all_defs(body))
        self.sharing = Sharing(body)
        reads = [a for s in walk(body) for a in operands(s)]
        yields = [y for s in walk(body) for b in blocks(s) for y in b.yields]
        self.counts = Counter(a for a in (*reads, *yields, *body.yields) if isinstance(a, Var))

    def block(self, block: Block) -> Block:
        """The block, rewritten."""
        stmts: list[Stmt] = []
        for stmt in block.stmts:
            new = with_blocks(stmt, tuple(self.block(b) for b in blocks(stmt)))
            stmts.extend(self._loop(new) if isinstance(new, Loop) else [new])
        return replace(block, stmts=tuple(stmts))

    def _loop(self, loop: Loop) -> list[Stmt]:
        if loop.slots or _is_short(loop):
            return [loop]
        before: list[Stmt] = []
        after: list[Stmt] = []
        while (found := self._found(loop)) is not None:
            word = found.add.outs[0].hint.removesuffix("_dot").removesuffix("_bar")
            hint = f"{word}_outers".lstrip("_")
            record = _record(found)
            new, param, out, tested = (self.names.var(hint, ListOf(record)) for _ in range(4))
            before.append(Call((new,), TAPE_NEW, (), (), loop.loc, loop.note))
            total = self.names.var("", found.add.outs[0].type)
            after.append(Call((total,), OUTER_SUM, (out,), (), loop.loc, loop.note))
            after.append(Call((loop.outs[found.position],), ACCUM, (loop.inits[found.position], total), (), loop.loc, loop.note))
            pushes: list[Call] = []
            last = param
            for call, pair in zip(found.outers, found.vectors, strict=True):
                packed, pushed = self.names.var("", record), self.names.var(hint, ListOf(record))
                pushes += (Call((packed,), PACK, (Pack("tuple", pair),), (), call.loc, call.note),
                           Call((pushed,), TAPE_PUSH, (last, packed), (), call.loc, call.note))  # fmt: skip
                last = pushed
            loop = _carrying(loop, found, (new, param, last, out, tested), pushes)
        return [*before, loop, *after]

    def _found(self, loop: Loop) -> _Sum | None:
        items = len(loop.body.params) - len(loop.inits)
        made = {o: s for s in loop.body.stmts if isinstance(s, Call) for o in s.outs}
        for position, end in enumerate(loop.body.yields):
            start = loop.body.params[items + position]
            add = made.get(end) if isinstance(end, Var) else None
            if add is None or add.op.name != ACCUM.name or add.args[0] != start or position == loop.exit:
                continue
            whole = self._sum(position, add, made)
            tested = loop.test is not None and self.counts[loop.test.params[position]]
            if whole is None or tested or any(self.counts[v] != 1 for v in (start, add.outs[0])):
                continue
            if not any(self.sharing.is_changed(v, added=True) for pair in whole.vectors for v in pair):
                return whole
        return None

    def _sum(self, position: int, add: Call, made: dict[Var, Call]) -> _Sum | None:
        """What a trip adds, if that is an outer product or a sum of such, of which nothing else reads a term."""
        outers: list[Call] = []
        terms: list[Call] = []
        todo = [add.args[1]]
        while todo:
            term = todo.pop()
            call = made.get(term) if isinstance(term, Var) and self.counts[term] == 1 else None
            if call is not None and call.op.name in ("add", ACCUM.name):
                terms.append(call)
                todo.extend(reversed(call.args))
            elif call is not None and _is_outer(call):
                outers.append(call)
            else:
                return None
        found = _Sum(position, tuple(outers), tuple(terms), add)
        return found if all(len({t.dtype for t in side}) == 1 for side in _sides(found)) else None


def _is_outer(call: Call) -> bool:
    """Whether a call is the outer product of two vectors that a rule has written: sums of the user's keep their order."""
    vectors = all(isinstance(a, Var) and isinstance(a.type, Array) and a.type.ndim == 1 for a in call.args)
    return call.op.name == "np.outer" and len(call.args) == 2 and vectors and not call.params and not call.op.effects


def _is_short(loop: Loop) -> bool:
    it = loop.iter
    bounds = (it.start, it.stop, it.step) if isinstance(it, Range) else ()
    numbers = [a.value for a in bounds if isinstance(a, Const) and isinstance(a.value, int)]
    return len(numbers) == 3 and len(range(*numbers)) <= _FEW


def _record(found: _Sum) -> Struct:
    return Struct(tuple, (), tuple(map(_joined, _sides(found))))


def _sides(found: _Sum) -> list[list[Array]]:
    """The types of the vectors on the left, and of those on the right."""
    return [[v.type for v in side if isinstance(v.type, Array)] for side in zip(*found.vectors, strict=True)]


def _joined(types: Sequence[Array]) -> Array:
    """One type for vectors of one dtype, of which it need not be known that they are equally long."""
    first, *rest = types
    return first if all(same_shape(first, t) for t in rest) else Array(first.dtype, (Dim("?"),))


def _carrying(loop: Loop, found: _Sum, tape: tuple[Var, ...], pushes: Sequence[Call]) -> Loop:
    """The loop with a list of vectors in place of the matrix: `tape` is it before, in, at the end of and behind a trip, and in the test."""
    new, param, pushed, out, tested = tape
    at = found.position
    body = loop.body
    first = len(body.params) - len(loop.inits)
    gone = {id(call) for call in (*found.outers, *found.terms)}
    stmts = [s for stmt in body.stmts if id(stmt) not in gone for s in (pushes if stmt is found.add else (stmt,))]
    inner = Block(_replaced(body.params, first + at, param), tuple(stmts), _replaced(body.yields, at, pushed))
    test = None if loop.test is None else replace(loop.test, params=_replaced(loop.test.params, at, tested))
    return replace(loop, outs=_replaced(loop.outs, at, out), inits=_replaced(loop.inits, at, new), body=inner, test=test)


def _replaced(items: tuple[_A, ...], at: int, new: _A) -> tuple[_A, ...]:
    return (*items[:at], new, *items[at + 1 :])
