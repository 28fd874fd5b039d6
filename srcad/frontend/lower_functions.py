"""Functions inside functions: what they capture, and whether the captured variables stay what they are.

A captured variable is a cell that both functions see; untyped IR passes its value instead.  That is the same as long as
the variable is not assigned again while the inner function can still be called.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gast

from srcad.frontend import scope
from srcad.frontend.assign import same_displays
from srcad.frontend.cells import Rebound, boxable, is_cell
from srcad.frontend.context import Context
from srcad.frontend.lower_comprehensions import EAGER
from srcad.frontend.fence import DECORATED_RECURSION, REBOUND
from srcad.frontend.yields import is_generator
from srcad.ir.core import CALL, CLOSURE
from srcad.ir.nodes import UNDEF, Arg, Atom, Const, Pack

Position = tuple[int, int]
_LAZY = frozenset({"map", "filter", "starmap", "takewhile", "dropwhile", "accumulate", "groupby", "iter"})
_KEEPERS = frozenset({"append", "add", "insert", "setdefault", "update", "extend", "appendleft", "register", "partial"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A store or read of a name, or a function made: from when on, in which branches and loops."""

    name: str
    at: Position
    branches: tuple[tuple[int, int], ...]  # the `if` or `try` and its branch, from outside in
    loops: tuple[int, ...]
    called: bool = False  # a read that only calls the value or hands it to a call
    into: str = ""  # the name that gets the result of the call that the value is handed to

    def excludes(self, other: Mention) -> bool:
        """Whether a run that comes here cannot come there, loops left aside."""
        mine = dict(self.branches)
        return any(mine.get(node, branch) != branch for node, branch in other.branches)


@dataclass(slots=True)
class Mentions:
    """All stores and reads of a function's own scope."""

    stores: list[Mention]
    reads: list[Mention]
    functions: dict[int, tuple[Mention, Position | None]]  # and classes, by id of the node; the end of the call that it goes straight to

    def keepers(self, made: Mention, name: str, later: Sequence[Mention], seen: frozenset[str] = frozenset()) -> frozenset[str] | None:
        """Names of results that may hold a function of that name, if it and they are only called, each time in the trip that made it
        and before the variables change; None if not.
        """
        if name in seen:
            return seen
        seen |= {name}
        for read in (r for r in self.reads if r.name == name):
            inside = read.branches[: len(made.branches)] == made.branches and read.loops[: len(made.loops)] == made.loops
            if not read.called or not inside or read.at < made.at:
                return None
            inner = set(read.loops[len(made.loops) :])
            if any(made.at <= s.at <= read.at or inner & set(s.loops) for s in later):
                return None
            held = self.keepers(made, read.into, later, seen) if read.into else seen
            seen |= held or frozenset()  # what keeps it although it must not is refused where that is known
        return seen


def lambda_(cx: Context, node: Any, hint: str) -> Atom:
    """A `lambda`."""
    return _closure(cx, node, hint or "<lambda>", _variable_of(cx, node), hint)


def _variable_of(cx: Context, node: Any) -> str:
    """The one variable that a `lambda` is assigned to; '' where it goes to an attribute, an item or several: what these are read as
    cannot be told from the names.
    """
    for statement in (s for top in scope.body(cx.node) for s in gast.walk(top)):
        match statement:
            case gast.Assign(targets=[target], value=value) | gast.AnnAssign(target=target, value=value):
                pairs = zip(target.elts, value.elts, strict=True) if same_displays(target, value) else [(target, value)]
                found = [t.id for t, v in pairs if isinstance(t, gast.Name) and _may_be(v, node)]
                if found:
                    return str(found[0])
    return ""


def _may_be(value: Any, node: Any) -> bool:
    """Whether the value of an expression may be that of a node in it."""
    return value is node or (isinstance(value, gast.IfExp) and (_may_be(value.body, node) or _may_be(value.orelse, node)))


def def_(cx: Context, node: Any) -> None:
    """A `def` inside a function."""
    decorators = [cx.expression(d) for d in node.decorator_list if not _is_cache(cx, d)]
    if decorators and node.name in scope.free(node):
        raise cx.refuse(node, DECORATED_RECURSION, f" ('{node.name}')")
    value = _closure(cx, node, node.name, node.name, "" if decorators else node.name)
    for n, decorator in enumerate(reversed(decorators), 1):
        value = cx.builder.call(CALL, (decorator, value), hint=node.name if n == len(decorators) else "")
    cx.bind(node, node.name, value)


def _is_cache(cx: Context, decorator: Any) -> bool:
    """Whether a decorator is `functools.lru_cache` or `functools.cache`: what it makes of a function computes the same."""
    call = decorator.func if isinstance(decorator, gast.Call) else decorator
    match call:
        case gast.Attribute(value=gast.Name(id="functools"), attr="lru_cache" | "cache"):
            return not cx.is_local("functools")
        case gast.Name(id="lru_cache"):
            return not cx.is_local("lru_cache")
    return False


