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
from srcad.store import Specialisation, Store, check_repeatable, target_of


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
    if outputs is None:
        try:
            numbers = (*primals, *tangents)
            known = _NUMBERS[f, argnums, len(numbers)]
        except (KeyError, TypeError):
            pass
        else:
            if set(map(type, numbers)) == _FLOATS and len(primals) == len(tangents) and (not known.guards or known.holds()):
                try:
                    return known.entry(*numbers)
                except Exception as error:
                    known.explain(error)
                    raise
    plan = _plan(target_of(f), argnums, outputs)
    found, values, directions = pushing(plan.gradient, primals, tangents, "tangent", plan.stores)
    names = plan.gradient.names if any(part.steps for part in plan.wrt) else ()
    parts = tuple(read(values[part.number], part, names) for part in plan.wrt)
    like = parts[0] if plan.bare else parts
    if found is None:
        return cotangents.gradient_of(None, like)
    product = found.run(plan.gradient.function, values, *directions)
    if f is plan.gradient.function and outputs is None and not found.extras and len(primals) == len(values) == len(directions):
        _remember(f, argnums, found, (*values, *directions), product)
    return cotangents.gradient_of(product, like)


_FLOATS = {float}
_NUMBERS: dict[Any, Specialisation] = {}
"""Products of functions of Python floats alone, by function, `argnums` and how many there are: nothing else is to be looked at."""


def _remember(f: Callable[..., Any], argnums: Argnums, found: Specialisation, args: tuple[Any, ...], product: Any) -> None:
    """Find a product of floats faster from now on, where it is what the generated function gives."""
    numbers = product if type(product) is tuple else (product,)
    if {*map(type, args), *map(type, numbers)} == _FLOATS and isinstance(argnums, int | str | tuple):
        if len(_NUMBERS) > 1024:
            _NUMBERS.clear()
        _NUMBERS[f, argnums, len(args)] = found


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
    out = f(*primals) if outputs is None else jvp(f, held, (None,) * len(held), outputs=outputs)[0]
    return out, Pushforward(f, held, cotangents.copied(out), outputs)


class Pushforward:
    """A function's linear approximation at a point; made by `linearize`.  It is pickled with the function and the point."""

    def __init__(self, f: Callable[..., Any], point: tuple[Any, ...], value: Any, outputs: Names | None) -> None:
        self._made_of = f, point, value, outputs
        self._target = with_outputs(unpacked(target_of(f), range(len(point)), outputs), outputs)

    def __call__(self, *tangents: Any) -> Any:
        """The tangent of the result along one tangent per argument."""
        _, point, value, _ = self._made_of
        found, values, directions = pushing(self._target, point, tangents, "tangent")
        moved = None if found is None else found.run(self._target.function, values, *directions)
        return cotangents.tangent_of(moved, value, objects=self._target.of is not None)

    def __reduce__(self) -> Any:
        """Compiled anew where it is loaded."""
        return Pushforward, self._made_of
