"""Objects that are known by number: what they hold stands in lists, one for each attribute of their class.

A list of unknown length holds objects as values; who else knows one of them would not see it change.  Where that gets a function
refused, it is interpreted again with the classes in question numbered: from the end of its constructor on, an object of such a class
is a whole number, its place in the lists of all attributes.  So every list, attribute and name that refers to it sees what is written,
and writes, loops, branches and both modes need nothing that they do not have for lists.
"""
from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from srcad.errors import SrcadError
from srcad.ir.core import COMPARE, GETITEM, LENGTH, PACK
from srcad.ir.nodes import Call, Const, Var
from srcad.ir.types import BOOL, INT, ListOf, Numbered, Struct, TupleOf, Type, is_dict, numbered_in
from srcad.runtime.tables import DefaultTable, Table
from srcad.specialise import choices, containers, holding, items, late, optional, several, writes
from srcad.specialise.diverge import Escapes
from srcad.specialise.kinds import is_followed, is_object, own
from srcad.specialise.values import NONE_VALUE, Cell, Closure, Dyn, Maybe, Seq, Static, Value, container

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine
    from srcad.specialise.memory import Memory

DICTS: frozenset[type] = frozenset((Table, DefaultTable))
"""What dicts are that are known by number, see `tabled`."""
_HANDED_ON = "its constructor has handed on an object before it was complete"


Attribute: TypeAlias = tuple[type, str]


