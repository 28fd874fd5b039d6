"""Generator functions that are asked for one item at a time: a function that goes on where the last item was given.

    def steps(x):                          def steps(x):
        while True:                            at = 0
            yield x            ==>             def resume(sent):
            x = f(x)                               nonlocal at, x
                                                   start, at = at, -1
                                                   if start == 0: at = 1; return False, x
                                                   if start == 1: x = f(x); at = 1; return False, x
                                                   return True, absent
                                               return resume

Where a loop may have trips without `yield`, it stays a loop that is left by the `return`.
"""
from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.polling import Absent, Start, asked, name, pair

_AT, _START, _SENT, _RESUME = "at@", "start@", "sent@", "resume@"
_LIMIT = 400  # statements in all
_YIELDS = (gast.Yield, gast.YieldFrom)

Go = Callable[[], list[Any]]  # writes what stands behind a point


class NotResumable(Exception):
    """The function cannot be written so."""


def resumable(function: Any) -> Any | None:
    """The function that makes `resume`; None where a `yield` stands in a `try`, a `with` or an expression."""
    function = copy.deepcopy(function)
    try:
        return gast.fix_missing_locations(_Resuming(function).whole())
    except NotResumable:
        return None


@dataclass(frozen=True, slots=True)
class _Way:
    """What stands behind statements, and what `break` and `continue` go on with (None: they stay, since the loop does)."""

    go_on: Go
    leave: Go | None = None
    again: Go | None = None


