"""Writes on abstract values: stores into arrays, changes of containers and objects, and reading what was written."""
from __future__ import annotations

import operator
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from srcad.errors import SrcadError
from srcad.ir.core import GETATTR, GETITEM, RAISE, STORE, STORE_IN
from srcad.ir.nodes import Block, Call, If, Op, Var, View
from srcad.ir.types import Array, ListOf, NpScalar, Scalar, Struct, TupleOf, dtype_kind, is_dict, may_carry_derivative
from srcad.ops import table
from srcad.ops.effects import view_class
from srcad.ops.storage import STORE_IMAG, STORE_REAL
from srcad.specialise import (
    attributes, choices, chosen, containers, flat, holding, items, namespaces, operations, optional, recursion, views,
)  # fmt: skip
from srcad.specialise.diverge import Diverged, Escapes, Opened
from srcad.specialise.frames import Note
from srcad.specialise.memory import Identity, Viewing, can_change, cells, is_item, same_version
from srcad.specialise.templates import children, materialise, with_children
from srcad.specialise.values import Cell, Dyn, Lazy, Maybe, Poison, Seq, SliceVal, Static, Value, hint_of, is_varied, view_of

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_SAME = ("np.asarray", "np.asanyarray")
_TRUE = Static(True)


# ---- reading ---------------------------------------------------------------------------------------------------------
def current(engine: Engine, value: Value) -> Value:
    """The value as it is now; what may have changed behind our back is a `Poison`."""
    if not engine.memory.now and not engine.memory.stale and not isinstance(value, Maybe):
        return value
    return _current(engine, value)


def _current(engine: Engine, value: Value) -> Value:
    memory = engine.memory
    ident = memory.identity(value)
    if ident is not None:
        if ident in memory.stale:
            return spoiled(memory.stale[ident])
        if ident in memory.chosen:
            return chosen.current(engine, ident, memory.chosen[ident])
        value = _viewed(engine, ident, memory.views[ident]) if ident in memory.views else memory.now.get(ident, value)
    if isinstance(value, Seq) and value.viewed is not None:
        whole = _current(engine, value.viewed)
        return _shown(whole, value.part) if whole is not value.viewed else value
    if isinstance(value, Maybe):
        value = optional.resolved(engine, value)
        if not isinstance(value, Maybe):
            return _current(engine, value)
    kids = children(value)
    if kids:
        new = tuple(_current(engine, k) for k in kids)
        if any(a is not b for a, b in zip(kids, new, strict=True)):
            value = with_children(value, new)
    return value


def _shown(whole: Value, part: str) -> Value:
    """The items, keys or values of a dict that has changed since they were asked for."""
    if isinstance(whole, Seq) and is_dict(whole.cls):
        return view_of(whole, part)
    return whole if isinstance(whole, Poison) else spoiled(f"the {part} of a dict are read that has got computed keys since then")


def spoiled(reason: str) -> Poison:
    """What may have changed behind our back."""
    return Poison(reason, "SRC119", "read it before, or write to a copy: `x = x.copy()`")


def _viewed(engine: Engine, ident: Identity, view: Viewing) -> Value:
    """A view, read again if its base was written."""
    memory = engine.memory
    base = _current(engine, view.base)
    if isinstance(base, Poison):
        return base
    if same_version(base, view.base):
        return view.value
    known = memory.derived.get(ident)
    if known is not None and same_version(known[0], base):
        return known[1]
    if view.op == GETITEM:
        if not view.sure:
            raise unsure_item(engine)
        found = items.get(engine, base, view.args[0])
    elif view.op == GETATTR:
        found = attributes.get(engine, base, str(view.args[0].value))  # type: ignore[union-attr]
    else:
        found = operations.apply(engine, view.op, [base, *view.args], list(view.kwargs))
    if not isinstance(found, Dyn):
        return found
    if not view.sure:
        views.require(engine, view, base)
    memory.adopt(found, ident)
    memory.derived[ident] = (base, found)
    return found


def unsure_item(engine: Engine) -> SrcadError:
    """An error for what was taken from an array by a subscript of unknown type, and is needed after a write to the array."""
    return engine.unchangeable("SRC146", "an array is written, and whether what was taken from it before is a view depends on a subscript "
                               "of unknown type", "copy what you take, or make the subscript a number: `x[int(k)]`")  # fmt: skip