@dataclass(slots=True)
class Numbering:
    """The classes whose objects are known by number, with the list of each attribute; and those of which run-time lists hold objects.

    Dicts whose values may be changed where they are read at a computed key wait for a second attempt as well, and so do containers of
    which a path chooses one.
    """

    classes: frozenset[type] = frozenset()
    links: Mapping[Attribute, type] = field(default_factory=dict)  # attributes that are None or an object of a numbered class
    many: frozenset[type] = frozenset()  # classes of which some numbers are only known at run time
    keyed: bool = False  # dicts of data get computed keys where they are read at one
    late: frozenset[Attribute] = frozenset()  # attributes that objects get after they were made
    family: tuple[type, ...] = ()  # classes whose objects have numbers of one kind, see `several`
    apart: bool = False  # lists, dicts and objects between which a path chooses stay what they are, see `choices`
    inside: frozenset[Hashable] = frozenset()  # `class` statements inside functions that make such classes: every attempt makes them anew
    lists: dict[type, dict[str, Seq]] = field(default_factory=dict)
    tapes: dict[Attribute, Seq] = field(default_factory=dict)  # what has been assigned to late attributes
    functions: dict[Attribute, Value] = field(default_factory=dict)  # attributes that are one function in all objects
    held: set[type] = field(default_factory=set)
    mixed: set[type] = field(default_factory=set)  # classes of objects between which a path has chosen
    objects: dict[Attribute, type] = field(default_factory=dict)  # attributes that have been such an object
    nones: set[Attribute] = field(default_factory=set)  # attributes that have been None
    computed: set[type] = field(default_factory=set)  # classes of which a number was only known at run time
    unset: set[Attribute] = field(default_factory=set)  # attributes that were assigned to objects which had none
    asked: bool = False  # whether a dict of data has been read at a computed key
    met: bool = False  # whether a path has chosen between lists, dicts or objects
    dicts: bool = False  # whether a run-time list has held a dict
    built: set[type] = field(default_factory=set)  # classes of objects that the function has made
    changed: set[type] = field(default_factory=set)  # classes of objects that were changed where a run-time list holds them
    made_inside: dict[type, Hashable] = field(default_factory=dict)  # classes that functions have made, and the statements that make them
    replaced: set[type] = field(default_factory=set)  # classes of objects of which a name of a loop holds another one in the next trip

    def note_made(self, cls: type, statement: Hashable) -> None:
        """Take up a class that a function makes."""
        self.made_inside[cls] = statement
        if statement in self.inside:
            self.classes |= {cls}
            self.many |= {cls}

    def note_unmade(self, cls: type) -> None:
        """Take up the class of an object that generated code cannot make, and that a run-time list shall hold."""
        if cls in self.made_inside and _can_be_numbered(cls):
            self.held.add(cls)

    def note_link(self, target: Seq, value: Value) -> None:
        """Take up the class of objects that hold others of their kind."""
        some = value.value if isinstance(value, Maybe) else value
        if isinstance(some, Seq) and some.cls is target.cls and is_object(some):
            self.held.add(some.cls)

    def note_change(self, value: Value) -> None:
        """Take up the class of an object in a run-time list, which one of its attributes makes another."""
        if isinstance(value, Seq) and is_object(value) and _can_be_numbered(value.cls):
            self.changed.add(value.cls)

    def note_replaced(self, memory: Memory, before: Value, after: Value) -> None:
        """Take up the class of an object in whose place a name of a loop holds another one, or one of several, at the end of a trip."""
        if not isinstance(before, Seq) or not is_object(before) or not _can_be_numbered(before.cls):
            return
        if memory.identity(before) != memory.identity(after):
            self.replaced.add(before.cls)

    def note_mixed(self, values: Sequence[Value]) -> None:
        """Take up the classes of objects that meet others which are known by number."""
        if any(map(is_numbered, values)):
            self.mixed.update(v.cls for v in values if isinstance(v, Seq) and is_object(v))
            self.mixed.update(v.type.kind for v in values if is_numbered(v) and isinstance(v.type, Numbered))

    def leaner(self) -> Numbering | None:
        """What to try where objects in lists are written anew for each change of them; None if there are no such objects."""
        found = frozenset((self.changed | self.held) & self.built)
        return Numbering(found, many=found) if found and not self.classes else None

    def wider(self) -> Numbering | None:
        """What to try next, by what an attempt has met; None if that is nothing new."""
        links = {**self.links, **{k: c for k, c in self.objects.items() if k in self.nones and k[0] not in self.made_inside}}
        met, inside = self.held | self.replaced, self.made_inside
        statements = self.inside | {inside[c] for c in met if c in inside}
        late = self.late | {k for k in self.unset if k[0] not in inside}
        found = self.classes | (met - inside.keys()), links, self.many | (self.computed - inside.keys()), self.keyed or self.asked, late
        known = self.classes, self.links, self.many, self.keyed, self.late
        return None if (*found, statements) == (*known, self.inside) else Numbering(*found, self.family, self.apart, statements)

    def restart(self) -> None:
        """Forget the objects of an attempt."""
        self.lists.clear()
        self.tapes.clear()
        self.functions.clear()

    def note(self, t: Type) -> None:
        """Take up the classes of the objects that a run-time value holds."""
        match t:
            case ListOf(item) | TupleOf(item):
                self.note(item)
            case Struct(cls, _, parts):
                if _can_be_numbered(cls):
                    self.held.add(cls)
                self.dicts = self.dicts or is_dict(cls) or cls in DICTS
                for part in parts:
                    self.note(part)


def another(tried: Sequence[Numbering]) -> Numbering | None:
    """What to try where none of these did: containers kept apart, then numbers for objects of several classes; None if that was tried."""
    apart = any(n.met for n in tried)
    if apart and not any(n.apart for n in tried):
        return Numbering(apart=True)
    if any(n.dicts for n in tried) and not any(n.classes & DICTS for n in tried):
        return Numbering(DICTS, many=DICTS, keyed=True)
    met = filter(_can_be_numbered, {c for n in tried for c in (n.held | n.mixed) - n.made_inside.keys()})
    family = tuple(sorted(met, key=lambda c: (c.__module__, c.__qualname__)))
    if len(family) < 2 or any(n.family == family for n in tried):
        return None
    return Numbering(frozenset(family), family=family, apart=apart)


def _can_be_numbered(cls: type) -> bool:
    return not issubclass(cls, tuple | list | dict | set) and is_followed(cls) and not cls.__module__.startswith("srcad.")


def is_numbered(value: Value) -> TypeGuard[Dyn]:
    """Whether a value is an object that is known by number."""
    return isinstance(value, Dyn) and isinstance(value.type, Numbered)


