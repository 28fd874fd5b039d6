"""What an item of a list was before another one is stored there: its cotangent starts as a zero of its own shape.

The cotangent of the new item says nothing of that shape where types do not tell that it is the same: an array may have grown.
So the statement gets the old item as one operand more, of which the reverse sweep reads the shape; the forward sweep has it no longer.
"""
from __future__ import annotations

from dataclasses import replace

from srcad.ir.build import Names
from srcad.ir.core import GETITEM, LIST_SET
from srcad.ir.nodes import Arg, Block, Call, Effect, Func, Stmt, Var
from srcad.ir.types import Array, ListOf, Struct, TupleOf, Type, is_scalar, may_carry_derivative, same_shape
from srcad.ir.visit import all_defs, blocks, walk, with_blocks

# Quiet: where there is no such item, the store that follows raises.
_BEFORE = replace(GETITEM, form="item_before(_0, _1)", imports=("srcad.runtime:item_before",), effects=Effect.NONE)


def with_replaced(func: Func) -> Func:
    """The function with the old item beside each new one whose shape may differ."""
    if not any(map(_may_differ, walk(func.body))):
        return func
    return replace(func, body=_read(func.body, Names(v.name for v in all_defs(func.body))))


def without_replaced(block: Block) -> Block:
    """The forward sweep as it is printed."""
    stmts = (replace(s, args=s.args[:3]) if isinstance(s, Call) and s.op == LIST_SET else s for s in block.stmts)
    return Block(block.params, tuple(with_blocks(s, tuple(map(without_replaced, blocks(s)))) for s in stmts), block.yields)


def _read(block: Block, names: Names) -> Block:
    stmts: list[Stmt] = []
    items: dict[tuple[Arg, ...], Var] = {}  # what has been read, by list and place
    for stmt in block.stmts:
        if isinstance(stmt, Call) and stmt.op == GETITEM:
            items[stmt.args] = stmt.outs[0]
        if isinstance(stmt, Call) and _may_differ(stmt):
            held = stmt.args[0]
            assert isinstance(held, Var)
            assert isinstance(held.type, ListOf)
            if stmt.args[:2] not in items:
                items[stmt.args[:2]] = names.var("", held.type.item)
                stmts.append(Call((items[stmt.args[:2]],), _BEFORE, stmt.args[:2], (), stmt.loc))
            stmts.append(replace(stmt, args=(*stmt.args, items[stmt.args[:2]])))
        else:
            stmts.append(with_blocks(stmt, tuple(_read(b, names) for b in blocks(stmt))))
    return Block(block.params, tuple(stmts), block.yields)


def _may_differ(stmt: Stmt) -> bool:
    if not isinstance(stmt, Call) or stmt.op != LIST_SET or len(stmt.args) != 3:
        return False
    held, _, new = stmt.args
    if not isinstance(held, Var) or not isinstance(held.type, ListOf) or not may_carry_derivative(held.type.item):
        return False
    return not (isinstance(new, Var) and _same(held.type.item, new.type)) and not is_scalar(held.type.item)


def _same(old: Type, new: Type) -> bool:
    """Whether zeros in the shape of one are zeros in the shape of the other."""
    if isinstance(old, ListOf | TupleOf) or isinstance(new, ListOf | TupleOf):
        return False
    if isinstance(old, Struct) and isinstance(new, Struct):
        return old.cls is new.cls and len(old.items) == len(new.items) and all(map(_same, old.items, new.items))
    if isinstance(old, Array) or isinstance(new, Array):
        return same_shape(old, new)
    scalars = is_scalar(old) and is_scalar(new)
    return scalars or not (may_carry_derivative(old) or may_carry_derivative(new))
