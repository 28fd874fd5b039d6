"""Containers that may hold one object several times: where trips of a loop add `y`, which only some of them make anew."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

from srcad.analysis.sharing import LIST_CHANGES, Sharing, consumes, has_buffer
from srcad.ir.nodes import Block, Call, If, Loop, Stmt, Var
from srcad.ir.visit import all_defs, blocks, leaves, walk


def repeated(body: Block, sharing: Sharing) -> int:
    """The objects of these containers."""
    mask = 0
    for loop in (s for s in walk(body) if isinstance(s, Loop)):
        for block in blocks(loop):
            mask |= _added(block, loop, sharing)
    return mask


def _added(block: Block, loop: Loop, sharing: Sharing) -> int:
    """The containers from outside to which trips add what may have been there before."""
    own = set(all_defs(block)) - set(block.params)
    fresh = _fresh(block, sharing)
    if block is loop.body:
        first = len(block.params) - len(loop.inits)
        fresh.update(p for p, y in zip(block.params[first:], block.yields, strict=True) if y in fresh)
    packed = {s.outs[0]: s for s in _here(block.stmts) if isinstance(s, Call) and s.op.name == "pack"}
    mask = 0
    for stmt in _here(block.stmts):
        if isinstance(stmt, Call) and consumes(stmt) and stmt.op.name in LIST_CHANGES and isinstance(stmt.args[0], Var):
            added = [v for arg in stmt.args[1:] for v in leaves(arg) if isinstance(v, Var)]
            parts = [p for v in added for p in (_parts(packed[v]) if v in packed else (v,)) if has_buffer(p.type)]
            if _root(stmt.args[0], block) not in own and not fresh.issuperset(parts):
                mask |= sharing.objects(stmt.args[0])
    return mask


def _parts(pack: Call) -> Iterator[Var]:
    return (v for arg in pack.args for v in leaves(arg) if isinstance(v, Var))


def _here(stmts: Sequence[Stmt]) -> Iterator[Stmt]:
    """The statements that run at most once in a trip."""
    for stmt in stmts:
        yield stmt
        if not isinstance(stmt, Loop):
            for b in blocks(stmt):
                yield from _here(b.stmts)


def _fresh(block: Block, sharing: Sharing) -> set[Var]:
    """The values that this trip has made, and versions of these."""
    found: set[Var] = set()
    for stmt in _inner_first(block.stmts):
        match stmt:
            case Call(outs, _, (Var() as base, *_)) if consumes(stmt) and base in found:
                found.update(outs[:1])
            case Call(outs) if not consumes(stmt):
                found.update(o for o in outs if sharing.is_new(o))
            case If(outs):
                found.update(o for o, *ys in zip(outs, *(b.yields for b in blocks(stmt)), strict=False) if found.issuperset(ys))
    return found


def _inner_first(stmts: Sequence[Stmt]) -> Iterator[Stmt]:
    for stmt in stmts:
        if not isinstance(stmt, Loop):
            for b in blocks(stmt):
                yield from _inner_first(b.stmts)
        yield stmt


def _root(container: Var, block: Block) -> Var:
    """The value that a container is a version of, in this trip."""
    made = {o: s for s in _here(block.stmts) for o in s.outs}
    while isinstance(stmt := made.get(container), Call) and consumes(stmt) and isinstance(base := stmt.args[0], Var):
        container = base
    return container
