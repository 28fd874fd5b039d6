"""Takes a `try` body apart where it matters how far it came.

    try:                               done = 0
        a = f(x)                       try: a = f(x)
        for v in a:                    except E: done = 1
            b += g(v)                  if done == 0:
    except E:                   ==>        for v in a:
        b = -b                                 try: b += g(v)
                                               except E: done = 1
                                               if done != 0: break
                                       if done == 1: b = -b

A name has one value on each path of this form, and what is changed in place has one state.
"""
from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.progress import asks_for_the_exception, binds_at_once, cannot_raise, needed, unsettled

_STEADY = "$items"  # what a loop goes over that is taken apart: it must not raise between trips
_DEEPEST = 6  # one whose parts are never clear would be taken apart for ever
_QUIET_MANAGERS = frozenset({"errstate", "catch_warnings", "nullcontext"})


class _Whole(Exception):
    """A statement cannot be taken apart."""


def split(function: Any, node: Any, is_local: Callable[[str], bool]) -> list[Any] | None:
    """Statements that do what the `try` (without `finally`) does; None where it can, or must, stay whole."""
    names = needed(function, node)
    if not names or any(map(asks_for_the_exception, node.handlers)):
        return None
    try:
        return [_placed(s, node) for s in _Split(function, node, names, is_local).statements()]
    except _Whole:
        return None


