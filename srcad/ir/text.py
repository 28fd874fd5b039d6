"""IR as text.

    def loss(x: float64[n, =3], w: float64[=3]) {
      y: float64[n, =3] = np.exp(x) @2:4
      s: np.float64 = for (i: int) in range(0, 3, 1) carry (s.1: np.float64 = 0.0) @3 {
        r: np.float64 = getitem(y, (i, 0)) @4
        s.2: np.float64 = add(s.1, r) @4
        yield s.2
      }
      return s
    }

A variable is typed where it is defined (no type means unknown); `@2:4` is a `Loc`, a string at the end of a statement its
note, `@f(x)` a call of a function of the program, `&numpy:float64` a `Ref`, `<1:-1>` a slice, `#inf` a literal that needs a
mark.  `srcad.ir.parse` reads the text back to the same IR.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import assert_never

from srcad.ir.nodes import (
    NOWHERE, Arg, Atom, Block, Call, Const, Each, Effect, Func, FuncRef, If, Loc, Loop, Op, Pack, Program, Range, Ref, SliceArg,
    Star, Stmt, Try, Undef, Var, With,
)  # fmt: skip
from srcad.ir.types import (
    CONTAINERS, UNKNOWN, Array, Bottom, Dim, ListOf, NpScalar, Numbered, Opaque, Residual, Scalar, Struct, TupleOf, Type,
)  # fmt: skip

NAME = r"%?[^\W\d][\w$]*(?:\.[\w$]+)*|[%$][\w$]+(?:\.[\w$]+)*"
KEYWORDS = frozenset((
    "undef", "if", "else", "for", "while", "try", "except", "finally", "with", "yield", "return", "True", "False", "None",
    "tuple", "list", "dict", "OrderedDict", "set", "range", "reversed",
))  # fmt: skip
_PLAIN = re.compile(NAME)
_PATH = re.compile(r"[\w.]+:[\w.]*")
_INDENT = "  "


def print_program(program: Program) -> str:
    """The text of a program: its functions, then the sources that locations refer to."""
    parts = [print_func(f) for f in program.funcs]
    for key, text in program.sources:
        parts.append("\n".join([f"source {key!r}", *(f"  |{line}" for line in text.split("\n"))]) + "\n")
    return "\n".join(parts)


def print_func(func: Func) -> str:
    """The text of a function."""
    lines = [f"# {line}" if line.isprintable() else f"#! {line!r}" for line in func.doc]
    key = f" key {func.key!r}" if func.key else ""
    rule = func.custom
    custom = "" if rule is None else f" custom {rule.forward!r} {rule.backward!r} {rule.jvp!r}"
    custom += f" fixed {rule.fixed}" if rule is not None and rule.fixed else ""
    lines.append(f"def {name_text(func.name)}({_params(func.body.params)}){key}{custom} {{")
    printer = _Printer(func.key)
    lines.extend(_INDENT + line for s in func.body.stmts for line in printer.stmt(s))
    result = "" if func.result is None else f" as {arg_text(func.result)}"
    lines.append(f"{_INDENT}return {', '.join(map(arg_text, func.body.yields))}{result}".rstrip())
    return "\n".join([*lines, "}"]) + "\n"


def print_stmt(stmt: Stmt) -> str:
    """The text of one statement."""
    return "\n".join(_Printer("").stmt(stmt))


def name_text(name: str) -> str:
    """A name, in backquotes where it is not a plain one."""
    return name if _PLAIN.fullmatch(name) and name not in KEYWORDS else f"`{name!r}`"


def type_text(t: Type) -> str:
    """A type: `float`, `np.float32`, `float64[n, n-2]`, `list[..]`, `tuple(float, int)`, `?` for unknown."""
    match t:
        case Scalar(kind):
            return kind
        case NpScalar(dtype):
            return f"np.{dtype}"
        case Array(dtype, shape):
            return f"{dtype}[{', '.join(map(_dim, shape))}]"
        case ListOf(item):
            return f"list[{type_text(item)}]"
        case TupleOf(item):
            return f"tuple[{type_text(item)}]"
        case Struct(cls, keys, items):
            head = cls.__name__ if cls in CONTAINERS else repr(_class_path(cls))
            named = [f"{_literal(k)}: {type_text(i)}" for k, i in zip(keys, items, strict=True)] if keys else map(type_text, items)
            return f"{head}({', '.join(named)})"
        case Opaque(cls):
            return "?" if cls is None else f"<{_class_path(cls)!r}>"
        case Numbered(cls):
            return f"number of <{_class_path(cls)!r}>"
        case Residual(pair):
            return f"residual {name_text(pair)}"
        case Bottom():
            return "bottom"
        case _:
            assert_never(t)


def arg_text(arg: Arg) -> str:
    """An argument tree."""
    match arg:
        case Var(name):
            return name_text(name)
        case Const(value):
            return _literal(value)
        case Ref(path):
            return f"&{path}" if _PATH.fullmatch(path) else f"&{path!r}"
        case Undef():
            return "undef"
        case SliceArg(lower, upper, step):
            ends = ["" if part == Const(None) else arg_text(part) for part in (lower, upper, step)]
            return f"<{ends[0]}:{ends[1]}{':' if ends[2] else ''}{ends[2]}>"
        case Star(value, double):
            return ("**" if double else "*") + arg_text(value)
        case Pack(kind, items, keys):
            return _pack(kind, list(map(arg_text, items)), list(map(arg_text, keys)))
        case _:
            assert_never(arg)


def _pack(kind: str, items: list[str], keys: list[str]) -> str:
    if keys or kind not in ("tuple", "list"):
        shown = [f"{k}: {i}" for k, i in zip_longest(keys, items, fillvalue="?")] if keys else items
        return f"{kind}{{{', '.join(shown)}}}"
    inner = ", ".join(items)
    return f"[{inner}]" if kind == "list" else f"({inner},)" if len(items) == 1 else f"({inner})"


def _literal(value: object) -> str:
    """A constant; what Python's own notation does not cover is marked by `#`."""
    match value:
        case None | bool() | int() | str() | bytes():
            return repr(value)
        case float():
            return repr(value) if value - value == 0 else f"#{value!r}"
        case complex():
            return f"#complex({_literal(value.real)}, {_literal(value.imag)})"
        case tuple():
            return f"#({', '.join(map(_literal, value))})"
    return "..." if value is Ellipsis else f"#?{value!r}"


