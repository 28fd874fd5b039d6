"""Operations on many cotangents (or tangents) at once: these have one more axis, the last one; all else stays as it is.

With the new axis at the end, places in arrays, loops over them and broadcasting between batches mean what they meant; only an
operand that is no batch gets an axis of length 1 (`x[..., None]`), and axes that are counted from the end move by one.  A
linear sweep never asks what a cotangent is, so that no branch depends on a batch.  What has no rule here is left to a loop.
"""
from __future__ import annotations

from collections.abc import Callable

from srcad.ir.core import AUGMENTED_STORES, BINARY, COMPARE, GETITEM, LIST_SET
from srcad.ir.nodes import Arg, Atom, Const, Op, Pack, SliceArg, Star, Var
from srcad.ir.types import UNKNOWN, Array, Dim, ListOf, Scalar, TupleOf, Type, dtype_kind, is_scalar
from srcad.ir.visit import leaves
from srcad.ops import batch_axes, table
from srcad.ops.batch_site import (
    ALL, LAST, STACKED_LIKE, Site, Unbatchable, arg_type, batched_type, beside, by_subscripts, place, stacked,
)  # fmt: skip
from srcad.ops.entry import quiet
from srcad.ops.internal import COPY


_ADD_TREES = Op("add_trees", "add_trees(_0, _1)", ("srcad.runtime:add_trees",))


def apply(site: Site) -> Atom:
    """The statements that do for batches what a call does.  Raises Unbatchable where there is no rule."""
    assert isinstance(site.call.op, Op)
    name = site.call.op.name
    if name in SHAPES:
        return SHAPES[name](site)
    if name in _RULES:
        return _RULES[name](site)
    entry = table.entry(name)
    if name in COMPARE or (entry is not None and entry.kind == "elementwise" and not name.startswith("math.")):
        return _elementwise(site)
    raise Unbatchable


# ---- rules -----------------------------------------------------------------------------------------------------------
def _elementwise(site: Site) -> Atom:
    args = tuple(a if site.is_batch(n) else beside(site.builder, a) for n, a in enumerate(site.args))
    assert isinstance(site.call.op, Op)
    return site.make(site.call.op, *args, params=site.params)


def _same(site: Site) -> Atom:
    """What changes the class of a value, or copies it: a batch is an array of floats already."""
    found = site.args[0]
    number = is_scalar(site.type(0)) or isinstance(site.type(0), Array)
    if not isinstance(found, Var) or not site.is_batch(0) or not number:
        raise Unbatchable
    return found


def _as_it_is(site: Site) -> Atom:
    assert isinstance(site.call.op, Op)
    if not site.is_batch(0) or any(site.is_batch(n) for n in range(1, len(site.args))):
        raise Unbatchable
    return site.make(site.call.op, *site.args, params=site.params)


def _item(site: Site) -> Atom:
    if not site.is_batch(0) or site.is_batch(1):
        raise Unbatchable
    base, index = site.args[0], site.args[1]
    if isinstance(site.type(0), Array):
        index = place(index)
        t = arg_type(site.call.args[1])
        if t == UNKNOWN and isinstance(site.call.args[1], Var):
            raise Unbatchable  # it may be anything
    found = site.make(site.call.op, base, index)  # type: ignore[arg-type]
    if is_scalar(site.call.outs[0].type) and isinstance(site.type(0), Array):
        return site.make(COPY, found)  # a number was a copy; here it would be a view
    return found


def _changed(site: Site) -> Atom:
    """A store or an addition at a place: args array, index, value (array, value where it is the whole)."""
    assert isinstance(site.call.op, Op)
    base, *places, value = site.args
    if isinstance(site.type(0), ListOf) and site.call.op.name in ("accum_at", "accum_any", "accum_absent"):
        return _added_to_item(site)
    if not isinstance(site.type(0), Array) or any(site.is_batch(n) for n in range(1, len(site.args) - 1)):
        raise Unbatchable
    if not site.is_batch(0):
        base = stacked(site.builder, base, site.type(0), site.count)  # type: ignore[arg-type]
    if not site.is_batch(len(site.args) - 1):
        value = beside(site.builder, value)
    return site.make(site.call.op, base, *map(place, places), value)


def _total(site: Site) -> Atom:
    """`sum(items)`."""
    if len(site.args) != 1 or not isinstance(site.type(0), ListOf):
        raise Unbatchable
    return _as_it_is(site)


