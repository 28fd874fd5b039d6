"""What compiled code does at a point that could not be followed."""
from __future__ import annotations

from typing import NoReturn

from srcad import errors


def refuse(kind: str, message: str) -> NoReturn:
    """Raise the error, of class `kind`, that compiling this point gave; `message` is its whole text."""
    raise errors.again(kind, message)


def changes_in_place(value: object, method: str) -> bool:
    """Whether `value += ...` (`method` is `__iadd__`) changes the object that it is, so that other names see it."""
    return hasattr(type(value), method)
