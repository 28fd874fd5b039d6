"""Loops on abstract values: what is iterated; loops over few known items are unrolled."""
from __future__ import annotations

import enum
import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from srcad.analysis.unpacked import unpacked
from srcad.errors import InternalError, SrcadError
from srcad.ir.core import AUGMENTED, CALL, LENGTH, LIST_APPEND
from srcad.ir.nodes import UNDEF, Atom, Block, Call, Const, Each, Loop, Range, Ref, Var
from srcad.ir.types import INT, UNKNOWN, Array, ListOf, NpScalar, Opaque, Struct, TupleOf, Type, is_dict
from srcad.ir.visit import walk
from srcad.runtime import iterators
from srcad.specialise import (
    choices, dunders, few_trips, flat, holding, items, linked, namespaces, optional, peeled, streams, trips, unrolled,
)  # fmt: skip
from srcad.specialise.diverge import Resized
from srcad.specialise.frames import Env
from srcad.specialise.kinds import is_object
from srcad.specialise.memory import can_change, one_twice
from srcad.specialise.templates import runtime_type
from srcad.specialise.values import Dyn, Lazy, RangeVal, Seq, SliceVal, Static, Value, container

if TYPE_CHECKING:
    from srcad.frontend.lowered import Lowered
    from srcad.specialise.engine import Engine


@dataclass(frozen=True, slots=True)
class Plan:
    """How to iterate: a typed iteration whose parameters are `items`, from which `assemble` makes the user's item;
    or the items themselves in `unrolled`.  `nth` reads them as they are when their trip begins, None behind the last.
    """

    iter: Range | Each | None = None
    items: tuple[Dyn, ...] = ()
    assemble: Callable[[list[Value]], Value] | None = None
    unrolled: tuple[Value, ...] | None = None
    bases: tuple[Value | None, ...] = ()  # what each item is part of
    watched: tuple[Value, ...] = ()  # lists that must stay as they are, since their items have been read ahead
    live: tuple[Value, ...] = ()  # what is read by number, as it is in each trip
    nth: Callable[[int], Value | None] | None = None
    rest: Callable[[int], Value] | None = None  # of a list that may get longer: a generator of the items from a number on
    keyed: tuple[Seq, ...] = ()  # dicts whose keys are unrolled
    counted: bool = False  # the number by which an item is read is the first part of what the user gets
    slots: tuple[Atom, ...] = ()  # how many states reverse mode shall keep, and in which folder

    def item(self, n: int) -> Value | None:
        """The item of a trip that is unrolled, as the trip begins; None where there is no such trip."""
        if self.nth is not None:
            return self.nth(n)
        assert self.unrolled is not None
        return self.unrolled[n] if n < len(self.unrolled) else None


def single(values: list[Value]) -> Value:
    """The only item."""
    return values[0]


