"""Rules for batches of operations along axes: Fourier transforms, products of stacks and tensors, changes of axes, triangles.

Axes that are counted from the end are one further from it.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from srcad.ir.core import GETITEM
from srcad.ir.nodes import Arg, Atom, Const, Op, Pack
from srcad.ir.types import INT, Array, Dim, Type
from srcad.ops import table
from srcad.ops.batch_site import ALL, EINSUM, Site, Unbatchable, beside, by_subscripts, literal
from srcad.ops.entry import quiet


def _shifted(axis: int) -> int:
    return axis - 1 if axis < 0 else axis


def _named(site: Site, count: int, **new: Any) -> tuple[tuple[Arg, ...], tuple[tuple[str, Arg], ...]]:
    """The first operands, the others as keywords, some of them replaced."""
    assert isinstance(site.call.op, Op)
    entry = table.entry(site.call.op.name)
    assert entry is not None
    if not site.is_batch(0) or any(site.is_batch(n) for n in range(1, len(site.args))):
        raise Unbatchable
    given = dict(zip(entry.names[count:], site.args[count:], strict=False)) | dict(site.params)
    given |= {k: Const(v) for k, v in new.items()}
    return site.args[:count], tuple(given.items())


def _along(default: int = -1) -> Callable[[Site], Atom]:
    """Along one axis, which has a default."""

    def rule(site: Site) -> Atom:
        axis = site.static("axis", default)
        site.rank(0)
        if type(axis) is not int:
            raise Unbatchable
        args, params = _named(site, 1, axis=_shifted(axis))
        assert isinstance(site.call.op, Op)
        return site.make(site.call.op, *args, params=params)

    return rule


def _along_many(default: tuple[int, ...] | None) -> Callable[[Site], Atom]:
    """Along several axes: by default the last two, or those that lengths are given for, or all."""

    def rule(site: Site) -> Atom:
        axes, lengths, rank = site.static("axes", default), site.static("s"), site.rank(0)
        if axes is None:
            axes = tuple(range(rank)) if lengths is None else tuple(range(-len(lengths), 0))
        axes = (axes,) if isinstance(axes, int) else axes
        args, params = _named(site, 1, axes=tuple(map(_shifted, axes)))
        assert isinstance(site.call.op, Op)
        return site.make(site.call.op, *args, params=params)

    return rule


def _part(site: Site) -> Atom:
    """The real or imaginary part, or the conjugate."""
    assert isinstance(site.call.op, Op)
    if site.params or len(site.args) != 1 or not site.is_batch(0):
        raise Unbatchable
    return site.make(site.call.op, *site.args)


# ---- products --------------------------------------------------------------------------------------------------------
def stack_product(site: Site) -> Atom:
    """`a @ b` where one is a stack of matrices."""
    ranks = site.rank(0), site.rank(1)
    if site.params or 0 in ranks:
        raise Unbatchable
    first, second = ("j" if ranks[0] == 1 else "...ij"), ("j" if ranks[1] == 1 else "...jk")
    return by_subscripts(site, first, second, f"...{'' if ranks[0] == 1 else 'i'}{'' if ranks[1] == 1 else 'k'}")


def _stack_back(other: int) -> Callable[[Site], Atom]:
    """The cotangent of a vector or matrix that was multiplied with a stack, which is argument `other`."""

    def rule(site: Site) -> Atom:
        a, b = site.rank(1), site.rank(2)
        if not site.is_batch(0) or site.is_batch(1) or site.is_batch(2) or min(a, b) > 2 or 0 in (a, b):
            raise Unbatchable
        stack = "mnopq"[: max(a, b) - 2]  # one operand is in no stack: its cotangents for all matrices add up
        first, second = ("j" if a == 1 else stack[: a - 2] + "ij"), ("j" if b == 1 else stack[: b - 2] + "jk")
        g = stack + ("" if a == 1 else "i") + ("" if b == 1 else "k")
        found, rest = (first, second) if other == 2 else (second, first)
        return site.make(EINSUM, Const(f"{g}z,{rest}->{found}z"), site.args[0], site.args[other])

    return rule


def _einsum(site: Site) -> Atom:
    """One operand is a batch: its axis goes through."""
    subscripts = literal(site.args[0])
    batches = [n for n in range(1, len(site.args)) if site.is_batch(n)]
    if not isinstance(subscripts, str) or len(batches) != 1:
        raise Unbatchable
    site.only("optimize")
    inputs, arrow, out = subscripts.replace(" ", "").partition("->")
    if not arrow:
        letters = inputs.replace(",", "").replace(".", "")
        out = ("..." if "..." in inputs else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    own = next(c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in inputs)
    parts = inputs.split(",")
    if len(parts) != len(site.args) - 1:
        raise Unbatchable
    parts[batches[0] - 1] += own
    assert isinstance(site.call.op, Op)
    return site.make(site.call.op, Const(f"{','.join(parts)}->{out}{own}"), *site.args[1:], params=site.params)


def _tensordot(site: Site) -> Atom:
    """As `np.einsum` writes it."""
    axes, ranks = site.static("axes", 2), (site.rank(0), site.rank(1))
    if isinstance(axes, int):
        axes = (tuple(range(ranks[0] - axes, ranks[0])), tuple(range(axes)))
    pairs = [(a,) if isinstance(a, int) else tuple(a) for a in axes]
    first = [chr(ord("a") + k) for k in range(ranks[0])]
    second = [chr(ord("a") + ranks[0] + k) for k in range(ranks[1])]
    for m, n in zip(*pairs, strict=True):
        second[n] = first[m]
    shared = {first[m] for m in pairs[0]}
    out = "".join(c for c in (*first, *second) if c not in shared)
    if ranks[0] + ranks[1] > 20:
        raise Unbatchable
    return by_subscripts(site, "".join(first), "".join(second), out)


# ---- axes ------------------------------------------------------------------------------------------------------------
def _moved(*names: str) -> Callable[[Site], Atom]:
    """Axes change their places."""

    def rule(site: Site) -> Atom:
        rank = site.rank(0)
        found: dict[str, Any] = {}
        for name in names:
            axis = site.static(name)
            if axis is None:
                raise Unbatchable
            found[name] = tuple(a % rank for a in axis) if isinstance(axis, tuple) else axis % rank
        args, _ = _named(site, 1)
        assert isinstance(site.call.op, Op)
        return site.make(site.call.op, *args, *map(Const, found.values()))

    return rule


def _first(site: Site) -> Atom:
    """Operations on the last two axes, for stacks too: the batch goes first and back."""
    found = table.spelling("np.moveaxis")
    assert found is not None
    rank = site.rank(0)
    if not site.is_batch(0) or any(site.is_batch(n) for n in range(1, len(site.args))) or rank < 2:
        raise Unbatchable
    assert isinstance(site.call.op, Op)
    moved = site.make(found.op, site.args[0], Const(-1), Const(0))
    made = site.make(site.call.op, moved, *site.args[1:], params=site.params)
    return site.make(found.op, made, Const(0), Const(-1))


def _diagonal(site: Site) -> Atom:
    """A matrix with a vector on its diagonal, or the diagonal of a matrix."""
    rank, k = site.rank(0), site.static("k", 0)
    swap, eye, where, size = (table.spelling(f"np.{n}") for n in ("swapaxes", "eye", "where", "size"))
    assert swap is not None
    assert eye is not None
    assert where is not None
    assert size is not None
    if not site.is_batch(0) or type(k) is not int or rank not in (1, 2):
        raise Unbatchable
    if rank == 2:
        found = table.spelling("np.diagonal")
        assert found is not None
        return site.make(swap.op, site.make(found.op, site.args[0], Const(k)), Const(0), Const(1))
    if k:
        raise Unbatchable
    length = site.builder.call(size.op, (site.args[0], Const(0)), INT)
    on = site.builder.call(eye.op, (length,), _MATRIX)
    row = site.builder.call(quiet(GETITEM), (site.args[0], Pack("tuple", (ALL, Const(None)))), _CUBE)
    return site.make(where.op, beside(site.builder, on), row, Const(0.0))


_MATRIX: Type = Array("float64", (Dim("?"), Dim("?")))
_CUBE: Type = Array("float64", (Dim("?"), Dim("?"), Dim("?")))
_ONE = ("np.fft.fft", "np.fft.ifft", "np.fft.rfft", "np.fft.irfft", "np.fft.hfft", "np.fft.ihfft", "irfft_back", "np.diff", "diff_back")
_LAST_TWO = ("np.fft.fft2", "np.fft.ifft2", "np.fft.rfft2", "np.fft.irfft2")
_EVERY = ("np.fft.fftn", "np.fft.ifftn", "np.fft.rfftn", "np.fft.irfftn", "np.fft.fftshift", "np.fft.ifftshift")
RULES: dict[str, Callable[[Site], Atom]] = {
    **dict.fromkeys(_ONE, _along()), **dict.fromkeys(_LAST_TWO, _along_many((-2, -1))), **dict.fromkeys(_EVERY, _along_many(None)),
    **dict.fromkeys(("np.real", "np.imag", "np.conj", "np.conjugate", "ndarray.real", "ndarray.imag", "ndarray.conj"), _part),
    "matmul_left": _stack_back(2), "matmul_right": _stack_back(1), "np.einsum": _einsum, "np.tensordot": _tensordot,
    "np.swapaxes": _moved("axis1", "axis2"), "np.moveaxis": _moved("source", "destination"),
    **dict.fromkeys(("np.tril", "np.triu", "phi", "cholesky_back"), _first), "np.diag": _diagonal,
}  # fmt: skip
