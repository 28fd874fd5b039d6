"""Expressions -> text, on top of `astunparse`: no parentheses that are not needed, no recursion along chains of operators."""
# ruff: noqa: N802 - the base class finds methods by the names of nodes
from __future__ import annotations

import ast
from collections.abc import Sequence

from astunparse import Unparser  # type: ignore[import-untyped,unused-ignore]

from srcad.backend.layout import CLOSE, OPEN, SOFT, flat
from srcad.errors import InternalError

BARE, NAMED, TEST, OR, AND, NOT, COMPARE, BOR, XOR, BAND, SHIFT, SUM, TERM, FACTOR, POWER, AWAIT, ATOM = range(17)

BINARY = {
    ast.BitOr: ("|", BOR), ast.BitXor: ("^", XOR), ast.BitAnd: ("&", BAND), ast.LShift: ("<<", SHIFT), ast.RShift: (">>", SHIFT),
    ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", TERM), ast.Div: ("/", TERM), ast.FloorDiv: ("//", TERM),
    ast.Mod: ("%", TERM), ast.MatMult: ("@", TERM), ast.Pow: ("**", POWER),
}  # fmt: skip
_LEVELS: dict[type[ast.AST], int] = {
    ast.Tuple: BARE, ast.NamedExpr: NAMED, ast.IfExp: TEST, ast.Lambda: TEST, ast.Compare: COMPARE, ast.Yield: BARE, ast.YieldFrom: BARE,
    ast.Await: AWAIT, ast.Starred: BARE,
}  # fmt: skip


def level(node: ast.AST) -> int:
    """How tightly an expression binds."""
    match node:
        case ast.BinOp():
            return BINARY[type(node.op)][1]
        case ast.BoolOp():
            return OR if isinstance(node.op, ast.Or) else AND
        case ast.UnaryOp():
            return NOT if isinstance(node.op, ast.Not) else FACTOR
    return _LEVELS.get(type(node), ATOM)


def expression_text(node: ast.expr) -> str:
    """An expression on one line."""
    printer = Expressions()
    printer.put(node, BARE)
    return flat("".join(printer.pieces))


