"""What a loop carries from trip to trip: one value each."""
from __future__ import annotations

from dataclasses import dataclass, field

from srcad.ir.nodes import Var
from srcad.runtime.tables import TABLES
from srcad.specialise.memory import Identity, Memory, Place, Where, can_change
from srcad.specialise.places import held_objects, placed, same_places
from srcad.specialise.templates import children
from srcad.specialise.values import Dyn, Poison, Seq, Value

_CHAIN = 5


@dataclass(slots=True)
class Slot:
    """One carried value: a name of the loop (`number`), the contents of an identity, or which array a name is (`which`)."""

    hint: str
    init: Value
    shape: Value
    number: int | None = None
    ident: Identity | None = None
    which: Place | None = None
    fixed: frozenset[Where] = frozenset()
    params: list[Var] = field(default_factory=list)
    start: Value | None = None  # the value at the head of a trip
    first: Value = field(init=False)  # `init` as it was found
    deeper: int = 0  # how often it was found to hold more containers in one another

    def __post_init__(self) -> None:
        self.first = self.init

    @property
    def key(self) -> object:
        """Tells slots apart, also after a new start."""
        if self.which is not None:
            return ("which", self.which)
        return self.number if self.ident is None else self.ident

    def free(self, where: Where) -> bool:
        """Whether the object at a place may be another one in every trip."""
        return where not in self.fixed and (where != () or self.ident is None)

    def gets_keys(self) -> bool:
        """Whether a dict becomes one with computed keys in the next round: what are its places then are others now."""
        return isinstance(self.init, Seq) and isinstance(self.shape, Seq) and self.shape.cls is TABLES.get(self.init.cls)

    def grow(self, shape: Value) -> None:
        """Take a wider shape; a chain that gets longer with every trip has none."""
        self.deeper += _depth(shape) > _depth(self.shape)
        self.shape = shape if self.deeper < _CHAIN else Poison(
            "a loop makes a chain of objects that hold one another, longer with every trip", "SRC139", "keep the objects in a list",
        )  # fmt: skip
        self.fixed &= same_places(self.init, self.shape) if not isinstance(self.shape, Poison) else frozenset()

    def hope(self, loose: set[Place]) -> None:
        """Take every leaf that can change as fixed, but for those that are known not to be."""
        self.deeper = 0
        if isinstance(self.shape, Poison):
            return
        own = () if self.ident is not None else None  # contents are no object of their own
        constant = {n for n, leaf in placed(self.init) if not can_change(leaf.type)}
        places = same_places(self.init, self.shape) - constant
        self.fixed = frozenset(n for n in places if n != own and (self.key, n) not in loose)


def contents(named: list[Slot], ident: Identity, found: Value) -> Value:
    """What an object holds before the loop that nobody has written to since it was made; `found`: what the trip met."""
    return next((o for s in named for _, o in held_objects(s.init) if o.cell is ident), found)


def forms(memory: Memory, init: Value, final: Value) -> list[Value]:
    """The forms that a container has which a trip has written: the first one, and a new one where it has no parts as it had them.

    That is a dict that got computed keys, or a list that became a run-time one while the trip made parts of it unreadable.
    """
    if not isinstance(init, Seq):
        return [init]
    if init.cls is list:
        another = isinstance(final, Dyn) and any(memory.identity(part) in memory.stale for part in children(init))
    else:
        another = isinstance(final, Seq) and final.cls in TABLES.values() and init.cls not in TABLES.values()
    return [init, final] if another else [init]


def _depth(value: Value) -> int:
    """How many containers a value holds in one another."""
    return isinstance(value, Seq) + max(map(_depth, children(value)), default=0)
