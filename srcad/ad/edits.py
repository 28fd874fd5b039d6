"""Insertions into the forward sweep: tapes, exported values, changed calls.  They are collected first and applied once."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import assert_never

from srcad.ir.nodes import Atom, Block, Call, Each, If, Loop, Stmt, Try, UNDEF, Var, With
from srcad.ir.visit import blocks, free_vars, with_blocks


@dataclass(slots=True)
class Carry:
    """A value that a loop shall carry in addition."""

    init: Atom
    param: Var
    next: Atom
    out: Var


@dataclass(slots=True)
class Edits:
    """What to insert, by the identity of primal statements and blocks."""

    before: dict[int, list[Stmt]] = field(default_factory=dict)
    after: dict[int, list[Stmt]] = field(default_factory=dict)
    start: dict[int, list[Stmt]] = field(default_factory=dict)
    end: dict[int, list[Stmt]] = field(default_factory=dict)
    replaced: dict[int, Call] = field(default_factory=dict)
    carries: dict[int, list[Carry]] = field(default_factory=dict)
    exports: dict[int, list[tuple[Var, dict[int, Atom]]]] = field(default_factory=dict)  # out, value by block number
    paths: dict[int, Var] = field(default_factory=dict)
    counts: dict[int, Var] = field(default_factory=dict)
    resumed: dict[int, tuple[Each, tuple[Atom, ...]]] = field(default_factory=dict)  # what a loop goes over and starts with instead

    def export(self, stmt: Stmt, out: Var, by_block: dict[int, Atom]) -> None:
        """Let a value of an inner block out of a statement; the other blocks yield UNDEF."""
        self.exports.setdefault(id(stmt), []).append((out, by_block))

    def named(self) -> set[Var]:
        """The values that what is inserted reads."""
        stmts = [s for group in (self.before, self.after, self.start, self.end) for found in group.values() for s in found]
        atoms = [a for found in self.exports.values() for _, values in found for a in values.values()]
        atoms.extend(a for found in self.carries.values() for c in found for a in (c.init, c.next))
        return set(free_vars(Block((), tuple(stmts), ()))) | {a for a in atoms if isinstance(a, Var)}

    def apply(self, block: Block) -> Block:
        """The block with everything inserted."""
        stmts: list[Stmt] = list(self.start.get(id(block), ()))
        for stmt in block.stmts:
            stmts.extend(self.before.get(id(stmt), ()))
            stmts.append(self._statement(stmt))
            stmts.extend(self.after.get(id(stmt), ()))
        stmts.extend(self.end.get(id(block), ()))
        return Block(block.params, tuple(stmts), block.yields)

    def _statement(self, stmt: Stmt) -> Stmt:
        if id(stmt) in self.replaced:
            return self.replaced[id(stmt)]
        inner = blocks(stmt)
        new = with_blocks(stmt, tuple(map(self.apply, inner))) if inner else stmt
        if id(stmt) in self.resumed:
            assert isinstance(new, Loop)
            new = replace(new, iter=self.resumed[id(stmt)][0], inits=self.resumed[id(stmt)][1])
        for out, by_block in self.exports.get(id(stmt), ()):
            new = self._exported(new, out, by_block)
        for carry in self.carries.get(id(stmt), ()):
            assert isinstance(new, Loop)
            new = _carrying(new, carry)
        if id(stmt) in self.paths:
            assert isinstance(new, Try)
            new = replace(new, path=self.paths[id(stmt)])
        if id(stmt) in self.counts:
            assert isinstance(new, Loop)
            new = replace(new, count=self.counts[id(stmt)])
        return new

    def _exported(self, stmt: Stmt, out: Var, by_block: dict[int, Atom]) -> Stmt:
        match stmt:
            case If() | Try() | With():
                found = tuple(
                    Block(b.params, b.stmts, (*b.yields, by_block.get(n, UNDEF))) if not _is_final(stmt, n) else b
                    for n, b in enumerate(blocks(stmt))
                )
                return replace(with_blocks(stmt, found), outs=(*stmt.outs, out))
            case Call() | Loop():
                raise AssertionError(stmt)
            case _:
                assert_never(stmt)


def _is_final(stmt: Stmt, n: int) -> bool:
    return isinstance(stmt, Try) and stmt.final is not None and n == 1 + len(stmt.handlers)


def _carrying(loop: Loop, carry: Carry) -> Loop:
    body = Block((*loop.body.params, carry.param), loop.body.stmts, (*loop.body.yields, carry.next))
    test = loop.test
    if test is not None:
        spare = Var(f"{carry.param.name}@test", carry.param.type)
        test = Block((*test.params, spare), test.stmts, test.yields)
    return replace(loop, outs=(*loop.outs, carry.out), inits=(*loop.inits, carry.init), body=body, test=test)
