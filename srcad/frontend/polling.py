"""Iterators that are asked for one item at a time: `next` as a pair of whether they are at their end, and the item.

    def __next__(self):                     def __next__(self):
        if self.at == self.n:                   if self.at == self.n:
            raise StopIteration     ==>             return True, absent
        self.at += 1                            self.at += 1
        return self.at                          return False, self.at

    try: x = next(items)                    end, item = polled(items)
    except StopIteration: break     ==>     if end: break
    f(x)                                    x = item
                                            f(x)

So no exception is raised that somebody must catch, and names have one value on each path.  A loop over such an iterator goes over a
generator with the body of `__next__` in a loop, each `return` of which is a `yield`.
"""
from __future__ import annotations

import copy
from typing import Any

import gast

from srcad.frontend import scope


class Poll(gast.expr):  # type: ignore[misc]
    """The pair that an iterator gives when it is asked for an item."""

    _fields = ("value",)


class Start(gast.expr):  # type: ignore[misc]
    """The iterator of what a loop goes over."""

    _fields = ("value",)


class Absent(gast.Constant):  # type: ignore[misc]
    """No value: what stands for the item behind the end."""


def polled(function: Any) -> Any:
    """A `__next__` that returns a pair instead of raising StopIteration."""
    function = _prepared(function)
    function.body = [_Ends().visit(s) for s in function.body]
    function.body.append(gast.copy_location(gast.Return(pair(function, None)), function.body[-1]))
    return gast.fix_missing_locations(function)


def stepping(function: Any) -> Any | None:
    """A `__next__` as a generator that gives what it returns, again and again; None where it returns from inside a loop."""
    if any(scope.contains([loop], gast.Return, gast.Raise) for loop in gast.walk(function) if isinstance(loop, gast.For | gast.While)):
        return None
    function = _prepared(function)
    last = function.body[-1]
    if not isinstance(last, gast.Return | gast.Raise):
        function.body.append(gast.copy_location(gast.Return(None), last))
    steps = [new for s in function.body for new in _Steps().visit_all(s)]
    forever = gast.copy_location(gast.Constant(value=True, kind=None), function)
    function.body = [gast.copy_location(gast.While(forever, steps, []), function.body[0])]
    return gast.fix_missing_locations(function)


def _prepared(function: Any) -> Any:
    function = copy.deepcopy(asking(function))
    function.body = [new for s in function.body for new in _Hoists().visit_all(s)]
    return function


def pair(at: Any, item: Any, *, end: bool = False) -> Any:
    """`(end, item)`; no item is None, and there is none at the end."""
    flag = gast.Constant(end, None)
    value = gast.copy_location(Absent(None, None) if end else gast.Constant(None, None), at) if item is None else item
    return gast.copy_location(gast.Tuple([gast.copy_location(flag, at), value], gast.Load()), at)


class _OwnStatements(gast.NodeTransformer):  # type: ignore[misc]
    """Rewrites statements of a function, those in `try` statements and in functions inside it left out."""

    def _leave(self, node: Any) -> Any:
        return node

    visit_Try = visit_FunctionDef = visit_Lambda = visit_ClassDef = _leave  # noqa: N815

    def visit_all(self, node: Any) -> list[Any]:
        """The statements that stand for one."""
        found = self.visit(node)
        return found if isinstance(found, list) else [found]


class _Ends(_OwnStatements):
    """Writes `return` and `raise StopIteration` as pairs."""

    def visit_Return(self, node: Any) -> Any:  # noqa: N802 -- the name that the visitor looks for
        """An item."""
        return gast.copy_location(gast.Return(pair(node, node.value)), node)

    def visit_Raise(self, node: Any) -> Any:  # noqa: N802
        """The end, if it is one."""
        return gast.copy_location(gast.Return(pair(node, None, end=True)), node) if _is_stop(node.exc) else node


class _Steps(_OwnStatements):
    """Writes `return` as `yield` and `raise StopIteration` as the end of the generator."""

    def visit_Return(self, node: Any) -> Any:  # noqa: N802
        """An item, and on to the next."""
        item = gast.copy_location(gast.Yield(node.value), node)
        return [gast.copy_location(gast.Expr(item), node), gast.copy_location(gast.Continue(), node)]

    def visit_Raise(self, node: Any) -> Any:  # noqa: N802
        """The end, if it is one."""
        return gast.copy_location(gast.Return(None), node) if _is_stop(node.exc) else node


