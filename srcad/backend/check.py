"""Definedness: on every path, a name is assigned before it is read."""
from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence

from srcad.backend.imports import BUILTINS
from srcad.backend.nodes import Handler, LocalImport, Parallel, Slot, bare, parts
from srcad.backend.values import Undefined
from srcad.errors import InternalError
from srcad.ir.nodes import Var

Key = Hashable
State = frozenset[Hashable] | None  # None: no path leads here


def check(func: ast.FunctionDef, known: Collection[str]) -> None:
    """Raise `InternalError` if a path reads a name that is not assigned there; `known` are the names of the module."""
    missing = sorted(map(str, unassigned(func, lambda node: node.id, ())))
    names = {*known, *BUILTINS, "builtins"}
    assigned = _assigned(func) if missing else frozenset()
    bad = [n for n in missing if n.partition(".")[0] not in names or n in assigned]
    if bad:
        msg = f"'{bad[0]}' may be read before it is assigned in '{func.name}'"
        raise InternalError(msg, stage="backend")


def unassigned_variables(params: Sequence[Var], func: ast.FunctionDef) -> set[Var]:
    """Variables that some path reads unassigned if `Undefined` is not assigned to them."""
    found = unassigned(func, lambda node: node.var if isinstance(node, Slot) else None, params)
    return {v for v in found if isinstance(v, Var)}


def unassigned(func: ast.FunctionDef, key: Callable[[ast.Name], Key], params: Iterable[Key]) -> list[Key]:
    """What some path reads unassigned, in order."""
    walker = _Walker(key)
    start = {*params, *(a.arg for a in (*func.args.posonlyargs, *func.args.args, *func.args.kwonlyargs))}
    walker.block(func.body, frozenset(start))
    return list(dict.fromkeys(walker.missing))


def _assigned(func: ast.FunctionDef) -> frozenset[str]:
    return frozenset({n.id for s in parts(func) for t in _targets(s) for n in parts(t) if isinstance(n, ast.Name)})


def _targets(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=targets):
            return [t for t in targets if isinstance(t, ast.Name | ast.Tuple | ast.Starred)]
        case ast.For(target=target) | LocalImport(target=target):
            return [target]
    return []


class _Walker:
    """Follows all paths; sets hold what is assigned on each of them."""

    def __init__(self, key: Callable[[ast.Name], Key]) -> None:
        self.key = key
        self.missing: list[Key] = []
        self.breaks: list[list[frozenset[Key]]] = []

    def block(self, stmts: Sequence[ast.stmt], state: State) -> State:
        """What is assigned behind the statements."""
        for s in stmts:
            if state is None:
                break
            state = self._stmt(bare(s), state)
        return state

    def _read(self, node: ast.AST | None, state: frozenset[Key]) -> None:
        if node is None:
            return
        bound: set[Key] = set()
        for n in parts(node):
            if isinstance(n, ast.comprehension):
                bound.update(self.key(s) for s in parts(n.target) if isinstance(s, ast.Name))
        for n in parts(node):
            if isinstance(n, ast.Name):
                k = self.key(n)
                if k is not None and k not in state and k not in bound:
                    self.missing.append(k)

    def _names(self, target: ast.AST) -> frozenset[Key]:
        return frozenset(self.key(n) for n in parts(target) if isinstance(n, ast.Name))

    def _stmt(self, s: ast.stmt, state: frozenset[Key]) -> State:
        match s:
            case ast.Assign(targets=targets, value=value):
                self._read(value, state)
                for t in targets:
                    if isinstance(t, ast.Name | ast.Tuple | ast.Starred):
                        state |= self._names(t)
                    else:
                        self._read(t, state)
                return state
            case Parallel(targets=targets, values=values):
                for v in values:
                    self._read(v, state)
                return state | {self.key(t) for t, v in zip(targets, values, strict=True) if not isinstance(v, Undefined)}
            case LocalImport(target=target):
                return state | {self.key(target)}
            case ast.Return() | ast.Raise():
                self._read(s, state)
                return None
            case ast.Break():
                self.breaks[-1].append(state)
                return None
            case ast.Continue():
                return None
            case ast.If(test=test, body=body, orelse=orelse):
                self._read(test, state)
                return _meet(self.block(body, state), self.block(orelse, state))
            case ast.For() | ast.While():
                return self._loop(s, state)
            case ast.Try():
                return self._try(s, state)
            case ast.With(items=items, body=body):
                for item in items:
                    self._read(item.context_expr, state)
                    if item.optional_vars is not None:
                        state |= self._names(item.optional_vars)
                return self.block(body, state)
        self._read(s, state)
        return state

    def _loop(self, s: ast.For | ast.While, state: frozenset[Key]) -> State:
        forever = isinstance(s, ast.While) and isinstance(s.test, ast.Constant) and s.test.value is True
        start = state
        if isinstance(s, ast.For):
            self._read(s.iter, state)
            start |= self._names(s.target)
        else:
            self._read(s.test, state)
        self.breaks.append([])
        end = self.block(s.body, start)
        if end is not None and not end >= start:
            self.block(s.body, start & end)
        left = self.breaks.pop()  # a `break` in the `else` clause leaves the loop around this one
        out: State = None if forever else self.block(s.orelse, state)
        for b in left:
            out = _meet(out, b)
        return out

    def _try(self, s: ast.Try, state: frozenset[Key]) -> State:
        out = self.block(s.body, state)
        for h in s.handlers:
            self._read(h.type, state)
            name: set[Key] = set()
            if isinstance(h, Handler) and h.slot is not None:
                name = {self.key(h.slot)}
            elif h.name is not None:
                name = {h.name}
            end = self.block(h.body, state | name)
            out = _meet(out, None if end is None else end - name)
        if s.finalbody:
            final = self.block(s.finalbody, state)
            return None if final is None or out is None else out | (final - state)
        return out


def _meet(a: State, b: State) -> State:
    return b if a is None else a if b is None else a & b

