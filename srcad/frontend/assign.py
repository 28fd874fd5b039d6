"""Assignment targets."""
from __future__ import annotations

from typing import Any

import gast

from srcad.frontend.context import Context
from srcad.ir.core import AUGMENTED, GETATTR, GETITEM, SETATTR, SETITEM, UNPACK
from srcad.ir.nodes import Arg, Atom, Call, Const, Pack, SliceArg, Star, Var

_SEQUENCES = (gast.Tuple, gast.List)


def assign(cx: Context, target: Any, value: Atom) -> None:
    """`target = value`."""
    outer = cx.builder.loc
    cx.builder.loc = cx.loc(target)
    match target:
        case gast.Name(id=name):
            cx.bind(target, name, value)
        case gast.Attribute():
            cx.builder.do(SETATTR, (cx.expression(target.value), Const(target.attr), value))
        case gast.Subscript():
            obj = cx.expression(target.value)
            cx.builder.do(SETITEM, (obj, index(cx, target.slice), value))
        case gast.Starred():
            assign(cx, target.value, value)
        case _:
            _unpack(cx, target, value)
    cx.builder.loc = outer


def index(cx: Context, node: Any) -> Arg:
    """What stands in square brackets: a tree, since a slice is no value of its own."""
    match node:
        case gast.Slice():
            parts = [Const(None) if p is None else cx.expression(p) for p in (node.lower, node.upper, node.step)]
            return SliceArg(*parts)
        case gast.Tuple(elts=elements):
            return Pack("tuple", tuple(index(cx, e) for e in elements))
        case gast.Starred(value=value):
            return Star(cx.expression(listed(value)))
    return cx.expression(node)


def listed(node: Any) -> Any:
    """A generator expression whose items are all taken at once, as a list; other expressions as they are."""
    return gast.copy_location(gast.ListComp(node.elt, node.generators), node) if isinstance(node, gast.GeneratorExp) else node


def _unpack(cx: Context, target: Any, value: Atom) -> None:
    outs: list[Var] = []
    star: int | None = None
    for n, element in enumerate(target.elts):
        inner = element
        if isinstance(element, gast.Starred):
            star, inner = n, element.value
        outs.append(cx.names.var(inner.id if isinstance(inner, gast.Name) else ""))
    params = () if star is None else (("star", Const(star)),)
    cx.builder.add(Call(tuple(outs), UNPACK, (value,), params, cx.builder.loc))
    for element, out in zip(target.elts, outs, strict=True):
        assign(cx, element, out)


def assign_expression(cx: Context, targets: list[Any], node: Any) -> None:
    """`targets[0] = targets[1] = ... = node`."""
    if len(targets) == 1 and same_displays(targets[0], node):
        # `a, b = b, a` makes no tuple.
        values = [cx.expression(v, _hint(t)) for t, v in zip(targets[0].elts, node.elts, strict=True)]
        for target, value in zip(targets[0].elts, values, strict=True):
            assign(cx, target, value)
        return
    if all(isinstance(t, _SEQUENCES) for t in targets):
        node = listed(node)
    value = cx.expression(node, next(filter(None, map(_hint, sorted(targets, key=lambda t: not isinstance(t, gast.Name)))), ""))
    for target in targets:
        assign(cx, target, value)


def _hint(target: Any) -> str:
    """What to call a value that goes there: as the name, attribute or key."""
    match target:
        case gast.Name(id=name) | gast.Attribute(attr=name) | gast.Subscript(slice=gast.Constant(value=str(name))):
            return str(name) if str(name).isidentifier() else ""
    return ""


def same_displays(target: Any, node: Any) -> bool:
    """Whether the items of a display are assigned one by one."""
    return (
        isinstance(target, _SEQUENCES) and isinstance(node, _SEQUENCES) and len(target.elts) == len(node.elts)
        and not any(isinstance(e, gast.Starred) for e in (*target.elts, *node.elts))
    )  # fmt: skip


def augmented(cx: Context, node: Any, op: str) -> None:
    """`target op= value`."""
    target, name = node.target, "i" + op.rstrip("_")
    match target:
        case gast.Name(id=hint):
            before = cx.read(target, hint)
            after = cx.builder.call(AUGMENTED[name], (before, cx.expression(node.value)), hint=hint)
            cx.bind(target, hint, after)
        case gast.Attribute():
            obj = cx.expression(target.value)
            before = cx.builder.call(GETATTR, (obj, Const(target.attr)))
            after = cx.builder.call(AUGMENTED[name], (before, cx.expression(node.value)), hint=_hint(target))
            cx.builder.do(SETATTR, (obj, Const(target.attr), after))
        case _:
            obj = cx.expression(target.value)
            where = index(cx, target.slice)
            before = cx.builder.call(GETITEM, (obj, where))
            after = cx.builder.call(AUGMENTED[name], (before, cx.expression(node.value)), hint=_hint(target))
            cx.builder.do(SETITEM, (obj, where, after))
