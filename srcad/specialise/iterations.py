"""What a loop goes over, taken apart: whether there is a first item, what it is, and the rest."""
from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ir import lengths
from srcad.ir.core import LENGTH
from srcad.ir.nodes import Atom, Const, Each, Range, Var
from srcad.ir.types import INT
from srcad.specialise import items
from srcad.specialise.values import Dyn, SliceVal, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine
    from srcad.specialise.loops import Plan


def surely_runs(engine: Engine, it: Range | Each | None) -> bool:
    """Whether a loop is known to have a trip."""
    return it is not None and all(_surely_has_item(engine, part) for part in _parts(it))


def runs(engine: Engine, it: Range | Each) -> Value:
    """Whether a loop has a trip, which is asked at run time for the parts of which it is not known."""
    unsure = [_has_item(engine, part) for part in _parts(it) if not _surely_has_item(engine, part)]
    return functools.reduce(lambda a, b: engine.operation("and_", [a, b]), unsure) if unsure else Static(True)


def can_be_split(it: Range | Each | None) -> bool:
    """Whether the first item of an iteration can be told, and the rest."""
    ranges = [p for p in _parts(it) if isinstance(p, Range)] if it is not None else []
    return all(p.step == Const(1) or (_step(p) is not None and not p.reverse) for p in ranges)


def split(engine: Engine, how: Plan) -> tuple[list[Value], Plan]:
    """What the user's item is in the first trip, if there is one, and how to go over the rest."""
    if how.iter is None:
        return [], how
    assert how.assemble is not None
    reverse = isinstance(how.iter, Each) and how.iter.reverse
    split_parts = [
        _split_range(engine, part) if isinstance(part, Range) else _split_sequence(engine, part, item, reverse=reverse)
        for part, item in zip(_parts(how.iter), how.items, strict=True)
    ]
    first = how.assemble([f for f, _ in split_parts])
    rest = tuple(r for _, r in split_parts)
    others = rest[0] if isinstance(how.iter, Range) and isinstance(rest[0], Range) else Each(rest, reverse)
    return [first], replace(how, iter=others)


def _parts(it: Range | Each) -> tuple[Atom | Range, ...]:
    return (it,) if isinstance(it, Range) else it.seqs


def _surely_has_item(engine: Engine, part: Atom | Range) -> bool:
    if not isinstance(part, Range):
        return isinstance(part, Var) and lengths.at_least(part.type, 1)
    start, step = part.start.value if isinstance(part.start, Const) else None, _step(part)
    if not isinstance(start, int) or step is None:
        return False
    if isinstance(part.stop, Const) and isinstance(part.stop.value, int):
        return len(range(start, part.stop.value, step)) > 0
    return step > 0 and lengths.least(engine.unit.names.lengths, part.stop) > start


def _has_item(engine: Engine, part: Atom | Range) -> Value:
    if isinstance(part, Range):
        upwards = (_step(part) or 1) > 0
        return engine.operation("lt" if upwards else "gt", [_number(part.start), _number(part.stop)])
    return engine.operation("gt", [Dyn(engine.builder.call(LENGTH, (part,), INT), INT), Static(0)])


def _step(it: Range) -> int | None:
    """The step of a range where it is known."""
    return it.step.value if isinstance(it.step, Const) and isinstance(it.step.value, int) and it.step.value else None


def _number(atom: Atom) -> Value:
    return Static(atom.value) if isinstance(atom, Const) else Dyn(atom, INT)


def _split_range(engine: Engine, it: Range) -> tuple[Value, Atom | Range]:
    """The first number of a range, and the range of the others."""
    if it.reverse:
        last = engine.operation("sub", [_number(it.stop), Static(1)])
        return last, replace(it, stop=engine.runtime(last, "a bound").atom)
    first = _number(it.start)
    second = engine.operation("add", [first, _number(it.step)])
    return first, replace(it, start=engine.runtime(second, "a bound").atom)


def _split_sequence(engine: Engine, part: Atom, item: Dyn, *, reverse: bool) -> tuple[Value, Atom | Range]:
    """The first item of a sequence that is gone over, or the last, and the slice of the others."""
    whole, none = Dyn(part, part.type if isinstance(part, Var) else item.type, item.varied), Static(None)
    others = SliceVal(none, Static(-1), none) if reverse else SliceVal(Static(1), none, none)
    rest = engine.runtime(items.get(engine, whole, others), "the rest of a loop")
    return items.get(engine, whole, Static(-1 if reverse else 0)), rest.atom