def _closure(cx: Context, node: Any, name: str, itself: str, hint: str) -> Atom:
    defaults = tuple(cx.expression(d) for d in node.args.defaults)
    pairs = [(p.id, d) for p, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None]
    kwdefaults = tuple((k, cx.expression(d)) for k, d in pairs)
    rebound, keepers = _check_captures(cx, node, itself)
    lowered, captured = cx.stage.function(cx, node, name, itself)
    params: list[tuple[str, Arg]] = [("func", Const(len(cx.nested)))]
    cx.nested.append(lowered)
    if defaults:
        params.append(("defaults", Pack("tuple", defaults)))
    if kwdefaults:
        params.append(("kwdefaults", Pack("dict", tuple(v for _, v in kwdefaults), tuple(Const(k) for k, _ in kwdefaults))))
    if rebound:
        params.append(("rebound", Const(rebound)))
    if rebound and keepers:
        params.append(("keepers", Const(tuple(sorted(keepers)))))
    return cx.builder.call(CLOSURE, captured, params=params, hint=hint)


def captures(cx: Context, node: Any) -> tuple[str, ...]:
    """Names that an inner function takes from this one, sorted."""
    return tuple(sorted(n for n in scope.free(node) if cx.is_local(n)))


def captured_atoms(cx: Context, node: Any, names: tuple[str, ...], itself: str) -> list[Atom]:
    """What the names that an inner function captures stand for here; UNDEF for the function itself."""
    return [UNDEF if name == itself else cx.captured(node, name) for name in names]