# ---- what is iterated ------------------------------------------------------------------------------------------------
def plan(engine: Engine, value: Value, reverse: bool = False) -> Plan:
    """How to iterate over a value."""
    optional.raised_by_use(engine, value, iter)
    value = choices.gone_over(engine, value)
    value = dunders.iterated(engine, items.opened(engine, value))
    if streams.is_generator(value):
        raise engine.refuse("UnsupportedSyntax", "SRC136", "this use of a generator cannot be followed", "make a list of its items first")
    match value:
        case RangeVal(start, stop, step):
            first, end, by = (engine.runtime(p, "a bound of range").atom for p in (start, stop, step))
            return Plan(Range(first, end, by, reverse), (Dyn(UNDEF, INT),), single)
        case Lazy("reversed", (inner,)) if not reverse:
            return plan(engine, inner, reverse=True)
        case Lazy("zip", parts):
            return _zipped(engine, [_inner_plan(engine, p, reverse) for p in items.opened_together(engine, parts)])
        case Lazy("checkpointed", (inner, slots, folder)):
            asked = (engine.runtime(slots, "the number of slots").atom, engine.runtime(folder, "the folder").atom)
            base = plan(engine, inner, reverse)
            return base if base.unrolled is not None else replace(base, slots=asked)
        case Lazy("count", (start, step)):
            upwards = isinstance(step, Static) and isinstance(step.value, int) and step.value > 0
            return plan(engine, RangeVal(start, Static(sys.maxsize if upwards else -sys.maxsize), step), reverse)
        case Lazy("enumerate", (inner, start)):
            return _enumerated(engine, inner, start)
        case Lazy("columns"):
            raise items.uncounted(engine)
        case Lazy("flat"):
            return plan(engine, flat.elements(engine, value), reverse)
        case Lazy("attributes"):
            return plan(engine, namespaces.plain(engine, value), reverse)
        case Lazy("map", (function, *parts)):
            base = _zipped(engine, [_inner_plan(engine, p, reverse) for p in parts])
            return _mapped(engine, base, function)
        case Static(obj) if isinstance(obj, str | tuple | list | frozenset | dict | range) or obj == ():
            return Plan(unrolled=_ordered(tuple(Static(v) for v in obj), reverse))
        case Static(obj, path) if isinstance(obj, enum.EnumMeta):
            members: list[enum.Enum] = list(obj)
            return Plan(unrolled=_ordered(tuple(Static(m, f"{path}.{m.name}" if path else "") for m in members), reverse))
        case Seq(cls, parts, keys):
            found = tuple(map(Static, keys)) if is_dict(cls) else parts
            return _over_known(engine, value, _ordered(found, reverse), reverse)
        case Dyn():
            return _over_runtime(engine, value, reverse)
    raise engine.refuse("UnsupportedSyntax", "SRC130", "this object cannot be iterated over by compiled code",
                        "iterate over a range, an array, a list or a tuple")  # fmt: skip


def _ordered(items: tuple[Value, ...], reverse: bool) -> tuple[Value, ...]:
    return items[::-1] if reverse else items


def _over_known(engine: Engine, value: Seq, items: tuple[Value, ...], reverse: bool) -> Plan:
    """A container of known structure: a loop where its items are alike, unrolled where not."""
    few = 1 if engine.unit.long and all(map(_is_literal, items)) else 3
    plain = value.cls in (list, tuple) and value.viewed is None and len(items) > few and alike(items)
    if plain and not engine.unit.apart and not (_may_write(engine) and one_twice(engine.memory, items)):
        return _looped(engine, value, reverse)
    whole = value.viewed or value
    only_keys = is_dict(value.cls) or value.part == "keys"
    if only_keys:
        return Plan(unrolled=items, keyed=(whole,))
    nth = functools.partial(unrolled.nth, engine, value, reverse=reverse)
    rest = functools.partial(_standing, engine, value) if value.cls is list and value.viewed is None and not reverse else None
    return Plan(unrolled=items, nth=nth, rest=rest, watched=(whole,))


def _is_literal(item: Value) -> bool:
    """Whether an item is a number that the program writes, or a tuple of such."""
    if isinstance(item, Seq):
        return item.cls is tuple and all(map(_is_literal, item.items))
    return isinstance(item, Static) and type(item.value) in (int, float)


def _standing(engine: Engine, value: Value, n: int) -> Value:
    """The items of a list from the n-th on, each as it stands there when it is read."""
    return streams.written(engine, iterators.standing, [value, Static(n)])


def _may_write(engine: Engine) -> bool:
    """Whether the loop that is planned is known to write."""
    return engine.unit.writing or engine.unit.live


def alike(items: tuple[Value, ...]) -> bool:
    """Whether items have one type, so that a loop can go over them."""
    types = {runtime_type(i) for i in items}
    return len(types) == 1 and not isinstance(next(iter(types)), Opaque | None)


def _looped(engine: Engine, value: Seq, reverse: bool = False) -> Plan:
    """A loop over a list or tuple whose items are alike."""
    whole, t = engine.sequence(value), runtime_type(value.items[0])
    assert t is not None
    return Plan(Each((whole.atom,), reverse), (Dyn(UNDEF, t, whole.varied),), single, bases=(value,))


