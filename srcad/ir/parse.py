"""Reads the text of `srcad.ir.text` back to the same IR."""
from __future__ import annotations

import ast
import importlib
import re
import types
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce

from srcad.errors import InternalError
from srcad.ir import core
from srcad.ir.nodes import (
    NOWHERE, UNDEF, Arg, Atom, Block, Call, Const, Custom, Each, Effect, Func, FuncRef, Handler, If, Loc, Loop, Op, Pack, Program, Range,
    Ref, SliceArg, Star, Stmt, Try, Var, With,
)  # fmt: skip
from srcad.ir.text import NAME
from srcad.ir.types import BOTTOM, KINDS, UNKNOWN, Array, Dim, ListOf, NpScalar, Opaque, Residual, Scalar, Struct, TupleOf, Type

_TOKEN = re.compile(
    r"\s*(?:(?P<string>b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<quoted>`(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")`)"
    r"|(?P<number>[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
    rf"|(?P<name>{NAME})"
    r"|(?P<mark>\.\.\.|\*\*|#-?\w+|[][(){}<>:,=?@&*#!/])|(?P<end>\Z))"
)
_PATH = re.compile(r"[\w.]+:[\w.]*")
_SCALARS = ("bool", "int", "whole", "float", "complex", "real")

FindOp = Callable[[str], Op | None]


def parse_func(text: str, find: FindOp = core.ALL.get) -> Func:
    """The function that prints as `text`; `find` gives the operation of a name."""
    return parse_program(text, find).entry


def parse_program(text: str, find: FindOp = core.ALL.get) -> Program:
    """The program that prints as `text`."""
    funcs: list[Func] = []
    sources: list[tuple[str, str]] = []
    doc: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        start = at
        if line.startswith("#"):
            doc.append(ast.literal_eval(line[3:]) if line.startswith("#! ") else line[2:])
        elif line.startswith("source "):
            while at < len(lines) and lines[at].startswith("  |"):
                at += 1
            sources.append((ast.literal_eval(line[7:]), "\n".join(part[3:] for part in lines[start:at])))
        elif line.strip():
            while lines[at - 1] != "}":
                at += 1
            funcs.append(_Parser("\n".join(lines[start - 1 : at]), find).func(tuple(doc)))
            doc = []
    return Program(tuple(funcs), tuple(sources))


@dataclass
class _Parser:
    """Recursive descent over the text of one function."""

    text: str
    find: FindOp
    at: int = 0
    key: str = ""
    kind: str = ""
    token: str = ""
    vars: dict[str, Var] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next()

    # ---- tokens ------------------------------------------------------------------------------------------------------
    def fail(self, wanted: str) -> InternalError:
        """The error to raise where something else was expected."""
        line = self.text.count("\n", 0, self.at) + 1
        return InternalError(f"line {line}: {wanted} expected, not {self.token!r}", stage="parse")

    def next(self) -> str:
        """Step to the next token; the one left behind."""
        old = self.token
        m = _TOKEN.match(self.text, self.at)
        if m is None:
            self.token = self.text[self.at : self.at + 10]
            raise self.fail("a token")
        self.at, self.kind = m.end(), m.lastgroup or ""
        self.token = m[self.kind]
        return old

    def take(self, *tokens: str) -> bool:
        """Step over these tokens if the first is next."""
        if self.token != tokens[0] or self.kind == "string":
            return False
        for t in tokens:
            self.expect(t)
        return True

    def expect(self, token: str) -> None:
        """Step over a token that must be next."""
        if self.token != token:
            raise self.fail(repr(token))
        self.next()

    def word(self) -> str:
        """A name."""
        if self.kind == "quoted":
            return str(ast.literal_eval(self.next()[1:-1]))
        if self.kind != "name":
            raise self.fail("a name")
        return self.next()

    def string(self) -> str:
        """A string."""
        if self.kind != "string":
            raise self.fail("a string")
        return str(ast.literal_eval(self.next()))

    def until(self, close: str) -> bool:
        """Whether a comma list goes on; steps over the comma or the closing token."""
        if self.take(close):
            return False
        if self.token == ",":
            self.next()
            return not self.take(close)
        return True

    # ---- functions, blocks -------------------------------------------------------------------------------------------
    def func(self, doc: tuple[str, ...]) -> Func:
        """A function."""
        self.expect("def")
        name = self.word()
        params = self.params()
        self.key = self.string() if self.take("key") else ""
        custom = Custom(self.string(), self.string(), self.string()) if self.take("custom") else None
        if custom is not None and self.take("fixed"):
            custom = replace(custom, fixed=int(self.next()))
        self.expect("{")
        stmts = []
        while self.token != "return":
            stmts.append(self.stmt())
        self.next()
        yields = self.atoms("}", "as")
        result = self.arg() if self.take("as") else None
        self.expect("}")
        if self.kind != "end":
            raise self.fail("the end of the function")
        return Func(name, Block(params, tuple(stmts), yields), result, self.key, doc, custom)

    def param(self) -> Var:
        """A variable where it is defined."""
        name = self.word()
        v = Var(name, self.type_() if self.take(":") else UNKNOWN)
        self.vars[name] = v
        return v

    def params(self) -> tuple[Var, ...]:
        """`(x: float, y)`; nothing is none."""
        out: list[Var] = []
        if self.take("("):
            while self.until(")"):
                out.append(self.param())
        return tuple(out)

    def block(self, params: tuple[Var, ...] = ()) -> Block:
        """Statements and yield between braces."""
        self.expect("{")
        stmts: list[Stmt] = []
        yields: tuple[Atom, ...] = ()
        while not self.take("}"):
            if self.take("yield"):
                yields = self.atoms("}")
            else:
                stmts.append(self.stmt())
        return Block(params, tuple(stmts), yields)

    def atoms(self, *stops: str) -> tuple[Atom, ...]:
        """Atoms up to (not including) a stop."""
        out: list[Atom] = []
        while self.kind == "string" or self.token not in stops:
            if out:
                self.expect(",")
            out.append(self.atom())
        return tuple(out)

    # ---- statements --------------------------------------------------------------------------------------------------
    def stmt(self) -> Stmt:
        """A statement; its outs are defined once all of it is read, since names inside may not see them."""
        outs: list[tuple[str, Type]] = []
        mark = self.at, self.kind, self.token
        while self.kind in ("name", "quoted"):
            name = self.word()
            outs.append((name, self.type_() if self.take(":") else UNKNOWN))
            if self.take("="):
                break
            if not self.take(","):
                outs = []
                self.at, self.kind, self.token = mark
                break
        else:
            outs = []
        made = tuple(Var(n, t) for n, t in outs)
        if self.take("if"):
            stmt: Stmt = self.if_(made)
        elif self.token in ("for", "while"):
            stmt = self.loop(made)
        elif self.take("try"):
            stmt = self.try_(made)
        elif self.take("with"):
            op, args, params = self.call()
            loc, note = self.tail()
            stmt = With(made, op, args, params, self.block(self.params()), loc, note)
        else:
            op, args, params = self.call()
            stmt = Call(made, op, args, params, *self.tail())
        self.vars.update({v.name: v for v in made})
        return stmt

    def if_(self, outs: tuple[Var, ...]) -> If:
        """The rest of an `if`."""
        cond = self.atom()
        loc, note = self.tail()
        then = self.block()
        orelse = self.block(self.params()) if self.take("else") else Block((), (), ())
        return If(outs, cond, then, orelse, loc, note)

    def loop(self, outs: tuple[Var, ...]) -> Loop:
        """A loop."""
        iterate: Range | Each | None = None
        params: tuple[Var, ...] = ()
        if self.next() == "for":
            params = self.params()
            self.expect("in")
            iterate = self.iterated()
        carried, inits = self.carried() if self.take("carry") else ((), ())
        stop = int(self.next()) if self.take("exit") else None
        count = self.param() if self.take("count") else None
        slots = self.slots() if self.take("slots") else ()
        tested = self.params() if self.take("test") else None
        loc, note = self.tail()
        test = None
        if tested is not None:
            test = self.block(tested)
            self.expect("do")
        return Loop(outs, iterate, inits, test, self.block((*params, *carried)), stop, count, loc, note, slots)

    def carried(self) -> tuple[tuple[Var, ...], tuple[Atom, ...]]:
        """`(s = 0.0, ...)`: parameters and their first values."""
        params: list[Var] = []
        inits: list[Atom] = []
        self.expect("(")
        while self.until(")"):
            params.append(self.param())
            self.expect("=")
            inits.append(self.atom())
        return tuple(params), tuple(inits)

    def slots(self) -> tuple[Atom, ...]:
        """`(slots, folder)`."""
        self.expect("(")
        found = self.atoms(")")
        self.expect(")")
        return found

    def iterated(self) -> Range | Each:
        """What a loop runs over."""
        reverse = self.take("reversed")
        if self.take("range", "("):
            return self.range_(reverse)
        self.expect("zip")
        self.expect("(")
        seqs: list[Atom | Range] = []
        while self.until(")"):
            backwards = self.take("reversed")
            mark = self.at, self.kind, self.token
            if self.take("range") and self.take("("):
                seqs.append(self.range_(backwards))
            else:
                self.at, self.kind, self.token = mark
                seqs.append(self.atom())
        return Each(tuple(seqs), reverse)

    def range_(self, reverse: bool) -> Range:
        """The rest of a range."""
        ends = []
        while self.until(")"):
            ends.append(self.atom())
        return Range(ends[0], ends[1], ends[2], reverse)

    def try_(self, outs: tuple[Var, ...]) -> Try:
        """The rest of a `try`."""
        path = self.param() if self.take("path") else None
        loc, note = self.tail()
        body = self.block()
        handlers = []
        while self.take("except"):
            kind = None if self.token in ("{", "as") else self.arg()
            handlers.append(Handler(kind, self.block(self.params() if self.take("as") else ())))
        final = self.block() if self.take("finally") else None
        return Try(outs, body, tuple(handlers), final, path, loc, note)

    def call(self) -> tuple[Op | FuncRef, tuple[Arg, ...], tuple[tuple[str, Arg], ...]]:
        """`op(x, axis=0)` or `@f(x)`."""
        op: Op | FuncRef
        if self.take("@"):
            name = self.word()
            op = FuncRef(name, Effect(int(self.next()))) if self.take("!") else FuncRef(name)
        else:
            name = self.word()
            found = self.find(name)
            if found is None:
                raise InternalError(f"unknown operation {name!r}", stage="parse")
            op = found
        args: list[Arg] = []
        params: list[tuple[str, Arg]] = []
        self.expect("(")
        while self.until(")"):
            mark = self.at, self.kind, self.token
            if self.kind in ("name", "quoted"):
                word = self.word()
                if self.take("="):
                    params.append((word, self.arg()))
                    continue
                self.at, self.kind, self.token = mark
            args.append(self.arg())
        return op, tuple(args), tuple(params)

    def tail(self) -> tuple[Loc, str]:
        """Location and note."""
        loc = NOWHERE
        if self.take("@"):
            line, column = int(self.next()), int(self.next()) if self.take(":") else 0
            end = (0, 0)
            if self.kind == "number":
                end_line = -int(self.next())
                self.expect(":")
                end = (end_line, int(self.next()))
            loc = Loc(line, column, *end, self.string() if self.take("/") else self.key)
        return loc, self.string() if self.kind == "string" else ""

    # ---- arguments ---------------------------------------------------------------------------------------------------
    def atom(self) -> Atom:
        """An atom."""
        arg = self.arg()
        if isinstance(arg, Pack | SliceArg | Star):
            raise self.fail("an atom")
        return arg

    def arg(self) -> Arg:
        """An argument tree."""
        if self.kind in ("string", "number") or self.token in ("None", "True", "False", "...") or self.token.startswith("#"):
            return Const(self.literal())
        if self.take("undef"):
            return UNDEF
        if self.take("*"):
            return Star(self.arg())
        if self.take("**"):
            return Star(self.arg(), double=True)
        if self.take("("):
            return Pack("tuple", self.list_(")"))
        if self.take("["):
            return Pack("list", self.list_("]"))
        if self.take("<"):
            return self.slice_()
        if self.token == "&":
            return self.ref()
        if self.kind == "name" and self.token in (*KINDS, "set"):
            return self.braces(self.word())
        name = self.word()
        if name not in self.vars:
            raise InternalError(f"variable {name!r} is used before it is defined", stage="parse")
        return self.vars[name]

    def ref(self) -> Ref:
        """An object found by import: its path is read as it stands, colons and dots included."""
        if m := _PATH.match(self.text, self.at):
            self.at = m.end()
            self.next()
            return Ref(m[0])
        self.next()
        return Ref(self.string())

    def list_(self, close: str) -> tuple[Arg, ...]:
        """Arguments up to the closing token."""
        items = []
        while self.until(close):
            items.append(self.arg())
        return tuple(items)

    def braces(self, kind: str) -> Pack:
        """`dict{k: v}` or `set{a, b}`."""
        items: list[Arg] = []
        keys: list[Arg] = []
        self.expect("{")
        while self.until("}"):
            item = self.arg()
            if self.take(":"):
                keys.append(item)
                item = self.arg()
            items.append(item)
        return Pack(kind, tuple(items), tuple(keys))

    def slice_(self) -> SliceArg:
        """The rest of `<lower:upper:step>`."""
        parts: list[Arg] = [Const(None)] * 3
        for i in range(3):
            if self.token not in (":", ">"):
                parts[i] = self.arg()
            if not self.take(":"):
                break
        self.expect(">")
        return SliceArg(*parts)

    def literal(self) -> object:
        """A constant's value."""
        if self.kind in ("string", "number"):
            return ast.literal_eval(self.next().removeprefix("+"))
        token = self.next()
        if token == "#":
            self.expect("(")
            items = []
            while self.until(")"):
                items.append(self.literal())
            return tuple(items)
        if token == "#complex":
            self.expect("(")
            real = self.literal()
            self.expect(",")
            imag = self.literal()
            self.expect(")")
            return complex(real, imag)  # type: ignore[call-overload]
        known: dict[str, object] = {"None": None, "True": True, "False": False, "...": Ellipsis}
        return known[token] if token in known else float(token[1:])

    # ---- types -------------------------------------------------------------------------------------------------------
    def type_(self) -> Type:
        """A type."""
        if self.take("?"):
            return UNKNOWN
        if self.take("<"):
            cls = self.class_()
            self.expect(">")
            return Opaque(cls)
        if self.kind == "string":
            return self.struct(self.class_())
        word = self.word()
        if self.token == "(" and word in KINDS:
            return self.struct(KINDS[word])
        if self.token == "[" and word in ("tuple", "list"):
            self.next()
            item = self.type_()
            self.expect("]")
            return ListOf(item) if word == "list" else TupleOf(item)
        if self.take("["):
            dims = []
            while self.until("]"):
                dims.append(self.dim())
            return Array(word, tuple(dims))
        if word == "bottom":
            return BOTTOM
        if word == "residual":
            return Residual(self.word())
        return Scalar(word) if word in _SCALARS else NpScalar(word.removeprefix("np."))

    def class_(self) -> type:
        """A class by its module and qualified name."""
        module, _, name = self.string().partition(":")
        start: object = importlib.import_module(module)
        if module == "builtins" and not hasattr(start, name):
            start = types  # NoneType and the like say that they are in builtins
        cls: object = reduce(getattr, name.split("."), start)
        if not isinstance(cls, type):
            raise self.fail("a class")
        return cls

    def struct(self, cls: type) -> Struct:
        """The rest of a container type."""
        keys: list[object] = []
        items: list[Type] = []
        self.expect("(")
        while self.until(")"):
            if self.kind in ("string", "number") or self.token.startswith("#") or self.token in ("None", "True", "False", "..."):
                mark = self.at, self.kind, self.token
                key = self.literal()
                if not self.take(":"):
                    self.at, self.kind, self.token = mark
                    items.append(self.type_())
                    continue
                keys.append(key)
            items.append(self.type_())
        return Struct(cls, tuple(keys), tuple(items))

    def dim(self) -> Dim:
        """One symbolic length."""
        if self.kind == "string":
            token = self.string()
        elif self.take("="):
            token = "=" + self.next()
        else:
            token = "?" if self.take("?") else self.word()
        return Dim(token, -int(self.next()) if self.kind == "number" else 0)
