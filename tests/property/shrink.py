"""Make a failing program small: delete statements, lift bodies out of their blocks, replace expressions by their parts."""
from __future__ import annotations

import ast
import copy
import warnings
from collections.abc import Callable, Iterator
from typing import Any


def smaller(tree: ast.Module) -> Iterator[ast.Module]:
    """Programs that are one edit smaller, the greatest edits first."""
    nodes = list(ast.walk(tree))
    for position, node in enumerate(nodes):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if not isinstance(block, list):
                continue
            kept = sum(not isinstance(s, ast.FunctionDef) for s in block) if isinstance(node, ast.Module) else 0  # imports and recorder
            for size in (8, 4, 2, 1):
                for start in range(kept, len(block) - size + 1, size):
                    yield _edited(tree, position, field, start, size, [])
            for start, statement in enumerate(block):
                for part in ("body", "orelse", "finalbody"):
                    inner = getattr(statement, part, None)
                    if isinstance(inner, list) and inner and not isinstance(statement, ast.FunctionDef):
                        yield _edited(tree, position, field, start, 1, inner)
    for position, node in enumerate(nodes):
        for field, value in ast.iter_fields(node):
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                stored = isinstance(getattr(child, "ctx", None), ast.Store | ast.Del)
                if isinstance(child, ast.expr) and not stored and field != "func" and not isinstance(node, ast.Module):
                    where = index if isinstance(value, list) else None
                    yield from _simpler(tree, position, field, where, child)


def _edited(tree: ast.Module, position: int, field: str, start: int, size: int, inner: list[ast.stmt]) -> ast.Module:
    new = copy.deepcopy(tree)
    block = getattr(list(ast.walk(new))[position], field)
    block[start : start + size] = copy.deepcopy(inner)
    if not block and field == "body":
        block.append(ast.Pass())
    return new


def _simpler(tree: ast.Module, position: int, field: str, where: int | None, child: ast.expr) -> Iterator[ast.Module]:
    parts: list[Any] = [part for part in ast.iter_child_nodes(child) if isinstance(part, ast.expr)]
    if parts and not isinstance(child, ast.Slice):
        parts.append(ast.Constant(0.7))
    for part in parts:
        if isinstance(part, ast.Slice | ast.Starred) or isinstance(getattr(part, "ctx", None), ast.Store):
            continue
        new = copy.deepcopy(tree)
        parent = list(ast.walk(new))[position]
        if where is None:
            setattr(parent, field, copy.deepcopy(part))
        else:
            getattr(parent, field)[where] = copy.deepcopy(part)
        yield new


def shrink(text: str, fails: Callable[[str], bool], attempts: int = 1500) -> str:
    """The smallest text found for which `fails` still holds."""
    best = ast.unparse(ast.parse(text))
    if not fails(best):
        return text
    progress = True
    while progress and attempts > 0:
        progress = False
        for candidate in smaller(ast.parse(best)):
            try:
                new = ast.unparse(ast.fix_missing_locations(candidate))
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    compile(new, "<shrink>", "exec")
            except (SyntaxError, SyntaxWarning, ValueError, AttributeError):
                continue
            if len(new) >= len(best):
                continue
            attempts -= 1
            if fails(new):
                best, progress = new, True
                break
            if attempts <= 0:
                break
    return best
