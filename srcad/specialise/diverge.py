"""Signals: a point cannot be passed; a function cannot be compiled on its own; a global variable is assigned."""
from __future__ import annotations

from typing import TYPE_CHECKING

from srcad.errors import SrcadError
from srcad.ir.nodes import Var

if TYPE_CHECKING:
    from srcad.specialise.values import Value


class Diverged(Exception):
    """The point that is being interpreted cannot be passed: every path to it raises."""


class Escapes(Exception):
    """A function that is compiled on its own writes to an argument: it must be interpreted where it is called."""


class Assigned(Exception):
    """A global variable is assigned that was not followed from the start: the specialisation starts again."""

    def __init__(self, namespace: dict[str, object], name: str) -> None:
        super().__init__(name)
        self.namespace = namespace
        self.name = name


class InPlace(Exception):
    """More has to be known than functions that are compiled on their own tell: the specialisation starts again, and finds it out.

    Where it is what is the same storage (a write asks, or a read behind it), or which number a function is given, these `functions` are
    interpreted where they are called (the identities of their lowered forms).  For each name of a loop that holds one of a few arrays,
    the program then tells which.
    """

    def __init__(self, functions: frozenset[int]) -> None:
        super().__init__(functions)
        self.functions = functions


class Unstructured(Exception):
    """What an object of an ordinary class holds, which the function is given, may be changed: its attributes must be typed.

    `refusal`: what to say where they cannot be.
    """

    def __init__(self, refusal: SrcadError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Opened(Exception):
    """A parameter of known structure is changed: its parts must be known one by one from the start."""

    def __init__(self, param: Var) -> None:
        super().__init__(param.name)
        self.param = param


class Widened(Exception):
    """A function that calls itself changes the type or structure of what it is given: it must be so from the start.

    `number`: of the container in the arguments, or of the leaf; `shape`: the template that fits before and after.
    """

    def __init__(self, number: int, shape: Value, *, container: bool) -> None:
        super().__init__(number)
        self.number = number
        self.shape = shape
        self.container = container


class Resized(Exception):
    """A loop makes the list that it goes over longer or shorter, so that only run time knows how many items it has."""


class FirstTripDiffers(Exception):
    """The first trip makes an array of what is a number before, say: `s = 0.0`, then `s += row` for each row."""