def note_view(engine: Engine, out: Dyn, op: Op, args: list[Value], kwargs: list[tuple[str, Value]]) -> Value:
    """Remember that the result of an operation shares storage with its first operand, if it does."""
    if op.name == "np.einsum" and len(args) == 2:
        return _diagonal(engine, out, args[0], args[1])
    if not can_change(out.type) or not isinstance(out.atom, Var) or not args or not isinstance(args[0], Dyn):
        return out
    base = args[0]
    cut = views.pieces(engine, out, base, op, args[1:], kwargs)
    if cut is not out:
        return cut
    if not isinstance(base.type, Array) and not may_hold(base):
        return out
    if not isinstance(base.type, Array) and isinstance(out.type, ListOf | TupleOf) and may_hold(out):  # sorted, or those of all
        return holding.copied(engine, out, [base])
    if op.name in ("np.array", "ndarray.astype") and dict(kwargs).get("copy", _TRUE) != _TRUE:
        return _uncopied(engine, out, base, kwargs)
    stmt = engine.builder.stmts[-1]
    kind = view_class(op.name, stmt.args, stmt.params) if isinstance(stmt, Call) else View.MAYBE
    if kind is View.FRESH or not isinstance(base.type, Array):
        return out
    real = op.name in views.REAL and dtype_kind(base.type) != "c"
    if kind is View.SAME or real or (op.name in _SAME and not kwargs and len(args) == 1):
        del engine.builder.stmts[-1]
        return base
    engine.memory.views[out.atom] = Viewing(out, base, op, tuple(args[1:]), tuple(kwargs), sure=kind is View.VIEW)
    return out


def _diagonal(engine: Engine, out: Dyn, subscripts: Value, operand: Value) -> Value:
    """`np.einsum` of one operand that sums nothing is a view: where it or the operand is written, the other is not read any more."""
    if not can_change(out.type):
        return out
    if isinstance(subscripts, Static) and isinstance(subscripts.value, str):
        given, _, kept = subscripts.value.replace(" ", "").partition("->")
        if "." not in given and set(given) - set(kept):
            return out
    found = operations.apply(engine, table.by_object(np.copy).op, [out], [])  # type: ignore[union-attr]
    own, source = engine.memory.identity(found), engine.memory.root(operand)
    if own is not None and source is not None:
        engine.memory.relate(own, [source])
    return found


def _uncopied(engine: Engine, out: Dyn, base: Dyn, kwargs: list[tuple[str, Value]]) -> Value:
    """`copy=False`: the array itself, where it has the dtype."""
    assert isinstance(base.type, Array)
    if any(k not in ("copy", "dtype") for k, _ in kwargs) or not isinstance(out.type, Array):
        raise engine.refuse("UnsupportedSyntax", "SRC143", "whether this makes a copy depends on the memory layout", "leave `copy` away")
    if out.type.dtype != base.type.dtype or out.type.ndim != base.type.ndim:
        return out
    del engine.builder.stmts[-1]
    return base


def may_hold(value: Dyn) -> bool:
    """Whether a run-time container may hold something that can change."""
    match value.type:
        case ListOf(item) | TupleOf(item):
            return can_change(item)
        case Struct(_, _, types):
            return any(map(can_change, types))
    return False


def is_array(value: Value) -> bool:
    """Whether a value is an array for sure."""
    return isinstance(value, Dyn) and isinstance(value.type, Array)


def note_part(engine: Engine, out: Dyn, base: Dyn, op: Op, key: Value) -> None:
    """Remember that a value was read from a run-time container or object."""
    if can_change(out.type) and isinstance(out.atom, Var):
        engine.memory.views[out.atom] = Viewing(out, base, op, (key,))


