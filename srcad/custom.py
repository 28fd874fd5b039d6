"""Functions whose derivative is not made from their source: rules that the user writes, and functions that run again."""
from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any

from srcad.binding import Target, global_name, target_of, wrapped_call
from srcad.errors import ArgumentError


class _Ruled:
    """A function with another way to its derivative; called outside differentiated code it is the function itself."""

    kind = ""

    def __init__(self, f: Callable[..., Any]) -> None:
        if not callable(f):
            raise ArgumentError(f"a function is needed, not a {type(f).__name__}", "pass the function itself, without calling it")
        self.primal = f
        functools.update_wrapper(self, f, updated=())
        self.__wrapped__ = f

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The value of the function."""
        return self.primal(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As a method: the object is the first argument."""
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> Any:
        """Pickled by its name where a module holds it, else with its functions."""
        return global_name(self) or super().__reduce__()

    def __repr__(self) -> str:
        return f"<srcad.{type(self).__name__} of {getattr(self.primal, '__qualname__', repr(self.primal))}>"

    @property
    def __srcad_custom__(self) -> str:
        """Which kind of rule there is.  Raises ArgumentError where it has not been given."""
        return self.kind

    @property
    def __srcad_target__(self) -> Target:
        """A Python function that calls it, whose source can be followed."""
        return wrapped_call(self, target_of(self.primal))


class _Written(_Ruled):
    """A function with a rule that the user writes; `nondiff` are the numbers of the arguments that have no part in it."""

    def __new__(cls, f: Callable[..., Any] | None = None, **options: Any) -> Any:
        """The decorated function; without `f`, what decorates one with these options."""
        return functools.partial(cls, **options) if f is None else super().__new__(cls)

    def __init__(self, f: Callable[..., Any], *, nondiff_argnums: int | str | Sequence[int | str] = ()) -> None:
        super().__init__(f)
        several = isinstance(nondiff_argnums, Sequence) and not isinstance(nondiff_argnums, str)
        given = tuple(nondiff_argnums) if several else (nondiff_argnums,)  # type: ignore[arg-type]  # `several` tells
        parameters = inspect.signature(self.primal).parameters
        more = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
        numbers = {argument_number(n, nondiff_argnums, list(parameters), _name(f), more=more) for n in given}
        self.nondiff = tuple(sorted(numbers))


def argument_number(argument: object, given: object, parameters: Sequence[str], name: str, *, more: bool) -> int:
    """The number of an argument that is named or numbered in `given`, the option `nondiff_argnums` of a function called `name`.

    `more`: it takes any number of arguments.  Raises ArgumentError where there is no such parameter.
    """
    what = f"nondiff_argnums is {given!r}"
    if isinstance(argument, str):
        if argument in parameters:
            return parameters.index(argument)
        raise ArgumentError(f"{what}, but '{name}' has no parameter {argument!r}", f"it has {', '.join(parameters) or 'none'}")
    if not isinstance(argument, int) or isinstance(argument, bool):
        raise ArgumentError(what, "give numbers or names of parameters")
    if argument < 0 or (argument >= len(parameters) and not more):
        raise ArgumentError(f"{what}, but '{name}' has {len(parameters)} parameters", "count them from 0")
    return argument


def _name(f: Callable[..., Any]) -> str:
    return str(getattr(f, "__name__", repr(f)))


