"""The heads of `for` loops: what is iterated over, and the targets."""
from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from srcad.backend.nodes import Builtin
from srcad.ir.core import UNPACK
from srcad.ir.nodes import Atom, Call, Const, Each, Op, Range, Stmt, Var

if TYPE_CHECKING:
    from srcad.backend.body import Body


def iteration(body: Body, it: Range | Each) -> ast.expr:
    """What stands behind `in`."""
    if isinstance(it, Range):
        return _seq(body, it, reverse=False)
    if body.writer.is_counted(it):
        return ast.Call(func=Builtin("enumerate"), args=[_seq(body, it.seqs[1], reverse=False)], keywords=[])
    seqs = [_seq(body, s, reverse=it.reverse) for s in it.seqs]
    return seqs[0] if len(seqs) == 1 else ast.Call(func=Builtin("zip"), args=seqs, keywords=[])


def _seq(body: Body, seq: Atom | Range, *, reverse: bool) -> ast.expr:
    if isinstance(seq, Range):
        reverse = reverse != seq.reverse
        start, stop, step = seq.start, seq.stop, seq.step
        parts = [stop] if start == Const(0) and step == Const(1) else [start, stop] if step == Const(1) else [start, stop, step]
        node: ast.expr = ast.Call(func=Builtin("range"), args=[body.atom(p) for p in parts], keywords=[])
    else:
        node = body.atom(seq)
    return ast.Call(func=Builtin("reversed"), args=[node], keywords=[]) if reverse else node


def target(inner: Body, items: Sequence[Var], stmts: tuple[Stmt, ...]) -> tuple[ast.expr, tuple[Stmt, ...]]:
    """What stands before `in`, and the statements of the body; an item that is only unpacked needs no name."""
    parts: dict[Var, ast.expr] = {}
    counts = inner.writer.counts
    while stmts:
        match stmts[0]:
            case Call(outs, Op(name=UNPACK.name), (Var() as item,), ()) if item in items and not item.hint and counts.get(item) == 1:
                parts[item] = ast.Tuple(elts=[inner.target(o) for o in outs], ctx=ast.Store())
                stmts = stmts[1:]
            case _:
                break
    elts = [parts.get(v) or inner.target(v) for v in items]
    return elts[0] if len(elts) == 1 else ast.Tuple(elts=elts, ctx=ast.Store()), stmts