def _added_to_item(site: Site) -> Atom:
    """An addition to an item of a list, which is replaced: where it was a number, others may hold the batch too."""
    base, index, value = site.args
    several = isinstance(index, SliceArg)
    if site.is_batch(1) or not (several or isinstance(arg_type(index), Scalar)):
        raise Unbatchable
    if not site.is_batch(0):
        base = stacked(site.builder, base, site.type(0), site.count)  # type: ignore[arg-type]
    if not site.is_batch(2):
        value = stacked(site.builder, value, site.type(2), site.count)  # type: ignore[arg-type]
    assert isinstance(site.call.op, Op)
    if several:
        return site.make(site.call.op, base, index, value)
    assert isinstance(site.out, ListOf)
    old = site.builder.call(quiet(GETITEM), (base, index), site.out.item)
    total = site.builder.call(_ADD_TREES, (old, value), site.out.item)
    return site.make(LIST_SET, base, index, total)


def _trees(site: Site) -> Atom:
    """The sum of two containers."""
    assert isinstance(site.call.op, Op)
    args = [_filled(site, new, old) for new, old in zip(site.args, site.call.args, strict=True)]
    return site.make(site.call.op, *args)


def _rows(site: Site) -> Atom:
    """A list of arrays from the array that was made of it."""
    like = site.type(1)
    if site.is_batch(1) or not isinstance(like, ListOf) or not isinstance(like.item, Array) or dtype_kind(site.type(0)) == "c":
        raise Unbatchable
    return _as_it_is(site)


