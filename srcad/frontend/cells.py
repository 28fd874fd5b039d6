"""Variables that several functions share and assign: made items of a dict, so that each function sees what the others assign.

    n = 0                                     n@cell = {}
    def count():                              n@cell["n"] = 0
        nonlocal n                    ==>     def count():
        n += 1                                    n@cell["n"] += 1

That is what a cell of Python is.  Only variables that need it are made cells: `nonlocal` ones, and captured ones that are assigned again.
"""
from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import gast

from srcad.frontend import scope


class Rebound(Exception):
    """A captured variable is assigned again: it must be a cell."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def shared(function: Any) -> frozenset[str]:
    """The variables of a function that functions inside it assign."""
    if isinstance(function, gast.Lambda):
        return frozenset()
    mine = {*scope.parameters(function), *scope.assigned(scope.body(function))} - scope.declared(function, gast.Nonlocal)
    inside = frozenset(n for f in _functions(scope.body(function)) for n in _assigned_inside(f))
    return frozenset(mine & inside & boxable(function)) if mine & inside else frozenset()


def boxable(function: Any) -> frozenset[str]:
    """The variables of a function whose assignments all have a target that could be an item."""
    if isinstance(function, gast.Lambda):
        return frozenset()
    found = {*scope.parameters(function), *scope.assigned(scope.body(function))}
    for node in (n for statement in scope.body(function) for n in gast.walk(statement)):
        match node:
            case gast.FunctionDef(name=name) | gast.AsyncFunctionDef(name=name) | gast.ClassDef(name=name):
                found.discard(name)
            case gast.NamedExpr(target=gast.Name(id=name)):
                found.discard(name)
            case gast.Import() | gast.ImportFrom():
                found.difference_update(scope.imported_name(a) for a in node.names)
            case gast.ExceptHandler(name=gast.Name(id=name)):
                found.discard(name)
            case gast.Global(names=names):
                found.difference_update(names)
    return frozenset(found)


def _functions(nodes: list[Any]) -> Iterator[Any]:
    """The functions that are defined in statements, not those inside them."""
    for node in nodes:
        if isinstance(node, scope.FUNCTIONS):
            yield node
        yield from _functions(list(scope.children(node)))


def _assigned_inside(function: Any) -> frozenset[str]:
    """Names of scopes around it that a function, or one inside it, assigns."""
    declared = scope.declared(function, gast.Nonlocal)
    hidden = {*scope.parameters(function), *scope.assigned(scope.body(function))} - declared
    inside = frozenset(n for f in _functions(scope.body(function)) for n in _assigned_inside(f))
    return declared | (inside - hidden)


def boxed(function: Any, names: frozenset[str]) -> Any:
    """The function with these variables as items of dicts."""
    if not names:
        return function
    function = copy.deepcopy(function)
    statements = [_Boxing(names).visit(s) for s in scope.body(function)]
    for name in sorted(names, reverse=True):
        first = statements[0]
        if name in scope.parameters(function):
            statements.insert(0, gast.copy_location(gast.Assign([_item(first, name, gast.Store())], _name(first, name), None), first))
        statements.insert(0, gast.copy_location(gast.Assign([_name(first, _cell(name), gast.Store())], gast.Dict([], []), None), first))
    function.body = statements
    return gast.fix_missing_locations(function)


def _cell(name: str) -> str:
    return f"{name}@cell"


def is_cell(name: str) -> bool:
    """Whether a name is that of a dict which holds a variable: it is assigned once, at the start."""
    return name.endswith("@cell")


def variable(name: str) -> str:
    """The name of the variable that such a dict holds; other names as they are."""
    return name.removesuffix("@cell")


def _name(at: Any, name: str, ctx: Any = None) -> Any:
    return gast.copy_location(gast.Name(name, ctx or gast.Load(), None, None), at)


def _item(at: Any, name: str, ctx: Any) -> Any:
    return gast.copy_location(gast.Subscript(_name(at, _cell(name)), gast.copy_location(gast.Constant(name, None), at), ctx), at)


class _Boxing(gast.NodeTransformer):  # type: ignore[misc]
    """Replaces variables by items."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def visit_Name(self, node: Any) -> Any:  # noqa: N802 -- the name that the visitor looks for
        """A read or an assignment."""
        return _item(node, node.id, node.ctx) if node.id in self.names else node

    def visit_Nonlocal(self, node: Any) -> Any:  # noqa: N802
        """The declaration is no longer needed."""
        left = [n for n in node.names if n not in self.names]
        return gast.copy_location(gast.Nonlocal(left) if left else gast.Pass(), node)

    def _in_function(self, node: Any) -> Any:
        """A function inside: names that it binds itself are others."""
        bound = {*scope.parameters(node), *scope.assigned(scope.body(node))} - scope.declared(node, gast.Nonlocal)
        node.args.defaults = [self.visit(d) for d in node.args.defaults]
        node.args.kw_defaults = [d and self.visit(d) for d in node.args.kw_defaults]
        inner = _Boxing(self.names - bound)
        if isinstance(node, gast.Lambda):
            node.body = inner.visit(node.body)
        else:
            node.decorator_list = [self.visit(d) for d in node.decorator_list]
            node.body = [inner.visit(s) for s in node.body]
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _in_function  # noqa: N815

    def _in_comprehension(self, node: Any) -> Any:
        """A comprehension: its targets are names of its own; the first iterable is read outside."""
        inner = _Boxing(self.names - scope.targets(node))
        for n, part in enumerate(node.generators):
            part.iter = (inner if n else self).visit(part.iter)
            part.ifs = [inner.visit(i) for i in part.ifs]
        for field in ("elt", "key", "value"):
            if hasattr(node, field):
                setattr(node, field, inner.visit(getattr(node, field)))
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _in_comprehension  # noqa: N815
