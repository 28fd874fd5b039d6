"""f-strings: words that are known now, or texts that the program makes."""
from __future__ import annotations

import types
from typing import TYPE_CHECKING

from srcad.errors import SrcadError
from srcad.frontend.lower import lower_function
from srcad.ir.core import FSTRING
from srcad.ir.nodes import Arg, Call, Const, Pack, Var
from srcad.ir.types import STR
from srcad.specialise import dunders, operations
from srcad.specialise.frames import Env
from srcad.specialise.kinds import is_object, own
from srcad.specialise.values import Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def formatted(engine: Engine, stmt: Call, env: Env) -> list[Value]:
    """An f-string."""
    def text(arg: Arg) -> Arg:
        if isinstance(arg, Pack):
            return Pack("tuple", tuple(text(i) for i in arg.items))
        if isinstance(arg, Var):
            value = engine.value(arg, env)
            return engine.runtime(value, "a value in an f-string").atom
        return arg

    known = _literal_text(engine, stmt.args, env)
    return [operations.emit_trees(engine, FSTRING, [text(a) for a in stmt.args], STR) if known is None else Static(known)]


def _literal_text(engine: Engine, parts: tuple[Arg, ...], env: Env) -> str | None:
    """An f-string of words and whole numbers that are known now."""
    found = ""
    for part in parts:
        if isinstance(part, Pack):
            value = engine.value(part.items[0], env)
            if part.items[1:] != (Const(""), Const("")) or not isinstance(value, Static) or type(value.value) not in (str, int):
                return None
            found += str(value.value)
        elif isinstance(part, Const):
            found += str(part.value)
    return found


def of_object(engine: Engine, value: Value) -> Value | None:
    """What `__str__` of an object says where that is plain: a word, or an f-string of attributes; None where run time asks it."""
    if not isinstance(value, Seq) or not is_object(value):
        return None
    raw = own(value.cls, "__str__")
    if not isinstance(raw, types.FunctionType) or not _is_plain(raw):
        return None
    return dunders.asked(engine, value, "__str__", [])


def _is_plain(method: types.FunctionType) -> bool:
    try:
        body = lower_function(method).func.body
    except SrcadError:
        return False
    return all(isinstance(s, Call) and s.op.name in ("getattr", "fstring") for s in body.stmts)