def _over_runtime(engine: Engine, value: Dyn, reverse: bool) -> Plan:
    item: Type
    match value.type:
        case ListOf(item) | TupleOf(item):
            pass
        case Array(dtype, shape) if shape:
            item = Array(dtype, shape[1:]) if len(shape) > 1 else NpScalar(dtype)
        case Struct(cls, keys) if not is_dict(cls):
            known = holding.taken_apart(engine, value)
            return _over_known(engine, known, _ordered(known.items, reverse), reverse)
        case Struct(_, keys):
            return Plan(unrolled=_ordered(tuple(map(Static, keys)), reverse))
        case _ if value.varied:
            raise engine.refuse("UnsupportedSyntax", "SRC131", "the items of this differentiated object are not known",
                                "iterate over an array, a list or a tuple")  # fmt: skip
        case _:
            atom = engine.builder.call(CALL, (Ref("builtins:list", list), value.atom), ListOf(UNKNOWN), hint="items")
            return Plan(Each((atom,), reverse), (Dyn(UNDEF, UNKNOWN),), single)
    if engine.unit.live or (engine.unit.writing and isinstance(item, Array)):
        return _by_index(engine, value, reverse)
    return Plan(Each((value.atom,), reverse), (Dyn(UNDEF, item, value.varied),), single, bases=(value,))


def _by_index(engine: Engine, value: Dyn, reverse: bool) -> Plan:
    """A loop over items that may be changed in it: each is read by its number, so that it is known which one it is."""
    length = engine.builder.call(LENGTH, (value.atom,), INT)
    each = Range(Const(0), length, Const(1), reverse)
    rest = functools.partial(_standing, engine, value) if isinstance(value.type, ListOf) and not reverse else None
    return Plan(each, (Dyn(UNDEF, INT),), lambda vs: items.get(engine, engine.now(value), vs[0]), live=(value,), rest=rest)


def _inner_plan(engine: Engine, value: Value, reverse: bool = False) -> Plan:
    """How to iterate over a part of what a loop goes over."""
    backwards = _backwards(engine, value) if not reverse else None
    found = plan(engine, value, reverse) if backwards is None else backwards
    if found.slots:
        raise engine.refuse("UnsupportedSyntax", "SRC194", "`checkpointed` inside zip, enumerate or map has no loop of its own",
                            "write it around the whole: `for ... in srcad.checkpointed(zip(...), slots=...)`")  # fmt: skip
    return found


def _backwards(engine: Engine, value: Value) -> Plan | None:
    """`reversed(items)` beside what runs forwards: the slice from the last item, or by number where the loop changes the items."""
    if not isinstance(value, Lazy) or value.kind != "reversed":
        return None
    base = items.opened(engine, value.parts[0])
    if isinstance(base, Dyn) and isinstance(base.type, Struct) and base.type.cls in (list, tuple):
        base = holding.taken_apart(engine, base)
    if isinstance(base, Seq) and base.cls in (list, tuple):
        found = plan(engine, replace(base, items=base.items[::-1], cell=None))
        if found.unrolled is None:
            return replace(found, bases=(base,))
        return replace(found, nth=functools.partial(unrolled.nth, engine, base, reverse=True), watched=(base,))
    if not isinstance(base, Dyn) or not isinstance(base.type, Array | ListOf | TupleOf):
        return None
    item_written = engine.unit.writing and not isinstance(base.type, Array) and can_change(base.type.item)
    if not (engine.unit.live or item_written):
        none = Static(None)
        found = plan(engine, items.get(engine, base, SliceVal(none, none, Static(-1))))
        return found if found.live else replace(found, bases=(base,))
    length = Dyn(engine.builder.call(LENGTH, (base.atom,), INT), INT)
    last = engine.operation("sub", [length, Static(1)])

    def item(values: list[Value]) -> Value:
        return items.get(engine, engine.now(base), engine.operation("sub", [last, values[0]]))

    return Plan(Range(Const(0), length.atom, Const(1)), (Dyn(UNDEF, INT),), item, live=(base,))


