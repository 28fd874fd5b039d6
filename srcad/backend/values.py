"""Atoms and argument trees as expressions."""
from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from srcad.backend.imports import reference
from srcad.backend.nodes import Builtin, Imported
from srcad.errors import InternalError
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, Loop, Pack, Ref, SliceArg, Star, Stmt, Undef, Var, With
from srcad.ir.types import NpScalar, Opaque, Scalar, Type
from srcad.ir.visit import blocks, operands

Resolve = Callable[[Atom], ast.expr]


class Undefined(ast.Constant):
    """No value: assigned only to variables that some path would read unassigned."""

    def __init__(self) -> None:
        super().__init__(value=None)


def constant(value: object) -> ast.expr:
    """A literal; the tree is the one that its text parses to."""
    match value:
        case None | bool() | str() | bytes():
            return ast.Constant(value=value)
        case int() | float():
            return real(value)
        case complex():
            if math.copysign(1.0, value.real) > 0 and value.real == 0 and math.isfinite(value.imag) and math.copysign(1.0, value.imag) > 0:
                return ast.Constant(value=value)
            return ast.Call(func=Builtin("complex"), args=[real(value.real), real(value.imag)], keywords=[])
        case tuple():
            return ast.Tuple(elts=[constant(v) for v in value], ctx=ast.Load())
    if value is Ellipsis:
        return ast.Constant(value=value)
    if isinstance(value, frozenset):
        items = [constant(v) for v in sorted(value, key=repr)]
        return ast.Call(func=Builtin("frozenset"), args=[ast.List(elts=items, ctx=ast.Load())], keywords=[])
    msg = f"{value!r} is no literal"
    raise InternalError(msg, stage="backend")


def real(value: int | float) -> ast.expr:  # noqa: PYI041
    """A number; negative ones are a minus and a literal, as in the tree of their text."""
    if isinstance(value, float) and not math.isfinite(value):
        name = "nan" if math.isnan(value) else "inf"
        node: ast.expr = ast.Attribute(value=Imported("math", "math"), attr=name, ctx=ast.Load())
        return ast.UnaryOp(op=ast.USub(), operand=node) if value < 0 else node
    if value < 0 or (isinstance(value, float) and math.copysign(1.0, value) < 0):
        return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=-value))
    return ast.Constant(value=value)


def value_of(arg: Arg, resolve: Resolve, *, subscript: bool = False) -> ast.expr:
    """An argument tree as an expression; `subscript`: it stands alone in square brackets."""
    match arg:
        case Undef():
            return Undefined()
        case Const(value):
            return constant(value)
        case Ref(path):
            return reference(path)
        case Var():
            return resolve(arg)
        case SliceArg(lower, upper, step):
            return _slice((lower, upper, step), resolve, subscript=subscript)
        case Star(value):
            return ast.Starred(value=value_of(value, resolve), ctx=ast.Load())
        case Pack():
            return _pack(arg, resolve, subscript=subscript)
        case _:
            assert_never(arg)


def _slice(parts: tuple[Arg, Arg, Arg], resolve: Resolve, *, subscript: bool) -> ast.expr:
    if subscript:
        lower, upper, step = (None if p == Const(None) else value_of(p, resolve) for p in parts)
        return ast.Slice(lower=lower, upper=upper, step=step)
    given = parts if parts[2] != Const(None) else parts[:2]
    return ast.Call(func=Builtin("slice"), args=[value_of(p, resolve) for p in given], keywords=[])


def _pack(pack: Pack, resolve: Resolve, *, subscript: bool) -> ast.expr:
    if pack.keyed:
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        for key, item in zip(pack.keys, pack.items, strict=True):
            keys.append(None if isinstance(key, Star) else value_of(key, resolve))
            values.append(value_of(item.value if isinstance(item, Star) else item, resolve))
        display = ast.Dict(keys=keys, values=values)  # type: ignore[arg-type,unused-ignore]
        return display if pack.kind == "dict" else ast.Call(func=reference("collections:OrderedDict"), args=[display], keywords=[])
    items = [value_of(i, resolve, subscript=subscript and pack.kind == "tuple") for i in pack.items]
    match pack.kind:
        case "tuple":
            return ast.Tuple(elts=items, ctx=ast.Load())
        case "list":
            return ast.List(elts=items, ctx=ast.Load())
    return ast.Set(elts=items) if items else ast.Call(func=Builtin("set"), args=[], keywords=[])


def evaluated(arg: Arg) -> Iterator[Atom]:
    """The atoms of an argument tree in the order in which Python evaluates them."""
    match arg:
        case Var() | Const() | Ref() | Undef():
            yield arg
        case SliceArg(lower, upper, step):
            for part in (lower, upper, step):
                yield from evaluated(part)
        case Star(value):
            yield from evaluated(value)
        case Pack("dict" | "OrderedDict", items, keys):
            for key, item in zip(keys, items, strict=True):
                if not isinstance(key, Star):
                    yield from evaluated(key)
                yield from evaluated(item)
        case Pack(_, items):
            for item in items:
                yield from evaluated(item)
        case _:
            assert_never(arg)


def variables(args: Iterable[Arg]) -> list[Var]:
    """The variables of argument trees, in order of evaluation, once per read."""
    return [a for arg in args for a in evaluated(arg) if isinstance(a, Var)]


def reads(stmt: Stmt) -> list[Var]:
    """The variables that a statement reads itself, once per read."""
    match stmt:
        case Call() | With():
            return variables((*stmt.args, *(v for _, v in stmt.params)))
        case Loop():
            # The initial values are assigned before the iteration is evaluated.
            first = [a for a in stmt.inits if isinstance(a, Var)]
            return first + [a for a in operands(stmt)[: len(operands(stmt)) - len(stmt.inits)] if isinstance(a, Var)]
    return [a for a in operands(stmt) if isinstance(a, Var)]


def count_reads(block: Block, into: dict[Var, int]) -> None:
    """Add up how often each variable is read in a block and inside."""
    for stmt in block.stmts:
        for v in reads(stmt):
            into[v] = into.get(v, 0) + 1
        for inner in blocks(stmt):
            count_reads(inner, into)
    for y in block.yields:
        if isinstance(y, Var):
            into[y] = into.get(y, 0) + 1


def mutable(t: Type) -> bool:
    """Whether a value of the type may have contents that change."""
    match t:
        case Scalar() | NpScalar():
            return False
        case Opaque(cls):
            return cls not in (type(None), str, bytes, bool, int, float, complex)
    return True