# ---- writing ---------------------------------------------------------------------------------------------------------
def write(engine: Engine, target: Value, new: Value) -> None:
    """From here on `target` is `new`, for everyone who shares its storage."""
    memory = engine.memory
    ident = memory.identity(target)
    if ident is None:
        raise engine.refuse("UnsupportedSyntax", "SRC141", "this write changes an object that cannot be followed",
                            "build a new array or container instead")  # fmt: skip
    view = memory.views.get(ident)
    if view is not None:
        around, memory.apart = memory.apart, memory.apart or memory.without(ident)
        try:
            _write_through(engine, ident, view, new)
        finally:
            memory.apart = around
        return
    if ident in memory.chosen:
        chosen.write(engine, memory.chosen[ident], new)
        return
    _own(engine, ident)
    if isinstance(ident, Cell) and any(c is ident for kid in children(new) for c in cells(kid)):
        raise engine.refuse("UnsupportedSyntax", "SRC120", "this puts a list, dict or object into itself, or a function that captures it",
                            "pass what the function needs as an argument, or write it as a method")  # fmt: skip
    if ident in engine.unit.lent:
        recursion.check_shape(engine, ident, new)
    if ident not in memory.first:
        memory.first[ident] = memory.original(target)
    for child in children(new) if isinstance(new, Seq) else ():
        own = memory.identity(child)
        if own in memory.views and memory.identity(memory.views[own].base) == ident:
            del memory.views[own]  # no part of the version before any more, but of this one
    memory.now[ident] = memory.adopt(new, ident)
    memory.spoil(ident, _spoiled(engine))
    for notes in engine.attempts[-1:]:
        notes.append(Note(ident, engine.builder, len(engine.builder.stmts)))


def lose(engine: Engine, target: Value) -> None:
    """Some may see a change of `target`, and some not: what may share its storage, and itself, can no longer be read."""
    reason = _spoiled(engine)
    for root in engine.memory.roots(target):
        engine.memory.stale[root] = reason
        engine.memory.spoil(root, reason)


def _spoiled(engine: Engine) -> str:
    frame = next((f for f in reversed(engine.frames) if f.shown), engine.frames[-1])  # a line of the user's, if there is one
    line = frame.lowered.source.first_line + frame.loc.line - 1
    return f"an array or container is read that may share storage with what line {line} changes"


def raise_error(engine: Engine, error: Exception) -> NoReturn:
    """An exception of Python's own, raised where the program is."""
    cls = type(error)
    made = engine.call(Static(cls, f"builtins:{cls.__name__}"), list(map(Static, error.args)), {})
    engine.builder.do(RAISE, (engine.runtime(made, "the error").atom,))
    raise Diverged


def raise_unless(engine: Engine, condition: Dyn, error: Exception) -> None:
    """An exception of Python's own, raised where a condition does not hold."""
    failing = engine.path(lambda _: raise_error(engine, error), {})
    engine.builder.add(If((), condition.atom, Block((), (), ()), failing.builder.block(), engine.builder.loc))
    engine.memory.told.update(engine.memory.facts(condition, holds=True))


def raise_read_only(engine: Engine, what: str = "assignment destination") -> NoReturn:
    """What NumPy raises where a read-only array is written."""
    raise_error(engine, ValueError(f"{what} is read-only"))


def check_writeable(engine: Engine, target: Value) -> None:
    """An array that the result of an operation goes into: NumPy raises where that is read-only."""
    if engine.memory.root(target) in engine.unit.read_only:
        raise_read_only(engine, "output array")


def _made_again(engine: Engine, new: Value) -> Value:
    """What an item of a run-time container has become, built at run time if it can be."""
    return (materialise(new, engine.builder) or new) if isinstance(new, Seq) else new


def _hold_new(engine: Engine, ident: Identity, new: Value) -> None:
    """An item of a run-time container holds what is in its new version and was no part of it, or is in two places now."""
    memory = engine.memory
    seen: list[object] = []
    for child in children(new):
        own = memory.identity(child)
        view = memory.views.get(own) if own is not None else None
        part = view.args[0] if view is not None and view.args and memory.identity(view.base) == ident else None
        alias = own is None or ident in memory.alias.get(own, ())
        if (part is None and not alias) or part in seen:
            memory.hold(ident, child)
        if part is not None:
            seen.append(part)


def _put_part(engine: Engine, view: Viewing, base: Value, new: Value) -> None:
    """What an object, tuple or dict of known structure holds was changed in place: the same one, with the new version of its part."""
    known, part = exploded(engine, base), view.args[0]
    count = len(known.items) if known is not None else 0
    key = part.value if isinstance(part, Static) else None
    if known is None or key not in (known.keys or range(-count, count)):
        raise engine.refuse("UnsupportedSyntax", "SRC141", "this write changes a part of a container that cannot be followed",
                            "build a new container instead, or pass the part as an argument of its own")  # fmt: skip
    at = (list(known.keys) or [*range(count), *range(-count, 0)]).index(key) % count
    made = materialise(replace(known, items=(*known.items[:at], new, *known.items[at + 1 :])), engine.builder)
    if made is None:
        raise engine.refuse("UnsupportedSyntax", "SRC141", "this write changes a part of an object that has no run-time form",
                            "write to a name of its own, and put it into the object afterwards")  # fmt: skip
    write(engine, view.base, made)