class custom_vjp(_Written):  # noqa: N801 -- used as a decorator
    """A function with a reverse rule of its own: decorate `f`, then give the rule with `f.defvjp(fwd, bwd)`.

    `fwd(*args)` returns `(result, residuals)`, the result as `f` would; `bwd(residuals, cotangent)` returns a tuple with one
    cotangent per argument, of its structure and shape, None for zero and for arguments without floats.  Both are ordinary
    functions, followed through their source, so higher derivatives differentiate them.  The body of `f` itself need not be
    one that can be followed if `f` is found in a module.

    `@custom_vjp(nondiff_argnums=(0, "mode"))` names arguments that are no business of the rule: functions, options, sizes.
    They come first to `bwd(*nondiff, residuals, cotangent)`, which gives cotangents for the others; `fwd` takes all, as `f` does.
    A differentiated value among them is an ArgumentError.

    There is no forward mode (NoRule), and so no `hvp` where the value of `f` counts: write a `custom_jvp`, or take reverse mode again.
    Wrong results of a rule are ArgumentError or ShapeMismatch when the derivative is compiled or called.
    """

    kind = "vjp"
    fwd: Callable[..., Any] | None = None
    bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Give the rule."""
        if not all(map(callable, (fwd, bwd))):
            raise ArgumentError("defvjp needs two functions", "write f.defvjp(fwd, bwd)")
        self.fwd, self.bwd = fwd, bwd

    @property
    def __srcad_custom__(self) -> str:
        if self.fwd is None:
            raise ArgumentError(f"'{_name(self.primal)}' is a custom_vjp without a rule", "call its method defvjp(fwd, bwd)")
        return self.kind


class custom_jvp(_Written):  # noqa: N801 -- used as a decorator
    """A function with a forward rule of its own: decorate `f`, then give the rule with `f.defjvp(rule)`, or with `@f.defjvp`.

    `rule(primals, tangents)` gets two tuples, one entry per argument (None for the tangent of an argument without floats), and
    returns `(result, tangent of the result)`, linear in the tangents (else ArgumentError).  Reverse mode transposes it.  With
    `nondiff_argnums` it is `rule(*nondiff, primals, tangents)`, the tuples without these.  Otherwise as `custom_vjp`.
    """

    kind = "jvp"
    jvp: Callable[..., Any] | None = None

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Give the rule; returns it."""
        if not callable(rule):
            raise ArgumentError("defjvp needs a function", "write f.defjvp(rule)")
        self.jvp = rule
        return rule

    @property
    def __srcad_custom__(self) -> str:
        if self.jvp is None:
            raise ArgumentError(f"'{_name(self.primal)}' is a custom_jvp without a rule", "call its method defjvp(rule)")
        return self.kind


class by_rule(_Ruled):  # noqa: N801 -- used as a decorator
    """A function of srcad's own with a rule for each mode, written as those of `custom_vjp` and `custom_jvp`.

    Arguments may be functions: their tangents and cotangents are tuples with a part for each value that they capture.
    A rule may call functions that have rules of this kind, and these are made for as many orders as are asked for.
    """

    kind = "both"

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f)
        self.fwd: Callable[..., Any] | None = None
        self.bwd: Callable[..., Any] | None = None
        self.jvp: Callable[..., Any] | None = None

    def rules(self, jvp: Callable[..., Any], fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Give the rules."""
        self.jvp, self.fwd, self.bwd = jvp, fwd, bwd


class Deferred(Exception):
    """A function is differentiated whose rule has not been made, since it stands inside others: they must be made for one order more."""


class checkpoint(_Ruled):  # noqa: N801 -- used as a decorator
    """The function, of which reverse mode keeps the arguments only: the reverse sweep runs it again for what it needs.

    Less memory for one more evaluation.  Use it on functions without effects: what they print is printed twice.
    """

    kind = "checkpoint"


class finite_differences(_Ruled):  # noqa: N801 -- used as a decorator
    """A function that nobody can look into, differentiated by differences of its values: because you say so, never by itself.

    `srcad.finite_differences(f)` calls `f` as it is.  Forward mode calls it twice more, reverse mode twice for each number in the
    arguments: central differences with a step of `step` times the size of the number (at least 1), good for about ten digits where the
    value has sixteen.  `f` must be importable, take numbers, arrays and containers of these, return one real number or array, and do
    nothing else.  Differences are not differentiated again (NoRule).  Raises ArgumentError for a step that is not positive.
    """

    kind = "differences"

    def __init__(self, f: Callable[..., Any], *, step: float = 6e-6) -> None:
        super().__init__(f)
        if not isinstance(step, float) or not 0.0 < step < 1.0:  # type: ignore[redundant-expr]
            raise ArgumentError(f"step is {step!r}", "give a small positive number: 1e-6")
        self.step = step


class complex_step(_Ruled):  # noqa: N801 -- used as a decorator
    """As `finite_differences`, by one evaluation at a complex argument, exact to the last digits.

    For functions that compute with complex numbers what they compute with real ones: `abs`, `real`, `conj` and comparisons on the way
    give wrong derivatives without a word.
    """

    kind = "differences"
    step = -1e-30
