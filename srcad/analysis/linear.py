"""Whether a function is linear in some of its parameters, as far as its operations tell."""
from __future__ import annotations

from srcad.analysis.activity import activity
from srcad.ir.nodes import Call, Func, FuncRef, Program, Var
from srcad.ir.visit import leaves, walk
from srcad.ops import table

_SUMS = frozenset((
    "add", "subtract", "negative", "positive", "degrees", "radians", "where", "real", "imag", "ldexp", "math_ldexp", "nan_to_num",
))  # fmt: skip
_PRODUCTS = frozenset(("multiply", "product with an unbounded factor", "vdot", "vecdot"))
_BENT = frozenset(("max", "min", "prod", "norm", "std", "var", "clip", "sort", "median", "ptp", "cumprod"))


def bent(func: Func, wrt: frozenset[int], program: Program, seen: frozenset[object] = frozenset()) -> Call | None:
    """An operation by which a function is surely not linear in the parameters of these numbers; None if there is none.

    Products of two values that depend on them are such operations, quotients by such a value, and functions like `np.exp` and `np.max`.
    """
    seen |= {(func.name, wrt)}
    active = activity(func, sorted(wrt), program).active
    for stmt in walk(func.body):
        if not isinstance(stmt, Call):
            continue
        moving = frozenset(n for n, arg in enumerate(stmt.args) if any(isinstance(a, Var) and a in active for a in leaves(arg)))
        if not moving:
            continue
        if isinstance(stmt.op, FuncRef):
            callee = program.func(stmt.op.name)
            inner = None if callee.custom is not None or (callee.name, moving) in seen else bent(callee, moving, program, seen)
            if inner is not None:
                return inner
        elif _is_bent(stmt, moving):
            return stmt
    return None


def _is_bent(call: Call, moving: frozenset[int]) -> bool:
    entry = table.entry(call.op.name)
    if entry is None:
        return False
    if entry.kind == "bilinear" or entry.name in _PRODUCTS:
        return len(moving) > 1
    if entry.name == "divide":
        return 1 in moving
    return (entry.kind == "elementwise" and entry.name not in _SUMS) or entry.name in _BENT
