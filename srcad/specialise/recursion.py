"""Functions that call themselves and change what they are given.

A function that changes its arguments is interpreted where it is called, so that its writes are writes to the caller's storage.  One
that calls itself cannot be: it is compiled as a function whose arguments are its own, and hands back the last version of each array
that it changes.  The caller writes these into its own storage.
"""
from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from srcad.errors import SrcadError
from srcad.ir.core import PACK
from srcad.ir.nodes import Atom, Call, Effect, FuncRef, Op, Pack, Var
from srcad.ir.types import Array, ListOf, Struct, TupleOf, without_tokens
from srcad.marks import MADE
from srcad.specialise import holding, linked, returned, tables, writes
from srcad.specialise.diverge import Escapes, Widened
from srcad.specialise.frames import TEMPLATES, Callee, Handed, Lent
from srcad.specialise.memory import Identity, can_change, has_identity, may_be_in, poisons, recelled
from srcad.specialise.templates import children, key, leaves, lifted, rebuild, template, unify, with_children
from srcad.specialise.values import Cell, Closure, Dyn, Partial, Seq, Static, Value, hint_of

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

T = TypeVar("T")
_DERIVATIVES = tuple(map(Static, MADE.values()))
_APART = Op("require_apart", "require_separate(*_)", ("srcad.runtime:require_separate",), Effect.RAISES)
_DISTINCT = Op("require_others", "require_distinct(*_)", ("srcad.runtime:require_distinct",), Effect.RAISES)


def twins(engine: Engine, given: Sequence[Value]) -> tuple[int, ...]:
    """For each of these the first that is the same object: the function is compiled for objects, each given once."""
    seen: dict[Identity, int] = {}
    found = []
    for n, leaf in enumerate(given):
        ident = engine.memory.identity(leaf)
        found.append(n if ident is None else seen.setdefault(ident, n))
    return tuple(found)


def containers(value: Value) -> Iterator[Seq]:
    """The lists, dicts and objects of known structure in a value, outer before inner."""
    if isinstance(value, Seq) and has_identity(value.cls):
        yield value
    for child in children(value):
        yield from containers(child)


def once(leaves_: Sequence[T], twins_: tuple[int, ...]) -> list[T]:
    """Each object once."""
    return [leaf for n, leaf in enumerate(leaves_) if twins_[n] == n]


def paired(params: Sequence[Var], twins_: tuple[int, ...], value: Value) -> Iterator[Atom]:
    """The parameters that the leaves of a value are."""
    table = {p: params[twins_[n]] for n, p in enumerate(params)}
    return (table[leaf.atom] for leaf in leaves(value) if isinstance(leaf.atom, Var))


# ---- inside the function -----------------------------------------------------------------------------------------------
def lend(engine: Engine, values: list[Value], params: list[Var], same: tuple[int, ...]) -> list[Value]:
    """The arguments as the function's own: it may change them.  `same`: the twins of their containers."""
    lent, count = engine.unit.lent, itertools.count()
    found: dict[int, Cell] = {}

    def own(value: Value) -> Value:
        number = next(count) if isinstance(value, Seq) and has_identity(value.cls) else None
        kids = children(value)
        if kids:
            value = with_children(value, tuple(map(own, kids)))
        if number is None or not isinstance(value, Seq):
            return value
        value = replace(value, cell=found.setdefault(same[number], Cell()))
        assert value.cell is not None
        lent.setdefault(value.cell, Lent(same[number], value))
        return value

    mine = list(map(own, values))
    known = {leaf.atom: leaf for value in mine for leaf in leaves(value)}
    lent.update((p, Lent(n, known[p])) for n, p in enumerate(params))
    return mine


def check_shape(engine: Engine, ident: Identity, new: Value) -> None:
    """What is lent must keep its type and structure, so that one function serves all levels: else it starts with a wider one."""
    lent = engine.unit.lent.get(ident)
    if lent is None or (isinstance(new, Dyn) and isinstance(new.type, Array)):
        return
    whole = writes.current(engine, replace(new, cell=None)) if isinstance(new, Seq) else new  # under its identity it is not known yet
    before, after = template(lent.value), template(whole)
    shape = unify(before, after)
    if shape is None:
        raise Escapes
    if key(shape) != key(before):
        raise Widened(lent.number, shape, container=isinstance(ident, Cell))


