"""The printed form of an operation, as a syntax tree with its arguments put in."""
from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from srcad.backend.imports import BUILTINS, parse
from srcad.backend.nodes import Builtin, Imported
from srcad.errors import InternalError

_PLACE = re.compile(r"_(\d+)")
_ALL = re.compile(r"(?<!\*)\*_(?!\w)")
_LAZY = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Form:
    """A parsed form.  `order`: the arguments in order of evaluation, -1 for all that have no place of their own;
    `lazy`: those that may not be evaluated at all; `repeated`: those that stand in it more than once; `subscripts`: those that
    stand alone in square brackets.
    """

    tree: ast.stmt
    order: tuple[int, ...]
    lazy: frozenset[int]
    repeated: frozenset[int]
    subscripts: frozenset[int]

    @property
    def is_expression(self) -> bool:
        """Whether it can stand in another expression."""
        return isinstance(self.tree, ast.Expr)


@lru_cache(maxsize=4096)
def parse_form(text: str) -> Form:
    """Parse a form."""
    source = _ALL.sub("*__", text)
    try:
        tree = ast.parse(source).body[0]
    except (SyntaxError, IndexError) as e:
        msg = f"the form '{text}' of an operation is no Python"
        raise InternalError(msg, stage="backend") from e
    found: list[tuple[int, bool]] = []
    _places(tree, found, eager=True)
    order = tuple(dict.fromkeys(n for n, _ in found))
    numbers = [n for n, _ in found]
    lazy = frozenset(n for n, eager in found if not eager)
    alone = [n.slice for n in ast.walk(tree) if isinstance(n, ast.Subscript)]
    subscripts = frozenset(int(n.id[1:]) for n in alone if isinstance(n, ast.Name) and _PLACE.fullmatch(n.id))
    return Form(tree, order, lazy, frozenset(n for n in order if numbers.count(n) > 1), subscripts)


def _places(node: ast.AST, found: list[tuple[int, bool]], *, eager: bool) -> None:
    """Placeholders in order of evaluation, and whether each is always evaluated."""
    match node:
        case ast.Name(id=name):
            if name == "__":
                found.append((-1, eager))
            elif match := _PLACE.fullmatch(name):
                found.append((int(match[1]), eager))
            return
        case ast.Assign(targets=targets, value=value):
            parts: list[ast.AST] = [value, *targets]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            _places(test, found, eager=eager)
            for lazy in (body, orelse):
                _places(lazy, found, eager=False)
            return
        case ast.BoolOp(values=values):
            for i, value in enumerate(values):
                _places(value, found, eager=eager and i == 0)
            return
        case ast.Dict(keys=keys, values=values):
            parts = [p for pair in zip(keys, values, strict=True) for p in pair if p is not None]
        case _:
            parts = list(ast.iter_child_nodes(node))
    for part in parts:
        _places(part, found, eager=eager and not isinstance(node, _LAZY))


class Filler(ast.NodeVisitor):
    """A copy of a form with arguments in it."""

    def __init__(self, args: Mapping[int, ast.expr], rest: Sequence[ast.expr], imports: Mapping[str, str]) -> None:
        self.args = args
        self.rest = rest
        self.imports = imports

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """The copy of a node; contexts are shared, as the parser shares them."""
        if isinstance(node, ast.expr_context | ast.operator | ast.unaryop | ast.cmpop | ast.boolop):
            return node
        return type(node)(**{name: self._copied(value) for name, value in ast.iter_fields(node)})

    def _copied(self, value: object) -> object:
        if isinstance(value, ast.AST):
            return self.visit(value)
        return [self._copied(v) for v in value] if isinstance(value, list) else value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A placeholder, an import, a built-in."""
        if node.id.startswith("_") and (match := _PLACE.fullmatch(node.id)):
            return self.args[int(match[1])]
        if node.id in self.imports:
            return Imported(self.imports[node.id], node.id)
        return Builtin(node.id) if node.id in BUILTINS else ast.Name(id=node.id, ctx=node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call."""
        return ast.Call(func=self.visit(node.func), args=self._expand(node.args), keywords=[self.visit(k) for k in node.keywords])

    def visit_List(self, node: ast.List) -> ast.expr:
        """A list display."""
        return ast.List(elts=self._expand(node.elts), ctx=ast.Load())

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        """A tuple display."""
        return ast.Tuple(elts=self._expand(node.elts), ctx=ast.Load())

    def _expand(self, nodes: Sequence[ast.expr]) -> list[ast.expr]:
        """Items; the arguments without a place of their own follow one by one."""
        out: list[ast.expr] = []
        for node in nodes:
            if isinstance(node, ast.Starred) and isinstance(node.value, ast.Name) and node.value.id == "__":
                out.extend(self.rest)
            else:
                out.append(self.visit(node))
        return out


@lru_cache(maxsize=4096)
def _wanted(imports: tuple[str, ...]) -> dict[str, str]:
    """The imports of a form by the names that they give."""
    return {parse(text).name: text for text in imports}


def fill(form: Form, args: Mapping[int, ast.expr], rest: Sequence[ast.expr], imports: Sequence[str]) -> ast.stmt:
    """The form with its arguments."""
    tree = Filler(args, rest, _wanted(tuple(imports))).visit(form.tree)
    assert isinstance(tree, ast.stmt)
    return tree