def made(engine: Engine, whole: Value) -> Value:
    """A new object: where its class is numbered, what it holds goes to the end of the lists."""
    if not isinstance(whole, Seq):
        return whole
    engine.numbering.built.add(whole.cls)
    if whole.cls not in engine.numbering.classes or whole.cls in DICTS:
        for item in whole.items:
            engine.numbering.note_link(whole, item)
        return whole
    now = engine.now(whole)
    assert isinstance(now, Seq)
    values = dict(zip(map(str, now.keys), now.items, strict=True))
    values, later = late.apart(engine, now.cls, values)
    if now.cls in engine.numbering.family:
        number = several.made(engine, now.cls, values)
    else:
        number = entered(engine, now.cls, values, Numbered(now.cls))
    if whole.cell is not None:
        engine.memory.stale[whole.cell] = _HANDED_ON
    for name, value in later.items():
        late.put(engine, number, name, value)
    return number


def entered(engine: Engine, cls: type, values: Mapping[str, Value], t: Type) -> Dyn:
    """What a new object holds goes to the end of the lists of its class; its number, of type `t`."""
    values = {k: v for k, v in values.items() if not _is_common(engine, (cls, k), v)}
    lists = engine.numbering.lists.setdefault(cls, {k: empty(cls, k) for k in values})
    if not lists or set(lists) != {*values}:
        raise engine.refuse("UnsupportedSyntax", "SRC172", f"objects of class '{cls.__name__}' do not all have the same attributes",
                            "set each of them in `__init__`")  # fmt: skip
    first = current(engine, next(iter(lists.values())))
    known = Static(len(first.items)) if isinstance(first, Seq) else None
    op, arg = (PACK, Const(known.value)) if known is not None else (LENGTH, engine.runtime(first, "the list").atom)
    number = engine.builder.call(op, (arg,), t, hint=cls.__name__.lower())
    for name, part in lists.items():
        append(engine, (cls, name), part, values[name])
    varied = isinstance(t, Numbered)
    return Dyn(number, t, varied) if known is None else Dyn(number, t, varied, known=known.value)


def _is_common(engine: Engine, attribute: Attribute, value: Value) -> bool:
    """Whether an attribute is a function, which no run-time list holds: it must be the same one in all objects."""
    function = isinstance(value, Closure) or (isinstance(value, Static) and callable(value.value))
    if not function or attribute[0] not in engine.numbering.many:
        return False
    if engine.numbering.functions.setdefault(attribute, value) != value:
        what = f"the attribute '{attribute[1]}' is another function in each object of class '{attribute[0].__name__}'"
        raise engine.refuse("UnsupportedSyntax", "SRC120", what, "choose by a number or a flag in the object which function to call")
    return True


def append(engine: Engine, attribute: Attribute, part: Seq, value: Value) -> None:
    """A value goes to the end of a list of an attribute."""
    containers.call(engine, current(engine, part), "append", [_kept(engine, attribute, value)], {})
    grown = current(engine, part)
    if isinstance(grown, Seq) and attribute[0] in engine.numbering.many:
        writes.write(engine, grown, holding.widened(engine, grown))


def empty(cls: type, name: str) -> Seq:
    """The list of an attribute before there is any object."""
    return Seq(list, (), cell=Cell(f"{cls.__name__.lower()}_{name.replace(' ', '_')}"))


def current(engine: Engine, part: Seq) -> Value:
    """The list of an attribute as it is now."""
    if engine.unit is not engine.entry:
        raise Escapes  # a function of its own does not have it
    assert part.cell is not None
    engine.memory.first.setdefault(part.cell, part)
    return engine.now(part)


def _place(engine: Engine, value: Dyn) -> Value:
    """The number of an object as a place in lists."""
    assert isinstance(value.type, Numbered)
    if value.type.exact is not None:
        place = read(engine, replace(value, type=Numbered(value.type.cls)), several.PLACE)
        if isinstance(place, Dyn):
            engine.numbering.computed.add(value.type.exact)
        return place
    if isinstance(value.known, int):
        return Static(value.known)
    engine.numbering.computed.add(value.type.cls)
    return Dyn(value.atom, INT)


def _list_of(engine: Engine, value: Dyn, name: str) -> Seq | None:
    """The list in which an attribute of an object stands; None for what is no attribute of its own."""
    assert isinstance(value.type, Numbered)
    return engine.numbering.lists.get(value.type.kind, {}).get(name)


