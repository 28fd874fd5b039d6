"""How far the body of a `try` came, where that matters: which names are in doubt when it raises.

`splitting` then takes the body apart.  Other `try` statements stay as they are.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import gast

from srcad.frontend import scope

_QUIET = (gast.Constant, gast.Name)  # reading a name may raise too, but then it was not assigned
_INSIDE_ONLY = frozenset({"exception", "exc_info", "print_exc", "format_exc"})
_LEAVES = (gast.Return, gast.Raise)
_CHANGING = frozenset({
    "append", "appendleft", "extend", "insert", "pop", "popleft", "remove", "clear", "add", "discard", "update", "setdefault", "sort",
    "reverse", "fill", "put",
})  # fmt: skip


def unclear(body: Sequence[Any]) -> tuple[str, ...]:
    """Names that may or may not have been assigned when a statement of the body raises."""
    return scope.assigned(_doubtful(body))


def unsettled(body: Sequence[Any]) -> frozenset[str]:
    """Names that may or may not have been assigned, or what they stand for changed, when a statement of the body raises."""
    part = _doubtful(body)
    return frozenset((*scope.assigned(part), *changed(part)))


def _doubtful(body: Sequence[Any]) -> Sequence[Any]:
    """The statements of a body behind which something may still raise."""
    cut = len(body)
    while cut and cannot_raise(body[cut - 1]):
        cut -= 1
    if cut and _raises_before_it_changes(body[cut - 1]):
        cut -= 1
    return body[:cut]


def changed(nodes: Sequence[Any]) -> Iterator[str]:
    """Names of what statements change in place, by their syntax."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        match node:
            case gast.Subscript(ctx=gast.Store() | gast.Del(), value=inner) | gast.Attribute(ctx=gast.Store() | gast.Del(), value=inner):
                yield from _root(inner)
            case gast.Call(func=gast.Attribute(value=inner, attr=name)) if name in _CHANGING:
                yield from _root(inner)
        todo.extend(scope.children(node))


def _root(node: Any) -> Iterator[str]:
    while isinstance(node, gast.Subscript | gast.Attribute):
        node = node.value
    if isinstance(node, gast.Name):
        yield node.id


def cannot_raise(node: Any) -> bool:
    """Whether a statement is sure not to raise."""
    if isinstance(node, gast.Pass | gast.Break | gast.Continue):
        return True
    if isinstance(node, gast.Return):
        return node.value is None or isinstance(node.value, _QUIET)
    return isinstance(node, gast.Assign) and isinstance(node.value, _QUIET) and all(isinstance(t, gast.Name) for t in node.targets)


def _raises_before_it_changes(node: Any) -> bool:
    """Whether a statement that raises has not changed anything."""
    match node:
        case gast.Assign(targets=[gast.Subscript() | gast.Attribute()]) | gast.AugAssign(target=gast.Subscript() | gast.Attribute()):
            return _plain(gast.iter_child_nodes(node), but=1)
        case gast.Assign(targets=targets, value=value):
            return all(map(binds_at_once, targets)) and _plain((value,))
        case gast.AnnAssign(target=gast.Name(), value=value) | gast.AugAssign(target=gast.Name(), value=value) | gast.Return(value=value):
            return value is None or _plain((value,))
        case gast.Import(names=[_]) | gast.ImportFrom(names=[_]):
            return True
        case gast.Expr(value=gast.Call(func=gast.Attribute(attr=name))) if name in _CHANGING:
            return _plain((node,), but=1)
        case gast.Expr() | gast.Assert() | gast.Raise() | gast.FunctionDef():
            return _plain(scope.children(node))
        case gast.If(test=test, body=body, orelse=orelse):
            return _plain((test,)) and not unsettled(body) and not unsettled(orelse)
        case gast.Try(handlers=handlers, orelse=[], finalbody=[]):
            return not unsettled(node.body) and all(map(cannot_raise, (s for h in handlers for s in h.body)))
    return False


def _plain(nodes: Iterator[Any] | Sequence[Any], but: int = 0) -> bool:
    """Whether expressions assign no name, and change nothing but one thing last, if so allowed."""
    every = list(nodes)
    return not scope.assigned(every) and len(list(changed(every))) <= but


def binds_at_once(target: Any) -> bool:
    """Whether nothing can raise between the names that a target binds."""
    if isinstance(target, gast.Tuple | gast.List):
        return all(isinstance(e.value if isinstance(e, gast.Starred) else e, gast.Name) for e in target.elts)
    return isinstance(target, gast.Name)


def final_matters(function: Any, node: Any) -> bool:
    """Whether what a `finally` clause assigns is read behind it, or it reads what the statements before it assign."""
    of_module = scope.declared(function, gast.Global)
    assigned = set(scope.assigned(node.finalbody)) - of_module
    before = set(scope.assigned((*node.body, *(s for h in node.handlers for s in (h, *h.body)), *node.orelse))) - of_module
    everywhere, inside = _loads([function]), _loads(node.finalbody)
    return any(everywhere[n] > inside[n] for n in assigned) or bool(before & set(scope.reads(node.finalbody)))


def asks_for_the_exception(handler: Any) -> bool:
    """Whether a handler calls what works inside an `except` clause only."""
    names = (n.attr if isinstance(n, gast.Attribute) else n.arg if isinstance(n, gast.keyword) else "" for n in gast.walk(handler))
    return any(name in _INSIDE_ONLY for name in names)


def needed(function: Any, node: Any) -> frozenset[str]:
    """Names that are unclear, or stand for what may have been changed, and are read where that matters."""
    of_module = scope.declared(function, gast.Global)
    mine = frozenset((*scope.parameters(function), *scope.assigned(scope.body(function)))) - of_module
    names = unsettled(node.body) & mine
    if not names:
        return names
    everywhere, inside = _loads([function]), _loads(node.body)
    given = set(scope.parameters(function)) & set(changed(node.body))  # the caller may read these
    read_outside = {n for n in names if everywhere[n] > inside[n] or n in given}
    found: set[str] = set()
    for handler in node.handlers:
        found |= names & set(scope.reads(handler.body))
        if not isinstance(handler.body[-1], _LEAVES):
            sure = {n for s in handler.body if isinstance(s, gast.Assign) for n in scope.assigned((s,))}
            found |= read_outside - sure
    return frozenset(found)


def _loads(nodes: Sequence[Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for root in nodes:
        for node in gast.walk(root):
            if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load):
                found[node.id] += 1
            elif isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
                found[node.target.id] += 1
    return found
