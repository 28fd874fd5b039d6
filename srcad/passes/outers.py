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
      W_outers.3: list[tuple(float64[n], float64[n])] = for (a: float64[n]) in zip(g) carry (W_outers.1: list[tuple(float64[n], float64[n])] = W_outers) {
        %4: tuple(float64[n], float64[n]) = pack((a, a))
        W_outers.2: list[tuple(float64[n], float64[n])] = tape_push(W_outers.1, %4)
        yield W_outers.2
      }
      %3: float64[n, n] = outer_sum(W_outers.3)
      W_bar: float64[n, n] = accum(%1, %3)
      return W_bar
    }

A trip then costs two references where it made, and added, a matrix.  The vectors must stay as they are until the loop is over.
"""  # noqa: E501 - types of IR are written on every value
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TypeVar

from srcad.analysis.sharing import Sharing
from srcad.ir.build import Names
from srcad.ir.core import OUTER_SUM, PACK, TAPE_NEW, TAPE_PUSH
from srcad.ir.nodes import Atom, Block, Call, Const, Func, Loop, Pack, Range, Stmt, Var
from srcad.ir.types import Array, ListOf, Struct
from srcad.ir.visit import all_defs, blocks, operands, walk, with_blocks
from srcad.ops.internal import ACCUM

_A = TypeVar("_A", bound=Atom)
_FEW = 4  # trips that are not worth a list


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a loop carries in its `position`-th place: a matrix to which each trip adds the outer product of `left` and `right`."""

    position: int
    outer: Call
    add: Call

    @property
    def vectors(self) -> tuple[Var, Var]:
        """The vectors of one trip."""
        left, right = self.outer.args
        assert isinstance(left, Var)
        assert isinstance(right, Var)
        return left, right


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
            hint = f"{found.add.outs[0].hint.removesuffix('_bar')}_outers".lstrip("_")
            new, param, pushed, out, tested = (self.names.var(hint, ListOf(_record(found))) for _ in range(5))
            before.append(Call((new,), TAPE_NEW, (), (), loop.loc, loop.note))
            total = self.names.var("", found.add.outs[0].type)
            after.append(Call((total,), OUTER_SUM, (out,), (), loop.loc, loop.note))
            after.append(Call((loop.outs[found.position],), ACCUM, (loop.inits[found.position], total), (), loop.loc, loop.note))
            record = self.names.var("", _record(found))
            push = (Call((record,), PACK, (Pack("tuple", found.vectors),), (), found.outer.loc, found.outer.note),
                    Call((pushed,), TAPE_PUSH, (param, record), (), found.outer.loc, found.outer.note))  # fmt: skip
            loop = _carrying(loop, found, (new, param, pushed, out, tested), push)
        return [*before, loop, *after]

    def _found(self, loop: Loop) -> _Sum | None:
        items = len(loop.body.params) - len(loop.inits)
        made = {o: s for s in loop.body.stmts if isinstance(s, Call) for o in s.outs}
        for position, end in enumerate(loop.body.yields):
            start = loop.body.params[items + position]
            add = made.get(end) if isinstance(end, Var) else None
            if add is None or add.op.name != ACCUM.name or add.args[0] != start or position == loop.exit:
                continue
            outer = made.get(add.args[1]) if isinstance(add.args[1], Var) else None
            whole = _Sum(position, outer, add) if outer is not None and _is_outer(outer) else None
            alone = whole is not None and all(self.counts[v] == 1 for v in (start, whole.add.outs[0], whole.outer.outs[0]))
            tested = loop.test is not None and self.counts[loop.test.params[position]]
            if whole is not None and alone and not tested and not any(self.sharing.is_changed(v, added=True) for v in whole.vectors):
                return whole
        return None


def _is_outer(call: Call) -> bool:
    """Whether a call is the outer product of two vectors."""
    vectors = all(isinstance(a, Var) and isinstance(a.type, Array) and a.type.ndim == 1 for a in call.args)
    return call.op.name == "np.outer" and len(call.args) == 2 and vectors and not call.params


def _is_short(loop: Loop) -> bool:
    it = loop.iter
    bounds = (it.start, it.stop, it.step) if isinstance(it, Range) else ()
    numbers = [a.value for a in bounds if isinstance(a, Const) and isinstance(a.value, int)]
    return len(numbers) == 3 and len(range(*numbers)) <= _FEW


def _record(found: _Sum) -> Struct:
    return Struct(tuple, (), tuple(v.type for v in found.vectors))


def _carrying(loop: Loop, found: _Sum, tape: tuple[Var, ...], push: tuple[Call, Call]) -> Loop:
    """The loop with a list of vectors in place of the matrix: `tape` is it before, in, at the end of and behind a trip, and in the test."""
    new, param, pushed, out, tested = tape
    at = found.position
    body = loop.body
    first = len(body.params) - len(loop.inits)
    stmts = [s for stmt in body.stmts if stmt is not found.outer for s in (push if stmt is found.add else (stmt,))]
    inner = Block(_replaced(body.params, first + at, param), tuple(stmts), _replaced(body.yields, at, pushed))
    test = None if loop.test is None else replace(loop.test, params=_replaced(loop.test.params, at, tested))
    return replace(loop, outs=_replaced(loop.outs, at, out), inits=_replaced(loop.inits, at, new), body=inner, test=test)


def _replaced(items: tuple[_A, ...], at: int, new: _A) -> tuple[_A, ...]:
    return (*items[:at], new, *items[at + 1 :])