def _own(engine: Engine, ident: Identity) -> None:
    """Refuse writes to what is not the function's own; a parameter that holds it must be taken apart at the start."""
    for closed in engine.unit.closed & {ident, *engine.memory.alias.get(ident, ())}:
        raise Opened(closed)
    if ident in engine.unit.read_only:
        raise_read_only(engine)
    if engine.unit.read_only.intersection(engine.memory.alias.get(ident, ())):
        raise engine.refuse("UnsupportedSyntax", "SRC119", "what is written here may be a read-only array, depending on the path taken",
                            "pass an array that can be written")  # fmt: skip
    reason = engine.unit.foreign.get(ident) if isinstance(ident, Var) else None
    near = engine.memory.alias.get(ident, ())
    if reason == "argument" or ident in engine.unit.borrowed or any(_is_argument(engine, other) for other in near):
        raise Escapes
    if reason is not None:
        raise _outside(engine, reason, "changes")


def check_outside(engine: Engine) -> None:
    """Refuse what may have changed something that is not the function's own, as an item of a list that a path has chosen."""
    unit, stale = engine.unit, engine.memory.stale
    if not unit.lends and any(i in stale and (i in unit.borrowed or _is_argument(engine, i)) for i in (*unit.borrowed, *unit.foreign)):
        raise Escapes
    reason = next((r for i, r in unit.foreign.items() if i in stale and r != "argument"), None)
    if reason is not None:
        raise _outside(engine, reason, "may change")


def _outside(engine: Engine, reason: str, verb: str) -> SrcadError:
    what = f"this {verb} {reason}, which lives outside the differentiated function"
    return engine.refuse("UnsupportedSyntax", "SRC145", what, "pass it as an argument, or work on a copy")


def _is_argument(engine: Engine, ident: Identity) -> bool:
    return isinstance(ident, Var) and engine.unit.foreign.get(ident) == "argument"


def _write_through(engine: Engine, ident: Identity, view: Viewing, new: Value) -> None:
    """A write to a view is a write to its base."""
    memory = engine.memory
    base = _current(engine, view.base)
    if isinstance(base, Poison):
        raise engine.refuse("UnsupportedSyntax", base.code, base.reason, base.advice)
    if view.op in (GETITEM, GETATTR):
        known, new = new, _made_again(engine, new)
        if view.op == GETATTR or (isinstance(base, Dyn) and isinstance(base.type, Struct)):
            _own(engine, memory.root(base) or ident)
            _check_item(engine, view, new)
            _put_part(engine, view, base, new)
        else:
            if is_item(view):
                holding.put_back(engine, view.base)
                _check_item(engine, view, new)
                engine.numbering.note_change(known)
            tangled = set(memory.tangled)
            put(engine, view.base, view.args[0], new)
            if isinstance(new, Dyn) and isinstance(new.type, ListOf):
                memory.tangled = tangled  # the same list where it was: what it has taken was noted when it took it
        if new is not known:
            _hold_new(engine, ident, known)
    else:
        back = views.inverse(engine, view, new, base)
        write(engine, view.base, back)
    after = _current(engine, view.base)
    if isinstance(new, Dyn):
        memory.adopt(new, ident)
        memory.derived[ident] = (after, new)


# ---- subscripts ------------------------------------------------------------------------------------------------------
def set_item(engine: Engine, target: Value, index: Value, value: Value) -> None:
    """`target[index] = value`; `target` as a name holds it, current or not."""
    optional.raised_by_use(engine, target, lambda none: operator.setitem(none, 0, 0))
    if choices.changed(engine, target, lambda one: set_item(engine, one, index, value)):
        return
    if is_own_part(engine, target, index, value):
        return
    if isinstance(target, Lazy) and target.kind == "flat":
        flat.put(engine, target, index, value)
        return
    if isinstance(target, Lazy) and namespaces.is_namespace(target):
        namespaces.put(engine, target, index, value)
        return
    if isinstance(target, Dyn) and not isinstance(target.type, Array):
        holding.moved(engine, target, resized=isinstance(index, SliceVal))
        holding.replaced(engine, target, index)
    put(engine, target, index, value)


