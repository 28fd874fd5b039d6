"""Views that are more than a subscript: how a write goes through them, pieces of an array, `x.shape = ...`."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from srcad.ir.core import GETITEM
from srcad.ir.nodes import Effect, Op, Var
from srcad.ir.types import Array, Struct
from srcad.ops import table
from srcad.specialise import holding, items, operations, writes
from srcad.specialise.memory import Again, Viewing
from srcad.specialise.values import Cell, Dyn, Seq, SliceVal, Static, Value

if TYPE_CHECKING:
    from srcad.specialise.engine import Engine

_NONE = Static(None)
REAL = ("ndarray.real", "np.real")
IMAG = ("ndarray.imag", "np.imag")
_OWN_INVERSE = ("ndarray.T", "ndarray.swapaxes", "np.swapaxes", "np.flip", "np.fliplr", "np.flipud", "np.matrix_transpose", "ndarray.mT")
_PERMUTING = ("np.transpose", "ndarray.transpose", "np.moveaxis", "np.rollaxis", "np.permute_dims")
_READ_ONLY = ("np.diagonal", "ndarray.diagonal", "np.diag", "np.broadcast_to")
_SHAPERS = (
    "np.reshape", "ndarray.reshape", "np.ravel", "ndarray.ravel", "np.squeeze", "ndarray.squeeze", "np.expand_dims", "np.atleast_1d",
    "np.atleast_2d", "np.atleast_3d", "ndarray.astype", "np.ascontiguousarray", "np.asfortranarray", "np.array", "np.asarray",
    "np.asanyarray", "shaped",
)  # fmt: skip
_CONTIGUOUS = Op("require_contiguous", "require_contiguous(_0)", ("srcad.runtime:require_contiguous",), Effect.RAISES)
_CUTS = {"np.split": 0, "np.array_split": 0, "np.vsplit": 0, "np.hsplit": 1, "np.dsplit": 2}  # and along which axis


# ---- writes through views --------------------------------------------------------------------------------------------
def inverse(engine: Engine, view: Viewing, new: Value, base: Value) -> Value:
    """The array whose view is `new`; `base` is the array as it is."""
    name = view.op.name
    if not view.sure:
        require(engine, view, base)
    if name in (*REAL, *IMAG) and isinstance(view.base, Dyn):
        return writes.part_stored(engine, view.base, name in REAL, Static(Ellipsis), new)
    if name in _PERMUTING:
        order = _permutation(view, base)
        if order is not None:
            return engine.call(Static(np.transpose, "numpy:transpose"), [new, Seq(tuple, tuple(map(Static, order)))], {})
    elif name in _OWN_INVERSE:
        return operations.apply(engine, view.op, [new, *view.args], list(view.kwargs))
    if name == "np.rot90":
        given = {**dict(zip(("k", "axes"), view.args, strict=False)), **dict(view.kwargs)}
        turns = operations.operator_(engine, "neg", [given.pop("k", Static(1))])
        return operations.apply(engine, view.op, [new, turns], list(given.items()))
    if name in _SHAPERS and isinstance(base, Dyn):
        turned: list[tuple[str, Value]] = [("order", Static("F"))] if _order(view) == "F" else []
        return operations.apply(engine, _op(np.reshape), [new, operations.shape_of(engine, base)], turned)
    if name in _READ_ONLY:
        writes.raise_read_only(engine)
    raise engine.refuse("UnsupportedSyntax", "SRC146", f"a write through `{name}` cannot be followed", "write to the array itself")


def _permutation(view: Viewing, base: Value) -> tuple[int, ...] | None:
    """The order of axes that undoes a view with other axes; None where its arguments are not known."""
    spelling = table.spelling(view.op.name)
    args = [_literal(a) for a in view.args]
    kwargs = {k: _literal(v) for k, v in view.kwargs}
    if spelling is None or not isinstance(base, Dyn) or not isinstance(base.type, Array) or Ellipsis in (*args, *kwargs.values()):
        return None
    model = np.broadcast_to(0, tuple(range(base.type.ndim)))  # each length tells its axis
    seen = model.transpose(*args, **kwargs) if view.op.name.startswith("ndarray.") else spelling.object(model, *args, **kwargs)
    return tuple(map(int, np.argsort(seen.shape)))


def _literal(value: Value) -> Any:
    """A known number or tuple of them; Ellipsis for what is not known."""
    if isinstance(value, Static):
        return value.value
    if isinstance(value, Seq) and all(isinstance(i, Static) for i in value.items):
        return tuple(i.value for i in value.items if isinstance(i, Static))
    return Ellipsis


def _op(fn: Any) -> Op:
    found = table.by_object(fn)
    assert found is not None
    return found.op


# ---- pieces ----------------------------------------------------------------------------------------------------------
def pieces(engine: Engine, out: Dyn, base: Dyn, op: Op, args: list[Value], kwargs: list[tuple[str, Value]]) -> Value:
    """The list that `np.split` and its like give, if so many pieces are known: each is a part of the array."""
    if op.name not in _CUTS or not isinstance(out.type, Struct) or not isinstance(base.type, Array):
        return out
    given = {**dict(zip(("indices_or_sections", "axis"), args, strict=False)), **dict(kwargs)}
    axis = _literal(given.get("axis", Static(_CUTS[op.name] if base.type.ndim > 1 else 0)))
    if type(axis) is not int:
        return out
    found = holding.taken_apart(engine, out)
    ends = _ends(engine, base, op.name, given["indices_or_sections"], axis, len(found.items))
    if ends is None:
        return out
    whole = SliceVal(_NONE, _NONE, _NONE)
    for item, lower, upper in zip(found.items, [_NONE, *ends], [*ends, _NONE], strict=True):
        assert isinstance(item, Dyn)
        assert isinstance(item.atom, Var)
        where = [whole] * (axis % base.type.ndim) + [SliceVal(lower, upper, _NONE)]
        engine.memory.views[item.atom] = Viewing(item, base, GETITEM, (where[0] if len(where) == 1 else Seq(tuple, tuple(where)),))
    return Seq(list, found.items, cell=Cell())


def _ends(engine: Engine, base: Dyn, name: str, how: Value, axis: int, count: int) -> list[Value] | None:
    """Where the pieces end but for the last; None where that is not known."""
    if isinstance(how, Seq):
        return list(how.items)
    if isinstance(how, Static) and isinstance(how.value, tuple | list):
        return [Static(int(k)) for k in how.value]
    if not isinstance(how, Static) or type(how.value) is not int:
        return None
    length = items.get(engine, operations.shape_of(engine, base), Static(axis))
    each = operations.operator_(engine, "floordiv", [length, how])
    ends = [operations.operator_(engine, "mul", [each, Static(k)]) for k in range(1, count)]
    if name != "np.array_split":
        return ends
    more = operations.operator_(engine, "mod", [length, how])
    extra = [engine.call(Static(min, "builtins:min"), [more, Static(k)], {}) for k in range(1, count)]
    return [operations.operator_(engine, "add", pair) for pair in map(list, zip(ends, extra, strict=True))]


# ---- views that NumPy may have made copies ---------------------------------------------------------------------------
def require(engine: Engine, made: Viewing | Again, base: Value) -> None:
    """Check at run time that reshaping an array gave a view."""
    order = _order(made)
    if order == "F":
        base = operations.apply(engine, _op(np.transpose), [base], [])
    elif order != "C":
        raise engine.refuse("UnsupportedSyntax", "SRC143", "whether this makes a copy depends on the memory layout",
                            "use the order 'C' or 'F'")  # fmt: skip
    if isinstance(base, Dyn):
        engine.builder.do(_CONTIGUOUS, (base.atom,))


def _order(made: Viewing | Again) -> object:
    """The order in which a view takes the elements of an array."""
    at = {"np.ravel": 0, "ndarray.ravel": 0, "np.reshape": 1}.get(made.op.name)
    given = dict(made.kwargs).get("order", made.args[at] if at is not None and at < len(made.args) else _NONE)
    usual = "F" if made.op.name == "np.asfortranarray" else "C"
    return usual if given == _NONE else given.value if isinstance(given, Static) else None


# ---- the array object ------------------------------------------------------------------------------------------------
def view_of(engine: Engine, args: list[Value], kwargs: dict[str, Value]) -> Value | None:
    """`x.view()`: the same elements, as an array of their own; None where it looks at them as others."""
    given = [*args[1:], *kwargs.values()]
    if any(g not in (_NONE, Static(np.ndarray)) and not (isinstance(g, Static) and g.value is np.ndarray) for g in given):
        return None
    return items.get(engine, args[0], Static(Ellipsis))


def set_shape(engine: Engine, target: Dyn, shape: Value) -> None:
    """`x.shape = shape`: the array object looks at its elements in another way; views of it stay what they are, and are not followed."""
    memory = engine.memory
    ident = memory.identity(target)
    now = writes.current(engine, target)
    view = memory.views.get(ident) if ident is not None else None
    op = table.spelling("shaped")
    assert op is not None
    followed = ident not in memory.chosen and (view is None or (view.op in (GETITEM, op.op) and not engine.conditional))
    if not isinstance(now, Dyn) or ident is None or not followed:
        raise engine.refuse("UnsupportedSyntax", "SRC141", "the shape of this array is assigned, which cannot be followed here",
                            "use `x = x.reshape(...)`")  # fmt: skip
    reason = "a view is read of an array whose shape was assigned after the view was made"
    memory.stale.update((i, reason) for i, v in memory.views.items() if memory.identity(v.base) == ident)
    if view is None:
        writes.write(engine, target, operations.apply(engine, op.op, [now, shape], []))
        return
    before = items.get(engine, view.base, view.args[0]) if view.op == GETITEM else writes.current(engine, view.base)
    after = operations.apply(engine, op.op, [before, shape], [])
    assert isinstance(after, Dyn)
    assert isinstance(after.atom, Var)
    memory.views[ident] = memory.views[after.atom]
    memory.derived.pop(ident, None)
    memory.adopt(after, ident)