@dataclass(slots=True)
class _Resuming:
    """One function while it is rewritten.  Each part is written on its way `here`, and goes on `later` where it was left by a `yield`."""

    function: Any
    points: list[Go] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)  # of points, by id of the `yield` statement
    iterators: dict[int, str] = field(default_factory=dict)  # by id of the `for` statement
    loops: dict[int, Any] = field(default_factory=dict)  # for `yield from`, by id of the statement
    given_at_once: dict[str, Any] = field(default_factory=dict)  # iterators that are there from the start, and how they are made
    written: int = 0

    def whole(self) -> Any:
        """The outer function."""
        body = self.function.body
        self.given_at_once = self.iterators_of_parameters()
        end = _Way(self.end)
        self.points.append(lambda: self.block(body, end, end))
        branches: list[Any] = []
        while len(branches) < len(self.points):  # writing one point finds others
            branches.append(self.branch(len(branches), self.points[len(branches)]()))
        outer = scope.declared(self.function, gast.Nonlocal) | scope.declared(self.function, gast.Global)
        written = scope.assigned([*body, *(s for b in branches for s in b.body)])
        names = [*scope.parameters(self.function), *written, *self.iterators.values()]
        names = list(dict.fromkeys(n for n in names if n not in outer and n != _AT))
        inner: Any = gast.parse("def f(s): pass").body[0]
        inner.name = _RESUME
        inner.args.args[0].id = _SENT
        inner.body = [gast.Nonlocal([_AT, *names]), *self.begin(), *branches, *self.end()]
        kept = [s for s in body if isinstance(s, gast.Nonlocal | gast.Global)]
        unset = [self.let(n, self.given_at_once.get(n, Absent(None, None))) for n in names if n not in scope.parameters(self.function)]
        last = gast.copy_location(gast.Return(name(body[-1], _RESUME)), body[-1])
        self.function.body = [*kept, self.let(_AT, gast.Constant(0, None)), *unset, gast.copy_location(inner, body[0]), last]
        return self.function

    def iterators_of_parameters(self) -> dict[str, Any]:
        """`iter(parameter)` of loops that start once at most: who goes on sees one object, not one that is there since some point."""
        fixed = set(scope.parameters(self.function)) - set(scope.assigned(self.function.body))
        found: dict[str, Any] = {}
        todo = list(self.function.body)
        while todo:
            node = todo.pop()
            if isinstance(node, gast.If):
                todo.extend([*node.body, *node.orelse])
            elif isinstance(node, gast.For) and isinstance(node.iter, gast.Name) and node.iter.id in fixed:
                found[self.iterator_name(node)] = gast.copy_location(Start(copy.deepcopy(node.iter)), node)
        return found

    def iterator_name(self, node: Any) -> str:
        """What the iterator of a `for` statement is called."""
        return self.iterators.setdefault(id(node), f"items@{node.lineno}_{node.col_offset}")

    def let(self, target: str, value: Any) -> Any:
        """`target = value`."""
        at = self.function.body[0]
        return gast.copy_location(gast.Assign([name(at, target, gast.Store())], gast.copy_location(value, at), None), at)

    def begin(self) -> list[Any]:
        """From here on the function is at its end, unless it gives another item."""
        at = self.function.body[0]
        return [self.let(_START, name(at, _AT)), self.let(_AT, gast.Constant(-1, None))]

    def branch(self, number: int, body: list[Any]) -> Any:
        """What runs where the function goes on at a point."""
        at = self.function.body[0]
        test = gast.copy_location(gast.Compare(name(at, _START), [gast.Eq()], [gast.copy_location(gast.Constant(number, None), at)]), at)
        return gast.copy_location(gast.If(test, body, []), at)

    def end(self) -> list[Any]:
        """The end of the generator."""
        at = self.function.body[0]
        return [gast.copy_location(gast.Return(pair(at, None, end=True)), at)]

    def counted(self, node: Any) -> Any:
        """A statement that is written: there must not be too many."""
        self.written += 1
        if self.written > _LIMIT:
            raise NotResumable
        return node

    # ---- statements --------------------------------------------------------------------------------------------------
    def block(self, nodes: list[Any], here: _Way, later: _Way) -> list[Any]:
        """Statements, then what stands behind them."""
        found: list[Any] = []
        for n, node in enumerate(nodes):
            if isinstance(node, gast.Nonlocal | gast.Global):
                continue
            if scope.contains([node], *_YIELDS, gast.Return) or (here.leave is not None and _jumps(node)):
                rest = nodes[n + 1 :]
                ways = (replace(w, go_on=functools.partial(self.block, rest, w, later)) for w in (here, later))
                return [*found, *self.statement(node, *ways)]
            found.append(self.counted(copy.deepcopy(node)))
            if isinstance(node, gast.Raise | gast.Break | gast.Continue):
                return found
        return [*found, *here.go_on()]

    def statement(self, node: Any, here: _Way, later: _Way) -> list[Any]:
        """A statement that gives an item, ends the generator or goes on elsewhere, and what stands behind it."""
        match node:
            case gast.Expr(value=gast.Yield(value=value)):
                return self.given(node, value, [], later)
            case gast.Assign(value=gast.Yield(value=value)):
                return self.given(node, value, node.targets, later)
            case gast.Return():
                return self.end()
            case gast.Break() if here.leave is not None:
                return here.leave()
            case gast.Continue() if here.again is not None:
                return here.again()
            case gast.If():
                then, orelse = (self.block(part, here, later) for part in (node.body, node.orelse))
                return [self.counted(gast.copy_location(gast.If(copy.deepcopy(node.test), then, orelse), node))]
            case gast.While():
                return self.loop(node, here, later)
            case gast.For():
                return [*self.iterator(node), *self.loop(node, here, later)]
            case gast.Expr(value=gast.YieldFrom()):
                return self.statement(self.delegating(node), here, later)
        raise NotResumable

    def given(self, node: Any, value: Any, targets: list[Any], later: _Way) -> list[Any]:
        """`yield value`: from here the function goes on."""
        if id(node) not in self.numbers:
            self.numbers[id(node)] = len(self.points)
            take = [gast.copy_location(gast.Assign(copy.deepcopy(targets), name(node, _SENT), None), node)] if targets else []
            self.points.append(lambda: [*take, *later.go_on()])
        here = gast.copy_location(gast.Constant(self.numbers[id(node)], None), node)
        point = gast.copy_location(gast.Assign([name(node, _AT, gast.Store())], here, None), node)
        return [point, self.counted(gast.copy_location(gast.Return(pair(node, copy.deepcopy(value))), node))]

    def delegating(self, node: Any) -> Any:
        """`yield from items` as a loop."""
        if id(node) not in self.loops:
            item = f"item@{node.lineno}_{node.col_offset}"
            give = gast.copy_location(gast.Expr(gast.copy_location(gast.Yield(name(node, item)), node)), node)
            new = gast.For(name(node, item, gast.Store()), node.value.value, [give], [], None)
            self.loops[id(node)] = gast.copy_location(new, node)
        return self.loops[id(node)]

    # ---- loops -------------------------------------------------------------------------------------------------------
    def iterator(self, node: Any) -> list[Any]:
        """`items = iter(iterable)`, where it is not there yet."""
        items = self.iterator_name(node)
        if items in self.given_at_once:
            return []
        start = gast.copy_location(Start(copy.deepcopy(node.iter)), node)
        return [self.counted(gast.copy_location(gast.Assign([name(node, items, gast.Store())], start, None), node))]

    def loop(self, node: Any, here: _Way, later: _Way) -> list[Any]:
        """A loop from its head on: a branch where every trip gives an item or leaves, else a loop."""
        finish = functools.partial(self.block, node.orelse, here, later)
        again = functools.partial(self.loop, node, later, later)
        inner = _Way(again, later.go_on, again)  # what a trip goes on with where the loop is not written as one
        if _always_leaves(node.body):
            return self.tested(node, self.block(node.body, replace(inner, leave=here.go_on), inner), finish())
        if node.orelse and any(map(_jumps, node.body)):
            raise NotResumable
        body = self.block(node.body, _Way(list), inner)
        if isinstance(node, gast.While):
            head = gast.copy_location(gast.While(copy.deepcopy(node.test), body, []), node)
        else:
            stop = gast.copy_location(gast.Break(), node)
            forever = gast.copy_location(gast.Constant(value=True, kind=None), node)
            head = gast.copy_location(gast.While(forever, self.tested(node, body, [stop]), []), node)
        return [self.counted(head), *finish()]

    def tested(self, node: Any, body: list[Any], otherwise: list[Any]) -> list[Any]:
        """The test of a loop with what follows either way."""
        if isinstance(node, gast.While):
            return [self.counted(gast.copy_location(gast.If(copy.deepcopy(node.test), body, otherwise), node))]
        end, item = (f"{word}@{node.lineno}_{node.col_offset}" for word in ("end", "item"))
        ask = asked(node, end, item, name(node, self.iterators[id(node)]))
        bind = gast.copy_location(gast.Assign([copy.deepcopy(node.target)], name(node, item), None), node)
        return [ask, self.counted(gast.copy_location(gast.If(name(node, end), otherwise, [bind, *body]), node))]


def _jumps(node: Any) -> bool:
    """Whether a statement holds a `break` or `continue` of the loop around it."""
    if isinstance(node, gast.Break | gast.Continue):
        return True
    if isinstance(node, gast.For | gast.While):
        return any(map(_jumps, node.orelse))
    if isinstance(node, scope.FUNCTIONS):
        return False
    return any(map(_jumps, (c for c in gast.iter_child_nodes(node) if isinstance(c, gast.stmt | gast.ExceptHandler))))


def _always_leaves(nodes: list[Any]) -> bool:
    """Whether every way through statements meets a `yield`, or leaves."""
    for node in nodes:
        if isinstance(node, gast.Return | gast.Raise | gast.Break):
            return True
        if isinstance(node, gast.Expr | gast.Assign) and isinstance(node.value, gast.Yield):
            return True
        if isinstance(node, gast.If) and _always_leaves(node.body) and _always_leaves(node.orelse):
            return True
        if _jumps(node):
            return False
    return False
