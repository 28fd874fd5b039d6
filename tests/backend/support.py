"""IR text -> Python text -> functions."""
from __future__ import annotations

from srcad.backend.emit import emit
from srcad.ir.core import ALL
from srcad.ir.parse import parse_program
from srcad.ops import table


def find(name):
    """The operation of a name, core operations first."""
    if name in ALL:
        return ALL[name]
    spelling = table.spelling(name)
    return None if spelling is None else spelling.op


def emitted(text):
    """What is printed for a program given as IR text."""
    return emit(parse_program(text.strip() + "\n", find)).text


def run(text):
    """The names of a module of this source."""
    space = {}
    exec(compile(text, "<emitted>", "exec", dont_inherit=True), space)
    return space
