"""Products with derivative matrices that are never built: Hessian times vector, and a function's linear approximation."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from srcad import cotangents
from srcad.api import as_tuple, jvp, pushing
from srcad.binding import Argnums, Names, Target, chosen, unpacked, with_outputs
from srcad.errors import ArgumentError
from srcad.parts import Part, read
from srcad.pipeline import Request
from srcad.marks import marked
from srcad.store import Store, check_repeatable, target_of


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
    plan = _plan(target_of(f), argnums, outputs)
    found, values, directions = pushing(plan.gradient, primals, tangents, "tangent", plan.stores)
    names = plan.gradient.names if any(part.steps for part in plan.wrt) else ()
    parts = tuple(read(values[part.number], part, names) for part in plan.wrt)
    like = parts[0] if plan.bare else parts
    return cotangents.gradient_of(None if found is None else found.run(plan.gradient.function, values, *directions), like)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The gradient that a product is taken of, and the stores of its derivatives by what they are taken of."""

    gradient: Target
    wrt: tuple[Part, ...]
    bare: bool
    stores: dict[tuple[int, ...], Store]


_PLANS: dict[Any, _Plan] = {}


def _plan(target: Target, argnums: Argnums, outputs: Names | None) -> _Plan:
    """What a call of `hvp` means; remembered, since it takes longer to find out than a small product."""
    function = target.function
    plain = not target.args and not target.kwargs and target.of is None and not function.__code__.co_flags & inspect.CO_VARARGS
    key = (function.__code__, id(function.__globals__), type(argnums), as_tuple(argnums), as_tuple(outputs)) if plain else None
    known = None if key is None else _PLANS.get(key)
    if known is not None:
        return known if known.gradient.function is function else replace(known, gradient=replace(known.gradient, function=function))
    target = with_outputs(unpacked(target, argnums, outputs), outputs)
    wrt, bare = chosen(argnums, target)
    request = Request("grad", wrt, bare, of=target.of, outputs=target.outputs)
    made = _Plan(replace(target, of=request), wrt, bare, {})
    if key is not None:
        if len(_PLANS) > 1024:
            _PLANS.clear()
        _PLANS[key] = made
    return made


@marked
def linearize(f: Callable[..., Any], *primals: Any, outputs: Names | None = None) -> tuple[Any, Callable[..., Any]]:
    """`(f(*primals), pushforward)`: `pushforward(*tangents)` gives the tangent of the result along one tangent per primal.

    A pushforward may be called often and from several threads; arguments that change later do not matter to it.  Each call
    runs `f` again with its tangents, so ArgumentError is raised for functions that print, log or draw random numbers.
    `outputs` as in `grad`.  Raises ShapeMismatch for a tangent that does not fit its primal.
    """
    target = with_outputs(unpacked(target_of(f), range(len(primals)), outputs), outputs)
    held = tuple(map(cotangents.copied, primals))
    along, *_ = pushing(target, held, tuple(cotangents.gradient_of(None, p) for p in held), "tangent")
    if along is None:
        raise ArgumentError("no argument of the function holds a floating-point number", "pass floats")
    check_repeatable(along, "linearize", "use srcad.jvp, or srcad.vjp, whose pullback runs nothing of the function again")
    objects = target.of is not None
    out = f(*primals) if outputs is None else jvp(f, held, (None,) * len(held), outputs=outputs)[0]

    def pushforward(*tangents: Any) -> Any:
        found, again, directions = pushing(target, held, tangents, "tangent")
        if found is None:
            return cotangents.tangent_of(None, out, objects=objects)
        return cotangents.tangent_of(found.run(target.function, again, *directions), out, objects=objects)

    return out, pushforward
