"""`match` statements, written as `if` statements before lowering.

    match p:                                       subject = p
        case Point(x=0.0, y=c) if c > 0.0:         if isinstance(subject, Point) and subject.x == 0.0 and subject.y > 0.0:
            ...                            ==>         c = subject.y
        case [first, *others]:                         ...
            ...                                    elif is_sequence(subject) and len(subject) >= 1:
                                                       first = subject[0]; others = list(subject[1:])
                                                       ...

A guard reads the parts of the subject themselves, since names are bound only where the case is taken.
"""
from __future__ import annotations

import builtins
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from srcad.frontend import scope
from srcad.ir.nodes import Ref

_ITSELF = frozenset({"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"})
_BUILTINS = ("isinstance", "len", "getattr", "hasattr", "list", "str", "bytes", "bytearray")
OWN = {
    **{f"${name}": Ref(f"builtins:{name}", getattr(builtins, name)) for name in _BUILTINS},
    "$Sequence": Ref("collections.abc:Sequence", Sequence), "$Mapping": Ref("collections.abc:Mapping", Mapping),
}  # fmt: skip
"""Names in rewritten source that no name of the user hides, and what they stand for."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What must hold for a pattern to match, and what names it binds then."""

    tests: tuple[Any, ...] = ()
    names: tuple[tuple[str, Any], ...] = ()

    def __add__(self, other: _Found) -> _Found:
        return _Found(self.tests + other.tests, self.names + other.names)


def without_match(function: Any) -> Any:
    """The function, and those inside it, with `if` for `match`; the same object where there is none."""
    if not any(isinstance(n, gast.Match) for n in gast.walk(function)):
        return function
    return gast.fix_missing_locations(_Matching().visit(copy.deepcopy(function)))


class _Matching(gast.NodeTransformer):  # type: ignore[misc]  # gast has no types
    """Replaces `match` statements; those with a guard that cannot be written out stay, and are refused."""

    def visit_Match(self, node: Any) -> Any:  # noqa: N802 -- the name that the visitor looks for
        """A `match` statement."""
        self.generic_visit(node)
        if any(c.guard is not None and _opens_scope(c.guard) for c in node.cases):
            return node
        name = f"$subject@{node.lineno}_{node.col_offset}"
        chain: list[Any] = []
        for case in reversed(node.cases):
            chain = _case(case, gast.Name(name, gast.Load(), None, None), chain)
        takes = gast.Assign([gast.Name(name, gast.Store(), None, None)], node.subject, None)
        made = [takes, *(chain or [gast.Pass()])]
        for stmt in made:
            _placed(stmt, node)
        return made


def _case(case: Any, subject: Any, otherwise: list[Any]) -> list[Any]:
    """The statements of a case, and of those behind it."""
    found = _pattern(case.pattern, subject)
    tests = [*found.tests, *(() if case.guard is None else (_Filled(dict(found.names)).visit(case.guard),))]
    body = [*(_assigned(name, value) for name, value in found.names), *case.body]
    for stmt in body:
        _placed(stmt, case.pattern)
    if not tests:
        return body
    chosen = gast.If(_all(tests), body, otherwise)
    _placed(chosen, case.pattern)
    return [chosen]


