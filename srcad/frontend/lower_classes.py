"""Classes inside functions: a statement of untyped IR that has what the class takes from the function around it.

The class is made while compiling, by running its body; no generated program has it.  So the body may only define: methods, fields, values
that are literals or names.
"""
from __future__ import annotations

from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.cells import is_cell
from srcad.frontend.context import Context
from srcad.frontend.fence import CLASS, CLASS_CAPTURE
from srcad.frontend.lower_functions import assigned_behind
from srcad.ir.core import GLOBAL, NEW_CLASS
from srcad.ir.nodes import UNDEF, Arg, Const, Pack

_DISPLAYS = (gast.Tuple, gast.List, gast.Set)
_WRAPPERS = frozenset({"property", "staticmethod", "classmethod"})
_MORE = " whose body does more than define methods and fields"


def class_(cx: Context, node: Any) -> None:
    """A `class` inside a function."""
    if node.keywords or getattr(node, "type_params", None):
        raise cx.refuse(node, CLASS, " with a metaclass, keywords or type parameters")
    for inner in node.body:
        if not _defines(inner):
            raise cx.refuse(inner, CLASS, _MORE)
    if any(isinstance(n, gast.Nonlocal) for n in gast.walk(node)):
        raise cx.refuse(node, CLASS, " that assigns a variable of the function")
    names = tuple(sorted(n for n in scope.reads(node.body) if cx.is_local(n)))
    _check_captures(cx, node, names)
    captured = tuple(UNDEF if n == node.name else cx.captured(node, n) for n in names)
    read = tuple(dict.fromkeys(n for n in _names_of_values(node) if n not in names and n not in scope.assigned(node.body)))
    decorators, options = _decorators(cx, node)
    cx.globals.update(read)
    params: tuple[tuple[str, Arg], ...] = (
        ("name", Const(node.name)), ("line", Const((node.lineno, *(d.lineno for d in node.decorator_list)))), ("captured", Const(names)),
        ("bases", Pack("tuple", tuple(cx.expression(b) for b in node.bases))), ("decorators", decorators), ("options", Const(options)),
        ("read", Const(read)), ("values", Pack("tuple", tuple(cx.builder.call(GLOBAL, (Const(n),)) for n in read))),
    )  # fmt: skip
    cx.bind(node, node.name, cx.builder.call(NEW_CLASS, captured, params=params, hint=node.name))


def _defines(node: Any) -> bool:
    """Whether a statement in the body of a class has no effect but to define a name."""
    match node:
        case gast.FunctionDef():
            defaults = (*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None))
            return all(map(_is_name, node.decorator_list)) and all(map(_is_value, defaults))
        case gast.AnnAssign(target=gast.Name()):
            return node.value is None or _is_value(node.value)
        case gast.Assign():
            return all(isinstance(t, gast.Name) for t in node.targets) and _is_value(node.value)
        case gast.Expr(value=gast.Constant()) | gast.Pass():
            return True
    return False


def _is_name(node: Any) -> bool:
    """`name` or `module.name`."""
    return isinstance(node, gast.Name) or (isinstance(node, gast.Attribute) and isinstance(node.value, gast.Name))


def _is_value(node: Any) -> bool:
    """Whether an expression in the body of a class may be evaluated while compiling."""
    match node:
        case gast.Constant() | gast.Lambda() | gast.Name():
            return True
        case gast.UnaryOp(operand=operand):
            return _is_literal(operand)
        case gast.BinOp(left=left, right=right):
            return _is_literal(left) and _is_literal(right)
        case gast.Dict(keys=keys, values=values):
            return all(k is not None and _is_literal(k) for k in keys) and all(map(_is_value, values))
        case gast.Call(func=func, args=args, keywords=keywords) if _is_name(func):
            word = func.id if isinstance(func, gast.Name) else func.attr
            given = [k.value for k in keywords]
            known = (word == "field" and not args) or (word in _WRAPPERS and not keywords)
            return known and all(_is_value(v) or _is_name(v) for v in (*args, *given))
    return isinstance(node, _DISPLAYS) and all(map(_is_value, node.elts))


def _is_literal(node: Any) -> bool:
    return isinstance(node, gast.Constant | gast.UnaryOp | gast.BinOp) and all(isinstance(n, _LITERAL) for n in gast.walk(node))


_LITERAL = (gast.Constant, gast.UnaryOp, gast.BinOp, gast.operator, gast.unaryop)


def _names_of_values(node: Any) -> list[str]:
    """Names whose values the body of a class hands on: right sides, and defaults of methods."""
    found: list[Any] = []
    for inner in node.body:
        match inner:
            case gast.FunctionDef():
                found.extend((*inner.args.defaults, *(d for d in inner.args.kw_defaults if d is not None)))
            case gast.AnnAssign() | gast.Assign():
                found.append(inner.value)
    return list(scope.reads(v for v in found if v is not None and not isinstance(v, gast.Lambda)))


def _check_captures(cx: Context, node: Any, names: tuple[str, ...]) -> None:
    """Refuse variables of the function that may be assigned after the class has taken their values."""
    for name in names:
        looping = any(name in loop for loop in cx.loops) and name != node.name
        if is_cell(name) or looping or assigned_behind(cx, node, name):
            raise cx.refuse(node, CLASS_CAPTURE, f" ('{name.partition('@')[0]}')")


def _decorators(cx: Context, node: Any) -> tuple[Pack, tuple[tuple[tuple[str, object], ...], ...]]:
    """The decorators, and the literal keywords of those that are calls."""
    functions: list[Any] = []
    options: list[tuple[tuple[str, object], ...]] = []
    for decorator in node.decorator_list:
        called = isinstance(decorator, gast.Call)
        functions.append(cx.expression(decorator.func if called else decorator))
        keywords = decorator.keywords if called else []
        if (called and decorator.args) or not all(k.arg and isinstance(k.value, gast.Constant) for k in keywords):
            raise cx.refuse(decorator, CLASS, " decorated by a call with computed arguments")
        options.append(tuple((k.arg, k.value.value) for k in keywords))
    return Pack("tuple", tuple(functions)), tuple(options)
