"""srcad's own operators as values of the interpreter: what stands for them, before anything is called."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from srcad.specialise.values import Partial, Static, Value

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False, slots=True)
class Operator:
    """An operator, or what one of them returns before it is called (then a `Partial` holds its function and options).

    `suffix` is for the names of functions that it makes.
    """

    name: str
    suffix: str = ""

    def __call__(self, *args: Any) -> Any:
        """Operators are called by the interpreter only."""
        raise NotImplementedError


_MATRICES = ("jacfwd", "jacrev", "jacobian", "hessian")
PUBLIC = {name: Operator(name) for name in ("grad", "value_and_grad", "jvp", "vjp", "hvp", *_MATRICES)}
"""By the value of `__srcad_operator__`, which marks the public functions."""
GRADIENTS = {name: Operator(f"made by {name}", "grad") for name in ("grad", "value_and_grad")}
MATRICES = {name: Operator(f"made by {name}", name) for name in _MATRICES}
MADE = {**GRADIENTS, **MATRICES}
"""What `grad(f)` is: a partial of one of these with f, argnums, has_aux, outputs."""
INSERT = Operator("insert")
"""A function of one argument: a partial of this with a function, the number of that argument, and the other arguments."""
PARTS = Operator("parts")
"""A function of parts of arguments: a partial of this with where they belong, a function, and all its arguments."""
LEFT = Operator("left")
"""A function whose result is what another leaves in its arguments: a partial of this with the function and what is meant."""
PULLBACK = Operator("pullback", "bwd")


def marked(function: F) -> F:
    """Mark a public function as the operator of its name."""
    vars(function)["__srcad_operator__"] = function.__name__
    return function


def public(obj: Any) -> Operator | None:
    """The operator that a public function of srcad is."""
    if isinstance(obj, Operator):
        return obj
    name = getattr(obj, "__srcad_operator__", None)
    return PUBLIC.get(name) if isinstance(name, str) else None


def made_of(obj: Any) -> tuple[str, tuple[Any, ...]] | None:
    """What an object that an operator made is: the operator's name and its options; its function is the attribute `primal`."""
    found = getattr(obj, "__srcad_made__", None)
    return found if isinstance(found, tuple) else None


def made_value(obj: Any, primal: Value) -> Value:
    """The abstract value of an object that an operator made of a function."""
    name, options = made_of(obj) or ("", ())
    return Partial(Static(MADE[name]), (primal, *map(Static, options)), ())