def hand_back(engine: Engine, params: list[Var], result: Value, before: Handed) -> tuple[Handed, tuple[Atom, ...], Value]:
    """What the function that is being compiled hands back, all that it yields, and the result with what containers hold.

    `before`: what it was last thought to hand back.
    """
    numbers, contents = _contents(engine, before)
    result = _with_references(engine, result)
    whole = Seq(tuple, (result, *contents)) if contents else result
    found = list(leaves(whole))
    shares = Handed(fresh=returned.fresh(engine, whole), together=returned.together(engine, whole), foreign=returned.foreign(engine, whole))
    if not engine.unit.lends:
        return shares, tuple(leaf.atom for leaf in found), whole
    memory = engine.memory
    places: dict[Identity, int] = {p: n for n, p in enumerate(params)}
    same: list[int | None] = []
    for leaf in found:
        ident = memory.identity(leaf)
        same.append(None if ident is None else places.get(ident))
    changed: list[tuple[int, bool]] = []
    last: list[Atom] = []
    for n, p in enumerate(params):
        if p not in memory.now and p not in memory.stale:
            continue
        now = _known(engine, writes.current(engine, Dyn(p, p.type)))
        check_shape(engine, p, now)
        if not isinstance(now, Dyn) or without_tokens(now.type) != without_tokens(p.type):
            raise Escapes
        changed.append((n, now.varied))
        last.append(now.atom)
    yields = (*(leaf.atom for leaf, k in zip(found, same, strict=True) if k is None), *last)
    lists = {n: params[n] for n, _ in changed if writes.may_hold(Dyn(params[n], params[n].type))}
    takes = frozenset(n for n, p in lists.items() if _takes(engine, p))
    elsewhere = any(i not in engine.unit.lent for i in engine.unit.rewritten)
    rewritten = frozenset(n for n, p in lists.items() if elsewhere or p in engine.unit.rewritten)
    handed = replace(shares, containers=numbers, changed=tuple(changed), same=tuple(same), takes=takes, rewritten=rewritten)
    return handed, yields, whole


def _takes(engine: Engine, ident: Identity) -> bool:
    """Whether a list that the function was given may hold, at its end, anything twice or anything else that is not its own."""
    memory, others = engine.memory, {*engine.unit.foreign, *engine.unit.lent, *engine.unit.borrowed} - {ident}
    if _may_repeat(engine, ident) or not others.isdisjoint(memory.alias.get(ident, ())):
        return True
    held = [(i, holders) for i, holders in memory.holders.items() if ident in holders]
    return any(not others.isdisjoint((i, *holders, *memory.alias.get(i, ()))) for i, holders in held)


def _contents(engine: Engine, before: Handed) -> tuple[tuple[int, ...], list[Value]]:
    """What containers hold whose parts were replaced, with their numbers."""
    memory = engine.memory
    numbers: list[int] = []
    found: list[Value] = []
    for ident, lent in engine.unit.lent.items():
        replaced = ident in memory.now or ident in memory.stale or lent.number in before.containers
        if not isinstance(ident, Cell) or not replaced:
            continue
        now = _known(engine, writes.current(engine, lent.value))
        check_shape(engine, ident, now)
        assert isinstance(now, Seq)
        numbers.append(lent.number)
        found.append(Seq(now.cls, tuple(_with_references(engine, i) for i in now.items), now.keys))
    return tuple(numbers), found


def _known(engine: Engine, value: Value) -> Value:
    for poison in poisons(value):
        raise engine.refuse("UnsupportedSyntax", poison.code, poison.reason, poison.advice)
    return value


class _Number:
    """Stands for a container of the arguments in what a function hands back."""

    def __init__(self, number: int) -> None:
        self.number = number


_reference = functools.cache(lambda number: Static(_Number(number)))


def _with_references(engine: Engine, value: Value) -> Value:
    """A value with the containers that the function was given as references to them."""
    ident = engine.memory.identity(value) if isinstance(value, Seq) else None
    if isinstance(ident, Cell) and ident in engine.unit.lent:
        return _reference(engine.unit.lent[ident].number)
    kids = children(value)
    return with_children(value, tuple(_with_references(engine, k) for k in kids)) if kids else value


# ---- at the call ---------------------------------------------------------------------------------------------------------
def settled(engine: Engine, f: Closure, values: list[Value]) -> list[Value]:
    """The arguments of a call inside the function itself: a list or tuple that has another length than its own has any length.

    Functions of rules meet themselves only in derivatives of higher order, as many as are asked for.
    """
    frame = next((g for g in reversed(engine.frames) if g.lowered is f.lowered), None)
    if frame is None or len(frame.given) < len(values) or str(f.globals.get("__name__")).startswith(TEMPLATES):
        return values
    return [_any_length(engine, v, g) for v, g in zip(values, frame.given, strict=False)]


