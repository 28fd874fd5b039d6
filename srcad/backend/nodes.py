"""Nodes that generated code needs beside those of `ast`: variables without a name yet, imports, parallel copies, comments."""
from __future__ import annotations

import ast
from collections.abc import Sequence

from srcad.ir.nodes import NOWHERE, Loc, Var


_LEAVES = frozenset(("ctx", "id", "attr", "kind", "type_comment"))  # fields that hold no nodes, or contexts


class Slot(ast.Name):
    """A local variable; its name is chosen when all statements are known."""

    def __init__(self, var: Var) -> None:
        super().__init__(id=var.name, ctx=ast.Load())
        self.var = var


class Imported(ast.Name):
    """A module or object that has to be imported as `spec` says; `id` is its usual name until one is chosen."""

    def __init__(self, spec: str, name: str) -> None:
        super().__init__(id=name, ctx=ast.Load())
        self.spec = spec


class Builtin(ast.Name):
    """A built-in function or class."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name, ctx=ast.Load())
        self.builtin = name


class Parallel(ast.stmt):
    """All values are evaluated, in order, then all targets are assigned."""

    _fields = ("targets", "values")

    def __init__(self, targets: Sequence[Slot], values: Sequence[ast.expr]) -> None:
        super().__init__()
        self.targets = list(targets)
        self.values = list(values)


class LocalImport(ast.stmt):
    """`import module as target`, `from module import name as target`."""

    _fields = ("target",)

    def __init__(self, target: ast.Name, module: str, name: str | None, level: int) -> None:
        super().__init__()
        self.target = target
        self.module = module
        self.name = name
        self.level = level


class Handler(ast.ExceptHandler):
    """An `except` clause whose name is not chosen yet."""

    def __init__(self, kind: ast.expr | None, slot: Slot | None, body: list[ast.stmt]) -> None:
        super().__init__(type=kind, name=None, body=body)
        self.slot = slot


class Comment(ast.stmt):
    """A comment on a line of its own."""

    _fields = ()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Noted(ast.stmt):
    """A statement with a trailing comment and the place in the primal that it stems from.  `note` None goes on with the comment before."""

    _fields = ("stmt",)

    def __init__(self, stmt: ast.stmt, note: str | None = None, loc: Loc = NOWHERE) -> None:
        super().__init__()
        self.stmt = stmt
        self.note = note
        self.loc = loc


def bare(stmt: ast.stmt) -> ast.stmt:
    """The statement without its comment."""
    while isinstance(stmt, Noted):
        stmt = stmt.stmt
    return stmt


def parts(root: ast.AST) -> list[ast.AST]:
    """The nodes of a tree in the order of `ast.walk`, contexts left out.  Half of what the back end does is to ask for them."""
    found = [root]
    for node in found:  # which grows
        for field in node._fields:
            if field in _LEAVES:
                continue
            value = getattr(node, field, None)
            if value.__class__ is list:
                found.extend([v for v in value if isinstance(v, ast.AST)])
            elif isinstance(value, ast.AST):
                found.append(value)
    return found


def slots(node: ast.AST) -> list[Slot]:
    """The variables in a tree; the order is fixed, but not that of evaluation."""
    return [node] if isinstance(node, Slot) else [n for n in parts(node) if isinstance(n, Slot)]


def bodies(stmt: ast.stmt) -> list[list[ast.stmt]]:
    """The statement lists inside a statement, in order of execution."""
    match stmt:
        case ast.If() | ast.For() | ast.While():
            return [stmt.body, stmt.orelse]
        case ast.Try():
            return [stmt.body, *(h.body for h in stmt.handlers), stmt.orelse, stmt.finalbody]
        case ast.With():
            return [stmt.body]
    return []


def heads(stmt: ast.stmt) -> list[ast.AST]:
    """What a statement reads or assigns itself, the statements inside it left out."""
    match stmt:
        case ast.If() | ast.While():
            return [stmt.test]
        case ast.For():
            return [stmt.iter, stmt.target]
        case ast.Try():
            return [h.type for h in stmt.handlers if h.type is not None]
        case ast.With():
            return list(stmt.items)
    return [stmt]
