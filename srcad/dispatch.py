"""Calls with Python numbers alone: straight to the generated function.

A derivative of a few floats costs less than finding it by the classes of its arguments.  So the callable gets a class whose
`__call__` has one parameter per number and compares classes in one expression; what does not match takes the ordinary way.
"""
from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

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
