"""Checks that IR is well formed.  Runs after every stage."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from srcad.errors import InternalError
from srcad.ir.nodes import (
    Arg, Block, Call, Const, Effect, Func, FuncRef, If, Loop, Op, Pack, Program, Range, Ref, Stmt, Try, Undef, Var, With,
)  # fmt: skip
from srcad.ir.visit import all_defs, blocks, defs, leaves, operands, uses

KnowsOp = Callable[[str], bool]


def verify(func: Func, *, ops: KnowsOp | None = None, stage: str = "verify") -> Func:
    """The function itself; raises `InternalError` naming the stage if it is malformed.  `ops` tells which operations exist."""
    found = problems(func, ops)
    if found:
        shown = "".join(f"\n  {p}" for p in found[:10])
        raise InternalError(f"malformed IR in {func.name}:{shown}", stage=stage)
    return func


def verify_program(program: Program, *, ops: KnowsOp | None = None, stage: str = "verify") -> Program:
    """The program itself; checks its functions and that calls between them fit."""
    by_name = {f.name: f for f in program.funcs}
    if len(by_name) != len(program.funcs):
        raise InternalError("two functions of one name", stage=stage)
    for f in program.funcs:
        verify(f, ops=ops, stage=stage)
        wrong = [p for s in _all_stmts(f.body) for p in _misfits(s, by_name)]
        if wrong:
            raise InternalError(f"malformed IR in {f.name}: {'; '.join(wrong[:10])}", stage=stage)
    return program


def problems(func: Func, ops: KnowsOp | None = None) -> list[str]:
    """What is wrong with a function, in order."""
    checker = _Checker(ops)
    checker.block(func.body, set())
    checker.found.extend(_result_problems(func))
    return checker.found


def reused_buffers(func: Func) -> list[str]:
    """Variables that are read after an in-place operation consumed them.  Legal: the emitter copies first, at a cost."""
    found: list[str] = []
    _find_reuse(func.body, found)
    return found


def _find_reuse(block: Block, found: list[str]) -> None:
    for n, stmt in enumerate(block.stmts):
        if isinstance(stmt, Call) and isinstance(stmt.op, Op) and stmt.op.inplace and isinstance(stmt.args[0], Var):
            rest = Block((), block.stmts[n + 1 :], block.yields)
            if stmt.args[0] in uses(rest):
                found.append(f"{stmt.args[0].name} is read after {stmt.op.name} consumed it")
        for inner in blocks(stmt):
            _find_reuse(inner, found)


def _all_stmts(block: Block) -> Iterator[Stmt]:
    for s in block.stmts:
        yield s
        for inner in blocks(s):
            yield from _all_stmts(inner)


def _misfits(stmt: Stmt, by_name: dict[str, Func]) -> Iterator[str]:
    if not isinstance(stmt, Call) or not isinstance(stmt.op, FuncRef):
        return
    callee = by_name.get(stmt.op.name)
    if callee is None:
        yield f"call of {stmt.op.name}, which the program does not have"
        return
    if len(stmt.args) + len(stmt.params) != len(callee.body.params):
        yield f"call of {callee.name} with {len(stmt.args) + len(stmt.params)} arguments, not {len(callee.body.params)}"
    if len(stmt.outs) != len(callee.body.yields):
        yield f"call of {callee.name} with {len(stmt.outs)} outs, not {len(callee.body.yields)}"


def _result_problems(func: Func) -> Iterator[str]:
    count = len(func.body.yields)
    if func.result is None:
        if count != 1:
            yield f"{count} yields but no result tree"
        return
    for leaf in leaves(func.result):
        if isinstance(leaf, Const) and type(leaf.value) is int and not 0 <= leaf.value < count:
            yield f"the result names yield {leaf.value} of {count}"
        elif not isinstance(leaf, Const | Ref):
            yield f"the result holds {leaf}"


class _Checker:
    """Walks a function with the set of variables in scope."""

    def __init__(self, ops: KnowsOp | None) -> None:
        self.ops = ops
        self.found: list[str] = []
        self._names: dict[str, Var] = {}

    def block(self, block: Block, scope: set[Var]) -> None:
        """Check a block; `scope` holds the variables defined around it."""
        inner = set(scope)
        self._define(block.params, inner)
        for stmt in block.stmts:
            for atom in operands(stmt):
                self._use(atom, inner, stmt)
            self._stmt(stmt)
            for nested in blocks(stmt):
                self.block(nested, inner)
            self._define(defs(stmt), inner)
        for atom in block.yields:
            self._use(atom, inner, None)

    def _define(self, new: tuple[Var, ...], scope: set[Var]) -> None:
        for v in new:
            if v.name in self._names:
                self.found.append(f"{v.name} is defined twice")
            self._names[v.name] = v
            scope.add(v)

    def _use(self, atom: Arg, scope: set[Var], stmt: Stmt | None) -> None:
        if not isinstance(atom, Var) or atom in scope:
            return
        where = f" at line {stmt.loc.line}" if stmt is not None and stmt.loc.line else ""
        known = self._names.get(atom.name)
        if known in scope:
            self.found.append(f"{atom.name} is used with another type than it was defined with{where}")
        else:
            self.found.append(f"{atom.name} is {'out of scope' if known else 'undefined'}{where}")

    def _count(self, what: str, got: int, wanted: int) -> None:
        if got != wanted:
            self.found.append(f"{what}: {got}, not {wanted}")

    def _stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Call():
                self._call(stmt)
            case If(outs, _, then, orelse):
                for side, b in (("then", then), ("else", orelse)):
                    self._count(f"yields of the {side} branch", len(b.yields), len(outs))
                    self._count(f"parameters of the {side} branch", len(b.params), 0)
            case Loop():
                self._loop(stmt)
            case Try(outs, body, handlers, final):
                self._count("yields of a try body", len(body.yields), len(outs))
                self._count("parameters of a try body", len(body.params), 0)
                for h in handlers:
                    self._count("yields of a handler", len(h.block.yields), len(outs))
                    self._count("parameters of a handler", min(len(h.block.params), 1), len(h.block.params))
                if final is not None:
                    self._count("yields of a finally block", len(final.yields), 0)
            case With(outs, op, _, _, body):
                self._known(op)
                self._count("yields of a with body", len(body.yields), len(outs))
                self._count("parameters of a with body", min(len(body.params), 1), len(body.params))
            case _:
                assert_never(stmt)

    def _call(self, stmt: Call) -> None:
        self._known(stmt.op)
        for arg in (*stmt.args, *(v for _, v in stmt.params)):
            self._packs(arg)
        if isinstance(stmt.op, Op) and stmt.op.inplace:
            if not stmt.outs or not stmt.args:
                self.found.append(f"{stmt.op.name} changes its argument in place and needs an argument and an out")
            elif not isinstance(stmt.args[0], Var | Undef):
                self.found.append(f"{stmt.op.name} consumes {stmt.args[0]}, which is no variable")
        if isinstance(stmt.op, Op) and Effect.DIVERGES in stmt.op.effects and stmt.outs:
            self.found.append(f"{stmt.op.name} never returns but has outs")

    def _known(self, op: Op | FuncRef) -> None:
        if self.ops is not None and isinstance(op, Op) and not self.ops(op.name):
            self.found.append(f"unknown operation {op.name}")

    def _packs(self, arg: Arg) -> None:
        if isinstance(arg, Pack):
            if arg.keyed or arg.keys:
                self._count(f"keys of a {arg.kind}", len(arg.keys), len(arg.items))
            for part in arg.items:
                self._packs(part)

    def _loop(self, stmt: Loop) -> None:
        carried = len(stmt.inits)
        items = 0 if stmt.iter is None else 1 if isinstance(stmt.iter, Range) else len(stmt.iter.seqs)
        self._count("parameters of a loop body", len(stmt.body.params), items + carried)
        self._count("yields of a loop body", len(stmt.body.yields), carried)
        self._count("outs of a loop", len(stmt.outs), carried)
        if stmt.test is not None:
            self._count("parameters of a loop test", len(stmt.test.params), carried)
            self._count("yields of a loop test", len(stmt.test.yields), 1)
        if stmt.exit is not None and not 0 <= stmt.exit < carried:
            self.found.append(f"the exit of a loop names carried value {stmt.exit} of {carried}")
        if stmt.iter is None and stmt.test is None and stmt.exit is None and not any(True for _ in _divergences(stmt.body)):
            self.found.append("a loop that nothing stops")


def _divergences(block: Block) -> Iterator[Stmt]:
    """Statements that may leave a loop by raising."""
    return (s for s in _all_stmts(block) if not isinstance(s, Call) or (s.op.effects & (Effect.RAISES | Effect.DIVERGES)))


def defined_names(func: Func) -> set[str]:
    """The names of all variables of a function, for `Names`."""
    return {v.name for v in all_defs(func.body)}
