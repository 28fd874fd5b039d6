"""Conditions: `not`, `and`, `or`, chained comparison."""
from __future__ import annotations

import ast

from srcad.backend.nodes import Slot
from srcad.ir.types import is_scalar

_ALWAYS: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}
_NUMBERS: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}


def negated(test: ast.expr) -> ast.expr:
    """The opposite condition."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            flip = _ALWAYS.get(type(op)) or (_NUMBERS.get(type(op)) if _number(left) and _number(right) else None)
            if flip is not None:
                return ast.Compare(left=left, ops=[flip()], comparators=[right])
    return ast.UnaryOp(op=ast.Not(), operand=test)


def _number(node: ast.expr) -> bool:
    return (isinstance(node, Slot) and is_scalar(node.var.type)) or (isinstance(node, ast.Constant) and isinstance(node.value, int | float))


def connect(word: str, first: ast.expr, second: ast.expr) -> ast.expr:
    """`first and second` or `first or second`; `a < b and b < c` is `a < b < c`."""
    op = ast.And() if word == "and" else ast.Or()
    if isinstance(op, ast.And) and isinstance(first, ast.Compare) and isinstance(second, ast.Compare) and _meet(first, second):
        return ast.Compare(left=first.left, ops=[*first.ops, *second.ops], comparators=[*first.comparators, *second.comparators])
    values: list[ast.expr] = []
    for part in (first, second):
        values.extend(part.values if isinstance(part, ast.BoolOp) and type(part.op) is type(op) else [part])
    return ast.BoolOp(op=op, values=values)


def _meet(first: ast.Compare, second: ast.Compare) -> bool:
    match first.comparators[-1], second.left:
        case Slot() as a, Slot() as b:
            return a.var == b.var
        case ast.Constant(value=a), ast.Constant(value=b):
            return type(a) is type(b) and repr(a) == repr(b)
    return False
