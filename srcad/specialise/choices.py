"""One of several values, chosen at run time: calls of a function that a branch chose, `max` with a key, a computed dict key."""
from __future__ import annotations

import contextlib
import types
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from srcad.ir.core import RAISE
from srcad.ir.nodes import If, Var
from srcad.ir.types import BOOL, INT, WHOLE, ListOf, Opaque, Struct
from srcad.marks import Operator
from srcad.specialise import several
from srcad.specialise.diverge import Diverged
from srcad.specialise.kinds import is_object
from srcad.specialise.templates import children, same_kind, with_children
from srcad.specialise.values import NONE_VALUE, Bound, Choice, Closure, Dyn, Maybe, Partial, Seq, Static, Value, container

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_MOST = 16
_CHANGING = (list, dict, set)


def choose(engine: Engine, condition: Dyn, paths: tuple[Callable[[], list[Value]], Callable[[], list[Value]]]) -> list[Value]:
    """The values of the first path where the condition holds, else of the second."""
    told = (engine.memory.facts(condition, holds=True), engine.memory.facts(condition, holds=False))
    work = [lambda _, p=p: [*map(engine.current, p())] for p in paths]  # objects as their constructors have left them
    outcomes = [engine.path(w, {}, facts) for w, facts in zip(work, told, strict=True)]
    count = max((len(o.values) for o in outcomes if o.values is not None), default=0)
    outs, yields, after = engine.merge(outcomes, tuple(Var(f"%{n}") for n in range(count)), condition)
    then, orelse = (o.builder.block((), y) for o, y in zip(outcomes, yields, strict=True))
    engine.builder.add(If(tuple(outs), condition.atom, then, orelse, engine.builder.loc))
    if all(o.values is None for o in outcomes):  # what each raises is said there
        raise Diverged
    return after


def select(engine: Engine, which: Dyn, paths: tuple[Callable[[], list[Value]], ...]) -> list[Value]:
    """The values of one path: of two the first where the condition holds, else the second; of more that of a number."""
    return choose(engine, which, paths) if len(paths) == 2 else _selected(engine, which, 0, paths)


def _selected(engine: Engine, which: Dyn, number: int, paths: tuple[Callable[[], list[Value]], ...]) -> list[Value]:
    first, *rest = paths
    if not rest:
        return first()
    here = engine.runtime(engine.operation("eq", [which, Static(number)]), "the number")
    return choose(engine, here, (first, lambda: _selected(engine, which, number + 1, tuple(rest))))


def over(engine: Engine, choice: Value, work: Callable[[Value], Value]) -> Value:
    """What is done with one of two functions or objects: both are followed, each under the condition that chose it."""
    if not isinstance(choice, Choice):
        return work(choice)
    condition = engine.runtime(choice.condition, "the condition")
    known = engine.memory.told.get(condition.atom)
    if known is not None:
        return over(engine, choice.first if known else choice.second, work)
    return choose(engine, condition, (lambda: [over(engine, choice.first, work)], lambda: [over(engine, choice.second, work)]))[0]


@contextlib.contextmanager
def together(engine: Engine) -> Iterator[None]:
    """Containers between which a path chooses become one run-time value, which is read."""
    numbering = engine.numbering
    numbering.apart, apart = False, numbering.apart
    try:
        yield
    finally:
        numbering.apart = apart


def as_one(engine: Engine, value: Value) -> Value:
    """A container between which paths have chosen, or one that is in a container, as one value that is read."""
    if isinstance(value, Choice) and of_containers(value):
        with together(engine):
            return over(engine, value, lambda one: one)
    kids = children(value) if isinstance(value, Seq) else ()
    return with_children(value, tuple(as_one(engine, k) for k in kids)) if kids else value


