"""Copies of lists of cotangents that the reverse sweep makes are taken out: `own_buffers` makes one where it is needed.

A reverse sweep copies a list before it changes it, unless it has made the list itself, as far as it knows: it does not know what functions
that it calls have made, nor what came out of a list.  Lists that a caller may hold, or that hold something of his, are copied as before.

A backward function may take items from a list of cotangents that it is given, as it adds to such arrays: whoever calls it copies the list
where it is needed again.  What the list holds stays as it is.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from srcad.analysis.handing import called_inside, handing, is_cotangent
from srcad.analysis.sharing import Handing, Sharing
from srcad.ir.nodes import Atom, Block, Call, Func, Program, Stmt, Var
from srcad.ir.types import ListOf
from srcad.ir.visit import blocks, substitute, walk, with_blocks


def without_copies(program: Program) -> Program:
    """The program without such copies."""
    calls, inside = handing(program), called_inside(program)
    return replace(program, funcs=tuple(_without_copies(f, calls, inside=f.name in inside) for f in program.funcs))


def _without_copies(func: Func, calls: Mapping[str, Handing], *, inside: bool) -> Func:
    copies = list(filter(None, map(_copied, walk(func.body))))
    if not copies:
        return func
    sharing = Sharing(func.body, calls)
    table: dict[Var, Atom] = {}
    for out, source in copies:
        if not sharing.reaches_given(source):
            table[out] = table.get(source, source)
    func = _renamed(func, table)
    for out, source in copies:
        if source in func.body.params and inside and is_cotangent(func, source):
            found = _renamed(func, {out: source})
            if not Sharing(found.body, calls).is_changed_within(source):
                func = found
    return func


def _renamed(func: Func, table: dict[Var, Atom]) -> Func:
    return replace(func, body=substitute(_without(func.body, table), table)) if table else func


def _copied(stmt: Stmt) -> tuple[Var, Var] | None:
    """The copy of a list of cotangents, and the list."""
    if not isinstance(stmt, Call) or stmt.op.name != "copy_tree":
        return None
    source = stmt.args[0]
    plain = isinstance(source, Var) and isinstance(source.type, ListOf) and source.type == stmt.outs[0].type
    return (stmt.outs[0], source) if plain and isinstance(source, Var) else None


def _without(block: Block, table: Mapping[Var, Atom]) -> Block:
    stmts = (s for s in block.stmts if (copied := _copied(s)) is None or copied[0] not in table)
    return replace(block, stmts=tuple(with_blocks(s, tuple(_without(b, table) for b in blocks(s))) for s in stmts))