# ---- variables that are assigned again -------------------------------------------------------------------------------
def _check_captures(cx: Context, node: Any, itself: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The captured names that are assigned again while the function lives no longer, and results of calls that may hold it; refused
    where it may live on.
    """
    names = [n for n in captures(cx, node) if n not in cx.free and not is_cell(n)]
    mentions = _mentions(cx)
    made, handed = mentions.functions[id(node)]
    rebound: list[str] = []
    every: list[frozenset[str]] = []
    for name in names:
        later = [s for s in mentions.stores if s.name == name and _may_follow(s, made)]
        if name == itself:
            later = [s for s in later if s.at != made.at]
        looping = any(name in loop for loop in cx.loops) and name != itself
        if not later and not looping:
            continue
        lazy = is_generator(node)  # its body runs later than the call that makes the generator
        briefly = not lazy and handed is not None and not any(made.at <= s.at <= handed for s in later)
        held = mentions.keepers(made, itself or made.into, later) if itself or made.into else None
        every.append(held or frozenset())
        if not briefly and (lazy or held is None or not itself):
            if name in boxable(cx.node):
                raise Rebound(name)
            raise cx.refuse(node, REBOUND, f" ('{name}')")
        rebound.append(name)
    return tuple(rebound), frozenset.intersection(*every) if every else frozenset()


def assigned_behind(cx: Context, node: Any, name: str) -> bool:
    """Whether a variable may be assigned after the statement that defines a function or class has run."""
    mentions = _mentions(cx)
    made, _ = mentions.functions[id(node)]
    return any(s.name == name and s.at != made.at and _may_follow(s, made) for s in mentions.stores)


def _may_follow(store: Mention, made: Mention) -> bool:
    together = set(store.loops) & set(made.loops)
    return bool(together) or (store.at >= made.at and not made.excludes(store))


def _mentions(cx: Context) -> Mentions:
    found = Mentions([], [], {})
    for statement in scope.body(cx.node):
        _scan(found, statement, (), ())
    return found


def _end(node: Any) -> Position:
    return (node.end_lineno, node.end_col_offset)


def _scan(found: Mentions, node: Any, branches: tuple[tuple[int, int], ...], loops: tuple[int, ...], at: Position | None = None) -> None:
    """Collect the mentions in a node; `at` is when the targets below are assigned."""
    match node:
        case gast.Name(id=name, ctx=gast.Load()):
            found.reads.append(Mention(name, _end(node), branches, loops))
        case gast.Name(id=name):
            found.stores.append(Mention(name, at or _end(node), branches, loops))
        case gast.Assign(targets=[gast.Name(id=name) as target], value=gast.Call() as call):
            _scan_call(found, call, branches, loops, into=name)
            _scan(found, target, branches, loops, _end(node))
        case gast.Assign() | gast.AugAssign() | gast.AnnAssign() | gast.NamedExpr() | gast.Delete():
            if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
                found.reads.append(Mention(node.target.id, _end(node.target), branches, loops))
            _scan_all(found, node, branches, loops, _end(node))
        case gast.Import() | gast.ImportFrom():
            found.stores.extend(Mention(scope.imported_name(a), _end(node), branches, loops) for a in node.names)
        case gast.FunctionDef(name=name) | gast.AsyncFunctionDef(name=name):
            found.stores.append(Mention(name, _end(node), branches, loops))
            _scan_function(found, node, branches, loops, handed=None)
        case gast.Lambda():
            _scan_function(found, node, branches, loops, handed=None)
        case gast.ClassDef(name=name):
            found.stores.append(Mention(name, _end(node), branches, loops))
            _scan_function(found, node, branches, loops, handed=None)
        case gast.Call():
            _scan_call(found, node, branches, loops)
        case gast.For() | gast.AsyncFor():
            _scan(found, node.iter, branches, loops)
            _scan(found, node.target, branches, (*loops, id(node)), _end(node.iter))
            for inner in node.body:
                _scan(found, inner, branches, (*loops, id(node)))
            for inner in node.orelse:
                _scan(found, inner, branches, loops)
        case gast.While():
            for inner in (node.test, *node.body):
                _scan(found, inner, branches, (*loops, id(node)))
            for inner in node.orelse:
                _scan(found, inner, branches, loops)
        case gast.If() | gast.Try():
            _scan_branches(found, node, branches, loops)
        case _ if isinstance(node, scope.COMPREHENSIONS):
            _scan(found, node.generators[0].iter, branches, loops)
            _scan_comprehension(found, node, branches, (*loops, id(node)))
        case gast.With() if scope.is_inserted(node):
            _scan(found, node.items[0].context_expr, branches, loops)
            found.reads.extend(Mention(name, _end(node), branches, loops) for name in scope.inserted_reads(node))
            if isinstance(scope.place(node), gast.Name):
                found.stores.append(Mention(scope.place(node).id, _end(node), branches, loops))
        case gast.withitem():
            _scan(found, node.context_expr, branches, loops)
            if node.optional_vars is not None:
                _scan(found, node.optional_vars, branches, loops, _end(node.context_expr))
        case _:
            _scan_all(found, node, branches, loops, at)


def _scan_all(found: Mentions, node: Any, branches: tuple[tuple[int, int], ...], loops: tuple[int, ...], at: Position | None) -> None:
    for child in gast.iter_child_nodes(node):
        _scan(found, child, branches, loops, at)


def _scan_branches(found: Mentions, node: Any, branches: tuple[tuple[int, int], ...], loops: tuple[int, ...]) -> None:
    if isinstance(node, gast.If):
        _scan(found, node.test, branches, loops)
        parts = [node.body, node.orelse]
    else:
        # A `try` body and its handlers may both run.
        for inner in (*node.body, *node.handlers, *node.orelse, *node.finalbody):
            _scan(found, inner, (*branches, (id(node), 0)), loops)
        parts = []
    for n, part in enumerate(parts):
        for inner in part:
            _scan(found, inner, (*branches, (id(node), n)), loops)


def _scan_comprehension(found: Mentions, node: Any, branches: tuple[tuple[int, int], ...], loops: tuple[int, ...]) -> None:
    """The targets are names of the comprehension's own: `Context.loops` knows them."""
    for n, part in enumerate(node.generators):
        for inner in (*part.ifs, *([part.iter] if n else [])):
            _scan(found, inner, branches, loops)
    for inner in (node.key, node.value) if isinstance(node, gast.DictComp) else (node.elt,):
        _scan(found, inner, branches, loops)


def _scan_call(
    found: Mentions, node: Any, branches: tuple[tuple[int, int], ...], loops: tuple[int, ...], *, taken: Position | None = None,
    into: str = "",
) -> None:  # fmt: skip
    """A call; `taken`: the end of the call that takes all that it gives, should it be lazy; `into`: the name of its result."""
    callee = node.func.attr if isinstance(node.func, gast.Attribute) else node.func.id if isinstance(node.func, gast.Name) else ""
    keeps = callee in _KEEPERS or (callee in _LAZY and taken is None)
    values = [node.func, *node.args, *(k.value for k in node.keywords)]
    for value in values:
        safe = value is node.func or not keeps
        if isinstance(value, gast.Name):
            found.reads.append(Mention(value.id, _end(value), branches, loops, safe, "" if value is node.func else into))
        elif isinstance(value, gast.Lambda):
            _scan_function(found, value, branches, loops, handed=(taken or _end(node)) if safe else None, into=into)
        elif isinstance(value, gast.Call):
            _scan_call(found, value, branches, loops, taken=_end(node) if callee in EAGER or value is node.func else None)
        else:
            _scan(found, value, branches, loops)


def _scan_function(
    found: Mentions, node: Any, branches: tuple[tuple[int, int], ...], loops: tuple[int, ...], handed: Position | None, into: str = "",
) -> None:  # fmt: skip
    for child in scope.children(node):
        _scan(found, child, branches, loops)
    made = Mention("", _end(node), branches, loops, into=into)
    found.functions[id(node)] = (made, handed)
    itself = set() if isinstance(node, gast.Lambda) else {node.name}
    taken = scope.reads(node.body) if isinstance(node, gast.ClassDef) else scope.free(node)
    found.reads.extend(Mention(name, made.at, branches, loops) for name in taken if name not in itself)