class _Filled(gast.NodeTransformer):  # type: ignore[misc]  # gast has no types
    """Puts the parts of a subject in the place of the names that a pattern binds."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def visit_Name(self, node: Any) -> Any:  # noqa: N802 -- the name that the visitor looks for
        """A name that is read."""
        return copy.deepcopy(self.values.get(node.id, node)) if isinstance(node.ctx, gast.Load) else node


def _pattern(pattern: Any, value: Any) -> _Found:
    """What a pattern asks of a value."""
    match pattern:
        case gast.MatchValue(value=wanted):
            return _Found((gast.Compare(value, [gast.Eq()], [wanted]),))
        case gast.MatchSingleton(value=wanted):
            return _Found((gast.Compare(value, [gast.Is()], [gast.Constant(wanted, None)]),))
        case gast.MatchAs(pattern=inner, name=name):
            inside = _Found() if inner is None else _pattern(inner, value)
            return inside if name is None else inside + _Found((), ((name, value),))
        case gast.MatchOr(patterns=patterns):
            return _either([_pattern(p, value) for p in patterns])
        case gast.MatchSequence(patterns=patterns):
            return _sequence(patterns, value)
        case gast.MatchMapping():
            return _mapping(pattern, value)
    return _object(pattern, value)


def _either(found: list[_Found]) -> _Found:
    """One pattern or another."""
    tests = gast.BoolOp(gast.Or(), [_all(f.tests) for f in found])
    names = dict(found[-1].names)
    for f in reversed(found[:-1]):
        names = {n: gast.IfExp(_all(f.tests), v, names[n]) for n, v in f.names}
    return _Found((tests,), tuple(names.items()))


def _sequence(patterns: Sequence[Any], value: Any) -> _Found:
    star = next((n for n, p in enumerate(patterns) if isinstance(p, gast.MatchStar)), None)
    count = len(patterns) - (star is not None)
    texts = gast.Tuple([_own("str"), _own("bytes"), _own("bytearray")], gast.Load())
    found = _Found((
        _call("isinstance", value, _own("Sequence")), gast.UnaryOp(gast.Not(), _call("isinstance", value, texts)),
        gast.Compare(_call("len", value), [gast.Eq() if star is None else gast.GtE()], [gast.Constant(count, None)]),
    ))  # fmt: skip
    for n, p in enumerate(patterns):
        behind = len(patterns) - n
        if n == star:
            end = None if behind == 1 else gast.Constant(1 - behind, None)
            part = _call("list", gast.Subscript(value, gast.Slice(gast.Constant(n, None), end, None), gast.Load()))
            found += _Found((), ((p.name, part),)) if p.name is not None else _Found()
        else:
            found += _pattern(p, _item(value, n if star is None or n < star else -behind))
    return found


def _mapping(pattern: Any, value: Any) -> _Found:
    found = _Found((_call("isinstance", value, _own("Mapping")),))
    for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
        found += _Found((gast.Compare(key, [gast.In()], [value]),))
        found += _pattern(inner, gast.Subscript(value, copy.deepcopy(key), gast.Load()))
    if pattern.rest is None:
        return found
    names = [gast.Name(n, c, None, None) for n in ("$key", "$item") for c in (gast.Store(), gast.Load())]
    others = gast.Compare(names[1], [gast.NotIn()], [gast.Tuple(copy.deepcopy(pattern.keys), gast.Load())])
    pairs = gast.Call(gast.Attribute(value, "items", gast.Load()), [], [])
    part = gast.comprehension(gast.Tuple([names[0], names[2]], gast.Store()), pairs, [others], 0)
    return found + _Found((), ((pattern.rest, gast.DictComp(names[1], names[3], [part])),))


def _object(pattern: Any, value: Any) -> _Found:
    """A class pattern."""
    found = _Found((_call("isinstance", value, pattern.cls),))
    whole = isinstance(pattern.cls, gast.Name) and pattern.cls.id in _ITSELF
    for n, inner in enumerate(pattern.patterns):
        named = _item(gast.Attribute(pattern.cls, "__match_args__", gast.Load()), n)
        found += _pattern(inner, value if whole else _call("getattr", value, named))
    for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
        found += _Found((_call("hasattr", value, gast.Constant(name, None)),))
        found += _pattern(inner, gast.Attribute(value, name, gast.Load()))
    return found


def _opens_scope(guard: Any) -> bool:
    return any(isinstance(n, scope.COMPREHENSIONS + scope.FUNCTIONS) for n in gast.walk(guard))


def _own(name: str) -> Any:
    return gast.Name(f"${name}", gast.Load(), None, None)


def _call(name: str, *args: Any) -> Any:
    return gast.Call(_own(name), list(args), [])


def _item(value: Any, n: int) -> Any:
    return gast.Subscript(value, gast.Constant(n, None), gast.Load())


def _all(tests: Sequence[Any]) -> Any:
    tests = list(tests) or [gast.Constant(value=True, kind=None)]
    return copy.deepcopy(tests[0] if len(tests) == 1 else gast.BoolOp(gast.And(), tests))


def _assigned(name: str, value: Any) -> Any:
    return gast.Assign([gast.Name(name, gast.Store(), None, None)], copy.deepcopy(value), None)


def _placed(node: Any, where: Any) -> None:
    """Give new nodes the place of the pattern that they come from."""
    for inner in gast.walk(node):
        if isinstance(inner, gast.stmt | gast.expr) and getattr(inner, "lineno", None) is None:
            gast.copy_location(inner, where)
