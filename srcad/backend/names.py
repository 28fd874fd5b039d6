"""Out of SSA: which values share a variable, and how variables are called.

Values that meet (in branches, loops, copies) share a variable where they are not alive at once; so do versions of one name
of the user.  `x_2` appears only where two versions of `x` are alive at once; temporaries are named by their role.
"""
from __future__ import annotations

import ast
import keyword
from collections.abc import Collection, Iterator, Sequence

from srcad.backend.flow import Flow
from srcad.backend.nodes import Handler, LocalImport, Parallel, Slot, bare, bodies, heads, parts, slots
from srcad.backend.roles import fit, role
from srcad.backend.writer import Writer
from srcad.ir.nodes import Var
from srcad.ir.types import BOTTOM, UNKNOWN, Array, Type, is_scalar

# Fixed, so that names are equal on all versions of Python.
_AVOID = frozenset((
    "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray", "bytes", "callable", "chr",
    "classmethod", "compile", "complex", "copyright", "credits", "delattr", "dict", "dir", "divmod", "enumerate", "eval",
    "exec", "exit", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr", "hash", "help", "hex", "id",
    "input", "int", "isinstance", "issubclass", "iter", "len", "license", "list", "locals", "map", "max", "memoryview",
    "min", "next", "object", "oct", "open", "ord", "pow", "print", "property", "quit", "range", "repr", "reversed", "round",
    "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "vars", "zip", "math", "np",
))  # fmt: skip


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
    return fit(writer.hints.get(var, var.hint))


def choose(
    params: Sequence[Var], body: list[ast.stmt], flow: Flow, writer: Writer, reserved: Collection[str], *, signature: bool
) -> dict[Var, str]:  # fmt: skip
    """Names of all variables of a function; those of the parameters are fixed where they are part of a signature."""
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
    free = {v for v in params if not signature and classes.hints[classes.find(v)] in reserved}
    return _assign([v for v in params if v not in free], body, order, classes, reserved)


def _assign(
    params: Sequence[Var], body: list[ast.stmt], order: Sequence[Var], classes: Classes, reserved: Collection[str],
) -> dict[Var, str]:  # fmt: skip
    names: dict[Var, str] = {}
    holders: dict[str, list[Var]] = {}
    roles = _Roles(body, classes, names)

    def taken(name: str, rep: Var, *, user: bool) -> bool:
        # A numbered temporary is one value only: it is easier to follow.
        return any(not user or classes.clash(rep, other) for other in holders.get(name, ()))

    for var in order:
        rep = classes.find(var)
        if rep in names:
            continue
        base = classes.hints[rep] or roles.of(var)
        name, n = base, 1
        fixed = var in params and classes.hints[rep] != "" and base not in holders
        user = bool(classes.hints[rep])
        while not fixed and (name in reserved or taken(name, rep, user=user or n == 1)):
            n += 1
            name = f"{base}_{n}"
        names[rep] = name
        holders.setdefault(name, []).append(rep)
    return {v: names[classes.find(v)] for v in order}


class _Roles:
    """Names of temporaries, given those of the variables before them."""

    def __init__(self, body: list[ast.stmt], classes: Classes, names: dict[Var, str]) -> None:
        self.classes = classes
        self.names = names
        self.makers: dict[Var, list[tuple[Var, ast.stmt]]] = {}
        for stmt in textual(body):
            for s in defined(stmt):
                self.makers.setdefault(classes.find(s.var), []).append((s.var, stmt))
        writer = classes.writer
        handed = [(writer.root(v), found) for v, found in writer.handed_records.items() if found]
        self.handed = {classes.find(v): found for v, found in handed if v in classes.parent}
        self.wanted = {writer.root(v): name for v, name in writer.roles.items()}
        self.records = {classes.find(writer.root(v)): items for v, items in writer.records if writer.root(v) in classes.parent}

    def name_of(self, var: Var) -> str:
        """The name of a variable, '' where it has none yet."""
        return self.names.get(self.classes.find(var), "")

    def of(self, var: Var) -> str:
        """The name of a temporary."""
        members = self.makers.get(self.classes.find(var), [(var, None)])
        found = next((self.wanted[v] for v, _ in members if v in self.wanted), "")
        if found:
            return found
        for v, stmt in members:
            found = self._recorded(v, stmt) or role(v, stmt, self.name_of)
            if found not in ("value", "item", ""):
                break
        found = found or "value"
        return f"{found}_value" if found in _AVOID or keyword.iskeyword(found) else found

    def _recorded(self, var: Var, stmt: ast.stmt | None) -> str:
        """What a value was called when it was pushed on the tape that it is read from."""
        if not isinstance(stmt, ast.For):
            return ""
        seqs = stmt.iter.args if isinstance(stmt.iter, ast.Call) and _called(stmt.iter) == "zip" else [stmt.iter]
        targets = stmt.target.elts if len(seqs) > 1 and isinstance(stmt.target, ast.Tuple) else [stmt.target]
        for target, seq in zip(targets, seqs, strict=False):
            tape = seq.args[0] if isinstance(seq, ast.Call) and _called(seq) == "reversed" else seq
            if not isinstance(tape, Slot):
                continue
            items = target.elts if isinstance(target, ast.Tuple) else [target]
            for part, name in zip(items, self._record(self.classes.find(tape.var)), strict=False):
                if isinstance(part, Slot) and part.var == var:
                    return name
        return ""

    def _record(self, tape: Var) -> list[str]:
        """What the values in the records of a tape are called."""
        if tape in self.handed:
            return self.handed[tape]
        roots = [self.classes.writer.root(v) if isinstance(v, Var) else None for v in self.records.get(tape, ())]
        return [self.name_of(r) if r is not None and r in self.classes.parent else "" for r in roots]


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


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
        case ast.For(target=target) | LocalImport(target=target):
            found = slots(target)
        case ast.With(items=items):
            found = [s for i in items if i.optional_vars is not None for s in slots(i.optional_vars)]
        case ast.Try(handlers=handlers):
            found = [h.slot for h in handlers if isinstance(h, Handler) and h.slot is not None]
    bound = [s for h in heads(stmt) for n in parts(h) if isinstance(n, ast.comprehension) for s in slots(n.target)]
    return found + bound
