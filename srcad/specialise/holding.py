"""What run-time containers hold: noted where one is made, copied, taken apart or reordered.

So a write through one name shows in the others, or these can no longer be read.  Facts go into `Memory.holders` and `Memory.tangled`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from srcad.ir.core import BINARY, GETATTR, GETITEM
from srcad.ir.nodes import Atom, Call, Const, Var
from srcad.ir.types import CONTAINERS, INT, UNKNOWN, Array, ListOf, Struct, TupleOf, Type, is_dict
from srcad.specialise import outside, tabled, writes
from srcad.specialise.memory import Identity, Viewing, can_change, is_item
from srcad.specialise.templates import children, explode
from srcad.specialise.values import Dyn, Nameless, Poison, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine


def made(engine: Engine, whole: Dyn, parts: Value) -> Dyn:
    """A run-time container was built from values: it holds their storage."""
    engine.numbering.note(whole.type)
    holder = engine.memory.identity(whole)
    if holder is not None and not isinstance(parts, Dyn):
        for child in children(parts):
            engine.memory.hold(holder, child)
    return whole


def copied(engine: Engine, new: Dyn, sources: Iterable[Value]) -> Dyn:
    """A run-time list or tuple was made that holds the items of others, or some of them."""
    memory = engine.memory
    holder = memory.identity(new)
    given = [s for s in sources if memory.identity(s) is not None]
    if holder is None or not writes.may_hold(new):
        return new
    seen: set[Identity] = set()
    for source in given:
        ident = memory.identity(source)
        assert ident is not None
        if isinstance(source, Dyn) and isinstance(source.type, Array):  # its items are views of it
            memory.hold(holder, source)
            memory.tangled.add(holder)
            continue
        if ident in seen or any(hs >= {ident, holder} for hs in memory.holders.values()):
            memory.tangled.add(holder)
        seen.add(ident)
        around = {ident, *_around(engine, ident)}
        memory.take_over(holder, around)
        memory.holders[Nameless(_item(new))] = frozenset((holder, *around, *memory.alias.get(ident, ())))
    return new


def _item(whole: Dyn) -> Type:
    """What is known of the types of the items of a list."""
    return whole.type.item if isinstance(whole.type, ListOf | TupleOf) else UNKNOWN


def taken_apart(engine: Engine, value: Dyn) -> Seq:
    """The items of a run-time value of known structure, known as its items."""
    known = explode(value, engine.builder)
    ident = engine.memory.identity(value)
    assert isinstance(value.type, Struct)
    if known.cls in CONTAINERS:
        keys = known.keys if is_dict(known.cls) else range(len(known.items))
        known = replace(known, items=tuple(outside.item(engine, value, Static(k)) or i for k, i in zip(keys, known.items, strict=True)))
    for n, item in enumerate(known.items):
        if not isinstance(item, Dyn) or not isinstance(item.atom, Var) or not can_change(item.type) or ident is None:
            continue
        if known.cls in CONTAINERS:
            engine.memory.views[item.atom] = Viewing(item, value, GETITEM, (Static(known.keys[n] if is_dict(known.cls) else n),))
        else:
            engine.memory.relate(item.atom, [ident])
    return known


def unpacked(engine: Engine, value: Dyn, outs: list[Value], star: int | None) -> None:
    """A run-time value was unpacked: its items are views of it."""
    for n, out in enumerate(outs):
        if not isinstance(out, Dyn) or not isinstance(out.atom, Var) or not can_change(out.type):
            continue
        if n == star:
            copied(engine, out, [value])
        else:
            engine.memory.views[out.atom] = Viewing(out, value, GETITEM, (Static(n if star is None or n < star else n - len(outs)),))


def widened(engine: Engine, known: Seq) -> Dyn:
    """A list of known structure as a run-time list, under its identity."""
    memory = engine.memory
    whole = engine.sequence(replace(known, items=tuple(tabled.as_item(engine, i) for i in known.items)))
    own = memory.identity(known)
    if own is not None:
        memory.adopt(whole, own)
    return whole


def put_back(engine: Engine, base: Value) -> None:
    """An item that was read from a list of known structure at a computed place is written: the list is a run-time one from here on."""
    memory = engine.memory
    own = memory.identity(base)
    known = memory.gathered.pop(own, None) if own is not None else None
    source = memory.identity(known) if known is not None else None
    if known is None or source is None or source in memory.stale or memory.now.get(source, known) != known:
        return
    assert own is not None
    memory.take_over(source, {own})
    writes.write(engine, known, base)


def moved(engine: Engine, target: Value, *, grows: bool = False, resized: bool = True) -> None:
    """The items of a list get other places: what was read from it is from here on known by itself.

    `grows`: only at the end, so that places counted from the front stay.  `resized`: it may get longer or shorter.
    """
    memory = engine.memory
    holder = memory.identity(target)
    if holder is None:
        return
    if resized:
        memory.resized.add(holder)
    loose: list[tuple[Identity, Value]] = []
    held = {i for i, holders in memory.holders.items() if holder in holders}
    for ident, view in list(memory.views.items()):
        if not is_item(view) or not _may_be_in(engine, view, target) or (grows and _from_front(view.args[0])):
            continue
        memory.taken[ident] = (view.base, place_of(engine, view.args[0]))
        _by_itself(engine, ident, view, holder)
        same = {other for other, place in loose if holder in memory.tangled or not _differ(place, view.args[0])}
        memory.relate(ident, same | held)
        loose.append((ident, view.args[0]))


def replaced(engine: Engine, target: Value, key: Value) -> None:
    """An attribute or item of an object, dict or tuple gets another value: the old one is from here on known by itself."""
    memory = engine.memory
    holder = memory.root(target)
    if holder is None or not isinstance(target, Dyn):
        return
    held = {i for i, holders in memory.holders.items() if holder in holders}
    for ident, view in list(memory.views.items()):
        part = view.op == GETATTR or (view.op == GETITEM and isinstance(view.base, Dyn) and isinstance(view.base.type, Struct))
        if part and view.args[0] == key and _may_be_in(engine, view, target):
            _by_itself(engine, ident, view, holder)
            memory.relate(ident, held)


def _may_be_in(engine: Engine, view: Viewing, target: Value) -> bool:
    """Whether something was read from a container, or from an item of a list that may be the same one."""
    memory = engine.memory
    own, other = memory.identity(target), memory.identity(view.base)
    if own == other or own not in memory.views or other not in memory.views:
        return own == other
    assert own is not None
    assert other is not None
    levels = [sum(1 for _ in _around(engine, ident)) for ident in (own, other)]  # what is further inside is no item of the same list
    return memory.root(target) == memory.root(view.base) and levels[0] == levels[1]



def _by_itself(engine: Engine, ident: Identity, view: Viewing, holder: Identity) -> None:
    """What was read from a container is known by itself, not by its place in there; the container may still hold it."""
    memory, value = engine.memory, writes.current(engine, view.value)
    if isinstance(value, Poison):
        memory.stale[ident] = value.reason
    elif value != view.value:
        memory.first.setdefault(ident, view.value)
        memory.now[ident] = memory.adopt(value, ident)
    memory.views.pop(ident, None)
    memory.derived.pop(ident, None)
    memory.holders[ident] = memory.holders.get(ident, frozenset()) | {holder, *_around(engine, holder)}


def _around(engine: Engine, holder: Identity) -> Iterator[Identity]:
    """The containers that one was read from, from the inside out."""
    memory, part = engine.memory, holder
    while part in memory.views and (base := memory.identity(memory.views[part].base)) is not None:
        yield base
        part = base


def place_of(engine: Engine, place: Value) -> object:
    """Tells places in a list apart: equal for two values if they are surely the same number."""
    return _computed(engine, place.atom) if isinstance(place, Dyn) else place.value if isinstance(place, Static) else place


def _computed(engine: Engine, atom: Atom) -> object:
    if not isinstance(atom, Var):
        return atom.value if isinstance(atom, Const) else atom
    made = next((s for s in engine.builder.stmts if isinstance(s, Call) and s.outs == (atom,)), None)
    if made is None or made.op.name not in BINARY or any(isinstance(a, Var) and a.type != INT for a in made.args):
        return atom
    return (made.op.name, *(_computed(engine, a) for a in made.args))  # type: ignore[arg-type]


def taken_out(engine: Engine, base: Dyn, item: Dyn) -> None:
    """An item of unknown identity was taken out of a list."""
    memory = engine.memory
    holder, own = memory.identity(base), memory.identity(item)
    if holder is None or own is None:
        return
    held = [i for i, hs in memory.holders.items() if holder in hs and i != own]
    memory.relate(own, held)


def _from_front(place: Value) -> bool:
    return isinstance(place, Static) and type(place.value) is int and place.value >= 0


def _differ(a: Value, b: Value) -> bool:
    """Whether two places in a list are different ones."""
    return _from_front(a) and _from_front(b) and a != b
