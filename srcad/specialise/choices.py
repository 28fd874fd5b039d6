"""One of several values, chosen at run time: calls of a function that a branch chose, `max` with a key, a computed dict key."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from srcad.ir.core import RAISE
from srcad.ir.nodes import If, Var
from srcad.ir.types import Opaque
from srcad.specialise.diverge import Diverged
from srcad.specialise.values import Choice, Dyn, Seq, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_MOST = 16


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


def call(engine: Engine, choice: Choice, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """A call of one of two functions: both are followed, each under the condition that chose it."""
    condition = engine.runtime(choice.condition, "the condition")
    first, second = (lambda f=f: [engine.call(f, args, kwargs)] for f in (choice.first, choice.second))
    return choose(engine, condition, (first, second))[0]


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


def looked_up(engine: Engine, table: Seq, key: Dyn) -> Value | None:
    """`table[key]` for a dict of few known string keys and a string that is known at run time only; None where that is not the case."""
    if key.type != Opaque(str) or not 0 < len(table.keys) <= _MOST or not all(isinstance(k, str) for k in table.keys):
        return None
    return _looked_up(engine, list(zip(table.keys, table.items, strict=True)), key)[0]


def _looked_up(engine: Engine, rest: list[tuple[object, Value]], key: Dyn) -> list[Value]:
    if not rest:
        engine.builder.do(RAISE, (engine.runtime(engine.call(Static(KeyError, "builtins:KeyError"), [key], {}), "the error").atom,))
        raise Diverged
    (name, value), *others = rest
    same = engine.runtime(engine.operation("eq", [key, Static(name)]), "the comparison of keys")
    return choose(engine, same, (lambda: [value], lambda: _looked_up(engine, others, key)))