def _any_length(engine: Engine, value: Value, given: Value) -> Value:
    alike = isinstance(value, Seq) and isinstance(given, Seq) and value.cls is given.cls and value.cls in (list, tuple)
    if not alike or len(children(value)) == len(children(given)):
        return value
    shape = unify(template(given), template(value))
    if not isinstance(shape, Dyn) or not isinstance(shape.type, ListOf | TupleOf):
        return value
    whole = _fitted(engine, value, shape)
    if engine.memory.identity(value) is None:
        return whole
    writes.write(engine, value, whole)
    return engine.now(value)


def check_orders(engine: Engine, f: Closure, values: list[Value]) -> None:
    """Refuse a function that calls itself with one more derivative each time: that ends nowhere that compiling knows.

    So does one more function around a function, which is asked only where a number that is known may say how often.
    """
    outer = next((frame for frame in engine.frames if frame.lowered is f.lowered), None)
    asked = (_orders, _layers) if id(f.lowered) in engine.counting else (_orders,)
    if outer is not None and any(max(map(of, values), default=0) > 1 + max(map(of, outer.given), default=0) for of in asked):
        raise engine.refuse("UnsupportedSyntax", "SRC187", f"'{f.name}' calls itself with one more derivative each time",
                            "hand the order of the derivative over as a number, or write the orders out")  # fmt: skip


def _orders(value: Value) -> int:
    """How often a function is differentiated."""
    own = isinstance(value, Partial) and value.function in _DERIVATIVES
    return own + max(map(_orders, children(value)), default=0)


def _layers(value: Value) -> int:
    """How many functions capture one another."""
    return isinstance(value, Closure) + max(map(_layers, children(value)), default=0)


def handed_over(engine: Engine, callee: Callee, result: Value, given: list[Dyn], held: list[Seq], roots: set[Identity]) -> Value:
    """The value of a call of a function that hands back what it changes; `given`: the leaves of its arguments, `held`: the containers."""
    same = callee.handed.same
    check_apart(engine, [given[n] for n, _ in callee.handed.changed], given, [given[n] for n in callee.handed.rewritten])
    _check_known(engine, callee, given, held)
    new = [None if k is not None else engine.unit.names.var("", leaf.type) for leaf, k in zip(leaves(result), same, strict=True)]
    last = [(given[n], engine.unit.names.var(hint_of(given[n]), given[n].type), varied) for n, varied in callee.handed.changed]
    outs = (*(v for v in new if v is not None), *(v for _, v, _ in last))
    effects = Effect.RAISES | Effect.UNKNOWN
    engine.builder.add(Call(outs, FuncRef(callee.name, effects), tuple(g.atom for g in given), (), engine.builder.loc))
    for (n, _), (target, var, varied) in zip(callee.handed.changed, last, strict=True):
        ident = engine.memory.root(target)
        if ident is not None and n in callee.handed.rewritten:
            writes.spoil_items(engine, ident)
        if ident is not None and n in callee.handed.takes:
            _take_in(engine, ident, roots)
        writes.write(engine, target, Dyn(var, var.type, varied))
    kept = iter([v for v in new if v is not None])
    atoms = [next(kept) if k is None else given[k].atom for k in same]
    known = {given[k].atom for k in same if k is not None}
    made = rebuild(result, iter(atoms))
    value, *contents = children(made) if callee.handed.containers else [made]
    value = recelled(value)
    contents = [with_children(c, tuple(map(recelled, children(c)))) for c in contents]
    for n, content in zip(callee.handed.containers, contents, strict=True):
        writes.write(engine, held[n], _dereferenced(content, held))
    returned.related(engine, callee, Seq(tuple, (value, *contents)), roots, known)  # what is new came to be after all that was written
    return writes.current(engine, _dereferenced(value, held))


def _dereferenced(value: Value, held: list[Seq]) -> Value:
    if isinstance(value, Static) and isinstance(value.value, _Number):
        return held[value.value.number]
    kids = children(value)
    return with_children(value, tuple(_dereferenced(k, held) for k in kids)) if kids else value


def _take_in(engine: Engine, ident: Identity, roots: set[Identity]) -> None:
    """A list may hold whatever a function was given, more than once, as far as types tell."""
    memory = engine.memory
    memory.tangled.add(ident)
    for root in roots - {ident}:
        if not isinstance(ident, Cell) and not may_be_in(root, ident):
            continue
        memory.holders[root] = memory.holders.get(root, frozenset()) | {ident}


class _Unfit(Exception):
    """A value cannot have the form that is asked of it."""


def widen(engine: Engine, found: Widened, values: list[Value]) -> bool:
    """Give a container or list, which a function is about to be given, the wider form that the function needs; False if it has none."""
    if linked.may_end(found.shape):  # each level would make the chain longer
        return False
    try:
        _widened(engine, found, values)
    except _Unfit:
        return False
    return True


