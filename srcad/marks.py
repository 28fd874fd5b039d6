"""srcad's own operators as values of the interpreter: what stands for them, before anything is called."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, eq=False, slots=True)
class Operator:
    """An operator, or what one of them returns before it is called (then a `Partial` holds its function and options).

    `suffix` is for the names of functions that it makes.
    """

    name: str
    suffix: str = ""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Operators are called by the interpreter only."""
        raise NotImplementedError


_MATRICES = ("jacfwd", "jacrev", "jacobian", "hessian")
PUBLIC = {name: Operator(name) for name in ("grad", "value_and_grad", "jvp", "vjp", "hvp", "linearize", *_MATRICES)}
"""By the value of `__srcad_operator__`, which marks the public functions."""
GRADIENTS = {name: Operator(f"made by {name}", "grad") for name in ("grad", "value_and_grad")}
MATRICES = {name: Operator(f"made by {name}", name) for name in _MATRICES}
MADE = {**GRADIENTS, **MATRICES}
"""What `grad(f)` is: a partial of one of these with f, argnums, has_aux, outputs."""
INSERT = Operator("insert")
"""A function with its arguments in another order: a partial of this with the function, and the numbers that these arguments have in a
call of it, how many of all are positional and the names of the rest.
"""
PARTS = Operator("parts")
"""A function of parts of arguments: a partial of this with where they belong, a function, and all its arguments."""
LEFT = Operator("left")
"""A function whose result is what another leaves in its arguments: a partial of this with the function and what is meant."""
PULLBACK = Operator("pullback", "bwd")
SOLVE = Operator("solve")
"""The call of a solver: a partial of this with its spelling and its arguments.  It takes example arguments of the functions in it by
position, new values for arguments by name, and under `like` an example of what it returns.
"""
TYPED = Operator("typed")
"""`TYPED(value, like)`: the value, which is of the type of `like`, or a "vector", "matrix" or list of "vectors" of floats."""
REFUSED = Operator("refused")
"""`REFUSED(message, advice)`: where a template is followed to this place, the program is refused."""
LIKE = Operator("like")
"""`LIKE(function, *args)`: an example of what the function returns, of which the type alone is known; it is not called."""
RESULT = Operator("result")
"""`RESULT(found, known, fixed)`: the result of a solver with some attributes known, those named in `fixed` constant."""
FIXED = Operator("fixed")
"""`FIXED(value, message, advice)`: refused where the value is differentiated."""
MOVES = Operator("moves")
"""`MOVES(value)`: whether the value is differentiated, as it is known when compiling."""
CONSTANT = Operator("constant")
"""`CONSTANT(value)`: the same value, which carries no derivative."""
ARITY = Operator("arity")
"""`ARITY(function)`: how many arguments it takes by position."""
ITEMS = Operator("items")
"""`ITEMS(vector, count)`: its first items, as a tuple."""
EACH = Operator("each")
"""`EACH(function, *tuples)`: a tuple of the values of the function at the items of tuples whose number is known."""
LEAVES = Operator("leaves")
"""`LEAVES(tree)`: the numbers and arrays in a value that may have a derivative, as a list; those that a function captures too."""
MATCHED = Operator("matched")
"""`MATCHED(tangents, tree)`: the tangent or cotangent of each of the leaves of a value, zero where there is none, as a list."""
SPREAD = Operator("spread")
"""`SPREAD(vector, tree)`: a vector with what belongs to each of the leaves of a value, in the structure of its cotangent."""
PUSHING = Operator("pushing", "jvp")
"""What `linearize` gives: a partial of this with the function and the point; called with tangents."""


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