class _Split:
    """One `try` that is taken apart; `names` are those that must be clear wherever it raises."""

    def __init__(self, function: Any, node: Any, names: frozenset[str], is_local: Callable[[str], bool], outer: str = "") -> None:
        self.function = function
        self.node = node
        self.names = names
        self.is_local = is_local
        self.tag = _tag(node) + outer  # a `try` that was made of another stands where that stands
        self.done, self.error = f"$done{self.tag}", f"$error{self.tag}"
        self.level = 0  # how many `try` statements inside one another are being taken apart

    def statements(self) -> list[Any]:
        """The body with its handlers and its `else` clause."""
        last: list[Any] = list(self.node.orelse) or [gast.Pass()]
        for n, handler in reversed(list(enumerate(self.node.handlers, 1))):
            last = [gast.If(self.is_(n), self.handled(handler), last)]
        return [_number(self.done, 0), *self.guarded(self.node.body), *last]

    def is_(self, number: int) -> Any:
        """The test for how the body ended."""
        return gast.Compare(_load(self.done), [gast.Eq()], [gast.Constant(number, None)])

    def guarded(self, body: Sequence[Any]) -> list[Any]:
        """Statements of the body, each run where those before it did not raise."""
        parts: list[list[Any]] = []
        for statement in body:
            if parts and self.is_clear([*parts[-1], statement]):
                parts[-1].append(statement)
            else:
                parts.append([statement])
        found: list[Any] = []
        safe = True
        for part in parts:
            now = self.attempt(part) if self.is_clear(part) else self.opened(part[0])
            found.extend(now if safe else [gast.If(self.is_(0), now, [])])
            safe = safe and all(map(cannot_raise, part))
        return found

    def is_clear(self, part: Sequence[Any]) -> bool:
        """Whether the names that matter are clear wherever these statements raise; our own always matter."""
        return not any(n in self.names or n.startswith("$") for n in unsettled(part))

    def attempt(self, part: Sequence[Any]) -> list[Any]:
        """Statements that may raise."""
        if all(map(cannot_raise, part)):
            return list(part)
        handlers = []
        for n, handler in enumerate(self.node.handlers, 1):
            keep = gast.Assign([_store(self.error)], _load(f"{self.error}in"), None)
            kind = handler.type or _load("BaseException")
            handlers.append(gast.ExceptHandler(kind, _store(f"{self.error}in"), [_number(self.done, n), keep]))
        return [gast.Try(list(part), handlers, [], [])]

    def handled(self, handler: Any) -> list[Any]:
        """The body of a handler, behind the `try`."""
        body = [_reraised(s, self.error) for s in handler.body]
        if handler.name is None:
            return body
        # Python deletes the name at the end, whatever the handler did with it.
        name = handler.name.id
        end = [gast.Assign([_store(name)], gast.Constant(None, None), None), gast.Delete([gast.Name(name, gast.Del(), None, None)])]
        return [gast.Assign([_store(name)], _load(self.error), None), *body, *end]

    # ---- statements that hold others ---------------------------------------------------------------------------------
    def opened(self, node: Any) -> list[Any]:
        """A statement in which it matters how far it came."""
        if scope.contains([node], gast.Yield, gast.YieldFrom):
            raise _Whole
        match node:
            case gast.If():
                before, test = self.asked(node.test, node)
                now = gast.If(test, self.guarded(node.body), self.guarded(node.orelse))
                return self.behind(before, _at(node, now))
            case gast.For():
                name = f"{_STEADY}{_tag(node)}"
                before = self.attempt([gast.Assign([_store(name)], node.iter, None)])
                body = [*self.guarded(node.body), self.leave()]
                return self.behind(before, _at(node, gast.For(node.target, _load(name), body, self.guarded(node.orelse), None)))
            case gast.While():
                return self.while_(node)
            case gast.With() if not scope.is_inserted(node) and all(map(_is_quiet, node.items)):
                return [_at(node, gast.With(node.items, self.guarded(node.body), None))]
            case gast.With(items=[first, *others]) if is_suppress(first, self.is_local):
                return self.inner(suppressing(first, others, node.body))
            case gast.Try():
                return self.inner(node)
            case gast.Assign(targets=targets, value=value) if not scope.assigned((value,)):
                return self.guarded(self.one_by_one(node, targets, value))
        raise _Whole

    def asked(self, test: Any, node: Any) -> tuple[list[Any], Any]:
        """What must run before a test, and the test."""
        if _is_harmless(test):
            return [], test
        name = f"$test{_tag(node)}"
        return self.attempt([gast.Assign([_store(name)], test, None)]), _load(name)

    def behind(self, before: list[Any], now: Any) -> list[Any]:
        """A statement that runs where what stands before it did not raise."""
        return [*before, gast.If(self.is_(0), [now], [])] if before else [now]

    def leave(self) -> Any:
        """Leaves the loop where its trip raised."""
        return gast.If(gast.Compare(_load(self.done), [gast.NotEq()], [gast.Constant(0, None)]), [gast.Break()], [])

    def while_(self, node: Any) -> list[Any]:
        """A `while` loop, whose test may raise too."""
        before, test = self.asked(node.test, node)
        body = [*self.guarded(node.body), self.leave()]
        orelse = self.guarded(node.orelse)
        if not before:
            return [_at(node, gast.While(test, body, orelse))]
        ended = f"$ended{_tag(node)}"
        ends = gast.If(gast.UnaryOp(gast.Not(), test), [_number(ended, 1), gast.Break()], [])
        loop = _at(node, gast.While(gast.Constant(value=True, kind=None), [*before, self.leave(), ends, *body], []))
        if not orelse:
            ends.body = [gast.Break()]
            return [loop]
        last = gast.If(gast.Compare(_load(ended), [gast.Eq()], [gast.Constant(1, None)]), orelse, [])
        return [_number(ended, 0), loop, last]

    def inner(self, node: Any) -> list[Any]:
        """A `try` inside the body."""
        if node.finalbody:
            held = [_at(node, gast.Try(node.body, node.handlers, node.orelse, []))] if node.handlers else node.body
            if all(map(_is_quiet_statement, node.finalbody)):
                return [_at(node, gast.Try(self.guarded(held), [], [], node.finalbody))]
            if scope.contains(held, gast.Return, gast.Break, gast.Continue):
                raise _Whole
            return self.guarded([written_out(node, held), *node.finalbody])
        if any(map(asks_for_the_exception, node.handlers)):
            raise _Whole
        apart = _Split(self.function, node, self.names | needed(self.function, node), self.is_local, self.tag).statements()
        self.level += 1
        if self.level > _DEEPEST:
            raise _Whole
        found = self.guarded([_placed(s, node) for s in apart])
        self.level -= 1
        return found

    def one_by_one(self, node: Any, targets: Sequence[Any], value: Any) -> list[Any]:
        """An assignment to several places, as one for each."""
        name = f"$value{_tag(node)}"
        found = [gast.Assign([_store(name)], value, None)]
        for n, target in enumerate(targets):
            if binds_at_once(target) or not isinstance(target, gast.Tuple | gast.List):
                found.append(gast.Assign([target], _load(name), None))
                continue
            if any(isinstance(e, gast.Starred) for e in target.elts):
                raise _Whole
            parts = [f"$part{_tag(node)}_{n}_{k}" for k in range(len(target.elts))]
            found.append(gast.Assign([gast.Tuple([_store(p) for p in parts], gast.Store())], _load(name), None))
            found.extend(gast.Assign([e], _load(p), None) for e, p in zip(target.elts, parts, strict=True))
        if len(found) == 2 and len(targets) == 1:
            raise _Whole
        return [_placed(s, node) for s in found]


