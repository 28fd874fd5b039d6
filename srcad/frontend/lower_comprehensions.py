"""Comprehensions and generator expressions: loops that append to a list, or that stop early."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.assign import assign
from srcad.frontend.context import BREAK, FALLS, Context, Exit, leave
from srcad.frontend.fence import ASYNC_COMPREHENSION, GENERATOR_VALUE
from srcad.frontend.generators import Kept, named
from srcad.frontend.lower_loops import Plan, loop
from srcad.ir.core import CALL, COMPARE, LIST_APPEND, PACK, RAISE
from srcad.ir.nodes import UNDEF, Arg, Atom, Const, Pack, Ref, Var

EAGER = frozenset({
    "sum", "min", "max", "sorted", "list", "tuple", "set", "dict", "frozenset", "join", "array", "asarray", "fromiter", "fsum", "prod",
    "deque", "Counter", "OrderedDict", "mean", "fmean", "median", "stack", "vstack", "hstack", "concatenate", "extend", "update",
    "len", "print",
})  # fmt: skip
"""Callees that take every item of a generator before they do anything else."""

Lazily = Callable[[Context, Any, str], Atom]


def list_(cx: Context, node: Any, hint: str) -> Atom:
    """`[x for ...]`."""
    return _collected(cx, node, lambda: cx.expression(node.elt), hint)


def set_(cx: Context, node: Any, hint: str) -> Atom:
    """`{x for ...}`."""
    items = _collected(cx, node, lambda: cx.expression(node.elt), "")
    return cx.builder.call(CALL, (Ref("builtins:set", set), items), hint=hint)


def dict_(cx: Context, node: Any, hint: str) -> Atom:
    """`{k: v for ...}`."""

    def pair() -> Atom:
        key = cx.expression(node.key)
        return cx.builder.call(PACK, (Pack("tuple", (key, cx.expression(node.value))),))

    return cx.builder.call(CALL, (Ref("builtins:dict", dict), _collected(cx, node, pair, "")), hint=hint)


def generator(cx: Context, node: Any, _hint: str) -> Atom:
    """A generator expression that is not the argument of a consumer: a generator function is made of it, if it can be."""
    if named(cx.raw, (node.lineno, node.col_offset)) is None or any(part.is_async for part in node.generators):
        raise cx.refuse(node, GENERATOR_VALUE)
    raise Kept(node)


def is_eager(cx: Context, node: Any) -> bool:
    """Whether a call takes all items of a generator at once."""
    name = node.func.attr if isinstance(node.func, gast.Attribute) else node.func.id if isinstance(node.func, gast.Name) else ""
    return name in EAGER and not (isinstance(node.func, gast.Name) and not cx.is_builtin(name))


def consumer(cx: Context, node: Any) -> Lazily | None:
    """How to lower a call that stops to read a generator expression early."""
    if not isinstance(node.func, gast.Name) or not cx.is_builtin(node.func.id) or node.keywords:
        return None
    if not node.args or not isinstance(node.args[0], gast.GeneratorExp):
        return None
    return {("any", 1): _any, ("all", 1): _all, ("next", 1): _next, ("next", 2): _next}.get((node.func.id, len(node.args)))


# ---- collecting ------------------------------------------------------------------------------------------------------
def _collected(cx: Context, node: Any, element: Callable[[], Atom], hint: str) -> Atom:
    def step() -> Exit:
        value = element()
        cx.env[name] = cx.builder.call(LIST_APPEND, (_atom(cx, name), value), hint=hint)
        return FALLS

    name = f"${hint or 'items'}@{len(cx.loops)}"
    first = _first(cx, node)
    cx.env[name] = cx.builder.call(PACK, (Pack("list", ()),), hint=hint)
    _loops(cx, node, first, (name,), step)
    return _take(cx, name)


def _atom(cx: Context, name: str) -> Atom:
    atom = cx.env[name]
    assert isinstance(atom, Var | Const)
    return atom


def _take(cx: Context, name: str) -> Atom:
    atom = _atom(cx, name)
    del cx.env[name]
    return atom


def _first(cx: Context, node: Any) -> Atom:
    """What the first `for` iterates over is evaluated before anything else, in the scope around."""
    for part in node.generators:
        if part.is_async:
            raise cx.refuse(node, ASYNC_COMPREHENSION)
    return cx.expression(node.generators[0].iter)


def _loops(cx: Context, node: Any, first: Atom, state: tuple[str, ...], step: Callable[[], Exit]) -> Exit:
    """The loops of a comprehension around `step`; `state` are the names that they carry besides walrus targets."""
    targets = scope.targets(node)
    hidden = {n: cx.env[n] for n in targets if n in cx.env}

    def level(n: int, each: Atom) -> Exit:
        part = node.generators[n]
        inside = [*part.ifs, *(x for g in node.generators[n + 1 :] for x in (g.iter, *g.ifs)), *_elements(node)]
        names = (*state, *(w for w in scope.assigned(inside) if w not in targets))

        def body(item: Var | None) -> Exit:
            assert item is not None
            assign(cx, part.target, item)
            return filtered(part.ifs, n)

        name = part.target.id if isinstance(part.target, gast.Name) else ""
        return loop(cx, Plan(names, body, each=each, item=name, targets=targets))

    def filtered(conditions: Sequence[Any], n: int) -> Exit:
        if conditions:
            cond = cx.expression(conditions[0])
            return cx.fork(cond, lambda: filtered(conditions[1:], n), lambda: FALLS)[0]
        if n + 1 < len(node.generators):
            return level(n + 1, cx.expression(node.generators[n + 1].iter))
        return step()

    for name in targets:
        cx.env[name] = UNDEF
    end = level(0, first)
    for name in targets:
        cx.env.pop(name, None)
    cx.env.update(hidden)
    return end


def _elements(node: Any) -> tuple[Any, ...]:
    return (node.key, node.value) if isinstance(node, gast.DictComp) else (node.elt,)


# ---- stopping early --------------------------------------------------------------------------------------------------
def _any(cx: Context, node: Any, _hint: str) -> Atom:
    return _search(cx, node, every=False)


def _all(cx: Context, node: Any, _hint: str) -> Atom:
    return _search(cx, node, every=True)


def _search(cx: Context, node: Any, *, every: bool) -> Atom:
    """`any` (or `all`, if `every`) of a generator expression."""
    inner = node.args[0]
    name = f"$found@{len(cx.loops)}"

    def step() -> Exit:
        cond = cx.expression(inner.elt)
        return cx.fork(cond, (lambda: FALLS) if every else stop, stop if every else (lambda: FALLS))[0]

    def stop() -> Exit:
        cx.env[name] = Const(not every)
        return leave(BREAK)

    first = _first(cx, inner)
    cx.env[name] = Const(every)
    _loops(cx, inner, first, (name,), step)
    return _take(cx, name)


def _next(cx: Context, node: Any, _hint: str) -> Atom:
    """`next` of a generator expression."""
    inner = node.args[0]
    name = f"$next@{len(cx.loops)}"
    first = _first(cx, inner)
    default: Arg | None = cx.expression(node.args[1]) if len(node.args) > 1 else None

    def step() -> Exit:
        cx.env[name] = cx.expression(inner.elt)
        return leave(BREAK)

    cx.env[name] = UNDEF if default is None else default  # type: ignore[assignment]
    end = _loops(cx, inner, first, (name,), step)
    if default is None and end.falls:

        def missing() -> Exit:
            cx.builder.do(RAISE, (Ref("builtins:StopIteration", StopIteration),))
            return Exit(UNDEF, frozenset())

        cond = Const(True) if end.certain else cx.builder.call(COMPARE["eq"], (end.atom, Const(0)))
        cx.fork(cond, missing, lambda: FALLS)
    return _take(cx, name)
