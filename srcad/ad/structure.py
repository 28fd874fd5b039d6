"""Reverse code of operations on containers: they move values about, and their adjoints move them back."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srcad.errors import UnsupportedSyntax
from srcad.ir.build import Builder
from srcad.ir.core import (
    CALL, GETATTR, GETITEM, LENGTH, LIST_APPEND, LIST_APPEND_IN, LIST_FOLD, LIST_INSERT, LIST_POP, LIST_POP_AT, LIST_POP_IN, LIST_SET,
    LIST_SWAP, PACK,
)  # fmt: skip
from srcad.ir.nodes import Arg, Atom, Call, Const, Op, Pack, Ref, Var
from srcad.ir.types import CONTAINERS, INT, UNKNOWN, Array, ListOf, Residual, Struct, TupleOf, Type, is_dict, may_carry_derivative
from srcad.ops.entry import quiet
from srcad.ops.trace import Traced, lift, lower, o

if TYPE_CHECKING:
    from srcad.ad.adjoints import Adjoints

_READ = quiet(GETITEM)


def reverse_structural(stmt: Call, adjoints: Adjoints) -> bool:
    """Reverse an operation on containers; False if the statement is none."""
    assert isinstance(stmt.op, Op)
    match stmt.op.name:
        case "pack":
            _contribute_tree(adjoints, stmt.args[0], stmt.outs[0], ())
        case "build":
            for n, (_, value) in enumerate(stmt.params):
                _contribute_tree(adjoints, value, stmt.outs[0], (n,))
        case "unpack":
            _reverse_unpack(stmt, adjoints)
        case "getitem":
            return _reverse_getitem(stmt, adjoints)
        case "getattr":
            _reverse_getattr(stmt, adjoints)
        case "item_in":
            return _reverse_item_in(stmt, adjoints)
        case "list_append" | "tape_push" | "list_append_in" | "list_insert":
            _reverse_append(stmt, adjoints)
        case "list_pop" | "list_pop_in" | "list_pop_at":
            _reverse_pop(stmt, adjoints)
        case "list_set":
            _reverse_set(stmt, adjoints)
        case "list_swap":
            _reverse_swap(stmt, adjoints)
        case "list_concat":
            _reverse_concat(stmt, adjoints)
        case "list_repeat":
            _reverse_repeat(stmt, adjoints)
        case "call":
            return _reverse_copy(stmt, adjoints)
        case _:
            return False
    return True


def cotangent(adjoints: Adjoints, var: Var, path: tuple[int, ...] = ()) -> Any:
    """The adjoint of a value as a tree: traced leaves, None where it is zero."""
    t = var.type
    for n in path:
        assert isinstance(t, Struct)
        t = t.items[n]
    if isinstance(t, Struct):
        found = [cotangent(adjoints, var, (*path, n)) for n in range(len(t.items))]
        return None if all(f is None for f in found) else tuple(found)
    return adjoints.get((var, path))


def _contribute_tree(adjoints: Adjoints, arg: Arg, out: Var, path: tuple[int, ...]) -> None:
    """Give the adjoint of `out` at `path` to the leaves of the tree that it was packed from."""
    t = out.type
    for n in path:
        assert isinstance(t, Struct)
        t = t.items[n]
    if isinstance(arg, Pack) and isinstance(t, Struct):
        for n, item in enumerate(arg.items):
            _contribute_tree(adjoints, item, out, (*path, n))
    elif isinstance(arg, Pack):
        g = adjoints.get((out, path))
        if g is not None:
            _contribute_items(adjoints, arg, g)
    elif isinstance(arg, Var):
        adjoints.contribute(arg, cotangent(adjoints, out, path))


def _contribute_items(adjoints: Adjoints, pack: Pack, g: Traced) -> None:
    """Give the items of a list of cotangents to the items of a display."""
    for n, item in enumerate(pack.items):
        if isinstance(item, Var) and isinstance(g.type, Residual):
            if may_carry_derivative(item.type):
                adjoints.contribute(item, Traced(g.builder.call(_READ, (g.atom, Const(n)), item.type), item.type, g.builder))
        elif isinstance(item, Var):
            adjoints.contribute(item, item_of(g, n))
        elif isinstance(item, Pack) and any(isinstance(i, Var) for i in item.items):
            _contribute_items(adjoints, item, item_of(g, n))


def value_at(builder: Builder, var: Atom, t: Type, path: tuple[int, ...]) -> Traced:
    """The leaf of a run-time value at a path, read by generated code."""
    atom = var
    for n in path:
        assert isinstance(t, Struct)
        item = t.items[n]
        if t.cls in CONTAINERS or issubclass(t.cls, tuple):
            atom = builder.call(_READ, (atom, Const(t.keys[n] if is_dict(t.cls) else n)), item)
        else:
            atom = builder.call(GETATTR, (atom, Const(t.keys[n])), item)
        t = item
    return Traced(atom, t, builder)


def item_of(g: Traced, index: Any) -> Traced:
    """An item of a run-time list or record of cotangents."""
    if isinstance(g.type, Struct):
        return value_at(g.builder, g.atom, g.type, (index,))
    item = g.type.item if isinstance(g.type, ListOf | TupleOf) else g.type
    out = g.builder.call(_READ, (g.atom, lower(index)), item)
    return Traced(out, item, g.builder)


def _reverse_unpack(stmt: Call, adjoints: Adjoints) -> None:
    source = stmt.args[0]
    if not isinstance(source, Var):
        return
    if isinstance(source.type, Struct):
        for n, out in enumerate(stmt.outs):
            adjoints.contribute(source, cotangent(adjoints, out), (n,))
        return
    if isinstance(source.type, Residual):
        items = tuple(adjoints.whole(out, cotangent(adjoints, out)).atom for out in stmt.outs)
        whole = adjoints.builder.call(PACK, (Pack("tuple", items),), source.type)
        adjoints.contribute(source, Traced(whole, source.type, adjoints.builder))
        return
    star = next((v.value for k, v in stmt.params if k == "star" and isinstance(v, Const)), None)
    for n, out in enumerate(stmt.outs):
        index: Any = n
        if isinstance(star, int) and n >= star:
            behind = n - len(stmt.outs)
            index = slice(n, behind + 1 or None, None) if n == star else behind
        g = record(adjoints, out)
        if n == star and g is not None and isinstance(source.type, Array):
            g = o.array(g)
        adjoints.contribute_at(source, index, g)


def record(adjoints: Adjoints, item: Var) -> Any:
    """The adjoint of an item of a list as that is added to the list's: one of known structure as a container or object."""
    tree = cotangent(adjoints, item)
    return adjoints.whole(item, tree, zeros=False) if isinstance(item.type, Struct) and tree is not None else tree