def _reraised(node: Any, error: str) -> Any:
    """A statement of a handler that stands behind its `try`: what a bare `raise` raises is written out."""
    if isinstance(node, gast.Raise):
        return node if node.exc is not None else _at(node, gast.Raise(_load(error), None))
    if not isinstance(node, gast.If | gast.For | gast.While | gast.With | gast.Try):
        return node
    node = copy.copy(node)
    for field in ("body", "orelse", "finalbody"):  # a bare `raise` in a handler inside is that handler's
        if hasattr(node, field):
            setattr(node, field, [_reraised(s, error) for s in getattr(node, field)])
    return node


def written_out(node: Any, held: Sequence[Any]) -> Any:
    """`try: held except: last; raise`, behind which `last` stands: a `try` with `finally` that is left at its end, or by an error."""
    again = _at(node, gast.Raise(None, None))
    return _at(node, gast.Try(list(held), [_at(node, gast.ExceptHandler(None, None, [*node.finalbody, again]))], [], []))


def is_suppress(item: Any, is_local: Callable[[str], bool]) -> bool:
    """Whether a manager is `contextlib.suppress`, which may leave its body at any point."""
    call = item.context_expr
    if not isinstance(call, gast.Call) or call.keywords or item.optional_vars is not None:
        return False
    match call.func:
        case gast.Name(id="suppress"):
            return not is_local("suppress")
        case gast.Attribute(value=gast.Name(id="contextlib"), attr="suppress"):
            return True
    return False


def suppressing(item: Any, items: Sequence[Any], body: Sequence[Any]) -> Any:
    """`with suppress(E): body` as `try: body`, `except E: pass`."""
    call = item.context_expr
    inside = [_at(call, gast.With(list(items), list(body), None))] if items else list(body)
    caught = _at(call, gast.Tuple(call.args, gast.Load()))
    handler = _at(call, gast.ExceptHandler(caught, None, [_at(call, gast.Pass())]))
    return _at(call, gast.Try(inside, [handler], [], []))


def is_steady(name: str) -> bool:
    """Whether a name is that of what a loop goes over which has been taken apart."""
    return name.startswith(_STEADY)


def _is_harmless(test: Any) -> bool:
    """Whether reading a condition cannot raise for values that have a truth."""
    match test:
        case gast.Name() | gast.Constant():
            return True
        case gast.UnaryOp(op=gast.Not(), operand=inner):
            return _is_harmless(inner)
        case gast.BoolOp(values=values):
            return all(map(_is_harmless, values))
        case gast.Compare(left=left, comparators=others):
            return all(map(_is_harmless, (left, *others)))
        case gast.Call(func=gast.Name(id="len" | "isinstance"), args=args, keywords=[]):
            return all(map(_is_harmless, args))
    return False


def _is_quiet(item: Any) -> bool:
    """Whether a manager neither raises nor looks at exceptions."""
    call = item.context_expr
    if not isinstance(call, gast.Call):
        return False
    name = call.func.attr if isinstance(call.func, gast.Attribute) else call.func.id if isinstance(call.func, gast.Name) else ""
    return name in _QUIET_MANAGERS and all(isinstance(a, gast.Constant) for a in (*call.args, *(k.value for k in call.keywords)))


def _is_quiet_statement(node: Any) -> bool:
    """Whether a statement of a `finally` clause does not raise."""
    match node:
        case gast.AugAssign(target=gast.Name(), value=gast.Constant()):
            return True
        case gast.Expr(value=gast.Call(func=gast.Name(id="print"))):
            return True
    return cannot_raise(node)


def _tag(node: Any) -> str:
    return f"@{node.lineno}_{node.col_offset}"


def _load(name: str) -> Any:
    return gast.Name(name, gast.Load(), None, None)


def _store(name: str) -> Any:
    return gast.Name(name, gast.Store(), None, None)


def _number(name: str, number: int) -> Any:
    return gast.Assign([_store(name)], gast.Constant(number, None), None)


def _at(where: Any, node: Any) -> Any:
    return gast.copy_location(node, where)


def _placed(node: Any, where: Any) -> Any:
    """Give the new nodes the place of the statement that they come from."""
    if getattr(node, "lineno", None) is None and isinstance(node, gast.stmt | gast.expr | gast.ExceptHandler):
        gast.copy_location(node, where)
    for child in gast.iter_child_nodes(node):
        _placed(child, where)
    return node
