"""Products with derivative matrices that are never built: Hessian times vector, and a function's linear approximation."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from srcad import cotangents
from srcad.api import jvp, pushing
from srcad.binding import Argnums, Names, Target, chosen, unpacked, with_outputs
from srcad.errors import ArgumentError
from srcad.parts import Part, read
from srcad.pipeline import Request
from srcad.marks import marked
from srcad.store import check_repeatable, target_of


@marked
def hvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], argnums: Argnums = 0, *,
    outputs: Names | None = None,
) -> Any:  # fmt: skip
    """The Hessian of `f` times a vector: the change of `grad(f, argnums)` at `primals` along `tangents`.

    There is one tangent per primal (None: zero), of its structure, shape and dtype.  The result has the structure of the
    gradient.  `argnums` and `outputs` as in `grad`.  Forward over reverse mode: the Hessian is not built.
    Raises ArgumentError where `f` does not return one real number, ShapeMismatch for a tangent that does not fit its primal.
    """
    target = with_outputs(unpacked(target_of(f), argnums, outputs), outputs)
    wrt, bare = _chosen(argnums, target)
    gradient = replace(target, of=Request("grad", wrt, bare, of=target.of, outputs=target.outputs))
    found, values, directions = pushing(gradient, primals, tangents, "tangent")
    parts = tuple(read(values[part.number], part, target.names) for part in wrt)
    like = parts[0] if bare else parts
    if found is None:
        return cotangents.zero_tangent(like)
    return cotangents.tangent_of(found.run(target.function, values, *directions), like)


_CHOSEN: dict[Any, tuple[tuple[Part, ...], bool]] = {}


def _chosen(argnums: Argnums, target: Target) -> tuple[tuple[Part, ...], bool]:
    """What `argnums` means; remembered, since it takes longer to find out than a small product."""
    given = tuple(argnums) if isinstance(argnums, list) else argnums
    key = (target.function.__code__, len(target.args), tuple(target.kwargs), type(argnums), given)
    if key not in _CHOSEN:
        if len(_CHOSEN) > 1024:
            _CHOSEN.clear()
        _CHOSEN[key] = chosen(argnums, target)
    return _CHOSEN[key]


@marked
def linearize(f: Callable[..., Any], *primals: Any, outputs: Names | None = None) -> tuple[Any, Callable[..., Any]]:
    """`(f(*primals), pushforward)`: `pushforward(*tangents)` gives the tangent of the result along one tangent per primal.

    A pushforward may be called often and from several threads; arguments that change later do not matter to it.  Each call
    runs `f` again with its tangents, so ArgumentError is raised for functions that print, log or draw random numbers.
    `outputs` as in `grad`.  Raises ShapeMismatch for a tangent that does not fit its primal.
    """
    target = with_outputs(unpacked(target_of(f), range(len(primals)), outputs), outputs)
    held = tuple(cotangents.copied(p) for p in primals)
    along, *_ = pushing(target, held, tuple(cotangents.zero_tangent(p) for p in held), "tangent")
    if along is None:
        raise ArgumentError("no argument of the function holds a floating-point number", "pass floats")
    check_repeatable(along, "linearize", "use srcad.jvp, or srcad.vjp, whose pullback runs nothing of the function again")
    out = f(*primals) if outputs is None else jvp(f, held, (None,) * len(held), outputs=outputs)[0]

    def pushforward(*tangents: Any) -> Any:
        found, again, directions = pushing(target, held, tangents, "tangent")
        if found is None:
            return cotangents.zero_tangent(out)
        return cotangents.tangent_of(found.run(target.function, again, *directions), out)

    return out, pushforward