def _item_record(adjoints: Adjoints, item: Var, t: Struct, n: int) -> Any:
    """The adjoint of an item as that is added to item `n` of a record of type `t`, which may know less of it than the reader."""
    return cotangent(adjoints, item) if isinstance(t.items[n], Struct) else record(adjoints, item)


def _reverse_getitem(stmt: Call, adjoints: Adjoints) -> bool:
    base, index = stmt.args
    if not isinstance(base, Var) or isinstance(base.type, Array):
        return False
    t = base.type
    if isinstance(t, Struct) and isinstance(index, Const):
        if is_dict(t.cls) and index.value not in t.keys:
            return True  # it has raised KeyError
        n = t.keys.index(index.value) if is_dict(t.cls) else int(index.value) % len(t.items)  # type: ignore[call-overload]
        adjoints.contribute(base, _item_record(adjoints, stmt.outs[0], t, n), (n,))
        return True
    if isinstance(t, ListOf | TupleOf):
        adjoints.contribute_at(base, lift(adjoints.builder, index), record(adjoints, stmt.outs[0]))
        return True
    if isinstance(t, Struct) and adjoints.has(stmt.outs[0]):
        for item in t.items:
            require_alike(item, stmt.outs[0].type)
    return False


def _reverse_getattr(stmt: Call, adjoints: Adjoints) -> None:
    base, name = stmt.args
    if isinstance(base, Var) and isinstance(base.type, Struct) and isinstance(name, Const):
        n = base.type.keys.index(name.value)
        adjoints.contribute(base, _item_record(adjoints, stmt.outs[0], base.type, n), (n,))


def _reverse_item_in(stmt: Call, adjoints: Adjoints) -> bool:
    """`rows[i][j]`: added to where it was read; False for a list whose cotangent may be None."""
    base, *places = stmt.args
    g = adjoints.get((stmt.outs[0], ()))
    if not isinstance(base, Var) or base in adjoints.unbound:
        return False
    if g is not None:
        adjoints.contribute_in(base, tuple(lift(adjoints.builder, p) for p in places), g)
    return True


def _reverse_append(stmt: Call, adjoints: Adjoints) -> None:
    """`l.append(x)`: the cotangent of x is the last item of the list's, which loses it; so in a list at a place, or within a list."""
    (out,) = stmt.outs
    held, *place, item = stmt.args
    g = adjoints.buffer((out, ()))
    assert isinstance(out.type, ListOf)
    inner = out.type.item if stmt.op == LIST_APPEND_IN else out.type
    assert isinstance(inner, ListOf)
    rest = adjoints.builder.names.var("", g.type)
    last = adjoints.builder.names.var("", inner.item)
    op = {LIST_APPEND_IN.name: LIST_POP_IN, LIST_INSERT.name: LIST_POP_AT}.get(stmt.op.name, LIST_POP)
    adjoints.builder.add(Call((rest, last), op, (g.atom, *place), (), adjoints.builder.loc, adjoints.builder.note))
    adjoints.owned.discard(g.atom)
    adjoints.owned.add(rest)
    if isinstance(item, Var):
        adjoints.contribute_or_none(item, Traced(last, last.type, adjoints.builder))
    if isinstance(held, Var):
        adjoints.contribute(held, Traced(rest, rest.type, adjoints.builder))