def put(engine: Engine, target: Value, index: Value, value: Value) -> None:
    """Write an item: a new one, or the new version of the one that is there."""
    now = current(engine, target)
    if isinstance(now, Poison):
        raise engine.refuse("UnsupportedSyntax", now.code, now.reason, now.advice)
    if isinstance(now, Dyn) and isinstance(now.type, Array):
        store(engine, now, index, value)
        return
    containers.set_item(engine, now, index, value)


def store(engine: Engine, target: Dyn, index: Value, value: Value) -> None:
    """`target[index] = value` for an array."""
    store_at(engine, target, [index], value)


def store_at(engine: Engine, target: Dyn, path: list[Value], value: Value) -> None:
    """`target[path[0]][path[1]]... = value` for an array."""
    memory = engine.memory
    given = path
    root: Value = target
    ident = memory.identity(target)
    view = memory.views.get(ident) if ident is not None else None
    if view is not None and view.op.name in (*views.REAL, *views.IMAG) and isinstance(view.base, Dyn) and len(path) == 1:
        (index,) = path
        write(engine, view.base, part_stored(engine, view.base, view.op.name in views.REAL, index, value))
        return
    while view is not None and view.op == GETITEM and isinstance(view.base, Dyn) and isinstance(view.base.type, Array):
        path = composed([view.args[0], *path])
        root = view.base
        ident = memory.identity(root)
        view = memory.views.get(ident) if ident is not None else None
    if ident in memory.chosen:
        chosen.store(engine, memory.chosen[ident], path, value)
        return
    if len(path) > 2:  # through many views: each takes up what the next one has become
        path, root = given, target
    base = _current(engine, root)
    if not isinstance(base, Dyn) or len(path) > 2:
        raise engine.refuse("UnsupportedSyntax", "SRC146", "a write through so many views cannot be followed", "write to the array itself")
    new = _stored(engine, base, path, value)
    write(engine, root, new)


def part_stored(engine: Engine, target: Dyn, real: bool, index: Value, value: Value) -> Dyn:
    """The version of a complex array after a store into its real or imaginary part."""
    base = engine.runtime(engine.now(target), "the array")
    given = engine.runtime(value, "the stored value") if not isinstance(value, Seq) else value
    parts = [operations.argument(engine, v, "a stored value") for v in (index, given)]
    hint = hint_of(base)
    out = engine.builder.call(STORE_REAL if real else STORE_IMAG, (base.atom, *parts), base.type, hint=hint)
    return Dyn(out, out.type, base.varied or is_varied(given))


def is_own_part(engine: Engine, target: Value, index: Value, value: Value) -> bool:
    """Whether the value is `target[index]` itself: what `a[i] += v` stores back when it has changed the part in place.

    Of an object, `index` is the name of an attribute.
    """
    memory = engine.memory
    ident = memory.identity(value)
    view = memory.views.get(ident) if ident is not None else None
    if view is None or view.op not in (GETITEM, GETATTR) or not view.args or not isinstance(view.base, Dyn):
        return False
    return memory.identity(view.base) == memory.identity(target) and view.args[0] == index


def _check_item(engine: Engine, view: Viewing, new: Value) -> None:
    """What is in a run-time list is written: the others in the list must be others.  `new`: what it becomes."""
    memory = engine.memory
    holder = memory.root(view.base)
    if holder is None:
        return
    arrays = isinstance(new, Dyn) and not isinstance(new.type, Struct | ListOf | TupleOf)
    if holder in memory.tangled or (arrays and any(holder in memory.holders.get(i, ()) for i in memory.tangled)):
        raise engine.refuse("UnsupportedSyntax", "SRC147", "an array or object in a list is changed, and the list may hold it twice",
                            "append copies: `items.append(x.copy())`")  # fmt: skip
    spoil_items(engine, holder, arrays=arrays)


def spoil_items(engine: Engine, holder: Identity, *, arrays: bool = True) -> None:
    """What a run-time container holds is written: see `Memory.spoil_items`."""
    engine.unit.rewritten.add(holder)
    engine.memory.spoil_items(holder, _spoiled(engine), arrays=arrays)