def _sum(site: Site) -> Atom:
    site.only("axis", "keepdims")
    rank, axis, keep = site.rank(0), site.static("axis"), site.static("keepdims", default=False)
    if len(site.args) > 2 or not site.is_batch(0):
        raise Unbatchable
    if rank == 0:
        return _same(site)
    axes = tuple(range(rank)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(a - 1 if a < 0 else a for a in axes)
    params: tuple[tuple[str, Arg], ...] = (("axis", Const(axes if len(axes) > 1 else axes[0])),)
    if keep:
        params = (*params, ("keepdims", Const(True)))
    assert isinstance(site.call.op, Op)
    return site.make(site.call.op, site.args[0], params=params)


def _along(site: Site) -> Atom:
    """Along one axis, as cumsum, flip and roll go."""
    site.only("axis", "shift")
    axis, rank = site.static("axis"), site.rank(0)
    if not site.is_batch(0) or isinstance(axis, tuple) or (axis is None and rank != 1):
        raise Unbatchable
    at = 0 if axis is None else axis - 1 if axis < 0 else axis
    assert isinstance(site.call.op, Op)
    entry = table.entry(site.call.op.name)
    assert entry is not None
    before = entry.names.index("axis")
    if len(site.args) > before:
        return site.make(site.call.op, *site.args[:before], Const(at))
    return site.make(site.call.op, *site.args, params=(*(p for p in site.params if p[0] != "axis"), ("axis", Const(at))))


def _transposed(site: Site) -> Atom:
    rank, axes = site.rank(0), site.static("axes")
    if not site.is_batch(0):
        raise Unbatchable
    if rank < 2:
        return _same(site)
    order = tuple(a % rank for a in axes) if axes is not None else tuple(reversed(range(rank)))
    found = table.spelling("np.transpose")
    assert found is not None
    return site.make(found.op, site.args[0], Const((*order, rank)))


def _reshaped(site: Site) -> Atom:
    found = table.spelling("np.reshape")
    assert found is not None
    if not site.is_batch(0) or site.params or len(site.args) > 2:
        raise Unbatchable
    shape = site.args[1] if len(site.args) > 1 else Const(-1)
    t = arg_type(shape)
    if isinstance(shape, Pack):
        items = shape.items
    elif isinstance(shape, Const):
        items = tuple(map(Const, shape.value)) if isinstance(shape.value, tuple) else (shape,)
    elif isinstance(t, Scalar):
        items = (shape,)
    else:
        items = (Star(shape),)
    return site.make(found.op, site.args[0], Pack("tuple", (*items, site.count)))


def _joined(site: Site) -> Atom:
    """`np.concatenate`, `np.stack`: all parts as batches."""
    site.only("axis")
    parts, axis = site.args[0], site.static("axis", default=0)
    given = site.call.args[0]
    if not isinstance(parts, Pack) or not isinstance(given, Pack) or type(axis) is not int or len(site.args) > 2:
        raise Unbatchable
    items = tuple(_filled(site, a, g) for a, g in zip(parts.items, given.items, strict=True))
    assert isinstance(site.call.op, Op)
    params: tuple[tuple[str, Arg], ...] = (("axis", Const(axis - 1 if axis < 0 else axis)),) if axis else ()
    return site.make(site.call.op, Pack(parts.kind, items), params=params)


def _filled(site: Site, new: Arg, old: Arg) -> Arg:
    """A display whose items are all batches."""
    if isinstance(new, Pack) and isinstance(old, Pack):
        return Pack(new.kind, tuple(_filled(site, a, b) for a, b in zip(new.items, old.items, strict=True)), new.keys)
    if any(leaf in site.batches for leaf in leaves(new)):
        return new
    return stacked(site.builder, new, arg_type(old), site.count)  # type: ignore[arg-type]


def _display(site: Site) -> Atom:
    """`np.array([...])` of numbers or arrays."""
    if site.params or len(site.args) != 1:
        raise Unbatchable
    if is_scalar(site.type(0)) and isinstance(site.args[0], Var):
        return site.make(COPY, site.args[0])
    assert isinstance(site.call.op, Op)
    listed = site.type(0)
    if isinstance(listed, ListOf) and (is_scalar(listed.item) or isinstance(listed.item, Array)):
        return _as_it_is(site)
    if not isinstance(site.args[0], Pack):
        raise Unbatchable
    return site.make(site.call.op, _filled(site, site.args[0], site.call.args[0]))


# ---- products --------------------------------------------------------------------------------------------------------
def _vdot(site: Site) -> Atom:
    if site.rank(0) != site.rank(1) or site.params:
        raise Unbatchable
    letters = "ijklm"[: site.rank(0)]
    return _product(site) if site.rank(0) == 1 else by_subscripts(site, letters, letters, "")


def _outer(site: Site) -> Atom:
    """The product of `a[:, None]` and `b`, with the axis of the batch behind both."""
    if site.rank(0) != 1 or site.rank(1) != 1 or site.params or (site.is_batch(0) and site.is_batch(1)):
        raise Unbatchable
    first, second = site.args[0], site.args[1]
    assert isinstance(first, Var)
    assert isinstance(second, Var)
    column = (ALL, Const(None)) if site.is_batch(0) else (ALL, Const(None), Const(None))
    a = site.builder.call(quiet(GETITEM), (first, Pack("tuple", column)), _of_rank(first, 2 + 1))
    b = second if site.is_batch(1) else site.builder.call(quiet(GETITEM), (second, LAST), _of_rank(second, 2))
    return site.make(BINARY["mul"], a, b)


def _of_rank(like: Var, rank: int) -> Type:
    return Array(getattr(like.type, "dtype", "float64"), (Dim("?"),) * rank)


_PRODUCTS = {(1, 1): ("j", "j", ""), (2, 1): ("ij", "j", "i"), (1, 2): ("j", "jk", "k"), (2, 2): ("ij", "jk", "ik")}


def _product(site: Site) -> Atom:
    """A matrix product: of a vector that is a batch, and so a matrix, it is one again."""
    ranks, first = (site.rank(0), site.rank(1)), site.is_batch(0)
    if max(ranks) > 2 and site.call.op.name in ("matmul", "np.matmul"):
        return batch_axes.stack_product(site)
    if ranks not in _PRODUCTS or site.params or (first and site.is_batch(1)) or any(dtype_kind(site.type(n)) == "c" for n in (0, 1)):
        raise Unbatchable
    one, two = site.args[0], site.args[1]
    if not first and ranks[1] == 1:
        return site.make(BINARY["matmul"], one, two)
    if first and ranks == (1, 1):
        return site.make(BINARY["matmul"], two, one)
    if first and ranks == (1, 2):
        assert isinstance(two, Var)
        found = table.spelling("ndarray.T")
        assert found is not None
        return site.make(BINARY["matmul"], site.builder.call(found.op, (two,), _of_rank(two, 2)), one)
    return by_subscripts(site, *_PRODUCTS[ranks])


def _right_side(site: Site) -> Atom:
    """A linear system with one right side, which is a matrix of them now."""
    if site.rank(0) != 2 or site.rank(1) != 1 or site.is_batch(0):
        raise Unbatchable
    assert isinstance(site.call.op, Op)
    return site.make(site.call.op, *site.args, params=site.params)


# ---- shapes ----------------------------------------------------------------------------------------------------------
def _in_shape_of(place: int) -> Callable[[Site], Atom]:
    """A value in the shape of another, of which only the shape is read: that of a batch of it."""

    def rule(site: Site) -> Atom:
        assert isinstance(site.call.op, Op)
        args = list(site.args)
        if not site.is_batch(place):
            args[place] = site.builder.call(STACKED_LIKE, (args[place], site.count), batched_type(site.type(place)))
        return site.make(site.call.op, *args, params=site.params)

    return rule


def _scattered(site: Site) -> Atom:
    """Zeros in the shape of an array with something added at a place."""
    if not isinstance(site.type(0), Array) or site.is_batch(1) or not site.is_batch(2):
        raise Unbatchable
    assert isinstance(site.call.op, Op)
    like = site.builder.call(STACKED_LIKE, (site.args[0], site.count), batched_type(site.type(0)))
    return site.make(site.call.op, like, place(site.args[1]), site.args[2])


def _unsum(site: Site) -> Atom:
    axis = site.static("axis")
    if not site.is_batch(0) or site.is_batch(1) or not isinstance(site.type(1), Array):
        raise Unbatchable
    like = site.builder.call(STACKED_LIKE, (site.args[1], site.count), batched_type(site.type(1)))
    keep = site.static("keepdims", default=False)
    if axis is None:
        if keep and site.rank(0):
            axis, keep = None, True
        axes: Arg = Const(None)
    else:
        axes = Const(tuple(a - 1 if a < 0 else a for a in axis) if isinstance(axis, tuple) else axis - 1 if axis < 0 else axis)
    assert isinstance(site.call.op, Op)
    return site.make(site.call.op, site.args[0], like, axes, Const(keep))


def _shape(site: Site) -> Atom:
    """The shape of a value, from a batch of it."""
    assert isinstance(site.call.op, Op)
    whole = site.builder.call(site.call.op, site.args, UNKNOWN)
    index = SliceArg(Const(None), Const(-1), Const(None))
    return site.builder.call(quiet(GETITEM), (whole, index), site.call.outs[0].type)


def _length(site: Site) -> Atom:
    if not isinstance(site.type(0), Array | ListOf | TupleOf):
        raise Unbatchable
    return site.builder.call(site.call.op, site.args, site.call.outs[0].type)


def _survivors(site: Site) -> Atom:
    """Which elements of a stored value stay, which is the same for each seed."""
    assert isinstance(site.call.op, Op)
    if any(site.is_batch(n) for n in range(1, len(site.args))):
        raise Unbatchable
    first = site.builder.call(quiet(GETITEM), (site.args[0], Pack("tuple", (Const(Ellipsis), Const(0)))), site.type(0))
    return site.builder.call(site.call.op, (first, *site.args[1:]), site.call.outs[0].type)


SHAPES: dict[str, Callable[[Site], Atom]] = {"ndarray.shape": _shape, "np.shape": _shape, "len": _length, "last_stored": _survivors}
"""What is no batch, though it is asked of one."""
_RULES: dict[str, Callable[[Site], Atom]] = {
    "getitem": _item, **dict.fromkeys(("copy", "copy_tree", "np.copy", "ndarray.copy", "ndarray.astype"), _as_it_is),
    "float": _same, "np.float64": _same, "np.asarray": _same, "stop_gradient": _same, "fitting": _same,
    **dict.fromkeys(("store", "accum", "accum_at", "accum_repeated", "accum_any", "accum_absent", *AUGMENTED_STORES), _changed),
    **dict.fromkeys(("np.sum", "ndarray.sum", "np.mean", "ndarray.mean"), _sum),
    **dict.fromkeys(("np.cumsum", "ndarray.cumsum", "np.flip", "np.roll"), _along),
    **dict.fromkeys(("np.transpose", "ndarray.T", "ndarray.transpose"), _transposed),
    **dict.fromkeys(("np.reshape", "ndarray.reshape", "np.ravel", "ndarray.ravel"), _reshaped),
    **dict.fromkeys(("np.concatenate", "np.stack"), _joined), "np.array": _display, "sum": _total, "add_trees": _trees, "tree_like": _rows,
    "np.vdot": _vdot, "np.outer": _outer, **dict.fromkeys(("matmul", "np.matmul", "np.dot", "ndarray.dot"), _product),
    **dict.fromkeys(("np.linalg.solve", "scipy.linalg.solve_triangular", "scipy.linalg.solve"), _right_side),
    **dict.fromkeys(("spread", "full_like_shape", "unbroadcast", "broadcast_like"), _in_shape_of(1)), "unsum": _unsum,
    "zeros_like_shape": _in_shape_of(0), "zeros_tree": _in_shape_of(0), "crop_like": _in_shape_of(1), "scatter_add": _scattered,
    **batch_axes.RULES,
}  # fmt: skip
