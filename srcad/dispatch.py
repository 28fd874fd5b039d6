"""Calls with Python numbers alone: straight to the generated function.

A derivative of a few floats costs less than finding it by the classes of its arguments.  So the callable gets a class whose
`__call__` has one parameter per number and compares classes in one expression; what does not match takes the ordinary way.
Products along tangents are found by a function of that kind, those of arrays too.
"""
from __future__ import annotations

import functools
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

MOST = 8
"""Longer argument lists take the ordinary way: there the search costs little beside the derivative."""


class Missing:
    """The default of a parameter that was not given: of no class that is looked for."""


MISSING = Missing()


def given(*args: object) -> tuple[object, ...]:
    """The arguments without those that were not given."""
    return tuple(a for a in args if a is not MISSING)


def direct(base: type, kinds: tuple[type, ...], entry: Callable[..., Any], function: Callable[..., Any]) -> type | None:
    """A subclass of `base`, for one object, for calls with numbers of exactly these classes (`float` or `int`).

    None if there are too many of them, or none.  It hands them to `entry`, an exception from there to
    `self._explain(error, arguments)`, and every other call to `base.__call__`, also once `function` has got other code.
    They are globals of its `__call__`, which are read faster than attributes.
    """
    if not 0 < len(kinds) <= MOST:
        return None
    space: dict[str, Any] = {"MISSING": MISSING, "given": given, "base": base}
    space |= {"entry": entry, "function": function, "code": function.__code__}
    exec(_call(kinds), space)
    call: Callable[..., Any] = space["__call__"]
    return type(base.__name__, (base,), {"__call__": call, "__module__": base.__module__, "__doc__": base.__doc__})


def along(
    primals: Sequence[Any], moved: tuple[bool, ...], results: tuple[int, ...] | int, entry: Callable[..., Any],
    function: Callable[..., Any], explain: Callable[[Exception], None], holds: Callable[[], bool] | None, own: Callable[[Any, Any], Any],
) -> Callable[[Any, Any], Any] | None:  # fmt: skip
    """A function of primals and tangents: the product that `entry` gives, for primals like the given ones, and MISSING for others.

    Primals are floats, integers, lists of floats, and arrays of one dtype and shape; those that are `moved` have a tangent of their
    kind, the others None.  `results`: of which primals the product has parts, or of which alone it is.  Nothing fits once `function`
    has got other code, or where `holds` says no.  Exceptions of `entry` go through `explain`, lists and arrays that are handed out,
    and their primals, through `own`.  None if there are too many primals, or none.
    """
    if not 0 < len(primals) <= MOST:
        return None
    space: dict[str, Any] = {"MISSING": MISSING, "entry": entry, "function": function, "code": function.__code__}
    space |= {"explain": explain, "holds": holds, "array": np.ndarray, "own": own, "FLOATS": {float}}
    for n, x in enumerate(primals):
        if type(x) is np.ndarray:
            space |= {f"dtype{n}": x.dtype, f"shape{n}": x.shape}
    exec(_along(tuple(map(type, primals)), moved, results, guarded=holds is not None), space)
    found: Callable[[Any, Any], Any] = space["along"]
    return found


@functools.cache
def _along(kinds: tuple[type, ...], moved: tuple[bool, ...], results: tuple[int, ...] | int, *, guarded: bool) -> types.CodeType:
    """The definition of a function of primals of these classes and their tangents."""
    primals, tangents = ([f"{letter}{n}" for n in range(len(kinds))] for letter in "xt")
    fits = [_is_like(x, n, kind) for n, (x, kind) in enumerate(zip(primals, kinds, strict=True))]
    pairs = list(zip(tangents, kinds, moved, strict=True))
    fits += [_is_like(t, n, kind) if on else f"{t} is None" for n, (t, kind, on) in enumerate(pairs)]
    fits += [f"len({t}) == len(x{n})" for n, (t, kind, on) in enumerate(pairs) if on and kind is list]
    text = _ALONG.format(
        count=len(kinds), primals=", ".join(primals), tangents=", ".join(tangents),
        fits=" and ".join([*fits, "function.__code__ is code", *(["holds()"] if guarded else [])]),
        args=", ".join([*primals, *(f"{t}.copy()" if kind is list else t for t, kind, on in pairs if on)]), result=_result(kinds, results),
    )  # fmt: skip
    return compile(text, "<srcad.dispatch>", "exec")


def _is_like(name: str, number: int, kind: type) -> str:
    """The condition that a value is of the kind of a primal."""
    if kind is np.ndarray:
        return f"type({name}) is array and {name}.dtype is dtype{number} and {name}.shape == shape{number}"
    return f"type({name}) is {kind.__name__}" + (f" and set(map(type, {name})) == FLOATS" if kind is list else "")


def _result(kinds: tuple[type, ...], results: tuple[int, ...] | int) -> str:
    """The product, with the lists and arrays in it made its own."""
    held = (list, np.ndarray)

    def part(found: str, number: int) -> str:
        return f"own({found}, x{number})" if kinds[number] in held else found

    if isinstance(results, int):
        return part("found", results)
    parts = [part(f"found[{n}]", number) for n, number in enumerate(results)]
    return f"({', '.join(parts)},)" if any(kinds[n] in held for n in results) else "found"


@functools.cache
def _call(kinds: tuple[type, ...]) -> types.CodeType:
    """The definition of `__call__` for numbers of these classes."""
    names = [f"x{n}" for n in range(len(kinds))]
    params = ", ".join(f"{n}=MISSING" for n in names)
    fits = " and ".join(f"type({n}) is {k.__name__}" for n, k in zip(names, kinds, strict=True))
    return compile(_TEXT.format(params=params, fits=fits, args=", ".join(names)), "<srcad.dispatch>", "exec")


_TEXT = """\
def __call__(self, {params}, /, *more, **named):
    if {fits} and not more and not named and function.__code__ is code:
        try:
            return entry({args})
        except Exception as error:
            self._explain(error, [{args}])
            raise
    return base.__call__(self, *given({args}), *more, **named)
"""

_ALONG = """\
def along(primals, tangents):
    if type(primals) not in (tuple, list) or type(tangents) not in (tuple, list) or not len(primals) == len(tangents) == {count}:
        return MISSING
    ({primals},), ({tangents},) = primals, tangents
    if {fits}:
        try:
            found = entry({args})
        except Exception as error:
            explain(error)
            raise
        return {result}
    return MISSING
"""