class _Hoists(_OwnStatements):
    """Asks an inner iterator before the statement that takes its next item: its end is the end of this one."""

    def _taking(self, node: Any) -> Any:
        calls = [n for n in gast.walk(node) if _is_next(n)]
        if len(calls) != 1 or sum(isinstance(n, gast.Call | gast.NamedExpr) for n in gast.walk(node)) != 1:
            return node
        end, item = (f"{word}@{node.lineno}_{node.col_offset}" for word in ("end", "item"))
        ask = asked(node, end, item, calls[0].args[0])
        stop = gast.copy_location(gast.Raise(name(node, "StopIteration"), None), node)
        return [ask, gast.copy_location(gast.If(name(node, end), [stop], []), node), _Put(calls[0], name(node, item)).visit(node)]

    visit_Assign = visit_AugAssign = visit_Return = visit_Expr = _taking  # noqa: N815


class _Put(gast.NodeTransformer):  # type: ignore[misc]
    """Puts a node in the place of another one."""

    def __init__(self, old: Any, new: Any) -> None:
        self.old, self.new = old, new

    def visit(self, node: Any) -> Any:
        """The new node for the old one."""
        return self.new if node is self.old else super().visit(node)


def _is_stop(node: Any) -> bool:
    called = node.func if isinstance(node, gast.Call) and not node.args else node
    return isinstance(called, gast.Name) and called.id == "StopIteration"


# ---- asking ----------------------------------------------------------------------------------------------------------
def asking(function: Any) -> Any:
    """The function with each `try` around one `next` written as a question; itself where it has none."""
    if isinstance(function, gast.Lambda) or "next" in scope.assigned(function.body) or not any(map(_asks, gast.walk(function))):
        return function
    function = copy.deepcopy(function)
    function.body = _statements(function.body)
    return gast.fix_missing_locations(function)


def _asks(node: Any) -> bool:
    """Whether a node is `try: x = next(items)` with a handler of StopIteration alone."""
    if not isinstance(node, gast.Try) or node.finalbody or len(node.body) != 1 or len(node.handlers) != 1:
        return False
    (statement,), (handler,) = node.body, node.handlers
    caught = isinstance(handler.type, gast.Name) and handler.type.id == "StopIteration" and handler.name is None
    return caught and isinstance(statement, gast.Assign | gast.Return | gast.Expr) and _is_next(statement.value)


def _is_next(node: Any) -> bool:
    named = isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and node.func.id == "next"
    return named and len(node.args) == 1 and not node.keywords and isinstance(node.args[0], gast.Name | gast.Attribute)


def _statements(nodes: list[Any]) -> list[Any]:
    return [new for node in nodes for new in _written(node)]


def _written(node: Any) -> list[Any]:
    if isinstance(node, scope.FUNCTIONS):
        return [node]
    for field in ("body", "orelse", "finalbody"):
        if isinstance(getattr(node, field, None), list):
            setattr(node, field, _statements(getattr(node, field)))
    for handler in getattr(node, "handlers", ()):
        handler.body = _statements(handler.body)
    return _question(node) if _asks(node) else [node]


def _question(node: Any) -> list[Any]:
    (statement,), (handler,) = node.body, node.handlers
    end, item = (f"{name}@{node.lineno}_{node.col_offset}" for name in ("end", "item"))
    ask = asked(statement, end, item, statement.value.args[0])
    taken = copy.copy(statement)
    taken.value = name(statement, item)
    return [ask, gast.copy_location(gast.If(name(node, end), handler.body, [taken, *node.orelse]), node)]


def asked(at: Any, end: str, item: str, iterator: Any) -> Any:
    """`end, item = polled(iterator)`."""
    targets = gast.copy_location(gast.Tuple([name(at, end, gast.Store()), name(at, item, gast.Store())], gast.Store()), at)
    return gast.copy_location(gast.Assign([targets], gast.copy_location(Poll(iterator), at), None), at)


def name(at: Any, text: str, ctx: Any = None) -> Any:
    """A name, at the place of another node."""
    return gast.copy_location(gast.Name(text, ctx or gast.Load(), None, None), at)