def _reverse_pop(stmt: Call, adjoints: Adjoints) -> None:
    """`x = l.pop()`: the cotangent of x goes to where x was in that of the shorter list, which becomes the longer one's."""
    rest, last = stmt.outs
    held, *place = stmt.args
    if not isinstance(held, Var) or held not in adjoints.active:
        return
    g = adjoints.buffer((rest, ()))
    item = adjoints.whole(last, cotangent(adjoints, last))
    adjoints.owned.discard(g.atom)
    op = {LIST_POP_IN.name: LIST_APPEND_IN, LIST_POP_AT.name: LIST_INSERT}.get(stmt.op.name, LIST_APPEND)
    whole = adjoints.builder.call(op, (g.atom, *place, item.atom), g.type)
    adjoints.owned.add(whole)
    adjoints.contribute(held, Traced(whole, g.type, adjoints.builder))


def _reverse_set(stmt: Call, adjoints: Adjoints) -> None:
    """`l[i] = x`: the cotangent of x is that item, which the list loses: zero, in the shape of the old item where that is at hand."""
    (out,) = stmt.outs
    held, index, item, *old = stmt.args
    g = adjoints.buffer((out, ()))
    part = item_of(g, lift(adjoints.builder, index))
    adjoints.owned.discard(g.atom)
    zero = lower(o.zeros_like(lift(adjoints.builder, old[0]) if old else part))
    rest = Traced(adjoints.builder.call(LIST_SET, (g.atom, index, zero), g.type), g.type, adjoints.builder)
    adjoints.owned.add(rest.atom)
    if isinstance(item, Var):
        adjoints.contribute(item, part)
    if isinstance(held, Var):
        adjoints.contribute(held, rest)


def _reverse_swap(stmt: Call, adjoints: Adjoints) -> None:
    """`l[i], l[j] = l[j], l[i]`: the cotangents change places too."""
    held, *places = stmt.args
    if isinstance(held, Var):
        g = adjoints.buffer((stmt.outs[0], ()))
        adjoints.owned.discard(g.atom)
        rest = Traced(adjoints.builder.call(LIST_SWAP, (g.atom, *places), g.type), g.type, adjoints.builder)
        adjoints.owned.add(rest.atom)
        adjoints.contribute(held, rest)


def _reverse_concat(stmt: Call, adjoints: Adjoints) -> None:
    """`a + b` of lists: each part takes its stretch of the cotangent."""
    g = adjoints.get((stmt.outs[0], ()))
    a, b = stmt.args
    if g is None:
        return
    size = Traced(adjoints.builder.call(LENGTH, (a,), INT), INT, adjoints.builder)
    for arg, stretch in ((a, slice(None, size, None)), (b, slice(size, None, None))):
        if isinstance(arg, Var) and arg in adjoints.active:
            adjoints.contribute(arg, stretch_of(g, stretch))


def stretch_of(g: Traced, stretch: slice) -> Traced:
    """A slice of a run-time list of cotangents, a new list."""
    return Traced(g.builder.call(_READ, (g.atom, lower(stretch)), g.type), g.type, g.builder)


def _reverse_repeat(stmt: Call, adjoints: Adjoints) -> None:
    """`a * n` of a list: the repeats add up."""
    g = adjoints.get((stmt.outs[0], ()))
    a = stmt.args[0]
    if g is not None and isinstance(a, Var):
        t = ListOf(a.type.item) if isinstance(a.type, ListOf | TupleOf) else g.type
        adjoints.contribute(a, Traced(adjoints.builder.call(LIST_FOLD, (g.atom, a), t), t, adjoints.builder))


def listed(value: Traced, t: Type) -> Traced:
    """What belongs to a tuple of run-time length, as the list in which its cotangents are collected; other values as they are."""
    if not isinstance(t, TupleOf) or isinstance(value.type, ListOf):
        return value
    held = ListOf(t.item)
    return Traced(value.builder.call(CALL, (Ref("builtins:list", list), value.atom), held), held, value.builder)


def _reverse_copy(stmt: Call, adjoints: Adjoints) -> bool:
    """`list(x)` and `tuple(x)`."""
    function = stmt.args[0]
    if not isinstance(function, Ref) or function.path not in ("builtins:list", "builtins:tuple") or len(stmt.args) != 2:
        return False
    source = stmt.args[1]
    if isinstance(source, Var):
        g = adjoints.get((stmt.outs[0], ()))
        if g is not None and isinstance(source.type, ListOf):
            g = listed(g, stmt.outs[0].type)
        adjoints.contribute(source, o.stack(g) if isinstance(source.type, Array) and g is not None else g)
    return True


def require_alike(part: Type, whole: Type) -> None:
    """Refuse a value of no known type that stands for containers of one structure or another: cotangents of it cannot be collected."""
    if whole != UNKNOWN or not isinstance(part, Struct) or not may_carry_derivative(part):
        return
    what = "a name or item stands for differentiated containers of different structure, depending on the path, trip or key"
    raise UnsupportedSyntax(what, "give them one structure, or take the numbers out on each path", code="SRC120")