class Expressions(Unparser):  # type: ignore[misc,unused-ignore]
    """Prints expressions into `pieces`."""

    def __init__(self) -> None:
        # The base class prints while it is constructed; here that is a step of its own.
        self.pieces: list[str] = []
        self.future_imports: list[str] = []
        self._indent = 0

    def write(self, text: str) -> None:
        """Go on with the line."""
        self.pieces.append(text)

    def put(self, node: ast.AST, least: int) -> None:
        """Print an expression, in parentheses where it binds less tightly than `least`."""
        if level(node) >= least and not (isinstance(node, ast.Tuple) and not node.elts):
            self.dispatch(node)
        else:
            self.write("(" + OPEN)
            if isinstance(node, ast.NamedExpr):
                self._named(node)
            else:
                self.dispatch(node)
            self.write(CLOSE + ")")

    def _items(self, nodes: Sequence[ast.AST], least: int = TEST) -> None:
        for i, node in enumerate(nodes):
            self.write("," + SOFT if i else "")
            self._item(node, least)

    def _item(self, node: ast.AST, least: int) -> None:
        self.put(node, BARE if isinstance(node, ast.Starred) else least)

    def _Slot(self, node: ast.Name) -> None:
        self.write(node.id)

    _Imported = _Builtin = _Name = _Slot

    def _Constant(self, node: ast.Constant) -> None:
        value = node.value
        if value is Ellipsis:
            self.write("...")
        elif isinstance(value, float | complex):
            self.write(repr(value).replace("inf", "1e309"))
        else:
            self.write(repr(value))

    def _BinOp(self, node: ast.BinOp) -> None:
        # Walk down the left side without recursion: a sum of 400 terms is a tree as deep.
        spine: list[tuple[ast.BinOp, bool]] = []
        left: ast.expr = node
        least = BARE
        while isinstance(left, ast.BinOp):
            here = level(left)
            wrapped = here < least
            if wrapped:
                self.write("(" + OPEN)
            spine.append((left, wrapped))
            least = here + 1 if isinstance(left.op, ast.Pow) else here
            left = left.left
        self.put(left, least)
        for outer, wrapped in reversed(spine):
            sign, here = BINARY[type(outer.op)]
            if isinstance(outer.op, ast.Pow):
                self.write("**" if _simple(outer.right) else " ** ")
                self.put(outer.right, FACTOR)
            else:
                self.write(f" {sign}{SOFT}")
                self.put(outer.right, here + 1)
            if wrapped:
                self.write(CLOSE + ")")

    def _UnaryOp(self, node: ast.UnaryOp) -> None:
        sign = self.unop[type(node.op).__name__]
        self.write(f"{sign} " if isinstance(node.op, ast.Not) else sign)
        self.put(node.operand, level(node))

    def _BoolOp(self, node: ast.BoolOp) -> None:
        word = "or" if isinstance(node.op, ast.Or) else "and"
        for i, value in enumerate(node.values):
            self.write(f" {word}{SOFT}" if i else "")
            self.put(value, level(node) + 1)

    def _Compare(self, node: ast.Compare) -> None:
        self.put(node.left, BOR)
        for op, right in zip(node.ops, node.comparators, strict=True):
            self.write(f" {self.cmpops[type(op).__name__]}{SOFT}")
            self.put(right, BOR)

    def _IfExp(self, node: ast.IfExp) -> None:
        self.put(node.body, OR)
        self.write(f"{SOFT}if ")
        self.put(node.test, OR)
        self.write(f"{SOFT}else ")
        self.put(node.orelse, TEST)

    def _Lambda(self, node: ast.Lambda) -> None:
        plain = node.args
        none = not (plain.posonlyargs or plain.args or plain.vararg or plain.kwonlyargs or plain.kwarg)
        self.write("lambda" if none else "lambda ")
        self._arguments(plain)
        self.write(": ")
        self.put(node.body, TEST)

    def _arguments(self, node: ast.arguments) -> None:
        plain = [*node.posonlyargs, *node.args]
        shown: list[tuple[str, ast.arg | None, ast.expr | None]] = []
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(node.defaults))
        defaults.extend(node.defaults)
        for i, (arg, default) in enumerate(zip(plain, defaults, strict=True), 1):
            shown.append(("", arg, default))
            if i == len(node.posonlyargs):
                shown.append(("/", None, None))
        if node.vararg is not None or node.kwonlyargs:
            shown.append(("*", node.vararg, None))
        shown.extend(("", arg, default) for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True))
        if node.kwarg is not None:
            shown.append(("**", node.kwarg, None))
        for i, (sign, parameter, default) in enumerate(shown):
            self.write(("," + SOFT if i else "") + sign)
            if parameter is not None:
                self._parameter(parameter, default)

    def _parameter(self, node: ast.arg, default: ast.expr | None) -> None:
        self.write(node.arg)
        if node.annotation is not None:
            self.write(": ")
            self.put(node.annotation, TEST)
        if default is not None:
            self.write("=" if node.annotation is None else " = ")
            self.put(default, TEST)

    def _NamedExpr(self, node: ast.NamedExpr) -> None:
        self.write("(" + OPEN)
        self._named(node)
        self.write(CLOSE + ")")

    def _named(self, node: ast.NamedExpr) -> None:
        self.put(node.target, ATOM)
        self.write(" := ")
        self.put(node.value, TEST)

    def _Tuple(self, node: ast.Tuple) -> None:
        self._items(node.elts)
        self.write("," if len(node.elts) == 1 else "")

    def _List(self, node: ast.List) -> None:
        self.write("[" + OPEN)
        self._items(node.elts)
        self.write(CLOSE + "]")

    def _Set(self, node: ast.Set) -> None:
        self.write("{" + OPEN)
        self._items(node.elts)
        self.write(CLOSE + "}")

    def _Dict(self, node: ast.Dict) -> None:
        self.write("{" + OPEN)
        for i, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            self.write("," + SOFT if i else "")
            if key is None:
                self.write("**")
                self.put(value, BOR)
            else:
                self.put(key, TEST)
                self.write(": ")
                self.put(value, TEST)
        self.write(CLOSE + "}")

    def _comprehension(self, node: ast.comprehension) -> None:
        self.write(f"{SOFT}for {expression_text(node.target)} in ")
        self.put(node.iter, OR)
        for test in node.ifs:
            self.write(f"{SOFT}if ")
            self.put(test, OR)

    def _generators(self, generators: Sequence[ast.comprehension]) -> None:
        for generator in generators:
            self.dispatch(generator)

    def _ListComp(self, node: ast.ListComp) -> None:
        self.write("[" + OPEN)
        self.put(node.elt, TEST)
        self._generators(node.generators)
        self.write(CLOSE + "]")

    def _SetComp(self, node: ast.SetComp) -> None:
        self.write("{" + OPEN)
        self.put(node.elt, TEST)
        self._generators(node.generators)
        self.write(CLOSE + "}")

    def _DictComp(self, node: ast.DictComp) -> None:
        self.write("{" + OPEN)
        self.put(node.key, TEST)
        self.write(": ")
        self.put(node.value, TEST)
        self._generators(node.generators)
        self.write(CLOSE + "}")

    def _GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self.write("(" + OPEN)
        self.put(node.elt, TEST)
        self._generators(node.generators)
        self.write(CLOSE + ")")

    def _Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, int):
            self.write("(")
            self.dispatch(node.value)
            self.write(")")
        else:
            self.put(node.value, ATOM)
        self.write(f".{node.attr}")

    def _Call(self, node: ast.Call) -> None:
        self.put(node.func, ATOM)
        if len(node.args) == 1 and not node.keywords and isinstance(node.args[0], ast.GeneratorExp):
            self.dispatch(node.args[0])
            return
        self.write("(" + OPEN)
        self._items([*node.args, *node.keywords])
        self.write(CLOSE + ")")

    def _keyword(self, node: ast.keyword) -> None:
        self.write("**" if node.arg is None else f"{node.arg}=")
        self.put(node.value, BOR if node.arg is None else TEST)

    def _Starred(self, node: ast.Starred) -> None:
        self.write("*")
        self.put(node.value, BOR)

    def _Subscript(self, node: ast.Subscript) -> None:
        self.put(node.value, ATOM)
        self.write("[" + OPEN)
        self.put(node.slice, BARE)
        self.write(CLOSE + "]")

    def _Slice(self, node: ast.Slice) -> None:
        if node.lower is not None:
            self.put(node.lower, TEST)
        self.write(":")
        if node.upper is not None:
            self.put(node.upper, TEST)
        if node.step is not None:
            self.write(":")
            self.put(node.step, TEST)

    # ---- f-strings -------------------------------------------------------------------------------------------------------
    def _JoinedStr(self, node: ast.JoinedStr) -> None:
        inner = "".join(expression_text(v.value) for v in _formatted(node))
        if "\\" in inner or "#" in inner:
            msg = "an f-string holds an expression with a backslash"
            raise InternalError(msg, stage="backend")
        quote = next((q for q in ("'", '"', "'''", '"""') if q not in inner and not (len(q) == 3 and inner.endswith(q[0]))), None)
        if quote is None:
            msg = "an f-string holds an expression with all kinds of quotes"
            raise InternalError(msg, stage="backend")
        self.write(f"f{quote}{_parts(node, quote)}{quote}")

    def _Undefined(self, node: ast.Constant) -> None:
        self.write("None")

    def _FormattedValue(self, node: ast.FormattedValue) -> None:
        self._JoinedStr(ast.JoinedStr(values=[node]))


