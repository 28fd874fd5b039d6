"""Takes a `try` body apart where it matters how far it came.

    try:                               done = 0
        a = f(x)                       try: a = f(x)
        b = g(a)                       except E: done = 1
    except E:                   ==>    if done == 0:
        b = a                              try: b = g(a)
                                           except E: done = 1
                                       if done == 1: b = a

A name has one value on each path of this form.  It is used only where a handler, or what stands behind a handler that
falls through, reads a name that the body may or may not have assigned; other `try` statements stay as they are.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import gast

from srcad.frontend import scope

RERAISED = "$reraised"  # what a bare `raise` raises where its handler stands behind the `try`
_QUIET = (gast.Constant, gast.Name)  # reading a name may raise too, but then it was not assigned
_INSIDE_ONLY = frozenset({"exception", "exc_info", "print_exc", "format_exc"})
_LEAVES = (gast.Return, gast.Raise)


def unclear(body: Sequence[Any]) -> tuple[str, ...]:
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
            return all(map(_binds_at_once, targets)) and not scope.assigned((value,))
        case gast.AnnAssign(target=gast.Name(), value=value) | gast.AugAssign(target=gast.Name(), value=value) | gast.Return(value=value):
            return value is None or not scope.assigned((value,))
        case gast.Import(names=[_]) | gast.ImportFrom(names=[_]):
            return True
        case gast.Expr() | gast.Assert() | gast.Raise() | gast.FunctionDef():
            return not scope.assigned(scope.children(node))
    return False


def _binds_at_once(target: Any) -> bool:
    """Whether nothing can raise between the names that a target binds."""
    if isinstance(target, gast.Tuple | gast.List):
        return all(isinstance(e.value if isinstance(e, gast.Starred) else e, gast.Name) for e in target.elts)
    return isinstance(target, gast.Name)


def groups(function: Any, node: Any) -> list[list[Any]] | None:
    """The body of a `try` in parts, in each of which the names that matter are clear; None if it can stay whole."""
    needed = _needed(function, node)
    if not needed or any(map(_asks_for_the_exception, node.handlers)):
        return None
    parts: list[list[Any]] = []
    for statement in node.body:
        if parts and not needed & set(unclear([*parts[-1], statement])):
            parts[-1].append(statement)
        elif needed & set(unclear([statement])):
            return None
        else:
            parts.append([statement])
    return parts


def final_matters(function: Any, node: Any) -> bool:
    """Whether what a `finally` clause assigns is read behind it, or it reads what the statements before it assign."""
    of_module = scope.declared(function, gast.Global)
    assigned = set(scope.assigned(node.finalbody)) - of_module
    before = set(scope.assigned((*node.body, *(s for h in node.handlers for s in (h, *h.body)), *node.orelse))) - of_module
    everywhere, inside = _loads([function]), _loads(node.finalbody)
    return any(everywhere[n] > inside[n] for n in assigned) or bool(before & set(scope.reads(node.finalbody)))


def _asks_for_the_exception(handler: Any) -> bool:
    """Whether a handler calls what works inside an `except` clause only."""
    names = (n.attr if isinstance(n, gast.Attribute) else n.arg if isinstance(n, gast.keyword) else "" for n in gast.walk(handler))
    return any(name in _INSIDE_ONLY for name in names)


def _needed(function: Any, node: Any) -> set[str]:
    """Names that are unclear and read where that matters."""
    names = set(unclear(node.body)) - scope.declared(function, gast.Global)
    everywhere, inside = _loads([function]), _loads(node.body)
    read_outside = {n for n in names if everywhere[n] > inside[n]}
    needed: set[str] = set()
    for handler in node.handlers:
        needed |= names & set(scope.reads(handler.body))
        if not isinstance(handler.body[-1], _LEAVES):
            sure = {n for s in handler.body if isinstance(s, gast.Assign) for n in scope.assigned((s,))}
            needed |= read_outside - sure
    return needed


def _loads(nodes: Sequence[Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for root in nodes:
        for node in gast.walk(root):
            if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load):
                found[node.id] += 1
            elif isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
                found[node.target.id] += 1
    return found


def split(node: Any, parts: Sequence[Sequence[Any]], tag: str) -> list[Any]:
    """Statements that do what the `try` (without `finally`) does; `tag` makes their variables unique."""
    done, error = f"$done{tag}", f"$error{tag}"

    def is_(number: int) -> Any:
        return gast.Compare(_load(done), [gast.Eq()], [gast.Constant(number, None)])

    def attempt(part: Sequence[Any]) -> Any:
        handlers = []
        for n, handler in enumerate(node.handlers, 1):
            keep = gast.Assign([_store(error)], _load(f"{error}in"), None)
            kind = handler.type or _load("BaseException")
            handlers.append(gast.ExceptHandler(kind, _store(f"{error}in"), [_number(done, n), keep]))
        return gast.Try(list(part), handlers, [], [])

    statements: list[Any] = [_number(done, 0), attempt(parts[0])]
    statements.extend(gast.If(is_(0), [attempt(part)], []) for part in parts[1:])
    last: list[Any] = list(node.orelse) or [gast.Pass()]
    for n, handler in reversed(list(enumerate(node.handlers, 1))):
        last = [gast.If(is_(n), _handled(handler, error), last)]
    statements.extend(last)
    return [_placed(s, node) for s in statements]


def _handled(handler: Any, error: str) -> list[Any]:
    # Python deletes the name at the end, whatever the handler did with it.
    names = [RERAISED] if handler.name is None else [RERAISED, handler.name.id]
    before = [gast.Assign([_store(n)], _load(error), None) for n in names]
    after = [s for n in names for s in (gast.Assign([_store(n)], gast.Constant(None, None), None), gast.Delete([_deleted(n)]))]
    return [*before, *handler.body, *after]


def _deleted(name: str) -> Any:
    return gast.Name(name, gast.Del(), None, None)


def _load(name: str) -> Any:
    return gast.Name(name, gast.Load(), None, None)


def _store(name: str) -> Any:
    return gast.Name(name, gast.Store(), None, None)


def _number(name: str, number: int) -> Any:
    return gast.Assign([_store(name)], gast.Constant(number, None), None)


def _placed(node: Any, where: Any) -> Any:
    """Give the new nodes the place of the statement that they come from."""
    if getattr(node, "lineno", None) is None and isinstance(node, gast.stmt | gast.expr | gast.ExceptHandler):
        gast.copy_location(node, where)
    for child in gast.iter_child_nodes(node):
        _placed(child, where)
    return node