def _stored(engine: Engine, base: Dyn, path: list[Value], value: Value) -> Dyn:
    """The version of an array after a store."""
    assert isinstance(base.type, Array)
    given = engine.runtime(value, "the stored value") if not isinstance(value, Seq) else value
    parts = [operations.argument(engine, i, "a subscript") for i in path]
    what = operations.argument(engine, given, "a stored value")
    varied = is_varied(given)
    if varied and isinstance(given, Dyn) and dtype_kind(given.type) == "c" and dtype_kind(base.type) == "f":
        raise engine.refuse("UnsupportedSyntax", "SRC148", "a complex value is stored in a real array", "store its real part")
    follows = (base.varied or varied) and may_carry_derivative(base.type)
    hint = hint_of(base)
    out = engine.builder.call(STORE if len(path) == 1 else STORE_IN, (base.atom, *parts, what), base.type, hint=hint)
    return Dyn(out, out.type, follows)


def composed(path: list[Value]) -> list[Value]:
    """Two subscripts one after the other as one, where the first picks by numbers and whole axes: `a[i][j]` is `a[i, j]`."""
    if len(path) < 2:
        return path
    outer, inner, *rest = path
    given, then = _parts(outer), _parts(inner)
    if inner == Static(Ellipsis):
        return composed([outer, *rest])
    if not all(_is_number(p) or _is_whole(p) for p in given):
        return path
    whole = sum(map(_is_whole, given))
    plain = all(_is_number(p) or isinstance(p, SliceVal) for p in then)
    if whole and not plain:
        return path
    todo = list(then)
    out = [todo.pop(0) if _is_whole(p) and todo else p for p in given]
    out.extend(todo)
    return composed([Seq(tuple, tuple(out)) if len(out) > 1 else out[0], *rest])


def _parts(index: Value) -> list[Value]:
    return list(index.items) if isinstance(index, Seq) and index.cls is tuple else [index]


def _is_number(part: Value) -> bool:
    if isinstance(part, Static):
        return type(part.value) is int
    return isinstance(part, Dyn) and isinstance(part.type, Scalar | NpScalar) and dtype_kind(part.type) in "iu"


def _is_whole(part: Value) -> bool:
    none = Static(None)
    return isinstance(part, SliceVal) and part.lower == none and part.upper == none and part.step == none


def read_through(engine: Engine, base: Dyn, index: Value) -> tuple[Dyn, Value]:
    """What `base[index]` is best read from: where `base` is part of an array that is written, that array, with one subscript."""
    memory = engine.memory
    ident = memory.identity(base)
    view = memory.views.get(ident) if ident is not None else None
    if view is None or view.op != GETITEM or not isinstance(view.base, Dyn) or not isinstance(view.base.type, Array):
        return base, index
    if not memory.now or memory.root(base) not in memory.now:
        return base, index
    whole = composed([view.args[0], index])
    under = _current(engine, view.base)
    if len(whole) != 1 or not isinstance(under, Dyn):
        return base, index
    return read_through(engine, under, whole[0])


# ---- augmented assignment --------------------------------------------------------------------------------------------
def augmented(engine: Engine, plain: str, target: Dyn, value: Value) -> Value:
    """`x op= value` for an array: every alias sees it."""
    assert isinstance(target.type, Array)
    result = operations.operator_(engine, plain, [target, value])
    if isinstance(result, Dyn) and isinstance(result.type, Array | NpScalar | Scalar):
        wide = dtype_kind(result.type)
        if "biufc".index(wide) > "biufc".index(dtype_kind(target.type)) and wide in "fc":
            raise engine.refuse("UnsupportedSyntax", "SRC148", "NumPy refuses to put this result into the array",
                                "use an array of a wider type")  # fmt: skip
    check_writeable(engine, target)
    store_computed(engine, target, result)
    return target


def store_computed(engine: Engine, target: Dyn, result: Value) -> None:
    """Store the result of an operation that NumPy does in place."""
    notes = engine.attempts[-1] if engine.attempts else []
    mark = len(notes)
    store(engine, target, Static(Ellipsis), result)
    notes[mark:] = [replace(note, computing=True) for note in notes[mark:]]


def exploded(engine: Engine, value: Value) -> Seq | None:
    """A container of known structure taken apart, under its identity."""
    if isinstance(value, Seq):
        return value
    if isinstance(value, Dyn) and isinstance(value.type, Struct):
        return holding.taken_apart(engine, value)
    return None
