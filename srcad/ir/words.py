"""Names for primal temporaries that the reverse sweep needs: both sweeps shall call them the same."""
from __future__ import annotations

import builtins

from srcad.ir.nodes import Call, Const, Op, Pack, SliceArg, Stmt, Var

_OPERATORS = {
    "add": "total", "sub": "difference", "mul": "product", "truediv": "quotient", "floordiv": "quotient", "mod": "remainder",
    "pow": "power", "matmul": "product", "neg": "negative", "tape_new": "tape",
}  # fmt: skip
_TESTS = ("eq", "ne", "lt", "le", "gt", "ge", "is_", "is_not", "in_", "not_in", "not_", "and_", "or_")
_LONGEST = 10


def word(stmt: Stmt | None) -> str:
    """A name for the value of a statement, by what it holds: `sin_E`, `product`, `y_0`; '' if nothing fits."""
    if not isinstance(stmt, Call) or not isinstance(stmt.op, Op) or len(stmt.outs) != 1:
        return ""
    name = stmt.op.name
    if name in _OPERATORS:
        return _OPERATORS[name]
    if name in _TESTS:
        return "test"
    owner = stmt.args[0].hint if stmt.args and isinstance(stmt.args[0], Var) else ""
    if stmt.op.inplace:
        return owner or "part"
    if name in ("getitem", "getattr"):
        return _part(owner, stmt)
    last = name.rpartition(".")[2]
    if not last.isidentifier() or name in ("call", "pack", "build"):
        return ""
    if len(stmt.args) == 1 and 0 < len(owner) <= _LONGEST:
        return f"{owner}_{last}" if name.startswith("ndarray.") else f"{last}_{owner}"
    return f"{last}_value" if hasattr(builtins, last) else last


def tape_of(name: str) -> str:
    """What a tape of values of that name is called; one of tapes, for an outer loop, by their plural."""
    return f"{name}s" if name.endswith("tape") else f"{name}_tape".lstrip("_")


def _part(owner: str, stmt: Call) -> str:
    if not 0 < len(owner) <= _LONGEST:
        return ""
    match stmt.args[1]:
        case Const(value=int() as n) if n >= 0:
            return f"{owner}_{n}"
        case Const(value=str() as attribute):
            return f"{owner}_{attribute}"
        case Var() as index if 0 < len(index.hint) <= _LONGEST:
            return f"{owner}_{index.hint}"
        case SliceArg() | Pack():
            return f"{owner}_part"
    return f"{owner}_item"