def _widened(engine: Engine, found: Widened, values: list[Value]) -> None:
    if found.container:
        target: Value = [c for v in values for c in containers(v)][found.number]
        new = _fitted(engine, engine.now(target), found.shape)
    else:
        given = [leaf for v in values for leaf in leaves(v)]
        target = once(given, twins(engine, given))[found.number]
        new = _fitted(engine, target, found.shape)
    if engine.memory.identity(target) is not None:
        writes.write(engine, target, new)


def _fitted(engine: Engine, value: Value, shape: Value) -> Value:
    """A value in the form that a template has."""
    if isinstance(shape, Dyn):
        known = isinstance(value, Seq) and value.cls in (list, tuple)
        whole = holding.widened(engine, value) if known else engine.runtime(value, "what a container holds")  # type: ignore[arg-type]
        if isinstance(whole.atom, Var) and isinstance(shape.type, ListOf | TupleOf) and whole.type != shape.type:
            whole = Dyn(engine.builder.call(PACK, (whole.atom,), shape.type, hint=hint_of(whole)), shape.type)
        return Dyn(whole.atom, shape.type, shape.varied)
    value = lifted(tables.fitted(engine, value, shape), shape)
    kids, parts = children(value), children(shape)
    if len(kids) != len(parts):
        raise _Unfit
    return with_children(value, tuple(_part(engine, k, p) for k, p in zip(kids, parts, strict=True))) if kids else value


def _part(engine: Engine, value: Value, shape: Value) -> Value:
    """A part of such a container; where it is a container too, that has the new form from here on, for all who hold it."""
    if key(template(value)) == key(shape):
        return value
    new = _fitted(engine, value, shape)
    if engine.memory.identity(value) is None or not (isinstance(value, Seq) or isinstance(value.type, ListOf)):  # type: ignore[union-attr]
        return new
    writes.write(engine, value, new)
    return engine.now(value)


def check_apart(engine: Engine, changed: list[Dyn], given: list[Dyn], rewritten: list[Dyn]) -> None:
    """Refuse arguments that share storage with one that is changed, and a list that holds one thing twice whose items are `rewritten`.

    Of arrays the program finds out where it runs.  A list or object of known structure is made anew wherever it becomes a run-time one.
    """
    for target in changed:
        near = _near(engine, target)
        others = [g for g in given if g is not target and can_change(g.type) and near & _near(engine, g)]
        own = engine.memory.root(target)
        repeats = target in rewritten and own is not None and writes.may_hold(target) and _may_repeat(engine, own)
        if repeats and not _holds_arrays(target):
            raise _shared(engine)
        if others or repeats:
            engine.builder.do(_APART, (Pack("tuple", (target.atom,)), *(g.atom for g in others)))
        lists = [g for g in others if not isinstance(g.type, Array)]
        if lists and not isinstance(target.type, Array):
            engine.builder.do(_DISTINCT, (Pack("tuple", (target.atom,)), *(g.atom for g in lists)))


def _check_known(engine: Engine, callee: Callee, given: list[Dyn], held: list[Seq]) -> None:
    """Refuse a list, dict or object of known structure that a run-time one holds too, where the function changes one of the two."""
    cells = {engine.memory.identity(c) for c in held}
    replaced = {engine.memory.identity(held[n]) for n in callee.handed.containers}
    changed = {n for n, _ in callee.handed.changed}
    for n, leaf in enumerate(given):
        if writes.may_hold(leaf) and _near(engine, leaf) & (cells if n in changed else replaced):
            raise _shared(engine)


def _shared(engine: Engine) -> SrcadError:
    return engine.refuse("UnsupportedSyntax", "SRC147", "a list or object in a list is changed by a function that calls itself, and may be "
                         "held twice", "append copies: `items.append(x.copy())`")  # fmt: skip


def _holds_arrays(value: Dyn) -> bool:
    """Whether a value is a run-time list of arrays, or of tuples of them, and of nothing else that can change."""
    match value.type:
        case ListOf(Array()) | TupleOf(Array()):
            return True
        case ListOf(Struct(cls, _, items)) | Struct(cls, _, items):
            return cls is tuple and all(isinstance(t, Array) or not can_change(t) for t in items)
    return False


def _may_repeat(engine: Engine, ident: Identity) -> bool:
    """Whether a run-time container may hold one thing twice: for the function, the items of a list are others than the others."""
    memory = engine.memory
    return ident in memory.tangled or any(ident in memory.holders.get(i, ()) for i in memory.tangled)


def _near(engine: Engine, value: Dyn) -> set[Identity]:
    """What a value may share storage with."""
    memory = engine.memory
    found = set(memory.roots(value))
    found |= {a for r in found for a in memory.alias.get(r, ())}
    return found | {i for i, holders in memory.holders.items() if found & holders} | {h for r in found for h in memory.holders.get(r, ())}
