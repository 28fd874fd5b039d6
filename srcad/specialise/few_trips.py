"""Loops of few trips over what is known one by one: written as loops where that does, else followed trip by trip."""
from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from srcad.analysis.liveness import live_behind_loops
from srcad.errors import InternalError, SrcadError
from srcad.ir.nodes import Block, Call, Const, Loop, Op, Range, Var
from srcad.ir.types import UNKNOWN, ListOf, Struct, TupleOf, may_carry_derivative
from srcad.ir.visit import all_defs, walk
from srcad.ops import table
from srcad.specialise import peeled, writes
from srcad.specialise.frames import Env
from srcad.specialise.kinds import is_object
from srcad.specialise.memory import Memory, is_array
from srcad.specialise.refusals import held
from srcad.specialise.values import Cell, Dyn, Nameless, Poison, Seq, Value

if TYPE_CHECKING:
    from srcad.frontend.lowered import Lowered
    from srcad.ir.build import Builder
    from srcad.specialise.engine import Engine
    from srcad.specialise.loops import Plan

FEW_TRIPS = 32
_VERY_FEW = 4
_FEW_OBJECTS = 8  # so many are better known one by one: which of them shares what with which


def count(how: Plan) -> float:
    """How many trips a loop has over numbers, objects or arrays that are known one by one, or very few known items; infinity for others."""
    it = how.iter
    if isinstance(it, Range) and all(isinstance(b, Const) for b in (it.start, it.stop, it.step)):
        return len(numbers(it))
    if not all(isinstance(b, Seq | None) for b in how.bases):
        return math.inf
    known = [b.items for b in how.bases if isinstance(b, Seq)]
    told = (len(i) for i in known if any(is_object(v) or writes.is_array(v) for v in i) or len(i) <= _VERY_FEW)
    return min(told, default=math.inf)


def numbers(it: Range) -> range:
    """What a loop over literal bounds counts through."""
    found = range(*(int(b.value) for b in (it.start, it.stop, it.step) if isinstance(b, Const)))  # type: ignore[call-overload]  # whole numbers
    return found[::-1] if it.reverse else found


def _takes(before: Memory, after: Memory, made: frozenset[Var], *, precise: bool) -> bool:
    """Whether a loop puts arrays from outside into a container, or makes a list of known structure one of any length.

    `made` are the values that are defined in the loop; `precise`: those of the loop count too, as items that have no name behind it.
    """
    new = after.holders.keys() - before.holders.keys()
    if any(is_array(i) and i not in made and (precise or isinstance(i, Var)) for i in new):
        return True
    olds = ((i, before.now.get(i, after.first.get(i)), now) for i, now in after.now.items())
    return any(isinstance(i, Cell) and isinstance(now, Dyn) and isinstance(old, Seq) and bool(old.items) for i, old, now in olds)


def _keeps_items(before: Memory, after: Memory, builder: Builder) -> bool:
    """Whether a loop puts arrays that it goes over into a container, as they are."""
    params = {p for s in builder.stmts if isinstance(s, Loop) for p in s.body.params[: len(s.body.params) - len(s.inits)]}
    return any(is_array(p) for p in params & (after.holders.keys() - before.holders.keys()))


def _holds_objects(value: Value) -> bool:
    """Whether a value is a run-time list of objects."""
    item = value.type.item if isinstance(value, Dyn) and isinstance(value.type, ListOf) else None
    return isinstance(item, Struct) and not issubclass(item.cls, tuple | list | dict)


def _goes_over_axes(block: Block) -> bool:
    """Whether a function with a rule gets an axis that is only known at run time: most rules must know it."""
    for stmt in walk(block):
        if isinstance(stmt, Call) and isinstance(stmt.op, Op) and stmt.outs and may_carry_derivative(stmt.outs[0].type):
            entry = table.entry(stmt.op.name)
            named = () if entry is None or not entry.differentiable else (*zip(entry.names, stmt.args, strict=False), *stmt.params)
            if any(name in ("axis", "axes") and isinstance(value, Var) for name, value in named):
                return True
    return False


def _forgets(start: Value, end: Value) -> bool:
    """Whether a container of known items has become one whose items may be anything: a tuple that grows by `args[i]`, say."""
    if not isinstance(start, Seq) or not isinstance(end, Dyn):
        return False
    return end.type == UNKNOWN or (isinstance(end.type, ListOf | TupleOf) and end.type.item == UNKNOWN)


def looped_well(engine: Engine, stmt: Loop, how: Plan, inits: list[Value], env: Env) -> bool:
    """Write a loop, unless its trips could be followed one by one only: a list of objects that it fills, for instance."""
    trips = count(how)
    if engine.patience < trips:
        peeled.write(engine, stmt, how, inits, env)
        return True
    before, inner, mark = engine.memory, dict(env), Cell().serial
    known = len(engine.funcs), dict(engine.callees)
    engine.memory = before.fork()
    try:
        with engine.aside() as builder:
            peeled.write(engine, stmt, how, inits, inner)
        after = engine.memory
        live = _live_behind(engine, stmt, inner)
        pairs = [(o, i) for o, i in zip(stmt.outs, inits, strict=True) if o in live]
        lost = [o for o, i in pairs if (isinstance(inner[o], Poison) and not isinstance(i, Poison)) or _forgets(i, inner[o])]
        new = (i for i in after.stale if isinstance(i, Cell) and not isinstance(i, Nameless))
        spoiled = {i for i in new if i not in before.stale and i.serial <= mark}
        older = any(i.serial < engine.frames[-1].born for i in spoiled)
        own = {r for b in how.bases if isinstance(b, Seq) for v in b.items for r in before.roots(v)}
        stale = bool(spoiled) and (older or not spoiled.isdisjoint(after.reachable(inner[v] for v in live)))
        lent = after.stale.keys() - before.stale.keys()  # of the items, each has a name of its own
        stale = stale or not own.isdisjoint(lent) or _keeps_items(before, after, builder)
        stale = stale or (trips <= _VERY_FEW and _takes(before, after, frozenset(all_defs(builder.block())), precise=engine.precise))
        filled = [*(inner[o] for o in stmt.outs), *(v for i, v in after.now.items() if before.now.get(i) is not v)]
        stale = stale or (trips <= _FEW_OBJECTS and (any(map(_holds_objects, filled)) or _goes_over_axes(builder.block())))
    except InternalError:
        raise
    except SrcadError:
        lost, stale = list(stmt.outs), True
    if lost or stale or held(builder.block()) is not None:
        engine.memory = before
        del engine.funcs[known[0] :]
        engine.callees = known[1]
        engine.patience -= int(trips)
        return False
    engine.builder.stmts.extend(builder.stmts)
    env.update(inner)
    return True


def _live_behind(engine: Engine, stmt: Loop, env: Env) -> list[Var]:
    """The names that are read behind a loop."""
    found = _live_names(engine.frames[-1].lowered).get(id(stmt))
    return [v for v in env if found is None or v in found]


@functools.lru_cache(maxsize=1024)
def _live_names(lowered: Lowered) -> Mapping[int, frozenset[Var]]:
    return live_behind_loops(lowered.func)
