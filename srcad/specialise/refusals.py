"""Errors of the specialiser, with the place in the user's source."""
from __future__ import annotations

from collections.abc import Mapping

from srcad import errors
from srcad.errors import Place, SrcadError
from srcad.frontend.lowered import Lowered
from srcad.ir.core import REFUSE
from srcad.ir.nodes import Block, Call, Const, Loc
from srcad.ir.visit import walk
from srcad.source import Source


def refusal(kind: str, code: str, message: str, advice: str, lowered: Lowered | None, loc: Loc) -> SrcadError:
    """An error of class `kind` that points at `loc` in the function that `lowered` came from."""
    cls: type[SrcadError] = getattr(errors, kind)
    return cls(message, code=code, advice=advice, place=place(lowered, loc))


def place(lowered: Lowered | None, loc: Loc) -> Place | None:
    """Where a location of a lowered function stands in its file."""
    if lowered is None or not loc.line:
        return None
    return lowered.source.place(loc)


def located(error: SrcadError, origins: Mapping[str, Source]) -> SrcadError:
    """An error of differentiation with the place of the statement that it met."""
    loc = error.where
    if isinstance(loc, Loc) and loc.line and loc.function in origins:
        error.at(origins[loc.function].place(loc))
    return error


def held(body: Block) -> SrcadError | None:
    """The first refusal that a block holds for some path, as an error."""
    for stmt in walk(body):
        if isinstance(stmt, Call) and stmt.op == REFUSE:
            kind, text = (str(a.value) for a in stmt.args if isinstance(a, Const))
            cls: type[SrcadError] = getattr(errors, kind)
            error = cls(text)
            error.rendered = text
            return error
    return None
