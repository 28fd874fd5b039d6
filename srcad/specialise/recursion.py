"""Functions that call themselves and change what they are given.

A function that changes its arguments is interpreted where it is called, so that its writes are writes to the caller's storage.  One
that calls itself cannot be: it is compiled as a function whose arguments are its own, and hands back the last version of each array
that it changes.  The caller writes these into its own storage.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from srcad.ir.nodes import Atom, Call, Effect, FuncRef, Op, Pack, Var, View
from srcad.ir.types import Array, without_tokens
from srcad.ops import table
from srcad.ops.effects import view_class
from srcad.specialise import functions, writes
from srcad.specialise.diverge import Escapes
from srcad.specialise.frames import Callee, Handed
from srcad.specialise.memory import Identity, can_change, recelled
from srcad.specialise.templates import leaves, rebuild
from srcad.specialise.values import Dyn, Poison, Value, hint_of

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

T = TypeVar("T")
_APART = Op("require_apart", "require_separate(*_)", ("srcad.runtime:require_separate",), Effect.RAISES)


def twins(engine: Engine, given: Sequence[Dyn]) -> tuple[int, ...]:
    """For each leaf of the arguments the first leaf that is the same object: the function is compiled for objects, each given once."""
    seen: dict[Identity, int] = {}
    found = []
    for n, leaf in enumerate(given):
        ident = engine.memory.identity(leaf)
        found.append(n if ident is None else seen.setdefault(ident, n))
    return tuple(found)


def once(leaves_: Sequence[T], twins_: tuple[int, ...]) -> list[T]:
    """Each object once."""
    return [leaf for n, leaf in enumerate(leaves_) if twins_[n] == n]


def paired(params: Sequence[Var], twins_: tuple[int, ...], value: Value) -> Iterator[Atom]:
    """The parameters that the leaves of a value are."""
    table = {p: params[twins_[n]] for n, p in enumerate(params)}
    return (table[leaf.atom] for leaf in leaves(value) if isinstance(leaf.atom, Var))


def hand_back(engine: Engine, params: list[Var], result: Value) -> tuple[Handed, tuple[Atom, ...]]:
    """What the function that is being compiled hands back, and all that it yields."""
    found = list(leaves(result))
    made = _made(engine)
    fresh = tuple(_is_fresh(engine, leaf, made) for leaf in found)
    if not engine.unit.lends:
        return Handed(fresh=fresh), tuple(leaf.atom for leaf in found)
    memory = engine.memory
    numbers: dict[Identity, int] = {p: n for n, p in enumerate(params)}
    same: list[int | None] = []
    for leaf in found:
        ident = memory.identity(leaf)
        same.append(None if ident is None else numbers.get(ident))
    changed: list[tuple[int, bool]] = []
    last: list[Atom] = []
    for n, p in enumerate(params):
        if p not in memory.now and p not in memory.stale:
            continue
        now = writes.current(engine, Dyn(p, p.type))
        if isinstance(now, Poison):
            raise engine.refuse("UnsupportedSyntax", now.code, now.reason, now.advice)
        if not isinstance(now, Dyn) or without_tokens(now.type) != without_tokens(p.type):
            raise Escapes
        changed.append((n, now.varied))
        last.append(now.atom)
    yields = (*(leaf.atom for leaf, k in zip(found, same, strict=True) if k is None), *last)
    return Handed(tuple(changed), tuple(same), fresh), yields


def _is_fresh(engine: Engine, leaf: Dyn, made: set[Identity]) -> bool:
    """Whether a value shares storage with nothing that the function was given."""
    root = engine.memory.root(leaf)
    return root in made and not engine.memory.alias.get(root) and not engine.memory.holders.get(root)


def _made(engine: Engine) -> set[Identity]:
    """The arrays that operations and other functions have made new for the function."""
    found: set[Identity] = set()
    known = {c.name: c.handed.fresh for c in engine.callees.values()}
    for stmt in (*engine.unit.prologue, *engine.builder.stmts):
        if not isinstance(stmt, Call):
            continue
        if isinstance(stmt.op, FuncRef):
            fresh = known.get(stmt.op.name, ())
            found.update(o for o, is_new in zip(stmt.outs, fresh, strict=False) if is_new and len(fresh) == len(stmt.outs))
        elif len(stmt.outs) == 1 and isinstance(stmt.outs[0].type, Array) and stmt.op.name != "getitem":
            entry = table.entry(stmt.op.name)
            if entry is not None and view_class(stmt.op.name, stmt.args, stmt.params) is View.FRESH:
                found.add(stmt.outs[0])
    return found


def handed_over(engine: Engine, callee: Callee, result: Value, given: list[Dyn], roots: set[Identity]) -> Value:
    """The value of a call of a function that hands back what it changes; `given`: the leaves of its arguments."""
    same = callee.handed.same
    check_apart(engine, [given[n] for n, _ in callee.handed.changed], given)
    new = [None if k is not None else engine.unit.names.var("", leaf.type) for leaf, k in zip(leaves(result), same, strict=True)]
    last = [(given[n], engine.unit.names.var(hint_of(given[n]), given[n].type), varied) for n, varied in callee.handed.changed]
    outs = (*(v for v in new if v is not None), *(v for _, v, _ in last))
    effects = Effect.RAISES | Effect.UNKNOWN
    engine.builder.add(Call(outs, FuncRef(callee.name, effects), tuple(g.atom for g in given), (), engine.builder.loc))
    for target, var, varied in last:
        writes.write(engine, target, Dyn(var, var.type, varied))
    kept = iter([v for v in new if v is not None])
    atoms = [next(kept) if k is None else given[k].atom for k in same]
    known = {given[k].atom for k in same if k is not None}
    made = functions.related(engine, callee, recelled(rebuild(result, iter(atoms))), roots, known)
    return writes.current(engine, made)


def check_apart(engine: Engine, changed: list[Dyn], given: list[Dyn]) -> None:
    """Refuse, where the program runs, arguments that share memory with one that is changed."""
    for target in changed:
        near = _near(engine, target)
        others = [g for g in given if g is not target and can_change(g.type) and near & _near(engine, g)]
        if others:
            engine.builder.do(_APART, (Pack("tuple", (target.atom,)), *(g.atom for g in others)))


def _near(engine: Engine, value: Dyn) -> set[Identity]:
    """What a value may share storage with."""
    memory = engine.memory
    found = set(memory.roots(value))
    return found | {a for r in found for a in memory.alias.get(r, ())}