def call(engine: Engine, choice: Choice, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call of one of two functions."""
    return over(engine, choice, lambda f: engine.call(f, args, kwargs))


def split(engine: Engine, args: Sequence[Value], work: Callable[[list[Value]], Value]) -> Value | None:
    """What is done with arguments among which is one of two functions or objects; None where none is."""
    n, found = next(((n, a) for n, a in enumerate(args) if isinstance(a, Choice) or several.is_one(a)), (0, None))
    if found is None:
        return None
    choice = several.by_class(engine, found) if several.is_one(found) else found
    return over(engine, choice, lambda v: work([*args[:n], v, *args[n + 1 :]]))


def changed(engine: Engine, target: Value, change: Callable[[Value], None]) -> bool:
    """Whether it was one of two objects that is changed: then it has been done."""

    def done(given: list[Value]) -> Value:
        change(given[0])
        return NONE_VALUE

    return split(engine, [target], done) is not None


def of_objects(value: Value) -> bool:
    """Whether a value is an object of a class that is followed, or one of several, or None in its place."""
    return bool(_classes(value) - {None})


def _classes(value: Value) -> frozenset[type | None]:
    """The classes of the objects that a value may be, None among them where it may be None; empty for anything else."""
    match value:
        case Static(None):
            return frozenset((None,))
        case Maybe(_, inner):
            found = _classes(inner)
            return found | {None} if found else found
        case Choice(_, first, second):
            a, b = _classes(first), _classes(second)
            return a | b if a and b else frozenset()
        case Seq(cls) if is_object(value) and cls is not types.GeneratorType:
            return frozenset((cls,))
    return frozenset()


def of_containers(value: Value) -> bool:
    """Whether a value is an object, list, dict or set that can change, or one of several."""
    match value:
        case Choice(_, first, second):
            return of_containers(first) and of_containers(second)
        case Seq(cls):
            return issubclass(cls, _CHANGING) or (is_object(value) and cls is not types.GeneratorType)
        case Dyn(_, t):
            return isinstance(t, ListOf) or (isinstance(t, Struct | Opaque) and t.cls is not None and issubclass(t.cls, _CHANGING))
    return False


def between_containers(value: Value) -> bool:
    """Whether a value is one of several lists, dicts or sets, or an empty tuple in the place of one."""
    return isinstance(value, Choice) and all(of_containers(v) or is_nothing(v) for v in _options(value)) and not of_objects(value)


def is_nothing(value: Value) -> bool:
    """Whether a value is an empty tuple."""
    return value == Static(()) or (isinstance(value, Seq) and value.cls is tuple and not value.items)


def or_nothing(values: list[Value]) -> bool:
    """Whether two values that meet are a list and an empty tuple, which are gone over alike, and are one type in nothing else."""
    return len(values) == 2 and sum(map(is_nothing, values)) == 1 and any(_is_list(v) or between_containers(v) for v in values)


def _is_list(value: Value) -> bool:
    return (isinstance(value, Dyn) and isinstance(value.type, ListOf)) or (isinstance(value, Seq) and value.cls is list)


def _options(value: Value) -> tuple[Value, ...]:
    return (*_options(value.first), *_options(value.second)) if isinstance(value, Choice) else (value,)


def gone_over(engine: Engine, value: Value) -> Value:
    """One of several containers as what a loop goes over: a list where nothing else shows which it was."""

    def listed(one: Value) -> Value:
        return engine.runtime(container(list, ()) if is_nothing(one) else one, "what the loop goes over")

    if not between_containers(value):
        return value
    with together(engine):
        return over(engine, value, listed)


def classes(values: list[Value]) -> frozenset[type]:
    """The classes of the objects that some values may be."""
    return frozenset(c for v in values for c in _classes(v) if c is not None)


def differ(values: list[Value]) -> bool:
    """Whether two values that meet are functions or objects which nothing stands for but the choice between them."""
    first, second = values
    a, b = _classes(first), _classes(second)
    if a and b:
        return len((a | b) - {None}) > 1 or isinstance(first, Choice) or isinstance(second, Choice)
    return first != second and all(map(is_code, values)) and not _alike(first, second)


def _alike(first: Value, second: Value) -> bool:
    """Whether two functions have the same source, and hold what can be joined."""
    match first, second:
        case Closure(), Closure():
            mine = first.lowered is second.lowered
        case (Bound(a), Bound(b)) | (Partial(a), Partial(b)):
            mine = _alike(a, b)
        case _:
            return first == second
    held = list(zip(children(first), children(second), strict=False))
    made = isinstance(first, Partial) and isinstance(first.function, Static) and isinstance(first.function.value, Operator)
    if made and any(a != b and _is_fixed(a) and _is_fixed(b) for a, b in held):
        return False  # an option of an operator, or the derivative that a pullback belongs to, which run time cannot know
    return mine and same_kind(first, second) and not any(differ(list(pair)) for pair in held)


def _is_fixed(value: Value) -> bool:
    """Whether a value is known while compiling, or a display of such."""
    return isinstance(value, Static) or (isinstance(value, Seq) and all(map(_is_fixed, value.items)))


def is_code(value: Value) -> bool:
    """Whether a value is a function or class that is followed where it is called, or one of several."""
    if isinstance(value, Static):
        return callable(value.value)
    return isinstance(value, Bound | Closure | Partial | Choice) and not of_objects(value) and not of_containers(value)


def extremum(engine: Engine, items: tuple[Value, ...], key: Value, comparison: str) -> Value | None:
    """`max(items, key=key)` (comparison `gt`) or `min` (`lt`): the first item whose key no other exceeds; None for too many items."""
    if not 0 < len(items) <= _MOST:
        return None
    best = [items[0], engine.call(key, [items[0]], {})]
    for item in items[1:]:
        rank = engine.call(key, [item], {})
        better = engine.runtime(engine.operation(comparison, [rank, best[1]]), "the comparison of keys")
        best = choose(engine, better, (lambda i=item, r=rank: [i, r], lambda b=tuple(best): list(b)))  # type: ignore[misc]
    return best[0]


def _raise(engine: Engine, error: type[Exception], what: Value) -> NoReturn:
    made = engine.call(Static(error, f"builtins:{error.__name__}"), [what], {})
    engine.builder.do(RAISE, (engine.runtime(made, "the error").atom,))
    raise Diverged


def by_number(engine: Engine, whole: Seq, index: Dyn) -> Value | None:
    """`whole[index]` for few objects of several classes, or functions, and a whole number; None where that is not the case."""
    items = whole.items
    several = any(differ([items[0], item]) for item in items[1:])
    if whole.cls not in (list, tuple) or not several or len(items) > _MOST or index.type not in (INT, BOOL, WHOLE):
        return None

    def from_place(n: int) -> list[Value]:
        if n == len(items):
            _raise(engine, IndexError, Static(f"{whole.cls.__name__} index out of range"))
        here = engine.operation("in_", [index, Seq(tuple, (Static(n), Static(n - len(items))))])
        return choose(engine, engine.runtime(here, "the number"), (lambda: [items[n]], lambda: from_place(n + 1)))

    return from_place(0)[0]


def looked_up(engine: Engine, table: Seq, key: Dyn) -> Value | None:
    """`table[key]` for a dict of few known string keys and a string that is known at run time only; None where that is not the case."""
    if key.type != Opaque(str) or not 0 < len(table.keys) <= _MOST or not all(isinstance(k, str) for k in table.keys):
        return None
    return _looked_up(engine, list(zip(table.keys, table.items, strict=True)), key)[0]


def _looked_up(engine: Engine, rest: list[tuple[object, Value]], key: Dyn) -> list[Value]:
    if not rest:
        _raise(engine, KeyError, key)
    (name, value), *others = rest
    same = engine.runtime(engine.operation("eq", [key, Static(name)]), "the comparison of keys")
    return choose(engine, same, (lambda: [value], lambda: _looked_up(engine, others, key)))

