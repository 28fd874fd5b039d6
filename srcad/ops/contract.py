"""Contractions: `einsum` with an explicit or implicit result, `tensordot`."""
from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from srcad import runtime
from srcad.errors import NoRule
from srcad.ir.nodes import View
from srcad.ir.types import Array, Dim, NpScalar, Type, is_scalar
from srcad.ops.entry import Sample
from srcad.ops.infer import broadcast_dims, never_one, shaped_like
from srcad.ops.linalg import transposes_of
from srcad.ops.op import bilinear, general, helper
from srcad.ops.samples import arr, calls
from srcad.ops.trace import apply, rank, type_at


def parse(subscripts: str, ranks: Sequence[int | None]) -> tuple[list[str], str]:
    """The subscripts of the operands and of the result, letters in place of an ellipsis."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ranks):
        raise NoRule(f"`np.einsum` has {len(ranks)} operands for {left}", "give one group of subscripts per operand")
    spare = [c for c in string.ascii_uppercase + string.ascii_lowercase if c not in subscripts]
    longest = ""
    for k, (own, ndim) in enumerate(zip(inputs, ranks, strict=True)):
        if "..." in own:
            if ndim is None:
                raise NoRule("`np.einsum` with an ellipsis has no rule for arrays of unknown rank", "give the names one rank on all paths")
            count = ndim - len(own) + 3
            letters = "".join(spare[:count])[::-1]  # aligned at the right, as broadcasting does
            inputs[k], longest = own.replace("...", letters), max(longest, letters, key=len)
    if not arrow:
        every = "".join(inputs)
        right = longest + "".join(sorted(c for c in set(every) if every.count(c) == 1 and c not in longest))
    return inputs, right.replace("...", longest)


def written(xs: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The subscripts as a string, and the operands: also of `einsum(a, [0, 1], b, [1, 2], [0, 2])`."""
    if isinstance(xs[0], str):
        return xs[0], xs[1:]
    labels = ",".join(map(_letters, xs[1::2]))
    return labels + "->" + _letters(xs[-1]) if len(xs) % 2 else labels, xs[: len(xs) // 2 * 2 : 2]


def _letters(labels: Any) -> str:
    """Letters in the order of the numbers, as NumPy takes them."""
    if not isinstance(labels, list | tuple) or not all(v is Ellipsis or type(v) is int for v in labels):
        raise NoRule("`np.einsum` has a rule for subscripts that are written out only", "write the subscripts as a string")
    return "".join("..." if v is Ellipsis else (string.ascii_uppercase + string.ascii_lowercase)[v] for v in labels)


def einsum_vjp(g: Any, y: Any, *xs: Any, **statics: Any) -> tuple[Any, ...]:
    """For each operand the contraction of the cotangent with the others; None for subscripts."""
    subscripts, operands = written(xs)
    found = _contractions(g, subscripts, operands)
    if isinstance(xs[0], str):
        return (None, *found)
    return tuple(found[k // 2] if k % 2 == 0 and k // 2 < len(found) else None for k in range(len(xs)))


def _contractions(g: Any, subscripts: Any, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    inputs, output = parse(subscripts, [rank(x) for x in operands])
    found: list[Any] = []
    for k, x in enumerate(operands):
        others = [v for j, v in enumerate(operands) if j != k]
        letters = [s for j, s in enumerate(inputs) if j != k]
        reachable = set("".join([output, *letters]))
        if len(set(inputs[k])) == len(inputs[k]) and set(inputs[k]) <= reachable:
            c = apply("np.einsum", ",".join([output, *letters]) + "->" + inputs[k], g, *others)
            found.append(c if _one_length(inputs, operands) else apply("unbroadcast", c, x))
        else:
            found.append(apply("einsum_back", g, x, ",".join([output, *letters]), inputs[k], *others))
    return tuple(found)


def _one_length(inputs: list[str], operands: tuple[Any, ...]) -> bool:
    """Whether each label surely has one length in all operands: an axis of length 1 is repeated."""
    dims: dict[str, set[Dim]] = {}
    for own, x in zip(inputs, operands, strict=True):
        t = type_at(x)
        if not own and is_scalar(t):
            continue
        if not isinstance(t, Array) or t.ndim != len(own):
            return False
        for label, dim in zip(own, t.shape, strict=True):
            dims.setdefault(label, set()).add(dim)
    return all(all(map(never_one, found)) or (len(found) == 1 and not min(found, key=str).unknown) for found in dims.values())


def einsum_jvp(t: Any, y: Any, *xs: Any, **statics: Any) -> Any:
    """One contraction per moving operand."""
    (subscripts, operands), total = written(xs), None
    for k, move in enumerate(t[1:] if subscripts is xs[0] else t[: len(xs) // 2 * 2 : 2]):
        if move is not None:
            term = apply("np.einsum", subscripts, *operands[:k], move, *operands[k + 1 :])
            total = term if total is None else total + term
    return total


def back_vjp(c: Any, y: Any, g: Any, x: Any, letters: str, own: str, *others: Any) -> tuple[Any, ...]:
    """Of `einsum_back`: paired with a cotangent it is a full contraction of all of them."""
    _, *found = _contractions(1.0, f"{own},{letters}->", (c, g, *others))
    return found[0], None, None, None, *found[1:]


def back_jvp(t: Any, y: Any, g: Any, x: Any, letters: str, own: str, *others: Any) -> Any:
    """Of `einsum_back`: linear in each of what it contracts."""
    total: Any = None
    for k, move in enumerate((t[0], *t[4:])):
        if move is not None:
            g_part, *rest = [move if j == k else v for j, v in enumerate((g, *others))]
            term = apply("einsum_back", g_part, x, letters, own, *rest)
            total = term if total is None else total + term
    return total


def tensordot_transpose(g: Any, a: Any, b: Any, axes: Any = 2) -> tuple[Any, Any]:
    """The cotangent contracted with the other operand's free axes."""
    m, n = rank(a), rank(b)
    if m is None or n is None or not (type(axes) is int or _literal_axes(axes)):
        return apply("tensordot_left", g, a, b, axes), apply("tensordot_right", g, a, b, axes)
    first, second = _axes(axes, m, n)
    free_a, free_b = [k for k in range(m) if k not in first], [k for k in range(n) if k not in second]
    kept = len(free_a)
    a_bar = apply("np.tensordot", g, b, (tuple(range(kept, kept + len(free_b))), tuple(free_b)))
    b_bar = apply("np.tensordot", a, g, (tuple(free_a), tuple(range(kept))))
    by_second, by_first = sorted(range(len(second)), key=second.__getitem__), sorted(range(len(first)), key=first.__getitem__)
    return _ordered(a_bar, [*free_a, *(first[k] for k in by_second)]), _ordered(b_bar, [*(second[k] for k in by_first), *free_b])


def _literal_axes(axes: Any) -> bool:
    if isinstance(axes, list | tuple):
        return all(type(a) is int or (isinstance(a, list | tuple) and all(type(v) is int for v in a)) for a in axes)
    return False


def _axes(axes: Any, m: int, n: int) -> tuple[list[int], list[int]]:
    if isinstance(axes, int):
        return list(range(m - axes, m)), list(range(axes))
    one, two = ([a] if isinstance(a, int) else list(a) for a in axes)
    return [a % m for a in one], [b % n for b in two]


def _ordered(x: Any, axes: list[int]) -> Any:
    """The axes of `x`, which stand for `axes`, in order."""
    order = [int(k) for k in np.argsort(axes)]
    return x if order == sorted(order) else apply("np.transpose", x, tuple(order))


def rank_of(a: Any) -> int:
    """The rank of an abstract argument that is a number or an array."""
    return a.ndim if isinstance(a, Array) else 0


def infer_einsum(spelling: Any, args: Any, params: Any, operands: Any, statics: Any) -> Type | None:
    """The lengths that the result's subscripts have in the operands."""
    try:
        subscripts, given = written(args)
        inputs, output = parse(subscripts, [rank_of(a) for a in given])
    except NoRule:
        return None
    if not all(isinstance(a, Array) or is_scalar(type_at(a)) for a in given):
        return None
    arrays = [a for a in given if isinstance(a, Array)]
    if len(arrays) != len(inputs) or any(len(s) != a.ndim for s, a in zip(inputs, arrays, strict=True)):
        return None
    dims: dict[str, Dim] = {}
    for own, a in zip(inputs, arrays, strict=True):
        for c, d in zip(own, a.shape, strict=True):
            dims[c] = broadcast_dims(dims.get(c, d), d)
    dtype = np.result_type(*(a.dtype for a in arrays)).name
    return Array(dtype, tuple(dims[c] for c in output)) if output else NpScalar(dtype)


RULES = (
    general(np.einsum, vjp=einsum_vjp, jvp=einsum_jvp, names=("*xs",), statics=("optimize", "dtype"), infer=infer_einsum, view=View.MAYBE,
        sample=calls(
        ("ij,jk->ik", arr(2, 3), arr(3, 4)), ("i,i", arr(3), arr(3, seed=1)), ("ij,kj", arr(2, 3), arr(4, 3)),
        ("bij,bj->bi", arr(2, 3, 4), arr(2, 4)),
        ("i,j,k->kji", arr(2), arr(3), arr(2, seed=1)), ("ij->j", arr(2, 3)), ("ii->i", arr(3, 3)), ("ij->", arr(2, 3)),
        ("ij->ji", arr(2, 3)), ("ii", arr(3, 3)), ("...ij,...jk", arr(2, 3, 4), arr(4, 2)), ("i...,i...->...", arr(3, 2), arr(3, 1)),
        ("b...,b->...b", arr(2, 3, 2), arr(2)), ("ij,jk,kl->il", arr(2, 3), arr(3, 2), arr(2, 2)),
        (arr(2, 3), [0, 1], arr(3, 4), [1, 2], [0, 2]), (arr(2, 3, 4), (Ellipsis, 2, 1), arr(3, 4), (2, 1)), (arr(3, 3), [1, 1]),
        Sample(("ij,jk->ik", arr(2, 3), arr(3, 4)), {"optimize": True}))),
    helper(runtime.einsum_back, general, fresh=True, names=("*xs",), vjp=back_vjp, jvp=back_jvp, infer=shaped_like(1), sample=calls(
        (arr(3), arr(3, 3), "i", "ii"), (arr(3, 2), arr(3, 3), "ij,j", "ii", arr(2)), (0.7, arr(2, 3), "", "ij"))),
    bilinear(np.tensordot, transpose=tensordot_transpose, names=("a", "b", "axes"), spelled=("np.linalg.tensordot",), sample=calls(
        (arr(2, 3), arr(3, 4), 1), (arr(2, 3, 4), arr(3, 4, 2)), (arr(2, 3), arr(4, 2), ((0,), (1,))),
        (arr(2, 3, 4), arr(4, 2, 3), ((0, 2), (1, 0))), (arr(3), arr(2), 0))),
    *transposes_of("np.tensordot", runtime.tensordot_left, runtime.tensordot_right, "axes",
        sample=calls((arr(2, 4), arr(2, 3), arr(3, 4), 1), (arr(3, 4), arr(2, 3), arr(4, 2), ((0,), (1,))))),
)  # fmt: skip
