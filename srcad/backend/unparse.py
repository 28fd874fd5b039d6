"""Syntax tree -> text: `astunparse` with comments, line breaks, and no parentheses that are not needed.

Parsing the text gives the tree back.  Chains of some hundred operators are printed without recursion.
"""
from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from srcad.backend.expressions import BARE, BINARY, NAMED, TEST, ATOM, Expressions, level
from srcad.backend.layout import CLOSE, INDENT, ITEMS, OPEN, OPTIONAL_CLOSE, OPTIONAL_OPEN, lay_out
from srcad.backend.nodes import Comment, LocalImport, Noted, bare
from srcad.ir.nodes import NOWHERE, Loc

WIDTH = 100
COLUMN = 48  # of trailing comments
FULL = 130  # no comment goes beyond
_ROOM = 24  # for a name and what a row of names gets
_MANY = 6  # names that a statement assigns, after which its line may be broken among them

@dataclass(slots=True)
class Line:
    """A logical line: marked text, comment, place in the primal."""

    indent: int
    text: str = ""
    note: str | None = None
    loc: Loc = NOWHERE
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Said:
    """The comment that was shown last: it holds for what follows, until another one or a block begins."""

    note: str = ""
    line: tuple[int, str, int] = (0, "", 0)  # how deep it stood, and the line of the primal
    between: bool = False  # whether lines without a comment have followed

    def new(self, line: Line) -> str:
        """The comment that a line needs."""
        here = (line.indent, line.loc.function, line.loc.line)
        if not line.note:
            own = line.pieces[0].startswith("#")  # a comment that stands alone
            self.note, self.between = "" if own or line.indent != self.line[0] else self.note, True
            return ""
        known = line.note == self.note and (here == self.line or not self.between)
        self.note, self.line, self.between = line.note, here, False
        return "" if known else line.note


@dataclass(frozen=True, slots=True)
class Printed:
    """Text, and for each of its lines (from 1) the place in the primal that it stems from."""

    text: str
    places: dict[int, Loc]


def unparse(tree: ast.AST | Sequence[ast.stmt]) -> Printed:
    """The text of a module or of statements."""
    printer = Printer()
    printer.statements(tree.body if isinstance(tree, ast.Module) else tree if isinstance(tree, Sequence) else [tree])  # type: ignore[list-item]
    return printer.printed()


