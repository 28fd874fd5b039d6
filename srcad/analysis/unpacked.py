"""Which lists a function unpacks into names at once: these have as many items as there are names."""
from __future__ import annotations

from srcad.ir.nodes import Call, Const, Func, Var
from srcad.ir.visit import walk

_COPIERS = ("list", "tuple")


def unpacked(func: Func) -> frozenset[Var]:
    """The variables of untyped IR that are unpacked, as they are or as a list or tuple of them, with no star."""
    copiers: set[Var] = set()
    copied: dict[Var, Var] = {}
    found: set[Var] = set()
    for stmt in walk(func.body):
        match stmt:
            case Call((out,), op, (Const(name),)) if op.name == "global" and name in _COPIERS:
                copiers.add(out)
            case Call((out,), op, (Var() as function, Var() as items)) if op.name == "call" and function in copiers:
                copied[out] = items
            case Call(_, op, (Var() as whole,), ()) if op.name == "unpack":
                found.add(whole)
    return frozenset(found | {copied[v] for v in found if v in copied})