def _zipped(engine: Engine, plans: list[Plan]) -> Plan:
    if len(plans) == 1 and plans[0].unrolled is None:
        inner = plans[0].assemble
        assert inner is not None
        return replace(plans[0], assemble=lambda vs: Seq(tuple, (inner(vs),)), counted=False)
    if any(p.unrolled is not None for p in plans):
        return _zipped_unrolled(engine, plans)
    seqs: list[Atom | Range] = []
    reverse = False
    for p in plans:
        if isinstance(p.iter, Each):
            seqs.extend(p.iter.seqs)
            reverse = reverse or p.iter.reverse
        elif isinstance(p.iter, Range):
            seqs.append(p.iter)
    if reverse:
        raise InternalError("a part of a zip runs backwards")
    counts = [len(p.items) for p in plans]

    def assemble(values: list[Value]) -> Value:
        parts, at = [], 0
        for p, n in zip(plans, counts, strict=True):
            assert p.assemble is not None
            parts.append(p.assemble(values[at : at + n]))
            at += n
        return Seq(tuple, tuple(parts))

    bases = tuple(b for p in plans for b in (p.bases or (None,) * len(p.items)))
    whole = Plan(Each(tuple(seqs)), tuple(i for p in plans for i in p.items), assemble, bases=bases)
    return replace(whole, live=tuple(v for p in plans for v in p.live), watched=tuple(w for p in plans for w in p.watched))


def _zipped_unrolled(engine: Engine, plans: list[Plan]) -> Plan:
    """A zip with parts of known structure: unrolled if all are, else a loop where the items of each are alike."""
    if all(p.unrolled is not None for p in plans):
        rows = zip(*(p.unrolled or () for p in plans), strict=False)
        found = tuple(Seq(tuple, row) for row in rows)
        nth = functools.partial(unrolled.nth_row, plans) if plans else None
        watched = tuple(w for p in plans for w in p.watched)
        return Plan(unrolled=found, nth=nth, keyed=tuple(s for p in plans for s in p.keyed), watched=watched)
    if any(p.unrolled == () for p in plans):
        return Plan(unrolled=())
    again = _may_write(engine) and any(one_twice(engine.memory, p.unrolled or ()) for p in plans)
    if not again and all(p.unrolled is None or alike(p.unrolled) for p in plans):
        return _zipped(engine, [p if p.unrolled is None else _read_ahead(engine, p) for p in plans])
    raise engine.refuse(
        "UnsupportedSyntax", "SRC133", "zip() of a sequence of known structure with one of unknown length cannot be followed",
        "use sequences of one kind",
    )


def _read_ahead(engine: Engine, known: Plan) -> Plan:
    """A loop over items that are known one by one."""
    assert known.unrolled is not None
    return replace(_looped(engine, Seq(list, known.unrolled)), watched=known.watched)


def _enumerated(engine: Engine, inner: Value, start: Value) -> Plan:
    base = _inner_plan(engine, inner)
    first = start.value if isinstance(start, Static) else None
    if base.unrolled is not None and isinstance(first, int):
        def numbered(n: int) -> Value | None:
            item = base.item(n)
            return None if item is None else Seq(tuple, (Static(first + n), item))

        rows = tuple(Seq(tuple, (Static(first + n), v)) for n, v in enumerate(base.unrolled))
        return replace(base, unrolled=rows, nth=numbered, rest=_numbered_rest(engine, base, first))
    if base.unrolled is not None or base.iter is None or not isinstance(first, int) or (isinstance(base.iter, Each) and base.iter.reverse):
        raise engine.refuse(
            "UnsupportedSyntax", "SRC134", "this use of enumerate() cannot be followed",
            "count with a variable of your own",
        )
    assemble = base.assemble
    assert assemble is not None
    if isinstance(base.iter, Range) and base.iter == Range(Const(0), base.iter.stop, Const(1)) and first == 0:
        return replace(base, assemble=lambda vs: Seq(tuple, (vs[0], assemble(vs))), counted=True, rest=_numbered_rest(engine, base, first))
    if isinstance(base.iter, Range):
        inner_seqs: tuple[Atom | Range, ...] = (base.iter,)
        length = engine.builder.call(LENGTH, (_range_object(engine, base.iter),), INT)
    else:
        inner_seqs = base.iter.seqs
        head = inner_seqs[0]
        length = engine.builder.call(LENGTH, (_range_object(engine, head) if isinstance(head, Range) else head,), INT)
    stop: Atom = length
    if first != 0:
        from_start = engine.operation("add", [Dyn(length, INT), Static(first)])
        stop = engine.runtime(from_start, "the bound").atom
    counter = Range(Const(first), stop, Const(1))
    bases = (None, *(base.bases or (None,) * len(base.items)))
    pair = (Dyn(UNDEF, INT), *base.items)
    found = Plan(Each((counter, *inner_seqs)), pair, lambda vs: Seq(tuple, (vs[0], assemble(vs[1:]))), bases=bases)
    return replace(found, live=base.live, watched=base.watched, rest=_numbered_rest(engine, base, first))


