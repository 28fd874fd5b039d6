"""`try` and `with`."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.assign import assign
from srcad.frontend.context import FALLS, Ambiguous, Context, Env, Exit, Path
from srcad.frontend.fence import FINALLY_EXIT, HANDLER_TYPE
from srcad.ir.core import COMPARE, PACK
from srcad.ir.nodes import UNDEF, Atom, Block, Const, Handler, Try, Var, With

_QUIET = (gast.Constant, gast.Name)  # reading a name may raise too, but then it was not assigned


def with_(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    """A `with` statement; several managers nest."""
    end = _managers(cx, node.items, node.body)
    return None if end.certain else cx.behind(end, rest)


def _managers(cx: Context, items: Sequence[Any], body: Sequence[Any]) -> Exit:
    if not items:
        return cx.stage.sequence(cx, body)
    item, loc = items[0], cx.builder.loc
    manager = cx.expression(item.context_expr)
    target = item.optional_vars
    params = () if target is None else (cx.names.var(target.id if isinstance(target, gast.Name) else ""),)

    def inside() -> Exit:
        for param in params:
            assign(cx, target, param)
        return _managers(cx, items[1:], body)

    path = cx.path(inside, params=params, always=True)
    outs, yields, end = cx.merge([path])
    cx.builder.add(With(outs, PACK, (manager,), (), path.builder.block(params, yields[0]), loc))
    return end


# ---- try -------------------------------------------------------------------------------------------------------------
def try_(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    """A `try` statement."""
    if node.finalbody and node.orelse:
        # The `else` clause stands behind the statement with the handlers, but before `finally`.
        inner = gast.Try(node.body, node.handlers, node.orelse, [])
        gast.copy_location(inner, node)
        node = gast.copy_location(gast.Try([inner], [], [], node.finalbody), node)
    loc = cx.builder.loc
    types = [_handler_type(cx, h) for h in node.handlers]
    paths = [_body(cx, node)]
    unclear = _unclear(node.body)
    paths.extend(_handler(cx, h, unclear) for h in node.handlers)
    final = _final(cx, node)
    falling = [p for p in paths[1:] if p.exit.falls]
    outs, yields, end = cx.merge(paths)
    blocks = [p.builder.block(p.params, y) for p, y in zip(paths, yields, strict=True)]
    handlers = tuple(Handler(t, b) for t, b in zip(types, blocks[1:], strict=True))
    path = cx.names.var() if node.orelse and falling else None
    cx.builder.add(Try(outs, blocks[0], handlers, None if final is None else final[0], path, loc))
    if final is not None:
        for name in final[1]:
            cx.env[name] = Ambiguous(name)
        if not final[2].exit.values:
            return final[2].exit
    if not node.orelse:
        return None if end.certain else cx.behind(end, rest)
    return cx.behind(end, lambda: _else(cx, node.orelse, path, rest))


def _else(cx: Context, orelse: Sequence[Any], path: Var | None, rest: Callable[[], Exit]) -> Exit:
    """The `else` clause, run where no handler ran, and what stands behind."""
    if path is None:
        return cx.behind(cx.stage.sequence(cx, orelse), rest)
    cond = cx.builder.call(COMPARE["eq"], (path, Const(0)))
    end, sunk = cx.fork(cond, lambda: cx.stage.sequence(cx, orelse), lambda: FALLS, rest)
    return end if sunk else cx.behind(end, rest)


def _body(cx: Context, node: Any) -> Path:
    if not node.handlers:
        return cx.path(lambda: cx.stage.sequence(cx, node.body), always=True)
    with cx.trying():
        return cx.path(lambda: cx.stage.sequence(cx, node.body), always=True)


def _handler_type(cx: Context, handler: Any) -> Atom | None:
    """The class that a handler catches.  It is looked up before the body runs, so it must be a plain name."""
    if handler.type is None:
        return None
    parts = handler.type.elts if isinstance(handler.type, gast.Tuple) else [handler.type]
    for part in parts:
        root = part
        while isinstance(root, gast.Attribute):
            root = root.value
        if not isinstance(root, gast.Name):
            raise cx.refuse(handler.type, HANDLER_TYPE)
    return cx.expression(handler.type)


def _handler(cx: Context, handler: Any, unclear: Sequence[str]) -> Path:
    name = handler.name.id if handler.name is not None else None
    params = () if name is None else (cx.names.var(name),)
    env: Env = {**cx.env, **{n: Ambiguous(n) for n in unclear}}

    def work() -> Exit:
        for param in params:
            cx.bind(handler, str(name), param)
        end = cx.stage.sequence(cx, handler.body)
        if name is not None:
            cx.env[name] = UNDEF
        return end

    return cx.path(work, env, params)


def _final(cx: Context, node: Any) -> tuple[Block, tuple[str, ...], Path] | None:
    """The `finally` block, the names that it assigns, its path."""
    if not node.finalbody:
        return None
    changed = scope.assigned((*node.body, *(s for h in node.handlers for s in (h, *h.body))))
    env: Env = {**cx.env, **{n: Ambiguous(n) for n in changed}}
    path = cx.path(lambda: cx.stage.sequence(cx, node.finalbody), env, always=True)
    if path.exit.values and not path.exit.certain:
        raise cx.refuse(node.finalbody[0], FINALLY_EXIT)
    return path.builder.block(), scope.assigned(node.finalbody), path


def _unclear(body: Sequence[Any]) -> tuple[str, ...]:
    """Names that may or may not have been assigned when a statement of the body raises."""
    cut = len(body)
    while cut and _cannot_raise(body[cut - 1]):
        cut -= 1
    if cut and _raises_before_it_assigns(body[cut - 1]):
        cut -= 1
    return scope.assigned(body[:cut])


def _cannot_raise(node: Any) -> bool:
    if isinstance(node, gast.Pass | gast.Break | gast.Continue):
        return True
    if isinstance(node, gast.Return):
        return node.value is None or isinstance(node.value, _QUIET)
    return isinstance(node, gast.Assign) and isinstance(node.value, _QUIET) and all(isinstance(t, gast.Name) for t in node.targets)


def _raises_before_it_assigns(node: Any) -> bool:
    match node:
        case gast.Assign(targets=targets, value=value):
            return all(isinstance(t, gast.Name) for t in targets) and not scope.assigned((value,))
        case gast.AnnAssign(target=gast.Name()) | gast.Import(names=[_]) | gast.ImportFrom(names=[_]) | gast.Return():
            return not scope.assigned(() if isinstance(node, gast.Import | gast.ImportFrom) else (node.value,))
    return False