def _formatted(node: ast.JoinedStr) -> list[ast.FormattedValue]:
    found = [v for v in node.values if isinstance(v, ast.FormattedValue)]
    return found + [f for v in found if isinstance(v.format_spec, ast.JoinedStr) for f in _formatted(v.format_spec)]


def _parts(node: ast.JoinedStr, quote: str) -> str:
    out = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            text = expression_text(value.value)
            if isinstance(value.value, ast.Tuple | ast.Lambda | ast.IfExp | ast.NamedExpr):
                text = f"({text})" if text[:1] != "(" or isinstance(value.value, ast.IfExp | ast.Tuple) else text
            conversion = "" if value.conversion == -1 else f"!{chr(value.conversion)}"
            spec = f":{_parts(value.format_spec, quote)}" if isinstance(value.format_spec, ast.JoinedStr) else ""
            out.append("{" + (" " if text.startswith("{") else "") + text + conversion + spec + "}")
        else:
            assert isinstance(value, ast.Constant)
            assert isinstance(value.value, str)
            out.append("".join(_escaped(ch, quote[0]) for ch in value.value))
    return "".join(out)


def _escaped(ch: str, quote: str) -> str:
    if ch in "{}":
        return ch * 2
    if ch in ("\\", quote):
        return "\\" + ch
    return ch if ch.isprintable() else repr(ch)[1:-1]


def _simple(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return True
    return isinstance(node, ast.Name | ast.Constant)
