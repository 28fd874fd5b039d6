"""`cotangent_of`: code of the user at a point of the reverse sweep."""
from __future__ import annotations

from types import TracebackType
from typing import Any

from srcad.runtime import gradient_like


class cotangent_of:  # noqa: N801 -- used as a statement
    """`with srcad.cotangent_of(h) as h_bar:` -- the block runs in the reverse sweep, at this point, with the cotangent of `h`.

    There `h_bar` has the type, shape and structure of `h`.  What the name stands for at the end of the block goes on as the cotangent of
    `h`; it may be bound anew or changed in place.  The block may read the variables of the function, and sees them as they are at this
    point of it; it cannot change them (UnsupportedSyntax).  It runs where a derivative goes through `h` in reverse mode, in the
    order of the reverse sweep; forward mode passes it over.  `h` is a variable of the function, or an attribute or item of one.

    Python cannot skip the block where the function is called as it is: there it runs on zeros of the shape of `h`, which nobody reads.
    """

    __slots__ = ("_zeros",)

    def __init__(self, h: Any) -> None:
        self._zeros = gradient_like(None, h)

    def __enter__(self) -> Any:
        """Zeros in the place of a cotangent."""
        return self._zeros

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Exceptions of the block go on."""
