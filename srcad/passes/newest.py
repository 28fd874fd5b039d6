"""The shape of an array that is stored into is read from its newest version, so that older ones need no name of their own.

    def f(u: float64[n]) {
      u.1: float64[n] = store(u, 0, 1.0)
      %1: float64[n] = zeros_like_shape(u)
      return %1
    }

becomes

    def f(u: float64[n]) {
      u.1: float64[n] = store(u, 0, 1.0)
      %1: float64[n] = zeros_like_shape(u.1)
      return %1
    }
"""
from __future__ import annotations

from dataclasses import replace

from srcad.analysis.versions import Versions
from srcad.ir.nodes import Atom, Block, Call, Func, Op, Stmt, Var
from srcad.ir.types import without_tokens
from srcad.ir.visit import blocks, defs, with_blocks


def newest(func: Func) -> Func:
    """The function with shapes read from newest versions."""
    versions = Versions(func.body)
    return replace(func, body=_block(func.body, versions, {})) if versions.last else func


def _block(block: Block, versions: Versions, outer: dict[Atom, Var]) -> Block:
    """A block; `outer`: the newest version of each array where it starts."""
    now = dict(outer)
    stmts: list[Stmt] = []
    _learn(block.params, versions, now)
    for stmt in block.stmts:
        new = _call(stmt, versions, now) if isinstance(stmt, Call) else stmt
        stmts.append(with_blocks(new, tuple(_block(b, versions, now) for b in blocks(new))))
        _learn(defs(stmt), versions, now)
    return Block(block.params, tuple(stmts), block.yields)


def _learn(made: tuple[Var, ...], versions: Versions, now: dict[Atom, Var]) -> None:
    now.update((chain, v) for v in made if (chain := versions.chain(v)) is not None)


def _call(stmt: Call, versions: Versions, now: dict[Atom, Var]) -> Call:
    shapes = stmt.op.shape_only if isinstance(stmt.op, Op) else ()
    args = list(stmt.args)
    for n in shapes:
        arg = args[n] if n < len(args) else None
        latest = now.get(chain) if isinstance(arg, Var) and (chain := versions.chain(arg)) is not None else None
        if latest is not None and isinstance(arg, Var) and without_tokens(latest.type) == without_tokens(arg.type):
            args[n] = latest
    return replace(stmt, args=tuple(args))
