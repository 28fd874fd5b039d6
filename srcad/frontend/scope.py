"""Which names a function binds and reads, by its syntax."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import gast

FUNCTIONS = (gast.FunctionDef, gast.AsyncFunctionDef, gast.Lambda)
COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)


def children(node: Any) -> Iterator[Any]:
    """Child nodes that run in the scope of the node; of functions and classes only what runs where they are defined."""
    match node:
        case gast.FunctionDef() | gast.AsyncFunctionDef():
            yield from (*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d is not None))
        case gast.Lambda():
            yield from (*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None))
        case gast.ClassDef():
            yield from (*node.decorator_list, *node.bases, *(k.value for k in node.keywords))
        case _:
            yield from gast.iter_child_nodes(node)


def parameters(node: Any) -> tuple[str, ...]:
    """Names of the parameters of a `def` or `lambda`."""
    a = node.args
    every = (*a.posonlyargs, *a.args, a.vararg, *a.kwonlyargs, a.kwarg)
    return tuple(p.id for p in every if p is not None)


def body(node: Any) -> list[Any]:
    """The statements of a `def`; the expression of a `lambda`."""
    return list(node.body) if isinstance(node.body, list) else [node.body]


def assigned(nodes: Iterable[Any]) -> tuple[str, ...]:
    """Names that statements or expressions bind in the scope where they stand, in order of first mention."""
    found: dict[str, None] = {}
    for node in nodes:
        _collect(node, frozenset(), found)
    return tuple(found)


def _collect(node: Any, hidden: frozenset[str], found: dict[str, None]) -> None:
    match node:
        case gast.Name(id=name, ctx=gast.Store() | gast.Del()):
            if name not in hidden:
                found[name] = None
        case gast.FunctionDef(name=name) | gast.AsyncFunctionDef(name=name) | gast.ClassDef(name=name):
            found[name] = None
        case gast.Import() | gast.ImportFrom():
            for alias in node.names:
                found[imported_name(alias)] = None
        case gast.NamedExpr(target=target):
            found[target.id] = None
            _collect(node.value, hidden, found)
            return
        case gast.With() if is_inserted(node):
            if isinstance(place(node), gast.Name):
                found[place(node).id] = None
            return
        case _ if isinstance(node, COMPREHENSIONS):
            hidden |= targets(node)
    for child in children(node):
        _collect(child, hidden, found)


def imported_name(alias: Any) -> str:
    """The name that an `import` binds."""
    return str(alias.asname or alias.name.partition(".")[0])


def targets(node: Any) -> frozenset[str]:
    """Names that the `for` parts of a comprehension bind."""
    names = (n for g in node.generators for n in gast.walk(g.target) if isinstance(n, gast.Name))
    return frozenset(n.id for n in names if isinstance(n.ctx, gast.Store))


def declared(node: Any, kind: Any) -> frozenset[str]:
    """Names declared `global` or `nonlocal` in a function."""
    names: set[str] = set()
    todo = body(node)
    while todo:
        inner = todo.pop()
        if isinstance(inner, kind):
            names.update(inner.names)
        todo.extend(children(inner))
    return frozenset(names)


def reads(nodes: Iterable[Any]) -> tuple[str, ...]:
    """Names read in the scope of the nodes, by functions inside them too, in order; targets of comprehensions left out."""
    found: dict[str, None] = {}
    for node in nodes:
        _read(node, frozenset(), found)
    return tuple(found)


def _read(node: Any, hidden: frozenset[str], found: dict[str, None]) -> None:
    match node:
        case gast.Name(id=name, ctx=gast.Load() | gast.Del()):
            if name not in hidden:
                found[name] = None
            return
        case gast.AugAssign(target=gast.Name(id=name)):
            found[name] = None
        case _ if isinstance(node, FUNCTIONS):
            for name in free(node):
                if name not in hidden:
                    found[name] = None
        case _ if isinstance(node, COMPREHENSIONS):
            _read(node.generators[0].iter, hidden, found)
            inner = hidden | targets(node)
            for n, generator in enumerate(node.generators):
                if n:
                    _read(generator.iter, inner, found)
                for part in (generator.target, *generator.ifs):
                    _read(part, inner, found)
            for part in (node.key, node.value) if isinstance(node, gast.DictComp) else (node.elt,):
                _read(part, inner, found)
            return
        case gast.ClassDef():
            for inner_node in node.body:
                _read(inner_node, hidden, found)
        case gast.With() if is_inserted(node):
            _read(node.items[0].context_expr, hidden, found)
            found.update((n, None) for n in inserted_reads(node) if n not in hidden)
            return
    for child in children(node):
        _read(child, hidden, found)


def free(node: Any) -> tuple[str, ...]:
    """Names that a `def` or `lambda` reads from the scopes around it, in order: captured or global."""
    statements = body(node)
    outer = declared(node, gast.Nonlocal)
    mine = {*parameters(node), *assigned(statements)} - outer
    not_mine = declared(node, gast.Global)
    read = [*reads(statements), *sorted(outer)]
    if "super" in read:
        read.append("__class__")
    return tuple(dict.fromkeys(n for n in read if n not in mine and n not in not_mine))


# ---- blocks for the reverse sweep ------------------------------------------------------------------------------------
_INSERTED = "cotangent_of"


def is_inserted(node: Any) -> bool:
    """Whether a `with` statement holds a block for the reverse sweep: its manager is a call of `cotangent_of`, by that name."""
    call = node.items[0].context_expr
    if not isinstance(call, gast.Call) or len(call.args) != 1 or call.keywords:
        return False
    match call.func:
        case gast.Name(id=name) | gast.Attribute(attr=name):
            return bool(name == _INSERTED)
    return False


def place(node: Any) -> Any:
    """The variable, or part of one, whose cotangent such a block gets."""
    return node.items[0].context_expr.args[0]


def word(node: Any) -> str:
    """A word for a variable, or part of one."""
    match node:
        case gast.Name(id=name) | gast.Attribute(attr=name):
            return str(name)
        case gast.Subscript(value=inner):
            return word(inner)
    return "value"


def bar(node: Any) -> str:
    """The name of the cotangent in such a block."""
    target = node.items[0].optional_vars
    return target.id if isinstance(target, gast.Name) else f"{word(place(node))}_bar"


def inserted_reads(node: Any) -> tuple[str, ...]:
    """Names that such a block reads from outside: those to which no plain statement before gives a value."""
    known = {bar(node)}
    found: dict[str, None] = {}
    for stmt in node.body:
        own = set(assigned([stmt])) if isinstance(stmt, gast.For | gast.With) else set()
        found.update((n, None) for n in reads([stmt]) if n not in known | own)
        found.update((n, None) for n in _reads_of_head(stmt) if n not in known)
        if isinstance(stmt, gast.Assign | gast.AnnAssign | gast.FunctionDef | gast.Import | gast.ImportFrom):
            known.update(assigned([stmt]))
    return tuple(found)


def _reads_of_head(stmt: Any) -> tuple[str, ...]:
    """What a loop or `with` reads before it assigns anything."""
    match stmt:
        case gast.For():
            return reads([stmt.iter])
        case gast.With():
            return reads([i.context_expr for i in stmt.items])
    return ()


def contains(nodes: Iterable[Any], *kinds: type) -> bool:
    """Whether statements contain a node of these types in their own scope."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        if isinstance(node, kinds):
            return True
        todo.extend(children(node))
    return False
