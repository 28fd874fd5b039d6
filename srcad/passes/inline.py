"""Inlining: a call of a function that calls no other, and is small, is replaced by its statements.

    def f(x: float) {
      y: float = @square(x) @2
      return y
    }

    def square(x: float) key 'g' {
      y: float = mul(x, x) @1
      return y
    }

becomes

    def f(x: float) {
      y.1: float = mul(x, x) @1/'g'
      return y.1
    }

    def square(x: float) key 'g' {
      y: float = mul(x, x) @1
      return y
    }
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from srcad.ir.build import Names
from srcad.ir.core import PACK
from srcad.ir.nodes import Atom, Block, Call, Func, FuncRef, Loc, Loop, Pack, Program, SliceArg, Star, Stmt, Try, Var, With
from srcad.ir.types import Array, Dim, ListOf, Struct, TupleOf, Type
from srcad.ir.visit import all_defs, blocks, map_atoms, walk, with_blocks

TRIVIAL = 3  # statements of a function that is worth none
ALMOST_ALL = 400


def inline(program: Program, small: int = TRIVIAL) -> Program:
    """The program with calls of functions of up to `small` statements inlined, but those that have a rule; it keeps every function.

    For derivatives of derivatives that are `ALMOST_ALL`: what a call gets or gives as one tuple is differentiated as a whole; inside one
    function it is its items.
    """
    ruled = frozenset(f.name for f in program.funcs if f.custom is not None)
    funcs = {f.name: f for f in program.funcs}
    while True:
        leaves = {n: f for n, f in funcs.items() if n != program.entry.name and n not in ruled and _is_leaf(f, small, ruled)}
        new = {n: _Inliner(f, leaves).function() for n, f in funcs.items()}
        if new == funcs:
            return replace(program, funcs=tuple(funcs.values()))
        funcs = new


def _is_leaf(func: Func, small: int, ruled: frozenset[str]) -> bool:
    count = 0
    for stmt in walk(func.body):
        count += 1
        if isinstance(stmt, Call | With) and isinstance(stmt.op, FuncRef) and stmt.op.name not in ruled:
            return False
    return count <= small


def spliced(names: Names, callee: Func, args: Iterable[Atom]) -> Block:
    """The callee's statements on these arguments, with names that fit the caller; its yields are what the call gives."""
    return _Copy(names, callee, args).block(callee.body)


class _Inliner:
    """Inlines into one function."""

    def __init__(self, func: Func, leaves: dict[str, Func]) -> None:
        self._func = func
        self._leaves = leaves
        self._names = Names(v.name for v in all_defs(func.body))
        self._replaced: dict[Var, Atom] = {}

    def function(self) -> Func:
        """The function with its calls inlined."""
        return replace(self._func, body=self._block(self._func.body))

    def _atom(self, atom: Atom) -> Atom:
        return self._replaced.get(atom, atom) if isinstance(atom, Var) else atom

    def _block(self, block: Block) -> Block:
        stmts: list[Stmt] = []
        for stmt in block.stmts:
            new = map_atoms(stmt, self._atom, self._atom)
            if isinstance(new, Call) and isinstance(new.op, FuncRef) and self._fits(new):
                stmts.extend(self._spliced(new, self._leaves[new.op.name]))
            else:
                stmts.append(with_blocks(new, tuple(map(self._block, blocks(new)))))
        return replace(block, stmts=tuple(stmts), yields=tuple(map(self._atom, block.yields)))

    def _fits(self, call: Call) -> bool:
        callee = self._leaves.get(call.op.name)
        return (
            callee is not None and not call.params and len(call.args) == len(callee.body.params)
            and len(call.outs) == len(callee.body.yields) and not any(isinstance(a, Star) for a in call.args)
        )  # fmt: skip

    def _spliced(self, call: Call, callee: Func) -> Iterable[Stmt]:
        """The callee's statements on the arguments of a call."""
        prelude: list[Stmt] = []
        atoms: list[Atom] = []
        for arg, param in zip(call.args, callee.body.params, strict=True):
            if isinstance(arg, Pack | SliceArg | Star):
                named = self._names.var(param.hint, param.type)
                prelude.append(Call((named,), PACK, (arg,), (), call.loc, call.note))
                atoms.append(named)
            else:
                atoms.append(arg)
        body = spliced(self._names, callee, atoms)
        self._replaced.update(zip(call.outs, body.yields, strict=True))
        return (*prelude, *body.stmts)


class _Copy:
    """A copy of a callee's body with names, axis tokens and locations that fit its caller."""

    def __init__(self, names: Names, callee: Func, args: Iterable[Atom]) -> None:
        self._names = names
        self._callee = callee
        self._vars: dict[Var, Atom] = dict(zip(callee.body.params, args, strict=True))
        self._tokens: dict[str, Dim] = {}
        for param, arg in self._vars.items():
            if isinstance(arg, Var):
                self._match(param.type, arg.type)

    def _match(self, inner: Type, outer: Type) -> None:
        """Learn what the callee's axis tokens are called by the caller."""
        match inner, outer:
            case (Array(_, shape), Array(_, actual)):
                self._tokens.update({d.token: a for d, a in zip(shape, actual, strict=False) if d.less == 0})
            case (ListOf(a), ListOf(b)) | (TupleOf(a), TupleOf(b)):
                self._match(a, b)
            case (Struct(_, _, items), Struct(_, _, actual_items)):
                for a, b in zip(items, actual_items, strict=False):
                    self._match(a, b)
            case _:
                pass

    def _dim(self, dim: Dim) -> Dim:
        if dim.token == "?" or dim.token.startswith("="):
            return dim
        base = self._tokens.setdefault(dim.token, Dim(self._names.fresh(f"{dim.token}_{self._callee.name}")))
        return base if base.token == "?" else Dim(base.token, base.less + dim.less)

    def _type(self, t: Type) -> Type:
        match t:
            case Array(dtype, shape):
                return Array(dtype, tuple(map(self._dim, shape)))
            case ListOf(item):
                return ListOf(self._type(item))
            case TupleOf(item):
                return TupleOf(self._type(item))
            case Struct(cls, keys, items):
                return Struct(cls, keys, tuple(map(self._type, items)))
        return t

    def _define(self, v: Var) -> Var:
        new = self._names.var(v.hint, self._type(v.type))
        self._vars[v] = new
        return new

    def _atom(self, atom: Atom) -> Atom:
        return self._vars.get(atom, atom) if isinstance(atom, Var) else atom

    def block(self, block: Block) -> Block:
        """The block, copied; parameters of the callee's own body are replaced already."""
        params = () if block is self._callee.body else tuple(map(self._define, block.params))
        stmts = tuple(map(self._stmt, block.stmts))
        return Block(params, stmts, tuple(map(self._atom, block.yields)))

    def _loc(self, loc: Loc) -> Loc:
        return loc if loc.function or not loc.line else replace(loc, function=self._callee.key)

    def _stmt(self, stmt: Stmt) -> Stmt:
        moved = replace(map_atoms(stmt, self._atom, self._atom), loc=self._loc(stmt.loc))
        copied = with_blocks(moved, tuple(map(self.block, blocks(stmt))))
        outs = tuple(map(self._define, stmt.outs))
        match copied:
            case Loop(count=Var() as count):
                return replace(copied, outs=outs, count=self._define(count))
            case Try(path=Var() as path):
                return replace(copied, outs=outs, path=self._define(path))
        return replace(copied, outs=outs)
