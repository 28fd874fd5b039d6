"""Many columns or rows of a Jacobian in one sweep, where the derivative has such a form."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np

from srcad import cotangents, trees
from srcad.binding import Target
from srcad.ops.batch_site import Unbatchable
from srcad.parts import Part
from srcad.pipeline import Request
from srcad.store import Specialisation, store_of

Array = np.ndarray[Any, np.dtype[Any]]
FEW: Final = 4
"""So few seeds are not worth another compilation."""
_NUMBERS: Final = 1 << 21  # in a batch of cotangents: more of them do not stay in the cache
_MOST: Final = 256


def compiled(target: Target, wrt: tuple[Part, ...], values: list[Any], form: str) -> Specialisation | None:
    """The form for many seeds; None where an operation on the way has no rule for batches."""
    request = Request(form, wrt, bare=False, of=target.of, outputs=target.outputs, many=True)
    try:
        return store_of(target, request, "ignore").find(values, target.function)
    except Unbatchable:
        return None


def columns(
    target: Target, wrt: tuple[Part, ...], values: list[Any], points: Sequence[Any], value: Any, *, aux: bool
) -> list[list[Array]] | None:  # fmt: skip
    """Per leaf of the result one block per leaf of what is differentiated, by forward mode; None where that has no such form.

    `value` is the result, the first of a pair with `aux`.
    """
    found = compiled(target, wrt, values, "tangent")
    if found is None:
        return None
    inputs, outputs = list(trees.floats(points, objects=True)), list(trees.floats(value, objects=target.of is not None))

    def sweep(seeds: list[Array], count: int) -> Iterable[Any]:
        left = iter(seeds)
        tangent = found.run(target.function, values, *(cotangents.placed(point, left) for point in points), count)
        return cotangents.parts(tangent[0] if aux else tangent, value, objects=target.of is not None)

    whole = _swept(inputs, outputs, sweep)
    return _blocks(whole.T, inputs, outputs, [[y] * len(inputs) for y in outputs])


def rows(
    target: Target, wrt: tuple[Part, ...], values: list[Any], points: Sequence[Any], value: Any, out: Any, residuals: Any
) -> list[list[Array]] | None:  # fmt: skip
    """As `columns`, by reverse mode.  `value`: what is differentiated of the result `out`; `residuals`: what the forward half gave."""
    found = compiled(target, wrt, values, "vjp")
    split = None if found is None else found.stages.split
    if found is None or split is None:
        return None
    inputs, outputs = list(trees.floats(points, objects=True)), list(trees.floats(value, objects=target.of is not None))
    templates = cotangents.matched(None, out, split.result)
    if len(templates) < len(outputs) or any(isinstance(t, list) for t in templates):
        return None
    backward = found.functions[split.backward]

    def sweep(seeds: list[Array], count: int) -> Iterable[Any]:
        rest = [np.zeros((*np.shape(t), count), np.asarray(t).dtype) for t in templates[len(seeds) :]]
        return (leaf for bar in backward(residuals, *seeds, *rest, count) for leaf in trees.floats(bar, objects=True))

    whole = _swept(outputs, inputs, sweep)
    return _blocks(whole, inputs, outputs, [inputs] * len(outputs))


def _swept(seeded: list[Any], given: list[Any], sweep: Callable[[list[Array], int], Iterable[Any]]) -> Array:
    """What all unit seeds give: one row per number in `seeded`, one column per number in `given`."""
    sizes, total = list(map(np.size, seeded)), sum(map(np.size, seeded))
    found = np.zeros((total, sum(map(np.size, given))), np.result_type(*given, *seeded))
    most = min(_MOST, max(FEW, _NUMBERS // max(*sizes, *map(np.size, given), 1)))
    starts = np.cumsum([0, *sizes])
    for first in range(0, total, most):
        count = min(most, total - first)
        seeds = []
        for like, start in zip(seeded, starts[:-1].tolist(), strict=True):
            unit = np.eye(np.size(like), count, start - first, np.asarray(like).dtype)
            seeds.append(unit.reshape(*np.shape(like), count))
        parts = [np.zeros((np.size(x), count)) if part is None else np.reshape(part, (np.size(x), count))
                 for part, x in zip(sweep(seeds, count), given, strict=True)]  # fmt: skip
        found[first : first + count] = np.concatenate(parts).T
    return found


def _blocks(matrix: Array, inputs: list[Any], outputs: list[Any], like: list[list[Any]]) -> list[list[Array]]:
    """A Jacobian taken apart, each block in the dtype of something."""
    across, down = (np.cumsum(list(map(np.size, leaves)))[:-1] for leaves in (inputs, outputs))
    found = [np.split(row, across, axis=1) for row in np.split(matrix, down, axis=0)]
    return [
        [np.array(part, np.asarray(d).dtype).reshape(np.shape(y) + np.shape(x)) for part, x, d in zip(row, inputs, dtypes, strict=True)]
        for row, y, dtypes in zip(found, outputs, like, strict=True)
    ]
