"""Out of SSA: which values share a variable, and how variables are called.

Values that meet (in branches, loops, copies) share a variable where they are not alive at once; so do versions of one name
of the user.  `x_2` appears only where two versions of `x` are alive at once; temporaries are named by their role.
"""
from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Iterator, Sequence

from srcad.backend.flow import Flow
from srcad.backend.nodes import Handler, Parallel, Slot, bare, bodies, heads, slots
from srcad.backend.roles import role
from srcad.backend.writer import Writer
from srcad.ir.nodes import Var
from srcad.ir.types import BOTTOM, UNKNOWN, Array, Type, is_scalar

# Fixed, so that names are equal on all versions of Python.
_AVOID = frozenset("""
abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex copyright credits delattr
dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance
issubclass iter len license list locals map max memoryview min next object oct open ord pow print property quit range repr reversed
round set setattr slice sorted staticmethod str sum super tuple type vars zip math np
""".split())  # fmt: skip


class Classes:
    """Union-find over variables that share a name."""

    def __init__(self, flow: Flow, writer: Writer) -> None:
        self.flow = flow
        self.writer = writer
        self.parent: dict[Var, Var] = {v: v for v in flow.variables}
        self.members: dict[Var, int] = {v: 1 << flow.index[v] for v in flow.variables}
        self.conflicts: dict[Var, int] = {v: flow.conflicts[flow.index[v]] for v in flow.variables}
        self.hints: dict[Var, str] = {v: hint_of(v, writer) for v in flow.variables}
        self.types: dict[Var, Type] = {v: v.type for v in flow.variables}

    def find(self, var: Var) -> Var:
        """The representative."""
        while self.parent[var] != var:
            self.parent[var] = self.parent[self.parent[var]]
            var = self.parent[var]
        return var

    def clash(self, a: Var, b: Var) -> bool:
        """Whether two classes are alive at once."""
        return bool(self.conflicts[a] & self.members[b])

    def merge(self, a: Var, b: Var) -> bool:
        """Let two variables share a name if nothing is lost."""
        a, b = self.find(a), self.find(b)
        if a == b:
            return True
        hints = {h for h in (self.hints[a], self.hints[b]) if h}
        alone = {a, b} & self.writer.solo
        if len(hints) > 1 or alone or self.clash(a, b) or not (hints or compatible(self.types[a], self.types[b])):
            return False
        self.parent[b] = a
        self.members[a] |= self.members[b]
        self.conflicts[a] |= self.conflicts[b]
        self.hints[a] = self.hints[a] or self.hints[b]
        self.types[a] = self.types[b] if self.types[a] in (UNKNOWN, BOTTOM) else self.types[a]
        return True


def compatible(a: Type, b: Type) -> bool:
    """Whether one variable may hold values of both types one after the other, without surprise."""
    if a == b or {a, b} & {UNKNOWN, BOTTOM} or (is_scalar(a) and is_scalar(b)):
        return True
    return isinstance(a, Array) and isinstance(b, Array) and a.dtype == b.dtype and a.ndim == b.ndim


def hint_of(var: Var, writer: Writer) -> str:
    """The name that a variable should have, '' for a temporary."""
    if var in writer.names:
        return writer.names[var]
    wanted = writer.hints.get(var, var.hint)
    return wanted if wanted.isidentifier() and not keyword.iskeyword(wanted) else ""


def choose(params: Sequence[Var], body: list[ast.stmt], flow: Flow, writer: Writer, reserved: Collection[str]) -> dict[Var, str]:
    """Names of all variables of a function."""
    classes = Classes(flow, writer)
    for target, source in flow.copies:
        classes.merge(target, source)
    order = list(dict.fromkeys([*params, *(s.var for stmt in textual(body) for s in defined(stmt)), *flow.variables]))
    groups: dict[str, list[Var]] = {}
    for var in order:
        rep = classes.find(var)
        hint = classes.hints[rep]
        if hint and not any(classes.merge(other, rep) for other in groups.get(hint, ())):
            groups.setdefault(hint, []).append(rep)
    return _assign(params, body, order, classes, reserved)


def _assign(params: Sequence[Var], body: list[ast.stmt], order: Sequence[Var], classes: Classes, reserved: Collection[str]) -> dict[Var, str]:
    names: dict[Var, str] = {}
    holders: dict[str, list[Var]] = {}
    made = {s.var: stmt for stmt in textual(body) for s in reversed(list(defined(stmt)))}
    first = {}
    for stmt in textual(body):
        for s in defined(stmt):
            first.setdefault(classes.find(s.var), stmt)

    def name_of(var: Var) -> str:
        return names.get(classes.find(var), "")

    for var in order:
        rep = classes.find(var)
        if rep in names:
            continue
        base = classes.hints[rep]
        if not base:
            base = role(var, first.get(rep, made.get(var)), name_of)
            base = f"{base}_value" if base in _AVOID or keyword.iskeyword(base) else base
        name, n = base, 1
        fixed = var in params and classes.hints[rep] != ""
        while not fixed and (name in reserved or any(classes.clash(rep, other) for other in holders.get(name, ()))):
            n += 1
            name = f"{base}_{n}"
        names[rep] = name
        holders.setdefault(name, []).append(rep)
    return {v: names[classes.find(v)] for v in order}


def textual(stmts: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements in order of the text."""
    for s in stmts:
        stmt = bare(s)
        yield stmt
        for inner in bodies(stmt):
            yield from textual(inner)


def defined(stmt: ast.stmt) -> list[Slot]:
    """The variables that a statement assigns, and those that comprehensions in it bind."""
    found: list[Slot] = []
    match stmt:
        case ast.Assign(targets=targets):
            found = [s for t in targets if isinstance(t, Slot | ast.Tuple | ast.Starred) for s in slots(t)]
        case Parallel(targets=targets):
            found = list(targets)
        case ast.For(target=target):
            found = list(slots(target))
        case ast.With(items=items):
            found = [s for i in items if i.optional_vars is not None for s in slots(i.optional_vars)]
        case ast.Try(handlers=handlers):
            found = [h.slot for h in handlers if isinstance(h, Handler) and h.slot is not None]
    bound = [s for h in heads(stmt) for n in ast.walk(h) if isinstance(n, ast.comprehension) for s in slots(n.target)]
    return found + bound
