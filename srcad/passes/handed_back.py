"""Calls of functions that give back their first parameters become the parameters themselves: nothing is left of them in the program.

    def f(x: float) {
      y: float = @cotangent_of_y(x)
      return y
    }

    def cotangent_of_y(x: float) custom '' 'cotangent_of_y_bar' '' {
      return x
    }

becomes

    def f(x: float) {
      y: float = pack(x)
      return y
    }

    def cotangent_of_y(x: float) custom '' 'cotangent_of_y_bar' '' {
      return x
    }
"""
from __future__ import annotations

from dataclasses import replace

from srcad.ir.core import PACK, UNPACK
from srcad.ir.nodes import Block, Call, FuncRef, Pack, Program, Stmt
from srcad.ir.visit import blocks, with_blocks


def handed_back(program: Program) -> Program:
    """The program without such calls."""
    names = frozenset(f.name for f in program.funcs if f.custom is not None and f.custom.hands_back)
    if not names:
        return program
    return replace(program, funcs=tuple(replace(f, body=_block(f.body, names)) for f in program.funcs))


def _block(block: Block, names: frozenset[str]) -> Block:
    return replace(block, stmts=tuple(_stmt(s, names) for s in block.stmts))


def _stmt(stmt: Stmt, names: frozenset[str]) -> Stmt:
    if isinstance(stmt, Call):
        return same(stmt) if isinstance(stmt.op, FuncRef) and stmt.op.name in names else stmt
    return with_blocks(stmt, tuple(_block(b, names) for b in blocks(stmt)))


def same(stmt: Call) -> Call:
    """Such a call as what it gives."""
    args = stmt.args[: len(stmt.outs)]
    if len(args) == 1:
        return replace(stmt, op=PACK, args=args)
    return replace(stmt, op=UNPACK, args=(Pack("tuple", args),))