def has(engine: Engine, value: Dyn, name: str) -> Value:
    """Whether an object has an attribute of its own, or its class has it."""
    assert isinstance(value.type, Numbered)
    if late.is_late(engine, value.type.kind, name):
        return late.is_set(engine, value, name)
    own_one = _list_of(engine, value, name) is not None or (value.type.kind, name) in engine.numbering.functions
    return Static(own_one or hasattr(value.type.kind, name))


def attribute(engine: Engine, value: Dyn, name: str) -> Value | None:
    """An attribute of an object; None for what its class has."""
    assert isinstance(value.type, Numbered)
    if (value.type.kind, name) in engine.numbering.functions:
        return engine.numbering.functions[value.type.kind, name]
    if isinstance(own(value.type.kind, name), property):
        return None
    if late.is_late(engine, value.type.kind, name):
        return late.get(engine, value, name)
    return None if _list_of(engine, value, name) is None else read(engine, value, name)


def read(engine: Engine, value: Dyn, name: str) -> Value:
    """What stands in the list of an attribute for an object: of one that may be None, with whether it is an object."""
    assert isinstance(value.type, Numbered)
    part, linked = _list_of(engine, value, name), engine.numbering.links.get((value.type.kind, name))
    assert part is not None
    whole = current(engine, part)
    asked = asked_before(engine, value, name, [("ge", 0)]) if linked is not None else None
    if linked is not None and asked is not None:
        return Maybe(Dyn(asked[1], BOOL), Dyn(asked[0], Numbered(linked), varied=True))
    found = items.get(engine, whole, _place(engine, value))
    if linked is None or not isinstance(found, Dyn):
        return found
    if isinstance(found.known, int):
        return replace(found, type=Numbered(linked)) if found.known >= 0 else NONE_VALUE
    given = engine.builder.call(COMPARE["ge"], (found.atom, Const(0)), BOOL)
    return Maybe(Dyn(given, BOOL), replace(found, type=Numbered(linked)))


def asked_before(engine: Engine, value: Dyn, name: str, tests: Sequence[tuple[str, int]]) -> list[Var] | None:
    """What an attribute was found to be, and how it compares with some numbers, where the program has asked for that already."""
    part = _list_of(engine, value, name)
    whole = None if part is None else current(engine, part)
    if not isinstance(whole, Dyn):
        return None
    for builder in (engine.builder, *reversed(engine.around)):
        for n, stmt in enumerate(builder.stmts):
            if not isinstance(stmt, Call) or stmt.op != GETITEM or stmt.args != (whole.atom, value.atom):
                continue
            found = builder.stmts[n + 1 : n + 1 + len(tests)]
            wanted = [(COMPARE[op], (stmt.outs[0], Const(number))) for op, number in tests]
            if [(t.op, t.args) for t in found if isinstance(t, Call)] == wanted:
                return [stmt.outs[0], *(t.outs[0] for t in found)]
    return None


def _kept(engine: Engine, attribute: Attribute, value: Value) -> Value:
    """What stands in the list of an attribute for a value: for None a number of its own, where others are objects."""
    numbering, linked = engine.numbering, engine.numbering.links.get(attribute)
    some = value.value if isinstance(value, Maybe) else value
    if is_numbered(some) and isinstance(some.type, Numbered):
        numbering.objects[attribute] = some.type.cls
    if isinstance(value, Maybe) or value == NONE_VALUE:
        numbering.nones.add(attribute)
    if linked is None:
        return value
    t = Numbered(linked, optional=True)
    if isinstance(value, Maybe):
        given = optional.is_given(engine, value)
        if isinstance(given, Dyn):
            paths = (lambda: [_kept(engine, attribute, some)], lambda: [_kept(engine, attribute, NONE_VALUE)])
            return choices.choose(engine, given, paths)[0]
        value = some if given == Static(value=True) else NONE_VALUE
    if value == NONE_VALUE:
        return Dyn(engine.builder.call(PACK, (Const(-1),), t), t, varied=True, known=-1)
    if not is_numbered(value) or numbered_in(value.type) != {linked}:
        what = f"the attribute '{attribute[1]}' holds objects of class '{linked.__name__}', None and something else"
        raise engine.refuse("UnsupportedSyntax", "SRC120", what, "give it one kind of value")
    return replace(value, type=t)


