"""Products with derivative matrices that are never built: Hessian times vector, and a function's linear approximation."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srcad import cotangents
from srcad.api import Pulled, apart, as_tuple, directed, jvp, pushing, vjp
from srcad.binding import Argnums, Names, Target, chosen, unpacked, with_outputs
from srcad.dispatch import MISSING, along
from srcad.errors import SrcadError
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
            known = _LIKE.get((f, argnums))
        except TypeError:  # something cannot be hashed
            known = None
        product = MISSING if known is None else known(primals, tangents)
        if product is not MISSING:
            return product
        if type(primals) is tuple and type(tangents) is tuple and len(primals) == len(tangents):
            direct = _direct(f, argnums, tangents)
            if direct is not None and all(map(_alike, primals, tangents)):
                return direct(f, primals, tangents)
    plan = _plan(target_of(f), argnums, outputs)
    found, values, directions = pushing(plan.gradient, primals, tangents, "tangent", plan.stores)
    names = plan.gradient.names if any(part.steps for part in plan.wrt) else ()
    parts = tuple(read(values[part.number], part, names) for part in plan.wrt)
    like = parts[0] if plan.bare else parts
    if found is None:
        return cotangents.gradient_of(None, like)
    product = found.run(plan.gradient.function, values, *directions)
    if f is plan.gradient.function and outputs is None and not names and len(primals) == len(values):
        _remember(f, argnums, plan, found, primals, tangents, product)
    return cotangents.gradient_of(product, like)


_LIKE: dict[Any, Callable[[Any, Any], Any]] = {}
"""Products of functions of numbers and arrays, by function and `argnums`, from primals and tangents; MISSING where these do not fit."""
_FLOATS = {float}


@dataclass(frozen=True, slots=True)
class _Direct:
    """What is known of a function whose product was taken before; it remains to look at the arguments."""

    store: Store
    numbers: tuple[int, ...]
    bare: bool

    def __call__(self, f: Any, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
        """The product for tangents that are like the primals, or None as they were."""
        values = list(primals)
        product = self.store.find(values, f).run(f, values, *(_own(t) for t in tangents if t is not None))
        if self.bare:
            return cotangents.gradient_of(product, primals[self.numbers[0]])
        return tuple(cotangents.gradient_of(bar, primals[n]) for bar, n in zip(product, self.numbers, strict=True))


_DIRECT: dict[Any, _Direct] = {}
"""By function, `argnums` and which arguments have a tangent."""


def _alike(primal: Any, tangent: Any) -> bool:
    """Whether a tangent needs no closer look: none, or floats, arrays of floats of one dtype and shape, or containers of such."""
    return tangent is None or _is_like(primal, tangent)


def _is_like(primal: Any, tangent: Any) -> bool:
    kind = type(primal)
    if kind is not type(tangent):
        return False
    if kind is np.ndarray:
        return bool(primal.dtype == tangent.dtype and primal.shape == tangent.shape and primal.dtype.kind in "fc")
    if kind is list or kind is tuple:
        if len(primal) != len(tangent):
            return False
        return set(map(type, (*primal, *tangent))) == _FLOATS or all(map(_is_like, primal, tangent))
    if kind is dict:
        return list(primal) == list(tangent) and all(map(_is_like, primal.values(), tangent.values()))
    return kind is float


def _own(tangent: Any) -> Any:
    """A container of tangents as a generated function takes it, which may change that and what it holds; others as they are."""
    kind = type(tangent)
    if kind is list and set(map(type, tangent)) == _FLOATS:
        return tangent.copy()
    if kind is list or kind is tuple:
        return kind(t.copy() if type(t) is np.ndarray else _own(t) for t in tangent)
    if kind is dict:
        return dict(zip(tangent, _own(list(tangent.values())), strict=True))
    return tangent


def _direct(f: Any, argnums: Argnums, tangents: tuple[Any, ...]) -> _Direct | None:
    """What is known of products along tangents of these arguments."""
    try:
        return _DIRECT.get((f, argnums, _given(tangents)))
    except TypeError:  # something cannot be hashed
        return None


def _given(tangents: Sequence[Any]) -> tuple[bool, ...]:
    return tuple(t is not None for t in tangents)


def _remember(
    f: Any, argnums: Argnums, plan: _Plan, found: Specialisation, primals: Sequence[Any], tangents: Sequence[Any], product: Any
) -> None:  # fmt: skip
    """Find a product along floats and arrays faster from now on; by one function for arguments like these, where types tell all."""
    numbers = tuple(part.number for part in plan.wrt)
    if not isinstance(argnums, int | str | tuple) or not all(map(_alike, primals, tangents)):
        return
    for table in (_LIKE, _DIRECT):
        if len(table) > 1024:
            table.clear()
    given = _given(tangents)
    _DIRECT[f, argnums, given] = _Direct(plan.stores[tuple(n for n, on in enumerate(given) if on)], numbers, plan.bare)
    plain = not f.__closure__ and not found.extras and not found.exact and not found.written
    if plain and _fits(product if not plan.bare else (product,), [primals[n] for n in numbers], primals):
        results = numbers[0] if plan.bare else numbers
        known = along(primals, given, results, found.entry, f, found.explain, found.holds if found.guards else None,
                      cotangents.gradient_of)  # fmt: skip
        if known is not None:
            _LIKE[f, argnums] = known


def _fits(product: Any, like: list[Any], primals: Sequence[Any]) -> bool:
    """Whether all primals are numbers, lists of floats and arrays, and the parts of a product are of the kinds of theirs."""
    flat = all(set(map(type, x)) == _FLOATS for x in primals if type(x) is list)
    return flat and set(map(type, primals)) <= {float, int, list, np.ndarray} and list(map(type, product)) == list(map(type, like))


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
def linearize(f: Callable[..., Any], *primals: Any, has_aux: bool = False, outputs: Names | None = None) -> Any:
    """`(f(*primals), pushforward)`: `pushforward(*tangents)` gives the tangent of the result along one tangent per primal.

    A pushforward may be called often and from several threads; arguments that change later do not matter to it.  The function
    runs once, and the map comes from what reverse mode keeps.  Where that cannot be (functions that have a rule for forward
    mode alone, say) each call runs `f` again with its tangents; then ArgumentError is raised for functions that print, log or
    draw random numbers.  `outputs` as in `grad`.  With `has_aux` the function returns `(value, aux)`, and `linearize`
    `(value, pushforward, aux)`.  Raises ShapeMismatch for a tangent that does not fit its primal.
    """
    held = cotangents.copied(primals)
    asked = Pulled(f, held, None, outputs, has_aux)
    try:
        asked.require_transposed()
    except SrcadError:
        return _repeating(f, held, has_aux=has_aux, outputs=outputs)
    main, pullback, *aux = asked.run()
    return main, Pushforward(f, held, None, has_aux, outputs, pullback), *aux


def _repeating(f: Callable[..., Any], held: tuple[Any, ...], *, has_aux: bool, outputs: Names | None) -> Any:
    """What `linearize` gives where the function runs again for each tangent."""
    target = with_outputs(unpacked(target_of(f), range(len(held)), outputs), outputs)
    along, *_ = pushing(target, held, tuple(cotangents.gradient_of(None, p) for p in held), "tangent")
    assert along is not None
    check_repeatable(along, "linearize", "use srcad.jvp, or srcad.vjp, whose pullback runs nothing of the function again")
    out = f(*cotangents.copied(held)) if outputs is None else jvp(f, held, (None,) * len(held), outputs=outputs)[0]
    main, *aux = apart(out, target.function.__name__) if has_aux else (out,)
    return main, Pushforward(f, held, cotangents.copied(out), has_aux, outputs), *aux


class Pushforward:
    """A function's linear approximation at a point; made by `linearize`.  It is pickled with the function and the point.

    Inside a function that is differentiated it is a linear map of the tangents.  Without a `pullback` the function, whose value
    this is then, runs again for each tangent.
    """

    __srcad_linear__ = True

    def __init__(
        self, f: Callable[..., Any], point: tuple[Any, ...], value: Any, has_aux: bool, outputs: Names | None, pullback: Any = None
    ) -> None:
        self._made_of = f, point, value, has_aux, outputs, pullback
        self._target = with_outputs(unpacked(target_of(f), range(len(point)), outputs), outputs)

    def __call__(self, *tangents: Any) -> Any:
        """The tangent of the result along one tangent per argument."""
        _, point, value, has_aux, _, pullback = self._made_of
        if pullback is not None:
            _, wrt, directions = directed(self._target, point, tangents)
            first = len(self._target.args)
            given = {n - first: cotangents.gradient_of(d, point[n - first]) for n, d in zip(wrt, directions, strict=True)}
            return pullback.transposed(tuple(given.get(n) for n in range(len(point))))[0]
        found, values, directions = pushing(self._target, point, tangents, "tangent")
        moved = None if found is None else found.run(self._target.function, values, *directions)
        whole = cotangents.tangent_of(moved, value, objects=self._target.of is not None)
        return whole[0] if has_aux else whole

    def transposed(self, cotangent: Any) -> tuple[Any, ...]:
        """One cotangent per argument for one of the result: the transposed map."""
        f, point, _, has_aux, outputs, pullback = self._made_of
        pullback = vjp(f, *point, has_aux=has_aux, outputs=outputs)[1] if pullback is None else pullback
        pullback.require_linear()
        found: tuple[Any, ...] = pullback(cotangent)
        return found

    def require_linear(self) -> None:
        """Tangents are linear in tangents, also those of rules."""

    def __reduce__(self) -> Any:
        """Compiled anew where it is loaded."""
        return Pushforward, self._made_of
