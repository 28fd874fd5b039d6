"""An item of a list that is replaced before anything reads the list is not stored.

    def f(xs: list[float], i: int, b: float) {
      a: float = getitem(xs, i)
      xs.1: list[float] = list_set(xs, i, b)
      c: float = mul(a, b)
      xs.2: list[float] = list_set(xs.1, i, c)
      return xs.2
    }

becomes

    def f(xs: list[float], i: int, b: float) {
      a: float = getitem(xs, i)
      c: float = mul(a, b)
      xs.2: list[float] = list_set(xs, i, c)
      return xs.2
    }

Only where the list was read at that place before: else the first store is the one that raises where there is no such item.
"""
from __future__ import annotations

from collections import Counter
from dataclasses import replace

from srcad.ir.core import GETITEM, LIST_SET
from srcad.ir.nodes import Arg, Block, Call, Func, Stmt, Var
from srcad.ir.visit import blocks, operands, walk, with_blocks


def replaced(func: Func) -> Func:
    """The function without stores that nobody sees."""
    uses = Counter(a for s in walk(func.body) for a in operands(s) if isinstance(a, Var))
    for stmt in walk(func.body):
        for block in blocks(stmt):
            uses.update(y for y in block.yields if isinstance(y, Var))
    uses.update(y for y in func.body.yields if isinstance(y, Var))
    return replace(func, body=_block(func.body, uses))


def _block(block: Block, uses: Counter[Var]) -> Block:
    out: list[Stmt] = []
    read: set[tuple[Arg, Arg]] = set()
    stores: dict[Arg, int] = {}  # a version of a list -> where in `out` the store is that made it
    for old in block.stmts:
        stmt = with_blocks(old, tuple(_block(b, uses) for b in blocks(old)))
        if isinstance(stmt, Call) and stmt.op == LIST_SET:
            at = stores.get(stmt.args[0])
            first = out[at] if at is not None else None
            if at is not None and isinstance(first, Call) and first.args[1] == stmt.args[1] and uses[first.outs[0]] == 1:
                del out[at]
                stores = {v: n - (n > at) for v, n in stores.items() if n != at}
                stmt = replace(stmt, args=(first.args[0], *stmt.args[1:]))
            if stmt.args[:2] in read:
                stores[stmt.outs[0]] = len(out)
        elif isinstance(stmt, Call) and stmt.op.name == GETITEM.name:
            read.add((stmt.args[0], stmt.args[1]))
        out.append(stmt)
    return Block(block.params, tuple(out), block.yields)