def _numbered_rest(engine: Engine, base: Plan, first: int) -> Callable[[int], Value] | None:
    """The items from the n-th on of a list that may get longer, with their numbers."""
    rest = base.rest
    return None if rest is None else lambda n: streams.written(engine, iterators.numbered, [rest(n), Static(first + n)])


def _range_object(engine: Engine, r: Range) -> Atom:
    return engine.builder.call(CALL, (Ref("builtins:range", range), r.start, r.stop, r.step), Opaque(range))


def _mapped(engine: Engine, base: Plan, function: Value) -> Plan:
    inner = base.assemble
    if inner is None:
        raise engine.refuse("UnsupportedSyntax", "SRC136", "this use of map() cannot be followed", "make a list of its items first")

    def assemble(values: list[Value]) -> Value:
        return engine.call(engine.now(function), _arguments(inner(values)), {})

    return replace(base, assemble=assemble, counted=False)


def _arguments(item: Value) -> list[Value]:
    assert isinstance(item, Seq)
    return list(item.items)


def collect(engine: Engine, value: Value) -> Value:
    """The list of the items of an iterable, built by a loop."""
    how = _inner_plan(engine, value)
    assert how.unrolled is None
    item, out = Var("item"), Var("items")
    grown = Var("grown")
    body = Block((item, Var("held")), (Call((grown,), LIST_APPEND, (Var("held"), item)),), (grown,))
    env: Env = {}
    try:
        trips.Trips(engine, Loop((out,), None, (), None, body), how, [container(list, ())]).run(env)
    except trips.ItemsChanged:
        raise unrolled.changes(engine) from None
    return env[out]


# ---- the statement ---------------------------------------------------------------------------------------------------
def loop_statement(engine: Engine, stmt: Loop, env: Env) -> None:
    """A `for` or `while` of untyped IR."""
    inits: list[Value] = [engine.held(a, env) if isinstance(a, Var) else engine.value(a, env) for a in stmt.inits]
    how, before = Plan(), engine.memory
    if stmt.iter is not None:
        stream = _stream(engine, stmt.iter, env)
        if stream is not None:
            streams.over(engine, stmt, stream, inits, env)
            return
        how = _planned(engine, stmt, env, live=False, apart=_is_unpacked(engine, stmt))
        if how.unrolled is not None:
            unrolled.unroll(engine, stmt, how, 0, inits, env)
            return
    try:
        _written(engine, stmt, how, inits, env)
    except trips.ItemsChanged:
        engine.memory = before
        _over_changing(engine, stmt, inits, env)


def _stream(engine: Engine, it: Range | Each, env: Env) -> Value | None:
    """The generator that a loop goes over, if it is one."""
    if isinstance(it, Range) or len(it.seqs) > 1 or isinstance(it.seqs[0], Range):
        return None
    value = optional.iterable(engine, engine.value(it.seqs[0], env))
    return streams.of(engine, dunders.iterated(engine, value)) if isinstance(value, Seq | Lazy) or is_object(value) else None


