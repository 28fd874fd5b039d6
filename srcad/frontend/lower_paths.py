"""`try` and `with`."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.assign import assign
from srcad.frontend.context import FALLS, Ambiguous, Context, Env, Exit, Path
from srcad.frontend.fence import FINALLY_EXIT, HANDLER_TYPE
from srcad.frontend.inserted import inserted
from srcad.frontend.progress import final_matters, unclear
from srcad.frontend.splitting import is_suppress, split, suppressing, written_out
from srcad.ir.core import PACK
from srcad.ir.nodes import UNDEF, Atom, Block, Const, Handler, Try, With


def with_(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    """A `with` statement; several managers nest."""
    if scope.is_inserted(node):
        inserted(cx, node)
        return None
    end = _managers(cx, node.items, node.body)
    return None if end.certain else cx.behind(end, rest)


def _managers(cx: Context, items: Sequence[Any], body: Sequence[Any]) -> Exit:
    if not items:
        return cx.stage.sequence(cx, body)
    item, loc = items[0], cx.builder.loc
    if is_suppress(item, cx.is_local):
        return try_(cx, suppressing(item, items[1:], body), lambda: FALLS) or FALLS
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


_COMPLETED = "$completed"  # whether the body of a `try` came to its end


# ---- try -------------------------------------------------------------------------------------------------------------
def try_(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    """A `try` statement."""
    if node.finalbody and final_matters(cx.node, node):
        return _written_out(cx, node, rest)
    parts = split(cx.node, node, cx.is_local)
    if node.finalbody and (node.orelse or parts is not None):
        # What stands behind the handlers stands before `finally`.
        inner = gast.Try(node.body, node.handlers, node.orelse, [])
        gast.copy_location(inner, node)
        node = gast.copy_location(gast.Try([inner], [], [], node.finalbody), node)
    elif parts is not None:
        end = cx.stage.sequence(cx, parts)
        return None if end.certain else cx.behind(end, rest)
    loc = cx.builder.loc
    types = [_handler_type(cx, h) for h in node.handlers]
    paths = [_body(cx, node)]
    doubtful = [n for n in unclear(node.body) if n not in cx.of_module]
    paths.extend(_handler(cx, h, doubtful) for h in node.handlers)
    final = _final(cx, node)
    asks = bool(node.orelse) and any(p.exit.falls for p in paths[1:])
    for n, p in enumerate(paths):
        p.env[_COMPLETED] = Const(not n) if asks else Const(True)
    outs, yields, end = cx.merge(paths)
    completed = cx.env.pop(_COMPLETED, Const(True))
    blocks = [p.builder.block(p.params, y) for p, y in zip(paths, yields, strict=True)]
    handlers = tuple(Handler(t, b) for t, b in zip(types, blocks[1:], strict=True))
    cx.builder.add(Try(outs, blocks[0], handlers, None if final is None else final[0], None, loc))
    if final is not None:
        for name in final[1]:
            cx.env[name] = Ambiguous(name)
        if not final[2].exit.values:
            return final[2].exit
    if not node.orelse:
        return None if end.certain else cx.behind(end, rest)
    return cx.behind(end, lambda: _else(cx, node.orelse, completed, rest))


def _written_out(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    """`try: body finally: last` as `try: body except: last; raise` with `last` behind it, whichever way the body is left."""
    inner = [gast.copy_location(gast.Try(node.body, node.handlers, node.orelse, []), node)] if node.handlers else node.body
    whole = written_out(node, inner)
    outer, cx.read_last = cx.read_last, cx.read_last | set(scope.reads(node.finalbody))
    try:
        end = try_(cx, whole, lambda: FALLS) or FALLS
    finally:
        cx.read_last = outer
    if not end.values:
        return end
    last = cx.stage.sequence(cx, node.finalbody)
    if not last.values:
        return last
    if not last.certain:
        raise cx.refuse(node.finalbody[0], FINALLY_EXIT)
    return None if end.certain else cx.behind(end, rest)


def _else(cx: Context, orelse: Sequence[Any], completed: Any, rest: Callable[[], Exit]) -> Exit:
    """The `else` clause, run where no handler ran, and what stands behind."""
    if isinstance(completed, Const):
        return cx.behind(cx.stage.sequence(cx, orelse) if completed.value else FALLS, rest)
    end, sunk = cx.fork(completed, lambda: cx.stage.sequence(cx, orelse), lambda: FALLS, rest)
    return end if sunk else cx.behind(end, rest)


def _body(cx: Context, node: Any) -> Path:
    if all(h.type is None and isinstance(h.body[-1], gast.Raise) and h.body[-1].exc is None for h in node.handlers):
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


def _handler(cx: Context, handler: Any, doubtful: Sequence[str]) -> Path:
    name = handler.name.id if handler.name is not None else None
    params = () if name is None else (cx.names.var(name),)
    env: Env = {**cx.env, **{n: Ambiguous(n) for n in doubtful}}

    def work() -> Exit:
        for param in params:
            cx.bind(handler, str(name), param)
        end = cx.stage.sequence(cx, handler.body)
        if name is not None:
            cx.bind(handler, name, UNDEF)
        return end

    return cx.path(work, env, params)


def _final(cx: Context, node: Any) -> tuple[Block, tuple[str, ...], Path] | None:
    """The `finally` block, the names that it assigns, its path."""
    if not node.finalbody:
        return None
    changed = scope.assigned((*node.body, *(s for h in node.handlers for s in (h, *h.body))))
    env: Env = {**cx.env, **{n: Ambiguous(n) for n in changed if n not in cx.of_module}}
    path = cx.path(lambda: cx.stage.sequence(cx, node.finalbody), env, always=True)
    if path.exit.values and not path.exit.certain:
        raise cx.refuse(node.finalbody[0], FINALLY_EXIT)
    return path.builder.block(), tuple(n for n in scope.assigned(node.finalbody) if n not in cx.of_module), path