def _class_path(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _dim(dim: Dim) -> str:
    token = dim.token if re.fullmatch(rf"\?|=\d+|{NAME}", dim.token) else repr(dim.token)
    return f"{token}{-dim.less:+d}" if dim.less else token


def _param(v: Var) -> str:
    return name_text(v.name) if v.type == UNKNOWN else f"{name_text(v.name)}: {type_text(v.type)}"


def _params(params: Iterable[Var]) -> str:
    return ", ".join(map(_param, params))


def _args(args: tuple[Arg, ...], params: tuple[tuple[str, Arg], ...]) -> str:
    return ", ".join([*map(arg_text, args), *(f"{k}={arg_text(v)}" for k, v in params)])


def _callee(op: Op | FuncRef) -> str:
    if isinstance(op, Op):
        return name_text(op.name)
    effects = "" if op.effects == Effect.RAISES else f"!{op.effects.value}"
    return f"@{name_text(op.name)}{effects}"


def _seq(seq: Atom | Range) -> str:
    if isinstance(seq, Range):
        return f"{'reversed ' if seq.reverse else ''}range({arg_text(seq.start)}, {arg_text(seq.stop)}, {arg_text(seq.step)})"
    return arg_text(seq)


class _Printer:
    """Prints statements of a function whose source has the key `key`."""

    def __init__(self, key: str) -> None:
        self._key = key

    def stmt(self, stmt: Stmt) -> Iterator[str]:
        """The lines of a statement."""
        tail = self._tail(stmt.loc, stmt.note)
        match stmt:
            case Call(outs, op, args, params):
                yield f"{_outs(outs)}{_callee(op)}({_args(args, params)}){tail}"
            case If(outs, cond, then, orelse):
                yield f"{_outs(outs)}if {arg_text(cond)}{tail} {{"
                yield from self._body(then)
                if orelse != Block((), (), ()):
                    yield f"}} else {_block_params(orelse)}{{"
                    yield from self._body(orelse)
                yield "}"
            case Loop():
                yield from self._loop(stmt, tail)
            case Try(outs, body, handlers, final, path):
                shown = "" if path is None else f" path {_param(path)}"
                yield f"{_outs(outs)}try{shown}{tail} {{"
                yield from self._body(body)
                for h in handlers:
                    kind = "" if h.type is None else f"{arg_text(h.type)} "
                    name = f"as {_block_params(h.block)}" if h.block.params else ""
                    yield f"}} except {kind}{name}{{"
                    yield from self._body(h.block)
                if final is not None:
                    yield "} finally {"
                    yield from self._body(final)
                yield "}"
            case With(outs, op, args, params, body):
                yield f"{_outs(outs)}with {_callee(op)}({_args(args, params)}){tail} {_block_params(body)}{{"
                yield from self._body(body)
                yield "}"
            case _:
                assert_never(stmt)

    def _loop(self, stmt: Loop, tail: str) -> Iterator[str]:
        items = 0 if stmt.iter is None else 1 if isinstance(stmt.iter, Range) else len(stmt.iter.seqs)
        params, carried = stmt.body.params[:items], stmt.body.params[items:]
        match stmt.iter:
            case None:
                head = "while"
            case Range():
                head = f"for ({_params(params)}) in {_seq(stmt.iter)}"
            case Each(seqs, reverse):
                head = f"for ({_params(params)}) in {'reversed ' if reverse else ''}zip({', '.join(map(_seq, seqs))})"
            case _:
                assert_never(stmt.iter)
        pairs = [f"{_param(p) if p else '?'} = {arg_text(i) if i else '?'}" for p, i in zip_longest(carried, stmt.inits)]
        head += f" carry ({', '.join(pairs)})" if pairs else ""
        head += "" if stmt.exit is None else f" exit {stmt.exit}"
        head += "" if stmt.count is None else f" count {_param(stmt.count)}"
        head += f" slots ({', '.join(map(arg_text, stmt.slots))})" if stmt.slots else ""
        if stmt.test is None:
            yield f"{_outs(stmt.outs)}{head}{tail} {{"
        else:
            yield f"{_outs(stmt.outs)}{head} test ({_params(stmt.test.params)}){tail} {{"
            yield from self._body(stmt.test)
            yield "} do {"
        yield from self._body(stmt.body)
        yield "}"

    def _body(self, block: Block) -> Iterator[str]:
        for s in block.stmts:
            for line in self.stmt(s):
                yield _INDENT + line
        if block.yields:
            yield f"{_INDENT}yield {', '.join(map(arg_text, block.yields))}"

    def _tail(self, loc: Loc, note: str) -> str:
        shown = ""
        if loc != NOWHERE:
            start = f"{loc.line}:{loc.column}" if loc.column else f"{loc.line}"
            end = f"-{loc.end_line}:{loc.end_column}" if loc.end_line or loc.end_column else ""
            shown = f" @{start}{end}" + (f"/{loc.function!r}" if loc.function != self._key else "")
        return shown + (f" {note!r}" if note else "")


def _outs(outs: tuple[Var, ...]) -> str:
    return f"{_params(outs)} = " if outs else ""


def _block_params(block: Block) -> str:
    return f"({_params(block.params)}) " if block.params else ""
