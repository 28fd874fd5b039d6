"""Assignments to global variables that nobody sees: those of managers which put back what was there.

with mode("strict"):                  m.MODE = "strict"                      y = f(x)
y = f(x)                 ==>      try:                          ==>
y = f(x)
except:
m.MODE = "loose"
raise
m.MODE = "loose"
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srcad.ir.core import SETATTR
from srcad.ir.nodes import Arg, Atom, Block, Call, Const, FuncRef, Handler, Ref, Stmt, Try, Var
from srcad.ir.types import Opaque
from srcad.ir.visit import blocks, operands, walk, with_blocks
from srcad.specialise import calls, globals, variables
from srcad.specialise.control import cannot_raise
from srcad.specialise.values import Dyn, Static, Value, to_arg

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the program: how many statements stand before it, and what the variables hold there."""

    count: int
    held: dict[str, Value]


def mark(engine: Engine) -> Mark:
    """The point that is being interpreted."""
    return Mark(len(engine.builder.stmts), _held(engine))


def _held(engine: Engine) -> dict[str, Value]:
    """What the variables hold here, by the path under which they are assigned."""
    return {f"{globals.module_name(engine, namespace)}:{name}": value for namespace, name, value in variables.held(engine)}


def _same(a: Value, b: Value) -> bool:
    """Whether two values are one number, literal or object."""
    return a == b if isinstance(a, Static) else isinstance(a, Dyn) and isinstance(b, Dyn) and a.atom == b.atom


def forget_restored(engine: Engine, since: Mark) -> None:
    """Take out the assignments since a point to variables that hold now what they held there, if nobody has looked at them.

    That is so where nothing is called that is not followed, and where an exception comes through a handler that restores them.
    """
    now = _held(engine)
    stmts = engine.builder.stmts[since.count :]
    same = {path: to_arg(value) for path, value in now.items() if path in since.held and _same(value, since.held[path])}
    if not same or _looks(engine, stmts):
        return
    unseen = {path for path, atom in same.items() if atom is not None and _restores(stmts, path, atom)}
    engine.builder.stmts[since.count :] = _without(stmts, unseen)


def _assigned(stmt: Stmt) -> tuple[str, Arg] | None:
    """The variable that a statement assigns, and its value."""
    if isinstance(stmt, Call) and stmt.op == SETATTR and isinstance(stmt.args[0], Ref) and isinstance(stmt.args[1], Const):
        return f"{stmt.args[0].path}{stmt.args[1].value}", stmt.args[2]
    return None


def _restores(stmts: Sequence[Stmt], path: str, first: Arg) -> bool:
    """Whether a variable that holds `first` before statements holds it behind them, however they are left."""
    now = True
    for stmt in stmts:
        found = _assigned(stmt)
        inner = [b for b in blocks(stmt) if any(_assigns(s, path) for s in b.stmts)]
        if found is not None and found[0] == path:
            now = found[1] == first
        elif isinstance(stmt, Try) and all(_is_last(h.block, path, first) for h in stmt.handlers) and any(map(_catches_all, stmt.handlers)):
            now = now and not any(_assigns(s, path) for s in stmt.body.stmts)
        elif not all(_restores(b.stmts, path, first) for b in inner) or not (now or cannot_raise(stmt)):
            return False
    return now


def _assigns(stmt: Stmt, path: str) -> bool:
    found = _assigned(stmt)
    return (found is not None and found[0] == path) or any(_assigns(s, path) for b in blocks(stmt) for s in b.stmts)


def _is_last(block: Block, path: str, first: Arg) -> bool:
    """Whether the last value that a block without paths assigns to a variable is this one."""
    values = [found[1] for found in map(_assigned, block.stmts) if found is not None and found[0] == path]
    return bool(values) and values[-1] == first and all(isinstance(s, Call) for s in block.stmts)


def _catches_all(handler: Handler) -> bool:
    return handler.type is None or (isinstance(handler.type, Ref) and handler.type.path == "builtins:BaseException")


def _without(stmts: Sequence[Stmt], unseen: set[str]) -> list[Stmt]:
    kept = [s for s in stmts if (_assigned(s) or ("", None))[0] not in unseen]
    return [with_blocks(s, tuple(replace(b, stmts=tuple(_without(b.stmts, unseen))) for b in blocks(s))) for s in kept]


def _looks(engine: Engine, stmts: Iterable[Stmt]) -> bool:
    """Whether statements may run code that is not followed, which could read a variable."""
    funcs = {f.name: f for f in engine.funcs}
    todo, seen = [Block((), tuple(stmts), ())], set[str]()
    while todo:
        for stmt in walk(todo.pop()):
            if not isinstance(stmt, Call):
                continue
            if isinstance(stmt.op, FuncRef):
                if stmt.op.name not in funcs:
                    return True
                if stmt.op.name not in seen:
                    seen.add(stmt.op.name)
                    todo.append(funcs[stmt.op.name].body)
            elif stmt.op.name in ("call", "getattr", "getitem") and any(map(_may_run, enumerate(operands(stmt)))):
                return True
    return False


def _may_run(operand: tuple[int, Atom]) -> bool:
    """Whether an operand of a call may be, or have, code of the user's."""
    n, atom = operand
    if isinstance(atom, Ref):
        return callable(atom.value) and not calls.may_stay(atom.value, getattr(atom.value, "__name__", ""))
    cls = atom.type.cls if isinstance(atom, Var) and isinstance(atom.type, Opaque) else str
    return not n if cls is None else not calls.may_stay(cls, "")
