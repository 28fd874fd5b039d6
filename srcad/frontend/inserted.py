"""`with cotangent_of(h) as h_bar:` -- the block becomes a function of `h_bar` and of the variables that it reads.

It is lowered as `h = cotangent_of(h, block, *variables)`, which is the value of `h`: the variables are read at this point, so that
the reverse sweep sees them as they are here.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.assign import assign
from srcad.frontend.context import Context
from srcad.frontend.fence import Refusal
from srcad.ir.core import CALL, CLOSURE
from srcad.ir.nodes import Const

_CODE = "SRC193"
_LEAVES = Refusal(_CODE, "`return`, `break` or `continue` in a block for the reverse sweep", "Let the block run to its end.")
_ALONE = Refusal(_CODE, "`cotangent_of` together with other managers", "Write it as a `with` statement of its own.")
_PLACE = Refusal(_CODE, "`cotangent_of` of something that is no variable of this function", "Give the value a name first: `h = ...`.")
_TARGET = Refusal(_CODE, "`cotangent_of` as something that is no plain name", "Write `as h_bar`.")
_ASSIGNS = Refusal(_CODE, "A block for the reverse sweep that assigns a variable of the function",
                   "Use names of its own there; only the cotangent itself goes on.")  # fmt: skip


def inserted(cx: Context, node: Any) -> None:
    """Lower the whole statement; it falls through."""
    item, place = node.items[0], scope.place(node)
    if len(node.items) > 1:
        raise cx.refuse(node, _ALONE)
    if not _is_place(cx, place):
        raise cx.refuse(place, _PLACE)
    if item.optional_vars is not None and not isinstance(item.optional_vars, gast.Name):
        raise cx.refuse(item.optional_vars, _TARGET)
    for leaving in _exits(node.body, in_loop=False):
        raise cx.refuse(leaving, _LEAVES)
    bar = scope.bar(node)
    names = tuple(n for n in scope.inserted_reads(node) if cx.is_local(n))
    for changed in scope.assigned(node.body):
        if changed in names or (changed != bar and _is_read_outside(cx, changed)):
            raise cx.refuse(node, _ASSIGNS, f" ('{changed}')")
    block = _function(node, f"cotangent_of_{scope.word(place)}", (bar, *names))
    manager = cx.expression(item.context_expr.func)
    value = cx.expression(place)
    read = [cx.read(node, n) for n in names]
    lowered, captured = cx.stage.function(cx, block, block.name, "")
    made = cx.builder.call(CLOSURE, captured, params=[("func", Const(len(cx.nested)))])
    cx.nested.append(lowered)
    hint = place.id if isinstance(place, gast.Name) else ""
    assign(cx, _stored(place), cx.builder.call(CALL, (manager, value, made, *read), hint=hint))


def _is_place(cx: Context, node: Any) -> bool:
    match node:
        case gast.Name(id=name):
            return (name in cx.env or name in cx.locals) and name not in cx.not_mine
        case gast.Attribute(value=inner) | gast.Subscript(value=inner):
            return _is_place(cx, inner) or isinstance(inner, gast.Name)
    return False


def _stored(node: Any) -> Any:
    """The place as a target."""
    match node:
        case gast.Name(id=name):
            new = gast.Name(name, gast.Store(), None, None)
        case gast.Attribute(value=value, attr=attr):
            new = gast.Attribute(value, attr, gast.Store())
        case _:
            new = gast.Subscript(node.value, node.slice, gast.Store())
    return gast.copy_location(new, node)


def _exits(body: list[Any], *, in_loop: bool) -> Iterator[Any]:
    """Statements that would leave the block."""
    for stmt in body:
        if isinstance(stmt, gast.Return) or (isinstance(stmt, gast.Break | gast.Continue) and not in_loop):
            yield stmt
        if isinstance(stmt, gast.FunctionDef | gast.ClassDef):
            continue
        loops = isinstance(stmt, gast.For | gast.While)
        yield from _exits(getattr(stmt, "body", []), in_loop=in_loop or loops)
        for part in ("orelse", "finalbody", "handlers"):
            yield from _exits(getattr(stmt, part, []), in_loop=in_loop)


def _is_read_outside(cx: Context, name: str) -> bool:
    """Whether the function reads a name elsewhere than in blocks for the reverse sweep."""
    todo = list(scope.body(cx.node))
    while todo:
        inner = todo.pop()
        if isinstance(inner, gast.With) and scope.is_inserted(inner):
            continue
        if isinstance(inner, gast.Name) and inner.id == name and not isinstance(inner.ctx, gast.Store):
            return True
        todo.extend(gast.iter_child_nodes(inner))
    return False


def _function(node: Any, name: str, params: tuple[str, ...]) -> Any:
    """`def name(*params): body; return params[0]`."""
    args = gast.arguments([_named(node, p, gast.Param()) for p in params], [], None, [], [], None, [])
    last = gast.copy_location(gast.Return(_named(node, params[0], gast.Load())), node)
    return gast.copy_location(gast.FunctionDef(name, args, [*node.body, last], [], None, None, []), node)


def _named(node: Any, name: str, context: Any) -> Any:
    return gast.copy_location(gast.Name(name, context, None, None), node)
