"""Calls with Python numbers alone: straight to the generated function.

A derivative of a few floats costs less than finding it by the classes of its arguments.  So the callable gets a class whose
`__call__` has one parameter per number and compares classes in one expression; what does not match takes the ordinary way.
"""
from __future__ import annotations

import functools
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


@functools.cache
def direct(base: type, kinds: tuple[type, ...]) -> type | None:
    """A subclass of `base` for calls with numbers of exactly these classes (`float` or `int`); None if they are too many, or none.

    It hands them to `self._entry`, an exception from there to `self._explain(error, arguments)`, and every other call to
    `base.__call__`, also once `self._function` has got other code than `self._code`.
    """
    if not 0 < len(kinds) <= MOST:
        return None
    names = [f"x{n}" for n in range(len(kinds))]
    params = ", ".join(f"{n}=MISSING" for n in names)
    fits = " and ".join(f"type({n}) is {k.__name__}" for n, k in zip(names, kinds, strict=True))
    args = ", ".join(names)
    space: dict[str, Any] = {"MISSING": MISSING, "given": given, "base": base}
    exec(compile(_TEXT.format(params=params, fits=fits, args=args), "<srcad.dispatch>", "exec"), space)
    call: Callable[..., Any] = space["__call__"]
    return type(base.__name__, (base,), {"__call__": call, "__module__": base.__module__, "__doc__": base.__doc__})


_TEXT = """\
def __call__(self, {params}, /, *more, **named):
    if {fits} and not more and not named and self._function.__code__ is self._code:
        try:
            return self._entry({args})
        except Exception as error:
            self._explain(error, [{args}])
            raise
    return base.__call__(self, *given({args}), *more, **named)
"""
