"""Liveness of variables in structured code: which are alive at once, which copies nobody reads."""
from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from srcad.backend.nodes import Handler, LocalImport, Parallel, Slot, bare, parts, slots
from srcad.ir.nodes import Var

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _ones(bits: int) -> Iterator[int]:
    """The positions of the bits that are set."""
    while bits:
        last = bits & -bits
        yield last.bit_length() - 1
        bits ^= last


@dataclass(frozen=True, slots=True)
class _Context:
    after_loop: int  # alive where `break` leads to
    next_trip: int  # alive where `continue` leads to
    caught: int  # alive where an exception leads to


class Flow:
    """Liveness of one function.  Sets of variables are the bits of ints."""

    def __init__(self, params: Sequence[Var], body: list[ast.stmt]) -> None:
        self.index: dict[Var, int] = {}
        self.variables: list[Var] = []
        self.conflicts: list[int] = []
        self.copies: list[tuple[Var, Var]] = []
        for v in params:
            self._bit(v)
        self._body = body
        self._prune = False
        self.pruned = False
        self.alive = 0

    def analyse(self, params: Sequence[Var]) -> None:
        """Find which variables conflict, and the copies between variables."""
        self._prune = False
        self.alive = self._block(self._body, 0, _Context(0, 0, 0))
        bits = 0
        for v in params:
            bits |= self._bit(v)
        self._define(bits, self.alive | bits)

    def prune(self) -> bool:
        """Remove copies to variables that are not read any more.  Whether there were any."""
        self._prune, self.pruned = True, False
        self._block(self._body, 0, _Context(0, 0, 0))
        return self.pruned

    def conflict(self, a: Var, b: Var) -> bool:
        """Whether two variables are alive at once."""
        return bool(self.conflicts[self.index[a]] >> self.index[b] & 1)

    # ---- sets ------------------------------------------------------------------------------------------------------------
    def _bit(self, var: Var) -> int:
        if var not in self.index:
            self.index[var] = len(self.variables)
            self.variables.append(var)
            self.conflicts.append(0)
        return 1 << self.index[var]

    def _bits(self, found: Iterator[Slot] | Sequence[Slot]) -> int:
        bits = 0
        for s in found:
            bits |= self._bit(s.var)
        return bits

    def _define(self, defined: int, alive: int, source: int = 0) -> None:
        for at in _ones(defined):
            self.conflicts[at] |= alive & ~source & ~(1 << at)
        for at in _ones((alive | defined) & ~source):
            self.conflicts[at] |= defined & ~(1 << at)

    def _uses(self, node: ast.AST | None, alive: int) -> int:
        """Variables that an expression reads; those of comprehensions conflict with all around them."""
        if node is None or isinstance(node, ast.Constant):
            return 0
        if isinstance(node, Slot):
            return self._bit(node.var)
        read, bound = 0, 0
        for n in parts(node):
            if isinstance(n, Slot):
                read |= self._bit(n.var)
            elif isinstance(n, _COMPREHENSIONS):
                for g in n.generators:
                    bound |= self._bits(slots(g.target))
        if bound:
            self._define(bound, alive | read)
        return read & ~bound

    # ---- statements ------------------------------------------------------------------------------------------------------
    def _block(self, stmts: Sequence[ast.stmt], alive: int, cx: _Context) -> int:
        for s in reversed(stmts):
            alive = self._stmt(bare(s), alive, cx)
        return alive

    def _stmt(self, s: ast.stmt, alive: int, cx: _Context) -> int:
        match s:
            case ast.Assign(targets=targets, value=value):
                return self._assign(targets, value, alive, cx)
            case ast.AugAssign(target=Slot(var=var)):
                self._define(self._bit(var), alive | cx.caught)
                return alive | self._uses(s, alive) | cx.caught
            case Parallel():
                return self._parallel(s, alive, cx)
            case LocalImport(target=target):
                return self._assign([target], ast.Constant(value=None), alive, cx)
            case ast.Break():
                return cx.after_loop | cx.caught
            case ast.Continue():
                return cx.next_trip | cx.caught
            case ast.Return() | ast.Raise():
                return self._uses(s, 0) | cx.caught
            case ast.If(test=test, body=body, orelse=orelse):
                alive = self._block(body, alive, cx) | self._block(orelse, alive, cx)
                return alive | self._uses(test, alive) | cx.caught
            case ast.For() | ast.While():
                return self._loop(s, alive, cx)
            case ast.Try():
                return self._try(s, alive, cx)
            case ast.With(items=items, body=body):
                alive = self._block(body, alive, cx)
                for item in reversed(items):
                    if item.optional_vars is not None:
                        alive = self._assign([item.optional_vars], ast.Constant(value=None), alive, cx)
                    alive |= self._uses(item.context_expr, alive)
                return alive | cx.caught
        return alive | self._uses(s, alive) | cx.caught

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr, alive: int, cx: _Context) -> int:
        defined, read = 0, 0
        for target in targets:
            if isinstance(target, Slot | ast.Tuple | ast.Starred):
                defined |= self._bits(slots(target))
            else:
                read |= self._uses(target, alive)
        read |= self._uses(value, alive)
        source = 0
        if isinstance(value, Slot) and len(targets) == 1 and isinstance(targets[0], Slot):  # a copy, not an unpacking
            source = self._bit(value.var)
            self.copies.append((targets[0].var, value.var))
        self._define(defined, alive | cx.caught, source)
        return (alive & ~defined) | read | cx.caught

    def _parallel(self, s: Parallel, alive: int, cx: _Context) -> int:
        if self._prune:
            kept = [(t, v) for t, v in zip(s.targets, s.values, strict=True) if self._wanted(t, v, alive | cx.caught)]
            self.pruned |= len(kept) < len(s.targets)
            s.targets, s.values = [t for t, _ in kept], [v for _, v in kept]
        defined = self._bits(s.targets)
        read = 0
        for t, v in zip(s.targets, s.values, strict=True):
            source = self._bit(v.var) if isinstance(v, Slot) else 0
            read |= self._uses(v, alive)
            bit = self._bit(t.var)
            self._define(bit, alive | cx.caught | (defined & ~bit), source)
            if isinstance(v, Slot):
                self.copies.append((t.var, v.var))
        return (alive & ~defined) | read | cx.caught

    def _wanted(self, target: Slot, value: ast.expr, alive: int) -> bool:
        return bool(alive & self._bit(target.var)) or not isinstance(value, Slot | ast.Constant)

    def _loop(self, s: ast.For | ast.While, alive: int, cx: _Context) -> int:
        prune, self._prune = self._prune, False
        ended = self._block(s.orelse, alive, cx)
        head = ended | cx.caught
        forever = isinstance(s, ast.While) and isinstance(s.test, ast.Constant) and s.test.value is True
        head = cx.caught if forever else head
        while True:
            before = head
            head |= self._trip(s, head, _Context(alive, head, cx.caught))
            if head == before:
                break
        if prune:
            self._prune = True
            self._block(s.orelse, alive, cx)
            self._trip(s, head, _Context(alive, head, cx.caught))
        return head | (self._uses(s.iter, head) if isinstance(s, ast.For) else 0)

    def _trip(self, s: ast.For | ast.While, head: int, cx: _Context) -> int:
        start = self._block(s.body, head, cx)
        if isinstance(s, ast.While):
            return start | self._uses(s.test, start | head)
        items = self._bits(slots(s.target))
        # A tape keeps its name while it is read: nested loops over tapes are hard enough to follow.
        held = self._bits([t for t in slots(s.iter) if t.var.hint.endswith("tape")])
        self._define(items, start | cx.caught | held)
        return (start & ~items) | held

    def _try(self, s: ast.Try, alive: int, cx: _Context) -> int:
        final = self._block(s.finalbody, alive, cx) if s.finalbody else alive
        unwound = cx.caught | (self._block(s.finalbody, cx.caught, cx) if s.finalbody else 0)
        outer = _Context(cx.after_loop | final, cx.next_trip | final, unwound)
        caught = unwound
        for h in s.handlers:
            start = self._block(h.body, final, outer)
            if isinstance(h, Handler) and h.slot is not None:
                bit = self._bit(h.slot.var)
                # Python deletes the name at the end of the clause.
                self._define(bit, start | final | unwound)
                start &= ~bit
            caught |= start | self._uses(h.type, start)
        return self._block(s.body, final, _Context(cx.after_loop | final, cx.next_trip | final, caught)) | caught
