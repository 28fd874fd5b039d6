"""In-place accumulation: `x_bar = x_bar + g` adds into the old buffer where that buffer is owned and dead afterwards; so for tangents.

Owned is what an operation has just allocated in the same block, or what a loop carries if it starts with an owned buffer
and every trip hands on an owned buffer.  Nothing else may hold the buffer: no view, no container, no call.

    def f(x: float64[n], g: float64[n], n: int) {
      x_bar: float64[n] = mul(x, 2.0)
      x_bar.1: float64[n] = add(x_bar, g)
      x_bar.2: float64[n] = for (i: int) in range(0, n, 1) carry (x_bar.3: float64[n] = x_bar.1) {
        x_bar.4: float64[n] = add(x_bar.3, g)
        yield x_bar.4
      }
      return x_bar.2
    }

becomes

    def f(x: float64[n], g: float64[n], n: int) {
      x_bar: float64[n] = mul(x, 2.0)
      x_bar.1: float64[n] = accum(x_bar, g)
      x_bar.2: float64[n] = for (i: int) in range(0, n, 1) carry (x_bar.3: float64[n] = x_bar.1) {
        x_bar.4: float64[n] = accum(x_bar.3, g)
        yield x_bar.4
      }
      return x_bar.2
    }
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from srcad.analysis.liveness import last_uses
from srcad.ir.nodes import Atom, Block, Call, Func, If, Loop, Op, Stmt, Var, View, With
from srcad.ir.types import Array
from srcad.ir.visit import blocks, operands, substitute, walk, with_blocks
from srcad.ops.internal import ACCUM


def inplace(func: Func) -> Func:
    """The function with additions to owned adjoint buffers made in place, and without copies of owned buffers that nothing reads again."""
    owners = _Owners(func.body)
    same: dict[Var, Atom] = {}
    body = _rewrite(func.body, owners, same)
    return replace(func, body=substitute(body, same) if same else body)


def known_shape(t: object) -> bool:
    """Whether equal types of this kind mean equal shapes."""
    return isinstance(t, Array) and all(d.token != "?" for d in t.shape)


def _is_adjoint_sum(stmt: Stmt) -> bool:
    """`x_bar = a + b` or `x_dot = a + b` on arrays of known shape."""
    summed = isinstance(stmt, Call) and stmt.op.name == "add"
    return summed and stmt.outs[0].hint.endswith(("_bar", "_dot")) and known_shape(stmt.outs[0].type)


class _Owners:
    """Which variables hold a buffer that only they hold: assumed for all candidates, then withdrawn until it is consistent."""

    def __init__(self, body: Block) -> None:
        self._shared = _shared(body)
        self._last: dict[int, Mapping[Atom, int]] = {}
        self.owned: set[Var] = {o for s in walk(body) for o in _candidates(s)} - self._shared
        before = -1
        while len(self.owned) != before:
            before = len(self.owned)
            self._withdraw(body)

    def _last_uses(self, block: Block) -> Mapping[Atom, int]:
        """Found once per block of the body, which stays as it is."""
        if id(block) not in self._last:
            self._last[id(block)] = last_uses(block)
        return self._last[id(block)]

    def _withdraw(self, block: Block) -> None:
        last = self._last_uses(block)
        for n, stmt in enumerate(block.stmts):
            match stmt:
                case Loop():
                    self._loop(stmt, n, last)
                case If(outs, _, then, orelse):
                    self._join(outs, then, orelse)
                case Call(outs, Op(inplace=True), args) if args[0] not in self.owned:
                    self.owned.difference_update(outs)
                case _:
                    pass
            for inner in blocks(stmt):
                self._withdraw(inner)

    def _loop(self, stmt: Loop, n: int, last: Mapping[Atom, int]) -> None:
        items = len(stmt.body.params) - len(stmt.inits)
        end = self._last_uses(stmt.body)
        for i, (init, yielded) in enumerate(zip(stmt.inits, stmt.body.yields, strict=True)):
            param = stmt.body.params[items + i]
            good = self._handed_on(init, n, last, stmt.inits) and init not in _inside(stmt)
            good = good and self._handed_on(yielded, len(stmt.body.stmts), end, stmt.body.yields) and _local(yielded, stmt.body)
            if not (good and {param, stmt.outs[i]} <= self.owned):
                self.owned.difference_update((param, stmt.outs[i]))

    def _join(self, outs: tuple[Var, ...], *inner: Block) -> None:
        for i, out in enumerate(outs):
            for b in inner:
                if not (self._handed_on(b.yields[i], len(b.stmts), self._last_uses(b), b.yields) and _local(b.yields[i], b)):
                    self.owned.discard(out)

    def _handed_on(self, atom: Atom, n: int, last: Mapping[Atom, int], group: Iterable[Atom]) -> bool:
        """Whether statement `n` takes over an owned buffer: nothing reads it later, and it is handed on once."""
        return atom in self.owned and last.get(atom) == n and sum(a == atom for a in group) == 1


def _candidates(stmt: Stmt) -> tuple[Var, ...]:
    """Variables that may own a buffer: fresh results, and what loops and branches hand on."""
    found: tuple[Var, ...] = ()
    match stmt:
        case Call(outs, Op() as op) if len(outs) == 1 and (op.view is View.FRESH or op.inplace):
            found = outs
        case Loop():
            found = (*stmt.outs, *stmt.body.params[len(stmt.body.params) - len(stmt.inits) :])
        case If(outs):
            found = outs
        case _:
            pass
    return tuple(v for v in found if isinstance(v.type, Array))


def _inside(stmt: Loop) -> set[Var]:
    """Variables that blocks of a loop read from outside."""
    inner = {v for b in blocks(stmt) for s in walk(b) for v in operands(s) if isinstance(v, Var)}
    return inner | {y for b in blocks(stmt) for y in b.yields if isinstance(y, Var)}


def _local(atom: Atom, block: Block) -> bool:
    """Whether a variable is defined in this very block."""
    return atom in block.params or any(atom in s.outs for s in block.stmts)


def _shared(body: Block) -> set[Var]:
    """Variables that an operation may keep a reference to: views, containers, tapes, calls of functions."""
    found: set[Var] = set()
    for stmt in walk(body):
        if isinstance(stmt, Call) and isinstance(stmt.op, Op):
            kept = operands(stmt)[1:] if stmt.op.inplace and stmt.op.name != "accum" else ()
            held = operands(stmt) if stmt.op.view is not View.FRESH or stmt.op.name in _HOLD else kept
        else:
            held = operands(stmt) if isinstance(stmt, Call | With) else ()
        found.update(v for v in held if isinstance(v, Var))
    return found


_HOLD = frozenset(("call", "build", "pack", "unpack", "getitem", "list_append", "tape_push", "getattr", "setitem", "setattr"))


def _rewrite(block: Block, owners: _Owners, same: dict[Var, Atom]) -> Block:
    last = last_uses(block)
    stmts: list[Stmt] = []
    for n, stmt in enumerate(block.stmts):
        new = with_blocks(stmt, tuple(_rewrite(b, owners, same) for b in blocks(stmt)))
        if isinstance(new, Call) and _is_copy_of_dead(new, n, last, block, owners):
            source = new.args[0]
            assert isinstance(source, Var)
            same[new.outs[0]] = same.get(source, source)
            continue
        if isinstance(new, Call) and _is_adjoint_sum(new):
            new = _accumulated(new, n, last, block, owners)
        stmts.append(new)
    return replace(block, stmts=tuple(stmts))


def _is_copy_of_dead(call: Call, n: int, last: Mapping[Atom, int], block: Block, owners: _Owners) -> bool:
    """Whether an adjoint is a copy of an owned buffer whose last read this is."""
    if call.op.name != "copy" or not call.outs[0].hint.endswith(("_bar", "_dot")):
        return False
    old = call.args[0]
    return old in owners.owned and old.type == call.outs[0].type and last[old] == n and _local(old, block)  # type: ignore[union-attr]  # owned are variables


def _accumulated(call: Call, n: int, last: Mapping[Atom, int], block: Block, owners: _Owners) -> Call:
    """`_0 += _1` in place of an addition to an owned buffer whose last read this is."""
    a, b = call.args
    for old, other in ((a, b), (b, a)):
        if not isinstance(old, Var) or old not in owners.owned or old.type != call.outs[0].type:
            continue
        if last[old] == n and _local(old, block) and old != other:
            return replace(call, op=ACCUM, args=(old, other))
    return call