class Printer(Expressions):
    """Collects logical lines; `printed` lays them out."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self._note: str | None = None
        self._loc = NOWHERE

    # ---- lines ---------------------------------------------------------------------------------------------------------
    def fill(self, text: str = "") -> None:
        """Begin a line."""
        self.lines.append(Line(self._indent, note=self._note, loc=self._loc, pieces=[text]))
        self._note = None

    def write(self, text: str) -> None:
        """Go on with the line."""
        self.lines[-1].pieces.append(text)

    def enter(self) -> None:
        """Print `:`; what follows stands deeper."""
        self.write(":")
        self._indent += 1

    def blank(self, count: int = 1) -> None:
        """Empty lines."""
        self.lines.extend(Line(0) for _ in range(count))

    def printed(self) -> Printed:
        """All lines, laid out."""
        out: list[str] = []
        places: dict[int, Loc] = {}
        said = _Said()
        for line in self.lines:
            shown = lay_out("".join(line.pieces), line.indent, WIDTH)
            if line.note is not None:
                note = said.new(line)
                if note and (len(shown) > 1 or (len(shown[0]) + 2 + len(note) > FULL and len(shown[0]) >= COLUMN)):
                    out.append(f"{INDENT * line.indent}# {note}")
                elif note:
                    shown[0] = _with_note(shown[0], note)
            if line.loc != NOWHERE:
                places.update(dict.fromkeys(range(len(out) + 1, len(out) + len(shown) + 1), line.loc))
            out.extend(s.rstrip() for s in shown)
        return Printed("\n".join(out) + "\n", places)

    # ---- statements ------------------------------------------------------------------------------------------------------
    def statements(self, stmts: Sequence[ast.stmt]) -> None:
        """Print statements in order."""
        for stmt in stmts:
            self.dispatch(stmt)

    def _block(self, stmts: Sequence[ast.stmt]) -> None:
        outer = self._loc
        self.enter()
        self.statements(stmts)
        self.leave()
        self._loc = outer

    def _Noted(self, node: Noted) -> None:
        outer = self._loc
        self._note, self._loc = node.note, node.loc
        self.dispatch(node.stmt)
        self._loc = outer

    def _Comment(self, node: Comment) -> None:
        self._note, self._loc = "", NOWHERE
        self.fill(f"# {node.text}".rstrip())

    def _LocalImport(self, node: LocalImport) -> None:
        source = "." * node.level + node.module
        self.fill(f"import {source}" if node.name is None else f"from {source} import {node.name}")
        if node.target.id != (source if node.name is None else node.name):
            self.write(f" as {node.target.id}")

    def _value(self, node: ast.expr, least: int = BARE) -> None:
        """A value at the end of a line, to which parentheses may be added when the line is broken."""
        items = isinstance(node, ast.Tuple) and len(node.elts) > 1
        if (items or isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp)) and level(node) >= least:
            self.write(OPTIONAL_OPEN + (ITEMS if items else ""))
            self.put(node, least)
            self.write(OPTIONAL_CLOSE)
        else:
            self.put(node, least)

    def _Expr(self, node: ast.Expr) -> None:
        self.fill()
        self._value(node.value, NAMED + 1)

    def _Assign(self, node: ast.Assign) -> None:
        self.fill()
        for i, target in enumerate(node.targets):
            if i and isinstance(node.value, ast.Constant) and self._width() > WIDTH - _ROOM:
                self._value(node.value)
                self._note = ""
                self.fill()
            self._target(target)
            self.write(" = ")
        self._value(node.value)

    def _target(self, node: ast.expr) -> None:
        """What a statement assigns; a line with many names may be broken among them."""
        if isinstance(node, ast.Tuple) and len(node.elts) > _MANY:
            self._value(node)
        else:
            self.put(node, BARE)

    def _width(self) -> int:
        """Where the line ends by now."""
        line = self.lines[-1]
        return len(INDENT) * line.indent + sum(map(len, line.pieces))

    def _AugAssign(self, node: ast.AugAssign) -> None:
        self.fill()
        self.put(node.target, ATOM)
        self.write(f" {BINARY[type(node.op)][0]}= ")
        self._value(node.value, TEST)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        self.fill()
        self.write("" if node.simple or not isinstance(node.target, ast.Name) else "(")
        self.put(node.target, ATOM)
        self.write("" if node.simple or not isinstance(node.target, ast.Name) else ")")
        self.write(": ")
        self.put(node.annotation, TEST)
        if node.value is not None:
            self.write(" = ")
            self._value(node.value)

    def _Return(self, node: ast.Return) -> None:
        self.fill("return")
        if node.value is not None:
            self.write(" ")
            self._value(node.value)

    def _Raise(self, node: ast.Raise) -> None:
        self.fill("raise")
        if node.exc is not None:
            self.write(" ")
            self.put(node.exc, TEST)
        if node.cause is not None:
            self.write(" from ")
            self.put(node.cause, TEST)

    def _Assert(self, node: ast.Assert) -> None:
        self.fill("assert ")
        self.put(node.test, TEST)
        if node.msg is not None:
            self.write(", ")
            self.put(node.msg, TEST)

    def _Delete(self, node: ast.Delete) -> None:
        self.fill("del ")
        self._items(node.targets, ATOM)

    def _If(self, node: ast.If) -> None:
        word = "if "
        while True:
            self.fill(word)
            self._value(node.test, TEST)
            self._block(node.body)
            if len(node.orelse) == 1 and isinstance(bare(node.orelse[0]), ast.If):
                outer = node.orelse[0]
                self._note, self._loc = (outer.note, outer.loc) if isinstance(outer, Noted) else (None, self._loc)
                inner = bare(outer)
                assert isinstance(inner, ast.If)
                node, word = inner, "elif "
                continue
            break
        self._else(node.orelse)

    def _else(self, stmts: Sequence[ast.stmt], word: str = "else") -> None:
        if stmts:
            self.fill(word)
            self._block(stmts)

    def _For(self, node: ast.For) -> None:
        self.fill("for ")
        self._target(node.target)
        self.write(" in ")
        self.put(node.iter, TEST)
        self._block(node.body)
        self._else(node.orelse)

    def _While(self, node: ast.While) -> None:
        self.fill("while ")
        self._value(node.test, TEST)
        self._block(node.body)
        self._else(node.orelse)

    def _Try(self, node: ast.Try) -> None:
        self.fill("try")
        self._block(node.body)
        for handler in node.handlers:
            self.dispatch(handler)
        self._else(node.orelse)
        self._else(node.finalbody, "finally")

    def _ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.fill("except")
        if node.type is not None:
            self.write(" ")
            self.put(node.type, TEST)
        if node.name is not None:
            self.write(f" as {node.name}")
        self._block(node.body)

    _Handler = _ExceptHandler

    def _With(self, node: ast.With) -> None:
        self.fill("with ")
        for i, item in enumerate(node.items):
            self.write(", " if i else "")
            self.put(item.context_expr, TEST)
            if item.optional_vars is not None:
                self.write(" as ")
                self.put(item.optional_vars, ATOM)
        self._block(node.body)

    def _FunctionDef(self, node: ast.FunctionDef) -> None:
        for decorator in node.decorator_list:
            self.fill("@")
            self.put(decorator, NAMED)
        self.fill(f"def {node.name}({OPEN}")
        self._arguments(node.args)
        self.write(CLOSE + ")")
        if node.returns is not None:
            self.write(" -> ")
            self.put(node.returns, TEST)
        self._block(node.body)


def _with_note(line: str, note: str) -> str:
    column = COLUMN
    if len(line) + 2 > COLUMN:
        column = -(-(len(line) + 2) // 4) * 4
    return f"{line.ljust(column)}# {note}"
