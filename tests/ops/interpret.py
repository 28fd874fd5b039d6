"""Runs recorded statements as the text that they print as, and compares every value with its inferred type."""
from __future__ import annotations

import copy
import importlib
import re
from typing import Any

import numpy as np

from srcad.ir.build import Builder, Names
from srcad.ir.nodes import Arg, Call, Const, Pack, Ref, SliceArg, Var
from srcad.ir.types import UNKNOWN, Array, Bottom, Dim, ListOf, NpScalar, Opaque, Scalar, Struct, TupleOf, Type
from srcad.ops.infer import type_of
from srcad.ops.trace import Traced


class Lengths:
    """Types of samples with one token per length, as signatures have them."""

    def __init__(self, known: bool = True) -> None:
        self.known = known

    def dim(self, n: int) -> Dim:
        return Dim("=1") if n == 1 else Dim(f"n{n}") if self.known else Dim("?")

    def type(self, value: Any) -> Type:
        if isinstance(value, np.ndarray):
            return Array(value.dtype.name, tuple(map(self.dim, value.shape)))
        if isinstance(value, list):
            items = [self.type(v) for v in value]
            return ListOf(items[0]) if items and all(t == items[0] for t in items) else Struct(list, (), tuple(items))
        if isinstance(value, tuple):
            return Struct(tuple, (), tuple(map(self.type, value)))
        return type_of(value)


class Recorder:
    """A block under construction with values for its free variables."""

    def __init__(self, known: bool = True) -> None:
        self.builder = Builder(Names())
        self.values: dict[str, Any] = {}
        self.lengths = Lengths(known)
        self.tokens: dict[str, int] = {}

    def var(self, value: Any, hint: str = "x", type: Type | None = None) -> Traced:
        """A traced variable with this value."""
        var = self.builder.names.var(hint, self.lengths.type(value) if type is None else type)
        self.values[var.name] = value
        assert fits(value, var.type, self.tokens)
        return Traced(var, var.type, self.builder)

    def tree(self, value: Any, hint: str = "x") -> Any:
        """Traced leaves for numbers and arrays inside lists and tuples; other leaves stay."""
        if isinstance(value, list | tuple):
            found = [self.tree(v, hint) for v in value]
            return found if isinstance(value, list) else tuple(found)
        if isinstance(value, slice):
            return slice(*(self.tree(v, hint) for v in (value.start, value.stop, value.step)))
        return self.var(value, hint) if isinstance(value, float | complex | np.ndarray | np.generic) else value

    def text(self, arg: Arg) -> str:
        match arg:
            case Var(name):
                return f"v[{name!r}]"
            case Const(value):
                special = isinstance(value, float) and (value != value or abs(value) == float("inf"))
                return f"float('{value}')" if special else repr(value)
            case Ref(path):
                module, _, attr = path.partition(":")
                return f"importlib.import_module({module!r}).{attr}"
            case Pack(kind, items):
                inner = ", ".join(map(self.text, items))
                return f"[{inner}]" if kind == "list" else f"({inner},)" if items else "()"
            case SliceArg(lower, upper, step):
                return f"slice({self.text(lower)}, {self.text(upper)}, {self.text(step)})"
        raise AssertionError(arg)

    def run(self) -> None:
        """Execute what was recorded since the last run."""
        stmts, self.builder.stmts = self.builder.stmts, []
        for stmt in stmts:
            assert isinstance(stmt, Call)
            self.execute(stmt)

    def execute(self, stmt: Call) -> None:
        space: dict[str, Any] = {"v": self.values, "importlib": importlib}
        for item in stmt.op.imports:
            module, _, name = item.partition(":")
            root, _, alias = module.partition(" as ")
            found = importlib.import_module(root)
            space[name or alias or root] = getattr(found, name) if name else found
        code, out = form_text(stmt, self.text), stmt.outs[0]
        if stmt.op.inplace:
            space["buffer"] = copy.deepcopy(eval(self.text(stmt.args[0]), space))
            exec(code.replace(self.text(stmt.args[0]), "buffer", 1), space)
            value = space["buffer"]
        else:
            value = eval(code, space)
        assert fits(value, out.type, self.tokens), f"{code} is {type_of(value)}, inferred {out.type}"
        self.values[out.name] = value

    def value(self, found: Any) -> Any:
        """The value of a recorded result."""
        if isinstance(found, Traced):
            return self.values[found.atom.name] if isinstance(found.atom, Var) else found.atom.value
        if isinstance(found, list):
            return [self.value(f) for f in found]
        return tuple(self.value(f) for f in found) if isinstance(found, tuple) else found


def form_text(stmt: Call, text: Any) -> str:
    """The statement's operation as Python text."""
    form, args = stmt.op.form, [text(a) if not isinstance(a, Const) or stmt.op.form[0] != "_" else f"({text(a)})" for a in stmt.args]
    used = {int(n) for n in re.findall(r"(?<![\w])_(\d)", form)}
    keywords = [f"{k}={text(v)}" for k, v in stmt.params]
    rest = ", ".join([a for k, a in enumerate(args) if k not in used] + keywords)
    if "*_" not in form and keywords:
        form = form[:-1] + ", " + ", ".join(keywords) + ")"
    form = re.sub(r"(?<![\w])_(\d)", lambda m: args[int(m.group(1))], form.replace("*_", "\0"))
    return form.replace("\0", rest).replace("(, ", "(")


def fits(value: Any, t: Type, tokens: dict[str, int] | None = None) -> bool:
    """Whether a value is of an inferred type; `tokens` are the lengths that tokens have been found to have."""
    seen = {} if tokens is None else tokens
    match t:
        case Opaque(None):
            return True
        case Scalar("real"):
            return isinstance(value, bool | int | float)
        case Scalar(kind):
            return type(value).__name__ == kind
        case NpScalar(dtype):
            return isinstance(value, np.generic) and value.dtype.name == dtype
        case Array(dtype, shape):
            good = isinstance(value, np.ndarray) and value.dtype.name == dtype and value.ndim == len(shape)
            return good and all(length_fits(n, d, seen) for n, d in zip(value.shape, shape, strict=True))
        case ListOf(item):
            return isinstance(value, list) and all(fits(v, item, seen) for v in value)
        case TupleOf(item):
            return isinstance(value, tuple) and all(fits(v, item, seen) for v in value)
        case Struct(cls, _, items):
            if not isinstance(value, cls):
                return False
            return cls is dict or (len(value) == len(items) and all(fits(v, i, seen) for v, i in zip(value, items, strict=True)))
        case Opaque(cls):
            return cls is not None and isinstance(value, cls)
        case Bottom():
            return False
    return t == UNKNOWN


def length_fits(n: int, dim: Dim, tokens: dict[str, int]) -> bool:
    """Whether an axis has the length that its type says; tokens of samples are `n3` for 3, others get their length when first met."""
    if dim.unknown:
        return True
    if dim.length is not None:
        return n == dim.length
    if dim.token.startswith("n"):
        return n == max(int(dim.token[1:]) - dim.less, 0)
    return n == max(tokens.setdefault(dim.token, n + dim.less) - dim.less, 0) or n == 0
