"""Loops: what they carry, how they are left, and what stands behind them."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.assign import assign
from srcad.frontend.generators import unrolled_for
from srcad.frontend.context import (
    BREAK,
    CONTINUE,
    ENDED,
    FALL_THROUGH,
    FALLS,
    RESULT,
    RETURN,
    Ambiguous,
    Context,
    Env,
    Exit,
    Path,
    flag_of,
    hint_of,
    leave,
)  # fmt: skip
from srcad.frontend.splitting import is_steady
from srcad.ir.core import COMPARE, STEADY
from srcad.ir.nodes import UNDEF, Atom, Block, Const, Each, Loop, Var


@dataclass(frozen=True, slots=True)
class Plan:
    """A loop to lower: names that it assigns, what it iterates over or tests, its body.  `body` is given the item."""

    names: tuple[str, ...]
    body: Callable[[Var | None], Exit]
    each: Atom | None = None
    test: Callable[[], Atom] | None = None
    item: str = ""
    targets: frozenset[str] = frozenset()


def for_(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    """A `for` statement."""
    node = unrolled_for(node)
    items = cx.expression(node.iter)
    if isinstance(node.iter, gast.Name) and is_steady(node.iter.id):
        items = cx.builder.call(STEADY, (items,))
    names = _names((node.target, *node.body), node.body)
    simple = node.target.id if isinstance(node.target, gast.Name) else ""

    def body(item: Var | None) -> Exit:
        assert item is not None
        assign(cx, node.target, item)
        return cx.stage.sequence(cx, node.body)

    end = loop(cx, Plan(names, body, each=items, item=simple))
    return _behind(cx, end, node.orelse, rest)


def while_(cx: Context, node: Any, rest: Callable[[], Exit]) -> Exit | None:
    """A `while` statement; a test that binds names runs in the body."""
    names = _names((node.test, *node.body), node.body)
    forever = isinstance(node.test, gast.Constant) and bool(node.test.value)
    if forever:
        plan = Plan(names, lambda _: cx.stage.sequence(cx, node.body))
    elif scope.assigned((node.test,)):

        def tested(_: Var | None) -> Exit:
            cond = cx.expression(node.test)
            return cx.fork(cond, lambda: cx.stage.sequence(cx, node.body), lambda: leave(ENDED))[0]

        plan = Plan(names, tested)
    else:
        plan = Plan(names, lambda _: cx.stage.sequence(cx, node.body), test=lambda: cx.expression(node.test))
    end = loop(cx, plan)
    return _behind(cx, end, node.orelse, rest)


def _names(nodes: Sequence[Any], body: Sequence[Any]) -> tuple[str, ...]:
    returns = (RESULT,) if scope.contains(body, gast.Return) else ()
    return (*scope.assigned(nodes), *returns)


def _behind(cx: Context, end: Exit, orelse: Sequence[Any], rest: Callable[[], Exit]) -> Exit | None:
    """The `else` clause and what stands behind the loop; None: go on with what stands behind."""
    if not end.values:
        return end
    ended = ENDED if ENDED in end.values else FALL_THROUGH
    falling = end.values & {FALL_THROUGH, BREAK, ENDED}
    if not orelse or falling <= {BREAK} or falling <= {FALL_THROUGH, ENDED}:
        clause = () if falling <= {BREAK} else orelse
        return _unless_returned(cx, end, clause, rest)
    cond = cx.builder.call(COMPARE["eq"], (end.atom, Const(ended)))

    def left() -> Exit:
        return _unless_returned(cx, end.without(ended), (), lambda: FALLS) or FALLS

    end, sunk = cx.fork(cond, lambda: cx.stage.sequence(cx, orelse), left, rest)
    if sunk:
        return end
    return None if end.certain else cx.behind(end, rest)


def _unless_returned(cx: Context, end: Exit, clause: Sequence[Any], rest: Callable[[], Exit]) -> Exit | None:
    """`clause` and `rest` unless the exit is a `return`."""

    def go_on() -> Exit:
        return cx.behind(cx.stage.sequence(cx, clause), rest)

    if RETURN not in end.values:
        if not clause:
            return None
        end = cx.stage.sequence(cx, clause)
        return None if end.certain else cx.behind(end, rest)
    if end.values == {RETURN}:
        return leave(RETURN)
    if end.values == {FALL_THROUGH, RETURN}:
        return cx.behind(end, go_on)
    cond = cx.builder.call(COMPARE["eq"], (end.atom, Const(RETURN)))
    return cx.fork(cond, lambda: leave(RETURN), go_on)[0]


# ---- the loop itself -------------------------------------------------------------------------------------------------
def loop(cx: Context, plan: Plan) -> Exit:
    """Lower a loop.  The exit: FALL_THROUGH where the iteration ended, else what left it (ENDED: a test inside the body)."""
    loc = cx.builder.loc
    names = dict.fromkeys((*plan.names, *(flag_of(n) for n in plan.names if n in cx.doubtful)))
    carried = [n for n in names if not isinstance(cx.env.get(n), Ambiguous) and n not in cx.not_mine and n not in cx.of_module]
    partial = {n for n in carried if _is_partial(cx, cx.env.get(n, UNDEF))}  # names that a trip may start without
    while True:
        mark, nested = cx.names.mark(), len(cx.nested)
        item = None if plan.each is None else cx.names.var(plan.item)
        params = {n: cx.names.var(hint_of(n)) for n in carried}
        cx.partial.update(params[n] for n in carried if n in partial)
        cx.loops.append(frozenset(plan.names) | plan.targets)
        try:
            test = _test(cx, plan, carried, partial)
            env: Env = {**cx.env, **params}
            path = cx.path(lambda item=item: plan.body(item), env, tuple(params.values()))  # type: ignore[misc]
        finally:
            cx.loops.pop()
        unclear = [n for n in carried if path.exit.values and isinstance(path.env.get(n), Ambiguous)]
        lost = {n for n in carried if path.exit.values and _is_partial(cx, path.env.get(n, UNDEF))} - partial
        if not unclear and not lost:
            break
        partial |= lost
        # Such a name has no value to carry: whoever reads it in the next trip is refused.
        for name in unclear:
            cx.env[name] = Ambiguous(name)
        carried = [n for n in carried if n not in unclear]
        cx.names.reset(mark)
        del cx.nested[nested:]
    return _finish(cx, plan, path, test, item, params, loc)


def _is_partial(cx: Context, atom: object) -> bool:
    return atom == UNDEF or atom in cx.partial


def _test(cx: Context, plan: Plan, carried: Sequence[str], partial: set[str]) -> Block | None:
    if plan.test is None:
        return None
    params = {n: cx.names.var(hint_of(n)) for n in carried}
    cx.partial.update(params[n] for n in carried if n in partial)
    found: list[Atom] = []

    def work() -> Exit:
        assert plan.test is not None
        found.append(plan.test())
        return FALLS

    path = cx.path(work, {**cx.env, **params})
    return path.builder.block(params.values(), found)


def _finish(cx: Context, plan: Plan, path: Path, test: Block | None, item: Var | None, params: dict[str, Var], loc: Any) -> Exit:
    """Build the statement, bind the outs, tell how the loop is left."""
    values = {FALL_THROUGH if v == CONTINUE else v for v in path.exit.values}
    inits = [cx.env.get(n, UNDEF) for n in params]
    yields = [path.env.get(n, UNDEF) if path.exit.values else UNDEF for n in params]
    outs = [cx.names.var(hint_of(n)) for n in params]
    ends = plan.each is not None or plan.test is not None
    cx.partial.update(o for o, i, y in zip(outs, inits, yields, strict=True) if _is_partial(cx, y) or (ends and _is_partial(cx, i)))
    cx.env.update(zip(params, outs, strict=True))
    body_params = [*params.values()]
    exit_at = None
    end: Atom = Const(FALL_THROUGH)
    if values - {FALL_THROUGH}:
        exit_at = len(outs)
        body_params.append(cx.names.var("exit"))
        inits.append(Const(FALL_THROUGH))
        yields.append(_exit_number(cx, path))
        end = cx.names.var("exit")
        outs.append(end)
        if test is not None:
            test = Block((*test.params, cx.names.var("exit")), test.stmts, test.yields)
    items = () if item is None else (item,)
    body = path.builder.block((*items, *body_params), yields)  # type: ignore[arg-type]
    each = None if plan.each is None else Each((plan.each,))
    cx.builder.add(Loop(tuple(outs), each, tuple(inits), test, body, exit_at, None, loc))  # type: ignore[arg-type]
    ways = frozenset(values | {FALL_THROUGH} if ends else values - {FALL_THROUGH})
    return leave(*ways) if len(ways) == 1 else Exit(end, ways)


def _exit_number(cx: Context, path: Path) -> Atom:
    """The exit at the end of a trip, where `continue` is none."""
    if CONTINUE not in path.exit.values:
        return path.exit.atom
    if len(path.exit.values) == 1:
        return Const(FALL_THROUGH)
    end = path.exit

    def normalise() -> Exit:
        cond = cx.builder.call(COMPARE["eq"], (end.atom, Const(CONTINUE)))
        return cx.fork(cond, lambda: FALLS, lambda: end.without(CONTINUE))[0]

    cx.resume(path, normalise)
    return path.exit.atom