def _written(engine: Engine, stmt: Loop, how: Plan, inits: list[Value], env: Env) -> None:
    """Write a loop; one of few trips that are followed better one by one is unrolled."""
    if linked.followed(engine, stmt, inits, env):
        return
    if few_trips.count(how) > few_trips.FEW_TRIPS or how.slots or how.live:
        peeled.write(engine, stmt, how, inits, env)
    elif _is_unpacked(engine, stmt) or not few_trips.looped_well(engine, stmt, how, inits, env):
        if isinstance(how.iter, Range):
            unrolled.unroll(engine, stmt, Plan(unrolled=tuple(map(Static, few_trips.numbers(how.iter)))), 0, inits, env)
        else:
            _one_by_one(engine, stmt, how, inits, env)


def _is_unpacked(engine: Engine, stmt: Loop) -> bool:
    """Whether a loop makes the list of what is unpacked into names."""
    return not _unpacked(engine.frames[-1].lowered).isdisjoint(stmt.outs)


@functools.lru_cache(maxsize=1024)
def _unpacked(lowered: Lowered) -> frozenset[Var]:
    return unpacked(lowered.func)


def _one_by_one(engine: Engine, stmt: Loop, how: Plan, inits: list[Value], env: Env) -> None:
    """A loop over objects of known structure, unrolled."""
    try:
        apart = _planned(engine, stmt, env, live=False, apart=True)
    except SrcadError:
        apart = how
    if apart.unrolled is None:
        peeled.write(engine, stmt, how, inits, env)
    else:
        unrolled.unroll(engine, stmt, apart, 0, inits, env)


def _planned(engine: Engine, stmt: Loop, env: Env, *, live: bool, apart: bool = False) -> Plan:
    """How to go over what a loop names; `apart`: item by item where they are known."""
    assert stmt.iter is not None
    unit = engine.unit
    outer = unit.writing, unit.long, unit.live, unit.apart
    unit.writing, unit.long, unit.live, unit.apart = _writes(stmt.body), _is_long(stmt), live, apart
    try:
        return _plan_of(engine, stmt.iter, env)
    finally:
        unit.writing, unit.long, unit.live, unit.apart = outer


def _over_changing(engine: Engine, stmt: Loop, inits: list[Value], env: Env) -> None:
    """A loop that writes into what it goes over: each item is read in its trip."""
    how, before = _planned(engine, stmt, env, live=True, apart=True), engine.memory
    if how.unrolled is not None:
        if len(how.unrolled) > few_trips.FEW_TRIPS:
            raise unrolled.changes(engine)
        unrolled.unroll(engine, stmt, how, 0, inits, env)
        return
    try:
        peeled.write(engine, stmt, how, inits, env)
    except trips.ItemsChanged:
        raise unrolled.changes(engine) from None
    except Resized:
        engine.memory = before
        streams.over(engine, stmt, unrolled.rest(engine, how, 0), inits, env)


_SHORT = 7  # statements of untyped IR


def _is_long(stmt: Loop) -> bool:
    """Whether a loop has a body that is better not written once for each of two or three numbers."""
    return stmt.exit is None and sum(1 for _ in walk(stmt.body)) > _SHORT


def _writes(body: Block) -> bool:
    """Whether a block stores into something, or assigns in place."""
    return any(isinstance(s, Call) and (s.op.name == "setitem" or s.op.name in AUGMENTED) for s in walk(body))


def _plan_of(engine: Engine, it: Range | Each, env: Env) -> Plan:
    if isinstance(it, Range):
        bounds = (engine.value(b, env) for b in (it.start, it.stop, it.step))
        return plan(engine, RangeVal(*bounds), it.reverse)
    plans = [
        _plan_of(engine, replace(s, reverse=it.reverse), env) if isinstance(s, Range)
        else plan(engine, optional.iterable(engine, engine.value(s, env)), it.reverse)
        for s in it.seqs
    ]
    return plans[0] if len(plans) == 1 else _zipped(engine, plans)
