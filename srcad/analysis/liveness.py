"""Liveness: which variables are read after a statement.

A loop reads what stands outside it on every trip, so such a variable is live all through the loop's body.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping

from srcad.ir.nodes import Atom, Block, Each, Func, Loop, Var
from srcad.ir.visit import blocks, defs, free_vars, iter_atoms, operands, uses


def live_after(func: Func) -> Mapping[Var, frozenset[Var]]:
    """For every variable that a statement defines: the variables that are read after that statement, on some path."""
    found: dict[Var, frozenset[Var]] = {}
    _block(func.body, frozenset(), found, {})
    return found


def live_behind_loops(func: Func) -> Mapping[int, frozenset[Var]]:
    """For the `id` of every loop: the variables that are read behind it, or in later trips of loops around it."""
    found: dict[int, frozenset[Var]] = {}
    _block(func.body, frozenset(), {}, found)
    return found


def last_uses(block: Block) -> Mapping[Atom, int]:
    """For every variable read in a block or inside: the number of the last statement that reads it; `len(stmts)` for the yields."""
    found: dict[Atom, int] = {}
    for n, stmt in enumerate(block.stmts):
        for v in (*_vars(operands(stmt)), *(v for b in blocks(stmt) for v in uses(b))):
            found[v] = n
    for v in _vars(block.yields):
        found[v] = len(block.stmts)
    return found


def _vars(atoms: Iterable[Atom]) -> tuple[Var, ...]:
    return tuple(a for a in atoms if isinstance(a, Var))


def _block(block: Block, after: frozenset[Var], found: dict[Var, frozenset[Var]], loops: dict[int, frozenset[Var]]) -> frozenset[Var]:
    """What is live before a block, given what is live after it."""
    live = after | frozenset(_vars(block.yields))
    for stmt in reversed(block.stmts):
        for d in defs(stmt):
            found[d] = live
        if isinstance(stmt, Loop):
            loops[id(stmt)] = live
        live -= frozenset(defs(stmt))
        inner = live
        if isinstance(stmt, Loop):
            held = _vars(iter_atoms(stmt.iter)) if isinstance(stmt.iter, Each) else ()
            inner = live | frozenset(held) | frozenset(v for b in blocks(stmt) for v in free_vars(b))
        for b in blocks(stmt):
            live |= _block(b, inner, found, loops)
        live |= frozenset(_vars(operands(stmt)))
    return live - frozenset(block.params)
