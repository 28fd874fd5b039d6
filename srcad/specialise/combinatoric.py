"""`itertools`: each of its functions is a generator of `runtime.iterators`, which is followed by source."""
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srcad.runtime import iterators
from srcad.specialise import calls, dunders, functions, streams
from srcad.specialise.values import Dyn, Lazy, RangeVal, Seq, Static, Value, container, is_varied

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

Form = Callable[["Engine", list[Value], dict[str, Value]], "Value | None"]
_NONE = Static(None)


def _as(function: Callable[..., Any]) -> Form:
    """A call of a generator in its place."""

    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        if any(k not in ("func", "initial", "start", "step", "times", "object", "key") for k in kwargs):
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


def _by_kind(held: Callable[..., Any], stream: Callable[..., Any]) -> Form:
    """A generator for items that can be gathered first, another one for a stream: that may have no end."""

    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        found = streams.of(engine, dunders.iterated(engine, args[0])) if args else None
        return _as(held)(engine, args, kwargs) if found is None else _as(stream)(engine, [found, *args[1:]], kwargs)

    return form


def _longest(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`itertools.zip_longest`."""
    fill = kwargs.get("fillvalue", _NONE)
    if not args or set(kwargs) - {"fillvalue"}:
        return None
    if any(streams.of(engine, dunders.iterated(engine, a)) is not None for a in args):
        return _as(iterators.filled_stream)(engine, [streams.askables(engine, args), fill], {})
    return _as(iterators.filled)(engine, [Seq(tuple, tuple(streams.indexable(engine, a) for a in args)), fill], {})


def _tee(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`itertools.tee(items, count)`: iterators over one list of what was taken."""
    count = args[1] if len(args) > 1 else Static(2)
    if kwargs or not args or not isinstance(count, Static) or not isinstance(count.value, int):
        return None
    (source,) = streams.askables(engine, args[:1]).items
    kept = container(list, ())
    return Seq(tuple, tuple(streams.askable(engine, streams.written(engine, iterators.shared, [source, kept])) for _ in range(count.value)))


def _product(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`itertools.product`: loops over two iterables, places in more of them."""
    repeat = kwargs.get("repeat", Static(1))
    if not _is_followed(args) or not isinstance(repeat, Static) or not isinstance(repeat.value, int):
        return None
    if len(args) * repeat.value == 2:
        return _as(iterators.crossed)(engine, args * repeat.value, {})
    parts = [_gathered(engine, a) for a in args] * repeat.value
    ranges: list[Value] = [RangeVal(Static(0), _length(engine, p), Static(1)) for p in parts]
    return _as(iterators.crossed_many)(engine, [Seq(tuple, tuple(parts)), _places(engine, itertools.product, ranges)], {})


def _of(choose: Callable[..., Any], pairs: Callable[..., Any]) -> Form:
    """Choices of items: loops for two of them, places for more."""

    def form(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
        count = args[1] if len(args) > 1 else kwargs.get("r", _NONE)
        if not _is_followed(args[:1]):
            return None
        if count == Static(2):
            return _as(pairs)(engine, args[:1], {})
        given = _gathered(engine, args[0])
        places = _places(engine, choose, [RangeVal(Static(0), _length(engine, given), Static(1)), *([] if count == _NONE else [count])])
        if isinstance(count, Static) and isinstance(count.value, int):
            return _as(iterators.picked)(engine, [given, places, count], {})
        return _as(iterators.picked_freely)(engine, [given, places], {})

    return form


def _is_followed(args: list[Value]) -> bool:
    """Whether items may carry derivatives, or are numbers: what else there is keeps its own iterator."""
    return any(is_varied(a) or isinstance(a, RangeVal | Dyn | Lazy) for a in args)


def _gathered(engine: Engine, value: Value) -> Value:
    return engine.call(Static(list, "builtins:list"), [value], {})


def _length(engine: Engine, value: Value) -> Value:
    return engine.call(Static(len, "builtins:len"), [value], {})


def _places(engine: Engine, choose: Callable[..., Any], args: list[Value]) -> Value:
    """What a function of `itertools` gives for numbers of items."""
    return calls.opaque(engine, Static(choose, f"itertools:{choose.__name__}"), args, {})


FORMS: dict[Any, Form] = {
    itertools.cycle: _as(iterators.cycled), itertools.repeat: _as(iterators.repeated),
    itertools.chain: _as(iterators.chained), itertools.chain.from_iterable: _as(iterators.chained_parts),
    itertools.accumulate: _by_kind(iterators.accumulated, iterators.accumulated_stream), itertools.takewhile: _as(iterators.taken_while),
    itertools.dropwhile: _as(iterators.dropped_while), itertools.filterfalse: _as(iterators.filtered_out),
    itertools.compress: _as(iterators.selected), itertools.starmap: _as(iterators.spread), itertools.islice: _slice,
    itertools.pairwise: _by_kind(iterators.neighbours, iterators.neighbours_in_stream), itertools.product: _product,
    itertools.combinations: _of(itertools.combinations, iterators.paired), itertools.zip_longest: _longest, itertools.tee: _tee,
    itertools.combinations_with_replacement: _of(itertools.combinations_with_replacement, iterators.paired_with_itself),
    itertools.permutations: _of(itertools.permutations, iterators.ordered_pairs), itertools.groupby: _as(iterators.grouped),
}  # fmt: skip
"""How calls of `itertools` are interpreted."""
