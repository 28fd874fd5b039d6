"""`itertools`: each of its functions is a generator of `runtime.iterators`, which is followed by source."""
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcad.runtime import iterators
from srcad.specialise import functions
from srcad.specialise.values import Seq, Static, Value, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Form = Callable[["Engine", list[Value], dict[str, Value]], "Value | None"]
_ADVICE = "write the loops out"


def _as(function: Callable[..., Any]) -> Form:
    """A call of a generator in its place."""

    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        if any(k not in ("func", "initial", "start", "step", "times", "object") for k in kwargs):
            return None
        named = {{"func": "function", "object": "item"}.get(k, k): v for k, v in kwargs.items()}
        path = f"{function.__module__}:{function.__name__}"
        return engine.call(functions.of_python(engine, function, path), args, named)  # type: ignore[arg-type]

    return form


def _slice(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`itertools.islice(items, stop)` or `(items, start, stop, step)`."""
    none, bounds = Static(None), args[1:]
    start, stop, step = (none, *bounds, none) if len(bounds) == 1 else (*bounds, *[none] * (3 - len(bounds)))
    first = Static(0) if start == none else start
    return _as(iterators.sliced)(engine, [args[0], first, stop, Static(1) if step == none else step], {})


def _product(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`itertools.product` of two or three iterables."""
    repeat = kwargs.get("repeat", Static(1))
    parts = args * repeat.value if isinstance(repeat, Static) and isinstance(repeat.value, int) else []
    ways: dict[int, Callable[..., Any]] = {2: iterators.crossed, 3: iterators.crossed_three}
    way = ways.get(len(parts))
    return _refused(engine, "product", args) if way is None else _as(way)(engine, parts, {})


def _of(name: str, ways: dict[int, Callable[..., Any]]) -> Form:
    """Choices of a number of items that is known."""

    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        count = args[1] if len(args) > 1 else kwargs.get("r")
        way = ways.get(count.value) if isinstance(count, Static) and isinstance(count.value, int) else None
        return _refused(engine, name, args) if way is None else _as(way)(engine, args[:1], {})

    return form


def _refused(engine: Engine, name: str, args: list[Value]) -> Value | None:
    if any(map(is_varied, args)) or not all(isinstance(a, Static | Seq) for a in args):
        raise engine.refuse("UnsupportedSyntax", "SRC138", f"itertools.{name} of so many items cannot be followed", _ADVICE)
    return None


FORMS: dict[Any, Form] = {
    itertools.cycle: _as(iterators.cycled), itertools.repeat: _as(iterators.repeated),
    itertools.chain: _as(iterators.chained), itertools.chain.from_iterable: _as(iterators.chained_parts),
    itertools.accumulate: _as(iterators.accumulated), itertools.takewhile: _as(iterators.taken_while),
    itertools.dropwhile: _as(iterators.dropped_while), itertools.filterfalse: _as(iterators.filtered_out),
    itertools.compress: _as(iterators.selected), itertools.starmap: _as(iterators.spread), itertools.islice: _slice,
    itertools.pairwise: _as(iterators.neighbours), itertools.product: _product,
    itertools.combinations: _of("combinations", {2: iterators.paired, 3: iterators.tripled}),
    itertools.combinations_with_replacement: _of("combinations_with_replacement", {2: iterators.paired_with_itself}),
    itertools.permutations: _of("permutations", {2: iterators.ordered_pairs}),
}  # fmt: skip
"""How calls of `itertools` are interpreted."""
