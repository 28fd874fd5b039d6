"""What the result of a function shares: with what the function was given, with what lives outside, and among its own parts.

    def split(x):            # who writes one of the two changes the other
        w = np.cumsum(x)
        ...
        return w, w[1:]

The caller of a function that is compiled on its own knows which results may share storage.  A write that has to know more starts the
specialisation again, with such functions interpreted where they are called: see `diverge.InPlace`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Set as AbstractSet
from typing import TYPE_CHECKING

from srcad.ir.nodes import Atom, Var
from srcad.ir.types import Array
from srcad.runtime.tables import Table
from srcad.specialise import recursion
from srcad.specialise.frames import Callee, Handed
from srcad.specialise.memory import Identity, Memory, can_change, has_identity
from srcad.specialise.templates import children, leaves
from srcad.specialise.values import Dyn, Seq, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


# ---- inside the function -----------------------------------------------------------------------------------------------
def fresh(engine: Engine, result: Value) -> tuple[bool, ...]:
    """Of each leaf of a result, whether it surely shares storage with nothing that the function was given."""
    unit = engine.unit
    given = {*unit.foreign, *unit.lent, *unit.borrowed}
    return tuple(isinstance(leaf.atom, Var) and _reached(engine.memory, leaf).isdisjoint(given) for leaf in leaves(result))


def foreign(engine: Engine, result: Value) -> tuple[str, ...]:
    """Of each leaf of a result what outside of functions it may be, or nothing."""
    reasons = ({engine.unit.foreign.get(i, "") for i in _reached(engine.memory, leaf) if isinstance(i, Var)} for leaf in leaves(result))
    return tuple(max(found - {"argument"}, default="") for found in reasons)


def together(engine: Engine, result: Value) -> frozenset[tuple[int, int]]:
    """The parts of a result that may share storage, two by two."""
    found = [storage(engine.memory, p) for p in parts(result)]
    return frozenset((i, j) for j in range(len(found)) for i in range(j) if found[i] & found[j])


def tangles(engine: Engine, result: Value) -> bool:
    """Whether a list, dict or object of known structure may be in a result twice, or be one that the function was given."""
    found = [storage(engine.memory, p) for p in parts(result) if isinstance(p, Seq)]
    return any(a & engine.unit.borrowed or any(a & b for b in found[:n]) for n, a in enumerate(found))


def parts(value: Value) -> Iterator[Dyn | Seq]:
    """What can change in a value: containers of known structure and leaves, outer before inner."""
    match value:
        case Dyn(Var(), t) if can_change(t):
            yield value
        case Seq(cls) if has_identity(cls):
            yield value
    for child in children(value):
        yield from parts(child)


def storage(memory: Memory, part: Dyn | Seq) -> set[Identity]:
    """What a leaf may share storage with, and what it may hold if it is a run-time container; a container of known structure by itself."""
    own = memory.root(part)
    roots = set(memory.roots(part)) if isinstance(part, Dyn) else set() if own is None else {own}
    near = {a for r in roots for a in memory.alias.get(r, ())} | roots
    return near | {i for i, holders in memory.holders.items() if holders & near}


def _reached(memory: Memory, part: Dyn) -> set[Identity]:
    """`storage`, and what holds the same: in `list(items)[0]`, say, `items`, though no item has a name."""
    found = storage(memory, part)
    return found.union(*(memory.holders.get(i, ()) for i in found))


# ---- at the call -------------------------------------------------------------------------------------------------------
def related(engine: Engine, callee: Callee, made: Value, roots: set[Identity], known: AbstractSet[Atom] = frozenset()) -> bool:
    """Note what the result of a call may be, or hold; `known`: leaves that surely are arguments.  Whether it may share anything."""
    memory, handed = engine.memory, callee.handed
    found = list(leaves(made))
    pairs = zip(found, handed.fresh or (False,) * len(found), strict=True)
    old = [leaf.atom for leaf, new in pairs if isinstance(leaf.atom, Var) and can_change(leaf.type) and not new]
    for atom in old:
        if atom not in known:
            memory.relate(atom, roots)
    mine = [memory.identity(p) for p in parts(made)]
    for i, j in handed.together:
        _relate_both(memory, mine[i], mine[j])
    if roots and (callee.recursive or handed.same):
        for cell in (m for m in mine if m is not None and not isinstance(m, Var)):
            memory.relate(cell, roots)
    for leaf, reason in zip(found, handed.foreign, strict=False):
        if reason and isinstance(leaf.atom, Var):
            engine.unit.foreign[leaf.atom] = reason
    return bool(handed.together or (old and roots))


def as_one(engine: Engine, out: Dyn, handed: Handed) -> bool:
    """Note what the result of a call that is made as it stands, one value, shares beside what it may have been given."""
    memory = engine.memory
    ident = memory.identity(out)
    if ident is None:
        return False
    if handed.together:
        memory.tangled.add(ident)
    reason = max(handed.foreign, default="")
    if reason and isinstance(ident, Var):
        engine.unit.foreign[ident] = reason
    return bool(handed.together or memory.alias.get(ident))


def places(engine: Engine, values: Iterable[Value]) -> set[Identity | None]:
    """The dicts in arguments that say where the values of a `Table` stand: they hold numbers only."""
    found = (c for value in values for c in recursion.containers(value) if issubclass(c.cls, Table))
    return {engine.memory.identity(c.at("places")) for c in found}


def _relate_both(memory: Memory, one: Identity | None, other: Identity | None) -> None:
    """Two results may be, or hold, the same."""
    if one is None or other is None or one == other:
        return
    if isinstance(one, Var) and isinstance(other, Var):
        array, second = (one, other) if isinstance(one.type, Array) else (other, one)
        memory.relate(array, {second})
    else:
        memory.link(one, other)
