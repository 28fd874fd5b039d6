"""`x = None` once before an `if` chain, where several of its branches would say it.

A function that hands over what its branches computed hands over None for those that were not taken.  Each branch ends with such
assignments at first; in a chain of many branches they would be most of its text, and keep `elif` apart.
"""
from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from srcad.backend.conditions import negated
from srcad.backend.nodes import Noted, bare, bodies, parts
from srcad.backend.values import Undefined

_SEVERAL = 2


def gets_nothing(s: ast.stmt) -> TypeGuard[ast.Assign]:
    """Whether a statement gives names None because there is no value for them: that of a branch that was not taken."""
    return isinstance(s, ast.Assign) and isinstance(s.value, Undefined)


def with_defaults(stmts: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a function or block, with defaults before the chains in them.

    Not inside `try`, where handlers may read what a name was before.
    """
    out: list[ast.stmt] = []
    for s in stmts:
        inner = bare(s)
        if isinstance(inner, ast.If):
            out.extend(_Chain(inner).hoisted())
        if not isinstance(inner, ast.Try):
            for block in bodies(inner):
                block[:] = with_defaults(block)
        out.append(s)
    return out


class _Chain:
    """An `if` with its `elif` and `else`, and those at the ends of its branches."""

    def __init__(self, chain: ast.If) -> None:
        self.chain = chain
        self.known: dict[int, frozenset[str]] = {}
        self.targets: dict[str, ast.expr] = {}  # that get None somewhere

    def hoisted(self) -> list[ast.stmt]:
        """The defaults, which are taken out of the branches."""
        counts: dict[str, int] = {}
        self._count(self.chain, counts)
        several = [n for n, count in counts.items() if count >= _SEVERAL]
        if not several or any(isinstance(n, ast.Break | ast.Continue) for n in parts(self.chain)):
            return []  # what leaves for elsewhere in the function may take a name's value from before there
        names = [n for n in several if self._replaces(self.chain, n)]
        for n in names:
            self._strip(self.chain, n)
        order = {n: i for i, n in enumerate(dict.fromkeys((*_given(self.chain), *names)))}
        targets = [self.targets[n] for n in sorted(names, key=order.__getitem__)]
        return [Noted(ast.Assign(targets=targets, value=Undefined()))] if targets else []

    def _count(self, chain: ast.If, counts: dict[str, int]) -> None:
        """Count the branches in which a name gets None; one in which only that keeps an `elif` from its `if` counts as several."""
        for branch in (chain.body, chain.orelse):
            weight = _SEVERAL if branch is chain.orelse and _only_nothing_behind_if(branch) else 1
            for s in map(bare, branch):
                if isinstance(s, ast.If):
                    self._count(s, counts)
                elif gets_nothing(s):
                    self.targets.update((t.id, t) for t in s.targets if isinstance(t, ast.Name))
                    counts.update({n: counts.get(n, 0) + weight for n in self._names(s)})

    def _replaces(self, chain: ast.If, name: str) -> bool:
        """Whether a chain gives a name a value on all paths, without reading the one from before."""
        return name not in self._names(chain.test) and all(self._assigned_first(b, name) for b in (chain.body, chain.orelse))

    def _assigned_first(self, branch: Sequence[ast.stmt], name: str) -> bool:
        for s in map(bare, branch):
            if name in self._names(s):
                if isinstance(s, ast.If):
                    return self._replaces(s, name)
                plain = isinstance(s, ast.Assign) and all(isinstance(t, ast.Name | ast.Tuple) for t in s.targets)
                return plain and name not in self._names(s.value)  # type: ignore[attr-defined]  # an assignment
            if isinstance(s, ast.Return | ast.Raise):
                return True
        return False

    def _strip(self, chain: ast.If, name: str) -> None:
        """Leave out the assignments of None that come first in their branches."""
        for branch in (chain.body, chain.orelse):
            i, first = next(((i, s) for i, s in enumerate(map(bare, branch)) if name in self._names(s)), (0, None))
            if isinstance(first, ast.If):
                self._strip(first, name)
            elif first is not None and gets_nothing(first):
                first.targets = [t for t in first.targets if isinstance(t, ast.Name) and t.id != name]
                if not first.targets:
                    del branch[i]
        if not chain.body and chain.orelse:
            chain.test, chain.body, chain.orelse = negated(chain.test), chain.orelse, []
        elif not chain.body:
            chain.body.append(ast.Pass())  # the condition may raise

    def _names(self, node: ast.AST) -> frozenset[str]:
        """The names in a statement or expression; those that `_strip` has taken out may be among them."""
        found = self.known.get(id(node))
        if found is None:
            found = self.known[id(node)] = frozenset(n.id for n in parts(node) if isinstance(n, ast.Name))
        return found


def _only_nothing_behind_if(branch: Sequence[ast.stmt]) -> bool:
    return bool(branch) and isinstance(bare(branch[0]), ast.If) and all(gets_nothing(bare(s)) for s in branch[1:])


def _given(stmt: ast.stmt) -> Iterator[str]:
    """The names in a statement, in the order of its text."""
    for block in bodies(stmt):
        for s in map(bare, block):
            yield from _given(s) if bodies(s) else (n.id for n in parts(s) if isinstance(n, ast.Name) and not gets_nothing(s))
