"""Generator expressions that are kept under a name and read once: they are written where they are read.

    g = (a * x for x in xs if x > 0)          g = xs
    a = f(a)                           ==>    a = f(a)
    return sum(g)                             return sum(a * x for x in g if x > 0)

That is what Python does: only what the first `for` iterates over is evaluated where the expression stands, the rest when
items are asked for.  The name must be bound once and read once for each time that it is bound.
"""
from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import gast

from srcad.frontend import scope

_Place = tuple[int, ...]  # the loops around, from outside in


def inlined(function: Any) -> Any:
    """The function (or lambda) with such expressions written where they are read; itself where there are none."""
    if isinstance(function, gast.Lambda) or not any(True for _ in _kept(function)):
        return function
    function = copy.deepcopy(function)
    for assignment, read in list(_kept(function)):
        expression = assignment.value
        first, *rest = expression.generators
        assignment.value = first.iter
        name = gast.copy_location(gast.Name(read.id, gast.Load(), None, None), read)
        again = gast.comprehension(first.target, name, first.ifs, first.is_async)
        _replace(function, read, gast.copy_location(gast.GeneratorExp(expression.elt, [again, *rest]), expression))
    return function


def _kept(function: Any) -> Iterator[tuple[Any, Any]]:
    """Assignments of a generator expression to a name, with the only place that reads the name."""
    names: dict[str, list[tuple[Any, _Place]]] = {}
    assignments: dict[str, tuple[Any, _Place]] = {}
    inner: set[str] = set()
    for node, place in _nodes(scope.body(function), ()):
        if isinstance(node, gast.Name):
            names.setdefault(node.id, []).append((node, place))
        elif isinstance(node, scope.FUNCTIONS):
            inner.update(scope.free(node))
        elif isinstance(node, gast.Assign) and isinstance(node.value, gast.GeneratorExp) and isinstance(node.targets[0], gast.Name):
            assignments[node.targets[0].id] = node, place
    parameters = scope.parameters(function)
    for name, (assignment, place) in assignments.items():
        if len(assignment.targets) != 1 or name in inner or name in parameters or len(names[name]) != 2:
            continue
        (read, where) = next(((n, p) for n, p in names[name] if isinstance(n.ctx, gast.Load)), (None, ()))
        if read is not None and where == place and (read.lineno, read.col_offset) > (assignment.lineno, assignment.col_offset):
            yield assignment, read


def _nodes(nodes: list[Any], place: _Place) -> Iterator[tuple[Any, _Place]]:
    """All nodes of the function's own scope and of its comprehensions, with the loops around them."""
    for node in nodes:
        yield node, place
        inside = (*place, id(node))
        if isinstance(node, gast.For):
            yield from _nodes([node.iter, *node.orelse], place)
            yield from _nodes([node.target, *node.body], inside)
        elif isinstance(node, gast.While):
            yield from _nodes([node.test, *node.body], inside)
            yield from _nodes(node.orelse, place)
        elif isinstance(node, scope.COMPREHENSIONS):
            yield from _nodes([node.generators[0].iter], place)
            yield from _nodes([c for c in gast.iter_child_nodes(node) if c is not node.generators[0]], inside)
            yield from _nodes([node.generators[0].target, *node.generators[0].ifs], inside)
        else:
            yield from _nodes(list(scope.children(node)), place)


def _replace(function: Any, old: Any, new: Any) -> None:
    """Put a node in the place of another one."""
    for parent in gast.walk(function):
        for field, value in gast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list):
                value[:] = [new if v is old else v for v in value]


def unrolled_for(node: Any) -> Any:
    """`for x in (e for t in xs if c): body` as `for t in xs: if not c: continue; x = e; body`; others as they are.

    The targets of the expression get names of their own, since they are none of the function's.
    """
    if not isinstance(node.iter, gast.GeneratorExp) or len(node.iter.generators) != 1 or node.iter.generators[0].is_async:
        return node
    node = copy.deepcopy(node)
    part = node.iter.generators[0]
    own = scope.targets(node.iter)
    for inner in (part.target, *part.ifs, node.iter.elt):
        for name in gast.walk(inner):
            if isinstance(name, gast.Name) and name.id in own:
                name.id = f"{name.id}@{node.lineno}_{node.col_offset}"
    skips = [_if_not(condition) for condition in part.ifs]
    takes = gast.copy_location(gast.Assign([node.target], node.iter.elt, None), node.iter)
    return gast.copy_location(gast.For(part.target, part.iter, [*skips, takes, *node.body], node.orelse, None), node)


def _if_not(condition: Any) -> Any:
    skip = gast.copy_location(gast.Continue(), condition)
    return gast.copy_location(gast.If(gast.copy_location(gast.UnaryOp(gast.Not(), condition), condition), [skip], []), condition)


class Kept(Exception):
    """A generator expression is handed to somebody who may read it at any time: it must be a generator function."""

    def __init__(self, node: Any) -> None:
        super().__init__()
        self.at = (node.lineno, node.col_offset)


def named(function: Any, at: tuple[int, int]) -> Any | None:
    """The function with the generator expression at a place written as a generator function before its statement.

    None where that cannot be: inside a `lambda`, or in a comprehension, whose variables it could not see.
    """
    if isinstance(function, gast.Lambda):
        return None
    function = copy.deepcopy(function)
    holder = _holding(function.body, at)
    if holder is None:
        return None
    statements, n, node = holder
    made: Any = gast.parse("def f(s): pass").body[0]
    made.name = f"generator@{at[0]}_{at[1]}"
    made.args.args[0].id = "items@"
    first = gast.copy_location(gast.Name("items@", gast.Load(), None, None), node)
    item = gast.copy_location(gast.Yield(node.elt), node)
    body = gast.copy_location(gast.Expr(item), node)
    for part in reversed(node.generators):
        for condition in reversed(part.ifs):
            body = gast.copy_location(gast.If(condition, [body], []), node)
        each = gast.For(part.target, first if part is node.generators[0] else part.iter, [body], [], None)
        body = gast.copy_location(each, part.target)  # a place of its own, from which its iterator has its name
    made.body = [body]
    name = gast.copy_location(gast.Name(made.name, gast.Load(), None, None), node)
    call = gast.copy_location(gast.Call(name, [node.generators[0].iter], []), node)
    statements.insert(n, gast.copy_location(made, node))
    _replace(function, node, call)
    return gast.fix_missing_locations(function)


def _holding(statements: list[Any], at: tuple[int, int]) -> tuple[list[Any], int, Any] | None:
    """The statements, the number of the one that holds the expression, and the expression."""
    for n, statement in enumerate(statements):
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(statement, field, None)
            found = _holding(inner, at) if isinstance(inner, list) and not isinstance(statement, scope.FUNCTIONS) else None
            if found is not None:
                return found
        for handler in getattr(statement, "handlers", ()):
            found = _holding(handler.body, at)
            if found is not None:
                return found
        for node in _plain(statement):
            if isinstance(node, gast.GeneratorExp) and (node.lineno, node.col_offset) == at:
                return statements, n, node
    return None


def _plain(node: Any) -> Iterator[Any]:
    """The expressions of a statement's own scope, statements inside it and the insides of comprehensions left out."""
    for child in scope.children(node):
        if isinstance(child, gast.stmt):
            continue
        yield child
        if isinstance(child, scope.COMPREHENSIONS):
            yield child.generators[0].iter
            yield from _plain(child.generators[0].iter)
        else:
            yield from _plain(child)
