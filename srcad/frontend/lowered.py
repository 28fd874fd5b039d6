"""What lowering gives: a function as untyped IR, with what binds its arguments."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from srcad.ir.nodes import Func
from srcad.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class Lowered:
    """A user's function in untyped IR.

    `func.body.params` are the positional-only parameters, `args`, `vararg`, `kwonly` and `kwarg`, then one for each name in
    `free`; `func.body.yields` is the value returned.  Defaults are bound by the caller.
    """

    name: str
    func: Func
    source: Source  # a nested function shares that of the function around it, and its locations are relative to it
    posonly: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    vararg: str | None = None
    kwonly: tuple[str, ...] = ()
    kwarg: str | None = None
    free: tuple[str, ...] = ()  # names captured from functions around it, sorted
    globals: tuple[str, ...] = ()  # names read from the module or the built-ins, sorted
    assigned: tuple[str, ...] = ()  # names it assigns, parameters left out, sorted
    nested: tuple[Lowered, ...] = ()  # functions made in it, by the number in `CLOSURE`
    generator: bool = False  # a call makes a generator, which runs the body when its items are asked for
    resume: Callable[[], Lowered | None] | None = None  # of a generator: the function that makes its `resume`; see `resuming`
    itself: str = ""  # the captured name that stands for the function itself; its captured atom is UNDEF

    @property
    def key(self) -> str:
        """Name of the source text in `Program.sources`."""
        return self.source.key

    @property
    def params(self) -> tuple[str, ...]:
        """The names of all parameters, in the order of `func.body.params`, those in `free` left out."""
        star = () if self.vararg is None else (self.vararg,)
        double = () if self.kwarg is None else (self.kwarg,)
        return (*self.posonly, *self.args, *star, *self.kwonly, *double)
