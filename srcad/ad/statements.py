"""The walk over a function's statements that forward mode and batches have in common.

Each value may have a follower: its tangent beside it, or its batch in its place.  A function has the same blocks, branches and
loops with them; what they are, and which values have one, is said by the class that walks.
"""
from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias, assert_never

from srcad.errors import SrcadError
from srcad.ir.build import Builder
from srcad.ir.nodes import Atom, Block, Call, Each, If, Loop, Range, Stmt, Try, Var, With
from srcad.ir.visit import blocks, with_blocks

Mask = Sequence[bool]
Branches: TypeAlias = If | Try | With


class Statements(abc.ABC):
    """Writes the statements of a function with the followers of its values."""

    notes = False  # whether what is written for a statement has its comment

    def statements(self, block: Block, builder: Builder) -> None:
        """Write the statements of a block."""
        for stmt in block.stmts:
            builder.loc, builder.note = stmt.loc, stmt.note if self.notes else ""
            try:
                self._statement(stmt, builder)
            except SrcadError as error:
                error.where = error.where or stmt.loc
                raise

    def _statement(self, stmt: Stmt, builder: Builder) -> None:
        match stmt:
            case Call():
                self.call(stmt, builder)
            case If() | Try() | With():
                self._branches(stmt, builder)
            case Loop():
                self._loop(stmt, builder)
            case _:
                assert_never(stmt)

    def _branches(self, stmt: Branches, builder: Builder) -> None:
        """A statement whose blocks run at most once."""
        head, old = self.heading(stmt), blocks(stmt)
        inner = [self._inside(b, builder) for b in old]
        mask = self.followed(stmt, old)
        new = (i.block(b.params, self.handed(i, b.yields, stmt.outs, mask) if b.yields else ()) for i, b in zip(inner, old, strict=True))
        builder.add(with_blocks(replace(head, outs=self.variables(stmt.outs, mask)), tuple(new)))

    def _loop(self, stmt: Loop, builder: Builder) -> None:
        """A loop.  What it carries has a follower as soon as one trip gives it one."""
        carried = stmt.body.params[len(stmt.body.params) - len(stmt.inits) :]
        it, items = self.iteration(stmt, builder)
        mask = self.carried(stmt)
        while True:
            params = self.variables(carried, mask)
            inner = self._inside(stmt.body, builder)
            more = self.carried_on(stmt.body.yields, mask)
            if more == mask:
                break
            mask = more
        inits = self.handed(builder, stmt.inits, carried, mask)
        body = inner.block((*items, *params), self.handed(inner, stmt.body.yields, carried, mask))
        test = None if stmt.test is None else self.tested(stmt.test, builder, mask)
        builder.add(replace(stmt, outs=self.variables(stmt.outs, mask), iter=it, inits=inits, test=test, body=body))

    def _inside(self, block: Block, builder: Builder) -> Builder:
        inner = builder.nested()
        self.statements(block, inner)
        return inner

    # ---- what the followers are --------------------------------------------------------------------------------------
    @abc.abstractmethod
    def call(self, stmt: Call, builder: Builder) -> None:
        """Write a call."""

    @abc.abstractmethod
    def heading(self, stmt: Branches) -> Branches:
        """The statement as far as it is not blocks and outs."""

    @abc.abstractmethod
    def followed(self, stmt: Branches, old: Sequence[Block]) -> Mask:
        """Which outs of a statement have a follower; its blocks have been written."""

    @abc.abstractmethod
    def carried(self, stmt: Loop) -> Mask:
        """Which values that a loop carries have a follower when it begins."""

    @abc.abstractmethod
    def carried_on(self, yields: Sequence[Atom], mask: Mask) -> Mask:
        """Which have one after a trip that gave these values and began with those in `mask`."""

    @abc.abstractmethod
    def iteration(self, stmt: Loop, builder: Builder) -> tuple[Range | Each | None, Sequence[Var]]:
        """What a loop goes over, and the items that its body gets."""

    @abc.abstractmethod
    def tested(self, test: Block, builder: Builder, mask: Mask) -> Block:
        """The test of a loop that carries the followers in `mask`."""

    @abc.abstractmethod
    def variables(self, old: Sequence[Var], mask: Mask) -> tuple[Var, ...]:
        """The variables of a border (parameters, outs), new ones for the followers in `mask`."""

    @abc.abstractmethod
    def handed(self, builder: Builder, atoms: Sequence[Atom], to: Sequence[Var], mask: Mask) -> tuple[Atom, ...]:
        """What is handed over a border: the values that become those of `to`, with the followers in `mask`."""
