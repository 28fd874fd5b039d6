"""Expressions to untyped IR, in Python's order of evaluation."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from srcad.frontend import lower_comprehensions as comprehensions
from srcad.frontend.assign import index, listed
from srcad.frontend.context import Context
from srcad.frontend.fence import FRAME, READS_FRAME, READS_FRAME_WITHOUT_ARGUMENTS, refusal
from srcad.frontend.lower_functions import lambda_
from srcad.frontend.polling import Absent, Poll, Start
from srcad.frontend.yields import Hand
from srcad.runtime.iterators import polled, started
from srcad.ir.core import BINARY, CALL, COMPARE, FSTRING, GETATTR, GETITEM, HAND, PACK, UNARY
from srcad.ir.nodes import UNDEF, Arg, Atom, Const, Pack, Ref, Star

_BINARY = {
    gast.Add: "add", gast.Sub: "sub", gast.Mult: "mul", gast.Div: "truediv", gast.FloorDiv: "floordiv", gast.Mod: "mod", gast.Pow: "pow",
    gast.MatMult: "matmul", gast.LShift: "lshift", gast.RShift: "rshift", gast.BitAnd: "and_", gast.BitOr: "or_", gast.BitXor: "xor",
}  # fmt: skip
_COMPARE = {
    gast.Eq: "eq", gast.NotEq: "ne", gast.Lt: "lt", gast.LtE: "le", gast.Gt: "gt", gast.GtE: "ge",
    gast.Is: "is_", gast.IsNot: "is_not", gast.In: "in_", gast.NotIn: "not_in",
}  # fmt: skip
_UNARY = {gast.USub: "neg", gast.UAdd: "pos", gast.Invert: "invert", gast.Not: "not_"}
_CONVERSIONS = {-1: "", 115: "s", 114: "r", 97: "a"}


def operator_name(op: Any) -> str:
    """The name in `core` of a binary operator of the syntax tree."""
    return _BINARY[type(op)]


def expression(cx: Context, node: Any, hint: str) -> Atom:
    """Lower an expression to an atom; `hint` names its value."""
    lower = _EXPRESSIONS.get(type(node))
    if lower is None:
        why = refusal(node)
        assert why is not None, type(node)
        raise cx.refuse(node, why)
    builder, outer = cx.builder, cx.builder.loc
    builder.loc = cx.loc(node)
    try:
        return lower(cx, node, hint)
    finally:
        builder.loc = outer


def _constant(_cx: Context, node: Any, _hint: str) -> Atom:
    return Const(node.value)


def _name(cx: Context, node: Any, _hint: str) -> Atom:
    return cx.read(node, node.id)


# ---- operators -------------------------------------------------------------------------------------------------------
def _binary(cx: Context, node: Any, hint: str) -> Atom:
    # A sum of some hundred terms is a tree as deep: walk down its left side without recursion.
    spine = []
    while isinstance(node, gast.BinOp):
        spine.append(node)
        node = node.left
    value = cx.expression(node)
    while spine:
        outer = spine.pop()
        right = cx.expression(outer.right)
        cx.builder.loc = cx.loc(outer)
        value = cx.builder.call(BINARY[operator_name(outer.op)], (value, right), hint="" if spine else hint)
    return value


def _unary(cx: Context, node: Any, hint: str) -> Atom:
    value = cx.expression(node.operand)
    if isinstance(node.op, gast.USub) and isinstance(value, Const) and type(value.value) in (int, float, complex):
        return Const(-value.value)  # type: ignore[operator]
    return cx.builder.call(UNARY[_UNARY[type(node.op)]], (value,), hint=hint)


def _compare(cx: Context, node: Any, hint: str) -> Atom:
    left = cx.expression(node.left)
    return _links(cx, left, list(zip(node.ops, node.comparators, strict=True)), hint)


def _links(cx: Context, left: Atom, links: Sequence[tuple[Any, Any]], hint: str) -> Atom:
    (op, node), *rest = links
    right = cx.expression(node)
    value = cx.builder.call(COMPARE[_COMPARE[type(op)]], (left, right), hint="" if rest else hint)
    if not rest:
        return value
    return cx.conditional(value, lambda: _links(cx, right, rest, ""), lambda: value, hint)


def _boolean(cx: Context, node: Any, hint: str) -> Atom:
    return _operands(cx, isinstance(node.op, gast.And), node.values, hint)


def _operands(cx: Context, every: bool, nodes: Sequence[Any], hint: str) -> Atom:
    value = cx.expression(nodes[0])
    if len(nodes) == 1:
        return value

    def more() -> Atom:
        return _operands(cx, every, nodes[1:], "")

    def enough() -> Atom:
        return value

    return cx.conditional(value, more, enough, hint) if every else cx.conditional(value, enough, more, hint)


def _conditional(cx: Context, node: Any, hint: str) -> Atom:
    cond = cx.expression(node.test)
    return cx.conditional(cond, lambda: cx.expression(node.body, hint), lambda: cx.expression(node.orelse, hint), hint)


def _walrus(cx: Context, node: Any, _hint: str) -> Atom:
    value = cx.expression(node.value, node.target.id)
    cx.bind(node, node.target.id, value)
    return value


# ---- access ----------------------------------------------------------------------------------------------------------
def _attribute(cx: Context, node: Any, hint: str) -> Atom:
    return cx.builder.call(GETATTR, (cx.expression(node.value), Const(node.attr)), hint=hint)


def _subscript(cx: Context, node: Any, hint: str) -> Atom:
    value = cx.expression(node.value)
    return cx.builder.call(GETITEM, (value, index(cx, node.slice)), hint=hint)


# ---- displays and text -----------------------------------------------------------------------------------------------
def items(cx: Context, nodes: Sequence[Any]) -> tuple[Arg, ...]:
    """Items of a display or call, stars kept."""
    return tuple(Star(cx.expression(listed(n.value))) if isinstance(n, gast.Starred) else cx.expression(n) for n in nodes)


def _display(cx: Context, node: Any, hint: str) -> Atom:
    kind = {gast.Tuple: "tuple", gast.List: "list", gast.Set: "set"}[type(node)]
    return cx.builder.call(PACK, (Pack(kind, items(cx, node.elts)),), hint=hint)


def _dict(cx: Context, node: Any, hint: str) -> Atom:
    keys: list[Arg] = []
    values: list[Arg] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            star = Star(cx.expression(value), double=True)
            keys.append(star)
            values.append(star)
        else:
            keys.append(cx.expression(key))
            values.append(cx.expression(value))
    return cx.builder.call(PACK, (Pack("dict", tuple(values), tuple(keys)),), hint=hint)


def _fstring(cx: Context, node: Any, hint: str) -> Atom:
    parts: list[Arg] = []
    for part in node.values:
        if isinstance(part, gast.FormattedValue):
            value = cx.expression(part.value)
            parts.append(Pack("tuple", (value, Const(_CONVERSIONS[part.conversion]), _format_spec(cx, part.format_spec))))
        else:
            parts.append(Const(part.value))
    return cx.builder.call(FSTRING, tuple(parts), hint=hint)


def _format_spec(cx: Context, node: Any) -> Atom:
    if node is None:
        return Const("")
    if all(isinstance(part, gast.Constant) for part in node.values):
        return Const("".join(part.value for part in node.values))
    return cx.expression(node)


# ---- calls -----------------------------------------------------------------------------------------------------------
def _call(cx: Context, node: Any, hint: str) -> Atom:
    _check_frame(cx, node)
    lazily = comprehensions.consumer(cx, node)
    if lazily is not None:
        return lazily(cx, node, hint)
    function = cx.expression(node.func)
    if _is_bare_super(cx, node) and cx.first_param is not None:
        cell = cx.env["__class__"]
        return cx.builder.call(CALL, (function, cell, cx.first_param), hint=hint)  # type: ignore[arg-type]
    eager = comprehensions.is_eager(cx, node)
    args: list[Arg] = []
    for arg in node.args:
        if isinstance(arg, gast.Starred):
            args.append(Star(cx.expression(listed(arg.value))))
        else:
            args.append(cx.expression(listed(arg) if eager else arg))
    params: list[tuple[str, Arg]] = []
    for keyword in node.keywords:
        value = cx.expression(keyword.value)
        params.append(("**", Star(value, double=True)) if keyword.arg is None else (keyword.arg, value))
    return cx.builder.call(CALL, (function, *args), params=params, hint=hint)


def _hand(cx: Context, node: Any, _hint: str) -> Atom:
    """What stands for `yield` in a generator function; `caught`: a handler of the function would see what its consumer raises."""
    params = [(name, Const(value=True)) for name, there in (("caught", cx.in_try > 0), ("closing", node.closing)) if there]
    return cx.builder.call(HAND, (cx.expression(node.value),), params=params)


def _poll(cx: Context, node: Any, _hint: str) -> Atom:
    """What an iterator gives when it is asked: whether it is at its end, and the item."""
    cx.globals.add("next")
    return cx.builder.call(CALL, (Ref("srcad.runtime.iterators:polled", polled), cx.expression(node.value)))


def _start(cx: Context, node: Any, _hint: str) -> Atom:
    """The iterator that a loop would go over."""
    return cx.builder.call(CALL, (Ref("srcad.runtime.iterators:started", started), cx.expression(node.value)))


def _absent(_cx: Context, _node: Any, _hint: str) -> Atom:
    return UNDEF


def _is_bare_super(cx: Context, node: Any) -> bool:
    return (
        isinstance(node.func, gast.Name) and node.func.id == "super" and cx.is_builtin("super")
        and not node.args and not node.keywords and "__class__" in cx.env
    )  # fmt: skip


def _check_frame(cx: Context, node: Any) -> None:
    name = node.func.id if isinstance(node.func, gast.Name) else ""
    if not cx.is_builtin(name):
        return
    if name in READS_FRAME or (name in READS_FRAME_WITHOUT_ARGUMENTS and not node.args and not node.keywords):
        raise cx.refuse(node, FRAME, f" (`{name}`)")


_EXPRESSIONS: dict[type, Callable[[Context, Any, str], Atom]] = {
    gast.Constant: _constant, gast.Name: _name, gast.BinOp: _binary, gast.UnaryOp: _unary, gast.Compare: _compare, gast.BoolOp: _boolean,
    gast.IfExp: _conditional, gast.NamedExpr: _walrus, gast.Attribute: _attribute, gast.Subscript: _subscript, gast.Tuple: _display,
    gast.List: _display, gast.Set: _display, gast.Dict: _dict, gast.JoinedStr: _fstring, gast.Call: _call, gast.Lambda: lambda_,
    gast.ListComp: comprehensions.list_, gast.SetComp: comprehensions.set_, gast.DictComp: comprehensions.dict_,
    gast.GeneratorExp: comprehensions.generator, Hand: _hand, Poll: _poll, Start: _start, Absent: _absent,
}  # fmt: skip
