"""Which values may have their buffer consumed: changed in place by a later operation, or handed out by the function.

Two equal computations of such a value must stay two, since each needs a buffer of its own.
"""
from __future__ import annotations

from srcad.ir.nodes import Arg, Block, Call, FuncRef, If, Loop, Try, Var, View, With
from srcad.ir.types import BOTTOM, NONE, Array, NpScalar, Scalar, Type
from srcad.ir.visit import operands, walk


_TAKERS = ("unpack", "build", "call", "list_pop", "list_pop_at")
"""Operations whose results are their operands, or hold them."""


def immutable(t: Type) -> bool:
    """Whether values of a type have no buffer that could change."""
    return isinstance(t, Scalar | NpScalar) or t in (NONE, BOTTOM)


def consumed(block: Block) -> frozenset[Var]:
    """Variables whose storage may be consumed in the block or inside, or escapes through its yields."""
    found = {y for y in block.yields if isinstance(y, Var)}
    backwards = [s for s in walk(block) if not isinstance(s, Call) or _may_hand_on(s)][::-1]
    before = -1
    while len(found) != before:
        before = len(found)
        for stmt in backwards:
            match stmt:
                case Call():
                    _add(found, *_from_call(stmt, found))
                case If(outs, _, then, orelse):
                    _through(found, outs, then, orelse)
                case With(outs=outs, body=body):
                    _through(found, outs, body)
                    _add(found, *operands(stmt))
                case Try(outs, body, handlers):
                    _through(found, outs, body, *(h.block for h in handlers))
                case Loop():
                    _from_loop(found, stmt)
    return frozenset(v for v in found if not immutable(v.type))


def _add(found: set[Var], *atoms: Arg) -> None:
    found.update(a for a in atoms if isinstance(a, Var))


def _may_hand_on(stmt: Call) -> bool:
    """Whether `_from_call` finds anything, whatever else is consumed."""
    return isinstance(stmt.op, FuncRef) or stmt.op.inplace or stmt.op.view is not View.FRESH or stmt.op.name in _TAKERS


def _from_call(stmt: Call, found: set[Var]) -> tuple[Arg, ...]:
    """Operands that a call consumes, or of which a consumed result may be a part."""
    if isinstance(stmt.op, FuncRef):
        return operands(stmt)
    if stmt.op.inplace and isinstance(stmt.args[0], Var) and isinstance(stmt.args[0].type, Array):
        return stmt.args[:1]  # numbers are copied into an array; a container holds what it is given
    aliased = stmt.op.view is not View.FRESH and any(o in found for o in stmt.outs)
    if stmt.op.inplace or aliased or stmt.op.name in _TAKERS:
        return operands(stmt)
    return ()


def _through(found: set[Var], outs: tuple[Var, ...], *inner: Block) -> None:
    for b in inner:
        _add(found, *(y for o, y in zip(outs, b.yields, strict=False) if o in found))


def _from_loop(found: set[Var], loop: Loop) -> None:
    items = len(loop.body.params) - len(loop.inits)
    for i, out in enumerate(loop.outs):
        if out in found or loop.body.params[items + i] in found:
            _add(found, loop.inits[i], loop.body.yields[i])
    if any(p in found for p in loop.body.params[:items]):
        _add(found, *operands(loop))
