"""Values that may be unbound where they are handed on: None stands for them then, which has no shape."""
from __future__ import annotations

from srcad.ir.nodes import UNDEF, Arg, Block, Call, Each, Effect, If, Loop, Try, Var, With
from srcad.ir.visit import all_defs, blocks, leaves, walk


_NONE_OF_NONE = ("zeros_tree", "zeros_part", "zeros_list", "copy_tree")


def unbound(body: Block) -> frozenset[Var]:
    """Values that are unbound on some path: carried from nothing, let out of a branch or handler that does not set them, tapes of such."""
    found = _from_forward_sweep(body)
    before = -1
    while len(found) != before:
        before = len(found)
        for stmt in walk(body):
            if isinstance(stmt, Loop):
                params = stmt.body.params[len(stmt.body.params) - len(stmt.inits) :]
                for init, param, out, yielded in zip(stmt.inits, params, stmt.outs, stmt.body.yields, strict=True):
                    if init == UNDEF or init in found or yielded in found:
                        found.update((param, out))
            elif isinstance(stmt, Call) and _hands_on(stmt, found):
                found.update(stmt.outs)
            elif isinstance(stmt, If | Try | With):
                for block in blocks(stmt):
                    rows = zip(stmt.outs, block.yields, strict=False)  # `finally` yields nothing
                    found.update(out for out, y in rows if not _leaves(block) and (y == UNDEF or y in found))
    return frozenset(found)


def _leaves(block: Block) -> bool:
    """Whether a block ends by raising."""
    return bool(block.stmts) and isinstance(block.stmts[-1], Call) and Effect.DIVERGES in block.stmts[-1].op.effects


def _hands_on(stmt: Call, found: frozenset[Var] | set[Var]) -> bool:
    """Whether a call gives None, or holds it, where an operand is None."""
    if stmt.op.name in ("tape_push", "pack"):
        return any(a in found for a in leaves(stmt.args[-1]))
    return stmt.op.name in _NONE_OF_NONE and stmt.args[0] in found


def _from_forward_sweep(body: Block) -> set[Var]:
    """What a backward half or reverse sweep, which is differentiated again, reads of what its forward sweep kept: maybe None."""
    found: set[Arg] = {v for v in all_defs(body) if _plain(v) == "residuals"}
    for stmt in walk(body):
        if isinstance(stmt, Loop) and isinstance(stmt.iter, Each):
            rows = zip(stmt.iter.seqs, stmt.body.params, strict=False)
            found.update(item for seq, item in rows if isinstance(seq, Var) and (seq in found or _plain(seq).endswith("tape")))
        elif isinstance(stmt, Call) and stmt.op.name in ("unpack", "getitem") and stmt.args[0] in found:
            found.update(stmt.outs)
    return {v for v in found if isinstance(v, Var)}


def _plain(value: Var) -> str:
    """What a value is called, or the one whose tangent or cotangent it is."""
    hint = value.hint
    while hint.endswith(("_dot", "_bar")):
        hint = hint[:-4]
    return hint
