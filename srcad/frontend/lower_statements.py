"""Statements to untyped IR: structured, without jumps.

Statements give an exit number: 0 where what stands behind them runs, -1 for `continue`, 1 for `break`, 2 for `return` (the
value is then a variable like any other).  Where one branch of an `if` leaves and the other does not, what stands behind
sinks into the one that does not, so that no flag is needed; it is never copied.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from srcad.errors import UnsupportedSyntax
from srcad.frontend.assign import assign_expression, augmented, index
from srcad.frontend.context import BREAK, CONTINUE, DIVERGES, FALLS, RESULT, RETURN, Context, Exit, leave
from srcad.frontend.fence import refusal
from srcad.frontend.lower_classes import class_
from srcad.frontend.lower_expressions import operator_name
from srcad.frontend.lower_functions import def_
from srcad.frontend.lower_loops import for_, while_
from srcad.frontend.lower_paths import try_, with_
from srcad.ir.core import CALL, DELATTR, DELITEM, IMPORT, RAISE, REFUSE
from srcad.ir.nodes import UNDEF, Atom, Const, Ref

_Simple = Callable[[Context, Any], None]
_Control = Callable[[Context, Any, Callable[[], Exit]], Exit | None]


def sequence(cx: Context, nodes: Sequence[Any]) -> Exit:
    """Lower statements; how control leaves them."""
    for n, node in enumerate(nodes):
        outer = cx.builder.loc
        cx.builder.loc = cx.loc(node)
        try:
            end = _statement(cx, node, nodes[n + 1 :])
        except UnsupportedSyntax as error:
            if not cx.depth or cx.in_try:
                raise
            # Some paths do not come here: they shall work.
            cx.builder.do(REFUSE, (Const(type(error).__name__), Const(str(error))))
            end = DIVERGES
        if end is not None:
            return end
        cx.builder.loc = outer
    return FALLS


def _statement(cx: Context, node: Any, rest: Sequence[Any]) -> Exit | None:
    """Lower one statement, and `rest` if need be; None: go on with `rest`."""
    match node:
        case gast.Break():
            return leave(BREAK)
        case gast.Continue():
            return leave(CONTINUE)
        case gast.Return(value=value):
            cx.env[RESULT] = Const(None) if value is None else cx.expression(value, "value" if isinstance(value, gast.IfExp) else "")
            return leave(RETURN)
        case gast.Raise():
            _raise(cx, node)
            return DIVERGES
    control = _CONTROL.get(type(node))
    if control is not None:
        return control(cx, node, lambda: sequence(cx, rest))
    simple = _SIMPLE.get(type(node))
    if simple is None:
        why = refusal(node)
        assert why is not None, type(node)
        raise cx.refuse(node, why)
    simple(cx, node)
    return None


def _if(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    cond = cx.expression(node.test)
    end, sunk = cx.fork(cond, lambda: sequence(cx, node.body), lambda: sequence(cx, node.orelse), rest)
    if sunk:
        return end
    return None if end.certain else cx.behind(end, rest)


# ---- statements that fall through ------------------------------------------------------------------------------------
def _assign(cx: Context, node: Any) -> None:
    assign_expression(cx, node.targets, node.value)


def _annotated(cx: Context, node: Any) -> None:
    if node.value is not None:
        assign_expression(cx, [node.target], node.value)


def _augmented(cx: Context, node: Any) -> None:
    augmented(cx, node, operator_name(node.op))


def _expression(cx: Context, node: Any) -> None:
    if not isinstance(node.value, gast.Constant):
        cx.expression(node.value)


def _nothing(cx: Context, node: Any) -> None:
    """`pass`, `global`, `nonlocal`."""


def _assert(cx: Context, node: Any) -> None:
    if not __debug__:
        return

    def fails() -> Exit:
        error: Atom = Ref("builtins:AssertionError", AssertionError)
        if node.msg is not None:
            error = cx.builder.call(CALL, (error, cx.expression(node.msg)))
        cx.builder.do(RAISE, (error,))
        return DIVERGES

    cx.fork(cx.expression(node.test), lambda: FALLS, fails)


def _raise(cx: Context, node: Any) -> None:
    args = () if node.exc is None else (cx.expression(node.exc),)
    params = () if node.cause is None else (("cause", cx.expression(node.cause)),)
    cx.builder.do(RAISE, args, params)


def _delete(cx: Context, node: Any) -> None:
    for target in node.targets:
        _delete_target(cx, target)


def _delete_target(cx: Context, target: Any) -> None:
    match target:
        case gast.Name(id=name):
            if cx.is_local(name) and name not in cx.not_mine:
                cx.read(target, name)
            cx.bind(target, name, UNDEF)
        case gast.Attribute():
            cx.builder.do(DELATTR, (cx.expression(target.value), Const(target.attr)))
        case gast.Subscript():
            obj = cx.expression(target.value)
            cx.builder.do(DELITEM, (obj, index(cx, target.slice)))
        case _:
            for inner in target.elts:
                _delete_target(cx, inner)


def _import(cx: Context, node: Any) -> None:
    for alias in node.names:
        whole = cx.builder.call(IMPORT, (Const(alias.name), Const(None), Const(0)), hint=alias.asname or "")
        top = alias.name.partition(".")[0]
        if alias.asname:
            cx.bind(node, alias.asname, whole)
        elif top == alias.name:
            cx.bind(node, top, whole)
        else:
            cx.bind(node, top, cx.builder.call(IMPORT, (Const(top), Const(None), Const(0)), hint=top))


def _import_from(cx: Context, node: Any) -> None:
    for alias in node.names:
        name = alias.asname or alias.name
        cx.bind(node, name, cx.builder.call(IMPORT, (Const(node.module or ""), Const(alias.name), Const(node.level or 0)), hint=name))


_CONTROL: dict[type, _Control] = {gast.If: _if, gast.For: for_, gast.While: while_, gast.With: with_, gast.Try: try_}
_SIMPLE: dict[type, _Simple] = {
    gast.Assign: _assign, gast.AnnAssign: _annotated, gast.AugAssign: _augmented, gast.Expr: _expression, gast.Pass: _nothing,
    gast.Global: _nothing, gast.Nonlocal: _nothing, gast.Assert: _assert, gast.Delete: _delete, gast.Import: _import,
    gast.ImportFrom: _import_from, gast.FunctionDef: def_, gast.ClassDef: class_,
}  # fmt: skip