def put(engine: Engine, target: Dyn, name: str, value: Value) -> None:
    """`target.name = value`, without regard to properties."""
    assert isinstance(target.type, Numbered)
    if late.is_late(engine, target.type.kind, name):
        late.put(engine, target, name, value)
        return
    part = _list_of(engine, target, name)
    if part is None:
        engine.numbering.unset.add((target.type.kind, name))
        raise engine.refuse("UnsupportedSyntax", "SRC172", f"an object of class '{target.type.kind.__name__}' gets an attribute '{name}' "
                            "after it was made", "set it in `__init__`")  # fmt: skip
    set_in(engine, target, name, part, value)


def set_in(engine: Engine, target: Dyn, name: str, part: Seq, value: Value) -> None:
    """A value takes the place of an object in a list of an attribute."""
    assert isinstance(target.type, Numbered)
    writes.set_item(engine, current(engine, part), _place(engine, target), _kept(engine, (target.type.kind, name), value))


def opened(engine: Engine, value: Value) -> Value:
    """An object as what it holds now, to be read; other values as they are."""
    if not is_numbered(value):
        return value
    assert isinstance(value.type, Numbered)
    late.check(engine, value.type.kind)
    lists = engine.numbering.lists.get(value.type.kind, {})
    common = {name: f for (cls, name), f in engine.numbering.functions.items() if cls is value.type.kind}
    return Seq(value.type.kind, (*(read(engine, value, name) for name in lists), *common.values()), (*lists, *common))


def copied(engine: Engine, value: Dyn) -> Value:
    """Another object that holds the same."""
    whole = opened(engine, value)
    assert isinstance(whole, Seq)
    return made(engine, container(whole.cls, whole.items, whole.keys))


def same(engine: Engine, a: Value, b: Value, *, negate: bool) -> Value | None:
    """`a is b` where one of them is known by number; None for others."""
    if not is_numbered(a) and not is_numbered(b):
        return None
    if is_numbered(a) and is_numbered(b):
        if numbered_in(a.type) != numbered_in(b.type):
            return Static(negate)
        return Dyn(engine.builder.call(COMPARE["ne" if negate else "eq"], (a.atom, b.atom), BOOL), BOOL)
    other = b if is_numbered(a) else a
    if isinstance(other, Dyn):
        raise engine.refuse("UnsupportedSyntax", "SRC123", "whether these are one object is not known when compiling",
                            "compare their contents")  # fmt: skip
    return Static(negate)


def refusal(engine: Engine, value: Dyn) -> SrcadError:
    """What to raise where an object is used as what it is at run time."""
    assert isinstance(value.type, Numbered)
    what = f"{several.described(value.type.kind)}, of which there are lists of unknown length, is used as a whole"
    return engine.refuse("UnsupportedSyntax", "SRC121", what, "use its attributes")


def is_found_by_number(engine: Engine, whole: Value, item: Value) -> bool:
    """Whether the place of an item among others can be told by its number: objects of its class are equal if they are one."""
    if not is_numbered(item) or not isinstance(item.type, Numbered):
        return False
    if not isinstance(whole, Dyn) or not isinstance(whole.type, ListOf) or not isinstance(whole.type.item, Numbered):
        return False
    classes = engine.numbering.family if item.type.cls is several.Member else (item.type.cls,)
    return whole.type.item.cls is item.type.cls and all(own(c, "__eq__") is object.__eq__ for c in classes)


def contained(engine: Engine, name: str, args: list[Value]) -> Value | None:
    """`item in objects` where both are known by number; None for others."""
    if name not in ("in_", "not_in"):
        return None
    item, whole = args
    if not is_found_by_number(engine, whole, item):
        return None
    assert isinstance(whole, Dyn)
    assert isinstance(item, Dyn)
    return Dyn(engine.builder.call(COMPARE[name], (item.atom, whole.atom), BOOL), BOOL)
